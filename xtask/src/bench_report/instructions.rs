//! Instructions per event: the same on a busy machine as on an idle one.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::measure::{Build, cargo, folder};
use crate::{Result, root};

const ENGINES: [&str; 6] = [
    "auditweir ecs",
    "auditweir native",
    "serde_json idle",
    "sonic-rs idle",
    "vrl program",
    "jiter skip",
];

/// Only what this function and its callees execute is counted.
const COUNTED: &str = "--toggle-collect=*measured_round*";

/// Builds the counted program, says where it is.
fn build() -> Result<PathBuf> {
    let mut command = cargo("build", Build::Default);
    command.args(["--profile", "bench", "--bin", "once"]);
    let status = command.status()?;
    if !status.success() {
        return Err(format!("build of once: {status}").into());
    }
    Ok(root().join("target/release/once"))
}

/// An input as `once list` has it.
struct Line<'a> {
    name: &'a str,
    lines: u64,
    bytes: u64,
}

fn inputs(list: &str) -> Result<Vec<Line<'_>>> {
    let mut inputs = Vec::new();
    for line in list.lines() {
        let [name, lines, bytes] = line.split(' ').collect::<Vec<_>>()[..] else {
            return Err(format!("once list: {line}").into());
        };
        inputs.push(Line { name, lines: lines.parse()?, bytes: bytes.parse()? });
    }
    Ok(inputs)
}

/// Counts every engine over every input with callgrind and writes the table.
///
/// The profiles stay in `target/bench-report/callgrind/` for `callgrind_annotate`.
pub(crate) fn measure() -> Result<()> {
    let once = build()?;
    let profiles = folder("callgrind");
    fs::create_dir_all(&profiles)?;
    let list = String::from_utf8(Command::new(&once).arg("list").output()?.stdout)?;
    fs::write(folder("inputs.txt"), &list)?;
    let mut table =
        format!("{:<18}{:<18}{:>16}{:>12}\n", "engine", "input", "instr/event", "instr/byte");
    for engine in ENGINES {
        for input in inputs(&list)?.iter().filter(|input| input.name != "mix") {
            let profile = format!("{engine}.{}", input.name).replace(' ', "-");
            let output = Command::new("valgrind")
                .args(["--tool=callgrind", COUNTED])
                .arg(format!("--callgrind-out-file={}", profiles.join(profile).display()))
                .arg(&once)
                .args([engine, input.name])
                .output()
                .map_err(|error| format!("valgrind: {error}"))?;
            let log = String::from_utf8_lossy(&output.stderr);
            let count: u64 = log
                .lines()
                .find_map(|line| line.split_once("Collected : "))
                .ok_or_else(|| format!("{engine} over {}: {log}", input.name))?
                .1
                .trim()
                .parse()?;
            let row = format!(
                "{engine:<18}{:<18}{:>16}{:>12.2}\n",
                input.name,
                count / input.lines,
                ratio(count, input.bytes)
            );
            print!("{row}");
            write!(table, "{row}")?;
        }
    }
    fs::write(folder("instructions.txt"), table)?;
    Ok(())
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn ratio(count: u64, bytes: u64) -> f64 {
    count as f64 / bytes as f64
}
