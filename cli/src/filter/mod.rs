//! `auditweir filter`: batches of inputs through filtering threads, order kept.
//!
//! The reading thread deals batches to the filtering threads in turn, the main thread collects
//! them in the same turn: order needs no sorting. Channels hold two batches each and a budget
//! bounds the bytes under way, so a slow reader of the output slows the reading of the input.
//!
//! [`reader`] cuts and deals, [`worker`] filters, [`output`] writes.

mod output;
mod reader;
mod worker;

use std::io::Write as _;
use std::path::PathBuf;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::mpsc::sync_channel;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::thread::{self, JoinHandle};

use auditweir::Stats;
use auditweir_shell::{Guard, Ready, Totals};

use crate::args;
use crate::exit::{Error, Exit};
use crate::input::CHUNK;
use crate::progress::Progress;
use crate::setup;
use crate::signal::Stop;
use output::Output;
pub(crate) use output::Stub;
use reader::{Dealer, Reader};
use worker::Worker;

/// Batches that wait at either end of a filtering thread.
const WAITING: usize = 2;
/// Runs the command.
pub(crate) fn filter(args: args::Filter) -> Result<Exit, Error> {
    let ready = setup::ready(&args.setup, args.to.0)?;
    let Ready { policy, .. } = &ready;
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
            guard: Guard::new(ready.clone()),
            marks: Vec::new(),
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

    let mut totals = vec![(Stats::default(), 0); jobs];
    let mut failed = false;
    let mut turn = 0;
    while let Ok(done) = from_filters[turn % jobs].recv() {
        output.write(&done.events, &done.rejects)?;
        done.notes.iter().for_each(|note| output.note(note));
        output.uncounted(done.unnoted);
        progress.at(read.load(Ordering::Relaxed));
        budget.give(done.bytes);
        totals[turn % jobs] = (done.stats, done.panics);
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
        let (mut stats, mut panics) = (Stats::default(), 0);
        for (some, caught) in &totals {
            stats.add(some);
            panics += caught;
        }
        let totals = Totals::new(stats, policy.rule_names(), panics);
        let line = totals.with("unreadableFiles", unreadable).to_json();
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
