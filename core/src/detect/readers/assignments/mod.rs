//! `name = value` and `name: value` as configuration and programs write them: YAML, properties,
//! dotenv, TOML, INI, JSON within text, dumps of Go, Python and Ruby, comparisons.

mod blocks;
mod code;
mod names;
mod spans;
mod value;

use std::ops::Range;

use super::ends::{self, Quotes};
use super::{Hint, headers, is_odd, last_name, refusals, told, values};
use crate::detect::names::is_called_alike;
use crate::detect::runs::{NAME, looks_random, run};
use crate::detect::{Detector, Hit, NameKind, push};
use blocks::{blanks, is_base64_line, trim_end};
use code::{
    after_type, first_word, glued_to_a_call, is_code, is_field_of_message, is_getter, is_index,
    is_kept_in_a_member, is_label, is_of_the_environment, is_read, is_variable_before_a_quote,
    login_before_a_host,
};
use names::{
    ends_parameter, ends_with_entity, escaped_name, is_scope, is_series, key_start, lead,
    name_before, of_pointer, path_end, variable,
};

/// Longest name that is read.
const LONGEST_NAME: usize = 128;
/// How much of a value inside another is judged.
const JUDGED: usize = 128;
/// How much of a here-document is read.
const LONGEST_DOCUMENT: usize = 8 << 10;
/// How far a value may be from the name that a member beside it says.
const BESIDE: usize = 256;

/// Appends the values whose names hint. `prose` says that the text describes things: only what
/// looks random goes then.
pub(super) fn read(hay: &[u8], prose: bool, hits: &mut Vec<Hit>) {
    let mut reader = Reader {
        hay,
        prose,
        many: memchr::memchr(b'\n', hay).is_some(),
        quotes: Quotes::default(),
        taken: 0,
        block: 0,
        stays: 0,
        plain: 0,
        weak: 0..0,
        word: 0..0,
        line: 0..0,
        tripled: 0,
        beside: None,
        value_before: None,
    };
    for at in memchr::memchr2_iter(b':', b'=', hay) {
        if at >= reader.taken {
            reader.sign(at, hits);
        }
    }
}

struct Reader<'a> {
    hay: &'a [u8],
    prose: bool,
    /// Whether the text has several lines.
    many: bool,
    quotes: Quotes,
    /// Where the last value that was taken ends.
    taken: usize,
    /// Where the last block below a name ends that stays.
    block: usize,
    /// Where the last value ends that stays.
    stays: usize,
    /// Where the last of these ends that does not look random.
    plain: usize,
    /// The name in it that was read last and is a weak one.
    weak: Range<usize>,
    /// The word that was measured last.
    word: Range<usize>,
    /// The line that was measured last.
    line: Range<usize>,
    /// To where three quotes were looked for.
    tripled: usize,
    /// What the last member called `name` hints, and where it ends.
    beside: Option<(Hint, usize)>,
    /// The value of the last member called `value` that nothing before it names.
    value_before: Option<Range<usize>>,
}

impl Reader<'_> {
    /// Looks at the colon or equals sign at `at`.
    fn sign(&mut self, at: usize, hits: &mut Vec<Hit>) {
        let hay = self.hay;
        let before = at.checked_sub(1).map_or(0, |before| hay[before]);
        let after = hay.get(at + 1).copied().unwrap_or(0);
        // Where the name ends and what follows the sign starts.
        let (left, right) = match (hay[at], after) {
            (b':', b'/') if hay.get(at + 2) == Some(&b'/') => return,
            // Jsonnet: `password:: 'x'`
            (b':', b':') if matches!(hay.get(at + 2..at + 4), Some([b' ', b'"' | b'\''])) => {
                (at, at + 2)
            }
            // LDIF: `userPassword:: BASE64`
            (b':', b':') if before != b':' && is_base64_line(hay, at + 2) => (at, at + 2),
            (b':', b':') => return,
            (b':', b'=') => (at, at + 2),
            (b':', _) if before == b':' => return,
            (b':', _) => (at, at + 1),
            (_, b'~') => return,
            (..) if matches!(before, b'=' | b'<' | b'>' | b':') => return,
            (_, b'=') => {
                let equals = 1 + usize::from(hay.get(at + 2) == Some(&b'='));
                (at - usize::from(before == b'!'), at + 1 + equals)
            }
            (_, b'>') => (at, at + 2),
            _ => (at - usize::from(matches!(before, b'!' | b'+' | b'?' | b'~')), at + 1),
        };
        let Some(name) = name_before(hay, left) else { return };
        let text = &hay[name.clone()];
        // Nothing in a value that stays and does not look random does: the same name again needs
        // no second look.
        if at < self.plain && hay[self.weak.clone()] == *text {
            return;
        }
        let is_colon = hay[at] == b':' && right == at + 1;
        let mut hint = match hay[..name.start].last() {
            Some(b'\\') => escaped_name(hay, name.end),
            // `p&#97;ssword="x"`
            Some(b';') if ends_with_entity(&hay[..name.start]) => escaped_name(hay, name.end),
            _ => Hint::of(text),
        };
        match text {
            b"name" | b"Name" | b"key" | b"Key" | b"id" => {
                let from = right + blanks(hay, right);
                let value = ends::unquoted(hay, self.short(from));
                let end = value.end;
                let named = Hint::of(&hay[value]);
                self.beside = Some((named, end));
                // `- value: x⏎  name: API_TOKEN`
                if let Some(value) = self.value_before.take()
                    && (value.end..value.end + 32).contains(&name.start)
                    && hay[value.end..name.start]
                        .iter()
                        .all(|b| b.is_ascii_whitespace() || matches!(b, b'"' | b'\''))
                    && named.is_strong()
                    && named.goes(&hay[value.clone()])
                {
                    push(hits, value.start, value.end, Detector::SecretAssignment);
                }
            }
            // `env[0].name=API_KEY,env[0].value=SECRET`
            b".name" if !is_colon => {
                let end = run(hay, right, NAME, LONGEST_NAME);
                self.beside = Some((Hint::of(&hay[right..end]), end));
            }
            // A patch of JSON, written as YAML: `path: /spec/adminPassword`.
            b"path" => {
                let from = right + blanks(hay, right);
                let value = ends::unquoted(hay, from..hay.len().min(from + LONGEST_NAME));
                let end = path_end(hay, value.start);
                if hay.get(value.start) == Some(&b'/') {
                    self.beside = Some((of_pointer(&hay[value.start..end]), end));
                }
            }
            // curl: `user = "name:SECRET"`
            b"user" | b"proxy-user" | b"login" if !is_colon => {
                let from = right + blanks(hay, right);
                let word = || (from == right).then(|| from..ends::word(hay, from, b",;)]}&|"));
                if let Some(range) = self.quoted(from).or_else(word)
                    && let Some(colon) = memchr::memchr(b':', &hay[range.clone()])
                    && values::looks_made_up(&hay[range.start + colon + 1..range.end])
                {
                    let start = range.start + colon + 1;
                    push(hits, start, range.end, Detector::SecretAssignment);
                    self.taken = range.end;
                    return;
                }
            }
            b"value" | b"Value" | b"val" | b"default" | b"defaultValue" | b".value" => {
                if let Some((beside, end)) = self.beside
                    && beside.hints()
                    && at - end.min(at) <= BESIDE
                {
                    hint = beside;
                } else if text == b"default" {
                    hint = variable(hay, name.start).unwrap_or(hint);
                } else if text == b"value" && is_colon {
                    let from = right + blanks(hay, right);
                    self.value_before = self.quoted(from).or_else(|| {
                        let end = self.line_end(from, b"");
                        (end > from).then(|| from..trim_end(hay, from, end))
                    });
                }
            }
            b"list" if is_colon => self.users(right, hits),
            _ if !hint.hints()
                && hay.get(right) == Some(&b' ')
                && (is_colon || before == b' ' && right == at + 1) =>
            {
                self.told(name.clone(), right + 1, is_colon, hits);
            }
            // Asterisk: `register => user:SECRET@host`
            b"register" if after == b'>' => {
                let from = right + blanks(hay, right);
                let word = from..self.word_end(from);
                if let Some(secret) = login_before_a_host(&hay[word.clone()]) {
                    let (start, end) = (from + secret.start, from + secret.end);
                    push(hits, start, end, Detector::SecretAssignment);
                    self.taken = word.end;
                    return;
                }
            }
            _ if !is_colon && right == at + 1 && !hint.hints() => {
                self.parameter(name.clone(), right, hits);
            }
            _ => {}
        }
        // `${TOKEN:?TOKEN is required}`: a message.
        if is_colon && matches!(after, b'?' | b'+') && hay[..name.start].ends_with(b"${") {
            return;
        }
        // What a program compares with a secret is one.
        if hint.0 == NameKind::Which
            && hay[at] == b'='
            && (matches!(before, b'!' | b'~') || after == b'=')
        {
            let from = right + blanks(hay, right);
            if matches!(hay.get(from), Some(b'"' | b'\'')) {
                hint = Hint(NameKind::Secret);
            }
        }
        if at < self.plain && !hint.is_strong() {
            self.weak = name;
            return;
        }
        // The CSI driver's `objectName: x⏎ secretKey: y`: the key of a Secret elsewhere.
        if text == b"secretKey" && is_colon {
            let near = &hay[name.start.saturating_sub(BESIDE)..hay.len().min(right + BESIDE)];
            let says = |word: &[u8]| memchr::memmem::find(near, word).is_some();
            let elsewhere: [&[u8]; 5] =
                [b"objectName", b"secretPath", b"remoteRef", b"envVar", b"secretName"];
            if elsewhere.into_iter().any(says) {
                hint = Hint(NameKind::WhichKey);
            }
        }
        // `^password=` is a pattern; `alias secret=` names a command, `--from-file=password=` a file.
        let before = &hay[..name.start];
        let elsewhere = || match before.last() {
            // A right in `/etc/sudoers`.
            _ if text == b"NOPASSWD" => true,
            // A test of Go: `--- PASS: TestTokens`.
            _ if text == b"PASS" => before.ends_with(b"--- "),
            Some(b'^') => true,
            Some(b' ') => before.ends_with(b"alias ") || before.ends_with(b"--from-file "),
            Some(b'=') => before.ends_with(b"--from-file="),
            _ => false,
        };
        if !hint.hints() || elsewhere() {
            return;
        }
        // `spec.password: Too long: may not be more than 8 bytes`: what is wrong is no value.
        let from = right + blanks(hay, right);
        if is_colon && let Some(value) = refusals::after(&hay[from.min(hay.len())..]) {
            let range = from + value.start..from + value.end;
            if !value.is_empty() && hint.goes(&hay[range.clone()]) {
                push(hits, range.start, range.end, Detector::SecretAssignment);
            }
            return;
        }
        let lead = lead(hay, key_start(hay, name.clone(), is_colon));
        if let Some(range) = self.value(name.start, right, is_colon, lead, hint, hits) {
            // `connect(password=password, …)`: an argument of the same name.
            // `accessKey: accessKey`: the name of a key.
            // `password: str = "x"`: the quotes hold it; `= Field(…)` is read elsewhere.
            let mut range = range;
            if is_colon && let Some(rest) = after_type(&hay[range.clone()]) {
                let start = range.end - rest.len();
                match self.quoted(start) {
                    Some(inner) => range = inner,
                    None if is_code(rest) || rest.ends_with(b"(") => return,
                    None => {}
                }
            }
            let value = &hay[range.clone()];
            // `label.apiKey=API key`: what a page calls it.
            let own = is_label(text, value)
                || (value == text || is_called_alike(text, value))
                    && !matches!(hint.0, NameKind::Password | NameKind::Pass);
            let passed_on = !is_colon
                && glued_to_a_call(before)
                && hay[right..].starts_with(text)
                && matches!(hay.get(right + text.len()), Some(b',' | b')'));
            if passed_on
                || own
                || is_getter(hay, range.clone())
                || is_index(hay, range.start)
                || is_read(&hay[range.clone()])
                || is_variable_before_a_quote(&hay[range.clone()])
                || is_field_of_message(before, &hay[range.clone()])
                || !is_colon && is_kept_in_a_member(text, &hay[right..range.end])
            {
                return;
            }
            let value = &hay[range.clone()];
            let value = &value[..value.len().min(self.judged(range.start))];
            // In a description a sentence follows that may quote anything.
            let word = if self.prose { first_word(value) } else { value };
            if (!self.prose || looks_random(word)) && hint.goes(value) {
                let (mut start, mut detector) = (range.start, Detector::SecretAssignment);
                if headers::is_authorization(text) {
                    start = headers::after_scheme(hay, start, range.end);
                    detector = Detector::AuthorizationHeader;
                }
                // Who logs in stays.
                if hint.0 == NameKind::Login
                    && let Some(colon) = memchr::memchr(b':', &hay[start..range.end - 1])
                {
                    start += colon + 1;
                }
                push(hits, start, range.end, detector);
                self.taken = range.end;
            } else {
                if range.start >= self.stays && !looks_random(&hay[range.clone()]) {
                    self.plain = range.end;
                }
                self.stays = self.stays.max(range.end);
            }
        }
    }

    /// `Password (admin): x`, `Password for anna: x`: the name stands before whose it is. Also
    /// `The password for user anna is: x`, and `Password for anna = x`.
    fn told(&mut self, whose: Range<usize>, from: usize, is_colon: bool, hits: &mut Vec<Hit>) {
        let hay = self.hay;
        let before = &hay[..whose.start];
        let head = [b" (".as_slice(), b" for ", b" of "]
            .iter()
            .find_map(|word| before.strip_suffix(*word))
            .filter(|_| is_colon);
        let hint = Hint::of(head.map_or(&[], last_name));
        // What follows a sentence about a password may be a plain one, if it is all that follows.
        let sentence = || {
            told::names_a_password(
                &before[before.len().saturating_sub(JUDGED)..],
                &hay[whose.clone()],
            )
        };
        let said = !hint.is_strong() && sentence();
        if !hint.is_strong() && !said {
            return;
        }
        let range = self.quoted(from).unwrap_or_else(|| self.word(from));
        let value = &hay[range.clone()];
        let last = || told::ends_a_sentence(&hay[range.end..]);
        let hint = if said { Hint(NameKind::Password) } else { hint };
        let odd = is_odd(value)
            || (said || hint.0 == NameKind::Password) && told::is_thought_up(value) && last();
        if odd && hint.goes(value) && (!self.prose || looks_random(value)) {
            push(hits, range.start, range.end, Detector::SecretAssignment);
            self.taken = range.end;
        }
    }

    /// A parameter of a query in a URL.
    fn parameter(&mut self, name: Range<usize>, from: usize, hits: &mut Vec<Hit>) {
        let hay = self.hay;
        let before = name.start.checked_sub(1).map_or(b'&', |before| hay[before]);
        if !super::may_be_parameter(&hay[name.clone()]) || !matches!(before, b'?' | b'&' | b';') {
            return;
        }
        let end =
            from + hay[from..].iter().take(4 << 10).take_while(|b| !ends_parameter(**b)).count();
        if super::parameter(&hay[name], &hay[from..end]) {
            push(hits, from, end, Detector::SecretAssignment);
            self.taken = end;
        }
    }
}

/// `password:x` in any bytes, also a raw line of JSON; `colon` is where the colon stands.
pub(in crate::detect) fn glued(hay: &[u8], colon: usize) -> Option<(usize, usize)> {
    let name = name_before(hay, colon)?;
    let before = name.start.checked_sub(1).map_or(b' ', |before| hay[before]);
    let opens =
        matches!(before, b' ' | b'"' | b'\'' | b'[' | b'{' | b'(' | b',' | b';' | b'&' | b'?');
    let from = colon + 1;
    let starts = hay
        .get(from)
        .is_some_and(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'\'' | b'/' | b'\\' | b':'));
    let hint = Hint::of(&hay[name]);
    // `${TOKEN:?must be set}`: a message.
    let message = before == b'{' && matches!(hay[from], b'?' | b'+' | b'-' | b'=');
    if !opens || !starts || message || !hint.is_strong() {
        return None;
    }
    let judged = &hay[from..crate::detect::runs::value_end(hay, from, JUDGED)];
    let reads = is_scope(judged) || is_series(judged) || is_of_the_environment(judged);
    (judged.len() > 2 && hint.goes(judged) && !reads)
        .then(|| (from, crate::detect::runs::value_end(hay, from, usize::MAX)))
}

/// `apikey:x`: keys have ordinary names, too, so a word of letters is none.
pub(in crate::detect) fn glued_key(hay: &[u8], colon: usize) -> Option<(usize, usize)> {
    let (from, to) = glued(hay, colon)?;
    let judged = &hay[from..to.min(from + JUDGED)];
    let has = |test: fn(&u8) -> bool| judged.iter().any(test);
    (has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic)).then_some((from, to))
}
