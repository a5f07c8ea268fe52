//! A checked policy in the form the data path reads.

use std::fmt;

use super::model::{Action, Policy};
use crate::decide::CompiledDecide;
use crate::detect::{Detector, Detectors};
use crate::emit::Constants;
use crate::enrich::tables::CompiledTables;
use crate::identity::IdentityKey;
use crate::redact::paths::PathSet;
use crate::redact::rules::Builtin;

/// Why a policy cannot be used.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PolicyError {
    /// Where: `line:column` for syntax, a key path such as `redact.rules[0].paths[1]` otherwise.
    pub place: String,
    /// What is wrong there.
    pub message: String,
}

impl PolicyError {
    pub(crate) fn at(place: impl Into<String>, message: impl Into<String>) -> Self {
        Self { place: place.into(), message: message.into() }
    }

    pub(crate) fn syntax(error: &serde_saphyr::Error) -> Self {
        let place = error
            .location()
            .map_or_else(|| "?".into(), |at| format!("{}:{}", at.line(), at.column()));
        Self { place, message: error.to_string() }
    }
}

impl fmt::Display for PolicyError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "policy, {}: {}", self.place, self.message)
    }
}

impl std::error::Error for PolicyError {}

/// A policy ready for use: immutable, shared between filters and threads through `Arc`.
pub struct CompiledPolicy {
    pub(crate) policy: Policy,
    pub(crate) detectors: Detectors,
    /// Action per rule number: built-in rules, then detectors, then own rules.
    pub(crate) actions: Vec<Action>,
    names: Vec<String>,
    pub(crate) paths: PathSet,
    pub(crate) key: Option<PseudonymKey>,
    pub(crate) identity: IdentityKey,
    pub(crate) tables: CompiledTables,
    pub(crate) constants: Constants,
    pub(crate) decide: CompiledDecide,
}

/// Key of the `pseudonym` action; its memory is never printed.
pub(crate) struct PseudonymKey {
    pub(crate) id: String,
    pub(crate) bytes: Vec<u8>,
}

impl fmt::Debug for CompiledPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CompiledPolicy").field("policy", &self.policy).finish_non_exhaustive()
    }
}

impl CompiledPolicy {
    pub(super) fn new(policy: Policy) -> Result<Self, PolicyError> {
        if policy.version != 1 {
            return Err(PolicyError::at("version", "only version 1 is known"));
        }
        if !(1..=200).contains(&policy.limits.depth) {
            return Err(PolicyError::at("limits.depth", "must be between 1 and 200"));
        }
        if policy.redact.opaque == Action::Keep {
            return Err(PolicyError::at(
                "redact.opaque",
                "must not be `keep`: nothing was looked at",
            ));
        }
        if policy.limits.nested > 8 {
            return Err(PolicyError::at("limits.nested", "must be at most 8"));
        }
        if policy.limits.line_bytes > 1 << 30 {
            return Err(PolicyError::at("limits.lineBytes", "must be at most 1 GiB"));
        }
        if !matches!(policy.redact.managed_fields, Action::Keep | Action::Drop) {
            return Err(PolicyError::at("redact.managedFields", "must be `drop` or `keep`"));
        }
        for name in policy.redact.detectors.keys() {
            if Detector::from_name(name).is_none() {
                return Err(PolicyError::at(
                    format!("redact.detectors.{name}"),
                    "no detector has this name",
                ));
            }
        }
        let mut actions = Vec::new();
        let mut names = Vec::new();
        for builtin in Builtin::ALL {
            actions.push(builtin.action(&policy.redact));
            names.push(builtin.name().to_owned());
        }
        let mut enabled = Vec::new();
        for detector in Detector::ALL {
            let action = policy
                .redact
                .detectors
                .get(detector.name())
                .copied()
                .unwrap_or(if detector.default_on() { Action::Mask } else { Action::Keep });
            if action != Action::Keep {
                enabled.push(*detector);
            }
            actions.push(action);
            names.push(detector.name().to_owned());
        }
        for (at, rule) in policy.redact.rules.iter().enumerate() {
            let name_ok = !rule.name.is_empty()
                && rule.name.len() <= 64
                && rule
                    .name
                    .bytes()
                    .all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-');
            if !name_ok {
                return Err(PolicyError::at(
                    format!("redact.rules[{at}].name"),
                    "must be 1 to 64 lower case letters, digits and `-`",
                ));
            }
            if names.contains(&rule.name) {
                return Err(PolicyError::at(
                    format!("redact.rules[{at}].name"),
                    "another rule or detector has this name",
                ));
            }
            actions.push(rule.action);
            names.push(rule.name.clone());
        }
        let first_own = (Builtin::ALL.len() + Detector::ALL.len()) as u16;
        let paths = PathSet::compile(&policy.redact.rules, first_own)?;
        Ok(Self {
            detectors: Detectors::new(&enabled),
            tables: CompiledTables::compile(&policy.enrich)?,
            constants: Constants::compile(&policy)?,
            decide: CompiledDecide::compile(&policy.decide)?,
            policy,
            actions,
            names,
            paths,
            key: None,
            identity: IdentityKey::default(),
        })
    }

    /// Sets the key of the `pseudonym` action. At least 16 bytes; 32 random bytes are right.
    pub fn with_pseudonym_key(mut self, key: &[u8]) -> Result<Self, PolicyError> {
        if key.len() < 16 {
            return Err(PolicyError::at("pseudonym key", "must have at least 16 bytes"));
        }
        let id = self.policy.redact.pseudonym_key_id.clone().unwrap_or_else(|| "default".into());
        self.identity = IdentityKey::derive(key);
        self.key = Some(PseudonymKey { id, bytes: key.to_vec() });
        Ok(self)
    }

    /// The policy this was compiled from.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Names of all rules in the order of [`crate::Stats::redactions`].
    pub fn rule_names(&self) -> &[String] {
        &self.names
    }

    /// The action of a rule number.
    pub(crate) fn action(&self, rule: u16) -> Action {
        self.actions.get(usize::from(rule)).copied().unwrap_or(Action::Mask)
    }

    /// The name of a rule number.
    pub(crate) fn rule_name(&self, rule: u16) -> &str {
        self.names.get(usize::from(rule)).map_or("unknown", String::as_str)
    }
}
