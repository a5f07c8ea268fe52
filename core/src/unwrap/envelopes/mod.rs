//! The envelopes that are known, one file each, in the order they are tried.
//!
//! A file says how its envelope is recognised and what is in it ([`Row::open`]), what it says of
//! the cluster ([`Row::facts`]), and shows examples, which tests wrap random events in
//! ([`Row::examples`]). A new one is a file and a line in [`LIST`].

mod aks;
mod cloud_logging;
mod cloudevents;
mod cloudwatch;
mod containers;
mod datadog;
mod elastic;
mod eventhubs;
mod flattened;
mod gke;
mod journald;
mod kafka;
mod kinesis;
mod kubernetes;
mod line;
mod list;
mod loki;
#[cfg(test)]
mod made_up;
mod newrelic;
mod openshift;
mod others;
mod otlp;
mod pubsub;
mod rancher;
mod records;
mod splunk;
mod tables;

use super::facts::{Envelope, Fact};
use super::writer::Writer;
use super::{search, sources};
use crate::reason::Reason;
use crate::scan::Kind;
use crate::scan::doc::{Doc, Value};
use crate::scan::key::Key;

/// An envelope.
pub(super) struct Row {
    pub(super) name: &'static str,
    /// Recognises it and says what is in it.
    pub(super) open: for<'a> fn(&Members<'a>) -> Option<Opened<'a>>,
    /// What it says beyond the [`facts`] that any record may say.
    pub(super) facts: for<'a> fn(&Members<'a>, &mut Envelope),
    pub(super) examples: &'static [Example],
}

/// An envelope with places for an event.
#[derive(Clone, Copy, Debug)]
#[non_exhaustive]
pub struct Example {
    /// The envelope. `$text` stands for the event as the inside of a JSON string, `$event` for the
    /// event as an object, `$base64` and `$gzip` for it encoded, `$columns` for its members as
    /// columns of a table, `$bytes` for its bytes as numbers, `$pairs` for them as key-value pairs of OpenTelemetry, `$members` for them without the braces, `$quoted`
    /// for the event as a JSON string inside another one. `$forged` stands for another event in a
    /// place where clients of the cluster write: it must not come out.
    pub text: &'static str,
    /// What comes out under `auditweir.cluster`, as `name=value` words.
    pub tells: &'static str,
    /// How many times the event stands in it.
    pub events: u32,
}

impl Example {
    const fn new(text: &'static str, tells: &'static str) -> Self {
        Self { text, tells, events: 1 }
    }

    /// One that gives a stub and no event.
    const fn foreign(text: &'static str) -> Self {
        Self { text, tells: "", events: 0 }
    }
}

/// Every envelope in the order they are tried.
static LIST: &[&Row] = &[
    &flattened::ROW,
    &kubernetes::ROW,
    &openshift::ROW,
    &rancher::ROW,
    &list::ROW,
    &gke::ROW,
    &cloud_logging::ROW,
    &aks::DIAGNOSTICS,
    &aks::TABLE,
    &cloudwatch::SUBSCRIPTION,
    &cloudwatch::LAMBDA,
    &cloudwatch::ANSWER,
    &cloudwatch::INSIGHTS,
    &kinesis::LAMBDA,
    &kinesis::RECORD,
    &pubsub::ROW,
    &eventhubs::ROW,
    &tables::ROW,
    &otlp::REQUEST,
    &otlp::RECORD,
    &loki::ROW,
    &cloudevents::ROW,
    &datadog::ROW,
    &newrelic::ROW,
    &splunk::ROW,
    &kafka::ROW,
    &records::ROW,
    &others::ROW,
    &containers::ROW,
    &elastic::ROW,
    &journald::ROW,
    &line::ROW,
    #[cfg(test)]
    &made_up::ROW,
];

/// The names of all envelopes that are known, each with examples.
pub fn examples() -> impl Iterator<Item = (&'static str, &'static [Example])> {
    LIST.iter().map(|row| (row.name, row.examples))
}

/// What is in an envelope.
pub(super) enum Opened<'a> {
    /// An event, or a list of nothing but events.
    Events(Value<'a>),
    /// The members that may hold the event, outermost first.
    Inside([Option<Value<'a>>; 3]),
    /// A list of envelopes.
    Records(Value<'a>),
    /// A line of a log that other components write to, too; or what it was parsed into.
    Line(Value<'a>),
    /// base64, perhaps gzip, of lines.
    Encoded(Value<'a>),
    /// Another schema: the event, or an envelope that is known, is written anew.
    Written(for<'m> fn(&Members<'m>, &mut Writer<'_>)),
    /// No event of an API server, but something that looks like one: a stub with this reason.
    Named(Reason),
    /// Nothing to forward, by its nature.
    Nothing(Reason),
}

/// The first envelope that recognises an object.
pub(super) fn find<'a>(members: &Members<'a>) -> Option<(&'static Row, Opened<'a>)> {
    if !members.envelope || is_spoken(members) {
        return None;
    }
    LIST.iter().find_map(|row| (row.open)(members).map(|opened| (*row, opened)))
}

/// Whether a record that holds no event says nothing either.
pub(super) fn says_nothing(members: &Members<'_>) -> bool {
    elastic::is_bulk_action(members.root)
}

/// Whether a component speaks: what it speaks of are no envelopes.
fn is_spoken(members: &Members<'_>) -> bool {
    members.has(Key::Level) && !members.is_event() && search::component_said(members.root).is_some()
}

/// What a record says of where and when it comes from and whose its lines are: first what many
/// kinds of records say, then what its own kind says.
pub(super) fn facts(members: &Members<'_>, row: Option<&Row>, envelope: &mut Envelope) {
    if sources::is_foreign(members.root) {
        envelope.mark_foreign();
    }
    if !members.envelope {
        return;
    }
    for key in [
        Key::TimeUnixNano,
        Key::Time,
        Key::TimeGenerated,
        Key::Timestamp,
        Key::SplunkTime,
        Key::AtTimestamp,
    ] {
        if let Some(time) = members.get(key) {
            envelope.set_time(Some(time));
            break;
        }
    }
    for key in [Key::ResourceId, Key::UnderscoreResourceId, Key::UpperResourceId] {
        if let Some(id) = members.text(key) {
            id.read(|id| envelope.azure_resource(id));
        }
    }
    for key in [Key::LogGroup, Key::AtLog] {
        if let Some(group) = members.text(key) {
            group.read(|group| envelope.eks_log_group(group));
        }
    }
    set(
        Some(members.root),
        &[(b"k8s.cluster.name", Fact::ClusterName), (b"k8s.cluster.uid", Fact::ClusterId)],
        envelope,
    );
    if let Some(row) = row {
        (row.facts)(members, envelope);
    }
}

/// The one line of a list that is a record: a row of Logs Insights, an entry of Loki or Fluent. They say when
/// and where it was logged.
pub(super) fn line_of_list<'a>(list: Value<'a>, envelope: &mut Envelope) -> Option<Value<'a>> {
    cloudwatch::insights_row(list, envelope)
        .or_else(|| loki::entry(list, envelope))
        .or_else(|| containers::fluent_entry(list, envelope))
}

/// No facts of its own.
fn none(_: &Members<'_>, _: &mut Envelope) {}

/// Whether a string under this name is a line of a log.
pub(super) fn is_line_key(key: Key) -> bool {
    matches!(
        key,
        Key::Log
            | Key::Message
            | Key::JournalMessage
            | Key::LogS
            | Key::Payload
            | Key::Original
            | Key::Raw
            | Key::Line
            | Key::AtMessage
            | Key::TextPayload
            | Key::LowerBody
            | Key::Msg
    )
}

/// Whether a text under this name is a line, or may be one in an envelope: in a record that was cut
/// off nothing else is, for what it is may have been told behind the cut.
pub(super) fn may_be_line(key: Value<'_>) -> bool {
    is_line_key(key.key())
        || matches!(
            key.key(),
            Key::Value
                | Key::Body
                | Key::RawEvent
                | Key::Event
                | Key::Properties
                | Key::Data
                | Key::DataBase64
        )
        || key.says(b"stringValue")
}

/// Whether an object only names a value: a field of a row of Logs Insights, an attribute of
/// OpenTelemetry. Which of them are lines, their envelopes know.
pub(super) fn is_named_value(object: Value<'_>) -> bool {
    let Some(value) = object.get(Key::Value) else { return false };
    object.get(Key::Field).is_some()
        || object.get(Key::Key).is_some_and(search::is_clients)
        || object.get(Key::Key).is_some()
            && value.members().next().is_some_and(|(kind, _)| kind.raw_text().ends_with(b"Value"))
}

/// The members of an object by the names that mean something; of several the first.
pub(super) struct Members<'a> {
    pub(super) root: Value<'a>,
    at: [u32; Key::COUNT],
    /// Whether any name is one that envelopes have and events have not.
    envelope: bool,
    /// Whether an object or list stands under a name of an envelope that was there before.
    pub(super) again: bool,
    /// The same of a text that may hold an event.
    pub(super) text_again: bool,
    /// Whether any name is one that events do not have.
    others: bool,
    /// How long the prefix is that all members of an event in columns have.
    flat: Option<usize>,
}

/// Names from here on are those of envelopes; see `scan::key`.
const FIRST: u8 = Key::Records as u8;

impl<'a> Members<'a> {
    pub(super) fn of(root: Value<'a>) -> Self {
        let mut at = [0u32; Key::COUNT];
        let (mut highest, mut again, mut text_again, mut flat) = (0, false, false, None);
        let mut others = false;
        for (key, value) in root.members() {
            let number = key.node().key;
            let place = &mut at[usize::from(number)];
            if *place == 0 {
                *place = value.index;
            } else if number >= FIRST || number == Key::Items as u8 {
                again |= matches!(value.kind(), Kind::Object | Kind::Array);
                text_again |= search::holds_event(value);
            } else if matches!(key.key(), Key::Data | Key::Value | Key::Message) {
                text_again |= search::holds_event(value);
            }
            if number <= Key::Hint as u8 && flat.is_none() {
                flat = flattened::prefix(key.raw_text());
            }
            others |= !(Key::Kind as u8..=Key::Annotations as u8).contains(&number);
            highest = highest.max(if number == Key::Auditweir as u8 { 0 } else { number });
        }
        let has = |key: Key| at[key as usize] != 0;
        let envelope = highest >= FIRST
            || flat.is_some()
            || has(Key::Items)
            || has(Key::Rows)
            || has(Key::Data)
            || has(Key::Value)
            || has(Key::Message)
            || has(Key::Timestamp)
            || has(Key::Kind)
            || has(Key::User) && !has(Key::ApiVersion);
        Self { root, at, envelope, again, text_again, others, flat }
    }

    /// The same for an object that has any name that means something.
    pub(super) fn of_known(root: Value<'a>) -> Option<Self> {
        let known = |key: Value<'_>| {
            key.node().key > Key::Hint as u8 || flattened::prefix(key.raw_text()).is_some()
        };
        root.members().any(|(key, _)| known(key)).then(|| Self::of(root))
    }

    fn doc(&self) -> Doc<'a> {
        self.root.doc
    }

    pub(super) fn has(&self, key: Key) -> bool {
        self.at[key as usize] != 0
    }

    pub(super) fn get(&self, key: Key) -> Option<Value<'a>> {
        match self.at[key as usize] {
            0 => None,
            index => Some(self.doc().at(index)),
        }
    }

    fn of_kind(&self, key: Key, kind: Kind) -> Option<Value<'a>> {
        self.get(key).filter(|value| value.kind() == kind)
    }

    pub(super) fn text(&self, key: Key) -> Option<Value<'a>> {
        self.of_kind(key, Kind::String)
    }

    pub(super) fn object(&self, key: Key) -> Option<Value<'a>> {
        self.of_kind(key, Kind::Object)
    }

    pub(super) fn list(&self, key: Key) -> Option<Value<'a>> {
        self.of_kind(key, Kind::Array)
    }

    /// Whether the object says that it is an audit event.
    fn says_so(&self) -> bool {
        self.text(Key::ApiVersion)
            .is_some_and(|version| version.raw_text().starts_with(b"audit.k8s.io/"))
            && self.get(Key::Kind).is_some_and(|kind| kind.says(b"Event"))
    }

    /// An event without anything that an envelope adds: nearly all are.
    pub(super) fn is_plain_event(&self) -> bool {
        self.has(Key::AuditId)
            && (self.has(Key::Stage) || self.has(Key::Verb))
            && (!self.dialect() || self.says_so() && !self.is_collected())
            && self.flat.is_none()
            // Some log programs put an event's members beside their own.
            && !self.has(Key::Kubernetes)
    }

    /// Whether what a log program put beside the members of an event says that it is no API server's.
    pub(super) fn is_foreign(&self) -> bool {
        self.others && sources::is_foreign(self.root)
    }

    /// Whether OpenShift's collector keeps the event's level under a name of its own.
    fn is_collected(&self) -> bool {
        self.has(Key::K8sAuditLevel) || self.has(Key::OpenshiftAuditLevel)
    }

    /// Names that other audit logs and collectors write beside or instead of those of an event.
    fn dialect(&self) -> bool {
        self.has(Key::Method)
            || self.has(Key::ResponseCode)
            || self.has(Key::RequestHeader)
            || self.is_collected()
            || self.has(Key::Items)
            || !self.has(Key::ApiVersion)
                && self.object(Key::User).is_some_and(|user| {
                    user.get(Key::Username).is_none() && user.get(Key::Name).is_some()
                })
    }

    /// An event, also with little in it: a stub of another filter, a sparse entry of a cloud.
    pub(super) fn is_event(&self) -> bool {
        self.has(Key::AuditId) && (self.has(Key::Stage) || self.has(Key::Verb))
            || self.says_so()
            || self.has(Key::RequestUri)
            || self.has(Key::Verb) && self.has(Key::Stage)
            // no other object tells a user, a verb and the object that it is about
            || self.has(Key::Verb)
                && self.object(Key::User).is_some()
                && self.object(Key::ObjectRef).is_some()
            // what another filter left of a line that was cut behind the id
            || self.has(Key::AuditId) && self.object(Key::Auditweir).is_some()
    }

    /// An event wherever it stands: nothing else looks like it.
    pub(super) fn is_surely_event(&self) -> bool {
        self.says_so()
            || self.has(Key::AuditId)
                && self.has(Key::Stage)
                && (self.has(Key::Verb) || self.has(Key::RequestUri))
    }

    /// The line in a record that holds one.
    pub(super) fn line(&self) -> Option<Value<'a>> {
        [
            Key::Log,
            Key::Message,
            Key::JournalMessage,
            Key::LogS,
            Key::Raw,
            Key::Line,
            Key::AtMessage,
        ]
        .into_iter()
        .find_map(|key| self.text(key))
    }
}

/// Whether an object is an event by the least that tells one: for items of a list of events.
fn is_event(object: Value<'_>) -> bool {
    let has = |key| object.get(key).is_some();
    has(Key::AuditId) || has(Key::Verb) && has(Key::RequestUri) || has(Key::Stage) && has(Key::Verb)
}

/// A member under its name in camel case or another.
fn either<'a>(object: Value<'a>, one: &[u8], other: &[u8]) -> Option<Value<'a>> {
    object.members().find(|(key, _)| key.says(one) || key.says(other)).map(|(_, value)| value)
}

/// Sets facts from members of an object, by name.
fn set(object: Option<Value<'_>>, names: &[(&[u8], Fact)], envelope: &mut Envelope) {
    let Some(object) = object else { return };
    for (name, fact) in names {
        envelope.set_text(*fact, object.member(name));
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_every_envelope_has_examples() {
        let mut names: Vec<_> = LIST.iter().map(|row| row.name).collect();
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair[0] != pair[1]), "{names:?}");
        for row in LIST {
            assert!(!row.examples.is_empty(), "{}", row.name);
        }
    }
}
