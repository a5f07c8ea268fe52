//! JSON strings: what they say, and how text is written as one.

/// The value of four hex digits at the start of `bytes`.
pub(crate) fn hex4(bytes: &[u8]) -> Option<u32> {
    let mut value = 0;
    for digit in bytes.get(..4)? {
        value = value * 16 + (*digit as char).to_digit(16)?;
    }
    Some(value)
}

/// Where unescaped text goes.
pub(crate) trait Sink {
    fn push(&mut self, byte: u8);
    fn extend_from_slice(&mut self, bytes: &[u8]);
}

impl Sink for Vec<u8> {
    fn push(&mut self, byte: u8) {
        self.push(byte);
    }

    fn extend_from_slice(&mut self, bytes: &[u8]) {
        self.extend_from_slice(bytes);
    }
}

/// Text of up to 256 bytes on the stack: what names and pointers written with escapes need. Takes
/// no more than fits; unescaped text is never longer than its source.
pub(crate) struct Short {
    bytes: [u8; Self::LONGEST],
    len: usize,
}

impl Short {
    pub(crate) const LONGEST: usize = 256;

    pub(crate) const fn new() -> Self {
        Self { bytes: [0; Self::LONGEST], len: 0 }
    }

    pub(crate) fn get(&self) -> &[u8] {
        &self.bytes[..self.len]
    }
}

impl Sink for Short {
    fn push(&mut self, byte: u8) {
        self.extend_from_slice(&[byte]);
    }

    fn extend_from_slice(&mut self, bytes: &[u8]) {
        if let Some(room) = self.bytes.get_mut(self.len..self.len + bytes.len()) {
            room.copy_from_slice(bytes);
            self.len += bytes.len();
        }
    }
}

/// Appends what the inside of a JSON string says. Lone surrogates become U+FFFD; input that
/// [`crate::scan::Tape::parse`] has not accepted is copied as far as it makes sense, never panics.
pub(crate) fn unescape(raw: &[u8], out: &mut impl Sink) {
    let mut at = 0;
    while let Some(skip) = memchr::memchr(b'\\', &raw[at..]) {
        out.extend_from_slice(&raw[at..at + skip]);
        at += skip;
        let Some(escape) = raw.get(at + 1) else { return };
        at += 2;
        match escape {
            b'b' => out.push(8),
            b'f' => out.push(12),
            b'n' => out.push(b'\n'),
            b'r' => out.push(b'\r'),
            b't' => out.push(b'\t'),
            b'u' => {
                let mut code = hex4(&raw[at..]).unwrap_or(0xfffd);
                at = (at + 4).min(raw.len());
                if (0xd800..0xdc00).contains(&code)
                    && let Some(low) = raw[at..].strip_prefix(b"\\u").and_then(hex4)
                    && (0xdc00..0xe000).contains(&low)
                {
                    code = 0x10000 + ((code - 0xd800) << 10) + (low - 0xdc00);
                    at += 6;
                }
                let character = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
                out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
            }
            other => out.push(*other),
        }
    }
    out.extend_from_slice(&raw[at..]);
}

/// Like [`escape`], and `<`, `>`, `&` as Go's encoder writes them.
pub(crate) fn escape_as_go(text: &[u8], out: &mut Vec<u8>) {
    for part in text.split_inclusive(|byte| matches!(byte, b'<' | b'>' | b'&')) {
        let (last, rest) = part.split_last().unwrap_or((&b' ', &[]));
        escape(rest, out);
        match last {
            b'<' => out.extend_from_slice(b"\\u003c"),
            b'>' => out.extend_from_slice(b"\\u003e"),
            b'&' => out.extend_from_slice(b"\\u0026"),
            other => escape(&[*other], out),
        }
    }
}

/// Widens a range inside a JSON string so that it splits no escape and no letter. (Half of a surrogate pair is an
/// escape of its own here; what is left of one becomes U+FFFD where it matters.)
pub(crate) fn whole_escapes(src: &[u8], start: u32, end: u32) -> (u32, u32) {
    let escape_over = |at: usize| -> Option<(usize, usize)> {
        let from = at.saturating_sub(5);
        let back = src[from..at].iter().rposition(|byte| *byte == b'\\')? + from;
        let run = src[..=back].iter().rev().take_while(|byte| **byte == b'\\').count();
        let len = if src.get(back + 1) == Some(&b'u') { 6 } else { 2 };
        (run % 2 == 1 && back + len > at).then_some((back, back + len))
    };
    let (start, end) = (start as usize, end as usize);
    let widened = (
        escape_over(start).map_or(start, |(from, _)| from),
        escape_over(end).map_or(end, |(_, to)| to.min(src.len())),
    );
    // A letter of several bytes stays whole, too.
    let inside = |at: usize| src.get(at).is_some_and(|byte| (0x80..0xc0).contains(byte));
    let (mut start, mut end) = widened;
    while start > 0 && inside(start) {
        start -= 1;
    }
    while inside(end) {
        end += 1;
    }
    (start as u32, end as u32)
}

/// Appends `text` escaped for the inside of a JSON string: `"`, `\` and control bytes, nothing
/// else, so that the result is as short as it can be.
pub(crate) fn escape(text: &[u8], out: &mut Vec<u8>) {
    const HEX: &[u8; 16] = b"0123456789abcdef";
    let mut rest = text;
    loop {
        let plain = plain_prefix(rest);
        out.extend_from_slice(&rest[..plain]);
        let Some(byte) = rest.get(plain) else { return };
        rest = &rest[plain + 1..];
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', *byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            _ => {
                out.extend_from_slice(b"\\u00");
                out.push(HEX[usize::from(byte >> 4)]);
                out.push(HEX[usize::from(byte & 15)]);
            }
        }
    }
}

/// How many bytes stand before the first that needs an escape; eight are looked at at a time.
fn plain_prefix(text: &[u8]) -> usize {
    const ONES: u64 = 0x0101_0101_0101_0101;
    const HIGH: u64 = 0x8080_8080_8080_8080;
    let needs = |byte: &u8| *byte < 0x20 || matches!(byte, b'"' | b'\\');
    let (words, tail) = text.as_chunks::<8>();
    for (at, word) in words.iter().enumerate() {
        let v = u64::from_le_bytes(*word);
        // A high bit for every byte that is zero, or lies above one that is: enough to know
        // whether there is any.
        let zero = |v: u64| v.wrapping_sub(ONES) & !v;
        let quote = zero(v ^ (ONES * u64::from(b'"')));
        let backslash = zero(v ^ (ONES * u64::from(b'\\')));
        let control = v.wrapping_sub(ONES * 0x20) & !v;
        if (quote | backslash | control) & HIGH != 0 {
            return at * 8 + word.iter().position(needs).unwrap_or(8);
        }
    }
    text.len() - tail.len() + tail.iter().position(needs).unwrap_or(tail.len())
}

/// The inside of the JSON string that `text` begins with, and what follows it.
pub(crate) fn quoted(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let inside = text.strip_prefix(b"\"")?;
    let mut at = 0;
    loop {
        at += memchr::memchr2(b'"', b'\\', inside.get(at..)?)?;
        match inside[at] {
            b'"' => return Some((&inside[..at], &inside[at + 1..])),
            _ => at += 2,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ranges_do_not_split_escapes() {
        let src = br"line\nabc\\nabc\u0041bc";
        let over = |start, end| whole_escapes(src, start, end);
        assert_eq!(over(5, 9), (4, 9), "the n is of an escape");
        assert_eq!(over(11, 15), (11, 15), "the backslash before it is one itself");
        assert_eq!(over(17, 23), (15, 23));
        assert_eq!(over(0, 5), (0, 6));
        assert_eq!(over(0, 10), (0, 11));
        assert_eq!(over(0, 18), (0, 21));
        assert_eq!(over(0, 4), (0, 4));
    }

    #[test]
    fn unescape_inverts_escape() {
        let text: Vec<u8> = (0u8..0x80).chain("é\u{2028}😀".bytes()).collect();
        let (mut escaped, mut back) = (Vec::new(), Vec::new());
        escape(&text, &mut escaped);
        unescape(&escaped, &mut back);
        assert_eq!(back, text);
    }

    #[test]
    fn unescape_joins_surrogates_and_replaces_lone_ones() {
        let mut out = Vec::new();
        unescape(br"\ud83d\ude00 \ud83d \ude00\/\u0041", &mut out);
        assert_eq!(String::from_utf8(out).unwrap(), "😀 \u{fffd} \u{fffd}/A");
    }
}
