//! Cleans Kubernetes audit events inside the log shipper: takes secrets out, adds what can be told
//! from an event, and writes it in the shape a sink wants.
//!
//! ```no_run
//! use std::io::{BufRead as _, Write as _};
//! use std::sync::Arc;
//!
//! use auditweir::{Filter, Format, Policy};
//!
//! fn main() -> Result<(), Box<dyn std::error::Error>> {
//!     let policy = Policy::from_yaml("{version: 1, redact: {pseudonymKeyId: '2026'}}")?;
//!     let policy = Arc::new(policy.compile()?); // one for all threads
//!     let mut filter = Filter::new(policy, Format::Ecs); // one per thread
//!     let (mut input, mut output) = (std::io::stdin().lock(), std::io::stdout().lock());
//!     let (mut line, mut clean) = (Vec::new(), Vec::new());
//!     while input.read_until(b'\n', &mut line)? > 0 {
//!         filter.apply(&line, &mut clean); // appends the lines that may go on
//!         output.write_all(&clean)?;
//!         line.clear();
//!         clean.clear();
//!     }
//!     Ok(())
//! }
//! ```
//!
//! # What comes out
//!
//! [`Filter::apply`] takes one line or record as it comes: an event, a list of events, or either in
//! an envelope of a cloud, a container runtime or a shipper. It appends one line for each event that
//! goes on and says in a [`Verdict`] what it did.
//!
//! ```
//! use std::sync::Arc;
//!
//! use auditweir::{Filter, Format, Policy};
//!
//! let policy = Arc::new(Policy::default().compile()?);
//! let mut filter = Filter::new(policy, Format::Native);
//! let mut out = Vec::new();
//! let event = br#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Request","auditID":"1",
//!     "stage":"ResponseComplete","verb":"create","requestURI":"/api/v1/namespaces/a/secrets",
//!     "objectRef":{"resource":"secrets","namespace":"a","name":"db","apiVersion":"v1"},
//!     "requestObject":{"kind":"Secret","apiVersion":"v1","data":{"password":"aHVudGVyMg=="}}}"#;
//! let verdict = filter.apply(event, &mut out);
//! assert_eq!((verdict.events, verdict.redactions), (1, 1));
//! let clean = String::from_utf8(out)?;
//! assert!(clean.contains(r#""password":"[redacted:secret-values]""#));
//!
//! // What is no event is never passed on as it is: a stub says that there was something.
//! let mut out = Vec::new();
//! assert_eq!(filter.apply(b"{\"password\":\"hunter2\"}", &mut out).rejected, 1);
//! assert!(!String::from_utf8(out)?.contains("hunter2"));
//! # Ok::<(), Box<dyn std::error::Error>>(())
//! ```
//!
//! # Guarantees
//!
//! - It fails closed. What cannot be read, opened or judged becomes a stub: a line that names the
//!   reason ([`Reason`]), the length, and of the event only what no client can write freely.
//! - Nothing gets lost without a count. Each event gives one line or is one of
//!   [`Stats::dropped`]; what the policy does not take out stays as it was.
//! - Each line that comes out is valid UTF-8 and valid JSON and ends in a line feed. The same input
//!   under the same policy and key gives the same bytes.
//! - Cleaning a clean line again in the format `native` changes nothing in it.
//!
//! # Untrusted input
//!
//! Input may be written by an attacker. There is no `unsafe` code, no recursion that input controls
//! and no work that grows faster than the input; [`policy::Limits`] bounds memory, depth and what
//! decoding may produce. Policies are trusted: they come from the owner of the log.
//!
//! # Cost
//!
//! The input is scanned once, with SIMD where the processor has it, into a flat list of spans. What
//! is redacted is a list of edits on these spans, so what stays is copied and not rebuilt. A
//! [`Filter`] owns its memory and takes no more once it is warm. Compiling a policy takes
//! milliseconds: do it once and share it. `docs/performance.md` of the repository has figures and
//! the commands that print them.
//!
//! The library has no clock, no I/O, no threads and no global state. What it knows of time is in
//! the events.
//!
//! # Features
//!
//! - `yaml` (default): [`Policy::from_yaml`]. Without it a policy comes from any other `serde`
//!   format or from code.
//! - `ecs`, `ocsf`, `otel` (default): the formats of these names. `native` is always there.
//! - `rules`: detection rules in Sigma and a pack of them; see the module `rules`.
//! - `schema`: JSON Schema of the policy file, by way of `schemars`.
//!
//! # Minimum Rust
//!
//! 1.89. A newer one is asked for in a minor version, never in a patch.
#![forbid(unsafe_code)]
#![cfg_attr(docsrs, feature(doc_cfg))]
#![cfg_attr(
    not(all(feature = "yaml", feature = "ecs", feature = "ocsf", feature = "otel")),
    allow(dead_code, unused_imports, unused_macros, reason = "what only the parts left out use")
)]

mod compiled;
pub mod decide;
pub mod detect;
mod emit;
mod enrich;
mod event;
mod filter;
mod gzip;
mod identity;
#[cfg(feature = "ecs")]
pub mod panels;
pub mod policy;
mod reason;
mod redact;
mod redacted;
#[cfg(feature = "rules")]
pub mod rules;
mod scan;
mod stats;
mod text;
pub(crate) mod unwrap;

/// The envelopes that are known, each with examples, in the order they are tried.
pub mod envelopes {
    pub use crate::unwrap::{Example, examples};
}

pub use compiled::CompiledPolicy;
pub use emit::{Format, fields};
pub use filter::{Filter, Line, LineKind, Refusal};
pub use policy::{Policy, PolicyError};
pub use reason::Reason;
pub use stats::{AuditTotals, Stats, Verdict};
