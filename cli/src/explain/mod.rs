//! `auditweir explain`: one event before and after, with every decision and its rule.
//!
//! What comes before is shown only as far as it is what comes after; the rest is named by its
//! place and rule. Two filters see to that: one with the policy, one that keeps everything, whose
//! output tells the shape of the event inside any envelope. The event as it came is shown on
//! explicit request.

mod page;

use std::fmt::Write as _;
use std::io::{Read as _, Write};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use anstyle::{Effects, Style};
use auditweir::detect::Detector;
use auditweir::policy::Action;
use auditweir::{CompiledPolicy, Filter, Format, Line, LineKind, Policy};
use auditweir_shell::{Guard, Piece, Ready};
use serde::Deserialize;
use serde_json::Value;

use crate::args;
use crate::exit::{Error, Exit};
use crate::filter::Stub;
use crate::input::{self, CHUNK, Cutter};
use crate::setup;
use crate::signal::Stop;
use page::{CHANGED, GONE, KEPT, Page, RULE, Receipt, Shape};

const TITLE: Style = Style::new().effects(Effects::BOLD.insert(Effects::UNDERLINE));

/// The input to explain.
struct Subject {
    source: Arc<str>,
    bytes: Vec<u8>,
    size: u64,
    line: u64,
}

/// Runs the command.
pub(crate) fn explain(args: &args::Explain) -> Result<Exit, Error> {
    let Ready { policy, .. } = setup::ready(&args.setup, Format::default())?;
    let stop = Stop::install().map_err(|error| Error::Other(format!("signals: {error}")))?;
    let subject = find(args, &policy, &stop);
    if let Some(signal) = stop.signal() {
        return Ok(Exit::Signal(signal));
    }
    let subject = subject?;
    let (native, stats, first) = run(&policy, Format::Native, &subject);
    let lines: Vec<Value> = native
        .split(|byte| *byte == b'\n')
        .filter_map(|line| serde_json::from_slice(line).ok())
        .collect();
    let mut out = anstream::stdout().lock();
    let Subject { source, line, size, .. } = &subject;
    writeln!(out, "{TITLE}{source}:{line}{TITLE:#} ({size} bytes)")?;
    let mut counts = Vec::new();
    for (count, one, many) in [
        (stats.events, "event", "events"),
        (stats.stubs, "stub", "stubs"),
        (stats.rejected, "reject", "rejects"),
    ] {
        if count > 0 {
            counts.push(format!("{count} {}", if count == 1 { one } else { many }));
        }
    }
    for (reason, count) in &stats.dropped {
        counts.push(format!("{GONE}{count} dropped: {reason}{GONE:#}"));
    }
    writeln!(out, "  {}", if counts.is_empty() { "nothing".into() } else { counts.join(", ") })?;
    if lines.len() > 1 {
        writeln!(out, "  the first is shown")?;
    }
    if args.show_original {
        writeln!(out, "\n{TITLE}As it came, secrets included{TITLE:#}")?;
        original(&mut out, &subject.bytes)?;
    }
    let Some(after) = lines.first() else {
        return Ok(Exit::Ok);
    };
    if stats.events == 0
        && let Some(stub) = first.and_then(Stub::of)
    {
        let kind = if stub.rejected { "rejected" } else { "stub" };
        writeln!(out, "\n{TITLE}Decision{TITLE:#}\n  {GONE}{kind}: {}{GONE:#}", stub.reason)?;
        if let Some(offset) = stub.offset {
            writeln!(out, "  at byte {offset}")?;
        }
        writeln!(out, "\n{TITLE}After{TITLE:#}")?;
        Page { receipts: &[], out: &mut out }.value(after, &mut String::new(), 1)?;
        writeln!(out)?;
        return Ok(Exit::Ok);
    }
    shown(&mut out, &policy, &subject, after)?;
    Ok(Exit::Ok)
}

/// Everything about an event that goes on.
fn shown(
    out: &mut dyn Write,
    policy: &Arc<CompiledPolicy>,
    subject: &Subject,
    after: &Value,
) -> Result<(), Error> {
    let mut after = after.clone();
    let ours = after.as_object_mut().and_then(|event| event.shift_remove("auditweir"));
    let receipts: Vec<Receipt> = ours
        .as_ref()
        .and_then(|ours| ours.get("redactions"))
        .and_then(|receipts| Vec::deserialize(receipts).ok())
        .unwrap_or_default();
    let keep = setup::compile(keep_all(policy), None)?;
    let before: Option<Value> = run(&keep, Format::Native, subject)
        .0
        .split(|byte| *byte == b'\n')
        .find_map(|line| serde_json::from_slice(line).ok())
        .map(|mut event: Value| {
            if let Some(event) = event.as_object_mut() {
                event.shift_remove("auditweir");
            }
            event
        });

    writeln!(out, "\n{TITLE}Before{TITLE:#} (what does not go on is withheld)")?;
    if let Some(before) = &before {
        let level = (after.get("level") != before.get("level"))
            .then(|| after.get("level").and_then(Value::as_str))
            .flatten();
        let names = receipts.iter().flat_map(|receipt| {
            let path = receipt.path.as_str();
            [path, path.rsplit('.').next().unwrap_or(path)]
        });
        let shape = Shape { receipts: &receipts, names: names.collect(), level };
        shape.value(out, before, &after, &mut String::new(), 1)?;
        writeln!(out)?;
    }
    writeln!(out, "\n{TITLE}After{TITLE:#}")?;
    Page { receipts: &receipts, out }.value(&after, &mut String::new(), 1)?;
    writeln!(out)?;

    writeln!(out, "\n{TITLE}Decisions{TITLE:#}")?;
    if let Some(before) = &before
        && before.get("level") != after.get("level")
    {
        let level = |event: &Value| event.get("level").map(Value::to_string).unwrap_or_default();
        writeln!(out, "  {GONE}level lowered{GONE:#} from {} to {}", level(before), level(&after))?;
    }
    if receipts.is_empty() {
        writeln!(out, "  {KEPT}all values kept{KEPT:#}")?;
    } else {
        let wide = receipts.iter().map(|receipt| receipt.rule.len()).max().unwrap_or(0).max(4);
        writeln!(out, "  {:<wide$}  {:<9}  {:>5}  path", "rule", "action", "count")?;
        for Receipt { path, rule, action, count } in &receipts {
            writeln!(
                out,
                "  {RULE}{rule:<wide$}{RULE:#}  {CHANGED}{action:<9}{CHANGED:#}  {count:>5}  {path}"
            )?;
        }
    }

    writeln!(out, "\n{TITLE}Derived{TITLE:#}")?;
    let ecs = run(policy, Format::Ecs, subject).0;
    let first = ecs.split(|byte| *byte == b'\n').next().unwrap_or_default();
    if let Ok(Value::Object(event)) = serde_json::from_slice(first) {
        // The event itself is above.
        let own = |name: &str| !matches!(name, "kubernetes" | "auditweir");
        for (name, value) in event.iter().filter(|(name, _)| own(name)) {
            leaves(out, name, value)?;
        }
    }
    findings(policy, subject, out)?;
    writeln!(
        out,
        "\n{TITLE}Legend{TITLE:#}\n  {KEPT}value{KEPT:#}  goes on as it came\n  \
         {CHANGED}▇▇▇▇{CHANGED:#}   does not go on; what does is under After\n  \
         {GONE}name{GONE:#}   left out\n  {RULE}← …{RULE:#}    what was done, by which rule"
    )?;
    Ok(())
}

/// What the policy's detection rules say of the event, if it has any.
fn findings(
    policy: &Arc<CompiledPolicy>,
    subject: &Subject,
    out: &mut dyn Write,
) -> Result<(), Error> {
    if policy.rules().is_none() || subject.size > subject.bytes.len() as u64 {
        return Ok(());
    }
    writeln!(out, "\n{TITLE}Findings{TITLE:#}")?;
    let mut filter = Filter::new(Arc::clone(policy), Format::Native);
    filter.tell_dropped(true);
    let mut text = String::new();
    filter.apply_each(&subject.bytes, &mut |line: Line<'_>| {
        for found in line.findings().iter() {
            let (rule, level) = (&found.rule.intent, found.rule.level.name());
            let (answer, why) = (found.answer(), found.why());
            let _ = writeln!(text, "  {RULE}{rule}{RULE:#}  {level}  {answer}  {why}");
        }
    });
    if text.is_empty() {
        text.push_str("  none\n");
    }
    Ok(out.write_all(text.as_bytes())?)
}

/// Reads up to the wanted line.
fn find(args: &args::Explain, policy: &CompiledPolicy, stop: &Stop) -> Result<Subject, Error> {
    let path = args.file.as_deref().unwrap_or(Path::new("-"));
    let mut input = input::open(path, args.setup.input_format, stop, &Arc::new(AtomicU64::new(0)))?;
    let source = Arc::clone(&input.name);
    let mut cutter = Cutter::new(&input, policy.policy().limits.line_bytes as usize);
    let mut found: Option<Subject> = None;
    let mut sink = |piece: Piece<'_>| {
        let wanted = match args.line {
            Some(line) => piece.line == line,
            None => !piece.bytes.trim_ascii().is_empty(),
        };
        if wanted && found.is_none() {
            found = Some(Subject {
                source: Arc::clone(&source),
                bytes: piece.bytes.to_vec(),
                size: piece.size,
                line: piece.line,
            });
        }
    };
    let mut chunk = vec![0; CHUNK];
    let mut complaint = None;
    loop {
        let count = input.read(&mut chunk).map_err(|error| Error::file(path, error))?;
        if count == 0 {
            complaint = complaint.or(cutter.finish(stop.signal().is_none(), &mut sink));
            break;
        }
        cutter.push(&chunk[..count], &mut sink);
    }
    if let Some(place) = complaint {
        crate::exit::say(format_args!("{source}:{place}: not YAML"));
    }
    found.ok_or_else(|| {
        Error::Other(match args.line {
            Some(line) => format!("{source}: no input begins on line {line}"),
            None => format!("{source}: nothing in it"),
        })
    })
}

fn run(
    policy: &Arc<CompiledPolicy>,
    format: Format,
    subject: &Subject,
) -> (Vec<u8>, auditweir::Stats, Option<LineKind>) {
    let mut guard = Guard::new(Ready { policy: Arc::clone(policy), format });
    let (mut out, mut marks) = (Vec::new(), Vec::new());
    let piece = Piece { size: subject.size, ..Piece::whole(&subject.bytes) };
    guard.mark_piece(piece, &mut out, &mut marks);
    (out, guard.stats(), marks.first().map(|mark| mark.kind))
}

/// The policy's limits and nothing else: everything stays.
fn keep_all(policy: &CompiledPolicy) -> Policy {
    let detectors = Detector::ALL.iter().map(|detector| (detector.name().to_owned(), Action::Keep));
    let mut all = Policy::default();
    all.limits = policy.policy().limits.clone();
    all.redact.secrets = Action::Keep;
    all.redact.config_maps = Action::Keep;
    all.redact.tokens = Action::Keep;
    all.redact.hinted_values = Action::Keep;
    all.redact.managed_fields = Action::Keep;
    all.redact.detectors = detectors.collect();
    all
}

/// The event as it came, made readable where it is JSON and harmless to the terminal.
fn original(out: &mut dyn Write, bytes: &[u8]) -> Result<(), Error> {
    let text = match serde_json::from_slice::<Value>(bytes) {
        Ok(value) => format!("{value:#}"),
        Err(_) => String::from_utf8_lossy(bytes).into_owned(),
    };
    for line in text.lines() {
        let line = line.replace(|c: char| c.is_control() && c != '\t', "\u{fffd}");
        writeln!(out, "  {line}")?;
    }
    Ok(())
}

/// Derived fields, one a line.
fn leaves(out: &mut dyn Write, path: &str, value: &Value) -> Result<(), Error> {
    match value {
        Value::Object(members) if !members.is_empty() => {
            for (name, value) in members {
                leaves(out, &format!("{path}.{name}"), value)?;
            }
        }
        _ => writeln!(out, "  {KEPT}{path}{KEPT:#} = {value}")?,
    }
    Ok(())
}
