//! From what a host was told to a policy with its key, and a format.

use std::fmt;
use std::io;
#[cfg(not(target_family = "wasm"))]
use std::path::Path;
use std::sync::Arc;

use auditweir::{CompiledPolicy, Format, Policy, PolicyError};
use once_cell::sync::OnceCell;

/// What the default policy is called in errors.
const BUILT_IN: &str = "default policy";

/// Where a policy or a key comes from. `name` stands for it in errors: an option, a path, both.
#[derive(Clone, Debug)]
pub enum Source<'a> {
    /// These bytes.
    Bytes {
        /// Name in errors.
        name: String,
        /// The text of a policy or the bytes of a key.
        bytes: &'a [u8],
    },
    /// A file.
    #[cfg(not(target_family = "wasm"))]
    File {
        /// Name in errors.
        name: String,
        /// Which file.
        path: &'a Path,
    },
}

impl<'a> Source<'a> {
    /// Bytes that the host has.
    pub fn bytes(name: impl Into<String>, bytes: &'a [u8]) -> Self {
        Self::Bytes { name: name.into(), bytes }
    }

    /// A file that is read when the set-up is made.
    #[cfg(not(target_family = "wasm"))]
    pub fn file(name: impl Into<String>, path: &'a Path) -> Self {
        Self::File { name: name.into(), path }
    }

    /// The name and the bytes.
    pub fn read(self) -> Result<(String, Vec<u8>), SetupError> {
        match self {
            Self::Bytes { name, bytes } => Ok((name, bytes.to_vec())),
            #[cfg(not(target_family = "wasm"))]
            Self::File { name, path } => match std::fs::read(path) {
                Ok(bytes) => Ok((name, bytes)),
                Err(error) => Err(SetupError::Unreadable { from: name, error }),
            },
        }
    }
}

/// What a host was told.
#[derive(Clone, Debug, Default)]
pub struct Setup<'a> {
    /// The policy; without it the default policy.
    pub policy: Option<Source<'a>>,
    /// The key of the `pseudonym` action; see [`key`].
    pub key: Option<Source<'a>>,
    /// The format; without it the default, `native`.
    pub format: Option<Format>,
}

/// A policy with its key, and a format: all that a filter needs.
#[derive(Clone)]
pub struct Ready {
    /// The policy.
    pub policy: Arc<CompiledPolicy>,
    /// The format.
    pub format: Format,
}

impl Setup<'_> {
    /// Reads and compiles.
    pub fn ready(self) -> Result<Ready, SetupError> {
        let format = self.format.unwrap_or_default();
        let policy = match (self.policy, self.key) {
            (None, None) => default_policy()?,
            (policy, key) => {
                let policy = match policy {
                    Some(source) => read_policy(source)?,
                    None => compile(Policy::default(), BUILT_IN)?,
                };
                Arc::new(match key {
                    Some(source) => {
                        let (from, bytes) = source.read()?;
                        with_key(policy, &from, &bytes)?
                    }
                    None => policy,
                })
            }
        };
        Ok(Ready { policy, format })
    }
}

/// Reads and compiles a policy.
pub fn read_policy(source: Source<'_>) -> Result<CompiledPolicy, SetupError> {
    #[cfg(not(target_family = "wasm"))]
    let beside = match &source {
        Source::File { path, .. } => path.parent().map(Path::to_owned),
        Source::Bytes { .. } => None,
    };
    let (from, bytes) = source.read()?;
    let Ok(text) = std::str::from_utf8(&bytes) else {
        return Err(SetupError::NotUtf8 { from });
    };
    let policy = parse(text, &from)?;
    #[cfg(not(target_family = "wasm"))]
    if let Some(rules) = &policy.rules
        && !rules.folders.is_empty()
    {
        let beside = beside.unwrap_or_default();
        let mut texts = Vec::new();
        for (at, folder) in rules.folders.iter().enumerate() {
            let found = crate::rules::texts(&beside.join(folder));
            texts.extend(found.map_err(|error| {
                let key = Some(format!("rules.folders[{at}]"));
                let place = completed(Place { line_column: None, key }, text, true);
                SetupError::Policy { from: from.clone(), place, message: error.to_string() }
            })?);
        }
        let texts = crate::rules::borrowed(&texts);
        return policy.compile_with(&texts).map_err(|error| wrong(error, &from, text));
    }
    policy.compile().map_err(|error| wrong(error, &from, text))
}

/// Reads a policy from YAML or JSON text. `from` stands for it in errors.
pub fn parse(text: &str, from: &str) -> Result<Policy, SetupError> {
    Policy::from_yaml(text).map_err(|error| {
        #[cfg(not(target_family = "wasm"))]
        if says_nothing(text) {
            let message = "is empty; a policy says at least `version: 1`".to_owned();
            return SetupError::Policy { from: from.to_owned(), place: Place::default(), message };
        }
        wrong(error, from, text)
    })
}

/// Whether a YAML text is blank, but for comments and the marks of a document.
#[cfg(not(target_family = "wasm"))]
fn says_nothing(text: &str) -> bool {
    text.lines()
        .map(|line| line.trim_start_matches('\u{feff}').trim())
        .all(|line| line.is_empty() || line.starts_with('#') || matches!(line, "---" | "..."))
}

/// Compiles a policy that no text says. `from` stands for it in errors.
pub fn compile(policy: Policy, from: &str) -> Result<CompiledPolicy, SetupError> {
    policy.compile().map_err(|error| wrong(error, from, ""))
}

/// Gives a policy its key, less the white space at the end of it.
pub fn with_key(
    policy: CompiledPolicy,
    from: &str,
    bytes: &[u8],
) -> Result<CompiledPolicy, SetupError> {
    policy
        .with_pseudonym_key(key(bytes))
        .map_err(|error| SetupError::Key { from: from.to_owned(), message: error.message })
}

/// The default policy, compiled once a process.
pub fn default_policy() -> Result<Arc<CompiledPolicy>, SetupError> {
    static DEFAULT: OnceCell<Arc<CompiledPolicy>> = OnceCell::new();
    DEFAULT.get_or_try_init(|| compile(Policy::default(), BUILT_IN).map(Arc::new)).map(Arc::clone)
}

/// The key that these bytes are: without white space at their end, because editors, `echo` and
/// Secrets put line ends there.
///
/// One rule for all hosts and for every way in. Two readings of one file would be two keys, and
/// the same user two pseudonyms.
pub fn key(bytes: &[u8]) -> &[u8] {
    bytes.trim_ascii_end()
}

/// The formats, by name and by number. Numbers are those of [`Format::ALL`] and never change.
pub mod format {
    use auditweir::Format;

    use super::SetupError;

    /// The format of this name. `option` stands for it in the error.
    pub fn named(option: &str, name: &str) -> Result<Format, SetupError> {
        name.parse()
            .map_err(|_| SetupError::Format { option: option.to_owned(), asked: name.to_owned() })
    }

    /// The format of this number.
    pub fn numbered(option: &str, number: i64) -> Result<Format, SetupError> {
        let known = usize::try_from(number).ok().and_then(|at| Format::ALL.get(at));
        known.copied().ok_or_else(|| SetupError::Format {
            option: option.to_owned(),
            asked: number.to_string(),
        })
    }

    /// The number of a format.
    pub fn number(format: Format) -> u8 {
        Format::ALL.iter().position(|known| *known == format).unwrap_or_default() as u8
    }

    /// All names, with their numbers if it was asked for one, as errors list them.
    pub(super) fn all(asked: &str) -> String {
        let number = asked.parse::<i64>().is_ok();
        let name = |(at, format): (usize, &Format)| {
            if number {
                format!("{at} ({})", format.name())
            } else {
                format!("`{}`", format.name())
            }
        };
        Format::ALL.iter().enumerate().map(name).collect::<Vec<_>>().join(", ")
    }
}

/// A place in a policy.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Place {
    /// Line and column, from 1, where known.
    pub line_column: Option<(u64, u64)>,
    /// Path of the key, such as `redact.rules[0].paths[1]`, where known.
    pub key: Option<String>,
}

impl fmt::Display for Place {
    /// `3:5: redact.rules[0]:`, as much of it as is known.
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { line_column, key } = self;
        match (line_column, key) {
            (Some((line, column)), Some(key)) => write!(f, "{line}:{column}: {key}:"),
            (Some((line, column)), None) => write!(f, "{line}:{column}:"),
            (None, Some(key)) => write!(f, " {key}:"),
            (None, None) => Ok(()),
        }
    }
}

/// Why a host cannot be set up. The text says where, and holds nothing of a key.
#[derive(Debug, thiserror::Error)]
#[non_exhaustive]
pub enum SetupError {
    /// A file cannot be read.
    #[error("{from}: {error}")]
    Unreadable {
        /// Its name.
        from: String,
        /// Why.
        error: io::Error,
    },
    /// The text of a policy is not UTF-8.
    #[error("{from}: not UTF-8")]
    NotUtf8 {
        /// Its name.
        from: String,
    },
    /// A policy is wrong.
    #[error("{from}:{place} {message}")]
    Policy {
        /// Its name.
        from: String,
        /// Where in it.
        place: Place,
        /// What is wrong there.
        message: String,
    },
    /// The key cannot be used.
    #[error("{from}: {message}")]
    Key {
        /// Its name.
        from: String,
        /// Why not.
        message: String,
    },
    /// A folder that should hold detection rules holds none.
    #[error("{from}: no .yaml or .yml file")]
    NoRules {
        /// Its name.
        from: String,
    },
    /// There is no such format.
    #[error("{option}: `{asked}` is none of {}", format::all(asked))]
    Format {
        /// The option.
        option: String,
        /// What it asked for.
        asked: String,
    },
}

/// What the library says of a policy, with line, column and key path as far as they can be told.
fn wrong(error: PolicyError, from: &str, text: &str) -> SetupError {
    let PolicyError { place, message, .. } = error;
    let place = match place {
        auditweir::policy::Place::Text { line, column } => {
            Place { line_column: Some((line, column)), key: None }
        }
        auditweir::policy::Place::Key(key) if !key.is_empty() => {
            Place { line_column: None, key: Some(key) }
        }
        _ => Place::default(),
    };
    let begins = !["unknown field", "duplicate", "tabs"].iter().any(|s| message.starts_with(s));
    let place = completed(place, text, begins);
    #[cfg(not(target_family = "wasm"))]
    let message = crate::advice::plain(&message, place.key.as_deref().unwrap_or_default());
    SetupError::Policy { from: from.to_owned(), place, message }
}

/// Where the value under a key such as `redact.rules[0].name` stands in the text of a policy.
#[cfg(not(target_family = "wasm"))]
pub fn place_of(text: &str, key: &str) -> Place {
    completed(Place { line_column: None, key: Some(key.to_owned()) }, text, true)
}

/// The library says line and column of syntax, the key path of meaning; the text tells the other.
/// `begins` says that a value begins there.
#[cfg(not(target_family = "wasm"))]
fn completed(place: Place, text: &str, begins: bool) -> Place {
    let Some(tree) = crate::tree::Tree::read(text) else { return place };
    match place {
        Place { line_column: Some((line, column)), key: None } => {
            let value = begins.then(|| tree.path_from(line, column)).flatten();
            let key = value.or_else(|| tree.path_at(line, column)).filter(|key| !key.is_empty());
            Place { line_column: Some((line, column)), key }
        }
        Place { line_column: None, key: Some(key) } => {
            Place { line_column: tree.place_of(&key), key: Some(key) }
        }
        whole => whole,
    }
}

#[cfg(target_family = "wasm")]
fn completed(place: Place, _text: &str, _begins: bool) -> Place {
    place
}

#[cfg(test)]
mod tests {
    use super::*;

    fn error(policy: &str, key: &str) -> String {
        let setup = Setup {
            policy: Some(Source::bytes("policy", policy.as_bytes())),
            key: (!key.is_empty()).then(|| Source::bytes("key", key.as_bytes())),
            format: None,
        };
        setup.ready().err().map(|error| error.to_string()).unwrap_or_default()
    }

    #[test]
    fn errors_say_where() {
        for (policy, key, expected) in [
            ("version: 1\nwrong: 2", "", "policy:2:1: "),
            ("version: 2", "", "policy:1:10: version: only version 1 is known"),
            ("version: 1\nlimits: {depth: 0}", "", "policy:2:17: limits.depth: must be between"),
            ("version: 1", "hunter2\n", "key: must have at least 16 bytes"),
        ] {
            let error = error(policy, key);
            assert!(error.starts_with(expected) && !error.contains("hunter2"), "{error}");
        }
        let missing = Source::file("policy: /nowhere", Path::new("/nowhere"));
        let missing = Setup { policy: Some(missing), ..Setup::default() }.ready().err().unwrap();
        assert!(missing.to_string().starts_with("policy: /nowhere: "), "{missing}");
        assert!(matches!(
            read_policy(Source::bytes("policy", b"\xff")),
            Err(SetupError::NotUtf8 { .. })
        ));
    }

    #[test]
    fn an_empty_policy_is_said_to_be_empty() {
        for empty in ["", "\n \n", "# mine\n---\n", "\u{feff}# mine\n...\n"] {
            assert_eq!(error(empty, ""), "policy: is empty; a policy says at least `version: 1`");
        }
        assert!(error("--- 1", "").starts_with("policy:1:5: "), "{}", error("--- 1", ""));
    }

    #[test]
    fn a_folder_of_rules_that_is_not_there_has_its_place_in_the_policy() {
        let folder = std::env::temp_dir().join(format!("auditweir-setup-{}", std::process::id()));
        std::fs::create_dir_all(folder.join("none")).unwrap();
        let path = folder.join("policy.yaml");
        for (name, why) in [("nofolder", "nofolder: "), ("none", "none: no .yaml or .yml file")] {
            let text = format!("version: 1\nrules:\n  folders: [{name}]\n");
            std::fs::write(&path, text).unwrap();
            let error = read_policy(Source::file("policy", &path)).err().unwrap().to_string();
            assert!(error.starts_with("policy:3:13: rules.folders[0]: "), "{error}");
            assert!(error.contains(why), "{error}");
        }
        std::fs::remove_dir_all(folder).unwrap();
    }

    #[test]
    fn one_key_however_it_ends() {
        for bytes in ["k-0123", "k-0123\n", "k-0123\r\n", "k-0123 \t\r\n\n", "k-0123\0\n"] {
            let expected = if bytes.contains('\0') { "k-0123\0" } else { "k-0123" };
            assert_eq!(key(bytes.as_bytes()), expected.as_bytes());
        }
        assert_eq!(key(b" \x00k"), b" \x00k");
    }

    #[test]
    fn formats_have_one_numbering() {
        for (number, known) in (0..).zip(Format::ALL) {
            assert_eq!(format::number(known), number);
            assert_eq!(format::numbered("format", number.into()).unwrap(), known);
            assert_eq!(format::named("format", known.name()).unwrap(), known);
        }
        assert_eq!(format::number(Format::default()), 0, "the default is the first");
        for wrong in [-1, 255] {
            assert!(format::numbered("format", wrong).is_err());
        }
        let error = format::named("format", "json").unwrap_err().to_string();
        assert!(error.starts_with("format: `json` is none of `native`, `"), "{error}");
    }

    #[test]
    fn the_default_policy_is_one() {
        let ready = || Setup::default().ready().unwrap().policy;
        assert!(Arc::ptr_eq(&ready(), &ready()));
    }
}
