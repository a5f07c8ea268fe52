//! `docs/score.md`: what redaction finds and what it takes too much.

use std::fs;

use auditweir_tests::{here, score};

use crate::Result;

pub(crate) fn run() -> Result<()> {
    let document = score::document();
    print!("{document}");
    fs::write(here(score::PATH), document)?;
    Ok(())
}
