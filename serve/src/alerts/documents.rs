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
    ocsf: bool,
}

impl AlertDocuments {
    /// OCSF where the events are in it, ECS otherwise.
    pub(super) fn new(sink: Box<dyn Sink>, format: Format) -> Self {
        Self { sink, ocsf: format == Format::Ocsf }
    }
}

impl Sink for AlertDocuments {
    fn deliver(&mut self, lines: &Documents, retry: &mut Retry) -> Result<(), Fail> {
        let millis = units::now();
        let now = rfc3339_millis(millis);
        let mut documents = Documents::default();
        record::read(lines, &mut |id, alert| {
            let document =
                if self.ocsf { alert.detection(id, millis) } else { alert.document(id, &now) };
            documents.push(document.to_string().as_bytes(), id);
        });
        self.sink.deliver(&documents, retry)
    }

    fn idle(&mut self, retry: &mut Retry) -> Result<(), Fail> {
        self.sink.idle(retry)
    }
}
