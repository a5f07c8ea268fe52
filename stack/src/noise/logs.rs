//! The logs that alerts are counted in: nothing in them is an attack, as far as anybody knows.

use std::fs;
use std::io::Read as _;
use std::path::{Path, PathBuf};

use auditweir_shell::time;
use flate2::read::GzDecoder;
use serde_json::{Value, json};

use super::{Error, Result};
use crate::{events, rules};

/// A log in the order of its events' times.
pub(super) struct Log {
    /// What it is called in the table.
    pub(super) name: &'static str,
    /// What it is.
    pub(super) about: &'static str,
    /// Its events, each with both timestamps.
    pub(super) events: Vec<Value>,
}

/// An event that comes.
#[derive(Clone, Copy, Debug)]
pub(super) struct Visit {
    /// When, in milliseconds since 1970.
    pub(super) time: i64,
    /// How often it came before.
    pub(super) round: i64,
    /// Which of the log it is.
    pub(super) at: usize,
}

const HOUR: i64 = 3_600_000;

impl Log {
    /// All of them.
    pub(super) fn all() -> Result<Vec<Self>> {
        let mut logs = vec![
            Self {
                name: "Helm",
                about: "installs and removals of Helm charts by an administrator, and the start of a control plane",
                events: helm()?,
            },
            Self {
                name: "OpenShift",
                about: "chosen events of an OpenShift cluster: one, then the others ten minutes later within two seconds",
                events: openshift()?,
            },
        ];
        for log in &mut logs {
            log.events.sort_by_key(received);
        }
        Ok(logs)
    }

    /// One event for each act that somebody should hear of: what is silent about the logs finds these.
    pub(super) fn acts() -> Result<Self> {
        let events = rules::rules().into_iter().map(|rule| rule.positive).collect();
        let events = events::numbered("act", events);
        let events = events.iter().map(|event| serde_json::from_str(event));
        Ok(Self { name: "acts", about: "", events: events.collect::<std::result::Result<_, _>>()? })
    }

    /// Each event once.
    pub(super) fn once(&self) -> Vec<Visit> {
        let events = self.events.iter().enumerate();
        events.map(|(at, event)| Visit { time: received(event), round: 0, at }).collect()
    }

    /// Milliseconds from its first event to its last.
    pub(super) fn span(&self) -> i64 {
        let ends = self.events.first().zip(self.events.last());
        ends.map_or(0, |(first, last)| received(last) - received(first))
    }

    /// The log again and again, for an hour of its own time.
    pub(super) fn hour(&self) -> Vec<Visit> {
        let (start, length) = (self.events.first().map_or(0, received), self.span() + 1);
        let times: Vec<i64> = self.events.iter().map(received).collect();
        let round = |round: i64| {
            let shifted = times.iter().map(move |time| time + round * length).enumerate();
            shifted.map(move |(at, time)| Visit { time, round, at })
        };
        let rounds = (0..).take_while(|round| round * length < HOUR).flat_map(round);
        rounds.filter(|visit| visit.time < start + HOUR).collect()
    }
}

/// When a request came, in milliseconds since 1970.
pub(super) fn received(event: &Value) -> i64 {
    let text = event["requestReceivedTimestamp"].as_str().unwrap_or_default();
    let fraction: String = text
        .split('.')
        .nth(1)
        .unwrap_or("000")
        .chars()
        .filter(char::is_ascii_digit)
        .take(3)
        .collect();
    time::parse(text).unwrap_or_default() * 1000 + fraction.parse::<i64>().unwrap_or_default()
}

fn corpora(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/corpora").join(name)
}

/// The rules that Falco ships.
pub(super) fn falco() -> Result<String> {
    Ok(fs::read_to_string(corpora("detections/falco-k8s_audit_rules.yaml"))?)
}

fn openshift() -> Result<Vec<Value>> {
    let text = fs::read_to_string(corpora("openshift-clo/audit_in.log"))?;
    Ok(text.lines().map(serde_json::from_str).collect::<std::result::Result<_, _>>()?)
}

/// The events of a table without a head: `tests/corpora/detections/README.md` names its columns.
fn helm() -> Result<Vec<Value>> {
    let mut text = String::new();
    let file = fs::File::open(corpora("detections/helm.csv.gz"))?;
    GzDecoder::new(file).read_to_string(&mut text)?;
    text.lines().map(row).collect()
}

fn row(line: &str) -> Result<Value> {
    // The first column is in quotes, and the only one that is.
    let (_, rest) = line.split_once("\",").ok_or("a row without its host")?;
    let columns: Vec<&str> = rest.split(',').collect();
    let [time, user, verb, resource, subresource, name, _, ref uri @ .., id, stage, code, _, _, _] =
        *columns.as_slice()
    else {
        return Err(Error::from(format!("too few columns: {line}")));
    };
    let (uri, code) = (uri.join(","), code.parse::<u16>()?);
    let mut event = json!({
        "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "Metadata",
        "auditID": id, "stage": stage, "requestURI": uri, "verb": verb,
        "user": {"username": user, "groups": groups(user)},
        // Any event has one; which it was is not known.
        "sourceIPs": ["10.0.0.1"],
        "responseStatus": {"metadata": {}, "code": code},
        "requestReceivedTimestamp": time, "stageTimestamp": time,
        // Where the code leaves open who refused, the reading that gives more alerts.
        "annotations": {"authorization.k8s.io/decision": if code == 403 { "forbid" } else { "allow" }},
    });
    if !resource.is_empty() {
        event["objectRef"] = object(&uri, resource, subresource, name);
    }
    Ok(event)
}

/// What the API server itself gives to users of these kinds, and kubeadm to its administrator.
fn groups(user: &str) -> Vec<String> {
    let named = |names: &[&str]| names.iter().map(|name| (*name).to_owned()).collect();
    if let Some((namespace, _)) =
        user.strip_prefix("system:serviceaccount:").and_then(|rest| rest.split_once(':'))
    {
        let own = format!("system:serviceaccounts:{namespace}");
        return named(&["system:serviceaccounts", &own, "system:authenticated"]);
    }
    match user {
        "system:anonymous" => named(&["system:unauthenticated"]),
        "system:apiserver" => named(&["system:masters"]),
        "kubernetes-admin" => named(&["system:masters", "system:authenticated"]),
        _ if user.starts_with("system:node:") => named(&["system:nodes", "system:authenticated"]),
        _ => named(&["system:authenticated"]),
    }
}

fn object(uri: &str, resource: &str, subresource: &str, name: &str) -> Value {
    let path = uri.split('?').next().unwrap_or_default();
    let parts: Vec<&str> = path.split('/').skip(1).collect();
    let (group, version, rest) = match *parts.as_slice() {
        ["apis", group, version, ref rest @ ..] => (group, version, rest),
        [_, version, ref rest @ ..] => ("", version, rest),
        _ => ("", "", [].as_slice()),
    };
    let namespace = match rest {
        ["namespaces", namespace, ..] => namespace,
        _ => "",
    };
    let mut object = json!({"resource": resource, "apiVersion": version});
    for (member, value) in [
        ("apiGroup", group),
        ("namespace", namespace),
        ("name", name),
        ("subresource", subresource),
    ] {
        if !value.is_empty() {
            object[member] = value.into();
        }
    }
    object
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_row_is_an_event() {
        let event = row(
            r#""{""name"":""m""}",2023-01-27T18:28:08.129781Z,system:serviceaccount:a:b,create,deployments,scale,d,,/apis/apps/v1/namespaces/shop/deployments/d/scale?a=1,2,id,ResponseComplete,403,,,"#,
        )
        .unwrap();
        assert_eq!(event["requestURI"], "/apis/apps/v1/namespaces/shop/deployments/d/scale?a=1,2");
        assert_eq!(
            event["objectRef"],
            json!({"resource": "deployments", "subresource": "scale", "name": "d", "namespace": "shop",
                   "apiGroup": "apps", "apiVersion": "v1"})
        );
        assert_eq!(event["user"]["groups"][1], "system:serviceaccounts:a");
        assert_eq!(event["annotations"]["authorization.k8s.io/decision"], "forbid");
        assert_eq!(received(&event), 1_674_844_088_129);
    }

    #[test]
    fn an_hour_is_the_log_again_and_again() {
        for log in Log::all().unwrap() {
            let hour = log.hour();
            let (start, count) = (received(&log.events[0]), log.events.len());
            assert!(hour.len() > count && hour.is_sorted_by_key(|visit| visit.time));
            let inside =
                |visit: &Visit| (0..HOUR).contains(&(visit.time - start)) && visit.at < count;
            assert!(hour.iter().all(inside));
        }
    }
}
