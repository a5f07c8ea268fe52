//! Programs that take a secret as an argument, and how: one row each, with its examples.
//!
//! Long options whose name hints at a secret (`--password`, `-storepass`) need no row.

mod clouds;
mod clusters;
mod databases;
mod keys;
mod network;
mod system;
mod web;

use What::Whole;

use crate::detect::families::{count, joined};

/// Which part of an argument is the secret.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum What {
    /// All of it.
    Whole,
    /// All of it, unless it looks like a name, a path, a number.
    Odd,
    /// Nothing; it names what the next argument is.
    Name,
    /// `user:SECRET`; without a colon there is none.
    AfterColon,
    /// `user%SECRET`.
    AfterPercent,
    /// `user,SECRET`.
    AfterComma,
    /// `domain/user:SECRET@host`.
    BetweenColonAndAt,
    /// A bootstrap token, `abcdef.0123456789abcdef`.
    Bootstrap,
    /// `name=SECRET`.
    AfterEquals,
    /// `user/SECRET@database`.
    AfterSlash,
    /// The same, and the database must be there.
    BetweenSlashAndAt,
    /// `s/PASSWORD/SECRET/`, when what is replaced hints.
    Substitute,
    /// `pass:SECRET`, `hexkey:SECRET`, as OpenSSL has it.
    Pass,
    /// `Name: SECRET`, when the name hints.
    Header,
    /// Only what a URL in it has for a password, which the reader of URLs finds.
    Url,
}

/// An option and how its value is attached.
#[derive(Debug)]
pub(super) struct Opt {
    pub(super) name: &'static str,
    pub(super) what: What,
    /// `-pSECRET`.
    pub(super) glued: bool,
    /// `-p SECRET`, `--user SECRET` and `--user=SECRET`.
    pub(super) next: bool,
}

const fn glued(name: &'static str) -> Opt {
    Opt { name, what: Whole, glued: true, next: false }
}

const fn next(name: &'static str, what: What) -> Opt {
    Opt { name, what, glued: false, next: true }
}

const fn both(name: &'static str, what: What) -> Opt {
    Opt { name, what, glued: true, next: true }
}

/// What a program makes of its input.
#[derive(Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Stdin {
    /// Nothing that is known.
    Other,
    /// A password.
    Secret,
    /// Lines of `user:password`.
    Pairs,
    /// Anything, but `user:password` is one.
    Pair,
    /// What a client says to a server.
    Dialogue,
    /// More words, as if they were arguments.
    Words,
    /// A password, when one of these words is among the arguments; `-S` also as one of several
    /// letters.
    With(&'static [&'static str]),
    /// The same, or when an argument hints.
    Named(&'static [&'static str]),
}

/// A program (or several that share options).
#[derive(Debug)]
pub(super) struct Program {
    pub(super) names: &'static [&'static str],
    /// The options count only once one of these words was seen; none: always.
    pub(super) after: &'static [&'static str],
    pub(super) options: &'static [Opt],
    /// Positional arguments after the program: a word, `*` for any, `@` for one that is no path,
    /// `!` for the secret, `!:`, `!,`, `!/`, `!@` and `!:@` for what follows a colon, comma or slash
    /// in it, `!.` for a bootstrap token, `!~` when it
    /// looks like no name, `!?` when the word before it hints. At the end, for all that follow:
    /// `?*` for each after a word that hints, `=*` for each assigned, `s*` for substitutions.
    pub(super) words: &'static [&'static str],
    pub(super) stdin: Stdin,
    /// A command line and the secret in it.
    #[cfg(test)]
    pub(super) examples: &'static [(&'static str, &'static str)],
    /// Command lines that hold none.
    #[cfg(test)]
    pub(super) innocent: &'static [&'static str],
}

pub(super) const NONE: Program = Program {
    names: &[],
    after: &[],
    options: &[],
    words: &[],
    stdin: Stdin::Other,
    #[cfg(test)]
    examples: &[],
    #[cfg(test)]
    innocent: &[],
};

/// All families. A name stands in one row only.
const FAMILIES: &[&[Program]] = &[
    databases::ROWS,
    web::ROWS,
    clusters::ROWS,
    clouds::ROWS,
    keys::ROWS,
    system::ROWS,
    network::ROWS,
    ALIKE,
];

/// These have options that look like those of others, and take no secret.
#[rustfmt::skip]
const ALIKE: &[Program] = &[
    Program {
        names: &["mkdir", "ssh", "scp", "cp", "rm", "mv", "tar", "date", "chown",
            "chmod", "ps", "kill", "touch", "ls", "cat", "grep", "awk", "find",
            "psql", "pg_isready", "pg_dump", "pg_restore", "pg_dumpall", "createdb", "initdb", "nginx",
            "iptables", "lsof", "netstat", "df", "du", "sort", "uniq", "head", "tail", "cut",
            "sleep", "apt-get", "apk", "yum"],
        #[cfg(test)]
        innocent: &["mkdir -p /data/app", "ssh -p 22 host", "psql -U app -p 5432 -c 'select 1'",
            "date -u +%F", "docker login x; mkdir -p /data"],
        ..NONE
    },
];

const COUNT: usize = count(FAMILIES);

/// All rows.
pub(super) static PROGRAMS: [&Program; COUNT] = joined(FAMILIES);

/// Programs that print their arguments.
pub(super) fn prints(name: &[u8]) -> bool {
    matches!(name, b"echo" | b"printf" | b"yes" | b"Write-Output")
}

/// How many places the table of names has.
const PLACES: usize = 1024;

const fn hash(name: &[u8]) -> usize {
    let mut hash = 0x811c_9dc5_u32;
    let mut at = 0;
    while at < name.len() {
        hash = (hash ^ name[at] as u32).wrapping_mul(0x0100_0193);
        at += 1;
    }
    (hash ^ hash >> 15) as usize % PLACES
}

/// Row and name of every program, plus one, by the hash of the name; open addressing.
static BY_NAME: [(u8, u8); PLACES] = {
    let mut places = [(0, 0); PLACES];
    let mut row = 0;
    while row < PROGRAMS.len() {
        let names = PROGRAMS[row].names;
        let mut name = 0;
        while name < names.len() {
            let mut at = hash(names[name].as_bytes());
            while places[at].0 != 0 {
                at = (at + 1) % PLACES;
            }
            places[at] = (row as u8 + 1, name as u8);
            name += 1;
        }
        row += 1;
    }
    places
};

/// Lengths of the names that start with each letter, a bit each.
static LENGTHS: [u32; 128] = {
    let mut lengths = [0; 128];
    let mut row = 0;
    while row < PROGRAMS.len() {
        let names = PROGRAMS[row].names;
        let mut name = 0;
        while name < names.len() {
            let text = names[name].as_bytes();
            lengths[text[0] as usize] |= 1 << text.len();
            name += 1;
        }
        row += 1;
    }
    lengths
};

/// The row of the program that a word runs, by the last part of its path.
pub(super) fn find(word: &[u8]) -> Option<&'static Program> {
    let slash = memchr::memrchr2(b'/', b'\\', word).map_or(0, |slash| slash + 1);
    let name = &word[slash..];
    let name = name.strip_suffix(b".exe").or_else(|| name.strip_suffix(b".EXE")).unwrap_or(name);
    let first = *name.first()?;
    let known = name.len() < 32
        && LENGTHS.get(usize::from(first)).is_some_and(|set| set >> name.len() & 1 == 1);
    if !known {
        return None;
    }
    let mut at = hash(name);
    loop {
        let (row, nth) = BY_NAME[at];
        let program = PROGRAMS[usize::from(row.checked_sub(1)?)];
        if program.names[usize::from(nth)].as_bytes() == name {
            return Some(program);
        }
        at = (at + 1) % PLACES;
    }
}
