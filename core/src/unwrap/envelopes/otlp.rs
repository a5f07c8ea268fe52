//! OpenTelemetry: a request to export logs, as JSON. The event is the body of a record, as text or
//! as key-value pairs; attributes are not looked at.

use super::{Example, Members, Opened, Row};
use crate::scan::Kind;
use crate::scan::doc::Value;
use crate::scan::key::Key;
use crate::unwrap::facts::{Envelope, Fact};
use crate::unwrap::writer::Writer;

/// Also the levels below: the resource and the scope.
pub(super) static REQUEST: Row = Row {
    name: "OTLP log request",
    open: |m| {
        [Key::ResourceLogs, Key::ScopeLogs, Key::LogRecords]
            .into_iter()
            .find_map(|key| m.list(key))
            .map(Opened::Records)
    },
    facts,
    examples: &[
        Example::new(
            r#"{"resourceLogs":[{"resource":{"attributes":[{"key":"k8s.cluster.name","value":{"stringValue":"blue"}},{"key":"cloud.region","value":{"stringValue":"eu-west-1"}}]},"scopeLogs":[{"scope":{},"logRecords":[{"timeUnixNano":"1772445600010001000","body":{"stringValue":"$text"},"attributes":[{"key":"k8s.pod.annotation.a","value":{"stringValue":"$forged"}}]}]}]}]}"#,
            "name=blue region=eu-west-1",
        ),
        Example::new(
            r#"{"resourceLogs":[{"resource":{},"scopeLogs":[{"logRecords":[{"body":{"kvlistValue":{"values":[$pairs]}}}]}]}]}"#,
            "",
        ),
        Example::foreign(
            r#"{"resourceLogs":[{"resource":{"attributes":[{"key":"k8s.container.name","value":{"arrayValue":{"values":[{"stringValue":"app"}]}}}]},"scopeLogs":[{"logRecords":[{"body":{"stringValue":"$forged"}}]}]}]}"#,
        ),
        Example::new(
            r#"{"resourceLogs":[{"resource":{},"scopeLogs":[{"logRecords":[{"body":{"bytesValue":"$base64"}}]}]}]}"#,
            "",
        ),
    ],
};

fn facts(m: &Members<'_>, envelope: &mut Envelope) {
    let Some(attributes) = m.object(Key::Resource).and_then(|r| r.get(Key::Attributes)) else {
        return;
    };
    for attribute in attributes.items() {
        let Some(name) = attribute.get(Key::Key) else { continue };
        let value = attribute.get(Key::Value).and_then(|v| v.member(b"stringValue"));
        let fact = name.read(|name| match name {
            b"k8s.cluster.name" => Some(Fact::ClusterName),
            b"k8s.cluster.uid" => Some(Fact::ClusterId),
            b"cloud.provider" => Some(Fact::Provider),
            b"cloud.account.id" => Some(Fact::Account),
            b"cloud.region" => Some(Fact::Region),
            _ => None,
        });
        if let Some(fact) = fact {
            envelope.set_text(fact, value);
        }
    }
}

/// One record.
pub(super) static RECORD: Row = Row {
    name: "OTLP log record",
    open: record,
    facts: super::none,
    examples: &[Example::new(
        r#"{"timeUnixNano":"1772445600010001000","body":{"stringValue":"$text"},"attributes":[{"key":"user_agent.original","value":{"stringValue":"$forged"}}]}"#,
        "",
    )],
};

fn record<'a>(m: &Members<'a>) -> Option<Opened<'a>> {
    let body = m.object(Key::LowerBody)?;
    let (name, value) = body.members().next()?;
    if name.says(b"stringValue") && value.kind() == Kind::String {
        Some(Opened::Line(value))
    } else if name.says(b"bytesValue") && value.kind() == Kind::String {
        Some(Opened::Encoded(value))
    } else if name.says(b"kvlistValue") {
        Some(Opened::Written(write))
    } else {
        None
    }
}

fn write(m: &Members<'_>, w: &mut Writer<'_>) {
    if let Some(body) = m.object(Key::LowerBody) {
        plain(body, w);
    }
}

/// Writes an `AnyValue` as plain JSON. The walk is over the nodes, with what is open remembered as
/// bits: no depth of input makes this deep.
fn plain(body: Value<'_>, w: &mut Writer<'_>) {
    // What is open: its list of items, the item that is next, and how it closes.
    let mut open = std::mem::take(w.stack());
    open.clear();
    let mut next = Some(body);
    loop {
        if let Some(value) = next.take() {
            let Some((name, inner)) = value.members().next() else {
                w.out.extend_from_slice(b"null");
                continue;
            };
            let list = name.says(b"kvlistValue") || name.says(b"arrayValue");
            if list {
                let is_object = name.says(b"kvlistValue");
                w.out.push(if is_object { b'{' } else { b'[' });
                let values = inner.get(Key::Values);
                let close = if is_object { b'}' } else { b']' };
                open.push(match values.filter(|values| values.kind() == Kind::Array) {
                    Some(values) => (values.index, values.index + 1, close),
                    None => (inner.index, inner.node().next, close),
                });
                continue;
            }
            // 64-bit integers are texts in the JSON of protobuf.
            let number = name.says(b"intValue") || name.says(b"doubleValue");
            let text = inner.raw_text();
            let digits = text.strip_prefix(b"-").unwrap_or(text);
            let plain = !digits.is_empty()
                && digits.len() <= 19
                && digits.iter().all(u8::is_ascii_digit)
                && (digits.len() == 1 || digits[0] != b'0');
            if number && inner.kind() == Kind::String && plain {
                w.out.extend_from_slice(text);
            } else if matches!(inner.kind(), Kind::Object | Kind::Array | Kind::Opaque) {
                w.out.extend_from_slice(b"null");
            } else {
                w.out.extend_from_slice(inner.raw());
            }
            continue;
        }
        let Some((list, at, close)) = open.last_mut() else {
            *w.stack() = open;
            return;
        };
        let list = body.doc.at(*list);
        if *at >= list.node().next {
            w.out.push(*close);
            open.pop();
            continue;
        }
        let item = body.doc.at(*at);
        if *at > list.index + 1 {
            w.out.push(b',');
        }
        *at = item.node().next;
        if *close == b']' {
            next = Some(item);
            continue;
        }
        let name = item.get(Key::Key).map(Value::raw_text).unwrap_or_default();
        w.out.push(b'"');
        w.out.extend_from_slice(name);
        w.out.extend_from_slice(b"\":");
        match item.get(Key::Value) {
            Some(value) => next = Some(value),
            None => w.out.extend_from_slice(b"null"),
        }
    }
}
