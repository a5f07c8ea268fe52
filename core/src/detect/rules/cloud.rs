//! Clouds and what they rent out: computers, storage, databases, names.

use super::{
    LONGEST, Memory, RULE, Rule, SERVICE_RULE, Span, by, exactly, exactly_before, from, is_mixed,
    is_uuid, starts_word, word,
};
use crate::detect::runs::{ALNUM, BASE64, HEX, TOKEN, UPPER, URL64, is, run, run_back};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "aws-access-key",
        about: "AWS access key id.",
        literals: &[
            by("AKIA", |h, at, _| aws(h, at)),
            by("ASIA", |h, at, _| aws(h, at)),
            by("ABIA", |h, at, _| aws(h, at)),
            by("ACCA", |h, at, _| aws(h, at)),
            by("A3T", |h, at, _| aws(h, at)),
        ],
        finds: &["AKIA{16u}", "ASIA{16u}", "A3TX{16u}"],
        #[cfg(test)]
        keeps: &["AKIASHORT", "xASIA{16u}y"],
        ..RULE
    },
    Rule {
        name: "aws-secret-key",
        about: "AWS secret access key: forty letters within 200 bytes after a key id, or in \
                front of one within 120.",
        literals: &[by("AKIA", aws_secret), by("ASIA", aws_secret)],
        ..RULE
    },
    Rule {
        name: "aws-token",
        about: "Amazon tokens with a prefix: MWS, AppSync, Bedrock, sessions.",
        literals: &[
            from("IQoJb3JpZ2luX2Vj", BASE64, 80),
            by("amzn.mws.", |h, at, _| is_uuid(h, at + 9).then_some((at, at + 45))),
            word("da2-", ALNUM, 26, 26),
            from("ABSKQmVkcm9ja0FQSUtleS", BASE64, 40),
        ],
        finds: &[
            "amzn.mws.{uuid}",
            "da2-{26l}",
            "ABSKQmVkcm9ja0FQSUtleS{110b}",
            "IQoJb3JpZ2luX2Vj{200b}",
        ],
        #[cfg(test)]
        keeps: &["IQoJb3JpZ2luX2Vj", "da2-short1", "amzn.mws.example"],
        ..RULE
    },
    Rule {
        name: "google-key",
        about: "Google API key, OAuth access or refresh token, OAuth client secret.",
        literals: &[
            exactly("AIza", URL64, 35),
            from("ya29.", URL64, 20),
            from("GOCSPX-", URL64, 24),
            word("1//0", URL64, 30, 256),
        ],
        finds: &["AIza{35w}", "ya29.{60w}", "GOCSPX-{28w}", "1//0{60w}"],
        #[cfg(test)]
        keeps: &["AIzawa", "GOCSPX-short", "1//0"],
        ..RULE
    },
    Rule {
        name: "azure-secret",
        about: "Azure AD client secret.",
        sign: Some((b'~', azure_secret)),
        finds: &["{3a}8Q~{34a}"],
        #[cfg(test)]
        keeps: &["Q~", "x8Q~short"],
        ..RULE
    },
    Rule {
        name: "azure-key",
        about: "Azure keys that carry their kind: storage, registry, search, DevOps and others.",
        literals: &[
            by("+ACR", |h, at, _| azure(h, at)),
            by("+ASt", |h, at, _| azure(h, at)),
            by("+ASb", |h, at, _| azure(h, at)),
            by("+AEh", |h, at, _| azure(h, at)),
            by("+ARm", |h, at, _| azure(h, at)),
            by("ACDb", |h, at, _| azure(h, at)),
            by("AzCa", |h, at, _| azure(h, at)),
            by("AzSe", |h, at, _| azure(h, at)),
            by("AzFu", |h, at, _| azure(h, at)),
            by("AIoT", |h, at, _| azure(h, at)),
            by("ACOG", |h, at, _| azure(h, at)),
            by("AZDO", |h, at, _| azure(h, at)),
        ],
        finds: &["{42a}+ACR{6a}", "{76b}+ASt{6a}==", "{42a}AzSe{6a}", "{76a}AZDO{4a}"],
        #[cfg(test)]
        keeps: &["word+AStro", "AzFunctions"],
        ..RULE
    },
    Rule {
        name: "alibaba-key",
        about: "Alibaba Cloud or Tencent Cloud access key id.",
        literals: &[word("LTAI", ALNUM, 12, 26), word("AKID", ALNUM, 13, 40)],
        finds: &["LTAI{20a}", "AKID{32a}"],
        #[cfg(test)]
        keeps: &["LTAI", "AKIDentifier"],
        ..SERVICE_RULE
    },
    Rule {
        name: "yandex-key",
        about: "Yandex Cloud API key.",
        literals: &[
            word("AQVN", URL64, 35, 40),
            word("YCP", URL64, 37, 37),
            word("YCN", URL64, 37, 37),
            word("YCM", URL64, 37, 37),
        ],
        finds: &["AQVN{36w}", "YCP{37w}"],
        #[cfg(test)]
        keeps: &["AQVN1"],
        ..SERVICE_RULE
    },
    Rule {
        name: "scaleway-key",
        about: "Scaleway access key.",
        literals: &[word("SCW", UPPER, 17, 17)],
        finds: &["SCW{17u}"],
        #[cfg(test)]
        keeps: &["SCW_ACCESS"],
        ..SERVICE_RULE
    },
    Rule {
        name: "digitalocean-token",
        about: "DigitalOcean personal, OAuth or refresh token.",
        literals: &[
            exactly("dop_v1_", HEX, 64),
            exactly("doo_v1_", HEX, 64),
            exactly("dor_v1_", HEX, 64),
        ],
        finds: &["dop_v1_{64h}", "doo_v1_{64h}", "dor_v1_{64h}"],
        #[cfg(test)]
        keeps: &["dop_v1_short"],
        ..SERVICE_RULE
    },
    Rule {
        name: "cloudflare-key",
        about: "Cloudflare origin CA key.",
        literals: &[by("v1.0-", |h, at, _| {
            let end = run(h, at + 5, URL64, 512);
            let hex = h[at + 5..end].iter().all(|b| b.is_ascii_hexdigit() || *b == b'-');
            (hex && end >= at + 5 + 150).then_some((at, end))
        })],
        finds: &["v1.0-{24h}-{146h}"],
        #[cfg(test)]
        keeps: &["v1.0-beta", "v1.0-0a1b2c3d"],
        ..SERVICE_RULE
    },
    Rule {
        name: "heroku-key",
        about: "Heroku API key.",
        literals: &[word("HRKU-", URL64, 30, 80)],
        finds: &["HRKU-AA{58w}"],
        #[cfg(test)]
        keeps: &["HRKU-1"],
        ..SERVICE_RULE
    },
    Rule {
        name: "fly-token",
        about: "Fly.io access token.",
        literals: &[
            from("fo1_", URL64, 40),
            from("fm1a_", TOKEN, 60),
            from("fm1r_", TOKEN, 60),
            from("fm2_", TOKEN, 60),
        ],
        finds: &["fo1_{43w}", "fm2_{120b}"],
        #[cfg(test)]
        keeps: &["fo1_x"],
        ..SERVICE_RULE
    },
    Rule {
        name: "render-key",
        about: "Key of Render, Netlify, Vercel, Neon or Akamai.",
        literals: &[
            word("rnd_", ALNUM, 26, 48),
            word("nfp_", ALNUM, 36, 48),
            word("vcp_", ALNUM, 40, 64),
            word("napi_", ALNUM, 56, 72),
            from("akab-", URL64, 32),
        ],
        finds: &["rnd_{32a}", "nfp_{36a}", "napi_{64l}", "akab-{16l}-{16l}"],
        #[cfg(test)]
        keeps: &["rnd_seed", "napi_poll", "akab-1"],
        ..SERVICE_RULE
    },
    Rule {
        name: "firebase-key",
        about: "Firebase Cloud Messaging server key.",
        literals: &[by(":APA91b", |h, at, _| {
            let start = run_back(h, at, URL64, 16);
            let end = run(h, at + 7, URL64, 256);
            (end > at + 7 + 100 && at - start >= 7).then_some((start, end))
        })],
        finds: &["AAAA{7w}:APA91b{134w}"],
        #[cfg(test)]
        keeps: &["x:APA91b"],
        ..SERVICE_RULE
    },
    Rule {
        name: "planetscale-token",
        about: "PlanetScale password, OAuth or service token.",
        literals: &[
            from("pscale_tkn_", URL64, 32),
            from("pscale_pw_", URL64, 32),
            from("pscale_oauth_", URL64, 32),
        ],
        finds: &["pscale_tkn_{43w}", "pscale_pw_{43w}"],
        #[cfg(test)]
        keeps: &["pscale_tkn_x"],
        ..SERVICE_RULE
    },
    Rule {
        name: "supabase-token",
        about: "Supabase access token or secret key.",
        literals: &[word("sbp_", ALNUM, 40, 44), from("sb_secret_", URL64, 20)],
        finds: &["sbp_{40h}", "sb_secret_{31w}"],
        #[cfg(test)]
        keeps: &["sbp_x", "sb_secret_name"],
        ..SERVICE_RULE
    },
    Rule {
        name: "databricks-token",
        about: "Databricks personal access token.",
        literals: &[exactly("dapi", HEX, 32)],
        finds: &["dapi{32h}"],
        #[cfg(test)]
        keeps: &["dapi-prod"],
        ..SERVICE_RULE
    },
    Rule {
        name: "mongodb-atlas-token",
        about: "MongoDB Atlas service account secret.",
        literals: &[from("mdb_sa_sk_", URL64, 32)],
        finds: &["mdb_sa_sk_{40w}"],
        #[cfg(test)]
        keeps: &["mdb_sa_sk_x"],
        ..SERVICE_RULE
    },
    Rule {
        name: "contentful-token",
        about: "Contentful personal access token.",
        literals: &[from("CFPAT-", URL64, 40)],
        finds: &["CFPAT-{43w}"],
        #[cfg(test)]
        keeps: &["CFPAT-1"],
        ..SERVICE_RULE
    },
    Rule {
        name: "dbt-token",
        about: "dbt Cloud token.",
        literals: &[from("dbtc_", URL64, 30), from("dbtu_", URL64, 30), from("dbts_", URL64, 30)],
        finds: &["dbtc_{36w}"],
        #[cfg(test)]
        keeps: &["dbtc_x"],
        ..SERVICE_RULE
    },
    Rule {
        name: "prefect-token",
        about: "Prefect API key.",
        literals: &[word("pnu_", ALNUM, 32, 44), word("pnb_", ALNUM, 32, 44)],
        finds: &["pnu_{36a}"],
        #[cfg(test)]
        keeps: &["pnu_x"],
        ..SERVICE_RULE
    },
    Rule {
        name: "pinecone-key",
        about: "Pinecone API key.",
        literals: &[from("pcsk_", URL64, 40)],
        finds: &["pcsk_{6a}_{62a}"],
        #[cfg(test)]
        keeps: &["pcsk_x"],
        ..SERVICE_RULE
    },
];

/// Four letters and 16 more. In the middle of base64 the neighbours are letters, too. (A slash is
/// more often one of a path.)
fn aws(hay: &[u8], at: usize) -> Span {
    let end = run(hay, at + 4, UPPER, 16);
    let letter = |b: &u8| is(*b, BASE64) && *b != b'/';
    let glued = at > 0 && letter(&hay[at - 1]) && hay.get(end).is_some_and(letter);
    let own = hay[at..].starts_with(b"A3T") && !starts_word(hay, at);
    (end == at + 20 && !glued && !own && is(hay[at + 3], UPPER)).then_some((at, end))
}

/// How far from its id a secret key is looked for.
const AFTER_ID: usize = 200;
const BEFORE_ID: usize = 120;

/// Forty letters of base64 near a key id, of both cases and with digits, and no word of a path.
fn aws_secret(hay: &[u8], at: usize, _: &mut Memory) -> Span {
    let (_, id_end) = aws(hay, at)?;
    let far = hay.len().min(id_end + AFTER_ID);
    let first = at.saturating_sub(BEFORE_ID);
    forty(hay, id_end, far).or_else(|| forty(hay, first, at))
}

/// The first run of exactly forty that looks like a secret key within `from..to`.
fn forty(hay: &[u8], from: usize, to: usize) -> Span {
    let mut at = from;
    while at < to {
        let end = run(hay, at, BASE64, LONGEST.min(64));
        // What is written as an assignment starts with the sign.
        let start = at + hay[at..end].iter().take_while(|b| **b == b'=').count();
        let text = &hay[start..end];
        let both =
            text.iter().any(u8::is_ascii_lowercase) && text.iter().any(u8::is_ascii_uppercase);
        if text.len() == 40 && both && is_mixed(text) && starts_word(hay, start) {
            return Some((start, end));
        }
        at = end + 1;
    }
    None
}

/// Three letters, a digit, `Q~` and 31 to 34 more.
fn azure_secret(hay: &[u8], at: usize, _: &mut Memory) -> Span {
    let start = at.checked_sub(5)?;
    let head = hay[at - 1] == b'Q'
        && hay[at - 2].is_ascii_digit()
        && hay[start..start + 3].iter().all(|b| is(*b, TOKEN));
    let end = run(hay, at + 1, TOKEN, 34);
    (head && end >= at + 1 + 31).then_some((start, end))
}

/// A key of one of these lengths, within whose last twelve letters the literal stands.
fn azure(hay: &[u8], at: usize) -> Span {
    let end = run(hay, at + 4, BASE64, 12);
    let tail = end - at;
    let fits = |total: usize| {
        let head = total.checked_sub(tail)?;
        let start = exactly_before(hay, at, BASE64, head).or_else(|| {
            // Written as an assignment, the sign runs into the key.
            let start = at.checked_sub(head)?;
            let all = hay[start..at].iter().all(|b| is(*b, BASE64) && *b != b'=');
            (all && start > 0 && hay[start - 1] == b'=').then_some(start)
        })?;
        is_mixed(&hay[start..at]).then_some((start, end))
    };
    if !(8..=16).contains(&tail) {
        return None;
    }
    [44, 52, 56, 84, 88].into_iter().find_map(fits)
}
