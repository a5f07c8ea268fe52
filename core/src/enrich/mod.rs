//! What can be told from an event and the policy's tables alone: no clock, no network, no state.
//!
//! [`Enricher::facts`] reads the texts that matter out of the event *as redacted* and takes them
//! apart into [`Facts`], a plain value that emitters read. Facts borrow from the source or from
//! the enricher's own memory, which is reused: no allocation per event once warm.

mod actor;
mod agent;
pub(crate) mod body;
pub(crate) mod class;
pub(crate) mod duration;
mod outcome;
mod reason;
pub(crate) mod tables;
pub(crate) mod text;
mod uri;

use std::net::IpAddr;

pub(crate) use crate::text::Timestamp;
pub(crate) use actor::{Actor, ActorKind};
pub(crate) use agent::Agent;
pub(crate) use class::Act;
pub(crate) use outcome::{Decision, Outcome, Stage};
pub(crate) use reason::Rbac;
pub(crate) use uri::{Exec, Uri};

use actor::{Arn, Groups};
use outcome::Answer;
use text::{Span, Text, Texts};

use crate::event::{Event, Slot};
use crate::policy::LookupField;
use crate::redacted::{Fate, Redacted};
use crate::scan::doc::Value;

/// Derives facts. Owns the memory for it; one per [`crate::Filter`].
#[derive(Default)]
pub(crate) struct Enricher {
    texts: Texts,
    exec: Exec,
    images: body::Images,
}

/// Texts found in one pass over annotations and `user.extra`.
#[derive(Clone, Copy, Default)]
struct Found {
    decision: Decision,
    reason: Span,
    deprecated: bool,
    truncated: bool,
    latency: bool,
    admission: bool,
    arn: Span,
    canonical_arn: Span,
    session: Span,
    pod: Span,
    node: Span,
}

/// What was derived from one event. Texts are as redacted; absent ones were absent or taken out.
pub(crate) struct Facts<'a> {
    pub(crate) audit_id: Option<Text<'a>>,
    pub(crate) stage_text: Option<Text<'a>>,
    pub(crate) verb: Option<Text<'a>>,
    pub(crate) username: Option<Text<'a>>,
    pub(crate) user_id: Option<Text<'a>>,
    pub(crate) effective_name: Option<Text<'a>>,
    pub(crate) effective_id: Option<Text<'a>>,
    /// First group that is not Kubernetes' own.
    pub(crate) group: Option<Text<'a>>,
    pub(crate) resource: Option<Text<'a>>,
    pub(crate) subresource: Option<Text<'a>>,
    pub(crate) namespace: Option<Text<'a>>,
    pub(crate) name: Option<Text<'a>>,
    pub(crate) object_uid: Option<Text<'a>>,
    pub(crate) api_group: Option<Text<'a>>,
    pub(crate) api_version: Option<Text<'a>>,
    pub(crate) status_reason: Option<Text<'a>>,
    pub(crate) status_message: Option<Text<'a>>,
    /// `authorization.k8s.io/reason`.
    pub(crate) reason: Option<Text<'a>>,
    pub(crate) user_agent: Option<Text<'a>>,
    pub(crate) request_uri: Option<Text<'a>>,
    pub(crate) session: Option<Text<'a>>,
    pub(crate) pod: Option<Text<'a>>,
    pub(crate) node: Option<Text<'a>>,
    /// AWS account of the caller.
    pub(crate) account: Option<Text<'a>>,

    pub(crate) stage: Stage,
    /// HTTP code; 0 when there is none.
    pub(crate) code: u16,
    pub(crate) decision: Decision,
    pub(crate) outcome: Outcome,
    pub(crate) denied_by: Option<&'static [u8]>,
    pub(crate) deprecated: bool,
    pub(crate) truncated: bool,
    /// There are annotations for [`crate::emit`] to read latencies from.
    pub(crate) latency: bool,
    /// There are annotations of admission webhooks.
    pub(crate) admission: bool,
    pub(crate) received: Option<Timestamp<'a>>,
    pub(crate) staged: Option<Timestamp<'a>>,
    /// Legacy `timestamp` of v1beta1 and v1alpha1.
    pub(crate) legacy: Option<Timestamp<'a>>,
    /// Nanoseconds the request took; only when nothing follows.
    pub(crate) duration: Option<u64>,
    pub(crate) actor: Actor<'a>,
    /// Last entry of `sourceIPs`: the connection's peer, the only one that clients cannot set.
    pub(crate) peer: Option<Text<'a>>,
    pub(crate) peer_address: Option<IpAddr>,
    /// First entry when there are several: what the client or a proxy claims.
    pub(crate) claimed: Option<Text<'a>>,
    pub(crate) agent: Option<Agent<'a>>,
    pub(crate) uri: Option<Uri<'a>>,
    pub(crate) act: Act<'a>,
    pub(crate) rbac: Option<Rbac<'a>>,
    /// What an exec or attach runs.
    pub(crate) exec: Option<&'a Exec>,
    pub(crate) images: body::ImageList<'a>,
}

/// Facts that follow from the caller's members alone, told by who has seen the caller before.
#[derive(Clone, Copy, Default)]
pub(crate) struct Known {
    pub(crate) decision: Decision,
    pub(crate) deprecated: bool,
    pub(crate) truncated: bool,
    pub(crate) platform: &'static [u8],
}

impl Enricher {
    /// Gives memory back after an unusually large event.
    pub(crate) fn shrink(&mut self) {
        if self.texts.capacity() + self.exec.capacity() + self.images.capacity() > 1 << 20 {
            *self = Self::default();
        }
    }

    /// Derives everything from one event, as redacted. Of a caller that is known already only its
    /// name and what `known` says are told.
    pub(crate) fn facts<'a>(
        &'a mut self,
        redacted: &Redacted<'a>,
        known: Option<Known>,
    ) -> Facts<'a> {
        use Slot as S;
        let Self { texts, exec, images } = self;
        let event = redacted.event;
        texts.clear();
        let found = match known {
            Some(Known { decision, deprecated, truncated, .. }) => {
                Found { decision, deprecated, truncated, ..Found::default() }
            }
            None => find(redacted, texts),
        };
        let [audit_id, stage, verb, user_id, effective_id, resource, subresource, namespace, name] =
            [
                S::AuditId,
                S::Stage,
                S::Verb,
                S::UserUid,
                S::ImpersonatedUid,
                S::Resource,
                S::Subresource,
                S::Namespace,
                S::Name,
            ]
            .map(|slot| texts.raw(redacted, event.get(slot)));
        let [object_uid, api_group, api_version, status, status_reason, message] = [
            S::ObjectUid,
            S::ApiGroup,
            S::ObjectApiVersion,
            S::StatusStatus,
            S::StatusReason,
            S::StatusMessage,
        ]
        .map(|slot| texts.raw(redacted, event.get(slot)));
        let [received, staged, legacy] =
            [S::RequestReceivedTimestamp, S::StageTimestamp, S::Timestamp]
                .map(|slot| texts.raw(redacted, event.get(slot)));
        let [username, effective_name, request_uri] =
            [S::Username, S::ImpersonatedUsername, S::RequestUri]
                .map(|slot| texts.plain(redacted, event.get(slot)));
        let unknown = |slot| if known.is_none() { event.get(slot) } else { None };
        let user_agent = texts.plain(redacted, unknown(S::UserAgent));
        let (groups, group) = match known {
            None => groups(redacted, texts),
            Some(_) => (Groups::default(), Span::default()),
        };
        let ips = if known.is_none() { intact(redacted, S::SourceIps) } else { None };
        let first_ip = texts.raw(redacted, ips.and_then(|list| list.items().next()));
        let last_ip = texts.raw(redacted, ips.and_then(|list| list.items().last()));
        let several = ips.is_some_and(|list| list.items().nth(1).is_some());
        images.collect(redacted, texts);

        let texts: &'a Texts = texts;
        let src = event.doc.src;
        let get = |span| texts.get(src, span);
        let time = |span| get(span).and_then(|text| Timestamp::read(text.bytes));
        let bytes = |text: Option<Text<'a>>| text.map_or(&b""[..], |text| text.bytes);

        let stage_text = get(stage);
        let stage = Stage::read(bytes(stage_text));
        let code = match event.get(S::StatusCode) {
            Some(value) if redacted.is_intact(value) => event.code(),
            _ => 0,
        };
        let status_message = get(message);
        let answer = Answer {
            stage,
            code,
            decision: found.decision,
            failed: bytes(get(status)) == b"Failure",
            message: bytes(status_message),
        };
        let (received, staged, legacy) = (time(received), time(staged), time(legacy));
        let duration = match (staged, received) {
            (Some(staged), Some(received)) if stage.is_final() => staged.since(received),
            _ => None,
        };
        let arn = get(found.arn).or_else(|| get(found.canonical_arn)).and_then(Arn::read);
        let username = get(username);
        let actor = match known {
            None => Actor::read(username, groups, arn, code),
            Some(known) => Actor { platform: known.platform, ..Actor::default() },
        };
        let request_uri = get(request_uri);
        let uri = request_uri.map(Uri::read);
        let (verb, resource, subresource) = (get(verb), get(resource), get(subresource));
        let api_group = get(api_group);
        let act = Act {
            verb: bytes(verb),
            resource: bytes(resource),
            subresource: bytes(subresource),
            group: bytes(api_group),
            path: uri.map_or(b"", |uri| uri.path.bytes),
            code,
            allowed: found.decision == Decision::Allow,
            forbidden: found.decision == Decision::Forbid,
            is_final: stage.is_final(),
        };
        let runs = act.resource == b"pods" && matches!(act.subresource, b"exec" | b"attach");
        let exec: Option<&'a Exec> = match uri {
            Some(uri) if runs => {
                exec.read(uri);
                Some(exec)
            }
            _ => None,
        };
        let reason = get(found.reason);
        let peer = get(last_ip);
        Facts {
            audit_id: get(audit_id),
            stage_text,
            verb,
            username,
            user_id: get(user_id),
            effective_name: get(effective_name),
            effective_id: get(effective_id),
            group: get(group),
            resource,
            subresource,
            namespace: get(namespace),
            name: get(name),
            object_uid: get(object_uid),
            api_group,
            api_version: get(api_version),
            status_reason: get(status_reason),
            status_message,
            reason,
            user_agent: get(user_agent),
            request_uri,
            session: get(found.session).or(arn.map(|arn| arn.session)).filter(|s| !s.is_empty()),
            pod: get(found.pod),
            node: get(found.node),
            account: arn.map(|arn| arn.account).filter(|account| !account.is_empty()),
            stage,
            code,
            decision: found.decision,
            outcome: answer.outcome(),
            denied_by: answer.denied_by(),
            deprecated: found.deprecated,
            truncated: found.truncated,
            latency: found.latency,
            admission: found.admission,
            received,
            staged,
            legacy,
            duration,
            actor,
            peer,
            peer_address: peer.and_then(|peer| address(peer.bytes)),
            claimed: if several { get(first_ip) } else { None },
            agent: get(user_agent).map(Agent::read),
            uri,
            act,
            rbac: reason.and_then(|reason| Rbac::read(reason.bytes)),
            exec,
            images: images.list(texts, src),
        }
    }
}

impl<'a> Facts<'a> {
    /// What a lookup table of the policy is asked with.
    pub(crate) fn looked_up(&self, field: LookupField) -> Option<&'a [u8]> {
        let text = match field {
            LookupField::Username => self.username,
            LookupField::Namespace => self.namespace,
            LookupField::Resource => self.resource,
            LookupField::Verb => self.verb,
            LookupField::SourceIp => self.peer,
        };
        text.map(|text| text.bytes)
    }

    /// ECS `user.target.name` of a token request: the service account.
    pub(crate) fn token_account(&self) -> Option<(Text<'a>, Text<'a>)> {
        (self.act.resource == b"serviceaccounts" && self.act.subresource == b"token")
            .then_some(())
            .and(self.namespace.zip(self.name))
    }
}

/// A container of the event that redaction has not replaced as a whole.
pub(crate) fn intact<'a>(redacted: &Redacted<'a>, slot: Slot) -> Option<Value<'a>> {
    redacted.event.get(slot).filter(|value| {
        let node = value.node();
        matches!(redacted.fate(node.start, node.end), Fate::Intact | Fate::Inside)
    })
}

/// An address that ECS type `ip` accepts.
pub(crate) fn address(text: &[u8]) -> Option<IpAddr> {
    if text.len() > 45 {
        return None;
    }
    let text = std::str::from_utf8(text).ok()?;
    if text.as_bytes().contains(&b':') {
        text.parse().ok().map(IpAddr::V6)
    } else {
        text.parse().ok().map(IpAddr::V4)
    }
}

fn groups(redacted: &Redacted<'_>, texts: &mut Texts) -> (Groups, Span) {
    let mut groups = Groups::default();
    let mut first = Span::default();
    let Some(list) = intact(redacted, Slot::UserGroups) else { return (groups, first) };
    let mut own = None;
    for item in list.items().take(256) {
        match item.raw_text() {
            b"system:masters" | b"kubeadm:cluster-admins" => groups.admin = true,
            b"system:unauthenticated" => groups.unauthenticated = true,
            text if own.is_none() && !text.starts_with(b"system:") => own = Some(item),
            _ => {}
        }
    }
    if own.is_some() {
        first = texts.raw(redacted, own);
    }
    (groups, first)
}

/// One pass over annotations and `user.extra`.
fn find(redacted: &Redacted<'_>, texts: &mut Texts) -> Found {
    let event: &Event<'_> = redacted.event;
    let mut found = Found::default();
    if let Some(annotations) = intact(redacted, Slot::Annotations) {
        for (key, value) in annotations.members() {
            match key.raw_text() {
                b"authorization.k8s.io/decision" => {
                    found.decision = match value.raw_text() {
                        _ if !redacted.is_intact(value) => Decision::None,
                        b"allow" => Decision::Allow,
                        b"forbid" => Decision::Forbid,
                        _ => Decision::None,
                    }
                }
                b"authorization.k8s.io/reason" => found.reason = texts.raw(redacted, Some(value)),
                b"k8s.io/deprecated" => found.deprecated = value.raw_text() == b"true",
                b"audit.k8s.io/truncated" => found.truncated = value.raw_text() == b"true",
                [b'a', b'p', b'i', ..] => found.latency = true,
                [b'm', b'u', b't', ..] | [b'f', b'a', b'i', ..] => found.admission = true,
                _ => {}
            }
        }
    }
    if event.get(Slot::UserExtra).is_none() {
        return found;
    }
    let Some(extra) = intact(redacted, Slot::UserExtra) else { return found };
    for (key, value) in extra.members() {
        let place = match key.raw_text() {
            b"arn" => &mut found.arn,
            b"canonicalArn" => &mut found.canonical_arn,
            b"sessionName" => &mut found.session,
            b"authentication.kubernetes.io/pod-name" => &mut found.pod,
            b"authentication.kubernetes.io/node-name" => &mut found.node,
            _ => continue,
        };
        *place = texts.plain(redacted, value.items().next());
    }
    found
}
