//! Value detectors: credentials (and, when asked, personal data) recognised by what they look like.
//!
//! What a credential looks like is a row of `rules`. One pass with a literal prefilter
//! (`prefilter`) finds candidates by literals that are rare in audit logs, and by `=`, `@` and `~`,
//! at which assignments and URL userinfo stand. Hand-written verifiers then look at a bounded or remembered stretch around each candidate, so
//! the work is linear in the input whatever it holds. No regular expressions, no backtracking.
//!
//! The haystack is a raw JSON line or an unescaped text. Spans never include a quote, a backslash
//! or a control byte, so taking one out leaves valid JSON. `\u` escapes are not read: unescape
//! such strings first.

mod display;
mod examples;
mod families;
mod jumbled;
mod memory;
mod names;
mod personal;
mod prefilter;
pub(crate) mod readers;
mod rules;
mod runs;
mod signs;
pub mod values;
mod windows;

#[cfg(test)]
mod reference;
#[cfg(test)]
mod tests;

use std::collections::BTreeMap;

use memory::Memory;
#[cfg(test)]
use prefilter::Candidate;
use prefilter::{Candidates, Prefilter, is_sign};
use rules::{Literal, Rule, Verify};

use crate::policy::Action;
use crate::scan::make_room;

pub use names::{NameKind, classify, name_hints_secret};
pub(crate) use names::{holds_a_value, holds_headers, is_called_alike, is_fake_store, is_marked};
pub(crate) use rules::is_mixed;

/// What a detector looks for: a row of the rules.
#[derive(Clone, Copy, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Detector(u16);

impl Detector {
    /// All detectors.
    pub const ALL: &'static [Self] = &{
        let mut all = [Self(0); rules::ALL.len()];
        let mut at = 0;
        while at < all.len() {
            all[at] = Self(at as u16);
            at += 1;
        }
        all
    };

    const fn row(self) -> &'static Rule {
        rules::ALL[self.0 as usize]
    }

    /// Stable kebab-case name, used in policies and receipts.
    pub const fn name(self) -> &'static str {
        self.row().name
    }

    /// A name that stands for this detector and others in a policy.
    pub const fn group(self) -> Option<&'static str> {
        self.row().group
    }

    /// Whether the default policy uses it.
    pub const fn default_on(self) -> bool {
        self.row().on
    }

    /// Its action under a policy's table: the one of its name, else of its group's, else the
    /// default.
    pub fn action(self, table: &BTreeMap<String, Action>) -> Action {
        let default = if self.default_on() { Action::Mask } else { Action::Keep };
        let named = |name: &str| table.get(name).copied();
        named(self.name()).or_else(|| self.group().and_then(named)).unwrap_or(default)
    }

    /// What it finds, in a sentence.
    pub const fn about(self) -> &'static str {
        self.row().about
    }

    /// Texts that it finds whole, as templates: `{20a}` stands for twenty letters and digits.
    pub const fn shapes(self) -> &'static [&'static str] {
        self.row().finds
    }

    /// Templates of texts that are like a credential of it and are none.
    #[cfg(test)]
    pub(crate) const fn keeps(self) -> &'static [&'static str] {
        self.row().keeps
    }

    /// Prefixes after which any `count` letters of a kind (`a` letters and digits, `h` hex digits,
    /// `w` base64url) are a credential, whatever stands around.
    #[doc(hidden)]
    pub fn prefixes(self) -> impl Iterator<Item = (&'static str, usize, char)> {
        self.row().literals.iter().filter_map(|literal| {
            let (class, count) = match literal.shape {
                rules::Shape::Exactly { class, count } => (class, count),
                rules::Shape::From { class, least } => (class, least),
                _ => return None,
            };
            let class = match class {
                runs::ALNUM => 'a',
                runs::HEX => 'h',
                runs::URL64 => 'w',
                _ => return None,
            };
            Some((literal.text, count, class))
        })
    }

    /// A made-up credential for each of its [shapes](Self::shapes), the same for the same seed.
    pub fn examples(self, seed: u32) -> impl Iterator<Item = String> {
        self.row().finds.iter().filter_map(move |template| examples::fill(template, seed))
    }

    /// Its place in [`Self::ALL`].
    pub(crate) const fn number(self) -> u16 {
        self.0
    }

    const fn known(name: &str) -> Self {
        match rules::number(name) {
            Some(number) => Self(number),
            None => panic!("a detector of this name"),
        }
    }
}

/// Detectors that other code names.
#[expect(non_upper_case_globals, reason = "they read as what they name")]
impl Detector {
    /// `Authorization` header values and `Bearer`/`Basic` credentials in text.
    pub const AuthorizationHeader: Self = Self::known("authorization-header");
    /// `user:password@` in a URL.
    pub const UrlUserinfo: Self = Self::known("url-userinfo");
    /// `password=…`, `token: …`, `--api-key …` and the like inside text.
    pub const SecretAssignment: Self = Self::known("secret-assignment");
    /// PEM private key, plain or base64.
    pub const PrivateKey: Self = Self::known("private-key");
    /// Private members of a JSON web key.
    pub const PrivateKeyJwk: Self = Self::known("private-key-jwk");
    /// Slack token or webhook.
    pub const SlackToken: Self = Self::known("slack-token");
    /// E-mail address.
    pub const Email: Self = Self::known("email");
    /// Telephone number in E.164 form.
    pub const Phone: Self = Self::known("phone");
    /// IPv4 address.
    pub const Ipv4: Self = Self::known("ipv4");
    /// IPv6 address.
    pub const Ipv6: Self = Self::known("ipv6");
    /// Payment card number.
    pub const Card: Self = Self::known("card");
    /// International bank account number.
    pub const Iban: Self = Self::known("iban");
}

impl std::fmt::Debug for Detector {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.name())
    }
}

/// Something a detector found: bytes `start..end` of the haystack.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub struct Hit {
    /// First byte.
    pub start: u32,
    /// After the last byte.
    pub end: u32,
    /// Which detector.
    pub detector: Detector,
}

/// A set of detectors ready for use: immutable, shared between threads.
#[derive(Debug)]
pub struct Detectors {
    enabled: [u64; WORDS],
    prefilter: Option<Prefilter>,
    /// The literals of the enabled ones, as the prefilter numbers them.
    literals: Vec<(Detector, &'static Literal)>,
    /// What enabled rows look for at signs.
    signs: Vec<(u8, Verify, Detector)>,
}

/// What tells of a text that encodes another one: the word base64, the `content` of a file, and how JSON
/// and gzip begin in base64. No credential by itself.
pub(crate) const ENCODED: [&[u8]; 4] = [b"ase64", b"ontent: ", b"eyJ", b"H4sI"];

const WORDS: usize = rules::ALL.len().div_ceil(64);

impl Detectors {
    /// Prepares these detectors.
    pub fn new(enabled: &[Detector]) -> Self {
        let mut set = [0; WORDS];
        for detector in enabled {
            set[usize::from(detector.0) / 64] |= 1 << (detector.0 % 64);
        }
        let mut detectors =
            Self { enabled: set, prefilter: None, literals: Vec::new(), signs: Vec::new() };
        for detector in
            Detector::ALL.iter().copied().filter(|d| detectors.has(*d)).collect::<Vec<_>>()
        {
            let rule = detector.row();
            detectors.literals.extend(rule.literals.iter().map(|literal| (detector, literal)));
            detectors.signs.extend(rule.sign.map(|(sign, verify)| (sign, verify, detector)));
        }
        if !detectors.literals.is_empty() || signs::wanted(&detectors) {
            let texts = detectors.literals.iter().map(|(_, literal)| literal.text.as_bytes());
            detectors.prefilter = Some(Prefilter::new(texts.chain(ENCODED).collect()));
        }
        detectors
    }

    pub(crate) fn has(&self, detector: Detector) -> bool {
        self.enabled[usize::from(detector.0) / 64] >> (detector.0 % 64) & 1 == 1
    }

    /// How many windows of the prefilter stand in `haystack`: each costs a look at the literals.
    #[cfg(test)]
    fn candidates(&self, haystack: &[u8]) -> usize {
        let (mut count, mut at) = (0, 0);
        let mut candidates = Candidates::default();
        while let Some(prefilter) = &self.prefilter
            && at < haystack.len()
        {
            at = prefilter.collect(haystack, at, &mut candidates);
            let sign = |c: &Candidate| !c.is_window() && is_sign(haystack[c.at()]);
            count += candidates.list().iter().filter(|c| !sign(c)).count();
        }
        count
    }

    /// Appends everything found in `haystack`, in order and without overlaps.
    pub fn scan(&self, haystack: &[u8], hits: &mut Vec<Hit>) {
        self.scan_and_tell(haystack, hits);
    }

    /// The same, and a bit for each of [`ENCODED`] that stands anywhere in it.
    pub(crate) fn scan_and_tell(&self, haystack: &[u8], hits: &mut Vec<Hit>) -> u8 {
        let from = hits.len();
        // Unread: any may stand there.
        let mut encoded = if self.prefilter.is_some() { 0 } else { !0 };
        if let Some(prefilter) = &self.prefilter {
            let mut memory = Memory::default();
            let mut sign_memory = signs::Memory::default();
            let mut candidates = Candidates::default();
            let mut at = 0;
            // What a hit covers is not looked at again, but for its end: the letters before the
            // underscore of a second token can look like the end of the first.
            // A literal that starts before it may be found after it, by a byte further on.
            let (mut taken_from, mut taken) = (0, 0);
            while at < haystack.len() {
                at = prefilter.collect(haystack, at, &mut candidates);
                for candidate in candidates.list() {
                    let place = candidate.at();
                    if !candidate.is_window() && is_sign(haystack[place]) {
                        signs::look(self, haystack, place, &mut sign_memory, hits);
                        for (sign, verify, detector) in &self.signs {
                            if haystack[place] == *sign
                                && let Some((start, end)) = verify(haystack, place, &mut memory)
                            {
                                push(hits, start, end, *detector);
                            }
                        }
                    }
                    prefilter.literals(haystack, *candidate, |start, number| {
                        let Some((detector, literal)) = self.literals.get(number).copied() else {
                            encoded |= 1 << (number - self.literals.len());
                            return;
                        };
                        if (start + GLUED >= taken || start < taken_from)
                            && let Some((start, end)) = literal.verify(haystack, start, &mut memory)
                        {
                            push(hits, start, end, detector);
                            if end > taken {
                                (taken_from, taken) = (start, end);
                            }
                        }
                    });
                }
            }
            if memory.jwk {
                rules::keys::members(haystack, |start, end| {
                    push(hits, start, end, Detector::PrivateKeyJwk);
                });
            }
            if let Some(label) = memory.split {
                rules::keys::lines(haystack, label, |start, end| {
                    push(hits, start, end, Detector::PrivateKey);
                });
            }
        }
        if personal::SET.iter().any(|detector| self.has(*detector)) {
            personal::scan(self, haystack, hits);
        }
        merge(hits, from);
        encoded
    }
}

/// How far before the end of a hit another one may start.
const GLUED: usize = 64;

fn push(hits: &mut Vec<Hit>, start: usize, end: usize, detector: Detector) {
    make_room(hits, 1);
    hits.push(Hit { start: start as u32, end: end as u32, detector });
}

/// Sorts the hits after `from` and joins those that overlap; the first one names them.
fn merge(hits: &mut Vec<Hit>, from: usize) {
    let new = &mut hits[from..];
    if new.len() < 2 {
        return;
    }
    new.sort_unstable_by_key(|hit| (hit.start, std::cmp::Reverse(hit.end), hit.detector));
    let mut kept = 0;
    for at in 1..new.len() {
        let hit = new[at];
        if hit.start < new[kept].end {
            new[kept].end = new[kept].end.max(hit.end);
        } else {
            kept += 1;
            new[kept] = hit;
        }
    }
    hits.truncate(from + kept + 1);
}
