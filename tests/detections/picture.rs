//! `docs/coverage.svg`: the techniques of ATT&CK that rules of the pack are about, as a matrix.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;

use auditweir::rules::{Rule, Rules, Severity};
use auditweir_tests::here;

/// Tactics in the order of ATT&CK 19, and their techniques here. One that is part of several tactics
/// stands under the one that its rules are about most.
const MATRIX: &[(&str, &[(&str, &str)])] = &[
    (
        "Initial Access",
        &[
            ("T1078", "Valid Accounts"),
            ("T1133", "External Remote Services"),
            ("T1190", "Exploit Public-Facing Application"),
        ],
    ),
    (
        "Execution",
        &[
            ("T1053", "Scheduled Task/Job"),
            ("T1059", "Command and Scripting Interpreter"),
            ("T1609", "Container Administration Command"),
            ("T1610", "Deploy Container"),
        ],
    ),
    (
        "Persistence",
        &[
            ("T1098", "Account Manipulation"),
            ("T1136", "Create Account"),
            ("T1543", "Create or Modify System Process"),
            ("T1546", "Event Triggered Execution"),
        ],
    ),
    (
        "Privilege Escalation",
        &[("T1134", "Access Token Manipulation"), ("T1611", "Escape to Host")],
    ),
    ("Stealth", &[("T1036", "Masquerading"), ("T1070", "Indicator Removal")]),
    ("Defense Impairment", &[("T1685", "Disable or Modify Tools")]),
    (
        "Credential Access",
        &[
            ("T1528", "Steal Application Access Token"),
            ("T1552", "Unsecured Credentials"),
            ("T1557", "Adversary-in-the-Middle"),
            ("T1649", "Steal or Forge Certificates"),
        ],
    ),
    (
        "Discovery",
        &[
            ("T1040", "Network Sniffing"),
            ("T1069", "Permission Groups Discovery"),
            ("T1613", "Container and Resource Discovery"),
        ],
    ),
    ("Lateral Movement", &[("T1550", "Use Alternate Authentication")]),
    ("Collection", &[("T1530", "Data from Cloud Storage")]),
    ("Command and Control", &[("T1090", "Proxy"), ("T1105", "Ingress Tool Transfer")]),
    (
        "Impact",
        &[
            ("T1485", "Data Destruction"),
            ("T1498", "Network Denial of Service"),
            ("T1565", "Data Manipulation"),
        ],
    ),
];

const WIDE: usize = 150;
const HIGH: usize = 46;

fn picture(rules: &Rules) -> String {
    let mut by: BTreeMap<&str, Vec<&Rule>> = BTreeMap::new();
    for rule in rules.telling() {
        let mut techniques: Vec<&str> =
            rule.attack.v19.iter().map(|id| id.split('.').next().expect("an id")).collect();
        techniques.sort_unstable();
        techniques.dedup();
        for id in techniques {
            by.entry(id).or_default().push(rule);
        }
    }
    let most = MATRIX.iter().map(|(_, techniques)| techniques.len()).max().expect("tactics");
    let (width, height) = (MATRIX.len() * (WIDE + 6) + 6, 64 + most * (HIGH + 6));
    let mut text = format!(
        "<svg xmlns=\"http://www.w3.org/2000/svg\" viewBox=\"0 0 {width} {height}\" \
         font-family=\"sans-serif\" role=\"img\">\n<title>Techniques of ATT&amp;CK that the rules of \
         auditweir are about</title>\n<rect width=\"{width}\" height=\"{height}\" fill=\"#fff\"/>\n"
    );
    for (column, (tactic, techniques)) in MATRIX.iter().enumerate() {
        let x = 6 + column * (WIDE + 6);
        let _ = writeln!(
            text,
            "<text x=\"{x}\" y=\"26\" font-size=\"13\" font-weight=\"bold\">{tactic}</text>"
        );
        for (row, (id, name)) in techniques.iter().enumerate() {
            let rules = by.remove(id).unwrap_or_else(|| panic!("no rule is about {id}"));
            let worst = rules.iter().map(|rule| rule.level).max().expect("a rule");
            let fill = match worst {
                Severity::Critical => "#e57373",
                Severity::High => "#f2a38c",
                Severity::Medium => "#f6cf8e",
                _ => "#f7ecc0",
            };
            let y = 40 + row * (HIGH + 6);
            let intents: Vec<&str> = rules.iter().map(|rule| rule.intent.as_str()).collect();
            let count = rules.len();
            let s = if count == 1 { "" } else { "s" };
            let _ = writeln!(
                text,
                "<g><title>{}</title><rect x=\"{x}\" y=\"{y}\" width=\"{WIDE}\" height=\"{HIGH}\" \
                 rx=\"3\" fill=\"{fill}\"/><text x=\"{}\" y=\"{}\" font-size=\"9\">{name}</text>\
                 <text x=\"{}\" y=\"{}\" font-size=\"11\">{id}: {count} rule{s}</text></g>",
                intents.join(", "),
                x + 6,
                y + 17,
                x + 6,
                y + 35,
            );
        }
    }
    assert!(by.is_empty(), "techniques without a place: {:?}", by.keys());
    text.push_str("</svg>\n");
    text
}

#[test]
fn the_picture_is_the_committed_one() {
    let picture = picture(&Rules::pack().expect("the pack"));
    let path = here("../docs/coverage.svg");
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &picture).expect("docs/coverage.svg");
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(
        committed == picture,
        "docs/coverage.svg: BLESS=1 cargo test -p auditweir-tests --test detections picture"
    );
}
