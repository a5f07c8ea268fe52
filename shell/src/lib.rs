//! What every host of auditweir shares, so that no two of them can differ in it.
//!
//! A host is an interface: a command line, a C ABI, a plugin, a module. What lies between that
//! interface and the filter is the same for all and stands here once:
//!
//! - [`Setup`]: policy, key and format from texts or files, with errors that say where.
//! - [`Guard`]: a filter that survives its own faults; the input it failed on becomes a stub and
//!   is counted once.
//! - [`Lines`]: joins what a container runtime split into several lines.
//! - [`Stream`]: guard and lines together, for hosts that are handed line after line.
//! - [`Totals`]: the statistics under their names, in one shape.
#![forbid(unsafe_code)]

#[cfg(not(target_family = "wasm"))]
mod advice;
#[cfg(not(target_family = "wasm"))]
pub mod alert;
mod counts;
#[cfg(not(target_family = "wasm"))]
pub mod finding;
#[cfg(not(target_family = "wasm"))]
pub mod group;
mod guard;
#[cfg(not(target_family = "wasm"))]
pub mod known;
mod lines;
mod nesting;
mod part;
#[cfg(not(target_family = "wasm"))]
pub mod rules;
mod setup;
mod stream;
#[cfg(not(target_family = "wasm"))]
pub mod time;
mod totals;
#[cfg(not(target_family = "wasm"))]
mod tree;

pub use counts::Counts;
pub use guard::{Guard, LAST_RESORT, Mark, Notes, hide_panics};
pub use lines::{Carry, HEAD, Lines, Piece, Sink};
#[cfg(not(target_family = "wasm"))]
pub use setup::place_of;
pub use setup::{
    Place, Ready, Setup, SetupError, Source, compile, default_policy, format, key, parse,
    read_policy, with_key,
};
pub use stream::Stream;
pub use totals::Totals;
