//! What is known about each kind of credential: one row a kind, one file a family.
//!
//! A row has a name, a default, a sentence, the literals or the sign that the prefilter stops at,
//! and examples that must and must not match. `docs/detectors.md`, the fakes of the case suite, the
//! fuzz dictionary and the tests are made of the rows: a new kind of token is one row.

pub(super) mod ai;
pub(super) mod chat;
pub(super) mod cloud;
pub(super) mod cluster;
pub(super) mod code;
pub(super) mod hashes;
pub(super) mod jwt;
pub(super) mod keys;
pub(super) mod observe;
pub(super) mod payment;
pub(super) mod personal;
pub(super) mod registry;
pub(super) mod saas;
pub(super) mod text;
pub(super) mod vendors;

use super::families::{count, joined};
use super::memory::Memory;
use super::runs::{NAME, is, run};

/// All families. Within one, the first row that matches names the hit.
const FAMILIES: &[&[Rule]] = &[
    jwt::RULES,
    text::RULES,
    keys::RULES,
    hashes::RULES,
    cloud::RULES,
    cluster::RULES,
    code::RULES,
    registry::RULES,
    chat::RULES,
    payment::RULES,
    ai::RULES,
    observe::RULES,
    saas::RULES,
    vendors::RULES,
    personal::RULES,
];

/// Longest credential looked for.
pub(super) const LONGEST: usize = 16 << 10;

/// Start and end of a credential.
pub(super) type Span = Option<(usize, usize)>;

/// Haystack and where the literal or sign starts → the span to take. Looks at a bounded stretch, or
/// remembers how far it looked: floods of a literal stay linear.
pub(super) type Verify = fn(&[u8], usize, &mut Memory) -> Span;

/// One kind of credential.
pub(super) struct Rule {
    /// Stable kebab-case name, used in policies and receipts.
    pub(super) name: &'static str,
    /// A name that stands for several rules in a policy.
    pub(super) group: Option<&'static str>,
    /// Whether the default policy uses it.
    pub(super) on: bool,
    /// What it finds, for the documents.
    pub(super) about: &'static str,
    /// Where the prefilter stops for it.
    pub(super) literals: &'static [Literal],
    /// The sign (`=`, `@` or `~`) that the prefilter stops at for it.
    pub(super) sign: Option<(u8, Verify)>,
    /// Templates (see [`super::examples`]) that it finds whole.
    pub(super) finds: &'static [&'static str],
    /// Texts like it in which nothing is found.
    #[cfg(test)]
    pub(super) keeps: &'static [&'static str],
}

/// What most rows have.
pub(super) const RULE: Rule = Rule {
    name: "",
    group: None,
    on: true,
    about: "",
    literals: &[],
    sign: None,
    finds: &[],
    #[cfg(test)]
    keeps: &[],
};

/// The name for the tokens of all services that were one detector in earlier versions.
pub(super) const SERVICE: Option<&str> = Some("service-token");

/// A row for a token of a service.
pub(super) const SERVICE_RULE: Rule = Rule { group: SERVICE, ..RULE };

/// Bytes that are rare in audit logs, and what has to stand around them.
#[derive(Clone, Copy, Debug)]
pub(super) struct Literal {
    /// Three bytes or more.
    pub(super) text: &'static str,
    pub(super) shape: Shape,
}

/// What has to stand around a literal.
#[derive(Clone, Copy, Debug)]
pub(super) enum Shape {
    /// Exactly `count` bytes of `class`; more of them is glued on and stays.
    Exactly { class: u8, count: usize },
    /// At least `least` bytes of `class`, as far as they run.
    From { class: u8, least: usize },
    /// The same, and the literal itself is no secret.
    After { class: u8, least: usize },
    /// A word of its own: nothing of a name before it, after it `least` to `most` bytes of `class`
    /// with letters and digits among them.
    Word { class: u8, least: usize, most: usize },
    /// What a function says.
    By(Verify),
}

/// The literal and exactly `count` bytes of `class`.
pub(super) const fn exactly(text: &'static str, class: u8, count: usize) -> Literal {
    Literal { text, shape: Shape::Exactly { class, count } }
}

/// The literal and at least `least` bytes of `class`.
pub(super) const fn from(text: &'static str, class: u8, least: usize) -> Literal {
    Literal { text, shape: Shape::From { class, least } }
}

/// At least `least` bytes of `class` after the literal.
pub(super) const fn after(text: &'static str, class: u8, least: usize) -> Literal {
    Literal { text, shape: Shape::After { class, least } }
}

/// The literal and `least` to `most` bytes of `class`, standing alone.
pub(super) const fn word(text: &'static str, class: u8, least: usize, most: usize) -> Literal {
    Literal { text, shape: Shape::Word { class, least, most } }
}

/// The literal and what a function says.
pub(super) const fn by(text: &'static str, verify: Verify) -> Literal {
    Literal { text, shape: Shape::By(verify) }
}

impl Literal {
    /// What to take when the literal stands at `at`.
    pub(super) fn verify(&self, hay: &[u8], at: usize, memory: &mut Memory) -> Span {
        let start = at + self.text.len();
        match self.shape {
            Shape::Exactly { class, count } => {
                let end = run(hay, start, class, count);
                (end == start + count).then_some((at, end))
            }
            Shape::From { class, least } => {
                let end = run(hay, start, class, LONGEST);
                (end >= start + least).then_some((at, end))
            }
            Shape::After { class, least } => {
                let end = run(hay, start, class, LONGEST);
                (end >= start + least).then_some((start, end))
            }
            Shape::Word { class, least, most } => {
                if !starts_word(hay, at) {
                    return None;
                }
                let end = run(hay, start, class, most + 1);
                let fits = (start + least..=start + most).contains(&end);
                let text = &hay[start..end];
                let number = least >= 24 && text.iter().all(u8::is_ascii_digit);
                (fits && (number || is_mixed(text))).then_some((at, end))
            }
            Shape::By(verify) => verify(hay, at, memory),
        }
    }
}

/// Whether no name runs into `at`: no letter, digit, `_`, `-` or `.` before it, but for those of an
/// escape.
pub(super) fn starts_word(hay: &[u8], at: usize) -> bool {
    at == 0 || !is(hay[at - 1], NAME) || escape_before(hay, at) > 0
}

/// How many bytes of an escape (`\n`, `\u0026`, `%3D`) end at `at`.
fn escape_before(hay: &[u8], at: usize) -> usize {
    let back = |distance: usize| at.checked_sub(distance).map(|at| hay[at]);
    let hex = |from: usize| hay[from..at].iter().all(u8::is_ascii_hexdigit);
    if back(2) == Some(b'\\') && matches!(hay[at - 1], b'n' | b'r' | b't') {
        2
    } else if back(3) == Some(b'%') && hex(at - 2) {
        3
    } else if back(6) == Some(b'\\') && back(5) == Some(b'u') && hex(at - 4) {
        6
    } else {
        0
    }
}

/// Where a run of exactly `count` bytes of `class` that ends at `to` starts: nothing of the class
/// before it, but for an escape.
pub(super) fn exactly_before(hay: &[u8], to: usize, class: u8, count: usize) -> Option<usize> {
    let start = to.checked_sub(count)?;
    let all = hay[start..to].iter().all(|b| is(*b, class));
    let alone = start == 0 || !is(hay[start - 1], class) || escape_before(hay, start) > 0;
    (all && alone).then_some(start)
}

/// Whether both letters and digits are among the bytes.
pub(crate) fn is_mixed(text: &[u8]) -> bool {
    text.iter().any(u8::is_ascii_digit) && text.iter().any(u8::is_ascii_alphabetic)
}

/// Whether an UUID stands at `at`.
pub(super) fn is_uuid(hay: &[u8], at: usize) -> bool {
    hay.get(at..at + 36).is_some_and(|text| {
        text.iter().enumerate().all(|(place, byte)| match place {
            8 | 13 | 18 | 23 => *byte == b'-',
            _ => byte.is_ascii_hexdigit(),
        })
    })
}

const COUNT: usize = count(FAMILIES);

/// All rules, in the order of their numbers.
pub(super) static ALL: [&Rule; COUNT] = joined(FAMILIES);

/// The number of the rule with this name.
pub(super) const fn number(name: &str) -> Option<u16> {
    let mut at = 0;
    while at < COUNT {
        if same(ALL[at].name, name) {
            return Some(at as u16);
        }
        at += 1;
    }
    None
}

const fn same(a: &str, b: &str) -> bool {
    let (a, b) = (a.as_bytes(), b.as_bytes());
    if a.len() != b.len() {
        return false;
    }
    let mut at = 0;
    while at < a.len() {
        if a[at] != b[at] {
            return false;
        }
        at += 1;
    }
    true
}
