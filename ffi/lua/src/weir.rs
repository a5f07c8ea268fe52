//! A filter as a Lua value.

use std::sync::Once;

use auditweir::Refusal;
use auditweir_shell::{Counts, Guard, Ready, Stream, Totals, hide_panics};
use mlua::{Lua, LuaString, Table, UserData, UserDataMethods, Value};

use crate::to_json;

/// Output memory kept from call to call; more is given back.
const KEEP: usize = 4 << 20;

/// A filter and its buffers, one thread at a time.
pub(crate) struct Weir {
    stream: Stream,
    output: Vec<u8>,
    /// JSON text of a table.
    input: Vec<u8>,
}

impl Weir {
    pub(crate) fn new(ready: Ready) -> Self {
        static ONCE: Once = Once::new();
        ONCE.call_once(|| hide_panics(|_| {}));
        let guard = Guard::new(ready);
        #[cfg(feature = "trap")]
        let guard = guard.checked_by(|input| {
            assert!(memchr::memmem::find(input, b"auditweir-trap").is_none(), "trap");
        });
        Self { stream: guard.into(), output: Vec::new(), input: Vec::new() }
    }

    fn reset(&mut self) {
        for buffer in [&mut self.output, &mut self.input] {
            if buffer.capacity() > KEEP {
                *buffer = Vec::new();
            }
            buffer.clear();
        }
    }

    fn line(&mut self, line: &LuaString, source: Option<&LuaString>) -> Counts {
        self.reset();
        let source = source.map(LuaString::as_bytes);
        let source = source.as_deref().unwrap_or_default();
        self.stream.line(source, &line.as_bytes(), &mut self.output)
    }

    /// What still waits for its rest.
    fn finish(&mut self) {
        self.reset();
        self.stream.finish(&mut self.output);
    }

    /// A parsed event; a stub with the reason if the table has no JSON form.
    fn record(&mut self, record: &Value) {
        self.reset();
        let limit = self.stream.guard().line_bytes();
        match to_json::write(record, limit, &mut self.input) {
            Ok(()) => _ = self.stream.line(b"", &self.input, &mut self.output),
            // What was written so far tells one such stub from another, by its hash.
            Err(reason) => {
                let why = Refusal::Host(reason);
                self.stream.refuse(why, &self.input, &mut self.output);
            }
        }
    }

    /// The clean lines: nil for none, a string for one, an array for more. Most records have one
    /// event, and a table for each would be garbage.
    fn lines(&self, lua: &Lua) -> mlua::Result<Value> {
        let Some(lines) = self.output.strip_suffix(b"\n") else { return Ok(Value::Nil) };
        if memchr::memchr(b'\n', lines).is_none() {
            return lua.create_string(lines).map(Value::String);
        }
        self.array(lua).map(Value::Table)
    }

    fn array(&self, lua: &Lua) -> mlua::Result<Table> {
        let array = lua.create_table()?;
        let mut from = 0;
        for end in memchr::memchr_iter(b'\n', &self.output) {
            array.raw_push(lua.create_string(&self.output[from..end])?)?;
            from = end + 1;
        }
        Ok(array)
    }
}

impl UserData for Weir {
    fn add_methods<M: UserDataMethods<Self>>(methods: &mut M) {
        methods.add_method_mut("apply", |lua, weir, line: LuaString| {
            let counts = weir.line(&line, None);
            let counts = lua.create_table_from([
                ("events", counts.events),
                ("stubs", counts.stubs),
                ("rejected", counts.rejected),
                ("dropped", counts.dropped),
                ("redactions", counts.redactions),
            ])?;
            Ok((weir.array(lua)?, counts))
        });
        methods.add_method_mut("line", |lua, weir, (line, source): (LuaString, _)| {
            let source: Option<LuaString> = source;
            weir.line(&line, source.as_ref());
            weir.lines(lua)
        });
        methods.add_method_mut("finish", |lua, weir, ()| {
            weir.finish();
            weir.array(lua)
        });
        methods.add_method_mut("record", |lua, weir, record: Value| {
            weir.record(&record);
            weir.lines(lua)
        });
        methods.add_method("stats", |lua, weir, ()| stats(lua, weir.stream.guard()));
    }
}

/// Totals under the names that every host has.
fn stats(lua: &Lua, guard: &Guard) -> mlua::Result<Table> {
    let totals = Totals::of(guard);
    let table = lua.create_table_from(totals.numbers().chain(totals.others()))?;
    for (name, members) in totals.groups() {
        table.raw_set(name, lua.create_table_from(members)?)?;
    }
    Ok(table)
}
