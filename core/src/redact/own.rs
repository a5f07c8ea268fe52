//! The policy's own rules over an event and the documents in it.

use super::Redactor;
use super::edits::Edits;
use super::paths::{Start, members_of};
use super::pointer;
use super::scope::Scope;
use crate::event::{Event, ResourcePath, Slot};
use crate::policy::Action;
use crate::scan::doc::Value;
use crate::scan::key::Key;
use crate::text;

/// Operations of a JSON patch whose copies are looked for one by one.
const COPIES: usize = 64;

/// Whether a rule's `resource[/subresource][.group]` names this resource; names hold no dot.
fn names(rule: &str, resource: &[u8], subresource: &[u8], group: &[u8]) -> bool {
    let (path, rule_group) = rule.split_once('.').unwrap_or((rule, ""));
    let (name, sub) = path.split_once('/').unwrap_or((path, ""));
    let same = |a: &str, b: &[u8]| a == "*" || a.as_bytes() == b;
    !resource.is_empty()
        && same(name, resource)
        && (sub.is_empty() || same(sub, subresource))
        && (rule_group.is_empty() || same(rule_group, group))
}

impl Redactor {
    /// Own rules over an event. What its `objectRef` or its URL says it is about counts.
    pub(super) fn own_rules(&mut self, scope: &Scope<'_>, event: &Event<'_>, edits: &mut Edits) {
        let text = |slot| event.get(slot).map(Value::text).unwrap_or_default();
        let (resource, subresource) = (text(Slot::Resource), text(Slot::Subresource));
        let group = text(Slot::ApiGroup);
        self.scratch.clear();
        self.decoded.clear();
        text::unescape(event.raw_text(Slot::RequestUri), &mut self.scratch);
        let uri = if text::percent_decode(&self.scratch, &mut self.decoded) {
            &self.decoded
        } else {
            &self.scratch
        };
        let url = ResourcePath::any(uri).unwrap_or_default();
        self.walk.revision =
            [&*resource, url.resource].contains(&b"controllerrevisions".as_slice());
        scope.policy.paths.choose(&mut self.walk, |rule| {
            names(rule, &resource, &subresource, &group)
                || names(rule, url.resource, url.subresource, url.group)
        });
        self.own_paths(scope, scope.root, Start::Event, edits);
        self.carried_out(scope, event, edits);
    }

    /// Own rules over a document inside a string.
    pub(super) fn own_rules_inside(&mut self, scope: &Scope<'_>, edits: &mut Edits) {
        if !scope.policy.paths.is_empty() {
            self.own_paths(scope, scope.root, Start::Document, edits);
        }
    }

    fn own_paths(&mut self, scope: &Scope<'_>, at: u32, start: Start<'_>, edits: &mut Edits) {
        let mut walk = std::mem::take(&mut self.walk);
        walk.kinds.clear();
        let kinds = scope.within(&scope.tape.marks, |mark| mark.node).iter();
        walk.kinds.extend(kinds.filter(|mark| mark.key == Key::Kind).map(|mark| mark.node));
        scope.policy.paths.walk(&mut walk, scope.doc, at, start, |value, rule| {
            if scope.policy.action(rule) != Action::Keep {
                scope.take(value, rule, edits);
            } else if scope.layer == 0 {
                self.kept.push((value.node().start, value.node().end));
            }
        });
        self.walk = walk;
    }

    /// What a JSON patch copies or moves from where a path leads shows in the answer under another
    /// name.
    fn carried_out(&mut self, scope: &Scope<'_>, event: &Event<'_>, edits: &mut Edits) {
        let (Some(patch), Some(answer)) =
            (event.get(Slot::RequestObject), event.get(Slot::ResponseObject))
        else {
            return;
        };
        let froms = patch.items().flat_map(|operation| {
            members_of(operation, Key::From).flat_map(move |from| {
                members_of(operation, Key::Path).map(move |to| (from.1, to.1))
            })
        });
        for (from, to) in froms.take(COPIES) {
            if let Some(copy) = to.read(|to| pointer::value(answer, to)) {
                self.own_paths(scope, copy.index, Start::From(&from.text()), edits);
            }
        }
    }

    /// Whether an own `keep` rule protects what starts here.
    pub(super) fn is_kept(&self, start: u32) -> bool {
        !self.kept.is_empty() && self.kept.iter().any(|(from, to)| (*from..*to).contains(&start))
    }
}
