//! What a stub may keep of an event that is not passed on: members that nobody could have put a
//! secret into.

use crate::detect::{Detectors, Hit};
use crate::scan::Kind;
use crate::scan::doc::Value;
use crate::scan::key::Key;

/// Members of the event that a stub may keep, in this order.
pub(crate) const KEPT: [Key; 5] =
    [Key::Level, Key::AuditId, Key::Stage, Key::Verb, Key::StageTimestamp];

/// The members of the event that are harmless.
pub(crate) struct Harmless<'a>([Option<&'a [u8]>; KEPT.len()]);

impl<'a> Harmless<'a> {
    /// Reads them out of what was scanned of an event.
    pub(crate) fn read(found: Option<Value<'a>>, detectors: &Detectors) -> Self {
        Self(KEPT.map(|key| {
            found
                .and_then(|root| find(root, key))
                .map(Value::raw_text)
                .filter(|text| harmless(key, text, detectors))
        }))
    }

    /// One of them.
    pub(crate) fn get(&self, key: Key) -> Option<&'a [u8]> {
        self.members().find_map(|(name, text)| (name == key).then_some(text))
    }

    /// Those that are there, in order.
    pub(crate) fn members(&self) -> impl Iterator<Item = (Key, &'a [u8])> {
        KEPT.into_iter().zip(self.0).filter_map(|(key, text)| Some((key, text?)))
    }
}

/// The first string member of this name directly in `root`, also when `root` was never closed.
fn find(root: Value<'_>, key: Key) -> Option<Value<'_>> {
    let nodes = root.doc.nodes;
    let depth = root.node().depth + 1;
    let end = if root.node().end == 0 { nodes.len() } else { root.node().next as usize };
    let name = (root.index as usize + 1..end.saturating_sub(1)).find(|at| {
        let node = &nodes[*at];
        node.kind == Kind::Key && node.depth == depth && node.key == key as u8
    })?;
    let value = root.doc.at(name as u32 + 1);
    (value.kind() == Kind::String && !value.is_escaped()).then_some(value)
}

/// Something the API server can have put there; for `auditID`, which clients choose, short, of
/// identifier characters only, and no detector fires.
fn harmless(key: Key, text: &[u8], detectors: &Detectors) -> bool {
    match key {
        Key::Level => matches!(text, b"None" | b"Metadata" | b"Request" | b"RequestResponse"),
        Key::Stage => {
            matches!(text, b"RequestReceived" | b"ResponseStarted" | b"ResponseComplete" | b"Panic")
        }
        Key::Verb => matches!(
            text,
            b"get"
                | b"list"
                | b"watch"
                | b"create"
                | b"update"
                | b"patch"
                | b"delete"
                | b"deletecollection"
                | b"connect"
                | b"proxy"
                | b"head"
                | b"post"
                | b"put"
                | b"options"
                | b"trace"
        ),
        Key::StageTimestamp => {
            text.len() <= 35
                && text.iter().all(|b| {
                    b.is_ascii_digit() || matches!(b, b'-' | b':' | b'.' | b'+' | b'T' | b'Z')
                })
        }
        _ => {
            let plain = text.len() <= 64
                && text
                    .iter()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':'));
            let mut hits: Vec<Hit> = Vec::new();
            if plain {
                detectors.scan(text, &mut hits);
            }
            plain && hits.is_empty()
        }
    }
}
