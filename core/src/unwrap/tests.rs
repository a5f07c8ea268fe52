//! Envelopes, one by one: what comes out, and what hostile ones cannot do.

use std::io::Write;
use std::sync::Arc;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::{Filter, Format, Policy, Verdict};

const EVENT: &str = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a1","stage":"ResponseComplete","requestURI":"/api/v1/pods","verb":"list"}"#;

fn apply(input: &str) -> (Verdict, String) {
    let mut filter = Filter::new(Arc::new(Policy::default().compile().unwrap()), Format::Native);
    let mut out = Vec::new();
    let verdict = filter.apply(input.as_bytes(), &mut out);
    assert_eq!(memchr::memchr_iter(b'\n', &out).count(), verdict.lines() as usize);
    (verdict, String::from_utf8(out).unwrap())
}

fn text(json: &str) -> String {
    serde_json::to_string(json).unwrap()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(bytes).unwrap();
    encoder.finish().unwrap()
}

#[track_caller]
fn gives(input: &str, events: u32) {
    let (verdict, out) = apply(input);
    assert_eq!((verdict.events, verdict.stubs, verdict.rejected), (events, 0, 0), "{out}");
    for line in out.lines() {
        assert!(line.contains(r#""auditID":"a1""#), "{line}");
    }
}

#[test]
fn every_envelope_gives_its_events() {
    let line = text(EVENT);
    let batch = format!(
        r#"{{"messageType":"DATA_MESSAGE","owner":"1111","logGroup":"/aws/eks/prod/cluster","logEvents":[{{"id":"1","message":{line}}},{{"id":"2","message":{line}}}]}}"#
    );
    let encoded = STANDARD.encode(gzip(batch.as_bytes()));
    gives(EVENT, 1);
    gives(&format!("{EVENT}{EVENT} {EVENT}\r\n"), 3);
    gives(&format!("\u{feff}{EVENT}"), 1);
    gives(
        &format!(
            r#"{{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[{EVENT},{EVENT}]}}"#
        ),
        1,
    );
    gives(r#"{"items":[{"auditID":"a1","stage":"Panic","verb":"get"}]}"#, 1);
    gives(&format!("[{EVENT},{EVENT}]"), 2);
    for key in ["log", "message", "MESSAGE", "log_s", "payload", "rawLog"] {
        gives(&format!(r#"{{"stream":"stdout","{key}":{line}}}"#), 1);
    }
    gives(&format!(r#"{{"event":{{"original":{line}}}}}"#), 1);
    gives(&format!(r#"{{"log":{},"time":"x"}}"#, text(&format!("{EVENT}\n"))), 1);
    gives(&format!("2024-01-01T00:00:00.0Z stdout F {EVENT}"), 1);
    gives(&batch, 2);
    gives(&format!(r#"{{"awslogs":{{"data":"{encoded}"}}}}"#), 2);
    gives(&format!(r#"{{"requestId":"x","records":[{{"data":"{encoded}"}}]}}"#), 2);
    gives(
        &format!(r#"{{"message":{{"data":"{}"}},"subscription":"s"}}"#, STANDARD.encode(EVENT)),
        1,
    );
    gives(
        &format!(r#"{{"records":[{{"category":"kube-audit","properties":{{"log":{line}}}}}]}}"#),
        1,
    );
    gives(&format!(r#"{{"category":"kube-audit","properties":{{"log":{EVENT}}}}}"#), 1);
}

#[test]
fn other_components_lines_are_counted_and_never_shown() {
    let secret = "I0101 canary-3141 klog line";
    for input in [
        format!(r#"{{"logEvents":[{{"message":"{secret}"}}]}}"#),
        format!(r#"{{"records":[{{"properties":{{"log":"{secret}"}}}}]}}"#),
        format!(r#"{{"records":["{secret}"]}}"#),
        r#"{"messageType":"CONTROL_MESSAGE","logEvents":[{"message":"canary-3141"}]}"#.to_owned(),
        "[]".to_owned(),
    ] {
        let (verdict, out) = apply(&input);
        assert!(verdict.dropped >= 1, "{input}");
        assert_eq!(verdict.lines(), 0, "{out}");
    }
}

#[test]
fn what_cannot_be_opened_becomes_a_stub_without_a_byte_of_it() {
    let bomb = STANDARD.encode(gzip(&vec![b' '; 64 << 20]));
    let cut = STANDARD.encode(&gzip(EVENT.repeat(50).as_bytes())[..40]);
    let mut deep = EVENT.replace("a1", "canary-3141");
    for _ in 0..10 {
        deep = format!(r#"{{"log":{}}}"#, text(&deep));
    }
    for input in [
        format!(r#"{{"awslogs":{{"data":"{bomb}"}}}}"#),
        format!(r#"{{"awslogs":{{"data":"{cut}"}}}}"#),
        r#"{"awslogs":{"data":"canary-3141"}}"#.to_owned(),
        deep,
        "2024-01-01T00:00:00.000Z stdout P {\"canary-3141\"".to_owned(),
        "canary-3141".to_owned(),
        r#""canary-3141""#.to_owned(),
        r#"{"canary-3141":1}"#.to_owned(),
        r#"{"records":"canary-3141"}"#.to_owned(),
    ] {
        let (verdict, out) = apply(&input);
        assert_eq!((verdict.events, verdict.stubs + verdict.rejected), (0, 1), "{input:.80} {out}");
        assert!(!out.contains("canary"), "{out}");
    }
}

#[test]
fn a_line_cut_by_the_log_service_keeps_what_was_whole() {
    let line = format!("{}[Truncated...]", &EVENT[..EVENT.len() - 12]);
    let (verdict, out) = apply(&format!(r#"{{"logEvents":[{{"message":{}}}]}}"#, text(&line)));
    assert_eq!((verdict.events, verdict.cut, verdict.lines()), (1, 1, 1), "{out}");
    assert!(out.contains(r#""auditID":"a1""#) && out.contains("/api/v1/pods"), "{out}");
    assert!(!out.contains("Truncated"), "{out}");
}

#[test]
fn a_cut_never_shows_what_it_leaves_in_doubt() {
    let head = r#"{"auditID":"a1","stage":"ResponseComplete","verb":"create","requestURI":"/apis/x/v1/widgets","objectRef":{"resource":"widgets"},"requestObject":"#;
    for body in [
        // the value at the cut
        r#"{"spec":{"note":"canary-31"#,
        r#"{"spec":{"note":"canary-31\"#,
        r#"{"spec":{"note":"canary-31\u00"#,
        // what makes it a secret would have followed
        r#"{"items":[{"apiVersion":"v1","data":{"k":"canary-31"},"#,
        r#"{"items":[{"apiVersion":"v1","data":{"k":"canary-31","#,
        r#"{"spec":{"env":[{"value":"canary-31","#,
        r#"[{"op":"add","value":"canary-31","#,
    ] {
        let (verdict, out) = apply(&format!("{head}{body}"));
        assert_eq!((verdict.events, verdict.cut), (1, 1), "{body}: {out}");
        assert!(!out.contains("canary"), "{body}: {out}");
    }
    // neither path nor resource: nobody can say what the body is
    let (verdict, out) = apply(
        r#"{"auditID":"a1","stage":"ResponseComplete","verb":"create","requestObject":{"data":{"k":"canary-31"},"#,
    );
    assert_eq!((verdict.events, verdict.cut), (1, 1), "{out}");
    assert!(!out.contains("canary"), "{out}");
    // nonsense is not mended
    let (verdict, _) = apply(r#"{"auditID":"a1","stage":"Panic","verb":"get",,"a":1}"#);
    assert_eq!((verdict.events, verdict.rejected), (0, 1));
}

#[test]
fn a_batch_that_was_cut_keeps_its_whole_events() {
    let line = text(EVENT);
    let batch = format!(
        r#"{{"records":[{{"properties":{{"log":{line}}}}},{{"properties":{{"log":{line}}}}}]}}"#
    );
    let (verdict, out) = apply(&batch[..batch.len() - 30]);
    assert_eq!((verdict.events, verdict.cut, verdict.lines()), (2, 1, 2), "{out}");
}

const FORGED: &str = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"forged","stage":"ResponseComplete","requestURI":"/api/v1/pods","verb":"list"}"#;

fn filled(example: &str) -> String {
    let columns = EVENT
        .replace("\"level\"", "\"Level\"")
        .replace("\"auditID\"", "\"AuditId\"")
        .replace("\"stage\"", "\"Stage\"")
        .replace("\"requestURI\"", "\"RequestUri\"")
        .replace("\"verb\"", "\"Verb\"");
    let inside = |text: &str| text[1..text.len() - 1].to_owned();
    let event: serde_json::Map<String, serde_json::Value> = serde_json::from_str(EVENT).unwrap();
    let pairs: Vec<String> = event
        .iter()
        .map(|(key, value)| format!(r#"{{"key":"{key}","value":{{"stringValue":{value}}}}}"#))
        .collect();
    example
        .replace("$text", &inside(&text(EVENT)))
        .replace("$forged", &inside(&text(FORGED)))
        .replace("$quoted", &inside(&text(&text(EVENT))))
        .replace("$event", EVENT)
        .replace("$members", &inside(EVENT))
        .replace("$columns", &inside(&columns))
        .replace("$bytes", &EVENT.bytes().map(|b| b.to_string()).collect::<Vec<_>>().join(","))
        .replace("$pairs", &pairs.join(","))
        .replace("$base64", &STANDARD.encode(EVENT))
        .replace("$gzip", &STANDARD.encode(gzip(EVENT.as_bytes())))
}

#[test]
fn every_example_gives_its_event_and_says_where_it_is_from() {
    let mut wrong = Vec::new();
    for (name, examples) in super::examples() {
        for example in examples {
            let (verdict, out) = apply(&filled(example.text));
            let mut expected: Vec<_> = example.tells.split_whitespace().collect();
            expected.sort_unstable();
            let mut told = Vec::new();
            for line in out.lines() {
                let line: serde_json::Value = serde_json::from_str(line).unwrap();
                if let Some(cluster) = line["auditweir"]["cluster"].as_object() {
                    let resource = |id: &str| id.starts_with('/');
                    let cluster = cluster.iter().filter(|(_, v)| !v.as_str().is_some_and(resource));
                    told.extend(cluster.map(|(k, v)| format!("{k}={}", v.as_str().unwrap())));
                }
            }
            told.sort_unstable();
            let forged = out.contains("forged");
            let events =
                (verdict.events, verdict.lines()) == (example.events, example.events.max(1));
            if !events || forged || example.events > 0 && told != expected {
                wrong.push(format!("{name}: {verdict:?} {told:?}\n  {}\n  {out}", example.text));
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn google_entries_become_events() {
    let entry = r#"{"insertId":"a1","labels":{"authorization.k8s.io/decision":"allow"},"timestamp":"2026-01-01T00:00:00Z","receiveTimestamp":"2026-01-01T00:00:09Z","resource":{"type":"k8s_cluster","labels":{"cluster_name":"c","location":"europe-west1","project_id":"p"}},"protoPayload":{"@type":"type.googleapis.com/google.cloud.audit.AuditLog","methodName":"io.k8s.core.v1.secrets.create","resourceName":"core/v1/namespaces/ns/secrets/s","authenticationInfo":{"principalEmail":"u@example.org"},"requestMetadata":{"callerIp":"10.0.0.1","callerSuppliedUserAgent":"kubectl/v1.30"},"status":{"code":7,"message":"denied"},"request":{"kind":"Secret","data":{"k":"Y2FuYXJ5LTMxNDE="}}}}"#;
    let (verdict, out) = apply(entry);
    assert_eq!(verdict.events, 1, "{out}");
    assert!(!out.contains("Y2FuYXJ5"), "{out}");
    for part in [
        r#""auditID":"a1""#,
        r#""verb":"create""#,
        r#""username":"u@example.org""#,
        r#""sourceIPs":["10.0.0.1"]"#,
        r#""resource":"secrets""#,
        r#""namespace":"ns""#,
        r#""code":403"#,
        r#""requestURI":"/api/v1/namespaces/ns/secrets/s""#,
        r#""level":"Request""#,
        r#""requestReceivedTimestamp":"2026-01-01T00:00:00Z""#,
        r#""receiveTimestamp":"2026-01-01T00:00:09Z""#,
    ] {
        assert!(out.contains(part), "{part} in {out}");
    }
    // no status: no code
    let (_, out) = apply(&entry.replace(r#""status":{"code":7,"message":"denied"},"#, ""));
    assert!(!out.contains(r#""code":"#), "{out}");
}
