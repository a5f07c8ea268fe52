//! Reading a scanned tape: values, members, items.

use std::borrow::Cow;

use super::key::Key;
use super::{ESCAPED, Kind, Node};
use crate::text;

/// A scanned JSON text: the bytes and their nodes.
#[derive(Clone, Copy)]
pub(crate) struct Doc<'a> {
    pub(crate) src: &'a [u8],
    pub(crate) nodes: &'a [Node],
}

/// One value (or key) of a [`Doc`].
#[derive(Clone, Copy)]
pub(crate) struct Value<'a> {
    pub(crate) doc: Doc<'a>,
    pub(crate) index: u32,
}

impl<'a> Doc<'a> {
    /// The value or key with this index.
    #[inline]
    pub(crate) fn at(self, index: u32) -> Value<'a> {
        Value { doc: self, index }
    }

    /// The outermost value. The tape must hold one.
    #[inline]
    pub(crate) fn root(self) -> Value<'a> {
        self.at(0)
    }
}

impl<'a> Value<'a> {
    #[inline]
    pub(crate) fn node(self) -> Node {
        self.doc.nodes[self.index as usize]
    }

    #[inline]
    pub(crate) fn kind(self) -> Kind {
        self.node().kind
    }

    /// The bytes as written, quotes and brackets included.
    #[inline]
    pub(crate) fn raw(self) -> &'a [u8] {
        let node = self.node();
        &self.doc.src[node.start as usize..node.end as usize]
    }

    /// The inside of a string or key as written, escapes and all; empty for other kinds.
    #[inline]
    pub(crate) fn raw_text(self) -> &'a [u8] {
        match self.kind() {
            Kind::String | Kind::Key => {
                let raw = self.raw();
                raw.get(1..raw.len().saturating_sub(1)).unwrap_or_default()
            }
            _ => b"",
        }
    }

    #[inline]
    pub(crate) fn is_escaped(self) -> bool {
        self.node().flags & ESCAPED != 0
    }

    /// What a string or key says; empty for other kinds. Copies only when there are escapes.
    pub(crate) fn text(self) -> Cow<'a, [u8]> {
        if self.is_escaped() {
            let mut out = Vec::new();
            text::unescape(self.raw_text(), &mut out);
            Cow::Owned(out)
        } else {
            Cow::Borrowed(self.raw_text())
        }
    }

    /// Shows `look` what a string or key says; takes memory only for long text with escapes.
    pub(crate) fn read<T>(self, look: impl FnOnce(&[u8]) -> T) -> T {
        let raw = self.raw_text();
        if !self.is_escaped() {
            look(raw)
        } else if raw.len() <= text::Short::LONGEST {
            let mut short = text::Short::new();
            text::unescape(raw, &mut short);
            look(short.get())
        } else {
            look(&self.text())
        }
    }

    /// Whether a string or key says exactly `expected`, whatever its spelling.
    #[inline]
    pub(crate) fn says(self, expected: &[u8]) -> bool {
        let node = self.node();
        let escaped = node.flags & ESCAPED != 0;
        let len = (node.end - node.start) as usize;
        // With its quotes. Most names are told apart by that; escapes only make a text longer.
        let with_quotes = expected.len() + 2;
        (len == with_quotes || escaped && len > with_quotes)
            && matches!(node.kind, Kind::String | Kind::Key)
            && if escaped {
                self.read(|text| text == expected)
            } else {
                self.raw_text() == expected
            }
    }

    /// The class of a key.
    #[inline]
    pub(crate) fn key(self) -> Key {
        Key::from_number(self.node().key)
    }

    /// Members of an object as (key, value); nothing for other kinds.
    #[inline]
    pub(crate) fn members(self) -> Members<'a> {
        let node = self.node();
        let end = if node.kind == Kind::Object { node.next } else { self.index + 1 };
        Members { doc: self.doc, at: self.index + 1, end }
    }

    /// Items of an array; nothing for other kinds.
    #[inline]
    pub(crate) fn items(self) -> Items<'a> {
        let node = self.node();
        let end = if node.kind == Kind::Array { node.next } else { self.index + 1 };
        Items { doc: self.doc, at: self.index + 1, end }
    }

    /// The value of the first member classified as `key`.
    pub(crate) fn get(self, key: Key) -> Option<Value<'a>> {
        self.members().find(|(name, _)| name.key() == key).map(|(_, value)| value)
    }

    /// The value of the first member whose name says `name`, for names that have no [`Key`].
    pub(crate) fn member(self, name: &[u8]) -> Option<Value<'a>> {
        self.members().find(|(key, _)| key.says(name)).map(|(_, value)| value)
    }

    /// An integer that fits, when the value is a number written as one.
    pub(crate) fn integer(self) -> Option<i64> {
        if self.kind() != Kind::Number {
            return None;
        }
        std::str::from_utf8(self.raw()).ok()?.parse().ok()
    }
}

/// See [`Value::members`].
pub(crate) struct Members<'a> {
    doc: Doc<'a>,
    at: u32,
    end: u32,
}

impl<'a> Iterator for Members<'a> {
    type Item = (Value<'a>, Value<'a>);

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.end {
            return None;
        }
        let key = self.doc.at(self.at);
        let value = self.doc.at(self.at + 1);
        self.at = value.node().next;
        Some((key, value))
    }
}

/// See [`Value::items`].
pub(crate) struct Items<'a> {
    doc: Doc<'a>,
    at: u32,
    end: u32,
}

impl<'a> Iterator for Items<'a> {
    type Item = Value<'a>;

    #[inline]
    fn next(&mut self) -> Option<Self::Item> {
        if self.at >= self.end {
            return None;
        }
        let value = self.doc.at(self.at);
        self.at = value.node().next;
        Some(value)
    }
}
