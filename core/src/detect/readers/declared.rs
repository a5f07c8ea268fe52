//! Texts between quotes whose name stands before a type or before what puts a default in its place:
//! `let password: String = "x"`, `process.env.TOKEN ?? "x"`, `{{ .password | default "x" }}`.

use std::ops::Range;

use super::ends::Quotes;
use super::{Hint, is_odd, last_name};
use crate::detect::runs::looks_random;
use crate::detect::{Detector, Hit, push};

/// How far before the quote a name may stand.
const REACH: usize = 96;

/// What parts of names of types say that a value is a text: `&str`, `VARCHAR2(30)`, `[]byte`.
const TEXTS: &[&[u8]] = &[b"str", b"byte", b"char", b"text", b"secret"];

/// What stands between a name and its default, and whether a shell has another meaning for it.
const DEFAULTS: &[(&[u8], bool)] = &[
    (b"??", false),
    (b"?:", false),
    (b"||=", false),
    (b"??=", false),
    (b"||", true),
    (b" or", true),
    (b" //", true),
    (b"|default", false),
    (b"| default", false),
    (b"default(", false),
    (b".orElse(", false),
    (b".unwrap_or(", false),
    (b".getOrElse(", false),
    (b".getOrDefault(", false),
    (b".ifEmpty(", false),
    (b".ifBlank(", false),
    (b" eq", true),
    (b" ne", true),
    (b"==", true),
    (b"!=", true),
    (b"~=", true),
    (b"-m str", true),
    (b" in [", true),
    (b" in (", true),
    (b".equals(", true),
    (b".Equals(", true),
    (b".equalsIgnoreCase(", true),
    (b".startsWith(", true),
    (b".startswith(", true),
    (b".endsWith(", true),
];

/// What stands between a text and the name of what it is compared with.
const COMPARED: &[&[u8]] = &[b"==", b"!=", b"~=", b".equals(", b".Equals("];

/// Words before a name and a text: `\set pw 'x'`, `set(API_KEY "x")`.
const SETTERS: &[&[u8]] =
    &[b"\\set ", b"set(", b"setenv ", b"set -x ", b"set -gx ", b"setx ", b"eq ", b"ne "];

/// Appends what such quotes hold. `prose` says that the text describes things.
pub(super) fn read(hay: &[u8], prose: bool, hits: &mut Vec<Hit>) {
    let mut quotes = Quotes::default();
    let mut taken = 0;
    for open in memchr::memchr2_iter(b'\'', b'"', hay) {
        if open < taken {
            continue;
        }
        // `"x" === req.get("token")`: this quote closes.
        if let Some(range) = compared(hay, open) {
            let value = &hay[range.clone()];
            if is_odd(value) && (!prose || looks_random(value)) {
                push(hits, range.start, range.end, Detector::SecretAssignment);
            }
            taken = open + 1;
            continue;
        }
        let Some((hint, doubtful)) = named(&hay[open.saturating_sub(REACH)..open]) else {
            continue;
        };
        let Some(close) = quotes.close(hay, open) else { continue };
        let value = &hay[open + 1..close];
        if hint.goes(value) && (!doubtful || is_odd(value)) && (!prose || looks_random(value)) {
            push(hits, open + 1, close, Detector::SecretAssignment);
            taken = close + 1;
        }
    }
}

/// The text that the quote at `close` closes, when it is compared with what a name that hints is of.
fn compared(hay: &[u8], close: usize) -> Option<Range<usize>> {
    let rest = &hay[close + 1..hay.len().min(close + 1 + REACH)];
    let rest = rest.trim_ascii_start();
    let near = &hay[close.saturating_sub(REACH)..close];
    let opened = || Some(close - near.len() + memchr::memrchr(hay[close], near)?);
    let after = match rest.first()? {
        // `{{ default "x" .Values.auth.token }}`
        b'.' if hay[close + 1] != b'.' => {
            let open = opened()?;
            hay[..open].ends_with(b"default ").then_some(rest)?
        }
        b'=' | b'!' | b'~' | b'.' => COMPARED.iter().find_map(|sign| rest.strip_prefix(*sign))?,
        _ => return None,
    };
    let after = after.strip_prefix(b"=").unwrap_or(after).trim_ascii_start();
    let ends = |b: &u8| b.is_ascii_whitespace() || matches!(b, b';' | b'{' | b'&' | b'|' | b',');
    let expression = &after[..after.iter().position(ends).unwrap_or(after.len())];
    operand(expression).filter(|hint| hint.is_strong())?;
    Some(opened()? + 1..close)
}

/// What is said of a text by what stands before its quote, and whether only an odd one goes.
fn named(before: &[u8]) -> Option<(Hint, bool)> {
    // `@"x"` of C#
    let verbatim = before.ends_with(b"@");
    let before = before.strip_suffix(b"@").unwrap_or(before).trim_ascii_end();
    match before {
        [.., b'?', b':']
        | [.., b'=' | b'|' | b'?' | b'r' | b'/' | b't' | b'(' | b'{' | b'q' | b'e' | b'['] => {}
        [.., byte] if byte.is_ascii_alphanumeric() => return set(before),
        _ => return None,
    }
    let last = before.last();
    // The last letter first: few texts end as one of these does.
    let mut words = DEFAULTS.iter().filter(|(word, _)| word.last() == last);
    if let Some((head, shell)) =
        words.find_map(|(word, shell)| Some((before.strip_suffix(*word)?, *shell)))
    {
        let hint = operand(head)?;
        return (shell || hint.is_strong()).then_some((hint, shell));
    }
    // `ENV.fetch('DB_PASSWORD') { 'x' }`
    if let Some(head) = before.strip_suffix(b"{") {
        let near = &head[head.len().saturating_sub(64)..];
        memchr::memmem::rfind(near, b"fetch(")?;
        return operand(head).filter(|hint| hint.is_strong()).map(|hint| (hint, false));
    }
    let Some(head) = before.strip_suffix(b"=") else { return set(before) };
    let head = head.strip_suffix(b":").unwrap_or(head).trim_ascii_end();
    let hint = match head.last()? {
        // `$cfg{password} = 'x'`
        b'}' => {
            let name = last_name(&head[..head.len() - 1]);
            let open = head[..head.len() - 1 - name.len()].ends_with(b"{");
            open.then(|| Hint::of(name))?
        }
        _ if verbatim => Hint::of(last_name(head)),
        _ => typed(head)?,
    };
    hint.is_strong().then_some((hint, false))
}

/// What the name hints before a type: `password: &str`, `password As String`,
/// `password VARCHAR2(30)`, `password[32]`.
fn typed(head: &[u8]) -> Option<Hint> {
    let line = &head[memchr::memrchr2(b'\n', b';', head).map_or(0, |at| at + 1)..];
    let is_text = |word: &[u8]| {
        TEXTS
            .iter()
            .any(|text| word.windows(text.len()).any(|window| window.eq_ignore_ascii_case(text)))
    };
    if let Some(array) = line.strip_suffix(b"]") {
        let open = memchr::memrchr(b'[', array)?;
        let size = array[open + 1..].iter().all(u8::is_ascii_digit);
        return (size && is_text(&line[..open])).then(|| Hint::of(last_name(&array[..open])));
    }
    let of_type = |byte: &u8| byte.is_ascii_alphanumeric() || b"_&'<>[].:*?()| ".contains(byte);
    if let Some(at) = memchr::memmem::rfind(line, b" As ")
        && is_text(&line[at..])
    {
        return Some(Hint::of(last_name(&line[..at])));
    }
    for at in memchr::memchr_iter(b':', line).take(4) {
        let (name, kind) = (&line[..at], &line[at + 1..]);
        if kind.starts_with(b":") || name.ends_with(b":") {
            continue;
        }
        let name = name.strip_suffix(b"?").or_else(|| name.strip_suffix(b"!")).unwrap_or(name);
        let name = last_name(name.trim_ascii_end());
        if !name.is_empty() && kind.iter().all(of_type) && is_text(kind) && Hint::of(name).hints() {
            return Some(Hint::of(name));
        }
    }
    // `var password string`, `v_password VARCHAR2(30)`
    let space = memchr::memrchr(b' ', line)?;
    let (name, kind) = (last_name(line[..space].trim_ascii_end()), &line[space + 1..]);
    (kind.iter().all(of_type) && is_text(kind)).then(|| Hint::of(name))
}

/// What the end of an expression hints: `process.env.TOKEN`, `ofNullable(password)`,
/// `env["TOKEN"]`.
fn operand(text: &[u8]) -> Option<Hint> {
    let mut text = text.trim_ascii_end();
    for _ in 0..4 {
        let [head @ .., b')' | b']' | b'}' | b'"' | b'\'' | b'?'] = text else { break };
        text = head;
    }
    let hint = Hint::of(last_name(text));
    hint.hints().then_some(hint)
}

/// What a name hints that a word before it sets: `\set pw `.
fn set(before: &[u8]) -> Option<(Hint, bool)> {
    let name = last_name(before);
    let head = &before[..before.len() - name.len()];
    if !SETTERS.iter().any(|word| head.ends_with(word)) {
        return None;
    }
    let hint = Hint::of(name);
    hint.is_strong().then_some((hint, false))
}
