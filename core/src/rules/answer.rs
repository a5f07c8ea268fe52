//! Three answers, and why one cannot be given.

use crate::event::Level;

/// What became of a request, as far as a rule chooses by it.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
#[repr(u8)]
pub enum RequestOutcome {
    /// It has arrived; nothing is decided yet.
    Attempted,
    /// It was refused: for want of authentication or of rights, by admission or a quota.
    Refused,
    /// It failed for another reason: what it asked for is not there, is there already or is no good.
    Failed,
    /// It was carried out.
    Done,
    /// It only asked what would happen.
    DryRun,
    /// The event does not say.
    Unknown,
}

impl RequestOutcome {
    /// All of them.
    pub const ALL: [Self; 6] =
        [Self::Attempted, Self::Refused, Self::Failed, Self::Done, Self::DryRun, Self::Unknown];

    /// The name that rules and findings use.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Attempted => "attempted",
            Self::Refused => "refused",
            Self::Failed => "failed",
            Self::Done => "done",
            Self::DryRun => "dry-run",
            Self::Unknown => "unknown",
        }
    }

    pub(super) const fn bit(self) -> u8 {
        1 << self as u8
    }
}

/// Why a rule cannot tell.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
#[non_exhaustive]
pub enum Why {
    /// The level of the event records no body of the kind that the rule needs.
    Level(Level),
    /// The event says no level, and the body is not there.
    NoLevel,
    /// The request was not answered yet when the event was written.
    Stage,
    /// The API server took the bodies out because the event was too large.
    Truncated,
    /// The event was cut off on its way.
    Cut,
    /// No annotation says what the authorizer decided.
    NoDecision,
    /// Nothing says how the request ended.
    NoCode,
    /// It asks for a dry run, and whether its body said otherwise was not recorded.
    DryRun,
    /// No address of a peer.
    NoAddress,
    /// `user.extra` has no credential id.
    NoCredential,
    /// The event names no user.
    NoUser,
    /// The event names no resource, path or verb.
    NoTarget,
    /// Nothing says what an exec runs.
    NoCommand,
    /// An exec has more arguments than anybody looks at.
    LongCommand,
    /// Nested deeper than anybody looks.
    TooDeep,
    /// A filter before this one took the value out.
    Redacted,
    /// A patch changes a part of what has to be seen whole.
    PartOfPatch,
    /// A patch is about another part of the object. Only asked whether something is missing does a
    /// rule not know.
    Untouched,
    /// A value is of a type that the API does not have.
    Odd,
}

impl Why {
    /// One sentence.
    pub const fn text(self) -> &'static str {
        match self {
            Self::Level(Level::None) => "level None records nothing",
            Self::Level(Level::Metadata) => "level Metadata records no bodies",
            Self::Level(_) => "level Request records no response body",
            Self::NoLevel => "the event has neither a level nor the body",
            Self::Stage => "the event was written before the request was answered",
            Self::Truncated => "the API server took the bodies out because the event was too large",
            Self::Cut => "the event was cut off on its way",
            Self::NoDecision => "no annotation authorization.k8s.io/decision",
            Self::NoCode => "nothing says how the request ended",
            Self::DryRun => {
                "a dry run is asked for, and the body that may say otherwise is missing"
            }
            Self::NoAddress => "no sourceIPs",
            Self::NoCredential => "no authentication.kubernetes.io/credential-id in user.extra",
            Self::NoUser => "the event names no user",
            Self::NoTarget => "the event does not name what the request was for",
            Self::NoCommand => "nothing says what the exec runs",
            Self::LongCommand => "the exec has more arguments than are looked at",
            Self::TooDeep => "nested deeper than the policy's limit",
            Self::Redacted => "a filter before this one took the value out",
            Self::PartOfPatch => "a patch shows a part of what has to be seen whole",
            Self::Untouched => "a patch does not show what it leaves alone",
            Self::Odd => "a value has a type that the API does not know",
        }
    }
}

/// Kleene's three values, and one more.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Answer {
    False,
    True,
    Unknown(Why),
    /// The request does not do it: it is about another part of the object. That is false; but
    /// whether the object is so all the same, and so the opposite, is not known.
    Untouched,
}

impl Answer {
    pub(super) fn not(self) -> Self {
        match self {
            Self::False => Self::True,
            Self::True => Self::False,
            unknown @ Self::Unknown(_) => unknown,
            Self::Untouched => Self::Unknown(Why::Untouched),
        }
    }
}

/// `and` of answers, or `or`.
pub(super) struct Sum {
    is_all: bool,
    unknown: Option<Why>,
    untouched: bool,
}

impl Sum {
    pub(super) fn new(is_all: bool) -> Self {
        Self { is_all, unknown: None, untouched: false }
    }

    /// Takes one more; true when the rest does not matter.
    pub(super) fn add(&mut self, answer: Answer) -> bool {
        match answer {
            Answer::True => !self.is_all,
            Answer::False => self.is_all,
            Answer::Unknown(why) => {
                self.unknown = self.unknown.or(Some(why));
                false
            }
            Answer::Untouched => {
                self.untouched = true;
                false
            }
        }
    }

    /// What they come to if none settled it.
    pub(super) fn answer(self) -> Answer {
        match (self.unknown, self.untouched, self.is_all) {
            (_, true, true) | (None, true, false) => Answer::Untouched,
            (Some(why), ..) => Answer::Unknown(why),
            (None, false, is_all) => Answer::from(is_all),
        }
    }
}

impl From<bool> for Answer {
    fn from(value: bool) -> Self {
        if value { Self::True } else { Self::False }
    }
}
