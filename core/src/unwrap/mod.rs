//! From a host's line or record to the audit events in it.
//!
//! [`Unwrapper::run`] hands each event (or what could not be read) to a sink, in order. An event
//! that fails does so alone. Nothing is lost silently: every input gives at least one [`Item`],
//! unless it is blank. The envelopes that are known stand in [`envelopes`], one file each; in any
//! other object the event is looked for under every member ([`search`]). Texts inside texts are
//! opened to the policy's `limits.nested`, each layer with its own reused memory; decoding is
//! bounded by `limits.decodedBytes`.
//!
//! No forgery: what is inside an event is never looked at here, nor what a client of the cluster
//! can write in an envelope (see [`search`]). Of two candidates in one record that say different
//! things the outer one stands, and says so.

mod cut;
mod decode;
mod envelopes;
mod facts;
mod lines;
mod provider;
mod search;
mod sources;
#[cfg(test)]
mod tests;
mod types;
mod writer;

use crate::detect::is_marked;
use crate::event::{Event, NotAnEvent, Slot};
use crate::policy::Limits;
use crate::reason::Reason;
use crate::scan::doc::{Doc, Value};
use crate::scan::{Bounds, Kind, ScanError, ScanErrorKind, Tape};
use crate::text;
use decode::Decode;
pub use envelopes::{Example, examples};
use envelopes::{Members, Opened};
pub(crate) use facts::{Envelope, Fact};
pub(crate) use lines::trim;
pub(crate) use provider::Provider;
use search::Candidate;
use writer::Writer;

/// One thing found in an input.
#[derive(Clone, Copy)]
pub(crate) enum Item<'a> {
    /// An audit event.
    Event { tape: &'a Tape, event: &'a Event<'a>, envelope: &'a Envelope },
    /// What should be an event and cannot be read, or what looks like one and is none.
    Stub(Unread<'a>),
    /// Nothing to forward.
    Dropped { reason: Reason, why: Why },
}

/// What a stub stands for.
#[derive(Clone, Copy)]
pub(crate) struct Unread<'a> {
    pub(crate) raw: &'a [u8],
    /// What was scanned of it.
    pub(crate) found: Option<Value<'a>>,
    /// Stable kebab-case reason, and the byte offset it refers to.
    pub(crate) reason: Reason,
    pub(crate) offset: Option<u32>,
    /// Whether no API server can have written it.
    pub(crate) rejected: bool,
    pub(crate) envelope: &'a Envelope,
}

/// Why there is nothing to forward.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Why {
    /// There was nothing: a blank line, an empty list, a control message.
    Nothing,
    /// The same event stands in the record once more.
    Copy,
    /// Another component's log line.
    Foreign,
}

/// Whether lines of other programs are expected here.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    /// An audit log: everything should be an event.
    Log,
    /// A cloud's log batch, which carries other components' lines of text, too.
    Batch,
}

/// Envelopes inside envelopes inside one text that are opened.
const HOPS: u8 = 24;

/// Memory for one layer of wrapping.
struct Layer {
    tape: Tape,
    text: Vec<u8>,
    replaced: Vec<u8>,
    mended: Vec<u8>,
    stack: Vec<(u32, u32, u8)>,
}

impl Default for Layer {
    fn default() -> Self {
        Self {
            tape: Tape::new(is_marked),
            text: Vec::new(),
            replaced: Vec::new(),
            mended: Vec::new(),
            stack: Vec::new(),
        }
    }
}

/// Where the walk is.
#[derive(Clone, Copy)]
struct At {
    /// How many texts were opened to get here.
    layer: usize,
    /// How many envelopes were opened in this text.
    hops: u8,
    place: Place,
    /// Whether what is no event must leave as a stub; if not, somebody above sees to it.
    must: bool,
    /// Where in the text what was added to mend it begins: what ends behind it was cut.
    mended: u32,
}

impl At {
    /// One envelope further in, in the same text.
    fn inside(self) -> Self {
        Self { hops: self.hops + 1, ..self }
    }

    /// In a text of its own.
    fn text(self) -> Self {
        Self { layer: self.layer + 1, mended: u32::MAX, ..self }
    }
}

/// What becomes of an event that was written anew.
#[derive(Clone, Copy, PartialEq, Eq)]
enum After {
    /// Members of odd types in it are put right once more.
    PutRight,
    /// If it was cut off, what may hide a secret goes.
    Judge,
    Give,
}

/// Bounds, and who takes what is found.
struct Run<'r> {
    limits: &'r Limits,
    sink: &'r mut dyn FnMut(Item<'_>),
}

impl Run<'_> {
    fn bounds(&self) -> Bounds {
        Bounds { depth: self.limits.depth, nodes: self.limits.nodes }
    }
}

/// Finds the events in inputs. Owns the memory for it; one per [`crate::Filter`].
#[derive(Default)]
pub(crate) struct Unwrapper {
    layers: Vec<Option<Box<Layer>>>,
    /// Memory to read texts of JSON in that are put into an event.
    spare: Option<Box<Layer>>,
    envelope: Envelope,
    budget: usize,
    decode: Decode,
    /// Where events may be in the records that are open; see [`search`].
    candidates: Vec<Candidate>,
    /// Items of the lists that are open in which no event was found.
    unfound: Vec<u32>,
    /// Items of the lists that are open that stand in their list before.
    again: Vec<(u64, u32)>,
    /// What the events of the records that are open say.
    seen: Vec<search::Digest>,
    /// Whether events are to be remembered in `seen`.
    remember: bool,
    /// From where on in `seen` an event must stand to go for a copy.
    compare: Option<usize>,
}

impl Unwrapper {
    /// Hands every event in `input` to `sink`.
    pub(crate) fn run(&mut self, input: &[u8], limits: &Limits, sink: &mut dyn FnMut(Item<'_>)) {
        self.envelope.clear();
        self.budget = limits.decoded_bytes as usize;
        self.candidates.clear();
        self.unfound.clear();
        self.again.clear();
        self.seen.clear();
        self.remember = false;
        self.compare = None;
        let mut layer = self.take(0);
        let at = At { layer: 0, hops: 0, place: Place::Log, must: true, mended: u32::MAX };
        self.text(input, at, &mut layer, &mut Run { limits, sink });
        self.put(0, layer);
    }

    /// Gives memory back after an unusually large input.
    pub(crate) fn shrink(&mut self) {
        self.layers.truncate(1);
        if let Some(Some(layer)) = self.layers.first_mut() {
            layer.tape.shrink(1 << 18);
            layer.text = Vec::new();
            layer.replaced = Vec::new();
            layer.mended = Vec::new();
        }
        self.spare = None;
        self.decode.shrink();
        self.candidates = Vec::new();
        self.unfound = Vec::new();
        self.again = Vec::new();
        self.seen = Vec::new();
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

    fn stub(
        &self,
        raw: &[u8],
        found: Option<Value<'_>>,
        reason: Reason,
        rejected: bool,
        run: &mut Run<'_>,
    ) {
        let envelope = &self.envelope;
        (run.sink)(Item::Stub(Unread { raw, found, reason, offset: None, rejected, envelope }));
    }

    /// Something readable that is no event.
    fn foreign(&self, value: Value<'_>, run: &mut Run<'_>) {
        self.stub(value.raw(), None, Reason::NOT_AN_AUDIT_EVENT, true, run);
    }

    /// Text with one or more JSON texts in it. `layer` lends its tape; its `text` may be `input`'s
    /// own memory and is not touched. Returns whether anything came of it.
    fn text(&mut self, input: &[u8], at: At, layer: &mut Layer, run: &mut Run<'_>) -> bool {
        let line = lines::strip(input);
        let saved = self.envelope.save();
        if let Some(time) = line.time {
            self.envelope.set_time_text(time);
        }
        if line.foreign {
            self.envelope.mark_foreign();
        }
        let came = self.documents(&line, at, layer, run);
        self.envelope.restore(&saved);
        came
    }

    fn documents(
        &mut self,
        line: &lines::Line<'_>,
        at: At,
        layer: &mut Layer,
        run: &mut Run<'_>,
    ) -> bool {
        let Layer { tape, replaced, mended, .. } = layer;
        let mut src = line.rest;
        if src.is_empty() {
            (run.sink)(Item::Dropped { reason: Reason::BLANK, why: Why::Nothing });
            return true;
        }
        if matches!(src, b"[" | b"]" | b"," | b"],") {
            // A list that goes over several lines.
            (run.sink)(Item::Dropped { reason: Reason::BLANK, why: Why::Nothing });
            return true;
        }
        if src[0] != b'{' && !lines::is_json(src) {
            if line.partial {
                self.stub(src, None, Reason::PARTIAL_LINE, false, run);
                return true;
            }
            if at.place == Place::Batch || lines::is_components(src) {
                (run.sink)(Item::Dropped { reason: Reason::NOT_AN_AUDIT_LINE, why: Why::Foreign });
                return true;
            }
            let quotes = memchr::memmem::find(src, b"{\"").is_some();
            if quotes && src[0] != b'"' {
                self.stub(src, None, Reason::TEXT_BEFORE_JSON, true, run);
                return true;
            }
            if !quotes && !at.must && src[0] != b'[' {
                return false; // a text like any other: somebody above sees to it
            }
        }
        tape.load(src);
        if tape.any_high() && std::str::from_utf8(src).is_err() {
            replaced.clear();
            text::replace_invalid_utf8(src, replaced);
            src = replaced;
            tape.load(src);
        }
        let mut from = 0;
        let mut came = false;
        loop {
            // Between the items of a list that goes over several lines stand commas.
            let between =
                |b: &&u8| b.is_ascii_whitespace() || matches!(**b, 0 | 0x1e) || came && **b == b',';
            from += src[from..].iter().take_while(between).count();
            if from >= src.len() || came && src[from..] == *b"]" {
                return came;
            }
            match tape.parse(src, from, run.bounds()) {
                Ok(end) => {
                    let doc = Doc { src, nodes: &tape.nodes };
                    if matches!(doc.root().kind(), Kind::Object | Kind::Array) {
                        came |= self.value(tape, doc.root(), at, run);
                    } else if search::holds_event(doc.root()) {
                        // A line as the text of a text.
                        came |= self.string(doc.root(), at, run);
                    } else {
                        // The tail of a line that something cut: one stub, however many words.
                        self.stub(&src[from..], None, Reason::NOT_AN_AUDIT_EVENT, true, run);
                        return true;
                    }
                    from = end;
                }
                Err(error) => {
                    self.broken(src, from, error, at, (tape, mended), run);
                    return true;
                }
            }
        }
    }

    /// A text that ends too early or is no JSON. What was whole before a cut goes on.
    fn broken(
        &mut self,
        src: &[u8],
        from: usize,
        error: ScanError,
        at: At,
        (tape, mended): (&mut Tape, &mut Vec<u8>),
        run: &mut Run<'_>,
    ) {
        let raw = &src[from..];
        if let Some(added) =
            cut::mend(src, &tape.nodes, error, (cut::Text::Record, run.limits.depth), mended)
        {
            tape.load(mended);
            if tape.parse(mended, 0, run.bounds()).is_ok() {
                let root = Doc { src: mended, nodes: &tape.nodes }.root();
                if search::holds_any(root) {
                    let at = At { mended: added, ..at };
                    if self.value(tape, root, At { must: false, ..at }, run) {
                        return;
                    }
                }
                return self.unreadable(raw, Some(root), error, run);
            }
            return self.unreadable(raw, None, error, run);
        }
        let doc = Doc { src, nodes: &tape.nodes };
        self.unreadable(raw, (!doc.nodes.is_empty()).then(|| doc.root()), error, run);
    }

    fn unreadable(
        &self,
        raw: &[u8],
        found: Option<Value<'_>>,
        error: ScanError,
        run: &mut Run<'_>,
    ) {
        (run.sink)(Item::Stub(Unread {
            raw,
            found,
            reason: reason(error.kind),
            offset: Some(error.offset),
            rejected: !matches!(error.kind, ScanErrorKind::TooManyNodes),
            envelope: &self.envelope,
        }));
    }

    /// An object or list. Returns whether anything came of it; with `at.must`, something does.
    fn value(&mut self, tape: &Tape, value: Value<'_>, at: At, run: &mut Run<'_>) -> bool {
        match value.kind() {
            Kind::Array => self.list(tape, value, at, run),
            Kind::Object => self.object(tape, value, at, run),
            _ => {
                if at.must {
                    self.foreign(value, run);
                }
                at.must
            }
        }
    }

    /// A list without records: nothing, unless a cut took what was in it.
    fn empty(&self, list: Value<'_>, at: At, run: &mut Run<'_>) -> bool {
        if list.node().end > at.mended {
            let reason = reason(ScanErrorKind::UnexpectedEnd);
            self.stub(list.doc.src, None, reason, true, run);
            return true;
        }
        if at.must {
            (run.sink)(Item::Dropped { reason: Reason::EMPTY_LIST, why: Why::Nothing });
        }
        at.must
    }

    /// Records, each by itself.
    fn list(&mut self, tape: &Tape, list: Value<'_>, at: At, run: &mut Run<'_>) -> bool {
        if at.hops >= HOPS {
            return self.too_deep(list, at, run);
        }
        if list.items().next().is_none() {
            return self.empty(list, at, run);
        }
        let saved = self.envelope.save();
        if let Some(line) = envelopes::line_of_list(list, &mut self.envelope) {
            if sources::is_foreign(list) {
                self.envelope.mark_foreign();
            }
            let came = if line.kind() == Kind::Object {
                self.object(tape, line, at.inside(), run)
            } else {
                let start = self.candidates.len();
                self.candidates.push(Candidate::of(line));
                let came = self.record(tape, list.doc, start, at.inside(), run);
                if !came && at.must {
                    self.foreign(list, run);
                }
                came || at.must
            };
            self.envelope.restore(&saved);
            return came;
        }
        let outer = self.unfound.len();
        let (mut came, mut objects) = (false, false);
        for item in list.items() {
            match item.kind() {
                Kind::Object => {
                    if self.object(tape, item, at.inside(), run) {
                        objects = true;
                    } else if !envelopes::is_named_value(item) {
                        self.unfound.push(item.index);
                    }
                }
                Kind::Array => {
                    let inner = At { must: false, ..at.inside() };
                    if self.list(tape, item, inner, run) {
                        came = true;
                    } else if at.must {
                        self.foreign(item, run);
                    }
                }
                Kind::String if at.must || search::holds_event(item) => {
                    came |= self.string(item, at, run);
                }
                _ if at.must => self.foreign(item, run),
                _ => {}
            }
        }
        if objects {
            // Among records that hold events, one that seems to hold none is not nothing.
            for at in outer..self.unfound.len() {
                self.foreign(list.doc.at(self.unfound[at]), run);
            }
        }
        self.unfound.truncate(outer);
        came || objects || at.must
    }

    fn too_deep(&self, value: Value<'_>, at: At, run: &mut Run<'_>) -> bool {
        if at.must || search::holds_any(value) {
            self.stub(value.raw(), None, Reason::WRAPPED_TOO_DEEP, false, run);
            return true;
        }
        false
    }

    fn object(&mut self, tape: &Tape, root: Value<'_>, at: At, run: &mut Run<'_>) -> bool {
        let members = Members::of(root);
        if members.is_plain_event() {
            let saved = self.envelope.save();
            if members.is_foreign() {
                self.envelope.mark_foreign();
            }
            let came = self.event(tape, root, at, run);
            self.envelope.restore(&saved);
            return came;
        }
        if at.hops >= HOPS {
            return self.too_deep(root, at, run);
        }
        let saved = self.envelope.save();
        let found = envelopes::find(&members);
        // The search sees every text.
        let again = members.again || members.text_again && found.is_some();
        envelopes::facts(&members, found.as_ref().map(|(row, _)| *row), &mut self.envelope);
        let came = match found {
            Some((_, opened)) => self.open(tape, root, &opened, at, run),
            None if members.is_event() => self.event(tape, root, at, run),
            None => {
                let start = self.candidates.len();
                self.collect(root, at.mended);
                self.record(tape, root.doc, start, at.inside(), run)
            }
        };
        if !came && at.must {
            self.nothing_found(&members, run);
        }
        if again {
            // The first was opened; what is in the other must not vanish.
            self.stub(root.raw(), None, Reason::DUPLICATE_MEMBER, true, run);
        }
        self.envelope.restore(&saved);
        came || at.must || again
    }

    /// A record that holds no event: another component's line, or something unknown.
    fn nothing_found(&self, members: &Members<'_>, run: &mut Run<'_>) {
        if members.line().is_some_and(|line| line.read(|text| lines::is_components(trim(text)))) {
            return (run.sink)(Item::Dropped {
                reason: Reason::NOT_AN_AUDIT_LINE,
                why: Why::Foreign,
            });
        }
        if envelopes::says_nothing(members) {
            let reason = Reason::CONTROL_MESSAGE;
            return (run.sink)(Item::Dropped { reason, why: Why::Nothing });
        }
        self.foreign(members.root, run);
    }

    /// What an envelope holds.
    fn open(
        &mut self,
        tape: &Tape,
        root: Value<'_>,
        opened: &Opened<'_>,
        at: At,
        run: &mut Run<'_>,
    ) -> bool {
        match *opened {
            Opened::Events(events) => {
                if events.kind() == Kind::Object {
                    return self.event(tape, events, at, run);
                }
                let mut any = false;
                let outer = self.again.len();
                search::repeated(events, &mut self.again);
                let mut next = outer;
                for event in events.items() {
                    any = true;
                    if self.again.get(next).is_some_and(|(_, index)| *index == event.index) {
                        next += 1;
                        let reason = Reason::COPY_IN_ONE_RECORD;
                        (run.sink)(Item::Dropped { reason, why: Why::Copy });
                        continue;
                    }
                    match event.kind() {
                        Kind::String => self.string(event, At { must: true, ..at }, run),
                        _ => self.event(tape, event, at, run),
                    };
                }
                self.again.truncate(outer);
                any || self.empty(events, At { must: true, ..at }, run)
            }
            Opened::Inside(values) => {
                let start = self.candidates.len();
                for value in values.into_iter().flatten() {
                    self.candidates.push(Candidate::of(value));
                }
                self.record(tape, root.doc, start, at.inside(), run)
            }
            Opened::Records(list) => {
                let at = At { place: Place::Batch, must: true, ..at.inside() };
                self.list(tape, list, at, run)
            }
            Opened::Line(line) => {
                let at = At { place: Place::Batch, must: true, ..at.inside() };
                match line.kind() {
                    Kind::String => self.string(line, at, run),
                    _ => self.value(tape, line, at, run),
                }
            }
            Opened::Encoded(encoded) => self.encoded(encoded, true, at.inside(), run),
            Opened::Written(write) => {
                let mut cut = root.node().end > at.mended;
                let at = at.text();
                if at.layer > usize::from(run.limits.nested) {
                    return self.too_deep(root, At { must: true, ..at }, run);
                }
                let mut layer = self.take(at.layer);
                let mut text = std::mem::take(&mut layer.text);
                let mut spare = self.spare.take().unwrap_or_default();
                let mut writer = Writer::new(&mut text, &mut spare, run.bounds());
                write(&Members::of(root), &mut writer);
                cut |= writer.cut;
                self.spare = Some(spare);
                if cut {
                    self.envelope.mark_cut();
                    cut::end_addresses(&mut text);
                }
                let at = At { place: Place::Batch, must: true, ..at };
                let came = self.text(&text, at, &mut layer, run);
                layer.text = text;
                self.put(at.layer, layer);
                came
            }
            Opened::Named(reason) => {
                self.stub(root.raw(), Some(root), reason, false, run);
                true
            }
            Opened::Nothing(reason) => {
                (run.sink)(Item::Dropped { reason, why: Why::Nothing });
                true
            }
        }
    }

    /// The line that a string holds.
    fn string(&mut self, value: Value<'_>, at: At, run: &mut Run<'_>) -> bool {
        if value.node().end > at.mended && value.raw_text().trim_ascii().is_empty() {
            let reason = reason(ScanErrorKind::UnexpectedEnd);
            self.stub(value.doc.src, None, reason, true, run);
            return true;
        }
        let at = at.text();
        if at.layer > usize::from(run.limits.nested) {
            self.stub(value.raw(), None, Reason::WRAPPED_TOO_DEEP, false, run);
            return true;
        }
        let mut layer = self.take(at.layer);
        let mut text = std::mem::take(&mut layer.text);
        text.clear();
        text::unescape(value.raw_text(), &mut text);
        let came = self.text(&text, at, &mut layer, run);
        layer.text = text;
        self.put(at.layer, layer);
        came
    }

    /// What base64, and perhaps gzip, holds. Unless `loud`, nothing comes of text that is neither,
    /// or holds no event.
    fn encoded(&mut self, value: Value<'_>, loud: bool, at: At, run: &mut Run<'_>) -> bool {
        let at = At { place: Place::Batch, must: loud, ..at.text() };
        if at.layer > usize::from(run.limits.nested) {
            if loud {
                self.stub(value.raw(), None, Reason::WRAPPED_TOO_DEEP, false, run);
            }
            return loud;
        }
        let mut layer = self.take(at.layer);
        let mut text = std::mem::take(&mut layer.text);
        let decoded = self.decode.base64_gzip(value.raw_text(), &mut self.budget, &mut text);
        let came = match decoded {
            Ok(()) if loud || search::looks_like_events(&text) => {
                self.text(&text, at, &mut layer, run)
            }
            Err(error) if loud => {
                self.stub(value.raw(), None, error.reason(), false, run);
                true
            }
            _ => false,
        };
        layer.text = text;
        self.put(at.layer, layer);
        came
    }

    /// An object that is to be an event; members of odd types are put right.
    fn event(&mut self, tape: &Tape, root: Value<'_>, at: At, run: &mut Run<'_>) -> bool {
        let saved = self.envelope.save();
        if root.node().end > at.mended {
            self.envelope.mark_cut();
        }
        match Event::read(root) {
            Ok(event) if self.holds_broken_text(&event, run) => self.mistyped(root, true, at, run),
            Ok(event) => self.whole_or_cut(tape, &event, at, run),
            Err(NotAnEvent::WrongType) => self.mistyped(root, true, at, run),
            Err(NotAnEvent::Shape) => {
                self.stub(root.raw(), Some(root), Reason::NOT_AN_AUDIT_EVENT, true, run);
            }
            Err(NotAnEvent::DuplicateMember) => {
                self.stub(root.raw(), Some(root), Reason::DUPLICATE_MEMBER, true, run);
            }
        }
        self.envelope.restore(&saved);
        true
    }

    /// Whether a body of the event is a text of JSON that something cut off.
    fn holds_broken_text(&mut self, event: &Event<'_>, run: &Run<'_>) -> bool {
        let text = |slot| {
            event
                .get(slot)
                .filter(|body| body.kind() == Kind::String && cut::may_be_body(body.raw_text()))
        };
        let [request, response] = [Slot::RequestObject, Slot::ResponseObject].map(text);
        request.into_iter().chain(response).any(|body| {
            let Layer { tape, text, .. } = &mut **self.spare.get_or_insert_default();
            text.clear();
            text::unescape(body.raw_text(), text);
            tape.load(text);
            tape.parse(text, 0, run.bounds()).is_err()
        })
    }

    /// Members of odd types are put right: the first round takes texts of JSON apart, the second
    /// sees to what was in them.
    fn mistyped(&mut self, root: Value<'_>, texts: bool, at: At, run: &mut Run<'_>) {
        let after = if texts { After::PutRight } else { After::Judge };
        self.rewritten(root, at, run, |root, w| types::put_right(root, texts, w), after);
    }

    /// An event written anew by `write`, which says whether it can be.
    fn rewritten(
        &mut self,
        root: Value<'_>,
        at: At,
        run: &mut Run<'_>,
        write: impl FnOnce(Value<'_>, &mut Writer<'_>) -> bool,
        after: After,
    ) {
        let at = at.text();
        let mut layer = self.take(at.layer);
        let mut spare = self.spare.take().unwrap_or_default();
        let Layer { tape, text, .. } = &mut *layer;
        let mut writer = Writer::new(text, &mut spare, run.bounds());
        let written = write(root, &mut writer);
        if writer.cut {
            self.envelope.mark_cut();
        }
        self.spare = Some(spare);
        tape.load(text);
        let parsed = written && tape.parse(text, 0, run.bounds()).is_ok();
        let doc = Doc { src: text, nodes: &tape.nodes };
        match parsed.then(|| Event::read(doc.root())) {
            Some(Ok(event)) if after == After::Give => self.give(tape, &event, run),
            Some(Ok(event)) => self.whole_or_cut(tape, &event, at, run),
            Some(Err(NotAnEvent::WrongType)) if after == After::PutRight => {
                self.mistyped(doc.root(), false, at, run);
            }
            Some(Err(NotAnEvent::DuplicateMember)) => {
                self.stub(root.raw(), Some(root), Reason::DUPLICATE_MEMBER, true, run);
            }
            _ => self.stub(root.raw(), Some(root), Reason::WRONG_TYPE, true, run),
        }
        self.put(at.layer, layer);
    }

    /// Of an event that was cut off, what may hide a secret goes.
    fn whole_or_cut(&mut self, tape: &Tape, event: &Event<'_>, at: At, run: &mut Run<'_>) {
        if !self.envelope.cut() {
            return self.give(tape, event, run);
        }
        let root = event.doc.at(event.root);
        if cut::is_nonsense(event) {
            return self.stub(root.raw(), Some(root), Reason::JSON_UNEXPECTED_END, true, run);
        }
        let (bodies, words) = (cut::hides_secrets(event), cut::is_about_nothing(event));
        if !bodies && !words {
            return self.give(tape, event, run);
        }
        let write = |root: Value<'_>, w: &mut Writer<'_>| {
            cut::take_out(root, words, w);
            true
        };
        self.rewritten(root, at, run, write, After::Give);
    }

    /// Hands an event on, unless it stands in its record already.
    fn give(&mut self, tape: &Tape, event: &Event<'_>, run: &mut Run<'_>) {
        let root = event.doc.at(event.root);
        if self.remember {
            let digest = search::digest(root);
            if let Some(from) = self.compare {
                let cut = self.envelope.cut();
                let same =
                    |seen: &search::Digest| *seen == digest || cut && seen.begins_like(digest);
                if self.seen[from..].iter().any(same) {
                    let reason = Reason::COPY_IN_ONE_RECORD;
                    return (run.sink)(Item::Dropped { reason, why: Why::Copy });
                }
                let reason = Reason::CONTRADICTS_OUTER_EVENT;
                return self.stub(root.raw(), Some(root), reason, false, run);
            }
            self.seen.push(digest);
        }
        if self.envelope.foreign() {
            return self.stub(root.raw(), None, Reason::NOT_OF_A_KUBE_APISERVER, false, run);
        }
        (run.sink)(Item::Event { tape, event, envelope: &self.envelope });
    }
}

const fn reason(kind: ScanErrorKind) -> Reason {
    match kind {
        ScanErrorKind::UnexpectedEnd => Reason::JSON_UNEXPECTED_END,
        ScanErrorKind::ExpectedValue => Reason::JSON_EXPECTED_VALUE,
        ScanErrorKind::ExpectedKey => Reason::JSON_EXPECTED_KEY,
        ScanErrorKind::ExpectedColon => Reason::JSON_EXPECTED_COLON,
        ScanErrorKind::ExpectedCommaOrClose => Reason::JSON_EXPECTED_COMMA_OR_CLOSE,
        ScanErrorKind::BadNumber => Reason::JSON_BAD_NUMBER,
        ScanErrorKind::BadLiteral => Reason::JSON_BAD_LITERAL,
        ScanErrorKind::BadEscape => Reason::JSON_BAD_ESCAPE,
        ScanErrorKind::ControlInString => Reason::JSON_CONTROL_IN_STRING,
        ScanErrorKind::TooManyNodes => Reason::TOO_MANY_MEMBERS,
    }
}
