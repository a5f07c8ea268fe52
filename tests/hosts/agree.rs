//! What cases cannot say of hosts: that their statistics are one object, whoever shows them.

use auditweir_tests::host::{Host, Output, Setup};
use auditweir_tests::library::Library;
use auditweir_wasm_pack::Artifact;
use serde_json::Value;

use crate::capi::CApi;
use crate::cli::Cli;
use crate::wasm_wasmtime::Wasmtime;

const POLICY: &str = "version: 1\ndecide:\n  noise: [default]\nredact:\n  secrets: pseudonym\n";

pub(crate) const SETUP: Setup<'_> =
    Setup { policy: Some(POLICY), key: Some(b"sixteen bytes or more\r\n"), to: "native" };

/// An event that loses a value, one that is dropped, one that was cut off, a reject.
pub(crate) const INPUT: &str = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Request","auditID":"a","stage":"ResponseComplete","verb":"create","requestURI":"/api/v1/namespaces/shop/secrets","objectRef":{"resource":"secrets","namespace":"shop","apiVersion":"v1"},"requestObject":{"kind":"Secret","apiVersion":"v1","stringData":{"password":"correct-horse"}}}
{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"b","stage":"ResponseComplete","verb":"get","requestURI":"/readyz","user":{"username":"system:kube-scheduler","groups":["system:authenticated"]},"responseStatus":{"code":200},"annotations":{"authorization.k8s.io/decision":"allow"}}
{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"c",
42"#;

/// The last line that a host said, as JSON.
pub(crate) fn totals(output: &Output) -> Value {
    let last = output.said.trim_ascii_end().rsplit(|byte| *byte == b'\n').next();
    serde_json::from_slice(last.unwrap_or_default()).expect("statistics")
}

/// Compares the statistics of a host with those of the library. It may have counters of its own.
pub(crate) fn compare(name: &str, host: &Value) {
    let core = totals(&Library.run(&SETUP, INPUT.as_bytes()).expect("core"));
    for (member, count) in core.as_object().expect("an object") {
        // Lua has no empty objects.
        let empty = count.as_object().is_some_and(serde_json::Map::is_empty);
        assert!(host[member] == *count || empty, "{name}: {member}: {} {count}", host[member]);
    }
    for member in ["dropped", "reasons", "redactions"] {
        assert!(core[member].as_object().is_some_and(|object| !object.is_empty()), "{core}");
    }
    assert_eq!((&core["inputs"], &core["events"]), (&4.into(), &2.into()), "{core}");
}

fn same_as_core(host: &mut dyn Host) {
    let output = host.run(&SETUP, INPUT.as_bytes()).expect("output");
    compare(host.name(), &totals(&output));
}

#[test]
fn statistics_are_one_object() {
    same_as_core(&mut CApi::new());
    same_as_core(&mut Cli);
}

#[test]
fn statistics_are_one_object_in_wasm() {
    same_as_core(&mut Wasmtime::new("wasmtime", Artifact::Generic));
}
