//! `docs/detections.md` is what the pack says of itself.

use std::fmt::Write as _;
use std::fs;

use auditweir::rules::{Rule, Rules};
use auditweir_tests::here;

const HEAD: &str = "\
# Detections

Generated from `core/src/rules/pack`: `BLESS=1 cargo test -p auditweir-tests --test detections docs`. Do not edit.

What each rule is after, and what it needs of the log. *Level* is the least audit level at which it can always
tell; below it the answer is `cannot-tell`, never silence. Of a patch that level shows what it sets; what it copies,
moves or adds to is shown by the response only, at level RequestResponse. *Outcome* is what has to become of a request; where
nothing stands, it has to be carried out. Ids are those of ATT&CK v19, with those of v18 where they differ.
What rules make of attacks on a kube-apiserver and of what only looks like them, level by level:
[detections-on-a-real-api-server.md](detections-on-a-real-api-server.md).

![Techniques of ATT&CK by tactic, with the number of rules about each](coverage.svg)
";

fn page(rules: &Rules) -> String {
    let mut text = HEAD.to_owned();
    let (stateful, alone): (Vec<&Rule>, Vec<&Rule>) =
        rules.telling().partition(|rule| rule.is_stateful);
    let _ = writeln!(
        text,
        "\n{} rules about one event, {} about several.",
        alone.len(),
        stateful.len()
    );
    for (title, rules) in [("About one event", alone), ("About several events", stateful)] {
        let _ = writeln!(
            text,
            "\n## {title}\n\n| rule | severity | needs | ATT&CK |\n|---|---|---|---|"
        );
        for rule in &rules {
            let _ = writeln!(
                text,
                "| [`{}`](#{}) {} | {} | {} | {} |",
                rule.intent,
                rule.intent,
                rule.title,
                rule.level.name(),
                needs(rule),
                attack(rule)
            );
        }
        for rule in &rules {
            one(rule, &mut text);
        }
    }
    text
}

fn one(rule: &Rule, text: &mut String) {
    let _ =
        writeln!(text, "\n### {}\n\n{}. {}\n", rule.intent, rule.title, rule.description.trim());
    let outcomes: Vec<&str> = rule.outcomes.iter().map(|outcome| outcome.name()).collect();
    if outcomes != ["done"] {
        let _ = writeln!(text, "- Outcome: {}", outcomes.join(", "));
    }
    let _ = writeln!(text, "- Looks at: {}", rule.fields.join(", "));
    for (who, what) in &rule.others {
        let mut name = who.clone();
        name[..1].make_ascii_uppercase();
        let _ = writeln!(text, "- {name}: {what}");
    }
}

fn needs(rule: &Rule) -> String {
    let mut needs = rule.needs.level.name().to_owned();
    for annotation in &rule.needs.annotations {
        let _ = write!(needs, ", {annotation}");
    }
    needs
}

fn attack(rule: &Rule) -> String {
    let (v18, v19) = (rule.attack.v18.join(", "), rule.attack.v19.join(", "));
    if v18 == v19 { v19 } else { format!("{v19} (v18: {v18})") }
}

#[test]
fn the_page_is_the_committed_one() {
    let page = page(&Rules::pack().expect("the pack"));
    let path = here("../docs/detections.md");
    if std::env::var_os("BLESS").is_some() {
        fs::write(&path, &page).expect("docs/detections.md");
    }
    let committed = fs::read_to_string(&path).unwrap_or_default();
    assert!(committed == page, "docs/detections.md is not what the pack says; see its head");
}
