//! Lists of arguments wherever they stand: under `args` and `command`, and arrays that are one by
//! nature, because an item looks like an option or the first one runs a known program. And pairs of
//! a name and a value.

use std::ops::Range;

use super::builtin::Builtin;
use super::edits::Edits;
use super::known::LIST;
use super::members;
use super::scope::Scope;
use super::{Patched, Redactor};
use crate::detect::classify;
use crate::detect::readers::{Arguments, runs_a_program};
use crate::scan::Kind;
use crate::scan::doc::Value;
use crate::scan::key::Key;

const RULE: u16 = Builtin::HintedValue.id();

/// Longest first word of a list that is looked up.
const LONGEST_WORD: usize = 128;

impl Redactor {
    /// One list, or a single argument (in a patch of one item).
    pub(super) fn argument_list(&mut self, scope: &Scope<'_>, list: Value<'_>, edits: &mut Edits) {
        let raw = list.raw();
        if self.known.recall(raw, LIST).is_some() {
            return;
        }
        let mut arguments = Arguments::default();
        if self.arguments_go_on(scope, list, &mut arguments, edits) {
            self.known.remember(raw, LIST, &[]);
        }
    }

    /// The operation `patch` of a JSON patch on a list of arguments. What was added one operation
    /// before may be the option that this is the value of.
    pub(super) fn patched_arguments(
        &mut self,
        scope: &Scope<'_>,
        patch: Value<'_>,
        value: Value<'_>,
        edits: &mut Edits,
    ) {
        let last = std::mem::take(&mut self.patched);
        let (list, item) = members::item_of_patch(patch).unwrap_or_default();
        let text = |range: &Range<u32>| &scope.doc.src[range.start as usize..range.end as usize];
        let goes_on = (last.layer, last.operation) == (scope.layer, patch.index)
            && text(&last.list) == text(&list)
            && item == last.item.map(|before| before.saturating_add(1));
        let mut arguments = if goes_on { last.arguments } else { Arguments::default() };
        self.arguments_go_on(scope, value, &mut arguments, edits);
        let (layer, operation) = (scope.layer, patch.node().next);
        self.patched = Patched { layer, operation, list, item, arguments };
    }

    /// Whether there is nothing to take.
    fn arguments_go_on(
        &mut self,
        scope: &Scope<'_>,
        list: Value<'_>,
        arguments: &mut Arguments,
        edits: &mut Edits,
    ) -> bool {
        let mut quiet = true;
        let single = (list.kind() == Kind::String).then_some(list);
        for item in single.into_iter().chain(list.items()) {
            if item.kind() != Kind::String {
                *arguments = Arguments::default();
                continue;
            }
            let inside = item.node().start + 1;
            let raw = item.raw_text();
            if item.is_escaped() {
                self.view.unescape(raw, inside);
                if let Some(part) = arguments.next(&self.view.text) {
                    quiet = false;
                    let range = self.view.source(part);
                    scope.take_part(range.start, range.end, RULE, edits);
                }
            } else if let Some(part) = arguments.next(raw) {
                quiet = false;
                if part.len() == raw.len() {
                    scope.take(item, RULE, edits);
                } else {
                    let (start, end) = (part.start as u32, part.end as u32);
                    scope.take_part(inside + start, inside + end, RULE, edits);
                }
            }
        }
        quiet
    }

    /// Arrays that are lists of arguments by nature.
    pub(super) fn argument_lists(&mut self, scope: &Scope<'_>, edits: &mut Edits) {
        self.lists.clear();
        for index in scope.within(&scope.tape.words, |index| *index) {
            let item = scope.doc.at(*index);
            let text = item.raw_text();
            if text.first() == Some(&b'-') {
                self.argument_list_at(scope, item, edits);
            }
        }
        self.lists.clear();
        for index in scope.within(&scope.tape.words, |index| *index) {
            let item = scope.doc.at(*index);
            let Some(list) = index.checked_sub(1).map(|index| scope.doc.at(index)) else {
                continue;
            };
            // Groups and addresses say who asked; most lists of an event are of these.
            let is_who = |key: Value<'_>| matches!(key.key(), Key::Groups | Key::SourceIps);
            if list.kind() != Kind::Array || scope.key_of(list).is_some_and(is_who) {
                continue;
            }
            let text = item.raw_text();
            let word = &text[..text.len().min(LONGEST_WORD)];
            let word = &word[..memchr::memchr(b' ', word).unwrap_or(word.len())];
            if runs_a_program(word) {
                self.argument_list_at(scope, item, edits);
            } else if list.index > scope.root
                && scope.key_of(list).is_none()
                && classify(word).hints()
            {
                // An item of a list, not the value of a member.
                self.pair(scope, list, edits);
            }
        }
    }

    /// `["db-password", "x"]`, an item of a list of pairs.
    fn pair(&self, scope: &Scope<'_>, list: Value<'_>, edits: &mut Edits) {
        let mut items = list.items();
        if let (Some(name), Some(value), None) = (items.next(), items.next(), items.next())
            && matches!(value.kind(), Kind::String | Kind::Number)
            && !self.is_kept(value.node().start)
        {
            members::below(scope, value, name.read(classify), false, edits);
        }
    }

    /// The array that holds the item, unless it was read.
    fn argument_list_at(&mut self, scope: &Scope<'_>, item: Value<'_>, edits: &mut Edits) {
        let node = item.node();
        let start = node.start;
        if self.is_kept(start) {
            return;
        }
        let depth = usize::from(node.depth);
        if self.lists.get(depth).is_some_and(|end| start < *end) {
            return;
        }
        // The array is the nearest node before the item that is less deep: a key stands between
        // when the item is a member.
        let mut index = item.index;
        while let Some(before) = index.checked_sub(1) {
            index = before;
            let outer = scope.doc.nodes[index as usize];
            if outer.depth < node.depth || outer.kind == Kind::Key && outer.depth == node.depth {
                break;
            }
        }
        let list = scope.doc.at(index);
        let end = list.node().end;
        if self.lists.len() <= depth {
            self.lists.resize(depth + 1, 0);
        }
        self.lists[depth] = end;
        let is_read =
            scope.key_of(list).is_some_and(|key| matches!(key.key(), Key::Args | Key::Command));
        if list.kind() == Kind::Array && !is_read && !edits.covers(list.node().start, end) {
            self.argument_list(scope, list, edits);
        }
    }
}
