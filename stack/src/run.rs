//! The stack test: what auditweir makes of hard events goes into a stock server whole, once, and is
//! found by dashboards and rules; and what becomes of the same events without it.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use auditweir::panels::{NONE, PANELS, Panel, Shape};
use auditweir::{Filter, Format, Policy};
use serde_json::{Value, json};

use crate::client::{Bulk, Client};
use crate::server::Server;
use crate::{events, hostile, rules};

/// Why the test fails; the text says what was wrong.
pub type Error = Box<dyn std::error::Error>;
type Result<T> = std::result::Result<T, Error>;

/// The data stream of the shipped templates.
pub const STREAM: &str = "logs-kubernetes.audit_logs-default";
/// Values of a field that a panel over time is divided by, and rows of the inner fields of others.
const MOST: usize = 100;

/// Documents of the data stream, by id.
type Documents = BTreeMap<String, Value>;

/// What was seen.
#[derive(Debug, Default)]
pub struct Report {
    /// Distribution and number.
    pub version: String,
    /// Lines for people, one fact each.
    pub lines: Vec<String>,
    /// The same events with and without auditweir, as a Markdown table.
    pub table: String,
}

macro_rules! ensure {
    ($holds:expr, $($text:tt)+) => {
        if !$holds {
            return Err(format!($($text)+).into());
        }
    };
}

/// Runs all of it against a server.
pub fn run(server: &Server) -> Result<Report> {
    let client = Client::new(server.url());
    let mut report = Report::default();
    let about = client.ask("GET", "/", &Value::Null)?;
    let version = &about["version"];
    report.version = format!("{} {}", text(&version["distribution"]), text(&version["number"]));
    report.lines.push(format!("server: {} from Maven Central", report.version));

    let skipped = install(&client)?;
    report
        .lines
        .push(format!("installed as the README says; needs a plugin: {}", skipped.join(", ")));

    let corpus = events::corpus()?;
    let hostile = hostile::records();
    let planted = events::planted();
    let rules = rules::rules();
    let positives = rules.iter().map(|rule| rule.positive.clone()).collect();
    let positives = events::numbered("rule", positives);
    let harmless = events::numbered("harmless", vec![rules::harmless()]);

    let mut filter = Filter::new(Arc::new(Policy::default().compile()?), Format::Ecs);
    let mut documents = Documents::new();
    let mut sets = Vec::new();
    let mut sent = Vec::new();
    for records in [&corpus, &hostile, &planted, &positives, &harmless] {
        let set = clean(&mut filter, records)?;
        documents.extend(set.iter().map(|(id, _, document)| (id.clone(), document.clone())));
        sent.push(set.iter().map(|(id, line, _)| (id.clone(), line.clone())).collect::<Vec<_>>());
        sets.push(set);
    }

    let stats = filter.stats();
    let dropped: u64 = stats.dropped.iter().map(|(_, count)| count).sum();
    let out = sets.iter().map(Vec::len).sum::<usize>() as u64;
    ensure!(stats.events_in() == out + dropped, "{} events became {out}", stats.events_in());
    report.lines.push(format!(
        "records {}, events {}: documents {out}, stubs among them {}, dropped by policy {dropped} {:?}",
        stats.inputs,
        stats.events_in(),
        stats.stubs + stats.rejected,
        stats.dropped
    ));

    let mut table = Table::default();
    index(&client, &sent, &documents, [corpus.len(), hostile.len()], &mut table, &mut report)?;
    again(&client, &sent, &documents, &mut report)?;
    panels(&client, &documents, &mut report)?;
    let ids = |set: usize| sets[set].iter().map(|(id, _, _)| id.as_str()).collect::<Vec<_>>();
    match_rules(&client, &rules, &ids(3), ids(4)[0], &mut report)?;
    raw(&client, &corpus, &hostile, &mut table)?;
    canaries(&client, &planted, documents.len(), &mut report)?;
    report.table = table.markdown();
    Ok(report)
}

fn text(value: &Value) -> &str {
    value.as_str().unwrap_or_default()
}

/// Runs the requests of the README; gives the files whose request needs a plugin that is not here.
pub(crate) fn install(client: &Client) -> Result<Vec<String>> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../integrations/opensearch");
    let readme = read(folder.join("README.md"))?;
    let (mut done, mut skipped) = (0, Vec::new());
    for line in readme.lines().filter(|line| line.contains("\"$OS/")) {
        let mut words = line.split_whitespace();
        let method = words.find(|word| *word == "-X").and(words.next()).unwrap_or_default();
        let path = words.next().unwrap_or_default().trim_matches('"').trim_start_matches("$OS");
        let name = line.rsplit('@').next().unwrap_or_default();
        let (status, answer) = client.send(method, path, &read(folder.join(name))?)?;
        let answer = answer.to_string();
        if status == 200 {
            done += 1;
        } else if answer.contains("no handler found") || answer.contains("No processor type exists")
        {
            skipped.push(name.to_owned());
        } else {
            return Err(format!("{name}: {status}: {answer}").into());
        }
    }
    ensure!(done == 4, "the README installs {done} files and not 4");
    Ok(skipped)
}

fn read(path: PathBuf) -> Result<String> {
    fs::read_to_string(&path).map_err(|error| format!("{}: {error}", path.display()).into())
}

/// Id, line and document of each event.
fn clean(filter: &mut Filter, records: &[String]) -> Result<Vec<(String, String, Value)>> {
    let mut out = Vec::new();
    for record in records {
        filter.apply(record.as_bytes(), &mut out);
    }
    String::from_utf8(out)?
        .lines()
        .map(|line| {
            let document: Value = serde_json::from_str(line)?;
            let id = text(&document["event"]["hash"]);
            ensure!(id.len() == 32, "no document id: {line}");
            Ok((id.to_owned(), line.to_owned(), document))
        })
        .collect()
}

/// Nothing is rejected, and what is stored is what was sent, once.
fn index(
    client: &Client,
    sent: &[Vec<(String, String)>],
    documents: &Documents,
    records: [usize; 2],
    table: &mut Table,
    report: &mut Report,
) -> Result<()> {
    let mut total = Bulk::default();
    let mut seen = BTreeSet::new();
    for (at, set) in sent.iter().enumerate() {
        let bulk =
            client.bulk(STREAM, set.iter().map(|(id, line)| (Some(id.as_str()), line.as_str())))?;
        let repeats = set.iter().filter(|(id, _)| !seen.insert(id)).count();
        ensure!(bulk.rejected.is_empty(), "rejected: {:?}", bulk.rejected);
        ensure!(bulk.conflicts == repeats, "{} conflicts, {repeats} repeats", bulk.conflicts);
        if let Some(records) = records.get(at) {
            let bulk = Bulk { created: bulk.created + bulk.conflicts, ..Bulk::default() };
            table.row(at, WITH, *records, set.len(), &bulk, fields(client, STREAM)?);
        }
        total.created += bulk.created;
        total.conflicts += bulk.conflicts;
    }
    client.ask("POST", &format!("/{STREAM}/_refresh"), &Value::Null)?;
    let count = count(client)?;
    ensure!(count == documents.len(), "{count} stored of {}", documents.len());
    report.lines.push(format!(
        "documents in {}, accepted {}, rejected 0 ({} of them the same event again)",
        total.created + total.conflicts,
        total.created + total.conflicts,
        total.conflicts
    ));
    Ok(())
}

fn count(client: &Client) -> Result<usize> {
    let answer = client.ask("GET", &format!("/{STREAM}/_count"), &Value::Null)?;
    Ok(answer["count"].as_u64().unwrap_or_default() as usize)
}

/// Everything is sent once more, as a shipper does whose answer got lost.
fn again(
    client: &Client,
    sent: &[Vec<(String, String)>],
    documents: &Documents,
    report: &mut Report,
) -> Result<()> {
    let all = sent.iter().flatten().map(|(id, line)| (Some(id.as_str()), line.as_str()));
    let bulk = client.bulk(STREAM, all)?;
    ensure!(bulk.created == 0, "{} stored twice", bulk.created);
    ensure!(bulk.rejected.is_empty(), "rejected the second time: {:?}", bulk.rejected);
    client.ask("POST", &format!("/{STREAM}/_refresh"), &Value::Null)?;
    let count = count(client)?;
    ensure!(count == documents.len(), "{count} stored of {}", documents.len());
    report.lines.push(format!(
        "sent again {}: 409 for {}, duplicates 0, stored {count}",
        bulk.conflicts, bulk.conflicts
    ));
    Ok(())
}

/// The values of a field as texts.
fn values<'d>(document: &'d Value, path: &str) -> Vec<std::borrow::Cow<'d, str>> {
    let found = path.split('.').fold(document, |at, name| &at[name]);
    let items = match found {
        Value::Array(items) => items.as_slice(),
        one => std::slice::from_ref(one),
    };
    let mut values: Vec<_> = items
        .iter()
        .filter(|item| !item.is_null())
        .map(|item| item.as_str().map_or_else(|| item.to_string().into(), Into::into))
        .collect();
    values.sort_unstable();
    values.dedup();
    values
}

/// Every search of the dashboards gives what counting the documents gives.
fn panels(client: &Client, documents: &Documents, report: &mut Report) -> Result<()> {
    for panel in PANELS {
        let shown: Vec<&Value> = documents
            .values()
            .filter(|document| {
                let found = |field: &'static str| values(document, field);
                panel.all.iter().all(|clause| {
                    let values = found(clause.field);
                    let holds = if clause.any.is_empty() {
                        !values.is_empty()
                    } else {
                        values.iter().any(|value| clause.any.contains(&value.as_ref()))
                    };
                    holds != clause.not
                })
            })
            .collect();
        let answer = client.ask("POST", &format!("/{STREAM}/_search"), &search(panel))?;
        let total = answer["hits"]["total"]["value"].as_u64().unwrap_or_default() as usize;
        ensure!(total == shown.len(), "{}: {total} found, {} there", panel.id, shown.len());
        ensure!(total > 0, "{}: nothing to show", panel.id);
        let mut rows = BTreeMap::new();
        walk(&answer["aggregations"], &mut Vec::new(), &mut rows);
        let expected = rows_of(panel, &shown);
        ensure!(!rows.is_empty(), "{}: no rows", panel.id);
        for (row, count) in &rows {
            ensure!(
                expected.get(row) == Some(count),
                "{}: {row:?} is {count} there, {:?} here",
                panel.id,
                expected.get(row)
            );
        }
        let firsts = |rows: &BTreeMap<Vec<String>, u64>| {
            rows.keys().map(|row| row[0].clone()).collect::<BTreeSet<_>>().len()
        };
        let most = match panel.shape {
            Shape::Top { most, .. } => most as usize,
            _ => usize::MAX,
        };
        ensure!(
            firsts(&rows) == firsts(&expected).min(most),
            "{}: {} first values there, {} here",
            panel.id,
            firsts(&rows),
            firsts(&expected)
        );
        report.lines.push(format!(
            "panel {:<16} {total:>4} documents, {:>3} rows",
            panel.id,
            rows.len()
        ));
    }
    report.lines.push(format!("panels answered {} of {}", PANELS.len(), PANELS.len()));
    Ok(())
}

fn search(panel: &Panel) -> Value {
    let query = match panel.query() {
        query if query.is_empty() => json!({"match_all": {}}),
        query => json!({"query_string": {"query": query, "analyze_wildcard": true}}),
    };
    let aggregation = match panel.shape {
        Shape::OverTime { by } => json!({
            "date_histogram": {"field": "@timestamp", "calendar_interval": "day",
                               "format": "yyyy-MM-dd", "min_doc_count": 1},
            "aggs": {"row": {"terms": {"field": by, "size": MOST}}},
        }),
        Shape::Top { rows, most } => {
            rows.iter().enumerate().rev().fold(Value::Null, |inner, (at, field)| {
                let mut terms =
                    json!({"field": field, "size": if at == 0 { most as usize } else { MOST }});
                if at > 0 {
                    terms["missing"] = NONE.into();
                }
                if inner.is_null() {
                    json!({"terms": terms})
                } else {
                    json!({"terms": terms, "aggs": {"row": inner}})
                }
            })
        }
        _ => Value::Null,
    };
    json!({"size": 0, "track_total_hits": true, "query": query, "aggs": {"row": aggregation}})
}

/// The rows of nested aggregations.
fn walk(aggregations: &Value, row: &mut Vec<String>, rows: &mut BTreeMap<Vec<String>, u64>) {
    for bucket in aggregations["row"]["buckets"].as_array().into_iter().flatten() {
        let key = match &bucket["key_as_string"] {
            Value::String(text) => text.clone(),
            _ => bucket["key"].as_str().map_or_else(|| bucket["key"].to_string(), str::to_owned),
        };
        row.push(key);
        if bucket.get("row").is_some() {
            walk(bucket, row, rows);
        } else {
            rows.insert(row.clone(), bucket["doc_count"].as_u64().unwrap_or_default());
        }
        row.pop();
    }
}

/// The same rows, counted here.
fn rows_of(panel: &Panel, shown: &[&Value]) -> BTreeMap<Vec<String>, u64> {
    let mut counts = BTreeMap::new();
    for document in shown {
        let columns: Vec<Vec<String>> = match panel.shape {
            Shape::OverTime { by } => {
                let day = text(&document["@timestamp"])[..10].to_owned();
                vec![vec![day], values(document, by).iter().map(ToString::to_string).collect()]
            }
            Shape::Top { rows, .. } => rows
                .iter()
                .enumerate()
                .map(|(at, field)| {
                    let mut texts: Vec<String> =
                        values(document, field).iter().map(ToString::to_string).collect();
                    if texts.is_empty() && at > 0 {
                        texts.push(NONE.to_owned());
                    }
                    texts
                })
                .collect(),
            _ => Vec::new(),
        };
        let mut rows = vec![Vec::new()];
        for column in &columns {
            rows = rows
                .iter()
                .flat_map(|row: &Vec<String>| {
                    column
                        .iter()
                        .map(|value| [row.as_slice(), std::slice::from_ref(value)].concat())
                })
                .collect();
        }
        for row in rows {
            *counts.entry(row).or_default() += 1;
        }
    }
    counts
}

/// Every rule finds its event, and none the harmless one.
fn match_rules(
    client: &Client,
    rules: &[rules::Rule],
    positives: &[&str],
    harmless: &str,
    report: &mut Report,
) -> Result<()> {
    ensure!(rules.len() == positives.len(), "{} events for {} rules", positives.len(), rules.len());
    let find = |rule: &rules::Rule, id: &str| -> Result<usize> {
        let query = json!({"bool": {"filter": [rule.query, {"ids": {"values": [id]}}]}});
        hits(client, &query)
    };
    for (rule, id) in rules.iter().zip(positives) {
        let all = hits(client, &rule.query)?;
        ensure!(find(rule, id)? == 1, "rule `{}` does not find its event {id}", rule.name);
        ensure!(find(rule, harmless)? == 0, "rule `{}` finds a harmless event", rule.name);
        report.lines.push(format!("rule {:<50} {all:>3} documents", rule.name));
    }
    report.lines.push(format!("rules matched {} of {}", rules.len(), rules.len()));
    Ok(())
}

fn hits(client: &Client, query: &Value) -> Result<usize> {
    let body = json!({"size": 0, "track_total_hits": true, "query": query});
    let answer = client.ask("POST", &format!("/{STREAM}/_search"), &body)?;
    Ok(answer["hits"]["total"]["value"].as_u64().unwrap_or_default() as usize)
}

/// The same records without auditweir, as a shipper sends them, into indexes as people make them.
fn raw(client: &Client, corpus: &[String], hostile: &[String], table: &mut Table) -> Result<()> {
    let flat = json!({"mappings": {"properties": {
        "requestObject": {"type": "flat_object"},
        "responseObject": {"type": "flat_object"},
        "annotations": {"type": "flat_object"},
    }}});
    for (at, records) in [corpus, hostile].into_iter().enumerate() {
        for (index, how, settings, dedot) in [
            ("plain", RAW, json!({}), false),
            ("dedotted", DEDOTTED, json!({}), true),
            ("flat", FLAT, flat.clone(), false),
        ] {
            let index = format!("raw-{index}-{at}");
            client.ask("PUT", &format!("/{index}"), &settings)?;
            let lines: Vec<String> = records.iter().map(|record| shipped(record, dedot)).collect();
            let bulk = client.bulk(&index, lines.iter().map(|line| (None, line.as_str())))?;
            let count = fields(client, &index)?;
            table.row(at, how, records.len(), records.len(), &bulk, count);
        }
    }
    Ok(())
}

/// A record as a shipper with a JSON parser hands it on: what is no object, as `message`.
fn shipped(record: &str, dedot: bool) -> String {
    match serde_json::from_str::<Value>(record) {
        Ok(value @ Value::Object(_)) if dedot => dedotted(value).to_string(),
        Ok(Value::Object(_)) => record.to_owned(),
        _ => json!({"message": record}).to_string(),
    }
}

fn dedotted(value: Value) -> Value {
    match value {
        Value::Object(members) => members
            .into_iter()
            .map(|(key, value)| (key.replace('.', "_"), dedotted(value)))
            .collect::<serde_json::Map<_, _>>()
            .into(),
        Value::Array(items) => items.into_iter().map(dedotted).collect::<Vec<_>>().into(),
        other => other,
    }
}

/// Number of fields in the mapping, as `index.mapping.total_fields.limit` counts them.
fn fields(client: &Client, index: &str) -> Result<usize> {
    fn inside(mapping: &Value) -> usize {
        ["properties", "fields"]
            .iter()
            .filter_map(|group| mapping[*group].as_object())
            .flatten()
            .map(|(_, field)| 1 + inside(field))
            .sum()
    }
    let answer = client.ask("GET", &format!("/{index}/_mapping"), &Value::Null)?;
    let indexes = answer.as_object().into_iter().flatten();
    Ok(indexes.map(|(_, index)| inside(&index["mappings"])).sum())
}

/// Planted secrets are found in an index of raw events, and not in ours.
fn canaries(
    client: &Client,
    planted: &[String],
    documents: usize,
    report: &mut Report,
) -> Result<()> {
    client.bulk("raw-planted", planted.iter().map(|line| (None, line.as_str())))?;
    client.ask("POST", "/raw-planted/_refresh", &Value::Null)?;
    let found = |index: &str, most: usize| -> Result<(usize, usize)> {
        // by the search that anybody with read access can type
        let mut searched = 0;
        for number in 1..=planted.len() {
            let word = format!("{}{number:02}", events::CANARY);
            let query =
                json!({"size": 0, "query": {"query_string": {"query": word, "lenient": true}}});
            let answer = client.ask("POST", &format!("/{index}/_search"), &query)?;
            searched += usize::from(answer["hits"]["total"]["value"].as_u64() > Some(0));
        }
        // and in what is stored
        let query = json!({"size": most, "query": {"match_all": {}}});
        let answer = client.ask("POST", &format!("/{index}/_search"), &query)?;
        let hits = answer["hits"]["hits"].as_array().map_or(&[][..], Vec::as_slice);
        ensure!(hits.len() == most, "{index}: {} of {most} documents", hits.len());
        let stored = hits.iter().filter(|hit| hit["_source"].to_string().contains(events::CANARY));
        Ok((searched, stored.count()))
    };
    let (searched, stored) = found("raw-planted", planted.len())?;
    ensure!(stored == planted.len(), "only {stored} of {} secrets were planted", planted.len());
    ensure!(searched > 0, "the search finds no secret even in raw events");
    let ours = found(STREAM, documents)?;
    ensure!(ours == (0, 0), "secrets in our index: {ours:?}");
    report.lines.push(format!(
        "planted secrets {}: raw, found by search {searched}, stored {stored}; auditweir, found 0, stored 0",
        planted.len()
    ));
    Ok(())
}

const WITH: &str = "**auditweir, these templates**";
const RAW: &str = "as it is, dynamic mapping";
const DEDOTTED: &str = "dots in names replaced, dynamic mapping";
const FLAT: &str = "bodies and annotations `flat_object`, the rest dynamic";

/// What becomes of two sets of records in each way.
#[derive(Default)]
struct Table([Vec<[String; 6]>; 2]);

impl Table {
    fn row(
        &mut self,
        set: usize,
        how: &str,
        records: usize,
        documents: usize,
        bulk: &Bulk,
        fields: usize,
    ) {
        let mut reasons = BTreeMap::new();
        for reason in &bulk.rejected {
            *reasons.entry(kind(reason)).or_insert(0) += 1;
        }
        let mut reasons: Vec<_> = reasons.into_iter().collect();
        reasons.sort_by_key(|(reason, count)| (std::cmp::Reverse(*count), *reason));
        let reasons: Vec<String> =
            reasons.iter().map(|(reason, count)| format!("{count} {reason}")).collect();
        let documents = if records == documents {
            documents.to_string()
        } else {
            format!("{documents} (of {records} records)")
        };
        self.0[set].push([
            how.to_owned(),
            documents,
            bulk.created.to_string(),
            bulk.rejected.len().to_string(),
            fields.to_string(),
            reasons.join("; "),
        ]);
    }

    fn markdown(mut self) -> String {
        let mut text = String::new();
        for (set, name) in ["corpus", "hostile shapes"].iter().enumerate() {
            // ours was first, and is to be read last
            self.0[set].rotate_left(1);
            let _ = write!(
                text,
                "| {name} | documents in | accepted | rejected | fields in the mapping | why |\n\
                 | --- | ---: | ---: | ---: | ---: | --- |\n"
            );
            for row in &self.0[set] {
                let _ = writeln!(text, "| {} |", row.join(" | "));
            }
            text.push('\n');
        }
        text
    }
}

/// What is wrong, without names.
fn kind(reason: &str) -> &'static str {
    for (sign, kind) in [
        ("Limit of total fields", "too many fields"),
        ("Limit of mapping depth", "too deep"),
        ("immense term", "term too long"),
        ("max_bytes_length_exceeded", "term too long"),
        ("only whitespace", "name blank"),
        ("cannot be an empty string", "name empty"),
        ("empty string", "name empty"),
        ("only dots", "name of dots"),
        ("only the character [.]", "name of dots"),
        ("cannot start or end", "dot at an end of a name"),
        ("starting or ending with a [.]", "dot at an end of a name"),
        ("is a metadata field", "name of the index's own"),
        ("Could not dynamically add mapping", "types that differ"),
        ("tried to parse field", "types that differ"),
        ("to be a object", "types that differ"),
        ("can't merge a non object mapping", "types that differ"),
        ("Can't get text on a START_OBJECT", "types that differ"),
        ("failed to parse date", "no date"),
        ("of type [date]", "no date"),
        ("of type [long]", "no number"),
        ("of type [float]", "no number"),
        ("of type [boolean]", "no boolean"),
        ("of type [text]", "types that differ"),
        ("of type [keyword]", "types that differ"),
        ("cannot be changed from type", "types that differ"),
        ("The depth of the", "too deep"),
        ("getMaxNumberLength", "number too long"),
        ("nesting depth", "too deep"),
        ("Duplicate field", "name twice"),
        ("flat_object", "not for `flat_object`"),
    ] {
        if reason.contains(sign) {
            return kind;
        }
    }
    "other"
}
