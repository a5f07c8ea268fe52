//! What a rule asks about, as the API has it: resources with their groups and subresources, verbs.

use std::collections::BTreeSet;

use auditweir::rules::{Resource, Rule};

/// Resources and subresources that a rule asks about, as the API has them.
pub(crate) fn targets(rule: &Rule) -> BTreeSet<(&str, &str)> {
    let resources = or(&rule.asks.resources, &["pods", "secrets", "configmaps"]);
    let subresources = or(&rule.asks.subresources, &[""]);
    let exists = |resource: &str, sub: &str| {
        !Resource::is_own(sub)
            || Resource::named(resource).is_some_and(|known| known.subresources.contains(&sub))
    };
    let mut all = BTreeSet::new();
    for resource in resources {
        all.extend(subresources.iter().map(|sub| (resource, *sub)));
    }
    let mut found = all.clone();
    found.retain(|(resource, sub)| exists(resource, sub));
    if found.is_empty() { all } else { found }
}

/// Verbs that a rule asks about.
pub(crate) fn verbs(rule: &Rule) -> BTreeSet<&str> {
    or(&rule.asks.verbs, &["get", "create"]).into_iter().collect()
}

fn or<'a>(names: &'a [String], others: &[&'a str]) -> Vec<&'a str> {
    if names.is_empty() { others.to_vec() } else { names.iter().map(String::as_str).collect() }
}

/// The API groups that a resource of a rule may be of. None when nobody knows.
pub(crate) fn groups<'a>(rule: &'a Rule, resource: &str) -> Vec<&'a str> {
    // A request for no resource is of no other group.
    let of_none = resource.is_empty().then_some("");
    let asked = &rule.asks.groups;
    match of_none.or(Resource::named(resource).map(|known| known.group)) {
        Some(group) if asked.is_empty() || asked.iter().any(|asked| asked == group) => vec![group],
        Some(_) | None => asked.iter().map(String::as_str).collect(),
    }
}

/// Whether a namespace holds the resource; those that nobody knows are taken to be in one.
pub(super) fn is_namespaced(resource: &str) -> bool {
    Resource::named(resource).is_none_or(|known| known.is_namespaced)
}
