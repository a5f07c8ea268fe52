//! `otel`: one OTLP-JSON export request per event, with one log record in it.
//!
//! Attributes bear the names of the OpenTelemetry semantic conventions 1.44 where there is one;
//! the conventions have none for audit events, so the rest stands under `k8s.audit`. The body is
//! the event as redacted, one JSON text: a map would not keep its numbers, double members and key
//! order, and many exporters turn maps into text anyway. Attribute names are listed in
//! [`crate::names`].

use super::line::{Line, Mark};
use super::origin::Origin;
use super::{Constants, Emission, Emitter, Stub, native, promoted, sentence};
use crate::enrich::text::Text;
use crate::enrich::{Decision, Facts, Outcome, intact};
use crate::event::Slot;
use crate::policy::Bodies;
use crate::scan::key::Key;
use crate::text::decimal;
use crate::text::escape;
use crate::unwrap::{Fact, Provider};

/// Most items of a list that clients can lengthen.
const LIST: usize = 32;
/// Most receipts whose rules are named.
const RECEIPTS: usize = 64;
/// Most characters of one part of a text that is put together.
const PART: usize = 512;

/// What begins the line of every event.
const EVENT: &[u8] =
    b"{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"eventName\":\"k8s.audit\",";
/// What begins the line of every stub.
pub(super) const STUB: &[u8] =
    b"{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"eventName\":\"k8s.audit.stub\",";
/// What follows the attributes of the one record, up to those of the resource.
const SCOPE: &[u8] = concat!(
    "}],\"scope\":{\"name\":\"auditweir\",\"version\":\"",
    env!("CARGO_PKG_VERSION"),
    "\"},\"schemaUrl\":\"https://opentelemetry.io/schemas/1.44.0\"}],",
    "\"schemaUrl\":\"https://opentelemetry.io/schemas/1.44.0\",\"resource\":{\"attributes\":["
)
.as_bytes();
/// The attribute of every resource, and the end of the line.
const END: &[u8] =
    b"{\"key\":\"service.name\",\"value\":{\"stringValue\":\"kube-apiserver\"}}]}}]}";

/// The beginning of an attribute up to its value, by type.
macro_rules! key {
    (text $name:literal) => {
        concat!("{\"key\":\"", $name, "\",\"value\":{\"stringValue\":\"").as_bytes()
    };
    (number $name:literal) => {
        concat!("{\"key\":\"", $name, "\",\"value\":{\"intValue\":\"").as_bytes()
    };
    (flag $name:literal) => {
        concat!("{\"key\":\"", $name, "\",\"value\":{\"boolValue\":").as_bytes()
    };
    (list $name:literal) => {
        concat!("{\"key\":\"", $name, "\",\"value\":{\"arrayValue\":{\"values\":[").as_bytes()
    };
}

/// See the module.
#[derive(Default)]
pub(crate) struct Otel {
    text: Vec<u8>,
}

impl Emitter for Otel {
    const NAME: &'static str = "otel";

    fn event(&mut self, emission: &Emission<'_>, facts: &Facts<'_>, out: &mut Vec<u8>) {
        let raw = emission.event.raw();
        out.reserve(raw.len() + raw.len() / 4 + 4096);
        let most = emission.output.max_text as usize;
        let mut record = Record { emission, facts, line: Line { out, most }, text: &mut self.text };
        record.head();
        record.request();
        record.user();
        record.object();
        record.verdict();
        record.found();
        record.tables();
        record.redaction();
        record.line.out.pop();
        record.line.put(b"]");
        record.resource();
        record.line.put(b"\n");
    }

    /// The stub as a log record; its body is the `native` stub.
    fn stub(&mut self, stub: &Stub<'_>, _: &Constants, out: &mut Vec<u8>) {
        out.extend_from_slice(STUB);
        let mut line = Line { out, most: usize::MAX };
        if let Some(nanos) = stub.time().and_then(crate::enrich::Timestamp::unix_nanos) {
            line.put(b"\"timeUnixNano\":\"");
            decimal(nanos, line.out);
            line.put(b"\",");
        }
        line.put(b"\"severityNumber\":13,\"severityText\":\"WARN\",\"body\":{\"stringValue\":\"");
        self.text.clear();
        native::line(stub, &mut self.text);
        escape(&self.text, line.out);
        line.put(b"\"},\"attributes\":[");
        for (key, text) in [
            (key!(text "log.record.uid"), Some(&stub.id[..])),
            (key!(text "k8s.audit.id"), stub.audit_id()),
            (key!(text "k8s.audit.stage"), stub.stage()),
            (key!(text "k8s.audit.level"), stub.level()),
            (key!(text "k8s.audit.verb"), stub.verb()),
            (key!(text "k8s.audit.stub.reason"), Some(stub.reason.as_bytes())),
        ] {
            if let Some(text) = text {
                line.put(key);
                line.put(text);
                line.put(b"\"}},");
            }
        }
        line.put(key!(number "k8s.audit.stub.bytes"));
        decimal(stub.bytes as u64, line.out);
        line.put(b"\"}},");
        if let Some(offset) = stub.offset {
            line.put(key!(number "k8s.audit.stub.offset"));
            decimal(u64::from(offset), line.out);
            line.put(b"\"}},");
        }
        if stub.rejected {
            line.put(key!(flag "k8s.audit.stub.rejected"));
            line.put(b"true}},");
        }
        line.out.pop();
        line.put(b"]");
        line.put(SCOPE);
        let provider = stub.fact(Fact::Provider).and_then(Provider::of_code);
        for (key, text) in [
            (key!(text "k8s.cluster.name"), stub.fact(Fact::ClusterName)),
            (key!(text "k8s.cluster.uid"), stub.fact(Fact::ClusterId)),
            (key!(text "cloud.provider"), stub.fact(Fact::Provider)),
            (key!(text "cloud.platform"), provider.map(|provider| provider.otel_platform)),
            (key!(text "cloud.account.id"), stub.fact(Fact::Account).or(stub.fact(Fact::Project))),
            (key!(text "cloud.region"), stub.fact(Fact::Region)),
        ] {
            if let Some(text) = text {
                line.put(key);
                line.put(text);
                line.put(b"\"}},");
            }
        }
        line.put(END);
        line.put(b"\n");
    }

    fn shrink(&mut self) {
        if self.text.capacity() > 1 << 20 {
            *self = Self::default();
        }
    }
}

struct Record<'s, 'e, 'o> {
    emission: &'s Emission<'e>,
    facts: &'s Facts<'e>,
    line: Line<'o>,
    text: &'s mut Vec<u8>,
}

/// Attribute keys of a resource that the conventions have names for.
fn named(group: &[u8], resource: &[u8]) -> Option<(&'static [u8], &'static [u8])> {
    macro_rules! names {
        ($kind:literal) => {
            Some((
                concat!("{\"key\":\"", $kind, ".name\",\"value\":{\"stringValue\":\"").as_bytes(),
                concat!("{\"key\":\"", $kind, ".uid\",\"value\":{\"stringValue\":\"").as_bytes(),
            ))
        };
    }
    match (group, resource) {
        (b"", b"pods") => names!("k8s.pod"),
        (b"", b"nodes") => names!("k8s.node"),
        (b"", b"services") => names!("k8s.service"),
        (b"", b"replicationcontrollers") => names!("k8s.replicationcontroller"),
        (b"", b"resourcequotas") => names!("k8s.resourcequota"),
        (b"", b"persistentvolumes") => names!("k8s.persistentvolume"),
        (b"", b"persistentvolumeclaims") => names!("k8s.persistentvolumeclaim"),
        (b"apps", b"deployments") => names!("k8s.deployment"),
        (b"apps", b"replicasets") => names!("k8s.replicaset"),
        (b"apps", b"statefulsets") => names!("k8s.statefulset"),
        (b"apps", b"daemonsets") => names!("k8s.daemonset"),
        (b"batch", b"jobs") => names!("k8s.job"),
        (b"batch", b"cronjobs") => names!("k8s.cronjob"),
        (b"autoscaling", b"horizontalpodautoscalers") => names!("k8s.hpa"),
        _ => None,
    }
}

impl Record<'_, '_, '_> {
    /// A text attribute, unless empty.
    fn text(&mut self, key: &'static [u8], text: Text<'_>) {
        if !text.is_empty() {
            self.line.put(key);
            self.line.inside(text);
            self.line.put(b"\"}},");
        }
    }

    fn some(&mut self, key: &'static [u8], text: Option<Text<'_>>) {
        if let Some(text) = text {
            self.text(key, text);
        }
    }

    fn number(&mut self, key: &'static [u8], number: u64) {
        self.line.put(key);
        decimal(number, self.line.out);
        self.line.put(b"\"}},");
    }

    fn flag(&mut self, key: &'static [u8], flag: bool) {
        self.line.put(key);
        self.line.put(if flag { b"true}}," } else { b"false}}," });
    }

    /// The text in a slot that no fact was made of.
    fn slot(&mut self, key: &'static [u8], slot: Slot) {
        let Some(value) = self.emission.event.get(slot) else { return };
        let mut text = std::mem::take(self.text);
        if let Some(raw) = self.emission.inside(value, &mut text) {
            self.text(key, Text::fixed(raw));
        }
        *self.text = text;
    }

    fn item(&mut self, text: Text<'_>) {
        if !text.is_empty() {
            self.line.put(b"{\"stringValue\":\"");
            self.line.inside(text);
            self.line.put(b"\"},");
        }
    }

    /// Ends a list; an empty one vanishes.
    fn close(&mut self, list: Mark) {
        if self.line.end_list(list) {
            self.line.put(b"}}},");
        }
    }

    /// The texts of a list, bounded.
    fn items(&mut self, slot: Slot) {
        let Some(list) = intact(self.emission, slot) else { return };
        let mut text = std::mem::take(self.text);
        for item in list.items().take(LIST) {
            if let Some(raw) = self.emission.inside(item, &mut text) {
                self.item(Text::fixed(raw));
            }
        }
        *self.text = text;
    }

    fn head(&mut self) {
        let (emission, facts) = (self.emission, self.facts);
        self.line.put(EVENT);
        if let Some(nanos) = emission.time.and_then(crate::enrich::Timestamp::unix_nanos) {
            self.line.put(b"\"timeUnixNano\":\"");
            decimal(nanos, self.line.out);
            self.line.put(b"\",");
        }
        let denied = facts.decision == Decision::Forbid || matches!(facts.code, 401 | 403);
        self.line.put(if facts.denied_by == Some(b"server") {
            b"\"severityNumber\":17,\"severityText\":\"ERROR\","
        } else if denied {
            b"\"severityNumber\":13,\"severityText\":\"WARN\","
        } else {
            b"\"severityNumber\":9,\"severityText\":\"INFO\","
        });
        self.body();
        self.line.put(b"\"attributes\":[");
        self.text(key!(text "log.record.uid"), Text::fixed(emission.id));
        self.some(key!(text "k8s.audit.id"), facts.audit_id);
        self.some(key!(text "k8s.audit.stage"), facts.stage_text);
        self.slot(key!(text "k8s.audit.level"), Slot::Level);
        self.slot(key!(text "k8s.audit.api_version"), Slot::ApiVersion);
        self.slot(
            key!(text "k8s.audit.request_received_timestamp"),
            Slot::RequestReceivedTimestamp,
        );
        if let Some(nanos) = facts.duration {
            self.line.put(b"{\"key\":\"k8s.audit.duration\",\"value\":{\"doubleValue\":");
            decimal(nanos / 1_000_000_000, self.line.out);
            self.line.put(b".");
            let from = self.line.out.len();
            decimal(1_000_000_000 + nanos % 1_000_000_000, self.line.out);
            // the leading one kept the zeros
            self.line.out.remove(from);
            self.line.put(b"}},");
        }
    }

    /// `body`: the event, less bodies that the policy does not want.
    fn body(&mut self) {
        let (emission, settings) = (self.emission, self.emission.output);
        let root = emission.event.doc.at(emission.event.root);
        let large = |slot| {
            emission.event.get(slot).is_some_and(|body| {
                let node = body.node();
                settings.bodies == Bodies::None || node.end - node.start > settings.max_body
            })
        };
        self.text.clear();
        if large(Slot::RequestObject) || large(Slot::ResponseObject) {
            self.text.push(b'{');
            for (key, value) in root.members() {
                let body = matches!(key.key(), Key::RequestObject | Key::ResponseObject);
                let node = value.node();
                if !emission.has(key, value) || body && settings.bodies == Bodies::None {
                    continue;
                }
                if body && node.end - node.start > settings.max_body {
                    emission.copy(key.node().start, key.node().end, self.text);
                    let (src, edits) = (emission.event.doc.src, &emission.redactor.edits);
                    let mut bytes = 0;
                    edits.pieces(src, node.start, node.end, |piece| bytes += piece.len());
                    self.text.extend_from_slice(b":{\"cut\":{\"bytes\":");
                    decimal(bytes as u64, self.text);
                    self.text.extend_from_slice(b",\"id\":\"");
                    let id = emission.identity.document(src, node.start, node.end, edits);
                    self.text.extend_from_slice(&id);
                    self.text.extend_from_slice(b"\"}}");
                } else {
                    emission.copy(key.node().start, node.end, self.text);
                }
                self.text.push(b',');
            }
            if self.text.last() == Some(&b',') {
                self.text.pop();
            }
            self.text.push(b'}');
        } else {
            let node = root.node();
            emission.copy(node.start, node.end, self.text);
        }
        super::join_lines(emission.event.raw(), self.text);
        self.line.put(b"\"body\":{\"stringValue\":\"");
        escape(self.text, self.line.out);
        self.line.put(b"\"},");
    }

    fn request(&mut self) {
        let facts = self.facts;
        self.some(key!(text "k8s.audit.verb"), facts.verb);
        if let Some(method) = facts.act.method() {
            self.text(key!(text "http.request.method"), Text::fixed(method));
        }
        if facts.code != 0 {
            self.number(key!(number "http.response.status_code"), u64::from(facts.code));
        }
        if let Some(text) = facts.request_uri
            && let Some(uri) = facts.uri
        {
            self.text(key!(text "url.original"), text);
            self.text(key!(text "url.path"), uri.path);
            self.text(key!(text "url.query"), uri.query);
        }
        self.some(key!(text "source.address"), facts.peer);
        self.some(key!(text "network.peer.address"), facts.peer);
        self.some(key!(text "client.address"), facts.claimed.or(facts.peer));
        if facts.claimed.is_some() {
            self.flag(key!(flag "k8s.audit.client_address_trusted"), false);
        }
        if let Some(text) = facts.user_agent
            && let Some(agent) = facts.agent
        {
            self.text(key!(text "user_agent.original"), text);
            self.text(key!(text "user_agent.name"), agent.name);
            self.text(key!(text "user_agent.version"), agent.version);
            self.text(key!(text "user_agent.os.name"), agent.os);
            self.text(key!(text "k8s.audit.client.arch"), agent.arch);
            self.text(key!(text "k8s.audit.client.component"), agent.component);
        }
    }

    fn user(&mut self) {
        let facts = self.facts;
        let actor = facts.actor;
        self.some(key!(text "user.name"), facts.username);
        self.some(key!(text "user.id"), facts.user_id);
        let roles = self.line.open(key!(list "user.roles"));
        self.items(Slot::UserGroups);
        if let Some(rbac) = facts.rbac {
            self.item(Text::fixed(rbac.role));
        }
        self.close(roles);
        if actor.service_account.is_none() {
            self.some(key!(text "user.email"), actor.email.map(|(address, _)| address));
        }
        self.some(key!(text "user.full_name"), facts.session);
        self.text(key!(text "k8s.audit.user.type"), Text::fixed(actor.kind.text()));
        if let Some((namespace, name)) = actor.service_account {
            self.text(key!(text "k8s.audit.user.service_account.namespace"), namespace);
            self.text(key!(text "k8s.audit.user.service_account.name"), name);
        }
        self.some(key!(text "k8s.audit.user.pod"), facts.pod);
        self.some(key!(text "k8s.audit.user.node"), actor.node.or(facts.node));
        self.some(key!(text "k8s.audit.impersonated_user.name"), facts.effective_name);
        self.some(key!(text "k8s.audit.impersonated_user.id"), facts.effective_id);
        let groups = self.line.open(key!(list "k8s.audit.impersonated_user.groups"));
        self.items(Slot::ImpersonatedGroups);
        self.close(groups);
    }

    fn object(&mut self) {
        let facts = self.facts;
        let namespace = facts.namespace.filter(|namespace| !namespace.is_empty());
        let core = facts.act.group.is_empty();
        let itself = core && facts.act.resource == b"namespaces";
        self.some(
            key!(text "k8s.namespace.name"),
            namespace.or(if itself { facts.name } else { None }),
        );
        if let Some((name, uid)) = named(facts.act.group, facts.act.resource) {
            self.some(name, facts.name);
            self.some(uid, facts.object_uid);
        }
        self.some(key!(text "k8s.audit.object_ref.resource"), facts.resource);
        self.some(key!(text "k8s.audit.object_ref.subresource"), facts.subresource);
        self.some(key!(text "k8s.audit.object_ref.namespace"), facts.namespace);
        self.some(key!(text "k8s.audit.object_ref.name"), facts.name);
        self.some(key!(text "k8s.audit.object_ref.uid"), facts.object_uid);
        self.some(key!(text "k8s.audit.object_ref.api_group"), facts.api_group);
        self.some(key!(text "k8s.audit.object_ref.api_version"), facts.api_version);
        self.slot(key!(text "k8s.audit.object_ref.resource_version"), Slot::ResourceVersion);
    }

    fn verdict(&mut self) {
        let facts = self.facts;
        self.text(key!(text "k8s.audit.outcome"), Text::fixed(facts.outcome.text()));
        if let Some(who) = facts.denied_by {
            self.text(key!(text "k8s.audit.denied_by"), Text::fixed(who));
        }
        if facts.outcome == Outcome::Failure {
            match facts.status_reason.filter(|reason| !reason.is_empty()) {
                Some(reason) => self.text(key!(text "error.type"), reason),
                None if facts.code != 0 => {
                    self.line.put(key!(text "error.type"));
                    decimal(u64::from(facts.code), self.line.out);
                    self.line.put(b"\"}},");
                }
                None => self.text(key!(text "error.type"), Text::fixed(b"_OTHER")),
            }
        }
        self.some(key!(text "k8s.audit.response.message"), facts.status_message);
        match facts.decision {
            Decision::Allow => {
                self.text(key!(text "k8s.audit.authorization.decision"), Text::fixed(b"allow"));
            }
            Decision::Forbid => {
                self.text(key!(text "k8s.audit.authorization.decision"), Text::fixed(b"forbid"));
            }
            Decision::None => {}
        }
        self.some(key!(text "k8s.audit.authorization.reason"), facts.reason);
        if let Some(rbac) = facts.rbac {
            for (key, kind, namespace, name) in [
                (
                    key!(text "k8s.audit.authorization.binding"),
                    rbac.binding_kind,
                    rbac.binding_namespace,
                    rbac.binding,
                ),
                (key!(text "k8s.audit.authorization.role"), rbac.role_kind, b"", rbac.role),
                (
                    key!(text "k8s.audit.authorization.subject"),
                    rbac.subject_kind,
                    rbac.subject_namespace,
                    rbac.subject,
                ),
            ] {
                self.line.put(key);
                for (at, part) in [kind, namespace, name].into_iter().enumerate() {
                    if !part.is_empty() {
                        self.line.put(if at > 0 { b"/" } else { b"" });
                        self.line.inside_short(Text::fixed(part), PART);
                    }
                }
                self.line.put(b"\"}},");
            }
        }
    }

    /// What is found in URI, bodies and annotations.
    fn found(&mut self) {
        let (emission, facts) = (self.emission, self.facts);
        if let Some(exec) = facts.exec {
            let arguments = self.line.open(key!(list "process.command_args"));
            for argument in exec.arguments() {
                self.item(Text { bytes: argument, ready: false });
            }
            self.close(arguments);
            if exec.arguments().next().is_some() {
                self.line.put(key!(text "process.command_line"));
                sentence::command(exec, &mut self.line);
                self.line.put(b"\"}},");
            }
            self.text(
                key!(text "k8s.audit.exec.container"),
                Text { bytes: exec.container(), ready: false },
            );
            self.flag(key!(flag "k8s.audit.exec.stdin"), exec.stdin);
            self.flag(key!(flag "k8s.audit.exec.tty"), exec.tty);
        }
        let names = self.line.open(key!(list "k8s.audit.images"));
        let mut images = facts.images.iter();
        let first = images.next();
        for image in first.into_iter().chain(images) {
            self.item(image.name);
        }
        self.close(names);
        // the conventions describe one container
        if let Some(image) = first
            && facts.images.iter().nth(1).is_none()
        {
            self.text(key!(text "container.image.name"), image.name);
            let tags = self.line.open(key!(list "container.image.tags"));
            self.item(image.tag);
            self.close(tags);
            let digests = self.line.open(key!(list "container.image.repo_digests"));
            if !image.digest.is_empty() {
                self.line.put(b"{\"stringValue\":\"");
                self.line.inside_short(image.name, PART);
                self.line.put(b"@");
                self.line.inside_short(image.digest, PART);
                self.line.put(b"\"},");
            }
            self.close(digests);
        }
        if facts.latency {
            let line = &mut self.line;
            promoted::latencies(emission, |layer, milliseconds| {
                line.put(b"{\"key\":\"k8s.audit.latency.");
                // `"layer":` without its quotes and colon
                line.put(&layer[1..layer.len() - 2]);
                line.put(b"\",\"value\":{\"intValue\":\"");
                decimal(milliseconds, line.out);
                line.put(b"\"}},");
            });
        }
        if facts.admission {
            let mut text = std::mem::take(self.text);
            let list = self.line.open(key!(list "k8s.audit.admission.webhooks"));
            let (mutated, failed) = promoted::webhooks(emission, &mut text, |name| self.item(name));
            self.close(list);
            *self.text = text;
            if mutated {
                self.flag(key!(flag "k8s.audit.admission.mutated"), true);
            }
            if failed {
                self.flag(key!(flag "k8s.audit.admission.failed_open"), true);
            }
        }
        if facts.deprecated {
            self.flag(key!(flag "k8s.audit.deprecated"), true);
        }
        if !emission.timed {
            self.flag(key!(flag "k8s.audit.no_timestamp"), true);
        }
        if emission.envelope.contradicted() {
            self.flag(key!(flag "k8s.audit.contradicted"), true);
        }
        if facts.truncated || emission.envelope.cut() {
            self.flag(key!(flag "k8s.audit.truncated"), true);
        }
    }

    /// What the policy's tables know.
    fn tables(&mut self) {
        let (emission, facts) = (self.emission, self.facts);
        let tables = emission.tables;
        if tables.is_empty() {
            return;
        }
        if let Some(network) = facts.peer_address.and_then(|address| tables.network(address)) {
            self.text(key!(text "k8s.audit.source_network"), Text::fixed(network));
        }
        self.text.clear();
        tables.look_up(|field| facts.looked_up(field), self.text);
        // members such as `"team":"blue",`
        let mut rest = &self.text[..];
        while let Some((name, after)) = string(rest)
            && let Some((value, after)) = string(&after[1..])
        {
            self.line.put(b"{\"key\":\"k8s.audit.label.");
            self.line.put(name);
            self.line.put(b"\",\"value\":{\"stringValue\":\"");
            self.line.inside(Text::fixed(value));
            self.line.put(b"\"}},");
            rest = &after[1..];
        }
    }

    fn redaction(&mut self) {
        let emission = self.emission;
        let receipts = &emission.redactor.receipts;
        if receipts.is_empty() {
            return;
        }
        let count = u64::from(emission.redactor.count());
        self.number(key!(number "k8s.audit.redaction.count"), count);
        let rules = self.line.open(key!(list "k8s.audit.redaction.rules"));
        for (at, receipt) in receipts.iter().enumerate().take(RECEIPTS) {
            if receipts[..at].iter().all(|earlier| earlier.rule != receipt.rule) {
                self.item(Text::fixed(emission.rules.rule_name(receipt.rule).as_bytes()));
            }
        }
        self.close(rules);
        self.text.clear();
        emission.receipts(self.text);
        self.line.put(key!(text "k8s.audit.redaction.receipts"));
        if let Some(first) = self.text.first_mut() {
            *first = b'{';
        }
        self.text.push(b'}');
        escape(self.text, self.line.out);
        self.line.put(b"\"}},");
    }

    fn resource(&mut self) {
        let origin = Origin::of(self.emission, self.facts);
        self.line.put(SCOPE);
        self.some(key!(text "k8s.cluster.name"), origin.cluster_name);
        self.some(key!(text "k8s.cluster.uid"), origin.cluster_id);
        self.some(key!(text "cloud.provider"), origin.provider);
        let platform =
            Provider::of_platform(origin.platform).map_or(&b""[..], |known| known.otel_platform);
        self.text(key!(text "cloud.platform"), Text::fixed(platform));
        self.some(key!(text "cloud.account.id"), origin.account.or(origin.project));
        self.some(key!(text "cloud.region"), origin.region);
        self.line.put(END);
    }
}

/// The inside of the JSON string that `text` begins with, and what follows it.
fn string(text: &[u8]) -> Option<(&[u8], &[u8])> {
    let inside = text.strip_prefix(b"\"")?;
    let mut at = 0;
    loop {
        at += memchr::memchr2(b'"', b'\\', inside.get(at..)?)?;
        match inside[at] {
            b'"' => return Some((&inside[..at], &inside[at + 1..])),
            _ => at += 2,
        }
    }
}
