//! Rules at work on one filter's events, and what they find.

use std::sync::Arc;

use crate::enrich::Facts;
use crate::redacted::Redacted;

use super::evaluate::{Evaluator, Found};
use super::{RequestOutcome, Rule, Rules, Why};

/// Rules and the memory to ask them.
pub(crate) struct Watch {
    rules: Arc<Rules>,
    evaluator: Evaluator,
}

impl Watch {
    pub(crate) fn new(rules: Arc<Rules>) -> Self {
        Self { rules, evaluator: Evaluator::default() }
    }

    /// What all rules answer about one event.
    pub(crate) fn look<'a>(
        &'a mut self,
        redacted: &Redacted<'_>,
        facts: &Facts<'_>,
    ) -> Findings<'a> {
        let found = self.evaluator.look(&self.rules, redacted, facts);
        Findings { rules: Some(&self.rules), found }
    }
}

/// What rules found in one event.
#[derive(Clone, Copy, Default)]
pub struct Findings<'a> {
    rules: Option<&'a Rules>,
    found: &'a [Found],
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

    /// Each of them.
    pub fn iter(&self) -> impl Iterator<Item = Finding<'a>> {
        let Self { rules, found } = *self;
        found.iter().filter_map(move |found| {
            let rule = rules?.rules.get(usize::from(found.rule))?;
            Some(Finding { rule, cannot_tell: found.why, outcome: found.outcome })
        })
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
