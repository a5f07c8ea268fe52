//! Sigma correlations: rules over several events, as they are written.

use super::error::RuleError;
use super::fields::Field;
use super::yaml::{Node, Yaml};

/// What a correlation counts.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Kind {
    /// This many events.
    EventCount(u32),
    /// Events with this many different values of the field.
    ValueCount(u32),
    /// An event of each rule.
    Temporal,
    /// The same, in the order of the rules.
    TemporalOrdered,
    /// A group that was not seen within the timespan; nothing is told for so many milliseconds after
    /// the first event of all, while what is ordinary is learnt. Not Sigma's, but ours.
    FirstSeen(i64),
}

/// A correlation as it was read.
#[derive(Clone, Debug)]
pub(super) struct Correlation {
    pub(super) kind: Kind,
    /// Ids or names of rules.
    pub(super) rules: Vec<String>,
    /// For each rule the fields that make the group.
    pub(super) group_by: Vec<Vec<Field>>,
    /// Whose values are counted.
    pub(super) field: Option<Field>,
    pub(super) milliseconds: i64,
    /// The referenced rules give findings of their own, too.
    pub(super) generate: bool,
}

/// Most events or values that are counted for one group.
const MOST: i64 = 1000;

impl Correlation {
    /// What has to come together, in a few words.
    pub(super) fn describe(&self, node: &Node) -> String {
        let within = node.get("timespan").and_then(|span| span.text("").ok()).unwrap_or_default();
        let field = self.field.as_ref().map(Field::name).unwrap_or_default();
        let what = match self.kind {
            Kind::EventCount(least) => format!("{least} events"),
            Kind::ValueCount(least) => format!("{least} different values of {field}"),
            Kind::Temporal => format!("events of {}", self.rules.join(" and ")),
            Kind::TemporalOrdered => self.rules.join(", then "),
            Kind::FirstSeen(_) => format!("the first of {}", self.rules.join(" or ")),
        };
        let by: Vec<String> = self.group_by.iter().flatten().map(Field::name).collect();
        let mut by: Vec<&str> = by.iter().map(String::as_str).collect();
        by.dedup();
        format!("{what} within {within} by {}", by.join(", "))
    }

    pub(super) fn read(node: &Node) -> Result<Self, RuleError> {
        let member = |name: &str| {
            node.get(name).ok_or_else(|| node.error(format!("a correlation needs `{name}`")))
        };
        let rules = member("rules")?.texts("a rule")?;
        if rules.is_empty() {
            return Err(member("rules")?.error("`rules` is empty"));
        }
        let said = member("type")?;
        let counted =
            |what: &str| -> Result<u32, RuleError> { at_least(member("condition")?, what) };
        let kind = match said.text("`type`")? {
            "event_count" => Kind::EventCount(counted("event_count")?),
            "value_count" => Kind::ValueCount(counted("value_count")?),
            "temporal" => Kind::Temporal,
            "temporal_ordered" => Kind::TemporalOrdered,
            "first_seen" => Kind::FirstSeen(learning(node)?),
            other @ ("value_sum" | "value_avg" | "value_percentile" | "value_median") => {
                return Err(said.error(format!(
                    "`{other}` is not supported: it needs every value of a window kept"
                )));
            }
            other => return Err(said.error(format!("there is no correlation `{other}`"))),
        };
        if let (Kind::Temporal | Kind::TemporalOrdered, Some(condition)) =
            (kind, node.get("condition"))
        {
            return Err(condition.error("temporal correlations have no `condition` here"));
        }
        if let Kind::FirstSeen(_) = kind {
            let none = |name: &str, why: &str| match node.get(name) {
                Some(node) => Err(node.error(format!("first_seen has no `{name}`: {why}"))),
                None => Ok(()),
            };
            none("condition", "one event is enough")?;
            none("field", "what may be new stands in `group-by`")?;
            member("group-by")?;
        } else if let Some(learning) = node.get("learning") {
            return Err(learning.error("only first_seen has a `learning`"));
        }
        let timed = member("timespan")?;
        let milliseconds = timespan(timed.text("`timespan`")?)
            .ok_or_else(|| timed.error("a timespan is a number and s, m, h or d, such as 15m"))?;
        let field = match (
            kind,
            node.get("field").or(node.get("condition").and_then(|c| c.get("field"))),
        ) {
            (Kind::ValueCount(_), None) => return Err(node.error("value_count needs `field`")),
            (_, None) => None,
            (_, Some(field)) => {
                let name = field.text("`field`")?;
                Some(Field::read(name).map_err(|message| field.error(message))?)
            }
        };
        for (key, value) in node.map("`correlation`")? {
            let known = [
                "type",
                "rules",
                "group-by",
                "timespan",
                "condition",
                "field",
                "aliases",
                "generate",
                "learning",
            ];
            if !known.contains(&key.as_str()) {
                return Err(value.error(format!("a correlation has no member `{key}`")));
            }
        }
        let generate = match node.get("generate").map(|generate| (&generate.value, generate)) {
            None => false,
            Some((Yaml::Bool(generate), _)) => *generate,
            Some((_, node)) => return Err(node.error("`generate` is true or false")),
        };
        let group_by = groups(node, &rules)?;
        Ok(Self { kind, rules, group_by, field, milliseconds, generate })
    }
}

/// For each rule the fields to group by, aliases resolved.
fn groups(node: &Node, rules: &[String]) -> Result<Vec<Vec<Field>>, RuleError> {
    let names = match node.get("group-by") {
        None => Vec::new(),
        Some(list) => list.texts("a field")?,
    };
    let at = node.get("group-by").unwrap_or(node);
    rules
        .iter()
        .map(|rule| {
            names
                .iter()
                .map(|name| {
                    let alias = node.get("aliases").and_then(|aliases| aliases.get(name));
                    let name = match alias {
                        None => name.as_str(),
                        Some(alias) => alias
                            .get(rule)
                            .ok_or_else(|| {
                                alias.error(format!("the alias does not name `{rule}`"))
                            })?
                            .text("a field")?,
                    };
                    Field::read(name).map_err(|message| at.error(message))
                })
                .collect()
        })
        .collect()
}

/// The number of `gte`. Other conditions need a window to close, and nothing closes one here.
fn at_least(condition: &Node, what: &str) -> Result<u32, RuleError> {
    let mut least = None;
    for (key, value) in condition.map("`condition`")? {
        match (key.as_str(), &value.value) {
            ("gte", Yaml::Integer(number @ 1..=MOST)) => least = u32::try_from(*number).ok(),
            ("gt", Yaml::Integer(number @ 0..MOST)) => least = u32::try_from(*number + 1).ok(),
            ("gte" | "gt", _) => {
                return Err(value.error(format!("`{key}` takes a number of at most {MOST}")));
            }
            ("field", _) => {}
            ("lt" | "lte" | "eq" | "neq", _) => {
                return Err(value.error(format!(
                    "`{key}` is not supported: whether fewer come is known only when a window \
                     closes, and a window of event time never does"
                )));
            }
            _ => return Err(value.error(format!("`condition` has no member `{key}`"))),
        }
    }
    least.ok_or_else(|| condition.error(format!("{what} needs `gte`")))
}

/// How long nothing is told: a day unless `learning` says otherwise.
fn learning(node: &Node) -> Result<i64, RuleError> {
    let Some(said) = node.get("learning") else { return Ok(86_400_000) };
    match said.text("`learning`")? {
        "0s" => Ok(0),
        text => timespan(text)
            .ok_or_else(|| said.error("`learning` is a number and s, m, h or d, such as 7d")),
    }
}

fn timespan(text: &str) -> Option<i64> {
    let unit = match text.chars().last()? {
        's' => 1000,
        'm' => 60_000,
        'h' => 3_600_000,
        'd' => 86_400_000,
        _ => return None,
    };
    let number: i64 = text[..text.len() - 1].parse().ok()?;
    number.checked_mul(unit).filter(|span| (1..=30 * 86_400_000).contains(span))
}
