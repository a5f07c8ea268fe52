//! Filtering threads: from the body of a request to clean lines for the spool.

use std::sync::mpsc::{Receiver, Sender};
use std::sync::{Arc, Mutex, PoisonError};

use auditweir_shell::{Guard, Piece, Ready};
use serde::Deserialize;
use serde::de::IgnoredAny;
use serde_json::value::RawValue;
use tokio::sync::{OwnedSemaphorePermit, oneshot};

use crate::alerts::record::Noted;
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
    /// Somebody asks for alerts.
    alerts: bool,
}

/// A list as the API server sends it, down to the raw text of each item.
#[derive(Deserialize)]
struct List<'a> {
    #[serde(borrow)]
    items: Vec<&'a RawValue>,
}

impl Cleaner {
    pub(crate) fn new(ready: Ready, metrics: Arc<Metrics>, number: usize, alerts: bool) -> Self {
        let guard = Guard::new(ready);
        // What the policy drops is looked at, too.
        let guard = if alerts { guard.for_alerts() } else { guard };
        Self { guard, metrics, number, alerts }
    }

    /// Cleans bodies until nobody sends any more.
    pub(crate) fn run(mut self, jobs: &Mutex<Receiver<Job>>, spool: &Sender<Batch>) {
        loop {
            let job = jobs.lock().unwrap_or_else(PoisonError::into_inner).recv();
            let Ok(Job { body, permit, done }) = job else { return };
            let mut clean = Vec::with_capacity(body.len() + body.len() / 4);
            let mut noted = Noted { quiet: !self.alerts, ..Noted::default() };
            self.clean(&body, &mut clean, &mut noted);
            drop(body);
            let Noted { marks, matches, seen, parts, .. } = noted;
            let lines = record::lines(&clean, &marks);
            self.metrics.filtered(self.number, self.guard.stats(), self.guard.panics());
            if lines.is_empty() && matches.is_empty() && seen.is_empty() && parts.is_empty() {
                // All of it was dropped, as the policy says, and counted.
                let _ = done.send(Ok(()));
                continue;
            }
            // Without a spool nobody takes it, and the request fails with `done`.
            let (permit, done) = (Some(permit), Some(done));
            let _ = spool.send(Batch { lines, matches, seen, parts, permit, done });
        }
    }

    /// Appends the clean lines of a body: of one value, or of lines, each of which is judged alone.
    fn clean(&mut self, body: &[u8], lines: &mut Vec<u8>, noted: &mut Noted) {
        if are_lines(body) {
            body.split(|byte| *byte == b'\n').for_each(|line| self.value(line, lines, noted));
        } else {
            self.value(body, lines, noted);
        }
    }

    /// Appends the clean lines of one value.
    ///
    /// A list too large for the filter at once, or on which it fails, is cleaned item by item, so
    /// that one event cannot take those of others along.
    fn value(&mut self, body: &[u8], lines: &mut Vec<u8>, noted: &mut Noted) {
        let limits = &self.guard.policy().policy().limits;
        let line = limits.line_bytes as usize;
        // A value takes two bytes or more.
        let safe = line.min((limits.nodes as usize).saturating_mul(2));
        if body.len() <= safe && self.guard.mark_attempt(body, lines, noted).is_some() {
            return;
        }
        let Ok(List { items }) = serde_json::from_slice::<List<'_>>(body) else {
            // Longer than a line may be, it is refused; one that failed fails again.
            self.guard.mark_piece(Piece::whole(body), lines, noted);
            return;
        };
        for item in items {
            self.guard.mark_piece(Piece::whole(item.get().as_bytes()), lines, noted);
        }
    }
}

/// Lines at the start of a body that are looked at to tell lines from one value over several.
const LOOK: usize = 16;

/// Whether a body is lines of which each is a value (NDJSON), a few of them perhaps broken: it is no
/// value as a whole, but one of its first lines is.
fn are_lines(body: &[u8]) -> bool {
    let is_value = |text: &[u8]| serde_json::from_slice::<IgnoredAny>(text).is_ok();
    let body = body.trim_ascii();
    memchr::memchr(b'\n', body).is_some()
        && !is_value(body)
        && body
            .split(|byte| *byte == b'\n')
            .map(<[u8]>::trim_ascii)
            .filter(|line| !line.is_empty())
            .take(LOOK)
            .any(|line| line.starts_with(b"{") && is_value(line))
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
        let mut cleaner = Cleaner::new(ready, metrics, 0, false);
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
        let mut noted = Noted::default();
        cleaner.clean(body.as_bytes(), &mut lines, &mut noted);
        assert_eq!(noted.marks.len(), 3);
        let text = String::from_utf8(lines).expect("UTF-8");
        assert_eq!(text.lines().count(), 3, "{text}");
        assert!(text.contains(r#""stub":"internal""#) && !text.contains("poison"), "{text}");
        let stats = cleaner.guard.stats();
        assert_eq!((stats.events, stats.stubs, stats.inputs), (2, 1, 3));
        assert_eq!(stats.bytes_out, text.len() as u64);
        assert_eq!(cleaner.guard.panics(), 2, "the list, then the item");
    }

    /// What is wrong with one line costs that line.
    #[test]
    fn lines_are_judged_alone() {
        let event = |id: &str| {
            format!(
                r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"{id}","stage":"ResponseComplete","verb":"get","requestURI":"/version"}}"#
            )
        };
        let (a, b) = (event("a"), event("b"));
        for (body, expected) in [
            (format!("{a}\nnot json\n{b}\n"), (2, 1)),
            (format!("not json\n\r\n{a}\r\n{b}"), (2, 1)),
            (format!("{a}\n{{\"cut\":\n{b}\n"), (2, 1)),
            (format!("{a}\n{b}\n"), (2, 0)),
            (
                format!(
                    "{{\"kind\":\"EventList\",\"apiVersion\":\"audit.k8s.io/v1\",\n\"items\":[\n{a},\n{b}\n]}}\n"
                ),
                (2, 0),
            ),
        ] {
            let ready = Setup::default().ready().expect("the default policy");
            let metrics = Arc::new(Metrics::new(&ready.policy, 1, 0));
            let mut cleaner = Cleaner::new(ready, metrics, 0, false);
            let (mut lines, mut noted) = (Vec::new(), Noted::default());
            cleaner.clean(body.as_bytes(), &mut lines, &mut noted);
            let stats = cleaner.guard.stats();
            assert_eq!((stats.events, stats.stubs + stats.rejected), expected, "{body}");
            assert_eq!(noted.marks.len() as u64, expected.0 + expected.1);
        }
    }
}
