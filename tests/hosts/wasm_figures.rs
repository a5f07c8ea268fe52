//! What an event costs in each shell, in processor time of this process:
//! `cargo test --release -p auditweir-tests --test cases wasm_figures -- --ignored --nocapture`.
//! (Without `--release` the core's own figure means nothing; the others do not change much.)

use std::fs;
use std::sync::Arc;
use std::time::Instant;

use auditweir::{Filter, Format, Policy};
use auditweir_wasm_pack::Artifact;

use crate::wasm::corpus;
use crate::wasm_wasmi::FluentBit;
use crate::wasm_wasmtime::Wasmtime;

/// Processor seconds so far; wall-clock time where there is no `/proc`.
fn seconds(start: Instant) -> f64 {
    let stat = fs::read_to_string("/proc/thread-self/schedstat").unwrap_or_default();
    let nanoseconds = stat.split(' ').next().and_then(|text| text.parse::<f64>().ok());
    nanoseconds.map_or_else(|| start.elapsed().as_secs_f64(), |ns| ns / 1e9)
}

/// Nanoseconds per event and megabytes per second, over at least a second.
fn measure(name: &str, lines: &[Vec<u8>], mut line: impl FnMut(&[u8])) {
    for text in lines {
        line(text);
    }
    let start = Instant::now();
    let before = seconds(start);
    let mut rounds = 0;
    while seconds(start) - before < 1.0 {
        for text in lines {
            line(text);
        }
        rounds += 1;
    }
    let spent = seconds(start) - before;
    let bytes: usize = lines.iter().map(Vec::len).sum();
    #[expect(clippy::cast_precision_loss, reason = "counts far below 2^52")]
    let (events, bytes) = ((rounds * lines.len()) as f64, (rounds * bytes) as f64);
    eprintln!("{name:28} {:9.0} ns/event {:8.1} MB/s", spent * 1e9 / events, bytes / spent / 1e6);
}

#[test]
#[ignore = "prints figures; run by name"]
fn figures() {
    let mut lines = corpus();
    lines.retain(|line| !line.contains(&b'\n'));
    let bytes: usize = lines.iter().map(Vec::len).sum();
    eprintln!("{} events of {} bytes on average, native shape", lines.len(), bytes / lines.len());

    let policy = Arc::new(Policy::default().compile().expect("policy"));
    let (mut filter, mut out) = (Filter::new(policy, Format::Native), Vec::new());
    measure("core", &lines, |line| {
        out.clear();
        filter.apply(line, &mut out);
    });
    for (name, which) in
        [("wasmtime", Artifact::Generic), ("wasmtime, SIMD", Artifact::GenericSimd)]
    {
        let mut guest = Wasmtime::new(name, which).guest();
        guest.policy(b"", b"", 0).expect("policy");
        measure(name, &lines, |line| {
            guest.process(line).expect("no trap");
        });
    }
    let mut guest = FluentBit::new(Artifact::FluentBit).start(Vec::new());
    measure("fluent-bit artifact, wasmi", &lines, |line| {
        guest.filter("auditweir_native", line).expect("no trap");
    });
}
