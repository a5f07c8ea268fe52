//! `ocsf`: API Activity, class 6003 of the Open Cybersecurity Schema Framework 1.8.0.
//!
//! Profiles: `security_control` always, `datetime` when there is a time, `cloud` when the cloud is
//! known. An event has all attributes of a profile that it declares and none of one that it does
//! not. What the class requires and an event does not say is `unknown` with the id 0. What has no
//! attribute goes to `unmapped` (see [`unmapped`]), so nothing is lost.

mod observed;
mod resources;
mod unmapped;
mod verdict;

use super::body::BodyScratch;
use super::document::{Document, Shape};
use super::fields::Each;
use super::findings::{own, whole};
use super::layout::{Doc, Keys, List, Placed, Slashes, Value, layout};
use super::leftover::Leftover;
use super::line::Line;
use super::stub::StubDocument;
use super::{Emission, Emitter, MOST_ITEMS, Stub, sentence};
use crate::enrich::origin::Origin;
use crate::enrich::text::Text;
use crate::enrich::{
    Actor, ActorKind, DryRun, Facts, Outcome, Timestamp, address, intact, without_mapping,
};
use crate::event::Slot;
use crate::scan::doc;
use crate::text::decimal;
use crate::unwrap::Provider;

/// Version of the schema.
const VERSION: &str = "1.8.0";
/// Longest address; the schema's limit.
const LONGEST_ADDRESS: usize = 40;

/// See the module.
#[derive(Default)]
pub(crate) struct Ocsf {
    own: Own,
    text: Vec<u8>,
}

#[derive(Default)]
pub(in crate::emit) struct Own {
    body: BodyScratch,
    rest: Leftover,
}

impl Shape for Own {}

type Activity<'s, 'e, 'o> = Document<'s, 'e, 'o, Own>;

impl Emitter for Ocsf {
    const NAME: &'static str = "ocsf";

    fn event(&mut self, emission: &Emission<'_>, facts: &Facts<'_>, out: &mut Vec<u8>) {
        let from = out.len();
        let mut activity = Document::new(emission, facts, out, &mut self.text, &mut self.own);
        activity.line.put(b"{");
        head::write(&mut activity);
        found::write(&mut activity);
        metadata::write(&mut activity);
        actor::write(&mut activity);
        api::write(&mut activity);
        resources::resources::write(&mut activity);
        cloud::write(&mut activity);
        observed::observables::write(&mut activity);
        observed::enrichments::write(&mut activity);
        unmapped::all::write(&mut activity);
        activity.finish(from);
    }

    /// The stub as an API Activity: what the class requires and is not known is `unknown`, id 0.
    fn stub(&mut self, stub: &Stub<'_>, out: &mut Vec<u8>) {
        StubDocument::write(stub, out, stub::write);
    }

    fn shrink(&mut self) {
        if self.own.body.capacity() + self.own.rest.capacity() + self.text.capacity() > 1 << 20 {
            *self = Self::default();
        }
    }

    fn names(each: Each<'_>) {
        head::names(each);
        found::names(each);
        metadata::names(each);
        actor::names(each);
        api::names(each);
        resources::resources::names(each);
        cloud::names(each);
        observed::observables::names(each);
        observed::enrichments::names(each);
        unmapped::all::names(each);
        stub::names(each);
    }
}

layout! {
    json head(doc: Activity<'_, '_, '_>) {
        do {
            let (id, name) = verdict::activity(&doc.facts.act);
            verdict::class(id, name, &mut doc.line);
        } {
            "activity_id": class, "activity_name": class, "type_uid": class, "type_name": class,
            "category_uid": document_class, "category_name": document_class,
            "class_uid": document_class, "class_name": document_class,
        },
        "time": time = Millis(doc.emission.time),
        "time_dt": time = doc.emission.time,
        "start_time": received = doc.facts.received.map(|time| Millis(Some(time))),
        "start_time_dt": received = doc.facts.received,
        "end_time": staged = doc.facts.ended().map(|time| Millis(Some(time))),
        "end_time_dt": staged = doc.facts.ended(),
        "duration": duration = doc.facts.duration.map(|nanos| nanos / 1_000_000),
        "message": sentence = sentence::message(doc.facts),
        do { verdict::severity(doc) } {
            "severity_id": severity, "severity": severity, "status_id": outcome, "status": outcome,
        },
        "status_code": code = doc.facts.code().map(Decimal),
        "status_detail": status_reason = doc.facts.why(),
        do { verdict::disposition(doc) } {
            "action_id": ruling, "action": ruling,
            "disposition_id": denied_by, "disposition": denied_by,
        },
        "policy" {
            "name": role = verdict::policy(doc.facts).map(|(name, _)| Slashes([name, b"", b""])),
            "type": role = verdict::policy(doc.facts).map(|(_, kind)| kind),
            "is_applied": role = verdict::policy(doc.facts).map(|_| true),
        },
    }

    json found(doc: Activity<'_, '_, '_>) {
        if doc.emission.is_alert() => {
            "is_alert": alert = true,
            "attacks" [for technique in doc.emission.techniques() => {
                "technique" { "uid": match_techniques = own(whole(technique)) },
                "sub_technique" {
                    "uid": match_techniques = technique.contains('.').then_some(own(technique)),
                },
                "version": match_techniques = &b"19"[..],
            }],
        },
    }

    json metadata(doc: Activity<'_, '_, '_>) {
        "metadata" {
            "version": document_class = VERSION,
            do { product(&mut doc.line) } { "product" {
                "name": writer, "vendor_name": writer, "feature" { "name": writer },
            } },
            "profiles": document_class = List(|doc: &mut Activity<'_, '_, '_>| {
                profiles(doc, doc.emission.time.is_some());
            }),
            "uid": document_id = &doc.emission.id[..],
            "original_event_uid": audit_id,
            "correlation_uid": audit_id,
            "event_code": stage,
            "log_name": writer = "audit.k8s.io",
            "log_provider": writer = "kube-apiserver",
            "log_version": event_version = doc.emission.event.get(Slot::ApiVersion),
            "log_level": level = doc.emission.event.get(Slot::Level),
            "original_time": staged = doc.emission.event.get(unmapped::original_time(doc.facts)),
            "tenant_uid": cluster_id,
            "is_truncated": truncated = doc.emission.truncated(doc.facts).then_some(true),
            "tags" [for tag in tags(doc.emission, doc.facts) => {
                "name": tags = tag.0,
                "value": tags = tag.1.map_or(Err("true"), |count| Ok(Decimal(count))),
            }],
            do { doc.line.put(TRANSFORMATION) } { "transformation_info_list" {
                "name": maker, "lang": maker, "product" { "name": maker, "version": maker },
            } },
        },
    }

    json actor(doc: Activity<'_, '_, '_>) {
        "actor" {
            "user" {
                "name": username = doc.facts.username(),
                "uid": user_id,
                "name": username = nobody(doc.facts),
                "type_id": actor = user_type(&doc.facts.actor).0,
                "type": actor = user_type(&doc.facts.actor).1,
                "groups" [for group in values(doc.emission, Slot::UserGroups) => {
                    "name": groups = group,
                }],
                "domain": domain,
                "email_addr": email = doc.facts.email().filter(|text| is_mailbox(*text)),
                "uid_alt": principal = extra(doc.emission, b"principalId"),
                "programmatic_credentials" [{
                    "uid": credential = extra(doc.emission, CREDENTIAL),
                    do { if doc.line.out.last() == Some(&b',') { doc.line.put(b"\"type\":\"Token\","); } }
                    { "type": credential },
                }],
            },
            "session" {
                "uid": session,
                "uid": session = match doc.facts.session {
                    None => extra(doc.emission, b"authentication.kubernetes.io/pod-uid"),
                    Some(_) => None,
                },
                "issuer": issuer = extra(doc.emission, b"canonicalArn"),
            },
            "app_name": product,
            "app_uid": component,
            "authorizations" [{
                "decision": decision,
                "policy" {
                    "name": role = doc.facts.decided().and(doc.facts.role()),
                    "uid": binding = doc.facts.decided().and(doc.facts.rbac).map(|rbac| {
                        Slashes([rbac.binding_kind, rbac.binding_namespace, rbac.binding])
                    }),
                    "type": role = doc.facts.decided().map(|_| match doc.facts.rbac {
                        Some(rbac) => rbac.authorizer,
                        None => b"Other",
                    }),
                    "desc": reason = doc.facts.decided(),
                },
            }],
        },
    }

    json api(doc: Activity<'_, '_, '_>) {
        "api" {
            "operation": verb = doc.facts.verb.filter(|verb| !verb.is_empty()).unwrap_or(UNKNOWN),
            "service" { "name": writer = "kube-apiserver" },
            "version": api_version,
            "group" { "name": api_group = group(doc.facts) },
            "request" {
                "uid": audit_id = doc.facts.audit_id.filter(|id| !id.is_empty())
                    .unwrap_or(Text::fixed(doc.emission.id)),
                "flags": impersonated = List(|doc: &mut Activity<'_, '_, '_>| {
                    let facts = doc.facts;
                    doc.item(facts.is_impersonated.then_some(Text::fixed(b"impersonated")));
                    doc.item(facts.dry_run().map(|_| Text::fixed(b"dryRun")));
                }),
                do { resources::containers::write(doc) } { "containers" {
                    "name": containers,
                    "image" { "uid": image_digests, "name": images, "labels": image_tags },
                } },
                do { doc.body(Slot::RequestObject) } { "data": request_object },
            },
            "response" {
                "code": code,
                "error": status_reason,
                do { doc.message() } { "error_message": status_message, "message": status_message },
                do { doc.body(Slot::ResponseObject) } { "data": response_object },
            },
        },
        "src_endpoint" {
            "ip": peer = doc.facts.peer.filter(|peer| is_address(peer.bytes)),
            "hostname": peer = doc.facts.peer.filter(|peer| !is_address(peer.bytes)),
            "name": node = doc.facts.actor.node,
            "name": node = no_endpoint(doc.facts),
            "intermediate_ips": between = List(Activity::between),
        },
        "dst_endpoint" {
            "svc_name": writer = "kube-apiserver",
            "name": cluster_name,
            "uid": cluster_id,
        },
        "http_request" {
            "http_method": method,
            "user_agent": user_agent,
            "uid": audit_id,
            "x_forwarded_for": claimed = List(|doc: &mut Activity<'_, '_, '_>| {
                doc.item(doc.facts.claimed.filter(|ip| is_address(ip.bytes)));
            }),
            "url" { "url_string": request_uri, "path": path, "query_string": query },
        },
        "http_response" { "code": code },
    }

    json cloud<'s, 'o>(doc: impl Doc<'o> + Placed<'s>) {
        let origin = doc.origin(),
        "cloud" {
            "provider": provider = origin.provider.map(|provider| {
                Provider::of_code(provider.bytes).map_or(provider, |of| Text::fixed(of.caption))
            }),
            "account" {
                "uid": account = account(&origin),
                do {} { "uid": project },
                "type_id": account = account_type(&origin).map(|(number, _)| u64::from(number)),
                "type": account = account_type(&origin).map(|(_, caption)| caption),
            },
            "region": region = origin.provider.and(origin.region),
        },
    }

    json stub(doc: StubDocument<'_, '_, false>) {
        "unmapped" { "auditweir" { use stub } },
        do { verdict::class(0, b"Unknown", &mut doc.line) } {},
        "time": time = Millis(doc.facts.time()),
        "time_dt": time = doc.facts.time(),
        do { doc.line.put(verdict::UNKNOWN) } {},
        "status_detail": status_reason = doc.facts.stub_reason(),
        "metadata" {
            "version": document_class = VERSION,
            do { doc.line.put(STUB_PRODUCT) } {},
            "profiles": document_class = List(|doc: &mut StubDocument<'_, '_, false>| {
                profiles(doc, doc.facts.time().is_some());
            }),
            "uid": document_id,
            "original_event_uid": audit_id,
            "correlation_uid": audit_id,
            "event_code": stage,
            "log_level": level,
            "log_name": writer = "audit.k8s.io",
            "log_provider": writer = "auditweir",
            "tags" [{ "name": tags = "stub", "value": tags = doc.facts.stub_reason() }],
            "tenant_uid": cluster_id = doc.origin().cluster_id,
            do { doc.line.put(TRANSFORMATION) } {},
        },
        do { cloud::write(doc) } {},
        "actor" { "user" {
            "name": username = "unknown", "type_id": actor = 0, "type": actor = "Unknown",
        } },
        "api" {
            "operation": verb = doc.facts.verb().unwrap_or(UNKNOWN),
            "request" { "uid": audit_id = doc.facts.any_id() },
        },
        "src_endpoint" { "name": node = "unknown" },
        "dst_endpoint" {
            "name": cluster_name = doc.origin().cluster_name,
            "uid": cluster_id = doc.origin().cluster_id,
        },
    }
}

const UNKNOWN: Text<'static> = Text { bytes: b"unknown", ready: true };
const CREDENTIAL: &[u8] = b"authentication.kubernetes.io/credential-id";

/// Who made an OCSF event out of the audit event; the end of `metadata`.
const TRANSFORMATION: &[u8] = concat!(
    "\"transformation_info_list\":[{\"name\":\"auditweir\",\"lang\":\"rust\",",
    "\"product\":{\"name\":\"auditweir\",\"version\":\"",
    env!("CARGO_PKG_VERSION"),
    "\"}}],"
)
.as_bytes();

/// The product in a stub: what wrote the input is not known.
const STUB_PRODUCT: &[u8] = b"\"product\":{\"name\":\"Kubernetes\",\"vendor_name\":\"CNCF\"},";

fn product(line: &mut Line<'_>) {
    line.put(
        b"\"product\":{\"name\":\"Kubernetes\",\"vendor_name\":\"CNCF\",\
          \"feature\":{\"name\":\"kube-apiserver\"}},",
    );
}

fn profiles<'s, 'o>(doc: &mut (impl Doc<'o> + Placed<'s>), dated: bool) {
    let cloud = doc.origin().provider.is_some();
    for (set, name) in [(cloud, "cloud"), (dated, "datetime"), (true, "security_control")] {
        doc.item(set.then_some(Text::fixed(name.as_bytes())));
    }
}

/// Tags and their values; `true` when there is no number.
fn tags<'s>(
    emission: &Emission<'_>,
    facts: &Facts<'_>,
) -> impl Iterator<Item = (&'s str, Option<u64>)> {
    let redactions = emission.redactions();
    [
        (redactions.is_some(), "redacted", redactions),
        (facts.deprecated, "deprecated", None),
        (facts.dry_run == DryRun::Yes, "dry_run", None),
        (facts.dry_run == DryRun::Claimed, "dry_run_claimed", None),
        (emission.envelope.contradicted(), "contradicted", None),
        (!emission.timed, "no_timestamp", None),
    ]
    .into_iter()
    .filter(|(set, ..)| *set)
    .map(|(_, name, value)| (name, value))
}

/// An address that the schema takes.
fn is_address(text: &[u8]) -> bool {
    text.len() <= LONGEST_ADDRESS && address(text).is_some()
}

/// An address of a mailbox that the schema takes.
fn is_mailbox(text: Text<'_>) -> bool {
    let Some(at) = memchr::memchr(b'@', text.bytes) else { return false };
    let (name, domain) = (&text.bytes[..at], &text.bytes[at + 1..]);
    let plain = |b: &u8| b.is_ascii_alphanumeric() || b"!#$%&'*+-/=?^_`{|}~.".contains(b);
    let first = domain.iter().position(|b| *b == b'.').unwrap_or(0);
    name.iter().all(plain) && first > 0 && first + 1 < domain.len()
}

/// `user.type_id` and its caption.
fn user_type(actor: &Actor<'_>) -> (u64, &'static [u8]) {
    match actor.kind {
        ActorKind::ServiceAccount | ActorKind::CloudService => (4, b"Service"),
        ActorKind::Admin => (2, b"Admin"),
        kind if kind.is_system() => (3, b"System"),
        ActorKind::Anonymous | ActorKind::Unknown => (0, b"Unknown"),
        _ => (1, b"User"),
    }
}

/// The name of a caller that has neither name nor id.
fn nobody(facts: &Facts<'_>) -> Option<Text<'static>> {
    let is_known = |text: Option<Text<'_>>| text.is_some_and(|text| !text.is_empty());
    (!is_known(facts.username) && !is_known(facts.user_id)).then_some(UNKNOWN)
}

/// The name of an endpoint that has neither address nor name.
fn no_endpoint(facts: &Facts<'_>) -> Option<Text<'static>> {
    let is_known = |text: Option<Text<'_>>| text.is_some_and(|text| !text.is_empty());
    (!is_known(facts.peer) && !is_known(facts.actor.node)).then_some(UNKNOWN)
}

/// The group of the API, of which the first has no name.
fn group<'a>(facts: &Facts<'a>) -> Option<Text<'a>> {
    let group = facts.api_group.filter(|group| !group.is_empty()).unwrap_or(Text::fixed(b"core"));
    (!facts.act.resource.is_empty()).then_some(group)
}

/// Account or project, if the cloud is known.
fn account<'s>(origin: &Origin<'s>) -> Option<Text<'s>> {
    let account = origin.account.or(origin.project).filter(|account| !account.is_empty());
    origin.provider.and(account)
}

fn account_type(origin: &Origin<'_>) -> Option<(u8, &'static [u8])> {
    account(origin).and(Provider::of_code(origin.provider?.bytes)).map(|known| known.account)
}

/// The values of a list, bounded.
fn values<'a>(emission: &Emission<'a>, slot: Slot) -> impl Iterator<Item = doc::Value<'a>> {
    intact(emission, slot).into_iter().flat_map(doc::Value::items).take(MOST_ITEMS)
}

/// The first text under a name in `user.extra`.
fn extra<'a>(emission: &Emission<'a>, name: &[u8]) -> Option<doc::Value<'a>> {
    intact(emission, Slot::UserExtra)?.member(name)?.items().next()
}

/// Epoch milliseconds; 0 when there is no time.
struct Millis<'a>(Option<Timestamp<'a>>);

impl<'o, T: Doc<'o>> Value<'o, T> for Millis<'_> {
    fn give(self, keys: Keys, to: &mut T) {
        let millis = self.0.map_or(0, Timestamp::millis);
        let line = to.line();
        line.put(keys.bare);
        line.put(if millis < 0 { b"-" } else { b"" });
        decimal(millis.unsigned_abs(), line.out);
        line.put(b",");
    }
}

/// A number as a text.
struct Decimal(u64);

impl<'o, T: Doc<'o>> Value<'o, T> for Decimal {
    fn give(self, keys: Keys, to: &mut T) {
        to.begin(keys);
        decimal(self.0, to.line().out);
        to.end();
    }
}

impl Activity<'_, '_, '_> {
    fn body(&mut self, slot: Slot) {
        if let Some(body) = self.emission.event.get(slot) {
            self.own.body.write(self.emission, b"data", body, &mut self.line);
        }
    }

    fn message(&mut self) {
        let failed = self.facts.outcome == Outcome::Failure;
        let key: &'static [u8] = if failed { b"\"error_message\":\"" } else { b"\"message\":\"" };
        self.line.some(key, self.facts.status_message);
    }

    /// The addresses between the first and the last.
    fn between(&mut self) {
        let Some(list) = intact(self.emission, Slot::SourceIps) else { return };
        let count = list.items().count();
        if self.facts.claimed.is_none() {
            return;
        }
        self.lend(|doc, text| {
            for item in list.items().take(count - 1).skip(1).take(MOST_ITEMS) {
                let raw = doc.emission.inside(item, text).map(without_mapping);
                doc.item(raw.filter(|raw| is_address(raw)).map(Text::fixed));
            }
        });
    }
}
