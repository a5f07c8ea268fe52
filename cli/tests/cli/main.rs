//! The built command, run as its users run it.

mod assets;
mod coverage;
mod detect;
mod docs;
mod explain;
mod failures;
mod filter;
mod formats;
mod init;
mod limits;
mod policy;
mod review;
mod rules;

use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Output, Stdio};
use std::thread;

/// What is in every secret below.
const CANARY: &str = "canary-93d1";

/// The command, in an environment without a key or colours of the caller's.
fn auditweir(args: &[&str]) -> Command {
    let mut command = Command::new(env!("CARGO_BIN_EXE_auditweir"));
    command.args(args).env_remove("AUDITWEIR_PSEUDONYM_KEY").env_remove("NO_COLOR");
    command
}

/// Runs a command on an input to its end.
fn run(command: &mut Command, input: &[u8]) -> Output {
    let mut child = command
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("auditweir");
    let mut stdin = child.stdin.take().expect("stdin");
    thread::scope(|scope| {
        // A command that ends early closes its end.
        scope.spawn(move || stdin.write_all(input));
        child.wait_with_output().expect("output")
    })
}

/// An event with a secret in it.
fn secret(number: usize) -> String {
    format!(
        r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Request","auditID":"id-{number}","stage":"ResponseComplete","requestURI":"/api/v1/namespaces/shop/secrets","verb":"create","user":{{"username":"jane"}},"objectRef":{{"resource":"secrets","namespace":"shop","name":"till","apiVersion":"v1"}},"requestObject":{{"kind":"Secret","apiVersion":"v1","metadata":{{"name":"till"}},"stringData":{{"password":"{CANARY}"}}}}}}"#
    )
}

/// The `auditID` of each line.
fn ids(text: &[u8]) -> Vec<String> {
    lines(text).iter().map(|line| line["auditID"].as_str().unwrap_or("none").to_owned()).collect()
}

/// Each line as JSON.
fn lines(text: &[u8]) -> Vec<serde_json::Value> {
    text.split(|byte| *byte == b'\n')
        .filter(|line| !line.is_empty())
        .map(|line| serde_json::from_slice(line).expect("a line of JSON"))
        .collect()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).expect("UTF-8")
}

/// Asserts that neither the output nor the messages hold the canary.
fn assert_clean(output: &Output) {
    for bytes in [&output.stdout, &output.stderr] {
        assert!(!String::from_utf8_lossy(bytes).contains(CANARY));
    }
}

/// The last line of the messages: `--stats`.
fn stats(output: &Output) -> serde_json::Value {
    lines(text(&output.stderr).lines().last().expect("statistics").as_bytes()).remove(0)
}

/// Writes a file for one test and returns its path.
fn file(name: &str, content: impl AsRef<[u8]>) -> PathBuf {
    let path = Path::new(env!("CARGO_TARGET_TMPDIR")).join(name);
    fs::write(&path, content).expect("temporary file");
    path
}

fn corpora() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../tests/corpora")
}

/// Compares with a committed file; `BLESS=1` rewrites it.
fn same_as_committed(path: &Path, now: &str) {
    if std::env::var_os("BLESS").is_some() {
        fs::create_dir_all(path.parent().expect("folder")).expect("folder");
        fs::write(path, now).expect("committed file");
    }
    let committed = fs::read_to_string(path).unwrap_or_default();
    assert!(
        committed == now,
        "{} is not up to date; run the tests with BLESS=1\n{now}",
        path.display()
    );
}
