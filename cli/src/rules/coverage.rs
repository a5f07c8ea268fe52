//! `auditweir rules coverage`: which rules a Kubernetes audit policy lets tell.
//!
//! The policy is asked, by the filter that would apply it, at which level it records the requests
//! that a rule is about, made by a person, a service account and a node in two namespaces.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::Path;
use std::sync::Arc;

use anstyle::{AnsiColor, Style};
use auditweir::policy::Level;
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

/// Who asks: name and groups.
const USERS: &[(&str, &[&str])] = &[
    ("jane", &["system:authenticated"]),
    (
        "system:serviceaccount:shop:app",
        &["system:serviceaccounts", "system:serviceaccounts:shop", "system:authenticated"],
    ),
    ("system:node:worker-1", &["system:nodes", "system:authenticated"]),
];

/// Runs the command.
pub(super) fn coverage(file: &Path, rules: &Rules, json: bool) -> Result<Exit, Error> {
    let policy = setup::audit_policy(file)?;
    let mut filter = Filter::new(Arc::new(policy), Format::Native);
    let mut known = BTreeMap::new();
    let mut out = anstream::stdout().lock();
    let mut counts = [0; 3];
    for rule in rules.telling() {
        let (mut can, mut all, mut example) = (0, 0, String::new());
        for request in requests(rule) {
            let level =
                *known.entry(request.clone()).or_insert_with(|| level(&mut filter, &request));
            all += 1;
            if level >= rule.needs.level {
                can += 1;
            } else if example.is_empty() {
                let Request { verb, resource, user, .. } = &request;
                example = format!("{verb} {resource} by {user} is recorded at {}", level.name());
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
struct Request {
    verb: String,
    resource: String,
    subresource: String,
    namespace: &'static str,
    user: &'static str,
    groups: &'static [&'static str],
}

fn requests(rule: &Rule) -> impl Iterator<Item = Request> {
    let or = |names: &[String], others: &[&str]| -> Vec<String> {
        let others = || others.iter().map(|name| (*name).to_owned()).collect();
        if names.is_empty() { others() } else { names.to_vec() }
    };
    let verbs = or(&rule.asks.verbs, &["get", "create"]);
    let resources = or(&rule.asks.resources, &["pods", "secrets", "configmaps"]);
    let subresources = or(&rule.asks.subresources, &[""]);
    let mut all = Vec::new();
    for verb in &verbs {
        for resource in &resources {
            for subresource in &subresources {
                for namespace in ["shop", "kube-system"] {
                    for (user, groups) in USERS {
                        all.push(Request {
                            verb: verb.clone(),
                            resource: resource.clone(),
                            subresource: subresource.clone(),
                            namespace,
                            user,
                            groups,
                        });
                    }
                }
            }
        }
    }
    all.into_iter()
}

/// The API group of a resource; `""` for the core group and for what nobody knows.
pub(crate) fn group(resource: &str) -> &'static str {
    GROUPS.iter().find(|(_, names)| names.contains(&resource)).map_or("", |(group, _)| group)
}

/// The level at which the policy records a request.
fn level(filter: &mut Filter, request: &Request) -> Level {
    let Request { verb, resource, subresource, namespace, user, groups } = request;
    let group = group(resource);
    let mut object = serde_json::Map::new();
    let mut uri = if group.is_empty() { "/api/v1".into() } else { format!("/apis/{group}/v1") };
    if !CLUSTER_WIDE.contains(&&**resource) {
        uri.push_str("/namespaces/");
        uri.push_str(namespace);
        object.insert("namespace".into(), (*namespace).into());
    }
    if !resource.is_empty() {
        uri.push('/');
        uri.push_str(resource);
        object.insert("resource".into(), resource.clone().into());
        object.insert("apiVersion".into(), "v1".into());
        if !group.is_empty() {
            object.insert("apiGroup".into(), group.into());
        }
        if !matches!(&**verb, "list" | "watch" | "deletecollection" | "create")
            || !subresource.is_empty()
        {
            uri.push_str("/x");
            object.insert("name".into(), "x".into());
        }
        if !subresource.is_empty() {
            uri.push('/');
            uri.push_str(subresource);
            object.insert("subresource".into(), subresource.clone().into());
        }
    }
    let event = json!({
        "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "RequestResponse",
        "auditID": "x", "stage": "ResponseComplete", "verb": verb, "requestURI": uri,
        "user": {"username": user, "groups": groups}, "objectRef": object,
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
