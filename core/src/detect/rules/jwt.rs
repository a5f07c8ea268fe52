//! JSON web tokens and other base64url of a JSON object.

use base64::Engine;
use base64::alphabet;
use base64::engine::{DecodePaddingMode, GeneralPurpose, GeneralPurposeConfig};

use super::{LONGEST, Memory, RULE, Rule, Span, by, from};
use crate::detect::runs::{URL64, run};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "jwt",
        about: "JSON web token, also a service account's; the header is decoded and checked.",
        literals: &[by("eyJ", jwt), by("eyAi", jwt), by("ewog", jwt), by("ew0K", jwt)],
        finds: &["{jwt}", "eyJhbGciOiJkaXIiLCJlbmMiOiJBMjU2R0NNIn0..{16w}.{50w}.{22w}"],
        #[cfg(test)]
        keeps: &["eyJhbGciOi", "eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MTIzfQ"],
        ..RULE
    },
    Rule {
        name: "jwt-base64",
        about: "A JSON web token that was base64-encoded once more.",
        literals: &[by("ZXlK", jwt_base64)],
        finds: &["{base64:jwt}"],
        ..RULE
    },
    Rule {
        name: "paseto",
        about: "PASETO token.",
        literals: &[
            from("v1.local.", URL64, 40),
            from("v2.local.", URL64, 40),
            from("v3.local.", URL64, 40),
            from("v4.local.", URL64, 40),
            from("v1.public.", URL64, 40),
            from("v2.public.", URL64, 40),
            from("v3.public.", URL64, 40),
            from("v4.public.", URL64, 40),
        ],
        finds: &["v4.local.{90w}", "v2.public.{120w}"],
        #[cfg(test)]
        keeps: &["v1.local", "v2.public.ecr.aws"],
        ..RULE
    },
];

pub(in crate::detect) static LENIENT: GeneralPurpose = GeneralPurpose::new(
    &alphabet::URL_SAFE,
    GeneralPurposeConfig::new()
        .with_decode_allow_trailing_bits(true)
        .with_decode_padding_mode(DecodePaddingMode::Indifferent),
);

/// Decodes up to the first 192 letters of base64 (either alphabet) into `out`.
pub(in crate::detect) fn decode_head<'a>(text: &[u8], out: &'a mut [u8; 144]) -> &'a [u8] {
    let mut letters = [0u8; 192];
    let len = text.len().min(192) & !3;
    for (to, byte) in letters.iter_mut().zip(&text[..len]) {
        *to = match byte {
            b'+' => b'-',
            b'/' => b'_',
            other => *other,
        };
    }
    let decoded = LENIENT.decode_slice_unchecked(&letters[..len], out).unwrap_or(0);
    &out[..decoded]
}

/// Members of a JOSE header.
const HEADER: &[&[u8]] = &[
    b"\"alg\"",
    b"\"enc\"",
    b"\"typ\"",
    b"\"kid\"",
    b"\"cty\"",
    b"\"x5",
    b"\"jku\"",
    b"\"jwk\"",
    b"\"epk\"",
    b"\"zip\"",
    b"\"crit\"",
];

/// Where the base64url run around `at` ends, measured once per run.
pub(super) fn segment_end(hay: &[u8], at: usize, memory: &mut Memory) -> usize {
    if at >= memory.segment {
        memory.segment = run(hay, at, URL64, hay.len());
    }
    memory.segment
}

/// Header `.` payload, then signature, further parts or a cut. (`userAgent` is cut at 1024 bytes.)
fn jwt(hay: &[u8], at: usize, memory: &mut Memory) -> Span {
    let header_end = segment_end(hay, at, memory);
    if hay.get(header_end) != Some(&b'.') || header_end < at + 12 {
        return None;
    }
    let mut buffer = [0; 144];
    let header = decode_head(&hay[at..header_end], &mut buffer);
    if !HEADER.iter().any(|name| memchr::memmem::find(header, name).is_some()) {
        return None;
    }
    let mut end = run(hay, header_end + 1, URL64, LONGEST);
    // Of an encrypted one that needs no key the second part is empty.
    let no_key = end == header_end + 1
        && hay.get(end) == Some(&b'.')
        && memchr::memmem::find(header, b"\"enc\"").is_some();
    if end < header_end + 9 && !no_key {
        return None;
    }
    while hay.get(end) == Some(&b'.') {
        let next = run(hay, end + 1, URL64, LONGEST);
        if next == end + 1 {
            break;
        }
        end = next;
    }
    Some((at, end))
}

fn jwt_base64(hay: &[u8], at: usize, memory: &mut Memory) -> Span {
    let end = memory.base64_end(hay, at);
    if end < at + 48 {
        return None;
    }
    let mut outer = [0; 144];
    let header = decode_head(&hay[at..end], &mut outer);
    // `eyJhbGciOi` is `{"alg":`; the others are `{"typ":`, `{"kid":`, `{"enc":`, `{"cty":`
    let starts = [b"eyJhbGci".as_slice(), b"eyJ0eXAi", b"eyJraWQi", b"eyJlbmMi", b"eyJjdHki"];
    starts.iter().any(|start| header.starts_with(start)).then_some((at, end))
}

/// One base64url run of `least` bytes or more that starts with the literal.
pub(super) fn object<const LEAST: usize>(hay: &[u8], at: usize, memory: &mut Memory) -> Span {
    let end = segment_end(hay, at, memory);
    (end >= at + LEAST).then_some((at, end))
}
