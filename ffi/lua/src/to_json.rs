//! A Lua table, as Vector makes it of a parsed event, as JSON text for the core.
//!
//! Vector has lost by then: nulls, which are empty strings; empty arrays, which are empty objects;
//! the order of members, which is alphabetical here so that an event has one text and one id.

use std::io::Write as _;

use auditweir::Reason;
use mlua::{Integer, Table, Value};

/// Containers inside each other. Above what any policy may allow (200), so that the core says so.
const DEPTH: usize = 256;

/// Appends `value`, or says why it has no JSON form within `limit` bytes.
///
/// Integers keep all 64 bits, floats are written shortest, a whole one with `.0`. A timestamp is
/// RFC 3339 text with six digits of a second, nine if it has them. Only raw access: no metamethod
/// runs. Strings that are not UTF-8 go to the core as they are, which replaces what is wrong.
pub(crate) fn write(value: &Value, limit: usize, out: &mut Vec<u8>) -> Result<(), Reason> {
    put(value, limit, 0, out)
}

fn put(value: &Value, limit: usize, depth: usize, out: &mut Vec<u8>) -> Result<(), Reason> {
    if out.len() > limit {
        return Err(Reason::LINE_TOO_LONG);
    }
    match value {
        Value::Nil => out.extend_from_slice(b"null"),
        Value::Boolean(true) => out.extend_from_slice(b"true"),
        Value::Boolean(false) => out.extend_from_slice(b"false"),
        // Writing to a Vec cannot fail.
        Value::Integer(n) => _ = write!(out, "{n}"),
        Value::Number(n) if n.is_finite() => _ = write!(out, "{n:?}"),
        Value::Number(n) if n.is_nan() => out.extend_from_slice(b"\"NaN\""),
        Value::Number(n) if *n > 0.0 => out.extend_from_slice(b"\"Infinity\""),
        Value::Number(_) => out.extend_from_slice(b"\"-Infinity\""),
        Value::String(text) => string(&text.as_bytes(), out),
        Value::Table(_) if depth == DEPTH => return Err(Reason::LUA_TOO_DEEP),
        Value::Table(table) => return container(table, limit, depth, out),
        _ => return Err(Reason::LUA_TYPE),
    }
    Ok(())
}

/// An array if it has a first element, which is what Vector goes by; an object otherwise.
fn container(table: &Table, limit: usize, depth: usize, out: &mut Vec<u8>) -> Result<(), Reason> {
    let len = table.raw_len();
    let mut keys = Vec::new();
    let (mut bytes, mut elements) = (out.len(), 0);
    let mut wrong = None;
    // Values are fetched one by one later: a handle on each at once would fill mlua's stack.
    let read = table.for_each::<Value, Value>(|key, _| {
        match &key {
            Value::String(name) if len == 0 => {
                bytes += name.as_bytes().len() + 4;
                keys.push(name.as_bytes().to_vec());
            }
            Value::Integer(at) if usize::try_from(*at).is_ok_and(|at| at >= 1 && at <= len) => {
                elements += 1;
            }
            _ => wrong = Some(Reason::LUA_KEY),
        }
        if bytes > limit {
            wrong = Some(Reason::LINE_TOO_LONG);
        }
        match wrong {
            None => Ok(()),
            Some(_) => Err(mlua::Error::runtime("")),
        }
    });
    if read.is_err() || elements != len {
        return Err(wrong.unwrap_or(Reason::LUA_KEY));
    }
    if len > 0 {
        out.push(b'[');
        for at in 1..=len {
            if at > 1 {
                out.push(b',');
            }
            let value: Value = table.raw_get(at).map_err(|_| Reason::LUA_ERROR)?;
            put(&value, limit, depth + 1, out)?;
        }
        out.push(b']');
        return Ok(());
    }
    keys.sort_unstable();
    if timestamp(table, &keys, out) {
        return Ok(());
    }
    out.push(b'{');
    for (at, key) in keys.iter().enumerate() {
        if at > 0 {
            out.push(b',');
        }
        string(key, out);
        out.push(b':');
        // By a Lua string: a `&[u8]` would be looked up as an array.
        let value: Value =
            table.raw_get(mlua::BString::from(key.as_slice())).map_err(|_| Reason::LUA_ERROR)?;
        put(&value, limit, depth + 1, out)?;
    }
    out.push(b'}');
    Ok(())
}

/// What Vector makes of a timestamp, sorted.
const TIMESTAMP: [&str; 10] =
    ["day", "hour", "isdst", "min", "month", "nanosec", "sec", "wday", "yday", "year"];

/// Writes a timestamp as text; false if the table is none.
fn timestamp(table: &Table, keys: &[Vec<u8>], out: &mut Vec<u8>) -> bool {
    if keys.len() != TIMESTAMP.len()
        || keys.iter().zip(TIMESTAMP).any(|(key, name)| key != name.as_bytes())
        || !matches!(table.raw_get::<Value>("isdst"), Ok(Value::Boolean(false)))
    {
        return false;
    }
    let field = |name: &str, most: Integer| match table.raw_get::<Value>(name) {
        Ok(Value::Integer(n)) if (0..=most).contains(&n) => Some(n),
        _ => None,
    };
    let (Some(year), Some(month), Some(day), Some(hour), Some(min), Some(sec), Some(nanos)) = (
        field("year", 9999),
        field("month", 12),
        field("day", 31),
        field("hour", 23),
        field("min", 59),
        field("sec", 60),
        field("nanosec", 999_999_999),
    ) else {
        return false;
    };
    _ = write!(out, "\"{year:04}-{month:02}-{day:02}T{hour:02}:{min:02}:{sec:02}.");
    _ = if nanos % 1000 == 0 {
        write!(out, "{:06}Z\"", nanos / 1000)
    } else {
        write!(out, "{nanos:09}Z\"")
    };
    true
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
            8 => out.extend_from_slice(b"\\b"),
            12 => out.extend_from_slice(b"\\f"),
            b'\n' => out.extend_from_slice(b"\\n"),
            b'\r' => out.extend_from_slice(b"\\r"),
            b'\t' => out.extend_from_slice(b"\\t"),
            _ => _ = write!(out, "\\u{byte:04x}"),
        }
    }
    out.extend_from_slice(&text[from..]);
    out.push(b'"');
}
