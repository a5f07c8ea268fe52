//! `docs/detectors.md`, which is made of the rows. `BLESS=1 cargo test -p auditweir --lib reference`
//! writes it anew.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use super::Detector;
use super::rules::vendors;

const HEAD: &str = "# Detectors

What auditweir recognises by its shape, wherever a text stands. Each row can be switched by its name
in a policy; a group's name stands for all its rows, and a row's own name goes before it:

```yaml
redact:
  detectors:
    jwt: pseudonym
    service-token: keep
    grafana-token: mask
```

In a shape, `{20a}` stands for twenty letters and digits, `l` for lower case and digits, `u` for upper
case and digits, `d` for digits, `h` for hex digits, `w` for base64url, `b` for base64, `c` for
letters, digits, `.` and `/`, `{crc}` for 30 letters with their CRC-32, `{{` for a brace.

";

const TABLE: &str = "| name | group | default | finds | shapes |
| --- | --- | --- | --- | --- |
";

fn text() -> String {
    let mut text = String::from(HEAD);
    text.push_str(TABLE);
    for detector in Detector::ALL {
        let shapes =
            detector.shapes().iter().map(|shape| format!("`{}`", shape.replace('|', "\\|")));
        let _ = writeln!(
            text,
            "| `{}` | {} | {} | {} | {} |",
            detector.name(),
            detector.group().map_or(String::new(), |group| format!("`{group}`")),
            if detector.default_on() { "mask" } else { "keep" },
            detector.about(),
            shapes.collect::<Vec<_>>().join("<br>"),
        );
    }
    text.push_str(TAIL);
    text.push_str(VENDORS);
    text.push_str(&vendors::VENDORS.join(", "));
    text.push_str(".\n\nOf `vendor-beside`: ");
    let beside = vendors::RULES[1].literals.iter().map(|literal| literal.text);
    text.push_str(&beside.collect::<Vec<_>>().join(", "));
    text.push_str(".\n");
    text
}

const VENDORS: &str = "
## Vendors

`core/src/detect/rules/vendors.rs` has the lists. Of `vendor-secret`: ";

const TAIL: &str = "
## What stays

Rules of secret scanners also name what is no secret, or what a text alone does not tell. These stay,
because a mask there costs evidence; [score.md](score.md) counts them by rule:

| left | as in | why |
| --- | --- | --- |
| hosts and accounts of services | Auth0, Okta, Jira, JFrog, Shopify, Databricks, Snowflake, Azure, S3, Cloud Storage, Salesforce | a name, part of every URL |
| ids of clients, applications and accounts | OAuth client ids (Google, Auth0, GitHub, Bitbucket, PayPal, Spotify, Blynk), Facebook, Twitter, Discord, Algolia, Anypoint, AWS account ids, ARNs, Twilio SIDs, Square `sq0idp-` | an identifier; the secret beside it goes |
| users and hosts beside a password | ODBC, JDBC, MongoDB, PostgreSQL, React, Gradle, PHPMailer, netrc, PsExec, vSphere | the password goes, who and where stays |
| public halves | age recipients, publishable keys of Stripe, PostHog project keys, certificates | meant to be seen |
| a vendor's name that means other things, with words or short values after it | raven, Databox | what follows is any text |
| runs of letters without a prefix | Documo, Really Simple Systems | cannot be told from other base64 |
| weak passwords alone | `letmein` and a number | a word; under a name that says password it goes |
";

#[test]
fn reference_is_current() {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/detectors.md");
    let text = text();
    if std::env::var_os("BLESS").is_some_and(|value| value == "1") {
        fs::write(&path, &text).expect("docs/detectors.md");
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    let differs = committed.lines().zip(text.lines()).position(|(old, new)| old != new);
    let message = "docs/detectors.md differs from line";
    assert!(committed == text, "{message} {differs:?}; BLESS=1 rewrites it");
}
