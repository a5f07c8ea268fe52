//! WebAssembly builds of auditweir: one file per host ABI, no logic of their own.
//!
//! | target | features | file | for |
//! |---|---|---|---|
//! | `wasm32-wasip1` | | `fluentbit.rs` | Fluent Bit's `filter_wasm` |
//! | `wasm32-unknown-unknown` | | `generic.rs` | any host: no imports at all |
//! | `wasm32-unknown-unknown` | `bindgen` | `bindgen.rs` | Node, bundlers, browsers |
//!
//! The ABIs are documented in this package's `README.md`. `cargo run -p auditweir-wasm-pack`
//! builds all of them.
//!
//! A guest cannot catch a panic: it traps, the host goes on, and the next call finds memory as the
//! trap left it. `guest` is what makes the next call safe all the same.

#[cfg(all(target_family = "wasm", feature = "bindgen"))]
pub mod bindgen;
#[cfg(target_os = "wasi")]
mod fluentbit;
#[cfg(all(target_family = "wasm", not(target_os = "wasi"), not(feature = "bindgen")))]
mod generic;
#[cfg(any(test, all(target_family = "wasm", not(feature = "bindgen"))))]
mod guest;
#[cfg(any(test, target_os = "wasi"))]
mod record;
