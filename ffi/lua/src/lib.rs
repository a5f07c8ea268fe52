//! Lua 5.4 module of auditweir: `require "auditweir"` in Vector's `lua` transform.
//!
//! `module.lua` is what Lua sees, with the contract of each function; the Rust side hands it two
//! functions of a filter, for a line and for a table. The module links no Lua: its functions are
//! the host's. Errors that the host is to read are strings, because an error value of this copy of
//! mlua is an opaque userdata to any other.
//!
//! One thread at a time, as a Lua state itself; the state may move between threads.
#![allow(unsafe_code, reason = "the macro writes the extern function that Lua loads")]

mod open;
mod to_json;
mod weir;

use auditweir_shell::LAST_RESORT;
use mlua::{Lua, Table};

/// Entry of the module; found by `require` as `luaopen_auditweir`.
#[mlua::lua_module(name = "auditweir")]
fn module(lua: &Lua) -> mlua::Result<Table> {
    let native = lua.create_table()?;
    native.set("version", env!("CARGO_PKG_VERSION"))?;
    native.set("stub", LAST_RESORT.trim_end())?;
    native.set("open", lua.create_function(|_, options| Ok(open::open(&options)))?)?;
    lua.load(include_str!("module.lua")).set_name("=auditweir").call(native)
}
