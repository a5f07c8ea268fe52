//! Standard output. At least once: lines written right before a crash are written again.

use std::io::{self, Write as _};
use std::sync::Arc;

use super::{Fail, Retry, Sink};
use crate::metrics::Metrics;
use crate::record::Documents;

pub(super) struct Stdout {
    metrics: Arc<Metrics>,
}

impl Stdout {
    pub(super) fn new(metrics: Arc<Metrics>) -> Self {
        Self { metrics }
    }
}

impl Sink for Stdout {
    fn deliver(&mut self, lines: &Documents, _: &mut Retry) -> Result<(), Fail> {
        let mut out = io::stdout().lock();
        out.write_all(&lines.text).and_then(|()| out.flush()).map_err(|error| {
            // Whoever reads it is gone, and nobody else will come.
            Fail::Fatal(format!("standard output: {error}"))
        })?;
        let count = lines.each.len() as u64;
        self.metrics.sink.get_or_create(&[("result", "delivered")]).inc_by(count);
        Ok(())
    }
}
