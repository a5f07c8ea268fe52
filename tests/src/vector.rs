//! A real Vector with the shipped `http.yaml`, and a sink that can be slow, away, or both: what the tests of
//! hosts and `cargo xtask vector live` try it with.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs::{self, File, OpenOptions};
use std::io::{self, BufRead as _, BufReader, Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use flate2::read::MultiGzDecoder;

use crate::here;

/// A buffer that is soon full, and small requests: reading has to stop soon.
pub const SMALL: &str =
    "{ type: memory, max_events: 500, when_full: block }\n    batch: { max_events: 100 }";
/// The shipped buffer, and small requests: many of them are cut off by a kill.
pub const ON_DISK: &str =
    "{ type: disk, max_size: 2147483648, when_full: block }\n    batch: { max_events: 100 }";

/// How long anything may take.
const PATIENCE: Duration = Duration::from_secs(90);

/// What a sink does before it answers; [`AWAY`] and [`HELD`] are none of milliseconds.
const AWAY: u64 = u64::MAX;
const HELD: u64 = u64::MAX - 1;

/// Takes lines by HTTP, and remembers the auditIDs in the order of their coming.
pub struct Sink {
    port: u16,
    pause: Arc<AtomicU64>,
    ids: Arc<Mutex<Vec<String>>>,
}

impl Sink {
    /// Runs until the process ends.
    pub fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
        let port = listener.local_addr().expect("address").port();
        let (pause, ids) = (Arc::new(AtomicU64::new(0)), Arc::new(Mutex::new(Vec::new())));
        let (waits, kept) = (Arc::clone(&pause), Arc::clone(&ids));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (waits, kept) = (Arc::clone(&waits), Arc::clone(&kept));
                thread::spawn(move || _ = serve(stream, &waits, &kept));
            }
        });
        Self { port, pause, ids }
    }

    /// Where it listens, on loopback.
    pub const fn port(&self) -> u16 {
        self.port
    }

    /// Answers after so long from now on.
    pub fn slow(&self, milliseconds: u64) {
        self.pause.store(milliseconds, Ordering::Relaxed);
    }

    /// Answers nothing until [`Sink::slow`] is called.
    pub fn hold(&self) {
        self.slow(HELD);
    }

    /// Answers 503 and takes nothing.
    pub fn away(&self) {
        self.slow(AWAY);
    }

    /// How many lines have come.
    pub fn count(&self) -> usize {
        self.ids.lock().unwrap_or_else(PoisonError::into_inner).len()
    }

    /// How often each auditID has come.
    pub fn ids(&self) -> BTreeMap<String, usize> {
        let mut counts = BTreeMap::new();
        for id in self.ids.lock().unwrap_or_else(PoisonError::into_inner).iter() {
            *counts.entry(id.clone()).or_default() += 1;
        }
        counts
    }
}

/// Answers the requests of one connection.
fn serve(stream: TcpStream, pause: &AtomicU64, ids: &Mutex<Vec<String>>) -> io::Result<()> {
    let mut writer = stream.try_clone()?;
    let mut reader = BufReader::new(stream);
    loop {
        let (mut line, mut length) = (String::new(), 0);
        if reader.read_line(&mut line)? == 0 {
            return Ok(());
        }
        while !line.trim().is_empty() {
            if let Some(value) = line.to_ascii_lowercase().strip_prefix("content-length:") {
                length = value.trim().parse().map_err(io::Error::other)?;
            }
            line.clear();
            reader.read_line(&mut line)?;
        }
        let mut body = vec![0; length];
        reader.read_exact(&mut body)?;
        while pause.load(Ordering::Relaxed) == HELD {
            thread::sleep(Duration::from_millis(10));
        }
        let wait = pause.load(Ordering::Relaxed);
        if wait == AWAY {
            write!(writer, "HTTP/1.1 503 Service Unavailable\r\nContent-Length: 0\r\n\r\n")?;
            continue;
        }
        thread::sleep(Duration::from_millis(wait));
        let text = if body.starts_with(b"\x1f\x8b") {
            io::read_to_string(MultiGzDecoder::new(&body[..]))?
        } else {
            String::from_utf8_lossy(&body).into_owned()
        };
        let found = text.lines().filter_map(|line| {
            let (_, rest) = line.split_once("\"auditID\":\"")?;
            Some(rest.split_once('"')?.0.to_owned())
        });
        ids.lock().unwrap_or_else(PoisonError::into_inner).extend(found);
        write!(writer, "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n")?;
    }
}

/// A Vector, its folder and its sink. Ends with this.
pub struct Vector {
    binary: PathBuf,
    folder: PathBuf,
    /// Where its events go.
    pub sink: Sink,
    child: Option<Child>,
}

impl Vector {
    /// The shipped configuration with this machine's paths, `modules` in place of the folder of the module, and
    /// `buffer` in place of the sink's, if it is given. Not started.
    pub fn new(binary: &Path, modules: &Path, buffer: Option<&str>) -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        let name = format!("auditweir-vector-live-{}-{next}", std::process::id());
        let folder = std::env::temp_dir().join(name);
        fs::create_dir_all(folder.join("data")).expect("folder");
        let sink = Sink::start();
        let free = TcpListener::bind("127.0.0.1:0").expect("a port").local_addr().expect("address");
        let mut text =
            fs::read_to_string(here("../integrations/vector/http.yaml")).expect("shipped");
        let kept = text
            .lines()
            .filter(|line| !line.starts_with("    tls:") && !line.starts_with("    auth:"));
        text = kept.fold(String::new(), |text, line| text + line + "\n");
        let shipped = "{ type: disk, max_size: 2147483648, when_full: block }";
        for (old, new) in [
            ("data_dir: /var/lib/vector", format!("data_dir: {}", folder.join("data").display())),
            ("/var/log/kubernetes/audit/audit.log", folder.join("audit.log").display().to_string()),
            ("/usr/lib/vector/?.so", format!("{}/?.so", modules.display())),
            (
                "        -- policy_file = \"/etc/vector/auditweir/policy.yaml\"",
                format!("        policy_file = \"{}\"", folder.join("policy.yaml").display()),
            ),
            (
                "https://siem.example.com/kubernetes-audit",
                format!("http://127.0.0.1:{}/", sink.port),
            ),
            ("127.0.0.1:9598", free.to_string()),
            (shipped, buffer.unwrap_or(shipped).to_owned()),
        ] {
            assert!(text.contains(old), "http.yaml has no `{old}`");
            text = text.replace(old, &new);
        }
        fs::write(folder.join("vector.yaml"), text).expect("configuration");
        let vector = Self { binary: binary.to_owned(), folder, sink, child: None };
        vector.policy("policy.yaml", "version: 1\n");
        vector
    }

    /// A file of its folder.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.join(name)
    }

    /// Writes a policy.
    pub fn policy(&self, name: &str, text: &str) {
        fs::write(self.path(name), text).expect("policy");
    }

    /// Changes the configuration.
    pub fn change(&self, old: &str, new: &str) {
        let path = self.path("vector.yaml");
        let text = fs::read_to_string(&path).expect("configuration");
        assert!(text.contains(old), "no `{old}` in {text}");
        fs::write(path, text.replace(old, new)).expect("configuration");
    }

    /// Appends events, about a kilobyte each, with the numbers as auditIDs.
    pub fn write(&self, numbers: std::ops::Range<usize>) {
        let mut log =
            OpenOptions::new().create(true).append(true).open(self.path("audit.log")).expect("log");
        log.write_all(events(numbers).as_bytes()).expect("log");
    }

    /// Starts it; what it says goes on in the same file.
    pub fn start(&mut self) {
        let said =
            OpenOptions::new().create(true).append(true).open(self.path("said")).expect("file");
        let child = Command::new(&self.binary)
            .arg("--config")
            .arg(self.path("vector.yaml"))
            .stdin(Stdio::null())
            .stdout(said.try_clone().expect("file"))
            .stderr(said)
            .spawn();
        self.child = Some(child.expect("Vector"));
    }

    /// Sends a signal, by its name with a dash.
    pub fn signal(&self, name: &str) {
        let status = Command::new("kill").args([name, &self.process()]).status().expect("kill");
        assert!(status.success(), "{}", self.said());
    }

    /// Its number.
    pub fn process(&self) -> String {
        self.child.as_ref().expect("it runs").id().to_string()
    }

    /// Waits until it has ended.
    pub fn ended(&mut self) -> ExitStatus {
        self.child.take().expect("it runs").wait().expect("its end")
    }

    /// What it has said.
    pub fn said(&self) -> String {
        fs::read_to_string(self.path("said")).unwrap_or_default()
    }

    /// Waits for something; panics with what was said.
    pub fn until(&self, what: &str, is: impl Fn(&Self) -> bool) {
        let began = Instant::now();
        while !is(self) {
            assert!(
                began.elapsed() < PATIENCE,
                "not {what}; {} lines came; it said\n{}",
                self.sink.count(),
                self.said()
            );
            thread::sleep(Duration::from_millis(20));
        }
    }

    /// Resident memory in KiB.
    pub fn resident(&self) -> u64 {
        let status =
            fs::read_to_string(format!("/proc/{}/status", self.process())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or_default();
        line.split_whitespace().next().and_then(|number| number.parse().ok()).unwrap_or_default()
    }

    /// How far it has read the log.
    pub fn position(&self) -> u64 {
        let folder = format!("/proc/{}", self.process());
        let log = self.path("audit.log");
        let open = fs::read_dir(format!("{folder}/fd")).into_iter().flatten().flatten();
        let number = open
            .filter(|entry| fs::read_link(entry.path()).is_ok_and(|to| to == log))
            .map(|entry| entry.file_name().to_string_lossy().into_owned())
            .next();
        let Some(number) = number else { return 0 };
        let text = fs::read_to_string(format!("{folder}/fdinfo/{number}")).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("pos:")).unwrap_or_default();
        line.trim().parse().unwrap_or_default()
    }

    /// Length of the log.
    pub fn length(&self) -> u64 {
        File::open(self.path("audit.log")).and_then(|file| file.metadata()).map_or(0, |of| of.len())
    }
}

impl Drop for Vector {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            _ = child.kill();
            _ = child.wait();
        }
        _ = fs::remove_dir_all(&self.folder);
    }
}

/// Lines with a Secret in each, and the numbers as auditIDs.
pub fn events(numbers: std::ops::Range<usize>) -> String {
    let note = "a pod was made ".repeat(40);
    let mut text = String::new();
    for number in numbers {
        _ = writeln!(
            text,
            "{{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"level\":\"Request\",\"auditID\":\"{number}\",\
                 \"stage\":\"ResponseComplete\",\"verb\":\"create\",\"requestURI\":\"/api/v1/namespaces/shop/secrets\",\
                 \"objectRef\":{{\"resource\":\"secrets\",\"namespace\":\"shop\",\"name\":\"till\",\"apiVersion\":\"v1\"}},\
                 \"requestObject\":{{\"kind\":\"Secret\",\"data\":{{\"p\":\"aHVudGVyMg==\"}}}},\"annotations\":{{\"note\":\"{note}\"}}}}"
        );
    }
    text
}

/// What came of events that were numbered from 0.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Count {
    /// That were written.
    pub written: usize,
    /// Of them, never came.
    pub lost: usize,
    /// That came more than once.
    pub doubled: usize,
}

impl Vector {
    /// Waits until every event has come, or nothing comes any more.
    pub fn count(&self, written: usize) -> Count {
        let mut last = (0, Instant::now());
        loop {
            let ids = self.sink.ids();
            let lost = (0..written).filter(|number| !ids.contains_key(&number.to_string())).count();
            if self.sink.count() != last.0 {
                last = (self.sink.count(), Instant::now());
            }
            if last.1.elapsed() > Duration::from_secs(if lost == 0 { 2 } else { 20 }) {
                return Count {
                    written,
                    lost,
                    doubled: ids.values().filter(|count| **count > 1).count(),
                };
            }
            thread::sleep(Duration::from_millis(200));
        }
    }
}

/// The sink answers nothing for a while: reading has to stop, memory with it, and all comes in the end, once.
/// Gives the share of the log that was read meanwhile, and the most resident KiB.
pub fn held(vector: &mut Vector, events: usize) -> (Count, f64, u64) {
    vector.sink.hold();
    vector.write(0..events);
    vector.start();
    vector.until("reading", |vector| vector.position() > 0);
    // It stands still for a second.
    let (mut at, mut since, mut peak) = (vector.position(), Instant::now(), 0);
    while since.elapsed() < Duration::from_secs(1) {
        thread::sleep(Duration::from_millis(50));
        peak = peak.max(vector.resident());
        if vector.position() != at {
            (at, since) = (vector.position(), Instant::now());
        }
    }
    #[expect(clippy::cast_precision_loss, reason = "lengths of files, far below 2^52")]
    let share = at as f64 / vector.length() as f64;
    vector.sink.slow(0);
    let count = vector.count(events);
    (count, share, peak)
}

/// Ended by this signal as often as asked, each time while it reads what is being written, with a sink that takes its
/// time. Vector writes down once a second how far it has read; so long, and longer, each round goes on.
pub fn interrupted(vector: &mut Vector, signal: &str, events: usize, times: usize) -> Count {
    vector.sink.slow(20);
    let mut written = 0;
    for time in 1..=times {
        vector.start();
        vector
            .until("running", |vector| vector.said().matches("Vector has started").count() == time);
        let (steps, from) = (12 + time * 7 % 10, written);
        for step in 1..=steps {
            let to = from + (events * time / times - from) * step / steps;
            vector.write(written..to);
            written = to;
            thread::sleep(Duration::from_millis(100));
        }
        vector.signal(signal);
        vector.ended();
    }
    vector.sink.slow(0);
    vector.start();
    vector.count(events)
}

/// The sink is away, all events are read into the buffer on disk, then `kill -9`, and the log is gone.
pub fn buffered(vector: &mut Vector, events: usize) -> Count {
    vector.sink.away();
    vector.write(0..events);
    vector.start();
    vector.until("all is read", |vector| vector.position() == vector.length());
    // Vector gives a buffer to the disk every half second.
    thread::sleep(Duration::from_secs(2));
    vector.signal("-KILL");
    vector.ended();
    fs::remove_file(vector.path("audit.log")).expect("log");
    vector.sink.slow(0);
    vector.start();
    vector.count(events)
}
