//! JSON written anew: for envelopes that keep an event in another schema, and for members of odd
//! types. What is copied is copied as it stands; texts of JSON are taken apart only after they
//! have been read whole, so that no text can end the object it is put into.

use super::Layer;
use super::cut::{self, Text};
use crate::scan::doc::{Doc, Value};
use crate::scan::{Bounds, Kind};
use crate::text;

/// Writes one object after another, commas included.
pub(super) struct Writer<'o> {
    pub(super) out: &'o mut Vec<u8>,
    first: bool,
    /// Memory to read texts of JSON in.
    layer: &'o mut Layer,
    bounds: Bounds,
    /// Whether a text that was opened ended too early.
    pub(super) cut: bool,
}

impl<'o> Writer<'o> {
    pub(super) fn new(out: &'o mut Vec<u8>, layer: &'o mut Layer, bounds: Bounds) -> Self {
        out.clear();
        Self { out, first: true, layer, bounds, cut: false }
    }

    pub(super) fn comma(&mut self) {
        if !std::mem::take(&mut self.first) {
            self.out.push(b',');
        }
    }

    /// A member's name from text that is already escaped.
    pub(super) fn key(&mut self, key: impl AsRef<[u8]>) {
        self.comma();
        self.out.push(b'"');
        self.out.extend_from_slice(key.as_ref());
        self.out.extend_from_slice(b"\":");
    }

    /// A string member from text that is already escaped; nothing when empty.
    pub(super) fn text(&mut self, key: &str, raw: &[u8]) {
        if !raw.is_empty() {
            self.key(key);
            self.string(raw);
        }
    }

    /// A string from text that is already escaped.
    pub(super) fn string(&mut self, raw: &[u8]) {
        self.out.push(b'"');
        self.out.extend_from_slice(raw);
        self.out.push(b'"');
    }

    /// A member as it stands; nothing for null.
    pub(super) fn raw(&mut self, key: &str, value: Option<Value<'_>>) {
        if let Some(value) = value
            && value.kind() != Kind::Null
        {
            self.key(key);
            self.out.extend_from_slice(value.raw());
        }
    }

    /// A member as it stands, or what it says when it is a text of JSON; nothing for null.
    pub(super) fn json(&mut self, key: &str, value: Option<Value<'_>>) {
        if let Some(value) = value
            && value.kind() != Kind::Null
        {
            self.key(key);
            self.body(value);
        }
    }

    /// A body, or what a text of JSON says in its place, also when that was cut off.
    pub(super) fn body(&mut self, value: Value<'_>) {
        if !self.opened(value, |_| true) && !self.opened_or_cut(value, Text::Body) {
            self.out.extend_from_slice(value.raw());
        }
    }

    /// Writes the object or list that a text holds. False, and nothing written, when it holds
    /// anything else, or anything besides.
    pub(super) fn opened(
        &mut self,
        value: Value<'_>,
        wanted: impl FnOnce(Value<'_>) -> bool,
    ) -> bool {
        if value.kind() != Kind::String || !matches!(first(value.raw_text()), Some(b'{' | b'[')) {
            return false;
        }
        let Layer { tape, text, .. } = &mut *self.layer;
        text.clear();
        text::unescape(value.raw_text(), text);
        // Text from a JSON string of a document that is valid UTF-8 is so, too.
        tape.load(text);
        let Ok(end) = tape.parse(text, 0, self.bounds) else { return false };
        let root = Doc { src: text, nodes: &tape.nodes }.root();
        if !text[end..].iter().all(u8::is_ascii_whitespace)
            || !matches!(root.kind(), Kind::Object | Kind::Array)
            || !wanted(root)
        {
            return false;
        }
        self.out.extend_from_slice(root.raw());
        true
    }

    /// Writes what is left of the object or list in a text that was cut off.
    pub(super) fn opened_or_cut(&mut self, value: Value<'_>, kind: Text) -> bool {
        let raw = value.raw_text();
        let opens = matches!(first(raw), Some(b'{' | b'['));
        if value.kind() != Kind::String || !opens || cut::is_mark(raw) {
            return false;
        }
        let Layer { tape, text, mended, .. } = &mut *self.layer;
        text.clear();
        text::unescape(value.raw_text(), text);
        tape.load(text);
        let Err(error) = tape.parse(text, 0, self.bounds) else { return false };
        if cut::mend(text, &tape.nodes, error, (kind, self.bounds.depth), mended).is_none() {
            return false;
        }
        tape.load(mended);
        if tape.parse(mended, 0, self.bounds).is_err() {
            return false;
        }
        let root = Doc { src: mended, nodes: &tape.nodes }.root();
        self.out.extend_from_slice(root.raw());
        self.cut = true;
        true
    }

    pub(super) fn open(&mut self, key: &str) {
        self.key(key);
        self.begin();
    }

    /// An object without a name.
    pub(super) fn begin(&mut self) {
        self.out.push(b'{');
        self.first = true;
    }

    pub(super) fn close(&mut self) {
        self.out.push(b'}');
        self.first = false;
    }

    /// A member of any name as it stands.
    pub(super) fn member(&mut self, key: Value<'_>, value: Value<'_>) {
        self.marked(key, value.raw());
    }

    /// A member with a marker for its value.
    pub(super) fn marked(&mut self, key: Value<'_>, marker: &[u8]) {
        self.comma();
        self.out.extend_from_slice(key.raw());
        self.out.push(b':');
        self.out.extend_from_slice(marker);
    }

    /// Memory for a walk: what is open.
    pub(super) fn stack(&mut self) -> &mut Vec<(u32, u32, u8)> {
        &mut self.layer.stack
    }

    /// A value was written by hand: the next one needs a comma.
    pub(super) fn wrote(&mut self) {
        self.first = false;
    }
}

fn first(text: &[u8]) -> Option<&u8> {
    text.trim_ascii_start().first()
}
