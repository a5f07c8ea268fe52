//! Status codes and the error object of constructors.
#![allow(non_camel_case_types, reason = "names as C sees them")]

use std::ffi::{CString, c_char};
use std::panic::{AssertUnwindSafe, catch_unwind};

/// What a function says about the call itself. What became of the events is in
/// `auditweir_verdict`: an event that cannot be processed is not an error.
///
/// Codes come in blocks (1-99 arguments, 100-199 policy, 900-999 faults inside the library) and
/// are never renumbered.
#[repr(i32)]
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[allow(dead_code, reason = "made from numbers by C")]
pub enum auditweir_status {
    /// Done.
    Ok = 0,
    /// A pointer that must not be NULL is NULL, or NULL came with a length above 0.
    NullArgument = 1,
    /// A number is none of its constants, or a length is larger than any object.
    InvalidArgument = 2,
    /// The output has no line of this number.
    NoSuchLine = 3,
    /// The policy file has an error; the text names line, column and key.
    PolicyInvalid = 100,
    /// The policy file is not UTF-8.
    PolicyNotUtf8 = 101,
    /// The pseudonym key has fewer than 16 bytes.
    KeyTooShort = 102,
    /// A fault inside the library was caught. The output is complete all the same: the event it
    /// happened on is a stub, events before and after it were served.
    Panic = 900,
    /// A filter could not be set up again after a fault. Every event becomes a stub; free it.
    Poisoned = 901,
}

/// Why a constructor failed. Free with `auditweir_error_free`.
pub struct auditweir_error {
    text: CString,
}

impl auditweir_error {
    /// Stores `text` through `out`, where the caller wants it.
    ///
    /// # Safety
    /// `out` is NULL or points to writable memory for one pointer.
    pub(crate) unsafe fn put(out: *mut *mut Self, text: &str) {
        if out.is_null() {
            return;
        }
        let error = Box::new(Self { text: c_string(text) });
        // SAFETY: not NULL, so writable by the caller's word.
        unsafe { out.write(Box::into_raw(error)) };
    }
}

/// The text with NUL bytes, which no message has, taken out.
pub(crate) fn c_string(text: &str) -> CString {
    let bytes: Vec<u8> = text.bytes().filter(|byte| *byte != 0).collect();
    CString::new(bytes).unwrap_or_default()
}

/// Runs an entry point; no panic crosses into C.
pub(crate) fn entry(run: impl FnOnce() -> Result<(), auditweir_status>) -> auditweir_status {
    match catch_unwind(AssertUnwindSafe(run)) {
        Ok(Ok(())) => auditweir_status::Ok,
        Ok(Err(status)) => status,
        Err(_) => auditweir_status::Panic,
    }
}

/// The message of an error: NUL-terminated UTF-8 that names the place, never a value from an
/// event. Owned by `error`, valid until it is freed. NULL gives an empty text.
///
/// # Safety
/// `error` is NULL or comes from this library and was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn auditweir_error_text(error: *const auditweir_error) -> *const c_char {
    // SAFETY: NULL or valid by contract.
    unsafe { error.as_ref() }.map_or(c"".as_ptr(), |error| error.text.as_ptr())
}

/// Frees an error. NULL is allowed and does nothing.
///
/// # Safety
/// `error` is NULL or comes from this library and was not freed.
#[unsafe(no_mangle)]
pub unsafe extern "C" fn auditweir_error_free(error: *mut auditweir_error) {
    if !error.is_null() {
        // SAFETY: made by `Box::into_raw` in `put`, freed once by contract.
        drop(unsafe { Box::from_raw(error) });
    }
}
