//! One engine over one input, for instruction counters and profilers.
//!
//! `once ENGINE INPUT` warms the engine up, then runs [`measured_round`] once: a profiler told to
//! collect only inside that function sees one round in steady state.
//! INPUT is a name from the list or `FLOOD:BYTES`. `once list` prints the inputs: name, lines, bytes.
//! `once lines INPUT` writes the lines themselves.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program talks to its terminal")]

use std::io::Write as _;
use std::process::ExitCode;

use auditweir_benches::engines::{self, Engine};
use auditweir_benches::inputs::{self, Input};
use auditweir_benches::round;

/// What is counted.
#[inline(never)]
fn measured_round(engine: &mut dyn Engine, input: &Input, out: &mut Vec<u8>) {
    round(engine, input, out);
}

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match arguments[..] {
        ["list"] => {
            for input in inputs::all() {
                println!("{} {} {}", input.name, input.lines.len(), input.bytes());
            }
            ExitCode::SUCCESS
        }
        ["floods"] => {
            for (name, _) in inputs::floods(1024) {
                println!("{name}");
            }
            ExitCode::SUCCESS
        }
        ["lines", input] => {
            let Some(input) = inputs::named(input) else {
                eprintln!("no such input");
                return ExitCode::FAILURE;
            };
            let mut out = std::io::stdout().lock();
            for line in &input.lines {
                // A reader that has gone away has had enough.
                if out.write_all(line).and_then(|()| out.write_all(b"\n")).is_err() {
                    return ExitCode::FAILURE;
                }
            }
            ExitCode::SUCCESS
        }
        [engine, input] => {
            let (Some(mut engine), Some(input)) = (engines::named(engine), inputs::named(input))
            else {
                eprintln!("no such engine or input");
                return ExitCode::FAILURE;
            };
            let mut out = Vec::new();
            round(engine.as_mut(), &input, &mut out);
            measured_round(engine.as_mut(), &input, &mut out);
            ExitCode::SUCCESS
        }
        _ => {
            eprintln!("usage: once ENGINE INPUT | once lines INPUT | once list | once floods");
            ExitCode::FAILURE
        }
    }
}
