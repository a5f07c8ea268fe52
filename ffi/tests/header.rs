//! Generated files: the header, what LuaJIT reads of it, the pkg-config file. `BLESS=1` rewrites
//! them.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::sync::OnceLock;

use auditweir::Format;

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Compares a committed file with what it should be.
fn compare(path: &str, expected: &str) {
    if std::env::var_os("BLESS").is_some() {
        fs::write(here(path), expected).expect("writable");
    }
    let found = fs::read_to_string(here(path)).unwrap_or_default();
    assert!(
        found == expected,
        "ffi/{path} is out of date; run: BLESS=1 cargo test -p auditweir-ffi --test header\n\
         first difference: {:?}",
        found.lines().zip(expected.lines()).find(|(found, expected)| found != expected)
    );
}

/// The formats as C constants, from the list of the core. Written once: tests run side by side.
fn formats() -> &'static Path {
    static WRITTEN: OnceLock<PathBuf> = OnceLock::new();
    WRITTEN.get_or_init(write_formats)
}

fn write_formats() -> PathBuf {
    let mut text =
        String::from("/// Shape of the output.\n#[repr(i32)]\npub enum auditweir_format {\n");
    for (number, format) in Format::ALL.into_iter().enumerate() {
        let (first, rest) = format.name().split_at(1);
        let name = first.to_uppercase() + rest;
        let _ = write!(text, "    /// {}.\n    {name} = {number},\n", format.about());
    }
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join("auditweir_formats.rs");
    fs::write(&path, text + "}\n").expect("writable");
    path
}

/// The header as cbindgen writes it, without what only concerns Rust.
fn header() -> String {
    let mut builder = cbindgen::Builder::new()
        .with_config(cbindgen::Config::from_file(here("cbindgen.toml")).expect("cbindgen.toml"));
    for file in ["version", "status", "policy", "filter"] {
        builder = builder.with_src(here(&format!("src/{file}.rs")));
    }
    builder = builder.with_src(formats());
    let mut written = Vec::new();
    builder.generate().expect("cbindgen").write(&mut written);
    let written = String::from_utf8(written).expect("UTF-8");
    let mut lines: Vec<&str> = Vec::new();
    let mut safety = false;
    for line in written.lines() {
        safety = line.starts_with("//") && (safety || line.contains("# Safety"));
        if safety {
            continue;
        }
        if !line.starts_with("//") && lines.last().is_some_and(|last| last.trim() == "//") {
            lines.pop();
        }
        lines.push(line);
    }
    let mut text = lines.join("\n").trim_start().to_owned();
    text.push('\n');
    text
}

#[test]
fn header_is_current() {
    let header = header();
    for part in ["ownership", "auditweir_filter_apply(", "AUDITWEIR_STATUS_PANIC = 900"] {
        assert!(header.to_lowercase().contains(&part.to_lowercase()), "{part} is missing");
    }
    assert!(!header.contains("Safety") && !header.contains("Plugin"));
    compare("include/auditweir.h", &header);
}

/// The declarations alone, as `ffi.cdef` takes them: no preprocessor, no comments, no formats: the
/// script asks for them by name.
fn declarations() -> String {
    let header = header();
    let (_, code) = header.split_once("*/").expect("manual");
    // What the conditions are to LuaJIT: not C++, not C23, the header not read yet.
    let mut conditions = Vec::new();
    let mut text = String::new();
    for line in code.lines() {
        let line = line.trim_end();
        if line.starts_with("#if") {
            conditions.push(line.starts_with("#ifndef"));
        } else if line.starts_with("#else") {
            let last = conditions.last_mut().expect("#else after #if");
            *last = !*last;
        } else if line.starts_with("#endif") {
            conditions.pop();
        } else if !line.starts_with('#')
            && !line.trim_start().starts_with("//")
            && conditions.iter().all(|holds| *holds)
            && (!line.is_empty() || !text.ends_with("\n\n"))
        {
            text.push_str(line);
            text.push('\n');
        }
    }
    let (before, rest) = text.split_once("enum auditweir_format\n").expect("formats");
    let (_, after) = rest.split_once("auditweir_format;\n\n").expect("their type");
    format!("{before}{after}").trim().to_owned() + "\n"
}

#[test]
fn lua_declarations_are_current() {
    const START: &str =
        "-- Written from ffi/include/auditweir.h by ffi/tests/header.rs; do not edit.\n";
    const END: &str = "]]\n-- End of the written part.\n";
    let path = "../integrations/fluent-bit/lua/auditweir.lua";
    let script = fs::read_to_string(here(path)).expect(path);
    let (before, rest) = script.split_once(START).expect("start mark");
    let (_, after) = rest.split_once(END).expect("end mark");
    let current = format!("{before}{START}local declarations = [[\n{}{END}{after}", declarations());
    compare(path, &current);
}

#[test]
fn pkg_config_is_current() {
    let text = format!(
        "# Copied by hand; change `prefix`. `cargo cinstall` writes its own.\n\
         prefix=/usr/local\n\
         includedir=${{prefix}}/include\n\
         libdir=${{prefix}}/lib\n\
         \n\
         Name: auditweir\n\
         Description: Cleans Kubernetes audit events inside the log shipper\n\
         Version: {}\n\
         Cflags: -I${{includedir}}\n\
         Libs: -L${{libdir}} -lauditweir\n\
         Libs.private: -lgcc_s -lutil -lrt -lpthread -lm -ldl -lc\n",
        env!("CARGO_PKG_VERSION"),
    );
    compare("auditweir.pc", &text);
}
