//! `integrations/kubernetes`: manifests, audit policy, flags of the API server.

use std::collections::BTreeSet;
use std::process::Command;
use std::sync::Arc;

use auditweir::{Filter, Format};
use auditweir_tests::here;
use serde_json::{Value, json};

use crate::{compile, documents, event, filter, installed, kind, shipped};

#[test]
fn manifests_parse_and_fit_together() {
    let all = documents("kubernetes/daemonset.yaml");
    let spec = &kind(&all, "DaemonSet")["spec"]["template"]["spec"];
    let container = &spec["containers"][0];
    let readme = shipped("kubernetes/README.md");

    // Every mount has its volume and the other way round.
    let names = |list: &Value| -> BTreeSet<String> {
        let items = list.as_array().into_iter().flatten();
        items.map(|item| item["name"].as_str().expect("name").to_owned()).collect()
    };
    let mut mounted = names(&container["volumeMounts"]);
    mounted.extend(names(&spec["initContainers"][0]["volumeMounts"]));
    assert_eq!(mounted, names(&spec["volumes"]));

    // Each path in the configuration lies under a mount.
    let mounts: Vec<_> = container["volumeMounts"].as_array().expect("mounts").iter().collect();
    let config: Value = serde_saphyr::from_str(&shipped("kubernetes/fluent-bit.yaml")).unwrap();
    let mut paths = vec![
        (config["plugins"][0].clone(), false),
        (config["service"]["storage.path"].clone(), true),
        (config["pipeline"]["inputs"][0]["path"].clone(), false),
        (config["pipeline"]["inputs"][0]["db"].clone(), true),
        (config["pipeline"]["outputs"][0]["tls.ca_file"].clone(), false),
    ];
    for option in ["policy", "pseudonym_key_file"] {
        paths.push((config["pipeline"]["filters"][0][option].clone(), false));
    }
    for (path, written) in paths {
        let path = path.as_str().expect("path");
        let under = |mount: &&Value| {
            path.starts_with(&format!("{}/", mount["mountPath"].as_str().expect("mountPath")))
        };
        let mount = mounts.iter().copied().find(|mount| under(mount));
        let mount = mount.unwrap_or_else(|| panic!("{path} is not mounted"));
        assert_eq!(mount["readOnly"] != true, written, "{path}");
    }

    // What the projected volume and the environment take from Secrets, the README makes.
    let text = shipped("kubernetes/daemonset.yaml");
    for secret in ["auditweir-pseudonym", "auditweir-elasticsearch"] {
        assert!(text.contains(&format!("name: {secret}")), "{secret}");
        assert!(readme.contains(&format!("create secret generic {secret}")), "{secret}");
    }
    assert!(!text.contains("optional"), "a missing key must keep the pod from starting");

    for container in [container, &spec["initContainers"][0]] {
        let security = &container["securityContext"];
        assert_eq!(security["allowPrivilegeEscalation"], false, "{security}");
        assert_eq!(security["readOnlyRootFilesystem"], true, "{security}");
        assert_eq!(security["capabilities"], json!({"drop": ["ALL"]}), "{security}");
        assert!(security["privileged"].is_null());
        assert!(container["resources"]["limits"]["memory"].is_string());
    }
    assert_eq!(spec["automountServiceAccountToken"], false);
    for volume in spec["volumes"].as_array().expect("volumes") {
        let path = volume["hostPath"]["path"].as_str();
        assert!(
            [None, Some("/var/log/kubernetes/audit"), Some("/var/lib/auditweir")].contains(&path),
            "{path:?}"
        );
    }

    // The same placeholder in the manifest, the Dockerfile, the Kustomization and the README.
    let image = spec["initContainers"][0]["image"].as_str().expect("image");
    assert!(shipped("kubernetes/Dockerfile").contains(image), "{image}");
    assert!(readme.contains(image), "{image}");
    let kustomization = &documents("kubernetes/kustomization.yaml")[0];
    let (name, tag) = image.rsplit_once(':').expect("tag");
    assert_eq!(kustomization["images"], json!([{"name": name, "newTag": tag}]));
    assert_eq!(
        kind(&documents("kubernetes/namespace.yaml"), "Namespace")["metadata"]["name"],
        "auditweir"
    );
}

#[test]
fn kustomize_builds_it() {
    if !installed("kubectl", "kubectl kustomize was not run") {
        return;
    }
    let output = Command::new("kubectl")
        .arg("kustomize")
        .arg(here("../integrations/kubernetes"))
        .output()
        .expect("kubectl");
    let text = String::from_utf8(output.stdout).expect("UTF-8");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    let all: Vec<Value> =
        text.split("\n---\n").map(|text| serde_saphyr::from_str(text).expect("YAML")).collect();
    let map = kind(&all, "ConfigMap");
    assert_eq!(map["data"]["fluent-bit.yaml"], shipped("kubernetes/fluent-bit.yaml").as_str());
    assert_eq!(map["data"]["policy.yaml"], shipped("kubernetes/policy.yaml").as_str());
    let spec = &kind(&all, "DaemonSet")["spec"]["template"]["spec"];
    let volumes = spec["volumes"].as_array().expect("volumes");
    let config = volumes.iter().find(|volume| volume["name"] == "config").expect("config");
    assert_eq!(config["projected"]["sources"][0]["configMap"]["name"], map["metadata"]["name"]);
    for document in &all {
        if document["kind"] != "Namespace" {
            assert_eq!(document["metadata"]["namespace"], "auditweir", "{document}");
        }
    }
}

#[test]
fn policy_masks_secrets() {
    let mut filter = filter("kubernetes/policy.yaml");
    let mut out = Vec::new();
    let verdict = filter.apply(event("1").to_string().as_bytes(), &mut out);
    assert_eq!((verdict.events, verdict.stubs), (1, 0));
    assert!(!String::from_utf8(out).expect("UTF-8").contains("hunter2"));
}

/// The log's level for an event that the API server would write at RequestResponse if it could;
/// `None` if it would not be written.
fn level(filter: &mut Filter, event: &Value) -> Option<String> {
    let mut out = Vec::new();
    let verdict = filter.apply(event.to_string().as_bytes(), &mut out);
    assert_eq!(verdict.stubs, 0, "{event}");
    if verdict.dropped == 1 {
        return None;
    }
    let out: Value = serde_json::from_slice(&out).expect("JSON");
    assert_eq!(out["requestObject"].is_null(), out["level"] == "Metadata", "{out}");
    Some(out["level"].as_str().expect("level").to_owned())
}

#[test]
fn audit_policy_decides_as_its_comments_say() {
    let audit: Value = documents("kubernetes/audit-policy.yaml").remove(0);
    let policy = json!({"version": 1, "decide": {"audit": audit}}).to_string();
    let policy = compile(&policy, "kubernetes/audit-policy.yaml under decide.audit");
    let mut filter = Filter::new(Arc::new(policy), Format::Native);

    let alice = || json!({"username": "alice", "groups": ["system:authenticated"]});
    let node = || {
        let groups = ["system:nodes", "system:authenticated"];
        json!({"username": "system:node:n1", "groups": groups})
    };
    let on = |user: Value, verb: &str, resource: &str, group: &str, namespace: &str| {
        let (resource, subresource) = resource.split_once('/').unwrap_or((resource, ""));
        let mut event = event("1");
        event["user"] = user;
        event["verb"] = verb.into();
        event["requestURI"] = "/apis/x".into();
        event["objectRef"] = json!({"resource": resource, "apiVersion": "v1", "name": "x"});
        for (name, value) in
            [("subresource", subresource), ("apiGroup", group), ("namespace", namespace)]
        {
            if !value.is_empty() {
                event["objectRef"][name] = value.into();
            }
        }
        event["requestObject"] = json!({"kind": "Widget", "spec": {"a": 1}});
        event
    };
    let url = |uri: &str| {
        let mut event = event("1");
        event["verb"] = "get".into();
        event["requestURI"] = uri.into();
        event.as_object_mut().expect("event").remove("objectRef");
        event
    };
    let rbac = "rbac.authorization.k8s.io";
    let leases = "coordination.k8s.io";
    let metadata = Some("Metadata");
    let whole = Some("RequestResponse");
    for (event, expected) in [
        // 1. noise, and the same by somebody else
        (on(node(), "update", "leases", leases, "kube-node-lease"), None),
        (on(alice(), "update", "leases", leases, "kube-node-lease"), metadata),
        (on(node(), "patch", "nodes/status", "", ""), None),
        (on(node(), "delete", "leases", leases, "kube-node-lease"), metadata),
        (on(node(), "create", "events", "", "shop"), None),
        (on(alice(), "delete", "events", "", "shop"), metadata),
        (url("/readyz?timeout=1s"), None),
        (url("/metrics"), metadata),
        // 2. secrets never have bodies
        (on(alice(), "create", "secrets", "", "shop"), metadata),
        (on(alice(), "patch", "configmaps", "", "shop"), metadata),
        (on(alice(), "create", "serviceaccounts/token", "", "shop"), metadata),
        (on(node(), "create", "tokenreviews", "authentication.k8s.io", ""), metadata),
        // 3. and 4. into pods
        (on(alice(), "create", "pods/exec", "", "shop"), metadata),
        (on(alice(), "get", "pods/exec", "", "shop"), metadata),
        (on(alice(), "patch", "pods/ephemeralcontainers", "", "shop"), Some("Request")),
        // 5. status
        (on(alice(), "patch", "deployments/status", "apps", "shop"), metadata),
        // 6. changes that matter
        (on(alice(), "create", "clusterrolebindings", rbac, ""), whole),
        (on(alice(), "create", "pods", "", "shop"), whole),
        (on(alice(), "patch", "daemonsets", "apps", "shop"), whole),
        (on(alice(), "patch", "deployments/scale", "apps", "shop"), whole),
        // 7. all else
        (on(alice(), "list", "pods", "", "shop"), metadata),
        (on(alice(), "create", "widgets", "example.org", "shop"), metadata),
    ] {
        let got = level(&mut filter, &event);
        assert_eq!(got.as_deref(), expected, "{} {}", event["verb"], event["objectRef"]);
    }
    let mut received = on(alice(), "create", "pods", "", "shop");
    received["stage"] = "RequestReceived".into();
    assert_eq!(level(&mut filter, &received), None);
}

#[test]
fn api_server_flags_agree_with_the_pod() {
    let cluster = documents("kubernetes/kubeadm.yaml").remove(0);
    let server = &cluster["apiServer"];
    let flag = |name: &str| {
        let all = server["extraArgs"].as_array().expect("extraArgs");
        let found = all.iter().find(|flag| flag["name"] == name);
        found.and_then(|flag| flag["value"].as_str()).unwrap_or_else(|| panic!("{name}")).to_owned()
    };
    let volume = |name: &str| {
        let all = server["extraVolumes"].as_array().expect("extraVolumes");
        all.iter().find(|volume| volume["name"] == name).expect("volume").clone()
    };
    let config: Value = serde_saphyr::from_str(&shipped("kubernetes/fluent-bit.yaml")).unwrap();
    assert_eq!(config["pipeline"]["inputs"][0]["path"], flag("audit-log-path").as_str());
    assert_eq!(flag("audit-log-format"), "json");
    let log = volume("audit-log");
    let folder = flag("audit-log-path").rsplit_once('/').expect("folder").0.to_owned();
    assert_eq!(log["mountPath"], folder.as_str());
    assert_eq!(log["hostPath"], folder.as_str());
    assert_ne!(log["readOnly"], true);
    assert_eq!(volume("audit-policy")["mountPath"], flag("audit-policy-file").as_str());
    let readme = shipped("kubernetes/README.md");
    for argument in server["extraArgs"].as_array().expect("extraArgs") {
        let line = format!(
            "--{}={}",
            argument["name"].as_str().unwrap(),
            argument["value"].as_str().unwrap()
        );
        assert!(readme.contains(&line), "README.md lacks {line}");
    }
}
