//! `auditweir`: command line filter for Kubernetes audit logs.
//!
//! All that is known about events is in the library; here is what a command adds: files,
//! decompression, lines, threads, signals, messages.
//!
//! - [`args`] is the command line.
//! - [`input`] opens, decompresses and cuts.
//! - [`filter`] moves batches through filtering threads in order, [`progress`] shows how far it is,
//!   [`signal`] ends it early.
//! - [`explain`] shows one event, [`policy`] checks, tests and describes policies; [`setup`] says where
//!   they come from.
//! - `serve` is the receiver of the audit webhook, a library of its own behind a feature.
//! - [`init`] sets up a shipper, a receiver or the API server, and checks what is there.
//! - [`assets`] writes what a cluster needs to take and show the output, [`plugins`] puts what shippers
//!   load into a folder.
//! - [`detect`] runs detection rules over a log, [`rules`] lists, checks and tests them.
//! - [`review`] reports what is in a log and what a policy would save.
//! - [`exit`] says how it ended.

mod args;
mod assets;
mod detect;
mod exit;
mod explain;
mod filter;
mod init;
mod input;
mod plugins;
mod policy;
mod progress;
mod review;
mod rules;
#[cfg(feature = "serve")]
mod serve;
mod setup;
mod signal;

use std::io::Write;
#[cfg(feature = "pages")]
use std::path::Path;
use std::process::ExitCode;

#[cfg(feature = "pages")]
use clap::CommandFactory as _;
use clap::Parser as _;

use args::{Cli, Color, Command};
use exit::{Error, Exit, say};

fn main() -> ExitCode {
    exit::hide_panic_payloads();
    let cli = Cli::parse();
    match cli.color {
        Color::Auto => {}
        Color::Always => anstream::ColorChoice::Always.write_global(),
        Color::Never => anstream::ColorChoice::Never.write_global(),
    }
    let exit = match cli.command {
        Command::Filter(args) => filter::filter(args),
        Command::Explain(args) => explain::explain(&args),
        Command::Review(args) => review::review(&args),
        Command::Detect(args) => detect::detect(&args),
        Command::Rules(command) => rules::rules(&command),
        Command::Policy(command) => policy::policy(command),
        #[cfg(feature = "serve")]
        Command::Serve(args) => serve::serve(*args),
        #[cfg(not(feature = "serve"))]
        Command::Serve { rest: _ } => {
            let text = "this build has no `serve`; `cargo install --path cli` makes one that has";
            Err(Error::Other(text.into()))
        }
        Command::Init(args) => init::init(&args),
        Command::Assets { cluster, out } => assets::assets(cluster, &out),
        Command::Plugins { to, from } => plugins::plugins(&from, &to),
        #[cfg(feature = "pages")]
        Command::Completions { shell } => print(|out| {
            clap_complete::generate(shell, &mut Cli::command(), "auditweir", out);
            Ok(())
        }),
        #[cfg(feature = "pages")]
        Command::Man { out } => man(out.as_deref()),
    };
    exit.unwrap_or_else(|error| {
        if error.is_broken_pipe() {
            return Exit::Ok;
        }
        say(error);
        Exit::Error
    })
    .into()
}

/// Writes to standard output what `text` makes.
fn print(text: impl FnOnce(&mut Vec<u8>) -> std::io::Result<()>) -> Result<Exit, Error> {
    // Collected first: generators panic when a write fails, and the reader may go away.
    let mut buffer = Vec::new();
    text(&mut buffer)?;
    let mut out = std::io::stdout().lock();
    out.write_all(&buffer)?;
    out.flush()?;
    Ok(Exit::Ok)
}

#[cfg(feature = "pages")]
fn man(folder: Option<&Path>) -> Result<Exit, Error> {
    match folder {
        None => print(|out| clap_mangen::Man::new(Cli::command()).render(out)),
        Some(folder) => {
            std::fs::create_dir_all(folder)
                .and_then(|()| clap_mangen::generate_to(Cli::command(), folder))
                .map_err(|error| Error::file(folder, error))?;
            Ok(Exit::Ok)
        }
    }
}
