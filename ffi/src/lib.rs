//! `libauditweir`: the C ABI, and the native Fluent Bit filter in the same file.
//!
//! The manual for C is `include/auditweir.h`, written by cbindgen from the comments here. No
//! logic lives in this crate: it checks arguments, catches panics and lends out buffers. The
//! Fluent Bit filter also turns MessagePack records into text and back.
#![allow(unsafe_code, reason = "a C ABI; every block says why it is sound")]

mod arguments;
pub mod filter;
pub mod fluent_bit;
pub mod policy;
pub mod status;
pub mod version;

/// What every host of this library holds behind its interface.
fn stream(ready: auditweir_shell::Ready) -> auditweir_shell::Stream {
    // A test sees its own panics.
    #[cfg(not(test))]
    {
        static ONCE: std::sync::Once = std::sync::Once::new();
        ONCE.call_once(|| auditweir_shell::hide_panics(|_| {}));
    }
    let guard = auditweir_shell::Guard::new(ready);
    #[cfg(any(test, feature = "trap"))]
    let guard = guard.checked_by(|input| {
        assert!(memchr::memmem::find(input, b"auditweir-trap").is_none(), "trap");
    });
    guard.into()
}
