//! Vector itself, when `VECTOR` names its binary: what goes in on standard input goes through the
//! `lua` transform with the module and comes out on standard output as the core writes it.
//!
//! All cases with the same setup go through one run, and with each format what is in the corpus.

use std::collections::BTreeMap;
use std::io::Write as _;
use std::path::PathBuf;
use std::process::{Command, Output, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};
use std::{env, fs, thread};

use auditweir::Format;
use auditweir_tests::host::{Host as _, Setup};
use auditweir_tests::library::Library;

use super::lua54::{modules, options};
use super::wasm::corpus;

/// The binary; none, said loudly, if nobody names one.
pub(crate) fn binary() -> Option<PathBuf> {
    let path = env::var_os("VECTOR").map(PathBuf::from);
    if path.is_none() {
        eprintln!("SKIPPED: VECTOR is not set; nothing was run through Vector");
    }
    path
}

/// Pipes lines through Vector with a filter made with these options (Lua).
fn run(binary: &PathBuf, options: &str, input: &[u8]) -> Output {
    static NEXT: AtomicU32 = AtomicU32::new(0);
    let next = NEXT.fetch_add(1, Ordering::Relaxed);
    let folder =
        env::temp_dir().join(format!("auditweir-vector-run-{}-{next}", std::process::id()));
    fs::create_dir_all(&folder).expect("folder");
    let configuration = format!(
        "data_dir: {folder}\n\
         sources:\n  audit: {{ type: stdin, max_length: 16777216 }}\n\
         transforms:\n  auditweir:\n    type: lua\n    version: '2'\n    inputs: [audit]\n    source: |\n      \
         package.cpath = \"{modules}/?.so;\" .. package.cpath\n      \
         filter = require(\"auditweir\").new({options})\n      \
         function process(event, emit) filter:process(event, emit) end\n      \
         function finish(emit) filter:finish(emit) end\n    \
         hooks: {{ process: process, shutdown: finish }}\n\
         sinks:\n  out: {{ type: console, inputs: [auditweir], encoding: {{ codec: text }} }}\n",
        folder = folder.display(),
        modules = modules().display(),
    );
    let file = folder.join("vector.yaml");
    // `$` begins a variable of Vector's.
    fs::write(&file, configuration.replace('$', "$$")).expect("configuration");
    let mut child = Command::new(binary)
        .args(["--quiet", "--config"])
        .arg(&file)
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("Vector");
    let mut stdin = child.stdin.take().expect("stdin");
    let input = input.to_vec();
    let writer = thread::spawn(move || _ = stdin.write_all(&input));
    let output = child.wait_with_output().expect("Vector");
    writer.join().expect("writer");
    _ = fs::remove_dir_all(&folder);
    output
}

/// Policy, key and format of a run, and its lines.
type Runs = BTreeMap<(Option<String>, Option<String>, String), Vec<u8>>;

fn add(lines: &mut Vec<u8>, input: &[u8]) {
    for line in input.split(|byte| *byte == b'\n') {
        // Vector's source passes on no blank lines, nor the first half of a CR LF.
        let line = line.strip_suffix(b"\r").unwrap_or(line);
        if !line.is_empty() {
            lines.extend_from_slice(line);
            lines.push(b'\n');
        }
    }
}

#[test]
fn cases_and_corpus() {
    let Some(binary) = binary() else { return };
    let mut runs = Runs::new();
    for file in auditweir_tests::cases() {
        for case in &file.cases {
            let key = (file.policy(case), case.key.clone(), case.to.clone());
            add(runs.entry(key).or_default(), &file.input(case).expect("input"));
        }
    }
    for format in Format::ALL {
        let lines = runs.entry((None, None, format.name().to_owned())).or_default();
        for line in corpus() {
            add(lines, &line);
        }
    }
    let (mut wrong, mut count) = (Vec::new(), 0);
    for ((policy, key, to), input) in &runs {
        let setup = Setup { policy: policy.as_deref(), key: key.as_deref().map(str::as_bytes), to };
        let core = Library.run(&setup, input).expect("core").stdout;
        let output = run(&binary, &options(&setup), input);
        let log = String::from_utf8_lossy(&output.stderr);
        if !output.status.success() || !log.is_empty() {
            wrong.push(format!("{policy:?} {to}: {}: {log}", output.status));
        }
        let lines = |text: &[u8]| -> Vec<String> {
            String::from_utf8_lossy(text).lines().map(str::to_owned).collect()
        };
        let (core_lines, got) = (lines(&core), lines(&output.stdout));
        count += got.len();
        if core != output.stdout {
            let at = core_lines.iter().zip(&got).position(|(one, other)| one != other);
            let at = at.unwrap_or(core_lines.len().min(got.len()));
            wrong.push(format!(
                "{policy:?} {to}: {} lines, not {}; line {at}\n  expected {:?}\n  got      {:?}",
                got.len(),
                core_lines.len(),
                core_lines.get(at),
                got.get(at)
            ));
        }
    }
    eprintln!("Vector: {count} lines in {} runs, {} wrong", runs.len(), wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(count > 1000, "hardly any line came out");
}

/// Twice what etcd takes: such a line is an event as any other.
#[test]
fn three_mebibytes_in_one_line() {
    let Some(binary) = binary() else { return };
    let line = format!(
        r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":"1","stage":"ResponseComplete","verb":"create","requestURI":"/api/v1/namespaces/a/configmaps","objectRef":{{"resource":"configmaps","namespace":"a","apiVersion":"v1"}},"requestObject":{{"kind":"ConfigMap","data":{{"k":"{}"}}}},"annotations":{{"note":"{}"}}}}"#,
        "hunter2 ".repeat(100_000),
        "plain text ".repeat(220_000)
    );
    assert!(line.len() > 3 << 20);
    let setup = Setup { policy: None, key: None, to: "native" };
    let core = Library.run(&setup, line.as_bytes()).expect("core").stdout;
    let output = run(&binary, &options(&setup), format!("{line}\n").as_bytes());
    assert!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    assert!(
        core.len() > 2 << 20 && core == output.stdout,
        "{} bytes came out",
        output.stdout.len()
    );
    assert!(memchr::memmem::find(&output.stdout, b"hunter2").is_none());
}

/// An option that auditweir does not know keeps Vector from starting: nothing passes uncleaned.
#[test]
fn a_wrong_set_up_does_not_start() {
    let Some(binary) = binary() else { return };
    for options in ["{ format = \"yaml\" }", "{ policy = \"version: 2\" }", "{ polciy = \"\" }"] {
        let output = run(&binary, options, b"{\"password\":\"hunter2\"}\n");
        assert!(!output.status.success() && output.stdout.is_empty(), "{options}");
        assert!(!output.stderr.is_empty(), "{options}: not a word");
    }
}
