//! Why a rule cannot be used, and where.

use std::fmt;

/// Why a rule cannot be used, and where it says so.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct RuleError {
    /// The file's name, as the host gave it.
    pub file: String,
    /// From 1; 0 when the whole is meant.
    pub line: u64,
    /// From 1, in characters; 0 when the whole is meant.
    pub column: u64,
    /// What is wrong, in one line that does not say the place.
    pub message: String,
}

impl RuleError {
    pub(super) fn at(line: u64, column: u64, message: impl Into<String>) -> Self {
        Self { file: String::new(), line, column, message: message.into() }
    }

    /// The same error, in this file.
    pub(super) fn within(mut self, file: &str) -> Self {
        if self.file.is_empty() {
            file.clone_into(&mut self.file);
        }
        self
    }

    pub(super) fn syntax(mut error: &serde_saphyr::Error, file: &str) -> Self {
        use serde_saphyr::{DefaultMessageFormatter, Error, MessageFormatter as _};
        let (line, column) = error.location().map_or((0, 0), |at| (at.line(), at.column()));
        while let Error::AliasError { error: inner, .. } | Error::WithSnippet { error: inner, .. } =
            error
        {
            error = inner;
        }
        let message = DefaultMessageFormatter.format_message(error).into_owned();
        let message = message.replace(|c: char| c.is_control(), " ");
        Self::at(line, column, message).within(file)
    }
}

impl fmt::Display for RuleError {
    /// `FILE:3:5: …`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { file, line, column, message } = self;
        match (file.as_str(), *line) {
            ("", 0) => f.write_str(message),
            ("", _) => write!(f, "{line}:{column}: {message}"),
            (_, 0) => write!(f, "{file}: {message}"),
            _ => write!(f, "{file}:{line}:{column}: {message}"),
        }
    }
}

impl std::error::Error for RuleError {}
