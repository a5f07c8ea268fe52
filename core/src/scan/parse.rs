//! The strict walk from quote to quote.

use super::bits::Cursor;
use super::{
    Bounds, ESCAPED, Kind, Mark, Node, OBSCURED, ScanError, ScanErrorKind, Tape, make_room,
};
use crate::text;

impl Tape {
    /// Scans the one JSON text that starts at or after `from`, leaving its root as node 0.
    ///
    /// Returns the offset after it. `src` must be what [`Tape::load`] was given. On an error the
    /// nodes scanned so far stay (open containers have `end == 0`), so that a stub can still name
    /// the event.
    pub(crate) fn parse(
        &mut self,
        src: &[u8],
        from: usize,
        bounds: Bounds,
    ) -> Result<usize, ScanError> {
        self.clear();
        let Self {
            nodes,
            marks,
            escaped,
            escaped_keys,
            lone_surrogates,
            opaque,
            words,
            stack,
            bits,
            keys,
            name,
        } = self;
        let mut quotes = Cursor::new(&bits.quotes, from);
        let mut escapes = Escapes::new(&bits.backslashes, from);
        let mut pos = from;
        // The container that is open: its node, and whether it is an object.
        let mut top = NO_CONTAINER;
        let mut in_object = false;
        let mut depth = 0u8;
        macro_rules! fail {
            ($kind:ident, $offset:expr) => {{
                return failure(ScanErrorKind::$kind, $offset, src);
            }};
        }
        // The byte at `pos` after white space; 0 at the end, which no grammar rule accepts.
        macro_rules! peek {
            () => {{
                let mut byte = src.get(pos).copied().unwrap_or(0);
                if byte <= b' ' {
                    byte = skip_white(src, &mut pos);
                }
                byte
            }};
        }
        // Consumes a string whose opening quote is at `pos`; gives its flags, sets `pos` after it.
        macro_rules! string {
            () => {{
                let open = pos;
                quotes.skip(); // the opening quote itself
                let Some(close) = quotes.next() else { fail!(UnexpectedEnd, src.len()) };
                let mut flags = 0;
                if escapes.next < close {
                    match escapes.read(src, close, lone_surrogates) {
                        Ok(found) => flags = found,
                        Err(offset) => fail!(BadEscape, offset),
                    }
                }
                if bits.any_control
                    && let Some(at) = src[open..close].iter().position(|byte| *byte < 0x20)
                {
                    fail!(ControlInString, open + at)
                }
                pos = close + 1;
                flags
            }};
        }
        // Consumes a member name at `pos` and the colon after it.
        macro_rules! key {
            () => {{
                let start = pos;
                let flags = string!();
                let node = nodes.len() as u32;
                let key = if flags == 0 {
                    keys.classify(src, start + 1, pos - 1)
                } else {
                    escaped_keys.push(node);
                    name.clear();
                    text::unescape(&src[start + 1..pos - 1], name);
                    keys.of(name)
                };
                if key.is_marked() {
                    make_room(marks, 1);
                    marks.push(Mark { node, parent: top, key });
                }
                nodes.push(Node {
                    start: start as u32,
                    end: pos as u32,
                    next: node + 1,
                    kind: Kind::Key,
                    flags,
                    key: key as u8,
                    depth,
                });
                if peek!() != b':' {
                    fail!(ExpectedColon, pos)
                }
                pos += 1;
            }};
        }
        'value: loop {
            if nodes.len() >= bounds.nodes as usize {
                fail!(TooManyNodes, pos.min(src.len().saturating_sub(1)))
            }
            make_room(nodes, ROOM);
            let byte = peek!();
            let index = nodes.len() as u32;
            let start = pos as u32;
            let (kind, flags) = match byte {
                b'"' => {
                    let first = !in_object && nodes.len() == top.wrapping_add(1) as usize;
                    if first || src.get(pos + 1) == Some(&b'-') {
                        words.push(index);
                    }
                    let flags = string!();
                    if flags != 0 {
                        escaped.push(index);
                    }
                    (Kind::String, flags)
                }
                b'{' | b'[' => {
                    let is_object = byte == b'{';
                    if depth >= bounds.depth {
                        let Some(end) = skip_balanced(src, pos, &mut quotes) else {
                            fail!(UnexpectedEnd, src.len())
                        };
                        pos = end;
                        escapes = Escapes::new(&bits.backslashes, end);
                        opaque.push(index);
                        (Kind::Opaque, 0)
                    } else {
                        let kind = if is_object { Kind::Object } else { Kind::Array };
                        pos += 1;
                        let next = peek!();
                        if next == if is_object { b'}' } else { b']' } {
                            pos += 1;
                            (kind, 0)
                        } else {
                            nodes.push(Node {
                                start,
                                end: 0,
                                next: index + 1,
                                kind,
                                flags: 0,
                                key: 0,
                                depth,
                            });
                            stack.push(top);
                            top = index;
                            in_object = is_object;
                            depth += 1;
                            if is_object {
                                if next != b'"' {
                                    fail!(ExpectedKey, pos)
                                }
                                key!();
                            }
                            continue 'value;
                        }
                    }
                }
                b'-' | b'0'..=b'9' => match number_end(src, pos) {
                    Ok(end) => {
                        pos = end;
                        (Kind::Number, 0)
                    }
                    Err(offset) => fail!(BadNumber, offset),
                },
                b't' | b'f' | b'n' => {
                    let (word, kind): (&[u8], _) = match byte {
                        b't' => (b"true", Kind::True),
                        b'f' => (b"false", Kind::False),
                        _ => (b"null", Kind::Null),
                    };
                    let rest = &src[pos..];
                    if !rest.starts_with(word) {
                        let same = rest.iter().zip(word).take_while(|(a, b)| a == b).count();
                        fail!(BadLiteral, pos + same)
                    }
                    pos += word.len();
                    (kind, 0)
                }
                _ => fail!(ExpectedValue, pos),
            };
            nodes.push(Node {
                start,
                end: pos as u32,
                next: index + 1,
                kind,
                flags,
                key: 0,
                depth,
            });
            // After a value: close containers until one goes on.
            loop {
                if top == NO_CONTAINER {
                    return Ok(pos);
                }
                match peek!() {
                    b',' => {
                        pos += 1;
                        if in_object {
                            if peek!() != b'"' {
                                fail!(ExpectedKey, pos)
                            }
                            key!();
                        }
                        continue 'value;
                    }
                    close if close == if in_object { b'}' } else { b']' } => {
                        pos += 1;
                        let next = nodes.len() as u32;
                        let closed = &mut nodes[top as usize];
                        closed.end = pos as u32;
                        closed.next = next;
                        depth -= 1;
                        top = stack.pop().unwrap_or(NO_CONTAINER);
                        in_object =
                            nodes.get(top as usize).is_some_and(|node| node.kind == Kind::Object);
                    }
                    _ => fail!(ExpectedCommaOrClose, pos),
                }
            }
        }
    }
}

/// No node has this index: the number of nodes is bounded far below.
const NO_CONTAINER: u32 = u32::MAX;

/// Nodes that one value adds at most: a container, a name and what is in it.
const ROOM: usize = 4;

#[cold]
#[inline(never)]
fn failure(kind: ScanErrorKind, offset: usize, src: &[u8]) -> Result<usize, ScanError> {
    let kind = if offset >= src.len() { ScanErrorKind::UnexpectedEnd } else { kind };
    Err(ScanError { kind, offset: offset.min(src.len()) as u32 })
}

/// Moves over white space; gives the byte after it, 0 at the end.
#[inline(never)]
fn skip_white(src: &[u8], pos: &mut usize) -> u8 {
    while let Some(byte) = src.get(*pos) {
        if !matches!(byte, b' ' | b'\t' | b'\n' | b'\r') {
            return *byte;
        }
        *pos += 1;
    }
    0
}

/// The end of a number that starts at `start`, by the grammar of RFC 8259 section 6.
fn number_end(src: &[u8], start: usize) -> Result<usize, usize> {
    let digits = |mut at: usize| {
        while src.get(at).is_some_and(u8::is_ascii_digit) {
            at += 1;
        }
        at
    };
    let mut at = start;
    if src[at] == b'-' {
        at += 1;
    }
    let whole = at;
    at = digits(at);
    if at == whole || (src[whole] == b'0' && at > whole + 1) {
        return Err(at);
    }
    if src.get(at) == Some(&b'.') {
        let fraction = at + 1;
        at = digits(fraction);
        if at == fraction {
            return Err(at);
        }
    }
    if let Some(b'e' | b'E') = src.get(at) {
        let mut exponent = at + 1;
        if let Some(b'+' | b'-') = src.get(exponent) {
            exponent += 1;
        }
        at = digits(exponent);
        if at == exponent {
            return Err(at);
        }
    }
    Ok(at)
}

/// The backslashes of a text, in order.
struct Escapes<'a> {
    cursor: Cursor<'a>,
    /// The first backslash that was not read.
    next: usize,
}

impl<'a> Escapes<'a> {
    fn new(backslashes: &'a [u64], from: usize) -> Self {
        let mut cursor = Cursor::new(backslashes, from);
        let next = cursor.next().unwrap_or(usize::MAX);
        Self { cursor, next }
    }

    /// Checks the escapes of the string that ends at `close`. Gives the string's flags, or the
    /// offset of the first malformed escape.
    #[inline(never)]
    fn read(
        &mut self,
        src: &[u8],
        close: usize,
        lone_surrogates: &mut Vec<u32>,
    ) -> Result<u8, usize> {
        let mut flags = ESCAPED;
        while self.next < close {
            let at = self.next;
            let mut after = at + 2;
            match src[at + 1] {
                b'"' => {}
                // The second one is in the bitmap, too.
                b'\\' => self.cursor.skip(),
                b'/' | b'b' | b'f' | b'n' | b'r' | b't' => flags |= OBSCURED,
                b'u' => {
                    flags |= OBSCURED;
                    after = unicode_escape(src, at, close, lone_surrogates).ok_or(at)?;
                }
                _ => return Err(at),
            }
            self.next = self.cursor.next().unwrap_or(usize::MAX);
            if self.next < after {
                // the second half of a surrogate pair
                self.next = self.cursor.next().unwrap_or(usize::MAX);
            }
        }
        Ok(flags)
    }
}

/// Reads the `\uXXXX` at `at`, and the one after it if the two are a surrogate pair. Gives the
/// offset after what was read; `None` when it is malformed.
fn unicode_escape(
    src: &[u8],
    at: usize,
    close: usize,
    lone_surrogates: &mut Vec<u32>,
) -> Option<usize> {
    let unit = text::hex4(&src[at + 2..close])?;
    if (0xd800..0xe000).contains(&unit) {
        let low = src[at + 6..close].strip_prefix(b"\\u").and_then(text::hex4);
        if unit < 0xdc00 && low.is_some_and(|low| (0xdc00..0xe000).contains(&low)) {
            return Some(at + 12);
        }
        lone_surrogates.push(at as u32);
    }
    Some(at + 6)
}

/// The end of the container that opens at `open`, counting brackets outside strings only.
fn skip_balanced(src: &[u8], open: usize, quotes: &mut Cursor<'_>) -> Option<usize> {
    let mut level = 0usize;
    let mut at = open;
    loop {
        match src.get(at)? {
            b'"' => {
                quotes.next()?;
                at = quotes.next()?;
            }
            b'{' | b'[' => level += 1,
            b'}' | b']' => {
                level -= 1;
                if level == 0 {
                    return Some(at + 1);
                }
            }
            _ => {}
        }
        at += 1;
    }
}
