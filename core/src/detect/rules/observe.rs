//! Monitoring, logs, analytics.

use super::{
    Rule, SERVICE_RULE, Span, after, by, exactly, exactly_before, from, is_mixed, starts_word, word,
};
use crate::detect::runs::{ALNUM, BASE64, HEX, TOKEN, UPPER, URL64, run};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "grafana-token",
        about: "Grafana service account, cloud or API key.",
        literals: &[
            from("glsa_", URL64, 41),
            from("glc_", BASE64, 32),
            by("eyJrIjoi", super::jwt::object::<60>),
        ],
        finds: &["glsa_{32a}_{8h}", "glc_eyJ{90b}", "eyJrIjoi{70w}"],
        #[cfg(test)]
        keeps: &["glsa_x", "glc_context"],
        ..SERVICE_RULE
    },
    Rule {
        name: "newrelic-key",
        about: "New Relic user, ingest, query, browser or licence key; Pixie key.",
        literals: &[
            word("NRAK-", UPPER, 27, 27),
            word("NRAA-", HEX, 27, 27),
            word("NRII-", URL64, 32, 32),
            word("NRIQ-", URL64, 32, 32),
            word("NRRA-", HEX, 40, 42),
            by("NRAL", |h, at, _| {
                let start = exactly_before(h, at, ALNUM, 36)?;
                (run(h, at + 4, ALNUM, 1) == at + 4).then_some((start, at + 4))
            }),
            by("px-api-", |h, at, _| super::code::uuid::<7>(h, at)),
            by("px-dep-", |h, at, _| super::code::uuid::<7>(h, at)),
        ],
        finds: &["NRAK-{27u}", "NRII-{32w}", "{36h}NRAL", "eu01xx{30h}NRAL", "px-api-{uuid}"],
        #[cfg(test)]
        keeps: &["NRAK-1", "xNRAL", "px-api-server"],
        ..SERVICE_RULE
    },
    Rule {
        name: "dynatrace-token",
        about: "Dynatrace token.",
        literals: &[
            by("dt0c01.", |h, at, _| dynatrace(h, at)),
            by("dt0s01.", |h, at, _| dynatrace(h, at)),
            by("dt0s02.", |h, at, _| dynatrace(h, at)),
            by("dt0s08.", |h, at, _| dynatrace(h, at)),
            by("dt0s16.", |h, at, _| dynatrace(h, at)),
        ],
        finds: &["dt0c01.{24u}.{64u}", "dt0s16.{8u}.{64u}"],
        #[cfg(test)]
        keeps: &["dt0c01.x", "dt0"],
        ..SERVICE_RULE
    },
    Rule {
        name: "honeycomb-key",
        about: "Honeycomb ingest key.",
        literals: &[word("hcaik_", ALNUM, 50, 64), word("hcbik_", ALNUM, 50, 64)],
        finds: &["hcaik_{58l}"],
        #[cfg(test)]
        keeps: &["hcaik_x"],
        ..SERVICE_RULE
    },
    Rule {
        name: "codeclimate-reporter",
        about: "Code Climate's test reporter id, which is a key.",
        literals: &[by("TEST_REPORTER_ID", |h, at, _| {
            let from = at + 16;
            let sign = |b: &&u8| matches!(b, b'=' | b':' | b' ' | b'"' | b'\'' | b'\\');
            let start = from + h[from..].iter().take(6).take_while(sign).count();
            let end = run(h, start, HEX, 65);
            (start > from && end == start + 64).then_some((start, end))
        })],
        #[cfg(test)]
        keeps: &["CC_TEST_REPORTER_ID=$ID"],
        ..SERVICE_RULE
    },
    Rule {
        name: "sentry-token",
        about: "Sentry user or organisation auth token.",
        literals: &[from("sntrys_", TOKEN, 60), from("sntryu_", HEX, 60)],
        finds: &["sntryu_{64h}", "sntrys_eyJ{120b}"],
        #[cfg(test)]
        keeps: &["sntryu_x"],
        ..SERVICE_RULE
    },
    Rule {
        name: "posthog-key",
        about: "PostHog personal API key. (Project keys, `phc_`, are public.)",
        literals: &[word("phx_", URL64, 40, 64)],
        finds: &["phx_{43w}"],
        #[cfg(test)]
        keeps: &["phx_x", "phc_{43a}"],
        ..SERVICE_RULE
    },
    Rule {
        name: "axiom-token",
        about: "Axiom API or personal token.",
        literals: &[
            by("xaat-", |h, at, _| super::code::uuid::<5>(h, at)),
            by("xapt-", |h, at, _| super::code::uuid::<5>(h, at)),
        ],
        finds: &["xaat-{uuid}", "xapt-{uuid}"],
        #[cfg(test)]
        keeps: &["xaat-1"],
        ..SERVICE_RULE
    },
    Rule {
        name: "elastic-key",
        about: "Elastic Cloud or serverless API key.",
        literals: &[from("essu_", TOKEN, 40)],
        finds: &["essu_{76b}=="],
        #[cfg(test)]
        keeps: &["essu_x"],
        ..SERVICE_RULE
    },
    Rule {
        name: "coralogix-key",
        about: "Coralogix or Checkly key.",
        literals: &[
            word("cxtp_", ALNUM, 30, 36),
            word("cxup_", ALNUM, 30, 36),
            word("cu_", HEX, 32, 32),
        ],
        finds: &["cxtp_{30a}", "cu_{32h}"],
        #[cfg(test)]
        keeps: &["cu_name", "cxtp_x"],
        ..SERVICE_RULE
    },
    Rule {
        name: "scrapfly-key",
        about: "Scrapfly key.",
        literals: &[word("scp-live-", HEX, 32, 32), word("scp-test-", HEX, 32, 32)],
        finds: &["scp-live-{32h}"],
        #[cfg(test)]
        keeps: &["scp-live-x"],
        ..SERVICE_RULE
    },
    Rule {
        name: "mapbox-token",
        about: "Mapbox token.",
        literals: &[
            by("sk.eyJ", |h, at, _| mapbox(h, at)),
            by("tk.eyJ", |h, at, _| mapbox(h, at)),
            by("pk.eyJ", |h, at, _| mapbox(h, at)),
        ],
        finds: &["sk.eyJ{60w}.{22w}"],
        #[cfg(test)]
        keeps: &["sk.eyJ"],
        ..SERVICE_RULE
    },
    Rule {
        name: "dfuse-key",
        about: "dfuse API key.",
        literals: &[exactly("web_", HEX, 32), exactly("server_", HEX, 32)],
        finds: &["web_{32h}", "server_{32h}"],
        #[cfg(test)]
        keeps: &["web_server", "server_name"],
        ..SERVICE_RULE
    },
    Rule {
        name: "datadog-intake",
        about: "Datadog API key in the path of its intake.",
        literals: &[after("datadoghq.com/v1/input/", HEX, 32)],
        #[cfg(test)]
        keeps: &["datadoghq.com/v1/input/"],
        ..SERVICE_RULE
    },
];

/// Kind, public part of 8 or 24 letters, 64 more.
fn dynatrace(hay: &[u8], at: usize) -> Span {
    let kind = run(hay, at, ALNUM, 7);
    let id = run(hay, kind + 1, UPPER, 25);
    let end = run(hay, id + 1, UPPER, 80);
    let fits = kind == at + 6
        && hay.get(kind) == Some(&b'.')
        && hay.get(id) == Some(&b'.')
        && id >= kind + 9
        && end > id + 60;
    fits.then_some((at, end))
}

/// Kind, a JSON object in base64url, 22 letters.
fn mapbox(hay: &[u8], at: usize) -> Span {
    let dot = run(hay, at + 3, URL64, 512);
    let end = run(hay, dot + 1, URL64, 64);
    let fits = hay.get(dot) == Some(&b'.') && dot > at + 30 && end > dot + 20;
    (fits && starts_word(hay, at) && is_mixed(&hay[dot..end])).then_some((at, end))
}
