//! Values whose name hints at a secret: environment variables, headers, parameters, options,
//! command-line flags and plain members.

use super::edits::Edits;
use super::scope::Scope;
use crate::scan::Kind;
use crate::scan::doc::Value;
use crate::scan::key::Key;

/// A member whose own name hints: strings and numbers go, also inside an array, and as the member
/// `value` of an object, which stands beside `secretRef` or `valueFrom` in many custom resources.
pub(crate) fn member(scope: &Scope<'_>, value: Value<'_>, rule: u16, edits: &mut Edits) {
    let scalar = |value: Value<'_>| matches!(value.kind(), Kind::String | Kind::Number);
    match value.kind() {
        Kind::String | Kind::Number | Kind::Opaque => scope.take(value, rule, edits),
        Kind::Array => {
            for item in value.items() {
                if scalar(item) {
                    scope.take(item, rule, edits);
                }
                // `tokens: [{name: …, value: …}]`
                for (_, inline) in item.members().filter(|(key, _)| key.key() == Key::Value) {
                    if scalar(inline) {
                        scope.take(inline, rule, edits);
                    }
                }
            }
        }
        Kind::Object => {
            for (key, inline) in value.members() {
                if key.key() == Key::Value && scalar(inline) {
                    scope.take(inline, rule, edits);
                }
            }
        }
        _ => {}
    }
}

/// Whether a JSON patch operation is about arguments: its path ends at `args` or `command` or at
/// an item of one.
pub(crate) fn patches_arguments(operation: Value<'_>) -> bool {
    let is_list = |segment: Option<&[u8]>| matches!(segment, Some(b"args" | b"command"));
    operation.members().filter(|(key, _)| key.key() == Key::Path).any(|(_, path)| {
        path.read(|path| {
            let mut segments = path.rsplit(|b| *b == b'/');
            let (last, list) = (segments.next(), segments.next());
            let is_item =
                last.is_some_and(|item| item.iter().all(|b| b.is_ascii_digit() || *b == b'-'));
            is_list(last) || is_item && is_list(list)
        })
    })
}
