//! What is taken out of an event, and the receipts for it.

pub(crate) mod edits;
pub(crate) mod paths;
pub(crate) mod rules;

use crate::event::Event;
use crate::policy::CompiledPolicy;
use crate::scan::Tape;
use edits::Edits;

/// Finds what must go. Owns the memory for it.
#[derive(Default)]
pub(crate) struct Redactor {
    pub(crate) edits: Edits,
}

impl Redactor {
    /// Decides all edits of one event. An error is the reason for a stub.
    pub(crate) fn redact(
        &mut self,
        _tape: &Tape,
        _event: &Event<'_>,
        _policy: &CompiledPolicy,
    ) -> Result<(), &'static str> {
        self.edits.clear();
        self.edits.settle();
        Ok(())
    }

    /// Appends `,"redactions":[…]` when there are any.
    pub(crate) fn write_receipts(&self, _policy: &CompiledPolicy, _out: &mut Vec<u8>) {}

    /// Gives memory back after an unusually large event.
    pub(crate) fn shrink(&mut self) {
        self.edits = Edits::default();
    }
}
