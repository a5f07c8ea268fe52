//! Options of the filter, as Fluent Bit's configuration gives them.

use std::path::Path;

use auditweir_shell::{Ready, Setup, Source, format};

/// The file that an option names.
fn file<'a>(option: &str, path: Option<&'a String>) -> Option<Source<'a>> {
    path.map(|path| Source::file(format!("{option}: {path}"), Path::new(path)))
}

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
    pub(super) ready: Ready,
    /// Keys tried in turn for the event's text or map.
    pub(super) keys: Vec<Vec<u8>>,
    /// Whether `keys` come from the configuration.
    pub(super) own_key: bool,
    pub(super) on_error: OnError,
    /// The one key under which a clean line goes on as text; without it its members become fields.
    pub(super) text_key: Option<Vec<u8>>,
    /// One line for the log.
    pub(super) summary: String,
}

impl Options {
    /// Reads the options by name. Any error must keep Fluent Bit from starting: a filter that is
    /// set up wrongly redacts other things than its owner believes.
    pub(super) fn read(get: impl Fn(&'static str) -> Option<String>) -> Result<Self, String> {
        let on_error = match get("on_error").as_deref() {
            None | Some("stub") => ("stub", OnError::Stub),
            Some("drop") => ("drop", OnError::Drop),
            Some(other) => return Err(format!("on_error: `{other}` is neither `stub` nor `drop`")),
        };
        let (policy, key_file) = (get("policy"), get("pseudonym_key_file"));
        let asked = get("format").map(|name| format::named("format", &name)).transpose();
        let ready = asked
            .and_then(|format| {
                let policy = file("policy", policy.as_ref());
                Setup { policy, key: file("pseudonym_key_file", key_file.as_ref()), format }.ready()
            })
            .map_err(|error| error.to_string())?;
        let key = get("key");
        let text_key = get("text_key");
        if text_key.as_deref() == Some("") {
            return Err("text_key: a key has a name".into());
        }
        let summary = format!(
            "auditweir {}: policy {}, format {}, key {}, {}, on_error {}, pseudonym key {}",
            env!("CARGO_PKG_VERSION"),
            policy.as_deref().unwrap_or("built in"),
            ready.format.name(),
            key.as_deref().unwrap_or("log or message"),
            text_key.as_ref().map_or("fields".into(), |key| format!("text under {key}")),
            on_error.0,
            if key_file.is_some() { "yes" } else { "no" },
        );
        Ok(Self {
            ready,
            own_key: key.is_some(),
            keys: match key {
                Some(key) => vec![key.into_bytes()],
                None => vec![b"log".to_vec(), b"message".to_vec()],
            },
            on_error: on_error.1,
            text_key: text_key.map(String::into_bytes),
            summary,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(options: &[(&str, &str)]) -> Result<Options, String> {
        Options::read(|name| {
            options.iter().find(|(known, _)| *known == name).map(|(_, value)| (*value).into())
        })
    }

    /// The file of a key is one key, however it ends.
    #[test]
    fn keys_lose_the_white_space_at_their_end() {
        let folder = std::env::temp_dir().join(format!("auditweir-key-{}", std::process::id()));
        std::fs::create_dir_all(&folder).unwrap();
        let (policy, key) = (folder.join("policy.yaml"), folder.join("key"));
        std::fs::write(&policy, "version: 1\nredact: {secrets: pseudonym}").unwrap();
        let event = br#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Request","auditID":"1","stage":"ResponseComplete","verb":"create","requestURI":"/api/v1/namespaces/a/secrets","objectRef":{"resource":"secrets","apiVersion":"v1"},"requestObject":{"kind":"Secret","data":{"p":"aHVudGVyMg=="}}}"#;
        let outputs = ["", "\n", "\r\n", " \n\n"].map(|end| {
            std::fs::write(&key, format!("k-0123456789abcdef{end}")).unwrap();
            let options = [
                ("policy", policy.to_str().unwrap()),
                ("pseudonym_key_file", key.to_str().unwrap()),
            ];
            let mut out = Vec::new();
            crate::stream(read(&options).unwrap().ready).record(event, &mut out);
            String::from_utf8(out).unwrap()
        });
        std::fs::remove_dir_all(&folder).unwrap();
        assert!(outputs[0].contains("[pseudonym:"), "{}", outputs[0]);
        assert!(outputs.iter().all(|output| *output == outputs[0]), "{outputs:?}");
    }

    #[test]
    fn errors_name_the_option() {
        for (name, value, part) in [
            ("format", "json", "`json` is none of"),
            ("on_error", "pass", "`pass` is neither"),
            ("text_key", "", "a key has a name"),
            ("policy", "/nowhere.yaml", "/nowhere.yaml: No such file"),
            ("pseudonym_key_file", "/nowhere.key", "/nowhere.key: No such file"),
        ] {
            let error = read(&[(name, value)]).err().unwrap();
            assert!(error.starts_with(name) && error.contains(part), "{error}");
        }
        assert!(read(&[]).unwrap().summary.contains("policy built in, format native"));
    }
}
