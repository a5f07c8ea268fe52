//! Chooses from a run the lines that are kept as corpus: for each kind of request a few, and those
//! that show the most canaries.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::fs;
use std::path::Path;

use auditweir_tests::planted::Planted;
use serde_json::Value;

use crate::{Result, root};

/// Longer lines are left out: bodies of a megabyte, and deep ones.
const LONGEST: usize = 9 << 10;
/// Bytes for one scenario.
const SCENARIO: usize = 4 << 10;
/// Requests of the server to itself.
const INTERNAL: usize = 24;

/// Writes `tests/corpora/kube-apiserver-VERSION/audit.log` and `tests/planted/….json`, which is no
/// event and so not in the corpus.
pub(super) fn write(out: &Path, planted: &Planted) -> Result<()> {
    let version = planted.version.trim_start_matches('v');
    let folder = root().join(format!("tests/corpora/kube-apiserver-{version}"));
    fs::create_dir_all(&folder)?;
    let mut scenarios: HashMap<String, String> = HashMap::new();
    for line in fs::read_to_string(out.join("requests.ndjson"))?.lines() {
        let request: Value = serde_json::from_str(line)?;
        let text = |name: &str| request[name].as_str().unwrap_or_default().to_owned();
        scenarios.insert(text("auditID"), text("scenario"));
    }
    let log = fs::read(out.join("audit.log"))?;
    let (canaries, innocents) = (planted.canary_seeker(), planted.innocent_seeker());
    let (mut shown, mut kept) = (BTreeSet::new(), BTreeSet::new());
    let mut kinds = BTreeSet::new();
    let mut spent: BTreeMap<String, usize> = BTreeMap::new();
    let mut trimmed = Vec::new();
    let mut lines = 0;
    for line in log.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()) {
        let Ok(event) = serde_json::from_slice::<Value>(line) else { continue };
        let text = |pointer: &str| {
            event
                .pointer(pointer)
                .map(|value| value.as_str().map_or_else(|| value.to_string(), str::to_owned))
                .unwrap_or_default()
        };
        let scenario = scenarios.get(&text("/auditID"));
        let kind = format!(
            "{:?} {} {}/{} {} {}",
            scenario,
            text("/verb"),
            text("/objectRef/resource"),
            text("/objectRef/subresource"),
            text("/responseStatus/code"),
            text("/stage")
        );
        let new_kind = !kinds.contains(&kind);
        let name = scenario.cloned().unwrap_or_default();
        let spent = spent.entry(name).or_default();
        let limit = if scenario.is_some() { SCENARIO } else { INTERNAL << 10 };
        if line.len() > LONGEST || *spent + line.len() > limit {
            continue;
        }
        let found = canaries.find(line);
        let ordinary = innocents.find(line);
        let received = text("/stage") == "RequestReceived";
        let wanted = if scenario.is_none() {
            new_kind && !received
        } else {
            (new_kind && (!received || lines % 16 == 0))
                || !found.is_subset(&shown)
                || !ordinary.is_subset(&kept)
        };
        if !wanted {
            continue;
        }
        kinds.insert(kind);
        shown.extend(found);
        kept.extend(ordinary);
        *spent += line.len();
        trimmed.extend_from_slice(line);
        trimmed.push(b'\n');
        lines += 1;
    }
    let mut rest = planted.clone();
    let mut at = 0..;
    rest.canaries.retain(|_| at.next().is_some_and(|at| shown.contains(&at)));
    let mut at = 0..;
    rest.innocents.retain(|_| at.next().is_some_and(|at| kept.contains(&at)));
    fs::write(folder.join("audit.log"), &trimmed)?;
    let mut text = serde_json::to_string_pretty(&rest)?;
    text.push('\n');
    let list = root().join("tests/planted");
    fs::create_dir_all(&list)?;
    fs::write(list.join(format!("kube-apiserver-{version}.json")), text)?;
    println!(
        "{}: {lines} events, {} bytes, {} canaries, {} innocents",
        folder.display(),
        trimmed.len(),
        rest.canaries.len(),
        rest.innocents.len()
    );
    Ok(())
}
