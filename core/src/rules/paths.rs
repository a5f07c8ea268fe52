//! From a path to its values: in the event, and in what a patch says of the object.

use crate::event::Slot;
use crate::scan::Kind;
use crate::scan::doc::Value;

use super::answer::Why;
use super::bodies::{is_json_patch, operations, says_segment, segments};
use super::fields::{Path, Root};
use super::resolve::{Leaf, Look};
use super::subject::Subject;

/// Deepest lists in lists that a path looks through.
const LISTS: u8 = 8;

/// Shows all values at a path. `Some` says why there may be more.
pub(super) fn by_path(subject: &Subject<'_>, path: &Path, look: Look<'_>) -> Option<Why> {
    let event = subject.event;
    let from = match path.slot {
        Some((slot, at)) => event.get(slot).map(|value| (value, at)),
        None => Some((event.doc.at(event.root), 0)),
    };
    if path.root == Root::RequestObject
        && subject.target.verb == b"patch"
        && let Some((patch, 1)) = from
    {
        return of_patch(subject, patch, path, look);
    }
    let (any, deep) = from.map_or((false, false), |(value, at)| show(value, path, at, look));
    if deep {
        return Some(Why::TooDeep);
    }
    if any {
        return None;
    }
    match path.root {
        Root::RequestObject => match event.get(Slot::RequestObject) {
            Some(_) => None,
            None => subject.absent_body(false),
        },
        Root::ResponseObject => match event.get(Slot::ResponseObject) {
            Some(_) => None,
            None => subject.absent_body(true),
        },
        // It is decided later.
        Root::Decision if subject.lost == Some(Why::Stage) => subject.lost,
        // Whoever was not authenticated is not asked about rights.
        Root::Decision => (subject.code != 401).then_some(Why::NoDecision),
        Root::Username => (subject.code != 401).then_some(Why::NoUser),
        Root::Code => Some(subject.doubt),
        Root::SourceIps => Some(Why::NoAddress),
        Root::CredentialId => Some(Why::NoCredential),
        Root::Other => subject.lost.filter(|why| *why == Why::Cut),
    }
}

/// What a patch makes of one member of the object: what it sets, and where that is not all of it,
/// the object that came of it. A patch that is about another part of the object sets nothing here.
fn of_patch(subject: &Subject<'_>, patch: Value<'_>, path: &Path, look: Look<'_>) -> Option<Why> {
    let (mut any, mut deep) = (false, false);
    // It changes something beside, above or inside the value that it does not show.
    let mut part = false;
    if is_json_patch(patch) {
        let (mut near, mut unseen) = (false, false);
        operations(
            patch,
            &mut |pointer, value| match follow(path, pointer) {
                Reach::To(at) => {
                    let shown = show(value, path, at, look);
                    (any, deep) = (any | shown.0, deep | shown.1);
                }
                Reach::Into(at) => {
                    deep |= show(value, path, at, look).1;
                    part = true;
                }
                Reach::Near => near = true,
                Reach::Elsewhere => {}
            },
            &mut |pointer| unseen |= !matches!(follow(path, pointer), Reach::Elsewhere),
        );
        part |= unseen || (near && !any);
    } else {
        (any, deep) = show(patch, path, 1, look);
        part = !any && path.step(1).any(|(key, _)| patch.member(key).is_some());
    }
    if deep {
        return Some(Why::TooDeep);
    }
    if any && !part {
        return None;
    }
    match subject.answer() {
        _ if !part => Some(Why::Untouched),
        None => Some(Why::PartOfPatch),
        Some(whole) => show(whole, path, 1, look).1.then_some(Why::TooDeep),
    }
}

/// How near the pointer of a JSON patch comes to a path.
enum Reach {
    /// It leads to the value, or to what holds it: so many segments are behind it.
    To(usize),
    /// It leads to an item of the value, or into it.
    Into(usize),
    /// It leads to something beside it.
    Near,
    /// It is of another part of the object.
    Elsewhere,
}

/// Goes along a pointer, from the object.
fn follow(path: &Path, pointer: &[u8]) -> Reach {
    if pointer.is_empty() {
        return Reach::To(1);
    }
    let (mut at, mut inside) = (1, false);
    for segment in segments(pointer) {
        let is_item = segment == b"-" || segment.iter().all(u8::is_ascii_digit);
        let next = path.step(at).find(|(key, _)| says_segment(segment, key));
        match next {
            Some((_, next)) => at = next,
            // A path goes through lists without a word.
            None if is_item && at > 1 => inside |= at == path.segments.len(),
            None if at == path.segments.len() => return Reach::Into(at),
            None if at > 1 => return Reach::Near,
            None => return Reach::Elsewhere,
        }
    }
    if inside { Reach::Into(at) } else { Reach::To(at) }
}

/// Shows all values at a path, from some value on: whether there was one, and whether something was
/// too deep to look at.
fn show(value: Value<'_>, path: &Path, at: usize, look: Look<'_>) -> (bool, bool) {
    let mut any = false;
    let deep = walk(value, path, at, 0, &mut |value| {
        any |= value.kind() != Kind::Null;
        look(Leaf::Value(value));
    });
    (any, deep)
}

/// Shows all values at a path. True when something was too deep to look at.
fn walk(
    value: Value<'_>,
    path: &Path,
    at: usize,
    lists: u8,
    look: &mut dyn FnMut(Value<'_>),
) -> bool {
    match value.kind() {
        Kind::Array if value.items().next().is_none() && at == path.segments.len() => {
            look(value);
            false
        }
        Kind::Array => {
            if lists == LISTS {
                return true;
            }
            let mut deep = false;
            for item in value.items() {
                deep |= walk(item, path, at, lists + 1, look);
            }
            deep
        }
        Kind::Opaque => true,
        _ if at == path.segments.len() => {
            look(value);
            false
        }
        Kind::Object => {
            let next = path.step(at).find_map(|(key, next)| Some((value.member(key)?, next)));
            next.is_some_and(|(member, next)| walk(member, path, next, lists, look))
        }
        _ => false,
    }
}
