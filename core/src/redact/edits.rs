//! What changes in an event: replacements of byte ranges, in order, and the text that goes in.

use std::ops::Range;

/// Number of a rule in receipts and counters; see [`super::rules`].
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
}

/// The edits of one event.
///
/// Pushed in any order; [`Edits::settle`] sorts them and lets the wider of two overlapping edits
/// win, joining partial overlaps, so that nothing an edit covers can come out.
#[derive(Default)]
pub(crate) struct Edits {
    list: Vec<Edit>,
    text: Vec<u8>,
}

impl Edits {
    pub(crate) fn clear(&mut self) {
        self.list.clear();
        self.text.clear();
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
        let with_start = self.text.len() as u32;
        write(&mut self.text);
        let with_end = self.text.len() as u32;
        self.list.push(Edit { start: range.start, end: range.end, with_start, with_end, rule, action });
    }

    /// Sorts and removes overlaps. Must be called before [`Edits::copy`].
    pub(crate) fn settle(&mut self) {
        // Wider first at the same start: an edit inside a replaced range has nothing to edit.
        self.list.sort_unstable_by(|a, b| a.start.cmp(&b.start).then(b.end.cmp(&a.end)));
        let mut kept = 0usize;
        for at in 0..self.list.len() {
            let edit = self.list[at];
            match kept.checked_sub(1).map(|last| &mut self.list[last]) {
                Some(last) if edit.start < last.end => last.end = last.end.max(edit.end),
                _ => {
                    self.list[kept] = edit;
                    kept += 1;
                }
            }
        }
        self.list.truncate(kept);
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

    /// Appends `src[start..end]` as edited.
    ///
    /// An edit that covers more than the range (a whole member was removed) yields nothing.
    pub(crate) fn copy(&self, src: &[u8], start: u32, end: u32, out: &mut Vec<u8>) {
        let mut at = start;
        for edit in self.within(start, end) {
            if edit.start >= start {
                out.extend_from_slice(&src[at as usize..edit.start as usize]);
                out.extend_from_slice(self.with(edit));
            }
            at = edit.end.min(end);
        }
        out.extend_from_slice(&src[at as usize..end as usize]);
    }
}
