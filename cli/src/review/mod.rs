//! `auditweir review`: what is in audit logs, and what an audit policy would save.
//!
//! One pass, memory bounded whatever the input. Everything shown comes from filtered output:
//!
//! - [`document`] reads the ECS document of each event, [`tally`] counts it: in [`top`] lists of
//!   bounded length, over time in [`volume`], each group by its [`counts`].
//! - [`suggestion`] runs the suggested policies over the same events and weighs what is left.
//! - [`panels`] and [`savings`] put [`tables`] of that into a [`report`], which [`summary`],
//!   [`json`] and [`html`] show alike; [`plain`] keeps hostile names harmless in all three,
//!   [`time`] tells the time.

mod counts;
mod document;
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
pub(crate) mod time;
mod top;
mod volume;

use std::fs::File;
use std::io::{Read as _, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use auditweir::Format;
use auditweir_shell::{Guard, Piece, Ready};

use crate::args::{self, InputFormat};
use crate::exit::{Error, Exit};
use crate::input::{self, CHUNK, Cutter};
use crate::progress::Progress;
use crate::setup;
use crate::signal::Stop;
use suggestion::Scales;
use tally::Tally;

/// Runs the command.
pub(crate) fn review(args: &args::Review) -> Result<Exit, Error> {
    let key = setup::key(&args.setup)?;
    let Ready { policy, .. } = setup::ready(&args.setup, Format::default())?;
    let scales = Scales::new(policy.policy(), |policy| setup::compile(policy, key.as_ref()))?;
    // Before hours of reading, not after.
    let page = match &args.html {
        Some(path) => Some((path, File::create(path).map_err(|error| Error::file(path, error))?)),
        None => None,
    };
    let stop = Stop::install().map_err(|error| Error::Other(format!("signals: {error}")))?;
    let files = if args.files.is_empty() { vec![PathBuf::from("-")] } else { args.files.clone() };
    let mut review = Review {
        native: Guard::new(Ready { policy: Arc::clone(&policy), format: Format::Native }),
        ecs: Guard::new(Ready { policy, format: Format::Ecs }),
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
    let mut unreadable = 0;
    for path in &files {
        if reader.stop.signal().is_some() {
            break;
        }
        sources.push(if input::is_stdin(path) {
            "standard input".to_owned()
        } else {
            path.file_name().unwrap_or(path.as_os_str()).to_string_lossy().into_owned()
        });
        if let Err(error) = reader.file(path, &mut review)
            && reader.stop.signal().is_none()
        {
            unreadable += 1;
            reader.progress.say(error);
        }
    }
    reader.progress.finish();

    let stats = review.native.stats();
    let report = panels::Seen {
        sources,
        unreadable,
        tally: &review.tally,
        scales: &review.scales,
        stats: &stats,
        rule_names: review.native.policy().rule_names(),
        rows: usize::from(args.top),
    }
    .report();
    if let Some((path, mut file)) = page {
        file.write_all(html::page(&report).as_bytes()).map_err(|error| Error::file(path, error))?;
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
        None if unreadable > 0 => Exit::Error,
        None => Exit::Ok,
    })
}

/// What every input goes through.
struct Review {
    native: Guard,
    ecs: Guard,
    scales: Scales,
    tally: Tally,
    lines: Vec<u8>,
    documents: Vec<u8>,
}

impl Review {
    fn take(&mut self, piece: Piece<'_>) {
        let Self { native, ecs, scales, tally, lines, documents } = self;
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
    fn file(&mut self, path: &Path, review: &mut Review) -> Result<(), Error> {
        let mut input = input::open(path, self.format, &self.stop, &self.read)?;
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
