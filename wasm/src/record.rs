//! One record in, one record out, however many events the record holds.
//!
//! `filter_wasm` packs the whole answer as one record. A record that holds several events (a
//! CloudWatch batch, an `EventList`) therefore leaves as one `EventList` of them, which
//! loses nothing and which auditweir itself, among others, can take apart again.

mod carry;

use auditweir::{Format, Reason};
use auditweir_shell::Counts;

use crate::guest::{Guest, State};

const HEAD: &[u8] = b"{\"kind\":\"EventList\",\"apiVersion\":\"audit.k8s.io/v1\",\"items\":[";

/// Leaves the answer in `state.out` and returns where in it the text starts. The text ends at the
/// first zero byte, which is the last byte of `state.out`. It is empty when policy drops all that
/// the record holds or it waits for its rest, and a JSON object that the host can carry otherwise.
pub(crate) fn answer(
    guest: &Guest,
    state: &mut State,
    format: Format,
    tag: &[u8],
    record: &[u8],
) -> usize {
    state.clear();
    state.out.extend_from_slice(HEAD);
    let counts = guest.line(state, format, tag, record);
    if counts == Counts::default() {
        // A record cannot be blank; if one is, it must not vanish uncounted.
        guest.refuse(state, format, record, Reason::EMPTY_RECORD);
    }
    let out = &mut state.out;
    if counts.lines() == 0 && counts.dropped + counts.waiting > 0 {
        out.clear();
        out.push(0);
        return 0;
    }
    if !carry::fits(&out[HEAD.len()..]) {
        let lines = out.split_off(HEAD.len());
        for line in lines.split_inclusive(|byte| *byte == b'\n') {
            carry::write(line, out);
        }
    }
    if counts.lines() > 1 {
        for byte in &mut out[HEAD.len()..] {
            // Lines hold no raw line breaks; strings could not.
            if *byte == b'\n' {
                *byte = b',';
            }
        }
        out.pop();
        out.extend_from_slice(b"]}\0");
        return 0;
    }
    if let Some(end) = out.last_mut() {
        *end = 0;
    }
    HEAD.len()
}

/// Leaves a stub in `state.out` for a record that did not arrive.
#[cfg(target_os = "wasi")]
pub(crate) fn missing(guest: &Guest, state: &mut State) {
    state.clear();
    guest.refuse(state, Format::default(), b"", Reason::RECORD_NOT_DELIVERED);
    if let Some(end) = state.out.last_mut() {
        *end = 0;
    }
}

#[cfg(test)]
mod tests {
    use std::ffi::CStr;

    use auditweir_shell::{Setup, Source};

    use super::*;

    const EVENT: &str = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"a","stage":"ResponseComplete","verb":"get","requestURI":"/version"}"#;

    fn run(policy: &str, record: &str) -> String {
        let guest = Guest::new();
        guest.call(|guest, state| {
            let policy = Some(Source::bytes("policy", policy.as_bytes()));
            let ready = Setup { policy, ..Setup::default() }.ready();
            guest.set_up(state, || (ready.ok().map(|ready| ready.policy), ()));
            let from = answer(guest, state, Format::Native, b"", record.as_bytes());
            CStr::from_bytes_with_nul(&state.out[from..]).unwrap().to_str().unwrap().to_owned()
        })
    }

    #[test]
    fn one_event_stays_one() {
        let text = run("version: 1", EVENT);
        assert!(text.starts_with(r#"{"kind":"Event","#) && text.ends_with("}}"), "{text}");
    }

    #[test]
    fn several_events_become_one_list() {
        let text = run(
            "version: 1",
            &format!(r#"{{"log":"{}"}}"#, {
                let two = format!("{EVENT}\n{EVENT}");
                two.replace('"', "\\\"").replace('\n', "\\n")
            }),
        );
        let one = run("version: 1", EVENT);
        let head = std::str::from_utf8(HEAD).unwrap();
        assert_eq!(text, format!("{head}{one},{one}]}}"));
    }

    #[test]
    fn a_wrong_policy_lets_nothing_through() {
        let text = run("version: 9", EVENT);
        assert!(text.contains(r#""stub":"policy-error""#) && !text.contains("auditID"), "{text}");
    }

    #[test]
    fn blanks_do_not_vanish() {
        assert!(run("version: 1", "  ").contains("empty-record"));
    }

    #[test]
    fn what_holds_no_event_by_its_nature_is_dropped() {
        assert_eq!(run("version: 1", r#"{"messageType":"CONTROL_MESSAGE","logEvents":[]}"#), "");
    }
}
