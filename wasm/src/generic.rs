//! Exports for any host: no imports, lines in, lines out. The manual is in `README.md`.
//!
//! Addresses and lengths are in bytes of the guest's memory. What the guest returns as a packed
//! `i64` is `address << 32 | length`, is the guest's, and lives until the next call of
//! [`auditweir_process`], [`auditweir_policy`] or [`auditweir_stats`]. One instance is one filter:
//! calls on it do not overlap, instances do not share anything.
#![allow(unsafe_code, reason = "the ABI consists of addresses")]

use std::alloc::{Layout, alloc, dealloc};
use std::slice;

use auditweir_shell::{Setup, SetupError, Source, default_policy, format};

use crate::guest::{Guest, State};

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
/// `format` is a number of `auditweir.h`: 0 for `native`, the default. Returns 0, or 1 for a policy or
/// key that cannot be used, or 2 for an unknown format; [`auditweir_error`] says more. After an error every event leaves as a
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
        let ready = format::numbered("format", format.into()).and_then(|format| {
            state.format = format;
            let source = |name: &str, bytes| Some(Source::bytes(name, bytes));
            Setup {
                policy: if policy.is_empty() { None } else { source("policy", policy) },
                key: if key.is_empty() { None } else { source("key", key) },
                format: Some(format),
            }
            .ready()
        });
        let (status, error) = guest.set_up(state, || match ready {
            Ok(ready) => (Some(ready.policy), (OK, String::new())),
            Err(error @ SetupError::Format { .. }) => (None, (BAD_FORMAT, error.to_string())),
            Err(error) => (None, (BAD_POLICY, error.to_string())),
        });
        state.error = error;
        status
    })
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
            guest.line(state, state.format, b"", &lines[from..end]);
            from = end + 1;
        }
        packed(&state.out)
    })
}

/// The lines that still waited for their rest, when no more will come; packed as those of
/// [`auditweir_process`].
#[unsafe(no_mangle)]
extern "C" fn auditweir_finish() -> u64 {
    GUEST.call(|guest, state| {
        ready(guest, state);
        state.clear();
        guest.finish(state, state.format);
        packed(&state.out)
    })
}

/// Totals since the last [`auditweir_policy`], packed: the JSON object that all hosts have, see
/// `auditweir_filter_stats` in `auditweir.h`. `panics` are calls that ended in a trap.
#[unsafe(no_mangle)]
extern "C" fn auditweir_stats() -> u64 {
    GUEST.call(|_, state| {
        state.clear();
        let text = state.totals();
        state.out.extend_from_slice(text.as_bytes());
        packed(&state.out)
    })
}

/// The default policy, unless the host has set one.
fn ready(guest: &Guest, state: &mut State) {
    if !state.is_set_up() {
        guest.set_up(state, || (default_policy().ok(), ()));
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
