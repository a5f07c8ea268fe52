//! Credentials that are known by how they are written in text; the readers beside this folder.

use super::{RULE, Rule, after, by};
use crate::detect::readers::headers::{authorization, basic, bearer};
use crate::detect::readers::{bootstrap_token, glued, glued_key};
use crate::detect::runs::URL64;

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "authorization-header",
        about: "`Authorization` header values and `Bearer`/`Basic` credentials in text.",
        literals: &[
            by("earer ", |h, at, _| bearer(h, at)),
            by("EARER ", |h, at, _| bearer(h, at)),
            by("asic ", |h, at, _| basic(h, at)),
            by("ASIC ", |h, at, _| basic(h, at)),
            by("uthorization", authorization),
            by("UTHORIZATION", authorization),
            after(".bearer.authorization.k8s.io.", URL64, 8),
        ],
        ..RULE
    },
    Rule { name: "url-userinfo", about: "`user:password@` in a URL.", ..RULE },
    Rule {
        name: "secret-assignment",
        about: "`password=…`, `token: …`, `--api-key …` and the like inside text.",
        literals: &[
            by("oken:", |h, at, _| glued(h, at + 4)),
            by("word:", |h, at, _| glued(h, at + 4)),
            by("cret:", |h, at, _| glued(h, at + 4)),
            by("OKEN:", |h, at, _| glued(h, at + 4)),
            by("WORD:", |h, at, _| glued(h, at + 4)),
            by("CRET:", |h, at, _| glued(h, at + 4)),
            by("-Key:", |h, at, _| glued(h, at + 4)),
            by("-key:", |h, at, _| glued_key(h, at + 4)),
            by("_key:", |h, at, _| glued_key(h, at + 4)),
            by("_KEY:", |h, at, _| glued_key(h, at + 4)),
            by("ikey:", |h, at, _| glued_key(h, at + 4)),
            by("iKey:", |h, at, _| glued_key(h, at + 4)),
            by("oken ", |h, at, _| bootstrap_token(h, at + 4)),
        ],
        ..RULE
    },
];
