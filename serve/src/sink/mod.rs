//! Where clean lines go, and how often it is tried.

mod bulk;
mod dead_letter;
mod file;
pub(crate) mod http;
mod stdout;

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::metrics::Counters;
use crate::record::Documents;
use crate::spool::{Read, Reader};
use crate::{Error, say};
pub use bulk::{Credentials, Index};
pub(crate) use dead_letter::{DeadLetter, Refused};
pub use file::Rotation;

/// First and longest pause between two attempts.
const FIRST: Duration = Duration::from_millis(250);
const LONGEST: Duration = Duration::from_secs(30);
/// Time between two messages about the same trouble.
const QUIET: Duration = Duration::from_secs(60);
/// How long the reader waits before it looks whether to end.
const LOOK: Duration = Duration::from_millis(500);
/// Bytes of lines delivered at once; a record more may come.
const BATCH: usize = 4 << 20;

/// Which sink.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Target {
    /// Standard output.
    Stdout,
    /// A file, with rotation.
    File(PathBuf),
    /// The `_bulk` interface of Elasticsearch or OpenSearch below this URL.
    Elasticsearch(String),
}

impl Target {
    /// What whoever chose it should know.
    pub(crate) fn warning(&self) -> Option<String> {
        match self {
            Self::Elasticsearch(url) if !http::is_private(url) => {
                Some(format!("{url} is plain HTTP: events on their way to it can be read"))
            }
            _ => None,
        }
    }
}

impl FromStr for Target {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            None if text == "stdout" => Ok(Self::Stdout),
            Some(("file", path)) if !path.is_empty() => Ok(Self::File(path.into())),
            Some(("elasticsearch", url)) => http::server(url).map(Self::Elasticsearch),
            _ => Err("is none of stdout, file:PATH, elasticsearch:URL"),
        }
    }
}

/// Why a sink gives up.
#[derive(Debug)]
pub(crate) enum Fail {
    /// The process ends; the lines stay in the spool.
    Stopped,
    /// It will never work; the text is complete.
    Fatal(String),
}

/// Takes clean lines.
pub(crate) trait Sink: Send {
    /// Returns when all lines are where they should be for good, trying again as `retry` says.
    fn deliver(&mut self, lines: &Documents, retry: &mut Retry) -> Result<(), Fail>;

    /// Is called now and then while no lines come.
    fn idle(&mut self, retry: &mut Retry) -> Result<(), Fail> {
        let _ = retry;
        Ok(())
    }
}

/// Opens a sink.
pub(crate) fn open(
    target: &Target,
    rotation: Rotation,
    index: &Index,
    counters: Arc<Counters>,
) -> Result<Box<dyn Sink>, Error> {
    Ok(match target {
        Target::Stdout => Box::new(stdout::Stdout::new(counters)),
        Target::File(path) => Box::new(file::File::open(path, rotation, counters)?),
        Target::Elasticsearch(url) => Box::new(bulk::Bulk::open(url, index, counters)?),
    })
}

/// Tells the sink's thread to end even though lines are left.
#[derive(Clone, Default)]
pub(crate) struct Stop(Arc<(Mutex<bool>, Condvar)>);

impl Stop {
    pub(crate) fn set(&self) {
        *self.0.0.lock().unwrap_or_else(PoisonError::into_inner) = true;
        self.0.1.notify_all();
    }

    /// Waits that long; true when told to end.
    pub(crate) fn wait(&self, time: Duration) -> bool {
        let stop = self.0.0.lock().unwrap_or_else(PoisonError::into_inner);
        let waited = self.0.1.wait_timeout_while(stop, time, |stop| !*stop);
        *waited.unwrap_or_else(PoisonError::into_inner).0
    }
}

/// Pauses between attempts, ever longer, and says what is wrong, but not each time.
pub(crate) struct Retry {
    /// What messages call the sink, and what waits for it.
    name: &'static str,
    what: &'static str,
    stop: Stop,
    counters: Arc<Counters>,
    pause: Duration,
    /// When trouble was said last.
    said: Option<Instant>,
    /// The trouble of now was said.
    open: bool,
    /// There is trouble now.
    trouble: bool,
}

impl Retry {
    pub(crate) fn new(
        (name, what): (&'static str, &'static str),
        stop: Stop,
        counters: Arc<Counters>,
    ) -> Self {
        Self { name, what, stop, counters, pause: FIRST, said: None, open: false, trouble: false }
    }

    /// An attempt failed for `why`, a text without values. `kind` is for the metrics.
    pub(crate) fn pause(&mut self, kind: &'static str, why: impl fmt::Display) -> Result<(), Fail> {
        let pause = self.failed(kind, why);
        if self.stop.wait(pause) { Err(Fail::Stopped) } else { Ok(()) }
    }

    /// The same for those who have something else to do in the meantime: how long to wait.
    pub(crate) fn failed(&mut self, kind: &'static str, why: impl fmt::Display) -> Duration {
        self.counters.retry(kind);
        self.counters.failing.set(1);
        self.trouble = true;
        if self.said.is_none_or(|said| said.elapsed() >= QUIET) {
            self.said = Some(Instant::now());
            self.open = true;
            let Self { name, what, .. } = self;
            say(format_args!("{name}: {why}; {what} wait in the spool, trying again"));
        }
        let pause = self.pause;
        self.pause = (pause * 2).min(LONGEST);
        pause
    }

    /// An attempt succeeded in part: the next pause is a short one again.
    pub(crate) fn progress(&mut self) {
        self.pause = FIRST;
    }

    /// An attempt succeeded.
    pub(crate) fn well(&mut self) {
        self.pause = FIRST;
        if std::mem::take(&mut self.trouble) {
            self.counters.failing.set(0);
        }
        if std::mem::take(&mut self.open) {
            say(format_args!("{}: takes {} again", self.name, self.what));
        }
    }
}

/// Moves lines from the spool to the sink until the spool is closed and empty, or `stop` is set.
/// What was delivered is on record before the next lines are read.
pub(crate) fn forward(
    mut spool: Reader,
    mut sink: Box<dyn Sink>,
    stop: &Stop,
    mut retry: Retry,
) -> Result<u64, Fail> {
    let (mut lines, mut documents) = (Vec::new(), Documents::default());
    // What a sink kept when the process ended is looked at at once, whatever comes.
    let mut wait = Duration::ZERO;
    while !stop.wait(Duration::ZERO) {
        lines.clear();
        lines.shrink_to(BATCH * 2);
        documents.text.shrink_to(BATCH * 2);
        match spool.read(&mut lines, BATCH, std::mem::replace(&mut wait, LOOK)) {
            Ok(Read::Nothing) => match sink.idle(&mut retry) {
                Ok(()) => {}
                Err(Fail::Stopped) => break,
                Err(fatal) => return Err(fatal),
            },
            Ok(Read::Closed) => return Ok(0),
            Ok(Read::Lines(end)) => {
                documents.read(&lines);
                match sink.deliver(&documents, &mut retry) {
                    Ok(()) => retry.well(),
                    Err(Fail::Stopped) => break,
                    Err(fatal) => return Err(fatal),
                }
                while let Err(error) = spool.confirm(end) {
                    retry.pause("spool", format_args!("read position: {error}"))?;
                }
            }
            Err(error) => retry.pause("spool", format_args!("reading the spool: {error}"))?,
        }
    }
    Ok(spool.shared().waiting())
}
