//! Payment and commerce.

use super::{RULE, Rule, SERVICE_RULE, Span, by, exactly, from, is_mixed, starts_word, word};
use crate::detect::runs::{ALNUM, HEX, TOKEN, URL64, run};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "stripe-key",
        about: "Stripe secret or restricted key, webhook secret. (Publishable keys are public.)",
        literals: &[
            by("k_live_", |h, at, _| stripe(h, at)),
            by("k_test_", |h, at, _| stripe(h, at)),
            by("k_prod_", |h, at, _| stripe(h, at)),
            from("whsec_", TOKEN, 24),
        ],
        finds: &["sk_live_{24a}", "rk_live_{24a}", "whsec_{32a}"],
        #[cfg(test)]
        keeps: &["sk_live_x", "pk_live_{24a}", "whsec_name"],
        ..RULE
    },
    Rule {
        name: "square-token",
        about: "Square access token or application secret.",
        literals: &[
            word("sq0atp-", URL64, 22, 22),
            word("sq0csp-", URL64, 43, 43),
            word("EAAA", URL64, 56, 62),
        ],
        finds: &["sq0atp-{22w}", "sq0csp-{43w}", "EAAA{60w}"],
        #[cfg(test)]
        keeps: &["sq0atp-x", "EAAA"],
        ..SERVICE_RULE
    },
    Rule {
        name: "facebook-token",
        about: "Facebook access token.",
        literals: &[
            from("EAACEdEose0cBA", ALNUM, 20),
            from("EAAB", ALNUM, 90),
            word("EAAC", ALNUM, 90, 300),
        ],
        finds: &["EAACEdEose0cBA{120a}", "EAAC{140a}"],
        #[cfg(test)]
        keeps: &["EAACEdEose0cBA"],
        ..SERVICE_RULE
    },
    Rule {
        name: "braintree-token",
        about: "Braintree access token.",
        literals: &[by("access_token$", |h, at, _| {
            let kind = run(h, at + 13, ALNUM, 12);
            let id = run(h, kind + 1, ALNUM, 17);
            let end = run(h, id + 1, HEX, 33);
            let fits = h.get(kind) == Some(&b'$') && h.get(id) == Some(&b'$') && end > id + 32;
            fits.then_some((at, end))
        })],
        finds: &["access_token$production${16l}${32h}"],
        #[cfg(test)]
        keeps: &["access_token$x"],
        ..SERVICE_RULE
    },
    Rule {
        name: "plaid-token",
        about: "Plaid access token.",
        literals: &[
            by("access-production-", |h, at, _| super::code::uuid::<18>(h, at)),
            by("access-sandbox-", |h, at, _| super::code::uuid::<15>(h, at)),
            by("access-development-", |h, at, _| super::code::uuid::<19>(h, at)),
        ],
        finds: &["access-production-{uuid}", "access-sandbox-{uuid}"],
        #[cfg(test)]
        keeps: &["access-production-role"],
        ..SERVICE_RULE
    },
    Rule {
        name: "shopify-token",
        about: "Shopify access token or shared secret.",
        literals: &[
            exactly("shpat_", HEX, 32),
            exactly("shpss_", HEX, 32),
            exactly("shpca_", HEX, 32),
            exactly("shppa_", HEX, 32),
        ],
        finds: &["shpat_{32h}", "shpss_{32h}"],
        #[cfg(test)]
        keeps: &["shpat_x"],
        ..SERVICE_RULE
    },
    Rule {
        name: "easypost-key",
        about: "EasyPost API key.",
        literals: &[word("EZAK", ALNUM, 54, 54), word("EZTK", ALNUM, 54, 54)],
        finds: &["EZAK{54a}"],
        #[cfg(test)]
        keeps: &["EZAK"],
        ..SERVICE_RULE
    },
    Rule {
        name: "shippo-token",
        about: "Shippo API token.",
        literals: &[exactly("shippo_live_", HEX, 40), exactly("shippo_test_", HEX, 40)],
        finds: &["shippo_live_{40h}"],
        #[cfg(test)]
        keeps: &["shippo_live_x"],
        ..SERVICE_RULE
    },
    Rule {
        name: "razorpay-key",
        about: "Razorpay key id.",
        literals: &[word("rzp_live_", ALNUM, 14, 14), word("rzp_test_", ALNUM, 14, 14)],
        finds: &["rzp_live_{14a}"],
        #[cfg(test)]
        keeps: &["rzp_live_x"],
        ..SERVICE_RULE
    },
    Rule {
        name: "flutterwave-key",
        about: "Flutterwave secret key.",
        literals: &[from("FLWSECK", URL64, 24)],
        finds: &["FLWSECK-{32h}-X", "FLWSECK_TEST-{32h}-X"],
        #[cfg(test)]
        keeps: &["FLWSECK-1"],
        ..SERVICE_RULE
    },
    Rule {
        name: "live-token",
        about: "Tokens that say `live_` or `test_`: GoCardless, Mollie, Kickbox, Column and others.",
        literals: &[by("live_", |h, at, _| live(h, at)), by("test_", |h, at, _| live(h, at))],
        finds: &["live_{40a}", "test_{32a}"],
        #[cfg(test)]
        keeps: &[
            "live_traffic",
            "test_abcdefghijklmnopqrstuvwxyzabcdefgh",
            "test_run_{8d}",
            "test_dag/archive/{40h}.zip",
        ],
        ..SERVICE_RULE
    },
    Rule {
        name: "clickup-token",
        about: "ClickUp or Klaviyo API token.",
        literals: &[by("pk_", |h, at, _| {
            let end = run(h, at + 3, URL64, 64);
            let text = &h[at + 3..end];
            let digits = text.iter().take_while(|b| b.is_ascii_digit()).count();
            let long = |rest: &[u8]| rest.len() >= 32 && rest.iter().all(u8::is_ascii_alphanumeric);
            let click = digits >= 5 && text.get(digits) == Some(&b'_') && long(&text[digits + 1..]);
            let plain = text.len() == 34 && long(text) && is_mixed(text);
            ((click || plain) && starts_word(h, at)).then_some((at, end))
        })],
        finds: &["pk_1234567_{32u}", "pk_{34h}"],
        #[cfg(test)]
        keeps: &["pk_live_{24a}", "pk_name", "pk_table_orders"],
        ..SERVICE_RULE
    },
    Rule {
        name: "zoho-token",
        about: "Zoho OAuth token.",
        literals: &[by("1000.", |h, at, _| {
            let middle = run(h, at + 5, HEX, 33);
            let end = run(h, middle + 1, HEX, 33);
            let fits = middle == at + 37 && h.get(middle) == Some(&b'.') && end == middle + 33;
            (fits && starts_word(h, at)).then_some((at, end))
        })],
        finds: &["1000.{32h}.{32h}"],
        #[cfg(test)]
        keeps: &["1000.5", "1000.0.0.1"],
        ..SERVICE_RULE
    },
    Rule {
        name: "salesforce-token",
        about: "Salesforce session or access token.",
        literals: &[by("00D", |h, at, _| {
            let id = run(h, at, ALNUM, 19);
            let end = run(h, id + 1, TOKEN, 256);
            let fits = matches!(id - at, 15 | 18) && h.get(id) == Some(&b'!');
            (fits && starts_word(h, at) && end > id + 60).then_some((at, end))
        })],
        finds: &["00D{12a}!AQ{90w}", "00D{12a}!{96w}"],
        #[cfg(test)]
        keeps: &["00D1", "00Dxx0000001gPLEAY"],
        ..SERVICE_RULE
    },
    Rule {
        name: "dropbox-token",
        about: "Dropbox access token.",
        literals: &[word("sl.", TOKEN, 100, 2048)],
        finds: &["sl.{135w}", "sl.u.{200w}"],
        #[cfg(test)]
        keeps: &["sl.example.com"],
        ..SERVICE_RULE
    },
    Rule {
        name: "fleetbase-key",
        about: "Fleetbase, Ubidots, Voiceflow, Readme and Nightfall keys.",
        literals: &[
            from("flb_live_", ALNUM, 16),
            word("BBFF-", ALNUM, 30, 34),
            word("BBUS-", ALNUM, 30, 34),
            by("VF.", |h, at, _| {
                let end = run(h, at + 3, TOKEN, 64);
                let parts = h[at..end].split(|b| *b == b'.').count();
                (parts == 4 && end > at + 40 && starts_word(h, at)).then_some((at, end))
            }),
            word("rdme_", ALNUM, 60, 80),
            word("NF-", ALNUM, 32, 32),
        ],
        finds: &["flb_live_{20a}", "BBFF-{30a}", "VF.DM.{24h}.{16a}", "rdme_{70l}", "NF-{32a}"],
        #[cfg(test)]
        keeps: &["VF.x", "NF-1", "rdme_x"],
        ..SERVICE_RULE
    },
];

fn stripe(hay: &[u8], at: usize) -> Span {
    let start = at.checked_sub(1).filter(|start| matches!(hay[*start], b's' | b'r' | b'a'))?;
    let end = run(hay, start + 8, ALNUM, super::LONGEST);
    (end >= start + 18).then_some((start, end))
}

/// `live_` or `test_` and at least 28 letters and digits without a break of more than one sign.
fn live(hay: &[u8], at: usize) -> Span {
    let end = run(hay, at + 5, URL64, 160);
    let text = &hay[at + 5..end];
    let longest = text.split(|b| !b.is_ascii_alphanumeric()).map(<[u8]>::len).max().unwrap_or(0);
    (longest >= 16 && text.len() >= 28 && is_mixed(text) && starts_word(hay, at))
        .then_some((at, end))
}
