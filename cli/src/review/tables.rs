//! Tables and figures out of counters.

use super::counts::Counts;
use super::report::{Cell, Column, Figure, Table};
use super::top::{Entry, PLACES, Top};
use Measure::{Bytes, Events, Failed, Refused, Requests};

/// A number of each group.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Measure {
    Events,
    Requests,
    Bytes,
    Refused,
    Failed,
}

impl Measure {
    fn column(self) -> Column {
        let (key, title) = match self {
            Events => ("events", "Events"),
            Requests => ("requests", "Requests"),
            Bytes => ("bytes", "Bytes"),
            Refused => ("refused", "Refused"),
            Failed => ("failed", "Failed"),
        };
        Column { key, title }
    }

    fn of(self, counts: &Counts) -> u64 {
        match self {
            Events => counts.events,
            Requests => counts.requests,
            Bytes => counts.bytes,
            Refused => counts.refused,
            Failed => counts.failed,
        }
    }

    fn cell(self, counts: &Counts, unsure: bool) -> Cell {
        match (self.of(counts), self) {
            (bytes, Bytes) => Cell::Bytes(bytes),
            (count, _) if unsure => Cell::AtLeast(count),
            (count, _) => Cell::Count(count),
        }
    }
}

/// A list of the most frequent names.
pub(super) fn ranking(
    (key, title): (&'static str, &'static str),
    top: &Top,
    names: &[(&'static str, &'static str)],
    measures: &[Measure],
    rows: usize,
) -> Table {
    let by = measures[0];
    let list = top.first(rows, |counts| by.of(counts));
    let mut columns: Vec<Column> = names.iter().map(|(key, title)| Column { key, title }).collect();
    columns.extend(measures.iter().map(|measure| measure.column()));
    let cells = |entry: &Entry| {
        let mut parts = entry.name.split('\n');
        let mut row: Vec<Cell> =
            names.iter().map(|_| Cell::Text(parts.next().unwrap_or_default().to_owned())).collect();
        row.extend(measures.iter().map(|measure| measure.cell(&entry.counts, entry.unsure > 0)));
        row
    };
    let more = top.names() - list.len();
    let approximate = !top.is_exact();
    let more = match (more, approximate) {
        (_, true) => Some(format!(
            "more than {PLACES} names in all: counts marked ≥ are lower bounds, rare names are left out"
        )),
        (0, false) => None,
        (more, false) => Some(format!("and {more} more")),
    };
    Table {
        key,
        title,
        columns,
        rows: list.into_iter().map(cells).collect(),
        // three names leave no room, and their counts are small
        bars: (names.len() < 3).then_some(names.len()),
        more,
        sum: None,
        small: false,
    }
}

/// A table with one row for each of few names.
pub(super) fn listing<'a>(
    (key, title): (&'static str, &'static str),
    name: (&'static str, &'static str),
    rows: impl Iterator<Item = (String, &'a Counts)>,
    measures: &[Measure],
) -> Table {
    let mut columns = vec![Column { key: name.0, title: name.1 }];
    columns.extend(measures.iter().map(|measure| measure.column()));
    let mut rows: Vec<(String, &Counts)> = rows.collect();
    rows.sort_by_key(|(_, counts)| std::cmp::Reverse(measures[0].of(counts)));
    let rows = rows
        .into_iter()
        .map(|(name, counts)| {
            let mut row = vec![Cell::Text(name)];
            row.extend(measures.iter().map(|measure| measure.cell(counts, false)));
            row
        })
        .collect();
    let bars = (measures.len() == 1).then_some(1);
    Table { key, title, columns, rows, bars, more: None, sum: None, small: true }
}

/// The first rows of a list.
pub(super) fn table(
    (key, title): (&'static str, &'static str),
    columns: &[(&'static str, &'static str)],
    rows: impl ExactSizeIterator<Item = Vec<Cell>>,
    most: usize,
) -> Table {
    let more = rows.len().saturating_sub(most);
    Table {
        key,
        title,
        columns: columns.iter().map(|(key, title)| Column { key, title }).collect(),
        rows: rows.take(most).collect(),
        bars: None,
        more: (more > 0).then(|| format!("and {more} more")),
        sum: None,
        small: false,
    }
}

pub(super) fn figure(key: &'static str, label: &'static str, value: Cell) -> Figure {
    Figure { key, label, value, alert: false }
}

pub(super) fn alert(key: &'static str, label: &'static str, count: u64) -> Figure {
    Figure { key, label, value: Cell::Count(count), alert: true }
}
