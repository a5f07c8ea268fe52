//! What detection rules find in the events, and what they cannot tell at the level of the log.
//!
//! Counted by rule, so the memory is that of the rules; who set them off is a bounded list.

use std::collections::BTreeMap;
use std::sync::Arc;

use auditweir::policy::Level;
use auditweir::rules::{Finding, Rule, Rules, Severity, Why, WindowLimits, Windows};
use auditweir::{Filter, Line, Policy};
use auditweir_shell::Piece;

use super::counts::Counts;
use super::plain;
use super::report::{Cell, Panel, Table};
use super::tables::Measure::Events;
use super::tables::{alert, figure, ranking, table};
use super::top::Top;
use crate::exit::Error;
use crate::rules::Begun;
use crate::{rules, setup};

/// The rules, and what they said.
pub(super) struct Findings {
    filter: Filter,
    rules: Arc<Rules>,
    said: Said,
}

/// What was said.
struct Said {
    windows: Windows,
    /// By the id of the rule.
    rules: BTreeMap<String, Tally>,
    /// By rule and user, of medium level and above.
    actors: Top,
    key: String,
    /// Rules that cannot tell of a request that only arrived.
    begun: Begun<String>,
}

/// Of one rule.
#[derive(Default)]
struct Tally {
    matches: u64,
    /// How often it could not tell, by reason, and whether of patches.
    untold: BTreeMap<(Why, bool), u64>,
}

impl Tally {
    fn not_told(&mut self, why: Why, is_patch: bool) {
        *self.untold.entry((why, is_patch)).or_default() += 1;
    }
}

impl Findings {
    /// The rules of the policy, of the pack if it names none.
    pub(super) fn new(
        policy: &Policy,
        rules: Option<&Arc<Rules>>,
        key: Option<&setup::Key>,
    ) -> Result<Self, Error> {
        let rules = match rules {
            Some(rules) => Arc::clone(rules),
            None => Arc::new(rules::read(&[])?),
        };
        Ok(Self {
            filter: rules::watching(policy, &rules, key)?,
            rules,
            said: Said {
                windows: Windows::new(WindowLimits::for_files()),
                rules: BTreeMap::new(),
                actors: Top::default(),
                key: String::new(),
                begun: Begun::new(),
            },
        })
    }

    /// Looks at one piece of the input.
    pub(super) fn take(&mut self, piece: Piece<'_>) {
        let Self { filter, said, .. } = self;
        rules::ask(filter, piece, |line| said.line(&line));
    }

    /// Nothing more comes.
    pub(super) fn end(&mut self) {
        for rule in self.said.begun.rest() {
            self.said.never_ended(&rule);
        }
    }

    /// Matches of rules of this level and above.
    pub(super) fn matches(&self, least: Severity) -> u64 {
        self.tallies().filter(|(rule, _)| rule.level >= least).map(|(_, t)| t.matches).sum()
    }

    /// Each rule that said something.
    fn tallies(&self) -> impl Iterator<Item = (&Rule, &Tally)> {
        self.rules.telling().filter_map(|rule| Some((rule, self.said.rules.get(&rule.id)?)))
    }

    /// The panel.
    pub(super) fn panel(&self, rows: usize) -> Panel {
        let sum = |of: fn(&Tally) -> u64| self.tallies().map(|(_, tally)| of(tally)).sum::<u64>();
        Panel {
            key: "findings",
            title: "Findings",
            about: "What detection rules match, and what they cannot tell because the log does \
                    not hold it. `auditweir detect` shows each event. A level above Metadata \
                    writes bodies to the API server's log, so none is named for Secrets, ConfigMaps \
                    and tokens."
                .into(),
            figures: vec![
                alert("high", "high or critical", self.matches(Severity::High)),
                figure("matches", "matches", Cell::Count(sum(|tally| tally.matches))),
                figure("untold", "cannot tell", Cell::Count(sum(|tally| tally.untold.values().sum()))),
            ],
            tables: vec![
                self.by_rule(rows),
                ranking(
                    ("actors", "Who, of medium level and above"),
                    &self.said.actors,
                    &[("rule", "Rule"), ("user", "User")],
                    &[Events],
                    rows,
                ),
                self.techniques(rows),
                self.untold(rows),
            ],
            wide: true,
        }
    }

    fn by_rule(&self, most: usize) -> Table {
        let mut found: Vec<_> = self.tallies().filter(|(_, tally)| tally.matches > 0).collect();
        found.sort_by_key(|(rule, tally)| {
            (std::cmp::Reverse((rule.level, tally.matches)), rule.title.as_str())
        });
        let row = |(rule, tally): (&Rule, &Tally)| {
            let text = |text: &str| Cell::Text(plain::visible(text));
            vec![text(rule.level.name()), text(&rule.title), Cell::Count(tally.matches)]
        };
        let columns = [("level", "Level"), ("rule", "Rule"), ("matches", "Matches")];
        table(("rules", "By rule"), &columns, found.into_iter().map(row), most)
    }

    fn techniques(&self, most: usize) -> Table {
        let mut found: BTreeMap<&str, u64> = BTreeMap::new();
        for (rule, tally) in self.tallies().filter(|(_, tally)| tally.matches > 0) {
            for technique in &rule.attack.v19 {
                *found.entry(technique).or_default() += tally.matches;
            }
        }
        let mut found: Vec<_> = found.into_iter().collect();
        found.sort_by_key(|(_, matches)| std::cmp::Reverse(*matches));
        let row =
            |(name, count): (&str, u64)| vec![Cell::Text(plain::visible(name)), Cell::Count(count)];
        let columns = [("technique", "MITRE ATT&CK v19"), ("matches", "Matches")];
        table(("techniques", "By technique"), &columns, found.into_iter().map(row), most)
    }

    fn untold(&self, most: usize) -> Table {
        let mut found = Vec::new();
        for (rule, tally) in self.tallies() {
            // A patch is a row of its own where it needs more than other verbs do.
            let mut rows: BTreeMap<(Why, String), u64> = BTreeMap::new();
            for ((why, is_patch), times) in &tally.untold {
                *rows.entry((*why, remedy(rule, *why, *is_patch))).or_default() += times;
            }
            found.extend(rows.into_iter().map(|((why, remedy), times)| (rule, why, remedy, times)));
        }
        found.sort_by_key(|(rule, _, _, times)| {
            (std::cmp::Reverse((rule.level, *times)), rule.title.as_str())
        });
        let row = |(rule, why, remedy, times): (&Rule, Why, String, u64)| {
            let text = |text: &str| Cell::Text(text.to_owned());
            vec![
                text(rule.level.name()),
                text(&plain::visible(&rule.title)),
                Cell::Count(times),
                text(why.text()),
                // Whole, since it is to be copied. Nothing of it comes from clients.
                Cell::Text(remedy),
            ]
        };
        let columns = [
            ("level", "Level"),
            ("rule", "Rule"),
            ("times", "Times"),
            ("why", "Why"),
            ("policyRule", "First rule of an audit policy that would tell"),
        ];
        table(("untold", "Cannot tell"), &columns, found.into_iter().map(row), most)
    }
}

impl Said {
    fn line(&mut self, line: &Line<'_>) {
        let mut late = Vec::new();
        self.begun.pass(line, &mut |rule| late.push(rule));
        for rule in late {
            self.never_ended(&rule);
        }
        let Self { windows, rules, actors, key, begun } = self;
        let user = line.username().unwrap_or_default();
        let is_patch = line.verb().is_some_and(|verb| verb == "patch");
        let mut each = |finding: Finding<'_>| {
            let rule = finding.rule;
            if !rules.contains_key(&rule.id) {
                rules.insert(rule.id.clone(), Tally::default());
            }
            let Some(tally) = rules.get_mut(&rule.id) else { return };
            if Begun::<String>::is_of(&finding) {
                return begun.hold(line, rule.id.clone());
            }
            if let Some(why) = finding.cannot_tell {
                return tally.not_told(why, is_patch);
            }
            tally.matches += 1;
            if rule.level < Severity::Medium {
                return;
            }
            key.clear();
            plain::push(&rule.title, key);
            key.push('\n');
            plain::push(if user.is_empty() { "(no user)" } else { &user }, key);
            actors.add(key, &Counts { events: 1, ..Counts::default() });
        };
        line.findings().iter().for_each(&mut each);
        line.findings().over_time(windows, &mut each);
    }

    fn never_ended(&mut self, rule: &str) {
        if let Some(tally) = self.rules.get_mut(rule) {
            tally.not_told(Why::Stage, false);
        }
    }
}

/// The rule of an audit policy that records what a rule needs of patches or of other verbs, in YAML's
/// flow style. It has to stand before others that match. Empty where a higher level would not help,
/// and for bodies that are secrets themselves: no finding is worth those in the log.
fn remedy(rule: &Rule, why: Why, is_patch: bool) -> String {
    const SECRET: [&str; 2] = ["secrets", "configmaps"];
    if !matches!(why, Why::Level(_) | Why::PartOfPatch) || rule.needs.level <= Level::Metadata {
        return String::new();
    }
    let mut verbs: Vec<&str> = if rule.asks.verbs.is_empty() {
        Vec::new()
    } else {
        rules::verbs(rule).into_iter().collect()
    };
    // What is enough for others may not be for a patch.
    if why == Why::PartOfPatch || (is_patch && rule.level_for("patch") != rule.needs.level) {
        verbs = vec!["patch"];
    } else if verbs.len() > 1 {
        verbs.retain(|verb| rule.level_for(verb) == rule.needs.level);
    }
    let level = verbs.iter().map(|verb| rule.level_for(verb)).max().unwrap_or(rule.needs.level);
    let mut groups: BTreeMap<&str, Vec<String>> = BTreeMap::new();
    if !rule.asks.resources.is_empty() {
        for (resource, sub) in rules::targets(rule) {
            if SECRET.contains(&resource) || sub == "token" {
                continue;
            }
            let slash = if sub.is_empty() { "" } else { "/" };
            for group in rules::groups(rule, resource) {
                let names = groups.entry(group).or_default();
                names.push(format!("{resource}{slash}{sub}"));
            }
        }
        if groups.is_empty() {
            return String::new();
        }
    }
    let groups: Vec<String> = groups
        .into_iter()
        .map(|(group, names)| format!("{{group: \"{group}\", resources: [{}]}}", names.join(", ")))
        .collect();
    let mut parts = vec![format!("level: {}", level.name())];
    if !verbs.is_empty() {
        parts.push(format!("verbs: [{}]", verbs.join(", ")));
    }
    if !groups.is_empty() {
        parts.push(format!("resources: [{}]", groups.join(", ")));
    }
    format!("- {{{}}}", parts.join(", "))
}
