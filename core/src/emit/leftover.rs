//! Members that have no place of their own in a format, put together to one JSON text.

use super::Emission;
use super::body::pieces;
use super::line::Line;
use crate::scan::Kind;
use crate::scan::doc::Value;

/// The text so far: empty, or an object that is not closed and ends in a comma.
#[derive(Default)]
pub(super) struct Leftover(Vec<u8>);

impl Leftover {
    pub(super) fn clear(&mut self) {
        self.0.clear();
    }

    pub(super) fn capacity(&self) -> usize {
        self.0.capacity()
    }

    /// Appends a member as it leaves, the path of its object before its name.
    pub(super) fn put(
        &mut self,
        emission: &Emission<'_>,
        path: &[u8],
        key: Value<'_>,
        value: Value<'_>,
    ) {
        let Self(out) = self;
        out.extend_from_slice(if out.is_empty() { b"{\"" } else { b"\"" });
        out.extend_from_slice(path);
        let (name, node) = (key.node(), value.node());
        emission.copy(name.start + 1, name.end, out);
        out.push(b':');
        let before = out.len();
        emission.copy(node.start, node.end, out);
        if out.len() == before {
            out.extend_from_slice(b"null");
        }
        out.push(b',');
    }

    /// Whether a value leaves as a string.
    pub(super) fn is_text(&mut self, emission: &Emission<'_>, value: Value<'_>) -> bool {
        if emission.is_intact(value) {
            return value.kind() == Kind::String;
        }
        let (before, node) = (self.0.len(), value.node());
        emission.copy(node.start, node.end, &mut self.0);
        let text = self.0.get(before) == Some(&b'"');
        self.0.truncate(before);
        text
    }

    /// Writes the text as a member, unless there is nothing in it. `key` ends in the colon.
    pub(super) fn write(&mut self, key: &[u8], line: &mut Line<'_>) {
        if self.0.pop().is_some() {
            self.0.push(b'}');
            line.put(key);
            pieces(&self.0, line.most, line.out);
            line.put(b",");
        }
    }
}
