//! The npm package: one folder of glue per way of loading, and the committed files of `npm/`.

use std::fs;
use std::path::Path;

use wasm_bindgen_cli_support::Bindgen;

use crate::{at, root};

/// Writes the whole package to `folder`, which is emptied first.
pub(crate) fn package(linked: &Path, folder: &Path) -> Result<(), String> {
    if folder.exists() {
        fs::remove_dir_all(folder).map_err(|error| at(folder, error))?;
    }
    for way in ["node", "bundler", "web"] {
        let mut bindgen = Bindgen::new();
        bindgen.input_path(linked).out_name("auditweir").typescript(true);
        bindgen.remove_name_section(true).remove_producers_section(true);
        // `init()` finds the module beside its glue.
        bindgen.omit_default_module_path(false);
        match way {
            "node" => bindgen.nodejs(true),
            "bundler" => bindgen.bundler(true),
            _ => bindgen.web(true),
        }
        .and_then(|bindgen| bindgen.generate(folder.join(way)))
        .map_err(|error| format!("wasm-bindgen, {way}: {error:#}"))?;
    }
    // Node's glue is CommonJS inside a package of modules.
    let path = folder.join("node/package.json");
    fs::write(&path, "{ \"type\": \"commonjs\" }\n").map_err(|error| at(&path, error))?;
    let committed = root().join("wasm/npm");
    for (from, to) in [
        (committed.join("package.json"), "package.json"),
        (committed.join("README.md"), "README.md"),
        (root().join("LICENSE-APACHE"), "LICENSE-APACHE"),
        (root().join("LICENSE-MIT"), "LICENSE-MIT"),
    ] {
        fs::copy(&from, folder.join(to)).map_err(|error| at(&from, error))?;
    }
    Ok(())
}
