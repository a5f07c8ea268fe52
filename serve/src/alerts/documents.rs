//! Sinks that take one document for each alert: a file, an index.

use auditweir::Format;
use auditweir_shell::time::rfc3339_millis;

use super::record;
use crate::record::Documents;
use crate::sink::{Fail, Retry, Sink};
use crate::units;

/// Turns alerts into documents for a sink of documents.
pub(super) struct AlertDocuments {
    sink: Box<dyn Sink>,
    format: Format,
}

impl AlertDocuments {
    /// In the schema of this format, as [`Alert::written`](auditweir_shell::Alert::written) has it.
    pub(super) fn new(sink: Box<dyn Sink>, format: Format) -> Self {
        Self { sink, format }
    }
}

impl Sink for AlertDocuments {
    fn deliver(&mut self, lines: &Documents, retry: &mut Retry) -> Result<(), Fail> {
        let millis = units::now();
        let now = rfc3339_millis(millis);
        let format = self.format;
        let mut documents = Documents::default();
        record::read(lines, &mut |id, alert| {
            let document = alert.written(format, id, millis, &now);
            documents.push(document.to_string().as_bytes(), id);
        });
        self.sink.deliver(&documents, retry)
    }

    fn idle(&mut self, retry: &mut Retry) -> Result<(), Fail> {
        self.sink.idle(retry)
    }
}
