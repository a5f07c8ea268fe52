//! Further services that people run their work with.

use super::{Rule, SERVICE_RULE, from, word};
use crate::detect::runs::TOKEN;

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "atlassian-token",
        about: "Atlassian API token, with a CRC-32 at its end.",
        literals: &[from("ATATT3", TOKEN, 60), from("ATCTT3", TOKEN, 60)],
        finds: &["ATATT3xFfGF0{170w}={8h}"],
        keeps: &["ATATT3"],
        ..SERVICE_RULE
    },
    Rule {
        name: "fullstory-key",
        about: "FullStory API key.",
        literals: &[word("na1.", TOKEN, 90, 160), word("eu1.", TOKEN, 90, 160)],
        finds: &["na1.{100b}"],
        keeps: &["na1.example.com"],
        ..SERVICE_RULE
    },
];
