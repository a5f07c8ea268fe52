//! What each host shell costs over the core.
//!
//! `cargo bench -p auditweir-benches --no-default-features --features shells --bench shells`
//! times events of about 2 KB. Core and shell take turns, round by round, so that both meet the same
//! weather, and each is timed by the processor time of its own process. One line per shell and
//! format: `shell FORMAT EVENTS ROUNDS NS_CORE NS_SHELL RATIO NAME`, nanoseconds per event, medians
//! of the rounds of each side and of the ratios of neighbouring rounds.
//!
//! `… --bench shells -- soak CALLS [NAME]` calls each shell that often instead, with events of all
//! sizes, and prints what its process holds:
//! `soak CALLS SECONDS KIB_AFTER_A_TENTH KIB_AT_THE_END NAME`. Ends with an error if that grew by
//! more than 5 % and 1 MiB.
#![allow(unsafe_code, reason = "calls C functions")]

mod c_abi;
mod child;
mod wasm;

use std::path::{Path, PathBuf};
use std::process::{Command, ExitCode};
use std::time::Instant;
use std::{env, fs};

use auditweir::Format;
use auditweir_benches::engines::{Auditweir, Engine};
use auditweir_benches::{inputs, round};
use rustix::time::{ClockId, clock_gettime};

use c_abi::CApi;
use child::Child;
use wasm::{Wasmi, Wasmtime};

/// Something that takes all lines of an input, as often as wanted.
trait Shell {
    fn name(&self) -> &'static str;
    /// Whose memory it lives in.
    fn process(&self) -> u32 {
        std::process::id()
    }
    /// Appends what one round gives.
    fn once(&mut self, out: &mut Vec<u8>);
    /// Processor nanoseconds of this many rounds.
    fn rounds(&mut self, count: usize) -> f64;
}

/// A shell in this process, or the core, with its input.
struct Here<'a> {
    engine: Box<dyn Engine>,
    input: &'a inputs::Input,
    out: Vec<u8>,
}

impl<'a> Here<'a> {
    fn new(engine: impl Engine + 'static, input: &'a inputs::Input) -> Self {
        Self { engine: Box::new(engine), input, out: Vec::new() }
    }
}

impl Shell for Here<'_> {
    fn name(&self) -> &'static str {
        self.engine.name()
    }

    fn once(&mut self, out: &mut Vec<u8>) {
        for line in &self.input.lines {
            self.engine.line(line, out);
        }
    }

    fn rounds(&mut self, count: usize) -> f64 {
        let before = processor();
        for _ in 0..count {
            round(&mut *self.engine, self.input, &mut self.out);
        }
        processor() - before
    }
}

/// Nanoseconds that this thread has had a processor.
fn processor() -> f64 {
    let time = clock_gettime(ClockId::ThreadCPUTime);
    time.tv_sec as f64 * 1e9 + time.tv_nsec as f64
}

/// What has to be built before anything can be measured.
struct Built {
    /// Folder of `libauditweir.so`.
    libraries: PathBuf,
    /// Folder of `auditweir.so` for Lua 5.4.
    lua: PathBuf,
    /// `target/wasm-artifacts`.
    wasm: PathBuf,
}

/// Builds the libraries as this benchmark was built, and the artifacts as they are shipped.
fn build() -> Built {
    // target/release/deps/shells-HASH, also under the profile `bench`.
    let exe = env::current_exe().expect("own path");
    let libraries = exe.parent().and_then(Path::parent).expect("target folder").to_path_buf();
    let target = libraries.parent().expect("target folder").to_path_buf();
    let cargo = |arguments: &[&str]| {
        let status = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .args(arguments)
            .arg("--target-dir")
            .arg(&target)
            .status()
            .expect("cargo");
        assert!(status.success(), "cargo {}", arguments.join(" "));
    };
    cargo(&["build", "--quiet", "--package", "auditweir-ffi", "--lib", "--profile", "bench"]);
    cargo(&["build", "--quiet", "--package", "auditweir-lua", "--lib", "--profile", "bench"]);
    cargo(&["run", "--quiet", "--package", "auditweir-wasm-pack"]);
    let lua = libraries.join("lua5.4");
    fs::create_dir_all(&lua).expect("folder for the module");
    fs::copy(libraries.join("libauditweir_lua.so"), lua.join("auditweir.so")).expect("module");
    Built { libraries, lua, wasm: target.join("wasm-artifacts") }
}

/// The shells, each made when it is asked for; those whose program is missing are none.
const SHELLS: [&str; 7] =
    ["C ABI", "LuaJIT", "Lua 5.4", "wasmtime", "wasmtime, SIMD", "wasmi", "Node"];

fn shell<'a>(
    name: &'static str,
    built: &Built,
    input: &'a inputs::Input,
    format: Format,
) -> Option<Box<dyn Shell + 'a>> {
    let library = built.libraries.join("libauditweir.so");
    let wasm = |file: &str| fs::read(built.wasm.join(file)).expect("artifact");
    Some(match name {
        "C ABI" => Box::new(Here::new(CApi::new(&library, format), input)),
        "LuaJIT" => {
            let script = Path::new(env!("CARGO_MANIFEST_DIR"))
                .join("../integrations/fluent-bit/lua/auditweir.lua");
            let text = if matches!(format, Format::Ecs) { "ecs" } else { "native" };
            let envs = [
                ("AUDITWEIR_SCRIPT", script.as_os_str()),
                ("AUDITWEIR_LIBRARY", library.as_os_str()),
                ("AUDITWEIR_FORMAT", text.as_ref()),
            ];
            Box::new(Child::start(name, "luajit", "luajit.lua", input, format, &envs)?)
        }
        "Lua 5.4" => {
            let path = built.lua.join("?.so");
            let envs = [("LUA_CPATH_5_4", path.as_os_str())];
            Box::new(Child::start(name, "lua5.4", "lua54.lua", input, format, &envs)?)
        }
        "wasmtime" => {
            Box::new(Here::new(Wasmtime::new(name, &wasm("auditweir.wasm"), format), input))
        }
        "wasmtime, SIMD" => {
            Box::new(Here::new(Wasmtime::new(name, &wasm("auditweir-simd.wasm"), format), input))
        }
        "wasmi" => Box::new(Here::new(Wasmi::new(name, &wasm("auditweir.wasm"), format), input)),
        "Node" => {
            let package = built.wasm.join("npm/node/auditweir.js");
            let envs = [("AUDITWEIR_PACKAGE", package.as_os_str())];
            Box::new(Child::start(name, "node", "node.cjs", input, format, &envs)?)
        }
        _ => return None,
    })
}

/// Events of the corpus that are about 2 KB long.
fn two_kb() -> inputs::Input {
    let mut lines = inputs::request_response().lines;
    lines.extend(inputs::metadata().lines);
    lines.retain(|line| (1536..=2560).contains(&line.len()));
    assert!(lines.len() > 10, "the corpus has {} events of 2 KB", lines.len());
    inputs::Input { name: "two-kb", lines }
}

fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

/// Processor nanoseconds for one shell, and the rounds that fit into them.
const BUDGET: f64 = 12e9;

fn compare(name: &str, events: usize, core: &mut dyn Shell, shell: &mut dyn Shell) {
    // Long enough for the clocks, short enough that neighbours meet the same weather.
    const REPEAT: usize = 8;
    // Also what warms both up; compilers of the child's language need more than one round.
    let mut both = 0.0;
    for _ in 0..4 {
        both = core.rounds(REPEAT) + shell.rounds(REPEAT);
    }
    let turns = ((BUDGET / both) as usize).clamp(9, 401) | 1;
    let each = |shell: &mut dyn Shell| shell.rounds(REPEAT) / (REPEAT * events) as f64;
    let (mut cores, mut shells, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for turn in 0..turns {
        // Each goes first half of the time.
        let (one, other) = if turn % 2 == 0 {
            let one = each(core);
            (one, each(shell))
        } else {
            let other = each(shell);
            (each(core), other)
        };
        cores.push(one);
        shells.push(other);
        ratios.push(other / one);
    }
    println!(
        "shell {name} {events} {turns} {:.0} {:.0} {:.4} {}",
        median(&mut cores),
        median(&mut shells),
        median(&mut ratios),
        shell.name()
    );
}

fn times(built: &Built) {
    let input = two_kb();
    for (name, format) in [("native", Format::Native), ("ecs", Format::Ecs)] {
        let mut core = Here::new(Auditweir::new(format), &input);
        let mut ours = Vec::new();
        core.once(&mut ours);
        for which in SHELLS {
            let Some(mut shell) = shell(which, built, &input, format) else { continue };
            // The same bytes, or the times say nothing.
            let mut theirs = Vec::new();
            shell.once(&mut theirs);
            assert!(ours == theirs && !ours.is_empty(), "{name}: core and {which} differ");
            compare(name, input.lines.len(), &mut core, &mut *shell);
        }
    }
}

/// Resident memory of a process in KiB; Linux only.
fn resident(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse().ok()).unwrap_or(0)
}

fn soak(built: &Built, calls: usize, only: Option<&str>) -> ExitCode {
    let input = inputs::mix();
    let mut code = ExitCode::SUCCESS;
    for which in SHELLS {
        if only.is_some_and(|only| only != which) {
            continue;
        }
        let Some(mut shell) = shell(which, built, &input, Format::Native) else { continue };
        let start = Instant::now();
        let rounds = calls.div_ceil(input.lines.len()).max(10);
        shell.rounds(rounds / 10);
        let warm = resident(shell.process());
        shell.rounds(rounds - rounds / 10);
        let end = resident(shell.process());
        println!(
            "soak {} {:.0} {warm} {end} {which}",
            rounds * input.lines.len(),
            start.elapsed().as_secs_f64()
        );
        if end > warm + (warm / 20).max(1024) {
            eprintln!("{which}: grew from {warm} to {end} KiB");
            code = ExitCode::FAILURE;
        }
    }
    code
}

fn main() -> ExitCode {
    let arguments: Vec<String> = env::args().skip(1).filter(|text| text != "--bench").collect();
    let built = build();
    match arguments.first().map(String::as_str) {
        Some("soak") => {
            let calls = arguments.get(1).and_then(|text| text.parse().ok()).unwrap_or(10_000_000);
            soak(&built, calls, arguments.get(2).map(String::as_str))
        }
        _ => {
            times(&built);
            ExitCode::SUCCESS
        }
    }
}
