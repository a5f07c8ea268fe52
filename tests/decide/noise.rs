//! What noise rules never drop, whatever the event looks like otherwise.

use std::sync::Arc;

use auditweir::{Filter, Format, Policy, decide};
use proptest::prelude::*;
use proptest::sample::{Index, select};
use proptest::test_runner::{Config, TestRunner};
use serde_json::{Value, json};

/// A filter with every noise rule on.
fn filter() -> Filter {
    let names: Vec<_> = decide::noise_rules().map(|rule| rule.name).collect();
    let policy = json!({"version": 1, "decide": {"noise": names}}).to_string();
    let policy = Policy::from_yaml(&policy).and_then(Policy::compile).expect("policy");
    Filter::new(Arc::new(policy), Format::Native)
}

fn is_dropped(filter: &mut Filter, event: &Value) -> bool {
    let mut out = Vec::new();
    let verdict = filter.apply(event.to_string().as_bytes(), &mut out);
    assert_eq!((verdict.lines() + verdict.dropped, verdict.stubs), (1, 0), "{event}");
    verdict.dropped == 1
}

/// Users with the groups that really go with them, and pretenders.
fn users() -> Vec<Value> {
    let user = |name: &str, groups: &[&str]| json!({"username": name, "groups": groups});
    let all = "system:authenticated";
    let accounts = "system:serviceaccounts";
    let system = "system:serviceaccounts:kube-system";
    vec![
        user("system:node:n1", &["system:nodes", all]),
        user("system:apiserver", &["system:masters"]),
        user("system:kube-controller-manager", &[all]),
        user("system:kube-scheduler", &[all]),
        user("system:serviceaccount:kube-system:endpoint-controller", &[accounts, system, all]),
        user("system:serviceaccount:kube-system:metrics-server", &[accounts, system, all]),
        user("system:serviceaccount:shop:web", &[accounts, "system:serviceaccounts:shop", all]),
        // people, strangers and borrowed names
        user("alice", &["system:nodes", accounts, system, all]),
        user("node:n1", &["system:nodes", all]),
        user("system:anonymous", &["system:unauthenticated"]),
        user("system:node:n1", &["system:nodes", all, "system:unauthenticated"]),
        user("system:node:n1", &[all]),
        user("system:kube-scheduler", &["system:masters", all]),
        user("system:admin", &["system:masters", all]),
        user("kube-system:system:node:n1", &["system:nodes", all]),
        user("", &["system:nodes", all]),
        json!({}),
    ]
}

fn objects() -> Vec<Value> {
    let of = |group: &str, resource: &str| json!({"apiGroup": group, "resource": resource});
    vec![
        of("coordination.k8s.io", "leases"),
        of("", "nodes"),
        of("", "pods"),
        of("", "events"),
        of("events.k8s.io", "events"),
        of("", "endpoints"),
        of("discovery.k8s.io", "endpointslices"),
        of("authentication.k8s.io", "tokenreviews"),
        of("authorization.k8s.io", "subjectaccessreviews"),
        of("authorization.k8s.io", "selfsubjectaccessreviews"),
        of("", "secrets"),
        of("", "serviceaccounts"),
        of("rbac.authorization.k8s.io", "clusterrolebindings"),
        of("certificates.k8s.io", "certificatesigningrequests"),
        of("admissionregistration.k8s.io", "mutatingwebhookconfigurations"),
        Value::Null,
        Value::Null,
    ]
}

/// Mostly quiet events: each part is out of the ordinary now and then.
fn event() -> impl Strategy<Value = Value> {
    let seldom = |usual: Value, others: Vec<Value>| {
        prop_oneof![6 => Just(usual), 1 => select(others)].boxed()
    };
    let usual_users = prop_oneof![3 => select(users()[..7].to_vec()), 1 => select(users())];
    let usual_objects = prop_oneof![4 => select(objects()[..10].to_vec()), 1 => select(objects())];
    (
        usual_users,
        usual_objects,
        select(vec!["get", "list", "watch", "create", "update", "patch", "delete"]),
        prop_oneof![
            4 => Just("ResponseComplete"), 1 => Just("RequestReceived"),
            1 => Just("ResponseStarted"), 1 => Just("Panic"),
        ],
        seldom(json!("Metadata"), vec![json!("Request"), json!("RequestResponse"), json!("x")]),
        seldom(
            json!(200),
            vec![
                json!(101),
                json!(201),
                json!(400),
                json!(401),
                json!(403),
                json!(500),
                Value::Null,
            ],
        ),
        seldom(json!("allow"), vec![json!("forbid"), json!("Allow"), Value::Null]),
        seldom(
            json!(""),
            ["status", "exec", "attach", "portforward", "proxy", "token", "log"]
                .map(Value::from)
                .to_vec(),
        ),
        seldom(
            Value::Null,
            vec![json!({"username": "system:node:n1"}), json!({"username": "admin"}), json!({})],
        ),
        select(vec!["n1", "n2", "lock"]),
        select(vec!["kube-system", "kube-node-lease", "shop", ""]),
        (
            select(vec![
                "/healthz",
                "/readyz/x",
                "/livez",
                "/metrics",
                "/version",
                "/api",
                "/openapi/v2",
                "/healthz/../api",
                "/x",
            ]),
            any::<bool>(),
        ),
    )
        .prop_map(
            |(
                user,
                object,
                verb,
                stage,
                level,
                code,
                decision,
                sub,
                impersonated,
                name,
                namespace,
                (path, received),
            )| {
                let mut event = json!({"kind": "Event", "apiVersion": "audit.k8s.io/v1",
                "level": level, "stage": stage, "verb": verb, "user": user, "requestURI": path});
                if !object.is_null() {
                    event["objectRef"] = object;
                    event["objectRef"]["subresource"] = sub;
                    event["objectRef"]["name"] = json!(name);
                    event["objectRef"]["namespace"] = json!(namespace);
                }
                // requests that just came in have no answer yet, or should not
                if stage != "RequestReceived" || !received {
                    event["responseStatus"] = json!({"code": code});
                    event["annotations"] = json!({"authorization.k8s.io/decision": decision});
                }
                if !impersonated.is_null() {
                    event["impersonatedUser"] = impersonated;
                }
                event
            },
        )
}

/// The promise, put down independently of the rules.
fn must_stay(event: &Value) -> Option<&'static str> {
    let text = |pointer: &str| event.pointer(pointer).and_then(Value::as_str).unwrap_or("");
    let (user, group, resource) =
        (text("/user/username"), text("/objectRef/apiGroup"), text("/objectRef/resource"));
    let code = event.pointer("/responseStatus/code").and_then(Value::as_u64);
    let is_in_group = |name: &str| {
        event["user"]["groups"].as_array().is_some_and(|groups| groups.contains(&json!(name)))
    };
    let reasons = [
        (code.is_some_and(|code| code >= 400 || code == 101), "failed or upgraded"),
        (text("/stage") != "RequestReceived" && code.is_none(), "no result"),
        (text("/annotations/authorization.k8s.io~1decision") == "forbid", "forbidden"),
        (text("/stage") == "Panic", "panic"),
        (text("/level") == "RequestResponse", "asked for in full"),
        (
            matches!(
                text("/objectRef/subresource"),
                "exec" | "attach" | "portforward" | "proxy" | "token"
            ),
            "sensitive subresource",
        ),
        (group.is_empty() && matches!(resource, "secrets" | "serviceaccounts"), "secrets"),
        (group == "rbac.authorization.k8s.io", "RBAC"),
        (group == "certificates.k8s.io", "certificates"),
        (group == "admissionregistration.k8s.io", "webhooks"),
        (event.get("impersonatedUser").is_some(), "impersonated"),
        (!user.starts_with("system:"), "a person"),
        (user == "system:anonymous" || is_in_group("system:unauthenticated"), "anonymous"),
        (is_in_group("system:masters") && user != "system:apiserver", "an administrator"),
        (text("/verb") == "delete", "a deletion"),
    ];
    reasons.iter().find(|(holds, _)| *holds).map(|(_, reason)| *reason)
}

#[test]
fn what_matters_is_never_noise() {
    let mut filter = filter();
    let (mut dropped, mut kept) = (0, std::collections::BTreeMap::new());
    let mut runner = TestRunner::deterministic_with(60_000);
    let mut counted = |event: &Value| {
        let gone = is_dropped(&mut filter, event);
        let reason = must_stay(event);
        if let Some(reason) = reason {
            *kept.entry(reason).or_insert(0) += 1;
        }
        dropped += usize::from(gone);
        (gone, reason)
    };
    let counted = std::cell::RefCell::new(&mut counted);
    runner
        .run(&event(), |event| {
            let (gone, reason) = (counted.borrow_mut())(&event);
            prop_assert!(!(gone && reason.is_some()), "dropped, though {:?}: {event}", reason);
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
    // The generator must hit both sides of the promise, and every rule.
    assert!(dropped > 5_000, "only {dropped} dropped");
    assert!(kept.len() == 15 && kept.values().all(|count| *count > 100), "{kept:?}");
    let seen: Vec<_> = filter.stats().dropped.iter().map(|(name, _)| *name).collect();
    for rule in decide::noise_rules() {
        assert!(seen.contains(&rule.name), "no event was {}", rule.name);
    }
}

/// Nothing that a client writes as it likes makes or unmakes noise.
#[test]
fn what_clients_write_plays_no_part() {
    let mut filter = filter();
    let filter = std::cell::RefCell::new(&mut filter);
    let texts = || {
        select(vec![
            "kubelet/v1.34.0 (linux/amd64) kubernetes/abc",
            "kube-controller-manager/v1.34.0",
            "system:node:n1",
            "\u{0}\"\\",
            "",
        ])
    };
    let members = ["userAgent", "auditID", "requestObject", "responseObject", "sourceIPs"];
    let strategy = (event(), any::<Index>(), texts(), texts());
    TestRunner::deterministic_with(20_000)
        .run(&strategy, |(event, which, one, other)| {
            let before = is_dropped(&mut filter.borrow_mut(), &event);
            let member = members[which.index(members.len())];
            let value = if member == "sourceIPs" {
                json!([one, other])
            } else if member.ends_with("Object") {
                json!({"user": {"username": one}, "kind": other, "stage": "RequestReceived"})
            } else {
                json!(one)
            };
            let mut event = event;
            event[member] = value;
            let uri = format!(
                "{}?watch=true&userAgent=kubelet",
                event["requestURI"].as_str().unwrap_or("")
            );
            event["requestURI"] = json!(uri);
            let after = is_dropped(&mut filter.borrow_mut(), &event);
            prop_assert_eq!(before, after, "{}", event);
            Ok(())
        })
        .unwrap_or_else(|error| panic!("{error}"));
}

/// A runner whose cases are the same every time.
trait Deterministic {
    fn deterministic_with(cases: u32) -> Self;
}

impl Deterministic for TestRunner {
    fn deterministic_with(cases: u32) -> Self {
        use proptest::test_runner::{RngAlgorithm, TestRng};
        let config = Config { cases, failure_persistence: None, ..Config::default() };
        Self::new_with_rng(config, TestRng::deterministic_rng(RngAlgorithm::ChaCha))
    }
}
