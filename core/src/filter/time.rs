//! Which time a document gets.

use crate::enrich::{Facts, Timestamp};
use crate::policy::TimestampChoice;

/// The time of the last event that had one: the best guess for an event or stub without, the same
/// in every format.
#[derive(Default)]
pub(super) struct LastTime {
    text: Vec<u8>,
}

impl LastTime {
    /// Remembers the time of an event, if it has one.
    pub(super) fn of_event(&mut self, facts: &Facts<'_>) {
        if let Some(time) = when(TimestampChoice::Stage, facts) {
            self.set(time);
        }
    }

    /// Remembers the time of the record around an event: for one without a time of its own.
    pub(super) fn set(&mut self, time: Timestamp<'_>) {
        self.text.clear();
        time.write(&mut self.text);
    }

    /// The time remembered.
    pub(super) fn get(&self) -> Option<Timestamp<'_>> {
        Timestamp::read(&self.text)
    }
}

/// The time of the event as the policy chooses it.
pub(super) fn when<'a>(choice: TimestampChoice, facts: &Facts<'a>) -> Option<Timestamp<'a>> {
    let (first, second) = match choice {
        TimestampChoice::Stage => (facts.staged, facts.received),
        TimestampChoice::Received => (facts.received, facts.staged),
    };
    first.or(second).or(facts.legacy)
}
