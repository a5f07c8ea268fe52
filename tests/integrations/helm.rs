//! `integrations/helm`: the chart lints, renders, refuses wrong values, and its configurations are the
//! shipped ones. Skipped, loudly, where there is neither Helm nor Go to build it.

use std::collections::BTreeSet;
use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

use auditweir_tests::helm::{EVERYTHING, chart, object, program, template};
use serde_json::{Value, json};

use crate::{compile, shipped};

fn helm() -> Option<PathBuf> {
    // target/PROFILE/deps/integrations-HASH
    let exe = env::current_exe().expect("own path");
    let target = exe.ancestors().nth(3).expect("target folder");
    match program(target) {
        Ok(helm) => Some(helm),
        Err(why) => {
            eprintln!("SKIPPED: no Helm: {why}; the chart was not rendered");
            None
        }
    }
}

fn render(helm: &Path, values: &[&str]) -> Vec<Value> {
    let text = template(helm, values).unwrap_or_else(|error| panic!("{error}"));
    text.split("\n---\n")
        .filter(|text| text.lines().any(|line| !line.is_empty() && !line.starts_with(['#', '-'])))
        .map(|text| serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}")))
        .collect()
}

#[test]
fn it_lints() {
    let Some(helm) = helm() else { return };
    for values in [&[][..], &EVERYTHING] {
        let mut command = Command::new(&helm);
        command.args(["lint", "--strict"]).arg(chart());
        for value in values {
            command.args(["--set", value]);
        }
        let output = command.output().expect("helm");
        assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stdout));
    }
}

/// A value that the schema does not know or that cannot be right never reaches a cluster.
#[test]
fn wrong_values_are_refused() {
    let Some(helm) = helm() else { return };
    for value in [
        "serve.replica=3",
        "serve.format=json",
        "serve.sink.url=kafka:x",
        "serve.spool.max=4Gi",
        "fluentBit.output.port=0",
        "policy.version=2",
        "vector.log.file=a/b",
        "serve.image.digest=sha256:12",
    ] {
        assert!(template(&helm, &[value]).is_err(), "{value} was taken");
    }
}

#[test]
fn each_way_in_stands_alone() {
    let Some(helm) = helm() else { return };
    let kinds = |objects: &[Value]| -> BTreeSet<String> {
        objects.iter().map(|object| object["kind"].as_str().unwrap_or_default().into()).collect()
    };
    let off = "serve.enabled=false";
    for (values, workload) in [
        (vec![], "StatefulSet"),
        (vec![off, "fluentBit.enabled=true"], "DaemonSet"),
        (vec![off, "vector.enabled=true"], "DaemonSet"),
    ] {
        let objects = render(&helm, &values);
        let kinds = kinds(&objects);
        assert!(
            kinds.contains(workload) && kinds.contains("NetworkPolicy"),
            "{values:?} {kinds:?}"
        );
        assert_ne!(kinds.contains("StatefulSet"), kinds.contains("DaemonSet"), "{values:?}");
    }
}

/// Nobody's pod is privileged, and every selector finds its pods.
#[test]
fn objects_fit_together() {
    let Some(helm) = helm() else { return };
    let objects = render(&helm, &EVERYTHING);
    let mut workloads = 0;
    for object in &objects {
        assert_eq!(object["metadata"]["namespace"], "auditweir", "{object}");
        let template = &object["spec"]["template"];
        if template.is_null() {
            continue;
        }
        workloads += 1;
        let spec = &template["spec"];
        assert_eq!(spec["automountServiceAccountToken"], false);
        let containers = [&spec["containers"], &spec["initContainers"]];
        let containers = containers.into_iter().filter_map(Value::as_array).flatten();
        let mut mounts = BTreeSet::new();
        for container in containers {
            let security = &container["securityContext"];
            assert_eq!(security["allowPrivilegeEscalation"], false, "{security}");
            assert_eq!(security["readOnlyRootFilesystem"], true, "{security}");
            assert_eq!(security["capabilities"], json!({"drop": ["ALL"]}), "{security}");
            assert!(container["resources"]["limits"]["memory"].is_string());
            let names = container["volumeMounts"].as_array().expect("mounts").iter();
            mounts.extend(names.map(|mount| mount["name"].clone().to_string()));
        }
        let volumes = [&spec["volumes"], &object["spec"]["volumeClaimTemplates"]];
        let volumes = volumes.into_iter().filter_map(Value::as_array).flatten();
        let volumes: BTreeSet<_> = volumes
            .map(|volume| {
                let name = &volume["name"];
                if name.is_null() { &volume["metadata"]["name"] } else { name }.to_string()
            })
            .collect();
        assert_eq!(mounts, volumes, "{}", object["metadata"]["name"]);
        let labels = &template["metadata"]["labels"];
        for (name, value) in object["spec"]["selector"]["matchLabels"].as_object().expect("labels")
        {
            assert_eq!(labels[name], *value);
        }
    }
    assert_eq!(workloads, 3);
}

/// The same options as the file that Fluent Bit and Vector are tested with, but for what values set.
#[test]
fn configurations_are_the_shipped_ones() {
    let Some(helm) = helm() else { return };
    let objects = render(&helm, &EVERYTHING);
    let data = |name: &str, file: &str| -> Value {
        let text = object(&objects, "ConfigMap", name)["data"][file].as_str().expect(file);
        serde_saphyr::from_str(text).unwrap_or_else(|error| panic!("{error}\n{text}"))
    };
    let ours: Value = serde_saphyr::from_str(&shipped("kubernetes/fluent-bit.yaml")).expect("YAML");
    assert_eq!(data("-fluent-bit", "fluent-bit.yaml"), ours);

    let mut ours: Value =
        serde_saphyr::from_str(&shipped("vector/elasticsearch.yaml")).expect("YAML");
    let mut rendered = data("-vector", "vector.yaml");
    ours.as_object_mut().expect("a map").remove("tests");
    // The chart has a policy and a key, files in one folder, and metrics that others can read.
    assert_eq!(rendered["sources"]["internal"], json!({"type": "internal_metrics"}));
    rendered["sources"].as_object_mut().expect("sources").remove("internal");
    let source = rendered["transforms"]["auditweir"]["source"].take();
    let source = source.as_str().expect("Lua").replace("policy_file", "-- policy_file");
    let source = source.replace("pseudonym_key_file", "-- pseudonym_key_file");
    assert_eq!(ours["transforms"]["auditweir"]["source"].take(), json!(source));
    ours["sinks"]["elasticsearch"]["tls"]["ca_file"] = json!("/etc/vector/auditweir/ca.crt");
    ours["sinks"]["metrics"]["address"] = json!("0.0.0.0:9598");
    ours["sinks"]["metrics"]["inputs"] = json!(["auditweir", "internal"]);
    assert_eq!(rendered, ours);

    let policy = object(&objects, "ConfigMap", "-policy")["data"]["policy.yaml"].as_str();
    let policy = compile(policy.expect("a policy"), "the chart's policy");
    assert!(!policy.rule_names().is_empty());
}

/// What alerts ask for is what `serve` counts.
#[test]
fn alerts_ask_for_metrics_that_there_are() {
    let Some(helm) = helm() else { return };
    let objects = render(&helm, &EVERYTHING);
    let rules = object(&objects, "PrometheusRule", "auditweir").to_string();
    let metrics = std::fs::read_to_string(auditweir_tests::here("../serve/src/metrics.rs"));
    let metrics = metrics.expect("metrics.rs");
    let mut names = BTreeSet::new();
    for part in rules.split("auditweir_").skip(1) {
        let name: String = part
            .chars()
            .take_while(|letter| letter.is_ascii_lowercase() || *letter == '_')
            .collect();
        names.insert(name.trim_end_matches("_total").to_owned());
    }
    assert!(names.len() >= 7, "{names:?}");
    for name in names {
        assert!(metrics.contains(&format!("\"{name}\"")), "serve has no auditweir_{name}");
    }
}
