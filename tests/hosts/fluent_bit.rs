//! Fluent Bit itself, when `FLUENT_BIT` names its binary: the configurations in
//! `integrations/fluent-bit/{native,lua}`, with other paths and sinks.
//!
//! Fluent Bit takes a second to start and stop. So all cases with the same setup go through one
//! run, and what comes out is compared with what the core writes for the same lines: exactly for
//! the Lua route, which hands over text; as values, as far as MessagePack holds them, for the
//! native one.

use std::collections::BTreeMap;
use std::ffi::OsStr;
use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpListener;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::sync::mpsc;
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use auditweir_tests::here;
use auditweir_tests::host::{Host as _, Setup};
use serde_json::{Number, Value};

use auditweir_tests::library::Library;

/// Longest that one run may take on a busy machine.
const PATIENCE: Duration = Duration::from_secs(120);

/// The binary; none, said loudly, if nobody names one.
pub(crate) fn binary() -> Option<PathBuf> {
    let path = env::var_os("FLUENT_BIT").map(PathBuf::from);
    if path.is_none() {
        eprintln!("SKIPPED: FLUENT_BIT is not set; nothing was run through Fluent Bit");
    }
    path
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Route {
    Native,
    /// The native filter with `text_key`.
    Text,
    Lua,
}

impl Route {
    fn folder(self) -> PathBuf {
        here("../integrations/fluent-bit").join(match self {
            Self::Native | Self::Text => "native",
            Self::Lua => "lua",
        })
    }
}

/// A folder for one run, removed afterwards.
pub(crate) struct Place(PathBuf);

impl Place {
    pub(crate) fn new() -> Self {
        static NEXT: AtomicU32 = AtomicU32::new(0);
        let next = NEXT.fetch_add(1, Ordering::Relaxed);
        let path = env::temp_dir().join(format!("auditweir-fb-{}-{next}", std::process::id()));
        fs::create_dir_all(path.join("storage")).expect("temporary folder");
        Self(path)
    }

    pub(crate) fn path(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        _ = fs::remove_dir_all(&self.0);
    }
}

/// Whether a configuration is in the classic format.
fn classic(file: &str) -> bool {
    Path::new(file).extension() == Some(OsStr::new("conf"))
}

/// A shipped configuration in the course of being fitted to a run.
struct Config(String);

impl Config {
    /// Reads `file` of the route's folder and points its paths into `place`.
    fn read(route: Route, file: &str, place: &Place) -> Self {
        let text = fs::read_to_string(route.folder().join(file)).expect(file);
        let mut config = Self(text);
        config.put("/var/log/kubernetes/audit/audit.log", &place.path("audit.log"));
        config.put("/var/lib/fluent-bit/", &place.path(""));
        config.put("/fluent-bit/etc/auditweir/policy.yaml", &place.path("policy.yaml"));
        match route {
            Route::Native | Route::Text => {
                let plugin = place.path("flb-filter_auditweir.so");
                std::os::unix::fs::symlink(super::capi::library(), &plugin).expect("link");
                if classic(file) {
                    let list = fs::read_to_string(route.folder().join("plugins.conf")).unwrap();
                    let mut list = Self(list);
                    list.put("/fluent-bit/plugins/flb-filter_auditweir.so", &plugin);
                    fs::write(place.path("plugins.conf"), list.0).expect("plugins.conf");
                    config.put("/fluent-bit/etc/plugins.conf", &place.path("plugins.conf"));
                } else {
                    config.put("/fluent-bit/plugins/flb-filter_auditweir.so", &plugin);
                }
            }
            Route::Lua => {
                let library = super::capi::library().display().to_string();
                let script = route.folder().join("auditweir.lua").display().to_string();
                config.put("/fluent-bit/lib/libauditweir.so", &library);
                config.put("/fluent-bit/etc/auditweir.lua", &script);
                if classic(file) {
                    let parsers = route.folder().join("parsers.conf").display().to_string();
                    config.put("/fluent-bit/etc/parsers.conf", &parsers);
                }
            }
        }
        config
    }

    /// Replaces a text that must be there.
    fn put(&mut self, old: &str, new: &str) {
        assert!(self.0.contains(old), "`{old}` is not in the configuration");
        self.0 = self.0.replace(old, new);
    }

    /// Ends the run at the end of the file, and quickly.
    fn once(&mut self) {
        if self.0.contains("service:") {
            self.put("read_from_head: true", "read_from_head: true\n      exit_on_eof: true");
            self.put("flush: 1\n", "flush: 0.2\n  grace: 5\n");
            self.put("http_server: on", "http_server: off");
        } else {
            let tail = "read_from_head            true";
            self.put(tail, &format!("{tail}\n    exit_on_eof true"));
            self.put("flush                     1", "flush 0.2\n    grace 5");
        }
    }

    /// Writes records to a file instead of a cluster.
    fn write_file(&mut self, place: &Place) {
        let at = self.0.find("  outputs:").expect("outputs");
        self.0.truncate(at);
        let output = format!(
            "  outputs:\n    - name: file\n      match: kube.audit\n      path: {}\n      \
             file: out\n      format: plain\n",
            place.path("")
        );
        self.0.push_str(&output);
    }

    /// Saves the configuration and its policy, and returns its path.
    fn save(&self, place: &Place, name: &str, policy: Option<&str>) -> String {
        fs::write(place.path("policy.yaml"), policy.unwrap_or("version: 1\n")).expect("policy");
        fs::write(place.path(name), &self.0).expect("configuration");
        place.path(name)
    }
}

/// Starts Fluent Bit; its log goes to `log` in `place`.
fn start(binary: &Path, config: &str, place: &Place, more: &[&str]) -> Child {
    let log = fs::File::create(place.path("log")).expect("log");
    Command::new(binary)
        .args(["-c", config])
        .args(more)
        .env("ES_USER", "u")
        .env("ES_PASSWORD", "p")
        .env("OPENSEARCH_USER", "u")
        .env("OPENSEARCH_PASSWORD", "p")
        .env_remove("LD_LIBRARY_PATH")
        .stdin(Stdio::null())
        .stdout(log.try_clone().expect("log"))
        .stderr(log)
        .spawn()
        .expect("FLUENT_BIT")
}

/// Waits for the end and returns whether it was a success, and the log.
fn finish(mut child: Child, place: &Place) -> (bool, String) {
    let start = Instant::now();
    let status = loop {
        if let Some(status) = child.try_wait().expect("child") {
            break status;
        }
        if start.elapsed() > PATIENCE {
            _ = child.kill();
            panic!("Fluent Bit did not stop:\n{}", fs::read_to_string(place.path("log")).unwrap());
        }
        thread::sleep(Duration::from_millis(20));
    };
    let log = fs::read(place.path("log")).unwrap_or_default();
    (status.success(), String::from_utf8_lossy(&log).into_owned())
}

/// Records that come out of a route for these lines, as JSON texts, and Fluent Bit's log. Without
/// `parser` the Lua route shows the clean lines themselves.
fn run(
    binary: &Path,
    route: Route,
    setup: &Setup<'_>,
    input: &[u8],
    parser: bool,
) -> Result<(Vec<String>, String), String> {
    let place = Place::new();
    let mut config = Config::read(route, "fluent-bit.yaml", &place);
    config.once();
    config.write_file(&place);
    config.put(
        match route {
            Route::Native | Route::Text => "format: ecs",
            Route::Lua => "AUDITWEIR_FORMAT: ecs",
        },
        &match route {
            Route::Native => format!("format: {}", setup.to),
            Route::Text => format!("format: {}\n      text_key: log", setup.to),
            Route::Lua => format!("AUDITWEIR_FORMAT: {}", setup.to),
        },
    );
    if let Some(key) = setup.key {
        fs::write(place.path("key"), key).expect("key");
        let name = match route {
            Route::Native | Route::Text => "pseudonym_key_file",
            Route::Lua => "AUDITWEIR_PSEUDONYM_KEY_FILE",
        };
        let line = format!("# {name}: /fluent-bit/etc/auditweir/pseudonym.key");
        config.put(&line, &format!("{name}: {}", place.path("key")));
    }
    if route == Route::Lua && !parser {
        config.put("    - name: parser", "    - name: parser\n      # off\n");
        config.put("match: kube.audit\n      key_name: log", "match: nothing\n      key_name: log");
    }
    fs::write(place.path("audit.log"), input).expect("input");
    let path = config.save(&place, "fluent-bit.yaml", setup.policy);
    let (success, log) = finish(start(binary, &path, &place, &[]), &place);
    if !success {
        return Err(log);
    }
    let out = fs::read(place.path("out")).unwrap_or_default();
    let out = String::from_utf8(out).map_err(|error| error.to_string())?;
    Ok((out.lines().map(str::to_owned).collect(), log))
}

/// A value as it is after MessagePack: what no 64-bit number holds is text.
fn as_msgpack_holds_it(value: &mut Value) {
    match value {
        Value::Number(number) => {
            let text = number.to_string();
            let whole = !text.contains(['.', 'e', 'E']);
            if whole && text != "-0" && (number.is_u64() || number.is_i64()) {
                return;
            }
            match text.parse::<f64>() {
                Ok(float) if float.is_finite() && (!whole || text == "-0") => {
                    let same = serde_json::from_str::<Number>(&format!("{float:?}"));
                    *number = same.expect("a float is a number");
                }
                // serde_json writes the plus of an exponent that had none.
                _ => *value = Value::String(text.replace("e+", "e")),
            }
        }
        Value::Array(items) => items.iter_mut().for_each(as_msgpack_holds_it),
        Value::Object(members) => members.values_mut().for_each(as_msgpack_holds_it),
        _ => {}
    }
}

/// Containers deeper than `depth`, and the texts that stand for them, by what is in them.
fn cut_depth(value: &mut Value, depth: usize) {
    match value {
        Value::String(text) if depth == 0 => {
            if let Ok(mut inner @ (Value::Array(_) | Value::Object(_))) = serde_json::from_str(text)
            {
                as_msgpack_holds_it(&mut inner);
                *value = inner;
            }
        }
        _ if depth == 0 => {}
        Value::Array(items) => items.iter_mut().for_each(|item| cut_depth(item, depth - 1)),
        Value::Object(members) => members.values_mut().for_each(|item| cut_depth(item, depth - 1)),
        _ => {}
    }
}

/// JSON text with `\u` escapes of lone surrogates, which UTF-8 cannot hold, as U+FFFD.
fn without_lone_surrogates(line: &str) -> String {
    let mut out = String::new();
    let mut rest = line;
    while let Some(at) = rest.find('\\') {
        out.push_str(&rest[..at]);
        rest = &rest[at..];
        let code = |text: &str| {
            let digits = text.strip_prefix("\\u")?.get(..4)?;
            u32::from_str_radix(digits, 16).ok()
        };
        let len = match code(rest) {
            Some(0xd800..0xdc00) if matches!(code(&rest[6..]), Some(0xdc00..0xe000)) => 12,
            Some(0xd800..0xe000) => {
                out.push('\u{fffd}');
                rest = &rest[6..];
                continue;
            }
            _ => 2,
        };
        out.push_str(&rest[..len]);
        rest = &rest[len..];
    }
    out + rest
}

fn parse(text: &str) -> Value {
    let mut value = serde_json::from_str(text).unwrap_or_else(|error| panic!("{error}: {text}"));
    as_msgpack_holds_it(&mut value);
    value
}

/// Policy, key and shape of a case.
type CaseSetup = (Option<String>, Option<String>, String);

/// All cases through one route.
fn cases(route: Route) {
    let Some(binary) = binary() else { return };
    // Lines of cases that share a setup, with their titles.
    let mut groups: BTreeMap<CaseSetup, Vec<(String, Vec<u8>)>> = BTreeMap::new();
    for file in auditweir_tests::cases() {
        for case in &file.cases {
            let key = (file.policy(case), case.key.clone(), case.to.clone());
            let input = file.input(case).expect("input");
            let lines = groups.entry(key).or_default();
            for line in input.split(|byte| *byte == b'\n') {
                // Tail takes the line end off, CR LF too, and does not pass on empty lines.
                let line = line.strip_suffix(b"\r").unwrap_or(line);
                if !line.is_empty() {
                    lines.push((format!("{}: {}", file.file, case.name), line.to_vec()));
                }
            }
        }
    }
    let mut wrong = Vec::new();
    let mut records = 0;
    for ((policy, key, to), lines) in &groups {
        let setup = Setup { policy: policy.as_deref(), key: key.as_deref().map(str::as_bytes), to };
        let mut input = Vec::new();
        let mut titles: Vec<&str> = Vec::new();
        for (title, line) in lines {
            input.extend_from_slice(line);
            input.push(b'\n');
            let out = Library.run(&setup, line).expect("core").stdout;
            titles.extend(out.split(|byte| *byte == b'\n').skip(1).map(|_| title.as_str()));
        }
        // All through one filter, as here: a stub in `ecs` has the time of the event before it.
        let expected = Library.run(&setup, &input).expect("core").stdout;
        let expected = String::from_utf8(expected).expect("UTF-8");
        let expected: Vec<(&str, &str)> = titles.into_iter().zip(expected.lines()).collect();
        let (got, log) = match run(&binary, route, &setup, &input, false) {
            Ok(output) => output,
            Err(log) => {
                wrong.push(format!("{policy:?} {to}: {log}"));
                continue;
            }
        };
        for bad in ["[error]", "lua-error", "\"panics\":1"] {
            if log.contains(bad) {
                wrong.push(format!("{bad} in the log:\n{log}"));
            }
        }
        if got.len() != expected.len() {
            wrong.push(format!("{policy:?} {to}: {} records, not {}", got.len(), expected.len()));
        }
        for ((title, expected), got) in expected.iter().zip(&got) {
            records += 1;
            let same = match route {
                Route::Lua => {
                    let record: Value = serde_json::from_str(got).expect("JSON");
                    // `message` if it nests too deeply for a parser.
                    let log = record["log"].as_str().or(record["message"].as_str());
                    let log = log.unwrap_or_default();
                    log == *expected || log == without_lone_surrogates(expected)
                }
                Route::Text => {
                    let record: Value = serde_json::from_str(got).expect("JSON");
                    record["log"].as_str() == Some(*expected)
                }
                Route::Native => {
                    let mut expected = parse(&without_lone_surrogates(expected));
                    cut_depth(&mut expected, 31);
                    let mut got = parse(got);
                    cut_depth(&mut got, 31);
                    got == expected
                }
            };
            if !same {
                wrong.push(format!("{title}\n  expected {expected}\n  got      {got}"));
                break;
            }
        }
    }
    eprintln!("Fluent Bit: {records} records in {} runs, {} wrong", groups.len(), wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(records > 100, "hardly any record came out");
}

#[test]
fn native_cases() {
    cases(Route::Native);
}

#[test]
fn native_cases_as_text() {
    cases(Route::Text);
}

#[test]
fn lua_cases() {
    cases(Route::Lua);
}

const SECRET_EVENT: &str = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Request","auditID":"1","stage":"ResponseComplete","verb":"create","user":{"username":"u"},"requestURI":"/api/v1/namespaces/a/secrets","objectRef":{"resource":"secrets","namespace":"a","name":"s","apiVersion":"v1"},"requestObject":{"kind":"Secret","apiVersion":"v1","stringData":{"x":"hunter2-hunter2"}},"requestReceivedTimestamp":"2026-01-02T03:04:05.000006Z","stageTimestamp":"2026-01-02T03:04:05.001006Z"}"#;

/// The shipped files as they are, but for paths: accepted, and the records reach the cluster.
#[test]
fn shipped_configurations_deliver() {
    let Some(binary) = binary() else { return };
    for (route, file) in [
        (Route::Native, "fluent-bit.yaml"),
        (Route::Native, "fluent-bit.conf"),
        (Route::Lua, "fluent-bit.yaml"),
        (Route::Lua, "fluent-bit.conf"),
    ] {
        let place = Place::new();
        let mut config = Config::read(route, file, &place);
        let path = config.save(&place, file, None);
        let (success, log) = finish(start(&binary, &path, &place, &["--dry-run"]), &place);
        assert!(success && log.contains("configuration test is successful"), "{file}: {log}");

        let listener = TcpListener::bind("127.0.0.1:0").expect("port");
        let port = listener.local_addr().expect("port").port().to_string();
        let (send, receive) = mpsc::channel();
        thread::spawn(move || cluster(&listener, &send));
        config.once();
        if classic(file) {
            config.put("opensearch.example.com", "127.0.0.1");
            config.put("port                      9200", &format!("port {port}"));
            config.put("tls                       on", "tls off");
        } else {
            config.put("elasticsearch.example.com", "127.0.0.1");
            config.put("port: 9200", &format!("port: {port}"));
            config.put("tls: on", "tls: off");
        }
        let junk = "not json hunter2-hunter2";
        fs::write(place.path("audit.log"), format!("{SECRET_EVENT}\n{junk}\n")).expect("input");
        let path = config.save(&place, file, None);
        let (success, log) = finish(start(&binary, &path, &place, &[]), &place);
        assert!(success, "{file}: {log}");
        let mut lines = Vec::new();
        while let Ok(body) = receive.try_recv() {
            assert!(!body.contains("hunter2"), "{body}");
            lines.extend(body.lines().map(str::to_owned).collect::<Vec<_>>());
        }
        assert_eq!(lines.len(), 4, "two actions, two documents: {lines:?}\n{log}");
        let action = parse(&lines[0]);
        let event = parse(&lines[1]);
        assert_eq!(action["create"]["_index"], "logs-kubernetes.audit_logs-default", "{action}");
        assert_eq!(action["create"]["_id"], event["event"]["hash"], "{action} {event}");
        assert_eq!(event["@timestamp"], "2026-01-02T03:04:05.001006Z");
        assert_eq!(lines[1].matches("\"@timestamp\"").count(), 1, "{event}");
        assert!(event["fluent_bit_time"].is_string(), "{event}");
        assert!(lines[3].contains("json-bad-literal") || lines[3].contains("stub"), "{}", lines[3]);
    }
}

/// The shipped file that splits: all events go to one place, those with findings to another as well.
#[test]
fn findings_go_to_an_output_of_their_own() {
    let Some(binary) = binary() else { return };
    let place = Place::new();
    let mut config = Config::read(Route::Native, "alerts.yaml", &place);
    config.once();
    let mut receivers = Vec::new();
    for host in ["events.example.com", "alerts.example.com"] {
        let listener = TcpListener::bind("127.0.0.1:0").expect("port");
        let port = listener.local_addr().expect("port").port();
        let (send, receive) = mpsc::channel();
        thread::spawn(move || cluster(&listener, &send));
        receivers.push(receive);
        let old = format!("{host}\n      port: 443");
        config.put(&old, &format!("127.0.0.1\n      port: {port}"));
    }
    config.put("tls: on", "tls: off");
    let exec = SECRET_EVENT
        .replace("/secrets\"", "/pods/p/exec?command=sh\"")
        .replace(r#""resource":"secrets""#, r#""resource":"pods","subresource":"exec""#)
        .replace("\"requestObject\"", "\"responseStatus\":{\"code\":101},\"requestObject\"");
    let quiet = exec.replace("exec", "status");
    fs::write(place.path("audit.log"), format!("{exec}\n{quiet}\n")).expect("input");
    let path = config.save(&place, "alerts.yaml", Some("version: 1\nrules: {}\n"));
    let (success, log) = finish(start(&binary, &path, &place, &[]), &place);
    assert!(success, "{log}");
    let lines = receivers.iter().map(|receive| {
        let bodies: Vec<String> = receive.try_iter().collect();
        bodies.iter().flat_map(|body| body.lines()).map(parse).collect::<Vec<_>>()
    });
    let [all, found] = lines.collect::<Vec<_>>().try_into().expect("two receivers");
    assert_eq!((all.len(), found.len()), (2, 1), "{log}");
    assert!(
        found[0]["rule"]["category"].as_array().is_some_and(|all| all.contains(&"pod_exec".into()))
    );
}

/// Takes bulk requests and hands on their bodies.
fn cluster(listener: &TcpListener, send: &mpsc::Sender<String>) {
    for stream in listener.incoming() {
        let Ok(stream) = stream else { return };
        let mut reader = BufReader::new(stream);
        loop {
            let (mut length, mut gzip, mut line) = (0, false, String::new());
            if reader.read_line(&mut line).unwrap_or(0) == 0 {
                break;
            }
            loop {
                line.clear();
                if reader.read_line(&mut line).unwrap_or(0) == 0 || line.trim().is_empty() {
                    break;
                }
                let lower = line.to_ascii_lowercase();
                if let Some(value) = lower.strip_prefix("content-length:") {
                    length = value.trim().parse().unwrap_or(0);
                }
                gzip |= lower.starts_with("content-encoding:") && lower.contains("gzip");
            }
            let mut body = vec![0; length];
            if reader.read_exact(&mut body).is_err() {
                break;
            }
            let mut text = String::new();
            if gzip {
                let mut decoder = flate2::read::MultiGzDecoder::new(&body[..]);
                decoder.read_to_string(&mut text).expect("gzip");
            } else {
                text = String::from_utf8(body).expect("UTF-8");
            }
            // Before the answer, so that it is there when Fluent Bit has stopped.
            if send.send(text).is_err() {
                return;
            }
            let answer = "{\"errors\":false,\"items\":[]}";
            let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length:";
            _ = write!(reader.get_mut(), "{head} {}\r\n\r\n{answer}", answer.len());
        }
    }
}

/// With a policy that cannot be used Fluent Bit does not start, and says where the error is.
#[test]
fn a_wrong_policy_keeps_it_from_starting() {
    let Some(binary) = binary() else { return };
    for route in [Route::Native, Route::Lua] {
        let place = Place::new();
        let mut config = Config::read(route, "fluent-bit.yaml", &place);
        config.once();
        config.write_file(&place);
        fs::write(place.path("audit.log"), format!("{SECRET_EVENT}\n")).expect("input");
        let policy = "version: 1\nredact:\n  ruels: []\n";
        let path = config.save(&place, "fluent-bit.yaml", Some(policy));
        let (success, log) = finish(start(&binary, &path, &place, &[]), &place);
        assert!(!success, "{log}");
        assert!(log.contains("ruels") && log.contains("3:3"), "{log}");
        assert!(fs::read(place.path("out")).unwrap_or_default().is_empty());
    }
}

/// However deep an event nests, it and the events of its chunk come out: Fluent Bit's outputs lose
/// the chunk of a record that is deeper than 64.
#[test]
fn deep_events_do_not_cost_their_chunk() {
    let Some(binary) = binary() else { return };
    let setup = Setup { policy: None, key: None, to: "native" };
    let mut input = String::new();
    for depth in (20..99).step_by(3).chain([28, 29, 30, 31, 60, 61, 62, 63, 64]) {
        let body = r#"{"a":"#.repeat(depth) + "1" + &"}".repeat(depth);
        let event = format!(
            "{{\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\",\"auditID\":\"d{depth}\",\
             \"requestObject\":{body}}}"
        );
        input.push_str(&event);
        input.push('\n');
    }
    for route in [Route::Native, Route::Lua] {
        let (out, log) = run(&binary, route, &setup, input.as_bytes(), true).expect("run");
        assert_eq!(out.len(), input.lines().count(), "{log}");
    }
}

/// An event as large as an object in etcd may be, twice in it, in one line.
#[test]
fn three_mebibytes_in_one_line() {
    let Some(binary) = binary() else { return };
    let blob = "x".repeat(3 << 19);
    let event = SECRET_EVENT
        .replace("hunter2-hunter2", &blob)
        .replace("\"requestReceived", &format!("\"responseObject\":{{\"kind\":\"Secret\",\"apiVersion\":\"v1\",\"data\":{{\"y\":\"{blob}\"}}}},\"requestReceived"));
    assert!(event.len() > 3 << 20);
    let setup = Setup { policy: None, key: None, to: "native" };
    for route in [Route::Native, Route::Lua] {
        let input = format!("{event}\n{SECRET_EVENT}\n");
        let (out, log) = run(&binary, route, &setup, input.as_bytes(), true).expect("run");
        assert_eq!(out.len(), 2, "{log}");
        assert!(!out[0].contains("xxxx") && out[0].contains("[redacted:secret-values]"));
    }
}
