//! A push message of Google Pub/Sub.

use super::cloudwatch::data;
use super::{Example, Opened, Row, none};
use crate::scan::key::Key;

pub(super) static ROW: Row = Row {
    name: "Pub/Sub message",
    open: |m| data(m.object(Key::Message)?).map(Opened::Encoded),
    facts: none,
    examples: &[Example::new(
        r#"{"message":{"data":"$base64","messageId":"1","attributes":{"a":"$forged"}},"subscription":"projects/p/subscriptions/s"}"#,
        "",
    )],
};
