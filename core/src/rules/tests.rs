//! What rules answer, over their own examples.

use std::sync::Arc;

use super::{Expected, Finding, RequestOutcome, Rules, WindowLimits, Windows, examples};
use crate::scan::doc::Doc;
use crate::scan::{Bounds, Tape};
use crate::{Filter, Format, Policy};

/// A JSON text as scanned.
pub(super) fn scanned<T>(text: &str, look: impl FnOnce(Doc<'_>) -> T) -> T {
    let mut tape = Tape::new(|_| false);
    tape.load(text.as_bytes());
    tape.parse(text.as_bytes(), 0, Bounds { depth: 100, nodes: 10_000 }).unwrap();
    look(Doc { src: text.as_bytes(), nodes: &tape.nodes })
}

/// A filter that asks these rules.
fn watching(rules: &Arc<Rules>) -> Filter {
    let policy = Arc::new(Policy::default().compile().unwrap());
    let mut filter = Filter::new(policy, Format::Ecs);
    filter.watch(Arc::clone(rules));
    filter
}

/// Id, answer, reason and outcome of everything that is found in some inputs.
fn found(
    filter: &mut Filter,
    inputs: &[String],
) -> Vec<(String, &'static str, String, RequestOutcome)> {
    let mut all = Vec::new();
    let mut windows = Windows::new(WindowLimits::default());
    for input in inputs {
        filter.apply_each(input.as_bytes(), &mut |line| {
            assert!(line.kind.is_event(), "{input}");
            let mut each = |finding: Finding<'_>| {
                let why = finding.why();
                all.push((finding.rule.id.clone(), finding.answer(), why, finding.outcome));
            };
            line.findings().iter().for_each(&mut each);
            line.findings().over_time(&mut windows, &mut each);
        });
    }
    all
}

#[test]
fn every_rule_of_the_pack_answers_its_examples() {
    let rules = Arc::new(Rules::pack().unwrap());
    let mut filter = watching(&rules);
    let mut wrong = Vec::new();
    for text in Rules::pack_texts() {
        let mut counts = [0; 3];
        for example in examples(&text).unwrap() {
            let answers = found(&mut filter, &example.events);
            let answer = answers.iter().find(|(id, ..)| *id == example.rule);
            let expected = match example.expected {
                Expected::Match => Some("match"),
                Expected::NearMiss => None,
                Expected::CannotTell => Some("cannot-tell"),
            };
            counts[example.expected as usize] += 1;
            if answer.map(|(_, answer, ..)| *answer) != expected {
                wrong.push(format!(
                    "{}:{} expected {expected:?}, got {answer:?}\n  {}",
                    text.file,
                    example.line,
                    example.events.join("\n  ")
                ));
            }
        }
        let stateful = text.text.contains("sequence-match");
        assert!(counts[0] > 0 && counts[1] > 0, "{}: {counts:?}", text.file);
        assert!(stateful || counts[2] > 0, "{}: {counts:?}", text.file);
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn the_pack_is_whole() {
    let rules = Rules::pack().unwrap();
    for rule in rules.telling() {
        let stem = rule.file.trim_end_matches(".yaml");
        assert_eq!(rule.intent, stem, "a rule's file is called as its intent");
        assert_eq!(rule.id.len(), 36, "{}", rule.file);
        assert!(!rule.description.is_empty() && !rule.fields.is_empty(), "{}", rule.file);
        let twins = rules.all().iter().filter(|other| other.id == rule.id).count();
        assert_eq!(twins, 1, "{}", rule.id);
    }
    let folder = concat!(env!("CARGO_MANIFEST_DIR"), "/src/rules/pack");
    let files = std::fs::read_dir(folder).unwrap().count();
    assert_eq!(files, Rules::pack_texts().len(), "every file of the pack is listed");
}

#[test]
fn what_is_not_supported_is_refused_with_its_place() {
    let head = "title: x\nlogsource: {product: kubernetes, service: audit}\ndetection:\n";
    for (body, place, says) in [
        ("  a: {verb|re: '(?=x)'}\n  condition: a\n", "r:4:16", "expression"),
        ("  a: {verb|i: x}\n  condition: a\n", "r:4:15", "behind `re`"),
        ("  a: {verb|wide: x}\n  condition: a\n", "r:4:18", "base64"),
        ("  a: {verb|base64offset: x}\n  condition: a\n", "r:4:26", "contains"),
        ("  a: {verb|base64: x*}\n  condition: a\n", "r:4:20", "wildcards"),
        ("  a: {verb|fieldref: x}\n  condition: a\n", "r:4:22", "fieldref"),
        ("  a: {verb|foo: x}\n  condition: a\n", "r:4:17", "no modifier"),
        ("  a: {verb: x}\n  condition: b\n", "r:5:14", "no selection"),
        ("  a: {verb: x}\n  condition: a | count() > 1\n", "r:5:14", "correlation"),
        ("  a: {'x[0]': x}\n  condition: a\n", "r:4:15", "selectors"),
        ("  a: {verb: []}\n  condition: a\n", "r:4:13", "no values"),
        ("  a: {verb: [null]}\n  condition: a\n", "r:4:14", "may not stand"),
        ("  a: {verb|lt: x}\n  condition: a\n", "r:4:16", "number"),
        ("  a: {sourceIPs|cidr: 10.0.0.0/33}\n  condition: a\n", "r:4:23", "network"),
        ("  a: {auditweir.rbac.grants: fly}\n  condition: a\n", "r:4:30", "no grant"),
        ("  a: {verb: x}\n", "r:4:3", "condition"),
    ] {
        let text = format!("{head}{body}");
        let error = Rules::read(&[super::RuleText { file: "r", text: &text }]).unwrap_err();
        assert!(error.message.contains(says), "{error}");
        assert!(error.to_string().starts_with(place), "{error} {place}");
    }
    for (head, says) in [
        (
            "title: x\nlogsource: {product: windows}\ndetection: {a: {b: c}, condition: a}",
            "windows",
        ),
        ("title: x\ndetection: {a: {b: c}, condition: a}", "logsource"),
        ("logsource: {product: kubernetes}\ndetection: {a: {b: c}, condition: a}", "title"),
        ("title: x\nlogsource: {product: kubernetes}", "detection"),
        (
            "title: x\nlevel: bad\nlogsource: {product: kubernetes}\ndetection: {a: {b: c}, condition: a}",
            "level",
        ),
    ] {
        let error = Rules::read(&[super::RuleText { file: "r", text: head }]).unwrap_err();
        assert!(error.message.contains(says), "{error}");
    }
}

#[test]
fn exceptions_take_events_out_until_they_end() {
    const RULE: &str = "title: r\nid: r\nlogsource: {product: kubernetes}\ndetection: {a: {verb: get}, condition: a}\n---\n";
    let event = |user: &str, day: &str| {
        format!(
            r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","auditID":"a","stage":"ResponseComplete","verb":"get","user":{{"username":"{user}"}},"objectRef":{{"resource":"pods"}},"responseStatus":{{"code":200}},"stageTimestamp":"{day}T10:00:00Z"}}"#
        )
    };
    let filter = "title: f\nfilter: {rules: [r], a: {user.username: jane}, condition: a}\nauditweir: {expires: '2026-11-26', owner: ops}\n";
    let text = format!("{RULE}{filter}");
    let rules = Rules::read(&[super::RuleText { file: "r", text: &text }]).unwrap();
    let mut watching = watching(&Arc::new(rules));
    let mut count = |user, day| found(&mut watching, &[event(user, day)]).len();
    assert_eq!(count("jane", "2026-11-26"), 0);
    assert_eq!(count("bob", "2026-11-26"), 1);
    assert_eq!(count("jane", "2026-11-27"), 1);
    assert_eq!(watching.exception_hits(), [1]);
    for (filter, says) in [
        ("title: f\nfilter: {rules: [q], a: {verb: x}, condition: a}", "no rule"),
        ("title: f\nfilter: {a: {verb: x}, condition: a}", "needs `rules`"),
        (
            "title: f\nfilter: {rules: [r], a: {verb: x}, condition: a}\nauditweir: {expires: soon}",
            "a day",
        ),
        (
            "title: f\nfilter: {rules: [r], a: {verb: x}, condition: a}\nauditweir: {who: me}",
            "no member",
        ),
    ] {
        let text = format!("{RULE}{filter}");
        let error = Rules::read(&[super::RuleText { file: "r", text: &text }]).unwrap_err();
        assert!(error.message.contains(says), "{error}");
    }
}

#[test]
fn a_cluster_s_exception_is_for_that_cluster() {
    const TEXT: &str = "title: r\nid: r\nlogsource: {product: kubernetes}\ndetection: {a: {verb: get}, condition: a}\n---\ntitle: f\nfilter: {rules: any, a: {verb: get}, condition: a}\nauditweir: {clusters: [prod]}\n";
    for (cluster, rules) in [("prod", 1), ("test", 0)] {
        let options = super::RuleOptions { cluster: cluster.into(), disable: vec![] };
        let read = Rules::read_with(&[super::RuleText { file: "r", text: TEXT }], &options);
        assert_eq!(read.unwrap().exceptions()[0].rules, rules, "{cluster}");
    }
    let options = super::RuleOptions { disable: vec!["none".into()], ..Default::default() };
    assert!(Rules::read_with(&[super::RuleText { file: "r", text: TEXT }], &options).is_err());
    let options = super::RuleOptions { disable: vec!["r".into()], ..Default::default() };
    let read = Rules::read_with(&[super::RuleText { file: "r", text: TEXT }], &options).unwrap();
    assert_eq!(read.telling().count(), 0);
}

#[test]
fn what_the_policy_drops_or_lowers_is_looked_at_as_it_came() {
    let text = "{version: 1, rules: {}, decide: {audit: {apiVersion: audit.k8s.io/v1, kind: Policy, rules: [{level: None, verbs: [delete]}, {level: Metadata}]}}}";
    let policy = Arc::new(Policy::from_yaml(text).unwrap().compile().unwrap());
    let event = |verb: &str, resource: &str, body: &str| {
        format!(
            r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Request","auditID":"a","stage":"ResponseComplete","verb":"{verb}","requestURI":"/api/v1/namespaces/shop/{resource}","user":{{"username":"jane","groups":["system:authenticated"]}},"objectRef":{{"resource":"{resource}","namespace":"shop","apiVersion":"v1"}},"responseStatus":{{"code":201}},"stageTimestamp":"2026-11-26T10:00:00Z"{body}}}"#
        )
    };
    let pod =
        r#","requestObject":{"spec":{"containers":[{"securityContext":{"privileged":true}}]}}"#;
    for tell in [false, true] {
        let mut filter = Filter::new(Arc::clone(&policy), Format::Native);
        filter.tell_dropped(tell);
        let mut seen = Vec::new();
        for event in [event("create", "pods", pod), event("delete", "events", "")] {
            filter.apply_each(event.as_bytes(), &mut |line| {
                let intents = line.findings().iter().map(|f| f.rule.intent.clone());
                seen.push((line.kind.is_event(), line.bytes.len(), intents.collect::<Vec<_>>()));
            });
        }
        let (is_event, bytes, intents) = &seen[0];
        assert!(*is_event && *bytes > 0 && intents.iter().any(|i| i == "privileged_pod_created"));
        assert_eq!(seen.len(), if tell { 2 } else { 1 });
        if let Some((is_event, bytes, intents)) = seen.get(1) {
            assert!(!is_event && *bytes == 0 && intents.iter().any(|i| i == "events_wiped"));
        }
        assert_eq!(filter.stats().dropped.iter().map(|(_, count)| count).sum::<u64>(), 1);
    }
}

#[test]
fn a_request_that_is_told_of_twice_is_found_once() {
    let event = |stage: &str, received: &str| {
        format!(
            r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a","stage":"{stage}","verb":"get","requestURI":"/api/v1/namespaces/shop/pods/web/exec?command=sh","user":{{"username":"jane"}},"objectRef":{{"resource":"pods","namespace":"shop","name":"web","subresource":"exec"}},"responseStatus":{{"code":101}},"requestReceivedTimestamp":"{received}"}}"#
        )
    };
    let mut filter = watching(&Arc::new(Rules::pack().unwrap()));
    let (one, two) = ("2026-11-26T10:00:00.000001Z", "2026-11-26T10:00:00.000002Z");
    let mut execs = |stage: &str, received: &str| {
        let found = found(&mut filter, &[event(stage, received)]);
        found.iter().filter(|(_, answer, ..)| *answer == "match").count()
    };
    let each = execs("ResponseStarted", one);
    assert!(each > 1);
    assert_eq!(execs("ResponseComplete", one), 0);
    assert_eq!(execs("ResponseComplete", two), each);
}

/// What is not there, is there already or broke on the way was not refused.
#[test]
fn a_failure_is_no_refusal() {
    let mut filter = watching(&Arc::new(Rules::pack().unwrap()));
    let mut outcome = |code: u16, reason: &str, decision: &str| {
        let event = format!(
            r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a","stage":"ResponseComplete","verb":"create","requestURI":"/api/v1/namespaces/shop/pods/web/exec?command=sh","user":{{"username":"jane"}},"objectRef":{{"resource":"pods","subresource":"exec"}},"responseStatus":{{"code":{code},"reason":"{reason}"}},"annotations":{{"authorization.k8s.io/decision":"{decision}"}}}}"#
        );
        let found = found(&mut filter, &[event]);
        let exec = found.iter().find(|(id, ..)| id == "197a70ab-4555-5991-8c86-fd6403c6dc8b");
        exec.map_or("nothing", |(.., outcome)| outcome.name())
    };
    assert_eq!(outcome(101, "", "allow"), "done");
    for (code, reason) in [(401, "Unauthorized"), (403, "Forbidden")] {
        assert_eq!(outcome(code, reason, "forbid"), "refused");
    }
    // By admission.
    assert_eq!(outcome(403, "Forbidden", "allow"), "refused");
    for code in [400, 404, 409, 422, 429, 500, 503] {
        assert_eq!(outcome(code, "", "allow"), "failed", "{code}");
    }
}

/// Batches of a webhook overtake each other.
#[test]
fn what_was_told_of_the_end_is_not_told_of_the_beginning() {
    let mut filter = watching(&Arc::new(Rules::pack().unwrap()));
    let mut told = |what: &str, stage: &str, id: &str| {
        let event = format!(
            r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"{id}","stage":"{stage}",{what},"user":{{"username":"jane"}},"annotations":{{"authorization.k8s.io/decision":"allow"}},"requestReceivedTimestamp":"2026-11-26T10:00:00.000001Z"}}"#
        );
        let found = found(&mut filter, &[event]);
        found.iter().filter(|(_, answer, ..)| *answer == "match").count()
    };
    for (id, what) in [
        r#""verb":"watch","requestURI":"/api/v1/secrets?watch=true","objectRef":{"resource":"secrets"},"responseStatus":{"code":200}"#,
        r#""verb":"get","requestURI":"/api/v1/namespaces/shop/pods/web/exec?command=sh","objectRef":{"resource":"pods","subresource":"exec","namespace":"shop","name":"web"},"responseStatus":{"code":101}"#,
        r#""verb":"get","requestURI":"/api/v1/nodes/a/proxy/runningpods/","objectRef":{"resource":"nodes","subresource":"proxy","name":"a"},"responseStatus":{"code":200}"#,
    ]
    .into_iter()
    .enumerate()
    {
        let id = &id.to_string();
        assert!(told(what, "ResponseComplete", id) > 0);
        assert_eq!(told(what, "ResponseStarted", id), 0);
    }
}

#[test]
fn what_was_told_of_an_arrival_is_not_told_of_the_end() {
    const RULE: &str = "title: r\nid: r\nlogsource: {product: kubernetes}\ndetection: {a: {verb: create}, condition: a}\ncustom: {outcome: [attempted, done]}\n---\ntitle: b\nid: b\nlogsource: {product: kubernetes}\ndetection: {a: {requestObject.spec.hostPID: true}, condition: a}\n";
    let rules = Rules::read(&[super::RuleText { file: "r", text: RULE }]).unwrap();
    let mut filter = watching(&Arc::new(rules));
    let mut told = |stage: &str, rest: &str| {
        let event = format!(
            r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Request","auditID":"a","stage":"{stage}","verb":"create","requestURI":"/api/v1/namespaces/shop/pods","user":{{"username":"jane"}},"objectRef":{{"resource":"pods"}},"requestReceivedTimestamp":"2026-11-26T10:00:00.000001Z"{rest}}}"#
        );
        let found = found(&mut filter, &[event]);
        found.into_iter().map(|(id, answer, ..)| format!("{id} {answer}")).collect::<Vec<_>>()
    };
    assert_eq!(told("RequestReceived", ""), ["r match", "b cannot-tell"]);
    let ends = r#","responseStatus":{"code":201},"requestObject":{"spec":{"hostPID":true}}"#;
    assert_eq!(told("ResponseComplete", ends), ["b match"]);
}

/// A patch does not show what it leaves alone, so its opposite is no match either.
#[test]
fn what_a_patch_leaves_alone_is_neither_so_nor_not() {
    const RULES: &str = "
title: not of a type
id: plain
logsource: {product: kubernetes, service: audit}
detection:
  patch: {verb: patch}
  type: {requestObject.spec.type: ClusterIP}
  condition: patch and not type
---
title: of a type
id: positive
logsource: {product: kubernetes, service: audit}
detection: {type: {requestObject.spec.type: ClusterIP}, condition: type}
---
title: not privileged
id: derived
logsource: {product: kubernetes, service: audit}
detection:
  patch: {verb: patch}
  flag: {auditweir.pod.privileged: true}
  image: {auditweir.pod.images: a}
  condition: patch and not flag and not image
---
title: not privileged, said otherwise
id: said-false
logsource: {product: kubernetes, service: audit}
detection: {flag: {verb: patch, auditweir.pod.privileged: false}, condition: flag}
";
    let rules = Arc::new(Rules::read(&[super::RuleText { file: "f", text: RULES }]).unwrap());
    let mut filter = watching(&rules);
    let event = |body: &str| {
        format!(
            r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Request","auditID":"1","stage":"ResponseComplete","requestURI":"/x","verb":"patch","user":{{"username":"jane"}},"objectRef":{{"resource":"services","namespace":"a","name":"b"}},"responseStatus":{{"code":200}},"requestObject":{body}}}"#
        )
    };
    let mut ask = |body: &str| -> Vec<String> {
        let found = found(&mut filter, &[event(body)]);
        found.into_iter().map(|(id, answer, ..)| format!("{id} {answer}")).collect()
    };
    let unknown = ["plain cannot-tell", "derived cannot-tell"];
    assert_eq!(ask(r#"{"metadata":{"labels":{"a":"b"}}}"#), unknown);
    assert_eq!(ask(r#"[{"op":"add","path":"/metadata/labels/a","value":"b"}]"#), unknown);
    assert_eq!(ask(r#"{"spec":{"type":"ClusterIP"}}"#), ["positive match", "derived cannot-tell"]);
    assert_eq!(
        ask(r#"{"spec":{"type":"NodePort"}}"#),
        ["plain match", "derived cannot-tell"],
        "what it sets is known"
    );
    assert_eq!(
        ask(r#"{"spec":{"containers":[{"name":"c","securityContext":{"privileged":true}}]}}"#),
        ["plain cannot-tell", "positive cannot-tell"]
    );
}
