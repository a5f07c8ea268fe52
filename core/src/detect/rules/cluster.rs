//! Kubernetes and its distributions, secret stores, private networks.

use super::{
    Memory, RULE, Rule, SERVICE_RULE, Span, by, exactly, from, is_mixed, starts_word, word,
};
use crate::detect::runs::{ALNUM, BASE64, HEX, NAME, TOKEN, UPPER, URL64, is, run, run_back};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "openshift-token",
        about: "OpenShift OAuth token.",
        literals: &[by("sha256~", |h, at, _| {
            let end = run(h, at + 7, URL64, 128);
            (end >= at + 47).then_some((at, end))
        })],
        finds: &["sha256~{43w}"],
        #[cfg(test)]
        keeps: &[
            "sha256~abc",
            "sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        ],
        ..RULE
    },
    Rule {
        name: "vault-token",
        about: "HashiCorp Vault or OpenBao service, batch or recovery token, unseal key.",
        literals: &[
            from("hvs.", URL64, 24),
            from("hvb.", URL64, 24),
            from("hvr.", URL64, 24),
            by("nseal", unseal),
            // Tokens before version 1.10. A name would go on, or have a host's dots.
            by("\"s.", legacy),
            by(" s.", legacy),
            by("=s.", legacy),
        ],
        finds: &["hvs.{92w}", "hvb.{140w}", "hvr.{24w}"],
        #[cfg(test)]
        keeps: &["hvs.io/v1", "vault operator unseal", "unsealed vault-0"],
        ..RULE
    },
    Rule {
        name: "k3s-token",
        about: "k3s or RKE2 join token.",
        literals: &[by("K10", k3s)],
        finds: &["K10{64h}::server:{32h}", "K10{64h}::{6l}.{16l}"],
        #[cfg(test)]
        keeps: &["K10{8h}", "K100"],
        ..RULE
    },
    Rule {
        name: "rancher-token",
        about: "Rancher API token or kubeconfig token.",
        literals: &[by("token-", rancher), by("kubeconfig-", rancher)],
        finds: &["token-{5l}:{54l}", "kubeconfig-u-{10l}:{54l}", "kubeconfig-user-{5l}:{54l}"],
        #[cfg(test)]
        keeps: &["default-token-x7f9k", "token-abcde:latest", "kubeconfig-u-abcde"],
        ..RULE
    },
    Rule {
        name: "swarm-token",
        about: "Docker Swarm join token or unlock key.",
        literals: &[from("SWMTKN-", URL64, 40), from("SWMKEY-", TOKEN, 40)],
        finds: &["SWMTKN-1-{50l}-{25l}", "SWMKEY-1-{43b}"],
        #[cfg(test)]
        keeps: &["SWMTKN-1"],
        ..RULE
    },
    Rule {
        name: "portainer-token",
        about: "Portainer access token.",
        literals: &[word("ptr_", TOKEN, 40, 48)],
        finds: &["ptr_{43b}="],
        #[cfg(test)]
        keeps: &["ptr_record"],
        ..RULE
    },
    Rule {
        name: "doppler-token",
        about: "Doppler personal, service, CLI, SCIM or audit token.",
        literals: &[
            from("dp.pt.", ALNUM, 40),
            from("dp.ct.", ALNUM, 40),
            from("dp.sa.", ALNUM, 40),
            from("dp.scim.", ALNUM, 40),
            from("dp.audit.", ALNUM, 40),
            by("dp.st.", |h, at, _| {
                let end = run(h, at + 6, NAME, 160);
                let last = h[at..end].rsplit(|b| *b == b'.').next()?;
                (last.len() >= 40 && is_mixed(last)).then_some((at, end))
            }),
        ],
        finds: &["dp.pt.{43a}", "dp.st.dev_backend.{43a}", "dp.scim.{43a}"],
        #[cfg(test)]
        keeps: &["dp.st.example.com", "dp.pt.x"],
        ..SERVICE_RULE
    },
    Rule {
        name: "onepassword-token",
        about: "1Password service account token or secret key.",
        literals: &[
            by("ops_eyJ", |h, at, memory| {
                let end = super::jwt::segment_end(h, at, memory);
                (end > at + 200).then_some((at, end))
            }),
            by("A3-", |h, at, _| {
                let end = run(h, at + 3, URL64, 40);
                let text = h.get(at + 3..end)?;
                let upper = |b: &u8| b.is_ascii_uppercase() || b.is_ascii_digit() || *b == b'-';
                let dashes = memchr::memchr_iter(b'-', text).count();
                let shaped = matches!(text.len(), 35..=38) && dashes >= 4 && text.iter().all(upper);
                (shaped && starts_word(h, at)).then_some((at, end))
            }),
        ],
        finds: &["ops_eyJ{240w}", "A3-{6u}-{6u}-{5u}-{5u}-{5u}-{5u}"],
        #[cfg(test)]
        keeps: &["ops_eyJ", "A3-LARGE", "A3-high-gpu-8g"],
        ..SERVICE_RULE
    },
    Rule {
        name: "infisical-token",
        about: "Infisical service token.",
        literals: &[by("st.", |h, at, _| {
            let end = run(h, at + 3, NAME, 120);
            let mut parts = h[at + 3..end].split(|b| *b == b'.');
            let hex = |part: Option<&[u8]>, len: usize| {
                part.is_some_and(|p| p.len() >= len && p.iter().all(u8::is_ascii_hexdigit))
            };
            let shaped = hex(parts.next(), 24) && hex(parts.next(), 32) && hex(parts.next(), 32);
            (shaped && starts_word(h, at)).then_some((at, end))
        })],
        finds: &["st.{24h}.{32h}.{32h}"],
        #[cfg(test)]
        keeps: &["st.example.com"],
        ..SERVICE_RULE
    },
    Rule {
        name: "tailscale-key",
        about: "Tailscale or Headscale key.",
        literals: &[by("tskey-", |h, at, _| {
            let end = run(h, at + 6, URL64, 160);
            (end >= at + 6 + 16 && is_mixed(&h[at + 6..end])).then_some((at, end))
        })],
        finds: &["tskey-auth-{12a}-{32a}", "tskey-api-{7a}-{9d}"],
        #[cfg(test)]
        keeps: &["tskey-auth", "tskey-reusable-example-name"],
        ..SERVICE_RULE
    },
    Rule {
        name: "cloudflare-tunnel-token",
        about: "Cloudflare Tunnel token.",
        literals: &[by("eyJhIjoi", super::jwt::object::<100>)],
        finds: &["eyJhIjoi{160w}"],
        #[cfg(test)]
        keeps: &["eyJhIjoiYiJ9"],
        ..SERVICE_RULE
    },
    Rule {
        name: "maxmind-key",
        about: "MaxMind licence key.",
        literals: &[by("_mmk", |h, at, _| {
            let start = run_back(h, at, URL64, 36);
            (at - start == 36 && h[start + 6] == b'_').then_some((start, at + 4))
        })],
        finds: &["{6a}_{29a}_mmk"],
        #[cfg(test)]
        keeps: &["a_mmk"],
        ..SERVICE_RULE
    },
    Rule {
        name: "nats-seed",
        about: "NATS nkey seed.",
        literals: &[
            word("SUA", UPPER, 55, 55),
            word("SAA", UPPER, 55, 55),
            word("SOA", UPPER, 55, 55),
            word("SNA", UPPER, 55, 55),
            word("SCA", UPPER, 55, 55),
            word("SXA", UPPER, 55, 55),
        ],
        finds: &["SUA{55u}", "SAA{55u}"],
        #[cfg(test)]
        keeps: &["SAAS", "SCALE"],
        ..RULE
    },
    Rule {
        name: "netbird-token",
        about: "NetBird access token.",
        literals: &[exactly("nbp_", ALNUM, 36)],
        finds: &["nbp_{36a}"],
        #[cfg(test)]
        keeps: &["nbp_x"],
        ..SERVICE_RULE
    },
    Rule {
        name: "truenas-key",
        about: "TrueNAS API key: a number, `-` and 64 letters after `login_with_api_key` or alone.",
        literals: &[by("login_with_api_key", |h, at, _| {
            let mut from = at + 18;
            while from < h.len().min(at + 120) {
                let end = run(h, from, URL64, 80);
                let dash = h[from..end].iter().position(|b| *b == b'-');
                if end - from >= 66 && dash.is_some_and(|dash| dash <= 4) {
                    return Some((from, end));
                }
                from = end + 1;
            }
            None
        })],
        ..SERVICE_RULE
    },
    Rule {
        name: "octopus-key",
        about: "Octopus Deploy API key.",
        literals: &[word("API-", UPPER, 25, 32)],
        finds: &["API-{26u}"],
        #[cfg(test)]
        keeps: &["API-VERSION", "API-GATEWAY"],
        ..SERVICE_RULE
    },
];

/// `K10`, the SHA-256 of the server's CA, `::`, a user, `:` and a password; or a bootstrap token.
fn k3s(hay: &[u8], at: usize, _: &mut Memory) -> Span {
    let sum = run(hay, at + 3, HEX, 65);
    if sum != at + 67 || !hay[sum..].starts_with(b"::") {
        return None;
    }
    let user = run(hay, sum + 2, NAME, 64);
    let end = if hay.get(user) == Some(&b':') { run(hay, user + 1, TOKEN, 256) } else { user };
    (end >= sum + 10).then_some((at, end))
}

/// `s.` and 24 letters and digits, alone.
fn legacy(hay: &[u8], at: usize, _: &mut Memory) -> Span {
    let end = run(hay, at + 3, ALNUM, 27);
    let alone = hay.get(end).is_none_or(|b| !is(*b, NAME));
    let text = &hay[at + 3..end];
    let made = is_mixed(text) && text.iter().any(u8::is_ascii_uppercase);
    (matches!(text.len(), 24 | 26) && alone && made).then_some((at + 1, end))
}

/// 44 letters of base64 or 64 hex digits soon after `unseal`.
fn unseal(hay: &[u8], at: usize, _: &mut Memory) -> Span {
    let mut from = at + 5;
    while from < hay.len().min(at + 32) {
        let end = run(hay, from, BASE64, 70);
        let text = &hay[from..end];
        if matches!(text.len(), 44 | 64 | 66) && is_mixed(text) {
            return Some((from, end));
        }
        from = end + 1;
    }
    None
}

/// `token-xxxxx:` or `kubeconfig-…:` and 54 letters.
fn rancher(hay: &[u8], at: usize, _: &mut Memory) -> Span {
    let colon = run(hay, at, NAME, 80);
    if hay.get(colon) != Some(&b':') {
        return None;
    }
    let end = run(hay, colon + 1, ALNUM, 80);
    ((50..=64).contains(&(end - colon - 1)) && is_mixed(&hay[colon + 1..end])).then_some((at, end))
}
