//! Splunk: what the HTTP Event Collector takes, and exports of a search. `fields` is not looked at.

use super::{Example, Members, Opened, Row, none};
use crate::scan::key::Key;

pub(super) static ROW: Row = Row {
    name: "Splunk",
    open,
    facts: none,
    examples: &[
        Example::new(
            r#"{"time":1772445600.01,"host":"cp-1","source":"/var/log/kube-apiserver/audit.log","sourcetype":"kube:apiserver:audit","index":"k8s","event":$event}"#,
            "",
        ),
        Example::new(
            r#"{"time":1772445600.01,"sourcetype":"kube:apiserver:audit","fields":{"a":"$forged"},"event":"$text"}"#,
            "",
        ),
        Example::new(r#"{"time":1772445600.02,"event":$event}"#, ""),
        Example::new(r#"{"event":"$text","fields":{"a":"$forged"},"source":"$forged"}"#, ""),
        Example::foreign(
            r#"{"time":1772445600.01,"sourcetype":"kube:container:app","event":"$forged"}"#,
        ),
        Example::new(
            r#"{"preview":false,"offset":0,"result":{"_raw":"$text","_time":"2026-03-02 10:00:00.010 UTC","host":"cp-1"}}"#,
            "",
        ),
        Example::new(
            r#"{"preview":false,"results":[{"_raw":"$text","_time":"2026-03-02T10:00:00.010+00:00"}]}"#,
            "",
        ),
    ],
};

fn open<'a>(m: &Members<'a>) -> Option<Opened<'a>> {
    let inside = |value| Some(Opened::Inside([Some(value), None, None]));
    if let Some(raw) = m.text(Key::Raw) {
        return inside(raw);
    }
    if let Some(result) = m.object(Key::Result).filter(|result| result.get(Key::Raw).is_some()) {
        return inside(result);
    }
    let collector = m.has(Key::Sourcetype)
        || m.has(Key::Time)
        || !m.has(Key::AtTimestamp)
            && [&b"fields"[..], b"source", b"host", b"index"]
                .iter()
                .any(|name| m.root.member(name).is_some());
    m.object(Key::Event)
        .filter(|event| event.get(Key::Original).is_none())
        .or_else(|| m.text(Key::Event))
        .filter(|_| collector)
        .and_then(inside)
}
