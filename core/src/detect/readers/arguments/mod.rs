//! Arguments of programs: lists of them, and shell lines wherever a text holds one.

mod input;
mod lines;
mod options;

use std::ops::{ControlFlow, Range};

use super::programs::{self, PROGRAMS, Program, Stdin, What};
use super::{Hint, is_secret};
use crate::detect::runs::{NAME, run};
use crate::detect::values::{ValueKind, kind, looks_made_up};
use input::{Input, SECRET, printed_by, prints_a_secret, says_stdin};
pub(super) use lines::{lines, pairs};
use options::{
    Match, after_colon, asks_for_a_name, assigned, declares_an_option, is_deep_path, is_flag,
    looks_like_option, matched, of_pair, part, patched, sets_another, takes_any, takes_pair, token,
};

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
