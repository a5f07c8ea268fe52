//! A whole host for `auditweir.wasm`, under wasmtime: audit lines on standard input, clean lines
//! on standard output.
//!
//! ```text
//! cargo run -p auditweir-tests --example wasm-host -- target/wasm-artifacts/auditweir.wasm [FORMAT [POLICY]] < audit.log
//! ```
//!
//! FORMAT is a number of `auditweir.h`: 0 `native`, 1 `ecs`, then as listed there.

mod guest;

use std::io::{BufRead as _, Write as _};

use guest::Guest;
use wasmtime::{Engine, Error, Module, Result};

fn main() -> Result<()> {
    let engine = Engine::default();
    let path = std::env::args()
        .nth(1)
        .ok_or(Error::msg("usage: wasm-host MODULE [FORMAT [POLICY]] < audit.log"))?;
    let mut guest = Guest::new(&engine, &Module::from_file(&engine, path)?)?;
    if let Some(format) = std::env::args().nth(2) {
        let policy = std::env::args().nth(3).map_or(Ok(Vec::new()), std::fs::read)?;
        guest.policy(&policy, b"", format.parse()?)?;
    }
    for line in std::io::stdin().lock().split(b'\n') {
        std::io::stdout().write_all(&guest.process(&line?)?)?;
    }
    std::io::stdout().write_all(&guest.finish()?)?;
    std::io::stderr().write_all(guest.text("auditweir_stats")?.as_bytes())?;
    Ok(())
}
