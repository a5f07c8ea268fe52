//! `auditweir assets`: what Elasticsearch and OpenSearch need to take and show `ecs` output.
//!
//! All of it is made from [`auditweir::fields`] and [`auditweir::panels`]; the files under
//! `integrations/` are its output, compared by a test.

mod dashboard;
mod mapping;
mod readme;
mod templates;

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use serde_json::Value;

use crate::args::Cluster;
use crate::exit::{Error, Exit};

/// Data streams of the default dataset, any namespace.
const PATTERN: &str = "logs-kubernetes.audit_logs-*";
/// Data streams of alerts, any namespace.
const ALERTS: &str = "logs-auditweir.alerts-*";
/// Names of what is installed.
const MAPPINGS: &str = "auditweir-mappings";
const SETTINGS: &str = "auditweir-settings";
const RULES: &str = "auditweir-rules";
const TEMPLATE: &str = "auditweir-kubernetes-audit";
const ALERTS_TEMPLATE: &str = "auditweir-alerts";
const LIFECYCLE: &str = "auditweir-kubernetes-audit";
const PIPELINE: &str = "auditweir-geoip";
const SHIPPER: &str = "auditweir-shipper";

/// A file to write, and how it is installed.
struct Asset {
    name: &'static str,
    text: String,
    /// Method and path of the request that installs it.
    install: Option<(&'static str, String)>,
    /// Installed only by who wants it.
    optional: bool,
}

impl Asset {
    fn json(name: &'static str, method: &'static str, path: String, value: &Value) -> Self {
        let text = format!("{value:#}\n");
        Self { name, text, install: Some((method, path)), optional: false }
    }

    fn optional(self) -> Self {
        Self { optional: true, ..self }
    }
}

/// Writes all files into `folder`.
pub(crate) fn assets(cluster: Cluster, folder: &Path) -> Result<Exit, Error> {
    fs::create_dir_all(folder).map_err(|error| Error::file(folder, error))?;
    for (name, text) in files(cluster) {
        let path = folder.join(name);
        fs::write(&path, text).map_err(|error| Error::file(&path, error))?;
    }
    Ok(Exit::Ok)
}

/// A script that installs what every cluster of the kind takes. Security and index management are plugins:
/// where one is missing, what is for it is left out, and that is said.
pub(crate) fn script(cluster: Cluster) -> String {
    let variable = match cluster {
        Cluster::Elasticsearch => "ES",
        Cluster::Opensearch => "OS",
    };
    let mut text = SCRIPT.replace("VARIABLE", variable);
    for asset in templates::all(cluster).iter().filter(|asset| !asset.optional) {
        let Some((method, path)) = &asset.install else { continue };
        let whose = if path.starts_with("/_plugins/") { "plugin" } else { "needed" };
        _ = writeln!(text, "{whose} {method} {path} {}", asset.name);
    }
    text
}

const SCRIPT: &str = r#"#!/bin/sh
# VARIABLE=https://USER:PASSWORD@HOST:9200 sh install.sh; the options of curl in CURL, such as --cacert.
set -eu
cd "$(dirname "$0")"
: "${VARIABLE:?names the cluster, https://USER:PASSWORD@HOST:9200}"
command -v curl >/dev/null || { echo "install.sh needs curl, which is not installed" >&2; exit 1; }

# What the cluster answers, and the status behind it.
send() {
    curl -sS ${CURL:-} -X "$1" "$VARIABLE$2" -H 'Content-Type: application/json' -d "@$3" -w ' %{http_code}'
}
needed() {
    answer=$(send "$@")
    case $answer in
    *" 2"??) echo "installed   $3" ;;
    *) echo "$3: $answer" >&2; exit 1 ;;
    esac
}
plugin() {
    answer=$(send "$@")
    case $answer in
    *" 2"??) echo "installed   $3" ;;
    *"no handler found"*) echo "left out    $3: this cluster does not have its plugin" ;;
    *" 409") echo "left as is  $3: it is there already" ;;
    *) echo "NOT INSTALLED $3: $answer" >&2 ;;
    esac
}
"#;

/// Names and contents, in the order of installation.
pub(crate) fn files(cluster: Cluster) -> Vec<(&'static str, String)> {
    let assets = templates::all(cluster);
    let readme = readme::text(cluster, &assets);
    let mut files: Vec<_> = assets.into_iter().map(|asset| (asset.name, asset.text)).collect();
    for (name, board) in [
        ("dashboard.ndjson", dashboard::EVENTS_BOARD),
        ("alerts-dashboard.ndjson", dashboard::ALERTS_BOARD),
    ] {
        files.push((name, dashboard::saved_objects(cluster, &board)));
    }
    files.push(("README.md", readme));
    files
}
