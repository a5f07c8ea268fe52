//! The members of an event that have a place of their own in a format, and what each is.

use super::fields::{Each, FieldType};
use crate::enrich::{Facts, Timestamp, facts::key};
use crate::scan::key::Key;

/// How a member is written.
#[derive(Clone, Copy)]
pub(super) enum Member {
    Text,
    Texts,
    Time(for<'a> fn(&Facts<'a>) -> Option<Timestamp<'a>>),
    Object(Object),
    /// An object under whose names others choose.
    Named,
    Body,
    /// The code of the answer.
    Code,
    /// An object that is told as a text.
    Details,
    /// An object that nearly every event has, with nothing in it.
    Empty,
    /// It has no place.
    Rest,
}

macro_rules! members {
    ($($object:ident $path:literal {
        $($key:ident $($name:literal $($kind:ident)?: $fact:ident)? = $member:expr;)+
    })+) => {
        /// An object of the event.
        #[derive(Clone, Copy, PartialEq, Eq)]
        pub(super) enum Object { $($object),+ }

        impl Object {
            /// What stands before the names of its members where they are told apart from it.
            pub(super) const fn path(self) -> &'static [u8] {
                match self { $(Self::$object => $path.as_bytes()),+ }
            }

            #[inline]
            pub(super) fn member(self, key: Key) -> Member {
                match self {
                    $(Self::$object => match key { $(Key::$key => $member,)+ _ => Member::Rest }),+
                }
            }
        }

        /// Their names in `ecs`.
        #[cfg(feature = "ecs")]
        pub(super) fn names(each: Each<'_>) {
            $($($(each(
                concat!("kubernetes.audit.", $path, $name),
                key::$fact,
                members!(@kind $($kind)?),
            );)?)+)+
        }
    };
    (@kind) => { None };
    (@kind $kind:ident) => { Some(FieldType::$kind) };
}

members! {
    Event "" {
        Kind "kind": event_kind = Member::Text;
        ApiVersion "apiVersion": event_version = Member::Text;
        Level "level": level = Member::Text;
        AuditId "auditID": audit_id = Member::Text;
        Stage "stage": stage = Member::Text;
        StageTimestamp "stageTimestamp": staged = Member::Time(|facts| facts.staged);
        RequestReceivedTimestamp "requestReceivedTimestamp": received
            = Member::Time(|facts| facts.received);
        Timestamp "timestamp": legacy = Member::Time(|facts| facts.legacy);
        Verb "verb": verb = Member::Text;
        RequestUri "requestURI": request_uri = Member::Text;
        User = Member::Object(Object::User);
        ImpersonatedUser = Member::Object(Object::Impersonated);
        AuthenticationMetadata "authenticationMetadata.impersonationConstraint": constraint
            = Member::Named;
        SourceIps "sourceIPs" Keyword: source_ips = Member::Texts;
        UserAgent "userAgent": user_agent = Member::Text;
        ObjectRef = Member::Object(Object::Reference);
        ResponseStatus = Member::Object(Object::Status);
        RequestObject "requestObject" Flattened: request_object = Member::Body;
        ResponseObject "responseObject" Flattened: response_object = Member::Body;
        Annotations "annotations.*": annotations = Member::Named;
        Plain "extra": rest = Member::Rest;
    }

    User "user." {
        Username "username": username = Member::Text;
        Uid "uid": user_id = Member::Text;
        Groups "groups": groups = Member::Texts;
        Extra "extra.*": user_extra = Member::Named;
    }

    Impersonated "impersonatedUser." {
        Username "username": effective_name = Member::Text;
        Uid "uid": effective_id = Member::Text;
        Groups "groups": effective_groups = Member::Texts;
        Extra "extra.*": effective_extra = Member::Named;
    }

    Reference "objectRef." {
        Resource "resource": resource = Member::Text;
        Subresource "subresource": subresource = Member::Text;
        Namespace "namespace": namespace = Member::Text;
        Name "name": name = Member::Text;
        Uid "uid": object_uid = Member::Text;
        ApiGroup "apiGroup": api_group = Member::Text;
        ApiVersion "apiVersion": api_version = Member::Text;
        ResourceVersion "resourceVersion": resource_version = Member::Text;
    }

    Status "responseStatus." {
        Code "code": code = Member::Code;
        Status "status": status = Member::Text;
        Reason "reason": status_reason = Member::Text;
        Message "message" MatchOnlyText: status_message = Member::Text;
        Details "details": details = Member::Details;
        Metadata = Member::Empty;
    }
}
