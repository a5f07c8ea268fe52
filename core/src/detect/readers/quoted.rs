//! What quotes hold after words that say what it is: SQL (`PASSWORD 'x'`, `IDENTIFIED BY 'x'`) and
//! messages (`spec.adminPassword: Invalid value: "x"`, `sets DB_PASSWORD to "x"`).

use std::ops::Range;

use super::ends::{self, Quotes};
use super::{Hint, is_value};
use crate::detect::{Detector, Hit, push};

/// Words of SQL before a secret.
const SQL: &[&[u8]] =
    &[b"password", b"by", b"password(", b"old_password(", b"as", b"using", b"replace"];
/// Words between a name and its value in a message.
const BETWEEN: &[&[u8]] = &[
    b"to",
    b"value",
    b"value:",
    b"has",
    b"is",
    b"was",
    b"invalid",
    b"duplicate",
    b"unsupported",
    b"as",
    b"with",
    b"got",
    b"equals",
    b"equal",
    b"set",
    b"the",
    b"of",
    b"from",
    b"not",
    b"be",
    b"must",
];
/// How far back a name may stand.
const WORDS: usize = 6;
/// Longest word that is read.
const LONGEST: usize = 128;

/// Appends what quotes hold.
pub(super) fn read(hay: &[u8], hits: &mut Vec<Hit>) {
    let mut quotes = Quotes::default();
    let mut taken = 0;
    for open in memchr::memchr2_iter(b'\'', b'"', hay) {
        if open < taken || !follows_a_word(hay, open) {
            continue;
        }
        if !says_secret(&hay[..open]) {
            continue;
        }
        let Some(close) = quotes.close(hay, open) else { continue };
        taken = close + 1;
        take(hay, open + 1..close, hits);
    }
    // Oracle has no quotes: `IDENTIFIED BY x`.
    for at in memchr::memmem::find_iter(hay, b"DENTIFIED BY ") {
        let from = at + 13;
        if !matches!(hay.get(from), Some(b'\'' | b'"')) {
            take(hay, from..ends::word(hay, from, b";,)"), hits);
        }
    }
}

fn take(hay: &[u8], range: Range<usize>, hits: &mut Vec<Hit>) {
    if is_value(&hay[range.clone()]) {
        push(hits, range.start, range.end, Detector::SecretAssignment);
    }
}

/// Whether the quote at `open` stands after a space, a bracket or the mark of a kind of string.
fn follows_a_word(hay: &[u8], open: usize) -> bool {
    matches!(
        hay[..open],
        [.., b' ' | b'(' | b'\t' | b'\n' | b'\\']
            | [.., b' ' | b'=' | b'(', b'N' | b'E' | b'e' | b'n']
    )
}

/// Whether the words before a quote say that it holds a secret.
fn says_secret(before: &[u8]) -> bool {
    let mut rest = trimmed(before);
    if let [head @ .., b'N' | b'E' | b'e' | b'n'] = rest
        && matches!(head.last(), Some(b' ' | b'=' | b'('))
    {
        rest = trimmed(head);
    }
    // `SET PASSWORD FOR 'u'@'%' = 'x'`
    if let [head @ .., b'='] = rest {
        let head = &head[head.len().saturating_sub(LONGEST)..];
        let line = &head[memchr::memrchr2(b';', b'\n', head).map_or(0, |at| at + 1)..];
        return contains_word(line, b"SET PASSWORD");
    }
    for nth in 0..WORDS {
        let start = rest
            .iter()
            .rev()
            .take(LONGEST)
            .position(u8::is_ascii_whitespace)
            .map_or(rest.len().saturating_sub(LONGEST), |back| rest.len() - back);
        let word = &rest[start..];
        let before = trimmed(&rest[..start]);
        if word.is_empty() {
            return false;
        }
        if nth == 0 && SQL.iter().any(|known| word.eq_ignore_ascii_case(known)) {
            let line = &before[before.len().saturating_sub(64)..];
            return word[0].eq_ignore_ascii_case(&b'p')
                || word[0].eq_ignore_ascii_case(&b'o')
                || contains_word(line, b"IDENTIFIED");
        }
        let between = BETWEEN.iter().any(|known| word.eq_ignore_ascii_case(known));
        if nth > 0 && !between {
            let name = word.strip_suffix(b":").or_else(|| word.strip_suffix(b",")).unwrap_or(word);
            return Hint::of(without_index(name)).is_strong();
        }
        if !between {
            return false;
        }
        rest = before;
    }
    false
}

/// `spec.tokens[1]` without the brackets.
fn without_index(name: &[u8]) -> &[u8] {
    let Some(open) = memchr::memrchr(b'[', name) else { return name };
    let index = &name[open + 1..];
    let numbered = index.ends_with(b"]") && index[..index.len() - 1].iter().all(u8::is_ascii_digit);
    if numbered { &name[..open] } else { name }
}

fn trimmed(text: &[u8]) -> &[u8] {
    let blanks = text.iter().rev().take(64).take_while(|b| b.is_ascii_whitespace() || **b == b'\\');
    &text[..text.len() - blanks.count()]
}

/// Whether words stand in a short text, in any case.
fn contains_word(text: &[u8], words: &[u8]) -> bool {
    text.windows(words.len()).any(|window| window.eq_ignore_ascii_case(words))
}

/// What a message quotes first about a field whose path hints: `Invalid value: "x"`.
pub(crate) fn of_field(field: &[u8], message: &[u8]) -> Option<Range<usize>> {
    if !Hint::of(without_index(field)).hints() {
        return None;
    }
    let open = memchr::memchr2(b'"', b'\'', message)?;
    let close = Quotes::default().close(message, open)?;
    let range = open + 1..close;
    is_value(&message[range.clone()]).then_some(range)
}
