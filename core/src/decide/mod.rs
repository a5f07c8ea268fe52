//! Which events go on, and at which level.
//!
//! Two things decide, both off by default, so that by default nothing is lost:
//!
//! - `decide.audit`, a Kubernetes audit policy applied as kube-apiserver would have applied it
//!   ([`crate::policy::AuditPolicy`]). It drops events (level `None`, an omitted stage) and lowers levels: bodies
//!   and the webhook patches in annotations go, `level` is rewritten. It never raises a level.
//! - `decide.noise`, names of noise rules ([`noise_rules`]) that drop what the platform says to
//!   itself all day. No noise rule can drop an event that matters to an investigation; what that
//!   means is spelled out at [`NoiseRule`].
//!
//! Every drop is counted by name in [`crate::Stats::dropped`], what each rule of the audit policy
//! did in [`crate::Stats::audit`], and a lowered event says so in its `auditweir` object.

mod compile;
mod evaluate;
mod noise;
mod platform;
mod request;
#[cfg(test)]
mod tests;

pub use noise::{NoiseRule, noise_rules};

use crate::event::{Event, Level, PathBuffer, Slot, Stage};
use crate::reason::Reason;
use crate::stats::Stats;
pub(crate) use compile::CompiledDecide;
use request::Request;

/// How an event goes on.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Kept {
    pub(crate) lowered: Option<Lowered>,
    /// Whether managedFields go; `None` for as `redact.managedFields` says.
    pub(crate) omit_managed_fields: Option<bool>,
}

/// A level lowered by the audit policy.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Lowered {
    /// `None` when the event did not say.
    pub(crate) from: Option<Level>,
    pub(crate) to: Level,
    /// Number of the rule in `decide.audit.rules`.
    pub(crate) rule: u16,
}

/// Decides over one event and counts what the audit policy did. An error is why the event ends
/// here.
pub(crate) fn decide(
    event: &Event<'_>,
    policy: &CompiledDecide,
    buffer: &mut PathBuffer,
    stats: &mut Stats,
) -> Result<Kept, Reason> {
    let mut kept = Kept::default();
    if policy.is_idle() {
        return Ok(kept);
    }
    let mut level = Level::of(event);
    let stage = Stage::of(event);
    if let Some(audit) = &policy.audit {
        let asked = audit.evaluate(&Request::read(event, buffer));
        let totals = &mut stats.audit[usize::from(asked.rule)];
        totals.matched += 1;
        if asked.level == Level::None {
            totals.dropped += 1;
            return Err(Reason::AUDIT_LEVEL_NONE);
        }
        if stage.is_some_and(|stage| asked.omit_stages.contains(stage)) {
            totals.dropped += 1;
            return Err(Reason::AUDIT_OMIT_STAGE);
        }
        let has = |slot| event.get(slot).is_some();
        let too_much = level.is_some_and(|own| asked.level < own)
            || asked.level < Level::Request && has(Slot::RequestObject)
            || asked.level < Level::RequestResponse && has(Slot::ResponseObject);
        if too_much {
            totals.lowered += 1;
            let to = level.map_or(asked.level, |own| own.min(asked.level));
            kept.lowered = Some(Lowered { from: level, to, rule: asked.rule });
            level = Some(to);
        }
        kept.omit_managed_fields = asked.omit_managed_fields;
    }
    if policy.noise != 0
        && let Some(reason) = noise::find(event, policy.noise, level, stage)
    {
        return Err(reason);
    }
    Ok(kept)
}
