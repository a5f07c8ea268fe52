//! `explain` shows decisions, never what they are about.

use super::*;

/// An event with the canary in every place a rule answers for.
fn event() -> String {
    let encoded = "Y2FuYXJ5LTkzZDE=";
    secret(1)
        .replace("/secrets\"", &format!("/secrets?token={CANARY}\""))
        .replace(
            r#""metadata":{"name":"till"}"#,
            &format!(
                r#""metadata":{{"name":"till","managedFields":[{{"manager":"{CANARY}"}}],"annotations":{{"kubectl.kubernetes.io/last-applied-configuration":"{{\"kind\":\"Secret\",\"data\":{{\"p\":\"{encoded}\"}}}}"}}}},"data":{{"p":"{encoded}"}}"#
            ),
        )
}

#[test]
fn nothing_that_is_taken_out_is_shown() {
    let output = run(&mut auditweir(&["explain"]), event().as_bytes());
    assert_eq!(output.status.code(), Some(0));
    assert_clean(&output);
    let shown = text(&output.stdout);
    assert!(!shown.contains("Y2FuYXJ5"), "nor its base64");
    for part in [
        "\"password\": ▇▇▇▇  ← masked by secret-values",
        "\"managedFields\"  ← dropped by managed-fields",
        "\"password\": \"[redacted:secret-values]\"  ← masked by secret-values",
        "requestURI",
        "Decisions",
        "requestObject.stringData.password",
        "event.outcome = ",
        "Legend",
    ] {
        assert!(shown.contains(part), "{part}\n{shown}");
    }
    assert!(!shown.contains('\u{1b}'), "no colours without a terminal");
    let colours = run(&mut auditweir(&["explain", "--color", "always"]), event().as_bytes());
    assert!(text(&colours.stdout).contains("\u{1b}["));
    assert_clean(&colours);
}

#[test]
fn of_several_rules_at_a_path_the_one_that_decided_is_shown() {
    let policy = "version: 1\nredact:\n  rules:\n    - {name: first, paths: ['requestObject.list[].a']}\n    - {name: second, paths: ['requestObject.list[].b'], action: drop}\n";
    let policy = file("explain-rules.yaml", policy);
    let event = r#"{"kind":"Event","auditID":"a1","stage":"ResponseComplete","verb":"create","requestURI":"/api","requestObject":{"list":[{"a":"horse-1"},{"a":{"token":"horse-2"}},{"a":"AKIA2OGYBAH6QLCLZWFC","b":"horse-3"}],"all":["password=horse-4","token horse-1","AKIA2OGYBAH6QLCLZWFC"]}}"#;
    let output = run(auditweir(&["explain", "--policy"]).arg(policy), event.as_bytes());
    let shown = text(&output.stdout);
    assert!(shown.contains("\"token [redacted:same-value]\"  ← masked by same-value\n"), "{shown}");
    assert!(
        shown
            .contains("\"password=[redacted:secret-assignment]\"  ← masked by secret-assignment\n"),
        "{shown}"
    );
}

#[test]
fn the_original_only_on_request() {
    let output = run(&mut auditweir(&["explain", "--show-original"]), event().as_bytes());
    assert!(text(&output.stdout).contains(CANARY));
}

#[test]
fn a_chosen_line_in_any_envelope() {
    let time = "2024-01-01T00:00:00.123456789Z";
    let input = format!("null\n{{{CANARY}\n{time} stdout F {}\n", event());
    let path = file("explain.log", &input);
    let at = |line: &str| run(auditweir(&["explain", "--line", line]).arg(&path), b"");
    let third = at("3");
    assert!(text(&third.stdout).contains("masked by secret-values"));
    assert_clean(&third);
    let second = at("2");
    assert!(
        text(&second.stdout).contains("rejected: json-expected-key"),
        "{}",
        text(&second.stdout)
    );
    assert_clean(&second);
    let none = at("9");
    assert_eq!(none.status.code(), Some(2));
    assert!(text(&none.stderr).contains("no input begins on line 9"));
}

#[test]
fn every_case_of_the_corpus_stays_clean() {
    // What `filter` takes out of real events, `explain` must not show either.
    let corpus = fs::read(corpora().join("openshift-clo/audit.log")).expect("corpus");
    for line in corpus.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let event: serde_json::Value = serde_json::from_slice(line).expect("JSON");
        let output = run(&mut auditweir(&["explain"]), line);
        assert_eq!(output.status.code(), Some(0));
        let shown = text(&output.stdout);
        if event["objectRef"]["resource"] != "configmaps" {
            continue;
        }
        for body in ["requestObject", "responseObject"] {
            let values = event[body]["data"].as_object().into_iter().flatten();
            for value in values.filter_map(|(_, value)| value.as_str()).filter(|v| v.len() > 8) {
                let quoted = serde_json::to_string(value).expect("JSON");
                assert!(!shown.contains(&quoted[1..quoted.len() - 1]));
            }
        }
    }
}
