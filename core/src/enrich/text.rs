//! Texts of the event as redacted, ready to be taken apart.
//!
//! Facts must come from what is left after redaction, never from the source: a [`Span`] is made by
//! [`Texts::raw`] or [`Texts::plain`], which apply the edits. An untouched string is a range of the
//! source and costs nothing; anything else is built once in memory that is reused.

use crate::redacted::{Fate, Redacted};
use crate::scan::Kind;
use crate::scan::doc::Value;
use crate::text;

/// A text of the event.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Text<'a> {
    pub(crate) bytes: &'a [u8],
    /// The bytes can stand between the quotes of a JSON string as they are. Otherwise they are
    /// what the string says and must be escaped.
    pub(crate) ready: bool,
}

impl<'a> Text<'a> {
    /// Some other bytes of the same text.
    pub(crate) fn part(self, bytes: &'a [u8]) -> Self {
        Self { bytes, ready: self.ready }
    }

    /// A constant that needs no escaping.
    pub(crate) fn fixed(bytes: &'a [u8]) -> Self {
        Self { bytes, ready: true }
    }

    pub(crate) fn is_empty(self) -> bool {
        self.bytes.is_empty()
    }
}

/// Where a [`Text`] stands.
#[derive(Clone, Copy, Default, Debug)]
pub(crate) struct Span {
    start: u32,
    end: u32,
    place: Place,
}

impl Span {
    /// Whether there is no text, or nothing in it.
    pub(super) fn is_none(self) -> bool {
        self.place == Place::Absent || self.start == self.end
    }
}

#[derive(Clone, Copy, Default, Debug, PartialEq, Eq)]
enum Place {
    /// Not in the event, or taken out of it.
    #[default]
    Absent,
    /// In the source, ready.
    Source,
    /// In the store, ready.
    Ready,
    /// In the store, unescaped.
    Unescaped,
}

/// Memory for texts that are not in the source as they are needed.
#[derive(Default)]
pub(crate) struct Texts {
    store: Vec<u8>,
    spare: Vec<u8>,
}

impl Texts {
    pub(super) fn clear(&mut self) {
        self.store.clear();
    }

    pub(super) fn capacity(&self) -> usize {
        self.store.capacity() + self.spare.capacity()
    }

    /// The inside of a string as written.
    #[inline]
    pub(super) fn raw(&mut self, redacted: &Redacted<'_>, value: Option<Value<'_>>) -> Span {
        let Some(value) = value else { return Span::default() };
        let node = value.node();
        if node.kind != Kind::String {
            return Span::default();
        }
        if redacted.fate(node.start, node.end) == Fate::Intact {
            return Span { start: node.start + 1, end: node.end - 1, place: Place::Source };
        }
        self.edited(redacted, value)
    }

    /// What a string says.
    #[inline]
    pub(super) fn plain(&mut self, redacted: &Redacted<'_>, value: Option<Value<'_>>) -> Span {
        let span = self.raw(redacted, value);
        match span.place {
            Place::Absent => span,
            Place::Source if value.is_some_and(|value| !value.is_escaped()) => span,
            _ => self.unescaped(redacted, span),
        }
    }

    #[cold]
    #[inline(never)]
    fn edited(&mut self, redacted: &Redacted<'_>, value: Value<'_>) -> Span {
        self.spare.clear();
        let Some(raw) = redacted.inside(value, &mut self.spare) else { return Span::default() };
        let start = self.store.len() as u32;
        self.store.extend_from_slice(raw);
        Span { start, end: self.store.len() as u32, place: Place::Ready }
    }

    #[inline(never)]
    fn unescaped(&mut self, redacted: &Redacted<'_>, span: Span) -> Span {
        let range = span.start as usize..span.end as usize;
        self.spare.clear();
        match span.place {
            Place::Source => text::unescape(&redacted.event.doc.src[range], &mut self.spare),
            _ if !self.store[range.clone()].contains(&b'\\') => return span,
            _ => text::unescape(&self.store[range], &mut self.spare),
        }
        let start = self.store.len() as u32;
        self.store.extend_from_slice(&self.spare);
        Span { start, end: self.store.len() as u32, place: Place::Unescaped }
    }

    /// Of a text that was unescaped and begins with `start`, what follows up to `end`. Nothing of one in which
    /// more is escaped there.
    pub(super) fn between(&self, span: Span, start: &[u8], end: u8) -> Option<Span> {
        if span.place != Place::Unescaped {
            return None;
        }
        let rest = self.store[span.start as usize..span.end as usize].strip_prefix(start)?;
        let len = memchr::memchr(end, rest)?;
        if rest[..len].contains(&b'\\') {
            return Some(Span::default());
        }
        let from = span.start + start.len() as u32;
        Some(Span { start: from, end: from + len as u32, ..span })
    }

    /// The text of a span; `None` when there is none.
    #[inline]
    pub(super) fn get<'a>(&'a self, src: &'a [u8], span: Span) -> Option<Text<'a>> {
        let range = span.start as usize..span.end as usize;
        Some(match span.place {
            Place::Absent => return None,
            Place::Source => Text { bytes: &src[range], ready: true },
            Place::Ready => Text { bytes: &self.store[range], ready: true },
            Place::Unescaped => Text { bytes: &self.store[range], ready: false },
        })
    }
}

/// The inside of `\"NAME\"` at the start of a text in JSON, and what follows: a name as Go's `%q`
/// quotes it.
pub(super) fn quoted(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let name = text.strip_prefix(br#"\""#)?;
    let mut at = 0;
    loop {
        at += memchr::memchr(b'\\', name.get(at..)?)?;
        match name.get(at + 1)? {
            b'"' => return Some((&name[..at], &name[at + 2..])),
            // a Go escape: the backslash, then what it escapes, itself maybe escaped for JSON
            b'\\' => {
                at += 2;
                at += if name.get(at) == Some(&b'\\') { 2 } else { 1 };
            }
            b'u' => at += 6,
            _ => at += 2,
        }
    }
}
