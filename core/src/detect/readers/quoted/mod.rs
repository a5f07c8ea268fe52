//! What quotes hold after words that say what it is: SQL (`PASSWORD 'x'`, `IDENTIFIED BY 'x'`),
//! messages (`spec.adminPassword: Invalid value: "x"`, `sets DB_PASSWORD to "x"`) and arguments of
//! functions (`define('DB_PASSWORD', 'x')`, `NetworkCredential("user", "x")`).

mod functions;
mod sql;

use std::ops::Range;

use super::ends::{self, Quotes};
use super::told::names_a_password;
use super::{Hint, is_value, last_name};
use crate::detect::runs::{NAME, run_back};
use crate::detect::values::is_hash;
use crate::detect::{Detector, Hit, NameKind, push};

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
    b"found:",
    b"not",
    b"be",
    b"must",
    b"a",
    b"literal",
    b"plain",
    b"plaintext",
    b"hardcoded",
    b"inline",
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
        if let Some((hint, called)) = name_before(&hay[..open]) {
            let Some(close) = closed_alike(hay, open).or_else(|| quotes.close(hay, open)) else {
                continue;
            };
            let before = hay[open + 1..close].iter().rev().take_while(|b| **b == b'\\').count();
            let value = ends::unquoted(hay, open + 1..close - before);
            let text = &hay[value.clone()];
            // The name of the next member of an object.
            let after = hay[close + 1..].iter().take(8).find(|b| !b.is_ascii_whitespace());
            if matches!(after, Some(b':' | b'=')) {
                continue;
            }
            if hint.goes(text) && (called || crate::detect::runs::looks_random(text)) {
                taken = close + 1;
                take(hay, value, hits);
            }
            continue;
        }
        if !says_secret(&hay[..open]) {
            if let Some(close) = quotes.close(hay, open)
                && (says_invalid(&hay[..open]) && names_secret(&hay[close + 1..])
                    || is_told(&hay[..open], &hay[open + 1..close])
                    || is_refused_for(&hay[close + 1..], &hay[open + 1..close]))
            {
                taken = close + 1;
                take(hay, open + 1..close, hits);
            }
            continue;
        }
        let Some(mut close) = quotes.close(hay, open) else { continue };
        // In SQL a quote within is written twice.
        while hay[open] == b'\'' && hay.get(close + 1) == Some(&b'\'') {
            let Some(next) = quotes.close(hay, close + 1) else { break };
            close = next;
        }
        taken = close + 1;
        take(hay, open + 1..close, hits);
    }
    refused(hay, hits);
    functions::read(hay, hits);
    sql::read(hay, hits);
}

/// Where a quote that has backslashes before it is closed by one that has as many: text within text.
fn closed_alike(hay: &[u8], open: usize) -> Option<usize> {
    let slashes = |at: usize| hay[..at].iter().rev().take(8).take_while(|b| **b == b'\\').count();
    let deep = slashes(open);
    if deep == 0 {
        return None;
    }
    let near = &hay[open + 1..hay.len().min(open + 1 + 8 * LONGEST)];
    let close = memchr::memchr_iter(hay[open], near).map(|at| open + 1 + at);
    close.take(16).find(|close| slashes(*close) <= deep)
}

fn take(hay: &[u8], range: Range<usize>, hits: &mut Vec<Hit>) {
    // `password_hash('sha512')`
    let text = &hay[range.clone()];
    if is_value(text) && !is_hash(text) && !is_between_texts(text) {
        push(hits, range.start, range.end, Detector::SecretAssignment);
    }
}

/// `'password of ' + object.metadata.name + ' is missing'`: what stands between two texts that are put
/// together.
fn is_between_texts(text: &[u8]) -> bool {
    let joins = |sign: &u8| matches!(sign, b'+' | b'.' | b'&' | b'~');
    matches!(text, [b' ', first, b' ', .., b' ', last, b' '] if joins(first) && first == last)
}

/// `The password for 'ops' is 'SECRET'`: who it is of stands between quotes, too.
fn is_told(before: &[u8], value: &[u8]) -> bool {
    let before = trimmed(before);
    let head = before.strip_suffix(b" is").or_else(|| before.strip_suffix(b" was"));
    let Some(head) = head.filter(|_| !value.contains(&b' ')) else { return false };
    let near = &head[head.len().saturating_sub(LONGEST)..];
    value.iter().any(u8::is_ascii_digit) && names_a_password(near, b"is")
}

/// PHP: `s:8:"password";s:14:"x"`, where the length stands before each text. As if it were a comma.
fn of_php(before: &[u8]) -> Option<&[u8]> {
    let digits = before.strip_suffix(b":")?;
    let digits = digits.iter().rev().take(6).take_while(|b| b.is_ascii_digit()).count();
    before[..before.len() - 1 - digits].strip_suffix(b"s:")?.strip_suffix(b";")
}

/// What a name between quotes hints that stands before a comma at the end, and whether a call starts
/// with it. A key id of Amazon hints at its key; `{default_pass,<<"x">>}` is Erlang.
fn name_before(before: &[u8]) -> Option<(Hint, bool)> {
    let before = before.strip_suffix(b"<<").unwrap_or(before);
    let text = trimmed(before);
    // `(password . "x")` of Lisp
    if let Some(head) = text.strip_suffix(b" .") {
        let name = last_name(head);
        let opens = head[..head.len() - name.len()].ends_with(b"(");
        return opens.then(|| Hint::of(name)).filter(|hint| hint.is_strong()).map(|h| (h, true));
    }
    let head = of_php(before).or_else(|| text.strip_suffix(b","))?;
    let head = trimmed(head);
    let [inner @ .., quote @ (b'"' | b'\'')] = head else {
        let start = run_back(head, head.len(), NAME, 64);
        let hint = Hint::of(&head[start..]);
        // Also `set :db_password, 'x'` of Ruby.
        let opens = [b"{".as_slice(), b":", b".put(", b".setProperty("]
            .iter()
            .any(|sign| head[..start].ends_with(sign));
        return (opens && hint.is_strong()).then_some((hint, true));
    };
    let inner = inner.strip_suffix(b"\\").unwrap_or(inner);
    let near = &inner[inner.len().saturating_sub(LONGEST)..];
    let open = memchr::memrchr(*quote, near)?;
    let name = &near[open + 1..];
    if is_key_id(name) {
        return Some((Hint(NameKind::Secret), true));
    }
    // `open("/run/api_token", "r")`
    if name.first() == Some(&b'/') {
        return None;
    }
    let hint = Hint::of(name);
    let before = trimmed(&near[..open]);
    let call = before.last() == Some(&b'(');
    // Tekton: `compareSecret('key', 'name of a Secret')`
    if before.ends_with(b"ompareSecret(") || before.ends_with(b" secret(") {
        return None;
    }
    // `r.Header.Set("Authorization", "token x")`
    // `define('AUTH_SALT', 'x')`
    let called = call && matches!(hint.0, NameKind::Header | NameKind::Weak);
    (hint.is_strong() || called).then_some((hint, call))
}

/// `AKIA…`: the id of a key, beside which the key stands.
fn is_key_id(name: &[u8]) -> bool {
    (16..=64).contains(&name.len())
        && [b"AKIA".as_slice(), b"ASIA", b"GOOG", b"LTAI", b"[redacted:aws-access-key]"]
            .iter()
            .any(|start| name.starts_with(start))
}

/// Numbers and lists that a message says are not valid: `spec.passwords: Invalid value: ["x"]: …`.
fn refused(hay: &[u8], hits: &mut Vec<Hit>) {
    for at in memchr::memmem::find_iter(hay, b" value: ") {
        let from = at + b" value: ".len();
        let before = &hay[at.saturating_sub(LONGEST)..at];
        let Some(path) = [b"Invalid".as_slice(), b"Unsupported", b"Duplicate"]
            .iter()
            .find_map(|word| before.strip_suffix(*word)?.strip_suffix(b": "))
        else {
            continue;
        };
        let start =
            path.iter().rposition(|b| matches!(b, b' ' | b'[' | b'"')).map_or(0, |at| at + 1);
        // `[spec.apiKey: …, spec.pin: …]`, `spec.tokens[1]`
        let whole = path.iter().rposition(|b| matches!(b, b' ' | b'"')).map_or(0, |at| at + 1);
        let hint =
            Hint::of(without_index(&path[if path.ends_with(b"]") { whole } else { start }..]));
        if !hint.is_strong() {
            continue;
        }
        let rest = &hay[from..hay.len().min(from + (1 << 10))];
        let len = match rest.first() {
            Some(b'[') => memchr::memmem::find(rest, b"]: ").map(|end| end + 1),
            Some(b'0'..=b'9') => rest.iter().position(|b| !b.is_ascii_digit()),
            _ => continue,
        };
        let range = from..from + len.unwrap_or(rest.len());
        let number = hay[from] != b'[';
        if !number || crate::detect::values::number_goes(hint.0, &hay[range.clone()]) {
            push(hits, range.start, range.end, Detector::SecretAssignment);
        }
    }
}

/// Whether a message says before the quote that what follows is not valid.
fn says_invalid(before: &[u8]) -> bool {
    let before = trimmed(before);
    [b"Invalid value:".as_slice(), b"Unsupported value:", b"Duplicate value:"]
        .iter()
        .any(|words| before.ends_with(words))
}

/// Whether a message goes on with the path of a field that holds a secret: `: spec.password must`.
fn names_secret(after: &[u8]) -> bool {
    let Some(rest) = after.strip_prefix(b":").or_else(|| after.strip_prefix(b"\\:")) else {
        return false;
    };
    let rest = rest.trim_ascii_start();
    let word = rest.iter().take(LONGEST).take_while(|b| !b.is_ascii_whitespace() && **b != b':');
    Hint::of(without_index(&rest[..word.count()])).is_strong()
}

/// Whether a message goes on with what is wrong with the value and the path of a field that holds a
/// secret: `"x" is not an acceptable value for spec.password`.
fn is_refused_for(after: &[u8], value: &[u8]) -> bool {
    const STARTS: &[&[u8]] =
        &[b" is ", b" was ", b" does ", b" cannot ", b" must ", b" given ", b" for "];
    if !STARTS.iter().any(|start| after.strip_prefix(b"\\").unwrap_or(after).starts_with(start)) {
        return false;
    }
    let near = &after[..after.len().min(96)];
    let sentence = &near[..memchr::memchr3(b';', b'"', b'\n', near).unwrap_or(near.len())];
    let Some(at) = memchr::memmem::rfind(sentence, b" for ") else { return false };
    let word = sentence[at + 5..].split(u8::is_ascii_whitespace).next().unwrap_or_default();
    let word = word.strip_suffix(b".").unwrap_or(word);
    let hint = Hint::of(without_index(word));
    hint.is_strong() && hint.goes(value)
}

/// Whether the quote at `open` stands after a space, a bracket or the mark of a kind of string.
fn follows_a_word(hay: &[u8], open: usize) -> bool {
    matches!(
        hay[..open],
        [.., b' ' | b'(' | b',' | b'\t' | b'\n' | b'\\']
            | [.., b';', b's', b':', _, b':']
            | [.., b';', b's', b':', _, _, b':']
            | [.., b';', b's', b':', _, _, _, b':']
            | [.., b'<', b'<']
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
    // No word of those below ends with a comma.
    if rest.last() == Some(&b',') {
        return false;
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
        // `expect "assword:"; send "x"`
        if nth == 0 && word == b"--" {
            rest = before;
            continue;
        }
        if word == b"send" {
            return contains_word(&before[before.len().saturating_sub(96)..], b"assword");
        }
        // Clojure: `{:password "x"}`
        if nth == 0
            && let [b':' | b'{', name @ ..] = word
        {
            let name = name.strip_prefix(b":").unwrap_or(name);
            return run_back(name, name.len(), NAME, LONGEST) == 0 && Hint::of(name).is_strong();
        }
        // Sops: `["db"]["password"] "x"`
        if nth == 0
            && let [b'[', path @ .., b']'] = word.strip_prefix(b"'").unwrap_or(word)
        {
            let name = &path[memchr::memrchr(b'[', path).map_or(0, |open| open + 1)..];
            let name = &name[ends::unquoted(name, 0..name.len())];
            return path.first() == Some(&b'"') && Hint::of(name).is_strong();
        }
        // `SET "app.jwt_secret" TO 'x'`
        if nth > 0
            && let [b'"', name @ .., b'"'] = word
            && Hint::of(name).is_strong()
        {
            return true;
        }
        if nth > 0 && matches!(word, [b'"' | b'\'', .., b'"' | b'\'']) {
            rest = before;
            continue;
        }
        if nth == 0 && SQL.iter().any(|known| word.eq_ignore_ascii_case(known)) {
            let line = &before[before.len().saturating_sub(64)..];
            return word[0].eq_ignore_ascii_case(&b'p')
                || word[0].eq_ignore_ascii_case(&b'o')
                || contains_word(line, b"IDENTIFIED");
        }
        // `Assign a password to the "postgres" user`
        if nth == 0 && word == b"the" {
            return false;
        }
        let between = BETWEEN.iter().any(|known| word.eq_ignore_ascii_case(known));
        if nth > 0 && !between {
            let name = word.strip_suffix(b":").or_else(|| word.strip_suffix(b",")).unwrap_or(word);
            // `COMMENT ON COLUMN u.password IS 'hash of it'`
            if before.ends_with(b"COMMENT ON COLUMN") {
                return false;
            }
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
