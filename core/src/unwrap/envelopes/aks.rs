//! Azure: diagnostic records of AKS, and rows of the tables AKSAudit and AKSAuditAdmin.

use super::{Example, Members, Opened, Row, none};
use crate::scan::Kind;
use crate::scan::doc::Value;
use crate::scan::key::Key;
use crate::unwrap::facts::Envelope;
use crate::unwrap::provider::AZURE;
use crate::unwrap::writer::Writer;

/// One record of Event Hubs, a storage account or Elastic's `azure.platformlogs`.
pub(super) static DIAGNOSTICS: Row = Row {
    name: "AKS diagnostic record",
    open: diagnostics,
    facts: azure,
    examples: &[
        Example::new(
            r#"{"records":[{"category":"kube-audit","resourceId":"/SUBSCRIPTIONS/S-1/RESOURCEGROUPS/RG/PROVIDERS/MICROSOFT.CONTAINERSERVICE/MANAGEDCLUSTERS/BLUE","time":"2026-03-02T10:00:00.0100010Z","properties":{"log":"$text","stream":"stdout","pod":"kube-apiserver-7d9c","labels":{"a":"$forged"}}}]}"#,
            "name=blue provider=azure account=s-1",
        ),
        Example::new(
            r#"{"category":"kube-audit-admin","resourceId":"/subscriptions/s-1/resourcegroups/rg/providers/microsoft.containerservice/managedclusters/blue","properties":{"log":$event}}"#,
            "name=blue provider=azure account=s-1",
        ),
        Example::new(
            r#"{"records":[{"resourceId":"/subscriptions/s-1/resourcegroups/rg/providers/microsoft.containerservice/managedclusters/blue","properties":"{\"pod\":\"x\",\"log\":$quoted}"}]}"#,
            "name=blue provider=azure account=s-1",
        ),
    ],
};

fn diagnostics<'a>(m: &Members<'a>) -> Option<Opened<'a>> {
    if let Some(properties) = m.object(Key::Properties) {
        let mut logs = properties.members().filter(|(key, _)| key.key() == Key::Log);
        let mut next = || logs.next().map(|(_, log)| log);
        match [next(), next(), next()] {
            [None, ..] => {}
            [Some(log), None, _] => return Some(Opened::Line(log)),
            several => return Some(Opened::Inside(several)),
        }
    }
    // `properties` as text: an object that holds the line
    let text = m.text(Key::Properties)?;
    memchr::memmem::find(text.raw_text(), b"\\\"log\\\"")
        .map(|_| Opened::Inside([Some(text), None, None]))
}

fn azure(m: &Members<'_>, envelope: &mut Envelope) {
    let named = [Key::ResourceId, Key::UnderscoreResourceId, Key::UpperResourceId];
    if named.into_iter().any(|key| m.has(key)) {
        envelope.set_provider(&AZURE);
    }
}

/// A row of a resource-specific table; dynamic columns as objects or as texts of JSON.
pub(super) static TABLE: Row = Row {
    name: "AKS table row",
    open: table,
    facts: none,
    examples: &[
        Example::new(
            r#"{"TenantId":"t-1","TimeGenerated":"2026-03-02T10:00:00.0100010Z",$columns,"PodName":"kube-apiserver-7d9c","Type":"AKSAudit","_ResourceId":"/subscriptions/s-1/resourcegroups/rg/providers/microsoft.containerservice/managedclusters/blue"}"#,
            "name=blue provider=azure account=s-1",
        ),
        Example::new(r#"{"records":[{$columns,"Type":"AKSAuditAdmin"}]}"#, ""),
        Example::foreign(
            r#"{"AuditId":"a-1","Stage":"ResponseComplete","UserAgent":"$forged","kubernetes":{"container_name":"app","namespace_name":"shop"}}"#,
        ),
    ],
};

fn table<'a>(m: &Members<'a>) -> Option<Opened<'a>> {
    (m.has(Key::AksAuditId) && m.has(Key::AksStage)).then_some(Opened::Written(write))
}

/// What the columns are called in an event. Others keep their name.
const COLUMNS: &[(&[u8], &str)] = &[
    (b"Level", "level"),
    (b"AuditId", "auditID"),
    (b"Stage", "stage"),
    (b"RequestUri", "requestURI"),
    (b"Verb", "verb"),
    (b"User", "user"),
    (b"ImpersonatedUser", "impersonatedUser"),
    (b"SourceIps", "sourceIPs"),
    (b"UserAgent", "userAgent"),
    (b"ObjectRef", "objectRef"),
    (b"ResponseStatus", "responseStatus"),
    (b"RequestObject", "requestObject"),
    (b"ResponseObject", "responseObject"),
    (b"RequestReceivedTime", "requestReceivedTimestamp"),
    (b"StageReceivedTime", "stageTimestamp"),
    (b"Annotations", "annotations"),
];

fn write(m: &Members<'_>, w: &mut Writer<'_>) {
    w.begin();
    w.text("kind", b"Event");
    w.text("apiVersion", b"audit.k8s.io/v1");
    for (key, value) in m.root.members() {
        let raw = key.raw_text();
        match COLUMNS.iter().find(|(column, _)| raw == *column) {
            _ if is_empty(value) => {}
            Some((_, "requestObject")) => w.json("requestObject", Some(value)),
            Some((_, "responseObject")) => w.json("responseObject", Some(value)),
            Some((_, name)) => w.raw(name, Some(value)),
            // No column may stand in for a member of the event.
            None if key.node().key < Key::Records as u8 && key.node().key > Key::Hint as u8 => {}
            None => w.member(key, value),
        }
    }
    w.close();
}

/// Tables hold an empty text where there is nothing.
fn is_empty(value: Value<'_>) -> bool {
    value.kind() == Kind::Null || value.kind() == Kind::String && value.raw_text().is_empty()
}
