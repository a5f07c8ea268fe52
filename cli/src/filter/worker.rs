//! A filtering thread: from batches of inputs to batches of lines.

use std::sync::Arc;
use std::sync::mpsc::{Receiver, SyncSender};

use auditweir::Stats;
use auditweir_shell::{Counts, Guard, Mark, Piece};

use super::output::{Note, Stub};
use super::reader::{Batch, Place};

/// Notes of one batch.
const NOTES: usize = 32;

/// What came out of a batch.
pub(super) struct Done {
    pub(super) events: Vec<u8>,
    pub(super) rejects: Vec<u8>,
    pub(super) notes: Vec<Note>,
    /// Stubs without a note.
    pub(super) unnoted: u64,
    /// Totals of the thread up to and with this batch.
    pub(super) stats: Stats,
    pub(super) panics: u64,
    /// Bytes to give back to the budget.
    pub(super) bytes: usize,
    /// Whether `--strict` ends here.
    pub(super) failed: bool,
}

/// One filtering thread.
pub(super) struct Worker {
    pub(super) guard: Guard,
    /// Lines of the input under way.
    pub(super) marks: Vec<Mark>,
    pub(super) strict: bool,
    /// Whether rejects are kept apart.
    pub(super) apart: bool,
}

impl Worker {
    pub(super) fn run(mut self, batches: &Receiver<Batch>, results: &SyncSender<Done>) {
        while let Ok(batch) = batches.recv() {
            let done = self.batch(&batch);
            let failed = done.failed;
            if results.send(done).is_err() || failed {
                return;
            }
        }
    }

    fn batch(&mut self, batch: &Batch) -> Done {
        let mut done = Done {
            events: Vec::with_capacity(batch.text.len() + batch.text.len() / 4),
            rejects: Vec::new(),
            notes: Vec::new(),
            unnoted: 0,
            stats: Stats::default(),
            panics: 0,
            bytes: batch.text.len(),
            failed: false,
        };
        for place in &batch.inputs {
            let before = done.events.len();
            let piece =
                Piece { size: place.size, ..Piece::whole(&batch.text[place.range.clone()]) };
            self.marks.clear();
            let counts = self.guard.mark_piece(piece, &mut done.events, &mut self.marks);
            if counts.stubs + counts.rejected > 0 {
                self.stubs(counts, batch, place, before, &mut done);
            }
            if self.strict && counts.stubs + counts.rejected + counts.foreign > 0 {
                if counts.stubs + counts.rejected == 0 {
                    done.notes.push(note(batch, place, Stub::of_foreign()));
                }
                done.failed = true;
                break;
            }
        }
        (done.stats, done.panics) = (self.guard.stats(), self.guard.panics());
        done
    }

    /// Notes the stubs after `before` and, if asked, moves rejects away.
    fn stubs(&self, counts: Counts, batch: &Batch, place: &Place, before: usize, done: &mut Done) {
        let lines = done.events.split_off(before);
        let mut noted = 0;
        for mark in &self.marks {
            let line = &lines[mark.range.start - before..mark.range.end - before];
            let stub = Stub::of(mark.kind);
            let away = self.apart && stub.as_ref().is_some_and(|stub| stub.rejected);
            if away { &mut done.rejects } else { &mut done.events }.extend_from_slice(line);
            if let Some(stub) = stub
                && done.notes.len() < NOTES
            {
                noted += 1;
                done.notes.push(note(batch, place, stub));
            }
        }
        done.unnoted += (counts.stubs + counts.rejected).saturating_sub(noted);
    }
}

fn note(batch: &Batch, place: &Place, stub: Stub) -> Note {
    let source = Arc::clone(&batch.source);
    Note { source, line: place.line, offset: place.offset, size: place.size, stub }
}
