//! `unmapped` of an OCSF event: what the class has no attribute for.
//!
//! Members with a fixed set of names are objects; whatever clients or authenticators can name
//! (annotations, `user.extra`, members no one knows) is one JSON text each, so that neither an
//! index nor a table of columns grows with what they write.

use super::{Activity, is_address};
use crate::emit::layout::{List, Raw, layout};
use crate::emit::leftover::Leftover;
use crate::emit::{Emission, MOST_ITEMS, sentence};
use crate::enrich::{Decision, Facts, Outcome, intact, without_mapping};
use crate::event::Slot;
use crate::scan::Kind;
use crate::scan::doc::Value;
use crate::scan::key::Key;

layout! {
    json all(doc: Activity<'_, '_, '_>) {
        "unmapped" {
            "actor_kind": actor,
            "service_account" { "namespace": account_namespace, "name": account_name },
            "login_user": login_name,
            "pod": pod,
            "node": node,
            "denied_by": denied_by,
            "client" { "version": product_version, "os": system, "arch": architecture },
            "exec" {
                "command_line": command_line = sentence::command(doc.facts),
                "container": exec_container,
                "stdin": exec_stdin,
                "tty": exec_tty,
            },
            "latency" { do { doc.latencies() } { use layers } },
            "impersonated_user" {
                "name": effective_name,
                "uid": effective_id,
                "person": effective_person,
                "groups": effective_groups = List(Activity::effective_groups),
                do { doc.leftover(b"\"extra\":", Rest::effective_extra) } { "extra": effective_extra },
            },
            do { doc.leftover(b"\"annotations\":", Rest::annotations) } { "annotations": annotations },
            do { doc.leftover(b"\"user_extra\":", Rest::user_extra) } { "user_extra": user_extra },
            do { doc.leftover(b"\"extra\":", Rest::event) } { "extra": rest },
            use note,
        },
    }

    names stub {
        "unmapped" { "auditweir" {
            "stub": stub_reason, "bytes": stub_bytes, "offset": stub_offset,
            "rejected": stub_rejected,
        } },
    }
}

/// The member that `metadata.original_time` holds.
pub(super) fn original_time(facts: &Facts<'_>) -> Slot {
    match (facts.staged, facts.received, facts.legacy) {
        (None, None, Some(_)) => Slot::Timestamp,
        _ => Slot::StageTimestamp,
    }
}

impl<'s, 'e> Activity<'s, 'e, '_> {
    /// Appends members put together by `write`, unless there are none.
    fn leftover(&mut self, key: &[u8], write: impl FnOnce(&mut Rest<'s, 'e>)) {
        let mut out = std::mem::take(&mut self.own.rest);
        out.clear();
        let mut rest = Rest { emission: self.emission, facts: self.facts, out };
        write(&mut rest);
        rest.out.write(key, &mut self.line);
        self.own.rest = rest.out;
    }
}

/// Members put together to one JSON text.
struct Rest<'s, 'e> {
    emission: &'s Emission<'e>,
    facts: &'s Facts<'e>,
    out: Leftover,
}

impl Rest<'_, '_> {
    fn leave(&mut self, prefix: &[u8], key: Value<'_>, value: Value<'_>) {
        if value.kind() == Kind::Null || !self.emission.has(key, value) {
            return;
        }
        self.out.put(self.emission, prefix, key, value);
    }

    /// Whether an annotation stands in `actor.authorizations`.
    fn is_decision(&self, name: Value<'_>) -> bool {
        match name.raw_text() {
            b"authorization.k8s.io/decision" => {
                matches!(self.facts.decision, Decision::Allow | Decision::Forbid)
            }
            b"authorization.k8s.io/reason" => {
                self.facts.reason.is_some_and(|text| !text.is_empty())
            }
            _ => false,
        }
    }

    fn object(&mut self, slot: Slot, is_told: impl Fn(&Self, Value<'_>) -> bool) {
        for (name, value) in intact(self.emission, slot).into_iter().flat_map(Value::members) {
            if !is_told(self, name) {
                self.leave(b"", name, value);
            }
        }
    }

    fn annotations(&mut self) {
        self.object(Slot::Annotations, Self::is_decision);
    }

    fn user_extra(&mut self) {
        self.object(Slot::UserExtra, |_, _| false);
    }

    fn effective_extra(&mut self) {
        self.object(Slot::ImpersonatedExtra, |_, _| false);
    }

    /// Members of the event that stand nowhere else.
    fn event(&mut self) {
        let facts = self.facts;
        let root = self.emission.event.doc.at(self.emission.event.root);
        for (key, value) in root.members() {
            let told = match key.key() {
                Key::Kind => value.says(b"Event"),
                Key::ApiVersion | Key::Level | Key::StageTimestamp => {
                    self.out.is_text(self.emission, value)
                }
                Key::AuditId => facts.audit_id.is_some(),
                Key::Stage => facts.stage_text.is_some(),
                Key::RequestUri => facts.request_uri.is_some(),
                Key::Verb => facts.verb.is_some(),
                Key::UserAgent => facts.user_agent.is_some(),
                Key::RequestReceivedTimestamp => facts.received.is_some(),
                Key::Timestamp => original_time(facts) == Slot::Timestamp,
                Key::RequestObject | Key::ResponseObject => true,
                Key::SourceIps => self.emission.is_container(value) && self.are_addresses(value),
                Key::User | Key::ImpersonatedUser | Key::ObjectRef | Key::ResponseStatus
                    if self.emission.is_container(value) =>
                {
                    self.members(key.key(), value);
                    true
                }
                Key::Annotations => self.emission.is_container(value),
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
                    self.emission.is_container(value) && value.items().nth(MOST_ITEMS).is_none()
                }
                (Key::User | Key::ImpersonatedUser, Key::Extra) => {
                    self.emission.is_container(value)
                }
                // these are written along with the resource
                (Key::ObjectRef, Key::ApiGroup | Key::Subresource) => {
                    self.out.is_text(self.emission, value) && !facts.act.resource.is_empty()
                }
                (
                    Key::ObjectRef,
                    Key::Resource
                    | Key::Namespace
                    | Key::Name
                    | Key::Uid
                    | Key::ApiVersion
                    | Key::ResourceVersion,
                ) => self.out.is_text(self.emission, value),
                (Key::ResponseStatus, Key::Code) => facts.code != 0 && value.integer().is_some(),
                // `status` says the same
                (Key::ResponseStatus, Key::Status) => match facts.outcome {
                    Outcome::Success => value.says(b"Success"),
                    Outcome::Failure => value.says(b"Failure"),
                    Outcome::Unknown => false,
                },
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

    fn are_addresses(&self, list: Value<'_>) -> bool {
        list.items().nth(MOST_ITEMS).is_none()
            && list.items().all(|item| {
                let text = item.raw_text();
                self.emission.is_intact(item)
                    && is_address(text)
                    && without_mapping(text).len() == text.len()
            })
    }
}
