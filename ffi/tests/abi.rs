//! The exported symbols. A symbol once in `abi/symbols.txt` stays there for the ABI version.

#![cfg(target_os = "linux")]

use std::path::Path;
use std::process::Command;

use auditweir_tests::built;

#[test]
fn symbols() {
    let library = built::folder().join("libauditweir.so");
    let output = Command::new("nm")
        .args(["-D", "--defined-only", "--format=posix"])
        .arg(&library)
        .output()
        .expect("nm, of binutils, which the linker needs as well");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    let mut names: Vec<&str> = text.lines().filter_map(|line| line.split(' ').next()).collect();
    names.sort_unstable();
    let found = names.join("\n") + "\n";
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("abi/symbols.txt");
    if std::env::var_os("BLESS").is_some() {
        std::fs::write(&path, &found).expect("writable");
    }
    let expected = std::fs::read_to_string(&path).expect("abi/symbols.txt");
    assert_eq!(found, expected, "BLESS=1 rewrites abi/symbols.txt");
}
