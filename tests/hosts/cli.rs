//! The command `auditweir filter`, spawned once per case.

use std::io::{Read as _, Write as _};
use std::process::{Command, Stdio};
use std::{env, fs, thread};

use auditweir_tests::built;
use auditweir_tests::host::{Counts, Host, Output, Setup};
use serde_json::Value;

/// Pipes the input through the built command.
pub(crate) struct Cli;

impl Host for Cli {
    fn name(&self) -> &'static str {
        "cli"
    }

    fn run(&mut self, setup: &Setup<'_>, input: &[u8]) -> Result<Output, String> {
        let mut command = Command::new(built::command());
        command.args(["filter", "--stats", "--to", setup.to]).env_remove("AUDITWEIR_PSEUDONYM_KEY");
        let policy = env::temp_dir().join(format!("auditweir-case-{}.yaml", std::process::id()));
        if let Some(text) = setup.policy {
            fs::write(&policy, text).map_err(|error| error.to_string())?;
            command.arg("--policy").arg(&policy);
        }
        if let Some(key) = setup.key {
            command.env("AUDITWEIR_PSEUDONYM_KEY", String::from_utf8_lossy(key).into_owned());
        }
        let mut child = command
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| error.to_string())?;
        let mut stdin = child.stdin.take().ok_or("no stdin")?;
        let mut stderr = child.stderr.take().ok_or("no stderr")?;
        let mut output = thread::scope(|scope| {
            // A command that exits early closes its end; its output tells why.
            scope.spawn(move || {
                let _ = stdin.write_all(input);
                drop(stdin);
            });
            let said = scope.spawn(move || {
                let mut said = Vec::new();
                let _ = stderr.read_to_end(&mut said);
                said
            });
            let mut stdout = Vec::new();
            if let Some(mut pipe) = child.stdout.take() {
                let _ = pipe.read_to_end(&mut stdout);
            }
            Output { stdout, said: said.join().unwrap_or_default(), counts: None }
        });
        let status = child.wait().map_err(|error| error.to_string())?;
        let _ = fs::remove_file(&policy);
        if !status.success() {
            return Err(format!("{status}: {}", String::from_utf8_lossy(&output.said)));
        }
        output.counts = Some(counts(&output.said)?);
        Ok(output)
    }
}

/// The counters in the last line of what the command says.
fn counts(said: &[u8]) -> Result<Counts, String> {
    let last = said.trim_ascii_end().rsplit(|byte| *byte == b'\n').next().unwrap_or_default();
    let stats: Value =
        serde_json::from_slice(last).map_err(|error| format!("no statistics: {error}"))?;
    let count = |name: &str| stats[name].as_u64().ok_or_else(|| format!("no `{name}` in {stats}"));
    let dropped = stats["dropped"].as_object().ok_or("no `dropped`")?;
    Ok(Counts {
        events: count("events")?,
        stubs: count("stubs")?,
        rejected: count("rejected")?,
        dropped: dropped.values().filter_map(Value::as_u64).sum(),
    })
}

#[test]
fn cases() {
    super::run(&mut Cli);
}
