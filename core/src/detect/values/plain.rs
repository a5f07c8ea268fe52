//! Values that every format writes the same way: switches, durations, quantities,
//! addresses, settings, sentences.

use super::random::looks_random;
use super::references::{is_path, is_reference, is_word};
use super::{ValueKind, kind};
use crate::detect::jumbled::is_jumbled;
use crate::detect::names::{NameKind, classify};
use ValueKind::{
    Credentials, Duration, Empty, Number, Path, Reference, Size, Switch, Url, Variable,
};

/// `Sommer2024!`: one word of letters and digits with a mark among them that no name has.
pub(super) fn is_marked(value: &[u8]) -> bool {
    let count = |test: fn(&u8) -> bool| value.iter().filter(|b| test(b)).count();
    (8..=64).contains(&value.len())
        && count(|b| matches!(b, b'!' | b'#' | b'%' | b'^' | b'~')) > 0
        && count(u8::is_ascii_digit) > 0
        && count(u8::is_ascii_lowercase) > 1
        && count(u8::is_ascii_uppercase) > 0
        && value.iter().all(|b| b.is_ascii_alphanumeric() || b"!#%^~@*&-_.$".contains(b))
        // Percent escapes, a fragment of a path.
        && !matches!(value[0], b'!' | b'#' | b'%' | b'^' | b'~' | b'*' | b'&')
}

/// The words of a wallet: twelve and more in steps of three, three to eight small letters each.
pub(super) fn is_seed_phrase(value: &[u8]) -> bool {
    let mut words = 0;
    let plain = value.split(|b| *b == b' ').all(|word| {
        words += 1;
        (3..=8).contains(&word.len()) && word.iter().all(u8::is_ascii_lowercase)
    });
    plain && matches!(words, 12 | 15 | 18 | 21 | 24)
}

/// `user:SECRET`, where the secret is no port, path, switch or reference.
pub(super) fn is_login(value: &[u8]) -> bool {
    let Some(colon) = memchr::memchr(b':', value).filter(|colon| *colon > 0) else { return false };
    let (user, secret) = (&value[..colon], &value[colon + 1..]);
    is_word(user, b".-@+")
        && secret.len() > 1
        && !secret.contains(&b' ')
        && !secret.starts_with(b"//")
        && !matches!(
            kind(secret),
            Empty | Switch | Number | Duration | Size | Reference | Variable | Path
        )
}

pub(super) fn split_at_dot(text: &[u8]) -> Option<(&[u8], &[u8])> {
    memchr::memchr(b'.', text).map(|dot| (&text[..dot], &text[dot + 1..]))
}

pub(super) fn has_capital(text: &[u8]) -> bool {
    text.iter().any(|b| b.is_ascii_uppercase() || *b == b'_')
}

pub(super) fn digits(text: &[u8]) -> usize {
    text.iter().filter(|b| b.is_ascii_digit()).count()
}

/// Constants that are written where secrets stand and that everybody knows.
pub(super) const KNOWN: &[&[u8]] = &[
    b"Public Global Stellar Network ; September 2015",
    b"Test SDF Network ; September 2015",
    // SQL
    b"DEFAULT",
    // Bank-Vaults: the token that logging in gives.
    b"vault:login",
];

pub(super) fn is_switch(value: &[u8]) -> bool {
    const WORDS: &[&str] = &[
        "true",
        "false",
        "yes",
        "no",
        "on",
        "off",
        "enabled",
        "disabled",
        "enable",
        "disable",
        "required",
        "optional",
        "null",
        "nil",
        "none",
        "n/a",
        "na",
        "undefined",
        "unset",
        "not-set",
        "not_set",
        "not set",
        "notset",
        "~",
        "auto",
        "always",
        "never",
        "y",
        "n",
        "on_create",
    ];
    let first = value.first().map(u8::to_ascii_lowercase);
    matches!(first, Some(b'a' | b'd'..=b'f' | b'n' | b'o' | b'r' | b't' | b'u' | b'y' | b'~'))
        && value.len() <= 9
        && WORDS.iter().any(|word| value.eq_ignore_ascii_case(word.as_bytes()))
}

/// `P30D`, `PT15M`
pub(super) fn is_iso_duration(value: &[u8]) -> bool {
    let rest = &value[1..];
    let units = |b: &u8| matches!(b, b'Y' | b'M' | b'W' | b'D' | b'T' | b'H' | b'S');
    (2..=16).contains(&rest.len())
        && rest.iter().all(|b| b.is_ascii_digit() || units(b))
        && rest.windows(2).all(|two| two[0].is_ascii_digit() || two[1].is_ascii_digit())
        && rest.last().is_some_and(|b| units(b) && *b != b'T')
}

/// A number, a duration or a size.
pub(super) fn quantity(value: &[u8]) -> Option<ValueKind> {
    let value = value.strip_prefix(b"-").or_else(|| value.strip_prefix(b"+")).unwrap_or(value);
    if value.iter().all(|b| b.is_ascii_digit() || matches!(b, b'.' | b'_' | b',')) {
        return Some(Number);
    }
    if value.len() > 32 {
        return None;
    }
    let mut rest = value;
    let mut kind = None;
    while !rest.is_empty() {
        let digits = rest.iter().take_while(|b| b.is_ascii_digit() || **b == b'.').count();
        let letters = rest[digits..].iter().take_while(|b| b.is_ascii_alphabetic()).count();
        if digits == 0 {
            return None;
        }
        let unit = &rest[digits..digits + letters];
        let this = match unit {
            b"s" | b"m" | b"h" | b"d" | b"w" | b"y" | b"ms" | b"us" | b"ns" | b"sec" | b"min"
            | b"mins" | b"secs" | b"days" | b"hours" | b"minutes" | b"seconds" => Duration,
            b"Ki" | b"Mi" | b"Gi" | b"Ti" | b"k" | b"K" | b"M" | b"G" | b"T" | b"KB" | b"MB"
            | b"GB" | b"TB" | b"B" | b"kb" | b"mb" | b"gb" | b"KiB" | b"MiB" | b"GiB" => Size,
            _ => return None,
        };
        if kind.is_some_and(|known| known != this) {
            return None;
        }
        kind = Some(this);
        rest = &rest[digits + letters..];
    }
    kind
}

pub(super) fn is_public(value: &[u8]) -> bool {
    const STARTS: &[&[u8]] = &[
        b"ssh-rsa ",
        b"ssh-ed25519 ",
        b"ssh-dss ",
        b"ecdsa-sha2-",
        b"sk-ssh-",
        b"sk-ecdsa-",
        b"-----BEGIN CERTIFICATE",
        b"-----BEGIN PUBLIC KEY",
        b"-----BEGIN RSA PUBLIC KEY",
        b"-----BEGIN PGP PUBLIC",
        b"LS0tLS1CRUdJTiBDRVJU",
        b"LS0tLS1CRUdJTiBQVUJM",
        b"age1",
        // Written to by browsers.
        b"phc_",
    ];
    matches!(value.first(), Some(b's' | b'e' | b'-' | b'L' | b'a' | b'p'))
        && STARTS.iter().any(|start| value.starts_with(start))
        && memchr::memmem::find(value, b"PRIVATE KEY").is_none()
}

/// Where the name of a user ends in the userinfo of a URL: not in a variable that has a colon itself, as
/// `${env:USER}` of OpenTelemetry's collector.
pub(in crate::detect) fn colon_of_userinfo(userinfo: &[u8]) -> Option<usize> {
    let variable = userinfo.starts_with(b"${").then(|| memchr::memchr(b'}', userinfo)).flatten();
    let from = variable.map_or(0, |end| end + 1);
    memchr::memchr(b':', &userinfo[from..]).map(|at| from + at)
}

/// `app` in `postgres://app@db/x`: who logs in, without a password. In URLs of HTTP a token may stand
/// there alone.
fn is_user_alone(scheme: &[u8], userinfo: &[u8]) -> bool {
    !scheme.starts_with(b"http")
        && userinfo.len() <= 32
        && is_word(userinfo, b"-.")
        && digits(userinfo) <= 4
        && !userinfo.iter().any(u8::is_ascii_uppercase)
        && !looks_random(userinfo)
        && !is_jumbled(userinfo)
}

/// `postgres://app:SECRET@db:5432/app`, where nothing but the userinfo can hold a secret: the reader of
/// URLs takes that alone.
pub(super) fn is_plain_login(value: &[u8]) -> bool {
    let Some(at) = memchr::memmem::find(value, b"://") else { return false };
    let rest = &value[at + 3..];
    let end = rest.iter().position(|b| matches!(b, b'/' | b'?')).unwrap_or(rest.len());
    let (authority, path) = rest.split_at(end);
    let Some(host) = memchr::memchr(b'@', authority) else { return false };
    let (login, host) = (&authority[..host], &authority[host + 1..]);
    let Some(colon) = memchr::memchr(b':', login) else { return false };
    value.len() <= 512
        && (colon == 0 || is_word(&login[..colon], b"-.%"))
        && is_word(&login[colon + 1..], b"-.%~!*")
        && !matches!(kind(&login[colon + 1..]), Empty | Switch | Reference | Variable)
        && !host.is_empty()
        && host.iter().all(|b| b.is_ascii_alphanumeric() || b"-.:,[]_".contains(b))
        && path.iter().all(|b| b.is_ascii_alphanumeric() || b"-._/?=&%+~".contains(b))
        && !path.split(|b| matches!(b, b'?' | b'&' | b'/')).any(looks_random)
        && !assigns_secret(value)
}

/// A URL, `host:port` or connection string: with a credential or without.
pub(super) fn address(value: &[u8]) -> Option<ValueKind> {
    let mut colons = memchr::memchr_iter(b':', value);
    let scheme = colons.find(|at| value[*at..].starts_with(b"://")).filter(|at| {
        *at > 0 && value[..*at].iter().all(|b| b.is_ascii_alphanumeric() || b"+.-:".contains(b))
    });
    let assigned = assigns_secret(value);
    if let Some(at) = scheme {
        let rest = &value[at + 3..];
        let authority = &rest
            [..rest.iter().position(|b| matches!(b, b'/' | b'?' | b'#')).unwrap_or(rest.len())];
        // A password may hold a slash: whatever stands before an `@` counts.
        let userinfo = match memchr::memrchr(b'@', authority) {
            // `postgres://$(USER):$(PASSWORD)@db`
            Some(end) => match colon_of_userinfo(&authority[..end]) {
                Some(colon) => !is_reference(&authority[colon + 1..end]),
                None => !is_user_alone(&value[..at], &authority[..end]),
            },
            None => memchr::memchr(b'@', rest)
                .is_some_and(|at| memchr::memchr(b':', &rest[..at]).is_some()),
        };
        return Some(if userinfo || assigned { Credentials } else { Url });
    }
    if assigned {
        return Some(Credentials);
    }
    // `user:password@tcp(host)/x`, `user/password@host`
    if let Some(at) = memchr::memchr(b'@', value)
        && value[..at].iter().any(|b| matches!(b, b':' | b'/'))
        && !value.contains(&b' ')
    {
        return Some(Credentials);
    }
    // `sqlite3:/data/till.sqlite3`
    if let Some(colon) = memchr::memchr(b':', value)
        && value[..colon].iter().all(u8::is_ascii_alphanumeric)
        && &value[..colon] != b"file"
        && value.get(colon + 1) == Some(&b'/')
        && is_path(&value[colon + 1..])
        && !looks_random(value)
    {
        return Some(Url);
    }
    let (host, port) = value.split_at(memchr::memrchr(b':', value)?);
    let is_host = !host.is_empty()
        && host.iter().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b"-._".contains(b));
    let port = port[1..].split(|b| *b == b'/').next().unwrap_or_default();
    let is_port = (1..=5).contains(&port.len()) && port.iter().all(u8::is_ascii_digit);
    (is_host && is_port && !looks_random(host)).then_some(Url)
}

/// Whether a value holds `name=value` or `name:value` with a name of a secret, between `;`, `&`,
/// `?`, commas or spaces.
pub(super) fn assigns_secret(value: &[u8]) -> bool {
    let mut from = 0;
    for at in memchr::memchr_iter(b'=', value) {
        let name = &value[from..at];
        from = at + 1;
        let start = name
            .iter()
            .rev()
            .take(64)
            .take_while(|b| b.is_ascii_alphanumeric() || matches!(b, b'_' | b'-' | b'.' | b' '))
            .count();
        let name = name[name.len() - start..].trim_ascii();
        let text = &value[from..];
        let text = &text[..text
            .iter()
            .position(|b| matches!(b, b';' | b'&' | b',' | b' '))
            .unwrap_or(text.len())];
        let known = classify(name);
        if !text.is_empty()
            && !is_switch(text)
            && !is_reference(text)
            && !is_pattern(text)
            && (known.is_strong() && (known >= NameKind::Token || !is_path(text))
                || known == NameKind::Weak && looks_random(text)
                || matches!(name, b"sig" | b"Sig" | b"signature"))
        {
            return true;
        }
    }
    false
}

/// A list of words and assignments none of which is of a secret.
pub(super) fn is_settings(value: &[u8]) -> bool {
    value.len() <= 512
        && memchr::memchr(b',', value).is_some()
        && memchr::memchr(b'=', value).is_some()
        && !looks_random(value)
        && value.split(|b| *b == b',').enumerate().all(|(at, part)| {
            match memchr::memchr(b'=', part) {
                None => at == 0 && is_word(part, b"-"),
                Some(equals) => {
                    let (name, text) = (&part[..equals], &part[equals + 1..]);
                    is_word(name, b"-.")
                        && (matches!(kind(text), Path | Switch | Number | Duration | Size)
                            || is_word(text, b"-.") && !classify(name).hints())
                }
            }
        })
}

pub(super) fn is_name(value: &[u8]) -> bool {
    let marks = value.iter().filter(|b| matches!(b, b'/' | b':')).count();
    value.len() <= 253
        && (marks <= 1 || !value.iter().any(u8::is_ascii_uppercase) && !value.contains(&b':'))
        && value.iter().all(|b| b.is_ascii_alphanumeric() || b"._-/:".contains(b))
}

/// Whether a text is a type of JSON schema.
pub(crate) fn is_schema_type(text: &[u8]) -> bool {
    matches!(text, b"string" | b"object" | b"array" | b"integer" | b"number" | b"boolean")
}

/// `Bearer abc`, `Splunk abc`, `a=b; c=d`: a scheme and what is no reference, or a cookie.
pub(super) fn is_header_credential(value: &[u8]) -> bool {
    if let Some(equals) = memchr::memchr(b'=', value) {
        // `session=.*`: a pattern.
        return !is_pattern(&value[equals + 1..]);
    }
    let Some(space) = value.iter().position(|b| *b == b' ') else { return true };
    let credential = value[space..].trim_ascii();
    let printed = credential.starts_with(b"$(") && credential.ends_with(b")");
    !credential.is_empty()
        && !printed
        && !matches!(kind(credential), Reference | Variable | Switch | Empty)
        && (!is_sentence(value) || is_scheme(&value[..space]) && !speaks_of_schemes(credential))
}

/// Words after the name of a scheme in a sentence about it. What else follows is a pass phrase.
pub(super) fn speaks_of_schemes(text: &[u8]) -> bool {
    const WORDS: &[&[u8]] = &[
        b"token",
        b"tokens",
        b"auth",
        b"authentication",
        b"authorization",
        b"scheme",
        b"header",
        b"headers",
        b"credential",
        b"credentials",
        b"is",
        b"are",
        b"or",
        b"and",
        b"with",
        b"from",
        b"for",
        b"in",
        b"of",
        b"to",
        b"must",
        b"only",
        b"by",
        b"as",
        b"if",
        b"when",
    ];
    let word = text.split(|b| !b.is_ascii_alphabetic()).next().unwrap_or_default();
    WORDS.iter().any(|known| word.eq_ignore_ascii_case(known))
}

pub(super) fn is_scheme(word: &[u8]) -> bool {
    let schemes = [b"Bearer".as_slice(), b"Basic", b"Token", b"ApiKey", b"GenieKey", b"SSWS"];
    schemes.iter().any(|scheme| word.eq_ignore_ascii_case(scheme))
}

/// A regular expression for anything.
pub(super) fn is_pattern(text: &[u8]) -> bool {
    matches!(text, b".*" | b".+" | b"[^;]+" | b"[^;]*" | b".*;?" | b".*$" | b"(.*)" | b"(.+)")
}

/// Three words or more that are written as words are: letters, large ones at most in front.
pub(super) fn is_sentence(value: &[u8]) -> bool {
    let is_word = |word: &[u8]| {
        let [_, rest @ ..] = word else { return true };
        let end = rest.len() - usize::from(rest.last().is_some_and(u8::is_ascii_punctuation));
        word[0].is_ascii_alphabetic()
            && rest[..end].iter().all(|b| b.is_ascii_lowercase() || matches!(b, b'-' | b'\''))
    };
    let words = value.split(|b| *b == b' ');
    words.clone().count() >= 3 && words.clone().all(is_word)
}
