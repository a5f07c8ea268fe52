//! Alertmanager, `POST api/v2/alerts`.
//!
//! Labels are the identity. Who sends an alert repeats it as long as it goes on; one that is not
//! repeated is taken for resolved at `endsAt`.

use std::time::Duration;

use auditweir_shell::time::rfc3339_millis;
use serde_json::{Map, Value, json};
use ureq::Agent;
use ureq::http::HeaderValue;

use super::{Answer, Channel, Notice, Say, Secrets, Times, line, post, summary};
use crate::Error;
use crate::sink::http;

/// Well below the time after which Alertmanager takes an alert for resolved, here and there.
const REPEAT: Duration = Duration::from_secs(60);
/// How long an alert holds if it is not repeated, in milliseconds.
const HOLDS: i64 = 4 * 60_000;

pub(in super::super) struct Alertmanager {
    url: String,
    authorization: Option<HeaderValue>,
}

impl Alertmanager {
    pub(in super::super) fn new(url: &str, secrets: &Secrets) -> Result<Self, Error> {
        let authorization = http::authorization(secrets.alertmanager.as_ref(), url)?;
        Ok(Self { url: format!("{url}/api/v2/alerts"), authorization })
    }
}

impl Channel for Alertmanager {
    fn repeats(&self) -> Option<Duration> {
        Some(REPEAT)
    }

    fn most(&self) -> usize {
        64
    }

    fn send(&self, agent: &Agent, notices: &[Notice], now: i64, _: Times) -> Answer {
        let alerts: Vec<Value> = notices.iter().map(|notice| alert(notice, now)).collect();
        let login = self.authorization.as_ref().and_then(|value| value.to_str().ok());
        let headers: Vec<_> = login.map(|login| ("authorization", login)).into_iter().collect();
        post(agent, &self.url, &headers, json!(alerts).to_string().as_bytes())
    }
}

fn alert(Notice { say, group }: &Notice, now: i64) -> Value {
    let labels: Map<String, Value> =
        group.labels.each().map(|(name, value)| (name.to_owned(), json!(line(value)))).collect();
    let finding = &group.alert.finding;
    let mut annotations = json!({
        "summary": summary(group),
        "description": group.alert.description,
        "count": group.count.to_string(),
        "outcome": finding.outcome,
        "attack": finding.attack.join(", "),
        "target": line(finding.target.as_deref().unwrap_or_default()),
        "event": finding.id,
        "event_time": finding.time.as_deref().unwrap_or_default(),
    });
    if let Value::Object(annotations) = &mut annotations {
        annotations.retain(|_, value| value != "");
    }
    let ends = match say {
        Say::Firing => now + HOLDS,
        Say::Resolved => now,
    };
    json!({
        "labels": labels,
        "annotations": annotations,
        "startsAt": rfc3339_millis(group.first),
        "endsAt": rfc3339_millis(ends),
    })
}

#[cfg(test)]
mod tests {
    use super::super::sample;
    use super::*;

    /// Names of labels are those Prometheus takes; values are texts that are not empty.
    #[test]
    fn an_alert_as_the_api_has_it() {
        let now = 1_767_323_050_000;
        let firing = alert(&sample(Say::Firing, "jane\n"), now);
        assert_eq!(firing["startsAt"], "2026-01-02T03:04:05.000Z");
        assert_eq!(firing["endsAt"], "2026-01-02T03:08:10.000Z");
        assert_eq!(firing["labels"]["actor"], "jane\u{fffd}");
        assert_eq!(firing["annotations"]["count"], "2");
        for part in ["labels", "annotations"] {
            for (name, value) in firing[part].as_object().unwrap() {
                assert!(name.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'), "{name}");
                assert!(value.as_str().is_some_and(|value| !value.is_empty()), "{name}");
            }
        }
        let resolved = alert(&sample(Say::Resolved, "jane\n"), now);
        assert_eq!(resolved["endsAt"], "2026-01-02T03:04:10.000Z");
        assert_eq!(resolved["labels"], firing["labels"]);
    }
}
