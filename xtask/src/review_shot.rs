//! `review-shot`: makes docs/review.png, the page of `auditweir review` in a browser.
//!
//! The log is made of the events in tests/corpora, repeated and spread over one day, so that there
//! is something to see over time. Nothing of it is invented but the times.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::Value;

use crate::{Result, root};

/// Files or folders of events, and how often each event occurs.
const SOURCES: [(&str, usize); 4] = [
    ("openshift-clo/audit_in.log", 40),
    ("vanilla-audit2rbac/demo.log", 2),
    ("vanilla-falco-k8s_audit", 3),
    ("eks-panther/aws_eks_rules-tests.ndjson", 2),
];
/// How busy each hour of the day is.
const HOURS: [u64; 24] =
    [3, 2, 2, 2, 3, 4, 5, 8, 13, 16, 15, 14, 11, 14, 16, 15, 13, 11, 8, 6, 5, 5, 4, 3];
/// Size of the picture.
const WINDOW: &str = "1280,2000";
const MOST_BYTES: u64 = 400_000;

pub(crate) fn run() -> Result<()> {
    let folder = root().join("target/review-shot");
    fs::create_dir_all(&folder)?;
    let log = folder.join("audit.log");
    fs::write(&log, demo(&root().join("tests/corpora"))?)?;
    let page = folder.join("review.html");
    let status = Command::new("cargo")
        .args(["run", "-q", "-p", "auditweir-cli", "--", "review", "--top", "6"])
        .arg(&log)
        .arg("--html")
        .arg(&page)
        .current_dir(root())
        .status()?;
    if !status.success() {
        return Err("auditweir review failed".into());
    }
    let browser = std::env::var("CHROMIUM").unwrap_or_else(|_| "/usr/bin/chromium".into());
    let picture = root().join("docs/review.png");
    let profile = folder.join("profile");
    let output = Command::new(&browser)
        .args([
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--disable-quic",
            "--no-first-run",
            "--disable-background-networking",
            "--disable-component-update",
            "--disable-sync",
            "--hide-scrollbars",
        ])
        .arg(format!("--window-size={WINDOW}"))
        .arg(format!("--user-data-dir={}", profile.display()))
        .arg(format!("--screenshot={}", picture.display()))
        .arg(format!("file://{}", page.display()))
        .output()
        .map_err(|error| format!("{browser}: {error}; set CHROMIUM to a browser"))?;
    fs::remove_dir_all(profile)?;
    if !output.status.success() {
        return Err(String::from_utf8_lossy(&output.stderr).into());
    }
    let bytes = fs::metadata(&picture)?.len();
    println!("{}: {bytes} bytes", picture.display());
    if bytes > MOST_BYTES { Err("the picture is too large".into()) } else { Ok(()) }
}

/// The log, one event a line, in order of time.
fn demo(corpora: &Path) -> Result<String> {
    let mut dice = 1u64;
    let mut roll = |sides: u64| {
        dice = dice.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (dice >> 33) % sides
    };
    let busy: u64 = HOURS.iter().sum();
    let mut events: Vec<(String, Value)> = Vec::new();
    for (name, times) in SOURCES {
        for text in texts(&corpora.join(name))? {
            let event: Value =
                serde_json::from_str(&text).map_err(|error| format!("{name}: {error}"))?;
            for _ in 0..times {
                let mut at = roll(busy);
                let mut hour = 0;
                while at >= HOURS[hour] {
                    at -= HOURS[hour];
                    hour += 1;
                }
                let (minute, second, micro) = (roll(60), roll(60), roll(1_000_000));
                let time = format!("2026-03-17T{hour:02}:{minute:02}:{second:02}.{micro:06}Z");
                let mut event = event.clone();
                event["requestReceivedTimestamp"] = time.as_str().into();
                event["stageTimestamp"] = time.as_str().into();
                events.push((time, event));
            }
        }
    }
    events.sort_by(|one, other| one.0.cmp(&other.0));
    let lines: Vec<String> = events.iter().map(|(_, event)| event.to_string()).collect();
    Ok(lines.join("\n") + "\n")
}

/// The JSON texts of a file with one a line, or of a folder with one a file.
fn texts(path: &Path) -> Result<Vec<String>> {
    if path.is_dir() {
        let mut files: Vec<PathBuf> =
            fs::read_dir(path)?.map(|entry| Ok(entry?.path())).collect::<Result<_>>()?;
        files.sort();
        return files.iter().map(|file| Ok(fs::read_to_string(file)?)).collect();
    }
    Ok(fs::read_to_string(path)?.lines().map(str::to_owned).collect())
}
