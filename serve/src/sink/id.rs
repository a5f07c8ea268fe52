//! The document id of a clean line: what the filter wrote into it, in each format the same.
//!
//! Not the line itself: it may hold the time of the event before, or a name that a later version
//! writes, and would have another id when the API server sends its batch again.

use auditweir::Format;
use serde::Deserialize;
use serde_json::value::RawValue;
use sha2::{Digest as _, Sha256};

#[derive(Deserialize)]
struct Native<'a> {
    #[serde(borrow)]
    auditweir: Id<'a>,
}

#[derive(Deserialize)]
struct Id<'a> {
    id: &'a str,
}

#[derive(Deserialize)]
struct Ecs<'a> {
    #[serde(borrow)]
    event: Hash<'a>,
}

#[derive(Deserialize)]
struct Hash<'a> {
    hash: &'a str,
}

#[derive(Deserialize)]
struct Ocsf<'a> {
    #[serde(borrow)]
    metadata: Uid<'a>,
}

#[derive(Deserialize)]
struct Uid<'a> {
    uid: &'a str,
}

/// OTLP, of which each line has one record.
#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Otel<'a> {
    #[serde(borrow)]
    resource_logs: (ResourceLogs<'a>,),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ResourceLogs<'a> {
    #[serde(borrow)]
    scope_logs: (ScopeLogs<'a>,),
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct ScopeLogs<'a> {
    #[serde(borrow)]
    log_records: (LogRecord<'a>,),
}

#[derive(Deserialize)]
struct LogRecord<'a> {
    #[serde(borrow)]
    attributes: Vec<Attribute<'a>>,
}

#[derive(Deserialize)]
struct Attribute<'a> {
    key: &'a str,
    #[serde(borrow)]
    value: &'a RawValue,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct AnyValue<'a> {
    string_value: &'a str,
}

/// Reads the id of a line in one of the formats.
fn own(line: &[u8], format: Format) -> Option<&str> {
    Some(match format {
        Format::Native => serde_json::from_slice::<Native<'_>>(line).ok()?.auditweir.id,
        Format::Ecs => serde_json::from_slice::<Ecs<'_>>(line).ok()?.event.hash,
        Format::Ocsf => serde_json::from_slice::<Ocsf<'_>>(line).ok()?.metadata.uid,
        Format::Otel => {
            let (resource,) = serde_json::from_slice::<Otel<'_>>(line).ok()?.resource_logs;
            let (scope,) = resource.scope_logs;
            let (record,) = scope.log_records;
            let uid = record.attributes.iter().find(|one| one.key == "log.record.uid")?;
            serde_json::from_str::<AnyValue<'_>>(uid.value.get()).ok()?.string_value
        }
        #[allow(unreachable_patterns, reason = "formats may be added")]
        _ => return None,
    })
}

/// The id of a line that the filter wrote in this format. A line without one that can be told gets
/// a hash of itself: equal lines are then one document, as they are with the filter's own.
pub(super) fn document(line: &[u8], format: Format) -> String {
    match own(line, format) {
        Some(id) if id.len() == 32 && id.bytes().all(|byte| byte.is_ascii_hexdigit()) => id.into(),
        _ => {
            let digest = Sha256::digest(line);
            digest[..16].iter().fold(String::from("line-"), |mut id, byte| {
                for nibble in [byte >> 4, byte & 15] {
                    id.extend(char::from_digit(u32::from(nibble), 16));
                }
                id
            })
        }
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Arc;

    use auditweir::{Filter, Policy};

    use super::*;

    /// Whatever the filter writes has an id of its own in it, which no format changes.
    #[test]
    fn every_line_of_the_filter_has_one() {
        let event = r#"{"auditID":"a","stage":"Panic","verb":"get","level":"Metadata","user":{"username":"a\"\\"},"annotations":{"log.record.uid":"x"},"x":{"id":"f","hash":1,"uid":2}}"#;
        let inputs = [event, "{\"auditID\":\"cut", "42", "{\"kind\":\"Pod\"}", "[{]"];
        let ids = |format| {
            let policy = Arc::new(Policy::default().compile().expect("policy"));
            let mut filter = Filter::new(policy, format);
            inputs.map(|input| {
                let mut lines = Vec::new();
                filter.apply(input.as_bytes(), &mut lines);
                let id = document(lines.trim_ascii_end(), format);
                assert!(!id.starts_with("line-") && id.len() == 32, "{format:?} {input}: {id}");
                id
            })
        };
        let native = ids(Format::Native);
        for format in [Format::Ecs, Format::Ocsf, Format::Otel] {
            assert_eq!(ids(format), native, "{format:?}");
        }
        assert!(document(b"{}", Format::Native).starts_with("line-"));
        assert_eq!(document(b"{}", Format::Native).len(), 37);
    }
}
