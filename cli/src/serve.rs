//! `auditweir serve`: from flags to the server's configuration.

use std::thread;

use auditweir_serve::{Config, Rotation, Tls};

use crate::args::{self, InputFormat, Setup};
use crate::exit::{Error, Exit};
use crate::setup;

/// Runs the command.
pub(crate) fn serve(args: args::Serve) -> Result<Exit, Error> {
    let policy = setup::compile(&Setup {
        policy: args.policy,
        pseudonym_key_file: args.pseudonym_key_file,
        input_format: InputFormat::Auto,
    })?;
    let jobs = args
        .jobs
        .map(usize::from)
        .or_else(|| thread::available_parallelism().ok().map(usize::from))
        .unwrap_or(1);
    let config = Config {
        listen: args.listen,
        tls: args.tls_cert.zip(args.tls_key).map(|(cert, key)| Tls {
            cert,
            key,
            client_ca: args.client_ca,
        }),
        insecure_http: args.insecure_http,
        metrics_listen: args.metrics_listen,
        policy,
        format: args.to.into(),
        jobs,
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
    auditweir_serve::run(config).map(|()| Exit::Ok).map_err(|error| Error::Other(error.to_string()))
}
