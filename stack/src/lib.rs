//! A real OpenSearch server for tests, and what it must make of auditweir's output.
//!
//! [`server`] starts one from Maven Central, [`client`] talks to it. [`run`] is the stack test: it
//! sends [`events`] and [`hostile`] ones, and asks for what dashboards and [`rules`] ask for.
//! [`serve`] sends them through the receiver, too. [`noise`] counts alerts where nothing happens.
//!
//! Nothing here is used outside tests and `cargo xtask`.
#![allow(
    clippy::needless_pass_by_value,
    clippy::format_push_string,
    reason = "tables of events read better with their values written in place"
)]

pub mod client;
pub mod events;
pub mod hostile;
pub mod noise;
pub mod rules;
pub mod run;
pub mod serve;
pub mod server;
