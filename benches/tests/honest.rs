//! The comparison is fair: every engine does what its name says, on every line of every input.

use auditweir::Format;
use auditweir_benches::engines::{self, Auditweir, Engine, SerdeJson, SonicRs};
use auditweir_benches::inputs;
use bytes::Bytes;
use serde_json::Value;

fn run(engine: &mut dyn Engine, line: &Bytes) -> Vec<u8> {
    let mut out = Vec::new();
    engine.line(line, &mut out);
    out
}

fn parsed(engine: &mut dyn Engine, line: &Bytes) -> Value {
    let out = run(engine, line);
    serde_json::from_slice(&out).unwrap_or_else(|error| {
        panic!("{}: {error}: {}", engine.name(), String::from_utf8_lossy(&out))
    })
}

#[test]
fn inputs_are_there() {
    let sizes: Vec<_> = inputs::all().iter().map(|i| (i.name, i.lines.len())).collect();
    assert_eq!(sizes, [("metadata", 171), ("request-response", 100), ("mix", 784), ("one-mib", 1)]);
}

#[test]
fn every_output_is_json() {
    for input in [inputs::metadata(), inputs::request_response(), inputs::one_mib()] {
        for mut engine in engines::all() {
            for line in &input.lines {
                if engine.name().ends_with("skip") {
                    assert_eq!(run(engine.as_mut(), line), b"\n");
                } else {
                    assert!(parsed(engine.as_mut(), line).is_object());
                }
            }
        }
    }
}

#[test]
fn idle_engines_change_nothing() {
    for input in [inputs::metadata(), inputs::request_response(), inputs::one_mib()] {
        for line in &input.lines {
            let value: Value = serde_json::from_slice(line).expect("json");
            assert_eq!(parsed(&mut SerdeJson, line), value);
            assert_eq!(parsed(&mut SonicRs, line), value);
        }
    }
}

#[test]
fn auditweir_takes_no_short_cut() {
    for format in Format::ALL {
        let mut engine = Auditweir::new(format);
        let mut lines = 0;
        for input in [inputs::metadata(), inputs::request_response(), inputs::one_mib()] {
            for line in &input.lines {
                run(&mut engine, line);
                lines += 1;
            }
        }
        let stats = engine.stats();
        assert_eq!((stats.events, stats.stubs, stats.rejected), (lines, 0, 0));
        assert!(stats.dropped.is_empty());
    }
}

/// The event with these members beside what every event has.
fn event(resource: &str, uri: &str, body: &str) -> Bytes {
    format!(
        r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":"b6560098-0bbb-4593-ad6a-9c0022e9dc87","stage":"ResponseComplete","requestURI":"{uri}","verb":"create","user":{{"username":"alice","groups":["system:authenticated"]}},"sourceIPs":["10.1.2.3"],"objectRef":{{"resource":"{resource}","namespace":"prod","name":"x","apiVersion":"v1"}},"responseStatus":{{"metadata":{{}},"code":201}},"requestObject":{body},"requestReceivedTimestamp":"2026-01-01T00:00:00.000001Z","stageTimestamp":"2026-01-01T00:00:00.100001Z"}}"#
    )
    .into()
}

/// Events with a secret, and the secret.
fn secrets() -> Vec<(Bytes, &'static str)> {
    let uri = "/api/v1/namespaces/prod/things";
    vec![
        (
            event("secrets", uri, r#"{"kind":"Secret","data":{"k":"cGxhbnRlZC12YWx1ZQ=="}}"#),
            "cGxhbnRlZC12YWx1ZQ==",
        ),
        (
            event(
                "secrets",
                uri,
                r#"{"kind":"SecretList","items":[{"data":{"k":"cGxhbnRlZC12YWx1ZQ=="}}]}"#,
            ),
            "cGxhbnRlZC12YWx1ZQ==",
        ),
        (
            event("configmaps", uri, r#"{"kind":"ConfigMap","data":{"k":"planted-value"}}"#),
            "planted-value",
        ),
        (
            event(
                "pods",
                uri,
                r#"{"kind":"Pod","spec":{"containers":[{"name":"a","env":[{"name":"DB_PASSWORD","value":"planted-value"}]}]}}"#,
            ),
            "planted-value",
        ),
        (
            event(
                "tokenreviews",
                uri,
                r#"{"kind":"TokenReview","spec":{"token":"planted-value"}}"#,
            ),
            "planted-value",
        ),
        (event("widgets", "/apis/a/v1/widgets?token=planted-value", "{}"), "planted-value"),
    ]
}

fn holds(out: &[u8], secret: &str) -> bool {
    String::from_utf8_lossy(out).contains(secret)
}

#[test]
fn who_claims_to_redact_redacts() {
    for (line, secret) in secrets() {
        assert!(holds(&run(&mut SerdeJson, &line), secret), "the secret is planted");
        for mut engine in engines::all() {
            if engine.name().starts_with("auditweir") || engine.name() == "vrl program" {
                let out = run(engine.as_mut(), &line);
                let shown = String::from_utf8_lossy(&out);
                assert!(!holds(&out, secret), "{}: {shown}", engine.name());
            }
        }
    }
}

#[cfg(feature = "vrl")]
#[test]
fn vrl_and_auditweir_agree_on_the_common_fields() {
    let mut vrl = engines::Vrl::default();
    let mut ours = Auditweir::new(Format::Ecs);
    for line in &inputs::metadata().lines {
        let (theirs, ours) = (parsed(&mut vrl, line), parsed(&mut ours, line));
        for field in ["/event/action", "/event/outcome", "/user/name", "/url/path"] {
            assert_eq!(theirs.pointer(field), ours.pointer(field), "{field}");
        }
    }
}

/// Leaves of a document, by JSON pointer.
fn leaves(value: &Value, at: &str, found: &mut Vec<(String, Value)>) {
    match value {
        Value::Object(members) => {
            for (key, value) in members {
                leaves(
                    value,
                    &format!("{at}/{}", key.replace('~', "~0").replace('/', "~1")),
                    found,
                );
            }
        }
        Value::Array(items) => {
            for (index, value) in items.iter().enumerate() {
                leaves(value, &format!("{at}/{index}"), found);
            }
        }
        leaf => found.push((at.to_owned(), leaf.clone())),
    }
}

/// A program that loses bodies would be fast.
#[cfg(feature = "vrl")]
#[test]
fn vrl_keeps_what_it_does_not_redact() {
    let mut vrl = engines::Vrl::default();
    let (mut all, mut changed) = (0, 0);
    for input in [inputs::request_response(), inputs::one_mib()] {
        for line in &input.lines {
            let event: Value = serde_json::from_slice(line).expect("json");
            let out = parsed(&mut vrl, line);
            let kept = &out["kubernetes"]["audit"];
            for body in ["requestObject", "responseObject"] {
                let mut wanted = Vec::new();
                leaves(&event[body], "", &mut wanted);
                for (path, value) in wanted {
                    if path.starts_with("/metadata/managedFields/") || value.is_null() {
                        continue;
                    }
                    all += 1;
                    match kept[body].pointer(&path) {
                        Some(found) if *found == value => {}
                        Some(Value::String(text)) if text.to_lowercase().contains("[redacted]") => {
                            changed += 1;
                        }
                        found => panic!("{body}{path}: {found:?} instead of {value}"),
                    }
                }
            }
        }
    }
    assert!(all > 20_000, "{all} values compared");
    assert!(changed * 20 < all, "{changed} of {all} values redacted");
}
