//! What a string says, with the way back to where it says so.
//!
//! Detectors read decoded text; edits must hit the bytes as written. A [`View`] is decoded text
//! with a source offset for every byte, so that any range found in it can be taken out of the source.
//! An offset takes two bytes, not four: a flood of escapes makes many.

use std::ops::Range;

use crate::text;

/// Bytes of text that share a full offset.
const BLOCK: usize = 32;

/// Decoded text and, for every byte of it and its end, the offset in the source it came from.
#[derive(Default)]
pub(crate) struct View {
    pub(crate) text: Vec<u8>,
    /// Where the first byte of each [`BLOCK`] came from.
    blocks: Vec<u32>,
    /// How far behind that each byte came from. A byte takes at most 12 bytes of escape, three times
    /// more for each round of percent escapes: the bytes of a block are never 64 KiB apart.
    steps: Vec<u16>,
}

impl View {
    fn clear(&mut self, len: usize) {
        self.text.clear();
        self.blocks.clear();
        self.steps.clear();
        // Exactly: room to grow would double what a flood takes.
        self.text.reserve_exact(len);
        self.steps.reserve_exact(len + 1);
        self.blocks.reserve_exact(len / BLOCK + 1);
    }

    /// Says where the next byte came from, or the end.
    fn push(&mut self, source: u32) {
        if self.steps.len().is_multiple_of(BLOCK) {
            self.blocks.push(source);
        }
        let block = self.blocks.last().copied().unwrap_or(source);
        self.steps.push(step(source, block));
    }

    /// Where the byte at `at` came from.
    fn at(&self, at: usize) -> u32 {
        self.blocks[at / BLOCK] + u32::from(self.steps[at])
    }

    /// Unescapes `raw`, the inside of a JSON string that stands at `offset` in the source.
    pub(crate) fn unescape(&mut self, raw: &[u8], offset: u32) {
        self.clear(raw.len());
        let mut at = 0;
        loop {
            let plain = memchr::memchr(b'\\', &raw[at..]).unwrap_or(raw.len() - at);
            self.text.extend_from_slice(&raw[at..at + plain]);
            for source in offset + at as u32..offset + (at + plain) as u32 {
                self.push(source);
            }
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
            while self.steps.len() < self.text.len() {
                self.push(offset + at as u32);
            }
            at = end;
        }
        self.push(offset + raw.len() as u32);
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
        self.decode_once(b'%', text::percent_byte)
    }

    /// Decodes the escapes of shells and of C once, in place.
    pub(crate) fn shell_decode(&mut self) -> bool {
        self.decode_once(b'\\', text::shell_byte)
    }

    /// Reads with `byte`, which gives the byte at a place and how many it takes.
    fn decode_once(&mut self, sign: u8, byte: fn(&[u8], usize) -> (u8, usize)) -> bool {
        if memchr::memchr(sign, &self.text).is_none() {
            return false;
        }
        let mut decoded = false;
        let (mut from, mut to) = (0, 0);
        // What is written goes over what was read, a block's offset included.
        let (mut block, mut base) = (0, self.blocks[0]);
        loop {
            if from / BLOCK != block {
                block = from / BLOCK;
                base = self.blocks[block];
            }
            let source = base + u32::from(self.steps[from]);
            if to % BLOCK == 0 {
                self.blocks[to / BLOCK] = source;
            }
            self.steps[to] = step(source, self.blocks[to / BLOCK]);
            if from == self.text.len() {
                break;
            }
            let (byte, len) = byte(&self.text, from);
            self.text[to] = byte;
            decoded |= len > 1;
            from += len;
            to += 1;
        }
        self.text.truncate(to);
        self.steps.truncate(to + 1);
        self.blocks.truncate(to / BLOCK + 1);
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
        with_spaces(&mut self.text);
    }

    /// Shows a parameter of a query that `query` shows, decoded.
    pub(crate) fn of_parameter(&mut self, query: &Self, range: Range<usize>) {
        self.clear(range.len());
        self.text.extend_from_slice(&query.text[range.clone()]);
        for at in range.start..=range.end {
            self.push(query.at(at));
        }
        self.plus_is_space();
        self.percent_decode(3);
    }

    /// The source range of a range of the text.
    pub(crate) fn source(&self, range: Range<usize>) -> Range<u32> {
        self.at(range.start)..self.at(range.end)
    }

    /// Gives memory back if the text had room for more bytes than this.
    pub(crate) fn shrink(&mut self, most: usize) {
        if self.text.capacity() > most {
            *self = Self::default();
        }
    }
}

fn with_spaces(text: &mut [u8]) {
    for byte in text {
        if *byte == b'+' {
            *byte = b' ';
        }
    }
}

/// Reads every `+` in the query of a URI as a space.
pub(super) fn query_with_spaces(uri: &mut [u8]) {
    if let Some(query) = memchr::memchr(b'?', uri) {
        with_spaces(&mut uri[query..]);
    }
}

/// How far an offset is behind that of its block.
fn step(source: u32, block: u32) -> u16 {
    debug_assert!(u16::try_from(source - block).is_ok(), "more escape than a byte can have");
    (source - block) as u16
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

    #[test]
    fn every_byte_of_a_long_text_leads_back() {
        // Pieces, and the text of each: what stands at a byte came from its piece.
        let pieces: [(&str, &str); 7] = [
            ("a", "a"),
            ("\\n", "\n"),
            ("\\u0041", "A"),
            ("\\ud83d\\ude00", "\u{1f600}"),
            ("%41", "A"),
            ("%252541", "A"),
            ("\\u0025\\u0034\\u0031", "A"),
        ];
        let mut view = View::default();
        let mut part = View::default();
        for seed in 0..200usize {
            let (mut raw, mut text, mut sources) = (String::new(), String::new(), Vec::new());
            for number in 0..seed {
                let (piece, said) = pieces[(number * number + number * seed + seed) % pieces.len()];
                sources.extend(vec![raw.len() as u32 + 7; said.len()]);
                raw.push_str(piece);
                text.push_str(said);
            }
            sources.push(raw.len() as u32 + 7);
            view.unescape(raw.as_bytes(), 7);
            let whole = 0..view.text.len();
            part.of_parameter(&view, whole);
            view.percent_decode(3);
            for view in [&view, &part] {
                assert_eq!(view.text, text.as_bytes());
                let back: Vec<_> = (0..=text.len()).map(|at| view.source(at..at).start).collect();
                assert_eq!(back, sources, "{raw}");
            }
        }
    }
}
