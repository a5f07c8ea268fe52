//! The reading thread: from files to batches of inputs.

use std::io::Read as _;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;
use std::sync::mpsc::SyncSender;

use auditweir_shell::Piece;

use super::Budget;
use crate::args::InputFormat;
use crate::exit::Error;
use crate::input::{self, CHUNK, Cutter};
use crate::progress::Progress;
use crate::signal::Stop;

/// Inputs on their way to a filter.
pub(super) struct Batch {
    pub(super) source: Arc<str>,
    pub(super) text: Vec<u8>,
    pub(super) inputs: Vec<Place>,
}

/// One input of a batch.
pub(super) struct Place {
    pub(super) range: Range<usize>,
    pub(super) size: u64,
    pub(super) line: u64,
    pub(super) offset: u64,
}

/// Deals batches to the filtering threads in turn.
pub(super) struct Dealer {
    to: Vec<SyncSender<Batch>>,
    budget: Arc<Budget>,
    pub(super) turn: usize,
    text: Vec<u8>,
    inputs: Vec<Place>,
    /// Nobody takes batches any more.
    closed: bool,
}

impl Dealer {
    pub(super) fn new(to: Vec<SyncSender<Batch>>, budget: Arc<Budget>) -> Self {
        Self { to, budget, turn: 0, text: Vec::new(), inputs: Vec::new(), closed: false }
    }

    fn add(&mut self, piece: Piece<'_>, source: &Arc<str>) {
        if self.text.len() + piece.bytes.len() > CHUNK {
            self.deal(source);
        }
        let from = self.text.len();
        self.text.extend_from_slice(piece.bytes);
        self.inputs.push(Place {
            range: from..self.text.len(),
            size: piece.size,
            line: piece.line,
            offset: piece.offset,
        });
    }

    fn deal(&mut self, source: &Arc<str>) {
        if self.inputs.is_empty() || self.closed {
            self.text.clear();
            self.inputs.clear();
            return;
        }
        let batch = Batch {
            source: Arc::clone(source),
            text: std::mem::take(&mut self.text),
            inputs: std::mem::take(&mut self.inputs),
        };
        self.budget.take(batch.text.len());
        if self.to[self.turn % self.to.len()].send(batch).is_err() {
            self.closed = true;
        }
        self.turn += 1;
    }
}

/// Reads all inputs.
pub(super) struct Reader {
    pub(super) stop: Stop,
    pub(super) read: Arc<AtomicU64>,
    pub(super) progress: Progress,
    pub(super) limit: usize,
    pub(super) dealer: Dealer,
}

impl Reader {
    /// Returns how many files could not be read to their end.
    pub(super) fn files(&mut self, files: &[PathBuf], format: InputFormat) -> u64 {
        let mut unreadable = 0;
        for path in files {
            if self.dealer.closed || self.stop.signal().is_some() {
                break;
            }
            if let Err(error) = self.file(path, format)
                // Compressed input that a signal cut off is not broken.
                && self.stop.signal().is_none()
            {
                unreadable += 1;
                self.progress.say(error);
            }
        }
        unreadable
    }

    fn file(&mut self, path: &Path, format: InputFormat) -> Result<(), Error> {
        let mut input = input::open(path, format, &self.stop, &self.read)?;
        let name = Arc::clone(&input.name);
        let Self { dealer, limit, progress, .. } = self;
        let (limit, pauses) = (*limit, input.may_pause);
        let mut cutter = Cutter::new(&input, limit);
        let mut chunk = vec![0; CHUNK];
        let mut ended = Ok(());
        loop {
            match input.read(&mut chunk) {
                Ok(0) => break,
                Ok(count) => cutter.push(&chunk[..count], &mut |piece| dealer.add(piece, &name)),
                Err(error) => {
                    ended = Err(Error::file(Path::new(&*name), error));
                    break;
                }
            }
            if pauses {
                dealer.deal(&name);
            }
            if dealer.closed {
                return Ok(());
            }
        }
        let whole = ended.is_ok() && self.stop.signal().is_none();
        let complaint = cutter.finish(whole, &mut |piece| dealer.add(piece, &name));
        dealer.deal(&name);
        if let Some(place) = complaint {
            progress.say(format_args!("{name}:{place}: not YAML"));
        }
        ended
    }
}
