//! Made-up credentials, put together when asked for, so that no file of the repository holds a text
//! that a secret scanner takes for a leak.
//!
//! A template is text with places to fill: `{20a}` is twenty letters and digits. `a` letters and
//! digits, `l` lower case and digits, `u` upper case and digits 2 to 7, `d` digits, `h` hex digits,
//! `w` base64url, `b` base64, `c` what crypt writes; `{uuid}`, `{crc}` (30 letters and their
//! CRC-32, as GitHub's tokens end), `{jwt}`, `{pem}`, `{base64:…}` of one of those or of `pkcs8`, `sec1`, `public`, `certificate`,
//! `ceph`; `{{` is a brace.

use std::fmt::Write as _;

use base64::Engine as _;
use base64::engine::general_purpose::{STANDARD, URL_SAFE_NO_PAD};

const BASE62: &[u8; 62] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";

/// Six digits of a number to the base 62.
pub(super) fn base62(number: u32) -> [u8; 6] {
    let mut rest = number;
    let mut digits = [b'0'; 6];
    for digit in digits.iter_mut().rev() {
        *digit = BASE62[(rest % 62) as usize];
        rest /= 62;
    }
    digits
}

/// A template filled. The same seed gives the same text; `None` for a place it does not know.
pub(super) fn fill(template: &str, seed: u32) -> Option<String> {
    let mut dice = Dice(seed.wrapping_mul(0x9e37_79b9) | 1);
    let mut text = String::with_capacity(template.len() * 2);
    let mut rest = template;
    while let Some(at) = rest.find('{') {
        text.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('{') {
            text.push('{');
            rest = after;
            continue;
        }
        let (place, after) = rest.split_once('}')?;
        text.push_str(&dice.place(place)?);
        rest = after;
    }
    text.push_str(rest);
    Some(text)
}

struct Dice(u32);

impl Dice {
    fn next(&mut self) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 17;
        self.0 ^= self.0 << 5;
        (self.0 >> 8) as usize
    }

    /// Characters of an alphabet; every fifth is a digit where it has digits, its neighbour a letter.
    fn pick(&mut self, count: usize, from: &[u8]) -> String {
        let only = |test: fn(&u8) -> bool| from.iter().copied().filter(test).collect::<Vec<u8>>();
        let (digits, letters) = (only(u8::is_ascii_digit), only(u8::is_ascii_alphabetic));
        (0..count)
            .map(|at| {
                let from = match at % 5 {
                    // The ends of a token are letters: signs there can be punctuation.
                    _ if at + 1 == count && !letters.is_empty() => letters.as_slice(),
                    0 if !letters.is_empty() => letters.as_slice(),
                    2 if !digits.is_empty() => digits.as_slice(),
                    _ => from,
                };
                char::from(from[self.next() % from.len()])
            })
            .collect()
    }

    /// The first bytes of keys and stores, and any others after them.
    fn der(&mut self, kind: &str) -> Option<Vec<u8>> {
        const RSA: &[u8] = &[6, 9, 0x2a, 0x86, 0x48, 0x86, 0xf7, 0x0d, 1, 1, 1, 5, 0];
        let (head, rest) = match kind {
            "pkcs8" => ([&[0x30, 0x82, 4, 0xbe, 2, 1, 0, 0x30, 13], RSA].concat(), 200),
            "public" => ([&[0x30, 0x82, 1, 0x22, 0x30, 13], RSA].concat(), 200),
            "certificate" => {
                (vec![0x30, 0x82, 3, 0x10, 0x30, 0x82, 1, 0xf8, 0xa0, 3, 2, 1, 2], 200)
            }
            "sec1" => (vec![0x30, 0x77, 2, 1, 1, 4, 32], 114),
            "ceph" => (vec![1, 0, 0x12, 0x34, 0x56, 0x66, 0x11, 0x22, 0x33, 0x04, 16, 0], 16),
            _ => return None,
        };
        Some(head.into_iter().chain((0..rest).map(|_| self.next() as u8)).collect())
    }

    fn place(&mut self, place: &str) -> Option<String> {
        if let Some(inner) = place.strip_prefix("base64:") {
            let bytes = match self.der(inner) {
                Some(der) => der,
                None => self.place(inner)?.into_bytes(),
            };
            return Some(STANDARD.encode(bytes));
        }
        Some(match place {
            "uuid" => {
                let hex = self.pick(32, b"0123456789abcdef");
                let parts = [&hex[..8], &hex[8..12], &hex[12..16], &hex[16..20], &hex[20..]];
                parts.join("-")
            }
            "crc" => {
                let body = self.pick(30, BASE62);
                let sum = base62(crc32fast::hash(body.as_bytes()));
                body + std::str::from_utf8(&sum).ok()?
            }
            "jwt" => {
                let (header, payload) = (r#"{"alg":"RS256","kid":"k1"}"#, r#"{"iss":"example"}"#);
                let signature = self.pick(86, BASE62);
                let url = |text: &str| URL_SAFE_NO_PAD.encode(text);
                format!("{}.{}.{signature}", url(header), url(payload))
            }
            "pem" => {
                let kind = "RSA PRIVATE KEY";
                let mut text = format!("-----BEGIN {kind}-----");
                for _ in 0..3 {
                    let _ = write!(text, "{}", self.pick(64, BASE62));
                }
                let _ = write!(text, "-----END {kind}-----");
                text
            }
            _ => {
                let (count, class) = place.split_at_checked(place.len().checked_sub(1)?)?;
                let count = count.parse().ok()?;
                match class {
                    "a" => self.pick(count, BASE62),
                    "l" => self.pick(count, b"0123456789abcdefghijklmnopqrstuvwxyz"),
                    "u" => self.pick(count, b"ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"),
                    "d" => self.pick(count, b"123456789"),
                    "h" => self.pick(count, b"0123456789abcdef"),
                    "w" => self.pick(count, &[BASE62.as_slice(), b"-_"].concat()),
                    "b" => self.pick(count, &[BASE62.as_slice(), b"+/"].concat()),
                    "c" => self.pick(count, &[BASE62.as_slice(), b"./"].concat()),
                    _ => return None,
                }
            }
        })
    }
}
