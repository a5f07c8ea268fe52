//! What is compiled: the command, static, for each processor; plugin and module for this one.

use std::env::consts::ARCH;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Instant;

use super::{Found, Options, done, said, target};
use crate::{Result, root};

/// A processor that the command is made for.
pub(super) struct Processor {
    /// As Rust and RPM call it.
    pub(super) name: &'static str,
    /// As Debian and OCI do.
    pub(super) debian: &'static str,
    /// Of GNU's cross compilers.
    triple: &'static str,
    /// Debian's package with the cross compiler.
    package: &'static str,
}

pub(super) const PROCESSORS: [Processor; 2] = [
    Processor {
        name: "x86_64",
        debian: "amd64",
        triple: "x86_64-linux-gnu",
        package: "gcc-x86-64-linux-gnu libc6-dev-amd64-cross",
    },
    Processor {
        name: "aarch64",
        debian: "arm64",
        triple: "aarch64-linux-gnu",
        package: "gcc-aarch64-linux-gnu libc6-dev-arm64-cross",
    },
];

impl Processor {
    /// Of this machine.
    pub(super) fn is_here(&self) -> bool {
        self.name == ARCH
    }

    /// Static: runs on any Linux.
    fn musl(&self) -> String {
        format!("{}-unknown-linux-musl", self.name)
    }

    /// The C compiler for cryptography, and how to get it.
    fn compiler(&self) -> (String, &'static str) {
        if self.is_here() {
            ("musl-gcc".into(), "musl-tools")
        } else {
            (format!("{}-gcc", self.triple), self.package)
        }
    }

    /// What is missing here to compile for it, as commands.
    fn missing(&self) -> Option<String> {
        let mut commands = Vec::new();
        let (compiler, package) = self.compiler();
        if !super::installed(&compiler) {
            commands.push(format!("apt-get install {package}"));
        }
        let libraries = Command::new("rustc")
            .args(["--print", "target-libdir", "--target", &self.musl()])
            .current_dir(root())
            .output();
        let there = libraries
            .is_ok_and(|output| Path::new(String::from_utf8_lossy(&output.stdout).trim()).is_dir());
        if !there {
            commands.push(format!("rustup target add {}", self.musl()));
        }
        (!commands.is_empty()).then(|| commands.join(" && "))
    }
}

/// Where the compiled files are.
pub(super) struct Built {
    /// A static command for each processor that there is a compiler for.
    pub(super) commands: Vec<(&'static Processor, PathBuf)>,
    /// Plugin of Fluent Bit, module of Vector: what loads them is linked with glibc.
    pub(super) plugin: PathBuf,
    pub(super) module: PathBuf,
    /// What was compiled, and the seconds it took.
    pub(super) seconds: Vec<(String, f64)>,
    pub(super) profile: String,
}

impl Built {
    /// The command that runs here.
    pub(super) fn command(&self) -> Result<&Path> {
        let here = self.commands.iter().find(|(processor, _)| processor.is_here());
        Ok(&here.ok_or("no command for this machine was compiled")?.1)
    }
}

/// Compiles all of it into `folder`.
pub(super) fn compile(options: &Options, folder: &Path, found: &mut Found) -> Result<Built> {
    let profile = options.profile.as_str();
    let built = |triple: &str, name: &str| {
        folder.join(triple).join(if profile == "dev" { "debug" } else { profile }).join(name)
    };
    let mut commands = Vec::new();
    let mut seconds = Vec::new();
    for processor in &PROCESSORS {
        if options.here && !processor.is_here() {
            found.skipped(&format!("--here: nothing for {}", processor.name));
            continue;
        }
        if let Some(how) = processor.missing() {
            found.skipped(&format!("no compiler for {}: {how}", processor.musl()));
            continue;
        }
        let began = Instant::now();
        let triple = processor.musl();
        command(processor, profile, folder)?;
        seconds.push((format!("command, {triple}"), began.elapsed().as_secs_f64()));
        commands.push((processor, built(&triple, "auditweir")));
    }
    let triple = format!("{ARCH}-unknown-linux-gnu");
    let began = Instant::now();
    let mut cargo = cargo(profile, folder, &triple);
    cargo.args(["-p", "auditweir-ffi", "-p", "auditweir-lua"]);
    done(&mut cargo)?;
    seconds.push((format!("plugin and module, {triple}"), began.elapsed().as_secs_f64()));
    Ok(Built {
        commands,
        plugin: built(&triple, "libauditweir.so"),
        module: built(&triple, "libauditweir_lua.so"),
        seconds,
        profile: profile.to_owned(),
    })
}

/// Compiles the command for this machine once more, elsewhere; whether its bytes are the same.
pub(super) fn again(profile: &str, first: &Path) -> Result<()> {
    let here = PROCESSORS.iter().find(|processor| processor.is_here()).ok_or("no processor")?;
    let folder = target().join("dist-rebuild");
    command(here, profile, &folder)?;
    let second = folder.join(here.musl()).join(profile).join("auditweir");
    let sums = said(Command::new("sha256sum").args([first, &second]))?;
    let sums: Vec<_> = sums.lines().filter_map(|line| line.split_whitespace().next()).collect();
    if sums.len() == 2 && sums[0] == sums[1] {
        println!("compiled twice, the same bytes: {}", sums[0]);
        Ok(())
    } else {
        Err(format!("compiled twice, other bytes: {} {}", first.display(), second.display()).into())
    }
}

fn command(processor: &Processor, profile: &str, folder: &Path) -> Result<()> {
    let triple = processor.musl();
    let mut cargo = cargo(profile, folder, &triple);
    cargo.args(["-p", "auditweir-cli"]);
    let (compiler, _) = processor.compiler();
    if !processor.is_here() {
        let name = triple.to_uppercase().replace('-', "_");
        cargo.env(format!("CARGO_TARGET_{name}_LINKER"), &compiler);
    }
    cargo.env(format!("CC_{}", triple.replace('-', "_")), &compiler);
    done(&mut cargo)
}

/// `cargo build` whose output does not tell where it was made.
fn cargo(profile: &str, folder: &Path, triple: &str) -> Command {
    let home = std::env::var_os("CARGO_HOME").map_or_else(
        || PathBuf::from(std::env::var_os("HOME").unwrap_or_default()).join(".cargo"),
        PathBuf::from,
    );
    let flags = format!(
        "--remap-path-prefix={}=/cargo --remap-path-prefix={}=/target --remap-path-prefix={}=/src",
        home.display(),
        folder.display(),
        root().display()
    );
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--locked", "--profile", profile, "--target", triple, "--target-dir"]);
    cargo.arg(folder).current_dir(root()).env("RUSTFLAGS", flags);
    cargo
}
