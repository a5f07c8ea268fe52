//! An alert: a match of a rule with what a document about it needs, and that document in ECS.
//!
//! [`FIELDS`] is the document: each row is a field, its type, an example and how it is read. The index
//! template and the reference come from the same rows.

use std::borrow::Cow;

use auditweir::rules::{RequestOutcome, Rule, Severity};
use auditweir::{Format, Line};
use serde::{Deserialize, Serialize};
use serde_json::{Map, Value, json};

use crate::finding::Finding;

/// A match of a rule with all that alerts say of it. Everything was redacted, or is the rule's.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default, rename_all = "camelCase")]
pub struct Alert {
    /// The finding.
    pub finding: Finding,
    /// Name of the cluster.
    pub cluster: Option<String>,
    /// `user.username`.
    pub user: Option<String>,
    /// `impersonatedUser.username`.
    pub effective: Option<String>,
    /// When the request came: RFC 3339.
    pub received: Option<String>,
    /// Kind of the actor.
    pub actor_kind: Option<String>,
    /// The connection's peer.
    pub peer: Option<String>,
    /// `userAgent`.
    pub agent: Option<String>,
    /// The verb.
    pub verb: Option<String>,
    /// Resource of the object.
    pub resource: Option<String>,
    /// Its subresource.
    pub subresource: Option<String>,
    /// Its namespace.
    pub namespace: Option<String>,
    /// Its name.
    pub name: Option<String>,
    /// The rule's description.
    pub description: String,
    /// Tags of the rule.
    pub tags: Vec<String>,
}

impl Alert {
    /// What an event says, for alerts about it.
    pub fn of(line: &Line<'_>) -> Self {
        let own = |text: Option<Cow<'_, str>>| text.map(Cow::into_owned);
        Self {
            finding: Finding::of(line),
            cluster: own(line.cluster()),
            user: own(line.username()),
            effective: own(line.impersonated()),
            received: line.received(),
            actor_kind: own(line.actor()),
            peer: own(line.peer()),
            agent: own(line.user_agent()),
            verb: own(line.verb()),
            resource: own(line.resource()),
            subresource: own(line.subresource()),
            namespace: own(line.namespace()),
            name: own(line.name()),
            ..Self::default()
        }
    }

    /// The same event with the rule that matches.
    #[must_use]
    pub fn with(self, rule: &Rule, outcome: RequestOutcome) -> Self {
        Self {
            finding: self.finding.with(rule, "match", rule.fields.join(", "), outcome),
            description: rule.description.clone(),
            tags: rule.tags.clone(),
            ..self
        }
    }

    /// One sentence: what, who, on what, how it ended.
    pub fn sentence(&self) -> String {
        let Finding { rule, actor, target, outcome, .. } = &self.finding;
        let mut text = rule.title.clone();
        let facts = [actor.as_deref(), self.verb.as_deref(), target.as_deref()];
        let facts: Vec<&str> = facts.into_iter().flatten().collect();
        if !facts.is_empty() {
            text.push_str(": ");
            text.push_str(&facts.join(" "));
        }
        if outcome.is_empty() { text } else { text + " (" + outcome + ")" }
    }

    /// The alert in the schema of this format: a Detection Finding in OCSF, ECS for the others, which
    /// have no alerts of their own. `id` is its own; both times are when it is written.
    pub fn written(&self, format: Format, id: &str, millis: i64, now: &str) -> Value {
        match format {
            Format::Ocsf => self.detection(id, millis),
            _ => self.document(id, now),
        }
    }

    /// The alert document in ECS. `id` is its own, `now` when it is written (RFC 3339).
    pub fn document(&self, id: &str, now: &str) -> Value {
        let mut document = Map::new();
        for field in FIELDS {
            let value = (field.value)(self, id, now);
            if !is_empty(&value) {
                put(&mut document, field.name, value);
            }
        }
        Value::Object(document)
    }

    /// The alert as a Detection Finding of OCSF 1.8.0. `id` is its own, `now` when it is written, in
    /// milliseconds since 1970.
    pub fn detection(&self, id: &str, now: i64) -> Value {
        let Finding { rule, attack, .. } = &self.finding;
        let (severity_id, severity) = match rule.level.as_str() {
            "critical" => (5, "Critical"),
            "high" => (4, "High"),
            "medium" => (3, "Medium"),
            "low" => (2, "Low"),
            _ => (1, "Informational"),
        };
        let attacks: Vec<Value> = attack
            .iter()
            .map(|technique| {
                json!({
                    "technique": {"uid": technique.split('.').next()},
                    "sub_technique": technique.contains('.').then(|| json!({"uid": technique})),
                    "version": "19",
                })
            })
            .collect();
        let named = |name: &Option<String>| name.as_ref().map(|name| json!({ "name": name }));
        let mut document = json!({
            "activity_id": 1, "activity_name": "Create",
            "category_uid": 2, "category_name": "Findings",
            "class_uid": 2004, "class_name": "Detection Finding",
            "type_uid": 200_401, "type_name": "Detection Finding: Create",
            "time": now,
            "severity_id": severity_id, "severity": severity,
            "status_id": 1, "status": "New",
            "is_alert": true,
            "message": self.sentence(),
            "metadata": {
                "version": "1.8.0", "uid": id, "log_name": "audit.k8s.io",
                "log_provider": "auditweir",
                "product": {
                    "name": "auditweir", "vendor_name": "auditweir",
                    "version": env!("CARGO_PKG_VERSION"),
                },
            },
            "finding_info": {
                "uid": id, "title": rule.title, "desc": self.description, "created_time": now,
                "analytic": {
                    "type_id": 1, "type": "Rule", "uid": rule.id, "name": rule.intent,
                },
                "attacks": attacks,
                "related_events": [{
                    "uid": self.finding.id, "type_uid": 600_399, "count": 1,
                }],
            },
            "evidences": [{
                "actor": {"user": named(&self.user)},
                "api": {
                    "operation": self.verb.as_deref().unwrap_or("unknown"),
                    "service": {"name": "kube-apiserver"},
                },
                "src_endpoint": address(self).map(|ip| json!({"ip": ip})),
            }],
            "resources": [{
                "name": self.name, "type": self.resource, "namespace": self.namespace,
            }],
            "unmapped": {
                "outcome": self.finding.outcome, "cluster": self.cluster,
                "audit_id": self.finding.audit_id, "impersonated_user": named(&self.effective),
            },
        });
        prune(&mut document);
        document
    }

    fn tactics(&self) -> impl Iterator<Item = &'static (&'static str, &'static str, &'static str)> {
        TACTICS.iter().filter(|(slug, ..)| {
            self.tags.iter().any(|tag| tag.strip_prefix("attack.").is_some_and(|tag| tag == *slug))
        })
    }
}

/// Takes out what is null or empty.
fn prune(value: &mut Value) {
    match value {
        Value::Array(items) => {
            items.iter_mut().for_each(prune);
            items.retain(|item| !is_empty(item));
        }
        Value::Object(members) => {
            members.values_mut().for_each(prune);
            members.retain(|_, member| !is_empty(member));
        }
        _ => {}
    }
}

/// Whether a value says nothing.
fn is_empty(value: &Value) -> bool {
    match value {
        Value::Null => true,
        Value::String(text) => text.is_empty(),
        Value::Array(items) => items.is_empty(),
        Value::Object(members) => members.is_empty(),
        _ => false,
    }
}

fn put(object: &mut Map<String, Value>, name: &str, value: Value) {
    match name.split_once('.') {
        None => {
            object.insert(name.to_owned(), value);
        }
        Some((head, rest)) => {
            let inner = object.entry(head).or_insert_with(|| Value::Object(Map::new()));
            if let Value::Object(inner) = inner {
                put(inner, rest, value);
            }
        }
    }
}

/// Name of a tactic in tags, its id, its name. Version 19 split Defense Evasion in two.
const TACTICS: &[(&str, &str, &str)] = &[
    ("reconnaissance", "TA0043", "Reconnaissance"),
    ("resource-development", "TA0042", "Resource Development"),
    ("initial-access", "TA0001", "Initial Access"),
    ("execution", "TA0002", "Execution"),
    ("persistence", "TA0003", "Persistence"),
    ("privilege-escalation", "TA0004", "Privilege Escalation"),
    ("defense-evasion", "TA0005", "Defense Evasion"),
    ("stealth", "TA0005", "Stealth"),
    ("defense-impairment", "TA0112", "Defense Impairment"),
    ("credential-access", "TA0006", "Credential Access"),
    ("discovery", "TA0007", "Discovery"),
    ("lateral-movement", "TA0008", "Lateral Movement"),
    ("collection", "TA0009", "Collection"),
    ("command-and-control", "TA0011", "Command and Control"),
    ("exfiltration", "TA0010", "Exfiltration"),
    ("impact", "TA0040", "Impact"),
];

fn severity(level: &str) -> u64 {
    Severity::from_name(level).unwrap_or_default().number()
}

fn techniques(alert: &Alert, sub: bool) -> Value {
    let ids = alert.finding.attack.iter();
    let mut ids: Vec<&str> = if sub {
        ids.filter(|id| id.contains('.')).map(String::as_str).collect()
    } else {
        ids.map(|id| id.split('.').next().unwrap_or_default()).collect()
    };
    ids.dedup();
    json!(ids)
}

/// One field of the alert document.
pub struct Field {
    /// Its name in ECS.
    pub name: &'static str,
    /// Its type in an index.
    pub kind: &'static str,
    /// An example.
    pub example: &'static str,
    value: fn(&Alert, &str, &str) -> Value,
}

macro_rules! fields {
    ($($name:literal $kind:literal $example:literal = |$alert:pat_param, $id:pat_param, $now:pat_param| $value:expr;)+) => {
        /// All fields of the alert document.
        pub const FIELDS: &[Field] = &[$(Field {
            name: $name, kind: $kind, example: $example,
            value: |$alert, $id, $now| json!($value),
        }),+];
    };
}

fields! {
    "@timestamp" "date" "2026-01-02T03:04:05.000002Z" = |alert, _, now| alert.finding.time.as_deref().unwrap_or(now);
    "ecs.version" "keyword" "9.4.0" = |_, _, _| "9.4.0";
    "data_stream.type" "constant_keyword" "logs" = |_, _, _| "logs";
    "data_stream.dataset" "constant_keyword" "auditweir.alerts" = |_, _, _| "auditweir.alerts";
    "data_stream.namespace" "constant_keyword" "default" = |_, _, _| "default";
    "message" "match_only_text" "Exec into a pod: jane create pods/exec shop/web (done)" = |alert, _, _| alert.sentence();
    "event.kind" "keyword" "alert" = |_, _, _| "alert";
    "event.module" "keyword" "auditweir" = |_, _, _| "auditweir";
    "event.dataset" "keyword" "auditweir.alerts" = |_, _, _| "auditweir.alerts";
    "event.provider" "keyword" "auditweir" = |_, _, _| "auditweir";
    "event.id" "keyword" "0f3a…" = |_, id, _| id;
    "event.created" "date" "2026-01-02T03:04:06.000Z" = |_, _, now| now;
    "event.ingested" "date" "2026-01-02T03:04:06.000Z" = |_, _, now| now;
    "event.action" "keyword" "create" = |alert, _, _| alert.verb;
    "event.outcome" "keyword" "success" = |alert, _, _| match alert.finding.outcome.as_str() {
        "done" => "success",
        "refused" | "failed" => "failure",
        _ => "unknown",
    };
    "event.severity" "long" "47" = |alert, _, _| severity(&alert.finding.rule.level);
    "event.risk_score" "float" "47" = |alert, _, _| severity(&alert.finding.rule.level);
    "event.reason" "keyword" "verb, objectRef.resource" = |alert, _, _| alert.finding.why;
    "rule.id" "keyword" "197a70ab-…" = |alert, _, _| alert.finding.rule.id;
    "rule.uuid" "keyword" "197a70ab-…" = |alert, _, _| alert.finding.rule.id;
    "rule.name" "keyword" "Exec into a pod" = |alert, _, _| alert.finding.rule.title;
    "rule.category" "keyword" "pod_exec" = |alert, _, _| alert.finding.rule.intent;
    "rule.description" "keyword" "Somebody ran a command in a container" = |alert, _, _| alert.description;
    "rule.ruleset" "keyword" "auditweir" = |_, _, _| "auditweir";
    "rule.version" "keyword" "0.1.0" = |_, _, _| env!("CARGO_PKG_VERSION");
    "threat.framework" "keyword" "MITRE ATT&CK" = |alert, _, _| (!alert.finding.attack.is_empty()).then_some("MITRE ATT&CK");
    "threat.tactic.id" "keyword" "[\"TA0002\"]" = |alert, _, _| alert.tactics().map(|(_, id, _)| *id).collect::<Vec<_>>();
    "threat.tactic.name" "keyword" "[\"Execution\"]" = |alert, _, _| alert.tactics().map(|(.., name)| *name).collect::<Vec<_>>();
    "threat.technique.id" "keyword" "[\"T1609\"]" = |alert, _, _| techniques(alert, false);
    "threat.technique.subtechnique.id" "keyword" "[\"T1552.007\"]" = |alert, _, _| techniques(alert, true);
    "orchestrator.type" "keyword" "kubernetes" = |_, _, _| "kubernetes";
    "orchestrator.cluster.name" "keyword" "prod" = |alert, _, _| alert.cluster;
    "orchestrator.namespace" "keyword" "shop" = |alert, _, _| alert.namespace;
    "orchestrator.resource.type" "keyword" "pods" = |alert, _, _| alert.resource;
    "orchestrator.resource.name" "keyword" "web" = |alert, _, _| alert.name;
    "user.name" "keyword" "jane" = |alert, _, _| alert.user;
    "user.effective.name" "keyword" "root" = |alert, _, _| alert.effective;
    "related.user" "keyword" "[\"jane\"]" = |alert, _, _| [&alert.user, &alert.effective].into_iter().flatten().collect::<Vec<_>>();
    "source.ip" "ip" "10.0.0.1" = |alert, _, _| address(alert);
    "related.ip" "ip" "[\"10.0.0.1\"]" = |alert, _, _| address(alert).into_iter().collect::<Vec<_>>();
    "user_agent.original" "keyword" "kubectl/v1.37.0" = |alert, _, _| alert.agent;
    "auditweir.event.id" "keyword" "0f3a…" = |alert, _, _| alert.finding.id;
    "auditweir.event.audit_id" "keyword" "6bc2…" = |alert, _, _| alert.finding.audit_id;
    "auditweir.outcome" "keyword" "done" = |alert, _, _| alert.finding.outcome;
    "auditweir.actor.kind" "keyword" "user" = |alert, _, _| alert.actor_kind;
    "auditweir.target" "keyword" "pods/exec shop/web" = |alert, _, _| alert.finding.target;
}

/// The peer, if an index will take it for an address.
fn address(alert: &Alert) -> Option<&str> {
    alert.peer.as_deref().filter(|peer| peer.parse::<std::net::IpAddr>().is_ok())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_document_has_a_field_for_each_row_and_no_empty_ones() {
        let some = || Some("x".to_owned());
        let alert = Alert {
            finding: Finding {
                time: Some("2026-01-02T03:04:05Z".into()),
                audit_id: some(),
                id: "x".into(),
                target: some(),
                why: "verb".into(),
                outcome: "done".into(),
                attack: vec!["T1552.007".into(), "T1552".into()],
                rule: crate::finding::RuleName {
                    id: "r".into(),
                    intent: "i".into(),
                    title: "t".into(),
                    level: "high".into(),
                },
                ..Finding::default()
            },
            cluster: some(),
            user: some(),
            received: None,
            effective: some(),
            actor_kind: some(),
            peer: Some("10.0.0.1".into()),
            agent: some(),
            verb: some(),
            resource: some(),
            subresource: some(),
            namespace: some(),
            name: some(),
            description: "d".into(),
            tags: vec!["attack.execution".into(), "attack.t1609".into()],
        };
        let document = alert.document("id", "now");
        for Field { name, .. } in FIELDS {
            let pointer = format!("/{}", name.replace('.', "/"));
            assert!(document.pointer(&pointer).is_some(), "{name}");
        }
        assert_eq!(document["threat"]["technique"]["id"], json!(["T1552"]));
        assert_eq!(document["threat"]["tactic"]["id"], json!(["TA0002"]));
        assert_eq!(document["event"]["severity"], 73);
        let bare = Alert { peer: Some("none".into()), ..Alert::default() }.document("id", "now");
        assert!(bare.get("source").is_none() && bare.get("threat").is_none(), "{bare}");
        assert_eq!(bare["@timestamp"], "now");
    }

    #[test]
    fn what_was_refused_or_failed_is_a_failure() {
        let said = RequestOutcome::ALL.map(|outcome| {
            let finding = Finding { outcome: outcome.name().into(), ..Finding::default() };
            Alert { finding, ..Alert::default() }.document("id", "now")["event"]["outcome"].clone()
        });
        assert_eq!(said, ["unknown", "failure", "failure", "success", "unknown", "unknown"]);
    }
}
