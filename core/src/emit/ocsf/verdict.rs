//! What was done and how it ended, in OCSF's words.

use super::Activity;
use crate::emit::line::Line;
use crate::enrich::class::is_virtual;
use crate::enrich::{Act, Effect, Facts, Outcome, Refusal, Ruling};

/// What a stub says of it.
pub(super) const UNKNOWN: &[u8] =
    b"\"severity_id\":0,\"severity\":\"Unknown\",\"status_id\":0,\"status\":\"Unknown\",\
      \"action_id\":0,\"action\":\"Unknown\",\"disposition_id\":0,\"disposition\":\"Unknown\",";

/// `activity_id` and its caption.
pub(super) fn activity(act: &Act<'_>) -> (u64, &'static [u8]) {
    const CREATE: (u64, &[u8]) = (1, b"Create");
    const UPDATE: (u64, &[u8]) = (3, b"Update");
    const DELETE: (u64, &[u8]) = (4, b"Delete");
    match (act.resource, act.subresource) {
        (b"pods", b"exec") => return (99, b"Exec"),
        (b"pods", b"attach") => return (99, b"Attach"),
        (b"pods", b"portforward") => return (99, b"Port Forward"),
        (b"pods" | b"nodes" | b"services", b"proxy") => return (99, b"Proxy"),
        (resource, _) if resource.ends_with(b"reviews") && is_virtual(resource) => {
            return (99, b"Review");
        }
        _ => {}
    }
    if act.is_login() {
        return (99, b"Logon");
    }
    match act.effect() {
        Effect::Creates | Effect::Changes | Effect::Deletes if act.is_dry_run => (99, b"Dry Run"),
        Effect::Creates => CREATE,
        Effect::Changes => UPDATE,
        Effect::Deletes => DELETE,
        Effect::Reads => (2, b"Read"),
        Effect::Other => (0, b"Unknown"),
    }
}

/// Appends the members that say what class of event this is.
pub(super) fn class(id: u64, name: &[u8], line: &mut Line<'_>) {
    line.number(b"\"activity_id\":", id);
    line.word(b"\"activity_name\":\"", name);
    line.put(
        b"\"category_uid\":6,\"category_name\":\"Application Activity\",\
          \"class_uid\":6003,\"class_name\":\"API Activity\",",
    );
    line.number(b"\"type_uid\":", 600_300 + id);
    line.put(b"\"type_name\":\"API Activity: ");
    line.put(if id == 99 { b"Other" } else { name });
    line.put(b"\",");
}

/// Appends severity and status.
pub(super) fn severity(doc: &mut Activity<'_, '_, '_>) {
    let Activity { facts, line, .. } = doc;
    let writes = facts.act.effect() != Effect::Reads;
    line.put(if facts.is_denied() && writes {
        b"\"severity_id\":2,\"severity\":\"Low\","
    } else {
        b"\"severity_id\":1,\"severity\":\"Informational\","
    });
    line.put(match facts.outcome {
        Outcome::Success => b"\"status_id\":1,\"status\":\"Success\",",
        Outcome::Failure => b"\"status_id\":2,\"status\":\"Failure\",",
        Outcome::Unknown => b"\"status_id\":0,\"status\":\"Unknown\",",
    });
}

/// Appends what was decided, and by whom.
pub(super) fn disposition(doc: &mut Activity<'_, '_, '_>) {
    let Activity { facts, line, .. } = doc;
    line.put(match facts.ruling {
        Ruling::Denied => &b"\"action_id\":2,\"action\":\"Denied\","[..],
        Ruling::Allowed => b"\"action_id\":1,\"action\":\"Allowed\",",
        Ruling::Unknown => b"\"action_id\":0,\"action\":\"Unknown\",",
    });
    line.put(match (facts.ruling, facts.denied_by, facts.outcome) {
        (Ruling::Denied, Some(b"authentication" | b"authorization"), _) => {
            &b"\"disposition_id\":26,\"disposition\":\"Unauthorized\","[..]
        }
        (Ruling::Denied, ..) => b"\"disposition_id\":2,\"disposition\":\"Blocked\",",
        (Ruling::Allowed, ..) => b"\"disposition_id\":1,\"disposition\":\"Allowed\",",
        (_, _, Outcome::Failure) => b"\"disposition_id\":27,\"disposition\":\"Error\",",
        _ => b"\"disposition_id\":0,\"disposition\":\"Unknown\",",
    });
}

/// The policy that decided, and whose it is: what admission refused by, else the role that allowed.
pub(super) fn policy<'a>(facts: &Facts<'a>) -> Option<(&'a [u8], &'static [u8])> {
    match (facts.refusal, facts.rbac) {
        (Some(Refusal::Policy { policy, .. }), _) => Some((policy, b"Admission Policy")),
        (_, Some(rbac)) => Some((rbac.role, rbac.authorizer)),
        (_, None) => None,
    }
}
