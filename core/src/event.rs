//! One audit event as node indices: which span holds which field.
//!
//! Field names are those of `audit.k8s.io/v1` Event (kubernetes/apiserver
//! `pkg/apis/audit/v1/types.go`); v1beta1, v1alpha1 and events without `apiVersion` differ only in
//! `metadata` and `timestamp`, which are slots too.

use crate::scan::Kind;
use crate::scan::doc::{Doc, Value};
use crate::scan::key::Key;

macro_rules! slots {
    ($($name:ident),+ $(,)?) => {
        /// A field of the event.
        #[derive(Clone, Copy, PartialEq, Eq, Debug)]
        #[repr(u8)]
        pub(crate) enum Slot { $($name),+ }
        const SLOTS: usize = [$(Slot::$name),+].len();
    };
}

slots! {
    Kind, ApiVersion, Level, AuditId, Stage, RequestUri, Verb, User, ImpersonatedUser,
    AuthenticationMetadata, SourceIps, UserAgent, ObjectRef, ResponseStatus, RequestObject,
    ResponseObject, RequestReceivedTimestamp, StageTimestamp, Annotations, Metadata, Timestamp,
    Auditweir,
    Username, UserUid, UserGroups, UserExtra,
    ImpersonatedUsername, ImpersonatedUid, ImpersonatedGroups, ImpersonatedExtra,
    Resource, Namespace, Name, ObjectUid, ApiGroup, ObjectApiVersion, ResourceVersion, Subresource,
    StatusStatus, StatusMessage, StatusReason, StatusDetails, StatusCode, StatusMetadata,
}

/// Why an object is not an audit event.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum NotAnEvent {
    /// The root is no object, or has none of `auditID`, `stage`, `verb`, `requestURI`.
    Shape,
    /// A member of the envelope occurs twice, which no API server writes.
    DuplicateMember,
    /// A member of the envelope has a type that no API server writes.
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
}

impl<'a> Event<'a> {
    /// Finds the fields of the event object `root`.
    pub(crate) fn read(root: Value<'a>) -> Result<Self, NotAnEvent> {
        let mut event = Self { doc: root.doc, root: root.index, slots: [0; SLOTS] };
        if root.kind() != Kind::Object {
            return Err(NotAnEvent::Shape);
        }
        event.fill(root, |key| {
            Some(match key {
                Key::Kind => Slot::Kind,
                Key::ApiVersion => Slot::ApiVersion,
                Key::Level => Slot::Level,
                Key::AuditId => Slot::AuditId,
                Key::Stage => Slot::Stage,
                Key::RequestUri => Slot::RequestUri,
                Key::Verb => Slot::Verb,
                Key::User => Slot::User,
                Key::ImpersonatedUser => Slot::ImpersonatedUser,
                Key::AuthenticationMetadata => Slot::AuthenticationMetadata,
                Key::SourceIps => Slot::SourceIps,
                Key::UserAgent => Slot::UserAgent,
                Key::ObjectRef => Slot::ObjectRef,
                Key::ResponseStatus => Slot::ResponseStatus,
                Key::RequestObject => Slot::RequestObject,
                Key::ResponseObject => Slot::ResponseObject,
                Key::RequestReceivedTimestamp => Slot::RequestReceivedTimestamp,
                Key::StageTimestamp => Slot::StageTimestamp,
                Key::Annotations => Slot::Annotations,
                Key::Metadata => Slot::Metadata,
                Key::Timestamp => Slot::Timestamp,
                Key::Auditweir => Slot::Auditweir,
                _ => return None,
            })
        })?;
        if [Slot::AuditId, Slot::Stage, Slot::Verb, Slot::RequestUri]
            .iter()
            .all(|slot| event.slots[*slot as usize] == 0)
        {
            return Err(NotAnEvent::Shape);
        }
        if let Some(user) = event.typed(Slot::User, Kind::Object)? {
            event.fill(user, |key| {
                Some(match key {
                    Key::Username => Slot::Username,
                    Key::Uid => Slot::UserUid,
                    Key::Groups => Slot::UserGroups,
                    Key::Extra => Slot::UserExtra,
                    _ => return None,
                })
            })?;
        }
        if let Some(user) = event.typed(Slot::ImpersonatedUser, Kind::Object)? {
            event.fill(user, |key| {
                Some(match key {
                    Key::Username => Slot::ImpersonatedUsername,
                    Key::Uid => Slot::ImpersonatedUid,
                    Key::Groups => Slot::ImpersonatedGroups,
                    Key::Extra => Slot::ImpersonatedExtra,
                    _ => return None,
                })
            })?;
        }
        if let Some(object_ref) = event.typed(Slot::ObjectRef, Kind::Object)? {
            event.fill(object_ref, |key| {
                Some(match key {
                    Key::Resource => Slot::Resource,
                    Key::Namespace => Slot::Namespace,
                    Key::Name => Slot::Name,
                    Key::Uid => Slot::ObjectUid,
                    Key::ApiGroup => Slot::ApiGroup,
                    Key::ApiVersion => Slot::ObjectApiVersion,
                    Key::ResourceVersion => Slot::ResourceVersion,
                    Key::Subresource => Slot::Subresource,
                    _ => return None,
                })
            })?;
        }
        if let Some(status) = event.typed(Slot::ResponseStatus, Kind::Object)? {
            event.fill(status, |key| {
                Some(match key {
                    Key::Status => Slot::StatusStatus,
                    Key::Message => Slot::StatusMessage,
                    Key::Reason => Slot::StatusReason,
                    Key::Details => Slot::StatusDetails,
                    Key::Code => Slot::StatusCode,
                    Key::Metadata => Slot::StatusMetadata,
                    _ => return None,
                })
            })?;
        }
        event.check_types()?;
        Ok(event)
    }

    fn fill(
        &mut self,
        object: Value<'a>,
        slot_of: impl Fn(Key) -> Option<Slot>,
    ) -> Result<(), NotAnEvent> {
        for (name, value) in object.members() {
            let Some(slot) = slot_of(name.key()) else { continue };
            let place = &mut self.slots[slot as usize];
            if *place != 0 {
                return Err(NotAnEvent::DuplicateMember);
            }
            *place = value.index;
        }
        // null means absent, everywhere in the envelope; cleared after duplicates were seen
        for place in &mut self.slots {
            if *place != 0 && self.doc.nodes[*place as usize].kind == Kind::Null {
                *place = 0;
            }
        }
        Ok(())
    }

    fn typed(&self, slot: Slot, kind: Kind) -> Result<Option<Value<'a>>, NotAnEvent> {
        match self.get(slot) {
            Some(value) if value.kind() != kind => Err(NotAnEvent::WrongType),
            value => Ok(value),
        }
    }

    fn check_types(&self) -> Result<(), NotAnEvent> {
        use Slot as S;
        for slot in [
            S::Kind, S::ApiVersion, S::Level, S::AuditId, S::Stage, S::RequestUri, S::Verb,
            S::UserAgent, S::RequestReceivedTimestamp, S::StageTimestamp, S::Timestamp, S::Username,
            S::UserUid, S::ImpersonatedUsername, S::ImpersonatedUid, S::Resource, S::Namespace,
            S::Name, S::ObjectUid, S::ApiGroup, S::ObjectApiVersion, S::ResourceVersion,
            S::Subresource, S::StatusMessage, S::StatusReason,
        ] {
            self.typed(slot, Kind::String)?;
        }
        for slot in [S::SourceIps, S::UserGroups, S::ImpersonatedGroups] {
            if let Some(list) = self.typed(slot, Kind::Array)?
                && list.items().any(|item| item.kind() != Kind::String)
            {
                return Err(NotAnEvent::WrongType);
            }
        }
        for slot in [S::Annotations, S::UserExtra, S::ImpersonatedExtra] {
            self.typed(slot, Kind::Object)?;
        }
        self.typed(S::StatusCode, Kind::Number)?;
        Ok(())
    }

    /// The value in a slot; `None` when absent or null.
    #[inline]
    pub(crate) fn get(&self, slot: Slot) -> Option<Value<'a>> {
        match self.slots[slot as usize] {
            0 => None,
            index => Some(self.doc.at(index)),
        }
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

    /// `responseStatus.code`; 0 when absent or absurd.
    pub(crate) fn code(&self) -> u16 {
        self.get(Slot::StatusCode)
            .and_then(Value::integer)
            .and_then(|code| u16::try_from(code).ok())
            .unwrap_or(0)
    }

    /// Whether the string in `slot` says `expected`.
    #[inline]
    pub(crate) fn says(&self, slot: Slot, expected: &[u8]) -> bool {
        self.get(slot).is_some_and(|value| value.says(expected))
    }
}
