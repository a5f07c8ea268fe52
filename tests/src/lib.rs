//! What the tests of all hosts share: the case format, the checks, and the tools to look for a
//! secret wherever it may hide.
//!
//! - [`case`] reads `cases/*.yaml` (format: `cases/README.md`).
//! - [`host`] is the one thing a host must offer to be tested: text in, text out.
//! - [`check`] compares what came out with what a case expects.
//! - [`reveal`] opens every encoding a value may be hidden in.
//! - [`fakes`] makes credentials that look real, so that none stands in the repository.
//!
//! Nothing here is used outside tests.
#![allow(clippy::missing_panics_doc, reason = "a test that cannot go on panics")]

pub mod case;
pub mod check;
pub mod fakes;
pub mod host;
pub mod reveal;

use std::path::{Path, PathBuf};

/// A file or folder of this package.
pub fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}
