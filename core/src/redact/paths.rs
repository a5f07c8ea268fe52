//! The policy's own rules: paths matched while walking the tape once.
//!
//! All paths of all rules are matched together. A path is a list of segments; the set of segments
//! reached is one bit set per path and level, so a walk costs nodes × paths and no backtracking.

use crate::policy::{PathRule, PolicyError};
use crate::scan::Kind;
use crate::scan::doc::{Doc, Value};

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
    active: Vec<bool>,
    open: Vec<(u32, u32)>,
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

    /// Calls `found` with every value a path names below `root` and its rule number, outermost
    /// first. `resource` is `resource[/subresource][.group]` as the rules spell it.
    pub(crate) fn walk(
        &self,
        memory: &mut PathWalk,
        doc: Doc<'_>,
        root: u32,
        applies: impl Fn(&str) -> bool,
        mut found: impl FnMut(Value<'_>, u16),
    ) {
        let count = self.paths.len();
        memory.active.clear();
        memory.active.extend(
            self.paths
                .iter()
                .map(|p| p.resources.is_empty() || p.resources.iter().any(|r| applies(r))),
        );
        if !memory.active.contains(&true) {
            return;
        }
        memory.states.clear();
        memory.states.extend(self.paths.iter().map(|path| close(&path.segments, 1)));
        memory.open.clear();
        // (end of subtree, offset of its states)
        memory.open.push((doc.at(root).node().next, 0));
        let mut at = root + 1;
        let mut key: Option<u32> = None;
        while at < doc.at(root).node().next {
            while memory.open.last().is_some_and(|(end, _)| at >= *end) {
                memory.open.pop();
                memory.states.truncate((memory.open.len()) * count);
            }
            let value = doc.at(at);
            if value.kind() == Kind::Key {
                key = Some(at);
                at += 1;
                continue;
            }
            let base = (memory.open.len() - 1) * count;
            let name = key.take().map(|index| doc.at(index));
            let mut matched = None;
            let mut alive = false;
            for (number, path) in self.paths.iter().enumerate() {
                let before = memory.states[base + number];
                let after =
                    if memory.active[number] { step(&path.segments, before, name) } else { 0 };
                alive |= after != 0;
                if after >> path.segments.len() & 1 == 1 && matched.is_none() {
                    matched = Some(path.rule);
                }
                memory.states.push(after);
            }
            if let Some(rule) = matched {
                found(value, rule);
            }
            let next = value.node().next;
            if matches!(value.kind(), Kind::Object | Kind::Array) && alive {
                memory.open.push((next, 0));
                at += 1;
            } else {
                memory.states.truncate(base + count);
                at = next;
            }
        }
    }
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

fn step(segments: &[Segment], before: u32, name: Option<Value<'_>>) -> u32 {
    let mut after = 0;
    for (index, segment) in segments.iter().enumerate() {
        if before >> index & 1 == 0 {
            continue;
        }
        match (segment, name) {
            (Segment::Deep, _) => after |= 1 << index,
            (Segment::Name(text), Some(key)) if key.says(text) => after |= 1 << (index + 1),
            (Segment::AnyMember, Some(_)) | (Segment::AnyItem, None) => after |= 1 << (index + 1),
            _ => {}
        }
    }
    close(segments, after)
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
            Err(format!(
                "can never match: no member of an event is called so; \
                 write `requestObject.{text}` and `responseObject.{text}`, or `**.{text}`"
            ))
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
