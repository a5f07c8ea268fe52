//! Whose output a record says it is.
//!
//! Any pod of a cluster can print an audit event. Log programs and clouds say beside a line which
//! container, unit, stream or category it is of; what is not an API server's, nor that of a
//! receiver of its audit log, is no audit event, whatever it says. Names alone prove little, for
//! whoever makes a pod names it: where a namespace is told, too, it must be one in which the
//! cluster's own parts run. Records that say nothing of it are taken as they come.

use super::envelopes::Members;
use crate::scan::Kind;
use crate::scan::doc::Value;
use crate::scan::key::Key;

/// Parts of the names of containers and pods whose output may be an audit log.
const CONTAINERS: &[&[u8]] = &[b"apiserver", b"audit", b"oauth", b"vcluster"];

/// Beginnings of words in the names of namespaces in which a cluster's own parts and its log programs run.
const NAMESPACES: &[&[u8]] = &[
    b"kube-",
    b"openshift",
    b"apiserver",
    b"audit",
    b"oauth",
    b"vcluster",
    b"shoot-",
    b"garden",
    b"system",
    b"logging",
    b"monitoring",
    b"observability",
    b"security",
    b"control-plane",
    b"rancher",
    b"kamaji",
    b"hypershift",
    b"clusters-",
];

/// Parts of the names of programs that hand logs on, whose own names stand beside the lines of others.
const SHIPPERS: &[&[u8]] = &[
    b"agent",
    b"alloy",
    b"beat",
    b"collect",
    b"elastic",
    b"fluent",
    b"log",
    b"loki",
    b"monitor",
    b"observ",
    b"otel",
    b"opentelemetry",
    b"promtail",
    b"splunk",
    b"telemetry",
    b"vector",
];

/// Parts of the names of systemd units that run an API server, or the containers of one.
const UNITS: &[&[u8]] = &[
    b"apiserver",
    b"audit",
    b"k3s",
    b"rke2",
    b"k0s",
    b"kubelite",
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

/// What a member tells of where a line is from.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    Container,
    Pod,
    Namespace,
    Unit,
    Category,
    Stream,
    Group,
    /// A file, or a tag that is made of its path.
    Path,
    /// `NAMESPACE/PROGRAM`, as Promtail calls what it reads of a cluster.
    Job,
    /// `NAME:VALUE` pairs with commas between them, or as a list.
    Tags,
    /// An object whose `name` tells it.
    ContainerObject,
    PodObject,
    /// An object of more of these.
    Holder,
}

/// Names in lower case without `_`, `-`, `.` and `@`.
const ROLES: &[(&[u8], Role)] = &[
    (b"attributes", Role::Holder),
    (b"category", Role::Category),
    (b"common", Role::Holder),
    (b"container", Role::ContainerObject),
    (b"containername", Role::Container),
    (b"ddtags", Role::Tags),
    (b"fields", Role::Holder),
    (b"file", Role::Path),
    (b"filename", Role::Path),
    (b"filepath", Role::Path),
    (b"job", Role::Job),
    (b"k8s", Role::Holder),
    (b"k8scontainername", Role::Container),
    (b"k8snamespacename", Role::Namespace),
    (b"k8spodname", Role::Pod),
    (b"kubecontainername", Role::Container),
    (b"kubenamespace", Role::Namespace),
    (b"kubernetes", Role::Holder),
    (b"kubernetescontainername", Role::Container),
    (b"kubernetesnamespace", Role::Namespace),
    (b"kubernetesnamespacename", Role::Namespace),
    (b"kubernetespodname", Role::Pod),
    (b"kubernetespodnamespace", Role::Namespace),
    (b"labels", Role::Holder),
    (b"log", Role::Holder),
    (b"logfilepath", Role::Path),
    (b"loggroup", Role::Group),
    (b"logpath", Role::Path),
    (b"logstream", Role::Stream),
    (b"logstreamname", Role::Stream),
    (b"namespace", Role::Namespace),
    (b"namespacename", Role::Namespace),
    (b"path", Role::Path),
    (b"pod", Role::PodObject),
    (b"podname", Role::Pod),
    (b"podnamespace", Role::Namespace),
    (b"resource", Role::Holder),
    (b"source", Role::Path),
    (b"sourcetype", Role::Path),
    (b"stream", Role::Holder),
    (b"systemd", Role::Holder),
    (b"systemdunit", Role::Unit),
    (b"tag", Role::Path),
    (b"tags", Role::Tags),
    (b"unit", Role::Unit),
];

/// Longest name in [`ROLES`], with room for separators.
const LONGEST: usize = 32;

/// What a member of this name tells.
fn role_of(name: &[u8]) -> Option<Role> {
    let mut plain = [0; LONGEST];
    let mut len = 0;
    if name.len() > LONGEST {
        return None;
    }
    for byte in name {
        if !matches!(byte, b'_' | b'-' | b'.' | b'@') {
            plain[len] = byte.to_ascii_lowercase();
            len += 1;
        }
    }
    let at = ROLES.binary_search_by(|(known, _)| (*known).cmp(&plain[..len])).ok()?;
    Some(ROLES[at].1)
}

/// Names as a record tells them, as in JSON.
#[derive(Clone, Copy, Default)]
struct Told<'a> {
    container: Option<&'a [u8]>,
    pod: Option<&'a [u8]>,
    namespace: Option<&'a [u8]>,
    unit: Option<&'a [u8]>,
    category: Option<&'a [u8]>,
    stream: Option<&'a [u8]>,
    group: Option<&'a [u8]>,
}

impl<'a> Told<'a> {
    fn set(&mut self, role: Role, text: &'a [u8]) {
        let place = match role {
            Role::Container | Role::ContainerObject => &mut self.container,
            Role::Pod | Role::PodObject => &mut self.pod,
            Role::Namespace => &mut self.namespace,
            Role::Unit => &mut self.unit,
            Role::Category => &mut self.category,
            Role::Stream => &mut self.stream,
            Role::Group => &mut self.group,
            Role::Path => {
                if let Some(of) = Container::of_path(text) {
                    self.container = self.container.or(Some(of.name));
                    self.pod = self.pod.or(of.pod);
                    self.namespace = self.namespace.or(of.namespace);
                }
                return;
            }
            Role::Job => {
                let mut parts = text.split(|byte| *byte == b'/');
                let (namespace, program) = (parts.next(), parts.next());
                if program.is_some() && parts.next().is_none() {
                    self.container = self.container.or(program);
                    self.namespace = self.namespace.or(namespace);
                }
                return;
            }
            Role::Tags => {
                for tag in text.split(|byte| *byte == b',') {
                    if let Some(colon) = memchr::memchr(b':', tag)
                        && let Some(role) = role_of(&tag[..colon])
                        && role != Role::Tags
                    {
                        self.set(role, &tag[colon + 1..]);
                    }
                }
                // The agent names the pod of the line, not its own.
                self.container = self.container.or(self.pod);
                return;
            }
            Role::Holder => return,
        };
        if !text.is_empty() {
            *place = place.or(Some(text));
        }
    }

    /// Reads the members of an object, and those of the objects in it that hold more, to a depth.
    fn read(&mut self, object: Value<'a>, depth: u8) {
        // OpenTelemetry's attributes: a list of keys and values.
        for pair in object.items() {
            if let (Some(name), Some(value)) = (pair.get(Key::Key), pair.get(Key::Value))
                && let Some(text) = value.member(b"stringValue").filter(is_text)
                && let Some(role) = role_of(name.raw_text())
            {
                self.set(role, text.raw_text());
            }
        }
        for (key, value) in object.members() {
            let Some(role) = role_of(key.raw_text()) else { continue };
            match (role, value.kind()) {
                (_, Kind::String) => self.set(role, value.raw_text()),
                (Role::Tags, Kind::Array) => {
                    for tag in value.items().filter(is_text) {
                        self.set(role, tag.raw_text());
                    }
                }
                (Role::ContainerObject | Role::PodObject, Kind::Object) => {
                    if let Some(name) = value.get(Key::Name).filter(is_text) {
                        self.set(role, name.raw_text());
                    }
                }
                (Role::Holder | Role::Path, Kind::Object | Kind::Array) if depth > 0 => {
                    self.read(value, depth - 1);
                }
                _ => {}
            }
        }
    }

    /// Whether nothing says whose container it was.
    fn is_bare(&self) -> bool {
        self.container.is_none() && self.pod.is_none() && self.namespace.is_none()
    }

    fn is_foreign(&self) -> bool {
        // A pod alone may be that of the program which hands the log on.
        let container = self.container.map(|name| {
            let told = Container { name, pod: self.pod, namespace: self.namespace };
            Container::of_docker(name).unwrap_or(told)
        });
        container.is_some_and(|container| container.is_workload())
            || self.is_in_a_workload()
            || self.unit.is_some_and(|unit| is_unit(unit) && !holds(unit, UNITS))
            || self.stream.is_some_and(|stream| self.is_other_stream(stream))
            || self.category.is_some_and(|category| !is_audit_category(category))
    }

    /// Whether a pod and its namespace are told, and neither is that of an API server or a log program.
    fn is_in_a_workload(&self) -> bool {
        let Some((pod, namespace)) = self.pod.zip(self.namespace) else { return false };
        !holds(pod, CONTAINERS)
            && !names_one(namespace, NAMESPACES)
            && !holds(pod, SHIPPERS)
            && !holds(namespace, SHIPPERS)
    }

    fn is_other_stream(&self, stream: &[u8]) -> bool {
        let of_eks = stream.starts_with(b"kube-apiserver-")
            || self.group.is_some_and(|group| memchr::memmem::find(group, b"/aws/eks/").is_some());
        STREAMS.iter().any(|other| stream.starts_with(other))
            || of_eks && memchr::memmem::find(stream, b"audit").is_none()
    }
}

fn is_text(value: &Value<'_>) -> bool {
    value.kind() == Kind::String
}

/// Whether one of the parts begins a word of the name: `ecosystem` is no `system`.
fn names_one(name: &[u8], parts: &[&[u8]]) -> bool {
    let begins = |at: usize| at == 0 || !name[at - 1].is_ascii_alphanumeric();
    parts.iter().any(|part| memchr::memmem::find_iter(name, part).any(begins))
}

fn holds(name: &[u8], parts: &[&[u8]]) -> bool {
    parts.iter().any(|part| memchr::memmem::find(name, part).is_some())
}

/// Whether a text is the name of a systemd unit that can run programs.
fn is_unit(text: &[u8]) -> bool {
    text.ends_with(b".service") || text.ends_with(b".scope")
}

/// Azure's categories: `kube-audit`, `kube-audit-admin`.
fn is_audit_category(category: &[u8]) -> bool {
    const PART: &[u8] = b"audit";
    category.windows(PART.len()).any(|part| part.eq_ignore_ascii_case(PART))
}

/// A container, as a record, a prefix or a path names it.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) struct Container<'a> {
    pub(super) name: &'a [u8],
    pub(super) pod: Option<&'a [u8]>,
    pub(super) namespace: Option<&'a [u8]>,
}

impl<'a> Container<'a> {
    /// Whether nothing in its names suggests an audit log.
    pub(super) fn is_workload(&self) -> bool {
        let named =
            holds(self.name, CONTAINERS) || self.pod.is_some_and(|pod| holds(pod, CONTAINERS));
        !named || self.namespace.is_some_and(|namespace| !names_one(namespace, NAMESPACES))
    }

    /// The one that `k8s_CONTAINER_POD_NAMESPACE_UID_ATTEMPT` names, as Docker calls them.
    fn of_docker(name: &'a [u8]) -> Option<Self> {
        let mut parts = name.strip_prefix(b"k8s_")?.split(|byte| *byte == b'_');
        Some(Self { name: parts.next()?, pod: parts.next(), namespace: parts.next() })
    }

    /// The one whose log has this path, or a tag that is made of it, or this source type of Splunk.
    pub(super) fn of_path(path: &'a [u8]) -> Option<Self> {
        if let Some(name) = path.strip_prefix(b"kube:container:") {
            return Some(Self { name, pod: None, namespace: None });
        }
        let after =
            |part: &[u8]| memchr::memmem::find(path, part).map(|at| &path[at + part.len()..]);
        // /var/log/pods/NAMESPACE_POD_UID/CONTAINER/0.log
        if let Some(rest) = after(b"/log/pods/") {
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

/// Whether a record says that its lines are no API server's.
pub(super) fn is_foreign(m: &Members<'_>) -> bool {
    let mut told = Told::default();
    told.read(m.root, 2);
    // Only records of Azure have a category of that kind.
    if !(m.has(Key::Properties) || m.has(Key::LogS) || m.has(Key::ResourceId)) {
        told.category = None;
    }
    told.is_foreign() || told.is_bare() && are_of_workload(m)
}

/// Whether labels are all that a record tells of a pod, and suggest no audit log.
fn are_of_workload(m: &Members<'_>) -> bool {
    let Some(labels) = m.object(Key::Kubernetes).and_then(|of| of.get(Key::Labels)) else {
        return false;
    };
    let mut values = labels.members().map(|(_, value)| value).filter(is_text).peekable();
    values.peek().is_some() && !values.any(|value| holds(value.raw_text(), CONTAINERS))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_order() {
        assert!(ROLES.is_sorted_by_key(|(name, _)| *name));
        assert!(ROLES.iter().all(|(name, _)| name.len() <= LONGEST));
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

    #[test]
    fn names_that_a_client_chooses_do_not_make_an_audit_log() {
        for (container, pod, namespace, workload) in [
            ("kube-apiserver", "kube-apiserver-cp-1", Some("kube-system"), false),
            ("audit", "audit-0", Some("logging"), false),
            ("app", "kube-apiserver-1", None, false),
            ("app", "till-1", Some("kube-system"), true),
            ("kube-apiserver", "till-1", Some("shop"), true),
        ] {
            let namespace = namespace.map(str::as_bytes);
            let (name, pod) = (container.as_bytes(), Some(pod.as_bytes()));
            let found = Container { name, pod, namespace }.is_workload();
            assert_eq!(found, workload, "{container}");
        }
    }
}
