//! What stands in for an event that must not be passed on: enough to know that something was
//! there and to find it at the source, nothing a client could have put a secret into.

use super::line::Line;
use super::{Constants, Format, ocsf, otel};
use crate::detect::{Detectors, Hit};
use crate::enrich::Timestamp;
use crate::reason::Reason;
use crate::scan::Kind;
use crate::scan::doc::{Doc, Value};
use crate::scan::key::Key;
use crate::text::decimal;
use crate::text::escape;

/// Members of the event that a stub may keep, in this order.
const KEPT: [Key; 5] = [Key::Level, Key::AuditId, Key::Stage, Key::Verb, Key::StageTimestamp];

/// `@timestamp` when nothing else gives one: data streams refuse documents without.
const NO_TIME: &[u8] = b"1970-01-01T00:00:00Z";

/// Why there is a stub, and of what.
pub(crate) struct Stub<'a> {
    pub(crate) reason: Reason,
    /// Byte offset the reason refers to.
    pub(crate) offset: Option<u32>,
    /// Length of the input in bytes.
    pub(crate) bytes: usize,
    /// Document id: 32 lower case hex digits.
    pub(crate) id: &'a [u8; 32],
    /// Whether no API server can have written the input.
    pub(crate) rejected: bool,
}

/// The time of the last event that had one: the best guess for an event or stub without.
#[derive(Default)]
pub(crate) struct LastTime {
    text: Vec<u8>,
}

impl LastTime {
    /// Remembers a time.
    pub(crate) fn set(&mut self, time: Timestamp<'_>) {
        self.text.clear();
        time.write(&mut self.text);
    }

    /// Appends it, or 1970 when there was none.
    pub(super) fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(if self.text.is_empty() { NO_TIME } else { &self.text });
    }

    /// The time remembered.
    pub(crate) fn get(&self) -> Option<Timestamp<'_>> {
        Timestamp::read(&self.text)
    }
}

/// Appends the stub as one line. `found` is what was scanned of the event, if anything.
///
/// In `ecs` the same stands under `kubernetes.audit`, with the members that every document of the
/// data stream has; the `auditweir` object is outermost in both, so that hosts know a stub. In
/// `ocsf` and `otel`, whose schemas leave no room for it, [`is_stub`] knows one.
pub(crate) fn write(
    stub: &Stub<'_>,
    found: Option<Value<'_>>,
    detectors: &Detectors,
    constants: &Constants,
    format: Format,
    last: &LastTime,
    out: &mut Vec<u8>,
) {
    let kept = KEPT.map(|key| {
        found
            .and_then(|root| find(root, key))
            .map(Value::raw_text)
            .filter(|text| harmless(key, text, detectors))
    });
    match format {
        Format::Native => {
            out.push(b'{');
            event(kept, out);
        }
        Format::Ecs => {
            let [_, audit_id, stage, verb, time] = kept;
            let time = time.and_then(Timestamp::read);
            out.extend_from_slice(b"{\"@timestamp\":\"");
            match time {
                Some(time) => time.write(out),
                None => last.write(out),
            }
            out.extend_from_slice(b"\",");
            out.extend_from_slice(&constants.head);
            out.extend_from_slice(&constants.stub_event);
            out.extend_from_slice(b"\"id\":\"");
            out.extend_from_slice(audit_id.unwrap_or(stub.id));
            out.extend_from_slice(b"\",\"hash\":\"");
            out.extend_from_slice(stub.id);
            out.push(b'"');
            for (key, text) in [(&b"action"[..], verb), (b"code", stage)] {
                if let Some(text) = text {
                    member(key, text, out);
                }
            }
            member(b"reason", stub.reason.as_bytes(), out);
            out.extend_from_slice(b"},\"tags\":[\"stub\"],\"kubernetes\":{\"audit\":{");
            event(kept, out);
            out.extend_from_slice(b"}}");
        }
        Format::Ocsf => return write_ocsf(stub, kept, last, out),
        Format::Otel => return write_otel(stub, kept, last, out),
    }
    out.extend_from_slice(b",\"auditweir\":");
    note(stub, out);
    out.extend_from_slice(b"}\n");
}

/// Whether a line of `ocsf` or `otel` is a stub: only stubs begin like this.
pub fn is_stub(line: &[u8]) -> bool {
    line.starts_with(OCSF) || line.starts_with(otel::STUB)
}

/// What begins an OCSF stub; events have `unmapped` at the end.
const OCSF: &[u8] = b"{\"unmapped\":{\"auditweir\":";

/// The stub as an API Activity: what the class requires and is not known is `unknown`, id 0.
fn write_ocsf(
    stub: &Stub<'_>,
    kept: [Option<&[u8]>; KEPT.len()],
    last: &LastTime,
    out: &mut Vec<u8>,
) {
    let [level, audit_id, stage, verb, _] = kept;
    out.extend_from_slice(OCSF);
    note(stub, out);
    out.extend_from_slice(b"},");
    let mut line = Line { out, most: usize::MAX };
    ocsf::class(0, b"Unknown", &mut line);
    match time(kept, last) {
        Some(time) => ocsf::instant(ocsf::TIME, time, &mut line),
        None => line.put(b"\"time\":0,"),
    }
    line.put(
        b"\"severity_id\":0,\"severity\":\"Unknown\",\"status_id\":0,\"status\":\"Unknown\",\
          \"action_id\":0,\"action\":\"Unknown\",\"disposition_id\":0,\"disposition\":\"Unknown\",",
    );
    line.word(b"\"status_detail\":\"", stub.reason.as_bytes());
    line.put(b"\"metadata\":{\"version\":\"");
    line.put(ocsf::VERSION);
    line.put(b"\",\"product\":");
    line.put(ocsf::PRODUCT);
    ocsf::profiles(false, time(kept, last).is_some(), &mut line);
    line.word(b"\"uid\":\"", stub.id);
    for (key, text) in [
        (&b"\"original_event_uid\":\""[..], audit_id),
        (b"\"correlation_uid\":\"", audit_id),
        (b"\"event_code\":\"", stage),
        (b"\"log_level\":\"", level),
    ] {
        if let Some(text) = text {
            line.word(key, text);
        }
    }
    line.put(b"\"log_name\":\"audit.k8s.io\",\"log_provider\":\"kube-apiserver\",");
    line.put(b"\"tags\":[{\"name\":\"stub\",\"value\":\"");
    line.put(stub.reason.as_bytes());
    line.put(b"\"}],");
    line.put(ocsf::TRANSFORMATION);
    line.put(b"\"actor\":{\"user\":{\"name\":\"unknown\",\"type_id\":0,\"type\":\"Unknown\"}},");
    line.word(b"\"api\":{\"operation\":\"", verb.unwrap_or(b"unknown"));
    line.put(b"\"service\":{\"name\":\"kube-apiserver\"},\"request\":{\"uid\":\"");
    line.put(audit_id.unwrap_or(stub.id));
    line.put(
        b"\"}},\"src_endpoint\":{\"name\":\"unknown\"},\
          \"dst_endpoint\":{\"svc_name\":\"kube-apiserver\"}}\n",
    );
}

/// The stub as a log record; its body is the `native` stub.
fn write_otel(
    stub: &Stub<'_>,
    kept: [Option<&[u8]>; KEPT.len()],
    last: &LastTime,
    out: &mut Vec<u8>,
) {
    use otel::key;
    let [level, audit_id, stage, verb, _] = kept;
    out.extend_from_slice(otel::STUB);
    let mut line = Line { out, most: usize::MAX };
    if let Some(nanos) = time(kept, last).and_then(Timestamp::unix_nanos) {
        line.put(b"\"timeUnixNano\":\"");
        decimal(nanos, line.out);
        line.put(b"\",");
    }
    line.put(b"\"severityNumber\":13,\"severityText\":\"WARN\",\"body\":{\"stringValue\":\"");
    let mut body = b"{".to_vec();
    event(kept, &mut body);
    body.extend_from_slice(b",\"auditweir\":");
    note(stub, &mut body);
    body.push(b'}');
    escape(&body, line.out);
    line.put(b"\"},\"attributes\":[");
    for (key, text) in [
        (key!(text "log.record.uid"), Some(&stub.id[..])),
        (key!(text "k8s.audit.id"), audit_id),
        (key!(text "k8s.audit.stage"), stage),
        (key!(text "k8s.audit.level"), level),
        (key!(text "k8s.audit.verb"), verb),
        (key!(text "k8s.audit.stub.reason"), Some(stub.reason.as_bytes())),
    ] {
        if let Some(text) = text {
            line.put(key);
            line.put(text);
            line.put(b"\"}},");
        }
    }
    line.put(key!(number "k8s.audit.stub.bytes"));
    decimal(stub.bytes as u64, line.out);
    line.put(b"\"}},");
    if let Some(offset) = stub.offset {
        line.put(key!(number "k8s.audit.stub.offset"));
        decimal(u64::from(offset), line.out);
        line.put(b"\"}},");
    }
    if stub.rejected {
        line.put(key!(flag "k8s.audit.stub.rejected"));
        line.put(b"true}},");
    }
    line.out.pop();
    line.put(b"]");
    line.put(otel::SCOPE);
    line.put(otel::END);
    line.put(b"\n");
}

/// The time of a stub: its own, else that of the event before.
fn time<'a>(kept: [Option<&'a [u8]>; KEPT.len()], last: &'a LastTime) -> Option<Timestamp<'a>> {
    kept[4].and_then(Timestamp::read).or(last.get())
}

/// Why there is a stub, as one object.
fn note(stub: &Stub<'_>, out: &mut Vec<u8>) {
    out.extend_from_slice(b"{\"v\":1,\"id\":\"");
    out.extend_from_slice(stub.id);
    out.extend_from_slice(b"\",\"stub\":\"");
    out.extend_from_slice(stub.reason.as_bytes());
    out.extend_from_slice(b"\",\"bytes\":");
    decimal(stub.bytes as u64, out);
    if let Some(offset) = stub.offset {
        out.extend_from_slice(b",\"offset\":");
        decimal(u64::from(offset), out);
    }
    if stub.rejected {
        out.extend_from_slice(b",\"rejected\":true");
    }
    out.push(b'}');
}

fn event(kept: [Option<&[u8]>; KEPT.len()], out: &mut Vec<u8>) {
    out.extend_from_slice(b"\"kind\":\"Event\",\"apiVersion\":\"audit.k8s.io/v1\"");
    for (key, text) in KEPT.iter().zip(kept) {
        if let Some(text) = text {
            member(key.text(), text, out);
        }
    }
}

fn member(key: &[u8], text: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(b",\"");
    out.extend_from_slice(key);
    out.extend_from_slice(b"\":\"");
    out.extend_from_slice(text);
    out.push(b'"');
}

/// The first string member of this name directly in `root`, also when `root` was never closed.
fn find(root: Value<'_>, key: Key) -> Option<Value<'_>> {
    let Doc { nodes, .. } = root.doc;
    let depth = root.node().depth + 1;
    let end = if root.node().end == 0 { nodes.len() } else { root.node().next as usize };
    let name = (root.index as usize + 1..end.saturating_sub(1)).find(|at| {
        let node = &nodes[*at];
        node.kind == Kind::Key && node.depth == depth && node.key == key as u8
    })?;
    let value = root.doc.at(name as u32 + 1);
    (value.kind() == Kind::String && !value.is_escaped()).then_some(value)
}

/// Something the API server can have put there; for `auditID`, which clients choose, short, of
/// identifier characters only, and no detector fires.
fn harmless(key: Key, text: &[u8], detectors: &Detectors) -> bool {
    match key {
        Key::Level => matches!(text, b"None" | b"Metadata" | b"Request" | b"RequestResponse"),
        Key::Stage => {
            matches!(text, b"RequestReceived" | b"ResponseStarted" | b"ResponseComplete" | b"Panic")
        }
        Key::Verb => matches!(
            text,
            b"get"
                | b"list"
                | b"watch"
                | b"create"
                | b"update"
                | b"patch"
                | b"delete"
                | b"deletecollection"
                | b"connect"
                | b"proxy"
                | b"head"
                | b"post"
                | b"put"
                | b"options"
                | b"trace"
        ),
        Key::StageTimestamp => {
            text.len() <= 35
                && text.iter().all(|b| {
                    b.is_ascii_digit() || matches!(b, b'-' | b':' | b'.' | b'+' | b'T' | b'Z')
                })
        }
        _ => {
            let plain = text.len() <= 64
                && text
                    .iter()
                    .all(|b| b.is_ascii_alphanumeric() || matches!(b, b'-' | b'_' | b'.' | b':'));
            let mut hits: Vec<Hit> = Vec::new();
            if plain {
                detectors.scan(text, &mut hits);
            }
            plain && hits.is_empty()
        }
    }
}
