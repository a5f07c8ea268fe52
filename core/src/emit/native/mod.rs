//! `native`: the event itself, byte for byte where nothing was taken out, plus one `auditweir`
//! object with what was derived and redacted.
//!
//! An event that already has the object (it went through a filter before) is copied as it is, so
//! that filtering twice changes nothing. Line breaks between tokens become spaces: one event, one
//! line.

use super::line::Line;
use super::stub::Group;
use super::{Constants, Emission, Emitter, Stub, join_lines};
use crate::enrich::{DryRun, Facts};
use crate::event::Slot;
use crate::scan::Kind;
use crate::scan::key::Key;
use crate::unwrap::Fact;

/// Most characters of one derived text.
const LONGEST: usize = 8191;

/// See the module.
#[derive(Default)]
pub(crate) struct Native;

impl Emitter for Native {
    const NAME: &'static str = "native";
    const TIMED: bool = false;

    fn event(&mut self, emission: &Emission<'_>, facts: &Facts<'_>, out: &mut Vec<u8>) {
        let before = out.len();
        let raw = emission.event.raw();
        out.reserve(raw.len() + 1024);
        let root = emission.event.doc.at(emission.event.root);
        let filtered = was_filtered(emission);
        // a member of our name that is not ours, even null
        let foreign = !filtered && root.members().any(|(key, _)| key.key() == Key::Auditweir);
        if foreign {
            members(emission, out);
        } else {
            let root = root.node();
            emission.copy(root.start, root.end - 1, out);
        }
        if !filtered {
            if out.last() != Some(&b'{') {
                out.push(b',');
            }
            let mut line = Line { out: &mut *out, most: LONGEST };
            derived(emission, facts, &mut line);
            if let Some(value) = emission.event.get(Slot::Auditweir) {
                line.put(b",\"was\":");
                let before = line.out.len();
                emission.copy(value.node().start, value.node().end, line.out);
                if line.out.len() == before {
                    line.put(b"null");
                }
            }
            line.put(b"}");
        }
        out.push(b'}');
        join_lines(raw, &mut out[before..]);
        out.push(b'\n');
    }

    fn stub(&mut self, stub: &Stub<'_>, _: &Constants, out: &mut Vec<u8>) {
        line(stub, out);
        out.push(b'\n');
    }
}

/// Appends a stub without a line break after it.
pub(super) fn line(stub: &Stub<'_>, out: &mut Vec<u8>) {
    out.push(b'{');
    stub.event(out);
    out.extend_from_slice(b",\"auditweir\":");
    stub.note(out);
    out.pop();
    stub.facts(&CLUSTER, out);
    out.extend_from_slice(b"}}");
}

/// Facts of the envelope around a stub.
const CLUSTER: Group = (
    b",\"cluster\":{",
    &[
        (b"\"name\":\"", Fact::ClusterName),
        (b"\"id\":\"", Fact::ClusterId),
        (b"\"provider\":\"", Fact::Provider),
        (b"\"account\":\"", Fact::Account),
        (b"\"region\":\"", Fact::Region),
        (b"\"project\":\"", Fact::Project),
    ],
    b"}",
);

/// Whether the event carries an `auditweir` object of this version.
fn was_filtered(emission: &Emission<'_>) -> bool {
    emission.event.get(Slot::Auditweir).is_some_and(|object| {
        object.kind() == Kind::Object
            && emission.is_intact(object)
            && object.member(b"v").and_then(crate::scan::doc::Value::integer) == Some(1)
    })
}

/// The event's members without its closing brace and without a foreign `auditweir`.
fn members(emission: &Emission<'_>, out: &mut Vec<u8>) {
    out.push(b'{');
    let from = out.len();
    for (key, value) in emission.event.doc.at(emission.event.root).members() {
        if key.key() == Key::Auditweir || !emission.has(key, value) {
            continue;
        }
        if out.len() > from {
            out.push(b',');
        }
        emission.copy(key.node().start, value.node().end, out);
    }
}

fn derived(emission: &Emission<'_>, facts: &Facts<'_>, line: &mut Line<'_>) {
    line.put(b"\"auditweir\":{\"v\":1,\"id\":\"");
    line.put(emission.id);
    line.put(b"\",");
    line.word(b"\"outcome\":\"", facts.outcome.text());
    if let Some(who) = facts.denied_by {
        line.word(b"\"deniedBy\":\"", who);
    }
    if facts.dry_run == DryRun::Yes {
        line.put(b"\"dryRun\":true,");
    }
    line.put(b"\"actor\":{\"kind\":\"");
    line.put(facts.actor.kind.text());
    line.put(b"\",");
    if let Some((namespace, name)) = facts.actor.service_account {
        line.text(b"\"namespace\":\"", namespace);
        line.text(b"\"name\":\"", name);
    }
    line.some(b"\"pod\":\"", facts.pod);
    line.some(b"\"node\":\"", facts.actor.node.or(facts.node));
    line.some(b"\"account\":\"", facts.account);
    line.some(b"\"session\":\"", facts.session);
    line.out.pop();
    line.put(b"},");
    let cluster = line.open(b"\"cluster\":{");
    for (key, fact) in CLUSTER.1 {
        if let Some(text) = emission.envelope.get(*fact) {
            line.word(key, text);
        }
    }
    line.close(cluster);
    if emission.envelope.cut() {
        line.put(b"\"truncated\":true,");
    }
    if emission.envelope.contradicted() {
        line.put(b"\"contradicted\":true,");
    }
    line.some(b"\"peer\":\"", facts.peer);
    if let Some(address) = facts.peer_address
        && let Some(network) = emission.tables.network(address)
    {
        line.word(b"\"network\":\"", network);
    }
    if let Some(agent) = facts.agent {
        let client = line.open(b"\"client\":{");
        line.text(b"\"name\":\"", agent.name);
        line.text(b"\"version\":\"", agent.version);
        line.text(b"\"os\":\"", agent.os);
        line.text(b"\"component\":\"", agent.component);
        line.close(client);
    }
    if let Some(duration) = facts.duration {
        line.number(b"\"durationNanos\":", duration);
    }
    if let Some(exec) = facts.exec {
        let arguments = line.open(b"\"exec\":[");
        for argument in exec.arguments() {
            line.put(b"\"");
            line.inside(crate::enrich::text::Text { bytes: argument, ready: false });
            line.put(b"\",");
        }
        line.close_list(arguments);
    }
    line.out.pop();
    emission.receipts(line.out);
}
