//! Why a policy cannot be used.

use std::fmt;

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
