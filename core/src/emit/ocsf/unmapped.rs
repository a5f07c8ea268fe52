//! `unmapped` of an OCSF event: what the class has no attribute for.
//!
//! Members with a fixed set of names are objects; whatever clients or authenticators can name
//! (annotations, `user.extra`, members no one knows) is one JSON text each, so that neither an
//! index nor a table of columns grows with what they write.

use super::{Ocsf, is_address};
use crate::emit::Emission;
use crate::emit::body::pieces;
use crate::emit::line::Line;
use crate::emit::{promoted, sentence};
use crate::enrich::text::Text;
use crate::enrich::{Decision, Facts, intact};
use crate::event::Slot;
use crate::scan::Kind;
use crate::scan::doc::Value;
use crate::scan::key::Key;

/// Most items of a list that is written item by item; a longer one also goes to `extra` whole.
pub(super) const LIST: usize = 32;

/// The member that `metadata.original_time` holds.
pub(super) fn original_time(facts: &Facts<'_>) -> Slot {
    match (facts.staged, facts.received, facts.legacy) {
        (None, None, Some(_)) => Slot::Timestamp,
        _ => Slot::StageTimestamp,
    }
}

/// The first text under a name in `user.extra`.
pub(super) fn extra<'a>(emission: &Emission<'a>, name: &[u8]) -> Option<Value<'a>> {
    emission.event.get(Slot::UserExtra)?;
    intact(emission, Slot::UserExtra)?.member(name)?.items().next()
}

/// Appends `unmapped`.
pub(super) fn write(
    emission: &Emission<'_>,
    facts: &Facts<'_>,
    line: &mut Line<'_>,
    scratch: &mut Ocsf,
) {
    line.put(b"\"unmapped\":{");
    line.word(b"\"actor_kind\":\"", facts.actor.kind.text());
    if let Some((namespace, name)) = facts.actor.service_account {
        let account = line.open(b"\"service_account\":{");
        line.text(b"\"namespace\":\"", namespace);
        line.text(b"\"name\":\"", name);
        line.close(account);
    }
    line.some(b"\"pod\":\"", facts.pod);
    line.some(b"\"node\":\"", facts.actor.node.or(facts.node));
    if let Some(who) = facts.denied_by {
        line.word(b"\"denied_by\":\"", who);
    }
    if let Some(agent) = facts.agent {
        let client = line.open(b"\"client\":{");
        line.text(b"\"version\":\"", agent.version);
        line.text(b"\"os\":\"", agent.os);
        line.text(b"\"arch\":\"", agent.arch);
        line.close(client);
    }
    if let Some(exec) = facts.exec {
        line.put(b"\"exec\":{");
        if exec.arguments().next().is_some() {
            line.put(b"\"command_line\":\"");
            sentence::command(exec, line);
            line.put(b"\",");
        }
        line.text(b"\"container\":\"", Text { bytes: exec.container(), ready: false });
        line.put(if exec.stdin { b"\"stdin\":true," } else { b"\"stdin\":false," });
        line.put(if exec.tty { b"\"tty\":true}," } else { b"\"tty\":false}," });
    }
    if facts.latency {
        promoted::latency(emission, line);
    }
    let mut rest = Rest { emission, facts, out: std::mem::take(&mut scratch.rest) };
    rest.impersonated(line, &mut scratch.text);
    for (key, slot) in
        [(&b"\"annotations\":"[..], Slot::Annotations), (b"\"user_extra\":", Slot::UserExtra)]
    {
        if let Some(object) = intact(emission, slot) {
            rest.open();
            for (name, value) in object.members() {
                if slot != Slot::Annotations || !rest.is_decision(name) {
                    rest.leave(b"", name, value);
                }
            }
            rest.close(key, line);
        }
    }
    rest.open();
    rest.event();
    rest.close(b"\"extra\":", line);
    scratch.rest = rest.out;
    line.put(b"\"auditweir\":{\"v\":1,\"id\":\"");
    line.put(emission.id);
    line.put(b"\"");
    emission.receipts(line.out);
    line.put(b"}},");
}

/// Members put together to one JSON text.
struct Rest<'s, 'e> {
    emission: &'s Emission<'e>,
    facts: &'s Facts<'e>,
    out: Vec<u8>,
}

impl Rest<'_, '_> {
    fn open(&mut self) {
        self.out.clear();
        self.out.push(b'{');
    }

    /// Appends the text, unless there is nothing in it.
    fn close(&mut self, key: &[u8], line: &mut Line<'_>) {
        if self.out.len() > 1 {
            self.out.pop();
            self.out.push(b'}');
            line.put(key);
            pieces(&self.out, line.most, line.out);
            line.put(b",");
        }
    }

    fn leave(&mut self, prefix: &[u8], key: Value<'_>, value: Value<'_>) {
        if value.kind() == Kind::Null || !self.emission.has(key, value) {
            return;
        }
        let (name, node) = (key.node(), value.node());
        self.out.push(b'"');
        self.out.extend_from_slice(prefix);
        self.emission.copy(name.start + 1, name.end, &mut self.out);
        self.out.push(b':');
        let before = self.out.len();
        self.emission.copy(node.start, node.end, &mut self.out);
        if self.out.len() == before {
            self.out.extend_from_slice(b"null");
        }
        self.out.push(b',');
    }

    /// Whether an annotation stands in `actor.authorizations`.
    fn is_decision(&self, name: Value<'_>) -> bool {
        match name.raw_text() {
            b"authorization.k8s.io/decision" => self.facts.decision != Decision::None,
            b"authorization.k8s.io/reason" => {
                self.facts.reason.is_some_and(|text| !text.is_empty())
            }
            _ => false,
        }
    }

    fn impersonated(&mut self, line: &mut Line<'_>, text: &mut Vec<u8>) {
        let user = line.open(b"\"impersonated_user\":{");
        line.some(b"\"name\":\"", self.facts.effective_name);
        line.some(b"\"uid\":\"", self.facts.effective_id);
        if let Some(list) = intact(self.emission, Slot::ImpersonatedGroups) {
            let groups = line.open(b"\"groups\":[");
            for item in list.items().take(LIST) {
                if let Some(raw) = self.emission.inside(item, text) {
                    line.item(Text::fixed(raw));
                }
            }
            line.close_list(groups);
        }
        if let Some(object) = intact(self.emission, Slot::ImpersonatedExtra) {
            self.open();
            for (name, value) in object.members() {
                self.leave(b"", name, value);
            }
            self.close(b"\"extra\":", line);
        }
        line.close(user);
    }

    /// Members of the event that stand nowhere else.
    fn event(&mut self) {
        let facts = self.facts;
        let root = self.emission.event.doc.at(self.emission.event.root);
        for (key, value) in root.members() {
            let told = match key.key() {
                Key::Kind => value.says(b"Event"),
                Key::ApiVersion | Key::Level | Key::StageTimestamp => self.is_text(value),
                Key::AuditId => facts.audit_id.is_some(),
                Key::Stage => facts.stage_text.is_some(),
                Key::RequestUri => facts.request_uri.is_some(),
                Key::Verb => facts.verb.is_some(),
                Key::UserAgent => facts.user_agent.is_some(),
                Key::RequestReceivedTimestamp => facts.received.is_some(),
                Key::Timestamp => original_time(facts) == Slot::Timestamp,
                Key::RequestObject | Key::ResponseObject => true,
                Key::SourceIps => self.is_container(value) && self.are_addresses(value),
                Key::User | Key::ImpersonatedUser | Key::ObjectRef | Key::ResponseStatus
                    if self.is_container(value) =>
                {
                    self.members(key.key(), value);
                    true
                }
                Key::Annotations => self.is_container(value),
                _ => false,
            };
            if !told {
                self.leave(b"", key, value);
            }
        }
    }

    fn members(&mut self, of: Key, object: Value<'_>) {
        let facts = self.facts;
        let prefix: &[u8] = match of {
            Key::User => b"user.",
            Key::ImpersonatedUser => b"impersonatedUser.",
            Key::ObjectRef => b"objectRef.",
            _ => b"responseStatus.",
        };
        for (key, value) in object.members() {
            let told = match (of, key.key()) {
                (Key::User, Key::Username) => facts.username.is_some(),
                (Key::User, Key::Uid) => facts.user_id.is_some(),
                (Key::ImpersonatedUser, Key::Username) => facts.effective_name.is_some(),
                (Key::ImpersonatedUser, Key::Uid) => facts.effective_id.is_some(),
                (Key::User | Key::ImpersonatedUser, Key::Groups) => {
                    self.is_container(value) && value.items().nth(LIST).is_none()
                }
                (Key::User | Key::ImpersonatedUser, Key::Extra) => self.is_container(value),
                // these are written along with the resource
                (Key::ObjectRef, Key::ApiGroup | Key::Subresource) => {
                    self.is_text(value) && !facts.act.resource.is_empty()
                }
                (
                    Key::ObjectRef,
                    Key::Resource
                    | Key::Namespace
                    | Key::Name
                    | Key::Uid
                    | Key::ApiVersion
                    | Key::ResourceVersion,
                ) => self.is_text(value),
                (Key::ResponseStatus, Key::Code) => facts.code != 0,
                (Key::ResponseStatus, Key::Reason) => facts.status_reason.is_some(),
                (Key::ResponseStatus, Key::Message) => facts.status_message.is_some(),
                // what nearly every event has
                (Key::ResponseStatus, Key::Metadata) => value.raw() == b"{}",
                _ => false,
            };
            if !told {
                self.leave(prefix, key, value);
            }
        }
    }

    /// Whether a value leaves as a string.
    fn is_text(&mut self, value: Value<'_>) -> bool {
        if self.emission.is_intact(value) {
            return value.kind() == Kind::String;
        }
        let (before, node) = (self.out.len(), value.node());
        self.emission.copy(node.start, node.end, &mut self.out);
        let text = self.out.get(before) == Some(&b'"');
        self.out.truncate(before);
        text
    }

    fn is_container(&self, value: Value<'_>) -> bool {
        use crate::emit::Fate;
        let node = value.node();
        matches!(node.kind, Kind::Object | Kind::Array)
            && matches!(self.emission.fate(node.start, node.end), Fate::Intact | Fate::Inside)
    }

    fn are_addresses(&self, list: Value<'_>) -> bool {
        list.items().nth(LIST).is_none()
            && list.items().all(|item| self.emission.is_intact(item) && is_address(item.raw_text()))
    }
}
