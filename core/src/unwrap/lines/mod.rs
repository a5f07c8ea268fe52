//! What stands before the JSON of a line, and lines that are no events.
//!
//! Only shapes that a log program is known to write come off, each bounded. Anything else before a
//! brace stays: a component's log line that quotes JSON is no event.

mod components;
mod shapes;

pub(super) use components::is_components;
use shapes::{SHAPES, ovh};

/// Longest text before the JSON that is looked at.
const LONGEST: usize = 512;

/// A line without what stood before it.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Line<'a> {
    pub(super) rest: &'a [u8],
    /// When it was written, as the program that wrote it says.
    pub(super) time: Option<&'a [u8]>,
    /// A CRI line tagged `P`: the rest follows on other lines.
    pub(super) partial: bool,
    /// It is the output of a container that is no API server's.
    pub(super) foreign: bool,
}

/// Takes off NUL bytes that a truncated file begins with, a byte order mark, the record separator
/// of RFC 7464 and white space.
pub(crate) fn trim(mut line: &[u8]) -> &[u8] {
    let blank = |byte: &u8| matches!(*byte, 0 | 0x1e) || byte.is_ascii_whitespace();
    loop {
        match line {
            [byte, rest @ ..] if blank(byte) => line = rest,
            [0xef, 0xbb, 0xbf, rest @ ..] => line = rest,
            [rest @ .., byte] if blank(byte) => line = rest,
            _ => return line,
        }
    }
}

/// Takes off what log programs put before a line. What is left begins with a brace or bracket, or
/// is the line itself.
pub(super) fn strip(line: &[u8]) -> Line<'_> {
    let line = trim(line);
    let mut whole = Line { rest: line, time: None, partial: false, foreign: false };
    let mut found = Line { ..whole };
    if is_json(line) && !is_ovh(line) {
        return whole;
    }
    let mut bare_name = false;
    // A prefix of one program inside that of another: three are plenty.
    for _ in 0..3 {
        let head = &found.rest[..found.rest.len().min(LONGEST)];
        let Some(prefix) = SHAPES.iter().find_map(|shape| shape(head)) else { break };
        found.time = prefix.time.or(found.time);
        found.partial |= prefix.partial;
        // Two bare names are a pod and its container.
        found.foreign |= prefix.foreign || prefix.bare && bare_name;
        bare_name |= prefix.bare;
        found.rest = trim(&found.rest[prefix.len..]);
        if prefix.node {
            // Container runtimes mark every line, whatever it holds.
            whole = Line { ..found };
        }
        if is_json(found.rest) {
            return found;
        }
    }
    whole
}

/// Whether a text begins like an object, or a list of objects, lists or texts.
pub(super) fn is_json(text: &[u8]) -> bool {
    match text {
        [b'{', rest @ ..] => {
            matches!(rest.trim_ascii_start().first(), None | Some(b'"' | b'}'))
        }
        [b'[', rest @ ..] => {
            matches!(rest.trim_ascii_start().first(), None | Some(b'{' | b'[' | b']' | b'"'))
                || is_time_and_record(rest)
        }
        _ => false,
    }
}

/// `1772445600.01,{`, as Fluent Bit writes a record.
fn is_time_and_record(text: &[u8]) -> bool {
    let digits = text.iter().take_while(|b| b.is_ascii_digit() || **b == b'.').count();
    let rest = text[digits..].trim_ascii_start().strip_prefix(b",");
    digits > 8 && rest.is_some_and(|rest| rest.trim_ascii_start().starts_with(b"{"))
}

fn is_ovh(line: &[u8]) -> bool {
    line.first() == Some(&b'{') && ovh(&line[..line.len().min(LONGEST)]).is_some()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn prefixes_come_off() {
        for (line, rest) in [
            ("2024-01-01T00:00:00.123456789Z stdout F {\"a\":1}", "{\"a\":1}"),
            ("\u{feff}{\"a\":1}\r\n", "{\"a\":1}"),
            ("\0\0\0\0{\"a\":1}", "{\"a\":1}"),
            ("<134>1 2026-01-01T00:00:00Z host app - - - {\"a\":1}", "{\"a\":1}"),
            (
                "<134>1 2026-01-01T00:00:00Z host app 12 audit [x@1 a=\"\\]\"][y b=\"\"] \u{feff}{\"a\":1}",
                "{\"a\":1}",
            ),
            ("<13>Mar  2 10:00:00 cp-1 kube-apiserver[12]: {\"a\":1}", "{\"a\":1}"),
            ("<134> {\"a\":1}", "{\"a\":1}"),
            ("Mar  2 10:00:00 cp-1 audit: @cee: {\"a\":1}", "{\"a\":1}"),
            ("Mar  2 10:00:00 cp-1 kube-apiserver[12]: {\"a\":1}", "{\"a\":1}"),
            ("2026-03-02T10:00:00.010001+00:00 cp-1 k3s[12]: {\"a\":1}", "{\"a\":1}"),
            ("2026-03-02T10:00:00.010001234Z {\"a\":1}", "{\"a\":1}"),
            ("[pod/audit-1/audit] {\"a\":1}", "{\"a\":1}"),
            ("[pod/audit-1/audit] 2026-03-02T10:00:00.01Z {\"a\":1}", "{\"a\":1}"),
            ("audittailer-768f964b78-t4hcs audittailer {\"a\":1}", "{\"a\":1}"),
            ("kube-system kube-apiserver-cp-1 kube-apiserver {\"a\":1}", "{\"a\":1}"),
            ("ip-10-0-140-97.ec2.internal {\"a\":1}", "{\"a\":1}"),
            ("cp-1 /var/log/audit.log: {\"a\":1}", "{\"a\":1}"),
            ("/var/log/audit/audit-2026.log:12:{\"a\":1}", "{\"a\":1}"),
            ("audit.log:{\"a\":1}", "{\"a\":1}"),
            ("kube-apiserver  | {\"a\":1}", "{\"a\":1}"),
            ("{app-1}> {\"a\":1}", "{\"a\":1}"),
            ("Mon 2026-03-02 10:00:00 UTC cp-1 kube-apiserver[12]: {\"a\":1}", "{\"a\":1}"),
            ("[ 5345.678901] cp-1 kube-apiserver[12]: {\"a\":1}", "{\"a\":1}"),
            ("<134>Mar  2 10:00:00 kube-apiserver[12]: {\"a\":1}", "{\"a\":1}"),
            ("docker/kube-apiserver[12]: {\"a\":1}", "{\"a\":1}"),
            ("kube-system/kube-apiserver-cp-1[kube-apiserver]: {\"a\":1}", "{\"a\":1}"),
            ("[kube-apiserver-cp-1 kube-apiserver] {\"a\":1}", "{\"a\":1}"),
            ("[kube-apiserver-cp-1] {\"a\":1}", "{\"a\":1}"),
            ("[2026-03-02T10:00:00.010Z] {\"a\":1}", "{\"a\":1}"),
            ("[2026-03-02 10:00:00] {\"a\":1}", "{\"a\":1}"),
            ("2026-03-02 10:00:00.010 {\"a\":1}", "{\"a\":1}"),
            ("2026-03-02 10:00:00,010 UTC {\"a\":1}", "{\"a\":1}"),
            ("2026-03-02T10:00:00 {\"a\":1}", "{\"a\":1}"),
            ("2026-03-02T10:00:00Z {job=\"a\", b=\"\\\"} {\"} {\"a\":1}", "{\"a\":1}"),
            ("10.0.0.1: {\"a\":1}", "{\"a\":1}"),
            ("cp-1: {\"a\":1}", "{\"a\":1}"),
            ("host1: {\"a\":1}", "{\"a\":1}"),
            ("12:{\"a\":1}", "{\"a\":1}"),
            ("\u{1e}{\"a\":1}", "{\"a\":1}"),
            (
                "\u{1b}[32mkube-apiserver-cp-1\u{1b}[0m \u{1b}[36mkube-apiserver\u{1b}[0m {\"a\":1}",
                "{\"a\":1}",
            ),
            ("{\"a\":\"}> {\"}", "{\"a\":\"}> {\"}"),
        ] {
            assert_eq!(strip(line.as_bytes()).rest, rest.as_bytes(), "{line}");
        }
        let partial = strip(b"2024-01-01T00:00:00.123Z stdout P {\"a\"");
        assert!(partial.partial && partial.rest == b"{\"a\"");
    }

    #[test]
    fn what_a_component_quotes_stays_where_it_is() {
        for line in [
            "12 stdout F {}",
            "received {\"kind\":\"Event\"}",
            "request body: {\"kind\":\"Event\"}",
            "I0302 10:00:00.000000       1 httplog.go:132] body={\"kind\":\"Event\"}",
            "failed to parse {\"kind\":\"Event\"}",
            "level=info msg=x {\"kind\":\"Event\"}",
            "<134>1 2026-01-01T00:00:00Z host app - - - got {\"a\":1}",
            "cp-1 got {\"a\":1}",
            "[error] {\"a\":1}",
            "[error 1] {\"a\":1}",
            "body: {\"a\":1}",
            "main.go: {\"a\":1}",
            "v1: {\"a\":1}",
            "args[0]={\"a\":1}",
            "2026-03-02 10:00:00 INFO got {\"a\":1}",
            "{job=audit} {\"a\":1}",
            "{job=\"audit} {\"a\":1}",
            "{x y}> {\"a\":1}",
        ] {
            assert_eq!(strip(line.as_bytes()).rest, line.as_bytes(), "{line}");
        }
    }
}
