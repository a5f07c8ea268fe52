//! What stands in place of a value, per action.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;

use super::rules::Rules;
use crate::policy::Action;
use crate::text;

/// Characters that `truncate` leaves at most. A text that has fewer is masked,
const TRUNCATED: usize = 32;
/// and of one that is not long it leaves one in so many.
const SHOWN: usize = 4;
/// What it writes after that.
const CUT: &[u8] = "…[cut ".as_bytes();

/// What an action comes to for a text: no pseudonym without a key, no part of a short or escaped one.
pub(crate) fn resolved(policy: &Rules, action: Action, raw: &[u8]) -> Action {
    let plain = !raw.contains(&b'\\');
    match action {
        Action::Partial if plain && raw.len() >= 16 && raw.is_ascii() => action,
        Action::Pseudonym if policy.key.is_some() => action,
        Action::Truncate if plain && raw.len() >= TRUNCATED => action,
        Action::Partial | Action::Pseudonym | Action::Truncate => Action::Mask,
        Action::Keep | Action::Drop | Action::Mask => action,
    }
}

/// Appends the replacement for a text (the inside of a JSON string, as written) without quotes.
pub(crate) fn write(policy: &Rules, rule: u16, action: Action, raw: &[u8], out: &mut Vec<u8>) {
    match resolved(policy, action, raw) {
        Action::Drop => {}
        Action::Partial => {
            out.extend_from_slice(b"[partial:");
            out.extend_from_slice(&raw[..2]);
            out.extend_from_slice("…".as_bytes());
            out.extend_from_slice(&raw[raw.len() - 2..]);
            out.push(b']');
        }
        Action::Pseudonym => {
            if let Some(key) = &policy.key {
                out.extend_from_slice(b"[pseudonym:");
                out.extend_from_slice(key.id.as_bytes());
                out.push(b':');
                out.extend_from_slice(&pseudonym(&key.bytes, raw));
                out.push(b']');
            }
        }
        Action::Truncate => {
            let mut cut = TRUNCATED.min(raw.len() / SHOWN);
            while raw[cut] & 0xc0 == 0x80 {
                cut -= 1;
            }
            out.extend_from_slice(&raw[..cut]);
            text::cut_marker(raw.len() - cut, out);
        }
        Action::Keep => out.extend_from_slice(raw),
        Action::Mask => {
            out.extend_from_slice(b"[redacted:");
            out.extend_from_slice(policy.rule_name(rule).as_bytes());
            out.push(b']');
        }
    }
}

/// HMAC-SHA-256 of what the text says, cut to 128 bits, in hex.
fn pseudonym(key: &[u8], raw: &[u8]) -> [u8; 32] {
    let mut mac = <Hmac<Sha256> as KeyInit>::new_from_slice(key)
        .unwrap_or_else(|_| unreachable!("HMAC takes keys of any length"));
    if raw.contains(&b'\\') {
        let mut said = Vec::new();
        text::unescape(raw, &mut said);
        mac.update(&said);
    } else {
        mac.update(raw);
    }
    text::hex(&mac.finalize().into_bytes())
}

/// Whether a text is what [`write`] writes for a whole value, so that cleaning twice changes
/// nothing. Rules, keys and cuts that the policy does not have make no marker: a secret can be
/// written like one.
pub(crate) fn is_marker(policy: &Rules, raw: &[u8]) -> bool {
    let inside = |prefix: &[u8]| raw.strip_prefix(prefix).and_then(|rest| rest.strip_suffix(b"]"));
    if raw.first() == Some(&b'[') {
        if let Some(rule) = inside(b"[redacted:") {
            let end = rule.iter().rposition(|b| *b == b'#').unwrap_or(rule.len());
            let number = rule.get(end + 1..).unwrap_or_default();
            return number.len() <= 10
                && number.iter().all(u8::is_ascii_digit)
                && policy.has_rule(&rule[..end]);
        }
        if let Some(rest) = inside(b"[pseudonym:") {
            let Some(colon) = rest.iter().rposition(|b| *b == b':') else { return false };
            return policy.key.as_ref().is_some_and(|key| key.id.as_bytes() == &rest[..colon])
                && rest.len() - colon - 1 == 32
                && rest[colon + 1..].iter().all(u8::is_ascii_hexdigit);
        }
        if let Some(rest) = inside(b"[partial:") {
            return rest.len() == 4 + "…".len() && rest[2..].starts_with("…".as_bytes());
        }
    }
    policy.truncates() && is_cut(raw)
}

/// Whether a text is what `truncate` leaves: not too much of it, and the marker.
fn is_cut(raw: &[u8]) -> bool {
    let Some(rest) = raw.strip_suffix(b" bytes]") else { return false };
    let Some(at) = memchr::memmem::find(rest, CUT).filter(|at| *at <= TRUNCATED) else {
        return false;
    };
    let number = std::str::from_utf8(&rest[at + CUT.len()..]).ok();
    let missing = number.and_then(|number| number.parse::<usize>().ok());
    missing.is_some_and(|missing| at <= (at.saturating_add(missing)) / SHOWN)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::policy::Policy;

    #[test]
    fn every_replacement_is_known_as_a_marker() {
        let mut policy = Policy::default();
        policy.redact.config_maps = Action::Truncate;
        let policy = policy.compile().unwrap().with_pseudonym_key(&[7; 32]).unwrap();
        let value = b"hunter2-hunter2-hunter2-hunter2-hunter2";
        for action in [Action::Mask, Action::Partial, Action::Pseudonym, Action::Truncate] {
            let mut out = Vec::new();
            write(&policy.redact, 0, action, value, &mut out);
            assert!(
                is_marker(&policy.redact, &out),
                "{action:?} {}",
                String::from_utf8_lossy(&out)
            );
            assert_ne!(out, value);
        }
        for text in [
            "",
            "[redacted:",
            "[redacted:Hunter2]",
            "[redacted:vq7xk2m-n4p8-r5t9-w3y6]",
            "[pseudonym:other:782a363d6b580ea259850c4b31efae3a]",
            "hunter2",
            "[pseudonym:a:b]",
            "[partial:hunter2]",
            "hunter2-hunter2-hunter2…[cut 5 bytes]",
            "hunter2-hunter2-hunter2…[cut many bytes]",
        ] {
            assert!(!is_marker(&policy.redact, text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn pseudonyms_follow_the_text_not_its_spelling() {
        let policy = Policy::default().compile().unwrap().with_pseudonym_key(&[7; 32]).unwrap();
        let (mut a, mut b) = (Vec::new(), Vec::new());
        write(&policy.redact, 0, Action::Pseudonym, b"a/b", &mut a);
        write(&policy.redact, 0, Action::Pseudonym, br"a\u002fb", &mut b);
        assert_eq!(a, b);
    }
}
