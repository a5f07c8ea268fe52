//! Arguments of programs: lists of them, and shell lines wherever a text holds one.

use std::ops::{ControlFlow, Range};

use super::ends::Quotes;
use super::programs::{self, Opt, PROGRAMS, Program, Stdin, What};
use super::told::is_thought_up;
use super::{Hint, dialogues, directives, headers, is_prose, is_secret, is_value};
use crate::detect::runs::{NAME, is, run, run_back};
use crate::detect::values::{ValueKind, kind, looks_made_up};
use crate::detect::{Detector, Hit, NameKind, classify, push};

/// Longest name of an option that is read.
const LONGEST_NAME: usize = 80;
/// How far a file may be from what is written to it.
const LONGEST_WORD: usize = 256;
/// How far a quote in a shell line may be from the one that closes it.
const LONGEST_QUOTED: usize = 8 << 10;
/// How much of a value is judged.
const JUDGED: usize = 512;
/// Said: a word stands between the password and what it is.
const OF: u8 = 8;
/// How deep quoted lines inside lines are read.
const DEEPEST: u8 = 3;

/// Reads the arguments of a command one after another.
#[derive(Default)]
pub(crate) struct Arguments {
    /// The program seen last, and the one before it: a host or a user may be called like one.
    programs: [Option<Running>; 2],
    /// The last argument was an option that this value belongs to.
    awaits: Option<What>,
    /// The last argument was an option with a name that hints.
    flagged: Option<Hint>,
    /// That option takes `user:SECRET`.
    pair: bool,
    /// A word before says that a Secret is made.
    makes_secret: bool,
    /// The last argument hints at what the next one is.
    named: bool,
    /// The last argument was `-c`: what follows is a script.
    script: bool,
    /// The last argument was a word that hints.
    told: bool,
    /// The last argument was an option with a command that prints a secret.
    prints: bool,
    /// An option says that a secret comes by standard input.
    reads: bool,
    /// A word before says that something is set, as `sc config` does.
    configures: bool,
    /// Whether this is a line of a text, whose assignments another reader sees.
    in_text: bool,
}

#[derive(Clone, Copy)]
struct Running {
    program: &'static Program,
    /// Whether the options count.
    armed: bool,
    /// How many positional arguments there were.
    words: u8,
    /// Which of the patterns still fit.
    fits: u16,
    /// An argument says that what it reads is a secret.
    asks: bool,
}

impl Running {
    fn of(program: &'static Program) -> Self {
        Self {
            program,
            armed: program.after.is_empty(),
            words: 0,
            fits: ((1u32 << program.words.len()) - 1) as u16,
            asks: false,
        }
    }
}

impl Arguments {
    /// Those of a line in a text.
    fn of_a_line() -> Self {
        Self { in_text: true, ..Self::default() }
    }

    /// What follows the name of a program.
    fn of(program: &'static Program) -> Self {
        Self { programs: [Some(Running::of(program)), None], ..Self::default() }
    }

    /// Reads the next argument; gives the part of it that is a secret.
    pub(crate) fn next(&mut self, text: &[u8]) -> Option<Range<usize>> {
        let flagged = self.flagged.take();
        let pair = std::mem::take(&mut self.pair);
        let awaits = self.awaits.take();
        let named = std::mem::take(&mut self.named);
        let script = std::mem::take(&mut self.script);
        if std::mem::take(&mut self.prints)
            && let Some(secret) = printed_by(text, 0)
        {
            return Some(secret);
        }
        let is_option = text.len() > 1 && text[0] == b'-';
        self.asked(text);
        if let Some(hint) = flagged
            && !looks_like_option(text)
        {
            if pair && let Some(secret) = of_pair(text, 0) {
                return Some(secret);
            }
            // One digit is a number of something; a path says where the secret is.
            // `docker build --secret id=npm,src=/run/npm`
            let declared = self.in_text && declares_an_option(text);
            let goes = text.len() > 1
                && !is_deep_path(text)
                && !text.starts_with(b"id=")
                && !declared
                && hint.goes(text);
            return goes.then_some(0..text.len());
        }
        if let Some(what) = awaits
            && !looks_like_option(text)
        {
            if what == What::Name {
                self.flagged = Some(Hint::of(text)).filter(|hint| hint.hints());
                self.named = self.flagged.is_some();
                return None;
            }
            return part(what, text, 0);
        }
        if is_option {
            return self.option(text, named).or_else(|| after_colon(text));
        }
        if text.first() == Some(&b'/') {
            if let ControlFlow::Break(found) = self.by_row(text) {
                return found;
            }
            if let Some(found) = after_colon(text) {
                return Some(found);
            }
        }
        // `sc config x password= SECRET`
        // Elsewhere a word that ends so is empty, or what is looked for: `grep -r password= /etc`.
        if !self.in_text && text == b"password=" && self.configures {
            self.awaits = Some(What::Whole);
            return None;
        }
        self.configures |= matches!(text, b"config" | b"create");
        self.makes_secret |= text == b"secret" || text == b"secrets";
        let found = self.positional(text, named);
        let found = found.or_else(|| patched(text).filter(|_| self.makes_secret));
        // `knife ssh x -P SECRET`: a word of the program before.
        let own = self.programs[0]
            .is_some_and(|last| last.program.after.iter().any(|word| word.as_bytes() == text));
        if let Some(program) = programs::find(text).filter(|_| !own) {
            // Rows without options are of programs that take no secret.
            let last = self.programs[0].filter(|_| takes_any(program));
            self.programs = [Some(Running::of(program)), last];
        }
        // Few programs ask, so few words of a text are looked up. `cloud config set dbPassword SECRET`:
        // there the reader of directives sees it, in a list nobody else.
        let mut running = self.programs.iter().flatten();
        let asks = running.any(|running| asks_for_a_name(running.program));
        let listed = !self.in_text && text.len() <= LONGEST_NAME;
        let hints = (asks || listed) && Hint::of(text).is_strong();
        self.named = asks && hints;
        let told = std::mem::replace(&mut self.told, listed && hints);
        let found = found.or_else(|| self.assigned(text, script));
        found.or_else(|| (told && looks_made_up(text)).then_some(0..text.len()))
    }

    fn assigned(&self, text: &[u8], script: bool) -> Option<Range<usize>> {
        if self.in_text { None } else { assigned(text, script) }
    }

    /// Notes what an argument says of what a program reads.
    fn asked(&mut self, text: &[u8]) {
        for running in self.programs.iter_mut().flatten().filter(|running| !running.asks) {
            running.asks = match running.program.stdin {
                Stdin::With(words) => words.iter().any(|word| {
                    // `name=-`: the value of this one.
                    is_flag(word.as_bytes(), text) || *word == "=-" && text.ends_with(b"=-")
                }),
                Stdin::Named(words) => {
                    words.iter().any(|word| is_flag(word.as_bytes(), text)) || is_secret(text)
                }
                _ => false,
            };
        }
    }

    /// Reads an option by the rows of the programs, if one of them has it.
    fn by_row(&mut self, text: &[u8]) -> ControlFlow<Option<Range<usize>>> {
        let programs = self.programs;
        for running in programs.iter().flatten().filter(|running| running.armed) {
            for option in running.program.options {
                match matched(option, text) {
                    Match::No => {}
                    Match::Next => {
                        self.awaits = Some(option.what);
                        return ControlFlow::Break(None);
                    }
                    Match::Value(from) => return ControlFlow::Break(part(option.what, text, from)),
                }
            }
        }
        ControlFlow::Continue(())
    }

    /// An option: its own value, or the mark that the next argument is one. `named` says that the
    /// argument before it hints.
    fn option(&mut self, text: &[u8], named: bool) -> Option<Range<usize>> {
        if let ControlFlow::Break(found) = self.by_row(text) {
            return found;
        }
        // `occ config:system:set redis password --value=SECRET`
        let value = || text.strip_prefix(b"--value").or_else(|| text.strip_prefix(b"-v"));
        if named && let Some(rest) = value() {
            if rest.is_empty() {
                self.awaits = Some(What::Whole);
                return None;
            }
            return part(What::Whole, text, text.len() - rest.len() + 1);
        }
        // `kubectl create secret generic x --from-literal=name=SECRET`
        if self.makes_secret
            && let Some(rest) = text.strip_prefix(b"--from-literal")
        {
            if rest.is_empty() {
                self.awaits = Some(What::AfterEquals);
                return None;
            }
            return part(What::AfterEquals, text, text.len() - rest.len() + 1);
        }
        let dashes = text.iter().take_while(|b| **b == b'-').count();
        let name = &text[dashes..];
        self.reads |= says_stdin(name);
        let end = run(name, 0, NAME, LONGEST_NAME);
        if prints_a_secret(&name[..end]) {
            if end + 1 < name.len()
                && let Some(secret) = printed_by(text, dashes + end + 1)
            {
                return Some(secret);
            }
            self.prints = end == name.len();
        }
        if let Some(equals) = memchr::memchr(b'=', name).filter(|at| takes_pair(&name[..*at]))
            && let Some(secret) = of_pair(text, dashes + equals + 1)
        {
            return Some(secret);
        }
        self.script = text.len() <= 4 && text[1] != b'-' && text.ends_with(b"c");
        if let Some(found) = self.assigned(text, false) {
            return Some(found);
        }
        let plain = text.len() <= LONGEST_NAME && memchr::memchr3(b'=', b' ', b':', name).is_none();
        // `-no-pass` says that there is none.
        let takes = plain && name.len() > 1 && !name.starts_with(b"no-");
        self.flagged = takes.then(|| Hint::of(name)).filter(|hint| hint.hints());
        self.pair = self.flagged.is_some() && takes_pair(name);
        None
    }

    /// An argument that is no option.
    fn positional(&mut self, text: &[u8], named: bool) -> Option<Range<usize>> {
        let mut found = None;
        for running in self.programs.iter_mut().flatten() {
            let program = running.program;
            running.armed |= program.after.iter().any(|word| word.as_bytes() == text);
            for (nth, pattern) in program.words.iter().enumerate() {
                if running.fits >> nth & 1 == 0 {
                    continue;
                }
                let what = match token(pattern, usize::from(running.words)) {
                    Some("?*") => {
                        let goes = named && kind(text) != ValueKind::Path;
                        found = found.or_else(|| part(goes.then_some(What::Whole)?, text, 0));
                        continue;
                    }
                    Some("=*") => {
                        found = found.or_else(|| part(What::AfterEquals, text, 0));
                        continue;
                    }
                    Some("s*") => {
                        found = found.or_else(|| part(What::Substitute, text, 0));
                        continue;
                    }
                    Some("*") => continue,
                    Some("@") if memchr::memchr2(b'/', b'.', text).is_none() => continue,
                    // `vault login -method=userpass username=ana`
                    Some("!") if sets_another(text) => None,
                    Some("!") => Some(What::Whole),
                    Some("!:") => Some(What::AfterColon),
                    Some("!,") => Some(What::AfterComma),
                    Some("!:@") => Some(What::BetweenColonAndAt),
                    Some("!.") => Some(What::Bootstrap),
                    Some("!/") => Some(What::AfterSlash),
                    Some("!@") => Some(What::BetweenSlashAndAt),
                    Some("!~") => Some(What::Odd),
                    Some("!?") if named => Some(What::Whole),
                    Some(word) if text.eq_ignore_ascii_case(word.as_bytes()) => continue,
                    _ => None,
                };
                running.fits &= !(1 << nth);
                found = found.or_else(|| part(what?, text, 0));
            }
            running.words = running.words.saturating_add(1);
        }
        found
    }

    /// What of that which is written to the command's input is a secret, as far as is known.
    fn stdin(&self) -> Option<Input> {
        if self.reads {
            return Some(SECRET);
        }
        self.programs.iter().flatten().find_map(|running| {
            let reads = match running.program.stdin {
                Stdin::With(_) | Stdin::Named(_) if running.asks => Stdin::Secret,
                Stdin::Other | Stdin::With(_) | Stdin::Named(_) => return None,
                kind => kind,
            };
            Some(Input { reads, program: running.program })
        })
    }

    /// Whether this is an option to which a secret is glued.
    fn glues(&self, word: &[u8]) -> bool {
        self.programs.iter().flatten().filter(|running| running.armed).any(|running| {
            running.program.options.iter().any(|opt| opt.glued && opt.name.as_bytes() == word)
        })
    }

    /// Whether the next argument may be a secret for what stands before it.
    fn expects(&self) -> bool {
        self.awaits.is_some() || self.flagged.is_some() || self.named
    }
}

/// `--password-stdin`, `--token-on-stdin`, `--stdin-password`.
fn says_stdin(name: &[u8]) -> bool {
    let names: [&[u8]; 5] = [b"pass", b"token", b"secret", b"key", b"pin-"];
    (7..=LONGEST_NAME).contains(&name.len())
        && memchr::memmem::find(name, b"stdin").is_some()
        && names.iter().any(|word| {
            let name = name.strip_prefix(b"stdin-").unwrap_or(name);
            name.starts_with(word)
        })
}

/// `--password-command`, `-extpass`: the value is a command that prints the secret.
fn prints_a_secret(name: &[u8]) -> bool {
    name.len() > 6
        && (name.ends_with(b"command") || name.ends_with(b"cmd") || name.ends_with(b"extpass"))
        && memchr::memmem::find(name, b"pass").is_some()
}

/// The word that `echo SECRET` prints.
fn printed_by(text: &[u8], from: usize) -> Option<Range<usize>> {
    let command = super::ends::unquoted(text, from..text.len());
    let first = run(text, command.start, NAME, 16);
    if !programs::prints(&text[command.start..first]) {
        return None;
    }
    let words = &text[first..command.end];
    let last = words.rsplit(u8::is_ascii_whitespace).find(|word| !word.is_empty())?;
    let start = last.as_ptr() as usize - text.as_ptr() as usize;
    let secret = super::ends::unquoted(text, start..start + last.len());
    is_value(&text[secret.clone()]).then_some(secret)
}

/// The values that a JSON patch puts in a Secret: `[{"op":"replace","path":"/data/a","value":"x"}]`.
fn patched(text: &[u8]) -> Option<Range<usize>> {
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
fn sets_another(text: &[u8]) -> bool {
    let end = run(text, 0, NAME, 40);
    end > 1
        && text.get(end) == Some(&b'=')
        && end + 1 < text.len()
        && text[end + 1] != b'='
        && text[..end].iter().all(u8::is_ascii_lowercase)
        && !is_secret(&text[..end])
}

/// What a program reads.
#[derive(Clone, Copy)]
struct Input {
    reads: Stdin,
    program: &'static Program,
}

/// The part of a pattern for this word. One for all that follow stands at the end.
fn token(pattern: &'static str, nth: usize) -> Option<&'static str> {
    let last = || pattern.rsplit(' ').next().filter(|last| last.len() > 1 && last.ends_with('*'));
    pattern.split(' ').nth(nth).or_else(last)
}

/// Whether an argument is this option, or several of one letter with this one among them.
fn is_flag(word: &[u8], text: &[u8]) -> bool {
    text == word
        || word.len() == 2
            && (3..=5).contains(&text.len())
            && text[0] == b'-'
            && text[1..].iter().all(u8::is_ascii_alphabetic)
            && text.contains(&word[1])
}

/// Whether a word before the secret of this program has to hint: `!?` and `?*`.
fn asks_for_a_name(program: &Program) -> bool {
    program.words.iter().any(|words| words.ends_with('?') || words.ends_with("?*"))
}

/// Whether an option of this name takes `user:SECRET`: `--creds`, `--basic-auth`.
fn takes_pair(name: &[u8]) -> bool {
    let ends = [b"creds".as_slice(), b"credentials", b"auth", b"userpass", b"user-pass"];
    ends.iter().any(|end| name.ends_with(end))
}

/// The secret of `user:SECRET`, which is no `host:port` and no kind with a path after it.
fn of_pair(text: &[u8], from: usize) -> Option<Range<usize>> {
    let range = part(What::AfterColon, text, from)?;
    let other = matches!(kind(&text[range.clone()]), ValueKind::Number | ValueKind::Path);
    (!other).then_some(range)
}

fn takes_any(program: &Program) -> bool {
    !program.options.is_empty() || !program.words.is_empty() || program.stdin != Stdin::Other
}

/// `--name`, `-x`: no value of another option.
fn looks_like_option(text: &[u8]) -> bool {
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
fn is_deep_path(text: &[u8]) -> bool {
    let slashes = memchr::memchr_iter(b'/', text).count();
    text[0] == b'/' && slashes > 1 && text.iter().all(|b| is(*b, NAME) || *b == b'/')
}

/// `add_argument("--token", required=True)`: what a program in Python says of an option.
fn declares_an_option(text: &[u8]) -> bool {
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
fn is_shell_variable(text: &[u8]) -> bool {
    if let [b'<', inner @ .., b'>'] = text {
        return inner.iter().all(|b| b.is_ascii_alphabetic() || matches!(b, b'-' | b'_' | b' '));
    }
    text.strip_prefix(b"$").is_some_and(|name| {
        !name.is_empty() && name.iter().all(|b| b.is_ascii_lowercase() || *b == b'_')
    })
}

enum Match {
    No,
    /// The value is the next argument.
    Next,
    /// The value starts here.
    Value(usize),
}

/// `-port` is no `-p` with a value.
const WORDS: [&[u8]; 12] = [
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
fn matched(option: &Opt, text: &[u8]) -> Match {
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
fn part(what: What, text: &[u8], from: usize) -> Option<Range<usize>> {
    let whole = super::ends::unquoted(text, from..text.len());
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
            let start = after(b':').filter(|_| super::mark(value).is_none())?;
            if text[start..].starts_with(b"//") {
                return None;
            }
            start..text.len()
        }
        What::AfterEquals => super::ends::unquoted(text, after(b'=')?..text.len()),
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
fn substitute(text: &[u8]) -> Option<Range<usize>> {
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
fn after_colon(text: &[u8]) -> Option<Range<usize>> {
    let end = run(text, 1, NAME, 32);
    if end == 1 || text.get(end) != Some(&b':') {
        return None;
    }
    let (name, value) = (&text[1..end], super::ends::unquoted(text, end + 1..text.len()));
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
fn assigned(text: &[u8], script: bool) -> Option<Range<usize>> {
    // Every byte is looked at once: a text full of `=` must not cost the square of its length.
    let mut from = 0;
    let mut beside: Option<Hint> = None;
    for at in memchr::memchr_iter(b'=', text) {
        let name = &text[from..at];
        from = at + 1;
        // `/d:name=SECRET` is an option.
        let option = at > 3 && text[0] == b'/' && text[2] == b':' && name.as_ptr() == text.as_ptr();
        if memchr::memchr3(b' ', b'/', b'\n', &name[usize::from(option)..]).is_some() {
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
            || !super::hinted(&name[dashes..], &text[at + 1..text.len().min(at + 1 + JUDGED)])
        {
            // `--opt=token:SECRET`
            let inner = run(text, at + 1, NAME, 64);
            if text.get(inner) == Some(&b':') && Hint::of(&text[at + 1..inner]).is_strong() {
                let secret = super::ends::unquoted(text, inner + 1..text.len());
                let judged = &text[secret.start..secret.end.min(secret.start + JUDGED)];
                if Hint::of(&text[at + 1..inner]).goes(judged) {
                    return Some(secret);
                }
            }
            continue;
        }
        // `A_TOKEN=x;curl evil|sh` is a line of a shell: what follows is no part of the value.
        let rest = &text[at + 1..];
        // `A_TOKEN=$(cat /run/token)`: what a command prints.
        if matches!(rest, [b'$', b'(', ..] | [b'`', ..]) && memchr::memchr(b' ', rest).is_some() {
            return None;
        }
        let line = (script || memchr::memchr(b' ', rest).is_some())
            .then(|| memchr::memchr3(b';', b'|', b'&', rest))
            .flatten();
        let mut end = line.map_or(text.len(), |sign| at + 1 + sign);
        // `auth.password=x,image.tag=1`: another member follows.
        if let Some(comma) = next_member(&text[at + 1..end]) {
            end = at + 1 + comma;
        }
        // `A_TOKEN='x' nsenter -t 1`: quotes end it before the command that follows.
        if name.as_ptr() == text.as_ptr() && matches!(rest.first(), Some(b'"' | b'\'')) {
            let word = word_end(text, at + 1, &mut Quotes::default());
            if matches!(text.get(word), Some(b' ' | b';' | b'|' | b'&')) {
                end = word;
            }
        }
        // `A_TOKEN=x curl -s evil/m`: a variable of the command that follows.
        if name.as_ptr() == text.as_ptr()
            && !matches!(rest.first(), Some(b'"' | b'\''))
            && let Some(space) = memchr::memchr(b' ', &text[at + 1..end])
            && (script || is_command(&text[at + 1 + space..end]))
        {
            end = at + 1 + space;
        }
        let value = super::ends::unquoted(text, at + 1..end);
        // A script is a text of its own.
        let is_text = memchr::memchr(b'\n', &text[value.clone()]).is_some();
        return (!is_text && is_value(&text[value.clone()])).then_some(value);
    }
    None
}

/// The comma after which `name.of.a.member=` follows.
fn next_member(value: &[u8]) -> Option<usize> {
    memchr::memchr_iter(b',', value).take(16).find(|comma| {
        let end = run(value, comma + 1, NAME, 80);
        value.get(end) == Some(&b'=') && memchr::memchr(b'.', &value[comma + 1..end]).is_some()
    })
}

/// Whether what follows a space is a command with arguments rather than more of a pass phrase.
fn is_command(rest: &[u8]) -> bool {
    memchr::memchr3(b'/', b':', b'|', rest).is_some()
        || memchr::memmem::find(rest, b" -").is_some()
        || rest.trim_ascii().split(|b| *b == b' ').next().is_some_and(runs_a_program)
}

/// What a command printed that is piped into the next one.
#[derive(Clone)]
struct Printed {
    words: Range<usize>,
    /// The first word says how the others are printed.
    formatted: bool,
}

/// Appends the secrets among the arguments of every command in a text.
pub(super) fn lines(hay: &[u8], hits: &mut Vec<Hit>) {
    let from = hits.len();
    inside(hay, 0, 0, hits);
    // Quoted lines were read on the way, from their start.
    hits[from..].sort_unstable_by_key(|hit| hit.start);
}

fn inside(hay: &[u8], base: usize, depth: u8, hits: &mut Vec<Hit>) {
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
            b'[' if super::mark(&hay[at..]).is_none() => at += 1,
            // `Command '['mysql', '-px']'` of Python
            b'\'' | b'"' if matches!(hay.get(at + 1..at + 3), Some(b"['" | b"[\"")) => at += 2,
            b' ' | b'\t' | b'\r' | b'#' | b',' | b']' => at += 1,
            _ => {
                let start = at;
                at = word_end(hay, start, &mut quotes);
                let inner = super::ends::unquoted(hay, trimmed(hay, start..at));
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
                    || worded && text.len() >= 20 && super::values::looks_random(plain_word(text));
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
                            let line = super::ends::unquoted(hay, quote..at);
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
fn names_secret_before(before: &[u8]) -> bool {
    let near = &before[before.len().saturating_sub(96)..];
    near.split(|b| b.is_ascii_whitespace() || matches!(b, b':' | b',' | b'"' | b'\''))
        .any(|word| word.len() > 4 && Hint::of(word).is_strong())
}

/// `client secret`, `access token`, `api key`: two words of a sentence.
fn names_a_secret(first: &[u8], second: &[u8]) -> bool {
    const FIRST: [&[u8]; 9] = [
        b"client", b"access", b"api", b"API", b"auth", b"refresh", b"secret", b"bearer", b"signing",
    ];
    matches!(second, b"secret" | b"token" | b"key") && FIRST.contains(&first)
}

/// Whether a word before the name of a program is one of a Dockerfile, a crontab or a shell.
fn leads_a_command(word: &[u8]) -> bool {
    matches!(
        word,
        b"RUN" | b"sudo" | b"do" | b"then" | b"else" | b"time" | b"exec" | b"nohup" | b"if"
    ) || word.len() < 12
        && word.iter().all(|b| b.is_ascii_digit() || matches!(b, b'*' | b'/' | b'-'))
}

/// Whether the first sign of the line is `#`.
fn is_comment(hay: &[u8], at: usize) -> bool {
    hay[at..].iter().take(64).find(|b| !matches!(b, b' ' | b'\t')) == Some(&b'#')
}

/// Whether a word of a sentence is a password's.
fn says_password(word: &[u8]) -> bool {
    matches!(
        word,
        b"password" | b"Password" | b"passphrase" | b"passwd" | b"Passwort" | b"Kennwort"
    )
}

/// A word without what a sentence puts after it.
fn plain_word(word: &[u8]) -> &[u8] {
    let ends = word.iter().rev().take_while(|b| matches!(b, b',' | b'.' | b';' | b'!')).count();
    &word[..word.len() - ends]
}

/// Where the word that starts at `from` ends: at white space or a sign of the shell, unless quoted.
fn word_end(hay: &[u8], from: usize, quotes: &mut Quotes) -> usize {
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
fn trimmed(hay: &[u8], word: Range<usize>) -> Range<usize> {
    let Range { mut start, mut end } = word;
    while end > start + 1
        && matches!(hay[end - 1], b',' | b']')
        && !ends_with_a_mark(hay, start, end)
    {
        end -= 1;
    }
    while start + 1 < end
        && matches!(hay[start], b'[' | b',')
        && super::mark(&hay[start..end]).is_none()
    {
        start += 1;
    }
    start..end
}

/// Whether the bracket before `end` closes what stands in place of a value.
fn ends_with_a_mark(hay: &[u8], start: usize, end: usize) -> bool {
    let near = start.max(end.saturating_sub(LONGEST_NAME));
    let open = memchr::memrchr(b'[', &hay[near..end]).map(|open| near + open);
    open.is_some_and(|open| super::mark(&hay[open..end]) == Some(end - open))
}

/// `user:SECRET` on each line.
pub(super) fn pairs(text: &[u8]) -> impl Iterator<Item = Range<usize>> {
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

/// A program that reads nothing but a secret.
const SECRET: Input = Input { reads: Stdin::Secret, program: &programs::NONE };

/// `$(NAME)`.
fn is_simple(hay: &[u8], at: usize) -> bool {
    let name = run(hay, at + 2, NAME, 64);
    hay[at] == b'$' && name > at + 2 && hay.get(name) == Some(&b')')
}

/// What of a text is a secret that a program reads.
fn of_input(hay: &[u8], range: Range<usize>, input: Input, take: &mut dyn FnMut(Range<usize>)) {
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
fn here_document(hay: &[u8], at: usize, input: Input, take: &mut dyn FnMut(Range<usize>)) -> usize {
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
fn written_line(hay: &[u8], at: usize) -> Option<Range<usize>> {
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
        let file = &file[super::ends::unquoted(file, 0..file.len())];
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
fn of_passwd(hay: &[u8], words: Range<usize>, take: &mut dyn FnMut(Range<usize>)) {
    let text = &hay[words.clone()];
    let Some(first) = memchr::memchr(b':', text) else { return };
    let Some(len) = memchr::memchr(b':', &text[first + 1..]) else { return };
    if len > 3 {
        take(words.start + first + 1..words.start + first + 1 + len);
    }
}

/// What `echo` or `printf` wrote for a program that reads a secret.
fn printed_words(
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
        let inner = super::ends::unquoted(hay, start..at);
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

/// Whether a text is an argument list by nature: its first item is a known program.
pub(crate) fn runs_a_program(word: &[u8]) -> bool {
    programs::find(word).is_some_and(takes_any)
}

const _: () = {
    let mut row = 0;
    while row < PROGRAMS.len() {
        assert!(PROGRAMS[row].words.len() <= 16);
        row += 1;
    }
};

#[cfg(test)]
mod tests {
    use super::*;

    fn found(line: &str) -> Vec<String> {
        let mut hits = Vec::new();
        lines(line.as_bytes(), &mut hits);
        hits.iter().map(|hit| line[hit.start as usize..hit.end as usize].to_owned()).collect()
    }

    /// What a shell makes of a line without pipes.
    fn split(line: &str) -> Vec<String> {
        let mut words = vec![String::new()];
        let mut quote = None;
        for c in line.chars() {
            match quote {
                Some(q) if c == q => quote = None,
                None if c == '\'' || c == '"' => quote = Some(c),
                None if c == ' ' => words.push(String::new()),
                _ => words.last_mut().unwrap().push(c),
            }
        }
        words
    }

    fn listed(words: &[String]) -> Vec<String> {
        let mut arguments = Arguments::default();
        let found = words.iter().filter_map(|w| Some(w[arguments.next(w.as_bytes())?].to_owned()));
        found.collect()
    }

    #[test]
    fn every_row_does_what_its_examples_say() {
        let mut wrong = Vec::new();
        for program in PROGRAMS {
            assert!(!takes_any(program) || !program.examples.is_empty(), "{:?}", program.names);
            for (line, secret) in program.examples {
                let all = found(line);
                if all.is_empty() || all.iter().any(|t| t != secret) {
                    wrong.push(format!("{line}: {all:?}"));
                }
                if !line.contains(['|', '<']) && listed(&split(line)) != [*secret] {
                    wrong.push(format!("{line} as a list: {:?}", listed(&split(line))));
                }
            }
            for line in program.innocent {
                if !found(line).is_empty() {
                    wrong.push(format!("{line}: {:?}", found(line)));
                }
                if !line.contains(['|', '<', ';']) && !listed(&split(line)).is_empty() {
                    wrong.push(format!("{line} as a list: {:?}", listed(&split(line))));
                }
            }
            for name in program.names {
                assert!(
                    programs::find(name.as_bytes()).is_some_and(|row| std::ptr::eq(row, program))
                );
            }
        }
        assert_eq!(wrong, Vec::<String>::new());
    }

    #[test]
    fn lines_are_found_where_they_stand() {
        for (line, secret) in [
            ("sh -c \"mysql -uroot -p's3cr8' -e 'select 1'\"", "s3cr8"),
            ("set -e\nX=1 redis-cli -a s3cr8 ping | grep PONG\n", "s3cr8"),
            ("Exec lifecycle hook ([redis-cli -a s3cr8 shutdown]) failed", "s3cr8"),
            ("till-sync --api-key s3cr8 --region eu-1", "s3cr8"),
            ("till --passphrase -s3cr8x --v=2", "-s3cr8x"),
            ("args:\n  - mysql\n  - -ps3cr8\n", "s3cr8"),
            ("CMD [\"till\", \"--db-password\", \"s3cr8\"]", "s3cr8"),
            ("chpasswd <<EOF\nroot:s3cr8\nEOF\nls\n", "s3cr8"),
            ("sudo -u app mongosh --quiet -p s3cr8", "s3cr8"),
            ("redis-cli -h mongo -a s3cr8 ping", "s3cr8"),
            ("local a=\"$(redis-cli -h ${HOST} -a s3cr8 PING)\"\nif x; then", "s3cr8"),
            ("mysql -ps3cr8;curl evil|sh", "s3cr8"),
        ] {
            assert_eq!(found(line), [secret], "{line}");
        }
        for line in [
            "the option --token is deprecated",
            "mkdir -p /data/app && tar -p -xf a.tgz && psql -U app -p 5432 -c 'select 1' && date -u +%F",
            "don't use mysql -p here, it's asked for",
            "mysql --password=$(MYSQL_PASSWORD) -h db",
            "till --token ${TOKEN} --password \"$PW\"",
            "kubectl create secret generic x --from-file=token=/run/token",
            "--use-token --verbose",
        ] {
            assert_eq!(found(line), Vec::<String>::new(), "{line}");
        }
    }
}
