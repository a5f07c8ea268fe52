//! The level of an event: how much of a request it records.

use serde::{Deserialize, Serialize};

use super::{Event, Slot};

/// How much of a request an event records (`audit.k8s.io/v1` Level), from least to most.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
#[non_exhaustive]
pub enum Level {
    /// Nothing: there is no event.
    None,
    /// Who did what to which object with which result; no bodies.
    Metadata,
    /// The request body too.
    Request,
    /// Both bodies.
    RequestResponse,
}

impl Level {
    const ALL: [Self; 4] = [Self::None, Self::Metadata, Self::Request, Self::RequestResponse];

    /// The level as Kubernetes spells it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::None => "None",
            Self::Metadata => "Metadata",
            Self::Request => "Request",
            Self::RequestResponse => "RequestResponse",
        }
    }

    /// The level an event says it was recorded at; `None` when it says nothing known.
    pub(crate) fn of(event: &Event<'_>) -> Option<Self> {
        Self::ALL.into_iter().find(|known| event.says(Slot::Level, known.name().as_bytes()))
    }
}
