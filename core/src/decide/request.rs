//! The request behind an event, as kube-apiserver's evaluator saw it.
//!
//! An event tells nearly all of it, with one trap: after the policy was evaluated the API server
//! fills `objectRef.namespace` and `objectRef.name` from the *body* when the URL names none
//! (kubernetes/apiserver `pkg/audit/request.go`, LogRequestObject, called before the namespace of
//! cluster-scoped objects is cleared). A client could so move its event under a rule that drops
//! it. Namespace and name are therefore those of the request's URL, read as
//! `pkg/endpoints/request/requestinfo.go` reads it; `objectRef` only has to agree on the resource.
//!
//! `None` means the event does not say. That happens to records that are not an API server's own
//! lines: Google's have no groups, cut-down ones no URL. See [`super::evaluate`] for what follows.

use std::borrow::Cow;

use crate::event::{Event, PathBuffer, ResourcePath, Slot};
use crate::scan::doc::Value;

/// What is known of a request. Borrows from the event and from [`PathBuffer`].
pub(super) struct Request<'a> {
    pub(super) user: User<'a>,
    pub(super) verb: Option<Cow<'a, [u8]>>,
    pub(super) target: Target<'a>,
}

/// Who was authenticated. The impersonated user plays no part.
pub(super) enum User<'a> {
    Unknown,
    /// Authentication failed.
    Nobody,
    Named {
        name: Cow<'a, [u8]>,
        /// An array of strings.
        groups: Option<Value<'a>>,
    },
}

/// What the request was for.
pub(super) enum Target<'a> {
    Unknown,
    Resource(ObjectRef<'a>),
    /// The path, decoded, without the query.
    Path(&'a [u8]),
}

/// The object or collection. Empty texts are known to be empty.
pub(super) struct ObjectRef<'a> {
    pub(super) group: Option<Cow<'a, [u8]>>,
    pub(super) resource: Option<Cow<'a, [u8]>>,
    pub(super) subresource: Option<Cow<'a, [u8]>>,
    pub(super) namespace: Option<Cow<'a, [u8]>>,
    pub(super) name: Option<Cow<'a, [u8]>>,
}

impl<'a> Request<'a> {
    pub(super) fn read(event: &Event<'a>, buffer: &'a mut PathBuffer) -> Self {
        let text = |slot| event.get(slot).map(Value::text);
        let user = match (event.get(Slot::User), text(Slot::Username), event.get(Slot::UserGroups))
        {
            (None, ..) => User::Unknown,
            (Some(_), None, None) => User::Nobody,
            (Some(_), name, groups) => User::Named { name: name.unwrap_or_default(), groups },
        };
        let path = event.get(Slot::RequestUri).map(|uri| buffer.strict(uri.raw_text()));
        let verb = text(Slot::Verb);
        let target = if event.get(Slot::ObjectRef).is_some() {
            let of = ObjectRef {
                group: text(Slot::ApiGroup),
                resource: text(Slot::Resource),
                subresource: text(Slot::Subresource),
                namespace: text(Slot::Namespace),
                name: text(Slot::Name),
            };
            Target::Resource(of.confirmed_by(path, verb.as_deref()))
        } else {
            path.map_or(Target::Unknown, Target::Path)
        };
        Self { user, verb, target }
    }
}

impl<'a> ObjectRef<'a> {
    /// Holds `objectRef` against the URL.
    fn confirmed_by(mut self, path: Option<&'a [u8]>, verb: Option<&[u8]>) -> Self {
        let agrees =
            |said: &Option<Cow<'_, [u8]>>, url: &[u8]| said.as_deref().unwrap_or(b"") == url;
        if let Some(url) = path.and_then(ResourcePath::strict)
            && agrees(&self.resource, url.resource)
            && agrees(&self.subresource, url.subresource)
            && agrees(&self.group, url.group)
        {
            // Lists have no body; their name may come from a field selector.
            let listed = matches!(verb, Some(b"list" | b"watch")) && url.name.is_empty();
            return Self {
                group: Some(Cow::Borrowed(url.group)),
                resource: Some(Cow::Borrowed(url.resource)),
                subresource: Some(Cow::Borrowed(url.subresource)),
                namespace: Some(Cow::Borrowed(url.namespace)),
                name: if listed {
                    Some(self.name.unwrap_or_default())
                } else {
                    Some(Cow::Borrowed(url.name))
                },
            };
        }
        // A body may have filled these in.
        if !matches!(verb, Some(b"get" | b"list" | b"watch" | b"delete" | b"deletecollection")) {
            self.namespace = None;
            self.name = None;
        }
        self
    }
}
