//! Writes what comes out of the filters: events, rejects, messages, totals.

use std::fs::File;
use std::io::{StdoutLock, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use serde::Deserialize;
use serde_json::Value;

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

/// What a stub says of itself.
#[derive(Debug, Deserialize)]
pub(crate) struct Stub {
    #[serde(rename = "stub")]
    pub(crate) reason: String,
    /// Where in the input.
    #[serde(default)]
    pub(crate) offset: Option<u64>,
    #[serde(default)]
    pub(crate) rejected: bool,
}

impl Stub {
    /// Reads a line that a filter wrote; `None` when it is no stub.
    pub(crate) fn read(line: &[u8]) -> Option<Self> {
        // Stubs are short; nothing else is parsed.
        if line.len() > 2048 {
            return None;
        }
        let mut line: Value = if auditweir::is_stub(line) {
            let line: Value = serde_json::from_slice(line).ok()?;
            // `otel` has the stub that `native` would have as its body
            match line.pointer("/resourceLogs/0/scopeLogs/0/logRecords/0/body/stringValue") {
                Some(body) => serde_json::from_str(body.as_str()?).ok()?,
                None => line.get("unmapped")?.clone(),
            }
        } else {
            serde_json::from_slice(line).ok()?
        };
        serde_json::from_value(line.get_mut("auditweir")?.take()).ok()
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
        let what = if stub.rejected { "rejected" } else { "stub" };
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
