//! Looking for events in an object that no envelope is known for, and choosing between several.
//!
//! One pass over the object's nodes lists candidates: objects and lists that look like events or
//! envelopes, texts and base64 that may hold some. The outermost comes first.
//!
//! A text is looked at only under a name that means a line or a record ([`LINES`]), and must be an event
//! from its first byte on; one that quotes an event is none. What a client of the cluster can write is
//! not looked at ([`CLIENTS`]): bodies, headers, names, annotations and labels that log collectors copy
//! from workloads, objects of the Kubernetes API, and anything at all in the records of web servers,
//! databases and alerting ([`FOREIGN`]).
//!
//! The first candidate that gives an event stands. Of what the others give, copies are counted
//! drops; anything else becomes a stub, and the event says that its record holds another one.

use highway::{HighwayHash, HighwayHasher, Key as HashKey};

use super::envelopes::{self, Members};
use super::{At, Run, Unwrapper, lines, sources};
use crate::scan::doc::{Doc, Value};
use crate::scan::key::Key;
use crate::scan::{Kind, Tape};
use crate::text;

/// Where an event may be.
#[derive(Clone, Copy)]
pub(super) struct Candidate {
    index: u32,
    depth: u8,
    encoded: bool,
    /// What it stands in says that its lines are no API server's.
    foreign: bool,
}

impl Candidate {
    pub(super) fn of(value: Value<'_>) -> Self {
        let encoded = value.kind() == Kind::String && looks_encoded(value.raw_text());
        Self { index: value.index, depth: value.node().depth, encoded, foreign: false }
    }
}

/// What an event says, in short: equal for copies of one event, whatever spelling and order.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) struct Digest {
    /// Of its id; `None` without one.
    id: Option<u64>,
    /// Of its id and stage; `None` without either.
    and_stage: Option<u64>,
    all: u64,
}

impl Digest {
    /// Whether an event that was cut off is a copy of this one, as far as it goes.
    pub(super) fn begins_like(self, cut: Self) -> bool {
        match (cut.and_stage, cut.id) {
            (Some(_), _) => self.and_stage == cut.and_stage,
            (None, Some(_)) => self.id == cut.id,
            (None, None) => true,
        }
    }
}

/// Members whose values a client of the cluster chooses, in envelopes and in what collectors and
/// proxies add to them, besides those of [`CLIENTS_BEGIN`]. In lower case, without `_`, `-` and `.`.
const CLIENTS: &[&[u8]] = &[
    b"additionaleventdata",
    b"agent",
    b"annotation",
    b"annotations",
    b"answer",
    b"args",
    b"arguments",
    b"argv",
    b"artifact",
    b"branch",
    b"browser",
    b"claims",
    b"cmdline",
    b"command",
    b"commandline",
    b"comment",
    b"connectiontermination",
    b"correlationid",
    b"description",
    b"displayname",
    b"dynamicmetadata",
    b"email",
    b"env",
    b"environment",
    b"err",
    b"error",
    b"exception",
    b"filename",
    b"form",
    b"formdata",
    b"from",
    b"host",
    b"label",
    b"labels",
    b"messageattributes",
    b"multivalueheaders",
    b"namespaceannotations",
    b"namespacelabels",
    b"note",
    b"oldobject",
    b"outputfields",
    b"page",
    b"parameters",
    b"params",
    b"path",
    b"podannotations",
    b"podlabels",
    b"postdata",
    b"process",
    b"prompt",
    b"qname",
    b"question",
    b"recipient",
    b"referer",
    b"referrer",
    b"route",
    b"routename",
    b"search",
    b"sender",
    b"servername",
    b"sni",
    b"sql",
    b"stacktrace",
    b"statement",
    b"stderr",
    b"stdin",
    b"stdout",
    b"stream",
    b"structuredmetadata",
    b"subject",
    b"subjectpeercertificate",
    b"title",
    b"to",
    b"token",
    b"ua",
    b"uri",
    b"urisanpeercertificate",
    b"url",
    b"xff",
];

/// How names begin that access logs, proxies and tracers give to what a request brought along: headers
/// above all. As in [`CLIENTS`].
const CLIENTS_BEGIN: &[&[u8]] = &[
    b"http",
    b"request",
    b"req",
    b"response",
    b"resp",
    b"client",
    b"user",
    b"remote",
    b"upstream",
    b"downstream",
    b"cookie",
    b"header",
    b"query",
    b"jwt",
    b"auth",
    b"xforwarded",
    b"xreal",
    b"xrequest",
    b"xamz",
    b"xb3",
    b"xenvoy",
    b"xoriginal",
    b"xuser",
    b"xauth",
    b"xclient",
    b"xhttp",
    b"xapi",
    b"trace",
    b"span",
    b"session",
    b"commit",
    b"peer",
    b"tls",
    b"ssl",
];

/// Names of members that are a line or a record, as log programs, stores and clouds call them; in lower case,
/// without `_`, `-`, `.`, `:` and `@`.
const LINES: &[&[u8]] = &[
    b"audit",
    b"auditevent",
    b"auditlog",
    b"auditmessage",
    b"base64",
    b"batch",
    b"body",
    b"bytes",
    b"content",
    b"contents",
    b"data",
    b"database64",
    b"doc",
    b"document",
    b"entries",
    b"entry",
    b"event",
    b"eventdata",
    b"eventmessage",
    b"eventoriginal",
    b"eventraw",
    b"events",
    b"fulllog",
    b"fullmessage",
    b"hits",
    b"items",
    b"json",
    b"jsonpayload",
    b"k8saudit",
    b"kubeaudit",
    b"kubernetesaudit",
    b"line",
    b"lines",
    b"log",
    b"logdata",
    b"logentry",
    b"logevent",
    b"logevents",
    b"logline",
    b"loglines",
    b"logmessage",
    b"logoriginal",
    b"lograw",
    b"logrecord",
    b"logrecords",
    b"logs",
    b"logtext",
    b"message",
    b"messagebody",
    b"messages",
    b"msg",
    b"original",
    b"originalevent",
    b"originalmessage",
    b"payload",
    b"properties",
    b"protopayload",
    b"raw",
    b"rawdata",
    b"rawevent",
    b"rawline",
    b"rawlog",
    b"rawmessage",
    b"rawstring",
    b"rawtext",
    b"record",
    b"recordbody",
    b"records",
    b"requestpayload",
    b"result",
    b"results",
    b"row",
    b"rows",
    b"shortmessage",
    b"source",
    b"stringvalue",
    b"structuredpayload",
    b"syslogmessage",
    b"text",
    b"textpayload",
    b"value",
    b"values",
];

/// Members of the records of databases, of alerts, of chats and of forges, of which clients choose most: two of
/// a row tell one. Names as in [`CLIENTS`].
const FOREIGN: [&[&[u8]]; 3] = [
    // databases
    &[
        b"dbname",
        b"database",
        b"databasename",
        b"datname",
        b"errorseverity",
        b"sqlstate",
        b"statecode",
        b"statement",
        b"commandtag",
        b"backendtype",
        b"queryid",
        b"sql",
        b"sqltext",
        b"rowsexamined",
        b"rowssent",
    ],
    // alerts, messages of chats
    &[
        b"alertname",
        b"alerts",
        b"attachments",
        b"channel",
        b"channelid",
        b"channelname",
        b"commonannotations",
        b"commonlabels",
        b"endsat",
        b"externalurl",
        b"generatorurl",
        b"groupkey",
        b"grouplabels",
        b"outputfields",
        b"priority",
        b"receiver",
        b"rule",
        b"rulename",
        b"startsat",
        b"teamdomain",
        b"teamid",
        b"triggerword",
        b"username",
    ],
    // what forges of code tell of issues and commits
    &[
        b"checkrun",
        b"comment",
        b"commits",
        b"installation",
        b"issue",
        b"mergerequest",
        b"objectattributes",
        b"objectkind",
        b"organization",
        b"pullrequest",
        b"pusher",
        b"repository",
        b"sender",
        b"workflowrun",
    ],
];

/// Members of the records that web servers and proxies write of requests: what was asked for, where,
/// and what came of it. The last few others write, too.
const ACCESS: [&[&[u8]]; 4] = [
    &[
        b"method",
        b"requestmethod",
        b"httpmethod",
        b"httprequestmethod",
        b"request",
        b"httprequest",
        b"requestline",
        b"requestproto",
    ],
    &[
        b"path",
        b"uri",
        b"url",
        b"requesturi",
        b"requestpath",
        b"requesturl",
        b"requesthost",
        b"httppath",
        b"httpurl",
        b"host",
        b"vhost",
    ],
    &[
        b"statuscode",
        b"responsecode",
        b"httpstatus",
        b"httpstatuscode",
        b"downstreamstatus",
        b"originstatus",
        b"responseflags",
        b"bytessent",
        b"bodybytessent",
        b"requesttime",
        b"responsetime",
        b"remoteaddr",
        b"upstreamaddr",
        b"useragent",
        b"httpuseragent",
        b"httpreferer",
        b"httpreferrer",
        b"referer",
        b"referrer",
        b"xforwardedfor",
        b"httpxforwardedfor",
        b"authority",
    ],
    &[b"status", b"duration"],
];

/// Longest name that is known here, with room for separators.
const LONGEST: usize = 40;

/// Whether a client of the cluster writes what stands under this name.
pub(super) fn is_clients(key: Value<'_>) -> bool {
    matches!(key.kind(), Kind::Key | Kind::String)
        && plainly(key, |name| {
            CLIENTS.binary_search(&name).is_ok()
                || CLIENTS_BEGIN.iter().any(|start| name.starts_with(start))
        })
}

/// Whether a text under this name may be a line or a record.
fn is_line(key: Value<'_>) -> bool {
    plainly(key, |name| LINES.binary_search(&name).is_ok())
}

/// Asks about a name in lower case without `_`, `-`, `.`, `:` and `@`. No for one that is longer than
/// all that are known: annotations and labels as members of their own, by their whole name.
fn plainly(key: Value<'_>, ask: impl FnOnce(&[u8]) -> bool) -> bool {
    key.read(|name| {
        if name.len() > LONGEST {
            return false;
        }
        let mut plain = [0; LONGEST];
        let mut len = 0;
        for byte in name {
            if !matches!(byte, b'_' | b'-' | b'.' | b':' | b'@') {
                plain[len] = byte.to_ascii_lowercase();
                len += 1;
            }
        }
        ask(&plain[..len])
    })
}

/// How much of a record clients of the cluster chose.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Written {
    /// What is named so.
    Some,
    /// Perhaps anything but the line of a log program, or what was posted to one.
    Much,
    /// Anything.
    All,
}

impl Written {
    /// Reads it off the names of a record.
    fn of(root: Value<'_>) -> Self {
        let mut access = [false; ACCESS.len()];
        let mut foreign = [0u32; FOREIGN.len()];
        for (key, value) in root.members() {
            let one = matches!(value.kind(), Kind::String | Kind::Number);
            plainly(key, |name| {
                for (seen, names) in access.iter_mut().zip(ACCESS) {
                    *seen |= one && names.contains(&name);
                }
                for (count, names) in foreign.iter_mut().zip(FOREIGN) {
                    *count += u32::from(names.contains(&name));
                }
                false
            });
        }
        let [method, place, answer, any] = access;
        if foreign.iter().any(|count| *count > 1) || method && (answer || any) || place && answer {
            Self::All
        } else if place && (method || any) {
            Self::Much
        } else {
            Self::Some
        }
    }
}

/// The name of an annotation, label, header or parameter: collectors and proxies flatten them into
/// the record.
fn is_flattened(key: Value<'_>) -> bool {
    const PARTS: [&[u8]; 5] = [b"nnotation", b"abel", b"eader", b"uery", b"aramet"];
    let raw = key.raw_text();
    PARTS.iter().any(|part| memchr::memmem::find(raw, part).is_some())
}

/// Whether a string under any name is an audit event, or an envelope of one, by its looks.
pub(super) fn holds_event(value: Value<'_>) -> bool {
    if value.kind() != Kind::String {
        return false;
    }
    let raw = value.raw_text();
    match first_byte(raw) {
        Some(b'{' | b'[') => looks_like_events(raw),
        _ => looks_encoded(raw),
    }
}

/// The first byte that is no white space, also when that is escaped.
fn first_byte(raw: &[u8]) -> Option<u8> {
    let mut rest = raw.trim_ascii_start();
    while let [b'\\', b'n' | b'r' | b't', after @ ..] = rest {
        rest = after.trim_ascii_start();
    }
    rest.first().copied()
}

/// Whether a text holds a word that every audit event has, whatever it is wrapped in.
pub(super) fn looks_like_events(text: &[u8]) -> bool {
    let mut from = 0;
    while let Some(at) = memchr::memmem::find(&text[from..], b"udit") {
        let (before, after) = (&text[..from + at], &text[from + at + 4..]);
        if matches!(before.last(), Some(b'a' | b'A'))
            && (after.starts_with(b"ID")
                || after.starts_with(b"Id")
                || after.starts_with(b".k8s.io"))
        {
            return true;
        }
        from += at + 4;
    }
    memchr::memmem::find(text, b"io.k8s.").is_some()
}

/// Whether a text begins like base64 of a JSON object or list, or of gzip.
fn looks_encoded(raw: &[u8]) -> bool {
    raw.len() >= 64
        && [&b"eyJ"[..], b"eyAi", b"ewog", b"ewoJ", b"ewoi", b"ew0K", b"W3si", b"W3sK", b"H4sI"]
            .iter()
            .any(|start| raw.starts_with(start))
        && memchr::memchr(b'.', raw).is_none()
}

/// What an event says of who did what.
pub(super) fn digest(root: Value<'_>) -> Digest {
    fn add(hash: &mut HighwayHasher, value: Option<Value<'_>>) {
        if let Some(value) = value {
            if value.kind() == Kind::String {
                value.read(|text| hash.append(text));
            } else if value.kind() == Kind::Number {
                hash.append(value.raw());
            }
        }
        hash.append(&[0xff]);
    }
    let mut hash = HighwayHasher::new(HashKey::default());
    add(&mut hash, root.get(Key::AuditId));
    let id = root.get(Key::AuditId).map(|_| hash.clone().finalize64());
    add(&mut hash, root.get(Key::Stage));
    let and_stage = id.and(root.get(Key::Stage)).map(|_| hash.clone().finalize64());
    for key in [Key::Verb, Key::RequestUri] {
        add(&mut hash, root.get(key));
    }
    for key in [Key::User, Key::ImpersonatedUser] {
        add(&mut hash, root.get(key).and_then(|user| user.get(Key::Username)));
    }
    add(&mut hash, root.get(Key::ResponseStatus).and_then(|status| status.get(Key::Code)));
    Digest { id, and_stage, all: hash.finalize64() }
}

/// Appends the items of a list that stand in it before, byte for byte, in order.
pub(super) fn repeated(list: Value<'_>, out: &mut Vec<(u64, u32)>) {
    let start = out.len();
    if list.items().nth(1).is_none() {
        return;
    }
    for item in list.items() {
        let mut hash = HighwayHasher::new(HashKey::default());
        hash.append(item.raw());
        out.push((hash.finalize64(), item.index));
    }
    let items = &mut out[start..];
    items.sort_unstable();
    let (mut kept, mut first) = (0, items[0]);
    for at in 1..items.len() {
        let item = items[at];
        if item.0 == first.0 && list.doc.at(item.1).raw() == list.doc.at(first.1).raw() {
            items[kept] = item;
            kept += 1;
        } else {
            first = item;
        }
    }
    items[..kept].sort_unstable_by_key(|(_, index)| *index);
    out.truncate(start + kept);
}

/// Where a component says something in a record of its structured log (klog, zap, logrus, slog);
/// 0 for nowhere. Whatever else stands there are things it speaks of.
pub(super) fn component_said(root: Value<'_>) -> Option<u32> {
    let said = root.get(Key::Msg);
    let has = |names: &[&[u8]]| names.iter().any(|name| root.member(name).is_some());
    let level = root.get(Key::Level).is_some_and(|level| level.kind() == Kind::String);
    let failed = || level && said.is_none() && has(&[b"error", b"err"]);
    let spoke = said.is_some() && (level || has(&[b"caller", b"ts", b"logger"]));
    (spoke || failed()).then(|| said.map_or(0, |said| said.index))
}

impl Unwrapper {
    /// Lists the candidates in an object, outermost first. Of one that was cut off, only texts
    /// under names that lines have, and what was `mended` last.
    pub(super) fn collect(&mut self, root: Value<'_>, mended: u32) {
        let cut = mended != u32::MAX;
        if envelopes::is_named_value(root) {
            return;
        }
        let mut written = Written::of(root);
        if written == Written::All {
            return;
        }
        let start = self.candidates.len();
        let end = root.node().next;
        let said = component_said(root);
        // Where the last object ends that says so.
        let mut foreign = 0;
        let mut at = root.index + 1;
        while at < end {
            let key = root.doc.at(at);
            let value = root.doc.at(at + 1);
            let node = value.node();
            at = node.next;
            if !matches!(node.kind, Kind::String | Kind::Array | Kind::Object)
                || said.is_some_and(|said| said != value.index)
                || is_clients(key)
                || is_flattened(key)
            {
                continue;
            }
            let found = match node.kind {
                Kind::String => {
                    (!cut || envelopes::may_be_line(key))
                        && (written == Written::Some
                            || matches!(key.key(), Key::Log | Key::Message | Key::LowerBody))
                        && (envelopes::is_line_key(key.key())
                            && memchr::memchr(b'{', value.raw_text()).is_some()
                            || is_line(key) && holds_event(value))
                }
                Kind::Array => value.items().any(|item| match item.kind() {
                    Kind::Object | Kind::Array => true,
                    _ => is_line(key) && holds_event(item),
                }),
                _ if envelopes::is_named_value(value) => false,
                _ => {
                    let members = Members::of_known(value);
                    let known = members.as_ref().is_some_and(|members| {
                        members.is_surely_event() || envelopes::find(members).is_some()
                    });
                    // If not, its members are next.
                    match (known, Written::of(value)) {
                        (true, _) | (false, Written::All) => {}
                        (false, inner) => {
                            written = written.max(inner);
                            if sources::is_foreign(value) {
                                foreign = foreign.max(node.next);
                            }
                            at = value.index + 1;
                        }
                    }
                    known
                }
            };
            if found {
                let foreign = value.index < foreign;
                self.candidates.push(Candidate { foreign, ..Candidate::of(value) });
            }
        }
        let found = &mut self.candidates[start..];
        if cut || found.windows(2).any(|pair| pair[0].depth > pair[1].depth) {
            let at = |candidate: &Candidate| {
                let was_cut = root.doc.at(candidate.index).node().end > mended;
                (was_cut, candidate.depth, candidate.index)
            };
            found.sort_unstable_by_key(at);
        }
    }

    /// One record: takes the candidates from `start` on, the first that gives an event stands.
    pub(super) fn record(
        &mut self,
        tape: &Tape,
        doc: Doc<'_>,
        start: usize,
        at: At,
        run: &mut Run<'_>,
    ) -> bool {
        let at = At { must: false, ..at };
        let end = self.candidates.len();
        let (compare, remember, seen) = (self.compare, self.remember, self.seen.len());
        let mut contradicted = false;
        if end - start > 1 {
            self.remember = true;
            if let Some(first) = self.probe(doc, start, at, run) {
                contradicted = (start + 1..end).any(|other| {
                    self.probe(doc, other, at, run).is_some_and(|other| other != first)
                });
            }
        }
        let mut came = false;
        for number in start..end {
            let Candidate { index, encoded, foreign, .. } = self.candidates[number];
            let value = doc.at(index);
            if self.seen.len() > seen && compare.is_none() {
                self.compare = Some(seen);
            }
            let saved = self.envelope.save();
            if contradicted && number == start {
                self.envelope.mark_contradicted();
            }
            if foreign {
                self.envelope.mark_foreign();
            }
            came |= match value.kind() {
                Kind::String if encoded => self.encoded(value, false, at, run),
                Kind::String => self.string(value, at, run),
                _ => self.value(tape, value, at, run),
            };
            self.envelope.restore(&saved);
        }
        self.candidates.truncate(start);
        self.compare = compare;
        self.remember = remember;
        if !remember {
            self.seen.truncate(seen);
        }
        came
    }

    /// What the event says that a candidate is or holds at once; `None` when it is wrapped again.
    fn probe(&mut self, doc: Doc<'_>, number: usize, at: At, run: &Run<'_>) -> Option<Digest> {
        let candidate = self.candidates[number];
        let value = doc.at(candidate.index);
        if value.kind() == Kind::Object {
            return Members::of(value).is_surely_event().then(|| digest(value));
        }
        if value.kind() != Kind::String || candidate.encoded {
            return None;
        }
        let layer = at.layer + 1;
        if layer > usize::from(run.limits.nested) {
            return None;
        }
        let mut memory = self.take(layer);
        let super::Layer { tape, text, .. } = &mut *memory;
        text.clear();
        text::unescape(value.raw_text(), text);
        let src = lines::strip(text).rest;
        tape.load(src);
        let found = tape.parse(src, 0, run.bounds()).ok().and_then(|_| {
            let root = Doc { src, nodes: &tape.nodes }.root();
            (root.kind() == Kind::Object && Members::of(root).is_surely_event())
                .then(|| digest(root))
        });
        self.put(layer, memory);
        found
    }
}

/// Whether a value is an event or may hold one.
pub(super) fn holds_any(root: Value<'_>) -> bool {
    let of = |value: Value<'_>| {
        let members = Members::of(value);
        members.is_event() || envelopes::find(&members).is_some() || may_hold(value)
    };
    match root.kind() {
        Kind::Object => of(root),
        Kind::Array => root.items().any(|item| match item.kind() {
            Kind::Object => of(item),
            Kind::Array => true,
            _ => holds_event(item),
        }),
        _ => false,
    }
}

/// Whether anything in an unknown object may hold an event.
fn may_hold(root: Value<'_>) -> bool {
    let mut at = root.index + 1;
    let end = root.node().next;
    while at < end {
        let value = root.doc.at(at);
        match value.kind() {
            Kind::String if holds_event(value) => return true,
            Kind::Object
                if Members::of_known(value).is_some_and(|members| members.is_surely_event()) =>
            {
                return true;
            }
            _ => at += 1,
        }
    }
    false
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_clients_are_in_order() {
        assert!(CLIENTS.is_sorted());
        assert!(LINES.is_sorted());
        assert!(CLIENTS.iter().chain(LINES).all(|name| name.len() <= LONGEST));
    }
}
