//! Versions, for hosts that open the library at run time.

use std::ffi::{CStr, c_char};

/// Version of this ABI. Functions and codes are only ever added to a version; what breaks a caller
/// makes the next one.
pub const AUDITWEIR_ABI_VERSION: u32 = 1;

const VERSION: &CStr =
    match CStr::from_bytes_with_nul(concat!(env!("CARGO_PKG_VERSION"), "\0").as_bytes()) {
        Ok(text) => text,
        Err(_) => c"",
    };

/// The `AUDITWEIR_ABI_VERSION` the library was built with. A caller that opens the library at run
/// time refuses any other than its own.
#[unsafe(no_mangle)]
pub extern "C" fn auditweir_abi_version() -> u32 {
    AUDITWEIR_ABI_VERSION
}

/// The release, such as "0.1.0". Static; do not free.
#[unsafe(no_mangle)]
pub extern "C" fn auditweir_version() -> *const c_char {
    VERSION.as_ptr()
}
