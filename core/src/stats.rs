//! Counters of a [`crate::Filter`]: plain numbers, no clock, no global state.

/// What one call of [`crate::Filter::apply`] did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Verdict {
    /// Events written whole (after redaction).
    pub events: u32,
    /// Events written as a stub: they could not be processed safely.
    pub stubs: u32,
    /// Inputs that no API server can have written, each answered by one stub that says so.
    pub rejected: u32,
    /// What was dropped and counted: by the policy, or because it is no event (`foreign`, blank
    /// lines, empty lists, copies).
    pub dropped: u32,
    /// Of `dropped`: lines of other programs, which no policy asked to drop.
    pub foreign: u32,
    /// Of `events`: those that a log service cut off, with what stood before the cut.
    pub cut: u32,
    /// Values taken out.
    pub redactions: u32,
}

impl Verdict {
    /// Lines appended to the output.
    pub fn lines(&self) -> u32 {
        self.events + self.stubs + self.rejected
    }
}

/// Totals since a [`crate::Filter`] was made.
#[derive(Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct Stats {
    /// Calls of `apply` with anything but blanks.
    pub inputs: u64,
    /// Bytes given to `apply`.
    pub bytes_in: u64,
    /// Bytes appended to the output.
    pub bytes_out: u64,
    /// Events written whole.
    pub events: u64,
    /// Events written as stubs.
    pub stubs: u64,
    /// Inputs rejected.
    pub rejected: u64,
    /// Of `events`: those that a log service cut off, with what stood before the cut.
    pub cut: u64,
    /// Of what was dropped: lines of other programs, which no policy asked to drop.
    pub foreign: u64,
    /// What was dropped, by reason, in the order of first occurrence.
    pub dropped: Vec<(&'static str, u64)>,
    /// Why events became stubs or rejects, in the order of first occurrence.
    pub reasons: Vec<(&'static str, u64)>,
    /// What each rule of the audit policy did, by its number in `decide.audit.rules`; the last
    /// entry is for events that no rule matched. Empty without an audit policy.
    pub audit: Vec<AuditTotals>,
    /// Values taken out, by rule number; see [`crate::CompiledPolicy::rule_names`].
    pub redactions: Vec<u64>,
}

/// What one rule of the audit policy did.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct AuditTotals {
    /// Events the rule decided over.
    pub matched: u64,
    /// Of these, dropped: by level `None` or by stage.
    pub dropped: u64,
    /// Of these, lowered to the rule's level.
    pub lowered: u64,
}

impl Clone for Stats {
    fn clone(&self) -> Self {
        let mut stats = Self::default();
        stats.clone_from(self);
        stats
    }

    /// Keeps the memory of lists, so that totals can be noted before each input at no cost.
    fn clone_from(&mut self, from: &Self) {
        let Self {
            inputs,
            bytes_in,
            bytes_out,
            events,
            stubs,
            rejected,
            dropped,
            reasons,
            audit,
            redactions,
            cut,
            foreign,
        } = from;
        (self.inputs, self.bytes_in, self.bytes_out) = (*inputs, *bytes_in, *bytes_out);
        (self.events, self.stubs, self.rejected) = (*events, *stubs, *rejected);
        (self.cut, self.foreign) = (*cut, *foreign);
        self.dropped.clone_from(dropped);
        self.reasons.clone_from(reasons);
        self.audit.clone_from(audit);
        self.redactions.clone_from(redactions);
    }
}

impl Stats {
    pub(crate) fn count(list: &mut Vec<(&'static str, u64)>, name: &'static str) {
        match list.iter_mut().find(|(known, _)| *known == name) {
            Some((_, total)) => *total += 1,
            None => list.push((name, 1)),
        }
    }

    /// Events in = events out + counted drops: what came in by this count.
    pub fn events_in(&self) -> u64 {
        self.events
            + self.stubs
            + self.rejected
            + self.dropped.iter().map(|(_, total)| total).sum::<u64>()
    }

    /// Adds another filter's totals, for hosts that run several.
    pub fn add(&mut self, other: &Self) {
        self.inputs += other.inputs;
        self.bytes_in += other.bytes_in;
        self.bytes_out += other.bytes_out;
        self.events += other.events;
        self.stubs += other.stubs;
        self.rejected += other.rejected;
        self.cut += other.cut;
        self.foreign += other.foreign;
        for (mine, theirs) in
            [(&mut self.dropped, &other.dropped), (&mut self.reasons, &other.reasons)]
        {
            for (name, total) in theirs {
                match mine.iter_mut().find(|(known, _)| known == name) {
                    Some((_, sum)) => *sum += total,
                    None => mine.push((name, *total)),
                }
            }
        }
        if self.audit.len() < other.audit.len() {
            self.audit.resize(other.audit.len(), AuditTotals::default());
        }
        for (mine, theirs) in self.audit.iter_mut().zip(&other.audit) {
            mine.matched += theirs.matched;
            mine.dropped += theirs.dropped;
            mine.lowered += theirs.lowered;
        }
        if self.redactions.len() < other.redactions.len() {
            self.redactions.resize(other.redactions.len(), 0);
        }
        for (mine, theirs) in self.redactions.iter_mut().zip(&other.redactions) {
            *mine += theirs;
        }
    }
}
