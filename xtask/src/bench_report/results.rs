//! What was measured, read back from `target/bench-report/`.

use std::collections::BTreeMap;
use std::fs;
use std::path::Path;

use serde_json::Value;

use super::measure::{Build, folder};
use crate::Result;

/// Inputs in the order of the table.
pub(crate) const INPUTS: [&str; 4] = ["metadata", "request-response", "mix", "one-mib"];

/// The engine the report is about.
pub(crate) const OURS: &str = "auditweir ecs";
/// The round trip of serde_json.
pub(crate) const SERDE: &str = "serde_json idle";
/// The round trip of sonic-rs.
pub(crate) const SONIC: &str = "sonic-rs idle";
/// The program in Vector's language.
pub(crate) const VRL: &str = "vrl program";
/// The faster skip-only pass is the floor.
pub(crate) const SKIPS: [&str; 2] = ["jiter skip", "serde_json skip"];

/// Engines in the order of the table.
pub(crate) const ENGINES: [&str; 7] =
    [OURS, "auditweir native", SERDE, SONIC, VRL, SKIPS[0], SKIPS[1]];

/// One build's run.
pub(crate) struct Run {
    pub(crate) build: Build,
    /// CPU, cores and compiler as they were.
    pub(crate) machine: String,
    /// Megabytes (10^6) per second by input and engine.
    rates: BTreeMap<(String, String), f64>,
}

impl Run {
    /// Nothing when this build is not measured.
    fn load(build: Build) -> Result<Option<Self>> {
        let folder = folder(build.name());
        if !folder.join("machine.txt").exists() {
            return Ok(None);
        }
        let machine = fs::read_to_string(folder.join("machine.txt"))?;
        let mut rates = BTreeMap::new();
        collect(&folder, &mut rates)?;
        Ok(Some(Self { build, machine, rates }))
    }

    /// Megabytes per second, if this build measured it.
    pub(crate) fn rate(&self, input: &str, engine: &str) -> Option<f64> {
        self.rates.get(&(input.to_owned(), engine.to_owned())).copied()
    }

    /// How many times the bytes per second of `engine` ours are.
    pub(crate) fn ratio(&self, input: &str, engine: &str) -> Option<f64> {
        Some(self.rate(input, OURS)? / self.rate(input, engine)?)
    }

    /// How many times longer than the faster skip-only pass ours takes.
    pub(crate) fn distance(&self, input: &str) -> Option<f64> {
        let skip = SKIPS.iter().filter_map(|engine| self.rate(input, engine));
        Some(skip.reduce(f64::max)? / self.rate(input, OURS)?)
    }
}

/// Finds criterion's results below `folder`.
fn collect(folder: &Path, rates: &mut BTreeMap<(String, String), f64>) -> Result<()> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            collect(&path, rates)?;
        } else if path.ends_with("new/benchmark.json") {
            let benchmark = json(&path)?;
            let estimates = json(&path.with_file_name("estimates.json"))?;
            let wanted = (|| {
                Some((
                    benchmark["group_id"].as_str()?.to_owned(),
                    benchmark["value_str"].as_str()?.to_owned(),
                    benchmark["throughput"]["Bytes"].as_f64()?,
                    estimates["median"]["point_estimate"].as_f64()?,
                ))
            })();
            let (input, engine, bytes, nanoseconds) = wanted
                .ok_or_else(|| format!("{}: not what criterion 0.8 writes", path.display()))?;
            rates.insert((input, engine), bytes * 1000.0 / nanoseconds);
        }
    }
    Ok(())
}

fn json(path: &Path) -> Result<Value> {
    let text = fs::read(path).map_err(|error| format!("{}: {error}", path.display()))?;
    Ok(serde_json::from_slice(&text).map_err(|error| format!("{}: {error}", path.display()))?)
}

/// One input made to be slow.
pub(crate) struct Flood {
    pub(crate) name: String,
    /// `event`, or the reason of the stub it became.
    pub(crate) fate: String,
    /// Megabytes per second at the single size.
    pub(crate) rate: f64,
    /// Time of twice the size over time of the single size.
    pub(crate) ratio: f64,
    /// Instructions per byte, and those of twice the size over those of the single size.
    pub(crate) counted: (f64, f64),
}

fn floods() -> Result<Vec<Flood>> {
    let text = fs::read_to_string(folder("floods.txt"))
        .map_err(|error| format!("floods are not measured: {error}"))?;
    let counts = fs::read_to_string(folder("flood-instructions.txt"))
        .map_err(|error| format!("floods are not counted: {error}"))?;
    let mut counted = BTreeMap::new();
    for line in counts.lines() {
        let [name, per_byte, growth] = line.split(' ').collect::<Vec<_>>()[..] else {
            return Err(format!("flood-instructions.txt: {line}").into());
        };
        counted.insert(name, (per_byte.parse()?, growth.parse()?));
    }
    let mut floods = Vec::new();
    for line in text.lines().filter(|line| line.starts_with("flood ")) {
        let [_, name, bytes, fate, single, _, ratio] = line.split(' ').collect::<Vec<_>>()[..]
        else {
            return Err(format!("floods.txt: {line}").into());
        };
        floods.push(Flood {
            name: name.to_owned(),
            fate: fate.to_owned(),
            rate: bytes.parse::<f64>()? * 1000.0 / single.parse::<f64>()?,
            ratio: ratio.parse()?,
            counted: *counted.get(name).ok_or_else(|| format!("flood {name} is not counted"))?,
        });
    }
    Ok(floods)
}

/// All that was measured.
pub(crate) struct Report {
    pub(crate) runs: Vec<Run>,
    pub(crate) floods: Vec<Flood>,
    /// The table of instruction counts, text.
    pub(crate) instructions: String,
    /// Name, lines and bytes of each input.
    pub(crate) inputs: Vec<(String, u64, u64)>,
}

impl Report {
    pub(crate) fn load() -> Result<Self> {
        let mut runs = Vec::new();
        for build in Build::ALL {
            runs.extend(Run::load(build)?);
        }
        let read = |name: &str| {
            fs::read_to_string(folder(name))
                .map_err(|error| format!("instructions are not counted: {name}: {error}"))
        };
        let mut inputs = Vec::new();
        for line in read("inputs.txt")?.lines() {
            let [name, lines, bytes] = line.split(' ').collect::<Vec<_>>()[..] else {
                return Err(format!("inputs.txt: {line}").into());
            };
            inputs.push((name.to_owned(), lines.parse()?, bytes.parse()?));
        }
        Ok(Self { runs, floods: floods()?, instructions: read("instructions.txt")?, inputs })
    }

    /// The run of this build.
    pub(crate) fn run(&self, build: Build) -> Result<&Run> {
        let run = self.runs.iter().find(|run| run.build == build);
        run.ok_or_else(|| format!("build {} is not measured", build.name()).into())
    }

    /// Ours over serde_json, the faster of its two maps: sorted and order-keeping.
    pub(crate) fn serde_ratio(&self, input: &str) -> Result<f64> {
        [Build::Default, Build::PreserveOrder]
            .into_iter()
            .filter_map(|build| self.run(build).ok()?.ratio(input, SERDE))
            .reduce(f64::min)
            .ok_or_else(|| format!("{SERDE} over {input} is not measured").into())
    }
}
