//! What is taken as the value of a name that says a secret, and what is left as it is.

use std::ops::Range;

use super::blocks::{blanks, trim_end};
use super::code::{call_with_a_text, is_call, is_code, is_declared, looks_secret};
use super::names::Lead;
use super::spans::{between, braced};
use super::{BESIDE, JUDGED, Reader};
use crate::detect::readers::{Hint, ends, is_odd};
use crate::detect::runs::{NAME, is};
use crate::detect::{Hit, NameKind};

impl Reader<'_> {
    /// Whether a list of quoted texts opens here that the name before calls passwords.
    fn opens_passwords(&self, from: usize, hint: Hint) -> bool {
        matches!(hint.0, NameKind::Password | NameKind::Pass | NameKind::Secret)
            && matches!(self.hay.get(from + 1), Some(b'"' | b'\''))
    }

    /// How much is judged of a value that starts here: inside one that stays, only the start, so that
    /// a flood of names costs no more than a text.
    pub(super) fn judged(&self, start: usize) -> usize {
        if start < self.stays { JUDGED } else { usize::MAX }
    }

    /// Where the value after a sign stands; `right` is what follows the sign.
    pub(super) fn value(
        &mut self,
        name: usize,
        right: usize,
        is_colon: bool,
        lead: Lead,
        hint: Hint,
        hits: &mut Vec<Hit>,
    ) -> Option<Range<usize>> {
        let hay = self.hay;
        let mut from = right + blanks(hay, right);
        let mut glued = from == right;
        // Markdown: `**Password:** x`
        if is_colon && glued && hay[from.min(hay.len())..].starts_with(b"** ") {
            from += 3;
            glued = false;
        }
        // Properties go on in the next line: `password=\`.
        if !is_colon && hay[from.min(hay.len())..].starts_with(b"\\\n") {
            from += 2 + blanks(hay, from + 2);
        }
        // `password = crypt('x', …)`, `SecretStr('x')`: what the function is given.
        if let Some(open) = call_with_a_text(hay, from)
            && let Some(range) = self.quoted(open)
        {
            return Some(range);
        }
        // `password = <<EOF`
        if let Some(body) = self.here_document(from) {
            return Some(body);
        }
        if lead == Lead::Item && hay.get(from) == Some(&b'\n') {
            let rest = &hay[from..hay.len().min(from + 256)];
            from += rest.len() - rest.trim_ascii_start().len();
            // PHP prints `["password"]=>⏎  string(9) "x"`.
            if let Some(rest) = hay[from..].strip_prefix(b"string(") {
                let digits = rest.iter().take(8).take_while(|b| b.is_ascii_digit()).count();
                if rest[digits..].starts_with(b") ") {
                    (from, glued) = (from + digits + b"string() ".len(), false);
                }
            }
        }
        if is_colon {
            // YAML: `&anchor`, `!tag`
            for _ in 0..2 {
                if matches!(hay.get(from), Some(b'&' | b'!')) && !glued {
                    // Home Assistant and CloudFormation: `!secret NAME`, `!Ref NAME`
                    let word = &hay[from..];
                    let names =
                        [b"!secret ".as_slice(), b"!Ref ", b"!GetAtt ", b"!env_var ", b"!ENV "];
                    if names.iter().any(|name| word.starts_with(name)) {
                        return None;
                    }
                    let word = hay[from..].iter().take(64).take_while(|b| !b.is_ascii_whitespace());
                    from += word.count();
                    from += blanks(hay, from);
                }
            }
        } else if hay.get(from) == Some(&b'\n') {
            return None;
        }
        // `PASSWORD= nsenter -t 1`: a variable without a value before a command of several words.
        if !glued && !is_colon && hay[right - 1] == b'=' && right > 1 && is(hay[right - 2], NAME) {
            let end = self.line_end(from, b";|&");
            let mut words = hay[from..end.max(from)].split(u8::is_ascii_whitespace);
            let first = words.next().unwrap_or_default();
            let given = |word: &[u8]| matches!(word, [b'-', ..]) || word.contains(&b'/');
            if first.contains(&b'/')
                || words.any(|word| given(word) || !word.is_empty() && !is_odd(first))
            {
                return None;
            }
        }
        // `?access_token= uid`: a parameter ends at the space.
        if !glued && !is_colon && name > 0 && matches!(hay[name - 1], b'?' | b'&') {
            return None;
        }
        // `'secret='`: the quote closes what was opened before the name.
        let closes = glued
            && !is_colon
            // `env['PASSWORD']='x'` closes them before.
            && !matches!(hay[right - 2], b'"' | b'\'' | b'\\' | b']')
            && name > 0
            && matches!(hay[name - 1], b'"' | b'\'');
        if closes && hay.get(from) == Some(&hay[name - 1]) {
            return None;
        }
        // `grep -r "password: " /etc; x`: the quote was opened before the name, and closes here.
        if matches!(hay.get(from), Some(b'"' | b'\''))
            && hay.get(from + 1).is_none_or(|b| b.is_ascii_whitespace() || b";|&)".contains(b))
        {
            let line = self.line_of(name).start.max(name.saturating_sub(BESIDE));
            let before = memchr::memchr_iter(hay[from], &hay[line.min(name)..name]).count();
            if before % 2 == 1 {
                return None;
            }
        }
        // `echo password=\"; x; echo \"`: a quote that is itself the value.
        if glued
            && !is_colon
            && let [b'\\', b'"' | b'\'', b';' | b'|' | b'&', b' ', ..] = hay[from.min(hay.len())..]
        {
            return None;
        }
        if let Some(range) = self.quoted(from) {
            // `f'{prefix}-{uuid()}'`, `"#{node['db']['pw']}"`: put together from other values.
            let inside = &hay[range.clone()];
            if hay[from] == b'f' && inside.starts_with(b"{") && inside.ends_with(b"}")
                || inside.starts_with(b"#{") && inside.ends_with(b"}")
            {
                return None;
            }
            // Quotes that are doubled end the value themselves.
            let doubled = range.start > 1 && hay[range.start - 2..range.start] == *b"''";
            return Some(if is_colon || doubled { range } else { self.joined(range, glued) });
        }
        match hay.get(from)? {
            // `CREDS=(admin SECRET)` of a shell
            b'(' if !is_colon && glued => {
                self.array(from, hint, hits);
                return None;
            }
            b'[' if ends::like_a_mark(&hay[from..]).is_some() => {}
            // Lua: `password = [[x]]`; JavaScript: `` password:`x` ``
            b'[' if !is_colon && between(hay, from, b"[[", b"]]").is_some() => {
                return between(hay, from, b"[[", b"]]");
            }
            // Also of Go and JavaScript: `` const password = `x` ``; glued, a shell runs it.
            b'`' if (is_colon || !glued || hay[right - 2..].starts_with(b":="))
                && between(hay, from, b"`", b"`").is_some() =>
            {
                return between(hay, from, b"`", b"`");
            }
            b'\n' | b'\r' if is_colon && lead == Lead::Line => {
                self.below(name, from, hint, hits);
                return None;
            }
            b'|' | b'>' if is_colon && self.is_block(from) => return self.scalar_block(name, from),
            b'#' if !glued => return None,
            b'*' if is_colon && lead == Lead::Line => return None,
            // Also `passwords = ["x", "y"]` of TOML and Python.
            b'[' if is_colon && lead != Lead::Word
                || !is_colon && self.opens_passwords(from, hint) =>
            {
                let close = self.line_end(from, b"]");
                let inner = from + 1..close;
                if matches!(&hay[inner.clone()], b"hidden" | b"masked" | b"removed" | b"omitted") {
                    return None;
                }
                let plain = memchr::memchr3(b'{', b'$', b'[', &hay[inner.clone()]).is_none();
                // `secrets: ["get", "list"]`
                if plain && memchr::memchr(b',', &hay[inner.clone()]).is_some() {
                    self.flow(inner, hint, hits);
                    return None;
                }
                return (plain && hay.get(close) == Some(&b']'))
                    .then(|| ends::unquoted(hay, inner));
            }
            // ADO: `Password={x};`
            b'{' if !is_colon && glued && braced(hay, from).is_some() => return braced(hay, from),
            b'{' | b'[' | b'(' if !hay[from..].starts_with(b"{{") => return None,
            b'<' if is_colon && !glued => return Some(from..self.line_end(from, b"")),
            _ => {}
        }
        if is_colon {
            if glued {
                return self.after_colon(name, from, lead);
            }
            return match lead {
                Lead::Line if !self.in_flow(name) => {
                    let range = self.scalar(from)?;
                    Some(range.start..self.folded(name, range.end))
                }
                // `-H='Authorization: Bearer x' url`: to the quote that opened it.
                Lead::Item if name > 0 && matches!(hay[name - 1], b'"' | b'\'') => {
                    let line = self.line_end(from, b"");
                    let close = memchr::memchr(hay[name - 1], &hay[from..line]);
                    let end = close.map_or_else(|| self.line_end(from, b",}])"), |len| from + len);
                    Some(from..trim_end(hay, from, end))
                }
                Lead::Line | Lead::Item => {
                    let end = self.line_end(from, b",}])");
                    Some(from..trim_end(hay, from, end))
                }
                Lead::Word => {
                    let word = self.word(from);
                    looks_secret(&hay[word.clone()]).then_some(word)
                }
            };
        }
        // `has(self.password) != has(self.passwordSecretRef)`
        if !glued && hay[right - 2..right] == *b"!=" && is_call(hay, from) {
            return None;
        }
        let sign = right - if hay[right - 2] == b':' { 2 } else { 1 };
        if !glued && sign > 0 && matches!(hay[sign - 1], b' ' | b'\t') {
            if lead == Lead::Word
                && is_declared(&hay[..name])
                && is_code(hay[from..self.line_end(from, b"")].trim_ascii_end())
            {
                return None;
            }
            return self.after_spaced_equals(from, lead);
        }
        let range = self.after_equals(name, from, lead);
        // `password=abc\⏎  def` of properties. The next line of a command is one of several words.
        let end = self.continued(range.start, range.end);
        let more = hay[range.end..end].trim_ascii();
        let one = !more.iter().any(u8::is_ascii_whitespace) && !more.starts_with(b"-");
        Some(range.start..if one { end } else { range.end })
    }
}
