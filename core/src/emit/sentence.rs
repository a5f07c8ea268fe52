//! Texts put together from several facts, each part with a cap of its own.

use super::PART;
use super::layout::{Doc, Parts};
use super::line::Line;
use crate::enrich::text::Text;
use crate::enrich::{ActorKind, Facts};
use crate::text::decimal;

/// `USER [as USER] VERB RESOURCE [NAMESPACE/NAME] -> CODE`.
pub(super) fn message<'o, T: Doc<'o>>(facts: &Facts<'_>) -> Parts<impl FnOnce(&mut T)> {
    Parts(|to: &mut T| {
        let line = to.line();
        let mut part = |lead: &[u8], text: Option<Text<'_>>| {
            if let Some(text) = text.filter(|text| !text.is_empty()) {
                line.put(lead);
                line.inside_short(text, PART);
            }
        };
        let nobody: &[u8] =
            if facts.actor.kind == ActorKind::Anonymous { b"anonymous" } else { b"unknown" };
        let name = facts.username.filter(|name| !name.is_empty());
        part(b"", Some(name.unwrap_or(Text::fixed(nobody))));
        part(b" as ", facts.effective_name);
        part(b" ", facts.verb);
        if facts.act.resource.is_empty() {
            part(b" ", facts.uri.map(|uri| uri.path));
        } else {
            part(b" ", facts.resource);
            part(b"/", facts.subresource);
            part(b" ", facts.namespace);
            let slash: &[u8] = if facts.namespace.is_some() { b"/" } else { b" " };
            part(slash, facts.name);
        }
        if facts.code != 0 {
            line.put(b" -> ");
            decimal(u64::from(facts.code), line.out);
        }
    })
}

/// The words of an exec, a space between them.
pub(super) fn command<'o, T: Doc<'o>>(facts: &Facts<'_>) -> Parts<impl FnOnce(&mut T)> {
    Parts(|to: &mut T| {
        let line = to.line();
        let Some(exec) = facts.exec else { return };
        let count = exec.arguments().count().max(1);
        let share = line.most.saturating_sub(count) / count;
        for (at, argument) in exec.arguments().enumerate() {
            if at > 0 {
                line.put(b" ");
            }
            line.inside_short(Text { bytes: argument, ready: false }, share);
        }
    })
}

/// `RESOURCE[/SUBRESOURCE]`.
pub(super) fn resource<'o, T: Doc<'o>>(facts: &Facts<'_>) -> Parts<impl FnOnce(&mut T)> {
    Parts(|to: &mut T| write_resource(facts, to.line()))
}

/// The same, as a part of a text.
pub(super) fn write_resource(facts: &Facts<'_>, line: &mut Line<'_>) {
    if let Some(resource) = facts.resource.filter(|resource| !resource.is_empty()) {
        line.inside_short(resource, PART);
        if let Some(sub) = facts.subresource.filter(|sub| !sub.is_empty()) {
            line.put(b"/");
            line.inside_short(sub, PART);
        }
    }
}
