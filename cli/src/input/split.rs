//! Cuts text into inputs: by lines, by JSON texts, or not at all. Memory is bounded: of what is
//! longer than a line may be, only the head is kept.

use auditweir_shell::{Carry, HEAD, Piece, Sink};

use crate::args::InputFormat;

/// How deep inside a JSON text one is.
#[derive(Clone, Copy, Default)]
struct Balance {
    depth: u64,
    in_string: bool,
    escaped: bool,
}

impl Balance {
    fn step(&mut self, byte: u8) {
        if self.in_string {
            match byte {
                _ if self.escaped => self.escaped = false,
                b'\\' => self.escaped = true,
                b'"' => self.in_string = false,
                _ => {}
            }
            return;
        }
        match byte {
            b'"' => self.in_string = true,
            b'{' | b'[' => self.depth += 1,
            b'}' | b']' => self.depth = self.depth.saturating_sub(1),
            _ => {}
        }
    }

    /// Whether every bracket and string that was opened is closed.
    fn is_closed(self) -> bool {
        self.depth == 0 && !self.in_string
    }

    /// Whether all of a text is closed.
    fn of(text: &[u8]) -> Self {
        let mut balance = Self::default();
        for byte in text {
            balance.step(*byte);
        }
        balance
    }
}

/// Cuts one input's text.
pub(crate) struct Splitter {
    how: How,
    carry: Carry,
    /// Where the text to come is.
    line: u64,
    offset: u64,
    /// Where what is carried began.
    from: (u64, u64),
}

/// Where among JSON texts one is.
#[derive(Clone, Copy)]
enum Within {
    /// Between two.
    Nothing,
    Text(Balance),
    /// In what is no JSON text; it ends with its line.
    Other,
}

enum How {
    Lines,
    Texts(Within),
    Whole,
}

impl Splitter {
    /// `limit` is the most bytes of one piece.
    pub(crate) fn new(format: InputFormat, limit: usize) -> Self {
        let how = match format {
            InputFormat::Auto | InputFormat::Ndjson => How::Lines,
            InputFormat::Json => How::Texts(Within::Nothing),
            InputFormat::Yaml => How::Whole,
        };
        Self { how, carry: Carry::new(limit), line: 1, offset: 0, from: (1, 0) }
    }

    /// Cuts what has come.
    pub(crate) fn push(&mut self, chunk: &[u8], sink: Sink<'_>) {
        match self.how {
            How::Lines => self.lines(chunk, sink),
            How::Texts(_) => self.texts(chunk, sink),
            How::Whole => self.carry.push(chunk),
        }
    }

    /// Hands out what is left at the end.
    pub(crate) fn finish(&mut self, sink: Sink<'_>) {
        if self.carry.is_empty() {
            return;
        }
        let piece = self.carry.piece(self.from.0, self.from.1);
        if matches!(self.how, How::Texts(Within::Text(_)))
            && !piece.is_cut()
            && holds_lines(piece.bytes)
        {
            // A text that is never closed, and whole ones after it: lines after all.
            let (mut line, mut offset) = self.from;
            for text in piece.bytes.split_inclusive(|byte| *byte == b'\n') {
                let bytes = text.strip_suffix(b"\n").unwrap_or(text);
                sink(Piece { bytes, size: bytes.len() as u64, line, offset });
                line += 1;
                offset += text.len() as u64;
            }
        } else {
            sink(piece);
        }
        self.carry.clear();
    }

    fn lines(&mut self, mut chunk: &[u8], sink: Sink<'_>) {
        while let Some(end) = memchr::memchr(b'\n', chunk) {
            let bytes = &chunk[..end];
            if self.carry.is_empty() {
                let size = bytes.len() as u64;
                sink(Piece { bytes, size, line: self.line, offset: self.offset });
            } else {
                self.carry.push(bytes);
                sink(self.carry.piece(self.from.0, self.from.1));
                self.carry.clear();
            }
            self.line += 1;
            self.offset += end as u64 + 1;
            chunk = &chunk[end + 1..];
        }
        if self.carry.is_empty() {
            self.from = (self.line, self.offset);
        }
        self.carry.push(chunk);
        self.offset += chunk.len() as u64;
    }

    fn texts(&mut self, chunk: &[u8], sink: Sink<'_>) {
        let How::Texts(mut state) = self.how else { return };
        let mut from = 0;
        for (at, byte) in chunk.iter().enumerate() {
            let byte = *byte;
            // End of this piece, this byte included or not.
            let mut end = None;
            match &mut state {
                Within::Nothing => {
                    let mark = self.offset < 3 && matches!(byte, 0xef | 0xbb | 0xbf);
                    if !byte.is_ascii_whitespace() && byte != 0 && !mark {
                        from = at;
                        self.from = (self.line, self.offset);
                        let mut balance = Balance::default();
                        balance.step(byte);
                        state = if matches!(byte, b'{' | b'[') {
                            Within::Text(balance)
                        } else {
                            Within::Other
                        };
                    }
                }
                Within::Text(balance) => {
                    balance.step(byte);
                    if balance.is_closed() {
                        end = Some(at + 1);
                    } else if byte == b'\n' && balance.in_string {
                        // No JSON string holds a line break: the text was cut off here.
                        end = Some(at);
                    }
                }
                Within::Other => {
                    if byte == b'\n' {
                        end = Some(at);
                    }
                }
            }
            self.offset += 1;
            self.line += u64::from(byte == b'\n');
            if let Some(end) = end {
                self.carry.push(&chunk[from..end]);
                sink(self.carry.piece(self.from.0, self.from.1));
                self.carry.clear();
                state = Within::Nothing;
            }
        }
        if !matches!(state, Within::Nothing) {
            self.carry.push(&chunk[from..]);
        }
        self.how = How::Texts(state);
    }
}

/// Whether one of the lines but the first is a JSON object by itself.
fn holds_lines(text: &[u8]) -> bool {
    text.split(|byte| *byte == b'\n')
        .skip(1)
        .map(<[u8]>::trim_ascii_end)
        .any(|line| line.first() == Some(&b'{') && line.len() > 1 && Balance::of(line).is_closed())
}

/// What the first bytes of an input say about its format; `None` if more are needed.
///
/// A first line that is only `{` or `[` begins a document. So does, under a name in `.json`, a
/// first line that is not closed.
pub(crate) fn sniff(head: &[u8], may_be_document: bool, complete: bool) -> Option<InputFormat> {
    let text = head.strip_prefix("\u{feff}".as_bytes()).unwrap_or(head).trim_ascii_start();
    let Some(end) = memchr::memchr(b'\n', text) else {
        return (complete || head.len() >= HEAD).then_some(InputFormat::Ndjson);
    };
    let line = text[..end].trim_ascii_end();
    let opens = matches!(line, b"{" | b"[");
    let open = matches!(line.first(), Some(b'{' | b'[')) && !Balance::of(line).is_closed();
    Some(if opens || may_be_document && open { InputFormat::Json } else { InputFormat::Ndjson })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cut(
        format: InputFormat,
        limit: usize,
        text: &[u8],
        chunk: usize,
    ) -> Vec<(String, u64, u64, u64)> {
        let mut pieces = Vec::new();
        let mut splitter = Splitter::new(format, limit);
        let mut sink = |piece: Piece<'_>| {
            let text = String::from_utf8_lossy(piece.bytes).into_owned();
            pieces.push((text, piece.size, piece.line, piece.offset));
        };
        for part in text.chunks(chunk) {
            splitter.push(part, &mut sink);
        }
        splitter.finish(&mut sink);
        pieces
    }

    #[test]
    fn lines_at_any_chunk_size() {
        for chunk in 1..12 {
            let pieces = cut(InputFormat::Ndjson, 6, b"{\"a\"}\n\n0123456789\nxyz", chunk);
            let texts: Vec<_> = pieces.iter().map(|p| (p.0.as_str(), p.1, p.2, p.3)).collect();
            let long = texts[2];
            assert_eq!(texts[0], ("{\"a\"}", 5, 1, 0), "{chunk}");
            assert_eq!(texts[1], ("", 0, 2, 6), "{chunk}");
            assert_eq!((long.1, long.2, long.3), (10, 3, 7), "{chunk}");
            assert!("0123456789".starts_with(long.0), "{chunk}");
            assert_eq!(texts[3], ("xyz", 3, 4, 18), "{chunk}");
            assert_eq!(texts.len(), 4);
        }
    }

    #[test]
    fn texts_over_lines() {
        let text = b"\xef\xbb\xbf{\n \"a\": \"}\\\"\"\n}\n[1,\n2] {} x\n{\"a\":\"b\n{}\n";
        for chunk in 1..20 {
            let pieces = cut(InputFormat::Json, 99, text, chunk);
            let texts: Vec<_> = pieces.iter().map(|p| (p.0.as_str(), p.2)).collect();
            assert_eq!(
                texts,
                [
                    ("{\n \"a\": \"}\\\"\"\n}", 1),
                    ("[1,\n2]", 4),
                    ("{}", 5),
                    ("x", 5),
                    ("{\"a\":\"b", 6),
                    ("{}", 7),
                ],
                "{chunk}"
            );
        }
    }

    #[test]
    fn a_text_that_never_closes_hides_no_lines() {
        let pieces = cut(InputFormat::Json, 99, b"{\"a\":\n{\"b\":1}\n{\"c\":2}\n", 99);
        let texts: Vec<_> = pieces.iter().map(|p| (p.0.as_str(), p.2, p.3)).collect();
        assert_eq!(texts, [("{\"a\":", 1, 0), ("{\"b\":1}", 2, 6), ("{\"c\":2}", 3, 14)]);
        let pieces = cut(InputFormat::Json, 99, b"{\n  \"a\": {}\n", 99);
        assert_eq!(pieces.len(), 1);
    }

    #[test]
    fn the_first_line_tells() {
        assert_eq!(sniff(b"{\n", false, false), Some(InputFormat::Json));
        assert_eq!(sniff(b"{\"a\":{\n", false, false), Some(InputFormat::Ndjson));
        assert_eq!(sniff(b"{\"a\":{\n", true, false), Some(InputFormat::Json));
        assert_eq!(sniff(b"{\"a\":{}}\n{\n", true, false), Some(InputFormat::Ndjson));
        assert_eq!(sniff(b"{", true, false), None);
        assert_eq!(sniff(b"{", true, true), Some(InputFormat::Ndjson));
    }
}
