//! A record of a container's output that says whose it is, with the line or the members of the
//! event beside it. What no API server printed is told by `sources`.

use super::{Example, Members, Opened, Row, none};
use crate::scan::key::Key;

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
        Example::foreign(
            r#"{"log":"$forged","kubernetes":{"pod_name":"till-1","namespace_name":"shop","container_name":"app"}}"#,
        ),
        Example::foreign(
            r#"{"log":"$forged","kubernetes":{"pod_name":"kube-apiserver-1","namespace_name":"shop","container_name":"kube-apiserver"}}"#,
        ),
    ],
};

/// A line that was parsed into an object of its own.
fn open<'a>(m: &Members<'a>) -> Option<Opened<'a>> {
    m.object(Key::Kubernetes)?;
    let parsed = m.root.member(b"log_processed")?;
    Some(Opened::Inside([Some(parsed), m.line(), None]))
}
