//! Resources of the API: which group they are of, whether a namespace holds them, and what lies
//! below them. One table for all who have to know.

/// A resource.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[non_exhaustive]
pub struct Resource {
    /// Its name, as in URLs.
    pub name: &'static str,
    /// Its API group; empty for the core group.
    pub group: &'static str,
    /// A namespace holds it.
    pub is_namespaced: bool,
    /// Subresources that are not of every resource.
    pub subresources: &'static [&'static str],
}

impl Resource {
    /// The resource of this name, if Kubernetes or one of the extensions that rules know has it.
    pub fn named(name: &str) -> Option<&'static Self> {
        RESOURCES.iter().find(|known| known.name == name)
    }

    /// Whether this subresource is of no resource but those that name it.
    pub fn is_own(subresource: &str) -> bool {
        RESOURCES.iter().any(|known| known.subresources.contains(&subresource))
    }
}

const fn of(group: &'static str, name: &'static str) -> Resource {
    Resource { name, group, is_namespaced: true, subresources: &[] }
}

const fn wide(group: &'static str, name: &'static str) -> Resource {
    Resource { name, group, is_namespaced: false, subresources: &[] }
}

impl Resource {
    const fn with(self, subresources: &'static [&'static str]) -> Self {
        Self { subresources, ..self }
    }
}

const ADMISSION: &str = "admissionregistration.k8s.io";
const APPS: &str = "apps";
const AUTHORIZATION: &str = "authorization.k8s.io";
const FLOW: &str = "flowcontrol.apiserver.k8s.io";
const NETWORKING: &str = "networking.k8s.io";
const RBAC: &str = "rbac.authorization.k8s.io";

const RESOURCES: &[Resource] = &[
    of("", "configmaps"),
    of("", "endpoints"),
    of("", "events"),
    of("", "limitranges"),
    wide("", "namespaces"),
    wide("", "nodes").with(&["proxy"]),
    of("", "persistentvolumeclaims"),
    wide("", "persistentvolumes"),
    of("", "pods").with(&[
        "attach",
        "binding",
        "ephemeralcontainers",
        "eviction",
        "exec",
        "log",
        "portforward",
        "proxy",
        "resize",
    ]),
    of("", "podtemplates"),
    of("", "replicationcontrollers"),
    of("", "resourcequotas"),
    of("", "secrets"),
    of("", "serviceaccounts").with(&["token"]),
    of("", "services").with(&["proxy"]),
    wide(ADMISSION, "mutatingadmissionpolicies"),
    wide(ADMISSION, "mutatingadmissionpolicybindings"),
    wide(ADMISSION, "mutatingwebhookconfigurations"),
    wide(ADMISSION, "validatingadmissionpolicies"),
    wide(ADMISSION, "validatingadmissionpolicybindings"),
    wide(ADMISSION, "validatingwebhookconfigurations"),
    wide("apiextensions.k8s.io", "customresourcedefinitions"),
    wide("apiregistration.k8s.io", "apiservices"),
    of(APPS, "daemonsets"),
    of(APPS, "deployments"),
    of(APPS, "replicasets"),
    of(APPS, "statefulsets"),
    of(AUTHORIZATION, "localsubjectaccessreviews"),
    wide(AUTHORIZATION, "selfsubjectaccessreviews"),
    wide(AUTHORIZATION, "selfsubjectrulesreviews"),
    wide(AUTHORIZATION, "subjectaccessreviews"),
    of("batch", "cronjobs"),
    of("batch", "jobs"),
    wide("certificates.k8s.io", "certificatesigningrequests").with(&["approval"]),
    wide(FLOW, "flowschemas"),
    wide(FLOW, "prioritylevelconfigurations"),
    of(NETWORKING, "ingresses"),
    of(NETWORKING, "networkpolicies"),
    wide(RBAC, "clusterrolebindings"),
    wide(RBAC, "clusterroles"),
    of(RBAC, "rolebindings"),
    of(RBAC, "roles"),
    of("argoproj.io", "rollouts"),
    of("cilium.io", "ciliumnetworkpolicies"),
    wide("crd.projectcalico.org", "globalnetworkpolicies"),
];

#[cfg(test)]
mod tests {
    use super::*;
    use crate::panels::PANELS;

    #[test]
    fn a_resource_stands_there_once() {
        for (at, one) in RESOURCES.iter().enumerate() {
            assert!(RESOURCES[..at].iter().all(|other| other.name != one.name), "{}", one.name);
        }
        assert!(Resource::is_own("exec") && !Resource::is_own("status"));
        assert!(!Resource::named("nodes").unwrap().is_namespaced);
    }

    #[test]
    fn what_panels_ask_for_is_known() {
        for clause in PANELS.iter().flat_map(|panel| panel.all) {
            if clause.field == "orchestrator.resource.type" {
                for name in clause.any {
                    assert!(Resource::named(name).is_some(), "{name}");
                }
            }
        }
    }

    #[cfg(feature = "rules")]
    #[test]
    fn what_the_pack_asks_for_is_known() {
        let rules = crate::rules::Rules::pack().unwrap();
        for rule in rules.all() {
            for name in rule.asks.resources.iter().filter(|name| !name.is_empty()) {
                assert!(Resource::named(name).is_some(), "{}: {name}", rule.intent);
            }
            for sub in rule.asks.subresources.iter().filter(|name| !name.is_empty()) {
                assert!(Resource::is_own(sub), "{}: {sub}", rule.intent);
            }
        }
    }
}
