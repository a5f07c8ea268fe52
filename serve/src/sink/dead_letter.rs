//! Documents that the index refuses for good: one line of JSON each, with the reason.
//!
//! They are the filter's output like all else. The file is opened anew each time, so it may be
//! moved away at any moment, and grows without bound if nobody does.

use std::io::{self, Write as _};
use std::path::{Path, PathBuf};

use super::file::append;
use super::{Fail, Retry};
use crate::Error;

pub(crate) struct DeadLetter {
    path: PathBuf,
}

/// Why a document was refused.
pub(crate) struct Refused<'a> {
    pub(crate) id: &'a str,
    pub(crate) status: u16,
    /// The server's word for it, such as `document_parsing_exception`; never its explanation,
    /// which quotes the document.
    pub(crate) reason: &'a str,
    /// The document, without a line end.
    pub(crate) document: &'a [u8],
}

impl DeadLetter {
    pub(crate) fn open(path: &Path) -> Result<Self, Error> {
        append(path).map_err(|error| Error::file(path, error))?;
        Ok(Self { path: path.to_owned() })
    }

    /// Keeps documents, on disk before this returns.
    pub(crate) fn keep(&self, refused: &[Refused<'_>], retry: &mut Retry) -> Result<(), Fail> {
        let mut text = Vec::new();
        for Refused { id, status, reason, document } in refused {
            let head = serde_json::json!({ "id": id, "status": status, "reason": reason });
            let head = head.to_string();
            text.extend_from_slice(head.trim_end_matches('}').as_bytes());
            text.extend_from_slice(b",\"document\":");
            text.extend_from_slice(document);
            text.extend_from_slice(b"}\n");
        }
        while let Err(error) = self.write(&text) {
            retry.pause("dead-letter", format_args!("{}: {error}", self.path.display()))?;
        }
        Ok(())
    }

    fn write(&self, text: &[u8]) -> io::Result<()> {
        let (mut file, size, _) = append(&self.path)?;
        let written = file.write_all(text).and_then(|()| file.sync_data());
        if written.is_err() {
            file.set_len(size)?;
        }
        written
    }
}
