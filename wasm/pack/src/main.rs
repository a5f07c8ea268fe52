//! `cargo run -p auditweir-wasm-pack`: builds all that is shipped into `target/wasm-artifacts/`.
#![allow(clippy::print_stdout, reason = "a command reports to the terminal")]

use auditweir_wasm_pack::{Artifact, build};

fn main() -> Result<(), String> {
    for artifact in Artifact::SHIPPED {
        println!("{}", build(artifact)?.display());
    }
    Ok(())
}
