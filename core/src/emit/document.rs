//! A document of an event under construction: what the formats that are laid out by table share.

use super::layout::{Doc, Keys, Placed, Value as _};
use super::line::Line;
use super::{Emission, join_lines};
use crate::enrich::Facts;
use crate::enrich::admission::{self, Part};
use crate::enrich::latency::latencies;
use crate::enrich::origin::Origin;
use crate::enrich::text::Text;
use crate::event::Slot;
use crate::policy::Output;
use crate::scan::doc;
use crate::text::decimal;

/// A format's own memory, and how members of its documents begin.
pub(super) trait Shape {
    /// See [`Doc::OTEL`].
    const OTEL: bool = false;
}

/// One document.
pub(in crate::emit) struct Document<'s, 'e, 'o, F> {
    pub(super) emission: &'s Emission<'e>,
    pub(super) facts: &'s Facts<'e>,
    pub(super) line: Line<'o>,
    /// Memory for a text that redaction changed.
    pub(super) text: &'s mut Vec<u8>,
    pub(super) own: &'s mut F,
}

impl<'o, F: Shape> Doc<'o> for Document<'_, '_, 'o, F> {
    const OTEL: bool = F::OTEL;

    #[inline(always)]
    fn line(&mut self) -> &mut Line<'o> {
        &mut self.line
    }

    fn leaf(&mut self, keys: Keys, value: doc::Value<'_>) {
        self.lend(|doc, text| {
            doc.emission.inside(value, text).map(Text::fixed).give(keys, doc);
        });
    }
}

impl<'s, F: Shape> Placed<'s> for Document<'s, '_, '_, F> {
    fn origin(&self) -> Origin<'s> {
        self.facts.origin
    }

    fn told(&self) -> Origin<'s> {
        Origin::told(self.emission.envelope)
    }
}

impl<'s, 'e, 'o, F: Shape> Document<'s, 'e, 'o, F> {
    pub(super) fn new(
        emission: &'s Emission<'e>,
        facts: &'s Facts<'e>,
        out: &'o mut Vec<u8>,
        text: &'s mut Vec<u8>,
        own: &'s mut F,
    ) -> Self {
        let raw = emission.event.raw();
        out.reserve(raw.len() + raw.len() / 4 + 4096);
        let line = Line { out, most: emission.output.max_text as usize };
        Self { emission, facts, line, text, own }
    }

    /// Ends the object that begins at `from`, and the line.
    pub(super) fn finish(mut self, from: usize) {
        self.line.out.pop();
        self.line.put(b"}");
        join_lines(self.emission.event.raw(), &mut self.line.out[from..]);
        self.line.put(b"\n");
    }

    /// Lends the memory for texts to `write`.
    #[inline(always)]
    pub(super) fn lend(&mut self, write: impl FnOnce(&mut Self, &mut Vec<u8>)) {
        let mut text = std::mem::take(self.text);
        write(self, &mut text);
        *self.text = text;
    }

    /// What the policy says about output.
    pub(super) fn output(&self) -> &'s Output {
        self.emission.output
    }

    /// The words of an exec or attach, however empty.
    pub(super) fn arguments(&mut self) {
        for argument in self.facts.exec.iter().flat_map(|exec| exec.arguments()) {
            self.entry(Text { bytes: argument, ready: false });
        }
    }

    /// The strings of a list as they leave, bounded.
    pub(super) fn items(&mut self, slot: Slot) {
        let emission = self.emission;
        self.lend(|doc, text| emission.items(slot, text, |item| doc.item(Some(item))));
    }

    pub(super) fn effective_groups(&mut self) {
        self.items(Slot::ImpersonatedGroups);
    }

    pub(super) fn rules(&mut self) {
        self.emission.rules(|rule| {
            if F::OTEL {
                self.item(Some(Text::fixed(rule)));
            } else {
                self.line.word(b"\"", rule);
            }
        });
    }

    pub(super) fn images(&mut self) {
        self.facts.images.iter().for_each(|image| self.item(Some(image.name)));
    }

    pub(super) fn webhooks(&mut self) {
        let (emission, facts) = (self.emission, self.facts);
        self.lend(|doc, text| {
            admission::webhooks(emission, facts, text, |name| doc.item(Some(name)));
        });
    }

    /// Whether a webhook changed the object.
    pub(super) fn mutated(&mut self) -> Option<bool> {
        admission::webhooks(self.emission, self.facts, self.text, |_| {}).0.then_some(true)
    }

    /// Whether a webhook failed and was passed over.
    pub(super) fn failed_open(&mut self) -> Option<bool> {
        admission::webhooks(self.emission, self.facts, self.text, |_| {}).1.then_some(true)
    }

    pub(super) fn policies(&mut self) {
        self.policy_parts(Part::Policy);
    }

    pub(super) fn policy_bindings(&mut self) {
        self.policy_parts(Part::Binding);
    }

    pub(super) fn policy_actions(&mut self) {
        self.policy_parts(Part::Action);
    }

    fn policy_parts(&mut self, part: Part) {
        let (emission, facts) = (self.emission, self.facts);
        self.lend(|doc, text| {
            admission::policies(emission, facts, part, text, |name| doc.item(Some(name)));
        });
    }

    pub(super) fn latencies(&mut self) {
        let line = &mut self.line;
        latencies(self.emission, self.facts, |layer, milliseconds| {
            line.put(if F::OTEL { b"{\"key\":\"k8s.audit.latency." } else { b"\"" });
            line.put(layer);
            line.put(if F::OTEL { b"\",\"value\":{\"intValue\":\"" } else { b"\":" });
            decimal(milliseconds, line.out);
            line.put(if F::OTEL { b"\"}}," } else { b"," });
        });
    }

    /// Receipts, behind the members before.
    pub(super) fn receipts(&mut self) {
        // Those begin with the comma that the member before has written.
        self.line.out.pop();
        self.emission.receipts(self.line.out);
        self.line.put(b",");
    }
}
