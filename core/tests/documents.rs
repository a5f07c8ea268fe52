//! Whole documents, through the entry that hosts call.

use std::collections::BTreeMap;
use std::sync::Arc;

use auditweir::fields::FieldType;
use auditweir::{Filter, Format, Policy};
use serde_json::{Value, json};

/// Formats whose documents have little of the event's own shape.
const SCHEMAS: [Format; 2] = [Format::ALL[2], Format::ALL[3]];

fn filter(format: Format, policy: &str) -> Filter {
    let policy = Policy::from_yaml(policy).unwrap().compile().unwrap();
    Filter::new(Arc::new(policy), format)
}

/// One document per event; fails on anything but single lines of JSON without double members.
fn documents(filter: &mut Filter, input: &[u8]) -> Vec<Value> {
    let mut out = Vec::new();
    filter.apply(input, &mut out);
    assert_eq!(out.last(), Some(&b'\n'));
    out.pop();
    out.split(|byte| *byte == b'\n')
        .map(|line| {
            serde_json::from_slice::<Strict>(line)
                .unwrap_or_else(|error| panic!("{error} in {}", String::from_utf8_lossy(line)))
                .0
        })
        .collect()
}

fn ecs(event: &Value) -> Value {
    ecs_with("version: 1", event)
}

fn ecs_with(policy: &str, event: &Value) -> Value {
    documents(&mut filter(Format::Ecs, policy), event.to_string().as_bytes()).remove(0)
}

/// JSON without double members.
struct Strict(Value);

impl<'de> serde::Deserialize<'de> for Strict {
    fn deserialize<D: serde::Deserializer<'de>>(from: D) -> Result<Self, D::Error> {
        struct Visitor;
        impl<'de> serde::de::Visitor<'de> for Visitor {
            type Value = Strict;
            fn expecting(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
                f.write_str("JSON without double members")
            }
            fn visit_map<A: serde::de::MapAccess<'de>>(
                self,
                mut map: A,
            ) -> Result<Strict, A::Error> {
                let mut all = serde_json::Map::new();
                while let Some((key, Strict(value))) = map.next_entry::<String, Strict>()? {
                    if all.insert(key.clone(), value).is_some() {
                        return Err(serde::de::Error::custom(format!("double member {key}")));
                    }
                }
                Ok(Strict(Value::Object(all)))
            }
            fn visit_seq<A: serde::de::SeqAccess<'de>>(
                self,
                mut seq: A,
            ) -> Result<Strict, A::Error> {
                let mut all = Vec::new();
                while let Some(Strict(value)) = seq.next_element()? {
                    all.push(value);
                }
                Ok(Strict(Value::Array(all)))
            }
            fn visit_str<E>(self, v: &str) -> Result<Strict, E> {
                Ok(Strict(v.into()))
            }
            fn visit_bool<E>(self, v: bool) -> Result<Strict, E> {
                Ok(Strict(v.into()))
            }
            fn visit_u64<E>(self, v: u64) -> Result<Strict, E> {
                Ok(Strict(v.into()))
            }
            fn visit_i64<E>(self, v: i64) -> Result<Strict, E> {
                Ok(Strict(v.into()))
            }
            fn visit_f64<E>(self, v: f64) -> Result<Strict, E> {
                Ok(Strict(v.into()))
            }
            fn visit_unit<E>(self) -> Result<Strict, E> {
                Ok(Strict(Value::Null))
            }
        }
        from.deserialize_any(Visitor)
    }
}

fn event(more: &Value) -> Value {
    let mut event = json!({
        "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "RequestResponse",
        "auditID": "8c9c", "stage": "ResponseComplete", "requestURI": "/api/v1/namespaces/n/pods/p?a=1",
        "verb": "get", "user": {"username": "alice"}, "sourceIPs": ["10.0.0.1"],
        "objectRef": {"resource": "pods", "namespace": "n", "name": "p", "apiVersion": "v1"},
        "responseStatus": {"metadata": {}, "code": 200},
        "requestReceivedTimestamp": "2026-01-02T03:04:05.000006Z",
        "stageTimestamp": "2026-01-02T03:04:05.001006Z",
    });
    for (key, value) in more.as_object().unwrap() {
        event[key] = value.clone();
    }
    event
}

/// Events that together have every field.
fn samples() -> Vec<Value> {
    let list = include_str!("samples.ndjson");
    list.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[cfg(feature = "rules")]
const SAMPLES_POLICY: &str = concat!(include_str!("samples.yaml"), "rules: {}\n");
#[cfg(not(feature = "rules"))]
const SAMPLES_POLICY: &str = include_str!("samples.yaml");
/// Fields that only rules fill.
const OF_RULES: [&str; 5] =
    ["rule.", "threat.", "event.severity", "auditweir.alert", "auditweir.findings"];

const FLAT: [&str; 2] = ["kubernetes.audit.requestObject", "kubernetes.audit.responseObject"];
const OPEN: [&str; 3] = [
    "kubernetes.audit.annotations.",
    "kubernetes.audit.user.extra.",
    "kubernetes.audit.impersonatedUser.extra.",
];
const DOTTED: &str = "authentication.kubernetes.io/";

fn leaves(path: &str, value: &Value, found: &mut BTreeMap<String, Vec<Value>>) {
    let name = OPEN.iter().find(|open| path.starts_with(**open));
    let name = name.map_or_else(|| path.to_owned(), |open| format!("{open}*"));
    match value {
        Value::Object(members) if !FLAT.contains(&path) => {
            assert!(!members.is_empty(), "empty object at {path}");
            for (key, value) in members {
                assert!(!key.contains('.') || key.starts_with(DOTTED), "{path}: {key}");
                let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
                leaves(&path, value, found);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| leaves(path, item, found)),
        _ => found.entry(name).or_default().push(value.clone()),
    }
}

fn fits(kind: FieldType, value: &Value) -> bool {
    match kind {
        FieldType::Keyword | FieldType::Wildcard | FieldType::MatchOnlyText => {
            value.as_str().is_some_and(|text| text.chars().count() <= 8191)
        }
        FieldType::Long => value.is_u64(),
        FieldType::Boolean => value.is_boolean(),
        FieldType::Ip => {
            value.as_str().is_some_and(|text| text.parse::<std::net::IpAddr>().is_ok())
        }
        FieldType::Date => {
            value.as_str().is_some_and(|text| text.len() >= 20 && text.contains('T'))
        }
        FieldType::Flattened => value.is_object(),
        other => panic!("nothing says what {other:?} holds"),
    }
}

#[test]
fn documents_have_the_fields_of_the_table() {
    let mut filter = filter(Format::Ecs, SAMPLES_POLICY);
    let mut seen = BTreeMap::new();
    for sample in samples() {
        for document in documents(&mut filter, sample.to_string().as_bytes()) {
            let mut found = BTreeMap::new();
            leaves("", &document, &mut found);
            assert!(found.len() < 300);
            for (name, mut values) in found {
                seen.entry(name).or_insert_with(Vec::new).append(&mut values);
            }
        }
    }
    assert_eq!(seen.remove("labels.team").unwrap(), ["blue"]);
    let fields = Format::Ecs.fields();
    for (name, values) in &seen {
        let field = fields.iter().find(|field| field.name == name);
        let field = field.unwrap_or_else(|| panic!("{name} is not in the table"));
        for value in values {
            assert!(fits(field.kind, value), "{name}: {value} is no {:?}", field.kind);
        }
    }
    for field in fields.iter().filter(|field| !field.of_stubs()) {
        if cfg!(not(feature = "rules")) && OF_RULES.iter().any(|of| field.name.contains(of)) {
            continue;
        }
        assert!(seen.contains_key(field.name), "no document has {}", field.name);
    }
}

#[test]
fn keys_are_dedotted_and_never_double() {
    let event = event(&json!({
        "annotations": {
            "a.b/c": "1", "a_b/c": "2", "a.b_c": "3", "a_b/c_2": "4", "": "lost", " ": "lost",
            "authorization.k8s.io/decision": "allow", "authorization_k8s_io/decision": "fake",
            "number": 1,
        },
        "user": {"username": "u", "extra": {
            "authentication": ["x"], "authentication.kubernetes.io/pod-name": ["p"],
            "example.com/a": ["1"], "example_com/a": ["2"], "odd": "text",
        }},
    }));
    let audit = &ecs(&event)["kubernetes"]["audit"];
    assert_eq!(
        audit["annotations"],
        json!({
            "a_b/c": "1", "a_b/c_2": "2", "a_b_c": "3", "a_b/c_2_2": "4",
            "authorization_k8s_io/decision": "allow", "authorization_k8s_io/decision_2": "fake",
        })
    );
    assert_eq!(
        audit["user"]["extra"],
        json!({
            "authentication_": ["x"], "authentication.kubernetes.io/pod-name": ["p"],
            "example_com/a": ["1"], "example_com/a_2": ["2"],
        })
    );
    let extra: Value = serde_json::from_str(audit["extra"].as_str().unwrap()).unwrap();
    assert_eq!(
        extra,
        json!({"annotations.": "lost", "annotations. ": "lost", "annotations.number": 1,
               "user.extra.odd": "text"})
    );
}

#[test]
fn double_keys_in_open_objects_do_not_double() {
    let text = event(&json!({})).to_string();
    let text = text.replace(
        "\"kind\":\"Event\"",
        r#""kind":"Event","annotations":{"k8s.io/x":"1","k8s.io/x":"2","authorization.k8s.io/reason":"a","authorization.k8s.io/reason":"b"}"#,
    );
    let document = documents(&mut filter(Format::Ecs, "version: 1"), text.as_bytes()).remove(0);
    assert_eq!(
        document["kubernetes"]["audit"]["annotations"],
        json!({"k8s_io/x": "1", "k8s_io/x_2": "2", "authorization_k8s_io/reason": "a",
               "authorization_k8s_io/reason_2": "b"})
    );
}

#[test]
fn bodies_that_an_index_could_refuse_become_text() {
    let deep = |levels: usize| format!("{}1{}", "{\"a\":".repeat(levels), "}".repeat(levels));
    let many = |last: &str| {
        let keys: Vec<_> = (0..200).map(|at| format!("\"key-{at:08}\":1")).collect();
        format!("{{{},\"{last}\":2}}", keys.join(","))
    };
    for (body, safe) in [
        (r#"{"a":{"b.c":[1,{"d":null}]}}"#.to_owned(), true),
        (deep(18), true),
        (deep(20), false),
        (r#"{"":1}"#.into(), false),
        (r#"{"a":{"..":1}}"#.into(), false),
        (r#"{"a":{" ":1}}"#.into(), false),
        ("{\"a\":{\"\u{a0}\":1}}".into(), false),
        (r#"{".a":1}"#.into(), true),
        (r#"{"a\u0000b":1}"#.into(), false),
        (r#"{"a":1,"b":2,"a":3}"#.into(), false),
        (r#"{"x":{"a":1},"y":{"a":2},"a":3}"#.into(), true),
        (r#"{"a":1,"\u0061":3}"#.into(), false),
        (many("other"), true),
        (many("key-00000007"), false),
        (many("key-00000199"), false),
        (format!("{{\"a\":{}}}", "9".repeat(200)), false),
        (format!("{{\"{}\":1}}", "k".repeat(600)), false),
    ] {
        let text = event(&json!({"verb": "patch"})).to_string();
        let text = format!("{},\"requestObject\":{body}}}", text.strip_suffix('}').unwrap());
        let document = documents(&mut filter(Format::Ecs, "version: 1"), text.as_bytes()).remove(0);
        let found = &document["kubernetes"]["audit"]["requestObject"];
        if safe {
            assert_eq!(*found, serde_json::from_str::<Value>(&body).unwrap());
        } else {
            assert_eq!(found["text"], body, "{body}");
        }
    }
}

#[test]
fn bodies_by_policy() {
    let body = json!({"spec": {"note": "é".repeat(200), "n": 1}, "list": ["x"]});
    let event = event(&json!({"requestObject": body, "responseObject": [{"op": "test"}]}));
    let audit = |policy: &str| ecs_with(policy, &event)["kubernetes"]["audit"].clone();
    let whole = audit("version: 1");
    assert_eq!(whole["requestObject"], body);
    assert_eq!(whole["responseObject"], json!({"patch": [{"op": "test"}]}));
    let cut = audit("{version: 1, output: {maxBodyText: 100}}");
    let expected = format!("{}…[cut 332 bytes]", "é".repeat(34));
    assert_eq!(cut["requestObject"]["spec"]["note"], expected);
    assert_eq!(cut["requestObject"]["list"], json!(["x"]));
    let text = audit("{version: 1, output: {bodies: text, maxBodyText: 100}}");
    let pieces = text["requestObject"]["text"].as_array().unwrap();
    assert!(pieces.iter().all(|piece| piece.as_str().unwrap().len() <= 100));
    let joined: String = pieces.iter().map(|piece| piece.as_str().unwrap()).collect();
    assert_eq!(serde_json::from_str::<Value>(&joined).unwrap(), body);
    assert_eq!(text["responseObject"]["text"], r#"[{"op":"test"}]"#);
    let none = audit("{version: 1, output: {bodies: none}}");
    assert!(none.get("requestObject").is_none() && none.get("responseObject").is_none());
    let large = audit("{version: 1, output: {maxBody: 64}}");
    assert_eq!(large["requestObject"]["cut"]["bytes"], body.to_string().len());
    assert_eq!(large["responseObject"], json!({"patch": [{"op": "test"}]}));
}

#[test]
fn members_of_odd_type_and_unknown_ones_go_to_extra() {
    let event = event(&json!({
        "stageTimestamp": "yesterday", "requestReceivedTimestamp": "2026-01-02 03:04:05.5",
        "responseStatus": {"metadata": {"continue": "x"}, "status": {"odd": 1}, "code": 404.5},
        "objectRef": {"resource": "pods", "odd": true}, "p_row": {"id": [1, 2]},
        "sourceIPs": ["10.0.0.1", "not-an-ip"],
    }));
    let document = ecs(&event);
    let audit = &document["kubernetes"]["audit"];
    let extra: Value = serde_json::from_str(audit["extra"].as_str().unwrap()).unwrap();
    assert_eq!(
        extra,
        json!({
            "stageTimestamp": "yesterday", "responseStatus.metadata": {"continue": "x"},
            "responseStatus.status": {"odd": 1}, "responseStatus.code": 404.5,
            "objectRef.odd": true, "p_row": {"id": [1, 2]},
        })
    );
    assert_eq!(document["@timestamp"], "2026-01-02T03:04:05.5Z");
    assert_eq!(audit["requestReceivedTimestamp"], "2026-01-02T03:04:05.5Z");
    assert!(audit.get("stageTimestamp").is_none() && audit.get("responseStatus").is_none());
    assert_eq!(document["source"], json!({"address": "not-an-ip"}));
    assert_eq!(document["client"], json!({"ip": "10.0.0.1"}));
    assert_eq!(document["related"]["ip"], json!(["10.0.0.1"]));
    assert_eq!(document["event"]["outcome"], "unknown");
}

#[test]
fn long_texts_are_cut_everywhere() {
    let long = "😀".repeat(20_000);
    let event = event(&json!({
        "requestURI": format!("/{long}?command={long}&command={long}"), "verb": long, "userAgent": long,
        "user": {"username": long, "groups": [long], "extra": {"k": [long, long]}},
        "objectRef": {"resource": long, "subresource": long, "namespace": long, "name": long,
                      "apiGroup": long, "apiVersion": long},
        "responseStatus": {"code": 500, "message": long, "details": {"x": long}},
        "annotations": {"k": long}, "unknown": long,
    }));
    let mut found = BTreeMap::new();
    leaves("", &ecs(&event), &mut found);
    let mut longest = 0;
    for (name, values) in found {
        for value in values {
            if let Some(text) = value.as_str() {
                assert!(text.len() <= 32_766, "{name} has {} bytes", text.len());
                longest = longest.max(text.len());
            }
        }
    }
    assert!(longest > 30_000);
}

#[test]
fn several_lines_become_one() {
    let pretty =
        serde_json::to_string_pretty(&event(&json!({"requestObject": {"a": "b\nc"}}))).unwrap();
    for (format, place) in [
        (Format::Ecs, "/kubernetes/audit/requestObject"),
        (Format::Native, "/requestObject"),
        (Format::ALL[2], "/api/request/data"),
        (Format::Otel, "/resourceLogs/0/scopeLogs/0/logRecords/0/body/stringValue"),
    ] {
        let found = documents(&mut filter(format, "version: 1"), pretty.as_bytes());
        assert_eq!(found.len(), 1);
        let mut body = found[0].pointer(place).unwrap().clone();
        if let Some(text) = body.as_str() {
            assert!(!text.contains('\n'));
            let event: Value = serde_json::from_str(text).unwrap();
            body = event["requestObject"].clone();
        }
        assert_eq!(body, json!({"a": "b\nc"}));
    }
}

#[test]
fn native_keeps_bytes_and_filters_once() {
    let event = event(&json!({"annotations": {"x": "\u{7}é/"}, "odd": [1.50, 1e9]})).to_string();
    let mut filter = filter(Format::Native, "version: 1");
    let mut once = Vec::new();
    filter.apply(event.as_bytes(), &mut once);
    let text = std::str::from_utf8(&once).unwrap();
    assert!(text.starts_with(event.strip_suffix('}').unwrap()));
    let mut twice = Vec::new();
    filter.apply(&once, &mut twice);
    assert_eq!(once, twice);
    let document: Value = serde_json::from_slice(&once).unwrap();
    assert_eq!(document["auditweir"]["outcome"], "success");
    assert_eq!(document["auditweir"]["actor"], json!({"kind": "user"}));
    assert_eq!(document["auditweir"]["durationNanos"], 1_000_000);
}

#[test]
fn an_event_over_several_lines_is_filtered_once() {
    let members = json!({"annotations": {"x": "{ \" , ] }", "y": "a\\"}, "odd": [[1, 2], {}, []]});
    let event: Value = event(&members);
    let pretty = serde_json::to_string_pretty(&event).unwrap();
    let mut filter = filter(Format::Native, "version: 1");
    let (mut once, mut twice) = (Vec::new(), Vec::new());
    filter.apply(pretty.as_bytes(), &mut once);
    filter.apply(&once, &mut twice);
    assert_eq!(String::from_utf8_lossy(&once), String::from_utf8_lossy(&twice));
    let lie = String::from_utf8(once).unwrap().replace("\"odd\"", "\"other\"");
    let mut told = Vec::new();
    filter.apply(lie.as_bytes(), &mut told);
    let told: Value = serde_json::from_slice(&told).unwrap();
    assert_ne!(told["auditweir"]["id"], told["auditweir"]["was"]["id"]);
}

#[test]
fn a_foreign_member_of_our_name_is_not_doubled() {
    for (foreign, was) in
        [(json!({"v": 2}), json!({"v": 2})), (json!("x"), json!("x")), (json!(null), json!(null))]
    {
        let event = event(&json!({"auditweir": foreign}));
        let mut filter = filter(Format::Native, "version: 1");
        let once = documents(&mut filter, event.to_string().as_bytes()).remove(0);
        assert_eq!(once["auditweir"]["v"], 1);
        assert_eq!(once["auditweir"].get("was").unwrap_or(&Value::Null), &was);
        let twice = documents(&mut filter, once.to_string().as_bytes()).remove(0);
        assert_eq!(once, twice);
    }
}

#[test]
fn removed_members_are_absent_and_derive_nothing() {
    let policy = "
version: 1
redact:
  rules:
    - {name: gone, action: drop, paths: [user.username, requestURI, sourceIPs, responseStatus, annotations]}
    - {name: hidden, action: mask, paths: [objectRef.name, userAgent, user.extra]}
";
    let event = event(&json!({
        "user": {"username": "alice@example.com", "groups": ["g"], "extra": {"k": ["v"]}},
        "userAgent": "kubectl/v1.30.1 (linux/amd64)",
        "annotations": {"authorization.k8s.io/decision": "allow"},
    }));
    let document = ecs_with(policy, &event);
    let text = document.to_string();
    for gone in ["alice", "example.com", "/api/v1", "10.0.0.1", "kubectl", "amd64"] {
        assert!(!text.contains(gone), "{gone} in {text}");
    }
    for (path, value) in [
        ("/user/name", None),
        ("/source", None),
        ("/url", None),
        ("/http/response", None),
        ("/kubernetes/audit/user/username", None),
        ("/kubernetes/audit/annotations", None),
        ("/kubernetes/audit/responseStatus", None),
        ("/kubernetes/audit/user/groups/0", Some("g")),
        ("/orchestrator/resource/name", Some("[redacted:hidden]")),
        ("/kubernetes/audit/objectRef/name", Some("[redacted:hidden]")),
        ("/event/outcome", Some("unknown")),
        ("/tags/0", Some("redacted")),
    ] {
        assert_eq!(document.pointer(path).and_then(Value::as_str), value, "{path}");
        assert!(value.is_some() || document.pointer(path).is_none(), "{path}");
    }
}

/// A data stream refuses a document without `@timestamp`, so there is always one.
#[test]
fn an_event_without_a_time_gets_that_of_the_one_before() {
    let timed = event(&json!({}));
    let mut untimed = timed.clone();
    for name in ["stageTimestamp", "requestReceivedTimestamp"] {
        untimed.as_object_mut().unwrap().remove(name);
    }
    let mut filter = filter(Format::Ecs, "version: 1");
    let mut time = |event: &Value| {
        let document = documents(&mut filter, event.to_string().as_bytes()).remove(0);
        let tagged = document["tags"].as_array().is_some_and(|tags| *tags == ["no_timestamp"]);
        (document["@timestamp"].as_str().unwrap().to_owned(), tagged)
    };
    assert_eq!(time(&untimed), ("1970-01-01T00:00:00Z".into(), true));
    assert_eq!(time(&timed), ("2026-01-02T03:04:05.001006Z".into(), false));
    assert_eq!(time(&untimed), ("2026-01-02T03:04:05.001006Z".into(), true));
}

#[test]
fn what_is_remembered_of_callers_never_shows() {
    let eks = json!({"username": "u", "uid": "1", "groups": ["g", "system:authenticated"],
        "extra": {"arn": ["arn:aws:sts::123412341234:assumed-role/R/a@example.com"],
            "authentication.kubernetes.io/node-name": ["n1"], "accessKeyId": ["AKIA"]}});
    let reason = "RBAC: allowed by RoleBinding \"b/x\" of Role \"r\" to User \"u\"";
    let annotations = |decision: &str| {
        json!({"authorization.k8s.io/decision": decision, "authorization.k8s.io/reason": reason,
            "k8s.io/deprecated": "true"})
    };
    let event = |changes: Value| {
        let mut event = json!({"kind": "Event", "auditID": "a", "stage": "ResponseComplete",
            "verb": "get", "requestURI": "/api/v1/namespaces/x/pods/p", "user": eks,
            "userAgent": "kubectl/v1 (linux/amd64) kubernetes/abc/part", "sourceIPs": ["10.0.0.1"],
            "objectRef": {"resource": "pods", "namespace": "x", "name": "p"},
            "responseStatus": {"code": 200}, "annotations": annotations("allow")});
        for (name, value) in changes.as_object().unwrap() {
            event[name] = value.clone();
        }
        event.to_string()
    };
    let token = format!("ghp_{}", "a1".repeat(18));
    let mut latency = annotations("allow");
    latency["apiserver.latency.k8s.io/total"] = json!("2s");
    let mut unknown = eks.clone();
    unknown["surprise"] = json!(7);
    let mut other = eks.clone();
    other["extra"]["arn"] = json!(["arn:aws:sts::999912341234:assumed-role/R/a@example.com"]);
    let events: Vec<String> = [
        json!({}),
        json!({"auditID": "b", "verb": "delete", "requestURI": "/api/v1/namespaces/x/pods/q"}),
        json!({"sourceIPs": ["1.2.3.4", "10.0.0.1"]}),
        json!({"sourceIPs": null, "userAgent": null}),
        json!({"userAgent": "kubectl/v2 (linux/amd64) kubernetes/abc/part"}),
        json!({"user": other}),
        json!({"user": unknown}),
        json!({"user": {"username": "", "groups": []}, "responseStatus": {"code": 401}}),
        json!({"user": {"username": "system:node:n1", "groups": ["system:nodes"]}}),
        json!({"impersonatedUser": {"username": "v", "groups": ["h"]}}),
        json!({"annotations": annotations("forbid"), "responseStatus": {"code": 403}}),
        json!({"annotations": latency}),
        json!({"annotations": null}),
        json!({"requestURI": format!("/api/v1/pods?x={token}")}),
        json!({"userAgent": token}),
        json!({"objectRef": {"resource": "pods", "subresource": "exec", "name": "p"},
            "requestURI": "/api/v1/namespaces/x/pods/p/exec?command=id"}),
        json!({"objectRef": {"resource": "rolebindings", "name": "b"}, "verb": "create",
            "requestObject": {"kind": "RoleBinding", "subjects": [{"name": "s"}],
                "roleRef": {"name": "r"}}}),
        json!({"requestObject": {"spec": {"containers": [{"image": "a:1@sha256:ab"}]}}}),
    ]
    .map(event)
    .to_vec();
    let mut warm = filter(Format::Ecs, "version: 1");
    for round in 0..3 {
        for input in &events {
            let (mut remembered, mut fresh) = (Vec::new(), Vec::new());
            warm.apply(input.as_bytes(), &mut remembered);
            filter(Format::Ecs, "version: 1").apply(input.as_bytes(), &mut fresh);
            let text = |out: &[u8]| String::from_utf8(out.to_vec()).unwrap();
            assert_eq!(text(&remembered), text(&fresh), "round {round}: {input}");
        }
    }
}

/// All texts of a value, and the names of its members.
fn texts(value: &Value, each: &mut impl FnMut(&str)) {
    match value {
        Value::Object(members) => members.iter().for_each(|(name, value)| {
            each(name);
            texts(value, each);
        }),
        Value::Array(items) => items.iter().for_each(|item| texts(item, each)),
        Value::String(text) => each(text),
        _ => {}
    }
}

#[test]
fn long_texts_are_cut_in_other_schemas() {
    let long = "😀".repeat(20_000);
    let event = event(&json!({
        "requestURI": format!("/{long}?command={long}&command={long}"), "verb": long, "userAgent": long,
        "user": {"username": long, "uid": long, "groups": [long], "extra": {"arn": [long], "k": [long, long]}},
        "impersonatedUser": {"username": long, "groups": vec![long.clone(); 40]},
        "objectRef": {"resource": long, "subresource": long, "namespace": long, "name": long,
                      "apiGroup": long, "apiVersion": long, "resourceVersion": long},
        "responseStatus": {"code": 500, "reason": long, "message": long, "details": {"x": long}},
        "annotations": {"k": long, "authorization.k8s.io/reason": long}, "unknown": long,
        "sourceIPs": [long, long, long],
    }));
    for format in SCHEMAS {
        let mut document =
            documents(&mut filter(format, "version: 1"), event.to_string().as_bytes()).remove(0);
        // the body is the event, however long
        if let Some(body) =
            document.pointer_mut("/resourceLogs/0/scopeLogs/0/logRecords/0/body/stringValue")
        {
            assert_eq!(body.take(), event.to_string());
        }
        let mut longest = 0;
        texts(&document, &mut |text| longest = longest.max(text.len()));
        assert!((30_000..=32_766).contains(&longest), "{format:?}: {longest}");
    }
}

#[test]
fn removed_members_derive_nothing_in_other_schemas() {
    let policy = "
version: 1
redact:
  rules:
    - {name: gone, action: drop, paths: [user.username, requestURI, sourceIPs, responseStatus, annotations, level]}
    - {name: hidden, action: mask, paths: [objectRef.name, userAgent, user.extra]}
";
    let event = event(&json!({
        "user": {"username": "alice@example.com", "groups": ["g"],
                 "extra": {"authentication.kubernetes.io/credential-id": ["JTI=1"]}},
        "userAgent": "kubectl/v1.30.1 (linux/amd64)",
        "annotations": {"authorization.k8s.io/decision": "allow"},
    }));
    for format in SCHEMAS {
        let document =
            documents(&mut filter(format, policy), event.to_string().as_bytes()).remove(0);
        let text = document.to_string();
        for gone in
            ["alice", "example.com", "/api/v1", "10.0.0.1", "kubectl", "amd64", "JTI=1", "allow\""]
        {
            assert!(!text.contains(gone), "{gone} in {text}");
        }
        assert!(text.contains("[redacted:hidden]"));
    }
}
