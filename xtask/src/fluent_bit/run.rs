//! One run of Fluent Bit: its configuration, its processor time, its memory.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use super::{LIMIT_KIB, Place, Route};
use crate::Result;

/// What a run took.
pub(super) struct Figures {
    /// Of processor, user and system.
    pub(super) seconds: f64,
    /// Share of the time in which it had a core or waited for one: what is missing to 1 it idled.
    pub(super) busy: f64,
    /// Resident KiB when a quarter of the time was over, at the end, and the most seen.
    pub(super) quarter: u64,
    pub(super) end: u64,
    pub(super) peak: u64,
}

/// As the shipped configurations read: chunks on disk, long lines, no record lost to a slow sink.
fn configuration(place: &Place, route: &Route) -> String {
    let parser = if route.parsed { "      parser: audit\n" } else { "" };
    let (filters, processors) = if route.filters.is_empty() {
        (String::new(), String::new())
    } else if route.processor {
        let within =
            format!("      threaded: on\n      processors:\n        logs:\n{}", route.filters);
        (String::new(), within)
    } else {
        (format!("  filters:\n{}", route.filters), String::new())
    };
    format!(
        "service:\n  flush: 0.2\n  grace: 60\n  log_level: warn\n  storage.path: {}\n\
         parsers:\n  - {{ name: audit, format: json }}\n\
         plugins:\n  - {}\n\
         pipeline:\n  inputs:\n    - name: tail\n      path: {}\n{parser}      \
         read_from_head: true\n      exit_on_eof: true\n      buffer_chunk_size: 1M\n      \
         buffer_max_size: 16M\n      storage.type: filesystem\n      \
         storage.pause_on_chunks_overlimit: on\n{processors}{filters}  \
         outputs:\n    - {{ name: counter, match: '*' }}\n",
        place.path("storage"),
        place.path("flb-filter_auditweir.so"),
        place.path("audit.log"),
    )
}

/// The seconds in `1m2.34s`.
pub(crate) fn seconds(text: &str) -> Option<f64> {
    let (minutes, seconds) = text.strip_suffix('s')?.split_once('m')?;
    Some(minutes.parse::<f64>().ok()? * 60.0 + seconds.parse::<f64>().ok()?)
}

/// Nanoseconds that the threads of a process had a core or waited for one.
fn wanted(process: &str) -> Option<u64> {
    let tasks = fs::read_dir(format!("/proc/{process}/task")).ok()?;
    let of = |path: PathBuf| -> Option<u64> {
        let text = fs::read_to_string(path.join("schedstat")).ok()?;
        let mut numbers = text.split_whitespace().map(str::parse::<u64>);
        Some(numbers.next()?.ok()? + numbers.next()?.ok()?)
    };
    Some(tasks.flatten().filter_map(|task| of(task.path())).sum())
}

pub(crate) fn resident(process: &str) -> Option<u64> {
    let status = fs::read_to_string(format!("/proc/{process}/status")).ok()?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"))?;
    line.split_whitespace().next()?.parse().ok()
}

/// Runs Fluent Bit over the log; an error if not every event comes out.
pub(super) fn once(place: &Place, route: &Route, events: usize) -> Result<Figures> {
    let storage = place.folder.join("storage");
    if storage.exists() {
        fs::remove_dir_all(&storage)?;
    }
    let path = place.folder.join("fluent-bit.yaml");
    fs::write(&path, configuration(place, route))?;
    let out = fs::File::create(place.folder.join("out"))?;
    let said = fs::File::create(place.folder.join("said"))?;
    // `times` is the one portable way to a child's processor time without unsafe code.
    let mut shell = Command::new("sh")
        .arg("-c")
        .arg("ulimit -d \"$3\"; \"$0\" -q -c \"$1\" >\"$2\" & echo $!; wait $! || exit 1; times")
        .arg(&place.binary)
        .arg(&path)
        .arg(place.folder.join("out"))
        .arg(LIMIT_KIB.to_string())
        .env("AUDITWEIR_LIBRARY", place.folder.join("flb-filter_auditweir.so"))
        .env("AUDITWEIR_FORMAT", "ecs")
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(said)
        .spawn()?;
    drop(out);
    let mut lines = BufReader::new(shell.stdout.take().ok_or("no output")?).lines();
    let process = lines.next().ok_or("no process")??;
    let mut memory = Vec::new();
    let (began, mut most, mut busy) = (Instant::now(), 0, 0.0);
    while shell.try_wait()?.is_none() {
        memory.extend(resident(&process));
        // Threads that have ended take what they wanted with them.
        if let Some(wanted) = wanted(&process).filter(|wanted| *wanted >= most && *wanted > 0) {
            most = wanted;
            busy = wanted as f64 / 1e9 / began.elapsed().as_secs_f64();
        }
        thread::sleep(Duration::from_millis(20));
    }
    let rest = lines.collect::<std::io::Result<Vec<String>>>()?;
    let said = || fs::read_to_string(place.folder.join("said")).unwrap_or_default();
    let children = rest.get(1).ok_or_else(|| format!("{}: {}", route.name, said()))?;
    let total = children.split(' ').filter_map(seconds).sum();
    let text = fs::read_to_string(place.folder.join("out"))?;
    let counts = text.lines().filter_map(|line| {
        let (_, rest) = line.split_once("\"log_records\":")?;
        rest.split(',').next()?.parse::<usize>().ok()
    });
    let counted: usize = counts.sum();
    if counted != events {
        return Err(format!("{}: {counted} events of {events}\n{}", route.name, said()).into());
    }
    let at = |index: usize| memory.get(index).copied().unwrap_or_default();
    Ok(Figures {
        seconds: total,
        busy,
        quarter: at(memory.len() / 4),
        // The very last samples are of a program that has given its memory back.
        end: at((memory.len() * 19) / 20),
        peak: memory.iter().copied().max().unwrap_or_default(),
    })
}
