//! `auditweir policy`: checks, tests and describes policies.

mod doubts;

use std::collections::BTreeMap;
use std::fmt::Write as _;
use std::fs;
use std::io::Write;
use std::path::{Path, PathBuf};

use anstyle::{AnsiColor, Style};
use auditweir::CompiledPolicy;
use auditweir::detect::Detector;
use auditweir::policy::Action;
use auditweir_cases::case::CaseFile;
use auditweir_cases::check::failures;
use auditweir_cases::host::Host as _;
use auditweir_cases::library::Library;
use auditweir_shell::SetupError;

use crate::args::Policy;
use crate::exit::{Error, Exit, say};
use crate::setup;

/// The file, which a test compares with the code: a command that makes it takes a fifth longer to build.
const SCHEMA: &str = include_str!("../../schema/policy.v1.json");

const GOOD: Style = AnsiColor::Green.on_default();
const BAD: Style = AnsiColor::Red.on_default().bold();

/// Runs the command.
pub(crate) fn policy(command: Policy) -> Result<Exit, Error> {
    match command {
        Policy::Check { files } => check(&files),
        Policy::Test { files, policy } => test(&files, policy.as_deref()),
        Policy::Schema => crate::print(|out| out.write_all(SCHEMA.as_bytes())),
        Policy::Show => {
            let text = serde_saphyr::to_string(&auditweir::Policy::default())
                .map_err(|error| Error::Other(error.to_string()))?;
            crate::print(|out| out.write_all(text.as_bytes()))
        }
    }
}

fn check(files: &[PathBuf]) -> Result<Exit, Error> {
    let mut exit = Exit::Ok;
    let mut out = anstream::stdout().lock();
    for path in files {
        match auditweir_shell::read_policy(setup::file(path)) {
            Ok(policy) => {
                writeln!(out, "{}: {GOOD}ok{GOOD:#}\n{}", path.display(), summary(&policy))?;
                let text = fs::read_to_string(path).unwrap_or_default();
                for (key, message) in doubts::doubts(policy.policy()) {
                    let place = auditweir_shell::place_of(&text, &key);
                    say(format_args!("warning: {}:{place} {message}", path.display()));
                }
            }
            Err(error) => {
                exit = exit.max(match error {
                    SetupError::Policy { .. } => Exit::Failed,
                    _ => Exit::Error,
                });
                say(error);
            }
        }
    }
    Ok(exit)
}

/// What a policy does, in a few lines.
fn summary(policy: &CompiledPolicy) -> String {
    let mut text = String::new();
    let compiled = policy;
    let policy = policy.policy();
    let redact = &policy.redact;
    let mut line = |name: &str, value: String| {
        let _ = writeln!(text, "  {name:<16}{value}");
    };
    for (what, action, values) in [
        ("Secrets", redact.secrets, "their values"),
        ("ConfigMaps", redact.config_maps, "their values"),
        ("tokens", redact.tokens, "they"),
        ("hinted values", redact.hinted_values, "values under a name like `password`"),
    ] {
        if action == Action::Keep {
            line("WARNING", format!("{what} keep: {values} go on as they came"));
        }
    }
    for (name, action) in [
        ("Secrets", redact.secrets),
        ("ConfigMaps", redact.config_maps),
        ("tokens", redact.tokens),
        ("hinted values", redact.hinted_values),
        ("opaque subtrees", redact.opaque),
        ("managedFields", redact.managed_fields),
    ] {
        line(name, action.name().into());
    }
    let action = |detector: &Detector| detector.action(&redact.detectors);
    let (on, off): (Vec<&Detector>, Vec<&Detector>) =
        Detector::ALL.iter().partition(|detector| action(detector) != Action::Keep);
    // Not by name: there are too many to see what matters beside them.
    line("detectors on", format!("{} (docs/detectors.md)", on.len()));
    let names: Vec<&str> = off.iter().map(|detector| detector.name()).collect();
    line("detectors off", format!("{}: {}", off.len(), names.join(", ")));
    let changed: Vec<String> = Detector::ALL
        .iter()
        .map(|detector| (detector, action(detector)))
        .filter(|(detector, now)| *now != detector.action(&BTreeMap::new()))
        .map(|(detector, now)| format!("{} ({})", detector.name(), now.name()))
        .collect();
    if !changed.is_empty() {
        line("of them changed", changed.join(", "));
    }
    for rule in &redact.rules {
        let resources = if rule.resources.is_empty() {
            String::new()
        } else {
            format!(" of {}", rule.resources.join(", "))
        };
        line(
            "rule",
            format!("{}: {} {}{resources}", rule.name, rule.action.name(), rule.paths.join(", ")),
        );
    }
    let pseudonyms = setup::pseudonyms(policy);
    let id = redact.pseudonym_key_id.as_deref();
    if !pseudonyms.is_empty() {
        let (id, names) = (id.unwrap_or("default"), pseudonyms.join(", "));
        line("pseudonym key", format!("{id}; without it these mask: {names}"));
    } else if let Some(id) = id {
        line("pseudonym key", id.to_owned());
    }
    let audit = if policy.decide.audit.is_some() { "as the policy says" } else { "as written" };
    line("audit levels", audit.into());
    let noise = &policy.decide.noise;
    line("noise dropped", if noise.is_empty() { "none".into() } else { noise.join(", ") });
    let enrich = &policy.enrich;
    line(
        "enrichment",
        format!(
            "cluster {}, {} networks, {} lookups",
            enrich.cluster.name.as_deref().unwrap_or("from the envelope"),
            enrich.networks.len(),
            enrich.lookups.len()
        ),
    );
    let limits = &policy.limits;
    line(
        "limits",
        format!(
            "{} bytes a line, {} bytes decoded, depth {}, {} members, {} layers",
            limits.line_bytes, limits.decoded_bytes, limits.depth, limits.nodes, limits.nested
        ),
    );
    line("redaction rules", compiled.rule_names().len().to_string());
    line(
        "detection rules",
        match compiled.rules() {
            None => "none".into(),
            Some(rules) => {
                let (told, expected) = (rules.telling().count(), rules.exceptions().len());
                format!("{told}, {expected} exceptions")
            }
        },
    );
    text
}

fn test(files: &[PathBuf], policy: Option<&Path>) -> Result<Exit, Error> {
    let instead = match policy {
        Some(path) => {
            auditweir_shell::read_policy(setup::file(path))?;
            Some(fs::read_to_string(path).map_err(|error| Error::file(path, error))?)
        }
        None => None,
    };
    let mut out = anstream::stdout().lock();
    let mut exit = Exit::Ok;
    let (mut passed, mut failed, mut pending) = (0, 0, 0);
    for path in files {
        let text = fs::read_to_string(path).map_err(|error| Error::file(path, error));
        let name = path.display().to_string();
        let parsed = text.and_then(|text| CaseFile::parse(&name, &text).map_err(Error::Other));
        let file = match parsed {
            Ok(file) => file,
            Err(error) => {
                say(error);
                exit = Exit::Error;
                continue;
            }
        };
        for case in &file.cases {
            let own = file.policy(case);
            let policy = instead.as_deref().or(own.as_deref());
            let wrong = match file.input(case) {
                Ok(input) => match Library.run(&CaseFile::setup(case, policy), &input) {
                    Ok(output) => failures(case, &input, &output),
                    Err(error) => vec![error],
                },
                Err(error) => vec![error],
            };
            let wrong = match (case.pending, wrong.is_empty()) {
                (true, false) => {
                    pending += 1;
                    writeln!(out, "pending {name}: {}", case.name)?;
                    continue;
                }
                (true, true) => vec!["passes now: remove `pending: true`".into()],
                (false, _) => wrong,
            };
            if wrong.is_empty() {
                passed += 1;
                writeln!(out, "{GOOD}ok{GOOD:#}      {name}: {}", case.name)?;
            } else {
                failed += 1;
                writeln!(out, "{BAD}FAILED{BAD:#}  {name}: {}", case.name)?;
                for reason in wrong {
                    writeln!(out, "  {reason}")?;
                }
            }
        }
    }
    if passed + failed + pending > 0 {
        writeln!(out, "\n{passed} passed, {failed} failed, {pending} pending")?;
    } else if exit == Exit::Ok {
        return Err(Error::Other("no case in these files".into()));
    }
    Ok(if failed > 0 { exit.max(Exit::Failed) } else { exit })
}
