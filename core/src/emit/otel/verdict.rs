//! How a request ended, in OpenTelemetry's words.

use super::Record;
use crate::emit::layout::{Doc, Parts};
use crate::enrich::{Facts, Outcome};
use crate::text::decimal;

/// Appends the severity.
pub(super) fn severity(record: &mut Record<'_, '_, '_>) {
    let facts = record.facts;
    record.line.put(if facts.denied_by == Some(b"server") {
        b"\"severityNumber\":17,\"severityText\":\"ERROR\","
    } else if facts.is_denied() {
        b"\"severityNumber\":13,\"severityText\":\"WARN\","
    } else {
        b"\"severityNumber\":9,\"severityText\":\"INFO\","
    });
}

/// `error.type` of a failure: the reason, else the code.
pub(super) fn error<'o, T: Doc<'o>>(facts: &Facts<'_>) -> Option<Parts<impl FnOnce(&mut T)>> {
    (facts.outcome == Outcome::Failure).then_some(Parts(|to: &mut T| {
        let line = to.line();
        match facts.status_reason.filter(|reason| !reason.is_empty()) {
            Some(reason) => line.inside(reason),
            None if facts.code != 0 => decimal(u64::from(facts.code), line.out),
            None => line.put(b"_OTHER"),
        }
    }))
}
