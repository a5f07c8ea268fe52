//! `docs/performance.md`.

use std::fmt::Write as _;

use super::measure::Build;
use super::results::{ENGINES, INPUTS, Report, Run, SERDE, SKIPS, SONIC, VRL};
use crate::Result;

const HEAD: &str = "# Performance

Written by `cargo xtask bench-report`; not edited by hand.

auditweir does its whole job here: it parses the line, redacts it with the default policy, enriches
it and writes it, as ECS or in the native shape. The others do less:

- **serde_json idle**, **sonic-rs idle**: the line becomes a `Value`, the `Value` is written
  unchanged.
- **vrl program**: [audit.vrl](../benches/vrl/audit.vrl), as much of the job as VRL does well,
  run as Vector's `remap` runs it and encoded as JSON.
- **jiter skip**, **serde_json skip**: the line is checked and nothing is made of it: the floor.

A test (`cargo test -p auditweir-benches`) holds that every engine does on these inputs what its
name says. One thread, output into a reused buffer.

";

/// Builds beside the default one, and what they show.
const OTHERS: [(Build, &str); 3] = [
    (
        Build::Native,
        "`-Ctarget-cpu=native` for everybody: sonic-rs chooses its SIMD when it is compiled. Without \
         VRL.",
    ),
    (
        Build::PreserveOrder,
        "serde_json with `preserve_order` (its map keeps the order of members; a plain build sorts \
         them).",
    ),
    (Build::Mimalloc, "mimalloc as the allocator of everybody, as agents ship a fast one."),
];

fn cell(value: Option<f64>, digits: usize) -> String {
    value.map_or_else(|| "–".to_owned(), |value| format!("{value:.digits$}"))
}

fn table_head(first: &str, columns: &[&str]) -> String {
    let mut text = format!("| {first} |");
    for column in columns {
        let _ = write!(text, " {column} |");
    }
    text.push_str("\n|---|");
    for _ in columns {
        text.push_str("---:|");
    }
    text.push('\n');
    text
}

fn rates(text: &mut String, run: &Run) {
    text.push_str(&table_head("MB/s", &INPUTS));
    for engine in ENGINES {
        if INPUTS.iter().all(|input| run.rate(input, engine).is_none()) {
            continue;
        }
        let _ = write!(text, "| {engine} |");
        for input in INPUTS {
            let _ = write!(text, " {} |", cell(run.rate(input, engine), 0));
        }
        text.push('\n');
    }
    text.push('\n');
}

fn ratios(text: &mut String, report: &Report) -> Result<()> {
    let columns = ["build", SERDE, SONIC, VRL, "skip: times as long"];
    text.push_str(&table_head("input", &columns));
    for input in INPUTS {
        let run = report.run(Build::Default)?;
        let _ = writeln!(
            text,
            "| {input} | {} | {:.1} | {} | {} | {} |",
            if report.run(Build::PreserveOrder).is_ok() {
                "default, the faster serde_json"
            } else {
                "default, serde_json sorted only"
            },
            report.serde_ratio(input)?,
            cell(run.ratio(input, SONIC), 2),
            cell(run.ratio(input, VRL), 1),
            cell(run.distance(input), 2),
        );
        for run in &report.runs {
            let _ = writeln!(
                text,
                "| {input} | {} | {} | {} | {} | {} |",
                run.build.name(),
                cell(run.ratio(input, SERDE), 1),
                cell(run.ratio(input, SONIC), 2),
                cell(run.ratio(input, VRL), 1),
                cell(run.distance(input), 2),
            );
        }
    }
    text.push('\n');
    Ok(())
}

/// What detection costs: two rows of the table of instructions.
const RULES: &str = "\
The budget for the pack of detection rules is 5 % of the instructions of `ecs`. What conditions come to is worked out once \
for each class of events (verb, resource, subresource, group, kind of user, outcome), so of an ordinary event about six \
tests are left: whether admission failed open, the user agent against words of tools, whether the peer is of the internet, \
whether a service account came by certificate. Their cost is the same for every event, so it shows most where events are small. In \
the profile (`callgrind_annotate target/bench-report/callgrind/auditweir-rules.metadata`) a quarter of it goes to finding the class, a third to \
these tests, a tenth to writing down findings; the rest is spread over many places. To halve it, tests would have to be compiled to code of \
their own for each kind of field instead of being looked up, and the address and user agent be judged where `enrich` \
reads them.\n\n\
The numbers are those of a host that only marks events; `auditweir detect`, `review` and `serve`, which hold windows, also \
hash what rules over several events are about.\n";

/// What the pack of rules adds to `ecs`, by input.
fn rules(text: &mut String, instructions: &str) {
    text.push_str("## Detection rules\n\n");
    text.push_str(RULES);
    text.push('\n');
    let count = |engine: &str, input: &str| -> Option<f64> {
        let row = instructions
            .lines()
            .find_map(|line| line.strip_prefix(engine)?.trim().strip_prefix(input))?;
        row.split_whitespace().next()?.parse().ok()
    };
    for input in ["metadata", "request-response"] {
        let counts = count("auditweir ecs", input).zip(count("auditweir rules", input));
        let _ = match counts {
            Some((without, with)) => writeln!(
                text,
                "- {input}: {without} instructions an event without, {with} with the pack: {:.2} % more",
                100.0 * (with / without - 1.0)
            ),
            None => writeln!(text, "- {input}: not measured in this report"),
        };
    }
    text.push('\n');
}

pub(crate) fn write(report: &Report) -> Result<String> {
    let mut text = HEAD.to_owned();
    let run = report.run(Build::Default)?;

    text.push_str("## Throughput\n\n![megabytes per second](performance.svg)\n\n");
    text.push_str("Default build (`cargo build --release`, fat LTO, no other flags):\n\n");
    rates(&mut text, run);

    text.push_str("## Ratios\n\n");
    text.push_str(
        "How many times the bytes per second of each rival `auditweir ecs` reaches (above 1: \
         faster), and how many times longer than the faster skip-only pass it takes.\n\n",
    );
    ratios(&mut text, report)?;

    text.push_str("## Other builds\n\n");
    for (build, words) in OTHERS {
        let _ = writeln!(text, "{words}\n");
        match report.run(build) {
            Ok(run) => rates(&mut text, run),
            Err(_) => {
                let _ = writeln!(text, "Not measured in this report.\n");
            }
        }
    }

    text.push_str("## Instructions\n\n");
    text.push_str(
        "Counted by callgrind over one warm round, default build; also in \
         [instructions.txt](instructions.txt). The same on a busy machine.\n\n```text\n",
    );
    text.push_str(&report.instructions);
    text.push_str("```\n\n");
    rules(&mut text, &report.instructions);
    text.push_str("## Inputs made to be slow\n\n");
    text.push_str(
        "1 MiB each, `auditweir ecs`. `x2` is 2 MiB over 1 MiB: instructions, which a busy machine \
         cannot change (the command fails at 2.1), and time, the least of 7 rounds (the command \
         says so at 2.3; caches, page faults and other programs are in it).\n\n",
    );
    text.push_str(&table_head("flood", &["becomes", "instr/byte", "instr x2", "MB/s", "time x2"]));
    for flood in &report.floods {
        let _ = writeln!(
            text,
            "| {} | {} | {:.2} | {:.3} | {:.0} | {:.2} |",
            flood.name, flood.fate, flood.counted.0, flood.counted.1, flood.rate, flood.ratio
        );
    }

    super::shells::write(&mut text)?;

    text.push_str("\n## How it was measured\n\n");
    for line in run.machine.lines() {
        let _ = writeln!(text, "- {line}");
    }
    for (name, lines, bytes) in &report.inputs {
        let _ = writeln!(text, "- input {name}: {lines} lines, {bytes} bytes");
    }
    let _ = writeln!(
        text,
        "- criterion's median of 30 samples in 3 s after 1 s of warm-up; MB is 10^6 bytes of input"
    );
    let _ = writeln!(text, "- skip-only passes: {}", SKIPS.join(", "));
    text.push_str("- command: `cargo xtask bench-report` (needs valgrind for the instructions)\n");
    Ok(text)
}
