//! From the bytes of one input to its pieces: finds out how to cut, cuts, joins what was split,
//! converts.

use auditweir_shell::{Lines, Piece};

use super::split::{Splitter, sniff};
use super::{Input, yaml};
use crate::args::InputFormat;

/// From the bytes of one input to its pieces.
pub(crate) struct Cutter {
    /// What came before it was known how to cut.
    head: Vec<u8>,
    known: Option<(InputFormat, Splitter)>,
    lines: Lines,
    may_be_document: bool,
    limit: usize,
}

impl Cutter {
    pub(crate) fn new(input: &Input, limit: usize) -> Self {
        let mut cutter = Self {
            head: Vec::new(),
            known: None,
            lines: Lines::new(limit),
            may_be_document: input.may_be_document,
            limit,
        };
        if input.format != InputFormat::Auto {
            cutter.decide(input.format);
        }
        cutter
    }

    fn decide(&mut self, format: InputFormat) {
        self.known = Some((format, Splitter::new(format, self.limit)));
    }

    pub(crate) fn push(&mut self, chunk: &[u8], sink: &mut dyn FnMut(Piece<'_>)) {
        if self.known.is_some() {
            return self.cut(chunk, sink);
        }
        self.head.extend_from_slice(chunk);
        if let Some(format) = sniff(&self.head, self.may_be_document, false) {
            self.decide(format);
            let head = std::mem::take(&mut self.head);
            self.cut(&head, sink);
        }
    }

    fn cut(&mut self, chunk: &[u8], sink: &mut dyn FnMut(Piece<'_>)) {
        let Self { known: Some((format, splitter)), lines, .. } = self else { return };
        if *format == InputFormat::Ndjson {
            splitter.push(chunk, &mut |piece| _ = lines.push(b"", piece, sink));
        } else {
            splitter.push(chunk, sink);
        }
    }

    /// Hands out the rest. Returns the place where YAML is not YAML; the input then goes on as it
    /// is, to become a stub. So does YAML that is not `whole`: cut off, it may still be YAML.
    pub(crate) fn finish(
        &mut self,
        whole: bool,
        sink: &mut dyn FnMut(Piece<'_>),
    ) -> Option<String> {
        if self.known.is_none() {
            let format = sniff(&self.head, self.may_be_document, true);
            self.decide(format.unwrap_or(InputFormat::Ndjson));
            let head = std::mem::take(&mut self.head);
            self.cut(&head, sink);
        }
        let Self { known: Some((format, splitter)), lines, .. } = self else { return None };
        let mut complaint = None;
        match format {
            InputFormat::Yaml => splitter.finish(&mut |piece| {
                if piece.is_cut() || !whole {
                    return sink(piece);
                }
                match yaml::to_json(piece.bytes) {
                    Ok(documents) => documents.iter().for_each(|text| {
                        sink(Piece { bytes: text.as_bytes(), size: text.len() as u64, ..piece });
                    }),
                    Err(place) => {
                        complaint = Some(place);
                        sink(piece);
                    }
                }
            }),
            InputFormat::Json => splitter.finish(sink),
            InputFormat::Auto | InputFormat::Ndjson => {
                splitter.finish(&mut |piece| _ = lines.push(b"", piece, sink));
                lines.finish(sink);
            }
        }
        complaint
    }
}
