//! A checked policy in the form the data path reads: each stage's own part, side by side.

use std::fmt;

use crate::decide::CompiledDecide;
use crate::emit;
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
    #[cfg(feature = "rules")]
    pub(crate) rules: Option<std::sync::Arc<crate::rules::Rules>>,
}

impl fmt::Debug for CompiledPolicy {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("CompiledPolicy").field("policy", &self.policy).finish_non_exhaustive()
    }
}

impl Policy {
    /// Checks the policy and compiles it. One that names folders of rules needs
    /// [`Policy::compile_with`].
    pub fn compile(self) -> Result<CompiledPolicy, PolicyError> {
        if self.rules.as_ref().is_some_and(|rules| !rules.folders.is_empty()) {
            return Err(PolicyError::at("rules.folders", "this host reads no folders"));
        }
        #[cfg(feature = "rules")]
        return self.compile_with(&[]);
        #[cfg(not(feature = "rules"))]
        {
            if self.rules.is_some() {
                return Err(PolicyError::at("rules", "there are no detection rules in this build"));
            }
            self.parts()
        }
    }

    /// The same with the texts that `rules.folders` hold, which the host has read.
    #[cfg(feature = "rules")]
    pub fn compile_with(
        self,
        texts: &[crate::rules::RuleText<'_>],
    ) -> Result<CompiledPolicy, PolicyError> {
        use crate::policy::RulePack;
        use crate::rules::{RuleOptions, Rules};

        let mut rules = None;
        if let Some(asked) = &self.rules {
            let mut all =
                if asked.pack == RulePack::Default { Rules::pack_texts() } else { Vec::new() };
            all.extend_from_slice(texts);
            let options = RuleOptions {
                cluster: self.enrich.cluster.name.clone().unwrap_or_default(),
                disable: asked.disable.clone(),
            };
            let read = Rules::read_with(&all, &options)
                .map_err(|error| PolicyError::at("rules", error.to_string()))?;
            rules = Some(std::sync::Arc::new(read));
        }
        Ok(CompiledPolicy { rules, ..self.parts()? })
    }

    fn parts(self) -> Result<CompiledPolicy, PolicyError> {
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
        emit::check(&self.output)?;
        Ok(CompiledPolicy {
            redact: Rules::compile(&self.redact, &self.limits)?,
            tables: CompiledTables::compile(&self.enrich)?,
            decide: CompiledDecide::compile(&self.decide)?,
            identity: IdentityKey::default(),
            #[cfg(feature = "rules")]
            rules: None,
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

    /// The detection rules that the policy asks for.
    #[cfg(feature = "rules")]
    pub fn rules(&self) -> Option<&std::sync::Arc<crate::rules::Rules>> {
        self.rules.as_ref()
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
