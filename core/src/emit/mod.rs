//! From a redacted event to output bytes. One folder per format.
//!
//! Invariant: every byte of the input reaches the output through [`Redacted::copy`], which applies
//! the edits, or from a range that [`Redacted::fate`] calls intact, or not at all. One event gives
//! exactly one line.

mod body;
mod document;
#[cfg(feature = "ecs")]
mod ecs;
pub mod fields;
mod findings;
#[macro_use]
mod format;
mod layout;
mod leftover;
mod line;
#[cfg(any(feature = "ecs", feature = "ocsf"))]
mod members;
mod native;
#[cfg(feature = "ocsf")]
mod ocsf;
#[cfg(feature = "otel")]
mod otel;
mod sentence;
mod stub;
#[cfg(test)]
mod toy;

pub(crate) use stub::Stub;

use std::fmt;
use std::ops::Deref;
use std::str::FromStr;

use crate::enrich::body::metadata;
use crate::enrich::tables::CompiledTables;
use crate::enrich::text::Text;
use crate::enrich::{Facts, Timestamp, intact};
use crate::event::Slot;
use crate::policy::{Output, PolicyError, UnknownName};
pub(crate) use crate::redacted::Fate;
use crate::redacted::Redacted;
use crate::scan::Kind;
use crate::scan::doc::Value;
use crate::scan::key::Key;

/// Most items of a list that clients can lengthen.
const MOST_ITEMS: usize = 32;
/// Most receipts whose rules are named.
const MOST_RECEIPTS: usize = 64;
/// Most characters of one part of a text that is put together.
const PART: usize = 512;

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
    fn stub(&mut self, stub: &Stub<'_>, out: &mut Vec<u8>);

    /// Gives memory back after an unusually large event.
    fn shrink(&mut self) {}

    /// Hands on its fields, in the order of documents; see [`fields`].
    fn names(_each: fields::Each<'_>) {}
}

macro_rules! formats {
    ($($(#[$attribute:meta])* $([$when:meta])? $name:ident $module:ident $about:literal;)+) => {
        /// The shape of the output.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
        #[non_exhaustive]
        pub enum Format { $($(#[$attribute])* $(#[cfg($when)])? $name),+ }

        impl Format {
            const COUNT: usize = [$($(#[cfg($when)])? <$module::$name>::NAME),+].len();
            /// Every format that is built in. With all features, its place here is its number for
            /// hosts, which never changes.
            pub const ALL: [Self; Self::COUNT] = [$($(#[cfg($when)])? Self::$name),+];

            /// The name under which configurations ask for it.
            pub const fn name(self) -> &'static str {
                match self { $($(#[cfg($when)])? Self::$name => <$module::$name>::NAME),+ }
            }

            /// What it is, in a line for help texts.
            pub const fn about(self) -> &'static str {
                match self { $($(#[cfg($when)])? Self::$name => $about),+ }
            }

            fn names(self, each: fields::Each<'_>) {
                match self { $($(#[cfg($when)])? Self::$name => <$module::$name>::names(each)),+ }
            }
        }

        /// The one emitter that a filter needs.
        pub(crate) enum Emitters { $($(#[cfg($when)])? $name($module::$name)),+ }

        impl Emitters {
            pub(crate) fn new(format: Format) -> Self {
                match format {
                    $($(#[cfg($when)])? Format::$name => Self::$name(<$module::$name>::default())),+
                }
            }

            /// See [`Emitter::TIMED`].
            pub(crate) fn is_timed(&self) -> bool {
                match self { $($(#[cfg($when)])? Self::$name(_) => <$module::$name>::TIMED),+ }
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
            pub(crate) fn stub(&mut self, stub: &Stub<'_>, out: &mut Vec<u8>) {
                match self { $($(#[cfg($when)])? Self::$name(emitter) => emitter.stub(stub, out)),+ }
            }

            /// See [`Emitter::shrink`].
            pub(crate) fn shrink(&mut self) {
                match self { $($(#[cfg($when)])? Self::$name(emitter) => emitter.shrink()),+ }
            }

        }
    };
}

each_format! { formats
    /// Of tests, to show what a format takes.
    [test] Toy toy "Of tests";
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

/// Checks what the policy says about output.
pub(crate) fn check(output: &Output) -> Result<(), PolicyError> {
    for (name, value) in [("dataset", &output.ecs.dataset), ("namespace", &output.ecs.namespace)] {
        let plain =
            |b: u8| b.is_ascii_lowercase() || b.is_ascii_digit() || matches!(b, b'_' | b'.');
        if !(1..=100).contains(&value.len()) || !value.bytes().all(plain) {
            let message = "must be 1 to 100 lower case letters, digits, `_` and `.`";
            return Err(PolicyError::at(format!("output.ecs.{name}"), message));
        }
    }
    if !(64..=8191).contains(&output.max_text) {
        return Err(PolicyError::at("output.maxText", "must be between 64 and 8191"));
    }
    if !(64..=30_000).contains(&output.max_body_text) {
        return Err(PolicyError::at("output.maxBodyText", "must be between 64 and 30000"));
    }
    Ok(())
}

/// All that an emitter needs to write one event: the event as redacted, and what the policy says
/// about output.
#[derive(Clone, Copy)]
pub(crate) struct Emission<'a> {
    pub(crate) redacted: Redacted<'a>,
    pub(crate) tables: &'a CompiledTables,
    pub(crate) output: &'a Output,
    /// The time of the event as the policy chooses it, else that of the event before.
    pub(crate) time: Option<Timestamp<'a>>,
    /// Whether the time is the event's own.
    pub(crate) timed: bool,
    /// What rules found.
    #[cfg(feature = "rules")]
    pub(crate) findings: crate::rules::Findings<'a>,
}

impl<'a> Deref for Emission<'a> {
    type Target = Redacted<'a>;

    fn deref(&self) -> &Self::Target {
        &self.redacted
    }
}

impl<'a> Emission<'a> {
    /// Whether a value leaves as a container.
    fn is_container(&self, value: Value<'_>) -> bool {
        let node = value.node();
        matches!(node.kind, Kind::Object | Kind::Array)
            && matches!(self.fate(node.start, node.end), Fate::Intact | Fate::Inside)
    }

    /// Appends what redaction did and what rules found, as members that follow others.
    fn receipts(&self, out: &mut Vec<u8>) {
        self.redacted.receipts(out);
        #[cfg(feature = "rules")]
        self.findings.write(out);
    }

    /// Whether there is anything that [`Emission::receipts`] would say of values or rules.
    fn is_noted(&self) -> bool {
        self.is_alert() || self.redactions().is_some()
    }

    /// Whether part of the event is missing: the API server or a log service left it out.
    fn truncated(&self, facts: &Facts<'_>) -> bool {
        facts.truncated || self.envelope.cut()
    }

    /// The metadata of the object that the request is about.
    fn metadata(&self, facts: &Facts<'_>) -> Option<Value<'a>> {
        if facts.act.resource.is_empty() { None } else { metadata(self) }
    }

    /// Hands on the texts of a list as they leave, bounded.
    fn items(&self, slot: Slot, buffer: &mut Vec<u8>, mut each: impl FnMut(Text<'_>)) {
        let Some(list) = intact(self, slot) else { return };
        for item in list.items().take(MOST_ITEMS) {
            if let Some(raw) = self.inside(item, buffer) {
                each(Text::fixed(raw));
            }
        }
    }

    /// What the policy calls the peer's network.
    fn network(&self, facts: &Facts<'_>) -> Option<Text<'a>> {
        self.tables.network(facts.peer_address?).map(Text::fixed)
    }

    /// Appends labels as `"key:value",…`, bounded.
    fn labels(&self, labels: Value<'_>, line: &mut line::Line<'_>, buffer: &mut Vec<u8>) {
        for (key, value) in labels.members().take(MOST_ITEMS) {
            if !self.has(key, value) || value.kind() != Kind::String {
                continue;
            }
            let Some(raw) = self.inside(value, buffer) else { continue };
            let name = key.node();
            if raw.len() + (name.end - name.start) as usize > line.most {
                continue;
            }
            line.put(b"\"");
            self.copy(name.start + 1, name.end - 1, line.out);
            line.put(b":");
            line.put(raw);
            line.put(b"\",");
        }
    }

    /// The body that says who is given what by a binding.
    fn binding(&self, facts: &Facts<'_>) -> Option<Value<'a>> {
        if !matches!(facts.act.resource, b"rolebindings" | b"clusterrolebindings") {
            return None;
        }
        let bodies = [Slot::RequestObject, Slot::ResponseObject].into_iter();
        bodies
            .filter_map(|slot| self.body(slot))
            .find(|body| body.get(Key::RoleRef).is_some() || body.get(Key::Subjects).is_some())
    }

    /// How many values were taken out, if any.
    fn redactions(&self) -> Option<u64> {
        Some(u64::from(self.redactor.count())).filter(|count| *count > 0)
    }

    /// Hands on the names of the rules that took something out, each once.
    fn rules(&self, mut each: impl FnMut(&'a [u8])) {
        let receipts = &self.redactor.receipts;
        for (at, receipt) in receipts.iter().enumerate().take(MOST_RECEIPTS) {
            if receipts[..at].iter().all(|earlier| earlier.rule != receipt.rule) {
                each(self.redacted.rules.rule_name(receipt.rule).as_bytes());
            }
        }
    }
}

/// Replaces line breaks between the tokens of what was appended after `from`, so that an event
/// that came over several lines leaves as one. Strings hold no raw line breaks.
pub(crate) fn join_lines(src: &[u8], out: &mut [u8]) {
    // Nearly always no byte is below the space, which is told in one pass without branches.
    let least = src.iter().fold(u8::MAX, |least, byte| least.min(*byte));
    if least < b' ' && memchr::memchr2(b'\n', b'\r', src).is_some() {
        for byte in out {
            if matches!(*byte, b'\n' | b'\r') {
                *byte = b' ';
            }
        }
    }
}
