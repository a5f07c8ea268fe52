//! New Relic's log API: lists of logs with what they have in common.

use super::{Example, Members, Opened, Row, set};
use crate::scan::key::Key;
use crate::unwrap::facts::{Envelope, Fact};

pub(super) static ROW: Row = Row {
    name: "New Relic",
    open: |m| m.list(Key::Logs).map(Opened::Records),
    facts,
    examples: &[
        Example::new(
            r#"[{"common":{"attributes":{"cluster_name":"blue"}},"logs":[{"timestamp":1772445600010,"message":"$text","attributes":{"plugin":{"type":"fluent-bit"},"pod_annotation":"$forged"}}]}]"#,
            "name=blue",
        ),
        Example::new(r#"{"logs":[{"message":$event}]}"#, ""),
    ],
};

fn facts(m: &Members<'_>, envelope: &mut Envelope) {
    let common = m.object(Key::Common).and_then(|common| common.get(Key::Attributes));
    set(common, &[(b"cluster_name", Fact::ClusterName)], envelope);
}
