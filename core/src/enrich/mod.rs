//! What can be told from an event and the policy's tables alone: no clock, no network, no state.
//!
//! [`Enricher::facts`] reads the texts that matter out of the event *as redacted* and takes them
//! apart into [`Facts`], a plain value that emitters read. Facts borrow from the source or from
//! the enricher's own memory, which is reused: no allocation per event once warm.

mod actor;
pub(crate) mod admission;
mod agent;
pub(crate) mod body;
pub(crate) mod class;
mod dry_run;
pub(crate) mod facts;
pub(crate) mod latency;
pub(crate) mod origin;
mod outcome;
mod reason;
pub(crate) mod tables;
pub(crate) mod text;
mod uri;

use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

pub(crate) use crate::text::Timestamp;
pub(crate) use actor::{Actor, ActorKind};
pub(crate) use agent::Agent;
pub(crate) use class::{Act, Effect};
pub(crate) use dry_run::DryRun;
pub(crate) use outcome::{Decision, Outcome, Refusal, Ruling};
pub(crate) use reason::Rbac;
pub(crate) use uri::{Exec, Uri};

use actor::{Arn, Groups};
use origin::Origin;
use outcome::{Entry, Login, Signs, Status};
use tables::CompiledTables;
use text::{Span, Text, Texts};

use crate::event::{Code, Event, Slot, Stage};
use crate::policy::LookupField;
use crate::redacted::{Fate, Redacted};
use crate::scan::Kind;
use crate::scan::doc::Value;
use crate::scan::key::Key;

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
    login: Login,
    login_name: Span,
    reason: Span,
    /// The command and the mark of a dry run that Google's audit log puts into labels.
    command: Span,
    dry_run: bool,
    deprecated: bool,
    truncated: bool,
    latency: bool,
    admission: bool,
    arn: Span,
    canonical_arn: Span,
    session: Span,
    /// `user.extra.oid`
    entra: bool,
    /// `user.extra.username`, Rancher's name of the person.
    person: Span,
    pod: Span,
    node: Span,
}

impl Found {
    /// Takes note of one annotation. Where one occurs twice, the worse verdict counts.
    #[inline]
    fn annotation(
        &mut self,
        name: &[u8],
        value: Value<'_>,
        redacted: &Redacted<'_>,
        texts: &mut Texts,
    ) {
        match name {
            b"authorization.k8s.io/decision" => self.decided(value, redacted),
            b"authorization.k8s.io/reason" => self.reason = texts.raw(redacted, Some(value)),
            [b'a', b'u', b't', b'h', ..] => self.spelt_otherwise(name, value, redacted, texts),
            b"command.gke.io/command" => self.command = texts.plain(redacted, Some(value)),
            b"command.gke.io/dryRun" => {
                self.dry_run = value.says(b"All") || value.says(b"true");
            }
            b"k8s.io/deprecated" => self.deprecated = value.says(b"true"),
            b"audit.k8s.io/truncated" => self.truncated = value.says(b"true"),
            [b'a', b'p', b'i', ..] => self.latency = true,
            [b'm', b'u', b't', ..] | [b'f', b'a', b'i', ..] => self.admission = true,
            _ if name.starts_with(b"validation.policy.") => self.admission = true,
            _ => {}
        }
    }

    fn decided(&mut self, value: Value<'_>, redacted: &Redacted<'_>) {
        if redacted.is_intact(value) {
            self.decision = self.decision.max(said(value, Decision::read, Decision::Odd));
        }
    }

    /// What authorizer and OAuth server say, under their names as other programs spell them:
    /// stores write `_` for `.` and `/`, or make objects of what stands between dots.
    #[cold]
    fn spelt_otherwise(
        &mut self,
        name: &[u8],
        value: Value<'_>,
        redacted: &Redacted<'_>,
        texts: &mut Texts,
    ) {
        let is = |known: &[u8]| {
            name.len() == known.len()
                && name.iter().zip(known).all(|(b, known)| {
                    b == known || matches!(b, b'_' | b'-') && matches!(known, b'.' | b'/')
                })
        };
        if is(b"authorization.k8s.io/decision") {
            self.decided(value, redacted);
        } else if is(b"authorization.k8s.io/reason") {
            self.reason = texts.raw(redacted, Some(value));
        } else if is(b"authentication.openshift.io/decision") {
            self.logged_in(value, redacted);
        } else if is(b"authentication.openshift.io/username") {
            self.login_name = texts.plain(redacted, Some(value));
        } else if value.kind() == Kind::Object {
            for at in value.index + 1..value.node().next {
                let key = value.doc.at(at);
                if key.kind() == Kind::Key && key.raw_text().ends_with(b"decision") {
                    let value = value.doc.at(at + 1);
                    if name.starts_with(b"authentication") {
                        self.logged_in(value, redacted);
                    } else {
                        self.decided(value, redacted);
                    }
                }
            }
        }
    }

    fn logged_in(&mut self, value: Value<'_>, redacted: &Redacted<'_>) {
        if redacted.is_intact(value) {
            self.login = self.login.max(said(value, Login::read, Login::Odd));
        }
    }
}

/// What a decision says: a text, or a list of one. Anything else is no word of a server's.
fn said<T: Default>(value: Value<'_>, read: fn(&[u8]) -> T, odd: T) -> T {
    let text = |value: Value<'_>| value.read(|text| read(text.trim_ascii()));
    match value.kind() {
        Kind::Null => T::default(),
        Kind::String => text(value),
        Kind::Array => {
            let mut items = value.items();
            match (items.next(), items.next()) {
                (Some(one), None) if one.kind() == Kind::String => text(one),
                _ => odd,
            }
        }
        _ => odd,
    }
}

/// What was derived from one event. Texts are as redacted; absent ones were absent or taken out.
pub(crate) struct Facts<'a> {
    pub(crate) audit_id: Option<Text<'a>>,
    pub(crate) stage_text: Option<Text<'a>>,
    pub(crate) verb: Option<Text<'a>>,
    pub(crate) username: Option<Text<'a>>,
    pub(crate) user_id: Option<Text<'a>>,
    /// On whose behalf: `impersonatedUser.username`, else the first of those who delegated to a
    /// Google service account.
    pub(crate) effective_name: Option<Text<'a>>,
    pub(crate) effective_id: Option<Text<'a>>,
    /// The person as a proxy knows them: `impersonatedUser.extra.username` (Rancher).
    pub(crate) effective_person: Option<Text<'a>>,
    /// Whom a login to OpenShift's OAuth server named, whether it succeeded or not.
    pub(crate) login_name: Option<Text<'a>>,
    /// OpenShift's OAuth server says how a login went.
    pub(crate) is_login: bool,
    /// The event names somebody on whose behalf the caller acted.
    pub(crate) is_impersonated: bool,
    /// First group that is not Kubernetes' own.
    pub(crate) group: Option<Text<'a>>,
    pub(crate) resource: Option<Text<'a>>,
    pub(crate) subresource: Option<Text<'a>>,
    pub(crate) namespace: Option<Text<'a>>,
    /// `objectRef.name`, else `metadata.name` of the answer (`generateName`).
    pub(crate) name: Option<Text<'a>>,
    /// `objectRef.uid`, else `metadata.uid` of the answer.
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

    /// `None` when the event says none that is known.
    pub(crate) stage: Option<Stage>,
    /// HTTP code; 0 when there is none.
    pub(crate) code: u16,
    pub(crate) decision: Decision,
    pub(crate) outcome: Outcome,
    pub(crate) ruling: Ruling,
    /// Which part of the API server refused or failed.
    pub(crate) denied_by: Option<&'static [u8]>,
    /// What admission wrote into the answer.
    pub(crate) refusal: Option<Refusal<'a>>,
    pub(crate) dry_run: DryRun,
    pub(crate) deprecated: bool,
    pub(crate) truncated: bool,
    /// There are annotations that may be of [`latency`].
    pub(crate) latency: bool,
    /// There are annotations of admission webhooks or policies.
    pub(crate) admission: bool,
    pub(crate) received: Option<Timestamp<'a>>,
    pub(crate) staged: Option<Timestamp<'a>>,
    /// Legacy `timestamp` of v1beta1 and v1alpha1.
    pub(crate) legacy: Option<Timestamp<'a>>,
    /// Nanoseconds the request took; only when nothing follows.
    pub(crate) duration: Option<u64>,
    pub(crate) actor: Actor<'a>,
    pub(crate) origin: Origin<'a>,
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

impl Enricher {
    /// Gives memory back after an unusually large event.
    pub(crate) fn shrink(&mut self) {
        if self.texts.capacity() + self.exec.capacity() + self.images.capacity() > 1 << 20 {
            *self = Self::default();
        }
    }

    /// Derives everything from one event, as redacted, and from what the policy says.
    pub(crate) fn facts<'a>(
        &'a mut self,
        redacted: &Redacted<'a>,
        tables: &'a CompiledTables,
    ) -> Facts<'a> {
        use Slot as S;
        let Self { texts, exec, images } = self;
        let event = redacted.event;
        texts.clear();
        let found = find(redacted, texts);
        let mut raw = |slot| texts.raw(redacted, event.get(slot));
        let (audit_id, stage, verb) = (raw(S::AuditId), raw(S::Stage), raw(S::Verb));
        let (user_id, effective_id) = (raw(S::UserUid), raw(S::ImpersonatedUid));
        let (resource, subresource) = (raw(S::Resource), raw(S::Subresource));
        let (namespace, name, object_uid) = (raw(S::Namespace), raw(S::Name), raw(S::ObjectUid));
        let (api_group, api_version) = (raw(S::ApiGroup), raw(S::ObjectApiVersion));
        let (status_reason, message) = (raw(S::StatusReason), raw(S::StatusMessage));
        let received = raw(S::RequestReceivedTimestamp);
        let (staged, legacy) = (raw(S::StageTimestamp), raw(S::Timestamp));
        let mut plain = |slot| texts.plain(redacted, event.get(slot));
        let (username, effective_name) = (plain(S::Username), plain(S::ImpersonatedUsername));
        let (request_uri, user_agent) = (plain(S::RequestUri), plain(S::UserAgent));
        let (mut groups, group) = groups(redacted, texts);
        groups.entra = found.entra;
        let ips = intact(redacted, S::SourceIps);
        let first_ip = texts.raw(redacted, ips.and_then(|list| list.items().next()));
        let last_ip = texts.raw(redacted, ips.and_then(|list| list.items().last()));
        let several = ips.is_some_and(|list| list.items().nth(1).is_some());
        images.collect(redacted, texts);
        let [name, object_uid] = answered(redacted, texts, [name, object_uid]);
        let behind = Behind::read(redacted, texts);

        let texts: &'a Texts = texts;
        let src = event.doc.src;
        let get = |span| texts.get(src, span);
        let time = |span| get(span).and_then(|text| Timestamp::read(text.bytes));
        let bytes = |text: Option<Text<'a>>| text.map_or(&b""[..], |text| text.bytes);

        let stage_text = get(stage);
        let stage = Stage::read(bytes(stage_text));
        let is_final = stage.is_some_and(Stage::is_final);
        let told = |slot| event.get(slot).filter(|value| redacted.is_intact(*value));
        let status_code = told(S::StatusCode).map_or_else(|| Code::set_aside(event), Code::read);
        let code = status_code.number();
        let (status_reason, status_message) = (get(status_reason), get(message));
        let (received, staged, legacy) = (time(received), time(staged), time(legacy));
        let duration = match (staged, received) {
            (Some(staged), Some(received)) if is_final => staged.since(received),
            _ => None,
        };
        let arn = get(found.arn).or_else(|| get(found.canonical_arn)).and_then(Arn::read);
        let (username, login_name) = (get(username), get(found.login_name));
        // Somebody who logs in is who they say once the server says so.
        let login = found.login != Login::None && username.is_none_or(Text::is_empty);
        let actor = match found.login {
            _ if !login => Actor::read(username, groups, arn, code),
            Login::Allow => Actor::read(login_name, groups, arn, code),
            _ => Actor::read(None, groups, arn, 401),
        };
        let request_uri = get(request_uri);
        let uri = request_uri.map(Uri::read);
        let (verb, resource, subresource) = (get(verb), get(resource), get(subresource));
        let api_group = get(api_group);
        let mut act = Act {
            verb: bytes(verb),
            resource: bytes(resource),
            subresource: bytes(subresource),
            group: bytes(api_group),
            path: uri.map_or(b"", |uri| uri.path.bytes),
            code,
            ruling: Ruling::Unknown,
            is_dry_run: false,
            is_final,
        };
        let signs = Signs {
            stage,
            code: status_code,
            status: told(S::StatusStatus)
                .map_or(Status::None, |status| said(status, Status::read, Status::Odd)),
            is_partly_unread: event.get(S::Unreadable).is_some_and(speaks_of_the_end)
                || status_code == Code::Absent
                    && event.get(S::ResponseStatus).is_some_and(says_something_else)
                || told(S::StatusStatus).is_some_and(|status| status.kind() != Kind::String),
            reason: bytes(status_reason),
            // Whatever of it was taken out, it was written by the server.
            message: event.raw_text(S::StatusMessage),
            decision: found.decision,
            login: found.login,
            is_login: act.is_login(),
            entry: event.get(S::Gke).map_or(Entry::None, Entry::read),
            failed_body: if code < 400 { failed_status(redacted) } else { None },
        };
        let verdict = signs.verdict();
        let dry_run = DryRun::read(event, &act, uri, found.dry_run);
        act.ruling = verdict.ruling;
        act.is_dry_run = dry_run == DryRun::Yes;
        let runs = act.resource == b"pods" && matches!(act.subresource, b"exec" | b"attach");
        let exec: Option<&'a Exec> = if runs {
            exec.read(redacted, uri, get(found.command));
            Some(exec)
        } else {
            None
        };
        let reason = get(found.reason);
        // Of addresses that were cut off the last is not known.
        let last = get(last_ip);
        let plain = last.and_then(|ip| ipv4(ip.bytes)).map(IpAddr::V4);
        let peer = match plain {
            Some(_) => last,
            None => last.map(unmapped).filter(|ip| ip.bytes.first() != Some(&b'[')),
        };
        let account = arn.map(|arn| arn.account).filter(|account| !account.is_empty());
        Facts {
            audit_id: get(audit_id),
            stage_text,
            verb,
            // An OAuth server does not know its callers but by the name they try.
            username: username.filter(|name| !name.is_empty()).or(login_name).or(username),
            user_id: get(user_id),
            effective_name: get(effective_name).or_else(|| get(behind.delegate)),
            effective_id: get(effective_id),
            effective_person: get(behind.person),
            login_name,
            is_login: found.login != Login::None || login_name.is_some(),
            is_impersonated: event.get(S::ImpersonatedUser).is_some()
                || get(behind.delegate).is_some(),
            group: get(group),
            resource,
            subresource,
            namespace: get(namespace),
            name: get(name),
            object_uid: get(object_uid),
            api_group,
            api_version: get(api_version),
            status_reason,
            status_message,
            reason,
            user_agent: get(user_agent),
            request_uri,
            session: get(found.session)
                .or(arn.map(|arn| arn.session))
                .filter(|session| !session.is_empty())
                .or_else(|| get(found.person).filter(|person| Some(*person) != username)),
            pod: get(found.pod),
            node: get(found.node),
            account,
            stage,
            code,
            decision: found.decision,
            outcome: verdict.outcome,
            ruling: verdict.ruling,
            denied_by: verdict.denied_by,
            refusal: verdict
                .refusal
                .and(status_message)
                .and_then(|message| Refusal::read(message.bytes)),
            dry_run,
            deprecated: found.deprecated,
            truncated: found.truncated,
            latency: found.latency,
            admission: found.admission,
            received,
            staged,
            legacy,
            duration,
            actor,
            origin: Origin::of(redacted.envelope, &tables.home, &actor, account),
            peer,
            peer_address: plain.or_else(|| address(peer?.bytes)),
            claimed: if several { get(first_ip).map(unmapped) } else { None },
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

/// What stands behind the caller, in members that few events have.
#[derive(Clone, Copy, Default)]
struct Behind {
    /// The person as a proxy knows them: see [`PERSONS`].
    person: Span,
    /// The first of `serviceAccountDelegationInfo`.
    delegate: Span,
}

/// Where proxies keep whom they authenticated: Rancher, kube-oidc-proxy, Pinniped. The last writes a user as
/// JSON, its name first.
const PERSONS: [&[u8]; 3] = [
    b"username",
    b"originaluser.jetstack.io-user",
    b"original-user-info.impersonation-proxy.concierge.pinniped.dev",
];

impl Behind {
    fn read(redacted: &Redacted<'_>, texts: &mut Texts) -> Self {
        let event = redacted.event;
        let mut behind = Self::default();
        if let Some(extra) = intact(redacted, Slot::ImpersonatedExtra) {
            let name = PERSONS.iter().find_map(|name| extra.member(name)?.items().next());
            let person = texts.plain(redacted, name);
            behind.person = texts.between(person, b"{\"username\":\"", b'"').unwrap_or(person);
        }
        if let Some(entry) = event.get(Slot::Gke) {
            behind.delegate = texts.plain(redacted, delegate(entry));
        }
        behind
    }
}

/// The first of those who delegated to a Google service account: the one who began
/// (`google.cloud.audit.ServiceAccountDelegationInfo`).
fn delegate(entry: Value<'_>) -> Option<Value<'_>> {
    fn either<'a>(object: Value<'a>, camel: &[u8], snake: &[u8]) -> Option<Value<'a>> {
        object.member(camel).or_else(|| object.member(snake))
    }
    let caller = either(entry, b"authenticationInfo", b"authentication_info")?;
    let list = either(caller, b"serviceAccountDelegationInfo", b"service_account_delegation_info")?;
    let first = list.items().next()?;
    either(first, b"firstPartyPrincipal", b"first_party_principal")
        .and_then(|principal| either(principal, b"principalEmail", b"principal_email"))
        .or_else(|| either(first, b"principalSubject", b"principal_subject"))
}

/// The code of an answer that is a `Status` which tells of a failure; 0 for one without a code.
fn failed_status(redacted: &Redacted<'_>) -> Option<u16> {
    let body = redacted.body(Slot::ResponseObject)?;
    // Objects of other groups may have that kind, too.
    let is_status = body.get(Key::Kind).is_some_and(|kind| kind.says(b"Status"))
        && body.get(Key::ApiVersion).is_none_or(|version| version.says(b"v1"));
    if !is_status {
        return None;
    }
    let code = body.get(Key::Code).map_or(0, |code| Code::read(code).number());
    let failed = body.get(Key::Status).is_some_and(|status| status.says(b"Failure"));
    (failed || code >= 400).then_some(code)
}

/// Whether what was set aside would have said how the request ended.
fn speaks_of_the_end(aside: Value<'_>) -> bool {
    aside.members().any(|(key, _)| {
        key.raw_text().starts_with(b"responseStatus") || key.key() == Key::Annotations
    })
}

/// Whether an answer has members that no answer has: one of them may be its code.
fn says_something_else(answer: Value<'_>) -> bool {
    answer.members().any(|(key, value)| {
        value.kind() != Kind::Null
            && !matches!(
                key.key(),
                Key::Metadata
                    | Key::Status
                    | Key::Message
                    | Key::Reason
                    | Key::Details
                    | Key::Code
                    | Key::Kind
                    | Key::ApiVersion
            )
    })
}

/// Name and uid of the object, those of the answer where `objectRef` has none.
fn answered(redacted: &Redacted<'_>, texts: &mut Texts, told: [Span; 2]) -> [Span; 2] {
    if redacted.event.raw_text(Slot::Resource).is_empty() || !told.iter().any(|span| span.is_none())
    {
        return told;
    }
    let Some(metadata) = body::metadata(redacted) else { return told };
    let [mut name, mut uid] = told;
    if name.is_none() {
        name = texts.raw(redacted, metadata.get(Key::Name));
    }
    if uid.is_none() {
        uid = texts.raw(redacted, metadata.get(Key::Uid));
    }
    [name, uid]
}

/// Whether a list of the event holds this very text.
pub(crate) fn has_item(redacted: &Redacted<'_>, slot: Slot, text: &[u8]) -> bool {
    intact(redacted, slot).is_some_and(|list| list.items().any(|item| item.raw_text() == text))
}

/// An address without what some programs write around it: brackets, a port, a zone, and the
/// `::ffff:` before an IPv4 address that a dual-stack socket writes.
pub(crate) fn unmapped(text: Text<'_>) -> Text<'_> {
    text.part(without_mapping(text.bytes))
}

/// The same of bytes.
pub(crate) fn without_mapping(text: &[u8]) -> &[u8] {
    if memchr::memchr2(b':', b'%', text).is_none() {
        return text;
    }
    let text = alone(text).filter(|alone| address(alone).is_some()).unwrap_or(text);
    match text.split_at_checked(7) {
        Some((lead, rest))
            if lead.eq_ignore_ascii_case(b"::ffff:")
                && !rest.contains(&b':')
                && address(rest).is_some() =>
        {
            rest
        }
        _ => text,
    }
}

/// What stands in brackets or before a port or zone, if there is any of that.
fn alone(text: &[u8]) -> Option<&[u8]> {
    let is_port = |text: &[u8]| !text.is_empty() && text.iter().all(u8::is_ascii_digit);
    let inside = match text.strip_prefix(b"[") {
        Some(rest) => {
            let (inside, port) = rest.split_at(memchr::memchr(b']', rest)?);
            port[1..].strip_prefix(b":").is_none_or(is_port).then_some(inside)?
        }
        None => match memchr::memchr(b':', text)? {
            at if text[..at].contains(&b'.') => {
                return is_port(&text[at + 1..]).then_some(&text[..at]);
            }
            _ => text,
        },
    };
    let zone = memchr::memchr(b'%', inside).unwrap_or(inside.len());
    Some(&inside[..zone])
}

/// An address that ECS type `ip` accepts.
pub(crate) fn address(text: &[u8]) -> Option<IpAddr> {
    if text.len() > 45 {
        return None;
    }
    if text.contains(&b':') {
        let address: Ipv6Addr = std::str::from_utf8(text).ok()?.parse().ok()?;
        Some(address.to_canonical())
    } else {
        ipv4(text).map(IpAddr::V4)
    }
}

/// What [`Ipv4Addr::from_str`](std::str::FromStr) takes, at a quarter of its cost: nearly every
/// event has one of these.
fn ipv4(text: &[u8]) -> Option<Ipv4Addr> {
    let (mut octets, mut at, mut number, mut digits) = ([0; 4], 0, 0, 0);
    for byte in text.iter().chain(b".") {
        match byte {
            b'0'..=b'9' if digits == 0 || number != 0 => {
                number = (number * 10 + u32::from(byte - b'0')).min(256);
                digits += 1;
            }
            b'.' if digits != 0 => {
                *octets.get_mut(at)? = u8::try_from(number).ok()?;
                (at, number, digits) = (at + 1, 0, 0);
            }
            _ => return None,
        }
    }
    (at == 4).then_some(Ipv4Addr::from(octets))
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
            key.read(|name| found.annotation(name, value, redacted, texts));
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
            b"username" => &mut found.person,
            b"oid" => {
                found.entra = true;
                continue;
            }
            b"authentication.kubernetes.io/pod-name" => &mut found.pod,
            b"authentication.kubernetes.io/node-name" => &mut found.node,
            _ => continue,
        };
        *place = texts.plain(redacted, value.items().next());
    }
    found
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_as_the_library_reads_them() {
        let parts = ["", "0", "00", "7", "07", "10", "099", "255", "256", "300", "1000", "a", " 1"];
        for (at, first) in parts.iter().enumerate() {
            for second in &parts[at / 2..] {
                for text in [
                    format!("{first}.{second}.0.1"),
                    format!("192.0.{first}.{second}"),
                    format!("1.2.{first}{second}"),
                    format!("1.2.3.{first}.{second}"),
                ] {
                    let known = text.parse::<Ipv4Addr>().ok();
                    assert_eq!(ipv4(text.as_bytes()), known, "{text}");
                }
            }
        }
    }
}
