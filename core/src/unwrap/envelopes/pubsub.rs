//! A push message of Google Pub/Sub.

use super::cloudwatch::data;
use super::{Example, Opened, Row, none};
use crate::scan::key::Key;

pub(super) static ROW: Row = Row {
    name: "Pub/Sub message",
    open: |m| {
        let data = data(m.object(Key::Message)?)?;
        // Emulators and relays leave the line as it is.
        let is_line = matches!(data.raw_text().trim_ascii().first(), Some(b'{' | b'['));
        Some(if is_line { Opened::Line(data) } else { Opened::Encoded(data) })
    },
    facts: none,
    examples: &[
        Example::new(
            r#"{"message":{"data":"$base64","messageId":"1","attributes":{"a":"$forged"}},"subscription":"projects/p/subscriptions/s"}"#,
            "",
        ),
        Example::foreign(
            r#"{"message":{"data":"$base64","attributes":{"container_name":"app"}},"subscription":"projects/p/subscriptions/s"}"#,
        ),
    ],
};
