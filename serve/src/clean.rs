//! Filtering threads: from the body of a request to clean lines for the spool.

use std::panic::{AssertUnwindSafe, catch_unwind};
use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};

use auditweir::{CompiledPolicy, Filter, Format, Refusal, Stats};
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use crate::metrics::Metrics;
use crate::spool::{AppendError, Batch};

/// The body of one request.
pub(crate) struct Job {
    pub(crate) body: Vec<u8>,
    /// Its share of the memory bound; goes with it until it is on disk.
    pub(crate) permit: OwnedSemaphorePermit,
    /// Told when all events are on disk, or why not.
    pub(crate) done: oneshot::Sender<Result<(), AppendError>>,
}

/// One filtering thread.
pub(crate) struct Cleaner {
    policy: Arc<CompiledPolicy>,
    format: Format,
    filter: Filter,
    /// Totals of filters that failed.
    base: Stats,
    metrics: Arc<Metrics>,
    number: usize,
}

/// A list as the API server sends it, down to the raw text of each item.
#[derive(Deserialize)]
struct List<'a> {
    #[serde(borrow)]
    items: Vec<&'a RawValue>,
}

impl Cleaner {
    pub(crate) fn new(
        policy: Arc<CompiledPolicy>,
        format: Format,
        metrics: Arc<Metrics>,
        number: usize,
    ) -> Self {
        let filter = Filter::new(Arc::clone(&policy), format);
        Self { policy, format, filter, base: Stats::default(), metrics, number }
    }

    /// Cleans bodies until nobody sends any more.
    pub(crate) fn run(mut self, jobs: &Mutex<Receiver<Job>>, spool: &Sender<Batch>) {
        loop {
            let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(Job { body, permit, done }) = job else { return };
            let mut lines = Vec::with_capacity(body.len() + body.len() / 4);
            self.clean(&body, &mut lines);
            drop(body);
            let mut stats = self.base.clone();
            stats.add(self.filter.stats());
            self.metrics.filtered(self.number, stats);
            if lines.is_empty() {
                // All of it was dropped, as the policy says, and counted.
                let _ = done.send(Ok(()));
                continue;
            }
            // Without a spool nobody takes it, and the request fails with `done`.
            let _ = spool.send(Batch { lines, permit, done });
        }
    }

    /// Appends the clean lines of a body.
    ///
    /// A list too large for the filter at once, or on which it fails, is cleaned item by item, so
    /// that one event cannot take those of others along.
    fn clean(&mut self, body: &[u8], lines: &mut Vec<u8>) {
        let limits = &self.policy.policy().limits;
        let line = limits.line_bytes as usize;
        // A value takes two bytes or more.
        let safe = line.min((limits.nodes as usize).saturating_mul(2));
        if body.len() <= safe && self.apply(body, lines) {
            return;
        }
        let Ok(List { items }) = serde_json::from_slice::<List<'_>>(body) else {
            let why = if body.len() > line { Refusal::LineTooLong } else { Refusal::Internal };
            if body.len() > line || body.len() <= safe || !self.apply(body, lines) {
                self.filter.refuse(why, body, body.len() as u64, lines);
            }
            return;
        };
        for item in items {
            let item = item.get().as_bytes();
            let size = item.len() as u64;
            if item.len() > line {
                self.filter.refuse(Refusal::LineTooLong, item, size, lines);
            } else if !self.apply(item, lines) {
                self.filter.refuse(Refusal::Internal, item, size, lines);
            }
        }
    }

    /// False when the filter failed; nothing was appended then and the filter is a new one.
    fn apply(&mut self, text: &[u8], lines: &mut Vec<u8>) -> bool {
        let before = lines.len();
        let filter = &mut self.filter;
        if catch_unwind(AssertUnwindSafe(|| filter.apply(text, &mut *lines))).is_ok() {
            return true;
        }
        // Fail closed: what a failing filter wrote is not trusted, and neither is the filter.
        lines.truncate(before);
        self.base.add(self.filter.stats());
        self.filter = Filter::new(Arc::clone(&self.policy), self.format);
        self.metrics.panics.inc();
        false
    }
}
