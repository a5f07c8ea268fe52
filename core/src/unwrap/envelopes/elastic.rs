//! Documents of Elasticsearch and OpenSearch, and search hits of them: Filebeat, Elastic Agent,
//! Logstash, Azure's platform logs. In a document the event is under one of few names.

use super::{Example, Members, Opened, Row};
use crate::scan::Kind;
use crate::scan::doc::Value;
use crate::scan::key::Key;
use crate::unwrap::facts::{Envelope, Fact};

pub(super) static ROW: Row = Row {
    name: "Elasticsearch document",
    open,
    facts,
    examples: &[
        Example::new(
            r#"{"@timestamp":"2026-03-02T10:00:01Z","log":{"offset":1,"file":{"path":"/var/log/audit.log"}},"json":$event}"#,
            "",
        ),
        Example::new(
            r#"{"@timestamp":"2026-03-02T10:00:01Z","kubernetes":{"audit":$event,"annotations":{"a":"$forged"}},"orchestrator":{"cluster":{"name":"blue"}}}"#,
            "name=blue",
        ),
        Example::new(
            r#"{"_index":"filebeat-8","_id":"1","_source":{"@timestamp":"2026-03-02T10:00:01Z","message":"$text"}}"#,
            "",
        ),
        Example::foreign(
            r#"{"hits":{"hits":[{"_index":"x","fields":{"message":["$forged"],"kubernetes.namespace":["shop"],"kubernetes.container.name":["app"]}}]}}"#,
        ),
        Example::new(
            r#"{"took":1,"hits":{"total":{"value":1},"hits":[{"_index":"x","_source":{"message":"$text","kubernetes":{"labels":{"a":"$forged"}}}}]}}"#,
            "",
        ),
        Example::new(
            r#"{"@timestamp":"2026-03-02T10:00:01Z","event":{"original":"$text"},"message":"$text","host":{"name":"cp-1"}}"#,
            "",
        ),
        Example::new(
            r#"{"@timestamp":"2026-03-02T10:00:01Z","azure":{"platformlogs":{"category":"kube-audit","properties":{"log":"$text"}},"resource":{"id":"/subscriptions/s-1/resourcegroups/rg/providers/microsoft.containerservice/managedclusters/blue"}}}"#,
            "name=blue provider=azure account=s-1",
        ),
    ],
};

fn open<'a>(m: &Members<'a>) -> Option<Opened<'a>> {
    let inside = |value| Some(Opened::Inside([Some(value), None, None]));
    if let Some(source) = m.object(Key::Source) {
        return inside(source);
    }
    if let Some(hits) = m.object(Key::Hits).and_then(|hits| hits.get(Key::Hits)) {
        return Some(Opened::Records(hits)).filter(|_| hits.kind() == Kind::Array);
    }
    if !m.has(Key::AtTimestamp) {
        return None;
    }
    if let Some(audit) = m.object(Key::Kubernetes).and_then(|k| k.get(Key::Audit)) {
        let original = original(m);
        return Some(Opened::Inside([Some(audit), original, None]));
    }
    if let Some(azure) = m.root.member(b"azure")
        && let Some(logs) = azure.get(Key::Platformlogs)
    {
        return inside(logs);
    }
    None
}

/// The line before each document of a bulk request, which only says where the document goes.
pub(super) fn is_bulk_action(root: Value<'_>) -> bool {
    let mut members = root.members();
    let Some((name, value)) = members.next() else { return false };
    members.next().is_none()
        && value.kind() == Kind::Object
        && [&b"index"[..], b"create", b"update", b"delete"].iter().any(|known| name.says(known))
        && value.members().all(|(name, _)| matches!(name.raw_text().first(), Some(b'_' | b'r')))
}

fn original<'a>(m: &Members<'a>) -> Option<Value<'a>> {
    m.object(Key::Event)?.get(Key::Original).filter(|text| text.kind() == Kind::String)
}

fn facts(m: &Members<'_>, envelope: &mut Envelope) {
    if let Some(cluster) = m.root.member(b"orchestrator").and_then(|o| o.member(b"cluster")) {
        envelope.set_text(Fact::ClusterName, cluster.get(Key::Name));
        envelope.set_text(Fact::ClusterId, cluster.member(b"id"));
    }
    if let Some(cloud) = m.root.member(b"cloud") {
        envelope.set_text(Fact::Provider, cloud.member(b"provider"));
        envelope.set_text(Fact::Region, cloud.member(b"region"));
        envelope.set_text(Fact::Account, cloud.member(b"account").and_then(|a| a.member(b"id")));
    }
    if let Some(id) = m
        .root
        .member(b"azure")
        .and_then(|azure| azure.get(Key::Resource))
        .and_then(|resource| resource.member(b"id"))
    {
        id.read(|id| envelope.azure_resource(id));
    }
}
