//! Why a policy cannot be used, and where.

use std::fmt;

/// Why a policy cannot be used.
///
/// ```
/// use auditweir::policy::Place;
/// use auditweir::Policy;
///
/// let error = Policy::from_yaml("version: 1\nredact: {secret: mask}").unwrap_err();
/// assert_eq!(error.place, Place::Text { line: 2, column: 10 });
///
/// let error = Policy::from_yaml("{version: 1, limits: {depth: 201}}").unwrap().compile().unwrap_err();
/// assert_eq!(error.place, Place::Key("limits.depth".into()));
/// assert_eq!(error.message, "must be between 1 and 200");
/// ```
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct PolicyError {
    /// Where in the policy.
    pub place: Place,
    /// What is wrong there, in one line that does not say the place.
    pub message: String,
}

/// A place in a policy.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[non_exhaustive]
pub enum Place {
    /// In the text: it could not be read.
    Text {
        /// From 1.
        line: u64,
        /// From 1, in characters.
        column: u64,
    },
    /// Under this key, such as `redact.rules[0].paths[1]`: what it says cannot be. Empty for the
    /// policy as a whole.
    Key(String),
}

impl fmt::Display for Place {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Text { line, column } => write!(f, "{line}:{column}"),
            Self::Key(key) => f.write_str(key),
        }
    }
}

impl PolicyError {
    pub(crate) fn at(key: impl Into<String>, message: impl Into<String>) -> Self {
        Self { place: Place::Key(key.into()), message: message.into() }
    }

    #[cfg(feature = "yaml")]
    pub(crate) fn syntax(mut error: &serde_saphyr::Error) -> Self {
        use serde_saphyr::{Error, MessageFormatter as _};
        let place = error.location().map_or_else(
            || Place::Key(String::new()),
            |at| Place::Text { line: at.line(), column: at.column() },
        );
        while let Error::AliasError { error: inner, .. } | Error::WithSnippet { error: inner, .. } =
            error
        {
            error = inner;
        }
        let message = match error {
            Error::SerdeUnknownField { field, expected, .. }
                if field == "ecs" && expected.contains(&"output") =>
            {
                "`ecs` is called `output` now, with `dataset` and `namespace` under `output.ecs`"
                    .to_owned()
            }
            error => serde_saphyr::DefaultMessageFormatter.format_message(error).into_owned(),
        };
        let message = message.replace(|c: char| c.is_control(), " ");
        Self { place, message }
    }
}

impl fmt::Display for PolicyError {
    /// `policy, 3:5: …` or `policy, redact.rules[0].paths: …`
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { place, message } = self;
        match place {
            Place::Key(key) if key.is_empty() => write!(f, "policy: {message}"),
            place => write!(f, "policy, {place}: {message}"),
        }
    }
}

impl std::error::Error for PolicyError {}

/// There is no such name.
#[derive(Clone, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct UnknownName {
    /// What should have been named, such as `format`.
    pub what: &'static str,
    /// All names there are.
    pub known: Vec<&'static str>,
}

impl UnknownName {
    pub(crate) fn of(what: &'static str, known: impl Iterator<Item = &'static str>) -> Self {
        Self { what, known: known.collect() }
    }
}

impl fmt::Display for UnknownName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "no {} has this name; there are {}", self.what, self.known.join(", "))
    }
}

impl std::error::Error for UnknownName {}

#[cfg(all(test, feature = "yaml"))]
mod tests {
    use super::*;
    use crate::policy::Policy;

    fn said(text: &str) -> String {
        Policy::from_yaml(text).unwrap_err().to_string()
    }

    #[test]
    fn places_are_of_the_text_or_of_the_meaning() {
        assert_eq!(said("version: 1\nlimits: {depth: many}").split(':').next(), Some("policy, 2"));
        assert!(said("").starts_with("policy"));
        let whole = PolicyError::at("", "is missing");
        assert_eq!(whole.to_string(), "policy: is missing");
    }

    #[test]
    fn messages_are_one_line_and_do_not_say_the_place() {
        for text in [
            "a: [",
            "version: 1\nx: 2",
            "version: [1]",
            "\t",
            "version: 1\nredact: {rules: [{name: a, paths: 3}]}",
        ] {
            let error = Policy::from_yaml(text).unwrap_err();
            assert!(!error.message.contains('\n') && !error.message.contains("line "), "{error}");
        }
    }

    #[test]
    fn the_old_name_of_output_is_told_the_new_one() {
        let error = Policy::from_yaml("version: 1\necs: {bodies: text}").unwrap_err();
        assert!(error.message.starts_with("`ecs` is called `output` now"), "{error}");
        assert_eq!(error.place, Place::Text { line: 2, column: 1 });
        // Elsewhere it is as unknown as anything.
        let error = Policy::from_yaml("version: 1\nredact: {ecs: 1}").unwrap_err();
        assert!(error.message.starts_with("unknown field"), "{error}");
    }
}

/// How many letters to add, take away or change to make one word of another, in any case of ASCII: for
/// `did you mean`.
pub fn distance(one: &str, other: &str) -> usize {
    let other: Vec<char> = other.chars().collect();
    let mut row: Vec<usize> = (0..=other.len()).collect();
    for (at, letter) in one.chars().enumerate() {
        let mut corner = std::mem::replace(&mut row[0], at + 1);
        for (column, theirs) in other.iter().enumerate() {
            let change = corner + usize::from(!letter.eq_ignore_ascii_case(theirs));
            corner = row[column + 1];
            row[column + 1] = change.min(corner + 1).min(row[column] + 1);
        }
    }
    row[other.len()]
}
