//! `kubernetes.audit` in ECS: the event under the names that detection rules read.
//!
//! Members that are safe as they stand (a known name, the type every API server writes, short
//! enough, not edited) are copied in runs, several at a time; the others are rebuilt. Whatever has
//! no place of its own (unknown members, members of an odd type, too many keys) goes to
//! `kubernetes.audit.extra`, one JSON text (a list of pieces when it is long). So every field has one type in all documents.

use crate::emit::body::{BodyScratch, pieces};
use crate::emit::layout::layout;
use crate::emit::leftover::Leftover;
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
    /// Members without a place.
    rest: Leftover,
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

impl<'e> Audit<'_, 'e, '_, '_> {
    pub(super) fn write(&mut self) {
        self.scratch.rest.clear();
        let root = self.emission.event.doc.at(self.emission.event.root);
        let mut user_seen = false;
        let safe = |all: &Self, key, value: Value<'_>| match key {
            Key::Kind
            | Key::Level
            | Key::ApiVersion
            | Key::AuditId
            | Key::Stage
            | Key::RequestUri
            | Key::Verb
            | Key::UserAgent => value.kind() == Kind::String,
            Key::SourceIps => value.kind() == Kind::Array,
            Key::ObjectRef => all.is_plain(value, &OBJECT_REF),
            Key::RequestReceivedTimestamp => is_date(all.facts.received),
            Key::StageTimestamp => is_date(all.facts.staged),
            Key::Timestamp => is_date(all.facts.legacy),
            _ => false,
        };
        self.members(root, safe, |all, key, value| {
            user_seen |= key.key() == Key::User;
            all.member(key, value);
        });
        if !user_seen {
            self.bare_user();
        }
        self.scratch.rest.write(b"\"extra\":", self.line);
    }

    /// Goes over the members of an object. What is short, not edited and `safe` is copied as it
    /// stands, several at a time; the others go to `write`.
    #[inline(always)]
    fn members(
        &mut self,
        object: Value<'e>,
        safe: impl Fn(&Self, Key, Value<'e>) -> bool,
        mut write: impl FnMut(&mut Self, Value<'e>, Value<'e>),
    ) {
        // From the first key to the end of the last value.
        let mut run = None;
        for (key, value) in object.members() {
            if self.is_short(key, value) && safe(self, key.key(), value) {
                run = Some((run.map_or(key.node().start, |(start, _)| start), value.node().end));
                continue;
            }
            self.flush(&mut run);
            if value.kind() != Kind::Null && self.emission.has(key, value) {
                write(self, key, value);
            }
        }
        self.flush(&mut run);
    }

    /// The same of an object in which nothing is copied.
    fn each(&mut self, object: Value<'e>, write: impl FnMut(&mut Self, Value<'e>, Value<'e>)) {
        self.members(object, |_, _, _| false, write);
    }

    /// Writes an object by `inside`; what leaves as something else is left.
    fn object(
        &mut self,
        open: &'static [u8],
        (key, value): (Value<'_>, Value<'e>),
        inside: impl FnOnce(&mut Self),
    ) {
        if !self.is_container(value, Kind::Object) {
            return self.leave(b"", key, value);
        }
        let object = self.line.open(open);
        inside(self);
        self.line.close(object);
    }

    /// A member that cannot be copied as it stands.
    fn member(&mut self, key: Value<'e>, value: Value<'e>) {
        match key.key() {
            Key::Kind
            | Key::ApiVersion
            | Key::AuditId
            | Key::Stage
            | Key::RequestUri
            | Key::Verb
            | Key::UserAgent
            | Key::Level => self.string(b"", key, value),
            Key::RequestReceivedTimestamp => self.date(self.facts.received, key, value),
            Key::StageTimestamp => self.date(self.facts.staged, key, value),
            Key::Timestamp => self.date(self.facts.legacy, key, value),
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

    /// The user of an event that names none.
    fn bare_user(&mut self) {
        let user = self.line.open(b"\"user\":{");
        self.actor();
        self.line.close(user);
    }

    fn user(&mut self, key: Value<'_>, value: Value<'e>, caller: bool) {
        let (open, prefix): (&'static [u8], &[u8]) = if caller {
            (b"\"user\":{", b"user.")
        } else {
            (b"\"impersonatedUser\":{", b"impersonatedUser.")
        };
        if caller && !self.is_container(value, Kind::Object) {
            self.leave(b"", key, value);
            return self.bare_user();
        }
        self.object(open, (key, value), |all| {
            let safe = |_: &Self, key, value: Value<'_>| match key {
                Key::Username | Key::Uid => value.kind() == Kind::String,
                Key::Groups => value.kind() == Kind::Array,
                _ => false,
            };
            all.members(value, safe, |all, key, value| match key.key() {
                Key::Username | Key::Uid => all.string(prefix, key, value),
                Key::Groups => all.strings(b"\"groups\":[", prefix, key, value),
                Key::Extra if all.is_container(value, Kind::Object) => all.extra(value, caller),
                _ => all.leave(prefix, key, value),
            });
            if caller {
                all.actor();
            }
        });
    }

    /// `extra` of a user: lists of strings under names that authenticators choose. Names in that
    /// of the impersonated user come from request headers; only well-known ones become fields.
    fn extra(&mut self, object: Value<'e>, caller: bool) {
        let prefix: &[u8] = if caller { b"user.extra." } else { b"impersonatedUser.extra." };
        let extra = self.line.open(b"\"extra\":{");
        self.scratch.keys.clear();
        self.each(object, |all, key, value| {
            let list = all.is_container(value, Kind::Array)
                && value.items().all(|item| item.kind() == Kind::String);
            let fits = list
                && all.scratch.keys.len() < MOST_EXTRA
                && (caller || is_well_known(key.raw_text()));
            if !fits || !all.key(key, true) {
                return all.leave(prefix, key, value);
            }
            all.line.put(b":[");
            if all.is_short(key, value) {
                let node = value.node();
                let src = all.emission.event.doc.src;
                all.line.put(&src[node.start as usize + 1..node.end as usize]);
            } else {
                all.items(value);
                all.line.put(b"]");
            }
            all.line.put(b",");
        });
        self.line.close(extra);
    }

    fn annotations(&mut self, key: Value<'_>, object: Value<'e>) {
        self.object(b"\"annotations\":{", (key, object), |all| {
            all.scratch.keys.clear();
            all.each(object, |all, key, value| {
                let mut text = std::mem::take(&mut all.scratch.text);
                match all.emission.inside(value, &mut text) {
                    Some(raw)
                        if all.scratch.keys.len() < MOST_ANNOTATIONS && all.key(key, false) =>
                    {
                        all.line.put(b":\"");
                        all.line.inside(Text::fixed(raw));
                        all.line.put(b"\",");
                    }
                    _ => all.leave(b"annotations.", key, value),
                }
                all.scratch.text = text;
            });
        });
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
        self.object(b"\"authenticationMetadata\":{", (key, value), |all| {
            let mut seen = false;
            all.each(value, |all, key, value| {
                let prefix = b"authenticationMetadata.";
                if !seen && key.says(b"impersonationConstraint") {
                    seen = true;
                    all.string_as(b"impersonationConstraint", prefix, key, value);
                } else {
                    all.leave(prefix, key, value);
                }
            });
        });
    }

    fn object_ref(&mut self, key: Value<'_>, value: Value<'e>) {
        self.object(b"\"objectRef\":{", (key, value), |all| {
            all.each(value, |all, key, value| match key.key() {
                Key::Resource
                | Key::Namespace
                | Key::Name
                | Key::Uid
                | Key::ApiGroup
                | Key::ApiVersion
                | Key::ResourceVersion
                | Key::Subresource => all.string(b"objectRef.", key, value),
                _ => all.leave(b"objectRef.", key, value),
            });
        });
    }

    fn status(&mut self, key: Value<'_>, value: Value<'e>) {
        self.object(b"\"responseStatus\":{", (key, value), |all| {
            let safe = |all: &Self, key, value: Value<'_>| match key {
                Key::Status | Key::Message | Key::Reason => value.kind() == Kind::String,
                Key::Code => all.facts.code != 0 && value.integer().is_some(),
                _ => false,
            };
            let prefix = b"responseStatus.";
            all.members(value, safe, |all, key, value| match key.key() {
                Key::Status | Key::Message | Key::Reason => all.string(prefix, key, value),
                Key::Code if all.facts.code != 0 => {
                    all.line.number(b"\"code\":", u64::from(all.facts.code));
                }
                Key::Details => {
                    let mut text = std::mem::take(&mut all.scratch.text);
                    text.clear();
                    all.emission.copy(value.node().start, value.node().end, &mut text);
                    all.line.put(b"\"details\":");
                    pieces(&text, all.line.most, all.line.out);
                    all.line.put(b",");
                    all.scratch.text = text;
                }
                // what nearly every event has
                Key::Metadata if value.raw() == b"{}" => {}
                _ => all.leave(prefix, key, value),
            });
        });
    }

    /// A string member; what is no string after redaction is left.
    fn string(&mut self, prefix: &[u8], key: Value<'_>, value: Value<'_>) {
        self.string_as(key.key().text(), prefix, key, value);
    }

    fn string_as(&mut self, name: &[u8], prefix: &[u8], key: Value<'_>, value: Value<'_>) {
        let mut text = std::mem::take(&mut self.scratch.text);
        match self.emission.inside(value, &mut text) {
            Some(raw) => {
                self.name(name);
                self.line.inside(Text::fixed(raw));
                self.line.put(b"\",");
            }
            None => self.leave(prefix, key, value),
        }
        self.scratch.text = text;
    }

    /// Begins a text member.
    fn name(&mut self, name: &[u8]) {
        self.line.put(b"\"");
        self.line.put(name);
        self.line.put(b"\":\"");
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

    fn date(&mut self, time: Option<Timestamp<'_>>, key: Value<'_>, value: Value<'_>) {
        let Some(time) = time else { return self.leave(b"", key, value) };
        self.name(key.key().text());
        time.write(self.line.out);
        self.line.put(b"\",");
    }

    /// Puts a member where members without a place go.
    fn leave(&mut self, prefix: &[u8], key: Value<'_>, value: Value<'_>) {
        self.scratch.rest.put(self.emission, prefix, key, value);
    }

    fn flush(&mut self, run: &mut Option<(u32, u32)>) {
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
        value.kind() == kind && self.emission.is_container(value)
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
