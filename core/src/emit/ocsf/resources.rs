//! `resources` and `api.request.containers` of an OCSF event: what the request is about.

use super::Activity;
use crate::emit::layout::{Doc, Keys, List, Value, layout};
use crate::emit::{Emission, MOST_ITEMS, sentence};
use crate::enrich::body::{Image, pod_spec};
use crate::enrich::text::Text;
use crate::event::Slot;
use crate::scan::doc;
use crate::scan::key::Key;

layout! {
    json resources(doc: Activity<'_, '_, '_>) {
        do { doc.resources() } { "resources" {
            "role_id": part, "role": part, "name": name, "uid": object_uid, "type": resource,
            "namespace": namespace, "version": resource_version, "labels": labels,
        } },
    }

    json target(doc: Activity<'_, '_, '_>) {
        "role_id": part = 1,
        "role": part = "Target",
        "name": name,
        "uid": object_uid,
        do { doc.collection() } {},
        "type": resource = sentence::resource(doc.facts),
        "namespace": namespace,
        "version": resource_version = doc.emission.event.get(Slot::ResourceVersion),
        "labels": labels = List(Activity::labels),
    }

    json account(doc: Activity<'_, '_, '_>) {
        "role_id": part = 4,
        "role": part = "Related",
        "type": resource = "ServiceAccount",
        "name": name = doc.facts.token_account().map(|(_, name)| name),
        "namespace": namespace = doc.facts.token_account().map(|(namespace, _)| namespace),
    }

    json containers(doc: Activity<'_, '_, '_>) {
        "containers" [for container in containers_of(doc.emission) => {
            "name": containers = container.get(Key::Name),
            do { if doc.line.out.last() == Some(&b'{') { doc.line.put(b"\"name\":\"unknown\","); } } {},
            "image" {
                "uid": image_digests = part(container, |whole, image| {
                    if image.digest.is_empty() { whole } else { image.digest }
                }),
                "name": images = part(container, |_, image| image.name),
                "labels": image_tags = List(|doc: &mut Activity<'_, '_, '_>| {
                    doc.tag(container);
                }),
            },
        }],
    }
}

/// Containers of the request, bounded.
fn containers_of<'e>(emission: &Emission<'e>) -> impl Iterator<Item = doc::Value<'e>> {
    let spec = emission.body(Slot::RequestObject).and_then(pod_spec);
    let all = [Key::Containers, Key::InitContainers, Key::EphemeralContainers].into_iter();
    all.filter_map(move |key| spec?.get(key)).flat_map(doc::Value::items).take(MOST_ITEMS)
}

/// A part of a container's image: of the whole text and what it is made of.
fn part<F>(container: doc::Value<'_>, pick: F) -> Part<'_, F>
where
    F: for<'t> FnOnce(Text<'t>, Image<'t>) -> Text<'t>,
{
    Part(container, pick)
}

struct Part<'a, F>(doc::Value<'a>, F);

impl<'o, F> Value<'o, Activity<'_, '_, 'o>> for Part<'_, F>
where
    F: for<'t> FnOnce(Text<'t>, Image<'t>) -> Text<'t>,
{
    fn give(self, keys: Keys, to: &mut Activity<'_, '_, 'o>) {
        let Some(image) = self.0.get(Key::Image) else { return };
        to.lend(|to, text| {
            if let Some(whole) = to.emission.inside(image, text).map(Text::fixed) {
                (self.1)(whole, Image::read(whole)).give(keys, to);
            }
        });
    }
}

impl Activity<'_, '_, '_> {
    fn tag(&mut self, container: doc::Value<'_>) {
        let Some(image) = container.get(Key::Image) else { return };
        self.lend(|doc, text| {
            let whole = doc.emission.inside(image, text).map(Text::fixed);
            doc.item(whole.map(|whole| Image::read(whole).tag));
        });
    }

    /// Names the whole collection when the object has no name.
    fn collection(&mut self) {
        if self.line.out.ends_with(b"\"role\":\"Target\",") {
            self.line.put(b"\"name\":\"*\",");
        }
    }

    fn labels(&mut self) {
        if let Some(labels) =
            self.emission.metadata(self.facts).and_then(|metadata| metadata.get(Key::Labels))
        {
            self.emission.labels(labels, &mut self.line, self.text);
        }
    }

    fn object(&mut self, write: impl FnOnce(&mut Self)) {
        let mark = self.line.open(b"{");
        write(self);
        self.line.close(mark);
    }

    fn resources(&mut self) {
        let list = self.line.open(b"\"resources\":[");
        if self.emission.event.get(Slot::ObjectRef).is_some() {
            self.object(target::write);
        }
        if self.facts.token_account().is_some() {
            self.object(account::write);
        } else if let Some(body) = self.emission.binding(self.facts) {
            let subjects = body.get(Key::Subjects);
            for subject in subjects.iter().flat_map(|list| list.items()).take(MOST_ITEMS) {
                self.party(b"{\"role_id\":3,\"role\":\"Affected\",", subject);
            }
            if let Some(role) = body.get(Key::RoleRef) {
                self.party(b"{\"role_id\":4,\"role\":\"Related\",", role);
            }
        }
        self.line.close_list(list);
    }

    /// Who is given something by a binding, or what; nothing without a name.
    fn party(&mut self, role: &'static [u8], object: doc::Value<'_>) {
        let before = self.line.out.len();
        self.line.put(role);
        let from = self.line.out.len();
        for (key, to) in [
            (Key::Name, layout!(@keys json "name")),
            (Key::Kind, layout!(@keys json "type")),
            (Key::Namespace, layout!(@keys json "namespace")),
        ] {
            object.get(key).give(to, self);
            if key == Key::Name && self.line.out.len() == from {
                return self.line.out.truncate(before);
            }
        }
        self.line.out.pop();
        self.line.put(b"},");
    }
}
