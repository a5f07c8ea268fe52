//! What a host shell costs over the core, on events of about 2 KB: `Filter::apply` beside
//! `auditweir_filter_apply` of `libauditweir.so`, opened as a host opens it.
//!
//! Two parts. criterion's rows give the time per round; they are taken one after the other, so
//! weather on the machine shows in their ratio. After them both sides are timed in turn, round by
//! round, and one line per format says how they compare:
//! `shell c-abi FORMAT EVENTS NS_CORE NS_SHELL RATIO`, nanoseconds per event, median of the rounds
//! of each side and median of the ratios of neighbouring rounds.
#![allow(unsafe_code, reason = "calls C functions")]

use std::env;
use std::hint::black_box;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::ptr;
use std::slice;
use std::time::Instant;

use auditweir::Format;
use auditweir_benches::engines::{Auditweir, Engine};
use auditweir_benches::{inputs, round};
use bytes::Bytes;
use criterion::{BenchmarkId, Criterion, Throughput};
use libloading::Library;

/// Builds the library as this benchmark was built and returns its path.
fn library() -> PathBuf {
    // target/release/deps/shells-HASH, also under the profile `bench`.
    let exe = env::current_exe().expect("own path");
    let folder = exe.parent().and_then(Path::parent).expect("target folder");
    let status = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
        .args(["build", "--quiet", "--package", "auditweir-ffi", "--lib", "--profile", "bench"])
        .arg("--target-dir")
        .arg(folder.parent().expect("target folder"))
        .status()
        .expect("cargo");
    assert!(status.success(), "auditweir-ffi does not build");
    folder.join("libauditweir.so")
}

type Handle = *mut u8;
type PolicyDefault = unsafe extern "C" fn(*mut Handle) -> i32;
type FilterNew = unsafe extern "C" fn(Handle, i32, *mut Handle) -> i32;
type Apply =
    unsafe extern "C" fn(Handle, *const u8, usize, *mut *const u8, *mut usize, *mut u8) -> i32;
type Free = unsafe extern "C" fn(Handle);

/// A filter behind the C ABI. Like any host it hands on what it is lent: one copy per event.
struct CApi {
    filter: Handle,
    apply: Apply,
    free: Free,
    /// Keeps the code behind the pointers loaded; dropped after [`Drop::drop`].
    _library: Library,
}

impl CApi {
    fn new(path: &Path, format: Format) -> Self {
        let format = i32::from(matches!(format, Format::Ecs));
        // SAFETY: the library just built; signatures as in auditweir.h; every pointer lives as
        // long as its call.
        unsafe {
            let library = Library::new(path).expect("libauditweir.so");
            let policy_default: PolicyDefault = *library.get(b"auditweir_policy_default").unwrap();
            let policy_free: Free = *library.get(b"auditweir_policy_free").unwrap();
            let new: FilterNew = *library.get(b"auditweir_filter_new").unwrap();
            let apply: Apply = *library.get(b"auditweir_filter_apply").unwrap();
            let free: Free = *library.get(b"auditweir_filter_free").unwrap();
            let (mut policy, mut filter) = (ptr::null_mut(), ptr::null_mut());
            assert_eq!(policy_default(&raw mut policy), 0, "policy");
            assert_eq!(new(policy, format, &raw mut filter), 0, "filter");
            policy_free(policy);
            Self { filter, apply, free, _library: library }
        }
    }
}

impl Drop for CApi {
    fn drop(&mut self) {
        // SAFETY: made by `auditweir_filter_new`, freed here alone.
        unsafe { (self.free)(self.filter) }
    }
}

impl Engine for CApi {
    fn name(&self) -> &'static str {
        "c-abi"
    }

    fn line(&mut self, line: &Bytes, out: &mut Vec<u8>) {
        let (mut data, mut len) = (ptr::null(), 0);
        // SAFETY: the line lives as long as the call, the output until the next one.
        unsafe {
            let verdict = ptr::null_mut();
            let (from, size) = (line.as_ptr(), line.len());
            let status =
                (self.apply)(self.filter, from, size, &raw mut data, &raw mut len, verdict);
            assert_eq!(status, 0, "apply");
            out.extend_from_slice(slice::from_raw_parts(data, len));
        }
    }
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

/// Rounds of each side, in turn.
const ROUNDS: usize = 401;

fn compare(name: &str, input: &inputs::Input, core: &mut dyn Engine, shell: &mut dyn Engine) {
    // Long enough for the clock, short enough that neighbours meet the same weather.
    const REPEAT: usize = 8;
    let mut out = Vec::new();
    let mut time = |engine: &mut dyn Engine| {
        let start = Instant::now();
        for _ in 0..REPEAT {
            round(engine, input, &mut out);
        }
        start.elapsed().as_secs_f64() * 1e9 / (REPEAT * input.lines.len()) as f64
    };
    let (mut cores, mut shells, mut ratios) = (Vec::new(), Vec::new(), Vec::new());
    for number in 0..ROUNDS {
        // Each goes first half of the time.
        let (one, other) = if number % 2 == 0 {
            let one = time(core);
            (one, time(shell))
        } else {
            let other = time(shell);
            (time(core), other)
        };
        cores.push(one);
        shells.push(other);
        ratios.push(other / one);
    }
    println!(
        "shell {} {name} {} {:.0} {:.0} {:.4}",
        shell.name(),
        input.lines.len(),
        median(&mut cores),
        median(&mut shells),
        median(&mut ratios)
    );
}

fn main() {
    let path = library();
    let input = two_kb();
    let formats = [("native", Format::Native), ("ecs", Format::Ecs)];
    let mut criterion = Criterion::default().configure_from_args();
    for (name, format) in formats {
        let mut core = Auditweir::new(format);
        let mut shell = CApi::new(&path, format);

        // The same bytes, or the times say nothing.
        let (mut ours, mut theirs) = (Vec::new(), Vec::new());
        for line in &input.lines {
            core.line(line, &mut ours);
            shell.line(line, &mut theirs);
        }
        assert!(ours == theirs && !ours.is_empty(), "{name}: core and C ABI differ");

        let mut group = criterion.benchmark_group(format!("shells-{name}"));
        group.throughput(Throughput::Elements(input.lines.len() as u64));
        let engines: [&mut dyn Engine; 2] = [&mut core, &mut shell];
        for engine in engines {
            let id = if engine.name() == "c-abi" { "c-abi" } else { "core" };
            let mut out = Vec::new();
            group.bench_function(BenchmarkId::from_parameter(id), |bencher| {
                bencher.iter(|| black_box(round(&mut *engine, &input, &mut out)));
            });
        }
        group.finish();
        compare(name, &input, &mut core, &mut shell);
    }
    criterion.final_summary();
}
