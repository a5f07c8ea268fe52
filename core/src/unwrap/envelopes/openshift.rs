//! An event as OpenShift's log collector forwards it: its own members stand among the event's,
//! and `level` is the collector's.

use super::{Example, Members, Opened, Row, set};
use crate::scan::Kind;
use crate::scan::doc::Value;
use crate::scan::key::Key;
use crate::unwrap::facts::{Envelope, Fact};
use crate::unwrap::writer::Writer;

pub(super) static ROW: Row = Row {
    name: "OpenShift log collector",
    open,
    facts,
    examples: &[
        Example::foreign(
            r#"{"auditID":"a-1","stage":"ResponseComplete","k8s_audit_level":"Metadata","message":"$forged","kubernetes":{"container_name":"app","namespace_name":"shop"}}"#,
        ),
        Example::foreign(
            r#"{"@timestamp":"2026-03-02T10:00:00Z","log_type":"application","message":"$forged"}"#,
        ),
        Example::new(
            r#"{$members,"@timestamp":"2026-03-02T10:00:00.010001Z","log_type":"audit","log_source":"kubeAPI","hostname":"cp-1","k8s_audit_level":"Metadata","openshift":{"cluster_id":"6b1a-c1c1","sequence":12}}"#,
            "id=6b1a-c1c1",
        ),
    ],
};

fn open<'a>(m: &Members<'a>) -> Option<Opened<'a>> {
    let audit = m.has(Key::AuditId) || m.has(Key::Stage);
    (audit && level(m).is_some()).then_some(Opened::Written(write))
}

/// The event's level; OpenShift's own API servers have another name for it.
fn level<'a>(m: &Members<'a>) -> Option<Value<'a>> {
    m.text(Key::K8sAuditLevel).or_else(|| m.text(Key::OpenshiftAuditLevel))
}

fn facts(m: &Members<'_>, envelope: &mut Envelope) {
    set(m.object(Key::Openshift), &[(b"cluster_id", Fact::ClusterId)], envelope);
}

fn write(m: &Members<'_>, w: &mut Writer<'_>) {
    w.begin();
    w.raw("level", level(m));
    for (key, value) in m.root.members() {
        match key.key() {
            Key::Level if value.kind() == Kind::String => {
                w.key(b"collector_level");
                w.out.extend_from_slice(value.raw());
            }
            Key::K8sAuditLevel | Key::OpenshiftAuditLevel => {}
            _ => w.member(key, value),
        }
    }
    w.close();
}
