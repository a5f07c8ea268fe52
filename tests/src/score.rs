//! How much redaction finds and how much it takes too much, over sets of examples that nobody
//! tuned the rules for: the numbers of `docs/score.md`.
//!
//! The sets stand in `corpora/redaction`; its README says where they are from. They are compressed
//! and their letters turned (see [`turn`]), so that scanners of repositories do not report
//! credentials that are none.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Read as _;
use std::sync::Arc;

use auditweir::{CompiledPolicy, Filter, Format, Policy};
use flate2::read::MultiGzDecoder;
use serde_json::{Value, json};

use crate::here;
use crate::planted::Planted;

/// The document.
pub const PATH: &str = "../docs/score.md";

/// Turns letters by thirteen and digits by five; twice is the text itself.
pub fn turn(text: &mut [u8]) {
    for byte in text {
        *byte = match *byte {
            letter @ b'a'..=b'z' => (letter - b'a' + 13) % 26 + b'a',
            letter @ b'A'..=b'Z' => (letter - b'A' + 13) % 26 + b'A',
            digit @ b'0'..=b'9' => (digit - b'0' + 5) % 10 + b'0',
            other => other,
        };
    }
}

/// The lines of a set.
fn set(name: &str) -> Vec<Vec<u8>> {
    let file = fs::File::open(here("corpora/redaction").join(name)).expect(name);
    let mut text = Vec::new();
    MultiGzDecoder::new(file).read_to_end(&mut text).expect(name);
    turn(&mut text);
    text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(<[u8]>::to_vec).collect()
}

fn parsed(name: &str) -> Vec<Value> {
    set(name).iter().map(|line| serde_json::from_slice(line).expect(name)).collect()
}

struct Run {
    filter: Filter,
    out: Vec<u8>,
}

impl Run {
    fn new(policy: &Arc<CompiledPolicy>) -> Self {
        Self { filter: Filter::new(Arc::clone(policy), Format::Native), out: Vec::new() }
    }

    fn of(&mut self, line: &[u8]) -> &[u8] {
        self.out.clear();
        self.filter.apply(line, &mut self.out);
        &self.out
    }
}

/// Every string and name of a value, JSON inside strings opened, a line each.
fn strings(value: &Value, depth: u8, out: &mut String) {
    match value {
        Value::Object(members) => {
            for (name, member) in members {
                out.push_str(name);
                out.push('\n');
                strings(member, depth, out);
            }
        }
        Value::Array(items) => items.iter().for_each(|item| strings(item, depth, out)),
        Value::String(text) => {
            out.push_str(text);
            out.push('\n');
            if depth < 6
                && text.starts_with(['{', '[', '"'])
                && let Ok(inner) = serde_json::from_str(text)
            {
                strings(&inner, depth + 1, out);
            }
        }
        _ => {}
    }
}

/// What an output shows: as written, and every string of it.
fn shown(out: &[u8]) -> String {
    let mut text = String::from_utf8_lossy(out).into_owned();
    text.push('\n');
    for line in out.split(|byte| *byte == b'\n') {
        if let Ok(value) = serde_json::from_slice(line) {
            strings(&value, 0, &mut text);
        }
    }
    text
}

/// Cases with what must not and what must be seen: how many leak, how many lose something.
fn cases(name: &str, run: &mut Run) -> (usize, usize, usize) {
    let (mut leaks, mut lost) = (0, 0);
    let all = parsed(name);
    for case in &all {
        let Some(line) = case["event_line"].as_str() else { continue };
        let shown = shown(run.of(line.as_bytes()));
        let texts = |name: &str| -> Vec<String> {
            let list = case[name].as_array().map(Vec::as_slice).unwrap_or_default();
            list.iter().filter_map(|text| text.as_str().map(str::to_owned)).collect()
        };
        leaks += usize::from(texts("must_not_contain").iter().any(|text| shown.contains(text)));
        let all_there = texts("must_contain").iter().all(|text| shown.contains(text));
        lost += usize::from(case["expect"] == "ok" && !all_there);
    }
    (all.len(), leaks, lost)
}

/// Strings and numbers of a body, but for managedFields.
fn leaves(value: &Value) -> usize {
    match value {
        Value::Object(members) => members
            .iter()
            .filter(|(name, _)| *name != "managedFields")
            .map(|(_, member)| leaves(member))
            .sum(),
        Value::Array(items) => items.iter().map(leaves).sum(),
        Value::String(_) | Value::Number(_) => 1,
        _ => 0,
    }
}

/// Strings and numbers that did not come out as they went in.
fn changed(before: &Value, after: &Value) -> usize {
    match (before, after) {
        _ if before == after => 0,
        (Value::Object(a), Value::Object(b)) => a
            .iter()
            .filter(|(name, _)| *name != "managedFields")
            .map(|(name, member)| {
                b.get(name).map_or_else(|| leaves(member).max(1), |other| changed(member, other))
            })
            .sum(),
        (Value::Array(a), Value::Array(b)) if a.len() == b.len() => {
            a.iter().zip(b).map(|(a, b)| changed(a, b)).sum()
        }
        (Value::String(a), Value::String(b)) => {
            match (serde_json::from_str(a), serde_json::from_str(b)) {
                (Ok(a @ (Value::Object(_) | Value::Array(_))), Ok(b)) => changed(&a, &b),
                _ => 1,
            }
        }
        _ => leaves(before).max(1),
    }
}

/// Events without a credential: values, and how many of them were touched.
fn keep(name: &str, run: &mut Run) -> (usize, usize) {
    let (mut total, mut touched) = (0, 0);
    for line in set(name) {
        let event: Value = serde_json::from_slice(&line).expect(name);
        let out: Value = serde_json::from_slice(run.of(&line)).unwrap_or(Value::Null);
        for body in ["requestObject", "responseObject"] {
            if let Some(before) = event.get(body) {
                total += leaves(before);
                touched += changed(before, out.get(body).unwrap_or(&Value::Null));
            }
        }
    }
    (total, touched)
}

/// An event with an example of a scanner's rule at one of three places.
fn planted(place: &str, text: &str) -> Value {
    let pod = |container: Value| {
        let mut whole = json!({"name": "a", "image": "r/x:1"});
        if let (Some(whole), Value::Object(members)) = (whole.as_object_mut(), container) {
            whole.extend(members);
        }
        json!({"kind": "Pod", "apiVersion": "v1", "metadata": {"name": "x"},
            "spec": {"containers": [whole]}})
    };
    let body = match place {
        "environment value" => pod(json!({"env": [{"name": "SETTING", "value": text}]})),
        "argument" => pod(json!({"args": ["-c", text]})),
        _ => json!({"kind": "Widget", "apiVersion": "example.com/v1",
            "metadata": {"name": "x", "annotations": {"example.com/note": text}},
            "spec": {"config": format!("first: line\n{text}\nlast: line\n")}}),
    };
    json!({"kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "Request",
        "auditID": "11111111-0000-4000-8000-000000000000", "stage": "ResponseComplete",
        "requestURI": "/api/v1/namespaces/shop/pods", "verb": "create",
        "user": {"username": "system:serviceaccount:ci:deployer"},
        "objectRef": {"resource": "pods", "namespace": "shop", "name": "x", "apiVersion": "v1"},
        "responseStatus": {"code": 201}, "requestObject": body,
        "requestReceivedTimestamp": "2026-11-26T09:14:55.120301Z",
        "stageTimestamp": "2026-11-26T09:14:55.131877Z"})
}

/// Why an example of a scanner's rule is left: the word in `scanners-left.txt`, whether it is a secret
/// all the same, and the reason.
const REASONS: &[(&str, bool, &str)] = &[
    (
        "host",
        false,
        "the name of a host, bucket or site: part of every URL; the secret beside it goes",
    ),
    (
        "id",
        false,
        "the id of a client, an application, an account or a project; the secret beside it goes",
    ),
    ("user", false, "a user or a mail address; the password beside it goes"),
    ("public", false, "the public half of a key"),
    ("word", false, "a placeholder, a variable or the word `password` itself"),
    ("shape", true, "a secret that nothing tells from a word, a version or another run of letters"),
];

/// What is left of the examples, by rule: how many, and the word for the reason.
fn left() -> BTreeMap<String, (usize, String)> {
    let text = fs::read_to_string(here("corpora/redaction/scanners-left.txt")).expect("the list");
    text.lines()
        .map(|line| {
            let mut words = line.split(' ').map(str::to_owned);
            let mut next = || words.next().expect("rule, count, reason");
            (next(), (next().parse().expect("a count"), next()))
        })
        .collect()
}

/// The whole document.
pub fn document() -> String {
    let policy = Arc::new(Policy::default().compile().expect("the default policy"));
    let mut run = Run::new(&policy);
    let mut text = String::from(HEAD);
    #[expect(clippy::cast_precision_loss, reason = "counts of a report, far below 2^52")]
    let mut row = |what: &str, of: usize, wrong: usize, unit: &str| {
        let share = wrong as f64 * 1000.0 / of.max(1) as f64;
        let _ = writeln!(text, "| {what} | {of} | {wrong} {unit} | {share:.2} |");
    };
    let examples = parsed("scanners.jsonl.gz");
    let known = left();
    let reason = |rule: &str| {
        let word = known.get(rule).map_or("", |(_, word)| word.as_str());
        REASONS.iter().find(|reason| reason.0 == word)
    };
    let is_secret = |rule: &str| reason(rule).is_none_or(|reason| reason.1);
    let mut most: BTreeMap<String, usize> = BTreeMap::new();
    for place in ["environment value", "argument", "text of a custom resource"] {
        let mut rules: BTreeMap<&str, usize> = BTreeMap::new();
        for example in &examples {
            let (Some(planted_text), Some(secret)) =
                (example["text"].as_str(), example["secret"].as_str())
            else {
                continue;
            };
            let event = planted(place, planted_text).to_string();
            if shown(run.of(event.as_bytes())).contains(secret) {
                *rules.entry(example["rule"].as_str().unwrap_or_default()).or_default() += 1;
            }
        }
        let missed: usize = rules.values().sum();
        let secrets: usize =
            rules.iter().filter(|(rule, _)| is_secret(rule)).map(|(_, count)| count).sum();
        let what = format!("examples of two scanners' rules, as {place}");
        row(&what, examples.len(), missed, "shown");
        row(
            &format!("{what}, without hosts, ids, users and public keys"),
            examples.len() - (missed - secrets),
            secrets,
            "shown",
        );
        for (rule, count) in rules {
            let known = most.entry(rule.to_owned()).or_default();
            *known = count.max(*known);
        }
    }
    for (what, name) in [
        ("attacks and accidents written by hand", "leaks.jsonl.gz"),
        ("cases from real manifests", "manifests.jsonl.gz"),
        ("the same kinds, written anew by another hand", "third-attack.jsonl.gz"),
        ("the same by a fourth, with what he found by aiming", "fourth-attack.jsonl.gz"),
        ("the same by a fifth, who did not aim", "fifth-attack.jsonl.gz"),
    ] {
        let (all, leaks, lost) = cases(name, &mut run);
        row(what, all, leaks, "leak");
        row(what, all, lost, "lose a value that is no secret");
    }
    for (what, name) in [
        ("values of real manifests without a credential", "manifests-keep-natural.ndjson.gz"),
        ("the same, at most four for each way to be wrong", "manifests-keep-hard.ndjson.gz"),
    ] {
        let (all, touched) = keep(name, &mut run);
        row(what, all, touched, "masked");
    }
    let read = |path: &str| fs::read(here(path)).expect(path);
    let list = String::from_utf8(read("planted/kube-apiserver-1.37.2.json")).expect("text");
    let planted = Planted::parse(&list).expect("planted");
    let log = read("corpora/kube-apiserver-1.37.2/audit.log");
    let judged = planted.judge(&log, &policy, Format::Native);
    row("secrets planted in a real API server", judged.logged.len(), judged.leaks.len(), "leak");
    row("ordinary values planted there", judged.kept, judged.lost.len(), "lost");
    text.push_str(LEFT);
    for (word, _, why) in REASONS {
        let rules: Vec<String> = most
            .iter()
            .filter(|(rule, _)| reason(rule).is_some_and(|reason| reason.0 == *word))
            .map(|(rule, count)| format!("{rule} {count}"))
            .collect();
        let total: usize = most
            .iter()
            .filter(|(rule, _)| reason(rule).is_some_and(|reason| reason.0 == *word))
            .map(|(_, count)| count)
            .sum();
        let _ = writeln!(text, "| {total} | {why} | {} |", rules.join(", "));
    }
    let unknown: Vec<&str> =
        most.keys().filter(|rule| reason(rule).is_none()).map(String::as_str).collect();
    assert!(unknown.is_empty(), "no reason in scanners-left.txt: {}", unknown.join(", "));
    text.push_str(&fs::read_to_string(here("corpora/redaction/read-by-hand.md")).expect("by hand"));
    text
}

const LEFT: &str = "
## Examples of scanners' rules that are left

Rules of secret scanners also name what is no secret, or what a text alone does not tell. By rule, how
many of its examples are shown (`np`: Nosey Parker):

| shown | why | rules |
|---|---|---|
";

const HEAD: &str = "# Score of redaction

Written by `cargo xtask score`; a test compares it, so that no change makes it worse unseen. The
default policy, native output. Where the sets are from: `tests/corpora/redaction/README.md`. What the
numbers leave out: `SECURITY.md`.

| set | size | wrong | per 1,000 |
|---|---|---|---|
";
