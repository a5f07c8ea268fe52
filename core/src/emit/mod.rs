//! From a redacted event to output bytes. One module per shape.
//!
//! Invariant: every byte of the input reaches the output through [`Emission::copy`], which applies
//! the edits, or not at all. One event gives exactly one line.

pub(crate) mod native;
pub(crate) mod stub;

use crate::event::Event;
use crate::policy::CompiledPolicy;
use crate::redact::Redactor;
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
}

/// All that an emitter needs to write one event.
pub(crate) struct Emission<'a> {
    pub(crate) event: &'a Event<'a>,
    pub(crate) redactor: &'a Redactor,
    pub(crate) policy: &'a CompiledPolicy,
    pub(crate) envelope: &'a Envelope,
    /// Document id: 32 lower case hex digits.
    pub(crate) id: &'a [u8; 32],
    /// Level to write, after the policy: below `Request` bodies are left out.
    pub(crate) level: crate::decide::Level,
}

impl Emission<'_> {
    /// Appends `start..end` of the source as redacted.
    pub(crate) fn copy(&self, start: u32, end: u32, out: &mut Vec<u8>) {
        self.redactor.edits.copy(self.event.doc.src, start, end, out);
    }

    /// Appends `,"redactions":[…]` when there are any.
    pub(crate) fn receipts(&self, out: &mut Vec<u8>) {
        self.redactor.write_receipts(self.event, self.policy, out);
    }
}
