//! A file with rotation by size and age.
//!
//! Lines are on disk (fdatasync) before they count as delivered. At least once: lines written
//! right before a crash are written again. A line that a crash cut off is cut away at the start.

use std::ffi::OsString;
use std::fs::{self, OpenOptions};
use std::io::{self, Read as _, Seek as _, SeekFrom, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::{Duration, SystemTime};

use super::{Fail, Retry, Sink};
use crate::Error;
use crate::metrics::Counters;
use crate::record::Documents;

/// When a file is put aside as `PATH.1`, and how many of them are kept.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rotation {
    /// Before the file grows larger than this; `None`: never.
    pub size: Option<u64>,
    /// When it is older than this; `None`: never.
    pub age: Option<Duration>,
    /// Old files kept, besides the one written to.
    pub keep: u32,
}

pub(super) struct File {
    path: PathBuf,
    rotation: Rotation,
    counters: Arc<Counters>,
    open: fs::File,
    size: u64,
    since: SystemTime,
}

impl File {
    pub(super) fn open(
        path: &Path,
        rotation: Rotation,
        counters: Arc<Counters>,
    ) -> Result<Self, Error> {
        let (open, size, since) = append(path).map_err(|error| Error::file(path, error))?;
        Ok(Self { path: path.to_owned(), rotation, counters, open, size, since })
    }

    fn write(&mut self, lines: &[u8]) -> io::Result<()> {
        let full = self.rotation.size.is_some_and(|most| self.size + lines.len() as u64 > most);
        let age = SystemTime::now().duration_since(self.since).unwrap_or_default();
        if self.size > 0 && (full || self.rotation.age.is_some_and(|most| age >= most)) {
            rotate(&self.path, self.rotation.keep)?;
            (self.open, self.size, self.since) = append(&self.path)?;
        }
        let written = self.open.write_all(lines).and_then(|()| self.open.sync_data());
        if written.is_err() {
            // As if nothing had been tried.
            self.open.set_len(self.size)?;
        } else {
            self.size += lines.len() as u64;
        }
        written
    }
}

impl Sink for File {
    fn deliver(&mut self, lines: &Documents, retry: &mut Retry) -> Result<(), Fail> {
        while let Err(error) = self.write(&lines.text) {
            retry.pause("file", format_args!("{}: {error}", self.path.display()))?;
        }
        self.counters.count("delivered", lines.each.len() as u64);
        Ok(())
    }
}

/// Opens a file to append to: handle, size, since when it is written to.
pub(super) fn append(path: &Path) -> io::Result<(fs::File, u64, SystemTime)> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create(true);
    crate::spool::private(&mut options);
    let mut file = options.open(path)?;
    let known = file.metadata()?;
    if !known.is_file() {
        return Err(io::Error::new(io::ErrorKind::InvalidInput, "not a regular file"));
    }
    let size = whole_lines(&mut file, known.len())?;
    if size < known.len() {
        file.set_len(size)?;
    }
    let since = known.created().or_else(|_| known.modified()).unwrap_or_else(|_| SystemTime::now());
    Ok((file, size, since))
}

/// Where the last whole line ends.
fn whole_lines(file: &mut fs::File, mut end: u64) -> io::Result<u64> {
    let mut window = vec![0; 64 << 10];
    while end > 0 {
        let len = end.min(window.len() as u64);
        file.seek(SeekFrom::Start(end - len))?;
        let window = &mut window[..len as usize];
        file.read_exact(window)?;
        if let Some(at) = memchr::memrchr(b'\n', window) {
            return Ok(end - len + at as u64 + 1);
        }
        end -= len;
    }
    Ok(0)
}

/// `PATH` becomes `PATH.1`, `PATH.1` becomes `PATH.2` and so on; the oldest goes.
fn rotate(path: &Path, keep: u32) -> io::Result<()> {
    let numbered = |number: u32| {
        let mut name = OsString::from(path);
        name.push(format!(".{number}"));
        PathBuf::from(name)
    };
    let gone = |result: io::Result<()>| match result {
        Err(error) if error.kind() != io::ErrorKind::NotFound => Err(error),
        _ => Ok(()),
    };
    if keep == 0 {
        return gone(fs::remove_file(path));
    }
    for number in (1..keep).rev() {
        gone(fs::rename(numbered(number), numbered(number + 1)))?;
    }
    fs::rename(path, numbered(1))
}
