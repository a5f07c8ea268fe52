//! Commands inside a text: a line is cut into words as a shell does it, and each command
//! in it is read as the list of its arguments.

use std::ops::Range;

use super::input::{
    SECRET, formatted, here_document, of_input, of_passwd, printed_words, written_line,
};
use super::options::is_shell_variable;
use super::{Arguments, DEEPEST, LONGEST_NAME, LONGEST_QUOTED, OF};
use crate::detect::readers::ends::Quotes;
use crate::detect::readers::told::is_thought_up;
use crate::detect::readers::{Hint, directives, ends, is_prose, is_value, mark, programs, values};
use crate::detect::runs::{NAME, run, run_back};
use crate::detect::values::looks_made_up;
use crate::detect::{Detector, Hit, NameKind, classify, push};

/// What a command printed that is piped into the next one.
#[derive(Clone)]
pub(super) struct Printed {
    pub(super) words: Range<usize>,
    /// The first word says how the others are printed.
    pub(super) formatted: bool,
}

/// Appends the secrets among the arguments of every command in a text.
pub(in crate::detect::readers) fn lines(hay: &[u8], hits: &mut Vec<Hit>) {
    let from = hits.len();
    inside(hay, 0, 0, hits);
    // Quoted lines were read on the way, from their start.
    hits[from..].sort_unstable_by_key(|hit| hit.start);
}

pub(super) fn inside(hay: &[u8], base: usize, depth: u8, hits: &mut Vec<Hit>) {
    let mut arguments = Arguments::of_a_line();
    let mut quotes = Quotes::default();
    let mut first = true;
    let mut echo: Option<Printed> = None;
    let mut printed: Option<Printed> = None;
    // What was printed goes through this command as it is.
    let mut passes = false;
    // `(echo x; echo y) |`: what was printed last in brackets.
    let mut group: [Option<Printed>; 2] = [None, None];
    let mut here = false;
    let mut listed = false;
    // What is printed in `<(…)` or `$(…)` here is a secret.
    let mut substituted = false;
    // What it prints is the value of a variable that holds a secret.
    let mut assigned = false;
    // The last word was `password`, or `password is`; for how many words that holds.
    let mut said = 0u8;
    // Where the line starts, or what was not looked through for names yet.
    let mut line = 0;
    // `printf -v NAME FORMAT VALUE`: how many words of it were read; `set -gx NAME VALUE` of fish is
    // that without the format.
    let mut variable = 0u8;
    // Whether the line is a comment.
    let mut comment = is_comment(hay, 0);
    // The last two words were `client secret` or the like.
    let mut worded = false;
    let mut last: &[u8] = b"";
    // The next word is a file that is written to.
    let mut target = false;
    let mut at = usize::from(hay.starts_with(b"- "));
    let take = |range: Range<usize>, hits: &mut Vec<Hit>| {
        if !range.is_empty() && is_value(&hay[range.clone()]) {
            push(hits, base + range.start, base + range.end, Detector::SecretAssignment);
        }
    };
    while at < hay.len() {
        match hay[at] {
            b'\\' if matches!(hay.get(at + 1), Some(b'\n')) => at += 2,
            b'\n' => {
                at += 1;
                line = at;
                comment = is_comment(hay, at);
                let blanks = hay[at..].iter().take_while(|b| **b == b' ').count();
                let item = hay[at + blanks..].starts_with(b"- ");
                // Arguments one below the other, as items of a YAML list.
                if !(item && listed) {
                    (arguments, first, echo, printed) = (Arguments::of_a_line(), true, None, None);
                }
                listed = item;
                at += blanks + usize::from(item);
            }
            b'|' if hay.get(at + 1) != Some(&b'|') => {
                if !hay[..at].trim_ascii_end().ends_with(b")") {
                    group = [None, None];
                }
                let last = printed.take().filter(|_| passes);
                printed = echo.take().or_else(|| group[1].take()).or(last);
                passes = false;
                (arguments, first) = (Arguments::of_a_line(), true);
                at += 1;
            }
            b'<' | b'$' if hay.get(at + 1) == Some(&b'(') && !is_simple(hay, at) => {
                // `--password-file <(echo SECRET)`
                let before = hay[..at].trim_ascii_end();
                let named = before.strip_suffix(b"=").unwrap_or(before);
                let word = &named[run_back(named, named.len(), NAME, 64)..];
                let glued = before.len() == at && arguments.glues(word);
                // `--keyFile <(echo SECRET)`, `docker secret create x <(echo SECRET)`
                let file = hay[at] == b'<'
                    && (arguments.makes_secret
                        || word
                            .last_chunk::<7>()
                            .is_some_and(|end| end.eq_ignore_ascii_case(b"keyfile"))
                        || word.ends_with(b"key-file"));
                let word = &word[word.iter().take_while(|b| **b == b'-').count()..];
                substituted =
                    glued || file || arguments.expects() || classify(word) != NameKind::Neither;
                assigned = hay[at] == b'$' && before.ends_with(b"=") && Hint::of(word).is_strong();
                (arguments, first, echo, printed) = (Arguments::of_a_line(), true, None, None);
                at += 2;
            }
            byte @ (b';' | b'|' | b'&' | b'(' | b')' | b'`' | b'{' | b'}') => {
                assigned = false;
                if byte == b')'
                    && std::mem::take(&mut substituted)
                    && let Some(echo) = &echo
                {
                    printed_words(hay, echo, SECRET, &mut |range| take(range, hits));
                }
                group = match (byte, echo.take()) {
                    (b';', last) => [None, last],
                    (b')', Some(last)) => [group[1].take(), Some(last)],
                    _ => [None, None],
                };
                (arguments, first, printed) = (Arguments::of_a_line(), true, None);
                at += 1;
            }
            b'<' if hay[at..].starts_with(b"<<<") => {
                here = true;
                at += 3;
            }
            b'<' if hay[at..].starts_with(b"<<") => {
                at += 2;
                if let Some(input) = arguments.stdin() {
                    at = here_document(hay, at, input, &mut |range| take(range, hits));
                } else if let Some(range) = written_line(hay, at) {
                    take(range, hits);
                }
            }
            b'>' | b'<' => {
                target = true;
                at += 1;
            }
            b'[' if mark(&hay[at..]).is_none() => at += 1,
            // `Command '['mysql', '-px']'` of Python
            b'\'' | b'"' if matches!(hay.get(at + 1..at + 3), Some(b"['" | b"[\"")) => at += 2,
            b' ' | b'\t' | b'\r' | b'#' | b',' | b']' => at += 1,
            _ => {
                let start = at;
                at = word_end(hay, start, &mut quotes);
                let inner = ends::unquoted(hay, trimmed(hay, start..at));
                let text = &hay[inner.clone()];
                if std::mem::take(&mut target) && memchr::memchr(b'/', text).is_some() {
                    // `echo SECRET > /run/secrets/db_password`
                    let file = &text[memchr::memrchr(b'/', text).map_or(0, |slash| slash + 1)..];
                    // The second field of `/etc/passwd` is `x` as a rule: who was made must be seen.
                    if let Some(echo) = &echo {
                        if text.ends_with(b"etc/passwd") {
                            of_passwd(hay, echo.words.clone(), &mut |range| take(range, hits));
                        } else if Hint::of(file).is_strong() {
                            printed_words(hay, echo, SECRET, &mut |range| take(range, hits));
                        }
                    }
                    continue;
                }
                if std::mem::take(&mut here) {
                    // `<<< "$line"`
                    let variable = hay[start] != b'\'' && is_shell_variable(text);
                    if let Some(input) = arguments.stdin().filter(|_| !variable) {
                        of_input(hay, inner, input, &mut |range| take(range, hits));
                    }
                    continue;
                }
                // In a list the comma stands after a quote; elsewhere it ends a sentence.
                let sentence = hay[at - 1] == b',' && !matches!(hay[at - 2], b'"' | b'\'');
                let flagged = arguments.flagged.is_some();
                if first && text == b"printf" {
                    formatted(hay, at, &mut quotes, &mut |range| take(range, hits));
                }
                if first && programs::prints(text) {
                    echo = Some(Printed { words: at..at, formatted: text == b"printf" });
                } else if let Some(echo) = &mut echo {
                    echo.words.end = at;
                }
                variable = match (variable, text) {
                    (_, b"printf") if first => 1,
                    (_, b"set") if first => 5,
                    (1, b"-v") => 2,
                    (5, b"-x" | b"-gx" | b"-Ux" | b"-lx" | b"--export") => 6,
                    (6, name) if Hint::of(name).is_strong() => 4,
                    (2, name) if Hint::of(name).is_strong() => 3,
                    (3, _) => 4,
                    (4, _) => {
                        take(inner.clone(), hits);
                        0
                    }
                    _ => 0,
                };
                // `yes SECRET | head -2 | passwd root`
                passes |= first && matches!(text, b"head" | b"tail" | b"cat" | b"tr" | b"tee");
                // `PASSWORD=$(echo -n SECRET | base64)`
                if first
                    && assigned
                    && (passes || text == b"base64")
                    && let Some(printed) = &printed
                {
                    printed_words(hay, printed, SECRET, &mut |range| take(range, hits));
                }
                // `RUN echo x | y`, `* * * * * echo x | y`
                first = first && leads_a_command(text);
                // `the initial password is SECRET`
                let told = (1..OF).contains(&said)
                    && (looks_made_up(plain_word(text))
                        || matches!(last, b"to" | b"from" | b"value")
                            && is_thought_up(plain_word(text)))
                    || worded && text.len() >= 20 && values::looks_random(plain_word(text));
                worded = names_a_secret(last, text);
                let before_last = std::mem::replace(&mut last, text);
                said = match text {
                    b"credentials" | b"credentials:" | b"Credentials:" => 3,
                    // `spec.apiKey must be a word, got SECRET`
                    b"got" | b"given:" => {
                        let named = names_secret_before(&hay[line..start]);
                        line = at;
                        u8::from(named)
                    }
                    b"is" | b"was" | b"is:" | b"was:" if said > 0 => 1,
                    // `the password was set to SECRET`, `changed from SECRET to SECRET`
                    b"set" | b"reset" | b"changed" | b"updated" | b"rotated" | b"to" | b"from"
                    | b"with" | b"value" | b"now"
                        if (1..OF).contains(&said) =>
                    {
                        1
                    }
                    _ if told && before_last == b"from" => 2,
                    // `the password of root is SECRET`
                    b"of" | b"for" if said == 1 => OF + 1,
                    _ if said == OF => 0,
                    _ if says_password(text) => 1,
                    _ => said.saturating_sub(1),
                };
                if told {
                    let end = inner.start + plain_word(text).len();
                    take(inner.start..end, hits);
                }
                // `echo SECRET | xargs -I{} mysql -p{}`
                if let Some(option) = text.strip_suffix(b"{}")
                    && (if option.is_empty() {
                        arguments.expects()
                    } else {
                        arguments.glues(option)
                    })
                    && let Some(printed) = printed.take()
                {
                    printed_words(hay, &printed, SECRET, &mut |range| take(range, hits));
                }
                let asked = arguments.expects() || text.starts_with(b"-");
                let mut found = arguments.next(text);
                // `# a password in htpasswd format`: a comment tells about a program.
                if comment && !asked {
                    found =
                        found.filter(|range| text[range.clone()].iter().any(u8::is_ascii_digit));
                }
                if printed.is_some()
                    && let Some(input) = arguments.stdin()
                    && let Some(printed) = printed.take()
                {
                    if let Some(first) = group[0].take() {
                        printed_words(hay, &first, input, &mut |range| take(range, hits));
                    }
                    printed_words(hay, &printed, input, &mut |range| take(range, hits));
                }
                if sentence {
                    arguments = Arguments::of_a_line();
                }
                match found {
                    // "the option --token is"
                    Some(_) if flagged && is_prose(text) => {}
                    Some(range) if is_shell_variable(&text[range.clone()]) => {}
                    Some(range) => take(inner.start + range.start..inner.start + range.end, hits),
                    // `echo host:5432:*:app:SECRET > ~/.pgpass`
                    None if let Some(r) = directives::of_pgpass(text) => {
                        take(inner.start + r.start..inner.start + r.end, hits);
                    }
                    None if depth < DEEPEST && memchr::memchr(b' ', text).is_some() => {
                        // A line within quotes: `sh -c "x"`, `a="$(x)"`.
                        let quote = memchr::memchr2(b'"', b'\'', &hay[start..at]);
                        if let Some(quote) = quote.map(|quote| start + quote) {
                            let line = ends::unquoted(hay, quote..at);
                            // `echo ': PSK "SECRET"' >> /etc/ipsec.secrets`
                            if echo.is_some() {
                                let from = hits.len();
                                directives::read(&hay[line.clone()], hits);
                                for hit in &mut hits[from..] {
                                    hit.start += (base + line.start) as u32;
                                    hit.end += (base + line.start) as u32;
                                }
                            }
                            inside(&hay[line.clone()], base + line.start, depth + 1, hits);
                        }
                    }
                    None => {}
                }
            }
        }
    }
}

/// Whether one of the last words is the path or name of a field that holds a secret.
pub(super) fn names_secret_before(before: &[u8]) -> bool {
    let near = &before[before.len().saturating_sub(96)..];
    near.split(|b| b.is_ascii_whitespace() || matches!(b, b':' | b',' | b'"' | b'\''))
        .any(|word| word.len() > 4 && Hint::of(word).is_strong())
}

/// `client secret`, `access token`, `api key`: two words of a sentence.
pub(super) fn names_a_secret(first: &[u8], second: &[u8]) -> bool {
    const FIRST: [&[u8]; 9] = [
        b"client", b"access", b"api", b"API", b"auth", b"refresh", b"secret", b"bearer", b"signing",
    ];
    matches!(second, b"secret" | b"token" | b"key") && FIRST.contains(&first)
}

/// Whether a word before the name of a program is one of a Dockerfile, a crontab or a shell.
pub(super) fn leads_a_command(word: &[u8]) -> bool {
    matches!(
        word,
        b"RUN" | b"sudo" | b"do" | b"then" | b"else" | b"time" | b"exec" | b"nohup" | b"if"
    ) || word.len() < 12
        && word.iter().all(|b| b.is_ascii_digit() || matches!(b, b'*' | b'/' | b'-'))
}

/// Whether the first sign of the line is `#`.
pub(super) fn is_comment(hay: &[u8], at: usize) -> bool {
    hay[at..].iter().take(64).find(|b| !matches!(b, b' ' | b'\t')) == Some(&b'#')
}

/// Whether a word of a sentence is a password's.
pub(super) fn says_password(word: &[u8]) -> bool {
    matches!(
        word,
        b"password" | b"Password" | b"passphrase" | b"passwd" | b"Passwort" | b"Kennwort"
    )
}

/// A word without what a sentence puts after it.
pub(super) fn plain_word(word: &[u8]) -> &[u8] {
    let ends = word.iter().rev().take_while(|b| matches!(b, b',' | b'.' | b';' | b'!')).count();
    &word[..word.len() - ends]
}

/// Where the word that starts at `from` ends: at white space or a sign of the shell, unless quoted.
pub(super) fn word_end(hay: &[u8], from: usize, quotes: &mut Quotes) -> usize {
    let mut at = from;
    while at < hay.len() {
        match hay[at] {
            b' ' | b'\t' | b'\r' | b'\n' | b';' | b'|' | b'&' | b'<' | b'>' | b'(' | b')'
            | b'`' => break,
            b'\\' => at += 2,
            b'\'' | b'"' => {
                // An apostrophe in a word of prose opens nothing.
                let opens = at == from
                    || hay[from] == b'-'
                    || !hay[at - 1].is_ascii_alphanumeric() && hay[at - 1] < 0x80;
                match quotes.close(hay, at).filter(|close| opens && close - at <= LONGEST_QUOTED) {
                    // `["redis-cli","-a","x"]`: the next item of a list.
                    Some(close)
                        if at == from && matches!(hay.get(close + 1), Some(b',' | b']' | b'}')) =>
                    {
                        at = close + 1;
                        break;
                    }
                    Some(close) => at = close + 1,
                    None => at += 1,
                }
            }
            b'$' if hay.get(at + 1) == Some(&b'(') => {
                let name = run(hay, at + 2, NAME, 64);
                if name == at + 2 || hay.get(name) != Some(&b')') {
                    break;
                }
                at = name + 1;
            }
            b'$' if hay.get(at + 1) == Some(&b'{') => {
                let rest = &hay[at..hay.len().min(at + 256)];
                at += memchr::memchr2(b'}', b'\n', rest).map_or(1, |end| end + 1);
            }
            _ => at += 1,
        }
    }
    // A dollar before a bracket, or a sign alone.
    at.clamp(from + 1, hay.len())
}

/// A word without what lists and sentences put around it.
pub(super) fn trimmed(hay: &[u8], word: Range<usize>) -> Range<usize> {
    let Range { mut start, mut end } = word;
    while end > start + 1
        && matches!(hay[end - 1], b',' | b']')
        && !ends_with_a_mark(hay, start, end)
    {
        end -= 1;
    }
    while start + 1 < end && matches!(hay[start], b'[' | b',') && mark(&hay[start..end]).is_none() {
        start += 1;
    }
    start..end
}

/// Whether the bracket before `end` closes what stands in place of a value.
pub(super) fn ends_with_a_mark(hay: &[u8], start: usize, end: usize) -> bool {
    let near = start.max(end.saturating_sub(LONGEST_NAME));
    let open = memchr::memrchr(b'[', &hay[near..end]).map(|open| near + open);
    open.is_some_and(|open| mark(&hay[open..end]) == Some(end - open))
}

/// `user:SECRET` on each line.
pub(in crate::detect::readers) fn pairs(text: &[u8]) -> impl Iterator<Item = Range<usize>> {
    let mut at = 0;
    text.split(|b| *b == b'\n').filter_map(move |line| {
        let start = at;
        at += line.len() + 1;
        let indent = line.len() - line.trim_ascii_start().len();
        let colon = memchr::memchr(b':', line).filter(|colon| *colon > indent)?;
        let secret = start + colon + 1..start + line.trim_ascii_end().len();
        (!secret.is_empty()).then_some(secret)
    })
}

/// `$(NAME)`.
pub(super) fn is_simple(hay: &[u8], at: usize) -> bool {
    let name = run(hay, at + 2, NAME, 64);
    hay[at] == b'$' && name > at + 2 && hay.get(name) == Some(&b')')
}
