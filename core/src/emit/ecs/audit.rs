//! `kubernetes.audit` in ECS: the event under the names that detection rules read.
//!
//! Members that are safe as they stand (a known name, the type every API server writes, short
//! enough, not edited) are copied in runs, several at a time; the others are rebuilt. Whatever has
//! no place of its own (unknown members, members of an odd type, too many keys) goes to
//! `kubernetes.audit.extra`, one JSON text (a list of pieces when it is long). So every field has
//! one type in all documents.

use super::Document;
use crate::emit::Fate;
use crate::emit::body::{BodyScratch, pieces};
use crate::emit::document::Shape;
use crate::emit::layout::layout;
use crate::emit::leftover::Leftover;
use crate::emit::members::{Member, Object};
use crate::enrich::Timestamp;
use crate::enrich::text::Text;
use crate::event::Slot;
use crate::scan::Kind;
use crate::scan::doc::Value;
use crate::text::decimal;

/// Longest name that others choose and that becomes a field, in bytes.
const LONGEST_NAME: usize = 256;

/// Memory for what is rebuilt.
#[derive(Default)]
pub(in crate::emit) struct Scratch {
    body: BodyScratch,
    /// Members without a place.
    rest: Leftover,
    /// Ranges of the output that hold the names of the current object.
    names: Vec<(usize, usize)>,
}

impl Shape for Scratch {}

impl Scratch {
    pub(super) fn capacity(&self) -> usize {
        self.rest.capacity() + self.body.capacity()
    }
}

layout! {
    json caller(doc: Document<'_, '_, '_>) {
        use caller,
    }

    // The caller of an event that names none.
    json nobody(doc: Document<'_, '_, '_>) {
        "user" { use caller },
    }
}

/// What of an object whose names others choose becomes fields.
struct Named {
    most: usize,
    /// Which names do; others are left.
    known: fn(&[u8]) -> bool,
    /// Values are lists of texts, not texts.
    lists: bool,
}

const ANNOTATIONS: Named = Named { most: 48, known: |_| true, lists: false };
const EXTRA: Named = Named { most: 24, known: |_| true, lists: true };
/// Names in `extra` of the impersonated user come from request headers.
const IMPERSONATED_EXTRA: Named = Named { known: is_well_known, ..EXTRA };
const AUTHENTICATION: Named =
    Named { most: 1, known: |name| name == b"impersonationConstraint", lists: false };

impl<'e> Document<'_, 'e, '_> {
    /// Writes the members of `kubernetes.audit` that come from the event.
    pub(super) fn audit(&mut self) {
        self.own.rest.clear();
        let event = self.emission.event;
        self.members(event.doc.at(event.root), Object::Event);
        if !event.get(Slot::User).is_some_and(|user| self.is(Kind::Object, user)) {
            nobody::write(self);
        }
        self.own.rest.write(b"\"extra\":", &mut self.line);
    }

    /// Writes the members of an object: what is safe as it stands is copied, several at a time.
    fn members(&mut self, object: Value<'e>, of: Object) {
        // From the first name to the end of the last value.
        let mut run = None;
        for (key, value) in object.members() {
            let (start, end) = (key.node().start, value.node().end);
            let member = of.member(key.key());
            if self.is_short(start, end) && self.is_safe(member, value) {
                run = Some((run.map_or(start, |(start, _)| start), end));
                continue;
            }
            self.flush(&mut run);
            if value.kind() != Kind::Null && self.emission.has(key, value) {
                self.member(of, member, key, value);
            }
        }
        self.flush(&mut run);
    }

    fn flush(&mut self, run: &mut Option<(u32, u32)>) {
        if let Some((start, end)) = run.take() {
            self.line.put(&self.emission.event.doc.src[start as usize..end as usize]);
            self.line.put(b",");
        }
    }

    /// Whether a value is what an index expects under its name.
    #[inline]
    fn is_safe(&self, member: Member, value: Value<'_>) -> bool {
        match member {
            Member::Text => value.kind() == Kind::String,
            Member::Texts => value.kind() == Kind::Array,
            Member::Time(read) => read(self.facts).is_some_and(Timestamp::is_strict),
            Member::Code => self.facts.code != 0 && value.raw().iter().all(u8::is_ascii_digit),
            Member::Object(of @ Object::Reference) => {
                value.kind() == Kind::Object
                    && value.members().all(|(key, value)| {
                        matches!(of.member(key.key()), Member::Text) && value.kind() == Kind::String
                    })
            }
            _ => false,
        }
    }

    /// Writes a member that cannot be copied as it stands; what is not as it should be is left.
    fn member(&mut self, of: Object, member: Member, key: Value<'e>, value: Value<'e>) {
        let name = key.key().text();
        match member {
            Member::Text => self.text(of, key, value),
            Member::Texts if self.is(Kind::Array, value) => {
                let list = self.line.open_named(name, b'[');
                self.list(value);
                self.line.close_list(list);
            }
            Member::Time(read) => match read(self.facts) {
                Some(time) => {
                    self.line.name(name);
                    self.line.put(b"\"");
                    time.write(self.line.out);
                    self.line.put(b"\",");
                }
                None => self.leave(of, key, value),
            },
            Member::Object(inner) if self.is(Kind::Object, value) => {
                let object = self.line.open_named(name, b'{');
                self.members(value, inner);
                if inner == Object::User {
                    caller::write(self);
                }
                self.line.close(object);
            }
            Member::Named if self.is(Kind::Object, value) => self.named(of, name, value),
            Member::Body => self.own.body.write(self.emission, name, value, &mut self.line),
            Member::Code if self.facts.code != 0 => {
                self.line.number(b"\"code\":", u64::from(self.facts.code));
            }
            Member::Details => self.lend(|doc, text| {
                text.clear();
                doc.emission.copy(value.node().start, value.node().end, text);
                doc.line.name(name);
                pieces(text, doc.line.most, doc.line.out);
                doc.line.put(b",");
            }),
            Member::Empty if value.raw() == b"{}" => {}
            _ => self.leave(of, key, value),
        }
    }

    fn text(&mut self, of: Object, key: Value<'_>, value: Value<'_>) {
        self.lend(|doc, text| match doc.emission.inside(value, text) {
            Some(raw) => {
                doc.line.name(key.key().text());
                doc.line.put(b"\"");
                doc.line.inside(Text::fixed(raw));
                doc.line.put(b"\",");
            }
            None => doc.leave(of, key, value),
        });
    }

    /// An object whose names others choose.
    fn named(&mut self, of: Object, name: &[u8], object: Value<'e>) {
        let (path, named): (&[u8], Named) = match name {
            b"annotations" => (b"annotations.", ANNOTATIONS),
            b"authenticationMetadata" => (b"authenticationMetadata.", AUTHENTICATION),
            _ if of == Object::User => (b"user.extra.", EXTRA),
            _ => (b"impersonatedUser.extra.", IMPERSONATED_EXTRA),
        };
        let mark = self.line.open_named(name, b'{');
        self.own.names.clear();
        for (key, value) in object.members() {
            if value.kind() == Kind::Null || !self.emission.has(key, value) {
                continue;
            }
            let fits = self.own.names.len() < named.most && (named.known)(key.raw_text());
            let write = if named.lists { Self::named_list } else { Self::named_text };
            if !fits || !write(self, key, value) {
                self.own.rest.put(self.emission, path, key, value);
            }
        }
        self.line.close(mark);
    }

    #[inline]
    fn named_text(&mut self, key: Value<'e>, value: Value<'e>) -> bool {
        let mut text = std::mem::take(self.text);
        let raw = self.emission.inside(value, &mut text);
        let fits = raw.is_some() && self.name(key, false);
        if let Some(raw) = raw.filter(|_| fits) {
            self.line.put(b"\"");
            self.line.inside(Text::fixed(raw));
            self.line.put(b"\",");
        }
        *self.text = text;
        fits
    }

    fn named_list(&mut self, key: Value<'e>, value: Value<'e>) -> bool {
        let texts = self.is(Kind::Array, value) && value.items().all(|i| i.kind() == Kind::String);
        if !texts || !self.name(key, true) {
            return false;
        }
        if self.is_short(key.node().start, value.node().end) {
            self.line.put(value.raw());
        } else {
            self.line.put(b"[");
            self.list(value);
            if self.line.out.last() == Some(&b',') {
                self.line.out.pop();
            }
            self.line.put(b"]");
        }
        self.line.put(b",");
        true
    }

    /// Writes a name that others chose, its dots as underscores; `false`, and nothing written, when
    /// it cannot be a field. No name stands twice.
    fn name(&mut self, key: Value<'_>, extra: bool) -> bool {
        let node = key.node();
        if key.is_escaped() || (node.end - node.start) as usize > LONGEST_NAME + 2 {
            return false;
        }
        let before = self.line.out.len();
        self.line.put(b"\"");
        let start = self.line.out.len();
        let intact = self.emission.is_intact(key);
        if intact {
            self.line.put(key.raw_text());
        } else {
            self.emission.copy(node.start + 1, node.end - 1, self.line.out);
        }
        let name = &mut self.line.out[start..];
        if !extra || !is_bound_token_claim(key.raw_text()) {
            for byte in &mut *name {
                *byte = if *byte == b'.' { b'_' } else { *byte };
            }
        }
        let blank = match name.first() {
            Some(b'!'..=0x7f) => false,
            Some(0x80..) => std::str::from_utf8(name).is_ok_and(|name| name.trim().is_empty()),
            _ => name.iter().all(u8::is_ascii_whitespace),
        };
        if blank || name.len() > LONGEST_NAME || !intact && name.contains(&b'\\') {
            self.line.out.truncate(before);
            return false;
        }
        // The names that keep their dots are paths below `authentication`.
        if extra && name == b"authentication" {
            self.line.put(b"_");
        }
        let end = self.line.out.len();
        for number in 2.. {
            let (out, name) = (&self.line.out[..], &self.line.out[start..]);
            if self.own.names.iter().all(|(from, to)| &out[*from..*to] != name) {
                break;
            }
            self.line.out.truncate(end);
            self.line.put(b"_");
            decimal(number, self.line.out);
        }
        self.own.names.push((start, self.line.out.len()));
        self.line.put(b"\":");
        true
    }

    /// The texts of a list, a comma behind each.
    fn list(&mut self, list: Value<'_>) {
        self.lend(|doc, text| {
            for item in list.items() {
                let Some(raw) = doc.emission.inside(item, text) else { continue };
                doc.line.put(b"\"");
                doc.line.inside(Text::fixed(raw));
                doc.line.put(b"\",");
            }
        });
    }

    /// Puts a member where members without a place go.
    fn leave(&mut self, of: Object, key: Value<'_>, value: Value<'_>) {
        self.own.rest.put(self.emission, of.path(), key, value);
    }

    /// Whether no edit touches a member and no text in it can be too long.
    #[inline]
    fn is_short(&self, start: u32, end: u32) -> bool {
        (end - start) as usize <= self.line.most && self.emission.fate(start, end) == Fate::Intact
    }

    /// Whether a value leaves as a container of this kind.
    fn is(&self, kind: Kind, value: Value<'_>) -> bool {
        value.kind() == kind && self.emission.is_container(value)
    }
}

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
