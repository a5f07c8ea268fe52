//! Policy and key as the command line names them.

use std::path::Path;
use std::sync::Arc;

use auditweir::detect::Detector;
use auditweir::policy::{Action, AuditPolicy};
use auditweir::{CompiledPolicy, Format, Policy};
use auditweir_shell::{Ready, SetupError, Source};

use crate::args::Setup;
use crate::exit::{Error, say};

/// Environment variable of the pseudonym key.
const KEY: &str = "AUDITWEIR_PSEUDONYM_KEY";

/// The pseudonym key of a run and its name.
pub(crate) type Key = (String, Vec<u8>);

/// A file under its own name.
pub(crate) fn file(path: &Path) -> Source<'_> {
    Source::file(path.display().to_string(), path)
}

/// The pseudonym key of a run, if there is one.
pub(crate) fn key(setup: &Setup) -> Result<Option<Key>, SetupError> {
    match &setup.pseudonym_key_file {
        Some(path) => file(path).read().map(Some),
        None => Ok(std::env::var_os(KEY).map(|key| (KEY.into(), key.into_encoded_bytes()))),
    }
}

/// Policy, key and format of a run.
pub(crate) fn ready(setup: &Setup, format: Format) -> Result<Ready, SetupError> {
    let key = key(setup)?;
    let ready = auditweir_shell::Setup {
        policy: setup.policy.as_deref().map(file),
        key: key.as_ref().map(|(name, bytes)| Source::bytes(name, bytes)),
        format: Some(format),
    }
    .ready()?;
    let names = pseudonyms(ready.policy.policy());
    if key.is_none() && !names.is_empty() {
        // What is masked for want of a key cannot be told apart ever after.
        let names = names.join(", ");
        say(format_args!(
            "no pseudonym key ({KEY} or --pseudonym-key-file), so these mask: {names}"
        ));
    }
    Ok(ready)
}

/// What of a policy makes pseudonyms, which takes a key: settings, detectors, rules.
pub(crate) fn pseudonyms(policy: &Policy) -> Vec<&str> {
    let redact = &policy.redact;
    let settings = [
        ("secrets", redact.secrets),
        ("configMaps", redact.config_maps),
        ("tokens", redact.tokens),
        ("hintedValues", redact.hinted_values),
        ("opaque", redact.opaque),
    ];
    let detectors = Detector::ALL.iter().map(|one| (one.name(), one.action(&redact.detectors)));
    let rules = redact.rules.iter().map(|rule| (rule.name.as_str(), rule.action));
    let all = settings.into_iter().chain(detectors).chain(rules);
    all.filter(|(_, action)| *action == Action::Pseudonym).map(|(name, _)| name).collect()
}

/// A Kubernetes audit policy (`audit.k8s.io/v1`) as a policy that does nothing else.
pub(crate) fn audit_policy(path: &Path) -> Result<CompiledPolicy, Error> {
    let text = std::fs::read_to_string(path).map_err(|error| Error::file(path, error))?;
    let path = path.display();
    let audit: AuditPolicy = serde_saphyr::from_str(&text)
        .map_err(|error| Error::Other(format!("{path}:{}", on_one_line(&error))))?;
    let mut policy = Policy::default();
    policy.decide.audit = Some(audit);
    policy.compile().map_err(|error| Error::Other(format!("{path}: {}", error.message)))
}

/// `line:column: message`, without the text around it.
fn on_one_line(mut error: &serde_saphyr::Error) -> String {
    use serde_saphyr::{DefaultMessageFormatter, Error, MessageFormatter as _};
    let place = error.location().map(|at| format!("{}:{}: ", at.line(), at.column()));
    while let Error::AliasError { error: inner, .. } | Error::WithSnippet { error: inner, .. } =
        error
    {
        error = inner;
    }
    let message = DefaultMessageFormatter.format_message(error);
    place.unwrap_or_else(|| " ".into()) + &message.replace(char::is_control, " ")
}

/// Another policy for the same run.
pub(crate) fn compile(
    policy: Policy,
    key: Option<&Key>,
) -> Result<Arc<CompiledPolicy>, SetupError> {
    let policy = auditweir_shell::compile(policy, "policy")?;
    Ok(Arc::new(match key {
        Some((name, bytes)) => auditweir_shell::with_key(policy, name, bytes)?,
        None => policy,
    }))
}
