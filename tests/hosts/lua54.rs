//! The Lua 5.4 module in a host that does what Vector's `lua` transform does (tests/vector-host),
//! and, when `VECTOR` names its binary, what Vector says to integrations/vector.

use std::fmt::Write as _;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};
use std::sync::OnceLock;
use std::{env, fs, thread};

use auditweir_tests::host::{Host, Output, Setup};
use auditweir_tests::library::Library;
use auditweir_tests::{built, here};
use serde_json::Value;

/// A folder with `auditweir.so`, and the host.
struct Built {
    modules: PathBuf,
    host: PathBuf,
}

/// Builds both as the tests were built.
fn ready() -> &'static Built {
    static BUILT: OnceLock<Built> = OnceLock::new();
    BUILT.get_or_init(|| {
        let folder = built::folder();
        let target = folder.parent().expect("target folder");
        // A target folder of its own: the host's workspace is another.
        let host_target = target.join("vector-host");
        let status = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(["build", "--quiet", "--locked", "--manifest-path"])
            .arg(here("vector-host/Cargo.toml"))
            .arg("--target-dir")
            .arg(&host_target)
            .status()
            .expect("cargo");
        assert!(status.success(), "tests/vector-host does not build");
        let modules = folder.join("lua5.4");
        fs::create_dir_all(&modules).expect("folder for the module");
        // By a rename, so that no process sees half a file.
        let half = modules.join(format!("auditweir.{}", std::process::id()));
        fs::copy(folder.join("libauditweir_lua.so"), &half).expect("copy of the module");
        fs::rename(&half, modules.join("auditweir.so")).expect("name of the module");
        Built { modules, host: host_target.join("debug/auditweir-vector-host") }
    })
}

/// The folder with `auditweir.so`.
pub(crate) fn modules() -> &'static Path {
    &ready().modules
}

/// What the host said, and whether the script was taken.
struct Ran {
    stdout: Vec<u8>,
    stderr: String,
    loaded: bool,
}

impl Ran {
    fn text(&self) -> String {
        String::from_utf8_lossy(&self.stdout).into_owned()
    }

    /// The figures at the end.
    fn figures(&self) -> Value {
        serde_json::from_str(self.stderr.lines().last().unwrap_or_default()).expect("figures")
    }
}

/// Runs `input` through a filter made with these options (Lua), as Vector would.
fn run(flags: &[&str], options: &str, input: &[u8]) -> Ran {
    let script = format!("filter = require(\"auditweir\").new({options})");
    script_run(flags, &script, "function(event, emit) filter:process(event, emit) end", input)
}

fn script_run(flags: &[&str], script: &str, hook: &str, input: &[u8]) -> Ran {
    let Built { modules, host } = ready();
    let path =
        format!("package.cpath = {:?} .. package.cpath\n", format!("{}/?.so;", modules.display()));
    let mut child = Command::new(host)
        .args(flags)
        .args([&format!("{path}{script}"), hook])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .expect("the host");
    let mut stdin = child.stdin.take().expect("stdin");
    let input = input.to_vec();
    let writer = thread::spawn(move || _ = stdin.write_all(&input));
    let output = child.wait_with_output().expect("the host");
    writer.join().expect("writer");
    Ran {
        stdout: output.stdout,
        stderr: String::from_utf8_lossy(&output.stderr).into_owned(),
        loaded: output.status.success(),
    }
}

/// A string of any bytes in Lua.
fn quoted(bytes: &[u8]) -> String {
    let mut text = String::from("\"");
    for byte in bytes {
        _ = write!(text, "\\x{byte:02x}");
    }
    text + "\""
}

/// The options of a filter, as Lua has them.
pub(crate) fn options(setup: &Setup<'_>) -> String {
    let mut text = format!("{{ format = {:?}", setup.to);
    if let Some(policy) = setup.policy {
        _ = write!(text, ", policy = {}", quoted(policy.as_bytes()));
    }
    if let Some(key) = setup.key {
        _ = write!(text, ", pseudonym_key = {}", quoted(key));
    }
    text + " }"
}

/// Raw lines, as the file source hands them over.
struct Lua54;

impl Host for Lua54 {
    fn name(&self) -> &'static str {
        "Lua 5.4 (Vector's shapes)"
    }

    fn run(&mut self, setup: &Setup<'_>, input: &[u8]) -> Result<Output, String> {
        // The end of input, for a host that has but one hook.
        const END: &str = "end of input";
        let script = format!("filter = require(\"auditweir\").new({})", options(setup));
        let hook = format!(
            "function(event, emit) if event.log.message == {END:?} then filter:finish(emit) \
             else filter:process(event, emit) end end"
        );
        let lines = [input, b"\n", END.as_bytes(), b"\n"].concat();
        let ran = script_run(&[], &script, &hook, &lines);
        if !ran.loaded {
            return Err(ran.stderr);
        }
        if ran.figures()["errors"] != 0 {
            return Err(ran.stderr);
        }
        let core = Library.run(setup, input)?;
        if core.stdout != ran.stdout {
            return Err(format!("not what the core writes:\n{}", ran.text()));
        }
        Ok(Output { stdout: ran.stdout, said: ran.stderr.into_bytes(), counts: None })
    }
}

#[test]
fn cases() {
    super::run(&mut Lua54);
}

const EVENT: &str = r#"{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"RequestResponse","auditID":"1","stage":"ResponseComplete","verb":"create","user":{"username":"u"},"objectRef":{"resource":"secrets","namespace":"d","name":"n","apiVersion":"v1"},"requestObject":{"kind":"Secret","data":{"p":"aHVudGVyMg=="}}}"#;

/// All cases whose lines are JSON objects, parsed before: what Vector's tables keep of a line must
/// give what the core gives for it, and no secret may come out.
#[test]
fn parsed_events_are_what_the_library_makes_of_what_is_left() {
    let mut compared = 0;
    for file in auditweir_tests::cases() {
        for case in file.cases.iter().filter(|case| !case.pending) {
            let input = file.input(case).unwrap();
            let policy = file.policy(case);
            let setup = auditweir_tests::case::CaseFile::setup(case, policy.as_deref());
            let mut left = Vec::new();
            let mut lines = Vec::new();
            for line in input.split(|byte| *byte == b'\n') {
                let Ok(value @ Value::Object(_)) = serde_json::from_slice(line) else { continue };
                // A raw line under `message` goes the other way.
                if value.get("message").is_some() {
                    continue;
                }
                if let Some(value) = as_left(&value) {
                    lines.extend_from_slice(line);
                    lines.push(b'\n');
                    serde_json::to_writer(&mut left, &value).unwrap();
                    left.push(b'\n');
                }
            }
            if lines.is_empty() {
                continue;
            }
            let ran = run(&["--parsed"], &options(&setup), &lines);
            let core = Library.run(&setup, &left).unwrap();
            let title = format!("{}: {}", file.file, case.name);
            let expected = String::from_utf8_lossy(&core.stdout);
            if expected.contains("line-too-long") {
                // Writing stops at the limit, so the size in the stub, and its id, are others.
                assert!(ran.text().contains("line-too-long"), "{title}: {}", ran.text());
                continue;
            }
            assert_eq!(ran.text(), expected, "{title}\n{}", ran.stderr);
            compared += 1;
        }
    }
    eprintln!("{compared} cases compared");
    assert!(compared > 50, "{compared}");
}

/// What a table of Vector's keeps: sorted members, null as "", [] as {}. None where a number does
/// not survive or a name is not text that JSON and Lua have in common.
fn as_left(value: &Value) -> Option<Value> {
    Some(match value {
        Value::Null => "".into(),
        Value::Array(items) if items.is_empty() => Value::Object(serde_json::Map::new()),
        Value::Array(items) => items.iter().map(as_left).collect::<Option<Vec<_>>>()?.into(),
        Value::Object(members) => {
            let mut left = serde_json::Map::new();
            for (name, value) in members {
                left.insert(name.clone(), as_left(value)?);
            }
            left.sort_keys();
            Value::Object(left)
        }
        Value::Number(n) => n.as_i64()?.into(),
        other => other.clone(),
    })
}

#[test]
fn members_of_the_host_are_carried_and_no_others() {
    let ran = run(&["--whole"], "{}", format!("{EVENT}\n\n").as_bytes());
    let lines: Vec<Value> =
        ran.text().lines().map(|line| serde_json::from_str(line).unwrap()).collect();
    assert_eq!(lines.len(), 1, "a blank line gives nothing: {}", ran.text());
    let names: Vec<_> = lines[0].as_object().unwrap().keys().map(String::as_str).collect();
    assert_eq!(names, ["file", "host", "message", "source_type", "timestamp"]);
    assert_eq!(lines[0]["timestamp"]["nanosec"], 123_456_000);
    assert!(!ran.text().contains("aHVudGVyMg"), "{}", ran.text());
    let ran = run(&["--whole", "--parsed"], "{}", EVENT.as_bytes());
    let line: Value = serde_json::from_str(&ran.text()).unwrap();
    assert_eq!(line.as_object().unwrap().len(), 1, "{line}");
    assert!(!ran.text().contains("aHVudGVyMg"), "{}", ran.text());
    // A raw line beside what was parsed from it.
    let ran = script_run(
        &["--whole", "--parsed"],
        "filter = require('auditweir').new()",
        "function(event, emit) event.log.message = '{}' filter:process(event, emit) end",
        EVENT.as_bytes(),
    );
    assert!(!ran.text().contains("aHVudGVyMg"), "{}", ran.text());
}

/// Every failure is a stub or a constant text, and the next event is served.
#[test]
fn failures_are_stubs_and_the_next_event_is_served() {
    let script = r#"
        filter = require("auditweir").new()
        local function log(table) return { log = table } end
        local loop = {} loop.a = loop
        local wide = "x" for _ = 1, 40 do wide = { wide, wide } end
        events = {
          { "lua-type", nil }, { "lua-type", 5 }, { "lua-type", {} }, { "lua-type", { metric = { name = "hunter2" } } },
          { "lua-type", log("hunter2") },
          { "lua-type", log({ kind = "Event", f = print, p = "hunter2" }) },
          { "lua-key", log({ kind = "Event", [1.5] = "hunter2" }) },
          { "lua-key", log({ "hunter2", kind = "Event" }) },
          { "lua-too-deep", log(loop) },
          { "line-too-long", log({ a = wide }) },
          { "stub", log(setmetatable({}, { __index = function() error("hunter2") end, __pairs = error })) },
          { "stub", log({ message = 5 }) },
          { "stub", log({ message = "\xff\0hunter2" }) },
          { '"auditID":"9"', log({ kind = "Event", auditID = "9", verb = "get", user = { username = "u" } }) },
        }
        function process(event, emit)
          for _, pair in ipairs(events) do
            local got = {}
            local ok, why = pcall(filter.process, filter, pair[2], function(event) got[#got + 1] = event.log.message end)
            local text = table.concat(got)
            emit({ log = { message = tostring(ok and #got == 1 and text:find(pair[1], 1, true) ~= nil) .. " " .. pair[1] .. " " .. text .. tostring(why) } })
          end
        end
    "#;
    let ran = script_run(&[], script, "process", b"go");
    assert_eq!(ran.text().lines().count(), 14, "{}{}", ran.text(), ran.stderr);
    for line in ran.text().lines() {
        assert!(line.starts_with("true "), "{line}");
        assert!(!line.contains("hunter2"), "{line}");
    }
}

#[test]
fn a_host_that_takes_nothing_gets_a_constant_error() {
    let script = r#"
        filter = require("auditweir").new()
        function process(event, emit)
          if event.log.message == "count" then
            return emit({ log = { message = "not taken " .. filter:stats().notTaken } })
          end
          filter:process(event, function() error("hunter2") end)
        end
    "#;
    let ran = script_run(&[], script, "process", format!("{EVENT}\ncount\n").as_bytes());
    assert_eq!(ran.text(), "not taken 1\n", "{}", ran.stderr);
    assert!(ran.stderr.contains("auditweir: the host did not take an event"), "{}", ran.stderr);
    assert!(!ran.stderr.contains("hunter2") && !ran.stderr.contains("aHVu"), "{}", ran.stderr);
}

#[test]
fn wrong_settings_keep_it_from_loading() {
    for (options, part) in [
        (r#"{ format = "json" }"#, "format: `json` is none of `native`, `ecs`"),
        (r#"{ polcy = "" }"#, "unknown option `polcy`"),
        (r#"{ policy = "version: 1\nwrong: 2" }"#, "policy:2:1"),
        (r#"{ policy_file = "/nowhere/policy.yaml" }"#, "/nowhere/policy.yaml"),
        (r#"{ policy = "", policy_file = "/x" }"#, "only one"),
        (r"{ policy = {} }", "policy: a string is needed, not a table"),
        (r#"{ pseudonym_key = "hunter2" }"#, "at least 16 bytes"),
        (r#"{ pseudonym_key_file = "/dev/null" }"#, "at least 16 bytes"),
        (r"{ message_key = 5 }", "message_key: a name"),
        (r"7", "options are a table"),
    ] {
        let ran = run(&[], options, b"");
        assert!(!ran.loaded && ran.stderr.contains(part), "{options}: {}", ran.stderr);
        assert!(!ran.stderr.contains("hunter2"), "{options}: {}", ran.stderr);
    }
}

#[test]
fn statistics_are_one_object() {
    let script = format!("filter = require(\"auditweir\").new({})", options(&super::agree::SETUP));
    let hook = "function(event, emit) if event.log.message == \"stats\" then \
         emit({ log = filter:stats() }) else filter:process(event, emit) end end";
    let input = format!("{}\nstats\n", super::agree::INPUT);
    let ran = script_run(&[], &script, hook, input.as_bytes());
    let text = ran.text();
    let stats = text.lines().last().and_then(|line| serde_json::from_str(line).ok());
    super::agree::compare("Lua 5.4", &stats.unwrap_or_else(|| panic!("{text}{}", ran.stderr)));
}

#[test]
fn drops_emit_nothing_and_are_counted() {
    // The case files say what drops; here that it is counted, and the counters reach Vector.
    let dropped = auditweir_tests::cases().into_iter().find_map(|file| {
        let case = file.cases.iter().find(|case| {
            let counts = case.expect.verdict.as_ref();
            case.policy.is_some() && counts.and_then(|counts| counts.dropped) > Some(0)
        })?;
        Some((file.policy(case)?, file.input(case).ok()?, case.expect.lines))
    });
    let (policy, input, lines) = dropped.expect("a case that drops");
    let script = format!(
        "filter = require('auditweir').new({{ policy = {} }})\n\
         function process(event, emit) filter:process(event, emit) filter:metrics(emit) end",
        quoted(policy.as_bytes())
    );
    let ran = script_run(&[], &script, "process", &input);
    let text = ran.text();
    assert!(text.contains(r#""name":"dropped_total""#), "{text}{}", ran.stderr);
    assert!(text.contains(r#""reason":"#), "{text}");
    let logs = text.lines().filter(|line| !line.starts_with(r#"{"metric""#)).count();
    assert_eq!(logs, lines, "{text}");
}

const CONFIGURATIONS: [&str; 4] = ["elasticsearch", "alerts", "http", "console"];

fn configuration(name: &str) -> String {
    let path = here("../integrations/vector").join(name).with_extension("yaml");
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

/// The script of each configuration does what its own `tests` expect, in the host that stands for
/// Vector.
#[test]
fn configured_scripts_run() {
    for name in CONFIGURATIONS.into_iter().chain(["try"]) {
        let text = configuration(name);
        let (_, rest) = text.split_once("    source: |\n      package.cpath").expect(name);
        let (script, rest) = rest.split_once("    hooks:\n      process: process\n").expect(name);
        assert!(rest.contains("\ntests:\n") || name == "try", "{name}");
        let script = format!("package.cpath{script}");
        let ran = script_run(
            &["--whole"],
            &script,
            "process",
            format!("{EVENT}\nx=hunter2\n \n").as_bytes(),
        );
        assert_eq!(ran.text().lines().count(), 2, "{name}: {}{}", ran.text(), ran.stderr);
        assert!(ran.text().contains("secret-values"), "{name}: {}", ran.text());
        assert!(ran.text().contains("json-expected-value"), "{name}: {}", ran.text());
        for secret in ["aHVudGVyMg", "hunter2"] {
            assert!(!ran.text().contains(secret) && !ran.stderr.contains(secret), "{name}");
        }
        if script.contains("function counters") {
            let ran = script_run(
                &["--whole"],
                &script,
                "function(_, emit) filter.weir:line('x') counters(emit) end",
                b"x",
            );
            assert!(
                ran.text().contains(r#""name":"rejected_total""#),
                "{name}: {}{}",
                ran.text(),
                ran.stderr
            );
        }
    }
}

/// `vector validate` and `vector test` on the configurations as they are, but for paths.
#[test]
fn vector_takes_the_configurations() {
    let Some(vector) = super::vector::binary() else { return };
    let folder = env::temp_dir().join(format!("auditweir-vector-{}", std::process::id()));
    fs::create_dir_all(folder.join("data")).unwrap();
    let modules = ready().modules.display().to_string();
    for name in CONFIGURATIONS.into_iter().chain(["exec", "try"]) {
        let text = configuration(name)
            .replace("/usr/lib/vector", &modules)
            .replace("./target/lua/", &format!("{modules}/"))
            .replace("data_dir: /var/lib/vector", &format!("data_dir: {}/data", folder.display()))
            // The certificate is the user's.
            .replace("ca_file: /etc/vector/ca.crt, ", "");
        let file = folder.join(name).with_extension("yaml");
        fs::write(&file, &text).unwrap();
        let mut runs = vec![vec!["validate", "--no-environment"]];
        if text.contains("\ntests:\n") {
            runs.push(vec!["test"]);
        }
        for arguments in runs {
            let output = Command::new(&vector).args(&arguments).arg(&file).output().unwrap();
            assert!(
                output.status.success(),
                "vector {} {name}.yaml: {}{}",
                arguments.join(" "),
                String::from_utf8_lossy(&output.stdout),
                String::from_utf8_lossy(&output.stderr)
            );
        }
    }
    _ = fs::remove_dir_all(&folder);
}

/// 100,000 events, memory of the first tenth against the end; run with `--ignored`.
#[test]
#[ignore = "a minute; prints events per second"]
fn memory_stays_flat() {
    let lines = fs::read_to_string(here("corpora/openshift-clo/audit_in.log")).unwrap();
    let count = lines.lines().count();
    let repeat = 100_000_usize.div_ceil(count).to_string();
    let bytes = lines.len() / count;
    let by_hand = "function process(event, emit) emit(event) end";
    let delete = "function(event, emit)\n\
        local o = event.log.objectRef\n\
        if o and o.resource == 'secrets' then\n\
          for _, k in ipairs({ 'requestObject', 'responseObject' }) do\n\
            local b = event.log[k] if b then b.data = nil b.stringData = nil end\n\
          end\n\
        end\n\
        emit(event) end";
    let routes = [
        ("raw lines", run(&["--repeat", &repeat], "{ format = 'ecs' }", lines.as_bytes())),
        ("parsed", run(&["--parsed", "--repeat", &repeat], "{}", lines.as_bytes())),
        ("nothing, raw", script_run(&["--repeat", &repeat], by_hand, "process", lines.as_bytes())),
        (
            "delete Secret data, parsed",
            script_run(&["--parsed", "--repeat", &repeat], "", delete, lines.as_bytes()),
        ),
    ];
    for (name, ran) in routes {
        let figures = ran.figures();
        eprintln!("{name}, {bytes} bytes a line: {figures}");
        let rss = &figures["rssKiB"];
        let (warm, end) = (rss["warm"].as_u64().unwrap(), rss["end"].as_u64().unwrap());
        assert!(end < warm + 8192, "{name}: {figures}");
    }
}
