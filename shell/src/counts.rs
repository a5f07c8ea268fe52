//! What became of some inputs.

use std::ops::AddAssign;

use auditweir::Verdict;

/// Sum of what [`auditweir::Verdict`] says of some inputs.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Counts {
    /// Events written whole, after redaction.
    pub events: u64,
    /// Events written as stubs.
    pub stubs: u64,
    /// Inputs that no API server can have written, each answered by one stub that says so.
    pub rejected: u64,
    /// What was dropped and counted: by the policy, or because it is no event.
    pub dropped: u64,
    /// Of `dropped`: lines of other programs, which no policy asked to drop.
    pub foreign: u64,
    /// Values taken out.
    pub redactions: u64,
    /// Inputs on which the filter failed; each is among `stubs`.
    pub faults: u64,
    /// Lines that wait for their rest.
    pub waiting: u64,
}

impl Counts {
    /// Lines appended to the output.
    pub fn lines(&self) -> u64 {
        self.events + self.stubs + self.rejected
    }
}

impl From<Verdict> for Counts {
    fn from(verdict: Verdict) -> Self {
        Self {
            events: verdict.events.into(),
            stubs: verdict.stubs.into(),
            rejected: verdict.rejected.into(),
            dropped: verdict.dropped.into(),
            foreign: verdict.foreign.into(),
            redactions: verdict.redactions.into(),
            ..Self::default()
        }
    }
}

impl AddAssign for Counts {
    fn add_assign(&mut self, other: Self) {
        self.events += other.events;
        self.stubs += other.stubs;
        self.rejected += other.rejected;
        self.dropped += other.dropped;
        self.foreign += other.foreign;
        self.redactions += other.redactions;
        self.faults += other.faults;
        self.waiting += other.waiting;
    }
}
