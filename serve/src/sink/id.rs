//! The document id of a clean line: what the filter wrote into it.

use auditweir::Format;
use serde::Deserialize;
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

/// The id of a line that the filter wrote in this format. A line without one that can be told gets
/// a hash of itself: equal lines are then one document, as they are with the filter's own.
pub(super) fn document(line: &[u8], format: Format) -> String {
    let own = match format {
        Format::Native => {
            serde_json::from_slice::<Native<'_>>(line).ok().map(|line| line.auditweir.id)
        }
        Format::Ecs => serde_json::from_slice::<Ecs<'_>>(line).ok().map(|line| line.event.hash),
        #[allow(unreachable_patterns, reason = "formats may be added")]
        _ => None,
    };
    match own {
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

    /// Whatever the filter writes has an id of its own in it.
    #[test]
    fn every_line_of_the_filter_has_one() {
        let event = r#"{"auditID":"a","stage":"Panic","verb":"get","level":"Metadata","x":{"id":"f","hash":1}}"#;
        let inputs = [event, "{\"auditID\":\"cut", "42", "{\"kind\":\"Pod\"}", "[{]"];
        for format in [Format::Native, Format::Ecs] {
            let policy = Arc::new(Policy::default().compile().expect("policy"));
            let mut filter = Filter::new(policy, format);
            for input in inputs {
                let mut lines = Vec::new();
                filter.apply(input.as_bytes(), &mut lines);
                let id = document(lines.trim_ascii_end(), format);
                assert!(!id.starts_with("line-") && id.len() == 32, "{format:?} {input}: {id}");
            }
        }
        assert!(document(b"{}", Format::Native).starts_with("line-"));
        assert_eq!(document(b"{}", Format::Native).len(), 37);
    }
}
