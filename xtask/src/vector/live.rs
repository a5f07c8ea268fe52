//! `vector live`: a real Vector with the shipped configuration, for longer than a test may take; what comes of it
//! goes into `docs/hosts.md`.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::thread;
use std::time::{Duration, Instant};

use auditweir_tests::vector::{Count, ON_DISK, SMALL, Vector, buffered, held, interrupted};

use crate::fluent_bit::cargo;
use crate::{Result, root};

/// Of this size in every trial but the last.
const EVENTS: usize = 50_000;
/// A kill loses something only at a bad moment, and at a rate that does not fill Vector's buffer of writing.
const TIMES: usize = 20;
const MEANWHILE: usize = 10_000;
/// Events a second while memory is looked at.
const RATE: usize = 500;
const TITLE: &str = "### Vector, while it runs";

pub(super) fn run(options: &[&str]) -> Result<()> {
    let minutes = match options {
        [] => 10,
        [minutes] => minutes.parse::<u64>()?,
        _ => return Err("vector live [MINUTES]".into()),
    };
    let binary =
        PathBuf::from(std::env::var_os("VECTOR").ok_or("VECTOR does not name the program")?);
    cargo(&["build", "--quiet", "--release", "--package", "auditweir-lua"])?;
    let modules = root().join("target/vector-live");
    fs::create_dir_all(&modules)?;
    fs::copy(root().join("target/release/libauditweir_lua.so"), modules.join("auditweir.so"))?;

    let (count, share, peak) = held(&mut Vector::new(&binary, &modules, Some(SMALL)), EVENTS);
    let mut text = format!(
        "{TITLE}\n\n{} with the shipped [http.yaml](../integrations/vector/http.yaml), events of a kilobyte with a\n\
         Secret each. Command: `VECTOR=/path/to/vector cargo xtask vector live {minutes}`; shorter trials, and reloads with good and\n\
         wrong policies, are `tests/hosts/vector_live.rs`.\n\n\
         | trial | events | lost | more than once | |\n| --- | ---: | ---: | ---: | --- |\n",
        super::version(&binary)?
    );
    let mut row = |what: &str, count: Count, more: &str| -> Result<()> {
        let line =
            format!("| {what} | {} | {} | {} | {more} |", count.written, count.lost, count.doubled);
        println!("{line}");
        Ok(writeln!(text, "{line}")?)
    };
    row(
        "the sink answers nothing for a while; buffer in memory, 500 events",
        count,
        &format!("reading stops at {:.0} % of the log; {} MiB at most", share * 100.0, peak >> 10),
    )?;
    let stop = |signal: &str, buffer: &str, change: &[(&str, &str)]| {
        let mut vector = Vector::new(&binary, &modules, Some(buffer));
        for (old, new) in change {
            vector.change(old, new);
        }
        interrupted(&mut vector, signal, MEANWHILE, TIMES)
    };
    let none = [("type: filter\n    inputs: [auditweir]", "type: filter\n    inputs: [audit]")];
    let idle = [("filter:process(event, emit) end", "emit(event) end")];
    for (what, signal, buffer, change) in [
        ("SIGTERM, buffer on disk", "-TERM", ON_DISK, &[][..]),
        ("`kill -9`, buffer on disk", "-KILL", ON_DISK, &[]),
        ("the same, a Lua transform that does nothing", "-KILL", ON_DISK, &idle),
        ("the same, no transform", "-KILL", ON_DISK, &none),
        ("`kill -9`, buffer in memory", "-KILL", SMALL, &[]),
        ("the same, a Lua transform that does nothing", "-KILL", SMALL, &idle),
        ("the same, no transform", "-KILL", SMALL, &none),
    ] {
        let more = format!("{TIMES} times, with a slow sink");
        row(what, stop(signal, buffer, change), &more)?;
    }
    let count = buffered(&mut Vector::new(&binary, &modules, Some(ON_DISK)), EVENTS);
    row("sink away, all read into the buffer on disk, `kill -9`, log removed", count, "")?;
    let (count, samples) = steady(&binary, &modules, minutes);
    row(&format!("{RATE} events a second for {minutes} minutes"), count, "memory: below")?;
    let at = |share: usize| samples[(samples.len() - 1) * share / 10];
    text.push_str(
        "\nWith the buffer on disk, as shipped, a kill loses what Vector has not given to the system yet, whatever the\n\
         transform: its documentation says that it does so every half second. A `lua` transform, any, also drops with an\n\
         event's metadata who waits for it: the file source takes a line for delivered once it is in Lua. So behind one\n\
         `acknowledgements` do not make up for a buffer in memory; keep the one on disk.\n",
    );
    write!(
        text,
        "\nResident memory in these {minutes} minutes, a sample a second, in MiB, after each tenth: {}. ",
        (1..=10).map(|share| format!("{:.0}", mib(at(share)))).collect::<Vec<_>>().join(", ")
    )?;
    writeln!(text, "The log grew by {} MiB meanwhile.\n", (samples.len() * RATE) >> 10)?;
    print!("{text}");
    section(&text)
}

#[expect(clippy::cast_precision_loss, reason = "KiB, far below 2^52")]
fn mib(kib: u64) -> f64 {
    kib as f64 / 1024.0
}

/// Events at a steady rate, and memory once a second.
fn steady(binary: &Path, modules: &Path, minutes: u64) -> (Count, Vec<u64>) {
    let mut vector = Vector::new(binary, modules, None);
    let (mut samples, mut written) = (Vec::new(), 0);
    vector.write(0..1);
    vector.start();
    let began = Instant::now();
    while began.elapsed() < Duration::from_secs(minutes * 60) {
        let due = 1 + began.elapsed().as_millis() as usize * RATE / 1000;
        vector.write(written.max(1)..due.max(1));
        written = due.max(1);
        samples.push(vector.resident());
        thread::sleep(Duration::from_secs(1));
    }
    (vector.count(written), samples)
}

/// Puts the section into the document, in the place of the one before.
fn section(text: &str) -> Result<()> {
    let path = root().join("docs/hosts.md");
    let document = fs::read_to_string(&path)?;
    let next = "\n## Host sizes\n";
    let end = document.find(next).ok_or("docs/hosts.md has no section on sizes")? + 1;
    let start = document.find(TITLE).unwrap_or(end);
    fs::write(path, format!("{}{text}{}", &document[..start], &document[end..]))?;
    println!("docs/hosts.md");
    Ok(())
}
