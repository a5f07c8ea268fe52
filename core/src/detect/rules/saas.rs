//! Further services that people run their work with.

use super::{Rule, SERVICE_RULE, after, by, exactly, from, word};
use crate::detect::runs::{ALNUM, HEX, TOKEN, URL64, run};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "cloudflare-token",
        about: "Cloudflare API token of a user or an account, or a global key, in the form with a prefix.",
        literals: &[
            word("cfut_", ALNUM, 40, 56),
            word("cfat_", ALNUM, 40, 56),
            word("cfk_", ALNUM, 37, 56),
        ],
        finds: &["cfut_{40a}", "cfat_{48a}", "cfk_{37a}"],
        #[cfg(test)]
        keeps: &["cfut_x", "cfk_config"],
        ..SERVICE_RULE
    },
    Rule {
        name: "yandex-token",
        about: "Yandex OAuth token.",
        literals: &[word("y0_", URL64, 50, 70)],
        finds: &["y0_{55w}"],
        #[cfg(test)]
        keeps: &["y0_axis"],
        ..SERVICE_RULE
    },
    Rule {
        name: "infracost-key",
        about: "Infracost API key.",
        literals: &[exactly("ico-", ALNUM, 32)],
        finds: &["ico-{32a}"],
        #[cfg(test)]
        keeps: &["ico-small"],
        ..SERVICE_RULE
    },
    Rule {
        name: "runpod-key",
        about: "RunPod API key.",
        literals: &[word("rpa_", ALNUM, 40, 56)],
        finds: &["rpa_{46a}"],
        #[cfg(test)]
        keeps: &["rpa_robot"],
        ..SERVICE_RULE
    },
    Rule {
        name: "adobe-secret",
        about: "Adobe client secret of OAuth.",
        literals: &[exactly("p8e-", URL64, 32)],
        finds: &["p8e-{32w}"],
        #[cfg(test)]
        keeps: &["p8e-x"],
        ..SERVICE_RULE
    },
    Rule {
        name: "atlassian-token",
        about: "Atlassian API token, with a CRC-32 at its end.",
        literals: &[from("ATATT3", TOKEN, 60), from("ATCTT3", TOKEN, 60)],
        finds: &["ATATT3xFfGF0{170w}={8h}"],
        #[cfg(test)]
        keeps: &["ATATT3"],
        ..SERVICE_RULE
    },
    Rule {
        name: "aiven-token",
        about: "Password of a service of Aiven.",
        literals: &[word("AVNS_", URL64, 15, 24)],
        finds: &["AVNS_{19w}"],
        #[cfg(test)]
        keeps: &["AVNS_x", "AVNS_SERVICE"],
        ..SERVICE_RULE
    },
    Rule {
        name: "vercel-token",
        about: "Vercel Blob token.",
        literals: &[from("vercel_blob_rw_", URL64, 32)],
        finds: &["vercel_blob_rw_{16a}_{30a}"],
        #[cfg(test)]
        keeps: &["vercel_blob_rw_"],
        ..SERVICE_RULE
    },
    Rule {
        name: "confluent-key",
        about: "Confluent Cloud API secret.",
        literals: &[word("cflt", TOKEN, 56, 64)],
        finds: &["cflt{60a}"],
        #[cfg(test)]
        keeps: &["cflt-operator"],
        ..SERVICE_RULE
    },
    Rule {
        name: "cockroach-key",
        about: "CockroachDB Cloud API key.",
        literals: &[word("CCDB1_", URL64, 60, 66)],
        finds: &["CCDB1_{22a}_{40a}"],
        #[cfg(test)]
        keeps: &["CCDB1_x"],
        ..SERVICE_RULE
    },
    Rule {
        name: "duffel-token",
        about: "Duffel access token.",
        literals: &[from("duffel_live_", URL64, 43), from("duffel_test_", URL64, 43)],
        finds: &["duffel_live_{43w}"],
        #[cfg(test)]
        keeps: &["duffel_live_x"],
        ..SERVICE_RULE
    },
    Rule {
        name: "deno-token",
        about: "Deno Deploy access token.",
        literals: &[word("ddp_", ALNUM, 36, 40), word("ddo_", ALNUM, 36, 40)],
        finds: &["ddp_{36a}"],
        #[cfg(test)]
        keeps: &["ddp_x", "ddo_flag"],
        ..SERVICE_RULE
    },
    Rule {
        name: "paddle-key",
        about: "Paddle API key.",
        literals: &[from("pdl_live_apikey_", URL64, 40), from("pdl_sdbx_apikey_", URL64, 40)],
        finds: &["pdl_live_apikey_01{24b}_{22a}_{3a}"],
        #[cfg(test)]
        keeps: &["pdl_live_apikey_x"],
        ..SERVICE_RULE
    },
    Rule {
        name: "polar-token",
        about: "Polar access token.",
        literals: &[from("polar_oat_", ALNUM, 32), from("polar_pat_", ALNUM, 32)],
        finds: &["polar_oat_{43a}"],
        #[cfg(test)]
        keeps: &["polar_oat_x"],
        ..SERVICE_RULE
    },
    Rule {
        name: "tigris-key",
        about: "Tigris access key.",
        literals: &[word("tsec_", URL64, 56, 72)],
        finds: &["tsec_{60a}"],
        #[cfg(test)]
        keeps: &["tsec_per_point"],
        ..SERVICE_RULE
    },
    Rule {
        name: "zuplo-key",
        about: "Zuplo API key, with a checksum at its end.",
        literals: &[word("zpka_", URL64, 36, 48)],
        finds: &["zpka_{32h}_{8h}"],
        #[cfg(test)]
        keeps: &["zpka_x"],
        ..SERVICE_RULE
    },
    Rule {
        name: "statsig-key",
        about: "Statsig server secret.",
        literals: &[word("secret-", ALNUM, 40, 48)],
        finds: &["secret-{43a}"],
        #[cfg(test)]
        keeps: &["secret-sauce", "secret-0123456789abcdef"],
        ..SERVICE_RULE
    },
    Rule {
        name: "trigger-key",
        about: "Trigger.dev key.",
        literals: &[
            word("tr_prod_", ALNUM, 20, 24),
            word("tr_dev_", ALNUM, 20, 24),
            word("tr_pat_", ALNUM, 36, 44),
        ],
        finds: &["tr_prod_{20a}", "tr_pat_{40a}"],
        #[cfg(test)]
        keeps: &["tr_prod_eu"],
        ..SERVICE_RULE
    },
    Rule {
        name: "expo-token",
        about: "Expo access token.",
        literals: &[exactly("expo_", ALNUM, 40)],
        finds: &["expo_{40a}"],
        #[cfg(test)]
        keeps: &["expo_go"],
        ..SERVICE_RULE
    },
    Rule {
        name: "cursor-key",
        about: "Cursor API key.",
        literals: &[exactly("key_", HEX, 64)],
        finds: &["key_{64h}"],
        #[cfg(test)]
        keeps: &["key_prefix", "key_0123456789abcdef"],
        ..SERVICE_RULE
    },
    Rule {
        name: "fullstory-key",
        about: "FullStory API key.",
        literals: &[word("na1.", TOKEN, 90, 160), word("eu1.", TOKEN, 90, 160)],
        finds: &["na1.{100b}"],
        #[cfg(test)]
        keeps: &["na1.example.com"],
        ..SERVICE_RULE
    },
    Rule {
        name: "snowflake-token",
        about: "Snowflake session token.",
        literals: &[from("ver:1-hint:", TOKEN, 60)],
        finds: &["ver:1-hint:{12d}-{100a}"],
        #[cfg(test)]
        keeps: &["ver:1-hint:12"],
        ..SERVICE_RULE
    },
    Rule {
        name: "okta-token",
        about: "Okta API token behind its scheme.",
        literals: &[after("SSWS ", URL64, 30)],
        #[cfg(test)]
        keeps: &["SSWS scheme"],
        ..SERVICE_RULE
    },
    Rule {
        name: "oculus-token",
        about: "Oculus access token.",
        literals: &[by("OC|", |h, at, _| {
            let id = run(h, at + 3, ALNUM, 20);
            let end = run(h, id + 1, URL64, 64);
            let fits = h[at + 3..id].iter().all(u8::is_ascii_digit) && id > at + 10;
            (fits && h.get(id) == Some(&b'|') && end > id + 20).then_some((at, end))
        })],
        finds: &["OC|{16d}|{32a}"],
        #[cfg(test)]
        keeps: &["OC|x|y"],
        ..SERVICE_RULE
    },
];
