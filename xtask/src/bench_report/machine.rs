//! Says what was measured on.

use std::fs;
use std::process::Command;

use crate::{Result, root};

/// CPU, cores and compiler, one a line.
pub(crate) fn describe() -> Result<String> {
    let cpus = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
    let model = cpus
        .lines()
        .find_map(|line| line.strip_prefix("model name")?.split_once(": "))
        .map_or("unknown CPU", |(_, model)| model);
    let family: Vec<&str> = ["cpu family", "model\t"]
        .iter()
        .filter_map(|key| cpus.lines().find(|line| line.starts_with(key))?.split_once(": "))
        .map(|(_, value)| value)
        .collect();
    let cores = std::thread::available_parallelism()?;
    let output = Command::new("rustc").arg("--version").current_dir(root()).output()?;
    let rustc = String::from_utf8(output.stdout)?;
    Ok(format!(
        "{model} (family {}), {cores} cores, {}\n{}",
        family.join(" model "),
        std::env::consts::ARCH,
        rustc.trim()
    ))
}
