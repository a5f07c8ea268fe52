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
use super::resources::{groups, is_namespaced, targets, verbs};
use crate::exit::{Error, Exit};
use crate::setup;

const ALWAYS: Style = AnsiColor::Green.on_default();
const SOMETIMES: Style = AnsiColor::Yellow.on_default();
const NEVER: Style = AnsiColor::Red.on_default();

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
    // What is of a group that nobody knows may be of any.
    let named = asked.iter().flat_map(|rule| &rule.resources).map(|of| of.group.clone());
    let policy_groups: BTreeSet<String> = named.chain([String::new()]).collect();
    let mut filter = Filter::new(Arc::new(policy), Format::Native);
    let mut known = BTreeMap::new();
    let mut out = anstream::stdout().lock();
    let mut counts = [0; 3];
    for rule in rules.telling() {
        let (mut can, mut all, mut part, mut example) = (0, 0, false, String::new());
        for request in requests(rule, &users, &namespaces, &policy_groups) {
            let level =
                *known.entry(request.clone()).or_insert_with(|| level(&mut filter, &request));
            all += 1;
            let needed = rule.level_for(request.verb);
            can += u32::from(level >= needed);
            part |= level >= rule.needs.level;
            if level < needed && example.is_empty() {
                example = format!("{request} is {}", recorded(&mut filter, &request, level));
            }
        }
        let (at, word, style) = match can {
            0 if !part => (0, "never", NEVER),
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
    group: &'a str,
    resource: &'a str,
    subresource: &'a str,
    namespace: &'a str,
    user: &'a User,
}

impl fmt::Display for Request<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Self { verb, group, resource, subresource, namespace, user } = self;
        let slash = if subresource.is_empty() { "" } else { "/" };
        write!(f, "{verb} {resource}{slash}{subresource}")?;
        if group.contains('.') && !group.ends_with(".k8s.io") {
            write!(f, " of {group}")?;
        }
        if is_namespaced(resource) {
            write!(f, " in {namespace}")?;
        }
        write!(f, " by {}", user.name)?;
        match &*user.groups {
            [group, _] => write!(f, " of {group}"),
            _ => Ok(()),
        }
    }
}

fn requests<'a>(
    rule: &'a Rule,
    users: &'a BTreeSet<User>,
    namespaces: &'a BTreeSet<String>,
    policy_groups: &'a BTreeSet<String>,
) -> Vec<Request<'a>> {
    let mut all = Vec::new();
    for verb in verbs(rule) {
        for (resource, subresource) in targets(rule) {
            let mut groups = groups(rule, resource);
            if groups.is_empty() {
                groups = policy_groups.iter().map(String::as_str).collect();
            }
            for group in groups {
                for namespace in namespaces {
                    for user in users {
                        all.push(Request { verb, group, resource, subresource, namespace, user });
                    }
                }
            }
        }
    }
    all
}

/// The level at which the policy records how a request ends. Of what goes on for long, that it began
/// says as much.
fn level(filter: &mut Filter, request: &Request<'_>) -> Level {
    let ends = level_at(filter, request, "ResponseComplete");
    let is_long = request.verb == "watch"
        || ["exec", "attach", "portforward", "proxy"].contains(&request.subresource);
    if is_long { ends.max(level_at(filter, request, "ResponseStarted")) } else { ends }
}

/// How a request is recorded, in words.
fn recorded(filter: &mut Filter, request: &Request<'_>, level: Level) -> String {
    match level {
        Level::None if level_at(filter, request, "RequestReceived") > Level::None => {
            "not recorded when it ends, by omitStages".into()
        }
        Level::None => "not recorded".into(),
        level => format!("recorded at {}", level.name()),
    }
}

/// The level at which the policy records one stage of a request.
fn level_at(filter: &mut Filter, request: &Request<'_>, stage: &str) -> Level {
    let Request { verb, group, resource, subresource, namespace, user } = *request;
    let mut object = serde_json::Map::new();
    let mut uri = if group.is_empty() { "/api/v1".into() } else { format!("/apis/{group}/v1") };
    if is_namespaced(resource) {
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
        "auditID": "x", "stage": stage, "verb": verb, "requestURI": uri,
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
