//! What bodies say about the object: images, labels, owner, subjects.
//!
//! Only bodies that will be shown are read. Every list is bounded, since a client writes bodies.

use super::text::{Span, Text, Texts};
use crate::event::Slot;
use crate::redacted::Redacted;
use crate::scan::Kind;
use crate::scan::doc::Value;
use crate::scan::key::Key;

/// Most images told apart; the body has them all.
const MOST_IMAGES: usize = 32;

/// Images of the containers in a request. Owns the memory for the list.
#[derive(Default)]
pub(crate) struct Images {
    spans: Vec<Span>,
}

/// The images of one event.
#[derive(Clone, Copy)]
pub(crate) struct ImageList<'a> {
    spans: &'a [Span],
    texts: &'a Texts,
    src: &'a [u8],
}

/// `NAME[:TAG][@DIGEST]`; empty texts for what is not there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Image<'a> {
    pub(crate) name: Text<'a>,
    pub(crate) tag: Text<'a>,
    pub(crate) digest: Text<'a>,
}

impl Images {
    pub(super) fn capacity(&self) -> usize {
        self.spans.capacity() * size_of::<Span>()
    }

    /// Finds the images in the request body of the event.
    pub(super) fn collect(&mut self, redacted: &Redacted<'_>, texts: &mut Texts) {
        self.spans.clear();
        let Some(spec) = redacted.body(Slot::RequestObject).and_then(pod_spec) else { return };
        for key in [Key::Containers, Key::InitContainers, Key::EphemeralContainers] {
            let Some(containers) = spec.get(key) else { continue };
            for container in containers.items() {
                if self.spans.len() == MOST_IMAGES {
                    return;
                }
                if let Some(image) = container.get(Key::Image) {
                    self.spans.push(texts.plain(redacted, Some(image)));
                }
            }
        }
    }

    pub(super) fn list<'a>(&'a self, texts: &'a Texts, src: &'a [u8]) -> ImageList<'a> {
        ImageList { spans: &self.spans, texts, src }
    }
}

impl<'a> ImageList<'a> {
    pub(crate) fn is_empty(self) -> bool {
        self.spans.is_empty()
    }

    pub(crate) fn iter(self) -> impl Iterator<Item = Image<'a>> {
        self.spans.iter().filter_map(move |span| self.texts.get(self.src, *span)).map(Image::read)
    }
}

impl<'a> Image<'a> {
    pub(crate) fn read(text: Text<'a>) -> Self {
        let bytes = text.bytes;
        let (rest, digest) = match memchr::memrchr(b'@', bytes) {
            Some(at) => (&bytes[..at], &bytes[at + 1..]),
            None => (bytes, &b""[..]),
        };
        // a colon before the last slash belongs to the registry's port
        let (name, tag) = match memchr::memrchr(b':', rest) {
            Some(at) if !rest[at..].contains(&b'/') => (&rest[..at], &rest[at + 1..]),
            _ => (rest, &b""[..]),
        };
        Self { name: text.part(name), tag: text.part(tag), digest: text.part(digest) }
    }
}

/// The pod spec in a Pod, a workload or a CronJob.
pub(crate) fn pod_spec(object: Value<'_>) -> Option<Value<'_>> {
    let spec = object.get(Key::Spec)?;
    if spec.get(Key::Containers).is_some() || spec.get(Key::EphemeralContainers).is_some() {
        return Some(spec);
    }
    if let Some(template) = spec.get(Key::Template) {
        return template.get(Key::Spec);
    }
    spec.member(b"jobTemplate")?.get(Key::Spec)?.get(Key::Template)?.get(Key::Spec)
}

/// The object's metadata: of the response when it is the object, else of the request.
pub(crate) fn metadata<'a>(redacted: &Redacted<'a>) -> Option<Value<'a>> {
    [Slot::ResponseObject, Slot::RequestObject].into_iter().find_map(|slot| {
        let metadata = redacted.body(slot)?.get(Key::Metadata)?;
        let named = metadata.kind() == Kind::Object
            && metadata.members().any(|(key, _)| {
                matches!(key.key(), Key::Name | Key::Labels | Key::OwnerReferences)
            });
        named.then_some(metadata)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn image_parts() {
        for (image, name, tag, digest) in [
            ("nginx", "nginx", "", ""),
            ("nginx:1.27", "nginx", "1.27", ""),
            ("registry:5000/a/b", "registry:5000/a/b", "", ""),
            ("registry:5000/a/b:v1@sha256:ab", "registry:5000/a/b", "v1", "sha256:ab"),
            ("a@sha256:ab", "a", "", "sha256:ab"),
            ("", "", "", ""),
        ] {
            let read = Image::read(Text::fixed(image.as_bytes()));
            let parts = [read.name, read.tag, read.digest].map(|t| t.bytes);
            assert_eq!(parts, [name, tag, digest].map(str::as_bytes), "{image}");
        }
    }
}
