//! Matches on their way: collected while lines are filtered, then lines of spools.

use auditweir::rules::{RequestOutcome, Rule, Signal};
use auditweir::{Line, LineKind};
use auditweir_shell::alert::Alert;
use auditweir_shell::known::id;
use auditweir_shell::{Mark, Notes};

use super::stopped::requests::Part;
use crate::record::Documents;

/// What a body's events gave rise to.
#[derive(Default)]
pub(crate) struct Noted {
    /// What the lines are.
    pub(crate) marks: Vec<Mark>,
    pub(crate) matches: Vec<Alert>,
    /// Events with a part in rules over several.
    pub(crate) seen: Vec<Seen>,
    /// Beginnings and ends of requests.
    pub(crate) parts: Vec<Part>,
    /// Nobody asks for alerts.
    pub(crate) quiet: bool,
}

/// An event's part in rules over several events, and what to say if one of them fires.
pub(crate) struct Seen {
    pub(crate) signals: Vec<Signal>,
    pub(crate) alert: Alert,
    pub(crate) outcome: RequestOutcome,
}

impl Notes for Noted {
    type Place = [usize; 4];

    fn put(&mut self, line: &Line<'_>, from: usize) {
        if !matches!(line.kind, LineKind::Dropped { .. }) {
            Notes::put(&mut self.marks, line, from);
        }
        if self.quiet {
            return;
        }
        self.parts.extend(Part::of(line));
        let findings = line.findings();
        if !findings.is_alert() && findings.signals().is_empty() {
            return;
        }
        let alert = Alert::of(line);
        for finding in findings.iter().filter(|finding| finding.cannot_tell.is_none()) {
            self.matches.push(alert.clone().with(finding.rule, finding.outcome));
        }
        if !findings.signals().is_empty() {
            let (signals, outcome) = (findings.signals().to_vec(), findings.outcome());
            self.seen.push(Seen { signals, alert, outcome });
        }
    }

    fn place(&self) -> Self::Place {
        [self.marks.len(), self.matches.len(), self.seen.len(), self.parts.len()]
    }

    fn forget(&mut self, [marks, matches, seen, parts]: Self::Place) {
        self.marks.truncate(marks);
        self.matches.truncate(matches);
        self.seen.truncate(seen);
        self.parts.truncate(parts);
    }

    fn last_resort(&mut self, range: std::ops::Range<usize>) {
        self.marks.last_resort(range);
    }
}

impl Seen {
    /// The alert of a rule that fires now.
    pub(crate) fn alert(&self, rule: &Rule) -> Alert {
        self.alert.clone().with(rule, self.outcome)
    }
}

/// Appends the line of a spool for an alert.
pub(crate) fn write(alert: &Alert, lines: &mut Vec<u8>) {
    lines.extend_from_slice(id(alert).as_bytes());
    lines.push(b' ');
    // Plain structs of texts can always be written.
    let _ = serde_json::to_writer(&mut *lines, alert);
    lines.push(b'\n');
}

/// Ids and alerts of lines of a spool. What this version cannot read is left out and counted.
pub(crate) fn read(lines: &Documents, each: &mut dyn FnMut(&str, Alert)) -> u64 {
    let mut odd = 0;
    for (range, id) in &lines.each {
        match serde_json::from_slice(&lines.text[range.clone()]) {
            Ok(alert) => each(id, alert),
            Err(_) => odd += 1,
        }
    }
    odd
}
