//! `chart`: renders the Helm chart with everything switched on and asks a real kube-apiserver, by
//! server-side dry run with strict validation, whether it would take each object.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use auditweir_tests::helm;
use serde_json::Value;

use crate::{Result, apiserver_corpus, root};

/// Its repository has the definitions of ServiceMonitor and PrometheusRule.
const OPERATOR: &str = "github.com/prometheus-operator/prometheus-operator@v0.85.0";
const DEFINITIONS: &str = "example/prometheus-operator-crd";

pub(crate) fn run() -> Result<()> {
    let target = root().join("target");
    let folder = target.join("apiserver");
    let out = folder.join("chart");
    fs::create_dir_all(&out)?;
    let program = helm::program(&target)?;
    let objects = out.join("objects.yaml");
    fs::write(&objects, helm::template(&program, &helm::EVERYTHING)?)?;
    let definitions = definitions()?;
    let driver = apiserver_corpus::build(&folder)?;
    let log = out.join("driver.log");
    let done = Command::new(driver)
        .arg("--out")
        .arg(&out)
        .arg("--dry-run")
        .arg(&objects)
        .arg("--definitions")
        .arg(definitions.join(","))
        .stderr(fs::File::create(&log)?)
        .status()?;
    if done.success() {
        Ok(())
    } else {
        Err(format!("the API server refused objects, or did not start: {}", log.display()).into())
    }
}

/// Files of the operator's module.
fn definitions() -> Result<Vec<String>> {
    let output = Command::new("go").args(["mod", "download", "-json", OPERATOR]).output()?;
    let answer: Value = serde_json::from_slice(&output.stdout)?;
    let Some(folder) = answer["Dir"].as_str() else {
        return Err(format!("{OPERATOR}: {}", answer["Error"]).into());
    };
    let folder = PathBuf::from(folder).join(DEFINITIONS);
    Ok(["servicemonitors", "prometheusrules"]
        .map(|kind| folder.join(format!("monitoring.coreos.com_{kind}.yaml")).display().to_string())
        .to_vec())
}
