//! Names of fields: raw, as ECS has them, as pySigma's pipeline calls them, and derived ones.

use super::bodies::{Flag, Grant};
use crate::event::Slot;

/// What a test looks at.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Field {
    /// A path from the event's root.
    Path(Path),
    Derived(Derived),
    /// Every text of the event.
    Everything,
}

/// A path: the raw spelling, and where its segments begin and end.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Path {
    pub(super) text: Box<[u8]>,
    /// Quoted segments are whole keys; the others may be joined by dots to a longer key.
    pub(super) segments: Vec<Segment>,
    pub(super) root: Root,
    /// Where it begins, if events know that place, and how many segments lead there.
    pub(super) slot: Option<(Slot, usize)>,
}

/// One step of a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Segment {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) quoted: bool,
}

/// What the absence of a path means.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Root {
    RequestObject,
    ResponseObject,
    /// `authorization.k8s.io/decision`.
    Decision,
    Code,
    SourceIps,
    CredentialId,
    Username,
    /// What the API server leaves out when it is empty.
    Other,
}

/// What is told from more than one place.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Derived {
    Verb,
    Resource,
    Subresource,
    Group,
    Namespace,
    Name,
    /// Namespace and name.
    Target,
    FailedOpen,
    OwnNamespace,
    Outcome,
    RefusedBy,
    Peer,
    PeerPublic,
    UriPath,
    ProxyPath,
    UserKind,
    CredentialKind,
    ExecArgv,
    ExecCommand,
    Pod(Flag),
    PodCapabilities,
    PodImages,
    PodHostPaths,
    PodAccounts,
    VolumePaths,
    VolumeLocalPaths,
    BindingRole,
    BindingRoleKind,
    BindingSubjects,
    Granted,
    WebhookUrls,
    WebhookOutside,
    Credentials,
    Detectors,
}

/// Derived names, with what the documentation says of each.
pub(super) const DERIVED: &[(&str, Derived, &str)] = &[
    ("auditweir.target", Derived::Target, "NAMESPACE/NAME of the object"),
    (
        "auditweir.admission.failedOpen",
        Derived::FailedOpen,
        "a webhook could not be asked, and everything was let through",
    ),
    ("auditweir.outcome", Derived::Outcome, "attempted, refused, failed, done, dry-run or unknown"),
    ("auditweir.refusedBy", Derived::RefusedBy, "which part of the API server refused or failed"),
    (
        "auditweir.user.ownNamespace",
        Derived::OwnNamespace,
        "the user is a service account of the object's namespace",
    ),
    ("auditweir.peer", Derived::Peer, "last of sourceIPs, the only one that a client cannot set"),
    ("auditweir.peer.public", Derived::PeerPublic, "whether that is an address of the internet"),
    ("auditweir.uri.path", Derived::UriPath, "path of requestURI, decoded once"),
    (
        "auditweir.proxy.path",
        Derived::ProxyPath,
        "what a proxy request asks of the node, pod or service, made plain: no //, /. or /..",
    ),
    (
        "auditweir.user.kind",
        Derived::UserKind,
        "serviceaccount, node (of system:nodes), control-plane, controller, provider, anonymous or user",
    ),
    (
        "auditweir.credential.kind",
        Derived::CredentialKind,
        "token or certificate, by the credential id",
    ),
    ("auditweir.exec.argv", Derived::ExecArgv, "arguments of an exec or attach, decoded"),
    ("auditweir.exec.command", Derived::ExecCommand, "the same, joined by blanks"),
    (
        "auditweir.pod.privileged",
        Derived::Pod(Flag::Privileged),
        "any container, also of templates and patches",
    ),
    (
        "auditweir.pod.allowPrivilegeEscalation",
        Derived::Pod(Flag::PrivilegeEscalation),
        "any container",
    ),
    ("auditweir.pod.hostPID", Derived::Pod(Flag::HostPid), "of the pod spec, also in templates"),
    ("auditweir.pod.hostIPC", Derived::Pod(Flag::HostIpc), "of the pod spec, also in templates"),
    (
        "auditweir.pod.hostNetwork",
        Derived::Pod(Flag::HostNetwork),
        "of the pod spec, also in templates",
    ),
    (
        "auditweir.pod.hostPort",
        Derived::Pod(Flag::HostPort),
        "any container has a port of the host",
    ),
    ("auditweir.pod.hostProcess", Derived::Pod(Flag::HostProcess), "of Windows"),
    ("auditweir.pod.runsAsRoot", Derived::Pod(Flag::RunsAsRoot), "runAsUser is 0"),
    ("auditweir.pod.procUnmasked", Derived::Pod(Flag::ProcUnmasked), "procMount is Unmasked"),
    (
        "auditweir.pod.seccompUnconfined",
        Derived::Pod(Flag::SeccompUnconfined),
        "seccompProfile of type Unconfined",
    ),
    (
        "auditweir.pod.appArmorUnconfined",
        Derived::Pod(Flag::AppArmorUnconfined),
        "appArmorProfile or its annotation",
    ),
    (
        "auditweir.pod.nodeChosen",
        Derived::Pod(Flag::NodeChosen),
        "nodeName is set, so no scheduler is asked",
    ),
    ("auditweir.pod.capabilities", Derived::PodCapabilities, "capabilities added, without CAP_"),
    ("auditweir.pod.images", Derived::PodImages, "images of all containers"),
    ("auditweir.workload.images", Derived::PodImages, "the same"),
    (
        "auditweir.pod.hostPaths",
        Derived::PodHostPaths,
        "hostPath volumes, made plain: no //, /. or /..",
    ),
    ("auditweir.pod.serviceAccounts", Derived::PodAccounts, "serviceAccountName"),
    (
        "auditweir.volume.hostPaths",
        Derived::VolumePaths,
        "hostPath of a PersistentVolume, made plain",
    ),
    (
        "auditweir.volume.localPaths",
        Derived::VolumeLocalPaths,
        "local.path of a PersistentVolume, made plain",
    ),
    ("auditweir.binding.role", Derived::BindingRole, "roleRef.name"),
    ("auditweir.binding.roleKind", Derived::BindingRoleKind, "roleRef.kind"),
    (
        "auditweir.binding.subjects",
        Derived::BindingSubjects,
        "KIND:NAME, for service accounts KIND:NAMESPACE:NAME",
    ),
    ("auditweir.rbac.grants", Derived::Granted, "what one rule of the role grants as a whole"),
    ("auditweir.webhook.urls", Derived::WebhookUrls, "clientConfig.url"),
    ("auditweir.webhook.outside", Derived::WebhookOutside, "one of them leads out of the cluster"),
    (
        "auditweir.configMap.credentials",
        Derived::Credentials,
        "detectors that found something in data, and hinted-value for names of secrets",
    ),
    ("auditweir.detectors", Derived::Detectors, "rules that took a value out of this event"),
];

/// Short names of pySigma's pipeline `ecs_kubernetes`, and what they stand for.
const ALIASES: &[(&str, &str)] = &[
    ("apiGroup", "objectRef.apiGroup"),
    ("resource", "objectRef.resource"),
    ("subresource", "objectRef.subresource"),
    ("namespace", "objectRef.namespace"),
    ("username", "user.username"),
    ("capabilities", "auditweir.pod.capabilities"),
    ("privileged", "auditweir.pod.privileged"),
    ("hostPath", "auditweir.pod.hostPaths"),
];

/// Raw names that have a derived field of their own: the event may say it elsewhere.
const DIRECT: &[(&str, Derived)] = &[
    ("verb", Derived::Verb),
    ("objectRef.resource", Derived::Resource),
    ("objectRef.subresource", Derived::Subresource),
    ("objectRef.apiGroup", Derived::Group),
    ("objectRef.namespace", Derived::Namespace),
    ("objectRef.name", Derived::Name),
];

impl Field {
    /// The field of this name, or why there is none.
    pub(super) fn read(name: &str) -> Result<Self, String> {
        let name = name.strip_prefix("kubernetes.audit.").unwrap_or(name);
        let name = ALIASES.iter().find(|(alias, _)| *alias == name).map_or(name, |(_, long)| long);
        if let Some((_, derived)) = DIRECT.iter().find(|(direct, _)| *direct == name) {
            return Ok(Self::Derived(*derived));
        }
        if name.starts_with("auditweir.") {
            return match DERIVED.iter().find(|(known, ..)| *known == name) {
                Some((_, derived, _)) => Ok(Self::Derived(*derived)),
                None => Err(format!("no derived field is called `{name}`")),
            };
        }
        let path = Path::read(name)?;
        super::members::check(&path)?;
        Ok(Self::Path(path))
    }

    /// The name that a rule would use for it.
    pub(super) fn name(&self) -> String {
        match self {
            Self::Path(path) => String::from_utf8_lossy(&path.text).into_owned(),
            Self::Everything => "any text".into(),
            Self::Derived(derived) => {
                let direct = DIRECT.iter().find(|(_, known)| known == derived);
                let named = DERIVED.iter().find(|(_, known, _)| known == derived);
                direct.map(|(name, _)| *name).or(named.map(|(name, ..)| *name)).unwrap_or("").into()
            }
        }
    }

    /// Whether a test of it reads a body, which costs a walk.
    pub(super) fn reads_body(&self) -> bool {
        match self {
            Self::Path(path) => matches!(path.root, Root::RequestObject | Root::ResponseObject),
            Self::Derived(derived) => derived.is_of_body(),
            Self::Everything => true,
        }
    }

    /// Whether a test of it looks at the path of the URI.
    pub(super) fn reads_path(&self) -> bool {
        matches!(self, Self::Derived(Derived::UriPath | Derived::ProxyPath))
    }

    /// The slot of the event that it is, and nothing else.
    pub(super) fn whole_slot(&self) -> Option<Slot> {
        match self {
            Self::Path(Path { slot: Some((slot, at)), segments, .. }) => {
                (*at == segments.len()).then_some(*slot)
            }
            _ => None,
        }
    }

    /// Rough cost of one test, for the order in which a rule's tests are asked.
    pub(super) fn cost(&self) -> u32 {
        match self {
            Self::Derived(
                Derived::Verb
                | Derived::Resource
                | Derived::Subresource
                | Derived::Group
                | Derived::Namespace
                | Derived::Name,
            ) => 0,
            Self::Derived(derived) if !derived.is_of_body() => 2,
            Self::Path(path) if path.root == Root::Other => 3,
            Self::Path(path)
                if !matches!(path.root, Root::RequestObject | Root::ResponseObject) =>
            {
                2
            }
            Self::Everything => 100,
            _ => 10,
        }
    }
}

impl Derived {
    pub(super) fn is_of_body(self) -> bool {
        use Derived as D;
        matches!(
            self,
            D::Pod(_)
                | D::PodCapabilities
                | D::PodImages
                | D::PodHostPaths
                | D::PodAccounts
                | D::VolumePaths
                | D::VolumeLocalPaths
                | D::BindingRole
                | D::BindingRoleKind
                | D::BindingSubjects
                | D::Granted
                | D::WebhookUrls
                | D::WebhookOutside
                | D::Credentials
        )
    }
}

/// The grant of this name.
pub(super) fn is_grant(name: &str) -> bool {
    super::bodies::GRANTS.iter().any(|(known, _): &(&str, Grant)| *known == name)
}

impl Path {
    fn read(name: &str) -> Result<Self, String> {
        let mut text = Vec::new();
        let mut segments = Vec::new();
        let mut rest = name;
        while !rest.is_empty() {
            let start = text.len();
            if let Some(inside) = rest.strip_prefix('[') {
                let quote = inside.chars().next().filter(|c| matches!(c, '"' | '\''));
                let Some(quote) = quote else {
                    return Err(format!(
                        "`{name}`: only a quoted key may stand in brackets; selectors of items are \
                         not part of Sigma 2.1"
                    ));
                };
                let Some((key, after)) = inside[1..].split_once(quote) else {
                    return Err(format!("`{name}`: a quote is missing"));
                };
                let Some(after) = after.strip_prefix(']') else {
                    return Err(format!("`{name}`: a bracket is missing"));
                };
                text.extend_from_slice(key.as_bytes());
                segments.push(Segment { start, end: text.len(), quoted: true });
                rest = after.strip_prefix('.').unwrap_or(after);
            } else {
                let end = rest.find(['.', '[']).unwrap_or(rest.len());
                if end == 0 {
                    return Err(format!("`{name}` is no path"));
                }
                text.extend_from_slice(&rest.as_bytes()[..end]);
                segments.push(Segment { start, end: text.len(), quoted: false });
                rest = &rest[end..];
                rest = rest.strip_prefix('.').unwrap_or(rest);
            }
            text.push(b'.');
        }
        text.pop();
        if segments.is_empty() {
            return Err("a field needs a name".into());
        }
        let root = Root::of(&text);
        let mut path = Self { text: text.into(), segments, root, slot: None };
        path.slot = path.known();
        Ok(path)
    }

    fn known(&self) -> Option<(Slot, usize)> {
        let segment = |at: usize| self.segments.get(at).map(|s| &self.text[s.start..s.end]);
        match (self.root, self.segments.len(), segment(0)?, segment(1)) {
            (Root::Username, 2, ..) => Some((Slot::Username, 2)),
            (Root::SourceIps, 1, ..) => Some((Slot::SourceIps, 1)),
            (Root::RequestObject, 2.., ..) => Some((Slot::RequestObject, 1)),
            (Root::ResponseObject, 2.., ..) => Some((Slot::ResponseObject, 1)),
            (_, 2.., b"annotations", _) => Some((Slot::Annotations, 1)),
            (_, 3.., b"user", Some(b"extra")) => Some((Slot::UserExtra, 2)),
            (_, 2, b"user", Some(b"groups")) => Some((Slot::UserGroups, 2)),
            (_, 2, b"impersonatedUser", Some(b"username")) => Some((Slot::ImpersonatedUsername, 2)),
            (_, 2, b"impersonatedUser", Some(b"groups")) => Some((Slot::ImpersonatedGroups, 2)),
            (Root::Code, 2, ..) => Some((Slot::StatusCode, 2)),
            (_, 1, b"userAgent", None) => Some((Slot::UserAgent, 1)),
            _ => None,
        }
    }

    /// The keys that the path may go on with, the longest first, and the segments behind each.
    pub(super) fn step(&self, at: usize) -> impl Iterator<Item = (&[u8], usize)> {
        let most = match self.segments.get(at) {
            None => at,
            Some(first) if first.quoted => at + 1,
            Some(_) => {
                let more = self.segments[at + 1..].iter().take_while(|next| !next.quoted);
                at + 1 + more.count()
            }
        };
        (at + 1..=most)
            .rev()
            .map(move |end| (&self.text[self.segments[at].start..self.segments[end - 1].end], end))
    }
}

impl Root {
    fn of(path: &[u8]) -> Self {
        match path {
            b"annotations.authorization.k8s.io/decision"
            | b"annotations.authorization_k8s_io/decision" => Self::Decision,
            b"responseStatus.code" => Self::Code,
            b"user.username" => Self::Username,
            _ if path.starts_with(b"requestObject") => Self::RequestObject,
            _ if path.starts_with(b"responseObject") => Self::ResponseObject,
            _ if path.starts_with(b"sourceIPs") => Self::SourceIps,
            _ if path.starts_with(b"user.extra.authentication.kubernetes.io/credential-id") => {
                Self::CredentialId
            }
            _ => Self::Other,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_spellings_are_known() {
        let read = |name: &str| Field::read(name).unwrap();
        assert_eq!(read("verb"), read("kubernetes.audit.verb"));
        assert_eq!(read("resource"), read("objectRef.resource"));
        assert_eq!(read("hostPath"), read("auditweir.pod.hostPaths"));
        let Field::Path(dotted) = read("annotations.authorization.k8s.io/decision") else {
            panic!()
        };
        let Field::Path(quoted) = read(r#"annotations["authorization.k8s.io/decision"]"#) else {
            panic!()
        };
        assert_eq!((&dotted.text, dotted.root), (&quoted.text, Root::Decision));
        assert_eq!((dotted.segments.len(), quoted.segments.len()), (4, 2));
        for name in ["", "a..b", "a[0]", "auditweir.nothing", r#"a["b"#] {
            assert!(Field::read(name).is_err(), "{name}");
        }
    }
}
