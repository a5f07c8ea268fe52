//! What a string says, with the way back to where it says so.
//!
//! Detectors read decoded text; edits must hit the bytes as written. A [`View`] is decoded text
//! with one source offset per byte, so that any range found in it can be taken out of the source.

use std::ops::Range;

use crate::text;

/// Decoded text and, for every byte of it, the offset in the source it came from.
#[derive(Default)]
pub(crate) struct View {
    pub(crate) text: Vec<u8>,
    /// One more entry than `text`: the end.
    map: Vec<u32>,
    spare_text: Vec<u8>,
    spare_map: Vec<u32>,
}

impl View {
    /// Unescapes `raw`, the inside of a JSON string that stands at `offset` in the source.
    pub(crate) fn unescape(&mut self, raw: &[u8], offset: u32) {
        self.text.clear();
        self.map.clear();
        let mut at = 0;
        loop {
            let plain = memchr::memchr(b'\\', &raw[at..]).unwrap_or(raw.len() - at);
            self.text.extend_from_slice(&raw[at..at + plain]);
            self.map.extend(offset + at as u32..offset + (at + plain) as u32);
            at += plain;
            if at == raw.len() {
                break;
            }
            let mut len = 2;
            if raw.get(at + 1) == Some(&b'u') {
                len = 6;
                let high = text::hex4(raw.get(at + 2..).unwrap_or_default()).unwrap_or(0);
                let low =
                    raw.get(at + 6..).and_then(|r| r.strip_prefix(b"\\u")).and_then(text::hex4);
                if (0xd800..0xdc00).contains(&high)
                    && low.is_some_and(|low| (0xdc00..0xe000).contains(&low))
                {
                    len = 12;
                }
            }
            let end = (at + len).min(raw.len());
            text::unescape(&raw[at..end], &mut self.text);
            self.map.resize(self.text.len(), offset + at as u32);
            at = end;
        }
        self.map.push(offset + raw.len() as u32);
    }

    /// Percent-decodes the text in place of itself, until nothing changes, at most `rounds` times.
    /// Returns whether anything was decoded.
    pub(crate) fn percent_decode(&mut self, rounds: u8) -> bool {
        let mut any = false;
        for _ in 0..rounds {
            if !self.percent_decode_once() {
                break;
            }
            any = true;
        }
        any
    }

    fn percent_decode_once(&mut self) -> bool {
        if !self.text.contains(&b'%') {
            return false;
        }
        self.spare_text.clear();
        self.spare_map.clear();
        let mut decoded = false;
        let mut at = 0;
        while at < self.text.len() {
            let (byte, len) = text::percent_byte(&self.text, at);
            self.spare_map.push(self.map[at]);
            self.spare_text.push(byte);
            decoded |= len > 1;
            at += len;
        }
        self.spare_map.push(self.map[self.text.len()]);
        std::mem::swap(&mut self.text, &mut self.spare_text);
        std::mem::swap(&mut self.map, &mut self.spare_map);
        decoded
    }

    /// Whether a text has percent escapes.
    pub(crate) fn is_encoded(text: &[u8]) -> bool {
        memchr::memchr_iter(b'%', text).any(|at| is_escape(text, at))
    }

    /// Where in the source the text still has percent escapes: from the first to the last.
    pub(crate) fn still_encoded(&self) -> Option<Range<u32>> {
        let here = |at: &usize| is_escape(&self.text, *at);
        let first = memchr::memchr_iter(b'%', &self.text).find(here)?;
        let last = memchr::memrchr_iter(b'%', &self.text).find(here)?;
        Some(self.source(first..last + 3))
    }

    /// Reads every `+` as a space, as in a query.
    pub(crate) fn plus_is_space(&mut self) {
        for byte in &mut self.text {
            if *byte == b'+' {
                *byte = b' ';
            }
        }
    }

    /// Shows a parameter of a query that `query` shows, decoded.
    pub(crate) fn of_parameter(&mut self, query: &Self, range: Range<usize>) {
        self.text.clear();
        self.map.clear();
        self.text.extend_from_slice(&query.text[range.clone()]);
        self.map.extend_from_slice(&query.map[range.start..=range.end]);
        self.plus_is_space();
        self.percent_decode(3);
    }

    /// The source range of a range of the text.
    pub(crate) fn source(&self, range: Range<usize>) -> Range<u32> {
        self.map[range.start]..self.map[range.end]
    }

    /// Gives memory back.
    pub(crate) fn shrink(&mut self) {
        if self.text.capacity() > 1 << 16 || self.spare_text.capacity() > 1 << 16 {
            *self = Self::default();
        }
    }
}

/// Whether the percent sign at `at` is followed by two hex digits.
fn is_escape(text: &[u8], at: usize) -> bool {
    text.get(at + 1..at + 3).is_some_and(|digits| digits.iter().all(u8::is_ascii_hexdigit))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_lead_back_to_the_source() {
        let source = br"xx a\u0026tok%65n%253Dabc\n";
        let mut view = View::default();
        view.unescape(&source[3..], 3);
        assert!(view.percent_decode(3));
        assert_eq!(view.text, b"a&token=abc\n");
        let range = view.source(2..8);
        assert_eq!(&source[range.start as usize..range.end as usize], b"tok%65n%253D");
        let all = view.source(0..view.text.len());
        assert_eq!((all.start, all.end), (3, source.len() as u32));
    }
}
