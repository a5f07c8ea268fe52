//! Positives, near misses, boundaries and floods. Tokens are put together at run time so that
//! nothing in this file looks like one.

use super::*;

fn all_on() -> Detectors {
    let on: Vec<Detector> = Detector::ALL.iter().copied().filter(|d| d.default_on()).collect();
    Detectors::new(&on)
}

fn found(text: &str) -> Vec<(Detector, String)> {
    let mut hits = Vec::new();
    all_on().scan(text.as_bytes(), &mut hits);
    hits.iter().map(|h| (h.detector, text[h.start as usize..h.end as usize].to_owned())).collect()
}

fn repeat(text: &str, count: usize) -> String {
    text.chars().cycle().take(count).collect()
}

const LETTERS: &str = "a1B2c3D4e5F6g7H8i9J0";

fn github(prefix: &str) -> String {
    let secret = repeat(LETTERS, 30);
    let digits = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz";
    let mut crc = crc32fast::hash(secret.as_bytes());
    let mut sum = [b'0'; 6];
    for place in sum.iter_mut().rev() {
        *place = digits[(crc % 62) as usize];
        crc /= 62;
    }
    format!("{prefix}{secret}{}", std::str::from_utf8(&sum).unwrap())
}

fn jwt() -> String {
    use base64::Engine;
    let url = base64::engine::general_purpose::URL_SAFE_NO_PAD;
    let part = |text: &str| url.encode(text);
    format!(
        "{}.{}.{}",
        part(r#"{"alg":"RS256","kid":"x"}"#),
        part(r#"{"iss":"kubernetes/serviceaccount"}"#),
        repeat(LETTERS, 64)
    )
}

fn positives() -> Vec<(Detector, String)> {
    use Detector as D;
    use base64::Engine;
    let b64 = base64::engine::general_purpose::STANDARD;
    let pem = format!(
        "-----BEGIN {} KEY-----MIIEow{}-----END RSA {} KEY-----",
        "RSA PRIVATE",
        repeat(LETTERS, 64),
        "PRIVATE"
    );
    vec![
        (D::Jwt, jwt()),
        (D::JwtBase64, b64.encode(jwt())),
        (D::PrivateKey, pem.clone()),
        (D::PrivateKey, b64.encode(pem.replace("MIIE", "\nMIIE"))),
        (D::AwsAccessKey, format!("AK{}{}", "IA", repeat("Q3EGV7WXY2", 16))),
        (D::GoogleKey, format!("AI{}{}", "za", repeat(LETTERS, 35))),
        (D::AzureSecret, format!("aB38{}{}", "Q~", repeat(LETTERS, 34))),
        (D::GithubToken, github("ghp_")),
        (D::GithubToken, github("ghs_")),
        (D::GitlabToken, format!("glpat{}{}", "-", repeat(LETTERS, 20))),
        (D::SlackToken, format!("xoxb{}1234567890-{}", "-", repeat(LETTERS, 24))),
        (D::StripeKey, format!("sk_{}_{}", "live", repeat(LETTERS, 24))),
        (D::NpmToken, format!("npm{}{}", "_", repeat(LETTERS, 36))),
        (D::PypiToken, format!("pypi-{}{}", "AgEIcHlwaS5vcmc", repeat(LETTERS, 60))),
        (D::DockerToken, format!("dckr_{}_{}", "pat", repeat(LETTERS, 27))),
        (D::VaultToken, format!("hvs{}{}", ".", repeat(LETTERS, 92))),
        (D::OpenshiftToken, format!("sha256{}{}", "~", repeat(LETTERS, 43))),
        (D::ServiceToken, format!("dapi{}", repeat("0123456789abcdef", 32))),
        (D::ServiceToken, format!("AGE-SECRET-{}{}", "KEY-1", repeat("Q2W3", 58))),
    ]
}

#[test]
fn every_prefixed_credential_is_found_whole() {
    for (detector, token) in positives() {
        for (before, after) in [
            ("", ""),
            ("\"", "\""),
            ("x: ", ","),
            ("a=", "&b"),
            ("(", ")"),
            ("\\n", "\\n"),
            ("", "\\u0026"),
        ] {
            let text = format!("{before}{token}{after}");
            let hits = found(&text);
            assert!(
                hits.iter().any(|(d, t)| t.contains(&token) && (*d == detector || before == "a=")),
                "{} in {before:?}…{after:?}: {:?}",
                detector.name(),
                hits
            );
            for (_, t) in hits {
                assert!(!t.contains(['"', '\\']), "{t}");
            }
        }
    }
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
        ("AccountKey=abcdefghijk==;x", "abcdefghijk=="),
        ("MYSQL_ROOT_PASSWORD=hunter2", "hunter2"),
        ("aws_secret_access_key = wJalrXUtnFEMI/K7MDENG", "wJalrXUtnFEMI/K7MDENG"),
        ("users:\n- name: a\n  user:\n    token: abc.def\n", "abc.def"),
        ("password: hunter2\n", "hunter2"),
        ("kubeadm join --token abcdef.0123456789abcdef", "abcdef.0123456789abcdef"),
    ] {
        assert!(found(text).iter().any(|(_, t)| t == secret), "{text}: {:?}", found(text));
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
        assert_eq!(found(text), vec![], "{text}");
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
    for _ in 0..300 {
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
            let prefix = prefixed::PREFIXES.iter().find(|p| hay[at..].starts_with(p.text));
            let hit = prefix.and_then(|p| {
                (p.verify)(hay, at, &mut prefixed::Memory::default()).map(|span| (span, p.detector))
            });
            if let Some(((start, end), detector)) = hit {
                push(&mut naive, start, end, detector);
                taken = taken.max(end);
            }
        }
        let mut memory = signs::Memory::default();
        for at in (0..hay.len()).filter(|at| matches!(hay[*at], b'=' | b'@' | b'~')) {
            signs::look(&all_on(), hay, at, &mut memory, &mut naive);
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
