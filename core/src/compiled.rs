//! A checked policy in the form the data path reads: each stage's own part, side by side.

use std::fmt;

use crate::decide::CompiledDecide;
use crate::emit::Constants;
use crate::enrich::tables::CompiledTables;
use crate::identity::IdentityKey;
use crate::policy::{Policy, PolicyError};
use crate::redact::Rules;

/// A policy ready for use: immutable, shared between filters and threads through `Arc`.
pub struct CompiledPolicy {
    policy: Policy,
    pub(crate) decide: CompiledDecide,
    pub(crate) redact: Rules,
    pub(crate) identity: IdentityKey,
    pub(crate) tables: CompiledTables,
    pub(crate) constants: Constants,
}

impl fmt::Debug for CompiledPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CompiledPolicy").field("policy", &self.policy).finish_non_exhaustive()
    }
}

impl Policy {
    /// Checks the policy and compiles it.
    pub fn compile(self) -> Result<CompiledPolicy, PolicyError> {
        if self.version != 1 {
            return Err(PolicyError::at("version", "only version 1 is known"));
        }
        if !(1..=200).contains(&self.limits.depth) {
            return Err(PolicyError::at("limits.depth", "must be between 1 and 200"));
        }
        if self.limits.nested > 8 {
            return Err(PolicyError::at("limits.nested", "must be at most 8"));
        }
        if self.limits.line_bytes > 1 << 30 {
            return Err(PolicyError::at("limits.lineBytes", "must be at most 1 GiB"));
        }
        Ok(CompiledPolicy {
            redact: Rules::compile(&self.redact, &self.limits)?,
            tables: CompiledTables::compile(&self.enrich)?,
            constants: Constants::compile(&self)?,
            decide: CompiledDecide::compile(&self.decide)?,
            identity: IdentityKey::default(),
            policy: self,
        })
    }
}

impl CompiledPolicy {
    /// Sets the key of the `pseudonym` action. At least 16 bytes; 32 random bytes are right.
    pub fn with_pseudonym_key(mut self, key: &[u8]) -> Result<Self, PolicyError> {
        self.redact.set_pseudonym_key(&self.policy.redact, key)?;
        self.identity = IdentityKey::derive(key);
        Ok(self)
    }

    /// The policy this was compiled from.
    pub fn policy(&self) -> &Policy {
        &self.policy
    }

    /// Names of all rules in the order of [`crate::Stats::redactions`].
    pub fn rule_names(&self) -> &[String] {
        self.redact.names()
    }
}
