//! JSON pointers (RFC 6901) as the operations of a JSON patch write them.

use crate::scan::Kind;
use crate::scan::doc::Value;

/// The steps of a pointer, as written.
pub(super) fn steps(pointer: &[u8]) -> impl Iterator<Item = &[u8]> {
    pointer.strip_prefix(b"/").into_iter().flat_map(|steps| steps.split(|b| *b == b'/'))
}

/// Whether a step names this member.
pub(super) fn says(step: &[u8], name: &[u8]) -> bool {
    let mut left = step;
    let mut read = || {
        let (byte, len) = match left {
            [b'~', b'1', ..] => (b'/', 2),
            [b'~', b'0', ..] => (b'~', 2),
            [byte, ..] => (*byte, 1),
            [] => return None,
        };
        left = &left[len..];
        Some(byte)
    };
    name.iter().all(|byte| read() == Some(*byte)) && read().is_none()
}

/// Whether a step may be one to an item of a list.
pub(super) fn is_item(step: &[u8]) -> bool {
    step == b"-" || !step.is_empty() && step.iter().all(u8::is_ascii_digit)
}

/// What a pointer leads to. An item that was put at the end is the last one.
pub(super) fn value<'a>(root: Value<'a>, pointer: &[u8]) -> Option<Value<'a>> {
    let mut at = root;
    for step in steps(pointer) {
        at = if at.kind() == Kind::Array {
            if step == b"-" {
                at.items().last()?
            } else {
                at.items().nth(std::str::from_utf8(step).ok()?.parse().ok()?)?
            }
        } else {
            at.members().find(|(key, _)| key.read(|name| says(step, name)))?.1
        };
    }
    Some(at)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn steps_name_members_and_items() {
        assert_eq!(steps(b"/a/b~1c/").collect::<Vec<_>>(), [b"a".as_slice(), b"b~1c", b""]);
        assert_eq!(steps(b"").count(), 0);
        assert!(says(b"b~1c~01", b"b/c~1") && says(b"~", b"~") && !says(b"ab", b"a"));
        assert!(!says(b"a", b"ab"));
        assert!(is_item(b"0") && is_item(b"-") && !is_item(b"") && !is_item(b"1a"));
    }
}
