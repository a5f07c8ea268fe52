//! What request and response bodies say, walked once and only when a rule asks.
//!
//! A body is the object itself, a merge or strategic patch, or a JSON patch. All are walked by the
//! same table of places: a step into a member leads from one place to the next, whether the member
//! stands in a tree or in the path of a JSON patch's operation. Places are few and lead nowhere but
//! down, so no input decides how deep the walk goes.

mod object;
mod pod;
mod rbac;

pub(super) use object::{Other, is_public};
pub(super) use pod::{Flag, Pod};
pub(super) use rbac::{GRANTS, Grant, Rbac};

use crate::scan::Kind;
use crate::scan::doc::Value;
use crate::scan::key::Key;

use super::answer::Why;

/// Whether a body is a JSON patch.
pub(super) fn is_json_patch(body: Value<'_>) -> bool {
    body.kind() == Kind::Array
}

/// Calls `each` with path and value of every operation of a JSON patch that puts one. What is moved
/// or copied cannot be seen; the path where it goes is handed to `unseen`.
pub(super) fn operations<'a>(
    patch: Value<'a>,
    each: &mut dyn FnMut(&[u8], Value<'a>),
    unseen: &mut dyn FnMut(&[u8]),
) {
    for operation in patch.items() {
        let (Some(op), Some(path)) = (operation.get(Key::Op), operation.get(Key::Path)) else {
            continue;
        };
        path.read(|path| {
            if op.says(b"add") || op.says(b"replace") {
                if let Some(value) = operation.get(Key::Value) {
                    each(path, value);
                }
            } else if op.says(b"move") || op.says(b"copy") {
                unseen(path);
            }
        });
    }
}

/// Segments of a JSON pointer; `~1` and `~0` never stand in a name that matters here.
pub(super) fn segments(path: &[u8]) -> impl Iterator<Item = &[u8]> {
    path.strip_prefix(b"/").unwrap_or(path).split(|byte| *byte == b'/')
}

/// Whether a segment of a JSON pointer is this name: `~1` stands for `/`, `~0` for `~`.
pub(super) fn says_segment(segment: &[u8], name: &[u8]) -> bool {
    let mut rest = segment;
    let fits = name.iter().all(|byte| {
        let (length, read) = match rest {
            [b'~', b'1', ..] => (2, b'/'),
            [b'~', b'0', ..] => (2, b'~'),
            [first, ..] => (1, *first),
            [] => return false,
        };
        rest = &rest[length..];
        read == *byte
    });
    fits && rest.is_empty()
}

/// Whether a value is, or is said by a patch to be, true.
pub(super) fn is_true(value: Value<'_>) -> bool {
    value.kind() == Kind::True
}

/// Whether a strategic patch takes this element out instead of putting it in.
pub(super) fn is_deleted(element: Value<'_>) -> bool {
    element.member(b"$patch").is_some_and(|directive| directive.says(b"delete"))
}

/// Why nothing can be told from a value of this kind where an object or array is due.
pub(super) fn odd(value: Value<'_>) -> Option<Why> {
    match value.kind() {
        Kind::Object | Kind::Array | Kind::Null => None,
        Kind::Opaque => Some(Why::TooDeep),
        Kind::String if value.raw_text().starts_with(b"[redacted:") => Some(Why::Redacted),
        _ => Some(Why::Odd),
    }
}
