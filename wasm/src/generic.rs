//! Exports for any host: no imports, lines in, lines out. The manual is in `README.md`.
//!
//! Addresses and lengths are in bytes of the guest's memory. What the guest returns as a packed
//! `i64` is `address << 32 | length`, is the guest's, and lives until the next call of
//! [`auditweir_process`], [`auditweir_policy`] or [`auditweir_stats`]. One instance is one filter:
//! calls on it do not overlap, instances do not share anything.
#![allow(unsafe_code, reason = "the ABI consists of addresses")]

use std::alloc::{Layout, alloc, dealloc};
use std::slice;
use std::sync::Arc;

use auditweir::{CompiledPolicy, Format};

use crate::guest::{Guest, State};
use crate::setup;

static GUEST: Guest = Guest::new();

/// Raised when a host written for an older number would misunderstand this module.
const ABI_VERSION: u32 = 1;

/// Status codes; never renumbered.
const OK: i32 = 0;
const BAD_POLICY: i32 = 1;
const BAD_FORMAT: i32 = 2;

/// The version of this ABI: 1. The first thing for a host to check.
#[unsafe(no_mangle)]
extern "C" fn auditweir_abi_version() -> u32 {
    ABI_VERSION
}

/// Memory for the host to write `len` bytes of input to; 0 when there is none left.
/// The host gives it back with [`auditweir_free`] and may use it for many inputs.
#[unsafe(no_mangle)]
extern "C" fn auditweir_alloc(len: usize) -> *mut u8 {
    match Layout::array::<u8>(len.max(1)) {
        // SAFETY: the size is not zero.
        Ok(layout) => unsafe { alloc(layout) },
        Err(_) => std::ptr::null_mut(),
    }
}

/// Gives back memory of [`auditweir_alloc`]; `len` must be what was asked for. Address 0 is fine.
///
/// # Safety
/// `address` must come from `auditweir_alloc(len)` and not have been given back.
#[unsafe(no_mangle)]
unsafe extern "C" fn auditweir_free(address: *mut u8, len: usize) {
    if let (false, Ok(layout)) = (address.is_null(), Layout::array::<u8>(len.max(1))) {
        // SAFETY: the caller's promise.
        unsafe { dealloc(address, layout) }
    }
}

/// Sets policy, pseudonym key and output shape, and starts afresh. Without a call, or with
/// length 0, the default policy and no key are in use.
///
/// `format`: 0 = `ecs`, 1 = `native`, 2 = `ocsf`, 3 = `otel`. Returns 0, or 1 for a policy or key that cannot be used, or
/// 2 for an unknown format; [`auditweir_error`] says more. After an error every event leaves as a
/// stub until a call succeeds.
#[unsafe(no_mangle)]
extern "C" fn auditweir_policy(
    policy: *const u8,
    policy_len: usize,
    key: *const u8,
    key_len: usize,
    format: u32,
) -> i32 {
    let (policy, key) = (input(policy, policy_len), input(key, key_len));
    GUEST.call(|guest, state| {
        state.clear();
        let known = match format {
            0 => Some(Format::Ecs),
            1 => Some(Format::Native),
            2 => Some(Format::Ocsf),
            3 => Some(Format::Otel),
            _ => None,
        };
        state.format = known.unwrap_or_default();
        let (status, error) = guest.set_up(state, || {
            if known.is_none() {
                return (
                    None,
                    (
                        BAD_FORMAT,
                        "format: must be 0 (ecs), 1 (native), 2 (ocsf) or 3 (otel)".to_owned(),
                    ),
                );
            }
            match compile(policy, key) {
                Ok(policy) => (Some(policy), (OK, String::new())),
                Err(error) => (None, (BAD_POLICY, error)),
            }
        });
        state.error = error;
        status
    })
}

fn compile(policy: &[u8], key: &[u8]) -> Result<Arc<CompiledPolicy>, String> {
    let text = str::from_utf8(policy).map_err(|_| "policy: not UTF-8".to_owned())?;
    let (text, key) = ((!text.is_empty()).then_some(text), (!key.is_empty()).then_some(key));
    setup::policy(text, key).map_err(|error| error.to_string())
}

/// Why the last [`auditweir_policy`] did not succeed, packed; UTF-8, empty when it did.
#[unsafe(no_mangle)]
extern "C" fn auditweir_error() -> u64 {
    GUEST.call(|_, state| packed(state.error.as_bytes()))
}

/// Runs `len` bytes at `address` through the filter: lines that end in `\n` (the last may lack
/// it), each with an event or an envelope around events. Returns the lines that go on, packed,
/// each ended by `\n`. Every line is answered: by the events in it, by a stub, or, when policy drops
/// them or there are none by the line's nature, by nothing; the counts are in [`auditweir_stats`].
#[unsafe(no_mangle)]
extern "C" fn auditweir_process(address: *const u8, len: usize) -> u64 {
    let lines = input(address, len);
    GUEST.call(|guest, state| {
        ready(guest, state);
        state.clear();
        let mut from = 0;
        for end in memchr::memchr_iter(b'\n', lines).chain([lines.len()]) {
            guest.apply(state, state.format, &lines[from..end]);
            from = end + 1;
        }
        packed(&state.out)
    })
}

/// Counters since the last [`auditweir_policy`] or trap, packed: a JSON object with the members
/// `inputs`, `bytesIn`, `bytesOut`, `events`, `stubs`, `rejected`, `dropped`, `traps`.
#[unsafe(no_mangle)]
extern "C" fn auditweir_stats() -> u64 {
    GUEST.call(|_, state| {
        state.clear();
        let stats = state.filter(state.format).map(|filter| filter.stats().clone());
        let text = setup::stats(&stats.unwrap_or_default(), Some(state.traps));
        state.out.extend_from_slice(text.as_bytes());
        packed(&state.out)
    })
}

/// The default policy, unless the host has set one.
fn ready(guest: &Guest, state: &mut State) {
    if !state.is_set_up() {
        guest.set_up(state, || (setup::policy(None, None).ok(), ()));
    }
}

/// The host's `len` bytes at `address`. Address 0 counts as no bytes.
fn input<'a>(address: *const u8, len: usize) -> &'a [u8] {
    if address.is_null() {
        return &[];
    }
    // SAFETY: the host keeps the bytes as they are until the call ends; the slice is not kept.
    unsafe { slice::from_raw_parts(address, len) }
}

fn packed(bytes: &[u8]) -> u64 {
    (bytes.as_ptr() as u64) << 32 | bytes.len() as u64
}
