//! The stack test, where a JDK and Maven are installed; `cargo xtask stack-test` prints more.
#![allow(clippy::print_stderr, reason = "a test runner reports to the terminal")]

use auditweir_stack::server::{Error, Server};
use auditweir_stack::{run, serve};
use auditweir_tests::built;

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
    let command = built::folder().join("auditweir");
    eprintln!("{}", serve::run(&server, &command).unwrap_or_else(|error| panic!("{error}")));
}
