//! `auditweir serve`: from flags to the server's configuration.

use std::fs;
use std::path::{Path, PathBuf};
use std::thread;

use auditweir::policy::RulesPolicy;
use auditweir_serve::{Alerts, Config, Credentials, Index, Rotation, Secrets, Stopped, Tls};
use auditweir_shell::Ready;

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
    let mut ready = setup::ready(&setup, args.to.0)?;
    if !args.alerts.is_empty() && ready.policy.rules().is_none() {
        let mut policy = ready.policy.policy().clone();
        policy.rules = Some(RulesPolicy::default());
        let policy = setup::compile(policy, setup::key(&setup)?.as_ref())?;
        ready = Ready { policy, ..ready };
    }
    let jobs = args
        .jobs
        .map(usize::from)
        .or_else(|| thread::available_parallelism().ok().map(usize::from))
        .unwrap_or(1);
    let own = match &args.sink_auth_file {
        Some(path) => Some(credentials(path)?),
        None => std::env::var(AUTH).ok().map(|text| login(AUTH, &text)).transpose()?,
    };
    let index = Index {
        name: args.index,
        ca: args.sink_ca,
        credentials: own,
        dead_letter: args.dead_letter.unwrap_or_else(|| args.spool.join("dead-letter.ndjson")),
    };
    let alerts = Alerts {
        targets: args.alerts.clone(),
        index: Index { name: args.alerts_index, ..index.clone() },
        least: args.alerts_level.into(),
        quiet: args.alerts_quiet,
        repeat: args.alerts_repeat,
        stopped: Stopped { expected: args.expect, silent: args.silent_after, log: args.audit_log },
        secrets: Secrets {
            pagerduty: secret(args.pagerduty_key_file)?,
            slack: secret(args.slack_url_file)?,
            webhook: secret(args.webhook_key_file)?,
            alertmanager: args.alertmanager_auth_file.as_deref().map(credentials).transpose()?,
        },
    };
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
        index,
        alerts: (!args.alerts.is_empty()).then_some(alerts),
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

/// What a file says, without blanks around it.
fn secret(path: Option<PathBuf>) -> Result<Option<String>, Error> {
    let Some(path) = path else { return Ok(None) };
    let text = fs::read_to_string(&path).map_err(|error| Error::file(&path, error))?;
    Ok(Some(text.trim().to_owned()))
}

fn credentials(path: &Path) -> Result<Credentials, Error> {
    let text = fs::read_to_string(path).map_err(|error| Error::file(path, error))?;
    login(&path.display().to_string(), &text)
}

fn login(from: &str, text: &str) -> Result<Credentials, Error> {
    Credentials::parse(text).map_err(|why| Error::Other(format!("{from}: {why}")))
}
