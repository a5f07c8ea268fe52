//! The report as one HTML page: no script, no link, nothing loaded; charts are inline SVG.
//!
//! Its own Content-Security-Policy allows the one style sheet by its hash and nothing else. The
//! page is well-formed XML, too. Everything that is not written here goes through [`escape`].

mod chart;

use std::fmt::Write as _;

use auditweir_shell::time;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use sha2::{Digest as _, Sha256};

use super::report::{Cell, Figure, Panel, Report, Table};

const STYLE: &str = include_str!("style.css");

/// Bytes of a name that stays in one piece.
const WORD: usize = 17;

/// The panel that is told in two places: what it saves above, its rules below.
const SUGGESTION: &str = "suggestion";

/// The whole page.
pub(super) fn page(report: &Report) -> String {
    let mut page = Page { out: String::with_capacity(64 << 10) };
    page.head(&report.sources);
    page.title(report);
    page.volume(report);
    let (wide, narrow): (Vec<&Panel>, Vec<&Panel>) =
        report.panels.iter().partition(|panel| panel.wide);
    let (suggestion, wide): (Vec<&Panel>, Vec<&Panel>) =
        wide.into_iter().partition(|panel| panel.key == SUGGESTION);
    for panel in wide {
        page.panel(panel, None);
    }
    page.savings(report);
    page.raw("<div class=\"panels\">\n");
    for panel in narrow {
        page.panel(panel, None);
    }
    page.raw("</div>\n");
    for panel in suggestion {
        page.panel(panel, Some(report));
    }
    page.foot(report);
    page.out
}

/// Escaped for text and for attributes in quotes.
fn escape(text: &str, out: &mut String) {
    for c in text.chars() {
        match c {
            '&' => out.push_str("&amp;"),
            '<' => out.push_str("&lt;"),
            '>' => out.push_str("&gt;"),
            '"' => out.push_str("&quot;"),
            '\'' => out.push_str("&#39;"),
            c => out.push(c),
        }
    }
}

struct Page {
    out: String,
}

impl Page {
    fn raw(&mut self, markup: &str) {
        self.out.push_str(markup);
    }

    fn text(&mut self, text: &str) {
        escape(text, &mut self.out);
    }

    /// An element that holds only text. `tag` may have attributes.
    fn element(&mut self, tag: &str, text: &str) {
        let name = tag.split(' ').next().unwrap_or(tag);
        let _ = write!(self.out, "<{tag}>");
        self.text(text);
        let _ = write!(self.out, "</{name}>");
    }

    /// A name apart from its surroundings, whatever its direction of writing; it may be broken
    /// after its parts.
    fn name(&mut self, name: &str) {
        self.raw("<bdi>");
        for part in name.split_inclusive([':', '/', '.', '-', '@']) {
            self.text(part);
            if name.len() > WORD && part.len() > 3 {
                self.raw("<wbr/>");
            }
        }
        self.raw("</bdi>");
    }

    fn head(&mut self, sources: &[String]) {
        let hash = STANDARD.encode(Sha256::digest(STYLE.as_bytes()));
        self.raw("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\"/>\n");
        let _ = writeln!(
            self.out,
            "<meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
             style-src 'sha256-{hash}'; base-uri 'none'; form-action 'none'\"/>"
        );
        self.raw(
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\"/>\n\
             <meta name=\"referrer\" content=\"no-referrer\"/>\n",
        );
        self.element("title", &format!("Audit log review: {}", sources.join(", ")));
        let _ = write!(self.out, "\n<style>{STYLE}</style>\n</head>\n<body>\n<main>\n");
    }

    fn title(&mut self, report: &Report) {
        self.raw("<header>\n");
        self.element("h1", "Kubernetes audit log review");
        self.raw("<p>");
        for (at, source) in report.sources.iter().enumerate() {
            if at > 0 {
                self.raw(", ");
            }
            if at == 5 {
                let more = format!("and {} more", report.sources.len() - at);
                self.text(&more);
                break;
            }
            self.element("bdi", source);
        }
        if let Some((from, to)) = report.span {
            let moment = |at| format!("{} {}", time::day(at), time::clock(at, true));
            let _ = write!(self.out, " · {} to {} UTC", moment(from), moment(to));
        }
        self.raw("</p>\n");
        for warning in &report.warnings {
            self.raw("<p class=\"alert\">");
            self.element("b", warning);
            self.raw("</p>\n");
        }
        self.raw("</header>\n<div class=\"tiles\">\n");
        for figure in &report.figures {
            let class = match figure {
                Figure { alert: true, value, .. } if !value.is_zero() => "tile alert",
                Figure { key: "saving", .. } => "tile gain",
                _ => "tile",
            };
            let _ = write!(self.out, "<div class=\"{class}\">");
            self.element("b", &figure.value.text());
            self.element("span", &figure.name());
            self.raw("</div>\n");
        }
        self.raw("</div>\n");
    }

    fn volume(&mut self, report: &Report) {
        self.raw("<section id=\"volume\">\n");
        self.element("h2", "Volume over time");
        match &report.volume {
            Some(drawing) => {
                let about =
                    format!("Events per {}, by how they ended.", chart::span(drawing.width));
                self.element("p class=\"about\"", &about);
                chart::legend(&mut self.out);
                chart::volume(drawing, &mut self.out);
                if drawing.outside > 0 {
                    let more = format!(
                        "{} events lie outside this period",
                        Cell::Count(drawing.outside).text()
                    );
                    self.element("p class=\"more\"", &more);
                }
            }
            None => self.element("p class=\"about\"", "No event has a time."),
        }
        if report.undated > 0 {
            let more = format!("{} events have no time", Cell::Count(report.undated).text());
            self.element("p class=\"more\"", &more);
        }
        self.raw("</section>\n");
    }

    fn savings(&mut self, report: &Report) {
        let Some(panel) = report.panels.iter().find(|panel| panel.key == SUGGESTION) else {
            return;
        };
        self.raw("<section id=\"savings\">\n");
        self.element("h2", panel.title);
        self.element("p class=\"about\"", &panel.about);
        chart::savings(&panel.figures, &mut self.out);
        self.raw("</section>\n");
    }

    fn panel(&mut self, panel: &Panel, texts: Option<&Report>) {
        let class = if panel.wide { " class=\"wide\"" } else { "" };
        let _ = writeln!(self.out, "<section id=\"{}\"{class}>", panel.key);
        if texts.is_some() {
            self.element("h2", "The suggestion, rule by rule");
        } else {
            self.element("h2", panel.title);
            self.element("p class=\"about\"", &panel.about);
        }
        if texts.is_none() && !panel.figures.is_empty() {
            self.raw("<p class=\"figures\">");
            for figure in &panel.figures {
                let alert = figure.alert && !figure.value.is_zero();
                self.raw(if alert { "<span class=\"alert\">" } else { "<span>" });
                self.element("b", &figure.value.text());
                self.raw(" ");
                self.text(&figure.name());
                self.raw("</span> ");
            }
            self.raw("</p>\n");
        }
        let filled = || panel.tables.iter().filter(|table| !table.rows.is_empty());
        let counted = panel.figures.iter().any(|figure| !figure.value.is_zero());
        if filled().next().is_none() && !counted {
            self.element("p class=\"more\"", "None in this log.");
        }
        let mut beside = false;
        for table in filled() {
            if table.small != beside {
                self.raw(if table.small { "<div class=\"pair\">\n" } else { "</div>\n" });
                beside = table.small;
            }
            self.table(table);
        }
        if beside {
            self.raw("</div>\n");
        }
        if let Some(report) = texts {
            self.raw("<div class=\"texts\">\n<div>");
            self.element("h3", "audit.k8s.io/v1 Policy");
            self.element("pre id=\"audit-policy\"", &report.audit_policy);
            self.raw("</div>\n<div>");
            self.element("h3", "auditweir policy, with noise rules");
            self.element("pre id=\"policy\"", &report.policy);
            self.raw("</div>\n</div>\n");
        }
        self.raw("</section>\n");
    }

    fn table(&mut self, table: &Table) {
        self.raw("<div class=\"list\">");
        self.element("h3", table.title);
        self.raw("<table>\n<thead><tr>");
        let numbers: Vec<bool> = (0..table.columns.len())
            .map(|at| table.rows.iter().any(|row| row[at].is_number()))
            .collect();
        for (at, column) in table.columns.iter().enumerate() {
            if table.bars == Some(at) {
                self.raw("<th></th>");
            }
            let tag = if numbers[at] { "th class=\"n\" scope=\"col\"" } else { "th scope=\"col\"" };
            self.element(tag, column.title);
        }
        self.raw("</tr></thead>\n<tbody>\n");
        // Columns of short words need no more room than they take.
        let short: Vec<bool> = (0..table.columns.len())
            .map(|at| {
                table
                    .rows
                    .iter()
                    .all(|row| matches!(&row[at], Cell::Text(text) if text.len() <= WORD))
            })
            .collect();
        let most = table
            .bars
            .map_or(0.0, |bar| table.rows.iter().map(|row| row[bar].size()).fold(0.0, f64::max));
        for row in &table.rows {
            self.row(table, row, &short, most);
        }
        self.raw("</tbody>\n");
        if let Some(sum) = &table.sum {
            self.raw("<tfoot>");
            self.row(table, sum, &short, 0.0);
            self.raw("</tfoot>\n");
        }
        self.raw("</table>\n");
        if let Some(more) = &table.more {
            self.element("p class=\"more\"", more);
        }
        self.raw("</div>\n");
    }

    fn row(&mut self, table: &Table, row: &[Cell], short: &[bool], most: f64) {
        self.raw("<tr>");
        for (at, (cell, column)) in row.iter().zip(&table.columns).enumerate() {
            if table.bars == Some(at) {
                self.raw("<td class=\"b\">");
                chart::bar(cell.size(), most, &mut self.out);
                self.raw("</td>");
            }
            match cell {
                Cell::Text(text) if text.is_empty() => self.raw("<td></td>"),
                Cell::Text(text) => {
                    self.raw(match column.key {
                        "about" | "description" => "<td class=\"soft\">",
                        _ if short[at] => "<td class=\"k\">",
                        _ => "<td>",
                    });
                    self.name(text);
                    self.raw("</td>");
                }
                cell if cell.is_zero() => self.raw("<td class=\"n zero\">–</td>"),
                cell => {
                    let bad = matches!(column.key, "refused");
                    let tag = if bad { "td class=\"n bad\"" } else { "td class=\"n\"" };
                    self.element(tag, &cell.text());
                }
            }
        }
        self.raw("</tr>\n");
    }

    fn foot(&mut self, report: &Report) {
        self.raw("<footer>\n");
        self.element("h3", "How to read this");
        self.raw("<ul>\n");
        for note in &report.notes {
            self.element("li", note);
            self.raw("\n");
        }
        self.raw("</ul>\n");
        let made = format!("Made by auditweir {}.", env!("CARGO_PKG_VERSION"));
        self.element("p class=\"more\"", &made);
        self.raw("</footer>\n</main>\n</body>\n</html>\n");
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_gets_out_of_its_place() {
        let mut out = String::new();
        escape("</td><script>alert('1')</script>\"&", &mut out);
        assert_eq!(out, "&lt;/td&gt;&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;&quot;&amp;");
    }

    #[test]
    fn the_style_sheet_needs_no_escaping_and_loads_nothing() {
        for sign in ["<", "&", "]]>", "url(", "@import", "http"] {
            assert!(!STYLE.contains(sign), "{sign}");
        }
    }
}
