//! An event whose members were made columns: `user.username` beside `responseStatus.code`, perhaps all
//! behind one prefix, each value perhaps in a list. So write searches of Splunk, Elasticsearch and Logs
//! Insights. What bodies were made of cannot be put together again: the event says that it was cut.

use super::{Example, Members, Opened, Row, none};
use crate::scan::Kind;
use crate::scan::doc::Value;
use crate::unwrap::writer::Writer;

pub(super) static ROW: Row = Row {
    name: "event in columns",
    open: |m| m.flat.map(|_| Opened::Written(write)),
    facts: none,
    examples: &[
        Example::new(
            r#"{"result":{"auditID":"a1","stage":"ResponseComplete","verb":"list","level":"Metadata","requestURI":"/api/v1/pods","user.username":"bob","user.groups{}":["dev"],"sourceIPs{}":"203.0.113.9","responseStatus.code":"200","requestObject.note":"$forged"}}"#,
            "",
        ),
        Example::new(
            r#"{"hits":{"hits":[{"_id":"1","fields":{"kubernetes.audit.auditID":["a1"],"kubernetes.audit.stage":["ResponseComplete"],"kubernetes.audit.verb":["list"],"kubernetes.audit.level":["Metadata"],"kubernetes.audit.requestURI":["/api/v1/pods"],"kubernetes.audit.user.username":["bob"],"kubernetes.audit.responseStatus.code":[200]}}]}}"#,
            "",
        ),
        Example::new(
            r#"{"results":[[{"field":"@timestamp","value":"2026-03-02 10:00:00.010"},{"field":"auditID","value":"a1"},{"field":"stage","value":"ResponseComplete"},{"field":"verb","value":"list"},{"field":"level","value":"Metadata"},{"field":"requestURI","value":"/api/v1/pods"},{"field":"user.username","value":"bob"},{"field":"responseStatus.code","value":"200"}]]}"#,
            "",
        ),
    ],
};

/// Columns that only an event in columns has.
const TELLING: &[&[u8]] = &[b"user.username", b"objectRef.resource", b"responseStatus.code"];

/// How long the prefix is of a column that tells an event.
pub(super) fn prefix(name: &[u8]) -> Option<usize> {
    TELLING.iter().find_map(|column| {
        let prefix = name.strip_suffix(*column)?;
        (prefix.is_empty() || prefix.ends_with(b".")).then_some(prefix.len())
    })
}

/// Members of an event that are written as they stand.
const PLAIN: &[&[u8]] = &[
    b"kind",
    b"apiVersion",
    b"level",
    b"auditID",
    b"stage",
    b"requestURI",
    b"verb",
    b"userAgent",
    b"requestReceivedTimestamp",
    b"stageTimestamp",
];

/// Members that are objects, and those of them that are lists.
const OBJECTS: &[(&str, &[&[u8]])] = &[
    ("user", &[b"groups"]),
    ("impersonatedUser", &[b"groups"]),
    ("objectRef", &[]),
    ("responseStatus", &[]),
    ("annotations", &[]),
];

/// Members that are not put together again.
const BODIES: &[&[u8]] = &[b"requestObject", b"responseObject"];

fn write(m: &Members<'_>, w: &mut Writer<'_>) {
    let columns = || {
        let prefix = m.flat.unwrap_or_default();
        let start = m.root.members().find_map(|(key, _)| {
            let name = key.raw_text();
            (self::prefix(name) == Some(prefix)).then(|| &name[..prefix])
        });
        m.root.members().filter_map(move |(key, value)| {
            Some((key.raw_text().strip_prefix(start.unwrap_or_default())?, value))
        })
    };
    w.begin();
    list(columns(), b"sourceIPs", w);
    let whole = m.flat == Some(0);
    for (name, value) in columns() {
        let first = name.split(|byte| b".{".contains(byte)).next().unwrap_or_default();
        let is_object = OBJECTS.iter().any(|(object, _)| object.as_bytes() == first);
        if PLAIN.contains(&name) {
            w.key(name);
            w.out.extend_from_slice(only(value).raw());
        } else if name == first && (is_object || BODIES.contains(&first)) {
            w.key(name);
            w.out.extend_from_slice(value.raw());
        } else if BODIES.iter().any(|body| name.starts_with(body)) {
            w.cut = true;
        } else if whole && !is_object && first != b"sourceIPs" {
            w.key(name);
            w.out.extend_from_slice(value.raw());
        }
    }
    for (object, lists) in OBJECTS {
        let inside = || {
            columns().filter_map(|(name, value)| {
                Some((name.strip_prefix(object.as_bytes())?.strip_prefix(b".")?, value))
            })
        };
        let is_whole = columns().any(|(name, _)| name == object.as_bytes());
        if is_whole || inside().next().is_none() {
            w.cut |= is_whole && inside().next().is_some();
            continue;
        }
        w.open(object);
        for name in *lists {
            list(inside(), name, w);
        }
        for (name, value) in inside() {
            if !lists.iter().any(|list| is_item_of(list, name)) {
                w.key(name);
                w.out.extend_from_slice(only(value).raw());
            }
        }
        w.close();
    }
    w.close();
}

/// The value itself, or the only item of a list.
fn only(value: Value<'_>) -> Value<'_> {
    let mut items = value.items();
    match (items.next(), items.next()) {
        (Some(item), None) => item,
        _ => value,
    }
}

/// Whether a column is a list, `NAME` or Splunk's `NAME{}`, or one item of it, `NAME.0`.
fn is_item_of(list: &[u8], name: &[u8]) -> bool {
    name.strip_prefix(list).is_some_and(|rest| {
        rest.is_empty()
            || rest == b"{}"
            || rest.strip_prefix(b".").is_some_and(|number| number.iter().all(u8::is_ascii_digit))
    })
}

/// A list of what one column, or several, hold.
fn list<'a>(columns: impl Iterator<Item = (&'a [u8], Value<'a>)>, name: &[u8], w: &mut Writer<'_>) {
    let mut any = false;
    for (_, value) in columns.filter(|(column, _)| is_item_of(name, column)) {
        let alone = (value.kind() != Kind::Array).then_some(value);
        for item in alone.into_iter().chain(value.items()) {
            if any {
                w.out.push(b',');
            } else {
                w.key(name);
                w.out.push(b'[');
            }
            w.out.extend_from_slice(item.raw());
            any = true;
        }
    }
    if any {
        w.out.push(b']');
    }
}
