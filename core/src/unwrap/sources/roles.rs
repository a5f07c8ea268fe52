//! What the names of members tell of where a line is from.

/// What a member of a record tells.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Role {
    Container,
    Pod,
    Namespace,
    Image,
    Unit,
    Category,
    Stream,
    Group,
    /// The table that a row is of.
    Table,
    /// What kind of log OpenShift's collector took the line from.
    Collected,
    /// A file, or a tag that is made of its path.
    Path,
    /// `NAMESPACE/PROGRAM`, as Promtail calls what it reads of a cluster.
    Job,
    /// `NAMESPACE/POD:CONTAINER`, as Alloy calls what it reads of a cluster.
    Instance,
    /// `NAME:VALUE` pairs with commas between them, or as a list.
    Tags,
    /// A name that tells a container only as Docker writes it: `k8s_…`.
    Docker,
    /// An object of more of these.
    Holder,
    /// The same, or a text of them as Prometheus writes it.
    Labels,
}

/// Names in lower case without `_`, `-`, `.` and `@`, and without the `_s` of Azure's own tables.
const ROLES: &[(&[u8], Role)] = &[
    (b"attributes", Role::Holder),
    (b"attrs", Role::Holder),
    (b"category", Role::Category),
    (b"common", Role::Holder),
    (b"container", Role::Container),
    (b"containerimage", Role::Image),
    (b"containerimagename", Role::Image),
    (b"containername", Role::Container),
    (b"data", Role::Holder),
    (b"ddtags", Role::Tags),
    (b"event", Role::Holder),
    (b"fields", Role::Holder),
    (b"file", Role::Path),
    (b"filename", Role::Path),
    (b"filepath", Role::Path),
    (b"flbkey", Role::Path),
    (b"fluentbittag", Role::Path),
    (b"fluentdtag", Role::Path),
    (b"imagename", Role::Image),
    (b"instance", Role::Instance),
    (b"iokubernetescontainername", Role::Container),
    (b"iokubernetespodname", Role::Pod),
    (b"iokubernetespodnamespace", Role::Namespace),
    (b"job", Role::Job),
    (b"k8s", Role::Holder),
    (b"k8scontainer", Role::Container),
    (b"k8scontainername", Role::Container),
    (b"k8snamespace", Role::Namespace),
    (b"k8snamespacename", Role::Namespace),
    (b"k8spod", Role::Pod),
    (b"k8spodname", Role::Pod),
    (b"kubecontainername", Role::Container),
    (b"kubenamespace", Role::Namespace),
    (b"kubernetes", Role::Holder),
    (b"kubernetescontainerimage", Role::Image),
    (b"kubernetescontainername", Role::Container),
    (b"kubernetesnamespace", Role::Namespace),
    (b"kubernetesnamespacename", Role::Namespace),
    (b"kubernetespodname", Role::Pod),
    (b"kubernetespodnamespace", Role::Namespace),
    (b"labels", Role::Labels),
    (b"log", Role::Holder),
    (b"logfilepath", Role::Path),
    (b"loggroup", Role::Group),
    (b"logname", Role::Path),
    (b"logpath", Role::Path),
    (b"logsource", Role::Collected),
    (b"logstream", Role::Stream),
    (b"logstreamname", Role::Stream),
    (b"logtype", Role::Collected),
    (b"message", Role::Holder),
    (b"name", Role::Docker),
    (b"namespace", Role::Namespace),
    (b"namespacename", Role::Namespace),
    (b"openshiftlogsource", Role::Collected),
    (b"openshiftlogtype", Role::Collected),
    (b"path", Role::Path),
    (b"pod", Role::Pod),
    (b"podname", Role::Pod),
    (b"podnamespace", Role::Namespace),
    (b"resource", Role::Holder),
    (b"resourceattributes", Role::Holder),
    (b"resourcesstring", Role::Holder),
    (b"source", Role::Path),
    (b"sourcetype", Role::Path),
    (b"stream", Role::Labels),
    (b"structuredmetadata", Role::Holder),
    (b"subject", Role::Path),
    (b"systemd", Role::Holder),
    (b"systemdunit", Role::Unit),
    (b"tablename", Role::Table),
    (b"tag", Role::Path),
    (b"tags", Role::Tags),
    (b"tailedpath", Role::Path),
    (b"type", Role::Table),
    (b"unit", Role::Unit),
];

/// Longest name in [`ROLES`], with room for separators.
const LONGEST: usize = 36;

/// What a member of this name tells.
pub(super) fn role_of(name: &[u8]) -> Option<Role> {
    if name == b"@log" {
        return Some(Role::Group);
    }
    let name = name.strip_suffix(b"_s").unwrap_or(name);
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_in_order() {
        assert!(ROLES.is_sorted_by_key(|(name, _)| *name));
        assert!(ROLES.iter().all(|(name, _)| name.len() <= LONGEST));
    }

    #[test]
    fn names_tell_the_same_in_every_spelling() {
        for (name, role) in [
            ("k8s.container.name", Some(Role::Container)),
            ("ContainerName_s", Some(Role::Container)),
            ("kubernetes.namespace_name", Some(Role::Namespace)),
            ("@logStream", Some(Role::Stream)),
            ("@log", Some(Role::Group)),
            ("log", Some(Role::Holder)),
            ("containerId", None),
        ] {
            assert_eq!(role_of(name.as_bytes()), role, "{name}");
        }
    }
}
