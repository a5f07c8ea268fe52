//! `<password>x</password>`, `<name>…</name><value>x</value>`, `<entry key="password">x</entry>`.

use super::{Hint, ends};
use crate::detect::runs::{NAME, run};
use crate::detect::{Detector, Hit, push};

/// Longest tag that is read.
const LONGEST_TAG: usize = 512;

/// Appends the contents of elements whose names hint.
pub(super) fn read(hay: &[u8], prose: bool, hits: &mut Vec<Hit>) {
    let mut beside: Option<(Hint, usize)> = None;
    let mut tags = memchr::memchr_iter(b'<', hay).peekable();
    while let Some(open) = tags.next() {
        let end = run(hay, open + 1, NAME, 64);
        let name = &hay[open + 1..end];
        if name.is_empty() {
            continue;
        }
        let next = tags.peek().copied().unwrap_or(hay.len());
        let tag = &hay[end..next.min(end + LONGEST_TAG)];
        let Some(close) = memchr::memchr(b'>', tag).map(|len| end + len) else { continue };
        if close > open && hay[close - 1] == b'/' {
            continue;
        }
        // `<![CDATA[x]]>`
        let mut content = close + 1..next;
        if hay[next..].starts_with(b"<![CDATA[") && hay[close + 1..next].trim_ascii().is_empty() {
            let start = next + 9;
            let text = &hay[start..];
            content = start..start + memchr::memmem::find(text, b"]]>").unwrap_or(text.len());
        }
        let text = &hay[content.clone()];
        let inner = content.start + (text.len() - text.trim_ascii_start().len());
        let value = text.trim_ascii();
        let mut hint = Hint::of(name);
        match name {
            b"name" | b"key" | b"Name" | b"Key" => {
                beside = Some((Hint::of(value), next));
                continue;
            }
            b"value" | b"string" | b"Value" | b"val" => {
                if let Some((known, at)) = beside.take()
                    && open - at < 128
                {
                    hint = known;
                }
            }
            _ => {}
        }
        if !hint.hints() {
            let attributes = &hay[end..close];
            for word in [b"key=".as_slice(), b"name="] {
                if let Some(at) = memchr::memmem::find(attributes, word) {
                    let from = at + word.len();
                    let value = ends::unquoted(attributes, from..ends::attribute(attributes, from));
                    hint = Hint::of(&attributes[value]);
                }
            }
        }
        // A closing tag must follow, or the text is cut. `<random_pass>` may also stand for one.
        let cut = content.end == hay.len() && !value.iter().any(u8::is_ascii_whitespace);
        let closed = cut || matches!(hay.get(content.end), Some(b'<' | b']'));
        if closed && hint.goes(value) && (!prose || crate::detect::runs::looks_random(value)) {
            push(hits, inner, inner + value.len(), Detector::SecretAssignment);
        }
    }
}
