//! Filters the corpus over and over and prints how much memory the process holds.
//!
//! `cargo run --release -p auditweir-tests --bin soak -- 5000000 [native|ecs]`
//!
//! Ends with an error when the resident size grows by more than 5 % after the first million.
#![allow(clippy::print_stdout, reason = "that is what it is for")]

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Instant;
use std::{env, fs};

use auditweir::{Filter, Format};
use auditweir_tests::{filtering, here};

/// Resident memory in KiB; Linux only.
fn resident() -> u64 {
    let status = fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

fn main() -> ExitCode {
    let mut arguments = env::args().skip(1);
    let total: u64 = arguments.next().and_then(|text| text.parse().ok()).unwrap_or(5_000_000);
    let format = match arguments.next().as_deref() {
        Some("ecs") => Format::Ecs,
        _ => Format::Native,
    };
    let text = fs::read(here("corpora/openshift-clo/audit_in.log")).expect("corpus");
    let mut lines: Vec<&[u8]> =
        text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).collect();
    // The few huge ones make up most of the bytes; one of them is enough.
    lines.sort_by_key(|line| line.len());
    lines.truncate(96);
    let mut filter = Filter::new(Arc::clone(&filtering::DEFAULT), format);
    let mut out = Vec::new();
    let start = Instant::now();
    let (mut done, mut first) = (0u64, 0u64);
    let step = (total / 5).clamp(1, 1_000_000);
    println!("events resident_kib seconds");
    while done < total {
        for line in &lines {
            out.clear();
            filter.apply(line, &mut out);
            done += 1;
            if done.is_multiple_of(step) {
                let now = resident();
                println!("{done} {now} {:.1}", start.elapsed().as_secs_f64());
                if first == 0 {
                    first = now;
                }
            }
        }
    }
    let last = resident();
    let stats = filter.stats();
    println!(
        "{} in, {} events, {} stubs, {} rejected",
        stats.inputs, stats.events, stats.stubs, stats.rejected
    );
    if last > first + first / 20 {
        println!("grew from {first} to {last} KiB");
        return ExitCode::FAILURE;
    }
    ExitCode::SUCCESS
}
