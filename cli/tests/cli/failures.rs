//! What `filter` does with what is wrong: a message, a stub, and on with the rest.

use super::*;

#[test]
fn an_unreadable_file_does_not_stop_the_others() {
    let good = file("good.log", secret(1));
    let mut command = auditweir(&["filter", "--stats", "/no/such/file", "/"]);
    let output = run(command.arg(good), b"");
    assert_eq!(output.status.code(), Some(2));
    assert_eq!(ids(&output.stdout), ["id-1"]);
    let said = text(&output.stderr);
    assert!(said.contains("auditweir: /no/such/file: "), "{said}");
    assert!(said.contains("auditweir: /: is a directory"), "{said}");
    assert_eq!(stats(&output)["unreadableFiles"], 2);
}

#[test]
fn a_bad_policy_is_refused_before_anything_is_read() {
    for (name, policy, place) in [
        ("syntax", "version: 1\nredact: [\n", ":2:"),
        ("unknown-key", "version: 1\nredact:\n  secretss: mask\n", ":3:3: redact.secretss: "),
        ("unknown-action", "version: 1\nredact:\n  secrets: hide\n", ":3:12: redact.secrets: "),
        (
            "bad-name",
            "version: 1\nredact:\n  rules:\n    - name: A B\n      paths: [x]\n",
            ":4:13: redact.rules[0].name: ",
        ),
        ("bad-limit", "version: 1\nlimits:\n  depth: 250\n", ":3:10: limits.depth: "),
    ] {
        let path = file(&format!("bad-{name}.yaml"), policy);
        let output = run(auditweir(&["filter", "--policy"]).arg(&path), secret(1).as_bytes());
        assert_eq!(output.status.code(), Some(2), "{name}");
        assert!(output.stdout.is_empty());
        let said = text(&output.stderr);
        assert!(said.contains(&format!("bad-{name}.yaml{place}")), "{name}: {said}");
        assert_eq!(said.lines().count(), 1, "{said}");
    }
}

#[test]
fn bad_lines_are_named_and_the_rest_goes_on() {
    let mut input = secret(1).into_bytes();
    input.push(b'\n');
    let cut = &secret(2)[..secret(2).len() - 20];
    input.extend_from_slice(cut.as_bytes());
    input.push(b'\n');
    let third = input.len();
    // No text at all, with the canary in it.
    input.extend((0..=255u8).filter(|byte| *byte != b'\n'));
    input.extend_from_slice(CANARY.as_bytes());
    input.extend_from_slice(b"\n\x00\xff\xfe\n");
    input.extend_from_slice(format!("{{\"kind\":\"Event\",\"verb\":[\"{CANARY}\"]}}\n").as_bytes());
    input.extend_from_slice(secret(3).as_bytes());
    let output = run(&mut auditweir(&["filter", "--stats"]), &input);
    assert_eq!(output.status.code(), Some(0));
    assert_clean(&output);
    let found = ids(&output.stdout);
    assert_eq!(found.len(), 6);
    assert_eq!((found[0].as_str(), found[5].as_str()), ("id-1", "id-3"));
    let said = text(&output.stderr);
    // What stood before the cut goes on as an event that says so.
    assert!(!said.contains("standard input:2:"), "{said}");
    assert_eq!(lines(&output.stdout)[1]["auditweir"]["truncated"], true);
    assert_eq!(stats(&output)["cut"], 1);
    assert!(said.contains(&format!(
        "standard input:3: rejected: json-expected-value at byte 0 ({} bytes long, begins at byte {third})",
        255 + CANARY.len()
    )), "{said}");
    assert_eq!(stats(&output)["events"], 3);
}

#[test]
fn many_bad_lines_are_summed_up() {
    let output = run(&mut auditweir(&["filter"]), "{]\n".repeat(500).as_bytes());
    assert_eq!(lines(&output.stdout).len(), 500);
    let said = text(&output.stderr);
    assert_eq!(said.lines().count(), 21, "{said}");
    assert!(said.ends_with("480 more inputs became stubs\n"), "{said}");
}

#[test]
fn wrong_usage() {
    for args in [&["filter", "--jobs", "0"][..], &["filter", "--nope"], &["nope"], &[]] {
        assert_eq!(run(&mut auditweir(args), b"").status.code(), Some(2), "{args:?}");
    }
}

#[cfg(target_os = "linux")]
#[test]
fn an_output_that_cannot_be_written_is_an_error() {
    let full = fs::OpenOptions::new().write(true).open("/dev/full").expect("/dev/full");
    let input = file("full.log", secret(1));
    let output = auditweir(&["filter"])
        .arg(&input)
        .stdin(Stdio::null())
        .stdout(full)
        .stderr(Stdio::piped())
        .spawn()
        .and_then(std::process::Child::wait_with_output)
        .expect("auditweir");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("standard output: "));
    let mut command = auditweir(&["filter", "--reject", "/dev/full"]);
    let output = run(&mut command, b"{\n");
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("/dev/full: "));
}
