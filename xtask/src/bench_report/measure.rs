//! Runs the benchmarks, one build after the other.

use std::fs;
use std::path::PathBuf;
use std::process::Command;

use super::machine;
use crate::{Result, root};

/// The same benchmarks, built differently.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(crate) enum Build {
    /// As a plain `cargo build --release` user gets it.
    Default,
    /// For the CPU at hand: sonic-rs picks its SIMD when it is compiled.
    Native,
    /// serde_json with `preserve_order`; only the engines this changes, and ours as a yardstick.
    PreserveOrder,
    /// A fast allocator for everybody.
    Mimalloc,
}

impl Build {
    pub(crate) const ALL: [Self; 4] =
        [Self::Default, Self::Native, Self::PreserveOrder, Self::Mimalloc];

    /// Name of its folder under `target/bench-report`.
    pub(crate) const fn name(self) -> &'static str {
        match self {
            Self::Default => "default",
            Self::Native => "native",
            Self::PreserveOrder => "preserve-order",
            Self::Mimalloc => "mimalloc",
        }
    }

    /// `RUSTFLAGS`.
    pub(crate) const fn flags(self) -> &'static str {
        match self {
            Self::Native => "-Ctarget-cpu=native",
            _ => "",
        }
    }

    fn options(self) -> &'static [&'static str] {
        match self {
            Self::Default => &[],
            // VRL is not what this build is about, and takes most of the time to compile.
            Self::Native => &["--no-default-features"],
            Self::PreserveOrder => &["--no-default-features", "--features", "preserve-order"],
            Self::Mimalloc => &["--features", "mimalloc"],
        }
    }

    /// Benchmarks of which criterion measures only those whose name matches.
    const fn filter(self) -> Option<&'static str> {
        match self {
            Self::PreserveOrder => Some("serde_json idle|auditweir ecs"),
            _ => None,
        }
    }
}

/// Where results of this name stay.
pub(crate) fn folder(name: &str) -> PathBuf {
    root().join("target/bench-report").join(name)
}

/// `cargo VERB -p auditweir-benches`, in the build's way.
pub(crate) fn cargo(verb: &str, build: Build) -> Command {
    let mut command = Command::new(std::env::var_os("CARGO").unwrap_or("cargo".into()));
    command.current_dir(root()).args([verb, "--locked", "--package", "auditweir-benches"]);
    command.args(build.options());
    command.env("RUSTFLAGS", build.flags());
    if build == Build::Native {
        // Next to the default build, not in its place.
        command.args(["--target-dir", "target/bench-native"]);
    }
    command
}

/// Criterion over every engine and input.
pub(crate) fn throughput(build: Build) -> Result<()> {
    let folder = folder(build.name());
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    fs::create_dir_all(&folder)?;
    let mut command = cargo("bench", build);
    command.args(["--bench", "throughput", "--", "--noplot"]);
    command.args(["--warm-up-time", "1", "--measurement-time", "3", "--sample-size", "30"]);
    command.args(build.filter());
    command.env("CRITERION_HOME", &folder);
    let status = command.status()?;
    if !status.success() {
        return Err(format!("throughput, build {}: {status}", build.name()).into());
    }
    fs::write(folder.join("machine.txt"), machine::describe()?)?;
    Ok(())
}

/// The inputs made to be slow.
pub(crate) fn floods() -> Result<()> {
    fs::create_dir_all(folder(""))?;
    let mut command = cargo("bench", Build::Default);
    command.args(["--bench", "floods"]);
    command.stderr(std::process::Stdio::inherit());
    let output = command.output()?;
    fs::write(folder("floods.txt"), &output.stdout)?;
    print!("{}", String::from_utf8_lossy(&output.stdout));
    if !output.status.success() {
        return Err(format!("floods: {}", output.status).into());
    }
    Ok(())
}
