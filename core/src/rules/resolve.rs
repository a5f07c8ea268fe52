//! From a field to its values.

use crate::detect::readers::Manner;
use crate::detect::{Hit, name_hints_secret};
use crate::enrich::{address, without_mapping};
use crate::event::{Parameters, Slot, UserName, decode, says, split};
use crate::scan::Kind;
use crate::scan::doc::Value;
use crate::scan::key::Key;
use crate::text::unescape;

use super::answer::Why;
use super::bodies::{
    GRANTS, Other, Pod, Rbac, is_json_patch, is_public, odd, operations, segments,
};
use super::fields::{Derived, Field};
use super::paths::by_path;
use super::subject::Subject;

/// One value of a field.
#[derive(Clone, Copy)]
pub(super) enum Leaf<'v> {
    Value(Value<'v>),
    Text(&'v [u8]),
}

/// Takes values.
pub(super) type Look<'l> = &'l mut dyn FnMut(Leaf<'_>);

/// Most arguments of an exec that are looked at.
const ARGUMENTS: usize = 256;

/// Rules of redaction that take out something else than a credential.
const NO_CREDENTIALS: [&str; 9] = [
    "managed-fields",
    "config-map-values",
    "config-map-member",
    "lone-surrogate",
    "audit-level",
    "access-key-id",
    "opaque-subtree",
    "nested-document",
    "same-value",
];

/// What was derived from the current event. Owns the memory for it.
#[derive(Default)]
pub(super) struct Scratch {
    pod: Pod,
    rbac: Rbac,
    other: Other,
    /// Which of them were read for this event, and what [`Other`] holds.
    read: Read,
    text: Vec<u8>,
    argv: Vec<u8>,
    ends: Vec<u32>,
    uri: Vec<u8>,
    hits: Vec<Hit>,
}

#[derive(Clone, Copy, Default, PartialEq, Eq)]
struct Read {
    pod: bool,
    rbac: bool,
    binding: bool,
    webhooks: bool,
    exec: bool,
}

impl Scratch {
    /// Forgets the event before.
    pub(super) fn clear(&mut self) {
        self.read = Read::default();
    }

    /// Shows all values of a field. `Some` says why there may be more.
    pub(super) fn resolve(
        &mut self,
        subject: &Subject<'_>,
        field: &Field,
        look: Look<'_>,
    ) -> Option<Why> {
        match field {
            Field::Path(path) => by_path(subject, path, look),
            Field::Derived(derived) => {
                let absent = self.derived(subject, *derived, look);
                // A patch does not show what it leaves alone; of a role there is one.
                let is_one = matches!(derived, Derived::BindingRole | Derived::BindingRoleKind);
                let is_part = subject.target.verb == b"patch" && derived.is_of_body() && !is_one;
                absent.or(is_part.then_some(Why::Untouched))
            }
            Field::Everything => {
                let doc = subject.event.doc;
                let root = doc.at(subject.event.root);
                for index in root.index..root.node().next {
                    let value = doc.at(index);
                    if !matches!(value.kind(), Kind::Key | Kind::Object | Kind::Array) {
                        look(Leaf::Value(value));
                    }
                }
                subject.absent_body(false)
            }
        }
    }

    fn derived(&mut self, subject: &Subject<'_>, derived: Derived, look: Look<'_>) -> Option<Why> {
        use Derived as D;
        let target = &subject.target;
        let text = match derived {
            D::Verb => target.verb,
            D::Resource => target.resource,
            D::Subresource => target.subresource,
            D::Group => target.group,
            D::Namespace => target.namespace,
            // Whoever creates an object names it in the body.
            D::Name if target.name.is_empty() && target.verb == b"create" => {
                let body = subject.event.get(Slot::RequestObject);
                let metadata = body.and_then(|body| body.get(Key::Metadata));
                match metadata.and_then(|metadata| metadata.get(Key::Name)) {
                    Some(name) => {
                        look(Leaf::Value(name));
                        return None;
                    }
                    None => target.name,
                }
            }
            D::Name => target.name,
            D::Target => {
                self.text.clear();
                self.text.extend_from_slice(target.namespace);
                self.text.push(b'/');
                self.text.extend_from_slice(target.name);
                look(Leaf::Text(&self.text));
                return (!target.is_known).then_some(Why::NoTarget);
            }
            D::OwnNamespace => {
                let own = subject.event.get(Slot::Username).is_some_and(|name| {
                    name.read(|name| match UserName::read(name) {
                        UserName::Account { namespace, .. } => namespace == target.namespace,
                        _ => false,
                    })
                });
                look(Leaf::Text(if own { b"true" } else { b"false" }));
                return None;
            }
            D::FailedOpen => return failed_open(subject, look),
            D::Outcome => subject.outcome.name().as_bytes(),
            D::RefusedBy => subject.refused_by.unwrap_or_default(),
            D::UriPath => subject.path,
            D::ProxyPath => return self.proxied(subject, look),
            D::Peer | D::PeerPublic => return peer(subject, derived == D::PeerPublic, look),
            D::UserKind => match subject.user {
                Some(kind) => kind.name().as_bytes(),
                None => return (subject.code != 401).then_some(Why::NoUser),
            },
            D::CredentialKind => return credential(subject, look),
            D::ExecArgv | D::ExecCommand => {
                return self.exec(subject, derived == D::ExecCommand, look);
            }
            D::Pod(_)
            | D::PodCapabilities
            | D::PodImages
            | D::PodHostPaths
            | D::PodAccounts
            | D::VolumePaths
            | D::VolumeLocalPaths => return self.pod(subject, derived, look),
            D::Granted => return self.grants(subject, look),
            D::BindingRole | D::BindingRoleKind | D::BindingSubjects => {
                return self.binding(subject, derived, look);
            }
            D::WebhookUrls | D::WebhookOutside => return self.webhooks(subject, derived, look),
            D::Credentials => return self.credentials(subject, look),
            D::Detectors => {
                let names = subject.redacted.rules.names();
                for receipt in &subject.redacted.redactor.receipts {
                    if let Some(name) = names.get(usize::from(receipt.rule))
                        && !NO_CREDENTIALS.contains(&name.as_str())
                    {
                        look(Leaf::Text(name.as_bytes()));
                    }
                }
                // All that an exec says stands in its URI.
                if target.subresource == b"exec" {
                    self.read_exec(subject);
                    return if self.ends.is_empty() { Some(Why::NoCommand) } else { None };
                }
                return subject.absent_body(false);
            }
        };
        if !text.is_empty() {
            look(Leaf::Text(text));
        } else if derived == D::UriPath || !target.is_known {
            return Some(Why::NoTarget);
        }
        None
    }

    /// The path that a proxied request has at the other end.
    fn proxied(&mut self, subject: &Subject<'_>, look: Look<'_>) -> Option<Why> {
        if subject.target.subresource != b"proxy" && subject.target.is_known {
            return None;
        }
        let path = subject.path.strip_prefix(b"/").unwrap_or(subject.path);
        // /api/v1[/namespaces/NAMESPACE]/RESOURCE/NAME/proxy
        let is_slash = |byte: &u8| *byte == b'/';
        let of_namespace = path.split(is_slash).nth(2) == Some(b"namespaces");
        let before = if of_namespace { 6 } else { 4 };
        let mut parts = path.splitn(before + 2, is_slash);
        if parts.nth(before) != Some(b"proxy") {
            return Some(Why::NoTarget);
        }
        plain(parts.next().unwrap_or_default(), &mut self.text);
        look(Leaf::Text(&self.text));
        None
    }

    fn pod(&mut self, subject: &Subject<'_>, derived: Derived, look: Look<'_>) -> Option<Why> {
        match subject.body() {
            Err(why) => return Some(why),
            Ok(None) => return None,
            Ok(Some(body)) if !self.read.pod => {
                self.pod.read(body, subject.answer(), subject.target.subresource);
                self.read.pod = true;
            }
            Ok(Some(_)) => {}
        }
        let Self { pod, text, .. } = self;
        let doc = subject.event.doc;
        let list = match derived {
            Derived::Pod(flag) => {
                let is = pod.has(flag);
                if is || (pod.unknown.is_none() && subject.target.verb != b"patch") {
                    look(Leaf::Text(if is { b"true" } else { b"false" }));
                }
                return if is { None } else { pod.unknown };
            }
            Derived::PodCapabilities => {
                for node in &pod.capabilities {
                    doc.at(*node).read(|name| {
                        let bare = name.get(..4).filter(|s| s.eq_ignore_ascii_case(b"CAP_"));
                        look(Leaf::Text(if bare.is_some() { &name[4..] } else { name }));
                    });
                }
                return pod.unknown;
            }
            Derived::PodHostPaths => &pod.host_paths,
            Derived::VolumePaths => &pod.volume_paths,
            Derived::VolumeLocalPaths => &pod.local_paths,
            Derived::PodAccounts => &pod.accounts,
            _ => &pod.images,
        };
        let are_paths = matches!(
            derived,
            Derived::PodHostPaths | Derived::VolumePaths | Derived::VolumeLocalPaths
        );
        for node in list {
            let value = doc.at(*node);
            if are_paths {
                value.read(|path| {
                    plain(path, text);
                    look(Leaf::Text(text));
                });
            } else {
                look(Leaf::Value(value));
            }
        }
        pod.unknown
    }

    fn grants(&mut self, subject: &Subject<'_>, look: Look<'_>) -> Option<Why> {
        match subject.body() {
            Err(why) => return Some(why),
            Ok(None) => return None,
            Ok(Some(body)) if !self.read.rbac => {
                self.rbac.read(body, subject.answer());
                self.read.rbac = true;
            }
            Ok(Some(_)) => {}
        }
        for (name, grant) in GRANTS {
            if self.rbac.has(grant) {
                look(Leaf::Text(name.as_bytes()));
            }
        }
        self.rbac.unknown
    }

    fn binding(&mut self, subject: &Subject<'_>, derived: Derived, look: Look<'_>) -> Option<Why> {
        match subject.body() {
            Err(why) => return Some(why),
            Ok(None) => return None,
            Ok(Some(body)) if !self.read.binding => {
                self.other.binding(body, subject.answer());
                (self.read.binding, self.read.webhooks) = (true, false);
            }
            Ok(Some(_)) => {}
        }
        if !self.other.binds && subject.target.verb == b"patch" {
            return self.other.unknown.or(Some(Why::Untouched));
        }
        let Self { other, text, .. } = self;
        let doc = subject.event.doc;
        let one = match derived {
            Derived::BindingRole => other.role,
            Derived::BindingRoleKind => other.role_kind,
            _ => {
                for node in &other.subjects {
                    spell(doc.at(*node), text);
                    look(Leaf::Text(text));
                }
                return other.unknown;
            }
        };
        match one {
            Some(node) => {
                look(Leaf::Value(doc.at(node)));
                None
            }
            // A patch need not say which role a binding is of.
            None if subject.target.verb == b"patch" => Some(Why::PartOfPatch),
            None => other.unknown,
        }
    }

    fn webhooks(&mut self, subject: &Subject<'_>, derived: Derived, look: Look<'_>) -> Option<Why> {
        match subject.body() {
            Err(why) => return Some(why),
            Ok(None) => return None,
            Ok(Some(body)) if !self.read.webhooks => {
                self.other.webhooks(body, subject.answer());
                (self.read.webhooks, self.read.binding) = (true, false);
            }
            Ok(Some(_)) => {}
        }
        if derived == Derived::WebhookOutside {
            let is = self.other.outside;
            if is || subject.target.verb != b"patch" {
                look(Leaf::Text(if is { b"true" } else { b"false" }));
            }
        } else {
            for node in &self.other.urls {
                look(Leaf::Value(subject.event.doc.at(*node)));
            }
        }
        self.other.unknown
    }

    /// Whether `data` of a ConfigMap holds what looks like a credential.
    fn credentials(&mut self, subject: &Subject<'_>, look: Look<'_>) -> Option<Why> {
        let body = match subject.body() {
            Err(why) => return Some(why),
            Ok(None) => return None,
            Ok(Some(body)) => body,
        };
        let Self { hits, .. } = self;
        let mut entry = |name: &[u8], value: Value<'_>| {
            if value.kind() != Kind::String || value.raw_text().is_empty() {
                return;
            }
            if name_hints_secret(name) && value.read(|text| text.len() >= 8) {
                look(Leaf::Text(b"hinted-value"));
            }
            hits.clear();
            let detectors = &subject.redacted.rules.detectors;
            value.read(|text| detectors.read(text, Manner::Plain, hits));
            for hit in &*hits {
                look(Leaf::Text(hit.detector.name().as_bytes()));
            }
        };
        if is_json_patch(body) {
            return data_of_patch(subject, body, &mut entry);
        }
        data_of(body, &mut entry);
        odd(body)
    }

    /// What an exec or attach runs: from the body where there is one, else from the query, else
    /// from the label that Google's audit log has.
    fn exec(&mut self, subject: &Subject<'_>, joined: bool, look: Look<'_>) -> Option<Why> {
        let is_exec = subject.target.resource == b"pods"
            && matches!(subject.target.subresource, b"exec" | b"attach");
        if !is_exec {
            return None;
        }
        self.read_exec(subject);
        if self.ends.is_empty() {
            // An exec has a command; one that does not show it was cut.
            return (subject.target.subresource == b"exec").then_some(Why::NoCommand);
        }
        let mut start = 0;
        if joined {
            self.text.clear();
        }
        for end in &self.ends {
            let argument = &self.argv[start..*end as usize];
            start = *end as usize;
            if joined {
                if !self.text.is_empty() {
                    self.text.push(b' ');
                }
                self.text.extend_from_slice(argument);
            } else {
                look(Leaf::Text(argument));
            }
        }
        if joined {
            look(Leaf::Text(&self.text));
        }
        // What was cut off, or stands behind the last that is looked at, may be the worst of it.
        let is_whole = self.ends.len() < ARGUMENTS;
        subject.lost.filter(|why| *why == Why::Cut).or((!is_whole).then_some(Why::LongCommand))
    }

    fn read_exec(&mut self, subject: &Subject<'_>) {
        let event = subject.event;
        if std::mem::replace(&mut self.read.exec, true) {
            return;
        }
        self.argv.clear();
        self.ends.clear();
        let Self { argv, ends, uri, .. } = self;
        let body = event.get(Slot::RequestObject).and_then(|body| body.get(Key::Command));
        for item in body.iter().flat_map(|list| list.items()).take(ARGUMENTS) {
            item.read(|text| argv.extend_from_slice(text));
            ends.push(argv.len() as u32);
        }
        if ends.is_empty()
            && let Some(written) = event.get(Slot::RequestUri)
        {
            uri.clear();
            unescape(written.raw_text(), uri);
            let query = split(uri).1.unwrap_or_default();
            let commands = Parameters::new(query).filter(|(name, _)| says(name, b"command"));
            for (_, value) in commands.take(ARGUMENTS) {
                decode(value, argv);
                ends.push(argv.len() as u32);
            }
        }
        if ends.is_empty()
            && let Some(label) = event
                .get(Slot::Annotations)
                .and_then(|annotations| annotations.member(b"command.gke.io/command"))
        {
            label.read(|text| argv.extend_from_slice(text));
            ends.push(argv.len() as u32);
        }
    }
}

/// Shows the entries of a ConfigMap's `data`.
fn data_of(body: Value<'_>, entry: &mut dyn FnMut(&[u8], Value<'_>)) {
    let data = body.get(Key::Data);
    for (name, value) in data.iter().flat_map(|data| data.members()) {
        name.read(|name| entry(name, value));
    }
}

/// Those that a JSON patch puts there; all that came of it where it does not show what.
fn data_of_patch(
    subject: &Subject<'_>,
    patch: Value<'_>,
    entry: &mut dyn FnMut(&[u8], Value<'_>),
) -> Option<Why> {
    let mut unseen = false;
    operations(
        patch,
        &mut |pointer, value| {
            let mut names = segments(pointer);
            match (names.next(), names.next()) {
                (Some(b""), None) => data_of(value, entry),
                (Some(b"data"), None) => {
                    for (name, value) in value.members() {
                        name.read(|name| entry(name, value));
                    }
                }
                (Some(b"data"), Some(name)) => entry(name, value),
                _ => {}
            }
        },
        &mut |pointer| unseen |= matches!(segments(pointer).next(), Some(b"data" | b"")),
    );
    match subject.answer() {
        _ if !unseen => None,
        None => Some(Why::PartOfPatch),
        Some(whole) => {
            data_of(whole, entry);
            odd(whole)
        }
    }
}

fn peer(subject: &Subject<'_>, is_public_asked: bool, look: Look<'_>) -> Option<Why> {
    let last = subject.event.get(Slot::SourceIps).and_then(|list| list.items().last());
    let Some(last) = last else { return Some(Why::NoAddress) };
    last.read(|text| {
        if !is_public_asked {
            look(Leaf::Text(without_mapping(text)));
            return None;
        }
        let read = subject.peer.filter(|(said, _)| *said == text).map(|(_, address)| address);
        match read.or_else(|| address(text)).or_else(|| address(without_mapping(text))) {
            Some(address) => {
                look(Leaf::Text(if is_public(address) { b"true" } else { b"false" }));
                None
            }
            None => Some(Why::Odd),
        }
    })
}

fn credential(subject: &Subject<'_>, look: Look<'_>) -> Option<Why> {
    let id = subject
        .event
        .get(Slot::UserExtra)
        .and_then(|extra| extra.member(b"authentication.kubernetes.io/credential-id"))
        .and_then(|ids| ids.items().next());
    let Some(id) = id else { return Some(Why::NoCredential) };
    id.read(|text| {
        let kind: &[u8] = match text {
            _ if text.starts_with(b"JTI=") => b"token",
            _ if text.starts_with(b"X509SHA256=") => b"certificate",
            _ if text.starts_with(b"[redacted:") => return Some(Why::Redacted),
            _ => b"other",
        };
        look(Leaf::Text(kind));
        None
    })
}

/// Whether admission let the request through because it could not ask a webhook.
fn failed_open(subject: &Subject<'_>, look: Look<'_>) -> Option<Why> {
    let annotations = subject.event.get(Slot::Annotations);
    let failed = annotations.is_some_and(|list| {
        list.members().any(|(key, _)| {
            let is_near = key.raw_text().starts_with(b"failed-open.") || key.is_escaped();
            is_near
                && key.read(|name| {
                    name.starts_with(b"failed-open.validating.webhook.admission.k8s.io/")
                        || name.starts_with(b"failed-open.mutating.webhook.admission.k8s.io/")
                        || name.starts_with(b"failed-open.validation.webhook.admission.k8s.io/")
                        || name.starts_with(b"failed-open.mutation.webhook.admission.k8s.io/")
                })
        })
    });
    look(Leaf::Text(if failed { b"true" } else { b"false" }));
    subject.lost.filter(|why| !failed && *why == Why::Cut)
}

/// `KIND:NAME` or `ServiceAccount:NAMESPACE:NAME`.
fn spell(subject: Value<'_>, out: &mut Vec<u8>) {
    out.clear();
    let mut add = |key: Key| {
        let Some(value) = subject.get(key) else { return };
        if value.raw_text().is_empty() {
            return;
        }
        if !out.is_empty() {
            out.push(b':');
        }
        value.read(|text| out.extend_from_slice(text));
    };
    add(Key::Kind);
    add(Key::Namespace);
    add(Key::Name);
}

/// A path as the kernel takes it: no empty parts, no `.`, and `..` goes back.
fn plain(path: &[u8], out: &mut Vec<u8>) {
    out.clear();
    for part in path.split(|byte| *byte == b'/') {
        match part {
            b"" | b"." => {}
            b".." => out.truncate(memchr::memrchr(b'/', out).unwrap_or(0)),
            part => {
                out.push(b'/');
                out.extend_from_slice(part);
            }
        }
    }
    if out.is_empty() {
        out.push(b'/');
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_are_made_plain() {
        for (path, expected) in [
            ("/", "/"),
            ("/etc/", "/etc"),
            ("//etc/./x", "/etc/x"),
            ("/var/../etc", "/etc"),
            ("/../..", "/"),
            ("/a/b/../../..", "/"),
        ] {
            let mut out = Vec::new();
            plain(path.as_bytes(), &mut out);
            assert_eq!(String::from_utf8_lossy(&out), expected, "{path}");
        }
    }
}
