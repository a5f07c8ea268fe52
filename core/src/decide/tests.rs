//! Decisions over whole events, through the entry that hosts call.

use std::sync::Arc;

use serde_json::{Value, json};

use super::noise_rules;
use crate::policy::Place;
use crate::{Filter, Format, Policy, Stats, Verdict};

fn filter(policy: &str) -> Filter {
    Filter::new(Arc::new(Policy::from_yaml(policy).unwrap().compile().unwrap()), Format::Native)
}

/// What comes out for one event, and the totals.
fn run(policy: &str, event: &Value) -> (Option<Value>, Stats) {
    let mut filter = filter(policy);
    let mut out = Vec::new();
    let verdict = filter.apply(event.to_string().as_bytes(), &mut out);
    let expected = if out.is_empty() {
        Verdict { dropped: 1, ..verdict }
    } else {
        Verdict { events: 1, dropped: 0, ..verdict }
    };
    assert_eq!(verdict, expected);
    assert_eq!(filter.stats().events_in(), 1);
    ((!out.is_empty()).then(|| serde_json::from_slice(&out).unwrap()), filter.stats().clone())
}

fn with(mut event: Value, more: &Value) -> Value {
    for (key, value) in more.as_object().unwrap() {
        event[key] = value.clone();
    }
    event
}

fn event(more: &Value) -> Value {
    with(
        json!({
            "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "RequestResponse",
            "auditID": "8c9c", "stage": "ResponseComplete",
            "requestURI": "/api/v1/namespaces/n/pods/p", "verb": "update",
            "user": {"username": "alice", "groups": ["dev", "system:authenticated"]},
            "objectRef": {"resource": "pods", "namespace": "n", "name": "p", "apiVersion": "v1"},
            "responseStatus": {"metadata": {}, "code": 200},
            "requestObject": {"metadata": {"managedFields": [{"manager": "m"}]}, "spec": {"a": 1}},
            "responseObject": {"spec": {"a": 1}},
            "annotations": {"authorization.k8s.io/decision": "allow",
                "patch.webhook.admission.k8s.io/round_0_index_0": "{}"},
        }),
        more,
    )
}

fn rules(rules: &str) -> String {
    format!(
        "{{version: 1, decide: {{audit: {{apiVersion: audit.k8s.io/v1, kind: Policy, rules: {rules}}}}}}}"
    )
}

/// The level an event goes on at; `None` when it is dropped.
fn level(policy: &str, event: &Value) -> Option<String> {
    run(policy, event).0.map(|out| out["level"].as_str().unwrap().to_owned())
}

#[test]
fn lowering_takes_the_bodies_out_and_says_so() {
    let (out, stats) =
        run(&rules("[{level: None, verbs: [get]}, {level: Metadata}]"), &event(&json!({})));
    let out = out.unwrap();
    assert_eq!(out["level"], "Metadata");
    assert!(out.get("requestObject").is_none() && out.get("responseObject").is_none());
    assert_eq!(out["annotations"], json!({"authorization.k8s.io/decision": "allow"}));
    let lowered = json!({"from": "RequestResponse", "to": "Metadata", "rule": 1});
    assert_eq!(out["auditweir"]["lowered"], lowered);
    let receipts = out["auditweir"]["redactions"].as_array().unwrap();
    assert!(receipts.iter().all(|r| r["rule"] == "audit-level" && r["action"] == "drop"));
    let paths: Vec<_> = receipts.iter().map(|r| r["path"].as_str().unwrap()).collect();
    assert_eq!(
        paths,
        ["requestObject", "annotations.patch.webhook.admission.k8s.io/round_0_index_0"]
    );
    // the bodies stand side by side: one removal
    let totals: Vec<_> = stats.audit.iter().map(|t| (t.matched, t.dropped, t.lowered)).collect();
    assert_eq!(totals, [(0, 0, 0), (1, 0, 1), (0, 0, 0)]);
}

#[test]
fn request_keeps_the_request() {
    let (out, _) = run(&rules("[{level: Request}]"), &event(&json!({})));
    let out = out.unwrap();
    assert_eq!(out["level"], "Request");
    assert_eq!(out["requestObject"]["spec"]["a"], 1);
    assert!(out.get("responseObject").is_none());
    assert_eq!(out["annotations"]["patch.webhook.admission.k8s.io/round_0_index_0"], "{}");
}

#[test]
fn levels_are_never_raised() {
    for own in ["Metadata", "Request", "RequestResponse"] {
        let mut event = event(&json!({"level": own}));
        if own == "Metadata" {
            event["requestObject"] = Value::Null;
        }
        if own != "RequestResponse" {
            event["responseObject"] = Value::Null;
        }
        let (out, stats) = run(&rules("[{level: RequestResponse}]"), &event);
        let out = out.unwrap();
        assert_eq!(out["level"], own);
        assert!(out["auditweir"].get("lowered").is_none());
        assert_eq!(stats.audit[0].lowered, 0);
    }
}

#[test]
fn bodies_go_whatever_the_event_says_of_its_level() {
    for own in [json!("Metadata"), json!("frobnicate"), Value::Null] {
        let (out, _) = run(&rules("[{level: Metadata}]"), &event(&json!({"level": own})));
        let out = out.unwrap();
        assert!(out.get("requestObject").is_none() && out.get("responseObject").is_none(), "{own}");
        if own.is_string() {
            assert_eq!(out["level"], "Metadata");
        }
        assert_eq!(out["auditweir"]["lowered"]["to"], "Metadata");
    }
}

#[test]
fn bodies_that_come_first_or_last_leave_valid_json() {
    for text in [
        r#"{"requestObject":{"a":1},"auditID":"x"}"#,
        r#"{ "responseObject" : [ 1 ] , "requestObject" : {"a":1} , "level" : "RequestResponse" , "verb":"get" }"#,
        r#"{"verb":"get","level":"Request","requestObject":"text"}"#,
        r#"{"annotations":{"patch.webhook.admission.k8s.io/a":"{}"},"level":"Request","verb":"get"}"#,
        r#"{"level":"RequestResponse","verb":"get","requestObject":{},"auditweir":5,"responseObject":{}}"#,
    ] {
        for format in Format::ALL {
            let policy =
                Policy::from_yaml(&rules("[{level: Metadata}]")).unwrap().compile().unwrap();
            let mut out = Vec::new();
            Filter::new(Arc::new(policy), format).apply(text.as_bytes(), &mut out);
            let out: Value = serde_json::from_slice(&out).unwrap();
            let text = out.to_string();
            assert!(!text.contains("Object") && !text.contains("patch.webhook"), "{text}");
            assert!(!text.contains("\"level\":\"Request"), "{text}");
        }
    }
}

#[test]
fn what_a_removed_body_held_is_taken_out_elsewhere_too() {
    let secret = json!({"requestURI": "/api/v1/namespaces/n/secrets/s",
        "objectRef": {"resource": "secrets", "namespace": "n", "name": "s"},
        "requestObject": {"kind": "Secret", "stringData": {"a": "correct-horse-battery"}},
        "responseStatus": {"code": 200, "message": "saw correct-horse-battery"}});
    let (out, _) = run(&rules("[{level: Metadata}]"), &event(&secret));
    assert!(!out.unwrap().to_string().contains("horse"));
}

#[test]
fn drops_are_counted_by_reason_and_rule() {
    let policy = rules(
        "[{level: None, users: [bob]}, {level: Metadata, omitStages: [RequestReceived], users: [alice]}]",
    );
    let mut filter = filter(&policy);
    let mut out = Vec::new();
    for (user, stage) in [
        ("bob", "ResponseComplete"),
        ("alice", "RequestReceived"),
        ("alice", "Panic"),
        ("carol", "ResponseComplete"),
    ] {
        let event = event(&json!({"stage": stage, "user": {"username": user, "groups": ["g"]}}));
        filter.apply(event.to_string().as_bytes(), &mut out);
    }
    let stats = filter.stats();
    assert_eq!(stats.dropped, [("audit-level-none", 2), ("audit-omit-stage", 1)]);
    let totals: Vec<_> = stats.audit.iter().map(|t| (t.matched, t.dropped, t.lowered)).collect();
    assert_eq!(totals, [(1, 1, 0), (2, 1, 1), (1, 1, 0)]);
    assert_eq!(stats.events_in(), 4);
    let mut sum = Stats::default();
    sum.add(stats);
    sum.add(stats);
    assert_eq!((sum.audit[1].matched, sum.audit[1].lowered), (4, 2));
}

#[test]
fn managed_fields_as_the_audit_policy_says() {
    for (redact, policy, rule, kept) in [
        ("drop", "", "", false),
        ("keep", "", "", true),
        ("drop", "", "omitManagedFields: false", true),
        ("keep", "", "omitManagedFields: true", false),
        ("keep", "omitManagedFields: true", "", false),
        ("keep", "omitManagedFields: true", "omitManagedFields: false", true),
        ("drop", "omitManagedFields: false", "", true),
    ] {
        let text = format!(
            "version: 1\nredact: {{managedFields: {redact}}}\ndecide:\n  audit: {{kind: Policy, \
             apiVersion: audit.k8s.io/v1, rules: [{{level: RequestResponse, {rule}}}], {policy}}}"
        );
        let (out, _) = run(&text, &event(&json!({})));
        let found = out.unwrap()["requestObject"]["metadata"].get("managedFields").is_some();
        assert_eq!(found, kept, "{redact} {policy} {rule}");
    }
}

/// `objectRef` takes namespace and name from the body when the URL has none. The API server's own
/// evaluator has not seen them, so no rule may match by them.
#[test]
fn a_body_cannot_move_an_event_under_another_rule() {
    let policy = rules(
        "[{level: None, namespaces: [kube-system]}, {level: None, resources: [{group: '*', \
         resources: ['*'], resourceNames: [leader]}]}, {level: Metadata}]",
    );
    let create = |uri: &str, group: &str, resource: &str| {
        event(&json!({"verb": "create", "requestURI": uri, "objectRef": {"resource": resource,
            "apiGroup": group, "namespace": "kube-system", "name": "leader"}}))
    };
    let binding = "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings?fieldManager=x";
    let event = create(binding, "rbac.authorization.k8s.io", "clusterrolebindings");
    assert_eq!(level(&policy, &event).as_deref(), Some("Metadata"));
    // named by the URL
    let uri = "/api/v1/namespaces/kube-system/configmaps";
    assert_eq!(level(&policy, &create(uri, "", "configmaps")), None);
    let event = create("/api/v1/namespaces/other/configmaps", "", "configmaps");
    assert_eq!(level(&policy, &event).as_deref(), Some("Metadata"));
    // a URL about something else, or none, proves nothing
    let event = create("/api/v1/namespaces/kube-system/pods", "", "configmaps");
    assert_eq!(level(&policy, &event).as_deref(), Some("Metadata"));
    let mut event = create(uri, "", "configmaps");
    event["requestURI"] = Value::Null;
    assert_eq!(level(&policy, &event).as_deref(), Some("Metadata"));
    // a reader's objectRef has no body behind it
    event["verb"] = json!("get");
    assert_eq!(level(&policy, &event), None);
}

/// Records that do not say what a rule asks for keep the most that any possible rule asks for.
#[test]
fn gaps_are_filled_with_the_most() {
    let groups = rules("[{level: None, userGroups: ['system:nodes']}, {level: Request}]");
    let no_groups = event(&json!({"user": {"username": "alice"}}));
    assert_eq!(level(&groups, &no_groups).as_deref(), Some("Request"));
    let groups = rules("[{level: Request, userGroups: [dev]}, {level: None}]");
    assert_eq!(level(&groups, &no_groups).as_deref(), Some("Request"));
    // failed authentication: nobody, no groups, and no doubt about it
    assert_eq!(level(&groups, &event(&json!({"user": {}}))), None);
    assert_eq!(level(&groups, &event(&json!({"user": null}))).as_deref(), Some("Request"));
    let stage = rules(
        "[{level: Metadata, omitStages: [ResponseComplete], userGroups: [x]}, {level: Metadata}]",
    );
    assert_eq!(level(&stage, &no_groups).as_deref(), Some("Metadata"));
    let verb = rules("[{level: None, verbs: [get]}, {level: Metadata}]");
    assert_eq!(level(&verb, &event(&json!({"verb": null}))).as_deref(), Some("Metadata"));
    let path = rules("[{level: None, nonResourceURLs: ['/metrics']}, {level: Metadata}]");
    let nowhere = event(&json!({"requestURI": null, "objectRef": null}));
    assert_eq!(level(&path, &nowhere).as_deref(), Some("Metadata"));
}

#[test]
fn escapes_do_not_change_what_is_meant() {
    let policy = rules("[{level: Metadata, users: ['a&b'], nonResourceURLs: ['/x&y*']}]");
    let text = r#"{"level":"Metadata","stage":"ResponseComplete","verb":"get","objectRef":null,
        "requestURI":"/x\u0026%79/z?q=1","user":{"username":"\u0061\u0026b","groups":[]}}"#;
    let mut out = Vec::new();
    assert_eq!(filter(&policy).apply(text.as_bytes(), &mut out).events, 1);
    assert_eq!(
        filter(&policy).apply(text.replace("a\\u0026", "c").as_bytes(), &mut out).dropped,
        0
    );
    let other = text.replace(r"\u0061", "c");
    assert_eq!(filter(&policy).apply(other.as_bytes(), &mut out).dropped, 1);
}

#[test]
fn errors_name_the_place() {
    for (rule, place) in [
        ("{level: None, nonResourceURLs: [/a, b]}", "rules[0].nonResourceURLs[1]"),
        ("{level: None, nonResourceURLs: ['/a*b']}", "rules[0].nonResourceURLs[0]"),
        ("{level: None, nonResourceURLs: ['/é', '']}", "rules[0].nonResourceURLs[1]"),
        ("{level: None, nonResourceURLs: [/a], namespaces: [b]}", "rules[0].nonResourceURLs"),
        ("{level: None, nonResourceURLs: [/a], resources: [{}]}", "rules[0].nonResourceURLs"),
        ("{level: None, resources: [{}, {group: apps/v1}]}", "rules[0].resources[1].group"),
        ("{level: None, resources: [{resourceNames: [a]}]}", "rules[0].resources[0].resourceNames"),
    ] {
        let error = Policy::from_yaml(&rules(&format!("[{rule}]"))).unwrap().compile().unwrap_err();
        assert_eq!(error.place, Place::Key(format!("decide.audit.{place}")), "{error}");
    }
    let empty = Policy::from_yaml(&rules("[]")).unwrap().compile().unwrap_err();
    assert_eq!(empty.place, Place::Key("decide.audit.rules".into()));
    for wrong in
        ["{level: Most}", "{}", "{level: None, omitStages: [Late]}", "{level: None, user: [a]}"]
    {
        let error = Policy::from_yaml(&rules(&format!("[{wrong}]"))).unwrap_err();
        assert!(matches!(error.place, Place::Text { .. }), "{error}");
    }
    for head in [
        "kind: Policy",
        "apiVersion: audit.k8s.io/v1beta1, kind: Policy",
        "apiVersion: audit.k8s.io/v1, kind: EventList",
    ] {
        let text =
            format!("{{version: 1, decide: {{audit: {{{head}, rules: [{{level: None}}]}}}}}}");
        assert!(Policy::from_yaml(&text).is_err(), "{head}");
    }
    let noise = Policy::from_yaml("version: 1\ndecide: {noise: [default, silence]}");
    let noise = noise.unwrap().compile().unwrap_err();
    assert_eq!(noise.place, Place::Key("decide.noise[1]".into()));
}

/// The example of the Kubernetes documentation (`tasks/debug/debug-cluster/audit`), nulls as some
/// tools write them, and back again.
#[test]
fn kubernetes_own_policies_are_read_as_they_are() {
    let text = "
version: 1
decide:
  audit:
    apiVersion: audit.k8s.io/v1 # This is required.
    kind: Policy
    metadata: {name: example, creationTimestamp: null}
    omitStages:
      - \"RequestReceived\"
    rules:
      - level: RequestResponse
        users: null
        userGroups:
        resources:
        - group: \"\"
          resources: [\"pods\"]
      - level: Metadata
        resources:
        - resources: [\"pods/log\", \"pods/status\"]
          resourceNames:
        - group:
      - level: None
        userGroups: [\"system:authenticated\"]
        nonResourceURLs: [\"/api*\", \"/version\"]
      - level: Metadata
        omitStages:
          - \"RequestReceived\"
";
    let policy = Policy::from_yaml(text).unwrap();
    let json = serde_json::to_string(&policy).unwrap();
    assert_eq!(Policy::from_yaml(&json).unwrap(), policy);
    assert!(policy.compile().is_ok());
}

fn platform(user: &str, groups: &[&str], more: &Value) -> Value {
    let mut all = vec!["system:authenticated"];
    all.extend(groups);
    with(
        json!({
            "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "Metadata",
            "auditID": "8c9c", "stage": "ResponseComplete", "verb": "get", "requestURI": "/x",
            "user": {"username": format!("system:{user}"), "groups": all},
            "responseStatus": {"metadata": {}, "code": 200},
            "annotations": {"authorization.k8s.io/decision": "allow",
                "authorization.k8s.io/reason": "RBAC: allowed"},
        }),
        more,
    )
}

/// One event per noise rule that the rule drops.
fn noise() -> Vec<(&'static str, Value)> {
    let node = |more: Value| platform("node:n1", &["system:nodes"], &more);
    let account = |name: &str, more: Value| {
        let namespace = name.split(':').next().unwrap();
        platform(
            &format!("serviceaccount:{name}"),
            &["system:serviceaccounts", &format!("system:serviceaccounts:{namespace}")],
            &more,
        )
    };
    let apiserver = |more: Value| platform("apiserver", &["system:masters"], &more);
    let controllers = |more: Value| platform("kube-controller-manager", &[], &more);
    let lease = |namespace: &str, name: &str| {
        json!({"verb": "update", "objectRef": {"apiGroup": "coordination.k8s.io",
            "resource": "leases", "namespace": namespace, "name": name}})
    };
    vec![
        ("node-leases", node(lease("kube-node-lease", "n1"))),
        ("leader-election", account("cert-manager:controller", lease("cert-manager", "lock"))),
        (
            "node-status",
            node(json!({"verb": "patch", "level": "Request",
                "objectRef": {"resource": "nodes", "name": "n1", "subresource": "status"}})),
        ),
        (
            "endpoints",
            account(
                "kube-system:endpointslice-controller",
                json!({"verb": "update", "objectRef":
                {"apiGroup": "discovery.k8s.io", "resource": "endpointslices"}}),
            ),
        ),
        (
            "event-records",
            node(json!({"verb": "create", "responseStatus": {"code": 201},
                "objectRef": {"apiGroup": "events.k8s.io", "resource": "events"}})),
        ),
        (
            "health-probes",
            account("monitoring:probe", json!({"requestURI": "/readyz/ping?verbose"})),
        ),
        ("metrics-scrapes", account("monitoring:prometheus", json!({"requestURI": "/metrics"}))),
        ("discovery", controllers(json!({"requestURI": "/apis/apps/v1?timeout=32s"}))),
        (
            "self-access-reviews",
            controllers(json!({"verb": "create", "responseStatus": {"code": 201}, "objectRef":
                {"apiGroup": "authorization.k8s.io", "resource": "selfsubjectaccessreviews"}})),
        ),
        (
            "token-reviews",
            node(json!({"verb": "create", "responseStatus": {"code": 201}, "objectRef":
                {"apiGroup": "authentication.k8s.io", "resource": "tokenreviews"}})),
        ),
        (
            "access-reviews",
            account(
                "kube-system:metrics-server",
                json!({"verb": "create", "objectRef":
                {"apiGroup": "authorization.k8s.io", "resource": "subjectaccessreviews"}}),
            ),
        ),
        ("apiserver-self", apiserver(json!({"verb": "list", "objectRef": {"resource": "pods"}}))),
        (
            "watch-starts",
            node(
                json!({"verb": "watch", "stage": "ResponseStarted", "objectRef": {"resource": "pods"}}),
            ),
        ),
        (
            "request-received",
            node(json!({"stage": "RequestReceived", "responseStatus": null, "annotations": null,
                "objectRef": {"resource": "pods"}})),
        ),
        (
            "component-reads",
            controllers(json!({"verb": "list", "objectRef": {"resource": "pods"}})),
        ),
    ]
}

#[test]
fn every_noise_rule_drops_its_noise_and_is_off_by_default() {
    let noise = noise();
    let names: Vec<_> = noise_rules().map(|rule| rule.name).collect();
    assert_eq!(names, noise.iter().map(|(name, _)| *name).collect::<Vec<_>>());
    for (name, event) in &noise {
        let (out, stats) = run(&format!("{{version: 1, decide: {{noise: [{name}]}}}}"), event);
        assert!(out.is_none(), "{name}");
        assert_eq!(stats.dropped, [(*name, 1)]);
        assert!(run("version: 1", event).0.is_some());
        let rule = noise_rules().find(|rule| rule.name == *name).unwrap();
        let dropped = run("{version: 1, decide: {noise: [default]}}", event).0.is_none();
        assert_eq!(dropped, rule.default, "{name}");
        assert!(rule.description.ends_with('.') && rule.description.len() > 20);
    }
}

/// Each change alone turns noise into an event that goes on, whatever rules are on.
#[test]
fn nothing_out_of_the_ordinary_is_noise() {
    let all: Vec<_> = noise_rules().map(|rule| rule.name).collect();
    let policy = format!("{{version: 1, decide: {{noise: [{}]}}}}", all.join(", "));
    let changes = [
        json!({"user": {"username": "alice", "groups": ["system:authenticated", "system:nodes"]}}),
        json!({"user": {"username": "system:anonymous", "groups": ["system:unauthenticated"]}}),
        json!({"user": {"username": "system:node:n1", "groups": ["system:authenticated"]}}),
        json!({"user": {"username": "system:node:n1", "groups": ["system:nodes"]}}),
        json!({"user": {"username": "system:node:n1"}}),
        json!({"user": {"username": "system:kube-scheduler",
            "groups": ["system:masters", "system:authenticated"]}}),
        json!({"user": {"username": "system:apiserver", "groups": ["system:authenticated"]}}),
        json!({"user": {"username": "system:serviceaccount:kube-system:x", "groups":
            ["system:serviceaccounts", "system:serviceaccounts:other", "system:authenticated"]}}),
        json!({"impersonatedUser": {"username": "system:node:n1", "groups": ["system:nodes"]}}),
        json!({"authenticationMetadata": {"impersonationConstraint": "impersonate:user-info"}}),
        json!({"stage": "Panic", "responseStatus": {"code": 500}}),
        json!({"stage": null}),
        json!({"stage": "Whatever"}),
        json!({"level": "RequestResponse"}),
        json!({"level": null}),
        json!({"responseStatus": {"code": 403}}),
        json!({"responseStatus": {"code": 404}}),
        json!({"responseStatus": {"code": 101}}),
        json!({"annotations": {"authorization.k8s.io/decision": "forbid"}}),
        json!({"annotations": {"authorization.k8s.io/decision": "allow",
            "authentication.k8s.io/stale-token": "subject: x"}}),
        json!({"verb": "delete"}),
        json!({"verb": "deletecollection"}),
        json!({"verb": "impersonate"}),
        json!({"objectRef": {"resource": "secrets"}}),
        json!({"objectRef": {"resource": "configmaps"}}),
        json!({"objectRef": {"resource": "pods", "subresource": "exec"}}),
        json!({"objectRef": {"resource": "nodes", "subresource": "proxy", "name": "n1"}}),
        json!({"objectRef": {"resource": "serviceaccounts", "subresource": "token"}}),
        json!({"objectRef": {"resource": "roles", "apiGroup": "rbac.authorization.k8s.io"}}),
        json!({"objectRef": {"resource": "certificatesigningrequests", "apiGroup": "certificates.k8s.io"}}),
        json!({"objectRef": {"resource": "validatingwebhookconfigurations",
            "apiGroup": "admissionregistration.k8s.io"}}),
        json!({"objectRef": {"resource": "users", "apiGroup": "user.openshift.io"}}),
        json!({"objectRef": {}}),
    ];
    for (name, event) in noise() {
        for change in &changes {
            let changed = with(event.clone(), change);
            assert!(run(&policy, &changed).0.is_some(), "{name} with {change}");
        }
        for missing in ["annotations", "responseStatus"] {
            // a request that was just received has neither
            if event["stage"] != "RequestReceived" {
                let changed = with(event.clone(), &json!({missing: null}));
                assert!(run(&policy, &changed).0.is_some(), "{name} without {missing}");
            }
        }
        let escaped = event.to_string().replace("\"system:", "\"\\u0073ystem:");
        let mut out = Vec::new();
        assert_eq!(
            filter(&policy).apply(escaped.as_bytes(), &mut out).dropped,
            0,
            "{name} escaped"
        );
    }
}

#[test]
fn names_count_only_beside_the_identity_they_belong_to() {
    let policy =
        "{version: 1, decide: {noise: [node-leases, leader-election, node-status, endpoints]}}";
    let change = |name: &str, pointer: &str, to: &str| {
        let (_, mut event) = noise().into_iter().find(|(of, _)| *of == name).unwrap();
        *event.pointer_mut(pointer).unwrap() = json!(to);
        assert!(run(policy, &event).0.is_some(), "{name} {pointer} {to}");
    };
    change("node-leases", "/objectRef/name", "n2");
    change("node-leases", "/objectRef/namespace", "default");
    change("node-leases", "/verb", "create");
    change("leader-election", "/objectRef/namespace", "kube-system");
    change("node-status", "/objectRef/name", "n2");
    change("node-status", "/objectRef/subresource", "");
    change("endpoints", "/user/username", "system:serviceaccount:kube-system:job-controller");
}
