//! `ocsf`: API Activity, class 6003 of the Open Cybersecurity Schema Framework 1.8.0.
//!
//! Profiles: `security_control` always, `datetime` when there is a time, `cloud` when the cloud is
//! known: an event has no attributes of a profile that it does not declare, and the other way round. What the class requires and an
//! event does not say is `unknown` with the id 0. What has no attribute goes to `unmapped`
//! (see [`unmapped`]), so nothing is lost.

mod observed;
mod resources;
mod unmapped;

use super::body::BodyScratch;
use super::line::Line;
use super::origin::Origin;
use super::{Constants, Emission, Emitter, Stub, join_lines, sentence};
use crate::enrich::class::is_virtual;
use crate::enrich::text::Text;
use crate::enrich::{Act, Actor, ActorKind, Decision, Facts, Outcome, Timestamp, address, intact};
use crate::event::Slot;
use crate::unwrap::{Fact, Provider};
use unmapped::LIST;

/// What begins a stub; events have `unmapped` at the end.
pub(super) const STUB: &[u8] = b"{\"unmapped\":{\"auditweir\":";
/// Version of the schema.
const VERSION: &[u8] = b"1.8.0";
/// Most characters of one part of a text that is put together.
const PART: usize = 512;
/// Longest address; the schema's limit.
const LONGEST_ADDRESS: usize = 40;

/// See the module.
#[derive(Default)]
pub(crate) struct Ocsf {
    body: BodyScratch,
    rest: Vec<u8>,
    text: Vec<u8>,
}

impl Emitter for Ocsf {
    const NAME: &'static str = "ocsf";

    fn event(&mut self, emission: &Emission<'_>, facts: &Facts<'_>, out: &mut Vec<u8>) {
        let before = out.len();
        let raw = emission.event.raw();
        out.reserve(raw.len() + raw.len() / 4 + 4096);
        let most = emission.output.max_text as usize;
        let origin = Origin::of(emission, facts);
        let line = Line { out, most };
        let mut doc = Document { emission, facts, origin, line, scratch: self };
        doc.class();
        doc.verdict();
        doc.metadata();
        doc.actor();
        doc.api();
        doc.network();
        doc.request();
        doc.resources();
        doc.cloud();
        doc.observables();
        doc.enrichments();
        unmapped::write(emission, facts, &mut doc.line, doc.scratch);
        doc.line.out.pop();
        doc.line.put(b"}");
        join_lines(raw, &mut out[before..]);
        out.push(b'\n');
    }

    /// The stub as an API Activity: what the class requires and is not known is `unknown`, id 0.
    fn stub(&mut self, stub: &Stub<'_>, _: &Constants, out: &mut Vec<u8>) {
        out.extend_from_slice(STUB);
        stub.note(out);
        out.extend_from_slice(b"},");
        let mut line = Line { out, most: usize::MAX };
        class(0, b"Unknown", &mut line);
        match stub.time() {
            Some(time) => instant(TIME, time, &mut line),
            None => line.put(b"\"time\":0,"),
        }
        line.put(
            b"\"severity_id\":0,\"severity\":\"Unknown\",\"status_id\":0,\"status\":\"Unknown\",\
          \"action_id\":0,\"action\":\"Unknown\",\"disposition_id\":0,\"disposition\":\"Unknown\",",
        );
        line.word(b"\"status_detail\":\"", stub.reason.as_bytes());
        line.put(b"\"metadata\":{\"version\":\"");
        line.put(VERSION);
        line.put(b"\",\"product\":");
        line.put(PRODUCT);
        let provider = stub.fact(Fact::Provider).and_then(Provider::of_code);
        profiles(provider.is_some(), stub.time().is_some(), &mut line);
        line.word(b"\"uid\":\"", stub.id);
        for (key, text) in [
            (&b"\"original_event_uid\":\""[..], stub.audit_id()),
            (b"\"correlation_uid\":\"", stub.audit_id()),
            (b"\"event_code\":\"", stub.stage()),
            (b"\"log_level\":\"", stub.level()),
        ] {
            if let Some(text) = text {
                line.word(key, text);
            }
        }
        line.put(b"\"log_name\":\"audit.k8s.io\",\"log_provider\":\"kube-apiserver\",");
        line.put(b"\"tags\":[{\"name\":\"stub\",\"value\":\"");
        line.put(stub.reason.as_bytes());
        line.put(b"\"}],");
        if let Some(id) = stub.fact(Fact::ClusterId) {
            line.word(b"\"tenant_uid\":\"", id);
        }
        line.put(TRANSFORMATION);
        if let Some(provider) = provider {
            line.put(b"\"cloud\":{\"provider\":\"");
            line.put(provider.ocsf);
            line.put(b"\",");
            if let Some(account) = stub.fact(Fact::Account).or(stub.fact(Fact::Project)) {
                line.put(b"\"account\":{\"uid\":\"");
                line.put(account);
                line.put(b"\"");
                account_type(provider, &mut line);
            }
            if let Some(region) = stub.fact(Fact::Region) {
                line.word(b"\"region\":\"", region);
            }
            line.out.pop();
            line.put(b"},");
        }
        line.put(
            b"\"actor\":{\"user\":{\"name\":\"unknown\",\"type_id\":0,\"type\":\"Unknown\"}},",
        );
        line.word(b"\"api\":{\"operation\":\"", stub.verb().unwrap_or(b"unknown"));
        line.put(b"\"service\":{\"name\":\"kube-apiserver\"},\"request\":{\"uid\":\"");
        line.put(stub.audit_id().unwrap_or(stub.id));
        line.put(
            b"\"}},\"src_endpoint\":{\"name\":\"unknown\"},\
          \"dst_endpoint\":{\"svc_name\":\"kube-apiserver\",",
        );
        for (key, fact) in
            [(&b"\"name\":\""[..], Fact::ClusterName), (b"\"uid\":\"", Fact::ClusterId)]
        {
            if let Some(text) = stub.fact(fact) {
                line.word(key, text);
            }
        }
        line.out.pop();
        line.put(b"}}\n");
    }

    fn shrink(&mut self) {
        if self.body.capacity() + self.rest.capacity() + self.text.capacity() > 1 << 20 {
            *self = Self::default();
        }
    }
}

struct Document<'s, 'e, 'o> {
    emission: &'s Emission<'e>,
    facts: &'s Facts<'e>,
    origin: Origin<'s>,
    line: Line<'o>,
    scratch: &'s mut Ocsf,
}

/// What kind of account the cloud has, and the end of `cloud.account`.
fn account_type(provider: &Provider, line: &mut Line<'_>) {
    let (number, caption) = provider.ocsf_account;
    line.put(b",\"type_id\":");
    crate::text::decimal(u64::from(number), line.out);
    line.put(b",\"type\":\"");
    line.put(caption);
    line.put(b"\"},");
}

/// `activity_id` and its caption.
fn activity(act: &Act<'_>) -> (u64, &'static [u8]) {
    const CREATE: (u64, &[u8]) = (1, b"Create");
    const UPDATE: (u64, &[u8]) = (3, b"Update");
    const DELETE: (u64, &[u8]) = (4, b"Delete");
    match (act.resource, act.subresource) {
        (b"pods", b"exec") => return (99, b"Exec"),
        (b"pods", b"attach") => return (99, b"Attach"),
        (b"pods", b"portforward") => return (99, b"Port Forward"),
        (b"pods" | b"nodes" | b"services", b"proxy") => return (99, b"Proxy"),
        (resource, _) if resource.ends_with(b"reviews") && is_virtual(resource) => {
            return (99, b"Review");
        }
        _ => {}
    }
    match (act.verb, act.subresource) {
        (b"create", b"eviction") | (b"delete" | b"deletecollection", _) => DELETE,
        (b"create", b"binding" | b"scale" | b"status") | (b"update" | b"patch" | b"put", _) => {
            UPDATE
        }
        (b"create" | b"post", _) => CREATE,
        (b"get" | b"list" | b"watch" | b"head", _) => (2, b"Read"),
        _ => (0, b"Unknown"),
    }
}

/// Appends the members that say what class of event this is.
fn class(id: u64, name: &[u8], line: &mut Line<'_>) {
    line.number(b"\"activity_id\":", id);
    line.word(b"\"activity_name\":\"", name);
    line.put(
        b"\"category_uid\":6,\"category_name\":\"Application Activity\",\
          \"class_uid\":6003,\"class_name\":\"API Activity\",",
    );
    line.number(b"\"type_uid\":", 600_300 + id);
    line.put(b"\"type_name\":\"API Activity: ");
    line.put(if id == 99 { b"Other" } else { name });
    line.put(b"\",");
}

/// Appends an instant: epoch milliseconds and, as the profile `datetime` has it, RFC 3339.
fn instant(keys: [&'static [u8]; 2], time: Timestamp<'_>, line: &mut Line<'_>) {
    line.put(keys[0]);
    let millis = time.millis();
    if millis < 0 {
        line.put(b"-");
    }
    crate::text::decimal(millis.unsigned_abs(), line.out);
    line.put(keys[1]);
    time.write(line.out);
    line.put(b"\",");
}

/// Appends `profiles`, which follows another member without a comma.
fn profiles(cloud: bool, dated: bool, line: &mut Line<'_>) {
    line.put(b",\"profiles\":[");
    line.put(if cloud { b"\"cloud\"," } else { b"" });
    line.put(if dated { b"\"datetime\"," } else { b"" });
    line.put(b"\"security_control\"],");
}

const TIME: [&[u8]; 2] = [b"\"time\":", b",\"time_dt\":\""];
const START: [&[u8]; 2] = [b"\"start_time\":", b",\"start_time_dt\":\""];
const END: [&[u8]; 2] = [b"\"end_time\":", b",\"end_time_dt\":\""];

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

impl Document<'_, '_, '_> {
    fn class(&mut self) {
        let Self { emission, facts, line, .. } = self;
        let (id, name) = activity(&facts.act);
        line.put(b"{");
        class(id, name, line);
        match emission.time {
            Some(time) => instant(TIME, time, line),
            None => line.put(b"\"time\":0,"),
        }
        if let Some(start) = facts.received {
            instant(START, start, line);
        }
        if let Some(end) = facts.staged
            && facts.stage.is_final()
        {
            instant(END, end, line);
        }
        if let Some(duration) = facts.duration {
            line.number(b"\"duration\":", duration / 1_000_000);
        }
        sentence::message(facts, line);
    }

    /// Severity, status, and what the authorizer decided.
    fn verdict(&mut self) {
        let Self { facts, line, .. } = self;
        let denied = facts.decision == Decision::Forbid || matches!(facts.code, 401 | 403);
        let writes = !matches!(facts.act.verb, b"get" | b"list" | b"watch" | b"head");
        line.put(if denied && writes {
            b"\"severity_id\":2,\"severity\":\"Low\","
        } else {
            b"\"severity_id\":1,\"severity\":\"Informational\","
        });
        line.put(match facts.outcome {
            Outcome::Success => b"\"status_id\":1,\"status\":\"Success\",",
            Outcome::Failure => b"\"status_id\":2,\"status\":\"Failure\",",
            Outcome::Unknown => b"\"status_id\":0,\"status\":\"Unknown\",",
        });
        if facts.code != 0 {
            line.put(b"\"status_code\":\"");
            crate::text::decimal(u64::from(facts.code), line.out);
            line.put(b"\",");
        }
        let forbid = if facts.decision == Decision::Forbid { facts.reason } else { None };
        let reason = facts.status_reason.filter(|reason| !reason.is_empty());
        line.some(b"\"status_detail\":\"", reason.or(forbid));
        line.put(if denied {
            b"\"action_id\":2,\"action\":\"Denied\","
        } else if facts.decision == Decision::Allow {
            b"\"action_id\":1,\"action\":\"Allowed\","
        } else {
            b"\"action_id\":0,\"action\":\"Unknown\","
        });
        line.put(match (facts.denied_by, facts.outcome) {
            (Some(b"authentication" | b"authorization"), _) => {
                &b"\"disposition_id\":26,\"disposition\":\"Unauthorized\","[..]
            }
            (Some(b"server"), _) | (None, Outcome::Failure) => {
                b"\"disposition_id\":27,\"disposition\":\"Error\","
            }
            (Some(_), _) => b"\"disposition_id\":2,\"disposition\":\"Blocked\",",
            (None, Outcome::Success) => b"\"disposition_id\":1,\"disposition\":\"Allowed\",",
            (None, Outcome::Unknown) => b"\"disposition_id\":0,\"disposition\":\"Unknown\",",
        });
        if let Some(rbac) = facts.rbac {
            line.put(b"\"policy\":{\"name\":\"");
            line.inside_short(Text::fixed(rbac.role), PART);
            line.put(b"\",\"type\":\"RBAC\",\"is_applied\":true},");
        }
    }

    fn metadata(&mut self) {
        let Self { emission, facts, origin, line, scratch } = self;
        line.put(b"\"metadata\":{\"version\":\"");
        line.put(VERSION);
        line.put(b"\",\"product\":");
        line.put(PRODUCT);
        profiles(origin.provider.is_some(), emission.time.is_some(), line);
        line.word(b"\"uid\":\"", emission.id);
        line.some(b"\"original_event_uid\":\"", facts.audit_id);
        line.some(b"\"correlation_uid\":\"", facts.audit_id);
        line.some(b"\"event_code\":\"", facts.stage_text);
        line.put(b"\"log_name\":\"audit.k8s.io\",\"log_provider\":\"kube-apiserver\",");
        for (key, slot) in [
            (&b"\"log_version\":\""[..], Slot::ApiVersion),
            (b"\"log_level\":\"", Slot::Level),
            (b"\"original_time\":\"", unmapped::original_time(facts)),
        ] {
            if let Some(value) = emission.event.get(slot)
                && let Some(raw) = emission.inside(value, &mut scratch.text)
            {
                line.text(key, Text::fixed(raw));
            }
        }
        line.some(b"\"tenant_uid\":\"", origin.cluster_id);
        if facts.truncated || emission.envelope.cut() {
            line.put(b"\"is_truncated\":true,");
        }
        let count = emission.redactor.count();
        let contradicted = emission.envelope.contradicted();
        if count > 0 || facts.deprecated || contradicted || !emission.timed {
            let tags = line.open(b"\"tags\":[");
            if count > 0 {
                line.put(b"{\"name\":\"redacted\",\"value\":\"");
                crate::text::decimal(u64::from(count), line.out);
                line.put(b"\"},");
            }
            if facts.deprecated {
                line.put(b"{\"name\":\"deprecated\",\"value\":\"true\"},");
            }
            if contradicted {
                line.put(b"{\"name\":\"contradicted\",\"value\":\"true\"},");
            }
            if !emission.timed {
                line.put(b"{\"name\":\"no_timestamp\",\"value\":\"true\"},");
            }
            line.close_list(tags);
        }
        line.put(TRANSFORMATION);
    }

    fn actor(&mut self) {
        let Self { emission, facts, line, scratch, .. } = self;
        line.put(b"\"actor\":{\"user\":{");
        let from = line.out.len();
        line.some(b"\"name\":\"", facts.username);
        line.some(b"\"uid\":\"", facts.user_id);
        if line.out.len() == from {
            line.put(b"\"name\":\"unknown\",");
        }
        let (id, caption) = user_type(&facts.actor);
        line.number(b"\"type_id\":", id);
        line.word(b"\"type\":\"", caption);
        if let Some(list) = intact(emission, Slot::UserGroups) {
            let groups = line.open(b"\"groups\":[");
            for item in list.items().take(LIST) {
                if let Some(raw) = emission.inside(item, &mut scratch.text)
                    && !raw.is_empty()
                {
                    line.put(b"{\"name\":\"");
                    line.inside(Text::fixed(raw));
                    line.put(b"\"},");
                }
            }
            line.close_list(groups);
        }
        if let Some((namespace, _)) = facts.actor.service_account {
            line.text(b"\"domain\":\"", namespace);
        } else if let Some((mailbox, domain)) = facts.actor.email {
            line.text(b"\"domain\":\"", domain);
            if is_mailbox(mailbox) {
                line.text(b"\"email_addr\":\"", mailbox);
            }
        }
        let mut extra = |key: &'static [u8], name: &[u8], line: &mut Line<'_>| {
            if let Some(value) = unmapped::extra(emission, name)
                && let Some(raw) = emission.inside(value, &mut scratch.text)
            {
                line.text(key, Text::fixed(raw));
            }
        };
        extra(b"\"uid_alt\":\"", b"principalId", line);
        let credentials = line.open(b"\"programmatic_credentials\":[{");
        extra(b"\"uid\":\"", b"authentication.kubernetes.io/credential-id", line);
        if line.out.last() == Some(&b',') {
            line.put(b"\"type\":\"Token\"}");
        }
        line.close_list(credentials);
        line.out.pop();
        line.put(b"},");
        let session = line.open(b"\"session\":{");
        match facts.session {
            Some(session) => line.text(b"\"uid\":\"", session),
            None => extra(b"\"uid\":\"", b"authentication.kubernetes.io/pod-uid", line),
        }
        extra(b"\"issuer\":\"", b"canonicalArn", line);
        line.close(session);
        if let Some(agent) = facts.agent {
            line.text(b"\"app_name\":\"", agent.name);
            line.text(b"\"app_uid\":\"", agent.component);
        }
        let reason = facts.reason.filter(|reason| !reason.is_empty());
        if facts.decision != Decision::None || reason.is_some() {
            line.put(b"\"authorizations\":[{");
            match facts.decision {
                Decision::Allow => line.put(b"\"decision\":\"allow\","),
                Decision::Forbid => line.put(b"\"decision\":\"forbid\","),
                Decision::None => {}
            }
            if let Some(reason) = reason {
                line.put(b"\"policy\":{");
                if let Some(rbac) = facts.rbac {
                    line.text(b"\"name\":\"", Text::fixed(rbac.role));
                    line.put(b"\"uid\":\"");
                    for (at, part) in
                        [rbac.binding_kind, rbac.binding_namespace, rbac.binding].iter().enumerate()
                    {
                        if !part.is_empty() {
                            line.put(if at > 0 { b"/" } else { b"" });
                            line.inside_short(Text::fixed(part), PART);
                        }
                    }
                    line.put(b"\",\"type\":\"RBAC\",");
                } else {
                    line.put(b"\"type\":\"Other\",");
                }
                line.text(b"\"desc\":\"", reason);
                line.out.pop();
                line.put(b"},");
            }
            line.out.pop();
            line.put(b"}],");
        }
        line.out.pop();
        line.put(b"},");
    }

    fn api(&mut self) {
        let Self { emission, facts, line, scratch, .. } = self;
        line.put(b"\"api\":{\"operation\":\"");
        match facts.verb.filter(|verb| !verb.is_empty()) {
            Some(verb) => line.inside(verb),
            None => line.put(b"unknown"),
        }
        line.put(b"\",\"service\":{\"name\":\"kube-apiserver\"},");
        line.some(b"\"version\":\"", facts.api_version);
        if !facts.act.resource.is_empty() {
            let group = facts.api_group.filter(|group| !group.is_empty());
            line.put(b"\"group\":{");
            line.text(b"\"name\":\"", group.unwrap_or(Text::fixed(b"core")));
            line.out.pop();
            line.put(b"},");
        }
        line.put(b"\"request\":{\"uid\":\"");
        match facts.audit_id.filter(|id| !id.is_empty()) {
            Some(id) => line.inside(id),
            None => line.put(emission.id),
        }
        line.put(b"\",");
        if emission.event.get(Slot::ImpersonatedUser).is_some() {
            line.put(b"\"flags\":[\"impersonated\"],");
        }
        resources::containers(emission, line, &mut scratch.text);
        if let Some(body) = emission.event.get(Slot::RequestObject) {
            scratch.body.write(emission, b"\"data\":", body, line);
        }
        line.out.pop();
        line.put(b"},");
        let response = line.open(b"\"response\":{");
        if facts.code != 0 {
            line.number(b"\"code\":", u64::from(facts.code));
        }
        line.some(b"\"error\":\"", facts.status_reason);
        line.some(
            if facts.outcome == Outcome::Failure {
                b"\"error_message\":\""
            } else {
                b"\"message\":\""
            },
            facts.status_message,
        );
        if let Some(body) = emission.event.get(Slot::ResponseObject) {
            scratch.body.write(emission, b"\"data\":", body, line);
        }
        line.close(response);
        line.out.pop();
        line.put(b"},");
    }

    fn network(&mut self) {
        let Self { emission, facts, origin, line, scratch } = self;
        line.put(b"\"src_endpoint\":{");
        let from = line.out.len();
        if let Some(peer) = facts.peer.filter(|peer| !peer.is_empty()) {
            if is_address(peer.bytes) {
                line.text(b"\"ip\":\"", peer);
            } else {
                line.text(b"\"hostname\":\"", peer);
            }
        }
        line.some(b"\"name\":\"", facts.actor.node);
        if line.out.len() == from {
            line.put(b"\"name\":\"unknown\",");
        }
        if let (Some(list), Some(_)) = (intact(emission, Slot::SourceIps), facts.claimed) {
            let between = line.open(b"\"intermediate_ips\":[");
            let count = list.items().count();
            for item in list.items().take(count - 1).skip(1).take(LIST) {
                if let Some(raw) = emission.inside(item, &mut scratch.text)
                    && is_address(raw)
                {
                    line.item(Text::fixed(raw));
                }
            }
            line.close_list(between);
        }
        line.out.pop();
        line.put(b"},\"dst_endpoint\":{\"svc_name\":\"kube-apiserver\",");
        line.some(b"\"name\":\"", origin.cluster_name);
        line.some(b"\"uid\":\"", origin.cluster_id);
        line.out.pop();
        line.put(b"},");
    }

    fn request(&mut self) {
        let Self { facts, line, .. } = self;
        let request = line.open(b"\"http_request\":{");
        if let Some(method) = facts.act.method() {
            line.word(b"\"http_method\":\"", method);
        }
        line.some(b"\"user_agent\":\"", facts.user_agent);
        line.some(b"\"uid\":\"", facts.audit_id);
        if let Some(claimed) = facts.claimed.filter(|ip| is_address(ip.bytes)) {
            line.put(b"\"x_forwarded_for\":[\"");
            line.inside(claimed);
            line.put(b"\"],");
        }
        if let Some(text) = facts.request_uri
            && let Some(uri) = facts.uri
        {
            let url = line.open(b"\"url\":{");
            line.text(b"\"url_string\":\"", text);
            line.text(b"\"path\":\"", uri.path);
            line.text(b"\"query_string\":\"", uri.query);
            line.close(url);
        }
        line.close(request);
        if facts.code != 0 {
            line.put(b"\"http_response\":{\"code\":");
            crate::text::decimal(u64::from(facts.code), line.out);
            line.put(b"},");
        }
    }

    fn cloud(&mut self) {
        let Self { origin, line, .. } = self;
        let Some(provider) = origin.provider else { return };
        line.put(b"\"cloud\":{\"provider\":\"");
        let known = Provider::of_code(provider.bytes);
        match known {
            Some(known) => line.put(known.ocsf),
            None => line.inside(provider),
        }
        line.put(b"\",");
        let account = origin.account.or(origin.project);
        if let Some(account) = account.filter(|account| !account.is_empty()) {
            line.put(b"\"account\":{\"uid\":\"");
            line.inside(account);
            line.put(b"\"");
            match known {
                Some(known) => account_type(known, line),
                None => line.put(b"},"),
            }
        }
        line.some(b"\"region\":\"", origin.region);
        line.out.pop();
        line.put(b"},");
    }
}

const PRODUCT: &[u8] = b"{\"name\":\"Kubernetes\",\"vendor_name\":\"CNCF\",\
    \"feature\":{\"name\":\"kube-apiserver\"}}";

/// Who made an OCSF event out of the audit event; the end of `metadata`.
const TRANSFORMATION: &[u8] = concat!(
    "\"transformation_info_list\":[{\"name\":\"auditweir\",\"lang\":\"rust\",",
    "\"product\":{\"name\":\"auditweir\",\"version\":\"",
    env!("CARGO_PKG_VERSION"),
    "\"}}]},"
)
.as_bytes();
