//! The spool: clean lines on disk between the receiver and the sink.
//!
//! Segment files of checksummed records ([`record`]), appended by one [`Writer`], read by one
//! [`Reader`], deleted when all they hold was delivered. Nothing is readable before it is durable:
//! the reader stops at the length that the writer last brought to disk. After a crash a torn tail
//! is cut off when the spool is opened; damage elsewhere is skipped, counted and said.
//!
//! Only what [`auditweir::Filter`] wrote comes here, each line behind its document id.

mod commit;
mod position;
mod record;
mod segment;
#[cfg(test)]
mod tests;

use std::cmp::Ordering;
use std::collections::VecDeque;
use std::fs::{self, File, OpenOptions, TryLockError};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::atomic::AtomicU64;
use std::sync::atomic::Ordering::Relaxed;
use std::sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError};
use std::time::Duration;

pub(crate) use commit::{Batch, Committer};
pub(crate) use position::Position;
use segment::{FIRST, Next, Records};
pub(crate) use segment::{private, replace};

use crate::say;

/// Most bytes of lines in one record, unless one line is longer.
const RECORD: usize = 1 << 20;
/// Largest segment, and how many fit into the spool at least.
const SEGMENT: u64 = 64 << 20;
const SEGMENTS: u64 = 8;

/// Why lines were not taken.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AppendError {
    /// The bound on disk space.
    #[error("the spool is full")]
    Full,
    /// The disk.
    #[error(transparent)]
    Io(#[from] io::Error),
}

/// What opening a spool found.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Found {
    /// Bytes that wait for delivery, at most.
    pub(crate) waiting: u64,
    /// Bytes cut off the end: written, never acknowledged.
    pub(crate) torn: u64,
    /// Bytes in the last segment that are no record any more.
    pub(crate) damaged: u64,
}

impl Found {
    /// Says what there is to say, of the spool of this name.
    pub(crate) fn say(self, name: &str) {
        if self.torn > 0 {
            say(format_args!("{name}: cut off {} bytes that were never acknowledged", self.torn));
        }
        if self.damaged > 0 {
            say(format_args!("{name}: {} bytes are damaged and were skipped", self.damaged));
        }
        if self.waiting > 0 {
            say(format_args!("{name}: {} bytes wait for the sink", self.waiting));
        }
    }
}

/// What writer and reader share.
pub(crate) struct Shared {
    folder: PathBuf,
    limit: u64,
    state: Mutex<State>,
    news: Condvar,
    /// Bytes on disk.
    bytes: AtomicU64,
    /// Bytes skipped as damaged since the start.
    damaged: AtomicU64,
    /// Held as long as the spool is in use.
    _lock: File,
}

struct State {
    /// Oldest first; the last one is written to.
    segments: VecDeque<Durable>,
    /// All before it was delivered.
    confirmed: Position,
    closed: bool,
}

/// A segment and how much of it is on disk for sure.
#[derive(Clone, Copy)]
struct Durable {
    number: u64,
    length: u64,
}

impl Shared {
    fn state(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    /// Bytes of disk in use.
    pub(crate) fn bytes(&self) -> u64 {
        self.bytes.load(Relaxed)
    }

    /// Bytes that still fit.
    pub(crate) fn room(&self) -> u64 {
        self.limit.saturating_sub(self.bytes())
    }

    /// Bytes that wait for delivery.
    pub(crate) fn waiting(&self) -> u64 {
        let state = self.state();
        let Position { segment, at } = state.confirmed;
        let waiting = |durable: &Durable| match durable.number.cmp(&segment) {
            Ordering::Less => 0,
            Ordering::Equal => durable.length.saturating_sub(at),
            Ordering::Greater => durable.length - FIRST,
        };
        state.segments.iter().map(waiting).sum()
    }

    /// Bytes skipped as damaged since the start.
    pub(crate) fn damaged(&self) -> u64 {
        self.damaged.load(Relaxed)
    }
}

/// Opens the spool in `folder`, which is made if need be, for at most `limit` bytes.
pub(crate) fn open(folder: &Path, limit: u64) -> io::Result<(Writer, Reader, Found)> {
    let mut builder = fs::DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(folder)?;
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(false);
    private(&mut options);
    let lock = options.open(folder.join("lock"))?;
    lock.try_lock().map_err(|error| match error {
        TryLockError::WouldBlock => {
            io::Error::new(io::ErrorKind::ResourceBusy, "in use by another process")
        }
        TryLockError::Error(error) => error,
    })?;

    let mut numbers = Vec::new();
    for entry in fs::read_dir(folder)? {
        numbers.extend(entry?.file_name().to_str().and_then(segment::number));
    }
    numbers.sort_unstable();
    let stored = Position::load(folder);
    let mut found = Found::default();
    let mut segments = VecDeque::new();
    let newest = numbers.last().copied();
    for number in numbers {
        let path = segment::path(folder, number);
        if stored.is_some_and(|stored| number < stored.segment) {
            // Delivered; the crash came before it was deleted.
            fs::remove_file(&path)?;
            continue;
        }
        let mut length = fs::metadata(&path)?.len();
        if newest == Some(number) {
            length = cut(&path, length, &mut found)?;
        }
        if length <= FIRST {
            fs::remove_file(&path)?;
            continue;
        }
        segments.push_back(Durable { number, length });
    }
    let next = newest.max(stored.map(|stored| stored.segment)).map_or(1, |number| number + 1);
    let position = match (stored, segments.front()) {
        (Some(stored), Some(first)) if stored.segment == first.number => stored,
        (_, Some(first)) => Position::start_of(first.number),
        (_, None) => Position::start_of(next),
    };
    let file = segment::create(folder, next)?;
    let bytes = segments.iter().map(|segment| segment.length).sum::<u64>() + FIRST;
    segments.push_back(Durable { number: next, length: FIRST });
    let shared = Arc::new(Shared {
        folder: folder.to_owned(),
        limit,
        state: Mutex::new(State { segments, confirmed: position, closed: false }),
        news: Condvar::new(),
        bytes: AtomicU64::new(bytes),
        damaged: AtomicU64::new(found.damaged),
        _lock: lock,
    });
    let reader = Reader { shared: Arc::clone(&shared), position, records: None };
    found.waiting = shared.waiting();
    let writer = Writer {
        shared,
        segment_limit: (limit / SEGMENTS).min(SEGMENT),
        file,
        number: next,
        written: FIRST,
        durable: FIRST,
        broken: false,
    };
    Ok((writer, reader, found))
}

/// Cuts off what follows the last whole record; returns the new length.
fn cut(path: &Path, length: u64, found: &mut Found) -> io::Result<u64> {
    let file = OpenOptions::new().read(true).write(true).open(path)?;
    let mut records = Records::new(&file, FIRST);
    let mut lines = Vec::new();
    while records.next(length, &mut lines, &mut found.damaged)? == Next::Record {
        lines.clear();
    }
    let end = records.at().min(length);
    if end < length {
        file.set_len(end)?;
        file.sync_all()?;
        found.torn = length - end;
    }
    Ok(end)
}

/// Appends to the spool.
pub(crate) struct Writer {
    shared: Arc<Shared>,
    segment_limit: u64,
    file: File,
    number: u64,
    /// Length with what is not durable yet.
    written: u64,
    durable: u64,
    /// Nothing more may be written to this file.
    broken: bool,
}

impl Writer {
    /// What the reader's side and the metrics look at.
    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Writes lines; they count after the next [`Self::commit`]. On an error nothing of them stays.
    pub(crate) fn append(&mut self, lines: &[u8]) -> Result<(), AppendError> {
        if self.broken {
            self.roll()?;
        }
        let records = records(lines);
        let size = lines.len() as u64 + (records.len() * record::HEAD) as u64;
        if self.shared.bytes() + (self.written - self.durable) + size > self.shared.limit {
            return Err(AppendError::Full);
        }
        for lines in records {
            let written =
                self.file.write_all(&record::head(lines)).and_then(|()| self.file.write_all(lines));
            if let Err(error) = written {
                self.broken = self.file.set_len(self.written).is_err();
                return Err(error.into());
            }
        }
        self.written += size;
        Ok(())
    }

    /// Brings all that was appended to disk and shows it to the reader. On an error nothing
    /// appended since the last commit stays.
    pub(crate) fn commit(&mut self) -> io::Result<()> {
        if self.written == self.durable {
            return Ok(());
        }
        if let Err(error) = self.file.sync_data() {
            // What the kernel kept of it is unknown from here on: go on in another file.
            let _ = self.file.set_len(self.durable);
            self.written = self.durable;
            self.broken = true;
            return Err(error);
        }
        self.shared.bytes.fetch_add(self.written - self.durable, Relaxed);
        self.durable = self.written;
        {
            let mut state = self.shared.state();
            if let Some(last) = state.segments.back_mut() {
                last.length = self.durable;
            }
        }
        self.shared.news.notify_all();
        if self.durable >= self.segment_limit {
            // Eagerly, so that what is delivered can be deleted. A failure shows at `append`.
            self.broken = self.roll().is_err();
        }
        Ok(())
    }

    /// Goes on in a new segment.
    fn roll(&mut self) -> io::Result<()> {
        self.file = segment::create(&self.shared.folder, self.number + 1)?;
        self.number += 1;
        (self.written, self.durable, self.broken) = (FIRST, FIRST, false);
        self.shared.bytes.fetch_add(FIRST, Relaxed);
        self.shared.state().segments.push_back(Durable { number: self.number, length: FIRST });
        self.shared.news.notify_all();
        Ok(())
    }
}

impl Drop for Writer {
    fn drop(&mut self) {
        self.shared.state().closed = true;
        self.shared.news.notify_all();
    }
}

/// Lines cut into records at line ends.
fn records(mut lines: &[u8]) -> Vec<&[u8]> {
    let mut records = Vec::new();
    while !lines.is_empty() {
        let end = if lines.len() <= RECORD {
            lines.len()
        } else {
            // The last line end within the bound, else the first one after it.
            memchr::memrchr(b'\n', &lines[..RECORD])
                .or_else(|| memchr::memchr(b'\n', &lines[RECORD..]).map(|end| RECORD + end))
                .map_or(lines.len(), |end| end + 1)
        };
        let (record, rest) = lines.split_at(end);
        records.push(record);
        lines = rest;
    }
    records
}

/// Reads the spool in order.
pub(crate) struct Reader {
    shared: Arc<Shared>,
    /// The next record.
    position: Position,
    records: Option<Records<File>>,
}

/// What reading gave.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Read {
    /// Lines; they end here.
    Lines(Position),
    /// Nothing came within the time given.
    Nothing,
    /// Nothing is left and nothing will come.
    Closed,
}

impl Reader {
    /// What the metrics look at.
    pub(crate) fn shared(&self) -> &Arc<Shared> {
        &self.shared
    }

    /// Appends whole records to `lines`, which is empty, until it holds `most` bytes or more or
    /// nothing is left.
    /// Waits up to `wait` for the first.
    pub(crate) fn read(
        &mut self,
        lines: &mut Vec<u8>,
        most: usize,
        wait: Duration,
    ) -> io::Result<Read> {
        loop {
            let (mut end, mut later) = (FIRST, None);
            {
                let quiet = |state: &mut State| {
                    let mut segments =
                        state.segments.iter().skip_while(|s| s.number < self.position.segment);
                    let this = segments.next().filter(|s| s.number == self.position.segment);
                    end = this.map_or(0, |segment| segment.length);
                    later = match this {
                        Some(_) => segments.next(),
                        None => state.segments.iter().find(|s| s.number > self.position.segment),
                    }
                    .copied();
                    self.position.at >= end && later.is_none() && !state.closed
                };
                let (state, timeout) = self
                    .shared
                    .news
                    .wait_timeout_while(self.shared.state(), wait, quiet)
                    .unwrap_or_else(PoisonError::into_inner);
                if self.position.at >= end && later.is_none() {
                    return Ok(if state.closed && !timeout.timed_out() {
                        Read::Closed
                    } else {
                        Read::Nothing
                    });
                }
            }
            if self.position.at < end {
                self.fill(end, lines, most)?;
                if !lines.is_empty() {
                    return Ok(Read::Lines(self.position));
                }
            }
            if let (true, Some(later)) = (self.position.at >= end, later) {
                self.leave(later.number)?;
            }
        }
    }

    fn fill(&mut self, end: u64, lines: &mut Vec<u8>, most: usize) -> io::Result<()> {
        let mut records = match self.records.take() {
            Some(records) => records,
            None => Records::new(
                File::open(segment::path(&self.shared.folder, self.position.segment))?,
                self.position.at,
            ),
        };
        let mut damaged = 0;
        while lines.len() < most && records.at() < end {
            if records.next(end, lines, &mut damaged)? == Next::End {
                damaged += end - records.at();
                records = Records::new(
                    File::open(segment::path(&self.shared.folder, self.position.segment))?,
                    end,
                );
            }
        }
        self.shared.damaged.fetch_add(damaged, Relaxed);
        self.position.at = records.at();
        self.records = Some(records);
        Ok(())
    }

    /// Goes on to segment `number`; all before it was delivered and is deleted.
    fn leave(&mut self, number: u64) -> io::Result<()> {
        let mut freed = 0;
        let mut state = self.shared.state();
        while let Some(first) = state.segments.front().filter(|first| first.number < number) {
            match fs::remove_file(segment::path(&self.shared.folder, first.number)) {
                Err(error) if error.kind() != io::ErrorKind::NotFound => return Err(error),
                _ => {}
            }
            freed += first.length;
            state.segments.pop_front();
        }
        drop(state);
        self.shared.bytes.fetch_sub(freed, Relaxed);
        self.records = None;
        self.position = Position::start_of(number);
        Ok(())
    }

    /// Keeps in mind, on disk, that all before `position` was delivered.
    pub(crate) fn confirm(&self, position: Position) -> io::Result<()> {
        position.store(&self.shared.folder)?;
        self.shared.state().confirmed = position;
        Ok(())
    }
}
