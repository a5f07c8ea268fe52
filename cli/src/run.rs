//! `auditweir filter`: batches of inputs through filtering threads, order kept.
//!
//! The reading thread deals batches to the filtering threads in turn, the main thread collects
//! them in the same turn: order needs no sorting. Channels hold two batches each and a budget
//! bounds the bytes under way, so a slow reader of the output slows the reading of the input.

use std::io::{Read as _, Write as _};
use std::ops::Range;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::{Receiver, SyncSender, sync_channel};
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use auditweir::{CompiledPolicy, Filter, Format, Refusal, Stats};

use crate::args::{self, InputFormat};
use crate::cut::Cutter;
use crate::exit::{Error, Exit};
use crate::input::{self, CHUNK};
use crate::output::{self, Note, Output, Stub};
use crate::progress::Progress;
use crate::setup;
use crate::signal::Stop;
use crate::split::Piece;

/// Batches that wait at either end of a filtering thread.
const WAITING: usize = 2;
/// Notes of one batch.
const NOTES: usize = 32;

/// Inputs on their way to a filter.
struct Batch {
    source: Arc<str>,
    text: Vec<u8>,
    inputs: Vec<Place>,
}

/// One input of a batch.
struct Place {
    range: Range<usize>,
    size: u64,
    line: u64,
    offset: u64,
}

/// What came out of a batch.
struct Done {
    events: Vec<u8>,
    rejects: Vec<u8>,
    notes: Vec<Note>,
    /// Stubs without a note.
    unnoted: u64,
    /// Totals of the thread up to and with this batch.
    stats: Stats,
    /// Bytes to give back to the budget.
    bytes: usize,
    /// Whether `--strict` ends here.
    failed: bool,
}

/// Runs the command.
pub(crate) fn filter(args: args::Filter) -> Result<Exit, Error> {
    let policy = setup::compile(&args.setup)?;
    let jobs = args
        .jobs
        .map(usize::from)
        .or_else(|| thread::available_parallelism().ok().map(usize::from))
        .unwrap_or(1);
    let files = if args.files.is_empty() { vec![PathBuf::from("-")] } else { args.files };
    let progress = Progress::new(&files, args.quiet);
    let mut output = Output::new(args.reject.as_deref(), progress.clone(), args.quiet)?;
    let stop = Stop::install().map_err(|error| Error::Other(format!("signals: {error}")))?;
    let budget =
        Arc::new(Budget::new(policy.policy().limits.line_bytes as usize + jobs * 2 * CHUNK));

    let mut threads = Vec::new();
    let (mut to_filters, mut from_filters) = (Vec::new(), Vec::new());
    for _ in 0..jobs {
        let (to, batches) = sync_channel(WAITING);
        let (results, from) = sync_channel(WAITING);
        let worker = Worker {
            base: Stats::default(),
            filter: Filter::new(Arc::clone(&policy), args.to.into()),
            policy: Arc::clone(&policy),
            format: args.to.into(),
            strict: args.strict,
            apart: args.reject.is_some(),
        };
        threads.push(spawn("filter", move || worker.run(&batches, &results))?);
        to_filters.push(to);
        from_filters.push(from);
    }
    let read = Arc::new(AtomicU64::new(0));
    let reader = {
        let (stop, read, budget, progress) =
            (stop.clone(), Arc::clone(&read), Arc::clone(&budget), progress.clone());
        let limit = policy.policy().limits.line_bytes as usize;
        let format = args.setup.input_format;
        spawn("read", move || {
            let mut reader =
                Reader { stop, read, progress, limit, dealer: Dealer::new(to_filters, budget) };
            let unreadable = reader.files(&files, format);
            (unreadable, reader.dealer.turn)
        })?
    };

    let mut totals = vec![Stats::default(); jobs];
    let mut failed = false;
    let mut turn = 0;
    while let Ok(done) = from_filters[turn % jobs].recv() {
        output.write(&done.events, &done.rejects)?;
        done.notes.iter().for_each(|note| output.note(note));
        output.uncounted(done.unnoted);
        progress.at(read.load(Ordering::Relaxed));
        budget.give(done.bytes);
        totals[turn % jobs] = done.stats;
        turn += 1;
        if done.failed {
            failed = true;
            break;
        }
    }
    output.finish();
    let mut unreadable = 0;
    if !failed {
        let dealt = reader.join();
        let whole = threads.into_iter().map(JoinHandle::join).filter(Result::is_err).count() == 0;
        let Ok((files, dealt)) = dealt else {
            return Err(Error::Other("the reading thread failed; input is missing".into()));
        };
        if !whole || dealt != turn {
            return Err(Error::Other("a filtering thread failed; events are missing".into()));
        }
        unreadable = files;
    }
    if args.stats {
        let mut total = Stats::default();
        for stats in &totals {
            total.add(stats);
        }
        let line = output::stats(&total, &policy, unreadable);
        let _ = writeln!(std::io::stderr().lock(), "{line}");
    }
    Ok(match stop.signal() {
        Some(signal) => Exit::Signal(signal),
        None if unreadable > 0 => Exit::Error,
        None if failed => Exit::Failed,
        None => Exit::Ok,
    })
}

fn spawn<T: Send + 'static>(
    name: &str,
    job: impl FnOnce() -> T + Send + 'static,
) -> Result<JoinHandle<T>, Error> {
    thread::Builder::new()
        .name(name.into())
        .spawn(job)
        .map_err(|error| Error::Other(format!("no thread to {name}: {error}")))
}

/// Bytes under way.
struct Budget {
    used: Mutex<usize>,
    freed: Condvar,
    most: usize,
}

impl Budget {
    fn new(most: usize) -> Self {
        Self { used: Mutex::new(0), freed: Condvar::new(), most }
    }

    /// Waits until there is room. What is larger than the whole budget goes alone.
    fn take(&self, bytes: usize) {
        let used = self.used.lock().unwrap_or_else(PoisonError::into_inner);
        let mut used = self
            .freed
            .wait_while(used, |used| *used > 0 && *used + bytes > self.most)
            .unwrap_or_else(PoisonError::into_inner);
        *used += bytes;
    }

    fn give(&self, bytes: usize) {
        *self.used.lock().unwrap_or_else(PoisonError::into_inner) -= bytes;
        self.freed.notify_all();
    }
}

/// Deals batches to the filtering threads in turn.
struct Dealer {
    to: Vec<SyncSender<Batch>>,
    budget: Arc<Budget>,
    turn: usize,
    text: Vec<u8>,
    inputs: Vec<Place>,
    /// Nobody takes batches any more.
    closed: bool,
}

impl Dealer {
    fn new(to: Vec<SyncSender<Batch>>, budget: Arc<Budget>) -> Self {
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
struct Reader {
    stop: Stop,
    read: Arc<AtomicU64>,
    progress: Progress,
    limit: usize,
    dealer: Dealer,
}

impl Reader {
    /// Returns how many files could not be read to their end.
    fn files(&mut self, files: &[PathBuf], format: InputFormat) -> u64 {
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

/// One filtering thread.
struct Worker {
    policy: Arc<CompiledPolicy>,
    format: Format,
    filter: Filter,
    /// Totals of filters that failed.
    base: Stats,
    strict: bool,
    /// Whether rejects are kept apart.
    apart: bool,
}

impl Worker {
    fn run(mut self, batches: &Receiver<Batch>, results: &SyncSender<Done>) {
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
            bytes: batch.text.len(),
            failed: false,
        };
        for place in &batch.inputs {
            let before = done.events.len();
            let verdict =
                self.apply(&batch.text[place.range.clone()], place.size, &mut done.events);
            if verdict.stubs + verdict.rejected > 0 {
                self.stubs(verdict, batch, place, before, &mut done);
                if self.strict {
                    done.failed = true;
                    break;
                }
            }
        }
        done.stats = self.base.clone();
        done.stats.add(self.filter.stats());
        done
    }

    fn apply(&mut self, text: &[u8], size: u64, out: &mut Vec<u8>) -> auditweir::Verdict {
        if size > text.len() as u64 {
            return self.filter.refuse(Refusal::LineTooLong, text, size, out);
        }
        let before = out.len();
        let filter = &mut self.filter;
        let result = catch_unwind(AssertUnwindSafe(|| filter.apply(text, &mut *out)));
        result.unwrap_or_else(|_| {
            // Fail closed: what a failing filter wrote is not trusted, and neither is the filter.
            out.truncate(before);
            self.base.add(self.filter.stats());
            self.filter = Filter::new(Arc::clone(&self.policy), self.format);
            self.filter.refuse(Refusal::Internal, text, size, out)
        })
    }

    /// Notes the stubs after `before` and, if asked, moves rejects away.
    fn stubs(
        &self,
        verdict: auditweir::Verdict,
        batch: &Batch,
        place: &Place,
        before: usize,
        done: &mut Done,
    ) {
        let lines = done.events.split_off(before);
        let stubs: Vec<(&[u8], Option<Stub>)> = lines
            .split_inclusive(|byte| *byte == b'\n')
            .map(|line| (line, Stub::read(line)))
            .collect();
        let rejected = |stub: &Option<Stub>| stub.as_ref().is_some_and(|stub| stub.rejected);
        // An event that looks like a stub must not be moved: then all stay.
        let sure =
            stubs.iter().filter(|(_, stub)| rejected(stub)).count() == verdict.rejected as usize;
        let mut noted = 0;
        for (line, stub) in stubs {
            let away = self.apart && sure && rejected(&stub);
            if away { &mut done.rejects } else { &mut done.events }.extend_from_slice(line);
            if let Some(stub) = stub
                && done.notes.len() < NOTES
            {
                noted += 1;
                done.notes.push(Note {
                    source: Arc::clone(&batch.source),
                    line: place.line,
                    offset: place.offset,
                    size: place.size,
                    stub,
                });
            }
        }
        done.unnoted += u64::from(verdict.stubs + verdict.rejected).saturating_sub(noted);
    }
}
