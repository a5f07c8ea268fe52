//! Documents inside strings: JSON in annotations and elsewhere, opened to a bounded depth.

use super::body::{self, Place};
use super::builtin::Builtin;
use super::class::Class;
use super::edits::Edits;
use super::resources;
use super::scope::Scope;
use super::{NESTED, Receipt, Redactor};
use crate::detect::is_marked;
use crate::policy::Action;
use crate::scan::doc::{Doc, Value};
use crate::scan::{Bounds, Kind, OBSCURED, Tape};
use crate::text;

/// What a document inside a string is known to be.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Meaning {
    /// Nothing is known.
    Unknown,
    /// A copy of the object the event is about, such as last-applied-configuration.
    Copy,
    /// `patch.webhook.admission.k8s.io/…`: `{"patch": […], …}` over the object.
    WebhookPatch,
}

/// Memory for one layer of documents inside documents.
pub(crate) struct Layer {
    tape: Tape,
    text: Vec<u8>,
    edits: Edits,
    out: Vec<u8>,
}

impl Default for Layer {
    fn default() -> Self {
        Self {
            tape: Tape::new(is_marked),
            text: Vec::new(),
            edits: Edits::default(),
            out: Vec::new(),
        }
    }
}

/// Annotations that hold a copy of the whole object.
const COPIES: [&[u8]; 6] = [
    b"kubectl.kubernetes.io/last-applied-configuration",
    b"kapp.k14s.io/original",
    b"objectset.rio.cattle.io/applied",
    b"banzaicloud.com/last-applied",
    b"controller-tools.k8s.io/last-applied",
    b"pulumi.com/last-applied-configuration",
];

/// What the value of an annotation is.
pub(crate) fn meaning(key: &[u8]) -> Meaning {
    let ends = [b"last-applied".as_slice(), b"last-applied-configuration", b"last-applied-config"];
    if COPIES.contains(&key) || ends.iter().any(|end| key.ends_with(end)) {
        Meaning::Copy
    } else if key.starts_with(b"patch.webhook.admission.k8s.io/") {
        Meaning::WebhookPatch
    } else {
        Meaning::Unknown
    }
}

/// How long `<removed>` may be as written.
const LONGEST_PLACEHOLDER: usize = 128;

/// `<removed>`: a word in place of a document.
fn is_placeholder(text: &[u8]) -> bool {
    let [b'<', word @ .., b'>'] = text else { return false };
    word.iter().all(u8::is_ascii_lowercase)
}

impl Redactor {
    /// Every annotation of an `annotations` object.
    pub(super) fn annotations(
        &mut self,
        scope: &Scope<'_>,
        annotations: Value<'_>,
        edits: &mut Edits,
    ) {
        for (key, value) in annotations.members() {
            let meaning = key.read(meaning);
            if meaning == Meaning::Unknown
                || super::replace::is_marker(scope.policy, value.raw_text())
                || value.raw_text().len() <= LONGEST_PLACEHOLDER && value.read(is_placeholder)
            {
                continue; // escaped values are all opened by `documents`
            }
            self.copies.push(value.index);
            self.copy(scope, value, meaning, edits);
        }
    }

    /// The value of an annotation that holds a copy of an object or a patch: cleaned inside, or
    /// masked when it cannot be read.
    fn copy(&mut self, scope: &Scope<'_>, value: Value<'_>, meaning: Meaning, edits: &mut Edits) {
        if value.kind() != Kind::String {
            scope.take(value, Builtin::NestedDocument.id(), edits);
        } else if !self.document(scope, value, meaning, edits)
            && !value.raw_text().is_empty()
            && !self.decoder.encodes_document(&value.text())
        {
            scope.mask(value, Builtin::NestedDocument, edits);
        }
    }

    /// All strings with escapes that hold a JSON object or array. (Without an escape there is no
    /// quote in it, so no member and no text.)
    ///
    /// `outer` is where in `copies` those of this document begin.
    pub(super) fn documents(&mut self, scope: &Scope<'_>, outer: usize, edits: &mut Edits) {
        for index in scope.within(&scope.tape.escaped, |index| *index) {
            let value = scope.doc.at(*index);
            if edits.covers(value.node().start, value.node().end) {
                continue;
            }
            let meaning = scope.key_of(value).map_or(Meaning::Unknown, |key| key.read(meaning));
            if meaning == Meaning::Unknown {
                if !self.document(scope, value, meaning, edits) {
                    self.quoted(scope, value, edits);
                }
            } else if self.copies[outer..].binary_search(&value.index).is_err() {
                // Under an annotation's name elsewhere, as in a patch of all annotations.
                self.copy(scope, value, meaning, edits);
            }
        }
        self.documents_in_keys(scope, edits);
    }

    /// Member names that are documents: masked when there is anything to take from them.
    fn documents_in_keys(&mut self, scope: &Scope<'_>, edits: &mut Edits) {
        for index in scope.within(&scope.tape.escaped_keys, |index| *index) {
            let key = scope.doc.at(*index);
            let node = key.node();
            let head = key.raw_text().iter().find(|b| **b != b' ');
            if !matches!(head, Some(b'{' | b'[' | b'\\' | 0xef))
                || self.is_kept(node.start)
                || edits.covers(node.start, node.end)
            {
                continue;
            }
            let mut name = std::mem::take(&mut self.scratch);
            name.clear();
            text::unescape(key.raw_text(), &mut name);
            let text = name.strip_prefix("\u{feff}".as_bytes()).unwrap_or(&name).trim_ascii();
            let rule = if !matches!(text.first(), Some(b'{' | b'[' | b'"')) {
                None
            } else if self.spend(scope, text.len()) {
                self.judge_document(scope, text)
            } else {
                Some(Builtin::NestedDocument.id())
            };
            self.scratch = name;
            if let Some(rule) = rule {
                self.take_key_part(scope, key, node.start + 1..node.end - 1, rule, edits);
            }
        }
    }

    /// Opens the document in a string and redacts it. False when there is none.
    fn document(
        &mut self,
        scope: &Scope<'_>,
        value: Value<'_>,
        meaning: Meaning,
        edits: &mut Edits,
    ) -> bool {
        let raw = value.raw_text();
        // `{`, `[` or an escape that may spell them or white space
        let head = raw.iter().find(|b| **b != b' ');
        if !matches!(head, Some(b'{' | b'[' | b'\\' | 0xef)) {
            return false;
        }
        let mut layer = self.take_layer(scope.layer);
        layer.text.clear();
        text::unescape(raw, &mut layer.text);
        let found = self.open(scope, value, meaning, &mut layer, edits);
        self.put_layer(scope.layer, layer);
        found
    }

    fn open(
        &mut self,
        scope: &Scope<'_>,
        value: Value<'_>,
        meaning: Meaning,
        layer: &mut Layer,
        edits: &mut Edits,
    ) -> bool {
        let Layer { tape, text, edits: inner, out } = layer;
        let src = text.strip_prefix("\u{feff}".as_bytes()).unwrap_or(text);
        let start = src.iter().position(|b| !b.is_ascii_whitespace()).unwrap_or(0);
        // Or a string that holds such a string.
        let quoted = src.get(start) == Some(&b'"') && memchr::memchr2(b'{', b'[', src).is_some();
        if !quoted && !matches!(src.get(start), Some(b'{' | b'[')) {
            return false;
        }
        let limits = &scope.policy.limits;
        if scope.layer >= limits.nested || !self.spend(scope, src.len()) {
            scope.mask(value, Builtin::NestedDocument, edits);
            return true;
        }
        if !parse(tape, src, limits.depth, limits.nodes) {
            return false;
        }
        let doc = Doc { src, nodes: &tape.nodes };
        let inside = Scope { tape, doc, root: 0, layer: scope.layer + 1, ..*scope };
        inner.clear(src.len());
        let deeper = self.nested_receipts.len();
        self.inside(&inside, inner);
        Self::by_meaning(&inside, meaning, inner);
        inner.settle(src);
        if inner.is_empty() {
            return true;
        }
        let node = value.node();
        // Receipts of deeper layers point at this string, too.
        for receipt in &mut self.nested_receipts[deeper..] {
            receipt.at = node.start;
        }
        for edit in inner.list() {
            self.taints.remember_edit(doc, edit);
            if edit.rule != NESTED {
                self.nested_receipts.push(Receipt {
                    rule: edit.rule,
                    action: edit.action,
                    at: node.start,
                    count: 1,
                });
            }
        }
        out.clear();
        inner.copy(src, 0, src.len() as u32, out);
        edits.push(node.start..node.end, NESTED, Action::Mask, |to| {
            to.push(b'"');
            text::escape(out, to);
            to.push(b'"');
        });
        true
    }

    /// The rules for a document inside a string. What own rules keep are places in the event.
    fn inside(&mut self, scope: &Scope<'_>, edits: &mut Edits) {
        let kept = std::mem::take(&mut self.kept);
        self.own_rules_inside(scope, edits);
        edits.settle(scope.doc.src);
        self.subtree(scope, edits);
        self.kept = kept;
    }

    /// Text that is no document as a whole and may quote one: JSON within a message, several
    /// documents in one string, YAML. Of a Secret in it the values go; members whose names hint are
    /// found like those of any text.
    fn quoted(&mut self, scope: &Scope<'_>, value: Value<'_>, edits: &mut Edits) {
        let node = value.node();
        let raw = value.raw_text();
        // A colon after a quote, or after something that could spell one.
        let obscured = node.flags & OBSCURED != 0;
        let has_member = memchr::memchr_iter(b':', raw).any(|colon| {
            obscured || raw[..colon].ends_with(b"\"") || raw[..colon].ends_with(b"\" ")
        });
        if !has_member || self.is_kept(node.start) {
            return;
        }
        self.view.unescape(raw, node.start + 1);
        for block in resources::values(&self.view.text) {
            let Some((block, rule)) = block else {
                return scope.mask(value, Builtin::NestedDocument, edits);
            };
            let range = self.view.source(block);
            scope.take_part(range.start, range.end, rule.id(), edits);
        }
    }

    fn by_meaning(scope: &Scope<'_>, meaning: Meaning, edits: &mut Edits) {
        let root = scope.doc.root();
        let class = typed(scope.class);
        match meaning {
            Meaning::Copy if class.any() => {
                body::redact(scope, root, class, Place::Embedded, false, edits);
            }
            Meaning::WebhookPatch if class.any() => {
                for (key, value) in root.members() {
                    if key.says(b"patch") {
                        body::redact_patch(scope, value, class, edits);
                    }
                }
            }
            _ => {}
        }
    }

    /// The rule that takes anything out of a decoded document; the document is not rewritten.
    pub(super) fn judge_document(&mut self, scope: &Scope<'_>, decoded: &[u8]) -> Option<u16> {
        if scope.layer >= scope.policy.limits.nested {
            return Some(Builtin::NestedDocument.id());
        }
        let mut layer = self.take_layer(scope.layer);
        let limits = &scope.policy.limits;
        let mut found = None;
        if std::str::from_utf8(decoded).is_ok()
            && parse(&mut layer.tape, decoded, limits.depth, limits.nodes)
        {
            let doc = Doc { src: decoded, nodes: &layer.tape.nodes };
            let inside =
                Scope { tape: &layer.tape, doc, root: 0, layer: scope.layer + 1, ..*scope };
            layer.edits.clear(decoded.len());
            self.inside(&inside, &mut layer.edits);
            if !is_continue_token(doc.root()) {
                Self::by_meaning(&inside, Meaning::Copy, &mut layer.edits);
            }
            found =
                layer
                    .edits
                    .list()
                    .iter()
                    .find(|edit| edit.rule != Builtin::ManagedFields.id())
                    .map(|edit| {
                        if edit.rule == NESTED { Builtin::NestedDocument.id() } else { edit.rule }
                    });
        }
        self.put_layer(scope.layer, layer);
        found
    }

    /// Memory for a document in layer `layer`; new while that of the layer is in use further up.
    fn take_layer(&mut self, layer: u8) -> Box<Layer> {
        let at = usize::from(layer);
        while self.layers.len() <= at {
            self.layers.push(None);
        }
        self.layers[at].take().unwrap_or_default()
    }

    fn put_layer(&mut self, at: u8, layer: Box<Layer>) {
        self.layers[usize::from(at)] = Some(layer);
    }
}

/// Whether a document is where the API server goes on with a list: a version and a name.
fn is_continue_token(root: Value<'_>) -> bool {
    root.member(b"v").is_some_and(|version| version.says(b"meta.k8s.io/v1"))
        && root.members().all(|(key, value)| {
            (key.says(b"v") || key.says(b"rv") || key.says(b"start"))
                && matches!(value.kind(), Kind::String | Kind::Number)
        })
}

/// OAuth tokens have no copies worth a rule.
fn typed(class: Class) -> Class {
    Class { oauth_token: false, ..class }
}

fn parse(tape: &mut Tape, src: &[u8], depth: u8, nodes: u32) -> bool {
    tape.load(src);
    let Ok(end) = tape.parse(src, 0, Bounds { depth, nodes }) else { return false };
    src[end..].iter().all(u8::is_ascii_whitespace)
}
