//! What the tests of the wasm artifacts share: artifacts built once, and the core beside them.

use std::path::PathBuf;
use std::sync::Mutex;

use auditweir_tests::host::{Host as _, Setup};
use auditweir_wasm_pack::{Artifact, build};

use auditweir_tests::library::Library;

/// The path of an artifact, built at most once per test run.
pub(crate) fn artifact(artifact: Artifact) -> PathBuf {
    static BUILT: Mutex<Vec<(Artifact, PathBuf)>> = Mutex::new(Vec::new());
    // One at a time: some artifacts share cargo's output file.
    let mut built = BUILT.lock().unwrap_or_else(std::sync::PoisonError::into_inner);
    if let Some((_, path)) = built.iter().find(|(known, _)| *known == artifact) {
        return path.clone();
    }
    let path = build(artifact).unwrap_or_else(|error| panic!("{error}"));
    built.push((artifact, path.clone()));
    path
}

/// Says how `output` differs from what the core makes of the same input.
pub(crate) fn same_as_core(setup: &Setup<'_>, input: &[u8], output: &[u8]) -> Result<(), String> {
    let core = Library.run(setup, input)?.stdout;
    if core == output {
        return Ok(());
    }
    let at = core.iter().zip(output).take_while(|(a, b)| a == b).count();
    let show = |text: &[u8]| {
        String::from_utf8_lossy(&text[at.saturating_sub(40)..(at + 60).min(text.len())])
            .into_owned()
    };
    Err(format!(
        "differs from the core at byte {at}\n    core …{}…\n    host …{}…",
        show(&core),
        show(output)
    ))
}

/// Lines of the corpus and of the case files, for tests that want many different events.
pub(crate) fn corpus() -> Vec<Vec<u8>> {
    let mut lines = Vec::new();
    for file in [
        "openshift-clo/audit_in.log",
        "openshift-clo/audit.log",
        "vanilla-audit2rbac/demo.log",
        "eks-panther/aws_eks_rules-tests.ndjson",
        "gke-khi/container_recorder.ndjson",
        "gke-dynatrace/record.ndjson",
        "gke-panther/gcp_k8s_rules-tests.ndjson",
        "k3s-gitops-reverser/extracted.ndjson",
    ] {
        let text = std::fs::read(auditweir_tests::here("corpora").join(file)).expect(file);
        lines.extend(text.split(|b| *b == b'\n').filter(|l| !l.is_empty()).map(<[u8]>::to_vec));
    }
    lines.push(std::fs::read(auditweir_tests::here("corpora/aks-sysdig/event.json")).expect("aks"));
    lines
}

/// An event that holds the text on which the trap artifacts trap, and a secret.
pub(crate) const POISON: &str = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Request","auditID":"p","stage":"ResponseComplete","verb":"create","requestURI":"/api/v1/namespaces/a/pods","annotations":{"note":"auditweir-trap correct-horse"}}"#;

/// An event that does not.
pub(crate) const GOOD: &str = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"g","stage":"ResponseComplete","verb":"get","requestURI":"/api/v1/namespaces/a/pods"}"#;
