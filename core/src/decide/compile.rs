//! The policy's `decide` part, checked and in the form that is read per event.
//!
//! The checks are those of kubernetes/apiserver `pkg/apis/audit/validation/validation.go` and
//! `pkg/audit/policy/reader.go` (a policy without rules is refused).

use super::noise;
use crate::event::{Level, Stages};
use crate::policy::{AuditPolicy, AuditRule, Decide, PolicyError};

/// What decides over events. Empty when the policy says nothing.
#[derive(Default)]
pub(crate) struct CompiledDecide {
    pub(super) audit: Option<CompiledAudit>,
    /// One bit per noise rule that is on.
    pub(super) noise: u32,
}

/// An audit policy.
pub(super) struct CompiledAudit {
    pub(super) rules: Vec<CompiledRule>,
    pub(super) omit_stages: Stages,
    pub(super) omit_managed_fields: Option<bool>,
}

/// A rule. An empty set is no condition.
pub(super) struct CompiledRule {
    pub(super) level: Level,
    pub(super) users: Names,
    pub(super) groups: Names,
    pub(super) verbs: Names,
    pub(super) resources: Vec<Resources>,
    pub(super) namespaces: Names,
    pub(super) paths: Vec<PathPattern>,
    /// With the policy's own.
    pub(super) omit_stages: Stages,
    /// The policy's own when the rule does not say.
    pub(super) omit_managed_fields: Option<bool>,
}

/// Resources of one group.
pub(super) struct Resources {
    /// `None` for any.
    pub(super) group: Option<Box<[u8]>>,
    pub(super) patterns: Vec<Box<[u8]>>,
    pub(super) names: Names,
}

/// Where a request without a resource goes.
pub(super) enum PathPattern {
    Any,
    Exact(Box<[u8]>),
    Prefix(Box<[u8]>),
}

/// A set of names.
#[derive(Default)]
pub(super) struct Names(Vec<Box<[u8]>>);

impl Names {
    fn new(list: &[String]) -> Self {
        let mut names: Vec<Box<[u8]>> = list.iter().map(|name| name.as_bytes().into()).collect();
        names.sort_unstable();
        names.dedup();
        Self(names)
    }

    pub(super) fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    pub(super) fn contains(&self, name: &[u8]) -> bool {
        self.0.binary_search_by(|known| (**known).cmp(name)).is_ok()
    }
}

impl CompiledDecide {
    /// Checks and compiles. Errors name the key path from the policy's root.
    pub(crate) fn compile(decide: &Decide) -> Result<Self, PolicyError> {
        Ok(Self {
            audit: decide.audit.as_ref().map(CompiledAudit::compile).transpose()?,
            noise: noise::compile(&decide.noise)?,
        })
    }

    /// Whether every event goes on as it came.
    #[inline]
    pub(crate) fn is_idle(&self) -> bool {
        self.audit.is_none() && self.noise == 0
    }

    /// How many rules the audit policy has; `None` without one.
    pub(crate) fn audit_rules(&self) -> Option<usize> {
        self.audit.as_ref().map(|audit| audit.rules.len())
    }
}

impl CompiledAudit {
    fn compile(policy: &AuditPolicy) -> Result<Self, PolicyError> {
        if policy.rules.is_empty() {
            return Err(PolicyError::at("decide.audit.rules", "must have at least one rule"));
        }
        if policy.rules.len() > usize::from(u16::MAX) {
            return Err(PolicyError::at("decide.audit.rules", "must have at most 65535 rules"));
        }
        let omit_stages = Stages::of(&policy.omit_stages);
        let rules = policy.rules.iter().enumerate().map(|(at, rule)| {
            check(rule, &format!("decide.audit.rules[{at}]"))?;
            Ok(CompiledRule {
                level: rule.level,
                users: Names::new(&rule.users),
                groups: Names::new(&rule.user_groups),
                verbs: Names::new(&rule.verbs),
                resources: rule
                    .resources
                    .iter()
                    .map(|of| Resources {
                        group: (of.group != "*").then(|| of.group.as_bytes().into()),
                        patterns: of.resources.iter().map(|name| name.as_bytes().into()).collect(),
                        names: Names::new(&of.resource_names),
                    })
                    .collect(),
                namespaces: Names::new(&rule.namespaces),
                paths: rule.non_resource_urls.iter().map(|url| PathPattern::new(url)).collect(),
                omit_stages: omit_stages.or(Stages::of(&rule.omit_stages)),
                omit_managed_fields: rule.omit_managed_fields.or(policy.omit_managed_fields),
            })
        });
        Ok(Self {
            rules: rules.collect::<Result<_, PolicyError>>()?,
            omit_stages,
            omit_managed_fields: policy.omit_managed_fields,
        })
    }
}

impl PathPattern {
    fn new(url: &str) -> Self {
        match url.strip_suffix('*') {
            Some("") => Self::Any,
            Some(prefix) => Self::Prefix(prefix.as_bytes().into()),
            None => Self::Exact(url.as_bytes().into()),
        }
    }
}

fn check(rule: &AuditRule, place: &str) -> Result<(), PolicyError> {
    for (at, url) in rule.non_resource_urls.iter().enumerate() {
        let wrong =
            |message| Err(PolicyError::at(format!("{place}.nonResourceURLs[{at}]"), message));
        if url == "*" {
            continue;
        }
        if !url.starts_with('/') {
            return wrong("must begin with `/`, or be `*` alone");
        }
        if url.strip_suffix('*').unwrap_or(url).contains('*') {
            return wrong("`*` may only be the last character");
        }
    }
    for (at, of) in rule.resources.iter().enumerate() {
        let place = format!("{place}.resources[{at}]");
        if !matches!(of.group.as_str(), "" | "*") && !is_dns_subdomain(&of.group) {
            return Err(PolicyError::at(
                format!("{place}.group"),
                "must be `\"\"`, `*` or an API group without version, such as `apps` or \
                 `rbac.authorization.k8s.io`",
            ));
        }
        if of.resources.is_empty() && !of.resource_names.is_empty() {
            return Err(PolicyError::at(
                format!("{place}.resourceNames"),
                "needs at least one entry in `resources`",
            ));
        }
    }
    let regular = !rule.resources.is_empty() || !rule.namespaces.is_empty();
    if regular && !rule.non_resource_urls.is_empty() {
        return Err(PolicyError::at(
            format!("{place}.nonResourceURLs"),
            "cannot stand in a rule that has `resources` or `namespaces`",
        ));
    }
    Ok(())
}

/// RFC 1123 subdomain, as k8s.io/apimachinery `pkg/util/validation` has it.
fn is_dns_subdomain(name: &str) -> bool {
    let edge = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    name.len() <= 253
        && name.split('.').map(str::as_bytes).all(|label| {
            label.first().is_some_and(edge)
                && label.last().is_some_and(edge)
                && label.iter().all(|b| edge(b) || *b == b'-')
        })
}
