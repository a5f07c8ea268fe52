//! A guarded filter for line after line.

use auditweir::Refusal;

use crate::counts::Counts;
use crate::guard::{Guard, Mark};
use crate::lines::{Lines, Piece};
use crate::setup::Ready;

/// What a host holds that is handed lines and records one by one: a [`Guard`] behind [`Lines`].
///
/// Functions append clean lines to `out`, each ended by a newline, and say what they did. A
/// `source` is a name for where lines come from, in which those of one container are in order: a
/// file, a tag; empty if there is but one.
pub struct Stream {
    guard: Guard,
    lines: Lines,
    /// What the lines of the output are, if the host asked for it.
    marks: Option<Vec<Mark>>,
}

impl Stream {
    /// A stream of events.
    pub fn new(ready: Ready) -> Self {
        Self::from(Guard::new(ready))
    }

    /// Processes one line of a log. The parts of a line that a container runtime split are kept
    /// until their rest comes; see [`Lines`].
    pub fn line(&mut self, source: &[u8], line: &[u8], out: &mut Vec<u8>) -> Counts {
        self.joined(out, |lines, sink| lines.push(source, Piece::whole(line), sink))
    }

    /// Has [`Stream::marks`] told from now on.
    #[must_use]
    pub fn marking(mut self) -> Self {
        self.marks = Some(Vec::new());
        self
    }

    /// What each line is that was appended since [`Stream::unmark`]; see [`Stream::marking`]. Of a
    /// refused record there is nothing to tell: it is a stub.
    pub fn marks(&self) -> &[Mark] {
        self.marks.as_deref().unwrap_or_default()
    }

    /// Forgets the marks, because the output begins anew.
    pub fn unmark(&mut self) {
        if let Some(marks) = &mut self.marks {
            marks.clear();
            marks.shrink_to(1 << 10);
        }
    }

    /// Processes lines that end in `\n`; the last may lack it.
    pub fn text(&mut self, source: &[u8], text: &[u8], out: &mut Vec<u8>) -> Counts {
        let mut counts = Counts::default();
        let mut from = 0;
        for end in memchr::memchr_iter(b'\n', text).chain([text.len()]) {
            counts += self.line(source, &text[from..end], out);
            from = (end + 1).min(text.len());
        }
        counts
    }

    /// Processes one record that is no line of a log, such as a request's body.
    pub fn record(&mut self, record: &[u8], out: &mut Vec<u8>) -> Counts {
        self.guard.apply(record, out)
    }

    /// Answers a record that the host cannot hand over by a stub.
    pub fn refuse(&mut self, why: Refusal, record: &[u8], out: &mut Vec<u8>) -> Counts {
        self.guard.refuse(why, record, record.len() as u64, out)
    }

    /// Processes what still waits for its rest, because no more will come.
    pub fn finish(&mut self, out: &mut Vec<u8>) -> Counts {
        self.joined(out, |lines, sink| {
            lines.finish(sink);
            0
        })
    }

    fn joined(
        &mut self,
        out: &mut Vec<u8>,
        push: impl FnOnce(&mut Lines, &mut dyn FnMut(Piece<'_>)) -> u64,
    ) -> Counts {
        let Self { guard, lines, marks } = self;
        let mut counts = Counts::default();
        counts.waiting = push(lines, &mut |piece| {
            counts += match marks {
                Some(marks) => guard.mark_piece(piece, out, marks),
                None => guard.apply_piece(piece, out),
            };
        });
        counts
    }

    /// Lines that wait for their rest.
    pub fn waiting(&self) -> usize {
        self.lines.waiting()
    }

    /// The guard: totals, panics, policy.
    pub fn guard(&self) -> &Guard {
        &self.guard
    }
}

impl From<Guard> for Stream {
    fn from(guard: Guard) -> Self {
        let lines = Lines::new(guard.line_bytes());
        Self { guard, lines, marks: None }
    }
}
