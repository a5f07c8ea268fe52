//! `auditweir serve`, run as its users run it: a process, its sockets, its files.

#![allow(
    clippy::print_stdout,
    clippy::print_stderr,
    reason = "a test runner reports to the terminal"
)]

mod alertmanager;
mod alerts;
mod back_pressure;
mod check;
mod crash;
mod files;
mod index;
mod sinks;
mod tls;
mod webhook;

use std::fs;
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, ExitStatus, Stdio};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

/// What is in every secret below.
const CANARY: &str = "canary-77c0de";

/// A folder of one test's own, empty.
fn folder(name: &str) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("serve").join(name);
    let _ = fs::remove_dir_all(&path);
    fs::create_dir_all(&path).expect("folder");
    path
}

/// A running server; ends with the test.
struct Server {
    child: Child,
    /// `http://…` or `https://…` of the listener for events.
    url: String,
    /// `http://…` of the listener for metrics, if it has its own.
    metrics: Option<String>,
    messages: Arc<Mutex<String>>,
    /// Ends with the messages.
    reader: Option<thread::JoinHandle<()>>,
}

impl Server {
    /// Starts a server and waits until it listens.
    fn start(args: &[&str]) -> Self {
        Self::try_start(args).unwrap_or_else(|messages| panic!("no server: {messages}"))
    }

    /// Starts a server; gives its messages when it ends instead of listening.
    fn try_start(args: &[&str]) -> Result<Self, String> {
        let mut child = Command::new(env!("CARGO_BIN_EXE_auditweir"))
            .arg("serve")
            .args(args)
            .env_remove("AUDITWEIR_PSEUDONYM_KEY")
            .env_remove("AUDITWEIR_SINK_AUTH")
            .stdin(Stdio::null())
            .stdout(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()
            .expect("auditweir");
        let messages = Arc::new(Mutex::new(String::new()));
        let mut lines = BufReader::new(child.stderr.take().expect("stderr"));
        let (mut url, mut metrics) = (None, None);
        while url.is_none() {
            let mut line = String::new();
            if lines.read_line(&mut line).expect("messages") == 0 {
                let _ = child.wait();
                return Err(messages.lock().unwrap().clone());
            }
            let after = |start| line.split_once(start).map(|(_, url)| url.trim().to_owned());
            url = after("listening on ");
            metrics = metrics.or(after("metrics on "));
            messages.lock().unwrap().push_str(&line);
        }
        let kept = Arc::clone(&messages);
        let reader = thread::spawn(move || {
            let mut line = String::new();
            while lines.read_line(&mut line).is_ok_and(|count| count > 0) {
                kept.lock().unwrap().push_str(&line);
                line.clear();
            }
        });
        Ok(Self { child, url: url.expect("address"), metrics, messages, reader: Some(reader) })
    }

    fn port(&self) -> u16 {
        self.url.rsplit(':').next().expect("port").parse().expect("port")
    }

    fn signal(&self, name: &str) {
        let id = self.child.id().to_string();
        assert!(Command::new("kill").args([name, &id]).status().expect("kill").success());
    }

    /// Ends it as a service manager would.
    fn end(mut self) -> (ExitStatus, String) {
        self.signal("-TERM");
        let status = self.child.wait().expect("end");
        self.reader.take().expect("reader").join().expect("messages");
        let messages = self.messages.lock().unwrap().clone();
        (status, messages)
    }

    /// The value of a metric, 0 when there is none yet.
    fn metric(&self, name: &str) -> u64 {
        let from = self.metrics.as_ref().unwrap_or(&self.url);
        let text = get(&format!("{from}/metrics")).1;
        text.lines()
            .find_map(|line| line.strip_prefix(name)?.strip_prefix(' '))
            .map_or(0, |value| value.parse().expect("number"))
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

fn agent() -> ureq::Agent {
    ureq::Agent::config_builder()
        .http_status_as_error(false)
        .timeout_global(Some(Duration::from_secs(30)))
        .proxy(None)
        .build()
        .new_agent()
}

fn get(url: &str) -> (u16, String) {
    let mut answer = agent().get(url).call().expect("answer");
    (answer.status().as_u16(), answer.body_mut().read_to_string().expect("text"))
}

/// Status and `Retry-After` of a POST.
fn post(agent: &ureq::Agent, url: &str, body: &str) -> Result<(u16, Option<u64>), ureq::Error> {
    let mut answer = agent.post(format!("{url}/audit")).send(body)?;
    let after = answer.headers().get("retry-after");
    let after = after.map(|after| after.to_str().expect("text").parse().expect("seconds"));
    let status = answer.status().as_u16();
    assert!(!answer.body_mut().read_to_string()?.contains(CANARY));
    Ok((status, after))
}

/// An event as in a batch: without kind and version, secrets in it.
fn event(id: &str, padding: usize) -> String {
    let encoded = "Y2FuYXJ5LTc3YzBkZQ==";
    let padding = "x".repeat(padding);
    format!(
        r#"{{"level":"Request","auditID":"{id}","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/shop/secrets?token={CANARY}","verb":"create","user":{{"username":"jane"}},"sourceIPs":["10.0.0.1"],"objectRef":{{"resource":"secrets","namespace":"shop","name":"till","apiVersion":"v1"}},"responseStatus":{{"metadata":{{}},"code":201}},"requestObject":{{"kind":"Secret","apiVersion":"v1","metadata":{{"name":"till","annotations":{{"note":"{padding}"}}}},"stringData":{{"password":"{CANARY}"}},"data":{{"b":"{encoded}"}}}},"requestReceivedTimestamp":"2026-01-02T03:04:05.000001Z","stageTimestamp":"2026-01-02T03:04:05.000002Z"}}"#
    )
}

/// A batch as kube-apiserver sends it.
fn batch(events: &[String]) -> String {
    let events = events.join(",");
    format!(
        r#"{{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{{}},"items":[{events}]}}"#
    )
}

/// `auditID` of each line, `none` for those without.
fn ids(text: &str) -> Vec<String> {
    text.lines()
        .map(|line| {
            let line: serde_json::Value = serde_json::from_str(line).expect("a line of JSON");
            line["auditID"].as_str().unwrap_or("none").to_owned()
        })
        .collect()
}

/// Waits until something holds.
fn eventually(what: &str, mut holds: impl FnMut() -> bool) {
    let start = Instant::now();
    while !holds() {
        assert!(start.elapsed() < Duration::from_secs(60), "never: {what}");
        thread::sleep(Duration::from_millis(20));
    }
}

/// Asserts that no file below a folder holds a secret, in whatever encoding it came.
fn assert_clean(folder: &Path) {
    assert!(clean_files(folder) > 0, "nothing to look at in {}", folder.display());
}

fn clean_files(folder: &Path) -> usize {
    let needles = [CANARY, "Y2FuYXJ5LTc3YzBkZQ"].map(str::as_bytes);
    let mut files = 0;
    for entry in fs::read_dir(folder).expect("folder") {
        let path = entry.expect("entry").path();
        if path.is_dir() {
            files += clean_files(&path);
            continue;
        }
        let mut bytes = Vec::new();
        fs::File::open(&path).and_then(|mut file| file.read_to_end(&mut bytes)).expect("file");
        for needle in needles {
            let found = bytes.windows(needle.len()).any(|window| window == needle);
            assert!(!found, "a secret in {}", path.display());
        }
        files += 1;
    }
    files
}

/// Random numbers that a seed repeats.
struct Random(u64);

impl Random {
    fn below(&mut self, limit: u64) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0 % limit
    }
}
