//! The stack test, where a JDK and Maven are installed; `cargo xtask stack-test` prints more.
#![allow(clippy::print_stderr, reason = "a test runner reports to the terminal")]

use std::path::PathBuf;

use auditweir_stack::server::{Error, Server};
use auditweir_stack::{run, serve};

#[test]
fn a_stock_server_takes_and_finds_everything() {
    let server = match Server::start() {
        Ok(server) => server,
        Err(Error::Missing(why)) => {
            eprintln!("SKIPPED: the stack test needs a JDK (11 or later) and Maven: {why}");
            return;
        }
        Err(error) => panic!("{error}"),
    };
    let report = run::run(&server).unwrap_or_else(|error| panic!("{error}"));
    for line in &report.lines {
        eprintln!("{line}");
    }
    eprintln!("\n{}", report.table);
    // Same server: a second one would cost half a minute.
    let Some(command) = command() else {
        eprintln!("SKIPPED: serve into the data stream: run `cargo build` first, or all tests");
        return;
    };
    eprintln!("{}", serve::run(&server, &command).unwrap_or_else(|error| panic!("{error}")));
}

/// The command that `cargo test` has built beside this test.
fn command() -> Option<PathBuf> {
    let mut path = std::env::current_exe().ok()?;
    path.pop();
    path.pop();
    path.push(format!("auditweir{}", std::env::consts::EXE_SUFFIX));
    path.exists().then_some(path)
}
