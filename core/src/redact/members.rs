//! Members whose name says that a secret stands there: as the value itself, below it in lists and
//! maps, or beside it as `name` and `value`.
//!
//! What a name says is [`crate::detect::classify`]'s word, which values go under which names is
//! [`crate::detect::values`]'s. Here is where in a document the two meet.

use std::ops::Range;

use super::builtin::Builtin;
use super::edits::Edits;
use super::scope::Scope;
use crate::detect::values::{ValueKind, goes, is_schema_type, kind, looks_made_up, number_goes};
use crate::detect::{
    NameKind, classify, holds_a_value, holds_headers, is_called_alike, is_fake_store, is_mixed,
};
use crate::scan::Kind;
use crate::scan::doc::Value;
use crate::scan::key::Key;

const RULE: u16 = Builtin::HintedValue.id();

/// Where a member stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Member,
    /// Read by selectors, never a place for secrets.
    Label,
    Annotation,
    /// `secretKeys`, `existingSecret`: the members name keys of a Secret.
    KeyNames,
    /// A map of headers.
    Headers,
    /// `cookieNames`: the members say what something is called.
    Names,
}

/// Whether an object is the `action` of a route.
fn is_action(scope: &Scope<'_>, object: Value<'_>) -> bool {
    scope.key_of(object).is_some_and(|key| key.says(b"action"))
}

fn place(scope: &Scope<'_>, parent: Value<'_>) -> Place {
    let Some(key) = scope.key_of(parent) else { return Place::Member };
    match key.key() {
        Key::Labels => Place::Label,
        Key::Annotations => Place::Annotation,
        _ => key.read(|name| {
            let ends = |end: &[u8]| {
                name.len() >= end.len() && name[name.len() - end.len()..].eq_ignore_ascii_case(end)
            };
            if ends(b"labels") || ends(b"selector") {
                Place::Label
            } else if ends(b"annotations") {
                Place::Annotation
            } else if holds_headers(name) {
                Place::Headers
            } else if ends(b"Names") {
                Place::Names
            } else if name == b"secretKeys" || name == b"existingSecret" {
                Place::KeyNames
            } else {
                Place::Member
            }
        }),
    }
}

/// A member that the scanner marked for its name.
pub(super) fn named(
    scope: &Scope<'_>,
    key: Value<'_>,
    parent: Value<'_>,
    reference: bool,
    edits: &mut Edits,
) {
    let value = scope.doc.at(key.index + 1);
    let kind = if reference { NameKind::WhichKey } else { key.read(classify) };
    if !kind.hints() {
        if value.kind() == Kind::Object && key.read(holds_headers) {
            headers(scope, value, edits);
        }
        if value.kind() == Kind::Object && key.read(is_fake_store) {
            fake_store(scope, value, edits);
        }
        return;
    }
    let kind = match place(scope, parent) {
        // NGINX: `action: {pass: upstream}`.
        Place::Member
            if kind == NameKind::Pass && key.says(b"pass") && is_action(scope, parent) =>
        {
            NameKind::Which
        }
        Place::Member if kind == NameKind::Which && scope.class.oauth_client => NameKind::Secret,
        Place::Member => kind,
        Place::Headers => of_header(kind, value),
        Place::KeyNames => NameKind::WhichKey,
        // Some write a password there: one that mixes letters and digits.
        Place::Label if kind == NameKind::Password && value.read(is_mixed) => kind,
        Place::Annotation
            if kind == NameKind::Pass
                && !key.read(says_where)
                && value.read(|text| {
                    is_mixed(text) && memchr::memchr3(b'/', b' ', b':', text).is_none()
                }) =>
        {
            kind
        }
        // Envoy: `cookieNames: {idToken: name}`.
        Place::Names | Place::Label => NameKind::Weak,
        // Annotations are full of names of Secrets, digests and switches.
        Place::Annotation => match kind {
            // Vault's AppRole: half of a login.
            NameKind::Which if key.read(|name| name.ends_with(b"secret-id")) => kind,
            NameKind::Password | NameKind::Token | NameKind::Header if !key.read(says_where) => {
                kind
            }
            _ => NameKind::Weak,
        },
    };
    let kind = of_called(kind, key, value);
    let plural = key.read(is_plural);
    below(scope, value, kind, plural, edits);
}

/// What a name hints whose value is the same name in other letters: the name of an object.
pub(super) fn of_called(kind: NameKind, name: Value<'_>, value: Value<'_>) -> NameKind {
    let may_be = matches!(kind, NameKind::Token | NameKind::Secret | NameKind::SecretKey);
    if may_be
        && value.kind() == Kind::String
        && value.read(|text| name.read(|name| is_called_alike(name, text)))
    {
        return NameKind::WhichKey;
    }
    kind
}

/// Annotations such as `secret-volume-path-password.txt` and `agent-inject-template-token`.
fn says_where(name: &[u8]) -> bool {
    [b"path".as_slice(), b"template", b"volume", b"inject", b"file"]
        .iter()
        .any(|word| memchr::memmem::find(name, word).is_some())
}

/// `passwords: {alice: …}`: a map from names to secrets.
fn is_plural(name: &[u8]) -> bool {
    name.last().is_some_and(|last| last.eq_ignore_ascii_case(&b's')) || name.ends_with(b"JsonData")
}

/// The kind of a header's value where it is certain to be one: a single word is a credential
/// without a scheme.
pub(super) fn of_header(kind: NameKind, value: Value<'_>) -> NameKind {
    let word = value.kind() == Kind::String
        && !value.read(|text| memchr::memchr2(b' ', b'=', text).is_some());
    if kind == NameKind::Header && word { NameKind::Token } else { kind }
}

/// A map of headers: a value of one word that looks random is a credential, whatever its name.
fn headers(scope: &Scope<'_>, map: Value<'_>, edits: &mut Edits) {
    for (_, value) in map.members() {
        if value.kind() == Kind::String
            && value.read(|text| !text.contains(&b' ') && goes(NameKind::Weak, text))
        {
            scope.take(value, RULE, edits);
        }
    }
}

/// The secrets of the fake provider of External Secrets: `data: [{key: /foo, value: SECRET}]`.
fn fake_store(scope: &Scope<'_>, store: Value<'_>, edits: &mut Edits) {
    for item in store.get(Key::Data).into_iter().flat_map(Value::items) {
        for (key, value) in item.members() {
            let map = key.says(b"valueMap").then(|| value.members().map(|(_, value)| value));
            let single = (key.key() == Key::Value).then_some(value);
            for secret in single.into_iter().chain(map.into_iter().flatten()) {
                if secret.kind() != Kind::String || secret.read(|t| goes(NameKind::Password, t)) {
                    scope.take(secret, Builtin::SecretValues.id(), edits);
                }
            }
        }
    }
}

/// What a value below a hinting name is to it.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Role {
    /// The value itself, or an item of a list of them.
    Direct,
    /// `{value: …}`, `{inline: …}`: certainly no name of a Secret.
    Inline,
    /// Something beside it: goes only when it looks random.
    Beside,
    /// No secret: a name, a reference.
    Other,
}

/// Nodes of a list that are looked at one by one.
const SINGLE: u32 = 1024;

/// Deeper values count as beside.
const LEVELS: usize = 12;

/// Takes what is a secret at or below `value`, which stands under a name of this kind.
///
/// Members whose own name hints are left to their own mark, so that every value is looked at once
/// however deep hints stand in hints.
pub(super) fn below(
    scope: &Scope<'_>,
    value: Value<'_>,
    kind: NameKind,
    plural: bool,
    edits: &mut Edits,
) {
    let top = value.node();
    let mut roles = [Role::Beside; LEVELS];
    roles[0] = Role::Direct;
    // Objects that describe a value rather than hold one, by level.
    let mut schema = [false; LEVELS];
    let mut at = value.index;
    while at < top.next {
        let value = scope.doc.at(at);
        let node = value.node();
        let level = usize::from(node.depth.saturating_sub(top.depth));
        let role = roles.get(level).copied().unwrap_or(Role::Beside);
        at = node.next;
        match node.kind {
            Kind::Key => {
                let inner = scope.doc.at(node.next);
                if value.key() == Key::Hint || value.key() == Key::Token {
                    let own = value.read(classify).hints();
                    if own && !value.read(|name| inherits(kind, name)) {
                        at = inner.node().next;
                        continue;
                    }
                }
                let outer = level.checked_sub(1).and_then(|outer| roles.get(outer)).copied();
                if let Some(role) = roles.get_mut(level) {
                    *role = if schema[level] {
                        Role::Beside
                    } else if outer == Some(Role::Inline) && value.key() == Key::Key {
                        // `keyAuth: {value: {key: SECRET}}`
                        Role::Inline
                    } else {
                        role_of(value, kind, plural && level == 1)
                    };
                }
                at = node.next;
            }
            // Nobody has that many secrets in a list; a mark for each would be a flood itself.
            Kind::Array
                if role == Role::Direct
                    && !value_decides(kind)
                    && node.next - value.index > SINGLE =>
            {
                scope.take(value, RULE, edits);
            }
            Kind::Object | Kind::Array => {
                at = value.index + 1;
                if let Some(inner) = roles.get_mut(level + 1) {
                    *inner = role;
                    schema[level + 1] = node.kind == Kind::Object && is_schema(value);
                }
            }
            Kind::Opaque if matches!(role, Role::Direct | Role::Inline) => {
                scope.take(value, RULE, edits);
            }
            Kind::String | Kind::Number => {
                let kind = match (role, kind) {
                    (Role::Inline, NameKind::Which | NameKind::WhichKey) => NameKind::Secret,
                    (Role::Direct | Role::Inline, kind) => kind,
                    (Role::Beside, kind) if !value_decides(kind) => NameKind::Weak,
                    (Role::Beside | Role::Other, _) => continue,
                };
                let taken = match node.kind {
                    Kind::Number => number_goes(kind, value.raw()),
                    _ => value.read(|text| {
                        goes(kind, text)
                            || role == Role::Beside && looks_made_up(text) && !text.contains(&b'[')
                    }),
                };
                if taken {
                    scope.take(value, RULE, edits);
                }
            }
            _ => {}
        }
    }
}

/// Whether values stay under such a name unless they look like a secret themselves.
fn value_decides(kind: NameKind) -> bool {
    matches!(kind, NameKind::Weak | NameKind::Login | NameKind::Address | NameKind::Header)
}

/// Whether a member below a hinting name takes that name's kind although its own hints a little:
/// the `key` of `cryptoKey.unwrapped.key`.
fn inherits(kind: NameKind, name: &[u8]) -> bool {
    kind > NameKind::Weak && classify(name) == NameKind::Weak && holds_a_value(name)
}

fn role_of(key: Value<'_>, kind: NameKind, map: bool) -> Role {
    if matches!(key.key(), Key::Value | Key::Data | Key::StringData) {
        return Role::Inline;
    }
    if matches!(key.key(), Key::Name | Key::Namespace | Key::Kind | Key::ApiVersion | Key::Type) {
        return Role::Other;
    }
    key.read(|name| {
        // `digestAuth: {users: [name:realm:HASH]}`
        let login = matches!(kind, NameKind::Weak | NameKind::Login);
        if is_inline(name) || login && matches!(name, b"key" | b"users") {
            return Role::Inline;
        }
        let own = classify(name);
        // `secrets: {db: …}` may name Secrets, `passwords: {alice: …}` does not.
        let holds = matches!(
            kind,
            NameKind::Password | NameKind::Secret | NameKind::Token | NameKind::Tokens
        );
        match own {
            NameKind::About => Role::Other,
            NameKind::Neither if map && holds && !describes(name) => Role::Inline,
            // `apiKeys: [{name: a, key: …}]`
            NameKind::Weak if name == b"key" && holds => Role::Beside,
            _ if describes(name) => Role::Other,
            _ => Role::Beside,
        }
    })
}

/// Members that hold the value when their parent's name says what it is.
fn is_inline(name: &[u8]) -> bool {
    const NAMES: [&[u8]; 16] = [
        b"value",
        b"inline",
        b"plain",
        b"plaintext",
        b"cleartext",
        b"raw",
        b"text",
        b"string",
        b"stringvalue",
        b"literal",
        b"content",
        b"exact",
        b"val",
        b"v",
        b"current",
        b"default",
    ];
    name.len() <= 12 && NAMES.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// Members that say something about the value beside them.
fn describes(name: &[u8]) -> bool {
    const NAMES: [&[u8]; 24] = [
        b"name",
        b"key",
        b"description",
        b"type",
        b"id",
        b"path",
        b"file",
        b"enabled",
        b"create",
        b"namespace",
        b"format",
        b"mode",
        b"length",
        b"version",
        b"provider",
        b"issuer",
        b"host",
        b"port",
        b"user",
        b"username",
        b"url",
        b"property",
        b"source",
        b"title",
    ];
    name.len() <= 12 && NAMES.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// Whether an object is a schema of JSON, as in a CustomResourceDefinition: it describes.
pub(super) fn is_schema(object: Value<'_>) -> bool {
    object
        .get(Key::Type)
        .is_some_and(|kind| kind.kind() == Kind::String && kind.read(is_schema_type))
}

/// Whether an object is the taint of a node or what tolerates one: its key and value are labels.
fn is_taint(object: Value<'_>) -> bool {
    let says = |name: &[u8], words: &[&[u8]]| {
        object.member(name).is_some_and(|text| {
            text.kind() == Kind::String && text.read(|text| words.contains(&text))
        })
    };
    says(b"effect", &[b"NoSchedule", b"PreferNoSchedule", b"NoExecute"])
        || says(b"operator", &[b"Equal", b"Exists"])
}

/// The kind of name that the values of an object have: what `name`, `key` and such say beside
/// them, or the path of a JSON patch.
pub(super) fn kind_of_values(object: Value<'_>) -> NameKind {
    let mut kind = NameKind::Neither;
    if let Some(path) = path_of_patch(object) {
        let kind = path.read(kind_of_path);
        let of_label = |path: &[u8]| {
            let list = path.rsplit(|b| *b == b'/').nth(1);
            matches!(list, Some(b"labels" | b"nodeSelector" | b"matchLabels"))
        };
        let mixed = || object.get(Key::Value).is_some_and(|value| value.read(is_mixed));
        return match kind {
            NameKind::Neither => kind,
            NameKind::Password if !path.read(of_label) || mixed() => kind,
            _ if path.read(of_label) => NameKind::Weak,
            _ => kind,
        };
    }
    if is_taint(object) {
        return kind;
    }
    for (key, sibling) in object.members() {
        let names = match key.key() {
            Key::Name | Key::Key | Key::Field => true,
            // `{name: X, value: …, type: secret}`
            Key::Type => {
                if sibling.kind() == Kind::String
                    && sibling
                        .read(|said| matches!(said, b"secret" | b"SecureString" | b"password"))
                {
                    kind = kind.max(NameKind::Which);
                }
                false
            }
            Key::Plain | Key::Hint => key.read(names_its_sibling),
            _ => false,
        };
        if names && sibling.kind() == Kind::String {
            kind = kind.max(sibling.read(classify));
        }
        // `{key: …, sensitive: true, value: …}`, as Terraform and Pulumi have it
        if sibling.kind() == Kind::True && key.says(b"sensitive") {
            kind = kind.max(NameKind::Password);
        }
    }
    kind
}

/// The path of an operation of a JSON patch. It alone names the value: what else a client writes beside
/// it the API server does not read, and of two paths it takes the last.
fn path_of_patch(object: Value<'_>) -> Option<Value<'_>> {
    object.get(Key::Op)?;
    let paths = object.members().filter(|(key, _)| key.key() == Key::Path).map(|(_, path)| path);
    let path = paths.last()?;
    let points = |path: &[u8]| matches!(path.first(), None | Some(b'/'));
    (path.kind() == Kind::String && path.read(points)).then_some(path)
}

/// The list and the place in it that an operation of a JSON patch adds an item to: where the name of
/// the list is written, and `None` for its end.
pub(super) fn item_of_patch(object: Value<'_>) -> Option<(Range<u32>, Option<u32>)> {
    let path = path_of_patch(object)?;
    let (text, start) = (path.raw_text(), path.node().start + 1);
    let slash = memchr::memrchr(b'/', text)?;
    let last = &text[slash + 1..];
    let index = std::str::from_utf8(last).ok().and_then(|last| last.parse().ok());
    // A path without a place is that of the list itself.
    let list = if index.is_some() || last == b"-" { slash } else { text.len() };
    Some((start..start + list as u32, index))
}

/// `{variable: DB_PASSWORD, value: …}`: members that name the value beside them.
fn names_its_sibling(name: &[u8]) -> bool {
    const NAMES: [&[u8]; 20] = [
        b"name",
        b"key",
        b"k",
        b"envvar",
        b"property",
        b"setting",
        b"option",
        b"attribute",
        b"envname",
        b"varname",
        b"parameterkey",
        b"id",
        b"variable",
        b"var",
        b"header",
        b"label",
        b"field",
        b"parameter",
        b"param",
        b"env",
    ];
    name.len() <= 12 && NAMES.iter().any(|known| name.eq_ignore_ascii_case(known))
}

/// What the last segment of a JSON pointer names that says anything: `/spec/tokens/-` adds a
/// token, `/spec/password/value` a password. The value of a variable of unknown name counts as one.
pub(super) fn kind_of_path(path: &[u8]) -> NameKind {
    let mut segments = path.rsplit(|b| *b == b'/').take(4);
    // `~1` and `~0` stand for `/` and `~`; what follows the last `~1` is the name proper
    let name = |segment: &'_ [u8]| {
        let name = memchr::memmem::rfind(segment, b"~1").map_or(segment, |at| &segment[at + 2..]);
        classify(name)
    };
    let Some(last) = segments.next() else { return NameKind::Neither };
    let is_index = |segment: &[u8]| {
        !segment.is_empty() && segment.iter().all(|b| b.is_ascii_digit() || *b == b'-')
    };
    let kind = name(last);
    if kind != NameKind::Neither {
        return kind;
    }
    let Some(before) = segments.next() else { return kind };
    if last == b"value" && is_index(before) {
        let list = segments.next();
        return match list {
            Some(b"env" | b"httpHeaders") => NameKind::Password,
            _ => NameKind::Neither,
        };
    }
    // An item of a list, or of a map of secrets.
    if is_index(last) || is_inline(last) || is_plural(before) {
        return name(before);
    }
    kind
}

/// Whether an object says in `remoteRef` where a secret is, so that its `secretKey` only names a
/// key, as in an ExternalSecret.
pub(super) fn has_remote_reference(parent: Value<'_>) -> bool {
    let names_a_secret = [b"secretName".as_slice(), b"envVar"]
        .iter()
        .any(|name| parent.member(name).is_some_and(|name| name.kind() == Kind::String));
    names_a_secret
        || parent.member(b"remoteRef").is_some_and(|reference| {
            reference.members().any(|(_, text)| text.kind() == Kind::String)
        })
}

/// Whether a member of this name can hold what `name`, `key` and such say beside it.
pub(super) fn may_stand_beside_its_name(key: Key, value: Value<'_>, parent: Value<'_>) -> bool {
    match key {
        Key::Content
        | Key::Val
        | Key::Argument
        | Key::EnvValue
        | Key::ParameterValue
        | Key::CurrentValue => true,
        Key::Data => value.kind() == Kind::String,
        // Those of a selector are labels.
        Key::Values => parent.member(b"operator").is_none(),
        _ => false,
    }
}

/// Whether this is what a SealedSecret holds.
pub(super) fn is_enciphered(scope: &Scope<'_>, parent: Value<'_>, value: Value<'_>) -> bool {
    scope.class.makes_secrets
        && value.raw_text().len() >= 300
        && value.raw_text().starts_with(b"Ag")
        && scope.key_of(parent).is_some_and(|key| key.says(b"encryptedData"))
}

/// `keys: {clientSecret: secret}`: which key of a Secret it is.
pub(super) fn is_name_of_a_key(
    scope: &Scope<'_>,
    key: Value<'_>,
    parent: Value<'_>,
    value: Value<'_>,
) -> bool {
    value.kind() == Kind::String
        && scope.key_of(parent).is_some_and(|key| key.says(b"keys"))
        && key.read(classify) == NameKind::Secret
        && value.raw_text().iter().all(|b| b.is_ascii_lowercase() || *b == b'-')
}

/// `stringData` is what a Secret holds in plain text, wherever it stands.
pub(super) fn string_data(scope: &Scope<'_>, value: Value<'_>, edits: &mut Edits) {
    if is_schema(value) {
        return below(scope, value, NameKind::Password, true, edits);
    }
    secret_data(scope, value, |_| true, edits);
}

/// `data` of what a resource makes a Secret of: templates and references stay, and what is beside a
/// secret in most of these: hosts, users, addresses.
pub(super) fn template_data(scope: &Scope<'_>, value: Value<'_>, edits: &mut Edits) {
    if value.kind() != Kind::Object || is_schema(value) {
        return;
    }
    for (key, member) in value.members() {
        let stays = member.kind() == Kind::String
            && member.read(|text| {
                let kind = kind(text);
                let name = key.read(classify);
                if !goes(NameKind::Password, text) {
                    return true;
                }
                if name.is_strong() || matches!(kind, ValueKind::Random | ValueKind::Credentials) {
                    return false;
                }
                // The readers see to what a longer text has beside its templates.
                let template =
                    kind == ValueKind::Text && memchr::memmem::find(text, b"{{").is_some();
                matches!(kind, ValueKind::Url | ValueKind::Path) || template || key.read(is_beside)
            });
        if !stays {
            scope.take(member, Builtin::SecretValues.id(), edits);
        }
    }
}

/// Names of what stands beside a secret and is none.
fn is_beside(name: &[u8]) -> bool {
    const ENDS: [&[u8]; 19] = [
        b"server",
        b"host",
        b"hostname",
        b"port",
        b"user",
        b"username",
        b"dbname",
        b"database",
        b"_db",
        b"_name",
        b"driver",
        b"type",
        b"region",
        b"bucket",
        b"endpoint",
        b"path",
        b"email",
        b"proxies",
        b"maindb",
    ];
    // `TRUSTED_PROXIES_1`
    let digits = name.iter().rev().take_while(|b| b.is_ascii_digit() || **b == b'_').count();
    let name = &name[..name.len() - digits];
    ENDS.iter().any(|end| {
        name.len() >= end.len() && name[name.len() - end.len()..].eq_ignore_ascii_case(end)
    })
}

fn secret_data(
    scope: &Scope<'_>,
    value: Value<'_>,
    goes: impl Fn(&[u8]) -> bool,
    edits: &mut Edits,
) {
    let single = (value.kind() == Kind::String).then_some(value);
    for member in single.into_iter().chain(value.members().map(|(_, member)| member)) {
        if member.kind() != Kind::String || member.read(&goes) {
            scope.take(member, Builtin::SecretValues.id(), edits);
        }
    }
}

/// The cells of the columns of a table that name a secret.
pub(super) fn table(scope: &Scope<'_>, table: Value<'_>, edits: &mut Edits) {
    let Some(columns) = table.member(b"columnDefinitions") else { return };
    let mut kinds = [NameKind::Neither; COLUMNS];
    let mut any = false;
    for (at, column) in columns.items().enumerate() {
        let kind = column.get(Key::Name).map_or(NameKind::Neither, |name| name.read(classify));
        any |= kind.hints();
        match kinds.get_mut(at) {
            Some(known) => *known = kind,
            None => break,
        }
    }
    if !any {
        return;
    }
    for row in table.get(Key::Rows).into_iter().flat_map(Value::items) {
        let Some(cells) = row.member(b"cells") else { continue };
        for (at, cell) in cells.items().enumerate() {
            // Nobody prints that many columns.
            let kind = kinds.get(at).copied().unwrap_or(NameKind::Weak);
            if kind.hints() {
                below(scope, cell, kind, false, edits);
            }
        }
    }
}

/// Columns of a table whose names are looked at; what stands in others goes when it looks random.
const COLUMNS: usize = 256;

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pointers_hint_by_what_they_end_at() {
        for path in [
            "/spec/containers/0/env/3/value",
            "/spec/password",
            "/spec/tokens/-",
            "/spec/credentials/db",
            "/spec/password/value",
            "/metadata/annotations/example.com~1password",
        ] {
            assert!(kind_of_path(path.as_bytes()).hints(), "{path}");
        }
        for path in ["/spec/replicas", "/spec/values/0/value", "/spec/passwordPolicy/minimum", ""] {
            assert!(!kind_of_path(path.as_bytes()).is_strong(), "{path}");
        }
    }
}
