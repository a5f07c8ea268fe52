//! Pod specs, wherever they stand: in a Pod, in the template of any workload, in a CronJob, in a
//! patch of one of them, and what a PersistentVolume says of its host.

use crate::scan::Kind;
use crate::scan::doc::Value;

use super::super::answer::Why;
use super::{is_deleted, is_json_patch, is_true, odd, operations, segments};

/// Something a pod spec asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(in crate::rules) enum Flag {
    Privileged,
    PrivilegeEscalation,
    HostPid,
    HostIpc,
    HostNetwork,
    HostPort,
    HostProcess,
    RunsAsRoot,
    ProcUnmasked,
    SeccompUnconfined,
    AppArmorUnconfined,
    NodeChosen,
}

/// What was found in the pod specs of one event.
#[derive(Default)]
pub(in crate::rules) struct Pod {
    flags: u32,
    /// Nodes of the document: texts.
    pub(in crate::rules) capabilities: Vec<u32>,
    pub(in crate::rules) images: Vec<u32>,
    pub(in crate::rules) host_paths: Vec<u32>,
    pub(in crate::rules) accounts: Vec<u32>,
    /// Paths of PersistentVolumes on a host: `hostPath`, and `local`.
    pub(in crate::rules) volume_paths: Vec<u32>,
    pub(in crate::rules) local_paths: Vec<u32>,
    /// Something could not be seen.
    pub(in crate::rules) unknown: Option<Why>,
}

/// Where the walk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    /// A Pod, workload, patch of one, or the `template` of a workload.
    Object,
    /// What is sent to `pods/ephemeralcontainers`: of the pod, only these change.
    Ephemeral,
    EphemeralSpec,
    Metadata,
    Annotations,
    /// A pod spec or the spec of what has a template.
    Spec,
    /// `securityContext` of the pod.
    PodSecurity,
    Containers,
    Container,
    Security,
    Capabilities,
    CapabilityList,
    Capability,
    Profile,
    Windows,
    Ports,
    Port,
    Volumes,
    Volume,
    HostPath,
    PathText,
    /// Of a PersistentVolume.
    VolumeHost,
    VolumeHostPath,
    VolumeLocal,
    VolumeLocalPath,
    Image,
    Account,
    Flagged(Flag),
    /// A flag that stands for itself by being there at all.
    Present(Flag),
    User,
    ProcMount,
    SeccompType,
    AppArmorType,
    AppArmorProfile,
    HostPort,
    Elsewhere,
}

/// Deepest walk: the longest way down the places, with a template in a template.
const DEEPEST: u8 = 24;

impl Place {
    /// Where a member leads.
    fn step(self, name: &[u8]) -> Self {
        use Place as P;
        match (self, name) {
            (P::Object, b"spec") => P::Spec,
            (P::Ephemeral, b"spec") => P::EphemeralSpec,
            (P::Object, b"metadata") => P::Metadata,
            (P::Object | P::Spec, b"template" | b"jobTemplate") => P::Object,
            (P::Metadata, b"annotations") => P::Annotations,
            (P::Annotations, name)
                if name.starts_with(b"container.apparmor.security.beta.kubernetes.io") =>
            {
                P::AppArmorProfile
            }
            // Before Kubernetes 1.22 the object itself has ephemeral ones.
            (P::Spec, b"containers" | b"initContainers" | b"ephemeralContainers")
            | (P::Ephemeral | P::EphemeralSpec, b"ephemeralContainers") => P::Containers,
            (P::Spec, b"volumes") => P::Volumes,
            (P::Spec, b"securityContext") => P::PodSecurity,
            (P::Spec, b"hostPID") => P::Flagged(Flag::HostPid),
            (P::Spec, b"hostIPC") => P::Flagged(Flag::HostIpc),
            (P::Spec, b"hostNetwork") => P::Flagged(Flag::HostNetwork),
            (P::Spec, b"serviceAccountName" | b"serviceAccount") => P::Account,
            (P::Spec, b"nodeName") => P::Present(Flag::NodeChosen),
            (P::Spec, b"hostPath") => P::VolumeHost,
            (P::Spec, b"local") => P::VolumeLocal,
            (P::VolumeHost, b"path") => P::VolumeHostPath,
            (P::VolumeLocal, b"path") => P::VolumeLocalPath,
            (P::Container, b"image") => P::Image,
            (P::Container, b"securityContext") => P::Security,
            (P::Container, b"ports") => P::Ports,
            (P::Port, b"hostPort") => P::HostPort,
            (P::Security, b"privileged") => P::Flagged(Flag::Privileged),
            (P::Security, b"allowPrivilegeEscalation") => P::Flagged(Flag::PrivilegeEscalation),
            (P::Security, b"procMount") => P::ProcMount,
            (P::Security, b"capabilities") => P::Capabilities,
            (P::Security | P::PodSecurity, b"runAsUser") => P::User,
            (P::Security | P::PodSecurity, b"seccompProfile") => P::Profile,
            (P::Security | P::PodSecurity, b"appArmorProfile") => P::AppArmorType,
            (P::Security | P::PodSecurity, b"windowsOptions") => P::Windows,
            (P::Windows, b"hostProcess") => P::Flagged(Flag::HostProcess),
            (P::Profile, b"type") => P::SeccompType,
            (P::AppArmorType, b"type") => P::AppArmorProfile,
            (P::Capabilities, b"add") => P::CapabilityList,
            (P::Volume, b"hostPath") => P::HostPath,
            (P::HostPath, b"path") => P::PathText,
            _ => P::Elsewhere,
        }
    }

    /// Where an item of a list leads.
    fn item(self) -> Self {
        match self {
            Self::Containers => Self::Container,
            Self::Volumes => Self::Volume,
            Self::Ports => Self::Port,
            Self::CapabilityList => Self::Capability,
            _ => Self::Elsewhere,
        }
    }

    fn is_list(self) -> bool {
        self.item() != Self::Elsewhere
    }
}

impl Pod {
    pub(in crate::rules) fn clear(&mut self) {
        let Self {
            flags,
            capabilities,
            images,
            host_paths,
            accounts,
            volume_paths,
            local_paths,
            unknown,
        } = self;
        *flags = 0;
        *unknown = None;
        for list in [capabilities, images, host_paths, accounts, volume_paths, local_paths] {
            list.clear();
        }
    }

    pub(in crate::rules) fn has(&self, flag: Flag) -> bool {
        self.flags >> flag as u8 & 1 == 1
    }

    /// Walks a body. Where a patch does not show what it does, `whole` is what came of it.
    pub(in crate::rules) fn read(
        &mut self,
        body: Value<'_>,
        whole: Option<Value<'_>>,
        subresource: &[u8],
    ) {
        self.clear();
        let root =
            if subresource == b"ephemeralcontainers" { Place::Ephemeral } else { Place::Object };
        if !is_json_patch(body) {
            self.unknown = odd(body);
            return self.walk(root, body, 0);
        }
        let mut unseen = None;
        operations(
            body,
            &mut |path, value| {
                let place = at(root, path);
                self.walk(place, value, 0);
            },
            &mut |path| {
                if at(root, path) != Place::Elsewhere {
                    unseen = Some(Why::PartOfPatch);
                }
            },
        );
        match whole.filter(|_| unseen.is_some()) {
            Some(whole) => self.walk(root, whole, 0),
            None => self.unknown = self.unknown.or(unseen),
        }
    }

    fn walk(&mut self, place: Place, value: Value<'_>, depth: u8) {
        if place == Place::Elsewhere {
            return;
        }
        if value.kind() == Kind::Opaque || depth > DEEPEST {
            self.unknown = Some(Why::TooDeep);
            return;
        }
        match value.kind() {
            Kind::Object => {
                if place.is_list() || is_deleted(value) {
                    return;
                }
                for (key, member) in value.members() {
                    let next = key.read(|name| place.step(name));
                    self.walk(next, member, depth + 1);
                }
            }
            Kind::Array => {
                let next = place.item();
                for item in value.items() {
                    self.walk(next, item, depth + 1);
                }
            }
            _ => self.leaf(place, value),
        }
    }

    fn leaf(&mut self, place: Place, value: Value<'_>) {
        use Place as P;
        if value.kind() == Kind::String && value.raw_text().starts_with(b"[redacted:") {
            self.unknown = Some(Why::Redacted);
        }
        let list = match place {
            P::Flagged(flag) => return self.set(flag, is_true(value)),
            P::Present(flag) => return self.set(flag, !value.raw_text().is_empty()),
            P::User => return self.set(Flag::RunsAsRoot, value.integer() == Some(0)),
            P::ProcMount => return self.set(Flag::ProcUnmasked, value.says(b"Unmasked")),
            P::SeccompType => return self.set(Flag::SeccompUnconfined, value.says(b"Unconfined")),
            P::AppArmorProfile => {
                let unconfined = value.says(b"Unconfined") || value.says(b"unconfined");
                return self.set(Flag::AppArmorUnconfined, unconfined);
            }
            P::HostPort => return self.set(Flag::HostPort, value.integer().is_some_and(|p| p > 0)),
            P::Capability => &mut self.capabilities,
            P::Image => &mut self.images,
            P::PathText => &mut self.host_paths,
            P::Account => &mut self.accounts,
            P::VolumeHostPath => &mut self.volume_paths,
            P::VolumeLocalPath => &mut self.local_paths,
            _ => return,
        };
        if value.kind() == Kind::String {
            list.push(value.index);
        }
    }

    fn set(&mut self, flag: Flag, is_set: bool) {
        self.flags |= u32::from(is_set) << flag as u8;
    }
}

/// Where the path of a JSON patch leads.
fn at(root: Place, path: &[u8]) -> Place {
    if path.is_empty() {
        return root;
    }
    segments(path).fold(
        root,
        |place, segment| {
            if place.is_list() { place.item() } else { place.step(segment) }
        },
    )
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::rules::tests::scanned;

    fn read(body: &str) -> (Vec<&'static str>, Vec<String>) {
        scanned(body, |doc| {
            let mut pod = Pod::default();
            pod.read(doc.root(), None, b"");
            let names = [
                (Flag::Privileged, "privileged"),
                (Flag::HostPid, "hostPID"),
                (Flag::RunsAsRoot, "root"),
                (Flag::HostPort, "hostPort"),
                (Flag::SeccompUnconfined, "seccomp"),
            ];
            let flags = names.iter().filter(|(flag, _)| pod.has(*flag)).map(|(_, n)| *n).collect();
            let texts = [&pod.capabilities, &pod.images, &pod.host_paths, &pod.volume_paths];
            let texts = texts
                .into_iter()
                .flatten()
                .map(|node| String::from_utf8_lossy(doc.at(*node).raw_text()).into_owned())
                .chain(pod.unknown.map(|why| format!("{why:?}")))
                .collect();
            (flags, texts)
        })
    }

    #[test]
    fn every_shape_of_a_pod_spec_is_seen() {
        let privileged = r#""securityContext":{"privileged":true}"#;
        for body in [
            format!(r#"{{"spec":{{"containers":[{{{privileged}}}]}}}}"#),
            format!(r#"{{"spec":{{"initContainers":[{{}},{{{privileged}}}]}}}}"#),
            format!(r#"{{"spec":{{"ephemeralContainers":[{{{privileged}}}]}}}}"#),
            format!(r#"{{"spec":{{"template":{{"spec":{{"containers":[{{{privileged}}}]}}}}}}}}"#),
            format!(
                r#"{{"spec":{{"jobTemplate":{{"spec":{{"template":{{"spec":{{"containers":[{{{privileged}}}]}}}}}}}}}}}}"#
            ),
            format!(r#"{{"template":{{"spec":{{"containers":[{{{privileged}}}]}}}}}}"#),
            format!(
                r#"[{{"op":"add","path":"/spec/template/spec/containers/-","value":{{{privileged}}}}}]"#
            ),
            r#"[{"op":"replace","path":"/spec/template/spec/containers/0/securityContext/privileged","value":true}]"#.into(),
            r#"[{"op":"add","path":"/spec/containers/0/securityContext","value":{"privileged":true}}]"#.into(),
            format!(r#"[{{"op":"replace","path":"","value":{{"spec":{{"containers":[{{{privileged}}}]}}}}}}]"#),
        ] {
            assert_eq!(read(&body).0, ["privileged"], "{body}");
        }
        for body in [
            r#"{"spec":{"containers":[{"securityContext":{"privileged":false}}]}}"#,
            r#"{"spec":{"containers":[{"$patch":"delete","name":"a","securityContext":{"privileged":true}}]}}"#,
            r#"{"status":{"containers":[{"securityContext":{"privileged":true}}]}}"#,
            r#"[{"op":"test","path":"/spec/containers/0/securityContext/privileged","value":true}]"#,
            r#"[{"op":"remove","path":"/spec/containers/0/securityContext/privileged"}]"#,
            r#"{"spec":{"containers":[{"args":[{"securityContext":{"privileged":true}}]}]}}"#,
        ] {
            assert_eq!(read(body), (vec![], vec![]), "{body}");
        }
    }

    #[test]
    fn lists_are_gathered() {
        let (flags, texts) = read(
            r#"{"spec":{"hostPID":true,"securityContext":{"runAsUser":0},"containers":[{"image":"a","ports":[{"hostPort":80}],"securityContext":{"capabilities":{"add":["SYS_ADMIN"],"drop":["ALL"]},"seccompProfile":{"type":"Unconfined"}}}],"volumes":[{"hostPath":{"path":"/etc"}},{"emptyDir":{}}]}}"#,
        );
        assert_eq!(flags, ["hostPID", "root", "hostPort", "seccomp"]);
        assert_eq!(texts, ["SYS_ADMIN", "a", "/etc"]);
        let (_, texts) = read(r#"[{"op":"copy","from":"/x","path":"/spec/volumes/0"}]"#);
        assert_eq!(texts, ["PartOfPatch"]);
        assert_eq!(read(r#"{"spec":{"hostPath":{"path":"/"}}}"#).1, ["/"]);
        assert_eq!(read(r#""[redacted:x]""#).1, ["Redacted"]);
    }
}
