//! Panther's own tests: where we say something else, the reason is written down.

use std::collections::BTreeMap;
use std::fs;

use auditweir::rules::Rules;
use auditweir_tests::here;
use serde::Deserialize;
use serde_json::value::RawValue;

#[derive(Deserialize)]
#[allow(clippy::struct_field_names, reason = "named as in the corpus")]
struct Test {
    rule: String,
    test: String,
    expect: bool,
    log: Box<RawValue>,
}

#[derive(Deserialize)]
struct Map {
    /// Their rule, our intent; empty when we have none.
    intents: BTreeMap<String, String>,
    differences: Vec<Difference>,
}

#[derive(Deserialize)]
struct Difference {
    rule: String,
    test: String,
    ours: String,
    reason: String,
}

#[test]
fn every_difference_to_panther_has_its_reason() {
    let read = |name: &str| fs::read_to_string(here("detections").join(name)).expect(name);
    let map: Map = serde_saphyr::from_str(&read("panther.yaml")).expect("panther.yaml");
    let mut filter = super::watching(Rules::pack().expect("the pack"));
    let (mut wrong, mut same, mut listed) = (Vec::new(), 0, 0);
    for line in read("panther.ndjson").lines() {
        let test: Test = serde_json::from_str(line).expect("a test");
        let intent = &map.intents[&test.rule];
        let answers = super::found(&mut filter, test.log.get());
        let ours = answers
            .iter()
            .find(|(found, _)| found == intent)
            .map_or("nothing", |(_, answer)| answer.as_str());
        let known = map.differences.iter().find(|d| d.rule == test.rule && d.test == test.test);
        if (ours == "match") == test.expect {
            same += 1;
            if known.is_some() {
                wrong.push(format!("{}: {}: no difference any more", test.rule, test.test));
            }
        } else {
            listed += 1;
            match known {
                Some(known) if known.ours == ours && known.reason.len() > 20 => {}
                _ => wrong.push(format!("{}: {}: ours is {ours}", test.rule, test.test)),
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert_eq!((same + listed, listed), (120, map.differences.len()));
}
