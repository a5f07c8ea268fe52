//! Alerts in a real Alertmanager, and what it tells whoever is behind it.
//!
//! `ALERTMANAGER` names a binary; without it nothing is shown. The Go module proxy has its source without
//! the pages, which nothing here asks for (tried with v0.35.0):
//!
//! ```sh
//! go mod download -json github.com/prometheus/alertmanager@v0.35.0   # says `Dir`; copy that, writable
//! mkdir -p ui/app/dist && touch ui/app/dist/none && go build -o alertmanager ./cmd/alertmanager
//! ```
//!
//! `OUTAGE=600 ALERTMANAGER=… cargo test -p auditweir-cli --test serve alertmanager::an_index -- --nocapture`
//! makes the outage of the index ten minutes long.

use std::collections::BTreeMap;
use std::net::TcpListener;
use std::process::Stdio;

use serde_json::Value;

use super::alerts::{Receiver, Setup, exec, secret, send};
use super::index::Index;
use super::*;

/// The rule that is looked at; an exec matches others, too.
const RULE: &str = "pod_exec";

/// An Alertmanager, and the webhook that it tells of each alert.
struct Alertmanager {
    child: Child,
    url: String,
    behind: Receiver,
}

impl Drop for Alertmanager {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Alertmanager {
    /// Starts one, unless none is named.
    fn start(name: &str) -> Option<Self> {
        let Some(program) = std::env::var_os("ALERTMANAGER") else {
            println!("ALERTMANAGER names no alertmanager: NOT TESTED against a real one");
            return None;
        };
        let folder = folder(name);
        let behind = Receiver::start(|_, _| 200);
        // Each alert is a group of its own, and nothing waits: what comes late comes late from us.
        let config = format!(
            "route: {{receiver: behind, group_by: ['...'], group_wait: 0s, group_interval: 200ms, repeat_interval: 24h}}\n\
             receivers: [{{name: behind, webhook_configs: [{{url: '{}/', send_resolved: true}}]}}]\n",
            behind.url
        );
        fs::write(folder.join("am.yml"), config).expect("file");
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let child = Command::new(program)
            .arg(format!("--config.file={}", folder.join("am.yml").display()))
            .arg(format!("--storage.path={}", folder.join("data").display()))
            .arg(format!("--web.listen-address=127.0.0.1:{port}"))
            .arg("--cluster.listen-address=")
            .stdout(Stdio::null())
            .stderr(fs::File::create(folder.join("log")).expect("file"))
            .spawn()
            .expect("alertmanager");
        let url = format!("http://127.0.0.1:{port}");
        let ready = || {
            let answer = agent().get(format!("{url}/-/ready")).call();
            answer.is_ok_and(|answer| answer.status() == 200)
        };
        eventually("alertmanager", ready);
        Some(Self { child, url, behind })
    }

    /// As `--alerts` names it.
    fn sink(&self) -> String {
        format!("alertmanager:{}", self.url)
    }

    /// Alerts of the rule that go on.
    fn firing(&self) -> Vec<Value> {
        let (_, text) = get(&format!("{}/api/v2/alerts?filter=alertname%3D{RULE}", self.url));
        serde_json::from_str(&text).expect("alerts")
    }

    /// What the webhook behind it was told, in order.
    fn told(&self) -> Vec<Told> {
        let mut told = Vec::new();
        for request in self.behind.requests() {
            for alert in request.json()["alerts"].as_array().expect("alerts") {
                let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
                told.push(Told {
                    fingerprint: text(&alert["fingerprint"]),
                    rule: text(&alert["labels"]["alertname"]),
                    actor: text(&alert["labels"]["actor"]),
                    status: text(&alert["status"]),
                    count: text(&alert["annotations"]["count"]),
                    at: request.at,
                });
            }
        }
        told
    }

    /// How often each actor's alert of the rule was told of: that it goes on, that it is over.
    fn by_actor(&self) -> Times {
        let told = self.told().into_iter().filter(|told| told.rule == RULE);
        times(told.map(|told| (told.actor, told.status)))
    }

    /// The same of each alert of any rule.
    fn by_fingerprint(&self) -> Times {
        times(self.told().into_iter().map(|told| (told.fingerprint, told.status)))
    }
}

/// By name: how often something goes on, how often it is over.
type Times = BTreeMap<String, (usize, usize)>;

fn times(told: impl Iterator<Item = (String, String)>) -> Times {
    let mut times = Times::new();
    for (name, status) in told {
        let (firing, resolved) = times.entry(name).or_default();
        *if status == "firing" { firing } else { resolved } += 1;
    }
    times
}

/// One alert of one notification.
struct Told {
    /// Alertmanager's own, of the labels.
    fingerprint: String,
    rule: String,
    actor: String,
    status: String,
    /// Matches that it stands for.
    count: String,
    at: Instant,
}

/// 1,000 matches are one alert, told once, and over once it has been quiet.
#[test]
fn a_thousand_matches_are_one_alert_which_ends() {
    let Some(manager) = Alertmanager::start("am-thousand") else { return };
    let setup =
        Setup::new("am-thousand-serve", "elasticsearch:http://127.0.0.1:1", &[&manager.sink()]);
    let server = setup.start(&["--alerts-quiet=3s", "--drain=1s"]);
    let start = Instant::now();
    for round in 0..10 {
        let events: Vec<_> = (0..100).map(|n| exec(&format!("{round}-{n}"), "jane")).collect();
        send(&server, &events);
        if round == 0 {
            eventually("an alert", || !manager.firing().is_empty());
        }
        assert_eq!(manager.firing().len(), 1, "1,000 matches are one alert");
    }
    let alert = &manager.firing()[0];
    assert_eq!(alert["labels"]["actor"], "jane");
    assert_eq!(alert["status"]["state"], "active");
    eventually("resolved", || manager.firing().is_empty());
    let both = BTreeMap::from([("jane".to_owned(), (1, 1))]);
    eventually("told", || manager.by_actor() == both);
    let told: Vec<_> = manager.told().into_iter().filter(|told| told.rule == RULE).collect();
    println!(
        "1,000 matches: told once after {:?}, over after {:?}",
        told[0].at - start,
        told[1].at - start
    );
    assert_eq!(told[0].fingerprint, told[1].fingerprint);
    assert_eq!(told[1].count, "1000");
    assert!(server.end().0.success());
    assert_eq!(manager.by_actor(), both);
}

/// Nobody listens where the index should be, then somebody who never answers: alerts come within a
/// second all the same. When the index is back it gets each event once.
#[test]
fn an_index_that_is_down_holds_up_no_alert() {
    let Some(manager) = Alertmanager::start("am-outage") else { return };
    let outage = std::env::var("OUTAGE").map_or(6, |text| text.parse().expect("OUTAGE: seconds"));
    let outage = Duration::from_secs(outage);
    // Few enough groups at a time that each actor has one.
    let pause = if outage > Duration::from_secs(60) { 1000 } else { 150 };
    let hook = Receiver::start(|_, _| 200);
    let socket = TcpListener::bind("127.0.0.1:0").expect("address");
    let address = socket.local_addr().expect("address");
    drop(socket);
    let setup = Setup::new(
        "am-outage-serve",
        &format!("elasticsearch:http://{address}"),
        &[&manager.sink(), &format!("webhook:{}", hook.url)],
    );
    let server = setup.start(&["--alerts-quiet=1s"]);
    let (start, mut hanging, mut sent, mut filled) = (Instant::now(), None, Vec::new(), 0);
    while start.elapsed() < outage {
        let number = sent.len();
        let mut events: Vec<_> =
            (0..20).map(|n| event(&format!("fill-{number}-{n}"), 500)).collect();
        filled += events.len();
        events.push(exec(&format!("exec-{number}"), &format!("user-{number}")));
        let at = Instant::now();
        send(&server, &events);
        sent.push(at);
        if hanging.is_none() && start.elapsed() > outage / 2 {
            hanging = Some(TcpListener::bind(address).expect("the same address"));
        }
        thread::sleep(Duration::from_millis(pause).saturating_sub(at.elapsed()));
    }
    let number =
        |actor: &str| actor.strip_prefix("user-").expect("actor").parse::<usize>().expect("number");
    eventually("all are told", || manager.by_actor().len() == sent.len());
    let index = Index::at(hanging.expect("it hung"), 0, usize::MAX, |_, _| None);
    let mut took = BTreeMap::new();
    for told in manager.told().iter().filter(|told| told.rule == RULE) {
        took.entry(number(&told.actor)).or_insert_with_key(|number| told.at - sent[*number]);
    }
    let mut own = BTreeMap::new();
    for request in hook.requests() {
        let labels = &request.json()["labels"];
        if labels["alertname"] == RULE {
            let number = number(labels["actor"].as_str().expect("actor"));
            own.entry(number).or_insert_with(|| request.at - sent[number]);
        }
    }
    let figures = |name: &str, took: BTreeMap<usize, Duration>| {
        let mut took: Vec<_> = took.into_values().collect();
        took.sort_unstable();
        let part = |of: usize| took[(took.len() - 1) * of / 100];
        let [half, most, worst] = [part(50), part(99), part(100)];
        println!("{name}: {} alerts, p50 {half:?}, p99 {most:?}, longest {worst:?}", took.len());
        assert_eq!(took.len(), sent.len(), "{name}");
        assert!(most < Duration::from_secs(1), "{name}: {most:?}");
    };
    println!("index down for {:?}, {} events waited", start.elapsed(), filled + sent.len());
    figures("from the request to a webhook of ours", own);
    figures("from the request to a webhook behind Alertmanager", took);
    assert!(manager.by_actor().values().all(|(firing, _)| *firing == 1), "told once");
    eventually("the index has all", || index.len() == filled + sent.len());
    assert!(index.audit_ids().values().all(|times| *times == 1));
    let (status, messages) = server.end();
    assert!(status.success(), "{messages}");
}

/// kill -9 at random moments, amid alerts, amid their ends: the webhook behind Alertmanager hears once
/// of each alert of any rule, and once that it is over.
#[test]
fn a_crash_loses_no_alert_and_doubles_none() {
    let Some(manager) = Alertmanager::start("am-crash") else { return };
    let setup = Setup::new("am-crash-serve", "stdout", &[&manager.sink()]);
    // Longer than a server takes to start again: what comes after it is another incident.
    let more = ["--alerts-quiet=10s"];
    let mut server = setup.start(&more);
    let mut random = Random(0x2545_f491_4f6c_dd1d);
    let mut expected = BTreeMap::new();
    let mut crash = |server: &mut Server| {
        thread::sleep(Duration::from_millis(random.below(60)));
        server.signal("-KILL");
        let _ = server.child.wait();
        *server = setup.start(&more);
    };
    let mut crashes = 0;
    for round in 0..16 {
        let actor = format!("user-{round}");
        let mut events: Vec<_> = (0..20).map(|n| exec(&format!("{round}-{n}"), &actor)).collect();
        if round < 5 {
            events.push(secret(&format!("s-{round}"), &format!("secret-{round}")));
        }
        expected.insert(actor, (1, 1));
        // It comes again until it is taken, as from API servers.
        let (url, text) = (server.url.clone(), batch(&events));
        let first = thread::spawn(move || post(&agent(), &url, &text).is_ok());
        crash(&mut server);
        let _ = first.join();
        send(&server, &events);
        // What is acknowledged may not have been told yet.
        crash(&mut server);
        crashes += 2;
    }
    eventually("all are told", || manager.by_actor().len() == expected.len());
    // Amid the ends.
    let over = || manager.by_fingerprint().values().all(|(_, resolved)| *resolved > 0);
    while !over() && crashes < 200 {
        crash(&mut server);
        crashes += 1;
        thread::sleep(Duration::from_millis(200));
    }
    let all = manager.by_fingerprint();
    println!("{crashes} crashes, {} alerts, of {RULE} {}", all.len(), expected.len());
    assert!(all.values().all(|times| *times == (1, 1)), "{all:?}");
    assert_eq!(manager.by_actor(), expected);
    let bursts = manager.told().iter().filter(|told| told.rule == "secret_burst").count();
    assert_eq!(bursts, 2, "five events in five lives of the server");
    assert!(manager.firing().is_empty());
    let (status, messages) = server.end();
    assert!(status.success(), "{messages}");
    assert_clean(&setup.folder);
}
