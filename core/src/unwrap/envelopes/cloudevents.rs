//! CloudEvents, structured: the event is `data`, as an object, as text or in base64.

use super::{Example, Opened, Row, none};
use crate::scan::key::Key;

pub(super) static ROW: Row = Row {
    name: "CloudEvents",
    open: |m| {
        if !m.has(Key::SpecVersion) {
            return None;
        }
        m.text(Key::DataBase64)
            .map(Opened::Encoded)
            .or_else(|| m.get(Key::Data).map(|data| Opened::Inside([Some(data), None, None])))
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
    ],
};
