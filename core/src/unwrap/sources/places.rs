//! Which containers, namespaces, units, streams and tables hold the audit log of an API server.
//!
//! Names alone prove little, for whoever makes a pod names it. Namespaces prove more: who may write
//! in one is up to the cluster's administrators.

/// Parts of the names of containers and pods whose output may be an audit log.
const CONTAINERS: &[&[u8]] = &[b"apiserver", b"audit", b"oauth", b"vcluster"];

/// How the names of namespaces begin in which a cluster's own parts run.
const NAMESPACES_BEGIN: &[&[u8]] = &[
    b"kube-",
    b"openshift-",
    b"vcluster-",
    b"shoot-",
    b"garden-",
    b"cattle-",
    b"clusters-",
    b"cluster-",
    b"k3k-",
    b"kamaji-",
    b"hypershift-",
];

/// Words of which the names of namespaces consist in which a cluster's own parts and its log programs
/// run. A name with any other word in it is a tenant's: `audit-system` is not, `audit-me` is.
const WORDS: &[&[u8]] = &[
    b"admin",
    b"agent",
    b"agents",
    b"alloy",
    b"amazon",
    b"api",
    b"apiserver",
    b"arc",
    b"audit",
    b"auditing",
    b"auditlog",
    b"auditlogs",
    b"authentication",
    b"aws",
    b"azure",
    b"beats",
    b"bit",
    b"cattle",
    b"central",
    b"cloudwatch",
    b"cluster",
    b"clusters",
    b"collection",
    b"collector",
    b"collectors",
    b"control",
    b"controlplane",
    b"cribl",
    b"d8",
    b"datadog",
    b"dynatrace",
    b"efk",
    b"elastic",
    b"elasticsearch",
    b"elk",
    b"falco",
    b"filebeat",
    b"fleet",
    b"fluent",
    b"fluentbit",
    b"fluentd",
    b"forwarder",
    b"forwarding",
    b"garden",
    b"gardener",
    b"gcp",
    b"gmp",
    b"google",
    b"grafana",
    b"graylog",
    b"honeycomb",
    b"hypershift",
    b"infra",
    b"infrastructure",
    b"k8s",
    b"kafka",
    b"kamaji",
    b"kube",
    b"kubernetes",
    b"kubesphere",
    b"log",
    b"logging",
    b"logs",
    b"loki",
    b"management",
    b"mgmt",
    b"monitor",
    b"monitoring",
    b"newrelic",
    b"oauth",
    b"observability",
    b"opensearch",
    b"openshift",
    b"opentelemetry",
    b"operator",
    b"operators",
    b"ops",
    b"otel",
    b"plane",
    b"platform",
    b"prometheus",
    b"promtail",
    b"rancher",
    b"security",
    b"server",
    b"shipper",
    b"siem",
    b"signoz",
    b"soc",
    b"splunk",
    b"sre",
    b"stack",
    b"sumo",
    b"sumologic",
    b"syslog",
    b"system",
    b"tanzu",
    b"telemetry",
    b"tools",
    b"vcluster",
    b"vector",
    b"victoria",
    b"victoriametrics",
    b"vlogs",
    b"vmware",
    b"wazuh",
];

/// Words that such a name may have besides.
const ENVIRONMENTS: &[&[u8]] =
    &[b"dev", b"prod", b"production", b"qa", b"stage", b"staging", b"test", b"uat"];

/// Parts of the names of programs that hand logs on, whose own pods stand beside the lines of others.
const SHIPPERS: &[&[u8]] = &[
    b"agent",
    b"alloy",
    b"beat",
    b"collect",
    b"cribl",
    b"elastic",
    b"export",
    b"fluent",
    b"forward",
    b"log",
    b"loki",
    b"monitor",
    b"observ",
    b"otel",
    b"opentelemetry",
    b"promtail",
    b"receiv",
    b"relay",
    b"ship",
    b"splunk",
    b"telemetry",
    b"vector",
    b"webhook",
];

/// Parts of the names of systemd units that run an API server, or the containers of one.
const UNITS: &[&[u8]] = &[
    b"apiserver",
    b"audit",
    b"k3s",
    b"rke2",
    b"k0s",
    b"kubelite",
    b"microshift",
    b"hyperkube",
    b"openshift",
    b"origin",
    b"docker",
    b"containerd",
    b"crio",
    b"podman",
    b"rancher",
    b"rsyslog",
    b"syslog",
];

/// How the streams of EKS's other components begin.
const STREAMS: &[&[u8]] =
    &[b"authenticator-", b"kube-controller-manager-", b"kube-scheduler-", b"cloud-controller-"];

/// How the log groups of Amazon's services begin that hold what customers' programs print. Others have
/// names that customers choose.
const GROUPS: &[&[u8]] = &[
    b"/aws/apigateway/",
    b"/aws/batch/",
    b"/aws/codebuild/",
    b"/aws/containerinsights/",
    b"/aws/ecs/",
    b"/aws/eks/",
    b"/aws/lambda/",
    b"/aws/rds/",
    b"/aws/sagemaker/",
    b"/ecs/",
];

/// Tables of Azure that hold the output of containers and functions.
const TABLES: &[&[u8]] = &[
    b"AppServiceConsoleLogs",
    b"AppTraces",
    b"ContainerAppConsoleLogs",
    b"ContainerAppConsoleLogs_CL",
    b"ContainerInstanceLog_CL",
    b"ContainerLog",
    b"FunctionAppLogs",
];

/// What Google calls the resources that a cluster's own log can be of. What runs on a node besides
/// containers is no API server, and what clouds run besides clusters has none.
const RESOURCES: &[&[u8]] = &[
    b"k8s_cluster",
    b"gke_cluster",
    b"k8s_control_plane_component",
    b"k8s_container",
    b"gce_instance",
    b"aws_ec2_instance",
    b"baremetalsolution.googleapis.com/Instance",
    b"generic_node",
    b"generic_task",
    b"global",
];

pub(super) fn names_an_api_server(name: &[u8]) -> bool {
    holds(name, CONTAINERS)
}

pub(super) fn names_a_shipper(name: &[u8]) -> bool {
    holds(name, SHIPPERS)
}

/// Whether the cluster's own parts or its log programs run in a namespace of this name.
pub(super) fn is_of_the_cluster(namespace: &[u8]) -> bool {
    let known = |word: &[u8]| WORDS.binary_search(&word).is_ok();
    let besides = |word: &[u8]| {
        word.iter().all(u8::is_ascii_digit) || ENVIRONMENTS.binary_search(&word).is_ok()
    };
    let mut words = namespace.split(|byte| *byte == b'-');
    NAMESPACES_BEGIN.iter().any(|start| namespace.starts_with(start))
        || words.clone().all(|word| known(word) || besides(word)) && words.any(known)
}

/// Whether a unit that can run programs runs no API server, and hands no logs on. A scope is that of
/// one container.
pub(in crate::unwrap) fn is_other_unit(unit: &[u8]) -> bool {
    const RUNTIMES: [&[u8]; 4] = [b"cri-containerd-", b"docker-", b"crio-", b"libpod-"];
    if unit.ends_with(b".scope") {
        return RUNTIMES.iter().any(|runtime| unit.starts_with(runtime)) || !holds(unit, UNITS);
    }
    unit.ends_with(b".service") && !holds(unit, UNITS) && !holds(unit, SHIPPERS)
}

/// Whether a service of Compose runs no API server.
pub(in crate::unwrap) fn is_other_service(name: &[u8]) -> bool {
    !holds(name, CONTAINERS) && !holds(name, UNITS)
}

/// Whether a stream of EKS is that of another component.
pub(in crate::unwrap) fn is_other_component(stream: &[u8]) -> bool {
    STREAMS.iter().any(|other| stream.starts_with(other))
}

/// Whether a stream in this log group of CloudWatch holds no audit log. A group that is nobody's in
/// particular says nothing.
pub(super) fn is_other_stream(group: Option<&[u8]>, stream: Option<&[u8]>) -> bool {
    const AUDIT: &[u8] = b"kube-apiserver-audit";
    let audit = stream.is_some_and(|stream| stream.starts_with(AUDIT));
    let other = stream.is_some_and(|stream| {
        is_other_component(stream) || stream.starts_with(b"kube-apiserver-") && !audit
    });
    // `ACCOUNT:` stands before the name in Logs Insights.
    let group = group.map(|group| match memchr::memchr(b':', group) {
        Some(colon) => &group[colon + 1..],
        None => group,
    });
    let of_others = group.is_some_and(|group| GROUPS.iter().any(|other| group.starts_with(other)));
    let named = stream.is_some_and(|stream| holds(stream, &[b"audit"]));
    let of_eks =
        group.is_some_and(|group| group.starts_with(b"/aws/eks/") && group.ends_with(b"/cluster"));
    other || if of_eks { stream.is_some() && !audit } else { of_others && !named }
}

/// Azure's categories of audit logs: `kube-audit`, `kube-audit-admin`.
pub(super) fn is_audit_category(category: &[u8]) -> bool {
    category.split(|byte| *byte == b'-').any(|word| word.eq_ignore_ascii_case(b"audit"))
}

/// Whether a table holds the output of containers, whoever they are.
pub(super) fn is_of_containers(table: &[u8]) -> bool {
    TABLES.contains(&table)
}

/// Whether a resource of Google Cloud can hold the audit log of a cluster.
pub(in crate::unwrap) fn is_resource(kind: &[u8]) -> bool {
    RESOURCES.contains(&kind)
}

fn holds(name: &[u8], parts: &[&[u8]]) -> bool {
    parts.iter().any(|part| memchr::memmem::find(name, part).is_some())
}

/// A container, as a record, a prefix or a path names it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(in crate::unwrap) struct Container<'a> {
    pub(in crate::unwrap) name: &'a [u8],
    pub(in crate::unwrap) pod: Option<&'a [u8]>,
    pub(in crate::unwrap) namespace: Option<&'a [u8]>,
}

impl<'a> Container<'a> {
    /// The one that `NAMESPACE/POD:CONTAINER` names.
    pub(in crate::unwrap) fn of_instance(text: &'a [u8]) -> Option<Self> {
        let (slash, colon) = (memchr::memchr(b'/', text)?, memchr::memrchr(b':', text)?);
        let pod = text.get(slash + 1..colon).filter(|pod| !pod.is_empty())?;
        let (namespace, name) = (&text[..slash], &text[colon + 1..]);
        let plain = |b: &u8| b.is_ascii_alphanumeric() || *b == b'-';
        let is_name = |name: &[u8]| {
            name.first().is_some_and(u8::is_ascii_lowercase) && name.iter().all(plain)
        };
        (is_name(namespace) && is_name(name)).then_some(Self {
            name,
            pod: Some(pod),
            namespace: Some(namespace),
        })
    }

    /// The one that `k8s_CONTAINER_POD_NAMESPACE_UID_ATTEMPT` names, as Docker calls them.
    pub(in crate::unwrap) fn of_docker(name: &'a [u8]) -> Option<Self> {
        let mut parts = name.strip_prefix(b"k8s_")?.split(|byte| *byte == b'_');
        Some(Self { name: parts.next()?, pod: parts.next(), namespace: parts.next() })
    }

    /// The one whose log has this path, or a tag that is made of it, or this source type of Splunk.
    pub(in crate::unwrap) fn of_path(path: &'a [u8]) -> Option<Self> {
        if let Some(name) = path.strip_prefix(b"kube:container:") {
            return Some(Self { name, pod: None, namespace: None });
        }
        let after =
            |part: &[u8]| memchr::memmem::find(path, part).map(|at| &path[at + part.len()..]);
        // /var/log/pods/NAMESPACE_POD_UID/CONTAINER/0.log
        if let Some(rest) = after(b"log/pods/") {
            let mut parts = rest.split(|byte| *byte == b'/');
            let mut pod = parts.next()?.split(|byte| *byte == b'_');
            let (namespace, pod) = (pod.next(), pod.next());
            return Some(Self { name: parts.next()?, pod, namespace });
        }
        // /var/log/containers/POD_NAMESPACE_CONTAINER-ID.log
        let rest = after(b"log/containers/").or_else(|| after(b"log.containers."))?;
        let mut parts = rest.split(|byte| *byte == b'_');
        let (pod, namespace) = (parts.next(), parts.next());
        Some(Self { name: parts.next()?, pod, namespace })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn words_are_in_order() {
        assert!(WORDS.is_sorted() && ENVIRONMENTS.is_sorted());
    }

    #[test]
    fn namespaces_of_the_cluster_are_told_from_those_of_tenants() {
        for (namespace, ours) in [
            ("kube-system", true),
            ("openshift-kube-apiserver", true),
            ("cattle-logging-system", true),
            ("logging", true),
            ("logging-prod", true),
            ("audit-2", true),
            ("shoot--garden--blue", true),
            ("audit-me", false),
            ("ecosystem-dev", false),
            ("logistics", false),
            ("prod", false),
            ("shop", false),
            ("", false),
        ] {
            assert_eq!(is_of_the_cluster(namespace.as_bytes()), ours, "{namespace}");
        }
    }

    #[test]
    fn streams_of_cloudwatch_are_told_apart() {
        for (group, stream, other) in [
            ("/aws/eks/blue/cluster", "kube-apiserver-audit-1f", false),
            ("111122223333:/aws/eks/blue/cluster", "kube-apiserver-1f", true),
            ("/aws/eks/blue/cluster", "authenticator-1f", true),
            ("/aws/containerinsights/blue/application", "node-1", true),
            ("/aws/lambda/till", "2026/03/02/[$LATEST]abc", true),
            ("/kops/blue/audit", "cp-1", false),
            ("", "kube-scheduler-1f", true),
            ("", "cp-1", false),
        ] {
            let group = (!group.is_empty()).then_some(group.as_bytes());
            assert_eq!(is_other_stream(group, Some(stream.as_bytes())), other, "{stream}");
        }
    }

    #[test]
    fn paths_name_their_container() {
        for (path, container, pod, namespace) in [
            ("/var/log/pods/shop_till-1_6b1a/app/0.log", "app", "till-1", "shop"),
            ("/var/log/containers/till-1_shop_app-6b1a.log", "app-6b1a.log", "till-1", "shop"),
            ("kube.var.log.containers.till-1_shop_app-6b1a.log", "app-6b1a.log", "till-1", "shop"),
        ] {
            let found = Container::of_path(path.as_bytes());
            let (name, pod) = (container.as_bytes(), Some(pod.as_bytes()));
            let namespace = Some(namespace.as_bytes());
            assert_eq!(found, Some(Container { name, pod, namespace }), "{path}");
        }
        assert_eq!(Container::of_path(b"/var/log/kube-apiserver/audit.log"), None);
    }
}
