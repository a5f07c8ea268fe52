//! Filtering threads: from the body of a request to clean lines for the spool.

use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};

use auditweir_shell::{Guard, Mark, Piece, Ready};
use serde::Deserialize;
use serde_json::value::RawValue;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use crate::metrics::Metrics;
use crate::record;
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
    guard: Guard,
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
    pub(crate) fn new(ready: Ready, metrics: Arc<Metrics>, number: usize) -> Self {
        Self { guard: Guard::new(ready), metrics, number }
    }

    /// Cleans bodies until nobody sends any more.
    pub(crate) fn run(mut self, jobs: &Mutex<Receiver<Job>>, spool: &Sender<Batch>) {
        loop {
            let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(Job { body, permit, done }) = job else { return };
            let mut clean = Vec::with_capacity(body.len() + body.len() / 4);
            let mut marks = Vec::new();
            self.clean(&body, &mut clean, &mut marks);
            drop(body);
            let lines = record::lines(&clean, &marks);
            self.metrics.filtered(self.number, self.guard.stats(), self.guard.panics());
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
    fn clean(&mut self, body: &[u8], lines: &mut Vec<u8>, marks: &mut Vec<Mark>) {
        let limits = &self.guard.policy().policy().limits;
        let line = limits.line_bytes as usize;
        // A value takes two bytes or more.
        let safe = line.min((limits.nodes as usize).saturating_mul(2));
        if body.len() <= safe && self.guard.mark_attempt(body, lines, marks).is_some() {
            return;
        }
        let Ok(List { items }) = serde_json::from_slice::<List<'_>>(body) else {
            // Longer than a line may be, it is refused; one that failed fails again.
            self.guard.mark_piece(Piece::whole(body), lines, marks);
            return;
        };
        for item in items {
            self.guard.mark_piece(Piece::whole(item.get().as_bytes()), lines, marks);
        }
    }
}

#[cfg(test)]
mod tests {
    use auditweir_shell::Setup;

    use super::*;

    /// A filter that fails on a list and on one of its items costs that item, and every event is
    /// counted once.
    #[test]
    fn one_event_cannot_take_those_of_others_along() {
        let event = |id: &str| {
            format!(
                r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"{id}","stage":"ResponseComplete","verb":"get","requestURI":"/version"}}"#
            )
        };
        let ready = Setup::default().ready().expect("the default policy");
        let metrics = Arc::new(Metrics::new(&ready.policy, 1, 0));
        let mut cleaner = Cleaner::new(ready, metrics, 0);
        cleaner.guard = cleaner.guard.checked_by(|input| {
            assert!(memchr::memmem::find(input, b"poison").is_none(), "trap");
        });
        let body = format!(
            r#"{{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[{},{},{}]}}"#,
            event("a"),
            event("poison"),
            event("c"),
        );
        let mut lines = Vec::new();
        let mut marks = Vec::new();
        cleaner.clean(body.as_bytes(), &mut lines, &mut marks);
        assert_eq!(marks.len(), 3);
        let text = String::from_utf8(lines).expect("UTF-8");
        assert_eq!(text.lines().count(), 3, "{text}");
        assert!(text.contains(r#""stub":"internal""#) && !text.contains("poison"), "{text}");
        let stats = cleaner.guard.stats();
        assert_eq!((stats.events, stats.stubs, stats.inputs), (2, 1, 3));
        assert_eq!(stats.bytes_out, text.len() as u64);
        assert_eq!(cleaner.guard.panics(), 2, "the list, then the item");
    }
}
