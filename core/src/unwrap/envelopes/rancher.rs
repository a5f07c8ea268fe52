//! Rancher's own API audit log, which is none of an API server: its members are called otherwise.
//! (github.com/rancher/rancher `pkg/auth/audit`)

use super::{Example, Members, Opened, Row};
use crate::reason::Reason;
use crate::scan::key::Key;
use crate::unwrap::facts::{Envelope, Fact};

pub(super) static ROW: Row = Row {
    name: "Rancher API audit log",
    open,
    facts,
    examples: &[Example {
        text: r#"{"auditID":"30022177-9e2e-43d1-b0d0-06ef9d3db183","requestURI":"/v3/clusters/c-m-abcd","user":{"name":"user-f4tt2","group":["system:authenticated"]},"method":"POST","remoteAddr":"203.0.113.9:44330","requestTimestamp":"2026-03-02T10:00:00Z","responseCode":200,"requestBody":"$forged"}"#,
        tells: "",
        events: 0,
    }],
};

fn open<'a>(m: &Members<'a>) -> Option<Opened<'a>> {
    if m.has(Key::ApiVersion) {
        return None;
    }
    let called = m
        .object(Key::User)
        .is_some_and(|user| user.get(Key::Username).is_none() && user.get(Key::Name).is_some());
    let older = (m.has(Key::Method) || m.has(Key::ResponseCode) || m.has(Key::RequestHeader))
        && m.has(Key::RequestUri)
        && !m.has(Key::ObjectRef)
        && (m.has(Key::AuditId) || m.has(Key::User));
    let newer = m.has(Key::AuditId) && m.has(Key::RequestUri) && called;
    (older || newer).then_some(Opened::Named(Reason::RANCHER_API_AUDIT_LOG))
}

/// The time, and the cluster that the path goes to: `/k8s/clusters/ID/…`.
fn facts(m: &Members<'_>, envelope: &mut Envelope) {
    for name in [&b"responseTimestamp"[..], b"requestTimestamp"] {
        envelope.set_time(m.root.member(name));
    }
    if let Some(time) = m.text(Key::StageTimestamp) {
        time.read(|text| envelope.set_time_text(text.strip_suffix(b" +0000").unwrap_or(text)));
    }
    if let Some(uri) = m.text(Key::RequestUri) {
        uri.read(|uri| {
            let mut segments = uri.split(|b| matches!(*b, b'/' | b'?'));
            if segments.any(|segment| segment == b"clusters")
                && let Some(cluster) = segments.next()
            {
                envelope.set(Fact::ClusterId, cluster);
            }
        });
    }
}
