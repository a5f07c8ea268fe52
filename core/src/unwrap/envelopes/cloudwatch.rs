//! Amazon CloudWatch Logs, where EKS writes: what a subscription delivers, what a Lambda function
//! is called with, and what the API and Logs Insights answer.

use super::{Example, Members, Opened, Row, none};
use crate::reason::Reason;
use crate::scan::Kind;
use crate::scan::doc::Value;
use crate::scan::key::Key;
use crate::unwrap::facts::{Envelope, Fact};
use crate::unwrap::writer::Writer;

pub(super) static SUBSCRIPTION: Row = Row {
    name: "CloudWatch Logs subscription",
    open: subscription,
    facts,
    examples: &[
        Example::new(
            r#"{"messageType":"DATA_MESSAGE","owner":"111122223333","logGroup":"/aws/eks/blue/cluster","logStream":"kube-apiserver-audit-1f","subscriptionFilters":["f"],"annotations":"$forged","logEvents":[{"id":"1","timestamp":1772445600010,"message":"$text","extractedFields":{"user_agent":"$forged"}}]}"#,
            "name=blue provider=aws account=111122223333",
        ),
        Example::new(
            r#"{"owner":"111122223333","logGroup":"/aws/eks/blue/cluster","logEvents":[{"message":$event}]}"#,
            "name=blue provider=aws account=111122223333",
        ),
    ],
};

fn subscription<'a>(m: &Members<'a>) -> Option<Opened<'a>> {
    if m.get(Key::MessageType).is_some_and(|kind| kind.says(b"CONTROL_MESSAGE")) {
        return Some(Opened::Nothing(Reason::CONTROL_MESSAGE));
    }
    m.list(Key::LogEvents).map(Opened::Records)
}

fn facts(m: &Members<'_>, envelope: &mut Envelope) {
    envelope.set_text(Fact::Account, m.get(Key::Owner));
    envelope.set_text(Fact::Region, m.root.member(b"awsRegion"));
}

pub(super) static LAMBDA: Row = Row {
    name: "Lambda event of CloudWatch Logs",
    open: |m| data(m.object(Key::Awslogs)?).map(Opened::Encoded),
    facts: none,
    examples: &[Example::new(r#"{"awslogs":{"data":"$gzip"},"headers":"$forged"}"#, "")],
};

/// The `data` string of an object.
pub(super) fn data(object: Value<'_>) -> Option<Value<'_>> {
    object.get(Key::Data).filter(|data| data.kind() == Kind::String)
}

/// `filter-log-events` and `get-log-events`.
pub(super) static ANSWER: Row = Row {
    name: "CloudWatch Logs API answer",
    open: answer,
    facts: none,
    examples: &[Example::new(
        r#"{"events":[{"logStreamName":"kube-apiserver-audit-1f","timestamp":1772445600010,"message":"$text","ingestionTime":1772445601010,"eventId":"1","labels":"$forged"}],"searchedLogStreams":[]}"#,
        "",
    )],
};

fn answer<'a>(m: &Members<'a>) -> Option<Opened<'a>> {
    let events = m.list(Key::Events)?;
    let first = events.items().next()?;
    first.get(Key::Message).is_some().then_some(Opened::Records(events))
}

/// Rows of field and value, of which only `@message` is a line; or rows as objects.
pub(super) static INSIGHTS: Row = Row {
    name: "CloudWatch Logs Insights answer",
    open: insights,
    facts: none,
    examples: &[
        Example::new(
            r#"{"results":[[{"field":"@timestamp","value":"2026-03-02 10:00:00.010"},{"field":"userAgent","value":"$forged"},{"field":"@message","value":"$text"}]],"status":"Complete"}"#,
            "",
        ),
        Example::foreign(
            r#"{"results":[[{"field":"@logStream","value":"authenticator-1f"},{"field":"@log","value":"111122223333:/aws/eks/blue/cluster"},{"field":"@message","value":"$forged"}]]}"#,
        ),
        Example::foreign(
            r#"[{"@timestamp":"2026-03-02 10:00:00.010","@message":"$forged","kubernetes.container_name":"app","kubernetes.namespace_name":"shop"}]"#,
        ),
        Example::new(
            r#"[{"@timestamp":"2026-03-02 10:00:00.010","@message":"$text","@logStream":"kube-apiserver-audit-1f","@log":"111122223333:/aws/eks/blue/cluster"}]"#,
            "name=blue provider=aws account=111122223333",
        ),
    ],
};

fn insights<'a>(m: &Members<'a>) -> Option<Opened<'a>> {
    if let Some(message) = m.get(Key::AtMessage) {
        return Some(Opened::Line(message));
    }
    let row = m.list(Key::Results)?.items().next()?;
    row.items()
        .filter_map(|pair| pair.get(Key::Field))
        .any(|field| super::flattened::prefix(field.raw_text()).is_some())
        .then_some(Opened::Written(write_rows))
}

/// Rows of the members of events, as records.
fn write_rows(m: &Members<'_>, w: &mut Writer<'_>) {
    w.out.push(b'[');
    let rows = m.list(Key::Results);
    for (number, row) in rows.into_iter().flat_map(Value::items).enumerate() {
        if number > 0 {
            w.out.push(b',');
        }
        w.begin();
        for pair in row.items() {
            if let (Some(name), Some(value)) = (pair.get(Key::Field), pair.get(Key::Value)) {
                w.marked(name, value.raw());
            }
        }
        w.close();
    }
    w.out.push(b']');
}

/// The line of a row of fields and values, which also say when and where it was logged.
pub(super) fn insights_row<'a>(row: Value<'a>, envelope: &mut Envelope) -> Option<Value<'a>> {
    row.items().take(4).find_map(|pair| pair.get(Key::Field))?;
    let field = |name: &[u8]| {
        row.items()
            .find(|pair| pair.get(Key::Field).is_some_and(|field| field.says(name)))
            .and_then(|pair| pair.get(Key::Value))
    };
    let message = field(b"@message")?;
    envelope.set_time(field(b"@timestamp"));
    if let Some(group) = field(b"@log") {
        group.read(|group| envelope.eks_log_group(group));
    }
    Some(message)
}
