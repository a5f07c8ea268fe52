//! `fluent-bit`: what each route through a real Fluent Bit costs, in processor time and memory.
//!
//! The same log goes through Fluent Bit without a filter, with auditweir in each of its three ways,
//! and with a filter written by hand that only takes the values of Secrets out. The sink counts
//! records and does nothing else. All of it several times in turn; medians are told, and written into
//! `docs/performance.md`. Results stay in `target/bench-report/fluent-bit.txt`, too, from which
//! `bench-report --render` writes the section.

#![expect(clippy::cast_precision_loss, reason = "KiB, far below 2^52")]

mod run;

pub(crate) use run::{resident, seconds};

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::bench_report::{folder, routes_table, section};
use crate::{Result, root};

/// Fluent Bit's memory for data, by `ulimit -d`; the program itself and its files come on top.
pub(crate) const LIMIT_KIB: u64 = 256 << 10;
/// Runs of each route.
const RUNS: usize = 3;

/// A way of processing: what tail does, and the filters behind it.
struct Route {
    name: &'static str,
    /// Whether tail makes fields of the line.
    parsed: bool,
    filters: String,
    /// Whether they are processors of the input, which then has a thread of its own.
    processor: bool,
}

/// What has to be there: the program, the library as a plugin, the module, the scripts.
struct Place {
    binary: PathBuf,
    folder: PathBuf,
}

impl Place {
    fn path(&self, name: &str) -> String {
        self.folder.join(name).display().to_string()
    }
}

/// The first has no filter: what others cost is told against it. The second is what Fluent Bit itself
/// takes to make fields of the line.
fn routes(place: &Place) -> Vec<Route> {
    let script = |path: &str| root().join(path).display().to_string();
    let route = |name, parsed, filters| Route { name, parsed, filters, processor: false };
    let native =
        |options: &str| format!("    - {{ name: auditweir, match: '*', format: {options} }}\n");
    vec![
        route("no filter, lines", false, String::new()),
        route(PARSER, true, String::new()),
        route("auditweir, native", false, native("native")),
        route("auditweir, native as text", false, native("native, text_key: log")),
        route("auditweir, ecs", false, native("ecs")),
        route("auditweir, ecs as text", false, native("ecs, text_key: log")),
        Route {
            name: "auditweir, ecs, processor of a threaded input",
            parsed: false,
            filters: "          - { name: auditweir, format: ecs }\n".into(),
            processor: true,
        },
        route(
            "auditweir, ecs by Lua",
            false,
            format!(
                "    - {{ name: lua, match: '*', call: auditweir, script: {} }}\n    \
                 - {{ name: parser, match: '*', key_name: log, parser: audit }}\n",
                script("integrations/fluent-bit/lua/auditweir.lua")
            ),
        ),
        route(
            WASM,
            false,
            format!(
                "    - {{ name: wasm, match: '*', function_name: auditweir_ecs, \
                 wasm_path: {}, accessible_paths: {}, wasm_stack_size: 256k }}\n",
                place.path("auditweir-fluentbit.wasm"),
                place.path("empty")
            ),
        ),
        route(
            "by hand, Lua, after the parser",
            true,
            format!(
                "    - {{ name: lua, match: '*', call: strip_secrets, script: {} }}\n",
                script("benches/fluent-bit/secrets.lua")
            ),
        ),
    ]
}

/// Fluent Bit's own way to fields.
pub(crate) const PARSER: &str = "no filter, Fluent Bit's JSON parser";
const WASM: &str = "auditweir, ecs by WebAssembly";

/// Builds with cargo and returns what the command wrote.
pub(crate) fn cargo(arguments: &[&str]) -> Result<Vec<u8>> {
    let output = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()))
        .current_dir(root())
        .args(arguments)
        .stderr(std::process::Stdio::inherit())
        .output()?;
    if !output.status.success() {
        return Err(format!("cargo {}: {}", arguments.join(" "), output.status).into());
    }
    Ok(output.stdout)
}

/// A new folder with `audit.log`: so many lines of the input that is measured with.
pub(crate) fn with_log(name: &str, events: usize) -> Result<PathBuf> {
    let lines = cargo(&[
        "run",
        "--quiet",
        "--package",
        "auditweir-benches",
        "--no-default-features",
        "--profile",
        "bench",
        "--bin",
        "once",
        "lines",
        "mix",
    ])?;
    let folder = folder(name);
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let mut log = Vec::new();
    for line in lines.split_inclusive(|byte| *byte == b'\n').cycle().take(events) {
        log.extend_from_slice(line);
    }
    fs::write(folder.join("audit.log"), log)?;
    Ok(folder)
}

/// Puts everything into one folder; the log has `events` lines.
fn prepare(events: usize, wasm: bool) -> Result<Place> {
    let binary = std::env::var_os("FLUENT_BIT").ok_or("FLUENT_BIT does not name the program")?;
    cargo(&["build", "--quiet", "--release", "--package", "auditweir-ffi"])?;
    if wasm {
        cargo(&["run", "--quiet", "--package", "auditweir-wasm-pack"])?;
    }
    let folder = with_log("fluent-bit", events)?;
    fs::create_dir(folder.join("empty"))?;
    let target = root().join("target");
    let library = target.join("release/libauditweir.so");
    fs::copy(&library, folder.join("flb-filter_auditweir.so"))?;
    if wasm {
        let module = "auditweir-fluentbit.wasm";
        fs::copy(target.join("wasm-artifacts").join(module), folder.join(module))?;
    }
    Ok(Place { binary: binary.into(), folder })
}

/// What the program says it is.
fn version(binary: &Path) -> Result<String> {
    let output = Command::new(binary).arg("--version").output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    Ok(text.lines().next().unwrap_or_default().to_owned())
}

pub(crate) fn median(values: &mut [f64]) -> f64 {
    values.sort_by(f64::total_cmp);
    values[values.len() / 2]
}

pub(crate) fn run(options: &[&str]) -> Result<()> {
    let (mut events, mut wasm) = (100_000, true);
    for option in options {
        match *option {
            "--no-wasm" => wasm = false,
            number => events = number.parse::<usize>()?,
        }
    }
    let place = prepare(events, wasm)?;
    let bytes = fs::metadata(place.folder.join("audit.log"))?.len();
    let mut routes = routes(&place);
    routes.retain(|route| wasm || route.name != WASM);
    let mut runs: Vec<Vec<run::Figures>> = routes.iter().map(|_| Vec::new()).collect();
    for _ in 0..RUNS {
        for (route, runs) in routes.iter().zip(&mut runs) {
            let figures = run::once(&place, route, events)?;
            println!(
                "{:46} {:6.2} s of processor, {:.0} % busy, {} KiB at a quarter, {} at the end, {} at most",
                route.name,
                figures.seconds,
                figures.busy * 100.0,
                figures.quarter,
                figures.end,
                figures.peak
            );
            runs.push(figures);
        }
    }
    let mut text = format!("{} | {events} | {bytes} | {LIMIT_KIB}\n", version(&place.binary)?);
    for (route, runs) in routes.iter().zip(&runs) {
        let figure =
            |get: fn(&run::Figures) -> f64| median(&mut runs.iter().map(get).collect::<Vec<f64>>());
        writeln!(
            text,
            "{} | {:.3} | {:.2} | {:.0} | {:.0} | {:.0}",
            route.name,
            figure(|figures| figures.seconds),
            figure(|figures| figures.busy),
            figure(|figures| figures.quarter as f64),
            figure(|figures| figures.end as f64),
            figure(|figures| figures.peak as f64),
        )?;
    }
    print!("{text}");
    fs::write(folder("fluent-bit.txt"), &text)?;
    if wasm {
        section("## In Fluent Bit", &routes_table(&text)?)?;
    }
    // The log is large, and made again next time.
    fs::remove_dir_all(&place.folder)?;
    Ok(())
}
