//! `scheme://user:secret@host`, `user:secret@tcp(host)`, `jdbc:oracle:thin:user/secret@host`.

use std::ops::Range;

use super::{ends, is_value};
use crate::detect::runs::{NAME, looks_random, run, run_back};
use crate::detect::values::{colon_of_userinfo, is_reference, looks_made_up};

/// Longest word that is searched for a URL.
const LONGEST: usize = 64 << 10;

/// What the search for userinfo has seen: every word is looked at once.
#[derive(Default)]
pub(in crate::detect) struct Searched {
    to: usize,
}

fn stops(byte: u8) -> bool {
    byte <= b' ' || matches!(byte, b'"' | b'\\' | b'<' | b'>' | b'`' | 0x7f)
}

/// Gives `found` the userinfo of every URL in the word that holds the `@` at `at`, and the secrets
/// of connection strings without a scheme.
pub(in crate::detect) fn userinfo(
    hay: &[u8],
    at: usize,
    searched: &mut Searched,
    mut found: impl FnMut(Range<usize>),
) {
    if at < searched.to {
        return;
    }
    let floor = at.saturating_sub(LONGEST).max(searched.to);
    let start = floor + hay[floor..at].iter().rposition(|b| stops(*b)).map_or(0, |back| back + 1);
    let rest = &hay[at..hay.len().min(at + LONGEST)];
    let end = at + rest.iter().position(|b| stops(*b)).unwrap_or(rest.len());
    searched.to = end.max(at + 1);
    let word = &hay[start..end];
    let mut schemes = memchr::memmem::find_iter(word, b"://").peekable();
    if schemes.peek().is_none() {
        // `services/http:user:secret@host:80/proxy`: the last part of a path.
        let last = memchr::memrchr(b'/', &hay[start..at]).map(|slash| start + slash + 1);
        let part = || {
            let from = last.filter(|_| ends::host_and_port(hay, at + 1))?;
            schemeless(hay, from, at)
        };
        if let Some(secret) = schemeless(hay, start, at).or_else(part) {
            found(secret);
        }
        return;
    }
    while let Some(scheme) = schemes.next() {
        let from = start + scheme + 3;
        let to = schemes.peek().map_or(end, |next| run_back(hay, start + next, NAME, 32));
        if from < to
            && let Some(userinfo) = of_authority(hay, from, to)
        {
            found(userinfo);
        }
    }
}

/// The userinfo of a URL whose authority starts at `from`, when it holds a secret.
fn of_authority(hay: &[u8], from: usize, to: usize) -> Option<Range<usize>> {
    let text = &hay[from..to];
    let slash = text.iter().position(|b| matches!(b, b'/' | b'?' | b'#')).unwrap_or(text.len());
    // A password may hold an `@` itself: the last one ends the userinfo.
    let end = memchr::memrchr(b'@', &text[..slash]).or_else(|| {
        // `u:p/w@host`, but neither `host:8080/path@x` nor `host.example/a:b@c`
        let end = slash + memchr::memchr(b'@', &text[slash..])?;
        let colon = memchr::memchr(b':', &text[..slash])?;
        let host = run(text, end + 1, NAME, 253);
        let follows = text.get(host).is_none_or(|b| matches!(b, b'/' | b':' | b'?' | b',' | b'\''));
        let is_port = slash > colon + 1 && text[colon + 1..slash].iter().all(u8::is_ascii_digit);
        let is_host = text[..colon].contains(&b'.');
        (!is_port && !is_host && host > end + 1 && follows).then_some(end)
    })?;
    // `://[-a-zA-Z0-9+&@#/%?=~_|!:,.;]*`: a pattern of addresses.
    if text[0] == b'[' && memchr::memmem::find(&text[..end], b"a-z").is_some() {
        return None;
    }
    // `https://x:$(cat${IFS}/etc/shadow)@host`: a command, not only the name of a variable.
    if let Some(command) = memchr::memmem::find(&text[..end], b"$(")
        && let name = run(text, command + 2, NAME, end)
        && name + 1 < end
        && text[name] != b')'
    {
        return None;
    }
    match colon_of_userinfo(&text[..end]) {
        Some(colon) => is_value(&text[colon + 1..end]).then_some(from..from + end),
        // `https://${FORK_USERNAME}@${FORK_HOST}`
        None if text.starts_with(b"${") && is_reference(&text[..end]) => None,
        // a token alone: https://TOKEN@host
        None => (end >= 20 || end >= 12 && looks_made_up(&text[..end])).then_some(from..from + end),
    }
}

/// A connection string without a scheme.
fn schemeless(hay: &[u8], start: usize, at: usize) -> Option<Range<usize>> {
    let before = &hay[start..at];
    // `user:secret@tcp(host:3306)/x`
    let kind = run(hay, at + 1, NAME, 16);
    let protocol = kind > at + 1 && hay.get(kind) == Some(&b'(');
    // `jdbc:oracle:thin:user/secret@host`
    if memchr::memmem::find(before, b"jdbc:oracle:").is_some() {
        let slash = memchr::memrchr(b'/', before)?;
        return is_value(&before[slash + 1..]).then_some(start + slash + 1..at);
    }
    // `user/secret@host:1521/x`, `user/secret@(DESCRIPTION=…)` of Oracle
    // `user/secret@//host/x` is nothing else.
    let easy = hay[at + 1..].starts_with(b"//");
    if let Some(slash) = memchr::memchr(b'/', before)
        && slash > 0
        && run(before, 0, NAME, 64) == slash
        && (looks_made_up(&before[slash + 1..]) || easy && is_value(&before[slash + 1..]))
        && (hay.get(at + 1) == Some(&b'(') || easy || ends::host_and_port(hay, at + 1))
    {
        return Some(start + slash + 1..at);
    }
    let colon = start + memchr::memchr(b':', before)?;
    let user = run_back(hay, colon, NAME, 64);
    let first = user == start || matches!(hay[user - 1], b'=' | b'\'' | b',' | b'(' | b';');
    let secret = colon + 1..at;
    let value = &hay[secret.clone()];
    if !first || user == colon || !is_value(value) {
        return None;
    }
    // `user:secret@host:3128`, where the secret looks like one
    let host = ends::host_and_port(hay, at + 1);
    // Snowflake: `user:secret@account/database`
    let account = || hay.get(kind) == Some(&b'/') && kind > at + 1 && looks_made_up(value);
    (protocol || host && looks_random(value) || account()).then_some(secret)
}
