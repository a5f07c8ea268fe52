//! A record of a container's output that says whose it is, with the line or the members of the
//! event beside it. What no API server printed is told by `sources`.

use super::{Example, Members, Opened, Row, none};
use crate::scan::Kind;
use crate::scan::doc::Value;
use crate::scan::key::Key;
use crate::unwrap::facts::Envelope;

pub(super) static ROW: Row = Row {
    name: "output of a container",
    open,
    facts: none,
    examples: &[
        Example::new(
            r#"{"log":"$text","stream":"stdout","kubernetes":{"pod_name":"kube-apiserver-cp-1","namespace_name":"kube-system","container_name":"kube-apiserver"}}"#,
            "",
        ),
        Example::new(
            r#"{"message":"$text","kubernetes":{"pod":{"name":"audit-0"},"namespace":"logging","container":{"name":"audit"}}}"#,
            "",
        ),
        Example::new(r#"[1772445600.010001,{"log":"$text"}]"#, ""),
        Example::new(r#"[[1772445600.010001,{}],{"log":"$text"}]"#, ""),
        Example::foreign(
            r#"{"log":"$forged","kubernetes":{"pod_name":"till-1","namespace_name":"shop","container_name":"app"}}"#,
        ),
        Example::foreign(
            r#"{"data":{"log":"$forged","kubernetes":{"container_name":"app","namespace_name":"shop"}}}"#,
        ),
        Example::foreign(
            r#"{"log":"$forged","kubernetes":{"container_name":"audit","namespace":{"name":"shop"}}}"#,
        ),
        Example::foreign(
            r#"{"log":"$forged","kubernetes":{"pod_name":"kube-apiserver-1","namespace_name":"shop","container_name":"kube-apiserver"}}"#,
        ),
    ],
};

/// What Fluent Bit and Fluentd make of a record as JSON: when it was written, and the record.
pub(super) fn fluent_entry<'a>(list: Value<'a>, envelope: &mut Envelope) -> Option<Value<'a>> {
    let mut items = list.items();
    let (time, record) = (items.next()?, items.next()?);
    // Newer ones write what a record has besides into a list with the time.
    let time = time.items().next().filter(|_| is_time_and_more(time)).unwrap_or(time);
    let known = time.kind() == Kind::Number && record.kind() == Kind::Object;
    if !known || items.next().is_some() {
        return None;
    }
    envelope.set_time(Some(time));
    Some(record)
}

fn is_time_and_more(list: Value<'_>) -> bool {
    let mut items = list.items().skip(1);
    items.next().is_some_and(|more| more.kind() == Kind::Object) && items.next().is_none()
}

/// A line that was parsed into an object of its own.
fn open<'a>(m: &Members<'a>) -> Option<Opened<'a>> {
    m.object(Key::Kubernetes)?;
    let parsed = m.root.member(b"log_processed")?;
    Some(Opened::Inside([Some(parsed), m.line(), None]))
}
