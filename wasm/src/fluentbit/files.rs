//! Finds policy and key under the directories that the host has opened for the guest.
//!
//! `filter_wasm` passes no arguments, environment or options; a file under `accessible_paths` is
//! the only way in. Both files are looked for in every directory, in the order given: a policy
//! usually comes from a ConfigMap and the key from a Secret, which are mounted apart.

use std::fs;
use std::io::ErrorKind;
use std::sync::Arc;

use auditweir::CompiledPolicy;
use auditweir_shell::{Ready, Setup, Source};

const POLICY: &str = "auditweir.yaml";
const KEY: &str = "auditweir.key";

/// Policy and key, or `None` when what was found cannot be used, and a line that says which.
pub(super) fn load() -> (Option<Arc<CompiledPolicy>>, String) {
    match try_load() {
        Ok((policy, message)) => (Some(policy), message),
        Err(error) => (None, format!("{error}; every event leaves as a stub until this is mended")),
    }
}

fn try_load() -> Result<(Arc<CompiledPolicy>, String), String> {
    let directories = preopened();
    let (text, key) = (find(&directories, POLICY)?, find(&directories, KEY)?);
    let setup = Setup {
        policy: text.as_ref().map(|(name, bytes)| Source::bytes(name, bytes)),
        key: key.as_ref().map(|(name, bytes)| Source::bytes(name, bytes)),
        format: None,
    };
    let Ready { policy, .. } = setup.ready().map_err(|error| error.to_string())?;
    let what = match &text {
        Some((name, _)) => {
            format!("policy {name}, own rules: {}", policy.policy().redact.rules.len())
        }
        None => format!("default policy, no {POLICY} under {}", directories.join(", ")),
    };
    let key = match &key {
        Some((name, _)) => format!("pseudonym key {name}"),
        None => "no pseudonym key".to_owned(),
    };
    Ok((policy, format!("{what}; {key}")))
}

/// The first file of this name. One that is there but cannot be read is an error, not an absence.
fn find(directories: &[String], name: &str) -> Result<Option<(String, Vec<u8>)>, String> {
    for directory in directories {
        let path = format!("{}/{name}", directory.trim_end_matches('/'));
        match fs::read(&path) {
            Ok(bytes) => return Ok(Some((path, bytes))),
            Err(error) if error.kind() == ErrorKind::NotFound => {}
            Err(error) => return Err(format!("{path}: {error}")),
        }
    }
    Ok(None)
}

/// Names of the directories that the host has opened, which start at descriptor 3.
fn preopened() -> Vec<String> {
    let mut names = Vec::new();
    for fd in 3.. {
        // SAFETY: no memory of ours is involved.
        let Ok(found) = (unsafe { wasip1::fd_prestat_get(fd) }) else { break };
        if found.tag != wasip1::PREOPENTYPE_DIR.raw() {
            continue;
        }
        // SAFETY: tag checked, so `dir` is the active member.
        let len = unsafe { found.u.dir.pr_name_len };
        let mut name = vec![0; len];
        // SAFETY: the buffer has `len` bytes and outlives the call.
        if unsafe { wasip1::fd_prestat_dir_name(fd, name.as_mut_ptr(), len) }.is_ok() {
            // Some hosts count a terminating zero byte.
            while name.last() == Some(&0) {
                name.pop();
            }
            names.extend(String::from_utf8(name).ok());
        }
    }
    names
}
