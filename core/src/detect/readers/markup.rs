//! `<password>x</password>`, `<name>…</name><value>x</value>` in either order,
//! `<entry key="password">x</entry>`, cells of tables, also written with entities (`&lt;password&gt;`).

use super::{Hint, ends, is_odd};
use crate::detect::runs::{NAME, run};
use crate::detect::{Detector, Hit, push};

/// Longest tag that is read.
const LONGEST_TAG: usize = 512;

/// How `<` and `>` are written as entities.
const OPENS: &[&[u8]] = &[b"&lt;", b"&#60;"];
const CLOSES: &[&[u8]] = &[b"&gt;", b"&#62;"];

/// How long the sign is that stands at `at`, itself or as an entity.
fn sign(hay: &[u8], at: usize, byte: u8, entities: &[&[u8]]) -> Option<usize> {
    if hay[at] == byte {
        return Some(1);
    }
    entities.iter().find(|entity| hay[at..].starts_with(entity)).map(|entity| entity.len())
}

/// Appends the contents of elements whose names hint.
pub(super) fn read(hay: &[u8], prose: bool, hits: &mut Vec<Hit>) {
    let entities = || OPENS.iter().any(|open| memchr::memmem::find(hay, open).is_some());
    let none = memchr::memchr(b'<', hay).is_none();
    if none && (memchr::memchr(b'&', hay).is_none() || !entities()) {
        return;
    }
    let mut beside: Option<(Hint, usize)> = None;
    // The cell of a table before, which names the next one.
    let mut cell: Option<(Hint, usize)> = None;
    // The last value that nothing before it names.
    let mut unnamed: Option<std::ops::Range<usize>> = None;
    let mut tags = memchr::memchr2_iter(b'<', b'&', hay)
        .filter_map(|at| Some((at, sign(hay, at, b'<', OPENS)?)))
        .peekable();
    while let Some((open, len)) = tags.next() {
        let mut from = open + len;
        let mut end = run(hay, from, NAME, 64);
        // `wsse:Password`
        if end > from && hay.get(end) == Some(&b':') {
            from = end + 1;
            end = run(hay, from, NAME, 64);
        }
        let name = &hay[from..end];
        if name.is_empty() {
            continue;
        }
        let next = tags.peek().map_or(hay.len(), |(next, _)| *next);
        let tag = &hay[end..next.min(end + LONGEST_TAG)];
        let closed = memchr::memchr2_iter(b'>', b'&', tag)
            .find_map(|at| Some((end + at, sign(tag, at, b'>', CLOSES)?)));
        let Some((close, len)) = closed else { continue };
        let attributes = &hay[end..close];
        let attribute = |word: &[u8]| {
            let from = memchr::memmem::find(attributes, word)? + word.len();
            let value = ends::unquoted(attributes, from..ends::attribute(attributes, from));
            (!value.is_empty()).then_some(value)
        };
        // `<property value="x" name="password"/>`: the other order is an assignment.
        if let Some(value) = attribute(b"value=")
            && let Some(called) = attribute(b" name=").or_else(|| attribute(b" key="))
            && value.start < called.start
        {
            let hint = Hint::of(&attributes[called]);
            if hint.is_strong() && hint.goes(&attributes[value.clone()]) {
                push(hits, end + value.start, end + value.end, Detector::SecretAssignment);
            }
        }
        if close > open && hay[close - 1] == b'/' {
            continue;
        }
        // `<![CDATA[x]]>`
        let mut content = close + len..next;
        if hay[next..].starts_with(b"<![CDATA[") && hay[content.clone()].trim_ascii().is_empty() {
            let start = next + 9;
            let text = &hay[start..];
            content = start..start + memchr::memmem::find(text, b"]]>").unwrap_or(text.len());
        }
        let text = &hay[content.clone()];
        let inner = content.start + (text.len() - text.trim_ascii_start().len());
        let mut value = text.trim_ascii();
        // `echo '<password>'; curl x; echo '</password>'` hides no command.
        let ends = memchr::memchr2_iter(b'\'', b'"', value)
            .take(8)
            .find(|at| ends::ends_a_command(&value[at + 1..]));
        if let Some(end) = ends {
            value = &value[..end];
        }
        // `key: <secret-key>` and further down `name: <secret-name>` are no elements.
        let closes = [b"</".as_slice(), b"<!", b"&lt;/", b"&lt;!", b"&#60;/"]
            .iter()
            .any(|sign| hay[next.min(hay.len())..].starts_with(sign));
        if !value.is_empty() && !closes && next < hay.len() {
            continue;
        }
        let mut hint = Hint::of(name);
        // `<Password><Value>x</Value>`, `<property name="password"><value>x</value>`
        if value.is_empty()
            && !hint.hints()
            && let Some(called) = attribute(b"name=")
        {
            hint = Hint::of(&attributes[called]);
        }
        if value.is_empty() && hint.hints() {
            beside = Some((hint, next));
            continue;
        }
        match name {
            b"name" | b"key" | b"Name" | b"Key" | b"param-name" | b"env-entry-name" => {
                let named = Hint::of(value);
                // `<property><value>x</value><name>db.password</name></property>`
                if let Some(value) = unnamed.take()
                    && open - value.end < 64
                    && named.is_strong()
                    && named.goes(&hay[value.clone()])
                {
                    push(hits, value.start, value.end, Detector::SecretAssignment);
                }
                beside = Some((named, next));
                continue;
            }
            b"value" | b"string" | b"Value" | b"val" | b"param-value" | b"env-entry-value" => {
                if let Some((known, at)) = beside.take()
                    && open - at < 128
                {
                    hint = known;
                } else if name == b"string" {
                    // `<entry><string>db.password</string><string>x</string></entry>`
                    if hay[..open].trim_ascii_end().ends_with(b"<entry>") {
                        beside = Some((Hint::of(value), next));
                    }
                } else {
                    unnamed = Some(inner..inner + value.len());
                }
            }
            // `<td>Password</td><td>x</td>`: what is told of a password in words stays.
            b"td" | b"th" | b"dt" | b"dd" => match cell.take() {
                Some((known, at)) if open - at < 64 && is_odd(value) && name != b"th" => {
                    hint = known;
                }
                _ => cell = Some((Hint::of(value), next)).filter(|(hint, _)| hint.is_strong()),
            },
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
        let closed = cut || matches!(hay.get(content.end), Some(b'<' | b']' | b'&'));
        if closed && hint.goes(value) && (!prose || crate::detect::runs::looks_random(value)) {
            push(hits, inner, inner + value.len(), Detector::SecretAssignment);
        }
    }
}
