//! From a host's line or record to the audit events in it.
//!
//! [`Unwrapper::run`] hands each event (or what could not be read) to a sink, in order. An event
//! that fails does so alone. Nothing is lost silently: every input gives at least one [`Item`],
//! unless it is blank. Wrappers inside wrappers are opened to the policy's `limits.nested`, each
//! layer with its own reused memory; decoding is bounded by `limits.decodedBytes`.

mod decode;
mod envelope;
mod gke;
#[cfg(test)]
mod tests;

use crate::detect::is_marked;
use crate::gzip::Gunzip;
use crate::policy::Limits;
use crate::reason::Reason;
use crate::scan::doc::{Doc, Value};
use crate::scan::key::Key;
use crate::scan::{Bounds, Kind, ScanError, Tape};
use crate::text;
use decode::Line;
pub(crate) use envelope::{Envelope, Fact};

/// One thing found in an input.
#[derive(Clone, Copy)]
pub(crate) enum Item<'a> {
    /// An object that should be an audit event. Its bytes are `doc.at(root).raw()`.
    Event { tape: &'a Tape, doc: Doc<'a>, root: u32, envelope: &'a Envelope },
    /// Text that is not acceptable JSON. `doc` holds what was scanned before the error.
    Broken { raw: &'a [u8], doc: Doc<'a>, error: ScanError },
    /// Something that cannot be an event or cannot be opened.
    Refused { raw: &'a [u8], reason: Reason, rejected: bool },
    /// Nothing to forward by its nature: a control message, another component's log line.
    Dropped { reason: Reason },
}

/// Whether lines of other programs are expected here.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// An audit log: everything should be an event.
    Log,
    /// A cloud's log batch, which carries other components' lines of text, too.
    Batch,
}

/// Memory for one layer of wrapping.
struct Layer {
    tape: Tape,
    text: Vec<u8>,
    replaced: Vec<u8>,
}

impl Default for Layer {
    fn default() -> Self {
        Self { tape: Tape::new(is_marked), text: Vec::new(), replaced: Vec::new() }
    }
}

/// Finds the events in inputs. Owns the memory for it; one per [`crate::Filter`].
#[derive(Default)]
pub(crate) struct Unwrapper {
    layers: Vec<Option<Box<Layer>>>,
    envelope: Envelope,
    budget: usize,
    gunzip: Gunzip,
}

/// What an object is.
enum Shape<'a> {
    Event,
    /// Items that are events themselves.
    List(Value<'a>),
    /// Each item is some envelope.
    Records(Value<'a>),
    /// CloudWatch: each item's `message` is a line.
    LogEvents(Value<'a>),
    /// base64, perhaps gzip, of lines.
    Encoded(Value<'a>),
    Gke {
        proto: Value<'a>,
        entry: Value<'a>,
    },
    /// The payload is JSON in a string.
    GkeText {
        proto: Value<'a>,
        entry: Value<'a>,
    },
    Azure(Value<'a>),
    /// String members that hold lines, by their keys.
    Wrapper,
    Control,
    Foreign,
}

impl Unwrapper {
    /// Hands every event in `input` to `sink`.
    pub(crate) fn run(&mut self, input: &[u8], limits: &Limits, sink: &mut dyn FnMut(Item<'_>)) {
        self.envelope.clear();
        self.budget = limits.decoded_bytes as usize;
        let mut layer = self.take(0);
        self.lines(input, 0, Place::Log, &mut layer, limits, sink);
        self.put(0, layer);
    }

    /// Gives memory back after an unusually large input.
    pub(crate) fn shrink(&mut self) {
        self.layers.truncate(1);
        if let Some(Some(layer)) = self.layers.first_mut() {
            layer.tape.shrink(1 << 18);
            layer.text = Vec::new();
            layer.replaced = Vec::new();
        }
    }

    fn take(&mut self, depth: usize) -> Box<Layer> {
        while self.layers.len() <= depth {
            self.layers.push(None);
        }
        self.layers[depth].take().unwrap_or_default()
    }

    fn put(&mut self, depth: usize, layer: Box<Layer>) {
        self.layers[depth] = Some(layer);
    }

    /// Text with one or more JSON texts in it. `layer` lends its tape; its `text` may be `input`'s
    /// own memory and is not touched.
    fn lines(
        &mut self,
        input: &[u8],
        depth: usize,
        place: Place,
        layer: &mut Layer,
        limits: &Limits,
        sink: &mut dyn FnMut(Item<'_>),
    ) {
        let Layer { tape, replaced, .. } = layer;
        self.lines_with(input, depth, place, (tape, replaced), limits, sink);
    }

    fn lines_with(
        &mut self,
        input: &[u8],
        depth: usize,
        place: Place,
        (tape, replaced): (&mut Tape, &mut Vec<u8>),
        limits: &Limits,
        sink: &mut dyn FnMut(Item<'_>),
    ) {
        let mut src = match decode::strip_prefix(input) {
            Line::Whole(line) => line,
            Line::Partial => {
                return sink(Item::Refused {
                    raw: input,
                    reason: Reason::PARTIAL_LINE,
                    rejected: false,
                });
            }
        };
        if place == Place::Batch && !matches!(src.first(), Some(b'{' | b'[')) {
            let reason = if src.is_empty() { Reason::BLANK } else { Reason::NOT_AN_AUDIT_LINE };
            return sink(Item::Dropped { reason });
        }
        tape.load(src);
        if tape.any_high() && std::str::from_utf8(src).is_err() {
            replaced.clear();
            text::replace_invalid_utf8(src, replaced);
            src = replaced;
            tape.load(src);
        }
        let bounds = Bounds { depth: limits.depth, nodes: limits.nodes };
        if src.iter().all(u8::is_ascii_whitespace) {
            return sink(Item::Dropped { reason: Reason::BLANK });
        }
        let mut from = 0;
        loop {
            from += src[from..].iter().take_while(|byte| byte.is_ascii_whitespace()).count();
            if from >= src.len() {
                return;
            }
            let parsed = tape.parse(src, from, bounds);
            let doc = Doc { src, nodes: &tape.nodes };
            match parsed {
                Ok(end) => {
                    let rest = &src[from..];
                    from = end;
                    if matches!(doc.root().kind(), Kind::Object | Kind::Array) {
                        self.value(tape, doc.root(), depth, place, limits, sink);
                    } else {
                        // The tail of a line that something cut: not many texts, one refusal.
                        return sink(foreign(rest));
                    }
                }
                Err(error) => return sink(Item::Broken { raw: &src[from..], doc, error }),
            }
        }
    }

    fn value(
        &mut self,
        tape: &Tape,
        root: Value<'_>,
        depth: usize,
        place: Place,
        limits: &Limits,
        sink: &mut dyn FnMut(Item<'_>),
    ) {
        // Arrays of arrays have no meaning; one level is a batch of events.
        match root.kind() {
            Kind::Array => {
                let mut any = false;
                for item in root.items() {
                    any = true;
                    if item.kind() == Kind::Object {
                        self.object(tape, item, depth, place, limits, sink);
                    } else {
                        sink(foreign(item.raw()));
                    }
                }
                if !any {
                    sink(Item::Dropped { reason: Reason::EMPTY_LIST });
                }
            }
            Kind::Object => self.object(tape, root, depth, place, limits, sink),
            _ => sink(foreign(root.raw())),
        }
    }

    fn object(
        &mut self,
        tape: &Tape,
        root: Value<'_>,
        depth: usize,
        place: Place,
        limits: &Limits,
        sink: &mut dyn FnMut(Item<'_>),
    ) {
        match shape(root) {
            Shape::Event => {
                let envelope = &self.envelope;
                sink(Item::Event { tape, doc: root.doc, root: root.index, envelope });
            }
            Shape::List(items) => {
                let mut any = false;
                for item in items.items() {
                    any = true;
                    let envelope = &self.envelope;
                    sink(Item::Event { tape, doc: root.doc, root: item.index, envelope });
                }
                if !any {
                    sink(Item::Dropped { reason: Reason::EMPTY_LIST });
                }
            }
            Shape::Control => sink(Item::Dropped { reason: Reason::CONTROL_MESSAGE }),
            Shape::Foreign => sink(foreign(root.raw())),
            _ if depth >= usize::from(limits.nested) => {
                sink(Item::Refused {
                    raw: root.raw(),
                    reason: Reason::WRAPPED_TOO_DEEP,
                    rejected: false,
                });
            }
            Shape::Records(records) => {
                if records.items().next().is_none() {
                    sink(Item::Dropped { reason: Reason::EMPTY_LIST });
                }
                for record in records.items() {
                    match record.kind() {
                        Kind::Object => {
                            self.object(tape, record, depth + 1, Place::Batch, limits, sink);
                        }
                        Kind::String => self.nested_text(record, depth, Place::Batch, limits, sink),
                        _ => sink(foreign(record.raw())),
                    }
                }
            }
            Shape::LogEvents(events) => {
                if let Some(group) = root.get(Key::LogGroup) {
                    self.envelope.eks_log_group(&group.text());
                }
                if let Some(owner) = root.get(Key::Owner) {
                    self.envelope.set(Fact::Account, owner.raw_text());
                }
                if events.items().next().is_none() {
                    sink(Item::Dropped { reason: Reason::EMPTY_LIST });
                }
                for event in events.items() {
                    match event.get(Key::Message) {
                        Some(line) if line.kind() == Kind::String => {
                            self.nested_text(line, depth, Place::Batch, limits, sink);
                        }
                        _ => sink(foreign(event.raw())),
                    }
                }
            }
            Shape::Encoded(encoded) => {
                let mut layer = self.take(depth + 1);
                let mut text = std::mem::take(&mut layer.text);
                match decode::base64_gzip(
                    encoded.raw_text(),
                    &mut self.budget,
                    &mut self.gunzip,
                    &mut text,
                ) {
                    Ok(()) => self.lines(&text, depth + 1, Place::Batch, &mut layer, limits, sink),
                    Err(error) => sink(Item::Refused {
                        raw: encoded.raw(),
                        reason: error.reason(),
                        rejected: false,
                    }),
                }
                layer.text = text;
                self.put(depth + 1, layer);
            }
            Shape::Gke { proto, entry } => self.gke(proto, entry, depth, limits, sink),
            Shape::GkeText { proto, entry } => {
                let mut layer = self.take(depth + 1);
                layer.text.clear();
                text::unescape(proto.raw_text(), &mut layer.text);
                let src = &layer.text;
                layer.tape.load(src);
                let bounds = Bounds { depth: limits.depth, nodes: limits.nodes };
                match layer.tape.parse(src, 0, bounds) {
                    Ok(_) => {
                        let doc = Doc { src, nodes: &layer.tape.nodes };
                        self.gke(doc.root(), entry, depth + 1, limits, sink);
                    }
                    Err(error) => {
                        let doc = Doc { src, nodes: &layer.tape.nodes };
                        sink(Item::Broken { raw: src, doc, error });
                    }
                }
                self.put(depth + 1, layer);
            }
            Shape::Azure(log) => {
                self.envelope.clear();
                if let Some(id) = root.member(b"resourceId") {
                    self.envelope.azure_resource(&id.text());
                }
                match log.kind() {
                    Kind::String => self.nested_text(log, depth, Place::Batch, limits, sink),
                    Kind::Object => self.object(tape, log, depth + 1, Place::Batch, limits, sink),
                    _ => sink(foreign(log.raw())),
                }
            }
            Shape::Wrapper => {
                for (key, value) in root.members() {
                    if is_line(key, value) {
                        self.nested_text(value, depth, place, limits, sink);
                    } else if key.key() == Key::Event
                        && let Some(original) = value.get(Key::Original)
                        && holds_json(original)
                    {
                        self.nested_text(original, depth, place, limits, sink);
                    } else if key.key() == Key::Payload && value.kind() == Kind::Object {
                        self.object(tape, value, depth + 1, place, limits, sink);
                    }
                }
            }
        }
    }

    /// The line that a string holds.
    fn nested_text(
        &mut self,
        value: Value<'_>,
        depth: usize,
        place: Place,
        limits: &Limits,
        sink: &mut dyn FnMut(Item<'_>),
    ) {
        let mut layer = self.take(depth + 1);
        let mut text = std::mem::take(&mut layer.text);
        text.clear();
        text::unescape(value.raw_text(), &mut text);
        self.lines(&text, depth + 1, place, &mut layer, limits, sink);
        layer.text = text;
        self.put(depth + 1, layer);
    }

    fn gke(
        &mut self,
        proto: Value<'_>,
        entry: Value<'_>,
        depth: usize,
        limits: &Limits,
        sink: &mut dyn FnMut(Item<'_>),
    ) {
        self.envelope.clear();
        self.envelope.set(Fact::Provider, b"gcp");
        if let Some(resource) = gke::either(entry, b"resource", b"Resource")
            && let Some(labels) = resource.get(Key::Labels)
        {
            for (name, fact) in [
                (b"cluster_name".as_slice(), Fact::ClusterName),
                (b"location", Fact::Region),
                (b"project_id", Fact::Project),
            ] {
                if let Some(label) = labels.member(name) {
                    self.envelope.set(fact, label.raw_text());
                }
            }
        }
        let mut layer = self.take(depth + 1);
        gke::transcode(proto, entry, &mut layer.text);
        let Layer { tape, text, .. } = &mut *layer;
        tape.load(text);
        let bounds = Bounds { depth: limits.depth, nodes: limits.nodes };
        let parsed = tape.parse(text, 0, bounds);
        let doc = Doc { src: text, nodes: &tape.nodes };
        match parsed {
            Ok(_) => sink(Item::Event { tape, doc, root: 0, envelope: &self.envelope }),
            Err(error) => sink(Item::Broken { raw: text, doc, error }),
        }
        self.put(depth + 1, layer);
    }
}

/// JSON that is no event. In a batch, too, it is a stub: only another component's line of text is
/// dropped there, for nobody can say what an object is that is not understood.
fn foreign(raw: &[u8]) -> Item<'_> {
    Item::Refused { raw, reason: Reason::NOT_AN_AUDIT_EVENT, rejected: true }
}

/// Whether a member is a string that holds a line with JSON in it.
fn is_line(key: Value<'_>, value: Value<'_>) -> bool {
    matches!(key.key(), Key::Log | Key::Message | Key::JournalMessage | Key::LogS | Key::Payload)
        && holds_json(value)
        || value.is_escaped() && holds_event(value)
}

fn holds_json(value: Value<'_>) -> bool {
    value.kind() == Kind::String && memchr::memchr(b'{', value.raw_text()).is_some()
}

/// A string under any name that is an audit event by its looks.
fn holds_event(value: Value<'_>) -> bool {
    let raw = value.raw_text();
    raw.trim_ascii_start().first() == Some(&b'{')
        && (memchr::memmem::find(raw, b"audit.k8s.io").is_some()
            || memchr::memmem::find(raw, b"\\\"auditID\\\"").is_some())
}

/// The `data` string of an object.
fn data(object: Value<'_>) -> Option<Value<'_>> {
    object.get(Key::Data).filter(|data| data.kind() == Kind::String)
}

fn shape(root: Value<'_>) -> Shape<'_> {
    let mut at = [0u32; Key::COUNT];
    for (key, value) in root.members() {
        let place = &mut at[usize::from(key.node().key)];
        if *place == 0 {
            *place = value.index;
        }
    }
    let get = |key: Key| match at[key as usize] {
        0 => None,
        index => Some(root.doc.at(index)),
    };
    let of_kind = |key: Key, kind: Kind| get(key).filter(|value| value.kind() == kind);
    let is_event = |object: Value<'_>| {
        let has = |key| object.get(key).is_some();
        has(Key::AuditId)
            || has(Key::Verb) && has(Key::RequestUri)
            || has(Key::Stage) && has(Key::Verb)
    };
    if let Some(items) = of_kind(Key::Items, Kind::Array) {
        let listed = get(Key::Kind).is_some_and(|kind| kind.says(b"EventList"))
            || items.items().next().is_some_and(is_event);
        if listed && get(Key::AuditId).is_none() {
            return Shape::List(items);
        }
    }
    if get(Key::AuditId).is_some() && (get(Key::Stage).is_some() || get(Key::Verb).is_some()) {
        return Shape::Event;
    }
    // Also with little in it: a stub of another filter, a sparse entry of a cloud.
    let audit = of_kind(Key::ApiVersion, Kind::String)
        .is_some_and(|version| version.raw_text().starts_with(b"audit.k8s.io/"));
    if audit && get(Key::Kind).is_some_and(|kind| kind.says(b"Event")) {
        return Shape::Event;
    }
    if let Some(proto) = get(Key::ProtoPayload) {
        if gke::is_proto(proto) {
            return Shape::Gke { proto, entry: root };
        }
        if proto.kind() == Kind::Object {
            return Shape::Foreign;
        }
    }
    if let Some(entry) = of_kind(Key::Entry, Kind::Object) {
        if let Some(proto) = of_kind(Key::AuditPayload, Kind::String) {
            return Shape::GkeText { proto, entry };
        }
        if let Some(proto) = entry.member(b"Payload").filter(|proto| gke::is_proto(*proto)) {
            return Shape::Gke { proto, entry };
        }
    }
    if let Some(records) = of_kind(Key::Records, Kind::Array) {
        return Shape::Records(records);
    }
    if let Some(properties) = of_kind(Key::Properties, Kind::Object)
        && let Some(log) = properties.get(Key::Log)
    {
        return Shape::Azure(log);
    }
    if get(Key::MessageType).is_some_and(|kind| kind.says(b"CONTROL_MESSAGE")) {
        return Shape::Control;
    }
    if let Some(events) = of_kind(Key::LogEvents, Kind::Array) {
        return Shape::LogEvents(events);
    }
    if let Some(data) = of_kind(Key::Awslogs, Kind::Object).and_then(data) {
        return Shape::Encoded(data);
    }
    if let Some(data) = of_kind(Key::Message, Kind::Object).and_then(data) {
        return Shape::Encoded(data);
    }
    if get(Key::RequestUri).is_some() || get(Key::Verb).is_some() && get(Key::Stage).is_some() {
        return Shape::Event;
    }
    let mut members = root.members();
    let wrapped = members.any(|(key, value)| {
        is_line(key, value)
            || key.key() == Key::Event && value.get(Key::Original).is_some_and(holds_json)
            || key.key() == Key::Payload && value.kind() == Kind::Object
    });
    if wrapped {
        return Shape::Wrapper;
    }
    match data(root) {
        // Kinesis and Firehose records
        Some(data) => Shape::Encoded(data),
        None => Shape::Foreign,
    }
}
