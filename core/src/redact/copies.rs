//! Takes every other copy of what was taken out of an event: see [`super::taint`].

use std::ops::Range;

use super::builtin::Builtin;
use super::edits::{Edit, Edits};
use super::scope::Scope;
use super::taint::{SHORTEST, Taints};
use super::{NESTED, Receipt, Redactor, replace};
use crate::event::Event;
use crate::policy::Action;
use crate::scan::doc::{Doc, Value};
use crate::scan::key::Key;
use crate::scan::{Kind, OBSCURED};

/// A copy that was found: where, and whether its value is a weak one.
#[derive(Clone)]
pub(super) struct Copied {
    range: Range<u32>,
    weak: bool,
}

impl Taints {
    /// Remembers what an edit takes out of a document: the value, or every text of a member that is
    /// removed.
    pub(super) fn remember_edit(&mut self, doc: Doc<'_>, edit: &Edit) {
        if edit.action == Action::Keep || edit.rule == NESTED {
            return;
        }
        let raw = &doc.src[edit.start as usize..edit.end as usize];
        if let Some(inside) = raw.strip_prefix(b"\"").and_then(|raw| raw.strip_suffix(b"\""))
            && edit.action != Action::Drop
        {
            return self.remember(edit.rule, inside);
        }
        if edit.action != Action::Drop {
            return self.remember(edit.rule, raw);
        }
        // What else a body held that it should not is too much to be all secrets.
        if edit.rule == Builtin::SecretMember.id() {
            return;
        }
        let first = doc.nodes.partition_point(|node| node.start < edit.start);
        let inside = doc.nodes[first..].iter().take_while(|node| node.end <= edit.end);
        for node in inside.filter(|node| node.kind == Kind::String) {
            self.remember(edit.rule, &doc.src[node.start as usize + 1..node.end as usize - 1]);
        }
    }
}

impl Redactor {
    /// Adds edits for every other copy of what the (settled) edits take out.
    pub(super) fn spread(&mut self, scope: &Scope<'_>, event: &Event<'_>, edits: &mut Edits) {
        for edit in edits.list() {
            self.taints.remember_edit(scope.doc, edit);
        }
        self.taints.prepare_for(event, scope.class.oauth_token);
        if self.taints.is_empty() {
            return;
        }
        self.taints.protect(event, scope.class.oauth_token);
        let root = scope.root_node();
        // Edits pushed meanwhile are not sorted yet: only the settled ones can be searched.
        let settled = edits.list().len();
        for index in scope.root..root.next {
            let value = scope.doc.at(index);
            if value.kind() != Kind::String || value.raw_text().len() < self.taints.shortest {
                continue;
            }
            let Some(taint) = self.taints.find(value.raw_text()) else { continue };
            let start = value.node().start;
            if edits.touches(settled, start, value.node().end) {
                continue;
            }
            if self.taints.may_take(start, taint.weak) {
                scope.take(value, Builtin::SameValue.id(), edits);
            } else if taint.named && self.taints.stays_for_all(start) {
                // Whoever reads the event shall see what a name alone hid.
                self.nested_receipts.push(Receipt {
                    rule: Builtin::SameValue.id(),
                    action: Action::Keep,
                    at: start,
                    count: 1,
                });
            }
        }
        self.spread_parts(scope, edits);
    }

    fn spread_parts(&mut self, scope: &Scope<'_>, edits: &mut Edits) {
        self.hinted_key = None;
        edits.settle(scope.doc.src);
        self.taints.prepare_needles();
        let root = scope.root_node();
        let mut found = std::mem::take(&mut self.taints.found);
        found.clear();
        let src = &scope.doc.src[root.start as usize..root.end as usize];
        self.taints.copies(src, |range, weak| {
            let range = root.start + range.start as u32..root.start + range.end as u32;
            note(&mut found, range, weak);
        });
        edits.rewrite_replacements(
            NESTED,
            |text| {
                let mut strong = false;
                self.taints.copies(text, |_, weak| strong |= !weak);
                strong
            },
            |out| {
                out.push(b'"');
                let rule = Builtin::SameValue.id();
                replace::write(scope.policy, rule, Action::Mask, b"", out);
                out.push(b'"');
            },
        );
        for index in scope.within(&scope.tape.escaped, |index| *index) {
            let value = scope.doc.at(*index);
            if value.node().flags & OBSCURED != 0 {
                self.view.unescape(value.raw_text(), value.node().start + 1);
                self.copies_in_view(&mut found);
            }
        }
        self.percent_copies(scope, edits, &mut found);
        let settled = edits.list().len();
        for Copied { range, weak } in &found {
            if edits.touches(settled, range.start, range.end)
                || !self.taints.may_take(range.start, *weak)
            {
                continue;
            }
            let value: Value<'_> = scope.node_at(range.start);
            let node = value.node();
            let inside = range.start > node.start && range.end < node.end;
            match node.kind {
                Kind::String if inside => {
                    scope.take_part(range.start, range.end, Builtin::SameValue.id(), edits);
                }
                // A name the API has is no secret, whatever a client made its value. Names of the
                // API are words: a copy of a secret in a name holds a digit.
                Kind::Key
                    if inside
                        && range.len() >= SHORTEST
                        && matches!(value.key(), Key::Plain | Key::Hint)
                        && scope.doc.src[range.start as usize..range.end as usize]
                            .iter()
                            .any(u8::is_ascii_digit) =>
                {
                    self.take_key_part(scope, value, range.clone(), Builtin::SameValue.id(), edits);
                }
                _ => {}
            }
        }
        self.taints.found = found;
    }

    /// Copies in strings with percent escapes.
    fn percent_copies(&mut self, scope: &Scope<'_>, edits: &Edits, found: &mut Vec<Copied>) {
        let root = scope.root_node();
        let (mut from, end) = (root.start as usize, root.end as usize);
        while let Some(skip) = memchr::memchr(b'%', &scope.doc.src[from..end]) {
            let value = scope.node_at((from + skip) as u32);
            let node = value.node();
            from += skip + 1;
            if node.kind != Kind::String {
                continue;
            }
            from = from.max(node.end as usize);
            if !edits.covers(node.start, node.end) {
                self.view.unescape(value.raw_text(), node.start + 1);
                if self.view.percent_decode(3) {
                    self.copies_in_view(found);
                }
            }
        }
    }

    fn copies_in_view(&self, found: &mut Vec<Copied>) {
        self.taints.copies(&self.view.text, |range, weak| {
            note(found, self.view.source(range), weak);
        });
    }
}

/// Adds a copy; one that goes on where the last one did not end yet is part of it.
fn note(found: &mut Vec<Copied>, range: Range<u32>, weak: bool) {
    match found.last_mut() {
        Some(last)
            if last.weak == weak && (last.range.start..last.range.end).contains(&range.start) =>
        {
            last.range.end = last.range.end.max(range.end);
        }
        _ => found.push(Copied { range, weak }),
    }
}
