//! An answer of Azure's Log Analytics API or of Data Explorer: tables of columns and rows. Each row
//! is written as a record, which is then opened like one that was exported. Data Explorer writes
//! all names in capitals, and in its second version a list of frames, of which some are tables.

use super::{Example, Members, Opened, Row, either, none};
use crate::reason::Reason;
use crate::scan::Kind;
use crate::scan::doc::Value;
use crate::scan::key::Key;
use crate::unwrap::writer::Writer;

pub(super) static ROW: Row = Row {
    name: "Log Analytics answer",
    open,
    facts: none,
    examples: &[
        Example::new(
            r#"{"tables":[{"name":"PrimaryResult","columns":[{"name":"TimeGenerated","type":"datetime"},{"name":"log_s","type":"string"},{"name":"UserAgent","type":"string"},{"name":"_ResourceId","type":"string"}],"rows":[["2026-03-02T10:00:00Z","$text","$forged","/subscriptions/s-1/resourcegroups/rg/providers/microsoft.containerservice/managedclusters/blue"]]}]}"#,
            "name=blue provider=azure account=s-1",
        ),
        Example::new(
            r#"{"Tables":[{"TableName":"Table_0","Columns":[{"ColumnName":"log_s","DataType":"String"},{"ColumnName":"ResourceId","DataType":"String"}],"Rows":[["$text","/subscriptions/s-1/resourcegroups/rg/providers/microsoft.containerservice/managedclusters/blue"]]}]}"#,
            "name=blue provider=azure account=s-1",
        ),
        Example::new(
            r#"{"FrameType":"DataTable","TableKind":"PrimaryResult","Columns":[{"ColumnName":"log_s","ColumnType":"string"}],"Rows":[["$text"]]}"#,
            "",
        ),
    ],
};

fn open<'a>(m: &Members<'a>) -> Option<Opened<'a>> {
    if m.has(Key::FrameType) {
        return Some(match rows(m.root) {
            Some(_) => Opened::Written(write),
            None => Opened::Nothing(Reason::CONTROL_MESSAGE),
        });
    }
    let first = tables(m)?.items().next()?;
    rows(first).map(|_| Opened::Written(write))
}

fn tables<'a>(m: &Members<'a>) -> Option<Value<'a>> {
    m.list(Key::Tables).or_else(|| m.list(Key::UpperTables))
}

fn rows(table: Value<'_>) -> Option<Value<'_>> {
    either(table, b"rows", b"Rows").filter(|rows| rows.kind() == Kind::Array)
}

/// Columns that are written; a table of more is no table of audit events.
const MOST: usize = 256;

fn write(m: &Members<'_>, w: &mut Writer<'_>) {
    let mut first = true;
    w.out.push(b'[');
    let (frame, tables) = (m.has(Key::FrameType).then_some(m.root), tables(m));
    for table in frame.into_iter().chain(tables.into_iter().flat_map(Value::items)) {
        let (Some(columns), Some(rows)) = (either(table, b"columns", b"Columns"), rows(table))
        else {
            continue;
        };
        for row in rows.items() {
            if !std::mem::take(&mut first) {
                w.out.push(b',');
            }
            w.begin();
            for (column, value) in columns.items().zip(row.items()).take(MOST) {
                let name = match column.kind() {
                    Kind::Object => either(column, b"name", b"ColumnName"),
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
