//! Validation against the published schemas, offline once their packages are there.

use std::fmt::Write as _;
use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::sync::OnceLock;

use auditweir::Format;
use auditweir_tests::here;

use crate::corpus;

/// Packages of PyPI; the versions that the expectations were written for.
const PACKAGES: &[&str] = &[
    "ocsf-json-schema==1.2.0",
    "jsonschema==4.26.0",
    "opentelemetry-proto==1.45.2",
    "opentelemetry-semantic-conventions==0.66b2",
];

/// A Python that has the packages, set up once in `target`; or why there is none.
fn python() -> Result<&'static Path, &'static str> {
    static PYTHON: OnceLock<Result<PathBuf, String>> = OnceLock::new();
    let found = PYTHON.get_or_init(|| {
        let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("format-validators");
        let python = folder.join("bin/python");
        let stamp = folder.join("packages");
        if fs::read_to_string(&stamp).is_ok_and(|text| text == PACKAGES.join("\n")) {
            return Ok(python);
        }
        run(Command::new("python3").args(["-m", "venv", "--clear"]).arg(&folder))?;
        run(Command::new(&python).args(["-m", "pip", "install", "--quiet"]).args(PACKAGES))?;
        fs::write(stamp, PACKAGES.join("\n")).map_err(|error| error.to_string())?;
        Ok(python)
    });
    found.as_deref().map_err(String::as_str)
}

fn run(command: &mut Command) -> Result<String, String> {
    let output = command.output().map_err(|error| format!("{command:?}: {error}"))?;
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    if output.status.success() {
        Ok(text)
    } else {
        let said = String::from_utf8_lossy(&output.stderr);
        Err(format!("{command:?}: {}\n{text}{said}", output.status))
    }
}

/// Everything there is in one format, through a script that validates it.
fn validate(format: Format, script: &str) {
    let mut all = String::new();
    let mut counts = String::new();
    let corpus = corpus::corpus(format);
    let mut total = 0;
    for (name, lines) in corpus.into_iter().chain([
        ("cases", corpus::all_cases(format)),
        ("stubs", corpus::stubs(format)),
        ("samples", corpus::samples(format)),
        ("alerts", if format == Format::Ocsf { corpus::alerts() } else { Vec::new() }),
    ]) {
        let _ = write!(counts, " {name} {}", lines.len());
        total += lines.len();
        for line in lines {
            all.push_str(&line);
            all.push('\n');
        }
    }
    assert!(total > 600, "{total}:{counts}");
    let file = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("{}.ndjson", format.name()));
    fs::write(&file, all).expect("target/tmp");
    match python() {
        Ok(python) => {
            let said = run(Command::new(python).arg(here("formats").join(script)).arg(&file))
                .unwrap_or_else(|error| panic!("{error}"));
            eprintln!("{}:{counts}\n{said}", format.name());
        }
        Err(why) => eprintln!(
            "\nSKIPPED: {} was not validated: no Python with the packages: {why}\n",
            format.name()
        ),
    }
}

#[test]
fn every_ocsf_event_is_valid() {
    validate(Format::Ocsf, "ocsf.py");
}

#[test]
fn every_otel_request_is_valid() {
    validate(Format::Otel, "otlp.py");
}
