//! A message as Azure Event Hubs Capture stores it: the body in base64 or as text.

use super::{Example, Members, Opened, Row, none};
use crate::scan::Kind;
use crate::scan::key::Key;

pub(super) static ROW: Row = Row {
    name: "Event Hubs Capture",
    open,
    facts: none,
    examples: &[
        Example::new(
            r#"{"SequenceNumber":1,"Offset":"0","EnqueuedTimeUtc":"3/2/2026 10:00:00 AM","SystemProperties":{},"Properties":{"user_agent":"$forged"},"Body":"$base64"}"#,
            "",
        ),
        Example::new(r#"{"SequenceNumber":1,"Offset":"0","Body":"$text"}"#, ""),
        Example::new(r#"{"SequenceNumber":1,"Offset":"0","Body":{"bytes":"$text"}}"#, ""),
    ],
};

fn open<'a>(m: &Members<'a>) -> Option<Opened<'a>> {
    let body = m.get(Key::Body).filter(|_| m.has(Key::SequenceNumber))?;
    // Avro's JSON names the type of a value that may be null.
    let body = match body.kind() {
        Kind::Object => body.member(b"bytes").unwrap_or(body),
        _ => body,
    };
    Some(match body.kind() {
        Kind::String if !matches!(body.raw_text().trim_ascii().first(), Some(b'{' | b'[')) => {
            Opened::Encoded(body)
        }
        Kind::String | Kind::Object | Kind::Array => Opened::Line(body),
        _ => return None,
    })
}
