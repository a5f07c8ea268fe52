//! A text that a log service cut off, made whole again: what was read before the cut stays, what
//! stood at it goes, the objects and lists that were open are closed.
//!
//! What is doubtful goes, too. A string at the cut cannot be judged by its rest, a number may go
//! on. In a body, what a value is can depend on a member that would have followed: on `kind` for
//! the data of a Secret, on `name` for the value of a variable. There a marker stands instead.

use crate::event::{Event, Level, Slot, Stage};
use crate::scan::doc::{Doc, Value};
use crate::scan::key::Key;
use crate::scan::{Kind, Node, ScanError, ScanErrorKind};

use super::envelopes;
use super::search;
use super::writer::Writer;

/// What a text is that was cut off.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Text {
    /// An event, or a record with one in it.
    Record,
    /// An object that an event holds but for its bodies.
    Member,
    /// The addresses of an event.
    Addresses,
    /// A body of an event.
    Body,
}

/// Stands for a value that is gone.
const MARKER: &[u8] = b"\"[truncated]\"";

/// Whether a text, as written, may be the start of a body: an object, or a list of objects.
pub(super) fn may_be_body(raw: &[u8]) -> bool {
    matches!(
        raw.trim_ascii_start(),
        [b'{', b'\\' | b' ', ..] | [b'[', b'{', ..] | [b'[', b'\\', b'n', ..]
    )
}

/// Whether a text that starts with a bracket is a mark of a former run, and no list that was cut off.
pub(super) fn is_mark(text: &[u8]) -> bool {
    text == b"[truncated]" || text.starts_with(b"[redacted:")
}

/// What log services write at the cut.
const ENDINGS: &[&[u8]] = &[
    b"[Truncated...]",
    b"...TRUNCATED...",
    b"...TRUNCATED",
    b"..TRUNCATED",
    b"...[truncated]",
    b"[truncated]",
    b"...",
    b"\xe2\x80\xa6",
];

/// Writes the mended text into `out` and says where in it what was added begins. `None` when the
/// text is broken in another way, nests too deep, or nothing of it is left.
pub(super) fn mend(
    src: &[u8],
    nodes: &[Node],
    error: ScanError,
    (kind, most): (Text, u8),
    out: &mut Vec<u8>,
) -> Option<u32> {
    let ended = src.trim_ascii_end();
    let ending = ENDINGS.iter().find(|ending| ended.ends_with(ending)).map_or(0, |e| e.len());
    let cut = ended.len() - ending;
    let is_cut =
        error.kind == ScanErrorKind::UnexpectedEnd || ending > 0 && error.offset as usize >= cut;
    if !is_cut || nodes.is_empty() {
        return None;
    }
    let doc = Doc { src, nodes };
    // The containers that were open, outermost first.
    let open = |from: usize| {
        nodes[from..]
            .iter()
            .position(|node| node.end == 0 && matches!(node.kind, Kind::Object | Kind::Array))
            .map(|at| at + from)
    };
    let root = open(0).filter(|at| *at == 0)?;
    out.clear();
    // How deep the walk is, and from which depth on it is in a body, in an event.
    let (mut depth, mut body, mut event) = (0usize, kind == Text::Body, kind != Text::Record);
    let mut addresses = kind == Text::Addresses;
    let mut container = root;
    let mut copied = nodes[root].start as usize;
    let mut added = None;
    // The brackets that close what is open, outermost first; as long as the depth limit at most.
    let mut closing = [0u8; 256];
    loop {
        let node = nodes[container];
        let is_object = node.kind == Kind::Object;
        closing[depth] = if is_object { b'}' } else { b']' };
        depth += 1;
        let next = open(container + 1);
        let children = Children { doc, at: container as u32 + 1, is_object };
        let has =
            |name: Key| children.clone().any(|(key, _)| key.is_some_and(|key| key.key() == name));
        if is_object && !body {
            event |= [Key::AuditId, Key::RequestUri, Key::AksAuditId, Key::ProtoPayload]
                .into_iter()
                .any(has);
        }
        let named = has(Key::Name) || has(Key::Path) || has(Key::Key);
        let known = has(Key::Kind);
        // An object of the API whose kind would have followed: it may be a Secret.
        let unnamed = !known && has(Key::ApiVersion);
        let mut last = node.start as usize + 1;
        let mut done = true;
        for (key, value) in children.clone() {
            let inner = value.node();
            let name = key.map_or(Key::Plain, Value::key);
            let doubtful = body
                && is_object
                && match name {
                    Key::Data | Key::StringData | Key::BinaryData => !known,
                    Key::Value => !named,
                    Key::ApiVersion | Key::Metadata => false,
                    _ => unnamed,
                };
            if inner.end == 0 {
                // The container at the cut: the walk goes on in it, unless it is doubtful.
                if doubtful {
                    out.extend_from_slice(&src[copied..inner.start as usize]);
                    added = Some(out.len());
                    out.extend_from_slice(MARKER);
                } else {
                    done = false;
                    body |= is_body(name) && event && kind == Text::Record;
                    addresses |= !body && name == Key::SourceIps;
                }
                break;
            }
            // A number, or a word, may have gone on behind the cut.
            let goes_on = inner.kind == Kind::Number && inner.end as usize >= cut;
            if goes_on || doubtful {
                if goes_on && !body {
                    break;
                }
                out.extend_from_slice(&src[copied..inner.start as usize]);
                copied = inner.end as usize;
                out.extend_from_slice(MARKER);
            }
            last = inner.end as usize;
        }
        if done && depth >= usize::from(most) {
            return None; // what was below was not looked at
        }
        if done {
            if added.is_none() {
                if copied < last {
                    out.extend_from_slice(&src[copied..last]);
                }
                added = Some(out.len());
                if addresses {
                    // The last address tells who called: here nobody knows it.
                    if out.last() != Some(&b'[') {
                        out.push(b',');
                    }
                    out.extend_from_slice(MARKER);
                    break;
                }
                at_the_cut(doc, nodes, (body, event, is_object), last, cut, out);
            }
            break;
        }
        container = next?;
    }
    out.extend(closing[..depth].iter().rev());
    added.map(|added| added as u32)
}

/// Marks the addresses of an event that was written anew, if they were the last that stood before
/// the cut: the last address tells who called, and nobody knows whether it is there.
pub(super) fn end_addresses(text: &mut Vec<u8>) {
    const NAME: &[u8] = b"\"sourceIPs\":[";
    let Some(at) = memchr::memmem::rfind(text, NAME) else { return };
    let list = &text[at + NAME.len()..];
    if list.ends_with(b"]}") && memchr::memchr(b']', list) == Some(list.len() - 2) {
        let comma = list.len() > 2;
        text.truncate(text.len() - 2);
        if comma {
            text.push(b',');
        }
        text.extend_from_slice(MARKER);
        text.extend_from_slice(b"]}");
    }
}

/// The member at the cut: in a body a marker says that there was one; in an envelope the text so
/// far stays, for it may hold events.
fn at_the_cut(
    doc: Doc<'_>,
    nodes: &[Node],
    (body, event, is_object): (bool, bool, bool),
    last: usize,
    cut: usize,
    out: &mut Vec<u8>,
) {
    let src = doc.src;
    let Some(node) = nodes.last() else { return };
    let comma = |out: &mut Vec<u8>| {
        if !matches!(out.last(), Some(b'{' | b'[')) {
            out.push(b',');
        }
    };
    // A name whose value is not there.
    let key = (node.kind == Kind::Key && node.start as usize >= last).then_some(*node);
    if event {
        if body && let Some(key) = key {
            comma(out);
            out.extend_from_slice(&src[key.start as usize..key.end as usize]);
            out.push(b':');
            out.extend_from_slice(MARKER);
        }
        return;
    }
    let from = match key {
        Some(key) => key.end as usize,
        None if is_object => return,
        None => last,
    };
    let rest = &src[from.min(cut)..cut];
    let Some(quote) = memchr::memchr(b'"', rest) else { return };
    if !rest[..quote].iter().all(|b| b.is_ascii_whitespace() || matches!(b, b':' | b',' | b'[')) {
        return;
    }
    let text = &rest[quote + 1..];
    // An escape that the cut split goes.
    let backslash = memchr::memrchr(b'\\', &text[text.len().saturating_sub(6)..])
        .map(|at| at + text.len().saturating_sub(6));
    let text = match backslash {
        Some(at) => {
            let run = text[..=at].iter().rev().take_while(|b| **b == b'\\').count();
            let len = if text.get(at + 1) == Some(&b'u') { 6 } else { 2 };
            if run % 2 == 1 && at + len > text.len() { &text[..at] } else { text }
        }
        None => text,
    };
    if memchr::memchr(b'"', text).is_some() && !is_one_string(text) {
        return;
    }
    let named = doc.at(nodes.len() as u32 - 1);
    let known = key.is_some() && envelopes::is_line_key(named.key());
    let may = key.is_none() || envelopes::may_be_line(named);
    if !(known || may && search::looks_like_events(text)) {
        return;
    }
    comma(out);
    if let Some(key) = key {
        out.extend_from_slice(&src[key.start as usize..key.end as usize]);
        out.push(b':');
    }
    out.push(b'"');
    out.extend_from_slice(text);
    out.push(b'"');
}

/// Whether every quote in a text is escaped.
fn is_one_string(text: &[u8]) -> bool {
    let mut at = 0;
    while let Some(next) = memchr::memchr2(b'"', b'\\', &text[at..]) {
        at += next;
        if text[at] == b'"' {
            return false;
        }
        at += 2;
        if at > text.len() {
            return true;
        }
    }
    true
}

/// Whether a member of an event, or of the payload in one, holds an API object.
fn is_body(key: Key) -> bool {
    // `request` of an entry of Google, `RequestObject` of a table have no number of their own.
    matches!(key, Key::RequestObject | Key::ResponseObject | Key::Plain)
}

/// Members (or items) of a container that may have been open when the text ended: those whose
/// value was at least begun.
#[derive(Clone)]
struct Children<'a> {
    doc: Doc<'a>,
    at: u32,
    is_object: bool,
}

impl<'a> Iterator for Children<'a> {
    type Item = (Option<Value<'a>>, Value<'a>);

    fn next(&mut self) -> Option<Self::Item> {
        let nodes = self.doc.nodes;
        let value_at = self.at + u32::from(self.is_object);
        let value = nodes.get(value_at as usize)?;
        let key = self.is_object.then(|| self.doc.at(self.at));
        self.at = if value.end == 0 { u32::MAX - 1 } else { value.next };
        Some((key, self.doc.at(value_at)))
    }
}

/// Whether no API server can have written an event that was cut off.
pub(super) fn is_nonsense(event: &Event<'_>) -> bool {
    event.get(Slot::Level).is_some() && Level::of(event).is_none()
        || event.get(Slot::Stage).is_some() && Stage::of(event).is_none()
}

/// Whether an event that was cut off no longer says which kind of object its bodies, messages and
/// patches in annotations are about, so that nobody can say what in them is secret.
pub(super) fn is_about_nothing(event: &Event<'_>) -> bool {
    let has = |slot| event.get(slot).is_some();
    let bodies = has(Slot::RequestObject)
        || has(Slot::ResponseObject)
        || has(Slot::Annotations)
        || has(Slot::ResponseStatus);
    // The server writes `objectRef` before any of them. Requests for no resource have none.
    let about = has(Slot::Resource)
        || event.get(Slot::RequestUri).is_some_and(|uri| {
            uri.read(|uri| memchr::memmem::find(uri, b"/api").is_none() && !uri.contains(&b'%'))
        });
    bodies && !about
}

/// Whether the bodies of an event that was cut off may hold copies of a secret that stood behind
/// the cut: what is known as one takes every copy along, and here nobody knows.
pub(super) fn hides_secrets(event: &Event<'_>) -> bool {
    const KINDS: [&[u8]; 3] = [b"secret", b"configmap", b"token"];
    let names_one = |text: &[u8]| {
        text.contains(&b'%')
            || KINDS
                .iter()
                .any(|kind| text.windows(kind.len()).any(|part| part.eq_ignore_ascii_case(kind)))
    };
    let bodies = [Slot::RequestObject, Slot::ResponseObject]
        .map(|slot| event.get(slot).filter(|body| body.raw() != MARKER));
    let about = [Slot::Resource, Slot::Subresource, Slot::RequestUri];
    // The server writes the address before the bodies. Where it is not there, it stood behind the
    // cut, and may say more than `objectRef`.
    bodies.iter().any(Option::is_some)
        && (event.get(Slot::RequestUri).is_none()
            || about
                .into_iter()
                .filter_map(|slot| event.get(slot))
                .any(|name| name.read(names_one))
            || bodies.iter().flatten().any(|body| {
                memchr::memmem::find(body.raw(), b"Secret").is_some()
                    || memchr::memmem::find(body.raw(), b"\\u").is_some()
            }))
}

/// Beginnings of the names of annotations that the API server writes about the request alone.
const ABOUT_THE_REQUEST: &[&[u8]] = &[
    b"authorization.k8s.io/",
    b"authentication.k8s.io/",
    b"authentication.openshift.io/",
    b"authentication.kubernetes.io/",
    b"pod-security.kubernetes.io/",
    b"apiserver.latency.k8s.io/",
    b"k8s.io/",
];

/// Writes an event without its bodies, and without any `words` that may quote them.
pub(super) fn take_out(root: Value<'_>, words: bool, w: &mut Writer<'_>) {
    w.begin();
    for (key, value) in root.members() {
        match key.key() {
            Key::RequestObject | Key::ResponseObject => w.marked(key, MARKER),
            Key::Annotations if words => {
                let keeps = |name: Value<'_>| {
                    ABOUT_THE_REQUEST.iter().any(|start| name.raw_text().starts_with(start))
                };
                members(key, value, keeps, w);
            }
            Key::ResponseStatus if words => {
                let keeps =
                    |name: Value<'_>| matches!(name.key(), Key::Code | Key::Status | Key::Reason);
                members(key, value, keeps, w);
            }
            _ => w.member(key, value),
        }
    }
    w.close();
}

/// Writes an object with a marker for each member that is not kept.
fn members(
    key: Value<'_>,
    object: Value<'_>,
    keeps: impl Fn(Value<'_>) -> bool,
    w: &mut Writer<'_>,
) {
    if object.kind() != Kind::Object {
        return w.marked(key, MARKER);
    }
    w.key(key.raw_text());
    w.begin();
    for (name, value) in object.members() {
        if keeps(name) {
            w.member(name, value);
        } else {
            w.marked(name, MARKER);
        }
    }
    w.close();
}
