//! Case files: one way to say what goes in, under which policy, and what must come out, for the
//! tests of all hosts and for `auditweir policy test`.
//!
//! - [`case`] reads case files (format: `tests/cases/README.md`).
//! - [`host`] is the one thing a host must offer to be tested: text in, text out.
//! - [`library`] is the host that needs no shell: the library itself.
//! - [`check`] compares what came out with what a case expects.
//! - [`facts`] knows where each format keeps what an event says.
//! - [`reveal`] opens every encoding a value may be hidden in.
//! - [`fakes`] makes credentials that look real, so that none stands in a case file.

pub mod case;
pub mod check;
pub mod facts;
pub mod fakes;
pub mod host;
pub mod library;
pub mod reveal;
