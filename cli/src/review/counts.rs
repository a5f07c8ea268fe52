//! What is counted of every group of events.

use std::collections::{HashSet, VecDeque};
use std::hash::{BuildHasher as _, Hash, RandomState};

/// Sums over events.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Counts {
    /// Events.
    pub(super) events: u64,
    /// Bytes of these events as `filter` writes them in the native shape, line ends included.
    pub(super) bytes: u64,
    /// Of the events, refused: forbidden or not authenticated.
    pub(super) refused: u64,
    /// Of the events, failed for another reason.
    pub(super) failed: u64,
    /// Requests behind the events, each counted once.
    pub(super) requests: u64,
}

/// Where in its life a request is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Phase {
    /// It has come; nothing is known yet.
    Received,
    /// Its answer has begun.
    Began,
    /// It is over.
    Ended,
}

impl Counts {
    /// One event of which nothing is known but its size.
    pub(super) fn unknown(bytes: u64) -> Self {
        Self { events: 1, bytes, ..Self::default() }
    }

    /// Adds another sum.
    pub(super) fn add(&mut self, other: &Self) {
        self.events += other.events;
        self.bytes += other.bytes;
        self.refused += other.refused;
        self.failed += other.failed;
        self.requests += other.requests;
    }
}

/// Most requests under way that are remembered.
const OPEN: usize = 1 << 16;

/// Tells the first event of a request that says how it was answered.
///
/// A request that lasts (a watch, a session) has two: one when its answer begins, one when it
/// ends. The log may hold only one of them.
#[derive(Default)]
pub(super) struct Requests {
    keys: RandomState,
    open: HashSet<u64>,
    order: VecDeque<u64>,
}

impl Requests {
    /// Whether this event is the first of its request. `identity` is what a client cannot share
    /// between requests that differ: the audit id alone is of its choice.
    pub(super) fn is_first(&mut self, phase: Phase, identity: &impl Hash) -> bool {
        if phase == Phase::Received {
            return false;
        }
        let key = self.keys.hash_one(identity);
        if phase == Phase::Ended {
            return !self.open.remove(&key);
        }
        if self.open.insert(key) {
            self.order.push_back(key);
        }
        // Those that ended leave their place in the order behind.
        while self.order.len() > 2 * OPEN || self.open.len() > OPEN {
            let Some(oldest) = self.order.pop_front() else { break };
            self.open.remove(&oldest);
        }
        true
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_request_counts_once() {
        let mut requests = Requests::default();
        let mut first = |phase, id: &str| requests.is_first(phase, &id);
        assert!(!first(Phase::Received, "a"));
        assert!(first(Phase::Ended, "a"));
        assert!(first(Phase::Began, "watch"));
        assert!(first(Phase::Began, "still open"));
        assert!(!first(Phase::Ended, "watch"));
        // Its beginning is in the file before.
        assert!(first(Phase::Ended, "older"));
        assert!(first(Phase::Ended, "watch"));
    }

    #[test]
    fn what_is_remembered_is_bounded() {
        let mut requests = Requests::default();
        for id in 0..4 * OPEN {
            assert!(requests.is_first(Phase::Began, &id));
            assert!(requests.open.len() <= OPEN && requests.order.len() <= 2 * OPEN);
        }
        assert!(!requests.is_first(Phase::Ended, &(4 * OPEN - 1)));
        for id in 0..4 * OPEN {
            requests.is_first(Phase::Began, &id);
            requests.is_first(Phase::Ended, &id);
            assert!(requests.order.len() <= 2 * OPEN);
        }
    }
}
