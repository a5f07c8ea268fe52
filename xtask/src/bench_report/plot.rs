//! `docs/performance.svg`: one panel of bars per input, readable on white and on black.

use std::fmt::Write as _;

use super::measure::Build;
use super::results::{ENGINES, INPUTS, OURS, Report, SKIPS};
use crate::Result;

const LABELS: f64 = 130.0;
const BARS: f64 = 430.0;
const WIDTH: f64 = LABELS + BARS + 90.0;
const ROW: f64 = 20.0;
const TITLE: f64 = 34.0;

const STYLE: &str = "<style>
text { font: 13px system-ui, sans-serif; fill: #24292f }
.title { font-weight: 600 }
.label { text-anchor: end }
.ours { fill: #0969da } .native { fill: #54aeff } .rival { fill: #8c959f } .skip { fill: #d0d7de }
@media (prefers-color-scheme: dark) {
  text { fill: #e6edf3 }
  .ours { fill: #58a6ff } .native { fill: #1f6feb } .rival { fill: #8b949e } .skip { fill: #484f58 }
}
</style>
";

fn class(engine: &str) -> &'static str {
    if engine == OURS {
        "ours"
    } else if engine.starts_with("auditweir") {
        "native"
    } else if SKIPS.contains(&engine) {
        "skip"
    } else {
        "rival"
    }
}

/// Bars end at different scales in each panel: the longest fills the panel.
pub(crate) fn write(report: &Report) -> Result<String> {
    let run = report.run(Build::Default)?;
    let mut body = String::new();
    let mut y = 0.0;
    for input in INPUTS {
        let bars: Vec<(&str, f64)> = ENGINES
            .into_iter()
            .filter_map(|engine| Some((engine, run.rate(input, engine)?)))
            .collect();
        let longest = bars.iter().map(|(_, rate)| *rate).fold(1.0, f64::max);
        writeln!(
            body,
            r#"<text class="title" x="{LABELS}" y="{}">{input}, MB/s</text>"#,
            y + TITLE - 10.0
        )?;
        y += TITLE;
        for (engine, rate) in bars {
            let length = rate / longest * BARS;
            let line = y + ROW * 0.7;
            writeln!(
                body,
                r#"<text class="label" x="{}" y="{line:.1}">{engine}</text><rect class="{}" x="{LABELS}" y="{:.1}" width="{length:.1}" height="{:.1}" rx="2"/><text x="{:.1}" y="{line:.1}">{rate:.0}</text>"#,
                LABELS - 8.0,
                class(engine),
                y + 2.0,
                ROW - 4.0,
                LABELS + length + 6.0,
            )?;
            y += ROW;
        }
    }
    let height = y + 10.0;
    Ok(format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {WIDTH} {height}\" \
         width=\"{WIDTH}\" height=\"{height}\" role=\"img\" \
         aria-label=\"Megabytes per second of each engine over each input\">\n\
         {STYLE}{body}</svg>\n"
    ))
}
