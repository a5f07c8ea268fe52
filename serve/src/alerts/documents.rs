//! Sinks that take one document for each alert: a file, an index.

use std::time::SystemTime;

use super::record;
use crate::record::Documents;
use crate::sink::{Fail, Retry, Sink};
use crate::units;

/// Turns alerts into documents for a sink of documents.
pub(super) struct AlertDocuments {
    sink: Box<dyn Sink>,
}

impl AlertDocuments {
    pub(super) fn new(sink: Box<dyn Sink>) -> Self {
        Self { sink }
    }
}

impl Sink for AlertDocuments {
    fn deliver(&mut self, lines: &Documents, retry: &mut Retry) -> Result<(), Fail> {
        let now = units::timestamp(SystemTime::now());
        let mut documents = Documents::default();
        record::read(lines, &mut |id, alert| {
            documents.push(alert.document(id, &now).to_string().as_bytes(), id);
        });
        self.sink.deliver(&documents, retry)
    }

    fn idle(&mut self, retry: &mut Retry) -> Result<(), Fail> {
        self.sink.idle(retry)
    }
}
