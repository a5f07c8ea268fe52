//! Exports for Fluent Bit's `filter_wasm` with `event_format json`.
//!
//! All state is built at the first call, so that a host that does not call `_initialize` is
//! served, too.
#![allow(unsafe_code, reason = "the ABI consists of addresses")]

mod files;

use std::io::Write as _;
use std::slice;

use auditweir::Format;

use crate::guest::{Guest, State};
use crate::record;

static GUEST: Guest = Guest::new();

unsafe extern "C" {
    fn __wasm_call_ctors();
}

/// Makes this module a reactor: without an export of this name the linker takes every export for a
/// whole program and runs constructors and destructors around each call.
#[unsafe(no_mangle)]
extern "C" fn _initialize() {
    // SAFETY: the linker defines it; the host calls `_initialize` once, before anything else.
    unsafe { __wasm_call_ctors() }
}

/// Exports a function for a format under this name.
///
/// One record in, one out. `record` is the address of the record's JSON text, `record_len` bytes;
/// it is read during the call and stays the host's, as does the tag. The answer is the address of
/// a text that ends in a zero byte, is the guest's and lives until the next call: one JSON object,
/// or empty when policy drops the record or it is a part of a line whose rest has not come. It is
/// never null. Whatever cannot be read or judged is answered by a stub.
macro_rules! export {
    ($name:expr, $format:expr) => {
        const _: () = {
            #[unsafe(export_name = concat!("auditweir_", $name))]
            extern "C" fn filter(
                tag: *const u8,
                tag_len: usize,
                _sec: u32,
                _nsec: u32,
                record: *const u8,
                record_len: usize,
            ) -> *const u8 {
                serve($format, (tag, tag_len), (record, record_len))
            }
        };
    };
}

macro_rules! export_each {
    ($($(#[$doc:meta])* $([$when:meta])? $variant:ident $name:ident $about:literal;)+) => {
        $(export!(stringify!($name), Format::$variant);)+
    };
}

auditweir::each_format!(export_each);
// The default format.
export!("filter", Format::ALL[0]);

fn serve(
    format: Format,
    (tag, tag_len): (*const u8, usize),
    (record, record_len): (*const u8, usize),
) -> *const u8 {
    GUEST.call(|guest, state| {
        if !state.is_set_up() {
            set_up(guest, state);
        }
        report_traps(state);
        if record.is_null() {
            // The host could not allocate memory for the record and does not check.
            record::missing(guest, state);
            return state.out.as_ptr();
        }
        // SAFETY: the host hands over `record_len` bytes that it keeps until the call ends.
        let record = unsafe { slice::from_raw_parts(record, record_len) };
        let tag = if tag.is_null() {
            &[]
        } else {
            // SAFETY: as above.
            unsafe { slice::from_raw_parts(tag, tag_len) }
        };
        let from = record::answer(guest, state, format, tag, record);
        state.out[from..].as_ptr()
    })
}

fn set_up(guest: &Guest, state: &mut State) {
    auditweir_shell::hide_panics(|place| log(&format!("internal error at {place}")));
    let message = guest.set_up(state, files::load);
    log(&message);
}

/// A trapped call cannot say that it failed; the next one does. One line per doubling.
fn report_traps(state: &mut State) {
    if state.traps > state.traps_told && state.traps.is_power_of_two() {
        state.traps_told = state.traps;
        log(&format!(
            "{} record(s) so far ended in an internal error and were not passed on",
            state.traps
        ));
    }
}

/// Writes one line to the host's standard error. Never holds input.
fn log(message: &str) {
    let line = format!("[auditweir {}] {message}\n", env!("CARGO_PKG_VERSION"));
    // There is nobody to tell if this fails.
    let _ = std::io::stderr().write_all(line.as_bytes());
}
