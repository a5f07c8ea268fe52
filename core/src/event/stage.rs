//! The stage of an event: when in the life of a request it was written.

use serde::{Deserialize, Serialize};

use super::{Event, Slot};

/// When in the life of a request an event was written (`audit.k8s.io/v1` Stage).
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum Stage {
    /// The request has arrived; nothing was decided yet.
    RequestReceived,
    /// Headers were sent, the body follows; only for long-running requests such as watches.
    ResponseStarted,
    /// The response is complete.
    ResponseComplete,
    /// The API server panicked while serving the request.
    Panic,
}

impl Stage {
    const ALL: [Self; 4] =
        [Self::RequestReceived, Self::ResponseStarted, Self::ResponseComplete, Self::Panic];

    /// The stage as Kubernetes spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::RequestReceived => "RequestReceived",
            Self::ResponseStarted => "ResponseStarted",
            Self::ResponseComplete => "ResponseComplete",
            Self::Panic => "Panic",
        }
    }

    /// The stage of this name.
    pub(crate) fn read(name: &[u8]) -> Option<Self> {
        Self::ALL.into_iter().find(|known| known.name().as_bytes() == name)
    }

    /// Whether no further event follows for the request.
    pub(crate) const fn is_final(self) -> bool {
        matches!(self, Self::ResponseComplete | Self::Panic)
    }

    /// The stage of an event; `None` when it says nothing known.
    pub(crate) fn of(event: &Event<'_>) -> Option<Self> {
        Self::ALL.into_iter().find(|known| event.says(Slot::Stage, known.name().as_bytes()))
    }
}

/// A set of stages.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Stages(u8);

impl Stages {
    /// Every stage.
    pub(crate) const ALL: Self = Self(0b1111);

    pub(crate) fn of(list: &[Stage]) -> Self {
        Self(list.iter().fold(0, |bits, stage| bits | 1 << *stage as u8))
    }

    pub(crate) fn or(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(crate) fn and(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    pub(crate) fn contains(self, stage: Stage) -> bool {
        self.0 >> stage as u8 & 1 == 1
    }
}
