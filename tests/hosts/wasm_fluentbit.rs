//! The wasm route through a real Fluent Bit, with the configurations of `integrations/`.
//! `FLUENT_BIT` names the binary; without it these tests are skipped, loudly.

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use auditweir_tests::here;
use auditweir_tests::host::{Host as _, Setup};
use auditweir_wasm_pack::Artifact;
use serde_json::Value;

use crate::wasm::{GOOD, artifact, corpus};
use auditweir_tests::library::Library;

const ECS: Setup<'_> = Setup { policy: None, key: None, to: "ecs" };

fn fluent_bit() -> Option<PathBuf> {
    let found = env::var_os("FLUENT_BIT").map(PathBuf::from);
    if found.is_none() {
        eprintln!("SKIPPED: FLUENT_BIT is not set; the wasm filter is not tested in Fluent Bit");
    }
    found
}

/// A folder for one run, with what the configurations name under it.
struct Run {
    folder: PathBuf,
}

/// What a run left.
struct Left {
    records: Vec<Value>,
    said: String,
    /// Resident memory in KiB at the half and at the end.
    memory: Vec<u64>,
}

impl Run {
    fn new(name: &str) -> Self {
        let folder = env::temp_dir().join(format!("auditweir-{}-{name}", std::process::id()));
        let _ = fs::remove_dir_all(&folder);
        fs::create_dir_all(folder.join("etc")).expect("folder");
        fs::create_dir_all(folder.join("out")).expect("folder");
        Self { folder }
    }

    fn file(&self, name: &str, text: &[u8]) {
        fs::write(self.folder.join(name), text).expect(name);
    }

    /// The committed configuration with other paths.
    fn with_paths(&self, name: &str, setup: &Setup<'_>) -> String {
        let text =
            fs::read_to_string(here("../integrations/fluent-bit/wasm").join(name)).expect(name);
        let folder = self.folder.display();
        let wasm = artifact(Artifact::FluentBit);
        let function = format!("auditweir_{}", setup.to);
        let mut text = text;
        for (from, to) in [
            ("/var/log/kubernetes/audit/audit.log", format!("{folder}/audit.log")),
            ("/var/lib/fluent-bit/storage", format!("{folder}/storage")),
            ("/var/lib/fluent-bit/audit.db", format!("{folder}/audit.db")),
            ("/opt/auditweir/auditweir-fluentbit.wasm", wasm.display().to_string()),
            ("/etc/auditweir", format!("{folder}/etc")),
            ("auditweir_ecs\n", format!("{function}\n")),
        ] {
            assert!(text.contains(from), "{name} does not name {from}");
            text = text.replace(from, &to);
        }
        text
    }

    /// The committed configuration with other paths, a file as the sink, and an end.
    fn configuration(&self, name: &str, setup: &Setup<'_>) -> String {
        let text = self.with_paths(name, setup);
        let folder = self.folder.display();
        let classic = Path::new(name).extension().is_some_and(|extension| extension == "conf");
        let (text, sink) = if classic {
            let text = text.replace(
                "read_from_head           true\n",
                "read_from_head           true\n    exit_on_eof              true\n",
            );
            (
                text,
                format!(
                    "[OUTPUT]\n    name file\n    match *\n    path {folder}/out\n    format plain\n"
                ),
            )
        } else {
            let text = text.replace(
                "      read_from_head: true\n",
                "      read_from_head: true\n      exit_on_eof: true\n",
            );
            let sink = format!(
                "  outputs:\n    - name: file\n      match: '*'\n      path: {folder}/out\n      format: plain\n"
            );
            (text, sink)
        };
        let head = if classic { "[OUTPUT]" } else { "  outputs:" };
        let at = text.find(head).expect("outputs");
        assert!(text[..at].contains("exit_on_eof"));
        format!("{}{sink}", &text[..at])
    }

    /// Runs Fluent Bit on `log` until it has read all of it.
    fn go(&self, binary: &Path, name: &str, setup: &Setup<'_>, log: &[u8]) -> Left {
        self.file("audit.log", log);
        self.file(name, self.configuration(name, setup).as_bytes());
        if let Some(policy) = setup.policy {
            self.file("etc/auditweir.yaml", policy.as_bytes());
        }
        if let Some(key) = setup.key {
            self.file("etc/auditweir.key", key);
        }
        let said = fs::File::create(self.folder.join("said")).expect("said");
        let mut child = Command::new(binary)
            .arg("-c")
            .arg(self.folder.join(name))
            .stdout(Stdio::null())
            .stderr(said)
            .spawn()
            .expect("FLUENT_BIT");
        let memory = watch(&mut child);
        let said = fs::read_to_string(self.folder.join("said")).expect("said");
        let out = fs::read(self.folder.join("out/kube.audit")).unwrap_or_default();
        let records = out
            .split(|byte| *byte == b'\n')
            .filter(|line| !line.is_empty())
            .flat_map(|line| events(serde_json::from_slice(line).expect("JSON")))
            .collect();
        Left { records, said, memory }
    }
}

impl Drop for Run {
    fn drop(&mut self) {
        if !thread::panicking() {
            let _ = fs::remove_dir_all(&self.folder);
        }
    }
}

/// Waits for the end; resident memory at each second.
fn watch(child: &mut Child) -> Vec<u64> {
    let start = Instant::now();
    let mut memory = Vec::new();
    while child.try_wait().expect("wait").is_none() {
        assert!(start.elapsed() < Duration::from_secs(550), "Fluent Bit does not end");
        thread::sleep(Duration::from_millis(100));
        let status = fs::read_to_string(format!("/proc/{}/status", child.id())).unwrap_or_default();
        memory.extend(status.lines().find_map(|line| {
            line.strip_prefix("VmRSS:")?.trim().strip_suffix(" kB")?.parse::<u64>().ok()
        }));
    }
    memory
}

/// The events of a record: one, or those of the list; each an object, or its text in `log` where
/// Fluent Bit could not carry the object.
fn events(mut record: Value) -> Vec<Value> {
    if record["kind"] == "EventList" {
        let items = record["items"].as_array_mut().map(std::mem::take).unwrap_or_default();
        return items.into_iter().flat_map(events).collect();
    }
    match (record.as_object().map(serde_json::Map::len), record["log"].as_str()) {
        (Some(1), Some(text)) => vec![serde_json::from_str(text).expect("JSON in `log`")],
        _ => vec![record],
    }
}

/// A record as Fluent Bit spells it: ASCII.
fn record(line: &str) -> String {
    let mut text = String::new();
    for c in serde_json::json!({ "log": line }).to_string().chars() {
        if c.is_ascii() {
            text.push(c);
        } else {
            for unit in c.encode_utf16(&mut [0; 2]) {
                let _ = write!(text, "\\u{unit:04x}");
            }
        }
    }
    text
}

/// What the core makes of each line, as tail delivers it: by one filter, because a stub with no
/// time of its own gets that of the event before it.
fn expected(setup: &Setup<'_>, lines: &[&str]) -> Vec<Value> {
    let log = lines.iter().map(|line| record(line)).collect::<Vec<_>>().join("\n");
    let output = Library.run(setup, log.as_bytes()).expect("core").stdout;
    let text = String::from_utf8(output).expect("UTF-8");
    text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect()
}

fn compare(expected: &[Value], left: &Left) {
    for (at, (expected, got)) in expected.iter().zip(&left.records).enumerate() {
        assert_eq!(through_msgpack(expected), through_msgpack(got), "record {at}\n{}", left.said);
    }
    assert_eq!(expected.len(), left.records.len(), "{}", left.said);
}

/// What Fluent Bit's records can hold: integers of 64 bits, doubles, each key once.
fn through_msgpack(value: &Value) -> Value {
    match value {
        Value::Number(number) => match (number.as_i64(), number.as_u64(), number.as_f64()) {
            (Some(n), ..) => n.into(),
            (_, Some(n), _) => n.into(),
            // Written with six decimals.
            (.., n) => format!("{:.6}", n.unwrap_or(f64::NAN)).into(),
        },
        Value::Array(items) => items.iter().map(through_msgpack).collect(),
        Value::Object(members) => {
            members.iter().map(|(key, value)| (key.clone(), through_msgpack(value))).collect()
        }
        other => other.clone(),
    }
}

#[test]
fn committed_configurations_are_valid() {
    let Some(binary) = fluent_bit() else { return };
    for name in ["fluent-bit.yaml", "fluent-bit.conf"] {
        // A dry run, too, loads the module.
        let run = Run::new(&format!("dry-{name}"));
        run.file(name, run.with_paths(name, &ECS).as_bytes());
        let output = Command::new(&binary)
            .env("ES_PASSWORD", "not-a-password")
            .args(["--dry-run", "-c"])
            .arg(run.folder.join(name))
            .output()
            .expect("FLUENT_BIT");
        let said = [output.stdout, output.stderr].concat();
        let said = String::from_utf8_lossy(&said);
        assert!(output.status.success() && said.contains("test is successful"), "{name}: {said}");
    }
}

#[test]
fn the_corpus_comes_out_as_from_the_library() {
    let Some(binary) = fluent_bit() else { return };
    let policy =
        fs::read_to_string(here("../integrations/fluent-bit/wasm/auditweir.yaml")).unwrap();
    let setup = Setup { policy: Some(&policy), ..ECS };
    let lines: Vec<String> = corpus()
        .into_iter()
        .map(|line| String::from_utf8(line).unwrap().replace(['\n', '\r'], " "))
        .collect();
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let log = lines.join("\n") + "\n";
    for name in ["fluent-bit.yaml", "fluent-bit.conf"] {
        let run = Run::new(name);
        let left = run.go(&binary, name, &setup, log.as_bytes());
        compare(&expected(&setup, &lines), &left);
        assert!(left.said.contains("own rules: 1"), "{}", left.said);
    }
}

#[test]
fn cases_come_out_as_from_the_library() {
    let Some(binary) = fluent_bit() else { return };
    // One run per setup, not per case: a start takes a second.
    let mut groups: BTreeMap<(Option<String>, Option<String>, String), Vec<String>> =
        BTreeMap::new();
    let mut left_out = 0;
    for file in auditweir_tests::cases() {
        for case in &file.cases {
            let Ok(text) = String::from_utf8(file.input(case).expect("input")) else {
                left_out += 1;
                continue;
            };
            let group = (file.policy(case), case.key.clone(), case.to.clone());
            let lines = text.lines().filter(|line| !line.trim().is_empty()).map(str::to_owned);
            groups.entry(group).or_default().extend(lines);
        }
    }
    assert!(left_out < 10, "{left_out} cases are not UTF-8");
    for (at, ((policy, key, to), lines)) in groups.iter().enumerate() {
        let setup = Setup { policy: policy.as_deref(), key: key.as_deref().map(str::as_bytes), to };
        let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
        let run = Run::new(&format!("case-{at}"));
        let left = run.go(&binary, "fluent-bit.yaml", &setup, (lines.join("\n") + "\n").as_bytes());
        compare(&expected(&setup, &lines), &left);
    }
}

/// What would abort Fluent Bit, or cost the records behind it, leaves as text.
#[test]
fn what_fluent_bit_cannot_carry_goes_as_text() {
    let Some(binary) = fluent_bit() else { return };
    let with = |body: &str| format!("{},\"requestObject\":{body}}}", &GOOD[..GOOD.len() - 1]);
    let nested = |levels: usize| with(&format!("{}1{}", "[".repeat(levels), "]".repeat(levels)));
    let mut lines: Vec<String> = ["{\"a\":1e400}", "[-1E999]"].map(with).into();
    lines.push(with(&"9".repeat(500)));
    lines.extend((20..40).map(nested));
    lines.extend(
        (20..40).map(|levels| {
            format!("{{\"kind\":\"EventList\",\"items\":[{},{GOOD}]}}", nested(levels))
        }),
    );
    lines.push(GOOD.into());
    let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
    let log = lines.join("\n") + "\n";
    for to in ["native", "ecs"] {
        let setup = Setup { to, ..ECS };
        let left = Run::new(to).go(&binary, "fluent-bit.yaml", &setup, log.as_bytes());
        compare(&expected(&setup, &lines), &left);
    }
}

#[test]
fn a_wrong_policy_lets_nothing_through() {
    let Some(binary) = fluent_bit() else { return };
    let setup = Setup { policy: Some("version: 1\nredact: {secretz: mask}\n"), ..ECS };
    let log = format!("{GOOD}\n{{\"password\":\"correct-horse\"}}\ncorrect-horse\n");
    let left = Run::new("policy").go(&binary, "fluent-bit.yaml", &setup, log.as_bytes());
    assert_eq!(left.records.len(), 3, "{}", left.said);
    for record in &left.records {
        assert_eq!(record["auditweir"]["stub"], "policy-error");
    }
    let all = format!("{:?}{}", left.records, left.said);
    assert!(!all.contains("correct-horse"), "{all}");
    assert!(left.said.contains("unknown field `secretz`"), "{}", left.said);
}

#[test]
fn malformed_lines_cost_nothing_but_themselves() {
    let Some(binary) = fluent_bit() else { return };
    let cut = &GOOD[..GOOD.len() - 30];
    let deep = "[".repeat(5000);
    let lines =
        [GOOD, cut, "password=correct-horse", "[1,2]", "{}", deep.as_str(), "\u{fffd}", GOOD];
    let log = lines.join("\n") + "\n";
    let left = Run::new("malformed").go(&binary, "fluent-bit.yaml", &ECS, log.as_bytes());
    compare(&expected(&ECS, &lines), &left);
    assert!(!format!("{:?}{}", left.records, left.said).contains("correct-horse"));
}

/// `EVENTS` in the environment says how many; the default is for a quick run.
#[test]
fn large_and_many_events_leave_memory_flat() {
    let Some(binary) = fluent_bit() else { return };
    let events: usize = env::var("EVENTS").map_or(3000, |text| text.parse().expect("EVENTS"));
    let mut large = GOOD[..GOOD.len() - 1].to_owned();
    large.push_str(r#","requestObject":{"kind":"Pod","items":["#);
    while large.len() < 1_572_864 {
        large.push_str(r#"{"name":"till","image":"registry.example/till@sha256:0123456789"},"#);
    }
    large.push_str("0]}}");
    let mut log = String::new();
    let _ = writeln!(log, "{large}");
    for number in 0..events {
        let _ = writeln!(log, "{}", GOOD.replace(r#""g""#, &format!("\"{number}\"")));
    }
    let _ = writeln!(log, "{large}");
    let setup = Setup { to: "native", ..ECS };
    let run = Run::new("many");
    let left = run.go(&binary, "fluent-bit.yaml", &setup, log.as_bytes());
    assert_eq!(left.records.len(), events + 2, "{}", left.said);
    let items = |record: &Value| record["requestObject"]["items"].as_array().map(Vec::len);
    assert!(items(&left.records[0]) > Some(20_000));
    assert_eq!(items(&left.records[0]), items(&left.records[events + 1]));
    assert_eq!(left.records[events]["auditID"], (events - 1).to_string().as_str());
    let peak = left.memory.iter().max().copied().unwrap_or_default();
    eprintln!("{events} events: resident memory at most {peak} KiB");
    assert!(peak < 400 << 10, "{peak} KiB");
}
