//! Names that are told apart from their values by other signs than `=` and `:`: `password -> x`,
//! `password：x`, columns of a table.

use super::ends::{self, Quotes};
use super::{Hint, is_odd, last_name, says_what_is_wrong};
use crate::detect::runs::looks_random;
use crate::detect::{Detector, Hit, push};

/// Most columns of a table.
const COLUMNS: usize = 32;
/// Longest head of a table.
const LONGEST_HEAD: usize = 512;

/// Arrows and full-width signs.
const SIGNS: &[&str] = &["->", "→", "：", "＝"];

/// Appends what such signs tell. `prose` says that the text describes things.
pub(super) fn read(hay: &[u8], prose: bool, hits: &mut Vec<Hit>) {
    table(hay, hits);
    // To make a searcher for each sign costs more than to see that most texts have none of their bytes.
    if memchr::memchr3(b'>', "→".as_bytes()[0], "：".as_bytes()[0], hay).is_none() {
        return;
    }
    let mut quotes = Quotes::default();
    for sign in SIGNS {
        let mut taken = 0;
        for at in memchr::memmem::find_iter(hay, sign.as_bytes()) {
            if at < taken {
                continue;
            }
            let before = hay[..at].trim_ascii_end();
            let before = before.strip_suffix(b"\"").or_else(|| before.strip_suffix(b"'"));
            let before = before.unwrap_or(hay[..at].trim_ascii_end());
            let hint = Hint::of(last_name(before));
            if !hint.is_strong() {
                continue;
            }
            let right = at + sign.len();
            let from = right + hay[right..].iter().take(8).take_while(|b| **b == b' ').count();
            let quoted = matches!(hay.get(from), Some(b'"' | b'\''));
            // `self.password->next`
            if !quoted && from == right && sign.is_ascii() {
                continue;
            }
            let range = if quoted {
                let Some(close) = quotes.close(hay, from) else { continue };
                from + 1..close
            } else {
                from..ends::word(hay, from, b",;)]}|")
            };
            taken = range.end;
            let value = &hay[range.clone()];
            // What an arrow points at has a name as a rule.
            let goes = hint.goes(value) && (!sign.contains('>') && *sign != "→" || is_odd(value));
            if goes && (!prose || looks_random(value)) {
                push(hits, range.start, range.end, Detector::SecretAssignment);
            }
        }
    }
}

/// Whether a sentence that ends with a name is about what a password is: `Your admin password is`,
/// `A temporary password is generated for root@localhost`, `Password for elastic`.
pub(super) fn names_a_password(before: &[u8], last: &[u8]) -> bool {
    let line = &before[memchr::memrchr3(b'\n', b'"', b';', before).map_or(0, |at| at + 1)..];
    let is_verb = |word: &[u8]| {
        matches!(word, b"is" | b"was" | b"for" | b"of" | b"ist") || word == "für".as_bytes()
    };
    // `password is read from: vault`
    if matches!(last, b"from" | b"by" | b"in" | b"at") {
        return false;
    }
    let mut next = last;
    for word in
        line.rsplit(|b| matches!(b, b' ' | b'\t')).filter(|word| !word.is_empty()).take(WORDS)
    {
        // Elasticsearch: `PASSWORD elastic = x`
        if word == b"PASSWORD" && line.starts_with(word) && next == last {
            return true;
        }
        if is_password(word) {
            return is_verb(next);
        }
        // Another sentence.
        if word.ends_with(b".") || word.ends_with(b":") || word == b"=" {
            return false;
        }
        next = word;
    }
    false
}

/// Words of a sentence that is about a password.
const PASSWORDS: &[&[u8]] = &[b"password", b"passwd", b"passphrase", b"passwort", b"kennwort"];

/// Whether a word of a sentence is one for a password.
pub(super) fn is_password(word: &[u8]) -> bool {
    PASSWORDS.iter().any(|name| word.eq_ignore_ascii_case(name))
}

/// How many words there may be behind it.
const WORDS: usize = 8;

/// Whether a word has letters and digits as passwords have that people think up, and neither an
/// algorithm, a version nor a time. Dashes, dots and the like are in names of things.
pub(super) fn is_thought_up(word: &[u8]) -> bool {
    const STARTS: &[&[u8]] =
        &[b"sha", b"md", b"bcrypt", b"argon", b"utf", b"base", b"pbkdf", b"http"];
    let letters = word.iter().take_while(|b| b.is_ascii_alphabetic()).count();
    (6..=128).contains(&word.len())
        && letters > 2
        && word.iter().all(u8::is_ascii_graphic)
        && word.iter().any(u8::is_ascii_digit)
        && !word.iter().any(|b| b"/:=([{<$-_.".contains(b))
        && !STARTS.iter().any(|start| word[..letters].eq_ignore_ascii_case(start))
        && !says_what_is_wrong(word)
}

/// Whether nothing follows on the line but the end of the sentence.
pub(super) fn ends_a_sentence(rest: &[u8]) -> bool {
    let signs = rest.iter().take(3).take_while(|b| matches!(b, b'.' | b'"' | b'\'' | b' ' | b'!'));
    matches!(rest.get(signs.count()), None | Some(b'\n' | b'\r' | b'\\'))
}

/// The column of a table that holds secrets.
#[derive(Clone, Copy)]
struct Column {
    sign: u8,
    nth: usize,
    /// The column whose cells name the values, if the head says no more than `name,value`.
    name: Option<usize>,
    columns: usize,
}

/// Lines whose cells stand between tabs or commas, below one with their names.
fn table(hay: &[u8], hits: &mut Vec<Hit>) {
    if memchr::memchr(b'\n', hay).is_none() {
        return;
    }
    let mut column: Option<Column> = None;
    let mut start = 0;
    while start < hay.len() {
        let end = memchr::memchr(b'\n', &hay[start..]).map_or(hay.len(), |len| start + len);
        let line = hay[start..end].strip_suffix(b"\r").unwrap_or(&hay[start..end]);
        column = match column {
            Some(known) if row(line, start, known, hits) => Some(known),
            _ => head(line),
        };
        start = end + 1;
    }
}

/// The column that hints in a line that holds nothing but names.
fn head(line: &[u8]) -> Option<Column> {
    if line.len() > LONGEST_HEAD {
        return None;
    }
    let sign = if line.contains(&b'\t') { b'\t' } else { b',' };
    let columns = memchr::memchr_iter(sign, line).count() + 1;
    if !(2..=COLUMNS).contains(&columns) {
        return None;
    }
    let is_name = |cell: &[u8]| {
        !cell.is_empty()
            && cell[0].is_ascii_alphabetic()
            && cell.iter().all(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b' '))
    };
    let cells = line.split(|b| *b == sign);
    if !cells.clone().all(is_name) {
        return None;
    }
    if let Some(nth) = cells.clone().position(|cell| Hint::of(cell).is_strong()) {
        return Some(Column { sign, nth, name: None, columns });
    }
    let nth = cells.clone().position(|cell| cell.eq_ignore_ascii_case(b"value"))?;
    let name = cells
        .clone()
        .position(|cell| NAMES.iter().any(|name| cell.eq_ignore_ascii_case(name.as_bytes())))?;
    Some(Column { sign, nth, name: Some(name), columns })
}

/// Heads of columns that hold names.
const NAMES: &[&str] = &["name", "key", "variable", "setting", "parameter", "option", "property"];

/// Takes the cell of a line that belongs to the column; gives whether the line is one of the table.
fn row(line: &[u8], start: usize, column: Column, hits: &mut Vec<Hit>) -> bool {
    let cells = memchr::memchr_iter(column.sign, line).take(COLUMNS).count() + 1;
    if cells != column.columns {
        return false;
    }
    let Some(cell) = line.split(|b| *b == column.sign).nth(column.nth) else { return false };
    let from = cell.as_ptr() as usize - line.as_ptr() as usize;
    let range = ends::unquoted(line, from..from + cell.len());
    let value = &line[range.clone()];
    let goes = if let Some(name) = column.name {
        let hint = line.split(|b| *b == column.sign).nth(name).map(Hint::of);
        hint.is_some_and(|hint| hint.hints() && hint.goes(value))
    } else {
        !value.contains(&b' ')
            && (column.sign == b'\t' || is_odd(value))
            && Hint::of(b"password").goes(value)
    };
    if goes {
        push(hits, start + range.start, start + range.end, Detector::SecretAssignment);
    }
    true
}
