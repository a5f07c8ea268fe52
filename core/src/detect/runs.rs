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

/// The value that stands at `from`: what the quotes hold when it is quoted (`"`, `'`, or quotes
/// behind backslashes, as JSON text has them), else up to the first [`STOP`] byte.
///
/// A plain `"` may also be the end of the JSON string that the haystack shows: then a comma, colon
/// or bracket follows, and there is no value.
pub(super) fn value(hay: &[u8], from: usize, limit: usize) -> (usize, usize) {
    let most = from.saturating_add(limit).min(hay.len());
    let slice = hay.get(from..most).unwrap_or_default();
    let slashes = slice.iter().take_while(|b| **b == b'\\').count();
    let Some(quote) = slice.get(slashes).copied().filter(|b| matches!(b, b'"' | b'\'')) else {
        return (from, value_end(hay, from, limit));
    };
    let inside = &slice[slashes + 1..];
    if slashes == 0 && quote == b'"' {
        let next = inside.iter().find(|b| !b.is_ascii_whitespace());
        if matches!(next, None | Some(b',' | b':' | b'}' | b']')) {
            return (from, from);
        }
    }
    let start = from + slashes + 1;
    let mut behind = 0;
    for (at, byte) in inside.iter().enumerate() {
        match byte {
            b'\\' => behind += 1,
            b'\n' => break,
            // Deeper quotes have more backslashes before them.
            _ if *byte == quote && behind <= slashes => return (start, start + at - behind),
            // the end of the JSON string
            b'"' if behind == 0 && ends_string(&inside[at + 1..]) => return (start, start + at),
            _ => behind = 0,
        }
    }
    (start, value_end(hay, start, limit))
}

/// Whether what follows a `"` can follow the end of a JSON string. In text that was unescaped a
/// plain `"` may stand between apostrophes.
fn ends_string(after: &[u8]) -> bool {
    let next = after.iter().find(|b| !b.is_ascii_whitespace());
    matches!(next, None | Some(b',' | b':' | b'}' | b']'))
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
