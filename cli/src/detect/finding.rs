//! One finding as a line of JSON or a row of a table.

use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use auditweir::Line;
use auditweir::rules::{Finding, Severity};
use auditweir_shell::finding;

/// How findings are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// One line of JSON each.
    Json,
    /// One row each, for people.
    Table,
}

impl Shape {
    /// What stands above the rows.
    pub(super) fn head(self, out: &mut dyn Write) -> io::Result<()> {
        match self {
            Self::Json => Ok(()),
            Self::Table => writeln!(
                out,
                "{:<27}  {:<13}  {:<11}  {:<9}  {:<46}  ACTOR, TARGET",
                "TIME", "LEVEL", "ANSWER", "OUTCOME", "RULE"
            ),
        }
    }

    pub(super) fn write(
        self,
        line: &Line<'_>,
        finding: &Finding<'_>,
        out: &mut dyn Write,
    ) -> io::Result<()> {
        let rule = finding.rule;
        let shown =
            finding::Finding::of(line).with(rule, finding.answer(), finding.why(), finding.outcome);
        if self == Self::Json {
            serde_json::to_writer(&mut *out, &shown)?;
            return out.write_all(b"\n");
        }
        let color = color(rule.level);
        let what = if let Some(why) = finding.cannot_tell {
            why.text().to_owned()
        } else {
            let both = [shown.actor, shown.target].into_iter().flatten().collect::<Vec<_>>();
            both.join(", ").replace(char::is_control, "\u{fffd}")
        };
        writeln!(
            out,
            "{:<27}  {color}{:<13}{color:#}  {:<11}  {:<9}  {:<46}  {what}",
            shown.time.unwrap_or_default(),
            rule.level.name(),
            finding.answer(),
            finding.outcome.name(),
            rule.intent,
        )
    }
}

fn color(level: Severity) -> Style {
    match level {
        Severity::Critical => AnsiColor::Red.on_default().bold(),
        Severity::High => AnsiColor::Red.on_default(),
        Severity::Medium => AnsiColor::Yellow.on_default(),
        _ => Style::new(),
    }
}
