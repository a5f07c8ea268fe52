//! `detect` and `rules`.

use super::{CANARY, assert_clean, auditweir, corpora, run, text};

/// An exec, with a secret among its arguments.
fn exec(code: u16) -> String {
    format!(
        r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a","stage":"ResponseComplete","verb":"get","user":{{"username":"jane"}},"sourceIPs":["10.0.0.1"],"requestURI":"/api/v1/namespaces/shop/pods/web/exec?command=mysql&command=--password={CANARY}","objectRef":{{"resource":"pods","namespace":"shop","name":"web","subresource":"exec"}},"responseStatus":{{"code":{code}}},"stageTimestamp":"2026-11-26T10:00:00.000000Z"}}"#
    )
}

#[test]
fn findings_are_lines_of_json() {
    let output = run(&mut auditweir(&["detect"]), exec(101).as_bytes());
    assert_eq!(output.status.code(), Some(0));
    assert_clean(&output);
    let lines = text(&output.stdout);
    let finding = lines.lines().find(|line| line.contains("\"pod_exec_done\"")).expect("a finding");
    let finding: serde_json::Value = serde_json::from_str(finding).expect("JSON");
    let names: Vec<&String> = finding.as_object().expect("an object").keys().collect();
    assert_eq!(
        names,
        ["id", "auditID", "time", "rule", "answer", "why", "outcome", "actor", "target", "attack"]
    );
    for (name, value) in [
        ("answer", "match"),
        ("outcome", "done"),
        ("actor", "jane"),
        ("target", "pods/exec shop/web"),
        ("time", "2026-11-26T10:00:00.000000Z"),
    ] {
        assert_eq!(finding[name], value, "{name}");
    }
}

#[test]
fn levels_end_a_pipeline() {
    let fails = |level, code| {
        let output = run(&mut auditweir(&["detect", "--fail-on", level]), exec(code).as_bytes());
        output.status.code()
    };
    assert_eq!(fails("medium", 101), Some(1));
    assert_eq!(fails("critical", 101), Some(0));
    // What cannot be told is no match.
    let silent = run(&mut auditweir(&["detect"]), exec(101).replace("101", "0").as_bytes());
    assert!(!text(&silent.stdout).contains("pod_exec_done"));
    let told = auditweir(&["detect", "--answers", "all"]);
    let told = run(&mut { told }, exec(101).replace("101", "0").as_bytes());
    assert!(text(&told.stdout).contains("\"answer\":\"cannot-tell\""));
}

#[test]
fn what_is_shown_has_a_least_level() {
    let log = corpora().join("kube-apiserver-1.37.2/audit.log");
    let levels = |args: &[&str]| -> Vec<String> {
        let command = &mut auditweir(&["detect", "--answers", "all"]);
        let output = run(command.args(args).arg(&log), b"");
        assert_eq!(output.status.code(), Some(i32::from(args.contains(&"--fail-on"))));
        let level = |line: &str| {
            let finding: serde_json::Value = serde_json::from_str(line).expect("JSON");
            finding["rule"]["level"].as_str().expect("a level").to_owned()
        };
        text(&output.stdout).lines().map(level).collect()
    };
    let all = levels(&[]);
    assert!(all.iter().any(|level| level == "low"), "{all:?}");
    let some = levels(&["--level", "medium"]);
    let above = |level: &&String| ["medium", "high", "critical"].contains(&level.as_str());
    assert!(!some.is_empty() && some.len() < all.len());
    assert_eq!(some, all.iter().filter(above).cloned().collect::<Vec<_>>());
    // What is not shown still ends a pipeline.
    levels(&["--level", "critical", "--fail-on", "medium"]);
}

#[test]
fn a_log_without_events_is_said_to_have_none() {
    for input in ["", "\n\n"] {
        let output = run(&mut auditweir(&["detect", "-q", "--fail-on", "high"]), input.as_bytes());
        assert_eq!(output.status.code(), Some(0));
        assert_eq!(text(&output.stderr), "auditweir: no event in the input\n");
    }
    let output = run(&mut auditweir(&["detect", "-q"]), exec(101).as_bytes());
    assert_eq!(text(&output.stderr), "");
}

#[test]
fn a_bad_rule_is_named_with_its_place() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("rules");
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join("bad.yaml");
    let rule = "title: x\nlogsource: {product: kubernetes}\ndetection:\n  a: {verb|re: (?=x)}\n  condition: a\n";
    std::fs::write(&file, rule).expect("a file");
    for command in
        [auditweir(&["rules", "check"]).arg(&file), auditweir(&["detect", "--rules"]).arg(&folder)]
    {
        let output = run(command, b"");
        assert!(matches!(output.status.code(), Some(1 | 2)));
        let said = text(&output.stderr);
        assert!(said.contains("bad.yaml:4:16: this expression is not supported"), "{said}");
    }
}

#[test]
fn the_pack_answers_its_examples() {
    let output = run(&mut auditweir(&["rules", "test"]), b"");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
}

#[test]
fn events_are_marked_when_the_policy_asks_for_rules() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("marked");
    std::fs::create_dir_all(folder.join("own")).expect("a folder");
    let own = "title: Mine\nid: mine\nlogsource: {product: kubernetes}\ndetection: {a: {objectRef.subresource: exec}, condition: a}\nlevel: low\n";
    std::fs::write(folder.join("own/mine.yaml"), own).expect("a rule");
    let policy = folder.join("policy.yaml");
    for (rules, expected) in [
        ("{folders: [own], disable: [pod_exec]}", &["mine", "pod_exec_done"][..]),
        ("{pack: none, folders: [own]}", &["mine"]),
    ] {
        std::fs::write(&policy, format!("version: 1\nrules: {rules}\n")).expect("a policy");
        for to in auditweir::Format::ALL.map(auditweir::Format::name) {
            let command = &mut auditweir(&["filter", "--to", to, "--policy"]);
            let output = run(command.arg(&policy), exec(101).as_bytes());
            assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
            assert_clean(&output);
            let line = text(&output.stdout).replace('\\', "");
            let alert = line.split_once("\"alert\":true,\"findings\":").expect("an alert").1;
            for intent in expected {
                assert!(alert.contains(&format!("\"intent\":\"{intent}\"")), "{to} {line}");
            }
            assert!(!alert.contains("\"pod_exec\""), "{to} {line}");
        }
    }
    let line = run(&mut auditweir(&["filter"]), exec(101).as_bytes());
    assert!(!text(&line.stdout).contains("alert"), "off unless asked for");
    std::fs::write(&policy, "version: 1\nrules: {disable: [nothing]}\n").expect("a policy");
    let output = run(auditweir(&["filter", "--policy"]).arg(&policy), b"");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("there is no rule `nothing`"));
}

#[test]
fn coverage_says_what_an_audit_policy_lets_rules_tell() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("coverage");
    std::fs::create_dir_all(&folder).expect("a folder");
    let file = folder.join("audit-policy.yaml");
    let said = |policy: &str| -> std::collections::BTreeMap<String, String> {
        std::fs::write(&file, policy).expect("a policy");
        let command = &mut auditweir(&["rules", "coverage", "--json", "--audit-policy"]);
        let output = run(command.arg(&file), b"");
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        let read = |line: &str| {
            let rule: serde_json::Value = serde_json::from_str(line).expect("JSON");
            let text = |name: &str| rule[name].as_str().expect(name).to_owned();
            (text("intent"), text("can"))
        };
        text(&output.stdout).lines().map(read).collect()
    };
    let head = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules:\n";
    let metadata = said(&format!("{head}- level: Metadata\n"));
    assert_eq!(metadata["pod_exec"], "always");
    assert_eq!(metadata["privileged_pod_created"], "never");
    let all = said(&format!("{head}- level: RequestResponse\n"));
    assert!(all.values().all(|can| can == "always"));
    let some = said(&format!(
        "{head}- level: None\n  resources: [{{group: '', resources: [events]}}]\n- level: Request\n  namespaces: [kube-system]\n- level: Metadata\n"
    ));
    assert_eq!(some["events_wiped"], "never");
    assert_eq!(some["privileged_pod_created"], "sometimes");
    assert_eq!(some["secrets_listed_cluster_wide"], "always");
}

#[test]
fn coverage_counts_one_rule_as_one() {
    let folder = std::path::Path::new(env!("CARGO_TARGET_TMPDIR")).join("coverage-one");
    std::fs::create_dir_all(&folder).expect("a folder");
    let (policy, rule) = (folder.join("audit-policy.yaml"), folder.join("rule.yaml"));
    let text_of = "apiVersion: audit.k8s.io/v1\nkind: Policy\nrules: [{level: Metadata}]\n";
    std::fs::write(&policy, text_of).expect("a policy");
    let text_of = "title: Mine\nlogsource: {product: kubernetes}\ndetection: {a: {verb: create}, condition: a}\n";
    std::fs::write(&rule, text_of).expect("a rule");
    let command = &mut auditweir(&["rules", "coverage", "--audit-policy"]);
    let said = text(&run(command.arg(&policy).arg(&rule), b"").stdout);
    assert!(said.ends_with("\n1 rule can always tell, 0 sometimes, 0 never\n"), "{said}");
}
