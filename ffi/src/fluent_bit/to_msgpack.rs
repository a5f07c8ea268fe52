//! The core's lines as bodies of records.

use rmp::encode;

/// A line that is not an object, or not JSON. The core writes none.
#[derive(Debug, PartialEq)]
pub(super) struct NotAnObject;

/// Containers inside each other that become MessagePack; what is deeper stays JSON, as a text.
///
/// Fluent Bit reads chunks with a stack of 32 containers before 4.1 and 64 since, of which the
/// record around the body takes one. A single record beyond it makes the outputs lose the whole
/// chunk without a word. Elasticsearch refuses documents deeper than 20 by default.
const DEPTH: usize = 31;

/// Appends one line of the core's output as a map.
///
/// Integers of 64 bits stay integers; a number with a fraction or exponent becomes the nearest
/// double; one that neither holds (an integer of more than 64 bits, `1e999`) becomes the text of
/// it, so that no digit is lost. A lone surrogate in a `\u` escape, which UTF-8 cannot hold,
/// becomes U+FFFD. Containers nested deeper than 31 become texts of JSON. Member order and
/// duplicate members stay.
pub(super) fn write(line: &[u8], out: &mut Vec<u8>) -> Result<(), NotAnObject> {
    Reader { src: line, at: 0 }.line(out).ok_or(NotAnObject)
}

/// Appends the line as the body of a record: its members, or under a key its text.
///
/// As text nothing of what the line says is lost, and nothing is too deep.
pub(super) fn body(key: Option<&[u8]>, line: &[u8], out: &mut Vec<u8>) -> Result<(), NotAnObject> {
    out.reserve(line.len() + 16);
    let Some(key) = key else { return write(line, out) };
    let object = line.first() == Some(&b'{') && line.last() == Some(&b'}');
    if !object {
        return Err(NotAnObject);
    }
    out.push(0x81);
    for text in [key, line] {
        head(text.len(), out).ok_or(NotAnObject)?;
        out.extend_from_slice(text);
    }
    Ok(())
}

struct Reader<'a> {
    src: &'a [u8],
    at: usize,
}

/// A container not yet closed.
#[derive(Clone, Copy, Default)]
struct Open {
    map: bool,
    /// Where its head is in the output: three bytes for the outermost, else one.
    head: usize,
    len: u32,
}

impl Reader<'_> {
    fn line(&mut self, out: &mut Vec<u8>) -> Option<()> {
        let mut stack = [Open::default(); DEPTH];
        let mut depth = 0;
        self.space();
        (self.peek()? == b'{').then_some(())?;
        loop {
            // A value.
            let mut opened = false;
            match self.peek()? {
                b'"' => self.string(out)?,
                b'{' | b'[' if depth == DEPTH => self.as_text(out)?,
                open @ (b'{' | b'[') => {
                    self.at += 1;
                    stack[depth] = Open { map: open == b'{', head: out.len(), len: 0 };
                    // What is in the outermost, which is everything, is never moved.
                    out.extend_from_slice(if depth == 0 { &[0; 3] } else { &[0] });
                    depth += 1;
                    opened = true;
                }
                b't' => self.word(b"true", 0xc3, out)?,
                b'f' => self.word(b"false", 0xc2, out)?,
                b'n' => self.word(b"null", 0xc0, out)?,
                _ => self.number(out)?,
            }
            // What follows it.
            let in_map = loop {
                self.space();
                let Some(open) = depth.checked_sub(1).map(|last| &mut stack[last]) else {
                    return (self.at == self.src.len()).then_some(());
                };
                let close = if open.map { b'}' } else { b']' };
                if !opened {
                    open.len = open.len.checked_add(1)?;
                }
                match self.peek()? {
                    byte if byte == close => {
                        self.at += 1;
                        depth -= 1;
                        close_head(open, depth == 0, out);
                        opened = false;
                        continue;
                    }
                    b',' if !opened => {
                        self.at += 1;
                        self.space();
                    }
                    _ if opened => {}
                    _ => return None,
                }
                break open.map;
            };
            if in_map {
                self.string(out)?;
                self.space();
                (self.peek()? == b':').then_some(())?;
                self.at += 1;
                self.space();
            }
        }
    }

    /// The container here as a text.
    fn as_text(&mut self, out: &mut Vec<u8>) -> Option<()> {
        let from = self.at;
        let mut open = 0_u32;
        loop {
            match self.peek()? {
                b'{' | b'[' => open += 1,
                b'}' | b']' => open -= 1,
                b'"' => {
                    self.at += 1;
                    self.at += memchr::memchr2(b'"', b'\\', self.src.get(self.at..)?)?;
                    while self.peek()? == b'\\' {
                        self.at += 2;
                        self.at += memchr::memchr2(b'"', b'\\', self.src.get(self.at..)?)?;
                    }
                }
                _ => {}
            }
            self.at += 1;
            if open == 0 {
                let text = &self.src[from..self.at];
                head(text.len(), out)?;
                out.extend_from_slice(text);
                return Some(());
            }
        }
    }

    fn peek(&self) -> Option<u8> {
        self.src.get(self.at).copied()
    }

    #[inline(always)]
    fn space(&mut self) {
        // The core writes none; bodies may have some.
        if self.peek().is_some_and(|byte| byte <= b' ') {
            while matches!(self.peek(), Some(b' ' | b'\t' | b'\n' | b'\r')) {
                self.at += 1;
            }
        }
    }

    fn word(&mut self, word: &[u8], byte: u8, out: &mut Vec<u8>) -> Option<()> {
        self.src[self.at..].starts_with(word).then_some(())?;
        self.at += word.len();
        out.push(byte);
        Some(())
    }

    fn number(&mut self, out: &mut Vec<u8>) -> Option<()> {
        let from = self.at;
        // Most are codes, ports and counts.
        let short = self.src.get(from..)?.iter().take(4);
        let (digits, value) = short
            .take_while(|byte| byte.is_ascii_digit())
            .fold((0, 0_u16), |(digits, value), byte| {
                (digits + 1, value * 10 + u16::from(byte - b'0'))
            });
        if digits > 0 && matches!(self.src.get(from + digits), Some(b',' | b'}' | b']')) {
            self.at += digits;
            match value {
                0..128 => out.push(value as u8),
                128..256 => out.extend_from_slice(&[0xcc, value as u8]),
                _ => {
                    let [high, low] = value.to_be_bytes();
                    out.extend_from_slice(&[0xcd, high, low]);
                }
            }
            return Some(());
        }
        while matches!(self.peek(), Some(b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E')) {
            self.at += 1;
        }
        let text = std::str::from_utf8(&self.src[from..self.at]).ok()?;
        let mut to = encode::buffer::ByteBuf::from_vec(std::mem::take(out));
        let whole = !text.bytes().any(|byte| matches!(byte, b'.' | b'e' | b'E'));
        let written = if whole
            && text != "-0"
            && let Ok(n) = text.parse::<u64>()
        {
            encode::write_uint(&mut to, n).is_ok()
        } else if whole
            && text != "-0"
            && let Ok(n) = text.parse::<i64>()
        {
            encode::write_sint(&mut to, n).is_ok()
        } else if let Ok(n) = text.parse::<f64>()
            && n.is_finite()
            && (!whole || text == "-0")
        {
            encode::write_f64(&mut to, n).is_ok()
        } else {
            !text.is_empty() && encode::write_str(&mut to, text).is_ok()
        };
        *out = to.into_vec();
        written.then_some(())
    }

    #[inline]
    fn string(&mut self, out: &mut Vec<u8>) -> Option<()> {
        (self.peek()? == b'"').then_some(())?;
        let from = self.at + 1;
        // Most texts and all names are short. They are copied with what follows, of which nothing
        // stays, because a copy of a known length is no call.
        if let Some(block) = self.src.get(self.at..).and_then(<[u8]>::first_chunk::<SHORT>)
            && let Some(len) = short(block)
            && block[1 + len] == b'"'
        {
            let start = out.len();
            out.extend_from_slice(block);
            out[start] = 0xa0 | len as u8;
            out.truncate(start + 1 + len);
            self.at = from + len + 1;
            return Some(());
        }
        self.long_string(from, out)
    }

    fn long_string(&mut self, from: usize, out: &mut Vec<u8>) -> Option<()> {
        let end = from + memchr::memchr2(b'"', b'\\', self.src.get(from..)?)?;
        if self.src[end] == b'"' {
            let text = &self.src[from..end];
            head(text.len(), out)?;
            out.extend_from_slice(text);
            self.at = end + 1;
            return Some(());
        }
        // How long the text is shows only when it is unescaped: a head for most lengths is left room.
        let start = out.len();
        out.extend_from_slice(&[0; 3]);
        out.extend_from_slice(&self.src[from..end]);
        self.at = end + 1;
        self.escape(out)?;
        loop {
            let rest = self.src.get(self.at..)?;
            let plain = memchr::memchr2(b'"', b'\\', rest)?;
            out.extend_from_slice(&rest[..plain]);
            self.at += plain + 1;
            if rest[plain] == b'"' {
                break;
            }
            self.escape(out)?;
        }
        let len = out.len() - start - 3;
        if let Ok(len) = u16::try_from(len) {
            let [high, low] = len.to_be_bytes();
            out[start..start + 3].copy_from_slice(&[0xda, high, low]);
        } else {
            let [a, b, c, d] = u32::try_from(len).ok()?.to_be_bytes();
            out.splice(start..start + 3, [0xdb, a, b, c, d]);
        }
        Some(())
    }

    fn escape(&mut self, out: &mut Vec<u8>) -> Option<()> {
        let byte = self.peek()?;
        self.at += 1;
        out.push(match byte {
            b'"' | b'\\' | b'/' => byte,
            b'b' => 8,
            b'f' => 12,
            b'n' => b'\n',
            b'r' => b'\r',
            b't' => b'\t',
            b'u' => {
                let first = self.hex()?;
                let mut code = first;
                if (0xd800..0xdc00).contains(&first) && self.src[self.at..].starts_with(b"\\u") {
                    let after = self.at;
                    self.at += 2;
                    let second = self.hex()?;
                    if (0xdc00..0xe000).contains(&second) {
                        code = 0x10000 + ((first - 0xd800) << 10) + (second - 0xdc00);
                    } else {
                        self.at = after;
                    }
                }
                let char = char::from_u32(code).unwrap_or(char::REPLACEMENT_CHARACTER);
                out.extend_from_slice(char.encode_utf8(&mut [0; 4]).as_bytes());
                return Some(());
            }
            _ => return None,
        });
        Some(())
    }

    fn hex(&mut self) -> Option<u32> {
        let digits = self.src.get(self.at..self.at + 4)?;
        self.at += 4;
        digits.iter().try_fold(0, |n, digit| Some(n << 4 | char::from(*digit).to_digit(16)?))
    }
}

/// A quote and as much as a text of a one-byte head has, with the quote behind it.
const SHORT: usize = 1 + 31;

/// Bytes between the quote that `block` begins with and the first quote or backslash behind it.
#[inline(always)]
fn short(block: &[u8; SHORT]) -> Option<usize> {
    const ONES: u64 = u64::MAX / 255;
    for (word, bytes) in block.as_chunks::<8>().0.iter().enumerate() {
        let mut bytes = *bytes;
        if word == 0 {
            bytes[0] = 0;
        }
        let bytes = u64::from_le_bytes(bytes);
        // The high bit of the first byte that is none after an exclusive or; bits behind it may be
        // false.
        let zero = |bytes: u64| bytes.wrapping_sub(ONES) & !bytes & (ONES << 7);
        let found =
            zero(bytes ^ (ONES * u64::from(b'"'))) | zero(bytes ^ (ONES * u64::from(b'\\')));
        if found != 0 {
            return Some(word * 8 + found.trailing_zeros() as usize / 8 - 1);
        }
    }
    None
}

/// Head of a text of `len` bytes.
#[inline]
fn head(len: usize, out: &mut Vec<u8>) -> Option<()> {
    match u32::try_from(len).ok()? {
        len @ 0..32 => out.push(0xa0 | len as u8),
        len @ 32..=0xff => out.extend_from_slice(&[0xd9, len as u8]),
        len @ 0x100..=0xffff => {
            let [high, low] = (len as u16).to_be_bytes();
            out.extend_from_slice(&[0xda, high, low]);
        }
        len => {
            out.push(0xdb);
            out.extend_from_slice(&len.to_be_bytes());
        }
    }
    Some(())
}

/// Puts the length into the head of a container; a longer head than there is room for moves what is in
/// it.
fn close_head(open: &Open, outermost: bool, out: &mut Vec<u8>) {
    let (fixed, wide) = if open.map { (0x80, 0xde) } else { (0x90, 0xdc) };
    let bytes = open.len.to_be_bytes();
    if outermost && open.len <= 0xffff {
        out[open.head..open.head + 3].copy_from_slice(&[wide, bytes[2], bytes[3]]);
        return;
    }
    if outermost {
        out.splice(open.head..open.head + 3, [wide + 1].into_iter().chain(bytes));
        return;
    }
    if open.len < 16 {
        out[open.head] = fixed | open.len as u8;
        return;
    }
    let (marker, bytes) =
        if open.len <= 0xffff { (wide, &bytes[2..]) } else { (wide + 1, &bytes[..]) };
    let from = open.head + 1;
    let end = out.len();
    out.resize(end + bytes.len(), 0);
    out.copy_within(from..end, from + bytes.len());
    out[open.head] = marker;
    out[from..from + bytes.len()].copy_from_slice(bytes);
}

#[cfg(test)]
mod tests {
    use super::super::to_json;
    use super::*;

    fn there(json: &str) -> Result<Vec<u8>, NotAnObject> {
        let mut out = Vec::new();
        write(json.as_bytes(), &mut out).map(|()| out)
    }

    fn back(json: &str) -> String {
        let mut out = Vec::new();
        to_json::write(&there(json).unwrap(), 0, &mut out).unwrap();
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn there_and_back() {
        let long = format!(
            "{{\"a\":[{}],\"b\":{{{}}},\"c\":\"{}\"}}",
            vec!["0"; 70_000].join(","),
            (0..300).map(|n| format!("\"k{n}\":{n}")).collect::<Vec<_>>().join(","),
            "x".repeat(70_000)
        );
        for same in [
            "{}",
            r#"{"a":[],"b":{},"c":[[],{}],"d":null,"e":[true,false]}"#,
            r#"{"a":18446744073709551615,"b":-9223372036854775808,"c":1.0,"d":-1,"e":-33,"f":1e-7}"#,
            r#"{"a":"\"\\\n\t","b\n":"é","c":"😀","d":"\u0000"}"#,
            r#"{"a":1,"a":2}"#,
            &long,
        ] {
            assert_eq!(back(same), same);
        }
    }

    /// Short texts are copied in another way than long ones, and what has an escape in a third.
    #[test]
    fn texts_of_every_length() {
        for len in (0..80).chain([254, 255, 256, 65_534, 65_535, 65_536]) {
            for rest in [0, 1, 40] {
                let text = "é".repeat(len / 2) + &"a".repeat(len % 2);
                let same = format!(r#"{{"{text}":"{text}","b":"{}"}}"#, "c".repeat(rest));
                assert_eq!(back(&same), same);
                for escape in [r#"\""#, r"\\", r"\n"] {
                    for at in [0, len / 2, len] {
                        let (before, after) = ("a".repeat(at), "b".repeat(len - at));
                        let same = format!(r#"{{"a":"{before}{escape}{after}"}}"#);
                        assert_eq!(back(&same), same);
                        let cut = &same[..same.len() - 2];
                        assert_eq!(there(cut), Err(NotAnObject), "{cut}");
                    }
                }
            }
        }
    }

    #[test]
    fn short_numbers() {
        for number in (0..300).chain([9_999, 10_000, 65_535, 65_536]) {
            let same = format!(r#"{{"a":{number},"b":[-1{number},{number}]}}"#);
            assert_eq!(back(&same), same);
        }
        assert_eq!(back(r#"{"a": 7 ,"b":[ 1.5 , 80 ]}"#), r#"{"a":7,"b":[1.5,80]}"#);
    }

    #[test]
    fn what_changes() {
        assert_eq!(back(r#"{"a":18446744073709551616}"#), r#"{"a":"18446744073709551616"}"#);
        assert_eq!(back(r#"{"a":1e999}"#), r#"{"a":"1e999"}"#);
        assert_eq!(back(r#"{"a":1.10,"b":1E2,"c":-0}"#), r#"{"a":1.1,"b":100.0,"c":-0.0}"#);
        assert_eq!(back(r#"{"a":"\ud83d\ude00\/\u00e9"}"#), r#"{"a":"😀/é"}"#);
        assert_eq!(back(r#"{"a":"\ud83dx\ud83d\u0041"}"#), "{\"a\":\"\u{fffd}x\u{fffd}A\"}");
    }

    #[test]
    fn refusals() {
        for not in [
            "",
            "[]",
            "1",
            "{",
            r#"{"a"}"#,
            r#"{"a":}"#,
            r#"{"a":1,}"#,
            "{} {}",
            "{}x",
            r#"{"a":"\x"}"#,
            r#"{"a":"#,
            r#"{"a":"x}"#,
            r#"{"a":[1 2]}"#,
            "{,}",
            r#"{"a":"\u12"}"#,
        ] {
            assert_eq!(there(not), Err(NotAnObject), "{not}");
        }
        let deep = r#"{"a":"#.repeat(40);
        for cut in 1..deep.len() {
            assert_eq!(there(&deep[..cut]), Err(NotAnObject), "{cut}");
        }
    }

    #[test]
    fn what_is_too_deep_for_the_host_is_text() {
        let nested =
            |depth: usize, inner: &str| r#"{"a":"#.repeat(depth) + inner + &"}".repeat(depth);
        assert_eq!(back(&nested(31, "1")), nested(31, "1"));
        let inner = r#"[{"b\\":["]}\"",{}]},2]"#;
        let text = serde_json::to_string(inner).unwrap();
        assert_eq!(back(&nested(31, inner)), nested(31, &text));
        assert_eq!(back(&nested(31, "{}")), nested(31, r#""{}""#));
        assert!(there(&nested(10_000, "1")).is_ok());
    }
}
