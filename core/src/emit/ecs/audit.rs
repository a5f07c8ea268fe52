//! `kubernetes.audit` in ECS: the event under the names that detection rules read.
//!
//! Members that are safe as they stand (a known name, the type every API server writes, short
//! enough, not edited) are copied in runs, several at a time; the others are rebuilt. Whatever has
//! no place of its own (unknown members, members of an odd type, too many keys) goes to
//! `kubernetes.audit.extra`, one JSON text (a list of pieces when it is long). So every field has one type in all documents.

use crate::emit::body::{BodyScratch, pieces};
use crate::emit::layout::layout;
use crate::emit::line::Line;
use crate::emit::{Emission, Fate};
use crate::enrich::text::Text;
use crate::enrich::{Facts, Timestamp};
use crate::event::Slot;
use crate::scan::Kind;
use crate::scan::doc::Value;
use crate::scan::key::Key;

/// Most keys of annotations and of `user.extra` that become fields.
const MOST_ANNOTATIONS: usize = 48;
const MOST_EXTRA: usize = 24;
/// Longest such key in bytes.
const LONGEST_KEY: usize = 256;

layout! {
    names members {
        "kubernetes" { "audit" {
            "kind": event_kind, "apiVersion": event_version, "level": level, "auditID": audit_id,
            "stage": stage, "stageTimestamp": staged, "requestReceivedTimestamp": received,
            "timestamp": legacy, "verb": verb, "requestURI": request_uri,
            "user" {
                "username": username, "uid": user_id, "groups": groups, "extra.*": user_extra,
                "node": node, "type": actor, "is_human": is_human, "is_system": is_system,
                "service_account" { "namespace": account_namespace, "name": account_name },
            },
            "impersonatedUser" {
                "username": effective_name, "uid": effective_id, "groups": effective_groups,
                "extra.*": effective_extra,
            },
            "authenticationMetadata" { "impersonationConstraint": constraint },
            "sourceIPs" Keyword: source_ips, "userAgent": user_agent,
            "objectRef" {
                "resource": resource, "subresource": subresource, "namespace": namespace,
                "name": name, "uid": object_uid, "apiGroup": api_group,
                "apiVersion": api_version, "resourceVersion": resource_version,
            },
            "responseStatus" {
                "code": code, "status": status, "reason": status_reason,
                "message" MatchOnlyText: status_message, "details": details,
            },
            "requestObject" Flattened: request_object,
            "responseObject" Flattened: response_object,
            "annotations.*": annotations, "extra": rest,
        } },
    }
}

/// Memory for what is rebuilt.
#[derive(Default)]
pub(in crate::emit) struct AuditScratch {
    body: BodyScratch,
    /// Members without a place, each with a comma after it.
    rest: Vec<u8>,
    /// Ranges of the output that hold the keys of the current object.
    keys: Vec<(usize, usize)>,
    text: Vec<u8>,
}

impl AuditScratch {
    pub(super) fn capacity(&self) -> usize {
        self.rest.capacity() + self.text.capacity() + self.body.capacity()
    }
}

/// Writes the members of `kubernetes.audit` that come from the event.
pub(super) struct Audit<'s, 'e, 'l, 'o> {
    pub(super) emission: &'s Emission<'e>,
    pub(super) facts: &'s Facts<'e>,
    pub(super) line: &'l mut Line<'o>,
    pub(super) scratch: &'s mut AuditScratch,
}

/// Members copied together: from the first key to the end of the last value.
type Run = Option<(u32, u32)>;

impl<'e> Audit<'_, 'e, '_, '_> {
    pub(super) fn write(&mut self) {
        self.scratch.rest.clear();
        let root = self.emission.event.doc.at(self.emission.event.root);
        let mut run = None;
        let mut user_seen = false;
        for (key, value) in root.members() {
            let intact = self.is_short(key, value);
            let safe = match key.key() {
                Key::Kind
                | Key::Level
                | Key::ApiVersion
                | Key::AuditId
                | Key::Stage
                | Key::RequestUri
                | Key::Verb
                | Key::UserAgent => intact && value.kind() == Kind::String,
                Key::SourceIps => intact && value.kind() == Kind::Array,
                Key::ObjectRef => intact && self.is_plain(value, &OBJECT_REF),
                Key::RequestReceivedTimestamp => intact && is_date(self.facts.received),
                Key::StageTimestamp => intact && is_date(self.facts.staged),
                Key::Timestamp => intact && is_date(self.facts.legacy),
                _ => false,
            };
            if safe {
                run = Some((run.map_or(key.node().start, |(start, _)| start), value.node().end));
                continue;
            }
            self.flush(&mut run);
            if value.kind() == Kind::Null || !self.emission.has(key, value) {
                continue;
            }
            user_seen |= key.key() == Key::User;
            self.member(key, value);
        }
        self.flush(&mut run);
        if !user_seen {
            let user = self.line.open(b"\"user\":{");
            self.actor();
            self.line.close(user);
        }
        if !self.scratch.rest.is_empty() {
            self.scratch.rest.pop();
            self.scratch.rest.push(b'}');
            self.line.put(b"\"extra\":");
            pieces(&self.scratch.rest, self.line.most, self.line.out);
            self.line.put(b",");
        }
    }

    /// A member that cannot be copied as it stands.
    fn member(&mut self, key: Value<'_>, value: Value<'e>) {
        match key.key() {
            Key::Kind => self.string(b"\"kind\":\"", b"", key, value),
            Key::ApiVersion => self.string(b"\"apiVersion\":\"", b"", key, value),
            Key::AuditId => self.string(b"\"auditID\":\"", b"", key, value),
            Key::Stage => self.string(b"\"stage\":\"", b"", key, value),
            Key::RequestUri => self.string(b"\"requestURI\":\"", b"", key, value),
            Key::Verb => self.string(b"\"verb\":\"", b"", key, value),
            Key::UserAgent => self.string(b"\"userAgent\":\"", b"", key, value),
            Key::Level => self.string(b"\"level\":\"", b"", key, value),
            Key::RequestReceivedTimestamp => {
                self.date(b"\"requestReceivedTimestamp\":\"", self.facts.received, key, value);
            }
            Key::StageTimestamp => {
                self.date(b"\"stageTimestamp\":\"", self.facts.staged, key, value);
            }
            Key::Timestamp => self.date(b"\"timestamp\":\"", self.facts.legacy, key, value),
            Key::SourceIps => self.strings(b"\"sourceIPs\":[", b"", key, value),
            Key::User => self.user(key, value, true),
            Key::ImpersonatedUser => self.user(key, value, false),
            Key::AuthenticationMetadata => self.authentication(key, value),
            Key::ObjectRef => self.object_ref(key, value),
            Key::ResponseStatus => self.status(key, value),
            Key::Annotations => self.annotations(key, value),
            Key::RequestObject => self.body(b"\"requestObject\":", value),
            Key::ResponseObject => self.body(b"\"responseObject\":", value),
            _ => self.leave(b"", key, value),
        }
    }

    fn body(&mut self, key: &'static [u8], value: Value<'_>) {
        self.scratch.body.write(self.emission, key, value, self.line);
    }

    /// What the caller is, for `kubernetes.audit.user`.
    fn actor(&mut self) {
        let actor = &self.facts.actor;
        self.line.word(b"\"type\":\"", actor.kind.text());
        self.line.put(if actor.is_human { b"\"is_human\":true," } else { b"\"is_human\":false," });
        let system = actor.kind.is_system();
        self.line.put(if system { b"\"is_system\":true," } else { b"\"is_system\":false," });
        if let Some((namespace, name)) = actor.service_account {
            let account = self.line.open(b"\"service_account\":{");
            self.line.text(b"\"namespace\":\"", namespace);
            self.line.text(b"\"name\":\"", name);
            self.line.close(account);
        }
        self.line.some(b"\"node\":\"", actor.node);
    }

    fn user(&mut self, key: Value<'_>, value: Value<'e>, caller: bool) {
        let prefix: &[u8] = if caller { b"user." } else { b"impersonatedUser." };
        if !self.is_container(value, Kind::Object) {
            self.leave(b"", key, value);
            if caller {
                let user = self.line.open(b"\"user\":{");
                self.actor();
                self.line.close(user);
            }
            return;
        }
        let user = self.line.open(if caller { b"\"user\":{" } else { b"\"impersonatedUser\":{" });
        let mut run = None;
        for (key, value) in value.members() {
            let safe = self.is_short(key, value)
                && match key.key() {
                    Key::Username | Key::Uid => value.kind() == Kind::String,
                    Key::Groups => value.kind() == Kind::Array,
                    _ => false,
                };
            if safe {
                run = Some((run.map_or(key.node().start, |(start, _)| start), value.node().end));
                continue;
            }
            self.flush(&mut run);
            if value.kind() == Kind::Null || !self.emission.has(key, value) {
                continue;
            }
            match key.key() {
                Key::Username => self.string(b"\"username\":\"", prefix, key, value),
                Key::Uid => self.string(b"\"uid\":\"", prefix, key, value),
                Key::Groups => self.strings(b"\"groups\":[", prefix, key, value),
                Key::Extra if self.is_container(value, Kind::Object) => {
                    self.extra(value, caller);
                }
                _ => self.leave(prefix, key, value),
            }
        }
        self.flush(&mut run);
        if caller {
            self.actor();
        }
        self.line.close(user);
    }

    /// `extra` of a user: lists of strings under names that authenticators choose. Names in that
    /// of the impersonated user come from request headers; only well-known ones become fields.
    fn extra(&mut self, object: Value<'e>, caller: bool) {
        let prefix: &[u8] = if caller { b"user.extra." } else { b"impersonatedUser.extra." };
        let extra = self.line.open(b"\"extra\":{");
        self.scratch.keys.clear();
        for (key, value) in object.members() {
            if value.kind() == Kind::Null || !self.emission.has(key, value) {
                continue;
            }
            let list = self.is_container(value, Kind::Array)
                && value.items().all(|item| item.kind() == Kind::String);
            let fits = list
                && self.scratch.keys.len() < MOST_EXTRA
                && (caller || is_well_known(key.raw_text()));
            if !fits || !self.key(key, true) {
                self.leave(prefix, key, value);
                continue;
            }
            self.line.put(b":[");
            if self.is_short(key, value) {
                let node = value.node();
                let src = self.emission.event.doc.src;
                self.line.put(&src[node.start as usize + 1..node.end as usize]);
            } else {
                self.items(value);
                self.line.put(b"]");
            }
            self.line.put(b",");
        }
        self.line.close(extra);
    }

    fn annotations(&mut self, key: Value<'_>, object: Value<'e>) {
        if !self.is_container(object, Kind::Object) {
            return self.leave(b"", key, object);
        }
        let annotations = self.line.open(b"\"annotations\":{");
        self.scratch.keys.clear();
        for (key, value) in object.members() {
            if value.kind() == Kind::Null || !self.emission.has(key, value) {
                continue;
            }
            let mut text = std::mem::take(&mut self.scratch.text);
            match self.emission.inside(value, &mut text) {
                Some(raw) if self.scratch.keys.len() < MOST_ANNOTATIONS && self.key(key, false) => {
                    self.line.put(b":\"");
                    self.line.inside(Text::fixed(raw));
                    self.line.put(b"\",");
                }
                _ => self.leave(b"annotations.", key, value),
            }
            self.scratch.text = text;
        }
        self.line.close(annotations);
    }

    /// Writes the key of an open-ended object with dots replaced and no key twice; `false`, and
    /// nothing written, when it cannot be a field name.
    fn key(&mut self, key: Value<'_>, extra: bool) -> bool {
        let node = key.node();
        if !extra && self.known_annotation(key) {
            return true;
        }
        if key.is_escaped() || (node.end - node.start) as usize > LONGEST_KEY + 2 {
            return false;
        }
        let before = self.line.out.len();
        self.line.put(b"\"");
        let start = self.line.out.len();
        self.emission.copy(node.start + 1, node.end - 1, self.line.out);
        let raw = key.raw_text();
        let verbatim = extra && is_bound_token_claim(raw);
        let name = &mut self.line.out[start..];
        if !verbatim {
            for byte in &mut *name {
                if *byte == b'.' {
                    *byte = b'_';
                }
            }
        }
        let blank = name.iter().all(u8::is_ascii_whitespace)
            || (name[0] >= 0x80 && std::str::from_utf8(name).is_ok_and(|n| n.trim().is_empty()));
        if blank || name.len() > LONGEST_KEY || name.contains(&b'\\') {
            self.line.out.truncate(before);
            return false;
        }
        // The verbatim names are paths below `authentication`.
        if extra && name == b"authentication" {
            self.line.put(b"_");
        }
        let end = self.line.out.len();
        if self.is_taken(start) {
            let mut number = 2;
            loop {
                self.line.out.truncate(end);
                self.line.put(b"_");
                crate::text::decimal(number, self.line.out);
                if !self.is_taken(start) {
                    break;
                }
                number += 1;
            }
        }
        self.scratch.keys.push((start, self.line.out.len()));
        self.line.put(b"\"");
        true
    }

    /// Writes the key of the annotations that nearly every event has, unless it is there already.
    #[inline]
    fn known_annotation(&mut self, key: Value<'_>) -> bool {
        let name: &[u8] = match key.raw_text() {
            b"authorization.k8s.io/decision" => b"authorization_k8s_io/decision",
            b"authorization.k8s.io/reason" => b"authorization_k8s_io/reason",
            _ => return false,
        };
        if !self.emission.is_intact(key) {
            return false;
        }
        let before = self.line.out.len();
        self.line.put(b"\"");
        self.line.put(name);
        if self.is_taken(before + 1) {
            self.line.out.truncate(before);
            return false;
        }
        self.scratch.keys.push((before + 1, self.line.out.len()));
        self.line.put(b"\"");
        true
    }

    fn is_taken(&self, start: usize) -> bool {
        let out = &self.line.out[..];
        let name = &out[start..];
        self.scratch.keys.iter().any(|(from, to)| &out[*from..*to] == name)
    }

    fn authentication(&mut self, key: Value<'_>, value: Value<'e>) {
        if !self.is_container(value, Kind::Object) {
            return self.leave(b"", key, value);
        }
        let object = self.line.open(b"\"authenticationMetadata\":{");
        let prefix = b"authenticationMetadata.";
        let mut seen = false;
        for (key, value) in value.members() {
            if value.kind() == Kind::Null || !self.emission.has(key, value) {
                continue;
            }
            if !seen && key.says(b"impersonationConstraint") {
                seen = true;
                self.string(b"\"impersonationConstraint\":\"", prefix, key, value);
            } else {
                self.leave(prefix, key, value);
            }
        }
        self.line.close(object);
    }

    fn object_ref(&mut self, key: Value<'_>, value: Value<'e>) {
        if !self.is_container(value, Kind::Object) {
            return self.leave(b"", key, value);
        }
        let object = self.line.open(b"\"objectRef\":{");
        let prefix = b"objectRef.";
        for (key, value) in value.members() {
            if value.kind() == Kind::Null || !self.emission.has(key, value) {
                continue;
            }
            match key.key() {
                Key::Resource => self.string(b"\"resource\":\"", prefix, key, value),
                Key::Namespace => self.string(b"\"namespace\":\"", prefix, key, value),
                Key::Name => self.string(b"\"name\":\"", prefix, key, value),
                Key::Uid => self.string(b"\"uid\":\"", prefix, key, value),
                Key::ApiGroup => self.string(b"\"apiGroup\":\"", prefix, key, value),
                Key::ApiVersion => self.string(b"\"apiVersion\":\"", prefix, key, value),
                Key::ResourceVersion => self.string(b"\"resourceVersion\":\"", prefix, key, value),
                Key::Subresource => self.string(b"\"subresource\":\"", prefix, key, value),
                _ => self.leave(prefix, key, value),
            }
        }
        self.line.close(object);
    }

    fn status(&mut self, key: Value<'_>, value: Value<'e>) {
        if !self.is_container(value, Kind::Object) {
            return self.leave(b"", key, value);
        }
        let object = self.line.open(b"\"responseStatus\":{");
        let prefix = b"responseStatus.";
        let mut run = None;
        for (key, value) in value.members() {
            let safe = self.is_short(key, value)
                && match key.key() {
                    Key::Status | Key::Message | Key::Reason => value.kind() == Kind::String,
                    Key::Code => self.facts.code != 0 && value.integer().is_some(),
                    _ => false,
                };
            if safe {
                run = Some((run.map_or(key.node().start, |(start, _)| start), value.node().end));
                continue;
            }
            self.flush(&mut run);
            if value.kind() == Kind::Null || !self.emission.has(key, value) {
                continue;
            }
            match key.key() {
                Key::Status => self.string(b"\"status\":\"", prefix, key, value),
                Key::Message => self.string(b"\"message\":\"", prefix, key, value),
                Key::Reason => self.string(b"\"reason\":\"", prefix, key, value),
                Key::Code if self.facts.code != 0 => {
                    self.line.number(b"\"code\":", u64::from(self.facts.code));
                }
                Key::Details => {
                    let mut text = std::mem::take(&mut self.scratch.text);
                    text.clear();
                    self.emission.copy(value.node().start, value.node().end, &mut text);
                    self.line.put(b"\"details\":");
                    pieces(&text, self.line.most, self.line.out);
                    self.line.put(b",");
                    self.scratch.text = text;
                }
                // what nearly every event has
                Key::Metadata if value.raw() == b"{}" => {}
                _ => self.leave(prefix, key, value),
            }
        }
        self.flush(&mut run);
        self.line.close(object);
    }

    /// A string member; what is no string after redaction is left.
    fn string(&mut self, name: &'static [u8], prefix: &[u8], key: Value<'_>, value: Value<'_>) {
        let mut text = std::mem::take(&mut self.scratch.text);
        match self.emission.inside(value, &mut text) {
            Some(raw) => {
                self.line.put(name);
                self.line.inside(Text::fixed(raw));
                self.line.put(b"\",");
            }
            None => self.leave(prefix, key, value),
        }
        self.scratch.text = text;
    }

    fn strings(&mut self, name: &'static [u8], prefix: &[u8], key: Value<'_>, value: Value<'_>) {
        if !self.is_container(value, Kind::Array) {
            return self.leave(prefix, key, value);
        }
        let list = self.line.open(name);
        self.items(value);
        self.line.close_list(list);
    }

    /// The strings of a list, without the brackets.
    fn items(&mut self, list: Value<'_>) {
        let mut text = std::mem::take(&mut self.scratch.text);
        let first = self.line.out.len();
        for item in list.items() {
            let Some(raw) = self.emission.inside(item, &mut text) else { continue };
            if self.line.out.len() > first {
                self.line.put(b",");
            }
            self.line.put(b"\"");
            self.line.inside(Text::fixed(raw));
            self.line.put(b"\"");
        }
        self.scratch.text = text;
    }

    fn date(
        &mut self,
        name: &'static [u8],
        time: Option<Timestamp<'_>>,
        key: Value<'_>,
        value: Value<'_>,
    ) {
        match time {
            Some(time) => {
                self.line.put(name);
                time.write(self.line.out);
                self.line.put(b"\",");
            }
            None => self.leave(b"", key, value),
        }
    }

    /// Puts a member where members without a place go.
    fn leave(&mut self, prefix: &[u8], key: Value<'_>, value: Value<'_>) {
        let rest = &mut self.scratch.rest;
        if rest.is_empty() {
            rest.push(b'{');
        }
        rest.push(b'"');
        rest.extend_from_slice(prefix);
        let name = key.node();
        self.emission.copy(name.start + 1, name.end, rest);
        rest.push(b':');
        let node = value.node();
        let length = rest.len();
        self.emission.copy(node.start, node.end, rest);
        if rest.len() == length {
            rest.extend_from_slice(b"null");
        }
        rest.push(b',');
    }

    fn flush(&mut self, run: &mut Run) {
        if let Some((start, end)) = run.take() {
            let src = self.emission.event.doc.src;
            self.line.put(&src[start as usize..end as usize]);
            self.line.put(b",");
        }
    }

    /// Whether no edit touches the member and no text in it can be too long.
    #[inline]
    fn is_short(&self, key: Value<'_>, value: Value<'_>) -> bool {
        let (start, end) = (key.node().start, value.node().end);
        (end - start) as usize <= self.line.most && self.emission.fate(start, end) == Fate::Intact
    }

    /// Whether a value leaves as a container of this kind.
    fn is_container(&self, value: Value<'_>, kind: Kind) -> bool {
        let node = value.node();
        node.kind == kind
            && matches!(self.emission.fate(node.start, node.end), Fate::Intact | Fate::Inside)
    }

    /// Whether an object has no members but those in `slots`.
    fn is_plain(&self, object: Value<'_>, slots: &[Slot]) -> bool {
        object.kind() == Kind::Object
            && object.members().count()
                == slots.iter().filter(|slot| self.emission.event.get(**slot).is_some()).count()
    }
}

const OBJECT_REF: [Slot; 8] = [
    Slot::Resource,
    Slot::Namespace,
    Slot::Name,
    Slot::ObjectUid,
    Slot::ApiGroup,
    Slot::ObjectApiVersion,
    Slot::ResourceVersion,
    Slot::Subresource,
];

/// Names in `user.extra` that rules read with their dots
/// (k8s.io/apiserver `pkg/authentication/serviceaccount`).
fn is_bound_token_claim(name: &[u8]) -> bool {
    name.strip_prefix(b"authentication.kubernetes.io/").is_some_and(|name| {
        matches!(name, b"pod-name" | b"pod-uid" | b"node-name" | b"node-uid" | b"credential-id")
    })
}

/// Names in `user.extra` of service accounts, of EKS and of Rancher.
fn is_well_known(name: &[u8]) -> bool {
    is_bound_token_claim(name)
        || matches!(
            name,
            b"arn" | b"canonicalArn" | b"sessionName" | b"principalId" | b"accessKeyId"
        )
        || matches!(name, b"username" | b"principalid" | b"requesthost")
}

fn is_date(time: Option<Timestamp<'_>>) -> bool {
    time.is_some_and(Timestamp::is_strict)
}
