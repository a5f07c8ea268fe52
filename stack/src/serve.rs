//! `auditweir serve` in front of the server that [`run`](crate::run) has set up: batches of hard
//! events go through its `_bulk` sink into the data stream of the shipped templates, twice.

use std::collections::BTreeSet;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use auditweir::{Filter, Format, Policy};
use serde_json::{Value, json};

use crate::client::Client;
use crate::run::{Error, STREAM};
use crate::server::Server;
use crate::{events, hostile};

/// Events of a batch; kube-apiserver's default is 400.
const BATCH: usize = 400;

/// The receiver; ends with this.
struct Receiver {
    child: Child,
    url: String,
}

impl Drop for Receiver {
    fn drop(&mut self) {
        // it may have ended by itself
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Receiver {
    fn start(command: &Path, spool: &Path, index: &str) -> Result<Self, Error> {
        let mut child = Command::new(command)
            .args(["serve", "--listen=127.0.0.1:0", "--to=ecs"])
            .arg(format!("--spool={}", spool.display()))
            .arg(format!("--sink=elasticsearch:{index}"))
            .env_remove("AUDITWEIR_PSEUDONYM_KEY")
            .env_remove("AUDITWEIR_SINK_AUTH")
            .stdin(Stdio::null())
            .stderr(Stdio::piped())
            .spawn()?;
        let mut line = String::new();
        if let Some(messages) = child.stderr.take() {
            BufReader::new(messages).read_line(&mut line)?;
        }
        let url = line.split_once("listening on ").map(|(_, url)| url.trim().to_owned());
        let mut receiver = Self { child, url: String::new() };
        receiver.url = url.ok_or_else(|| format!("serve did not start: {line}"))?;
        Ok(receiver)
    }

    /// Documents of which the index said this.
    fn count(&self, result: &str) -> Result<usize, Error> {
        let text =
            ureq::get(format!("{}/metrics", self.url)).call()?.body_mut().read_to_string()?;
        let name = format!("auditweir_sink_events_total{{result=\"{result}\"}} ");
        let value = text.lines().find_map(|line| line.strip_prefix(&name));
        Ok(value.map_or(Ok(0), str::parse)?)
    }

    /// Sends all batches and waits until the index has answered for `lines` documents in all.
    fn send(&self, batches: &[String], lines: usize) -> Result<[usize; 3], Error> {
        for batch in batches {
            let (status, answer) = Client::new(&self.url).send("POST", "/", batch)?;
            if status != 200 {
                return Err(format!("a batch was answered {status}: {answer}").into());
            }
        }
        let start = Instant::now();
        loop {
            let counts = ["delivered", "already_there", "dead_letter"].map(|one| self.count(one));
            let [delivered, there, dead] = counts;
            let counts = [delivered?, there?, dead?];
            if counts.iter().sum::<usize>() >= lines {
                return Ok(counts);
            }
            if start.elapsed() > Duration::from_secs(120) {
                return Err(format!("{counts:?} of {lines} documents after two minutes").into());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
    }
}

/// Runs it with the command at `command`, on a server where [`run`](crate::run::run) has installed
/// the templates. Gives a line for people.
pub fn run(server: &Server, command: &Path) -> Result<String, Error> {
    let index = Client::new(server.url());
    let records = [events::corpus()?, hostile::records(), events::planted()].concat();
    // Clouds' envelopes and what is no JSON cannot be in a batch of the API server.
    // Events that `run` has not stored: other audit ids make other documents.
    let items: Vec<String> = records
        .iter()
        .filter(|record| {
            let record: Value = serde_json::from_str(record).unwrap_or_default();
            record["stage"].is_string() && record["auditID"].is_string()
        })
        .map(|record| record.trim().replacen(r#""auditID":""#, r#""auditID":"serve-"#, 1))
        .collect();
    let batches: Vec<String> = items
        .chunks(BATCH)
        .map(|items| {
            format!(
                r#"{{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{{}},"items":[{}]}}"#,
                items.join(",")
            )
        })
        .collect();

    let mut filter = Filter::new(Arc::new(Policy::default().compile()?), Format::Ecs);
    let mut out = Vec::new();
    for batch in &batches {
        filter.apply(batch.as_bytes(), &mut out);
    }
    let text = String::from_utf8(out)?;
    let mut ids = BTreeSet::new();
    for line in text.lines() {
        let document: Value = serde_json::from_str(line)?;
        ids.insert(document["event"]["hash"].as_str().ok_or("no document id")?.to_owned());
    }
    let lines = text.lines().count();

    let stored = |ids: &BTreeSet<String>| -> Result<(usize, usize), Error> {
        index.ask("POST", &format!("/{STREAM}/_refresh"), &Value::Null)?;
        let count = |query: &Value| -> Result<usize, Error> {
            let answer = index.ask("POST", &format!("/{STREAM}/_count"), query)?;
            Ok(answer["count"].as_u64().ok_or("no count")? as usize)
        };
        Ok((count(&json!({}))?, count(&json!({"query": {"ids": {"values": ids}}}))?))
    };
    let (all, known) = stored(&ids)?;
    let new = ids.len() - known;
    let spool = command.with_file_name(format!("serve-stack-{}", std::process::id()));
    let receiver = Receiver::start(command, &spool, server.url())?;
    let expect = |what: &str, found: [usize; 3], wanted: [usize; 3]| -> Result<(), Error> {
        if found != wanted {
            return Err(format!(
                "{what}: delivered, already there, dead letters: {found:?}, not {wanted:?}"
            )
            .into());
        }
        let found = stored(&ids)?;
        if found != (all + new, ids.len()) {
            return Err(
                format!("{what}: {found:?} stored, not {:?}", (all + new, ids.len())).into()
            );
        }
        Ok(())
    };
    expect("first", receiver.send(&batches, lines)?, [new, lines - new, 0])?;
    expect("again", receiver.send(&batches, 2 * lines)?, [new, 2 * lines - new, 0])?;
    let dead = fs::read(spool.join("dead-letter.ndjson"))?;
    drop(receiver);
    fs::remove_dir_all(&spool)?;
    if !dead.is_empty() || new == 0 {
        return Err(format!("{new} new documents, {} bytes of dead letters", dead.len()).into());
    }
    Ok(format!(
        "serve: {} events in {} batches, sent twice: {} documents by {} ids, {new} new, the rest answered 409 \
         and done; dead letters 0",
        items.len(),
        batches.len(),
        2 * lines,
        ids.len()
    ))
}
