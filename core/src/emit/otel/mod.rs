//! `otel`: one OTLP-JSON export request per event, with one log record in it.
//!
//! Attributes bear the names of the OpenTelemetry semantic conventions 1.44 where there is one;
//! the conventions have none for audit events, so the rest stands under `k8s.audit`. The body is
//! the event as redacted, one JSON text: a map would not keep its numbers, double members and key
//! order, and many exporters turn maps into text anyway.

mod verdict;

use super::document::{Document, Shape};
use super::fields::Each;
use super::layout::{Doc, Keys, List, Parts, Placed, Slashes, Value, layout};
use super::line::Line;
use super::stub::StubDocument;
use super::{Emission, Emitter, PART, Stub, join_lines, native, sentence};
use crate::enrich::text::Text;
use crate::enrich::{Facts, Timestamp, has_item};
use crate::event::Slot;
use crate::policy::Bodies;
use crate::scan::key::Key;
use crate::text::{decimal, escape, quoted};
use crate::unwrap::Provider;

/// What begins the line of every event.
const EVENT: &[u8] =
    b"{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"eventName\":\"k8s.audit\",";
/// What begins the line of every stub.
const STUB: &[u8] =
    b"{\"resourceLogs\":[{\"scopeLogs\":[{\"logRecords\":[{\"eventName\":\"k8s.audit.stub\",";
/// The severity of every stub, up to the text of its body.
const WARNING: &[u8] =
    b"\"severityNumber\":13,\"severityText\":\"WARN\",\"body\":{\"stringValue\":\"";
/// What follows the attributes of the one record, up to those of the resource.
const SCOPE: &[u8] = concat!(
    "]}],\"scope\":{\"name\":\"auditweir\",\"version\":\"",
    env!("CARGO_PKG_VERSION"),
    "\"},\"schemaUrl\":\"https://opentelemetry.io/schemas/1.44.0\"}],",
    "\"schemaUrl\":\"https://opentelemetry.io/schemas/1.44.0\",\"resource\":{\"attributes\":["
)
.as_bytes();
/// The attribute of every resource, and the end of the line.
const END: &[u8] =
    b"{\"key\":\"service.name\",\"value\":{\"stringValue\":\"kube-apiserver\"}}]}}]}\n";

/// The same for a stub, which nobody but we wrote.
const STUB_END: &[u8] =
    b"{\"key\":\"service.name\",\"value\":{\"stringValue\":\"auditweir\"}}]}}]}\n";

/// See the module.
#[derive(Default)]
pub(crate) struct Otel {
    text: Vec<u8>,
}

/// Attributes need no memory of their own.
pub(in crate::emit) struct Attributes;

impl Shape for Attributes {
    const OTEL: bool = true;
}

type Record<'s, 'e, 'o> = Document<'s, 'e, 'o, Attributes>;

impl Emitter for Otel {
    const NAME: &'static str = "otel";

    fn event(&mut self, emission: &Emission<'_>, facts: &Facts<'_>, out: &mut Vec<u8>) {
        let mut own = Attributes;
        let mut record = Document::new(emission, facts, out, &mut self.text, &mut own);
        record.line.put(EVENT);
        moment(emission.time, &mut record.line);
        verdict::severity(&mut record);
        record.body();
        record.line.put(b"\"attributes\":[");
        attributes::write(&mut record);
        record.line.out.pop();
        record.line.put(SCOPE);
        resource::write(&mut record);
        record.line.put(END);
    }

    /// The stub as a log record; its body is the `native` stub.
    fn stub(&mut self, stub: &Stub<'_>, out: &mut Vec<u8>) {
        self.text.clear();
        StubDocument::write(stub, &mut self.text, native::stub::write);
        let mut record = StubDocument::new(stub, out);
        record.line.put(STUB);
        moment(stub.time(), &mut record.line);
        record.line.put(WARNING);
        escape(self.text.trim_ascii_end(), record.line.out);
        record.line.put(b"\"},\"attributes\":[");
        stub::write(&mut record);
        record.line.out.pop();
        record.line.put(SCOPE);
        resource::write(&mut record);
        record.line.put(STUB_END);
    }

    fn shrink(&mut self) {
        if self.text.capacity() > 1 << 20 {
            *self = Self::default();
        }
    }

    fn names(each: Each<'_>) {
        record::names(each);
        attributes::names(each);
        resource::names(each);
        stub::names(each);
        for resource in RESOURCES {
            each(resource.name.0, "name", None);
            each(resource.uid.0, "object_uid", None);
        }
    }
}

layout! {
    names record {
        "eventName": event_kind, "timeUnixNano": time, "body": event,
        "severityNumber": severity, "severityText": severity, "service.name": writer,
    }

    otel attributes(record: Record<'_, '_, '_>) {
        "log.record.uid": document_id = Text::fixed(record.emission.id),
        "k8s.audit.id": audit_id,
        "k8s.audit.stage": stage,
        "k8s.audit.level": level = record.emission.event.get(Slot::Level),
        "k8s.audit.api_version": event_version = record.emission.event.get(Slot::ApiVersion),
        "k8s.audit.request_received_timestamp": received = record.emission.event.get(Slot::RequestReceivedTimestamp),
        "k8s.audit.duration": duration = record.facts.duration.map(Seconds),

        "k8s.audit.verb": verb,
        "http.request.method": method,
        "http.response.status_code": code,
        "url.original": request_uri,
        "url.path": path,
        "url.query": query,
        "source.address": peer,
        "network.peer.address": peer,
        "client.address": claimed = record.facts.claimed.or(record.facts.peer),
        "k8s.audit.client_address_trusted": claim_trusted,
        "k8s.audit.source_ips": source_ips = List(Document::addresses),
        "user_agent.original": user_agent,
        "user_agent.name": product,
        "user_agent.version": product_version,
        "user_agent.os.name": system,
        "k8s.audit.client.arch": architecture,
        "k8s.audit.client.component": component,

        "user.name": username,
        "user.id": user_id,
        "user.roles": groups = List(|record: &mut Record<'_, '_, '_>| {
            record.items(Slot::UserGroups);
            let (emission, role) = (record.emission, record.facts.role());
            record.item(role.filter(|role| !has_item(emission, Slot::UserGroups, role.bytes)));
        }),
        "user.email": email,
        "user.full_name": session,
        "k8s.audit.user.domain": domain,
        "k8s.audit.user.type": actor,
        "k8s.audit.user.service_account.namespace": account_namespace,
        "k8s.audit.user.service_account.name": account_name,
        "k8s.audit.user.pod": pod,
        "k8s.audit.user.node": node,
        "k8s.audit.login.user": login_name,
        "k8s.audit.impersonated_user.name": effective_name,
        "k8s.audit.impersonated_user.id": effective_id,
        "k8s.audit.impersonated_user.person": effective_person,
        "k8s.audit.impersonated_user.groups": effective_groups =
            List(Document::effective_groups),

        "k8s.namespace.name": namespace = record.namespace(),
        do { record.named() } {},
        "k8s.audit.object_ref.resource": resource,
        "k8s.audit.object_ref.subresource": subresource,
        "k8s.audit.object_ref.namespace": namespace,
        "k8s.audit.object_ref.name": name,
        "k8s.audit.object_ref.uid": object_uid,
        "k8s.audit.object_ref.api_group": api_group,
        "k8s.audit.object_ref.api_version": api_version,
        "k8s.audit.object_ref.resource_version": resource_version = record.emission.event.get(Slot::ResourceVersion),

        "k8s.audit.outcome": outcome,
        "k8s.audit.action": ruling,
        "k8s.audit.denied_by": denied_by,
        "k8s.audit.dry_run": dry_run,
        "k8s.audit.dry_run_claimed": dry_run_claimed,
        "error.type": status_reason = verdict::error(record.facts),
        "k8s.audit.response.message": status_message,
        "k8s.audit.authorization.decision": decision,
        "k8s.audit.authorization.reason": reason,
        "k8s.audit.authorization.binding": binding = record.facts.rbac.map(|rbac| {
            Slashes([rbac.binding_kind, rbac.binding_namespace, rbac.binding])
        }),
        "k8s.audit.authorization.role": role =
            record.facts.rbac.map(|rbac| Slashes([rbac.role_kind, b"", rbac.role])),
        "k8s.audit.authorization.subject": subject = record.facts.rbac.map(|rbac| {
            Slashes([rbac.subject_kind, rbac.subject_namespace, rbac.subject])
        }),
        if record.facts.grants() || record.facts.is_login => {
            "k8s.audit.target.names": target = List(Document::targets),
            "k8s.audit.target.roles": target_role = List(Document::target_role),
        },

        "process.command_args": arguments = List(Document::arguments),
        "process.command_line": command_line = sentence::command(record.facts),
        "k8s.audit.exec.container": exec_container,
        "k8s.audit.exec.stdin": exec_stdin,
        "k8s.audit.exec.tty": exec_tty,
        "k8s.audit.images": images = List(Document::images),
        "k8s.audit.image_tags": image_tags = List(|record: &mut Record<'_, '_, '_>| {
            record.facts.images.iter().for_each(|image| record.item(Some(image.tag)));
        }),
        "k8s.audit.image_digests": image_digests = List(Document::digests),
        "container.image.name": images = record.facts.only_image().map(|image| image.name),
        "container.image.tags": image_tags = List(|record: &mut Record<'_, '_, '_>| {
            record.item(record.facts.only_image().map(|image| image.tag));
        }),
        "container.image.repo_digests": image_digests = List(Record::digest),
        do { record.latencies() } { "k8s.audit.latency" { use layers } },
        "k8s.audit.admission.webhooks": webhooks = List(Document::webhooks),
        "k8s.audit.admission.mutated": mutated = record.mutated(),
        "k8s.audit.admission.failed_open": failed_open = record.failed_open(),
        "k8s.audit.admission.policies": policies = List(Document::policies),
        "k8s.audit.admission.bindings": policy_bindings = List(Document::policy_bindings),
        "k8s.audit.admission.actions": policy_actions = List(Document::policy_actions),
        "k8s.audit.deprecated": deprecated = record.facts.deprecated.then_some(true),
        "k8s.audit.no_timestamp": untimed = (!record.emission.timed).then_some(true),
        "k8s.audit.contradicted": contradicted =
            record.emission.envelope.contradicted().then_some(true),
        "k8s.audit.truncated": truncated =
            record.emission.truncated(record.facts).then_some(true),

        "k8s.audit.source_network": network = record.emission.network(record.facts),
        do { record.labels() } { "k8s.audit.label.*": lookups },
        "k8s.audit.alert": alert = record.emission.is_alert().then_some(true),
        "k8s.audit.alert.severity": match_severity = record.emission.severity(),
        "k8s.audit.rule.ids": matches = List(Document::match_ids),
        "k8s.audit.rule.names": matches = List(Document::match_titles),
        "k8s.audit.rule.intents": matches = List(Document::match_intents),
        "k8s.audit.attack.techniques": match_techniques = List(Document::match_any_techniques),
        "k8s.audit.redaction.count": redactions = record.emission.redactions(),
        "k8s.audit.redaction.rules": rules = List(Document::rules),
        "k8s.audit.redaction.receipts": receipts =
            record.emission.is_noted().then_some(Parts(Record::receipt_text)),
    }

    otel resource<'s, 'o>(doc: impl Doc<'o> + Placed<'s>) {
        let origin = doc.origin(),
        "k8s.cluster.name": cluster_name = origin.cluster_name,
        "k8s.cluster.uid": cluster_id = origin.cluster_id,
        "cloud.provider": provider = origin.provider,
        "cloud.platform": platform =
            Provider::of_platform(origin.platform).map(|known| known.otel_platform),
        "cloud.account.id": account = origin.account.or(origin.project),
        do {} { "cloud.account.id": project },
        "cloud.region": region = origin.region,
    }

    otel stub(record: StubDocument<'_, '_, true>) {
        "log.record.uid": document_id,
        "k8s.audit.id": audit_id,
        "k8s.audit.stage": stage,
        "k8s.audit.level": level,
        "k8s.audit.verb": verb,
        "k8s.audit.stub.reason": stub_reason,
        "k8s.audit.stub.bytes": stub_bytes,
        "k8s.audit.stub.offset": stub_offset,
        "k8s.audit.stub.rejected": stub_rejected,
    }
}

/// Nanoseconds as a number of seconds.
struct Seconds(u64);

impl<'o> Value<'o, Record<'_, '_, 'o>> for Seconds {
    fn give(self, keys: Keys, to: &mut Record<'_, '_, 'o>) {
        let line = to.line();
        line.put(keys.bare);
        line.put(b"\"doubleValue\":");
        decimal(self.0 / 1_000_000_000, line.out);
        line.put(b".");
        let from = line.out.len();
        decimal(1_000_000_000 + self.0 % 1_000_000_000, line.out);
        // the leading one kept the zeros
        line.out.remove(from);
        line.put(b"}},");
    }
}

/// A resource that the conventions have names for.
struct Resource {
    group: &'static [u8],
    plural: &'static [u8],
    name: (&'static str, Keys),
    uid: (&'static str, Keys),
}

macro_rules! resources {
    ($($group:literal $plural:literal $kind:literal)+) => {
        &[$(Resource {
            group: $group.as_bytes(),
            plural: $plural.as_bytes(),
            name: resources!(@key $kind ".name"),
            uid: resources!(@key $kind ".uid"),
        }),+]
    };
    (@key $kind:literal $end:literal) => {{
        let text = concat!("{\"key\":\"", $kind, $end, "\",\"value\":{\"stringValue\":\"");
        (concat!($kind, $end), Keys { text: text.as_bytes(), bare: b"", list: b"" })
    }};
}

const RESOURCES: &[Resource] = resources! {
    "" "pods" "k8s.pod"
    "" "nodes" "k8s.node"
    "" "services" "k8s.service"
    "" "replicationcontrollers" "k8s.replicationcontroller"
    "" "resourcequotas" "k8s.resourcequota"
    "" "persistentvolumes" "k8s.persistentvolume"
    "" "persistentvolumeclaims" "k8s.persistentvolumeclaim"
    "apps" "deployments" "k8s.deployment"
    "apps" "replicasets" "k8s.replicaset"
    "apps" "statefulsets" "k8s.statefulset"
    "apps" "daemonsets" "k8s.daemonset"
    "batch" "jobs" "k8s.job"
    "batch" "cronjobs" "k8s.cronjob"
    "autoscaling" "horizontalpodautoscalers" "k8s.hpa"
};

fn moment(time: Option<Timestamp<'_>>, line: &mut Line<'_>) {
    if let Some(nanos) = time.and_then(Timestamp::unix_nanos) {
        line.put(b"\"timeUnixNano\":\"");
        decimal(nanos, line.out);
        line.put(b"\",");
    }
}

impl<'e> Record<'_, 'e, '_> {
    /// The namespace of the object; of a namespace its own name.
    fn namespace(&self) -> Option<Text<'e>> {
        let act = &self.facts.act;
        let itself = act.group.is_empty() && act.resource == b"namespaces";
        let own = if itself { self.facts.name } else { None };
        self.facts.namespace.filter(|namespace| !namespace.is_empty()).or(own)
    }

    fn named(&mut self) {
        let act = &self.facts.act;
        let is = |one: &&Resource| (one.group, one.plural) == (act.group, act.resource);
        if let Some(resource) = RESOURCES.iter().find(is) {
            self.facts.name.give(resource.name.1, self);
            self.facts.object_uid.give(resource.uid.1, self);
        }
    }

    fn digest(&mut self) {
        if let Some(image) = self.facts.only_image().filter(|image| !image.digest.is_empty()) {
            self.line.put(b"{\"stringValue\":\"");
            self.line.inside_short(image.name, PART);
            self.line.put(b"@");
            self.line.inside_short(image.digest, PART);
            self.line.put(b"\"},");
        }
    }

    /// What the policy's lookups know.
    fn labels(&mut self) {
        let (tables, facts) = (self.emission.tables, self.facts);
        if tables.is_empty() {
            return;
        }
        self.text.clear();
        tables.look_up(|field| facts.looked_up(field), self.text);
        // members such as `"team":"blue",`
        let mut rest = &self.text[..];
        while let Some((name, after)) = quoted(rest)
            && let Some((value, after)) = quoted(&after[1..])
        {
            self.line.put(b"{\"key\":\"k8s.audit.label.");
            self.line.put(name);
            self.line.put(b"\",\"value\":{\"stringValue\":\"");
            self.line.inside(Text::fixed(value));
            self.line.put(b"\"}},");
            rest = &after[1..];
        }
    }

    fn receipt_text(&mut self) {
        self.text.clear();
        self.emission.receipts(self.text);
        if let Some(first) = self.text.first_mut() {
            *first = b'{';
        }
        self.text.push(b'}');
        escape(self.text, self.line.out);
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
        join_lines(emission.event.raw(), self.text);
        self.line.put(b"\"body\":{\"stringValue\":\"");
        escape(self.text, self.line.out);
        self.line.put(b"\"},");
    }
}
