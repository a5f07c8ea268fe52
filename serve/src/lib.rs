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
use tokio::sync::{oneshot, watch};
use tokio::time::{Instant, sleep};

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
            return wrong("plain HTTP on an address others can reach; set a certificate and a key");
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
    let certificates = match config.tls.clone() {
        Some(tls) => Some(Arc::new(tls::Certificates::load(tls)?)),
        None => None,
    };
    let metrics =
        Arc::new(metrics::Metrics::new(&config.ready.policy, config.jobs, config.spool_max));
    let (writer, reader, found) = spool::open(&config.spool, config.spool_max)
        .map_err(|error| Error::file(&config.spool, error))?;
    // After the spool, which may hold the file for dead letters.
    let sink = sink::open(config, &metrics)?;
    if found.torn > 0 {
        say(format_args!("spool: cut off {} bytes that were never acknowledged", found.torn));
    }
    if found.damaged > 0 {
        say(format_args!("spool: {} bytes are damaged and were skipped", found.damaged));
    }
    if found.waiting > 0 {
        say(format_args!("spool: {} bytes wait for the sink", found.waiting));
    }

    let threads = Threads::default();
    let shared = Arc::clone(writer.shared());
    let (batches, from_cleaners) = channel();
    let (jobs, from_requests) = channel();
    let from_requests = Arc::new(Mutex::new(from_requests));
    for number in 0..config.jobs {
        let cleaner = clean::Cleaner::new(config.ready.clone(), Arc::clone(&metrics), number);
        let (from_requests, batches) = (Arc::clone(&from_requests), batches.clone());
        threads.spawn("filter", move || cleaner.run(&from_requests, &batches))?;
    }
    drop((batches, from_requests));
    {
        let metrics = Arc::clone(&metrics);
        threads.spawn("spool", move || {
            spool::commit(writer, &from_cleaners, &|batches| {
                metrics.spool_syncs.inc();
                metrics.spool_batches.inc_by(batches as u64);
            });
        })?;
    }
    let stop = sink::Stop::default();
    let (to_end, forwarded) = oneshot::channel();
    {
        let (stop, metrics) = (stop.clone(), Arc::clone(&metrics));
        threads.spawn("sink", move || {
            let _ = to_end.send(sink::forward(reader, sink, &stop, &metrics));
        })?;
    }
    let receiver = Arc::new(receive::Receiver::new(
        jobs,
        shared,
        Arc::clone(&metrics),
        (config.max_body, config.max_in_flight),
        Arc::clone(&threads.count),
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
    mut forwarded: oneshot::Receiver<Result<u64, sink::Fail>>,
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
            result = &mut forwarded => break Some(result),
        }
    };
    receiver.draining.store(true, Ordering::Relaxed);
    let _ = ending.send(true);
    let drained = async {
        let _ = listening.await;
        // Threads end one after the other, the sink's when the spool is empty.
        receiver.close();
        match early {
            Some(result) => result,
            None => forwarded.await,
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
        Ok(Ok(0) | Err(sink::Fail::Stopped)) => Ok(()),
        Ok(Ok(left)) => {
            say(format_args!("{left} bytes stay in the spool and are delivered at the next start"));
            Ok(())
        }
        Ok(Err(sink::Fail::Fatal(why))) => Err(Error::Other(why)),
        Err(_) => Err(Error::Other("the sink's thread failed; events are in the spool".into())),
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
