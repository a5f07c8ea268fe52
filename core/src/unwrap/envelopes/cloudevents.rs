//! CloudEvents, structured: the event is `data`, as an object, as text or in base64.

use super::{Example, Members, Opened, Row, none};
use crate::reason::Reason;
use crate::scan::Kind;
use crate::scan::doc::Value;
use crate::scan::key::Key;

pub(super) static ROW: Row = Row {
    name: "CloudEvents",
    open: |m| {
        if !m.has(Key::SpecVersion) {
            return None;
        }
        m.text(Key::DataBase64)
            .map(Opened::Encoded)
            .or_else(|| m.get(Key::Data).map(|data| opened(m, data)))
    },
    facts: none,
    examples: &[
        Example::new(
            r#"{"specversion":"1.0","type":"io.k8s.audit","source":"/clusters/blue","id":"1","time":"2026-03-02T10:00:00Z","datacontenttype":"application/json","subject":"$forged","partitionkey":"$forged","data":$event}"#,
            "",
        ),
        Example::new(
            r#"{"specversion":"1.0","type":"io.k8s.audit","source":"/","id":"1","data":"$text"}"#,
            "",
        ),
        Example::new(
            r#"{"specversion":"1.0","type":"io.k8s.audit","source":"/","id":"1","data_base64":"$base64"}"#,
            "",
        ),
        Example::foreign(
            r#"{"specversion":"1.0","type":"com.shop.order.created","source":"/","id":"1","data":{"message":"$forged"}}"#,
        ),
    ],
};

/// The data of an event of any type may be an audit event; members of it only where the type says so, for
/// those of others are what their users wrote.
fn opened<'a>(m: &Members<'a>, data: Value<'a>) -> Opened<'a> {
    let says = |of: Value<'_>| {
        [&b"audit"[..], b"k8s", b"kube"]
            .iter()
            .any(|part| memchr::memmem::find(of.raw_text(), part).is_some())
    };
    // Oracle's log service wraps lines of any kind.
    let ours = m.text(Key::Type).is_some_and(says) || m.root.member(b"oracle").is_some();
    let is_one = || {
        let members = Members::of(data);
        members.is_event() || super::find(&members).is_some()
    };
    if ours || data.kind() != Kind::Object || is_one() {
        return Opened::Inside([Some(data), None, None]);
    }
    Opened::Named(Reason::NOT_AN_AUDIT_EVENT)
}
