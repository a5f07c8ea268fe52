//! `policy check`, `test`, `schema`, `show`.

use super::*;

#[test]
fn check_says_what_a_good_policy_does() {
    let path = file(
        "good.yaml",
        "version: 1\nredact:\n  secrets: drop\n  detectors: {email: partial}\n  rules:\n    - name: api-token\n      paths: ['**.apiToken']\n      action: pseudonym\n",
    );
    let output = run(auditweir(&["policy", "check"]).arg(&path), b"");
    assert_eq!(output.status.code(), Some(0));
    let said = text(&output.stdout);
    for part in [
        "good.yaml: ok",
        "Secrets         drop",
        "of them changed email (partial)\n",
        "api-token: pseudonym **.apiToken",
        "pseudonym key   default; without it these mask: api-token\n",
    ] {
        assert!(said.contains(part), "{part}\n{said}");
    }
    assert!(said.lines().all(|line| line.len() < 110), "{said}");
}

#[test]
fn pseudonyms_without_a_key_are_said_to_be_masks() {
    let policy = "version: 1\nredact:\n  detectors: {email: pseudonym}\n  rules:\n    - {name: who, paths: [user.username], action: pseudonym}\n";
    let path = file("pseudonyms.yaml", policy);
    let said = |command: &mut Command| {
        let output = run(command.arg("--policy").arg(&path), secret(1).as_bytes());
        assert_eq!(output.status.code(), Some(0));
        text(&output.stderr)
    };
    for command in ["filter", "explain", "review", "detect"] {
        let masked = said(&mut auditweir(&[command]));
        let expected = "auditweir: no pseudonym key (AUDITWEIR_PSEUDONYM_KEY or --pseudonym-key-file), so these mask: email, who\n";
        assert!(masked.contains(expected), "{command}: {masked}");
        let mut command = auditweir(&[command]);
        let said = said(command.env("AUDITWEIR_PSEUDONYM_KEY", "0123456789abcdef"));
        assert!(!said.contains("pseudonym"), "{command:?}: {said}");
    }
}

#[test]
fn check_warns_of_what_goes_on_as_it_came() {
    let said = |policy: &str| {
        let path = file("keep.yaml", policy);
        let output = run(auditweir(&["policy", "check"]).arg(&path), b"");
        assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
        text(&output.stdout)
    };
    let open = said("version: 1\nredact: {secrets: keep, configMaps: keep, tokens: keep}\n");
    for what in ["Secrets keep: their values go on as they came", "ConfigMaps keep", "tokens keep"]
    {
        assert!(open.contains(&format!("WARNING         {what}")), "{open}");
    }
    assert!(!said("version: 1\n").contains("WARNING"));
}

#[test]
fn check_warns_of_what_is_probably_not_meant() {
    let policy = "\
version: 1
redact:
  detectors: {jwt: truncate, email: truncate}
  rules:
    - {name: a, resources: [database.example.com], paths: [requestObject.x]}
decide:
  audit:
    apiVersion: audit.k8s.io/v1
    kind: Policy
    rules:
      - level: Metadata
        resources: [{group: v1, resources: [Deployment]}, {group: \"\", resources: [pods]}]
";
    let path = file("check-doubts.yaml", policy);
    let output = run(auditweir(&["policy", "check"]).arg(&path), b"");
    assert_eq!(output.status.code(), Some(0));
    let said = text(&output.stderr);
    for part in [
        "warning: ",
        "check-doubts.yaml:3:20: redact.detectors.jwt: `truncate` shows the first quarter",
        "5:29: redact.rules[0].resources[0]: `database` is no plural",
        "such as `databases.example.com`",
        "12:29: decide.audit.rules[0].resources[0].group: no API group is called `v1`, so this matches nothing; write `\"\"`",
        "resources[0].resources[0]: no resource is called `Deployment`, so this matches nothing; write `deployments`",
    ] {
        assert!(said.contains(part), "{part}\n{said}");
    }
    assert_eq!(said.lines().count(), 4, "{said}");
}

#[test]
fn check_names_every_bad_file() {
    let bad = file("check-bad.yaml", "version: 1\nredact: {secrets: hide}\n");
    let version = file("check-version.yaml", "version: 7\n");
    let good = file("check-good.yaml", "version: 1\n");
    let output = run(auditweir(&["policy", "check"]).args([&bad, &version, &good]), b"");
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stderr);
    assert!(said.contains("check-bad.yaml:2:19: redact.secrets: unknown variant `hide`"), "{said}");
    assert!(said.contains("check-version.yaml:1:10: version: only version 1 is known"), "{said}");
    assert!(text(&output.stdout).contains("check-good.yaml: ok"));
    let output = run(auditweir(&["policy", "check", "/no/such"]).arg(&bad), b"");
    assert_eq!(output.status.code(), Some(2));
}

const CASES: &str = "\
event: {kind: Event, level: Request, stage: ResponseComplete, verb: create, objectRef: {resource: secrets}}
cases:
  - name: masked
    input: {requestObject: {kind: Secret, stringData: {p: opensesame}}}
    expect: {lines: 1, notContains: [opensesame]}
  - name: known to fail
    input: {verb: get}
    expect: {lines: 2}
    pending: true
";

#[test]
fn test_runs_cases_like_unit_tests() {
    let cases = file("cases.yaml", CASES);
    let output = run(auditweir(&["policy", "test"]).arg(&cases), b"");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
    let said = text(&output.stdout);
    assert!(said.contains("cases.yaml: masked"), "{said}");
    assert!(said.ends_with("\n1 passed, 0 failed, 1 pending\n"), "{said}");

    let open = file("cases-open.yaml", "version: 1\nredact: {secrets: keep}\n");
    let mut command = auditweir(&["policy", "test", "--policy"]);
    let output = run(command.arg(&open).arg(&cases), b"");
    assert_eq!(output.status.code(), Some(1));
    let said = text(&output.stdout);
    assert!(said.contains("FAILED  ") && said.contains("`opensesame` is in the output"), "{said}");

    let passes = file("cases-passes.yaml", CASES.replace("lines: 2", "lines: 1"));
    let output = run(auditweir(&["policy", "test"]).arg(&passes), b"");
    assert_eq!(output.status.code(), Some(1), "a pending case that passes");

    for (name, text) in [("none", "cases: []\n"), ("bad", "cases: 1\n")] {
        let path = file(&format!("cases-{name}.yaml"), text);
        let output = run(auditweir(&["policy", "test"]).arg(&path), b"");
        assert_eq!(output.status.code(), Some(2), "{name}");
        assert!(output.stdout.is_empty(), "{name}: there is nothing to count");
    }
    let without = file("cases-without.yaml", "cases: [{name: a, expect: {lines: 0}}]\n");
    let output = run(auditweir(&["policy", "test"]).arg(&without), b"");
    assert_eq!(output.status.code(), Some(1));
    assert!(text(&output.stdout).contains("no `input`"));
}

#[test]
fn test_passes_the_cases_of_all_hosts() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/cases");
    let files = fs::read_dir(folder).expect("cases").map(|entry| entry.expect("entry").path());
    let files = files.filter(|path| path.extension().is_some_and(|ext| ext == "yaml"));
    let output = run(auditweir(&["policy", "test"]).args(files), b"");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stdout));
}

#[test]
fn the_schema_is_the_committed_one() {
    let schema = schemars::schema_for!(auditweir::Policy);
    let schema = serde_json::to_string_pretty(&schema).expect("JSON") + "\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../schema/policy.v1.json");
    same_as_committed(&path, &schema);
    let output = run(&mut auditweir(&["policy", "schema"]), b"");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output.stdout), schema);
}

#[test]
fn the_default_policy_as_shown_is_the_default_policy() {
    let shown = run(&mut auditweir(&["policy", "show"]), b"");
    let path = file("shown.yaml", &shown.stdout);
    let output = run(auditweir(&["policy", "check"]).arg(&path), b"");
    assert_eq!(output.status.code(), Some(0), "{}", text(&output.stderr));
    let input = secret(1);
    let with = run(auditweir(&["filter", "--policy"]).arg(&path), input.as_bytes());
    let without = run(&mut auditweir(&["filter"]), input.as_bytes());
    assert_eq!(text(&with.stdout), text(&without.stdout));
}
