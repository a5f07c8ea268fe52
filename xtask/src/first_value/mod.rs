//! `first-value`: what a new user types, from an empty Debian to events in an index, and how long each takes.
//!
//! The packages are those that `cargo xtask dist` left in `target/dist`, the index is the OpenSearch of the stack
//! tests, Fluent Bit and Vector are those that FLUENT_BIT and VECTOR name. After `auditweir init`, what is typed
//! is what it said should follow. `--write` puts the transcript into `docs/first-value.md`.

mod guide;
mod machine;
mod page;

use std::fs;
use std::path::{Path, PathBuf};
use std::time::{Duration, Instant};

use auditweir_stack::client::Client;
use auditweir_stack::run::STREAM;
use auditweir_stack::server::Server;
use serde_json::{Value, json};

use crate::{Result, root};
use machine::Machine;

/// Where kube-apiserver writes; init expects it there, too.
const LOG: &str = "/var/log/kubernetes/audit/audit.log";
/// What it wrote, in this repository.
const EVENTS: &str = "tests/corpora/kube-apiserver-1.37.2/audit.log";
/// How the server is called in documents: each run has another port.
const USUAL: &str = "http://127.0.0.1:9200";
/// For a shipper to start, and the index to have all.
const PATIENCE: Duration = Duration::from_secs(60);

/// One command, and what came of it.
struct Typed {
    command: String,
    said: String,
    seconds: f64,
}

/// Commands that belong together.
struct Part {
    title: String,
    /// What the commands do not show.
    about: String,
    typed: Vec<Typed>,
}

struct Tried<'a> {
    machine: &'a Machine,
    index: Client,
    url: String,
    /// Documents that the log gives.
    events: usize,
    parts: Vec<Part>,
    left_out: Vec<String>,
}

pub(crate) fn run(options: &[&str]) -> Result<()> {
    let write = match options {
        [] => false,
        ["--write"] => true,
        _ => return Err("first-value [--write]".into()),
    };
    let packages = packages()?;
    let profile = fs::read_to_string(root().join("target/dist-stage/profile"))
        .map_err(|_| "which profile the packages have is not known: run cargo xtask dist again")?;
    let machine = Machine::new()?;
    let server = Server::start()?;
    for package in &packages {
        machine.put(package, &format!("/root/{}", name(package)))?;
    }
    machine.put(&root().join(EVENTS), LOG)?;
    let mut tried = Tried {
        machine: &machine,
        index: Client::new(server.url()),
        url: server.url().to_owned(),
        events: 0,
        parts: Vec::new(),
        left_out: Vec::new(),
    };
    tried.install(&packages)?;
    for (variable, to, target, package) in [
        // Each where its own packages put it.
        ("FLUENT_BIT", "/opt/fluent-bit/bin/fluent-bit", "fluent-bit", "Fluent Bit"),
        ("VECTOR", "/usr/bin/vector", "vector", "Vector"),
    ] {
        match std::env::var_os(variable) {
            Some(program) => {
                machine.put(Path::new(&program), to)?;
                tried.shipper(target, package, to)?;
            }
            None => tried.left_out.push(format!("{package}: {variable} does not name it")),
        }
    }
    if std::env::var_os("FLUENT_BIT").is_some() {
        tried.guide()?;
    }
    tried.serve()?;
    for why in &tried.left_out {
        println!("SKIPPED: {why}");
    }
    if write {
        let version = tried.index.ask("GET", "/", &Value::Null)?;
        let version = version["version"]["number"].as_str().unwrap_or("?").to_owned();
        page::write(&tried, profile.trim(), &version)?;
    }
    Ok(())
}

/// What `cargo xtask dist` made for this machine.
fn packages() -> Result<Vec<PathBuf>> {
    let how = "no packages: cargo xtask dist --here (minutes; --profile quick is faster)";
    let folder = root().join("target/dist");
    let files = fs::read_dir(folder).map_err(|_| how)?.filter_map(|entry| Some(entry.ok()?.path()));
    let mut packages: Vec<_> =
        files.filter(|path| name(path).ends_with(&format!("_{}.deb", machine::DEBIAN))).collect();
    packages.sort();
    if packages.len() == 3 { Ok(packages) } else { Err(how.into()) }
}

fn name(path: &Path) -> String {
    path.file_name().unwrap_or_default().to_string_lossy().into_owned()
}

impl Tried<'_> {
    fn part(&mut self, title: impl Into<String>, about: impl Into<String>) {
        let (title, about) = (title.into(), about.into());
        println!("\n{title}");
        self.parts.push(Part { title, about, typed: Vec::new() });
    }

    /// Notes what was typed. Which port the server has is of this run alone.
    fn note(&mut self, command: &str, said: &str, began: Instant) -> Result<()> {
        let usual = |text: &str| text.replace(&self.url, USUAL);
        let typed = Typed {
            command: usual(command),
            said: usual(said.trim()),
            seconds: began.elapsed().as_secs_f64(),
        };
        println!("# {}\n{}\n({:.1} s)", typed.command, typed.said, typed.seconds);
        self.parts.last_mut().ok_or("no part")?.typed.push(typed);
        Ok(())
    }

    /// Types a command; what it said.
    fn run(&mut self, command: &str) -> Result<String> {
        let began = Instant::now();
        let said = self.machine.run(command)?;
        self.note(command, &said, began)?;
        Ok(said)
    }

    fn install(&mut self, packages: &[PathBuf]) -> Result<()> {
        self.part(
            "The packages",
            "In root's home are the three packages that were downloaded; the events are those of a real kube-apiserver.",
        );
        self.run("apt-get install -y -qq curl openssl > /dev/null")?;
        let packages: Vec<_> = packages.iter().map(|path| format!("./{}", name(path))).collect();
        self.run(&format!("apt-get install -y -qq {} > /dev/null", packages.join(" ")))?;
        self.run("auditweir --version")?;
        self.run(&format!("auditweir detect --level high {LOG} | head -n 12"))?;
        let lines = self.machine.run(&format!("auditweir filter --quiet --to ecs {LOG}"))?;
        let mut ids: Vec<_> = lines.lines().filter_map(id).collect();
        ids.sort_unstable();
        ids.dedup();
        self.events = ids.len();
        if self.events == 0 { Err("the log gives no event".into()) } else { Ok(()) }
    }

    /// `init`, and the three commands that it says follow.
    fn init(&mut self, target: &str) -> Result<[String; 3]> {
        let said = self.run(&format!(
            "auditweir init --for {target} --out /etc/auditweir-{target} --cluster opensearch --sink {}",
            self.url
        ))?;
        let then = said.split_once("Then:\n").ok_or("init does not say what follows")?.1;
        let then: Vec<_> = then.lines().map(|line| line.trim().to_owned()).collect();
        <[String; 3]>::try_from(then).map_err(|then| format!("not three commands: {then:?}").into())
    }

    /// The check has to have looked for its event in the index, and found it.
    fn check(&mut self, command: &str) -> Result<()> {
        let said = self.run(command)?;
        let found = said.lines().any(|line| {
            line.starts_with("ok ") && line.contains(&format!("found again in {}", self.url))
        });
        if found { Ok(()) } else { Err(format!("{command}: not found again:\n{said}").into()) }
    }

    fn shipper(&mut self, target: &str, name: &str, program: &str) -> Result<()> {
        let version = self.machine.run(&format!("{program} --version"))?;
        let version = version.lines().next().unwrap_or_default();
        self.part(name, format!("Installed: {version}, as `{program}`."));
        let [index, check, start] = self.init(target)?;
        self.run(&index)?;
        self.check(&check)?;
        let began = Instant::now();
        let running = self.machine.start(&start)?;
        let arrived = self.arrived().map_err(|error| running.said(&error.to_string()))?;
        self.note(&start, &arrived, began)?;
        drop(running);
        self.forget()
    }

    /// There is no systemd in this root: what its unit starts is started by hand.
    fn serve(&mut self) -> Result<()> {
        self.part(
            "Receiver of the webhook",
            "No systemd runs in this root. In the place of the third command the unit's own `ExecStart` is typed, with \
             the folders that systemd would give it; `curl` is in the place of kube-apiserver, with its certificate.",
        );
        let [index, check, start] = self.init("serve")?;
        self.run(&index)?;
        self.check(&check)?;
        let unit = self.machine.run("cat /etc/auditweir-serve/auditweir-serve.service")?;
        let line = unit.lines().find_map(|line| line.strip_prefix("ExecStart="));
        let line = line
            .ok_or("the unit starts nothing")?
            .replace("${CREDENTIALS_DIRECTORY}", "/etc/auditweir")
            .replace("${STATE_DIRECTORY}", "/var/lib/auditweir-serve");
        let policy = start.split(" && ").nth(1).ok_or("the policy is not put in its place")?;
        self.run(policy)?;
        let began = Instant::now();
        let running = self.machine.start(&line)?;
        let listening = running.says("listening on")?;
        self.note(&format!("{line} &"), &listening, began)?;
        let post = format!(
            "cd /etc/kubernetes/auditweir && curl -sS --cacert ca.crt --cert client.crt --key client.key \
             -w '%{{http_code}}' --data-binary @{LOG} https://127.0.0.1:9443/audit"
        );
        let began = Instant::now();
        let answer = self.machine.run(&post)?;
        let arrived = self.arrived().map_err(|error| running.said(&error.to_string()))?;
        self.note(&post, &format!("{answer}\n{arrived}"), began)?;
        drop(running);
        self.forget()
    }

    /// Waits until each event of the log can be searched; that of the check does not count.
    fn arrived(&self) -> Result<String> {
        let began = Instant::now();
        let query =
            json!({"query": {"bool": {"must_not": {"term": {"user.name": "auditweir-check"}}}}});
        let mut count = 0;
        while began.elapsed() < PATIENCE {
            self.index.ask("POST", &format!("/{STREAM}/_refresh"), &Value::Null)?;
            let answer = self.index.ask("POST", &format!("/{STREAM}/_count"), &query)?;
            count = answer["count"].as_u64().unwrap_or_default() as usize;
            if count == self.events {
                return Ok(format!("{count} of {} events can be searched", self.events));
            }
            std::thread::sleep(Duration::from_millis(100));
        }
        Err(format!("{count} of {} events after {} s", self.events, PATIENCE.as_secs()).into())
    }

    /// The next part begins with an empty index.
    fn forget(&self) -> Result<()> {
        self.index.ask("DELETE", &format!("/_data_stream/{STREAM}"), &Value::Null)?;
        Ok(())
    }
}

/// The document's id.
fn id(line: &str) -> Option<String> {
    let line: Value = serde_json::from_str(line).ok()?;
    Some(line["event"]["hash"].as_str()?.to_owned())
}
