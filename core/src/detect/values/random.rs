//! Whether a text is drawn at random, made up by a person, or counted: by its letters alone.

pub(super) fn is_digest(value: &[u8]) -> bool {
    // `2.0.22@sha256:…`: a tag of an image and its digest.
    let value = match memchr::memchr(b'@', value) {
        Some(at)
            if at < 128
                && value[..at]
                    .iter()
                    .all(|b| crate::detect::runs::is(*b, crate::detect::runs::NAME)) =>
        {
            &value[at + 1..]
        }
        _ => value,
    };
    let Some(colon) = memchr::memchr(b':', &value[..value.len().min(8)]) else { return false };
    matches!(&value[..colon], b"sha256" | b"sha512" | b"sha1" | b"md5")
        && value.len() >= colon + 33
        && value[colon + 1..].iter().all(u8::is_ascii_hexdigit)
}

/// Whether a text has a run of letters and digits that nobody would write as a name: eight and
/// more with a digit and both cases, sixteen and more with a digit, twenty and more with both
/// cases, and changing between them as words do not.
pub(crate) fn looks_random(text: &[u8]) -> bool {
    let mut at = 0;
    while at < text.len() {
        if !text[at].is_ascii_alphanumeric() {
            at += 1;
            continue;
        }
        let (mut digits, mut lower, mut upper, mut changes) = (0u32, 0u32, 0u32, 0u32);
        let start = at;
        let mut last = 0u8;
        while at < text.len() && text[at].is_ascii_alphanumeric() {
            let class = match text[at] {
                b'0'..=b'9' => {
                    digits += 1;
                    1
                }
                b'a'..=b'z' => {
                    lower += 1;
                    2
                }
                _ => {
                    upper += 1;
                    3
                }
            };
            changes += u32::from(last != 0 && class != last && !(last == 3 && class == 2));
            last = class;
            at += 1;
        }
        let len = (at - start) as u32;
        let both = lower > 0 && upper > 0;
        let letters = lower + upper > 0;
        if digits > 0 && both && len >= 8 && changes * 5 >= len
            || digits > 0 && letters && len >= 16 && changes * 5 >= len
            || both && len >= 20 && changes * 4 >= len
        {
            return true;
        }
    }
    false
}

/// Whether a word looks like a password that somebody made up: eight letters and more, both cases
/// and a digit among them. For places where a password is likely.
pub(crate) fn looks_made_up(word: &[u8]) -> bool {
    let has = |test: fn(&u8) -> bool| word.iter().any(test);
    (8..=128).contains(&word.len())
        && has(u8::is_ascii_digit)
        && has(u8::is_ascii_lowercase)
        && has(u8::is_ascii_uppercase)
        && word.iter().all(u8::is_ascii_graphic)
        && !word.iter().any(|b| matches!(b, b'/' | b':' | b'=' | b'"' | b'\'' | b'{' | b'('))
}

/// Whether a run of letters and digits looks drawn rather than written: [`looks_random`] without
/// asking how often it changes, for values whose name says already that they are secrets.
pub(crate) fn looks_drawn(text: &[u8]) -> bool {
    text.split(|byte| !byte.is_ascii_alphanumeric()).any(|run| {
        let digit = run.iter().any(u8::is_ascii_digit);
        let cases =
            run.iter().any(u8::is_ascii_lowercase) && run.iter().any(u8::is_ascii_uppercase);
        match run.len() {
            0..8 => false,
            8..16 => digit && cases,
            16..20 => digit,
            _ => digit || cases,
        }
    })
}

/// Whether the whole of a value is a random text, or several lines of one. A document or a sentence
/// with a random word in it is neither.
pub(super) fn is_random(value: &[u8]) -> bool {
    looks_random(value)
        && value.split(u8::is_ascii_whitespace).filter(|piece| !piece.is_empty()).enumerate().all(
            |(at, piece)| {
                at == 0 && piece.len() == value.len() || piece.len() >= 16 && looks_random(piece)
            },
        )
}

/// `E3FF2839C048B25C084DEBE9B26995E310250568`, as GnuPG writes it.
pub(super) fn is_fingerprint(value: &[u8]) -> bool {
    value.len() == 40 && value.iter().all(|b| b.is_ascii_digit() || matches!(b, b'A'..=b'F'))
}

/// How passwords are hashed.
pub(crate) fn is_hash(value: &[u8]) -> bool {
    matches!(
        value,
        b"argon2"
            | b"argon2i"
            | b"argon2d"
            | b"argon2id"
            | b"bcrypt"
            | b"scrypt"
            | b"pbkdf2"
            | b"plain"
            | b"sha256"
            | b"sha512"
            | b"md5"
    )
}

/// `SHA256WithRSA`, `RSA4096`: algorithms are called so.
pub(super) fn is_algorithm(value: &[u8]) -> bool {
    const HEADS: &[&[u8]] = &[b"SHA", b"RSA", b"ECDSA", b"AES", b"HMAC", b"PBKDF2", b"ED25519"];
    value.len() <= 24
        && HEADS
            .iter()
            .any(|head| value.len() > head.len() && value[..head.len()].eq_ignore_ascii_case(head))
        && value.iter().filter(|b| b.is_ascii_digit()).count() <= 7
        && memchr::memmem::find(value, b"With").is_some()
}

pub(crate) fn is_uuid(value: &[u8]) -> bool {
    value.len() == 36
        && value.iter().enumerate().all(|(at, b)| {
            if matches!(at, 8 | 13 | 18 | 23) { *b == b'-' } else { b.is_ascii_hexdigit() }
        })
}
