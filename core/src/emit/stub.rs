//! What stands in for an event that must not be passed on: enough to know that something was
//! there and to find it at the source, nothing a client could have put a secret into. How it is
//! written is each format's own.

use super::layout::{Doc, Placed};
use super::line::Line;
use crate::enrich::origin::Origin;
use crate::enrich::text::Text;
use crate::policy::Output;
use crate::reason::Reason;
use crate::redact::Harmless;
use crate::scan::key::Key;
use crate::text::Timestamp;

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
    pub(crate) origin: Origin<'a>,
    pub(crate) output: &'a Output,
    /// The time of the event before.
    pub(crate) last: Option<Timestamp<'a>>,
}

/// What layouts ask for; see [`crate::enrich::facts`].
impl<'a> Stub<'a> {
    fn kept(&self, key: Key) -> Option<Text<'a>> {
        self.kept.get(key).map(Text::fixed)
    }

    pub(super) fn level(&self) -> Option<Text<'a>> {
        self.kept(Key::Level)
    }

    pub(super) fn audit_id(&self) -> Option<Text<'a>> {
        self.kept(Key::AuditId)
    }

    /// The same, else the document id.
    pub(super) fn any_id(&self) -> Text<'a> {
        self.audit_id().unwrap_or(Text::fixed(self.id))
    }

    pub(super) fn stage(&self) -> Option<Text<'a>> {
        self.kept(Key::Stage)
    }

    pub(super) fn verb(&self) -> Option<Text<'a>> {
        self.kept(Key::Verb)
    }

    pub(super) fn staged(&self) -> Option<Text<'a>> {
        self.kept(Key::StageTimestamp)
    }

    /// Its own time, else that of the event before.
    pub(super) fn time(&self) -> Option<Timestamp<'a>> {
        self.kept.get(Key::StageTimestamp).and_then(Timestamp::read).or(self.last)
    }

    pub(super) fn document_id(&self) -> Text<'a> {
        Text::fixed(self.id)
    }

    pub(super) fn stub_reason(&self) -> &'static str {
        self.reason.as_str()
    }

    pub(super) fn stub_bytes(&self) -> u64 {
        self.bytes as u64
    }

    pub(super) fn stub_offset(&self) -> Option<u64> {
        self.offset.map(u64::from)
    }

    pub(super) fn stub_rejected(&self) -> Option<bool> {
        self.rejected.then_some(true)
    }
}

/// A stub as a document under construction.
pub(in crate::emit) struct StubDocument<'s, 'o, const OTEL: bool> {
    pub(super) facts: &'s Stub<'s>,
    pub(super) line: Line<'o>,
}

impl<'s, 'o, const OTEL: bool> StubDocument<'s, 'o, OTEL> {
    pub(super) fn new(facts: &'s Stub<'s>, out: &'o mut Vec<u8>) -> Self {
        Self { facts, line: Line { out, most: usize::MAX } }
    }

    /// What the policy says about output.
    pub(super) fn output(&self) -> &'s Output {
        self.facts.output
    }

    /// Writes a stub as one line of JSON, by a layout of a format.
    pub(super) fn write(facts: &'s Stub<'s>, out: &'o mut Vec<u8>, layout: fn(&mut Self)) {
        out.push(b'{');
        let mut document = Self::new(facts, out);
        layout(&mut document);
        document.line.out.pop();
        document.line.put(b"}\n");
    }
}

impl<'s, const OTEL: bool> Placed<'s> for StubDocument<'s, '_, OTEL> {
    fn origin(&self) -> Origin<'s> {
        self.facts.origin
    }

    fn told(&self) -> Origin<'s> {
        self.facts.origin
    }
}

impl<'o, const OTEL: bool> Doc<'o> for StubDocument<'_, 'o, OTEL> {
    const OTEL: bool = OTEL;

    fn line(&mut self) -> &mut Line<'o> {
        &mut self.line
    }
}
