//! Matches on their way: collected while lines are filtered, then lines of spools.

use std::fmt::Write as _;

use auditweir::rules::{RequestOutcome, Rule, Signal};
use auditweir::{Line, LineKind};
use auditweir_shell::alert::Alert;
use auditweir_shell::{Mark, Notes};
use sha2::{Digest as _, Sha256};

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

/// Id of an alert: the same rule about the same event has the same, whenever it comes, and so has
/// the same rule about another stage of the request, whichever thread looks at it. What comes again
/// is known by it. The time is in it because clients choose auditIDs.
fn id(alert: &Alert) -> String {
    let finding = &alert.finding;
    let mut hash = Sha256::new();
    let mut add = |text: &str| {
        hash.update(text);
        hash.update([0]);
    };
    match (&finding.audit_id, &alert.received) {
        (Some(audit_id), Some(received)) => {
            let own = |text: &Option<String>| text.clone().unwrap_or_default();
            let (user, verb, target) = (own(&alert.user), own(&alert.verb), own(&finding.target));
            for text in [audit_id, received, &user, &verb, &target] {
                add(text);
            }
        }
        _ => add(&finding.id),
    }
    add(&finding.rule.id);
    hex(&hash.finalize()[..16])
}

/// Bytes in hex.
pub(crate) fn hex(bytes: &[u8]) -> String {
    let mut text = String::with_capacity(bytes.len() * 2);
    for byte in bytes {
        // Writing to a string does not fail.
        _ = write!(text, "{byte:02x}");
    }
    text
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

#[cfg(test)]
mod tests {
    use super::*;

    fn alert(stage: &str, audit_id: &str, received: Option<&str>) -> Alert {
        let mut alert = Alert {
            user: Some("jane".into()),
            verb: Some("get".into()),
            received: received.map(Into::into),
            ..Alert::default()
        };
        alert.finding.id = format!("{audit_id} {stage}");
        alert.finding.audit_id = Some(audit_id.into());
        alert.finding.rule.id = "rule".into();
        alert
    }

    /// Two threads may see two stages of one exec.
    #[test]
    fn stages_of_one_request_have_one_alert() {
        let (now, later) =
            (Some("2026-01-02T03:04:05.000006Z"), Some("2026-01-02T03:04:05.000007Z"));
        let started = id(&alert("ResponseStarted", "a", now));
        assert_eq!(started, id(&alert("ResponseComplete", "a", now)));
        assert_ne!(started, id(&alert("ResponseComplete", "b", now)));
        assert_ne!(
            started,
            id(&alert("ResponseStarted", "a", later)),
            "a client chose the auditID"
        );
        let mut other = alert("ResponseStarted", "a", now);
        other.finding.rule.id = "another".into();
        assert_ne!(started, id(&other));
        let untimed = |stage| id(&alert(stage, "a", None));
        assert_eq!(untimed("ResponseStarted"), untimed("ResponseStarted"));
        assert_ne!(untimed("ResponseStarted"), untimed("ResponseComplete"));
    }
}
