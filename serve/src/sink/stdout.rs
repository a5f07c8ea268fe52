//! Standard output. At least once: lines written right before a crash are written again.

use std::io::{self, Write as _};
use std::sync::Arc;

use super::{Fail, Retry, Sink};
use crate::metrics::Counters;
use crate::record::Documents;

pub(super) struct Stdout {
    counters: Arc<Counters>,
}

impl Stdout {
    pub(super) fn new(counters: Arc<Counters>) -> Self {
        Self { counters }
    }
}

impl Sink for Stdout {
    fn deliver(&mut self, lines: &Documents, _: &mut Retry) -> Result<(), Fail> {
        let mut out = io::stdout().lock();
        out.write_all(&lines.text).and_then(|()| out.flush()).map_err(|error| {
            // Whoever reads it is gone, and nobody else will come.
            Fail::Fatal(format!("standard output: {error}"))
        })?;
        self.counters.count("delivered", lines.each.len() as u64);
        Ok(())
    }
}
