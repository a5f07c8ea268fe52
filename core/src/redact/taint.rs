//! A value taken out once is taken out everywhere in the event.
//!
//! A secret can be copied: into an annotation by a JSON patch `copy`, into a status message, into
//! a name. Values of 8 bytes or more that a rule took (4, where the policy's own did) are looked for as whole strings and as parts
//! of strings, and where they are not weak (see below), also in base64, hex and percent-encoding.
//! ConfigMap values are not: they are full of ordinary words. Neither is what the envelope itself
//! uses as a name.
//!
//! A client chooses names and values, so it must not choose what is hidden elsewhere. A value that
//! only its name spoke for is *weak* unless it looks random: `x-token: cluster-admin` hides nothing
//! but quotations of itself in messages. And no copy at all is taken where the API or the API
//! server speaks; see [`Taints::protect`].

use std::ops::Range;

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use super::NESTED;
use super::acted_on::RULE;
use super::builtin::{Builtin, FIRST_OWN, detector_rule};
use super::copies::Copied;
use super::needles::{HEAD, Needles};
use crate::detect::Detector;
use crate::detect::readers::mark;
use crate::detect::values::looks_drawn;
use crate::event::{Event, Slot, split};
use crate::scan::Kind;
use crate::scan::doc::Value;
use crate::scan::key::Key;
use crate::text;

/// Shorter values occur by chance.
pub(super) const SHORTEST: usize = HEAD;
/// But what an own rule of the policy names is a secret by its owner's word: shorter copies go, too,
/// as whole values and between the borders of words.
const SHORTEST_OWN: usize = 4;
/// How many of these are looked for inside texts.
const SHORT: usize = 32;
/// How many values are remembered at all.
const REMEMBERED: usize = 4096;
/// Bytes of all values remembered.
const REMEMBERED_BYTES: usize = 1 << 20;

/// Longer values are not looked for in other spellings.
const LONGEST_DECODED: usize = 4096;

/// Annotations of an event that the API server writes in words of its own. What an admission policy
/// says is not among them: its message can quote the object.
pub(super) const SERVER_ANNOTATES: [&[u8]; 4] = [
    b"authorization.k8s.io/",
    b"authentication.k8s.io/",
    b"pod-security.kubernetes.io/",
    b"mutation.webhook.admission.k8s.io/",
];

/// Members of objects besides those of [`RULE`].
const OBJECTS: &[&[u8]] = &[
    b"securityContext",
    b"hostPath",
    b"clientConfig",
    b"serviceAccountName",
    b"clusterRoleSelectors",
    // Where something goes, runs or comes from.
    b"externalName",
    b"externalIPs",
    b"host",
    b"nodeName",
    b"secretName",
    b"claimName",
    // What a certificate is asked for, what a policy says, where a volume comes from and goes.
    b"request",
    b"expression",
    b"server",
    b"mountPath",
    b"subPath",
    b"volumeHandle",
    b"selector",
];

/// Whether what this member of a body says is what the API server acts on, so that hiding it would
/// hide what was done. Whatever secret stands there is found by its own shape or not at all.
fn is_of_the_api(key: Value<'_>) -> bool {
    matches!(
        key.key(),
        Key::Kind
            | Key::ApiVersion
            | Key::ApiGroup
            | Key::Op
            | Key::Image
            | Key::RoleRef
            | Key::Subjects
            | Key::Args
            | Key::Command
            | Key::Reason
            | Key::Code
            | Key::Namespace
    ) || RULE.iter().chain(OBJECTS).any(|name| key.says(name))
}

/// Whether one of these sorted ranges holds `start`.
fn within(ranges: &[Range<u32>], start: u32) -> bool {
    let after = ranges.partition_point(|range| range.start <= start);
    after.checked_sub(1).is_some_and(|last| ranges[last].contains(&start))
}

/// How many values are looked for encoded, and how long these may be.
const ENCODED: usize = 256;
const LONGEST_ENCODED: usize = 512;
/// Bit of a needle's number: it is a value in base64 or hex.
const IS_ENCODED: u32 = 1 << 31;

/// One value, by where it stands in [`Taints::text`].
#[derive(Clone, Copy)]
pub(super) struct Taint {
    start: u32,
    end: u32,
    /// Only its name spoke for it: copies go from messages alone.
    pub(super) weak: bool,
    /// The name that spoke for it was one of a member, option or parameter.
    pub(super) named: bool,
}

/// Whether a short value says next to nothing: any number, and words that stand everywhere.
fn is_common(raw: &[u8]) -> bool {
    const WORDS: [&[u8]; 4] = [b"true", b"false", b"null", b"none"];
    WORDS.iter().any(|word| raw.eq_ignore_ascii_case(word))
}

impl Taint {
    fn of(self, text: &[u8]) -> &[u8] {
        &text[self.start as usize..self.end as usize]
    }
}

/// Values taken out of the current event.
#[derive(Default)]
pub(crate) struct Taints {
    text: Vec<u8>,
    list: Vec<Taint>,
    /// Those of [`Taints::remember_torn`], which names of the envelope do not protect.
    torn: Vec<Taint>,
    /// Whether what is added now is weak,
    weak: bool,
    /// and named,
    named: bool,
    /// and taken by an own rule.
    own: bool,
    /// Length of the shortest value.
    pub(super) shortest: usize,
    /// Whether the event is about Secrets.
    pub(super) typed: bool,
    pub(super) needles: Needles,
    pub(super) found: Vec<Copied>,
    /// Source ranges where copies stay; see [`Taints::protect`].
    protected: Vec<Range<u32>>,
    /// Source ranges that quote what a client sent: messages of refusals, annotations of admission.
    quoting: Vec<Range<u32>>,
    decoded: Vec<u8>,
    quoted: Vec<u8>,
    spelled: Vec<u8>,
}

impl Taints {
    pub(super) fn clear(&mut self) {
        self.text.clear();
        self.list.clear();
        self.torn.clear();
    }

    pub(super) fn shrink(&mut self) {
        if self.text.capacity() > 1 << 16 {
            *self = Self::default();
        }
        self.needles.shrink();
    }

    pub(super) fn is_empty(&self) -> bool {
        self.list.is_empty()
    }

    /// Remembers a value as it stands in a JSON text (without quotes).
    pub(super) fn remember(&mut self, rule: u16, raw: &[u8]) {
        let excluded = [
            Builtin::ConfigMapValues,
            Builtin::ConfigMapMember,
            Builtin::ManagedFields,
            Builtin::OpaqueSubtree,
            Builtin::QuotedInput,
            Builtin::NestedDocument,
            Builtin::LoneSurrogate,
            Builtin::AccessKeyId,
        ];
        if rule == NESTED || excluded.iter().any(|builtin| builtin.id() == rule) {
            return;
        }
        let by_name = [Builtin::HintedValue.id(), detector_rule(Detector::SecretAssignment)];
        // What a client calls a Secret somewhere is his word, too.
        let claimed = rule == Builtin::SecretValues.id() && !self.typed;
        self.weak = (by_name.contains(&rule) || claimed) && !looks_drawn(raw);
        self.named = rule == by_name[0];
        self.own = rule >= FIRST_OWN;
        self.add(raw);
        if raw.len() > LONGEST_DECODED {
            return;
        }
        let mut text = std::mem::take(&mut self.decoded);
        text.clear();
        if rule == Builtin::SecretValues.id()
            && STANDARD.decode_vec(raw, &mut text).is_ok()
            && std::str::from_utf8(&text).is_ok()
        {
            text.truncate(text.trim_ascii_end().len());
            self.weak |= claimed && !looks_drawn(&text);
            self.spell(&text, true);
        } else if raw.contains(&b'\\') {
            text.clear();
            text::unescape(raw, &mut text);
            self.spell(&text, false);
        }
        self.decoded = text;
    }

    /// Remembers a piece of a segment of the path, for messages that quote the segment. Where the
    /// piece is short, it is the whole segment.
    pub(super) fn remember_torn(&mut self, segment: &[u8], piece: Range<usize>) {
        let piece = &segment[piece];
        let before = self.list.len();
        (self.weak, self.named, self.own) = (false, false, false);
        self.spell(if piece.len() < SHORTEST { segment } else { piece }, true);
        self.torn.extend(self.list.drain(before..));
    }

    /// Remembers a decoded value in the ways it may stand in other strings of the event: as Go's
    /// encoder writes it (when that is new), and quoted in a message by Go's `%q`. Both as they
    /// stand in the JSON text and as such strings read when unescaped.
    fn spell(&mut self, text: &[u8], new: bool) {
        let plain =
            text.iter().all(|b| !matches!(b, 0..0x20 | 0x7f | b'"' | b'\\' | b'<' | b'>' | b'&'));
        if plain {
            if new {
                self.add(text);
            }
            return;
        }
        let mut quoted = std::mem::take(&mut self.quoted);
        quoted.clear();
        text::escape(text, &mut quoted);
        let mut raw = std::mem::take(&mut self.spelled);
        for (spelled, new) in [(text, new), (quoted.as_slice(), true)] {
            if new {
                raw.clear();
                text::escape_as_go(spelled, &mut raw);
                self.add(&raw);
            }
            self.add(spelled);
        }
        // Shippers write `<`, `>` and `&` as they are.
        if memchr::memchr3(b'<', b'>', b'&', text).is_some() {
            raw.clear();
            text::escape(&quoted, &mut raw);
            self.add(&raw);
        }
        self.spelled = raw;
        self.quoted = quoted;
    }

    fn add(&mut self, raw: &[u8]) {
        let count = self.list.len() + self.torn.len();
        let fits = count < REMEMBERED && self.text.len() + raw.len() <= REMEMBERED_BYTES;
        let short = raw.len() < SHORTEST;
        let goes = !short || self.own && raw.len() >= SHORTEST_OWN && !is_common(raw);
        if !goes || !fits || mark(raw) == Some(raw.len()) {
            return;
        }
        let start = self.text.len() as u32;
        self.text.extend_from_slice(raw);
        let end = self.text.len() as u32;
        // Ports and years are numbers as well.
        let weak = self.weak || short && raw.iter().all(u8::is_ascii_digit);
        self.list.push(Taint { start, end, weak, named: self.named });
    }

    /// Drops names that the envelope uses anyway.
    fn drop_names(&mut self, event: &Event<'_>) {
        let names = [
            Slot::Resource,
            Slot::Namespace,
            Slot::Name,
            Slot::ObjectUid,
            Slot::ApiGroup,
            Slot::Username,
            Slot::UserUid,
            Slot::AuditId,
            Slot::Verb,
            Slot::Stage,
            Slot::Level,
            Slot::Subresource,
            Slot::ObjectApiVersion,
        ];
        let text = &self.text;
        self.list.retain(|taint| {
            let value = taint.of(text);
            !names.iter().any(|slot| event.raw_text(*slot) == value)
        });
    }

    /// What the server alone says of an event stays whole. Otherwise a client could have its own
    /// name, the time or the object's name masked, by making a piece of it the value of a Secret.
    pub(super) fn protect(&mut self, event: &Event<'_>, names_are_tokens: bool) {
        const SERVER_SAYS: [Slot; 25] = [
            Slot::Kind,
            Slot::ApiVersion,
            Slot::Level,
            Slot::Stage,
            Slot::Verb,
            Slot::SourceIps,
            Slot::RequestReceivedTimestamp,
            Slot::StageTimestamp,
            Slot::Timestamp,
            Slot::Username,
            Slot::UserUid,
            // Whoever copies a secret there must be found by it.
            Slot::UserAgent,
            Slot::UserGroups,
            Slot::ImpersonatedUsername,
            Slot::ImpersonatedUid,
            Slot::ImpersonatedGroups,
            Slot::Resource,
            Slot::Namespace,
            Slot::ObjectUid,
            Slot::ApiGroup,
            Slot::ObjectApiVersion,
            Slot::ResourceVersion,
            Slot::Subresource,
            Slot::StatusStatus,
            Slot::StatusReason,
        ];
        self.protected.clear();
        self.quoting.clear();
        let mut add = |value: Value<'_>| {
            let node = value.node();
            self.protected.push(node.start..node.end);
        };
        SERVER_SAYS.iter().filter_map(|slot| event.get(*slot)).for_each(&mut add);
        if let Some(annotations) = event.get(Slot::Annotations) {
            for (key, value) in annotations.members() {
                if SERVER_ANNOTATES.iter().any(|prefix| key.raw_text().starts_with(prefix)) {
                    add(value);
                } else {
                    self.quoting.push(value.node().start..value.node().end);
                }
            }
        }
        let status = |key| event.get(Slot::ResponseObject).and_then(|status| status.get(key));
        for message in [
            event.get(Slot::StatusMessage),
            event.get(Slot::StatusDetails),
            status(Key::Message),
            status(Key::Details),
        ] {
            self.quoting.extend(message.map(|value| value.node().start..value.node().end));
        }
        self.quoting.sort_unstable_by_key(|range| range.start);
        for slot in [Slot::RequestObject, Slot::ResponseObject] {
            if let Some(body) = event.get(slot) {
                let mut index = body.index;
                while index < body.node().next {
                    let key = event.doc.at(index);
                    index += 1;
                    if key.kind() == Kind::Key && is_of_the_api(key) {
                        let value = event.doc.at(index);
                        add(value);
                        index = value.node().next;
                    }
                }
            }
        }
        if let Some(uri) = event.get(Slot::RequestUri) {
            let (raw, first) = (uri.raw_text(), uri.node().start + 1);
            let path = split(raw).0.len();
            // The path names the same object; the query is the client's, but for what ran.
            if !names_are_tokens {
                self.protected.push(first - 1..first + path as u32);
            }
            for at in memchr::memmem::find_iter(&raw[path..], b"command=") {
                let start = path + at + b"command=".len();
                let end = memchr::memchr2(b'&', b'\\', &raw[start..]);
                let end = end.map_or(raw.len(), |len| start + len);
                self.protected.push(first + start as u32..first + end as u32);
            }
        }
        if !names_are_tokens && let Some(name) = event.get(Slot::Name) {
            let node = name.node();
            self.protected.push(node.start..node.end);
        }
        self.protected.sort_unstable_by_key(|range| range.start);
    }

    /// Whether a copy of a value may be taken at `start`.
    pub(super) fn may_take(&self, start: u32, weak: bool) -> bool {
        !within(&self.protected, start) && (!weak || within(&self.quoting, start))
    }

    /// Whether what stands at `start` is what the API or its server says.
    pub(super) fn stays_for_all(&self, start: u32) -> bool {
        within(&self.protected, start)
    }

    pub(super) fn is_weak(&self, number: u32) -> bool {
        self.list.get((number & !IS_ENCODED) as usize).is_some_and(|taint| taint.weak)
    }

    /// The value that is this text.
    pub(super) fn find(&self, value: &[u8]) -> Option<Taint> {
        let at = self.list.binary_search_by(|taint| taint.of(&self.text).cmp(value)).ok()?;
        Some(self.list[at])
    }

    /// Sorts what was remembered and drops what stays.
    pub(super) fn prepare_for(&mut self, event: &Event<'_>, names_are_tokens: bool) {
        if !names_are_tokens {
            self.drop_names(event);
        }
        let Self { text, list, torn, .. } = self;
        list.append(torn);
        // Where a value is both, it is not weak.
        list.sort_unstable_by(|a, b| a.of(text).cmp(b.of(text)).then(a.weak.cmp(&b.weak)));
        list.dedup_by(|a, b| a.of(text) == b.of(text));
        self.shortest = list.iter().map(|taint| taint.of(text).len()).min().unwrap_or(SHORTEST);
    }

    /// Makes the texts to look for: every value, and those that are not weak as they read encoded.
    pub(super) fn prepare_needles(&mut self) {
        let Self { needles, list, text, spelled, quoted, .. } = self;
        needles.clear();
        let mut encoded = 0;
        for (number, taint) in (0u32..).zip(list.iter()) {
            let value = taint.of(text);
            needles.add(number, value);
            let spells = !taint.weak
                && encoded < ENCODED
                && value.len() <= LONGEST_ENCODED
                && !value.contains(&b'\\');
            if !spells {
                continue;
            }
            encoded += 1;
            let number = number | IS_ENCODED;
            for before in 0..3 {
                base64_at(value, before, spelled, quoted);
                needles.add(number, quoted);
                if memchr::memchr2(b'+', b'/', quoted).is_some() {
                    for byte in quoted.iter_mut() {
                        *byte = match *byte {
                            b'+' => b'-',
                            b'/' => b'_',
                            other => other,
                        };
                    }
                    needles.add(number, quoted);
                }
            }
            for digits in [b"0123456789abcdef", b"0123456789ABCDEF"] {
                needles.add_with(number, |out| {
                    for byte in value {
                        let halves = [byte >> 4, byte & 15];
                        out.extend(halves.map(|half| digits[usize::from(half)]));
                    }
                });
            }
        }
        needles.prepare();
    }

    /// Gives where in a text a copy of a value stands, and whether the value is weak.
    pub(super) fn copies(&self, hay: &[u8], mut found: impl FnMut(Range<usize>, bool)) {
        self.needles.find(hay, |start, end, number| {
            let (from, to) = Self::reach(hay, start, end, number);
            found(from..to, self.is_weak(number));
        });
        if self.shortest >= SHORTEST {
            return;
        }
        let short = self.list.iter().filter(|taint| taint.of(&self.text).len() < SHORTEST);
        for taint in short.take(SHORT) {
            let value = taint.of(&self.text);
            for start in memchr::memmem::find_iter(hay, value) {
                let end = start + value.len();
                if !goes_on(&hay[..start], &hay[end..]) {
                    found(start..end, taint.weak);
                }
            }
        }
    }

    /// What goes where a needle was found: an encoded value shares its first and last letters with
    /// what stands before and after it.
    pub(super) fn reach(hay: &[u8], start: usize, end: usize, number: u32) -> (usize, usize) {
        if number & IS_ENCODED == 0 {
            return (start, end);
        }
        let shares =
            |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'_');
        let before = hay[..start].iter().rev().take(3).take_while(shares).count();
        let after = hay[end..].iter().take(3).take_while(shares).count();
        let padding = hay[end + after..].iter().take(2).take_while(|byte| **byte == b'=').count();
        (start - before, end + after + padding)
    }
}

/// Whether what stands between these texts is part of a longer word, name or host.
fn goes_on(before: &[u8], after: &[u8]) -> bool {
    let of_word = |b: &u8| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_') || !b.is_ascii();
    // `\n` and `\u003c` end a word.
    let escape = matches!(before, [.., b'\\', _] | [.., b'\\', b'u', _, _, _, _]);
    let starts = !escape && before.last().is_some_and(of_word);
    starts
        || after.first().is_some_and(of_word)
        || matches!(before, [.., last, b'.'] if of_word(last))
        || matches!(after, [b'.', first, ..] if of_word(first))
}

/// The letters of base64 that a value alone decides when it stands `before` bytes after a multiple
/// of three.
fn base64_at(value: &[u8], before: usize, bytes: &mut Vec<u8>, out: &mut Vec<u8>) {
    bytes.clear();
    bytes.resize(before, 0);
    bytes.extend_from_slice(value);
    out.clear();
    out.resize(bytes.len().div_ceil(3) * 4, 0);
    let written = STANDARD.encode_slice(&bytes, out).unwrap_or(0);
    out.truncate(written.min(bytes.len() * 8 / 6));
    out.drain(..(before * 8).div_ceil(6).min(out.len()));
}
