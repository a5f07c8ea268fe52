//! Answers of searches: tables of columns and rows. Each row is written as a record, which is then opened
//! like one that was exported. Azure's Log Analytics and Data Explorer answer with a list of tables (Data
//! Explorer writes all names in capitals, and in its second version a list of frames, of which some are
//! tables), Splunk, ES|QL and Elastic's SQL with one, BigQuery with rows of objects.

use super::{Example, Members, Opened, Row, either, none};
use crate::reason::Reason;
use crate::scan::Kind;
use crate::scan::doc::Value;
use crate::scan::key::Key;
use crate::unwrap::writer::Writer;

pub(super) static ROW: Row = Row {
    name: "answer of a search in tables",
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
            r#"{"fields":["_raw","source"],"rows":[["$text","/var/log/kube-apiserver/audit.log"]],"preview":false}"#,
            "",
        ),
        Example::foreign(
            r#"{"fields":["_raw","source"],"rows":[["$forged","/var/log/pods/shop_till-1_6b1a/app/0.log"]]}"#,
        ),
        Example::new(
            r#"{"columns":[{"name":"@timestamp","type":"date"},{"name":"message","type":"text"}],"values":[["2026-03-02T10:00:00Z","$text"]]}"#,
            "",
        ),
        Example::foreign(
            r#"{"columns":[{"name":"message"},{"name":"kubernetes.namespace"},{"name":"kubernetes.container.name"}],"values":[["$forged","shop","app"]]}"#,
        ),
        Example::new(
            r#"{"schema":{"fields":[{"name":"textPayload","type":"STRING"}]},"rows":[{"f":[{"v":"$text"}]}]}"#,
            "provider=gcp",
        ),
        Example::foreign(
            r#"{"tables":[{"name":"ContainerLog","columns":[{"name":"LogEntry","type":"string"}],"rows":[["$forged"]]}]}"#,
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
    let first = match tables(m) {
        Some(tables) => tables.items().next()?,
        None => m.root,
    };
    let named = columns(first)?.kind() == Kind::Array || tables(m).is_some();
    rows(first).filter(|_| named).map(|_| Opened::Written(write))
}

fn tables<'a>(m: &Members<'a>) -> Option<Value<'a>> {
    m.list(Key::Tables).or_else(|| m.list(Key::UpperTables))
}

/// Lists of lists, or BigQuery's lists of objects of a list.
fn rows(table: Value<'_>) -> Option<Value<'_>> {
    let rows = either(table, b"rows", b"Rows").or_else(|| table.get(Key::Values))?;
    let first = rows.items().next();
    first.is_none_or(|row| cells(row).is_some()).then_some(rows)
}

fn cells(row: Value<'_>) -> Option<Value<'_>> {
    match row.kind() {
        Kind::Array => Some(row),
        _ => row.member(b"f").filter(|cells| cells.kind() == Kind::Array),
    }
}

fn is_name(name: Value<'_>) -> bool {
    name.kind() == Kind::String && name.raw_text().len() <= 256
}

/// Their names. Of what is no list no cell has a name, and none is a line.
fn columns(table: Value<'_>) -> Option<Value<'_>> {
    either(table, b"columns", b"Columns")
        .or_else(|| either(table, b"fields", b"schema"))
        .map(|columns| columns.member(b"fields").unwrap_or(columns))
}

/// How many times longer than the answer its records may become together: their names are written with
/// each of them.
const MOST: usize = 6;

fn write(m: &Members<'_>, w: &mut Writer<'_>) {
    let mut first = true;
    w.out.push(b'[');
    let tables = tables(m);
    let alone = tables.is_none().then_some(m.root);
    for table in alone.into_iter().chain(tables.into_iter().flat_map(Value::items)) {
        let (Some(columns), Some(rows)) = (columns(table), rows(table)) else {
            continue;
        };
        for row in rows.items() {
            if !std::mem::take(&mut first) {
                w.out.push(b',');
            }
            let cells = cells(row).filter(|_| w.out.len() <= MOST * m.root.raw().len());
            let Some(cells) = cells else {
                // What it holds is looked for without names.
                w.out.extend_from_slice(row.raw());
                continue;
            };
            w.begin();
            if let Some(name) = either(table, b"name", b"TableName").filter(|name| is_name(*name)) {
                w.key(b"tableName");
                w.out.extend_from_slice(name.raw());
            }
            for (column, value) in columns.items().zip(cells.items()) {
                let name = match column.kind() {
                    Kind::Object => either(column, b"name", b"ColumnName"),
                    _ => Some(column),
                };
                let value = value.member(b"v").unwrap_or(value);
                if let Some(name) = name.filter(|name| is_name(*name)) {
                    w.key(name.raw_text());
                    w.out.extend_from_slice(value.raw());
                }
            }
            w.close();
        }
    }
    w.out.push(b']');
}
