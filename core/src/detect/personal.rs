//! Personal data: off by default, because actor and address are the point of an audit log.

use std::net::{Ipv4Addr, Ipv6Addr};

use super::runs::{ALNUM, NAME, is, run};
use super::{Detector, Detectors, Hit, push};

/// The detectors found here (e-mail is found by its `@`).
pub(super) const SET: &[Detector] =
    &[Detector::Phone, Detector::Ipv4, Detector::Ipv6, Detector::Card, Detector::Iban];

/// Appends what is found.
pub(super) fn scan(detectors: &Detectors, hay: &[u8], hits: &mut Vec<Hit>) {
    let mut at = 0;
    while at < hay.len() {
        let byte = hay[at];
        let boundary = at == 0 || !is(hay[at - 1], ALNUM);
        if !boundary
            || !(byte.is_ascii_hexdigit()
                || byte.is_ascii_uppercase()
                || matches!(byte, b'+' | b':'))
        {
            at += 1;
            continue;
        }
        let found = phone(detectors, hay, at)
            .or_else(|| card(detectors, hay, at))
            .or_else(|| address(detectors, hay, at))
            .or_else(|| iban(detectors, hay, at));
        match found {
            Some((end, detector)) => {
                push(hits, at, end, detector);
                at = end;
            }
            None => at = run(hay, at, ALNUM, 64).max(at + 1),
        }
    }
}

/// An address around an `@`.
pub(super) fn email(hay: &[u8], at: usize) -> Option<(usize, usize)> {
    let mut start = at;
    while start > at.saturating_sub(64)
        && (is(hay[start - 1], NAME) || matches!(hay[start - 1], b'+' | b'%' | b'\''))
    {
        start -= 1;
    }
    let mut end = run(hay, at + 1, NAME, 255);
    while end > at && matches!(hay[end - 1], b'.' | b'-' | b'_') {
        end -= 1;
    }
    let host = hay.get(at + 1..end)?;
    let dot = host.iter().rposition(|b| *b == b'.')?;
    let top = &host[dot + 1..];
    (start < at && dot > 0 && top.len() >= 2 && top.iter().all(u8::is_ascii_alphabetic))
        .then_some((start, end))
}

fn phone(detectors: &Detectors, hay: &[u8], at: usize) -> Option<(usize, Detector)> {
    if hay[at] != b'+' || !detectors.has(Detector::Phone) {
        return None;
    }
    let (mut end, mut digits) = (at + 1, 0);
    for (index, byte) in hay[at + 1..].iter().enumerate().take(24) {
        match byte {
            b'0'..=b'9' => {
                digits += 1;
                end = at + 2 + index;
            }
            b' ' | b'-' | b'.' | b'(' | b')' => {}
            _ => break,
        }
    }
    let first = hay.get(at + 1).is_some_and(|b| matches!(b, b'1'..=b'9'));
    (first && (8..=15).contains(&digits)).then_some((end, Detector::Phone))
}

fn card(detectors: &Detectors, hay: &[u8], at: usize) -> Option<(usize, Detector)> {
    if !detectors.has(Detector::Card) || !matches!(hay[at], b'2'..=b'6') {
        return None;
    }
    let mut digits = [0u8; 19];
    let (mut count, mut end) = (0, at);
    for (index, byte) in hay[at..].iter().enumerate().take(40) {
        match byte {
            b'0'..=b'9' if count == 19 => return None,
            b'0'..=b'9' => {
                digits[count] = byte - b'0';
                count += 1;
                end = at + index + 1;
            }
            b' ' | b'-' => {}
            _ => break,
        }
    }
    let glued = hay.get(end).is_some_and(|b| is(*b, ALNUM));
    let sum: u32 = digits[..count]
        .iter()
        .rev()
        .enumerate()
        .map(|(index, digit)| {
            let doubled = u32::from(*digit) * (1 + index as u32 % 2);
            doubled / 10 + doubled % 10
        })
        .sum();
    ((13..=19).contains(&count) && !glued && sum.is_multiple_of(10))
        .then_some((end, Detector::Card))
}

fn address(detectors: &Detectors, hay: &[u8], at: usize) -> Option<(usize, Detector)> {
    let run_of = |test: fn(&u8) -> bool, limit: usize| {
        hay[at..].iter().take(limit).take_while(|b| test(b)).count()
    };
    if detectors.has(Detector::Ipv4) && hay[at].is_ascii_digit() {
        let len = run_of(|b| b.is_ascii_digit() || *b == b'.', 16);
        let text = std::str::from_utf8(&hay[at..at + len]).ok()?.trim_end_matches('.');
        let before = at.checked_sub(1).map(|b| hay[b]);
        if text.parse::<Ipv4Addr>().is_ok()
            && before != Some(b'.')
            && !hay.get(at + text.len()).is_some_and(|b| is(*b, ALNUM))
        {
            return Some((at + text.len(), Detector::Ipv4));
        }
    }
    if detectors.has(Detector::Ipv6) && (hay[at].is_ascii_hexdigit() || hay[at] == b':') {
        let len = run_of(|b| b.is_ascii_hexdigit() || matches!(b, b':' | b'.'), 46);
        let text = std::str::from_utf8(&hay[at..at + len]).ok()?.trim_end_matches('.');
        if text.len() > 2 && text.contains(':') && text.parse::<Ipv6Addr>().is_ok() {
            return Some((at + text.len(), Detector::Ipv6));
        }
    }
    None
}

fn iban(detectors: &Detectors, hay: &[u8], at: usize) -> Option<(usize, Detector)> {
    if !detectors.has(Detector::Iban) {
        return None;
    }
    let [a, b, c, d, ..] = hay[at..] else { return None };
    if !(a.is_ascii_uppercase()
        && b.is_ascii_uppercase()
        && c.is_ascii_digit()
        && d.is_ascii_digit())
    {
        return None;
    }
    let mut text = [0u8; 34];
    let (mut count, mut end) = (0, at);
    for (index, byte) in hay[at..].iter().enumerate().take(50) {
        match byte {
            b'A'..=b'Z' | b'0'..=b'9' if count < 34 => {
                text[count] = *byte;
                count += 1;
                end = at + index + 1;
            }
            b' ' => {}
            _ => break,
        }
    }
    if !(15..=34).contains(&count) || hay.get(end).is_some_and(|b| is(*b, ALNUM)) {
        return None;
    }
    let text = &text[..count];
    let remainder = text[4..].iter().chain(&text[..4]).fold(0u32, |rest, byte| match byte {
        b'0'..=b'9' => (rest * 10 + u32::from(byte - b'0')) % 97,
        letter => (rest * 100 + u32::from(letter - b'A') + 10) % 97,
    });
    (remainder == 1).then_some((end, Detector::Iban))
}
