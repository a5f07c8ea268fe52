//! The fields of each format against documents, and `docs/fields.md`, which is made of both.
//!
//! `BLESS=1 cargo test -p auditweir-tests --test formats` writes the file anew.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;

use auditweir::Format;
use auditweir::fields::{FACTS, Fact, Source};
use auditweir_tests::here;
use serde_json::Value;

use crate::agree;
use crate::corpus::{self, PLATFORMS};

/// What holds members of the event's own, or of the policy's, under any name.
const OPAQUE: [&str; 3] = ["api.request.data", "api.response.data", "enrichments.data"];

/// Names of all values in a document of this format.
fn names(format: Format, line: &str) -> BTreeSet<String> {
    let document: Value = serde_json::from_str(line).expect("JSON");
    let mut found = BTreeSet::new();
    if format == Format::Ocsf {
        leaves("", &document, &mut found);
        return found;
    }
    let place = |pointer: &str| document.pointer(pointer).unwrap_or_else(|| panic!("{line}"));
    let record = place("/resourceLogs/0/scopeLogs/0/logRecords/0");
    for name in record.as_object().expect("record").keys() {
        if name != "attributes" {
            found.insert(name.clone());
        }
    }
    for list in [&record["attributes"], place("/resourceLogs/0/resource/attributes")] {
        for attribute in list.as_array().expect("attributes") {
            let name = attribute["key"].as_str().expect("key");
            let open = name.strip_prefix("k8s.audit.label.");
            found.insert(open.map_or_else(|| name.to_owned(), |_| "k8s.audit.label.*".to_owned()));
        }
    }
    found
}

fn leaves(path: &str, value: &Value, found: &mut BTreeSet<String>) {
    match value {
        Value::Object(members) if !OPAQUE.contains(&path) => {
            for (name, value) in members {
                let path = if path.is_empty() { name.clone() } else { format!("{path}.{name}") };
                leaves(&path, value, found);
            }
        }
        Value::Array(items) if !OPAQUE.contains(&path) => {
            for item in items {
                leaves(path, item, found);
            }
        }
        _ => {
            found.insert(path.to_owned());
        }
    }
}

fn listed(format: Format) -> BTreeSet<String> {
    format.fields().iter().map(|field| field.name.to_owned()).collect()
}

fn compare(what: &str, listed: &BTreeSet<String>, found: &BTreeSet<String>) -> String {
    let mut wrong = String::new();
    for name in found.difference(listed) {
        let _ = writeln!(wrong, "{what}: {name} is not in the table");
    }
    for name in listed.difference(found) {
        let _ = writeln!(wrong, "{what}: no document has {name}");
    }
    wrong
}

#[test]
fn documents_have_the_names_of_the_table() {
    let mut wrong = String::new();
    for format in [Format::Ocsf, Format::Otel] {
        let lines = corpus::corpus(format).into_values().flatten();
        let lines = lines.chain(corpus::all_cases(format)).chain(corpus::stubs(format));
        let found = lines.chain(corpus::samples(format)).flat_map(|line| names(format, &line));
        wrong += &compare(format.name(), &listed(format), &found.collect());
    }
    // Those of `ecs` are held against documents by a test of the core.
    for fact in FACTS {
        let known = [Format::Ecs, Format::Ocsf, Format::Otel]
            .iter()
            .any(|format| format.fields().iter().any(|field| field.fact == fact));
        if !known {
            let _ = writeln!(wrong, "no format writes {}", fact.key);
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn field_reference_is_current() {
    let path = here("../docs/fields.md");
    let text = reference();
    if std::env::var_os("BLESS").is_some_and(|value| value == "1") {
        fs::write(&path, &text).expect("docs/fields.md");
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    let differs = committed.lines().zip(text.lines()).position(|(old, new)| old != new);
    assert!(committed == text, "docs/fields.md differs from line {differs:?}; BLESS=1 rewrites it");
}

fn reference() -> String {
    let mut text = String::from(HEAD);
    let formats = [Format::Ecs, Format::Ocsf, Format::Otel].map(Format::fields);
    for fact in FACTS {
        let Fact { native, source, kind, example, .. } = fact;
        let _ = write!(text, "| {native} | {} | {kind} | `{example}` |", source.text());
        for fields in &formats {
            let names: Vec<String> = fields
                .iter()
                .filter(|field| field.fact == fact)
                .map(|field| format!("`{}`", field.name))
                .collect();
            let _ = write!(text, " {} |", names.join("<br>"));
        }
        text.push('\n');
    }
    text.push_str(MAPPING);
    for field in &formats[0] {
        let _ = writeln!(text, "| `{}` | {:?} | {} |", field.name, field.kind, field.fact.native);
    }
    text.push_str(ELSEWHERE);
    agree::elsewhere(&mut text);
    facts_by_platform(&mut text);
    for (format, head) in [(Format::Ocsf, OCSF), (Format::Otel, OTEL)] {
        coverage(format, head, &mut text);
    }
    text
}

/// In how many of each platform's events each fact is told.
fn facts_by_platform(text: &mut String) {
    text.push_str(BY_PLATFORM);
    let corpus = corpus::corpus(Format::Ecs);
    let counts: Vec<_> =
        PLATFORMS.iter().map(|(_, platform)| agree::count(&corpus[platform])).collect();
    platforms("fact", &corpus, text);
    for fact in FACTS.iter().filter(|fact| fact.source != Source::Constant) {
        if counts.iter().any(|counts| counts.contains_key(fact.key)) {
            let _ = write!(text, "| {} |", fact.native);
            for counts in &counts {
                match counts.get(fact.key) {
                    Some(count) => _ = write!(text, " {count} |"),
                    None => text.push_str(" |"),
                }
            }
            text.push('\n');
        }
    }
}

/// The head of a table with a column for each platform.
fn platforms(what: &str, corpus: &corpus::Lines, text: &mut String) {
    let _ = write!(text, "| {what} |");
    for (_, platform) in PLATFORMS {
        let _ = write!(text, " {platform} ({}) |", corpus[platform].len());
    }
    text.push_str("\n| --- |");
    text.push_str(&" ---: |".repeat(PLATFORMS.len()));
    text.push('\n');
}

/// How many of each platform's events have each name.
fn coverage(format: Format, head: &str, text: &mut String) {
    text.push_str(head);
    let corpus = corpus::corpus(format);
    let mut counts: BTreeMap<String, BTreeMap<&str, usize>> = BTreeMap::new();
    for (platform, lines) in &corpus {
        for line in lines {
            for name in names(format, line) {
                *counts.entry(name).or_default().entry(platform).or_default() += 1;
            }
        }
    }
    platforms("name", &corpus, text);
    for (name, by) in counts {
        let _ = write!(text, "| `{name}` |");
        for (_, platform) in PLATFORMS {
            match by.get(platform) {
                Some(count) => _ = write!(text, " {count} |"),
                None => text.push_str(" |"),
            }
        }
        text.push('\n');
    }
}

const HEAD: &str = "\
# Fields

What each piece of an audit event is called in each format. Written by `BLESS=1 cargo test -p
auditweir-tests --test formats` from the table of facts in `core/src/emit/fields.rs` and the layouts that
write the documents; tests hold them against documents in both directions: no name that is not here,
none here that no document has.

| format | schema | source of names and types |
| --- | --- | --- |
| `native` | audit.k8s.io/v1 Event | kubernetes/apiserver `pkg/apis/audit/v1/types.go` |
| `ecs` | Elastic Common Schema 9.4.0 | elastic/ecs `generated/ecs/ecs_flat.yml`; `kubernetes.audit` as Elastic's integration has it |
| `ocsf` | OCSF 1.8.0, API Activity (6003) | ocsf/ocsf-schema; every event is validated with `ocsf-json-schema` |
| `otel` | OTLP 1.x JSON, semantic conventions 1.44 | opentelemetry-proto, semantic-conventions; every request is parsed with `opentelemetry-proto` |

**native** is the event as it came, minus redactions, plus one object `auditweir`; the first column is
its reference.

**ocsf.** One event a line. Profiles: `security_control`, `datetime` when there is a time, and `cloud`
when envelope, policy or the caller's identity name the cloud. What the class requires and an event
does not say is `unknown` (`actor.user`, `api.operation`, `src_endpoint`); a request for a collection
has the resource name `*`. The actor is who authenticated; an impersonated user is in `unmapped.impersonated_user` and
`api.request.flags` says `impersonated`. Bodies are in `api.request.data` and `api.response.data`, as
`output.bodies`, `output.maxBody` and `output.maxBodyText` say. What clients or authenticators name freely is one
JSON text each in `unmapped` (a list of pieces when it is longer than `output.maxText`), so that no index
and no table grows with it.

**otel.** One `ExportLogsServiceRequest` a line, with one resource, one scope and one record: that is
what OTLP/JSON defines, what a collector's `otlpjsonfile` receiver reads from a file and what its
`otlp` receiver takes at `/v1/logs`. A bare `LogRecord` a line would be shorter, but
nothing reads it, and it has no place for the resource, that is for the cluster. The body is the whole
event as redacted, as JSON text, less the bodies that `output.bodies: none` and `output.maxBody` take out;
attributes are what one searches for. There is no observed time: the library has no clock.

The bounds of `output` hold for all: texts end in a marker after `output.maxText` characters, lists that
clients can lengthen after 32 items. What is cut in an attribute of `otel` is whole in its body.

## Names

| event | source | type | example | ECS | OCSF | OpenTelemetry |
| --- | --- | --- | --- | --- | --- | --- |
";

const MAPPING: &str = "
## ECS fields

With their mapping types, in the order of documents.

| field | type | made of |
| --- | --- | --- |
";

const ELSEWHERE: &str = "
## What OCSF and OpenTelemetry tell elsewhere

What `ecs` tells of an event, the others tell, too: under the names above or as this table says. A test
(`tests/formats/agree.rs`) compares the values in every event of the corpus and of the cases.

| fact | OCSF | OpenTelemetry |
| --- | --- | --- |
";

const BY_PLATFORM: &str = "
## Facts by platform

Of how many events of the corpus (`tests/corpora`, default policy) `ecs` tells each fact; the table of
names has its fields. Real events of these platforms have more; the corpus has what was published of
them.

";

const OCSF: &str = "
## OCSF attributes by platform

Of how many of the same events each attribute is filled.

";

const OTEL: &str = "
## OpenTelemetry attributes by platform

The same for `otel`.

";
