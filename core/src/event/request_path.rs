//! `requestURI`: where its query begins, and what its path says of a resource.
//!
//! A path is read in two ways, which differ on purpose: [`ResourcePath::strict`] for decisions,
//! [`ResourcePath::any`] for redaction.

use crate::text::{percent_decode, unescape};

/// Path and query of a URI; the query without its question mark, `None` when there is none.
pub(crate) fn split(uri: &[u8]) -> (&[u8], Option<&[u8]>) {
    match memchr::memchr(b'?', uri) {
        Some(at) => (&uri[..at], Some(&uri[at + 1..])),
        None => (uri, None),
    }
}

/// Memory for paths that have to be decoded.
#[derive(Default)]
pub(crate) struct PathBuffer {
    unescaped: Vec<u8>,
    decoded: Vec<u8>,
}

impl PathBuffer {
    /// The path of `requestURI` as kube-apiserver reads it: JSON escapes undone, query cut off,
    /// then percent-encoding undone once.
    pub(crate) fn strict<'s>(&'s mut self, uri: &'s [u8]) -> &'s [u8] {
        let mut path = split(uri).0;
        if memchr::memchr(b'\\', path).is_some() {
            self.unescaped.clear();
            unescape(path, &mut self.unescaped);
            path = split(&self.unescaped).0;
        }
        if memchr::memchr(b'%', path).is_some() {
            self.decoded.clear();
            percent_decode(path, &mut self.decoded);
            path = &self.decoded;
        }
        path
    }
}

/// What a path says of a resource. Empty texts are known to be empty.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct ResourcePath<'a> {
    pub(crate) group: &'a [u8],
    pub(crate) namespace: &'a [u8],
    pub(crate) resource: &'a [u8],
    pub(crate) name: &'a [u8],
    pub(crate) subresource: &'a [u8],
}

impl<'a> ResourcePath<'a> {
    /// Strict: as kube-apiserver routes a request (`NewRequestInfo` of
    /// `pkg/endpoints/request/requestinfo.go`, with its own prefixes); `None` for what is no
    /// resource. `path` comes from [`PathBuffer::strict`].
    ///
    /// For whatever lets an event go or believes it: what the server did not read so must not
    /// count, or a client could hide behind a path of its own making.
    pub(crate) fn strict(path: &'a [u8]) -> Option<Self> {
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

    /// Generous: as anything on the way may have read it. Prefixes of proxies (Rancher's
    /// `/k8s/clusters/ID`), empty segments and words that only look like a resource all count;
    /// nothing is held against what a server would do. `uri` is a whole URI, decoded or not.
    ///
    /// For redaction: any hit there makes it look closer, so one too many costs nothing and one
    /// missed costs a secret.
    pub(crate) fn any(uri: &'a [u8]) -> Option<Self> {
        let end = memchr::memchr2(b'?', b'#', uri).unwrap_or(uri.len());
        let mut segments = uri[..end].split(|b| *b == b'/').filter(|segment| !segment.is_empty());
        let mut next = || segments.next().unwrap_or_default();
        let mut read = Self::default();
        loop {
            match next() {
                b"api" => break,
                b"apis" => {
                    read.group = next();
                    break;
                }
                b"" => return None,
                _ => {}
            }
        }
        let _version = next();
        read.resource = next();
        if read.resource == b"watch" {
            read.resource = next();
        }
        (read.name, read.subresource) = (next(), next());
        if read.resource == b"namespaces" && !read.subresource.is_empty() {
            read.namespace = read.name;
            read.resource = read.subresource;
            (read.name, read.subresource) = (next(), next());
        }
        Some(read)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_are_read_by_their_parts() {
        let read = |path: &'static str| {
            ResourcePath::strict(path.as_bytes()).map(|url| {
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
            let mut buffer = PathBuffer::default();
            assert_eq!(buffer.strict(uri.as_bytes()), expected.as_bytes(), "{uri}");
        }
    }
}
