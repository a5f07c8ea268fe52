//! What is installed here, by asking it for its version.

use std::path::PathBuf;
use std::process::{Command, Stdio};

use crate::args::{Init, Part};
use crate::exit::Error;

/// Major and minor.
pub(super) type Version = (u32, u32);

/// The program that is set up.
#[derive(Debug, Default)]
pub(super) struct Program {
    /// As it is called in commands.
    pub(super) path: Option<PathBuf>,
    /// None when it is not installed here: then the newest is assumed.
    pub(super) version: Option<Version>,
    /// A Vector that is linked statically and can load no module.
    pub(super) is_static: bool,
    /// What the reader should know.
    pub(super) note: Option<String>,
}

/// The oldest version that the integration works with.
const fn oldest(target: Part) -> Version {
    match target {
        Part::FluentBit => (2, 2),
        Part::Vector => (0, 25),
        Part::Serve | Part::KubeApiserver => (0, 0),
    }
}

/// Looks for the program of a target; an error when it is there and too old.
pub(super) fn find(args: &Init) -> Result<Program, Error> {
    let Some(name) = args.target.program() else { return Ok(Program::default()) };
    let named = || std::env::var_os(args.target.variable()).map(PathBuf::from);
    let path = args.program.clone().or_else(named).unwrap_or_else(|| installed(args.target, name));
    let said = Command::new(&path).arg("--version").stdin(Stdio::null()).output();
    let said = match said {
        Ok(said) => String::from_utf8_lossy(&said.stdout).into_owned(),
        Err(error) if args.program.is_some() => return Err(Error::file(&path, error)),
        Err(_) => {
            let note = format!("{name} is not installed here; written for its newest version");
            return Ok(Program { path: Some(path), note: Some(note), ..Program::default() });
        }
    };
    let Some(version) = version(&said) else {
        return Err(Error::Other(format!("{}: its version cannot be read", path.display())));
    };
    let (major, minor) = oldest(args.target);
    if version < (major, minor) {
        return Err(Error::Other(format!(
            "{name} {}.{} is too old: {major}.{minor} or later is needed",
            version.0, version.1
        )));
    }
    let is_static = args.target == Part::Vector && said.contains("-linux-musl");
    Ok(Program { path: Some(path), version: Some(version), is_static, note: None })
}

/// By its name, or where its own packages put it and no PATH leads.
fn installed(target: Part, name: &str) -> PathBuf {
    let on_path = std::env::var_os("PATH")
        .is_some_and(|path| std::env::split_paths(&path).any(|folder| folder.join(name).is_file()));
    let packaged = match target {
        Part::FluentBit => Some(PathBuf::from("/opt/fluent-bit/bin/fluent-bit")),
        Part::Vector | Part::Serve | Part::KubeApiserver => None,
    };
    match packaged.filter(|path| !on_path && path.is_file()) {
        Some(path) => path,
        None => name.into(),
    }
}

/// The first `N.N` of what a program says of itself.
fn version(said: &str) -> Option<Version> {
    said.split([' ', '\n', ',']).find_map(|word| {
        let mut parts = word.trim_start_matches('v').split('.');
        Some((parts.next()?.parse().ok()?, parts.next()?.parse().ok()?))
    })
}

#[cfg(test)]
mod tests {
    use super::version;

    #[test]
    fn versions_are_read() {
        for (said, expected) in [
            ("Fluent Bit v5.1.1\nGit commit: 1234", Some((5, 1))),
            ("vector 0.58.0 (x86_64-unknown-linux-gnu 0f1a2b3 2026-08-21)", Some((0, 58))),
            ("Fluent Bit v3.0", Some((3, 0))),
            ("nothing of the kind", None),
            ("", None),
        ] {
            assert_eq!(version(said), expected, "{said}");
        }
    }
}
