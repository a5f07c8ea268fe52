//! How the command ends: exit codes, messages, panics.

use std::fmt;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;

use auditweir_shell::SetupError;

/// How a run ended. The greater one wins when several apply.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Exit {
    /// 0
    Ok,
    /// 1: events were refused under `--strict`, a check or test failed.
    Failed,
    /// 2: usage, policy or I/O.
    Error,
    /// 128 and the signal's number.
    Signal(u8),
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        match exit {
            Exit::Ok => Self::SUCCESS,
            Exit::Failed => Self::from(1),
            Exit::Error => Self::from(2),
            Exit::Signal(signal) => Self::from(128 | signal),
        }
    }
}

/// Why the command cannot go on.
#[derive(Debug, thiserror::Error)]
pub(crate) enum Error {
    /// A file cannot be opened, read or written.
    #[error("{}: {source}", path.display())]
    File {
        /// Which.
        path: PathBuf,
        /// Why.
        source: std::io::Error,
    },
    /// Policy or pseudonym key.
    #[error(transparent)]
    Setup(#[from] SetupError),
    /// Something else; the text is complete.
    #[error("{0}")]
    Other(String),
    /// Standard output.
    #[error("standard output: {0}")]
    Output(#[from] std::io::Error),
}

impl Error {
    pub(crate) fn file(path: &Path, source: std::io::Error) -> Self {
        Self::File { path: path.to_owned(), source }
    }

    /// Whether the reader of the output went away, which is its good right.
    pub(crate) fn is_broken_pipe(&self) -> bool {
        matches!(self, Self::Output(error) if error.kind() == std::io::ErrorKind::BrokenPipe)
    }
}

/// Prints one message to standard error. A closed standard error is no reason to stop.
pub(crate) fn say(message: impl fmt::Display) {
    let _ = writeln!(anstream::stderr().lock(), "auditweir: {message}");
}

/// Panics may carry input in their payload: print where, never what.
pub(crate) fn hide_panic_payloads() {
    auditweir_shell::hide_panics(|place| {
        say(format_args!("internal error at {place}; its text is withheld"));
    });
}
