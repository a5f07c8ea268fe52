//! Normalises, redacts and enriches Kubernetes audit events.
#![forbid(unsafe_code)]

pub mod detect;
mod scan;
