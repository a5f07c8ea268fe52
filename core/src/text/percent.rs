//! Percent-encoding in URIs, and the escapes of shells.

/// The byte that stands at `at`, and in how many it is written: three for `%XX`, else one.
#[inline]
pub(crate) fn percent_byte(text: &[u8], at: usize) -> (u8, usize) {
    let digit = |at: usize| text.get(at).and_then(|c| (*c as char).to_digit(16));
    match (text[at], digit(at + 1), digit(at + 2)) {
        (b'%', Some(high), Some(low)) => ((high * 16 + low) as u8, 3),
        (byte, ..) => (byte, 1),
    }
}

/// Appends `text` with `%XX` decoded once (`+` stays). Returns whether anything was decoded.
pub(crate) fn percent_decode(text: &[u8], out: &mut Vec<u8>) -> bool {
    let mut decoded = false;
    let mut at = 0;
    while let Some(plain) = memchr::memchr(b'%', &text[at..]) {
        out.extend_from_slice(&text[at..at + plain]);
        at += plain;
        let (byte, len) = percent_byte(text, at);
        out.push(byte);
        decoded |= len > 1;
        at += len;
    }
    out.extend_from_slice(&text[at..]);
    decoded
}

/// Decodes `%XX` once in place (`+` stays). Returns whether anything was decoded.
pub(crate) fn percent_decode_in_place(text: &mut Vec<u8>) -> bool {
    decode_in_place(text, b'%', percent_byte)
}

/// Decodes the escapes of [`shell_byte`] once in place. Returns whether anything was decoded.
pub(crate) fn shell_decode_in_place(text: &mut Vec<u8>) -> bool {
    decode_in_place(text, b'\\', shell_byte)
}

/// Whether a text has an escape that [`shell_byte`] reads.
pub(crate) fn is_shell_encoded(text: &[u8]) -> bool {
    memchr::memchr_iter(b'\\', text).any(|at| shell_byte(text, at).1 > 1)
}

/// The byte at `at`, which a shell, `printf` or a properties file may write as `\x70`, `\160`, `\0160`
/// or `\u0070`; and how many bytes it takes there.
pub(crate) fn shell_byte(text: &[u8], at: usize) -> (u8, usize) {
    let digits = |from: usize, count: usize, radix: u32| {
        let digits = text.get(from..from + count)?;
        digits.iter().try_fold(0, |sum, c| Some(sum * radix + (*c as char).to_digit(radix)?))
    };
    if text[at] == b'\\' {
        let (read, len) = match text.get(at + 1) {
            Some(b'x') => (digits(at + 2, 2, 16), 4),
            Some(b'0') if digits(at + 2, 3, 8).is_some() => (digits(at + 2, 3, 8), 5),
            Some(b'0'..=b'3') => (digits(at + 1, 3, 8), 4),
            Some(b'u') => (digits(at + 2, 4, 16), 6),
            _ => (None, 1),
        };
        // Beyond ASCII an escape is a part of a letter; a zero ends a text.
        if let Some(byte @ 1..0x80) = read {
            return (byte as u8, len);
        }
    }
    (text[at], 1)
}

/// Decodes in place with `byte`, which gives the byte at a place and how many it takes.
fn decode_in_place(text: &mut Vec<u8>, sign: u8, byte: fn(&[u8], usize) -> (u8, usize)) -> bool {
    let Some(mut at) = memchr::memchr(sign, text) else { return false };
    let mut to = at;
    let mut decoded = false;
    // The sign stands at `at`.
    while at < text.len() {
        let (byte, len) = byte(text, at);
        text[to] = byte;
        decoded |= len > 1;
        at += len;
        let plain = memchr::memchr(sign, &text[at..]).unwrap_or(text.len() - at);
        text.copy_within(at..at + plain, to + 1);
        at += plain;
        to += 1 + plain;
    }
    text.truncate(to);
    decoded
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn percent_decoding_keeps_what_is_not_an_escape() {
        let mut out = Vec::new();
        assert!(percent_decode(b"a%2Fb%zz%4+%", &mut out));
        assert_eq!(out, b"a/b%zz%4+%");
        for text in ["", "a%2Fb%zz%4+%", "%", "%%", "%41", "%2541%%42%4", "abc", "%41%42%43x"] {
            let mut in_place = text.as_bytes().to_vec();
            let mut appended = Vec::new();
            let decoded = percent_decode(text.as_bytes(), &mut appended);
            assert_eq!(percent_decode_in_place(&mut in_place), decoded);
            assert_eq!(in_place, appended);
        }
    }
}
