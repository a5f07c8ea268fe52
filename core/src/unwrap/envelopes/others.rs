//! Audit logs and alerts of other programs that watch clusters and clouds. They quote what clients
//! wrote, so nothing in them is looked at.

use super::{Example, Members, Opened, Row, none};
use crate::reason::Reason;
use crate::scan::Kind;

/// Two members that tell each program, and whose they are.
const PROGRAMS: &[(&[u8], &[u8])] = &[
    (b"eventSource", b"eventName"),      // CloudTrail
    (b"output_fields", b"rule"),         // Falco
    (b"priority", b"rule"),              // Falco
    (b"process_exec", b"node_name"),     // Tetragon
    (b"process_kprobe", b"node_name"),   // Tetragon
    (b"cluster_name", b"user_metadata"), // Teleport
    (b"flow", b"node_name"),             // Hubble
    (b"auth", b"request"),               // Vault
];

pub(super) static ROW: Row = Row {
    name: "audit log of another program",
    open,
    facts: none,
    examples: &[
        Example {
            text: r#"{"eventVersion":"1.08","time":"2026-03-02T10:00:00Z","eventSource":"eks.amazonaws.com","eventName":"UpdateClusterConfig","requestParameters":{"x":"$forged"}}"#,
            tells: "",
            events: 0,
        },
        Example {
            text: r#"{"output":"x","priority":"Warning","rule":"r","time":"2026-03-02T10:00:00Z","output_fields":{"ka.req":"$forged"}}"#,
            tells: "",
            events: 0,
        },
        Example {
            text: r#"{"time":"2026-03-02T10:00:00Z","type":"request","auth":{},"request":{"data":{"x":"$forged"}}}"#,
            tells: "",
            events: 0,
        },
    ],
};

fn open<'a>(m: &Members<'a>) -> Option<Opened<'a>> {
    if m.root.kind() != Kind::Object || m.is_event() {
        return None;
    }
    let has = |name: &[u8]| m.root.member(name).is_some();
    PROGRAMS
        .iter()
        .any(|(one, other)| has(one) && has(other))
        .then_some(Opened::Named(Reason::NOT_OF_A_KUBE_APISERVER))
}
