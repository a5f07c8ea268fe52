//! `auditweir plugins`: copies what shippers load into a folder, for the init container of an image in
//! which there is no `cp`.

use std::fs;
use std::io::Write as _;
use std::path::Path;

use crate::exit::{Error, Exit};

/// Copies each file of `from` to `to`. A file is whole there or not there: a shipper may start meanwhile.
pub(crate) fn plugins(from: &Path, to: &Path) -> Result<Exit, Error> {
    let entries = fs::read_dir(from).map_err(|error| Error::file(from, error))?;
    let mut names = Vec::new();
    for entry in entries {
        let entry = entry.map_err(|error| Error::file(from, error))?;
        if entry.path().is_file() {
            names.push(entry.file_name());
        }
    }
    names.sort();
    if names.is_empty() {
        return Err(Error::Other(format!("{}: no plugin is there", from.display())));
    }
    let mut out = anstream::stdout().lock();
    for name in names {
        let (source, place) = (from.join(&name), to.join(&name));
        let mut part = name.clone();
        part.push(".part");
        let part = to.join(part);
        fs::copy(&source, &part)
            .and_then(|_| fs::rename(&part, &place))
            .map_err(|error| Error::file(&place, error))?;
        writeln!(out, "{}", place.display())?;
    }
    Ok(Exit::Ok)
}
