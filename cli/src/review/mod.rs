//! `auditweir review`: what is in audit logs, and what an audit policy would save.
//!
//! One pass, memory bounded whatever the input. Everything shown comes from filtered output:
//!
//! - [`document`] reads the ECS document of each event, [`tally`] counts it: in [`top`] lists of
//!   bounded length, over time in [`volume`], each group by its [`counts`].
//! - [`findings`] runs the detection rules over the same events.
//! - [`suggestion`] runs the suggested policies over the same events and weighs what is left.
//! - [`panels`] and [`savings`] put [`tables`] of that into a [`report`], which [`summary`],
//!   [`json`] and [`html`] show alike; [`plain`] keeps hostile names harmless in all three.

mod counts;
mod document;
mod findings;
mod html;
mod json;
mod panels;
mod plain;
mod report;
mod savings;
mod suggestion;
mod summary;
mod tables;
mod tally;
mod top;
mod volume;

use std::fs::{File, OpenOptions};
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use auditweir::Format;
use auditweir_shell::{Guard, Piece, Ready};

use crate::args::{self, InputFormat};
use crate::exit::{Error, Exit};
use crate::input::{self, CHUNK, Cutter, Input};
use crate::progress::Progress;
use crate::setup;
use crate::signal::Stop;
use findings::Findings;
use suggestion::Scales;
use tally::Tally;

/// Runs the command.
pub(crate) fn review(args: &args::Review) -> Result<Exit, Error> {
    let key = setup::key(&args.setup)?;
    let Ready { policy, .. } = setup::ready(&args.setup, Format::default())?;
    let scales = Scales::new(policy.policy(), |policy| setup::compile(policy, key.as_ref()))?;
    let findings = Findings::new(policy.policy(), policy.rules(), key.as_ref())?;
    // Before hours of reading, not after.
    let page = args.html.as_deref().map(Page::open).transpose()?;
    let stop = Stop::install().map_err(|error| Error::Other(format!("signals: {error}")))?;
    let files = if args.files.is_empty() { vec![PathBuf::from("-")] } else { args.files.clone() };
    let mut review = Review {
        native: Guard::new(Ready { policy: Arc::clone(&policy), format: Format::Native }),
        ecs: Guard::new(Ready { policy, format: Format::Ecs }),
        findings,
        scales,
        tally: Tally::default(),
        lines: Vec::new(),
        documents: Vec::new(),
    };
    let mut reader = Reader {
        progress: Progress::new(&files, args.quiet),
        read: Arc::default(),
        format: args.setup.input_format,
        stop,
    };
    let mut sources = Vec::new();
    let mut warnings = Vec::new();
    let mut without = Vec::new();
    let mut unopened = 0;
    for path in &files {
        if reader.stop.signal().is_some() {
            break;
        }
        let name = if input::is_stdin(path) {
            "standard input".to_owned()
        } else {
            path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
        };
        let before = Seen::of(&review.native.stats());
        let read = match reader.open(path) {
            Ok(input) => reader.file(input, &mut review).map_err(|error| ("READ IN PART", error)),
            Err(error) => Err(("NOT READ", error)),
        };
        if let Err((how, error)) = read
            && reader.stop.signal().is_none()
        {
            unopened += usize::from(how == "NOT READ");
            warnings.push(format!("{how}: {name}"));
            reader.progress.say(error);
        }
        let seen = Seen::of(&review.native.stats());
        if let Some(what) = seen.instead_of_events(&before) {
            reader.progress.say(format_args!("{name}: no event in it: {what}"));
            without.push(format!("NO EVENT IN: {name}"));
        }
        sources.push(name);
    }
    reader.progress.finish();
    review.findings.end();
    if unopened == files.len() {
        // Zeros would read as if nothing had happened.
        if let Some(page) = page {
            page.give_up();
        }
        return Ok(Exit::Error);
    }

    let unreadable = warnings.len() as u64;
    let stats = review.native.stats();
    if stats.events_in() == stats.stubs + stats.rejected {
        let warning = if stats.events_in() == 0 {
            "no event in the input"
        } else {
            "nothing in the input could be read as an event"
        };
        reader.progress.say(warning);
        warnings.push(warning.to_uppercase());
    }
    let foreign = !without.is_empty();
    if files.len() > 1 {
        warnings.append(&mut without);
    }
    let report = panels::Seen {
        sources,
        warnings,
        unreadable,
        findings: &review.findings,
        tally: &review.tally,
        scales: &review.scales,
        stats: &stats,
        rule_names: review.native.policy().rule_names(),
        rows: usize::from(args.top),
    }
    .report();
    if let Some(page) = page {
        page.write(&html::page(&report))?;
    }
    if args.json {
        crate::print(|out| {
            serde_json::to_writer_pretty(&mut *out, &json::report(&report))?;
            out.push(b'\n');
            Ok(())
        })?;
    } else if args.html.is_none() {
        crate::print(|out| out.write_all(summary::report(&report).as_bytes()))?;
    }
    Ok(match reader.stop.signal() {
        Some(signal) => Exit::Signal(signal),
        None if unreadable > 0 || foreign => Exit::Error,
        None => Exit::Ok,
    })
}

/// How much of what was seen up to now.
struct Seen {
    events: u64,
    stubs: u64,
    rejected: u64,
    foreign: u64,
}

impl Seen {
    fn of(stats: &auditweir::Stats) -> Self {
        let auditweir::Stats { stubs, rejected, foreign, .. } = *stats;
        Self { events: stats.events_in() - stubs - rejected, stubs, rejected, foreign }
    }

    /// What has come since then, if that is something and no event.
    fn instead_of_events(&self, before: &Self) -> Option<String> {
        if self.events > before.events {
            return None;
        }
        let counts = [
            (self.rejected - before.rejected, "are none that an API server writes"),
            (self.stubs - before.stubs, "could not be read"),
            (self.foreign - before.foreign, "are of other programs"),
        ];
        let some = counts.iter().filter(|(count, _)| *count > 0);
        let some = some.map(|(count, what)| format!("{count} {what}")).collect::<Vec<_>>();
        (!some.is_empty()).then(|| format!("of its inputs {}", some.join(", ")))
    }
}

/// The file of the HTML page. What stands in it stays until the page is written.
struct Page<'a> {
    path: &'a Path,
    file: File,
    is_new: bool,
}

impl<'a> Page<'a> {
    fn open(path: &'a Path) -> Result<Self, Error> {
        let is_new = !path.exists();
        let mut options = OpenOptions::new();
        let file = options.write(true).create(true).truncate(false).open(path);
        Ok(Self { path, file: file.map_err(|error| Error::file(path, error))?, is_new })
    }

    fn write(mut self, text: &str) -> Result<(), Error> {
        let is_file = self.file.metadata().is_ok_and(|kind| kind.is_file());
        // A pipe has no length.
        let written = if is_file { self.file.set_len(0) } else { Ok(()) }
            .and_then(|()| self.file.write_all(text.as_bytes()));
        written.map_err(|error| Error::file(self.path, error))
    }

    /// There is no report: an empty file would look like one.
    fn give_up(self) {
        if self.is_new {
            _ = std::fs::remove_file(self.path);
        }
    }
}

/// What every input goes through.
struct Review {
    native: Guard,
    ecs: Guard,
    findings: Findings,
    scales: Scales,
    tally: Tally,
    lines: Vec<u8>,
    documents: Vec<u8>,
}

impl Review {
    fn take(&mut self, piece: Piece<'_>) {
        let Self { native, ecs, findings, scales, tally, lines, documents } = self;
        findings.take(piece);
        lines.clear();
        documents.clear();
        native.apply_piece(piece, lines);
        ecs.apply_piece(piece, documents);
        // The same policy, so the same events in the same order.
        let each = lines.split_inclusive(|byte| *byte == b'\n');
        for (line, document) in each.zip(documents.split_inclusive(|byte| *byte == b'\n')) {
            tally.add(document, line.len() as u64);
        }
        scales.weigh(piece, lines);
        for buffer in [lines, documents] {
            if buffer.capacity() > 4 << 20 {
                *buffer = Vec::new();
            }
        }
    }
}

/// Reads inputs.
struct Reader {
    stop: Stop,
    progress: Progress,
    read: Arc<AtomicU64>,
    format: InputFormat,
}

impl Reader {
    fn open(&self, path: &Path) -> Result<Input, Error> {
        input::open(path, self.format, &self.stop, &self.read)
    }

    fn file(&mut self, mut input: Input, review: &mut Review) -> Result<(), Error> {
        let limit = review.native.line_bytes();
        let mut cutter = Cutter::new(&input, limit);
        let mut chunk = vec![0; CHUNK];
        let mut ended = Ok(());
        loop {
            match input.read(&mut chunk) {
                Ok(0) => break,
                Ok(count) => cutter.push(&chunk[..count], &mut |piece| review.take(piece)),
                Err(error) => {
                    ended = Err(Error::file(Path::new(&*input.name), error));
                    break;
                }
            }
            self.progress.at(self.read.load(Ordering::Relaxed));
        }
        let whole = ended.is_ok() && self.stop.signal().is_none();
        if let Some(place) = cutter.finish(whole, &mut |piece| review.take(piece)) {
            self.progress.say(format_args!("{}:{place}: not YAML", input.name));
        }
        ended
    }
}
