//! What rules cannot tell of requests that have just arrived.
//!
//! Where the end of a request is recorded, too, rules tell of that. So what they cannot tell of its
//! beginning waits, and is said only when no end comes: the API server panicked, or the log was cut.
//! Batches of a webhook overtake each other, so the end may also come first.

use std::collections::hash_map::RandomState;
use std::collections::{HashMap, VecDeque};
use std::hash::BuildHasher as _;

use auditweir::Line;
use auditweir::rules::{Finding, RequestOutcome, Why};

/// Most requests that wait.
const MOST: usize = 4096;

/// What waits, by request.
pub(crate) struct Begun<T> {
    held: HashMap<String, Held<T>>,
    /// Keys in the order in which they came; those that ended stand here, too.
    order: VecDeque<String>,
    /// Requests that ended of late.
    ended: Vec<Ended>,
    hashes: RandomState,
}

/// Hashes of a request and of the time of its end; zeros at first.
#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Ended {
    key: u64,
    time: u64,
}

struct Held<T> {
    /// When the beginning was written.
    time: Option<String>,
    what: Vec<T>,
}

impl<T> Begun<T> {
    pub(crate) fn new() -> Self {
        Self {
            held: HashMap::new(),
            order: VecDeque::new(),
            ended: vec![Ended::default(); MOST],
            hashes: RandomState::new(),
        }
    }

    /// Whether a finding is one of the beginning of a request, which an end makes worthless.
    pub(crate) fn is_of(finding: &Finding<'_>) -> bool {
        let attempted = RequestOutcome::Attempted;
        let is_early = finding.outcome == attempted && !finding.rule.outcomes.contains(&attempted);
        finding.cannot_tell.is_some_and(|why| why == Why::Stage || is_early)
    }

    fn ended(&self, line: &Line<'_>) -> Ended {
        let key = (line.audit_id(), line.request_uri(), line.username());
        Ended { key: self.hashes.hash_one(key), time: self.hashes.hash_one(line.time()) }
    }

    /// Keeps something of the request that begins in this line, unless its end was seen.
    pub(crate) fn hold(&mut self, line: &Line<'_>, what: T) {
        let this = self.ended(line);
        let end = self.ended[this.key as usize % MOST];
        if end.key == this.key && end.time != this.time {
            return;
        }
        let key = key(line);
        if let Some(held) = self.held.get_mut(&key) {
            return held.what.push(what);
        }
        self.order.push_back(key.clone());
        self.held.insert(key, Held { time: line.time(), what: vec![what] });
    }

    /// Takes note of a line: what waits for an end and has it goes. What has waited for too long is
    /// handed to `left`.
    pub(crate) fn pass(&mut self, line: &Line<'_>, left: &mut dyn FnMut(T)) {
        if line.stage().is_some_and(|stage| stage != "RequestReceived") {
            let this = self.ended(line);
            self.ended[this.key as usize % MOST] = this;
            if self.order.is_empty() {
                return;
            }
            let key = key(line);
            // An end comes later than the beginning; one at the same moment is a copy with another
            // stage, not the same request.
            if self.held.get(&key).is_some_and(|held| held.time != line.time()) {
                self.held.remove(&key);
            }
        }
        while self.order.len() > MOST {
            let oldest = self.order.pop_front().and_then(|key| self.held.remove(&key));
            oldest.into_iter().flat_map(|held| held.what).for_each(&mut *left);
        }
    }

    /// What never ended, in the order in which it came.
    pub(crate) fn rest(&mut self) -> Vec<T> {
        let Self { held, order, .. } = self;
        order.drain(..).filter_map(|key| held.remove(&key)).flat_map(|held| held.what).collect()
    }
}

fn key(line: &Line<'_>) -> String {
    let parts = [line.audit_id(), line.request_uri(), line.username()];
    parts.map(Option::unwrap_or_default).join("\n")
}
