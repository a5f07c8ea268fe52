//! Normalises, redacts and enriches Kubernetes audit events.
#![forbid(unsafe_code)]

mod compiled;
pub mod decide;
pub mod detect;
mod emit;
mod enrich;
mod event;
mod filter;
mod gzip;
mod identity;
pub mod policy;
mod reason;
mod redact;
mod redacted;
mod scan;
mod stats;
mod text;
mod unwrap;

pub use compiled::CompiledPolicy;
pub use emit::{Format, fields, is_stub, names, panels};
pub use filter::{Filter, Refusal};
pub use policy::{Policy, PolicyError};
pub use reason::Reason;
pub use stats::{AuditTotals, Stats, Verdict};
