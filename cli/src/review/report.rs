//! The report as a value: panels of figures and tables, which the text, JSON and HTML show alike.

use super::volume::Drawing;

/// Everything a report says.
pub(super) struct Report {
    /// Names of the inputs.
    pub(super) sources: Vec<String>,
    /// Inputs that could not be read, and that there was no event: what must stand above numbers.
    pub(super) warnings: Vec<String>,
    /// First and last time, in seconds.
    pub(super) span: Option<(i64, i64)>,
    /// What stands at the top.
    pub(super) figures: Vec<Figure>,
    pub(super) volume: Option<Drawing>,
    /// Events without a time.
    pub(super) undated: u64,
    pub(super) panels: Vec<Panel>,
    /// The suggested audit policy.
    pub(super) audit_policy: String,
    /// The same with noise rules, as a policy of ours.
    pub(super) policy: String,
    /// How to read it, and what is approximate.
    pub(super) notes: Vec<String>,
}

/// One subject.
pub(super) struct Panel {
    /// Name in JSON and in links.
    pub(super) key: &'static str,
    pub(super) title: &'static str,
    /// What is counted here.
    pub(super) about: String,
    pub(super) figures: Vec<Figure>,
    pub(super) tables: Vec<Table>,
    /// Whether it takes the whole width.
    pub(super) wide: bool,
}

/// One number with its name.
pub(super) struct Figure {
    pub(super) key: &'static str,
    pub(super) label: &'static str,
    pub(super) value: Cell,
    /// Something to look at when it is not zero.
    pub(super) alert: bool,
}

impl Figure {
    /// What the number counts; one of them is no plural.
    pub(super) fn name(&self) -> String {
        if self.value != Cell::Count(1) {
            return self.label.to_owned();
        }
        let one = |word: &'static str| {
            let many = if word.ends_with("ches") { "es" } else { "s" };
            word.strip_suffix(many).unwrap_or(word)
        };
        let words = self.label.split(' ').map(one);
        words.collect::<Vec<_>>().join(" ")
    }
}

/// Rows under named columns.
pub(super) struct Table {
    pub(super) key: &'static str,
    pub(super) title: &'static str,
    pub(super) columns: Vec<Column>,
    pub(super) rows: Vec<Vec<Cell>>,
    /// The column that is drawn as bars.
    pub(super) bars: Option<usize>,
    /// What is not in the rows.
    pub(super) more: Option<String>,
    /// The row that sums up the others.
    pub(super) sum: Option<Vec<Cell>>,
    /// Whether it has so little in it that another may stand beside it.
    pub(super) small: bool,
}

impl Table {
    /// The same, beside others of its kind.
    pub(super) fn small(self) -> Self {
        Self { small: true, ..self }
    }
}

/// A column: its name in JSON and its title.
#[derive(Clone, Copy)]
pub(super) struct Column {
    pub(super) key: &'static str,
    pub(super) title: &'static str,
}

/// One value. Texts are plainly visible already, but not escaped for any format.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Cell {
    Text(String),
    Count(u64),
    /// The count is this or more.
    AtLeast(u64),
    Bytes(u64),
    /// Bytes saved; negative when it costs.
    Saved(i64),
    /// A part of one.
    Share(f64),
}

impl Cell {
    /// Whether it belongs to the right of its column.
    pub(super) fn is_number(&self) -> bool {
        !matches!(self, Self::Text(_))
    }

    /// How much of a bar it fills, in its own unit.
    #[expect(clippy::cast_precision_loss, reason = "for drawing")]
    pub(super) fn size(&self) -> f64 {
        match self {
            Self::Text(_) => 0.0,
            Self::Count(count) | Self::AtLeast(count) | Self::Bytes(count) => *count as f64,
            Self::Saved(bytes) => (*bytes).max(0) as f64,
            Self::Share(share) => *share,
        }
    }

    /// As people read it.
    pub(super) fn text(&self) -> String {
        match self {
            Self::Text(text) => text.clone(),
            Self::Count(count) => grouped(*count),
            Self::AtLeast(count) => format!("≥ {}", grouped(*count)),
            Self::Bytes(count) => bytes(*count),
            Self::Saved(count) if *count < 0 => format!("−{}", bytes(count.unsigned_abs())),
            Self::Saved(count) => bytes(count.unsigned_abs()),
            Self::Share(share) => format!("{:.1} %", share * 100.0),
        }
    }

    /// Whether it is nothing.
    pub(super) fn is_zero(&self) -> bool {
        self.is_number() && self.size() == 0.0 && !matches!(self, Self::Saved(count) if *count < 0)
    }
}

/// `1,234,567`.
pub(super) fn grouped(count: u64) -> String {
    let digits = count.to_string();
    let mut text = String::with_capacity(digits.len() * 4 / 3);
    for (at, digit) in digits.chars().enumerate() {
        if at > 0 && (digits.len() - at).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}

/// `811.0 kB`: thousands, not 1024.
pub(super) fn bytes(count: u64) -> String {
    const UNITS: [&str; 5] = ["kB", "MB", "GB", "TB", "PB"];
    if count < 1000 {
        return format!("{count} B");
    }
    #[expect(clippy::cast_precision_loss, reason = "one decimal is shown")]
    let mut value = count as f64 / 1000.0;
    let mut unit = 0;
    while value >= 999.95 && unit + 1 < UNITS.len() {
        value /= 1000.0;
        unit += 1;
    }
    format!("{value:.1} {}", UNITS[unit])
}

/// A part of a whole; nothing of nothing is nothing.
#[expect(clippy::cast_precision_loss, reason = "a share is shown with one decimal")]
pub(super) fn share(part: u64, whole: u64) -> Cell {
    Cell::Share(if whole == 0 { 0.0 } else { part as f64 / whole as f64 })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_is_no_plural() {
        let name = |label, value| Figure { key: "", label, value, alert: false }.name();
        assert_eq!(name("RBAC changes", Cell::Count(1)), "RBAC change");
        assert_eq!(name("lines or documents", Cell::Count(1)), "line or document");
        assert_eq!(name("sessions", Cell::Count(0)), "sessions");
        assert_eq!(name("with noise rules, too", Cell::Bytes(1)), "with noise rules, too");
    }

    #[test]
    fn numbers_as_people_read_them() {
        assert_eq!(grouped(0), "0");
        assert_eq!(grouped(999), "999");
        assert_eq!(grouped(1_234_567), "1,234,567");
        assert_eq!(bytes(999), "999 B");
        assert_eq!(bytes(1000), "1.0 kB");
        assert_eq!(bytes(999_960), "1.0 MB");
        assert_eq!(bytes(10_000_000_000), "10.0 GB");
        assert_eq!(Cell::Saved(-120).text(), "−120 B");
        assert_eq!(share(1, 3).text(), "33.3 %");
        assert_eq!(share(0, 0).text(), "0.0 %");
    }
}
