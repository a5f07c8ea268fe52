//! Private keys, in every writing that is known: with PEM's lines or without, as JSON, as the files
//! of programs.

use super::jwt::{LENIENT, decode_head};
use super::{Memory, RULE, Rule, Span, by, exactly, is_mixed, starts_word};
use crate::detect::runs::{ALNUM, BASE64, UPPER, URL64, is, run, value_end};
use crate::detect::values::looks_random;
use base64::Engine as _;

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "private-key",
        about: "PEM private key, plain, in lines of a list, or base64; OpenVPN static key.",
        literals: &[
            by("-----BEGIN", pem),
            by("-----begin", pem),
            by("---- BEGIN SSH2 ENC", pem),
            by("LS0tLS1CRUdJTi", pem_base64),
            by("b3BlbnNzaC1rZXktdjE", |h, at, memory| block(h, at, memory, 64)),
        ],
        finds: &["{pem}", "{base64:pem}", "b3BlbnNzaC1rZXktdjE{120b}"],
        #[cfg(test)]
        keeps: &[
            "-----BEGIN CERTIFICATE-----MIIB-----END CERTIFICATE-----",
            "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUI=",
            "wants -----BEGIN PRIVATE KEY----- and not a certificate, -----END CERTIFICATE-----",
        ],
        ..RULE
    },
    Rule {
        name: "private-key-der",
        about: "PKCS#1, PKCS#8, SEC1 key or PKCS#12 store in base64 without PEM's lines; Java key \
                store, KeePass database.",
        literals: &[
            by("MII", der),
            by("MIG", der),
            by("MIH", der),
            by("MHc", der),
            by("MHQ", der),
            by("MC4C", der),
            by("MFEC", der),
            by("/u3+7Q", |h, at, memory| block(h, at, memory, 48)),
            by("zs7OzgAA", |h, at, memory| block(h, at, memory, 48)),
            by("A9mimmf7S", |h, at, memory| block(h, at, memory, 48)),
        ],
        finds: &["{base64:pkcs8}", "{base64:sec1}", "/u3+7Q{80b}"],
        #[cfg(test)]
        keeps: &["{base64:certificate}", "{base64:public}", "MIIB", "MIGRATE"],
        ..RULE
    },
    Rule {
        name: "private-key-jwk",
        about: "Private members of a JSON web key (`d`, `p`, `q`, `dp`, `dq`, `qi`, `k`).",
        // The members themselves are looked for once the kind is seen.
        literals: &[
            by("\"kty", |_, _, memory| {
                memory.jwk = true;
                None
            }),
            by("kty\\\"", |_, _, memory| {
                memory.jwk = true;
                None
            }),
            by("kty'", |_, _, memory| {
                memory.jwk = true;
                None
            }),
            by("kty: ", |_, _, memory| {
                memory.jwk = true;
                None
            }),
        ],
        ..RULE
    },
    Rule {
        name: "bare-key",
        about: "A member called `key` that looks random: 24 letters and digits and more, of both cases.",
        literals: &[by("\"key\":", bare_key), by("key\\\":", bare_key)],
        #[cfg(test)]
        keeps: &[
            r#""key":"app.kubernetes.io/name""#,
            r#""key":"AAAAB3NzaC1yc2EAAAADAQABAAABgQ""#,
            r#""key":"MIGfMA0GCSqGSIb3DQEBAQUAA4GNADCB""#,
            r#""key":"PrefixOfTheNamesOfAllBuckets""#,
            r#""key":"0f1e2d3c4b5a69788796a5b4c3d2e1f0""#,
        ],
        ..RULE
    },
    Rule {
        name: "private-key-putty",
        about: "Private lines of a PuTTY key file.",
        literals: &[by("Private-Lines:", putty)],
        ..RULE
    },
    Rule {
        name: "ceph-key",
        about: "Ceph key.",
        literals: &[by("AQA", ceph), by("AQB", ceph), by("AQC", ceph), by("AQD", ceph)],
        finds: &["{base64:ceph}"],
        #[cfg(test)]
        keeps: &["AQAB", "AQABAAIAAw=="],
        ..RULE
    },
    Rule {
        name: "wireguard-key",
        about: "WireGuard private or preshared key.",
        literals: &[by("resharedKey", wireguard::<11>), by("rivateKey", wireguard::<9>)],
        ..RULE
    },
    Rule {
        name: "age-key",
        about: "age secret key.",
        literals: &[
            exactly("AGE-SECRET-KEY-1", UPPER, 58),
            exactly("AGE-SECRET-KEY-PQ-1", UPPER, 58),
        ],
        finds: &["AGE-SECRET-KEY-1{58u}"],
        #[cfg(test)]
        keeps: &["AGE-SECRET-KEY-1"],
        ..super::SERVICE_RULE
    },
];

/// After `"key":`: a value of letters and digits at random that is no public key.
fn bare_key(hay: &[u8], at: usize, _: &mut Memory) -> Span {
    let colon = at + memchr::memchr(b':', &hay[at..hay.len().min(at + 8)])?;
    let opens = |b: &&u8| matches!(b, b' ' | b'"' | b'\\');
    let start = colon + 1 + hay[colon + 1..].iter().take(4).take_while(opens).count();
    let end = run(hay, start, URL64, 128);
    let value = &hay[start..end];
    let public = [b"AAAA".as_slice(), b"MI", b"LS0t"].iter().any(|head| value.starts_with(head));
    let digits = value.iter().filter(|b| b.is_ascii_digit()).count();
    let cases =
        value.iter().any(u8::is_ascii_lowercase) && value.iter().any(u8::is_ascii_uppercase);
    let ends = matches!(hay.get(end), Some(b'"' | b'\\'));
    let goes = value.len() >= 24 && !public && digits > 1 && cases && ends && looks_random(value);
    goes.then_some((start, end))
}

/// Labels of what is private.
const LABELS: &[&[u8]] = &[b"PRIVATE KEY", b"private key", b"Static key", b"NKEY SEED"];

/// `-----BEGIN … PRIVATE KEY-----` to its end, or to the end of the string. A label alone, in a
/// comment or a message, has no base64 after it.
fn pem(hay: &[u8], at: usize, memory: &mut Memory) -> Span {
    // Most are certificates.
    if hay[at..].starts_with(b"-----BEGIN CERTIFICATE") {
        return None;
    }
    let string_end = memory.string_end(hay, at);
    // The string may end within the label.
    let label = &hay[at..string_end.min(at + 60)];
    let label =
        &label[..label[10..].iter().position(|b| *b == b'-').map_or(label.len(), |p| p + 10)];
    if !LABELS.iter().any(|kind| memchr::memmem::find(label, kind).is_some()) {
        return None;
    }
    let body = at + label.len();
    let first = skip_between(hay, body, hay.len());
    if first > string_end {
        // The rest stands in the next strings, a line each.
        memory.split = memory.split.or(Some(at));
        return None;
    }
    if first == string_end && body + 5 < string_end || !goes_on(hay, first, string_end) {
        return None;
    }
    let end = pem_end(hay, at, body, first, string_end);
    Some((at, command_line(hay, first, end).unwrap_or(end)))
}

/// Where the key ends whose label starts at `at` and whose letters start at `first`.
fn pem_end(hay: &[u8], at: usize, body: usize, first: usize, string_end: usize) -> usize {
    let end: &[u8] = if hay[at + 5] == b'b' { b"-----end" } else { b"-----END" };
    let Some(found) = memchr::memmem::find(&hay[body..string_end], end) else {
        if let Some(close) = closing_quote(hay, first, string_end) {
            return close;
        }
        // Up to an escaped quote: never split it.
        let cut = usize::from(string_end > body && hay[string_end - 1] == b'\\');
        return string_end - cut;
    };
    let label_end = body + found + 8;
    let tail = hay[label_end..string_end].iter().take(60);
    let dashes = tail.clone().position(|b| *b == b'-').unwrap_or(0);
    let end = label_end + dashes;
    end + hay[end..string_end].iter().take(5).take_while(|b| **b == b'-').count()
}

/// Where the first line starts that is a command with an option or a path: `nsenter -t 1`. Nobody
/// hides what he runs behind the label of a key.
fn command_line(hay: &[u8], from: usize, to: usize) -> Option<usize> {
    let mut at = from;
    while at < to {
        // A line ends at a line feed, or at the escape for one.
        let len = memchr::memchr2(b'\n', b'\\', &hay[at..to]).unwrap_or(to - at);
        let line = &hay[at..at + len];
        let word = line.iter().take_while(|b| b.is_ascii_lowercase() || b.is_ascii_digit()).count();
        if word > 1
            && line.get(word) == Some(&b' ')
            && matches!(
                line[word + 1..],
                [b'-', b'a'..=b'z', ..] | [b'/', ..] | [b'-', b'-', b'a'..=b'z', ..]
            )
        {
            return Some(at);
        }
        at += len + 1;
        if hay.get(at - 1) == Some(&b'\\') && matches!(hay.get(at), Some(b'n' | b'r')) {
            at += 1;
        }
    }
    None
}

/// The apostrophe that closes a text of a shell after the letters of a key, when the next command or
/// nothing follows.
fn closing_quote(hay: &[u8], first: usize, to: usize) -> Option<usize> {
    let mut at = first;
    while at < to {
        match hay[at] {
            b'\\' if hay.get(at + 1).is_some_and(|b| matches!(b, b'n' | b'r')) => at += 2,
            b'\n' | b'\r' | b'-' => at += 1,
            byte if is(byte, BASE64) => at += 1,
            _ => break,
        }
    }
    let rest = hay[(at + 1).min(to)..to].trim_ascii_start();
    let ends = match rest {
        [] | [b';' | b'|' | b'&' | b'>' | b')', ..] | [b'\\', b'n', ..] => true,
        _ => hay[at..to].starts_with(b"'\n"),
    };
    (hay[at.min(to - 1)] == b'\'' && at < to && ends).then_some(at)
}

/// Whether sixteen letters of base64 follow, in lines of any length, or as many as there are.
fn goes_on(hay: &[u8], first: usize, to: usize) -> bool {
    let (mut at, mut letters) = (first, 0);
    while at < to && letters < 16 {
        match hay[at] {
            b'\\' if hay.get(at + 1).is_some_and(|b| matches!(b, b'n' | b'r')) => at += 1,
            b'&' if hay[at..].starts_with(b"&#10;") => at += 4,
            b'\n' | b'\r' => {}
            byte if is(byte, BASE64) => letters += 1,
            _ => return false,
        }
        at += 1;
    }
    true
}

/// Where the first letters of a key stand: past dashes, white space and its escapes, signs that join
/// strings, and header lines such as `Proc-Type: 4,ENCRYPTED`.
fn skip_between(hay: &[u8], from: usize, to: usize) -> usize {
    let to = to.min(from + 400);
    let mut at = from;
    // Signs of a comment or a quotation at the start of a line.
    let mut fresh = false;
    while at < to {
        match hay[at] {
            b'\\' if hay.get(at + 1).is_some_and(|b| matches!(b, b'n' | b'r' | b't')) => {
                fresh = true;
                at += 2;
            }
            b'\n' => {
                fresh = true;
                at += 1;
            }
            b'&' if hay[at..].starts_with(b"&#10;") => {
                fresh = true;
                at += 5;
            }
            // The number of the line.
            byte if fresh
                && byte.is_ascii_digit()
                && hay[at..].iter().take(5).find(|b| !b.is_ascii_digit()) == Some(&b' ') =>
            {
                at += 1 + hay[at..].iter().take(5).take_while(|b| b.is_ascii_digit()).count();
                fresh = false;
            }
            b'#' | b';' | b'*' | b'|' | b'>' if fresh => at += 1,
            b'/' if fresh && hay.get(at + 1) == Some(&b'/') => at += 2,
            b'-' | b' ' | b'\r' | b'\t' | b'\\' | b'"' | b'\'' | b'+' | b',' | b'.' => {
                at += 1;
            }
            letter if letter.is_ascii_uppercase() => {
                let colon = run(hay, at, URL64, 20);
                if hay.get(colon) != Some(&b':') {
                    break;
                }
                let line = hay[colon..to].iter().position(|b| matches!(b, b'\n' | b'\\'));
                let Some(line) = line else { break };
                at = colon + line;
            }
            _ => break,
        }
    }
    at
}

/// The lines of keys that are strings of their own, from the label at `from` on: as long as there is
/// nothing between them but quotes and what joins strings.
pub(in crate::detect) fn lines(hay: &[u8], from: usize, mut found: impl FnMut(usize, usize)) {
    let mut label = from;
    loop {
        let end = (label + 60).min(hay.len());
        let dashes =
            hay[label + 10..end].iter().position(|b| *b == b'-').unwrap_or(end - label - 10);
        let body = label + 10 + dashes;
        let mut at = body;
        if LABELS.iter().any(|kind| memchr::memmem::find(&hay[label..body], kind).is_some()) {
            loop {
                let start = skip_between(hay, at, hay.len());
                let end = run(hay, start, BASE64, 200);
                // `{"l0": "-----BEGIN …", "l1": "MIIE…"}`: a name between, and then a whole line.
                if let Some(value) = after_name(hay, start, end) {
                    let line = run(hay, value, BASE64, 200);
                    if line < value + 40 || !is_mixed(&hay[value..line]) || !ends_line(hay, line) {
                        break;
                    }
                    found(value, line);
                    at = line;
                    continue;
                }
                if end < start + 4 || !ends_line(hay, end) {
                    break;
                }
                found(start, end);
                at = end;
            }
        }
        match memchr::memmem::find(&hay[at..], b"-----BEGIN") {
            Some(next) => label = at + next,
            None => return,
        }
    }
}

/// Where the value starts of the member whose short name this is.
fn after_name(hay: &[u8], start: usize, end: usize) -> Option<usize> {
    let signs = hay[end..].iter().take(8);
    let signs = signs.take_while(|b| matches!(b, b'"' | b'\\' | b':' | b' ')).count();
    let between = &hay[end..end + signs];
    let is_name = (1..=24).contains(&(end - start)) && between.contains(&b':');
    (is_name && between.ends_with(b"\"")).then_some(end + signs)
}

/// Whether a string or line ends at `at`.
fn ends_line(hay: &[u8], at: usize) -> bool {
    hay.get(at).is_none_or(|b| matches!(b, b'"' | b'\\' | b'\n' | b'\''))
}

fn pem_base64(hay: &[u8], at: usize, memory: &mut Memory) -> Span {
    let end = memory.base64_end(hay, at);
    let mut buffer = [0; 144];
    let head = decode_head(&hay[at..end], &mut buffer);
    let line = head.split(|b| *b == b'\n').next().unwrap_or_default();
    let private = LABELS.iter().any(|kind| memchr::memmem::find(line, kind).is_some());
    private.then(|| (at, folded_end(hay, end)))
}

/// A run of base64 of `least` letters or more, with the lines that follow it.
fn block(hay: &[u8], at: usize, memory: &mut Memory, least: usize) -> Span {
    let end = memory.base64_end(hay, at);
    (end >= at + least).then(|| (at, folded_end(hay, end)))
}

/// Where base64 that is broken into lines ends: lines are parted by white space or its escapes.
fn folded_end(hay: &[u8], from: usize) -> usize {
    let mut end = from;
    loop {
        let mut next = end;
        while let Some(byte) = hay.get(next) {
            match byte {
                b'\\' if hay.get(next + 1).is_some_and(|b| matches!(b, b'n' | b'r')) => next += 2,
                b'\n' | b'\r' | b' ' | b'\t' if next < end + 16 => next += 1,
                _ => break,
            }
        }
        let line = run(hay, next, BASE64, 80);
        if next == end || line < next + 16 {
            return end;
        }
        end = line;
    }
}

/// Base64 of the start of a private key in DER, or of a PKCS#12 store.
fn der(hay: &[u8], at: usize, memory: &mut Memory) -> Span {
    if at > 0 && is(hay[at - 1], BASE64) && hay[at - 1] != b'=' && !starts_word(hay, at) {
        return None;
    }
    let end = memory.base64_end(hay, at);
    if end < at + 60 {
        return None;
    }
    let mut buffer = [0; 144];
    let head = decode_head(&hay[at..at + 32], &mut buffer);
    is_private(head).then(|| (at, folded_end(hay, end)))
}

/// SEQUENCE, then the version of a key: 0 and an INTEGER or SEQUENCE (PKCS#1, PKCS#8), 1 and an
/// OCTET STRING (SEC1), 3 and a SEQUENCE (PKCS#12); or the id of password-based encryption.
fn is_private(der: &[u8]) -> bool {
    let Some(body) = der.strip_prefix(&[0x30]).and_then(content) else { return false };
    match body {
        [2, 1, 0 | 1, 2 | 0x30, ..] | [2, 1, 1, 4, ..] | [2, 1, 3, 0x30, ..] => true,
        [0x30, rest @ ..] => {
            const PKCS5: &[u8] = &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 5];
            const PKCS12: &[u8] = &[6, 10, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 12];
            content(rest).is_some_and(|id| id.starts_with(PKCS5) || id.starts_with(PKCS12))
        }
        _ => false,
    }
}

/// What follows the length of a DER value.
fn content(der: &[u8]) -> Option<&[u8]> {
    match der.first()? {
        0..=0x7f => der.get(1..),
        0x81 => der.get(2..),
        0x82 => der.get(3..),
        _ => None,
    }
}

/// Private members of JSON web keys.
const MEMBERS: &[&str] = &["\"d", "\"k", "\"p", "\"q", "\"dp", "\"dq", "\"qi"];
/// The same in YAML, and between single quotes.
const OTHERS: &[&str] = &[
    "d: ", "k: ", "p: ", "q: ", "dp: ", "dq: ", "qi: ", "'d'", "'k'", "'p'", "'q'", "'dp'", "'dq'",
    "'qi'",
];

/// The values of private members of the JSON web keys in a haystack that has any.
pub(in crate::detect) fn members(hay: &[u8], mut found: impl FnMut(usize, usize)) {
    for name in MEMBERS {
        for at in memchr::memmem::find_iter(hay, name) {
            // The quote after the name may be escaped, as the one before it.
            let slashes =
                |at: usize| hay[at..].iter().take(16).take_while(|b| **b == b'\\').count();
            let quote = at + name.len() + slashes(at + name.len());
            if hay.get(quote) != Some(&b'"') {
                continue;
            }
            let signs = hay[quote + 1..].iter().take(24);
            let signs = signs.take_while(|b| matches!(b, b' ' | b':' | b'\\' | b'"')).count();
            let start = quote + 1 + signs;
            let end = run(hay, start, URL64, 4 << 10);
            if signs >= 2 && end >= start + 16 && is_mixed(&hay[start..end]) {
                found(start, end);
            }
        }
    }
    for name in OTHERS {
        for at in memchr::memmem::find_iter(hay, name) {
            // The `n` of an escaped line break.
            let starts = at > 0 && (!is(hay[at - 1], ALNUM) || hay[..at].ends_with(b"\\n"));
            let from = at + name.len();
            let signs = hay[from..].iter().take(4);
            let start =
                from + signs.take_while(|b| matches!(b, b' ' | b':' | b'\'' | b'"')).count();
            let end = run(hay, start, URL64, 4 << 10);
            if starts && end >= start + 16 && is_mixed(&hay[start..end]) {
                found(start, end);
            }
        }
    }
}

/// From the count of private lines to the message authentication code.
fn putty(hay: &[u8], at: usize, memory: &mut Memory) -> Span {
    let string_end = memory.string_end(hay, at);
    let body = at + 14;
    let digits = run(hay, body + 1, ALNUM, 4);
    let first = skip_between(hay, digits, string_end);
    let end = memchr::memmem::find(&hay[body..string_end], b"Private-MAC:")
        .map_or(string_end, |found| value_end(hay, body + found + 13, 128).min(string_end));
    let cut = usize::from(end > first && hay[end - 1] == b'\\');
    (run(hay, first, BASE64, 16) >= first + 16).then_some((first, end - cut))
}

/// 40 letters: type 1, a time, length 16 and as many bytes.
fn ceph(hay: &[u8], at: usize, _: &mut Memory) -> Span {
    let end = run(hay, at, BASE64, 41);
    if end != at + 40
        || &hay[end - 2..end] != b"=="
        || at > 0 && is(hay[at - 1], ALNUM) && !starts_word(hay, at)
    {
        return None;
    }
    let mut buffer = [0; 32];
    let mut letters = [0; 38];
    for (to, byte) in letters.iter_mut().zip(&hay[at..]) {
        *to = match byte {
            b'+' => b'-',
            b'/' => b'_',
            other => *other,
        };
    }
    let len = LENIENT.decode_slice(letters, &mut buffer).ok()?;
    (len == 28 && buffer[..2] == [1, 0] && buffer[10..12] == [16, 0]).then_some((at, end))
}

/// 43 letters of base64 and `=` after the name and a sign.
fn wireguard<const N: usize>(hay: &[u8], at: usize, _: &mut Memory) -> Span {
    let signs = hay[(at + N).min(hay.len())..].iter().take(6);
    let start = at
        + N
        + signs.take_while(|b| matches!(b, b' ' | b'=' | b':' | b'"' | b'\\' | b'\'')).count();
    let end = run(hay, start, BASE64, 45);
    (end == start + 44 && hay[end - 1] == b'=' && is_mixed(&hay[start..end]))
        .then_some((start, end))
}
