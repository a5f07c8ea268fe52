//! What the API server says of a field that it refuses: `PATH: KIND: VALUE: DETAIL`, as
//! `field.Error` of apimachinery writes it, alone or in a list between brackets.

use std::ops::Range;

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

/// Whether what stands behind the colon of a path is a refusal, and where in it the value stands if
/// it is a bare word. What quotes and brackets hold, and numbers, other readers know by the words
/// before them.
pub(super) fn after(text: &[u8]) -> Option<Option<Range<usize>>> {
    let &(kind, tells) = KINDS.iter().find(|(kind, _)| text.starts_with(kind))?;
    let rest = &text[kind.len()..];
    // `Required value` alone has no detail; the others do, or stand in a list.
    let ends = match rest {
        [b':', b' ', ..] => true,
        [b',' | b']', ..] => true,
        [] => kind == b"Required value",
        _ => false,
    };
    if !ends {
        return None;
    }
    let Some(value) = rest.strip_prefix(b": ").filter(|_| tells) else { return Some(None) };
    let len = value
        .iter()
        .position(|b| b.is_ascii_whitespace() || matches!(b, b':' | b',' | b']' | b'"' | b'['))
        .unwrap_or(value.len());
    // A sentence says what is wrong: `must be a string`.
    let bare = len > 0 && value.get(len) != Some(&b' ');
    let from = kind.len() + 2;
    Some(bare.then_some(from..from + len))
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
            ("Invalid value: \"hunter2\": too short", None),
            ("Invalid value: must be a string", None),
            ("Invalid value: hunter2: too short", Some("hunter2")),
            ("Not found: hunter2", Some("hunter2")),
        ] {
            let found = after(text.as_bytes());
            assert!(found.is_some(), "{text}");
            assert_eq!(found.flatten().map(|range| &text[range]), value, "{text}");
        }
        for text in ["Forbidden", "Forbidden-planet", "Required values", "Not found", "hunter2"] {
            assert!(after(text.as_bytes()).is_none(), "{text}");
        }
    }
}
