//! What JSON Fluent Bit can carry, and what becomes of the rest.
//!
//! Two things in valid JSON break it, and clients of the API server can send both in a patch or a
//! custom resource. A number too large for a double is a parse error to it, whose handling frees
//! memory twice and aborts the process. Nesting past 32 levels cannot be read back from its chunks,
//! and the records behind it in the chunk are lost, too. Such an event leaves as text: an object
//! with the event's JSON in the string `log`.

use memchr::memchr2;

/// Levels of one event. The chunk adds one and an `EventList` two; 32 is what msgpack-c reads.
const DEPTH: usize = 28;

/// Whether every event in `lines` can be carried as it is. `lines` are valid JSON.
pub(super) fn fits(lines: &[u8]) -> bool {
    let mut depth = 0;
    let mut at = 0;
    while let Some(byte) = lines.get(at) {
        at += 1;
        match byte {
            b'"' => at = string_end(lines, at),
            b'{' | b'[' => {
                depth += 1;
                if depth > DEPTH {
                    return false;
                }
            }
            b'}' | b']' => depth -= 1,
            b'-' | b'0'..=b'9' => {
                let rest = &lines[at - 1..];
                let len = rest
                    .iter()
                    .position(|b| !matches!(b, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E'))
                    .unwrap_or(rest.len());
                at += len - 1;
                if !is_double(&rest[..len]) {
                    return false;
                }
            }
            _ => {}
        }
    }
    true
}

/// The byte after the closing quote of the string whose inside starts at `at`.
fn string_end(text: &[u8], mut at: usize) -> usize {
    while let Some(found) = text.get(at..).and_then(|rest| memchr2(b'"', b'\\', rest)) {
        at += found + 1;
        if text[at - 1] == b'"' {
            return at;
        }
        at += 1;
    }
    text.len()
}

/// Whether a number is finite as a double. Most are short and have no exponent.
fn is_double(number: &[u8]) -> bool {
    if number.len() < 300 && !number.iter().any(|b| matches!(b, b'e' | b'E')) {
        return true;
    }
    str::from_utf8(number)
        .ok()
        .and_then(|text| text.parse::<f64>().ok())
        .is_some_and(f64::is_finite)
}

const HEX: &[u8; 16] = b"0123456789abcdef";

/// Appends a line as it is if it can be carried, as text otherwise.
pub(super) fn write(line: &[u8], out: &mut Vec<u8>) {
    if fits(line) {
        return out.extend_from_slice(line);
    }
    out.extend_from_slice(b"{\"log\":\"");
    for byte in line.strip_suffix(b"\n").unwrap_or(line) {
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', *byte]),
            // White space between tokens.
            0..0x20 => {
                out.extend_from_slice(b"\\u00");
                out.extend([HEX[usize::from(byte >> 4)], HEX[usize::from(byte & 15)]]);
            }
            other => out.push(*other),
        }
    }
    out.extend_from_slice(b"\"}\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_fits() {
        let nested = |levels: usize| format!("{}1{}\n", "[".repeat(levels), "]".repeat(levels));
        for text in [
            r#"{"a":1e308,"b":-1.5E-400,"c":"1e400 [[[ \" [","d":18446744073709551616}"#,
            r#"{"a\\":"\\","b":"\\\"1e999"}"#,
            &nested(DEPTH),
            &nested(DEPTH).repeat(3),
            "{}",
        ] {
            assert!(fits(text.as_bytes()), "{text}");
        }
        for text in [
            r#"{"a":1e309}"#,
            r"[-1E400]",
            r#"{"a":"\\","b":[0,1e99999999999]}"#,
            &format!("[{}]", "9".repeat(400)),
            &nested(DEPTH + 1),
            &(nested(1) + &nested(DEPTH + 1)),
        ] {
            assert!(!fits(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn text_is_the_event() {
        let mut out = Vec::new();
        write(b"{\"a\":1}\n", &mut out);
        write(b"{\"a\\\\\":\t1e999}\n", &mut out);
        let expected = "{\"a\":1}\n{\"log\":\"{\\\"a\\\\\\\\\\\":\\u00091e999}\"}\n";
        assert_eq!(String::from_utf8(out).unwrap(), expected);
    }
}
