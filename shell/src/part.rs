//! Lines as a container runtime wrote them: which stream they are of, and whether they go on.

use crate::nesting::Parts;

/// A line, or a part of one.
#[derive(Clone, Copy)]
pub(crate) struct Part<'a> {
    /// 0 for standard output, 1 for standard error.
    pub(crate) stream: u8,
    /// What stands before the content of a line that is whole.
    pub(crate) head: (&'a [u8], &'static [u8]),
    pub(crate) content: &'a [u8],
    /// What stands behind it; `None` for CRI, which has nothing there.
    pub(crate) tail: Option<&'a [u8]>,
    /// Whether the content goes on in the next line of the stream.
    pub(crate) partial: bool,
    /// How many JSON strings the content is the inside of, one in the other.
    pub(crate) levels: u8,
}

impl<'a> Part<'a> {
    /// Reads a line; `None` if no runtime wrote it.
    pub(crate) fn read(line: &'a [u8]) -> Option<Self> {
        match line.first()? {
            b'0'..=b'9' => cri(line),
            b'{' => docker(line).or_else(|| record(line)),
            _ => None,
        }
    }

    /// Whether the content is the inside of a JSON string.
    pub(crate) fn is_escaped(&self) -> bool {
        self.levels > 0
    }

    /// Whether the content begins an object that it does not close.
    pub(crate) fn opens(&self) -> bool {
        self.content.first() == Some(&b'{')
            && Parts::read(self.content, self.levels).first().is_open()
    }

    /// Whether the content is one object.
    pub(crate) fn is_object(&self) -> bool {
        self.content.first() == Some(&b'{')
            && Parts::read(self.content, self.levels).first().is_closed()
    }

    /// Whether this is a whole object that a shipper wrote in docker's shape, without the newline at
    /// the end: docker divides a line only where it has so many bytes.
    pub(crate) fn is_alone(&self) -> bool {
        const DIVIDED: usize = 16 << 10;
        let in_dockers_shape = self.is_escaped() && self.head.1.is_empty();
        in_dockers_shape && self.partial && self.content.len() < DIVIDED && self.is_object()
    }

    pub(crate) fn is_blank(&self) -> bool {
        matches!(self.content.trim_ascii(), b"" | b"\\n" | b"\\\\n")
    }
}

/// What is before the tag, the stream, the tag, the content.
type Cri<'a> = (&'a [u8], u8, &'a [u8], &'a [u8]);

/// Takes `TIME stdout TAG CONTENT` apart.
fn prefix(line: &[u8]) -> Option<Cri<'_>> {
    if !line.first()?.is_ascii_digit() {
        return None;
    }
    let time = memchr::memchr(b' ', &line[..line.len().min(64)])?;
    if time < 20 || !line[..time].contains(&b'T') {
        return None;
    }
    let rest = &line[time + 1..];
    let stream = stream_of(rest)?;
    let rest = rest[6..].strip_prefix(b" ")?;
    let tag = memchr::memchr(b' ', rest).unwrap_or(rest.len());
    Some((&line[..time + 8], stream, &rest[..tag], rest.get(tag + 1..).unwrap_or_default()))
}

/// CRI: `TIME stdout P CONTENT`, and `F` for the last part.
fn cri(line: &[u8]) -> Option<Part<'_>> {
    let line = line.strip_suffix(b"\r").unwrap_or(line);
    let (head, stream, tag, content) = prefix(line)?;
    let partial = tag.first() == Some(&b'P');
    Some(Part { stream, head: (head, b"F "), content, tail: None, partial, levels: 0 })
}

/// Docker's json-file: `{"log":"CONTENT","stream":"stdout",…}`, whose last part ends in a newline.
fn docker(line: &[u8]) -> Option<Part<'_>> {
    const HEAD: &[u8] = b"{\"log\":\"";
    let rest = line.strip_prefix(HEAD)?;
    let end = string_end(rest)?;
    let (content, tail) = rest.split_at(end);
    let stream = stream_of(tail.strip_prefix(b"\",\"stream\":\"")?)?;
    let partial = backslashes(content).is_multiple_of(2);
    Some(Part { stream, head: (HEAD, b""), content, tail: Some(tail), partial, levels: 1 })
}

/// Backslashes before the `n` that a text ends in: an odd number makes it a newline.
fn backslashes(text: &[u8]) -> usize {
    text.strip_suffix(b"n")
        .map_or(0, |text| text.iter().rev().take_while(|byte| **byte == b'\\').count())
}

/// A line of docker's json-file as the inside of a string: in `text`, which ends `line`.
fn docker_in_text<'a>(line: &'a [u8], text: &'a [u8]) -> Option<Part<'a>> {
    const HEAD: &[u8] = br#"{\"log\":\""#;
    let rest = text.strip_prefix(HEAD)?;
    let mut end = 0;
    loop {
        end += memchr::memchr2(b'"', b'\\', rest.get(end..)?)?;
        match rest.get(end..end + 2)? {
            br#"\""# => break,
            // A backslash of docker's line, and what stands behind it there.
            br"\\" => end += if rest.get(end + 2) == Some(&b'\\') { 4 } else { 3 },
            [b'\\', _] => end += 2,
            _ => return None,
        }
    }
    let (content, tail) = rest.split_at(end);
    let stream = stream_of(tail.strip_prefix(br#"\",\"stream\":\""#)?)?;
    let partial = (backslashes(content) / 2).is_multiple_of(2);
    let head = &line[..line.len() - rest.len()];
    Some(Part { stream, head: (head, b""), content, tail: Some(tail), partial, levels: 2 })
}

fn stream_of(text: &[u8]) -> Option<u8> {
    match text.get(..6)? {
        b"stdout" => Some(0),
        b"stderr" => Some(1),
        _ => None,
    }
}

/// Members of a record that are looked at.
const MEMBERS: usize = 8;

/// A shipper's record with a line of CRI in it: `{…,"log":"TIME stdout P CONTENT",…}`, or
/// `message` instead of `log`; or with one of docker's.
fn record(line: &[u8]) -> Option<Part<'_>> {
    let mut rest = line.strip_prefix(b"{")?;
    for _ in 0..MEMBERS {
        let name = rest.strip_prefix(b"\"")?;
        let end = string_end(name)?;
        let (name, after) = name.split_at(end);
        let value = after.strip_prefix(b"\":")?;
        let Some(text) = value.strip_prefix(b"\"") else {
            // Numbers, words and small objects.
            let end = if value.first() == Some(&b'{') {
                object_end(value)?
            } else {
                memchr::memchr3(b',', b'{', b'[', value)?
            };
            rest = value[end..].strip_prefix(b",")?;
            continue;
        };
        if matches!(name, b"log" | b"message") {
            let end = string_end(text)?;
            if let Some(part) = docker_in_text(line, text) {
                return Some(part);
            }
            let (head, stream, tag, content) = prefix(&text[..end])?;
            let from = line.len() - text.len();
            let tail = &text[head.len() + tag.len() + 1 + content.len()..];
            return (tail.first() == Some(&b'"')).then_some(Part {
                stream,
                head: (&line[..from + head.len()], b"F "),
                content,
                tail: Some(tail),
                partial: tag.first() == Some(&b'P'),
                levels: 1,
            });
        }
        // An event has no line in it.
        if matches!(name, b"kind" | b"apiVersion" | b"auditID" | b"level") {
            return None;
        }
        rest = text[string_end(text)?..].strip_prefix(b"\",")?;
    }
    None
}

/// Longest object in a record that is passed over.
const LONGEST: usize = 1024;

/// Where the object ends that a text begins with.
fn object_end(text: &[u8]) -> Option<usize> {
    let (mut depth, mut at) = (0, 0);
    let text = &text[..text.len().min(LONGEST)];
    loop {
        match text.get(at)? {
            b'"' => at += string_end(&text[at + 1..])? + 1,
            b'{' | b'[' => depth += 1,
            b'}' | b']' if depth == 1 => return Some(at + 1),
            b'}' | b']' => depth -= 1,
            _ => {}
        }
        at += 1;
    }
}

/// Where the string ends whose inside `text` begins with.
fn string_end(text: &[u8]) -> Option<usize> {
    let mut end = 0;
    loop {
        end += memchr::memchr2(b'"', b'\\', text.get(end..)?)?;
        if text[end] == b'"' {
            return Some(end);
        }
        end += 2;
    }
}
