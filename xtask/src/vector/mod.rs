//! `vector`: what a real Vector takes for auditweir and for its rivals, in processor time and memory.
//!
//! The same lines go from standard input into a sink that forgets them: with nothing between, with a
//! `lua` transform that does nothing, with `parse_json`, with auditweir, with the VRL program of
//! `benches/vrl`. All of it several times in turn; medians are told and written into
//! `docs/performance.md`; `bench-report --render` takes them from `target/bench-report/vector.md`.

#![expect(clippy::cast_precision_loss, reason = "KiB, far below 2^52")]

mod live;
mod run;

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use crate::bench_report::{folder, section};
use crate::fluent_bit::{cargo, median, with_log};
use crate::{Result, root};

/// Runs of each route.
const RUNS: usize = 3;

/// A transform between the source and the sink, in Vector's YAML.
struct Route {
    name: &'static str,
    transform: Option<String>,
}

struct Place {
    binary: PathBuf,
    folder: PathBuf,
}

/// What others cost is told against the first, and as a multiple of the second: what Vector asks of
/// anything that is written in Lua.
fn routes(place: &Place) -> Vec<Route> {
    let lua = |setup: &str, process: &str| {
        format!(
            "    type: lua\n    version: '2'\n    source: |\n      {setup}\n      \
             function process(event, emit) {process} end\n    hooks: {{ process: process }}\n"
        )
    };
    let native = |format: &str| {
        let setup = format!(
            "package.cpath = \"{}/?.so;\" .. package.cpath\n      \
             filter = require(\"auditweir\").new({{ format = \"{format}\" }})",
            place.folder.display()
        );
        lua(&setup, "filter:process(event, emit)")
    };
    let remap = |program: &str| format!("    type: remap\n    {program}\n");
    let audit = root().join("benches/vrl/audit.vrl");
    let route = |name, transform| Route { name, transform: Some(transform) };
    vec![
        Route { name: "nothing", transform: None },
        route("a Lua transform that does nothing", lua("", "emit(event)")),
        route("`parse_json` alone", remap("source: '. = object!(parse_json!(.message))'")),
        route("**auditweir, native**", native("native")),
        route("**auditweir, ecs**", native("ecs")),
        route("the VRL program", remap(&format!("file: {}", audit.display()))),
    ]
}

/// The module, and a log of this many lines.
fn prepare(events: usize) -> Result<Place> {
    let binary = std::env::var_os("VECTOR").ok_or("VECTOR does not name the program")?;
    cargo(&["build", "--quiet", "--release", "--package", "auditweir-lua"])?;
    let folder = with_log("vector", events)?;
    fs::create_dir(folder.join("data"))?;
    let module = root().join("target/release/libauditweir_lua.so");
    fs::copy(module, folder.join("auditweir.so"))?;
    Ok(Place { binary: binary.into(), folder })
}

fn version(binary: &Path) -> Result<String> {
    let output = Command::new(binary).arg("--version").output()?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let words: Vec<&str> = text.split_whitespace().take(2).collect();
    Ok(words.join(" ").replacen("vector", "Vector", 1))
}

pub(crate) fn run(options: &[&str]) -> Result<()> {
    if let [first, rest @ ..] = options
        && *first == "live"
    {
        return live::run(rest);
    }
    let events = match options {
        [] => 100_000,
        [number] => number.parse::<usize>()?,
        _ => return Err("vector [EVENTS], vector live [MINUTES]".into()),
    };
    let place = prepare(events)?;
    let bytes = fs::metadata(place.folder.join("audit.log"))?.len();
    let routes = routes(&place);
    let mut runs: Vec<Vec<run::Figures>> = routes.iter().map(|_| Vec::new()).collect();
    for route in &routes {
        run::count(&place, route, events)?;
    }
    for _ in 0..RUNS {
        for (route, runs) in routes.iter().zip(&mut runs) {
            let figures = run::once(&place, route)?;
            println!(
                "{:36} {:6.2} s of processor, {:6.2} s, {} KiB at most",
                route.name, figures.seconds, figures.wall, figures.peak
            );
            runs.push(figures);
        }
    }
    let text = table(&place, &routes, &runs, events, bytes)?;
    print!("{text}");
    fs::write(folder("vector.md"), &text)?;
    section("## In Vector", &text)?;
    // The log is large, and made again next time.
    fs::remove_dir_all(&place.folder)?;
    Ok(())
}

fn table(
    place: &Place,
    routes: &[Route],
    runs: &[Vec<run::Figures>],
    events: usize,
    bytes: u64,
) -> Result<String> {
    let mut text = String::from("## In Vector\n\n");
    writeln!(
        text,
        "{}: {events} events, {} bytes on average (input mix), from standard input through the transform \
         into a `blackhole` sink. Before, each wrote all of them to a console, and they were counted. Processor time of the whole \
         process, median of {RUNS} runs in turn. Overhead is against the first row; the multiple is of the \
         processor time of a `lua` transform that hands on the event, the second row. \
         The module takes and gives text; the VRL program ([audit.vrl](../benches/vrl/audit.vrl)) leaves an \
         event of fields, and does less.\n\n\
         | transform | processor, s | µs per event | overhead, µs | times the idle Lua | peak RSS, MiB |\n\
         |---|---:|---:|---:|---:|---:|",
        version(&place.binary)?,
        bytes / events as u64,
    )?;
    let (mut base, mut idle) = (0.0, 0.0);
    for (number, (route, runs)) in routes.iter().zip(runs).enumerate() {
        let figure =
            |get: fn(&run::Figures) -> f64| median(&mut runs.iter().map(get).collect::<Vec<f64>>());
        let seconds = figure(|figures| figures.seconds);
        let each = seconds * 1e6 / events as f64;
        match number {
            0 => base = each,
            1 => idle = each,
            _ => {}
        }
        let more = if number == 0 {
            "– | –".to_owned()
        } else {
            format!("{:.1} | {:.2}", each - base, each / idle)
        };
        let peak = figure(|figures| figures.peak as f64) / 1024.0;
        writeln!(text, "| {} | {seconds:.2} | {each:.1} | {more} | {peak:.0} |", route.name)?;
    }
    text.push_str("\nCommand: `VECTOR=/path/to/vector cargo xtask vector`\n");
    Ok(text)
}
