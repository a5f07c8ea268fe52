//! Parts of the platform, told from authenticated name *and* groups.
//!
//! Both come from the API server's authenticators. The prefix `system:` is reserved for
//! Kubernetes; a name alone still proves little (a certificate may carry any), so each kind of
//! part needs the group that goes with it, and membership in `system:masters` makes anyone but
//! the API server's own client a person with a borrowed name.

use crate::event::{Event, Slot, UserName};
use crate::scan::doc::Value;

/// A part of the platform.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Platform<'a> {
    /// The API server's client to itself.
    ApiServer,
    /// kube-controller-manager, kube-scheduler or cloud-controller-manager under its own name.
    Component(&'a [u8]),
    /// The kubelet of this node.
    Kubelet(&'a [u8]),
    /// A service account of kube-system that kube-controller-manager's controllers use.
    Controller(&'a [u8]),
    /// Another service account.
    Account { namespace: &'a [u8] },
}

/// Service accounts of built-in controllers (kubernetes/kubernetes
/// `plugin/pkg/auth/authorizer/rbac/bootstrappolicy/controller_policy.go`).
const CONTROLLERS: &[&[u8]] = &[
    b"attachdetach-controller",
    b"certificate-controller",
    b"clusterrole-aggregation-controller",
    b"cronjob-controller",
    b"daemon-set-controller",
    b"deployment-controller",
    b"disruption-controller",
    b"endpoint-controller",
    b"endpointslice-controller",
    b"endpointslicemirroring-controller",
    b"ephemeral-volume-controller",
    b"expand-controller",
    b"generic-garbage-collector",
    b"horizontal-pod-autoscaler",
    b"job-controller",
    b"namespace-controller",
    b"node-controller",
    b"persistent-volume-binder",
    b"pod-garbage-collector",
    b"pv-protection-controller",
    b"pvc-protection-controller",
    b"replicaset-controller",
    b"replication-controller",
    b"resource-claim-controller",
    b"resourcequota-controller",
    b"root-ca-cert-publisher",
    b"route-controller",
    b"service-account-controller",
    b"service-cidrs-controller",
    b"service-controller",
    b"statefulset-controller",
    b"ttl-after-finished-controller",
    b"ttl-controller",
    b"validatingadmissionpolicy-status-controller",
];

impl<'a> Platform<'a> {
    /// The part of the platform that made the request; `None` for everybody else and whenever
    /// name or groups are missing or written with escapes.
    pub(super) fn read(event: &Event<'a>) -> Option<Self> {
        let name = UserName::read(plain(event.get(Slot::Username)?)?);
        if name == UserName::Other {
            return None;
        }
        let groups = event.get(Slot::UserGroups)?;
        if groups.items().any(Value::is_escaped) {
            return None;
        }
        let has = |group: &[u8]| groups.items().any(|item| item.raw_text() == group);
        if has(b"system:unauthenticated") {
            return None;
        }
        if name == UserName::System(b"apiserver") {
            return has(b"system:masters").then_some(Self::ApiServer);
        }
        if has(b"system:masters") || !has(b"system:authenticated") {
            return None;
        }
        match name {
            UserName::System(
                name @ (b"kube-controller-manager"
                | b"kube-scheduler"
                | b"cloud-controller-manager"),
            ) => Some(Self::Component(name)),
            UserName::Node(node) => has(b"system:nodes").then_some(Self::Kubelet(node)),
            UserName::Account { namespace, name } => {
                let of_namespace = groups.items().any(|item| {
                    item.raw_text().strip_prefix(b"system:serviceaccounts:") == Some(namespace)
                });
                if !of_namespace || !has(b"system:serviceaccounts") {
                    return None;
                }
                Some(if namespace == b"kube-system" && CONTROLLERS.contains(&name) {
                    Self::Controller(name)
                } else {
                    Self::Account { namespace }
                })
            }
            UserName::System(_) | UserName::Other => None,
        }
    }

    /// Whether it belongs to the cluster itself rather than to a workload in it.
    pub(super) fn is_platform(self) -> bool {
        match self {
            Self::Account { namespace } => namespace == b"kube-system",
            _ => true,
        }
    }

    /// Whether it is the control plane.
    pub(super) fn is_control_plane(self) -> bool {
        matches!(self, Self::ApiServer | Self::Component(_) | Self::Controller(_))
    }
}

/// A string written without escapes.
pub(super) fn plain(value: Value<'_>) -> Option<&[u8]> {
    (!value.is_escaped()).then(|| value.raw_text())
}
