//! PagerDuty, Events API v2: one event a request, `dedup_key` is the group's fingerprint.

use auditweir_shell::time::rfc3339_millis;
use serde_json::{Value, json};
use ureq::Agent;

use super::{Answer, Channel, Notice, Say, Secrets, Times, line, post, summary};
use crate::Error;
use crate::sink::http;
use auditweir_shell::group::cut;

/// Longest summary.
const SUMMARY: usize = 1024;

pub(in super::super) struct Pagerduty {
    url: String,
    key: String,
}

impl Pagerduty {
    pub(in super::super) fn new(url: &str, secrets: &Secrets) -> Result<Self, Error> {
        if !http::is_private(url) {
            return Err(Error::Other(
                "no routing key over plain HTTP; the URL must be https".into(),
            ));
        }
        let key = secrets.pagerduty.clone().filter(|key| !key.is_empty());
        let key = key.ok_or(Error::Other("pagerduty needs --pagerduty-key-file".into()))?;
        Ok(Self { url: url.to_owned(), key })
    }
}

impl Channel for Pagerduty {
    fn send(&self, agent: &Agent, notices: &[Notice], _: i64, _: Times) -> Answer {
        let Some(notice) = notices.first() else { return Answer::Taken };
        post(agent, &self.url, &[], event(notice, &self.key).to_string().as_bytes())
    }
}

fn event(Notice { say, group }: &Notice, key: &str) -> Value {
    if *say == Say::Resolved {
        return json!({
            "routing_key": key, "event_action": "resolve", "dedup_key": group.fingerprint,
        });
    }
    let severity = match group.labels.severity.as_str() {
        "critical" => "critical",
        "high" => "error",
        "medium" => "warning",
        _ => "info",
    };
    let cluster = line(&group.labels.cluster);
    let finding = &group.alert.finding;
    json!({
        "routing_key": key,
        "event_action": "trigger",
        "dedup_key": group.fingerprint,
        "client": "auditweir",
        "payload": {
            "summary": cut(&summary(group), SUMMARY),
            "source": if cluster.is_empty() { "kube-apiserver" } else { cluster.as_str() },
            "severity": severity,
            "timestamp": rfc3339_millis(group.first),
            "component": "kube-apiserver",
            "group": line(&group.labels.namespace),
            "class": group.labels.intent,
            "custom_details": {
                "rule": finding.rule.id,
                "description": group.alert.description,
                "actor": finding.actor.as_deref().map(line),
                "target": finding.target.as_deref().map(line),
                "outcome": finding.outcome,
                "attack": finding.attack,
                "count": group.count,
                "event": finding.id,
                "auditID": finding.audit_id,
            },
        },
    })
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    /// Limits and words are those of the Events API's description.
    #[test]
    fn an_event_as_the_api_has_it() {
        let event = |say, actor: &str| event(&sample(say, actor), "key");
        let trigger = event(Say::Firing, &"x".repeat(5000));
        let payload = &trigger["payload"];
        for required in ["summary", "source", "severity"] {
            assert!(payload[required].as_str().is_some_and(|text| !text.is_empty()), "{required}");
        }
        assert!(payload["summary"].as_str().unwrap().len() <= SUMMARY);
        assert!(trigger["dedup_key"].as_str().unwrap().len() <= 255);
        assert_eq!(
            (&trigger["event_action"], &payload["severity"]),
            (&json!("trigger"), &json!("error"))
        );
        let resolve = event(Say::Resolved, &"x".repeat(5000));
        assert_eq!(resolve["dedup_key"], trigger["dedup_key"]);
        assert_eq!(resolve["event_action"], "resolve");
    }
}
