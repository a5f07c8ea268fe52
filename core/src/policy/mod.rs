//! Policies: read from YAML, checked, compiled into what the data path reads.

pub(crate) mod compile;
mod model;

pub use compile::{CompiledPolicy, PolicyError};
pub use model::*;

impl Policy {
    /// Reads a policy from YAML (or JSON, which is YAML).
    ///
    /// Errors name line, column and key; unknown keys are errors.
    pub fn from_yaml(text: &str) -> Result<Self, PolicyError> {
        serde_saphyr::from_str(text).map_err(|error| PolicyError::syntax(&error))
    }

    /// Checks the policy and compiles it.
    pub fn compile(self) -> Result<CompiledPolicy, PolicyError> {
        CompiledPolicy::new(self)
    }
}
