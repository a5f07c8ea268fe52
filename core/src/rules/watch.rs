//! Rules at work on one filter's events, and what they find.

use std::sync::Arc;

use crate::enrich::Facts;
use crate::event::{Slot, Stage};
use crate::redacted::Redacted;

use super::evaluate::{Evaluator, Found};
use super::{RequestOutcome, Rule, Rules, Signal, Why, Windows};

/// Rules and the memory to ask them.
pub(crate) struct Watch {
    rules: Arc<Rules>,
    evaluator: Evaluator,
    /// Requests of which the beginning was told already.
    begun: Vec<u64>,
}

/// How many of them are remembered.
const BEGUN: usize = 4096;

impl Watch {
    pub(crate) fn new(rules: Arc<Rules>) -> Self {
        Self { rules, evaluator: Evaluator::default(), begun: Vec::new() }
    }

    /// What all rules answer about one event.
    pub(crate) fn look<'a>(
        &'a mut self,
        redacted: &Redacted<'_>,
        facts: &Facts<'_>,
    ) -> Findings<'a> {
        let outcome = self.evaluator.look(&self.rules, redacted, facts);
        let found = &mut self.evaluator.found;
        if !found.is_empty() && facts.stage != Some(Stage::RequestReceived) {
            // A stream is told of when it begins and when it ends. What was found at its beginning
            // is not found again.
            let request =
                [Slot::AuditId, Slot::RequestUri, Slot::Username, Slot::RequestReceivedTimestamp]
                    .map(|slot| redacted.event.raw_text(slot));
            let number = redacted.identity.number(request) | 1;
            self.begun.resize(BEGUN, 0);
            let begun = &mut self.begun[number as usize / 2 % BEGUN];
            if facts.stage == Some(Stage::ResponseStarted) {
                *begun = number;
            } else if *begun == number {
                found.clear();
            }
        }
        let Evaluator { found, signals, .. } = &self.evaluator;
        Findings { rules: Some(&self.rules), found, signals, outcome: Some(outcome) }
    }

    /// How often each exception took an event out of a rule.
    pub(crate) fn hits(&self) -> &[u64] {
        &self.evaluator.hits
    }
}

/// What rules found in one event.
#[derive(Clone, Copy, Default)]
pub struct Findings<'a> {
    rules: Option<&'a Rules>,
    found: &'a [Found],
    signals: &'a [Signal],
    outcome: Option<RequestOutcome>,
}

/// A rule and its answer about an event.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Finding<'a> {
    /// The rule.
    pub rule: &'a Rule,
    /// Why it cannot tell; `None` when it matches.
    pub cannot_tell: Option<Why>,
    /// What became of the request.
    pub outcome: RequestOutcome,
}

impl<'a> Findings<'a> {
    /// Nothing was found.
    pub fn is_empty(&self) -> bool {
        self.found.is_empty()
    }

    /// What became of the request.
    pub fn outcome(&self) -> RequestOutcome {
        self.outcome.unwrap_or(RequestOutcome::Unknown)
    }

    /// A rule matches.
    pub fn is_alert(&self) -> bool {
        self.found.iter().any(|found| found.why.is_none())
    }

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = Finding<'a>> + use<'a> {
        let Self { rules, found, outcome, .. } = *self;
        let outcome = outcome.unwrap_or(RequestOutcome::Unknown);
        found.iter().filter_map(move |found| {
            let rule = rules?.rules.get(usize::from(found.rule))?;
            Some(Finding { rule, cannot_tell: found.why, outcome })
        })
    }

    /// The rules that match.
    pub(crate) fn rules(&self) -> impl Iterator<Item = &'a Rule> + Clone + use<'a> {
        let Self { rules, found, .. } = *self;
        let matches = found.iter().filter(|found| found.why.is_none());
        matches.filter_map(move |found| rules?.rules.get(usize::from(found.rule)))
    }

    /// Appends `,"alert":true,"findings":[…]` when a rule matches.
    pub(crate) fn write(&self, out: &mut Vec<u8>) {
        let Some(rules) = self.rules else { return };
        let outcome = self.outcome().name();
        let mut any = false;
        for found in self.found.iter().filter(|found| found.why.is_none()) {
            let before: &[u8] = if any { b"," } else { b",\"alert\":true,\"findings\":[" };
            any = true;
            out.extend_from_slice(before);
            out.extend_from_slice(&rules.pieces[usize::from(found.rule)]);
            out.extend_from_slice(outcome.as_bytes());
            out.extend_from_slice(b"\"}");
        }
        if any {
            out.push(b']');
        }
    }

    /// The event's part in rules over several events, for [`Windows::observe`].
    pub fn signals(&self) -> &'a [Signal] {
        self.signals
    }

    /// What rules over several events find now that this one came, each handed to `each`.
    pub fn over_time(&self, windows: &mut Windows, each: &mut dyn FnMut(Finding<'a>)) {
        let Some(rules) = self.rules.filter(|_| !self.signals.is_empty()) else { return };
        let outcome = self.outcome();
        windows.observe(rules, self.signals, &mut |rule| {
            each(Finding { rule, cannot_tell: None, outcome });
        });
    }
}

impl std::fmt::Debug for Findings<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_list().entries(self.iter()).finish()
    }
}

impl Finding<'_> {
    /// `match` or `cannot-tell`.
    pub fn answer(&self) -> &'static str {
        if self.cannot_tell.is_some() { "cannot-tell" } else { "match" }
    }

    /// Why: what the rule looked at, or what it could not see.
    pub fn why(&self) -> String {
        match self.cannot_tell {
            Some(why) => why.text().to_owned(),
            None => self.rule.fields.join(", "),
        }
    }
}
