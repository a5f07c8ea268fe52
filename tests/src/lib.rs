//! What the tests of all hosts share: the case files of this folder, and what
//! [`auditweir_cases`] offers to read, run and check them.
//!
//! [`dice`], [`canary`] and [`oracle`] make hostile inputs and say what must come of them;
//! [`floods`] is what must stay cheap; [`filtering`] holds what is true of any output; [`fuzz`] has
//! the fuzz targets; [`planted`] judges what a real API server logged; [`mod@helm`] renders the chart;
//! [`vector`] runs a real Vector.
//!
//! Nothing here is used outside tests.
#![allow(clippy::missing_panics_doc, reason = "a test that cannot go on panics")]

pub use auditweir_cases::{case, check, fakes, host, library, reveal};

pub mod built;
pub mod canary;
pub mod dice;
pub mod filtering;
pub mod floods;
pub mod fuzz;
pub mod helm;
pub mod oracle;
pub mod planted;
pub mod score;
pub mod vector;

use std::fs;
use std::path::{Path, PathBuf};

use case::CaseFile;

/// A file or folder of this package.
pub fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// All files of `cases/`, by name.
pub fn cases() -> Vec<CaseFile> {
    let mut paths: Vec<_> = fs::read_dir(here("cases"))
        .expect("tests/cases")
        .map(|entry| entry.expect("entry").path())
        .filter(|path| path.extension().is_some_and(|ext| ext == "yaml"))
        .collect();
    paths.sort();
    paths
        .iter()
        .map(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            let text = fs::read_to_string(path).expect("readable case file");
            CaseFile::parse(&name, &text).unwrap_or_else(|error| panic!("{error}"))
        })
        .collect()
}
