//! What a run shows: events in and out, canaries in the log and in the output, innocents, and
//! whether log file, webhook and `auditweir serve` say the same.

use std::collections::{BTreeMap, BTreeSet};
use std::fs;
use std::path::Path;
use std::sync::Arc;

use auditweir::{Format, Policy};
use auditweir_tests::planted::{Judged, Planted, by_event};

use crate::Result;

/// Prints all of it; whether all is as it should be.
pub(super) fn all(out: &Path, planted: &Planted) -> Result<bool> {
    let policy = Arc::new(Policy::default().compile()?);
    let log = fs::read(out.join("audit.log"))?;
    let webhook = fs::read(out.join("webhook.ndjson"))?;
    println!(
        "kube-apiserver {}, seed {}, tokens {}",
        planted.version, planted.seed, planted.shapes
    );
    let mut sound = true;
    let native = planted.judge(&log, &policy, Format::Native);
    sound &= tell("audit.log, native", planted, &native);
    for (name, format) in [("ecs", Format::Ecs), ("ocsf", Format::Ocsf), ("otel", Format::Otel)] {
        let judged = planted.judge(&log, &policy, format);
        sound &= tell(&format!("audit.log, {name}"), planted, &judged);
    }
    let hooked = planted.judge(&webhook, &policy, Format::Native);
    sound &= tell("webhook, native", planted, &hooked);
    never_logged(planted, &native);

    let file = settled(by_event(&native.out), &planted.until);
    let hook = settled(by_event(&hooked.out), &planted.until);
    sound &= compare("audit.log", &file, "webhook", &hook);
    let served = out.join("served.ndjson");
    if served.exists() {
        let served = fs::read(served)?;
        sound &= compare("webhook", &hook, "serve", &settled(by_event(&served), &planted.until));
        let seeker = planted.canary_seeker();
        let mut leaks = 0;
        for line in served.split(|byte| *byte == b'\n') {
            leaks += seeker.find(line).len();
        }
        println!("serve: {leaks} canaries in what it delivered");
        sound &= leaks == 0;
    }
    for name in ["serve.log"] {
        if let Ok(said) = fs::read(out.join(name)) {
            let leaks = planted.canary_seeker().find(&said).len();
            println!("{name}: {leaks} canaries");
            sound &= leaks == 0;
        }
    }
    Ok(sound)
}

fn tell(name: &str, planted: &Planted, judged: &Judged) -> bool {
    println!(
        "{name}: {} events in, {} out, {} stubs, {} rejected; canaries planted {}, in the log {}, \
         in the output {}; innocents {} times in events, {} lost; {} bytes out",
        judged.events_in,
        judged.events_out,
        judged.stats.stubs,
        judged.stats.rejected,
        planted.canaries.len(),
        judged.logged.len(),
        judged.leaks.len(),
        judged.kept,
        judged.lost.len(),
        judged.out.len(),
    );
    for (what, findings) in [("LEAK", &judged.leaks), ("LOST", &judged.lost)] {
        for finding in findings {
            println!(
                "  {what} line {} {:?} [{}] {}",
                finding.line, finding.text, finding.what, finding.event
            );
        }
    }
    if !judged.stats.reasons.is_empty() {
        println!("  stub reasons: {:?}", judged.stats.reasons);
    }
    judged.leaks.is_empty() && judged.lost.is_empty() && judged.events_in == judged.events_out
}

/// Canaries that no event shows, by scenario: bodies that the server could not read, watches.
fn never_logged(planted: &Planted, judged: &Judged) {
    let mut missing: BTreeMap<&str, usize> = BTreeMap::new();
    for (at, canary) in planted.canaries.iter().enumerate() {
        if !judged.logged.contains(&at) {
            *missing.entry(&canary.scenario).or_default() += 1;
        }
    }
    let list: Vec<String> = missing.iter().map(|(name, count)| format!("{name} {count}")).collect();
    println!("planted, not in the log: {}", list.join(", "));
}

type Events = BTreeMap<(String, String), Vec<String>>;

/// Without what the server logged about its own end, when the webhook no longer sends.
fn settled(mut events: Events, until: &str) -> Events {
    events.retain(|_, equal| {
        equal.retain(|event| {
            let time = event
                .split_once(r#""stageTimestamp":""#)
                .and_then(|(_, rest)| rest.split('"').next());
            time.is_none_or(|time| time < until)
        });
        !equal.is_empty()
    });
    events
}

fn compare(one: &str, left: &Events, two: &str, right: &Events) -> bool {
    let keys = |events: &Events| events.keys().cloned().collect::<BTreeSet<_>>();
    let (a, b) = (keys(left), keys(right));
    let count = |events: &Events| events.values().map(Vec::len).sum::<usize>();
    let differ: Vec<_> = a.intersection(&b).filter(|key| left[*key] != right[*key]).collect();
    // The webhook's EventList stands two levels above an event, and the depth limit counts them.
    let (cut, differ): (Vec<_>, Vec<_>) = differ.into_iter().partition(|key| {
        [left, right].iter().all(|events| {
            events[*key].iter().any(|event| event.contains("[redacted:opaque-subtree]"))
        })
    });
    println!(
        "{one} and {two}: {} and {} events; auditID and stage only in {one} {}, only in {two} {}, content differs {}, and {} where the depth limit cuts",
        count(left),
        count(right),
        a.difference(&b).count(),
        b.difference(&a).count(),
        differ.len(),
        cut.len()
    );
    for key in a.symmetric_difference(&b).take(5) {
        println!("  only one has {key:?}");
    }
    for key in differ.iter().take(5) {
        let (x, y) = (left[*key].join("\n"), right[*key].join("\n"));
        let at = x.bytes().zip(y.bytes()).take_while(|(a, b)| a == b).count();
        let show = |text: &str| {
            String::from_utf8_lossy(
                &text.as_bytes()[at.saturating_sub(60)..(at + 100).min(text.len())],
            )
            .into_owned()
        };
        println!("  {key:?}\n    …{}…\n    …{}…", show(&x), show(&y));
    }
    a == b && differ.is_empty()
}
