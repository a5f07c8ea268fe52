//! Imports, exports and sizes of the wasm artifacts, held against `wasm/abi/`.
//! `BLESS=1` rewrites the files.

use std::fmt::Write as _;
use std::path::Path;
use std::{env, fs};

use auditweir_wasm_pack::Artifact;
use wasmi::{Engine, ExternType, FuncType, Module};

use crate::wasm::artifact;

/// No artifact may be larger, whatever is blessed: a Kubernetes ConfigMap or a slow registry is
/// not the place for megabytes. Two did until the formats became four.
const BUDGET: u64 = 9 << 18;

fn committed(name: &str, text: &str) {
    let path = auditweir_tests::here("../wasm/abi").join(name);
    if env::var_os("BLESS").is_some() {
        fs::create_dir_all(path.parent().expect("folder")).expect("folder");
        fs::write(&path, text).expect("written");
    }
    let known = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(text, known, "{} differs; BLESS=1 rewrites it", path.display());
}

fn signature(ty: &ExternType) -> String {
    let list = |types: &[wasmi::ValType]| {
        types.iter().map(|ty| format!("{ty:?}").to_lowercase()).collect::<Vec<_>>().join(" ")
    };
    match ty {
        ExternType::Func(func) => {
            let func: &FuncType = func;
            format!("({}) -> ({})", list(func.params()), list(func.results()))
        }
        ExternType::Memory(_) => "memory".into(),
        ExternType::Table(_) => "table".into(),
        ExternType::Global(_) => "global".into(),
    }
}

fn abi(path: &Path) -> String {
    let module =
        Module::new(&Engine::default(), fs::read(path).expect("artifact")).expect("module");
    let mut imports: Vec<_> = module
        .imports()
        .map(|import| {
            format!("import {}.{} {}", import.module(), import.name(), signature(import.ty()))
        })
        .collect();
    let mut exports: Vec<_> = module
        .exports()
        .map(|export| format!("export {} {}", export.name(), signature(export.ty())))
        .collect();
    imports.sort();
    exports.sort();
    imports.extend(exports);
    imports.join("\n") + "\n"
}

#[test]
fn imports_and_exports_are_as_committed() {
    // An artifact that wasmi, without SIMD, loads has none: what Fluent Bit's WAMR needs.
    committed("auditweir-fluentbit.txt", &abi(&artifact(Artifact::FluentBit)));
    committed("auditweir.txt", &abi(&artifact(Artifact::Generic)));
}

#[test]
fn sizes_are_as_committed() {
    let mut text = String::from("# KiB, within 5%; cargo run -p auditweir-wasm-pack\n");
    let path = auditweir_tests::here("../wasm/abi/sizes.txt");
    let known = fs::read_to_string(&path).unwrap_or_default();
    let npm = artifact(Artifact::Npm).join("web/auditweir_bg.wasm");
    for (name, file) in [
        ("auditweir-fluentbit.wasm", artifact(Artifact::FluentBit)),
        ("auditweir.wasm", artifact(Artifact::Generic)),
        ("auditweir-simd.wasm", artifact(Artifact::GenericSimd)),
        ("npm/web/auditweir_bg.wasm", npm),
    ] {
        let bytes = fs::metadata(&file).expect("artifact").len();
        assert!(bytes <= BUDGET, "{name} has {bytes} bytes, more than {BUDGET}");
        let now = bytes / 1024;
        let then = known.lines().find_map(|line| {
            line.strip_prefix(name).and_then(|size| size.trim().parse::<u64>().ok())
        });
        // Small changes elsewhere do not make a new file.
        let size = match then {
            Some(then) if now.abs_diff(then) * 20 <= then => then,
            _ => now,
        };
        let _ = writeln!(text, "{name} {size}");
    }
    committed("sizes.txt", &text);
}
