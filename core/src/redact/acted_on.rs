//! Texts that the API server acts on or writes itself: who asked, whom RBAC gives which rights, what an
//! object is called, which path of the host a container gets. No assignment is read in them: nobody
//! hides who he is or what he did by being called `password=x`. A token that shows by its own shape
//! goes there, too.

use super::scope::Scope;
use super::taint::SERVER_ANNOTATES;
use crate::scan::Kind;
use crate::scan::doc::Value;
use crate::scan::key::Key;

/// Members of a rule of RBAC.
pub(super) const RULE: &[&[u8]] =
    &[b"verbs", b"resources", b"resourceNames", b"apiGroups", b"nonResourceURLs"];

/// Members whose text is a name of a path.
const PATHS: &[&[u8]] =
    &[b"mountPath", b"subPath", b"subPathExpr", b"workingDir", b"localhostProfile", b"iqn"];

/// Members that hold the `path` of a volume.
const VOLUMES: &[&[u8]] = &[b"hostPath", b"nfs", b"local", b"glusterfs"];

/// Whether the API server acts on this string, or wrote it.
pub(super) fn is_acted_on(scope: &Scope<'_>, value: Value<'_>) -> bool {
    let Some(key) = name_of(scope, value) else { return false };
    let object = || outer(scope, key.index, Kind::Object, key.node().depth);
    let whose = || scope.key_of(object()?);
    // What the event itself says of who asked and about what, and what the server notes.
    if scope.layer == 0 {
        let top = scope.root_node().depth + 1;
        let of_event = |wanted: &[Key]| {
            let owner = whose().filter(|owner| owner.node().depth == top);
            owner.is_some_and(|owner| wanted.contains(&owner.key()))
        };
        let of_who_or_what = match key.key() {
            Key::Username | Key::Groups => of_event(&[Key::User, Key::ImpersonatedUser]),
            Key::Name | Key::Namespace => of_event(&[Key::ObjectRef]),
            // Names of annotations are none that have a number.
            Key::Plain | Key::Hint => {
                let raw = key.raw_text();
                if SERVER_ANNOTATES.iter().any(|start| raw.starts_with(start)) {
                    return of_event(&[Key::Annotations]);
                }
                false
            }
            _ => false,
        };
        if of_who_or_what {
            return true;
        }
    }
    match key.key() {
        // Of an object, and of whom RBAC gives rights to.
        Key::Name => {
            whose().is_some_and(|owner| matches!(owner.key(), Key::Metadata | Key::RoleRef))
                || object().and_then(|object| object.get(Key::Kind)).is_some_and(|kind| {
                    kind.read(|kind| {
                        matches!(
                            kind,
                            b"User" | b"Group" | b"ServiceAccount" | b"ClusterRole" | b"Role"
                        )
                    })
                })
        }
        Key::Path => whose().is_some_and(|owner| VOLUMES.iter().any(|name| owner.says(name))),
        _ if key.says(b"add") || key.says(b"drop") => {
            whose().is_some_and(|owner| owner.says(b"capabilities"))
        }
        _ => key.read(|name| RULE.contains(&name) || PATHS.contains(&name)),
    }
}

/// Whether this is a name or path of an object that the API server acts on. Who asked is not: a client
/// may send a URL with a password as the name of whom it impersonates.
pub(super) fn is_named(scope: &Scope<'_>, value: Value<'_>) -> bool {
    let asked = |key: Value<'_>| matches!(key.key(), Key::Username | Key::Groups);
    !name_of(scope, value).is_some_and(asked)
        && is_acted_on(scope, value)
        && !is_no_name(scope, value)
}

/// `?fieldSelector=metadata.name=Authorization: Bearer x`: the API server writes into `objectRef` what it is
/// asked for, and no object but those of RBAC has a name with a blank.
fn is_no_name(scope: &Scope<'_>, value: Value<'_>) -> bool {
    if memchr::memchr(b' ', value.raw_text()).is_none() {
        return false;
    }
    let Some(key) = name_of(scope, value) else { return false };
    let Some(object) = outer(scope, key.index, Kind::Object, key.node().depth) else {
        return false;
    };
    scope.key_of(object).is_some_and(|owner| owner.key() == Key::ObjectRef)
        && !object.get(Key::Resource).is_some_and(|resource| {
            resource.read(|name| memchr::memmem::find(name, b"role").is_some())
        })
}

/// The name of a member whose value this is, or an item of whose list.
fn name_of<'a>(scope: &Scope<'a>, value: Value<'a>) -> Option<Value<'a>> {
    let list = || outer(scope, value.index, Kind::Array, value.node().depth);
    scope.key_of(value).or_else(|| scope.key_of(list()?))
}

/// The container of this kind that the node at `index`, which is `depth` deep, stands in.
fn outer<'a>(scope: &Scope<'a>, index: u32, kind: Kind, depth: u8) -> Option<Value<'a>> {
    let mut before = (index.saturating_sub(64)..index).rev().map(|index| scope.doc.at(index));
    before.find(|value| value.node().depth < depth).filter(|value| value.kind() == kind)
}
