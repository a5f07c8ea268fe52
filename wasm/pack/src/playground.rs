//! The playground: one HTML file that holds everything, so that it works from a disk and asks no one.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use wasm_bindgen_cli_support::Bindgen;

use crate::{at, root};

/// Its scripts, in the order in which they need each other.
const SCRIPTS: [&str; 3] = ["json.js", "policy.js", "page.js"];
/// Name, file of tests/corpora, most bytes, longest line.
const EXAMPLES: [(&str, &str, usize, usize); 4] = [
    ("kube-apiserver 1.37, planted secrets", "kube-apiserver-1.37.2/audit.log", 120_000, 6_000),
    ("k3s, a ConfigMap is patched", "k3s-gitops-reverser/extracted.ndjson", 30_000, 8_000),
    ("EKS", "eks-panther/aws_eks_rules-tests.ndjson", 30_000, 8_000),
    ("OpenShift", "openshift-clo/audit_in.log", 60_000, 8_000),
];
/// What the page starts with: the policy's first steps, to be typed on.
const POLICY: &str = "\
version: 1
redact:
  secrets: mask
  configMaps: mask
  detectors: {}
  rules: []
";

/// Writes the page to `page`.
pub(crate) fn page(linked: &Path, page: &Path) -> Result<(), String> {
    let folder = page.with_extension("glue");
    let mut bindgen = Bindgen::new();
    bindgen.input_path(linked).out_name("auditweir").typescript(false);
    bindgen.remove_name_section(true).remove_producers_section(true);
    bindgen
        .no_modules(true)
        .and_then(|bindgen| bindgen.omit_default_module_path(true).generate(&folder))
        .map_err(|error| format!("wasm-bindgen, playground: {error:#}"))?;
    let module = folder.join("auditweir_bg.wasm");
    let module = fs::read(&module).map_err(|error| at(&module, error))?;
    let glue = read(&folder.join("auditweir.js"))?;
    fs::remove_dir_all(&folder).map_err(|error| at(&folder, error))?;

    let source = root().join("playground");
    let style = read(&source.join("style.css"))?;
    let mut script = String::from("(() => {\n\"use strict\";\n");
    for name in SCRIPTS {
        script += &read(&source.join(name))?;
    }
    script += "})();\n";
    let parts = [
        ("{{script}}", format!("'sha256-{}'", hash(&script))),
        ("{{style}}", format!("'sha256-{}'", hash(&style))),
        ("{{style.css}}", style),
        ("{{worker.js}}", read(&source.join("worker.js"))?),
        ("{{glue}}", glue),
        ("{{module}}", STANDARD.encode(module)),
        ("{{facts}}", facts()?.to_string().replace('<', "\\u003c")),
        ("{{page}}", script),
    ];
    let mut rest = read(&source.join("index.html"))?;
    let mut html = String::new();
    for (place, text) in parts {
        let (before, after) =
            rest.split_once(place).ok_or_else(|| format!("index.html lacks {place}"))?;
        if text.contains("</script") || text.contains("</style") {
            return Err(format!("{place} ends its element"));
        }
        html += before;
        html += &text;
        rest = after.to_owned();
    }
    html += &rest;
    fs::write(page, html).map_err(|error| at(page, error))
}

/// What the page knows: formats, the policy's schema, why each rule takes a value, examples.
fn facts() -> Result<Value, String> {
    let schema = read(&root().join("schema/policy.v1.json"))?;
    let schema: Value = serde_json::from_str(&schema).map_err(|error| error.to_string())?;
    let examples = EXAMPLES
        .iter()
        .map(|(name, file, most, longest)| {
            let log = read(&root().join("tests/corpora").join(file))?;
            let mut text = String::new();
            for line in log.lines().filter(|line| line.len() <= *longest) {
                if text.len() + line.len() > *most {
                    break;
                }
                _ = writeln!(text, "{line}");
            }
            Ok((name, text))
        })
        .collect::<Result<Vec<_>, String>>()?;
    Ok(json!({
        "schema": schema,
        "formats": formats()?,
        "rules": rules()?,
        "policy": POLICY,
        "examples": examples,
    }))
}

/// Name and meaning of each format, as the package's types have them.
fn formats() -> Result<Vec<(String, String)>, String> {
    let types = read(&root().join("wasm/npm/auditweir.d.ts"))?;
    let (_, formats) = types.split_once("export type Format =").ok_or("no type Format")?;
    let (formats, _) = formats.split_once(';').ok_or("the type Format has no end")?;
    let rows = formats.split("/** ").skip(1).map(|row| {
        let (about, name) = row.split_once(" */")?;
        Some((name.split('"').nth(1)?.to_owned(), about.to_owned()))
    });
    rows.collect::<Option<_>>().ok_or_else(|| "the type Format cannot be read".to_owned())
}

/// Why each rule takes a value: the built-in ones as their code says, and the detectors as their page
/// has them.
fn rules() -> Result<BTreeMap<String, String>, String> {
    let mut rules = BTreeMap::new();
    let builtin = read(&root().join("core/src/redact/builtin.rs"))?;
    let mut why = "";
    for line in builtin.lines().map(str::trim) {
        if let Some(doc) = line.strip_prefix("/// ") {
            why = doc;
        } else if let Some((_, name)) = line.split_once(" = \"")
            && let Some(name) = name.strip_suffix("\",")
        {
            rules.insert(name.to_owned(), why.replace('`', ""));
        }
    }
    for row in read(&root().join("docs/detectors.md"))?.lines() {
        let cells: Vec<&str> = row.split(" | ").collect();
        if let [name, _, _, finds, ..] = cells[..]
            && let Some(name) = name.strip_prefix("| `").and_then(|name| name.strip_suffix('`'))
        {
            rules.insert(name.to_owned(), finds.replace('`', ""));
        }
    }
    Ok(rules)
}

fn hash(text: &str) -> String {
    STANDARD.encode(Sha256::digest(text))
}

fn read(path: &Path) -> Result<String, String> {
    fs::read_to_string(path).map_err(|error| at(path, error))
}
