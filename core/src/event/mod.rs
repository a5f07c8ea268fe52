//! One audit event as node indices: which span holds which field.
//!
//! Field names are those of `audit.k8s.io/v1` Event (kubernetes/apiserver
//! `pkg/apis/audit/v1/types.go`); v1beta1, v1alpha1 and events without `apiVersion` differ only in
//! `metadata` and `timestamp`, which are slots too.

mod code;
mod level;
mod query;
mod request_path;
#[cfg(feature = "rules")]
mod resources;
mod rpc;
mod stage;
mod user;

pub use level::Level;
#[cfg(feature = "rules")]
pub use resources::Resource;
pub use stage::Stage;

pub(crate) use code::Code;
pub(crate) use query::{Parameters, decode, decode_fully, says};
pub(crate) use request_path::{PathBuffer, ResourcePath, split};
pub(crate) use rpc::RPC_CODES;
pub(crate) use stage::Stages;
pub(crate) use user::UserName;

use crate::scan::Kind;
use crate::scan::doc::{Doc, Value};
use crate::scan::key::Key;
use crate::text;

macro_rules! slots {
    ($($name:ident),+ $(,)?) => {
        /// A field of the event.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u8)]
        pub(crate) enum Slot { $($name),+ }
        const ALL: &[Slot] = &[$(Slot::$name),+];
        const SLOTS: usize = ALL.len();
        const _: () = assert!(SLOTS <= 64);
    };
}

slots! {
    Kind, ApiVersion, Level, AuditId, Stage, RequestUri, Verb, User, ImpersonatedUser,
    AuthenticationMetadata, SourceIps, UserAgent, ObjectRef, ResponseStatus, RequestObject,
    ResponseObject, RequestReceivedTimestamp, StageTimestamp, Annotations, Metadata, Timestamp,
    Auditweir, Gke, Unreadable,
    Username, UserUid, UserGroups, UserExtra,
    ImpersonatedUsername, ImpersonatedUid, ImpersonatedGroups, ImpersonatedExtra,
    Resource, Namespace, Name, ObjectUid, ApiGroup, ObjectApiVersion, ResourceVersion, Subresource,
    StatusStatus, StatusMessage, StatusReason, StatusDetails, StatusCode, StatusMetadata,
}

/// Why an object is not an audit event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum NotAnEvent {
    /// The root is no object, or has none of `auditID`, `stage`, `verb`, `requestURI`, `auditweir`.
    Shape,
    /// A member of the envelope occurs twice, which no API server writes.
    DuplicateMember,
    /// A member of the envelope has a type that no API server writes, or several addresses are
    /// written as one.
    WrongType,
}

/// An event: the document it stands in and where its fields are.
#[derive(Clone, Copy)]
pub(crate) struct Event<'a> {
    pub(crate) doc: Doc<'a>,
    /// Node index of the event object.
    pub(crate) root: u32,
    /// Node index per slot; 0 when absent or null (0 is never a member's value).
    slots: [u32; SLOTS],
    /// Which of its members are there at all: one bit per slot.
    named: u64,
}

/// Which slot each key fills in one object of the envelope: `NONE` or the slot's number.
type Layout = [u8; Key::COUNT];
const NONE: u8 = u8::MAX;

const fn layout(pairs: &[(Key, Slot)]) -> Layout {
    let mut table = [NONE; Key::COUNT];
    let mut at = 0;
    while at < pairs.len() {
        table[pairs[at].0 as usize] = pairs[at].1 as u8;
        at += 1;
    }
    table
}

static EVENT: Layout = layout(&[
    (Key::Kind, Slot::Kind),
    (Key::ApiVersion, Slot::ApiVersion),
    (Key::Level, Slot::Level),
    (Key::AuditId, Slot::AuditId),
    (Key::Stage, Slot::Stage),
    (Key::RequestUri, Slot::RequestUri),
    (Key::Verb, Slot::Verb),
    (Key::User, Slot::User),
    (Key::ImpersonatedUser, Slot::ImpersonatedUser),
    (Key::AuthenticationMetadata, Slot::AuthenticationMetadata),
    (Key::SourceIps, Slot::SourceIps),
    (Key::UserAgent, Slot::UserAgent),
    (Key::ObjectRef, Slot::ObjectRef),
    (Key::ResponseStatus, Slot::ResponseStatus),
    (Key::RequestObject, Slot::RequestObject),
    (Key::ResponseObject, Slot::ResponseObject),
    (Key::RequestReceivedTimestamp, Slot::RequestReceivedTimestamp),
    (Key::StageTimestamp, Slot::StageTimestamp),
    (Key::Annotations, Slot::Annotations),
    (Key::Metadata, Slot::Metadata),
    (Key::Timestamp, Slot::Timestamp),
    (Key::Auditweir, Slot::Auditweir),
    (Key::Gke, Slot::Gke),
    (Key::Unreadable, Slot::Unreadable),
]);

static USER: Layout = layout(&[
    (Key::Username, Slot::Username),
    (Key::Uid, Slot::UserUid),
    (Key::Groups, Slot::UserGroups),
    (Key::Extra, Slot::UserExtra),
]);

static IMPERSONATED: Layout = layout(&[
    (Key::Username, Slot::ImpersonatedUsername),
    (Key::Uid, Slot::ImpersonatedUid),
    (Key::Groups, Slot::ImpersonatedGroups),
    (Key::Extra, Slot::ImpersonatedExtra),
]);

static OBJECT_REF: Layout = layout(&[
    (Key::Resource, Slot::Resource),
    (Key::Namespace, Slot::Namespace),
    (Key::Name, Slot::Name),
    (Key::Uid, Slot::ObjectUid),
    (Key::ApiGroup, Slot::ApiGroup),
    (Key::ApiVersion, Slot::ObjectApiVersion),
    (Key::ResourceVersion, Slot::ResourceVersion),
    (Key::Subresource, Slot::Subresource),
]);

static STATUS: Layout = layout(&[
    (Key::Status, Slot::StatusStatus),
    (Key::Message, Slot::StatusMessage),
    (Key::Reason, Slot::StatusReason),
    (Key::Details, Slot::StatusDetails),
    (Key::Code, Slot::StatusCode),
    (Key::Metadata, Slot::StatusMetadata),
]);

/// What the API gives a slot; `None` for anything.
const fn expected(slot: Slot) -> Option<Kind> {
    match slot {
        Slot::User
        | Slot::ImpersonatedUser
        | Slot::ObjectRef
        | Slot::ResponseStatus
        | Slot::Annotations
        | Slot::UserExtra
        | Slot::ImpersonatedExtra => Some(Kind::Object),
        Slot::SourceIps | Slot::UserGroups | Slot::ImpersonatedGroups => Some(Kind::Array),
        // Shippers write codes as text, too: `Code` reads them.
        Slot::StatusCode
        | Slot::Gke
        | Slot::Unreadable
        | Slot::AuthenticationMetadata
        | Slot::RequestObject
        | Slot::ResponseObject
        | Slot::Metadata
        | Slot::Auditweir
        | Slot::StatusStatus
        | Slot::StatusDetails
        | Slot::StatusMetadata => None,
        _ => Some(Kind::String),
    }
}

static EXPECTED: [Option<Kind>; SLOTS] = {
    let mut table = [None; SLOTS];
    let mut at = 0;
    while at < SLOTS {
        table[at] = expected(ALL[at]);
        at += 1;
    }
    table
};

/// Whether an address is several in one text, as headers and tables join them.
fn is_joined(address: Value<'_>) -> bool {
    let text = address.raw_text();
    text.iter().any(|b| matches!(b, b',' | b' ')) && text::are_addresses(text)
}

impl<'a> Event<'a> {
    /// Finds the fields of the event object `root`.
    pub(crate) fn read(root: Value<'a>) -> Result<Self, NotAnEvent> {
        let mut event = Self { doc: root.doc, root: root.index, slots: [0; SLOTS], named: 0 };
        if root.kind() != Kind::Object {
            return Err(NotAnEvent::Shape);
        }
        event.named = event.fill(root, &EVENT)?;
        // What a filter wrote is an event, also a stub of nothing.
        if [Slot::AuditId, Slot::Stage, Slot::Verb, Slot::RequestUri, Slot::Auditweir]
            .iter()
            .all(|slot| event.slots[*slot as usize] == 0)
        {
            return Err(NotAnEvent::Shape);
        }
        for (slot, layout) in [
            (Slot::User, &USER),
            (Slot::ImpersonatedUser, &IMPERSONATED),
            (Slot::ObjectRef, &OBJECT_REF),
            (Slot::ResponseStatus, &STATUS),
        ] {
            if let Some(object) = event.get(slot) {
                event.fill(object, layout)?;
            }
        }
        Ok(event)
    }

    fn fill(&mut self, object: Value<'a>, layout: &Layout) -> Result<u64, NotAnEvent> {
        // One bit per slot: a second member of the same name is an error also after a null.
        let mut seen = 0u64;
        for (name, value) in object.members() {
            let slot = layout[usize::from(name.node().key)];
            if slot == NONE {
                continue;
            }
            if seen >> slot & 1 == 1 {
                return Err(NotAnEvent::DuplicateMember);
            }
            seen |= 1 << slot;
            let kind = value.kind();
            if kind == Kind::Null {
                continue; // absent
            }
            if let Some(expected) = EXPECTED[usize::from(slot)]
                && (kind != expected
                    || kind == Kind::Array && value.items().any(|item| item.kind() != Kind::String))
            {
                return Err(NotAnEvent::WrongType);
            }
            if slot == Slot::SourceIps as u8 && value.items().any(is_joined)
                || slot == Slot::StatusCode as u8 && kind == Kind::Array
            {
                return Err(NotAnEvent::WrongType);
            }
            self.slots[usize::from(slot)] = value.index;
        }
        Ok(seen)
    }

    /// The value in a slot; `None` when absent or null.
    #[inline]
    pub(crate) fn get(&self, slot: Slot) -> Option<Value<'a>> {
        match self.slots[slot as usize] {
            0 => None,
            index => Some(self.doc.at(index)),
        }
    }

    /// Whether the event has such a member, even null.
    pub(crate) fn names(&self, slot: Slot) -> bool {
        self.named >> slot as u8 & 1 == 1
    }

    /// The inside of a string field as written (JSON escapes kept); empty when absent.
    #[inline]
    pub(crate) fn raw_text(&self, slot: Slot) -> &'a [u8] {
        self.get(slot).map_or(b"", Value::raw_text)
    }

    /// The event's own bytes, braces included.
    #[inline]
    pub(crate) fn raw(&self) -> &'a [u8] {
        self.doc.at(self.root).raw()
    }

    /// `responseStatus.code`; 0 when there is none that can be read.
    pub(crate) fn code(&self) -> u16 {
        Code::of(self).number()
    }

    /// Whether the string in `slot` says `expected`.
    #[inline]
    pub(crate) fn says(&self, slot: Slot, expected: &[u8]) -> bool {
        self.get(slot).is_some_and(|value| value.says(expected))
    }
}
