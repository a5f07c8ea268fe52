//! What a rule asks about, as the API has it: resources with their groups and subresources, verbs.

use std::collections::BTreeSet;

use auditweir::rules::Rule;

/// Groups of resources that are not in the core group.
const GROUPS: &[(&str, &[&str])] = &[
    ("apps", &["deployments", "daemonsets", "statefulsets", "replicasets"]),
    ("batch", &["jobs", "cronjobs"]),
    (
        "rbac.authorization.k8s.io",
        &["roles", "clusterroles", "rolebindings", "clusterrolebindings"],
    ),
    (
        "admissionregistration.k8s.io",
        &[
            "mutatingwebhookconfigurations",
            "validatingwebhookconfigurations",
            "validatingadmissionpolicies",
            "validatingadmissionpolicybindings",
            "mutatingadmissionpolicies",
            "mutatingadmissionpolicybindings",
        ],
    ),
    ("certificates.k8s.io", &["certificatesigningrequests"]),
    ("networking.k8s.io", &["ingresses", "networkpolicies"]),
    ("authorization.k8s.io", &["selfsubjectrulesreviews"]),
    ("apiregistration.k8s.io", &["apiservices"]),
    ("flowcontrol.apiserver.k8s.io", &["flowschemas", "prioritylevelconfigurations"]),
    ("argoproj.io", &["rollouts"]),
    ("cilium.io", &["ciliumnetworkpolicies"]),
    ("crd.projectcalico.org", &["globalnetworkpolicies"]),
];

/// Resources of the core group.
const CORE: &[&str] = &[
    "",
    "configmaps",
    "endpoints",
    "events",
    "limitranges",
    "namespaces",
    "nodes",
    "persistentvolumeclaims",
    "persistentvolumes",
    "pods",
    "podtemplates",
    "replicationcontrollers",
    "resourcequotas",
    "secrets",
    "serviceaccounts",
    "services",
];

/// Resources without a namespace.
pub(super) const CLUSTER_WIDE: &[&str] = &[
    "clusterroles",
    "clusterrolebindings",
    "nodes",
    "namespaces",
    "persistentvolumes",
    "certificatesigningrequests",
    "mutatingwebhookconfigurations",
    "validatingwebhookconfigurations",
    "validatingadmissionpolicies",
    "validatingadmissionpolicybindings",
    "mutatingadmissionpolicies",
    "mutatingadmissionpolicybindings",
    "apiservices",
    "flowschemas",
    "prioritylevelconfigurations",
    "selfsubjectrulesreviews",
    "globalnetworkpolicies",
];

/// Subresources that are not of every resource, and whose they are.
const SUBRESOURCES: &[(&str, &[&str])] = &[
    ("exec", &["pods"]),
    ("attach", &["pods"]),
    ("portforward", &["pods"]),
    ("ephemeralcontainers", &["pods"]),
    ("eviction", &["pods"]),
    ("binding", &["pods"]),
    ("log", &["pods"]),
    ("resize", &["pods"]),
    ("proxy", &["pods", "nodes", "services"]),
    ("token", &["serviceaccounts"]),
    ("approval", &["certificatesigningrequests"]),
];

/// Resources and subresources that a rule asks about, as the API has them.
pub(crate) fn targets(rule: &Rule) -> BTreeSet<(&str, &str)> {
    let resources = or(&rule.asks.resources, &["pods", "secrets", "configmaps"]);
    let subresources = or(&rule.asks.subresources, &[""]);
    let exists = |resource: &str, sub: &str| {
        let known = SUBRESOURCES.iter().find(|(name, _)| *name == sub);
        known.is_none_or(|(_, owners)| owners.contains(&resource))
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
    let of_core = CORE.contains(&resource).then_some("");
    let known = GROUPS.iter().find(|(_, names)| names.contains(&resource)).map(|(group, _)| *group);
    let asked = &rule.asks.groups;
    match of_core.or(known) {
        Some(group) if asked.is_empty() || asked.iter().any(|asked| asked == group) => vec![group],
        Some(_) | None => asked.iter().map(String::as_str).collect(),
    }
}
