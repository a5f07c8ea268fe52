//! Rules over one event: what is left to ask of its class, tests asked once, Kleene's logic.

use crate::enrich::Facts;
use crate::event::{PathBuffer, Slot};
use crate::redacted::Redacted;
use crate::scan::Kind;

use super::answer::{Answer, RequestOutcome, Sum, Why};
use super::compile::{Expr, SignalSpec, Test};
use super::fields::Field;
use super::plan::{Class, Plans};
use super::resolve::{Leaf, Scratch};
use super::seen::{Seen, Texts};
use super::subject::{Subject, Target, decoded, outcome, request};
use super::user::UserKind;
use super::{Rules, Signal};

/// What a rule answers about an event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Found {
    /// Number of the rule in its [`Rules`].
    pub(crate) rule: u16,
    /// `None` for a match.
    pub(crate) why: Option<Why>,
}

/// Asks rules about events. Owns the memory for it.
#[derive(Default)]
pub(crate) struct Evaluator {
    memo: Memo,
    plans: Plans,
    no_signals: bool,
    scratch: Scratch,
    texts: Texts,
    paths: PathBuffer,
    pub(super) found: Vec<Found>,
    pub(super) signals: Vec<Signal>,
    /// How often each exception took an event out of a rule.
    pub(super) hits: Vec<u64>,
}

impl Evaluator {
    /// Whether there are signals; without, rules that are for nothing else are not asked.
    pub(super) fn tell_signals(&mut self, tell: bool) {
        (self.plans, self.no_signals) = (Plans::default(), !tell);
    }

    /// What all rules answer is in `found` and `signals`; the outcome of the request is returned.
    pub(crate) fn look(
        &mut self,
        rules: &Rules,
        redacted: &Redacted<'_>,
        facts: &Facts<'_>,
    ) -> RequestOutcome {
        let Self { memo, plans, no_signals, scratch, texts, paths, found, signals, hits } = self;
        found.clear();
        signals.clear();
        let event = redacted.event;
        // Where the event says what it was for, hardly any rule asks for the path.
        let (mut path, mut paths) = (&b""[..], Some(paths));
        if event.get(Slot::ObjectRef).is_none() {
            path = paths.take().map_or(path, |paths| decoded(event, paths));
        }
        let target = Target::read(event, path);
        let (outcome, user) = (outcome(event, facts), UserKind::of(event));
        let class = Class {
            rows: rules.dispatch.rows(&target),
            user,
            outcome: outcome.0,
            is_plain: event.get(Slot::ImpersonatedUser).is_none() && !redacted.envelope.cut(),
        };
        let left = plans.left(rules, class, *no_signals);
        if left.first == left.end && !cfg!(test) {
            return outcome.0;
        }
        if left.needs_path || cfg!(test) {
            path = paths.take().map_or(path, |paths| decoded(event, paths));
        }
        memo.forget(rules.tests.len());
        hits.resize(rules.exceptions.len(), 0);
        scratch.clear();
        let subject = Subject::read(redacted, facts, target, path, user, outcome);
        let tests = &rules.tests;
        let mut asking = Asking { tests, memo, scratch, texts, subject: &subject };
        for step in left.first..left.end {
            let step = plans.step(step);
            let program = &rules.programs[usize::from(step.program)];
            let answer = plans.answer(step, &mut |number| asking.test(number));
            let is_chosen = program.outcomes & subject.outcome.bit() != 0;
            let why = match answer {
                Answer::False | Answer::Untouched => continue,
                // What will come of it is for a later event, or nobody says.
                Answer::True => (!is_chosen).then_some(subject.doubt),
                Answer::Unknown(why) => Some(why),
            };
            let exception = program.exceptions.iter().find(|exception| {
                asking.answer(&exception.expr) == Answer::True
                    && exception.ends.is_none_or(|ends| subject.time().is_some_and(|t| t < ends))
            });
            if let Some(exception) = exception {
                hits[usize::from(exception.number)] += 1;
                continue;
            }
            if !program.silent {
                found.push(Found { rule: program.rule, why });
            }
            if why.is_none() && !*no_signals {
                for spec in &program.signals {
                    signals.extend(asking.signal(spec));
                }
            }
        }
        #[cfg(test)]
        assert_eq!(asking.in_full(rules), *found, "what is left of conditions is not the whole");
        subject.outcome
    }
}

/// Answers of tests, each with the number of the event it was given about.
#[derive(Default)]
struct Memo {
    now: u32,
    answers: Vec<(u32, Answer)>,
}

impl Memo {
    /// Goes on to the next event.
    fn forget(&mut self, tests: usize) {
        if self.answers.len() != tests || self.now == u32::MAX {
            self.now = 0;
            self.answers.clear();
            self.answers.resize(tests, (0, Answer::False));
        }
        self.now += 1;
    }
}

/// One event under question.
struct Asking<'s, 'e> {
    tests: &'s [Test],
    memo: &'s mut Memo,
    scratch: &'s mut Scratch,
    texts: &'s mut Texts,
    subject: &'s Subject<'e>,
}

impl Asking<'_, '_> {
    /// What all rules answer, every condition asked as it was written.
    #[cfg(test)]
    fn in_full(&mut self, rules: &Rules) -> Vec<Found> {
        let (outcome, doubt) = (self.subject.outcome, self.subject.doubt);
        let is_open = matches!(outcome, RequestOutcome::Unknown | RequestOutcome::Attempted);
        let mut found = Vec::new();
        for program in rules.programs.iter().filter(|program| !program.silent) {
            let is_chosen = program.outcomes & outcome.bit() != 0;
            let why = match self.answer(&program.expr) {
                _ if !is_chosen && !is_open => continue,
                Answer::False | Answer::Untouched => continue,
                Answer::True => (!is_chosen).then_some(doubt),
                Answer::Unknown(why) => Some(why),
            };
            let is_excepted = program.exceptions.iter().any(|exception| {
                self.answer(&exception.expr) == Answer::True
                    && exception
                        .ends
                        .is_none_or(|ends| self.subject.time().is_some_and(|t| t < ends))
            });
            if !is_excepted {
                found.push(Found { rule: program.rule, why });
            }
        }
        found
    }

    fn answer(&mut self, expr: &Expr) -> Answer {
        match expr {
            Expr::Test(number) => self.test(*number),
            Expr::Not(inner) => self.answer(inner).not(),
            Expr::All(parts) | Expr::Any(parts) => {
                let is_all = matches!(expr, Expr::All(_));
                let mut sum = Sum::new(is_all);
                for part in parts {
                    if sum.add(self.answer(part)) {
                        return Answer::from(!is_all);
                    }
                }
                sum.answer()
            }
        }
    }

    fn test(&mut self, number: u16) -> Answer {
        let at = usize::from(number);
        let now = self.memo.now;
        match self.memo.answers[at] {
            (event, answer) if event == now => answer,
            _ => {
                let answer = self.ask(number);
                self.memo.answers[at] = (now, answer);
                answer
            }
        }
    }

    /// The event's part in a correlation; `None` when it cannot be told which group it is of.
    fn signal(&mut self, spec: &SignalSpec) -> Option<Signal> {
        let Self { subject, scratch, .. } = self;
        let key = subject.redacted.identity;
        let mut number = |field: &Field| {
            let mut first = None;
            let absent = scratch.resolve(subject, field, &mut |leaf| {
                let text = |text: &[u8]| key.number([text]);
                first = first.or_else(|| match leaf {
                    Leaf::Text(said) => Some(text(said)),
                    Leaf::Value(value) if value.kind() == Kind::String => Some(value.read(text)),
                    Leaf::Value(value) if value.kind() == Kind::Null => None,
                    Leaf::Value(value) => Some(text(value.raw())),
                });
            });
            match (first, absent) {
                (Some(number), _) => Some(number),
                (None, None) => Some(0),
                (None, Some(_)) => None,
            }
        };
        let mut group = 0u64;
        for field in &spec.group_by {
            group = group.rotate_left(21).wrapping_mul(0x9e37_79b9_7f4a_7c15) ^ number(field)?;
        }
        let value = match &spec.field {
            Some(field) => number(field)?,
            None => 0,
        };
        Some(Signal {
            correlation: spec.correlation,
            slot: spec.slot,
            group,
            value,
            time: subject.time()?,
            request: request(subject.redacted),
        })
    }

    fn ask(&mut self, number: u16) -> Answer {
        let test = &self.tests[usize::from(number)];
        let mut seen = Seen::of(test);
        if test.sieve.is_some() && matches!(test.field, Field::Path(_)) && !test.field.reads_body()
        {
            seen.texts = Some((self.texts, number));
        }
        // Most are one text, and there it is.
        if let Some(value) = test.slot.and_then(|slot| self.subject.event.get(slot))
            && value.kind() == Kind::String
            && !value.is_escaped()
        {
            seen.text(value.raw_text());
            return seen.answer(None, false);
        }
        let absent = self.scratch.resolve(self.subject, &test.field, &mut |leaf| seen.leaf(leaf));
        seen.answer(absent, matches!(test.field, Field::Everything))
    }
}
