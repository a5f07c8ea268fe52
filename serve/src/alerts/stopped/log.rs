//! The log that an API server writes: by what its file is, not by its name alone.
//!
//! Rotation renames the file and begins a new one; the oldest of the renamed files goes. Anything else
//! that makes a file or a part of it disappear is told.

use std::collections::BTreeMap;
use std::fs;
use std::io;
use std::path::{Path, PathBuf};

use super::{GAP, REMOVED, Trouble};

/// How long a finding about one moment stands, in milliseconds.
const STANDS: i64 = 60_000;
/// A moment without a file is what rotation looks like.
const MISSING: i64 = 3_000;

/// What tells one file from another.
type Identity = (u64, u64);

/// A log and what is known of it.
pub(crate) struct Log {
    path: PathBuf,
    silent: i64,
    /// The file under the name, and its size.
    open: Option<(Identity, u64)>,
    /// Files put aside: name and identity, so oldest first.
    aside: BTreeMap<String, Identity>,
    grew: Option<i64>,
    missing: Option<i64>,
    /// What was found, and until when it is told.
    standing: Vec<(Trouble, i64)>,
}

impl Log {
    pub(super) fn new(path: &Path, silent: i64) -> Self {
        Self {
            path: path.to_owned(),
            silent,
            open: None,
            aside: BTreeMap::new(),
            grew: None,
            missing: None,
            standing: Vec::new(),
        }
    }

    pub(super) fn look(&mut self, now: i64) -> Vec<Trouble> {
        self.standing.retain(|(_, until)| now < *until);
        let aside = self.rotated();
        match identity(&self.path) {
            Ok(file) => self.file(file, &aside, now),
            Err(error) if error.kind() == io::ErrorKind::NotFound => {
                let since = *self.missing.get_or_insert(now);
                if self.open.is_some() && now - since >= MISSING {
                    self.open = None;
                    self.tell(REMOVED, now, "the file is gone");
                }
            }
            // Not being let in is the trouble of another.
            Err(_) => {}
        }
        self.holes(aside, now);
        let mut troubles: Vec<Trouble> =
            self.standing.iter().map(|(trouble, _)| trouble.clone()).collect();
        if let Some(grew) = self.grew
            && now - grew >= self.silent
        {
            troubles.push(Trouble {
                rule: GAP,
                target: self.path.display().to_string(),
                since: grew,
                why: format!("the log has not grown for {} s", (now - grew) / 1000),
            });
        }
        troubles
    }

    fn file(
        &mut self,
        (identity, size): (Identity, u64),
        aside: &BTreeMap<String, Identity>,
        now: i64,
    ) {
        self.missing = None;
        match self.open {
            None => self.grew = Some(now),
            Some((known, before)) if known == identity => {
                if size < before {
                    self.tell(
                        REMOVED,
                        now,
                        &format!("the file was cut from {before} to {size} bytes"),
                    );
                }
                if size > before {
                    self.grew = Some(now);
                }
            }
            Some((known, _)) => {
                self.grew = Some(now);
                if !aside.values().any(|other| *other == known) {
                    self.tell(REMOVED, now, "the file was replaced, and the old one is nowhere");
                }
            }
        }
        self.open = Some((identity, size));
    }

    /// Of the files put aside, the oldest ones go and no others.
    fn holes(&mut self, aside: BTreeMap<String, Identity>, now: i64) {
        let oldest = aside.keys().next();
        let mut gone = self.aside.keys().filter(|name| !aside.contains_key(*name));
        let hole = gone.rfind(|name| oldest.is_some_and(|oldest| *name > oldest));
        if let Some(name) = hole {
            let why = format!("{name} is gone, and older ones are not");
            self.tell(GAP, now, &why);
        }
        self.aside = aside;
    }

    fn tell(&mut self, rule: &'static super::Rule, now: i64, why: &str) {
        let target = self.path.display().to_string();
        let trouble = Trouble { rule, target, since: now, why: why.to_owned() };
        self.standing.push((trouble, now + STANDS));
    }

    /// Files beside it whose names begin and end as its own: `audit-2026-01-02T03-04-05.000.log`.
    fn rotated(&self) -> BTreeMap<String, Identity> {
        let name = |part: Option<&std::ffi::OsStr>| {
            part.map(|part| part.to_string_lossy().into_owned()).unwrap_or_default()
        };
        let (stem, own) = (name(self.path.file_stem()), name(self.path.file_name()));
        let folder = self.path.parent().unwrap_or(Path::new("."));
        let mut found = BTreeMap::new();
        for entry in fs::read_dir(folder).into_iter().flatten().flatten() {
            let name = entry.file_name().to_string_lossy().into_owned();
            if name.starts_with(&stem)
                && name != own
                && let Ok((identity, _)) = identity(&entry.path())
            {
                // A compressed one is another file of the same name.
                found.insert(name.trim_end_matches(".gz").to_owned(), identity);
            }
        }
        found
    }
}

/// Device and number of a file, and its size.
#[cfg(unix)]
fn identity(path: &Path) -> io::Result<(Identity, u64)> {
    use std::os::unix::fs::MetadataExt as _;
    let known = fs::metadata(path)?;
    Ok(((known.dev(), known.ino()), known.len()))
}

/// Where files have no numbers, when it was made tells one from another.
#[cfg(not(unix))]
fn identity(path: &Path) -> io::Result<(Identity, u64)> {
    let known = fs::metadata(path)?;
    let made = known.created()?.duration_since(std::time::SystemTime::UNIX_EPOCH);
    let made = made.unwrap_or_default();
    Ok(((made.as_secs(), u64::from(made.subsec_nanos())), known.len()))
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Folder(PathBuf);

    impl Folder {
        fn new(name: &str) -> Self {
            let path =
                std::env::temp_dir().join(format!("auditweir-{name}-{}", std::process::id()));
            let _ = fs::remove_dir_all(&path);
            fs::create_dir_all(&path).unwrap();
            Self(path)
        }

        fn write(&self, name: &str, text: &str) {
            fs::write(self.0.join(name), text).unwrap();
        }

        fn log(&self) -> Log {
            Log::new(&self.0.join("audit.log"), 60_000)
        }
    }

    impl Drop for Folder {
        fn drop(&mut self) {
            let _ = fs::remove_dir_all(&self.0);
        }
    }

    fn told(log: &mut Log, now: i64) -> Vec<(&'static str, String)> {
        log.look(now).into_iter().map(|trouble| (trouble.rule.intent, trouble.why)).collect()
    }

    #[test]
    fn rotation_is_no_finding_and_a_log_that_stands_still_is() {
        let folder = Folder::new("log-rotation");
        let mut log = folder.log();
        assert_eq!(told(&mut log, 0), [], "there is none yet");
        folder.write("audit.log", "one\n");
        assert_eq!(told(&mut log, 1_000), []);
        for second in 2..8 {
            let old = folder.0.join("audit.log");
            fs::rename(&old, folder.0.join(format!("audit-2026-01-0{second}.log"))).unwrap();
            folder.write("audit.log", "new\n");
            if second > 4 {
                fs::remove_file(folder.0.join(format!("audit-2026-01-0{}.log", second - 3)))
                    .unwrap();
            }
            assert_eq!(told(&mut log, second * 1_000), [], "{second}");
        }
        assert_eq!(told(&mut log, 60_000), []);
        let still = told(&mut log, 67_000);
        assert_eq!(still, [("audit-gap", "the log has not grown for 60 s".into())]);
        folder.write("audit.log", "new\nmore\n");
        assert_eq!(told(&mut log, 68_000), []);
    }

    #[test]
    fn what_disappears_is_told() {
        let folder = Folder::new("log-gone");
        let mut log = folder.log();
        folder.write("audit.log", "one\ntwo\n");
        folder.write("audit-2026-01-01.log", "old\n");
        folder.write("audit-2026-01-02.log", "older\n");
        folder.write("audit-2026-01-03.log.gz", "zipped\n");
        assert_eq!(told(&mut log, 0), []);
        folder.write("audit.log", "");
        let cut = ("audit-log-removed", "the file was cut from 8 to 0 bytes".to_owned());
        assert_eq!(told(&mut log, 1_000), std::slice::from_ref(&cut));
        assert_eq!(told(&mut log, 2_000), [cut], "it stands for a while");
        fs::remove_file(folder.0.join("audit-2026-01-02.log")).unwrap();
        let hole = ("audit-gap", "audit-2026-01-02.log is gone, and older ones are not".to_owned());
        assert_eq!(told(&mut log, 70_000)[0], hole);
        // Another file in its place: the name is taken before the old file is gone, so that its
        // number is not free.
        folder.write("new", "x\n");
        fs::rename(folder.0.join("new"), folder.0.join("audit.log")).unwrap();
        let replaced = told(&mut log, 140_000);
        assert!(replaced[0].1.starts_with("the file was replaced"), "{replaced:?}");
        fs::remove_file(folder.0.join("audit.log")).unwrap();
        told(&mut log, 210_000);
        assert_eq!(told(&mut log, 214_000)[0], ("audit-log-removed", "the file is gone".into()));
    }
}
