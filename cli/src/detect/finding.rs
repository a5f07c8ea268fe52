//! One finding as a line of JSON or a row of a table.

use std::borrow::Cow;
use std::io::{self, Write};

use anstyle::{AnsiColor, Style};
use auditweir::Line;
use auditweir::rules::{Finding, Severity};
use serde::Serialize;

/// How findings are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Shape {
    /// One line of JSON each.
    Json,
    /// One row each, for people.
    Table,
}

/// A finding as JSON, members in this order.
#[derive(Serialize)]
struct Json<'a> {
    id: &'a str,
    #[serde(rename = "auditID")]
    audit_id: Option<Cow<'a, str>>,
    time: Option<String>,
    rule: Rule<'a>,
    answer: &'a str,
    why: String,
    outcome: &'a str,
    actor: Option<String>,
    target: Option<String>,
    attack: &'a [String],
}

#[derive(Serialize)]
struct Rule<'a> {
    id: &'a str,
    intent: &'a str,
    title: &'a str,
    level: &'a str,
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
        let (actor, target) = (actor(line), target(line));
        if self == Self::Json {
            let json = Json {
                id: line.id,
                audit_id: line.audit_id(),
                time: line.time(),
                rule: Rule {
                    id: &rule.id,
                    intent: &rule.intent,
                    title: &rule.title,
                    level: rule.level.name(),
                },
                answer: finding.answer(),
                why: finding.why(),
                outcome: finding.outcome.name(),
                actor,
                target,
                attack: &rule.attack.v19,
            };
            serde_json::to_writer(&mut *out, &json)?;
            return out.write_all(b"\n");
        }
        let color = color(rule.level);
        let what = if let Some(why) = finding.cannot_tell {
            why.text().to_owned()
        } else {
            let both = [actor, target].into_iter().flatten().collect::<Vec<_>>();
            both.join(", ").replace(char::is_control, "\u{fffd}")
        };
        writeln!(
            out,
            "{:<27}  {color}{:<13}{color:#}  {:<11}  {:<9}  {:<46}  {what}",
            line.time().unwrap_or_default(),
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

/// `NAME`, or `NAME as OTHER`.
fn actor(line: &Line<'_>) -> Option<String> {
    let name = line.username()?;
    Some(match line.impersonated() {
        Some(other) => format!("{name} as {other}"),
        None => name.into_owned(),
    })
}

/// `RESOURCE[/SUBRESOURCE] [NAMESPACE/]NAME`, or the path.
fn target(line: &Line<'_>) -> Option<String> {
    let Some(resource) = line.resource() else {
        let uri = line.request_uri()?;
        return Some(uri.split('?').next().unwrap_or_default().to_owned());
    };
    let mut text = resource.into_owned();
    if let Some(sub) = line.subresource().filter(|sub| !sub.is_empty()) {
        text.push('/');
        text.push_str(&sub);
    }
    let place = [line.namespace(), line.name()];
    let place: Vec<_> =
        place.iter().flatten().map(AsRef::as_ref).filter(|s: &&str| !s.is_empty()).collect();
    if !place.is_empty() {
        text.push(' ');
        text.push_str(&place.join("/"));
    }
    Some(text)
}
