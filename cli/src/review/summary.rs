//! The report as text for a terminal: numbers to the left, names, which may be of any script and
//! length, to the right.

use std::fmt::Write as _;

use auditweir_shell::time;

use super::report::{Cell, Figure, Report, Table};

/// The whole report.
pub(super) fn report(report: &Report) -> String {
    let mut out = String::new();
    for warning in &report.warnings {
        let _ = writeln!(out, "{warning}");
    }
    let _ = writeln!(out, "Audit log review: {}", report.sources.join(", "));
    if let Some((from, to)) = report.span {
        let _ = writeln!(out, "{} to {}", time::rfc3339(from), time::rfc3339(to));
    }
    figures(&report.figures, &mut out);
    if report.undated > 0 {
        let _ = writeln!(
            out,
            "  {} event{} without a time",
            report.undated,
            if report.undated == 1 { "" } else { "s" }
        );
    }
    for panel in &report.panels {
        let _ = writeln!(out, "\n{}", panel.title.to_uppercase());
        figures(&panel.figures, &mut out);
        for of in panel.tables.iter().filter(|table| !table.rows.is_empty()) {
            table(of, &mut out);
        }
    }
    let _ = writeln!(out, "\nSUGGESTED AUDIT POLICY\n");
    out.push_str(&report.audit_policy);
    let _ = writeln!(out, "\nNOTES");
    for note in &report.notes {
        let _ = writeln!(out, "  {note}");
    }
    out
}

fn figures(list: &[Figure], out: &mut String) {
    if list.is_empty() {
        return;
    }
    let words: Vec<String> =
        list.iter().map(|figure| format!("{} {}", figure.value.text(), figure.name())).collect();
    let _ = writeln!(out, "  {}", words.join(" · "));
}

fn table(table: &Table, out: &mut String) {
    let _ = writeln!(out, "\n  {}", table.title);
    let shown: Vec<&Vec<Cell>> = table.rows.iter().chain(&table.sum).collect();
    let is_number: Vec<bool> = (0..table.columns.len())
        .map(|at| shown.iter().any(|row| row.get(at).is_some_and(Cell::is_number)))
        .collect();
    let width = |at: usize| {
        let cells = shown.iter().map(|row| row[at].text().chars().count());
        cells.chain([table.columns[at].title.chars().count()]).max().unwrap_or(0)
    };
    let widths: Vec<usize> = (0..table.columns.len()).map(width).collect();
    let mut line = |cells: &dyn Fn(usize) -> String| {
        let mut text = String::from("  ");
        for at in (0..table.columns.len()).filter(|at| is_number[*at]) {
            let _ = write!(text, "{:>wide$}  ", cells(at), wide = widths[at]);
        }
        for at in (0..table.columns.len()).filter(|at| !is_number[*at]) {
            let _ = write!(text, "{:<wide$}  ", cells(at), wide = widths[at].min(90));
        }
        let _ = writeln!(out, "{}", text.trim_end());
    };
    line(&|at| table.columns[at].title.to_owned());
    for row in shown {
        line(&|at| row[at].text());
    }
    if let Some(more) = &table.more {
        let _ = writeln!(out, "  ({more})");
    }
}
