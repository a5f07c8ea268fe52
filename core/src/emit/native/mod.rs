//! `native`: the event itself, byte for byte where nothing was taken out, plus one `auditweir`
//! object with what was derived and redacted.
//!
//! An event that already has the object (it went through a filter before) is copied as it is, so
//! that filtering twice changes nothing. Line breaks between tokens become spaces: one event, one
//! line.

use super::document::{Document, Shape};
use super::layout::{Doc, List, Placed, layout};
use super::stub::StubDocument;
use super::{Emission, Emitter, Stub};
use crate::enrich::Facts;
use crate::enrich::text::Text;
use crate::event::Slot;
use crate::scan::Kind;
use crate::scan::doc::Value;
use crate::scan::key::Key;

/// Most characters of one derived text.
const LONGEST: usize = 8191;

/// See the module.
#[derive(Default)]
pub(crate) struct Native {
    text: Vec<u8>,
}

/// Derived members need no memory of their own.
pub(in crate::emit) struct Derived;

impl Shape for Derived {}

impl Emitter for Native {
    const NAME: &'static str = "native";
    const TIMED: bool = false;

    fn event(&mut self, emission: &Emission<'_>, facts: &Facts<'_>, out: &mut Vec<u8>) {
        let from = out.len();
        let mut own = Derived;
        let mut doc = Document::new(emission, facts, out, &mut self.text, &mut own);
        doc.line.most = LONGEST;
        let root = emission.event.doc.at(emission.event.root);
        let filtered = was_filtered(emission);
        if !filtered && root.members().any(|(key, _)| key.key() == Key::Auditweir) {
            // A member of our name that is not ours, even null.
            doc.line.put(b"{");
            for (key, value) in root.members() {
                if key.key() != Key::Auditweir && emission.has(key, value) {
                    emission.copy(key.node().start, value.node().end, doc.line.out);
                    doc.line.put(b",");
                }
            }
        } else {
            emission.copy(root.node().start, root.node().end - 1, doc.line.out);
            if doc.line.out.last() != Some(&b'{') || filtered {
                doc.line.put(b",");
            }
        }
        if !filtered {
            derived::write(&mut doc);
        }
        doc.finish(from);
    }

    fn stub(&mut self, stub: &Stub<'_>, out: &mut Vec<u8>) {
        StubDocument::write(stub, out, stub::write);
    }
}

layout! {
    json derived(doc: Document<'_, '_, '_, Derived>) {
        "auditweir" {
            "v": receipt_version = 1,
            "id": document_id = Text::fixed(doc.emission.id),
            "outcome": outcome,
            "deniedBy": denied_by,
            "dryRun": dry_run,
            "actor" {
                "kind": actor,
                "namespace": account_namespace,
                "name": account_name,
                "pod": pod,
                "node": node,
                "account": account = doc.facts.account,
                "session": session,
            },
            do { cluster::write(doc) } {},
            "truncated": truncated = doc.emission.envelope.cut().then_some(true),
            "contradicted": contradicted = doc.emission.envelope.contradicted().then_some(true),
            "peer": peer,
            "network": network = doc.emission.network(doc.facts),
            "client" {
                "name": product,
                "version": product_version,
                "os": system,
                "component": component,
            },
            "durationNanos": duration,
            "exec": arguments = List(Document::arguments),
            do { doc.receipts(); doc.foreign() } {},
        },
    }

    json stub(doc: StubDocument<'_, '_, false>) {
        use left,
        "auditweir" { use stub, do { cluster::write(doc) } {} },
    }

    json cluster<'s, 'o>(doc: impl Doc<'o> + Placed<'s>) {
        let told = doc.told(),
        "cluster" {
            "name": cluster_name = told.cluster_name,
            "id": cluster_id = told.cluster_id,
            "provider": provider = told.provider,
            "account": account = told.account,
            "region": region = told.region,
            "project": project = told.project,
        },
    }
}

impl Document<'_, '_, '_, Derived> {
    /// The member of our name that is not ours.
    fn foreign(&mut self) {
        if let Some(value) = self.emission.event.get(Slot::Auditweir) {
            self.line.name(b"was");
            let before = self.line.out.len();
            self.emission.copy(value.node().start, value.node().end, self.line.out);
            self.line.put(if self.line.out.len() == before { b"null," } else { b"," });
        }
    }
}

/// Whether the event carries an `auditweir` object of this version.
fn was_filtered(emission: &Emission<'_>) -> bool {
    emission.event.get(Slot::Auditweir).is_some_and(|object| {
        object.kind() == Kind::Object
            && emission.is_intact(object)
            && object.member(b"v").and_then(Value::integer) == Some(1)
    })
}
