//! What stands in for an event that must not be passed on: enough to know that something was
//! there and to find it at the source, nothing a client could have put a secret into.

use super::Format;
use super::line::decimal;
use crate::detect::{Detectors, Hit};
use crate::enrich::Timestamp;
use crate::enrich::text::Text;
use crate::policy::CompiledPolicy;
use crate::scan::Kind;
use crate::scan::doc::{Doc, Value};
use crate::scan::key::Key;

/// Members of the event that a stub may keep, in this order.
const KEPT: [Key; 5] = [Key::Level, Key::AuditId, Key::Stage, Key::Verb, Key::StageTimestamp];

/// `@timestamp` when nothing else gives one: data streams refuse documents without.
const NO_TIME: &[u8] = b"1970-01-01T00:00:00Z";

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

/// The time of the last event that had one: the best guess for an event or stub without.
#[derive(Default)]
pub(crate) struct LastTime {
    text: Vec<u8>,
}

impl LastTime {
    /// Remembers a time.
    pub(crate) fn set(&mut self, time: Timestamp<'_>) {
        self.text.clear();
        time.write(&mut self.text);
    }

    /// Appends it, or 1970 when there was none.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(if self.text.is_empty() { NO_TIME } else { &self.text });
    }
}

/// Appends the stub as one line. `found` is what was scanned of the event, if anything.
///
/// In `ecs` the same stands under `kubernetes.audit`, with the members that every document of the
/// data stream has; the `auditweir` object is outermost in both, so that hosts know a stub.
pub(crate) fn write(
    stub: &Stub<'_>,
    found: Option<Value<'_>>,
    policy: &CompiledPolicy,
    format: Format,
    last: &LastTime,
    out: &mut Vec<u8>,
) {
    let kept = KEPT.map(|key| {
        found
            .and_then(|root| find(root, key))
            .map(Value::raw_text)
            .filter(|text| harmless(key, text, &policy.detectors))
    });
    match format {
        Format::Native => {
            out.push(b'{');
            event(kept, out);
        }
        Format::Ecs => {
            let [_, audit_id, stage, verb, time] = kept;
            let time = time.and_then(|text| Timestamp::read(Text::fixed(text)));
            out.extend_from_slice(b"{\"@timestamp\":\"");
            match time {
                Some(time) => time.write(out),
                None => last.write(out),
            }
            out.extend_from_slice(b"\",");
            out.extend_from_slice(&policy.constants.head);
            out.extend_from_slice(&policy.constants.stub_event);
            out.extend_from_slice(b"\"id\":\"");
            out.extend_from_slice(audit_id.unwrap_or(stub.id));
            out.extend_from_slice(b"\",\"hash\":\"");
            out.extend_from_slice(stub.id);
            out.push(b'"');
            for (key, text) in [(&b"action"[..], verb), (b"code", stage)] {
                if let Some(text) = text {
                    member(key, text, out);
                }
            }
            member(b"reason", stub.reason.as_bytes(), out);
            out.extend_from_slice(b"},\"tags\":[\"stub\"],\"kubernetes\":{\"audit\":{");
            event(kept, out);
            out.extend_from_slice(b"}}");
        }
    }
    out.extend_from_slice(b",\"auditweir\":{\"v\":1,\"id\":\"");
    out.extend_from_slice(stub.id);
    out.extend_from_slice(b"\",\"stub\":\"");
    out.extend_from_slice(stub.reason.as_bytes());
    out.extend_from_slice(b"\",\"bytes\":");
    decimal(stub.bytes as u64, out);
    if let Some(offset) = stub.offset {
        out.extend_from_slice(b",\"offset\":");
        decimal(u64::from(offset), out);
    }
    if stub.rejected {
        out.extend_from_slice(b",\"rejected\":true");
    }
    out.extend_from_slice(b"}}\n");
}

fn event(kept: [Option<&[u8]>; KEPT.len()], out: &mut Vec<u8>) {
    out.extend_from_slice(b"\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\"");
    for (key, text) in KEPT.iter().zip(kept) {
        if let Some(text) = text {
            member(key.text(), text, out);
        }
    }
}

fn member(key: &[u8], text: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(b",\"");
    out.extend_from_slice(key);
    out.extend_from_slice(b"\":\"");
    out.extend_from_slice(text);
    out.push(b'"');
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
