//! Normalises, redacts and enriches Kubernetes audit events.
#![forbid(unsafe_code)]
