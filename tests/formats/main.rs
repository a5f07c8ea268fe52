//! Output in `ocsf` and `otel` is what the schemas say, for every event there is; and the field
//! reference is what the output has.

#![allow(clippy::print_stderr, reason = "a test that is skipped says so")]

mod agree;
mod corpus;
mod reference;
mod schemas;
mod whole;
