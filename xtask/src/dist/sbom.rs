//! What the shipped programs are made of, as CycloneDX 1.5, from what cargo resolves.

use std::collections::BTreeSet;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::said;
use crate::Result;

/// Packages that are shipped; what only tests and tools need is no part of them.
const SHIPPED: [&str; 3] = ["auditweir-cli", "auditweir-ffi", "auditweir-lua"];

pub(super) fn cyclonedx(root: &Path, version: &str, time: &str) -> Result<String> {
    let metadata = said(
        Command::new(env!("CARGO"))
            .args(["metadata", "--locked", "--format-version", "1", "--filter-platform"])
            .arg(format!("{}-unknown-linux-gnu", std::env::consts::ARCH))
            .current_dir(root),
    )?;
    let metadata: Value = serde_json::from_str(&metadata)?;
    let nodes = metadata["resolve"]["nodes"].as_array().ok_or("nodes")?;
    let packages = metadata["packages"].as_array().ok_or("packages")?;
    let package = |id: &Value| packages.iter().find(|package| package["id"] == *id);
    let mut waiting: Vec<&Value> = packages
        .iter()
        .filter(|package| SHIPPED.iter().any(|name| package["name"] == *name))
        .map(|package| &package["id"])
        .collect();
    let mut ids = BTreeSet::new();
    let mut links = Vec::new();
    while let Some(id) = waiting.pop() {
        if !ids.insert(id.as_str().unwrap_or_default()) {
            continue;
        }
        let node = nodes.iter().find(|node| node["id"] == *id).ok_or("a node")?;
        // Build scripts run, but are not shipped; tests are neither.
        let needed: Vec<&Value> = node["deps"]
            .as_array()
            .into_iter()
            .flatten()
            .filter(|dep| {
                dep["dep_kinds"]
                    .as_array()
                    .is_some_and(|kinds| kinds.iter().any(|kind| kind["kind"].is_null()))
            })
            .map(|dep| &dep["pkg"])
            .collect();
        let mut to: Vec<String> =
            needed.iter().filter_map(|id| Some(reference(package(id)?))).collect();
        to.sort();
        links.push(json!({"ref": reference(package(id).ok_or("a package")?), "dependsOn": to}));
        waiting.extend(needed);
    }
    let mut components: Vec<Value> = packages
        .iter()
        .filter(|package| ids.contains(package["id"].as_str().unwrap_or_default()))
        .map(|package| {
            json!({
                "type": "library", "bom-ref": reference(package), "purl": reference(package),
                "name": package["name"], "version": package["version"],
                "licenses": [{"expression": package["license"]}],
            })
        })
        .collect();
    components.sort_by_key(|component| component["purl"].to_string());
    links.sort_by_key(|link| link["ref"].to_string());
    let at =
        said(Command::new("date").args(["-u", "-d", &format!("@{time}"), "+%Y-%m-%dT%H:%M:%SZ"]))?;
    let bom = json!({
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "metadata": {
            "timestamp": at.trim(),
            "component": {"type": "application", "bom-ref": "auditweir", "name": "auditweir", "version": version},
        },
        "components": components, "dependencies": links,
    });
    Ok(serde_json::to_string_pretty(&bom)? + "\n")
}

fn reference(package: &Value) -> String {
    format!(
        "pkg:cargo/{}@{}",
        package["name"].as_str().unwrap_or_default(),
        package["version"].as_str().unwrap_or_default()
    )
}
