//! From a redacted event to output bytes. One folder per format.
//!
//! Invariant: every byte of the input reaches the output through [`Redacted::copy`], which applies
//! the edits, or from a range that [`Redacted::fate`] calls intact, or not at all. One event gives
//! exactly one line.

mod body;
mod cap;
mod constants;
mod ecs;
pub mod fields;
mod line;
pub mod names;
mod native;
mod ocsf;
mod origin;
mod otel;
mod promoted;
mod sentence;
mod stub;
#[cfg(test)]
mod tests;
#[cfg(test)]
mod toy;

pub(crate) use constants::Constants;
pub use ecs::panels;
pub(crate) use origin::when;
pub(crate) use stub::{Kept, LastTime, Stub};

use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

use crate::enrich::tables::CompiledTables;
use crate::enrich::{Facts, Known, Timestamp};
use crate::policy::{Output, UnknownName};
pub(crate) use crate::redacted::Fate;
use crate::redacted::Redacted;

/// One format: writes events and stubs, each as one line. Owns the memory it needs for it, so that
/// a warm one takes none.
///
/// A new format is a folder with one of these and an entry in the list below.
pub(crate) trait Emitter: Default {
    /// The name under which configurations ask for it.
    const NAME: &'static str;
    /// Whether every line has a time, if need be that of the event before.
    const TIMED: bool = true;

    /// Appends the event as one line.
    fn event(&mut self, emission: &Emission<'_>, facts: &Facts<'_>, out: &mut Vec<u8>);

    /// Appends a stub as one line.
    fn stub(&mut self, stub: &Stub<'_>, constants: &Constants, out: &mut Vec<u8>);

    /// Gives memory back after an unusually large event.
    fn shrink(&mut self) {}

    /// What is known of an event's caller. Asked before each event.
    fn known(&mut self, _event: &Redacted<'_>, _tables: &CompiledTables) -> Option<Known> {
        None
    }
}

macro_rules! formats {
    ($($(#[$attribute:meta])* $([$when:meta])? $name:ident = $emitter:ty,)+) => {
        /// The shape of the output.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
        #[non_exhaustive]
        pub enum Format { $($(#[$attribute])* $(#[cfg($when)])? $name),+ }

        impl Format {
            const COUNT: usize = [$($(#[cfg($when)])? <$emitter>::NAME),+].len();
            /// Every format.
            pub const ALL: [Self; Self::COUNT] = [$($(#[cfg($when)])? Self::$name),+];

            /// The name under which configurations ask for it.
            pub const fn name(self) -> &'static str {
                match self { $($(#[cfg($when)])? Self::$name => <$emitter>::NAME),+ }
            }
        }

        /// The one emitter that a filter needs.
        #[expect(clippy::large_enum_variant, reason = "one in each filter, never moved")]
        pub(crate) enum Emitters { $($(#[cfg($when)])? $name($emitter)),+ }

        impl Emitters {
            pub(crate) fn new(format: Format) -> Self {
                match format {
                    $($(#[cfg($when)])? Format::$name => Self::$name(<$emitter>::default())),+
                }
            }

            /// See [`Emitter::TIMED`].
            pub(crate) fn is_timed(&self) -> bool {
                match self { $($(#[cfg($when)])? Self::$name(_) => <$emitter>::TIMED),+ }
            }

            /// See [`Emitter::event`].
            #[inline]
            pub(crate) fn event(
                &mut self,
                emission: &Emission<'_>,
                facts: &Facts<'_>,
                out: &mut Vec<u8>,
            ) {
                match self {
                    $($(#[cfg($when)])? Self::$name(emitter) => emitter.event(emission, facts, out)),+
                }
            }

            /// See [`Emitter::stub`].
            pub(crate) fn stub(&mut self, stub: &Stub<'_>, constants: &Constants, out: &mut Vec<u8>) {
                match self {
                    $($(#[cfg($when)])? Self::$name(emitter) => emitter.stub(stub, constants, out)),+
                }
            }

            /// See [`Emitter::shrink`].
            pub(crate) fn shrink(&mut self) {
                match self { $($(#[cfg($when)])? Self::$name(emitter) => emitter.shrink()),+ }
            }

            /// See [`Emitter::known`].
            pub(crate) fn known(
                &mut self,
                event: &Redacted<'_>,
                tables: &CompiledTables,
            ) -> Option<Known> {
                match self {
                    $($(#[cfg($when)])? Self::$name(emitter) => emitter.known(event, tables)),+
                }
            }
        }
    };
}

formats! {
    /// The event as it came, minus redactions, plus one `auditweir` object.
    Native = native::Native,
    /// Elastic Common Schema 9.4 with the event under `kubernetes.audit`.
    #[default]
    Ecs = ecs::Ecs,
    /// Open Cybersecurity Schema Framework 1.8.0, API Activity (class 6003).
    Ocsf = ocsf::Ocsf,
    /// OpenTelemetry: one OTLP-JSON log export request with one record.
    Otel = otel::Otel,
    /// Of tests, to show what a format takes.
    [test] Toy = toy::Toy,
}

impl Format {
    /// The format of this name: `native`, `ecs`, `ocsf`, `otel`.
    pub fn named(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
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
    /// The time of the event as the policy chooses it, else that of the event before.
    pub(crate) time: Option<Timestamp<'a>>,
    /// Whether the time is the event's own.
    pub(crate) timed: bool,
}

impl<'a> Deref for Emission<'a> {
    type Target = Redacted<'a>;

    fn deref(&self) -> &Self::Target {
        &self.redacted
    }
}

/// Whether a line of `ocsf` or `otel` is a stub: only stubs begin like this.
pub fn is_stub(line: &[u8]) -> bool {
    line.starts_with(ocsf::STUB) || line.starts_with(otel::STUB)
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
