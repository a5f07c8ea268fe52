//! What a value is held against: the values of Sigma and the modifiers that change them.

use std::net::IpAddr;

/// How a text is compared. Everything but `cased` is without regard to ASCII case.
#[derive(Clone, Debug, PartialEq)]
pub(super) enum Pattern {
    /// The whole text, or a part of it: literal pieces between what stands for anything.
    Text {
        pieces: Vec<Piece>,
        cased: bool,
    },
    /// A number, or the text of one.
    Number(f64),
    Compare(Order, f64),
    Bool(bool),
    /// Absent, null or, for a field that Kubernetes leaves out when empty, empty.
    Null,
    /// Present at all, or absent.
    Exists(bool),
    /// Some part fits the expression.
    #[cfg(feature = "regex")]
    Regex(super::regex::Regex),
    Network {
        address: IpAddr,
        bits: u8,
    },
}

/// `lt`, `lte`, `gt`, `gte`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Order {
    Less,
    AtMost,
    More,
    AtLeast,
}

/// A piece of a text pattern.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Piece {
    /// These bytes; in lower case unless the pattern is cased.
    Literal(Box<[u8]>),
    /// `?`
    One,
    /// `*`
    Many,
}

impl Pattern {
    /// Reads a Sigma text: `*` and `?` are wildcards, `\` escapes one of them or itself.
    pub(super) fn text(text: &str, start: bool, end: bool, cased: bool) -> Self {
        let mut pieces = Vec::new();
        let mut literal = Vec::new();
        if !start {
            pieces.push(Piece::Many);
        }
        let mut bytes = text.bytes().peekable();
        while let Some(byte) = bytes.next() {
            let wild = match byte {
                b'\\' if matches!(bytes.peek(), Some(b'*' | b'?' | b'\\')) => {
                    literal.push(bytes.next().unwrap_or(b'\\'));
                    continue;
                }
                b'*' => Piece::Many,
                b'?' => Piece::One,
                other => {
                    literal.push(if cased { other } else { other.to_ascii_lowercase() });
                    continue;
                }
            };
            if !literal.is_empty() {
                pieces.push(Piece::Literal(std::mem::take(&mut literal).into()));
            }
            if !(wild == Piece::Many && pieces.last() == Some(&Piece::Many)) {
                pieces.push(wild);
            }
        }
        if !literal.is_empty() {
            pieces.push(Piece::Literal(literal.into()));
        }
        if !end && pieces.last() != Some(&Piece::Many) {
            pieces.push(Piece::Many);
        }
        Self::Text { pieces, cased }
    }

    /// The literal that this pattern is, if it is nothing else.
    pub(super) fn exact(&self) -> Option<&[u8]> {
        match self {
            Self::Text { pieces, .. } => match pieces.as_slice() {
                [] => Some(b""),
                [Piece::Literal(literal)] => Some(literal),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether it tells `a` from `A`.
    pub(super) fn minds_case(&self) -> bool {
        match self {
            Self::Text { cased, .. } => *cased,
            #[cfg(feature = "regex")]
            Self::Regex(_) => true,
            _ => false,
        }
    }

    /// The literal that every text that fits begins with.
    pub(super) fn beginning(&self) -> Option<&[u8]> {
        match self {
            Self::Text { pieces, .. } => match pieces.as_slice() {
                [Piece::Literal(literal), ..] => Some(literal),
                _ => None,
            },
            _ => None,
        }
    }

    /// Whether every text that begins with its literal fits.
    pub(super) fn is_beginning(&self) -> bool {
        matches!(self, Self::Text { pieces, .. } if matches!(pieces[..], [Piece::Literal(_), Piece::Many]))
    }

    /// Whether it says something of a field that is not there.
    pub(super) fn minds_absence(&self) -> bool {
        matches!(self, Self::Null | Self::Exists(_)) || self.exact() == Some(b"")
    }

    /// Whether it says the same of all texts but the one that it is, and nothing.
    pub(super) fn is_whole(&self) -> bool {
        self.exact().is_some() || self.is_anything() || matches!(self, Self::Null | Self::Exists(_))
    }

    /// Whether anything that is there fits.
    pub(super) fn is_anything(&self) -> bool {
        match self {
            Self::Text { pieces, .. } => pieces.as_slice() == [Piece::Many],
            _ => false,
        }
    }

    /// Whether a text fits.
    pub(super) fn fits(&self, text: &[u8]) -> bool {
        match self {
            Self::Text { pieces, cased } => glob(pieces, text, *cased),
            Self::Number(number) => parse(text).is_some_and(|said| said.total_cmp(number).is_eq()),
            Self::Compare(order, limit) => parse(text).is_some_and(|said| match order {
                Order::Less => said < *limit,
                Order::AtMost => said <= *limit,
                Order::More => said > *limit,
                Order::AtLeast => said >= *limit,
            }),
            Self::Bool(expected) => {
                text.eq_ignore_ascii_case(if *expected { b"true" } else { b"false" })
            }
            Self::Network { address, bits } => {
                crate::enrich::address(crate::enrich::without_mapping(text))
                    .is_some_and(|found| in_network(found, *address, *bits))
            }
            #[cfg(feature = "regex")]
            Self::Regex(regex) => regex.fits(text),
            Self::Null | Self::Exists(_) => false,
        }
    }
}

fn parse(text: &[u8]) -> Option<f64> {
    std::str::from_utf8(text).ok()?.parse().ok()
}

fn in_network(found: IpAddr, network: IpAddr, bits: u8) -> bool {
    match (found, network) {
        (IpAddr::V4(a), IpAddr::V4(b)) => {
            let shift = 32u32.saturating_sub(u32::from(bits));
            u32::from(a).checked_shr(shift).unwrap_or(0)
                == u32::from(b).checked_shr(shift).unwrap_or(0)
        }
        (IpAddr::V6(a), IpAddr::V6(b)) => {
            let shift = 128u32.saturating_sub(u32::from(bits));
            u128::from(a).checked_shr(shift).unwrap_or(0)
                == u128::from(b).checked_shr(shift).unwrap_or(0)
        }
        _ => false,
    }
}

fn same(text: &[u8], literal: &[u8], cased: bool) -> bool {
    text == literal || (!cased && text.eq_ignore_ascii_case(literal))
}

/// Tells most texts that no literal of a list is in, in one pass over four bytes at a time. Of each
/// literal the last four count: beginnings such as `kube` are in every other text.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Sieve(Box<[u64]>);

impl Sieve {
    /// Fewer literals are looked for one by one as fast.
    const LEAST: usize = 4;
    /// Bits of the number of a place: so many that a long text rarely meets one by chance.
    const PLACES: u32 = 14;

    /// For a list of `contains`; `None` for any other.
    pub(super) fn of(patterns: &[Pattern]) -> Option<Self> {
        if patterns.len() < Self::LEAST {
            return None;
        }
        let mut bits = vec![0; 1 << (Self::PLACES - 6)];
        for pattern in patterns {
            let Pattern::Text { pieces, .. } = pattern else { return None };
            let [Piece::Many, Piece::Literal(literal), Piece::Many] = pieces.as_slice() else {
                return None;
            };
            let place = Self::place(*literal.last_chunk()?);
            bits[place / 64] |= 1u64 << (place % 64);
        }
        Some(Self(bits.into()))
    }

    /// Whether one of the literals may be in the text.
    pub(super) fn may_fit(&self, text: &[u8]) -> bool {
        text.windows(4).any(|four| {
            let place = four.first_chunk().map_or(0, |four| Self::place(*four));
            self.0[place / 64] >> (place % 64) & 1 == 1
        })
    }

    /// The place of four bytes, the same for upper and lower case.
    fn place(four: [u8; 4]) -> usize {
        let lower = u32::from_le_bytes(four) | 0x2020_2020;
        (lower.wrapping_mul(0x9e37_79b1) >> (32 - Self::PLACES)) as usize
    }
}

/// Pieces against a text: on a miss only the last `*` takes one byte more, so the work is bounded
/// by text times pattern, and a `*` before a literal goes where that literal is found.
fn glob(pieces: &[Piece], text: &[u8], cased: bool) -> bool {
    // Nearly all patterns are one of these.
    match pieces {
        [Piece::Literal(literal)] => return same(text, literal, cased),
        [Piece::Literal(literal), Piece::Many] => {
            return text.get(..literal.len()).is_some_and(|part| same(part, literal, cased));
        }
        [Piece::Many, Piece::Literal(literal), Piece::Many] => {
            return find(text, literal, cased).is_some();
        }
        _ => {}
    }
    let (mut piece, mut at) = (0, 0);
    let mut retry: Option<(usize, usize)> = None;
    loop {
        let stuck = match pieces.get(piece) {
            None if at == text.len() => return true,
            None => true,
            Some(Piece::Many) => {
                if piece + 1 == pieces.len() {
                    return true;
                }
                retry = Some((piece + 1, at));
                piece += 1;
                false
            }
            Some(Piece::One) => {
                // One character, not one byte.
                let width = text[at..]
                    .utf8_chunks()
                    .next()
                    .and_then(|chunk| chunk.valid().chars().next().map(char::len_utf8));
                if at < text.len() {
                    at += width.unwrap_or(1);
                    piece += 1;
                    false
                } else {
                    true
                }
            }
            Some(Piece::Literal(literal)) => {
                let end = at + literal.len();
                if text.get(at..end).is_some_and(|part| same(part, literal, cased)) {
                    at = end;
                    piece += 1;
                    false
                } else {
                    true
                }
            }
        };
        if !stuck {
            continue;
        }
        let Some((back, from)) = retry else { return false };
        let mut next = from + 1;
        if let Some(Piece::Literal(literal)) = pieces.get(back) {
            match find(&text[next.min(text.len())..], literal, cased) {
                Some(skip) => next += skip,
                None => return false,
            }
        }
        if next > text.len() {
            return false;
        }
        retry = Some((back, next));
        (piece, at) = (back, next);
    }
}

/// Where a literal begins.
fn find(text: &[u8], literal: &[u8], cased: bool) -> Option<usize> {
    if cased {
        return memchr::memmem::find(text, literal);
    }
    let first = *literal.first()?;
    let mut at = 0;
    loop {
        at += memchr::memchr2(first, first.to_ascii_uppercase(), text.get(at..)?)?;
        if text.get(at..at + literal.len())?.eq_ignore_ascii_case(literal) {
            return Some(at);
        }
        at += 1;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_are_compared_as_sigma_says() {
        let whole = |pattern: &str, text: &str| {
            Pattern::text(pattern, true, true, false).fits(text.as_bytes())
        };
        for (pattern, text, fits) in [
            ("pods", "Pods", true),
            ("pods", "pods ", false),
            ("*", "", true),
            ("p*s", "pods", true),
            ("p*s", "ps", true),
            ("p*s", "podsx", false),
            ("p?ds", "pods", true),
            ("p?ds", "pds", false),
            ("a?c", "aäc", true),
            (r"\*", "*", true),
            (r"\*", "x", false),
            (r"a\b", r"a\b", true),
            (r"a\\*", r"a\x", true),
            ("*a*b*", "xxAxxBxx", true),
            ("*a*b", "abab", true),
            ("*ab", "aab", true),
            ("*aab", "aaab", true),
            ("*a?c*", "xabxabc", true),
            ("", "", true),
            ("", "x", false),
        ] {
            assert_eq!(whole(pattern, text), fits, "{pattern} {text}");
        }
        assert!(Pattern::text("exec", false, false, false).fits(b"xEXECy"));
        assert!(Pattern::text("exec", true, false, false).fits(b"execy"));
        assert!(!Pattern::text("exec", true, false, false).fits(b"xexec"));
        assert!(Pattern::text("exec", false, true, false).fits(b"execexec"));
        assert!(!Pattern::text("exec", true, true, true).fits(b"Exec"));
    }

    #[test]
    fn a_sieve_lets_all_through_that_fits() {
        let words = ["nmap", "zgrab", "Botb", "kubescape", "who-can"];
        let patterns: Vec<Pattern> =
            words.iter().map(|word| Pattern::text(word, false, false, false)).collect();
        let sieve = Sieve::of(&patterns).unwrap();
        for text in ["nmap", "xNMAP", "a botb", "kubectl-WHO-can/1", "KubeScape", "ZGrab 0.x"] {
            assert!(patterns.iter().any(|pattern| pattern.fits(text.as_bytes())), "{text}");
            assert!(sieve.may_fit(text.as_bytes()), "{text}");
        }
        for text in ["", "n", "nma", "kubectl/v1.30.1 (linux/amd64)", "\u{e9}\u{e9}"] {
            assert!(!sieve.may_fit(text.as_bytes()), "{text}");
        }
        assert!(Sieve::of(&patterns[..3]).is_none());
        let exact = [0; 5].map(|_| Pattern::text("nmap", true, true, false));
        assert!(Sieve::of(&exact).is_none());
    }

    #[test]
    fn numbers_and_networks() {
        assert!(Pattern::Number(403.0).fits(b"403"));
        assert!(Pattern::Compare(Order::AtLeast, 400.0).fits(b"400"));
        assert!(!Pattern::Compare(Order::More, 400.0).fits(b"400"));
        assert!(!Pattern::Compare(Order::Less, 400.0).fits(b"x"));
        let network = Pattern::Network { address: "10.0.0.0".parse().unwrap(), bits: 8 };
        assert!(network.fits(b"10.1.2.3") && network.fits(b"::ffff:10.1.2.3"));
        assert!(!network.fits(b"11.1.2.3") && !network.fits(b"fe80::1"));
        let all = Pattern::Network { address: "0.0.0.0".parse().unwrap(), bits: 0 };
        assert!(all.fits(b"1.2.3.4"));
    }

    #[test]
    fn patterns_cost_no_more_than_text_times_pattern() {
        let text = vec![b'a'; 100_000];
        assert!(!Pattern::text("*a*a*a*a*b", true, true, false).fits(&text));
    }
}
