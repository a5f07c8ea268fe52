//! Lines in the spool: each with the document id that the filter gave it before it.
//!
//! So the sink need not look for the id in the line, which has it in another place in each format.

use std::ops::Range;

use auditweir_shell::Mark;

/// Digits of an id.
const ID: usize = 32;

/// The lines of the spool for clean lines.
pub(crate) fn lines(clean: &[u8], marks: &[Mark]) -> Vec<u8> {
    let mut lines = Vec::with_capacity(clean.len() + marks.len() * (ID + 1));
    for mark in marks {
        lines.extend_from_slice(&mark.id);
        lines.push(b' ');
        lines.extend_from_slice(&clean[mark.range.clone()]);
    }
    lines
}

/// Clean lines on their way to a sink.
#[derive(Default)]
pub(crate) struct Documents {
    /// The lines, each ended by a newline.
    pub(crate) text: Vec<u8>,
    /// Where each line is in `text`, without its newline, and its id.
    pub(crate) each: Vec<(Range<usize>, String)>,
}

impl Documents {
    /// Appends one document, given without a line end.
    pub(crate) fn push(&mut self, document: &[u8], id: &str) {
        let from = self.text.len();
        self.text.extend_from_slice(document);
        self.each.push((from..self.text.len(), id.to_owned()));
        self.text.push(b'\n');
    }

    /// Replaces these documents by those of lines of the spool.
    pub(crate) fn read(&mut self, lines: &[u8]) {
        self.text.clear();
        self.each.clear();
        for line in lines.split_inclusive(|byte| *byte == b'\n') {
            let (id, line) = match line.split_at_checked(ID) {
                Some((id, [b' ', line @ ..])) if id.iter().all(u8::is_ascii_hexdigit) => (id, line),
                // What this version did not write goes on all the same, under an id of the index.
                _ => (&b""[..], line),
            };
            let from = self.text.len();
            self.text.extend_from_slice(line);
            let end = self.text.len() - usize::from(line.ends_with(b"\n"));
            if from < end {
                self.each.push((from..end, String::from_utf8_lossy(id).into_owned()));
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use auditweir::Format;
    use auditweir_shell::{Guard, Piece, Setup};

    use super::*;

    /// Whatever the filter writes has an id, which no format changes, and comes out as it was.
    #[test]
    fn every_line_has_its_id() {
        let event = r#"{"auditID":"a","stage":"Panic","verb":"get","level":"Metadata","user":{"username":"a\"\\"},"annotations":{"log.record.uid":"x"},"x":{"id":"f","hash":1,"uid":2}}"#;
        let inputs = [event, "{\"auditID\":\"cut", "42", "{\"kind\":\"Pod\"}", "[{]"];
        let ids = Format::ALL.map(|format| {
            let setup = Setup { format: Some(format), ..Setup::default() };
            let mut guard = Guard::new(setup.ready().expect("policy"));
            let (mut clean, mut marks) = (Vec::new(), Vec::new());
            for input in inputs {
                guard.mark_piece(Piece::whole(input.as_bytes()), &mut clean, &mut marks);
            }
            let mut documents = Documents::default();
            documents.read(&lines(&clean, &marks));
            assert_eq!(documents.text, clean);
            for (range, id) in &documents.each {
                let line = std::str::from_utf8(&clean[range.clone()]).expect("UTF-8");
                assert!(id.len() == ID && line.contains(id.as_str()), "{format:?}: {line}");
            }
            documents.each.into_iter().map(|(_, id)| id).collect::<Vec<_>>()
        });
        assert!(ids.iter().all(|these| *these == ids[0] && these.len() == inputs.len()), "{ids:?}");
    }

    #[test]
    fn a_line_without_an_id_goes_on() {
        let mut documents = Documents::default();
        documents.read(b"{\"a\":1}\n\n");
        assert_eq!(documents.text, b"{\"a\":1}\n\n");
        assert_eq!(documents.each, [(0..7, String::new())]);
    }
}
