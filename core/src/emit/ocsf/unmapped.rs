//! `unmapped` of an OCSF event: what the class has no attribute for.
//!
//! Members with a fixed set of names are objects; whatever clients or authenticators can name
//! (annotations, `user.extra`, members no one knows) is one JSON text each, so that neither an
//! index nor a table of columns grows with what they write.

use super::{Activity, is_address};
use crate::emit::layout::{List, Slashes, layout};
use crate::emit::members::{Member, Object};
use crate::emit::{MOST_ITEMS, sentence};
use crate::enrich::{Facts, Outcome, intact, without_mapping};
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
            "subject": subject = doc.facts.rbac.map(|rbac| {
                Slashes([rbac.subject_kind, rbac.subject_namespace, rbac.subject])
            }),
            "dry_run": dry_run,
            "dry_run_claimed": dry_run_claimed,
            "platform": platform,
            // Of a cloud that nobody names.
            if doc.facts.origin.provider.is_none() => {
                "account": account,
                "region": region,
            },
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
                do { doc.leftover(b"\"extra\":", Activity::effective_extra) } { "extra": effective_extra },
            },
            do { doc.leftover(b"\"annotations\":", Activity::annotations) } { "annotations": annotations },
            do { doc.leftover(b"\"user_extra\":", Activity::user_extra) } { "user_extra": user_extra },
            do { doc.leftover(b"\"extra\":", Activity::event) } { "extra": rest },
            use note,
        },
    }
}

/// The member that `metadata.original_time` holds.
pub(super) fn original_time(facts: &Facts<'_>) -> Slot {
    match (facts.staged, facts.received, facts.legacy) {
        (None, None, Some(_)) => Slot::Timestamp,
        _ => Slot::StageTimestamp,
    }
}

impl<'e> Activity<'_, 'e, '_> {
    /// Appends members put together by `write`, unless there are none.
    fn leftover(&mut self, key: &[u8], write: impl FnOnce(&mut Self)) {
        self.own.rest.clear();
        write(self);
        self.own.rest.write(key, &mut self.line);
    }

    fn leave(&mut self, path: &[u8], key: Value<'_>, value: Value<'_>) {
        if value.kind() != Kind::Null && self.emission.has(key, value) {
            self.own.rest.put(self.emission, path, key, value);
        }
    }

    /// All members of an object that are not told elsewhere.
    fn others(&mut self, slot: Slot, is_told: impl Fn(&Facts<'_>, &[u8]) -> bool) {
        for (name, value) in intact(self.emission, slot).into_iter().flat_map(Value::members) {
            if !is_told(self.facts, name.raw_text()) {
                self.leave(b"", name, value);
            }
        }
    }

    fn annotations(&mut self) {
        // What stands in `actor.authorizations`.
        self.others(Slot::Annotations, |facts, name| match name {
            b"authorization.k8s.io/decision" => facts.verdict().is_some(),
            b"authorization.k8s.io/reason" => facts.decided().is_some(),
            _ => false,
        });
    }

    fn user_extra(&mut self) {
        self.others(Slot::UserExtra, |_, _| false);
    }

    fn effective_extra(&mut self) {
        self.others(Slot::ImpersonatedExtra, |_, _| false);
    }

    /// Members of the event that stand nowhere else.
    fn event(&mut self) {
        let event = self.emission.event;
        self.members(event.doc.at(event.root), Object::Event);
    }

    fn members(&mut self, object: Value<'e>, of: Object) {
        for (key, value) in object.members() {
            let member = of.member(key.key());
            if let Member::Object(inner) = member
                && self.emission.is_container(value)
            {
                self.members(value, inner);
            } else if !self.is_told(of, key.key(), member, value) {
                self.leave(of.path(), key, value);
            }
        }
    }

    /// Whether a member has an attribute that holds it.
    fn is_told(&mut self, of: Object, key: Key, member: Member, value: Value<'_>) -> bool {
        let facts = self.facts;
        match (member, key) {
            (_, Key::Kind) => value.says(b"Event"),
            (Member::Time(_), Key::RequestReceivedTimestamp) => facts.received.is_some(),
            (Member::Time(_), Key::Timestamp) => original_time(facts) == Slot::Timestamp,
            // `status` says the same
            (_, Key::Status) => match facts.outcome {
                Outcome::Success => value.says(b"Success"),
                Outcome::Failure => value.says(b"Failure"),
                Outcome::Unknown => false,
            },
            // these are written along with the resource
            (_, Key::ApiGroup | Key::Subresource) if facts.act.resource.is_empty() => false,
            (Member::Text | Member::Time(_), _) => self.own.rest.is_text(self.emission, value),
            (Member::Texts, _) => {
                self.emission.is_container(value)
                    && value.items().nth(MOST_ITEMS).is_none()
                    && (of != Object::Event || self.are_addresses(value))
            }
            (Member::Named, Key::Annotations | Key::Extra) => self.emission.is_container(value),
            (Member::Body, _) => true,
            (Member::Code, _) => facts.code != 0 && value.integer().is_some(),
            (Member::Empty, _) => value.raw() == b"{}",
            _ => false,
        }
    }

    fn are_addresses(&self, list: Value<'_>) -> bool {
        list.items().all(|item| {
            let text = item.raw_text();
            self.emission.is_intact(item)
                && is_address(text)
                && without_mapping(text).len() == text.len()
        })
    }
}
