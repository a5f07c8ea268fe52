//! What admission did: annotations of webhooks and policies, for the few events that have them
//! (k8s.io/apiserver `pkg/admission/plugin/webhook/mutating/dispatcher.go`).

use super::text::Text;
use super::{Facts, Refusal, intact};
use crate::event::Slot;
use crate::redacted::Redacted;

/// Most webhooks that are named.
const MOST_WEBHOOKS: usize = 16;

/// Hands on the names of webhooks; whether one changed the object, whether one failed open.
pub(crate) fn webhooks(
    redacted: &Redacted<'_>,
    facts: &Facts<'_>,
    text: &mut Vec<u8>,
    mut each: impl FnMut(Text<'_>),
) -> (bool, bool) {
    if let Some(Refusal::Webhook(name)) = facts.refusal {
        each(Text::fixed(name));
    }
    if !facts.admission {
        return (false, false);
    }
    let (mut mutated, mut failed_open, mut named) = (false, false, 0);
    let Some(annotations) = intact(redacted, Slot::Annotations) else { return (false, false) };
    for (key, value) in annotations.members() {
        let name = key.raw_text();
        let failed = name.starts_with(b"failed-open.");
        if !failed && !name.starts_with(b"mutation.webhook.admission.k8s.io/") {
            continue;
        }
        let Some(raw) = redacted.inside(value, text) else { continue };
        failed_open |= failed;
        mutated |= memchr::memmem::find(raw, br#"\"mutated\":true"#).is_some();
        // The value is the webhook's name, or JSON that holds it.
        let webhook = if failed { Some(raw) } else { quoted(raw, br#"\"webhook\":\""#) };
        if let Some(webhook) = webhook
            && named < MOST_WEBHOOKS
        {
            named += 1;
            each(Text::fixed(webhook));
        }
    }
    (mutated, failed_open)
}

/// What of an admission policy is asked for.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Part {
    Policy,
    Binding,
    Action,
}

/// Hands on each name of a policy or binding, or each action, of the failures that the event tells
/// of: in the answer's message when one denied the request, in an annotation when it is only
/// recorded (k8s.io/apiserver `pkg/admission/plugin/policy/validating/dispatcher.go`).
pub(crate) fn policies(
    redacted: &Redacted<'_>,
    facts: &Facts<'_>,
    part: Part,
    text: &mut Vec<u8>,
    mut each: impl FnMut(Text<'_>),
) {
    if let Some(Refusal::Policy { policy, binding }) = facts.refusal {
        each(Text::fixed(match part {
            Part::Policy => policy,
            Part::Binding => binding,
            Part::Action => b"Deny",
        }));
    }
    if !facts.admission {
        return;
    }
    let Some(annotations) = intact(redacted, Slot::Annotations) else { return };
    let failure = annotations.members().find(|(key, _)| {
        key.raw_text() == b"validation.policy.admission.k8s.io/validation_failure"
    });
    let Some((_, value)) = failure else { return };
    let Some(mut rest) = redacted.inside(value, text) else { return };
    let lead: &[u8] = match part {
        Part::Policy => br#"\"policy\":\""#,
        Part::Binding => br#"\"binding\":\""#,
        Part::Action => br#"\"validationActions\":["#,
    };
    let mut named = 0;
    while named < MOST_WEBHOOKS
        && let Some(at) = memchr::memmem::find(rest, lead)
    {
        let after = &rest[at + lead.len()..];
        // A member's name inside a message has its quotes escaped once more.
        let own = at == 0 || rest[at - 1] != b'\\';
        rest = after;
        if !own {
            continue;
        }
        if part == Part::Action {
            let end = memchr::memchr(b']', after).unwrap_or(0);
            for action in after[..end].split(|byte| *byte == b',').take(MOST_WEBHOOKS) {
                let action = action.trim_ascii();
                if let Some(action) =
                    action.strip_prefix(br#"\""#).and_then(|action| action.strip_suffix(br#"\""#))
                    && !action.contains(&b'\\')
                {
                    named += 1;
                    each(Text::fixed(action));
                }
            }
        } else if let Some(name) = plain(after) {
            named += 1;
            each(Text::fixed(name));
        }
    }
}

/// The text between `lead` and the next `\"` of JSON that stands inside a JSON string.
fn quoted<'t>(raw: &'t [u8], lead: &[u8]) -> Option<&'t [u8]> {
    plain(&raw[memchr::memmem::find(raw, lead)? + lead.len()..])
}

/// The text up to the next `\"`.
fn plain(rest: &[u8]) -> Option<&[u8]> {
    let end = memchr::memmem::find(rest, br#"\""#)?;
    // An escape inside the name itself would be cut in two; no DNS name has one.
    (!rest[..end].contains(&b'\\')).then(|| &rest[..end])
}
