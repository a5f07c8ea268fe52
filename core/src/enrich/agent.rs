//! The client behind a `userAgent`.
//!
//! client-go writes `NAME/VERSION (OS/ARCH) kubernetes/COMMIT[/COMPONENT]`
//! (k8s.io/client-go `rest.DefaultKubernetesUserAgent`, `rest.AddUserAgent`). Others write less;
//! what cannot be told apart is left out. The whole is set by the client and proves nothing.

use super::text::Text;

/// What a `userAgent` says. Empty texts stand for what it does not say.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Agent<'a> {
    pub(crate) name: Text<'a>,
    pub(crate) version: Text<'a>,
    pub(crate) os: Text<'a>,
    pub(crate) arch: Text<'a>,
    /// `leader-election`, `system:serviceaccount:NS:NAME` and the like.
    pub(crate) component: Text<'a>,
}

impl<'a> Agent<'a> {
    /// Takes a user agent apart.
    pub(crate) fn read(text: Text<'a>) -> Self {
        let none = text.part(b"");
        let mut agent = Self { name: none, version: none, os: none, arch: none, component: none };
        let bytes = text.bytes;
        let product_end = memchr::memchr(b' ', bytes).unwrap_or(bytes.len());
        let (product, rest) = bytes.split_at(product_end);
        let mut parts = product.splitn(3, |b| *b == b'/');
        agent.name = text.part(without_exe(parts.next().unwrap_or_default()));
        agent.version = text.part(parts.next().unwrap_or_default());
        agent.component = text.part(parts.next().unwrap_or_default());
        let rest = rest.strip_prefix(b" ").unwrap_or(rest);
        let Some(platform) = rest.strip_prefix(b"(") else { return agent };
        let Some(close) = memchr::memchr(b')', platform) else { return agent };
        let (platform, after) = (&platform[..close], &platform[close + 1..]);
        if let Some(slash) = memchr::memchr(b'/', platform)
            && platform.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'/' | b'_'))
        {
            agent.os = text.part(&platform[..slash]);
            agent.arch = text.part(&platform[slash + 1..]);
        }
        // `kubernetes/COMMIT/COMPONENT`; a component may hold slashes and spaces itself
        if let Some(commit) = after.strip_prefix(b" kubernetes/")
            && let Some(slash) = memchr::memchr(b'/', commit)
        {
            agent.component = text.part(&commit[slash + 1..]);
        }
        agent
    }
}

/// The same client has the same name on Windows.
fn without_exe(name: &[u8]) -> &[u8] {
    match name {
        [name @ .., end_1, end_2, end_3, end_4]
            if !name.is_empty()
                && [*end_1, *end_2, *end_3, *end_4].eq_ignore_ascii_case(b".exe") =>
        {
            name
        }
        name => name,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn table() {
        for (agent, expected) in [
            (
                "kubectl/v1.30.1 (linux/amd64) kubernetes/abc",
                ["kubectl", "v1.30.1", "linux", "amd64", ""],
            ),
            (
                "kube-controller-manager/v1.25.8+27e744f (linux/amd64) kubernetes/df8a1b9/leader-election",
                ["kube-controller-manager", "v1.25.8+27e744f", "linux", "amd64", "leader-election"],
            ),
            (
                "x/v1 (darwin/arm64) kubernetes/$Format/system:serviceaccount:kube-system:job-controller",
                ["x", "v1", "darwin", "arm64", "system:serviceaccount:kube-system:job-controller"],
            ),
            (
                "kubectl.exe/v1.30.1 (windows/amd64) kubernetes/abc",
                ["kubectl", "v1.30.1", "windows", "amd64", ""],
            ),
            ("kube-probe/1.25", ["kube-probe", "1.25", "", "", ""]),
            ("OpenAPI-Generator/12.0.1/python", ["OpenAPI-Generator", "12.0.1", "", "", "python"]),
            ("curl", ["curl", "", "", "", ""]),
            ("", ["", "", "", "", ""]),
            ("Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36", ["Mozilla", "5.0", "", "", ""]),
            ("kubectl/v1 (linux/amd64", ["kubectl", "v1", "", "", ""]),
        ] {
            let read = Agent::read(Text::fixed(agent.as_bytes()));
            let parts = [read.name, read.version, read.os, read.arch, read.component];
            assert_eq!(parts.map(|t| std::str::from_utf8(t.bytes).unwrap()), expected, "{agent}");
        }
    }
}
