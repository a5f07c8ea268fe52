//! The rules of SigmaHQ load as they are, and the ones that can be true are.

use std::fs;

use auditweir::rules::{RuleText, Rules};
use auditweir_tests::here;

/// An event with these members and those of every event.
fn event(verb: &str, resource: &str, rest: &str) -> String {
    format!(
        r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":"a","stage":"ResponseComplete","verb":"{verb}","requestURI":"/x","user":{{"username":"jane"}},"objectRef":{{{resource}}},"responseStatus":{{"code":201}}{rest}}}"#
    )
}

#[test]
fn all_rules_of_sigmahq_load_and_tell_events_apart() {
    let mut files = Vec::new();
    for entry in fs::read_dir(here("detections/sigma")).expect("the folder") {
        let path = entry.expect("an entry").path();
        let name = path.file_stem().expect("a name").to_string_lossy().into_owned();
        files.push((name, fs::read_to_string(&path).expect("a rule")));
    }
    assert_eq!(files.len(), 16);
    let rules = |name: &str| {
        let (file, text) = files
            .iter()
            .find(|(file, _)| file.trim_start_matches("kubernetes_audit_") == name)
            .expect(name);
        Rules::read(&[RuleText { file, text }]).unwrap_or_else(|error| panic!("{error}"))
    };
    let pod = r#""resource":"pods","namespace":"shop""#;
    let exec = r#""resource":"pods","namespace":"shop","subresource":"exec""#;
    let mounts = r#","requestObject":{"spec":{"volumes":[{"hostPath":{"path":"/"}}]}}"#;
    let mounts_none = r#","requestObject":{"spec":{"volumes":[{"emptyDir":{}}]}}"#;
    let capable = r#","requestObject":{"spec":{"containers":[{"securityContext":{"capabilities":{"add":["BPF"]}}}]}}"#;
    let of = |resource: &str| format!(r#""resource":"{resource}","namespace":"shop""#);
    let grouped = |resource: &str, group: &str| format!(r#"{},"apiGroup":"{group}""#, of(resource));
    let admission = "admissionregistration.k8s.io";
    for (name, hit, miss) in [
        ("hostpath_mount", event("create", pod, mounts), event("create", pod, mounts_none)),
        ("privileged_pod_creation", event("create", pod, capable), event("create", pod, mounts)),
        ("exec_into_container", event("create", exec, ""), event("create", pod, "")),
        ("events_deleted", event("delete", &of("events"), ""), event("list", &of("events"), "")),
        (
            "sidecar_injection",
            event("patch", &grouped("deployments", "apps"), ""),
            event("patch", &grouped("deployments", "example.com"), ""),
        ),
        (
            "secrets_enumeration",
            event("list", &of("secrets"), ""),
            event("get", &of("secrets"), ""),
        ),
        (
            "secrets_modified_or_deleted",
            event("delete", &of("secrets"), ""),
            event("get", &of("secrets"), ""),
        ),
        (
            "rolebinding_modification",
            event("create", &grouped("rolebindings", "rbac.authorization.k8s.io"), ""),
            event("list", &grouped("rolebindings", "rbac.authorization.k8s.io"), ""),
        ),
        (
            "change_admission_controller",
            event("create", &grouped("mutatingwebhookconfigurations", admission), ""),
            event("get", &grouped("mutatingwebhookconfigurations", admission), ""),
        ),
        (
            "cronjob_modification",
            event("create", &grouped("cronjobs", "batch"), ""),
            event("create", &grouped("pods", "batch"), ""),
        ),
        (
            "deployment_deleted",
            event("delete", &grouped("deployments", "apps"), ""),
            event("create", &grouped("deployments", "apps"), ""),
        ),
        (
            "pod_in_system_namespace",
            event("create", r#""resource":"pods","namespace":"kube-system""#, ""),
            event("create", pod, ""),
        ),
        (
            "serviceaccount_creation",
            event("create", &of("serviceaccounts"), ""),
            event("create", &of("secrets"), ""),
        ),
        (
            "rbac_permisions_listing",
            event("create", &grouped("selfsubjectrulesreviews", "authorization.k8s.io"), ""),
            event("create", &grouped("selfsubjectaccessreviews", "authorization.k8s.io"), ""),
        ),
    ] {
        let mut filter = super::watching(rules(name));
        assert_eq!(super::found(&mut filter, &hit).len(), 1, "{name}");
        assert_eq!(super::found(&mut filter, &miss), [], "{name}");
    }
    // These two look at what becomes of refused requests; a rule asks for that with `outcome`.
    for name in ["unauthorized_unauthenticated_actions", "potential_enumeration_activity"] {
        assert_eq!(rules(name).telling().count(), 1);
    }
}
