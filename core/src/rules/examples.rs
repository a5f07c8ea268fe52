//! The examples that a rule brings: events it matches, near misses, and events it cannot tell of.
//!
//! An example is written as a merge patch of the rule's `base`, which is one of an ordinary event.

use super::RuleText;
use super::error::RuleError;
use super::yaml::{self, Node, Yaml};
use crate::text::escape;

/// What a rule must answer about an example.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum Expected {
    /// A match.
    Match,
    /// Nothing.
    NearMiss,
    /// That it cannot tell.
    CannotTell,
}

/// An example of a rule.
#[derive(Clone, Debug)]
#[non_exhaustive]
pub struct Example {
    /// Id of the rule.
    pub rule: String,
    /// What it must answer.
    pub expected: Expected,
    /// The events, each one line of JSON; more than one for a rule over several.
    pub events: Vec<String>,
    /// Where it stands.
    pub line: u64,
}

const ORDINARY: &str = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse",
"auditID":"00000000-0000-4000-8000-000000000000","stage":"ResponseComplete","verb":"get",
"user":{"username":"jane","groups":["system:authenticated"]},"sourceIPs":["10.1.2.3"],
"userAgent":"kubectl/v1.34.1","requestURI":"/api","responseStatus":{"code":200},
"requestReceivedTimestamp":"2026-11-26T10:00:00.000000Z",
"stageTimestamp":"2026-11-26T10:00:00.010000Z",
"annotations":{"authorization.k8s.io/decision":"allow"}}"#;

/// The examples in a text of rules.
pub fn examples(text: &RuleText<'_>) -> Result<Vec<Example>, RuleError> {
    let mut found = Vec::new();
    for document in yaml::documents(text.text, text.file)? {
        let rule = document.get("id").and_then(|id| id.text("`id`").ok()).unwrap_or_default();
        let Some(examples) = document.get("custom").and_then(|custom| custom.get("examples"))
        else {
            continue;
        };
        let mut base = yaml::documents(ORDINARY, text.file)?.remove(0);
        for (kind, node) in examples.map("`examples`").map_err(|e| e.within(text.file))? {
            let expected = match kind.as_str() {
                "base" => {
                    merge(&mut base, node);
                    continue;
                }
                "match" | "sequence-match" => Expected::Match,
                "near-miss" | "sequence-near-miss" => Expected::NearMiss,
                "cannot-tell" => Expected::CannotTell,
                _ => {
                    let error = node.error("examples are match, near-miss and cannot-tell");
                    return Err(error.within(text.file));
                }
            };
            for item in node.items() {
                let event = |patch: &Node| {
                    let mut event = base.clone();
                    number(&mut event, text.file, item.line);
                    merge(&mut event, patch);
                    let mut json = Vec::new();
                    write(&event, &mut json);
                    String::from_utf8_lossy(&json).into_owned()
                };
                found.push(Example {
                    rule: rule.to_owned(),
                    expected,
                    events: match (&item.value, kind.starts_with("sequence-")) {
                        (Yaml::List(events), true) => events.iter().map(event).collect(),
                        _ => vec![event(item)],
                    },
                    line: item.line,
                });
            }
        }
    }
    Ok(found)
}

/// Each example is a request of its own, with an auditID of its own.
fn number(event: &mut Node, file: &str, line: u64) {
    let Yaml::Map(members) = &mut event.value else { return };
    let of_file = file.bytes().fold(0_u64, |hash, byte| {
        (hash ^ u64::from(byte)).wrapping_mul(0x0100_0000_01b3) & 0xffff_ffff
    });
    for (_, member) in members.iter_mut().filter(|(name, _)| name == "auditID") {
        if matches!(&member.value, Yaml::Text(id) if ORDINARY.contains(id.as_str())) {
            let tail = (of_file << 16 | line & 0xffff) & 0xffff_ffff_ffff;
            member.value = Yaml::Text(format!("00000000-0000-4000-8000-{tail:012x}"));
        }
    }
}

/// A merge patch, as RFC 7396 has it.
fn merge(target: &mut Node, patch: &Node) {
    let Yaml::Map(changes) = &patch.value else {
        *target = patch.clone();
        return;
    };
    if !matches!(target.value, Yaml::Map(_)) {
        target.value = Yaml::Map(Vec::new());
    }
    let Yaml::Map(members) = &mut target.value else { return };
    for (key, value) in changes {
        if value.value == Yaml::Null {
            members.retain(|(name, _)| name != key);
        } else if let Some((_, member)) = members.iter_mut().find(|(name, _)| name == key) {
            merge(member, value);
        } else {
            let mut member = Node { value: Yaml::Null, ..value.clone() };
            merge(&mut member, value);
            members.push((key.clone(), member));
        }
    }
}

fn write(node: &Node, out: &mut Vec<u8>) {
    let text = |text: &str, out: &mut Vec<u8>| {
        out.push(b'"');
        escape(text.as_bytes(), out);
        out.push(b'"');
    };
    match &node.value {
        Yaml::Null => out.extend_from_slice(b"null"),
        Yaml::Bool(value) => out.extend_from_slice(if *value { b"true" } else { b"false" }),
        Yaml::Integer(number) => out.extend_from_slice(number.to_string().as_bytes()),
        Yaml::Float(number) => out.extend_from_slice(number.to_string().as_bytes()),
        Yaml::Text(said) => text(said, out),
        Yaml::List(items) => {
            out.push(b'[');
            for (at, item) in items.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                write(item, out);
            }
            out.push(b']');
        }
        Yaml::Map(members) => {
            out.push(b'{');
            for (at, (key, value)) in members.iter().enumerate() {
                if at > 0 {
                    out.push(b',');
                }
                text(key, out);
                out.push(b':');
                write(value, out);
            }
            out.push(b'}');
        }
    }
}
