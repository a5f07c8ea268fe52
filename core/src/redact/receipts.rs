//! Value-free receipts: what was taken where, by which rule.

use super::builtin::FIRST_OWN;
use super::edits::Edits;
use super::rules::Rules;
use super::{NESTED, Redactor};
use crate::event::Event;
use crate::policy::Action;
use crate::scan::doc::{Doc, Value};
use crate::scan::{Kind, make_room};

/// Receipts spelled out per event; the rest is summed up in one.
const SPELLED_OUT: usize = 32;
/// Receipts after which those of one rule are added up.
const KEPT: usize = 4096;
/// Longest path in a receipt.
const LONGEST_PATH: usize = 256;

/// So many edits by one rule at one place.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Receipt {
    pub(crate) rule: u16,
    pub(crate) action: Action,
    /// Offset in the event's source.
    pub(crate) at: u32,
    pub(crate) count: u32,
}

impl Redactor {
    pub(super) fn collect_receipts(&mut self, edits: &Edits) {
        for edit in edits.list().iter().filter(|edit| edit.rule != NESTED) {
            // Nobody is told one by one of that many.
            if self.receipts.len() >= KEPT
                && let Some(last) = self.receipts.last_mut()
                && (last.rule, last.action) == (edit.rule, edit.action)
            {
                last.count += 1;
                continue;
            }
            let (rule, action, at) = (edit.rule, edit.action, edit.start);
            make_room(&mut self.receipts, 1);
            self.receipts.push(Receipt { rule, action, at, count: 1 });
        }
        if !self.nested_receipts.is_empty() {
            self.receipts.append(&mut self.nested_receipts);
            self.receipts.sort_unstable_by_key(|receipt| (receipt.at, receipt.rule));
        }
    }

    /// How many values were taken out. Receipts with `keep` are of what stands there still.
    pub(crate) fn count(&self) -> u32 {
        let taken = self.receipts.iter().filter(|receipt| receipt.action != Action::Keep);
        taken.map(|receipt| receipt.count).sum()
    }

    /// Appends `,"redactions":[{"path":…,"rule":…,"action":…,"count":…},…]` when there are any.
    ///
    /// Paths use the event's own names, `[]` for items and `*` for names that are not plain and, but for
    /// own rules, for several members of one object. They hold no values.
    pub(crate) fn write_receipts(&self, event: &Event<'_>, policy: &Rules, out: &mut Vec<u8>) {
        if self.receipts.is_empty() {
            return;
        }
        out.extend_from_slice(b",\"redactions\":[");
        let mut paths = Paths { doc: event.doc, root: event.root, parent: 0, from: 0 };
        let mut at = 0;
        let mut written = 0;
        while at < self.receipts.len() {
            let first = self.receipts[at];
            let scalar = paths.find(first.at);
            let parent = paths.parent;
            let mut count = first.count;
            let mut several = false;
            at += 1;
            while let Some(next) = self.receipts.get(at)
                && (next.rule, next.action) == (first.rule, first.action)
            {
                let other = paths.find(next.at);
                // Where an own rule leads, its owner knows the names; elsewhere members of one object
                // are counted together, because a client can make any number of them.
                let apart = first.rule >= FIRST_OWN
                    && other != scalar
                    && event.doc.at(parent).kind() == Kind::Object;
                if paths.parent != parent || apart {
                    break;
                }
                several |= other != scalar;
                count += next.count;
                at += 1;
            }
            if written > 0 {
                out.push(b',');
            }
            written += 1;
            let path_from = out.len();
            out.extend_from_slice(b"{\"path\":\"");
            if written > SPELLED_OUT {
                // One receipt for all that is left.
                out.truncate(path_from);
                count += self.receipts[at..].iter().map(|receipt| receipt.count).sum::<u32>();
                out.extend_from_slice(
                    b"{\"path\":\"**\",\"rule\":\"several\",\"action\":\"several\",\"count\":",
                );
                crate::text::decimal(u64::from(count), out);
                out.push(b'}');
                break;
            }
            paths.write(parent, if several { None } else { Some(scalar) }, &self.edits, out);
            out.extend_from_slice(b"\",\"rule\":\"");
            out.extend_from_slice(policy.rule_name(first.rule).as_bytes());
            out.extend_from_slice(b"\",\"action\":\"");
            out.extend_from_slice(first.action.name().as_bytes());
            out.extend_from_slice(b"\",\"count\":");
            crate::text::decimal(u64::from(count), out);
            out.push(b'}');
        }
        out.push(b']');
    }
}

struct Paths<'a> {
    doc: Doc<'a>,
    root: u32,
    /// Container of what [`Self::find`] found last.
    parent: u32,
    from: u32,
}

impl Paths<'_> {
    /// The node at an offset; sets `parent`. Offsets come in ascending order.
    fn find(&mut self, offset: u32) -> u32 {
        let nodes = self.doc.nodes;
        let mut index =
            (nodes.partition_point(|node| node.start <= offset) as u32).saturating_sub(1);
        // A removed member starts at its comma, which belongs to the value before it or to the
        // container: the member is the node after.
        if self.doc.src.get(offset as usize) == Some(&b',') {
            index += 1;
        }
        index = index.min(nodes.len() as u32 - 1);
        let depth = nodes[index as usize].depth;
        let last = nodes[self.parent as usize];
        let same =
            self.from > 0 && last.depth + 1 == depth && self.parent < index && index < last.next;
        if !same {
            self.parent = self.container_of(index);
        }
        self.from = index;
        index
    }

    fn container_of(&self, index: u32) -> u32 {
        let nodes = self.doc.nodes;
        let depth = nodes[index as usize].depth;
        (self.root..index)
            .rev()
            .find(|at| {
                let node = nodes[*at as usize];
                node.depth < depth && matches!(node.kind, Kind::Object | Kind::Array)
            })
            .unwrap_or(self.root)
    }

    fn write(&self, parent: u32, last: Option<u32>, edits: &Edits, out: &mut Vec<u8>) {
        let mut chain = [0u32; 24];
        let mut len = 0;
        let mut at = parent;
        while at > self.root && len < chain.len() {
            chain[len] = at;
            len += 1;
            at = self.container_of(at);
        }
        let from = out.len();
        for container in chain[..len].iter().rev() {
            self.step(self.doc.at(*container), from, edits, out);
        }
        match last {
            Some(index) => self.step(self.doc.at(index), from, edits, out),
            None if self.doc.at(parent).kind() == Kind::Array => out.extend_from_slice(b"[]"),
            None => out.extend_from_slice(b".*"),
        }
        if out.len() - from > LONGEST_PATH {
            out.truncate(from + LONGEST_PATH);
            out.extend_from_slice(b"*");
        }
    }

    /// Appends one step: `.name`, `[]` or `.*`.
    fn step(&self, value: Value<'_>, from: usize, edits: &Edits, out: &mut Vec<u8>) {
        let key = if value.kind() == Kind::Key {
            Some(value)
        } else {
            value
                .index
                .checked_sub(1)
                .map(|at| self.doc.at(at))
                .filter(|key| key.kind() == Kind::Key)
        };
        let Some(key) = key else {
            return out.extend_from_slice(b"[]");
        };
        if out.len() > from {
            out.push(b'.');
        }
        let name = key.raw_text();
        let plain = !name.is_empty()
            && name.len() <= 64
            && name.iter().all(|b| b.is_ascii_alphanumeric() || b"-_./".contains(b))
            && edits
                .within(key.node().start, key.node().end)
                .iter()
                .all(|e| e.start < key.node().start);
        out.extend_from_slice(if plain { name } else { b"*" });
    }
}
