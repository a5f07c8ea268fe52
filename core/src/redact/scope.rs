//! One JSON text under redaction: the event itself, or a document found inside one of its strings.

use super::builtin::{Builtin, detector_rule};
use super::class::Class;
use super::commands;
use super::edits::Edits;
use super::members::is_schema;
use super::replace;
use super::rules::Rules;
use crate::detect::Detector;
use crate::detect::values::looks_random;
use crate::policy::Action;
use crate::scan::doc::{Doc, Value};
use crate::scan::{Kind, Node, Tape};
use crate::text;

/// Whether only the name of a value says that it is a secret.
pub(super) fn told_by_a_name(rule: u16) -> bool {
    rule == Builtin::HintedValue.id() || rule == detector_rule(Detector::SecretAssignment)
}

/// A document and where in it the subtree under redaction lies.
#[derive(Clone, Copy)]
pub(crate) struct Scope<'a> {
    pub(crate) tape: &'a Tape,
    pub(crate) doc: Doc<'a>,
    pub(crate) root: u32,
    /// What the event is about; documents inside it inherit it.
    pub(crate) class: Class,
    /// 0 for the event, 1 for a document inside a string of it, and so on.
    pub(crate) layer: u8,
    pub(crate) policy: &'a Rules,
}

impl<'a> Scope<'a> {
    pub(crate) fn root_node(&self) -> Node {
        self.doc.nodes[self.root as usize]
    }

    /// The part of a sorted list of node indices that lies in this subtree.
    pub(crate) fn within<'b, T>(&self, list: &'b [T], index: impl Fn(&T) -> u32) -> &'b [T] {
        let end = self.root_node().next;
        let first = list.partition_point(|item| index(item) < self.root);
        let last = first + list[first..].partition_point(|item| index(item) < end);
        &list[first..last]
    }

    /// The node (string, key, number, literal or container) that holds the byte at `offset`.
    pub(crate) fn node_at(&self, offset: u32) -> Value<'a> {
        let after = self.doc.nodes.partition_point(|node| node.start <= offset);
        self.doc.at(after.saturating_sub(1) as u32)
    }

    /// The key of the member whose value `value` is, if it is one.
    pub(crate) fn key_of(&self, value: Value<'a>) -> Option<Value<'a>> {
        let key = self.doc.at(value.index.checked_sub(1)?);
        (key.kind() == Kind::Key).then_some(key)
    }

    /// Takes out a whole value, by the action its rule has.
    ///
    /// `null` stays: it carries nothing, and in patches it means removal. So do empty strings and
    /// what a former run put there.
    pub(crate) fn take(&self, value: Value<'a>, rule: u16, edits: &mut Edits) {
        let node = value.node();
        let action = self.policy.action(rule);
        if action == Action::Keep || node.kind == Kind::Null {
            return;
        }
        let text = value.raw_text();
        if node.kind == Kind::String && (text.is_empty() || replace::is_marker(self.policy, text)) {
            return;
        }
        if action == Action::Drop {
            return self.remove(value, rule, edits);
        }
        if node.kind == Kind::String
            && told_by_a_name(rule)
            && self.take_around(node.start + 1, text, rule, edits)
        {
            return;
        }
        let text = if node.kind == Kind::String { text } else { value.raw() };
        // Partial views and cuts are for texts; structures and numbers are masked.
        let action = match (node.kind, action) {
            (Kind::String, action) | (_, action @ Action::Pseudonym) => action,
            _ => Action::Mask,
        };
        let action = replace::resolved(self.policy, action, text);
        let full = edits.is_full();
        edits.push(node.start..node.end, rule, action, |out| {
            out.push(b'"');
            if !full {
                replace::write(self.policy, rule, action, text, out);
            }
            out.push(b'"');
        });
    }

    /// Takes out a value whatever it is, also when the rule's action is `keep`: for what cannot be
    /// judged.
    pub(crate) fn mask(&self, value: Value<'a>, rule: Builtin, edits: &mut Edits) {
        let node = value.node();
        edits.push(node.start..node.end, rule.id(), Action::Mask, |out| {
            out.push(b'"');
            replace::write(self.policy, rule.id(), Action::Mask, b"", out);
            out.push(b'"');
        });
    }

    /// Takes out part of a string: `start..end` in the source, inside its quotes. An escape that
    /// it would split goes whole.
    pub(crate) fn take_part(&self, start: u32, end: u32, rule: u16, edits: &mut Edits) {
        let action = self.policy.action(rule);
        let (start, end) = text::whole_escapes(self.doc.src, start, end);
        let text = &self.doc.src[start as usize..end as usize];
        if action == Action::Keep || text.is_empty() || self.is_marker(start, end) {
            return;
        }
        if rule == detector_rule(Detector::SecretAssignment) && self.is_prose(start, text) {
            return;
        }
        if told_by_a_name(rule) && self.take_around(start, text, rule, edits) {
            return;
        }
        let action = replace::resolved(self.policy, action, text);
        let full = edits.is_full();
        edits.push(start..end, rule, action, |out| {
            if !full {
                replace::write(self.policy, rule, action, text, out);
            }
        });
    }

    /// Takes out what stands around the commands in a text that starts at `start`. False: no command
    /// is in it.
    fn take_around(&self, start: u32, text: &[u8], rule: u16, edits: &mut Edits) -> bool {
        commands::around(text, |part| {
            self.take_part(start + part.start as u32, start + part.end as u32, rule, edits);
        })
    }

    /// Whether this part of a string is what stands in place of a value, also without its brackets:
    /// readers may take them for those of a list.
    pub(super) fn is_marker(&self, start: u32, end: u32) -> bool {
        let src = self.doc.src;
        let (mut start, mut end) = (start as usize, end as usize);
        if src[start] != b'[' && start > 0 && src[start - 1] == b'[' {
            start -= 1;
        }
        if src[end - 1] != b']' && src.get(end) == Some(&b']') {
            end += 1;
        }
        replace::is_marker(self.policy, &src[start..end])
    }

    /// Whether what looks like an assigned value is a word of a schema's `description`, as in a
    /// CustomResourceDefinition: `credentials: GOVC_USERNAME and GOVC_PASSWORD`.
    fn is_prose(&self, start: u32, text: &[u8]) -> bool {
        let value = self.node_at(start);
        let Some(key) = self.key_of(value).filter(|key| key.says(b"description")) else {
            return false;
        };
        // The description is among the first members of its schema.
        let depth = key.node().depth;
        let parent = (0..key.index)
            .rev()
            .take(16)
            .map(|index| self.doc.at(index))
            .find(|node| node.kind() == Kind::Object && node.node().depth < depth);
        parent.is_some_and(is_schema) && !looks_random(text)
    }

    /// Removes a member or an item with the comma before it. (A comma after it, when it was the
    /// first, is removed by [`Edits::settle`].)
    pub(crate) fn remove(&self, value: Value<'a>, rule: u16, edits: &mut Edits) {
        let start = self.key_of(value).unwrap_or(value).node().start;
        let before = &self.doc.src[..start as usize];
        let white = before.iter().rev().take_while(|b| b.is_ascii_whitespace()).count();
        let comma = before.len().checked_sub(white + 1).filter(|at| before[*at] == b',');
        let start = comma.map_or(start, |at| at as u32);
        edits.remove(start..value.node().end, rule);
    }
}
