//! Nothing that redaction leaves gets lost on the way into a schema that has no place for it.

use std::collections::BTreeSet;

use auditweir::Format;
use serde_json::Value;

use crate::corpus;

/// The `native` line and the one in another format, for every event of the corpus.
fn pairs(format: Format) -> Vec<(String, String)> {
    let native = corpus::corpus(Format::Native).into_values().flatten();
    let other = corpus::corpus(format).into_values().flatten();
    let pairs: Vec<_> = native.zip(other).collect();
    assert!(pairs.len() > 250);
    pairs
}

#[test]
fn the_body_of_otel_is_the_event() {
    for (native, otel) in pairs(Format::Otel) {
        let request: Value = serde_json::from_str(&otel).expect("JSON");
        let body = request
            .pointer("/resourceLogs/0/scopeLogs/0/logRecords/0/body/stringValue")
            .and_then(Value::as_str)
            .expect("body");
        let event = body.strip_suffix('}').expect("an object");
        assert!(native.starts_with(event), "{native}\n{body}");
        assert!(native[event.len()..].starts_with(",\"auditweir\":{"), "{native}");
    }
}

/// All texts in a value, also those in JSON inside texts, which may be cut into a list of pieces.
fn texts(value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                found.insert(name.clone());
                texts(value, found);
            }
        }
        Value::Array(items) => {
            for item in items {
                texts(item, found);
            }
            let whole: Option<String> = items.iter().map(Value::as_str).collect();
            if let Some(whole) = whole {
                inner(&whole, found);
            }
        }
        Value::String(text) => {
            found.insert(text.clone());
            inner(text, found);
        }
        Value::Null => {}
        other => _ = found.insert(other.to_string()),
    }
}

fn inner(text: &str, found: &mut BTreeSet<String>) {
    if text.starts_with(['{', '['])
        && let Ok(value) = serde_json::from_str(text)
    {
        texts(&value, found);
    }
}

/// Texts of the event itself; names of members that the API defines say nothing.
fn own(path: &str, value: &Value, found: &mut BTreeSet<String>) {
    const OPEN: [&str; 5] = [
        "/annotations",
        "/user/extra",
        "/impersonatedUser/extra",
        "/requestObject",
        "/responseObject",
    ];
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                if OPEN.iter().any(|open| path.starts_with(open)) {
                    found.insert(name.clone());
                }
                own(&format!("{path}/{name}"), value, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| own(path, item, found)),
        Value::String(text) if path.ends_with("Timestamp") => {
            // OCSF takes no space in there
            found.insert(text.replace(' ', "T"));
        }
        Value::String(text) => _ = found.insert(text.clone()),
        Value::Null => {}
        other => _ = found.insert(other.to_string()),
    }
}

#[test]
fn every_text_of_an_event_is_in_ocsf() {
    // Members that become others, and what stands in `class_uid`.
    const KNOWN: [&str; 3] =
        ["Event", "authorization.k8s.io/decision", "authorization.k8s.io/reason"];
    let mut lost = Vec::new();
    for (native, ocsf) in pairs(Format::Ocsf) {
        let mut event: Value = serde_json::from_str(&native).expect("JSON");
        event.as_object_mut().expect("object").remove("auditweir");
        let (mut before, mut after) = (BTreeSet::new(), BTreeSet::new());
        own("", &event, &mut before);
        let ocsf: Value = serde_json::from_str(&ocsf).expect("JSON");
        texts(&ocsf, &mut after);
        // `pods/log`
        let kind = ocsf.pointer("/resources/0/type").and_then(Value::as_str).unwrap_or_default();
        after.extend(kind.split('/').map(str::to_owned));
        let times: Vec<&String> = after.iter().filter(|text| text.contains('T')).collect();
        for text in before {
            let there = after.contains(&text)
                || KNOWN.contains(&text.as_str())
                || text.is_empty()
                || times.iter().any(|time| time.starts_with(&text))
                || after.iter().any(|other| other.replace(' ', "T") == text);
            if !there {
                lost.push(format!("{text:?} of {native}"));
            }
        }
    }
    assert!(lost.is_empty(), "{} lost\n{}", lost.len(), lost[..lost.len().min(5)].join("\n"));
}
