//! `auditweir rules coverage`: which rules a Kubernetes audit policy lets tell.
//!
//! The policy is asked, by the filter that would apply it, at which level it records the requests
//! that a rule is about, made by a person, a service account and a node in two namespaces, and by
//! whom and where the policy itself names.

use std::collections::{BTreeMap, BTreeSet};
use std::fmt;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use anstyle::{AnsiColor, Style};
use auditweir::policy::{AuditRule, Level};
use auditweir::rules::{Rule, Rules};
use auditweir::{Filter, Format};
use serde_json::json;

use super::count;
use crate::exit::{Error, Exit};
use crate::setup;

const ALWAYS: Style = AnsiColor::Green.on_default();
const SOMETIMES: Style = AnsiColor::Yellow.on_default();
const NEVER: Style = AnsiColor::Red.on_default();

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

/// Resources without a namespace.
const CLUSTER_WIDE: &[&str] = &[
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

/// Who asks.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct User {
    name: String,
    groups: Vec<String>,
}

impl User {
    fn new(name: &str, groups: &[&str]) -> Self {
        let all = groups.iter().copied().chain(["system:authenticated"]);
        Self { name: name.to_owned(), groups: all.map(str::to_owned).collect() }
    }

    /// A person, a service account, a node, and all whom the policy names.
    fn of(rules: &[AuditRule]) -> BTreeSet<Self> {
        let namespace = "system:serviceaccounts:shop";
        let mut all = BTreeSet::from([
            Self::new("jane", &[]),
            Self::new("system:serviceaccount:shop:app", &["system:serviceaccounts", namespace]),
            Self::new("system:node:worker-1", &["system:nodes"]),
        ]);
        for rule in rules {
            all.extend(rule.users.iter().map(|name| Self::new(name, &[])));
            all.extend(rule.user_groups.iter().map(|group| Self::new("jane", &[group])));
        }
        all
    }
}

/// Runs the command.
pub(super) fn coverage(file: &Path, rules: &Rules, json: bool) -> Result<Exit, Error> {
    let policy = setup::audit_policy(file)?;
    let asked = policy.policy().decide.audit.as_ref().map_or(&[][..], |audit| &audit.rules);
    let users = User::of(asked);
    let named = asked.iter().flat_map(|rule| &rule.namespaces).filter(|name| !name.is_empty());
    let namespaces: BTreeSet<String> =
        named.cloned().chain(["shop", "kube-system"].map(str::to_owned)).collect();
    let mut filter = Filter::new(Arc::new(policy), Format::Native);
    let mut known = BTreeMap::new();
    let mut out = anstream::stdout().lock();
    let mut counts = [0; 3];
    for rule in rules.telling() {
        let (mut can, mut all, mut example) = (0, 0, String::new());
        for request in requests(rule, &users, &namespaces) {
            let level =
                *known.entry(request.clone()).or_insert_with(|| level(&mut filter, &request));
            all += 1;
            if level >= rule.needs.level {
                can += 1;
            } else if example.is_empty() {
                example = format!("{request} is recorded at {}", level.name());
            }
        }
        let (at, word, style) = match can {
            0 => (0, "never", NEVER),
            _ if can < all => (1, "sometimes", SOMETIMES),
            _ => (2, "always", ALWAYS),
        };
        counts[at] += 1;
        let needs = rule.needs.level.name();
        if json {
            let line = json!({
                "rule": rule.id, "intent": rule.intent, "can": word, "needs": needs,
                "annotations": rule.needs.annotations, "requests": all, "recorded": can,
            });
            writeln!(out, "{line}")?;
        } else {
            writeln!(out, "{style}{word:<9}{style:#} {:<46} {needs:<15} {example}", rule.intent)?;
        }
    }
    if !json {
        let [never, sometimes, always] = counts;
        writeln!(out, "{} can always tell, {sometimes} sometimes, {never} never", count(always))?;
    }
    Ok(Exit::Ok)
}

/// A request that a rule is about.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Request<'a> {
    verb: &'a str,
    resource: &'a str,
    subresource: &'a str,
    namespace: &'a str,
    user: &'a User,
}

impl fmt::Display for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { verb, resource, subresource, namespace, user } = self;
        let slash = if subresource.is_empty() { "" } else { "/" };
        write!(f, "{verb} {resource}{slash}{subresource}")?;
        if !CLUSTER_WIDE.contains(resource) {
            write!(f, " in {namespace}")?;
        }
        write!(f, " by {}", user.name)?;
        match &*user.groups {
            [group, _] => write!(f, " of {group}"),
            _ => Ok(()),
        }
    }
}

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

fn requests<'a>(
    rule: &'a Rule,
    users: &'a BTreeSet<User>,
    namespaces: &'a BTreeSet<String>,
) -> Vec<Request<'a>> {
    let mut all = Vec::new();
    for verb in verbs(rule) {
        for (resource, subresource) in targets(rule) {
            for namespace in namespaces {
                for user in users {
                    all.push(Request { verb, resource, subresource, namespace, user });
                }
            }
        }
    }
    all
}

/// The API group of a resource; `""` for the core group and for what nobody knows.
pub(crate) fn group(resource: &str) -> &'static str {
    GROUPS.iter().find(|(_, names)| names.contains(&resource)).map_or("", |(group, _)| group)
}

/// The level at which the policy records a request.
fn level(filter: &mut Filter, request: &Request<'_>) -> Level {
    let Request { verb, resource, subresource, namespace, user } = *request;
    let group = group(resource);
    let mut object = serde_json::Map::new();
    let mut uri = if group.is_empty() { "/api/v1".into() } else { format!("/apis/{group}/v1") };
    if !CLUSTER_WIDE.contains(&resource) {
        uri.push_str("/namespaces/");
        uri.push_str(namespace);
        object.insert("namespace".into(), namespace.into());
    }
    if !resource.is_empty() {
        uri.push('/');
        uri.push_str(resource);
        object.insert("resource".into(), resource.into());
        object.insert("apiVersion".into(), "v1".into());
        if !group.is_empty() {
            object.insert("apiGroup".into(), group.into());
        }
        if !matches!(verb, "list" | "watch" | "deletecollection" | "create")
            || !subresource.is_empty()
        {
            uri.push_str("/x");
            object.insert("name".into(), "x".into());
        }
        if !subresource.is_empty() {
            uri.push('/');
            uri.push_str(subresource);
            object.insert("subresource".into(), subresource.into());
        }
    }
    let event = json!({
        "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "RequestResponse",
        "auditID": "x", "stage": "ResponseComplete", "verb": verb, "requestURI": uri,
        "user": {"username": user.name, "groups": user.groups}, "objectRef": object,
        "responseStatus": {"code": 200},
        "requestReceivedTimestamp": "2026-01-01T00:00:00.000000Z",
        "stageTimestamp": "2026-01-01T00:00:00.000000Z",
    });
    let mut found = Level::None;
    filter.apply_each(event.to_string().as_bytes(), &mut |line| {
        let event: serde_json::Value = serde_json::from_slice(line.bytes).unwrap_or_default();
        found = match event["level"].as_str() {
            Some("Metadata") => Level::Metadata,
            Some("Request") => Level::Request,
            Some("RequestResponse") => Level::RequestResponse,
            _ => Level::None,
        };
    });
    found
}
