//! Google Cloud audit log entries turned into audit.k8s.io/v1 events.
//!
//! `protoPayload` is a different schema: method and resource names instead of verb and objectRef,
//! gRPC codes instead of HTTP ones, no stage. The event is written out as JSON text, bodies and
//! labels copied as they stand, and scanned again like any other. What has no place in an event
//! is kept under the member `gke`. Nothing is invented: without a status there is no code.

use super::{Example, Members, Opened, Row, set};
use crate::event::RPC_CODES;
use crate::reason::Reason;
use crate::scan::Kind;
use crate::scan::doc::Value;
use crate::scan::key::Key;
use crate::text::whole;
use crate::unwrap::cut::Text;
use crate::unwrap::facts::{Envelope, Fact, epoch, write_time};
use crate::unwrap::provider::GCP;
use crate::unwrap::writer::Writer;

pub(super) static ROW: Row = Row {
    name: "Google Cloud audit log",
    open,
    facts,
    examples: &[
        Example::new(
            r#"{"insertId":"i1","logName":"projects/shop-1/logs/cloudaudit.googleapis.com%2Factivity","timestamp":"2026-03-02T10:00:00.010001Z","resource":{"type":"k8s_cluster","labels":{"cluster_name":"blue","location":"europe-west1","project_id":"shop-1"}},"labels":{"authorization.k8s.io/decision":"allow"},"operation":{"id":"op-1","producer":"k8s.io","first":true,"last":true},"protoPayload":{"@type":"type.googleapis.com/google.cloud.audit.AuditLog","serviceName":"k8s.io","methodName":"io.k8s.core.v1.pods.get","resourceName":"core/v1/namespaces/shop/pods/till","authenticationInfo":{"principalEmail":"ana@corp.example"},"requestMetadata":{"callerIp":"203.0.113.9"},"status":{}}}"#,
            "name=blue provider=gcp region=europe-west1 project=shop-1",
        ),
        Example::new(
            r#"{"insertId":"i1","timestamp":"2026-03-02T10:00:00.010001Z","resource":{"type":"k8s_cluster","labels":{"cluster_name":"blue","location":"europe-west1","project_id":"shop-1"}},"protopayload_auditlog":{"serviceName":"k8s.io","methodName":"io.k8s.core.v1.secrets.create","resourceName":"core/v1/namespaces/shop/secrets/till","authenticationInfo":{"principalEmail":"ana@corp.example"},"status":null,"requestJson":"{\"kind\":\"Secret\",\"apiVersion\":\"v1\"}","responseJson":null}}"#,
            "name=blue provider=gcp region=europe-west1 project=shop-1",
        ),
        Example {
            text: r#"{"insertId":"i1","timestamp":"2026-03-02T10:00:00.010001Z","resource":{"type":"gke_cluster","labels":{"cluster_name":"blue","location":"europe-west1","project_id":"shop-1"}},"protoPayload":{"serviceName":"container.googleapis.com","methodName":"google.container.v1.ClusterManager.UpdateCluster","request":{"a":"$forged"}}}"#,
            tells: "",
            events: 0,
        },
    ],
};

/// Where the payload is: `protoPayload`, the same as a row of BigQuery, or what Go's client library
/// makes of an entry.
fn payload<'a>(m: &Members<'a>) -> Option<Value<'a>> {
    m.get(Key::ProtoPayload)
        .map(single)
        .filter(|proto| proto.kind() == Kind::Object)
        .or_else(|| m.object(Key::BigQueryPayload))
        .or_else(|| m.object(Key::Entry)?.member(b"Payload").filter(|proto| is_proto(*proto)))
}

fn open<'a>(m: &Members<'a>) -> Option<Opened<'a>> {
    if m.object(Key::Entry).is_some() && m.text(Key::AuditPayload).is_some() {
        return Some(Opened::Written(join));
    }
    if is_in_texts(m) {
        return Some(Opened::Written(from_texts));
    }
    let proto = payload(m)?;
    let service = either(proto, b"serviceName", b"service_name");
    let method = either(proto, b"methodName", b"method_name");
    let starts = |value: Option<Value<'_>>, with: &[u8]| {
        value.is_some_and(|value| value.raw_text().starts_with(with))
    };
    // Other services write to the same log: of a cluster's API server are `k8s.io` and what
    // add-ons call themselves below it.
    let other = service.is_some_and(|service| !service.raw_text().ends_with(b"k8s.io"))
        || starts(method, b"google.");
    Some(if !is_proto(proto) || other {
        Opened::Named(Reason::NOT_OF_A_KUBE_APISERVER)
    } else {
        Opened::Written(write)
    })
}

fn facts(m: &Members<'_>, envelope: &mut Envelope) {
    envelope.set_provider(&GCP);
    let entry = m.object(Key::Entry).unwrap_or(m.root);
    envelope.set_time(either(entry, b"timestamp", b"Timestamp"));
    resource_facts(either(entry, b"resource", b"Resource"), envelope);
}

/// The monitored resource of an entry.
pub(super) fn resource_facts(resource: Option<Value<'_>>, envelope: &mut Envelope) {
    let labels = resource.and_then(|resource| either(resource, b"labels", b"Labels"));
    set(
        labels,
        &[
            (b"cluster_name", Fact::ClusterName),
            (b"location", Fact::Region),
            (b"project_id", Fact::Project),
        ],
        envelope,
    );
}

/// Members of the payload that exporters write as texts of JSON.
const TEXTS: [&[u8]; 6] = [
    b"authenticationInfo",
    b"authentication_info",
    b"authorizationInfo",
    b"requestMetadata",
    b"request_metadata",
    b"status",
];

/// Whether a value is a text of JSON.
fn is_json_text(value: Value<'_>) -> bool {
    value.kind() == Kind::String
        && matches!(value.raw_text().trim_ascii_start().first(), Some(b'{' | b'['))
}

/// Whether the payload, or a member of it, is a text of JSON.
fn is_in_texts(m: &Members<'_>) -> bool {
    m.get(Key::ProtoPayload).is_some_and(is_json_text)
        || payload(m).is_some_and(|proto| {
            let text = |(key, value): (Value<'_>, _)| {
                TEXTS.iter().any(|name| key.says(name)) && is_json_text(value)
            };
            proto.members().any(text)
        })
}

/// The entry with what its texts say. One that cannot be read says that much.
fn from_texts(m: &Members<'_>, w: &mut Writer<'_>) {
    w.begin();
    for (key, value) in m.root.members() {
        match key.key() {
            Key::ProtoPayload if is_json_text(value) => {
                w.key(key.raw_text());
                if !w.opened(value, |root| root.kind() == Kind::Object)
                    && !w.opened_or_cut(value, Text::Member)
                {
                    w.out.extend_from_slice(br#"{"unreadable":true}"#);
                }
            }
            Key::ProtoPayload | Key::BigQueryPayload if single(value).kind() == Kind::Object => {
                w.key(key.raw_text());
                w.begin();
                for (key, value) in single(value).members() {
                    if !(TEXTS.iter().any(|name| key.says(name)) && is_json_text(value)) {
                        w.member(key, value);
                        continue;
                    }
                    w.key(key.raw_text());
                    if !w.opened(value, |_| true) && !w.opened_or_cut(value, Text::Member) {
                        w.out.extend_from_slice(br#"{"message":"unreadable"}"#);
                    }
                }
                w.close();
            }
            _ => w.member(key, value),
        }
    }
    w.close();
}

/// The payload is JSON in a text beside the entry: one entry is made of the two.
fn join(m: &Members<'_>, w: &mut Writer<'_>) {
    w.begin();
    w.json("protoPayload", m.text(Key::AuditPayload));
    for (key, value) in m.object(Key::Entry).into_iter().flat_map(Value::members) {
        w.member(key, value);
    }
    w.close();
}

fn write(m: &Members<'_>, w: &mut Writer<'_>) {
    if let Some(proto) = payload(m) {
        transcode(proto, m.object(Key::Entry).unwrap_or(m.root), w);
    }
}

/// Whether an object is a payload this module can read.
fn is_proto(proto: Value<'_>) -> bool {
    proto.kind() == Kind::Object
        && (either(proto, b"methodName", b"method_name").is_some()
            || proto.member(b"request").is_some())
}

/// How a call ended by its `google.rpc.Status`.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Ending {
    /// With this HTTP code.
    Code(u16),
    /// Nobody can tell: no code, but a message, or a code that says nothing.
    Unknown,
}

impl Ending {
    /// Reads a status. Numbers may be floats or texts and codes may be names; protocol buffers
    /// leave zero out, so a status with neither code nor message is OK.
    fn read(status: Value<'_>, verb: &[u8], subresource: &[u8]) -> Self {
        let message = text(either(status, b"message", b"Message"));
        let message = message.map(Value::raw_text).unwrap_or_default();
        let code = match status.kind() {
            Kind::Object => either(status, b"code", b"Code"),
            // The code alone.
            _ => Some(status),
        };
        let code = code.filter(|code| code.kind() != Kind::Null);
        let rpc = match code.map(|code| (code.kind(), code)) {
            // A call that went well has nothing to explain.
            None if message.is_empty() => {
                let says_nothing = |(_, value): (Value<'_>, Value<'_>)| match value.kind() {
                    Kind::Null => true,
                    Kind::Object | Kind::Array => value.node().next == value.index + 1,
                    _ => value.raw_text().is_empty() && value.kind() == Kind::String,
                };
                status.members().all(says_nothing).then_some(0)
            }
            // The name of the code alone, or before what it is about.
            None => before_colon(message),
            Some((Kind::Number, code)) => whole(code.raw()),
            Some((Kind::String, code)) => {
                let code = code.raw_text().trim_ascii();
                whole(code).or_else(|| named(code))
            }
            Some(_) => None,
        };
        let rpc = match rpc {
            Some(0) if !message.is_empty() => before_colon(message).or(Some(0)),
            rpc => rpc,
        };
        rpc.and_then(|rpc| http_code(rpc, verb, subresource)).map_or(Self::Unknown, Self::Code)
    }
}

/// The code that a message begins with the name of.
fn before_colon(message: &[u8]) -> Option<u32> {
    named(message.split(|b| *b == b':').next().unwrap_or(message))
}

/// The number of a `google.rpc.Code` by its name.
fn named(name: &[u8]) -> Option<u32> {
    RPC_CODES.iter().position(|known| name.eq_ignore_ascii_case(known)).map(|code| code as u32)
}

/// HTTP code for a google.rpc.Code; `None` for codes that say nothing. Some exporters write the
/// HTTP code of a failure itself.
fn http_code(rpc: u32, verb: &[u8], subresource: &[u8]) -> Option<u16> {
    Some(match rpc {
        0 if matches!(subresource, b"exec" | b"attach" | b"portforward") => 101,
        0 if verb == b"create" => 201,
        0 => 200,
        1 => 499,
        3 | 9 | 11 => 400,
        4 => 504,
        5 => 404,
        6 | 10 => 409,
        7 => 403,
        8 => 429,
        12 => 501,
        // UNKNOWN is also what an upgraded connection ends with.
        2 if matches!(subresource, b"exec" | b"attach" | b"portforward") => return None,
        2 | 13 | 15 => 500,
        14 => 503,
        16 => 401,
        400..=599 => rpc as u16,
        _ => return None,
    })
}

/// A member under its name in camel case or another; of a list of one that one.
fn either<'a>(object: Value<'a>, one: &[u8], other: &[u8]) -> Option<Value<'a>> {
    super::either(object, one, other).map(single)
}

/// Exporters make lists of scalars: what a list of one holds.
fn single(value: Value<'_>) -> Value<'_> {
    let mut items = value.items();
    match (items.next(), items.next()) {
        (Some(one), None) => one,
        _ => value,
    }
}

/// A string, when it is one.
fn text(value: Option<Value<'_>>) -> Option<Value<'_>> {
    value.map(single).filter(|value| value.kind() == Kind::String)
}

/// `GROUP/VERSION[/namespaces/NS]/RESOURCE[/NAME[/SUBRESOURCE]]`
#[derive(Default, Debug, PartialEq, Eq)]
#[allow(clippy::struct_field_names, reason = "the names of objectRef")]
struct Resource<'a> {
    group: &'a [u8],
    version: &'a [u8],
    namespace: &'a [u8],
    resource: &'a [u8],
    name: &'a [u8],
    subresource: &'a [u8],
}

fn resource(path: &[u8]) -> Option<Resource<'_>> {
    let mut segments = path.split(|b| *b == b'/');
    let mut next = || segments.next().unwrap_or_default();
    let (group, version, mut resource) = (next(), next(), next());
    let (mut name, mut subresource) = (next(), next());
    let mut namespace: &[u8] = b"";
    if resource.is_empty() || version.first() != Some(&b'v') {
        return None;
    }
    if resource == b"namespaces" {
        namespace = name;
        if !subresource.is_empty() {
            resource = subresource;
            name = next();
            subresource = next();
            // namespaces/NS/finalize and status are subresources of the namespace itself
            if matches!(resource, b"finalize" | b"status") && name.is_empty() {
                (name, subresource, resource) = (namespace, resource, b"namespaces");
            }
        }
    }
    let group = if group == b"core" { b"" } else { group };
    Some(Resource { group, version, namespace, resource, name, subresource })
}

/// Writes the event for an entry. `proto` is the payload, `entry` what is around it.
fn transcode(proto: Value<'_>, entry: Value<'_>, w: &mut Writer<'_>) {
    w.begin();
    let method = text(either(proto, b"methodName", b"method_name"));
    let verb = method.map(Value::raw_text).unwrap_or_default();
    let verb = verb.rsplit(|b| *b == b'.').next().unwrap_or_default();
    let path = text(either(proto, b"resourceName", b"resource_name"));
    let path = path.map(Value::raw_text).unwrap_or_default();
    let object = resource(path);
    // Cut-down entries name the resource only in the method: io.k8s.GROUP.VERSION.RESOURCE[.SUB].VERB
    let request = proto.member(b"request").or_else(|| proto.member(b"requestJson"));
    let response = proto.member(b"response").or_else(|| proto.member(b"responseJson"));
    let present = |value: &Option<Value<'_>>| value.is_some_and(|v| v.kind() != Kind::Null);
    w.text("kind", b"Event");
    w.text("apiVersion", b"audit.k8s.io/v1");
    w.text(
        "level",
        match (present(&request), present(&response)) {
            (_, true) => b"RequestResponse",
            (true, false) => b"Request",
            _ => b"Metadata",
        },
    );
    let operation = either(entry, b"operation", b"Operation");
    let id = text(operation.and_then(|o| o.member(b"id")))
        .or_else(|| text(either(entry, b"insertId", b"InsertID")))
        .or_else(|| text(entry.member(b"insert_id")));
    w.text("auditID", id.map(Value::raw_text).unwrap_or_default());
    let is = |name: &[u8]| {
        let value = operation.and_then(|operation| operation.member(name));
        value.is_some_and(|value| value.kind() == Kind::True || value.says(b"true"))
    };
    // What is false is left out.
    let started = is(b"first") && !is(b"last");
    w.text("stage", if started { b"ResponseStarted" } else { b"ResponseComplete" });
    if !path.is_empty() {
        w.key("requestURI");
        w.out.extend_from_slice(match &object {
            Some(object) if object.group.is_empty() => b"\"/api",
            Some(_) => b"\"/apis/",
            None => b"\"/",
        });
        w.out.extend_from_slice(match &object {
            Some(object) if object.group.is_empty() => path.strip_prefix(b"core").unwrap_or(path),
            _ => path,
        });
        w.out.push(b'"');
    }
    w.text("verb", verb);
    let caller = either(proto, b"authenticationInfo", b"authentication_info");
    w.open("user");
    let of_caller = |camel, snake| text(caller.and_then(|caller| either(caller, camel, snake)));
    let name = of_caller(b"principalEmail", b"principal_email")
        .filter(|name| !name.raw_text().is_empty())
        .or_else(|| of_caller(b"principalSubject", b"principal_subject"));
    w.text("username", name.map(Value::raw_text).unwrap_or_default());
    w.close();
    // Whom the caller asked to act as: Kubernetes calls it impersonation.
    let selector = of_caller(b"authoritySelector", b"authority_selector").map(Value::raw_text);
    if let Some(selector) = selector.filter(|selector| !selector.is_empty()) {
        w.open("impersonatedUser");
        w.text("username", selector);
        w.close();
    }
    let request_metadata = either(proto, b"requestMetadata", b"request_metadata");
    let ip = text(request_metadata.and_then(|m| either(m, b"callerIp", b"caller_ip")));
    if let Some(ip) = ip {
        w.key("sourceIPs");
        w.out.push(b'[');
        w.out.extend_from_slice(ip.raw());
        w.out.push(b']');
    }
    let agent = request_metadata
        .and_then(|m| either(m, b"callerSuppliedUserAgent", b"caller_supplied_user_agent"));
    w.text("userAgent", text(agent).map(Value::raw_text).unwrap_or_default());
    let object = match object {
        Some(object) => Some(object),
        None if path.is_empty() => {
            let method = method.map(Value::raw_text).unwrap_or_default();
            let parts =
                || method.strip_prefix(b"io.k8s.").unwrap_or_default().split(|b| *b == b'.');
            let version = parts().position(|part| matches!(part, [b'v', b'0'..=b'9', ..]));
            version.map(|at| {
                let part = |at: usize| parts().nth(at).unwrap_or_default();
                Resource {
                    version: part(at),
                    resource: part(at + 1),
                    subresource: if parts().nth(at + 3).is_some() { part(at + 2) } else { b"" },
                    ..Resource::default()
                }
            })
        }
        None => None,
    };
    let subresource = object.as_ref().map(|o| o.subresource).unwrap_or_default();
    if let Some(object) = &object {
        w.open("objectRef");
        w.text("resource", object.resource);
        w.text("namespace", object.namespace);
        w.text("name", object.name);
        w.text("apiGroup", object.group);
        w.text("apiVersion", object.version);
        w.text("subresource", object.subresource);
        w.close();
    }
    status(w, proto, response, verb, subresource);
    w.json("requestObject", request);
    w.json("responseObject", response);
    let time = either(entry, b"timestamp", b"Timestamp");
    let told = text(time).or_else(|| text(proto.member(b"timestamp")));
    match (told, time.and_then(seconds)) {
        (None, Some((seconds, nanos))) => {
            w.key("requestReceivedTimestamp");
            w.out.push(b'"');
            write_time(seconds, nanos, w.out);
            w.out.push(b'"');
        }
        _ => w.raw("requestReceivedTimestamp", told),
    }
    // In whatever type they come: what nobody can read may have been a refusal.
    let labels = super::either(entry, b"labels", b"Labels");
    w.raw("annotations", labels.filter(|labels| labels.raw() != b"\"\""));
    rest(w, proto, entry);
    w.close();
}

/// The time that a message of protocol buffers says: `{"seconds":…,"nanos":…}`.
fn seconds(time: Value<'_>) -> Option<(i64, u32)> {
    let told = |name: &[u8]| {
        let value = time.member(name)?;
        Some(if value.kind() == Kind::String { value.raw_text() } else { value.raw() })
    };
    let (seconds, _) = epoch(told(b"seconds")?)?;
    Some((seconds, told(b"nanos").and_then(whole).filter(|n| *n < 1_000_000_000).unwrap_or(0)))
}

fn status(
    w: &mut Writer<'_>,
    proto: Value<'_>,
    response: Option<Value<'_>>,
    verb: &[u8],
    subresource: &[u8],
) {
    let api_status = response.filter(|response| {
        response.kind() == Kind::Object
            && (response.member(b"kind").is_some_and(|kind| kind.says(b"Status"))
                || text(response.member(b"@type"))
                    .is_some_and(|kind| kind.raw_text().ends_with(b".Status")))
    });
    let told = |name: &[u8]| text(api_status.and_then(|status| status.member(name)));
    let answered = api_status.and_then(|status| status.member(b"code")).and_then(|code| {
        let raw = if code.kind() == Kind::String { code.raw_text() } else { code.raw() };
        whole(raw.trim_ascii()).and_then(|code| u16::try_from(code).ok())
    });
    let status = proto.member(b"status").map(single).filter(|status| match status.kind() {
        Kind::Null => false,
        Kind::String => !status.raw_text().is_empty(),
        _ => true,
    });
    let ended = status.map(|status| Ending::read(status, verb, subresource));
    let code = match (answered.filter(|code| *code != 0), ended) {
        // Of two that contradict each other the failure counts.
        (Some(..400), Some(Ending::Code(code @ 400..)))
        | (None, Some(Ending::Code(code)))
        | (Some(code), _) => Some(code),
        (None, _) => None,
    };
    // An empty status says nothing beside a refusal.
    let code = code.filter(|code| *code >= 400 || !is_refused(proto));
    let message = told(b"message").or_else(|| text(status.and_then(|s| s.member(b"message"))));
    let unknown = code.is_none() && ended == Some(Ending::Unknown);
    if code.is_none() && api_status.is_none() && !unknown {
        return;
    }
    w.open("responseStatus");
    match told(b"status") {
        None if unknown => w.text("status", b"Unknown"),
        status => w.raw("status", status),
    }
    w.raw("reason", told(b"reason"));
    w.raw("message", message);
    if let Some(code) = code {
        w.key("code");
        crate::text::decimal(u64::from(code), w.out);
    }
    w.close();
}

/// Whether a permission was not granted.
fn is_refused(proto: Value<'_>) -> bool {
    let Some(info) = either(proto, b"authorizationInfo", b"authorization_info") else {
        return false;
    };
    let one = Some(info).filter(|info| info.kind() == Kind::Object);
    info.items().chain(one).any(|permission| {
        permission
            .member(b"granted")
            .is_some_and(|granted| granted.kind() == Kind::False || granted.says(b"false"))
    })
}

/// Everything that has no place in an event.
fn rest(w: &mut Writer<'_>, proto: Value<'_>, entry: Value<'_>) {
    w.open("gke");
    let taken = [
        b"methodName".as_slice(),
        b"requestJson",
        b"responseJson",
        b"protopayload_auditlog",
        b"request",
        b"response",
        b"method_name",
        b"labels",
        b"Labels",
        b"protoPayload",
        b"Payload",
        b"timestamp",
        b"Timestamp",
    ];
    let mut same = false;
    for object in [proto, entry] {
        if std::mem::replace(&mut same, true)
            && proto.index == entry.index
            && std::ptr::eq(proto.doc.src, entry.doc.src)
        {
            break;
        }
        for (key, value) in object.members() {
            if !taken.iter().any(|name| key.says(name)) && value.kind() != Kind::Null {
                w.member(key, value);
            }
        }
    }
    w.close();
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn resource_names_are_read_by_their_parts() {
        let read = |path: &'static str| resource(path.as_bytes());
        let exec = read("core/v1/namespaces/ns/pods/p/exec").unwrap();
        assert_eq!(
            (exec.namespace, exec.resource, exec.name, exec.subresource),
            (&b"ns"[..], &b"pods"[..], &b"p"[..], &b"exec"[..])
        );
        assert_eq!(exec.group, b"");
        let role = read("rbac.authorization.k8s.io/v1/clusterroles/x").unwrap();
        assert_eq!(
            (role.group, role.resource, role.name),
            (&b"rbac.authorization.k8s.io"[..], &b"clusterroles"[..], &b"x"[..])
        );
        let ns = read("core/v1/namespaces/ns").unwrap();
        assert_eq!(
            (ns.resource, ns.name, ns.namespace),
            (&b"namespaces"[..], &b"ns"[..], &b"ns"[..])
        );
        assert_eq!(read("readyz"), None);
    }

    #[test]
    fn codes_never_turn_failure_into_success() {
        for rpc in 1..700 {
            assert!(http_code(rpc, b"create", b"").is_none_or(|code| code >= 400), "{rpc}");
        }
        assert_eq!(http_code(0, b"create", b""), Some(201));
        assert_eq!(http_code(0, b"get", b""), Some(200));
        assert_eq!(named(b"PERMISSION_DENIED"), Some(7));
        assert_eq!(named(b"unauthenticated"), Some(16));
        assert_eq!(named(b"403"), None);
    }
}
