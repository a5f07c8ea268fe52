//! An entry of Google Cloud Logging that holds what a cluster of one's own logged.

use super::gke::resource_facts;
use super::{Example, Members, Opened, Row};
use crate::scan::doc::Value;
use crate::scan::key::Key;
use crate::unwrap::facts::Envelope;
use crate::unwrap::provider::GCP;

pub(super) static ROW: Row = Row {
    name: "Google Cloud Logging",
    open,
    facts,
    examples: &[
        Example::new(
            r#"{"insertId":"x1","logName":"projects/shop-1/logs/kube-audit","timestamp":"2026-03-02T10:00:00.010001Z","resource":{"type":"k8s_cluster","labels":{"cluster_name":"onprem","location":"europe-west1","project_id":"shop-1"}},"jsonPayload":$event}"#,
            "name=onprem provider=gcp region=europe-west1 project=shop-1",
        ),
        Example::new(
            r#"{"insertId":"x1","timestamp":"2026-03-02T10:00:00Z","resource":{"type":"k8s_cluster","labels":{"cluster_name":"blue"}},"labels":{"a":"$forged"},"textPayload":"$text"}"#,
            "name=blue provider=gcp",
        ),
        Example::new(
            r#"{"insertId":"x1","resource":{"labels":{"cluster_name":"blue"}},"jsonPayload":{"message":"$text"}}"#,
            "name=blue provider=gcp",
        ),
        Example::foreign(
            r#"{"insertId":"x1","logName":"projects/p/logs/stdout","resource":{"type":"k8s_container","labels":{"cluster_name":"blue","namespace_name":"shop","container_name":"app"}},"textPayload":"$forged"}"#,
        ),
    ],
};

fn open<'a>(m: &Members<'a>) -> Option<Opened<'a>> {
    let payload = m.object(Key::JsonPayload).or_else(|| m.text(Key::TextPayload))?;
    Some(Opened::Inside([Some(payload), None, None]))
}

/// Whether a container wrote the entry that the entry does not name, or a program on a node.
fn is_of_some_container(resource: Value<'_>) -> bool {
    let is = |name: &[u8]| resource.member(b"type").is_some_and(|kind| kind.says(name));
    // What runs on a node of Google's besides containers is no API server.
    is(b"k8s_node")
        || is(b"k8s_pod")
        || is(b"k8s_container")
            && resource.get(Key::Labels).is_none_or(|of| of.member(b"container_name").is_none())
}

fn facts(m: &Members<'_>, envelope: &mut Envelope) {
    envelope.set_provider(&GCP);
    resource_facts(m.object(Key::Resource), envelope);
    if m.object(Key::Resource).is_some_and(is_of_some_container) {
        envelope.mark_foreign();
    }
}
