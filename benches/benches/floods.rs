//! Inputs made to be slow: twice the input must take about twice the time.
//!
//! Prints one line per flood: name, bytes, what became of it, nanoseconds for those bytes,
//! nanoseconds for twice as many, the ratio. Ends with an error when a ratio is too high.

#![expect(clippy::print_stdout, clippy::print_stderr, reason = "a program talks to its terminal")]

use std::process::ExitCode;
use std::time::{Duration, Instant};

use auditweir::Format;
use auditweir_benches::engines::{Auditweir, Engine};
use auditweir_benches::inputs;
use bytes::Bytes;

/// Above this, time is not proportional to size. Slack for caches and a busy machine.
const LIMIT: f64 = 2.3;
const BYTES: usize = 1 << 20;
const ROUNDS: usize = 7;
/// A ratio over the limit is measured again this often before it counts.
const ATTEMPTS: usize = 4;

fn time(engine: &mut Auditweir, line: &Bytes, out: &mut Vec<u8>) -> Duration {
    out.clear();
    let start = Instant::now();
    engine.line(line, out);
    start.elapsed()
}

/// The least of several rounds, one size after the other so that both meet the same weather.
fn least(engine: &mut Auditweir, single: &Bytes, double: &Bytes) -> (Duration, Duration) {
    let mut out = Vec::new();
    let mut least = (Duration::MAX, Duration::MAX);
    for _ in 0..ROUNDS {
        least.0 = least.0.min(time(engine, single, &mut out));
        least.1 = least.1.min(time(engine, double, &mut out));
    }
    least
}

fn main() -> ExitCode {
    let mut code = ExitCode::SUCCESS;
    let doubles = inputs::floods(2 * BYTES);
    for ((name, single), (_, double)) in inputs::floods(BYTES).into_iter().zip(doubles) {
        let mut engine = Auditweir::new(Format::Ecs);
        let mut attempts = 0;
        let (one, two, ratio) = loop {
            attempts += 1;
            let (one, two) = least(&mut engine, &single, &double);
            let ratio = two.as_secs_f64() / one.as_secs_f64();
            if ratio < LIMIT || attempts == ATTEMPTS {
                break (one, two, ratio);
            }
        };
        let stats = engine.stats();
        let fate = stats.reasons.first().map_or("event", |(reason, _)| reason);
        println!(
            "flood {name} {} {fate} {} {} {ratio:.2}",
            single.len(),
            one.as_nanos(),
            two.as_nanos()
        );
        if ratio >= LIMIT {
            eprintln!("{name}: twice the input takes {ratio:.2} times as long");
            code = ExitCode::FAILURE;
        }
    }
    code
}
