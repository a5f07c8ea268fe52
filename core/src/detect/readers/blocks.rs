//! Secrets whose name stands on a line before them: `? password` and `: value` in YAML, members of
//! a block that is opened under a name of several secrets (`passwords = {` in HCL), and lines of a
//! private key that a script prints one by one.

use super::{Hint, ends, is_value};
use crate::detect::runs::{BASE64, NAME, is, run};
use crate::detect::{Detector, Hit, push};

/// Longest line that is read.
const LONGEST: usize = 4 << 10;
/// Letters of a line of a key.
const KEY_LINE: usize = 40;

/// What the lines before say of this one.
#[derive(Clone, Copy)]
enum Open {
    Nothing,
    /// The line before was `? name`.
    Asked(Hint),
    /// A block of values is open.
    Block(Hint),
}

/// Appends what lines hold that earlier lines name.
pub(super) fn read(hay: &[u8], hits: &mut Vec<Hit>) {
    let mut open = Open::Nothing;
    let mut start = 0;
    while start < hay.len() {
        let end = memchr::memchr(b'\n', &hay[start..]).map_or(hay.len(), |len| start + len);
        let line = &hay[start..end];
        let text = line.trim_ascii();
        let first = start + (text.as_ptr() as usize - line.as_ptr() as usize);
        open =
            if text.len() > LONGEST { Open::Nothing } else { next(hay, first, text, open, hits) };
        start = end + 1;
    }
}

fn next(hay: &[u8], first: usize, text: &[u8], open: Open, hits: &mut Vec<Hit>) -> Open {
    if let Some(name) = text.strip_prefix(b"? ") {
        let name = ends::unquoted(name, 0..name.len());
        let hint = Hint::of(&text[2 + name.start..2 + name.end]);
        return if hint.hints() { Open::Asked(hint) } else { Open::Nothing };
    }
    match open {
        Open::Asked(hint) if text.starts_with(b": ") => {
            take(hay, first + 2, first + text.len(), hint, hits);
            Open::Nothing
        }
        Open::Block(hint) if !text.starts_with(b"}") => {
            if let Some(equals) = memchr::memchr(b'=', text) {
                let value = text[equals + 1..].trim_ascii_start();
                if value.starts_with(b"\"") {
                    take(hay, first + text.len() - value.len(), first + text.len(), hint, hits);
                }
            }
            open
        }
        _ => opens(text).map_or(Open::Nothing, Open::Block),
    }
}

/// `passwords = {`, and nothing else on the line.
fn opens(text: &[u8]) -> Option<Hint> {
    let name = text.strip_suffix(b"{")?.trim_ascii_end();
    let name = name.strip_suffix(b"=").or_else(|| name.strip_suffix(b":"))?.trim_ascii_end();
    let plural = name.ends_with(b"s") && name.len() < 64 && name.iter().all(|b| is(*b, NAME));
    let hint = plural.then(|| Hint::of(name))?;
    hint.is_strong().then_some(hint)
}

fn take(hay: &[u8], from: usize, to: usize, hint: Hint, hits: &mut Vec<Hit>) {
    let comma = usize::from(hay[from..to].ends_with(b","));
    let value = ends::unquoted(hay, from..to - comma);
    let text = &hay[value.clone()];
    if hint.goes(text) && is_value(text) {
        push(hits, value.start, value.end, Detector::SecretAssignment);
    }
}

/// nginx: `map $http_apikey $ok { "SECRET" 1; }`, where the variable holds a secret.
pub(super) fn maps(hay: &[u8], hits: &mut Vec<Hit>) {
    let mut taken = 0;
    for at in memchr::memmem::find_iter(hay, b"map $") {
        let name = at + b"map $".len()..run(hay, at + b"map $".len(), NAME, 64);
        if at < taken || !Hint::of(&hay[name.clone()]).is_strong() {
            continue;
        }
        let head = &hay[name.end..hay.len().min(name.end + 64)];
        let Some(open) = memchr::memchr2(b'{', b';', head).filter(|at| head[*at] == b'{') else {
            continue;
        };
        let from = name.end + open + 1;
        let rest = &hay[from..hay.len().min(from + LONGEST)];
        let rest = &rest[..memchr::memchr(b'}', rest).unwrap_or(rest.len())];
        let mut start = from;
        for entry in rest.split(|b| *b == b';') {
            let text = entry.trim_ascii();
            let word = text.iter().take_while(|b| !b.is_ascii_whitespace()).count();
            let first = start + (entry.len() - entry.trim_ascii_start().len());
            start += entry.len() + 1;
            let value = ends::unquoted(hay, first..first + word);
            // A pattern, or what all others are; one of letters alone is a word.
            let other = matches!(&hay[value.clone()], [b'~', ..] | b"default" | b"hostnames");
            let plain = hay[value.clone()].iter().all(u8::is_ascii_alphabetic);
            if word < text.len()
                && !other
                && !plain
                && value.len() > 3
                && is_value(&hay[value.clone()])
            {
                push(hits, value.start, value.end, Detector::SecretAssignment);
            }
        }
        taken = from + rest.len();
    }
}

/// Lines of a private key that stand between other letters (`echo 'MIIE…' >> k`), after the label
/// that ends at `from`: up to the label of its end.
pub(super) fn printed_key(hay: &[u8], hits: &mut Vec<Hit>) {
    let Some(label) = memchr::memmem::find(hay, b"PRIVATE KEY-----") else { return };
    let mut at = label;
    while let Some(len) = memchr::memchr2(b'\'', b'"', &hay[at..]) {
        let from = at + len + 1;
        let to = run(hay, from, BASE64, LONGEST);
        let has = |test: fn(&u8) -> bool| hay[from..to].iter().any(test);
        let mixed = has(u8::is_ascii_lowercase) && has(u8::is_ascii_uppercase);
        if to >= from + KEY_LINE && mixed && matches!(hay.get(to), Some(b'\'' | b'"' | b'\\')) {
            push(hits, from, to, Detector::PrivateKey);
        }
        at = from.max(to);
        if hay[at.min(hay.len())..].starts_with(b"-----END") {
            return;
        }
    }
}
