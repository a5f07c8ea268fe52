//! What the name of a user says by Kubernetes' own rules.
//!
//! The prefix `system:` is reserved; under it service accounts and nodes have names of a fixed
//! form. A name proves nothing alone: who builds on it asks for the groups that go with it
//! ([`crate::decide`]) or says that it is only a name.

/// A user name taken apart.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum UserName<'a> {
    /// `system:serviceaccount:NAMESPACE:NAME`. Neither part is empty or holds a colon.
    Account { namespace: &'a [u8], name: &'a [u8] },
    /// `system:node:NAME`, of a kubelet.
    Node(&'a [u8]),
    /// Any other name under `system:`, without that.
    System(&'a [u8]),
    /// A name that Kubernetes has no rules for.
    Other,
}

impl<'a> UserName<'a> {
    /// Takes a name apart.
    pub(crate) fn read(name: &'a [u8]) -> Self {
        let Some(rest) = name.strip_prefix(b"system:") else { return Self::Other };
        if let Some(account) = rest.strip_prefix(b"serviceaccount:")
            && let Some(colon) = memchr::memchr(b':', account)
        {
            let (namespace, name) = (&account[..colon], &account[colon + 1..]);
            if !namespace.is_empty() && !name.is_empty() && !name.contains(&b':') {
                return Self::Account { namespace, name };
            }
        }
        match rest.strip_prefix(b"node:") {
            Some(node) if !node.is_empty() => Self::Node(node),
            _ => Self::System(rest),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_a_fixed_form_are_taken_apart() {
        use UserName::{Account, Node, Other, System};
        for (name, expected) in [
            ("system:serviceaccount:a:b", Account { namespace: b"a", name: b"b" }),
            ("system:serviceaccount:a", System(b"serviceaccount:a")),
            ("system:serviceaccount::b", System(b"serviceaccount::b")),
            ("system:serviceaccount:a:", System(b"serviceaccount:a:")),
            ("system:serviceaccount:a:b:c", System(b"serviceaccount:a:b:c")),
            ("system:node:n.example", Node(b"n.example")),
            ("system:node:", System(b"node:")),
            ("system:", System(b"")),
            ("System:node:n", Other),
            ("jane", Other),
            ("", Other),
        ] {
            assert_eq!(UserName::read(name.as_bytes()), expected, "{name}");
        }
    }
}
