//! Where a text that is too long may be cut.
//!
//! Lucene refuses terms over 32766 bytes and with them the whole document, so every string is
//! capped. Cuts fall between characters and between escapes, and say how much is missing.

use super::decimal;

/// Room kept for the marker, in characters.
pub(crate) const CUT_MARKER: usize = 32;

/// The bytes of the first `most` characters of the inside of a JSON string, or `None` when it has
/// no more than that. An escape counts as one character.
pub(crate) fn cut_ready(raw: &[u8], most: usize) -> Option<usize> {
    if raw.len() <= most {
        return None;
    }
    let mut at = 0;
    for _ in 0..most {
        if at >= raw.len() {
            return None;
        }
        at += character(raw, at);
    }
    (at < raw.len()).then_some(at)
}

/// The same for text that is not yet escaped.
pub(crate) fn cut_plain(text: &[u8], most: usize) -> Option<usize> {
    if text.len() <= most {
        return None;
    }
    let mut at = 0;
    for _ in 0..most {
        at += width(*text.get(at)?);
    }
    (at < text.len()).then_some(at)
}

/// The longest prefix of the inside of a JSON string that has at most `most` bytes and ends
/// between characters and escapes.
pub(crate) fn cut_bytes(raw: &[u8], most: usize) -> usize {
    if raw.len() <= most {
        return raw.len();
    }
    let mut at = 0;
    loop {
        let next = at + character(raw, at);
        if next > most {
            return at;
        }
        at = next;
    }
}

/// Bytes of the character or escape at `at`; the two escapes of a pair are one.
fn character(raw: &[u8], at: usize) -> usize {
    match raw[at] {
        b'\\' if raw.get(at + 1) == Some(&b'u') => {
            let high = matches!(
                raw.get(at + 2..at + 4),
                Some([b'd' | b'D', b'8' | b'9' | b'a' | b'b' | b'A' | b'B'])
            );
            if high && raw.get(at + 6..at + 8) == Some(b"\\u") { 12 } else { 6 }
        }
        b'\\' => 2,
        lead => width(lead),
    }
}

const fn width(lead: u8) -> usize {
    match lead {
        0..0xc0 => 1,
        0xc0..0xe0 => 2,
        0xe0..0xf0 => 3,
        _ => 4,
    }
}

/// Appends `…[cut N bytes]`: that so many bytes are missing.
pub(crate) fn cut_marker(bytes: usize, out: &mut Vec<u8>) {
    out.extend_from_slice("…[cut ".as_bytes());
    decimal(bytes as u64, out);
    out.extend_from_slice(b" bytes]");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn cuts_keep_json_whole() {
        let raw = r#"aé\n\u00e9😀\ud83d\ude00\"z"#.as_bytes();
        for most in 0..12 {
            let end = cut_ready(raw, most).unwrap_or(raw.len());
            let text = std::str::from_utf8(&raw[..end]).unwrap();
            let said: String = serde_json::from_str(&format!("\"{text}\"")).unwrap();
            assert_eq!(said.chars().count(), most.min(8));
            assert_eq!(cut_ready(raw, most).is_some(), most < 8);
        }
        for most in 0..=raw.len() {
            let end = cut_bytes(raw, most);
            assert!(end <= most && end + 12 > most.min(raw.len()));
            let text = std::str::from_utf8(&raw[..end]).unwrap();
            serde_json::from_str::<String>(&format!("\"{text}\"")).unwrap();
        }
        assert_eq!(cut_plain("aé😀b".as_bytes(), 3), Some(7));
        assert_eq!(cut_plain("aé😀b".as_bytes(), 4), None);
    }
}
