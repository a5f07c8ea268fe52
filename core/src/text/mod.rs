//! Text as it is written: escapes, percent-encoding, numbers, times. Knows nothing of events.

mod cut;
mod escape;
mod number;
mod percent;
mod time;

pub(crate) use cut::{CUT_MARKER, cut_bytes, cut_marker, cut_plain, cut_ready};
pub(crate) use escape::{Short, escape, escape_as_go, hex4, quoted, unescape, whole_escapes};
pub(crate) use number::{decimal, hex, whole};
pub(crate) use percent::{
    is_shell_encoded, percent_byte, percent_decode, percent_decode_in_place, shell_byte,
    shell_decode_in_place,
};
pub(crate) use time::Timestamp;

/// Whether a text is nothing but addresses, with or without ports, joined by commas, blanks and
/// brackets. A word among them makes it a text that stays as it is: another pass may find a mask there.
pub(crate) fn are_addresses(text: &[u8]) -> bool {
    let part = |b: &u8| b.is_ascii_hexdigit() || matches!(b, b'.' | b':' | b'/');
    text.iter().all(|b| part(b) || matches!(b, b',' | b' ' | b'[' | b']'))
}

/// Appends `text` with every invalid UTF-8 sequence replaced by U+FFFD.
pub(crate) fn replace_invalid_utf8(text: &[u8], out: &mut Vec<u8>) {
    for chunk in text.utf8_chunks() {
        out.extend_from_slice(chunk.valid().as_bytes());
        if !chunk.invalid().is_empty() {
            out.extend_from_slice("\u{fffd}".as_bytes());
        }
    }
}
