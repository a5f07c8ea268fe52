//! What `ecs` tells of an event, `ocsf` and `otel` tell, too: of every event at hand, fact by fact.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;

use auditweir::Format;
use auditweir::fields::{FACTS, Source};
use serde_json::Value;

use crate::corpus;

/// Where a format tells a fact that it has no name for.
enum Told {
    /// The same value, under one of these names.
    As(&'static [&'static str]),
    /// A text that is part of the value there, or the other way round.
    Within(&'static [&'static str]),
    /// Something, in the schema's own numbers or words.
    Spelt(&'static [&'static str]),
    /// Nowhere, and why.
    Not(&'static str),
}

use Told::{As, Not, Spelt, Within};

const BODY: Told = Within(&["body"]);
const OCSF: Format = Format::Ocsf;
const OTEL: Format = Format::Otel;

/// Facts that a format has no name of its own for, or says in the words of its schema.
const ELSEWHERE: &[(&str, Format, Told)] = &[
    ("action", OCSF, Not("verb and object, which have names of their own")),
    ("annotations", OCSF, Within(&["unmapped.annotations", "actor.authorizations.*"])),
    ("api_version", OCSF, Within(&["api.version", "api.group.name"])),
    ("arguments", OCSF, Within(&["unmapped.exec.command_line"])),
    ("account", OCSF, As(&["cloud.account.uid", "unmapped.account"])),
    ("binding", OCSF, Within(&["actor.authorizations.policy.uid"])),
    ("claim_trusted", OCSF, Not("what is in `http_request.x_forwarded_for` is never trusted")),
    ("class", OCSF, Spelt(&["activity_id"])),
    ("constraint", OCSF, Within(&["unmapped.extra"])),
    ("data_namespace", OCSF, Not("of Elastic's data streams")),
    ("dataset", OCSF, Not("of Elastic's data streams")),
    ("details", OCSF, Within(&["unmapped.extra"])),
    ("duration", OCSF, Spelt(&["duration"])),
    ("effective_extra", OCSF, Within(&["unmapped.impersonated_user.extra"])),
    ("event_kind", OCSF, Not("always `Event`")),
    ("failed_open", OCSF, As(&["enrichments.data.admission.failed_open"])),
    ("group", OCSF, As(&["actor.user.groups.name"])),
    ("groups", OCSF, As(&["actor.user.groups.name", "actor.authorizations.policy.name"])),
    ("is_final", OCSF, Not("follows from `metadata.event_code`")),
    ("is_human", OCSF, Not("follows from `unmapped.actor_kind`")),
    ("is_system", OCSF, Not("follows from `unmapped.actor_kind`")),
    ("legacy", OCSF, Spelt(&["time"])),
    ("match_severity", OCSF, Spelt(&["is_alert"])),
    ("mutated", OCSF, As(&["enrichments.data.admission.mutated"])),
    ("network", OCSF, As(&["enrichments.data.network"])),
    ("object_ip", OCSF, As(&["api.response.data"])),
    ("owner", OCSF, As(&["api.request.data", "api.response.data"])),
    ("policies", OCSF, As(&["enrichments.data.admission.policy"])),
    ("policy_actions", OCSF, As(&["enrichments.data.admission.action"])),
    ("policy_bindings", OCSF, As(&["enrichments.data.admission.binding"])),
    ("project", OCSF, Spelt(&["cloud.account.uid"])),
    ("redactions", OCSF, As(&["metadata.tags.value"])),
    ("region", OCSF, As(&["cloud.region", "unmapped.region"])),
    ("resource", OCSF, Within(&["resources.type"])),
    ("rest", OCSF, Not("each format leaves over what it has no name for; nothing is lost")),
    ("rules", OCSF, As(&["unmapped.auditweir.redactions.rule"])),
    (
        "source_ips",
        OCSF,
        Within(&["src_endpoint.*", "http_request.x_forwarded_for", "unmapped.extra"]),
    ),
    ("staged", OCSF, Spelt(&["metadata.original_time"])),
    ("status", OCSF, Spelt(&["status"])),
    ("subject", OCSF, Within(&["unmapped.subject"])),
    ("subresource", OCSF, Within(&["resources.type", "unmapped.extra"])),
    ("tags", OCSF, Spelt(&["metadata.tags.name", "metadata.is_truncated"])),
    ("target", OCSF, Within(&["resources.name", "unmapped.login_user"])),
    ("target_role", OCSF, As(&["resources.name"])),
    ("time", OCSF, Spelt(&["time"])),
    ("user_extra", OCSF, Within(&["unmapped.user_extra"])),
    ("users", OCSF, Within(&["actor.user.name", "unmapped.impersonated_user.*"])),
    ("webhooks", OCSF, As(&["enrichments.data.admission.webhook"])),
    ("action", OTEL, Not("verb and object, which have names of their own")),
    ("annotations", OTEL, BODY),
    ("api_version", OTEL, Within(&["k8s.audit.object_ref.*"])),
    ("audit_id", OTEL, As(&["k8s.audit.id", "log.record.uid"])),
    ("binding", OTEL, Within(&["k8s.audit.authorization.binding"])),
    ("class", OTEL, Not("the conventions have no words for it; verb, object and code tell it")),
    ("constraint", OTEL, BODY),
    ("data_namespace", OTEL, Not("of Elastic's data streams")),
    ("dataset", OTEL, Not("of Elastic's data streams")),
    ("details", OTEL, BODY),
    ("duration", OTEL, Spelt(&["k8s.audit.duration"])),
    ("effective_extra", OTEL, BODY),
    ("event_kind", OTEL, Not("always `Event`")),
    ("group", OTEL, As(&["user.roles"])),
    ("is_final", OTEL, Not("follows from `k8s.audit.stage`")),
    ("is_human", OTEL, Not("follows from `k8s.audit.user.type`")),
    ("is_system", OTEL, Not("follows from `k8s.audit.user.type`")),
    ("labels", OTEL, Not("they stand in the bodies, and those in `body`")),
    ("legacy", OTEL, BODY),
    ("lowered", OTEL, Within(&["k8s.audit.redaction.receipts"])),
    ("object_ip", OTEL, BODY),
    ("owner", OTEL, BODY),
    ("platform", OTEL, Spelt(&["cloud.platform"])),
    ("project", OTEL, Spelt(&["cloud.account.id"])),
    ("receipts", OTEL, Within(&["k8s.audit.redaction.receipts"])),
    ("received", OTEL, Spelt(&["k8s.audit.request_received_timestamp"])),
    ("request_object", OTEL, BODY),
    ("response_object", OTEL, BODY),
    ("rest", OTEL, Not("all of it is in `body`")),
    ("role", OTEL, Within(&["k8s.audit.authorization.role"])),
    ("sentence", OTEL, Not("who did what to what stands in attributes")),
    ("source_ips", OTEL, Within(&["k8s.audit.source_ips", "source.address", "body"])),
    ("staged", OTEL, Spelt(&["body"])),
    ("status", OTEL, Spelt(&["k8s.audit.outcome"])),
    ("status_reason", OTEL, As(&["error.type", "k8s.audit.authorization.reason"])),
    ("subject", OTEL, Within(&["k8s.audit.authorization.subject"])),
    ("tags", OTEL, Spelt(TAGS)),
    (
        "time",
        OTEL,
        Spelt(&["timeUnixNano", "k8s.audit.no_timestamp", "k8s.audit.request_received_timestamp"]),
    ),
    ("user_extra", OTEL, BODY),
    ("users", OTEL, Within(&["user.name", "k8s.audit.impersonated_user.*"])),
];

/// What `ecs` has as tags.
const TAGS: &[&str] = &[
    "k8s.audit.truncated",
    "k8s.audit.deprecated",
    "k8s.audit.dry_run*",
    "k8s.audit.no_timestamp",
    "k8s.audit.contradicted",
    "k8s.audit.redaction.*",
];

/// What a document says under each name, in lower case.
type Said = BTreeMap<String, BTreeSet<String>>;

fn said(format: Format, line: &str) -> Said {
    let document: Value = serde_json::from_str(line).expect("JSON");
    let mut said = Said::new();
    if format != OTEL {
        collect(&mut Vec::new(), &document, &mut |path, value| {
            said.entry(path.join(".")).or_default().insert(value);
        });
        return said;
    }
    let place = |pointer: &str| document.pointer(pointer).unwrap_or_else(|| panic!("{line}"));
    let record = place("/resourceLogs/0/scopeLogs/0/logRecords/0");
    let mut take = |name: &str, value: &Value| {
        collect(&mut Vec::new(), value, &mut |_, value| {
            said.entry(name.to_owned()).or_default().insert(value);
        });
    };
    for (name, value) in record.as_object().expect("record") {
        if name != "attributes" {
            take(name, value);
        }
    }
    for list in [&record["attributes"], place("/resourceLogs/0/resource/attributes")] {
        for attribute in list.as_array().expect("attributes") {
            take(attribute["key"].as_str().expect("key"), &attribute["value"]);
        }
    }
    said
}

/// Hands on the path and the text of every value.
fn collect<'v>(path: &mut Vec<&'v str>, value: &'v Value, each: &mut impl FnMut(&[&str], String)) {
    match value {
        Value::Object(members) => {
            for (name, value) in members {
                path.push(name);
                collect(path, value, each);
                path.pop();
            }
        }
        Value::Array(items) => items.iter().for_each(|item| collect(path, item, each)),
        Value::String(text) => each(path, text.to_lowercase()),
        other => each(path, other.to_string()),
    }
}

/// The values under these names; one that ends in `*` stands for all that begin so, and one of an
/// object for all of its members.
fn values<'s>(said: &'s Said, names: &[&str]) -> BTreeSet<&'s str> {
    let mut found = BTreeSet::new();
    for name in names {
        let (start, own) = match name.strip_suffix('*') {
            Some(start) => (start.to_owned(), None),
            None => (format!("{name}."), said.get(*name)),
        };
        let below = said.range(start.clone()..).take_while(|(known, _)| known.starts_with(&start));
        found.extend(below.map(|(_, values)| values).chain(own).flatten().map(String::as_str));
    }
    found.remove("");
    found
}

/// The letters and digits of a text, without those of escapes.
fn plain(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text.chars();
    while let Some(next) = rest.next() {
        match next {
            '\\' => {
                let digits = if rest.next() == Some('u') { 4 } else { 0 };
                rest.by_ref().take(digits).for_each(drop);
            }
            next if next.is_ascii_alphanumeric() => plain.push(next),
            _ => {}
        }
    }
    plain
}

/// The rows of [`ELSEWHERE`] as `docs/fields.md` has them.
pub(crate) fn elsewhere(text: &mut String) {
    for fact in FACTS {
        let told = |format| ELSEWHERE.iter().find(|row| (row.0, row.1) == (fact.key, format));
        let cell = |format: Format| match told(format).map(|row| &row.2) {
            None => String::new(),
            Some(Not(why)) => (*why).to_owned(),
            Some(As(names) | Within(names) | Spelt(names)) => {
                names.iter().map(|name| format!("`{name}`")).collect::<Vec<_>>().join(", ")
            }
        };
        let (ocsf, otel) = (cell(OCSF), cell(OTEL));
        if !ocsf.is_empty() || !otel.is_empty() {
            let _ = writeln!(text, "| {} | {ocsf} | {otel} |", fact.native);
        }
    }
}

/// How many documents of `ecs` tell each fact.
pub(crate) fn count(lines: &[String]) -> BTreeMap<&'static str, usize> {
    let rows: Vec<_> = FACTS.iter().map(|fact| (fact.key, names(Format::Ecs, fact.key))).collect();
    let mut counts = BTreeMap::new();
    for line in lines {
        let said = said(Format::Ecs, line);
        for (key, names) in &rows {
            if !values(&said, names).is_empty() {
                *counts.entry(*key).or_default() += 1;
            }
        }
    }
    counts
}

/// The names of a fact in a format.
fn names(format: Format, key: &str) -> Vec<&'static str> {
    let fields = format.fields();
    fields.iter().filter(|field| field.fact.key == key).map(|field| field.name).collect()
}

#[test]
fn ocsf_and_otel_tell_what_ecs_tells() {
    let mut wrong: BTreeMap<String, (usize, String)> = BTreeMap::new();
    let mut used = BTreeSet::new();
    let events = |format| {
        let lines = corpus::corpus(format).into_values().flatten();
        lines.chain(corpus::all_cases(format)).chain(corpus::samples(format)).collect::<Vec<_>>()
    };
    let ecs = events(Format::Ecs);
    for format in [OCSF, OTEL] {
        let lines = events(format);
        assert_eq!(ecs.len(), lines.len(), "{format}");
        let rows: Vec<_> = FACTS
            .iter()
            .filter(|fact| fact.source != Source::Constant)
            .map(|fact| (fact.key, names(Format::Ecs, fact.key), names(format, fact.key)))
            .filter(|(_, ours, _)| !ours.is_empty())
            .collect();
        for (ecs, line) in ecs.iter().zip(&lines) {
            let (ours, theirs) = (said(Format::Ecs, ecs), said(format, line));
            if ours.contains_key("auditweir.stub") {
                continue;
            }
            for (key, in_ecs, own) in &rows {
                let told = values(&ours, in_ecs);
                if told.is_empty() {
                    continue;
                }
                let row = ELSEWHERE.iter().find(|row| (row.0, row.1) == (*key, format));
                let agrees = match row.map(|row| &row.2) {
                    Some(Not(_)) => true,
                    Some(Spelt(names)) => !values(&theirs, names).is_empty(),
                    Some(Within(names)) => values(&theirs, names).iter().any(|there| {
                        let there = plain(there);
                        let is_part = |told: &str| told.contains(&there) || there.contains(told);
                        told.iter().any(|told| is_part(&plain(told)))
                    }),
                    Some(As(names)) => !values(&theirs, names).is_disjoint(&told),
                    None => !values(&theirs, own).is_disjoint(&told),
                };
                if row.is_some() {
                    used.insert((*key, format.name()));
                }
                if !agrees {
                    let names = if own.is_empty() { "no name".to_owned() } else { own.join(", ") };
                    let there = values(&theirs, own);
                    let example = format!("{told:?} is not in {names}: {there:?}");
                    let entry = wrong.entry(format!("{format} {key}")).or_insert((0, example));
                    entry.0 += 1;
                }
            }
        }
    }
    let mut text = String::new();
    for (what, (count, example)) in wrong {
        let _ = writeln!(
            text,
            "{what}, {count} times: {}",
            example.chars().take(300).collect::<String>()
        );
    }
    for (key, format, _) in ELSEWHERE {
        if !used.contains(&(*key, format.name())) {
            let _ = writeln!(text, "{format} {key}: no event needs this row");
        }
    }
    assert!(text.is_empty(), "{text}");
}
