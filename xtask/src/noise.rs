//! `docs/noise.md`: how many alerts come of logs in which nothing happens.

use std::fs;
use std::path::PathBuf;

use auditweir_stack::noise;
use auditweir_stack::server::Server;

use crate::{Result, root};

/// Prints it; with `--write` writes it, too. Elastic's rules are asked when they are there.
pub(crate) fn run(options: &[&str]) -> Result<()> {
    let write = match options {
        [] => false,
        ["--write"] => true,
        _ => return Err("noise takes --write and nothing else".into()),
    };
    let elastic = std::env::var_os("ELASTIC_RULES").map(PathBuf::from);
    if write && elastic.is_none() {
        return Err("ELASTIC_RULES names no checkout of github.com/elastic/detection-rules".into());
    }
    let server = elastic.as_ref().map(|_| Server::start()).transpose()?;
    let document = noise::run(server.as_ref().zip(elastic.as_deref()))?;
    print!("{document}");
    if write {
        fs::write(root().join("docs/noise.md"), document)?;
    }
    Ok(())
}
