//! Where a value ends, by the syntax it stands in, and what only refers to one.

use std::ops::Range;

use crate::detect::runs::{NAME, run};

/// A range without the quotes around it.
pub(super) fn unquoted(hay: &[u8], range: Range<usize>) -> Range<usize> {
    let Range { mut start, mut end } = range;
    while end > start + 1 && hay[start] == b'\\' && matches!(hay[start + 1], b'"' | b'\'') {
        start += 1;
    }
    if end > start + 1 && matches!(hay[start], b'"' | b'\'' | b'`') {
        if hay[end - 1] == hay[start] {
            end -= 1;
            if end > start + 1 && hay[end - 1] == b'\\' {
                end -= 1;
            }
        } else if hay[start + 1..end].contains(&hay[start]) {
            return start..end;
        }
        start += 1;
    }
    start..end
}

/// Finds the next quote of each kind without looking at a byte twice.
#[derive(Default)]
pub(super) struct Quotes {
    next: [usize; 2],
}

impl Quotes {
    /// Where the quote at `open` is closed, if it is.
    pub(super) fn close(&mut self, hay: &[u8], open: usize) -> Option<usize> {
        let quote = hay[open];
        let next = &mut self.next[usize::from(quote == b'"')];
        if *next <= open {
            *next = open;
            loop {
                let from = *next + 1;
                *next =
                    memchr::memchr(quote, hay.get(from..)?).map_or(usize::MAX - 1, |at| from + at);
                let slashes = hay[from..(*next).min(hay.len())].iter().rev().take(64);
                let odd = slashes.take_while(|b| **b == b'\\').count() % 2 == 1;
                // YAML knows no escapes between apostrophes: `'C:\'`.
                let goes_on =
                    || hay.get(*next + 1).is_some_and(|b| *b > b' ' && !b",}])".contains(b));
                let escaped = *next < hay.len() && odd && (quote == b'"' || goes_on());
                if !escaped {
                    break;
                }
            }
        }
        (*next < hay.len()).then_some(*next)
    }
}

/// Whether a value stands for one that is elsewhere, in ways that only lines of shells, templates
/// and sentences have: the output of a command, several variables, and what a former run put there. The whole value must be that.
pub(super) fn is_reference(value: &[u8]) -> bool {
    match value {
        // In a query, blanks are written as plus signs.
        [b'$', b'(', inner @ .., b')'] => {
            memchr::memchr2(b' ', b'+', inner).is_some() && is_balanced(inner)
        }
        // `${NAME:-$(command x)}`
        [b'$', b'{', inner @ .., b'}'] if default_of(inner).is_some() => {
            let default = default_of(inner).unwrap_or_default();
            default.starts_with(b"$(") && is_reference(default)
        }
        // Cut by a shell: `${1#*=}`, `${TOKEN%%:*}`
        [b'$', b'{', inner @ .., b'}'] if is_cut(inner) => true,
        // `$1`, `${1}`, `$?`
        [b'$', rest @ ..] if rest.len() < 4 => !rest.iter().any(u8::is_ascii_lowercase),
        [b'$', b'{' | b'A'..=b'Z' | b'_', ..] => variables(value),
        // What a command prints, and what `printf` puts there.
        [b'`', .., b'`'] | [b'%', b's' | b'v' | b'd' | b'q'] => true,
        [b'[', ..] => mark(value).map_or_else(|| is_pattern(value), |len| len == value.len()),
        [b'.' | b'(' | b'\\', ..] => is_pattern(value),
        // `'{"password": "'$PW'"}'`: the quotes of a shell end around the variable.
        [b'\'', b'$', .., b'\''] | [b'\'', b'"', b'$', .., b'"', b'\''] => {
            let quotes = if value[1] == b'"' { 2 } else { 1 };
            is_reference(&value[quotes..value.len() - quotes])
        }
        _ => false,
    }
}

/// A variable of which a pattern of signs is cut off.
fn is_cut(inner: &[u8]) -> bool {
    let name = run(inner, 0, NAME, 64);
    let pattern = &inner[name..];
    name > 0
        && matches!(pattern.first(), Some(b'#' | b'%'))
        && pattern.len() < 16
        && !pattern.iter().any(u8::is_ascii_alphanumeric)
}

/// A regular expression that stands for a value: `\S+`, `.*`, `[a-z0-9]+`, `(?P<token>[^&]+)`.
fn is_pattern(value: &[u8]) -> bool {
    const STARTS: &[&[u8]] = &[
        b"\\S", b"\\w", b"\\d", b".*", b".+", b"[^", b"[a-z", b"[A-Z", b"[0-9", b"[\\w", b"(?P<",
        b"(.*", b"(.+", b"([^",
    ];
    value.len() < 64
        && STARTS.iter().any(|start| value.starts_with(start))
        && (value.starts_with(b"(?P<")
            || !value.split(|b| !b.is_ascii_alphanumeric()).any(|word| word.len() > 4))
}

/// What stands in `NAME:-DEFAULT` when it is a command.
fn default_of(inner: &[u8]) -> Option<&[u8]> {
    let name = run(inner, 0, NAME, 128);
    let default =
        inner[name..].strip_prefix(b":-").or_else(|| inner[name..].strip_prefix(b":="))?;
    default.starts_with(b"$(").then_some(default)
}

/// Whether a command prints the value, also after a scheme: `Basic $(echo …)`.
pub(super) fn is_printed(value: &[u8]) -> bool {
    let scheme = run(value, 0, NAME, 24);
    let rest = value[scheme..].trim_ascii();
    let [b'$', b'(', command @ .., b')'] = rest else { return false };
    (scheme == 0 || value[scheme] == b' ') && command.contains(&b' ') && is_balanced(command)
}

/// Whether every bracket that closes was opened before.
fn is_balanced(text: &[u8]) -> bool {
    let mut open = 0usize;
    text.iter().all(|byte| {
        match byte {
            b'(' => open += 1,
            b')' if open == 0 => return false,
            b')' => open -= 1,
            _ => {}
        }
        true
    })
}

/// Variables one after another, with signs between.
fn variables(value: &[u8]) -> bool {
    let mut at = 0;
    while at < value.len() {
        match value[at] {
            b'$' if value.get(at + 1) == Some(&b'{') => {
                let Some(close) = memchr::memchr(b'}', &value[at..]) else { return false };
                let inner = &value[at + 2..at + close];
                if !inner.iter().all(|b| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'_')
                {
                    return false;
                }
                at += close + 1;
            }
            b'$' => {
                let end = run(value, at + 1, NAME, 128);
                let name = &value[at + 1..end];
                if name.is_empty() || name.iter().any(|b| b.is_ascii_lowercase() || *b == b'.') {
                    return false;
                }
                at = end;
            }
            b':' | b'/' | b'-' | b'_' | b'@' | b',' => at += 1,
            _ => return false,
        }
    }
    true
}

/// Rules that have a name in marks and are no detectors.
pub(crate) const OTHER_RULES: &[&str] = &[
    "secret-values",
    "secret-member",
    "config-map-values",
    "config-map-member",
    "token-values",
    "hinted-value",
    "opaque-subtree",
    "managed-fields",
    "nested-document",
    "same-value",
    "quoted-input",
    "lone-surrogate",
    "audit-level",
    "access-key-id",
];

/// How long the mark is that a text starts with: what a former run put in place of a value.
///
/// Anybody can write one, so it has to be one to the letter, of a rule that there is: a secret is
/// easily written like one. Pseudonyms and own rules are known further up, where there is a policy.
pub(crate) fn mark(text: &[u8]) -> Option<usize> {
    if let Some(rest) = text.strip_prefix(b"[partial:") {
        let ends = rest.get(..8).is_some_and(|inside| inside[2..].starts_with("…".as_bytes()));
        return (ends && rest[7] == b']').then_some(b"[partial:".len() + 8);
    }
    let rest = text.strip_prefix(b"[redacted:")?;
    let in_name = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit() || *b == b'-';
    let name = rest.iter().take(65).take_while(|b| in_name(b)).count();
    let mut end = name;
    if rest.get(name) == Some(&b'#') {
        end += 1 + rest[name + 1..].iter().take(10).take_while(|b| b.is_ascii_digit()).count();
    }
    let known = std::str::from_utf8(&rest[..name]).is_ok_and(|name| {
        OTHER_RULES.contains(&name) || crate::detect::rules::number(name).is_some()
    });
    // Where a value ends before brackets, the last one of a mark is not in it.
    let len = b"[redacted:".len() + end;
    (known && rest.get(end).is_none_or(|b| *b == b']')).then_some(text.len().min(len + 1))
}

/// How long what looks like a mark is that a text starts with, whoever wrote it.
pub(super) fn like_a_mark(text: &[u8]) -> Option<usize> {
    let head = &text[..text.len().min(128)];
    let marks = [b"[redacted:".as_slice(), b"[pseudonym:", b"[partial:"];
    let end = memchr::memchr(b']', head)?;
    let starts = marks.iter().any(|mark| head.starts_with(mark));
    (starts && !head[..end].iter().any(u8::is_ascii_whitespace)).then_some(end + 1)
}

/// The pieces of a text around the marks in it; the text itself when there is none.
pub(super) fn around_marks(text: &[u8]) -> impl Iterator<Item = &[u8]> {
    let mut rest = Some(text);
    std::iter::from_fn(move || {
        let text = rest?;
        let found = memchr::memchr_iter(b'[', text).find_map(|at| Some((at, mark(&text[at..])?)));
        rest = found.map(|(at, len)| &text[at + len..]);
        Some(found.map_or(text, |(at, _)| &text[..at]))
    })
}

/// Where a word ends that starts at `from`: at white space or a quote, or at one of `signs` that
/// ends it because what follows is another `name=` or `name:`, white space, more signs or nothing.
pub(super) fn word(hay: &[u8], from: usize, signs: &[u8]) -> usize {
    let mut at = from;
    while at < hay.len() {
        match hay[at] {
            // No sign ends at a letter or digit, and most of a word is that.
            byte if byte.is_ascii_alphanumeric() => at += 1,
            // Variables and commands have brackets of their own.
            b'$' if matches!(hay.get(at + 1), Some(b'(' | b'{')) => {
                let close = if hay[at + 1] == b'(' { b')' } else { b'}' };
                let rest = &hay[at..hay.len().min(at + 256)];
                at += memchr::memchr2(close, b'\n', rest).map_or(2, |end| end + 1);
                // What follows is the next command.
                if matches!(hay.get(at), Some(b';' | b'&' | b'|')) {
                    break;
                }
            }
            b'{' if hay.get(at + 1) == Some(&b'{') => {
                let rest = &hay[at..hay.len().min(at + 256)];
                at += memchr::memmem::find(rest, b"}}").map_or(2, |end| end + 2);
            }
            b'`' if at == from => {
                let rest = &hay[at + 1..hay.len().min(at + 256)];
                at += memchr::memchr2(b'`', b'\n', rest).map_or(1, |end| end + 2);
            }
            b'[' if like_a_mark(&hay[at..]).is_some() => {
                at += like_a_mark(&hay[at..]).unwrap_or(1);
            }
            byte if byte <= b' ' || matches!(byte, b'"' | b'\'' | 0x7f) => break,
            b'\\' if matches!(hay.get(at + 1), Some(b'"' | b'\'' | b'n' | b'r' | b't')) => break,
            // A blank that a shell does not split at.
            b'\\' if hay.get(at + 1) == Some(&b' ') => at += 2,
            byte if signs.contains(&byte) && ends_here(hay, at, signs) => break,
            _ => at += 1,
        }
    }
    at.min(hay.len())
}

/// Whether a shell goes on with the next command here, after blanks.
pub(super) fn ends_a_command(rest: &[u8]) -> bool {
    matches!(rest.trim_ascii_start().first(), Some(b';' | b'|' | b'&'))
}

/// Whether what follows `;`, `|` or `&` in a line of a shell is the next command: a name in small
/// letters, alone or with something after it.
fn is_next_command(rest: &[u8]) -> bool {
    // Entities of HTML.
    if [b"quot;".as_slice(), b"amp;", b"apos;", b"lt;", b"gt;"]
        .iter()
        .any(|word| rest.starts_with(word))
    {
        return false;
    }
    let signs = rest.iter().take(2).take_while(|b| matches!(b, b';' | b'|' | b'&')).count();
    let rest = &rest[signs..];
    let group = matches!(rest.first(), Some(b'{' | b'('));
    let rest = &rest[usize::from(group)..];
    let name = rest
        .iter()
        .take_while(|b| b.is_ascii_lowercase() || matches!(b, b'/' | b'.' | b'-' | b'_'))
        .count();
    let digits = rest[name..].iter().take(2).take_while(|b| b.is_ascii_digit()).count();
    let ends = match rest.get(name + digits) {
        None => digits == 0,
        Some(b'$' | b';' | b'|' | b'&' | b'<' | b'>' | b')') => true,
        Some(b',' | b'}') => group,
        Some(byte) => *byte <= b' ',
    };
    name > 1 && ends
}

/// Whether the sign at `at` ends a value.
fn ends_here(hay: &[u8], at: usize, signs: &[u8]) -> bool {
    let rest = &hay[at + 1..hay.len().min(at + 1 + 64)];
    let closers =
        rest.iter().take_while(|b| signs.contains(b) || matches!(b, b'"' | b'\'')).count();
    match rest.get(closers) {
        None => true,
        Some(byte) if *byte <= b' ' => true,
        Some(_) if closers > 0 => true,
        Some(_) => {
            let name = run(rest, 0, NAME, 64);
            name > 0 && matches!(rest.get(name), Some(b'=' | b':'))
                || matches!(hay[at], b';' | b'|' | b'&') && is_next_command(rest)
        }
    }
}

/// Where the quote stands that closes a text whose own quotes have `slashes` backslashes before
/// them, at the first of these.
pub(super) fn escaped_quote(hay: &[u8], from: usize, quote: u8, slashes: usize) -> Option<usize> {
    let mut behind = 0;
    for (at, byte) in hay[from..].iter().enumerate() {
        match byte {
            b'\\' => behind += 1,
            b'\n' => return None,
            // Deeper quotes have more backslashes before them.
            _ if *byte == quote && behind <= slashes => return Some(from + at - behind),
            _ => behind = 0,
        }
    }
    None
}

/// Where an attribute ends that starts at `from` with a quote.
pub(super) fn attribute(tag: &[u8], from: usize) -> usize {
    let Some(quote) = tag.get(from).filter(|b| matches!(b, b'"' | b'\'')) else { return from };
    memchr::memchr(*quote, &tag[from + 1..]).map_or(tag.len(), |len| from + len + 2)
}

/// Whether `host:port` stands at `at`.
pub(super) fn host_and_port(hay: &[u8], at: usize) -> bool {
    let host = run(hay, at, NAME, 253);
    let digits =
        hay.get(host + 1..).unwrap_or_default().iter().take(6).take_while(|b| b.is_ascii_digit());
    let digits = digits.count();
    let ends = hay.get(host + 1 + digits).is_none_or(|b| !b.is_ascii_alphanumeric());
    host > at && hay.get(host) == Some(&b':') && (2..=5).contains(&digits) && ends
}
