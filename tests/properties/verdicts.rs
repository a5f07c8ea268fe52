//! No refusal becomes a success, in whatever spelling it comes and whatever else the event says;
//! and the formats agree about it.

use std::sync::Arc;

use auditweir::{Filter, Format};
use auditweir_tests::dice::Dice;
use auditweir_tests::filtering;
use proptest::prelude::*;
use serde_json::Value;

/// How one event is told of in one format.
#[derive(Debug)]
struct Told {
    outcome: String,
    allowed: bool,
    denied: bool,
}

/// An event, and whether anything in it speaks of a refusal or of what nobody can read.
struct Sample {
    text: String,
    refused: bool,
    readable: bool,
}

/// Codes and what they say: refused, readable.
const CODES: &[(&str, bool, bool)] = &[
    ("", false, true),
    ("200", false, true),
    ("201", false, true),
    ("101", false, true),
    ("200.0", false, true),
    ("\"201\"", false, true),
    ("2.01e2", false, true),
    ("403", true, true),
    ("403.0", true, true),
    ("4.03e2", true, true),
    ("\"403\"", true, true),
    ("\" 401 \"", true, true),
    ("\"422.0\"", true, true),
    ("400", true, true),
    ("404", true, true),
    ("409", true, true),
    ("429", true, true),
    ("500", true, true),
    ("\"503\"", true, true),
    ("599", true, true),
    ("\"Forbidden\"", false, false),
    ("-1", false, false),
    ("1", false, false),
    ("70000", false, false),
    ("200.5", false, false),
    ("\"200 OK\"", false, false),
    ("true", false, false),
];

const STATUSES: &[(&str, bool, bool)] = &[
    ("", false, true),
    ("\"Success\"", false, true),
    ("\"Failure\"", true, true),
    ("\"failure\"", true, true),
    ("\"Fail\\u0075re\"", true, true),
    ("\"Perhaps\"", false, true),
];

const REASONS: &[(&str, bool)] = &[
    ("", false),
    ("\"\"", false),
    ("\"Forbidden\"", true),
    ("\"Unauthorized\"", true),
    ("\"Invalid\"", true),
    ("\"InternalError\"", true),
];

const DECISIONS: &[(&str, bool)] = &[
    ("", false),
    ("\"allow\"", false),
    ("\"forbid\"", true),
    ("\"Forbid\"", true),
    ("\"forb\\u0069d\"", true),
    ("\"deny\"", true),
];

const LOGINS: &[(&str, bool, bool)] = &[
    ("", false, true),
    ("\"allow\"", false, true),
    ("\"deny\"", true, true),
    ("\"error\"", true, true),
    ("\"Deny\"", true, true),
    ("\"maybe\"", false, false),
];

const KEYS: &[(&str, &str)] = &[
    ("authorization.k8s.io/decision", "authentication.openshift.io/decision"),
    ("authorization.k8s.io\\/decision", "authentication.openshift.io\\/decision"),
    ("authorization_k8s_io/decision", "authentication_openshift_io/decision"),
];

const STAGES: &[(&str, bool)] = &[
    ("ResponseComplete", false),
    ("ResponseStarted", false),
    ("RequestReceived", false),
    ("Panic", true),
];

const VERBS: &[&str] =
    &["get", "list", "create", "update", "patch", "delete", "post", "frobnicate"];

/// What an answer of each kind of refusal may say.
const MESSAGES: &[&str] = &[
    "",
    "ok",
    "Unauthorized",
    r#"pods \"web\" is forbidden: User \"u\" cannot get resource"#,
    r#"admission webhook \"w\" denied the request: no"#,
    r#"pods \"web\" is forbidden: exceeded quota: q"#,
    r#"pods \"web\" is invalid: : ValidatingAdmissionPolicy 'p' with binding 'b' denied request: no"#,
];

/// An event of an API server.
fn event(dice: &mut Dice<'_>) -> Sample {
    let mut refused = false;
    let mut readable = true;
    let mut status = Vec::new();
    let (code, bad, clear) = dice.pick(CODES);
    (refused, readable) = (refused | bad, readable & clear);
    if !code.is_empty() {
        status.push(format!("\"code\":{code}"));
    }
    let (text, bad, clear) = dice.pick(STATUSES);
    (refused, readable) = (refused | bad, readable & clear);
    if !text.is_empty() {
        status.push(format!("\"status\":{text}"));
    }
    let (reason, bad) = dice.pick(REASONS);
    refused |= bad;
    if !reason.is_empty() {
        status.push(format!("\"reason\":{reason}"));
    }
    let message = dice.pick(MESSAGES);
    if !message.is_empty() {
        status.push(format!("\"message\":\"{message}\""));
    }
    let mut annotations = Vec::new();
    let (authorization, authentication) = dice.pick(KEYS);
    let (decision, bad) = dice.pick(DECISIONS);
    refused |= bad;
    if !decision.is_empty() {
        annotations.push(format!("\"{authorization}\":{decision}"));
    }
    let (login, bad, clear) = dice.pick(LOGINS);
    (refused, readable) = (refused | bad, readable & clear);
    if !login.is_empty() {
        annotations.push(format!("\"{authentication}\":{login}"));
        annotations.push("\"authentication.openshift.io/username\":\"ana\"".into());
    }
    let (stage, bad) = dice.pick(STAGES);
    refused |= bad;
    let verb = dice.pick(VERBS);
    let mut members = vec![
        format!("\"auditID\":\"{}\"", dice.letters(8)),
        format!("\"stage\":\"{stage}\""),
        format!("\"verb\":\"{verb}\""),
        "\"user\":{\"username\":\"u\"}".to_owned(),
        format!("\"responseStatus\":{{{}}}", status.join(",")),
        format!("\"annotations\":{{{}}}", annotations.join(",")),
    ];
    if dice.one_in(3) {
        members.push("\"requestURI\":\"/login/ldap?then=%2F\"".into());
    } else {
        let query = if dice.one_in(3) { "?dryRun=All" } else { "" };
        members.push(format!("\"requestURI\":\"/api/v1/namespaces/n/pods/web{query}\""));
        let name =
            "\"resource\":\"pods\",\"namespace\":\"n\",\"name\":\"web\",\"apiVersion\":\"v1\"";
        members.push(format!("\"objectRef\":{{{name}}}"));
    }
    // Members come in any order.
    for at in (1..members.len()).rev() {
        members.swap(at, dice.below(at + 1));
    }
    let head = "\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"level\":\"Metadata\"";
    Sample { text: format!("{{{head},{}}}", members.join(",")), refused, readable }
}

/// `status.code` of Google's entries.
const RPC: &[(&str, bool, bool)] = &[
    ("0", false, true),
    ("0.0", false, true),
    ("\"0\"", false, true),
    ("\"OK\"", false, true),
    ("7", true, true),
    ("7.0", true, true),
    ("\"7\"", true, true),
    ("\"PERMISSION_DENIED\"", true, true),
    ("\"permission_denied\"", true, true),
    ("16", true, true),
    ("13", true, true),
    ("403", true, true),
    ("2", false, false),
    ("7.5", false, false),
    ("99", false, false),
    ("\"denied\"", false, false),
    ("false", false, false),
];

/// `granted`: refused, granted.
const GRANTED: &[(&str, bool, bool)] = &[
    (",\"granted\":true", false, true),
    (",\"granted\":\"true\"", false, true),
    (",\"granted\":false", true, false),
    (",\"granted\":\"false\"", true, false),
    (",\"granted\":null", false, false),
    ("", false, false),
];

/// An entry of Google's audit log.
fn entry(dice: &mut Dice<'_>) -> Sample {
    let mut refused = false;
    let mut readable = true;
    let mut status = Vec::new();
    let mut has_status = true;
    match dice.below(4) {
        0 | 1 => {
            let (code, bad, clear) = dice.pick(RPC);
            (refused, readable) = (refused | bad, readable & clear);
            status.push(format!("\"code\":{code}"));
        }
        2 => {
            let (message, bad) = dice.pick(&[("PERMISSION_DENIED", true), ("no idea", false)]);
            (refused, readable) = (refused | bad, readable & bad);
            status.push(format!("\"message\":\"{message}\""));
        }
        _ => has_status = dice.one_in(2),
    }
    let mut permissions = Vec::new();
    for _ in 0..dice.below(3) {
        let (granted, bad, good) = dice.pick(GRANTED);
        (refused, readable) = (refused | bad, readable && (good || bad));
        permissions.push(format!("{{\"permission\":\"io.k8s.core.v1.pods.create\"{granted}}}"));
    }
    let (decision, bad) = dice.pick(DECISIONS);
    refused |= bad;
    let labels = match decision {
        "" => String::new(),
        _ => format!("\"authorization.k8s.io/decision\":{decision}"),
    };
    let (severity, bad) =
        dice.pick(&[("\"NOTICE\"", false), ("\"ERROR\"", true), ("500", true), ("null", false)]);
    refused |= bad;
    let method = dice.pick(&["pods.create", "pods.list", "pods.exec.create"]);
    let status =
        if has_status { format!(",\"status\":{{{}}}", status.join(",")) } else { String::new() };
    let text = format!(
        "{{\"insertId\":\"{}\",\"severity\":{severity},\"labels\":{{{labels}}},\
         \"timestamp\":\"2026-03-02T10:00:00.010001Z\",\
         \"logName\":\"projects/p/logs/cloudaudit.googleapis.com%2Factivity\",\
         \"resource\":{{\"type\":\"k8s_cluster\",\"labels\":{{}}}},\"protoPayload\":{{\
         \"@type\":\"type.googleapis.com/google.cloud.audit.AuditLog\",\"serviceName\":\"k8s.io\",\
         \"methodName\":\"io.k8s.core.v1.{method}\",\"resourceName\":\"core/v1/namespaces/n/pods/p\",\
         \"authenticationInfo\":{{\"principalEmail\":\"a@b.example\"}},\
         \"authorizationInfo\":[{}]{status}}}}}",
        dice.letters(8),
        permissions.join(","),
    );
    Sample { text, refused, readable }
}

/// The verdict that the one line of `out` tells.
fn told(format: Format, out: &[u8]) -> Option<Told> {
    let document: Value = serde_json::from_slice(out).expect("one line of JSON");
    let text = |pointer: &str| document.pointer(pointer)?.as_str().map(str::to_owned);
    match format {
        Format::Ecs => {
            let types = document.pointer("/event/type")?.as_array()?.clone();
            let is = |name: &str| types.iter().any(|kind| kind == name);
            Some(Told {
                outcome: text("/event/outcome")?,
                allowed: is("allowed"),
                denied: is("denied"),
            })
        }
        Format::Ocsf => {
            let (action, disposition) = (text("/action")?, text("/disposition")?);
            assert_eq!(action == "Allowed", disposition == "Allowed", "{document}");
            assert_eq!(
                action == "Denied",
                matches!(&*disposition, "Blocked" | "Unauthorized"),
                "{document}"
            );
            Some(Told {
                outcome: text("/status")?.to_lowercase(),
                allowed: action == "Allowed",
                denied: action == "Denied",
            })
        }
        Format::Otel => {
            let record = document.pointer("/resourceLogs/0/scopeLogs/0/logRecords/0/attributes")?;
            let find = |key: &str| {
                let found = record.as_array()?.iter().find(|one| one["key"] == key)?;
                found["value"]["stringValue"].as_str().map(str::to_owned)
            };
            let action = find("k8s.audit.action").unwrap_or_default();
            Some(Told {
                outcome: find("k8s.audit.outcome")?,
                allowed: action == "allowed",
                denied: action == "denied",
            })
        }
        _ => {
            let denied = document.pointer("/auditweir/deniedBy").and_then(Value::as_str);
            let denies = ["authentication", "authorization", "admission", "quota"];
            Some(Told {
                outcome: text("/auditweir/outcome")?,
                allowed: false,
                denied: denied.is_some_and(|who| denies.contains(&who)),
            })
        }
    }
}

fn check(sample: &Sample) {
    let mut all: Vec<(Format, Told)> = Vec::new();
    for format in Format::ALL {
        let mut filter = Filter::new(Arc::clone(&filtering::DEFAULT), format);
        let mut out = Vec::new();
        let verdict = filter.apply(sample.text.as_bytes(), &mut out);
        if verdict.events == 0 {
            continue;
        }
        let told = told(format, &out)
            .unwrap_or_else(|| panic!("{}\n{}", sample.text, String::from_utf8_lossy(&out)));
        let show = || format!("{format:?} {told:?}\n{}", sample.text);
        assert!(!(told.allowed && told.denied), "{}", show());
        assert!(told.outcome != "success" || !told.denied, "{}", show());
        if sample.refused {
            assert_eq!(told.outcome, "failure", "{}", show());
            assert!(!told.allowed, "{}", show());
        } else if !sample.readable {
            assert_ne!(told.outcome, "success", "{}", show());
            assert!(!told.allowed, "{}", show());
        }
        for (other, before) in &all {
            assert_eq!(before.outcome, told.outcome, "{other:?}, {}", show());
            assert_eq!(before.denied, told.denied, "{other:?}, {}", show());
            assert!(
                before.allowed == told.allowed
                    || format == Format::Native
                    || *other == Format::Native,
                "{other:?}, {}",
                show()
            );
        }
        all.push((format, told));
    }
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 4000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_refusal_is_a_success(bytes in proptest::collection::vec(any::<u8>(), 24)) {
        check(&event(&mut Dice::new(&bytes)));
    }

    #[test]
    fn no_refusal_of_google_is_a_success(bytes in proptest::collection::vec(any::<u8>(), 16)) {
        check(&entry(&mut Dice::new(&bytes)));
    }
}
