//! What stands in for an event that must not be passed on: enough to know that something was
//! there and to find it at the source, nothing a client could have put a secret into.

use crate::detect::{Detectors, Hit};
use crate::scan::Kind;
use crate::scan::doc::{Doc, Value};
use crate::scan::key::Key;

/// Why there is a stub, and of what.
pub(crate) struct Stub<'a> {
    /// Stable kebab-case reason.
    pub(crate) reason: &'static str,
    /// Byte offset the reason refers to.
    pub(crate) offset: Option<u32>,
    /// Length of the input in bytes.
    pub(crate) bytes: usize,
    /// Document id: 32 lower case hex digits.
    pub(crate) id: &'a [u8; 32],
    /// Whether no API server can have written the input.
    pub(crate) rejected: bool,
}

/// Appends the stub as one line. `found` is what was scanned of the event, if anything.
pub(crate) fn write(
    stub: &Stub<'_>,
    found: Option<Value<'_>>,
    detectors: &Detectors,
    out: &mut Vec<u8>,
) {
    out.extend_from_slice(b"{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\"");
    if let Some(root) = found {
        for key in [Key::Level, Key::AuditId, Key::Stage, Key::Verb, Key::StageTimestamp] {
            if let Some(value) = find(root, key)
                && harmless(key, value.raw_text(), detectors)
            {
                out.extend_from_slice(b",\"");
                out.extend_from_slice(key.text());
                out.extend_from_slice(b"\":\"");
                out.extend_from_slice(value.raw_text());
                out.push(b'"');
            }
        }
    }
    out.extend_from_slice(b",\"auditweir\":{\"v\":1,\"id\":\"");
    out.extend_from_slice(stub.id);
    out.extend_from_slice(b"\",\"stub\":\"");
    out.extend_from_slice(stub.reason.as_bytes());
    out.extend_from_slice(b"\",\"bytes\":");
    out.extend_from_slice(stub.bytes.to_string().as_bytes());
    if let Some(offset) = stub.offset {
        out.extend_from_slice(b",\"offset\":");
        out.extend_from_slice(offset.to_string().as_bytes());
    }
    if stub.rejected {
        out.extend_from_slice(b",\"rejected\":true");
    }
    out.extend_from_slice(b"}}\n");
}

/// The first string member of this name directly in `root`, also when `root` was never closed.
fn find(root: Value<'_>, key: Key) -> Option<Value<'_>> {
    let Doc { nodes, .. } = root.doc;
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
