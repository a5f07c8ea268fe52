//! A real OpenSearch server for tests.
//!
//! [`server`] starts one from Maven Central, [`client`] talks to it.
//!
//! Nothing here is used outside tests and `cargo xtask`.

pub mod client;
pub mod server;
