//! A record's body as JSON text for the core.

use std::io::Write as _;

use auditweir::Reason;

use super::msgpack::{Token, token};

/// Containers inside each other. Above what any policy may allow (200), so that the core says so.
const DEPTH: usize = 256;

/// Appends the map at `at` as JSON and returns nothing, or why it has no JSON form.
///
/// Integers keep all 64 bits. Floats are written shortest, a whole one with `.0`. What JSON has no
/// number for becomes the text `NaN`, `Infinity` or `-Infinity`. Binary is taken for text. Bytes
/// that are not UTF-8 go to the core as they are, which replaces them as in a line from a file.
pub(super) fn write(src: &[u8], mut at: usize, out: &mut Vec<u8>) -> Result<(), Reason> {
    /// A container not yet closed.
    struct Open {
        map: bool,
        /// Values still to come; a map's keys count.
        left: u64,
    }
    let mut stack: Vec<Open> = Vec::with_capacity(16);
    loop {
        let (token, next) = token(src, at).ok_or(Reason::MSGPACK_UNREADABLE)?;
        at = next;
        let key = stack.last().is_some_and(|open| open.map && open.left % 2 == 0);
        if key && !matches!(token, Token::Text(_)) {
            return Err(Reason::MSGPACK_KEY);
        }
        match token {
            Token::Nil => out.extend_from_slice(b"null"),
            Token::Bool(true) => out.extend_from_slice(b"true"),
            Token::Bool(false) => out.extend_from_slice(b"false"),
            // Writing to a Vec cannot fail.
            Token::Unsigned(n) => _ = write!(out, "{n}"),
            Token::Signed(n) => _ = write!(out, "{n}"),
            Token::F32(n) => float(n.is_finite(), n.into(), format_args!("{n:?}"), out),
            Token::F64(n) => float(n.is_finite(), n, format_args!("{n:?}"), out),
            Token::Text(text) => string(text, out),
            Token::Ext(..) => return Err(Reason::MSGPACK_EXT),
            Token::Array(len) => {
                stack.push(Open { map: false, left: len.into() });
                out.push(b'[');
            }
            Token::Map(len) => {
                stack.push(Open { map: true, left: u64::from(len) * 2 });
                out.push(b'{');
            }
        }
        if stack.len() > DEPTH {
            return Err(Reason::MSGPACK_TOO_DEEP);
        }
        let mut opened = matches!(token, Token::Array(_) | Token::Map(_));
        // Count the value in its container, and close what is full.
        loop {
            let Some(open) = stack.last_mut() else { return Ok(()) };
            if !opened {
                open.left -= 1;
            }
            if open.left > 0 {
                if !opened {
                    out.push(if open.map && open.left % 2 == 1 { b':' } else { b',' });
                }
                break;
            }
            out.push(if open.map { b'}' } else { b']' });
            stack.pop();
            opened = false;
        }
    }
}

fn float(finite: bool, n: f64, text: std::fmt::Arguments<'_>, out: &mut Vec<u8>) {
    if finite {
        _ = out.write_fmt(text);
    } else if n.is_nan() {
        out.extend_from_slice(b"\"NaN\"");
    } else if n > 0.0 {
        out.extend_from_slice(b"\"Infinity\"");
    } else {
        out.extend_from_slice(b"\"-Infinity\"");
    }
}

fn string(text: &[u8], out: &mut Vec<u8>) {
    out.push(b'"');
    let mut from = 0;
    for (at, byte) in text.iter().enumerate() {
        if *byte >= 0x20 && *byte != b'"' && *byte != b'\\' {
            continue;
        }
        out.extend_from_slice(&text[from..at]);
        from = at + 1;
        match byte {
            b'"' | b'\\' => out.extend_from_slice(&[b'\\', *byte]),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            _ => _ = write!(out, "\\u{byte:04x}"),
        }
    }
    out.extend_from_slice(&text[from..]);
    out.push(b'"');
}

#[cfg(test)]
mod tests {
    use super::*;

    fn json(src: &[u8]) -> Result<String, Reason> {
        let mut out = Vec::new();
        write(src, 0, &mut out).map(|()| String::from_utf8(out).unwrap())
    }

    #[test]
    fn values() {
        let src = b"\x89\xa1a\xcf\xff\xff\xff\xff\xff\xff\xff\xff\
            \xa1b\xd3\x80\0\0\0\0\0\0\0\xa1c\xcb\x3f\xf0\0\0\0\0\0\0\xa1d\xca\x3d\xcc\xcc\xcd\
            \xa1e\xc0\xa1f\xc3\xa1g\x90\xa1h\x80\xa1i\x92\x01\x82\xa0\xc4\x03\"\\\n\xa1\0\xa1\x01";
        assert_eq!(
            json(src).unwrap(),
            r#"{"a":18446744073709551615,"b":-9223372036854775808,"c":1.0,"d":0.1,"e":null,"f":true,"g":[],"h":{},"i":[1,{"":"\"\\\n","\u0000":"\u0001"}]}"#
        );
        serde_json::from_str::<serde_json::Value>(&json(src).unwrap()).unwrap();
        assert_eq!(json(b"\x81\xa1a\xcb\x7f\xf8\0\0\0\0\0\0").unwrap(), r#"{"a":"NaN"}"#);
        assert_eq!(json(b"\x81\xa1a\xca\xff\x80\0\0").unwrap(), r#"{"a":"-Infinity"}"#);
        assert_eq!(
            json(b"\x81\xa1a\xcb\x7f\xe1\xcc\xf3\x85\xeb\xc8\xa0").unwrap(),
            r#"{"a":1e308}"#
        );
    }

    #[test]
    fn refusals() {
        assert_eq!(json(b"\x81\x01\x02"), Err(Reason::MSGPACK_KEY));
        assert_eq!(json(b"\x81\xa1a\xd4\x05\x00"), Err(Reason::MSGPACK_EXT));
        assert_eq!(json(b"\x82\xa1a\x01"), Err(Reason::MSGPACK_UNREADABLE));
        let mut deep = b"\x81\xa1a".repeat(255);
        deep.extend_from_slice(b"\x80");
        assert!(json(&deep).is_ok());
        let mut deep = b"\x81\xa1a".repeat(256);
        deep.extend_from_slice(b"\x80");
        assert_eq!(json(&deep), Err(Reason::MSGPACK_TOO_DEEP));
    }
}
