//! `decide.audit` against `policy.NewPolicyRuleEvaluator` of k8s.io/apiserver.
//!
//! Random policies and requests go to a small Go program (`decide-differential/`), which loads each
//! policy as the API server loads its file, evaluates it for each request with attributes made from
//! the URL, and gives back the decision together with the event that the API server would write,
//! `objectRef` completed from the body. The filter sees only that event, at every stage and with
//! both bodies, and must come to the same decision: dropped or not, level, bodies, managedFields.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::{io, thread};

use auditweir::{Filter, Format, Policy};
use serde_json::{Value, json};

use crate::Random;

const POLICIES: usize = 3000;
const REQUESTS: usize = 16;
const STAGES: [&str; 4] = ["RequestReceived", "ResponseStarted", "ResponseComplete", "Panic"];
const LEVELS: [&str; 4] = ["None", "Metadata", "Request", "RequestResponse"];

const USERS: &[&str] =
    &["alice", "a&b", "system:kube-scheduler", "system:node:n1", "é", "x\"y", "system:anonymous"];
const GROUPS: &[&str] = &["system:authenticated", "system:nodes", "dev<ops>", "system:masters"];
const VERBS: &[&str] = &[
    "get",
    "list",
    "watch",
    "create",
    "update",
    "patch",
    "delete",
    "deletecollection",
    "head",
    "post",
    "proxy",
    "*",
];
const API_GROUPS: &[&str] = &["", "*", "apps", "rbac.authorization.k8s.io", "example.com"];
const RESOURCES: &[&str] = &[
    "*",
    "pods",
    "pods/*",
    "pods/log",
    "*/status",
    "*/log",
    "*/*",
    "pods/exec",
    "namespaces",
    "clusterroles",
    "deployments",
    "deployments/scale",
    "pods/",
    "/pods",
    "*/",
    "pods*",
    "",
    "services",
    "nodes/proxy",
    "namespaces/status",
];
const NAMES: &[&str] = &["p", "leader", "kube-system", "n 1", ""];
const NAMESPACES: &[&str] = &["", "default", "kube-system", "leader", "n&s"];
const PATHS: &[&str] = &[
    "*",
    "/*",
    "/healthz",
    "/healthz*",
    "/api*",
    "/apis/apps",
    "/",
    "/metrics/*",
    "/é",
    "/a b",
    "/version",
    "/a&b",
    "/x*",
];
const WRONG_PATHS: &[&str] = &["", "healthz", "/a*b", "/**", "*/x"];
const WRONG_GROUPS: &[&str] = &["apps/v1", "Apps", ".", "a..b", "-a", "a_b", "a."];

#[test]
fn agrees_with_kube_apiserver() {
    let Some(program) = build() else { return };
    let mut random = Random(0x0a0d_17e1);
    let questions: Vec<_> = (0..POLICIES)
        .map(|_| {
            let policy = policy(&mut random);
            let requests: Vec<_> = (0..REQUESTS).map(|_| request(&mut random)).collect();
            (policy, requests)
        })
        .collect();
    let mut child = Command::new(program)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("the Go program runs");
    let mut stdin = child.stdin.take().expect("stdin");
    let stdout = BufReader::new(child.stdout.take().expect("stdout"));
    let mut counts = Counts::default();
    thread::scope(|scope| {
        scope.spawn(|| {
            for (policy, requests) in &questions {
                let line = json!({"policy": policy.to_string(), "requests": requests});
                writeln!(stdin, "{line}").expect("write");
            }
            drop(stdin);
        });
        for ((policy, requests), line) in questions.iter().zip(stdout.lines()) {
            let reply: Value = serde_json::from_str(&line.expect("line")).expect("JSON");
            compare(policy, requests, &reply, &mut counts);
        }
    });
    assert!(child.wait().expect("exit").success());
    let _ = writeln!(io::stderr(), "decide-differential: {counts:?}");
    assert_eq!(counts.policies + counts.refused, POLICIES);
    // The generator must reach both answers to every question.
    for (what, count) in [
        ("policies refused", counts.refused),
        ("events dropped by level", counts.by_level),
        ("events dropped by stage", counts.by_stage),
        ("levels lowered", counts.lowered),
        ("managedFields kept", counts.managed_kept),
        ("managedFields omitted", counts.managed_omitted),
        ("requests without a resource", counts.without_resource),
        ("names filled from the body", counts.from_body),
    ] {
        assert!(count > 100, "only {count} {what}");
    }
}

#[derive(Debug, Default)]
struct Counts {
    policies: usize,
    refused: usize,
    events: usize,
    by_level: usize,
    by_stage: usize,
    lowered: usize,
    managed_kept: usize,
    managed_omitted: usize,
    without_resource: usize,
    from_body: usize,
}

/// Builds the Go program; `None` when it cannot be built here, which is said aloud.
fn build() -> Option<PathBuf> {
    let skip = |why: &str| {
        // Not through the test harness, which hides what passing tests say.
        let _ = writeln!(
            io::stderr(),
            "\nSKIPPED: {why}: decide.audit was not compared with kube-apiserver\n"
        );
        None
    };
    if Command::new("go").arg("version").output().is_err() {
        return skip("go is not installed");
    }
    let program = PathBuf::from(env!("CARGO_TARGET_TMPDIR")).join("decide-differential");
    let built = Command::new("go")
        .args(["build", "-p", "2", "-mod=readonly", "-o"])
        .arg(&program)
        .arg(".")
        .current_dir(auditweir_tests::here("decide-differential"))
        .output()
        .expect("go");
    let said = String::from_utf8_lossy(&built.stderr);
    if !built.status.success() && (said.contains("dial tcp") || said.contains("GOPROXY=off")) {
        return skip("go cannot fetch modules");
    }
    assert!(built.status.success(), "decide-differential does not build:\n{said}");
    Some(program)
}

fn policy(random: &mut Random) -> Value {
    let mut policy = json!({"apiVersion": "audit.k8s.io/v1", "kind": "Policy"});
    let rules = 1 + random.below(6);
    policy["rules"] = (0..rules).map(|_| rule(random)).collect();
    if random.one_in(4) {
        policy["omitStages"] = json!(random.some(&STAGES, 2));
    }
    if random.one_in(3) {
        policy["omitManagedFields"] = json!(random.one_in(2));
    }
    if random.one_in(60) {
        policy["rules"] = json!([]);
    }
    if random.one_in(60) {
        policy["omitStages"] = json!(["Whatever"]);
    }
    if random.one_in(60) {
        let (member, value) =
            [("kind", "EventList"), ("apiVersion", "audit.k8s.io/v1beta1")][random.below(2)];
        policy[member] = json!(value);
    }
    policy
}

fn rule(random: &mut Random) -> Value {
    let mut rule = json!({"level": random.pick(&LEVELS)});
    for (member, list) in [("users", USERS), ("userGroups", GROUPS), ("verbs", VERBS)] {
        if random.one_in(4) {
            rule[member] = json!(random.some(list, 5));
        }
    }
    let about = random.below(8);
    if about < 4 {
        if about != 0 {
            let resources = 1 + random.below(2);
            rule["resources"] = (0..resources).map(|_| group_resources(random)).collect();
        }
        if about < 2 || random.one_in(3) {
            rule["namespaces"] = json!(random.some(NAMESPACES, 3));
        }
    } else if about < 6 {
        rule["nonResourceURLs"] = json!(random.some(PATHS, 3));
    }
    if random.one_in(4) {
        rule["omitStages"] = json!(random.some(&STAGES, 3));
    }
    if random.one_in(4) {
        rule["omitManagedFields"] = json!(random.one_in(2));
    }
    match random.below(120) {
        0 => rule["nonResourceURLs"] = json!(["/ok", random.pick(WRONG_PATHS)]),
        1 => rule["resources"] = json!([{"group": random.pick(WRONG_GROUPS)}]),
        2 => rule["resources"] = json!([{"resourceNames": ["p"]}]),
        3 => {
            rule["nonResourceURLs"] = json!(["/x"]);
            rule["namespaces"] = json!(["default"]);
        }
        4 => rule["level"] = json!("Most"),
        5 => rule["users"] = Value::Null,
        6 => rule["omitStages"] = json!(["ResponseComplete", "Never"]),
        _ => {}
    }
    rule
}

fn group_resources(random: &mut Random) -> Value {
    let mut of = json!({});
    if !random.one_in(4) {
        of["group"] = json!(random.pick(API_GROUPS));
    }
    let resources = random.some(RESOURCES, 4);
    if !resources.is_empty() && random.one_in(3) {
        of["resourceNames"] = json!(random.some(NAMES, 3));
    }
    of["resources"] = json!(resources);
    of
}

fn request(random: &mut Random) -> Value {
    let method =
        random.pick(&["GET", "GET", "POST", "POST", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS"]);
    let uri = uri(random);
    let user = if random.one_in(8) {
        Value::Null
    } else {
        // every authenticated user has a group
        let mut groups = random.some(GROUPS, 3);
        groups.push(random.pick(GROUPS));
        json!({"name": random.pick(USERS), "groups": groups})
    };
    let has_body = matches!(method, "POST" | "PUT");
    let body = if has_body && random.one_in(2) {
        json!({"namespace": random.pick(NAMESPACES), "name": random.pick(NAMES)})
    } else {
        Value::Null
    };
    json!({"method": method, "uri": uri, "user": user, "body": body})
}

fn uri(random: &mut Random) -> String {
    let mut uri = String::new();
    if random.one_in(4) {
        uri.push_str(random.pick(&[
            "/healthz",
            "/healthz/etcd",
            "/healthzz",
            "/api",
            "/api/v1",
            "/apis",
            "/apis/apps/v1",
            "/metrics",
            "/metrics/",
            "/",
            "/version",
            "/%C3%A9",
            "/a%20b",
            "/a&b",
            "/a%26b/c",
            "/x",
            "/X",
            "//healthz/",
            "/api/v1/",
            "/openapi/v2",
            "/apis/apps",
            "/h%65althz",
            "/apis/apps/v1/%2e%2e",
        ]));
    } else {
        let (prefix, resources): (_, &[&str]) = match random.below(4) {
            0 => ("/apis/apps/v1", &["deployments", "clusterroles"]),
            1 => ("/apis/rbac.authorization.k8s.io/v1", &["clusterroles"]),
            2 => ("/apis/example.com/v1beta1", &["pods", "services"]),
            _ => ("/api/v1", &["pods", "namespaces", "services", "nodes", "%70ods"]),
        };
        uri.push_str(prefix);
        if random.one_in(12) {
            uri.push_str(random.pick(&["/watch", "/proxy"]));
        }
        if !random.one_in(3) {
            uri.push_str("/namespaces/");
            uri.push_str(random.pick(&["default", "kube-system", "leader", "n&s", "n%26s", ""]));
        }
        let depth = random.below(5);
        if depth > 0 {
            uri.push('/');
            uri.push_str(random.pick(resources));
        }
        if depth > 1 {
            uri.push('/');
            uri.push_str(random.pick(&["p", "leader", "n%201", "x", "namespaces"]));
        }
        if depth > 2 {
            uri.push('/');
            uri.push_str(random.pick(&["log", "status", "exec", "scale", "proxy", "finalize"]));
        }
        if depth > 3 && random.one_in(2) {
            uri.push_str("/more/of%2fit");
        }
        if random.one_in(10) {
            uri.push('/');
        }
    }
    if random.one_in(3) {
        uri.push_str(random.pick(&[
            "?watch=true",
            "?watch=1&fieldSelector=metadata.name%3Dleader",
            "?a=b&c=%2F",
            "?fieldSelector=metadata.name%3Dp",
            "?",
        ]));
    }
    uri
}

fn compare(policy: &Value, requests: &[Value], reply: &Value, counts: &mut Counts) {
    let ours =
        json!({"version": 1, "redact": {"managedFields": "keep"}, "decide": {"audit": policy}});
    let compiled = Policy::from_yaml(&ours.to_string()).and_then(Policy::compile);
    if let Some(error) = reply["error"].as_str() {
        assert!(compiled.is_err(), "kube-apiserver refuses {policy}: {error}");
        counts.refused += 1;
        return;
    }
    let compiled =
        compiled.unwrap_or_else(|error| panic!("{error}\nbut kube-apiserver reads {policy}"));
    counts.policies += 1;
    let mut filter = Filter::new(Arc::new(compiled), Format::Native);
    let answers = reply["answers"].as_array().expect("answers");
    assert_eq!(answers.len(), requests.len());
    for (request, answer) in requests.iter().zip(answers) {
        if answer.get("event").is_none() {
            continue;
        }
        let mut event = answer["event"].clone();
        counts.without_resource += usize::from(event.get("objectRef").is_none());
        counts.from_body += usize::from(
            !request["body"].is_null()
                && (event["objectRef"]["name"] == request["body"]["name"]
                    || event["objectRef"]["namespace"] == request["body"]["namespace"]),
        );
        event["requestObject"] = json!({"metadata": {"managedFields": [{"manager": "m"}]}});
        event["responseObject"] = json!({"metadata": {"managedFields": [{"manager": "m"}]}});
        for stage in STAGES {
            event["stage"] = json!(stage);
            counts.events += 1;
            let (found, expected) = (found(&mut filter, &event), expected(answer, stage));
            assert_eq!(found, expected, "\npolicy {policy}\nrequest {request}\nevent {event}");
            match (found, answer["level"].as_str()) {
                (None, Some("None")) => counts.by_level += 1,
                (None, _) => counts.by_stage += 1,
                (Some(_), Some(level)) => {
                    counts.lowered += usize::from(level != "RequestResponse");
                    if level != "Metadata" {
                        if answer["omitManagedFields"] == true {
                            counts.managed_omitted += 1;
                        } else {
                            counts.managed_kept += 1;
                        }
                    }
                }
                _ => unreachable!("a level is a text"),
            }
        }
    }
}

/// Level, request, response, managedFields in the request, in the response; `None` when dropped.
type Seen = Option<(String, bool, bool, bool, bool)>;

/// What the filter makes of an event. Events are given to it with the escapes that Go writes.
fn found(filter: &mut Filter, event: &Value) -> Seen {
    let text = event.to_string().replace('&', "\\u0026").replace('<', "\\u003c");
    let mut out = Vec::new();
    let verdict = filter.apply(text.as_bytes(), &mut out);
    assert_eq!(verdict.events + verdict.dropped, 1, "{verdict:?} for {text}");
    if verdict.dropped == 1 {
        assert!(out.is_empty());
        return None;
    }
    let out: Value = serde_json::from_slice(&out).expect("JSON");
    let managed = |body: &str| out[body]["metadata"].get("managedFields").is_some();
    Some((
        out["level"].as_str().expect("level").to_owned(),
        out.get("requestObject").is_some(),
        out.get("responseObject").is_some(),
        managed("requestObject"),
        managed("responseObject"),
    ))
}

/// What kube-apiserver's configuration means for an event of this stage.
fn expected(answer: &Value, stage: &str) -> Seen {
    let level = answer["level"].as_str().expect("level");
    let omitted = answer["omitStages"].as_array().is_some_and(|list| list.contains(&json!(stage)));
    if level == "None" || omitted {
        return None;
    }
    let (request, response) = (level != "Metadata", level == "RequestResponse");
    let managed = answer["omitManagedFields"] == false;
    Some((level.to_owned(), request, response, request && managed, response && managed))
}
