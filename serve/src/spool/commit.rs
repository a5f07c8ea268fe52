//! Group commit: one thread writes what all requests bring and shares each trip to disk among
//! those that wait.

use std::io;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, RecvTimeoutError};
use std::time::{Duration, Instant};

use tokio::sync::{OwnedSemaphorePermit, oneshot};

use super::{AppendError, Writer};
use crate::alerts::record::{self, Seen};
use crate::alerts::stopped::Watchman;
use crate::alerts::stopped::requests::Part;
use crate::alerts::windows::Watch;
use crate::metrics::Metrics;
use crate::{say, units};
use auditweir_shell::alert::Alert;

/// Most bytes of lines brought to disk at once.
const GROUP: usize = 8 << 20;

/// How often it is looked for what stopped.
const LOOK: Duration = Duration::from_secs(1);

/// What one request brought.
pub(crate) struct Batch {
    /// Clean lines.
    pub(crate) lines: Vec<u8>,
    /// Matches of rules.
    pub(crate) matches: Vec<Alert>,
    /// Events with a part in rules over several.
    pub(crate) seen: Vec<Seen>,
    /// Beginnings and ends of requests.
    pub(crate) parts: Vec<Part>,
    /// Their share of the memory bound.
    pub(crate) permit: Option<OwnedSemaphorePermit>,
    /// Told when they are on disk, or why not.
    pub(crate) done: Option<oneshot::Sender<Result<(), AppendError>>>,
}

/// Writes to all spools.
pub(crate) struct Committer {
    /// For the events.
    pub(crate) events: Writer,
    /// One for each sink for alerts.
    pub(crate) alerts: Vec<Writer>,
    /// Rules over several events.
    pub(crate) watch: Option<Watch>,
    /// What does not happen.
    pub(crate) watchman: Option<Watchman>,
    pub(crate) metrics: Arc<Metrics>,
}

impl Committer {
    /// Writes batches until nobody sends any more.
    pub(crate) fn run(mut self, batches: &Receiver<Batch>) {
        let mut looked = Instant::now();
        loop {
            let first = batches.recv_timeout(LOOK);
            if looked.elapsed() >= LOOK {
                looked = Instant::now();
                self.look();
            }
            let first = match first {
                Ok(first) => first,
                Err(RecvTimeoutError::Timeout) => continue,
                Err(RecvTimeoutError::Disconnected) => return,
            };
            let mut waiting = Vec::new();
            let mut bytes = 0;
            let mut next = Some(first);
            while let Some(batch) = next {
                bytes += batch.lines.len();
                let (appended, done) = self.append(batch);
                match appended {
                    Ok(()) => waiting.extend(done),
                    // Who asked may be gone; nobody else needs to know.
                    Err(error) => drop(done.map(|done| done.send(Err(error)))),
                }
                next = if bytes < GROUP { batches.try_recv().ok() } else { None };
            }
            let result = self.commit();
            self.metrics.spool_syncs.inc();
            self.metrics.spool_batches.inc_by(waiting.len() as u64);
            for done in waiting {
                let told = match &result {
                    Ok(()) => Ok(()),
                    Err(error) => Err(AppendError::Io(error.kind().into())),
                };
                // Who asked may be gone.
                let _ = done.send(told);
            }
        }
    }

    /// Appends what a request brought. Alerts go first, and go even if there is no room for the
    /// events: an index that is down holds none of them, and what comes again is known.
    #[expect(clippy::type_complexity, reason = "who waits goes with the result")]
    fn append(
        &mut self,
        batch: Batch,
    ) -> (Result<(), AppendError>, Option<oneshot::Sender<Result<(), AppendError>>>) {
        let Batch { lines, matches, seen, parts, permit, done } = batch;
        if let Some(watchman) = &mut self.watchman {
            watchman.requests.take(&parts, units::now());
        }
        let mut alerts = Vec::new();
        for alert in &matches {
            self.metrics.found(&alert.finding.rule.level);
            record::write(alert, &mut alerts);
        }
        if let Some(watch) = &mut self.watch {
            let fired = watch.observe(&seen, &mut alerts);
            self.metrics.fired.inc_by(fired);
        }
        let mut result = Ok(());
        if !alerts.is_empty() {
            for spool in &mut self.alerts {
                result = result.and(spool.append(&alerts));
            }
        }
        let appended = if lines.is_empty() { Ok(()) } else { self.events.append(&lines) };
        drop((lines, permit));
        (result.and(appended), done)
    }

    /// Appends alerts about what stopped. What finds no room is found again.
    fn look(&mut self) {
        let Some(watchman) = &mut self.watchman else { return };
        let mut alerts = Vec::new();
        for alert in watchman.look(units::now()) {
            record::write(&alert, &mut alerts);
        }
        if alerts.is_empty() {
            return;
        }
        for spool in &mut self.alerts {
            // The next look says it again, and so does its message.
            let result = spool.append(&alerts).map_err(|error| error.to_string());
            if let Err(error) = result.and_then(|()| spool.commit().map_err(|e| e.to_string())) {
                say(format_args!("alerts: {error}"));
            }
        }
    }

    /// Brings all to disk, alerts first.
    fn commit(&mut self) -> io::Result<()> {
        let mut result = Ok(());
        for spool in &mut self.alerts {
            result = result.and(spool.commit());
        }
        if let Some(watch) = &mut self.watch {
            result = result.and(watch.commit());
        }
        result.and(self.events.commit())
    }
}
