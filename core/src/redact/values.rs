//! Strings read for what they hold, whatever their name: the value detectors over raw text,
//! unescaped text and percent-decoded text. Base64 and hex: [`super::encoded`].

use std::ops::Range;

use super::Redactor;
use super::acted_on;
use super::builtin::{Builtin, detector_rule};
use super::commands;
use super::edits::Edits;
use super::known::DECODED;
use super::members;
use super::resources;
use super::scope::{Scope, told_by_a_name};
use super::view::{self, View};
use crate::detect::readers::{self, Arguments, Manner};
use crate::detect::{Detector, Detectors, Hit, NameKind, classify};
use crate::event::{Event, RPC_CODES, Slot, decode_fully};
use crate::policy::Action;
use crate::scan::doc::Value;
use crate::scan::{Kind, OBSCURED};
use crate::text;

/// Parameters of a query that are read each as a text of its own.
const PARAMETERS: usize = 256;

/// Most secrets in a text with the escapes of a shell that are taken one by one.
const SHELL_ESCAPED: usize = 256;

/// Longer names of which a part was taken count as hints unread.
const LONGEST_READ: u32 = 1024;

impl Redactor {
    /// Runs the detectors over the bytes as written and maps each hit to the string it is in. Gives which
    /// of [`ENCODED`](crate::detect::ENCODED) stand in them.
    pub(super) fn detect_raw(&mut self, scope: &Scope<'_>, edits: &mut Edits) -> u8 {
        self.hinted_key = None;
        let root = scope.root_node();
        self.hits.clear();
        let text = &scope.doc.src[root.start as usize..root.end as usize];
        let encoded = scope.policy.detectors.scan_and_tell(text, &mut self.hits);
        for at in 0..self.hits.len() {
            let hit = self.hits[at];
            let (start, end) = (hit.start + root.start, hit.end + root.start);
            let rule = detector_rule(hit.detector);
            let value = scope.node_at(start);
            let node = value.node();
            match node.kind {
                // Read unescaped below; raw offsets could split an escape.
                Kind::String | Kind::Key if node.flags & OBSCURED != 0 => {}
                Kind::String | Kind::Key if start > node.start && start < node.end => {
                    let end = end.min(node.end - 1);
                    if speaks_by_its_words(hit.detector) && acted_on::is_named(scope, value) {
                        continue;
                    }
                    if node.kind == Kind::Key {
                        self.take_key_part(scope, value, start..end, rule, edits);
                    } else if !self.is_kept(start) {
                        scope.take_part(start, end, rule, edits);
                    }
                }
                Kind::Number if !self.is_kept(start) => scope.take(value, rule, edits),
                _ => {}
            }
        }
        encoded
    }

    /// Part of a member name. Names get a number so that two of them stay two members.
    ///
    /// What is left of the name may hint at a secret where the whole did not: then the value goes,
    /// too, so that filtering again finds nothing more to take.
    pub(super) fn take_key_part(
        &mut self,
        scope: &Scope<'_>,
        key: Value<'_>,
        part: Range<u32>,
        rule: u16,
        edits: &mut Edits,
    ) {
        let (start, end) = text::whole_escapes(scope.doc.src, part.start, part.end);
        let part = start..end;
        if scope.policy.action(rule) == Action::Keep
            || part.is_empty()
            || scope.is_marker(part.start, part.end)
        {
            return;
        }
        self.key_number += 1;
        let mut mark = self.decoder.text();
        mark.extend_from_slice(b"[redacted:");
        mark.extend_from_slice(scope.policy.rule_name(rule).as_bytes());
        mark.push(b'#');
        text::decimal(u64::from(self.key_number), &mut mark);
        mark.push(b']');
        if self.hinted_key != Some(key.index) {
            let kind = self.still_hints(scope, key, &part, &mark);
            if kind.hints() {
                self.hinted_key = Some(key.index);
                members::below(scope, scope.doc.at(key.index + 1), kind, true, edits);
            }
        }
        edits.push(part, rule, Action::Mask, |out| out.extend_from_slice(&mark));
        self.decoder.put_back(mark);
    }

    /// What the name `key` says once `mark` replaces `part`.
    fn still_hints(
        &mut self,
        scope: &Scope<'_>,
        key: Value<'_>,
        part: &Range<u32>,
        mark: &[u8],
    ) -> NameKind {
        let node = key.node();
        // To read a long one for each of its parts would cost the square of its length.
        if node.end - node.start > LONGEST_READ {
            return NameKind::Password;
        }
        let source = |from: u32, to: u32| &scope.doc.src[from as usize..to as usize];
        let mut name = self.decoder.text();
        for piece in [source(node.start + 1, part.start), mark, source(part.end, node.end - 1)] {
            name.extend_from_slice(piece);
        }
        let kind = classify(&name);
        self.decoder.put_back(name);
        kind
    }

    /// Strings and keys whose raw bytes do not show their text: read unescaped.
    pub(super) fn detect_obscured(&mut self, scope: &Scope<'_>, edits: &mut Edits) {
        self.hinted_key = None;
        for list in [&scope.tape.escaped, &scope.tape.escaped_keys] {
            for index in scope.within(list, |index| *index) {
                let value = scope.doc.at(*index);
                let node = value.node();
                // Names that are documents were judged as such.
                let is_document = node.kind == Kind::Key
                    && matches!(value.raw_text().trim_ascii_start().first(), Some(b'{' | b'['));
                if is_document && node.flags & OBSCURED == 0 || edits.covers(node.start, node.end) {
                    continue;
                }
                // First without the way back; most strings hold nothing.
                let (reading, manner) = (self.reading(scope, value), manner(scope, value));
                let how = how(node.kind, reading, manner);
                if let Some(hits) = self.known.recall(value.raw_text(), how) {
                    if !hits.is_empty() {
                        self.hits.clear();
                        self.hits.extend_from_slice(hits);
                        self.view.unescape(value.raw_text(), node.start + 1);
                        self.take_hits(scope, value, edits);
                    }
                    continue;
                }
                self.scratch.clear();
                text::unescape(value.raw_text(), &mut self.scratch);
                self.hits.clear();
                reading.run(manner, &scope.policy.detectors, &self.scratch, &mut self.hits);
                if !self.hits.is_empty() {
                    self.view.unescape(value.raw_text(), node.start + 1);
                    self.take_hits(scope, value, edits);
                }
                let found = !self.hits.is_empty();
                let hidden = text::is_shell_encoded(&self.scratch)
                    && self.detect_shell_escapes(scope, value, edits);
                if node.flags & OBSCURED == 0 {
                    if !hidden {
                        self.known.remember(value.raw_text(), how, &self.hits);
                    }
                    continue;
                }
                // The percent signs of such a string may be escapes, too.
                let quiet = !found && !hidden;
                if self.detect_decoded(scope, value, edits) && quiet {
                    self.known.remember(value.raw_text(), how, &[]);
                }
            }
        }
    }

    /// Strings without escapes that hold more than one word, or an assignment.
    pub(super) fn detect_texts(&mut self, scope: &Scope<'_>, edits: &mut Edits) {
        self.texts_with(scope, edits, |text| memchr::memchr3(b' ', b'=', b'\'', text));
        // Go's encoder writes an escape for it, others do not.
        self.texts_with(scope, edits, |text| memchr::memchr2(b'<', b'&', text));
    }

    fn texts_with(
        &mut self,
        scope: &Scope<'_>,
        edits: &mut Edits,
        find: impl Fn(&[u8]) -> Option<usize>,
    ) {
        self.hinted_key = None;
        let root = scope.root_node();
        let nodes = scope.doc.nodes;
        let (mut from, end) = (root.start as usize, root.end as usize);
        let mut index = scope.root as usize;
        while let Some(skip) = find(&scope.doc.src[from..end]) {
            let at = from + skip;
            from = at + 1;
            while nodes.get(index + 1).is_some_and(|next| next.start as usize <= at) {
                index += 1;
            }
            let value = scope.doc.at(index as u32);
            let node = value.node();
            if !matches!(node.kind, Kind::String | Kind::Key) || at >= node.end as usize {
                continue;
            }
            from = node.end as usize;
            if value.is_escaped() || edits.covers(node.start, node.end) {
                continue;
            }
            let manner = manner(scope, value);
            let how = how(node.kind, Reading::Text, manner);
            let known = self.known.recall(value.raw_text(), how);
            // Without a hit it does not matter whose text it is.
            if known.is_some_and(<[Hit]>::is_empty) || self.reading(scope, value) == Reading::Shapes
            {
                continue;
            }
            self.hits.clear();
            if let Some(hits) = known {
                self.hits.extend_from_slice(hits);
            } else {
                let mut blocks = Vec::new();
                if node.kind == Kind::String
                    && memchr::memmem::find(value.raw_text(), b"ata:").is_some()
                {
                    blocks = resources::values(value.raw_text());
                }
                for block in &blocks {
                    let Some((block, rule)) = block else {
                        scope.mask(value, Builtin::NestedDocument, edits);
                        continue;
                    };
                    let start = node.start + 1 + block.start as u32;
                    scope.take_part(start, start + block.len() as u32, rule.id(), edits);
                }
                scope.policy.detectors.read_text(value.raw_text(), manner, &mut self.hits);
                if blocks.is_empty() {
                    self.known.remember(value.raw_text(), how, &self.hits);
                }
            }
            for at in 0..self.hits.len() {
                let hit = self.hits[at];
                let range = node.start + 1 + hit.start..node.start + 1 + hit.end;
                let rule = detector_rule(hit.detector);
                if node.kind == Kind::Key {
                    self.take_key_part(scope, value, range, rule, edits);
                } else if !self.is_kept(range.start) {
                    scope.take_part(range.start, range.end, rule, edits);
                }
            }
        }
    }

    /// What is to be looked for in a string, unescaped.
    fn reading(&self, scope: &Scope<'_>, value: Value<'_>) -> Reading {
        // The parameters of a URI are texts of their own.
        let is_uri = scope.layer == 0 && self.uri == Some(value.index);
        if acted_on::is_acted_on(scope, value) {
            return Reading::Shapes;
        }
        match (is_uri, value.node().flags & OBSCURED != 0) {
            (true, _) => Reading::Shapes,
            (false, true) => Reading::All,
            // The raw bytes showed the shapes.
            (false, false) => Reading::Text,
        }
    }

    /// Strings with percent escapes: read decoded, up to three times over.
    pub(super) fn detect_percent(&mut self, scope: &Scope<'_>, edits: &mut Edits) {
        self.hinted_key = None;
        let root = scope.root_node();
        let mut from = root.start as usize;
        let end = root.end as usize;
        while let Some(skip) = memchr::memchr(b'%', &scope.doc.src[from..end]) {
            let at = from + skip;
            from = at + 1;
            let value = scope.node_at(at as u32);
            let node = value.node();
            if matches!(node.kind, Kind::String | Kind::Key) {
                from = node.end as usize;
                if edits.covers(node.start, node.end) {
                    continue;
                }
                let how =
                    how(node.kind, self.reading(scope, value), manner(scope, value)) | DECODED;
                if self.known.recall(value.raw_text(), how).is_some() {
                    continue;
                }
                self.scratch.clear();
                text::unescape(value.raw_text(), &mut self.scratch);
                if self.detect_decoded(scope, value, edits) {
                    self.known.remember(value.raw_text(), how, &[]);
                }
            }
        }
    }

    /// Runs the detectors over the text of `value`, which `scratch` holds, with its percent escapes
    /// decoded. Without the way back first: most texts hold nothing. Gives whether this one does.
    fn detect_decoded(&mut self, scope: &Scope<'_>, value: Value<'_>, edits: &mut Edits) -> bool {
        let mut decoded = false;
        // `?command=curl+-H+"Authorization:+Bearer+$TOKEN"`
        let is_uri = scope.layer == 0 && self.uri == Some(value.index);
        if is_uri {
            view::query_with_spaces(&mut self.scratch);
        }
        for _ in 0..3 {
            if !text::percent_decode_in_place(&mut self.scratch) {
                break;
            }
            decoded = true;
        }
        if !decoded {
            return true;
        }
        self.hits.clear();
        let reading = self.reading(scope, value).of_decoded();
        reading.run(manner(scope, value), &scope.policy.detectors, &self.scratch, &mut self.hits);
        let mut quiet = self.hits.is_empty();
        if !quiet {
            self.view.unescape(value.raw_text(), value.node().start + 1);
            if is_uri {
                view::query_with_spaces(&mut self.view.text);
            }
            self.view.percent_decode(3);
            self.take_hits(scope, value, edits);
        }
        // Nobody encodes that often who has nothing to hide.
        if View::is_encoded(&self.scratch) {
            self.view.unescape(value.raw_text(), value.node().start + 1);
            self.view.percent_decode(3);
            if let Some(range) = self.view.still_encoded() {
                let rule = Builtin::NestedDocument.id();
                if value.kind() == Kind::Key {
                    self.take_key_part(scope, value, range, rule, edits);
                } else if !self.is_kept(range.start) {
                    scope.take_part(range.start, range.end, rule, edits);
                }
                quiet = false;
            }
        }
        quiet
    }

    /// Reads the text of `value`, which `scratch` holds, as a shell or `printf` would: `\\x70`, `\\160`.
    /// Gives whether that shows anything; if not, the hits are as they were.
    fn detect_shell_escapes(
        &mut self,
        scope: &Scope<'_>,
        value: Value<'_>,
        edits: &mut Edits,
    ) -> bool {
        let mut said = self.decoder.text();
        said.extend_from_slice(&self.scratch);
        text::shell_decode_in_place(&mut said);
        let reading = self.reading(scope, value).of_decoded();
        let from = self.hits.len();
        reading.run(manner(scope, value), &scope.policy.detectors, &said, &mut self.hits);
        self.decoder.put_back(said);
        if self.hits.len() == from {
            return false;
        }
        self.hits.drain(..from);
        // Nobody writes that many secrets so: a mark for each would be a flood itself.
        if self.hits.len() > SHELL_ESCAPED && value.kind() == Kind::String {
            scope.take(value, Builtin::NestedDocument.id(), edits);
            return true;
        }
        self.view.unescape(value.raw_text(), value.node().start + 1);
        self.view.shell_decode();
        self.take_hits(scope, value, edits);
        true
    }

    /// Takes what was found in the text that the current view shows of `value`.
    fn take_hits(&mut self, scope: &Scope<'_>, value: Value<'_>, edits: &mut Edits) {
        for at in 0..self.hits.len() {
            let hit = self.hits[at];
            if speaks_by_its_words(hit.detector) && acted_on::is_named(scope, value) {
                continue;
            }
            let range = self.view.source(hit.start as usize..hit.end as usize);
            let rule = detector_rule(hit.detector);
            if value.kind() == Kind::Key {
                self.take_key_part(scope, value, range, rule, edits);
            } else if !self.is_kept(range.start) {
                scope.take_part(range.start, range.end, rule, edits);
            }
        }
    }

    /// The request URI's own parts: hinted query parameters, the arguments of `command=`, and every
    /// parameter as a text of its own.
    pub(super) fn request_uri(&mut self, scope: &Scope<'_>, event: &Event<'_>, edits: &mut Edits) {
        let Some(value) = event.get(Slot::RequestUri) else { return };
        let raw = value.raw_text();
        let path = &raw[..memchr::memchr(b'?', raw).unwrap_or(raw.len())];
        for part in secrets_of_path(path, &scope.policy.finders.webhooks) {
            let inside = value.node().start + 1;
            let (start, end) = (inside + part.start as u32, inside + part.end as u32);
            scope.take_part(start, end, Builtin::HintedValue.id(), edits);
        }
        if !uri_wants_a_look(raw) {
            return;
        }
        self.view.unescape(raw, value.node().start + 1);
        let Some(query) = memchr::memchr(b'?', &self.view.text) else { return };
        let mut at = query + 1;
        let mut arguments = Arguments::default();
        let of_oauth = memchr::memmem::find(&self.view.text[..query], b"oauth").is_some();
        let mut buffer = std::mem::take(&mut self.scratch);
        let mut parameters = 0;
        while at < self.view.text.len() {
            let end = memchr::memchr(b'&', &self.view.text[at..])
                .map_or(self.view.text.len(), |len| at + len);
            parameters += 1;
            if parameters == PARAMETERS {
                // The rest at once, as one text.
                self.part.of_parameter(&self.view, at..self.view.text.len());
                self.read_part(scope, edits);
            }
            let pair = &self.view.text[at..end];
            let equals = memchr::memchr(b'=', pair).unwrap_or(pair.len());
            let mut name = &pair[..equals];
            if memchr::memchr2(b'%', b'+', name).is_some() {
                decode_fully(name, &mut buffer);
                name = &buffer;
            }
            let start = (at + equals + 1).min(end);
            at = end + 1;
            let is_command = name == b"command";
            let alone = parameters < PARAMETERS;
            if start == end || !(alone || is_command || readers::may_be_secret(name)) {
                continue;
            }
            // An authorization code is as good as the token it is changed for.
            let is_code = of_oauth && name == b"code";
            self.part.of_parameter(&self.view, start..end);
            // `?u=root&p=x`, as InfluxDB has it.
            let login = name == b"p"
                && start < end
                // `?p=3` is a page.
                && !(self.part.text.len() < 3 && self.part.text.iter().all(u8::is_ascii_digit))
                && [b"?u=".as_slice(), b"&u="]
                    .iter()
                    .any(|user| memchr::memmem::find(&self.view.text[query..], user).is_some());
            if is_code || login || readers::is_parameter(name, &self.part.text) {
                let whole = self.view.source(start..end);
                scope.take_part(whole.start, whole.end, Builtin::HintedValue.id(), edits);
                continue;
            }
            if is_command && let Some(part) = arguments.next(&self.part.text) {
                let mut take = |inner: Range<usize>| {
                    let range = part.start + inner.start..part.start + inner.end;
                    let range = self.part.source(range);
                    scope.take_part(range.start, range.end, Builtin::HintedValue.id(), edits);
                };
                if !commands::around(&self.part.text[part.clone()], &mut take) {
                    take(0..part.len());
                }
            }
            if alone || is_command {
                self.read_part(scope, edits);
            }
        }
        self.scratch = buffer;
    }

    /// Takes what the detectors find in the part that is shown.
    fn read_part(&mut self, scope: &Scope<'_>, edits: &mut Edits) {
        self.hits.clear();
        scope.policy.detectors.read(&self.part.text, Manner::Plain, &mut self.hits);
        for hit in &self.hits {
            let (start, end) = (hit.start as usize, hit.end as usize);
            let rule = detector_rule(hit.detector);
            let mut take = |inner: Range<usize>| {
                let range = self.part.source(start + inner.start..start + inner.end);
                scope.take_part(range.start, range.end, rule, edits);
            };
            // Commands are seen in what the escapes say.
            if !told_by_a_name(rule) || !commands::around(&self.part.text[start..end], &mut take) {
                take(0..end - start);
            }
        }
        if memchr::memmem::find(&self.part.text, b"ata").is_some() {
            for block in resources::values(&self.part.text) {
                let (block, rule) =
                    block.unwrap_or((0..self.part.text.len(), Builtin::NestedDocument));
                let range = self.part.source(block);
                scope.take_part(range.start, range.end, rule.id(), edits);
            }
        }
        self.encoded_words_of_part(scope, edits);
    }

    /// Status messages may quote the request, and the object as it is stored.
    pub(super) fn quoted_input(scope: &Scope<'_>, value: Value<'_>, edits: &mut Edits) {
        if value.kind() != Kind::String {
            return;
        }
        let raw = value.raw_text();
        if !scope.class.any() {
            if let Some(at) = dumps_from(raw) {
                let node = value.node();
                let rule = Builtin::QuotedInput.id();
                scope.take_part(node.start + 1 + at as u32, node.end - 1, rule, edits);
            }
            return;
        }
        let guarded = scope.class.secret || scope.class.token;
        let quoted = match quotes_from(raw, guarded) {
            Some(at) => at,
            // A message of a form that is not known may quote anything. ConfigMaps are not worth
            // the loss.
            None if guarded => {
                if quotes_nothing(raw) {
                    return;
                }
                0
            }
            None => return,
        };
        let node = value.node();
        let rule = Builtin::QuotedInput.id();
        scope.take_part(node.start + 1 + quoted as u32, node.end - 1, rule, edits);
    }
}

/// Secrets in the path of a URI: `;jsessionid=x`, and OpenShift's
/// `buildconfigs/NAME/webhooks/SECRET/github`.
fn secrets_of_path(
    path: &[u8],
    webhooks: &memchr::memmem::Finder<'_>,
) -> impl Iterator<Item = Range<usize>> {
    let parameters = memchr::memchr_iter(b';', path).filter_map(|at| {
        let rest = &path[at + 1..];
        let rest = &rest[..memchr::memchr2(b';', b'/', rest).unwrap_or(rest.len())];
        let equals = memchr::memchr(b'=', rest)?;
        let (name, value) = (&rest[..equals], &rest[equals + 1..]);
        readers::is_parameter(name, value).then_some(at + 1 + equals + 1..at + 1 + rest.len())
    });
    let webhook = webhooks.find(path).and_then(|at| {
        memchr::memmem::find(&path[..at], b"/buildconfigs/")?;
        let start = at + webhooks.needle().len();
        let len = memchr::memchr(b'/', &path[start..])?;
        (len > 0).then_some(start..start + len)
    });
    parameters.chain(webhook)
}

/// Whether what a detector finds is told by the words around it rather than by its own shape.
fn speaks_by_its_words(detector: Detector) -> bool {
    [Detector::AuthorizationHeader, Detector::UrlUserinfo].contains(&detector)
}

/// How a text is read, as one number.
fn how(kind: Kind, reading: Reading, manner: Manner) -> u8 {
    u8::from(kind == Kind::Key) | (reading as u8) << 1 | u8::from(manner == Manner::Prose) << 3
}

/// What is looked for in a text.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Reading {
    /// What shows in any bytes.
    Shapes,
    /// What shows only when a text is read as a whole.
    Text,
    All,
}

impl Reading {
    /// The same for a text that was decoded: its bytes as they stand showed no shapes.
    fn of_decoded(self) -> Self {
        if self == Self::Shapes { self } else { Self::All }
    }

    fn run(self, manner: Manner, detectors: &Detectors, text: &[u8], hits: &mut Vec<Hit>) {
        match self {
            Self::Shapes => detectors.scan(text, hits),
            Self::Text => detectors.read_text(text, manner, hits),
            Self::All => detectors.read(text, manner, hits),
        }
    }
}

/// How the text of a member is to be read, by the member's name.
fn manner(scope: &Scope<'_>, value: Value<'_>) -> Manner {
    let describes = scope.key_of(value).is_some_and(|key| key.raw_text() == b"description");
    if describes { Manner::Prose } else { Manner::Plain }
}

/// Where a status message starts to quote a whole object as it is stored: a Pod template, a diff.
/// Names and values stand too far apart in these to be judged one by one.
fn dumps_from(raw: &[u8]) -> Option<usize> {
    const VALUE: &[u8] = b"Invalid value: ";
    let dump = memchr::memmem::find_iter(raw, VALUE).map(|at| at + VALUE.len()).find(|at| {
        let rest = &raw[*at..];
        // What a former run put there.
        if readers::mark(rest.strip_prefix(br#"\""#).unwrap_or(rest)).is_some() {
            return false;
        }
        let is_object = [br#"\"{"#.as_slice(), br#"\"["#, br#"\"map["#, b"{", b"[", b"map[", b"&"]
            .iter()
            .any(|start| rest.starts_with(start));
        // `{"app":"till"}` is worth reading.
        is_object && (rest.len() > 512 || memchr::memmem::find(rest, b"alue").is_some())
    });
    let diff = b"may not change fields other than".as_slice();
    let diff = memchr::memmem::find(raw, diff).map(|at| at + diff.len());
    dump.into_iter().chain(diff).min()
}

/// Where a status message starts to quote what the client sent: after the first of these signs.
/// They stay, so that filtering again finds the same place.
/// What webhooks and policies say may quote anything, too: `guarded` says whether that is a secret.
fn quotes_from(raw: &[u8], guarded: bool) -> Option<usize> {
    const SIGNS: &[&[u8]] = &[
        b"Invalid value: ",
        b"Unsupported value: ",
        b"Duplicate value: ",
        b"error found in #",
        b"bigger context",
        // structured-merge-diff: `.data.k: expected string, got &value…{Value:…}`
        b", got ",
        // YAML
        b"invalid map key",
        b"cannot decode",
        b"unmarshal errors",
        // quotes the start of a body it cannot read, in hex
        b"json parse error",
        b"cannot unmarshal number -",
        b"the name of the object (",
        b"parsing \\\"",
        b"parsing time ",
    ];
    const WEBHOOKS: &[&[u8]] = &[
        b"denied the request",
        b"denied request",
        b"failed calling webhook",
        b"Internal error occurred",
    ];
    let number = b"cannot unmarshal number ".as_slice();
    let digits = memchr::memmem::find(raw, number)
        .map(|at| at + number.len())
        .filter(|at| raw.get(*at).is_some_and(u8::is_ascii_digit));
    let webhooks = if guarded { WEBHOOKS } else { &[] };
    SIGNS
        .iter()
        .chain(webhooks)
        .filter_map(|sign| memchr::memmem::find(raw, sign).map(|at| at + sign.len()))
        .chain(digits)
        .min()
}

/// Whether a status message has a form that quotes no value of a body: names, kinds, types and
/// places at most.
fn quotes_nothing(raw: &[u8]) -> bool {
    const FORMS: &[&[u8]] = &[
        b"is forbidden: User ",
        b"is forbidden: exceeded quota",
        b"is forbidden: unable to create new content",
        b"the server ",
        b"Unsupported Media Type",
        b"invalid JSON patch",
        b"cannot be handled as a ",
        b"does not match the namespace",
        b"was undeterminable",
        b"field is immutable",
        b"Required value",
        b"Too long",
        b"Too many",
        b"too many requests",
        b"entity too large",
        b"error decoding patch: ",
        b"error encoding patch: ",
        b"failed to create typed patch object",
        b"Apply failed with",
        b"conflict with ",
        b"object has been modified",
        b"Precondition failed",
        b"parameter invalid: ",
        b"without impersonating a user name",
        b"but received a ",
        b"Unauthorized",
        b"imeout",
        b"too old resource version",
        b"continue parameter",
    ];
    raw.ends_with(b" not found")
        || RPC_CODES.contains(&raw)
        || raw.ends_with(b" already exists")
        || FORMS.iter().any(|form| memchr::memmem::find(raw, form).is_some())
}

/// Whether a request URI as written has a query parameter that a client may have filled, or is
/// written so that this cannot be seen. `&` is written `\u0026` by Go's JSON encoder.
fn uri_wants_a_look(raw: &[u8]) -> bool {
    let Some(query) = memchr::memchr2(b'?', b'\\', raw) else { return false };
    if raw[query] == b'\\' {
        return true;
    }
    let mut rest = &raw[query + 1..];
    loop {
        let end = memchr::memchr2(b'&', b'\\', rest).unwrap_or(rest.len());
        let pair = &rest[..end];
        let name = &pair[..memchr::memchr(b'=', pair).unwrap_or(end)];
        if name.ends_with(b"Selector") && selects_a_secret(&pair[name.len()..]) {
            return true;
        }
        if !is_of_the_api(name) || memchr::memchr(b'=', &pair[end.min(name.len() + 1)..]).is_some()
        {
            return true;
        }
        rest = &rest[end..];
        rest = match rest {
            [] => return false,
            [b'&', after @ ..] | [b'\\', b'u', b'0', b'0', b'2', b'6', after @ ..] => after,
            _ => return true,
        };
    }
}

/// Whether a selector compares a field whose name hints: `spec.password%3Dx`.
fn selects_a_secret(selector: &[u8]) -> bool {
    let pieces = selector.split(|b| matches!(b, b'%' | b'=' | b',' | b'!'));
    pieces.filter(|piece| piece.len() > 3).any(|piece| {
        // After `%2C`, two digits of the escape.
        readers::may_be_secret(piece) || readers::may_be_secret(&piece[2..])
    })
}

/// Parameters that the API server itself reads: names, numbers, switches.
fn is_of_the_api(name: &[u8]) -> bool {
    matches!(
        name,
        b"limit"
            | b"watch"
            | b"timeout"
            | b"timeoutSeconds"
            | b"resourceVersion"
            | b"fieldSelector"
            | b"labelSelector"
            | b"allowWatchBookmarks"
            | b"fieldManager"
            | b"force"
            | b"continue"
            | b"container"
            | b"stdin"
            | b"stdout"
            | b"stderr"
            | b"tty"
            | b"dryRun"
            | b"pretty"
            | b"follow"
            | b"tailLines"
            | b"resourceVersionMatch"
            | b"fieldValidation"
            | b"sendInitialEvents"
            | b"propagationPolicy"
            | b"gracePeriodSeconds"
            | b"includeObject"
            | b"previous"
            | b"timestamps"
            | b"sinceSeconds"
            | b"verbose"
            | b"exclude"
    )
}
