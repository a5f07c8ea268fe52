//! Strings that encode other text, in base64, base32, hex, gzip or zlib: read for what they hold, as often as
//! they were encoded, and taken whole when that has anything to take.

use std::ops::Range;

use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};
use base64::{Engine, alphabet};

use super::Redactor;
use super::builtin::{Builtin, detector_rule};
use super::edits::Edits;
use super::resources;
use super::scope::Scope;
use crate::detect::readers::Manner;
use crate::event::{Event, Slot};
use crate::gzip::{Fault, Gunzip, is_gzip, may_be_zlib};
use crate::scan::doc::Value;
use crate::scan::{Kind, OBSCURED};
use crate::text;

/// Base64 shorter than this holds no credential any detector knows.
const SHORTEST_ENCODED: usize = 24;

impl Redactor {
    /// Strings that are base64 or hex: read decoded (gzip opened), taken whole on a hit.
    pub(super) fn detect_encoded(
        &mut self,
        scope: &Scope<'_>,
        first: u32,
        end: u32,
        edits: &mut Edits,
    ) {
        for index in first..end {
            let node = scope.doc.nodes[index as usize];
            if node.kind != Kind::String || node.end - node.start < SHORTEST_ENCODED as u32 + 2 {
                continue;
            }
            let value = scope.doc.at(index);
            let raw = encoded_part(value.raw_text());
            if !looks_encoded(raw) || self.is_kept(node.start) || edits.covers(node.start, node.end)
            {
                continue;
            }
            if node.flags & OBSCURED != 0 {
                let mut text = std::mem::take(&mut self.scratch);
                text.clear();
                text::unescape(value.raw_text(), &mut text);
                self.encoded(scope, value, encoded_part(&text), edits);
                self.scratch = text;
            } else {
                self.encoded(scope, value, raw, edits);
            }
        }
    }

    fn encoded(&mut self, scope: &Scope<'_>, value: Value<'_>, text: &[u8], edits: &mut Edits) {
        if !text.iter().all(|b| ENCODED[usize::from(*b)]) {
            return;
        }
        if let Some(rule) = self.judge_encoded(scope, text) {
            scope.take(value, rule, edits);
        }
    }

    /// The pieces of a parameter between `+`, which stands for a blank: `echo+cGFzc3…+|+base64+-d`.
    fn encoded_pieces(
        &mut self,
        scope: &Scope<'_>,
        value: Value<'_>,
        range: Range<usize>,
        edits: &mut Edits,
    ) {
        let inside = value.node().start + 1;
        let mut start = range.start;
        for piece in value.raw_text()[range].split(|byte| *byte == b'+') {
            let end = start + piece.len();
            if looks_encoded(piece)
                && let Some(rule) = self.judge_encoded(scope, piece)
            {
                scope.take_part(inside + start as u32, inside + end as u32, rule, edits);
            }
            start = end + 1;
        }
    }

    /// The rule that takes a text for what it encodes, if one does.
    fn judge_encoded(&mut self, scope: &Scope<'_>, text: &[u8]) -> Option<u16> {
        let mut decoded = self.decoder.text();
        let found = if !self.decoder.decode(text, &mut decoded) {
            None
        } else if !self.spend(scope, decoded.len()) {
            Some(Builtin::NestedDocument.id())
        } else {
            let mut other = self.decoder.text();
            let found = self.judge_decoded(scope, &mut decoded, &mut other);
            self.decoder.put_back(other);
            found
        };
        self.decoder.put_back(decoded);
        found
    }

    /// The rule that takes a decoded text, if one does. Opens gzip, and what is encoded again;
    /// `other` is memory for that.
    fn judge_decoded(
        &mut self,
        scope: &Scope<'_>,
        decoded: &mut Vec<u8>,
        other: &mut Vec<u8>,
    ) -> Option<u16> {
        let too_deep = Some(Builtin::NestedDocument.id());
        for layer in 0.. {
            if is_gzip(decoded) {
                other.clear();
                let limit = self.inflatable(scope);
                let done = self.decoder.gunzip.inflate(decoded, limit, other);
                self.inflatable = self.inflatable.saturating_sub(other.len());
                if done.is_err() || !self.spend(scope, other.len()) {
                    return too_deep;
                }
                std::mem::swap(decoded, other);
            } else if may_be_zlib(decoded) {
                other.clear();
                let limit = self.inflatable(scope);
                let done = self.decoder.gunzip.inflate_zlib(decoded, limit, other);
                self.inflatable = self.inflatable.saturating_sub(other.len());
                // What was inflated in vain was work, too, and so was to begin with it.
                if !self.spend(scope, other.len() + (4 << 10)) || done == Err(Fault::TooLarge) {
                    return too_deep;
                }
                if done.is_ok() {
                    std::mem::swap(decoded, other);
                }
            }
            narrow(decoded);
            self.hits.clear();
            scope.policy.detectors.read(decoded, Manner::Plain, &mut self.hits);
            if let Some(hit) = self.hits.first() {
                return Some(detector_rule(hit.detector));
            }
            let start = decoded.iter().position(|b| !b.is_ascii_whitespace()).unwrap_or(0);
            if matches!(decoded.get(start), Some(b'{' | b'[')) {
                let found = self.judge_document(scope, decoded);
                if found.is_some() {
                    return found;
                }
            }
            // A Secret in YAML says so itself.
            if memchr::memmem::find(decoded, b"ata:").is_some()
                && let Some(block) = resources::values(decoded).first()
            {
                return Some(
                    block.as_ref().map_or(Builtin::NestedDocument, |(_, rule)| *rule).id(),
                );
            }
            if !is_gzip(decoded) {
                let encoded = decoded.len() >= SHORTEST_ENCODED
                    && decoded.iter().all(|b| ENCODED[usize::from(*b)]);
                other.clear();
                if !encoded || !self.decoder.decode(decoded, other) {
                    return None;
                }
                std::mem::swap(decoded, other);
            }
            if layer >= scope.policy.limits.nested || !self.spend(scope, decoded.len()) {
                break;
            }
        }
        too_deep
    }

    /// Query parameters whose value is base64: read decoded, taken whole on a hit.
    pub(super) fn encoded_parameters(
        &mut self,
        scope: &Scope<'_>,
        event: &Event<'_>,
        edits: &mut Edits,
    ) {
        let Some(value) = event.get(Slot::RequestUri) else { return };
        let raw = value.raw_text();
        let Some(query) = memchr::memchr(b'?', raw) else { return };
        let mut at = query + 1;
        while let Some(equals) = memchr::memchr(b'=', &raw[at..]) {
            let start = at + equals + 1;
            let text = &raw[start..];
            let len = text.iter().take_while(|b| ENCODED[usize::from(**b)]).count();
            at = start + len;
            if len < SHORTEST_ENCODED && text.get(len) != Some(&b'%') {
                continue;
            }
            // `%2B` and `%3D` belong to it.
            let end = text
                .iter()
                .position(|b| matches!(b, b'&' | b'\\' | b'#' | b'='))
                .unwrap_or(text.len());
            let mut decoded = self.decoder.text();
            let mut whole = false;
            if text.get(len) == Some(&b'%') && end >= SHORTEST_ENCODED {
                decoded.extend_from_slice(&text[..end]);
                whole = text::percent_decode_in_place(&mut decoded)
                    && decoded.iter().all(|b| ENCODED[usize::from(*b)]);
            }
            let part = if whole { decoded.as_slice() } else { &text[..len] };
            let found = if looks_encoded(part) { self.judge_encoded(scope, part) } else { None };
            self.decoder.put_back(decoded);
            if found.is_none() && !whole && memchr::memchr(b'+', &text[..len]).is_some() {
                self.encoded_pieces(scope, value, start..start + len, edits);
            }
            if let Some(rule) = found {
                at = if whole { start + end } else { at };
                let inside = value.node().start + 1;
                scope.take_part(inside + start as u32, inside + at as u32, rule, edits);
            }
        }
    }

    /// Texts that name base64 and hold some: `echo x | base64 -d`, `base64:x`, `content: x`, and those that hold a
    /// document or a stream whose first letters show: `CONFIG=eyJ…`. Only what is encoded goes.
    ///
    /// `encoded` says which of them stand anywhere, as [`Self::detect_raw`] gives it.
    pub(super) fn encoded_words(&mut self, scope: &Scope<'_>, encoded: u8, edits: &mut Edits) {
        for (nth, finder) in scope.policy.finders.encoded.iter().enumerate() {
            if encoded >> nth & 1 == 0 {
                continue;
            }
            let (named, skipped) = (nth == 0, nth == 1);
            let root = scope.root_node();
            let (mut from, end) = (root.start as usize, root.end as usize);
            while let Some(skip) = finder.find(&scope.doc.src[from..end]) {
                let found = from + skip;
                let value = scope.node_at(found as u32);
                let node = value.node();
                from = found + finder.needle().len();
                if node.kind != Kind::String || (node.end as usize) < from {
                    continue;
                }
                let covered = self.is_kept(node.start) || edits.covers(node.start, node.end);
                if named {
                    from = node.end as usize;
                    if !covered {
                        self.words_in(scope, value, 0, edits);
                    }
                    continue;
                }
                let mut at = found - node.start as usize - 1;
                if skipped {
                    // The word after it, also between quotes.
                    let rest = &value.raw_text()[at + finder.needle().len()..];
                    let quotes = rest.iter().take_while(|b| matches!(b, b'\\' | b'"' | b'\''));
                    at += finder.needle().len() + quotes.take(2).count();
                }
                if !covered && starts_a_word(&value.raw_text()[..at]) {
                    let len = self.word_at(scope, value, at, edits);
                    from = from.max(node.start as usize + 1 + at + len);
                }
            }
        }
    }

    /// Words of the part of a query that is shown which encode something: `echo x | base64 -d` as an
    /// argument of a command. Parts that are one word are read by [`Self::encoded_parameters`].
    pub(super) fn encoded_words_of_part(&mut self, scope: &Scope<'_>, edits: &mut Edits) {
        let [named, _, json, gzip] = &scope.policy.finders.encoded;
        let named = named.find(&self.part.text).is_some();
        // Most parts have none: one look instead of one at each word.
        if !named && [json, gzip].iter().all(|start| start.find(&self.part.text).is_none()) {
            return;
        }
        let part = std::mem::take(&mut self.part);
        let mut at = 0;
        while at < part.text.len() {
            let (word, end) = word_from(&part.text, at);
            let text = &part.text[word.clone()];
            let tells = named || text.starts_with(json.needle()) || text.starts_with(gzip.needle());
            if tells
                && text.len() < part.text.len()
                && looks_encoded(text)
                && let Some(rule) = self.judge_encoded(scope, text)
            {
                let range = part.source(word);
                scope.take_part(range.start, range.end, rule, edits);
            }
            at = end.max(at + 1);
        }
        self.part = part;
    }

    /// Every encoded word of a text from `at` on.
    fn words_in(&mut self, scope: &Scope<'_>, value: Value<'_>, mut at: usize, edits: &mut Edits) {
        let raw = value.raw_text();
        while at < raw.len() {
            // The letter of an escape is none of the word.
            if raw[at] == b'\\' {
                at += if raw.get(at + 1) == Some(&b'u') { 6 } else { 2 };
                continue;
            }
            at += self.word_at(scope, value, at, edits).max(1);
        }
    }

    /// The word that starts at `at`: taken if it encodes something to take. Gives its length.
    fn word_at(
        &mut self,
        scope: &Scope<'_>,
        value: Value<'_>,
        at: usize,
        edits: &mut Edits,
    ) -> usize {
        let raw = value.raw_text();
        let (word, end) = word_from(raw, at);
        // A text that is nothing else was opened whole.
        if word.len() < raw.len()
            && looks_encoded(&raw[word.clone()])
            && let Some(rule) = self.judge_encoded(scope, &raw[word.clone()])
        {
            let start = value.node().start + 1 + word.start as u32;
            scope.take_part(start, start + word.len() as u32, rule, edits);
        }
        end - at
    }
}

/// The word in the letters of base64 that start at `at`, and where they end. A name before it is none of
/// it: `CONFIG=eyJ…`.
fn word_from(text: &[u8], at: usize) -> (Range<usize>, usize) {
    let letters = text[at..].iter().take_while(|b| ENCODED[usize::from(**b)]).count();
    let word = &text[at..at + letters];
    let padding = word.iter().rev().take_while(|b| **b == b'=').count();
    let name = memchr::memrchr(b'=', &word[..letters - padding]).map_or(0, |equals| equals + 1);
    (at + name..at + letters, at + letters)
}

/// Whether what stands before a word ends another one: the letter of an escape is none.
fn starts_a_word(before: &[u8]) -> bool {
    match before {
        [] | [.., b'\\', _] => true,
        [.., last] => !last.is_ascii_alphanumeric(),
    }
}

/// UTF-16 of plain letters as those letters: what PowerShell takes as a command.
fn narrow(text: &mut Vec<u8>) {
    let bytes = text.strip_prefix(b"\xff\xfe").unwrap_or(text);
    let wide = bytes.len() >= 16 && bytes.iter().skip(1).step_by(2).all(|high| *high == 0);
    if wide {
        let skip = text.len() - bytes.len();
        let narrow: usize = bytes.len() / 2;
        for at in 0..narrow {
            text[at] = text[skip + at * 2];
        }
        text.truncate(narrow);
    }
}

/// Letters of standard and URL-safe base64 and white space inside it.
static ENCODED: [bool; 256] = {
    let mut table = [false; 256];
    let letters = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/=-_\n\r";
    let mut at = 0;
    while at < letters.len() {
        table[letters[at] as usize] = true;
        at += 1;
    }
    table
};

/// What stands after `;base64,` in a data URL or `0x`, else the whole text.
fn encoded_part(text: &[u8]) -> &[u8] {
    if text.starts_with(b"data:")
        && let Some(comma) = memchr::memchr(b',', &text[..text.len().min(128)])
        && text[..comma].ends_with(b";base64")
    {
        return &text[comma + 1..];
    }
    text.strip_prefix(b"0x").unwrap_or(text)
}

/// Whether a text is long enough to be base64 of something, and its head can be: right letters, and
/// not the words joined by dashes that Kubernetes names are.
fn looks_encoded(text: &[u8]) -> bool {
    let Some(head) = text.first_chunk::<SHORTEST_ENCODED>() else { return false };
    let (mut dashes, mut capital) = (0, false);
    for byte in head {
        if !ENCODED[usize::from(*byte)] && *byte != b'\\' {
            return false;
        }
        dashes += u32::from(*byte == b'-');
        capital |= byte.is_ascii_uppercase();
    }
    dashes < 2 || capital
}

const LENIENT: GeneralPurposeConfig = GeneralPurposeConfig::new()
    .with_decode_allow_trailing_bits(true)
    .with_decode_padding_mode(DecodePaddingMode::Indifferent);
static STANDARD: GeneralPurpose = GeneralPurpose::new(&alphabet::STANDARD, LENIENT);
static URL_SAFE: GeneralPurpose = GeneralPurpose::new(&alphabet::URL_SAFE, LENIENT);

/// Whether a text has nothing but letters of base32, all of one case. That base64 of this length
/// looks so is as good as impossible.
fn is_base32(text: &[u8]) -> bool {
    let letters = text.trim_ascii_end();
    let padding = letters.iter().rev().take_while(|b| **b == b'=').count();
    let letters = &letters[..letters.len() - padding];
    let all = |case: fn(&u8) -> bool| letters.iter().all(|b| case(b) || matches!(b, b'2'..=b'7'));
    letters.len() >= SHORTEST_ENCODED
        && padding <= 6
        && letters.iter().any(|b| matches!(b, b'2'..=b'7'))
        && (all(u8::is_ascii_uppercase) || all(u8::is_ascii_lowercase))
}

fn decode_base32(text: &[u8], out: &mut Vec<u8>) {
    let (mut bits, mut have) = (0u32, 0);
    for letter in text {
        let five = match letter {
            b'2'..=b'7' => letter - b'2' + 26,
            b'=' => break,
            other => (other | 0x20).wrapping_sub(b'a') & 31,
        };
        bits = bits << 5 | u32::from(five);
        have += 5;
        if have >= 8 {
            have -= 8;
            out.push((bits >> have) as u8);
            bits &= (1 << have) - 1;
        }
    }
}

/// Reads encoded text; owns the memory for it.
#[derive(Default)]
pub(crate) struct Decoder {
    gunzip: Gunzip,
    /// Memory for decoded texts that nobody uses now.
    texts: Vec<Vec<u8>>,
    lines: Vec<u8>,
}

impl Decoder {
    /// An empty text, to be put back.
    pub(super) fn text(&mut self) -> Vec<u8> {
        self.texts.pop().unwrap_or_default()
    }

    pub(super) fn put_back(&mut self, mut text: Vec<u8>) {
        text.clear();
        self.texts.push(text);
    }

    /// Gives memory back after an unusually large event.
    pub(super) fn shrink(&mut self) {
        let texts: usize = self.texts.iter().map(Vec::capacity).sum();
        if texts + self.lines.capacity() > 1 << 20 {
            self.texts.clear();
            self.lines = Vec::new();
        }
    }

    /// Appends what `text` encodes. False when it is neither hex, base32 nor base64. A last letter that
    /// stands for less than a byte (the text was cut) is left out.
    fn decode(&mut self, text: &[u8], out: &mut Vec<u8>) -> bool {
        if text.len().is_multiple_of(2) && text.iter().all(u8::is_ascii_hexdigit) {
            let digit = |b: u8| (b as char).to_digit(16).unwrap_or(0) as u8;
            out.extend(text.chunks_exact(2).map(|pair| digit(pair[0]) << 4 | digit(pair[1])));
            return true;
        }
        if is_base32(text) {
            decode_base32(text, out);
            return true;
        }
        let mut text = text;
        if memchr::memchr2(b'\n', b'\r', text).is_some() {
            self.lines.clear();
            self.lines.extend(text.iter().filter(|b| !matches!(b, b'\n' | b'\r')));
            text = &self.lines;
        }
        while let [rest @ .., b'='] = text {
            text = rest;
        }
        if text.len() % 4 == 1 {
            text = &text[..text.len() - 1];
        }
        let engine =
            if memchr::memchr2(b'-', b'_', text).is_some() { &URL_SAFE } else { &STANDARD };
        engine.decode_vec(text, out).is_ok()
    }

    /// Whether a text is base64 or hex of JSON or gzip, which [`Redactor::detect_encoded`] opens.
    pub(super) fn encodes_document(&mut self, text: &[u8]) -> bool {
        if !looks_encoded(text) || !text.iter().all(|b| ENCODED[usize::from(*b)]) {
            return false;
        }
        let mut decoded = self.text();
        let found = self.decode(text, &mut decoded)
            && (is_gzip(&decoded)
                || matches!(decoded.trim_ascii_start().first(), Some(b'{' | b'[')));
        self.put_back(decoded);
        found
    }

    /// Whether a string is `user:password` in base64, as under `auths` in a registry's
    /// credentials.
    pub(super) fn is_basic(&mut self, value: Value<'_>) -> bool {
        let text = value.raw_text();
        if !(8..=8192).contains(&text.len()) || !text.iter().all(|b| ENCODED[usize::from(*b)]) {
            return false;
        }
        let mut decoded = self.text();
        let found = self.decode(text, &mut decoded)
            && decoded.contains(&b':')
            && std::str::from_utf8(&decoded).is_ok_and(|text| !text.chars().any(char::is_control));
        self.put_back(decoded);
        found
    }
}
