//! `auditweir init`: a complete configuration for this machine, and `--check`, which tries it.
//!
//! What it writes are the files under `integrations/`, which tests run, with this machine's paths and
//! addresses in place of theirs. [`recipe`] says which files and what is replaced in them,
//! [`program`] asks what is installed, [`check`] tries what is there, [`trial`] sends an event all the way.

mod check;
mod program;
mod recipe;
mod trial;

use std::fs;
use std::io::Write as _;
use std::path::Path;

use crate::args::{Init, Part};
use crate::exit::{Error, Exit, say};

/// Runs the command.
pub(crate) fn init(args: &Init) -> Result<Exit, Error> {
    let program = program::find(args)?;
    let files = recipe::files(args, &program)?;
    if args.check {
        return check::check(args, &program, &files);
    }
    // All or nothing: a file that is someone's work is not written over.
    for file in &files {
        let path = args.out.join(&file.name);
        if !args.force && fs::read(&path).is_ok_and(|there| there != file.text.as_bytes()) {
            return Err(Error::Other(format!(
                "{}: is there and differs; --force writes over it",
                path.display()
            )));
        }
    }
    for file in &files {
        write(&args.out.join(&file.name), &file.text)?;
    }
    if let Some(note) = &program.note {
        say(note);
    }
    let mut out = anstream::stdout().lock();
    // What is for the index is many files, and one thing.
    for file in files.iter().filter(|file| !file.name.starts_with("index/")) {
        writeln!(out, "{:<48} {}", args.out.join(&file.name).display(), file.about)?;
    }
    let index = files.iter().filter(|file| file.name.starts_with("index/")).count();
    if index > 0 {
        let folder = args.out.join("index/");
        writeln!(out, "{:<48} {index} files: templates, dashboards, install.sh", folder.display())?;
    }
    writeln!(out, "\nThen:")?;
    for command in recipe::next(args, &program) {
        writeln!(out, "  {command}")?;
    }
    Ok(Exit::Ok)
}

fn write(path: &Path, text: &str) -> Result<(), Error> {
    if let Some(folder) = path.parent() {
        fs::create_dir_all(folder).map_err(|error| Error::file(folder, error))?;
    }
    fs::write(path, text).map_err(|error| Error::file(path, error))
}

impl Part {
    /// As the command line names it.
    const fn name(self) -> &'static str {
        match self {
            Self::FluentBit => "fluent-bit",
            Self::Vector => "vector",
            Self::Serve => "serve",
            Self::KubeApiserver => "kube-apiserver",
        }
    }

    /// The program that is set up, where it is not auditweir itself.
    const fn program(self) -> Option<&'static str> {
        match self {
            Self::FluentBit => Some("fluent-bit"),
            Self::Vector => Some("vector"),
            Self::Serve | Self::KubeApiserver => None,
        }
    }

    /// The environment variable that names it, where it is not on the PATH.
    const fn variable(self) -> &'static str {
        match self {
            Self::FluentBit => "FLUENT_BIT",
            Self::Vector => "VECTOR",
            Self::Serve | Self::KubeApiserver => "",
        }
    }
}
