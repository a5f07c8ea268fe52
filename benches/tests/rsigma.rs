//! Answers beside those of another engine, rsigma-eval, on random rules and events.
//!
//! The common subset: fields that events have as they stand, and modifiers that the specification
//! defines. An answer of ours that is no `cannot-tell` must be theirs. No value is null: `exists` is about
//! presence, as the specification says, and theirs takes null for absent. `PAIRS` says how many pairs of a
//! rule and an event are tried (default 100,000):
//! `PAIRS=1000000 cargo test --release -p auditweir-benches --no-default-features --test rsigma`
#![allow(clippy::print_stdout, reason = "a test runner reports to the terminal")]

use std::collections::HashSet;
use std::fmt::Write as _;
use std::sync::Arc;

use auditweir::rules::{RuleText, Rules};
use auditweir::{Filter, Format, Policy};
use rsigma_eval::Engine;
use rsigma_eval::event::JsonEvent;
use rsigma_parser::parse_sigma_yaml;
use serde_json::{Value, json};

/// A filter that asks these rules.
fn watching(rules: Rules) -> Filter {
    let policy = Policy::default().compile().expect("the default policy");
    let mut filter = Filter::new(Arc::new(policy), Format::Native);
    filter.watch(Arc::new(rules));
    filter
}

/// Random numbers that a seed repeats.
struct Dice(u64);

impl Dice {
    fn below(&mut self, limit: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        usize::try_from(self.0 % limit as u64).expect("small")
    }

    fn one<'a, T>(&mut self, of: &'a [T]) -> &'a T {
        &of[self.below(of.len())]
    }
}

const NAMES: [&str; 8] = ["", "shop", "Shop-till", "web", "kube-system", "a*b", "a?b", r"a\b"];
const USERS: [&str; 5] =
    ["jane", "Jane@corp.example", "system:admin", "system:node:n-1", "dev-bot"];
const GROUPS: [&str; 4] = ["dev", "Ops", "system:authenticated", "system:masters"];
const PEERS: [&str; 5] = ["10.0.0.1", "10.1.2.3", "192.168.7.9", "fd00::1", "203.0.113.7"];
const AGENTS: [&str; 4] = ["kubectl/v1.37.0", "curl/8.1", "Helm/3", "go-http-client/1.1"];
const CODES: [u64; 5] = [200, 201, 403, 404, 500];

/// Texts of rules: whole, parts, wildcards, escapes.
const TEXTS: [&str; 16] = [
    "shop",
    "SHOP*",
    "*-till",
    "we?",
    "*",
    "kube-*tem",
    r"a\*b",
    r"a\?b",
    r"a\b",
    "jane",
    "*:node:*",
    "*@corp.example",
    "system:*",
    "curl*",
    "dev",
    "ops",
];

fn event(dice: &mut Dice) -> Value {
    let mut event = json!({
        "kind": "Event", "apiVersion": "audit.k8s.io/v1", "level": "RequestResponse",
        "auditID": format!("{:x}", dice.0), "stage": "ResponseComplete", "requestURI": "/x",
        "verb": dice.one(&["get", "list", "create", "delete"]),
        "user": {"username": dice.one(&USERS)},
        "userAgent": dice.one(&AGENTS),
        "responseStatus": {"code": dice.one(&CODES)},
        "objectRef": {"resource": "pods", "apiVersion": "v1"},
    });
    if dice.below(3) > 0 {
        let groups: Vec<_> = (0..=dice.below(3)).map(|_| *dice.one(&GROUPS)).collect();
        event["user"]["groups"] = json!(groups);
    }
    let peers: Vec<_> = (0..=dice.below(2)).map(|_| *dice.one(&PEERS)).collect();
    event["sourceIPs"] = json!(peers);
    let labels =
        json!({"app": dice.one(&NAMES), "count": dice.below(20), "on": dice.below(2) == 0});
    event["requestObject"] = json!({"metadata": {"labels": labels, "name": dice.one(&NAMES)}});
    event
}

/// A test of a selection as YAML.
fn test(dice: &mut Dice) -> String {
    let text = |dice: &mut Dice| format!("'{}'", dice.one(&TEXTS));
    match dice.below(9) {
        0 => format!("verb: {}", dice.one(&["get", "LIST", "[create, delete]", "'*e*'"])),
        1 => {
            let code = *dice.one(&CODES);
            let order = dice.one(&["", "|lt", "|lte", "|gt", "|gte"]);
            format!("responseStatus.code{order}: {code}")
        }
        2 => format!(
            "sourceIPs|cidr: {}",
            dice.one(&["10.0.0.0/8", "['10.0.0.0/16', 'fd00::/8']", "203.0.113.7/32"])
        ),
        3 => format!("requestObject.metadata.labels.app|exists: {}", dice.one(&["true", "false"])),
        4 => format!("requestObject.metadata.labels.on: {}", dice.one(&["true", "false"])),
        5 => format!("requestObject.metadata.labels.count: {}", dice.below(20)),
        _ => {
            let field = dice.one(&[
                "user.username",
                "user.groups",
                "userAgent",
                "requestObject.metadata.name",
            ]);
            let place = dice.one(&["", "|contains", "|startswith", "|endswith"]);
            let cased = dice.one(&["", "", "|cased"]);
            match dice.below(3) {
                0 => format!("{field}{place}{cased}: [{}, {}]", text(dice), text(dice)),
                1 if !place.is_empty() => {
                    format!("{field}{place}{cased}|all: [{}, {}]", text(dice), text(dice))
                }
                _ => format!("{field}{place}{cased}: {}", text(dice)),
            }
        }
    }
}

fn rule(number: usize, dice: &mut Dice) -> String {
    let mut text = format!(
        "title: r{number}\nid: r{number}\nlogsource: {{product: kubernetes, service: audit}}\n\
         custom: {{outcome: [attempted, refused, failed, done, dry-run, unknown]}}\ndetection:\n"
    );
    for name in ["sel_a", "sel_b", "other"] {
        let _ = writeln!(text, "  {name}:");
        // A list of mappings is any of them.
        let dash = if dice.below(4) == 0 { "- " } else { "  " };
        let mut fields = HashSet::new();
        for _ in 0..=dice.below(2) {
            let test = test(dice);
            let field = test.split([':', '|']).next().expect("a field").to_owned();
            if fields.insert(field) {
                let _ = writeln!(text, "    {dash}{test}");
            }
        }
    }
    let condition = dice.one(&[
        "sel_a",
        "sel_a and not sel_b",
        "sel_a or sel_b",
        "not (sel_a or other)",
        "1 of sel_*",
        "all of sel_*",
        "1 of them",
        "all of them and not other",
        "sel_a and (sel_b or not other)",
    ]);
    let _ = writeln!(text, "  condition: {condition}");
    text
}

#[test]
fn answers_are_those_of_another_engine() {
    let pairs: usize =
        std::env::var("PAIRS").ok().map_or(100_000, |pairs| pairs.parse().expect("PAIRS"));
    let (rules_at_once, events) = (100, 200);
    let mut dice = Dice(0x2545_f491_4f6c_dd1d);
    let (mut tried, mut matches, mut unknown) = (0, 0, 0);
    while tried < pairs {
        let texts: Vec<String> = (0..rules_at_once).map(|number| rule(number, &mut dice)).collect();
        let all = texts.join("---\n");
        let rules = Rules::read(&[RuleText { file: "random", text: &all }])
            .unwrap_or_else(|error| panic!("{error}\n{all}"));
        let mut filter = watching(rules);
        let collection = parse_sigma_yaml(&all).expect("rules");
        assert_eq!(collection.errors.len(), 0, "{:?}", collection.errors);
        let mut engine = Engine::new();
        engine.add_collection(&collection).expect("rules");
        for _ in 0..events {
            let event = event(&mut dice);
            let theirs: HashSet<String> = engine
                .evaluate(&JsonEvent::borrow(&event))
                .iter()
                .filter_map(|found| found.header.rule_id.clone())
                .collect();
            let mut ours = HashSet::new();
            let mut cannot = HashSet::new();
            filter.apply_each(event.to_string().as_bytes(), &mut |line| {
                for finding in line.findings().iter() {
                    let to = if finding.cannot_tell.is_some() { &mut cannot } else { &mut ours };
                    to.insert(finding.rule.id.clone());
                }
            });
            for (number, text) in texts.iter().enumerate() {
                let id = format!("r{number}");
                if cannot.contains(&id) {
                    unknown += 1;
                    continue;
                }
                let (our, their) = (ours.contains(&id), theirs.contains(&id));
                assert_eq!(our, their, "ours {our}, theirs {their}:\n{text}\n{event}");
                matches += usize::from(our);
            }
            tried += rules_at_once;
        }
    }
    println!("{tried} pairs: {matches} matches, {unknown} that cannot be told");
    assert!(matches * 20 > tried && matches * 20 < tried * 19, "{matches} of {tried}");
    assert!(unknown * 10 < tried, "{unknown} of {tried}");
}
