//! Line prefixes, base64 and gzip around events.

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::gzip::{Fault, Gunzip, is_gzip};
use crate::reason::Reason;

/// Why encoded content cannot be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum DecodeError {
    Base64,
    Gzip,
    TooLarge,
}

impl DecodeError {
    pub(super) const fn reason(self) -> Reason {
        match self {
            Self::Base64 => Reason::BAD_BASE64,
            Self::Gzip => Reason::BAD_GZIP,
            Self::TooLarge => Reason::DECODED_TOO_LARGE,
        }
    }
}

/// What a line from a container runtime or syslog carries.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Line<'a> {
    Whole(&'a [u8]),
    /// A CRI line tagged `P`: the rest follows on other lines.
    Partial,
}

/// Takes off a byte order mark, white space, a CRI prefix (`TIME stdout F `) and a syslog or OVH
/// prefix, all of which the node writes, not the client.
pub(super) fn strip_prefix(line: &[u8]) -> Line<'_> {
    let line = line.strip_prefix("\u{feff}".as_bytes()).unwrap_or(line).trim_ascii();
    match line.first() {
        Some(b'0'..=b'9') => {
            let mut words = line.splitn(4, |b| *b == b' ');
            if let (Some(time), Some(stream), Some(tag), Some(rest)) =
                (words.next(), words.next(), words.next(), words.next())
                && time.len() >= 20
                && time.contains(&b'T')
                && matches!(stream, b"stdout" | b"stderr")
            {
                return if tag.first() == Some(&b'P') { Line::Partial } else { Line::Whole(rest) };
            }
            Line::Whole(line)
        }
        // syslog: `<134>1 2026-… host app - - {`
        Some(b'<') => {
            let priority = line[1..].iter().take_while(|b| b.is_ascii_digit()).count();
            let start = memchr::memmem::find(&line[..line.len().min(512)], b" {\"");
            match (line.get(priority + 1), start) {
                (Some(b'>'), Some(start)) => Line::Whole(&line[start + 1..]),
                _ => Line::Whole(line),
            }
        }
        // OVHcloud: `{APP-ID}> {`
        Some(b'{') if !matches!(line.get(1), Some(b'"' | b' ' | b'\n' | b'\r' | b'\t' | b'}')) => {
            match memchr::memmem::find(&line[..line.len().min(128)], b"}> {") {
                Some(at) => Line::Whole(&line[at + 3..]),
                None => Line::Whole(line),
            }
        }
        _ => Line::Whole(line),
    }
}

/// Replaces `out` by what `text` (the inside of a JSON string) encodes: base64, then gzip if it is.
pub(super) fn base64_gzip(
    text: &[u8],
    budget: &mut usize,
    gunzip: &mut Gunzip,
    out: &mut Vec<u8>,
) -> Result<(), DecodeError> {
    let mut decoded = Vec::new();
    let plain: Vec<u8>;
    let text = if text.contains(&b'\\') {
        // `\/` is how some encoders write a slash
        let mut unescaped = Vec::new();
        crate::text::unescape(text, &mut unescaped);
        plain = unescaped;
        &plain
    } else {
        text
    };
    STANDARD.decode_vec(text, &mut decoded).map_err(|_| DecodeError::Base64)?;
    out.clear();
    if is_gzip(&decoded) {
        // What is too large is so by its length below.
        if gunzip.inflate(&decoded, *budget, out) == Err(Fault::Broken) {
            return Err(DecodeError::Gzip);
        }
    } else {
        out.append(&mut decoded);
    }
    if out.len() > *budget {
        *out = Vec::new();
        return Err(DecodeError::TooLarge);
    }
    *budget -= out.len();
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_come_off() {
        for (line, rest) in [
            ("2024-01-01T00:00:00.123456789Z stdout F {\"a\":1}", "{\"a\":1}"),
            ("\u{feff}{\"a\":1}\r\n", "{\"a\":1}"),
            ("<134>1 2026-01-01T00:00:00Z host app - - - {\"a\":1}", "{\"a\":1}"),
            ("{app-1}> {\"a\":1}", "{\"a\":1}"),
            ("{\"a\":\"}> {\"}", "{\"a\":\"}> {\"}"),
            ("12 stdout F {}", "12 stdout F {}"),
        ] {
            assert_eq!(strip_prefix(line.as_bytes()), Line::Whole(rest.as_bytes()), "{line}");
        }
        assert_eq!(strip_prefix(b"2024-01-01T00:00:00.123Z stdout P {\"a\""), Line::Partial);
    }
}
