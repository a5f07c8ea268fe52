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

/// A script that installs what every cluster of the kind takes. Where security or index management is
/// missing, so is its request: those may fail.
pub(crate) fn script(cluster: Cluster) -> String {
    let variable = match cluster {
        Cluster::Elasticsearch => "ES",
        Cluster::Opensearch => "OS",
    };
    let mut text = format!(
        "#!/bin/sh\n# {variable}=https://USER:PASSWORD@HOST:9200 sh install.sh; the options of curl in CURL, such as --cacert.\n\
         set -eu\ncd \"$(dirname \"$0\")\"\n: \"${{{variable}:?}}\"\n"
    );
    for asset in templates::all(cluster).iter().filter(|asset| !asset.optional) {
        let Some((method, path)) = &asset.install else { continue };
        let plugin = path.starts_with("/_plugins/");
        _ = writeln!(
            text,
            "curl -fsS ${{CURL:-}} -X {method} \"${variable}{path}\" -H 'Content-Type: application/json' -d @{}{}",
            asset.name,
            if plugin { " || echo 'without it, the plugin is missing'" } else { "" }
        );
    }
    text
}

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
