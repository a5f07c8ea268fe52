//! Inputs and engines shared by the benchmarks, the instruction counter and the report.

pub mod engines;
pub mod inputs;
