//! Who may what by which binding, from the annotation `authorization.k8s.io/reason`.
//!
//! The RBAC authorizer writes `RBAC: allowed by ClusterRoleBinding "B" of ClusterRole "R" to Group
//! "G"`; role bindings are named `"B/NAMESPACE"` and service accounts `"NAME/NAMESPACE"`
//! (kubernetes `plugin/pkg/auth/authorizer/rbac`, Go's `%q`). This reads the text as it stands in
//! JSON, so quotes are `\"`; names come out ready for JSON, Go escapes included.

/// The parts of an RBAC reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rbac<'a> {
    pub(crate) binding_kind: &'a [u8],
    pub(crate) binding: &'a [u8],
    /// Namespace of a RoleBinding; empty for a ClusterRoleBinding.
    pub(crate) binding_namespace: &'a [u8],
    pub(crate) role_kind: &'a [u8],
    pub(crate) role: &'a [u8],
    pub(crate) subject_kind: &'a [u8],
    pub(crate) subject: &'a [u8],
    /// Namespace of a ServiceAccount; empty for others.
    pub(crate) subject_namespace: &'a [u8],
}

impl<'a> Rbac<'a> {
    /// Reads a reason as written in JSON; `None` for what another authorizer wrote.
    pub(crate) fn read(raw: &'a [u8]) -> Option<Self> {
        let rest = raw.strip_prefix(b"RBAC: allowed by ")?;
        let (binding_kind, binding, rest) = named(rest)?;
        let (role_kind, role, rest) = named(rest.strip_prefix(b" of ")?)?;
        let (subject_kind, subject, _) = named(rest.strip_prefix(b" to ")?)?;
        let (binding, binding_namespace) =
            if binding_kind == b"RoleBinding" { split(binding) } else { (binding, &b""[..]) };
        let (subject, subject_namespace) =
            if subject_kind == b"ServiceAccount" { split(subject) } else { (subject, &b""[..]) };
        Some(Self {
            binding_kind,
            binding,
            binding_namespace,
            role_kind,
            role,
            subject_kind,
            subject,
            subject_namespace,
        })
    }
}

/// `KIND \"NAME\"` and what follows.
fn named(text: &[u8]) -> Option<(&[u8], &[u8], &[u8])> {
    const KINDS: [&[u8]; 7] = [
        b"ClusterRoleBinding ",
        b"ClusterRole ",
        b"Group ",
        b"RoleBinding ",
        b"Role ",
        b"ServiceAccount ",
        b"User ",
    ];
    let space = KINDS.iter().find(|kind| text.starts_with(kind))?.len() - 1;
    let kind = &text[..space];
    let name = text[space + 1..].strip_prefix(br#"\""#)?;
    let mut at = 0;
    loop {
        at += memchr::memchr(b'\\', name.get(at..)?)?;
        match name.get(at + 1)? {
            b'"' => return Some((kind, &name[..at], &name[at + 2..])),
            // a Go escape: the backslash, then what it escapes, itself maybe escaped for JSON
            b'\\' => {
                at += 2;
                at += if name.get(at) == Some(&b'\\') { 2 } else { 1 };
            }
            b'u' => at += 6,
            _ => at += 2,
        }
    }
}

/// `NAME/NAMESPACE`; names hold no slash.
fn split(name: &[u8]) -> (&[u8], &[u8]) {
    match name.iter().position(|b| *b == b'/') {
        Some(slash) if !name.contains(&b'\\') => (&name[..slash], &name[slash + 1..]),
        _ => (name, b""),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parts(raw: &str) -> Option<[String; 8]> {
        let r = Rbac::read(raw.as_bytes())?;
        Some(
            [
                r.binding_kind,
                r.binding,
                r.binding_namespace,
                r.role_kind,
                r.role,
                r.subject_kind,
                r.subject,
                r.subject_namespace,
            ]
            .map(|b| String::from_utf8(b.to_vec()).unwrap()),
        )
    }

    #[test]
    fn reads_all_kinds_of_binding() {
        assert_eq!(
            parts(r#"RBAC: allowed by ClusterRoleBinding \"b:x\" of ClusterRole \"r\" to Group \"system:masters\""#).unwrap(),
            ["ClusterRoleBinding", "b:x", "", "ClusterRole", "r", "Group", "system:masters", ""]
        );
        assert_eq!(
            parts(r#"RBAC: allowed by RoleBinding \"b/ns\" of Role \"r\" to ServiceAccount \"sa/sans\""#).unwrap(),
            ["RoleBinding", "b", "ns", "Role", "r", "ServiceAccount", "sa", "sans"]
        );
    }

    #[test]
    fn quotes_in_names_do_not_move_the_parts() {
        // a binding named `b" of ClusterRole "view" to User "x`, as Go and then JSON write it
        let raw = r#"RBAC: allowed by ClusterRoleBinding \"b\\\" of ClusterRole \\\"view\\\" to User \\\"x\" of ClusterRole \"admin\" to Group \"g\""#;
        let parts = parts(raw).unwrap();
        assert_eq!(parts[4], "admin");
        assert_eq!(parts[6], "g");
        let said: String = serde_json::from_str(&format!("\"{}\"", parts[1])).unwrap();
        assert_eq!(said, r#"b\" of ClusterRole \"view\" to User \"x"#);
    }

    #[test]
    fn other_reasons_are_not_read() {
        for raw in [
            "",
            "RBAC: allowed by ",
            "access granted by IAM permissions.",
            r#"RBAC: allowed by ClusterRoleBinding \"b"#,
            r#"RBAC: allowed by ClusterRoleBinding \"b\\"#,
            r#"RBAC: allowed by ClusterRoleBinding \"b\" of ClusterRole"#,
            r"RBAC: allowed by X \",
            r#"RBAC: allowed by Cluster-X \"b\" of R \"r\" to G \"g\""#,
        ] {
            assert_eq!(parts(raw), None, "{raw}");
        }
    }
}
