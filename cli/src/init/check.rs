//! `auditweir init --check`: tries what is there, from the policy to the program's own check.

use std::io::Write as _;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::Arc;

use auditweir::{Filter, Format};

use super::program::Program;
use super::recipe::{File, VECTOR_STATE, configuration};
use super::trial::event::Event;
use super::trial::{self, Outcome};
use crate::args::{Init, Part};
use crate::exit::{Error, Exit};
use crate::input::yaml::to_json;
use crate::setup;

/// One line of the report.
struct Report {
    failed: bool,
}

impl Report {
    fn line(&mut self, what: &str, found: Result<String, String>) -> Result<(), Error> {
        let mut out = anstream::stdout().lock();
        match found {
            Ok(said) => {
                writeln!(out, "ok      {what}{}{said}", if said.is_empty() { "" } else { ": " })?;
            }
            Err(why) => {
                self.failed = true;
                writeln!(out, "FAILED  {what}: {why}")?;
            }
        }
        Ok(())
    }

    /// A file that was written: read where that can be done here, else only looked for.
    fn file(&mut self, path: &Path) -> Result<(), Error> {
        let what = path.display().to_string();
        if !path.is_file() {
            return self.line(&what, Err("is not there".to_owned()));
        }
        match read(path) {
            Some(found) => self.line(&what, found),
            None => Self::there(&what),
        }
    }

    /// It exists; that is all that is known of it.
    fn there(what: &str) -> Result<(), Error> {
        writeln!(anstream::stdout().lock(), "there   {what} (not read)")?;
        Ok(())
    }

    fn skipped(what: &str, why: &str) -> Result<(), Error> {
        writeln!(anstream::stdout().lock(), "SKIPPED {what}: {why}")?;
        Ok(())
    }
}

/// Runs every check; exit code 1 when one failed.
pub(super) fn check(args: &Init, program: &Program, files: &[File]) -> Result<Exit, Error> {
    let mut report = Report { failed: false };
    for file in files.iter().filter(|file| !file.name.starts_with("index/")) {
        report.file(&args.out.join(&file.name))?;
    }
    if args.target != Part::KubeApiserver {
        let path = args.out.join("policy.yaml");
        report.line("a synthetic event through the policy", through(&path))?;
    }
    let configuration = args.out.join(configuration(args.target, program));
    // Not those of kube-apiserver, which are on its nodes.
    if args.target != Part::KubeApiserver {
        let text = std::fs::read_to_string(&configuration).unwrap_or_default();
        // systemd's copies of what `LoadCredential=` names.
        for file in named(&text.replace("${CREDENTIALS_DIRECTORY}/", "")) {
            if Path::new(&file).is_file() {
                Report::there(&file)?;
            } else {
                report.line(&file, Err(format!("is not there; {}", remedy(args, &file))))?;
            }
        }
        // The trial below has a folder of its own for it. Fluent Bit makes its folders itself.
        if args.target == Part::Vector
            && text.contains(&format!("data_dir: {VECTOR_STATE}\n"))
            && !Path::new(VECTOR_STATE).is_dir()
        {
            let why = format!("is not there; install -d -m 700 {VECTOR_STATE} makes it");
            report.line(VECTOR_STATE, Err(why))?;
        }
    }
    match (args.target, &program.path) {
        (Part::FluentBit, Some(path)) if program.version.is_some() => {
            report.line(
                "fluent-bit --dry-run",
                run(path, &["--dry-run", "--config"], &configuration),
            )?;
        }
        (Part::Vector, Some(path)) if program.version.is_some() => {
            report.line(
                "vector validate",
                run(path, &["validate", "--no-environment"], &configuration),
            )?;
            report.line("vector test", run(path, &["test"], &configuration))?;
        }
        (Part::FluentBit | Part::Vector, _) => {
            Report::skipped("the program's own check", "it is not installed here")?;
        }
        (Part::Serve | Part::KubeApiserver, _) => {}
    }
    let what = match args.target {
        Part::FluentBit => "a synthetic event through Fluent Bit",
        Part::Vector => "a synthetic event through Vector",
        Part::Serve => "a synthetic event through auditweir serve",
        // Its log is where the others begin.
        Part::KubeApiserver => return Ok(if report.failed { Exit::Failed } else { Exit::Ok }),
    };
    if report.failed {
        Report::skipped(what, "first what failed above")?;
    } else {
        match trial::run(args, program, &configuration) {
            Outcome::Arrived(said) => report.line(what, Ok(said))?,
            Outcome::Failed(why) => report.line(what, Err(why))?,
            Outcome::Skipped(why) => Report::skipped(what, &why)?,
        }
    }
    Ok(if report.failed { Exit::Failed } else { Exit::Ok })
}

/// What is in a file, if it is one that this command can read.
fn read(path: &Path) -> Option<Result<String, String>> {
    let kind = |kind| Some(of_kind(path, kind).map(|()| kind.to_owned()));
    match path.file_name()?.to_str()? {
        "audit-policy.yaml" => Some(match setup::audit_policy(path) {
            Ok(policy) => {
                let rules = policy.policy().decide.audit.as_ref().map_or(0, |a| a.rules.len());
                Ok(format!("an audit policy of {rules} rules"))
            }
            // Its path stands before it already.
            Err(error) => Err(without(&error.to_string(), path)),
        }),
        "policy.yaml" => Some(match auditweir_shell::read_policy(setup::file(path)) {
            Ok(_) => Ok("a policy".to_owned()),
            Err(error) => Err(without(&error.to_string(), path)),
        }),
        "kubeadm.yaml" => kind("ClusterConfiguration"),
        "webhook.kubeconfig" => kind("Config"),
        _ => None,
    }
}

/// A message about a file, without the file's name before it.
fn without(message: &str, path: &Path) -> String {
    let name = format!("{}:", path.display());
    message.strip_prefix(&name).unwrap_or(message).trim_start().to_owned()
}

/// Whether a file is YAML and an object of this kind.
fn of_kind(path: &Path, kind: &str) -> Result<(), String> {
    let text = std::fs::read(path).map_err(|error| error.to_string())?;
    let documents = to_json(&text).map_err(|place| format!("{place}: not YAML"))?;
    let of_kind = |text: &String| {
        let object: serde_json::Value = serde_json::from_str(text).unwrap_or_default();
        object["kind"] == kind
    };
    if documents.iter().any(of_kind) { Ok(()) } else { Err(format!("is no object of kind {kind}")) }
}

/// Files that a configuration names and that must be there: modules, certificates, keys.
fn named(text: &str) -> Vec<String> {
    let mut files = Vec::new();
    for line in text.lines().map(str::trim_start) {
        if line.starts_with(['#', ';']) || line.starts_with("--") {
            continue;
        }
        // The program of a unit.
        let program = line.strip_prefix("ExecStart=").and_then(|rest| rest.split(' ').next());
        for word in line.split([' ', '"', '\'', '=', ',', ':', ';', '{', '}']) {
            let needed = program == Some(word)
                || [".so", ".crt", ".key", "/sink-auth"].iter().any(|end| word.ends_with(end));
            if needed && word.starts_with('/') && !word.starts_with("//") {
                // Lua's pattern for modules.
                let file = word.replace('?', "auditweir");
                if !files.contains(&file) {
                    files.push(file);
                }
            }
        }
    }
    files
}

/// Where a file that is missing comes from.
fn remedy(args: &Init, file: &str) -> String {
    let guide = match args.target {
        Part::FluentBit => "integrations/fluent-bit/native/README.md",
        Part::Vector => "integrations/vector/README.md",
        Part::Serve | Part::KubeApiserver => "integrations/webhook/README.md",
    };
    match args.target {
        Part::FluentBit | Part::Vector
            if Path::new(file).extension().is_some_and(|end| end == "so") =>
        {
            format!("the package auditweir-{} puts it there, or see {guide}", args.target.name())
        }
        Part::Serve if file.contains("server.") || file.contains("client-ca.") => {
            format!("sh {}/certificates.sh makes it, or see {guide}", args.out.display())
        }
        Part::Serve if file.ends_with("/auditweir") => {
            "cargo install --path cli --root /usr/local puts it there; or change ExecStart".into()
        }
        _ if file.ends_with("ca.crt") => {
            "put the authority of the cluster's certificate there, as PEM".into()
        }
        _ if file.ends_with("/sink-auth") => {
            "a file with `ApiKey …` or `user:password` for the cluster, mode 600".into()
        }
        _ => format!("see {guide}"),
    }
}

/// The event goes in, its name comes out and what was planted does not, in every format.
fn through(policy: &Path) -> Result<String, String> {
    let policy =
        auditweir_shell::read_policy(setup::file(policy)).map_err(|error| error.to_string())?;
    // Whatever key the shipper has: here only what is taken out counts.
    let policy = policy
        .with_pseudonym_key(b"a key for this check alone")
        .map_err(|error| error.to_string())?;
    let policy = Arc::new(policy);
    let event = Event::new();
    for format in Format::ALL {
        let mut out = Vec::new();
        let verdict =
            Filter::new(Arc::clone(&policy), format).apply(event.line().as_bytes(), &mut out);
        let out = String::from_utf8_lossy(&out);
        if event.leaks_in(&out) {
            return Err(format!("a Secret's value comes out in `{}`", format.name()));
        }
        if verdict.events != 1 || !out.contains(event.name()) {
            return Err("the event does not come out: the policy drops it".to_owned());
        }
    }
    Ok("a Secret's value stays behind in every format".to_owned())
}

fn run(program: &Path, args: &[&str], configuration: &Path) -> Result<String, String> {
    let output = Command::new(program)
        .args(args)
        .arg(configuration)
        .stdin(Stdio::null())
        .output()
        .map_err(|error| error.to_string())?;
    if output.status.success() {
        return Ok(String::new());
    }
    let said = [output.stdout, output.stderr].concat();
    let said = String::from_utf8_lossy(&said);
    let tail: Vec<&str> = said.lines().rev().take(5).collect();
    Err(tail.into_iter().rev().collect::<Vec<_>>().join(" | "))
}
