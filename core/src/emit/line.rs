//! Writing one JSON line: constant keys, texts, lists, and objects that vanish when empty.
//!
//! Keys are constants such as `b"\"name\":\""`, quote of the value included. Every member ends in
//! a comma; closing an object or list takes the last one back. So members can be written or left
//! out without looking at their neighbours.

#![expect(clippy::inline_always, reason = "keys are constants: inlined, they become stores")]
#![expect(clippy::needless_pass_by_value, reason = "a mark is used up when its object is closed")]

use crate::enrich::text::Text;
use crate::text::{CUT_MARKER, cut_marker, cut_plain, cut_ready, decimal, escape};

/// A line under construction.
pub(super) struct Line<'a> {
    pub(super) out: &'a mut Vec<u8>,
    /// Most characters of one text.
    pub(super) most: usize,
}

/// Where an object or list began.
#[must_use]
pub(super) struct Mark {
    before: usize,
    after: usize,
}

impl Line<'_> {
    /// Appends bytes as they are.
    #[inline(always)]
    pub(super) fn put(&mut self, bytes: &[u8]) {
        // For a constant one of these is left: what is short is stored without a call.
        match bytes {
            [one] => self.out.push(*one),
            [one, two] => {
                self.out.push(*one);
                self.out.push(*two);
            }
            _ => self.out.extend_from_slice(bytes),
        }
    }

    /// Opens an object or list: `key` ends in the bracket.
    #[inline(always)]
    pub(super) fn open(&mut self, key: &'static [u8]) -> Mark {
        let before = self.out.len();
        self.out.extend_from_slice(key);
        Mark { before, after: self.out.len() }
    }

    /// Begins a member.
    #[inline]
    pub(super) fn name(&mut self, name: &[u8]) {
        self.out.push(b'"');
        self.out.extend_from_slice(name);
        self.put(b"\":");
    }

    /// Opens an object or list of this name.
    #[inline]
    pub(super) fn open_named(&mut self, name: &[u8], bracket: u8) -> Mark {
        let before = self.out.len();
        self.name(name);
        self.out.push(bracket);
        Mark { before, after: self.out.len() }
    }

    /// Closes an object; an empty one vanishes.
    #[inline(always)]
    pub(super) fn close(&mut self, mark: Mark) {
        self.end(&mark, b'}');
    }

    /// Closes a list; an empty one vanishes.
    #[inline(always)]
    pub(super) fn close_list(&mut self, mark: Mark) {
        self.end(&mark, b']');
    }

    /// Closes a list without a comma after it; false when it was empty and vanished.
    pub(super) fn end_list(&mut self, mark: Mark) -> bool {
        let before = mark.before;
        self.close_list(mark);
        if self.out.len() == before {
            return false;
        }
        self.out.pop();
        true
    }

    #[inline(always)]
    fn end(&mut self, mark: &Mark, bracket: u8) {
        if self.out.len() == mark.after {
            self.out.truncate(mark.before);
            return;
        }
        match self.out.last_mut() {
            Some(last) if *last == b',' => *last = bracket,
            _ => self.out.push(bracket),
        }
        self.out.push(b',');
    }

    /// A text member, unless empty.
    #[inline(always)]
    pub(super) fn text(&mut self, key: &'static [u8], text: Text<'_>) {
        if !text.is_empty() {
            self.put(key);
            self.inside(text);
            self.put(b"\",");
        }
    }

    /// A text member, if there is one.
    #[inline(always)]
    pub(super) fn some(&mut self, key: &'static [u8], text: Option<Text<'_>>) {
        if let Some(text) = text {
            self.text(key, text);
        }
    }

    /// A text member of a constant.
    #[inline(always)]
    pub(super) fn word(&mut self, key: &'static [u8], word: &[u8]) {
        self.put(key);
        self.out.extend_from_slice(word);
        self.put(b"\",");
    }

    /// A number member; `key` ends in the colon.
    #[inline]
    pub(super) fn number(&mut self, key: &'static [u8], number: u64) {
        self.out.extend_from_slice(key);
        decimal(number, self.out);
        self.out.push(b',');
    }

    /// The inside of a string, escaped if need be and capped.
    #[inline(always)]
    pub(super) fn inside(&mut self, text: Text<'_>) {
        if text.ready && text.bytes.len() <= self.most {
            self.out.extend_from_slice(text.bytes);
        } else {
            self.inside_slowly(text, self.most);
        }
    }

    /// The same with a lower cap.
    #[inline]
    pub(super) fn inside_short(&mut self, text: Text<'_>, most: usize) {
        let most = most.min(self.most);
        if text.ready && text.bytes.len() <= most {
            self.out.extend_from_slice(text.bytes);
        } else {
            self.inside_slowly(text, most);
        }
    }

    #[cold]
    #[inline(never)]
    fn inside_slowly(&mut self, text: Text<'_>, most: usize) {
        let Text { bytes, ready } = text;
        let cut = if ready { cut_ready } else { cut_plain };
        let end = match cut(bytes, most) {
            None => bytes.len(),
            Some(_) => cut(bytes, most.saturating_sub(CUT_MARKER)).unwrap_or(bytes.len()),
        };
        if ready {
            self.out.extend_from_slice(&bytes[..end]);
        } else {
            escape(&bytes[..end], self.out);
        }
        if end < bytes.len() {
            cut_marker(bytes.len() - end, self.out);
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn empty_objects_vanish_and_long_texts_are_cut() {
        let mut out = Vec::new();
        let mut line = Line { out: &mut out, most: 64 };
        let all = line.open(b"{");
        let empty = line.open(b"\"empty\":{");
        line.some(b"\"x\":\"", None);
        line.close(empty);
        let list = line.open(b"\"list\":[");
        line.text(b"\"", Text::fixed(b"a"));
        line.text(b"\"", Text { bytes: b"q\"\n", ready: false });
        line.close_list(list);
        let long = "é".repeat(65);
        line.text(b"\"long\":\"", Text { bytes: long.as_bytes(), ready: false });
        line.text(b"\"fits\":\"", Text::fixed("é".repeat(64).as_bytes()));
        line.number(b"\"n\":", u64::MAX);
        line.close(all);
        out.pop();
        let value: serde_json::Value = serde_json::from_slice(&out).unwrap();
        assert_eq!(value["list"], serde_json::json!(["a", "q\"\n"]));
        assert_eq!(value["long"], format!("{}…[cut 66 bytes]", "é".repeat(32)));
        assert_eq!(value["fits"], "é".repeat(64));
        assert_eq!(value["n"], u64::MAX);
        assert!(value.get("empty").is_none());
    }
}
