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

use crate::event::{Event, Slot};
use crate::scan::doc::Value;
use crate::text;

/// What is known of a request. Borrows from the event and from [`PathScratch`].
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

/// Memory for paths that have to be decoded.
#[derive(Default)]
pub(crate) struct PathScratch {
    unescaped: Vec<u8>,
    decoded: Vec<u8>,
}

impl PathScratch {
    /// The path of `requestURI`: JSON escapes and percent-encoding undone, query cut off.
    fn path<'s>(&'s mut self, uri: &'s [u8]) -> &'s [u8] {
        let mut path = before_query(uri);
        if memchr::memchr(b'\\', path).is_some() {
            self.unescaped.clear();
            text::unescape(path, &mut self.unescaped);
            path = before_query(&self.unescaped);
        }
        if memchr::memchr(b'%', path).is_some() {
            self.decoded.clear();
            text::percent_decode(path, &mut self.decoded);
            path = &self.decoded;
        }
        path
    }
}

fn before_query(uri: &[u8]) -> &[u8] {
    memchr::memchr(b'?', uri).map_or(uri, |end| &uri[..end])
}

impl<'a> Request<'a> {
    pub(super) fn read(event: &Event<'a>, scratch: &'a mut PathScratch) -> Self {
        let text = |slot| event.get(slot).map(Value::text);
        let user = match (event.get(Slot::User), text(Slot::Username), event.get(Slot::UserGroups))
        {
            (None, ..) => User::Unknown,
            (Some(_), None, None) => User::Nobody,
            (Some(_), name, groups) => User::Named { name: name.unwrap_or_default(), groups },
        };
        let path = event.get(Slot::RequestUri).map(|uri| scratch.path(uri.raw_text()));
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
        if let Some(url) = path.and_then(InUrl::read)
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

/// What a URL says of a resource.
#[derive(Debug, Default, PartialEq, Eq)]
struct InUrl<'a> {
    group: &'a [u8],
    namespace: &'a [u8],
    resource: &'a [u8],
    name: &'a [u8],
    subresource: &'a [u8],
}

impl<'a> InUrl<'a> {
    /// `NewRequestInfo` with the prefixes of kube-apiserver; `None` for what is no resource.
    fn read(path: &'a [u8]) -> Option<Self> {
        let slash = |path: &'a [u8]| path.iter().position(|b| *b != b'/').map(|at| &path[at..]);
        let end = path.iter().rposition(|b| *b != b'/')? + 1;
        let mut parts = [&b""[..]; 10];
        let mut count = 0;
        for part in slash(&path[..end])?.split(|b| *b == b'/') {
            if count < parts.len() {
                parts[count] = part;
            }
            count += 1;
        }
        let mut url = Self::default();
        // index of the version
        let mut at = match parts[0] {
            b"api" => 1,
            b"apis" => 2,
            _ => return None,
        };
        if count < at + 2 {
            return None;
        }
        if at == 2 {
            url.group = parts[1];
        }
        at += 1;
        let mut proxy = false;
        if matches!(parts[at], b"watch" | b"proxy") {
            proxy = parts[at] == b"proxy";
            at += 1;
            if count == at {
                return None;
            }
        }
        if parts[at] == b"namespaces" && count > at + 1 {
            url.namespace = parts[at + 1];
            if count > at + 2 && !matches!(parts[at + 2], b"status" | b"finalize") {
                at += 2;
            }
        }
        url.resource = parts[at];
        if count > at + 1 {
            url.name = parts[at + 1];
        }
        if count > at + 2 && !proxy {
            url.subresource = parts[at + 2];
        }
        Some(url)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_read_by_their_parts() {
        let read = |path: &'static str| {
            InUrl::read(path.as_bytes()).map(|url| {
                [url.group, url.namespace, url.resource, url.name, url.subresource]
                    .map(|part| String::from_utf8(part.to_vec()).unwrap())
                    .join(",")
            })
        };
        for (path, expected) in [
            ("/api/v1/pods", ",,pods,,"),
            ("/api/v1/namespaces/ns/pods/p/exec", ",ns,pods,p,exec"),
            ("/api/v1/namespaces/ns", ",ns,namespaces,ns,"),
            ("/api/v1/namespaces/ns/finalize", ",ns,namespaces,ns,finalize"),
            ("/api/v1/namespaces", ",,namespaces,,"),
            (
                "/apis/apps/v1/namespaces/ns/deployments/d/scale/x/y/z",
                "apps,ns,deployments,d,scale",
            ),
            (
                "/apis/rbac.authorization.k8s.io/v1/clusterroles/c/",
                "rbac.authorization.k8s.io,,clusterroles,c,",
            ),
            ("/api/v1/watch/namespaces/ns/pods/p", ",ns,pods,p,"),
            ("/api/v1/proxy/namespaces/ns/services/s/metrics", ",ns,services,s,"),
            ("//api/v1//x", ",,,x,"),
        ] {
            assert_eq!(read(path).as_deref(), Some(expected), "{path}");
        }
        for path in
            ["/api", "/api/v1", "/apis/apps/v1", "/apis", "/healthz", "/", "", "/api/v1/watch"]
        {
            assert_eq!(read(path), None, "{path}");
        }
    }

    #[test]
    fn paths_are_decoded() {
        for (uri, expected) in [
            ("/healthz", "/healthz"),
            ("/a?b=%41", "/a"),
            (r"/a\u003fb", "/a"),
            (r"/a\u0026b%20c?d", "/a&b c"),
            ("/a%3Fb?c", "/a?b"),
        ] {
            let mut scratch = PathScratch::default();
            assert_eq!(scratch.path(uri.as_bytes()), expected.as_bytes(), "{uri}");
        }
    }
}
