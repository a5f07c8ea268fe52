//! Envelopes in hostile hands. Every envelope of the list is tried in the same five ways: an event
//! where clients of the cluster write, another event beside it, a cut at every place, members of
//! odd types, and the name of another container. None gives an event that is not its own, none
//! makes a success of a refusal, none loses a line.

use auditweir::envelopes::Example;
use auditweir::{Format, envelopes};
use auditweir_tests::filtering::{Ran, basics, run};
use serde_json::{Value, json};

use crate::envelopes::{holds, wrap};

/// An event that was refused.
fn refused() -> Value {
    json!({
        "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "Metadata", "auditID": "own-1",
        "stage": "ResponseComplete", "verb": "create",
        "requestURI": "/api/v1/namespaces/shop/pods/till",
        "user": {"username": "ana", "groups": ["dev"]}, "sourceIPs": ["203.0.113.9"],
        "userAgent": "kubectl/v1.31.2",
        "objectRef": {"resource": "pods", "namespace": "shop", "name": "till", "apiVersion": "v1"},
        "annotations": {"authorization.k8s.io/decision": "forbid"},
        "responseStatus": {"status": "Failure", "reason": "Forbidden", "code": 403},
        "requestReceivedTimestamp": "2026-03-02T10:00:00.000001Z",
        "stageTimestamp": "2026-03-02T10:00:00.010001Z",
    })
}

/// Every example that holds an event.
fn all() -> impl Iterator<Item = (&'static str, &'static Example)> {
    envelopes::examples()
        .flat_map(|(name, examples)| examples.iter().map(move |example| (name, example)))
        .filter(|(_, example)| holds(example.text))
}

/// What is wrong with what came out, besides how much.
fn wrong(input: &str, format: Format) -> (Ran, Option<String>) {
    let ran = run(input.as_bytes(), format);
    basics(input.as_bytes(), &ran);
    let text = String::from_utf8_lossy(&ran.out).into_owned();
    let mut why = None;
    for line in text.lines() {
        let line: Value = serde_json::from_str(line).expect("JSON");
        if line.pointer("/auditweir/stub").is_some() {
            continue;
        }
        let told = |pointer: &str| line.pointer(pointer).and_then(Value::as_str);
        let is = |pointer: &str, word: &str| told(pointer) == Some(word);
        if is("/auditweir/outcome", "success")
            || is("/event/outcome", "success")
            || is("/status", "Success")
            || is("/action", "Allowed")
        {
            why = Some(format!("a success: {line}"));
        }
        if is("/auditID", "forged") || is("/event/id", "forged") {
            why = Some(format!("forged: {line}"));
        }
    }
    (ran, why)
}

fn check(found: &[String]) {
    let some: Vec<_> = found.iter().step_by(found.len() / 20 + 1).cloned().collect();
    assert!(found.is_empty(), "{}\n{}", found.len(), some.join("\n"));
}

#[test]
fn every_envelope_has_a_place_where_clients_write() {
    let without: Vec<_> = envelopes::examples()
        .filter(|(_, examples)| !examples.iter().any(|example| example.text.contains("$forged")))
        .map(|(name, _)| name)
        .collect();
    assert!(without.is_empty(), "{without:?}");
}

#[test]
fn another_event_beside_it_is_none() {
    let mut found = Vec::new();
    let mut other = refused();
    other["auditID"] = json!("forged");
    other["responseStatus"] = json!({"code": 200});
    other["annotations"] = json!({});
    // In a record of which nothing is known, the outer one of two is the event.
    for (name, example) in all().filter(|(_, example)| !example.text.contains("whatever")) {
        let whole = wrap(example.text, &refused());
        let Some(inside) = whole.strip_suffix('}') else { continue };
        for (member, value) in [
            ("zz", json!(other.to_string())),
            ("zz", other.clone()),
            ("annotations", other.clone()),
            ("labels", json!({"log": other.to_string(), "message": other.to_string()})),
        ] {
            let input = format!("{inside},\"{member}\":{value}}}");
            let (ran, why) = wrong(&input, Format::Native);
            if let Some(why) = why {
                found.push(format!("{name}: {why}\n  {input}"));
            } else if ran.verdict.events > example.events {
                found.push(format!("{name}: {:?}\n  {input}", ran.verdict));
            }
        }
    }
    check(&found);
}

/// Where the event ends in a record, with the quote behind it if it is a text; past the end when it
/// stands there in another form.
fn end_of_event(whole: &str) -> usize {
    let event = refused().to_string();
    let quoted = Value::from(event.as_str()).to_string();
    let end = |text: &str| whole.find(text).map(|at| at + text.len());
    end(&quoted[1..]).or_else(|| end(&event)).unwrap_or(usize::MAX)
}

fn contains(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|part| part == text.as_bytes())
}

#[test]
fn a_cut_anywhere_keeps_the_refusal() {
    let mut found = Vec::new();
    for (name, example) in all() {
        let whole = wrap(example.text, &refused());
        let end = end_of_event(&whole);
        for at in (1..whole.len()).filter(|at| whole.is_char_boundary(*at)) {
            for format in [Format::Native, Format::Ocsf] {
                let (ran, why) = wrong(&whole[..at], format);
                if let Some(why) = why {
                    found.push(format!("{name}: {why}\n  {}", &whole[..at]));
                }
                let is_whole = at >= end && example.events > 0;
                if is_whole && (ran.verdict.events == 0 || !contains(&ran.out, "ana")) {
                    found.push(format!("{name}: lost {:?}\n  {}", ran.verdict, &whole[..at]));
                }
            }
        }
    }
    check(&found);
}

/// Pointers to the members of a value, but for those of the event itself.
fn members(value: &Value, at: &str, out: &mut Vec<String>) {
    if value.get("auditID").is_some() || value.get("AuditId").is_some() {
        return;
    }
    let steps: Vec<(String, &Value)> = match value {
        Value::Object(object) => object.iter().map(|(key, value)| (key.clone(), value)).collect(),
        Value::Array(list) => {
            list.iter().enumerate().map(|(at, value)| (at.to_string(), value)).collect()
        }
        _ => return,
    };
    for (step, value) in steps {
        let at = format!("{at}/{}", step.replace('~', "~0").replace('/', "~1"));
        members(value, &at, out);
        out.push(at);
    }
}

/// Whether the event stands in a value, in whatever form.
fn carries(value: &Value) -> bool {
    let text = value.to_string();
    ["own-1", "H4sI", "eyJ", "[123,34,"].iter().any(|part| text.contains(part)) || text.len() > 600
}

#[test]
fn members_of_odd_types_cost_no_event() {
    let odd = [
        json!(null),
        json!(true),
        json!(7),
        json!(-1.5),
        json!(""),
        json!("odd"),
        json!("{broken"),
        json!([]),
        json!([1, "2"]),
        json!([[]]),
        json!({}),
        json!({"a": {"b": [1]}}),
    ];
    let mut found = Vec::new();
    for (name, example) in all().filter(|(_, example)| example.events > 0) {
        let whole: Value = match serde_json::from_str(&wrap(example.text, &refused())) {
            Ok(whole) => whole,
            Err(_) => continue, // a list of several texts
        };
        let mut pointers = Vec::new();
        members(&whole, "", &mut pointers);
        for pointer in &pointers {
            // A byte that is none leaves a line that is no JSON, like those of other programs.
            if whole.pointer(pointer).is_some_and(carries) || pointer.starts_with("/MESSAGE/") {
                continue;
            }
            for odd in &odd {
                let mut input = whole.clone();
                *input.pointer_mut(pointer).expect("a member") = odd.clone();
                let (ran, why) = wrong(&input.to_string(), Format::Native);
                let lost = ran.verdict.lines() == 0;
                if let Some(why) = why {
                    found.push(format!("{name}: {pointer} = {odd}: {why}"));
                } else if lost || ran.verdict.events > example.events {
                    found.push(format!("{name}: {pointer} = {odd}: {:?}\n  {input}", ran.verdict));
                }
            }
        }
    }
    check(&found);
}

#[test]
fn the_output_of_another_container_is_no_audit_log() {
    const OTHER: &str =
        r#""kubernetes":{"container_name":"app","pod_name":"till-1","namespace_name":"shop"}"#;
    let mut found = Vec::new();
    for (name, example) in all().filter(|(_, example)| example.events > 0) {
        let whole = wrap(example.text, &refused());
        let Some(inside) = whole.strip_suffix('}').filter(|_| whole.starts_with('{')) else {
            continue;
        };
        if whole.contains("\"kubernetes\":") {
            continue; // says already whose it is
        }
        let input = format!("{inside},{OTHER}}}");
        let (ran, why) = wrong(&input, Format::Native);
        if ran.verdict.events > 0 || ran.verdict.lines() == 0 {
            found.push(format!("{name}: {:?} {why:?}\n  {input}", ran.verdict));
        }
    }
    check(&found);
}
