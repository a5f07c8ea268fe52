//! `filter` when all goes well: order, rejects, statistics, pauses, pipes, signals.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::Value;

use super::*;

#[test]
fn order_is_kept_with_any_number_of_jobs() {
    let mut input = Vec::new();
    for number in 0..6000 {
        writeln!(input, "{}", secret(number)).expect("memory");
        if number % 500 == 0 {
            // A batch that takes longer than its neighbours.
            let pad = "x".repeat(700_000);
            writeln!(input, r#"{{"kind":"Event","auditID":"long-{number}","verb":"get","stage":"Panic","level":"Metadata","userAgent":"{pad}"}}"#)
                .expect("memory");
        }
    }
    let one = run(&mut auditweir(&["filter", "--jobs", "1"]), &input);
    assert_eq!(one.status.code(), Some(0));
    let found = ids(&one.stdout);
    assert_eq!(found.len(), 6012);
    assert_eq!(&found[..3], ["id-0", "long-0", "id-1"]);
    assert_eq!(found.last().map(String::as_str), Some("id-5999"));
    assert_clean(&one);
    let four = run(&mut auditweir(&["filter", "--jobs", "4"]), &input);
    assert!(one.stdout == four.stdout, "four jobs give other bytes than one");
}

#[test]
fn files_in_the_given_order_with_standard_input_between() {
    let first = file("order-1.log", secret(1));
    let last = file("order-2.log", format!("{}\n", secret(3)));
    let mut command = auditweir(&["filter"]);
    command.arg(first).arg("-").arg(last);
    let output = run(&mut command, secret(2).as_bytes());
    assert_eq!(ids(&output.stdout), ["id-1", "id-2", "id-3"]);
}

#[test]
fn rejects_go_to_their_file_without_input() {
    let input = format!("{}\n{{\"{CANARY}\":\n{}\n", secret(1), secret(2));
    for (to, place) in [
        ("native", "/auditweir"),
        ("ecs", "/auditweir"),
        ("ocsf", "/unmapped/auditweir"),
        ("otel", "/resourceLogs/0/scopeLogs/0/logRecords/0/body/stringValue"),
    ] {
        let note = |line: &Value| {
            let note = line.pointer(place).unwrap_or_else(|| panic!("{line}"));
            let body = note.as_str().map(|body| serde_json::from_str::<Value>(body).expect("body"));
            body.map_or_else(|| note.clone(), |body| body["auditweir"].clone())
        };
        let path = file(&format!("rejects-{to}.ndjson"), "old");
        let mut command = auditweir(&["filter", "--to", to, "--stats", "--reject"]);
        command.arg(&path);
        let output = run(&mut command, input.as_bytes());
        assert_eq!(output.status.code(), Some(0));
        assert_eq!(lines(&output.stdout).len(), 2, "{to}");
        let rejects = fs::read(&path).expect("rejects");
        assert!(!String::from_utf8_lossy(&rejects).contains(CANARY));
        let rejects = lines(&rejects);
        assert_eq!(rejects.len(), 1);
        assert_eq!(note(&rejects[0])["stub"], "json-unexpected-end");
        assert_eq!(note(&rejects[0])["rejected"], true);
        assert_eq!(stats(&output)["rejected"], 1);
        assert_clean(&output);
        // Without the option they stay in their place.
        let output = run(&mut auditweir(&["filter", "--to", to]), input.as_bytes());
        assert_eq!(note(&lines(&output.stdout)[1])["rejected"], true);
    }
}

#[test]
fn strict_stops_at_the_first_stub() {
    let input = format!("{}\n{{broken\n{}\n", secret(1), secret(2));
    for jobs in ["1", "3"] {
        let output = run(
            &mut auditweir(&["filter", "--strict", "--stats", "--jobs", jobs]),
            input.as_bytes(),
        );
        assert_eq!(output.status.code(), Some(1));
        assert_eq!(ids(&output.stdout), ["id-1", "none"]);
        assert_eq!(stats(&output)["inputs"], 2);
    }
    let other = "2026-03-02T10:00:00.01Z stderr F I0302 10:00:00.000000       1 a.go:1] x";
    let output = run(
        &mut auditweir(&["filter", "--strict", "--stats"]),
        format!("{}\n{other}\n{}\n", secret(1), secret(2)).as_bytes(),
    );
    assert_eq!(output.status.code(), Some(1), "a drop that no policy asked for");
    assert_eq!(stats(&output)["foreign"], 1);
    let fine = run(&mut auditweir(&["filter", "--strict"]), secret(1).as_bytes());
    assert_eq!(fine.status.code(), Some(0));
}

#[test]
fn statistics_name_what_happened() {
    let input = format!("{}\nnull\n\n{{\"kind\":\"EventList\",\"items\":[]}}\n", secret(1));
    let output = run(&mut auditweir(&["filter", "--stats", "--quiet"]), input.as_bytes());
    let stats = stats(&output);
    assert_eq!(text(&output.stderr).lines().count(), 1, "--quiet");
    assert_eq!(stats["inputs"], 3);
    assert_eq!(stats["events"], 1);
    assert_eq!(stats["rejected"], 1);
    assert_eq!(stats["reasons"]["not-an-audit-event"], 1);
    assert_eq!(stats["dropped"]["empty-list"], 1);
    assert_eq!(stats["redactions"]["secret-values"], 1);
    assert_eq!(stats["bytesOut"], output.stdout.len());
}

#[test]
fn an_event_goes_on_while_the_input_pauses() {
    let mut child = auditweir(&["filter"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("auditweir");
    let mut stdin = child.stdin.take().expect("stdin");
    let mut stdout = BufReader::new(child.stdout.take().expect("stdout"));
    for number in 0..3 {
        writeln!(stdin, "{}", secret(number)).expect("write");
        stdin.flush().expect("flush");
        // Blocks for ever if the command waits for more.
        let mut line = String::new();
        stdout.read_line(&mut line).expect("read");
        assert_eq!(ids(line.as_bytes()), [format!("id-{number}")]);
    }
    drop(stdin);
    assert!(child.wait().expect("end").success());
}

#[test]
fn a_reader_that_goes_away_is_no_error() {
    let mut child = auditweir(&["filter"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("auditweir");
    let mut stdin = child.stdin.take().expect("stdin");
    let mut line = String::new();
    writeln!(stdin, "{}", secret(0)).expect("write");
    let mut stdout = BufReader::new(child.stdout.take().expect("stdout"));
    stdout.read_line(&mut line).expect("read");
    drop(stdout);
    // Goes on until the command, too, has gone.
    let more = format!("{}\n", secret(1)).repeat(100);
    while stdin.write_all(more.as_bytes()).is_ok() {}
    drop(stdin);
    let output = child.wait_with_output().expect("end");
    assert_eq!(output.status.code(), Some(0));
    assert_eq!(text(&output.stderr), "");
}

#[cfg(unix)]
#[test]
fn signals_end_the_input_but_lose_nothing() {
    for (signal, code) in [("TERM", 143), ("INT", 130)] {
        let mut child = auditweir(&["filter", "--stats"])
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .expect("auditweir");
        let mut stdin = child.stdin.take().expect("stdin");
        let mut stdout = BufReader::new(child.stdout.take().expect("stdout"));
        writeln!(stdin, "{}", secret(1)).expect("write");
        let mut first = String::new();
        stdout.read_line(&mut first).expect("read");
        // The beginning of a line waits in the command when the signal comes.
        let half = &secret(2)[..90];
        stdin.write_all(half.as_bytes()).expect("write");
        thread::sleep(Duration::from_millis(200));
        let before = Instant::now();
        let kill = Command::new("kill").args(["-s", signal, &child.id().to_string()]).status();
        assert!(kill.expect("kill").success());
        let mut rest = String::new();
        std::io::Read::read_to_string(&mut stdout, &mut rest).expect("read");
        let output = child.wait_with_output().expect("end");
        assert!(before.elapsed() < Duration::from_secs(5));
        drop(stdin);
        assert_eq!(output.status.code(), Some(code), "SIG{signal}");
        let rest = lines(rest.as_bytes());
        assert_eq!(rest.len(), 1);
        assert_eq!(rest[0]["auditweir"]["truncated"], true);
        assert_eq!(stats(&output)["events"], 2);
        assert_eq!(stats(&output)["cut"], 1);
        assert_eq!(stats(&output)["inputs"], 2);
    }
}

#[test]
fn the_key_comes_from_the_environment_or_a_file() {
    let policy = file("pseudonym.yaml", "version: 1\nredact:\n  secrets: pseudonym\n");
    let mut command = auditweir(&["filter", "--policy"]);
    command.arg(&policy).env("AUDITWEIR_PSEUDONYM_KEY", "0123456789abcdef0123456789abcdef");
    let by_name = run(&mut command, secret(1).as_bytes());
    assert!(text(&by_name.stdout).contains("[pseudonym:default:"));
    for end in ["", "\n", "\r\n", " \n\n"] {
        let key = file("pseudonym.key", format!("0123456789abcdef0123456789abcdef{end}"));
        let mut command = auditweir(&["filter", "--policy"]);
        command.arg(&policy).arg("--pseudonym-key-file").arg(&key);
        let by_file = run(&mut command, secret(1).as_bytes());
        assert_eq!(text(&by_name.stdout), text(&by_file.stdout), "{end:?}");
    }
    let without = run(auditweir(&["filter", "--policy"]).arg(&policy), secret(1).as_bytes());
    assert!(!text(&without.stdout).contains("[pseudonym:"));
    assert_clean(&without);
    let mut short = auditweir(&["filter"]);
    let short = run(short.env("AUDITWEIR_PSEUDONYM_KEY", CANARY), b"");
    assert_eq!(short.status.code(), Some(2));
    assert_clean(&short);
}
