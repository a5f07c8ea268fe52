//! Grafana Loki: a push request, the answer to a query, and a line of `logcli`. Labels are not
//! looked at for events.

use super::{Example, Members, Opened, Row, set};
use crate::scan::Kind;
use crate::scan::doc::Value;
use crate::scan::key::Key;
use crate::unwrap::facts::{Envelope, Fact};
use crate::unwrap::search;

pub(super) static ROW: Row = Row {
    name: "Loki",
    open,
    facts,
    examples: &[
        Example::new(
            r#"{"streams":[{"stream":{"job":"audit","cluster":"blue"},"values":[["1772445600010001000","$text"]]}]}"#,
            "name=blue",
        ),
        Example::new(
            r#"{"status":"success","data":{"resultType":"streams","result":[{"stream":{"cluster":"blue","a":"$forged"},"values":[["1772445600010001000","$text",{"b":"$forged"}]]}],"stats":{}}}"#,
            "name=blue",
        ),
        Example::foreign(
            r#"{"streams":[{"labels":"{container=\"app\",namespace=\"shop\"}","entries":[{"ts":"2026-03-02T10:00:00Z","line":"$forged"}]}]}"#,
        ),
        Example::new(
            r#"{"labels":{"job":"audit"},"line":"$text","timestamp":"2026-03-02T10:00:00.01Z"}"#,
            "",
        ),
    ],
};

fn open<'a>(m: &Members<'a>) -> Option<Opened<'a>> {
    let inside = |value| Some(Opened::Inside([Some(value), None, None]));
    if let Some(streams) = m.list(Key::Streams) {
        return inside(streams);
    }
    if let Some(data) = m.object(Key::Data)
        && data.member(b"resultType").is_some_and(|kind| kind.says(b"streams"))
        && let Some(result) = data.get(Key::Result)
    {
        return inside(result);
    }
    if let Some(values) = m.list(Key::Values)
        && (m.root.member(b"stream").is_some() || m.has(Key::Labels))
    {
        return inside(values);
    }
    m.text(Key::Line).filter(|_| m.has(Key::Labels)).and_then(inside)
}

fn facts(m: &Members<'_>, envelope: &mut Envelope) {
    let labels = m.root.member(b"stream").or_else(|| m.get(Key::Labels));
    let labels = labels.filter(|labels| labels.kind() == Kind::Object);
    let names: [(&[u8], Fact); 2] =
        [(b"cluster", Fact::ClusterName), (b"k8s_cluster_name", Fact::ClusterName)];
    set(labels, &names, envelope);
}

/// The line of an entry: a time in nanoseconds as text, the line, perhaps more about it, which
/// clients may have written.
pub(super) fn entry<'a>(list: Value<'a>, envelope: &mut Envelope) -> Option<Value<'a>> {
    let mut items = list.items();
    let (time, line) = (items.next()?, items.next()?);
    let digits = |text: &[u8]| text.len() >= 16 && text.iter().all(u8::is_ascii_digit);
    let more = items.next().is_some_and(|more| more.kind() == Kind::Object);
    let is_time = match time.kind() {
        Kind::String => digits(time.raw_text()),
        Kind::Number => digits(time.raw()),
        _ => false,
    };
    if line.kind() != Kind::String || !is_time && (!more || search::holds_event(time)) {
        return None;
    }
    envelope.set_time(Some(time));
    Some(line)
}
