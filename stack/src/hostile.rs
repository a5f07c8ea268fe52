//! Events of shapes that indexes refuse: what clients, webhooks and custom resources may send.

use serde_json::{Map, Value, json};

use crate::events::{event, numbered};

/// One record each; all but the last few are events.
pub fn records() -> Vec<String> {
    let mut events = Vec::new();
    names(&mut events);
    conflicts(&mut events);
    long_texts(&mut events);
    times_and_numbers(&mut events);
    outside_bodies(&mut events);
    let mut records = numbered("hostile", events);
    records.extend(texts());
    records
}

/// A change of a custom resource with this body.
fn body(body: Value) -> Value {
    let more = json!({"requestObject": body.clone(), "responseObject": body});
    event("patch", "example.com/widgets", "shop", "w", &more)
}

fn names(events: &mut Vec<Value>) {
    // the same label as text and as the parent of another
    for labels in [
        json!({"app": "till"}),
        json!({"app.kubernetes.io/name": "till", "app": "till"}),
        json!({"app.kubernetes.io": "x", "app.kubernetes.io/name.x": "y"}),
    ] {
        let metadata = json!({"name": "w", "labels": labels, "annotations": labels});
        events.push(body(json!({"kind": "Widget", "metadata": metadata})));
    }
    for odd in [
        json!({"a": 1, "a.b": 2}),
        json!({"a.b": {"c": 1}, "a": {"b.c": 2}}),
        json!({"a": {"b": 1}}),
        json!({"": 1}),
        json!({" ": 1, "\t": 2}),
        json!({".": 1}),
        json!({"..": {"...": 1}}),
        json!({"a.": 1, ".a": 2, "a..b": 3}),
        json!({"\u{0}": 1, "a\u{0}b": "c\u{0}d"}),
        json!({"é ü": 1, "日本": {"語": 2}, "\u{2028}": 3}),
        json!({"_id": "x", "_source": {"_index": 1}, "_routing": "r", "_type": "t"}),
        json!({"*": 1, "a*b": 2, "a,b": 3, "\"": 4, "\\": 5, "<x>": 6}),
        json!({"f:metadata": {".": {}, "f:labels": {".": {}, "f:a.b/c": {}}}}),
    ] {
        let fields = json!({"managedFields": [{"fieldsV1": odd.clone()}]});
        events.push(body(json!({"kind": "Widget", "metadata": fields, "spec": odd})));
    }
    // more names than an index has room for
    for event in 0..40 {
        let labels: Map<String, Value> = (0..100)
            .map(|at| (format!("team-{event}.example.com/label-{at}"), "x".into()))
            .collect();
        events.push(body(json!({"kind": "Widget", "metadata": {"labels": labels}})));
    }
    let many: Map<String, Value> = (0..3000).map(|at| (format!("key{at}"), at.into())).collect();
    events.push(body(json!({"kind": "Widget", "spec": many})));
    let long = "k".repeat(40_000);
    events.push(body(json!({"kind": "Widget", "spec": {long: 1}})));
    let mut path = json!("value");
    for _ in 0..16 {
        path = json!({"n".repeat(500): path});
    }
    events.push(body(path));
}

fn conflicts(events: &mut Vec<Value>) {
    for value in [
        json!("text"),
        json!({"object": {"x": 1}}),
        json!(3),
        json!(1.5),
        json!(true),
        json!(null),
        json!([]),
        json!({}),
        json!([1, "two", {"three": 3}, [4, [5]], null]),
    ] {
        events.push(body(json!({"kind": "Widget", "spec": value, "status": value})));
        events.push(body(json!({"kind": "Widget", "spec": {
            "replicas": value, "ports": [{"targetPort": value}], "containers": value,
            "hostPID": value, "template": {"spec": value}}})));
        events.push(body(value));
    }
    for deep in [17usize, 19, 25, 60, 400] {
        let mut object = json!({"leaf": 1});
        let mut list = json!([1]);
        for _ in 0..deep {
            object = json!({"n": object});
            list = json!([list]);
        }
        events.push(body(object));
        events.push(body(list));
    }
    let items: Vec<Value> = (0..2000).map(|at| json!({"metadata": {"name": at}})).collect();
    events.push(body(json!({"kind": "WidgetList", "items": items})));
}

fn long_texts(events: &mut Vec<Value>) {
    let long = ["x".repeat(40_000), "é".repeat(20_000), "日".repeat(33_000), "😀".repeat(12_000)];
    for text in &long {
        events.push(body(json!({"kind": "Widget", "spec": {"text": text}})));
        events.push(body(json!({"metadata": {"labels": {"a": text}, "name": text}})));
        let mut long = event("get", "/pods", "shop", "p", &json!({}));
        for place in [
            "/requestURI",
            "/verb",
            "/userAgent",
            "/user/username",
            "/user/groups/0",
            "/objectRef/name",
            "/objectRef/namespace",
            "/objectRef/resource",
            "/annotations/authorization.k8s.io~1reason",
        ] {
            if let Some(value) = long.pointer_mut(place) {
                *value = text.as_str().into();
            }
        }
        long["responseStatus"] = json!({"code": 404, "reason": text, "message": text});
        long["user"]["extra"] = json!({"authentication.kubernetes.io/pod-name": [text]});
        long["sourceIPs"] = json!([text, "10.0.0.1"]);
        events.push(long);
    }
    let path = format!("/api/v1/namespaces/shop/pods?labelSelector={}", "a%3Db%2C".repeat(9000));
    events.push(event("list", "/pods", "shop", "", &json!({"requestURI": path})));
    let command = format!(
        "/api/v1/namespaces/shop/pods/p/exec?container=c{}",
        "&command=echo%20x".repeat(4000)
    );
    events.push(event("get", "/pods/exec", "shop", "p", &json!({"requestURI": command})));
}

fn times_and_numbers(events: &mut Vec<Value>) {
    // the first is a date to an index that guesses
    for value in ["2026-01-01", "2026-01-01T00:00:00Z", "yesterday", "2026-13-45", "12", "1e3", ""]
    {
        events.push(body(json!({"kind": "Widget", "spec": {"since": value, "size": value}})));
    }
    for value in [json!(12), json!(-0.0), json!(u64::MAX), json!(i64::MIN), json!(1e300)] {
        events.push(body(json!({"kind": "Widget", "spec": {"since": value, "size": value}})));
    }
    for value in [json!("not a time"), json!(""), json!(5), json!({}), json!([]), json!(null)] {
        let more = json!({"stageTimestamp": value, "requestReceivedTimestamp": value});
        events.push(event("get", "/pods", "shop", "p", &more));
    }
    for value in [
        "0000-00-00T00:00:00Z",
        "9999-12-31T23:59:59.999999999Z",
        "2026-02-30T00:00:00Z",
        "2026-01-01T25:61:61Z",
        "2026-01-01T00:00:60Z",
        "2026-01-01T00:00:00+23:59",
        "2026-01-01 00:00:00",
        "99999-01-01T00:00:00Z",
        "-0001-01-01T00:00:00Z",
        "2026-01-01T00:00:00.1234567890123Z",
    ] {
        let more = json!({"stageTimestamp": value, "requestReceivedTimestamp": value});
        events.push(event("get", "/pods", "shop", "p", &more));
    }
    for code in [json!("403"), json!(-1), json!(99_999_999_999u64), json!({}), json!(1.5)] {
        events.push(event("get", "/pods", "shop", "p", &json!({"responseStatus": {"code": code}})));
    }
}

fn outside_bodies(events: &mut Vec<Value>) {
    let odd = [json!(1), json!("text"), json!({"x": {"y": 1}}), json!([1, {"a": 2}]), json!(null)];
    for value in &odd {
        for name in [
            "user",
            "impersonatedUser",
            "sourceIPs",
            "userAgent",
            "objectRef",
            "responseStatus",
            "annotations",
            "verb",
            "requestURI",
            "level",
            "stage",
        ] {
            events.push(event("get", "/pods", "shop", "p", &json!({name: value})));
        }
        let more = json!({
            "user": {"username": value, "uid": value, "groups": value, "extra": value},
            "objectRef": {"resource": "pods", "name": value, "namespace": value, "uid": value},
            "sourceIPs": [value, value],
            "annotations": {"a": value, "a.b": value, "authorization.k8s.io/decision": value},
        });
        events.push(event("get", "/pods", "shop", "p", &more));
    }
    for ips in [
        json!(["not-an-address"]),
        json!(["fe80::1%eth0", "10.0.0.1:443", "::ffff:10.0.0.1", "010.0.0.1"]),
        json!(["", " 10.0.0.1"]),
        json!(vec!["10.0.0.9"; 500]),
    ] {
        events.push(event("get", "/pods", "shop", "p", &json!({"sourceIPs": ips})));
    }
    let many: Map<String, Value> = (0..300)
        .map(|at| (format!("hook-{at}.example.com/k.{at}"), format!("v{at}").into()))
        .collect();
    events.push(event("get", "/pods", "shop", "p", &json!({"annotations": many})));
    let extra: Map<String, Value> =
        (0..200).map(|at| (format!("example.com/k.{at}"), json!(["v"]))).collect();
    let user = json!({"username": "u", "extra": extra});
    events.push(event(
        "get",
        "/pods",
        "shop",
        "p",
        &json!({"user": user, "impersonatedUser": user}),
    ));
    let foreign = json!({
        "@timestamp": "no", "_id": "x", "auditweir": {"v": "x"}, "event": "text", "kubernetes": 1,
        "message": {"a": 1}, "labels": ["x"], "data_stream": {"type": 1}, "tags": {"x": 1},
        "a.b": 1, "a": 2, "": 3,
    });
    events.push(event("get", "/pods", "shop", "p", &foreign));
}

/// JSON that no tree of values can spell, and what is no JSON at all.
fn texts() -> Vec<String> {
    let event = |body: &str| {
        let text = event("patch", "example.com/widgets", "shop", "w", &json!({"auditID": "t"}));
        let text = text.to_string();
        format!("{},\"requestObject\":{body}}}", text.strip_suffix('}').unwrap_or(&text))
    };
    vec![
        event(r#"{"a":1,"a":2,"a":{"b":3}}"#),
        event(r#"{"a":"\ud800","\udc00":1}"#),
        event(&format!(r#"{{"n":{}}}"#, "9".repeat(60))),
        event(&format!(r#"{{"n":{}}}"#, "9".repeat(1500))),
        event(r#"{"n":1e400,"m":-1e-400,"k":0.1000000000000000000000000000000000001}"#),
        event(r#"{"\u0061":1,"a":2}"#),
        event(r#""just text""#),
        event("5"),
        r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"cut","verb":"ge"#.into(),
        "I0101 00:00:00.000000       1 controller.go:1] no audit event".into(),
        r#"{"some":"other","json":["document"]}"#.into(),
        "[]".into(),
        "\u{fffd}\u{1}".into(),
    ]
}
