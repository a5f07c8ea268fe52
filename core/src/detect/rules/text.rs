//! Credentials that are known by how they are written in text; the readers beside this folder.

use super::{RULE, Rule, after, by};
use crate::detect::prefixed::{basic, bearer, flag, header, token_word, yaml};
use crate::detect::runs::URL64;

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "authorization-header",
        about: "`Authorization` header values and `Bearer`/`Basic` credentials in text.",
        literals: &[
            by("earer ", bearer),
            by("EARER ", bearer),
            by("asic ", basic),
            by("ASIC ", basic),
            by("uthorization", header),
            by("UTHORIZATION", header),
            after(".bearer.authorization.k8s.io.", URL64, 8),
        ],
        ..RULE
    },
    Rule { name: "url-userinfo", about: "`user:password@` in a URL.", ..RULE },
    Rule {
        name: "secret-assignment",
        about: "`password=…`, `token: …`, `--api-key …` and the like inside text.",
        literals: &[
            by("ient-key-data:", |h, at, _| yaml(h, at, 13)),
            by("oken: ", |h, at, _| yaml(h, at, 4)),
            by("word: ", |h, at, _| yaml(h, at, 4)),
            by("cret: ", |h, at, _| yaml(h, at, 4)),
            by("Key: ", |h, at, _| yaml(h, at, 3)),
            by("_key: ", |h, at, _| yaml(h, at, 4)),
            by("OKEN: ", |h, at, _| yaml(h, at, 4)),
            by("WORD: ", |h, at, _| yaml(h, at, 4)),
            by("CRET: ", |h, at, _| yaml(h, at, 4)),
            by("KEY: ", |h, at, _| yaml(h, at, 3)),
            by("oken ", |h, at, _| token_word(h, at)),
            by("assword ", |h, at, _| flag(h, at, 7)),
            by("ecret ", |h, at, _| flag(h, at, 5)),
        ],
        ..RULE
    },
];
