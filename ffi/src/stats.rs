//! Counters as JSON text.

use std::fmt::Write as _;

use crate::guard::Guard;

/// Replaces `out` by the totals; member names as in the header at `auditweir_filter_stats`.
pub(crate) fn write(guard: &Guard, out: &mut Vec<u8>) {
    let stats = guard.stats();
    out.clear();
    let mut text = format!(
        "{{\"inputs\":{},\"bytesIn\":{},\"bytesOut\":{},\"events\":{},\"stubs\":{},\"rejected\":{}",
        stats.inputs, stats.bytes_in, stats.bytes_out, stats.events, stats.stubs, stats.rejected
    );
    let names = guard.policy().rule_names();
    let rules = names.iter().map(String::as_str).zip(stats.redactions.iter().copied());
    list(&mut text, "dropped", stats.dropped.iter().copied());
    list(&mut text, "reasons", stats.reasons.iter().copied());
    list(&mut text, "redactions", rules.filter(|(_, total)| *total > 0));
    _ = write!(text, ",\"panics\":{}}}", guard.panics);
    out.extend_from_slice(text.as_bytes());
}

/// Names are kebab-case words of the library or checked rule names: nothing to escape.
fn list<'a>(text: &mut String, name: &str, counts: impl Iterator<Item = (&'a str, u64)>) {
    let members: Vec<String> = counts.map(|(name, total)| format!("\"{name}\":{total}")).collect();
    _ = write!(text, ",\"{name}\":{{{}}}", members.join(","));
}
