//! `native`: the event itself, byte for byte where nothing was taken out, plus one `auditweir`
//! object with what was derived and redacted.
//!
//! An event that already has the object is judged like any other. When the object says the same, it
//! is copied as it is, so that filtering twice changes nothing; else it is kept as `was`. Line breaks
//! between tokens become spaces: one event, one line.

use super::document::{Document, Shape};
use super::layout::{Doc, List, Placed, layout};
use super::stub::StubDocument;
use super::{Emission, Emitter, Stub};
use crate::enrich::Facts;
use crate::enrich::text::Text;
use crate::event::Slot;
use crate::redact::KEPT;
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
        if !emission.event.names(Slot::Auditweir) {
            emission.copy(root.node().start, root.node().end - 1, doc.line.out);
            if doc.line.out.last() != Some(&b'{') {
                doc.line.put(b",");
            }
            derived::write(&mut doc);
            return doc.finish(from);
        }
        doc.line.put(b"{");
        for (key, value) in root.members() {
            if key.key() != Key::Auditweir && emission.has(key, value) {
                emission.copy(key.node().start, value.node().end, doc.line.out);
                doc.line.put(b",");
            }
        }
        let own = doc.line.out.len();
        derived::write(&mut doc);
        let same = emission.event.get(Slot::Auditweir).is_some_and(|before| {
            emission.is_intact(before)
                && (is_stub(root, before) || agrees(before, &doc.line.out[own..]))
        });
        if same {
            doc.line.out.truncate(from);
            emission.copy(root.node().start, root.node().end - 1, doc.line.out);
            doc.line.put(b",");
        } else {
            doc.was();
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
            "dryRunClaimed": dry_run_claimed,
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
            do { doc.receipts() } {},
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
    /// The member of our name that says something else, at the end of ours.
    fn was(&mut self) {
        if let Some(value) = self.emission.event.get(Slot::Auditweir) {
            self.line.out.truncate(self.line.out.len() - 2);
            self.line.put(b",");
            self.line.name(b"was");
            let before = self.line.out.len();
            self.emission.copy(value.node().start, value.node().end, self.line.out);
            self.line.put(if self.line.out.len() == before { b"null}," } else { b"}," });
        }
    }
}

/// Members that only the filter which wrote them can know: what it took out, what was around the
/// event.
const TOLD: [&[u8]; 7] =
    [b"cluster", b"truncated", b"contradicted", b"network", b"lowered", b"redactions", b"was"];

/// Whether an object of our name says what we say, `own`, and besides only what is [`TOLD`].
fn agrees(before: Value<'_>, own: &[u8]) -> bool {
    let inside = own.len() - b"\"auditweir\":{},".len();
    let mut same = 0;
    for (key, value) in before.members() {
        let (start, end) = (key.node().start as usize, value.node().end as usize);
        let member = &before.doc.src[start..end];
        if memchr::memmem::find(own, member).is_some() {
            same += member.len() + 1;
        } else if !TOLD.iter().any(|name| key.says(name)) {
            return false;
        }
    }
    // The last has no comma.
    same == inside + 1
}

/// Whether an event is a stub that a filter wrote: nothing in it that could be judged.
fn is_stub(root: Value<'_>, before: Value<'_>) -> bool {
    const SAYS: [&[u8]; 7] = [b"v", b"id", b"stub", b"bytes", b"offset", b"rejected", b"cluster"];
    before.member(b"stub").is_some()
        && before.members().all(|(key, _)| SAYS.iter().any(|name| key.says(name)))
        && root.members().all(|(key, _)| {
            let key = key.key();
            KEPT.contains(&key) || matches!(key, Key::Auditweir | Key::Kind | Key::ApiVersion)
        })
}
