//! A record of a log program around one line: container runtimes, Fluent Bit, Filebeat, Logstash,
//! Vector, journald. What it adds about the workload is not looked at.

use super::{Example, Members, Opened, Row, set};
use crate::scan::Kind;
use crate::scan::key::Key;
use crate::unwrap::facts::{Envelope, Fact};

pub(super) static ROW: Row = Row {
    name: "log record",
    open,
    facts,
    examples: &[
        Example::new(
            r#"{"log":"$text\n","stream":"stdout","time":"2026-03-02T10:00:00.01Z","kubernetes":{"annotations":{"a":"$forged"},"pod_annotations":{"b":"$forged"}}}"#,
            "",
        ),
        Example::new(
            r#"{"message":"$text","host":"cp-1","user_agent":{"original":"$forged"}}"#,
            "",
        ),
        Example::new(r#"{"MESSAGE":"$text","_SYSTEMD_UNIT":"kube-apiserver.service"}"#, ""),
        Example::new(
            r#"{"TimeGenerated":"2026-03-02T10:00:00.0100010Z","Category":"kube-audit","log_s":"$text","Type":"AzureDiagnostics","_ResourceId":"/subscriptions/s-1/resourcegroups/rg/providers/microsoft.containerservice/managedclusters/blue"}"#,
            "name=blue provider=azure account=s-1",
        ),
        Example::new(r#"{"schema":{"type":"string"},"payload":"$text"}"#, ""),
        Example::new(r#"{"whatever":{"inner":{"list":[{"deep":$event}]}}}"#, ""),
        Example::new(
            r#"{"AwsAccountId":"111122223333","ClusterName":"blue","Region":"eu-west-1","RawEvent":$event,"Type":"AWSEKSLogs"}"#,
            "name=blue provider=aws account=111122223333 region=eu-west-1",
        ),
    ],
};

/// The search finds the line; this only knows the record for its facts.
fn open<'a>(m: &Members<'a>) -> Option<Opened<'a>> {
    let raw = m.get(Key::RawEvent)?;
    matches!(raw.kind(), Kind::Object | Kind::String).then_some(Opened::Inside([
        Some(raw),
        None,
        None,
    ]))
}

fn facts(m: &Members<'_>, envelope: &mut Envelope) {
    // A column that was made of the event when it was stored.
    let refused = m.root.member(b"AuthDecision").is_some_and(|said| said.says(b"forbid"));
    if refused && m.get(Key::RawEvent).is_some_and(|raw| !says_forbid(raw.raw())) {
        envelope.mark_contradicted();
    }
    envelope.set_provider(&crate::unwrap::provider::AWS);
    set(
        Some(m.root),
        &[
            (b"AwsAccountId", Fact::Account),
            (b"ClusterName", Fact::ClusterName),
            (b"Region", Fact::Region),
        ],
        envelope,
    );
}

/// Whether an event, or a text of one, holds the word by itself.
fn says_forbid(event: &[u8]) -> bool {
    const WORD: &[u8] = b"\"forbid";
    memchr::memmem::find_iter(event, WORD)
        .any(|at| matches!(event.get(at + WORD.len()), Some(b'"' | b'\\')))
}
