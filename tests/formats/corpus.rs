//! Every event at hand: the corpus, the inputs of all cases under their policies, and stubs.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::sync::Arc;

use auditweir::{CompiledPolicy, Filter, Format, Line, Policy, Reason, Refusal};
use auditweir_shell::alert::Alert;
use auditweir_tests::case::CaseFile;
use auditweir_tests::{cases, filtering, here};

/// What came out of one platform's files, or of something else.
pub(crate) type Lines = BTreeMap<&'static str, Vec<String>>;

/// Kinds of clusters that the corpus has events of, by how its folders begin.
pub(crate) const PLATFORMS: [(&str, &str); 8] = [
    ("vanilla", "vanilla"),
    ("kube-apiserver", "API server 1.37"),
    ("k3s", "k3s"),
    ("openshift", "OpenShift"),
    ("eks", "EKS"),
    ("aks", "AKS"),
    ("gke", "GKE"),
    ("rancher", "Rancher"),
];

/// The one event of Rancher, which stands among those that were misread once.
const RANCHER: &str = "corpora/bugs/rancher-impersonated-person-not-searchable.json";

/// The corpus in one format, by platform.
pub(crate) fn corpus(format: Format) -> Lines {
    let mut all = Lines::new();
    let mut folders: Vec<_> = fs::read_dir(here("corpora"))
        .expect("corpora")
        .map(|entry| entry.expect("entry").path())
        // Shapes that were misread once and inputs for redaction, of no platform in particular.
        .filter(|path| {
            path.is_dir()
                && !["bugs", "redaction", "detections"].iter().any(|none| path.ends_with(none))
        })
        .collect();
    folders.sort();
    for folder in folders {
        let name = folder.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let platform = PLATFORMS.iter().find(|(prefix, _)| name.starts_with(prefix));
        let (_, platform) = platform.unwrap_or_else(|| panic!("{name}: of which platform?"));
        let mut filter = Filter::new(Arc::clone(&filtering::DEFAULT), format);
        let mut out = Vec::new();
        run_folder(&folder, &mut filter, &mut out);
        assert_eq!(filter.stats().stubs + filter.stats().rejected, 0, "{name}");
        all.entry(platform).or_default().extend(lines(&out));
    }
    let (mut filter, mut out) = (Filter::new(Arc::clone(&filtering::DEFAULT), format), Vec::new());
    filter.apply(&fs::read(here(RANCHER)).expect("an event of Rancher"), &mut out);
    all.insert("Rancher", lines(&out));
    all
}

fn run_folder(folder: &Path, filter: &mut Filter, out: &mut Vec<u8>) {
    let mut entries: Vec<_> =
        fs::read_dir(folder).expect("folder").map(|entry| entry.expect("entry").path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            run_folder(&path, filter, out);
            continue;
        }
        let text = fs::read(&path).expect("corpus file");
        match path.extension().and_then(|end| end.to_str()) {
            Some("json") => drop(filter.apply(&text, out)),
            Some("log" | "ndjson") => {
                for line in text.split(|byte| *byte == b'\n') {
                    filter.apply(line, out);
                }
            }
            _ => {}
        }
    }
}

/// What the inputs of all cases become, whatever shape the case itself asks for.
pub(crate) fn all_cases(format: Format) -> Vec<String> {
    let mut out = Vec::new();
    for file in cases() {
        for case in &file.cases {
            let Ok(input) = file.input(case) else { continue };
            let policy = file.policy(case);
            let setup = CaseFile::setup(case, policy.as_deref());
            let mut policy = compiled(setup.policy.unwrap_or("version: 1"));
            if let Some(key) = setup.key {
                policy = policy.with_pseudonym_key(key).expect("a key");
            }
            let mut filter = Filter::new(Arc::new(policy), format);
            for line in input.split(|byte| *byte == b'\n') {
                filter.apply(line, &mut out);
            }
        }
    }
    lines(&out)
}

/// Stubs of all kinds, with and without anything kept, before and after an event that has a time.
pub(crate) fn stubs(format: Format) -> Vec<String> {
    let mut out = Vec::new();
    let mut filter = Filter::new(Arc::clone(&filtering::DEFAULT), format);
    let event = r#"{"kind":"Event","level":"Metadata","auditID":"a-1","stage":"ResponseComplete","verb":"get","requestURI":"/x","stageTimestamp":"2026-01-02T03:04:05.123456Z""#;
    for _ in 0..2 {
        for input in [
            "rubbish",
            "{}",
            "[1]",
            &format!("{event},\"x\":01}}"),
            &format!("{event},\"verb\":\"get\"}}"),
            "{\"auditID\":5}",
        ] {
            let verdict = filter.apply(input.as_bytes(), &mut out);
            assert_eq!((verdict.events, verdict.stubs + verdict.rejected), (0, 1), "{input}");
        }
        for why in [Refusal::LineTooLong, Refusal::Internal, Refusal::Host(Reason::POLICY_ERROR)] {
            filter.refuse(why, event.as_bytes(), 1 << 40, &mut out);
            filter.refuse(why, b"", 0, &mut out);
        }
        filter.apply(format!("{event}}}").as_bytes(), &mut Vec::new());
    }
    lines(&out)
}

/// Samples that together have every field, under a policy that uses all there is.
pub(crate) fn samples(format: Format) -> Vec<String> {
    let mut out = Vec::new();
    let mut filter = Filter::new(Arc::new(compiled(SAMPLES_POLICY)), format);
    let text = fs::read_to_string(here("../core/tests/samples.ndjson")).expect("samples");
    for line in text.lines() {
        filter.apply(line.as_bytes(), &mut out);
    }
    let mut filter = Filter::new(Arc::clone(&filtering::DEFAULT), format);
    for line in include_str!("odd.ndjson").lines() {
        let before = out.len();
        filter.apply(line.as_bytes(), &mut out);
        assert!(out.len() > before, "{line}");
    }
    assert_eq!(filter.stats().reasons, [], "samples");
    lines(&out)
}

/// What rules find in the samples, as Detection Findings; one that knows nothing.
pub(crate) fn alerts() -> Vec<String> {
    let mut filter = Filter::new(Arc::new(compiled(SAMPLES_POLICY)), Format::Native);
    let text = fs::read_to_string(here("../core/tests/samples.ndjson")).expect("samples");
    let mut bare = Alert::default();
    (bare.finding.id, bare.finding.rule.intent) = ("0".into(), "bare".into());
    let mut all = vec![bare.detection("0", 0).to_string()];
    for line in text.lines() {
        filter.apply_each(line.as_bytes(), &mut |line: Line<'_>| {
            for finding in line.findings().iter() {
                let alert = Alert::of(&line).with(finding.rule, finding.outcome);
                all.push(alert.detection(line.id, 1_767_323_045_000).to_string());
            }
        });
    }
    assert!(all.len() > 10, "{}", all.len());
    all
}

const SAMPLES_POLICY: &str = concat!(include_str!("../../core/tests/samples.yaml"), "rules: {}\n");

fn compiled(policy: &str) -> CompiledPolicy {
    let policy = Policy::from_yaml(policy).unwrap_or_else(|error| panic!("{error}\n{policy}"));
    policy.compile().unwrap_or_else(|error| panic!("{error}"))
}

fn lines(out: &[u8]) -> Vec<String> {
    std::str::from_utf8(out).expect("UTF-8").lines().map(str::to_owned).collect()
}
