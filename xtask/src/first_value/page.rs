//! `docs/first-value.md`: the transcript.

use std::fmt::Write as _;
use std::fs;

use super::{EVENTS, Part, Tried};
use crate::bench_report::machine;
use crate::{Result, root};

/// Lines of an answer that are shown.
const LINES: usize = 24;

pub(super) fn write(tried: &Tried<'_>, profile: &str, opensearch: &str) -> Result<()> {
    let mut text = format!(
        "# From an empty Debian to events in an index\n\n\
         What a new user types, and what comes of it. `cargo xtask first-value --write` types it again and writes this page: in\n\
         a root that `debootstrap --variant=minbase` made, with the packages of `target/dist` (profile `{profile}`), the\n\
         {} events of [a kube-apiserver]({}) as its log, and\n\
         OpenSearch {opensearch} of the stack tests at the end, here called by its usual port. After `auditweir init`, what is typed is what `init` said should follow; each check has\n\
         to find its event again in that index, and each part ends when every event of the log can be searched there.\n\
         Between parts the data stream is removed.\n\n\
         On {}. Seconds are of a\n\
         machine that does other work, too; those of the first command are mostly downloads.\n",
        tried.events,
        format_args!("../{EVENTS}"),
        machine::describe()?.replace('\n', ", ")
    );
    text.push_str("\n| | seconds |\n| --- | ---: |\n");
    let seconds = |part: &Part| part.typed.iter().map(|typed| typed.seconds).sum::<f64>();
    for part in &tried.parts {
        writeln!(text, "| {} | {:.1} |", part.title, seconds(part))?;
    }
    writeln!(text, "| all | {:.1} |", tried.parts.iter().map(seconds).sum::<f64>())?;
    for part in &tried.parts {
        writeln!(text, "\n## {}\n\n{}\n\n```console", part.title, part.about)?;
        for typed in &part.typed {
            writeln!(text, "# {}", typed.command)?;
            let lines: Vec<_> = typed.said.lines().collect();
            for line in lines.iter().take(LINES) {
                writeln!(text, "{}", line.trim_end())?;
            }
            if lines.len() > LINES {
                writeln!(text, "… {} more lines", lines.len() - LINES)?;
            }
            writeln!(text, "({:.1} s)", typed.seconds)?;
        }
        text.push_str("```\n");
    }
    for why in &tried.left_out {
        writeln!(text, "\nLeft out: {why}")?;
    }
    fs::write(root().join("docs/first-value.md"), text)?;
    println!("docs/first-value.md");
    Ok(())
}
