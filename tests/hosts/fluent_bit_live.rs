//! What happens while Fluent Bit runs: the log is rotated, Fluent Bit is restarted, the policy is
//! changed. With `FLUENT_BIT` alone.

use std::fs::{self, OpenOptions};
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use auditweir_tests::vector::Sink;
use auditweir_wasm_pack::Artifact;
use serde_json::Value;

use crate::fluent_bit::{Place, binary};

/// A running Fluent Bit, its log and its output.
struct Running {
    binary: PathBuf,
    place: Place,
    child: Option<Child>,
}

impl Running {
    /// Fluent Bit over `path`, with what else is in the configuration; not started.
    fn new(binary: PathBuf, path: &str, head: &str, filter: &str) -> Self {
        let place = Place::new();
        let text = format!(
            "{}service:\n  flush: 0.2\n  grace: 2\n  hot_reload: on\n\
             pipeline:\n  inputs:\n    - name: tail\n      tag: kube.audit\n      path: {}\n      \
             db: {}\n      db.locking: true\n      read_from_head: true\n      rotate_wait: 30\n      \
             refresh_interval: 5\n  filters:\n{filter}  outputs:\n    - name: file\n      \
             match: kube.audit\n      path: {}\n      file: out\n      format: plain\n",
            head,
            place.path(path),
            place.path("audit.db"),
            place.path(""),
        );
        let text = text.replace("PLACE/", &place.path(""));
        fs::write(place.path("fluent-bit.yaml"), text).expect("configuration");
        Self { binary, place, child: None }
    }

    fn start(&mut self) {
        let log = OpenOptions::new().create(true).append(true).open(self.place.path("log"));
        let log = log.expect("log");
        let child = Command::new(&self.binary)
            .args(["-c", &self.place.path("fluent-bit.yaml")])
            .env_remove("LD_LIBRARY_PATH")
            .stdin(Stdio::null())
            .stdout(log.try_clone().expect("log"))
            .stderr(log)
            .spawn();
        self.child = Some(child.expect("FLUENT_BIT"));
    }

    fn signal(&self, name: &str) {
        let id = self.child.as_ref().expect("runs").id().to_string();
        let status = Command::new("kill").args([name, &id]).status().expect("kill");
        assert!(status.success(), "{}", self.log());
    }

    fn stop(&mut self) {
        self.signal("-TERM");
        let status = self.child.take().expect("runs").wait().expect("child");
        assert!(status.success(), "{}", self.log());
    }

    fn log(&self) -> String {
        fs::read_to_string(self.place.path("log")).unwrap_or_default()
    }

    /// Appends an event to a file of the log's folder.
    fn event(&self, id: &str, file: &str) {
        let path = self.place.path(file);
        let mut file = OpenOptions::new().create(true).append(true).open(path).expect("log");
        let event = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","verb":"get","auditID":"#;
        writeln!(file, "{event}\"{id}\"}}").expect("log");
    }

    fn rotate(&self, to: &str) {
        fs::rename(self.place.path("audit.log"), self.place.path(to)).expect("rotation");
    }

    /// The clean events so far: each record, or its text under `log`.
    fn events(&self) -> Vec<Value> {
        let text = fs::read_to_string(self.place.path("out")).unwrap_or_default();
        let whole = text.rfind('\n').map_or("", |end| &text[..end]);
        let event = |line: &str| {
            let record: Value = serde_json::from_str(line).expect("JSON");
            match record["log"].as_str() {
                Some(text) => serde_json::from_str(text).expect("JSON"),
                None => record,
            }
        };
        whole.lines().map(event).collect()
    }

    fn ids(&self) -> Vec<String> {
        let id = |event: &Value| event["auditID"].as_str().unwrap_or_default().to_owned();
        let mut ids: Vec<String> = self.events().iter().map(id).collect();
        ids.sort();
        ids
    }

    /// Waits until this event is through.
    fn wait(&self, id: &str) {
        let start = Instant::now();
        while !self.ids().iter().any(|known| known == id) {
            assert!(start.elapsed() < Duration::from_secs(60), "no {id}:\n{}", self.log());
            thread::sleep(Duration::from_millis(50));
        }
    }

    fn wait_for_log(&self, text: &str, times: usize) {
        let start = Instant::now();
        while self.log().matches(text).count() < times {
            assert!(start.elapsed() < Duration::from_secs(60), "no `{text}`:\n{}", self.log());
            thread::sleep(Duration::from_millis(50));
        }
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if let Some(mut child) = self.child.take() {
            _ = child.kill();
            _ = child.wait();
        }
    }
}

/// A log that is rotated while Fluent Bit runs, again while it does not, and read on.
fn rotation(binary: &Path, path: &str) -> Vec<String> {
    let filter = "    - name: modify\n      match: nothing\n";
    let mut running = Running::new(binary.to_path_buf(), path, "", filter);
    running.event("a1", "audit.log");
    running.start();
    running.wait("a1");
    running.rotate("audit-2026-01-02T03-04-05.000.log");
    // The API server may still write to the old file.
    running.event("a2", "audit-2026-01-02T03-04-05.000.log");
    running.event("b1", "audit.log");
    running.wait("a2");
    running.wait("b1");
    running.stop();
    running.event("b2-unread", "audit.log");
    running.rotate("audit-2026-01-02T04-05-06.000.log");
    running.event("c1", "audit.log");
    running.start();
    running.wait("c1");
    running.event("c2", "audit.log");
    running.wait("c2");
    running.stop();
    running.ids()
}

/// What the comments in the shipped configurations say of `path`.
#[test]
fn rotation_with_the_shipped_path_and_with_a_pattern() {
    let Some(binary) = binary() else { return };
    let ids = rotation(&binary, "audit.log");
    assert_eq!(ids, ["a1", "a2", "b1", "c1", "c2"], "what was unread at the rotation is not sent");
    let ids = rotation(&binary, "audit*.log");
    let twice = ["a1", "a1", "a2", "a2", "b1", "b2-unread", "c1", "c2"];
    assert_eq!(ids, twice, "nothing is lost; a file rotated while Fluent Bit ran is read twice");
}

/// SIGHUP with another policy, then with a wrong one.
#[test]
fn a_reload_takes_the_new_policy_and_nothing_passes_under_a_wrong_one() {
    let Some(binary) = binary() else { return };
    let library = crate::capi::library().display().to_string();
    let module = crate::wasm::artifact(Artifact::FluentBit).display().to_string();
    let script = auditweir_tests::here("../integrations/fluent-bit/lua/auditweir.lua");
    let script = script.display();
    for (route, head, filter) in [
        (
            "native",
            "plugins:\n  - PLACE/flb-filter_auditweir.so\n".to_owned(),
            "    - name: auditweir\n      match: '*'\n      policy: PLACE/auditweir.yaml\n"
                .to_owned(),
        ),
        (
            "Lua",
            format!(
                "env:\n  AUDITWEIR_LIBRARY: {library}\n  AUDITWEIR_POLICY: PLACE/auditweir.yaml\n"
            ),
            format!(
                "    - name: lua\n      match: '*'\n      script: {script}\n      call: auditweir\n"
            ),
        ),
        (
            "WebAssembly",
            String::new(),
            format!(
                "    - name: wasm\n      match: '*'\n      wasm_path: {module}\n      \
                 function_name: auditweir_native\n      accessible_paths: PLACE/\n      \
                 wasm_stack_size: 256k\n"
            ),
        ),
    ] {
        let mut running = Running::new(binary.clone(), "audit.log", &head, &filter);
        let plugin = running.place.path("flb-filter_auditweir.so");
        std::os::unix::fs::symlink(&library, plugin).expect("link");
        let policy = |text: &str| {
            fs::write(running.place.path("auditweir.yaml"), text).expect("policy");
        };
        policy("version: 1\n");
        running.event("1", "audit.log");
        running.start();
        running.wait("1");
        assert_eq!(running.events()[0]["verb"], "get", "{route}");

        let policy = |text: &str| {
            fs::write(running.place.path("auditweir.yaml"), text).expect("policy");
        };
        policy("version: 1\nredact: {rules: [{name: own, paths: [verb]}]}\n");
        running.signal("-HUP");
        running.wait_for_log("successful reload done", 1);
        running.event("2", "audit.log");
        running.wait("2");
        assert_eq!(running.events()[1]["verb"], "[redacted:own]", "{route}");

        policy("version: 1\nredact: {ruels: []}\n");
        running.signal("-HUP");
        if route == "WebAssembly" {
            // The filter sees its policy at the first record.
            running.wait_for_log("successful reload done", 2);
            running.event("3", "audit.log");
            running.wait_for_log("`ruels`", 1);
            let start = Instant::now();
            while running.events().len() < 3 {
                assert!(start.elapsed() < Duration::from_secs(60), "{}", running.log());
                thread::sleep(Duration::from_millis(50));
            }
            assert_eq!(running.events()[2]["auditweir"]["stub"], "policy-error");
            running.stop();
        } else {
            // Fluent Bit has stopped the old pipeline by then, and ends.
            running.event("3", "audit.log");
            let status = running.child.take().expect("runs").wait().expect("child");
            assert!(!status.success(), "{route}: {}", running.log());
            running.wait_for_log("`ruels`", 1);
            assert!(running.events().len() <= 3, "{route}");
            let stays =
                |event: &Value| event["auditID"] != "3" || event["verb"] == "[redacted:own]";
            assert!(running.events().iter().all(stays), "{route}: {:?}", running.events());
        }
    }
}

/// Killed in the middle, with the buffer of the shipped configuration: what was under way is sent again.
#[test]
fn nothing_is_lost_by_a_kill() {
    let Some(binary) = binary() else { return };
    let events = 10_000;
    let sink = Sink::start();
    let place = Place::new();
    std::os::unix::fs::symlink(crate::capi::library(), place.path("flb-filter_auditweir.so"))
        .expect("link");
    let text = format!(
        "service: {{ flush: 0.2, log_level: warn, storage.path: PLACE/storage, storage.sync: normal, \
         storage.checksum: off, storage.backlog.mem_limit: 32M }}\n\
         plugins: [PLACE/flb-filter_auditweir.so]\npipeline:\n  inputs:\n    \
         - {{ name: tail, path: PLACE/audit.log, db: PLACE/audit.db, db.locking: true, read_from_head: true, \
         buffer_chunk_size: 64k, buffer_max_size: 16M, storage.type: filesystem, \
         storage.pause_on_chunks_overlimit: on, static_batch_size: 256k }}\n  filters:\n    \
         - {{ name: auditweir, match: '*' }}\n  outputs:\n    \
         - {{ name: http, match: '*', host: 127.0.0.1, port: {}, format: json_lines, \
         retry_limit: no_limits, storage.total_limit_size: 2G }}\n",
        sink.port()
    );
    let text = text.replace("PLACE/", &place.path(""));
    fs::write(place.path("fluent-bit.yaml"), text).expect("configuration");
    fs::write(place.path("audit.log"), auditweir_tests::vector::events(0..events)).expect("log");
    let mut running = Running { binary, place, child: None };
    sink.slow(20);
    for time in 1..=2 {
        running.start();
        let began = Instant::now();
        while sink.count() < events * time / 3 {
            assert!(began.elapsed() < Duration::from_secs(60), "{}", running.log());
            thread::sleep(Duration::from_millis(5));
        }
        running.signal("-KILL");
        _ = running.child.take().expect("runs").wait();
    }
    sink.slow(0);
    running.start();
    let began = Instant::now();
    while sink.ids().len() < events {
        let count = sink.ids().len();
        assert!(began.elapsed() < Duration::from_secs(60), "{count}: {}", running.log());
        thread::sleep(Duration::from_millis(50));
    }
    // What came again may still be on its way: how it ends says nothing here.
    running.signal("-KILL");
    _ = running.child.take().expect("runs").wait();
    eprintln!("Fluent Bit, killed twice: {} of {events} came, {events} once or more", sink.count());
}
