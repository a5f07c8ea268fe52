//! The name to the left of a sign: where it begins, what it is called by, and whether it
//! stands where a name can stand.

use std::ops::Range;

use super::{BESIDE, LONGEST_NAME};
use crate::detect::NameKind;
use crate::detect::readers::Hint;
use crate::detect::runs::{NAME, is};

/// What stands before a name.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Lead {
    /// White space, a dash, a `#` from the start of the line.
    Line,
    /// A bracket, comma or the like.
    Item,
    /// A word of a sentence or a command.
    Word,
}

/// Where a JSON pointer ends that starts at `from`.
pub(super) fn path_end(hay: &[u8], from: usize) -> usize {
    let in_path = |b: &u8| is(*b, NAME) || matches!(b, b'/' | b'~');
    from + hay[from.min(hay.len())..].iter().take(BESIDE).take_while(|b| in_path(b)).count()
}

/// What a JSON pointer hints: its last segment that is no index and no `value`.
pub(super) fn of_pointer(path: &[u8]) -> Hint {
    let says = |segment: &&[u8]| {
        !segment.is_empty()
            && !matches!(*segment, b"value" | b"-")
            && !segment.iter().all(u8::is_ascii_digit)
    };
    let segment = path.rsplit(|b| *b == b'/').find(says).unwrap_or_default();
    let name = memchr::memmem::rfind(segment, b"~1").map_or(segment, |at| &segment[at + 2..]);
    let hint = Hint::of(name);
    if hint.is_strong() { hint } else { Hint(NameKind::Neither) }
}

/// What the name of a variable of Terraform hints, whose `default` stands at `at`.
pub(super) fn variable(hay: &[u8], at: usize) -> Option<Hint> {
    let before = &hay[at.saturating_sub(BESIDE)..at];
    let name = &before[memchr::memmem::rfind(before, b"variable \"")? + 10..];
    let name = &name[..memchr::memchr(b'"', name)?];
    Some(Hint::of(name)).filter(|hint| hint.hints())
}

/// What a scope lets one do with secrets: `token:read`, `password:reset`.
pub(super) fn is_scope(word: &[u8]) -> bool {
    const VERBS: &[&[u8]] = &[
        b"read",
        b"write",
        b"list",
        b"create",
        b"update",
        b"delete",
        b"reset",
        b"rotate",
        b"revoke",
        b"introspect",
        b"exchange",
        b"manage",
        b"admin",
    ];
    VERBS.contains(&word)
}

/// `token:issued:rate5m`: what Prometheus calls a series that a recording rule writes, from its name's
/// second part on.
pub(super) fn is_series(rest: &[u8]) -> bool {
    const OPERATIONS: &[&[u8]] = &[
        b"sum",
        b"rate",
        b"irate",
        b"avg",
        b"min",
        b"max",
        b"count",
        b"ratio",
        b"total",
        b"increase",
        b"mean",
        b"median",
        b"quantile",
        b"histogram",
        b"burnrate",
        b"delta",
    ];
    let Some(colon) = memchr::memrchr(b':', rest) else { return false };
    let word = |text: &[u8]| text.iter().take_while(|b| b.is_ascii_lowercase()).count();
    let last = &rest[colon + 1..];
    let last = &last[..word(last)];
    rest[..colon].iter().all(|b| b.is_ascii_lowercase() || matches!(b, b'_' | b':'))
        && OPERATIONS.contains(&last)
}

pub(super) fn ends_parameter(byte: u8) -> bool {
    byte <= b' '
        || matches!(
            byte,
            b'&' | b'#' | b';' | b'?' | b'=' | b'"' | b'\'' | b'<' | b'>' | b')' | b'\\'
        )
}

/// The name that ends before a sign at `left`: without blanks, quotes and brackets between.
pub(super) fn name_before(hay: &[u8], left: usize) -> Option<Range<usize>> {
    let in_name = |b: &u8| is(*b, NAME) || *b >= 0x80;
    // Mostly the sign stands right behind the name.
    let beside = hay[..left].last().is_some_and(in_name);
    let end = if beside { left } else { before_signs(hay, left)? };
    let length = hay[..end].iter().rev().take(LONGEST_NAME).take_while(|b| in_name(b)).count();
    let mut start = end - length;
    if start > 0
        && hay[start - 1] == b'\\'
        && end > start
        && matches!(hay[start], b'n' | b'r' | b't')
    {
        // A line break spelled as an escape: text from a program's source.
        start += 1;
    }
    (start < end).then_some(start..end)
}

/// Where what stands before blanks, comments, quotes and brackets ends, seen from `left`.
fn before_signs(hay: &[u8], left: usize) -> Option<usize> {
    let mut end = left;
    while end > 0 && left - end < 64 && matches!(hay[end - 1], b' ' | b'\t' | 0) {
        end -= 1;
    }
    // JSON with comments: `"password" /* which */ : "x"`
    if hay[..end].ends_with(b"*/") {
        let near = end.saturating_sub(BESIDE);
        end = near + memchr::memmem::rfind(&hay[near..end], b"/*")?;
        end = hay[..end].trim_ascii_end().len();
    }
    // JSON in HTML: `&quot;password&quot;:`
    if hay[..end].ends_with(b"&quot;") {
        end -= 6;
    }
    let spaced = end;
    while end > 0
        && spaced - end < 12
        && matches!(hay[end - 1], b'"' | b'\'' | b'`' | b'\\' | b']' | b')' | b'*')
    {
        end -= 1;
    }
    Some(end)
}

/// Whether a text ends with a letter as XML may write it: `&#97;`.
pub(super) fn ends_with_entity(text: &[u8]) -> bool {
    let near = &text[text.len().saturating_sub(8)..];
    let inside = memchr::memmem::rfind(near, b"&#").map(|at| &near[at + 2..near.len() - 1]);
    inside.is_some_and(|inside| inside.iter().all(u8::is_ascii_alphanumeric))
}

/// The letter that an escape stands for, and how long that is: `\u0077`, `&#97;`.
pub(super) fn unescaped(raw: &[u8]) -> Option<(u8, usize)> {
    let code =
        |digits: &[u8], radix| u8::from_str_radix(std::str::from_utf8(digits).ok()?, radix).ok();
    if raw.starts_with(b"\\u") {
        return Some((code(raw.get(2..6)?, 16)?, 6));
    }
    let rest = raw.strip_prefix(b"&#")?;
    let end = memchr::memchr(b';', &rest[..rest.len().min(6)])?;
    let digits = &rest[..end];
    let letter = match digits.strip_prefix(b"x") {
        Some(hex) => code(hex, 16),
        None => code(digits, 10),
    };
    Some((letter?, end + 3))
}

/// What a name hints that has `\u0077` in it, as JSON within text may, or `&#119;`.
pub(super) fn escaped_name(hay: &[u8], end: usize) -> Hint {
    let in_name = |b: &u8| is(*b, NAME) || matches!(b, b'\\' | b'&' | b'#' | b';') || *b >= 0x80;
    let length = hay[..end].iter().rev().take(LONGEST_NAME).take_while(|b| in_name(b)).count();
    let raw = &hay[end - length..end];
    let mut name = [0u8; LONGEST_NAME];
    let (mut at, mut len) = (0, 0);
    while at < raw.len() {
        let (letter, width) = unescaped(&raw[at..]).unwrap_or((raw[at], 1));
        (name[len], at) = (letter, at + width);
        len += 1;
    }
    Hint::of(&name[..len])
}

/// Where a key starts that ends with a name: before it when it has several words, `"db password":`.
pub(super) fn key_start(hay: &[u8], name: Range<usize>, is_colon: bool) -> usize {
    let quote = hay.get(name.end).filter(|b| is_colon && matches!(b, b'"' | b'\''));
    let near = name.start.saturating_sub(64);
    let open = quote.filter(|_| hay[..name.start].ends_with(b" ")).and_then(|quote| {
        let open = near + memchr::memrchr(*quote, &hay[near..name.start])?;
        let words = hay[open + 1..name.start].iter().all(|b| is(*b, NAME) || *b == b' ');
        words.then_some(open + 1)
    });
    open.unwrap_or(name.start)
}

/// What stands before the name that starts at `at`.
pub(super) fn lead(hay: &[u8], at: usize) -> Lead {
    let mut blank = false;
    for (back, byte) in hay[..at].iter().rev().take(64).enumerate() {
        match byte {
            b'\n' | b'\r' => return Lead::Line,
            b' ' | b'\t' => blank = true,
            b'"' | b'\'' | b'\\' => {}
            b'-' | b'#' | b'*' | b'|' => {
                // Only from the start of the line.
                blank = true;
            }
            b'n' if hay[at - back - 1..].first() == Some(&b'n')
                && at >= back + 2
                && hay[at - back - 2] == b'\\' =>
            {
                return Lead::Line;
            }
            b'{' | b'[' | b'(' | b',' | b';' | b'&' | b'?' | b'<' => return Lead::Item,
            _ if !blank && back > 0 => return Lead::Item,
            _ => return Lead::Word,
        }
    }
    if at <= 64 { Lead::Line } else { Lead::Word }
}
