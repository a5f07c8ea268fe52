//! What a host's shell costs over the core, and what a route costs inside Fluent Bit and Vector.

use std::fmt::Write as _;
use std::fs;
use std::process::{Command, Stdio};

use super::measure::folder;
use crate::fluent_bit::PARSER;
use crate::{Result, root};

/// `cargo bench` of the shells, which prints one line per result.
fn command() -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    command.current_dir(root()).args(["bench", "--locked", "--package", "auditweir-benches"]);
    command.args(["--no-default-features", "--features", "shells", "--bench", "shells", "--"]);
    command
}

/// Times every shell beside the core.
pub(crate) fn measure() -> Result<()> {
    fs::create_dir_all(folder(""))?;
    let output = command().stderr(Stdio::inherit()).output()?;
    print!("{}", String::from_utf8_lossy(&output.stdout));
    if !output.status.success() {
        return Err(format!("shells: {}", output.status).into());
    }
    fs::write(folder("shells.txt"), &output.stdout)?;
    Ok(())
}

/// `soak [CALLS [SHELL]]`.
pub(crate) fn soak(options: &[&str]) -> Result<()> {
    let status = command().arg("soak").args(options).status()?;
    if status.success() { Ok(()) } else { Err(format!("soak: {status}").into()) }
}

/// The sections of the document on hosts; each is left out when it was not measured.
pub(crate) fn write(text: &mut String) -> Result<()> {
    if let Ok(shells) = fs::read_to_string(folder("shells.txt")) {
        write_shells(text, &shells)?;
    }
    if let Ok(routes) = fs::read_to_string(folder("fluent-bit.txt")) {
        text.push('\n');
        text.push_str(&routes_table(&routes)?);
    }
    if let Ok(vector) = fs::read_to_string(folder("vector.md")) {
        text.push('\n');
        text.push_str(&vector);
    }
    Ok(())
}

fn write_shells(text: &mut String, results: &str) -> Result<()> {
    text.push_str(
        "\n## Shells\n\n\
         Processor time per event of about 2 KB in each host shell, beside the core in the same run: \
         they take turns, round by round. Medians; the ratio is the median of neighbouring rounds. \
         Every shell takes the event from the host and gives the answer back as the host's own \
         bytes. LuaJIT runs the Fluent Bit script, Lua 5.4 the module as Vector calls it, Node the \
         npm package, wasmtime and wasmi the generic artifact.\n\n\
         | shell | shape | core, ns | shell, ns | ratio | rounds |\n|---|---|---:|---:|---:|---:|\n",
    );
    for line in results.lines().filter_map(|line| line.strip_prefix("shell ")) {
        let [shape, _, rounds, core, shell, ratio, name] =
            line.splitn(7, ' ').collect::<Vec<_>>()[..]
        else {
            return Err(format!("shells.txt: {line}").into());
        };
        let ratio: f64 = ratio.parse()?;
        writeln!(text, "| {name} | {shape} | {core} | {shell} | {ratio:.3} | {rounds} |")?;
    }
    text.push_str("\nCommand: `cargo xtask bench-report --only shells`\n");
    Ok(())
}

/// The section on Fluent Bit, of what its command has measured.
pub(crate) fn routes_table(results: &str) -> Result<String> {
    let mut text = String::new();
    let mut rows = results.lines().map(|line| line.split(" | ").collect::<Vec<_>>());
    let Some([version, events, bytes, limit]) =
        rows.next().as_deref().map(<[&str; 4]>::try_from).transpose()?
    else {
        return Err("fluent-bit.txt is empty".into());
    };
    let (events, bytes): (f64, f64) = (events.parse()?, bytes.parse()?);
    let limit: u64 = limit.parse()?;
    writeln!(
        &mut text,
        "## In Fluent Bit\n\n\
         {version}: {events} events, {:.0} bytes on average (input mix), read by tail, through the \
         filter, into a sink that counts them; every event arrived. Processor time of the whole \
         process, median of three runs in turn, under `ulimit -d` of {} MiB. Overhead is against \
         the first row, and as a multiple of that of Fluent Bit's own JSON parser, the second row. Busy is the share of the run in which it had a core or waited for one. \
         The filter by hand only takes the values of Secrets out of parsed events \
         ([secrets.lua](../benches/fluent-bit/secrets.lua)).\n\n\
         | filter | events per CPU second | µs per event | overhead, µs | of the parser's | busy, % | RSS at 1/4, MiB | at the end | peak |\n\
         |---|---:|---:|---:|---:|---:|---:|---:|---:|",
        bytes / events,
        limit >> 10,
    )?;
    let (mut base, mut parser) = (None, 0.0);
    for row in rows {
        let [name, seconds, busy, quarter, end, peak] = row[..] else {
            return Err(format!("fluent-bit.txt: {}", row.join(" | ")).into());
        };
        let seconds: f64 = seconds.parse()?;
        let busy = busy.parse::<f64>()? * 100.0;
        let each = seconds * 1e6 / events;
        let more = match base {
            None => {
                base = Some(each);
                "– | –".to_owned()
            }
            Some(base) => {
                if name == PARSER {
                    parser = each - base;
                }
                format!("{:.1} | {:.2}", each - base, (each - base) / parser)
            }
        };
        let mib = |text: &str| text.parse::<f64>().map(|kib| kib / 1024.0);
        writeln!(
            text,
            "| {name} | {:.0} | {each:.1} | {more} | {busy:.0} | {:.0} | {:.0} | {:.0} |",
            events / seconds,
            mib(quarter)?,
            mib(end)?,
            mib(peak)?,
        )?;
    }
    text.push_str("\nCommand: `FLUENT_BIT=/path/to/fluent-bit cargo xtask fluent-bit`\n\n");
    // What a profiler said, which no command here repeats.
    text.push_str(include_str!("../../../benches/fluent-bit/profile.md"));
    Ok(text)
}

/// Puts a section into the document in place of the one of the same title, else before the last one.
pub(crate) fn section(title: &str, section: &str) -> Result<()> {
    let path = root().join("docs/performance.md");
    let text = fs::read_to_string(&path)?;
    let (start, end) = if let Some(at) = text.find(&format!("\n{title}\n")) {
        let after = text[at + 1..].find("\n## ").map_or(text.len(), |next| at + 1 + next + 1);
        (at + 1, after)
    } else {
        let last = text.rfind("\n## ").ok_or("docs/performance.md has no sections")? + 1;
        (last, last)
    };
    fs::write(path, format!("{}{section}\n{}", &text[..start], &text[end..]))?;
    Ok(())
}
