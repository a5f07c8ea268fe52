//! Policies: read from YAML. What they mean is known to the stages, which check and compile their
//! own part; see [`crate::CompiledPolicy`].

mod audit_policy;
mod error;
mod model;

pub use crate::event::{Level, Stage};
pub use audit_policy::{
    AuditApiVersion, AuditPolicy, AuditPolicyKind, AuditPolicyMetadata, AuditRule, GroupResources,
};
pub use error::{Place, PolicyError, UnknownName, distance};
pub use model::*;

impl Policy {
    /// Reads a policy from YAML (or JSON, which is YAML).
    ///
    /// Errors name line and column; unknown keys are errors.
    #[cfg(feature = "yaml")]
    pub fn from_yaml(text: &str) -> Result<Self, PolicyError> {
        serde_saphyr::from_str(text).map_err(|error| PolicyError::syntax(&error))
    }
}
