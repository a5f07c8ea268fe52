//! A finding with what its event says, in texts of its own: what `detect` prints and alerts are made
//! of. Everything in it was redacted, or is the rule's.

use auditweir::Line;
use auditweir::rules::{RequestOutcome, Rule};
use serde::{Deserialize, Serialize};

/// A rule's answer about an event. Its members stand in JSON in this order.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct Finding {
    /// Document id of the event.
    pub id: String,
    /// The event's `auditID`.
    #[serde(rename = "auditID")]
    pub audit_id: Option<String>,
    /// When the event was written: RFC 3339.
    pub time: Option<String>,
    /// The rule.
    pub rule: RuleName,
    /// `match` or `cannot-tell`.
    pub answer: String,
    /// What the rule looked at, or what it could not see.
    pub why: String,
    /// What became of the request.
    pub outcome: String,
    /// `NAME`, or `NAME as OTHER`.
    pub actor: Option<String>,
    /// `RESOURCE[/SUBRESOURCE] [NAMESPACE/]NAME`, or the path.
    pub target: Option<String>,
    /// Techniques of ATT&CK.
    pub attack: Vec<String>,
}

/// What a rule is known by.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
pub struct RuleName {
    /// Its UUID.
    pub id: String,
    /// What it is after, in one name.
    pub intent: String,
    /// One line.
    pub title: String,
    /// How bad it is.
    pub level: String,
}

impl Finding {
    /// What an event says, for findings in it.
    pub fn of(line: &Line<'_>) -> Self {
        Self {
            id: line.id.to_owned(),
            audit_id: line.audit_id().map(Into::into),
            time: line.time(),
            actor: actor(line),
            target: target(line),
            ..Self::default()
        }
    }

    /// The same event with a rule's answer.
    #[must_use]
    pub fn with(
        self,
        rule: &Rule,
        answer: &str,
        why: impl Into<String>,
        outcome: RequestOutcome,
    ) -> Self {
        Self {
            rule: RuleName {
                id: rule.id.clone(),
                intent: rule.intent.clone(),
                title: rule.title.clone(),
                level: rule.level.name().to_owned(),
            },
            answer: answer.to_owned(),
            why: why.into(),
            outcome: outcome.name().to_owned(),
            attack: rule.attack.v19.clone(),
            ..self
        }
    }
}

fn actor(line: &Line<'_>) -> Option<String> {
    let name = line.username()?;
    Some(match line.impersonated() {
        Some(other) => format!("{name} as {other}"),
        None => name.into_owned(),
    })
}

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
