//! What a test has seen of its field, and what it answers then.

use crate::scan::Kind;

use super::answer::{Answer, Why};
use super::compile::Test;
use super::pattern::{Pattern, Sieve};
use super::resolve::Leaf;

/// Short texts that no word of a long list is in. Most events come from few clients, whose names are
/// looked through once.
#[derive(Default)]
pub(super) struct Texts(Vec<(u16, Vec<u8>)>);

impl Texts {
    const MOST: usize = 64;
    const LONGEST: usize = 256;

    fn place(test: u16, text: &[u8]) -> usize {
        let last = text.last_chunk::<4>().map_or(0, |last| u32::from_le_bytes(*last) as usize);
        (last ^ last >> 12 ^ text.len() ^ usize::from(test) << 3) % Self::MOST
    }

    fn has(&self, test: u16, text: &[u8]) -> bool {
        let kept = self.0.get(Self::place(test, text));
        !text.is_empty() && kept.is_some_and(|(of, kept)| *of == test && kept == text)
    }

    fn put(&mut self, test: u16, text: &[u8]) {
        if text.len() <= Self::LONGEST {
            self.0.resize_with(Self::MOST, Default::default);
            let (of, kept) = &mut self.0[Self::place(test, text)];
            *of = test;
            kept.clear();
            kept.extend_from_slice(text);
        }
    }
}

/// What a test has seen of its field.
#[derive(Default)]
pub(super) struct Seen<'a> {
    patterns: &'a [Pattern],
    sieve: Option<&'a Sieve>,
    minds_absence: bool,
    /// Where texts of this test are kept.
    pub(super) texts: Option<(&'a mut Texts, u16)>,
    fits: bool,
    /// There was something.
    present: bool,
    /// There was something other than null or nothing.
    filled: bool,
    unknown: Option<Why>,
}

impl<'a> Seen<'a> {
    pub(super) fn of(test: &'a Test) -> Self {
        let Test { patterns, sieve, minds_absence, .. } = test;
        let (sieve, minds_absence) = (sieve.as_ref(), *minds_absence);
        Self { patterns, sieve, minds_absence, ..Self::default() }
    }

    pub(super) fn leaf(&mut self, leaf: Leaf<'_>) {
        match leaf {
            Leaf::Text(text) => self.text(text),
            Leaf::Value(value) => match value.kind() {
                Kind::String => value.read(|text| self.text(text)),
                Kind::Number => self.text(value.raw()),
                Kind::True => self.text(b"true"),
                Kind::False => self.text(b"false"),
                Kind::Null => self.present = true,
                Kind::Opaque => self.unknown = Some(Why::TooDeep),
                Kind::Object | Kind::Array | Kind::Key => self.other(),
            },
        }
    }

    /// There is something that no pattern is.
    pub(super) fn other(&mut self) {
        (self.present, self.filled) = (true, true);
        self.fits |= self.patterns.iter().any(Pattern::is_anything);
    }

    pub(super) fn text(&mut self, text: &[u8]) {
        self.present = true;
        self.filled |= !text.is_empty();
        let is_known = self.texts.as_ref().is_some_and(|(texts, test)| texts.has(*test, text));
        let fits = !is_known
            && self.sieve.is_none_or(|sieve| sieve.may_fit(text))
            && self.patterns.iter().any(|pattern| pattern.fits(text));
        self.fits |= fits;
        if !fits
            && !is_known
            && let Some((texts, test)) = &mut self.texts
        {
            texts.put(*test, text);
        }
        if !fits && text.starts_with(b"[redacted:") {
            self.unknown = Some(Why::Redacted);
        }
    }

    pub(super) fn answer(self, absent: Option<Why>, everywhere: bool) -> Answer {
        if self.fits {
            return Answer::True;
        }
        let unknown = self.unknown.or(absent);
        let asked = if self.minds_absence { self.patterns } else { &[] };
        for pattern in asked {
            let fits = match pattern {
                Pattern::Exists(expected) => match (self.present, unknown) {
                    (true, _) => Answer::from(*expected),
                    (false, Some(Why::Untouched)) if *expected => Answer::Untouched,
                    (false, Some(why)) => Answer::Unknown(why),
                    (false, None) => Answer::from(!*expected),
                },
                Pattern::Null => match (self.filled, unknown) {
                    (true, _) => Answer::False,
                    (false, Some(why)) => Answer::Unknown(why),
                    (false, None) => Answer::True,
                },
                // What Kubernetes leaves out when it is empty is empty when it is left out.
                _ if pattern.exact() == Some(b"") && !self.present && !everywhere => {
                    unknown.map_or(Answer::True, Answer::Unknown)
                }
                _ => continue,
            };
            if fits != Answer::False {
                return fits;
            }
        }
        match unknown {
            None => Answer::False,
            Some(Why::Untouched) => Answer::Untouched,
            Some(why) => Answer::Unknown(why),
        }
    }
}
