//! Envelopes: what is wrapped comes out as it went in, once, whatever it holds; and what a log
//! service cut off keeps what stood before the cut, without showing what that leaves in doubt.

use std::fs;
use std::io::Write as _;

use auditweir::{Format, envelopes};
use auditweir_tests::dice::Dice;
use auditweir_tests::filtering::{Ran, basics, holds_none, run};
use auditweir_tests::{canary, here};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use proptest::prelude::*;
use serde_json::{Map, Value, json};

/// An event with odd texts in it.
fn event(dice: &mut Dice<'_>) -> Value {
    let odd = ["é\u{2028}", "\"\\", "}{", "]\n", "\u{0}", "😀", "$text", "${x}", "\u{feff}", ""];
    let text = |dice: &mut Dice<'_>| {
        let (count, odd) = (dice.below(12), dice.pick(&odd));
        format!("{}{odd}{}", dice.letters(count), dice.letters(3))
    };
    let verb = dice.pick(&["get", "list", "create", "delete", "patch"]);
    let code = dice.pick(&[200, 201, 403, 404, 500]);
    let mut body = Map::new();
    for _ in 0..dice.below(4) {
        let (name, value) = (text(dice), text(dice));
        body.insert(format!("x{name}"), json!([value, { "n": dice.below(1000) }]));
    }
    json!({
        "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "RequestResponse",
        "auditID": dice.letters(12), "stage": "ResponseComplete", "verb": verb,
        "requestURI": format!("/apis/example.com/v1/namespaces/shop/widgets/{}", dice.letters(5)),
        "user": {"username": text(dice), "groups": ["dev", text(dice)]},
        "sourceIPs": ["203.0.113.9"], "userAgent": text(dice),
        "objectRef": {"resource": "widgets", "namespace": "shop", "name": dice.letters(5)},
        "responseStatus": {"code": code},
        "requestObject": {"kind": "Widget", "spec": body},
        "requestReceivedTimestamp": "2026-03-02T10:00:00.000001Z",
        "stageTimestamp": "2026-03-02T10:00:00.010001Z",
    })
}

/// What an event is called in a table of Azure.
fn column(name: &str) -> String {
    match name {
        "auditID" => "AuditId".into(),
        "requestURI" => "RequestUri".into(),
        "sourceIPs" => "SourceIps".into(),
        "requestReceivedTimestamp" => "RequestReceivedTime".into(),
        "stageTimestamp" => "StageReceivedTime".into(),
        "kind" | "apiVersion" => name.into(),
        _ => format!("{}{}", name[..1].to_uppercase(), &name[1..]),
    }
}

/// A value as OpenTelemetry writes it.
fn any_value(value: &Value) -> Value {
    match value {
        Value::Object(members) => json!({"kvlistValue": {"values": members
            .iter()
            .map(|(key, value)| json!({"key": key, "value": any_value(value)}))
            .collect::<Vec<_>>()}}),
        Value::Array(items) => {
            json!({"arrayValue": {"values": items.iter().map(any_value).collect::<Vec<_>>()}})
        }
        Value::String(text) => json!({"stringValue": text}),
        Value::Bool(flag) => json!({"boolValue": flag}),
        Value::Number(number) => json!({"intValue": number.to_string()}),
        Value::Null => json!({}),
    }
}

fn inside(text: &str) -> String {
    let quoted = Value::from(text).to_string();
    quoted[1..quoted.len() - 1].to_owned()
}

/// The example with the event in it.
pub(crate) fn wrap(example: &str, event: &Value) -> String {
    let text = event.to_string();
    let forged = event.to_string().replace(event["auditID"].as_str().expect("text"), "forged");
    let members = event.as_object().expect("object");
    let joined = |parts: Vec<String>| parts.join(",");
    let gzip = |bytes: &[u8]| {
        let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
        encoder.write_all(bytes).expect("memory");
        encoder.finish().expect("memory")
    };
    let mut out = String::new();
    let mut rest = example;
    // In one pass: the event may hold what looks like a place for it.
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let name_end = rest[1..]
            .find(|c: char| !c.is_ascii_lowercase() && !c.is_ascii_digit())
            .map_or(rest.len(), |end| end + 1);
        out.push_str(&match &rest[..name_end] {
            "$text" => inside(&text),
            "$forged" => inside(&forged),
            "$quoted" => inside(&Value::from(text.as_str()).to_string()),
            "$event" => text.clone(),
            "$members" => {
                joined(members.iter().map(|(k, v)| format!("{}:{v}", json!(k))).collect())
            }
            "$bytes" => {
                event.to_string().bytes().map(|byte| byte.to_string()).collect::<Vec<_>>().join(",")
            }
            "$columns" => joined(
                members
                    .iter()
                    .filter(|(key, _)| !matches!(key.as_str(), "kind" | "apiVersion"))
                    .map(|(key, value)| format!("{}:{value}", json!(column(key))))
                    .collect(),
            ),
            "$pairs" => joined(
                members
                    .iter()
                    .map(|(k, v)| json!({"key": k, "value": any_value(v)}).to_string())
                    .collect(),
            ),
            "$base64" => STANDARD.encode(&text),
            "$gzip" => STANDARD.encode(gzip(text.as_bytes())),
            other => panic!("unknown place {other}"),
        });
        rest = &rest[name_end..];
    }
    out + rest
}

/// The events that came out, without what was added.
fn events(ran: &Ran) -> Vec<Map<String, Value>> {
    let text = std::str::from_utf8(&ran.out).expect("UTF-8");
    text.lines()
        .map(|line| {
            let mut event: Map<String, Value> = serde_json::from_str(line).expect("JSON");
            event.remove("auditweir");
            event
        })
        .collect()
}

/// Whether the example holds the event as it is.
pub(crate) fn holds(example: &str) -> bool {
    ["$text", "$event", "$base64", "$gzip", "$quoted", "$columns", "$pairs", "$members", "$bytes"]
        .iter()
        .any(|place| example.contains(place))
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 200, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn what_is_wrapped_comes_out_as_it_went_in(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        let mut dice = Dice::new(&bytes);
        let (one, two) = (event(&mut dice), event(&mut dice));
        let plain: Vec<_> = [&one, &two]
            .iter()
            .flat_map(|event| events(&run(event.to_string().as_bytes(), Format::Native)))
            .collect();
        prop_assert_eq!(plain.len(), 2);
        for (name, examples) in envelopes::examples() {
            for example in examples.iter().filter(|example| holds(example.text)) {
                let input = format!("{}\n{}", wrap(example.text, &one), wrap(example.text, &two));
                let ran = run(input.as_bytes(), Format::Native);
                basics(input.as_bytes(), &ran);
                prop_assert!(!String::from_utf8_lossy(&ran.out).contains("forged"), "{}", name);
                prop_assert_eq!(ran.verdict.events, 2 * example.events, "{}: {}", name, input);
                if example.events == 0 {
                    continue;
                }
                prop_assert_eq!(ran.verdict.lines(), 2, "{}: {}", name, input);
                for (out, plain) in events(&ran).iter().zip(&plain) {
                    for (member, value) in plain {
                        let level = member == "level" && example.text.contains("k8s_audit_level");
                        prop_assert!(level || out.get(member) == Some(value), "{}: {} is {:?} instead of {}", name, member, out.get(member), value);
                    }
                }
            }
        }
    }

    /// No cut makes a secret out of what would have been masked, and none loses the line.
    #[test]
    fn no_cut_shows_a_secret(bytes in proptest::collection::vec(any::<u8>(), 0..200), at in 0..1000usize) {
        let planted = canary::plant(&mut Dice::new(&bytes));
        let cut = &planted.input[..planted.input.len() * at / 1000];
        for ending in [&b""[..], b"[Truncated...]"] {
            let input = [cut, ending].concat();
            for format in Format::ALL {
                let ran = run(&input, format);
                basics(&input, &ran);
                holds_none(&ran, &planted.secrets, planted.place, &input);
            }
        }
    }
}

/// For lines of real logs, cut anywhere: an answer, and everything that stood whole before the cut.
#[test]
fn a_cut_line_keeps_what_stood_before_the_cut() {
    let mut cuts = 0;
    for file in [
        "openshift-clo/audit.log",
        "vanilla-audit2rbac/demo.log",
        "kube-apiserver-1.37.2/audit.log",
    ] {
        let text = fs::read_to_string(here("corpora").join(file)).expect("corpus");
        for (number, line) in text.lines().enumerate().filter(|(number, _)| number % 7 == 0) {
            let whole = run(line.as_bytes(), Format::Native);
            let whole = String::from_utf8(whole.out).expect("UTF-8");
            let event: Value = serde_json::from_str(line).expect("JSON");
            let pieces: Vec<String> = ["auditID", "stage", "verb", "requestURI", "userAgent"]
                .iter()
                .filter_map(|name| Some(format!("\"{name}\":{}", event.get(name)?)))
                .chain(event["user"].get("username").map(|name| format!("\"username\":{name}")))
                .chain(
                    event["objectRef"].get("resource").map(|name| format!("\"resource\":{name}")),
                )
                // what redaction and other spellings leave as it is
                .filter(|piece| line.contains(piece.as_str()) && whole.contains(piece.as_str()))
                .collect();
            let step = (line.len() / 40).max(1);
            for at in (1..line.len()).step_by(step).filter(|at| line.is_char_boundary(*at)) {
                let cut = &line[..at];
                let ran = run(cut.as_bytes(), Format::Native);
                basics(cut.as_bytes(), &ran);
                assert_eq!(ran.verdict.lines(), 1, "{file}:{}: cut at {at}", number + 1);
                if ran.verdict.events == 1 {
                    assert_eq!(ran.verdict.cut, 1);
                    cuts += 1;
                    let out = String::from_utf8(ran.out).expect("UTF-8");
                    for piece in pieces.iter().filter(|piece| cut.contains(piece.as_str())) {
                        assert!(
                            out.contains(piece.as_str()),
                            "{file}:{}: cut at {at}, {piece} is gone from {out}",
                            number + 1
                        );
                    }
                }
            }
        }
    }
    assert!(cuts > 500, "{cuts} cuts gave events");
}
