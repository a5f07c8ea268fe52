//! What an event says, whatever format it is written in: one word for each fact, and where each
//! format keeps it. A case states its facts once and is held to them in all formats.

use auditweir_shell::time;
use serde_json::{Map, Value};

/// The formats, in the order of `Row::places`.
pub const FORMATS: [&str; 4] = ["native", "ecs", "ocsf", "otel"];

struct Row {
    fact: &'static str,
    /// Where each format keeps it: a JSON pointer, or the key of an attribute for `otel`; empty
    /// where a format has no place for it.
    places: [&'static str; 4],
}

const fn row(fact: &'static str, places: [&'static str; 4]) -> Row {
    Row { fact, places }
}

const ROWS: &[Row] = &[
    row("id", ["/auditID", "/event/id", "/metadata/original_event_uid", "k8s.audit.id"]),
    row("outcome", ["/auditweir/outcome", "/event/outcome", "/status", "k8s.audit.outcome"]),
    row("action", ["", "/event/type", "/action", "k8s.audit.action"]),
    row(
        "deniedBy",
        [
            "/auditweir/deniedBy",
            "/kubernetes/audit/denied_by",
            "/unmapped/denied_by",
            "k8s.audit.denied_by",
        ],
    ),
    row("code", ["", "/http/response/status_code", "/status_code", "http.response.status_code"]),
    row("user", ["/user/username", "/user/name", "/actor/user/name", "user.name"]),
    row(
        "effectiveUser",
        [
            "",
            "/user/effective/name",
            "/unmapped/impersonated_user/name",
            "k8s.audit.impersonated_user.name",
        ],
    ),
    row(
        "person",
        [
            "",
            "/kubernetes/audit/impersonatedUser/extra/username/0",
            "/unmapped/impersonated_user/person",
            "k8s.audit.impersonated_user.person",
        ],
    ),
    row("verb", ["/verb", "/event/action", "/api/operation", "k8s.audit.verb"]),
    row("uri", ["/requestURI", "/url/original", "/http_request/url/url_string", "url.original"]),
    row(
        "resource",
        [
            "/objectRef/resource",
            "/orchestrator/resource/type",
            "/resources/0/type",
            "k8s.audit.object_ref.resource",
        ],
    ),
    row(
        "namespace",
        [
            "/objectRef/namespace",
            "/orchestrator/namespace",
            "/resources/0/namespace",
            "k8s.audit.object_ref.namespace",
        ],
    ),
    row(
        "name",
        ["", "/orchestrator/resource/name", "/resources/0/name", "k8s.audit.object_ref.name"],
    ),
    row("peer", ["/auditweir/peer", "/source/ip", "/src_endpoint/ip", "source.address"]),
    row("level", ["/level", "/kubernetes/audit/level", "/metadata/log_level", "k8s.audit.level"]),
    row("stage", ["/stage", "/kubernetes/audit/stage", "/metadata/event_code", "k8s.audit.stage"]),
    row(
        "cluster",
        [
            "/auditweir/cluster/name",
            "/orchestrator/cluster/name",
            "/dst_endpoint/name",
            "k8s.cluster.name",
        ],
    ),
    row(
        "clusterId",
        [
            "/auditweir/cluster/id",
            "/orchestrator/cluster/id",
            "/metadata/tenant_uid",
            "k8s.cluster.uid",
        ],
    ),
    row(
        "provider",
        ["/auditweir/cluster/provider", "/cloud/provider", "/cloud/provider", "cloud.provider"],
    ),
    row(
        "account",
        [
            "/auditweir/cluster/account",
            "/cloud/account/id",
            "/cloud/account/uid",
            "cloud.account.id",
        ],
    ),
    row("region", ["/auditweir/cluster/region", "/cloud/region", "/cloud/region", "cloud.region"]),
    row(
        "dryRun",
        [
            "/auditweir/dryRun",
            "/kubernetes/audit/dry_run",
            "/api/request/flags",
            "k8s.audit.dry_run",
        ],
    ),
    row("time", ["", "/@timestamp", "/time_dt", "timeUnixNano"]),
    row(
        "stub",
        ["/auditweir/stub", "/auditweir/stub", "/unmapped/auditweir/stub", "k8s.audit.stub.reason"],
    ),
];

/// All the ways in which the lines of a format do not say what is expected, a map of facts a line.
/// A fact that is `null` must not be said.
pub fn failures(format: &str, expected: &[Map<String, Value>], lines: &[Value]) -> Vec<String> {
    let mut wrong = Vec::new();
    let Some(column) = FORMATS.iter().position(|known| *known == format) else {
        return vec![format!("no format is called `{format}`")];
    };
    for (at, facts) in expected.iter().enumerate() {
        let Some(line) = lines.get(at) else { continue };
        for (fact, expected) in facts {
            let Some(row) = ROWS.iter().find(|row| row.fact == fact) else {
                wrong.push(format!("no fact is called `{fact}`"));
                continue;
            };
            let place = row.places[column];
            if place.is_empty() {
                continue;
            }
            let said = said(line, format, row.fact, place);
            let expected = plain(expected);
            if said != expected {
                wrong.push(format!("{format} {at}: {fact} is {said:?} instead of {expected:?}"));
            }
        }
    }
    wrong
}

/// What a line says of a fact, as a plain text.
fn said(line: &Value, format: &str, fact: &str, place: &str) -> Option<String> {
    let value =
        if format == "otel" { attribute(line, place) } else { line.pointer(place).cloned() };
    let list = |word: &str| {
        value.as_ref().and_then(Value::as_array).is_some_and(|list| list.contains(&word.into()))
    };
    match (format, fact) {
        ("ecs", "action") => {
            ["denied", "allowed"].into_iter().find(|word| list(word)).map(Into::into)
        }
        ("ocsf", "dryRun") => list("dryRun").then(|| "true".into()),
        // What OCSF needs and nobody knows.
        ("ocsf", "user" | "verb" | "name") => {
            plain(&value?).filter(|text| text != "unknown" && text != "*")
        }
        ("ocsf", "resource") => {
            plain(&value?).map(|text| text.split('/').next().unwrap_or_default().into())
        }
        ("ocsf", "outcome" | "action" | "provider") => plain(&value?)
            .map(|text| text.to_lowercase())
            .filter(|text| fact != "action" || text != "unknown"),
        ("otel", "time") => plain(&value?).and_then(|nanos| nanos.parse().ok()).map(rfc3339),
        _ => plain(&value?),
    }
}

/// The value of an attribute of the one record of an OTLP request, or of its resource.
fn attribute(line: &Value, key: &str) -> Option<Value> {
    let resource = line.pointer("/resourceLogs/0/resource/attributes");
    let record = line.pointer("/resourceLogs/0/scopeLogs/0/logRecords/0")?;
    if key == "timeUnixNano" {
        return record.get(key).cloned();
    }
    let lists = [record.get("attributes"), resource];
    let found = lists.into_iter().flatten().filter_map(Value::as_array).flatten();
    let attribute = found.into_iter().find(|attribute| attribute["key"] == key)?;
    attribute["value"].as_object()?.values().next().cloned()
}

/// A scalar as text: formats differ in whether a number is one.
fn plain(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        other => Some(other.to_string()),
    }
}

/// Nanoseconds since 1970 as the API server writes times.
fn rfc3339(nanos: i64) -> String {
    let (seconds, nanos) = (nanos.div_euclid(1_000_000_000), nanos.rem_euclid(1_000_000_000));
    let fraction = match nanos {
        0 => String::new(),
        rest if rest % 1_000 == 0 => format!(".{:06}", rest / 1_000),
        rest => format!(".{rest:09}"),
    };
    format!("{}T{}{fraction}Z", time::day(seconds), time::clock(seconds, true))
}
