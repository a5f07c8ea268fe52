//! What changes in an event: replacements of byte ranges, in order, and the text that goes in.

use std::ops::Range;

use super::NESTED;
use super::builtin::FIRST_OWN;
use crate::scan::make_room;

/// Number of a rule in receipts and counters; see [`super::builtin`].
pub(crate) type RuleId = u16;

/// One byte range of the source and what replaces it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Edit {
    pub(crate) start: u32,
    pub(crate) end: u32,
    with_start: u32,
    with_end: u32,
    pub(crate) rule: RuleId,
    pub(crate) action: crate::policy::Action,
    /// A whole member or item goes, comma and all.
    removes: bool,
}

/// The edits of one event.
///
/// Pushed in any order; [`Edits::settle`] sorts them and lets the wider of two overlapping edits
/// win, joining partial overlaps, so that nothing an edit covers can come out.
#[derive(Default)]
pub(crate) struct Edits {
    list: Vec<Edit>,
    text: Vec<u8>,
    /// How many of them are sorted and free of overlaps.
    settled: usize,
    /// Bytes of all marks that will be written, and how many there may be.
    marks: usize,
    room: usize,
}

/// Marks that every text may have, in bytes.
const ROOM: usize = 8 << 10;

/// Lets the removal of a first member or item take the comma after it along.
fn take_comma(edit: &mut Edit, src: &[u8]) {
    let before = src[..edit.start as usize].trim_ascii_end().last();
    let rest = &src[edit.end as usize..];
    let white = rest.len() - rest.trim_ascii_start().len();
    if matches!(before, Some(b'{' | b'[')) && rest.get(white) == Some(&b',') {
        edit.end += white as u32 + 1;
    }
}

impl Edits {
    /// Forgets all; the next edits are of a text of so many bytes.
    pub(crate) fn clear(&mut self, len: usize) {
        self.list.clear();
        self.text.clear();
        self.settled = 0;
        self.marks = 0;
        self.room = 2 * len + ROOM;
    }

    /// Whether there are so many marks that further values leave nothing behind: what comes out must
    /// not be many times as long as what came in.
    pub(crate) fn is_full(&self) -> bool {
        self.marks > self.room
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    pub(crate) fn list(&self) -> &[Edit] {
        &self.list
    }

    /// What goes in place of an edit's range.
    pub(crate) fn with(&self, edit: &Edit) -> &[u8] {
        &self.text[edit.with_start as usize..edit.with_end as usize]
    }

    /// Replaces `range` by what `write` appends.
    pub(crate) fn push(
        &mut self,
        range: Range<u32>,
        rule: RuleId,
        action: crate::policy::Action,
        write: impl FnOnce(&mut Vec<u8>),
    ) {
        let mut with_start = self.text.len() as u32;
        write(&mut self.text);
        let mut with_end = self.text.len() as u32;
        self.marks += (with_end - with_start) as usize;
        // The same mark again stands there once.
        if let Some(last) = self.list.last() {
            let (known, new) = self.text.split_at(with_start as usize);
            if &known[last.with_start as usize..last.with_end as usize] == new {
                self.text.truncate(with_start as usize);
                (with_start, with_end) = (last.with_start, last.with_end);
            }
        }
        make_room(&mut self.list, 1);
        self.list.push(Edit {
            start: range.start,
            end: range.end,
            with_start,
            with_end,
            rule,
            action,
            removes: false,
        });
    }

    /// Removes a whole member or item; `range` starts at the comma before it, if there is one.
    pub(crate) fn remove(&mut self, range: Range<u32>, rule: RuleId) {
        let at = self.text.len() as u32;
        self.list.push(Edit {
            start: range.start,
            end: range.end,
            with_start: at,
            with_end: at,
            rule,
            action: crate::policy::Action::Drop,
            removes: true,
        });
    }

    /// Sorts and removes overlaps. Must be called before [`Edits::copy`].
    pub(crate) fn settle(&mut self, src: &[u8]) {
        if self.list.is_empty() {
            return;
        }
        // Wider first at the same start: an edit inside a replaced range has nothing to edit.
        // Of two that replace the same, the policy's own rule counts, then the first of the others.
        let rank = |edit: &Edit| (edit.rule < FIRST_OWN || edit.rule == NESTED, edit.rule);
        self.list.sort_unstable_by(|a, b| {
            a.start.cmp(&b.start).then(b.end.cmp(&a.end)).then_with(|| rank(a).cmp(&rank(b)))
        });
        let mut kept = 0usize;
        for at in 0..self.list.len() {
            let edit = self.list[at];
            match kept.checked_sub(1).map(|last| &mut self.list[last]) {
                Some(last) if edit.start < last.end => last.end = last.end.max(edit.end),
                // Members removed one after another are one removal.
                Some(last) if edit.start == last.end && last.removes && edit.removes => {
                    last.end = edit.end;
                }
                _ => {
                    self.list[kept] = edit;
                    kept += 1;
                }
            }
        }
        self.list.truncate(kept);
        // The first member of an object (or item of an array) takes the comma after it along, and
        // so all removals that follow.
        let mut kept = 0usize;
        for at in 0..self.list.len() {
            let mut edit = self.list[at];
            if let Some(last) = kept.checked_sub(1).map(|last| &mut self.list[last])
                && last.removes
                && edit.start < last.end
            {
                last.end = last.end.max(edit.end);
                take_comma(last, src);
                continue;
            }
            if edit.removes {
                take_comma(&mut edit, src);
            }
            self.list[kept] = edit;
            kept += 1;
        }
        self.list.truncate(kept);
        self.settled = kept;
    }

    /// Whether an edit pushed before the last [`Edits::settle`] replaces all of `start..end`.
    pub(crate) fn covers(&self, start: u32, end: u32) -> bool {
        let list = &self.list[..self.settled];
        let first = list.partition_point(|edit| edit.end < end);
        list.get(first).is_some_and(|edit| edit.start <= start)
    }

    /// Whether any of the first `settled` edits touches `start..end`.
    pub(crate) fn touches(&self, settled: usize, start: u32, end: u32) -> bool {
        let list = &self.list[..settled];
        let first = list.partition_point(|edit| edit.end <= start);
        list.get(first).is_some_and(|edit| edit.start < end)
    }

    /// Rewrites the replacement of every edit of this rule in which `holds` finds something.
    pub(crate) fn rewrite_replacements(
        &mut self,
        rule: RuleId,
        holds: impl Fn(&[u8]) -> bool,
        write: impl Fn(&mut Vec<u8>),
    ) {
        for edit in self.list.iter_mut().filter(|edit| edit.rule == rule) {
            if holds(&self.text[edit.with_start as usize..edit.with_end as usize]) {
                edit.with_start = self.text.len() as u32;
                write(&mut self.text);
                edit.with_end = self.text.len() as u32;
            }
        }
    }

    /// Bytes of memory held, roughly.
    pub(crate) fn capacity(&self) -> usize {
        self.text.capacity() + self.list.capacity() * size_of::<Edit>()
    }

    /// The edits that touch `start..end`, given that none of them sticks out of it.
    pub(crate) fn within(&self, start: u32, end: u32) -> &[Edit] {
        if self.list.is_empty() {
            return &[];
        }
        let first = self.list.partition_point(|edit| edit.end <= start);
        let last = first + self.list[first..].partition_point(|edit| edit.start < end);
        &self.list[first..last]
    }

    /// Whether an edit touches `start..end`; those pushed since the last [`Edits::settle`] do not
    /// count.
    pub(crate) fn touch(&self, start: u32, end: u32) -> bool {
        let settled = &self.list[..self.settled];
        let first = settled.partition_point(|edit| edit.end <= start);
        settled.get(first).is_some_and(|edit| edit.start < end)
    }

    /// Appends `src[start..end]` as edited.
    pub(crate) fn copy(&self, src: &[u8], start: u32, end: u32, out: &mut Vec<u8>) {
        self.pieces(src, start, end, |piece| out.extend_from_slice(piece));
    }

    /// Gives `src[start..end]` as edited, piece by piece.
    ///
    /// An edit that covers more than the range (a whole member was removed) yields nothing.
    pub(crate) fn pieces<'a>(
        &'a self,
        src: &'a [u8],
        start: u32,
        end: u32,
        mut give: impl FnMut(&'a [u8]),
    ) {
        let mut at = start;
        for edit in self.within(start, end) {
            if edit.start >= start {
                give(&src[at as usize..edit.start as usize]);
                give(self.with(edit));
            }
            at = edit.end.min(end);
        }
        give(&src[at as usize..end as usize]);
    }
}
