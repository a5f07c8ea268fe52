//! From texts to compiled rules: rules first, then what refers to them.

use super::compile::{Program, Tests, bits};
use super::correlation::{Correlation, Kind};
use super::dispatch::{Dispatch, Need};
use super::error::RuleError;
use super::exception::{self, Exception};
use super::plan::{Known, Likely};
use super::windows::Spec;
use super::{Asks, Rule, RuleOptions, RuleText, Rules, members, sigma, yaml};
use crate::text::escape;

/// Where a document stands.
struct At<'a> {
    file: &'a str,
    document: &'a yaml::Node,
}

impl At<'_> {
    fn error(&self, message: impl Into<String>) -> RuleError {
        self.document.error(message).within(self.file)
    }
}

#[derive(Default)]
struct Reader {
    rules: Vec<Rule>,
    programs: Vec<Program>,
    /// Names of each program's rule beside its id and intent.
    names: Vec<String>,
    specs: Vec<Spec>,
    tests: Tests,
}

/// Reads and compiles.
pub(super) fn read(texts: &[RuleText<'_>], options: &RuleOptions) -> Result<Rules, RuleError> {
    let mut documents = Vec::new();
    for RuleText { file, text } in texts {
        for document in yaml::documents(text, file)? {
            documents.push((*file, document));
        }
    }
    let mut reader = Reader::default();
    let (mut correlations, mut filters) = (Vec::new(), Vec::new());
    let mut warnings = Vec::new();
    for (file, document) in &documents {
        for name in ["detection", "filter"] {
            if let Some(node) = document.get(name) {
                members::doubts(node, file, &mut warnings);
            }
        }
        let at = At { file, document };
        if document.get("correlation").is_some() {
            correlations.push(at);
        } else if document.get("filter").is_some() {
            filters.push(at);
        } else {
            reader.rule(&at)?;
        }
    }
    for at in &correlations {
        reader.correlation(at)?;
    }
    let mut exceptions = Vec::new();
    for at in &filters {
        reader.filter(at, options, &mut exceptions)?;
    }
    for name in &options.disable {
        let known = reader.rules.iter().any(|rule| rule.id == *name || rule.intent == *name);
        if !known {
            let message = format!("`disable`: there is no rule `{name}`");
            return Err(RuleError::at(0, 0, message));
        }
    }
    let Reader { rules, mut programs, tests, specs, .. } = reader;
    let is_off = |rule: &Rule| options.disable.iter().any(|n| *n == rule.id || *n == rule.intent);
    for program in &mut programs {
        program.silent |= is_off(&rules[usize::from(program.rule)]);
    }
    let off: Vec<bool> = rules.iter().map(is_off).collect();
    programs.retain(|program| !program.silent || !program.signals.is_empty());
    let needs: Vec<_> = programs.iter().map(|program| tests.need(&program.expr)).collect();
    let tests = tests.0;
    let dispatch = Dispatch::new(&needs, &tests);
    let known: Vec<_> = tests.iter().map(|test| Known::of(test, &dispatch)).collect();
    let likely = Likely::new(&programs, &known, &dispatch);
    let pieces = rules.iter().map(piece).collect();
    Ok(Rules {
        rules,
        pieces,
        off,
        programs,
        tests,
        known,
        likely,
        dispatch,
        specs,
        exceptions,
        warnings,
    })
}

fn asks(need: &Need) -> Asks {
    let names = |names: &Option<Vec<Box<[u8]>>>| -> Vec<String> {
        let names = names.iter().flatten();
        names.map(|name| String::from_utf8_lossy(name).into_owned()).collect()
    };
    Asks {
        verbs: names(&need.verbs),
        resources: names(&need.resources),
        subresources: names(&need.subresources),
        groups: names(&need.groups),
    }
}

/// `{"rule":…,"intent":…,"severity":…,"attack":[…],"outcome":"`
fn piece(rule: &Rule) -> Vec<u8> {
    let mut out = b"{".to_vec();
    for (name, text) in
        [("rule", &*rule.id), ("intent", &*rule.intent), ("severity", rule.level.name())]
    {
        out.extend_from_slice(format!("\"{name}\":\"").as_bytes());
        escape(text.as_bytes(), &mut out);
        out.extend_from_slice(b"\",");
    }
    out.extend_from_slice(b"\"attack\":[");
    for (at, id) in rule.attack.v19.iter().enumerate() {
        out.extend_from_slice(if at > 0 { b",\"" } else { b"\"" });
        escape(id.as_bytes(), &mut out);
        out.push(b'"');
    }
    out.extend_from_slice(b"],\"outcome\":\"");
    out
}

impl Reader {
    fn add(&mut self, at: &At<'_>, rule: Rule) -> Result<u16, RuleError> {
        let number =
            u16::try_from(self.rules.len()).map_err(|_| at.error("more than 65536 rules"))?;
        self.rules.push(Rule { file: at.file.to_owned(), ..rule });
        Ok(number)
    }

    fn rule(&mut self, at: &At<'_>) -> Result<(), RuleError> {
        let draft = sigma::rule(at.document).map_err(|error| error.within(at.file))?;
        for condition in &draft.conditions {
            let expr = self.tests.expr(condition, &draft.selections);
            let expr = expr.map_err(|error| error.within(at.file))?;
            let mut rule = draft.rule.clone();
            self.tests.describe(&expr, &mut rule);
            rule.asks = asks(&self.tests.need(&expr));
            let outcomes = bits(&rule.outcomes);
            let rule = self.add(at, rule)?;
            self.programs.push(Program {
                rule,
                expr,
                outcomes,
                exceptions: Vec::new(),
                silent: false,
                signals: Vec::new(),
            });
            self.names.push(draft.name.clone().unwrap_or_default());
        }
        Ok(())
    }

    /// Numbers of the programs that a reference means.
    fn find(&self, name: &str) -> Vec<usize> {
        let is = |at: &usize| {
            let rule = &self.rules[usize::from(self.programs[*at].rule)];
            rule.id == name || self.names[*at] == name || rule.intent == name
        };
        (0..self.programs.len()).filter(is).collect()
    }

    fn correlation(&mut self, at: &At<'_>) -> Result<(), RuleError> {
        let document = at.document;
        let within = |error: RuleError| error.within(at.file);
        let mut rule = sigma::metadata(document).map_err(within)?;
        sigma::custom(document, &mut rule).map_err(within)?;
        let node = document.get("correlation").unwrap_or(document);
        let asked = Correlation::read(node).map_err(within)?;
        let count = u8::try_from(asked.rules.len()).map_err(|_| at.error("more than 255 rules"))?;
        let number = u16::try_from(self.specs.len()).map_err(|_| at.error("too many rules"))?;
        rule.is_stateful = true;
        rule.fields = vec![asked.describe(node)];
        for (slot, name) in asked.rules.iter().enumerate() {
            let found = self.find(name);
            if found.is_empty() {
                return Err(within(node.error(format!("there is no rule `{name}`"))));
            }
            for program in found {
                let program = &mut self.programs[program];
                program.silent |= !asked.generate;
                let needs = &self.rules[usize::from(program.rule)].needs;
                rule.needs.level = rule.needs.level.max(needs.level);
                let own = &self.rules[usize::from(program.rule)].asks;
                for (all, names) in [
                    (&mut rule.asks.verbs, &own.verbs),
                    (&mut rule.asks.resources, &own.resources),
                    (&mut rule.asks.subresources, &own.subresources),
                    (&mut rule.asks.groups, &own.groups),
                ] {
                    let new: Vec<String> =
                        names.iter().filter(|name| !all.contains(name)).cloned().collect();
                    all.extend(new);
                }
                for annotation in &needs.annotations {
                    if !rule.needs.annotations.contains(annotation) {
                        rule.needs.annotations.push(annotation.clone());
                    }
                }
                program.signals.push(super::compile::SignalSpec {
                    correlation: number,
                    // Events and values are counted whichever rule they come from.
                    slot: match asked.kind {
                        Kind::Temporal | Kind::TemporalOrdered => slot as u8,
                        Kind::EventCount(_) | Kind::ValueCount(_) | Kind::FirstSeen(_) => 0,
                    },
                    group_by: asked.group_by[slot].clone(),
                    field: asked.field.clone(),
                });
            }
        }
        let rule = self.add(at, rule)?;
        self.specs.push(Spec {
            kind: asked.kind,
            rules: count,
            milliseconds: asked.milliseconds,
            rule,
        });
        Ok(())
    }

    fn filter(
        &mut self,
        at: &At<'_>,
        options: &RuleOptions,
        exceptions: &mut Vec<exception::ExceptionInfo>,
    ) -> Result<(), RuleError> {
        let within = |error: RuleError| error.within(at.file);
        let node = at.document.get("filter").unwrap_or(at.document);
        let draft = exception::read(at.document, node).map_err(within)?;
        let programs: Vec<usize> = match &draft.rules {
            None => (0..self.programs.len()).collect(),
            Some(names) => {
                let mut all = Vec::new();
                for (name, (line, column)) in names {
                    let found = self.find(name);
                    if found.is_empty() {
                        let message = format!("there is no rule `{name}`");
                        return Err(within(RuleError::at(*line, *column, message)));
                    }
                    all.extend(found);
                }
                all
            }
        };
        let clusters = &draft.info.clusters;
        let here = clusters.is_empty() || clusters.contains(&options.cluster);
        let number = u16::try_from(exceptions.len()).map_err(|_| at.error("too many filters"))?;
        let rules = if here { programs.len() as u32 } else { 0 };
        exceptions.push(exception::ExceptionInfo {
            file: at.file.to_owned(),
            rules,
            ..draft.info.clone()
        });
        for condition in &draft.conditions {
            let expr = self.tests.expr(condition, &draft.selections).map_err(within)?;
            for program in programs.iter().filter(|_| here) {
                let exception = Exception { expr: expr.clone(), ends: draft.ends, number };
                self.programs[*program].exceptions.push(exception);
            }
        }
        Ok(())
    }
}
