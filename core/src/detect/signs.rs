//! What stands around `=` and `@`: assignments and URL userinfo.

use super::prefixed::{is_reference, starts_reference};
use super::runs::{NAME, run_back, value};
use super::values::goes;
use super::{Detector, Detectors, Hit, NameKind, classify, push};

const LONGEST: usize = 16 << 10;

/// What is remembered from sign to sign of one haystack.
#[derive(Default)]
pub(super) struct Memory {
    /// End of the last hit: hits of one kind do not overlap.
    taken: usize,
    /// End of the last value that stayed because it does not look random: nothing in it does.
    plain: usize,
    searched: Searched,
}

/// Whether any detector looks at signs.
pub(super) fn wanted(detectors: &Detectors) -> bool {
    [Detector::SecretAssignment, Detector::UrlUserinfo, Detector::Email]
        .iter()
        .any(|detector| detectors.has(*detector))
        || !detectors.signs.is_empty()
}

/// Appends what is found around the sign at `at`. Signs come in ascending order.
pub(super) fn look(
    detectors: &Detectors,
    hay: &[u8],
    at: usize,
    memory: &mut Memory,
    hits: &mut Vec<Hit>,
) {
    let found = match hay[at] {
        b'=' if at >= memory.taken && detectors.has(Detector::SecretAssignment) => {
            assignment(hay, at, &mut memory.plain).map(|span| (span, Detector::SecretAssignment))
        }
        b'@' => at_sign(detectors, hay, at, &mut memory.searched),
        _ => None,
    };
    if let Some(((start, end), detector)) = found {
        push(hits, start, end, detector);
        memory.taken = memory.taken.max(end);
    }
}

/// Whether a name can hint at all, by its last letters: most do not get further.
fn may_hint(name: &[u8]) -> bool {
    let [.., a, b] = name else { return false };
    matches!(
        (a.to_ascii_lowercase(), b.to_ascii_lowercase()),
        (b'e' | b's', b'n')
            | (b'r' | b'w' | b'i', b'd')
            | (b'e', b't' | b'y')
            | (b'r' | b's' | b'i' | b'd', b'e')
            | (b'i' | b'n', b'g')
            | (b's' | b'l', b's')
            | (b'a' | b'r', b'l')
            | (b'r', b'i')
            | (b's', b'h')
            | (_, b'0'..=b'9')
    )
}

/// `name=value` where the name hints at a secret, with or without spaces.
fn assignment(hay: &[u8], at: usize, plain: &mut usize) -> Option<(usize, usize)> {
    let spaces = hay[..at].iter().rev().take(4).take_while(|b| **b == b' ').count();
    let name_end = at - spaces;
    let start = run_back(hay, name_end, NAME, 64);
    let name = &hay[start..name_end];
    if !may_hint(name) {
        return None;
    }
    let lower = |text: &[u8]| {
        name.len() >= text.len() && name[name.len() - text.len()..].eq_ignore_ascii_case(text)
    };
    let signature = lower(b"signature") || name.eq_ignore_ascii_case(b"sig");
    let kind = classify(name);
    if !signature
        && (!kind.hints()
            || matches!(kind, NameKind::Weak | NameKind::Address | NameKind::Header) && at < *plain)
    {
        return None;
    }
    let mut from = at + 1;
    if spaces > 0 || hay.get(from) == Some(&b' ') {
        from += hay[from..].iter().take(4).take_while(|b| **b == b' ').count();
    }
    // Said before the end is looked for: it can be far, and the next name stand before it.
    if starts_reference(&hay[from.min(hay.len())..]) {
        return None;
    }
    let (from, end) = value(hay, from, LONGEST);
    let value = &hay[from.min(end)..end];
    let least = if signature { 16 } else { 3 };
    if value.len() < least || is_reference(value) {
        return None;
    }
    if !signature && !goes(kind, value) {
        *plain = end;
        return None;
    }
    Some((from, end))
}

/// What the search for userinfo has seen.
#[derive(Default)]
struct Searched {
    /// The last `@`: nothing before it needs another look.
    to: usize,
    /// Where the authority that holds it starts, when `://` stands before that. A password may
    /// hold an `@` itself: the last one ends the userinfo.
    authority: Option<usize>,
    /// The first colon in that authority.
    colon: Option<usize>,
}

/// `scheme://user:password@host` (the pair is taken), or an e-mail address.
fn at_sign(
    detectors: &Detectors,
    hay: &[u8],
    at: usize,
    searched: &mut Searched,
) -> Option<((usize, usize), Detector)> {
    if detectors.has(Detector::UrlUserinfo) {
        let floor = at.saturating_sub(LONGEST).max(searched.to);
        let mut start = at;
        while start > floor {
            let byte = hay[start - 1];
            if byte == b'/'
                || byte <= b' '
                || matches!(byte, b'"' | b'\\' | b'<' | b'>' | b'?' | b'#')
            {
                break;
            }
            start -= 1;
        }
        let (authority, colon) = if start >= 3 && &hay[start - 3..start] == b"://" {
            (Some(start), None)
        } else if start == searched.to && start > 0 {
            (searched.authority, searched.colon)
        } else {
            (None, None)
        };
        let first = || memchr::memchr(b':', &hay[start..at]).map(|colon| start + colon);
        let colon = colon.or_else(|| authority.and_then(|_| first()));
        *searched = Searched { to: at, authority, colon };
        if let Some(start) = authority.filter(|start| at - start <= LONGEST) {
            match colon {
                Some(colon) => {
                    let password = &hay[colon + 1..at];
                    if !password.is_empty() && !is_reference(password) {
                        return Some(((start, at), Detector::UrlUserinfo));
                    }
                }
                // a token alone: https://TOKEN@host
                None if at - start >= 20 => return Some(((start, at), Detector::UrlUserinfo)),
                None => {}
            }
        }
    }
    if detectors.has(Detector::Email) {
        return super::personal::email(hay, at).map(|span| (span, Detector::Email));
    }
    None
}
