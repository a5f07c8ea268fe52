//! The npm package under Node. Skipped, loudly, where there is no `node`.

use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::{env, fs};

use auditweir_tests::here;
use auditweir_tests::host::{Counts, Host, Output, Setup};
use auditweir_wasm_pack::Artifact;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Value, json};

use crate::wasm::{artifact, corpus, same_as_core};

/// One Node process for all cases: a JSON line per case in, a JSON line out.
struct Node {
    child: Child,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
}

/// Node with the package where `import "auditweir-wasm"` finds it, or `None` where there is none.
fn node() -> Option<(Command, PathBuf)> {
    if Command::new("node").arg("--version").output().is_err() {
        eprintln!("SKIPPED: `node` is not installed; the npm package is not tested");
        return None;
    }
    let package = artifact(Artifact::Npm);
    let folder = package.parent().expect("artifacts").join("npm-test");
    let modules = folder.join("node_modules");
    fs::create_dir_all(&modules).expect("folder");
    let link = modules.join("auditweir-wasm");
    if !link.exists() {
        // A link left by an earlier run may point nowhere.
        let _ = fs::remove_file(&link);
        // Two tests may come here at once; the loser finds the winner's link.
        let made = symlink(&package, &link);
        assert!(link.exists(), "{made:?}");
    }
    for file in ["cases.mjs", "api.test.mjs", "types.mts", "tsconfig.json"] {
        fs::copy(here("../wasm/npm/test").join(file), folder.join(file)).expect(file);
    }
    let mut command = Command::new("node");
    command.current_dir(&folder);
    Some((command, folder))
}

#[cfg(unix)]
fn symlink(package: &Path, link: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(package, link)
}

#[cfg(windows)]
fn symlink(package: &Path, link: &Path) -> std::io::Result<()> {
    std::os::windows::fs::symlink_dir(package, link)
}

impl Node {
    fn start(mut command: Command) -> Self {
        let mut child = command
            .arg("cases.mjs")
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .expect("node");
        let stdin = child.stdin.take().expect("stdin");
        let stdout = BufReader::new(child.stdout.take().expect("stdout"));
        Self { child, stdin, stdout }
    }

    fn ask(&mut self, question: &Value) -> Result<Value, String> {
        writeln!(self.stdin, "{question}").map_err(|error| error.to_string())?;
        let mut line = String::new();
        self.stdout.read_line(&mut line).map_err(|error| error.to_string())?;
        serde_json::from_str(&line).map_err(|error| format!("node said `{line}`: {error}"))
    }
}

impl Drop for Node {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

impl Host for Node {
    fn name(&self) -> &'static str {
        "npm package, node"
    }

    fn run(&mut self, setup: &Setup<'_>, input: &[u8]) -> Result<Output, String> {
        let answer = self.ask(&json!({
            "policy": setup.policy,
            "key": setup.key.map(|key| STANDARD.encode(key)),
            "format": setup.to,
            "input": STANDARD.encode(input),
        }))?;
        if let Some(error) = answer["error"].as_str() {
            return Err(error.to_owned());
        }
        let stdout =
            STANDARD.decode(answer["output"].as_str().unwrap_or_default()).expect("base64");
        same_as_core(setup, input, &stdout)?;
        let stats = &answer["stats"];
        let count = |name: &str| stats[name].as_u64().ok_or(format!("no counter `{name}`"));
        let counts = Counts {
            events: count("events")?,
            stubs: count("stubs")?,
            rejected: count("rejected")?,
            dropped: stats["dropped"]
                .as_object()
                .ok_or("no counters `dropped`")?
                .values()
                .filter_map(Value::as_u64)
                .sum(),
        };
        Ok(Output { stdout, said: stats.to_string().into_bytes(), counts: Some(counts) })
    }
}

#[test]
fn cases() {
    if let Some((command, _)) = node() {
        super::run(&mut Node::start(command));
    }
}

/// The package's own tests, under Node's test runner, with the corpus as the core cleans it.
#[test]
fn node_test_runner() {
    let Some((mut command, folder)) = node() else { return };
    let lines = corpus();
    let expected: Vec<Value> = lines
        .iter()
        .map(|line| {
            let text = String::from_utf8(line.clone()).expect("UTF-8").replace(['\n', '\r'], " ");
            let setup = Setup { policy: None, key: None, to: "native" };
            let output = auditweir_tests::library::Library
                .run(&setup, text.as_bytes())
                .expect("core")
                .stdout;
            json!({ "input": text, "output": String::from_utf8(output).expect("UTF-8") })
        })
        .collect();
    fs::write(folder.join("corpus.json"), Value::from(expected).to_string()).expect("corpus");
    let output = command.args(["--test", "api.test.mjs"]).output().expect("node");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}\n{}", String::from_utf8_lossy(&output.stderr));
    assert!(text.contains("# fail 0") || text.contains("fail 0"), "{text}");
}

#[test]
fn types_are_as_committed() {
    let Some((_, folder)) = node() else { return };
    let generated =
        fs::read_to_string(folder.join("node_modules/auditweir-wasm/node/auditweir.d.ts"))
            .expect("types");
    let path = here("../wasm/npm/auditweir.d.ts");
    if env::var_os("BLESS").is_some() {
        fs::write(&path, &generated).expect("written");
    }
    let known = fs::read_to_string(&path).unwrap_or_default();
    assert_eq!(generated, known, "{} differs; BLESS=1 rewrites it", path.display());
}

/// `tsc` from the registry, once; skipped, loudly, where it cannot be had.
#[test]
fn types_pass_the_compiler() {
    let Some((_, folder)) = node() else { return };
    let tools = folder.with_file_name("npm-tools");
    let tsc = tools.join("node_modules/typescript/bin/tsc");
    if !tsc.exists() {
        fs::create_dir_all(&tools).expect("folder");
        let installed = Command::new("npm")
            .current_dir(&tools)
            .args(["install", "--no-save", "--no-audit", "--no-fund", "--prefix", "."])
            .args(["typescript@5.9.3"])
            .output();
        if !installed.is_ok_and(|output| output.status.success()) {
            eprintln!("SKIPPED: typescript cannot be installed; the npm types are not compiled");
            return;
        }
    }
    let output =
        Command::new("node").current_dir(&folder).arg(tsc).args(["-p", "."]).output().expect("tsc");
    let text = String::from_utf8_lossy(&output.stdout);
    assert!(output.status.success(), "{text}");
}
