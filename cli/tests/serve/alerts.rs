//! Alerts: what each receiver gets, when, how often, and that none waits for anybody else.
//! `alertmanager.rs` asks the same of a real Alertmanager.

use std::collections::BTreeSet;
use std::io::Write as _;
use std::net::{TcpListener, TcpStream};
use std::process::Stdio;
use std::sync::atomic::{AtomicBool, Ordering};

use serde_json::Value;

use super::index::Index;
use super::*;

/// A request that came.
#[derive(Clone, Debug)]
pub(crate) struct Request {
    pub(crate) path: String,
    pub(crate) headers: Vec<(String, String)>,
    pub(crate) body: String,
    pub(crate) at: Instant,
}

impl Request {
    pub(crate) fn json(&self) -> Value {
        serde_json::from_str(&self.body).expect("JSON")
    }

    fn header(&self, name: &str) -> &str {
        let found = self.headers.iter().find(|(known, _)| known == name);
        found.map_or("", |(_, value)| value.as_str())
    }
}

/// Takes any request and answers with what `judge` says about the body and how many came before.
pub(crate) struct Receiver {
    pub(crate) url: String,
    requests: Arc<Mutex<Vec<Request>>>,
}

impl Receiver {
    pub(crate) fn start(judge: impl Fn(&str, usize) -> u16 + Send + Sync + 'static) -> Self {
        let socket = TcpListener::bind("127.0.0.1:0").expect("address");
        let url = format!("http://{}", socket.local_addr().expect("address"));
        let requests = Arc::new(Mutex::new(Vec::new()));
        let (judge, kept) = (Arc::new(judge), Arc::clone(&requests));
        thread::spawn(move || {
            for stream in socket.incoming().flatten() {
                let (judge, kept) = (Arc::clone(&judge), Arc::clone(&kept));
                thread::spawn(move || while answer(&stream, &*judge, &kept).is_some() {});
            }
        });
        Self { url, requests }
    }

    /// What was answered with 2xx is not told apart from what was not.
    pub(crate) fn requests(&self) -> Vec<Request> {
        self.requests.lock().unwrap().clone()
    }
}

fn answer(
    stream: &TcpStream,
    judge: &dyn Fn(&str, usize) -> u16,
    kept: &Mutex<Vec<Request>>,
) -> Option<()> {
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    if reader.read_line(&mut line).ok()? == 0 {
        return None;
    }
    let path = line.split(' ').nth(1)?.to_owned();
    let mut headers = Vec::new();
    loop {
        line.clear();
        reader.read_line(&mut line).ok()?;
        let Some((name, value)) = line.trim().split_once(": ") else { break };
        headers.push((name.to_ascii_lowercase(), value.to_owned()));
    }
    let length = headers.iter().find(|(name, _)| name == "content-length")?.1.parse().ok()?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body).ok()?;
    let body = String::from_utf8(body).ok()?;
    let mut kept = kept.lock().unwrap();
    let status = judge(&body, kept.len());
    kept.push(Request { path, headers, body, at: Instant::now() });
    drop(kept);
    let mut stream = stream;
    // In one piece: the second of two small ones waits for word of the first, which may take 40 ms.
    let answer = format!("HTTP/1.1 {status} X\r\ncontent-length: 0\r\n\r\n");
    stream.write_all(answer.as_bytes()).ok()
}

/// Somebody runs a command in a container.
pub(crate) fn exec(id: &str, user: &str) -> String {
    format!(
        r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"{id}","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/shop/pods/web/exec?command=sh&token={CANARY}","verb":"create","user":{{"username":"{user}"}},"sourceIPs":["10.0.0.1"],"objectRef":{{"resource":"pods","subresource":"exec","namespace":"shop","name":"web","apiVersion":"v1"}},"responseStatus":{{"metadata":{{}},"code":101}},"annotations":{{"authorization.k8s.io/decision":"allow"}},"requestReceivedTimestamp":"2026-01-02T03:04:05.000001Z","stageTimestamp":"2026-01-02T03:04:05.000002Z"}}"#
    )
}

/// `secret_burst`: five distinct Secrets by one user within a minute.
pub(crate) fn secret(id: &str, name: &str) -> String {
    format!(
        r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"{id}","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/shop/secrets/{name}","verb":"get","user":{{"username":"jane"}},"sourceIPs":["10.0.0.1"],"objectRef":{{"resource":"secrets","namespace":"shop","name":"{name}","apiVersion":"v1"}},"responseStatus":{{"metadata":{{}},"code":200}},"annotations":{{"authorization.k8s.io/decision":"allow"}},"requestReceivedTimestamp":"2026-01-02T03:04:05.000001Z","stageTimestamp":"2026-01-02T03:04:05.000002Z"}}"#
    )
}

pub(crate) struct Setup {
    pub(crate) folder: PathBuf,
    args: Vec<String>,
}

impl Setup {
    pub(crate) fn new(name: &str, sink: &str, alerts: &[&str]) -> Self {
        let folder = folder(name);
        let file = |name: &str, text: &str| {
            let path = folder.join(name);
            fs::write(&path, text).expect("file");
            path.display().to_string()
        };
        let mut args = vec![
            "--listen=127.0.0.1:0".to_owned(),
            "--jobs=2".to_owned(),
            format!("--spool={}", folder.join("spool").display()),
            format!("--sink={sink}"),
            format!("--webhook-key-file={}", file("webhook.key", "0123456789abcdef\n")),
            format!("--pagerduty-key-file={}", file("pagerduty.key", "routing\n")),
        ];
        args.extend(alerts.iter().map(|sink| format!("--alerts={sink}")));
        Self { folder, args }
    }

    pub(crate) fn start(&self, more: &[&str]) -> Server {
        let args: Vec<&str> =
            self.args.iter().map(String::as_str).chain(more.iter().copied()).collect();
        Server::start(&args)
    }
}

pub(crate) fn send(server: &Server, events: &[String]) {
    assert_eq!(post(&agent(), &server.url, &batch(events)).expect("answer"), (200, None));
}

/// Requests that speak of one rule.
fn about(requests: &[Request], intent: &str) -> Vec<Request> {
    requests.iter().filter(|request| request.body.contains(intent)).cloned().collect()
}

/// Many matches of one rule by one user are one alert at each receiver, and it is over after quiet.
#[test]
fn a_thousand_matches_are_one_alert_which_ends() {
    let taken = || Receiver::start(|_, _| 200);
    let (manager, pager, slack, hook) = (taken(), taken(), taken(), taken());
    let sinks = [
        format!("alertmanager:{}", manager.url),
        format!("pagerduty:{}/v2/enqueue", pager.url),
        "slack".to_owned(),
        format!("webhook:{}/hook", hook.url),
    ];
    let setup = Setup::new("alerts-all", "stdout", &sinks.each_ref().map(String::as_str));
    let url = setup.folder.join("slack.url");
    fs::write(&url, format!("{}/services/T/B/X", slack.url)).unwrap();
    let url = format!("--slack-url-file={}", url.display());
    let server = setup.start(&[&url, "--alerts-quiet=2s"]);
    for round in 0..10 {
        let events: Vec<_> =
            (0..100).map(|number| exec(&format!("{round}-{number}"), "<!channel>")).collect();
        send(&server, &events);
    }
    let intent = "197a70ab-4555-5991-8c86-fd6403c6dc8b";
    let done = |requests: Vec<Request>, word: &str| about(&requests, word).len();
    eventually("all is over", || {
        done(hook.requests(), "\"resolved\"") > 0
            && done(pager.requests(), "\"resolve\"") > 0
            && done(slack.requests(), "quiet again") > 0
    });
    let (status, messages) = server.end();
    assert!(status.success(), "{messages}");

    // Alertmanager: v2/api/openapi.yaml, `postableAlerts`.
    let alerts: Vec<Value> = manager
        .requests()
        .iter()
        .flat_map(|request| {
            assert_eq!(request.path, "/api/v2/alerts");
            assert_eq!(request.header("content-type"), "application/json");
            request.json().as_array().expect("an array").clone()
        })
        .filter(|alert| alert["labels"]["rule_id"] == intent)
        .collect();
    let labels: BTreeSet<String> = alerts.iter().map(|alert| alert["labels"].to_string()).collect();
    assert_eq!(labels.len(), 1, "{labels:?}");
    for alert in &alerts {
        let keys: Vec<&String> = alert.as_object().unwrap().keys().collect();
        assert_eq!(keys, ["labels", "annotations", "startsAt", "endsAt"]);
        assert_eq!(alert["labels"]["actor"], "<!channel>");
        assert_eq!(alert["labels"]["alertname"], "pod_exec");
    }
    // PagerDuty: one incident by its dedup_key, triggered and resolved.
    let events: Vec<Value> = pager.requests().iter().map(Request::json).collect();
    let ours: Vec<&Value> = events.iter().filter(|e| e["payload"]["class"] == "pod_exec").collect();
    let key = ours[0]["dedup_key"].as_str().unwrap();
    let same: Vec<&str> = events
        .iter()
        .filter(|event| event["dedup_key"] == key)
        .map(|event| event["event_action"].as_str().unwrap())
        .collect();
    assert_eq!(same.last(), Some(&"resolve"), "{same:?}");
    assert!(
        same.len() <= 3 && same[..same.len() - 1].iter().all(|say| *say == "trigger"),
        "{same:?}"
    );
    assert!(events.iter().all(|event| event["routing_key"] == "routing"));
    // Slack: nobody is called.
    for request in slack.requests() {
        assert_eq!(request.path, "/services/T/B/X");
        assert!(!request.body.contains("<!"), "{}", request.body);
        assert!(request.json()["blocks"][0]["text"]["text"].is_string());
    }
    // Webhook: signed.
    let hooks = about(&hook.requests(), intent);
    let last = hooks.last().unwrap();
    assert_eq!((last.path.as_str(), &last.json()["count"]), ("/hook", &Value::from(1000)));
    let signed = format!("{}.{}", last.header("x-auditweir-timestamp"), last.body);
    let mut openssl = Command::new("openssl")
        .args(["dgst", "-sha256", "-hmac", "0123456789abcdef"])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .expect("openssl");
    openssl.stdin.take().unwrap().write_all(signed.as_bytes()).unwrap();
    let output = String::from_utf8(openssl.wait_with_output().unwrap().stdout).unwrap();
    let digest = output.trim().rsplit(' ').next().unwrap();
    assert_eq!(last.header("x-auditweir-signature"), format!("sha256={digest}"));
    for receiver in [&manager, &pager, &slack, &hook] {
        assert!(receiver.requests().iter().all(|request| !request.body.contains(CANARY)));
    }
    assert!(!messages.contains("services/T/B/X") && !messages.contains("routing"), "{messages}");
}

/// The index of the events is down, and so is another receiver: alerts come within a second.
#[test]
fn nobody_waits_for_an_index_that_is_down() {
    let hook = Receiver::start(|_, _| 204);
    let sinks = [format!("webhook:{}", hook.url), "alertmanager:http://127.0.0.1:1".to_owned()];
    let setup = Setup::new(
        "alerts-down",
        "elasticsearch:http://127.0.0.1:1",
        &sinks.each_ref().map(String::as_str),
    );
    let server = setup.start(&["--drain=1s", "--spool-max=4MiB", "--max-body=1MiB"]);
    let start = Instant::now();
    send(&server, &[exec("first", "jane")]);
    eventually("an alert", || !hook.requests().is_empty());
    let took = hook.requests()[0].at - start;
    assert!(took < Duration::from_secs(1), "{took:?}");
    // Nor for room: what fills the spool up is looked through all the same.
    let agent = agent();
    let full = (0..100).any(|number| {
        let events = [event(&format!("fill-{number}"), 200_000)];
        post(&agent, &server.url, &batch(&events)).expect("answer").0 == 503
    });
    assert!(full);
    let last = batch(&[event("more", 300_000), exec("late", "eve")]);
    let answer = post(&agent, &server.url, &last).expect("answer");
    assert_eq!(answer, (503, Some(10)));
    eventually("an alert", || !about(&hook.requests(), "eve").is_empty());
    // It comes again, as API servers do, and is no other match.
    post(&agent, &server.url, &last).expect("answer");
    let again = "auditweir_alerts_total{sink=\"webhook\",result=\"already_there\"}";
    eventually("known", || server.metric(again) > 0);
    assert_eq!(server.metric("auditweir_alert_failing{sink=\"alertmanager\"}"), 1);
    assert_eq!(server.metric("auditweir_alert_failing{sink=\"webhook\"}"), 0);
    let (status, messages) = server.end();
    assert!(status.success(), "{messages}");
    assert!(messages.contains("alertmanager: no connection"), "{messages}");
}

/// Receivers that fail get it later; what one will never take becomes a dead letter, once.
#[test]
fn what_fails_is_tried_again_and_what_is_refused_is_kept() {
    let flaky = Receiver::start(|_, before| if before < 3 { [500, 429, 404][before] } else { 202 });
    let picky = Receiver::start(|_, _| 400);
    let sinks = [format!("webhook:{}", flaky.url), format!("pagerduty:{}", picky.url)];
    let setup = Setup::new("alerts-retry", "stdout", &sinks.each_ref().map(String::as_str));
    let server = setup.start(&[]);
    send(&server, &[exec("a", "jane")]);
    let count = |sink: &str, result: &str| {
        server.metric(&format!("auditweir_alerts_total{{sink=\"{sink}\",result=\"{result}\"}}"))
    };
    // As many groups as rules that match.
    let matches = server.metric("auditweir_findings_total{level=\"medium\"}");
    assert!(matches > 0);
    eventually("delivery", || {
        count("webhook", "delivered") >= matches && count("pagerduty", "dead_letter") >= matches
    });
    let (delivered, letters) = (count("webhook", "delivered"), count("pagerduty", "dead_letter"));
    let (status, _) = server.end();
    assert!(status.success());
    assert_eq!(flaky.requests().len() as u64, 3 + delivered);
    let ids: BTreeSet<String> =
        flaky.requests().iter().map(|r| r.header("x-auditweir-id").to_owned()).collect();
    assert_eq!(ids.len() as u64, delivered, "what is sent again has the same id");
    let folder = fs::read_dir(setup.folder.join("spool/alerts")).unwrap().flatten();
    let folder =
        folder.map(|e| e.path()).find(|p| p.to_string_lossy().contains("pagerduty-")).unwrap();
    let text = fs::read_to_string(folder.join("dead-letter.ndjson")).unwrap();
    assert_eq!(text.lines().count() as u64, letters);
    let letter: Value = serde_json::from_str(text.lines().next().unwrap()).unwrap();
    assert_eq!((&letter["status"], &letter["document"]["count"]), (&400.into(), &1.into()));
    assert_clean(&setup.folder);
}

/// kill -9 at random moments: every acknowledged match is counted, no match twice; a rule over
/// several events fires although its events came before and after a crash.
#[test]
fn no_alert_is_lost_or_doubled_by_a_crash() {
    let hook = Receiver::start(|_, before| if before % 5 == 1 { 503 } else { 200 });
    let index = Index::with(100, usize::MAX, |_, _| None);
    let sinks = [format!("webhook:{}", hook.url), format!("elasticsearch:{}", index.url)];
    let setup = Setup::new("alerts-crash", "stdout", &sinks.each_ref().map(String::as_str));
    let more = ["--alerts-repeat=100ms"];
    let mut server = setup.start(&more);
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let (mut sent, mut acknowledged) = (0, 0);
    for round in 0..8 {
        let events: Vec<_> = (0..20).map(|n| exec(&format!("{round}-{n}"), "jane")).collect();
        let mut body = events;
        if round < 5 {
            body.push(secret(&format!("s-{round}"), &format!("secret-{round}")));
        }
        sent += 20;
        // A crash amid it, then again until it is taken, as API servers do.
        let (url, text) = (server.url.clone(), batch(&body));
        let first = thread::spawn(move || post(&agent(), &url, &text).is_ok());
        thread::sleep(Duration::from_millis(random.below(40)));
        server.signal("-KILL");
        let _ = server.child.wait();
        let _ = first.join();
        server = setup.start(&more);
        send(&server, &body);
        acknowledged += 20;
    }
    assert_eq!(sent, acknowledged);
    let count = |intent: &str| {
        let all = about(&hook.requests(), &format!("\"alertname\":\"{intent}\""));
        all.iter().map(|request| request.json()["count"].as_u64().unwrap()).max().unwrap_or(0)
    };
    eventually("all are told", || count("pod_exec") == sent && count("secret_burst") == 1);
    let documents = || {
        let all = index.documents();
        let of =
            |intent: &str| all.values().filter(|d| d["rule"]["category"] == intent).count() as u64;
        (of("pod_exec"), of("secret_burst"))
    };
    eventually("all are documents", || documents() == (sent, 1));
    let (status, messages) = server.end();
    assert!(status.success(), "{messages}");
    assert_eq!((count("pod_exec"), documents()), (sent, (sent, 1)));
    let fingerprints: BTreeSet<String> = about(&hook.requests(), "\"alertname\":\"pod_exec\"")
        .iter()
        .map(|request| request.json()["fingerprint"].to_string())
        .collect();
    assert_eq!(fingerprints.len(), 1);
    assert_clean(&setup.folder);
}

/// What nobody was told when the process ended is told when the next one starts, even if that one
/// does not live long either.
#[test]
fn what_waited_is_told_at_once_by_the_next_process() {
    let up = Arc::new(AtomicBool::new(false));
    let judge = Arc::clone(&up);
    let hook = Receiver::start(move |_, _| if judge.load(Ordering::Relaxed) { 200 } else { 503 });
    let setup = Setup::new("alerts-waited", "stdout", &[&format!("webhook:{}", hook.url)]);
    let server = setup.start(&[]);
    send(&server, &[exec("a", "jane")]);
    eventually("an attempt", || !hook.requests().is_empty());
    server.signal("-KILL");
    drop(server);
    up.store(true, Ordering::Relaxed);
    let before = hook.requests().len();
    for _ in 0..20 {
        let server = setup.start(&[]);
        thread::sleep(Duration::from_millis(300));
        server.signal("-KILL");
        drop(server);
    }
    let told = about(&hook.requests()[before..], "\"alertname\":\"pod_exec\"");
    assert_eq!(told.len(), 1);
}

/// What is wrong with how sinks are named is said at the start.
#[test]
fn mistakes_are_said_at_the_start() {
    for (alerts, says) in [
        (vec!["slack"], "--slack-url-file"),
        (vec!["webhook:http://127.0.0.1:1", "webhook:http://127.0.0.1:1"], "named twice"),
        (vec!["pagerduty:http://pager.example"], "must be https"),
    ] {
        let setup = Setup::new("alerts-mistakes", "stdout", &alerts);
        let args: Vec<&str> = setup.args.iter().map(String::as_str).collect();
        let Err(messages) = Server::try_start(&args) else { panic!("{alerts:?} was taken") };
        assert!(messages.contains(says), "{messages}");
    }
}

/// An API server that is never heard of, one that falls silent, and a log that is deleted.
#[test]
fn what_stops_is_told() {
    let hook = Receiver::start(|_, _| 200);
    let setup = Setup::new("alerts-stopped", "stdout", &[&format!("webhook:{}", hook.url)]);
    let log = setup.folder.join("audit.log");
    fs::write(&log, "one\n").unwrap();
    let watched = format!("--audit-log={}", log.display());
    let server = setup.start(&["--expect=cp-9", "--silent-after=5s", &watched]);
    let url = format!("{}/audit/cp-1", server.url);
    let body = batch(&[event("a", 0)]);
    assert_eq!(agent().post(&url).send(&body).expect("answer").status(), 200);
    let seen = "auditweir_origin_last_request_timestamp_seconds{origin=\"cp-1\"}";
    assert!(server.metric(seen) > 1_700_000_000);
    // Long enough to be known, not to be silent.
    thread::sleep(Duration::from_millis(2500));
    fs::remove_file(&log).unwrap();
    let told = |intent: &str, what: &str| {
        about(&hook.requests(), intent).iter().any(|request| request.body.contains(what))
    };
    eventually("a log that is gone", || told("audit-log-removed", "the file is gone"));
    eventually("who was never heard of", || told("audit-gap", "API server cp-9: never heard of"));
    eventually("who fell silent", || told("audit-gap", "API server cp-1: no events for"));
    assert!(server.metric("auditweir_stopped_total") >= 3);
    assert!(server.end().0.success());
}
