//! A document of an event under construction: what the formats that are laid out by table share.

use super::layout::{Doc, Keys, Placed, Value as _};
use super::line::Line;
use super::{Emission, MOST_ITEMS, PART, join_lines};
use crate::enrich::admission::{self, Part};
use crate::enrich::latency::latencies;
use crate::enrich::origin::Origin;
use crate::enrich::text::Text;
use crate::enrich::{Facts, address, intact, without_mapping};
use crate::event::Slot;
use crate::policy::Output;
use crate::scan::doc;
use crate::scan::key::Key;
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

    /// Who is given something: subjects of a binding, the account a token is for.
    pub(super) fn targets(&mut self) {
        if let Some((namespace, name)) = self.facts.token_account() {
            self.line.put(if F::OTEL { b"{\"stringValue\":\"" } else { b"\"" });
            self.line.put(b"system:serviceaccount:");
            self.line.inside_short(namespace, PART);
            self.line.put(b":");
            self.line.inside_short(name, PART);
            self.line.put(if F::OTEL { b"\"}," } else { b"\"," });
        } else if let Some(name) = self.facts.login_name {
            self.item(Some(name));
        } else if let Some(subjects) =
            self.emission.binding(self.facts).and_then(|body| body.get(Key::Subjects))
        {
            subjects.items().take(MOST_ITEMS).for_each(|subject| self.name_of(subject));
        }
    }

    pub(super) fn target_role(&mut self) {
        let body = self.emission.binding(self.facts);
        if let Some(role) = body.and_then(|body| body.get(Key::RoleRef)) {
            self.name_of(role);
        }
    }

    fn name_of(&mut self, object: doc::Value<'_>) {
        if let Some(name) = object.get(Key::Name) {
            self.lend(|doc, text| {
                let name = doc.emission.inside(name, text).map(Text::fixed);
                doc.item(name);
            });
        }
    }

    /// The addresses of `sourceIPs`, each once.
    pub(super) fn addresses(&mut self) {
        let (emission, facts) = (self.emission, self.facts);
        if let (Some(peer), None, Some(_)) = (facts.peer, facts.claimed, facts.peer_address) {
            return self.item(Some(peer));
        }
        let Some(list) = intact(emission, Slot::SourceIps) else { return };
        for (at, item) in list.items().take(MOST_ITEMS).enumerate() {
            let own = without_mapping(item.raw_text());
            let again = list.items().take(at).any(|item| without_mapping(item.raw_text()) == own);
            self.lend(|doc, text| {
                let raw = emission.inside(item, text).map(without_mapping);
                let fresh = raw.filter(|raw| !again && address(raw).is_some());
                doc.item(fresh.map(Text::fixed));
            });
        }
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

    pub(super) fn digests(&mut self) {
        self.facts.images.iter().for_each(|image| self.item(Some(image.digest)));
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
