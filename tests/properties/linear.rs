//! Hostile floods cost time in proportion to their size.

use std::time::{Duration, Instant};
use std::{fs, hint};

use auditweir::Format;
use auditweir_tests::filtering;

fn event(body: &str) -> String {
    format!(
        r#"{{"auditID":"a","stage":"ResponseComplete","verb":"patch","requestURI":"/x","objectRef":{{"resource":"RES"}},"requestObject":{body}}}"#
    )
}

/// Time this thread has spent on a processor, where the system tells; else the time of day. Other
/// programs must not make a test fail.
fn now(start: Instant) -> Duration {
    let told = fs::read_to_string("/proc/thread-self/schedstat").ok();
    let told = told.and_then(|text| text.split(' ').next()?.parse().ok());
    told.map_or_else(|| start.elapsed(), Duration::from_nanos)
}

/// The best of three runs.
fn cost(line: &str, format: Format) -> Duration {
    (0..3)
        .map(|_| {
            let clock = Instant::now();
            let start = now(clock);
            let ran = hint::black_box(filtering::run(line.as_bytes(), format));
            assert!(ran.verdict.lines() > 0);
            now(clock).saturating_sub(start)
        })
        .min()
        .unwrap_or_default()
}

#[test]
fn floods_are_linear() {
    let floods: &[(&str, &str, &str, &str)] = &[
        // name, before, repeated, after
        ("values", "{\"op\":\"add\",\"path\":\"/a\"", ",\"value\":\"x\"", "}"),
        ("kinds", "{\"kind\":\"Secret\"", ",\"kind\":\"Secret\",\"a\":\"b\"", "}"),
        (
            "kinds of all classes",
            "{\"k\":1",
            ",\"kind\":\"Secret\",\"kind\":\"ConfigMap\",\"kind\":\"TokenReview\"",
            "}",
        ),
        (
            "patch values",
            "[{\"op\":\"add\",\"path\":\"/a\"",
            ",\"value\":\"x\",\"path\":\"/metadata\"",
            "}]",
        ),
        ("secretKeys", "{\"a\":1", ",\"secretKey\":\"x\"", "}"),
        ("names", "{\"value\":\"v\"", ",\"name\":\"DB_PASSWORD\",\"value\":\"xy\"", "}"),
        ("at signs", "{\"a\":\"https://u:p", "@", "\"}"),
        ("urls", "{\"a\":\"", "https://u:p@h ", "\"}"),
        ("colons", "{\"a\":\"://", ":@", "\"}"),
        ("prefixes", "{\"a\":\"", "glpat-", "\"}"),
        ("jwt heads", "{\"a\":\"", "eyJ", "\"}"),
        ("assignments", "{\"a\":\"", "password=$", "\"}"),
        ("arguments", "{\"args\":[\"", "x=", "\"]}"),
        ("argument paths", "{\"args\":[\"", "/=", "\"]}"),
        ("argument flags", "{\"command\":[\"--x\"", ",\"--password=\"", "]}"),
        ("urls in a name", "{\"", "http://u:p@h/", "\":[\"x\"]}"),
        ("key ids in a name", "{\"", "AKIA", "\":[\"x\"]}"),
        ("quoted assignments", "{\"a\":\"", "password='$", "\"}"),
        ("escaped quotes", "{\"a\":\"", "password=\\\"$", "\"}"),
        ("escaped members", "{\"a\":\"x ", "\\\"password\\\":", "\"}"),
        ("kinds in text", "{\"a\":\"x\\n", "kind: Secret\\n", "\"}"),
        ("yaml blocks", "{\"a\":\"x\\n", "password: |\\n", "\"}"),
        ("percent signs", "{\"a\":\"", "%25", "\"}"),
        ("percent strings", "{\"a\":[\"%41\"", ",\"%41%41\"", "]}"),
        ("unicode escapes", "{\"a\":\"", "\\u0041", "\"}"),
        ("open brackets", "{\"a\":\"", "[{", "\"}"),
        ("base64", "{\"a\":[\"x\"", ",\"QUFBQUFBQUFBQUFBQUFBQUFBQUFBQUFB\"", "]}"),
        ("objects", "{\"a\":[{}", ",{\"metadata\":{\"managedFields\":[]}}", "]}"),
        ("drops", "{\"metadata\":{\"a\":1", " ,\"managedFields\":[]", "}}"),
        ("arrays", "[1", ",[[]]", "]"),
        ("documents", "{\"a\":[1", ",\"{\\\"password\\\":\\\"x\\\"}\"", "]}"),
        (
            "same values",
            "{\"data\":{\"k\":\"aaaaaaaa\"},\"metadata\":{\"annotations\":{\"a\":\"",
            "aaaaaaaa ",
            "\"}}}",
        ),
        ("userinfo without end", "{\"a\":\"", "://a:b", "\"}"),
        ("many keys", "{\"password\":\"x\"", ",\"password\":\"x\"", "}"),
        ("pem heads", "{\"a\":\"", "-----BEGIN PRIVATE KEY-----", "\"}"),
        ("copies", "{\"a\":1", ",\"kapp.k14s.io/original\":\"{\\\"a\\\":1}\"", "}"),
        (
            "copies in annotations",
            "{\"metadata\":{\"annotations\":{\"a\":\"b\"",
            ",\"kapp.k14s.io/original\":\"{\\\"a\\\":1}\"",
            "}}}",
        ),
        (
            "moves",
            "[{\"op\":\"x\"}",
            ",{\"op\":\"move\",\"from\":\"/data/k\",\"path\":\"/metadata/x\"}",
            "]",
        ),
        ("bearers", "{\"a\":\"", "Bearer ", "\"}"),
        // One for each way of writing a secret in text.
        ("options", "{\"a\":\"", "mysql -p", "\"}"),
        ("options in a list", "{\"a\":[\"mysql\"", ",\"-p\"", "]}"),
        ("lists of options", "{\"a\":[1", ",[\"x\",[\"-p\"]],\"-p\"", "]}"),
        ("quoted lines", "{\"a\":\"", "sh -c '", "\"}"),
        ("pipes", "{\"a\":\"", "echo a|passwd ", "\"}"),
        ("here documents", "{\"a\":\"", "chpasswd <<EOF\\n", "\"}"),
        ("weak names", "{\"a\":\"", "license=a-", "\"}"),
        ("colons of weak names", "{\"a\":\"", "license: ", "\"}"),
        ("lists below names", "{\"a\":\"", "- password:\\n", "\"}"),
        ("names beside values", "{\"a\":\"", "name: DB_PASSWORD\\n", "\"}"),
        ("commands in values", "{\"a\":\"", "secret=$(", "\"}"),
        ("signs in values", "{\"a\":\"", "token=,a", "\"}"),
        ("SQL", "{\"a\":\"", "PASSWORD '", "\"}"),
        ("messages", "{\"a\":\"", "DB_PASSWORD to '", "\"}"),
        ("markup", "{\"a\":\"", "<password>", "\"}"),
        ("tables", "{\"a\":\"", "| password |\\n", "\"}"),
        ("directives", "{\"a\":\"", "requirepass x\\n", "\"}"),
        ("connection strings", "{\"a\":\"", "a:b@tcp(", "\"}"),
        ("Secrets in text", "{\"a\":\"x\\n", "stringData: {", "\"}"),
        ("base64 in text", "{\"a\":\"base64 ", "QUFBQUFBQUFBQUFBQUFBQUFBQUFB ", "\"}"),
        ("vendors", "{\"a\":\"", "datadog-key ", "\"}"),
        ("keys of no vendor", "{\"a\":\"", "key a1b2c3d4e5f6a1b2c3 ", "\"}"),
        ("members of web keys", "{\"kty\":\"x\"", ",\"d\":\"a1b2c3d4e5f6a1b2c3\"", "}"),
        ("heads of keys", "{\"a\":\"", "MIIE", "\"}"),
        ("labels in a list", "[\"\"", ",\"-----BEGIN PRIVATE KEY-----\"", "]"),
        ("key ids", "{\"a\":\"", "AKIAABCDEFGHIJKLMNOP ", "\"}"),
        ("hooks", "{\"a\":\"", "/hooks/", "\"}"),
        ("hashes", "{\"a\":\"", "$6$", "\"}"),
        ("underscores", "{\"a\":\"", "ghp_sk_", "\"}"),
        ("authorizations", "{\"a\":\"", "authorization=", "\"}"),
    ];
    let mut slow = Vec::new();
    for (name, before, again, after) in floods {
        for resource in ["secrets", "widgets"] {
            for format in Format::ALL {
                let size = 48 << 10;
                let make = |bytes: usize| {
                    event(&format!("{before}{}{after}", again.repeat(bytes / again.len())))
                        .replace("RES", resource)
                };
                let (small, large) = (cost(&make(size), format), cost(&make(size * 8), format));
                // Eight times the size: linear is 8, the square is 64. Small times are noise: the
                // system counts in ticks of a few milliseconds.
                if large > small.max(Duration::from_millis(3)) * 24 {
                    slow.push(format!("{name} ({resource}, {format:?}): {small:?} then {large:?} for 8 times the size"));
                }
            }
        }
    }
    assert!(slow.is_empty(), "{}", slow.join("\n"));
}

/// A flood costs at most ten times what plain text of its length costs: being proportional is not
/// enough when every byte looks sixteen thousand further.
#[test]
fn names_that_look_ahead_remember_the_answer() {
    let size = 1 << 20;
    let line = |again: &str| {
        let text = again.repeat(size / again.len());
        format!(
            r#"{{"auditID":"a","stage":"ResponseComplete","verb":"get","requestURI":"/x?{text}"}}"#
        )
    };
    let plain = cost(&line("lorem ipsum dolor "), Format::Native).max(Duration::from_millis(2));
    for again in [
        "authorization=",
        "password=$",
        "token={{",
        "authorization:{",
        "Authorization: Bearer",
        "license=a-",
        "a=b&c",
    ] {
        let flood = (0..3).map(|_| cost(&line(again), Format::Native)).min().unwrap_or_default();
        assert!(flood < plain * 10, "{again}: {flood:?}, plain text {plain:?}");
    }
}
