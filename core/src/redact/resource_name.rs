//! How own rules name resources: a name that can never match is refused.

use std::fmt::Write as _;

/// API groups without a dot, which no resource is called as.
const GROUPS: [&str; 5] = ["apps", "autoscaling", "batch", "extensions", "policy"];

/// Checks `resource[/subresource][.group]`; the error has the spelling that would match.
pub(super) fn check(text: &str) -> Result<(), String> {
    if may_match(text) {
        return Ok(());
    }
    let mut message = String::from(
        "can never match: resources are named in the plural and in small letters, as in URLs, and the \
         group after a dot",
    );
    if let Some(spelling) = spelling(text) {
        let _ = write!(message, "; write `{spelling}`");
    }
    Err(message)
}

fn may_match(text: &str) -> bool {
    let (path, group) = text.split_once('.').unwrap_or((text, "*"));
    let (name, sub) = path.split_once('/').unwrap_or((path, "*"));
    let is_name = |name: &str| name == "*" || is_made_of(name, b"-");
    let first = group.split('.').next().unwrap_or_default();
    is_name(name)
        && is_name(sub)
        && !is_version(name)
        && !is_version(sub)
        && !(GROUPS.contains(&name) && sub != "*")
        && (group == "*" || is_made_of(group, b"-.") && !is_version(first))
}

fn is_made_of(text: &str, other: &[u8]) -> bool {
    let fits = |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || other.contains(&b);
    !text.is_empty() && text.bytes().all(fits)
}

/// `v1`, `v1beta1`
fn is_version(text: &str) -> bool {
    text.strip_prefix('v').is_some_and(|rest| {
        rest.bytes().next().is_some_and(|b| b.is_ascii_digit())
            && rest.bytes().all(|b| b.is_ascii_digit() || b"alphbet".contains(&b))
    })
}

/// What was probably meant.
fn spelling(text: &str) -> Option<String> {
    let lower = text.trim().to_ascii_lowercase();
    let versioned = lower.split('/').any(is_version);
    let parts: Vec<&str> = lower.split('/').filter(|part| !is_version(part)).collect();
    let (of_group, sub) = match parts[..] {
        // A group and a version.
        [group] if versioned && (GROUPS.contains(&group) || !ends_plural(group)) => {
            return good(format!("*.{group}"));
        }
        [one] => (one.to_owned(), ""),
        // The resource comes after its group.
        [group, name] if versioned || GROUPS.contains(&group) || !ends_plural(group) => {
            (format!("{name}.{group}"), "")
        }
        [one, sub] => (one.to_owned(), sub),
        _ => return None,
    };
    let mut labels = of_group.split('.').filter(|label| !is_version(label));
    let name = labels.next()?;
    let mut spelled = if ends_plural(name) { name.to_owned() } else { plural(name) };
    if !sub.is_empty() {
        spelled = spelled + "/" + sub;
    }
    good(labels.fold(spelled, |all, label| all + "." + label))
}

/// Nothing is proposed that would be refused again.
fn good(spelling: String) -> Option<String> {
    may_match(&spelling).then_some(spelling)
}

/// Whether the name before the first dot ends like a plural.
fn ends_plural(name: &str) -> bool {
    let name = name.split('.').next().unwrap_or_default();
    name == "*" || name.ends_with('s') && !name.ends_with("ss")
}

fn plural(name: &str) -> String {
    match name.strip_suffix('y') {
        Some(stem) if !name.ends_with("ay") && !name.ends_with("ey") => stem.to_owned() + "ies",
        _ if ["s", "x", "ch", "sh"].iter().any(|end| name.ends_with(end)) => name.to_owned() + "es",
        _ => name.to_owned() + "s",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_can_never_match_is_refused_with_what_would() {
        for (text, expected) in [
            ("Database", "databases"),
            ("Database.example.com", "databases.example.com"),
            ("Ingress", "ingresses"),
            ("NetworkPolicy", "networkpolicies"),
            ("Gateway", "gateways"),
            ("PODS", "pods"),
            ("pods/Exec", "pods/exec"),
            ("apps/v1", "*.apps"),
            ("example.com/v1", "*.example.com"),
            ("example.com/v1beta1/databases", "databases.example.com"),
            ("example.com/databases", "databases.example.com"),
            ("apps/deployments", "deployments.apps"),
            ("apps/v1/Deployment", "deployments.apps"),
            ("deployments.apps/v1", "deployments.apps"),
            ("deployments.v1.apps", "deployments.apps"),
            ("databases.example.com/status", "databases/status.example.com"),
            ("pods.v1", "pods"),
            ("v1/pods", "pods"),
            ("pods/", "pods"),
            (" pods", "pods"),
        ] {
            let error = check(text).unwrap_err();
            assert!(error.ends_with(&format!("write `{expected}`")), "{text}: {error}");
        }
        for text in ["", ".", "/", "a/b/c/d", "\u{fc}bung"] {
            assert!(check(text).is_err(), "{text}");
        }
        for text in [
            "*",
            "pods",
            "pods/exec",
            "*/scale",
            "pods/*",
            "*.apps",
            "deployments.apps",
            "databases/status.example.com",
            "nodes.metrics.k8s.io",
        ] {
            assert_eq!(check(text), Ok(()), "{text}");
        }
    }
}
