//! The report as JSON: `figures`, `volume`, then one member per panel with its figures and tables.

use auditweir_shell::time;
use serde_json::{Map, Value, json};

use super::report::{Cell, Figure, Report, Table};

/// The whole report.
pub(super) fn report(report: &Report) -> Value {
    let mut panels = Map::new();
    for panel in &report.panels {
        let mut content = Map::new();
        content.insert("title".into(), panel.title.into());
        content.insert("figures".into(), figures(&panel.figures));
        for of in &panel.tables {
            content.insert(of.key.into(), table(of));
        }
        panels.insert(panel.key.into(), content.into());
    }
    json!({
        "v": 1,
        "sources": report.sources,
        "warnings": report.warnings,
        "from": report.span.map(|(from, _)| time::rfc3339(from)),
        "to": report.span.map(|(_, to)| time::rfc3339(to)),
        "figures": figures(&report.figures),
        "volume": volume(report),
        "panels": panels,
        "suggestedAuditPolicy": report.audit_policy,
        "suggestedPolicy": report.policy,
        "notes": report.notes,
    })
}

fn volume(report: &Report) -> Value {
    let Some(drawing) = &report.volume else {
        return json!({ "bars": [], "undated": report.undated });
    };
    let starts = (0..).map(|at| drawing.from + at * drawing.width);
    let bars: Vec<Value> = starts
        .zip(&drawing.bars)
        .filter(|(_, bar)| bar.events > 0)
        .map(|(from, bar)| {
            json!({
                "from": time::rfc3339(from),
                "events": bar.events,
                "bytes": bar.bytes,
                "refused": bar.refused,
                "failed": bar.failed,
            })
        })
        .collect();
    json!({
        "secondsPerBar": drawing.width,
        "bars": bars,
        "outside": drawing.outside,
        "undated": report.undated,
    })
}

fn figures(list: &[Figure]) -> Value {
    list.iter()
        .map(|figure| (figure.key.to_owned(), cell(&figure.value)))
        .collect::<Map<_, _>>()
        .into()
}

fn table(table: &Table) -> Value {
    table
        .rows
        .iter()
        .map(|row| {
            let mut object: Map<String, Value> = table
                .columns
                .iter()
                .zip(row)
                .map(|(column, value)| (column.key.to_owned(), cell(value)))
                .collect();
            if row.iter().any(|cell| matches!(cell, Cell::AtLeast(_))) {
                object.insert("atLeast".into(), true.into());
            }
            Value::from(object)
        })
        .collect()
}

fn cell(cell: &Cell) -> Value {
    match cell {
        Cell::Text(text) => text.as_str().into(),
        Cell::Count(count) | Cell::AtLeast(count) | Cell::Bytes(count) => (*count).into(),
        Cell::Saved(bytes) => (*bytes).into(),
        Cell::Share(share) => ((share * 1e6).round() / 1e6).into(),
    }
}
