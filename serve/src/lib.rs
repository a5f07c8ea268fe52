//! Receiver for the kube-apiserver audit webhook: redacts, spools to disk, forwards.
//!
//! ```text
//! POST EventList ──► receive ──► clean ──► spool ──► sink
//!   (listen, tls)    memory      Filter    fsync     stdout, file, _bulk
//!                    bound       ::apply   │
//!        200 ◄─────────────────────────────┘
//! ```
//!
//! Raw events are in memory only, for as long as it takes to filter them; what reaches the disk,
//! the sink, the messages and the metrics is the filter's output, counts and sizes. An event is
//! acknowledged when its clean line is on disk. Threads: one for all connections, some that
//! filter, one that writes the spool, one that reads it for the sink.

mod alerts;
mod clean;
mod listen;
mod metrics;
mod receive;
mod record;
mod sink;
mod spool;
mod tls;
pub mod units;

use std::fmt;
use std::io::Write as _;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::sync::atomic::Ordering;
use std::sync::mpsc::channel;
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::Duration;

use auditweir_shell::Ready;
use tokio::net::TcpListener;
use tokio::sync::{mpsc, watch};
use tokio::time::{Instant, sleep};

use alerts::stopped::Watchman;
use alerts::stopped::origins::Origins;
pub use alerts::{AlertTarget, Alerts, Secrets, Stopped};
pub use sink::http::agent as client;
pub use sink::{Credentials, Index, Rotation, Target};
pub use tls::Tls;

/// For an attempt under way when the time to drain is over.
const LAST: Duration = Duration::from_secs(5);

/// How the server is set up.
#[derive(Clone)]
pub struct Config {
    /// Address for the webhook.
    pub listen: SocketAddr,
    /// Certificates; without them the address must be a loopback one.
    pub tls: Option<Tls>,
    /// Lets events come unencrypted over any network.
    pub insecure_http: bool,
    /// Address for `/metrics` and `/healthz` over plain HTTP; without it they are beside the events.
    pub metrics_listen: Option<SocketAddr>,
    /// What is done with events, and the shape of the output.
    pub ready: Ready,
    /// Filtering threads, 1 or more.
    pub jobs: usize,
    /// Folder of the spool.
    pub spool: PathBuf,
    /// Most bytes of disk for the spool, four times `max_body` or more.
    pub spool_max: u64,
    /// Largest body in bytes.
    pub max_body: u64,
    /// Most bytes of bodies in memory, `max_body` or more.
    pub max_in_flight: u64,
    /// Where events go.
    pub sink: Target,
    /// Rotation, for a file.
    pub rotation: Rotation,
    /// What more there is to know about an index.
    pub index: Index,
    /// Where matches of rules go; the policy must ask for rules.
    pub alerts: Option<Alerts>,
    /// How long the sink may still take events after SIGTERM.
    pub drain: Duration,
}

/// Why the server cannot start or go on.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A file or folder.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Something else; the text is complete.
    #[error("{0}")]
    Other(String),
}

impl Error {
    fn file(path: &Path, source: std::io::Error) -> Self {
        Self::File { path: path.to_owned(), source }
    }
}

/// Prints one message to standard error. A closed standard error is no reason to stop.
fn say(message: impl fmt::Display) {
    let _ = writeln!(std::io::stderr().lock(), "auditweir: {message}");
}

impl Config {
    fn check(&self) -> Result<(), Error> {
        let wrong = |text: &str| Err(Error::Other(text.into()));
        if self.tls.is_none() && !self.insecure_http && !self.listen.ip().is_loopback() {
            return wrong(
                "plain HTTP on an address others can reach; set a certificate and a key \
                 (--tls-cert, --tls-key), or --insecure-http",
            );
        }
        if self.jobs == 0 || self.max_body == 0 {
            return wrong("nothing can be received with a bound of 0");
        }
        if self.max_in_flight < self.max_body.saturating_add(64 << 10) {
            return wrong("the bound on bytes in flight must be 64KiB more than one body, or more");
        }
        if self.spool_max / 4 < self.max_body {
            return wrong("the spool must have room for four of the largest bodies");
        }
        Ok(())
    }
}

/// Runs the server until SIGTERM or SIGINT, then drains: no new connections, requests under way
/// are answered, the sink goes on for [`Config::drain`]. What is left stays in the spool.
///
/// A second signal ends the process at once. SIGHUP reads the certificates again.
pub fn run(config: &Config) -> Result<(), Error> {
    config.check()?;
    if let Some(warning) = config.sink.warning() {
        say(warning);
    }
    let certificates = match config.tls.clone() {
        Some(tls) => Some(Arc::new(tls::Certificates::load(tls)?)),
        None => None,
    };
    let metrics =
        Arc::new(metrics::Metrics::new(&config.ready.policy, config.jobs, config.spool_max));
    let (writer, reader, found) = spool::open(&config.spool, config.spool_max)
        .map_err(|error| Error::file(&config.spool, error))?;
    found.say("spool");
    let shared = Arc::clone(writer.shared());
    let stop = sink::Stop::default();
    let mut ways = vec![Way {
        // After the spool, which may hold the file for dead letters.
        sink: sink::open(&config.sink, config.rotation, &config.index, Arc::clone(&metrics.sink))?,
        retry: sink::Retry::new(("sink", "events"), stop.clone(), Arc::clone(&metrics.sink)),
        reader,
    }];
    let mut committer = spool::Committer {
        events: writer,
        alerts: Vec::new(),
        watch: None,
        watchman: None,
        metrics: Arc::clone(&metrics),
    };
    let mut origins = None;
    if let Some(alerts) = &config.alerts {
        let Some(rules) = config.ready.policy.rules() else {
            return Err(Error::Other(
                "the policy asks for no rules, so there are no alerts".into(),
            ));
        };
        for lane in alerts.lanes(&config.spool)? {
            let (writer, reader, found) = spool::open(&lane.folder, config.spool_max / 4)
                .map_err(|error| Error::file(&lane.folder, error))?;
            found.say(lane.name);
            committer.alerts.push(writer);
            ways.push(Way {
                sink: lane.open((config.rotation, config.ready.format), &stop, &metrics)?,
                retry: sink::Retry::new(
                    (lane.name, "alerts"),
                    stop.clone(),
                    metrics.alerts(lane.name),
                ),
                reader,
            });
        }
        let folder = config.spool.join("alerts");
        committer.watch = Some(alerts::windows::Watch::open(&folder, Arc::clone(rules))?);
        let Stopped { expected, silent, .. } = &alerts.stopped;
        let known = Arc::new(Origins::open(
            &folder,
            expected,
            *silent,
            units::now(),
            metrics.origins.clone(),
        ));
        let cluster = config.ready.policy.policy().enrich.cluster.name.clone();
        let found = metrics.stopped.clone();
        committer.watchman =
            Some(Watchman::new(Arc::clone(&known), &alerts.stopped, cluster, alerts.quiet, found));
        origins = Some(known);
    }

    let threads = Threads::default();
    let (batches, from_cleaners) = channel();
    let (jobs, from_requests) = channel();
    let from_requests = Arc::new(Mutex::new(from_requests));
    for number in 0..config.jobs {
        let cleaner = clean::Cleaner::new(
            config.ready.clone(),
            Arc::clone(&metrics),
            number,
            config.alerts.is_some(),
        );
        let (from_requests, batches) = (Arc::clone(&from_requests), batches.clone());
        threads.spawn("filter", move || cleaner.run(&from_requests, &batches))?;
    }
    drop((batches, from_requests));
    threads.spawn("spool", move || committer.run(&from_cleaners))?;
    let (ended, forwarded) = mpsc::unbounded_channel();
    let forwarded = Forwarded { ended: forwarded, ways: ways.len() };
    for Way { reader, sink, retry } in ways {
        let (stop, ended) = (stop.clone(), ended.clone());
        threads.spawn("sink", move || {
            // Without a server nobody waits for it.
            let _ = ended.send(sink::forward(reader, sink, &stop, retry));
        })?;
    }
    drop(ended);
    let receiver = Arc::new(receive::Receiver::new(
        jobs,
        shared,
        Arc::clone(&metrics),
        (config.max_body, config.max_in_flight),
        Arc::clone(&threads.count),
        origins,
    ));
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| Error::Other(format!("connections: {error}")))?;
    let result =
        runtime.block_on(connections(config, certificates, receiver, metrics, &stop, forwarded));
    runtime.shutdown_background();
    result
}

/// From a spool to its sink.
struct Way {
    reader: spool::Reader,
    sink: Box<dyn sink::Sink>,
    retry: sink::Retry,
}

/// What the threads of all sinks come to.
struct Forwarded {
    ended: mpsc::UnboundedReceiver<Result<u64, sink::Fail>>,
    /// Threads that are not done.
    ways: usize,
}

impl Forwarded {
    /// The end of one of them; `None` when it failed.
    async fn next(&mut self) -> Option<Result<u64, sink::Fail>> {
        let ended = self.ended.recv().await;
        self.ways -= usize::from(ended.is_some());
        ended
    }

    /// The end of all: bytes that are left. `first` is one that ended before.
    async fn all(
        mut self,
        first: Option<Result<u64, sink::Fail>>,
    ) -> Option<Result<u64, sink::Fail>> {
        let mut sum = first.unwrap_or(Ok(0));
        while self.ways > 0 {
            sum = match (sum, self.next().await?) {
                (Ok(left), Ok(more)) => Ok(left + more),
                (Err(sink::Fail::Fatal(why)), _) | (_, Err(sink::Fail::Fatal(why))) => {
                    Err(sink::Fail::Fatal(why))
                }
                (sum, _) => sum,
            };
        }
        Some(sum)
    }
}

/// Threads of the server and how many of them ended too early.
#[derive(Default)]
struct Threads {
    count: Arc<receive::Threads>,
}

impl Threads {
    fn spawn(&self, name: &str, job: impl FnOnce() + Send + 'static) -> Result<(), Error> {
        let count = Arc::clone(&self.count);
        thread::Builder::new()
            .name(name.into())
            .spawn(move || {
                /// Counts however the thread ends.
                struct Ended(Arc<receive::Threads>);
                impl Drop for Ended {
                    fn drop(&mut self) {
                        self.0.ended.fetch_add(1, Ordering::Relaxed);
                    }
                }
                let _ended = Ended(count);
                job();
            })
            .map(drop)
            .map_err(|error| Error::Other(format!("no thread to {name}: {error}")))
    }
}

async fn connections(
    config: &Config,
    certificates: Option<Arc<tls::Certificates>>,
    receiver: Arc<receive::Receiver>,
    metrics: Arc<metrics::Metrics>,
    stop: &sink::Stop,
    mut forwarded: Forwarded,
) -> Result<(), Error> {
    let bind = async |address: SocketAddr| {
        let socket = TcpListener::bind(address)
            .await
            .map_err(|error| Error::Other(format!("{address}: {error}")))?;
        let address = socket.local_addr().unwrap_or(address);
        Ok::<_, Error>((socket, address))
    };
    let mut signals = Signals::new().map_err(|error| Error::Other(format!("signals: {error}")))?;
    let (ending, end) = watch::channel(false);
    let scheme = if certificates.is_some() { "https" } else { "http" };
    if let Some(address) = config.metrics_listen {
        let (socket, address) = bind(address).await?;
        say(format_args!("metrics on http://{address}"));
        let listener = listen::Listener {
            socket,
            certificates: None,
            routes: receive::admin(Arc::clone(&receiver)),
            metrics: Arc::clone(&metrics),
        };
        // Answers until the process ends.
        tokio::spawn(listener.run(watch::channel(false).1));
    }
    let (socket, address) = bind(config.listen).await?;
    say(format_args!("listening on {scheme}://{address}"));
    let listener = listen::Listener {
        socket,
        certificates: certificates.clone(),
        routes: receive::routes(Arc::clone(&receiver), config.metrics_listen.is_none()),
        metrics,
    };
    let listening = tokio::spawn(listener.run(end));

    let early = loop {
        tokio::select! {
            signal = signals.next() => match signal {
                Signal::End(_) => break None,
                Signal::Reload => match certificates.as_ref().map(|all| all.reload()) {
                    Some(Ok(())) => say("certificates read again"),
                    Some(Err(error)) => say(format_args!("the old certificates stay: {error}")),
                    None => {}
                },
            },
            result = forwarded.next() => break Some(result),
        }
    };
    receiver.draining.store(true, Ordering::Relaxed);
    let _ = ending.send(true);
    let drained = async {
        let _ = listening.await;
        // Threads end one after the other, the sink's when the spool is empty.
        receiver.close();
        match early {
            Some(None) => None,
            Some(ended) => forwarded.all(ended).await,
            None => forwarded.all(None).await,
        }
    };
    let mut drained = std::pin::pin!(drained);
    let mut deadline = std::pin::pin!(sleep(config.drain));
    let mut late = false;
    let result = loop {
        tokio::select! {
            result = &mut drained => break result,
            () = &mut deadline => {
                if late {
                    say("ended with events in the spool; they are delivered at the next start");
                    return Ok(());
                }
                late = true;
                stop.set();
                deadline.as_mut().reset(Instant::now() + LAST);
            }
            signal = signals.next() => if let Signal::End(number) = signal {
                say("ended at once; what was acknowledged is in the spool");
                std::process::exit(128 + number);
            },
        }
    };
    match result {
        Some(Ok(0) | Err(sink::Fail::Stopped)) => Ok(()),
        Some(Ok(left)) => {
            say(format_args!("{left} bytes stay in the spool and are delivered at the next start"));
            Ok(())
        }
        Some(Err(sink::Fail::Fatal(why))) => Err(Error::Other(why)),
        None => Err(Error::Other("the sink's thread failed; events are in the spool".into())),
    }
}

/// What a signal asks for.
enum Signal {
    /// To end; its number.
    End(i32),
    /// To read certificates again.
    Reload,
}

#[cfg(unix)]
struct Signals {
    term: tokio::signal::unix::Signal,
    int: tokio::signal::unix::Signal,
    hup: tokio::signal::unix::Signal,
}

#[cfg(unix)]
impl Signals {
    fn new() -> std::io::Result<Self> {
        use tokio::signal::unix::{SignalKind, signal};
        Ok(Self {
            term: signal(SignalKind::terminate())?,
            int: signal(SignalKind::interrupt())?,
            hup: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> Signal {
        tokio::select! {
            _ = self.term.recv() => Signal::End(15),
            _ = self.int.recv() => Signal::End(2),
            _ = self.hup.recv() => Signal::Reload,
        }
    }
}

#[cfg(not(unix))]
struct Signals;

#[cfg(not(unix))]
impl Signals {
    fn new() -> std::io::Result<Self> {
        Ok(Self)
    }

    async fn next(&mut self) -> Signal {
        let _ = tokio::signal::ctrl_c().await;
        Signal::End(2)
    }
}
