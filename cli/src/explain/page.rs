//! Pages of `explain`: an event's members with what was decided about them.

use std::collections::BTreeSet;
use std::io::Write;

use anstyle::{AnsiColor, Effects, Style};
use serde::Deserialize;
use serde_json::{Map, Value};

use crate::exit::Error;

pub(crate) const KEPT: Style = AnsiColor::Green.on_default();
pub(crate) const CHANGED: Style = AnsiColor::Yellow.on_default().effects(Effects::BOLD);
pub(crate) const GONE: Style = AnsiColor::Red.on_default();
pub(crate) const RULE: Style = AnsiColor::Cyan.on_default();

/// What was taken out at one place.
#[derive(Debug, Deserialize)]
pub(crate) struct Receipt {
    pub(crate) path: String,
    pub(crate) rule: String,
    pub(crate) action: String,
    pub(crate) count: u64,
}

/// Receipts of the value at a path. They name a member, or all members of its parent by `*`.
fn rules_at<'a>(receipts: &'a [Receipt], path: &str) -> Vec<&'a Receipt> {
    let star = path.rsplit_once('.').map(|(parent, _)| format!("{parent}.*"));
    receipts
        .iter()
        .filter(|receipt| receipt.path == path || Some(&receipt.path) == star.as_ref())
        .collect()
}

/// Receipts of a value that goes on as this: of several rules at one path only those that show in it.
fn decided<'a>(receipts: &'a [Receipt], path: &str, now: Option<&Value>) -> Vec<&'a Receipt> {
    let all = rules_at(receipts, path);
    let text = now.and_then(Value::as_str);
    let shows = |receipt: &&Receipt| match (receipt.action.as_str(), text) {
        ("drop", _) => now.is_none(),
        ("mask", Some(text)) => text.contains(&format!("[redacted:{}]", receipt.rule)),
        ("partial", Some(text)) => text.contains("[partial:"),
        ("pseudonym", Some(text)) => text.contains("[pseudonym:"),
        ("truncate", Some(text)) => text.contains("…[cut "),
        _ => false,
    };
    let some: Vec<&Receipt> = all.iter().copied().filter(shows).collect();
    if some.is_empty() { all } else { some }
}

fn said(receipts: &[&Receipt]) -> String {
    let mut words: Vec<String> = receipts
        .iter()
        .map(|receipt| format!("{} by {}", done(&receipt.action), receipt.rule))
        .collect();
    words.dedup();
    words.join(", ")
}

fn done(action: &str) -> &str {
    match action {
        "drop" => "dropped",
        "mask" => "masked",
        "partial" => "shown in part",
        "pseudonym" => "pseudonym",
        "truncate" => "truncated",
        other => other,
    }
}

/// Goes to a member and back.
fn with_member<T>(path: &mut String, name: &str, then: impl FnOnce(&mut String) -> T) -> T {
    let before = path.len();
    if !path.is_empty() {
        path.push('.');
    }
    path.push_str(name);
    let result = then(path);
    path.truncate(before);
    result
}

fn with_item<T>(path: &mut String, then: impl FnOnce(&mut String) -> T) -> T {
    let before = path.len();
    path.push_str("[]");
    let result = then(path);
    path.truncate(before);
    result
}

/// Prints what goes on; values with a receipt say so.
pub(crate) struct Page<'a> {
    pub(crate) receipts: &'a [Receipt],
    pub(crate) out: &'a mut dyn Write,
}

impl Page<'_> {
    pub(crate) fn value(
        &mut self,
        value: &Value,
        path: &mut String,
        indent: usize,
    ) -> Result<(), Error> {
        let pad = "  ".repeat(indent);
        match value {
            Value::Object(members) if !members.is_empty() => {
                writeln!(self.out, "{pad}{{")?;
                self.members(members, path, indent)?;
                write!(self.out, "{pad}}}")?;
            }
            _ => {
                write!(self.out, "{pad}")?;
                self.inline(value, path, indent)?;
            }
        }
        Ok(())
    }

    fn members(
        &mut self,
        members: &Map<String, Value>,
        path: &mut String,
        indent: usize,
    ) -> Result<(), Error> {
        let pad = "  ".repeat(indent + 1);
        for (name, value) in members {
            write!(self.out, "{pad}{}: ", quoted(name))?;
            with_member(path, name, |path| self.inline(value, path, indent + 1))?;
            writeln!(self.out)?;
        }
        Ok(())
    }

    fn inline(&mut self, value: &Value, path: &mut String, indent: usize) -> Result<(), Error> {
        let pad = "  ".repeat(indent);
        match value {
            Value::Object(members) if !members.is_empty() => {
                writeln!(self.out, "{{")?;
                self.members(members, path, indent)?;
                write!(self.out, "{pad}}}")?;
            }
            Value::Array(items) if !items.is_empty() => {
                writeln!(self.out, "[")?;
                for item in items {
                    write!(self.out, "{pad}  ")?;
                    with_item(path, |path| self.inline(item, path, indent + 1))?;
                    writeln!(self.out)?;
                }
                write!(self.out, "{pad}]")?;
            }
            _ => {
                let receipts = decided(self.receipts, path, Some(value));
                if receipts.is_empty() || !changed(value) {
                    write!(self.out, "{value}")?;
                } else {
                    let said = said(&receipts);
                    write!(self.out, "{CHANGED}{value}{CHANGED:#}  {RULE}← {said}{RULE:#}")?;
                }
            }
        }
        Ok(())
    }
}

/// Whether a value shows a mark of redaction. Where a receipt speaks of all members of an object,
/// some may be as they were.
fn changed(value: &Value) -> bool {
    value.as_str().is_none_or(|text| text.contains('[') || text.contains('…') || text.contains('*'))
}

fn quoted(name: &str) -> String {
    Value::from(name).to_string()
}

/// Prints the shape of what came, with those values that go on unchanged.
pub(crate) struct Shape<'a> {
    pub(crate) receipts: &'a [Receipt],
    /// Paths of receipts and their last names: the only names of removed members that are known
    /// to be harmless.
    pub(crate) names: BTreeSet<&'a str>,
    /// The level the event was lowered to.
    pub(crate) level: Option<&'a str>,
}

impl Shape<'_> {
    pub(crate) fn value(
        &self,
        out: &mut dyn Write,
        before: &Value,
        after: &Value,
        path: &mut String,
        indent: usize,
    ) -> Result<(), Error> {
        if indent == 1 {
            write!(out, "  ")?;
        }
        let pad = "  ".repeat(indent);
        match (before, after) {
            (Value::Object(members), Value::Object(left)) if !members.is_empty() => {
                writeln!(out, "{{")?;
                for (name, value) in members {
                    with_member(path, name, |path| match left.get(name) {
                        Some(now) => {
                            write!(out, "{pad}  {}: ", quoted(name))?;
                            self.value(out, value, now, path, indent + 1)?;
                            Ok::<(), Error>(writeln!(out)?)
                        }
                        None => self.removed(out, name, path, &pad),
                    })?;
                }
                write!(out, "{pad}}}")?;
            }
            (Value::Array(items), Value::Array(left)) if !items.is_empty() => {
                writeln!(out, "[")?;
                for (at, item) in items.iter().enumerate() {
                    write!(out, "{pad}  ")?;
                    match left.get(at) {
                        Some(now) => {
                            with_item(path, |path| self.value(out, item, now, path, indent + 1))?;
                        }
                        None => write!(out, "{GONE}(left out){GONE:#}")?,
                    }
                    writeln!(out)?;
                }
                write!(out, "{pad}]")?;
            }
            _ if before == after => write!(out, "{KEPT}{after}{KEPT:#}")?,
            _ => {
                let rules = decided(self.receipts, path, Some(after));
                let said = if rules.is_empty() { "changed".into() } else { said(&rules) };
                write!(out, "{CHANGED}▇▇▇▇{CHANGED:#}  {RULE}← {said}{RULE:#}")?;
            }
        }
        Ok(())
    }

    fn removed(&self, out: &mut dyn Write, name: &str, path: &str, pad: &str) -> Result<(), Error> {
        let by_level = matches!(path, "requestObject" | "responseObject");
        let known = by_level || self.names.contains(path) || self.names.contains(name);
        let shown = if known { quoted(name) } else { "(a member)".into() };
        let rules = decided(self.receipts, path, None);
        let why = match self.level {
            _ if !rules.is_empty() => said(&rules),
            Some(level) if by_level => format!("left out at level {level}"),
            _ => "renamed or left out".into(),
        };
        writeln!(out, "{pad}  {GONE}{shown}{GONE:#}  {RULE}← {why}{RULE:#}")?;
        Ok(())
    }
}
