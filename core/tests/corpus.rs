//! Every corpus file comes out whole: the expected number of events, no stub, nothing rejected.
//!
//! The YAML files of the corpus are the same events as the NDJSON beside them; the command line
//! converts YAML, the library does not read it.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use auditweir::{Filter, Format, Policy};

/// Files or folders under `tests/corpora` and how many events each holds, counted by hand and
/// given in its README.
const EXPECTED: &[(&str, u64)] = &[
    ("openshift-clo/audit_in.log", 100),
    ("openshift-clo/audit.log", 5),
    ("vanilla-audit2rbac/demo.log", 37),
    ("vanilla-falco-k8s_audit", 33),
    ("aks-sysdig/event.json", 22),
    ("eks-panther/aws_eks_rules-tests.ndjson", 12),
    ("gke-sysdig-stackdriver/log_entries", 17),
    ("gke-sysdig-stackdriver/k8s_audit_events", 17),
    ("gke-khi/container_recorder.ndjson", 3),
    ("gke-dynatrace/record.ndjson", 1),
    ("gke-panther/gcp_k8s_rules-tests.ndjson", 18),
    ("kube-apiserver-1.37.2/audit.log", 249),
    ("k3s-gitops-reverser/extracted.ndjson", 8),
    ("k3s-gitops-reverser/audit-deletecollection-official-raw-hollow.json", 1),
    ("k3s-gitops-reverser/audit-deletecollection-official-teardown-hollow.json", 1),
    ("k3s-gitops-reverser/audit-deletecollection-proxy-raw-listbody.json", 1),
    ("k3s-gitops-reverser/audit-deletecollection-proxy-teardown-deleteoptions.json", 1),
];

fn corpora() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/corpora")
}

/// Documents of a file: lines for NDJSON and logs, the whole text for JSON files.
fn documents(path: &Path) -> Vec<Vec<u8>> {
    let text = std::fs::read(path).unwrap();
    if path.extension().is_some_and(|end| end == "json") {
        return vec![text];
    }
    text.split(|b| *b == b'\n').filter(|line| !line.is_empty()).map(<[u8]>::to_vec).collect()
}

fn files(path: &Path) -> Vec<PathBuf> {
    if path.is_file() {
        return vec![path.to_owned()];
    }
    let mut files: Vec<_> =
        std::fs::read_dir(path).unwrap().map(|entry| entry.unwrap().path()).collect();
    files.sort();
    files
}

#[test]
fn events_in_are_events_out() {
    let policy = Arc::new(Policy::default().compile().unwrap());
    let mut total = 0;
    for format in [Format::Native, Format::Ecs] {
        for (name, expected) in EXPECTED {
            let mut filter = Filter::new(Arc::clone(&policy), format);
            let mut out = Vec::new();
            for file in files(&corpora().join(name)) {
                for document in documents(&file) {
                    filter.apply(&document, &mut out);
                }
            }
            let stats = filter.stats();
            assert_eq!(stats.stubs, 0, "{name}: {:?}", stats.reasons);
            assert_eq!(stats.rejected, 0, "{name}: {:?}", stats.reasons);
            assert_eq!(stats.dropped, [], "{name}");
            assert_eq!(stats.events, *expected, "{name}");
            let lines: Vec<&[u8]> = out.split(|b| *b == b'\n').filter(|l| !l.is_empty()).collect();
            assert_eq!(lines.len() as u64, *expected, "{name}");
            for line in lines {
                serde_json::from_slice::<serde_json::Value>(line)
                    .unwrap_or_else(|error| panic!("{name}: {error}"));
            }
            total += expected;
        }
    }
    assert_eq!(total, 2 * EXPECTED.iter().map(|(_, count)| count).sum::<u64>());
}
