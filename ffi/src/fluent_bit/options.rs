//! Options of the filter, as Fluent Bit's configuration gives them.

use std::fs;
use std::sync::Arc;

use auditweir::{CompiledPolicy, Format, Policy};

/// What becomes of a stub.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum OnError {
    /// It goes on in place of the event.
    Stub,
    /// It is dropped, and counted.
    Drop,
}

/// Checked options.
pub(super) struct Options {
    pub(super) policy: Arc<CompiledPolicy>,
    pub(super) format: Format,
    /// Keys tried in turn for the event's text or map.
    pub(super) keys: Vec<Vec<u8>>,
    /// Whether `keys` come from the configuration.
    pub(super) own_key: bool,
    pub(super) on_error: OnError,
    /// One line for the log.
    pub(super) summary: String,
}

impl Options {
    /// Reads the options by name. Any error must keep Fluent Bit from starting: a filter that is
    /// set up wrongly redacts other things than its owner believes.
    pub(super) fn read(get: impl Fn(&'static str) -> Option<String>) -> Result<Self, String> {
        let format = match get("format") {
            None => Format::Native,
            Some(name) => Format::named(&name).ok_or_else(|| {
                format!("format: `{name}` is none of `native`, `ecs`, `ocsf`, `otel`")
            })?,
        };
        let on_error = match get("on_error").as_deref() {
            None | Some("stub") => ("stub", OnError::Stub),
            Some("drop") => ("drop", OnError::Drop),
            Some(other) => return Err(format!("on_error: `{other}` is neither `stub` nor `drop`")),
        };
        let (policy, from) = match get("policy") {
            None => (Policy::default(), "built in".to_owned()),
            Some(path) => {
                let text = fs::read_to_string(&path)
                    .map_err(|error| format!("policy: {path}: {error}"))?;
                (Policy::from_yaml(&text).map_err(|error| format!("{path}: {error}"))?, path)
            }
        };
        let mut policy = policy.compile().map_err(|error| format!("{from}: {error}"))?;
        let mut keyed = "no";
        if let Some(path) = get("pseudonym_key_file") {
            let key =
                fs::read(&path).map_err(|error| format!("pseudonym_key_file: {path}: {error}"))?;
            policy = policy
                .with_pseudonym_key(trim(&key))
                .map_err(|error| format!("pseudonym_key_file: {path}: {error}"))?;
            keyed = "yes";
        }
        let key = get("key");
        let summary = format!(
            "auditweir {}: policy {from}, format {}, key {}, on_error {}, pseudonym key {keyed}",
            env!("CARGO_PKG_VERSION"),
            format.name(),
            key.as_deref().unwrap_or("log or message"),
            on_error.0,
        );
        Ok(Self {
            policy: Arc::new(policy),
            format,
            own_key: key.is_some(),
            keys: match key {
                Some(key) => vec![key.into_bytes()],
                None => vec![b"log".to_vec(), b"message".to_vec()],
            },
            on_error: on_error.1,
            summary,
        })
    }
}

/// Without the line end that editors and `echo` put behind a key.
fn trim(key: &[u8]) -> &[u8] {
    let key = key.strip_suffix(b"\n").unwrap_or(key);
    key.strip_suffix(b"\r").unwrap_or(key)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(options: &[(&str, &str)]) -> Result<Options, String> {
        Options::read(|name| {
            options.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).into())
        })
    }

    #[test]
    fn errors_name_the_option() {
        for (name, value, part) in [
            ("format", "json", "`json` is none of"),
            ("on_error", "pass", "`pass` is neither"),
            ("policy", "/nowhere.yaml", "/nowhere.yaml: No such file"),
            ("pseudonym_key_file", "/nowhere.key", "/nowhere.key: No such file"),
        ] {
            let error = read(&[(name, value)]).err().unwrap();
            assert!(error.starts_with(name) && error.contains(part), "{error}");
        }
        assert!(read(&[]).unwrap().summary.contains("policy built in, format native"));
    }

    #[test]
    fn keys_lose_their_line_end() {
        assert_eq!(trim(b"key\r\n"), b"key");
        assert_eq!(trim(b"key\n\n"), b"key\n");
        assert_eq!(trim(b"key"), b"key");
    }
}
