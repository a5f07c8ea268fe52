//! What has to be said of each request, by its label and the rule's own needs, and what was said.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use auditweir::policy::Level;
use auditweir::rules::{RequestOutcome, Rule, Rules};
use serde_json::Value;

use super::LEVELS;
use crate::Result;

/// The rule that tells of everything that is refused.
const REFUSED: &str = "request_refused";

/// Kinds of twins, as `tests/apiserver/detections.yaml` explains them.
const TWINS: [&str; 7] =
    ["attack", "ignored-dry-run", "refused", "dry-run", "failed-dry-run", "near-miss", "again"];

/// What the driver played.
pub(super) struct Labels {
    pub(super) attacks: Vec<Attack>,
    /// By attack and twin.
    requests: BTreeMap<(String, String), Vec<Request>>,
}

/// A row of `tests/apiserver/detections.yaml`.
#[derive(Clone)]
pub(super) struct Attack {
    pub(super) name: String,
    pub(super) of: String,
    /// No twin of the attack may raise these.
    pub(super) raises: Vec<String>,
    /// What the attack raises, too.
    also: Vec<String>,
    /// The level that shows it, where that is more than its rules need.
    needs: Option<Level>,
}

struct Request {
    id: String,
    verb: String,
}

impl Labels {
    pub(super) fn read(path: &Path) -> Result<Self> {
        let text = fs::read_to_string(path).map_err(|e| format!("{}: {e}", path.display()))?;
        let all: Value = serde_json::from_str(&text)?;
        let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
        let list = |value: &Value| -> Vec<String> {
            value.as_array().into_iter().flatten().map(text).collect()
        };
        let each = |name: &str| all[name].as_array().cloned().unwrap_or_default();
        let attacks = each("attacks").into_iter().map(|row| Attack {
            name: text(&row["name"]),
            of: text(&row["of"]),
            raises: list(&row["raises"]),
            also: list(&row["also"]),
            needs: LEVELS.into_iter().find(|level| row["needs"] == level.name()),
        });
        let attacks = attacks.collect();
        let mut requests = BTreeMap::<_, Vec<_>>::new();
        for row in each("requests") {
            let request = Request { id: text(&row["auditID"]), verb: text(&row["verb"]) };
            requests.entry((text(&row["attack"]), text(&row["twin"]))).or_default().push(request);
        }
        Ok(Self { attacks, requests })
    }
}

/// What `auditweir detect` printed.
pub(super) struct Findings(Vec<Finding>);

#[derive(Clone)]
struct Finding {
    id: String,
    intent: String,
    answer: String,
    outcome: String,
}

impl Findings {
    pub(super) fn parse(lines: &str) -> Result<Self> {
        let read = |line: &str| -> Result<Finding> {
            let value: Value = serde_json::from_str(line)?;
            let text = |value: &Value| value.as_str().unwrap_or_default().to_owned();
            Ok(Finding {
                id: text(&value["auditID"]),
                intent: text(&value["rule"]["intent"]),
                answer: text(&value["answer"]),
                outcome: text(&value["outcome"]),
            })
        };
        Ok(Self(lines.lines().map(read).collect::<Result<_>>()?))
    }

    fn of<'a>(&'a self, requests: &[Request]) -> Vec<&'a Finding> {
        let ids: BTreeSet<&str> = requests.iter().map(|request| request.id.as_str()).collect();
        self.0.iter().filter(|finding| ids.contains(finding.id.as_str())).collect()
    }
}

/// All that was said at one level.
pub(super) struct Judged {
    pub(super) level: Level,
    pub(super) attacks: Vec<Attack>,
    /// By attack, twin and intent: what was said.
    said: BTreeMap<(String, String), Vec<Finding>>,
    pub(super) requests: usize,
    pub(super) findings: usize,
    /// By kind of twin.
    pub(super) twins: BTreeMap<String, usize>,
    /// How many findings were compared with those of the log read backwards.
    pub(super) backwards: usize,
    pub(super) wrong: Vec<String>,
}

impl Judged {
    pub(super) fn of(
        labels: &Labels,
        findings: &Findings,
        rules: &Rules,
        level: Level,
    ) -> Result<Self> {
        let mut judged = Self {
            level,
            attacks: labels.attacks.clone(),
            said: BTreeMap::new(),
            requests: labels.requests.values().map(Vec::len).sum(),
            findings: 0,
            twins: BTreeMap::new(),
            backwards: 0,
            wrong: Vec::new(),
        };
        let rule = |intent: &String| {
            let found = rules.all().iter().find(|rule| rule.intent == *intent);
            found.ok_or_else(|| format!("no rule has the intent {intent}").into())
        };
        for attack in &labels.attacks {
            let raises = attack.raises.iter().map(rule).collect::<Result<Vec<_>>>()?;
            let also = attack.also.iter().map(rule).collect::<Result<Vec<_>>>()?;
            for twin in TWINS {
                let key = (attack.name.clone(), twin.to_owned());
                let Some(requests) = labels.requests.get(&key) else { continue };
                let said = findings.of(requests);
                let at = Twin { level, needs: attack.needs, requests, said: &said, rules };
                let all = [&raises[..], &also].concat();
                let wrong = match twin {
                    "attack" | "ignored-dry-run" => at.attack(&all),
                    "refused" => at.refused(&all),
                    "dry-run" => at.dry_run(),
                    "near-miss" => at.near_miss(&raises),
                    _ => at.not_done(&all, RequestOutcome::Failed),
                };
                let place = format!("{}, {twin}", attack.name);
                judged.wrong.extend(wrong.iter().map(|wrong| format!("{place}: {wrong}")));
                judged.findings += said.len();
                *judged.twins.entry(twin.to_owned()).or_default() += 1;
                judged.said.insert(key, said.into_iter().cloned().collect());
            }
        }
        Ok(judged)
    }

    /// What was said of a twin of an attack; `None` when it has none of the kind.
    pub(super) fn said(&self, attack: &str, twin: &str) -> Option<Vec<(&str, &str, &str)>> {
        let said = self.said.get(&(attack.to_owned(), twin.to_owned()))?;
        let each = said.iter().map(|f| (&*f.intent, &*f.answer, &*f.outcome));
        Some(each.collect())
    }

    /// A log whose events come in the wrong order says the same of each request.
    pub(super) fn compare(&mut self, forward: &Findings, backward: &Findings, rules: &Rules) {
        let over_time: BTreeSet<&str> =
            rules.all().iter().filter(|rule| rule.is_stateful).map(|rule| &*rule.intent).collect();
        let count = |findings: &Findings| {
            let mut counts = BTreeMap::<_, i64>::new();
            for f in findings.0.iter().filter(|f| !over_time.contains(&*f.intent)) {
                let key = (f.id.clone(), f.intent.clone(), f.answer.clone(), f.outcome.clone());
                *counts.entry(key).or_default() += 1;
            }
            counts
        };
        let (forward, backward) = (count(forward), count(backward));
        self.backwards = forward.len();
        let keys: BTreeSet<_> = forward.keys().chain(backward.keys()).collect();
        for key in keys {
            let (one, two) = (forward.get(key).unwrap_or(&0), backward.get(key).unwrap_or(&0));
            if one != two {
                let (id, intent, answer, outcome) = key;
                self.wrong.push(format!(
                    "{intent}: {answer}, {outcome} {one} times, and {two} times when the log is read backwards ({id})"
                ));
            }
        }
    }
}

/// One twin of an attack and what was said of it.
struct Twin<'a> {
    level: Level,
    needs: Option<Level>,
    requests: &'a [Request],
    said: &'a [&'a Finding],
    rules: &'a Rules,
}

impl Twin<'_> {
    /// Each intent once, carried out; where the log has too little for it, that it cannot tell.
    fn attack(&self, intents: &[&Rule]) -> Vec<String> {
        intents.iter().filter_map(|rule| self.once(rule, "done")).collect()
    }

    /// Everything that is said says that it was refused, and one rule says so of each request.
    fn refused(&self, intents: &[&Rule]) -> Vec<String> {
        let mut wrong = self.not_done(intents, RequestOutcome::Refused);
        let refused = self.said.iter().filter(|f| f.intent == REFUSED).count();
        if refused != self.requests.len() {
            wrong.push(format!("{REFUSED} {refused} times of {}", self.requests.len()));
        }
        wrong
    }

    /// Everything that is said says that it ended so; of the attack's rules, those that ask for that.
    fn not_done(&self, intents: &[&Rule], outcome: RequestOutcome) -> Vec<String> {
        let mut wrong = Vec::new();
        for rule in intents.iter().filter(|rule| !rule.is_stateful) {
            if rule.outcomes.contains(&outcome) {
                wrong.extend(self.once(rule, outcome.name()));
            } else {
                wrong.extend(self.never(rule));
            }
        }
        let other = self.said.iter().filter(|f| f.outcome != outcome.name());
        wrong.extend(other.map(|f| format!("{} says {}, {}", f.intent, f.answer, f.outcome)));
        wrong
    }

    /// Nothing. At Metadata a deletion does not show whether its body asked for it, too.
    fn dry_run(&self) -> Vec<String> {
        let hidden = self.level == Level::Metadata;
        let hidden = hidden && self.requests.iter().any(|request| request.verb == "DELETE");
        let over_time = |f: &&&Finding| {
            self.rules.all().iter().any(|rule| rule.is_stateful && rule.intent == f.intent)
        };
        let told = self.said.iter().filter(|f| !over_time(f));
        let told = told.filter(|f| f.answer == "match" || !hidden);
        told.map(|f| format!("{} says {}, {}", f.intent, f.answer, f.outcome)).collect()
    }

    /// None of what the attack is known by.
    fn near_miss(&self, intents: &[&Rule]) -> Vec<String> {
        intents.iter().filter_map(|rule| self.never(rule)).collect()
    }

    fn can_tell(&self, rule: &Rule) -> bool {
        let needs = rule.needs.level;
        let about_bodies = needs > Level::Metadata;
        self.level >= self.needs.filter(|_| about_bodies).map_or(needs, |more| more.max(needs))
    }

    fn once(&self, rule: &Rule, outcome: &str) -> Option<String> {
        let expected = if self.can_tell(rule) { "match" } else { "cannot-tell" };
        let said: Vec<_> = self.said.iter().filter(|f| f.intent == rule.intent).collect();
        match &said[..] {
            [one] if one.answer == expected && one.outcome == outcome => None,
            _ => {
                let mut text = format!("{}: not once {expected}, {outcome}, but", rule.intent);
                if said.is_empty() {
                    text.push_str(" nothing");
                }
                for f in said {
                    write!(text, " {}, {};", f.answer, f.outcome).ok()?;
                }
                Some(text)
            }
        }
    }

    fn never(&self, rule: &Rule) -> Option<String> {
        let mut said = self.said.iter().filter(|f| f.intent == rule.intent);
        let told = said.find(|f| f.answer == "match" || self.can_tell(rule))?;
        Some(format!("{} says {}, {}", rule.intent, told.answer, told.outcome))
    }
}
