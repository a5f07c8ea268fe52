//! Policy and key as the command line names them.

use std::fs;
use std::path::Path;
use std::sync::Arc;

use auditweir::policy::Place;
use auditweir::{CompiledPolicy, Policy, PolicyError};

use crate::args::Setup;
use crate::exit::Error;
use crate::tree::Tree;

/// Environment variable of the pseudonym key.
const KEY: &str = "AUDITWEIR_PSEUDONYM_KEY";

/// Reads and compiles a policy file. Errors begin with line, column and key path.
pub(crate) fn read_policy(path: &Path) -> Result<CompiledPolicy, Error> {
    let text = fs::read_to_string(path).map_err(|error| Error::file(path, error))?;
    let error = |error: PolicyError| {
        let PolicyError { place, message, .. } = error;
        let tree = Tree::read(&text);
        // The library says line and column of syntax, the key path of meaning; here both are said.
        let other = match &place {
            Place::Text { line, column } => tree.and_then(|tree| tree.path_at(*line, *column)),
            Place::Key(key) => tree
                .and_then(|tree| tree.place_of(key))
                .map(|(line, column)| format!("{line}:{column}")),
            _ => None,
        };
        let place = match (place, other) {
            (place, None) => place.to_string(),
            (place @ Place::Text { .. }, Some(key)) => format!("{place}: {key}"),
            (place, Some(at)) => format!("{at}: {place}"),
        };
        Error::Policy { path: path.to_owned(), place, message }
    };
    Policy::from_yaml(&text).and_then(Policy::compile).map_err(error)
}

/// The policy of a run, with its key.
pub(crate) fn compile(setup: &Setup) -> Result<Arc<CompiledPolicy>, Error> {
    Ok(with_key(policy(setup)?, key(setup)?.as_deref())?)
}

/// The policy of a run, without its key.
pub(crate) fn policy(setup: &Setup) -> Result<CompiledPolicy, Error> {
    match &setup.policy {
        Some(path) => read_policy(path),
        None => Ok(Policy::default().compile()?),
    }
}

/// The pseudonym key of a run, if there is one.
pub(crate) fn key(setup: &Setup) -> Result<Option<Vec<u8>>, Error> {
    Ok(match &setup.pseudonym_key_file {
        Some(path) => {
            let mut key = fs::read(path).map_err(|error| Error::file(path, error))?;
            if key.last() == Some(&b'\n') {
                key.pop();
            }
            Some(key)
        }
        None => std::env::var_os(KEY).map(std::ffi::OsString::into_encoded_bytes),
    })
}

/// Gives a policy its key.
pub(crate) fn with_key(
    policy: CompiledPolicy,
    key: Option<&[u8]>,
) -> Result<Arc<CompiledPolicy>, PolicyError> {
    Ok(Arc::new(match key {
        Some(key) => policy.with_pseudonym_key(key)?,
        None => policy,
    }))
}
