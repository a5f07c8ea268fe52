//! Members between apostrophes: `'password': 'x'`, as Python prints a dictionary.

use super::prefixed::is_reference;
use super::runs::{NAME, is, run_back, value};
use super::values::goes;
use super::{Detector, Hit, NameKind, classify, push};

const LONGEST: usize = 16 << 10;

/// Appends the values of members whose quoted name hints at a secret. Only what is quoted itself,
/// or a number that ends where a member ends, is a value: messages say `'token': not found`.
pub(super) fn members(hay: &[u8], hits: &mut Vec<Hit>) {
    let mut taken = 0;
    for quote in memchr::memchr_iter(b'\'', hay) {
        let spaces = hay[quote + 1..].iter().take(4).take_while(|b| **b == b' ').count();
        let colon = quote + 1 + spaces;
        if quote < taken || hay.get(colon) != Some(&b':') {
            continue;
        }
        let slashes = hay[..quote].iter().rev().take(16).take_while(|b| **b == b'\\').count();
        let name_end = quote - slashes;
        let start = run_back(hay, name_end, NAME, 64);
        let is_quoted = start > 0 && hay[start - 1] == b'\'';
        let kind = if is_quoted { classify(&hay[start..name_end]) } else { NameKind::Neither };
        if !kind.hints() {
            continue;
        }
        let white = |from: usize| {
            from + hay[from..].iter().take(64).take_while(|b| matches!(b, b' ' | b'\n')).count()
        };
        let mut from = white(colon + 1);
        // b'…' and u'…'
        let quoted = |at: usize| {
            let slashes = hay[at..].iter().take(16).take_while(|b| **b == b'\\').count();
            let quote = hay.get(at + slashes);
            quote == Some(&b'\'') || quote == Some(&b'"')
        };
        if matches!(hay.get(from), Some(b'b' | b'u' | b'r' | b'B' | b'U' | b'R'))
            && quoted(from + 1)
        {
            from += 1;
        }
        let span = if from < hay.len() && quoted(from) {
            value(hay, from, LONGEST)
        } else {
            let digits = hay[from..].iter().take(64).take_while(|b| is_number(**b)).count();
            let next = hay.get(from + digits);
            let ends = matches!(next, Some(b',' | b'}' | b']'));
            (from, if ends { from + digits } else { from })
        };
        let text = &hay[span.0.min(span.1)..span.1];
        if goes(kind, text) && !is_reference(text) {
            push(hits, span.0, span.1, Detector::SecretAssignment);
            taken = span.1;
        }
    }
}

fn is_number(byte: u8) -> bool {
    is(byte, NAME) && (byte.is_ascii_digit() || byte == b'.')
}
