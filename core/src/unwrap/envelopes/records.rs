//! A list of envelopes under `records`: Azure Event Hubs, Firehose, Kafka's REST proxy.

use super::{Example, Opened, Row, none};
use crate::scan::key::Key;

pub(super) static ROW: Row = Row {
    name: "records",
    open: |m| m.list(Key::Records).map(Opened::Records),
    facts: none,
    examples: &[
        Example::new(r#"{"records":[$event],"headers":{"a":"$forged"}}"#, ""),
        Example::new(r#"{"records":["$text","I0302 10:00:00.000000       1 a.go:1] {}"]}"#, ""),
    ],
};
