//! `name value` without a sign between: netrc, Redis, nginx, Dockerfiles; `.pgpass`; tables.

use std::ops::Range;

use super::told::{is_password, is_thought_up};
use super::{Hint, ends, is_odd, is_value};
use crate::detect::runs::{NAME, is, looks_random};
use crate::detect::values::{looks_drawn, looks_made_up};
use crate::detect::{Detector, Hit, NameKind, push};

/// More words than this are a sentence.
const WORDS: usize = 10;
/// Longest line that is read.
const LONGEST: usize = 4 << 10;
/// Words that a secret follows whatever it looks like, and the word one of which must stand before
/// them on the line, if any.
const KNOWN: &[(&[u8], &[u8])] = &[
    (b"requirepass", b""),
    (b"masterauth", b""),
    (b"bindpw", b""),
    (b"rootpw", b""),
    (b"password", b"login"),
    (b"password", b"machine"),
    (b"password", b"default"),
    (b"psk", b"wpa-psk"),
    // ipsec.secrets
    (b"PSK", b":"),
    (b"EAP", b":"),
    (b"XAUTH", b":"),
    (b"NTLM", b":"),
    // routers and switches
    (b"0", b"secret"),
    (b"5", b"secret"),
    (b"7", b"secret"),
    (b"9", b"secret"),
    (b"0", b"password"),
    (b"7", b"password"),
    (b"password", b"neighbor"),
    (b"community", b"snmp-server"),
    (b"key", b"tacacs-server"),
    (b"key", b"radius-server"),
    (b"key", b"isakmp"),
    (b"authentication-key", b""),
    (b"ascii-text", b""),
    (b"cleartext", b"login"),
    (b"auth_pass", b""),
    (b"primaryauth", b""),
    (b"auth-pass", b"sentinel"),
    (b"rocommunity", b""),
    (b"rwcommunity", b""),
    (b"SHA", b"createUser"),
    (b"MD5", b"createUser"),
    (b"AES", b"createUser"),
    (b"DES", b"createUser"),
    // routers and switches
    (b"md5", b"message-digest-key"),
    (b"psksecret", b"set"),
    (b"passwd", b"set"),
    (b"community", b"snmp"),
    (b"cipher", b"password"),
    (b"irreversible-cipher", b"password"),
    // fetchmail
    (b"pass", b"poll"),
    (b"password", b"poll"),
    // dialogues of mail, chat and data bases
    (b"IDENTIFY", b":NickServ"),
];

/// Words after one of the words above that are no secret: `tacacs-server key 0 SECRET`.
const BETWEEN: &[(&[u8], &[u8])] = &[
    (b"key", b"0"),
    (b"key", b"7"),
    (b"passwd", b"ENC"),
    (b"password", b"ENC"),
    (b"psksecret", b"ENC"),
    (b"rootpw", b"--plaintext"),
    (b"rootpw", b"--iscrypted"),
    (b"rootpw", b"--lock"),
];

/// What a password is called in a sentence that says it: `generated password x for root`.
const KINDS: &[&[u8]] = &[
    b"generated",
    b"new",
    b"default",
    b"initial",
    b"temporary",
    b"temp",
    b"random",
    b"current",
    b"old",
    b"one-time",
    b"admin",
    b"root",
];

/// Appends what stands after directives.
pub(super) fn read(hay: &[u8], hits: &mut Vec<Hit>) {
    let many = memchr::memchr(b'\n', hay).is_some();
    let mut column = None;
    let mut netrc = false;
    let mut start = 0;
    while start < hay.len() {
        let end = memchr::memchr(b'\n', &hay[start..]).map_or(hay.len(), |len| start + len);
        let line = &hay[start..end];
        if line.len() <= LONGEST {
            if line.first() == Some(&b'|') {
                column = cells(line, start, column, hits);
            } else {
                column = None;
                netrc = words(hay, start, line, many, netrc, hits);
            }
        }
        start = end + 1;
    }
}

/// Words of one line. Gives whether the next line may go on with a netrc entry.
fn words(
    hay: &[u8],
    start: usize,
    line: &[u8],
    many: bool,
    netrc: bool,
    hits: &mut Vec<Hit>,
) -> bool {
    let mut list = [(0usize, 0usize); WORDS + 1];
    let mut count = 0;
    let mut at = 0;
    while at < line.len() && count <= WORDS {
        if line[at].is_ascii_whitespace() {
            at += 1;
            continue;
        }
        let len = match line[at] {
            quote @ (b'"' | b'\'') => {
                memchr::memchr(quote, &line[at + 1..]).map_or(line.len() - at, |len| len + 2)
            }
            // `requirepass {{ .PASSWORD }}`
            b'{' if line[at..].starts_with(b"{{") => {
                memchr::memmem::find(&line[at..], b"}}").map_or(line.len() - at, |len| len + 2)
            }
            _ => line[at..].iter().take_while(|b| !b.is_ascii_whitespace()).count(),
        };
        list[count] = (at, at + len);
        at += len;
        count += 1;
    }
    if count == 1 && many {
        pgpass(line, start, hits);
    }
    if !(2..=WORDS).contains(&count) {
        return false;
    }
    let words = &list[..count];
    let text = |nth: usize| &line[words[nth].0..words[nth].1];
    let entry = |word: &[u8]| matches!(word, b"machine" | b"login" | b"default");
    let starts = entry(text(0));
    let is_user = text(0) == b"user"
        || text(0).eq_ignore_ascii_case(b"acl") && text(1).eq_ignore_ascii_case(b"setuser");
    for nth in 0..count - 1 {
        let name = text(nth);
        // Redis: `user default on >secret`
        if is_user && nth > 0 && text(nth + 1).starts_with(b">") {
            let (from, to) = words[nth + 1];
            if is_value(&line[from + 1..to]) {
                push(hits, start + from + 1, start + to, Detector::SecretAssignment);
            }
        }
        let between = BETWEEN.iter().any(|pair| *pair == (name, text(nth + 1)));
        if between {
            if let Some((from, to)) = words.get(nth + 2)
                && text(nth + 1) != b"--lock"
            {
                let range = ends::unquoted(hay, start + from..start + to);
                if is_value(&hay[range.clone()]) {
                    push(hits, range.start, range.end, Detector::SecretAssignment);
                }
            }
            continue;
        }
        // Cisco: `username bob privilege 15 secret x`
        let user = nth == 4
            && matches!(name, b"secret" | b"password")
            && (text(0), text(2)) == (b"username", b"privilege")
            && text(5).len() > 1;
        let known = user
            || KNOWN.iter().any(|(word, before)| {
                name == *word
                    && (before.is_empty() || netrc || (0..nth).any(|nth| text(nth) == *before))
                    // A default password; the entry of a netrc has a login between.
                    && !(*before == b"default" && text(nth - 1) == b"default")
            });
        let last = nth + 2 == count || matches!(line[words[nth + 2].0], b'#' | b';');
        // `generated password x for root`
        let told = nth > 0
            && matches!(name, b"password" | b"Password" | b"passphrase")
            && KINDS.iter().any(|kind| text(nth - 1).eq_ignore_ascii_case(kind));
        // `the password is x`
        let said = nth > 0 && matches!(name, b"is" | b"was" | b"ist") && is_password(text(nth - 1));
        let told = told || said && last;
        if !known && !last && !told {
            continue;
        }
        let mut range = ends::unquoted(hay, start + words[nth + 1].0..start + words[nth + 1].1);
        if last && range.end > range.start + 1 && hay[range.end - 1] == b';' {
            range = ends::unquoted(hay, range.start..range.end - 1);
        }
        // A column of SQL ends with a comma: `access_token inet,`.
        if last && count == 2 && hay[range.clone()].ends_with(b",") {
            range.end -= 1;
        }
        let value = &hay[range.clone()];
        // `Password =`: nothing is assigned.
        if value.first() == Some(&b'=') && value.len() < 3 {
            continue;
        }
        let hinted = || {
            let name = name.strip_prefix(b"$").unwrap_or(name);
            if !name.iter().all(|b| is(*b, NAME)) {
                return false;
            }
            // A sentence has words; a secret has something else.
            let odd = !value.iter().all(u8::is_ascii_alphabetic)
                && memchr::memchr2(b'=', b':', value).is_none();
            // `  password summer` in a configuration: two words on a line of many, and no sentence.
            let setting = || {
                many && nth == 0
                    && count == 2
                    && line[0].is_ascii_whitespace()
                    && !super::says_what_is_wrong(value)
            };
            let header = || {
                nth == 1
                    && matches!(
                        text(0),
                        b"proxy_set_header" | b"add_header" | b"Header" | b"set_header"
                    )
            };
            let random = looks_random(value) && !value.iter().all(u8::is_ascii_digit);
            // `AuthLDAPBindPassword "x"`: no word of a sentence is made of several.
            let made_of_words = nth == 0
                && count == 2
                && (line[words[1].0] == b'"' || is_odd(value))
                && (name.contains(&b'_')
                    || name.iter().skip(1).any(u8::is_ascii_uppercase)
                        && name.iter().any(u8::is_ascii_lowercase));
            let stands = nth == 0 && many || count > 2 && random || header() || made_of_words;
            stands && name.len() > 2 && {
                let hint = Hint::of(name);
                let password = matches!(hint.0, NameKind::Password | NameKind::Pass);
                (odd || password && setting() || header())
                    && (hint.is_strong()
                        || hint.0 == NameKind::Header && header()
                        || hint.0 == NameKind::Which && nth == 0 && looks_drawn(value))
                    && hint.goes(value)
            }
        };
        let told = || {
            let value = value.strip_suffix(b",").unwrap_or(value);
            told && is_value(value) && (is_thought_up(value) || is_joined(value))
        };
        if known && is_value(value) || last && hinted() || told() {
            push(hits, range.start, range.end, Detector::SecretAssignment);
        }
    }
    pair_words(line, start, words, hits);
    // `a1 LOGIN user SECRET` of IMAP
    if count == 4 && text(1) == b"LOGIN" && is_tag(text(0)) {
        let range = ends::unquoted(hay, start + words[3].0..start + words[3].1);
        let value = &hay[range.clone()];
        if (is_odd(value) || is_thought_up(value)) && is_value(value) {
            push(hits, range.start, range.end, Detector::SecretAssignment);
        }
    }
    // `\password app SECRET` of psql
    if count == 3 && text(0) == b"\\password" && is_value(text(2)) {
        let (from, to) = words[2];
        push(hits, start + from, start + to, Detector::SecretAssignment);
    }
    // chap-secrets and pap-secrets: `client server SECRET addresses`
    if matches!(count, 3 | 4) && text(1) == b"*" && text(0) != b"*" {
        let range = ends::unquoted(hay, start + words[2].0..start + words[2].1);
        let value = &hay[range.clone()];
        let odd = value.len() > 5
            && !value.iter().all(u8::is_ascii_alphabetic)
            && value.first() != Some(&b'/')
            // `(8 * rate(x))` is arithmetic.
            && memchr::memchr2(b'(', b'[', value).is_none()
            && text(0).first() != Some(&b'(');
        let address = |b: &u8| b.is_ascii_digit() || matches!(b, b'.' | b'*' | b'/');
        // `rm * x.sh`, `5 * time.Second`: three words are an entry if the last was made up.
        let entry = if count == 3 { is_odd(value) } else { text(3).iter().all(address) };
        if odd && is_value(value) && entry {
            push(hits, range.start, range.end, Detector::SecretAssignment);
        }
    }
    starts || netrc && entry(text(0))
}

/// `sommer_2373`, `monkey-65`: one word and a number.
fn is_joined(word: &[u8]) -> bool {
    let letters = word.iter().take_while(|b| b.is_ascii_alphabetic()).count();
    let number = word.get(letters + 1..).unwrap_or_default();
    letters > 3
        && matches!(word.get(letters), Some(b'_' | b'-'))
        && number.len() > 1
        && number.iter().all(u8::is_ascii_digit)
}

/// `a1`, `A0001`: what a client of IMAP calls a command.
fn is_tag(word: &[u8]) -> bool {
    word.len() <= 6
        && word.first().is_some_and(u8::is_ascii_alphabetic)
        && word.len() > 1
        && word[1..].iter().all(u8::is_ascii_digit)
}

/// `[smtp.example]:587`
fn is_bracketed(word: &[u8]) -> bool {
    let Some(rest) = word.strip_prefix(b"[") else { return false };
    let Some(close) = memchr::memchr(b']', rest) else { return false };
    let (host, port) = (&rest[..close], &rest[close + 1..]);
    !host.is_empty()
        && host.iter().all(|b| is(*b, NAME))
        && port.iter().all(|b| b.is_ascii_digit() || *b == b':')
}

/// Words that are followed by two: `stats auth user:SECRET`, `[smtp.example]:587 user:SECRET`,
/// `aws_access_key ID SECRET`, `credentials user SECRET`.
fn pair_words(line: &[u8], start: usize, words: &[(usize, usize)], hits: &mut Vec<Hit>) {
    let text = |nth: usize| &line[words[nth].0..words[nth].1];
    let last = words.len() - 1;
    let login = last == 1 && is_bracketed(text(0)) || last == 2 && text(1) == b"auth";
    if login && let Some(colon) = memchr::memchr(b':', text(last)) {
        let secret = &text(last)[colon + 1..];
        if super::mark(text(last)).is_none()
            && !secret.starts_with(b"//")
            && secret.len() > 3
            && is_value(secret)
        {
            let (from, to) = words[last];
            push(hits, start + from + colon + 1, start + to, Detector::SecretAssignment);
        }
    }
    // `Default admin credentials: admin / SECRET`
    for at in 0..words.len().saturating_sub(3) {
        let name = text(at).strip_suffix(b":");
        let word = |name: &[u8]| {
            [b"credentials".as_slice(), b"login", b"account"]
                .iter()
                .any(|known| name.eq_ignore_ascii_case(known))
        };
        if text(at + 2) == b"/" && name.is_some_and(word) {
            let (from, to) = words[at + 3];
            let range = ends::unquoted(line, from..to);
            let value = &line[range.clone()];
            if (is_odd(value) || is_thought_up(value) || is_joined(value)) && is_value(value) {
                push(hits, start + range.start, start + range.end, Detector::SecretAssignment);
            }
        }
    }
    // userlist.txt of PgBouncer: `"user" "SECRET"`
    let is_quoted = |nth: usize| matches!(text(nth), [b'"', .., b'"']);
    if last == 1 && is_quoted(0) && is_quoted(1) {
        let (from, to) = (words[1].0 + 1, words[1].1 - 1);
        if from < to && looks_made_up(&line[from..to]) && is_value(&line[from..to]) {
            push(hits, start + from, start + to, Detector::SecretAssignment);
        }
    }
    let key = last == 2 && (text(0) == b"credentials" || text(0) == b"aws_access_key");
    if key && looks_drawn(text(2)) && is_value(text(2)) {
        push(hits, start + words[2].0, start + words[2].1, Detector::SecretAssignment);
    }
}

/// `host:port:database:user:secret` alone on a line.
fn pgpass(line: &[u8], start: usize, hits: &mut Vec<Hit>) {
    let indent = line.len() - line.trim_ascii_start().len();
    if let Some(secret) = of_pgpass(line.trim_ascii()) {
        let start = start + indent;
        push(hits, start + secret.start, start + secret.end, Detector::SecretAssignment);
    }
}

/// The secret of `host:port:database:user:secret`.
pub(super) fn of_pgpass(text: &[u8]) -> Option<Range<usize>> {
    memchr::memchr(b':', text)?;
    let mut fields = text.splitn(5, |b| *b == b':');
    let mut next = || fields.next().unwrap_or_default();
    let (host, port, database, user, secret) = (next(), next(), next(), next(), next());
    let is_port =
        port == b"*" || (2..=5).contains(&port.len()) && port.iter().all(u8::is_ascii_digit);
    let is_host = host == b"*" || host.iter().any(u8::is_ascii_alphabetic);
    let shaped = is_host && is_port && !database.is_empty() && !user.is_empty() && secret.len() > 3;
    let goes = shaped && is_value(secret) && memchr::memchr2(b'/', b':', secret).is_none();
    goes.then_some(text.len() - secret.len()..text.len())
}

/// A row of a table; gives the column whose head hints.
fn cells(line: &[u8], start: usize, column: Option<usize>, hits: &mut Vec<Hit>) -> Option<usize> {
    let mut at = 0;
    let mut head = None;
    for (nth, cell) in line.split(|b| *b == b'|').enumerate() {
        let text = cell.trim_ascii();
        let from = start + at + (cell.len() - cell.trim_ascii_start().len());
        at += cell.len() + 1;
        match column {
            None if Hint::of(text).is_strong() => head = Some(nth),
            Some(column) if column == nth => {
                let dashes = text.iter().all(|b| matches!(b, b'-' | b':'));
                let range = ends::unquoted(line, from - start..from - start + text.len());
                let value = &line[range.clone()];
                if !dashes && is_value(value) && !value.contains(&b' ') {
                    push(hits, start + range.start, start + range.end, Detector::SecretAssignment);
                }
            }
            _ => {}
        }
    }
    column.or(head)
}

/// A bootstrap token (`abcdef.0123456789abcdef`) after the word `token`, which ends at `space`.
pub(in crate::detect) fn bootstrap_token(hay: &[u8], space: usize) -> Option<(usize, usize)> {
    let start = space + hay[space..].iter().take(4).take_while(|b| **b == b' ').count();
    let lower = |b: &u8| b.is_ascii_lowercase() || b.is_ascii_digit();
    let text = hay.get(start..start + 23)?;
    let shaped = text[6] == b'.' && text[..6].iter().all(lower) && text[7..].iter().all(lower);
    let ends = hay.get(start + 23).is_none_or(|b| !is(*b, NAME));
    let mixed = text.iter().any(u8::is_ascii_digit) && text.iter().any(u8::is_ascii_lowercase);
    (shaped && ends && mixed).then_some((start, start + 23))
}
