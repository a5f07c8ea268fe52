//! Mends lines that a container runtime split: CRI (`TIME stdout P …`, then `F`), bare or in a
//! shipper's record, and docker's json-file (`{"log":"…` without a newline at its end).
//!
//! Parts are joined in the order they came, per source and stream, whatever is in them: a client
//! that could choose where a part begins must not be able to make it stand for an event of its own.
//! Nor must a rest that is lost (a log put aside too early) take the next event with it. Both hold
//! because the rest of a JSON object is never an object by itself: it closes more than it opens.
//! So when all parts together are no object, but the last of them are one, those are an event of
//! their own, and what stood before them lacks its rest.

use crate::nesting::{At, Parts, Stretch};
use crate::part::Part;

/// Bytes kept of what is too long.
pub const HEAD: usize = 64 << 10;
/// Lines that may wait for their rest, each of another source or stream.
const WAITING: usize = 64;
/// Parts that are remembered as a possible beginning, of one line.
const BEGINNINGS: usize = 1024;

/// One input.
#[derive(Clone, Copy, Debug)]
pub struct Piece<'a> {
    /// Its bytes, or the first of them.
    pub bytes: &'a [u8],
    /// Its length; more than there are bytes when it is too long.
    pub size: u64,
    /// The line it begins on, from 1; 0 where nobody counts them.
    pub line: u64,
    /// Where it begins in the (decompressed) input.
    pub offset: u64,
}

impl<'a> Piece<'a> {
    /// An input of which all bytes are here.
    pub fn whole(bytes: &'a [u8]) -> Self {
        Self { bytes, size: bytes.len() as u64, line: 0, offset: 0 }
    }

    /// Whether there is more of it than [`Self::bytes`].
    pub fn is_cut(&self) -> bool {
        self.size > self.bytes.len() as u64
    }
}

/// Takes each piece.
pub type Sink<'a> = &'a mut dyn FnMut(Piece<'_>);

/// Text that grows up to a limit; past it, only the head and the length are known.
#[derive(Debug)]
pub struct Carry {
    bytes: Vec<u8>,
    size: u64,
    limit: usize,
}

impl Carry {
    /// An empty text that may have `limit` bytes.
    pub fn new(limit: usize) -> Self {
        Self { bytes: Vec::new(), size: 0, limit }
    }

    /// Whether there is no text.
    pub fn is_empty(&self) -> bool {
        self.size == 0
    }

    fn is_cut(&self) -> bool {
        self.size > self.bytes.len() as u64
    }

    /// Appends some text. NUL bytes at the start are left out: a file that was truncated under its
    /// writer begins with any number of them, and they are no part of the line behind them.
    pub fn push(&mut self, mut part: &[u8]) {
        if self.is_empty() {
            part = &part[part.iter().take_while(|byte| **byte == 0).count()..];
        }
        let cut = self.is_cut();
        self.size += part.len() as u64;
        if cut {
            return;
        }
        if self.bytes.len() + part.len() <= self.limit {
            self.bytes.extend_from_slice(part);
        } else {
            let room = HEAD.min(self.limit);
            let missing = room.saturating_sub(self.bytes.len()).min(part.len());
            self.bytes.extend_from_slice(&part[..missing]);
            self.bytes.truncate(room);
            self.bytes.shrink_to_fit();
        }
    }

    /// What it holds, as a piece that began at this place.
    pub fn piece(&self, line: u64, offset: u64) -> Piece<'_> {
        Piece { bytes: &self.bytes, size: self.size, line, offset }
    }

    /// Empties it; gives memory back after something unusually long.
    pub fn clear(&mut self) {
        self.size = 0;
        if self.bytes.capacity() > 1 << 20 {
            self.bytes = Vec::new();
        }
        self.bytes.clear();
    }
}

/// Joins the parts of lines.
///
/// A part is kept until the rest of its line comes, until a line comes in which the stream cannot
/// go on, or until [`Lines::finish`]. Memory is bounded by the length that a line may have, all
/// sources together: beyond it, and beyond 64 lines that wait, the one that has waited longest goes
/// on without its rest.
pub struct Lines {
    held: Vec<Held>,
    limit: usize,
}

/// A line whose rest has not come.
struct Held {
    source: Vec<u8>,
    stream: u8,
    /// See [`Part::levels`].
    levels: u8,
    /// Head and content so far.
    text: Carry,
    /// What follows the content; `None` for CRI.
    tail: Option<Vec<u8>>,
    /// The parts that an event may begin with; the first part first.
    beginnings: Vec<Beginning>,
    /// What all parts together do.
    all: Stretch,
}

/// Where an event may begin.
struct Beginning {
    /// In the text.
    at: usize,
    /// What stands before the content.
    head: Vec<u8>,
    line: u64,
    offset: u64,
    /// What the content does from here to the next beginning.
    parts: Parts,
}

impl Lines {
    /// `limit` is the most bytes of one line.
    pub fn new(limit: usize) -> Self {
        Self { held: Vec::new(), limit }
    }

    /// Lines that wait for their rest.
    pub fn waiting(&self) -> usize {
        self.held.len()
    }

    /// Takes a line of a source, hands on whole lines. Returns 1 if this one waits for its rest.
    pub fn push(&mut self, source: &[u8], piece: Piece<'_>, sink: Sink<'_>) -> u64 {
        let part = if piece.is_cut() { None } else { Part::read(piece.bytes) };
        let Some(part) = part else {
            // Lines of another kind end a container's log; blank lines do not count.
            if !self.held.is_empty() && !piece.bytes.trim_ascii().is_empty() {
                self.finish_where(sink, |held| held.source == source);
            }
            sink(piece);
            return 0;
        };
        let mut slot =
            self.held.iter().position(|held| held.source == source && held.stream == part.stream);
        if let Some(at) = slot
            && (part.is_alone() || !self.held[at].goes_on_with(&part))
        {
            self.held.remove(at).hand_on(sink);
            slot = None;
        }
        match slot {
            Some(at) if part.partial => {
                self.held[at].push(&part, &piece);
                self.make_room(at, sink);
                1
            }
            Some(at) => {
                let mut held = self.held.remove(at);
                if held.text.is_cut() && part.is_object() {
                    held.hand_on(sink);
                    sink(piece);
                } else {
                    held.push(&part, &piece);
                    held.hand_on_events(sink);
                }
                0
            }
            // Other shippers write whole events in docker's shape without a newline.
            None if part.partial
                && (!part.is_escaped() || part.head.1 == b"F " || part.opens()) =>
            {
                self.held.push(Held::new(source, &part, &piece, self.limit));
                self.make_room(self.held.len() - 1, sink);
                1
            }
            // A blank line of the log, such as docker's newline after an event of a full part.
            None if part.is_blank() => 0,
            None => {
                sink(piece);
                0
            }
        }
    }

    /// Hands on what still waits for its rest.
    pub fn finish(&mut self, sink: Sink<'_>) {
        self.finish_where(sink, |_| true);
    }

    fn finish_where(&mut self, sink: Sink<'_>, which: impl Fn(&Held) -> bool) {
        let (ended, held) = self.held.drain(..).partition(which);
        self.held = held;
        let ended: Vec<Held> = ended;
        for held in ended {
            held.hand_on(sink);
        }
    }

    /// Hands on what has waited longest until the bounds are kept, but not `last`.
    fn make_room(&mut self, mut last: usize, sink: Sink<'_>) {
        let bytes = |held: &Held| held.text.bytes.len();
        let mut sum: usize = self.held.iter().map(bytes).sum();
        while self.held.len() > 1 && (sum > self.limit || self.held.len() > WAITING) {
            let oldest = usize::from(last == 0);
            last -= usize::from(oldest < last);
            let held = self.held.remove(oldest);
            sum -= bytes(&held);
            held.hand_on(sink);
        }
    }
}

impl Held {
    fn new(source: &[u8], part: &Part<'_>, piece: &Piece<'_>, limit: usize) -> Self {
        let mut text = Carry::new(limit);
        text.push(part.head.0);
        text.push(part.head.1);
        let mut held = Self {
            source: source.to_vec(),
            stream: part.stream,
            levels: part.levels,
            text,
            tail: None,
            beginnings: Vec::new(),
            all: Stretch::none(At::Outside),
        };
        held.push(part, piece);
        held
    }

    /// Whether a part can belong to this line: of the same shape, and not behind a whole object.
    fn goes_on_with(&self, part: &Part<'_>) -> bool {
        self.levels == part.levels && !(part.content.first() == Some(&b'{') && self.is_object())
    }

    fn is_object(&self) -> bool {
        self.begins_object() && self.all.is_closed()
    }

    fn begins_object(&self) -> bool {
        let first = self.beginnings.first().map(|first| first.at);
        first.is_some_and(|at| self.text.bytes.get(at) == Some(&b'{'))
    }

    fn push(&mut self, part: &Part<'_>, piece: &Piece<'_>) {
        let parts = Parts::read(part.content, part.levels);
        self.all = self.all.then(&parts);
        let begins = part.content.first() == Some(&b'{') && self.beginnings.len() < BEGINNINGS;
        match self.beginnings.last_mut() {
            Some(last) if !begins || self.text.is_cut() => last.parts = last.parts.then(&parts),
            _ => self.beginnings.push(Beginning {
                at: self.text.bytes.len(),
                head: [part.head.0, part.head.1].concat(),
                line: piece.line,
                offset: piece.offset,
                parts,
            }),
        }
        self.text.push(part.content);
        if self.text.is_cut() {
            self.beginnings.truncate(1);
        }
        self.tail = part.tail.map(<[u8]>::to_vec);
    }

    /// Where the event begins that the last parts are, if all parts together are none.
    fn last_event(&self) -> Option<usize> {
        if !self.begins_object() || self.all.is_closed() || self.text.is_cut() {
            return None;
        }
        let mut behind = Parts::NONE;
        for (at, beginning) in self.beginnings.iter().enumerate().skip(1).rev() {
            behind = beginning.parts.then(&behind);
            if behind.first().is_closed() {
                return Some(at);
            }
        }
        None
    }

    /// Hands on a line whose last part has come; two if the rest of the first was lost.
    fn hand_on_events(self, sink: Sink<'_>) {
        let Some(at) = self.last_event() else { return self.hand_on(sink) };
        let Self { text, tail, beginnings, .. } = self;
        let tail = tail.unwrap_or_default();
        let (first, last) = (&beginnings[0], &beginnings[at]);
        let (before, content) = text.bytes.split_at(last.at);
        for (head, content, place) in [(&b""[..], before, first), (&last.head, content, last)] {
            let line = [head, content, &tail].concat();
            let size = line.len() as u64;
            sink(Piece { bytes: &line, size, line: place.line, offset: place.offset });
        }
    }

    fn hand_on(mut self, sink: Sink<'_>) {
        if let Some(tail) = &self.tail {
            self.text.push(tail);
        }
        let (line, offset) =
            self.beginnings.first().map_or((0, 0), |first| (first.line, first.offset));
        sink(self.text.piece(line, offset));
    }
}

#[cfg(test)]
mod tests;
