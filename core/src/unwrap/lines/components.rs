//! Lines of other programs, and a program's own words about the log.

use super::shapes::{is_time, word};

/// Whether a line without JSON at its start is plainly another component's, or a program's own
/// words about the log: such lines stand between events where logs are mixed.
pub(in crate::unwrap) fn is_components(line: &[u8]) -> bool {
    // klog that wrote nothing but an event; a line that quotes one is a line.
    if memchr::memmem::find(line, b"] {").is_some_and(|at| at < 80)
        && memchr::memmem::find(line, b"audit.k8s.io/").is_some()
        && memchr::memmem::find(line, b"auditID").is_some()
    {
        return false;
    }
    let digits = |text: &[u8], count: usize| {
        text.len() >= count && text[..count].iter().all(u8::is_ascii_digit)
    };
    let words: &[&[u8]] = &[
        b"time=\"",
        b"time=2",
        b"level=",
        b"ts=2",
        b"goroutine ",
        b"panic: ",
        b"fatal error: ",
        b"-- Logs begin",
        b"-- Journal begins",
        b"-- No entries --",
        b"-- Boot ",
        b"==> /",
        b"log.go:",
        b"Flag --",
        b"[GIN] ",
        b"[restful] ",
    ];
    match line {
        // klog: `I0302 10:00:00.000000       1 controller.go:107] `
        [b'I' | b'W' | b'E' | b'F', rest @ ..] if digits(rest, 4) && rest.get(4) == Some(&b' ') => {
            true
        }
        // klog's traces go on over several lines: `Trace[7816759]: "List" …`
        [b'T', b'r', b'a', b'c', b'e', b'[', rest @ ..] => {
            let number = rest.iter().take_while(|b| b.is_ascii_digit()).count();
            number > 0 && rest[number..].starts_with(b"]: ")
        }
        // stern tells which containers it follows: `+ POD › CONTAINER`
        [b'+' | b'-', b' ', rest @ ..] => {
            memchr::memmem::find(rest, " \u{203a} ".as_bytes()).is_some()
                && memchr::memchr(b'{', rest).is_none()
        }
        // Go's own log: `2026/03/02 10:00:00 `
        rest if digits(rest, 4) && matches!(rest.get(4), Some(b'/')) => true,
        // zap and others: `2026-03-02T10:00:00.000Z\tINFO\t…`
        rest if word(rest).is_some_and(|(first, _)| is_time(first)) => {
            let level = word(rest).and_then(|(_, rest)| word(rest)).map(|(level, _)| level);
            level.is_some_and(|level| {
                let level = level.trim_ascii();
                [&b"info"[..], b"warn", b"warning", b"error", b"debug", b"fatal", b"trace"]
                    .iter()
                    .any(|known| level.eq_ignore_ascii_case(known))
            })
        }
        _ => words.iter().any(|word| line.starts_with(word)),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn lines_of_components_are_known() {
        for line in [
            "I0302 10:00:00.000000       1 controller.go:107] OpenAPI",
            "Trace[7816759]: \"List\" url:/api/v1/pods",
            "time=\"2026-03-02T10:00:00Z\" level=info msg=x",
            "2026/03/02 10:00:00 http: TLS handshake error",
            "2026-03-02T10:00:00.000Z\tINFO\tsetup\tstarting",
            "-- Logs begin at Mon 2026-03-02 --",
            "+ kube-apiserver-cp-1 \u{203a} kube-apiserver",
        ] {
            assert!(is_components(line.as_bytes()), "{line}");
        }
        for line in [
            "I0302 10:00:00.000000       1 audit.go:1] {\"apiVersion\":\"audit.k8s.io/v1\",\"auditID\":\"x\"}",
            "canary",
            "",
            "Trace[x]: ",
            "I am",
            "\"auditID\":\"x\"}",
            "2026-03-02T10:00:00.000Z x",
        ] {
            assert!(!is_components(line.as_bytes()), "{line}");
        }
    }
}
