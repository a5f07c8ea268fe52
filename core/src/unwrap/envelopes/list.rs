//! A list of events as an audit webhook sends it. Items have neither `kind` nor `apiVersion`.
//! Logstash's `split` filter leaves the one item as an object; some exporters make texts of items.

use super::{Example, Members, Opened, Row, is_event, none};
use crate::reason::Reason;
use crate::scan::Kind;
use crate::scan::key::Key;

pub(super) static ROW: Row = Row {
    name: "EventList",
    open,
    facts: none,
    examples: &[
        Example::new(
            r#"{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{"annotations":{"a":"$forged"}},"items":[$event]}"#,
            "",
        ),
        Example::new(
            r#"{"kind":"EventList","apiVersion":"audit.k8s.io/v1","metadata":{},"@timestamp":"2026-03-02T10:00:01Z","host":"10.0.0.1","items":$event}"#,
            "",
        ),
        Example::new(
            r#"{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":["$text"]}"#,
            "",
        ),
        Example::new(
            r#"{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":"[$text]"}"#,
            "",
        ),
    ],
};

fn open<'a>(m: &Members<'a>) -> Option<Opened<'a>> {
    let listed = m.get(Key::Kind).is_some_and(|kind| kind.says(b"EventList"))
        && m.text(Key::ApiVersion)
            .is_none_or(|version| version.raw_text().starts_with(b"audit.k8s.io/"));
    // Lists of other kinds hold objects that clients of the cluster wrote.
    if m.has(Key::AuditId) || m.text(Key::Kind).is_some() && !listed {
        return None;
    }
    if let Some(items) = m.list(Key::Items) {
        // A relay that batches batches.
        if listed && items.items().any(|item| item.get(Key::Items).is_some() && !is_event(item)) {
            return Some(Opened::Records(items));
        }
        let first = || items.items().next().is_some_and(is_event);
        return (listed || first()).then_some(Opened::Events(items));
    }
    if let Some(items) = m.text(Key::Items).filter(|_| listed) {
        return Some(Opened::Line(items));
    }
    if listed && m.get(Key::Items).is_some_and(|items| items.kind() == Kind::Null) {
        return Some(Opened::Nothing(Reason::EMPTY_LIST)); // how Go writes none
    }
    m.object(Key::Items).filter(|item| listed || is_event(*item)).map(Opened::Events)
}
