//! `integrations/systemd`: units are sound, and the pipe of `auditweir-filter.service` does what
//! its README says of restart and rotation.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::os::unix::process::CommandExt as _;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use auditweir_tests::built;

use crate::{KEY, Place, event, filter, installed, shipped};

const UNITS: [&str; 2] = ["auditweir-fluent-bit.service", "auditweir-filter.service"];

#[test]
fn policy_compiles() {
    drop(filter("systemd/policy.yaml"));
}

#[test]
fn units_verify() {
    if !installed("systemd-analyze", "no unit was verified") {
        return;
    }
    let place = Place::new();
    for unit in UNITS {
        let text = shipped(&format!("systemd/{unit}"));
        // Verification wants the program to be there.
        let text = text.replace("/opt/fluent-bit/bin/fluent-bit", "/bin/true");
        let path = place.join(unit);
        fs::write(&path, text).expect("unit");
        let output = Command::new("systemd-analyze")
            .args(["verify", "--man=no", "--recursive-errors=no"])
            .arg(&path)
            .output()
            .expect("systemd-analyze");
        let said = String::from_utf8_lossy(&output.stderr).into_owned();
        assert!(output.status.success() && !said.contains(unit), "{unit}: {said}");

        // 0 is locked in, 10 is an ordinary service.
        let output = Command::new("systemd-analyze")
            .args(["security", "--offline=true", "--no-pager", "--threshold=20"])
            .arg(&path)
            .output()
            .expect("systemd-analyze");
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        eprintln!("{}", said.lines().last().unwrap_or_default());
        assert!(output.status.success(), "{unit} is exposed above 2.0: {said}");
    }
}

/// Ends the shell and all in its pipe.
struct Pipe(Child);

impl Drop for Pipe {
    fn drop(&mut self) {
        let group = format!("-{}", self.0.id());
        _ = Command::new("kill").args(["-TERM", "--", &group]).status();
        _ = self.0.wait();
    }
}

/// Starts what `ExecStart=` says, with other paths.
fn start(place: &Path, command: &Path) -> Pipe {
    let unit = shipped("systemd/auditweir-filter.service");
    let line = unit.lines().find_map(|line| line.strip_prefix("ExecStart=")).expect("ExecStart");
    let script = line.strip_prefix("/bin/sh -c '").and_then(|rest| rest.strip_suffix('\''));
    let mut script = script.expect("a shell script in single quotes").to_owned();
    assert!(!script.contains(['\'', '%', '\\', '{']), "systemd would change it: {script}");
    for (old, new) in [
        ("/var/log/kubernetes/audit/audit.log", place.join("audit.log").display().to_string()),
        ("/etc/auditweir/policy.yaml", place.join("policy.yaml").display().to_string()),
        ("exec auditweir ", format!("exec {} ", command.display())),
    ] {
        assert!(script.contains(old), "{script}");
        script = script.replace(old, &new);
    }
    let child = Command::new("/bin/sh")
        .args(["-c", &script])
        .env("CREDENTIALS_DIRECTORY", place)
        .env("LOGS_DIRECTORY", place)
        .stdin(Stdio::null())
        .stderr(Stdio::null())
        .process_group(0)
        .spawn()
        .expect("sh");
    Pipe(child)
}

fn append(path: &Path, id: &str) {
    let mut file = OpenOptions::new().create(true).append(true).open(path).expect("log");
    writeln!(file, "{}", event(id)).expect("log");
}

/// The clean log, once it has this many lines.
fn lines(place: &Path, wanted: usize) -> Vec<String> {
    let start = Instant::now();
    loop {
        let text = fs::read_to_string(place.join("audit.ndjson")).unwrap_or_default();
        if text.ends_with('\n') && text.lines().count() >= wanted {
            return text.lines().map(str::to_owned).collect();
        }
        assert!(start.elapsed() < Duration::from_secs(60), "{wanted} lines, but got: {text}");
        thread::sleep(Duration::from_millis(50));
    }
}

#[test]
fn the_pipe_follows_rotation_and_repeats_after_a_restart() {
    let command = built::command();
    let place = Place::new();
    fs::write(place.join("policy.yaml"), shipped("systemd/policy.yaml")).expect("policy");
    fs::write(place.join("pseudonym.key"), format!("{KEY}\n")).expect("key");
    let log = place.join("audit.log");
    append(&log, "before");
    let pipe = start(&place, &command);
    lines(&place, 1);
    append(&log, "while-it-runs");
    lines(&place, 2);
    // As the API server rotates.
    fs::rename(&log, place.join("audit-2026-01-02T03-04-05.678.log")).expect("rotation");
    append(&log, "after-rotation");
    lines(&place, 3);
    drop(pipe);
    append(&log, "while-it-is-down");
    let pipe = start(&place, &command);
    let all = lines(&place, 5);
    drop(pipe);
    let ids = ["before", "while-it-runs", "after-rotation", "after-rotation", "while-it-is-down"];
    for (line, id) in all.iter().zip(ids) {
        assert!(line.contains(id), "{id}: {line}");
    }
    assert_eq!(all.len(), 5, "{all:?}");
    assert_eq!(all[2], all[3], "a repeated event has the same bytes, so the same id");
    assert!(!all.iter().any(|line| line.contains("hunter2")), "{all:?}");
}
