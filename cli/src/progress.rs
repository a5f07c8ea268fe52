//! How far a run is, on standard error.

use std::fmt;
use std::fs::Metadata;
use std::io::IsTerminal as _;
use std::path::PathBuf;

use indicatif::{ProgressBar, ProgressStyle};

use crate::exit;
use crate::input::is_stdin;

/// A progress bar, or nothing.
#[derive(Clone)]
pub(crate) struct Progress {
    bar: Option<ProgressBar>,
}

impl Progress {
    /// A bar over the sizes of `files`, when standard error is a terminal, standard output is not
    /// (events would run over it) and all input comes from plain files.
    pub(crate) fn new(files: &[PathBuf], quiet: bool) -> Self {
        let shown = !quiet
            && std::io::stderr().is_terminal()
            && !std::io::stdout().is_terminal()
            && !files.iter().any(|path| is_stdin(path));
        let sizes: Option<Vec<u64>> = files
            .iter()
            .map(|path| path.metadata().ok().filter(Metadata::is_file).map(|kind| kind.len()))
            .collect();
        let bar = sizes.filter(|_| shown).map(|sizes| {
            let bar = ProgressBar::new(sizes.iter().sum());
            if let Ok(style) = ProgressStyle::with_template(
                "{bar:30} {percent:>3}% {bytes}/{total_bytes} {bytes_per_sec} {eta}",
            ) {
                bar.set_style(style);
            }
            bar
        });
        Self { bar }
    }

    /// So many bytes of the files have been read.
    pub(crate) fn at(&self, bytes: u64) {
        if let Some(bar) = &self.bar {
            bar.set_position(bytes);
        }
    }

    /// Prints a message above the bar.
    pub(crate) fn say(&self, message: impl fmt::Display) {
        match &self.bar {
            Some(bar) => bar.suspend(|| exit::say(message)),
            None => exit::say(message),
        }
    }

    /// Takes the bar away.
    pub(crate) fn finish(&self) {
        if let Some(bar) = &self.bar {
            bar.finish_and_clear();
        }
    }
}
