//! What stands in for an event that must not be passed on: enough to know that something was
//! there and to find it at the source, nothing a client could have put a secret into. How it is
//! written is each format's own.

use super::layout::Doc;
use super::line::Line;
use super::origin::{Origin, Place};
use crate::detect::{Detectors, Hit};
use crate::enrich::{Facts, Timestamp};
use crate::reason::Reason;
use crate::scan::Kind;
use crate::scan::doc::{self, Value};
use crate::scan::key::Key;
use crate::text::decimal;
use crate::unwrap::{Envelope, Fact};

/// Members of the event that a stub may keep, in this order.
const KEPT: [Key; 5] = [Key::Level, Key::AuditId, Key::Stage, Key::Verb, Key::StageTimestamp];

/// The members of the event that are harmless.
pub(crate) struct Kept<'a>([Option<&'a [u8]>; KEPT.len()]);

impl<'a> Kept<'a> {
    /// Reads them out of what was scanned of an event.
    pub(crate) fn read(found: Option<Value<'a>>, detectors: &Detectors) -> Self {
        Self(KEPT.map(|key| {
            found
                .and_then(|root| find(root, key))
                .map(Value::raw_text)
                .filter(|text| harmless(key, text, detectors))
        }))
    }

    fn time(&self) -> Option<Timestamp<'a>> {
        self.0[4].and_then(Timestamp::read)
    }
}

/// Why there is a stub, and of what.
pub(crate) struct Stub<'a> {
    pub(crate) reason: Reason,
    /// Byte offset the reason refers to.
    pub(crate) offset: Option<u32>,
    /// Length of the input in bytes.
    pub(crate) bytes: usize,
    /// Document id: 32 lower case hex digits.
    pub(crate) id: &'a [u8; 32],
    /// Whether no API server can have written the input.
    pub(crate) rejected: bool,
    pub(crate) kept: Kept<'a>,
    /// What is known of where it comes from.
    pub(crate) envelope: Option<&'a Envelope>,
    /// The time of the event before.
    pub(crate) last: Option<Timestamp<'a>>,
}

impl<'a> Stub<'a> {
    pub(super) fn level(&self) -> Option<&'a [u8]> {
        self.kept.0[0]
    }

    pub(super) fn audit_id(&self) -> Option<&'a [u8]> {
        self.kept.0[1]
    }

    pub(super) fn stage(&self) -> Option<&'a [u8]> {
        self.kept.0[2]
    }

    pub(super) fn verb(&self) -> Option<&'a [u8]> {
        self.kept.0[3]
    }

    /// Its own time, else that of the event before.
    pub(super) fn time(&self) -> Option<Timestamp<'a>> {
        self.kept.time().or(self.last)
    }

    /// A fact that the envelope around it says.
    pub(super) fn fact(&self, fact: Fact) -> Option<&'a [u8]> {
        self.envelope?.get(fact)
    }

    /// Appends an object of facts, a comma before it; nothing when none is known.
    pub(super) fn facts(&self, (open, members, close): &Group, out: &mut Vec<u8>) {
        let before = out.len();
        for (key, fact) in *members {
            let Some(text) = self.fact(*fact) else { continue };
            out.extend_from_slice(if out.len() == before { open } else { b"," });
            out.extend_from_slice(key);
            out.extend_from_slice(text);
            out.push(b'"');
            // a member of its own object: `"account":{"id":"`
            if key.contains(&b'{') {
                out.push(b'}');
            }
        }
        if out.len() > before {
            out.extend_from_slice(close);
        }
    }

    /// Appends what is left of the event, as members without a comma at the end.
    pub(super) fn event(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\"");
        for (key, text) in KEPT.iter().zip(self.kept.0) {
            if let Some(text) = text {
                member(key.text(), text, out);
            }
        }
    }

    /// Appends why there is a stub, as one object.
    pub(super) fn note(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"v\":1,\"id\":\"");
        out.extend_from_slice(self.id);
        out.extend_from_slice(b"\",\"stub\":\"");
        out.extend_from_slice(self.reason.as_bytes());
        out.extend_from_slice(b"\",\"bytes\":");
        decimal(self.bytes as u64, out);
        if let Some(offset) = self.offset {
            out.extend_from_slice(b",\"offset\":");
            decimal(u64::from(offset), out);
        }
        if self.rejected {
            out.extend_from_slice(b",\"rejected\":true");
        }
        out.push(b'}');
    }
}

/// A stub as a document that is laid out by table.
pub(in crate::emit) struct StubDocument<'s, 'o, const OTEL: bool> {
    pub(super) stub: &'s Stub<'s>,
    pub(super) origin: Origin<'s>,
    pub(super) line: Line<'o>,
}

impl<'s, 'o, const OTEL: bool> StubDocument<'s, 'o, OTEL> {
    pub(super) fn new(stub: &'s Stub<'s>, out: &'o mut Vec<u8>) -> Self {
        Self { stub, origin: Origin::of_stub(stub), line: Line { out, most: usize::MAX } }
    }

    pub(super) fn place(&mut self) -> Place<'s, '_, OTEL> {
        Place { origin: self.origin, line: self.line.again() }
    }
}

impl<'o, const OTEL: bool> Doc<'o> for StubDocument<'_, 'o, OTEL> {
    const OTEL: bool = OTEL;

    fn line(&mut self) -> &mut Line<'o> {
        &mut self.line
    }
}

/// An object of facts: what begins it, its members, what ends it.
pub(super) type Group = (&'static [u8], &'static [(&'static [u8], Fact)], &'static [u8]);

/// The time of the last event that had one: the best guess for an event or stub without, the same
/// in every format.
#[derive(Default)]
pub(crate) struct LastTime {
    text: Vec<u8>,
}

impl LastTime {
    /// Remembers the time of an event, if it has one.
    pub(crate) fn set(&mut self, facts: &Facts<'_>) {
        if let Some(time) = facts.staged.or(facts.received).or(facts.legacy) {
            self.text.clear();
            time.write(&mut self.text);
        }
    }

    /// Remembers the time of the record around an event: for one without a time of its own.
    pub(crate) fn set_record(&mut self, time: Timestamp<'_>) {
        self.text.clear();
        time.write(&mut self.text);
    }

    /// The time remembered.
    pub(crate) fn get(&self) -> Option<Timestamp<'_>> {
        Timestamp::read(&self.text)
    }
}

/// Appends a member, a comma before it.
pub(super) fn member(key: &[u8], text: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(b",\"");
    out.extend_from_slice(key);
    out.extend_from_slice(b"\":\"");
    out.extend_from_slice(text);
    out.push(b'"');
}

/// The first string member of this name directly in `root`, also when `root` was never closed.
fn find(root: Value<'_>, key: Key) -> Option<Value<'_>> {
    let doc::Doc { nodes, .. } = root.doc;
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
