//! Sigma filters: what is known to be harmless, kept apart from the rules.
//!
//! A filter may say `auditweir: {expires, clusters, owner, reason}`. It ends by event time, since
//! there is no clock here; what it took out is counted.

use crate::text::Timestamp;

use super::compile::Expr;
use super::error::RuleError;
use super::sigma;
use super::yaml::{Node, Yaml};

/// What is known of an exception.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
#[non_exhaustive]
pub struct ExceptionInfo {
    /// One line.
    pub title: String,
    /// A UUID, if it has one.
    pub id: String,
    /// Last day it is good for, `2026-12-31`; empty for ever.
    pub expires: String,
    /// Names of clusters; empty for all.
    pub clusters: Vec<String>,
    /// Who answers for it.
    pub owner: String,
    /// Why it is.
    pub reason: String,
    /// The file it came from.
    pub file: String,
    /// How many rules it is for.
    pub rules: u32,
}

/// An exception as it was read.
pub(super) struct Draft {
    pub(super) info: ExceptionInfo,
    /// Ids, names or intents; `None` for every rule.
    pub(super) rules: Option<Vec<(String, (u64, u64))>>,
    pub(super) selections: Vec<sigma::Selection>,
    pub(super) conditions: Vec<super::condition::Condition>,
    /// First millisecond it is no longer good for.
    pub(super) ends: Option<i64>,
}

/// An exception in the form that is asked.
#[derive(Clone)]
pub(super) struct Exception {
    pub(super) expr: Expr,
    pub(super) ends: Option<i64>,
    /// Its number, for counting.
    pub(super) number: u16,
}

/// Reads a filter document.
pub(super) fn read(document: &Node, filter: &Node) -> Result<Draft, RuleError> {
    let title = match document.get("title") {
        Some(title) => title.text("`title`")?.to_owned(),
        None => return Err(document.error("a filter needs `title`")),
    };
    let id = match document.get("id") {
        Some(id) => id.text("`id`")?.to_owned(),
        None => String::new(),
    };
    let said = filter.get("rules").ok_or_else(|| filter.error("a filter needs `rules`"))?;
    let rules = match &said.value {
        Yaml::Text(word) if word == "any" => None,
        _ => Some(
            said.items()
                .iter()
                .map(|item| Ok((item.text("a rule")?.to_owned(), (item.line, item.column))))
                .collect::<Result<Vec<_>, RuleError>>()?,
        ),
    };
    let (selections, conditions) = sigma::detection(&filter.without("rules"))?;
    let mut info = ExceptionInfo { title, id, ..ExceptionInfo::default() };
    let mut ends = None;
    if let Some(own) = document.get("auditweir") {
        for (key, node) in own.map("`auditweir`")? {
            match key.as_str() {
                "expires" => {
                    let day = node.text("`expires`")?;
                    day.clone_into(&mut info.expires);
                    let midnight = format!("{day}T00:00:00Z");
                    let begins = Timestamp::read(midnight.as_bytes())
                        .ok_or_else(|| node.error("`expires` is a day, such as 2026-12-31"))?;
                    ends = Some(begins.millis() + 86_400_000);
                }
                "clusters" => info.clusters = node.texts("a cluster")?,
                "owner" => node.text("`owner`")?.clone_into(&mut info.owner),
                "reason" => node.text("`reason`")?.clone_into(&mut info.reason),
                _ => return Err(node.error(format!("`auditweir` has no member `{key}`"))),
            }
        }
    }
    Ok(Draft { info, rules, selections, conditions, ends })
}
