//! `auditweir rules`: lists, checks and tests detection rules; [`coverage`] says what an audit policy
//! lets them tell.

mod begun;
mod coverage;
mod resources;

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::slice;
use std::sync::Arc;

use anstyle::{AnsiColor, Style};
use auditweir::policy::Decide;
use auditweir::rules::{Example, Expected, Finding, Rules, WindowLimits, Windows, examples};
use auditweir::{Filter, Format, Line, Policy, Refusal};
use auditweir_shell::Piece;
use auditweir_shell::rules::borrowed;

pub(crate) use begun::Begun;
pub(crate) use resources::{groups, targets, verbs};

use crate::exit::{Error, Exit, say};
use crate::{args, setup};

const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();

/// Runs the command.
pub(crate) fn rules(command: &args::Rules) -> Result<Exit, Error> {
    match command {
        args::Rules::List { files, json } => list(files, *json),
        args::Rules::Check { files } => check(files),
        args::Rules::Test { files } => test(files),
        args::Rules::Coverage { audit_policy, files, json } => {
            coverage::coverage(audit_policy, &read(files)?, *json)
        }
    }
}

/// The rules in these files and folders; without any, the pack.
pub(crate) fn read(paths: &[PathBuf]) -> Result<Rules, Error> {
    let texts = texts(paths)?;
    let read = if paths.is_empty() { Rules::pack() } else { Rules::read(&borrowed(&texts)) };
    let rules = read.map_err(|error| Error::Other(error.to_string()))?;
    warn(&rules);
    Ok(rules)
}

/// A filter that asks these rules about every event, also those that the policy drops or lowers.
pub(crate) fn watching(
    policy: &Policy,
    rules: &Arc<Rules>,
    key: Option<&setup::Key>,
) -> Result<Filter, Error> {
    let mut policy = policy.clone();
    policy.decide = Decide::default();
    policy.rules = None;
    let mut filter = Filter::new(setup::compile(policy, key)?, Format::Native);
    filter.watch(Arc::clone(rules));
    Ok(filter)
}

/// Hands on each line of a piece of the input, with what rules found.
pub(crate) fn ask(filter: &mut Filter, piece: Piece<'_>, mut each: impl FnMut(Line<'_>)) {
    if piece.is_cut() {
        filter.refuse_each(Refusal::LineTooLong, piece.bytes, piece.size, &mut each);
    } else {
        filter.apply_each(piece.bytes, &mut each);
    }
}

/// Says what rules ask for that hardly any event has.
pub(crate) fn warn(rules: &Rules) {
    for warning in rules.warnings() {
        say(format_args!("warning: {warning}"));
    }
}

/// `1 rule`, `2 rules`.
pub(crate) fn count(number: usize) -> String {
    format!("{number} rule{}", if number == 1 { "" } else { "s" })
}

/// Name and text of each file.
fn texts(paths: &[PathBuf]) -> Result<Vec<(String, String)>, Error> {
    let mut found = Vec::new();
    for path in paths {
        found.extend(auditweir_shell::rules::texts(path)?);
    }
    Ok(found)
}

fn list(files: &[PathBuf], json: bool) -> Result<Exit, Error> {
    let rules = read(files)?;
    let mut out = anstream::stdout().lock();
    for rule in rules.telling() {
        if json {
            let json = serde_json::json!({
                "id": rule.id, "intent": rule.intent, "title": rule.title,
                "level": rule.level.name(), "needs": rule.needs.level.name(),
                "annotations": rule.needs.annotations, "fields": rule.fields,
                "attack": {"v18": rule.attack.v18, "v19": rule.attack.v19},
                "outcome": rule.outcomes.iter().map(|o| o.name()).collect::<Vec<_>>(),
                "file": rule.file,
            });
            writeln!(out, "{json}")?;
        } else {
            let (level, needs) = (rule.level.name(), rule.needs.level.name());
            writeln!(out, "{:<46} {level:<13} {needs:<15} {}", rule.intent, rule.title)?;
        }
    }
    Ok(Exit::Ok)
}

fn check(files: &[PathBuf]) -> Result<Exit, Error> {
    let mut exit = Exit::Ok;
    let mut out = anstream::stdout().lock();
    for file in files {
        // A folder is one set: rules in it refer to each other.
        match Rules::read(&borrowed(&texts(slice::from_ref(file))?)) {
            Ok(rules) => {
                warn(&rules);
                let (file, rules) = (file.display(), count(rules.telling().count()));
                writeln!(out, "{file}: {GOOD}ok{GOOD:#}, {rules}")?;
            }
            Err(error) => {
                exit = Exit::Failed;
                say(error);
            }
        }
    }
    Ok(exit)
}

fn test(files: &[PathBuf]) -> Result<Exit, Error> {
    let own = texts(files)?;
    let texts = if files.is_empty() { Rules::pack_texts() } else { borrowed(&own) };
    let rules = Rules::read(&texts).map_err(|error| Error::Other(error.to_string()))?;
    let policy = Policy::default().compile().map_err(|error| Error::Other(error.to_string()))?;
    let mut filter = Filter::new(Arc::new(policy), Format::Native);
    filter.watch(Arc::new(rules));
    let mut out = anstream::stdout().lock();
    let mut counts: BTreeMap<&str, u32> = BTreeMap::new();
    let mut exit = Exit::Ok;
    for text in &texts {
        for example in examples(text).map_err(|error| Error::Other(error.to_string()))? {
            let answer = answer(&mut filter, &example);
            let expected = match example.expected {
                Expected::Match => "match",
                Expected::NearMiss => "nothing",
                Expected::CannotTell => "cannot-tell",
            };
            if answer == expected {
                *counts.entry(expected).or_default() += 1;
            } else {
                exit = Exit::Failed;
                let (file, line) = (text.file, example.line);
                writeln!(out, "{BAD}{file}:{line}{BAD:#}: {expected} expected, {answer} answered")?;
            }
        }
    }
    let counted: Vec<String> =
        counts.iter().map(|(expected, count)| format!("{count} {expected}")).collect();
    if counted.is_empty() && exit == Exit::Ok {
        writeln!(out, "no rule here brings examples")?;
    } else {
        let counted = if counted.is_empty() { "none".to_owned() } else { counted.join(", ") };
        writeln!(out, "as expected: {counted}")?;
    }
    Ok(exit)
}

/// What the rule of an example answers.
fn answer(filter: &mut Filter, example: &Example) -> &'static str {
    let mut answer = "nothing";
    let mut windows = Windows::new(WindowLimits::for_files());
    for event in &example.events {
        filter.apply_each(event.as_bytes(), &mut |line| {
            let mut each = |finding: Finding<'_>| {
                if finding.rule.id == example.rule {
                    answer = finding.answer();
                }
            };
            line.findings().iter().for_each(&mut each);
            line.findings().over_time(&mut windows, &mut each);
        });
    }
    answer
}
