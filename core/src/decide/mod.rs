//! Which events go on, and at which level.

use serde::{Deserialize, Serialize};

/// Placeholder until the evaluator lands.
#[derive(Clone, Debug, PartialEq, Default, Serialize, Deserialize)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema))]
pub struct AuditPolicySpec {}

/// How much of a request an event records.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Level {
    /// Nothing.
    None,
    /// No bodies.
    Metadata,
    /// The request body.
    Request,
    /// Both bodies.
    RequestResponse,
}
