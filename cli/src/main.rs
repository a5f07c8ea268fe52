//! `auditweir`: command line filter for Kubernetes audit logs.
fn main() {}
