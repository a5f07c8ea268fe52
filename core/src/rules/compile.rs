//! From documents to programs: each test once, the cheap ones first, and what a rule cannot do
//! without.

use super::condition::Condition;
use super::dispatch::Need;
use super::error::RuleError;
use super::exception::Exception;
use super::fields::{Derived, Field, Root};
use super::pattern::{Pattern, Sieve};
use super::sigma::Selection;
use super::{Needs, RequestOutcome, Rule};
use crate::event::{Level, Slot};

/// One test, shared by all rules that ask it.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Test {
    pub(super) field: Field,
    /// One of them must fit a value.
    pub(super) patterns: Vec<Pattern>,
    /// Tells texts that none of them fits.
    pub(super) sieve: Option<Sieve>,
    /// What the field is, if it is one value that events know.
    pub(super) slot: Option<Slot>,
    /// One of them says something of what is not there.
    pub(super) minds_absence: bool,
}

/// A condition over numbered tests.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Expr {
    Test(u16),
    All(Box<[Expr]>),
    Any(Box<[Expr]>),
    Not(Box<Expr>),
}

/// A rule in the form that is asked.
pub(super) struct Program {
    /// Number of the rule.
    pub(super) rule: u16,
    pub(super) expr: Expr,
    /// One bit for each outcome it chooses.
    pub(super) outcomes: u8,
    pub(super) exceptions: Vec<Exception>,
    /// It gives no findings of its own.
    pub(super) silent: bool,
    /// Correlations that hear of its matches.
    pub(super) signals: Vec<SignalSpec>,
}

/// How a match is a signal of a correlation.
pub(super) struct SignalSpec {
    pub(super) correlation: u16,
    pub(super) slot: u8,
    pub(super) group_by: Vec<Field>,
    pub(super) field: Option<Field>,
}

/// All tests so far.
#[derive(Default)]
pub(super) struct Tests(pub(super) Vec<Test>);

impl Tests {
    /// The program of a condition.
    pub(super) fn expr(
        &mut self,
        condition: &Condition,
        selections: &[Selection],
    ) -> Result<Expr, RuleError> {
        let mut expr = self.condition(condition, selections)?;
        self.order(&mut expr);
        Ok(expr)
    }

    fn condition(
        &mut self,
        condition: &Condition,
        selections: &[Selection],
    ) -> Result<Expr, RuleError> {
        let mut many = |parts: &[Condition]| -> Result<Box<[Expr]>, RuleError> {
            parts.iter().map(|part| self.condition(part, selections)).collect()
        };
        Ok(match condition {
            Condition::All(parts) => all(many(parts)?),
            Condition::Any(parts) => Expr::Any(many(parts)?),
            Condition::Not(inner) => Expr::Not(Box::new(self.condition(inner, selections)?)),
            Condition::Selection(at) => self.selection(&selections[*at])?,
        })
    }

    fn selection(&mut self, selection: &Selection) -> Result<Expr, RuleError> {
        let mut many = |parts: &[Selection]| -> Result<Box<[Expr]>, RuleError> {
            parts.iter().map(|part| self.selection(part)).collect()
        };
        Ok(match selection {
            Selection::All(parts) => all(many(parts)?),
            Selection::Any(parts) => Expr::Any(many(parts)?),
            Selection::Not(inner) => Expr::Not(Box::new(self.selection(inner)?)),
            Selection::Test(field, patterns) => {
                let sieve = Sieve::of(patterns);
                let minds_absence = patterns.iter().any(Pattern::minds_absence);
                let (field, patterns) = (field.clone(), patterns.clone());
                let slot = field.whole_slot();
                let test = Test { field, patterns, sieve, slot, minds_absence };
                let at = self.0.iter().position(|known| *known == test).unwrap_or_else(|| {
                    self.0.push(test);
                    self.0.len() - 1
                });
                let number = u16::try_from(at)
                    .map_err(|_| RuleError::at(0, 0, "more than 65536 different tests"))?;
                Expr::Test(number)
            }
        })
    }

    /// Puts what is cheap first. Neither `and` nor `or` minds.
    fn order(&self, expr: &mut Expr) -> u32 {
        match expr {
            Expr::Test(number) => {
                let test = &self.0[usize::from(*number)];
                test.field.cost() * 4 + test.patterns.len() as u32 / 8
            }
            Expr::Not(inner) => self.order(inner),
            Expr::All(parts) | Expr::Any(parts) => {
                // They are few; a sort of their own would make each module larger.
                let mut costs: Vec<(u32, Expr)> = Vec::with_capacity(parts.len());
                for mut part in std::mem::take(parts).into_vec() {
                    let cost = self.order(&mut part);
                    let at = costs.partition_point(|(known, _)| *known <= cost);
                    costs.insert(at, (cost, part));
                }
                let total = costs.iter().map(|(cost, _)| cost).sum();
                *parts = costs.into_iter().map(|(_, part)| part).collect();
                total
            }
        }
    }

    /// What a condition cannot do without.
    pub(super) fn need(&self, expr: &Expr) -> Need {
        match expr {
            Expr::Not(_) => Need::default(),
            Expr::Test(number) => {
                let test = &self.0[usize::from(*number)];
                let names: Option<Vec<Box<[u8]>>> = test
                    .patterns
                    .iter()
                    .map(|pattern| match pattern {
                        Pattern::Null => Some(Box::default()),
                        pattern => pattern.exact().map(Into::into),
                    })
                    .collect();
                match test.field {
                    Field::Derived(Derived::Verb) => Need { verbs: names, ..Need::default() },
                    Field::Derived(Derived::Resource) => {
                        Need { resources: names, ..Need::default() }
                    }
                    Field::Derived(Derived::Subresource) => {
                        Need { subresources: names, ..Need::default() }
                    }
                    Field::Derived(Derived::Group) => Need { groups: names, ..Need::default() },
                    _ => Need::default(),
                }
            }
            Expr::All(parts) => {
                parts.iter().map(|part| self.need(part)).fold(Need::default(), |a, b| Need {
                    verbs: both(a.verbs, b.verbs),
                    resources: both(a.resources, b.resources),
                    subresources: both(a.subresources, b.subresources),
                    groups: both(a.groups, b.groups),
                })
            }
            Expr::Any(parts) => parts
                .iter()
                .map(|part| self.need(part))
                .reduce(|a, b| Need {
                    verbs: either(a.verbs, b.verbs),
                    resources: either(a.resources, b.resources),
                    subresources: either(a.subresources, b.subresources),
                    groups: either(a.groups, b.groups),
                })
                .unwrap_or_default(),
        }
    }

    /// What a condition asks of the log, for the documentation and for coverage.
    pub(super) fn describe(&self, expr: &Expr, rule: &mut Rule) {
        let mut needs = Needs { level: Level::Metadata, annotations: Vec::new() };
        let mut fields = Vec::new();
        self.each(expr, &mut |test| {
            let level = match &test.field {
                Field::Path(path) if path.root == Root::ResponseObject => Level::RequestResponse,
                field if field.reads_body() => Level::Request,
                _ => Level::Metadata,
            };
            needs.level = needs.level.max(level);
            let annotation = match &test.field {
                Field::Path(path) if path.root == Root::Decision => {
                    Some("authorization.k8s.io/decision")
                }
                Field::Path(path) if path.root == Root::CredentialId => {
                    Some("authentication.kubernetes.io/credential-id")
                }
                Field::Derived(Derived::CredentialKind) => {
                    Some("authentication.kubernetes.io/credential-id")
                }
                _ => None,
            };
            if let Some(annotation) = annotation
                && !needs.annotations.iter().any(|known| known == annotation)
            {
                needs.annotations.push(annotation.to_owned());
            }
            let name = test.field.name();
            if !fields.contains(&name) {
                fields.push(name);
            }
        });
        rule.needs = needs;
        rule.fields = fields;
    }

    fn each(&self, expr: &Expr, look: &mut dyn FnMut(&Test)) {
        match expr {
            Expr::Test(number) => look(&self.0[usize::from(*number)]),
            Expr::Not(inner) => self.each(inner, look),
            Expr::All(parts) | Expr::Any(parts) => {
                parts.iter().for_each(|part| self.each(part, look));
            }
        }
    }
}

/// `and` of `and`s is one.
fn all(parts: Box<[Expr]>) -> Expr {
    let mut flat = Vec::new();
    for part in parts {
        match part {
            Expr::All(inner) => flat.extend(inner),
            other => flat.push(other),
        }
    }
    if flat.len() == 1 { flat.remove(0) } else { Expr::All(flat.into()) }
}

type Names = Option<Vec<Box<[u8]>>>;

fn both(a: Names, b: Names) -> Names {
    match (a, b) {
        (Some(a), Some(b)) => Some(
            a.into_iter().filter(|name| b.iter().any(|n| n.eq_ignore_ascii_case(name))).collect(),
        ),
        (a, b) => a.or(b),
    }
}

fn either(a: Names, b: Names) -> Names {
    let (mut a, b) = (a?, b?);
    a.extend(b);
    Some(a)
}

/// The bits of outcomes.
pub(super) fn bits(outcomes: &[RequestOutcome]) -> u8 {
    outcomes.iter().fold(0, |bits, outcome| bits | outcome.bit())
}
