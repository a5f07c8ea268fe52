//! Ways of writing a secret in text, one file each: read wherever a text can stand.

mod arguments;
mod assignments;
mod blocks;
mod declared;
mod dialogues;
mod directives;
mod ends;
pub(super) mod headers;
mod markup;
mod programs;
mod quoted;
mod refusals;
mod told;
pub(super) mod urls;

use super::names::{NameKind, classify};
use super::runs::{NAME, run_back};
use super::values;
use super::{Detector, Detectors, Hit};

pub(crate) use arguments::{Arguments, runs_a_program};
pub(super) use assignments::{glued, glued_key};
pub(super) use directives::bootstrap_token;
#[cfg(test)]
pub(crate) use ends::OTHER_RULES;
pub(crate) use ends::mark;
pub(crate) use quoted::of_field;

/// How a text is to be read.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(crate) enum Manner {
    /// Values as their syntax has them.
    Plain,
    /// A text that describes things, such as `description` in a schema: examples stay.
    Prose,
}

impl Detectors {
    /// Appends what a whole text holds: what [`Detectors::scan`] finds in any bytes, and what only
    /// a text shows that is seen from its start to its end, unescaped.
    pub(crate) fn read(&self, text: &[u8], manner: Manner, hits: &mut Vec<Hit>) {
        let from = hits.len();
        self.scan(text, hits);
        self.read_text(text, manner, hits);
        super::merge(hits, from);
    }

    /// The readers alone.
    pub(crate) fn read_text(&self, text: &[u8], manner: Manner, hits: &mut Vec<Hit>) {
        if !self.has(Detector::SecretAssignment) {
            return;
        }
        let from = hits.len();
        let prose = manner == Manner::Prose;
        assignments::read(text, prose, hits);
        told::read(text, prose, hits);
        let words = memchr::memchr3(b' ', b'\n', b',', text).is_some();
        if words {
            arguments::lines(text, hits);
        }
        if words || memchr::memchr2(b'(', b';', text).is_some() {
            quoted::read(text, hits);
        }
        if words {
            refusals::unread(text, hits);
            if !prose {
                directives::read(text, hits);
                blocks::maps(text, hits);
                if memchr::memchr(b'\n', text).is_some() {
                    blocks::read(text, hits);
                    blocks::printed_key(text, hits);
                }
            }
        }
        declared::read(text, prose, hits);
        markup::read(text, prose, hits);
        super::merge(hits, from);
    }
}

/// What a name says of the value beside it.
#[derive(Clone, Copy)]
struct Hint(NameKind);

impl Hint {
    fn of(name: &[u8]) -> Self {
        Self(classify(name))
    }

    fn hints(self) -> bool {
        self.0.hints()
    }

    /// Whether the name alone says that the value is a secret.
    fn is_strong(self) -> bool {
        self.0.is_strong()
    }

    /// Whether this value goes.
    fn goes(self, value: &[u8]) -> bool {
        self.hints()
            && judge(value, |piece| {
                let kind = values::kind(piece);
                values::goes_as(self.0, piece, kind) && is_unmarked_as(piece, kind)
            })
    }
}

/// Whether an option, header or word of this name is followed by a secret.
fn is_secret(name: &[u8]) -> bool {
    Hint::of(name).hints()
}

/// Whether a variable or option of this name with this value is a secret.
fn hinted(name: &[u8], value: &[u8]) -> bool {
    let hint = Hint::of(name);
    hint.hints() && hint.goes(value)
}

/// The name that a text ends with.
fn last_name(text: &[u8]) -> &[u8] {
    &text[run_back(text, text.len(), NAME, 64)..]
}

/// Whether a value is none that people write in a sentence: made up, or random.
fn is_odd(value: &[u8]) -> bool {
    values::looks_made_up(value) || values::looks_random(value)
}

/// Whether a text can be the secret that its place asks for.
fn is_value(value: &[u8]) -> bool {
    judge(value, is_unmarked_value)
}

fn is_unmarked_value(value: &[u8]) -> bool {
    is_unmarked_as(value, values::kind(value))
}

/// The same, when the kind of the value is known.
fn is_unmarked_as(value: &[u8], kind: values::ValueKind) -> bool {
    use values::ValueKind::{Empty, Reference, Switch, Variable};
    !matches!(kind, Empty | Reference | Switch | Variable)
        && !ends::is_reference(value)
        // What `xargs` puts there, and the end of a template.
        && value != b"{}"
        && !is_placeholder(value)
        && !value.starts_with(b"}}")
        // curl: `-F "token=</run/token"`, the file whose content it is.
        && !value.starts_with(b"</")
        // Where programs of macOS shall look for it.
        && !value.starts_with(b"@keychain:")
        && !value.starts_with(b"@env:")
}

/// `<nil>`, `<your token>`, also cut at the blank or bracket; `&Secret{}` of Go.
fn is_placeholder(value: &[u8]) -> bool {
    match value {
        [b'<', word @ ..] => {
            let word = word.strip_suffix(b">").unwrap_or(word);
            (3..=40).contains(&word.len())
                && word.iter().all(|b| b.is_ascii_lowercase() || matches!(b, b' ' | b'-' | b'_'))
                && (matches!(word, b"nil" | b"null" | b"none" | b"hidden" | b"unset")
                    || word.starts_with(b"your")
                    || word.starts_with(b"name of ")
                    || classify(word) != NameKind::Neither)
        }
        [b'&', b'A'..=b'Z', rest @ ..] => {
            let rest = rest.strip_suffix(b"}").unwrap_or(rest);
            rest.strip_suffix(b"{").is_some_and(|name| name.iter().all(u8::is_ascii_alphabetic))
        }
        // `@password` of Ruby and SQL
        [b'@', name @ ..] => {
            name.iter().all(|b| b.is_ascii_lowercase() || *b == b'_') && classify(name).is_strong()
        }
        _ => false,
    }
}

/// Whether any piece of a value goes that is no mark of a former run. Beside a mark, a piece is a
/// word: what stands there was judged then, unless somebody wrote the mark to hide it.
fn judge(value: &[u8], goes: impl Fn(&[u8]) -> bool) -> bool {
    // Also when a mark stands in a command that prints the value.
    if ends::is_printed(value) {
        return false;
    }
    let letters = |piece: &[u8]| piece.iter().filter(|b| b.is_ascii_alphanumeric()).count();
    // A quote ends the text that the mark stands for.
    let is_quote = |b: Option<&u8>| matches!(b, Some(b'"' | b'\'' | b'\\'));
    let glued = |piece: &[u8]| {
        let starts = piece.as_ptr() == value.as_ptr();
        !is_quote(if starts { piece.last() } else { piece.first() })
    };
    ends::around_marks(value).any(|piece| {
        goes(piece) && (piece.len() == value.len() || letters(piece) >= 4 && glued(piece))
    })
}

/// Whether the word after an option is one of a sentence about it.
fn is_prose(word: &[u8]) -> bool {
    const WORDS: [&[u8]; 37] = [
        b"is",
        b"must",
        b"may",
        b"and",
        b"or",
        b"to",
        b"in",
        b"for",
        b"flag",
        b"flags",
        b"option",
        b"options",
        b"if",
        b"was",
        b"be",
        b"has",
        b"when",
        b"with",
        b"not",
        b"should",
        b"can",
        b"the",
        b"a",
        b"of",
        b"as",
        b"from",
        b"on",
        b"by",
        b"that",
        b"this",
        b"will",
        b"argument",
        b"arguments",
        b"are",
        // Types in a text of help: `--password string`
        b"string",
        b"strings",
        b"stringArray",
    ];
    WORDS.contains(&word.trim_ascii_end())
}

/// Whether a word says what is wrong with a secret, as in `token: expired`.
fn says_what_is_wrong(word: &[u8]) -> bool {
    const WORDS: [&[u8]; 24] = [
        b"expired",
        b"invalid",
        b"missing",
        b"required",
        b"unauthorized",
        b"not",
        b"found",
        b"failed",
        b"denied",
        b"revoked",
        b"unknown",
        b"empty",
        b"unset",
        b"error",
        b"incorrect",
        b"wrong",
        b"mismatch",
        b"rejected",
        b"changed",
        b"created",
        b"updated",
        b"deleted",
        b"rotated",
        b"valid",
    ];
    WORDS.iter().any(|known| word.eq_ignore_ascii_case(known))
}

/// Names of query parameters that hold a secret when the value looks like one.
const PARAMETERS: &[&[u8]] = &[
    b"p",
    b"k",
    b"pw",
    b"pwd",
    b"pass",
    b"key",
    b"code",
    b"auth",
    b"sig",
    b"signature",
    b"session",
    b"sid",
    b"jsessionid",
    b"phpsessid",
    b"jwt",
    b"otp",
    b"ticket",
    b"assertion",
    b"ak",
    b"sk",
    b"x-amz-signature",
    b"x-goog-signature",
    b"hmac",
    b"st",
    b"se_token",
    b"subscription-key",
];

/// The first letters of [`PARAMETERS`], by length.
const FIRST_LETTERS: [u32; 17] = {
    let mut table = [0; 17];
    let mut at = 0;
    while at < PARAMETERS.len() {
        table[PARAMETERS[at].len()] |= 1 << (PARAMETERS[at][0] & 31);
        at += 1;
    }
    table
};

fn may_be_parameter(name: &[u8]) -> bool {
    let Some(first) = name.first() else { return false };
    FIRST_LETTERS.get(name.len()).is_some_and(|set| set >> (first & 31) & 1 == 1)
        && PARAMETERS.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// Whether a parameter of this name may be a secret.
pub(crate) fn may_be_secret(name: &[u8]) -> bool {
    is_secret(name) || may_be_parameter(name)
}

/// Whether a parameter of a query is a secret.
pub(crate) fn is_parameter(name: &[u8], value: &[u8]) -> bool {
    hinted(name, value) || parameter(name, value)
}

/// Whether a parameter of a query holds a secret though its name alone does not say so.
fn parameter(name: &[u8], value: &[u8]) -> bool {
    let has = |test: fn(&u8) -> bool| value.iter().any(test);
    may_be_parameter(name)
        && value.len() >= 8
        && (values::looks_random(value)
            || value.len() >= 16 && has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic))
        && is_value(value)
}
