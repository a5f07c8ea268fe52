//! What an event can have at all: a rule that asks for something else would be silent for ever.
//!
//! Below a known member the path must exist in the type `audit.k8s.io/v1` Event, or the rule is
//! refused. What may stand in an event all the same, such as a member that a shipper adds, and a
//! verb that nobody knows, give a warning.

use super::error::RuleError;
use super::fields::{Derived, Field, Path};
use super::yaml::{Node, Yaml};
use crate::policy::distance;

/// Paths of an event. Below one that ends in `.*` anything may stand.
const MEMBERS: &[&str] = &[
    "kind",
    "apiVersion",
    "metadata.*",
    "timestamp",
    "level",
    "auditID",
    "stage",
    "requestURI",
    "verb",
    "user.username",
    "user.uid",
    "user.groups",
    "user.extra.*",
    "impersonatedUser.username",
    "impersonatedUser.uid",
    "impersonatedUser.groups",
    "impersonatedUser.extra.*",
    "authenticationMetadata.impersonationConstraint",
    "sourceIPs",
    "userAgent",
    "objectRef.resource",
    "objectRef.namespace",
    "objectRef.name",
    "objectRef.uid",
    "objectRef.apiGroup",
    "objectRef.apiVersion",
    "objectRef.resourceVersion",
    "objectRef.subresource",
    "responseStatus.kind",
    "responseStatus.apiVersion",
    "responseStatus.metadata.*",
    "responseStatus.status",
    "responseStatus.message",
    "responseStatus.reason",
    "responseStatus.details.name",
    "responseStatus.details.group",
    "responseStatus.details.kind",
    "responseStatus.details.uid",
    "responseStatus.details.causes.reason",
    "responseStatus.details.causes.message",
    "responseStatus.details.causes.field",
    "responseStatus.details.retryAfterSeconds",
    "responseStatus.code",
    "requestObject.*",
    "responseObject.*",
    "requestReceivedTimestamp",
    "stageTimestamp",
    "annotations.*",
];

/// Verbs that events have: those of resources, and HTTP methods for other paths.
const VERBS: [&str; 14] = [
    "get",
    "list",
    "watch",
    "create",
    "update",
    "patch",
    "delete",
    "deletecollection",
    "proxy",
    "post",
    "put",
    "head",
    "options",
    "trace",
];

/// Refuses a path that starts like one of an event and is none.
pub(super) fn check(path: &Path) -> Result<(), String> {
    let name = String::from_utf8_lossy(&path.text);
    match place(&name) {
        Place::Known | Place::NoMember => Ok(()),
        Place::Wrong => Err(complaint(&name)),
    }
}

enum Place {
    Known,
    /// Its first segment is no member of an event.
    NoMember,
    /// Its first segment is one, the rest leads nowhere.
    Wrong,
}

fn place(name: &str) -> Place {
    let mut is_member = false;
    for known in MEMBERS {
        let whole = known.strip_suffix(".*").unwrap_or(known);
        // Whatever leads to a known path is there, too: `user|exists`.
        let leads = |long: &str, short: &str| {
            long.strip_prefix(short).is_some_and(|rest| rest.is_empty() || rest.starts_with('.'))
        };
        if leads(whole, name) || (whole.len() < known.len() && leads(name, whole)) {
            return Place::Known;
        }
        is_member |= root(known) == root(name);
    }
    if is_member { Place::Wrong } else { Place::NoMember }
}

fn root(name: &str) -> &str {
    name.split('.').next().unwrap_or_default()
}

fn complaint(name: &str) -> String {
    let known = MEMBERS.iter().map(|known| known.trim_end_matches(".*"));
    format!("an audit event has no `{name}`{}", suggestion(name, known))
}

/// `; did you mean …?` when one is near.
fn suggestion<'k>(name: &str, known: impl Iterator<Item = &'k str>) -> String {
    let near = known.map(|known| (distance(name, known), known)).min();
    match near {
        Some((far, known)) if far <= 1 + name.len() / 6 => format!("; did you mean `{known}`?"),
        _ => String::new(),
    }
}

/// What a `detection` or `filter` asks for that hardly any event has.
pub(super) fn doubts(node: &Node, file: &str, out: &mut Vec<RuleError>) {
    let Yaml::Map(members) = &node.value else { return };
    for (name, value) in members {
        if !matches!(name.as_str(), "condition" | "rules") {
            selection(value, file, out);
        }
    }
}

fn selection(node: &Node, file: &str, out: &mut Vec<RuleError>) {
    match &node.value {
        Yaml::List(items) => items.iter().for_each(|item| selection(item, file, out)),
        Yaml::Map(tests) => {
            for (key, value) in tests {
                let name = key.split('|').next().unwrap_or_default();
                if let Ok(field) = Field::read(name) {
                    doubt(&field, key, value, file, out);
                }
            }
        }
        _ => {}
    }
}

fn doubt(field: &Field, key: &str, value: &Node, file: &str, out: &mut Vec<RuleError>) {
    match field {
        Field::Path(path) => {
            let name = String::from_utf8_lossy(&path.text);
            if matches!(place(&name), Place::NoMember) {
                out.push(value.error(complaint(&name)).within(file));
            }
        }
        // Only whole words: with a modifier it is a part of one.
        Field::Derived(Derived::Verb) if !key.contains('|') => {
            for item in value.items() {
                let Yaml::Text(verb) = &item.value else { continue };
                let is_known = VERBS.iter().any(|known| known.eq_ignore_ascii_case(verb));
                if !is_known && !verb.contains(['*', '?']) {
                    let near = suggestion(verb, VERBS.into_iter());
                    let message = format!("no audit event has the verb `{verb}`{near}");
                    out.push(item.error(message).within(file));
                }
            }
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn refused(name: &str) -> String {
        Field::read(name).expect_err(name)
    }

    #[test]
    fn a_path_that_no_event_has_is_refused_with_the_nearest() {
        assert_eq!(
            refused("objectRef.resourc"),
            "an audit event has no `objectRef.resourc`; did you mean `objectRef.resource`?"
        );
        assert!(refused("user.userName").ends_with("did you mean `user.username`?"));
        assert!(refused("kubernetes.audit.user.name.x").contains("no `user.name.x`"));
        assert!(refused(r#"user["groups"].x"#).contains("no `user.groups.x`"));
        assert!(refused("stage.x").contains("no `stage.x`"));
    }

    #[test]
    fn what_an_event_can_have_stays() {
        for name in [
            "user",
            "user.groups",
            "user.extra.scopes",
            "impersonatedUser.extra.authentication.kubernetes.io/credential-id",
            "annotations.anything.at/all",
            "requestObject.spec.template",
            "responseObject",
            "responseStatus.details.causes.field",
            "added.by.a.shipper",
        ] {
            assert!(Field::read(name).is_ok(), "{name}");
        }
    }
}
