//! Percent-encoding in URIs.

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
    while at < text.len() {
        let (byte, len) = percent_byte(text, at);
        out.push(byte);
        decoded |= len > 1;
        at += len;
    }
    decoded
}

/// Decodes `%XX` once in place (`+` stays). Returns whether anything was decoded.
pub(crate) fn percent_decode_in_place(text: &mut Vec<u8>) -> bool {
    let Some(mut at) = memchr::memchr(b'%', text) else { return false };
    let mut to = at;
    let mut decoded = false;
    // A percent sign stands at `at`.
    while at < text.len() {
        let (byte, len) = percent_byte(text, at);
        text[to] = byte;
        decoded |= len > 1;
        at += len;
        let plain = memchr::memchr(b'%', &text[at..]).unwrap_or(text.len() - at);
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
