//! Inline SVG. Sizes are attributes and colours classes, so that no style attribute is needed.

use std::fmt::Write as _;

use auditweir_shell::time::{self, DAY};

use crate::review::report::{Cell, Figure, grouped};
use crate::review::volume::Drawing;

/// Size of the drawing over time, and its margins: left, right, top, bottom.
const WIDTH: f64 = 1150.0;
const HEIGHT: f64 = 210.0;
const MARGINS: [f64; 4] = [52.0, 6.0, 8.0, 38.0];

/// A stretch of time in words.
pub(super) fn span(seconds: i64) -> String {
    let (count, unit) = match seconds {
        ..60 => (seconds, "second"),
        60..3600 => (seconds / 60, "minute"),
        3600..DAY => (seconds / 3600, "hour"),
        _ => (seconds / DAY, "day"),
    };
    if count == 1 { unit.into() } else { format!("{count} {unit}s") }
}

/// What the colours mean.
pub(super) fn legend(out: &mut String) {
    out.push_str("<div class=\"legend\">");
    for (class, label) in [("ok", "succeeded"), ("failed", "failed"), ("refused", "refused")] {
        let _ = write!(
            out,
            "<span><svg viewBox=\"0 0 10 10\"><rect class=\"{class}\" width=\"10\" height=\"10\"/>\
             </svg>{label}</span>"
        );
    }
    out.push_str("</div>\n");
}

/// Events over time, stacked by outcome.
#[expect(clippy::cast_precision_loss, reason = "for drawing")]
pub(super) fn volume(drawing: &Drawing, out: &mut String) {
    let [left, right, top, bottom] = MARGINS;
    let (width, height) = (WIDTH - left - right, HEIGHT - top - bottom);
    let base = top + height;
    let most = drawing.bars.iter().map(|bar| bar.events).max().unwrap_or(0).max(1);
    let step = tick(most);
    let ceiling = most.div_ceil(step) * step;
    let y = |count: u64| base - height * count as f64 / ceiling as f64;
    let _ = writeln!(
        out,
        "<svg class=\"chart\" viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" \
         aria-label=\"Events over time\">"
    );
    for count in (0..=ceiling / step).map(|at| at * step) {
        let (at, class) = (y(count), if count == 0 { "axis" } else { "grid" });
        let _ = writeln!(
            out,
            "<line class=\"{class}\" x1=\"{left}\" x2=\"{:.1}\" y1=\"{at:.1}\" y2=\"{at:.1}\"/>\
             <text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>",
            WIDTH - right,
            left - 8.0,
            at + 4.0,
            grouped(count)
        );
    }
    let slot = width / drawing.bars.len() as f64;
    let gap = (slot * 0.18).min(3.0);
    let starts = (0..).map(|at| drawing.from + at * drawing.width);
    let bars = drawing.bars.iter().zip(starts).enumerate();
    for (at, (bar, from)) in bars.filter(|(_, (bar, _))| bar.events > 0) {
        let x = left + slot * at as f64 + gap / 2.0;
        let _ = write!(
            out,
            "<g><title>{} {}: {} events, {} failed, {} refused</title>",
            time::day(from),
            time::clock(from, drawing.width < 60),
            grouped(bar.events),
            grouped(bar.failed),
            grouped(bar.refused)
        );
        let good = bar.events - bar.failed - bar.refused;
        let mut under = 0;
        for (class, count) in [("ok", good), ("failed", bar.failed), ("refused", bar.refused)] {
            if count > 0 {
                let (low, high) = (y(under), y(under + count));
                let _ = write!(
                    out,
                    "<rect class=\"{class}\" x=\"{x:.1}\" y=\"{:.1}\" width=\"{:.1}\" \
                     height=\"{:.1}\"/>",
                    // What is there must be seen.
                    high.min(low - 1.2),
                    (slot - gap).min(46.0),
                    (low - high).max(1.2)
                );
            }
            under += count;
        }
        out.push_str("</g>\n");
    }
    labels(drawing, slot, base, out);
    out.push_str("</svg>\n");
}

/// Times under the bars, at round ones, with the date where it changes.
#[expect(clippy::cast_precision_loss, reason = "for drawing")]
fn labels(drawing: &Drawing, slot: f64, base: f64, out: &mut String) {
    let [left, right, ..] = MARGINS;
    let count = i64::try_from(drawing.bars.len()).unwrap_or(0);
    let first = drawing.from / drawing.width;
    // Whole parts of a day, or whole days.
    let round = |every: i64| DAY % (every * drawing.width) == 0 || every * drawing.width % DAY == 0;
    let every = (1..=count).find(|every| count / every <= 10 && round(*every)).unwrap_or(count);
    let mut last_day = String::new();
    for at in (0..count).filter(|at| (first + at).rem_euclid(every) == 0) {
        let from = drawing.from + at * drawing.width;
        let x = left + slot * at as f64 + if slot > 46.0 { 24.0 } else { slot / 2.0 };
        let day = time::day(from);
        let anchor = if x > WIDTH - right - 34.0 { "end" } else { "middle" };
        let (upper, lower) = if drawing.width >= DAY {
            (
                if drawing.width >= 28 * DAY { day[..7].to_owned() } else { day.clone() },
                String::new(),
            )
        } else {
            (time::clock(from, drawing.width < 60), day.clone())
        };
        let _ = write!(
            out,
            "<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{upper}</text>",
            base + 16.0
        );
        if !lower.is_empty() && lower != last_day {
            let _ = write!(
                out,
                "<text x=\"{x:.1}\" y=\"{:.1}\" text-anchor=\"{anchor}\">{lower}</text>",
                base + 31.0
            );
        }
        out.push('\n');
        last_day = day;
    }
}

/// A round distance between grid lines, for about four of them.
fn tick(most: u64) -> u64 {
    let mut unit = 1u64;
    loop {
        for step in [unit, unit * 2, unit * 5] {
            if most.div_ceil(step) <= 4 {
                return step;
            }
        }
        unit = unit.saturating_mul(10);
    }
}

/// A bar in a table.
pub(super) fn bar(size: f64, most: f64, out: &mut String) {
    let filled = if most > 0.0 { (size / most * 100.0).clamp(0.0, 100.0) } else { 0.0 };
    let filled = if size > 0.0 { filled.max(1.0) } else { 0.0 };
    let _ = write!(
        out,
        "<svg viewBox=\"0 0 100 8\" preserveAspectRatio=\"none\" aria-hidden=\"true\">\
         <rect class=\"track\" width=\"100\" height=\"8\"/>\
         <rect class=\"ok\" width=\"{filled:.1}\" height=\"8\"/></svg>"
    );
}

/// The bytes of a log now and under the suggested policies.
pub(super) fn savings(figures: &[Figure], out: &mut String) {
    let bars: Vec<&Figure> =
        figures.iter().filter(|figure| matches!(figure.value, Cell::Bytes(_))).collect();
    let most = bars.iter().map(|figure| figure.value.size()).fold(0.0, f64::max);
    let (left, width, row) = (160.0, WIDTH - 160.0 - 190.0, 26.0);
    let _ = writeln!(
        out,
        "<svg class=\"chart\" viewBox=\"0 0 {WIDTH} {}\" role=\"img\" aria-label=\"Bytes now and \
         with the suggested policies\">",
        row * f64::from(u8::try_from(bars.len()).unwrap_or(u8::MAX))
    );
    let mut top = 0.0;
    for (at, figure) in bars.iter().enumerate() {
        let part = if most > 0.0 { figure.value.size() / most } else { 0.0 };
        let length = part * width;
        let saved = if at == 0 || part > 0.9995 {
            String::new()
        } else {
            format!(" (−{:.1} %)", (1.0 - part) * 100.0)
        };
        let _ = writeln!(
            out,
            "<text x=\"{:.1}\" y=\"{:.1}\" text-anchor=\"end\">{}</text>\
             <rect class=\"track\" x=\"{left}\" y=\"{:.1}\" width=\"{width}\" height=\"16\"/>\
             <rect class=\"ok\" x=\"{left}\" y=\"{:.1}\" width=\"{length:.1}\" height=\"16\"/>\
             <text class=\"value\" x=\"{:.1}\" y=\"{:.1}\">{}{saved}</text>",
            left - 10.0,
            top + 15.0,
            figure.label,
            top + 3.0,
            top + 3.0,
            left + width + 10.0,
            top + 15.0,
            figure.value.text(),
        );
        top += row;
    }
    out.push_str("</svg>\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn grid_lines_are_round_and_few() {
        for (most, step) in
            [(1, 1), (4, 1), (5, 2), (9, 5), (105, 50), (1_000, 500), (37_000, 10_000)]
        {
            assert_eq!(tick(most), step, "{most}");
        }
    }

    #[test]
    fn spans_in_words() {
        for (seconds, words) in
            [(1, "second"), (300, "5 minutes"), (3600, "hour"), (7 * DAY, "7 days")]
        {
            assert_eq!(span(seconds), words);
        }
    }
}
