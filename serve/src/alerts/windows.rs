//! Rules over several events, across crashes.
//!
//! A request is answered when its signals are in the journal. At the start the state of the last
//! snapshot is brought forward by the journal, so what was acknowledged counts, once.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use auditweir::rules::{Rules, Signal, WindowLimits, Windows};

use super::record::{self, Seen};
use crate::spool::{private, replace};
use crate::{Error, say};

const SNAPSHOT: &str = "windows";
const JOURNAL: &str = "windows.journal";
/// Bytes of an entry: a signal and its checksum.
const ENTRY: usize = Signal::BYTES + 4;
/// The journal is folded into a snapshot when it is longer.
const LONGEST: u64 = 4 << 20;

/// The state of rules over several events.
pub(crate) struct Watch {
    rules: Arc<Rules>,
    windows: Windows,
    folder: PathBuf,
    journal: File,
    /// Bytes of the journal that are on disk, and those that are not yet.
    length: u64,
    fresh: Vec<u8>,
}

impl Watch {
    /// Opens the state in this folder, which is there.
    pub(crate) fn open(folder: &Path, rules: Arc<Rules>) -> Result<Self, Error> {
        let limits = WindowLimits::default();
        let (snapshot, path) = (folder.join(SNAPSHOT), folder.join(JOURNAL));
        let bytes = match fs::read(&snapshot) {
            Ok(bytes) => Some(bytes),
            Err(error) if error.kind() == io::ErrorKind::NotFound => None,
            Err(error) => return Err(Error::file(&snapshot, error)),
        };
        let known = match bytes.map(|bytes| Windows::restore(&bytes, &rules, limits)) {
            Some(Ok(windows)) => Some(windows),
            Some(Err(error)) => {
                say(format_args!("{}: {error}; windows begin anew", snapshot.display()));
                None
            }
            None => None,
        };
        let mut options = OpenOptions::new();
        options.append(true).create(true);
        private(&mut options);
        let open = |path: &Path| options.open(path).map_err(|error| Error::file(path, error));
        let mut watch = Self {
            windows: Windows::new(limits),
            journal: open(&path)?,
            folder: folder.to_owned(),
            length: 0,
            fresh: Vec::new(),
            rules,
        };
        // A journal of other rules means nothing.
        if let Some(windows) = known {
            watch.windows = windows;
            let entries = fs::read(&path).map_err(|error| Error::file(&path, error))?;
            for signal in signals(&entries) {
                // What fired then is in the spools.
                watch.windows.observe(&watch.rules, &[signal], &mut |_| {});
            }
        }
        watch.fold().map_err(|error| Error::file(&path, error))?;
        Ok(watch)
    }

    /// Takes note of what events have to do with rules over several, and appends the lines of alerts
    /// that come of it. The next [`Watch::commit`] brings it to disk.
    pub(crate) fn observe(&mut self, seen: &[Seen], lines: &mut Vec<u8>) -> u64 {
        let Self { rules, windows, fresh, .. } = self;
        let mut fired = 0;
        for event in seen {
            for signal in &event.signals {
                let bytes = signal.to_bytes();
                fresh.extend_from_slice(&bytes);
                fresh.extend_from_slice(&crc32fast::hash(&bytes).to_le_bytes());
            }
            windows.observe(rules, &event.signals, &mut |rule| {
                fired += 1;
                record::write(&event.alert(rule), lines);
            });
        }
        fired
    }

    /// Brings the journal to disk.
    pub(crate) fn commit(&mut self) -> io::Result<()> {
        if self.fresh.is_empty() {
            return Ok(());
        }
        let written = self.journal.write_all(&self.fresh).and_then(|()| self.journal.sync_data());
        if let Err(error) = written {
            // Kept for the next time.
            self.journal.set_len(self.length)?;
            return Err(error);
        }
        self.length += self.fresh.len() as u64;
        self.fresh.clear();
        if self.length > LONGEST { self.fold() } else { Ok(()) }
    }

    /// Replaces the journal by a snapshot. A crash in between observes signals again, which are
    /// known by then.
    fn fold(&mut self) -> io::Result<()> {
        replace(&self.folder.join(SNAPSHOT), &self.windows.snapshot(&self.rules))?;
        self.journal.set_len(0)?;
        self.journal.sync_data()?;
        self.length = 0;
        Ok(())
    }
}

/// The signals of a journal, up to where it was cut off.
fn signals(bytes: &[u8]) -> impl Iterator<Item = Signal> + '_ {
    bytes.chunks_exact(ENTRY).map_while(|entry| {
        let (signal, checksum) = entry.split_first_chunk::<{ Signal::BYTES }>()?;
        (crc32fast::hash(signal).to_le_bytes() == checksum).then(|| Signal::from_bytes(*signal))
    })
}

#[cfg(test)]
mod tests {
    use auditweir::rules::{RequestOutcome, RuleText};
    use auditweir::{Filter, Format, Line};
    use auditweir_shell::Setup;
    use auditweir_shell::alert::Alert;

    use super::*;

    const RULES: &str = "
title: base
id: base
logsource: {product: kubernetes, service: audit}
detection: {a: {verb: get}, condition: a}
---
title: many
id: many
correlation: {type: event_count, rules: [base], group-by: [user.username], timespan: 10m, condition: {gte: 3}}
";

    fn seen(rules: &Arc<Rules>, number: u32) -> Vec<Seen> {
        let policy = Setup::default().ready().unwrap().policy;
        let mut filter = Filter::new(policy, Format::Native);
        filter.watch(Arc::clone(rules));
        let event = format!(
            r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"{number}","stage":"ResponseComplete","verb":"get","requestURI":"/version","user":{{"username":"jane"}},"responseStatus":{{"code":200}},"stageTimestamp":"2026-01-02T03:04:{number:02}.000000Z"}}"#
        );
        let mut all = Vec::new();
        filter.apply_each(event.as_bytes(), &mut |line: Line<'_>| {
            let signals = line.findings().signals().to_vec();
            let outcome = RequestOutcome::Done;
            all.push(Seen { signals, alert: Alert::of(&line), outcome });
        });
        assert!(all.len() == 1 && !all[0].signals.is_empty());
        all
    }

    fn fired(watch: &mut Watch, seen: &[Seen]) -> u64 {
        let mut lines = Vec::new();
        let fired = watch.observe(seen, &mut lines);
        watch.commit().unwrap();
        assert_eq!(lines.split(|byte| *byte == b'\n').count() as u64 - 1, fired);
        fired
    }

    /// Three events fire although the process ends without a word after each of them.
    #[test]
    fn what_was_acknowledged_counts_once_after_a_crash() {
        let folder = std::env::temp_dir().join(format!("auditweir-windows-{}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(&folder).unwrap();
        let read = |text| Arc::new(Rules::read(&[RuleText { file: "r", text }]).unwrap());
        let rules = read(RULES);
        for (number, expected) in [(1, 0), (2, 0), (2, 0), (3, 1), (3, 0)] {
            let mut watch = Watch::open(&folder, Arc::clone(&rules)).unwrap();
            assert_eq!(fired(&mut watch, &seen(&rules, number)), expected, "{number}");
        }
        // A torn tail is cut off; other rules begin anew.
        let mut watch = Watch::open(&folder, Arc::clone(&rules)).unwrap();
        fired(&mut watch, &seen(&rules, 4));
        watch.journal.write_all(b"torn").unwrap();
        Watch::open(&folder, Arc::clone(&rules)).unwrap();
        assert_eq!(fs::metadata(folder.join(JOURNAL)).unwrap().len(), 0);
        let other = read(&RULES.replace("gte: 3", "gte: 2"));
        let mut watch = Watch::open(&folder, Arc::clone(&other)).unwrap();
        assert_eq!(fired(&mut watch, &seen(&other, 1)), 0);
        fs::remove_dir_all(&folder).unwrap();
    }
}
