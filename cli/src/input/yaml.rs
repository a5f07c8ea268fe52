//! YAML documents to JSON lines.

use serde_json::Value;

/// The documents of a YAML text, each as JSON. The error is `line:column`, without any of the
/// text.
pub(crate) fn to_json(text: &[u8]) -> Result<Vec<String>, String> {
    let text = std::str::from_utf8(text).map_err(|error| {
        let line = memchr::memchr_iter(b'\n', &text[..error.valid_up_to()]).count() + 1;
        format!("{line}:1")
    })?;
    let documents: Vec<Value> = serde_saphyr::from_multiple(text).map_err(|error| {
        error.location().map_or_else(|| "1:1".into(), |at| format!("{}:{}", at.line(), at.column()))
    })?;
    Ok(documents.iter().filter(|value| !value.is_null()).map(ToString::to_string).collect())
}
