//! Rules at work on one filter's events, and what they find.

use std::sync::Arc;

use crate::enrich::Facts;
use crate::event::{Event, Slot, Stage};
use crate::redacted::Redacted;

use super::compile::Program;
use super::evaluate::{Evaluator, Found};
use super::subject::request;
use super::{RequestOutcome, Rule, Rules, Signal, Why, Windows};

/// Rules and the memory to ask them.
pub(crate) struct Watch {
    rules: Arc<Rules>,
    evaluator: Evaluator,
    /// A rule is told of requests that have just arrived.
    tells_arrivals: bool,
    /// What was told of requests of which another stage may be told, too: request, stage and rule.
    told: Vec<u64>,
    lately: Lately,
}

/// How much of it is remembered.
const TOLD: usize = 8192;

/// Tells at a glance that nothing was told of another stage of a request, which is so of most.
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
        if self.count == TOLD {
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

/// Stages of a request, as far as it matters at which one something was told.
#[derive(Clone, Copy, PartialEq, Eq)]
enum At {
    Arrival,
    Start,
    End,
}

/// What stands for an answer about a request at one of its stages.
fn mark(request: u64, at: At, rule: u16, is_match: bool) -> u64 {
    let number = u64::from(rule) << 3 | (at as u64) << 1 | u64::from(is_match);
    // Another place of the table for each number; never 0, which is a free one.
    request.wrapping_add(number.wrapping_mul(0x9e37_79b9_7f4a_7c15)) | 1
}

fn keep(told: &mut [u64], mark: u64) {
    told[(mark >> 32) as usize % TOLD] = mark;
}

fn has(told: &[u64], mark: u64) -> bool {
    told[(mark >> 32) as usize % TOLD] == mark
}

/// Whether an API server writes down when its answer begins: what it takes for long-running.
fn may_stream(event: &Event<'_>) -> bool {
    event.raw_text(Slot::Verb) == b"watch"
        || event.get(Slot::ObjectRef).is_none()
        || matches!(
            event.raw_text(Slot::Subresource),
            b"exec" | b"attach" | b"portforward" | b"proxy" | b"log"
        )
}

impl Watch {
    pub(crate) fn new(rules: Arc<Rules>) -> Self {
        let attempted = RequestOutcome::Attempted.bit();
        let tells = |program: &Program| !program.silent && program.outcomes & attempted != 0;
        Self {
            tells_arrivals: rules.programs.iter().any(tells),
            rules,
            evaluator: Evaluator::default(),
            told: Vec::new(),
            lately: Lately::default(),
        }
    }

    /// Whether there are signals.
    pub(crate) fn tell_signals(&mut self, tell: bool) {
        self.evaluator.tell_signals(tell);
    }

    /// What all rules answer about one event. What was told of another stage of the same request is
    /// not told again, in whatever order they come; that signals are of one request, windows know.
    pub(crate) fn look<'a>(
        &'a mut self,
        redacted: &Redacted<'_>,
        facts: &Facts<'_>,
    ) -> Findings<'a> {
        let outcome = self.evaluator.look(&self.rules, redacted, facts);
        let Evaluator { found, .. } = &mut self.evaluator;
        let event = redacted.event;
        let at = match facts.stage {
            Some(Stage::RequestReceived) => At::Arrival,
            Some(Stage::ResponseStarted) => At::Start,
            _ => At::End,
        };
        let id = event.raw_text(Slot::AuditId);
        let is_kept =
            !found.is_empty() && (at != At::End || self.tells_arrivals || may_stream(event));
        if is_kept || !found.is_empty() && self.lately.may_have(id) {
            let number = request(redacted);
            self.told.resize(TOLD, 0);
            let told = &mut self.told;
            let others = [At::Arrival, At::Start, At::End].into_iter().filter(|other| *other != at);
            // A rule that matched has said all; one that could not tell may match now.
            found.retain(|found| {
                let was = |is_match| {
                    others.clone().any(|at| has(told, mark(number, at, found.rule, is_match)))
                };
                !was(true) && (found.why.is_none() || !was(false))
            });
            // That a request is not answered yet says nothing about its end.
            let new = found.iter().filter(|found| at != At::Arrival || found.why.is_none());
            let mut any = false;
            for found in new.filter(|_| is_kept) {
                any = true;
                keep(told, mark(number, at, found.rule, found.why.is_none()));
            }
            if any {
                self.lately.put(id);
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
