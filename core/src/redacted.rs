//! The event as redacted: what every later stage reads, and the only way it may.
//!
//! Every byte of the input that reaches the output goes through [`Redacted::copy`], which applies
//! the edits, or comes from a range that [`Redacted::fate`] calls intact.

use crate::decide::Lowered;
use crate::event::{Event, Slot};
use crate::identity::IdentityKey;
use crate::redact::{Redactor, Rules};
use crate::scan::Kind;
use crate::scan::doc::Value;
use crate::text::decimal;
use crate::unwrap::Envelope;

/// One event and what redaction decided about it.
#[derive(Clone, Copy)]
pub(crate) struct Redacted<'a> {
    pub(crate) event: &'a Event<'a>,
    pub(crate) redactor: &'a Redactor,
    pub(crate) rules: &'a Rules,
    pub(crate) identity: IdentityKey,
    pub(crate) envelope: &'a Envelope,
    /// Document id: 32 lower case hex digits.
    pub(crate) id: &'a [u8; 32],
    /// The level was lowered; the edits take out what is above it.
    pub(crate) lowered: Option<Lowered>,
}

/// What the edits do to a range of the source.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fate {
    /// Nothing.
    Intact,
    /// Something inside it changes.
    Inside,
    /// One edit replaces all of it.
    Replaced,
    /// It goes, with what is around it.
    Removed,
}

impl<'a> Redacted<'a> {
    /// Appends `start..end` of the source as redacted.
    pub(crate) fn copy(&self, start: u32, end: u32, out: &mut Vec<u8>) {
        self.redactor.edits.copy(self.event.doc.src, start, end, out);
    }

    /// What the edits do to `start..end`, the range of a value or of a member.
    #[inline]
    pub(crate) fn fate(&self, start: u32, end: u32) -> Fate {
        if self.redactor.edits.is_empty() {
            return Fate::Intact;
        }
        match self.redactor.edits.within(start, end) {
            [] => Fate::Intact,
            [first, ..] if first.start < start => Fate::Removed,
            [first, ..] if first.start == start && first.end >= end => Fate::Replaced,
            _ => Fate::Inside,
        }
    }

    /// Whether a value leaves as it came.
    #[inline]
    pub(crate) fn is_intact(&self, value: Value<'_>) -> bool {
        let node = value.node();
        self.fate(node.start, node.end) == Fate::Intact
    }

    /// Whether a member leaves at all.
    #[inline]
    pub(crate) fn has(&self, key: Value<'_>, value: Value<'_>) -> bool {
        matches!(self.fate(key.node().start, value.node().end), Fate::Intact | Fate::Inside)
    }

    /// The inside of what a string value leaves as, escapes kept; `None` when it leaves as
    /// something else or not at all. `buffer` is overwritten when there is anything to change.
    pub(crate) fn inside<'t>(&self, value: Value<'t>, buffer: &'t mut Vec<u8>) -> Option<&'t [u8]> {
        let node = value.node();
        match self.fate(node.start, node.end) {
            Fate::Removed => None,
            Fate::Intact => (node.kind == Kind::String).then(|| value.raw_text()),
            Fate::Inside | Fate::Replaced => {
                buffer.clear();
                self.copy(node.start, node.end, buffer);
                buffer.strip_prefix(b"\"")?.strip_suffix(b"\"")
            }
        }
    }

    /// A body that the level lets through and redaction has left an object or array.
    pub(crate) fn body(&self, slot: Slot) -> Option<Value<'a>> {
        self.event.get(slot).filter(|value| {
            let node = value.node();
            matches!(self.fate(node.start, node.end), Fate::Intact | Fate::Inside)
        })
    }

    /// Appends `,"lowered":{…}` when the level was, and `,"redactions":[…]` when there are any.
    pub(crate) fn receipts(&self, out: &mut Vec<u8>) {
        if let Some(lowered) = self.lowered {
            out.extend_from_slice(b",\"lowered\":{");
            if let Some(from) = lowered.from {
                out.extend_from_slice(b"\"from\":\"");
                out.extend_from_slice(from.name().as_bytes());
                out.extend_from_slice(b"\",");
            }
            out.extend_from_slice(b"\"to\":\"");
            out.extend_from_slice(lowered.to.name().as_bytes());
            out.extend_from_slice(b"\",\"rule\":");
            decimal(u64::from(lowered.rule), out);
            out.push(b'}');
        }
        self.redactor.write_receipts(self.event, self.rules, out);
    }
}
