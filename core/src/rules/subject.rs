//! The event as rules read it: raw, before levels are lowered and bodies cut, with what was
//! derived from it.

use std::net::IpAddr;

use crate::enrich::{DryRun, Facts, Outcome, Ruling, Timestamp};
use crate::event::{Event, Level, PathBuffer, ResourcePath, Slot, Stage};
use crate::redacted::Redacted;
use crate::scan::Kind;
use crate::scan::doc::Value;

use super::answer::{RequestOutcome, Why};
use super::user::UserKind;

/// One event and what rules need to know of it as a whole.
pub(super) struct Subject<'a> {
    pub(super) event: &'a Event<'a>,
    pub(super) redacted: &'a Redacted<'a>,
    pub(super) outcome: RequestOutcome,
    /// Why the outcome is not known.
    pub(super) doubt: Why,
    pub(super) refused_by: Option<&'static [u8]>,
    /// The bodies may be gone for another reason than the level.
    pub(super) lost: Option<Why>,
    pub(super) code: u16,
    /// When the event was written.
    time: Option<Timestamp<'a>>,
    /// What kind of user asked; `None` when there is no name.
    pub(super) user: Option<UserKind>,
    pub(super) target: Target<'a>,
    /// The peer's address as the event gives it after redaction.
    pub(super) peer: Option<(&'a [u8], IpAddr)>,
    /// Path of `requestURI`, decoded once; empty where nobody asks for it.
    pub(super) path: &'a [u8],
}

/// What the request was for, as written; texts are without escapes.
#[derive(Clone, Copy, Default)]
pub(super) struct Target<'a> {
    pub(super) verb: &'a [u8],
    pub(super) group: &'a [u8],
    pub(super) resource: &'a [u8],
    pub(super) subresource: &'a [u8],
    pub(super) namespace: &'a [u8],
    pub(super) name: &'a [u8],
    /// The event says at all what it was for.
    pub(super) is_known: bool,
}

impl<'a> Target<'a> {
    /// From `objectRef`, else from the path. Names of resources and verbs are written without
    /// escapes by every API server; one that is not matches nothing.
    pub(super) fn read(event: &Event<'a>, path: &'a [u8]) -> Self {
        let text = |slot| event.raw_text(slot);
        let verb = text(Slot::Verb);
        if event.get(Slot::ObjectRef).is_some() {
            return Self {
                verb,
                // Some converters spell the core group's name out.
                group: Some(text(Slot::ApiGroup)).filter(|name| *name != b"core").unwrap_or(b""),
                resource: text(Slot::Resource),
                subresource: text(Slot::Subresource),
                namespace: text(Slot::Namespace),
                name: text(Slot::Name),
                is_known: true,
            };
        }
        let is_known = !verb.is_empty() && event.get(Slot::RequestUri).is_some();
        match ResourcePath::strict(path) {
            Some(url) => Self {
                verb,
                group: url.group,
                resource: url.resource,
                subresource: url.subresource,
                namespace: url.namespace,
                name: url.name,
                is_known,
            },
            None => Self { verb, is_known, ..Self::default() },
        }
    }
}

impl<'a> Subject<'a> {
    pub(super) fn read(
        redacted: &'a Redacted<'a>,
        facts: &Facts<'a>,
        target: Target<'a>,
        path: &'a [u8],
        user: Option<UserKind>,
        (outcome, doubt): (RequestOutcome, Why),
    ) -> Self {
        let event = redacted.event;
        let lost = if redacted.envelope.cut() {
            Some(Why::Cut)
        } else if facts.truncated {
            Some(Why::Truncated)
        } else if facts.stage == Some(Stage::RequestReceived) {
            Some(Why::Stage)
        } else {
            None
        };
        Self {
            event,
            redacted,
            peer: facts.peer.zip(facts.peer_address).map(|(text, at)| (text.bytes, at)),
            outcome,
            doubt,
            refused_by: facts.denied_by,
            lost,
            code: facts.code,
            time: facts.staged.or(facts.received).or(facts.legacy),
            user,
            target,
            path,
        }
    }

    /// When the event was written, in milliseconds since 1970.
    pub(super) fn time(&self) -> Option<i64> {
        self.time.map(Timestamp::millis)
    }

    /// Why a body that is not there may have been; `None` when there was none.
    pub(super) fn absent_body(&self, response: bool) -> Option<Why> {
        if self.lost.is_some() {
            return self.lost;
        }
        if !response && matches!(self.target.verb, b"get" | b"list" | b"watch" | b"head") {
            return None;
        }
        let needed = if response { Level::RequestResponse } else { Level::Request };
        match Level::of(self.event) {
            Some(level) if level >= needed => None,
            Some(level) => Some(Why::Level(level)),
            None => Some(Why::NoLevel),
        }
    }

    /// The body that shows what was asked for: the request's, else what came back.
    pub(super) fn body(&self) -> Result<Option<Value<'a>>, Why> {
        if let Some(body) = self.event.get(Slot::RequestObject) {
            return Ok(Some(body));
        }
        // What a write answers with is the object, unless it failed.
        let is_write = matches!(self.target.verb, b"create" | b"update" | b"patch");
        if let Some(body) = self.event.get(Slot::ResponseObject)
            && is_write
            && body.member(b"kind").is_none_or(|kind| !kind.says(b"Status"))
        {
            return Ok(Some(body));
        }
        self.absent_body(false).map_or(Ok(None), Err)
    }

    /// The object that came of the request, where the event has it.
    pub(super) fn answer(&self) -> Option<Value<'a>> {
        self.event.get(Slot::ResponseObject).filter(|body| {
            body.kind() == Kind::Object
                && body.member(b"kind").is_none_or(|kind| !kind.says(b"Status"))
        })
    }
}

/// A number for the request, the same at all its stages. Clients choose the auditID, so what else the
/// API server says of the request is in it; an event that says none of it stands for itself.
pub(super) fn request(redacted: &Redacted<'_>) -> u64 {
    let text = |slot| redacted.event.raw_text(slot);
    let (id, received) = (text(Slot::AuditId), text(Slot::RequestReceivedTimestamp));
    if id.is_empty() && received.is_empty() {
        return redacted.identity.number([&redacted.id[..]]);
    }
    redacted.identity.number([id, text(Slot::RequestUri), text(Slot::Username), received])
}

/// What became of the request, and why that is not known.
pub(super) fn outcome(event: &Event<'_>, facts: &Facts<'_>) -> (RequestOutcome, Why) {
    use RequestOutcome as R;
    if facts.stage == Some(Stage::RequestReceived) {
        return (R::Attempted, Why::Stage);
    }
    match facts.outcome {
        Outcome::Failure if facts.ruling == Ruling::Denied => (R::Refused, Why::NoCode),
        Outcome::Failure => (R::Failed, Why::NoCode),
        // Google leaves the status of what went well out.
        Outcome::Unknown if facts.ruling == Ruling::Allowed && event.get(Slot::Gke).is_some() => {
            (R::Done, Why::NoCode)
        }
        Outcome::Unknown => (R::Unknown, Why::NoCode),
        Outcome::Success => match facts.dry_run {
            DryRun::Yes => (R::DryRun, Why::NoCode),
            DryRun::Claimed => (R::Unknown, Why::DryRun),
            DryRun::No => (R::Done, Why::NoCode),
        },
    }
}

/// The path of the event's URI, decoded into `buffer`.
pub(super) fn decoded<'s>(event: &Event<'s>, buffer: &'s mut PathBuffer) -> &'s [u8] {
    match event.get(Slot::RequestUri) {
        Some(uri) => buffer.strict(uri.raw_text()),
        None => b"",
    }
}
