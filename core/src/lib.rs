//! Normalises, redacts and enriches Kubernetes audit events.
#![forbid(unsafe_code)]

pub mod decide;
pub mod detect;
mod emit;
mod enrich;
mod event;
mod filter;
mod gzip;
mod identity;
pub mod policy;
mod redact;
mod scan;
mod stats;
mod unwrap;

pub use emit::{Format, fields, is_stub, names, panels};
pub use filter::{Filter, Refusal};
pub use policy::{CompiledPolicy, Policy, PolicyError};
pub use stats::{AuditTotals, Stats, Verdict};
