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

/// Files of `tests/corpora/bugs` that hold other things than events, too: how many events and
/// stubs come out, and how many lines are dropped. `tests/cases/wrapped.yaml` says what is in them.
const WRAPPED: &[(&str, [u64; 3])] = &[
    ("cluster-of-the-envelope-lost.ndjson", [4, 0, 0]),
    ("doubled-message-and-event-original.json", [1, 0, 1]),
    ("gke-cluster-manager-call-shown-as-kube-apiserver.json", [0, 1, 0]),
    ("klog-lines-of-audit-log-path-dash-become-documents.log", [1, 0, 3]),
    ("lost-aks-audit-table-rows-in-records-array.json", [2, 0, 0]),
    ("lost-event-behind-nul-bytes.log", [2, 0, 0]),
    ("lost-records-array-with-event-under-value.json", [2, 0, 0]),
    ("openshift-collector-level-taken-for-audit-level.json", [1, 0, 0]),
    ("rancher-api-audit-comes-out-empty-in-1970.ndjson", [0, 2, 0]),
    ("rejected-aks-audit-table-rows.ndjson", [2, 0, 0]),
    ("rejected-azure-capture-and-query.ndjson", [4, 0, 0]),
    ("rejected-cloud-logging-json-payload.json", [1, 0, 0]),
    ("rejected-cloudwatch-api-answers.ndjson", [4, 0, 0]),
    ("rejected-elastic-documents.ndjson", [4, 0, 0]),
    ("rejected-gke-bigquery-row.json", [1, 0, 0]),
    ("rejected-lines-with-a-text-before-the-event.log", [6, 0, 0]),
    ("rejected-logstash-split-items-is-an-object.json", [1, 0, 0]),
    ("rejected-otlp-log-requests.ndjson", [2, 0, 0]),
    ("rejected-splunk-hec-event-object.ndjson", [3, 0, 0]),
    ("truncated-aks-log-loses-user-object-time-cluster.json", [1, 0, 0]),
    ("wrong-type-of-one-member-costs-the-whole-event.ndjson", [5, 0, 0]),
];

#[test]
fn wrapped_events_are_found() {
    let policy = Arc::new(Policy::default().compile().unwrap());
    let folder = corpora().join("bugs");
    for format in Format::ALL {
        for (name, expected) in WRAPPED {
            let mut filter = Filter::new(Arc::clone(&policy), format);
            let mut out = Vec::new();
            for document in documents(&folder.join(name)) {
                filter.apply(&document, &mut out);
            }
            let stats = filter.stats();
            let dropped = stats.dropped.iter().map(|(_, count)| count).sum();
            assert_eq!(&[stats.events, stats.stubs, dropped], expected, "{name}: {stats:?}");
            assert_eq!(stats.rejected, 0, "{name}: {:?}", stats.reasons);
        }
    }
    // The others hold events as they are, one a line.
    let listed = |file: &Path| WRAPPED.iter().any(|(name, _)| file.ends_with(name));
    for file in files(&folder).iter().filter(|file| !listed(file)) {
        let mut filter = Filter::new(Arc::clone(&policy), Format::Native);
        let documents = documents(file);
        for document in &documents {
            filter.apply(document, &mut Vec::new());
        }
        assert_eq!(filter.stats().events, documents.len() as u64, "{file:?}: {:?}", filter.stats());
    }
}

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
    for format in Format::ALL {
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
    assert_eq!(total, 4 * EXPECTED.iter().map(|(_, count)| count).sum::<u64>());
}
