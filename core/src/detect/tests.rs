//! Positives, near misses, boundaries and floods. Tokens are put together at run time so that
//! nothing in this file looks like one.

use std::fmt::Write as _;

use super::*;

fn all_on() -> Detectors {
    let on: Vec<Detector> = Detector::ALL.iter().copied().filter(|d| d.default_on()).collect();
    Detectors::new(&on)
}

/// What shows in any bytes.
fn found(text: &str) -> Vec<(Detector, String)> {
    let mut hits = Vec::new();
    all_on().scan(text.as_bytes(), &mut hits);
    hits.iter().map(|h| (h.detector, text[h.start as usize..h.end as usize].to_owned())).collect()
}

/// What shows in a text that is seen as a whole.
fn read(text: &str) -> Vec<(Detector, String)> {
    let mut hits = Vec::new();
    all_on().read(text.as_bytes(), readers::Manner::Plain, &mut hits);
    hits.iter().map(|h| (h.detector, text[h.start as usize..h.end as usize].to_owned())).collect()
}

/// Every example of every row that is on.
fn positives() -> Vec<(Detector, String)> {
    let on = Detector::ALL.iter().copied().filter(|d| d.default_on());
    on.flat_map(|detector| {
        (1..4).flat_map(move |seed| {
            detector.examples(seed).map(move |text| (detector, text)).collect::<Vec<_>>()
        })
    })
    .collect()
}

#[test]
fn templates_can_be_filled() {
    for detector in Detector::ALL {
        assert_eq!(detector.examples(1).count(), detector.shapes().len(), "{detector:?}");
        for text in detector.keeps() {
            assert!(examples::fill(text, 1).is_some(), "{detector:?}: {text}");
        }
    }
}

#[test]
fn every_credential_of_a_row_is_found_whole() {
    let mut missed = String::new();
    for (detector, token) in positives() {
        for (before, after) in [
            ("", ""),
            ("\"", "\""),
            ("x: ", ","),
            ("a=", "&b"),
            ("(", ")"),
            ("\\n", "\\n"),
            ("\\u0026", "\\u0026"),
            ("%20", "%20"),
        ] {
            let text = format!("{before}{token}{after}");
            let hits = found(&text);
            if !hits.iter().any(|(_, t)| t.contains(&token)) {
                let _ = writeln!(missed, "{detector:?} in {before:?}…{after:?}: {token} {hits:?}");
            }
            if before.is_empty() && !hits.iter().any(|(d, t)| *d == detector && t == &token) {
                let _ = writeln!(missed, "{detector:?}: {token} {hits:?}");
            }
            for (_, t) in hits {
                assert!(!t.contains(['"', '\\']), "{t}");
            }
        }
    }
    assert!(missed.is_empty(), "{missed}");
}

#[test]
fn what_a_row_keeps_stays() {
    let mut wrong = String::new();
    for detector in Detector::ALL {
        for text in detector.keeps() {
            let text = examples::fill(text, 5).unwrap_or_default();
            for text in [text.clone(), format!("\"{text}\""), format!("see {text}, there")] {
                let hits = found(&text);
                if !hits.is_empty() {
                    let _ = writeln!(wrong, "{detector:?}: {text}: {hits:?}");
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

#[test]
fn rows_are_whole() {
    let mut names = std::collections::BTreeSet::new();
    for detector in Detector::ALL {
        let rule = detector.row();
        assert!(names.insert(rule.name), "{} stands twice", rule.name);
        assert!(rule.about.ends_with(['.', ')']), "{}: a sentence", rule.name);
        assert!(
            rule.literals.iter().all(|literal| literal.text.len() >= 3),
            "{}: three bytes or more",
            rule.name
        );
        let sign = rule.sign.is_none_or(|(sign, _)| matches!(sign, b'=' | b'@' | b'~'));
        assert!(sign, "{}: no sign of the prefilter", rule.name);
        assert!(
            rule.name.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit() || b == b'-')
        );
    }
    assert!(names.iter().all(|name| *name != "service-token"), "a group's name");
}

#[test]
fn text_forms_are_found() {
    for (text, secret) in [
        ("Authorization: Bearer abc123def456", "abc123def456"),
        ("authorization=QWxhZGRpbjpvcGVuIHNlc2FtZQ", "QWxhZGRpbjpvcGVuIHNlc2FtZQ"),
        ("-H 'Authorization: Basic dXNlcjpwYXNzd29yZA=='", "dXNlcjpwYXNzd29yZA=="),
        ("Bearer Abcd1234efgh", "Abcd1234efgh"),
        ("https://user:pa55@example.org/x", "user:pa55"),
        ("postgres://u:p%21w@db:5432/x", "u:p%21w"),
        ("mysql --password=hunter2 -h db", "hunter2"),
        ("?access_token=abcdef&x=1", "abcdef"),
        ("X-Amz-Signature=0123456789abcdef0123456789abcdef", "0123456789abcdef0123456789abcdef"),
        ("AccountKey=abcdefghijk==;EndpointSuffix=x", "abcdefghijk=="),
        ("MYSQL_ROOT_PASSWORD=hunter2", "hunter2"),
        ("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG", "wJalrXUtnFEMI/K7MDENG"),
        ("users:\n- name: a\n  user:\n    token: abc.def\n", "abc.def"),
        ("password: hunter2\n", "hunter2"),
        ("kubeadm join --token abcdef.0123456789abcdef", "abcdef.0123456789abcdef"),
    ] {
        assert!(read(text).iter().any(|(_, t)| t == secret), "{text}: {:?}", read(text));
    }
}

#[test]
fn ordinary_text_is_left_alone() {
    for text in [
        "Bearer authentication required",
        "basic authentication",
        "RBAC: allowed by ClusterRoleBinding \\\"system:node\\\" of ClusterRole \\\"x\\\" to Group \\\"y\\\"",
        "authorization.k8s.io/decision",
        "quay.io/a/b@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef",
        "/api/v1/pods?labelSelector=app%3Dtoken&limit=500&resourceVersion=12345",
        "system:serviceaccount:kube-system:token-cleaner",
        "secretName=foo",
        "TOKEN_PATH=/var/run/token",
        "--token-file=/x",
        "password=$(DB_PASSWORD)",
        "-----BEGIN CERTIFICATE-----MIIB-----END CERTIFICATE-----",
        "LS0tLS1CRUdJTiBDRVJUSUZJQ0FURS0tLS0tCk1JSUI=",
        "ghp_short",
        "AKIASHORT",
        "eyJhbGciOi",
        "framework",
        "hf_x",
        "npm_config_cache",
        "someone@example.org",
        "10.0.0.1",
        "the token: expired",
        "invalid password: try again",
        "continue=eyJ2IjoibWV0YS5rOHMuaW8vdjEiLCJydiI6MTIzfQ",
        "https://example.org/a:b@c",
        "5f119e65-117d-46dd-bd5b-901b29385682",
    ] {
        assert_eq!(read(text), vec![], "{text}");
    }
}

#[test]
fn personal_data_is_found_when_asked_for() {
    let detectors = Detectors::new(&[
        Detector::Email,
        Detector::Phone,
        Detector::Ipv4,
        Detector::Ipv6,
        Detector::Card,
        Detector::Iban,
    ]);
    for (text, detector) in [
        ("mail a.b+c@example.org.", Detector::Email),
        ("call +49 30 1234567", Detector::Phone),
        ("from 10.1.2.3:443", Detector::Ipv4),
        ("from 2001:db8::1,", Detector::Ipv6),
        ("card 4111 1111 1111 1111", Detector::Card),
        ("GB82 WEST 1234 5698 7654 32", Detector::Iban),
    ] {
        let mut hits = Vec::new();
        detectors.scan(text.as_bytes(), &mut hits);
        assert_eq!(hits.iter().map(|h| h.detector).collect::<Vec<_>>(), [detector], "{text}");
    }
    for text in ["4111 1111 1111 1112", "v1.2.3.4.5", "GB82 WEST 1234 5698 7654 33", "12:30"] {
        let mut hits = Vec::new();
        detectors.scan(text.as_bytes(), &mut hits);
        assert_eq!(hits, [], "{text}");
    }
}

/// Every verifier at every position finds the same as the prefilter does.
#[test]
fn the_prefilter_misses_nothing() {
    let tokens: Vec<String> = positives().into_iter().map(|(_, t)| t).collect();
    let noise =
        ["eyJ", "x", " ", "\"", "AKIA", "=", "ghp_", "Bearer ", "-----BEGIN", ".", "password"];
    let mut state = 11u64;
    let mut next = |n: usize| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % n
    };
    for _ in 0..60 {
        let mut text = String::new();
        for _ in 0..12 {
            if next(3) == 0 {
                text.push_str(&tokens[next(tokens.len())]);
            } else {
                text.push_str(noise[next(noise.len())]);
            }
        }
        let hay = text.as_bytes();
        let mut naive = Vec::new();
        let mut taken = 0;
        for at in 0..hay.len() {
            if at + GLUED < taken {
                continue;
            }
            let rows = all_on().literals.clone();
            for (detector, literal) in rows {
                let hit = hay[at..].starts_with(literal.text.as_bytes()).then(|| {
                    literal.verify(hay, at, &mut Memory::default()).map(|span| (span, detector))
                });
                let hit = hit.flatten();
                if let Some(((start, end), detector)) = hit {
                    push(&mut naive, start, end, detector);
                    taken = taken.max(end);
                }
            }
        }
        let mut memory = signs::Memory::default();
        let detectors = all_on();
        for at in (0..hay.len()).filter(|at| matches!(hay[*at], b'=' | b'@' | b'~')) {
            signs::look(&detectors, hay, at, &mut memory, &mut naive);
            for (sign, verify, detector) in &detectors.signs {
                if hay[at] == *sign
                    && let Some((start, end)) = verify(hay, at, &mut Memory::default())
                {
                    push(&mut naive, start, end, *detector);
                }
            }
        }
        merge(&mut naive, 0);
        let mut hits = Vec::new();
        all_on().scan(hay, &mut hits);
        assert_eq!(hits, naive, "{text}");
    }
}

#[test]
fn floods_of_prefixes_end() {
    for flood in [
        "eyJ",
        "eyJ.",
        "-----BEGIN PRIVATE KEY-----",
        "AKIA",
        "ZXlK",
        "password=",
        "://a:b@",
        "Bearer ",
        "LS0tLS1CRUdJTi",
        "xoxb-",
        "@",
        "~",
        "token: ",
    ] {
        let text = flood.repeat((1 << 20) / flood.len());
        let mut hits = Vec::new();
        all_on().scan(text.as_bytes(), &mut hits);
        let covered: usize = hits.iter().map(|h| (h.end - h.start) as usize).sum();
        assert!(covered <= text.len());
    }
}
