//! Builds the WebAssembly artifacts: compiles, links, edits, and for npm makes the glue.

mod npm;
mod playground;
mod reset;

use std::env;
use std::ffi::OsString;
use std::fs;
use std::io::{self, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Command, Output};
use std::sync::Mutex;

/// Something that can be built.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Artifact {
    /// `auditweir-fluentbit.wasm`: Fluent Bit's `filter_wasm`. WAMR there has no SIMD.
    FluentBit,
    /// `auditweir.wasm`: any host.
    Generic,
    /// `auditweir-simd.wasm`: any host with 128-bit SIMD.
    GenericSimd,
    /// As [`Self::FluentBit`], with the input that traps. For tests; never shipped.
    FluentBitTrap,
    /// As [`Self::Generic`], with the input that traps. For tests; never shipped.
    GenericTrap,
    /// `npm/`: the package for Node, bundlers and browsers.
    Npm,
    /// `playground.html`: the page to try it on, with the module of the package in it.
    Playground,
}

impl Artifact {
    /// What is shipped.
    pub const SHIPPED: [Self; 5] =
        [Self::FluentBit, Self::Generic, Self::GenericSimd, Self::Npm, Self::Playground];

    /// File or folder name.
    pub const fn name(self) -> &'static str {
        match self {
            Self::FluentBit => "auditweir-fluentbit.wasm",
            Self::Generic => "auditweir.wasm",
            Self::GenericSimd => "auditweir-simd.wasm",
            Self::FluentBitTrap => "trap-fluentbit.wasm",
            Self::GenericTrap => "trap.wasm",
            Self::Npm => "npm",
            Self::Playground => "playground.html",
        }
    }

    const fn target(self) -> &'static str {
        match self {
            Self::FluentBit | Self::FluentBitTrap => "wasm32-wasip1",
            _ => "wasm32-unknown-unknown",
        }
    }

    const fn feature(self) -> Option<&'static str> {
        match self {
            Self::FluentBitTrap | Self::GenericTrap => Some("trap"),
            Self::Npm | Self::Playground => Some("bindgen"),
            _ => None,
        }
    }

    /// Node since 16.4 and every browser since 2023 have SIMD.
    const fn simd(self) -> bool {
        matches!(self, Self::GenericSimd | Self::Npm | Self::Playground)
    }
}

/// Builds an artifact and returns its path in `target/wasm-artifacts/`.
///
/// Errors are texts for people: the command that failed, or what was wrong with its result.
pub fn build(artifact: Artifact) -> Result<PathBuf, String> {
    let linked = compile(artifact)?;
    let folder = target().join("wasm-artifacts");
    fs::create_dir_all(&folder).map_err(|error| at(&folder, error))?;
    let path = folder.join(artifact.name());
    match artifact {
        Artifact::Npm => npm::package(&linked, &path)?,
        Artifact::Playground => playground::page(&linked, &path)?,
        _ => {
            let bytes = fs::read(&linked).map_err(|error| at(&linked, error))?;
            let bytes = reset::stack_at_entry(&bytes)?;
            fs::write(&path, bytes).map_err(|error| at(&path, error))?;
        }
    }
    Ok(path)
}

/// Runs cargo; the path of the module it linked.
fn compile(artifact: Artifact) -> Result<PathBuf, String> {
    let target = artifact.target();
    // In one folder, builds with other flags would throw each other's results away.
    let folder = if artifact.simd() { self::target().join("wasm-simd") } else { self::target() };
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .current_dir(root())
        .args(["build", "--quiet", "--locked", "--package", "auditweir-wasm", "--profile", "wasm"])
        .args(["--target", target])
        .arg("--target-dir")
        .arg(&folder);
    if let Some(feature) = artifact.feature() {
        cargo.args(["--features", feature]);
    }
    // Flags meant for the machine we run on (sanitizers, CPU features) must not leak in.
    cargo.env_remove("RUSTFLAGS").env_remove("CARGO_ENCODED_RUSTFLAGS");
    if artifact.simd() {
        cargo.env("RUSTFLAGS", "-Ctarget-feature=+simd128");
    }
    let mut output = cargo.output().map_err(|error| format!("cargo: {error}"))?;
    let lacks_target = |output: &Output| {
        let text = String::from_utf8_lossy(&output.stderr);
        // Of `core`; or of `std`, where what needs no more than `core` was compiled before.
        !output.status.success() && text.contains("target may not be installed")
    };
    if lacks_target(&output) {
        add_targets()?;
        output = cargo.output().map_err(|error| format!("cargo: {error}"))?;
    }
    if !output.status.success() {
        let text = String::from_utf8_lossy(&output.stderr);
        return Err(format!("{}: {text}", artifact.name()));
    }
    Ok(folder.join(target).join("wasm").join("auditweir_wasm.wasm"))
}

/// The targets of all artifacts.
const TARGETS: [&str; 2] = ["wasm32-wasip1", "wasm32-unknown-unknown"];

/// Adds the standard library of the WebAssembly targets to the tool chain in use. Rustup reads
/// `rust-toolchain.toml` for that by itself only where it may install at all
/// (`RUSTUP_AUTO_INSTALL`).
fn add_targets() -> Result<(), String> {
    // Tests build several artifacts at once.
    static ONE_AT_A_TIME: Mutex<()> = Mutex::new(());
    let _guard = ONE_AT_A_TIME.lock();
    let _ = writeln!(io::stderr(), "adding the targets {} with rustup", TARGETS.join(", "));
    let mut rustup = Command::new("rustup");
    rustup.current_dir(root()).args(["target", "add"]).args(TARGETS);
    let output = rustup.output().map_err(|error| format!("rustup: {error}"))?;
    if output.status.success() {
        return Ok(());
    }
    let said = String::from_utf8_lossy(&output.stderr);
    Err(format!("rustup target add {}: {said}", TARGETS.join(" ")))
}

/// The workspace.
fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../..")
}

/// Where cargo builds.
fn target() -> PathBuf {
    env::var_os("CARGO_TARGET_DIR")
        .filter(|dir| *dir != OsString::new())
        .map_or_else(|| root().join("target"), |dir| root().join(dir))
}

fn at(path: &Path, error: impl std::fmt::Display) -> String {
    format!("{}: {error}", path.display())
}
