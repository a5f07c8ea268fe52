//! Any member of an event may come in any type: the event goes on, the rest of it stays, a refusal
//! stays one, and no secret comes out.

use auditweir::Format;
use auditweir_tests::filtering::run;
use serde_json::{Value, json};

/// Every member that the API knows, but for bodies, which may be anything.
const MEMBERS: &[&str] = &[
    "/kind",
    "/apiVersion",
    "/level",
    "/auditID",
    "/stage",
    "/requestURI",
    "/verb",
    "/userAgent",
    "/sourceIPs",
    "/sourceIPs/0",
    "/requestReceivedTimestamp",
    "/stageTimestamp",
    "/user",
    "/user/username",
    "/user/uid",
    "/user/groups",
    "/user/groups/0",
    "/user/extra",
    "/user/extra/scopes",
    "/user/extra/scopes/0",
    "/impersonatedUser",
    "/impersonatedUser/username",
    "/impersonatedUser/uid",
    "/impersonatedUser/groups",
    "/impersonatedUser/groups/0",
    "/impersonatedUser/extra",
    "/impersonatedUser/extra/scopes",
    "/objectRef",
    "/objectRef/resource",
    "/objectRef/namespace",
    "/objectRef/name",
    "/objectRef/uid",
    "/objectRef/apiGroup",
    "/objectRef/apiVersion",
    "/objectRef/resourceVersion",
    "/objectRef/subresource",
    "/responseStatus",
    "/responseStatus/metadata",
    "/responseStatus/status",
    "/responseStatus/message",
    "/responseStatus/reason",
    "/responseStatus/details",
    "/responseStatus/code",
    "/annotations",
    "/annotations/authorization.k8s.io~1reason",
    "/annotations/other",
];

const SECRET: &str = "Y29ycmVjdC1ob3JzZS1iYXR0ZXJ5";

fn event() -> Value {
    json!({
        "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "Request", "auditID": "a-1",
        "stage": "ResponseComplete", "requestURI": "/api/v1/namespaces/shop/secrets", "verb": "create",
        "user": {"username": "ana", "uid": "u-1", "groups": ["dev"], "extra": {"scopes": ["a"]}},
        "impersonatedUser": {"username": "bob", "uid": "u-2", "groups": ["ops"], "extra": {"scopes": ["b"]}},
        "sourceIPs": ["203.0.113.9"], "userAgent": "kubectl/v1.31.2",
        "objectRef": {"resource": "secrets", "namespace": "shop", "name": "till", "uid": "o-1",
            "apiGroup": "", "apiVersion": "v1", "resourceVersion": "7", "subresource": ""},
        "responseStatus": {"metadata": {}, "status": "Failure", "message": "no", "reason": "Forbidden",
            "details": {}, "code": 403},
        "requestObject": {"kind": "Secret", "apiVersion": "v1", "data": {"pw": SECRET}},
        "requestReceivedTimestamp": "2026-03-02T10:00:00.000001Z",
        "stageTimestamp": "2026-03-02T10:00:00.010001Z",
        "annotations": {"authorization.k8s.io/decision": "forbid", "authorization.k8s.io/reason": "", "other": "x"},
    })
}

#[test]
fn any_member_may_come_in_any_type() {
    let odd = [
        json!("odd"),
        json!(""),
        json!("{\"a\":1}"),
        json!("{broken"),
        json!(7),
        json!(-1.5),
        json!(true),
        json!(null),
        json!([]),
        json!(["odd"]),
        json!(["odd", "odd"]),
        json!([["odd"]]),
        json!([{"key": "a", "value": "b"}]),
        json!({}),
        json!({"a": "b"}),
        json!({"a": {"b": [1]}}),
    ];
    let mut wrong = Vec::new();
    for pointer in MEMBERS {
        for odd in &odd {
            let mut event = event();
            let Some(member) = event.pointer_mut(pointer) else { panic!("{pointer}") };
            *member = odd.clone();
            for format in Format::ALL {
                if let Err(why) = check(&event, pointer, format) {
                    wrong.push(format!("{pointer} = {odd} ({format:?}): {why}"));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}\n{}", wrong.len(), wrong.join("\n"));
}

fn check(event: &Value, pointer: &str, format: Format) -> Result<(), String> {
    let ran = run(event.to_string().as_bytes(), format);
    let out = String::from_utf8(ran.out).map_err(|error| error.to_string())?;
    if (ran.verdict.events, ran.verdict.lines()) != (1, 1) {
        return Err(format!("{:?} {out}", ran.verdict));
    }
    if out.contains(SECRET) {
        return Err(format!("the secret: {out}"));
    }
    let line: Value = serde_json::from_str(&out).map_err(|error| error.to_string())?;
    match format {
        Format::Native => {
            let first = pointer.split('/').nth(1).unwrap_or_default();
            for (name, value) in event.as_object().into_iter().flatten() {
                let same =
                    name == first || name == "requestObject" || line.get(name) == Some(value);
                // The message of a refusal about a Secret may quote it.
                if !same && name != "responseStatus" {
                    return Err(format!("{name} changed: {out}"));
                }
            }
            if line["auditweir"]["outcome"] != "failure" {
                return Err(format!("outcome: {out}"));
            }
        }
        Format::Ecs if line["event"]["outcome"] != "failure" => return Err(out),
        Format::Ocsf if line["status"] != "Failure" || line["action"] == "Allowed" => {
            return Err(out);
        }
        Format::Otel
            if out.contains(
                "{\"key\":\"k8s.audit.action\",\"value\":{\"stringValue\":\"allowed\"}}",
            ) =>
        {
            return Err(out);
        }
        _ => {}
    }
    Ok(())
}
