//! Deterministic inputs, each a list of lines.

use std::fmt::Write as _;
use std::path::Path;

use bytes::Bytes;
use indexmap::IndexMap;
use serde_json::Value;
use serde_json::value::RawValue;

/// A named input.
pub struct Input {
    /// Name in reports.
    pub name: &'static str,
    /// Lines without newlines.
    pub lines: Vec<Bytes>,
}

impl Input {
    fn new(name: &'static str, lines: Vec<Bytes>) -> Self {
        Self { name, lines }
    }

    /// Bytes of all lines.
    pub fn bytes(&self) -> u64 {
        self.lines.iter().map(|line| line.len() as u64).sum()
    }
}

fn corpus(path: &str) -> Vec<u8> {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/corpora").join(path);
    std::fs::read(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn lines(text: &[u8]) -> Vec<Bytes> {
    text.split(|b| *b == b'\n')
        .filter(|line| !line.is_empty())
        .map(Bytes::copy_from_slice)
        .collect()
}

/// The event at level Metadata: no bodies, all else as the API server wrote it.
fn without_bodies(event: &[u8]) -> Bytes {
    let mut members: IndexMap<String, Box<RawValue>> =
        serde_json::from_slice(event).expect("corpus");
    members.shift_remove("requestObject");
    members.shift_remove("responseObject");
    let level = RawValue::from_string("\"Metadata\"".into()).expect("json");
    members.insert("level".into(), level);
    serde_json::to_vec(&members).expect("event").into()
}

/// Every v1 event of the corpus at level Metadata: native ones, and the others without bodies.
///
/// # Panics
/// When a corpus file is missing or not what it was.
pub fn metadata() -> Input {
    let mut events = Vec::new();
    for file in [
        "openshift-clo/audit_in.log",
        "eks-panther/aws_eks_rules-tests.ndjson",
        "vanilla-audit2rbac/demo.log",
    ] {
        events.extend(lines(&corpus(file)).iter().map(|line| without_bodies(line)));
    }
    let azure: Value = serde_json::from_slice(&corpus("aks-sysdig/event.json")).expect("corpus");
    for record in azure["records"].as_array().into_iter().flatten() {
        let log = record["properties"]["log"].as_str().expect("log");
        events.push(without_bodies(log.as_bytes()));
    }
    Input::new("metadata", events)
}

/// The OpenShift log at level RequestResponse, as it is.
pub fn request_response() -> Input {
    Input::new("request-response", lines(&corpus("openshift-clo/audit_in.log")))
}

/// One part RequestResponse lines, four parts Metadata lines.
pub fn mix() -> Input {
    let mut all = request_response().lines;
    for _ in 0..4 {
        all.extend(metadata().lines);
    }
    Input::new("mix", all)
}

/// One event of about 1 MiB: a list of pods with environment variables.
pub fn one_mib() -> Input {
    let mut items = String::new();
    let mut number = 0;
    while items.len() < 1 << 20 {
        if number > 0 {
            items.push(',');
        }
        let _ = write!(
            items,
            r#"{{"metadata":{{"name":"web-{number}","namespace":"prod","uid":"5f119e65-117d-46dd-bd5b-{number:012}","labels":{{"app":"web","app.kubernetes.io/name":"web"}},"annotations":{{"example.org/note":"rolled out by pipeline {number}"}}}},"spec":{{"containers":[{{"name":"web","image":"registry.example.org/web:1.{number}","env":[{{"name":"LOG_LEVEL","value":"info"}},{{"name":"REGION","value":"eu-west-1"}},{{"name":"DB_PASSWORD","valueFrom":{{"secretKeyRef":{{"name":"db","key":"password"}}}}}}],"resources":{{"limits":{{"cpu":"500m","memory":"256Mi"}}}},"ports":[{{"containerPort":8080,"protocol":"TCP"}}]}}],"nodeName":"node-{number}","serviceAccountName":"web"}},"status":{{"phase":"Running","podIP":"10.0.0.{}","startTime":"2026-01-01T00:00:00Z"}}}}"#,
            number % 256
        );
        number += 1;
    }
    let line = format!(
        r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":"b6560098-0bbb-4593-ad6a-9c0022e9dc87","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/prod/pods?limit=5000","verb":"list","user":{{"username":"alice","groups":["system:authenticated"]}},"sourceIPs":["10.1.2.3"],"userAgent":"kubectl/v1.30.1 (linux/amd64) kubernetes/6911225","objectRef":{{"resource":"pods","namespace":"prod","apiVersion":"v1"}},"responseStatus":{{"metadata":{{}},"code":200}},"responseObject":{{"kind":"PodList","apiVersion":"v1","metadata":{{"resourceVersion":"1"}},"items":[{items}]}},"requestReceivedTimestamp":"2026-01-01T00:00:00.000001Z","stageTimestamp":"2026-01-01T00:00:00.100001Z","annotations":{{"authorization.k8s.io/decision":"allow","authorization.k8s.io/reason":""}}}}"#
    );
    Input::new("one-mib", vec![line.into()])
}

fn with_body(body: &str) -> Bytes {
    format!(
        r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Request","auditID":"x","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/a/widgets/b","verb":"patch","user":{{"username":"mallory"}},"objectRef":{{"resource":"widgets","namespace":"a","name":"b"}},"responseStatus":{{"code":200}},"requestObject":{body}}}"#
    )
    .into()
}

/// Inputs made to be slow, `bytes` long each; time must stay proportional to that.
pub fn floods(bytes: usize) -> Vec<(&'static str, Bytes)> {
    let repeat = |piece: &str| piece.repeat(bytes / piece.len());
    let list = |piece: &str| {
        let mut all = repeat(piece);
        all.pop();
        all
    };
    vec![
        ("quotes", with_body(&format!("[{}]", list("\"\",")))),
        ("backslashes", with_body(&format!("{{\"a\":\"{}\"}}", repeat("\\\\")))),
        ("unicode-escapes", with_body(&format!("{{\"a\":\"{}\"}}", repeat("\\u0041")))),
        ("brackets", with_body(&format!("{}{}", "[".repeat(bytes / 2), "]".repeat(bytes / 2)))),
        ("numbers", with_body(&format!("[{}]", list("1,")))),
        ("keys", with_body(&format!("{{{}}}", list("\"password\":\"a\",")))),
        ("kinds", with_body(&format!("[{}]", list("{\"kind\":\"Secret\"},")))),
        ("jwt-prefixes", with_body(&format!("{{\"a\":\"{}\"}}", repeat("eyJ")))),
        ("pem-prefixes", with_body(&format!("{{\"a\":\"{}\"}}", repeat("-----BEGIN ")))),
        ("assignments", with_body(&format!("{{\"a\":\"{}\"}}", repeat("token=")))),
        ("percent", with_body(&format!("{{\"a\":\"{}\"}}", repeat("%2541")))),
        ("base64", with_body(&format!("{{\"a\":\"{}\"}}", repeat("QUJD")))),
        ("secrets", {
            let pairs = list("\"k\":\"c2VjcmV0LXZhbHVl\",");
            with_body(&format!("{{\"kind\":\"Secret\",\"data\":{{{pairs}}}}}"))
        }),
        ("documents", {
            let one = "\"{\\\"kind\\\":\\\"Secret\\\",\\\"data\\\":{\\\"a\\\":\\\"b\\\"}}\",";
            with_body(&format!("[{}]", list(one)))
        }),
    ]
}

/// The inputs of the table, in its order.
pub fn all() -> Vec<Input> {
    vec![metadata(), request_response(), mix(), one_mib()]
}

/// The input of this name; `NAME:BYTES` is a flood of that size.
pub fn named(name: &str) -> Option<Input> {
    let Some((flood, bytes)) = name.split_once(':') else {
        return all().into_iter().find(|input| input.name == name);
    };
    let (name, line) = floods(bytes.parse().ok()?).into_iter().find(|(name, _)| *name == flood)?;
    Some(Input::new(name, vec![line]))
}
