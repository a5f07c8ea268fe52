//! Rules over one event: candidates by verb and resource, tests asked once, Kleene's logic.

use crate::enrich::Facts;
use crate::event::PathBuffer;
use crate::redacted::Redacted;
use crate::scan::Kind;

use super::answer::{Answer, RequestOutcome, Why};
use super::compile::{Expr, SignalSpec, Test};
use super::fields::Field;
use super::pattern::{Pattern, Sieve};
use super::resolve::{Leaf, Scratch};
use super::subject::{Subject, Target, path};
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
    memo: Vec<Option<Answer>>,
    candidates: Vec<u64>,
    scratch: Scratch,
    paths: PathBuffer,
    pub(super) found: Vec<Found>,
    pub(super) signals: Vec<Signal>,
    /// How often each exception took an event out of a rule.
    pub(super) hits: Vec<u64>,
}

impl Evaluator {
    /// What all rules answer is in `found` and `signals`; the outcome of the request is returned.
    pub(crate) fn look(
        &mut self,
        rules: &Rules,
        redacted: &Redacted<'_>,
        facts: &Facts<'_>,
    ) -> RequestOutcome {
        let Self { memo, candidates, scratch, paths, found, signals, hits } = self;
        found.clear();
        signals.clear();
        let path = path(redacted.event, paths);
        let target = Target::read(redacted.event, path);
        if !rules.dispatch.candidates(&target, candidates) {
            return RequestOutcome::Unknown;
        }
        memo.clear();
        memo.resize(rules.tests.len(), None);
        hits.resize(rules.exceptions.len(), 0);
        scratch.clear();
        let subject = Subject::read(redacted, facts, target, path);
        let mut asking = Asking { tests: &rules.tests, memo, scratch, subject: &subject };
        for (word, bits) in candidates.iter().enumerate() {
            let mut bits = *bits;
            while bits != 0 {
                let number = word * 64 + bits.trailing_zeros() as usize;
                bits &= bits - 1;
                let program = &rules.programs[number];
                let why = match asking.rule(program.outcomes, &program.expr) {
                    Answer::False => continue,
                    Answer::True => None,
                    Answer::Unknown(why) => Some(why),
                };
                let exception = program.exceptions.iter().find(|exception| {
                    asking.answer(&exception.expr) == Answer::True
                        && exception.ends.is_none_or(|ends| subject.time.is_some_and(|t| t < ends))
                });
                if let Some(exception) = exception {
                    hits[usize::from(exception.number)] += 1;
                    continue;
                }
                if !program.silent {
                    found.push(Found { rule: program.rule, why });
                }
                if why.is_none() {
                    for spec in &program.signals {
                        signals.extend(asking.signal(spec));
                    }
                }
            }
        }
        subject.outcome
    }
}

/// One event under question.
struct Asking<'s, 'e> {
    tests: &'s [Test],
    memo: &'s mut [Option<Answer>],
    scratch: &'s mut Scratch,
    subject: &'s Subject<'e>,
}

impl Asking<'_, '_> {
    fn rule(&mut self, outcomes: u8, expr: &Expr) -> Answer {
        let outcome = self.subject.outcome;
        let doubt = match outcome {
            _ if outcomes & outcome.bit() != 0 => None,
            // What will come of it is for a later event, or nobody says.
            RequestOutcome::Unknown | RequestOutcome::Attempted => Some(self.subject.doubt),
            _ => return Answer::False,
        };
        match (self.answer(expr), doubt) {
            (Answer::True, Some(why)) => Answer::Unknown(why),
            (answer, _) => answer,
        }
    }

    fn answer(&mut self, expr: &Expr) -> Answer {
        match expr {
            Expr::Test(number) => self.test(*number),
            Expr::Not(inner) => self.answer(inner).not(),
            Expr::All(parts) => {
                let mut unknown = None;
                for part in parts {
                    match self.answer(part) {
                        Answer::False => return Answer::False,
                        Answer::Unknown(why) => unknown = unknown.or(Some(why)),
                        Answer::True => {}
                    }
                }
                unknown.map_or(Answer::True, Answer::Unknown)
            }
            Expr::Any(parts) => {
                let mut unknown = None;
                for part in parts {
                    match self.answer(part) {
                        Answer::True => return Answer::True,
                        Answer::Unknown(why) => unknown = unknown.or(Some(why)),
                        Answer::False => {}
                    }
                }
                unknown.map_or(Answer::False, Answer::Unknown)
            }
        }
    }

    fn test(&mut self, number: u16) -> Answer {
        let at = usize::from(number);
        if let Some(answer) = self.memo[at] {
            return answer;
        }
        let answer = self.ask(&self.tests[at]);
        self.memo[at] = Some(answer);
        answer
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
            time: subject.time?,
            document: key.number([&subject.redacted.id[..]]),
        })
    }

    fn ask(&mut self, test: &Test) -> Answer {
        let mut seen =
            Seen { patterns: &test.patterns, sieve: test.sieve.as_ref(), ..Seen::default() };
        let absent = self.scratch.resolve(self.subject, &test.field, &mut |leaf| seen.leaf(leaf));
        seen.answer(absent, matches!(test.field, Field::Everything))
    }
}

/// What a test has seen of its field.
#[derive(Default)]
struct Seen<'a> {
    patterns: &'a [Pattern],
    sieve: Option<&'a Sieve>,
    fits: bool,
    /// There was something.
    present: bool,
    /// There was something other than null or nothing.
    filled: bool,
    unknown: Option<Why>,
}

impl Seen<'_> {
    fn leaf(&mut self, leaf: Leaf<'_>) {
        match leaf {
            Leaf::Text(text) => self.text(text),
            Leaf::Value(value) => match value.kind() {
                Kind::String => value.read(|text| self.text(text)),
                Kind::Number => self.text(value.raw()),
                Kind::True => self.text(b"true"),
                Kind::False => self.text(b"false"),
                Kind::Null => self.present = true,
                Kind::Opaque => self.unknown = Some(Why::TooDeep),
                Kind::Object | Kind::Array | Kind::Key => {
                    (self.present, self.filled) = (true, true);
                    self.fits |= self.patterns.iter().any(Pattern::is_anything);
                }
            },
        }
    }

    fn text(&mut self, text: &[u8]) {
        self.present = true;
        self.filled |= !text.is_empty();
        let fits = self.sieve.is_none_or(|sieve| sieve.may_fit(text))
            && self.patterns.iter().any(|pattern| pattern.fits(text));
        self.fits |= fits;
        if !fits && text.starts_with(b"[redacted:") {
            self.unknown = Some(Why::Redacted);
        }
    }

    fn answer(self, absent: Option<Why>, everywhere: bool) -> Answer {
        if self.fits {
            return Answer::True;
        }
        let unknown = self.unknown.or(absent);
        for pattern in self.patterns {
            let fits = match pattern {
                Pattern::Exists(expected) => match (self.present, unknown) {
                    (true, _) => Answer::from(*expected),
                    (false, Some(Why::Untouched)) if *expected => Answer::False,
                    (false, Some(why)) => Answer::Unknown(why),
                    (false, None) => Answer::from(!*expected),
                },
                Pattern::Null => match (self.filled, unknown) {
                    (true, _) => Answer::False,
                    (false, Some(why)) => Answer::Unknown(why),
                    (false, None) => Answer::True,
                },
                // What Kubernetes leaves out when it is empty is empty when it is left out.
                _ if pattern.exact() == Some(b"") && !self.present && !everywhere => {
                    unknown.map_or(Answer::True, Answer::Unknown)
                }
                _ => continue,
            };
            if fits != Answer::False {
                return fits;
            }
        }
        match unknown {
            None | Some(Why::Untouched) => Answer::False,
            Some(why) => Answer::Unknown(why),
        }
    }
}
