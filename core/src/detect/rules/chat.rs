//! Chat, mail and hooks: tokens, and URLs that let anybody post who knows them.

use super::{
    LONGEST, RULE, Rule, SERVICE_RULE, Span, after, by, exactly, exactly_before, from, is_mixed,
    starts_word, word,
};
use crate::detect::runs::{ALNUM, HEX, TOKEN, URL64, run, value_end};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "twitch-token",
        about: "Twitch chat token.",
        literals: &[by("oauth:", |hay, at, _| {
            let end = run(hay, at + 6, ALNUM, 31);
            (end == at + 36 && is_mixed(&hay[at + 6..end])).then_some((at, end))
        })],
        finds: &["oauth:{30a}"],
        #[cfg(test)]
        keeps: &["oauth:login", "oauth:2.0:oob"],
        ..SERVICE_RULE
    },
    Rule {
        name: "slack-token",
        about: "Slack token or webhook.",
        literals: &[
            by("xox", |h, at, _| slack(h, at)),
            from("xapp-", URL64, 20),
            from("xwfp-", URL64, 20),
            after("hooks.slack.com/services/", TOKEN, 20),
            after("hooks.slack.com/workflows/", TOKEN, 20),
            after("hooks.slack.com/triggers/", TOKEN, 20),
        ],
        finds: &["xoxb-{12d}-{13d}-{24a}", "xoxe.xoxp-1-{160w}", "xapp-1-{11u}-{13d}-{64h}"],
        #[cfg(test)]
        keeps: &["xoxb", "framework", "hooks.slack.com/services/"],
        ..RULE
    },
    Rule {
        name: "discord-webhook",
        about: "Discord webhook.",
        literals: &[by("/api/webhooks/", |h, at, _| {
            let id =
                at + 14 + h[at + 14..].iter().take(24).take_while(|b| b.is_ascii_digit()).count();
            let end = run(h, id + 1, URL64, 128);
            (id >= at + 31 && h.get(id) == Some(&b'/') && end > id + 40).then_some((id + 1, end))
        })],
        #[cfg(test)]
        keeps: &["/api/webhooks/1234567890/status"],
        ..SERVICE_RULE
    },
    Rule {
        name: "teams-webhook",
        about: "Microsoft Teams or Office 365 webhook.",
        literals: &[by("office.com/webhook", |h, at, _| {
            let slash = run(h, at + 18, ALNUM, 4);
            rest(h, slash, 36)
        })],
        #[cfg(test)]
        keeps: &["office.com/webhooks"],
        ..SERVICE_RULE
    },
    Rule {
        name: "hook-url",
        about: "Hook URLs of services where the path is the secret: Zapier, Make, Tines, IFTTT, \
                PagerDuty, Webex, Healthchecks, Rocket.Chat, Mattermost, Feishu, WeCom, cluster imports of \
                Rancher and the like.",
        literals: &[
            by("hooks.zapier.com/hooks/catch/", |h, at, _| rest(h, at + 28, 8)),
            by(".make.com/", |h, at, _| rest(h, at + 9, 24)),
            by(".tines.com/webhook/", |h, at, _| rest(h, at + 18, 30)),
            by(".tines.io/webhook/", |h, at, _| rest(h, at + 17, 30)),
            by("maker.ifttt.com/trigger/", |h, at, _| rest(h, at + 23, 20)),
            by("events.pagerduty.com/integration/", |h, at, _| rest(h, at + 32, 32)),
            by("webexapis.com/v1/webhooks/incoming/", |h, at, _| rest(h, at + 34, 40)),
            by("hc-ping.com/", |h, at, _| rest(h, at + 11, 22)),
            by("nosnch.in/", |h, at, _| rest(h, at + 9, 10)),
            by("thingsboard.cloud/api/v1/", |h, at, _| {
                let end = run(h, at + 25, ALNUM, 64);
                (end >= at + 45).then_some((at + 25, end))
            }),
            by("/hooks/", |h, at, _| {
                rest(h, at + 6, 26).filter(|(from, to)| {
                    h[*from..*to].split(|b| *b == b'/').map(<[u8]>::len).all(|len| len >= 17)
                })
            }),
            by("/webhook/", |h, at, _| super::is_uuid(h, at + 9).then_some((at + 9, at + 45))),
            by("/webhooks/", |h, at, _| super::is_uuid(h, at + 10).then_some((at + 10, at + 46))),
            by("/bot/v2/hook/", |h, at, _| rest(h, at + 12, 32)),
            by("webhook/send?key=", |h, at, _| {
                super::is_uuid(h, at + 17).then_some((at + 17, at + 53))
            }),
            by("/v3/import/", |h, at, _| import(h, at + 11)),
            by("/integrations/generic/", |h, at, _| rest(h, at + 21, 30)),
            by("/api/v1/heartbeat/", |h, at, _| rest(h, at + 17, 20)),
            by("cronitor.link/p/", |h, at, _| rest(h, at + 15, 16)),
            by("discord.com/api/v10/webhooks/", |h, at, _| rest(h, at + 28, 40)),
        ],
        #[cfg(test)]
        keeps: &[
            "https://www.make.com/",
            "hc-ping.com/",
            "https://hook.eu1.make.com/help",
            "/hooks/pre-install",
            "/v3/import/overview.html",
            "/webhook/validate",
        ],
        ..SERVICE_RULE
    },
    Rule {
        name: "telnyx-key",
        about: "Telnyx API key.",
        literals: &[word("KEY0", URL64, 50, 60)],
        finds: &["KEY0{31u}_{22a}"],
        #[cfg(test)]
        keeps: &["KEY01"],
        ..SERVICE_RULE
    },
    Rule {
        name: "telegram-token",
        about: "Telegram bot token.",
        literals: &[
            by(":AA", |h, at, _| telegram(h, at)),
            by("elegram", |h, at, _| bot_token(h, at + 7)),
            by("tgram", |h, at, _| bot_token(h, at + 5)),
            by("/bot", |h, at, _| {
                let id =
                    at + 4 + h[at + 4..].iter().take(13).take_while(|b| b.is_ascii_digit()).count();
                let end = run(h, id + 1, URL64, 48);
                (id >= at + 12 && h.get(id) == Some(&b':') && end > id + 33)
                    .then_some((at + 4, end))
            }),
        ],
        finds: &["{10d}:AA{33w}"],
        #[cfg(test)]
        keeps: &["10:AAAA", "/bot123/x"],
        ..SERVICE_RULE
    },
    Rule {
        name: "sendgrid-key",
        about: "SendGrid API key.",
        literals: &[by("SG.", |h, at, _| {
            let middle = run(h, at + 3, URL64, 23);
            let end = run(h, middle + 1, URL64, 44);
            let fits = middle == at + 25 && h.get(middle) == Some(&b'.') && end >= middle + 44;
            fits.then_some((at, end))
        })],
        finds: &["SG.{22w}.{43w}"],
        #[cfg(test)]
        keeps: &["SG.local"],
        ..SERVICE_RULE
    },
    Rule {
        name: "brevo-key",
        about: "Brevo (Sendinblue) API or SMTP key.",
        literals: &[from("xkeysib-", URL64, 64), from("xsmtpsib-", URL64, 64)],
        finds: &["xkeysib-{64h}-{16a}"],
        #[cfg(test)]
        keeps: &["xkeysib-x"],
        ..SERVICE_RULE
    },
    Rule {
        name: "mailgun-key",
        about: "Mailgun key.",
        literals: &[word("key-", HEX, 32, 32), word("key-", ALNUM, 32, 32)],
        finds: &["key-{32h}"],
        #[cfg(test)]
        keeps: &["key-vault", "key-7f9c8d6b5c"],
        ..SERVICE_RULE
    },
    Rule {
        name: "mailchimp-key",
        about: "Mailchimp API key.",
        literals: &[by("-us", |h, at, _| {
            let end =
                at + 3 + h[at + 3..].iter().take(2).take_while(|b| b.is_ascii_digit()).count();
            let start = exactly_before(h, at, HEX, 32)?;
            (end > at + 3).then_some((start, end))
        })],
        finds: &["{32h}-us13"],
        #[cfg(test)]
        keeps: &["aws-us1", "prod-us-east-1"],
        ..SERVICE_RULE
    },
    Rule {
        name: "resend-key",
        about: "Resend API key.",
        literals: &[by("re_", |h, at, _| {
            let middle = run(h, at + 3, ALNUM, 9);
            let end = run(h, middle + 1, ALNUM, 28);
            let fits = middle == at + 11 && h.get(middle) == Some(&b'_') && end >= middle + 25;
            (fits && starts_word(h, at) && is_mixed(&h[at + 3..end])).then_some((at, end))
        })],
        finds: &["re_{8a}_{24a}"],
        #[cfg(test)]
        keeps: &["re_match", "re_abcdefgh_i"],
        ..SERVICE_RULE
    },
    Rule {
        name: "intercom-token",
        about: "Intercom access token.",
        literals: &[word("dG9rO", TOKEN, 40, 120)],
        finds: &["dG9rO{55b}"],
        #[cfg(test)]
        keeps: &["dG9rO"],
        ..SERVICE_RULE
    },
    Rule {
        name: "messaging-token",
        about: "Tokens of further messaging services: Notion, Frame.io, Teamwork, Sendbird.",
        literals: &[
            word("ntn_", ALNUM, 40, 50),
            word("secret_", ALNUM, 43, 43),
            from("fio-u-", URL64, 60),
            from("tkn.v1_", TOKEN, 50),
        ],
        finds: &["ntn_{46a}", "secret_{43a}", "fio-u-{64w}", "tkn.v1_{71b}="],
        #[cfg(test)]
        keeps: &["secret_name", "secret_key_ref", "ntn_x"],
        ..SERVICE_RULE
    },
    Rule {
        name: "pubnub-key",
        about: "PubNub publish, subscribe or secret key.",
        literals: &[
            by("pub-c-", |h, at, _| pubnub(h, at)),
            by("sub-c-", |h, at, _| pubnub(h, at)),
            by("sec-c-", |h, at, _| pubnub(h, at)),
        ],
        finds: &["pub-c-{uuid}", "sub-c-{uuid}", "sec-c-{48a}"],
        #[cfg(test)]
        keeps: &["pub-c-sharp", "sub-c-1"],
        ..SERVICE_RULE
    },
    Rule {
        name: "typeform-token",
        about: "Typeform personal access token.",
        literals: &[word("tfp_", URL64, 40, 64)],
        finds: &["tfp_{44a}"],
        #[cfg(test)]
        keeps: &["tfp_x"],
        ..SERVICE_RULE
    },
    Rule {
        name: "flexport-token",
        about: "Flexport token.",
        literals: &[word("shltm_", URL64, 38, 44)],
        finds: &["shltm_{40a}"],
        #[cfg(test)]
        keeps: &["shltm_x"],
        ..SERVICE_RULE
    },
    Rule {
        name: "hubspot-token",
        about: "HubSpot private app token.",
        literals: &[
            by("pat-na", |h, at, _| hubspot(h, at)),
            by("pat-eu", |h, at, _| hubspot(h, at)),
        ],
        finds: &["pat-na1-{uuid}", "pat-eu1-{uuid}"],
        #[cfg(test)]
        keeps: &["pat-name", "pat-eu-west"],
        ..SERVICE_RULE
    },
    Rule {
        name: "adafruit-key",
        about: "Adafruit IO key.",
        literals: &[exactly("aio_", ALNUM, 28)],
        finds: &["aio_{28a}"],
        #[cfg(test)]
        keeps: &["aio_max_nr"],
        ..SERVICE_RULE
    },
];

/// `xoxb-`, `xoxp-`, `xoxe.xoxp-` and the like.
fn slack(hay: &[u8], at: usize) -> Span {
    let kind = *hay.get(at + 3)?;
    if !matches!(kind, b'a' | b'b' | b'c' | b'e' | b'o' | b'p' | b'r' | b's') {
        return None;
    }
    let dash = if hay.get(at + 4) == Some(&b'.') { run(hay, at + 5, ALNUM, 8) } else { at + 4 };
    (hay.get(dash) == Some(&b'-')).then_some(())?;
    let end = run(hay, dash + 1, URL64, LONGEST);
    (end >= dash + 11).then_some((at, end))
}

/// What follows the slash at `slash`, to the end of the URL, when it is long and looks random.
fn rest(hay: &[u8], slash: usize, least: usize) -> Span {
    (hay.get(slash) == Some(&b'/')).then_some(())?;
    // Only what begins well is worth looking to its end.
    let head = value_end(hay, slash + 1, least.max(24));
    (head > slash + least && is_mixed(&hay[slash + 1..head])).then_some(())?;
    let end = value_end(hay, head, 512);
    // A query is no part of the path.
    let query = memchr::memchr(b'?', &hay[slash + 1..end]);
    Some((slash + 1, query.map_or(end, |len| slash + 1 + len)))
}

/// `TOKEN_c-m-1a2b3c4d.yaml`: the token goes, the cluster stays.
fn import(hay: &[u8], from: usize) -> Span {
    let end = run(hay, from, ALNUM, 128);
    (end >= from + 12 && matches!(hay.get(end), Some(b'_' | b'.'))).then_some((from, end))
}

/// Eight to twelve digits, `:AA` and 33 more letters.
fn telegram(hay: &[u8], at: usize) -> Span {
    let digits = hay[..at].iter().rev().take(20).take_while(|b| b.is_ascii_digit()).count();
    let end = run(hay, at + 1, URL64, 40);
    ((8..=16).contains(&digits) && (at + 34..=at + 37).contains(&end))
        .then_some((at - digits.min(10), end))
}

/// Digits, a colon and 35 letters soon after the name of the service.
fn bot_token(hay: &[u8], from: usize) -> Span {
    let near = &hay[from..hay.len().min(from + 48)];
    let start = from + near.iter().position(u8::is_ascii_digit)?;
    let colon = start + hay[start..].iter().take(12).take_while(|b| b.is_ascii_digit()).count();
    let end = run(hay, colon + 1, URL64, 48);
    let fits = colon >= start + 8 && hay.get(colon) == Some(&b':') && end == colon + 36;
    (fits && is_mixed(&hay[colon + 1..end])).then_some((start, end))
}

fn pubnub(hay: &[u8], at: usize) -> Span {
    let end = run(hay, at + 6, URL64, 64);
    let made = is_mixed(&hay[at + 6..end]) || super::is_uuid(hay, at + 6);
    ((36..=64).contains(&(end - at - 6)) && made && starts_word(hay, at)).then_some((at, end))
}

fn hubspot(hay: &[u8], at: usize) -> Span {
    let dash = run(hay, at + 6, ALNUM, 2);
    (hay.get(dash) == Some(&b'-') && super::is_uuid(hay, dash + 1)).then_some((at, dash + 37))
}
