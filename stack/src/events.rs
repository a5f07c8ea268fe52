//! Audit events: the corpus, and ones made for what is tested.

use std::fs;
use std::path::{Path, PathBuf};

use serde_json::{Value, json};

/// Lines and files of the corpus as a shipper reads them, one record each.
///
/// A `.json` file is one record, its line breaks made blanks; the others hold one a line. The YAML
/// files are the same events again.
pub fn corpus() -> std::io::Result<Vec<String>> {
    let mut files = Vec::new();
    collect(&Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/corpora"), &mut files)?;
    files.sort();
    let mut records = Vec::new();
    for path in files {
        let text = fs::read_to_string(&path)?;
        if path.extension().is_some_and(|end| end == "json") {
            records.push(text.replace(['\n', '\r'], " "));
        } else {
            records.extend(text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned));
        }
    }
    Ok(records)
}

fn collect(folder: &Path, files: &mut Vec<PathBuf>) -> std::io::Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, files)?;
        } else if path.extension().is_some_and(|e| e == "json" || e == "ndjson" || e == "log") {
            files.push(path);
        }
    }
    Ok(())
}

/// An event that the API server answered with 200, or 201 for `create`. `resource` is
/// `group/resource/subresource`, with an empty group for the core; `more` replaces members.
pub fn event(verb: &str, resource: &str, namespace: &str, name: &str, more: &Value) -> Value {
    let mut parts = resource.splitn(3, '/');
    let (group, plural) = (parts.next().unwrap_or(""), parts.next().unwrap_or(""));
    let sub = parts.next().unwrap_or("");
    let mut uri = if group.is_empty() { "/api/v1".to_owned() } else { format!("/apis/{group}/v1") };
    if !namespace.is_empty() {
        uri = format!("{uri}/namespaces/{namespace}");
    }
    uri = format!("{uri}/{plural}");
    for part in [name, sub].into_iter().filter(|part| !part.is_empty()) {
        uri = format!("{uri}/{part}");
    }
    let mut object = json!({"resource": plural, "apiVersion": "v1"});
    for (key, value) in
        [("namespace", namespace), ("name", name), ("apiGroup", group), ("subresource", sub)]
    {
        if !value.is_empty() {
            object[key] = value.into();
        }
    }
    let mut event = json!({
        "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "RequestResponse",
        "stage": "ResponseComplete", "requestURI": uri, "verb": verb,
        "user": {"username": "jane@example.com", "groups": ["developers", "system:authenticated"]},
        "sourceIPs": ["203.0.113.7"],
        "userAgent": "kubectl/v1.33.1 (linux/amd64) kubernetes/8adc0f0",
        "objectRef": object,
        "responseStatus": {"metadata": {}, "code": if verb == "create" { 201 } else { 200 }},
        "requestReceivedTimestamp": "2026-03-04T05:06:07.000100Z",
        "stageTimestamp": "2026-03-04T05:06:07.012300Z",
        "annotations": {"authorization.k8s.io/decision": "allow",
                        "authorization.k8s.io/reason": ""},
    });
    for (key, value) in more.as_object().into_iter().flatten() {
        event[key] = value.clone();
    }
    event
}

/// Gives each event an `auditID` of its own.
pub fn numbered(lead: &str, events: Vec<Value>) -> Vec<String> {
    let number = |(at, mut event): (usize, Value)| {
        event["auditID"] = format!("{lead}-{at:04}").into();
        event.to_string()
    };
    events.into_iter().enumerate().map(number).collect()
}

/// What every planted secret holds.
pub const CANARY: &str = "zqcanary";

/// Events with secrets where clients put them. In each the text is `zqcanary` and a number, one
/// word to every analyser.
pub fn planted() -> Vec<String> {
    let mut count = 0;
    let mut secret = || {
        count += 1;
        format!("{CANARY}{count:02}")
    };
    let body = |body: Value| json!({"requestObject": body});
    let manifest = |data: &str| {
        json!({"apiVersion": "v1", "kind": "Secret", "metadata": {"name": "till"},
               "stringData": {"password": data}})
    };
    let events = vec![
        event("create", "/secrets", "shop", "till", &body(manifest(&secret()))),
        event(
            "patch",
            "/secrets",
            "shop",
            "till",
            &body(json!({"stringData": {"token": secret()}})),
        ),
        event(
            "patch",
            "/secrets",
            "shop",
            "till",
            &body(json!([{"op": "add", "path": "/stringData/k", "value": secret()}])),
        ),
        event("get", "/secrets", "shop", "till", &json!({"responseObject": manifest(&secret())})),
        event(
            "list",
            "/secrets",
            "shop",
            "",
            &json!({"responseObject": {"kind": "SecretList", "apiVersion": "v1",
                                       "items": [manifest(&secret())]}}),
        ),
        event(
            "create",
            "apps/deployments",
            "shop",
            "till",
            &body(json!({"kind": "Deployment", "spec": {"template": {"spec": {"containers": [
                {"name": "till", "image": "till:1",
                 "env": [{"name": "DB_PASSWORD", "value": secret()}]}]}}}})),
        ),
        event(
            "create",
            "/configmaps",
            "shop",
            "till",
            &body(json!({"kind": "ConfigMap", "data": {"api-key": secret()}})),
        ),
        event(
            "create",
            "/serviceaccounts/token",
            "shop",
            "till",
            &json!({"responseObject": {"kind": "TokenRequest", "status": {"token": secret()}}}),
        ),
        event(
            "create",
            "authentication.k8s.io/tokenreviews",
            "",
            "",
            &body(json!({"kind": "TokenReview", "spec": {"token": secret()}})),
        ),
        event(
            "patch",
            "apps/deployments",
            "shop",
            "till",
            &body(json!({"metadata": {"annotations": {
                "kubectl.kubernetes.io/last-applied-configuration":
                    manifest(&secret()).to_string()}}})),
        ),
    ];
    numbered("planted", events)
}
