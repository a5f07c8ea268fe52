//! Which kind of sensitive resource an event or object is about.
//!
//! The envelope decides, never the body alone: patch bodies have no kind. `objectRef` and
//! `requestURI` are both read and any hit counts, because either can be missing.

use crate::event::{Event, ResourcePath, Slot};
use crate::scan::doc::Value;
use crate::text;

/// Kinds of resources whose bodies have rules of their own. A set: any may apply at once.
#[derive(Clone, Copy, PartialEq, Eq, Debug, Default)]
pub(crate) struct Class {
    pub(crate) secret: bool,
    pub(crate) config_map: bool,
    /// TokenReview and TokenRequest.
    pub(crate) token: bool,
    /// OpenShift OAuth tokens, whose name can be the token (CVE-2019-10165).
    pub(crate) oauth_token: bool,
    /// Resources that Secrets are made of: ClusterSecret, SealedSecret, ExternalSecret and others.
    /// Their bodies are ordinary ones but for a `data` in a template.
    pub(crate) makes_secrets: bool,
    /// OpenShift OAuth clients, whose `secret` is one and no name.
    pub(crate) oauth_client: bool,
    /// Whether the envelope says what the event is about at all.
    pub(crate) named: bool,
}

impl Class {
    /// Whether any rule of its own applies.
    pub(crate) fn any(self) -> bool {
        self.secret | self.config_map | self.token | self.oauth_token
    }

    /// Both.
    pub(crate) fn with(self, other: Self) -> Self {
        Self {
            secret: self.secret | other.secret,
            config_map: self.config_map | other.config_map,
            token: self.token | other.token,
            oauth_token: self.oauth_token | other.oauth_token,
            makes_secrets: self.makes_secrets | other.makes_secrets,
            oauth_client: self.oauth_client | other.oauth_client,
            named: self.named | other.named,
        }
    }

    fn add_resource(&mut self, resource: &[u8], subresource: &[u8]) {
        let is = |name: &[u8]| resource.eq_ignore_ascii_case(name);
        self.named |= !resource.is_empty();
        // Most resources are none of these; the last letter and the length say so at once.
        if !matches!(resource.last(), Some(b's' | b'S')) {
            return;
        }
        self.secret |= is(b"secrets");
        self.makes_secrets |= resource.len() > 7 && resource.ends_with(b"secrets");
        self.oauth_client |= is(b"oauthclients");
        self.config_map |= is(b"configmaps");
        self.token |= is(b"tokenreviews")
            || is(b"tokenrequests")
            || (is(b"serviceaccounts") && subresource.eq_ignore_ascii_case(b"token"));
        self.oauth_token |=
            is(b"oauthaccesstokens") || is(b"oauthauthorizetokens") || is(b"useroauthaccesstokens");
    }

    /// The class of an event. The buffers are used when something is escaped.
    pub(crate) fn of_event(
        event: &Event<'_>,
        scratch: &mut Vec<u8>,
        decoded: &mut Vec<u8>,
    ) -> Self {
        let mut class = Self::default();
        let plain = |slot| event.get(slot).is_none_or(|value| !value.is_escaped());
        if plain(Slot::Resource) && plain(Slot::Subresource) {
            class.add_resource(event.raw_text(Slot::Resource), event.raw_text(Slot::Subresource));
        } else {
            let text = |slot| event.get(slot).map(Value::text).unwrap_or_default();
            class.add_resource(&text(Slot::Resource), &text(Slot::Subresource));
        }
        let uri = event.raw_text(Slot::RequestUri);
        if memchr::memchr2(b'%', b'\\', uri).is_none() {
            class.add_uri(uri);
        } else {
            scratch.clear();
            text::unescape(uri, scratch);
            class.add_uri(scratch);
            decoded.clear();
            if text::percent_decode(scratch, decoded) {
                class.add_uri(decoded);
            }
        }
        class
    }

    fn add_uri(&mut self, uri: &[u8]) {
        if let Some(path) = ResourcePath::any(uri) {
            self.add_resource(path.resource, path.subresource);
        }
    }

    /// The class of an object by its `kind`.
    pub(crate) fn of_kind(kind: &[u8]) -> Self {
        let is = |name: &[u8]| kind.eq_ignore_ascii_case(name);
        match kind.first() {
            Some(b'S' | b's') => {
                Self { secret: is(b"Secret") || is(b"SecretList"), ..Self::default() }
            }
            Some(b'C' | b'c') => {
                Self { config_map: is(b"ConfigMap") || is(b"ConfigMapList"), ..Self::default() }
            }
            Some(b'T' | b't') => {
                Self { token: is(b"TokenReview") || is(b"TokenRequest"), ..Self::default() }
            }
            Some(b'O' | b'o') => Self {
                oauth_token: is(b"OAuthAccessToken")
                    || is(b"OAuthAuthorizeToken")
                    || is(b"OAuthAccessTokenList")
                    || is(b"OAuthAuthorizeTokenList"),
                ..Self::default()
            },
            _ => Self::default(),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of_uri(uri: &str) -> Class {
        let mut class = Class::default();
        class.add_uri(uri.as_bytes());
        class
    }

    #[test]
    fn uris_name_their_resource() {
        for uri in [
            "/api/v1/secrets",
            "/api/v1/secrets?limit=500",
            "/api/v1/namespaces/a/secrets/b",
            "/api/v1/watch/namespaces/a/secrets/b",
            "/k8s/clusters/c-1/api/v1/namespaces/a/secrets",
        ] {
            assert!(of_uri(uri).secret, "{uri}");
        }
        assert!(of_uri("/api/v1/namespaces/a/serviceaccounts/b/token").token);
        assert!(of_uri("/apis/authentication.k8s.io/v1/tokenreviews").token);
        for uri in [
            "/api/v1/namespaces/secrets",
            "/api/v1/namespaces/secrets/pods/secrets",
            "/api/v1/namespaces/a/serviceaccounts/b",
            "/healthz",
            "/apis/secrets/v1/widgets",
            "",
        ] {
            assert!(!of_uri(uri).any(), "{uri}");
        }
    }
}
