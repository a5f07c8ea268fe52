//! What Vector's `lua` transform (version 2) does with a script, without Vector.
//!
//! ```text
//! vector-host [--parsed] [--whole] [--repeat N] SCRIPT HOOK < lines
//! ```
//!
//! SCRIPT is Lua text that is run as `source`; HOOK is the expression behind `hooks.process`. Each
//! line of stdin becomes one event: `{message, file, host, source_type, timestamp}` as
//! the file source makes it; with `--parsed`, what `. = parse_json!(.message)` makes of it. Written to
//! stdout: `message` of each event emitted, or with `--whole` the event as JSON. To stderr: errors
//! of the hook as Vector counts them, and at the end what was used, as JSON.
//!
//! The same as in Vector 0.58 (src/transforms/lua/v2, lib/vector-core/src/event/lua, vrl's
//! value/lua.rs): standard library without `debug`; null becomes an empty string; a timestamp a
//! table; an array or object a table, so that an empty array comes back as an object; a table with
//! `#t > 0` is an array; what emit cannot convert is an error; an error in the hook costs the event;
//! full garbage collection after every 16 events; the state moves between threads.

use std::io::{BufWriter, Read as _, Write as _};
use std::time::Instant;

use mlua::{Function, Lua, LuaOptions, StdLib, Table, Value as LuaValue};
use serde_json::{Map, Value, json};

const GC_INTERVAL: u64 = 16;

struct Arguments {
    parsed: bool,
    whole: bool,
    repeat: u64,
    script: String,
    hook: String,
}

fn arguments() -> Arguments {
    let mut found = Arguments {
        parsed: false,
        whole: false,
        repeat: 1,
        script: String::new(),
        hook: String::new(),
    };
    let mut rest = Vec::new();
    let mut given = std::env::args().skip(1);
    while let Some(argument) = given.next() {
        match argument.as_str() {
            "--parsed" => found.parsed = true,
            "--whole" => found.whole = true,
            "--repeat" => {
                found.repeat = given.next().and_then(|n| n.parse().ok()).expect("a number")
            }
            _ => rest.push(argument),
        }
    }
    let [script, hook] = <[String; 2]>::try_from(rest).expect("SCRIPT and HOOK");
    (found.script, found.hook) = (script, hook);
    found
}

/// `IntoLua` of VRL's values. Objects of VRL are sorted by name.
fn into_lua(lua: &Lua, value: &Value) -> mlua::Result<LuaValue> {
    Ok(match value {
        Value::Null => LuaValue::String(lua.create_string("")?),
        Value::Bool(b) => LuaValue::Boolean(*b),
        Value::Number(n) => match n.as_i64() {
            Some(n) => LuaValue::Integer(n),
            None => LuaValue::Number(n.as_f64().unwrap_or(f64::MAX)),
        },
        Value::String(text) => LuaValue::String(lua.create_string(text)?),
        Value::Array(items) => {
            let items: mlua::Result<Vec<_>> =
                items.iter().map(|item| into_lua(lua, item)).collect();
            LuaValue::Table(lua.create_sequence_from(items?)?)
        }
        Value::Object(members) => {
            let table = lua.create_table()?;
            for (name, value) in members {
                table.raw_set(name.as_str(), into_lua(lua, value)?)?;
            }
            LuaValue::Table(table)
        }
    })
}

fn timestamp(lua: &Lua) -> mlua::Result<Table> {
    let table = lua.create_table()?;
    for (name, value) in [
        ("year", 2026),
        ("month", 2),
        ("day", 3),
        ("hour", 4),
        ("min", 5),
        ("sec", 6),
        ("nanosec", 123_456_000),
        ("yday", 34),
        ("wday", 3),
    ] {
        table.raw_set(name, value)?;
    }
    table.raw_set("isdst", false)?;
    Ok(table)
}

/// `FromLua` of VRL's values.
fn from_lua(value: &LuaValue) -> mlua::Result<Value> {
    Ok(match value {
        LuaValue::String(text) => Value::String(String::from_utf8_lossy(&text.as_bytes()).into()),
        LuaValue::Integer(n) => json!(n),
        LuaValue::Number(n) if n.is_nan() => return Err(mlua::Error::runtime("NaN not supported")),
        LuaValue::Number(n) => json!(n),
        LuaValue::Boolean(b) => json!(b),
        LuaValue::Table(table) if table.len()? > 0 => {
            let items: mlua::Result<Vec<LuaValue>> = table.sequence_values().collect();
            Value::Array(items?.iter().map(from_lua).collect::<mlua::Result<_>>()?)
        }
        LuaValue::Table(table) => {
            let mut members = Map::new();
            for pair in table.pairs::<String, LuaValue>() {
                let (name, value) = pair?;
                members.insert(name, from_lua(&value)?);
            }
            members.sort_keys();
            Value::Object(members)
        }
        other => {
            return Err(mlua::Error::runtime(format!(
                "Unsupported Lua type {}",
                other.type_name()
            )));
        }
    })
}

fn event(lua: &Lua, line: &[u8], parsed: Option<&Value>) -> mlua::Result<Table> {
    let log = match parsed {
        Some(value) => into_lua(lua, value)?,
        None => {
            let log = lua.create_table()?;
            log.raw_set("message", lua.create_string(line)?)?;
            log.raw_set("file", "/var/log/kubernetes/audit/audit.log")?;
            log.raw_set("host", "node-1")?;
            log.raw_set("source_type", "file")?;
            log.raw_set("timestamp", timestamp(lua)?)?;
            LuaValue::Table(log)
        }
    };
    lua.create_table_from([("log", log)])
}

fn rss() -> u64 {
    let status = std::fs::read_to_string("/proc/self/status").unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0)
}

fn main() {
    let arguments = arguments();
    let mut input = Vec::new();
    std::io::stdin().read_to_end(&mut input).expect("stdin");
    // SAFETY: as Vector does, to be able to load C modules.
    let lua = unsafe { Lua::unsafe_new_with(StdLib::ALL_SAFE, LuaOptions::default()) };
    let loaded = lua.load(&arguments.script).eval::<LuaValue>();
    let hook = loaded.and_then(|_| lua.load(&arguments.hook).eval::<Function>());
    let hook = hook.unwrap_or_else(|error| {
        eprintln!("Cannot evaluate Lua code in \"source\": {error}");
        std::process::exit(78);
    });
    // A worker of the runtime, not the thread that built the transform.
    std::thread::spawn(move || run(&lua, &hook, &arguments, &input)).join().expect("worker");
}

fn run(lua: &Lua, hook: &Function, arguments: &Arguments, input: &[u8]) {
    let mut out = BufWriter::new(std::io::stdout().lock());
    let (mut events, mut emitted, mut errors, mut warm) = (0_u64, 0_u64, 0_u64, 0);
    // As the file source: a newline ends a line, an empty one is an event as well.
    let text = input.strip_suffix(b"\n").unwrap_or(input);
    let lines: Vec<(&[u8], Option<Value>)> = text
        .split(|byte| *byte == b'\n')
        .map(|line| {
            let parsed = arguments.parsed.then(|| serde_json::from_slice(line).unwrap_or_default());
            (line, parsed)
        })
        .collect();
    let started = Instant::now();
    for pass in 0..arguments.repeat {
        for (line, parsed) in &lines {
            let done = event(lua, line, parsed.as_ref()).and_then(|event| {
                lua.scope(|scope| {
                    let emit = scope.create_function_mut(|_, event: Table| {
                        let log: LuaValue = event.raw_get("log")?;
                        if log.is_nil() {
                            let metric: LuaValue = event.raw_get("metric")?;
                            _ = writeln!(out, "{}", json!({ "metric": from_lua(&metric)? }));
                            return Ok(());
                        }
                        let log = from_lua(&log)?;
                        emitted += 1;
                        if arguments.repeat > 1 {
                            return Ok(());
                        }
                        _ = match log.get("message") {
                            Some(Value::String(message)) if !arguments.whole => {
                                writeln!(out, "{message}")
                            }
                            _ => writeln!(out, "{log}"),
                        };
                        Ok(())
                    })?;
                    hook.call::<()>((event, emit))
                })
            });
            if let Err(error) = done {
                errors += 1;
                eprintln!("Runtime error in \"hooks.process\" function: {error}");
            }
            events += 1;
            if events % GC_INTERVAL == 0 {
                lua.gc_collect().expect("garbage collection");
            }
        }
        if pass * 10 <= arguments.repeat {
            warm = rss();
        }
    }
    let seconds = started.elapsed().as_secs_f64();
    out.flush().expect("stdout");
    eprintln!(
        "{}",
        json!({
            "events": events,
            "emitted": emitted,
            "errors": errors,
            "eventsPerSecond": (events as f64 / seconds) as u64,
            "rssKiB": { "warm": warm, "end": rss() },
            "luaKiB": lua.used_memory() / 1024,
        })
    );
}
