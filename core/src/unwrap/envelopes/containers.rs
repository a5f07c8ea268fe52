//! A record of a container's output that says whose it is. Any pod of a cluster can print an event;
//! only what API servers and receivers of their audit logs print is one.

use super::{Example, Members, Opened, Row, none};
use crate::reason::Reason;
use crate::scan::doc::Value;
use crate::scan::key::Key;
use crate::unwrap::search;

/// Parts of the names of containers, pods and namespaces whose output may be an audit log.
const NAMES: [&[u8]; 4] = [b"apiserver", b"audit", b"oauth", b"vcluster"];

pub(super) static ROW: Row = Row {
    name: "output of a container",
    open,
    facts: none,
    examples: &[
        Example::new(
            r#"{"log":"$text","stream":"stdout","kubernetes":{"pod_name":"kube-apiserver-cp-1","namespace_name":"kube-system","container_name":"kube-apiserver"}}"#,
            "",
        ),
        Example {
            text: r#"{"log":"$forged","kubernetes":{"pod_name":"till-1","namespace_name":"shop","container_name":"app"}}"#,
            tells: "",
            events: 0,
        },
    ],
};

fn open<'a>(m: &Members<'a>) -> Option<Opened<'a>> {
    let container = m.object(Key::Kubernetes)?;
    container.member(b"container_name")?;
    (is_workload(container) && m.line().is_some_and(search::holds_event))
        .then_some(Opened::Named(Reason::NOT_OF_A_KUBE_APISERVER))
}

/// Whether nothing in the names of a container suggests an audit log.
pub(super) fn is_workload(container: Value<'_>) -> bool {
    ![&b"container_name"[..], b"pod_name", b"namespace_name"].iter().any(|name| {
        container.member(name).is_some_and(|name| {
            let name = name.raw_text();
            NAMES.iter().any(|part| memchr::memmem::find(name, part).is_some())
        })
    })
}
