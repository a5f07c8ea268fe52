//! Everything that is counted while the events go by, in bounded memory.

use std::collections::BTreeMap;

use auditweir_shell::time;

use super::counts::{Counts, Phase, Requests};
use super::document::{Document, Shared};
use super::plain;
use super::top::Top;
use super::volume::Volume;

/// All counters of a review.
#[derive(Default)]
pub(super) struct Tally {
    /// Events, stubs included.
    pub(super) all: Counts,
    /// Of these, stubs, rejected inputs included.
    pub(super) stubs: Counts,
    /// Documents that could not be read back; there should be none.
    pub(super) unread: u64,
    pub(super) volume: Volume,
    pub(super) levels: BTreeMap<&'static str, Counts>,
    pub(super) stages: BTreeMap<&'static str, Counts>,
    pub(super) verbs: Top,
    pub(super) resources: Top,
    /// By HTTP code, of refused and failed requests.
    pub(super) codes: BTreeMap<u16, Counts>,
    /// By the part of the API server that said no.
    pub(super) denied_by: BTreeMap<&'static str, Counts>,
    /// By user, verb, resource.
    pub(super) refusals: Top,
    /// By kind of session.
    pub(super) session_kinds: BTreeMap<&'static str, Counts>,
    /// By user, kind, target.
    pub(super) sessions: Top,
    /// By verb.
    pub(super) secret_verbs: Top,
    /// By user.
    pub(super) secret_users: Top,
    /// By what was asked for.
    pub(super) secrets: Top,
    /// By user, verb, object.
    pub(super) grants: Top,
    /// By user, impersonated user.
    pub(super) impersonations: Top,
    /// By user.
    pub(super) actors: Top,
    /// By kind of user.
    pub(super) actor_kinds: Top,
    /// By client, version.
    pub(super) clients: Top,
    requests: Requests,
    shared: Shared,
    key: String,
}

/// Words that may be keys of a small table; everything else becomes `other`.
fn known(text: &str, words: &[&'static str]) -> &'static str {
    match words.iter().find(|word| **word == text) {
        Some(word) => word,
        None if text.is_empty() => "none",
        None => "other",
    }
}

const LEVELS: [&str; 3] = ["Metadata", "Request", "RequestResponse"];
const STAGES: [&str; 4] = ["RequestReceived", "ResponseStarted", "ResponseComplete", "Panic"];
const DENIERS: [&str; 8] = [
    "authentication",
    "authorization",
    "admission",
    "quota",
    "conflict",
    "validation",
    "throttling",
    "server",
];
const SESSIONS: [&str; 4] = ["exec", "attach", "portforward", "proxy"];

impl Tally {
    /// Counts one line that `filter` wrote: the ECS document, and its size in the native shape.
    pub(super) fn add(&mut self, line: &[u8], bytes: u64) {
        match serde_json::from_slice::<Document<'_>>(line) {
            Ok(document) if document.auditweir.is_some() => {
                let counts = Counts::unknown(bytes);
                self.all.add(&counts);
                self.stubs.add(&counts);
            }
            Ok(document) => self.event(&document, bytes),
            Err(_) => {
                self.unread += 1;
                self.all.add(&Counts::unknown(bytes));
            }
        }
    }

    fn event(&mut self, document: &Document<'_>, bytes: u64) {
        let audit = &document.kubernetes.audit;
        let of = &document.orchestrator;
        let phase = match &*document.event.code {
            "RequestReceived" => Phase::Received,
            "ResponseStarted" => Phase::Began,
            // Records of platforms that have no stages are of requests that ended.
            _ => Phase::Ended,
        };
        let refused = document.belongs(self.shared.refused);
        let failed = !refused && &*document.event.outcome == "failure";
        let (user, verb): (&str, &str) = (&document.user.name, &document.event.action);
        let (kind, sub): (&str, &str) = (&of.resource.kind, &audit.object.subresource);
        let identity =
            (&*document.event.id, user, verb, kind, sub, &*of.namespace, &*of.resource.name);
        let counts = Counts {
            events: 1,
            bytes,
            refused: refused.into(),
            failed: failed.into(),
            requests: self.requests.is_first(phase, &identity).into(),
        };

        self.all.add(&counts);
        self.volume.add(time::parse(document.time()), &counts);
        self.levels.entry(known(&audit.level, &LEVELS)).or_default().add(&counts);
        self.stages.entry(known(&document.event.code, &STAGES)).or_default().add(&counts);
        self.put(|tally| &mut tally.verbs, &[or(verb, "(no verb)")], &counts);
        let resource = match sub {
            "" => or(kind, "(no resource)").to_owned(),
            sub => format!("{kind}/{sub}"),
        };
        self.put(|tally| &mut tally.resources, &[&resource, &audit.object.group], &counts);
        let user = or(user, "(no user)");
        self.put(|tally| &mut tally.actors, &[user], &counts);
        self.put(|tally| &mut tally.actor_kinds, &[or(&audit.user.kind, "unknown")], &counts);
        let agent = &document.user_agent;
        let client = or(or(&agent.name, &agent.original), "(no user agent)");
        self.put(|tally| &mut tally.clients, &[client, &agent.version], &counts);

        if refused || failed {
            self.codes.entry(code(document.http.response.status_code)).or_default().add(&counts);
            self.denied_by.entry(known(&audit.denied_by, &DENIERS)).or_default().add(&counts);
        }
        if refused {
            self.put(|tally| &mut tally.refusals, &[user, verb, &resource], &counts);
        }
        if phase == Phase::Received {
            return;
        }
        if document.belongs(self.shared.impersonation) {
            let effective: &str = &document.user.effective.name;
            self.put(|tally| &mut tally.impersonations, &[user, effective], &counts);
        }
        let place = target(&of.namespace, &of.resource.name);
        if document.belongs(self.shared.sessions) {
            let kind = known(sub, &SESSIONS);
            self.session_kinds.entry(kind).or_default().add(&counts);
            self.put(|tally| &mut tally.sessions, &[user, kind, &place], &counts);
        }
        if document.belongs(self.shared.secrets) {
            self.put(|tally| &mut tally.secret_verbs, &[verb], &counts);
            self.put(|tally| &mut tally.secret_users, &[user], &counts);
            self.put(|tally| &mut tally.secrets, &[&place], &counts);
        }
        if document.belongs(self.shared.rbac) {
            let what = format!("{resource} {place}");
            self.put(|tally| &mut tally.grants, &[user, verb, &what], &counts);
        }
    }

    /// Counts in a list under a name of several parts.
    fn put(&mut self, list: fn(&mut Self) -> &mut Top, parts: &[&str], counts: &Counts) {
        let mut key = std::mem::take(&mut self.key);
        key.clear();
        for (at, part) in parts.iter().enumerate() {
            if at > 0 {
                key.push('\n');
            }
            plain::push(part, &mut key);
        }
        list(self).add(&key, counts);
        self.key = key;
    }
}

fn or<'a>(text: &'a str, otherwise: &'a str) -> &'a str {
    if text.is_empty() { otherwise } else { text }
}

/// HTTP codes as they are; what is none, together.
fn code(code: u16) -> u16 {
    if (100..600).contains(&code) { code } else { 0 }
}

/// `NAMESPACE/NAME`, or what a request without a name was for.
fn target(namespace: &str, name: &str) -> String {
    match (namespace, name) {
        ("", "") => "all namespaces".into(),
        ("", name) => name.into(),
        (namespace, "") => format!("all of {namespace}"),
        (namespace, name) => format!("{namespace}/{name}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tally(lines: &[&str]) -> Tally {
        let mut tally = Tally::default();
        for line in lines {
            tally.add(line.as_bytes(), 100);
        }
        tally
    }

    #[test]
    fn panels_take_what_is_theirs() {
        let tally = tally(&[
            r#"{"event":{"action":"list","type":["denied"],"outcome":"failure","code":"ResponseComplete"},
                "http":{"response":{"status_code":403}},"user":{"name":"eve"},
                "orchestrator":{"resource":{"type":"secrets"}},
                "kubernetes":{"audit":{"level":"Metadata","denied_by":"authorization"}}}"#,
            r#"{"event":{"action":"create","code":"ResponseStarted"},"user":{"name":"eve","effective":{"name":"root"}},
                "orchestrator":{"namespace":"a","resource":{"type":"pods","name":"b"}},
                "kubernetes":{"audit":{"objectRef":{"subresource":"exec"}}}}"#,
            r#"{"event":{"action":"create","code":"ResponseComplete"},"user":{"name":"eve"},
                "orchestrator":{"namespace":"a","resource":{"type":"roles","name":"b"}},
                "kubernetes":{"audit":{"objectRef":{"apiGroup":"rbac.authorization.k8s.io"}}}}"#,
            r#"{"event":{"reason":"x"},"tags":["stub"],"auditweir":{"stub":"x"}}"#,
            "no JSON",
        ]);
        assert_eq!((tally.all.events, tally.all.bytes), (5, 500));
        assert_eq!((tally.stubs.events, tally.unread), (1, 1));
        assert_eq!((tally.all.refused, tally.all.failed), (1, 0));
        assert_eq!(tally.codes[&403].refused, 1);
        assert_eq!(tally.denied_by["authorization"].events, 1);
        assert_eq!(tally.session_kinds["exec"].requests, 1);
        let name = |top: &Top| top.first(1, |counts| counts.events)[0].name.to_string();
        assert_eq!(name(&tally.secrets), "all namespaces");
        assert_eq!(name(&tally.sessions), "eve\nexec\na/b");
        assert_eq!(name(&tally.grants), "eve\ncreate\nroles a/b");
        assert_eq!(name(&tally.actors), "eve");
        assert_eq!(tally.impersonations.total.requests, 1);
    }
}
