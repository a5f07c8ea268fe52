//! An event some members of which are of a type that no API server writes, but that can be read.
//!
//! Exporters and tables turn members into text, lists of one into a scalar, numbers into text.
//! Where a value has one meaning in the type that is due, it is written so: a number as text and
//! the other way round, a list of one as that one, a single address or group as a list, addresses
//! that were joined as several, a time since 1970 as RFC 3339, a text of JSON as what it says, a list
//! of names and values as an object. Any other scalar moves to the member `unreadable`, of anything
//! with parts the name alone; what it would have said is not known. Only an event of which nothing
//! says what it is about becomes a stub: redaction and policy must know. The rest of it stays byte
//! for byte.

use super::cut;
use super::facts;
use super::writer::Writer;
use crate::scan::Kind;
use crate::scan::doc::Value;
use crate::scan::key::Key;
use crate::text;

/// What a member of an event should be.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Due {
    Text,
    Time,
    Number,
    Texts,
    Addresses,
    Object(Members),
    /// Anything, and a text of JSON is taken for what it says.
    Body,
    Any,
}

/// What stands in an object of the event.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Members {
    Event,
    User,
    ObjectRef,
    Status,
    Unknown,
}

fn due(members: Members, key: Key) -> Due {
    match (members, key) {
        (
            Members::Event,
            Key::Kind
            | Key::ApiVersion
            | Key::Level
            | Key::AuditId
            | Key::Stage
            | Key::RequestUri
            | Key::Verb
            | Key::UserAgent,
        )
        | (Members::User, Key::Username | Key::Uid)
        | (
            Members::ObjectRef,
            Key::Resource
            | Key::Namespace
            | Key::Name
            | Key::Uid
            | Key::ApiGroup
            | Key::ApiVersion
            | Key::ResourceVersion
            | Key::Subresource,
        )
        | (Members::Status, Key::Message | Key::Reason) => Due::Text,
        (Members::Event, Key::RequestReceivedTimestamp | Key::StageTimestamp | Key::Timestamp) => {
            Due::Time
        }
        (Members::Status, Key::Code) => Due::Number,
        (Members::Event, Key::SourceIps) => Due::Addresses,
        (Members::User, Key::Groups) => Due::Texts,
        (Members::Event, Key::User | Key::ImpersonatedUser) => Due::Object(Members::User),
        (Members::Event, Key::ObjectRef) => Due::Object(Members::ObjectRef),
        (Members::Event, Key::ResponseStatus) => Due::Object(Members::Status),
        (Members::Event, Key::Annotations) | (Members::User, Key::Extra) => {
            Due::Object(Members::Unknown)
        }
        (Members::Event, Key::RequestObject | Key::ResponseObject) => Due::Body,
        _ => Due::Any,
    }
}

/// Writes the event with every member in the type that is due. With `texts`, objects may come out
/// of texts of JSON, and what is in them is not looked at yet. False when nobody can tell what a
/// member was meant to say.
pub(super) fn put_right(root: Value<'_>, texts: bool, w: &mut Writer<'_>) -> bool {
    let mut aside = false;
    for holder in holders(root) {
        for (key, value) in holder.value.members() {
            aside |= !fits(value, due(holder.members, key.key()), texts);
            if value.kind() == Kind::Opaque {
                return false;
            }
        }
    }
    if aside && !tells_its_object(root) {
        return false;
    }
    w.begin();
    object(root, Members::Event, texts, w);
    if aside {
        w.open("unreadable");
        for Holder { name, value, members } in holders(root) {
            for (key, value) in value.members() {
                if fits(value, due(members, key.key()), texts) {
                    continue;
                }
                w.comma();
                w.out.push(b'"');
                w.out.extend_from_slice(name);
                w.out.extend_from_slice(key.raw_text());
                w.out.extend_from_slice(b"\":");
                let hides = key.key() == Key::Annotations || is_structured(value);
                w.out.extend_from_slice(if hides { b"\"[unreadable]\"" } else { value.raw() });
            }
        }
        w.close();
    }
    w.close();
    true
}

/// Whether a value has parts, which redaction has rules for only in their own place.
fn is_structured(value: Value<'_>) -> bool {
    match value.kind() {
        Kind::String => matches!(value.raw_text().trim_ascii().first(), Some(b'{' | b'[')),
        Kind::Object | Kind::Array | Kind::Opaque => true,
        _ => false,
    }
}

/// Redaction and policy must know what an event is about: from `objectRef`, or from the URI.
fn tells_its_object(root: Value<'_>) -> bool {
    let text = |value: Option<Value<'_>>| {
        value.is_some_and(|value| single(value, Due::Text).kind() == Kind::String)
    };
    let uri = root.get(Key::RequestUri);
    let object =
        root.get(Key::ObjectRef).map(|object| single(object, Due::Object(Members::ObjectRef)));
    // One that is a text of JSON is looked at when it has been opened.
    let opens = object.is_some_and(|object| {
        object.kind() == Kind::String && object.raw_text().trim_ascii().starts_with(b"{")
    });
    let known = text(uri) || opens || text(object.and_then(|object| object.get(Key::Resource)));
    known || uri.is_none() && object.is_none()
}

/// An object whose members have types.
struct Holder<'a> {
    /// What its members are called when they move aside.
    name: &'static [u8],
    value: Value<'a>,
    members: Members,
}

/// The event and the objects in it.
fn holders(root: Value<'_>) -> impl Iterator<Item = Holder<'_>> {
    let inner: [(&[u8], Key, Members); 4] = [
        (b"user.", Key::User, Members::User),
        (b"impersonatedUser.", Key::ImpersonatedUser, Members::User),
        (b"objectRef.", Key::ObjectRef, Members::ObjectRef),
        (b"responseStatus.", Key::ResponseStatus, Members::Status),
    ];
    let event = Holder { name: b"", value: root, members: Members::Event };
    std::iter::once(event).chain(inner.into_iter().filter_map(move |(name, key, members)| {
        let value = single(root.get(key)?, Due::Object(members));
        Some(Holder { name, value, members })
    }))
}

/// What a list of one holds, where no list is due.
fn single(value: Value<'_>, due: Due) -> Value<'_> {
    let mut items = value.items();
    match (due, items.next(), items.next()) {
        (Due::Object(Members::Unknown), ..) => value,
        (Due::Text | Due::Time | Due::Number | Due::Object(_), Some(one), None) => one,
        _ => value,
    }
}

/// Whether a value has one meaning in the type that is due. Texts of JSON do here; whether they are
/// JSON is found out when they are written.
fn fits(value: Value<'_>, due: Due, texts: bool) -> bool {
    let value = single(value, due);
    let kind = value.kind();
    let container = matches!(kind, Kind::Object | Kind::Array | Kind::Opaque);
    match due {
        _ if kind == Kind::Null => true,
        Due::Any | Due::Body => true,
        Due::Text => !container,
        Due::Time => match kind {
            Kind::Number => facts::epoch(value.raw()).is_some(),
            kind => kind == Kind::String,
        },
        Due::Number => match kind {
            Kind::String => value.read(is_number),
            kind => kind == Kind::Number,
        },
        Due::Texts | Due::Addresses => match kind {
            Kind::Array => value
                .items()
                .all(|item| matches!(item.kind(), Kind::String | Kind::Number | Kind::Null)),
            kind => kind == Kind::String,
        },
        Due::Object(Members::Unknown) if kind == Kind::Array => value.items().all(is_pair),
        Due::Object(Members::Status) if kind == Kind::Number => true,
        Due::Object(of) => match kind {
            Kind::Object => true,
            Kind::String => match value.raw_text().trim_ascii() {
                b"" => false,
                [b'{', ..] => texts,
                text => match of {
                    Members::User => true,
                    Members::Status => stands_for(text).is_some(),
                    _ => false,
                },
            },
            _ => false,
        },
    }
}

/// Which member of an answer a text in its place can only be.
fn stands_for(text: &[u8]) -> Option<&'static str> {
    match text {
        b"Success" | b"Failure" => Some("status"),
        _ if is_number(text) => Some("code"),
        _ => None,
    }
}

/// A name and its value: `{"key":…,"value":…}`.
fn is_pair(item: Value<'_>) -> bool {
    pair(item).is_some()
}

fn pair(item: Value<'_>) -> Option<(Value<'_>, Value<'_>)> {
    let name = item.get(Key::Key).or_else(|| item.get(Key::Name))?;
    (name.kind() == Kind::String).then_some((name, item.get(Key::Value)?))
}

/// Digits, perhaps with a sign and a fraction: what every reader takes for the same number.
fn is_number(text: &[u8]) -> bool {
    let text = text.trim_ascii();
    let digits = text.strip_prefix(b"-").unwrap_or(text);
    let (whole, fraction) = match memchr::memchr(b'.', digits) {
        Some(dot) => (&digits[..dot], Some(&digits[dot + 1..])),
        None => (digits, None),
    };
    let all = |part: &[u8]| !part.is_empty() && part.iter().all(u8::is_ascii_digit);
    digits.len() <= 16
        && all(whole)
        && (whole.len() == 1 || whole[0] != b'0')
        && fraction.is_none_or(all)
}

fn object(value: Value<'_>, members: Members, texts: bool, w: &mut Writer<'_>) {
    for (key, value) in value.members() {
        let due = due(members, key.key());
        if fits(value, due, texts) {
            member(key, value, due, texts, w);
        }
    }
}

fn member(key: Value<'_>, value: Value<'_>, due: Due, texts: bool, w: &mut Writer<'_>) {
    let value = single(value, due);
    w.key(key.raw_text());
    match (due, value.kind()) {
        (Due::Text, Kind::Number | Kind::True | Kind::False) => w.string(value.raw()),
        (Due::Time, Kind::Number) => {
            if let Some((seconds, nanos)) = facts::epoch(value.raw()) {
                w.out.push(b'"');
                facts::write_time(seconds, nanos, w.out);
                w.out.push(b'"');
            }
        }
        (Due::Time, Kind::String) => {
            let mut time = None;
            value.read(|text| time = facts::epoch(text));
            match time {
                Some((seconds, nanos)) => {
                    w.out.push(b'"');
                    facts::write_time(seconds, nanos, w.out);
                    w.out.push(b'"');
                }
                None => w.out.extend_from_slice(value.raw()),
            }
        }
        (Due::Number, Kind::String) => {
            value.read(|text| w.out.extend_from_slice(text.trim_ascii()));
        }
        (Due::Texts | Due::Addresses, Kind::String) => {
            let whole = |root: Value<'_>| {
                root.kind() == Kind::Array && root.items().all(|item| item.kind() == Kind::String)
            };
            let cut = due == Due::Addresses && value.raw_text().trim_ascii().starts_with(b"[");
            if !(w.opened(value, whole) || cut && w.opened_or_cut(value, cut::Text::Addresses)) {
                list(std::iter::once(value), due, w);
            }
        }
        (Due::Texts | Due::Addresses, Kind::Array) => list(value.items(), due, w),
        (Due::Object(Members::Unknown), Kind::Array) => {
            w.begin();
            for (name, value) in value.items().filter_map(pair) {
                w.member(name, value);
            }
            w.close();
        }
        (Due::Object(Members::Status), Kind::Number) => {
            w.begin();
            w.raw("code", Some(value));
            w.close();
        }
        (Due::Object(_), Kind::String) => {
            let text = value.raw_text().trim_ascii();
            match due {
                // What does not turn out to be an object moves in the next round.
                _ if text.starts_with(b"{") => {
                    let is_object = |root: Value<'_>| root.kind() == Kind::Object;
                    if !w.opened(value, is_object) && !w.opened_or_cut(value, cut::Text::Member) {
                        w.out.extend_from_slice(value.raw());
                    }
                }
                Due::Object(Members::Status) => {
                    w.begin();
                    w.text(stands_for(text).unwrap_or("message"), text);
                    w.close();
                }
                _ => {
                    w.begin();
                    w.text("username", value.raw_text());
                    w.close();
                }
            }
        }
        (Due::Object(members), Kind::Object) if members != Members::Unknown => {
            w.begin();
            object(value, members, texts, w);
            w.close();
        }
        (Due::Body, Kind::String) => {
            w.body(value);
        }
        _ => w.out.extend_from_slice(value.raw()),
    }
    w.wrote();
}

/// A list of texts; of addresses that were joined each for itself.
fn list<'a>(items: impl Iterator<Item = Value<'a>>, due: Due, w: &mut Writer<'_>) {
    w.out.push(b'[');
    let mut first = true;
    for item in items.filter(|item| item.kind() != Kind::Null) {
        let text = if item.kind() == Kind::String { item.raw_text() } else { item.raw() };
        let apart = due == Due::Addresses && text::are_addresses(text);
        let between = |b: &u8| apart && matches!(b, b',' | b' ' | b'[' | b']');
        // What stands behind a bracket is a port.
        let is_port = |text: &[u8]| apart && text[0] == b':' && text.get(1) != Some(&b':');
        for text in text.split(between).filter(|text| !text.is_empty() && !is_port(text)) {
            if !std::mem::take(&mut first) {
                w.out.push(b',');
            }
            w.string(text);
        }
    }
    w.out.push(b']');
}
