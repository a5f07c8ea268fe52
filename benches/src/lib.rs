//! Inputs and engines shared by the benchmarks, the instruction counter and the report.

pub mod engines;
pub mod inputs;

/// One allocator for every engine.
#[cfg(feature = "mimalloc")]
#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

use std::hint::black_box;

/// Every line of the input through the engine once; the output buffer is the caller's, reused.
pub fn round(engine: &mut dyn engines::Engine, input: &inputs::Input, out: &mut Vec<u8>) {
    for line in &input.lines {
        out.clear();
        engine.line(line, out);
        black_box(&*out);
    }
}
