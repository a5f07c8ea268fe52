//! `bench-report`: runs the benchmarks and writes their numbers into `docs/`.
//!
//! Numbers in the documents come from here alone. Raw results stay in `target/bench-report/`, so
//! the documents can be written again without measuring.

mod instructions;
pub(crate) mod machine;
mod markdown;
mod measure;
mod plot;
mod results;
mod shells;

use std::fs;

use crate::{Result, USAGE, root};
use measure::Build;
pub(crate) use measure::folder;
pub(crate) use shells::{routes_table, section, soak};

pub(crate) fn run(options: &[&str]) -> Result<()> {
    // Steep floods are a failure of the command, but the documents must show them.
    let mut floods = Ok(());
    match options {
        [] => {
            for build in Build::ALL {
                measure::throughput(build)?;
            }
            floods = measure::floods();
            instructions::measure()?;
            shells::measure()?;
        }
        ["--only", "floods"] => floods = measure::floods(),
        ["--only", "instructions"] => instructions::measure()?,
        ["--only", "shells"] => shells::measure()?,
        ["--only", name] => {
            let build = Build::ALL.into_iter().find(|build| build.name() == *name);
            measure::throughput(build.ok_or(USAGE)?)?;
        }
        ["--render"] => {}
        _ => return Err(USAGE.into()),
    }
    render()?;
    floods
}

fn render() -> Result<()> {
    let report = results::Report::load()?;
    let docs = root().join("docs");
    fs::create_dir_all(&docs)?;
    let text = markdown::write(&report)?;
    for (name, content) in [
        ("performance.md", text.as_str()),
        ("performance.svg", plot::write(&report)?.as_str()),
        ("instructions.txt", report.instructions.as_str()),
    ] {
        let path = docs.join(name);
        fs::write(&path, content).map_err(|error| format!("{}: {error}", path.display()))?;
        println!("wrote docs/{name}");
    }
    Ok(())
}
