//! Segment files: names, the first bytes, reading records and finding the next one after damage.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Read, Seek, SeekFrom, Write};
use std::path::{Path, PathBuf};

use super::record::{HEAD, Head, MARKER};

/// First bytes of a segment.
pub(super) const MAGIC: [u8; 8] = *b"AWSPOOL1";
/// Where the first record begins.
pub(super) const FIRST: u64 = MAGIC.len() as u64;

/// The file of segment `number`.
pub(super) fn path(folder: &Path, number: u64) -> PathBuf {
    folder.join(format!("{number:020}.segment"))
}

/// The number in a segment's file name.
pub(super) fn number(name: &str) -> Option<u64> {
    let digits = name.strip_suffix(".segment")?;
    (digits.len() == 20).then(|| digits.parse().ok()).flatten()
}

/// Makes a new segment, on disk with its name before this returns.
pub(super) fn create(folder: &Path, number: u64) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.read(true).append(true).create_new(true);
    private(&mut options);
    let path = path(folder, number);
    let mut file = options.open(&path)?;
    let made = file.write_all(&MAGIC).and_then(|()| file.sync_all()).and_then(|()| sync(folder));
    if made.is_err() {
        let _ = fs::remove_file(&path);
    }
    made.map(|()| file)
}

/// Only the owner may read what is created.
pub(crate) fn private(options: &mut OpenOptions) {
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(options, 0o600);
    #[cfg(not(unix))]
    let _ = options;
}

/// Brings a folder's entries to disk.
pub(crate) fn sync(folder: &Path) -> io::Result<()> {
    if cfg!(unix) { File::open(folder)?.sync_all() } else { Ok(()) }
}

/// Replaces a file as a whole, on disk before this returns. Only the owner may read it.
pub(crate) fn replace(path: &Path, bytes: &[u8]) -> io::Result<()> {
    let new = path.with_extension("new");
    let mut options = OpenOptions::new();
    options.write(true).create(true).truncate(true);
    private(&mut options);
    let mut file = options.open(&new)?;
    file.write_all(bytes)?;
    file.sync_data()?;
    fs::rename(new, path)?;
    sync(path.parent().unwrap_or(Path::new(".")))
}

/// Reads the records of one segment up to a given length.
pub(super) struct Records<R> {
    file: R,
    /// Where the next record should begin.
    at: u64,
    /// Where the file is.
    file_at: u64,
}

/// What came of looking for a record.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// The lines were appended; the record ended here.
    Record,
    /// Nothing more up to the given length. What was skipped as damaged.
    End,
}

impl<R: Read + Seek> Records<R> {
    /// Starts at `at`.
    pub(super) fn new(file: R, at: u64) -> Self {
        // `u64::MAX` is nowhere: the first read seeks.
        Self { file, at: at.max(FIRST), file_at: u64::MAX }
    }

    /// Where the next record should begin.
    pub(super) fn at(&self) -> u64 {
        self.at
    }

    /// Appends the next whole record before `end` to `lines`, skipping over damage, whose size is
    /// added to `damaged`. At the end, what is left and no record stays where it is.
    pub(super) fn next(
        &mut self,
        end: u64,
        lines: &mut Vec<u8>,
        damaged: &mut u64,
    ) -> io::Result<Next> {
        let start = self.at;
        let mut at = start;
        while at + HEAD as u64 <= end {
            if let Some(after) = self.record(at, end, lines)? {
                *damaged += at - start;
                self.at = after;
                return Ok(Next::Record);
            }
            at = self.marker(at + 1, end)?;
        }
        Ok(Next::End)
    }

    /// The record at `at`, if it is one: appends its lines and returns where it ends.
    fn record(&mut self, at: u64, end: u64, lines: &mut Vec<u8>) -> io::Result<Option<u64>> {
        let mut head = [0; HEAD];
        self.read(at, &mut head)?;
        let Some(head) = Head::read(head) else { return Ok(None) };
        let after = at + HEAD as u64 + u64::from(head.length());
        if after > end {
            return Ok(None);
        }
        let before = lines.len();
        lines.resize(before + head.length() as usize, 0);
        self.read(at + HEAD as u64, &mut lines[before..])?;
        if head.fits(&lines[before..]) {
            return Ok(Some(after));
        }
        lines.truncate(before);
        Ok(None)
    }

    /// Where the next marker is, else `end`.
    fn marker(&mut self, mut at: u64, end: u64) -> io::Result<u64> {
        let mut window = vec![0; 64 << 10];
        while at + HEAD as u64 <= end {
            let len = (end - at).min(window.len() as u64) as usize;
            let window = &mut window[..len];
            self.read(at, window)?;
            if let Some(found) = memchr::memmem::find(window, &MARKER) {
                return Ok(at + found as u64);
            }
            // A marker may lie across the border.
            at += (len - (MARKER.len() - 1)) as u64;
        }
        Ok(end)
    }

    fn read(&mut self, at: u64, bytes: &mut [u8]) -> io::Result<()> {
        if self.file_at != at {
            self.file.seek(SeekFrom::Start(at))?;
        }
        self.file_at = u64::MAX;
        self.file.read_exact(bytes)?;
        self.file_at = at + bytes.len() as u64;
        Ok(())
    }
}
