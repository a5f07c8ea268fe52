//! `libauditweir`: the C ABI, and the native Fluent Bit filter in the same file.
//!
//! The manual for C is `include/auditweir.h`, written by cbindgen from the comments here. No
//! logic lives in this crate: it checks arguments, catches panics and lends out buffers. The
//! Fluent Bit filter also turns MessagePack records into text and back.
#![allow(unsafe_code, reason = "a C ABI; every block says why it is sound")]

mod arguments;
pub mod filter;
pub mod fluent_bit;
mod guard;
pub mod policy;
mod stats;
pub mod status;
pub mod version;
