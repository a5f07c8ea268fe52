//! Forges, builds, deployments.

use super::{RULE, Rule, SERVICE_RULE, Span, by, exactly, from, is_uuid, starts_word, word};
use crate::detect::runs::{ALNUM, HEX, NAME, TOKEN, URL64, run, run_back};

pub(super) const RULES: &[Rule] = &[
    Rule {
        name: "github-token",
        about: "GitHub token; its checksum tells where it ends.",
        literals: &[
            by("ghp_", |h, at, _| github(h, at)),
            by("gho_", |h, at, _| github(h, at)),
            by("ghu_", |h, at, _| github(h, at)),
            by("ghs_", |h, at, _| github(h, at)),
            by("ghr_", |h, at, _| github(h, at)),
            from("github_pat_", URL64, 36),
        ],
        finds: &["ghp_{crc}", "ghs_{crc}", "ghr_{76a}", "github_pat_{22a}_{59a}"],
        #[cfg(test)]
        keeps: &["ghp_short", "github_pat_name"],
        ..RULE
    },
    Rule {
        name: "gitlab-token",
        about: "GitLab access, deploy, runner, trigger, agent, feed and other tokens.",
        literals: &[
            from("glpat-", NAME, 20),
            from("glptt-", URL64, 20),
            from("gldt-", URL64, 20),
            from("glrt-", NAME, 20),
            from("glrtr-", TOKEN, 20),
            from("glcbt-", URL64, 20),
            from("glagent-", URL64, 20),
            from("gloas-", URL64, 20),
            from("glsoat-", URL64, 20),
            from("glffct-", URL64, 20),
            from("glimt-", URL64, 20),
            from("glft-", URL64, 20),
            from("GR1348941", URL64, 20),
        ],
        finds: &["glpat-{20w}", "glagent-{50w}", "glrt-{20w}", "glcbt-64_{20w}", "GR1348941{20w}"],
        #[cfg(test)]
        keeps: &["glpat-short", "glagent-config", "gldt-x"],
        ..RULE
    },
    Rule {
        name: "bitbucket-token",
        about: "Bitbucket app password or HTTP access token.",
        literals: &[word("ATBB", ALNUM, 32, 36), word("BBDC-", TOKEN, 40, 48)],
        finds: &["ATBB{32a}", "BBDC-{44b}"],
        #[cfg(test)]
        keeps: &["ATBB", "BBDC-1"],
        ..SERVICE_RULE
    },
    Rule {
        name: "circleci-token",
        about: "CircleCI token.",
        literals: &[from("CCIPAT_", URL64, 40), from("CCIPRJ_", URL64, 40)],
        finds: &["CCIPAT_{22a}_{40h}"],
        #[cfg(test)]
        keeps: &["CCIPAT_x"],
        ..SERVICE_RULE
    },
    Rule {
        name: "buildkite-token",
        about: "Buildkite user, agent or cluster token.",
        literals: &[
            word("bkua_", ALNUM, 32, 48),
            word("bkaj_", ALNUM, 32, 64),
            word("bkct_", ALNUM, 32, 64),
        ],
        finds: &["bkua_{40h}"],
        #[cfg(test)]
        keeps: &["bkua_x"],
        ..SERVICE_RULE
    },
    Rule {
        name: "jenkins-crumb",
        about: "Jenkins crumb, or the first password of a new server.",
        literals: &[
            by("enkins-Crumb", |h, at, _| hex_after(h, at + 12)),
            by("ENKINS_CRUMB", |h, at, _| hex_after(h, at + 12)),
            by("to proceed to installation:", |h, at, _| hex_after(h, at + 27)),
        ],
        #[cfg(test)]
        keeps: &["Jenkins-Crumb: none", "to proceed to installation: see the log"],
        ..SERVICE_RULE
    },
    Rule {
        name: "harness-token",
        about: "Harness personal or service account token.",
        literals: &[by("pat.", |h, at, _| harness(h, at)), by("sat.", |h, at, _| harness(h, at))],
        finds: &["pat.{22w}.{24h}.{20a}", "sat.{22w}.{24h}.{20a}"],
        #[cfg(test)]
        keeps: &["pat.example.com", "sat.local"],
        ..SERVICE_RULE
    },
    Rule {
        name: "sonar-token",
        about: "SonarQube token.",
        literals: &[
            exactly("squ_", HEX, 40),
            exactly("sqp_", HEX, 40),
            exactly("sqa_", HEX, 40),
            by("onar.login", |h, at, _| sonar(h, at + 10)),
            by("onarLogin", |h, at, _| sonar(h, at + 9)),
        ],
        finds: &["squ_{40h}", "sqp_{40h}"],
        #[cfg(test)]
        keeps: &["squ_x", "sqp_0123"],
        ..SERVICE_RULE
    },
    Rule {
        name: "snyk-token",
        about: "Snyk personal or service account token.",
        literals: &[from("snyk_uat.", TOKEN, 30), from("snyk_sat.", TOKEN, 30)],
        finds: &["snyk_uat.{8h}.{40w}"],
        #[cfg(test)]
        keeps: &["snyk_uat.x"],
        ..SERVICE_RULE
    },
    Rule {
        name: "terraform-token",
        about: "HCP Terraform token.",
        literals: &[by(".atlasv1.", |h, at, _| {
            let start = run_back(h, at, ALNUM, 14);
            let end = run(h, at + 9, TOKEN, 90);
            (at - start == 14 && end >= at + 9 + 60).then_some((start, end))
        })],
        finds: &["{14a}.atlasv1.{67w}"],
        #[cfg(test)]
        keeps: &["x.atlasv1.y"],
        ..SERVICE_RULE
    },
    Rule {
        name: "pulumi-token",
        about: "Pulumi access token.",
        literals: &[exactly("pul-", HEX, 40)],
        finds: &["pul-{40h}"],
        #[cfg(test)]
        keeps: &["pul-short", "pul-7f9c8d6b5c"],
        ..SERVICE_RULE
    },
    Rule {
        name: "sourcegraph-token",
        about: "Sourcegraph or Segment public API token.",
        literals: &[by("sgp_", |h, at, _| {
            let end = run(h, at + 4, URL64, 90);
            let long = end >= at + 4 + 40 && super::is_mixed(&h[at + 4..end]);
            (long && starts_word(h, at)).then_some((at, end))
        })],
        finds: &["sgp_{40h}", "sgp_{16h}_{40h}", "sgp_local_{40h}", "sgp_{64a}"],
        #[cfg(test)]
        keeps: &["sgp_x"],
        ..SERVICE_RULE
    },
    Rule {
        name: "sourcegraph-license",
        about: "Sourcegraph licence key.",
        literals: &[exactly("slk_", HEX, 64)],
        finds: &["slk_{64h}"],
        #[cfg(test)]
        keeps: &["slk_x"],
        ..SERVICE_RULE
    },
    Rule {
        name: "launchdarkly-key",
        about: "LaunchDarkly SDK, API or mobile key.",
        literals: &[
            by("sdk-", |h, at, _| uuid::<4>(h, at)),
            by("api-", |h, at, _| uuid::<4>(h, at)),
            by("mob-", |h, at, _| uuid::<4>(h, at)),
        ],
        finds: &["sdk-{uuid}", "api-{uuid}", "mob-{uuid}"],
        #[cfg(test)]
        keeps: &["sdk-go", "api-server", "kube-api-{uuid}"],
        ..SERVICE_RULE
    },
    Rule {
        name: "postman-key",
        about: "Postman API key.",
        literals: &[by("PMAK-", |h, at, _| {
            let end = run(h, at + 5, URL64, 80);
            (end >= at + 5 + 58).then_some((at, end))
        })],
        finds: &["PMAK-{24h}-{34h}"],
        #[cfg(test)]
        keeps: &["PMAK-1"],
        ..SERVICE_RULE
    },
    Rule {
        name: "stackhawk-key",
        about: "StackHawk API key.",
        literals: &[by("hawk.", |h, at, _| {
            let middle = run(h, at + 5, ALNUM, 24);
            let end = run(h, middle + 1, ALNUM, 24);
            let fits = h.get(middle) == Some(&b'.') && middle >= at + 25 && end >= middle + 21;
            fits.then_some((at, end))
        })],
        finds: &["hawk.{20a}.{20a}"],
        #[cfg(test)]
        keeps: &["hawk.io/v1"],
        ..SERVICE_RULE
    },
    Rule {
        name: "ionic-token",
        about: "Ionic personal access token.",
        literals: &[word("ion_", ALNUM, 40, 44)],
        finds: &["ion_{42a}"],
        #[cfg(test)]
        keeps: &["ion_auth"],
        ..SERVICE_RULE
    },
    Rule {
        name: "figma-token",
        about: "Figma personal access token.",
        literals: &[from("figd_", URL64, 36), from("figu_", URL64, 36)],
        finds: &["figd_{40w}"],
        #[cfg(test)]
        keeps: &["figd_x"],
        ..SERVICE_RULE
    },
    Rule {
        name: "linear-token",
        about: "Linear API key.",
        literals: &[word("lin_api_", ALNUM, 32, 48), word("lin_oauth_", ALNUM, 32, 72)],
        finds: &["lin_api_{40a}"],
        #[cfg(test)]
        keeps: &["lin_api_v2"],
        ..SERVICE_RULE
    },
    Rule {
        name: "django-key",
        about: "Key that Django makes for a new project.",
        literals: &[by("django-insecure-", |h, at, _| {
            let end = at
                + h[at..]
                    .iter()
                    .take(120)
                    .take_while(|b| b.is_ascii_graphic() && !matches!(b, b'"' | b'\'' | b'\\'))
                    .count();
            (end >= at + 16 + 30).then_some((at, end))
        })],
        finds: &["django-insecure-{50w}"],
        #[cfg(test)]
        keeps: &["django-insecure-x"],
        ..SERVICE_RULE
    },
];

/// 36 letters and digits. The last six are a CRC-32 that says where the token ends when more
/// letters follow; a wrong one does not let a token through.
fn github(hay: &[u8], at: usize) -> Span {
    let end = run(hay, at + 4, ALNUM, 255);
    if end < at + 40 {
        return None;
    }
    let exact = github_checksum(&hay[at..at + 40]);
    Some((at, if exact { at + 40 } else { end }))
}

/// Whether the last six characters are the base62 CRC-32 of what stands between prefix and them.
fn github_checksum(token: &[u8]) -> bool {
    let (Some(secret), Some(sum)) = (token.get(4..34), token.get(34..40)) else { return false };
    crate::detect::examples::base62(crc32fast::hash(secret)) == sum
}

/// 40 hex digits soon after a name.
fn sonar(hay: &[u8], at: usize) -> Span {
    let start = (at..at + 12).find(|at| hay.get(*at).is_some_and(u8::is_ascii_hexdigit))?;
    let end = run(hay, start, HEX, 41);
    (end == start + 40).then_some((start, end))
}

/// Kind, account, 24 hex digits and 20 letters.
fn harness(hay: &[u8], at: usize) -> Span {
    if !starts_word(hay, at) {
        return None;
    }
    let account = run(hay, at + 4, URL64, 24);
    let middle = run(hay, account + 1, HEX, 25);
    let end = run(hay, middle + 1, ALNUM, 24);
    let fits = account == at + 26
        && middle == account + 25
        && hay.get(account) == Some(&b'.')
        && hay.get(middle) == Some(&b'.')
        && end >= middle + 21;
    fits.then_some((at, end))
}

/// A prefix of `N` letters and an UUID.
pub(super) fn uuid<const N: usize>(hay: &[u8], at: usize) -> Span {
    (is_uuid(hay, at + N) && starts_word(hay, at)).then_some((at, at + N + 36))
}

/// Thirty-two hex digits and more after signs and white space.
fn hex_after(hay: &[u8], from: usize) -> Span {
    let near = &hay[from.min(hay.len())..hay.len().min(from + 24)];
    let mut start = from;
    while let Some(byte) = near.get(start - from) {
        let escape =
            *byte == b'\\' && matches!(near.get(start - from + 1), Some(b'n' | b'r' | b't'));
        match byte {
            _ if escape => start += 2,
            b':' | b'=' | b' ' | b'"' | b'\'' | b'\\' | b'\n' | b'\r' | b'\t' => start += 1,
            _ => break,
        }
    }
    let end = run(hay, start, HEX, 128);
    (end >= start + 32).then_some((start, end))
}
