//! Lists of arguments wherever they stand: under `args` and `command`, and arrays that are one by
//! nature, because an item looks like an option or the first one runs a known program. And pairs of
//! a name and a value.

use super::Redactor;
use super::builtin::Builtin;
use super::edits::Edits;
use super::members;
use super::scope::Scope;
use crate::detect::classify;
use crate::detect::readers::{Arguments, runs_a_program};
use crate::scan::Kind;
use crate::scan::doc::Value;
use crate::scan::key::Key;

const RULE: u16 = Builtin::HintedValue.id();

/// How lists are read, for [`super::quiet`]: all other ways are below.
const LIST: u8 = 1 << 7;

impl Redactor {
    /// One list, or a single argument (in a patch of one item).
    pub(super) fn argument_list(&mut self, scope: &Scope<'_>, list: Value<'_>, edits: &mut Edits) {
        let raw = list.raw();
        if self.quiet.knows(raw, LIST) {
            return;
        }
        let mut quiet = true;
        let mut arguments = Arguments::default();
        let single = (list.kind() == Kind::String).then_some(list);
        for item in single.into_iter().chain(list.items()) {
            if item.kind() != Kind::String {
                arguments = Arguments::default();
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
        if quiet {
            self.quiet.remember(raw, LIST);
        }
    }

    /// Arrays that are lists of arguments by nature.
    pub(super) fn argument_lists(&mut self, scope: &Scope<'_>, edits: &mut Edits) {
        self.lists.clear();
        let root = scope.root_node();
        let src = &scope.doc.src[root.start as usize..root.end as usize];
        for at in scope.policy.finders.dash.find_iter(src) {
            self.argument_list_at(scope, root.start + at as u32, edits);
        }
        self.lists.clear();
        for at in scope.policy.finders.texts.find_iter(src) {
            let word = &src[at + 2..src.len().min(at + 130)];
            let word = &word[..memchr::memchr2(b'"', b' ', word).unwrap_or(0)];
            if runs_a_program(word) {
                self.argument_list_at(scope, root.start + at as u32 + 1, edits);
            } else if matches!(src[..at].trim_ascii_end().last(), Some(b'[' | b','))
                // An item of a list, not the value of a member.
                && classify(word).hints()
            {
                self.pair_at(scope, root.start + at as u32 + 1, edits);
            }
        }
    }

    /// `["db-password", "x"]`, an item of a list of pairs: the name starts at `start`.
    fn pair_at(&self, scope: &Scope<'_>, start: u32, edits: &mut Edits) {
        let name = scope.node_at(start);
        let Some(list) = name.index.checked_sub(1).map(|index| scope.doc.at(index)) else { return };
        let mut items = list.items();
        if let (Some(first), Some(second), None) = (items.next(), items.next(), items.next())
            && first.index == name.index
            && matches!(second.kind(), Kind::String | Kind::Number)
            && !self.is_kept(second.node().start)
        {
            members::below(scope, second, name.read(classify), false, edits);
        }
    }

    /// The array whose item starts at `start`, unless it was read.
    fn argument_list_at(&mut self, scope: &Scope<'_>, start: u32, edits: &mut Edits) {
        let item = scope.node_at(start);
        let node = item.node();
        if node.kind != Kind::String || node.start != start || self.is_kept(start) {
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
