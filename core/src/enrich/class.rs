//! What kind of action an event is, in ECS's words.
//!
//! `event.category` and `event.type` follow the allowed values of ECS 9.4. Nothing is created by an
//! access review or a token review, and an exec is a session whatever its verb.

use super::outcome::Ruling;

/// A set of names out of a fixed table.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub(crate) struct Set(u16);

impl Set {
    pub(crate) const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    /// The names in the order of `table`.
    pub(crate) fn names(
        self,
        table: &'static [&'static str],
    ) -> impl Iterator<Item = &'static str> {
        table.iter().enumerate().filter(move |(at, _)| self.0 >> at & 1 == 1).map(|(_, name)| *name)
    }
}

macro_rules! names {
    ($table:ident: $($name:ident = $text:literal),+ $(,)?) => {
        pub(crate) const $table: &[&str] = &[$($text),+];
        names!(@bits 0u16; $($name)+);
    };
    (@bits $at:expr; $name:ident $($rest:ident)*) => {
        pub(crate) const $name: Set = Set(1 << $at);
        names!(@bits $at + 1; $($rest)*);
    };
    (@bits $at:expr;) => {};
}

/// ECS `event.category`.
pub(crate) mod category {
    use super::Set;
    names! { NAMES: API = "api", AUTHENTICATION = "authentication", CONFIGURATION = "configuration",
    IAM = "iam", NETWORK = "network", PROCESS = "process", SESSION = "session" }
}

/// ECS `event.type`.
pub(crate) mod kind {
    use super::Set;
    names! { NAMES: ACCESS = "access", ADMIN = "admin", ALLOWED = "allowed", CHANGE = "change",
    CONNECTION = "connection", CREATION = "creation", DELETION = "deletion", DENIED = "denied",
    END = "end", GROUP = "group", INFO = "info", START = "start", USER = "user" }
}

/// What the class is told from: texts as they are in the event.
#[derive(Clone, Copy, Debug, Default)]
pub(crate) struct Act<'a> {
    pub(crate) verb: &'a [u8],
    /// Empty for requests that name no resource.
    pub(crate) resource: &'a [u8],
    pub(crate) subresource: &'a [u8],
    pub(crate) group: &'a [u8],
    pub(crate) path: &'a [u8],
    pub(crate) code: u16,
    pub(crate) ruling: Ruling,
    /// Nothing was stored, whatever the verb says.
    pub(crate) is_dry_run: bool,
    pub(crate) is_final: bool,
}

/// What a request does to what it names.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Reads,
    Creates,
    Changes,
    Deletes,
    /// The verb says none of these.
    Other,
}

impl Act<'_> {
    /// What the request does, or would if it succeeded. A PATCH or PUT that is answered with 201
    /// created the object (server-side apply does); some subresources are other acts by POST.
    pub(crate) fn effect(self) -> Effect {
        let effect = match self.verb {
            b"get" | b"list" | b"watch" | b"head" => Effect::Reads,
            b"create" | b"post" => Effect::Creates,
            b"update" | b"patch" | b"put" => Effect::Changes,
            b"delete" | b"deletecollection" => Effect::Deletes,
            _ => Effect::Other,
        };
        match (effect, self.subresource) {
            (Effect::Changes, b"") if self.code == 201 && !self.resource.is_empty() => {
                Effect::Creates
            }
            (Effect::Creates, b"eviction") => Effect::Deletes,
            (Effect::Creates, b"binding" | b"scale" | b"status") => Effect::Changes,
            _ => effect,
        }
    }

    /// Whether the path is one of OpenShift's OAuth server.
    pub(crate) fn is_login(self) -> bool {
        let paths = [&b"/oauth/"[..], b"/oauth2callback", b"/login", b"/logout"];
        self.resource.is_empty() && paths.iter().any(|path| self.path.starts_with(path))
    }

    /// `event.category` and `event.type`.
    pub(crate) fn class(self) -> (Set, Set) {
        let mut categories = category::API;
        let (mut types, writes) = match self.effect() {
            Effect::Reads => (kind::ACCESS, false),
            Effect::Creates => (kind::CREATION, true),
            Effect::Changes => (kind::CHANGE, true),
            Effect::Deletes => (kind::DELETION, true),
            Effect::Other => (kind::INFO, false),
        };
        if self.is_dry_run && writes {
            types = kind::INFO;
        }
        let (resource, sub) = (self.resource, self.subresource);
        if resource.is_empty() {
            types = kind::ACCESS.with(kind::INFO);
            if self.is_login() {
                categories = categories.with(category::AUTHENTICATION);
                types = kind::START.with(kind::INFO);
            }
        } else if resource.ends_with(b"reviews") && is_virtual(resource) {
            types = kind::ACCESS.with(kind::INFO);
            if resource == b"tokenreviews" {
                categories = categories.with(category::AUTHENTICATION);
            }
        } else {
            match (resource, sub) {
                (b"pods", b"exec" | b"attach") => {
                    categories = categories.with(category::SESSION).with(category::PROCESS);
                    types = kind::ACCESS.with(if self.is_final { kind::END } else { kind::START });
                    if self.is_final {
                        types = types.with(kind::START);
                    }
                }
                (b"pods", b"portforward") | (_, b"proxy") => {
                    categories = categories.with(category::SESSION).with(category::NETWORK);
                    types = kind::ACCESS.with(kind::CONNECTION);
                }
                _ => {
                    if writes {
                        categories = categories.with(category::CONFIGURATION);
                    }
                    if let Some(what) = iam(resource, sub, self.group) {
                        categories = categories.with(category::IAM);
                        types = types.with(what);
                    }
                }
            }
        }
        if self.code == 401 {
            categories = categories.with(category::AUTHENTICATION);
        }
        types = match self.ruling {
            Ruling::Denied => types.with(kind::DENIED),
            Ruling::Allowed => types.with(kind::ALLOWED),
            Ruling::Unknown => types,
        };
        (categories, types)
    }

    /// The HTTP method behind the verb; `None` for verbs that say nothing of it.
    pub(crate) fn method(self) -> Option<&'static [u8]> {
        Some(match self.verb {
            b"get" | b"list" | b"watch" => b"GET",
            b"create" | b"post" => b"POST",
            b"update" | b"put" => b"PUT",
            b"patch" => b"PATCH",
            b"delete" | b"deletecollection" => b"DELETE",
            b"head" => b"HEAD",
            b"options" => b"OPTIONS",
            _ => return None,
        })
    }
}

/// Resources that are questions: nothing is stored.
pub(crate) fn is_virtual(resource: &[u8]) -> bool {
    matches!(
        resource,
        b"tokenreviews"
            | b"subjectaccessreviews"
            | b"selfsubjectaccessreviews"
            | b"localsubjectaccessreviews"
            | b"selfsubjectrulesreviews"
            | b"subjectrulesreviews"
            | b"selfsubjectreviews"
            | b"resourceaccessreviews"
            | b"localresourceaccessreviews"
            | b"podsecuritypolicyreviews"
            | b"podsecuritypolicysubjectreviews"
            | b"podsecuritypolicyselfsubjectreviews"
    )
}

fn iam(resource: &[u8], sub: &[u8], group: &[u8]) -> Option<Set> {
    match group {
        b"rbac.authorization.k8s.io" | b"authorization.openshift.io" => Some(kind::ADMIN),
        b"certificates.k8s.io" if resource == b"certificatesigningrequests" => Some(kind::USER),
        b"user.openshift.io" => Some(if resource == b"groups" { kind::GROUP } else { kind::USER }),
        b"" | b"core" if resource == b"serviceaccounts" && (sub.is_empty() || sub == b"token") => {
            Some(kind::USER)
        }
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn class(verb: &str, resource: &str, group: &str, code: u16) -> (String, String) {
        let (resource, sub) = resource.split_once('/').unwrap_or((resource, ""));
        let (categories, types) = Act {
            verb: verb.as_bytes(),
            resource: resource.as_bytes(),
            subresource: sub.as_bytes(),
            group: group.as_bytes(),
            path: b"/healthz",
            code,
            ruling: if matches!(code, 401 | 403) { Ruling::Denied } else { Ruling::Allowed },
            is_dry_run: verb == "post",
            is_final: true,
        }
        .class();
        let join = |set: Set, table| set.names(table).collect::<Vec<_>>().join(" ");
        (join(categories, category::NAMES), join(types, kind::NAMES))
    }

    #[test]
    fn table() {
        for (verb, resource, group, code, categories, types) in [
            ("get", "pods", "", 200, "api", "access allowed"),
            ("watch", "secrets", "", 403, "api", "access denied"),
            ("create", "pods", "", 201, "api configuration", "allowed creation"),
            ("patch", "deployments/scale", "apps", 200, "api configuration", "allowed change"),
            ("update", "pods/status", "", 200, "api configuration", "allowed change"),
            ("create", "pods/eviction", "", 201, "api configuration", "allowed deletion"),
            ("create", "pods/binding", "", 201, "api configuration", "allowed change"),
            ("deletecollection", "pods", "", 200, "api configuration", "allowed deletion"),
            ("create", "pods/exec", "", 101, "api process session", "access allowed end start"),
            ("get", "pods/attach", "", 101, "api process session", "access allowed end start"),
            (
                "create",
                "pods/portforward",
                "",
                101,
                "api network session",
                "access allowed connection",
            ),
            ("get", "nodes/proxy", "", 200, "api network session", "access allowed connection"),
            (
                "create",
                "subjectaccessreviews",
                "authorization.k8s.io",
                201,
                "api",
                "access allowed info",
            ),
            (
                "create",
                "tokenreviews",
                "authentication.k8s.io",
                201,
                "api authentication",
                "access allowed info",
            ),
            ("get", "secretreviews", "example.com", 200, "api", "access allowed"),
            (
                "create",
                "clusterrolebindings",
                "rbac.authorization.k8s.io",
                201,
                "api configuration iam",
                "admin allowed creation",
            ),
            (
                "create",
                "serviceaccounts/token",
                "",
                201,
                "api configuration iam",
                "allowed creation user",
            ),
            ("get", "serviceaccounts", "example.com", 200, "api", "access allowed"),
            ("get", "pods", "", 401, "api authentication", "access denied"),
            ("get", "", "", 200, "api", "access allowed info"),
            ("patch", "pods", "", 201, "api configuration", "allowed creation"),
            ("update", "pods/status", "", 201, "api configuration", "allowed change"),
            ("post", "pods", "", 201, "api configuration", "allowed info"),
            ("frobnicate", "pods", "", 200, "api", "allowed info"),
        ] {
            let found = class(verb, resource, group, code);
            assert_eq!(found, (categories.into(), types.into()), "{verb} {resource}");
        }
    }
}
