//! Where clean lines go, and how often it is tried.

mod bulk;
mod dead_letter;
mod file;
mod stdout;

use std::fmt;
use std::path::PathBuf;
use std::str::FromStr;
use std::sync::{Arc, Condvar, Mutex, PoisonError};
use std::time::{Duration, Instant};

use crate::metrics::Metrics;
use crate::record::Documents;
use crate::spool::{Read, Reader};
use crate::{Config, Error, say};
pub use bulk::{Credentials, Index};
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

impl FromStr for Target {
    type Err = &'static str;

    fn from_str(text: &str) -> Result<Self, Self::Err> {
        match text.split_once(':') {
            None if text == "stdout" => Ok(Self::Stdout),
            Some(("file", path)) if !path.is_empty() => Ok(Self::File(path.into())),
            Some(("elasticsearch", url)) => {
                let authority = url
                    .strip_prefix("https://")
                    .or_else(|| url.strip_prefix("http://"))
                    .ok_or("the URL begins with neither https:// nor http://")?;
                let authority = authority.split('/').next().unwrap_or_default();
                if authority.is_empty() {
                    Err("the URL names no host")
                } else if authority.contains('@') {
                    // Everybody on the machine can read command lines.
                    Err("no credentials in the URL; they have a file or a variable of their own")
                } else if url.contains(['?', '#']) {
                    Err("the URL is that of the server, without a query")
                } else {
                    Ok(Self::Elasticsearch(url.trim_end_matches('/').to_owned()))
                }
            }
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
}

/// Opens a sink.
pub(crate) fn open(config: &Config, metrics: &Arc<Metrics>) -> Result<Box<dyn Sink>, Error> {
    let rotation = config.rotation;
    Ok(match &config.sink {
        Target::Stdout => Box::new(stdout::Stdout::new(Arc::clone(metrics))),
        Target::File(path) => Box::new(file::File::open(path, rotation, Arc::clone(metrics))?),
        Target::Elasticsearch(url) => {
            Box::new(bulk::Bulk::open(url, &config.index, Arc::clone(metrics))?)
        }
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
    stop: Stop,
    metrics: Arc<Metrics>,
    pause: Duration,
    /// When trouble was said last.
    said: Option<Instant>,
    /// The trouble of now was said.
    open: bool,
}

impl Retry {
    pub(crate) fn new(stop: Stop, metrics: Arc<Metrics>) -> Self {
        Self { stop, metrics, pause: FIRST, said: None, open: false }
    }

    /// An attempt failed for `why`, a text without values. `kind` is for the metrics.
    pub(crate) fn pause(&mut self, kind: &'static str, why: impl fmt::Display) -> Result<(), Fail> {
        self.metrics.sink_retries.get_or_create(&[("reason", kind)]).inc();
        self.metrics.sink_failing.set(1);
        if self.said.is_none_or(|said| said.elapsed() >= QUIET) {
            self.said = Some(Instant::now());
            self.open = true;
            say(format_args!("sink: {why}; events wait in the spool, trying again"));
        }
        if self.stop.wait(self.pause) {
            return Err(Fail::Stopped);
        }
        self.pause = (self.pause * 2).min(LONGEST);
        Ok(())
    }

    /// An attempt succeeded in part: the next pause is a short one again.
    pub(crate) fn progress(&mut self) {
        self.pause = FIRST;
    }

    /// An attempt succeeded.
    pub(crate) fn well(&mut self) {
        self.pause = FIRST;
        self.metrics.sink_failing.set(0);
        if std::mem::take(&mut self.open) {
            say("sink: takes events again");
        }
    }
}

/// Moves lines from the spool to the sink until the spool is closed and empty, or `stop` is set.
/// What was delivered is on record before the next lines are read.
pub(crate) fn forward(
    mut spool: Reader,
    mut sink: Box<dyn Sink>,
    stop: &Stop,
    metrics: &Arc<Metrics>,
) -> Result<u64, Fail> {
    let mut retry = Retry::new(stop.clone(), Arc::clone(metrics));
    let (mut lines, mut documents) = (Vec::new(), Documents::default());
    while !stop.wait(Duration::ZERO) {
        lines.clear();
        lines.shrink_to(BATCH * 2);
        documents.text.shrink_to(BATCH * 2);
        match spool.read(&mut lines, BATCH, LOOK) {
            Ok(Read::Nothing) => {}
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
