//! Zero-copy scan of JSON text into a flat list of spans.
//!
//! [`Tape::load`] makes the bitmaps of [`bits`]; [`Tape::parse`] then walks one JSON text with an
//! explicit stack, checking RFC 8259 strictly, and leaves one 16-byte [`Node`] per key and value.
//! Nothing is copied or unescaped: a node is a pair of offsets. Members that rules may care about
//! are also listed in [`Tape::marks`], so that redaction needs no walk over the rest.
//!
//! Bounds: no recursion; a subtree below the depth limit is skipped whole and becomes one
//! [`Kind::Opaque`] node; the number of nodes is limited. Time is linear in the input.
//!
//! Decisions where JSON leaves room: duplicate and `\u`-escaped keys are classified as what they
//! decode to, every occurrence is kept; lone surrogate escapes are legal here and listed in
//! [`Tape::lone_surrogates`] so that they leave as `\ufffd`; raw control bytes in strings are
//! errors; invalid UTF-8 is for the caller to replace before [`Tape::load`].

pub(crate) mod bits;
pub(crate) mod doc;
pub(crate) mod key;
mod parse;

use bits::Bits;
use key::{Hints, Key, KeyCache};

/// What a node is.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
#[repr(u8)]
pub(crate) enum Kind {
    Null,
    True,
    False,
    Number,
    String,
    Array,
    Object,
    /// A member name; the member's value is the next node.
    Key,
    /// A subtree below the depth limit: brackets balanced, content not looked at.
    Opaque,
}

/// The string holds at least one backslash.
pub(crate) const ESCAPED: u8 = 1;
/// The string holds escapes other than `\"` and `\\`: its raw bytes do not show its text.
pub(crate) const OBSCURED: u8 = 2;

/// One key or value. Strings and keys include their quotes, containers their brackets.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Node {
    pub(crate) start: u32,
    pub(crate) end: u32,
    /// Index of the node after this subtree (for keys: the value's index).
    pub(crate) next: u32,
    pub(crate) kind: Kind,
    pub(crate) flags: u8,
    /// [`Key`] number, for keys.
    pub(crate) key: u8,
    pub(crate) depth: u8,
}

/// A member whose name a rule may care about.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Mark {
    /// Index of the key node.
    pub(crate) node: u32,
    /// Index of the object that holds the member.
    pub(crate) parent: u32,
    pub(crate) key: Key,
}

/// Why a text is not acceptable JSON. The byte offset is given beside it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum ScanErrorKind {
    UnexpectedEnd,
    ExpectedValue,
    ExpectedKey,
    ExpectedColon,
    ExpectedCommaOrClose,
    BadNumber,
    BadLiteral,
    BadEscape,
    ControlInString,
    TooManyNodes,
}

/// A scan failure: what and at which byte.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) struct ScanError {
    pub(crate) kind: ScanErrorKind,
    pub(crate) offset: u32,
}

/// Bounds of one scan.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Bounds {
    /// Containers nested deeper than this become [`Kind::Opaque`]. At most 250.
    pub(crate) depth: u8,
    /// More nodes than this are an error.
    pub(crate) nodes: u32,
}

/// Makes room for `more` items in a list. Short ones double: a filter that lives for one event, as
/// after a trap, must stay small. Long ones grow by a quarter: doubled, a flood of short values would
/// take twice what it needs.
#[inline(always)]
pub(crate) fn make_room<T>(list: &mut Vec<T>, more: usize) {
    #[cold]
    #[inline(never)]
    fn grow<T>(list: &mut Vec<T>) {
        list.reserve_exact((list.len() / 4).max(list.len().clamp(16, 256)));
    }
    if list.capacity() - list.len() < more {
        grow(list);
    }
}

/// The spans of one JSON text, and the memory to make them in.
pub(crate) struct Tape {
    pub(crate) nodes: Vec<Node>,
    pub(crate) marks: Vec<Mark>,
    /// Indices of string values with any escape (not keys).
    pub(crate) escaped: Vec<u32>,
    /// Indices of keys with any escape.
    pub(crate) escaped_keys: Vec<u32>,
    /// Offsets of `\uXXXX` escapes that are surrogates without a partner.
    pub(crate) lone_surrogates: Vec<u32>,
    /// Indices of [`Kind::Opaque`] nodes.
    pub(crate) opaque: Vec<u32>,
    /// Indices of strings that start with a dash, and of those that come first in an array.
    pub(crate) words: Vec<u32>,
    stack: Vec<u32>,
    bits: Bits,
    keys: KeyCache,
    name: Vec<u8>,
}

impl Tape {
    /// An empty tape. `hints` tells of a name whether its value may be a secret.
    pub(crate) fn new(hints: Hints) -> Self {
        Self {
            nodes: Vec::new(),
            marks: Vec::new(),
            escaped: Vec::new(),
            escaped_keys: Vec::new(),
            lone_surrogates: Vec::new(),
            opaque: Vec::new(),
            words: Vec::new(),
            stack: Vec::new(),
            bits: Bits::default(),
            keys: KeyCache::new(hints),
            name: Vec::new(),
        }
    }

    /// Makes the bitmaps of `src`. `src` must be shorter than 4 GiB.
    pub(crate) fn load(&mut self, src: &[u8]) {
        self.bits.fill(src);
        self.clear();
    }

    fn clear(&mut self) {
        self.nodes.clear();
        self.marks.clear();
        self.escaped.clear();
        self.escaped_keys.clear();
        self.lone_surrogates.clear();
        self.opaque.clear();
        self.words.clear();
        self.stack.clear();
    }

    /// Whether the loaded input holds bytes above 0x7f.
    pub(crate) fn any_high(&self) -> bool {
        self.bits.any_high
    }

    /// Gives memory back after an unusually large input; keeps up to `nodes` nodes.
    pub(crate) fn shrink(&mut self, nodes: usize) {
        if self.nodes.capacity() > nodes * 2 {
            self.clear();
            self.nodes.shrink_to(nodes);
            self.marks.shrink_to(nodes / 4);
            self.escaped.shrink_to(nodes / 4);
            self.escaped_keys.shrink_to(nodes / 4);
            self.lone_surrogates.shrink_to(nodes / 4);
            self.words.shrink_to(nodes / 4);
            self.opaque.shrink_to(nodes / 4);
        }
        let words = nodes; // a node stands for 16 bytes or more: four times what it needs
        if self.bits.quotes.capacity() > words {
            self.bits.quotes.clear();
            self.bits.backslashes.clear();
            self.bits.quotes.shrink_to(words / 2);
            self.bits.backslashes.shrink_to(words / 2);
        }
    }
}

#[cfg(test)]
mod tests;
