//! The README: its example is what the library does, and its set-up is what works.
//!
//! Each block under "Set up" is run, line for line, in a folder that looks like a clone. So that it
//! takes seconds, `cargo` there is a script that builds nothing and gives out what the tests have
//! built; a block is left out, loudly, when its host is not installed or an artifact is not built.
//! `cargo test -p auditweir-tests --test readme -- --ignored --nocapture` runs the blocks in a real
//! clone with the real cargo, and prints how long each takes.

#![allow(clippy::print_stderr, reason = "a test runner reports to the terminal")]

use std::fmt::Write as _;
use std::os::unix::fs::{PermissionsExt as _, symlink};
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Instant;
use std::{env, fs};

use auditweir::{Filter, Format, Policy};
use auditweir_tests::here;
use auditweir_tests::host::{Host as _, Setup};
use auditweir_tests::library::Library;

fn readme() -> String {
    fs::read_to_string(here("../README.md")).expect("README.md")
}

/// The block of this language after a marker.
fn block(readme: &str, marker: &str, language: &str) -> String {
    let after = readme.split_once(marker).unwrap_or_else(|| panic!("no {marker}")).1;
    let block = after.strip_prefix(&format!("\n```{language}\n")).expect("a block");
    block.split_once("\n```").expect("its end").0.to_owned()
}

#[test]
fn the_example_is_true() {
    let readme = readme();
    let mut filter = Filter::new(Arc::new(Policy::default().compile().unwrap()), Format::Native);
    let mut out = Vec::new();
    let before = block(&readme, "<!-- before -->", "json");
    filter.apply(before.as_bytes(), &mut out);
    assert_eq!(
        String::from_utf8(out).unwrap().trim_end(),
        block(&readme, "<!-- after -->", "json")
    );
    let corpus = here("corpora/k3s-gitops-reverser/extracted.ndjson");
    let corpus = fs::read_to_string(corpus).expect("corpus");
    assert!(corpus.lines().any(|line| line == before), "a real event");
}

/// Every platform of the table names the file that reads it and what proves it, every envelope is
/// in it, and what it names is there.
#[test]
fn the_table_of_platforms_names_what_proves_it() {
    let readme = readme();
    let (_, section) = readme.split_once("## What is recognised").expect("the section");
    let section = section.split_once("\n## ").expect("its end").0;
    let links = |text: &str| -> Vec<String> {
        let parts = text.split("](").skip(1);
        parts.filter_map(|part| Some(part.split_once(')')?.0.to_owned())).collect()
    };
    for link in links(section) {
        assert!(here("..").join(&link).exists(), "{link}");
    }
    let rows: Vec<&str> = section.lines().filter(|line| line.starts_with("| ")).skip(2).collect();
    assert!(rows.len() > 12, "{rows:?}");
    for row in &rows {
        let of = |folder: &str| links(row).iter().any(|link| link.starts_with(folder));
        assert!(of("core/src/unwrap/") && of("tests/"), "{row}");
    }
    for file in fs::read_dir(here("../core/src/unwrap/envelopes")).expect("envelopes") {
        let name = file.expect("a file").file_name().into_string().expect("UTF-8");
        let listed = rows.iter().any(|row| row.contains(&format!("/envelopes/{name})")));
        assert!(listed || matches!(&*name, "mod.rs" | "made_up.rs"), "{name} is in no row");
    }
}

/// The first command of the README.
const FIRST: (&str, Option<&str>) = ("first", None);

/// Hosts in the order of the README, and the program that each block needs besides Rust's.
const HOSTS: [(&str, Option<&str>); 9] = [
    ("command", None),
    ("native", Some("fluent-bit")),
    ("lua", Some("fluent-bit")),
    ("wasm", Some("fluent-bit")),
    ("vector", Some("vector")),
    ("c", Some("cc")),
    ("rust", None),
    ("node", Some("node")),
    ("host", None),
];

/// Where the log of the blocks is.
const LOG: &str = "corpora/openshift-clo/audit_in.log";

/// A folder for programs that comes first on the PATH: Fluent Bit and Vector by their variables.
fn programs(folder: &Path) -> PathBuf {
    let programs = folder.join("programs");
    fs::create_dir_all(&programs).expect("folder");
    for (name, variable) in [("fluent-bit", "FLUENT_BIT"), ("vector", "VECTOR")] {
        if let Some(binary) = env::var_os(variable) {
            symlink(binary, programs.join(name)).expect("link");
        }
    }
    programs
}

/// Whether a program can be found with this folder in front of the PATH.
fn found(program: &str, first: &Path) -> bool {
    let path = env::var_os("PATH").unwrap_or_default();
    env::split_paths(&path).any(|folder| folder.join(program).exists())
        || first.join(program).exists()
}

/// Runs a block; what it printed.
fn run(text: &str, folder: &Path, programs: &Path) -> Result<Vec<u8>, String> {
    let path = env::var_os("PATH").unwrap_or_default();
    let path = env::join_paths(
        [programs.to_path_buf(), folder.join("installed/bin")]
            .into_iter()
            .chain(env::split_paths(&path)),
    );
    let output = Command::new("sh")
        .args(["-e", "-c", text])
        .current_dir(folder)
        .env("PATH", path.expect("PATH"))
        .env("CARGO_INSTALL_ROOT", folder.join("installed"))
        // Set by the cargo that runs this test.
        .env_remove("LD_LIBRARY_PATH")
        .env_remove("CARGO_TARGET_DIR")
        .env_remove("RUSTFLAGS")
        .stdin(Stdio::null())
        .output()
        .map_err(|error| error.to_string())?;
    if output.status.success() {
        Ok(output.stdout)
    } else {
        Err(format!(
            "{}\n{}{}",
            output.status,
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        ))
    }
}

/// The hundred events, clean, whatever the host puts around them.
fn check(host: &str, stdout: &[u8]) {
    let text = String::from_utf8_lossy(stdout);
    let setup = Setup { policy: None, key: None, to: "ecs" };
    let log = fs::read(here(LOG)).expect("log");
    let core = Library.run(&setup, &log).expect("core").stdout;
    let core = String::from_utf8(core).expect("UTF-8");
    assert_eq!(core.lines().count(), 100);
    if host == FIRST.0 {
        assert!(text.contains("masked by config-map-values"), "{text}");
        return;
    }
    // Fluent Bit writes the record's members in its own spelling.
    let id = |line: &str| {
        let value: serde_json::Value = serde_json::from_str(line).ok()?;
        value["event"]["hash"].as_str().map(str::to_owned)
    };
    let ids: Vec<_> = core.lines().map(id).collect();
    let got: Vec<_> = text.lines().filter_map(|line| id(line).map(Some)).collect();
    assert_eq!(ids, got, "{host}: {}", &text[..text.len().min(2000)]);
    if !["native", "lua", "wasm"].contains(&host) {
        assert!(text.contains(&core), "{host} gives other bytes than the core");
    }
}

/// A folder that looks like a clone, in which cargo gives out what is built.
fn looks_like_a_clone(folder: &Path) -> PathBuf {
    let programs = programs(folder);
    for name in ["core", "cli", "ffi", "wasm", "tests", "integrations"] {
        symlink(here("..").join(name), folder.join(name)).expect("link");
    }
    // target/PROFILE/deps/readme-HASH
    let exe = env::current_exe().expect("own path");
    let profile = exe.parent().and_then(Path::parent).expect("target folder");
    fs::create_dir(folder.join("target")).expect("target");
    symlink(profile, folder.join("target/release")).expect("link");
    symlink(profile.with_file_name("wasm-artifacts"), folder.join("target/wasm-artifacts"))
        .expect("link");
    let mut script = String::from("#!/bin/sh\ncase \"$*\" in\n");
    for (arguments, action) in [
        (
            "quick explain --line 7 tests/corpora/k3s-gitops-reverser/extracted.ndjson",
            "shift && test -x target/release/auditweir && exec target/release/auditweir \"$@\"",
        ),
        ("build --release -p auditweir-ffi", "test -e target/release/libauditweir.so"),
        ("build --release -p auditweir-lua", "test -e target/release/libauditweir_lua.so"),
        (
            "install --path cli",
            "mkdir -p installed/bin && cp target/release/auditweir installed/bin",
        ),
        ("run -p auditweir-wasm-pack", "test -e target/wasm-artifacts/npm/package.json"),
        (
            "run --release -p auditweir --example filter",
            "test -x target/release/examples/filter && exec target/release/examples/filter",
        ),
        (
            "run -p auditweir-tests --example wasm-host -- target/wasm-artifacts/auditweir.wasm 1",
            "test -x target/release/examples/wasm-host && exec target/release/examples/wasm-host \
             target/wasm-artifacts/auditweir.wasm 1",
        ),
    ] {
        _ = writeln!(script, "'{arguments}') {action} || {{ echo not built >&2; exit 77; }};;");
    }
    // The other short ones of the same alias.
    script.push_str(
        "quick\\ *) shift; test -x target/release/auditweir || { echo not built >&2; exit 77; }
         exec target/release/auditweir \"$@\";;\n",
    );
    script.push_str("*) echo \"what is cargo $*\" >&2; exit 1;;\nesac\n");
    let cargo = programs.join("cargo");
    fs::write(&cargo, script).expect("cargo");
    fs::set_permissions(&cargo, fs::Permissions::from_mode(0o755)).expect("cargo");
    programs
}

fn temporary(name: &str) -> PathBuf {
    let folder = env::temp_dir().join(format!("auditweir-readme-{name}-{}", std::process::id()));
    _ = fs::remove_dir_all(&folder);
    fs::create_dir_all(&folder).expect("folder");
    folder
}

#[test]
fn every_block_is_known() {
    let readme = readme();
    let part = readme.split_once("## Set up").expect("part").1.split_once("\n## ").expect("end").0;
    let blocks: Vec<&str> = part
        .split("<!-- try: ")
        .skip(1)
        .map(|rest| rest.split_once(" -->").expect("marker").0)
        .collect();
    assert_eq!(blocks, HOSTS.map(|(host, _)| host));
    assert_eq!(part.matches("\n```sh\n").count(), HOSTS.len(), "every block has a marker");
}

/// `cargo quick` is known to cargo, and names a profile that is there.
#[test]
fn the_first_command_is_known() {
    let config = fs::read_to_string(here("../.cargo/config.toml")).expect("cargo's configuration");
    let alias = config.lines().find_map(|line| line.strip_prefix("quick = ")).expect("the alias");
    let words: Vec<&str> = alias.trim_matches('"').split(' ').collect();
    assert_eq!(
        words,
        ["run", "--profile", "quick", "--package", "auditweir-cli", "--no-default-features", "--"]
    );
    let workspace = fs::read_to_string(here("../Cargo.toml")).expect("the workspace");
    assert!(workspace.contains("[profile.quick]\ninherits = \"release\"\n"));
    assert!(block(&readme(), "<!-- try: first -->", "sh").starts_with("cargo quick "));
}

#[test]
fn set_up_works() {
    let readme = readme();
    let folder = temporary("quick");
    let programs = looks_like_a_clone(&folder);
    for (host, program) in [FIRST].into_iter().chain(HOSTS) {
        if let Some(program) = program.filter(|program| !found(program, &programs)) {
            eprintln!("SKIPPED: no `{program}`; the README's set-up for {host} was not run");
            continue;
        }
        match run(&block(&readme, &format!("<!-- try: {host} -->"), "sh"), &folder, &programs) {
            Ok(stdout) => check(host, &stdout),
            Err(error) if error.contains("exit status: 77") => {
                eprintln!("SKIPPED: {host}: an artifact is not built; run all tests");
            }
            Err(error) => panic!("{host}: {error}"),
        }
    }
    _ = fs::remove_dir_all(&folder);
}

#[test]
#[ignore = "clones and builds everything; run by name"]
fn set_up_works_in_a_clone() {
    let readme = readme();
    let folder = temporary("clone");
    let programs = programs(&folder);
    let clone = folder.join("auditweir");
    let status = Command::new("git")
        .args(["clone", "--quiet"])
        .arg(here(".."))
        .arg(&clone)
        .status()
        .expect("git");
    assert!(status.success(), "git clone");
    for (host, program) in [FIRST].into_iter().chain(HOSTS) {
        if let Some(program) = program.filter(|program| !found(program, &programs)) {
            eprintln!("SKIPPED: no `{program}`; the README's set-up for {host} was not run");
            continue;
        }
        let start = Instant::now();
        let text = block(&readme, &format!("<!-- try: {host} -->"), "sh");
        let stdout =
            run(&text, &clone, &programs).unwrap_or_else(|error| panic!("{host}: {error}"));
        check(host, &stdout);
        eprintln!("{host}: works, {:.0} s", start.elapsed().as_secs_f64());
    }
    _ = fs::remove_dir_all(&folder);
}

/// The short commands under the first one.
#[test]
fn first_commands_work() {
    let readme = readme();
    let part = readme.split_once("## First try").expect("part").1;
    let part = part.split_once("\n## ").expect("end").0;
    let folder = temporary("first");
    let programs = looks_like_a_clone(&folder);
    let commands: Vec<&str> = part
        .lines()
        .filter_map(|line| line.strip_prefix("- `")?.split_once('`'))
        .map(|(command, _)| command)
        .collect();
    assert!(commands.len() >= 3 && commands.iter().all(|one| one.starts_with("cargo quick ")));
    for command in commands {
        let command = command.replace(" FILE ", &format!(" tests/{LOG} "));
        match run(&command, &folder, &programs) {
            Ok(said) => assert!(!said.is_empty() || folder.join("report.html").exists()),
            Err(error) if error.contains("exit status: 77") => {
                eprintln!("SKIPPED: {command}: the command is not built; run all tests");
            }
            Err(error) => panic!("{command}: {error}"),
        }
    }
    _ = fs::remove_dir_all(&folder);
}

/// Blocks of guides that no machine of the tests can run: they want a cluster, Docker, or minutes of compiling.
const NOT_RUN: [(&str, &str); 4] = [
    ("kind-k3s.md", "cargo install --path cli"),
    ("kind-k3s.md", "k3s server"),
    ("kind-k3s.md", "docker run"),
    ("kind-k3s.md", "kubectl run"),
];

/// A new block is run by `guides_work`, by `cargo xtask first-value`, or is in the list above.
#[test]
fn every_block_of_a_guide_is_run_or_listed() {
    let mut listed = Vec::new();
    for guide in fs::read_dir(here("../docs/guides")).expect("guides") {
        let path = guide.expect("entry").path();
        let name = path.file_name().and_then(|name| name.to_str()).expect("name").to_owned();
        let text = fs::read_to_string(&path).expect("guide");
        let mut before = "";
        let mut inside = false;
        for (number, line) in text.lines().enumerate() {
            if line.starts_with("```") {
                inside = !inside;
                let shell = ["```", "```sh", "```console", "```bash"].contains(&line);
                let marked = before.starts_with("<!-- try") || before.starts_with("<!-- start");
                if inside && shell && !marked {
                    let first = text.lines().nth(number + 1).expect("a line");
                    let known = NOT_RUN
                        .iter()
                        .find(|(file, start)| *file == name && first.starts_with(start));
                    listed.push(*known.unwrap_or_else(|| panic!("{name}: no test runs: {first}")));
                }
            }
            before = line;
        }
    }
    listed.sort_unstable();
    let mut all = NOT_RUN;
    all.sort_unstable();
    assert_eq!(listed, all, "what is listed is there");
}

/// What a reader of the guides types, one block after the other, with the command installed.
#[test]
fn guides_work() {
    let command = env::current_exe().expect("own path");
    let command = command.parent().and_then(Path::parent).expect("target").join("auditweir");
    if !command.exists() {
        eprintln!("SKIPPED: the command is not built; the guides were not run");
        return;
    }
    let guides = fs::read_dir(here("../docs/guides")).expect("guides");
    let mut blocks = 0;
    for guide in guides.map(|entry| entry.expect("entry").path()) {
        let text = fs::read_to_string(&guide).expect("guide");
        assert!(text.lines().count() < 110, "{}: more than a page", guide.display());
        let folder = temporary(guide.file_stem().and_then(|name| name.to_str()).expect("name"));
        let programs = looks_like_a_clone(&folder);
        symlink(&command, programs.join("auditweir")).expect("link");
        for block in text.split("<!-- try -->\n```sh\n").skip(1) {
            let block = block.split_once("\n```").expect("its end").0;
            // A pipe's reader may go away before its writer.
            run(&format!("set -u\n{block}"), &folder, &programs)
                .unwrap_or_else(|error| panic!("{}: {block}\n{error}", guide.display()));
            blocks += 1;
        }
        _ = fs::remove_dir_all(&folder);
    }
    assert!(blocks >= 8, "{blocks} blocks");
}
