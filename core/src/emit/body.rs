//! Bodies in ECS: one object each for a mapping of type `flattened` or `flat_object`.
//!
//! Such a field takes any object, but a patch body holds what a client sent, and one document that
//! the index refuses is one action unseen. So an object that a parser or mapper could refuse (too
//! deep, key empty, blank, of dots only, with NUL, escaped, too long or double, number too long)
//! goes as JSON text in pieces short enough for a keyword. Nothing is lost that way.

use super::line::Line;
use super::{Emission, Fate};
use crate::policy::{Bodies, Output};
use crate::scan::doc::Value;
use crate::scan::{ESCAPED, Kind, Node};
use crate::text::{CUT_MARKER, cut_bytes, cut_marker, decimal, escape};

/// Objects may nest this deep; `flattened` allows 20.
const DEPTH: u8 = 18;
/// Longest key in bytes: with [`DEPTH`] keys of this length a path and a value stay below the
/// 32766 bytes of a Lucene term.
const LONGEST_KEY: u32 = 512;
/// Longest number in bytes; JSON parsers refuse numbers of 1000 digits.
const LONGEST_NUMBER: u32 = 128;
/// Keys of one object that are compared as they come; more are sorted.
const FEW: usize = 64;

/// Memory for the checks.
#[derive(Default)]
pub(super) struct BodyScratch {
    /// Fingerprints of the keys of all open objects.
    keys: Vec<u32>,
    /// Open objects: index of the node after it, first of its keys.
    open: Vec<(u32, u32)>,
    /// Ranges of the source whose text is too long for a body.
    long: Vec<(u32, u32)>,
    names: Vec<u32>,
    text: Vec<u8>,
}

impl BodyScratch {
    pub(super) fn capacity(&self) -> usize {
        self.text.capacity() + 4 * (self.keys.capacity() + self.names.capacity())
    }

    /// Writes the body as redacted, as a member of this name.
    pub(super) fn write(
        &mut self,
        emission: &Emission<'_>,
        name: &[u8],
        value: Value<'_>,
        line: &mut Line<'_>,
    ) {
        let output: &Output = emission.output;
        let node = value.node();
        let fate = emission.fate(node.start, node.end);
        if fate == Fate::Removed || output.bodies == Bodies::None {
            return;
        }
        line.name(name);
        let (src, edits) = (emission.event.doc.src, &emission.redactor.edits);
        let bytes = || {
            let mut bytes = 0;
            edits.pieces(src, node.start, node.end, |piece| bytes += piece.len());
            bytes
        };
        if node.end - node.start > output.max_body {
            line.put(b"{\"cut\":{\"bytes\":");
            decimal(bytes() as u64, line.out);
            line.put(b",\"id\":\"");
            line.put(&emission.identity.document(src, node.start, node.end, edits));
            line.put(b"\"}},");
            return;
        }
        let container = matches!(node.kind, Kind::Object | Kind::Array) && fate != Fate::Replaced;
        let most = output.max_body_text;
        if output.bodies == Bodies::Object && container && self.is_safe(emission, value, most) {
            let array = node.kind == Kind::Array;
            if array {
                line.put(b"{\"patch\":");
            }
            self.object(emission, node, most as usize, line.out);
            if array {
                line.put(b"}");
            }
            line.put(b",");
        } else if container && bytes() > most as usize {
            line.put(b"{\"text\":");
            // Straight from the source: a copy of all of it would be as long as the output.
            let mut pieces = Pieces::new(most as usize, line.out);
            edits.pieces(src, node.start, node.end, |part| pieces.add(part));
            pieces.end();
            line.put(b"},");
        } else {
            self.text.clear();
            emission.copy(node.start, node.end, &mut self.text);
            line.put(b"{\"text\":");
            match self.text.strip_prefix(b"\"").and_then(|raw| raw.strip_suffix(b"\"")) {
                Some(raw) if raw.len() <= most as usize => line.put(&self.text),
                _ => pieces(&self.text, most as usize, line.out),
            }
            line.put(b"},");
        }
    }

    /// Whether a `flattened` field takes the object as it leaves. Notes texts that are too long.
    fn is_safe(&mut self, emission: &Emission<'_>, body: Value<'_>, most: u32) -> bool {
        let doc = body.doc;
        let root = body.node();
        self.keys.clear();
        self.open.clear();
        self.long.clear();
        let edits = emission.redactor.edits.within(root.start, root.end);
        let mut edits = edits.iter().peekable();
        let limit = root.depth.saturating_add(DEPTH);
        let mut at = body.index;
        while at < root.next {
            let node = doc.nodes[at as usize];
            while edits.peek().is_some_and(|edit| edit.end <= node.start) {
                edits.next();
            }
            if let Some(edit) = edits.peek()
                && edit.start < node.end
            {
                if edit.start <= node.start && edit.end >= node.end {
                    // gone or replaced with all that is in it
                    let with = emission.redactor.edits.with(edit).len() as u32;
                    if with > most {
                        if node.kind != Kind::String
                            || (edit.start, edit.end) != (node.start, node.end)
                        {
                            return false;
                        }
                        self.long.push((node.start, node.end));
                    }
                    at = if node.kind == Kind::Key { at + 1 } else { node.next };
                    continue;
                }
                if node.kind == Kind::Key {
                    return false;
                }
                if node.kind == Kind::String {
                    let longest = emission.redactor.edits.within(node.start, node.end).iter();
                    let added: usize =
                        longest.map(|edit| emission.redactor.edits.with(edit).len()).sum();
                    if u64::from(node.end - node.start) + added as u64 > u64::from(most) {
                        self.long.push((node.start, node.end));
                    }
                    at += 1;
                    continue;
                }
            }
            match node.kind {
                Kind::Key if !self.key_is_safe(body, at, node) => return false,
                Kind::Object | Kind::Array if node.depth > limit => return false,
                Kind::Number if node.end - node.start > LONGEST_NUMBER => return false,
                Kind::Opaque => return false,
                Kind::String if node.end - node.start > most + 2 => {
                    self.long.push((node.start, node.end));
                }
                Kind::Object => {
                    self.leave(at);
                    self.open.push((node.next, self.keys.len() as u32));
                }
                _ => {}
            }
            at += 1;
        }
        true
    }

    /// Closes the objects that end before node `at`.
    #[inline]
    fn leave(&mut self, at: u32) {
        while let Some((next, first)) = self.open.last()
            && *next <= at
        {
            self.keys.truncate(*first as usize);
            self.open.pop();
        }
    }

    #[inline]
    fn key_is_safe(&mut self, body: Value<'_>, at: u32, node: Node) -> bool {
        let length = node.end - node.start - 2;
        if node.flags & ESCAPED != 0 || length == 0 || length > LONGEST_KEY {
            return false;
        }
        let name = &body.doc.src[node.start as usize + 1..node.end as usize - 1];
        if name[0] <= b'.' && name.iter().all(|b| matches!(b, b'.' | b' ' | b'\t')) {
            return false;
        }
        if name[0] >= 0x80 && std::str::from_utf8(name).is_ok_and(|name| name.trim().is_empty()) {
            return false;
        }
        self.leave(at);
        let first = self.open.last().map_or(0, |(_, first)| *first as usize);
        let print = fingerprint(name);
        let known = self.keys.len() - first;
        if known > FEW {
            return true; // all keys of this object were compared already
        }
        if known == FEW || self.keys[first..].contains(&print) {
            if self.is_double(body, at) {
                return false;
            }
            self.keys.resize(first + FEW + 1, 0);
        } else {
            self.keys.push(print);
        }
        true
    }

    /// Whether the innermost open object has any key twice. Compares all of them.
    #[cold]
    fn is_double(&mut self, body: Value<'_>, at: u32) -> bool {
        // the object that holds key `at`: the closest one before it that ends after it
        let nodes = body.doc.nodes;
        let depth = nodes[at as usize].depth;
        let holder = (body.index..at)
            .rev()
            .find(|index| nodes[*index as usize].depth < depth)
            .unwrap_or(body.index);
        let name = |index: &u32| body.doc.at(*index).raw_text();
        self.names.clear();
        self.names.extend(body.doc.at(holder).members().map(|(key, _)| key.index));
        self.names.sort_unstable_by(|a, b| name(a).cmp(name(b)));
        self.names.windows(2).any(|pair| name(&pair[0]) == name(&pair[1]))
    }

    /// Copies a body, cutting the texts noted as too long.
    fn object(&mut self, emission: &Emission<'_>, node: Node, most: usize, out: &mut Vec<u8>) {
        let mut from = node.start;
        for at in 0..self.long.len() {
            let (start, end) = self.long[at];
            emission.copy(from, start, out);
            self.text.clear();
            emission.copy(start, end, &mut self.text);
            match self.text.strip_prefix(b"\"").and_then(|raw| raw.strip_suffix(b"\"")) {
                Some(raw) if raw.len() > most => {
                    let cut = cut_bytes(raw, most - CUT_MARKER);
                    out.push(b'"');
                    out.extend_from_slice(&raw[..cut]);
                    cut_marker(raw.len() - cut, out);
                    out.push(b'"');
                }
                _ => out.extend_from_slice(&self.text),
            }
            from = end;
        }
        emission.copy(from, node.end, out);
    }
}

/// Writes a text as one JSON string, or as a list of pieces that together are the text.
pub(super) fn pieces(text: &[u8], most: usize, out: &mut Vec<u8>) {
    if text.len() <= most {
        out.push(b'"');
        escape(text, out);
        out.push(b'"');
        return;
    }
    let mut pieces = Pieces::new(most, out);
    pieces.add(text);
    pieces.end();
}

/// A list of pieces of at most so many bytes, of a text that comes part by part.
struct Pieces<'a> {
    out: &'a mut Vec<u8>,
    most: usize,
    /// Bytes that the current piece still takes.
    room: usize,
}

impl<'a> Pieces<'a> {
    fn new(most: usize, out: &'a mut Vec<u8>) -> Self {
        out.extend_from_slice(b"[\"");
        Self { out, most, room: most }
    }

    /// Goes on with this part, which starts and ends between characters.
    fn add(&mut self, part: &[u8]) {
        let mut rest = part;
        while rest.len() > self.room {
            let mut end = self.room;
            while end > 0 && rest[end] & 0xc0 == 0x80 {
                end -= 1;
            }
            escape(&rest[..end], self.out);
            self.out.extend_from_slice(b"\",\"");
            self.room = self.most;
            rest = &rest[end..];
        }
        escape(rest, self.out);
        self.room -= rest.len();
    }

    fn end(self) {
        self.out.extend_from_slice(b"\"]");
    }
}

/// Equal for equal names, and seldom for others.
#[inline]
fn fingerprint(name: &[u8]) -> u32 {
    let mixed = match (name.first_chunk::<8>(), name.last_chunk::<8>()) {
        (Some(first), Some(last)) => {
            u64::from_le_bytes(*first) ^ u64::from_le_bytes(*last).rotate_left(27)
        }
        _ => name.iter().fold(0, |sum, byte| sum << 8 | u64::from(*byte)),
    };
    let mixed = mixed.wrapping_add(name.len() as u64).wrapping_mul(0x9e37_79b9_7f4a_7c15);
    (mixed >> 32) as u32
}
