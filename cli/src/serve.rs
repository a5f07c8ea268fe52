//! `auditweir serve`: from flags to the server's configuration.

use std::fs;
use std::thread;

use auditweir_serve::{Config, Credentials, Index, Rotation, Tls};

use crate::args::{self, InputFormat, Setup};
use crate::exit::{Error, Exit};
use crate::setup;

/// Environment variable of the sink's credentials.
const AUTH: &str = "AUDITWEIR_SINK_AUTH";

/// Runs the command.
pub(crate) fn serve(args: args::Serve) -> Result<Exit, Error> {
    let setup = Setup {
        policy: args.policy,
        pseudonym_key_file: args.pseudonym_key_file,
        input_format: InputFormat::Auto,
    };
    let ready = setup::ready(&setup, args.to.0)?;
    let jobs = args
        .jobs
        .map(usize::from)
        .or_else(|| thread::available_parallelism().ok().map(usize::from))
        .unwrap_or(1);
    let credentials = match &args.sink_auth_file {
        Some(path) => {
            let text = fs::read_to_string(path).map_err(|error| Error::file(path, error))?;
            Some((path.display().to_string(), text))
        }
        None => std::env::var(AUTH).ok().map(|text| (AUTH.to_owned(), text)),
    };
    let credentials = credentials
        .map(|(from, text)| {
            let wrong = |why| Error::Other(format!("{from}: {why}"));
            Credentials::parse(&text).map_err(wrong)
        })
        .transpose()?;
    let config = Config {
        listen: args.listen,
        tls: args.tls_cert.zip(args.tls_key).map(|(cert, key)| Tls {
            cert,
            key,
            client_ca: args.client_ca,
        }),
        insecure_http: args.insecure_http,
        metrics_listen: args.metrics_listen,
        ready,
        jobs,
        index: Index {
            name: args.index,
            ca: args.sink_ca,
            credentials,
            dead_letter: args.dead_letter.unwrap_or_else(|| args.spool.join("dead-letter.ndjson")),
        },
        spool: args.spool,
        spool_max: args.spool_max,
        max_body: args.max_body,
        max_in_flight: args.max_in_flight,
        sink: args.sink,
        rotation: Rotation {
            size: Some(args.rotate_size),
            age: args.rotate_age,
            keep: args.rotate_keep,
        },
        drain: args.drain,
    };
    auditweir_serve::run(&config)
        .map(|()| Exit::Ok)
        .map_err(|error| Error::Other(error.to_string()))
}
