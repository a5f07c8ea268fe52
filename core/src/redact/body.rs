//! Rules by kind of resource: Secret, ConfigMap, TokenReview, TokenRequest, OAuth tokens.
//!
//! These bodies are read with a keep-list: members the API has and that carry no value stay,
//! everything else goes. So misspelt, upper-case or invented members, which the server ignores
//! and the audit log keeps, cannot carry a secret through (redaction.md section 1, row 3).

use std::borrow::Cow;

use super::builtin::Builtin;
use super::class::Class;
use super::edits::Edits;
use super::hints;
use super::scope::Scope;
use crate::detect::values::looks_random;
use crate::scan::Kind;
use crate::scan::doc::Value;
use crate::scan::key::Key;

/// Where a body was found.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Place {
    Request,
    Response,
    /// Anywhere else: annotations, custom resources, documents inside strings.
    Embedded,
}

/// Which rule takes values, and which takes members that should not be there.
#[derive(Clone, Copy)]
struct Rules {
    values: Builtin,
    members: Builtin,
}

fn rules(class: Class) -> Rules {
    if class.secret {
        Rules { values: Builtin::SecretValues, members: Builtin::SecretMember }
    } else if class.config_map {
        Rules { values: Builtin::ConfigMapValues, members: Builtin::ConfigMapMember }
    } else {
        Rules { values: Builtin::TokenValues, members: Builtin::TokenValues }
    }
}

/// Redacts a body (or embedded object) of this class. `deletes` says the verb was a deletion.
pub(crate) fn redact(
    scope: &Scope<'_>,
    body: Value<'_>,
    class: Class,
    place: Place,
    deletes: bool,
    edits: &mut Edits,
) {
    let rules = rules(class);
    match body.kind() {
        // Whatever a client calls a Secret inside something else would vanish: a container, a pod's
        // whole spec. Only where the event is about Secrets does everything else go as well.
        Kind::Object
            if place == Place::Embedded
                && only_values(scope, class)
                && (scope.layer == 0 || body.index != scope.root) =>
        {
            for (key, value) in body.members() {
                let is = |name: &[u8]| key.read(|text| text.eq_ignore_ascii_case(name));
                if is(b"data") || is(b"stringData") || is(b"binaryData") {
                    take_values(scope, value, rules.values, edits);
                }
            }
        }
        // The same for what is called a review of a token: where the event is about something else,
        // the token goes and nothing beside it.
        Kind::Object
            if place == Place::Embedded
                && class == (Class { token: true, ..Class::default() })
                && !scope.class.token
                && (scope.layer == 0 || body.index != scope.root) =>
        {
            let is = |key: Value<'_>, name: &[u8]| key.read(|k| k.eq_ignore_ascii_case(name));
            for (_, part) in
                body.members().filter(|(key, _)| is(*key, b"spec") || is(*key, b"status"))
            {
                for (_, token) in part.members().filter(|(key, _)| is(*key, b"token")) {
                    scope.take(token, rules.values.id(), edits);
                }
            }
        }
        Kind::Object => object(scope, body, class, place, deletes, edits),
        Kind::Array => {
            let is_operation =
                |item: &Value<'_>| item.kind() == Kind::Object && item.get(Key::Op).is_some();
            // No patch is so: one mark for all of it.
            if body.items().filter(|item| !is_operation(item)).nth(SINGLE).is_some() {
                return scope.take(body, rules.members.id(), edits);
            }
            for item in body.items() {
                if is_operation(&item) {
                    patch_operation(scope, item, class, edits);
                } else {
                    scope.take(item, rules.members.id(), edits);
                }
            }
        }
        _ => scope.take(body, rules.members.id(), edits),
    }
}

/// Whether an embedded object that calls itself a Secret or ConfigMap loses its values alone.
fn only_values(scope: &Scope<'_>, class: Class) -> bool {
    (class.secret || class.config_map)
        && !class.token
        && !class.oauth_token
        && !scope.class.secret
        && !scope.class.config_map
}

fn object(
    scope: &Scope<'_>,
    body: Value<'_>,
    class: Class,
    place: Place,
    deletes: bool,
    edits: &mut Edits,
) {
    // A body is what its kind says only if it says so once.
    let mut kinds = body.members().filter(|(key, _)| key.key() == Key::Kind).map(|(_, kind)| kind);
    let kind = match (kinds.next(), kinds.next()) {
        (Some(kind), None) => kind.text(),
        _ => Cow::default(),
    };
    // Written by the server, or re-encoded by it from a known type.
    if place == Place::Response && &*kind == b"Status"
        || place == Place::Request && deletes && &*kind == b"DeleteOptions"
    {
        return;
    }
    let is_list = kind.ends_with(b"List");
    let is_table = place == Place::Response && &*kind == b"Table";
    let is_watch_event =
        place == Place::Response && body.get(Key::Object).is_some() && kind.is_empty();
    for (key, value) in body.members() {
        match key.key() {
            Key::Kind | Key::ApiVersion => keep_scalar(scope, value, class, edits),
            Key::Type | Key::Immutable if !class.token => keep_scalar(scope, value, class, edits),
            Key::Metadata => match value.kind() {
                Kind::Object => metadata(scope, value, class, edits),
                _ => scope.take(value, rules(class).members.id(), edits),
            },
            Key::Items if is_list && value.kind() == Kind::Array => {
                redact_each(scope, value, class, place, edits);
            }
            Key::Rows if is_table && value.kind() == Kind::Array => {
                for row in value.items() {
                    if let Some(object) = row.get(Key::Object) {
                        redact(scope, object, class, place, false, edits);
                    }
                    // The first column is the name, which is the token.
                    if class.oauth_token
                        && let Some(cells) = row.member(b"cells")
                    {
                        hints::member(scope, cells, Builtin::TokenValues.id(), edits);
                    }
                }
            }
            Key::Object if is_watch_event => redact(scope, value, class, place, false, edits),
            _ if is_table => {}
            // What Google Cloud puts first: `core.k8s.io/v1.Secret`.
            Key::Plain if key.says(b"@type") && is_type(value) => {}
            Key::Data | Key::StringData | Key::BinaryData if class.secret || class.config_map => {
                take_values(scope, value, rules(class).values, edits);
            }
            Key::Spec if class.token => take_all_but(
                scope,
                value,
                &[b"audiences", b"expirationSeconds", b"boundObjectRef"],
                edits,
            ),
            Key::Status if class.token => take_all_but(
                scope,
                value,
                &[b"authenticated", b"user", b"audiences", b"error", b"expirationTimestamp"],
                edits,
            ),
            _ if class.oauth_token && !class.secret => {
                if matches!(key.key(), Key::Token | Key::Hint)
                    || key.says(b"authorizeToken")
                    || key.says(b"refreshToken")
                {
                    scope.take(value, Builtin::TokenValues.id(), edits);
                }
            }
            // A reference to a Secret looks like one: {kind: Secret, name: …}
            other if place == Place::Embedded && is_reference_member(other, key) => {
                if matches!(value.kind(), Kind::Object | Kind::Array | Kind::Opaque) {
                    scope.take(value, rules(class).members.id(), edits);
                }
            }
            _ => scope.take(value, rules(class).members.id(), edits),
        }
    }
}

/// `metadata` of a body: members that ObjectMeta and ListMeta have stay, others go. A slip of
/// indentation puts `stringData` there, and the log keeps what the server ignores.
fn metadata(scope: &Scope<'_>, metadata: Value<'_>, class: Class, edits: &mut Edits) {
    let rule = rules(class).members.id();
    for (key, value) in metadata.members() {
        match key.key() {
            Key::Name if class.oauth_token => {
                scope.take(value, Builtin::TokenValues.id(), edits);
            }
            Key::Labels | Key::Annotations if value.kind() == Kind::Object => {
                for (_, text) in value.members() {
                    if matches!(text.kind(), Kind::Object | Kind::Array | Kind::Opaque) {
                        scope.take(text, rule, edits);
                    }
                }
            }
            // Values that tell nothing by themselves: true, null.
            _ if matches!(value.kind(), Kind::True | Kind::False | Kind::Null) => {}
            Key::Labels | Key::Annotations => scope.take(value, rule, edits),
            _ if !is_of_metadata(key) => scope.take(value, rule, edits),
            _ => {}
        }
    }
}

/// Whether ObjectMeta or ListMeta (apimachinery `pkg/apis/meta/v1/types.go`) has this member, or a
/// strategic merge patch says something about one.
fn is_of_metadata(key: Value<'_>) -> bool {
    matches!(
        key.key(),
        Key::Name
            | Key::Namespace
            | Key::Uid
            | Key::ResourceVersion
            | Key::Labels
            | Key::Annotations
            | Key::OwnerReferences
            | Key::ManagedFields
    ) || [
        b"generateName".as_slice(),
        b"creationTimestamp",
        b"generation",
        b"finalizers",
        b"selfLink",
        b"deletionTimestamp",
        b"deletionGracePeriodSeconds",
        b"clusterName",
        b"continue",
        b"remainingItemCount",
        b"initializers",
    ]
    .iter()
    .any(|name| key.says(name))
        || key.raw_text().starts_with(b"$setElementOrder/")
        || key.raw_text().starts_with(b"$deleteFromPrimitiveList/")
}

fn redact_each(scope: &Scope<'_>, list: Value<'_>, class: Class, place: Place, edits: &mut Edits) {
    for item in list.items() {
        match item.kind() {
            Kind::Object => object(scope, item, class, place, false, edits),
            _ => scope.take(item, rules(class).members.id(), edits),
        }
    }
}

fn is_reference_member(known: Key, key: Value<'_>) -> bool {
    matches!(
        known,
        Key::Name | Key::Namespace | Key::Uid | Key::ApiGroup | Key::ResourceVersion | Key::Key
    ) || [
        b"group".as_slice(),
        b"version",
        b"fieldPath",
        b"optional",
        b"controller",
        b"blockOwnerDeletion",
        b"weight",
        b"port",
        b"kindName",
        b"generation",
        b"sectionName",
    ]
    .iter()
    .any(|name| key.says(name))
}

/// Whether a value names a type as protobuf's JSON does: a group, a version and a kind.
fn is_type(value: Value<'_>) -> bool {
    value.kind() == Kind::String
        && value.read(|text| {
            let known =
                |group: &[u8]| group.ends_with(b".k8s.io") || group == b"type.googleapis.com";
            let Some(slash) = memchr::memchr(b'/', text) else { return false };
            text.len() <= 100
                && known(&text[..slash])
                && text[slash + 1..].iter().all(|b| b.is_ascii_alphanumeric() || *b == b'.')
                && !looks_random(text)
        })
}

fn keep_scalar(scope: &Scope<'_>, value: Value<'_>, class: Class, edits: &mut Edits) {
    let plain = match value.kind() {
        Kind::True | Kind::False | Kind::Null => true,
        // `kind`, `apiVersion`, `type`: names such as kubernetes.io/service-account-token
        Kind::String => value.raw_text().len() <= 253 && !looks_random(value.raw_text()),
        _ => false,
    };
    if !plain {
        scope.take(value, rules(class).members.id(), edits);
    }
}

/// Items of a body, and members of its data, that are taken one by one: a mark for each of more would
/// be a flood itself.
const SINGLE: usize = 256;
const MEMBERS: usize = 8 << 10;

/// Takes the value of every member; the names stay.
fn take_values(scope: &Scope<'_>, value: Value<'_>, rule: Builtin, edits: &mut Edits) {
    if value.kind() == Kind::Object && value.members().nth(MEMBERS).is_none() {
        for (_, member) in value.members() {
            scope.take(member, rule.id(), edits);
        }
    } else {
        scope.take(value, rule.id(), edits);
    }
}

fn take_all_but(scope: &Scope<'_>, value: Value<'_>, keep: &[&[u8]], edits: &mut Edits) {
    if value.kind() != Kind::Object {
        return scope.take(value, Builtin::TokenValues.id(), edits);
    }
    for (key, member) in value.members() {
        if !keep.iter().any(|name| key.says(name)) {
            scope.take(member, Builtin::TokenValues.id(), edits);
        }
    }
}

/// What the paths of a patch operation point at. With several paths the most sensitive reading
/// counts.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Target {
    Root,
    /// `metadata` itself.
    Metadata,
    /// Something that tells no value of the resource: below `metadata`, `type`, …
    Harmless,
    /// `data`, `stringData` or `binaryData` as a whole.
    Values,
    Other,
}

fn target(path: &[u8]) -> Target {
    if path.is_empty() || path == b"/" {
        return Target::Root;
    }
    let whole = [b"/data".as_slice(), b"/stringData", b"/binaryData"];
    if whole.iter().any(|name| path.eq_ignore_ascii_case(name)) {
        return Target::Values;
    }
    let mut segments = path.strip_prefix(b"/").unwrap_or_default().split(|b| *b == b'/');
    match (segments.next(), segments.next()) {
        (Some(b"metadata"), None) => Target::Metadata,
        (
            Some(b"metadata"),
            Some(
                b"labels" | b"annotations" | b"finalizers" | b"ownerReferences" | b"name"
                | b"namespace" | b"resourceVersion" | b"uid" | b"generateName" | b"generation"
                | b"managedFields" | b"creationTimestamp" | b"deletionTimestamp",
            ),
        )
        | (Some(b"type" | b"immutable" | b"kind" | b"apiVersion"), _) => Target::Harmless,
        _ => Target::Other,
    }
}

/// One JSON patch operation (RFC 6902). `test` carries the old value and counts like `add`.
fn patch_operation(scope: &Scope<'_>, operation: Value<'_>, class: Class, edits: &mut Edits) {
    let rules = rules(class);
    let mut pointed = None;
    for (_, path) in operation.members().filter(|(key, _)| key.key() == Key::Path) {
        let next = path.read(target);
        pointed =
            Some(if pointed.is_none_or(|known| known == next) { next } else { Target::Other });
    }
    let pointed = pointed.unwrap_or(Target::Other);
    for (key, value) in operation.members() {
        match key.key() {
            Key::Op | Key::Path | Key::From if value.kind() == Kind::String => {}
            Key::Value => match pointed {
                Target::Root if value.kind() == Kind::Object => {
                    object(scope, value, class, Place::Request, false, edits);
                }
                Target::Metadata if value.kind() == Kind::Object => {
                    metadata(scope, value, class, edits);
                }
                // The general rules see to it.
                Target::Harmless => {}
                Target::Values => take_values(scope, value, rules.values, edits),
                _ => scope.take(value, rules.values.id(), edits),
            },
            _ => scope.take(value, rules.members.id(), edits),
        }
    }
}

/// Redacts the operations of a JSON patch found under some other name (webhook annotations).
pub(crate) fn redact_patch(scope: &Scope<'_>, patch: Value<'_>, class: Class, edits: &mut Edits) {
    redact(scope, patch, class, Place::Embedded, false, edits);
}

/// Whether a JSON patch copies or moves anything from where values stand into the metadata, so
/// that the response shows a value under a name that tells nothing. Any reading of doubled members
/// counts.
pub(crate) fn carries_out(patch: Value<'_>) -> bool {
    patch.items().any(|operation| {
        let points = |key: Key, test: &dyn Fn(&[u8]) -> bool| {
            operation.members().any(|(name, pointer)| name.key() == key && pointer.read(test))
        };
        points(Key::From, &|from| !is_metadata(from))
            && points(Key::Path, &|path| path.is_empty() || is_metadata(path))
    })
}

fn is_metadata(pointer: &[u8]) -> bool {
    pointer.strip_prefix(b"/metadata").is_some_and(|rest| matches!(rest.first(), None | Some(b'/')))
}

/// Takes every text in the metadata of a response to a patch that [`carries_out`], but for the
/// fields that only the server sets.
pub(crate) fn take_metadata(scope: &Scope<'_>, body: Value<'_>, class: Class, edits: &mut Edits) {
    const SERVER_SETS: [&[u8]; 8] = [
        b"name",
        b"namespace",
        b"uid",
        b"resourceVersion",
        b"generation",
        b"creationTimestamp",
        b"managedFields",
        b"selfLink",
    ];
    let rule = rules(class).values.id();
    for (_, metadata) in body.members().filter(|(key, _)| key.key() == Key::Metadata) {
        for (_, value) in
            metadata.members().filter(|(key, _)| !SERVER_SETS.iter().any(|n| key.says(n)))
        {
            let node = value.node();
            for index in value.index..node.next {
                let inner = scope.doc.at(index);
                if matches!(inner.kind(), Kind::String | Kind::Number | Kind::Opaque) {
                    scope.take(inner, rule, edits);
                }
            }
        }
    }
}
