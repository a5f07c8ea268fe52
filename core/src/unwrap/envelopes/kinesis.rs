//! Records of Amazon Kinesis and Firehose: base64, often of gzip.

use super::cloudwatch::data;
use super::{Example, Members, Opened, Row, none};
use crate::scan::key::Key;
use crate::unwrap::facts::{Envelope, Fact};

/// A record of the Kinesis event that a Lambda function is called with.
pub(super) static LAMBDA: Row = Row {
    name: "Lambda event of Kinesis",
    open: |m| {
        m.list(Key::LambdaRecords)
            .map(Opened::Records)
            .or_else(|| data(m.object(Key::Kinesis)?).map(Opened::Encoded))
    },
    facts,
    examples: &[Example::new(
        r#"{"Records":[{"eventSource":"aws:kinesis","awsRegion":"eu-west-1","kinesis":{"partitionKey":"$forged","sequenceNumber":"1","data":"$gzip"}}]}"#,
        "region=eu-west-1",
    )],
};

fn facts(m: &Members<'_>, envelope: &mut Envelope) {
    envelope.set_text(Fact::Region, m.root.member(b"awsRegion"));
}

pub(super) static RECORD: Row = Row {
    name: "Kinesis or Firehose record",
    open: |m| {
        // Objects of the Kubernetes API have `data`, too.
        if m.has(Key::Kind) || m.has(Key::Message) || m.has(Key::SpecVersion) {
            return None;
        }
        // Lines that nobody encoded are found by the search.
        data(m.root)
            .filter(|data| !matches!(data.raw_text().trim_ascii().first(), Some(b'{' | b'[')))
            .map(Opened::Encoded)
    },
    facts: none,
    examples: &[
        Example::new(
            r#"{"requestId":"x","timestamp":1772445600010,"records":[{"data":"$gzip"}]}"#,
            "",
        ),
        Example::new(r#"{"recordId":"1","headers":{"a":"$forged"},"data":"$base64"}"#, ""),
    ],
};
