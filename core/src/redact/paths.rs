//! The policy's own rules: paths matched while walking the tape once.
//!
//! All paths of all rules are matched together. A path is a list of segments; the set of segments
//! reached is one bit set per path and level, so a walk costs nodes × paths and no backtracking.
//!
//! What a path says below `requestObject` or `responseObject` it says of the object, wherever that
//! stands: in either body, in the items of a list, in the operations of a JSON patch, in documents
//! inside strings, and by its kind inside something else. A `keep` is no wider than it is written.

use super::pointer;
use crate::policy::{Action, PathRule, PolicyError};
use crate::scan::Kind;
use crate::scan::doc::{Doc, Value};
use crate::scan::key::Key;

#[derive(Clone, Debug, PartialEq, Eq)]
enum Segment {
    /// A member with this name.
    Name(Vec<u8>),
    /// Any member.
    AnyMember,
    /// Any item of an array.
    AnyItem,
    /// Any number of levels, also none.
    Deep,
}

#[derive(Clone, Debug)]
struct Path {
    segments: Vec<Segment>,
    /// Segments reached where an object begins.
    object: u32,
    rule: u16,
    resources: Vec<String>,
}

/// All paths of a policy's own rules.
#[derive(Clone, Debug, Default)]
pub(crate) struct PathSet {
    paths: Vec<Path>,
}

/// Memory of a walk.
#[derive(Default)]
pub(crate) struct PathWalk {
    /// `depth * paths + path` → reached segments.
    states: Vec<u32>,
    /// Whether the event is about a resource of the path's rule.
    active: Vec<bool>,
    /// End of a container, its node, what it is.
    open: Vec<(u32, u32, Place)>,
    /// Segments reached by the paths of a JSON patch's operation, and which one that is.
    pointed: Vec<u32>,
    operation: u32,
    /// Members called `kind` in the document that is walked.
    pub(super) kinds: Vec<u32>,
    /// Whether the event is about a ControllerRevision, whose `data` is part of another object.
    pub(super) revision: bool,
}

/// Where a walk begins.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Start<'a> {
    /// At an event.
    Event,
    /// At a document that may be the object.
    Document,
    /// At what a JSON patch took from this place in the object.
    From(&'a [u8]),
}

/// What a container is to the paths of objects.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Place {
    Event,
    Document,
    Object,
    /// `items` of a list.
    Items,
    /// `rows` of a table.
    Rows,
    Row,
    /// A JSON patch,
    Patch,
    /// and one operation of it.
    Operation,
    Other,
}

impl Place {
    /// What a member or an item of this is.
    fn below(self, key: Option<Value<'_>>, value: Value<'_>, revision: bool) -> Self {
        let place = match (self, key.map(Value::key)) {
            (Self::Event, Some(Key::RequestObject | Key::ResponseObject))
            | (Self::Items, None)
            | (Self::Row, Some(Key::Object)) => Self::Object,
            (Self::Object, Some(Key::Data)) if revision => Self::Object,
            (Self::Object | Self::Document, Some(Key::Items)) => Self::Items,
            (Self::Object | Self::Document, Some(Key::Rows)) => Self::Rows,
            (Self::Rows, None) => Self::Row,
            // As webhooks' annotations have it.
            (Self::Document, Some(_)) if key.is_some_and(|key| key.says(b"patch")) => Self::Patch,
            (Self::Patch, None) => Self::Operation,
            _ => Self::Other,
        };
        match (place, value.kind()) {
            (Self::Object, Kind::Array) => Self::Patch,
            (Self::Items | Self::Rows | Self::Patch, Kind::Array) | (_, Kind::Object) => place,
            _ => Self::Other,
        }
    }
}

/// How the walk comes to a value.
#[derive(Clone, Copy)]
enum Step<'a> {
    Member(Value<'a>),
    Item,
    /// By a step of a JSON pointer, as written there.
    Pointer(&'a [u8]),
}

impl Path {
    /// Whether the rule is for objects of this kind, by the usual plural.
    fn is_of(&self, kind: Value<'_>, version: Option<Value<'_>>) -> bool {
        self.resources.is_empty()
            || self.resources.iter().any(|resource| {
                let (name, group) = resource.split_once('.').unwrap_or((resource, ""));
                kind.read(|kind| is_plural(name.as_bytes(), kind))
                    && (group.is_empty()
                        || version.is_none_or(|version| {
                            let group = group.as_bytes();
                            version.read(|text| {
                                text.strip_prefix(group).is_some_and(|rest| rest.starts_with(b"/"))
                            })
                        }))
            })
    }

    /// Segments reached at the place in an object that a pointer names. All are reached where the
    /// path ends above it.
    fn at_pointer(&self, from: u32, pointer: &[u8]) -> u32 {
        let mut set = from;
        for step in pointer::steps(pointer) {
            if self.ends(set) {
                break;
            }
            set = self.step(set, Step::Pointer(step));
        }
        set
    }

    fn ends(&self, set: u32) -> bool {
        set >> self.segments.len() & 1 == 1
    }

    fn step(&self, before: u32, how: Step<'_>) -> u32 {
        let mut after = 0;
        for (index, segment) in self.segments.iter().enumerate() {
            if before >> index & 1 == 0 {
                continue;
            }
            let fits = match (segment, how) {
                (Segment::Deep, _) => {
                    after |= 1 << index;
                    false
                }
                (Segment::Name(text), Step::Member(key)) => key.says(text),
                (Segment::Name(text), Step::Pointer(step)) => pointer::says(step, text),
                (Segment::AnyMember, Step::Member(_) | Step::Pointer(_))
                | (Segment::AnyItem, Step::Item) => true,
                (Segment::AnyItem, Step::Pointer(step)) => pointer::is_item(step),
                _ => false,
            };
            if fits {
                after |= 1 << (index + 1);
            }
        }
        close(&self.segments, after)
    }
}

/// Whether a resource is called as kinds usually are in the plural.
fn is_plural(resource: &[u8], kind: &[u8]) -> bool {
    let (stem, last) = kind.split_at(kind.len().saturating_sub(1));
    let is = |stem: &[u8], end: &[u8]| {
        resource.len() == stem.len() + end.len()
            && resource[..stem.len()].eq_ignore_ascii_case(stem)
            && resource.ends_with(end)
    };
    is(kind, b"s") || is(kind, b"es") || is(kind, b"") || last == b"y" && is(stem, b"ies")
}

impl PathSet {
    /// Compiles the rules' paths; rule `i` gets number `first + i`.
    pub(crate) fn compile(rules: &[PathRule], first: u16) -> Result<Self, PolicyError> {
        let mut paths = Vec::new();
        for (at, rule) in rules.iter().enumerate() {
            if rule.paths.is_empty() {
                return Err(PolicyError::at(format!("redact.rules[{at}].paths"), "is empty"));
            }
            for (index, text) in rule.paths.iter().enumerate() {
                let segments = parse(text)
                    .and_then(|segments| leads_somewhere(segments, text))
                    .map_err(|message| {
                        PolicyError::at(format!("redact.rules[{at}].paths[{index}]"), message)
                    })?;
                paths.push(Path {
                    object: if rule.action == Action::Keep { 0 } else { object(&segments) },
                    segments,
                    rule: first + at as u16,
                    resources: rule.resources.clone(),
                });
            }
        }
        Ok(Self { paths })
    }

    pub(crate) fn is_empty(&self) -> bool {
        self.paths.is_empty()
    }

    /// Finds out which paths are for an event. `resource` is `resource[/subresource][.group]` as the
    /// rules spell it.
    pub(crate) fn choose(&self, memory: &mut PathWalk, applies: impl Fn(&str) -> bool) {
        memory.active.clear();
        memory.active.extend(
            self.paths
                .iter()
                .map(|p| p.resources.is_empty() || p.resources.iter().any(|r| applies(r))),
        );
    }

    /// Calls `found` with every value a path names at or below `root` and its rule number, outermost
    /// first, for the event that was [chosen](Self::choose) for.
    pub(crate) fn walk(
        &self,
        memory: &mut PathWalk,
        doc: Doc<'_>,
        root: u32,
        start: Start<'_>,
        mut found: impl FnMut(Value<'_>, u16),
    ) {
        let count = self.paths.len();
        let PathWalk { states, active, open, pointed, operation, kinds, revision } = memory;
        *operation = u32::MAX;
        let asked = *revision
            || active.contains(&true)
            || kinds.iter().any(|kind| {
                let kind = doc.at(*kind + 1);
                self.paths.iter().any(|path| path.is_of(kind, None))
            });
        if !asked {
            return;
        }
        states.clear();
        let mut ended = None;
        let kind = kind_of(doc.at(root)).filter(|_| start == Start::Document);
        states.extend(self.paths.iter().zip(&*active).map(|(path, active)| {
            let active = *active || kind.is_some_and(|(kind, group)| path.is_of(kind, Some(group)));
            let set = match start {
                _ if !active => 0,
                Start::Event => close(&path.segments, 1),
                Start::Document => path.object,
                Start::From(pointer) => path.at_pointer(path.object, pointer),
            };
            if path.ends(set) && ended.is_none() {
                ended = Some(path.rule);
            }
            set
        }));
        if let Some(rule) = ended {
            found(doc.at(root), rule);
        }
        let place = match (start, doc.at(root).kind()) {
            (Start::Event, _) => Place::Event,
            (Start::Document, Kind::Array) => Place::Patch,
            (Start::Document, _) => Place::Document,
            (Start::From(_), _) => Place::Other,
        };
        open.clear();
        open.push((doc.at(root).node().next, root, place));
        let mut at = root + 1;
        let mut key: Option<u32> = None;
        while at < doc.at(root).node().next {
            while open.last().is_some_and(|(end, ..)| at >= *end) {
                open.pop();
                states.truncate(open.len() * count);
            }
            let value = doc.at(at);
            if value.kind() == Kind::Key {
                key = Some(at);
                at += 1;
                continue;
            }
            let Some((_, parent, around)) = open.last().copied() else { return };
            let base = (open.len() - 1) * count;
            let name = key.take().map(|index| doc.at(index));
            let how = name.map_or(Step::Item, Step::Member);
            let mut place = around.below(name, value, *revision);
            let by_place = place == Place::Object;
            let kind = kind_of(value);
            if kind.is_some() && place == Place::Other {
                place = Place::Object;
            }
            let patched =
                around == Place::Operation && name.is_some_and(|name| name.key() == Key::Value);
            // Once for an operation, which may have either member many times.
            if patched && *operation != parent {
                *operation = parent;
                pointed.clear();
                pointed.extend(self.paths.iter().map(|path| {
                    members_of(doc.at(parent), Key::Path).fold(0, |set, (_, pointer)| {
                        set | pointer.read(|text| path.at_pointer(path.object, text))
                    })
                }));
            }
            let mut matched = None;
            let mut alive = false;
            for (number, path) in self.paths.iter().enumerate() {
                let mut after = path.step(states[base + number], how);
                let of_event = active[number] || *revision;
                if by_place && of_event
                    || kind.is_some_and(|(kind, group)| path.is_of(kind, Some(group)))
                {
                    after |= path.object;
                }
                if patched && of_event {
                    after |= pointed[number];
                }
                alive |= after != 0;
                if path.ends(after) && matched.is_none() {
                    matched = Some(path.rule);
                }
                states.push(after);
            }
            if let Some(rule) = matched {
                found(value, rule);
            }
            let next = value.node().next;
            let deeper = || {
                let first = kinds.partition_point(|kind| *kind < at);
                kinds.get(first).is_some_and(|kind| *kind < next)
            };
            if matches!(value.kind(), Kind::Object | Kind::Array)
                && (alive || place != Place::Other || deeper())
            {
                open.push((next, at, place));
                at += 1;
            } else {
                states.truncate(base + count);
                at = next;
            }
        }
    }
}

/// Members of an object that have this name; doubled ones, too.
pub(super) fn members_of(
    object: Value<'_>,
    name: Key,
) -> impl Iterator<Item = (Value<'_>, Value<'_>)> {
    object.members().filter(move |(key, _)| key.key() == name)
}

/// The kind of what says that it is an object of the API, and the version.
fn kind_of(value: Value<'_>) -> Option<(Value<'_>, Value<'_>)> {
    Some((value.get(Key::Kind)?, value.get(Key::ApiVersion)?))
}

/// Segments of a path that are reached where an object begins; none where it is not about objects,
/// or about a whole body.
fn object(segments: &[Segment]) -> u32 {
    let is_body = |name: &[u8]| name == b"requestObject" || name == b"responseObject";
    let set = match segments {
        [Segment::Deep, ..] => 1,
        [Segment::AnyMember, _, ..] => 1 << 1,
        [Segment::Name(body), Segment::Name(items), Segment::AnyItem, _, ..]
            if is_body(body) && items == b"items" =>
        {
            1 << 1 | 1 << 3
        }
        [Segment::Name(body), _, ..] if is_body(body) => 1 << 1,
        _ => 0,
    };
    close(segments, set)
}

/// Follows `**` without input: a set that stands before one also stands after it.
fn close(segments: &[Segment], mut set: u32) -> u32 {
    for (index, segment) in segments.iter().enumerate() {
        if set >> index & 1 == 1 && *segment == Segment::Deep {
            set |= 1 << (index + 1);
        }
    }
    set
}

/// Members that an audit event can have, those of `v1beta1` too.
const MEMBERS: &[&str] = &[
    "kind",
    "apiVersion",
    "metadata",
    "level",
    "timestamp",
    "auditID",
    "stage",
    "requestURI",
    "verb",
    "user",
    "impersonatedUser",
    "authenticationMetadata",
    "sourceIPs",
    "userAgent",
    "objectRef",
    "responseStatus",
    "requestObject",
    "responseObject",
    "requestReceivedTimestamp",
    "stageTimestamp",
    "annotations",
];

/// Refuses a path that starts with no member of an event: it would never match, and whoever wrote it
/// would believe that its values go.
fn leads_somewhere(segments: Vec<Segment>, text: &str) -> Result<Vec<Segment>, String> {
    match segments.first() {
        Some(Segment::Name(name)) if !MEMBERS.iter().any(|known| known.as_bytes() == name) => {
            let head = text.split('.').next().unwrap_or_default();
            let rest = &text[head.len()..];
            let other = MEMBERS.iter().find(|known| known.eq_ignore_ascii_case(head));
            let instead = if let Some(known) = other {
                format!("`{known}{rest}`")
            } else if let Some(pointer) = text.strip_prefix('/') {
                format!("`{}`", pointer.replace('/', "."))
            } else if head == "$" && rest.len() > 1 {
                format!("`{}`", &rest[1..])
            } else {
                format!("`requestObject.{text}` and `responseObject.{text}`, or `**.{text}`")
            };
            Err(format!("can never match: no member of an event is called so; write {instead}"))
        }
        Some(Segment::AnyItem) => Err("can never match: an event is no list".into()),
        _ => Ok(segments),
    }
}

fn parse(text: &str) -> Result<Vec<Segment>, String> {
    let mut segments = Vec::new();
    let mut name = Vec::new();
    let mut quoted = false;
    let mut finish = |name: &mut Vec<u8>, quoted: &mut bool| -> Result<(), String> {
        let mut items = 0;
        while !*quoted && name.ends_with(b"[]") {
            name.truncate(name.len() - 2);
            items += 1;
        }
        if !*quoted && name.ends_with(b"]") {
            return Err(
                "can never match: items have no number; write `[]`, which is any item".into()
            );
        }
        match name.as_slice() {
            b"" if items == 0 => return Err("has an empty name".into()),
            b"" => {}
            b"*" if !*quoted => segments.push(Segment::AnyMember),
            b"**" if !*quoted => segments.push(Segment::Deep),
            other => segments.push(Segment::Name(other.to_vec())),
        }
        segments.extend((0..items).map(|_| Segment::AnyItem));
        name.clear();
        *quoted = false;
        Ok(())
    };
    let mut bytes = text.bytes();
    while let Some(byte) = bytes.next() {
        match byte {
            b'\\' => {
                quoted = true;
                name.push(bytes.next().ok_or("ends with a backslash")?);
            }
            b'.' => finish(&mut name, &mut quoted)?,
            other => name.push(other),
        }
    }
    finish(&mut name, &mut quoted)?;
    if segments.len() > 30 {
        return Err("has more than 30 segments".into());
    }
    if segments.last() == Some(&Segment::Deep) {
        return Err("must not end with `**`".into());
    }
    Ok(segments)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paths_that_lead_nowhere_are_refused_with_the_right_form() {
        let compile = |path: &str| {
            let rule = PathRule::new("a", [path]);
            PathSet::compile(&[rule], 0).map(|_| ()).map_err(|error| error.to_string())
        };
        for path in ["requestObject.spec.x", "**.x", "*.spec", "user.extra.*", "metadata.name"] {
            assert_eq!(compile(path), Ok(()), "{path}");
        }
        let error = compile("spec.password").unwrap_err();
        assert!(error.contains("redact.rules[0].paths[0]"), "{error}");
        assert!(error.contains("`requestObject.spec.password`"), "{error}");
        assert!(compile("[].x").is_err());
    }
}
