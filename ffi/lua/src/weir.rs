//! A filter as a Lua value.

use std::sync::Arc;

use auditweir::{CompiledPolicy, Format, Verdict};
use mlua::{Lua, LuaString, Table, UserData, UserDataMethods, Value};

use crate::guard::Guard;
use crate::to_json;

/// Output memory kept from call to call; more is given back.
const KEEP: usize = 4 << 20;

/// A filter and its buffers, one thread at a time.
pub(crate) struct Weir {
    guard: Guard,
    output: Vec<u8>,
    /// JSON text of a table.
    input: Vec<u8>,
}

impl Weir {
    pub(crate) fn new(policy: Arc<CompiledPolicy>, format: Format) -> Self {
        Self { guard: Guard::new(policy, format), output: Vec::new(), input: Vec::new() }
    }

    fn reset(&mut self) {
        for buffer in [&mut self.output, &mut self.input] {
            if buffer.capacity() > KEEP {
                *buffer = Vec::new();
            }
            buffer.clear();
        }
    }

    fn line(&mut self, line: &LuaString) -> Verdict {
        self.reset();
        self.guard.apply(&line.as_bytes(), &mut self.output).0
    }

    /// A parsed event; a stub with the reason if the table has no JSON form.
    fn record(&mut self, record: &Value) {
        self.reset();
        let limit = self.guard.policy().policy().limits.line_bytes as usize;
        match to_json::write(record, limit, &mut self.input) {
            Ok(()) => _ = self.guard.apply(&self.input, &mut self.output),
            // What was written so far tells one such stub from another, by its hash.
            Err(reason) => self.guard.refuse(&self.input, reason, &mut self.output),
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
            let verdict = weir.line(&line);
            let counts = lua.create_table_from([
                ("events", verdict.events),
                ("stubs", verdict.stubs),
                ("rejected", verdict.rejected),
                ("dropped", verdict.dropped),
                ("redactions", verdict.redactions),
            ])?;
            Ok((weir.array(lua)?, counts))
        });
        methods.add_method_mut("line", |lua, weir, line: LuaString| {
            weir.line(&line);
            weir.lines(lua)
        });
        methods.add_method_mut("record", |lua, weir, record: Value| {
            weir.record(&record);
            weir.lines(lua)
        });
        methods.add_method("stats", |lua, weir, ()| stats(lua, &weir.guard));
    }
}

/// Totals under the names that the C ABI's `auditweir_filter_stats` has.
fn stats(lua: &Lua, guard: &Guard) -> mlua::Result<Table> {
    let stats = guard.stats();
    let rules = guard.policy().rule_names().iter().map(String::as_str);
    let redactions = rules.zip(stats.redactions.iter().copied()).filter(|(_, total)| *total > 0);
    let table = lua.create_table_from([
        ("inputs", stats.inputs),
        ("bytesIn", stats.bytes_in),
        ("bytesOut", stats.bytes_out),
        ("events", stats.events),
        ("stubs", stats.stubs),
        ("rejected", stats.rejected),
        ("panics", guard.panics),
    ])?;
    table.raw_set("dropped", lua.create_table_from(stats.dropped.iter().copied())?)?;
    table.raw_set("reasons", lua.create_table_from(stats.reasons.iter().copied())?)?;
    table.raw_set("redactions", lua.create_table_from(redactions)?)?;
    Ok(table)
}
