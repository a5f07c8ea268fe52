//! Opens every encoding a value may be hidden in, so that a search for a secret cannot be fooled.
//!
//! [`Revealed`] holds a text and everything found inside it: JSON strings and keys unescaped,
//! JSON documents inside strings, percent-encoding, base64 of whole strings and of their parts,
//! gzip. Slow and greedy on purpose, bounded by depth and total size.

use std::io::Read as _;

use base64::Engine as _;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use flate2::read::MultiGzDecoder;
use serde_json::Value;

const DEPTH: usize = 7;
const BUDGET: usize = 64 << 20;

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_allow_trailing_bits(true)
    .with_decode_padding_mode(DecodePaddingMode::Indifferent);
const STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
const URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// A text and all that could be decoded from it.
#[derive(Default)]
pub struct Revealed {
    texts: Vec<Vec<u8>>,
    size: usize,
}

impl Revealed {
    /// Opens `text`.
    pub fn new(text: &[u8]) -> Self {
        let mut revealed = Self::default();
        revealed.add(text.to_vec(), 0);
        for line in text.split(|byte| *byte == b'\n') {
            revealed.json(line, 1);
        }
        revealed
    }

    /// Whether `needle` occurs in any of it.
    pub fn contains(&self, needle: &str) -> bool {
        self.texts.iter().any(|text| contains(text, needle.as_bytes()))
    }

    /// All of it, for searches of many texts at once.
    pub fn texts(&self) -> impl Iterator<Item = &[u8]> {
        self.texts.iter().map(Vec::as_slice)
    }

    fn add(&mut self, text: Vec<u8>, depth: usize) {
        self.size += text.len();
        if self.size > BUDGET {
            return;
        }
        if depth > 0 && depth < DEPTH {
            self.open(&text, depth);
        }
        self.texts.push(text);
    }

    fn json(&mut self, text: &[u8], depth: usize) {
        let lossy = String::from_utf8_lossy(text);
        let mut stream = serde_json::Deserializer::from_str(&lossy).into_iter::<Value>();
        let mut found = false;
        while let Some(Ok(value)) = stream.next() {
            if depth > 1 && !value.is_object() && !value.is_array() && !value.is_string() {
                return;
            }
            found = true;
            self.walk(&value, depth);
        }
        if !found || stream.byte_offset() < lossy.trim_end().len() {
            // What serde_json cannot read (or reads only the last of, for duplicate keys) is
            // searched string by string.
            self.strings(&lossy, depth);
        } else if lossy.contains('\\') || lossy.contains('"') {
            self.strings(&lossy, depth);
        }
    }

    /// Every quoted string, without regard to structure.
    fn strings(&mut self, text: &str, depth: usize) {
        let bytes = text.as_bytes();
        let mut at = 0;
        while let Some(open) = bytes[at..].iter().position(|b| *b == b'"').map(|p| at + p) {
            let mut end = open + 1;
            while end < bytes.len() && bytes[end] != b'"' {
                end += if bytes[end] == b'\\' { 2 } else { 1 };
            }
            let end = end.min(bytes.len());
            let inner = &text.as_bytes()[open + 1..end];
            self.add(unescape(inner), depth);
            at = (end + 1).min(bytes.len());
        }
    }

    fn walk(&mut self, value: &Value, depth: usize) {
        let mut stack = vec![value];
        while let Some(value) = stack.pop() {
            match value {
                Value::String(text) => self.add(text.clone().into_bytes(), depth),
                Value::Array(items) => stack.extend(items),
                Value::Object(members) => {
                    for (name, value) in members {
                        self.add(name.clone().into_bytes(), depth);
                        stack.push(value);
                    }
                }
                _ => {}
            }
        }
    }

    fn open(&mut self, text: &[u8], depth: usize) {
        if text.starts_with(&[0x1f, 0x8b]) {
            let mut plain = Vec::new();
            let _ = MultiGzDecoder::new(text).take(BUDGET as u64).read_to_end(&mut plain);
            if !plain.is_empty() {
                self.add(plain, depth + 1);
            }
            return;
        }
        let trimmed = text.trim_ascii();
        if trimmed.starts_with(b"{") || trimmed.starts_with(b"[") || trimmed.starts_with(b"\"") {
            self.json(trimmed, depth + 1);
        }
        if let Some(decoded) = percent(text) {
            self.add(decoded, depth + 1);
        }
        let part = |byte: &u8| {
            !(byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'/' | b'-' | b'_' | b'='))
        };
        let whole: Vec<u8> = text.iter().copied().filter(|b| !b.is_ascii_whitespace()).collect();
        if whole.len() >= 8
            && let Some(decoded) = unbase64(&whole)
        {
            self.add(decoded, depth + 1);
        }
        for token in text.split(part).filter(|token| token.len() >= 8 && token.len() < text.len()) {
            if let Some(decoded) = unbase64(token) {
                self.add(decoded, depth + 1);
            }
            // `name=…`, as in a query
            if let Some(equals) = token.iter().position(|byte| *byte == b'=')
                && token.len() - equals > 8
                && let Some(decoded) = unbase64(&token[equals + 1..])
            {
                self.add(decoded, depth + 1);
            }
        }
    }
}

/// Whether `needle` occurs in `text`.
pub fn contains(text: &[u8], needle: &[u8]) -> bool {
    needle.is_empty() || text.windows(needle.len()).any(|window| window == needle)
}

fn unbase64(text: &[u8]) -> Option<Vec<u8>> {
    STANDARD.decode(text).or_else(|_| URL_SAFE.decode(text)).ok()
}

fn percent(text: &[u8]) -> Option<Vec<u8>> {
    let mut out = Vec::with_capacity(text.len());
    let mut changed = false;
    let mut at = 0;
    while at < text.len() {
        let pair = text.get(at + 1..at + 3).and_then(|pair| std::str::from_utf8(pair).ok());
        match (text[at], pair.and_then(|pair| u8::from_str_radix(pair, 16).ok())) {
            (b'%', Some(byte)) => {
                out.push(byte);
                at += 3;
                changed = true;
            }
            (b'+', _) => {
                out.push(b' ');
                at += 1;
                changed = true;
            }
            (byte, _) => {
                out.push(byte);
                at += 1;
            }
        }
    }
    changed.then_some(out)
}

/// Undoes JSON escapes as far as they make sense; never fails.
fn unescape(text: &[u8]) -> Vec<u8> {
    let hex = |at: usize| {
        text.get(at..at + 4)
            .and_then(|digits| std::str::from_utf8(digits).ok())
            .and_then(|digits| u16::from_str_radix(digits, 16).ok())
    };
    let mut out = Vec::with_capacity(text.len());
    let mut at = 0;
    while at < text.len() {
        if text[at] != b'\\' {
            out.push(text[at]);
            at += 1;
            continue;
        }
        let next = text.get(at + 1).copied().unwrap_or(b'\\');
        at += 2;
        match next {
            b'n' => out.push(b'\n'),
            b't' => out.push(b'\t'),
            b'r' => out.push(b'\r'),
            b'b' => out.push(8),
            b'f' => out.push(12),
            b'u' => {
                let Some(unit) = hex(at) else { continue };
                at += 4;
                let mut units = vec![unit];
                if (0xd800..0xdc00).contains(&unit)
                    && text.get(at..at + 2) == Some(b"\\u")
                    && let Some(low) = hex(at + 2)
                {
                    units.push(low);
                    at += 6;
                }
                out.extend_from_slice(String::from_utf16_lossy(&units).as_bytes());
            }
            other => out.push(other),
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn finds_what_is_hidden() {
        let found = |text: &str| Revealed::new(text.as_bytes()).contains("hunter2");
        assert!(found("hunter2"));
        assert!(found(r#"{"a":"h\u0075nter2"}"#));
        assert!(found(r#"{"h\u0075nter2":1}"#));
        assert!(found(r#"{"a":"h\u0075nter2","a":"x"}"#), "first of duplicate keys");
        assert!(found(r#"{"a":"{\"b\":\"h\\u0075nter2\"}"}"#));
        assert!(found(r#"{"a":"aHVudGVyMg=="}"#));
        assert!(found(r#"{"a":"token: aHVudGVyMg, rest"}"#));
        assert!(found(r#"{"a":"YUhWdWRHVnlNZz09"}"#), "base64 of base64");
        assert!(found(r#"{"a":"/x?continue=aHVudGVyMg==&limit=5"}"#), "in a query");
        assert!(found(r#"{"a":"/x?y=h%75nter2"}"#));
        assert!(found(r#"{"a":"/x?y=h%2575nter2"}"#));
        assert!(found(r#"{"a":"h\u0075nter2"#), "cut off");
        assert!(!found(r#"{"a":"hunter3"}"#));
    }

    #[test]
    fn opens_gzip() {
        use std::io::Write as _;
        let mut gz = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::default());
        gz.write_all(br#"{"password":"hunter2"}"#).expect("write");
        let text = STANDARD.encode(gz.finish().expect("gzip"));
        assert!(Revealed::new(format!(r#"{{"a":"{text}"}}"#).as_bytes()).contains("hunter2"));
        let twice = STANDARD.encode(text);
        assert!(Revealed::new(format!(r#"{{"a":"{twice}"}}"#).as_bytes()).contains("hunter2"));
    }
}
