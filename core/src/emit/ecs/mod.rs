//! `ecs`: Elastic Common Schema 9.4, with the event under `kubernetes.audit`.
//!
//! One line, members in a fixed order, nested objects throughout. A field has the same type in all
//! documents; lists that a client can lengthen are bounded; every text is capped. Field names and
//! types are listed in [`super::fields`].

mod audit;

use super::document;
use super::fields::Each;
use super::layout::{Doc as _, List, Parts, Placed as _, Value as _, layout};
use super::stub::StubDocument;
use super::{Emission, Emitter, PART, Stub, members, sentence};
use crate::enrich::class::{Set, category, kind};
use crate::enrich::text::Text;
use crate::enrich::{DryRun, Facts, Outcome, address, has_item, intact};
use crate::event::Slot;
use crate::scan::key::Key;
use audit::Scratch;

const CHANGES: Set = category::API.with(category::CONFIGURATION);
const READS: Set = kind::ACCESS.with(kind::ALLOWED);

/// Version of the schema whose names and types are used.
pub(super) const ECS_VERSION: &str = "9.4.0";

/// `@timestamp` when nothing else gives one: data streams refuse documents without.
const NO_TIME: &[u8] = b"1970-01-01T00:00:00Z";

/// See the module.
#[derive(Default)]
pub(crate) struct Ecs {
    audit: Scratch,
    text: Vec<u8>,
}

type Document<'s, 'e, 'o> = document::Document<'s, 'e, 'o, Scratch>;

impl Emitter for Ecs {
    const NAME: &'static str = "ecs";

    fn event(&mut self, emission: &Emission<'_>, facts: &Facts<'_>, out: &mut Vec<u8>) {
        let from = out.len();
        let Self { audit, text } = self;
        let mut doc = Document::new(emission, facts, out, text, audit);
        doc.line.put(b"{");
        head::write(&mut doc);
        who::write(&mut doc);
        what::write(&mut doc);
        related::write(&mut doc);
        found::write(&mut doc);
        kubernetes::write(&mut doc);
        doc.finish(from);
    }

    /// The `native` stub under `kubernetes.audit`, with the members that every document of the data
    /// stream has.
    fn stub(&mut self, stub: &Stub<'_>, out: &mut Vec<u8>) {
        StubDocument::write(stub, out, stub::write);
    }

    fn names(each: Each<'_>) {
        head::names(each);
        who::names(each);
        what::names(each);
        related::names(each);
        found::names(each);
        kubernetes::names(each);
        members::names(each);
        stub::names(each);
    }

    fn shrink(&mut self) {
        if self.audit.capacity() + self.text.capacity() > 1 << 20 {
            self.audit = Scratch::default();
            self.text = Vec::new();
        }
    }
}

layout! {
    json head(doc: Document<'_, '_, '_>) {
        "@timestamp": time = doc.emission.time.ok_or(NO_TIME),
        use stream,
        "event" {
            "kind": document_class = "event",
            "module": writer = "kubernetes",
            "dataset": dataset = &*doc.output().ecs.dataset,
            "provider": writer = "kube-apiserver",
            "id": audit_id = doc.id(),
            "hash": document_id = &doc.emission.id[..],
            do { doc.class() } { "category": class, "type": class },
            "action": verb,
            "outcome": outcome = doc.facts.outcome.text(),
            "code": stage,
            "reason": status_reason = doc.facts.why(),
            "start": received,
            "end": staged = doc.facts.ended(),
            "duration": duration,
            "severity": match_severity = doc.emission.severity(),
        },
        "message" MatchOnlyText: sentence = sentence::message(doc.facts),
        "tags": tags = List(Document::tags),
        if !doc.emission.tables.is_empty() => { "labels" {
            "source_network": network = doc.emission.network(doc.facts),
            do { doc.labels() } {},
        } },
    }

    json who(doc: Document<'_, '_, '_>) {
        "user" {
            "name": username,
            "id": user_id,
            "roles": groups = List(|doc: &mut Document<'_, '_, '_>| {
                doc.roles(Slot::UserGroups, doc.facts.role());
            }),
            "group" { "name": group },
            "domain": domain,
            "email": email,
            "full_name": session,
            "effective" {
                "name": effective_name,
                "id": effective_id,
                "full_name": effective_person,
                "roles": effective_groups = List(|doc: &mut Document<'_, '_, '_>| {
                    doc.roles(Slot::ImpersonatedGroups, None);
                }),
            },
            if doc.facts.grants() || doc.facts.is_login => { "target" {
                "name": target = List(Document::targets),
                "roles": target_role = List(Document::target_role),
            } },
        },
        "source" {
            "ip": peer = doc.facts.peer_address.and(doc.facts.peer),
            "address" Keyword: peer,
        },
        "client" {
            "ip": claimed = doc.facts.claimed.filter(|claimed| address(claimed.bytes).is_some()),
        },
        "user_agent" {
            "original": user_agent,
            "name": product,
            "version": product_version,
            "os" { "name": system },
        },
    }

    json what(doc: Document<'_, '_, '_>) {
        "url" { "original" Wildcard: request_uri, "path" Wildcard: path, "query": query },
        "http" {
            "request" { "method": method, "id": audit_id },
            "response" { "status_code": code },
        },
        "orchestrator" {
            "type": writer = "kubernetes",
            "cluster" { "name": cluster_name, "id": cluster_id },
            "namespace": namespace,
            "api_version": api_version = doc.facts.api_version.map(|version| {
                Parts(move |doc: &mut Document<'_, '_, '_>| doc.api_version(version))
            }),
            "resource" {
                "type": resource,
                "name": name,
                "id": object_uid,
                do { doc.metadata() } {
                    "parent" { "type": owner }, "label": labels, "ip": object_ip,
                },
            },
        },
        "cloud" {
            "provider": provider,
            "account" { "id": account },
            "region": region,
            "project" { "id": project },
            "service" { "name": platform },
        },
        if doc.facts.exec.is_some() => {
            "process" {
                "args": arguments = List(Document::arguments),
                "command_line" Wildcard: command_line = sentence::command(doc.facts),
            },
        },
        if !doc.facts.images.is_empty() => {
            "container" { "image" {
                "name": images = List(Document::images),
                "tag": image_tags = List(|doc: &mut Document<'_, '_, '_>| {
                    doc.facts.images.iter().for_each(|image| doc.item(Some(image.tag)));
                }),
                "hash" { "all": image_digests = List(Document::digests) },
            } },
        },
        if doc.facts.outcome == Outcome::Failure => {
            "error" { "type": status_reason, "message" MatchOnlyText: status_message },
        },
    }

    json related(doc: Document<'_, '_, '_>) {
        "related" {
            "user": users = List(Document::users),
            "ip": source_ips = List(Document::addresses),
            "hosts": node = List(|doc: &mut Document<'_, '_, '_>| {
                doc.item(doc.facts.actor.node);
                doc.item(doc.facts.node);
            }),
            "hash": image_digests = List(Document::digests),
        },
    }

    json found(doc: Document<'_, '_, '_>) {
        if doc.emission.is_alert() => {
            "rule" {
                "id": matches = List(Document::match_ids),
                "name": matches = List(Document::match_titles),
                "category": matches = List(Document::match_intents),
                "ruleset": writer = &b"auditweir"[..],
            },
            "threat" {
                "framework": match_techniques =
                    doc.emission.techniques().next().map(|_| &b"MITRE ATT&CK"[..]),
                "technique" {
                    "id": match_techniques = List(Document::match_techniques),
                    "subtechnique" { "id": match_techniques = List(Document::match_parts) },
                },
            },
        },
    }

    json kubernetes(doc: Document<'_, '_, '_>) {
        "kubernetes" { "audit" {
            do { doc.audit() } { "user" { use caller } },
            "action": action = Parts(Document::action),
            "is_final": is_final,
            "denied_by": denied_by,
            "dry_run": dry_run,
            "client_ip_trusted": claim_trusted,
            "client" { "arch": architecture, "component": component },
            "exec" { "container": exec_container, "stdin": exec_stdin, "tty": exec_tty },
            "authorization" {
                "binding" {
                    "kind": binding = doc.facts.rbac.map(|rbac| rbac.binding_kind),
                    "name": binding = doc.facts.rbac.map(|rbac| Text::fixed(rbac.binding)),
                    "namespace": binding =
                        doc.facts.rbac.map(|rbac| Text::fixed(rbac.binding_namespace)),
                },
                "role" {
                    "kind": role = doc.facts.rbac.map(|rbac| rbac.role_kind),
                    "name": role = doc.facts.role(),
                },
                "subject" {
                    "kind": subject = doc.facts.rbac.map(|rbac| rbac.subject_kind),
                    "name": subject = doc.facts.rbac.map(|rbac| Text::fixed(rbac.subject)),
                    "namespace": subject =
                        doc.facts.rbac.map(|rbac| Text::fixed(rbac.subject_namespace)),
                },
            },
            if doc.facts.latency => { "latency" { do { doc.latencies() } { use layers } } },
            if doc.facts.admission || doc.facts.refusal.is_some() => { use admission },
            if !doc.emission.redactor.receipts.is_empty() => { "redaction" {
                "count": redactions = u64::from(doc.emission.redactor.count()),
                "rules": rules = List(Document::rules),
            } },
            use note,
        } },
    }

    json stub(doc: StubDocument<'_, '_, false>) {
        "@timestamp": time = doc.facts.time().ok_or(NO_TIME),
        use stream,
        "event" {
            "kind": document_class = "pipeline_error",
            "module": writer = "kubernetes",
            "dataset": dataset = &*doc.output().ecs.dataset,
            "provider": writer = "auditweir",
            "id": audit_id = doc.facts.any_id(),
            "hash": document_id,
            "action": verb,
            "code": stage,
            "reason": status_reason = doc.facts.stub_reason(),
        },
        "tags": tags = List(|doc: &mut StubDocument<'_, '_, false>| {
            doc.entry(Text::fixed(b"stub"));
        }),
        "kubernetes" { "audit" { use left } },
        let origin = doc.origin(),
        if origin.cluster_name.or(origin.cluster_id).is_some() => { "orchestrator" {
            "type": writer = "kubernetes",
            "cluster" {
                "name": cluster_name = origin.cluster_name,
                "id": cluster_id = origin.cluster_id,
            },
        } },
        "cloud" {
            "provider": provider = origin.provider,
            "account" { "id": account = origin.account },
            "region": region = origin.region,
            "project" { "id": project = origin.project },
        },
        "auditweir" { use stub },
    }
}

impl<'s> Document<'s, '_, '_> {
    /// `auditID`, however empty; the document id when there is none.
    fn id(&self) -> Result<Text<'s>, &'s [u8]> {
        match self.facts.audit_id {
            Some(id) if id.is_empty() => Err(b""),
            Some(id) => Ok(id),
            None => Err(&self.emission.id[..]),
        }
    }

    fn class(&mut self) {
        let Self { facts, line, .. } = self;
        let (categories, types) = facts.act.class();
        // what reads and writes of ordinary objects give, without looking at single names
        match categories {
            category::API => line.put(b"\"category\":[\"api\"],\"type\":["),
            CHANGES => line.put(b"\"category\":[\"api\",\"configuration\"],\"type\":["),
            _ => {
                line.put(b"\"category\":[");
                for name in categories.names(category::NAMES) {
                    line.word(b"\"", name.as_bytes());
                }
                line.out.pop();
                line.put(b"],\"type\":[");
            }
        }
        if types == READS {
            line.put(b"\"access\",\"allowed\"],");
        } else {
            for name in types.names(kind::NAMES) {
                line.word(b"\"", name.as_bytes());
            }
            line.out.pop();
            line.put(b"],");
        }
    }

    fn tags(&mut self) {
        let Self { emission, facts, line, .. } = self;
        let mut tag = |set: bool, name: &[u8]| {
            if set {
                line.word(b"\"", name);
            }
        };
        tag(!emission.redactor.edits.is_empty(), b"redacted");
        tag(emission.truncated(facts), b"truncated");
        tag(facts.deprecated, b"deprecated");
        tag(facts.dry_run == DryRun::Yes, b"dry_run");
        tag(facts.dry_run == DryRun::Claimed, b"dry_run_claimed");
        tag(!emission.timed, b"no_timestamp");
        tag(emission.envelope.contradicted(), b"contradicted");
    }

    fn labels(&mut self) {
        let facts = self.facts;
        self.emission.tables.look_up(|field| facts.looked_up(field), self.line.out);
    }

    /// The groups, and the role that allowed the request.
    fn roles(&mut self, slot: Slot, role: Option<Text<'_>>) {
        let emission = self.emission;
        if let Some(list) = intact(emission, slot) {
            let node = list.node();
            let short = (node.end - node.start) as usize <= self.line.most;
            if short && emission.is_intact(list) {
                let src = emission.event.doc.src;
                let inner = src[node.start as usize + 1..node.end as usize - 1].trim_ascii();
                if !inner.is_empty() {
                    self.line.put(inner);
                    self.line.put(b",");
                }
            } else {
                self.items(slot);
            }
        }
        // A group may bear the name of the role.
        self.item(role.filter(|role| !has_item(emission, slot, role.bytes)));
    }

    fn api_version(&mut self, version: Text<'_>) {
        // v1alpha1 has the group in there already
        if let Some(group) = self.facts.api_group.filter(|group| !group.is_empty())
            && !version.bytes.contains(&b'/')
        {
            self.line.inside_short(group, PART);
            self.line.put(b"/");
        }
        self.line.inside_short(version, PART);
    }

    /// What the metadata of the object say, and the Pod and Service addresses the answer tells.
    fn metadata(&mut self) {
        let emission = self.emission;
        if let Some(metadata) = emission.metadata(self.facts) {
            let owner = metadata.get(Key::OwnerReferences).and_then(|list| list.items().next());
            let parent = self.line.open(b"\"parent\":{");
            owner.and_then(|owner| owner.get(Key::Kind)).give(layout!(@keys json "type"), self);
            self.line.close(parent);
            if let Some(labels) = metadata.get(Key::Labels) {
                let list = self.line.open(b"\"label\":[");
                emission.labels(labels, &mut self.line, self.text);
                self.line.close_list(list);
            }
        }
        let (outer, inner) = match self.facts.act.resource {
            b"pods" => (Key::Status, Key::PodIp),
            b"services" => (Key::Spec, Key::ClusterIp),
            _ => return,
        };
        let body = emission.body(Slot::ResponseObject);
        if let Some(value) = body.and_then(|object| object.get(outer)?.get(inner))
            && let Some(raw) = emission.inside(value, self.text)
            && address(raw).is_some()
        {
            self.line.put(b"\"ip\":[\"");
            self.line.put(raw);
            self.line.put(b"\"],");
        }
    }

    fn users(&mut self) {
        let facts = self.facts;
        let named = [
            facts.username,
            facts.effective_name,
            facts.account_name(),
            facts.session,
            facts.effective_person,
            facts.login_name,
        ];
        for (at, text) in named.iter().enumerate() {
            let before = |text: &Text<'_>| {
                named[..at].iter().flatten().any(|other| other.bytes == text.bytes)
            };
            self.item(text.filter(|text| !before(text)));
        }
    }

    /// `VERB-RESOURCE[/SUBRESOURCE]`.
    fn action(&mut self) {
        if let Some(verb) = self.facts.verb {
            self.line.inside_short(verb, PART);
            self.line.put(b"-");
        }
        match self.facts.resource.filter(|resource| !resource.is_empty()) {
            Some(_) => sentence::write_resource(self.facts, &mut self.line),
            None => self.line.put(b"nonresource"),
        }
    }
}
