//! What the API server says of a field that it refuses: `PATH: KIND: VALUE: DETAIL`, as
//! `field.Error` of apimachinery writes it, alone or in a list between brackets.

use std::ops::Range;

use super::{Hint, is_value};
use crate::detect::{Detector, Hit, push};

/// What a refusal is called, and whether the value of the field follows.
const KINDS: &[(&[u8], bool)] = &[
    (b"Required value", false),
    (b"Too long", false),
    (b"Too many", false),
    (b"Too few", false),
    (b"Forbidden", false),
    (b"Internal error", false),
    (b"Invalid value", true),
    (b"Duplicate value", true),
    (b"Unsupported value", true),
    (b"Not found", true),
];

/// How far behind a refusal a value may stand, and behind a value the name of its field.
const NEAR: usize = 128;

/// `cannot unmarshal string "x" into Go struct field Spec.password`, `parsing "x": … DB_PASSWORD`:
/// what a decoder could not read, and then for which field.
pub(super) fn unread(hay: &[u8], hits: &mut Vec<Hit>) {
    // Most texts quote nothing, and to make a searcher costs more than to see it.
    if memchr::memchr(b'"', hay).is_none() {
        return;
    }
    for words in [b"nmarshal ".as_slice(), b"parsing \""] {
        for at in memchr::memmem::find_iter(hay, words) {
            let near = &hay[at..hay.len().min(at + NEAR)];
            let Some(open) = memchr::memchr(b'"', near).filter(|len| *len < 24) else { continue };
            let Some(len) = memchr::memchr(b'"', &near[open + 1..]) else { continue };
            let value = at + open + 1..at + open + 1 + len;
            let after = &hay[value.end + 1..hay.len().min(value.end + 1 + NEAR)];
            let named = after
                .split(u8::is_ascii_whitespace)
                .any(|word| word.len() > 4 && Hint::of(word).is_strong());
            if named && is_value(&hay[value.clone()]) {
                push(hits, value.start, value.end, Detector::SecretAssignment);
            }
        }
    }
}

/// Whether what stands behind the colon of a path is a refusal, and where in it the value stands if
/// it is a bare word or between quotes; an empty range if it tells none. What brackets hold, and
/// numbers, other readers know by the words before them.
pub(super) fn after(text: &[u8]) -> Option<Range<usize>> {
    if !matches!(text.first(), Some(b'D' | b'F' | b'I' | b'N' | b'R' | b'T' | b'U')) {
        return None;
    }
    let &(kind, tells) = KINDS.iter().find(|(kind, _)| text.starts_with(kind))?;
    let rest = &text[kind.len()..];
    // `Required value` alone has no detail; the others do, or stand in a list.
    let ends = match rest {
        [b':', b' ', ..] | [b',' | b']', ..] => true,
        [] => kind == b"Required value",
        _ => false,
    };
    if !ends {
        return None;
    }
    let from = kind.len() + 2;
    let Some(value) = rest.strip_prefix(b": ") else { return Some(0..0) };
    // Some say the value last: `Too long: may not be more than 8 bytes: "x"`.
    let near = &value[..value.len().min(NEAR)];
    let quote = if near.first() == Some(&b'"') {
        Some(0)
    } else {
        memchr::memmem::find(near, b": \"").filter(|_| !tells).map(|at| at + 2)
    };
    if let Some(open) = quote
        && let Some(len) = memchr::memchr(b'"', &value[open + 1..])
    {
        return Some(from + open + 1..from + open + 1 + len);
    }
    if !tells {
        return Some(0..0);
    }
    let len = value
        .iter()
        .position(|b| b.is_ascii_whitespace() || matches!(b, b':' | b',' | b']' | b'"' | b'['))
        .unwrap_or(value.len());
    // A sentence says what is wrong: `must be a string`.
    let bare = len > 0 && value.get(len) != Some(&b' ');
    Some(if bare { from..from + len } else { 0..0 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_wrong_is_told_from_what_was_sent() {
        for (text, value) in [
            ("Required value", None),
            ("Required value: a name is needed", None),
            ("Required value, spec.name: Required value", None),
            ("Too long: may not be more than 8 bytes", None),
            ("Too many: 12: must have at most 8 items", None),
            ("Forbidden: may not be set together with secretRef", None),
            ("Invalid value: \"hunter2\": too short", Some("hunter2")),
            ("Forbidden: \"hunter2\" may not be changed", Some("hunter2")),
            ("Too long: may not be more than 8 bytes: \"hunter2\"", Some("hunter2")),
            ("Required value: must name a \"key\"", None),
            ("Invalid value: must be a string", None),
            ("Invalid value: hunter2: too short", Some("hunter2")),
            ("Not found: hunter2", Some("hunter2")),
        ] {
            let found = after(text.as_bytes()).map(|range| &text[range]);
            assert_eq!(found, Some(value.unwrap_or_default()), "{text}");
        }
        for text in ["Forbidden", "Forbidden-planet", "Required values", "Not found", "hunter2"] {
            assert!(after(text.as_bytes()).is_none(), "{text}");
        }
    }
}
