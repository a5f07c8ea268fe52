//! Sigma v2.1 documents, read with their places. What is not supported is refused, never ignored.

use super::answer::RequestOutcome;
use super::condition::{self, Condition};
use super::encode::{self, Base64, Wide};
use super::error::RuleError;
use super::fields::Field;
use super::pattern::{Order, Pattern};
#[cfg(feature = "regex")]
use super::regex::{Flags, Regex};
use super::yaml::{Node, Yaml};
use super::{Attack, Rule, Severity};

/// A rule as it was read.
pub(super) struct Draft {
    pub(super) rule: Rule,
    /// A name under which correlations and filters find it.
    pub(super) name: Option<String>,
    pub(super) selections: Vec<Selection>,
    pub(super) conditions: Vec<Condition>,
}

/// What a selection asks for.
#[derive(Clone, Debug)]
pub(super) enum Selection {
    All(Vec<Selection>),
    Any(Vec<Selection>),
    Not(Box<Selection>),
    Test(Field, Vec<Pattern>),
}

/// Reads the metadata, detection and `custom` members of a rule.
pub(super) fn rule(document: &Node) -> Result<Draft, RuleError> {
    document.map("a rule")?;
    logsource(document)?;
    let mut rule = metadata(document)?;
    let detection =
        document.get("detection").ok_or_else(|| document.error("a rule needs `detection`"))?;
    let (selections, conditions) = self::detection(detection)?;
    custom(document, &mut rule)?;
    let name = document.get("name").map(|name| name.text("`name`")).transpose()?;
    Ok(Draft { rule, name: name.map(str::to_owned), selections, conditions })
}

/// Title, id, level and what documents say of themselves.
pub(super) fn metadata(document: &Node) -> Result<Rule, RuleError> {
    let text = |name: &str| match document.get(name) {
        Some(node) => node.text(&format!("`{name}`")).map(str::to_owned),
        None => Ok(String::new()),
    };
    let title = text("title")?;
    if title.is_empty() {
        return Err(document.error("a rule needs `title`"));
    }
    let level = match document.get("level") {
        None => Severity::Medium,
        Some(node) => Severity::from_name(node.text("`level`")?).ok_or_else(|| {
            node.error("`level` is one of informational, low, medium, high and critical")
        })?,
    };
    let tags = match document.get("tags") {
        None => Vec::new(),
        Some(node) => node.texts("a tag")?,
    };
    let from_tags: Vec<String> = tags
        .iter()
        .filter_map(|tag| {
            tag.to_ascii_lowercase().strip_prefix("attack.t").map(|id| format!("T{id}"))
        })
        .filter(|id| id[1..].starts_with(|c: char| c.is_ascii_digit()))
        .collect();
    Ok(Rule {
        intent: slug(&title),
        title,
        id: text("id")?,
        description: text("description")?,
        level,
        tags,
        attack: Attack { v18: from_tags.clone(), v19: from_tags },
        outcomes: vec![RequestOutcome::Done],
        ..Rule::default()
    })
}

/// The title in the letters of a name.
fn slug(title: &str) -> String {
    let lower = title.to_ascii_lowercase();
    let words = lower.split(|c: char| !c.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    words.collect::<Vec<_>>().join("_")
}

fn logsource(document: &Node) -> Result<(), RuleError> {
    let source =
        document.get("logsource").ok_or_else(|| document.error("a rule needs `logsource`"))?;
    for (key, node) in source.map("`logsource`")? {
        let text = node.text("a member of `logsource`")?;
        let known = match key.as_str() {
            "product" => text.eq_ignore_ascii_case("kubernetes"),
            "service" => text.eq_ignore_ascii_case("audit"),
            "category" => text.eq_ignore_ascii_case("application"),
            _ => true,
        };
        if !known {
            return Err(node.error(format!(
                "this is a rule for {key} `{text}`; events here are those of product kubernetes, \
                 service audit"
            )));
        }
    }
    Ok(())
}

/// The members of `custom`.
pub(super) fn custom(document: &Node, rule: &mut Rule) -> Result<(), RuleError> {
    let Some(custom) = document.get("custom") else { return Ok(()) };
    for (key, node) in custom.map("`custom`")? {
        match key.as_str() {
            "intent" => node.text("`intent`")?.clone_into(&mut rule.intent),
            "outcome" => {
                rule.outcomes = node
                    .items()
                    .iter()
                    .map(|item| {
                        let text = item.text("an outcome")?;
                        RequestOutcome::ALL.into_iter().find(|o| o.name() == text).ok_or_else(
                            || {
                                item.error(
                                    "an outcome is attempted, refused, failed, done, dry-run or unknown",
                                )
                            },
                        )
                    })
                    .collect::<Result<_, _>>()?;
            }
            "attack" => {
                for (version, ids) in node.map("`attack`")? {
                    let ids_read = ids.texts("an id")?;
                    match version.as_str() {
                        "v18" => rule.attack.v18 = ids_read,
                        "v19" => rule.attack.v19 = ids_read,
                        _ => return Err(ids.error("`attack` has members v18 and v19")),
                    }
                }
            }
            "others" => {
                for (who, text) in node.map("`others`")? {
                    rule.others.push((who.clone(), text.text("what others do")?.to_owned()));
                }
            }
            // Read by tests, and by `auditweir rules test`.
            "examples" => {}
            _ => return Err(node.error(format!("`custom` has no member `{key}`"))),
        }
    }
    Ok(())
}

/// Selections and conditions of a `detection` or `filter`.
pub(super) fn detection(node: &Node) -> Result<(Vec<Selection>, Vec<Condition>), RuleError> {
    let members = node.map("`detection`")?;
    let (mut names, mut selections, mut said) = (Vec::new(), Vec::new(), None);
    for (key, value) in members {
        match key.as_str() {
            "condition" => said = Some(value),
            "timeframe" => {
                return Err(value.error("`timeframe` is the old way to count; write a correlation"));
            }
            name => {
                names.push(name);
                selections.push(selection(value)?);
            }
        }
    }
    let said = said.ok_or_else(|| node.error("`condition` is missing"))?;
    let conditions = said
        .items()
        .iter()
        .map(|item| condition::read(item, &names))
        .collect::<Result<Vec<_>, _>>()?;
    if conditions.is_empty() {
        return Err(said.error("`condition` is empty"));
    }
    Ok((selections, conditions))
}

fn selection(node: &Node) -> Result<Selection, RuleError> {
    match &node.value {
        Yaml::Map(members) if members.is_empty() => Err(node.error("a selection is empty")),
        Yaml::Map(members) => members
            .iter()
            .map(|(key, value)| test(key, value))
            .collect::<Result<_, _>>()
            .map(Selection::All),
        Yaml::List(items) if items.is_empty() => Err(node.error("a selection is empty")),
        Yaml::List(items) => {
            let maps = items.iter().filter(|item| matches!(item.value, Yaml::Map(_))).count();
            if maps == 0 {
                return test("|contains", node);
            }
            if maps < items.len() {
                return Err(
                    node.error("a selection is a list of mappings or of texts, not of both")
                );
            }
            items.iter().map(selection).collect::<Result<_, _>>().map(Selection::Any)
        }
        _ => test("|contains", node),
    }
}

/// What modifiers ask for.
#[derive(Default)]
struct Asked {
    contains: bool,
    starts: bool,
    ends: bool,
    all: bool,
    cased: bool,
    neq: bool,
    exists: bool,
    network: bool,
    windash: bool,
    order: Option<Order>,
    wide: Wide,
    base64: Option<Base64>,
    #[cfg(feature = "regex")]
    regex: Option<Flags>,
}

fn test(key: &str, value: &Node) -> Result<Selection, RuleError> {
    let mut words = key.split('|');
    let name = words.next().unwrap_or_default();
    let field = if name.is_empty() {
        Field::Everything
    } else {
        Field::read(name).map_err(|message| value.error(message))?
    };
    let mut asked = Asked::default();
    for word in words {
        match word {
            "contains" => asked.contains = true,
            "startswith" => asked.starts = true,
            "endswith" => asked.ends = true,
            "all" => asked.all = true,
            "cased" => asked.cased = true,
            "neq" => asked.neq = true,
            "exists" => asked.exists = true,
            "cidr" => asked.network = true,
            "windash" => asked.windash = true,
            "utf16le" | "wide" => asked.wide = Wide::Little,
            "utf16be" => asked.wide = Wide::Big,
            "utf16" => asked.wide = Wide::Marked,
            "base64" => asked.base64 = Some(Base64::Whole),
            "base64offset" => asked.base64 = Some(Base64::Part),
            #[cfg(feature = "regex")]
            "re" => asked.regex = Some(Flags::default()),
            #[cfg(feature = "regex")]
            "i" | "m" | "s" if asked.regex.is_some() => {
                let flags = asked.regex.get_or_insert_default();
                match word {
                    "i" => flags.any_case = true,
                    "m" => flags.lines = true,
                    _ => flags.dot_is_all = true,
                }
            }
            "lt" => asked.order = Some(Order::Less),
            "lte" => asked.order = Some(Order::AtMost),
            "gt" => asked.order = Some(Order::More),
            "gte" => asked.order = Some(Order::AtLeast),
            other => return Err(value.error(unsupported(other))),
        }
    }
    if field == Field::Everything {
        asked.contains = true;
    }
    if asked.wide != Wide::No && asked.base64.is_none() {
        return Err(value.error("UTF-16 needs `base64` or `base64offset` behind it"));
    }
    if asked.base64 == Some(Base64::Part) && !asked.contains {
        return Err(value.error("`base64offset` needs `contains` behind it"));
    }
    if matches!(value.value, Yaml::List(ref items) if items.is_empty()) {
        return Err(value.error(format!("`{key}` has no values")));
    }
    let listed = matches!(value.value, Yaml::List(_));
    let mut patterns = Vec::new();
    for item in value.items() {
        if listed && item.value == Yaml::Null {
            return Err(item.error("`null` may not stand in a list"));
        }
        self::patterns(key, item, &asked, &mut patterns)?;
    }
    if field == Field::Derived(super::fields::Derived::Granted) {
        for (item, pattern) in value.items().iter().zip(&patterns) {
            let name = pattern.exact().and_then(|name| std::str::from_utf8(name).ok());
            if name.is_some_and(|name| !super::fields::is_grant(name)) {
                return Err(item.error("there is no grant of this name"));
            }
        }
    }
    let found = if asked.all {
        Selection::All(
            patterns
                .into_iter()
                .map(|pattern| Selection::Test(field.clone(), vec![pattern]))
                .collect(),
        )
    } else {
        Selection::Test(field, patterns)
    };
    Ok(if asked.neq { Selection::Not(Box::new(found)) } else { found })
}

fn unsupported(modifier: &str) -> String {
    match modifier {
        "re" => "regular expressions are not part of this build; `contains`, `startswith`, \
                 `endswith` and wildcards are"
            .into(),
        "expand" => "`expand` needs placeholders, and there are none here".into(),
        "fieldref" => "`fieldref` is not supported: a field is held against values only".into(),
        "minute" | "hour" | "day" | "week" | "month" | "year" => {
            "parts of a date are not supported".into()
        }
        "i" | "m" | "s" => format!("`{modifier}` belongs behind `re`"),
        _ => format!("there is no modifier `{modifier}`"),
    }
}

fn patterns(
    key: &str,
    item: &Node,
    asked: &Asked,
    out: &mut Vec<Pattern>,
) -> Result<(), RuleError> {
    if asked.exists {
        return match item.value {
            Yaml::Bool(expected) => {
                out.push(Pattern::Exists(expected));
                Ok(())
            }
            _ => Err(item.error("`exists` takes true or false")),
        };
    }
    if let Some(order) = asked.order {
        let number = match &item.value {
            Yaml::Integer(number) => float(*number),
            Yaml::Float(number) => *number,
            _ => return Err(item.error(format!("`{key}` takes a number"))),
        };
        out.push(Pattern::Compare(order, number));
        return Ok(());
    }
    if asked.network {
        out.push(network(item)?);
        return Ok(());
    }
    #[cfg(feature = "regex")]
    if let Some(flags) = asked.regex {
        let regex = Regex::read(item.text("an expression")?, flags);
        out.push(Pattern::Regex(regex.map_err(|why| item.error(why))?));
        return Ok(());
    }
    let (start, end) = (!asked.contains && !asked.ends, !asked.contains && !asked.starts);
    let mut text = |text: &str| out.push(Pattern::text(text, start, end, asked.cased));
    match &item.value {
        Yaml::Text(said) if asked.base64.is_some() => {
            if said.contains(['*', '?', '\\']) {
                return Err(item.error("what is encoded has no wildcards and no `\\`"));
            }
            let base64 = asked.base64.unwrap_or(Base64::Whole);
            for form in &encode::forms(said, asked.wide, base64) {
                text(form);
            }
        }
        Yaml::Text(said) => {
            text(said);
            if asked.windash && said.contains('-') {
                for dash in ["/", "\u{2013}", "\u{2014}", "\u{2015}"] {
                    text(&said.replacen('-', dash, 1));
                }
            }
        }
        Yaml::Null if asked.contains || asked.starts || asked.ends => {
            return Err(item.error("`null` is no text"));
        }
        Yaml::Null => out.push(Pattern::Null),
        Yaml::Bool(value) if start && end => out.push(Pattern::Bool(*value)),
        Yaml::Integer(number) if start && end => out.push(Pattern::Number(float(*number))),
        Yaml::Integer(number) => text(&number.to_string()),
        Yaml::Float(number) if start && end => out.push(Pattern::Number(*number)),
        Yaml::Float(number) => text(&number.to_string()),
        Yaml::Bool(value) => text(if *value { "true" } else { "false" }),
        Yaml::List(_) | Yaml::Map(_) => {
            return Err(item.error(format!("`{key}` takes texts, numbers, true, false or null")));
        }
    }
    Ok(())
}

fn network(item: &Node) -> Result<Pattern, RuleError> {
    let text = item.text("a network")?;
    let wrong = || item.error("not a network, such as 10.0.0.0/8");
    let (address, bits) = match text.split_once('/') {
        Some((address, bits)) => (address, Some(bits.parse::<u8>().map_err(|_| wrong())?)),
        None => (text, None),
    };
    let address: std::net::IpAddr = address.parse().map_err(|_| wrong())?;
    let most = if address.is_ipv4() { 32 } else { 128 };
    match bits.unwrap_or(most) {
        bits if bits <= most => Ok(Pattern::Network { address, bits }),
        _ => Err(wrong()),
    }
}

/// The nearest number that events are compared by.
#[expect(clippy::cast_precision_loss, reason = "JSON numbers are read as doubles, too")]
fn float(number: i64) -> f64 {
    number as f64
}
