//! Elastic's rules for audit events that are queries of Kibana, asked in a real server.
//!
//! They are under the Elastic License and so none of this repository: they are read from a checkout of
//! github.com/elastic/detection-rules, as they are.

use std::collections::{BTreeMap, HashMap};
use std::fs;
use std::path::Path;
use std::process::Command;

use serde::Deserialize;
use serde_json::{Value, json};

use super::logs::Visit;
use super::{Event, Pack, Result, foreign, kql};
use crate::client::Client;
use crate::run::{STREAM, install};
use crate::server::Server;

/// The rules of a checkout.
pub(super) struct Rules {
    /// Which checkout, for the report.
    pub(super) commit: String,
    /// How many there are of each other type, which are not asked.
    pub(super) others: Vec<(String, usize)>,
    queries: Vec<Rule>,
}

struct Rule {
    name: String,
    severity: String,
    query: Value,
}

#[derive(Deserialize)]
struct File {
    rule: Text,
}

#[derive(Deserialize)]
struct Text {
    name: String,
    severity: String,
    #[serde(rename = "type")]
    kind: String,
    #[serde(default)]
    language: String,
    #[serde(default)]
    query: String,
    /// Fewer alerts than matches; none of these rules has it, and it is not known here.
    alert_suppression: Option<toml::Value>,
}

/// Reads those of type `query` below `rules/integrations/kubernetes`.
pub(super) fn rules(checkout: &Path) -> Result<Rules> {
    let folder = checkout.join("rules/integrations/kubernetes");
    let listed = fs::read_dir(&folder).map_err(|error| format!("{}: {error}", folder.display()))?;
    let mut paths: Vec<_> = listed.flatten().map(|entry| entry.path()).collect();
    paths.retain(|path| path.extension().is_some_and(|end| end == "toml"));
    paths.sort();
    let (mut queries, mut others) = (Vec::new(), HashMap::<String, usize>::new());
    for path in paths {
        let failed = |error: String| format!("{}: {error}", path.display());
        let File { rule } = toml::from_str(&fs::read_to_string(&path)?)
            .map_err(|error| failed(error.to_string()))?;
        if rule.kind != "query" || rule.language != "kuery" {
            *others.entry(rule.kind).or_default() += 1;
            continue;
        }
        if rule.alert_suppression.is_some() {
            return Err(failed("suppresses alerts, which is not counted".into()).into());
        }
        let query = kql::query(&rule.query).map_err(failed)?;
        queries.push(Rule { name: rule.name, severity: rule.severity, query });
    }
    let mut others: Vec<_> = others.into_iter().collect();
    others.sort();
    let commit = Command::new("git")
        .arg("-C")
        .arg(checkout)
        .args(["log", "-1", "--format=%h, %cs"])
        .output();
    let commit = commit.ok().filter(|output| output.status.success());
    let commit = commit.map(|output| String::from_utf8_lossy(&output.stdout).trim().to_owned());
    Ok(Rules { commit: commit.unwrap_or_else(|| "of no commit".into()), others, queries })
}

/// Installs the shipped templates.
pub(super) fn prepare(server: &Server) -> Result<()> {
    install(&Client::new(server.url())).map(drop)
}

/// What the rules find in a log: its documents go into the data stream of the shipped templates.
pub(super) fn ask(
    server: &Server,
    rules: &Rules,
    visits: &[Visit],
    events: &[Event],
) -> Result<Pack> {
    let client = Client::new(server.url());
    let documents = events.iter().map(|event| (Some(event.id.as_str()), event.document.as_str()));
    let bulk = client.bulk(STREAM, documents)?;
    if !bulk.rejected.is_empty() {
        return Err(format!("rejected: {:?}", bulk.rejected).into());
    }
    client.ask("POST", &format!("/{STREAM}/_refresh"), &Value::Null)?;
    let mut finds = vec![Vec::new(); events.len()];
    let mut places = HashMap::<&str, Vec<usize>>::new();
    for (at, event) in events.iter().enumerate() {
        places.entry(&event.id).or_default().push(at);
    }
    for rule in &rules.queries {
        let body = json!({"size": 10_000, "_source": false, "query": rule.query});
        let answer = client.ask("POST", &format!("/{STREAM}/_search"), &body)?;
        for hit in answer["hits"]["hits"].as_array().into_iter().flatten() {
            // Documents of other logs are there, too.
            for at in places.get(hit["_id"].as_str().unwrap_or_default()).into_iter().flatten() {
                finds[*at].push(rule);
            }
        }
    }
    let found = visits.iter().flat_map(|visit| {
        let event = &events[visit.at];
        let rules = finds[visit.at].iter();
        rules.map(move |rule| (*visit, foreign(event, *visit, &rule.name, &rule.severity)))
    });
    let (name, asked, found) = ("Elastic, queries".into(), rules.queries.len(), found.collect());
    Ok(Pack { name, asked, found, untold: BTreeMap::new() })
}
