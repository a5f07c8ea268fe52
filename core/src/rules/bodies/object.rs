//! What else a rule may ask of a body: bindings, webhooks, certificates, tokens, services, Secrets.

use std::net::IpAddr;

use crate::enrich::address;
use crate::scan::Kind;
use crate::scan::doc::Value;
use crate::scan::key::Key;

use super::super::answer::Why;
use super::{is_deleted, is_json_patch, odd, operations, segments};

/// Nodes of texts, by what they are.
#[derive(Default)]
pub(in crate::rules) struct Other {
    /// Subjects of a binding.
    pub(in crate::rules) subjects: Vec<u32>,
    /// `clientConfig.url` of webhooks and conversions.
    pub(in crate::rules) urls: Vec<u32>,
    /// A URL leads out of the cluster.
    pub(in crate::rules) outside: bool,
    /// A binding is made, or somebody may be added to one.
    pub(in crate::rules) binds: bool,
    pub(in crate::rules) role: Option<u32>,
    pub(in crate::rules) role_kind: Option<u32>,
    pub(in crate::rules) unknown: Option<Why>,
}

impl Other {
    pub(in crate::rules) fn clear(&mut self) {
        self.subjects.clear();
        self.urls.clear();
        (self.outside, self.binds) = (false, false);
        (self.role, self.role_kind, self.unknown) = (None, None, None);
    }

    /// Reads a binding, a patch of one, or the answer that shows what it came to.
    pub(in crate::rules) fn binding(&mut self, body: Value<'_>, whole: Option<Value<'_>>) {
        self.clear();
        let mut unseen = false;
        if is_json_patch(body) {
            operations(
                body,
                &mut |path, value| {
                    let mut names = segments(path);
                    match (names.next(), names.count()) {
                        (Some(b"subjects"), 0) => self.add_subjects(value),
                        (Some(b"subjects"), 1) => {
                            self.subjects.push(value.index);
                            self.binds = true;
                        }
                        (Some(b"subjects"), _) => unseen = true,
                        (Some(b""), 0) => self.whole_binding(value),
                        _ => {}
                    }
                },
                &mut |_| {},
            );
            operations(body, &mut |_, _| {}, &mut |path| {
                unseen |= matches!(segments(path).next(), Some(b"subjects" | b""));
            });
        } else {
            self.unknown = odd(body);
            self.whole_binding(body);
        }
        self.binds |= unseen;
        match whole {
            Some(whole) if unseen => self.whole_binding(whole),
            Some(whole) if self.role.is_none() => self.role_of(whole),
            None if unseen => self.unknown = Some(Why::PartOfPatch),
            _ => {}
        }
    }

    fn whole_binding(&mut self, body: Value<'_>) {
        self.binds |= body.get(Key::RoleRef).is_some();
        if let Some(subjects) = body.get(Key::Subjects) {
            self.add_subjects(subjects);
        }
        self.role_of(body);
    }

    fn role_of(&mut self, body: Value<'_>) {
        if let Some(role) = body.get(Key::RoleRef) {
            self.role = role.get(Key::Name).map(|name| name.index);
            self.role_kind = role.get(Key::Kind).map(|kind| kind.index);
        }
    }

    fn add_subjects(&mut self, subjects: Value<'_>) {
        if let Some(why) = odd(subjects) {
            self.unknown = Some(why);
        }
        let before = self.subjects.len();
        self.subjects.extend(subjects.items().map(|subject| subject.index));
        self.binds |= self.subjects.len() > before;
    }

    /// Reads where webhooks go: a configuration, a CustomResourceDefinition, or a patch of one.
    pub(in crate::rules) fn webhooks(&mut self, body: Value<'_>, whole: Option<Value<'_>>) {
        self.clear();
        if !is_json_patch(body) {
            self.unknown = odd(body);
            return self.hooks(body);
        }
        let mut unseen = false;
        operations(
            body,
            &mut |path, value| {
                if !matches!(segments(path).next(), Some(b"webhooks" | b"spec" | b"")) {
                    return;
                }
                match (segments(path).last().unwrap_or_default(), value.kind()) {
                    (b"url", Kind::String) => self.url(value),
                    (b"clientConfig", Kind::Object) => self.client(value),
                    (b"webhooks", Kind::Array) => {
                        value.items().for_each(|hook| self.hook(hook));
                    }
                    (_, Kind::Object) => {
                        self.hook(value);
                        self.hooks(value);
                    }
                    _ => {}
                }
            },
            &mut |path| {
                unseen |= matches!(segments(path).next(), Some(b"webhooks" | b"spec" | b""));
            },
        );
        match whole.filter(|_| unseen) {
            Some(whole) => self.hooks(whole),
            None => self.unknown = unseen.then_some(Why::PartOfPatch),
        }
    }

    fn hooks(&mut self, object: Value<'_>) {
        if let Some(list) = object.member(b"webhooks") {
            list.items().for_each(|hook| self.hook(hook));
        }
        let conversion = object.get(Key::Spec).and_then(|spec| spec.member(b"conversion"));
        if let Some(hook) = conversion.and_then(|conversion| conversion.member(b"webhook")) {
            self.hook(hook);
        }
    }

    fn hook(&mut self, hook: Value<'_>) {
        if let Some(client) = hook.member(b"clientConfig").filter(|_| !is_deleted(hook)) {
            self.client(client);
        }
    }

    fn client(&mut self, client: Value<'_>) {
        if let Some(url) = client.member(b"url") {
            self.url(url);
        }
    }

    fn url(&mut self, url: Value<'_>) {
        if url.kind() == Kind::String {
            self.urls.push(url.index);
            self.outside |= url.read(leads_out);
        }
    }
}

/// Whether a URL leads out of the cluster and its network: to a public address or to a name with a
/// public ending.
fn leads_out(url: &[u8]) -> bool {
    let after = memchr::memmem::find(url, b"://").map_or(url, |at| &url[at + 3..]);
    let end = after.iter().position(|b| matches!(b, b'/' | b'?' | b'#')).unwrap_or(after.len());
    let authority = &after[..end];
    let authority = memchr::memrchr(b'@', authority).map_or(authority, |at| &authority[at + 1..]);
    let host = match authority.strip_prefix(b"[") {
        Some(rest) => &rest[..memchr::memchr(b']', rest).unwrap_or(rest.len())],
        None => &authority[..memchr::memchr(b':', authority).unwrap_or(authority.len())],
    };
    if let Some(address) = address(host) {
        return is_public(address);
    }
    let host = host.strip_suffix(b".").unwrap_or(host);
    let lower = host.to_ascii_lowercase();
    let inner: [&[u8]; 8] = [
        b".svc",
        b".local",
        b".internal",
        b".localhost",
        b".lan",
        b".home.arpa",
        b".corp",
        b".intranet",
    ];
    lower.contains(&b'.') && !inner.iter().any(|end| lower.ends_with(end))
}

/// Whether an address is one of the public internet.
pub(in crate::rules) fn is_public(address: IpAddr) -> bool {
    match address {
        IpAddr::V4(v4) => {
            let [a, b, c, _] = v4.octets();
            !(v4.is_private()
                || v4.is_loopback()
                || v4.is_link_local()
                || v4.is_multicast()
                || v4.is_broadcast()
                || a == 0
                || a >= 240
                || (a == 100 && (64..128).contains(&b))
                || (a == 192 && b == 0 && c == 0)
                || (a == 198 && matches!(b, 18 | 19)))
        }
        IpAddr::V6(v6) => {
            let first = v6.segments()[0];
            !(v6.is_loopback()
                || v6.is_unspecified()
                || v6.is_multicast()
                || first & 0xfe00 == 0xfc00
                || first & 0xffc0 == 0xfe80
                || first & 0xffc0 == 0xfec0)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_that_lead_out() {
        for (url, out) in [
            ("https://evil.example.com/x", true),
            ("https://203.0.113.9:8443/", true),
            ("https://[2001:db8::1]/", true),
            ("https://user@evil.example.com:443", true),
            ("https://hook.shop.svc/x", false),
            ("https://hook.shop.svc.cluster.local:443/x", false),
            ("https://127.0.0.1:9443/", false),
            ("https://10.1.2.3/", false),
            ("https://localhost:80/", false),
            ("https://hook/", false),
        ] {
            assert_eq!(leads_out(url.as_bytes()), out, "{url}");
        }
    }
}
