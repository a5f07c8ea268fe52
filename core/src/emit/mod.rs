//! From a redacted event to output bytes. One module per shape.
//!
//! Invariant: every byte of the input reaches the output through [`Redacted::copy`], which applies
//! the edits, or from a range that [`Redacted::fate`] calls intact, or not at all. One event gives
//! exactly one line.

mod audit;
mod body;
mod caller;
mod cap;
mod constants;
pub(crate) mod ecs;
pub mod fields;
mod line;
pub mod names;
pub(crate) mod native;
mod observed;
pub(crate) mod ocsf;
mod origin;
pub(crate) mod otel;
pub mod panels;
mod promoted;
mod resources;
mod sentence;
pub(crate) mod stub;
#[cfg(test)]
mod tests;
mod unmapped;

pub(crate) use constants::Constants;
pub(crate) use ecs::EcsScratch;
pub(crate) use ocsf::OcsfScratch;
pub(crate) use otel::OtelScratch;
pub use stub::is_stub;

use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

use crate::enrich::tables::CompiledTables;
use crate::policy::{Output, UnknownName};
pub(crate) use crate::redacted::Fate;
use crate::redacted::Redacted;

/// The shape of the output.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
#[non_exhaustive]
pub enum Format {
    /// The event as it came, minus redactions, plus one `auditweir` object.
    Native,
    /// Elastic Common Schema 9.4 with the event under `kubernetes.audit`.
    #[default]
    Ecs,
    /// Open Cybersecurity Schema Framework 1.8.0, API Activity (class 6003).
    Ocsf,
    /// OpenTelemetry: one OTLP-JSON log export request with one record.
    Otel,
}

impl Format {
    /// Every format.
    pub const ALL: [Self; 4] = [Self::Native, Self::Ecs, Self::Ocsf, Self::Otel];

    /// The format of this name: `native`, `ecs`, `ocsf`, `otel`.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// The name under which configurations ask for it.
    pub const fn name(self) -> &'static str {
        match self {
            Self::Native => "native",
            Self::Ecs => "ecs",
            Self::Ocsf => "ocsf",
            Self::Otel => "otel",
        }
    }
}

impl fmt::Display for Format {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.pad(self.name())
    }
}

impl FromStr for Format {
    type Err = UnknownName;

    fn from_str(name: &str) -> Result<Self, UnknownName> {
        let all = || Self::ALL.into_iter();
        all()
            .find(|format| format.name() == name)
            .ok_or_else(|| UnknownName::of("format", all().map(Self::name)))
    }
}

/// All that an emitter needs to write one event: the event as redacted, and what the policy says
/// about output.
#[derive(Clone, Copy)]
pub(crate) struct Emission<'a> {
    pub(crate) redacted: Redacted<'a>,
    pub(crate) tables: &'a CompiledTables,
    pub(crate) constants: &'a Constants,
    pub(crate) output: &'a Output,
}

impl<'a> Deref for Emission<'a> {
    type Target = Redacted<'a>;

    fn deref(&self) -> &Self::Target {
        &self.redacted
    }
}

/// Replaces line breaks between the tokens of what was appended after `from`, so that an event
/// that came over several lines leaves as one. Strings hold no raw line breaks.
pub(crate) fn join_lines(src: &[u8], out: &mut [u8]) {
    if memchr::memchr2(b'\n', b'\r', src).is_some() {
        for byte in out {
            if matches!(*byte, b'\n' | b'\r') {
                *byte = b' ';
            }
        }
    }
}
