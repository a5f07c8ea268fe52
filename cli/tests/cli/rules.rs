//! Mistakes in rules, and gates that must not pass by accident.

use std::path::PathBuf;

use super::{auditweir, run, text};

/// A folder of its own with this rule.
fn folder(name: &str, selection: &str) -> PathBuf {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("mistakes").join(name);
    std::fs::create_dir_all(&folder).expect("a folder");
    let rule = format!(
        "title: Mine\nlogsource: {{product: kubernetes}}\ndetection:\n  a:\n    {selection}\n  condition: a\n"
    );
    std::fs::write(folder.join("mine.yaml"), rule).expect("a rule");
    folder
}

#[test]
fn rules_name_what_no_event_has() {
    let wrong = folder("field", "objectRef.resourc: secrets");
    let message = "mine.yaml:5:24: an audit event has no `objectRef.resourc`; did you mean `objectRef.resource`?";
    let policy = wrong.join("policy.policy");
    std::fs::write(&policy, "version: 1\nrules: {folders: [.]}\n").expect("a policy");
    for (arguments, path, code) in [
        (&["rules", "check"][..], &wrong, 1),
        (&["rules", "list"], &wrong, 2),
        (&["detect", "--rules"], &wrong, 2),
        (&["filter", "--policy"], &policy, 2),
    ] {
        let output = run(auditweir(arguments).arg(path), b"");
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(code), "{arguments:?} {said}");
        assert!(said.contains(message), "{arguments:?} {said}");
    }
}

#[test]
fn rules_with_an_unknown_verb_or_member_are_used_and_warned_of() {
    for (name, selection, warning) in [
        (
            "verb",
            "verb: [create, creat]",
            "mine.yaml:5:20: no audit event has the verb `creat`; did you mean `create`?",
        ),
        ("root", "objctRef.name: x", "mine.yaml:5:20: an audit event has no `objctRef.name`"),
    ] {
        let folder = folder(name, selection);
        for arguments in [&["rules", "check"][..], &["detect", "--rules"]] {
            let output = run(auditweir(arguments).arg(&folder), b"");
            let said = text(&output.stderr);
            assert_eq!(output.status.code(), Some(0), "{said}");
            assert!(said.contains("warning: ") && said.contains(warning), "{said}");
        }
    }
    let output = run(&mut auditweir(&["rules", "list"]), b"");
    assert_eq!(text(&output.stderr), "", "the pack asks for nothing of the kind");
}

#[test]
fn rules_of_an_empty_folder_are_an_error() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("no-rules");
    std::fs::create_dir_all(&folder).expect("a folder");
    for arguments in
        [&["rules", "check"][..], &["rules", "list"], &["rules", "test"], &["detect", "--rules"]]
    {
        let output = run(auditweir(arguments).arg(&folder), b"");
        let said = text(&output.stderr);
        assert_eq!(output.status.code(), Some(2), "{arguments:?} {said}");
        assert!(said.contains("no-rules: no .yaml or .yml file"), "{arguments:?} {said}");
    }
}

#[test]
fn rules_without_examples_are_said_to_have_none() {
    let folder = folder("examples", "verb: create");
    let output = run(auditweir(&["rules", "test"]).arg(&folder), b"");
    assert_eq!(text(&output.stdout), "no rule here brings examples\n");
    let output = run(auditweir(&["rules", "check"]).arg(&folder), b"");
    let said = format!("{}: ok, 1 rule\n", folder.display());
    assert_eq!(text(&output.stdout), said, "a folder is one set");
}

#[test]
fn detect_lets_no_gate_pass_over_what_it_could_not_read() {
    let broken = br#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Met"#;
    let output = run(&mut auditweir(&["detect", "--fail-on", "critical"]), broken);
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    assert!(said.contains("1 of 1 inputs could not be read; no rule saw them"), "{said}");
    let output = run(&mut auditweir(&["detect"]), broken);
    assert_eq!(output.status.code(), Some(0), "without a gate nothing fails");
}

#[test]
fn detect_counts_the_answers_that_it_does_not_show() {
    let folder = folder("untold", "requestObject.spec.replicas: 3");
    let event = br#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a","stage":"ResponseComplete","verb":"create","user":{"username":"jane"},"requestURI":"/apis/apps/v1/namespaces/shop/deployments","objectRef":{"resource":"deployments","namespace":"shop"},"responseStatus":{"code":201}}"#;
    let twice = [&event[..], &event[..]].join(&b'\n');
    let said = |more: &[&str]| {
        let output = run(auditweir(&["detect", "--rules"]).arg(&folder).args(more), &twice);
        text(&output.stderr).clone()
    };
    assert!(
        said(&[]).contains("2 times a rule could not tell (1 rule); --answers all shows why"),
        "{}",
        said(&[])
    );
    assert!(!said(&["--answers", "all"]).contains("could not tell"));
    assert!(!said(&["--quiet"]).contains("could not tell"));
}

/// What `rules coverage` says of a rule, of the pack or of a text, under the rules of an audit policy.
fn coverage(name: &str, policy: &str, rule: Option<&str>, intent: &str) -> serde_json::Value {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("coverage-{name}"));
    std::fs::create_dir_all(&folder).expect("a folder");
    let (file, own) = (folder.join("policy.yaml"), folder.join("rule.yaml"));
    let yaml = format!("apiVersion: audit.k8s.io/v1\nkind: Policy\n{policy}\n");
    std::fs::write(&file, yaml).expect("a policy");
    let mut command = auditweir(&["rules", "coverage", "--json", "--audit-policy"]);
    command.arg(&file);
    if let Some(rule) = rule {
        std::fs::write(&own, rule).expect("a rule");
        command.arg(&own);
    }
    let lines = text(&run(&mut command, b"").stdout);
    let read = |line| serde_json::from_str::<serde_json::Value>(line).expect("JSON");
    lines.lines().map(read).find(|line| line["intent"] == intent).expect("rule")
}

/// Whom and where an audit policy names is asked about, too.
#[test]
fn coverage_asks_for_what_the_policy_names() {
    let can = |rules: &str, intent: &str| {
        coverage("named", &format!("rules:\n{rules}"), None, intent)["can"].clone()
    };
    let intent = "privileged_pod_created";
    let all = "- {level: RequestResponse}";
    assert_eq!(can(all, intent), "always");
    for some in [
        "- {level: None, namespaces: [payments]}",
        "- {level: None, verbs: [create], userGroups: [\"system:masters\"]}",
        "- {level: Metadata, users: [\"system:admin\"]}",
    ] {
        assert_eq!(can(&format!("{some}\n{all}"), intent), "sometimes", "{some}");
    }
    let one = "- {level: Request, namespaces: [prod]}\n- {level: Metadata}";
    assert_eq!(can(one, intent), "sometimes");
    // What the API does not have is not asked for.
    let pods = "- {level: RequestResponse, resources: [{group: \"\", resources: [pods, pods/ephemeralcontainers]}]}";
    assert_eq!(
        can(&format!("{pods}\n- {{level: Metadata}}"), "privileged_ephemeral_container"),
        "always"
    );
}

/// What a patch copies or adds to is shown by the response only.
#[test]
fn coverage_knows_that_a_patch_is_not_all_in_its_request() {
    let can = |rules: &str| {
        coverage("patch", &format!("rules: [{rules}]"), None, "node_port_service")["can"].clone()
    };
    assert_eq!(can("{level: Request}"), "sometimes");
    assert_eq!(can("{level: RequestResponse, verbs: [patch]}, {level: Request}"), "always");
    assert_eq!(can("{level: Request, verbs: [patch]}, {level: Metadata}"), "sometimes");
    assert_eq!(can("{level: Metadata}"), "never");
}

/// A rule of an audit policy for another API group does not answer a detection rule.
#[test]
fn coverage_knows_the_group_of_a_rule() {
    let rule = |group: &str| {
        format!(
            "title: Mine\nlogsource: {{product: kubernetes}}\ndetection: {{a: {{verb: create, \
             objectRef.resource: certificates{group}, requestObject.spec.isCA: true}}, condition: a}}\n"
        )
    };
    let can = |group: &str, policy: &str| {
        let rules = format!(
            "rules: [{{level: Request, resources: [{{group: '{policy}'}}]}}, {{level: Metadata}}]"
        );
        coverage("group", &rules, Some(&rule(group)), "mine")["can"].clone()
    };
    let asked = ", objectRef.apiGroup: cert-manager.io";
    assert_eq!(can(asked, "cert-manager.io"), "always");
    assert_eq!(can(asked, ""), "never");
    // Nobody knows whose `certificates` are meant.
    assert_eq!(can("", "cert-manager.io"), "sometimes");
}

/// What is recorded only before it is answered does not say how it ended.
#[test]
fn coverage_knows_which_stages_are_left_out() {
    let can = |policy: &str, intent: &str| coverage("stages", policy, None, intent)["can"].clone();
    let omitted = "omitStages: [ResponseComplete]\nrules: [{level: RequestResponse}]";
    assert_eq!(can(omitted, "privileged_pod_created"), "never");
    assert_eq!(can(omitted, "pod_exec"), "always", "that it began is recorded");
    let by_rule =
        "rules: [{level: RequestResponse, omitStages: [ResponseComplete, ResponseStarted]}]";
    assert_eq!(can(by_rule, "privileged_pod_created"), "never");
    assert_eq!(can(by_rule, "pod_exec"), "never");
    let received = "omitStages: [RequestReceived]\nrules: [{level: RequestResponse}]";
    assert_eq!(can(received, "privileged_pod_created"), "always");
}

/// What cannot be told of the arrival of a request is told only where no end is recorded.
#[test]
fn a_request_is_told_of_once() {
    let event = |id: &str, stage: &str, time: u8, status: &str| {
        format!(
            r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"{id}","stage":"{stage}","verb":"list","requestURI":"/api/v1/secrets","user":{{"username":"jane"}},"objectRef":{{"resource":"secrets","apiVersion":"v1"}},"requestReceivedTimestamp":"2026-11-26T10:00:00.000001Z","stageTimestamp":"2026-11-26T10:00:0{time}.000001Z"{status}}}"#
        ) + "\n"
    };
    let ends = r#","responseStatus":{"code":200}"#;
    let whole = event("a", "RequestReceived", 0, "") + &event("a", "ResponseComplete", 1, ends);
    let cut = event("b", "RequestReceived", 0, "");
    let panic = event("c", "RequestReceived", 0, "")
        + &event("c", "Panic", 1, r#","responseStatus":{"code":500}"#);
    let told = |input: &str| -> Vec<String> {
        let output = run(&mut auditweir(&["detect", "--answers", "all"]), input.as_bytes());
        let read = |line: &str| {
            let line: serde_json::Value = serde_json::from_str(line).expect("JSON");
            (line["rule"]["intent"] == "secrets_listed_cluster_wide")
                .then(|| line["answer"].as_str().expect("text").to_owned())
        };
        text(&output.stdout).lines().filter_map(read).collect()
    };
    assert_eq!(told(&whole), ["match"]);
    assert_eq!(told(&cut), ["cannot-tell"]);
    assert_eq!(told(&(cut.clone() + &whole)), ["match", "cannot-tell"]);
    let overtaken = event("d", "ResponseComplete", 1, ends) + &event("d", "RequestReceived", 0, "");
    assert_eq!(told(&overtaken), ["match"]);
    assert!(told(&panic).is_empty(), "it was not carried out");

    // Nor does the decision stand there yet.
    let written = (event("e", "RequestReceived", 0, "") + &event("e", "ResponseComplete", 1, ends))
        .replace(r#""verb":"list""#, r#""verb":"create""#)
        .replace(
            r#""code":200}"#,
            r#""code":201},"annotations":{"authorization.k8s.io/decision":"allow"}"#,
        );
    let output = run(&mut auditweir(&["detect", "--answers", "all"]), written.as_bytes());
    assert!(!text(&output.stdout).contains("create_refused"), "{}", text(&output.stdout));

    let untold = |input: &str| {
        let output = run(&mut auditweir(&["review", "--json"]), input.as_bytes());
        let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
        report["panels"]["findings"]["figures"]["untold"].as_u64().expect("a number")
    };
    assert_eq!(untold(&whole), 0);
    assert!(untold(&cut) > 0);
}
