//! Runs `cases/*.yaml` through every host. A new host: one file with a [`Host`] and a test that
//! calls [`run`], and its `mod` line here.

#![allow(clippy::print_stderr, reason = "a test runner reports to the terminal")]

mod agree;
mod capi;
mod cli;
mod core;
mod fluent_bit;
mod fluent_bit_live;
mod lua54;
mod luajit;
mod node;
mod vector;
mod vector_live;
mod wasm;
mod wasm_abi;
mod wasm_figures;
mod wasm_fluentbit;
mod wasm_wasmi;
mod wasm_wasmtime;

use std::fmt::Write as _;

use auditweir_tests::case::CaseFile;
use auditweir_tests::check::failures;
use auditweir_tests::host::Host;

/// Runs all cases through `host` and panics with all failures at once.
///
/// `CASE=text` runs only the cases whose `file: name` contains the text and prints their outputs.
fn run(host: &mut dyn Host) {
    let only = std::env::var("CASE").ok();
    let mut report = String::new();
    let (mut passed, mut pending, mut failed) = (0, 0, 0);
    for file in auditweir_tests::cases() {
        for case in &file.cases {
            let title = format!("{}: {}", file.file, case.name);
            if only.as_ref().is_some_and(|text| !title.contains(text.as_str())) {
                continue;
            }
            let input = file.input(case).unwrap_or_else(|error| panic!("{title}: {error}"));
            let policy = file.policy(case);
            let setup = CaseFile::setup(case, policy.as_deref());
            if !host.can(&setup) {
                continue;
            }
            let wrong = match host.run(&setup, &input) {
                Ok(output) => {
                    if only.is_some() {
                        eprintln!("{title}\n{}", String::from_utf8_lossy(&output.stdout));
                    }
                    failures(case, &input, &output)
                }
                Err(error) => vec![error],
            };
            match (case.pending, wrong.is_empty()) {
                (false, true) => passed += 1,
                (true, false) => {
                    pending += 1;
                    if only.is_some() {
                        eprintln!("pending {title}: {}", wrong.join("\n  "));
                    }
                }
                (true, true) => {
                    failed += 1;
                    let _ = writeln!(report, "{title}\n  passes now: remove `pending: true`");
                }
                (false, false) => {
                    failed += 1;
                    let _ = writeln!(report, "{title}\n  {}", wrong.join("\n  "));
                }
            }
        }
    }
    let summary = format!("{}: {passed} passed, {failed} failed, {pending} pending", host.name());
    eprintln!("{summary}");
    assert!(failed == 0, "{summary}\n{report}");
    assert!(passed > 0, "no case ran");
}
