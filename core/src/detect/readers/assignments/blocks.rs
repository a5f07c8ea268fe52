//! Values that stand below their name: lists, block scalars, here-documents, and the
//! lines that they are made of.

use std::ops::Range;

use super::code::looks_secret;
use super::{LONGEST_DOCUMENT, Reader};
use crate::detect::readers::{Hint, arguments, ends, is_odd, is_value};
use crate::detect::runs::{BASE64, NAME, is, looks_random, run};
use crate::detect::{Detector, Hit, push};

impl Reader<'_> {
    /// What stands below `name:`: items of a list, a scalar on the next line, or secrets by name.
    pub(super) fn below(&mut self, name: usize, from: usize, hint: Hint, hits: &mut Vec<Hit>) {
        let hay = self.hay;
        let indent = indent(hay, name);
        let commented = hay[..name].trim_ascii_end().ends_with(b"#");
        let mut at = from;
        let mut first = true;
        for _ in 0..256 {
            let Some(start) = memchr::memchr(b'\n', &hay[at..]).map(|len| at + len + 1) else {
                return;
            };
            let end = memchr::memchr(b'\n', &hay[start..]).map_or(hay.len(), |len| start + len);
            let line = &hay[start..end];
            let depth = line.iter().take_while(|b| **b == b' ').count();
            let mut text = line.trim_ascii();
            // A comment below a name; below a name in a comment, what it would hold.
            if text.starts_with(b"#") {
                if !commented {
                    at = end;
                    continue;
                }
                let inner = text[1..].trim_ascii_start();
                if !is_odd(inner.strip_prefix(b"- ").unwrap_or(inner)) {
                    return;
                }
                text = inner;
            }
            let item = text.strip_prefix(b"- ");
            if matches!(text, b"[]" | b"{}") {
                return;
            }
            if text.is_empty() || depth < indent || depth == indent && item.is_none() {
                return;
            }
            let value = item.unwrap_or(text).trim_ascii();
            let member = memchr::memmem::find(value, b": ");
            let offset = start + (value.as_ptr() as usize - line.as_ptr() as usize);
            let (value, offset) = match member {
                // `alice: SECRET`, only what looks like one
                Some(colon) => {
                    let rest = value[colon + 2..].trim_ascii_start();
                    (rest, offset + (rest.as_ptr() as usize - value.as_ptr() as usize))
                }
                None if item.is_none() && !first => return,
                None => (value, offset),
            };
            // `ttl: "99h" # a comment`
            let value = match memchr::memmem::find(value, b" #") {
                Some(comment) if matches!(value[0], b'"' | b'\'') => {
                    value[..comment].trim_ascii_end()
                }
                _ => value,
            };
            if member.is_some() && !looks_secret(value) || value.ends_with(b":") {
                return;
            }
            let range = ends::unquoted(hay, offset..offset + value.len());
            let value = &hay[range.clone()];
            if (!self.prose || looks_random(value)) && hint.goes(value) {
                push(hits, range.start, range.end, Detector::SecretAssignment);
                self.taken = range.end;
            }
            first = false;
            at = end;
            if item.is_none() && member.is_none() {
                return;
            }
        }
    }

    /// Whether a block scalar starts at `from`.
    pub(super) fn is_block(&mut self, from: usize) -> bool {
        let line = self.line_of(from);
        let rest = self.hay[from + 1..line.end].trim_ascii();
        line.end < self.hay.len() && rest.len() <= 2
            || rest.first() == Some(&b'#')
            || rest.len() > 2
                && rest[..2].iter().all(|b| matches!(b, b'-' | b'+' | b' ' | b'0'..=b'9'))
                && rest.contains(&b'#')
    }

    /// The lines below `name: |`, as long as they are deeper than it.
    pub(super) fn scalar_block(&mut self, name: usize, from: usize) -> Option<Range<usize>> {
        let hay = self.hay;
        let first = self.line_of(from).end + 1;
        if first >= hay.len() || first < self.block {
            return None;
        }
        let end = block_end(hay, first, indent(hay, name));
        self.block = end;
        let inner = &hay[first..end];
        let start = first + (inner.len() - inner.trim_ascii_start().len());
        let end = first + inner.trim_ascii_end().len();
        (end > start).then_some(start..end)
    }

    /// The lines between `<<WORD` and `WORD`: of a shell, Terraform (`<<-`), Ruby (`<<~`) and PHP
    /// (`<<<`), also as what `$(cat <<WORD …)` prints.
    pub(super) fn here_document(&mut self, from: usize) -> Option<Range<usize>> {
        let hay = self.hay;
        let rest = &hay[from.min(hay.len())..];
        let head = &rest[..rest.len().min(64)];
        let quoted = usize::from(head.starts_with(b"\""));
        let command = [b"$(cat ".as_slice(), b"`cat "];
        let cat = command.iter().find(|cat| head[quoted..].starts_with(cat));
        let open = cat.map_or(0, |cat| quoted + cat.len());
        if !head[open..].starts_with(b"<<") || from < self.block {
            return None;
        }
        let signs = head[open..].iter().take_while(|b| b"<-~ '\"\\".contains(b)).count();
        let word = open + signs..run(head, open + signs, NAME, 32);
        let line = word.end + memchr::memchr(b'\n', &head[word.end..])?;
        let (start, word) = (from + line + 1, &head[word]);
        if word.is_empty() {
            return None;
        }
        // What is not closed near by goes as far as is looked.
        let near = &hay[start..hay.len().min(start + LONGEST_DOCUMENT)];
        let mut end = 0;
        for line in near.split(|b| *b == b'\n') {
            if let Some(rest) = line.trim_ascii_start().strip_prefix(word)
                && !rest.first().is_some_and(|b| is(*b, NAME))
            {
                break;
            }
            end += line.len() + 1;
        }
        let body = &near[..end.min(near.len())];
        self.block = start + body.len();
        let first = start + (body.len() - body.trim_ascii_start().len());
        let last = start + body.trim_ascii_end().len();
        (last > first).then_some(first..last)
    }

    /// cloud-init: the users below `chpasswd: list: |`, one `user:SECRET` a line.
    pub(super) fn users(&mut self, right: usize, hits: &mut Vec<Hit>) {
        let hay = self.hay;
        let line = self.line_of(right);
        let above = &hay[line.start.saturating_sub(128)..line.start];
        let from = right + blanks(hay, right);
        if memchr::memmem::rfind(above, b"chpasswd:").is_none()
            || !matches!(hay.get(from), Some(b'|' | b'>'))
        {
            return;
        }
        let name = line.start + indent(hay, right);
        if let Some(block) = self.scalar_block(name, from) {
            for range in arguments::pairs(&hay[block.clone()]) {
                let (start, end) = (block.start + range.start, block.start + range.end);
                if is_value(&hay[start..end]) {
                    push(hits, start, end, Detector::SecretAssignment);
                    self.taken = end;
                }
            }
        }
    }

    /// The line around `at`, measured once.
    pub(super) fn line_of(&mut self, at: usize) -> Range<usize> {
        if !(self.line.start..=self.line.end).contains(&at) || self.line.is_empty() {
            let start = memchr::memrchr(b'\n', &self.hay[..at]).map_or(0, |line| line + 1);
            let end = memchr::memchr(b'\n', &self.hay[at..]).map_or(self.hay.len(), |len| at + len);
            self.line = start..end;
        }
        self.line.clone()
    }

    /// A backslash at the end of a word says that the next line is more of it, as in properties.
    pub(super) fn continued(&self, from: usize, end: usize) -> usize {
        let mut end = end;
        for _ in 0..8 {
            let goes_on = end > from + 1
                && self.hay[end - 1] == b'\\'
                && !matches!(self.hay[end - 2], b' ' | b'\t' | b'\\')
                && self.hay.get(end) == Some(&b'\n');
            if !goes_on {
                break;
            }
            let rest = &self.hay[end + 1..];
            end += 1 + memchr::memchr(b'\n', &rest[..rest.len().min(1024)])
                .unwrap_or(rest.len().min(1024));
        }
        end
    }

    /// Where the line ends, or the first of these bytes stands.
    pub(super) fn line_end(&mut self, from: usize, stops: &[u8]) -> usize {
        let line = self.line_of(from.min(self.hay.len()));
        let end = line.end.max(from);
        if stops.is_empty() || from < self.stays {
            let end = end - usize::from(end > from && self.hay[end - 1] == b'\r');
            return self.continued(from, end);
        }
        let text = &self.hay[from..end];
        from + text.iter().position(|b| stops.contains(b)).unwrap_or(text.len())
    }
}

/// Whether a blank follows and then nothing but base64 to the end of the line.
pub(super) fn is_base64_line(hay: &[u8], at: usize) -> bool {
    let end = run(hay, at + 1, BASE64, 256);
    hay.get(at) == Some(&b' ') && end > at + 8 && hay.get(end).is_none_or(u8::is_ascii_whitespace)
}

/// How many blanks follow.
pub(super) fn blanks(hay: &[u8], from: usize) -> usize {
    hay[from.min(hay.len())..].iter().take_while(|b| matches!(b, b' ' | b'\t')).count()
}

pub(super) fn trim_end(hay: &[u8], from: usize, end: usize) -> usize {
    from + hay[from..end].trim_ascii_end().len()
}

/// How deep the line is indented that holds `at`; the dash of an item counts as a blank.
pub(super) fn indent(hay: &[u8], at: usize) -> usize {
    hay[..at].iter().rev().take(256).take_while(|b| matches!(b, b' ' | b'-' | b'"' | b'\'')).count()
}

/// Where the lines end that are deeper than `indent`.
pub(super) fn block_end(hay: &[u8], first: usize, indent: usize) -> usize {
    let mut at = first;
    while at < hay.len() {
        let end = memchr::memchr(b'\n', &hay[at..]).map_or(hay.len(), |len| at + len);
        let depth = hay[at..end].iter().take_while(|b| matches!(b, b' ' | b'\t')).count();
        if depth <= indent && at + depth < end {
            break;
        }
        at = (end + 1).min(hay.len());
    }
    at
}
