//! Whose output a record says it is.
//!
//! Any pod of a cluster can print an audit event. Log programs and clouds say beside a line which
//! container, unit, stream or category it is of, as members, attributes, labels, tags, fields of a row
//! or a prefix; what is not an API server's, nor that of a receiver of its audit log, is no audit
//! event, whatever it says. All of them are read here, by the same names ([`roles`]), and judged by
//! the same lists ([`places`]). Records that say nothing of it are taken as they come.

mod places;
mod roles;

pub(super) use places::{
    Container, is_other_component, is_other_service, is_other_unit, is_resource,
};

use crate::scan::Kind;
use crate::scan::doc::Value;
use crate::scan::key::Key;
use roles::{Role, role_of};

/// What all that a record tells comes to. A client may have written some of it, so one name that is no
/// API server's outweighs all others.
#[derive(Clone, Copy, Default)]
pub(super) struct Told<'a> {
    container: Names,
    pod: Names,
    /// A namespace is told.
    namespace: bool,
    image: Option<&'a [u8]>,
    category: Option<&'a [u8]>,
    stream: Option<&'a [u8]>,
    group: Option<&'a [u8]>,
    /// Something is told that is surely of no API server.
    foreign: bool,
    /// It is of a table of containers.
    table: bool,
}

/// Names of one kind that were told.
#[derive(Clone, Copy, Default)]
struct Names {
    told: bool,
    /// One of them is not that of an API server.
    others: bool,
    /// One of them is not that of a program which hands logs on, either.
    workloads: bool,
}

impl Names {
    fn add(&mut self, name: &[u8]) {
        self.told = true;
        if !places::names_an_api_server(name) {
            self.others = true;
            self.workloads |= !places::names_a_shipper(name);
        }
    }
}

impl<'a> Told<'a> {
    /// A name and what it is, as text.
    pub(super) fn tell(&mut self, name: &[u8], text: &'a [u8]) {
        if let Some(role) = role_of(name) {
            self.set(role, text);
        }
    }

    /// `NAME="VALUE"` pairs, as Prometheus writes labels and syslog its data; the quotes may be escaped.
    pub(super) fn pairs(&mut self, text: &'a [u8]) {
        let mut rest = text;
        while let Some(at) = memchr::memchr(b'=', rest) {
            let part_of_name = |b: &&u8| b.is_ascii_alphanumeric() || b"_-.@".contains(b);
            let len = rest[..at].iter().rev().take_while(part_of_name).count();
            let name = &rest[at - len..at];
            rest = &rest[at + 1..];
            let escaped = rest.starts_with(b"\\\"");
            let Some(value) = rest[usize::from(escaped)..].strip_prefix(b"\"") else { continue };
            // A quote with more before it is one of the value.
            let slashes = |at: usize| value[..at].iter().rev().take_while(|b| **b == b'\\').count();
            let ends = |at: &usize| slashes(*at) == usize::from(escaped);
            let end = memchr::memchr_iter(b'"', value).find(ends).unwrap_or(value.len());
            let inside = &value[..end];
            self.tell(name, inside.strip_suffix(b"\\").filter(|_| escaped).unwrap_or(inside));
            rest = &value[end..];
        }
    }

    fn add(&mut self, of: Container<'a>) {
        self.container.add(of.name);
        if let Some(pod) = of.pod {
            self.pod.add(pod);
        }
        if let Some(namespace) = of.namespace {
            self.namespace(namespace);
        }
    }

    fn each(&mut self, of: Option<Container<'a>>) {
        if let Some(of) = of {
            self.add(of);
        }
    }

    fn namespace(&mut self, name: &[u8]) {
        self.namespace = true;
        self.foreign |= !places::is_of_the_cluster(name);
    }

    fn set(&mut self, role: Role, text: &'a [u8]) {
        if text.is_empty() {
            return;
        }
        match role {
            Role::Container => match Container::of_docker(text) {
                Some(of) => self.add(of),
                None => self.container.add(text),
            },
            Role::Pod => {
                let before = self.pod.workloads;
                self.pod.add(text);
                // A name of one word is none that controllers make, and says little.
                self.pod.workloads &= before || is_made_of_words(text);
            }
            Role::Namespace => self.namespace(text),
            Role::Image => self.image = self.image.or(Some(text)),
            Role::Unit => self.foreign |= is_other_unit(text),
            Role::Category => self.category = self.category.or(Some(text)),
            Role::Group => self.group = self.group.or(Some(text)),
            Role::Table => self.table |= places::is_of_containers(text),
            Role::Stream => {
                self.stream = self.stream.or(Some(text));
                self.foreign |= is_other_component(text);
                self.each(Container::of_path(text));
            }
            Role::Collected => {
                let kinds: [&[u8]; 4] = [b"application", b"infrastructure", b"container", b"node"];
                self.foreign |= kinds.contains(&text);
            }
            Role::Path => {
                self.each(Container::of_path(text).or_else(|| Container::of_docker(text)));
            }
            Role::Docker => self.each(Container::of_docker(text)),
            Role::Instance => self.each(Container::of_instance(text)),
            Role::Job => {
                let mut parts = text.split(|byte| *byte == b'/');
                let (namespace, name) = (parts.next(), parts.next());
                if let (Some(name), None) = (name, parts.next()) {
                    self.add(Container { name, pod: None, namespace });
                }
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
            }
            Role::Labels => self.pairs(text),
            Role::Holder => {}
        }
    }

    /// Reads the members of an object, and those of the objects in it that hold more, to a depth.
    fn read(&mut self, object: Value<'a>, of_a_pod: bool, depth: u8) {
        // Attributes of OpenTelemetry, fields of a row of Logs Insights.
        for pair in object.items() {
            let value = pair.get(Key::Value).and_then(text_of);
            let name = pair.get(Key::Key).or_else(|| pair.get(Key::Field));
            if let Some((name, value)) = name.filter(is_text).zip(value) {
                self.tell(name.raw_text(), value);
            }
        }
        for (key, value) in object.members() {
            if OF_AN_EVENT.contains(&key.node().key) {
                continue;
            }
            let Some(role) = role_of(key.raw_text()) else { continue };
            if role == Role::Labels && of_a_pod {
                continue; // whoever makes a pod writes them
            }
            match (role, value.kind()) {
                (_, Kind::String) => self.set(role, value.raw_text()),
                (Role::Tags, Kind::Array) => {
                    for tag in value.items().filter(is_text) {
                        self.set(role, tag.raw_text());
                    }
                }
                (
                    Role::Holder | Role::Labels | Role::Path | Role::Tags,
                    Kind::Object | Kind::Array,
                ) if depth > 0 => {
                    let of_a_pod = matches!(key.raw_text(), b"kubernetes" | b"k8s");
                    self.read(value, of_a_pod, depth - 1);
                }
                (_, Kind::Object | Kind::Array) => {
                    if let Some(text) = text_of(value) {
                        self.set(role, text);
                    }
                }
                _ => {}
            }
        }
        self.docker(object);
    }

    /// What Docker's log drivers write: `tag` is the name of a container there.
    fn docker(&mut self, object: Value<'a>) {
        let holds_line = object.get(Key::Line).is_some() || object.get(Key::Log).is_some();
        let Some(tag) = object.member(b"tag").or_else(|| object.member(b"attrs")?.member(b"tag"))
        else {
            return;
        };
        let says = |name: &[u8]| {
            object.member(name).is_some_and(|of| of.says(b"stdout") || of.says(b"stderr"))
        };
        let by_docker = object.member(b"attrs").is_some() || says(b"source");
        // If nobody names it, it is the id.
        if holds_line && by_docker && is_text(&tag) && is_made_of_words(tag.raw_text()) {
            self.container.add(tag.raw_text());
        }
    }

    /// Whether nothing says whose container it was.
    fn is_bare(&self) -> bool {
        !self.container.told && !self.pod.told && !self.namespace
    }

    /// Whether what was told is of no API server.
    pub(super) fn is_foreign(&self) -> bool {
        self.foreign
            || self.category.is_some_and(|category| !places::is_audit_category(category))
            || if self.container.told {
                self.is_in_a_workload()
            } else {
                places::is_other_stream(self.group, self.stream)
                    || self.table
                    || self.pod.workloads && !self.namespace
                    || self.is_bare() && self.image.is_some_and(is_other_image)
            }
    }

    /// Whether neither the container nor its pod is an API server's; in a namespace of the cluster it
    /// may be that of a program which hands logs on, and tells its own.
    fn is_in_a_workload(&self) -> bool {
        let named = !self.container.others || self.pod.told && !self.pod.others;
        let hands_on = self.namespace && !self.container.workloads;
        !named && !hands_on
    }
}

/// The names of an event's own members, of which none tells where a line is from.
const OF_AN_EVENT: std::ops::RangeInclusive<u8> = Key::Kind as u8..=Key::Annotations as u8;

impl Container<'_> {
    /// Whether nothing in its names suggests an audit log.
    pub(super) fn is_workload(self) -> bool {
        let mut told = Told::default();
        told.add(self);
        told.is_foreign()
    }
}

/// Whether a name is one that controllers make: they add words to it.
fn is_made_of_words(name: &[u8]) -> bool {
    name.iter().any(|byte| b"-/_".contains(byte))
}

fn is_other_image(image: &[u8]) -> bool {
    is_made_of_words(image)
        && !places::names_an_api_server(image)
        && !places::names_a_shipper(image)
}

fn is_text(value: &Value<'_>) -> bool {
    value.kind() == Kind::String
}

/// The one text that a value is, holds as the name of an object, or as the only item of a list;
/// values of OpenTelemetry are objects.
fn text_of(value: Value<'_>) -> Option<&[u8]> {
    let mut value = value;
    // A list of OpenTelemetry is five levels deep.
    for _ in 0..6 {
        value = match value.kind() {
            Kind::String => return Some(value.raw_text()),
            Kind::Array => value.items().next()?,
            Kind::Object => value
                .get(Key::Name)
                .or_else(|| value.member(b"stringValue"))
                .or_else(|| value.member(b"arrayValue"))
                .or_else(|| value.get(Key::Values))?,
            _ => return None,
        };
    }
    None
}

/// Whether a record, or the fields of a row, say that its lines are no API server's.
pub(super) fn is_foreign(record: Value<'_>) -> bool {
    let mut told = Told::default();
    told.read(record, false, 2);
    // What Loki keeps of a line besides stands behind it.
    for item in record.items().take(4) {
        told.read(item, false, 1);
    }
    // Only records of Azure have a category of that kind.
    let of_azure = |key| record.get(key).is_some();
    if told.category.is_some()
        && ![Key::Properties, Key::LogS, Key::ResourceId].into_iter().any(of_azure)
    {
        told.category = None;
    }
    told.is_foreign() || told.is_bare() && has_labels_of_a_pod(record)
}

/// Whether a record tells labels of a pod, and not that of an API server. Whoever makes a pod writes
/// them, so they count only where nothing else is told.
fn has_labels_of_a_pod(record: Value<'_>) -> bool {
    const LONGEST_LABEL: usize = 63;
    let Some(labels) = record.get(Key::Kubernetes).and_then(|of| of.get(Key::Labels)) else {
        return false;
    };
    let is_label = |value: &Value<'_>| is_text(value) && value.raw_text().len() <= LONGEST_LABEL;
    labels.members().any(|(_, value)| is_label(&value))
        && !labels.member(b"component").is_some_and(|of| of.raw_text().ends_with(b"apiserver"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn members_of_an_event_tell_nothing() {
        let names =
            [Key::Kind, Key::Level, Key::Stage, Key::User, Key::ObjectRef, Key::Annotations];
        for key in names {
            assert!(OF_AN_EVENT.contains(&(key as u8)) && role_of(key.text()).is_none(), "{key:?}");
        }
    }

    #[test]
    fn pairs_are_read_with_and_without_escapes() {
        for text in [
            r#"{container="app", namespace="shop", x="a\"b"}"#,
            r#"{container=\"app\",namespace=\"shop\"}"#,
            r#"[k8s@1 container_name="app" namespace_name="shop"]"#,
        ] {
            let mut told = Told::default();
            told.pairs(text.as_bytes());
            assert!(told.container.others && told.namespace, "{text}");
            assert!(told.is_foreign());
        }
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
