//! Statements of SQL that hold a password without a word beside it, and Oracle's, which have no quotes.

use super::functions::{last_argument, nth_text};
use super::{LONGEST, take};
use crate::detect::readers::told::is_thought_up;
use crate::detect::readers::{Hint, ends, is_odd, last_name};
use crate::detect::{Hit, NameKind};

/// Procedures of SQL Server that take a password, and as which argument.
const PROCEDURES: &[(&[u8], usize)] = &[(b"sp_addlinkedsrvlogin ", 4), (b"sp_addlogin ", 1)];

/// Appends what such statements hold.
pub(super) fn read(hay: &[u8], hits: &mut Vec<Hit>) {
    for at in memchr::memchr_iter(b'V', hay) {
        inserted(hay, at, hits);
    }
    for at in memchr::memmem::find_iter(hay, b"sp_add") {
        for (name, nth) in PROCEDURES {
            if hay[at..].starts_with(name)
                && let Some(range) = nth_text(hay, at + name.len(), *nth)
            {
                take(hay, range, hits);
            }
        }
    }
    // Oracle has no quotes: `IDENTIFIED BY x`.
    for at in memchr::memchr2_iter(b'Y', b'y', hay) {
        let from = at + 2;
        let before = &hay[..hay.len().min(from)];
        if (before.ends_with(b"DENTIFIED BY ") || before.ends_with(b"dentified by "))
            && !matches!(hay.get(from), Some(b'\'' | b'"'))
        {
            // `IDENTIFIED BY VALUES 'x'`
            let values = from + b"VALUES '".len();
            if hay[from..].starts_with(b"VALUES '")
                && let Some(len) = memchr::memchr(b'\'', &hay[values..])
            {
                take(hay, values..values + len, hits);
                continue;
            }
            let range = from..ends::word(hay, from, b";,)");
            // "Errors are identified by `code`" is a sentence.
            if hay[at] == b'Y' || is_odd(&hay[range.clone()]) {
                take(hay, range, hits);
            }
        }
    }
}

/// `INSERT INTO users (name, password) VALUES ('a', 'SECRET'), …`, where `VALUES` stands at `at`.
fn inserted(hay: &[u8], at: usize, hits: &mut Vec<Hit>) {
    let Some(rest) = hay[at..].strip_prefix(b"VALUES") else { return };
    let before = hay[..at].trim_ascii_end();
    let near = &before[before.len().saturating_sub(LONGEST)..];
    let Some(columns) = near.strip_suffix(b")") else { return row_of_passwords(hay, at, hits) };
    let Some(open) = memchr::memrchr(b'(', columns) else { return };
    let hints = |name: &[u8]| Hint::of(name.trim_ascii()).is_strong();
    let Some(nth) = columns[open + 1..].split(|b| *b == b',').position(hints) else { return };
    let mut from = hay.len() - rest.len();
    for _ in 0..64 {
        while hay.get(from).is_some_and(|b| b.is_ascii_whitespace() || *b == b',') {
            from += 1;
        }
        if hay.get(from) != Some(&b'(') {
            return;
        }
        let Some(range) = nth_text(hay, from + 1, nth) else { return };
        let end = range.end;
        take(hay, range, hits);
        let Some(close) = memchr::memchr(b')', &hay[end..]) else { return };
        from = end + close + 1;
    }
}

/// `INSERT INTO passwords VALUES ('a', 'SECRET')`: the last text, if it looks like one.
fn row_of_passwords(hay: &[u8], values: usize, hits: &mut Vec<Hit>) {
    let before = hay[..values].trim_ascii_end();
    let table = last_name(before.strip_suffix(b"`").unwrap_or(before));
    let head = before[..before.len() - table.len()].trim_ascii_end();
    let into = head.ends_with(b"INTO") || head.ends_with(b"INTO `");
    let from = values + b"VALUES".len();
    let open = from + hay[from..].iter().take(4).take_while(|b| b.is_ascii_whitespace()).count();
    if into
        && hay.get(open) == Some(&b'(')
        && matches!(Hint::of(table).0, NameKind::Password | NameKind::Pass)
        && let Some(last) = last_argument(hay, open + 1, true)
        && (is_odd(&hay[last.clone()]) || is_thought_up(&hay[last.clone()]))
    {
        take(hay, last, hits);
    }
}
