//! Hashes of passwords: what can be guessed offline.

use super::{Memory, RULE, Rule, Span, by};
use crate::detect::runs::{BASE64, HEX, TOKEN, is, run, value_end};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "password-hash",
        about: "Password hash in crypt form: bcrypt, apr1, SHA-crypt, yescrypt, scrypt, Argon2, \
                PBKDF2, Cisco.",
        literals: &[
            by("$2a$", bcrypt),
            by("$2b$", bcrypt),
            by("$2y$", bcrypt),
            by("$2x$", bcrypt),
            by("$1$", crypt::<20>),
            by("$apr1$", crypt::<20>),
            by("$5$", crypt::<40>),
            by("$6$", crypt::<80>),
            by("$7$", crypt::<40>),
            by("$8$", crypt::<40>),
            by("$9$", crypt::<40>),
            by("$y$", crypt::<40>),
            by("$argon2i$", crypt::<40>),
            by("$argon2d$", crypt::<40>),
            by("$argon2id$", crypt::<40>),
            by("$scrypt$", crypt::<40>),
            by("$pbkdf2-sha", crypt::<40>),
            by("pbkdf2_sha", crypt::<40>),
        ],
        finds: &[
            "$2y$12${53c}",
            "$apr1${8c}${22c}",
            "$1${8c}${22c}",
            "$5$rounds=5000${16c}${43c}",
            "$6${8c}${86c}",
            "$y$j9T${22c}${43c}",
            "$argon2id$v=19$m=65536,t=3,p=4${22c}${43c}",
            "pbkdf2_sha256$600000${22a}${43b}=",
        ],
        #[cfg(test)]
        keeps: &["$1$", "$2a$", "$5$10", "costs $5", "$y$x"],
        ..RULE
    },
    Rule {
        name: "password-hash-ldap",
        about: "Password hash as LDAP and htpasswd files have it, or as PostgreSQL does.",
        literals: &[
            by("{SHA", ldap),
            by("{SSHA", ldap),
            by("{SMD5}", ldap),
            by("{PBKDF2", ldap),
            by("{PKCS5S2}", ldap),
            by("{PLAIN}", plain),
            by("{CLEARTEXT}", plain),
            by("SCRAM-SHA-", |h, at, _| {
                let end = run_of(h, at, 256);
                let signs = memchr::memchr_iter(b'$', &h[at..end]).count();
                (signs >= 2 && end > at + 60).then_some((at, end))
            }),
        ],
        finds: &["{{SHA}{27b}=", "{{SSHA}{32b}", "SCRAM-SHA-256$4096:{22b}==${43b}=:{43b}="],
        #[cfg(test)]
        keeps: &["{{SHA}", "SCRAM-SHA-256", "{{SHA256}"],
        ..RULE
    },
    Rule {
        name: "kerberos-hash",
        about: "Kerberos ticket in the form that password crackers read.",
        literals: &[by("$krb5asrep$", ticket), by("$krb5tgs$", ticket), by("$krb5pa$", ticket)],
        finds: &["$krb5asrep$23$user@EXAMPLE.ORG:{32h}${200h}"],
        #[cfg(test)]
        keeps: &["$krb5asrep$"],
        ..RULE
    },
];

/// Bytes of crypt's alphabet and of its parameters.
fn run_of(hay: &[u8], at: usize, limit: usize) -> usize {
    let slice = &hay[at..hay.len().min(at + limit)];
    let class = |b: &u8| is(*b, TOKEN) || matches!(b, b'$' | b':' | b'@' | b',' | b'*');
    at + slice.iter().position(|b| !class(b)).unwrap_or(slice.len())
}

fn ticket(hay: &[u8], at: usize, _: &mut Memory) -> Span {
    let end = run_of(hay, at, 8 << 10);
    (end > at + 60).then_some((at, end))
}

fn bcrypt(hay: &[u8], at: usize, _: &mut Memory) -> Span {
    let cost = hay.get(at + 4..at + 7)?;
    let shaped = cost[0].is_ascii_digit() && cost[1].is_ascii_digit() && cost[2] == b'$';
    let end = run(hay, at + 7, TOKEN, 53);
    (shaped && end == at + 60).then_some((at, end))
}

/// An identifier, `$`-parted parameters and salt, and a last part of two thirds of `LEAST`; `LEAST`
/// bytes in all after the identifier.
fn crypt<const LEAST: usize>(hay: &[u8], at: usize, _: &mut Memory) -> Span {
    let slice = &hay[at..hay.len().min(at + 256)];
    let class = |b: &u8| is(*b, TOKEN) || matches!(b, b'$' | b',');
    // No kind has more than six parts: `$argon2id$v=19$m=…,t=…$salt$hash`.
    let mut signs = 0;
    let ends = |b: &u8| {
        signs += usize::from(*b == b'$');
        signs > 6 || !class(b)
    };
    let end = at + slice.iter().position(ends).unwrap_or(slice.len());
    let text = &hay[at..end];
    let last = text.rsplit(|b| *b == b'$').next().unwrap_or_default();
    (text.len() >= LEAST && signs >= 3 && last.len() * 3 >= LEAST * 2).then_some((at, end))
}

/// What follows `{PLAIN}`, as Dovecot has it: up to the next field.
fn plain(hay: &[u8], at: usize, _: &mut Memory) -> Span {
    let brace = at + memchr::memchr(b'}', &hay[at..])? + 1;
    let end = value_end(hay, brace, 256);
    let end = brace + memchr::memchr(b':', &hay[brace..end]).unwrap_or(end - brace);
    let goes = end > brace + 3 && crate::detect::readers::mark(&hay[brace..]).is_none();
    goes.then_some((brace, end))
}

/// `{SCHEME}` and base64 of at least 20 bytes.
fn ldap(hay: &[u8], at: usize, _: &mut Memory) -> Span {
    let slice = &hay[at..hay.len().min(at + 24)];
    let brace = at + slice.iter().position(|b| *b == b'}')?;
    let end = run(hay, brace + 1, BASE64, 512);
    let hex = run(hay, brace + 1, HEX, 512);
    (end >= brace + 28 || hex >= brace + 41).then_some((at, end))
}
