//! The playground in headless Chromium. Skipped, loudly, where Node, Chromium or the registry are
//! missing; `PICTURES=FOLDER` takes pictures of it.

#![allow(clippy::print_stderr, reason = "a test runner reports to the terminal")]

use std::path::{Path, PathBuf};
use std::process::Command;
use std::{env, fs};

use auditweir_tests::here;
use auditweir_tests::host::{Host as _, Setup};
use auditweir_tests::library::Library;
use auditweir_wasm_pack::{Artifact, build};
use serde_json::Value;

/// A log of every kind: bare events, envelopes, secrets, other programs' lines.
const LOGS: [&str; 4] = [
    "kube-apiserver-1.37.2/audit.log",
    "k3s-gitops-reverser/extracted.ndjson",
    "gke-panther/gcp_k8s_rules-tests.ndjson",
    "eks-panther/aws_eks_rules-tests.ndjson",
];

/// The driver of the browser, from the registry, once.
fn driver(tools: &Path) -> Result<(), String> {
    if tools.join("node_modules/playwright-core/package.json").exists() {
        return Ok(());
    }
    fs::create_dir_all(tools).map_err(|error| error.to_string())?;
    let installed = Command::new("npm")
        .current_dir(tools)
        .args(["install", "--no-save", "--no-audit", "--no-fund", "--prefix", "."])
        .args(["playwright-core@1.65.1"])
        .output();
    match installed {
        Ok(output) if output.status.success() => Ok(()),
        _ => Err("playwright-core cannot be installed".to_owned()),
    }
}

fn browser() -> Result<PathBuf, String> {
    let browser = PathBuf::from(env::var("CHROMIUM").unwrap_or("/usr/bin/chromium".to_owned()));
    if browser.exists() {
        Ok(browser)
    } else {
        Err(format!("no browser at {}, set CHROMIUM to one", browser.display()))
    }
}

#[test]
fn the_page_works_and_asks_no_one() {
    if Command::new("node").arg("--version").output().is_err() {
        eprintln!("SKIPPED: `node` is not installed; the playground is not tested");
        return;
    }
    let page = build(Artifact::Playground).unwrap_or_else(|error| panic!("{error}"));
    let page = page.canonicalize().expect("the page");
    let folder = page.with_file_name("playground-test");
    let browser = match browser().and_then(|browser| driver(&folder).map(|()| browser)) {
        Ok(browser) => browser,
        Err(why) => {
            eprintln!("SKIPPED: {why}; the playground is not tested");
            return;
        }
    };
    fs::copy(here("playground/page.mjs"), folder.join("page.mjs")).expect("page.mjs");
    let mut log = String::new();
    for name in LOGS {
        log += &fs::read_to_string(here("corpora").join(name)).expect(name);
    }
    log += "I0101 00:00:00.000000 1 main.go:1] a line of another program\n{\"kind\":\"Event\",\n";
    fs::write(folder.join("audit.log"), &log).expect("log");
    let mut node = Command::new("node");
    node.current_dir(&folder).env("CHROMIUM", browser);
    node.arg("page.mjs").arg(&page).args(["audit.log", "result.json"]);
    if let Some(pictures) = env::var_os("PICTURES") {
        node.arg(pictures);
    }
    let output = node.output().expect("node");
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));

    let result = fs::read(folder.join("result.json")).expect("result");
    let result: Value = serde_json::from_slice(&result).expect("JSON");
    for (format, written) in result["outputs"].as_object().expect("formats") {
        let setup = Setup { policy: result["policy"].as_str(), key: None, to: format };
        let core = Library.run(&setup, log.as_bytes()).expect("core").stdout;
        let core = String::from_utf8(core).expect("UTF-8");
        let differ = core.lines().zip(written.as_str().expect("text").lines());
        if let Some((line, (core, page))) = differ.enumerate().find(|(_, (one, two))| one != two) {
            panic!("{format}, line {line}\ncore {core}\npage {page}");
        }
        assert_eq!(core, *written, "{format}");
    }
}
