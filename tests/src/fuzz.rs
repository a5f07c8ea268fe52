//! The fuzz targets: any bytes in, a panic when something that must hold does not.
//!
//! The crate in `fuzz/` runs them under libFuzzer; a test replays the corpus of each on stable.

use std::sync::{Arc, LazyLock};

use auditweir::detect::{Detector, Detectors};
use auditweir::{Format, Policy};
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use crate::dice::Dice;
use crate::filtering::{basics, holds_none, invariants, run, run_with};
use crate::{canary, oracle};

/// A target: its name and what it does with an input.
pub type Target = (&'static str, fn(&[u8]));

/// All targets.
pub const TARGETS: &[Target] = &[
    ("scan", scan),
    ("apply", apply),
    ("apply_structured", apply_structured),
    ("policy", policy),
    ("envelope", envelope),
    ("detect", detect),
];

const FORMATS: [Format; 4] = Format::ALL;

/// The scanner takes exactly the texts that `serde_json` takes. Past its depth limit it does not
/// look, and invalid UTF-8 it replaces; both by decision.
pub fn scan(bytes: &[u8]) {
    let text = String::from_utf8_lossy(bytes);
    if oracle::nesting(text.as_bytes()) > 90 {
        return;
    }
    let framed = oracle::framed(&text);
    assert_eq!(oracle::filter_accepts(&text), oracle::json_accepts(&framed), "{text:?}");
}

/// A secret that no detector knows.
const MARK: &str = "Zq7xMarker9K";

/// Any bytes as a line, and any bytes around a secret inside a Secret.
pub fn apply(bytes: &[u8]) {
    for format in FORMATS {
        let ran = run(bytes, format);
        basics(bytes, &ran);
    }
    let Some((first, rest)) = bytes.split_first() else { return };
    let inside: Vec<u8> = rest.iter().copied().filter(|byte| *byte != b'"').collect();
    let (before, after) = inside.split_at(usize::from(*first) * inside.len() / 256);
    let mut line = br#"{"auditID":"a","stage":"ResponseComplete","verb":"patch","requestURI":"/api/v1/namespaces/a/secrets/b","objectRef":{"resource":"secrets"},"requestObject":{"stringData":{"k":""#.to_vec();
    line.extend_from_slice(before);
    line.extend_from_slice(MARK.as_bytes());
    line.extend_from_slice(after);
    line.extend_from_slice(br#""}}}"#);
    for format in FORMATS {
        let ran = run(&line, format);
        basics(&line, &ran);
        holds_none(&ran, &[MARK.to_owned()], "around a secret", &line);
    }
}

/// Events with secrets at the places of the leak surface.
pub fn apply_structured(bytes: &[u8]) {
    let planted = canary::plant(&mut Dice::new(bytes));
    for format in FORMATS {
        let ran = run(&planted.input, format);
        invariants(&planted.input, &ran, format);
        holds_none(&ran, &planted.secrets, planted.place, &planted.input);
    }
}

/// Any text as a policy; one that compiles is used.
pub fn policy(bytes: &[u8]) {
    let Ok(text) = std::str::from_utf8(bytes) else { return };
    let Ok(policy) = Policy::from_yaml(text) else { return };
    let Ok(policy) = policy.compile() else { return };
    let policy = Arc::new(policy);
    for line in POLICY_LINES {
        for format in FORMATS {
            let ran = run_with(&policy, line.as_bytes(), format);
            let text = std::str::from_utf8(&ran.out).expect("UTF-8");
            for line in text.lines() {
                let parsed = serde_json::from_str::<&serde_json::value::RawValue>(line);
                assert!(parsed.is_ok(), "output is not JSON: {line}");
            }
            assert_eq!(text.lines().count(), ran.verdict.lines() as usize);
        }
    }
}

const POLICY_LINES: [&str; 3] = [
    r#"{"kind":"Event","auditID":"a","stage":"ResponseComplete","verb":"create","requestURI":"/api/v1/namespaces/a/secrets/b?x=1","user":{"username":"jane@example.com","groups":["a","b"]},"objectRef":{"resource":"secrets","name":"b"},"requestObject":{"kind":"Secret","metadata":{"name":"b" ,"managedFields":[] },"data":{"a":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa", "b":"käse\u00e9","c":12,"d":{"e":[1,2]}}},"responseObject":{"a":[1,2,3]}}"#,
    r#"{"auditID":"a","stage":"Panic","verb":"get","requestURI":"/x","requestObject":{"spec":{"password":"hunter2","a":{"b":"c"},"list":[{"name":"DB_PASSWORD","value":"x"},{"name":"A","value":"y"}],"doc":"{\"kind\":\"Secret\",\"data\":{\"k\":\"v\"}}"}},"sourceIPs":["10.0.0.1"]}"#,
    r#"{"auditID":"a","stage":"Panic","#,
];

/// Any bytes inside the wrappers that hosts deliver.
pub fn envelope(bytes: &[u8]) {
    let Some((kind, rest)) = bytes.split_first() else { return };
    let text = serde_json::to_string(&String::from_utf8_lossy(rest)).expect("JSON");
    let encoded = STANDARD.encode(rest);
    let input: Vec<u8> = match kind % 12 {
        0 => format!(r#"{{"log":{text}}}"#).into_bytes(),
        1 => format!(r#"{{"message":{text}}}"#).into_bytes(),
        2 => format!(r#"{{"awslogs":{{"data":"{encoded}"}}}}"#).into_bytes(),
        3 => format!(r#"{{"messageType":"DATA_MESSAGE","logEvents":[{{"message":{text}}},{{"message":{text}}}]}}"#).into_bytes(),
        4 => format!(r#"{{"records":[{{"properties":{{"log":{text}}}}}]}}"#).into_bytes(),
        5 => [br#"{"records":["#.as_slice(), rest, b"]}"].concat(),
        6 => [br#"{"protoPayload":{"methodName":"io.k8s.core.v1.secrets.create","request":"#.as_slice(), rest, b"}}"].concat(),
        7 => [b"2026-01-01T00:00:00.000000000Z stdout F ".as_slice(), rest].concat(),
        8 => format!(r#"{{"Entry":{{}},"AuditPayload":{text}}}"#).into_bytes(),
        9 => [br#"{"kind":"EventList","items":["#.as_slice(), rest, b"]}"].concat(),
        10 => format!(r#"{{"data":"{encoded}"}}"#).into_bytes(),
        _ => [b"<134>1 2026-01-01T00:00:00Z host app - - - {\"log\":".as_slice(), text.as_bytes(), b"}"].concat(),
    };
    for format in FORMATS {
        let ran = run(&input, format);
        basics(&input, &ran);
    }
}

static DETECTORS: LazyLock<Detectors> = LazyLock::new(|| {
    let default: Vec<Detector> = Detector::ALL.iter().copied().filter(|d| d.default_on()).collect();
    Detectors::new(&default)
});
static ALL_DETECTORS: LazyLock<Detectors> = LazyLock::new(|| Detectors::new(Detector::ALL));

/// Forms simple enough to be found by trying every byte: a prefix, and how many bytes of which
/// letters follow it. They are the rows whose shape is a prefix and one run.
static FORMS: LazyLock<Vec<(&str, usize, char)>> = LazyLock::new(|| {
    let on = Detector::ALL.iter().filter(|detector| detector.default_on());
    on.flat_map(|detector| detector.prefixes()).collect()
});

fn is_of(class: char, byte: u8) -> bool {
    match class {
        'a' => byte.is_ascii_alphanumeric(),
        'h' => byte.is_ascii_hexdigit(),
        _ => byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_'),
    }
}

/// Hits are in order, apart and harmless to JSON, and no simple form is missed.
pub fn detect(bytes: &[u8]) {
    for detectors in [&*DETECTORS, &*ALL_DETECTORS] {
        let mut hits = Vec::new();
        detectors.scan(bytes, &mut hits);
        let mut last = 0;
        for hit in &hits {
            assert!(
                hit.start >= last && hit.start < hit.end && hit.end as usize <= bytes.len(),
                "{hit:?}"
            );
            last = hit.end;
        }
        let covered = |from: usize, to: usize| {
            hits.iter().any(|hit| hit.start as usize <= from && hit.end as usize >= to)
        };
        let mut from = 0;
        while from < bytes.len() {
            let found = FORMS.iter().find_map(|(prefix, least, class)| {
                let rest = bytes[from..].strip_prefix(prefix.as_bytes())?;
                let rest = rest.iter().take(*least);
                let length = rest.take_while(|byte| is_of(*class, **byte)).count();
                (length == *least).then_some(prefix.len() + least)
            });
            let Some(length) = found else {
                from += 1;
                continue;
            };
            // Two credentials that share bytes may be covered by two hits.
            let whole =
                covered(from, from + length) || (from..from + length).all(|at| covered(at, at + 1));
            assert!(whole, "missed at {from}: {:?}", String::from_utf8_lossy(bytes));
            from += 1;
        }
    }
}
