//! Values whose name hints at a secret: environment variables, headers, parameters, options,
//! command-line flags and plain members.

use super::builtin::Builtin;
use super::edits::Edits;
use super::scope::Scope;
use crate::detect::values::goes;
use crate::detect::{classify, name_hints_secret};
use crate::scan::Kind;
use crate::scan::doc::Value;
use crate::scan::key::Key;
use crate::text;

const RULE: u16 = Builtin::HintedValue.id();

/// Whether a variable, parameter or header of this name holds a secret.
pub(crate) fn hints(name: &[u8]) -> bool {
    name_hints_secret(name)
        || [b"authorization".as_slice(), b"proxy-authorization", b"cookie", b"set-cookie"]
            .iter()
            .any(|header| name.eq_ignore_ascii_case(header))
}

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

/// An array of command-line arguments: the one after `--token`, the rest of `--token=…` and of
/// `DB_PASSWORD=…`.
pub(crate) fn arguments(
    scope: &Scope<'_>,
    list: Value<'_>,
    scratch: &mut Vec<u8>,
    edits: &mut Edits,
) {
    let mut flagged = false;
    // A single one, in a patch of one item.
    let single = (list.kind() == Kind::String).then_some(list);
    for item in single.into_iter().chain(list.items()) {
        if item.kind() != Kind::String {
            flagged = false;
            continue;
        }
        if std::mem::take(&mut flagged) && !item.raw_text().starts_with(b"-") {
            scope.take(item, RULE, edits);
            continue;
        }
        if item.is_escaped() {
            scratch.clear();
            text::unescape(item.raw_text(), scratch);
            match argument(scratch) {
                Argument::Plain => {}
                Argument::Flag => flagged = true,
                // Offsets differ once unescaped: the whole argument goes.
                Argument::Assigned(..) => scope.take(item, RULE, edits),
            }
            continue;
        }
        match argument(item.raw_text()) {
            Argument::Plain => {}
            Argument::Flag => flagged = true,
            Argument::Assigned(start, end) => {
                let inside = item.node().start + 1;
                scope.take_part(inside + start as u32, inside + end as u32, RULE, edits);
            }
        }
    }
}

/// What one argument says.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Argument {
    Plain,
    /// A flag whose value is the next argument.
    Flag,
    /// An assignment, and where its value starts and ends.
    Assigned(usize, usize),
}

/// Longest name of an assignment, dashes before it included.
const LONGEST_NAME: usize = 80;

/// Reads one command-line argument.
pub(crate) fn argument(text: &[u8]) -> Argument {
    // Every byte is looked at once: a text full of `=` must not cost the square of its length.
    let (mut from, mut is_line, mut has_slash) = (0, false, false);
    for at in memchr::memchr_iter(b'=', text) {
        let mut name = &text[from..at];
        from = at + 1;
        if let Some(space) = name.iter().rposition(u8::is_ascii_whitespace) {
            name = &name[space + 1..];
            (is_line, has_slash) = (true, false);
        }
        has_slash |= name.contains(&b'/');
        let dashes = name.iter().take_while(|b| **b == b'-').count();
        let kind = classify(&name[dashes..]);
        if has_slash || name.len() > LONGEST_NAME || !kind.hints() {
            continue;
        }
        // In a shell line the value is one word; alone it is all that follows.
        let word = text[at + 1..].iter().take_while(|b| !b.is_ascii_whitespace()).count();
        let end = if is_line { at + 1 + word } else { text.len() };
        if goes(kind, &text[at + 1..end]) {
            return Argument::Assigned(at + 1, end);
        }
    }
    if text.starts_with(b"-") && text.len() <= LONGEST_NAME && !text.contains(&b' ') {
        let dashes = text.iter().take_while(|b| **b == b'-').count();
        if !text.contains(&b'=') && hints(&text[dashes..]) {
            return Argument::Flag;
        }
    }
    Argument::Plain
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn arguments_are_read_as_flags_and_assignments() {
        assert_eq!(argument(b"--password"), Argument::Flag);
        assert_eq!(argument(b"--db-password=x"), Argument::Assigned(14, 15));
        assert_eq!(argument(b"DB_PASSWORD=x"), Argument::Assigned(12, 13));
        assert_eq!(argument(b"env A=1 DB_PASSWORD=xy sh -c z"), Argument::Assigned(20, 22));
        assert_eq!(argument(b"--set=db.password=x y"), Argument::Assigned(18, 21));
        assert_eq!(argument(b"sh --set=db.password=x y"), Argument::Assigned(21, 22));
        assert_eq!(argument(b"--from=/run/token=x"), Argument::Plain);
        assert_eq!(argument(b"password= x"), Argument::Assigned(9, 11));
        assert_eq!(argument(b"a password= x"), Argument::Plain);
        assert_eq!(argument(b"--verbose"), Argument::Plain);
        assert_eq!(argument(b"--replicas=3"), Argument::Plain);
        assert_eq!(argument(b"password"), Argument::Plain);
    }
}
