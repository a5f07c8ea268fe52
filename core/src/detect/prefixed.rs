//! Credentials that are known by how they are written in text.

use super::Detector;
use super::memory::Memory;
use super::rules::jwt::decode_head;
use super::rules::{LONGEST, Span};
use super::runs::{BASE64, TOKEN, is, looks_random, run, run_back, value, value_end};

pub(super) fn bearer(hay: &[u8], at: usize, _: &mut Memory) -> Span {
    let start = run_spaces(hay, at + 6);
    let end = run(hay, start, TOKEN, LONGEST);
    let token = &hay[start..end];
    let is_token = token.len() >= 20 || token.len() >= 8 && looks_random(token);
    let is_word = token.iter().all(u8::is_ascii_lowercase) || token.starts_with(b"realm=");
    (is_token && !is_word).then_some((start, end))
}

pub(super) fn basic(hay: &[u8], at: usize, _: &mut Memory) -> Span {
    let start = run_spaces(hay, at + 5);
    let end = run(hay, start, BASE64, LONGEST);
    if end < start + 4 {
        return None;
    }
    let mut buffer = [0; 144];
    let pair = decode_head(&hay[start..end], &mut buffer);
    // Words after "basic" decode to rubbish, a pair to text (whose last character may be cut).
    let is_text =
        std::str::from_utf8(pair).map_or_else(|error| error.error_len().is_none(), |_| true);
    let is_pair = is_text && pair.contains(&b':') && pair.iter().all(|b| *b >= 0x20 && *b != 0x7f);
    is_pair.then_some((start, end))
}

fn run_spaces(hay: &[u8], from: usize) -> usize {
    from + hay[from.min(hay.len())..].iter().take(4).take_while(|b| **b == b' ').count()
}

/// `Authorization: SCHEME VALUE` and `authorization=VALUE`.
pub(super) fn header(hay: &[u8], at: usize, memory: &mut Memory) -> Span {
    let mut at = at + 12;
    // an escaped or plain quote after the name, when the text is JSON itself
    at += hay[at.min(hay.len())..]
        .iter()
        .take(4)
        .take_while(|b| matches!(b, b'"' | b'\\' | b'\''))
        .count();
    if !matches!(hay.get(at), Some(b':' | b'=')) {
        return None;
    }
    at += 1;
    if is_mark(&hay[run_spaces(hay, at)..]) {
        return None;
    }
    at += hay[at..]
        .iter()
        .take(8)
        .take_while(|b| matches!(b, b' ' | b'"' | b'\\' | b'\'' | b'['))
        .count();
    // The rest of what did not look random does not either: looked at once, however many names
    // stand in it.
    if (memory.plain.0..memory.plain.1).contains(&at) {
        return None;
    }
    let end = value_end(hay, at, hay.len());
    let scheme = &hay[at..end];
    let named = [b"bearer".as_slice(), b"basic", b"token", b"digest", b"negotiate", b"apikey"]
        .iter()
        .any(|name| scheme.eq_ignore_ascii_case(name));
    if named && hay.get(end) == Some(&b' ') {
        let start = run_spaces(hay, end);
        let end = value_end(hay, start, LONGEST);
        return (end >= start + 4).then_some((start, end));
    }
    if end >= at + 8 && looks_random(scheme) {
        return Some((at, end));
    }
    memory.plain = (at, end);
    None
}

/// `name: value` at the start of a line (or of the text), as in YAML. `at + tail` is the colon.
pub(super) fn yaml(hay: &[u8], at: usize, tail: usize) -> Span {
    let colon = at + tail;
    let mut start = run_back(hay, colon, super::runs::NAME, 64);
    if start > 0 && hay[start - 1] == b'\\' && matches!(hay[start], b'n' | b'r' | b't') {
        // A line break spelled as an escape: text from a program's source, or JSON in base64.
        start += 1;
    } else {
        let before = hay[..start].iter().rev().find(|b| !matches!(b, b' ' | b'-' | b'\t' | b'\''));
        if !matches!(before, None | Some(b'\n' | b'"' | b'{' | b',')) {
            return None;
        }
    }
    let kind = super::classify(&hay[start..colon]);
    if !kind.hints() {
        return None;
    }
    let from = colon + 1 + hay[colon + 1..].iter().take(64).take_while(|b| **b == b' ').count();
    let (from, end) = value(hay, from, LONGEST);
    let value = &hay[from..end];
    let plain = matches!(value, b"|" | b">" | b"|-" | b">-");
    (!plain && !is_reference(value) && super::values::goes(kind, value)).then_some((from, end))
}

/// `name: value` on a line of its own, of a text of several lines, in any case; also the block
/// below `name: |`. Appends the spans of the values.
pub(super) fn yaml_lines(hay: &[u8], hits: &mut Vec<super::Hit>) {
    let mut line = 0;
    while line < hay.len() {
        let line_end = memchr::memchr(b'\n', &hay[line..]).map_or(hay.len(), |len| line + len);
        let lead = |b: &u8| matches!(b, b' ' | b'-' | b'\t' | b'"' | b'\'');
        let indent = hay[line..line_end].iter().take_while(|b| lead(b)).count();
        let start = line + indent;
        let name_end = run(hay, start, super::runs::NAME, 128.min(line_end - start));
        line = line_end + 1;
        if name_end < start + 3 {
            continue;
        }
        let after = hay[name_end..line_end]
            .iter()
            .take(2)
            .take_while(|b| matches!(b, b'"' | b'\'' | b' '))
            .count();
        let colon = name_end + after;
        let spaced = matches!(hay.get(colon + 1), None | Some(b' ' | b'\t' | b'\n' | b'\r'));
        if hay.get(colon) != Some(&b':') || !spaced {
            continue;
        }
        let kind = super::classify(&hay[start..name_end]);
        if !kind.hints() {
            continue;
        }
        let from = colon + 1;
        let from = from
            + hay[from.min(line_end)..line_end]
                .iter()
                .take_while(|b| matches!(b, b' ' | b'\t'))
                .count();
        if matches!(hay.get(from), Some(b'|' | b'>')) && line_end - from <= 4 {
            let block = line.min(hay.len());
            let mut end = block;
            while end < hay.len() {
                let next = memchr::memchr(b'\n', &hay[end..]).map_or(hay.len(), |len| end + len);
                let text = hay[end..next].iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
                if text <= indent && end + text < next {
                    break;
                }
                end = (next + 1).min(hay.len());
            }
            line = end.max(line);
            let inner = &hay[block..end];
            let first = block + (inner.len() - inner.trim_ascii_start().len());
            let last = first + inner.trim_ascii().len();
            if last > first && super::values::goes(kind, &hay[first..last]) {
                super::push(hits, first, last, Detector::SecretAssignment);
            }
            continue;
        }
        let (from, end) = value(hay, from, line_end.saturating_sub(from));
        let value = &hay[from.min(end)..end];
        let plain = matches!(value.first(), None | Some(b'{' | b'[' | b'&' | b'*'));
        if !plain && !is_reference(value) && super::values::goes(kind, value) {
            super::push(hits, from, end, Detector::SecretAssignment);
        }
    }
}

/// `--token VALUE` inside a command line. `at + tail` is the space.
pub(super) fn flag(hay: &[u8], at: usize, tail: usize) -> Span {
    let space = at + tail;
    let start = run_back(hay, space, super::runs::NAME, 64);
    if !hay[start..space].starts_with(b"-") {
        return None;
    }
    let (from, end) = value(hay, run_spaces(hay, space), LONGEST);
    let value = &hay[from..end];
    (value.len() >= 4 && !value.starts_with(b"-") && !is_reference(value)).then_some((from, end))
}

/// `--token VALUE`, and a bootstrap token (`abcdef.0123456789abcdef`) after the bare word.
pub(super) fn token_word(hay: &[u8], at: usize) -> Span {
    if let Some(span) = flag(hay, at, 4) {
        return Some(span);
    }
    let start = run_spaces(hay, at + 4);
    let lower = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let text = hay.get(start..start + 23)?;
    let shaped = text[6] == b'.' && text[..6].iter().all(lower) && text[7..].iter().all(lower);
    let ends = hay.get(start + 23).is_none_or(|b| !is(*b, super::runs::NAME));
    let mixed = text.iter().any(u8::is_ascii_digit) && text.iter().any(u8::is_ascii_lowercase);
    (shaped && ends && mixed).then_some((start, start + 23))
}

/// `$(VAR)`, `${VAR}`, `{{ … }}`, `<placeholder>`, stars and our own marks are no values.
pub(super) fn is_reference(value: &[u8]) -> bool {
    starts_reference(value) || value.iter().all(|b| matches!(b, b'*' | b'x' | b'X' | b'.'))
}

/// Whether the first bytes say already that a value is none, however long it is.
pub(super) fn starts_reference(value: &[u8]) -> bool {
    value.starts_with(b"$") || value.starts_with(b"{{") || is_mark(value)
}

/// Whether a text starts with what stands in place of a value.
fn is_mark(text: &[u8]) -> bool {
    [b"[redacted:".as_slice(), b"[pseudonym:", b"[partial:"]
        .iter()
        .any(|mark| text.starts_with(mark))
}
