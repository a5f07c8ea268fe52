//! Headers: `Authorization: SCHEME SECRET`, `X-Api-Key: SECRET`, cookies.

use std::ops::Range;

use super::{Hint, is_value};
use crate::detect::memory::Memory;
use crate::detect::rules::jwt::decode_head;
use crate::detect::runs::{BASE64, NAME, TOKEN, looks_random, run, value_end};

/// How much of a value is judged: floods of schemes stay cheap.
const JUDGED: usize = 96;

/// The secret in one header line.
pub(super) fn line(text: &[u8]) -> Option<Range<usize>> {
    let colon = run(text, 0, NAME, 128);
    if colon == 0 || text.get(colon) != Some(&b':') {
        return None;
    }
    let name = &text[..colon];
    let value = &text[colon + 1..];
    let start = colon + 1 + (value.len() - value.trim_ascii_start().len());
    let end = text.trim_ascii_end().len().max(start);
    if !Hint::of(name).goes(&text[start..end]) {
        return None;
    }
    let start = if is_authorization(name) { after_scheme(text, start, end) } else { start };
    Some(start..end)
}

/// Whether a header of this name holds credentials after a scheme.
pub(super) fn is_authorization(name: &[u8]) -> bool {
    name.eq_ignore_ascii_case(b"authorization") || name.eq_ignore_ascii_case(b"proxy-authorization")
}

/// Where the credentials start in the value of an `Authorization` header: after the scheme, if
/// there is one.
pub(super) fn after_scheme(text: &[u8], start: usize, end: usize) -> usize {
    let value = &text[start..end];
    let scheme = value.iter().take_while(|b| b.is_ascii_alphanumeric() || **b == b'-').count();
    match value.get(scheme) {
        // `Bearer X`, `GenieKey X`; `AWS4-HMAC-SHA256 Credential=…`
        Some(b' ') if scheme <= 24 => {
            let blanks = value[scheme..].iter().take_while(|b| **b == b' ').count();
            start + scheme + blanks
        }
        // `key=X`, `token=X`
        Some(b'=') if scheme <= 8 && scheme + 2 < value.len() => start + scheme + 1,
        _ => start,
    }
}

/// `earer ` and a token.
pub(in crate::detect) fn bearer(hay: &[u8], at: usize) -> Option<(usize, usize)> {
    let start = spaces(hay, at + 6);
    let end = run(hay, start, TOKEN, usize::MAX);
    let token = &hay[start..end];
    let is_token = token.len() >= 20 || token.len() >= 8 && looks_random(token);
    let is_word = token.iter().all(u8::is_ascii_lowercase) || token.starts_with(b"realm=");
    (is_token && !is_word).then_some((start, end))
}

/// `asic ` and a pair in base64.
pub(in crate::detect) fn basic(hay: &[u8], at: usize) -> Option<(usize, usize)> {
    let start = spaces(hay, at + 5);
    let end = run(hay, start, BASE64, usize::MAX);
    if end < start + 4 {
        return None;
    }
    let mut buffer = [0; 144];
    let pair = decode_head(&hay[start..end], &mut buffer);
    // Words after "basic" decode to rubbish, a pair to text (whose last character may be cut).
    let is_text =
        std::str::from_utf8(pair).map_or_else(|error| error.error_len().is_none(), |_| true);
    let is_pair = is_text && pair.contains(&b':') && pair.iter().all(|b| *b >= 0x20 && *b != 0x7f);
    is_pair.then_some((start, end))
}

fn spaces(hay: &[u8], from: usize) -> usize {
    from + hay[from.min(hay.len())..].iter().take(4).take_while(|b| **b == b' ').count()
}

/// `uthorization: SCHEME VALUE` and `uthorization=VALUE`.
pub(in crate::detect) fn authorization(
    hay: &[u8],
    at: usize,
    memory: &mut Memory,
) -> Option<(usize, usize)> {
    let quotes = |at: usize, signs: &[u8]| {
        at + hay[at.min(hay.len())..].iter().take(8).take_while(|b| signs.contains(b)).count()
    };
    // an escaped or plain quote after the name, when the text is JSON itself
    let at = quotes(at + 12, b"\"\\'");
    if !matches!(hay.get(at), Some(b':' | b'=')) {
        return None;
    }
    let mut start = quotes(at + 1, b" \"\\'[");
    if let Some(len) = super::mark(&hay[start - usize::from(hay[start - 1] == b'[')..]) {
        // Somebody may have written it in front of a credential.
        start += len - usize::from(hay[start - 1] == b'[');
    }
    if start < memory.plain {
        return None;
    }
    let end = value_end(hay, start, usize::MAX);
    let scheme = &hay[start..end];
    let named = [b"bearer".as_slice(), b"basic", b"token", b"digest", b"negotiate", b"apikey"]
        .iter()
        .any(|name| scheme.eq_ignore_ascii_case(name));
    if named && hay.get(end) == Some(&b' ') {
        let start = spaces(hay, end);
        // `Basic $(echo …)`: a command whose words are read as such.
        if hay[start..].starts_with(b"$(") {
            return None;
        }
        // `Bearer ${TOKEN}`, `f"Bearer {token}"`: values end at a brace.
        if matches!(hay[start..], [b'$', b'{', ..] | [b'{', ..])
            && let near = &hay[start..hay.len().min(start + 64)]
            && let Some(close) = memchr::memchr(b'}', near)
            && !is_value(&near[..=close])
        {
            return None;
        }
        let judged = &hay[start..value_end(hay, start, JUDGED)];
        let is_secret = judged.len() >= 4 && is_value(judged);
        return is_secret.then(|| (start, value_end(hay, start, usize::MAX)));
    }
    // `OIDC_AUTHORIZATION: https://auth.example.com`
    if !looks_random(scheme) || scheme.starts_with(b"https://") || scheme.starts_with(b"http://") {
        memory.plain = end;
        return None;
    }
    (scheme.len() >= 8 && is_value(&scheme[..scheme.len().min(JUDGED)])).then_some((start, end))
}
