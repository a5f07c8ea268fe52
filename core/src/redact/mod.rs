//! What is taken out of an event, and the receipts for it.
//!
//! Order: the policy's own rules, the rules by kind of resource ([`body`]), then for every member
//! the scanner marked the general rules ([`hints`], managedFields, embedded Secrets), documents
//! inside strings ([`nested`]), value detectors over raw, unescaped, percent-decoded and decoded
//! text ([`values`]), names that are pieces of the path ([`torn`]), and last every other copy of
//! what was taken ([`taint`]). All of them only
//! add edits; nothing is decided in the order the bytes come in.
//!
//! Fails closed: what cannot be looked into is masked.

mod acted_on;
mod arguments;
mod body;
pub(crate) mod builtin;
pub(crate) mod class;
mod commands;
mod copies;
pub(crate) mod edits;
mod encoded;
mod harmless;
mod hints;
mod known;
mod members;
mod needles;
mod nested;
mod own;
pub(crate) mod paths;
mod pointer;
mod receipts;
mod replace;
mod resource_name;
mod resources;
mod rules;
mod scope;
mod taint;
mod torn;
mod values;
mod view;

use std::ops::Range;

use crate::decide::{Kept, Lowered};
use crate::detect::readers::{self, Arguments};
use crate::detect::{Hit, NameKind, holds_a_value};
use crate::event::{Event, Level, Slot};
use crate::policy::Action;
use crate::scan::doc::Value;
use crate::scan::key::Key;
use crate::scan::{Kind, Tape};
use body::Place;
use builtin::Builtin;
use class::Class;
use edits::Edits;
use encoded::Decoder;
use known::Known;
use nested::Layer;
use paths::PathWalk;
use scope::Scope;
use taint::Taints;
use view::View;

pub(crate) use harmless::{Harmless, KEPT};
pub(crate) use receipts::Receipt;
pub(crate) use rules::Rules;

/// Rule number of an edit that has no receipt of its own: it rewrites a string because of edits in
/// the document inside it, or the level.
const NESTED: u16 = u16::MAX;

/// What was found out about an object once, for all its members: one that has a member many times
/// must not cost the square of it.
#[derive(Clone, Copy)]
struct Holder {
    object: u32,
    /// Node after the object.
    end: u32,
    /// Classes its `kind` members named already.
    classes: Class,
    /// What its members say of the values beside them.
    values: Option<NameKind>,
    patches_arguments: Option<bool>,
    remote_reference: Option<bool>,
}

/// Finds what must go. Owns the memory for it.
#[derive(Default)]
pub(crate) struct Redactor {
    pub(crate) edits: Edits,
    /// What was taken where, in order; see [`receipts`].
    pub(crate) receipts: Vec<Receipt>,
    nested_receipts: Vec<Receipt>,
    hits: Vec<Hit>,
    view: View,
    /// One parameter of a query, or one item of a list.
    part: View,
    /// Where the last list of arguments ends, by its depth.
    lists: Vec<u32>,
    /// The arguments that operations of a JSON patch add one by one.
    patched: Patched,
    /// The request URI, whose parameters are read one by one.
    uri: Option<u32>,
    scratch: Vec<u8>,
    decoded: Vec<u8>,
    decoder: Decoder,
    layers: Vec<Option<Box<Layer>>>,
    /// Pieces of the path that stand in other fields, too.
    pieces: Vec<torn::Piece>,
    /// Source ranges that the policy's own `keep` rules protect from hints and detectors.
    kept: Vec<(u32, u32)>,
    walk: PathWalk,
    /// Bytes that compressed texts of the event may still open to.
    inflatable: usize,
    known: Known,
    /// Objects that hold the current mark, outermost first; those of outer documents below.
    holders: Vec<Holder>,
    /// Annotations seen to as copies, by node; those of outer documents below.
    copies: Vec<u32>,
    taints: Taints,
    key_number: u32,
    /// The name a part of which was taken last and whose value went with it.
    hinted_key: Option<u32>,
    /// Whether managedFields go from this event.
    omit_managed_fields: bool,
    /// Bytes produced by decoding for this event.
    spent: usize,
}

/// Arguments that operations of a JSON patch add one by one: those seen, and which operation may go on
/// with them.
#[derive(Default)]
struct Patched {
    layer: u8,
    operation: u32,
    /// Where the name of the list is written.
    list: Range<u32>,
    /// The item that was added; `None` at the end.
    item: Option<u32>,
    arguments: Arguments,
}

/// How much the compressed texts of an event may open to: so many times its length, and so many bytes
/// in any case. What opens to more is taken whole, so that no event costs many times its length.
const INFLATED: usize = 2;
const INFLATED_ALWAYS: usize = 256 << 10;

impl Redactor {
    /// Decides all edits of one event.
    pub(crate) fn redact(&mut self, tape: &Tape, event: &Event<'_>, kept: Kept, policy: &Rules) {
        let mut edits = std::mem::take(&mut self.edits);
        edits.clear(event.doc.src.len());
        self.receipts.clear();
        self.nested_receipts.clear();
        self.kept.clear();
        self.holders.clear();
        self.copies.clear();
        self.taints.clear();
        self.key_number = 0;
        self.patched = Patched::default();
        self.spent = 0;
        let node = event.doc.nodes[event.root as usize];
        self.inflatable = (node.end - node.start) as usize * INFLATED + INFLATED_ALWAYS;
        self.uri = event.get(Slot::RequestUri).map(|uri| uri.index);
        self.omit_managed_fields = kept
            .omit_managed_fields
            .unwrap_or_else(|| policy.action(Builtin::ManagedFields.id()) == Action::Drop);
        let class = Class::of_event(event, &mut self.scratch, &mut self.decoded);
        self.taints.typed = class.secret;
        let scope = Scope { tape, doc: event.doc, root: event.root, class, layer: 0, policy };
        self.event(&scope, event, &mut edits);
        edits.settle(event.doc.src);
        let settled = edits.list().len();
        self.access_key_ids(&scope, event, &mut edits);
        self.torn(&scope, event, &mut edits);
        if edits.list().len() > settled {
            edits.settle(event.doc.src);
        }
        if !edits.is_empty() {
            self.spread(&scope, event, &mut edits);
            edits.settle(event.doc.src);
        }
        // Last, so that what bodies held is taken out wherever else it stands.
        if let Some(lowered) = kept.lowered {
            self.lower(&scope, event, lowered, &mut edits);
            edits.settle(event.doc.src);
        }
        if !edits.is_empty() {
            self.collect_receipts(&edits);
        }
        self.edits = edits;
        // That of a huge text at once: the output needs as much.
        self.view.shrink(1 << 19);
        self.part.shrink(1 << 19);
    }

    fn event(&mut self, scope: &Scope<'_>, event: &Event<'_>, edits: &mut Edits) {
        if !scope.policy.paths.is_empty() {
            self.own_rules(scope, event, edits);
        }
        let class = scope.class;
        if class.any() {
            let deletes = event.raw_text(Slot::Verb).starts_with(b"delete");
            for (slot, place) in
                [(Slot::RequestObject, Place::Request), (Slot::ResponseObject, Place::Response)]
            {
                if let Some(object) = event.get(slot) {
                    body::redact(scope, object, class, place, deletes, edits);
                    if let Some(message) = object.get(Key::Message) {
                        Self::quoted_input(scope, message, edits);
                    }
                    if let Some(details) = object.get(Key::Details) {
                        self.quoted_causes(scope, details, edits);
                    }
                }
            }
            if let (Some(patch), Some(response)) =
                (event.get(Slot::RequestObject), event.get(Slot::ResponseObject))
                && body::carries_out(patch)
            {
                body::take_metadata(scope, response, class, edits);
            }
            if class.oauth_token {
                if let Some(name) = event.get(Slot::Name) {
                    scope.take(name, Builtin::TokenValues.id(), edits);
                }
                if let Some(details) = event.get(Slot::StatusDetails)
                    && let Some(name) = details.get(Key::Name)
                {
                    scope.take(name, Builtin::TokenValues.id(), edits);
                }
            }
        }
        if let Some(response) = event.get(Slot::ResponseObject)
            && response.get(Key::Rows).is_some()
        {
            members::table(scope, response, edits);
        }
        if let Some(message) = event.get(Slot::StatusMessage) {
            Self::quoted_input(scope, message, edits);
            if !class.any()
                && let Some(status) = event.get(Slot::ResponseObject)
            {
                // The same again, as what the client got.
                if let Some(message) = status.get(Key::Message) {
                    Self::quoted_input(scope, message, edits);
                }
                if let Some(details) = status.get(Key::Details) {
                    self.quoted_causes(scope, details, edits);
                }
            }
        }
        if let Some(details) = event.get(Slot::StatusDetails) {
            self.quoted_causes(scope, details, edits);
        }
        // From here on strings that are gone need no look inside.
        edits.settle(event.doc.src);
        self.request_uri(scope, event, edits);
        self.encoded_parameters(scope, event, edits);
        self.subtree(scope, edits);
        // Encoded text is looked for where clients can put it at length.
        for slot in [
            Slot::RequestObject,
            Slot::ResponseObject,
            Slot::Annotations,
            Slot::UserAgent,
            Slot::UserExtra,
            Slot::ImpersonatedExtra,
        ] {
            if let Some(value) = event.get(slot) {
                self.detect_encoded(scope, value.index, value.node().next, edits);
            }
        }
    }

    /// Shows no more than the ends of the key ids that EKS writes: an id is no secret, but whoever
    /// finds the key would know whose it is. What another rule saw to stays as that rule left it.
    fn access_key_ids(&self, scope: &Scope<'_>, event: &Event<'_>, edits: &mut Edits) {
        for slot in [Slot::UserExtra, Slot::ImpersonatedExtra] {
            let Some(extra) = event.get(slot) else { continue };
            for (_, value) in extra.members().filter(|(key, _)| key.says(b"accessKeyId")) {
                let single = (value.kind() != Kind::Array).then_some(value);
                for id in single.into_iter().chain(value.items()) {
                    let node = id.node();
                    if !edits.touch(node.start, node.end) && !self.is_kept(node.start) {
                        scope.take(id, Builtin::AccessKeyId.id(), edits);
                    }
                }
            }
        }
    }

    /// Takes out what is above the level the event goes on at, and rewrites the level.
    fn lower(&mut self, scope: &Scope<'_>, event: &Event<'_>, lowered: Lowered, edits: &mut Edits) {
        let mut remove = |value: Value<'_>| {
            scope.remove(value, Builtin::AuditLevel.id(), edits);
            let node = value.node();
            // One receipt for all of it.
            self.nested_receipts.retain(|receipt| !(node.start..node.end).contains(&receipt.at));
        };
        for (slot, least) in
            [(Slot::RequestObject, Level::Request), (Slot::ResponseObject, Level::RequestResponse)]
        {
            if lowered.to < least
                && let Some(body) = event.get(slot)
            {
                remove(body);
            }
        }
        // The API server writes these from level Request on (`plugin/webhook/mutating`).
        if lowered.to < Level::Request
            && let Some(annotations) = event.get(Slot::Annotations)
        {
            for (key, value) in annotations.members() {
                if key.read(|name| name.starts_with(b"patch.webhook.admission.k8s.io/")) {
                    remove(value);
                }
            }
        }
        if lowered.from != Some(lowered.to)
            && let Some(level) = event.get(Slot::Level)
        {
            let node = level.node();
            // No receipt: the event says by which rule it was lowered.
            edits.push(node.start..node.end, NESTED, Action::Keep, |out| {
                out.push(b'"');
                out.extend_from_slice(lowered.to.name().as_bytes());
                out.push(b'"');
            });
        }
    }

    fn quoted_causes(&mut self, scope: &Scope<'_>, details: Value<'_>, edits: &mut Edits) {
        let Some(causes) = details.member(b"causes") else { return };
        for cause in causes.items() {
            if let Some(message) = cause.get(Key::Message) {
                if let Some(field) = cause.member(b"field") {
                    self.view.unescape(message.raw_text(), message.node().start + 1);
                    let quoted = field.read(|field| readers::of_field(field, &self.view.text));
                    if let Some(quoted) = quoted {
                        let range = self.view.source(quoted);
                        let rule = Builtin::QuotedInput.id();
                        scope.take_part(range.start, range.end, rule, edits);
                    }
                }
                Self::quoted_input(scope, message, edits);
            }
        }
    }

    /// The rules that hold in every document: the event and those inside its strings.
    fn subtree(&mut self, scope: &Scope<'_>, edits: &mut Edits) {
        for index in scope.within(&scope.tape.opaque, |index| *index) {
            scope.take(scope.doc.at(*index), Builtin::OpaqueSubtree.id(), edits);
        }
        for offset in &scope.tape.lone_surrogates {
            let root = scope.root_node();
            if (root.start..root.end).contains(offset) {
                let rule = Builtin::LoneSurrogate.id();
                edits.push(*offset..*offset + 6, rule, Action::Mask, |out| {
                    out.extend_from_slice(b"\\ufffd");
                });
            }
        }
        let outer = self.holders.len();
        let outer_copies = self.copies.len();
        for mark in scope.within(&scope.tape.marks, |mark| mark.node) {
            let value = scope.doc.at(mark.node + 1);
            let parent = scope.doc.at(mark.parent);
            match mark.key {
                Key::Kind => {
                    let holder = self.holder(outer, parent, mark.node);
                    self.embedded(scope, parent, value, holder, edits);
                }
                Key::Annotations => self.annotations(scope, value, edits),
                Key::ManagedFields => {
                    let in_metadata =
                        scope.key_of(parent).is_some_and(|key| key.key() == Key::Metadata);
                    if in_metadata && self.omit_managed_fields {
                        scope.remove(value, Builtin::ManagedFields.id(), edits);
                    }
                }
                Key::Value if !self.is_kept(value.node().start) => {
                    self.value_beside_name(scope, parent, mark.node, outer, edits);
                    let holder = self.holder(outer, parent, mark.node);
                    let known = &mut self.holders[holder].patches_arguments;
                    if *known.get_or_insert_with(|| hints::patches_arguments(parent)) {
                        self.patched_arguments(scope, parent, value, edits);
                    }
                }
                key if members::may_stand_beside_its_name(key, value, parent)
                    && !self.is_kept(value.node().start) =>
                {
                    self.value_beside_name(scope, parent, mark.node, outer, edits);
                }
                Key::Auth if !self.is_kept(value.node().start) && self.decoder.is_basic(value) => {
                    scope.take(value, Builtin::HintedValue.id(), edits);
                }
                Key::StringData if !self.is_kept(value.node().start) => {
                    members::string_data(scope, value, edits);
                }
                Key::Data if scope.class.makes_secrets && !self.is_kept(value.node().start) => {
                    let in_template = scope.key_of(parent).is_none_or(|key| {
                        key.read(|name| name == b"template" || name.ends_with(b"Object"))
                    });
                    if in_template {
                        members::template_data(scope, value, edits);
                    }
                }
                Key::Args | Key::Command if !self.is_kept(value.node().start) => {
                    self.argument_list(scope, value, edits);
                }
                Key::Hint | Key::Token | Key::Auth if !self.is_kept(value.node().start) => {
                    let key = scope.doc.at(mark.node);
                    if members::is_enciphered(scope, parent, value) {
                        continue;
                    }
                    let reference = key.says(b"secretKey") && {
                        let holder = self.holder(outer, parent, mark.node);
                        let known = &mut self.holders[holder].remote_reference;
                        *known.get_or_insert_with(|| members::has_remote_reference(parent))
                    };
                    let reference =
                        reference || members::is_name_of_a_key(scope, key, parent, value);
                    members::named(scope, key, parent, reference, edits);
                    if key.read(holds_a_value) {
                        self.value_beside_name(scope, parent, mark.node, outer, edits);
                    }
                }
                _ => {}
            }
        }
        self.holders.truncate(outer);
        self.copies[outer_copies..].sort_unstable();
        self.documents(scope, outer_copies, edits);
        self.copies.truncate(outer_copies);
        self.argument_lists(scope, edits);
        self.detect_obscured(scope, edits);
        self.detect_percent(scope, edits);
        let encoded = self.detect_raw(scope, edits);
        self.detect_texts(scope, edits);
        self.encoded_words(scope, encoded, edits);
        if scope.layer > 0 {
            self.detect_encoded(scope, scope.root, scope.root_node().next, edits);
        }
    }

    /// The value of the member at `node` when another member of `parent` names it.
    fn value_beside_name(
        &mut self,
        scope: &Scope<'_>,
        parent: Value<'_>,
        node: u32,
        outer: usize,
        edits: &mut Edits,
    ) {
        let holder = self.holder(outer, parent, node);
        let known = &mut self.holders[holder].values;
        let kind = *known.get_or_insert_with(|| members::kind_of_values(parent));
        if kind.hints() {
            let value = scope.doc.at(node + 1);
            let name = parent.member(b"name");
            let kind = name.map_or(kind, |name| members::of_called(kind, name, value));
            members::below(scope, value, members::of_header(kind, value), false, edits);
        }
    }

    /// Where in `holders` the object that holds the mark at `node` is; marks come in order.
    fn holder(&mut self, outer: usize, object: Value<'_>, node: u32) -> usize {
        while self.holders.len() > outer && self.holders.last().is_some_and(|last| last.end <= node)
        {
            self.holders.pop();
        }
        let known = self.holders[outer..].last().is_some_and(|last| last.object == object.index);
        if !known {
            self.holders.push(Holder {
                object: object.index,
                end: object.node().next,
                classes: Class::default(),
                values: None,
                patches_arguments: None,
                remote_reference: None,
            });
        }
        self.holders.len() - 1
    }

    /// An object somewhere that says it is a Secret, ConfigMap or token.
    fn embedded(
        &mut self,
        scope: &Scope<'_>,
        parent: Value<'_>,
        kind: Value<'_>,
        holder: usize,
        edits: &mut Edits,
    ) {
        if kind.kind() != Kind::String || parent.index == scope.root && scope.layer == 0 {
            return;
        }
        let class = kind.read(Class::of_kind);
        let known = &mut self.holders[holder].classes;
        if known.with(class) == *known {
            return; // none, or done
        }
        *known = known.with(class);
        let body_of_event = scope.layer == 0
            && scope.key_of(parent).is_some_and(|key| {
                key.node().depth == scope.root_node().depth + 1
                    && matches!(key.key(), Key::RequestObject | Key::ResponseObject)
            });
        if body_of_event {
            // Also when the envelope says otherwise: any hit counts. What a client calls a Secret in
            // a request about something else loses its values; the rest is what it did.
            if scope.class.with(class) != scope.class {
                let place = if scope.class.named { Place::Embedded } else { Place::Request };
                body::redact(scope, parent, class, place, false, edits);
            }
            return;
        }
        body::redact(scope, parent, class, Place::Embedded, false, edits);
    }

    /// Accounts for decoded bytes; false when the event's budget is used up.
    fn spend(&mut self, scope: &Scope<'_>, bytes: usize) -> bool {
        self.spent = self.spent.saturating_add(bytes);
        self.spent <= scope.policy.limits.decoded_bytes as usize
    }

    /// The most bytes that the next gzip or zlib stream of the event may open to.
    fn inflatable(&self, scope: &Scope<'_>) -> usize {
        self.inflatable.min(scope.policy.limits.decoded_bytes as usize)
    }

    /// Gives memory back after an unusually large event.
    pub(crate) fn shrink(&mut self) {
        let texts = self.decoded.capacity() + self.scratch.capacity();
        let capacity = self.edits.capacity() + texts;
        if capacity > 1 << 20 {
            self.edits = Edits::default();
            self.decoded = Vec::new();
            self.scratch = Vec::new();
        }
        self.layers.clear();
        self.pieces = Vec::new();
        self.decoder.shrink();
        self.view.shrink(1 << 16);
        self.part.shrink(1 << 16);
        self.taints.shrink();
        if self.receipts.capacity() > 1 << 12 {
            self.receipts = Vec::new();
            self.nested_receipts = Vec::new();
        }
    }
}
