//! What the API server measured of a request over 500 ms: annotations `apiserver.latency.k8s.io/…`
//! with durations as Go writes them: `1h2m3.5s`, `512.3ms`, `80µs`.

use super::{Facts, intact};
use crate::event::Slot;
use crate::redacted::Redacted;

/// What the annotation's name ends in, and what the layer is called here.
const LAYERS: [(&[u8], &[u8]); 12] = [
    (b"total", b"total"),
    (b"etcd", b"etcd"),
    (b"apf-queue-wait", b"apf_queue_wait"),
    (b"authentication", b"authentication"),
    (b"authorization", b"authorization"),
    (b"impersonation", b"impersonation"),
    (b"mutating-webhook", b"mutating_webhook"),
    (b"validating-webhook", b"validating_webhook"),
    (b"serialize-response-object", b"serialize_response_object"),
    (b"response-write", b"response_write"),
    (b"transform-response-object", b"transform_response_object"),
    (b"decode-response-object", b"decode_response_object"),
];

/// Hands on the milliseconds of each layer.
pub(crate) fn latencies(
    redacted: &Redacted<'_>,
    facts: &Facts<'_>,
    mut each: impl FnMut(&'static [u8], u64),
) {
    if !facts.latency {
        return;
    }
    let Some(annotations) = intact(redacted, Slot::Annotations) else { return };
    let mut seen = 0u16;
    for (key, value) in annotations.members() {
        let Some(layer) = key.raw_text().strip_prefix(b"apiserver.latency.k8s.io/") else {
            continue;
        };
        let Some(at) = LAYERS.iter().position(|(name, _)| *name == layer) else { continue };
        if seen >> at & 1 == 0
            && redacted.is_intact(value)
            && let Some(time) = milliseconds(value.raw_text())
        {
            seen |= 1 << at;
            each(LAYERS[at].1, time);
        }
    }
}

/// Milliseconds of a Go duration (`time.Duration.String`), rounded down; `None` for anything else.
fn milliseconds(text: &[u8]) -> Option<u64> {
    if text.is_empty() || text.len() > 32 || text == b"0s" {
        return (text == b"0s").then_some(0);
    }
    let mut nanos = 0u64;
    let mut rest = text;
    while !rest.is_empty() {
        let (whole, after) = number(rest)?;
        let (fraction, digits, after) = match after {
            [b'.', tail @ ..] => {
                let (fraction, left) = number(tail)?;
                (fraction, tail.len() - left.len(), left)
            }
            _ => (0, 0, after),
        };
        let (unit, after) = unit(after)?;
        let part = fraction.checked_mul(unit)?.checked_div(10u64.checked_pow(digits as u32)?)?;
        nanos = nanos.checked_add(whole.checked_mul(unit)?)?.checked_add(part)?;
        rest = after;
    }
    Some(nanos / 1_000_000)
}

fn number(text: &[u8]) -> Option<(u64, &[u8])> {
    let digits = text.iter().take_while(|b| b.is_ascii_digit()).count();
    let value = std::str::from_utf8(&text[..digits]).ok()?.parse().ok()?;
    Some((value, &text[digits..]))
}

/// Nanoseconds of the unit at the start of the text, and what follows it.
fn unit(text: &[u8]) -> Option<(u64, &[u8])> {
    const UNITS: [(&str, u64); 7] = [
        ("ns", 1),
        ("µs", 1_000),
        ("us", 1_000),
        ("ms", 1_000_000),
        ("s", 1_000_000_000),
        ("m", 60_000_000_000),
        ("h", 3_600_000_000_000),
    ];
    UNITS.iter().find_map(|(name, nanos)| Some((*nanos, text.strip_prefix(name.as_bytes())?)))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn reads_what_go_writes() {
        for (text, expected) in [
            ("0s", Some(0)),
            ("512.3ms", Some(512)),
            ("1.234567891s", Some(1234)),
            ("1h2m3.5s", Some(3_723_500)),
            ("80µs", Some(0)),
            ("3m0s", Some(180_000)),
            ("", None),
            ("5", None),
            ("-1s", None),
            ("1.s", None),
            ("99999999999999999999h", None),
            ("9999999999999h", None),
        ] {
            assert_eq!(milliseconds(text.as_bytes()), expected, "{text}");
        }
    }
}
