//! `cargo xtask dist --check` in the profile that compiles fast: it packs twice, compares the bytes, installs
//! each package in an empty root and runs it. Its own lines say what a machine lacks for it.
//!
//! `cargo test -p xtask`; not part of `cargo test`, because it compiles the command for two processors.

#![allow(clippy::print_stdout, reason = "a test runner reports to the terminal")]

use std::path::Path;
use std::process::Command;

#[test]
fn packages_are_made_installed_and_run() {
    let top = Path::new(env!("CARGO_MANIFEST_DIR")).join("..");
    let output = Command::new(env!("CARGO_BIN_EXE_xtask"))
        .args(["dist", "--profile", "quick", "--check"])
        .current_dir(top)
        .output()
        .expect("xtask");
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    println!("{said}");
    assert!(output.status.success());
    assert!(said.contains("packed twice, the same bytes"));
    for step in ["auditweir filter --to ecs: 100 events", "auditweir plugins --to /module"] {
        assert!(said.contains(step), "{step}");
    }
}
