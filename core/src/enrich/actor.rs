//! What kind of actor a user name stands for.
//!
//! Names and groups come from authentication, not from the client, so prefixes can be trusted as
//! far as the cluster's authenticators can. EKS adds the IAM identity in `user.extra`.

use super::text::Text;
use crate::event::UserName;

/// Kind of actor, written to `kubernetes.audit.user.type`.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum ActorKind {
    ServiceAccount,
    Node,
    Anonymous,
    ControlPlane,
    Component,
    Bootstrap,
    /// The cloud's own agents: EKS, AKS or GKE.
    Provider,
    CloudService,
    RoleSession,
    IamUser,
    Admin,
    Human,
    System,
    User,
    #[default]
    Unknown,
}

impl ActorKind {
    pub(crate) const fn text(self) -> &'static [u8] {
        match self {
            Self::ServiceAccount => b"serviceaccount",
            Self::Node => b"node",
            Self::Anonymous => b"anonymous",
            Self::ControlPlane => b"control_plane",
            Self::Component => b"component",
            Self::Bootstrap => b"bootstrap",
            Self::Provider => b"provider",
            Self::CloudService => b"cloud_service",
            Self::RoleSession => b"role_session",
            Self::IamUser => b"iam_user",
            Self::Admin => b"admin",
            Self::Human => b"human",
            Self::System => b"system",
            Self::User => b"user",
            Self::Unknown => b"unknown",
        }
    }

    /// Whether part of the platform rather than somebody's workload or person.
    pub(crate) const fn is_system(self) -> bool {
        matches!(
            self,
            Self::Node
                | Self::ControlPlane
                | Self::Component
                | Self::Bootstrap
                | Self::Provider
                | Self::System
        )
    }
}

/// What else decides the kind of actor.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Groups {
    /// `system:masters` or `kubeadm:cluster-admins`.
    pub(crate) admin: bool,
    /// `system:unauthenticated`.
    pub(crate) unauthenticated: bool,
    /// `user.extra.oid`: Azure's guard authenticated the caller.
    pub(crate) entra: bool,
}

/// The user taken apart.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Actor<'a> {
    pub(crate) kind: ActorKind,
    pub(crate) is_human: bool,
    /// Service account: namespace and name.
    pub(crate) service_account: Option<(Text<'a>, Text<'a>)>,
    /// Node name of a kubelet.
    pub(crate) node: Option<Text<'a>>,
    /// E-mail address and its domain.
    pub(crate) email: Option<(Text<'a>, Text<'a>)>,
    /// `eks`, `aks`, `gke`; empty when the name does not say.
    pub(crate) platform: &'static [u8],
}

impl<'a> Actor<'a> {
    /// Tells the actor from name, groups and IAM identity.
    pub(crate) fn read(
        name: Option<Text<'a>>,
        groups: Groups,
        identity: Option<Arn<'a>>,
        code: u16,
    ) -> Self {
        let text = name.unwrap_or(Text::fixed(b""));
        let mut actor = Self {
            kind: ActorKind::Unknown,
            is_human: false,
            service_account: None,
            node: None,
            email: None,
            platform: b"",
        };
        actor.kind = actor.kind_of(text, groups, identity, code);
        if actor.kind != ActorKind::ServiceAccount {
            actor.email = email(text);
        }
        actor.is_human = match actor.kind {
            ActorKind::Human | ActorKind::IamUser => true,
            // people and pipelines assume roles alike; a person's session is often an address
            ActorKind::RoleSession => identity.is_some_and(|arn| arn.session.bytes.contains(&b'@')),
            ActorKind::Admin => !text.bytes.starts_with(b"system:"),
            _ => false,
        };
        actor
    }

    fn kind_of(
        &mut self,
        text: Text<'a>,
        groups: Groups,
        identity: Option<Arn<'a>>,
        code: u16,
    ) -> ActorKind {
        use ActorKind as K;
        let name = text.bytes;
        match UserName::read(name) {
            UserName::Account { namespace, name } => {
                self.service_account = Some((text.part(namespace), text.part(name)));
                return K::ServiceAccount;
            }
            UserName::Node(node) => {
                self.node = Some(text.part(node));
                return K::Node;
            }
            UserName::System(_) | UserName::Other => {}
        }
        if let Some(rest) = name.strip_prefix(b"system:") {
            if rest == b"anonymous" || groups.unauthenticated {
                return K::Anonymous;
            }
            match rest {
                b"apiserver" => return K::ControlPlane,
                b"cloud-controller-manager" | b"aggregator" | b"volume-scheduler" => {
                    return K::Component;
                }
                _ if [&b"kube-"[..], b"k3s-", b"rke2-", b"konnectivity-"]
                    .iter()
                    .any(|start| rest.starts_with(start)) =>
                {
                    return K::Component;
                }
                _ if rest.starts_with(b"bootstrap:") => return K::Bootstrap,
                _ if rest.starts_with(b"eks-") => return self.provider(b"eks"),
                _ if rest.starts_with(b"gke-") || rest.starts_with(b"gcp-") => {
                    return self.provider(b"gke");
                }
                _ => {}
            }
        } else {
            if groups.unauthenticated || (name.is_empty() && code == 401) {
                return K::Anonymous;
            }
            if name.is_empty() {
                return K::Unknown;
            }
            if name.starts_with(b"gardener.cloud:system:") {
                return K::System;
            }
            if name.starts_with(b"eks:") {
                return self.provider(b"eks");
            }
            if matches!(name, b"aksService" | b"hcpService" | b"nodeclient" | b"readinessChecker") {
                return self.provider(b"aks");
            }
            if name.ends_with(b"gserviceaccount.com") {
                if name.ends_with(b"@container-engine-robot.iam.gserviceaccount.com") {
                    return self.provider(b"gke");
                }
                if name.ends_with(b".iam.gserviceaccount.com")
                    || name.ends_with(b"@developer.gserviceaccount.com")
                {
                    return K::CloudService;
                }
            }
        }
        if let Some(arn) = identity.or_else(|| Arn::read(text)) {
            self.platform = b"eks";
            match arn.resource.bytes {
                b"root" => return K::Admin,
                what if what.starts_with(b"assumed-role/") => return K::RoleSession,
                what if what.starts_with(b"user/") => return K::IamUser,
                _ => {}
            }
        }
        if groups.admin
            || matches!(
                name,
                b"kubernetes-admin" | b"kubernetes-super-admin" | b"minikube-user" | b"kube:admin"
            )
        {
            return K::Admin;
        }
        if name.starts_with(b"system:") {
            return K::System;
        }
        // Guard names people by their address; an object id is all that a service principal or a
        // managed identity has (Azure/guard `auth/providers/azure`).
        if groups.entra {
            self.platform = b"aks";
            if is_guid(name) {
                return K::CloudService;
            }
        }
        if memchr::memchr3(b'@', b'#', b':', name).is_some() {
            return K::Human;
        }
        K::User
    }

    fn provider(&mut self, platform: &'static [u8]) -> ActorKind {
        self.platform = platform;
        ActorKind::Provider
    }
}

/// The address in `ISSUER#NAME@DOMAIN` or `PREFIX:NAME@DOMAIN`, and its domain.
fn email(text: Text<'_>) -> Option<(Text<'_>, Text<'_>)> {
    let at = memchr::memchr(b'@', text.bytes)?;
    let start =
        text.bytes[..at].iter().rposition(|b| matches!(b, b'#' | b':' | b'/')).map_or(0, |s| s + 1);
    let domain = &text.bytes[at + 1..];
    let dotted = domain.contains(&b'.')
        && domain.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'.' | b'-'));
    (at > start && dotted && domain.len() <= 253)
        .then(|| (text.part(&text.bytes[start..]), text.part(domain)))
}

fn is_guid(name: &[u8]) -> bool {
    name.len() == 36
        && name.iter().enumerate().all(|(at, b)| match at {
            8 | 13 | 18 | 23 => *b == b'-',
            _ => b.is_ascii_hexdigit(),
        })
}

/// An AWS identity: `arn:PARTITION:SERVICE:REGION:ACCOUNT:RESOURCE`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Arn<'a> {
    /// Twelve digits, or empty.
    pub(crate) account: Text<'a>,
    /// For example `assumed-role/ROLE/SESSION`.
    pub(crate) resource: Text<'a>,
    /// Session of an assumed role, else empty.
    pub(crate) session: Text<'a>,
}

impl<'a> Arn<'a> {
    pub(crate) fn read(text: Text<'a>) -> Option<Self> {
        if !text.bytes.starts_with(b"arn:aws") {
            return None;
        }
        let mut fields = text.bytes.splitn(6, |b| *b == b':').skip(4);
        let account = fields.next()?;
        let resource = fields.next()?;
        let account = if account.len() == 12 && account.iter().all(u8::is_ascii_digit) {
            account
        } else {
            b""
        };
        let session = resource
            .strip_prefix(b"assumed-role/")
            .and_then(|rest| rest.iter().position(|b| *b == b'/').map(|at| &rest[at + 1..]))
            .unwrap_or_default();
        Some(Self {
            account: text.part(account),
            resource: text.part(resource),
            session: text.part(session),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn text(of: &str) -> Text<'_> {
        Text::fixed(of.as_bytes())
    }

    #[test]
    fn kinds_by_name() {
        use ActorKind as K;
        for (name, kind, human) in [
            ("system:serviceaccount:kube-system:default", K::ServiceAccount, false),
            ("system:serviceaccount:only-three", K::System, false),
            ("system:serviceaccount:a:b:c", K::System, false),
            ("system:node:ip-10-0-0-1.ec2.internal", K::Node, false),
            ("system:anonymous", K::Anonymous, false),
            ("system:apiserver", K::ControlPlane, false),
            ("system:kube-scheduler", K::Component, false),
            ("system:kube-controller-manager", K::Component, false),
            ("system:cloud-controller-manager", K::Component, false),
            ("system:bootstrap:abcdef", K::Bootstrap, false),
            ("system:admin", K::System, false),
            ("eks:node-manager", K::Provider, false),
            ("system:eks-x", K::Provider, false),
            ("aksService", K::Provider, false),
            ("system:gke-master-healthcheck", K::Provider, false),
            ("service-1@container-engine-robot.iam.gserviceaccount.com", K::Provider, false),
            ("ci@project.iam.gserviceaccount.com", K::CloudService, false),
            ("1234-compute@developer.gserviceaccount.com", K::CloudService, false),
            ("arn:aws:iam::123456789012:user/bob", K::IamUser, true),
            ("arn:aws:sts::123456789012:assumed-role/R/bob@example.com", K::RoleSession, false),
            ("kubernetes-admin", K::Admin, true),
            ("minikube-user", K::Admin, true),
            ("8c9c9c9c-1234-4abc-9def-0123456789ab", K::User, false),
            ("gardener.cloud:system:gardener-resource-manager", K::System, false),
            ("system:k3s-controller", K::Component, false),
            ("system:konnectivity-server", K::Component, false),
            ("kube:admin", K::Admin, true),
            ("u-abc12", K::User, false),
            ("alice@example.com", K::Human, true),
            ("https://issuer.example.com#alice", K::Human, true),
            ("oidc:alice", K::Human, true),
            ("alice", K::User, false),
            ("", K::Unknown, false),
        ] {
            let actor = Actor::read(Some(text(name)), Groups::default(), None, 200);
            assert_eq!((actor.kind, actor.is_human), (kind, human), "{name}");
        }
    }

    #[test]
    fn groups_code_and_identity_count() {
        let admin = Groups { admin: true, ..Groups::default() };
        assert_eq!(Actor::read(Some(text("alice")), admin, None, 0).kind, ActorKind::Admin);
        let system = Actor::read(Some(text("system:admin")), admin, None, 0);
        assert_eq!((system.kind, system.is_human), (ActorKind::Admin, false));
        let nobody = Groups { unauthenticated: true, ..Groups::default() };
        assert_eq!(Actor::read(Some(text("alice")), nobody, None, 0).kind, ActorKind::Anonymous);
        assert_eq!(Actor::read(None, Groups::default(), None, 401).kind, ActorKind::Anonymous);
        let arn = Arn::read(text("arn:aws:sts::123412341234:assumed-role/Dev/alice@example.com"))
            .unwrap();
        let actor = Actor::read(Some(text("kubernetes-admin")), admin, Some(arn), 0);
        assert_eq!((actor.kind, actor.is_human), (ActorKind::RoleSession, true));
        assert_eq!(arn.account.bytes, b"123412341234");
        assert_eq!(arn.session.bytes, b"alice@example.com");
        let entra = Groups { entra: true, ..Groups::default() };
        let principal = text("8c9c9c9c-1234-4abc-9def-0123456789ab");
        let principal = Actor::read(Some(principal), entra, None, 0);
        assert_eq!((principal.kind, principal.platform), (ActorKind::CloudService, &b"aks"[..]));
        let person = Actor::read(Some(text("ana@corp.example")), entra, None, 0);
        assert_eq!((person.kind, person.is_human), (ActorKind::Human, true));
        let root = Arn::read(text("arn:aws:iam::123412341234:root"));
        assert_eq!(Actor::read(Some(text("x")), admin, root, 0).kind, ActorKind::Admin);
    }

    #[test]
    fn addresses_without_their_issuer() {
        let found = |name| {
            email(text(name)).map(|(all, domain)| {
                (
                    String::from_utf8(all.bytes.to_vec()).unwrap(),
                    String::from_utf8(domain.bytes.to_vec()).unwrap(),
                )
            })
        };
        let pair = |a: &str, b: &str| Some((a.to_owned(), b.to_owned()));
        assert_eq!(found("alice@example.com"), pair("alice@example.com", "example.com"));
        assert_eq!(found("https://i.example/#a@b.c"), pair("a@b.c", "b.c"));
        assert_eq!(found("oidc:a@b.c"), pair("a@b.c", "b.c"));
        for name in ["@b.c", "a@", "a@b", "a@b.c d", "alice", "a@b@c.d"] {
            assert_eq!(found(name), None, "{name}");
        }
    }
}
