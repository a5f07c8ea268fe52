//! Running the library on one input, and what must hold whatever the input is.

use std::sync::{Arc, LazyLock};

use auditweir::{CompiledPolicy, Filter, Format, Policy, Stats, Verdict};

use crate::reveal::Revealed;

/// The default policy.
pub static DEFAULT: LazyLock<Arc<CompiledPolicy>> =
    LazyLock::new(|| Arc::new(Policy::default().compile().expect("the default policy")));

/// What came out of one call.
pub struct Ran {
    /// The appended lines.
    pub out: Vec<u8>,
    /// The answer of the call.
    pub verdict: Verdict,
    /// The totals after it.
    pub stats: Stats,
}

/// One call on a fresh filter with the default policy.
pub fn run(input: &[u8], format: Format) -> Ran {
    run_with(&DEFAULT, input, format)
}

/// One call on a fresh filter.
pub fn run_with(policy: &Arc<CompiledPolicy>, input: &[u8], format: Format) -> Ran {
    let mut filter = Filter::new(Arc::clone(policy), format);
    let mut out = Vec::new();
    let verdict = filter.apply(input, &mut out);
    Ran { out, verdict, stats: filter.stats().clone() }
}

/// What must hold for any event an API server can write: the [`basics`], and a second pass over a
/// native event changes nothing. Panics otherwise.
pub fn invariants(input: &[u8], ran: &Ran, format: Format) {
    basics(input, ran);
    if format == Format::Native {
        for line in text_of(&ran.out).lines() {
            let again = run(line.as_bytes(), Format::Native);
            assert_eq!(
                text_of(&again.out).trim_end(),
                line,
                "a second pass changes the event ({:?})",
                again.verdict
            );
            assert_eq!(again.verdict.redactions, 0, "a second pass takes something out of {line}");
        }
    }
}

/// What must hold for any bytes at all: an answer, in lines of valid JSON, as many as the verdict
/// says, no longer than a small multiple of the input. Panics otherwise.
///
/// A second pass may take more here: in rubbish, a mask can make a name out of what was none (`?`
/// gone from a path, a long name cut short).
pub fn basics(input: &[u8], ran: &Ran) {
    let text = std::str::from_utf8(&ran.out).expect("output is UTF-8");
    let lines: Vec<&str> = text.lines().collect();
    assert!(text.is_empty() || text.ends_with('\n'), "the last line is not ended");
    assert_eq!(lines.len(), ran.verdict.lines() as usize, "lines and verdict");
    assert!(
        !ran.out.iter().any(|byte| *byte < 0x20 && !matches!(*byte, b'\n' | b'\t')),
        "raw control byte"
    );
    for line in &lines {
        serde_json::from_str::<serde::de::IgnoredAny>(line)
            .unwrap_or_else(|error| panic!("output is not JSON: {error}\n{line}"));
        assert!(line.starts_with('{') && line.ends_with('}'), "output is not an object: {line}");
    }
    if !input.trim_ascii().is_empty() {
        assert!(ran.verdict.lines() + ran.verdict.dropped > 0, "an input vanished");
    }
    assert_eq!(
        ran.stats.events_in(),
        u64::from(ran.verdict.lines() + ran.verdict.dropped),
        "totals and verdict"
    );
    // A masked value of one byte becomes a marker; a batch gives every event its own derived facts.
    let most = input.len() * 24 + (4 << 10) * (lines.len() + 1) + (1 << 16);
    assert!(ran.out.len() <= most, "{} bytes out of {}", ran.out.len(), input.len());
}

/// Panics when any of `secrets` is in the output or in what the filter counts, however encoded.
pub fn holds_none(ran: &Ran, secrets: &[String], what: &str, input: &[u8]) {
    let shown = Revealed::new(&ran.out);
    let said = format!("{:?}", ran.stats);
    for secret in secrets {
        assert!(
            !shown.contains(secret) && !said.contains(secret.as_str()),
            "{what}: `{secret}` is in the output\n  input  {}\n  output {}",
            text_of(input),
            text_of(&ran.out)
        );
    }
}

fn text_of(bytes: &[u8]) -> String {
    String::from_utf8_lossy(bytes).into_owned()
}
