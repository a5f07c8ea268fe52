//! Audit policy rules against a request: kubernetes/apiserver `pkg/audit/policy/checker.go`.
//!
//! Where an event does not say what a condition asks for, the condition *may* hold. Then the rule
//! and those after it are all possible, and of what they ask for the most goes on: the highest
//! level, a stage is left out only when every possible rule leaves it out, and likewise
//! managedFields. So a record with gaps is never dropped by a rule that would not have dropped the
//! whole event.

use super::compile::{CompiledAudit, CompiledRule, PathPattern, Resources};
use super::request::{ObjectRef, Request, Target, User};
use crate::event::{Level, Stages};

/// What the policy asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Evaluation {
    pub(super) level: Level,
    pub(super) omit_stages: Stages,
    pub(super) omit_managed_fields: Option<bool>,
    /// Number of the rule; the number of rules when none matched.
    pub(super) rule: u16,
}

/// Whether a condition holds, from no to yes: `min` is and, `max` is or.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Match {
    No,
    Maybe,
    Yes,
}

impl From<bool> for Match {
    fn from(holds: bool) -> Self {
        if holds { Self::Yes } else { Self::No }
    }
}

/// Whether a known text meets a condition; an unknown one may.
fn known(text: Option<&[u8]>, holds: impl FnOnce(&[u8]) -> bool) -> Match {
    text.map_or(Match::Maybe, |text| holds(text).into())
}

impl CompiledAudit {
    pub(super) fn evaluate(&self, request: &Request<'_>) -> Evaluation {
        let mut possible = None;
        for (number, rule) in self.rules.iter().enumerate() {
            let found = rule.matches(request);
            if found == Match::No {
                continue;
            }
            let asks = Evaluation::new(
                rule.level,
                rule.omit_stages,
                rule.omit_managed_fields,
                number as u16,
            )
            .or(possible);
            if found == Match::Yes {
                return asks;
            }
            possible = Some(asks);
        }
        let none = self.rules.len() as u16;
        Evaluation::new(Level::None, self.omit_stages, self.omit_managed_fields, none).or(possible)
    }
}

impl Evaluation {
    fn new(
        level: Level,
        omit_stages: Stages,
        omit_managed_fields: Option<bool>,
        rule: u16,
    ) -> Self {
        let omit_stages = if level == Level::None { Stages::ALL } else { omit_stages };
        Self { level, omit_stages, omit_managed_fields, rule }
    }

    /// The most of both. Ties go to the earlier rule.
    fn or(self, earlier: Option<Self>) -> Self {
        let Some(earlier) = earlier else { return self };
        let highest = if self.level > earlier.level { self } else { earlier };
        Self {
            omit_stages: self.omit_stages.and(earlier.omit_stages),
            omit_managed_fields: match (self.omit_managed_fields, earlier.omit_managed_fields) {
                (Some(one), Some(other)) => Some(one && other),
                _ => None,
            },
            ..highest
        }
    }
}

impl CompiledRule {
    fn matches(&self, request: &Request<'_>) -> Match {
        let mut found = Match::Yes;
        if !self.users.is_empty() {
            found = found.min(match &request.user {
                User::Unknown => Match::Maybe,
                User::Nobody => Match::No,
                User::Named { name, .. } => self.users.contains(name).into(),
            });
        }
        if !self.groups.is_empty() {
            found = found.min(match &request.user {
                User::Unknown | User::Named { groups: None, .. } => Match::Maybe,
                User::Nobody => Match::No,
                User::Named { groups: Some(groups), .. } => {
                    groups.items().any(|group| self.groups.contains(&group.text())).into()
                }
            });
        }
        if !self.verbs.is_empty() {
            found = found.min(known(request.verb.as_deref(), |verb| self.verbs.contains(verb)));
        }
        if found == Match::No {
            return found;
        }
        if !self.namespaces.is_empty() || !self.resources.is_empty() {
            found.min(match &request.target {
                Target::Unknown => Match::Maybe,
                Target::Path(_) => Match::No,
                Target::Resource(of) => self.matches_resource(of),
            })
        } else if !self.paths.is_empty() {
            found.min(match &request.target {
                Target::Unknown => Match::Maybe,
                Target::Path(path) => self.paths.iter().any(|pattern| pattern.matches(path)).into(),
                Target::Resource(_) => Match::No,
            })
        } else {
            found
        }
    }

    fn matches_resource(&self, of: &ObjectRef<'_>) -> Match {
        let namespace = if self.namespaces.is_empty() {
            Match::Yes
        } else {
            known(of.namespace.as_deref(), |name| self.namespaces.contains(name))
        };
        if namespace == Match::No || self.resources.is_empty() {
            return namespace;
        }
        let any = self.resources.iter().map(|resources| resources.matches(of)).max();
        namespace.min(any.unwrap_or(Match::No))
    }
}

impl Resources {
    fn matches(&self, of: &ObjectRef<'_>) -> Match {
        let group = match &self.group {
            None => Match::Yes,
            Some(group) => known(of.group.as_deref(), |name| **group == *name),
        };
        if group == Match::No || self.patterns.is_empty() {
            return group;
        }
        let name = if self.names.is_empty() {
            Match::Yes
        } else {
            known(of.name.as_deref(), |name| self.names.contains(name))
        };
        let any = self.patterns.iter().map(|pattern| pattern_matches(pattern, of)).max();
        group.min(name).min(any.unwrap_or(Match::No))
    }
}

/// `*`, `resource`, `resource/subresource`, `*/subresource` or `resource/*`.
fn pattern_matches(pattern: &[u8], of: &ObjectRef<'_>) -> Match {
    if pattern == b"*" {
        return Match::Yes;
    }
    let (Some(resource), Some(subresource)) = (of.resource.as_deref(), of.subresource.as_deref())
    else {
        return Match::Maybe;
    };
    let whole = pattern.strip_prefix(resource).is_some_and(|rest| {
        if subresource.is_empty() {
            rest.is_empty()
        } else {
            rest.strip_prefix(b"/") == Some(subresource)
        }
    });
    let of_any = !subresource.is_empty() && pattern.strip_prefix(b"*/") == Some(subresource);
    (whole || of_any || pattern.strip_suffix(b"/*") == Some(resource)).into()
}

impl PathPattern {
    fn matches(&self, path: &[u8]) -> bool {
        match self {
            Self::Any => true,
            Self::Exact(whole) => **whole == *path,
            Self::Prefix(prefix) => path.starts_with(prefix),
        }
    }
}
