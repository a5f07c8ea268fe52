//! `stack-test` and `opensearch`: a real server, fetched from Maven Central.

use auditweir_stack::run;
use auditweir_stack::server::{Server, until_input_ends};

use crate::Result;

/// Runs the stack test and prints what was seen.
pub(crate) fn test() -> Result<()> {
    let server = Server::start()?;
    let report = run::run(&server)?;
    for line in &report.lines {
        println!("{line}");
    }
    println!("\n{}", report.table);
    Ok(())
}

/// Starts a server, prints its URL, and ends it with standard input.
pub(crate) fn opensearch() -> Result<()> {
    Ok(until_input_ends(|url| println!("{url}"))?)
}
