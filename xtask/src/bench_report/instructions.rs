//! Instructions per event: the same on a busy machine as on an idle one.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::measure::{Build, cargo, folder};
use crate::{Result, root};

const ENGINES: [&str; 7] = [
    "auditweir ecs",
    "auditweir rules",
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

/// Instructions of one warm round. The profile stays for `callgrind_annotate`.
fn count(once: &Path, engine: &str, input: &str) -> Result<u64> {
    let profile = format!("{engine}.{input}").replace([' ', ':'], "-");
    let output = Command::new("valgrind")
        .args(["--tool=callgrind", COUNTED])
        .arg(format!("--callgrind-out-file={}", folder("callgrind").join(profile).display()))
        .arg(once)
        .args([engine, input])
        .output()
        .map_err(|error| format!("valgrind: {error}"))?;
    let log = String::from_utf8_lossy(&output.stderr);
    let count = log
        .lines()
        .find_map(|line| line.split_once("Collected : "))
        .ok_or_else(|| format!("{engine} over {input}: {log}"))?;
    Ok(count.1.trim().parse()?)
}

/// Twice the input must take about twice the instructions: above this it does not.
const LINEAR: f64 = 2.1;
const FLOOD_BYTES: u64 = 1 << 20;

/// Counts the inputs made to be slow at one size and at twice that size.
fn floods(once: &Path) -> Result<()> {
    let names = String::from_utf8(Command::new(once).arg("floods").output()?.stdout)?;
    let (mut table, mut steep) = (String::new(), Vec::new());
    for name in names.lines() {
        let single = count(once, ENGINES[0], &format!("{name}:{FLOOD_BYTES}"))?;
        let double = count(once, ENGINES[0], &format!("{name}:{}", 2 * FLOOD_BYTES))?;
        let growth = ratio(double, single);
        let row = format!("{name} {:.2} {growth:.3}\n", ratio(single, FLOOD_BYTES));
        print!("{row}");
        table.push_str(&row);
        if growth >= LINEAR {
            steep.push(name);
        }
    }
    fs::write(folder("flood-instructions.txt"), table)?;
    if steep.is_empty() {
        Ok(())
    } else {
        Err(format!("instructions grow faster than the input: {}", steep.join(", ")).into())
    }
}

/// Counts every engine over every input with callgrind and writes the table.
pub(crate) fn measure() -> Result<()> {
    let once = build()?;
    fs::create_dir_all(folder("callgrind"))?;
    let list = String::from_utf8(Command::new(&once).arg("list").output()?.stdout)?;
    fs::write(folder("inputs.txt"), &list)?;
    let mut table =
        format!("{:<18}{:<18}{:>16}{:>12}\n", "engine", "input", "instr/event", "instr/byte");
    for engine in ENGINES {
        for input in inputs(&list)?.iter().filter(|input| input.name != "mix") {
            let count = count(&once, engine, input.name)?;
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
    floods(&once)
}

#[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
fn ratio(count: u64, bytes: u64) -> f64 {
    count as f64 / bytes as f64
}
