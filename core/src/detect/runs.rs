//! Classes of bytes and how far they run.

/// Letters and digits.
pub(super) const ALNUM: u8 = 1;
/// Letters, digits, `-`, `_`: base64url.
pub(super) const URL64: u8 = 2;
/// Letters, digits, `+`, `/`, `=`, `-`, `_`, `.`, `~`: what tokens are made of.
pub(super) const TOKEN: u8 = 4;
/// Hex digits.
pub(super) const HEX: u8 = 8;
/// Upper case letters and digits.
pub(super) const UPPER: u8 = 16;
/// Letters, digits, `+`, `/`, `=`: base64.
pub(super) const BASE64: u8 = 32;
/// What ends a value in text: white space, quotes, brackets, separators, control bytes.
pub(super) const STOP: u8 = 64;
/// Letters, digits, `_`, `-`, `.`: names of variables and parameters.
pub(super) const NAME: u8 = 128;

static CLASSES: [u8; 256] = {
    let mut table = [0u8; 256];
    let mut byte = 0usize;
    while byte < 256 {
        let b = byte as u8;
        let mut set = 0;
        if b.is_ascii_alphanumeric() {
            set |= ALNUM | URL64 | TOKEN | BASE64 | NAME;
        }
        if b.is_ascii_hexdigit() {
            set |= HEX;
        }
        if b.is_ascii_uppercase() || b.is_ascii_digit() {
            set |= UPPER;
        }
        set |= match b {
            b'-' | b'_' => URL64 | TOKEN | NAME,
            b'+' | b'/' | b'=' => TOKEN | BASE64,
            b'.' => TOKEN | NAME,
            b'~' => TOKEN,
            0..=b' '
            | b'"'
            | b'\''
            | b'\\'
            | b'&'
            | b','
            | b';'
            | b')'
            | b'}'
            | b']'
            | b'>'
            | b'<'
            | b'`'
            | b'|'
            | 0x7f => STOP,
            _ => 0,
        };
        table[byte] = set;
        byte += 1;
    }
    table
};

/// Whether a byte is of this class.
#[inline]
pub(super) fn is(byte: u8, class: u8) -> bool {
    CLASSES[usize::from(byte)] & class != 0
}

/// Where a run of this class that starts at `from` ends, at most `limit` bytes on.
#[inline]
pub(super) fn run(hay: &[u8], from: usize, class: u8, limit: usize) -> usize {
    let end = from.saturating_add(limit).min(hay.len());
    let slice = hay.get(from..end).unwrap_or_default();
    from + slice.iter().position(|b| !is(*b, class)).unwrap_or(slice.len())
}

/// Where a value in text that starts at `from` ends: at the first [`STOP`] byte.
#[inline]
pub(super) fn value_end(hay: &[u8], from: usize, limit: usize) -> usize {
    let end = from.saturating_add(limit).min(hay.len());
    let slice = hay.get(from..end).unwrap_or_default();
    from + slice.iter().position(|b| is(*b, STOP)).unwrap_or(slice.len())
}

/// Where a run of this class that ends before `to` starts, at most `limit` bytes back.
#[inline]
pub(super) fn run_back(hay: &[u8], to: usize, class: u8, limit: usize) -> usize {
    let from = to.saturating_sub(limit);
    let slice = &hay[from..to];
    from + slice.iter().rposition(|b| !is(*b, class)).map_or(0, |at| at + 1)
}

/// Whether a text looks random rather than like a word: a digit, or both cases, among letters.
pub(super) fn looks_random(text: &[u8]) -> bool {
    let has = |test: fn(&u8) -> bool| text.iter().any(test);
    has(u8::is_ascii_digit)
        || has(u8::is_ascii_uppercase) && has(u8::is_ascii_lowercase) && {
            // `CamelCase` words have an upper case letter only at the start of a part
            text.windows(2).any(|w| w[0].is_ascii_uppercase() && w[1].is_ascii_uppercase())
        }
}
