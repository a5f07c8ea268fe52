//! An entry of Google Cloud Logging that holds what a cluster of one's own logged.

use super::gke::resource_facts;
use super::{Example, Members, Opened, Row};
use crate::scan::doc::Value;
use crate::scan::key::Key;
use crate::unwrap::facts::Envelope;
use crate::unwrap::provider::GCP;
use crate::unwrap::sources::is_resource;

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
            r#"{"insertId":"x1","resource":{"type":"cloud_run_revision","labels":{"service_name":"till"}},"textPayload":"$forged"}"#,
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

/// Whether the entry is of something that has no audit log, or of a container that it does not name.
fn is_of_another(resource: Value<'_>) -> bool {
    let Some(kind) = resource.get(Key::Type) else { return false };
    !kind.read(is_resource)
        || kind.says(b"k8s_container")
            && resource.get(Key::Labels).is_none_or(|of| of.member(b"container_name").is_none())
}

fn facts(m: &Members<'_>, envelope: &mut Envelope) {
    envelope.set_provider(&GCP);
    resource_facts(m.object(Key::Resource), envelope);
    if m.object(Key::Resource).is_some_and(is_of_another) {
        envelope.mark_foreign();
    }
}
