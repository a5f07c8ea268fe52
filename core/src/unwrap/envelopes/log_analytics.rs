//! An answer of Azure's Log Analytics API: tables of columns and rows. Each row is written as a
//! record, which is then opened like one that was exported.

use super::{Example, Members, Opened, Row, none};
use crate::scan::Kind;
use crate::scan::doc::Value;
use crate::scan::key::Key;
use crate::unwrap::writer::Writer;

pub(super) static ROW: Row = Row {
    name: "Log Analytics answer",
    open: |m| {
        m.list(Key::Tables)
            .filter(|list| list.items().next().is_some_and(|table| table.get(Key::Rows).is_some()))
            .map(|_| Opened::Written(write))
    },
    facts: none,
    examples: &[Example::new(
        r#"{"tables":[{"name":"PrimaryResult","columns":[{"name":"TimeGenerated","type":"datetime"},{"name":"log_s","type":"string"},{"name":"_ResourceId","type":"string"}],"rows":[["2026-03-02T10:00:00Z","$text","/subscriptions/s-1/resourcegroups/rg/providers/microsoft.containerservice/managedclusters/blue"]]}]}"#,
        "name=blue provider=azure account=s-1",
    )],
};

/// Columns that are written; a table of more is no table of audit events.
const MOST: usize = 256;

fn write(m: &Members<'_>, w: &mut Writer<'_>) {
    let mut first = true;
    w.out.push(b'[');
    for table in m.list(Key::Tables).into_iter().flat_map(Value::items) {
        let (Some(columns), Some(rows)) = (table.get(Key::Columns), table.get(Key::Rows)) else {
            continue;
        };
        for row in rows.items() {
            if !std::mem::take(&mut first) {
                w.out.push(b',');
            }
            w.begin();
            for (column, value) in columns.items().zip(row.items()).take(MOST) {
                let name = match column.kind() {
                    Kind::Object => column.get(Key::Name),
                    _ => Some(column),
                };
                if let Some(name) = name.filter(|name| name.kind() == Kind::String) {
                    w.key(name.raw_text());
                    w.out.extend_from_slice(value.raw());
                }
            }
            w.close();
        }
    }
    w.out.push(b']');
}
