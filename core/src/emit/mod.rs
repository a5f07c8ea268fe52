//! From a redacted event to output bytes. One module per shape.
//!
//! Invariant: every byte of the input reaches the output through [`Emission::copy`], which applies
//! the edits, or from a range that [`Emission::fate`] calls intact, or not at all. One event gives
//! exactly one line.

mod audit;
mod body;
mod caller;
mod cap;
mod constants;
pub(crate) mod ecs;
pub mod fields;
mod line;
pub mod names;
pub(crate) mod native;
mod observed;
pub(crate) mod ocsf;
mod origin;
pub(crate) mod otel;
pub mod panels;
mod promoted;
mod resources;
mod sentence;
pub(crate) mod stub;
#[cfg(test)]
mod tests;
mod unmapped;

pub(crate) use caller::Known;
pub(crate) use constants::Constants;
pub(crate) use ecs::EcsScratch;
pub(crate) use ocsf::OcsfScratch;
pub(crate) use otel::OtelScratch;
pub use stub::is_stub;

use crate::decide::Lowered;
use crate::event::{Event, Slot};
use crate::policy::CompiledPolicy;
use crate::redact::Redactor;
use crate::scan::Kind;
use crate::scan::doc::Value;
use crate::unwrap::Envelope;

/// The shape of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Format {
    /// The event as it came, minus redactions, plus one `auditweir` object.
    Native,
    /// Elastic Common Schema 9.4 with the event under `kubernetes.audit`.
    #[default]
    Ecs,
    /// Open Cybersecurity Schema Framework 1.8.0, API Activity (class 6003).
    Ocsf,
    /// OpenTelemetry: one OTLP-JSON log export request with one record.
    Otel,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 4] = [Self::Native, Self::Ecs, Self::Ocsf, Self::Otel];

    /// The format of this name: `native`, `ecs`, `ocsf`, `otel`.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// The name under which configurations ask for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Ecs => "ecs",
            Self::Ocsf => "ocsf",
            Self::Otel => "otel",
        }
    }
}

/// All that an emitter needs to write one event.
#[derive(Clone, Copy)]
pub(crate) struct Emission<'a> {
    pub(crate) event: &'a Event<'a>,
    pub(crate) redactor: &'a Redactor,
    pub(crate) policy: &'a CompiledPolicy,
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

impl<'a> Emission<'a> {
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
            crate::redact::decimal(u64::from(lowered.rule), out);
            out.push(b'}');
        }
        self.redactor.write_receipts(self.event, self.policy, out);
    }
}

/// Replaces line breaks between the tokens of what was appended after `from`, so that an event
/// that came over several lines leaves as one. Strings hold no raw line breaks.
pub(crate) fn join_lines(src: &[u8], out: &mut [u8]) {
    if memchr::memchr2(b'\n', b'\r', src).is_some() {
        for byte in out {
            if matches!(*byte, b'\n' | b'\r') {
                *byte = b' ';
            }
        }
    }
}
