//! The value to the right of a sign: it ends where its own syntax ends it.

use std::ops::Range;

use super::blocks::{blanks, indent, trim_end};
use super::code::{has_digit_and_letter, is_call, is_code};
use super::names::{Lead, is_scope, is_series};
use super::{BESIDE, LONGEST_NAME, Reader};
use crate::detect::readers::{Hint, ends, is_odd, is_value, says_what_is_wrong, values};
use crate::detect::runs::{NAME, is, looks_random};
use crate::detect::{Detector, Hit, push};

impl Reader<'_> {
    /// What is glued to a text between quotes, as shells join words: `'a'"b"`.
    /// Programs have a sign between them.
    pub(super) fn joined(&mut self, range: Range<usize>, glued: bool) -> Range<usize> {
        let hay = self.hay;
        let mut end = range.end;
        for _ in 0..8 {
            let mut open = end + 1;
            if !glued {
                open += blanks(hay, open);
                if !matches!(hay.get(open), Some(b'+' | b'.' | b'&')) {
                    break;
                }
                open += 1 + blanks(hay, open + 1);
            }
            let quoted = |at: usize| matches!(hay.get(at), Some(b'"' | b'\''));
            if !quoted(end) || !quoted(open) || self.quotes.close(hay, open).is_none() {
                break;
            }
            end = self.quotes.close(hay, open).unwrap_or(end);
        }
        range.start..end
    }

    /// The items of a list of YAML in one line that are secrets; all of them at once, if they are.
    pub(super) fn flow(&mut self, inner: Range<usize>, hint: Hint, hits: &mut Vec<Hit>) {
        let hay = self.hay;
        let items = || {
            let mut at = inner.start;
            hay[inner.clone()].split(|b| *b == b',').map(move |item| {
                let start = at + item.len() - item.trim_ascii_start().len();
                at += item.len() + 1;
                ends::unquoted(hay, start..start + item.trim_ascii().len())
            })
        };
        let goes = |range: &Range<usize>| {
            let text = &hay[range.clone()];
            // One or two letters are none, and judged they would make a flood.
            text.len() > 2 && hint.goes(text) && (!self.prose || looks_random(text))
        };
        if items().all(|range| goes(&range)) {
            let range = ends::unquoted(hay, inner.clone());
            push(hits, range.start, range.end, Detector::SecretAssignment);
            self.taken = inner.end;
            return;
        }
        for range in items().filter(goes) {
            push(hits, range.start, range.end, Detector::SecretAssignment);
            self.taken = range.end;
        }
    }

    /// The items of an array of a shell that are secrets: all under a name that says so, what follows
    /// a user under another.
    pub(super) fn array(&mut self, from: usize, hint: Hint, hits: &mut Vec<Hit>) {
        let hay = self.hay;
        let rest = &hay[from + 1..hay.len().min(from + 1 + BESIDE)];
        let Some(len) = memchr::memchr2(b')', b'\n', rest).filter(|len| rest[*len] == b')') else {
            return;
        };
        let mut at = from + 1;
        let close = at + len;
        let ends =
            |b: &u8| b.is_ascii_whitespace() || matches!(b, b';' | b'&' | b'|' | b'"' | b'\'');
        // `(?i)` is a pattern, `(x).y` code.
        if rest[0] == b'?' || !hay.get(close + 1).is_none_or(ends) {
            return;
        }
        let mut first = true;
        while at < close {
            if hay[at].is_ascii_whitespace() {
                at += 1;
                continue;
            }
            let range = self.quoted(at).filter(|range| range.end < close);
            let end = range.as_ref().map_or_else(
                || at + hay[at..close].iter().take_while(|b| !b.is_ascii_whitespace()).count(),
                |range| range.end + 1,
            );
            let item = range.unwrap_or(at..end);
            let text = &hay[item.clone()];
            let goes = if hint.is_strong() {
                hint.goes(text)
            } else {
                hint.goes(text) || !first && has_digit_and_letter(text) && is_value(text)
            };
            if goes {
                push(hits, item.start, item.end, Detector::SecretAssignment);
                self.taken = item.end;
            }
            first = false;
            at = end;
        }
    }

    /// What quotes hold at `from`: `"`, `'`, quotes behind backslashes, `b'…'` of Python.
    pub(super) fn quoted(&mut self, from: usize) -> Option<Range<usize>> {
        let hay = self.hay;
        let mut at = from;
        if matches!(hay.get(at), Some(b'b' | b'u' | b'r' | b'f' | b'B' | b'N' | b'E'))
            && matches!(hay.get(at + 1), Some(b'\'' | b'"'))
        {
            at += 1;
        }
        // `$'x\'y'` of a shell
        if hay.get(at) == Some(&b'$') && hay.get(at + 1) == Some(&b'\'') {
            let text = &hay[at + 2..hay.len().min(at + 2 + BESIDE)];
            let close = memchr::memchr_iter(b'\'', text).find(|end| {
                text[..*end].iter().rev().take_while(|b| **b == b'\\').count() % 2 == 0
            });
            return close.map(|len| at + 2..at + 2 + len);
        }
        let slashes = hay[at.min(hay.len())..].iter().take(16).take_while(|b| **b == b'\\').count();
        let open = at + slashes;
        let quote = *hay.get(open).filter(|b| matches!(b, b'"' | b'\''))?;
        let start = open + 1;
        // `'… password=''x'' …'`: quotes that are doubled within others.
        let inner =
            hay.get(start + 1).is_some_and(|b| b.is_ascii_graphic() && !b",;)]}'\"".contains(b));
        if slashes == 0 && quote == b'\'' && hay.get(start) == Some(&b'\'') && inner {
            let near = &hay[start + 1..hay.len().min(start + 1 + BESIDE)];
            if let Some(len) = memchr::memmem::find(near, b"''") {
                return Some(start + 1..start + 1 + len);
            }
        }
        // Three quotes of TOML and Python.
        if slashes == 0 && hay[start..].starts_with(&[quote; 2]) && self.tripled < start {
            let inner = start + 2;
            let close = memchr::memmem::find(&hay[inner..], &[quote; 3]);
            self.tripled = close.map_or(usize::MAX, |len| inner + len);
            if let Some(len) = close {
                let other = if quote == b'\'' { b'"' } else { b'\'' };
                return Some(inner..closed_before(hay, inner..inner + len, other));
            }
        }
        // `"{{ index . "password" }}"`
        let template = hay[start..].starts_with(b"{{").then(|| {
            let near = &hay[start..hay.len().min(start + BESIDE)];
            let close = start + memchr::memmem::find(near, b"}}")? + 2;
            (hay.get(close) == Some(&quote)).then_some(close)
        });
        let template = template.flatten();
        let close = if template.is_some() {
            template
        } else if slashes == 0 {
            let mut close = self.quotes.close(hay, open);
            // `''` is an apostrophe in YAML.
            while let Some(at) =
                close.filter(|at| quote == b'\'' && hay.get(at + 1) == Some(&b'\'') && *at > start)
            {
                close = self.quotes.close(hay, at + 1);
            }
            close
        } else {
            // Text that is escaped once more: the quote that closes has as many backslashes.
            ends::escaped_quote(hay, start, quote, slashes)
        };
        let end = close.unwrap_or_else(|| self.line_end(start, b""));
        // `echo "password='"; cat /etc/shadow`: the quotes around it end before this one does.
        let outer = if quote == b'\'' { b'"' } else { b'\'' };
        Some(start..closed_before(hay, start..end, outer))
    }

    /// A plain scalar of YAML: to the end of the line or a comment.
    pub(super) fn scalar(&mut self, from: usize) -> Option<Range<usize>> {
        let hay = self.hay;
        let end = self.line_end(from, b"");
        let text = &hay[from..end];
        let comment = memchr::memchr_iter(b'#', text)
            .find(|at| *at > 0 && matches!(text[at - 1], b' ' | b'\t'))
            .map_or(end, |at| from + at);
        let range = from..trim_end(hay, from, comment);
        let text = &hay[range.clone()];
        // A sentence, not a document: "token: must be set", "password: expired".
        let sentence = !self.many
            && (text.contains(&b' ')
                && !text.starts_with(b"$")
                // A template is one value, also with blanks in it.
                && !(text.starts_with(b"{{") && text.ends_with(b"}}"))
                && (!looks_random(text)
                    || text.split(|b| *b == b' ').count() > 4 && !values::looks_random(text))
                || says_what_is_wrong(text));
        (!sentence).then_some(range)
    }

    /// Where a plain scalar of YAML ends that goes on in deeper lines.
    pub(super) fn folded(&self, name: usize, end: usize) -> usize {
        let hay = self.hay;
        let indent = indent(hay, name);
        let mut end = end;
        for _ in 0..4 {
            let Some(line) = hay.get(end + 1..).filter(|_| hay[end] == b'\n') else { break };
            let line = &line[..line.len().min(BESIDE)];
            let line = &line[..memchr::memchr(b'\n', line).unwrap_or(line.len())];
            let depth = line.iter().take_while(|b| **b == b' ').count();
            let word = line.trim_ascii();
            // One word alone that nobody would write: all else is the text of something.
            if depth <= indent || !is_odd(word) || word.ends_with(b":") || word.starts_with(b"- ") {
                break;
            }
            end += 1 + line.trim_ascii_end().len();
        }
        end
    }

    /// What follows a colon without a space: headers, dumps of Go, `pwd:x`.
    pub(super) fn after_colon(
        &mut self,
        name: usize,
        from: usize,
        lead: Lead,
    ) -> Option<Range<usize>> {
        let hay = self.hay;
        let before = name.checked_sub(1).map_or(b' ', |before| hay[before]);
        let fits = lead != Lead::Word || matches!(before, b' ' | b'\t' | b'[' | b'(' | b'=');
        // `arn:aws:secretsmanager:…:secret:x`, `registry/token:1.2`
        if !fits || matches!(before, b':' | b'/' | b'@' | b'.') {
            return None;
        }
        let end = ends::word(hay, from, b",;)]}&|");
        // `-storepass:file PATH`, `-storepass:env NAME`
        let elsewhere = hay[name] == b'-' && matches!(&hay[from..end], b"file" | b"env");
        // A series ends where its name ends: `rate(token:issued:rate5m[5m])`.
        let series = || {
            let more = hay[from..end].iter().take(LONGEST_NAME);
            let more = more.take_while(|b| is(**b, NAME) || **b == b':').count();
            is_series(&hay[from..from + more])
        };
        (end > from + 2 && !elsewhere && !is_scope(&hay[from..end]) && !series())
            .then_some(from..end)
    }

    /// `name = value`: to the end of the line, but for a comment or what ends a statement.
    pub(super) fn after_spaced_equals(&mut self, from: usize, lead: Lead) -> Option<Range<usize>> {
        let hay = self.hay;
        if is_call(hay, from) {
            return None;
        }
        if lead != Lead::Line {
            return Some(self.word(from));
        }
        let end = self.line_end(from, b"");
        let text = &hay[from..end];
        let comment = memchr::memchr2_iter(b'#', b';', text)
            .find(|at| *at > 0 && matches!(text[at - 1], b' ' | b'\t'))
            .map_or(end, |at| from + at);
        let end = trim_end(hay, from, comment);
        let range = from..end;
        (!is_code(&hay[range.clone()])).then_some(range)
    }

    /// `name=value`.
    pub(super) fn after_equals(&mut self, name: usize, from: usize, lead: Lead) -> Range<usize> {
        let hay = self.hay;
        // A command over several lines.
        if hay.get(from) == Some(&b'`')
            && between(hay, from, b"`", b"`").is_some_and(|command| command.len() > 1)
        {
            return from..from;
        }
        // Properties have dots or dashes in their names, and spaces in their values.
        let line = self.line_of(from);
        let text = &hay[name..from];
        let is_property = lead == Lead::Line
            && text.iter().any(|b| matches!(b, b'.' | b'-'))
            && !text.starts_with(b"-");
        if is_property && self.many {
            return from..trim_end(hay, from, self.continued(from, line.end));
        }
        let end = self.word_end(from);
        // dotenv: blanks are in values, and no program is called `Vq7xK2mN4p8R5t9`.
        let rest = &hay[end..line.end.max(end)];
        let more = rest.trim_ascii();
        if lead == Lead::Line
            && self.many
            && rest.first() == Some(&b' ')
            && more.iter().all(u8::is_ascii_graphic)
            && is_odd(more)
        {
            return from..trim_end(hay, from, line.end);
        }
        from..end
    }

    /// Where the word ends that starts at `from` or goes on there.
    pub(super) fn word_end(&mut self, from: usize) -> usize {
        if !(self.word.start..self.word.end).contains(&from) {
            let word = from..ends::word(self.hay, from, b",;)]}&|><`");
            // Within the brackets of a command words end at blanks.
            if memchr::memchr2(b' ', b'\t', &self.hay[word.clone()]).is_some() {
                return word.end;
            }
            self.word = word;
        }
        self.word.end
    }

    /// Whether a bracket is open on the line before `at`: `{a: b, name: value}`.
    pub(super) fn in_flow(&mut self, at: usize) -> bool {
        let line = self.line_of(at);
        let before = &self.hay[line.start..at];
        before.iter().take(64).any(|b| *b == b'{')
    }

    /// A word of a sentence, without what the sentence puts after it.
    pub(super) fn word(&mut self, from: usize) -> Range<usize> {
        let hay = self.hay;
        let mut end = self.word_end(from);
        while end > from && matches!(hay[end - 1], b'.' | b',' | b';' | b':' | b'?') {
            end -= 1;
        }
        from..end
    }

    /// Something short: a name between quotes or up to white space.
    pub(super) fn short(&mut self, from: usize) -> Range<usize> {
        let hay = self.hay;
        let stop = |b: &u8| b.is_ascii_whitespace() || matches!(b, b',' | b'}' | b'/' | b'>');
        let rest = &hay[from.min(hay.len())..hay.len().min(from + LONGEST_NAME)];
        let skip = rest.iter().take_while(|b| matches!(b, b'\\')).count();
        let len = rest.iter().position(stop).unwrap_or(rest.len());
        from + skip.min(len)..from + len
    }
}

/// A word between two signs, the first of which stands at `from`.
pub(super) fn between(hay: &[u8], from: usize, open: &[u8], close: &[u8]) -> Option<Range<usize>> {
    let rest = hay[from..hay.len().min(from + BESIDE)].strip_prefix(open)?;
    let word = &rest[..memchr::memmem::find(rest, close)?];
    let plain = !word.is_empty() && !word.iter().any(|b| *b <= b' ' || matches!(b, b'$' | b'['));
    plain.then_some(from + open.len()..from + open.len() + word.len())
}

/// Where a text ends whose quotes are around it, outside of what looks like a value: at the first
/// quote of the kind `outer` after which a shell goes on with the next command.
pub(super) fn closed_before(hay: &[u8], range: Range<usize>, outer: u8) -> usize {
    // The first one of a pair opens another text.
    let mut quotes = memchr::memchr_iter(outer, &hay[range.clone()]).take(8).step_by(2);
    let ends = quotes.find(|at| ends::ends_a_command(&hay[range.start + at + 1..range.end]));
    ends.map_or(range.end, |at| range.start + at)
}

/// A value in braces that ends a statement: no signs of JSON or of a template in it.
pub(super) fn braced(hay: &[u8], from: usize) -> Option<Range<usize>> {
    let rest = &hay[from + 1..hay.len().min(from + 1 + 256)];
    let stops = |b: &u8| matches!(b, b'{' | b'}' | b':' | b'"' | b'\n' | b'\\');
    let mut len = rest.iter().position(stops)?;
    // A brace in it is doubled.
    while rest[len] == b'}' && rest.get(len + 1) == Some(&b'}') {
        len += 2 + rest[len + 2..].iter().position(stops)?;
    }
    let inner = from + 1..from + 1 + len;
    if closed_before(hay, inner.clone(), b'\'') < inner.end {
        return None;
    }
    let ends = rest.get(len + 1).is_none_or(|b| matches!(b, b';' | b'"' | b'\''));
    (rest[len] == b'}' && ends && len > 2).then_some(from + 1..from + 1 + len)
}
