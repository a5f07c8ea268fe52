//! The deployment files of `integrations/helm`, `integrations/kubernetes` and `integrations/systemd`: policies compile
//! and decide as they say, configurations agree with the ones the hosts' tests run, what can be
//! checked by the program it is for is checked by it.

#![allow(clippy::print_stderr, reason = "a test runner reports to the terminal")]

mod configuration;
mod helm;
mod kubernetes;
mod systemd;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, ops};

use auditweir::{CompiledPolicy, Filter, Format, Policy};
use auditweir_tests::here;
use serde_json::{Value, json};

/// The text of a file under `integrations/`.
fn shipped(path: &str) -> String {
    let path = here("../integrations").join(path);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// All YAML documents of a file under `integrations/`.
fn documents(path: &str) -> Vec<Value> {
    shipped(path)
        .split("\n---\n")
        .map(|text| {
            serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{path}: {error}\n{text}"))
        })
        .collect()
}

/// The document of this kind.
fn kind<'a>(documents: &'a [Value], kind: &str) -> &'a Value {
    let found = documents.iter().find(|document| document["kind"] == kind);
    found.unwrap_or_else(|| panic!("no {kind}"))
}

fn compile(text: &str, path: &str) -> CompiledPolicy {
    let policy = Policy::from_yaml(text).and_then(Policy::compile);
    policy.unwrap_or_else(|error| panic!("{path}: {error}"))
}

/// A filter with a policy of `integrations/` and a key, as the deployments give it one.
fn filter(path: &str) -> Filter {
    let policy = compile(&shipped(path), path);
    let policy = policy.with_pseudonym_key(KEY.as_bytes()).expect("key");
    Filter::new(Arc::new(policy), Format::Native)
}

const KEY: &str = "0123456789abcdef0123456789abcdef";

/// An audit event with a body in which a Secret's value stands.
fn event(id: &str) -> Value {
    json!({
        "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "RequestResponse",
        "auditID": id, "stage": "ResponseComplete", "verb": "create",
        "requestURI": "/api/v1/namespaces/shop/secrets",
        "user": {"username": "alice", "groups": ["system:authenticated"]},
        "objectRef": {"resource": "secrets", "namespace": "shop", "name": "db", "apiVersion": "v1"},
        "requestObject": {
            "kind": "Secret", "apiVersion": "v1", "stringData": {"password": "hunter2-hunter2"}
        },
        "responseStatus": {"code": 201},
        "requestReceivedTimestamp": "2026-01-02T03:04:05.000006Z",
        "stageTimestamp": "2026-01-02T03:04:05.001006Z",
    })
}

/// A folder for one test, removed afterwards.
struct Place(PathBuf);

impl Place {
    fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("auditweir-integrations-{}-{next}", std::process::id());
        let path = env::temp_dir().join(name);
        fs::create_dir_all(&path).expect("temporary folder");
        Self(path)
    }
}

impl ops::Deref for Place {
    type Target = Path;
    fn deref(&self) -> &Path {
        &self.0
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        _ = fs::remove_dir_all(&self.0);
    }
}

/// Whether a program can be started; if not, that is said loudly.
fn installed(program: &str, lost: &str) -> bool {
    let found = Command::new(program).arg("--help").output().is_ok();
    if !found {
        eprintln!("SKIPPED: {program} is not installed; {lost}");
    }
    found
}
