//! What stands in for an event that must not be passed on: enough to know that something was
//! there and to find it at the source, nothing a client could have put a secret into. How it is
//! written is each format's own.

use super::layout::Doc;
use super::line::Line;
use super::origin::{Origin, Place};
use crate::reason::Reason;
use crate::redact::Harmless;
use crate::scan::key::Key;
use crate::text::{Timestamp, decimal};
use crate::unwrap::{Envelope, Fact};

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
    pub(crate) kept: Harmless<'a>,
    /// What is known of where it comes from.
    pub(crate) envelope: Option<&'a Envelope>,
    /// The time of the event before.
    pub(crate) last: Option<Timestamp<'a>>,
}

impl<'a> Stub<'a> {
    pub(super) fn level(&self) -> Option<&'a [u8]> {
        self.kept.get(Key::Level)
    }

    pub(super) fn audit_id(&self) -> Option<&'a [u8]> {
        self.kept.get(Key::AuditId)
    }

    pub(super) fn stage(&self) -> Option<&'a [u8]> {
        self.kept.get(Key::Stage)
    }

    pub(super) fn verb(&self) -> Option<&'a [u8]> {
        self.kept.get(Key::Verb)
    }

    /// Its own time, else that of the event before.
    pub(super) fn time(&self) -> Option<Timestamp<'a>> {
        self.kept.get(Key::StageTimestamp).and_then(Timestamp::read).or(self.last)
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
        for (key, text) in self.kept.members() {
            member(key.text(), text, out);
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

/// Appends a member, a comma before it.
pub(super) fn member(key: &[u8], text: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(b",\"");
    out.extend_from_slice(key);
    out.extend_from_slice(b"\":\"");
    out.extend_from_slice(text);
    out.push(b'"');
}
