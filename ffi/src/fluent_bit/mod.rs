//! The native Fluent Bit filter: `libauditweir.so` copied to `flb-filter_auditweir.so`.
//!
//! Uses none of Fluent Bit's headers: what the filter needs of them is declared in [`plugin`] and
//! has not changed from 2.2 to 5.1. Functions of the host are looked up when the filter starts, so
//! that the same file loads in programs that are not Fluent Bit.
//!
//! [`chunk`] is the filter without the host: MessagePack in, MessagePack out.

mod chunk;
mod host;
mod msgpack;
mod options;
pub mod plugin;
mod to_json;
mod to_msgpack;
