//! A record of Kafka as the REST proxy, Connect and Lambda deliver it: the event is its `value`, as
//! an object, as text or in base64. Keys and headers are not looked at.

use super::{Example, Opened, Row, is_named_value, none};
use crate::scan::key::Key;
use crate::unwrap::search;

pub(super) static ROW: Row = Row {
    name: "Kafka record",
    open: |m| {
        let value = m.get(Key::Value)?;
        let record =
            m.has(Key::Key) || m.has(Key::Topic) || m.has(Key::Partition) || m.has(Key::Offset);
        // A field of a log's record has a name that is no key.
        let named = m.get(Key::Key).is_some_and(search::is_clients);
        (record && !named && !m.has(Key::Op) && !is_named_value(m.root))
            .then_some(Opened::Inside([Some(value), None, None]))
    },
    facts: none,
    examples: &[
        Example::new(r#"{"records":[{"key":null,"value":$event}]}"#, ""),
        Example::new(
            r#"[{"topic":"audit","key":"$forged","value":"$text","partition":0,"offset":7}]"#,
            "",
        ),
        Example::new(
            r#"[{"topic":"audit","key":null,"value":"$base64","partition":0,"offset":7}]"#,
            "",
        ),
    ],
};
