//! Who may what by which binding, from the annotation `authorization.k8s.io/reason`.
//!
//! The RBAC authorizer writes `RBAC: allowed by ClusterRoleBinding "B" of ClusterRole "R" to Group
//! "G"`; role bindings are named `"B/NAMESPACE"` and service accounts `"NAME/NAMESPACE"`
//! (kubernetes `plugin/pkg/auth/authorizer/rbac`, Go's `%q`). EKS writes the same about its access
//! entries, after `EKS Access Policy`, with ARNs for names. AKS writes `Access allowed by Azure RBAC
//! Role Assignment A of Role R to user U` (Azure/guard `authz/providers/azure/rbac`). This reads the
//! text as it stands in JSON, so quotes are `\"`; names come out ready for JSON, Go escapes included.

use super::text::quoted;

/// The parts of a reason.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Rbac<'a> {
    /// Whose reason it is: `RBAC`, `EKS Access Policy`, `Azure RBAC`.
    pub(crate) authorizer: &'static [u8],
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
        if let Some(rest) = raw.strip_prefix(b"Access allowed by Azure RBAC Role Assignment ") {
            return Self::azure(rest);
        }
        let (authorizer, rest) =
            [&b"RBAC"[..], b"EKS Access Policy"].into_iter().find_map(|name| {
                Some((name, raw.strip_prefix(name)?.strip_prefix(b": allowed by ")?))
            })?;
        let (binding_kind, binding, rest) = named(rest)?;
        let (role_kind, role, rest) = named(rest.strip_prefix(b" of ")?)?;
        let (subject_kind, subject, _) = named(rest.strip_prefix(b" to ")?)?;
        let (binding, binding_namespace) =
            if binding_kind == b"RoleBinding" { split(binding) } else { (binding, &b""[..]) };
        let (subject, subject_namespace) =
            if subject_kind == b"ServiceAccount" { split(subject) } else { (subject, &b""[..]) };
        Some(Self {
            authorizer,
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

    /// `ASSIGNMENT of Role ROLE to user USER`, nothing quoted.
    fn azure(rest: &'a [u8]) -> Option<Self> {
        let cut = |text: &'a [u8], word: &[u8]| {
            let at = memchr::memmem::find(text, word)?;
            Some((&text[..at], &text[at + word.len()..]))
        };
        let (binding, rest) = cut(rest, b" of Role ")?;
        let (role, subject) = cut(rest, b" to user ")?;
        let plain = |text: &[u8]| !text.is_empty() && !text.contains(&b'\\');
        [binding, role, subject].into_iter().all(plain).then_some(Self {
            authorizer: b"Azure RBAC",
            binding_kind: b"RoleAssignment",
            binding,
            binding_namespace: b"",
            role_kind: b"RoleDefinition",
            role,
            subject_kind: b"User",
            subject,
            subject_namespace: b"",
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
    let is = |kind: &&&[u8]| text.first() == kind.first() && text.starts_with(kind);
    let space = KINDS.iter().find(is)?.len() - 1;
    let kind = &text[..space];
    let (name, rest) = quoted(&text[space + 1..])?;
    Some((kind, name, rest))
}

/// `NAME/NAMESPACE`; namespaces hold no slash, the ARNs of EKS do.
fn split(name: &[u8]) -> (&[u8], &[u8]) {
    match memchr::memrchr(b'/', name) {
        Some(slash) if memchr::memchr(b'\\', name).is_none() => {
            (&name[..slash], &name[slash + 1..])
        }
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
    fn reads_the_reasons_of_clouds() {
        let policy = "arn:aws:eks::aws:cluster-access-policy/AmazonEKSViewPolicy";
        let raw = format!(
            r#"EKS Access Policy: allowed by RoleBinding \"arn:aws:iam::111122223333:role/dev+{policy}/shop\" of ClusterRole \"{policy}\" to User \"AROAEXAMPLE\""#
        );
        let parts_of = parts(&raw).unwrap();
        assert_eq!(parts_of[1], format!("arn:aws:iam::111122223333:role/dev+{policy}"));
        assert_eq!((&*parts_of[2], &*parts_of[4]), ("shop", policy));
        assert_eq!(Rbac::read(raw.as_bytes()).unwrap().authorizer, b"EKS Access Policy");
        let raw = "Access allowed by Azure RBAC Role Assignment 59ae41cf of Role AKS RBAC Cluster Admin to user 00dcc720";
        assert_eq!(
            parts(raw).unwrap(),
            [
                "RoleAssignment",
                "59ae41cf",
                "",
                "RoleDefinition",
                "AKS RBAC Cluster Admin",
                "User",
                "00dcc720",
                ""
            ]
        );
        assert_eq!(parts("Access allowed by Azure RBAC"), None);
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
