//! `name = value` and `name: value` as configuration and programs write them: YAML, properties,
//! dotenv, TOML, INI, JSON within text, dumps of Go, Python and Ruby, comparisons.

use std::ops::Range;

use super::ends::{self, Quotes};
use super::{Hint, headers, is_odd, last_name, refusals, told, values};
use crate::detect::names::is_called_alike;
use crate::detect::runs::{BASE64, NAME, is, looks_random, run};
use crate::detect::{Detector, Hit, NameKind, is_mixed, push};

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

/// What stands before a name.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Lead {
    /// White space, a dash, a `#` from the start of the line.
    Line,
    /// A bracket, comma or the like.
    Item,
    /// A word of a sentence or a command.
    Word,
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
            let own = (value == text || is_called_alike(text, value))
                && !matches!(hint.0, NameKind::Password | NameKind::Pass);
            let passed_on = !is_colon
                && glued_to_a_call(before)
                && hay[right..].starts_with(text)
                && matches!(hay.get(right + text.len()), Some(b',' | b')'));
            if passed_on
                || own
                || is_getter(hay, range.clone())
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

    /// How much is judged of a value that starts here: inside one that stays, only the start, so that
    /// a flood of names costs no more than a text.
    fn judged(&self, start: usize) -> usize {
        if start < self.stays { JUDGED } else { usize::MAX }
    }

    /// Where the value after a sign stands; `right` is what follows the sign.
    fn value(
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
            b'[' if is_colon && lead != Lead::Word => {
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
        let sign = right - if hay[right - 2] == b':' { 2 } else { 1 };
        if !glued && sign > 0 && matches!(hay[sign - 1], b' ' | b'\t') {
            return self.after_spaced_equals(from, lead);
        }
        Some(self.after_equals(name, from, lead))
    }

    /// What is glued to a text between quotes, as shells join words: `'a'"b"`.
    /// Programs have a sign between them.
    fn joined(&mut self, range: Range<usize>, glued: bool) -> Range<usize> {
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
    fn flow(&mut self, inner: Range<usize>, hint: Hint, hits: &mut Vec<Hit>) {
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
    fn array(&mut self, from: usize, hint: Hint, hits: &mut Vec<Hit>) {
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
                hint.goes(text) || !first && has_digit_and_letter(text) && super::is_value(text)
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
    fn quoted(&mut self, from: usize) -> Option<Range<usize>> {
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
    fn scalar(&mut self, from: usize) -> Option<Range<usize>> {
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
                && (!looks_random(text)
                    || text.split(|b| *b == b' ').count() > 4 && !values::looks_random(text))
                || super::says_what_is_wrong(text));
        (!sentence).then_some(range)
    }

    /// Where a plain scalar of YAML ends that goes on in deeper lines.
    fn folded(&self, name: usize, end: usize) -> usize {
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
    fn after_colon(&mut self, name: usize, from: usize, lead: Lead) -> Option<Range<usize>> {
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
        (end > from + 2 && !elsewhere && !is_scope(&hay[from..end])).then_some(from..end)
    }

    /// `name = value`: to the end of the line, but for a comment or what ends a statement.
    fn after_spaced_equals(&mut self, from: usize, lead: Lead) -> Option<Range<usize>> {
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
    fn after_equals(&mut self, name: usize, from: usize, lead: Lead) -> Range<usize> {
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
    fn word_end(&mut self, from: usize) -> usize {
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

    /// What stands below `name:`: items of a list, a scalar on the next line, or secrets by name.
    fn below(&mut self, name: usize, from: usize, hint: Hint, hits: &mut Vec<Hit>) {
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
    fn is_block(&mut self, from: usize) -> bool {
        let line = self.line_of(from);
        let rest = self.hay[from + 1..line.end].trim_ascii();
        line.end < self.hay.len() && rest.len() <= 2
            || rest.first() == Some(&b'#')
            || rest.len() > 2
                && rest[..2].iter().all(|b| matches!(b, b'-' | b'+' | b' ' | b'0'..=b'9'))
                && rest.contains(&b'#')
    }

    /// The lines below `name: |`, as long as they are deeper than it.
    fn scalar_block(&mut self, name: usize, from: usize) -> Option<Range<usize>> {
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
    fn here_document(&mut self, from: usize) -> Option<Range<usize>> {
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
    fn users(&mut self, right: usize, hits: &mut Vec<Hit>) {
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
            for range in super::arguments::pairs(&hay[block.clone()]) {
                let (start, end) = (block.start + range.start, block.start + range.end);
                if super::is_value(&hay[start..end]) {
                    push(hits, start, end, Detector::SecretAssignment);
                    self.taken = end;
                }
            }
        }
    }

    /// Whether a bracket is open on the line before `at`: `{a: b, name: value}`.
    fn in_flow(&mut self, at: usize) -> bool {
        let line = self.line_of(at);
        let before = &self.hay[line.start..at];
        before.iter().take(64).any(|b| *b == b'{')
    }

    /// A word of a sentence, without what the sentence puts after it.
    fn word(&mut self, from: usize) -> Range<usize> {
        let hay = self.hay;
        let mut end = self.word_end(from);
        while end > from && matches!(hay[end - 1], b'.' | b',' | b';' | b':' | b'?') {
            end -= 1;
        }
        from..end
    }

    /// Something short: a name between quotes or up to white space.
    fn short(&mut self, from: usize) -> Range<usize> {
        let hay = self.hay;
        let stop = |b: &u8| b.is_ascii_whitespace() || matches!(b, b',' | b'}' | b'/' | b'>');
        let rest = &hay[from.min(hay.len())..hay.len().min(from + LONGEST_NAME)];
        let skip = rest.iter().take_while(|b| matches!(b, b'\\')).count();
        let len = rest.iter().position(stop).unwrap_or(rest.len());
        from + skip.min(len)..from + len
    }

    /// The line around `at`, measured once.
    fn line_of(&mut self, at: usize) -> Range<usize> {
        if !(self.line.start..=self.line.end).contains(&at) || self.line.is_empty() {
            let start = memchr::memrchr(b'\n', &self.hay[..at]).map_or(0, |line| line + 1);
            let end = memchr::memchr(b'\n', &self.hay[at..]).map_or(self.hay.len(), |len| at + len);
            self.line = start..end;
        }
        self.line.clone()
    }

    /// A backslash at the end of a word says that the next line is more of it, as in properties.
    fn continued(&self, from: usize, end: usize) -> usize {
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
    fn line_end(&mut self, from: usize, stops: &[u8]) -> usize {
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
fn is_base64_line(hay: &[u8], at: usize) -> bool {
    let end = run(hay, at + 1, BASE64, 256);
    hay.get(at) == Some(&b' ') && end > at + 8 && hay.get(end).is_none_or(u8::is_ascii_whitespace)
}

/// Whether a value is code that reads one, a type or nothing: `parameter.token`, `db.password`, `string`.
fn is_read(value: &[u8]) -> bool {
    if value.len() <= 3 && !value.iter().any(u8::is_ascii_alphanumeric) {
        return true;
    }
    let value = value.strip_suffix(b";").or_else(|| value.strip_suffix(b",")).unwrap_or(value);
    // `password: string; token?: string`
    let first = &value[..memchr::memchr(b';', value).unwrap_or(value.len())];
    if is_type(first) || is_message_about(value) {
        return true;
    }
    let Some(dot) = memchr::memchr(b'.', value) else { return values::is_schema_type(value) };
    let last = &value[memchr::memrchr(b'.', value).map_or(0, |at| at + 1)..];
    let (first, plain) = (&value[..dot], value.iter().all(|b| is(*b, NAME) && *b != b'-'));
    let known = matches!(
        first,
        b"parameter" | b"context" | b"input" | b"var" | b"local" | b"self" | b"settings"
    );
    plain
        && value.len() <= LONGEST_NAME
        && first.first().is_some_and(u8::is_ascii_alphabetic)
        && !values::looks_random(value)
        && (known
            || Hint::of(last).is_strong()
                && last.iter().all(|b| b.is_ascii_alphabetic() || *b == b'_'))
}

/// `password: must not be empty`, `passwd: files systemd`, `forgot_password=Forgot your password?`: words
/// about a secret where one would stand.
fn is_message_about(value: &[u8]) -> bool {
    const FIRST: &[&[u8]] = &[
        b"must",
        b"should",
        b"cannot",
        b"can't",
        b"is",
        b"was",
        b"has",
        b"too",
        b"needs",
        b"does",
        b"expired",
        b"denied",
        b"mismatch",
        b"missing",
        b"required",
        b"invalid",
    ];
    // Where the C library looks for users.
    const SWITCH: &[&[u8]] =
        &[b"files", b"systemd", b"compat", b"sss", b"ldap", b"nis", b"db", b"winbind", b"cache"];
    let quotes = |b: &u8| matches!(b, b'"' | b'\'' | b')' | b';' | b'.' | b',');
    let ends = value.iter().rev().take_while(|b| quotes(b)).count();
    let value = &value[..value.len() - ends];
    if value.len() > LONGEST_NAME || value.iter().any(u8::is_ascii_digit) {
        return false;
    }
    let mut words = value.split(|b| matches!(b, b' ' | b';')).filter(|word| !word.is_empty());
    let Some(first) = words.next() else { return false };
    let more = words.clone().count();
    (FIRST.contains(&first) && (more > 0 || ends > 0))
        || SWITCH.contains(&first) && words.clone().all(|word| SWITCH.contains(&word))
        || more >= 2 && value.ends_with(b"?")
}

/// What a program puts behind the type of a variable: `str = "x"`.
fn after_type(value: &[u8]) -> Option<&[u8]> {
    let at = memchr::memmem::find(&value[..value.len().min(LONGEST_NAME)], b" = ")?;
    is_type(&value[..at]).then(|| &value[at + 3..])
}

/// `string password = 1;` of a protobuf: the number of a field.
fn is_field_of_message(before: &[u8], value: &[u8]) -> bool {
    let value = value.strip_suffix(b";").unwrap_or(value);
    (before.ends_with(b"string ") || before.ends_with(b"bytes "))
        && value.len() <= 5
        && value.iter().all(u8::is_ascii_digit)
}

/// `self.password = password`, where ` password` is what follows the sign.
fn is_kept_in_a_member(name: &[u8], value: &[u8]) -> bool {
    const OBJECTS: &[&[u8]] =
        &[b"self", b"this", b"cls", b"c", b"s", b"p", b"o", b"obj", b"cfg", b"req", b"user"];
    let Some(dot) = memchr::memrchr(b'.', name) else { return false };
    let Some(value) = value.strip_prefix(b" ") else { return false };
    // `self._private_key = private_key`
    let member = &name[dot + 1..];
    let value = value.strip_suffix(b";").unwrap_or(value);
    OBJECTS.contains(&&name[..dot]) && value == member.strip_prefix(b"_").unwrap_or(member)
}

fn first_word(text: &[u8]) -> &[u8] {
    let end = text.iter().position(|b| matches!(b, b' ' | b'\t' | b'\n'));
    &text[..end.unwrap_or(text.len())]
}

/// `$PASS" > app.conf`: what a shell puts there, then the quote that was opened before the name.
fn is_variable_before_a_quote(value: &[u8]) -> bool {
    let Some(name) = value.strip_prefix(b"$") else { return false };
    // `\"$(cat "/etc/token")\"`, as far as the first quote.
    if name.strip_prefix(b"(cat ").is_some_and(|path| matches!(path, [] | [b'"'] | [b'\\', b'"'])) {
        return true;
    }
    let end = run(name, 0, NAME, LONGEST_NAME);
    end > 0
        && matches!(name.get(end), Some(b'"'))
        && name[..end].iter().all(|b| b.is_ascii_alphanumeric() || *b == b'_')
}

/// Whether a call starts at `from` whose result is the value: `load()`, `token.unwrap()`,
/// `await getToken()`, `new Client(x)`.
fn is_call(hay: &[u8], from: usize) -> bool {
    let mut from = from;
    for word in [b"await ".as_slice(), b"new "] {
        from += if hay[from..].starts_with(word) { word.len() } else { 0 };
    }
    let end = run(hay, from, NAME, 64);
    let name = &hay[from..end];
    // `$_POST['password']`
    if let Some(rest) = hay[from..].strip_prefix(b"$") {
        let end = run(rest, 0, NAME, 64);
        return end > 0 && matches!(rest.get(end..end + 2), Some(b"['" | b"[\"" | b"->"));
    }
    let named = name.len() > 2
        && name.iter().all(|b| b.is_ascii_alphabetic() || matches!(b, b'_' | b'.'))
        && !looks_random(name);
    // `crypt(p, password)`, `argv[++i]`
    let given = hay[end.min(hay.len())..].get(1..).unwrap_or_default();
    let variable = given.iter().take(32).take_while(|b| b.is_ascii_lowercase() || **b == b'_');
    let variable = variable.count();
    named
        && match hay.get(end) {
            Some(b'(') => {
                matches!(given.first(), None | Some(b')' | b'\n'))
                    || variable > 0 && matches!(given.get(variable), Some(b',' | b'.' | b'('))
            }
            Some(b'[') => given.starts_with(b"++") || given.starts_with(b"i"),
            Some(b':') => calls_by_path(&hay[from..]),
            _ => false,
        }
}

/// `std::env::var(`, `handle:headers():get(`
fn calls_by_path(text: &[u8]) -> bool {
    let near = &text[..text.len().min(LONGEST_NAME)];
    let end = near.iter().position(|b| !(is(*b, NAME) || matches!(b, b':' | b'(' | b')')));
    let path = &near[..end.unwrap_or(near.len())];
    memchr::memchr(b'(', path).is_some() && !looks_random(path)
}

/// Where the text starts that a function is given whose result is the value: `SecretStr('x')`,
/// `Secret::new("x")`, `new String("x")`, `[]byte("x")`. What gets one from elsewhere is given its name.
fn call_with_a_text(hay: &[u8], from: usize) -> Option<usize> {
    let rest = hay.get(from..)?;
    let mut name = from;
    for word in [b"new ".as_slice(), b"[]"] {
        name += if rest.starts_with(word) { word.len() } else { 0 };
    }
    let mut end = run(hay, name, NAME, 32);
    for _ in 0..3 {
        if end == name || !hay[end..].starts_with(b"::") {
            break;
        }
        name = end + 2;
        end = run(hay, name, NAME, 32);
    }
    let called = end > name
        && hay.get(end) == Some(&b'(')
        && matches!(hay.get(end + 1), Some(b'"' | b'\''))
        && !is_getter(hay, name..end);
    called.then_some(end + 1)
}

/// The secret in `user:SECRET@host`.
fn login_before_a_host(word: &[u8]) -> Option<Range<usize>> {
    let colon = memchr::memchr(b':', word)?;
    let at = memchr::memrchr(b'@', word).filter(|at| *at > colon + 1)?;
    let secret = &word[colon + 1..at];
    (colon > 0 && !secret.starts_with(b"//") && super::is_value(secret)).then_some(colon + 1..at)
}

/// Whether what stands before a name is the bracket of a call, or an argument before it.
fn glued_to_a_call(before: &[u8]) -> bool {
    before.ends_with(b"(") || before.ends_with(b", ")
}

/// Whether a value is the type of one in a program: `password: str, name: str`.
fn is_type(value: &[u8]) -> bool {
    const OF: &[&[u8]] =
        &[b"Optional[", b"Mapped[", b"List[", b"Union[", b"Annotated[", b"SecretStr"];
    const TYPES: &[&[u8]] = &[
        b"String",
        b"ID",
        b"Int",
        b"Float",
        b"Boolean",
        b"str",
        b"bytes",
        b"int",
        b"float",
        b"bool",
        b"SecretStr",
        b"[]byte",
        b"any",
        b"string",
        b"Buffer",
        b"Uint8Array",
    ];
    let value = value.trim_ascii_end();
    let value = value.strip_suffix(b" = None").unwrap_or(value);
    // `String!` of GraphQL, `str | None` of Python
    let value =
        value.strip_suffix(b"!").or_else(|| value.strip_suffix(b" | None")).unwrap_or(value);
    // `Optional[str` is cut at its bracket where arguments are listed.
    let generic = OF.iter().any(|of| value.starts_with(of));
    if generic && value.iter().all(|b| is(*b, NAME) || b"[], |".contains(b)) {
        return true;
    }
    let inner = |open: &[u8], close: &[u8]| value.strip_prefix(open)?.strip_suffix(close);
    let value = inner(b"Optional[", b"]")
        .or_else(|| inner(b"Option<", b">"))
        .or_else(|| inner(b"Promise<", b">"))
        .unwrap_or(value);
    TYPES.contains(&value)
}

/// Whether a value is the call of a function that gives one: `getenv(`, `env(`, `file(`.
fn is_getter(hay: &[u8], value: Range<usize>) -> bool {
    const GETTERS: &[&[u8]] = &[
        b"getenv",
        b"env",
        b"environ",
        b"file",
        b"lookup",
        b"read",
        b"var",
        b"get",
        b"config",
        b"secret",
        b"open",
        // What runs a command.
        b"system",
        b"popen",
        b"output",
        b"execSync",
        b"exec",
        b"execute",
        b"require",
    ];
    const STARTS: &[&[u8]] = &[b"get", b"read", b"load", b"fetch"];
    // `std::env::var("X")` of Rust
    let (mut start, mut end) = (value.start, run(hay, value.start, NAME, 64));
    for _ in 0..3 {
        if end > start && hay[end..].starts_with(b"::") {
            start = end + 2;
            end = run(hay, start, NAME, 64);
        }
    }
    let name = &hay[start..end];
    let last = &name[name.iter().rposition(|b| matches!(b, b'.' | b'_')).map_or(0, |at| at + 1)..];
    end > start
        && hay.get(end) == Some(&b'(')
        && matches!(hay.get(end + 1), Some(b'\'' | b'"' | b'A'..=b'Z' | b'\\' | b'['))
        && (GETTERS.iter().any(|getter| last.eq_ignore_ascii_case(getter))
            // `request.getHeader(`, `input(`: a question, no answer.
            || STARTS.iter().any(|start| last.starts_with(start))
                && last.iter().any(u8::is_ascii_uppercase)
            || matches!(name, b"input" | b"prompt" | b"getpass.getpass" | b"__import__"))
}

/// Letters and digits, eight and more, and nothing that numbers, paths and options have.
fn has_digit_and_letter(text: &[u8]) -> bool {
    text.len() >= 8
        && is_mixed(text)
        && !text.iter().any(|b| matches!(b, b'/' | b'=' | b':' | b'.' | b'$'))
        && text[0] != b'-'
}

/// Where a JSON pointer ends that starts at `from`.
fn path_end(hay: &[u8], from: usize) -> usize {
    let in_path = |b: &u8| is(*b, NAME) || matches!(b, b'/' | b'~');
    from + hay[from.min(hay.len())..].iter().take(BESIDE).take_while(|b| in_path(b)).count()
}

/// What a JSON pointer hints: its last segment that is no index and no `value`.
fn of_pointer(path: &[u8]) -> Hint {
    let says = |segment: &&[u8]| {
        !segment.is_empty()
            && !matches!(*segment, b"value" | b"-")
            && !segment.iter().all(u8::is_ascii_digit)
    };
    let segment = path.rsplit(|b| *b == b'/').find(says).unwrap_or_default();
    let name = memchr::memmem::rfind(segment, b"~1").map_or(segment, |at| &segment[at + 2..]);
    let hint = Hint::of(name);
    if hint.is_strong() { hint } else { Hint(NameKind::Neither) }
}

/// A word between two signs, the first of which stands at `from`.
fn between(hay: &[u8], from: usize, open: &[u8], close: &[u8]) -> Option<Range<usize>> {
    let rest = hay[from..hay.len().min(from + BESIDE)].strip_prefix(open)?;
    let word = &rest[..memchr::memmem::find(rest, close)?];
    let plain = !word.is_empty() && !word.iter().any(|b| *b <= b' ' || matches!(b, b'$' | b'['));
    plain.then_some(from + open.len()..from + open.len() + word.len())
}

/// Where a text ends whose quotes are around it, outside of what looks like a value: at the first
/// quote of the kind `outer` after which a shell goes on with the next command.
fn closed_before(hay: &[u8], range: Range<usize>, outer: u8) -> usize {
    // The first one of a pair opens another text.
    let mut quotes = memchr::memchr_iter(outer, &hay[range.clone()]).take(8).step_by(2);
    let ends = quotes.find(|at| ends::ends_a_command(&hay[range.start + at + 1..range.end]));
    ends.map_or(range.end, |at| range.start + at)
}

/// A value in braces that ends a statement: no signs of JSON or of a template in it.
fn braced(hay: &[u8], from: usize) -> Option<Range<usize>> {
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

/// What the name of a variable of Terraform hints, whose `default` stands at `at`.
fn variable(hay: &[u8], at: usize) -> Option<Hint> {
    let before = &hay[at.saturating_sub(BESIDE)..at];
    let name = &before[memchr::memmem::rfind(before, b"variable \"")? + 10..];
    let name = &name[..memchr::memchr(b'"', name)?];
    Some(Hint::of(name)).filter(|hint| hint.hints())
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
    if !opens || !starts || !hint.is_strong() {
        return None;
    }
    let judged = &hay[from..crate::detect::runs::value_end(hay, from, JUDGED)];
    (judged.len() > 2 && hint.goes(judged) && !is_scope(judged))
        .then(|| (from, crate::detect::runs::value_end(hay, from, usize::MAX)))
}

/// `apikey:x`: keys have ordinary names, too, so a word of letters is none.
pub(in crate::detect) fn glued_key(hay: &[u8], colon: usize) -> Option<(usize, usize)> {
    let (from, to) = glued(hay, colon)?;
    let judged = &hay[from..to.min(from + JUDGED)];
    let has = |test: fn(&u8) -> bool| judged.iter().any(test);
    (has(u8::is_ascii_digit) && has(u8::is_ascii_alphabetic)).then_some((from, to))
}

/// What a scope lets one do with secrets: `token:read`, `password:reset`.
fn is_scope(word: &[u8]) -> bool {
    const VERBS: &[&[u8]] = &[
        b"read",
        b"write",
        b"list",
        b"create",
        b"update",
        b"delete",
        b"reset",
        b"rotate",
        b"revoke",
        b"introspect",
        b"exchange",
        b"manage",
        b"admin",
    ];
    VERBS.contains(&word)
}

fn ends_parameter(byte: u8) -> bool {
    byte <= b' '
        || matches!(
            byte,
            b'&' | b'#' | b';' | b'?' | b'=' | b'"' | b'\'' | b'<' | b'>' | b')' | b'\\'
        )
}

/// How many blanks follow.
fn blanks(hay: &[u8], from: usize) -> usize {
    hay[from.min(hay.len())..].iter().take_while(|b| matches!(b, b' ' | b'\t')).count()
}

fn trim_end(hay: &[u8], from: usize, end: usize) -> usize {
    from + hay[from..end].trim_ascii_end().len()
}

/// How deep the line is indented that holds `at`; the dash of an item counts as a blank.
fn indent(hay: &[u8], at: usize) -> usize {
    hay[..at].iter().rev().take(256).take_while(|b| matches!(b, b' ' | b'-' | b'"' | b'\'')).count()
}

/// Where the lines end that are deeper than `indent`.
fn block_end(hay: &[u8], first: usize, indent: usize) -> usize {
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

/// The name that ends before a sign at `left`: without blanks, quotes and brackets between.
fn name_before(hay: &[u8], left: usize) -> Option<Range<usize>> {
    let mut end = left;
    while end > 0 && left - end < 64 && matches!(hay[end - 1], b' ' | b'\t' | 0) {
        end -= 1;
    }
    // JSON with comments: `"password" /* which */ : "x"`
    if hay[..end].ends_with(b"*/") {
        let near = end.saturating_sub(BESIDE);
        end = near + memchr::memmem::rfind(&hay[near..end], b"/*")?;
        end = hay[..end].trim_ascii_end().len();
    }
    // JSON in HTML: `&quot;password&quot;:`
    if hay[..end].ends_with(b"&quot;") {
        end -= 6;
    }
    let spaced = end;
    while end > 0
        && spaced - end < 12
        && matches!(hay[end - 1], b'"' | b'\'' | b'`' | b'\\' | b']' | b')' | b'*')
    {
        end -= 1;
    }
    let in_name = |b: &u8| is(*b, NAME) || *b >= 0x80;
    let length = hay[..end].iter().rev().take(LONGEST_NAME).take_while(|b| in_name(b)).count();
    let mut start = end - length;
    if start > 0
        && hay[start - 1] == b'\\'
        && end > start
        && matches!(hay[start], b'n' | b'r' | b't')
    {
        // A line break spelled as an escape: text from a program's source.
        start += 1;
    }
    (start < end).then_some(start..end)
}

/// Whether a text ends with a letter as XML may write it: `&#97;`.
fn ends_with_entity(text: &[u8]) -> bool {
    let near = &text[text.len().saturating_sub(8)..];
    let inside = memchr::memmem::rfind(near, b"&#").map(|at| &near[at + 2..near.len() - 1]);
    inside.is_some_and(|inside| inside.iter().all(u8::is_ascii_alphanumeric))
}

/// The letter that an escape stands for, and how long that is: `\u0077`, `&#97;`.
fn unescaped(raw: &[u8]) -> Option<(u8, usize)> {
    let code =
        |digits: &[u8], radix| u8::from_str_radix(std::str::from_utf8(digits).ok()?, radix).ok();
    if raw.starts_with(b"\\u") {
        return Some((code(raw.get(2..6)?, 16)?, 6));
    }
    let rest = raw.strip_prefix(b"&#")?;
    let end = memchr::memchr(b';', &rest[..rest.len().min(6)])?;
    let digits = &rest[..end];
    let letter = match digits.strip_prefix(b"x") {
        Some(hex) => code(hex, 16),
        None => code(digits, 10),
    };
    Some((letter?, end + 3))
}

/// What a name hints that has `\u0077` in it, as JSON within text may, or `&#119;`.
fn escaped_name(hay: &[u8], end: usize) -> Hint {
    let in_name = |b: &u8| is(*b, NAME) || matches!(b, b'\\' | b'&' | b'#' | b';') || *b >= 0x80;
    let length = hay[..end].iter().rev().take(LONGEST_NAME).take_while(|b| in_name(b)).count();
    let raw = &hay[end - length..end];
    let mut name = [0u8; LONGEST_NAME];
    let (mut at, mut len) = (0, 0);
    while at < raw.len() {
        let (letter, width) = unescaped(&raw[at..]).unwrap_or((raw[at], 1));
        (name[len], at) = (letter, at + width);
        len += 1;
    }
    Hint::of(&name[..len])
}

/// Where a key starts that ends with a name: before it when it has several words, `"db password":`.
fn key_start(hay: &[u8], name: Range<usize>, is_colon: bool) -> usize {
    let quote = hay.get(name.end).filter(|b| is_colon && matches!(b, b'"' | b'\''));
    let near = name.start.saturating_sub(64);
    let open = quote.filter(|_| hay[..name.start].ends_with(b" ")).and_then(|quote| {
        let open = near + memchr::memrchr(*quote, &hay[near..name.start])?;
        let words = hay[open + 1..name.start].iter().all(|b| is(*b, NAME) || *b == b' ');
        words.then_some(open + 1)
    });
    open.unwrap_or(name.start)
}

/// What stands before the name that starts at `at`.
fn lead(hay: &[u8], at: usize) -> Lead {
    let mut blank = false;
    for (back, byte) in hay[..at].iter().rev().take(64).enumerate() {
        match byte {
            b'\n' | b'\r' => return Lead::Line,
            b' ' | b'\t' => blank = true,
            b'"' | b'\'' | b'\\' => {}
            b'-' | b'#' | b'*' | b'|' => {
                // Only from the start of the line.
                blank = true;
            }
            b'n' if hay[at - back - 1..].first() == Some(&b'n')
                && at >= back + 2
                && hay[at - back - 2] == b'\\' =>
            {
                return Lead::Line;
            }
            b'{' | b'[' | b'(' | b',' | b';' | b'&' | b'?' | b'<' => return Lead::Item,
            _ if !blank && back > 0 => return Lead::Item,
            _ => return Lead::Word,
        }
    }
    if at <= 64 { Lead::Line } else { Lead::Word }
}

/// Whether a word in a sentence or a map of anything looks like a secret: random, and no digest,
/// date or version.
fn looks_secret(text: &[u8]) -> bool {
    let inner = &text[ends::unquoted(text, 0..text.len())];
    let digits = inner.iter().filter(|b| b.is_ascii_digit()).count();
    let letters = inner.iter().filter(|b| b.is_ascii_alphabetic()).count();
    let hex = inner.iter().all(u8::is_ascii_hexdigit);
    inner.len() >= 8
        && digits > 0
        && letters > 1
        && !hex
        && looks_random(inner)
        && memchr::memchr2(b'/', b':', inner).is_none()
}

/// Whether the right side of ` = ` is code that reads a value: `var.x`, `os.environ["X"]`,
/// `get(x)`.
fn is_code(text: &[u8]) -> bool {
    let text = text.strip_suffix(b";").or_else(|| text.strip_suffix(b",")).unwrap_or(text);
    // `await getToken(`, `token or self.fetch()`
    let waits = text.strip_prefix(b"await ");
    let or = || {
        let at = memchr::memmem::find(&text[..text.len().min(LONGEST_NAME)], b" or ")?;
        text[..at].iter().all(|b| b.is_ascii_lowercase() || *b == b'_').then(|| &text[at + 4..])
    };
    let or = or();
    let awaited = waits.is_some();
    let text = waits.or(or).unwrap_or(text);
    let name = run(text, 0, NAME, LONGEST_NAME);
    // `process.env.TOKEN || ''`: what quotes hold there is read by itself.
    if text.starts_with(b"process.env.") {
        return true;
    }
    let dotted =
        name > 2 && text[0].is_ascii_alphabetic() && memchr::memchr(b'.', &text[..name]).is_some();
    match text.get(name) {
        None => dotted && !looks_random(text),
        // Also a call that goes on in the next line.
        Some(b'(') if name > 0 => {
            text.ends_with(b")") || (dotted || awaited) && text.len() == name + 1
        }
        Some(b':') => calls_by_path(text) && matches!(text.last(), Some(b'(' | b')')),
        Some(b'[') => name > 0 && text.ends_with(b"]"),
        _ => false,
    }
}
