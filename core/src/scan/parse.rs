//! The strict walk from quote to quote.

use super::bits::Cursor;
use super::key::Key;
use super::{
    Bounds, ESCAPED, Kind, Mark, Node, OBSCURED, ScanError, ScanErrorKind, Tape, text,
};

fn is_white(byte: u8) -> bool {
    matches!(byte, b' ' | b'\t' | b'\n' | b'\r')
}

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
            nodes, marks, escaped, escaped_keys, lone_surrogates, opaque, stack, bits, keys, name,
        } = self;
        let mut quotes = Cursor::new(&bits.quotes, from);
        let mut pos = from;
        let fail = |kind: ScanErrorKind, offset: usize| {
            let kind = if offset >= src.len() { ScanErrorKind::UnexpectedEnd } else { kind };
            Err(ScanError { kind, offset: offset.min(src.len()) as u32 })
        };
        // The byte at `pos` after white space; 0 at the end, which no grammar rule accepts.
        macro_rules! peek {
            () => {{
                let mut byte = src.get(pos).copied().unwrap_or(0);
                if byte <= b' ' {
                    while is_white(byte) {
                        pos += 1;
                        byte = src.get(pos).copied().unwrap_or(0);
                    }
                }
                byte
            }};
        }
        // Consumes a string whose opening quote is at `pos`; gives its flags, sets `pos` after it.
        macro_rules! string {
            () => {{
                let open = pos;
                let _ = quotes.next(); // the opening quote itself
                let Some(close) = quotes.next() else {
                    return fail(ScanErrorKind::UnexpectedEnd, src.len());
                };
                let mut flags = 0;
                if bits.any_backslash && bits.backslash_in(open, close) {
                    match check_escapes(src, open + 1, close, lone_surrogates) {
                        Ok(found) => flags = found,
                        Err(offset) => return fail(ScanErrorKind::BadEscape, offset),
                    }
                }
                if bits.any_control
                    && let Some(at) = src[open..close].iter().position(|byte| *byte < 0x20)
                {
                    return fail(ScanErrorKind::ControlInString, open + at);
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
                    Key::of(name)
                };
                if key.is_marked() {
                    let parent = stack.last().copied().unwrap_or(0);
                    marks.push(Mark { node, parent, key });
                }
                nodes.push(Node {
                    start: start as u32,
                    end: pos as u32,
                    next: node + 1,
                    kind: Kind::Key,
                    flags,
                    key: key as u8,
                    depth: stack.len() as u8,
                });
                if peek!() != b':' {
                    return fail(ScanErrorKind::ExpectedColon, pos);
                }
                pos += 1;
            }};
        }
        'value: loop {
            if nodes.len() >= bounds.nodes as usize {
                return fail(ScanErrorKind::TooManyNodes, pos.min(src.len().saturating_sub(1)));
            }
            let byte = peek!();
            let start = pos;
            let index = nodes.len() as u32;
            let depth = stack.len() as u8;
            let mut node = Node {
                start: start as u32,
                end: 0,
                next: index + 1,
                kind: Kind::String,
                flags: 0,
                key: 0,
                depth,
            };
            match byte {
                b'"' => {
                    node.flags = string!();
                    if node.flags != 0 {
                        escaped.push(index);
                    }
                }
                b'{' | b'[' => {
                    let is_object = byte == b'{';
                    if depth >= bounds.depth {
                        let Some(end) = skip_balanced(src, pos, &mut quotes) else {
                            return fail(ScanErrorKind::UnexpectedEnd, src.len());
                        };
                        pos = end;
                        node.kind = Kind::Opaque;
                        opaque.push(index);
                    } else {
                        node.kind = if is_object { Kind::Object } else { Kind::Array };
                        nodes.push(node);
                        stack.push(index);
                        pos += 1;
                        let next = peek!();
                        if is_object && next == b'"' {
                            key!();
                            continue 'value;
                        }
                        if next != if is_object { b'}' } else { b']' } {
                            if is_object {
                                return fail(ScanErrorKind::ExpectedKey, pos);
                            }
                            continue 'value;
                        }
                        // Empty container: falls through to the closing below.
                        stack.pop();
                        pos += 1;
                        let opened = &mut nodes[index as usize];
                        opened.end = pos as u32;
                        opened.next = index + 1;
                        node.end = u32::MAX; // already pushed
                    }
                }
                b'-' | b'0'..=b'9' => {
                    node.kind = Kind::Number;
                    match number_end(src, pos) {
                        Ok(end) => pos = end,
                        Err(offset) => return fail(ScanErrorKind::BadNumber, offset),
                    }
                }
                b't' | b'f' | b'n' => {
                    let (word, kind): (&[u8], _) = match byte {
                        b't' => (b"true", Kind::True),
                        b'f' => (b"false", Kind::False),
                        _ => (b"null", Kind::Null),
                    };
                    node.kind = kind;
                    let rest = &src[pos..];
                    if !rest.starts_with(word) {
                        let same = rest.iter().zip(word).take_while(|(a, b)| a == b).count();
                        return fail(ScanErrorKind::BadLiteral, pos + same);
                    }
                    pos += word.len();
                }
                _ => return fail(ScanErrorKind::ExpectedValue, pos),
            }
            if node.end == 0 {
                node.end = pos as u32;
                nodes.push(node);
            }
            // After a value: close containers until one goes on.
            loop {
                let Some(&top) = stack.last() else { return Ok(pos) };
                let in_object = nodes[top as usize].kind == Kind::Object;
                match (peek!(), in_object) {
                    (b',', false) => {
                        pos += 1;
                        continue 'value;
                    }
                    (b',', true) => {
                        pos += 1;
                        if peek!() != b'"' {
                            return fail(ScanErrorKind::ExpectedKey, pos);
                        }
                        key!();
                        continue 'value;
                    }
                    (b'}', true) | (b']', false) => {
                        pos += 1;
                        stack.pop();
                        let next = nodes.len() as u32;
                        let closed = &mut nodes[top as usize];
                        closed.end = pos as u32;
                        closed.next = next;
                    }
                    _ => return fail(ScanErrorKind::ExpectedCommaOrClose, pos),
                }
            }
        }
    }
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

/// Checks every escape in `src[start..close]`, the inside of a string. Gives the string's flags,
/// or the offset of the first malformed escape.
fn check_escapes(
    src: &[u8],
    start: usize,
    close: usize,
    lone_surrogates: &mut Vec<u32>,
) -> Result<u8, usize> {
    let mut flags = ESCAPED;
    let mut at = start;
    while let Some(skip) = memchr::memchr(b'\\', &src[at..close]) {
        at += skip;
        match src[at + 1] {
            b'"' | b'\\' => at += 2,
            b'/' | b'b' | b'f' | b'n' | b'r' | b't' => {
                flags |= OBSCURED;
                at += 2;
            }
            b'u' => {
                flags |= OBSCURED;
                let unit = text::hex4(&src[at + 2..close]).ok_or(at)?;
                let mut len = 6;
                if (0xd800..0xe000).contains(&unit) {
                    let low = src[at + 6..close]
                        .strip_prefix(b"\\u")
                        .and_then(text::hex4)
                        .filter(|low| (0xdc00..0xe000).contains(low));
                    if unit < 0xdc00 && low.is_some() {
                        len = 12;
                    } else {
                        lone_surrogates.push(at as u32);
                    }
                }
                at += len;
            }
            _ => return Err(at),
        }
    }
    Ok(flags)
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
