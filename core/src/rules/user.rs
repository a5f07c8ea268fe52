//! Kinds of users: who is part of the cluster and who is not.

use crate::event::{Event, Slot, UserName};

/// What kind of user asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(super) enum UserKind {
    Account,
    /// A loop of kube-controller-manager.
    Controller,
    Node,
    Anonymous,
    ControlPlane,
    Bootstrap,
    Provider,
    System,
    Other,
}

impl UserKind {
    /// All of them, in their order.
    pub(super) const ALL: [Self; 9] = [
        Self::Account,
        Self::Controller,
        Self::Node,
        Self::Anonymous,
        Self::ControlPlane,
        Self::Bootstrap,
        Self::Provider,
        Self::System,
        Self::Other,
    ];

    /// The name that rules use.
    pub(super) const fn name(self) -> &'static str {
        match self {
            Self::Account => "serviceaccount",
            Self::Controller => "controller",
            Self::Node => "node",
            Self::Anonymous => "anonymous",
            Self::ControlPlane => "control-plane",
            Self::Bootstrap => "bootstrap",
            Self::Provider => "provider",
            Self::System => "system",
            Self::Other => "user",
        }
    }

    /// What all their names begin with.
    pub(super) const fn prefix(self) -> Option<&'static [u8]> {
        match self {
            Self::Account | Self::Controller => Some(b"system:serviceaccount:"),
            Self::Node => Some(b"system:node:"),
            Self::ControlPlane | Self::Bootstrap | Self::System => Some(b"system:"),
            // Whoever is in the group of the unauthenticated, whatever the name.
            Self::Anonymous | Self::Provider | Self::Other => None,
        }
    }

    /// Told from name and groups as authentication set them; `None` when there is no name.
    pub(super) fn of(event: &Event<'_>) -> Option<Self> {
        let name = event.get(Slot::Username)?;
        let groups = event.get(Slot::UserGroups);
        let is_in = |wanted: &[u8]| {
            groups.is_some_and(|groups| {
                let mut groups = groups.items();
                groups.any(|group| {
                    group.raw_text() == wanted || group.is_escaped() && group.says(wanted)
                })
            })
        };
        if is_in(b"system:unauthenticated") {
            return Some(Self::Anonymous);
        }
        Some(match name.read(Self::of_name) {
            // A name alone makes no node: a certificate may say any.
            Self::Node
                if groups.is_some_and(|groups| groups.items().next().is_some())
                    && !is_in(b"system:nodes") =>
            {
                Self::System
            }
            kind => kind,
        })
    }

    fn of_name(name: &[u8]) -> Self {
        match UserName::read(name) {
            UserName::Account { namespace: b"kube-system", name } if is_controller(name) => {
                Self::Controller
            }
            UserName::Account { .. } => Self::Account,
            UserName::Node(_) => Self::Node,
            UserName::System(b"anonymous") => Self::Anonymous,
            UserName::System(
                b"apiserver"
                | b"kube-controller-manager"
                | b"kube-scheduler"
                | b"kube-proxy"
                | b"cloud-controller-manager"
                | b"volume-scheduler"
                | b"aggregator",
            ) => Self::ControlPlane,
            UserName::System(rest) if rest.starts_with(b"bootstrap:") => Self::Bootstrap,
            UserName::System(rest) if rest.starts_with(b"eks-") || rest.starts_with(b"gke-") => {
                Self::Provider
            }
            UserName::System(_) => Self::System,
            UserName::Other => match name {
                b"aksService" | b"hcpService" | b"acsService" | b"masterclient" | b"nodeclient"
                | b"readinessChecker" => Self::Provider,
                _ if name.starts_with(b"eks:") => Self::Provider,
                _ if name.ends_with(b"@container-engine-robot.iam.gserviceaccount.com") => {
                    Self::Provider
                }
                _ => Self::Other,
            },
        }
    }
}

/// Service accounts of kube-controller-manager's own loops
/// (kubernetes `cmd/kube-controller-manager/names`), which act for whoever wrote the object.
fn is_controller(name: &[u8]) -> bool {
    if name.ends_with(b"-controller") {
        let stem = &name[..name.len() - b"-controller".len()];
        return matches!(
            stem,
            b"attachdetach"
                | b"certificate"
                | b"clusterrole-aggregation"
                | b"cronjob"
                | b"daemon-set"
                | b"deployment"
                | b"disruption"
                | b"endpoint"
                | b"endpointslice"
                | b"endpointslicemirroring"
                | b"ephemeral-volume"
                | b"expand"
                | b"job"
                | b"legacy-service-account-token-cleaner"
                | b"namespace"
                | b"node"
                | b"persistent-volume"
                | b"pv-protection"
                | b"pvc-protection"
                | b"replicaset"
                | b"replication"
                | b"resource-claim"
                | b"resourcequota"
                | b"root-ca-cert-publisher"
                | b"route"
                | b"service-account"
                | b"service"
                | b"statefulset"
                | b"ttl"
                | b"ttl-after-finished"
                | b"validatingadmissionpolicy-status"
        );
    }
    matches!(
        name,
        b"generic-garbage-collector"
            | b"horizontal-pod-autoscaler"
            | b"pod-garbage-collector"
            | b"token-cleaner"
            | b"bootstrap-signer"
            | b"root-ca-cert-publisher"
            | b"persistent-volume-binder"
            | b"legacy-service-account-token-cleaner"
    )
}
