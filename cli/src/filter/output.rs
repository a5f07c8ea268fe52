//! Writes what comes out of the filters: events, rejects, messages, totals.

use std::fs::File;
use std::io::{StdoutLock, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use auditweir::{LineKind, Reason};

use crate::exit::Error;
use crate::progress::Progress;

/// Messages about single inputs; the rest is summed up.
const SPELLED_OUT: u64 = 20;

/// One input that became a stub.
pub(crate) struct Note {
    pub(crate) source: Arc<str>,
    pub(crate) line: u64,
    /// Where the line begins.
    pub(crate) offset: u64,
    pub(crate) size: u64,
    pub(crate) stub: Stub,
}

/// Why a line is a stub.
pub(crate) struct Stub {
    pub(crate) reason: Reason,
    /// Where in the input.
    pub(crate) offset: Option<u32>,
    pub(crate) rejected: bool,
    /// Another program's line, for which there is no stub.
    pub(crate) dropped: bool,
}

impl Stub {
    /// `None` when a line of this kind is no stub.
    pub(crate) fn of(kind: LineKind) -> Option<Self> {
        let (reason, offset, rejected) = match kind {
            LineKind::Stub { reason, offset } => (reason, offset, false),
            LineKind::Rejected { reason, offset } => (reason, offset, true),
            _ => return None,
        };
        Some(Self { reason, offset, rejected, dropped: false })
    }

    /// What is said of another program's line where there should be none.
    pub(crate) fn of_foreign() -> Self {
        let reason = Reason::NOT_AN_AUDIT_LINE;
        Self { reason, offset: None, rejected: false, dropped: true }
    }
}

/// Where everything goes.
pub(crate) struct Output {
    events: StdoutLock<'static>,
    rejects: Option<(PathBuf, File)>,
    progress: Progress,
    quiet: bool,
    said: u64,
    unsaid: u64,
}

impl Output {
    pub(crate) fn new(
        reject: Option<&Path>,
        progress: Progress,
        quiet: bool,
    ) -> Result<Self, Error> {
        let rejects = match reject {
            Some(path) => Some((
                path.to_owned(),
                File::create(path).map_err(|error| Error::file(path, error))?,
            )),
            None => None,
        };
        let events = std::io::stdout().lock();
        Ok(Self { events, rejects, progress, quiet, said: 0, unsaid: 0 })
    }

    /// Writes a batch and hands it on at once: the next one may be long in coming.
    pub(crate) fn write(&mut self, events: &[u8], rejects: &[u8]) -> Result<(), Error> {
        if let Some((path, file)) = &mut self.rejects
            && !rejects.is_empty()
        {
            file.write_all(rejects).map_err(|error| Error::file(path, error))?;
        }
        if !events.is_empty() {
            self.events.write_all(events)?;
            self.events.flush()?;
        }
        Ok(())
    }

    /// Says what was wrong and where, up to a number of times.
    pub(crate) fn note(&mut self, note: &Note) {
        if self.quiet {
            return;
        }
        if self.said == SPELLED_OUT {
            self.unsaid += 1;
            return;
        }
        self.said += 1;
        let Note { source, line, offset, size, stub } = note;
        let what = match stub {
            Stub { dropped: true, .. } => "dropped",
            Stub { rejected: true, .. } => "rejected",
            _ => "stub",
        };
        let at = stub.offset.map(|at| format!(" at byte {at}")).unwrap_or_default();
        self.progress.say(format_args!(
            "{source}:{line}: {what}: {reason}{at} ({size} bytes long, begins at byte {offset})",
            reason = stub.reason,
        ));
    }

    /// Counts inputs that became stubs without a note of their own.
    pub(crate) fn uncounted(&mut self, count: u64) {
        self.unsaid += count;
    }

    /// Sums up the messages and takes the progress bar away.
    pub(crate) fn finish(&mut self) {
        self.progress.finish();
        if self.unsaid > 0 && !self.quiet {
            self.progress.say(format_args!("{} more inputs became stubs", self.unsaid));
        }
    }
}
