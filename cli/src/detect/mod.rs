//! `auditweir detect`: runs detection rules over audit logs.
//!
//! One thread, in the order of the input: what happens before what matters to rules over time.
//! Everything shown was redacted; [`finding`] writes it.

mod finding;

use std::collections::BTreeMap;
use std::io::{IsTerminal as _, Read as _, Write};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicU64;

use auditweir::rules::{Finding, Severity, WindowLimits, Windows};
use auditweir::{Filter, Format, Line};
use auditweir_shell::{Piece, Ready};

use crate::args::{self, Answers};
use crate::exit::{Error, Exit, say};
use crate::input::{self, CHUNK, Cutter};
use crate::rules::Begun;
use crate::signal::Stop;
use crate::{rules, setup};
use finding::Shape;

/// Runs the command.
pub(crate) fn detect(args: &args::Detect) -> Result<Exit, Error> {
    let key = setup::key(&args.setup)?;
    let Ready { policy: compiled, .. } = setup::ready(&args.setup, Format::default())?;
    let rules = match (&compiled.policy().rules, compiled.rules()) {
        (Some(_), Some(rules)) if args.rules.is_empty() => {
            rules::warn(rules);
            Arc::clone(rules)
        }
        _ => Arc::new(rules::read(&args.rules)?),
    };
    let limit = compiled.policy().limits.line_bytes as usize;
    let mut filter = rules::watching(compiled.policy(), &rules, key.as_ref())?;

    let stop = Stop::install().map_err(|error| Error::Other(format!("signals: {error}")))?;
    let standard = [PathBuf::from("-")];
    let files = if args.files.is_empty() { &standard[..] } else { &args.files };
    let stdout = std::io::stdout();
    let shape = if stdout.is_terminal() { Shape::Table } else { Shape::Json };
    let mut out = Output {
        out: std::io::BufWriter::new(anstream::AutoStream::auto(stdout.lock())),
        shape,
        all: args.answers == Answers::All,
        least: args.level.into(),
        worst: None,
        untold: BTreeMap::new(),
        failed: None,
        windows: Windows::new(WindowLimits::for_files()),
        begun: Begun::new(),
    };
    shape.head(&mut out.out)?;
    let mut unreadable = 0;
    for path in files {
        if stop.signal().is_some() {
            break;
        }
        let mut run = Run { filter: &mut filter, out: &mut out, stop: &stop, limit };
        if let Err(error) = run.file(path, args)
            && stop.signal().is_none()
        {
            if error.is_broken_pipe() {
                return Err(error);
            }
            unreadable += 1;
            say(error);
        }
    }
    out.rest();
    if let Some(error) = out.failed.take() {
        return Err(error.into());
    }
    out.out.flush()?;
    let stats = filter.stats();
    let unseen = stats.stubs + stats.rejected;
    if stats.events + unseen == 0 && unreadable == 0 && stop.signal().is_none() {
        // Also under --quiet: a gate passes over a log that has ended.
        say("no event in the input");
    }
    if !args.quiet && unseen > 0 {
        let all = stats.events + unseen;
        say(format_args!("{unseen} of {all} inputs could not be read; no rule saw them"));
    }
    if !args.quiet && !out.untold.is_empty() {
        let times: u64 = out.untold.values().sum();
        say(format_args!(
            "{times} time{} a rule could not tell ({}); --answers all shows why",
            if times == 1 { "" } else { "s" },
            rules::count(out.untold.len())
        ));
    }
    let hits = filter.exception_hits();
    for (at, exception) in rules.exceptions().iter().enumerate() {
        if !args.quiet && hits.get(at).is_none_or(|count| *count == 0) {
            let expired = if exception.expires.is_empty() { "" } else { " (or has expired)" };
            say(format_args!(
                "{}: the exception `{}` took nothing out{expired}",
                exception.file, exception.title
            ));
        }
    }
    // What no rule saw may be what the gate is for.
    let failed = args.fail_on.is_some_and(|level| unseen > 0 || out.worst >= Some(level.into()));
    Ok(match stop.signal() {
        Some(signal) => Exit::Signal(signal),
        None if unreadable > 0 => Exit::Error,
        None if failed => Exit::Failed,
        None => Exit::Ok,
    })
}

/// Where findings go.
struct Output<W: Write> {
    out: W,
    shape: Shape,
    all: bool,
    /// Findings below this level are not shown.
    least: Severity,
    /// Level of the worst match so far.
    worst: Option<Severity>,
    /// How often a rule could not tell and was not shown, by its id.
    untold: BTreeMap<String, u64>,
    /// The first error of writing.
    failed: Option<std::io::Error>,
    /// What was seen over time.
    windows: Windows,
    /// What is not told unless a request has no end.
    begun: Begun<Untold>,
}

/// An answer that a rule could not give.
struct Untold {
    rule: String,
    /// As it is shown.
    text: Vec<u8>,
}

impl<W: Write> Output<W> {
    fn line(&mut self, line: &Line<'_>) {
        let mut late = Vec::new();
        self.begun.pass(line, &mut |untold| late.push(untold));
        for untold in late {
            self.untold(untold);
        }
        let Self { out, shape, all, least, worst, untold, failed, windows, begun } = self;
        let mut each = |finding: Finding<'_>| {
            if finding.cannot_tell.is_none() {
                *worst = (*worst).max(Some(finding.rule.level));
            }
            if finding.rule.level < *least {
                return;
            }
            if Begun::<Untold>::is_of(&finding) {
                let (rule, mut text) = (finding.rule.id.clone(), Vec::new());
                // Nothing fails that is written to memory.
                if *all && shape.write(line, &finding, &mut text).is_err() {
                    text.clear();
                }
                begun.hold(line, Untold { rule, text });
                return;
            }
            if finding.cannot_tell.is_some() && !*all {
                match untold.get_mut(&finding.rule.id) {
                    Some(times) => *times += 1,
                    None => {
                        untold.insert(finding.rule.id.clone(), 1);
                    }
                }
                return;
            }
            if failed.is_none() {
                *failed = shape.write(line, &finding, out).err();
            }
        };
        line.findings().iter().for_each(&mut each);
        line.findings().over_time(windows, &mut each);
    }

    /// What requests without an end leave to tell.
    fn rest(&mut self) {
        for untold in self.begun.rest() {
            self.untold(untold);
        }
    }

    fn untold(&mut self, untold: Untold) {
        if !self.all {
            *self.untold.entry(untold.rule).or_default() += 1;
        } else if self.failed.is_none() {
            self.failed = self.out.write_all(&untold.text).err();
        }
    }
}

/// One file under way.
struct Run<'a, W: Write> {
    filter: &'a mut Filter,
    out: &'a mut Output<W>,
    stop: &'a Stop,
    limit: usize,
}

impl<W: Write> Run<'_, W> {
    fn file(&mut self, path: &Path, args: &args::Detect) -> Result<(), Error> {
        let read = Arc::new(AtomicU64::new(0));
        let mut input = input::open(path, args.setup.input_format, self.stop, &read)?;
        let name = Arc::clone(&input.name);
        let mut cutter = Cutter::new(&input, self.limit);
        let mut chunk = vec![0; CHUNK];
        let mut complaint = None;
        loop {
            let count = input.read(&mut chunk).map_err(|error| Error::file(path, error))?;
            if count == 0 {
                let whole = self.stop.signal().is_none();
                complaint = complaint.or(cutter.finish(whole, &mut |piece| self.piece(piece)));
                break;
            }
            cutter.push(&chunk[..count], &mut |piece| self.piece(piece));
            if input.may_pause {
                self.out.out.flush()?;
            }
            if let Some(error) = self.out.failed.take() {
                return Err(error.into());
            }
        }
        if let Some(error) = self.out.failed.take() {
            return Err(error.into());
        }
        match complaint {
            Some(place) => Err(Error::Other(format!("{name}:{place}: not YAML"))),
            None => Ok(()),
        }
    }

    fn piece(&mut self, piece: Piece<'_>) {
        let Self { filter, out, .. } = self;
        rules::ask(filter, piece, |line| out.line(&line));
    }
}
