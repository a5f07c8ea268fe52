//! Rules at work on one filter's events, and what they find.

use std::sync::Arc;

use crate::enrich::Facts;
use crate::event::{Slot, Stage};
use crate::redacted::Redacted;

use super::evaluate::{Evaluator, Found};
use super::subject::request;
use super::{RequestOutcome, Rule, Rules, Signal, Why, Windows};

/// Rules and the memory to ask them.
pub(crate) struct Watch {
    rules: Arc<Rules>,
    evaluator: Evaluator,
    /// What was told of the beginning of requests: request and rule.
    begun: Vec<u64>,
    lately: Lately,
}

/// How much of it is remembered.
const BEGUN: usize = 8192;

/// Tells at a glance that nothing was told of a request's beginning, which is so of most.
#[derive(Default)]
struct Lately {
    /// Bits by auditID: those of now, and those of before, as much again.
    bits: [Vec<u64>; 2],
    count: usize,
}

impl Lately {
    const PLACES: u32 = 15;

    fn place(id: &[u8]) -> usize {
        let last = id.last_chunk::<8>().map_or(0, |last| u64::from_le_bytes(*last));
        (last.wrapping_mul(0x9e37_79b9_7f4a_7c15) >> (64 - Self::PLACES)) as usize
    }

    fn put(&mut self, id: &[u8]) {
        if self.count == BEGUN {
            self.count = 0;
            self.bits.swap(0, 1);
            self.bits[0].clear();
        }
        self.count += 1;
        let place = Self::place(id);
        self.bits[0].resize(1 << (Self::PLACES - 6), 0);
        self.bits[0][place / 64] |= 1 << (place % 64);
    }

    fn may_have(&self, id: &[u8]) -> bool {
        let place = Self::place(id);
        let is_set =
            |bits: &Vec<u64>| bits.get(place / 64).is_some_and(|b| b >> (place % 64) & 1 == 1);
        self.bits.iter().any(is_set)
    }
}

/// What stands for an answer about a request that was just received, or was under way.
fn told_of(request: u64, is_started: bool, rule: u16, is_match: bool) -> u64 {
    let number = u64::from(rule) << 2 | u64::from(is_started) << 1 | u64::from(is_match);
    // Another place of the table for each number; never 0, which is a free one.
    request.wrapping_add(number.wrapping_mul(0x9e37_79b9_7f4a_7c15)) | 1
}

fn keep(begun: &mut [u64], mark: u64) {
    begun[(mark >> 32) as usize % BEGUN] = mark;
}

fn has(begun: &[u64], mark: u64) -> bool {
    begun[(mark >> 32) as usize % BEGUN] == mark
}

impl Watch {
    pub(crate) fn new(rules: Arc<Rules>) -> Self {
        Self {
            rules,
            evaluator: Evaluator::default(),
            begun: Vec::new(),
            lately: Lately::default(),
        }
    }

    /// Whether there are signals.
    pub(crate) fn tell_signals(&mut self, tell: bool) {
        self.evaluator.tell_signals(tell);
    }

    /// What all rules answer about one event. What was told of an earlier stage of the same request
    /// is not told again; that signals are of one request, windows know.
    pub(crate) fn look<'a>(
        &'a mut self,
        redacted: &Redacted<'_>,
        facts: &Facts<'_>,
    ) -> Findings<'a> {
        let outcome = self.evaluator.look(&self.rules, redacted, facts);
        let Evaluator { found, .. } = &mut self.evaluator;
        let is_early = matches!(facts.stage, Some(Stage::RequestReceived | Stage::ResponseStarted));
        let id = redacted.event.raw_text(Slot::AuditId);
        let may_be_told = is_early || self.lately.may_have(id);
        if may_be_told && !found.is_empty() {
            let number = request(redacted);
            self.begun.resize(BEGUN, 0);
            let begun = &mut self.begun;
            let stage = facts.stage;
            if stage != Some(Stage::RequestReceived) {
                let earlier = [false, true];
                // When a stream begins, only what was told of its arrival is old.
                let earlier =
                    if stage == Some(Stage::ResponseStarted) { &earlier[..1] } else { &earlier };
                let was =
                    |mark: &dyn Fn(bool) -> u64| earlier.iter().any(|at| has(begun, mark(*at)));
                // A rule that matched has said all; one that could not tell may match now.
                found.retain(|found| {
                    let told = |is_match| was(&|at| told_of(number, at, found.rule, is_match));
                    !told(true) && (found.why.is_none() || !told(false))
                });
            }
            if is_early {
                let at = stage == Some(Stage::ResponseStarted);
                // That a request is not answered yet says nothing about its end.
                let told = found.iter().filter(|found| at || found.why.is_none());
                if told.clone().next().is_some() {
                    self.lately.put(id);
                }
                for found in told {
                    keep(begun, told_of(number, at, found.rule, found.why.is_none()));
                }
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
