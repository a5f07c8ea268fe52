//! One run of Vector: its configuration, its processor time, its memory.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::{Place, Route};
use crate::Result;
use crate::fluent_bit::{resident, seconds};

/// What a run took.
pub(super) struct Figures {
    /// Of processor, user and system.
    pub(super) seconds: f64,
    /// From start to end.
    pub(super) wall: f64,
    /// Most resident KiB seen.
    pub(super) peak: u64,
}

fn configuration(place: &Place, route: &Route, sink: &str) -> String {
    let (transform, from) = match &route.transform {
        Some(text) => (format!("transforms:\n  between:\n    inputs: [audit]\n{text}"), "between"),
        None => (String::new(), "audit"),
    };
    format!(
        "data_dir: {}\nsources:\n  audit: {{ type: stdin, max_length: 16777216 }}\n{transform}\
         sinks:\n  out: {{ inputs: [{from}], {sink} }}\n",
        place.folder.join("data").display()
    )
}

/// Counts what comes out: an error if it is not every event. (A sink that counts may be stopped before
/// it has told.)
pub(super) fn count(place: &Place, route: &Route, events: usize) -> Result<()> {
    let path = place.folder.join("vector.yaml");
    fs::write(&path, configuration(place, route, "type: console, encoding: { codec: json }"))?;
    let mut child = Command::new(&place.binary)
        .args(["--quiet", "--config"])
        .arg(&path)
        .stdin(fs::File::open(place.folder.join("audit.log"))?)
        .stdout(Stdio::piped())
        .spawn()?;
    let out = BufReader::with_capacity(1 << 20, child.stdout.take().ok_or("no output")?);
    let mut lines = 0;
    for line in out.split(b'\n') {
        line?;
        lines += 1;
    }
    if !child.wait()?.success() || lines != events {
        return Err(format!("{}: {lines} events of {events}", route.name).into());
    }
    Ok(())
}

/// Runs Vector over the log.
pub(super) fn once(place: &Place, route: &Route) -> Result<Figures> {
    let path = place.folder.join("vector.yaml");
    let sink = "type: blackhole, print_interval_secs: 0";
    fs::write(&path, configuration(place, route, sink))?;
    let said = place.folder.join("said");
    let began = Instant::now();
    // `times` is the one portable way to a child's processor time without unsafe code.
    let mut shell = Command::new("sh")
        .arg("-c")
        .arg("\"$0\" --config \"$1\" <\"$2\" >\"$3\" 2>&1 & echo $!; wait $! || exit 1; times")
        .arg(&place.binary)
        .arg(&path)
        .arg(place.folder.join("audit.log"))
        .arg(&said)
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .spawn()?;
    let mut lines = BufReader::new(shell.stdout.take().ok_or("no output")?).lines();
    let process = lines.next().ok_or("no process")??;
    let mut peak = 0;
    while shell.try_wait()?.is_none() {
        peak = peak.max(resident(&process).unwrap_or_default());
        thread::sleep(Duration::from_millis(20));
    }
    let wall = began.elapsed().as_secs_f64();
    let rest = lines.collect::<std::io::Result<Vec<String>>>()?;
    let said = fs::read_to_string(said)?;
    let children = rest.get(1).ok_or_else(|| format!("{}: {said}", route.name))?;
    let total = children.split(' ').filter_map(seconds).sum();
    if said.contains("ERROR") || said.contains("WARN") {
        return Err(format!("{}: {said}", route.name).into());
    }
    Ok(Figures { seconds: total, wall, peak })
}
