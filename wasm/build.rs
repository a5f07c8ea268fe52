//! Linker arguments of the Fluent Bit artifact.

use std::env;

fn main() {
    println!("cargo::rerun-if-changed=build.rs");
    if env::var("CARGO_CFG_TARGET_OS").is_ok_and(|os| os == "wasi") {
        // WAMR copies records into the guest with the guest's own `malloc`; without these two it
        // uses a heap of 8 KiB and hands over a null pointer for every larger record. They cannot
        // be defined in Rust: wasi-libc has them already.
        for name in ["malloc", "free"] {
            println!("cargo::rustc-link-arg-cdylib=--export={name}");
        }
    }
}
