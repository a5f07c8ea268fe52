//! What a program reads from its input: a pipe, a here-string, a here-document, a file
//! that `tee` writes.

use std::ops::Range;

use super::lines::{Printed, pairs, word_end};
use super::options::of_pair;
use super::{Arguments, LONGEST_NAME, LONGEST_WORD};
use crate::detect::NameKind;
use crate::detect::readers::ends::{self, Quotes};
use crate::detect::readers::programs::{Program, Stdin};
use crate::detect::readers::{Hint, dialogues, is_value, programs};
use crate::detect::runs::{NAME, is, run, run_back};

/// `--password-stdin`, `--token-on-stdin`, `--stdin-password`.
pub(super) fn says_stdin(name: &[u8]) -> bool {
    let names: [&[u8]; 5] = [b"pass", b"token", b"secret", b"key", b"pin-"];
    (7..=LONGEST_NAME).contains(&name.len())
        && memchr::memmem::find(name, b"stdin").is_some()
        && names.iter().any(|word| {
            let name = name.strip_prefix(b"stdin-").unwrap_or(name);
            name.starts_with(word)
        })
}

/// `--password-command`, `-extpass`: the value is a command that prints the secret.
pub(super) fn prints_a_secret(name: &[u8]) -> bool {
    name.len() > 6
        && (name.ends_with(b"command") || name.ends_with(b"cmd") || name.ends_with(b"extpass"))
        && memchr::memmem::find(name, b"pass").is_some()
}

/// The word that `echo SECRET` prints.
pub(super) fn printed_by(text: &[u8], from: usize) -> Option<Range<usize>> {
    let command = ends::unquoted(text, from..text.len());
    let first = run(text, command.start, NAME, 16);
    if !programs::prints(&text[command.start..first]) {
        return None;
    }
    let words = &text[first..command.end];
    let last = words.rsplit(u8::is_ascii_whitespace).find(|word| !word.is_empty())?;
    let start = last.as_ptr() as usize - text.as_ptr() as usize;
    let secret = ends::unquoted(text, start..start + last.len());
    is_value(&text[secret.clone()]).then_some(secret)
}

/// What a program reads.
#[derive(Clone, Copy)]
pub(super) struct Input {
    pub(super) reads: Stdin,
    pub(super) program: &'static Program,
}

/// A program that reads nothing but a secret.
pub(super) const SECRET: Input = Input { reads: Stdin::Secret, program: &programs::NONE };

/// What of a text is a secret that a program reads.
pub(super) fn of_input(
    hay: &[u8],
    range: Range<usize>,
    input: Input,
    take: &mut dyn FnMut(Range<usize>),
) {
    let from = range.start;
    let text = &hay[range.clone()];
    match input.reads {
        Stdin::Pairs => pairs(text).for_each(|r| take(from + r.start..from + r.end)),
        Stdin::Secret => take(range),
        Stdin::Dialogue => dialogues::secrets(text, |r| take(from + r.start..from + r.end)),
        Stdin::Pair if memchr::memchr(b' ', text).is_none() => {
            if let Some(r) = of_pair(text, 0) {
                take(from + r.start..from + r.end);
            }
        }
        Stdin::Words => {
            let mut arguments = Arguments::of(input.program);
            for word in text.split(u8::is_ascii_whitespace).filter(|word| !word.is_empty()) {
                let start = from + (word.as_ptr() as usize - text.as_ptr() as usize);
                if let Some(r) = arguments.next(word) {
                    take(start + r.start..start + r.end);
                }
            }
        }
        _ => {}
    }
}

/// The lines that follow `<<WORD`; gives where they end.
pub(super) fn here_document(
    hay: &[u8],
    at: usize,
    input: Input,
    take: &mut dyn FnMut(Range<usize>),
) -> usize {
    let skip =
        hay[at..].iter().take(8).take_while(|b| matches!(b, b'-' | b' ' | b'\'' | b'"')).count();
    let word = run(hay, at + skip, NAME, 32);
    let end_mark = &hay[at + skip..word];
    let Some(start) = memchr::memchr(b'\n', &hay[word..]).map(|len| word + len + 1) else {
        return word;
    };
    if end_mark.is_empty() {
        return word;
    }
    let mut line = start;
    let whole = input.reads == Stdin::Dialogue;
    while line < hay.len() {
        let end = memchr::memchr(b'\n', &hay[line..]).map_or(hay.len(), |len| line + len);
        let text = hay[line..end].trim_ascii();
        if text == end_mark {
            if whole {
                of_input(hay, start..line, input, take);
            }
            return line;
        }
        let first = line + (hay[line..end].len() - hay[line..end].trim_ascii_start().len());
        if !text.is_empty() && !whole {
            of_input(hay, first..first + text.len(), input, take);
        }
        line = end + 1;
    }
    hay.len()
}

/// The only line of the here-document that `<<` before `at` opens, if it is written to a file whose
/// name hints: `cat > /run/db_password <<EOF`. More lines are a text of its own.
pub(super) fn written_line(hay: &[u8], at: usize) -> Option<Range<usize>> {
    let near = &hay[at..hay.len().min(at + 2 * LONGEST_WORD)];
    let word = near.iter().take(8).take_while(|b| b"-~ '\"\\".contains(b)).count();
    let word = word..run(near, word, NAME, 32);
    let line = memchr::memchr(b'\n', near).filter(|line| *line >= word.end && !word.is_empty())?;
    let (opener, rest) = (&near[..line], &near[line + 1..]);
    let body = &rest[..memchr::memchr(b'\n', rest)?];
    let close = rest[body.len() + 1..].trim_ascii_start().strip_prefix(&near[word.clone()])?;
    if close.first().is_some_and(|b| is(*b, NAME)) {
        return None;
    }
    // The file stands before or after it.
    let before = &hay[at.saturating_sub(LONGEST_WORD)..at - 2];
    let before = &before[memchr::memrchr(b'\n', before).map_or(0, |line| line + 1)..];
    let names = |text: &[u8]| {
        // Also `cat <<EOF | tee FILE`.
        let tee = || memchr::memmem::rfind(text, b"| tee ").map(|at| at + 5);
        let Some(sign) = memchr::memrchr(b'>', text).or_else(tee) else { return false };
        let file = text[sign + 1..].trim_ascii_start();
        let file = &file[..file.iter().take_while(|b| **b > b' ').count()];
        let file = &file[ends::unquoted(file, 0..file.len())];
        let name = &file[memchr::memrchr(b'/', file).map_or(0, |slash| slash + 1)..];
        Hint::of(name).is_strong()
    };
    if !names(before) && !names(&opener[word.end..]) {
        return None;
    }
    let start = at + opener.len() + 1 + (body.len() - body.trim_ascii_start().len());
    let body = body.trim_ascii();
    let value = !body.is_empty() && !body.starts_with(b"#") && !body.starts_with(b"{");
    value.then_some(start..start + body.len())
}

/// The second field of a line of `/etc/passwd`, if it is a hash.
pub(super) fn of_passwd(hay: &[u8], words: Range<usize>, take: &mut dyn FnMut(Range<usize>)) {
    let text = &hay[words.clone()];
    let Some(first) = memchr::memchr(b':', text) else { return };
    let Some(len) = memchr::memchr(b':', &text[first + 1..]) else { return };
    if len > 3 {
        take(words.start + first + 1..words.start + first + 1 + len);
    }
}

/// `printf 'user=%s\npassword=%s\n' root SECRET`: what the format that stands at `from` calls a secret.
pub(super) fn formatted(
    hay: &[u8],
    from: usize,
    quotes: &mut Quotes,
    take: &mut dyn FnMut(Range<usize>),
) {
    let blanks = |at: usize| hay[at..].iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
    let start = from + blanks(from);
    if start >= hay.len() {
        return;
    }
    let mut at = word_end(hay, start, quotes);
    let format = &hay[ends::unquoted(hay, start..at)];
    let (mut secrets, mut nth) = (0u16, 0);
    let mut skip = 0;
    for percent in memchr::memchr_iter(b'%', format) {
        if percent < skip || nth == 16 {
            continue;
        }
        if format.get(percent + 1) == Some(&b'%') {
            skip = percent + 2;
            continue;
        }
        let before = format[..percent].trim_ascii_end();
        let before = before.strip_suffix(b"\"").or(before.strip_suffix(b"'")).unwrap_or(before);
        let signed = before.strip_suffix(b"=").or(before.strip_suffix(b":"));
        let before = signed.unwrap_or(before);
        let before = before.strip_suffix(b"\"").unwrap_or(before);
        let mut name = &before[run_back(before, before.len(), NAME, LONGEST_NAME)..];
        // A line break as `printf` has it.
        if before[..before.len() - name.len()].ends_with(b"\\") {
            name = name.get(1..).unwrap_or_default();
        }
        let hint = Hint::of(name);
        if hint.is_strong() && (signed.is_some() || hint.0 == NameKind::Password) {
            secrets |= 1 << nth;
        }
        nth += 1;
    }
    for word in 0..nth {
        at += blanks(at.min(hay.len()));
        if secrets >> word == 0 || at >= hay.len() || b"\n;|&)`".contains(&hay[at]) {
            return;
        }
        let start = at;
        at = word_end(hay, start, quotes);
        if secrets >> word & 1 == 1 {
            take(ends::unquoted(hay, start..at));
        }
    }
}

/// What `echo` or `printf` wrote for a program that reads a secret.
pub(super) fn printed_words(
    hay: &[u8],
    printed: &Printed,
    mut input: Input,
    take: &mut dyn FnMut(Range<usize>),
) {
    if input.reads == Stdin::Dialogue {
        return of_input(hay, printed.words.clone(), input, take);
    }
    let mut arguments = Arguments::of(input.program);
    let mut at = printed.words.start;
    let end = printed.words.end;
    let mut formatted = printed.formatted;
    let mut quotes = Quotes::default();
    while at < end {
        if hay[at].is_ascii_whitespace() {
            at += 1;
            continue;
        }
        let start = at;
        at = word_end(hay, start, &mut quotes).min(end);
        let inner = ends::unquoted(hay, start..at);
        let text = &hay[inner.clone()];
        let format = std::mem::take(&mut formatted) && memchr::memchr(b'%', text).is_some();
        // `printf 'root:%s' SECRET`
        if format && memchr::memmem::find(text, b":%s").is_some() {
            input = SECRET;
        }
        if format || text.starts_with(b"-") || text.len() < 4 {
            continue;
        }
        match input.reads {
            // `printf 'a:x\nb:y\n'`: up to the backslash of an escape.
            Stdin::Pairs => {
                let end = memchr::memchr(b'\\', text).map_or(inner.end, |len| inner.start + len);
                of_input(hay, inner.start..end, input, take);
            }
            // `echo AUTH SECRET`: a word each.
            Stdin::Words if memchr::memchr(b' ', text).is_none() => {
                if let Some(r) = arguments.next(text) {
                    take(inner.start + r.start..inner.start + r.end);
                }
            }
            _ => of_input(hay, inner, input, take),
        }
    }
}
