//! Texts put together from several facts, each part with a cap of its own.

use super::line::Line;
use crate::enrich::text::Text;
use crate::enrich::{Exec, Facts};
use crate::text::decimal;

/// Most characters of one part of a text that is put together.
pub(super) const PART: usize = 512;

/// Appends `"message":"USER [as USER] VERB RESOURCE [NAMESPACE/NAME] -> CODE",`, unless empty.
pub(super) fn message(facts: &Facts<'_>, line: &mut Line<'_>) {
    let start = line.out.len();
    line.put(b"\"message\":\"");
    let from = line.out.len();
    let mut part = |lead: &[u8], text: Option<Text<'_>>| {
        if let Some(text) = text.filter(|text| !text.is_empty()) {
            line.put(lead);
            line.inside_short(text, PART);
        }
    };
    part(b"", facts.username);
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
    if line.out.len() == from {
        line.out.truncate(start);
    } else {
        line.put(b"\",");
    }
}

/// Appends the words of an exec, a space between them.
pub(super) fn command(exec: &Exec, line: &mut Line<'_>) {
    let count = exec.arguments().count().max(1);
    let share = line.most.saturating_sub(count) / count;
    for (at, argument) in exec.arguments().enumerate() {
        if at > 0 {
            line.put(b" ");
        }
        line.inside_short(Text { bytes: argument, ready: false }, share);
    }
}
