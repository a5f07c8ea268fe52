//! Helm, built from its Go module, and the chart as it renders.

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use serde_json::Value;

use crate::here;

/// The version that is built.
pub const VERSION: &str = "v3.19.4";

/// Values under which every template of the chart gives its objects.
pub const EVERYTHING: [&str; 9] = [
    "serve.enabled=true",
    "fluentBit.enabled=true",
    "vector.enabled=true",
    "metrics.serviceMonitor.enabled=true",
    "metrics.rules.enabled=true",
    "pseudonymSecret=auditweir-pseudonym",
    "policy.redact.pseudonymKeyId=k1",
    "serve.clusterIP=10.96.0.77",
    "networkPolicy.webhookFrom[0].ipBlock.cidr=192.0.2.0/24",
];

/// The folder of the chart.
pub fn chart() -> PathBuf {
    here("../integrations/helm/auditweir")
}

/// The program: the one that `HELM` names, or one on the path, or one built by Go, once.
///
/// # Errors
///
/// Why there is none, for a test that says so.
pub fn program(target: &Path) -> Result<PathBuf, String> {
    if let Some(helm) = env::var_os("HELM") {
        return Ok(helm.into());
    }
    let path = env::var_os("PATH").unwrap_or_default();
    if let Some(helm) = env::split_paths(&path).map(|dir| dir.join("helm")).find(|at| at.exists()) {
        return Ok(helm);
    }
    let bin = target.join(format!("helm-{VERSION}"));
    let helm = bin.join("helm");
    if !helm.exists() {
        fs::create_dir_all(&bin).map_err(|error| error.to_string())?;
        let output = Command::new("go")
            .args(["install", &format!("helm.sh/helm/v3/cmd/helm@{VERSION}")])
            .env("GOBIN", fs::canonicalize(&bin).map_err(|error| error.to_string())?)
            .env("GOFLAGS", "-buildvcs=false -ldflags=-s")
            .output()
            .map_err(|error| format!("go: {error}"))?;
        if !output.status.success() {
            return Err(format!("Helm: {}", String::from_utf8_lossy(&output.stderr)));
        }
    }
    Ok(helm)
}

/// What the chart renders with these values, release `auditweir` in namespace `auditweir`.
///
/// # Errors
///
/// What Helm says.
pub fn template(helm: &Path, values: &[&str]) -> Result<String, String> {
    let mut command = Command::new(helm);
    command.args(["template", "auditweir"]).arg(chart()).args(["--namespace", "auditweir"]);
    command.args(["--kube-version", "1.37.2"]);
    for value in values {
        command.args(["--set", value]);
    }
    let output = command.output().map_err(|error| error.to_string())?;
    if output.status.success() {
        String::from_utf8(output.stdout).map_err(|error| error.to_string())
    } else {
        Err(String::from_utf8_lossy(&output.stderr).into_owned())
    }
}

/// The object of a kind whose name ends so.
///
/// # Panics
///
/// If there is none.
pub fn object<'a>(objects: &'a [Value], kind: &str, name: &str) -> &'a Value {
    objects
        .iter()
        .find(|object| {
            object["kind"] == kind
                && object["metadata"]["name"].as_str().is_some_and(|all| all.ends_with(name))
        })
        .unwrap_or_else(|| panic!("no {kind} {name}"))
}
