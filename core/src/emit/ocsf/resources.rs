//! `resources` and `api.request.containers` of an OCSF event: what the request is about.

use super::unmapped::LIST;
use super::{Document, PART};
use crate::emit::Emission;
use crate::emit::line::Line;
use crate::enrich::body::{Image, metadata, pod_spec};
use crate::enrich::text::Text;
use crate::event::Slot;
use crate::scan::Kind;
use crate::scan::doc::Value;
use crate::scan::key::Key;

impl Document<'_, '_, '_> {
    pub(super) fn resources(&mut self) {
        let Self { emission, facts, line, scratch, .. } = self;
        let resources = line.open(b"\"resources\":[");
        if emission.event.get(Slot::ObjectRef).is_some() {
            let metadata = if facts.act.resource.is_empty() { None } else { metadata(emission) };
            let mut told = |text: Option<Text<'_>>, key, to: &'static [u8], line: &mut Line<'_>| {
                let text = text.filter(|text| !text.is_empty());
                if let Some(text) = text {
                    line.text(to, text);
                } else if let Some(value) = metadata.and_then(|metadata| metadata.get(key))
                    && let Some(raw) = emission.inside(value, &mut scratch.text)
                {
                    line.text(to, Text::fixed(raw));
                }
            };
            line.put(b"{\"role_id\":1,\"role\":\"Target\",");
            let from = line.out.len();
            told(facts.name, Key::Name, b"\"name\":\"", line);
            told(facts.object_uid, Key::Uid, b"\"uid\":\"", line);
            if line.out.len() == from {
                // the whole collection
                line.put(b"\"name\":\"*\",");
            }
            if let Some(resource) = facts.resource.filter(|resource| !resource.is_empty()) {
                line.put(b"\"type\":\"");
                line.inside_short(resource, PART);
                if let Some(sub) = facts.subresource.filter(|sub| !sub.is_empty()) {
                    line.put(b"/");
                    line.inside_short(sub, PART);
                }
                line.put(b"\",");
            }
            line.some(b"\"namespace\":\"", facts.namespace);
            if let Some(version) = emission.event.get(Slot::ResourceVersion)
                && let Some(raw) = emission.inside(version, &mut scratch.text)
            {
                line.text(b"\"version\":\"", Text::fixed(raw));
            }
            if let Some(labels) = metadata.and_then(|metadata| metadata.get(Key::Labels)) {
                label_list(emission, labels, line, &mut scratch.text);
            }
            line.out.pop();
            line.put(b"},");
        }
        if let Some((namespace, name)) = facts.token_account() {
            line.put(b"{\"role_id\":4,\"role\":\"Related\",\"type\":\"ServiceAccount\",");
            line.put(b"\"name\":\"");
            line.inside(name);
            line.put(b"\",");
            line.text(b"\"namespace\":\"", namespace);
            line.out.pop();
            line.put(b"},");
        } else if matches!(facts.act.resource, b"rolebindings" | b"clusterrolebindings") {
            binding(emission, line, &mut scratch.text);
        }
        line.close_list(resources);
    }
}

/// Appends `containers`: name and image of each in the request, bounded.
pub(super) fn containers(emission: &Emission<'_>, line: &mut Line<'_>, text: &mut Vec<u8>) {
    let Some(spec) = emission.body(Slot::RequestObject).and_then(pod_spec) else { return };
    let list = line.open(b"\"containers\":[");
    let all = [Key::Containers, Key::InitContainers, Key::EphemeralContainers];
    let all = all.iter().filter_map(|key| spec.get(*key)).flat_map(Value::items);
    for container in all.take(LIST) {
        let object = line.open(b"{");
        if let Some(name) = container.get(Key::Name)
            && let Some(raw) = emission.inside(name, text)
        {
            line.text(b"\"name\":\"", Text::fixed(raw));
        }
        if line.out.last() == Some(&b'{') {
            line.put(b"\"name\":\"unknown\",");
        }
        if let Some(image) = container.get(Key::Image)
            && let Some(raw) = emission.inside(image, text)
            && !raw.is_empty()
        {
            let whole = Text::fixed(raw);
            let image = Image::read(whole);
            line.put(b"\"image\":{");
            line.text(b"\"uid\":\"", if image.digest.is_empty() { whole } else { image.digest });
            line.text(b"\"name\":\"", image.name);
            if !image.tag.is_empty() {
                line.put(b"\"labels\":[\"");
                line.inside(image.tag);
                line.put(b"\"],");
            }
            line.out.pop();
            line.put(b"},");
        }
        line.close(object);
    }
    line.close_list(list);
}

/// Appends `labels`: `key:value` texts, bounded.
fn label_list(emission: &Emission<'_>, labels: Value<'_>, line: &mut Line<'_>, text: &mut Vec<u8>) {
    let list = line.open(b"\"labels\":[");
    for (key, value) in labels.members().take(LIST) {
        if !emission.has(key, value) || value.kind() != Kind::String {
            continue;
        }
        let Some(raw) = emission.inside(value, text) else { continue };
        let name = key.node();
        if raw.len() + (name.end - name.start) as usize > line.most {
            continue;
        }
        line.put(b"\"");
        emission.copy(name.start + 1, name.end - 1, line.out);
        line.put(b":");
        line.put(raw);
        line.put(b"\",");
    }
    line.close_list(list);
}

/// Appends who is given what by a binding: its subjects and its role.
fn binding(emission: &Emission<'_>, line: &mut Line<'_>, text: &mut Vec<u8>) {
    let body = [Slot::RequestObject, Slot::ResponseObject]
        .into_iter()
        .filter_map(|slot| emission.body(slot))
        .find(|body| body.get(Key::RoleRef).is_some() || body.get(Key::Subjects).is_some());
    let Some(body) = body else { return };
    let mut add = |role: &'static [u8], object: Value<'_>| {
        let before = line.out.len();
        line.put(role);
        let from = line.out.len();
        for (key, to) in [
            (Key::Name, &b"\"name\":\""[..]),
            (Key::Kind, b"\"type\":\""),
            (Key::Namespace, b"\"namespace\":\""),
        ] {
            if let Some(value) = object.get(key)
                && let Some(raw) = emission.inside(value, text)
            {
                line.text(to, Text::fixed(raw));
            }
            if key == Key::Name && line.out.len() == from {
                return line.out.truncate(before);
            }
        }
        line.out.pop();
        line.put(b"},");
    };
    let subjects = body.get(Key::Subjects);
    for subject in subjects.iter().flat_map(|list| list.items()).take(LIST) {
        add(b"{\"role_id\":3,\"role\":\"Affected\",", subject);
    }
    if let Some(role) = body.get(Key::RoleRef) {
        add(b"{\"role_id\":4,\"role\":\"Related\",", role);
    }
}
