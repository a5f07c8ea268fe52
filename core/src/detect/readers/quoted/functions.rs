//! Texts that a function is given: `define('DB_PASSWORD', 'x')`, `NetworkCredential("user", "x")`.

use std::ops::Range;

use super::{LONGEST, take};
use crate::detect::readers::{Hint, headers, is_odd, is_secret};
use crate::detect::runs::{NAME, run_back};
use crate::detect::{Hit, NameKind};

/// Functions that take a user and a password.
const CALLS: &[&[u8]] = &[
    b"PasswordCredential(",
    b"PasswordAuthentication(",
    b"DirectoryEntry(",
    b".getConnection(",
    b".auth(",
    b"createHmac(",
    b"createAccount(",
    b"SetBasicAuth(",
    b"HTTPBasicAuth(",
    b"pgp_sym_encrypt(",
    b"pgp_sym_decrypt(",
    b"DBI->connect(",
    b"create_superuser(",
    b"create_user(",
    b"new PDO(",
    b"BasicAuth(",
    b"auth=(",
    b".login(",
    b".basic_auth(",
    b"Credentials.basic(",
    b"AuthTokens.basic(",
    b"PlainCredentials(",
    b"PlainTextAuthProvider(",
    b"UsernamePasswordAuthenticationToken(",
    b"BasicAWSCredentials(",
    b".simple_bind_s(",
    b".Bind(",
    b".username_pw_set(",
    b"jwt.sign(",
    b"paramiko.connect(",
    b"ssh.connect(",
    b"new Credentials(",
    b"AES_DECRYPT(",
    b"AES_ENCRYPT(",
    b"aes_decrypt(",
    b"aes_encrypt(",
    b" remote(",
    b" remoteSecure(",
];
/// Functions that take nothing but a password.
const ALONE: &[&[u8]] = &[b":auth(", b".auth("];

/// Functions that take a password as an argument that is not the last one, and which.
const PLACES: &[(&[u8], usize)] = &[
    // A domain may follow.
    (b"NetworkCredential(", 1),
    (b"NTCredentials(", 1),
    (b"HttpNtlmAuth(", 1),
    (b"mysqli_connect(", 2),
    (b"new mysqli(", 2),
    (b"hashpw(", 0),
    (b"password_hash(", 0),
    (b"crypt.crypt(", 0),
    (b" crypt(", 0),
    (b"bcrypt.hash(", 0),
    (b".hashSync(", 0),
    (b"argon2.hash(", 0),
    (b"generate_password_hash(", 0),
    (b"pymysql.connect(", 2),
    (b"MySQLdb.connect(", 2),
    (b"new PasswordAuthentication(", 1),
    (b"smtp.PlainAuth(", 2),
    (b"hmac.new(", 0),
    (b"Fernet(", 0),
    (b"pbkdf2_hmac(", 1),
    (b"AES.encrypt(", 1),
    (b"AES.decrypt(", 1),
    // sbt: `Credentials("realm", "host", "user", "x")`
    (b"Credentials(", 3),
    (b"= MySQL(", 4),
    (b"= PostgreSQL(", 4),
    (b" s3(", 2),
];

/// Conditions of routers that give a header and its value.
const HEADERS: &[&[u8]] = &[b"Header(", b"Headers(", b"HeaderRegexp(", b"HeadersRegexp("];

/// Appends what functions are given.
pub(super) fn read(hay: &[u8], hits: &mut Vec<Hit>) {
    for open in memchr::memchr_iter(b'(', hay) {
        for (name, nth) in PLACES {
            if hay[..=open].ends_with(name)
                && let Some(range) = nth_text(hay, open + 1, *nth)
            {
                take(hay, range, hits);
            }
        }
        // ``Header(`X-Api-Key`, `x`)`` of a router
        if HEADERS.iter().any(|name| hay[..=open].ends_with(name))
            && let Some(name) = nth_text(hay, open + 1, 0)
            && is_secret(&hay[name])
            && let Some(range) = nth_text(hay, open + 1, 1)
            && is_odd(&hay[headers::after_scheme(hay, range.start, range.end)..range.end])
        {
            take(hay, range, hits);
        }
        let known = CALLS.iter().any(|name| hay[..=open].ends_with(name));
        let alone = ALONE.iter().any(|name| hay[..=open].ends_with(name));
        if (known || alone || sets_a_password(hay, open))
            && let Some(last) = last_argument(hay, open + 1, known && !alone)
        {
            take(hay, last, hits);
        }
    }
}

/// The text between quotes that is the argument of this number after a bracket.
pub(super) fn nth_text(hay: &[u8], from: usize, nth: usize) -> Option<Range<usize>> {
    let limit = hay.len().min(from + 512);
    let mut at = from;
    for place in 0..=nth {
        while matches!(hay.get(at), Some(b' ' | b'\n' | b'\t' | b'b')) {
            at += 1;
        }
        if at >= limit {
            return None;
        }
        let quoted = matches!(hay[at], b'\'' | b'"' | b'`');
        let end = if quoted {
            at + 1 + memchr::memchr(hay[at], &hay[at + 1..limit])?
        } else {
            at + memchr::memchr2(b',', b')', &hay[at..limit])?
        };
        if place == nth {
            return quoted.then_some(at + 1..end);
        }
        at = end + memchr::memchr2(b',', b')', &hay[end..limit])?;
        if hay[at] == b')' {
            return None;
        }
        at += 1;
    }
    None
}

/// Whether the function whose bracket opens at `open` sets a password: `change_password(`.
fn sets_a_password(hay: &[u8], open: usize) -> bool {
    const VERBS: &[&[u8]] = &[b"set", b"change", b"reset", b"update", b"create", b"alter"];
    let name = &hay[run_back(hay, open, NAME, 64)..open];
    let name = &name[memchr::memrchr(b'.', name).map_or(0, |dot| dot + 1)..];
    let starts =
        |verb: &&[u8]| name.len() > verb.len() && name[..verb.len()].eq_ignore_ascii_case(verb);
    // `builder.password("x")`
    let of_builder = || {
        let quote = hay.get(open + 1).filter(|b| matches!(b, b'"' | b'\''))?;
        let start = open - name.len();
        let called = start > 0 && matches!(hay[start - 1], b'.' | b'>');
        let close = memchr::memchr(*quote, &hay[open + 2..hay.len().min(open + 2 + LONGEST)])?;
        let word = !hay[open + 2..open + 2 + close].contains(&b' ');
        (called && word && matches!(name, b"password" | b"withPassword" | b"with_password"))
            .then_some(())
    };
    Hint::of(name).0 == NameKind::Password && (VERBS.iter().any(starts) || of_builder().is_some())
}

/// The last of the texts between quotes among the arguments that start at `from`; `other` says that
/// there must be one before it.
pub(super) fn last_argument(hay: &[u8], from: usize, other: bool) -> Option<Range<usize>> {
    let arguments = &hay[from..hay.len().min(from + 256)];
    let arguments = &arguments[..memchr::memchr(b')', arguments)?];
    let close = memchr::memrchr2(b'"', b'\'', arguments)?;
    let open = memchr::memrchr(arguments[close], &arguments[..close])?;
    let comma = memchr::memchr(b',', &arguments[..open]).is_some();
    let ends = |b: &u8| b.is_ascii_whitespace() || matches!(b, b'\\' | b'>');
    let alone = arguments[close + 1..].iter().all(ends);
    ((comma || !other) && alone).then_some(())?;
    let end = close - usize::from(arguments[close - 1] == b'\\');
    (end > open + 1).then_some(from + open + 1..from + end)
}
