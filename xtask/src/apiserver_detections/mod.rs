//! `apiserver-detections`: attacks on a real kube-apiserver at each audit level, each with twins that
//! only look like it, and what `auditweir detect` says of its audit log.
//!
//! `tests/apiserver/detections.yaml` has the attacks and what must be said of them; the driver there
//! plays them and fails when the server answers otherwise than the twin is meant to be answered.

mod judge;
mod page;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use auditweir::policy::Level;
use auditweir::rules::Rules;

use crate::apiserver_corpus::{VERSION, build};
use crate::{Result, root};
use judge::{Findings, Judged, Labels};

const LEVELS: [Level; 3] = [Level::Metadata, Level::Request, Level::RequestResponse];

#[derive(Default)]
struct Options {
    write: bool,
    judge: bool,
    auditweir: Option<PathBuf>,
}

pub(crate) fn run(arguments: &[&str]) -> Result<()> {
    let options = options(arguments)?;
    let folder = root().join("target/apiserver");
    fs::create_dir_all(&folder)?;
    let driver = if options.judge { PathBuf::new() } else { build(&folder)? };
    let auditweir = match options.auditweir {
        Some(file) => file,
        None => command()?,
    };
    let rules = Rules::pack()?;
    let mut judged = Vec::new();
    for level in LEVELS {
        let out = folder.join(format!("detections-{}", level.name()));
        if !options.judge {
            play(&driver, &out, level)?;
        }
        let labels = Labels::read(&out.join("labels.json"))?;
        let log = out.join("audit.log");
        let findings = Findings::parse(&detect(&auditweir, &log)?)?;
        let mut at = Judged::of(&labels, &findings, &rules, level)?;
        let backwards = out.join("backwards.log");
        fs::write(&backwards, reversed(&fs::read_to_string(&log)?))?;
        at.compare(&findings, &Findings::parse(&detect(&auditweir, &backwards)?)?, &rules);
        judged.push(at);
    }
    let mut wrong = 0;
    for at in &judged {
        for line in &at.wrong {
            println!("WRONG at {}: {line}", at.level.name());
        }
        wrong += at.wrong.len();
    }
    let page = page::page(&judged, VERSION);
    print!("{page}");
    if options.write {
        fs::write(root().join("docs/detections-on-a-real-api-server.md"), page)?;
    }
    if wrong == 0 { Ok(()) } else { Err(format!("{wrong} wrong answers: see above").into()) }
}

fn options(arguments: &[&str]) -> Result<Options> {
    let mut options = Options::default();
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match *argument {
            "--write" => options.write = true,
            "--judge" => options.judge = true,
            "--auditweir" => {
                options.auditweir = Some(rest.next().ok_or("--auditweir FILE")?.into());
            }
            other => return Err(format!("unknown option {other}").into()),
        }
    }
    Ok(options)
}

/// The command, in the profile that compiles fast.
fn command() -> Result<PathBuf> {
    let done = Command::new(env!("CARGO"))
        .args(["build", "--quiet", "--locked", "--profile", "quick", "-p", "auditweir-cli"])
        .arg("--no-default-features")
        .current_dir(root())
        .status()?;
    if done.success() {
        Ok(root().join("target/quick/auditweir"))
    } else {
        Err("auditweir cannot be built".into())
    }
}

fn play(driver: &Path, out: &Path, level: Level) -> Result<()> {
    fs::create_dir_all(out)?;
    let log = out.join("driver.log");
    let done = Command::new(driver)
        .arg("--out")
        .arg(out)
        .arg("--attacks")
        .arg(root().join("tests/apiserver/detections.yaml"))
        .args(["--level", level.name()])
        .stderr(fs::File::create(&log)?)
        .status()?;
    if done.success() {
        Ok(())
    } else {
        Err(format!("the driver failed: {}", log.display()).into())
    }
}

/// What the command prints of a log.
fn detect(auditweir: &Path, log: &Path) -> Result<String> {
    let output = Command::new(auditweir)
        .args(["detect", "--answers", "all"])
        .arg(log)
        .output()
        .map_err(|error| format!("{}: {error}", auditweir.display()))?;
    if output.status.success() {
        Ok(String::from_utf8(output.stdout)?)
    } else {
        Err(format!("{}: {}", log.display(), String::from_utf8_lossy(&output.stderr)).into())
    }
}

/// The lines of a log from the last to the first.
fn reversed(log: &str) -> String {
    let mut lines: Vec<&str> = log.lines().collect();
    lines.reverse();
    lines.join("\n") + "\n"
}
