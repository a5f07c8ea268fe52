//! `dist`: all that a release has, in `target/dist`: packages, archives, npm, WebAssembly, playground,
//! chart, image layouts, SBOM, checksums.
//!
//! What is compiled is compiled once; what is packed has the time of the last commit and a fixed order,
//! so that packing twice gives the same bytes, which `--check` does; it then installs the packages in
//! empty roots and runs them there. Packages are made by the distributions' own tools (`dpkg-deb`,
//! `rpmbuild`); what lacks its tool is left out, loudly.

mod compile;
mod image;
mod install;
mod packages;
mod report;
mod sbom;
mod stage;

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use auditweir_tests::helm;

use crate::{Result, root};
use compile::{Built, PROCESSORS};
use image::Image;
use stage::{COMMAND, PLUGINS};

struct Options {
    profile: String,
    check: bool,
    rebuild: bool,
    all: bool,
    here: bool,
    write: bool,
}

/// Where the pieces are, and what all of them have in common.
struct Dist {
    /// Staged files, as they are on a machine.
    stage: PathBuf,
    out: PathBuf,
    version: String,
    /// Seconds since 1970 of the last commit.
    time: String,
}

/// What was left out, and why.
#[derive(Default)]
struct Found {
    skipped: Vec<String>,
}

impl Found {
    fn skipped(&mut self, why: &str) {
        if !self.skipped.iter().any(|known| known == why) {
            println!("SKIPPED: {why}");
            self.skipped.push(why.to_owned());
        }
    }
}

pub(crate) fn run(arguments: &[&str]) -> Result<()> {
    let mut options = Options {
        profile: "release".into(),
        check: false,
        rebuild: false,
        all: false,
        here: false,
        write: false,
    };
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match *argument {
            "--check" => options.check = true,
            "--rebuild" => options.rebuild = true,
            "--all" => options.all = true,
            "--here" => options.here = true,
            "--write" => (options.check, options.write) = (true, true),
            "--profile" => options.profile = (*rest.next().ok_or("--profile NAME")?).into(),
            other => return Err(format!("unknown option {other}").into()),
        }
    }
    let mut found = Found::default();
    let target = target();
    let built = compile::compile(&options, &target.join("dist-build"), &mut found)?;
    let time = said(Command::new("git").args(["log", "-1", "--format=%ct"]).current_dir(root()))?;
    let dist = Dist {
        stage: target.join("dist-stage"),
        out: target.join("dist"),
        version: env!("CARGO_PKG_VERSION").into(),
        time: time.trim().to_owned(),
    };
    stage::stage(&dist.stage, &built)?;
    dist.pack(&built, &mut found)?;
    for file in files(&dist.out)? {
        println!("{:>12} {file}", fs::metadata(dist.out.join(&file))?.len());
    }
    if options.rebuild {
        compile::again(&options.profile, built.command()?)?;
    }
    if options.check {
        let first = fs::read_to_string(dist.out.join("SHA256SUMS"))?;
        let again = Dist { out: target.join("dist-again"), ..dist };
        // Everything is laid out anew, too.
        stage::stage(&again.stage, &built)?;
        again.pack(&built, &mut found)?;
        let second = fs::read_to_string(again.out.join("SHA256SUMS"))?;
        if first != second {
            return Err(format!("packed twice, other bytes:\n{first}\n{second}").into());
        }
        println!("packed twice, the same bytes");
        fs::remove_dir_all(&again.out)?;
        let out = target.join("dist");
        let steps = install::install(&out, &target.join("dist-root"), &mut found)?;
        if options.write {
            report::write(&out, &options.profile, &built.seconds, &steps, &found.skipped)?;
        }
    }
    if options.all && !found.skipped.is_empty() {
        return Err(format!("left out: {}", found.skipped.join("; ")).into());
    }
    Ok(())
}

/// Where cargo builds.
fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root().join("target"), |folder| root().join(folder))
}

/// Names of files, sorted.
fn files(folder: &Path) -> Result<Vec<String>> {
    let mut files: Vec<_> = fs::read_dir(folder)?
        .map(|entry| Ok(entry?.file_name().to_string_lossy().into_owned()))
        .collect::<Result<_>>()?;
    files.sort();
    Ok(files)
}

impl Dist {
    fn pack(&self, built: &Built, found: &mut Found) -> Result<()> {
        if self.out.exists() {
            fs::remove_dir_all(&self.out)?;
        }
        fs::create_dir_all(&self.out)?;
        self.packages(built, found)?;
        self.web(found)?;
        match helm::program(&root().join("target")) {
            Ok(program) => {
                // `helm package` writes the time of packing; the archive here does not.
                done(Command::new(program).args(["lint", "--quiet"]).arg(helm::chart()))?;
                let folder = helm::chart();
                let to = format!("auditweir-chart-{}.tgz", self.version);
                self.archive(folder.parent().ok_or("a folder")?, "auditweir", &to)?;
            }
            Err(why) => found.skipped(&format!("no Helm: {why}; the chart is not packed")),
        }
        self.images(built)?;
        fs::write(
            self.out.join("auditweir.cdx.json"),
            sbom::cyclonedx(&root(), &self.version, &self.time)?,
        )?;
        let files = files(&self.out)?;
        let sums = said(Command::new("sha256sum").args(&files).current_dir(&self.out))?;
        fs::write(self.out.join("SHA256SUMS"), &sums)?;
        Ok(())
    }

    /// Archives, Debian and RPM packages.
    fn packages(&self, built: &Built, found: &mut Found) -> Result<()> {
        let mut all = Vec::new();
        for (processor, command) in &built.commands {
            all.push((&COMMAND, *processor, command.as_path()));
        }
        let here = PROCESSORS.iter().find(|processor| processor.is_here()).ok_or("no processor")?;
        for package in &PLUGINS {
            all.push((package, here, built.command()?));
        }
        for (package, processor, command) in all {
            let folder = self.stage.with_file_name("dist-package");
            let folder = stage::gather(&self.stage, package, command, folder)?;
            if package.name == COMMAND.name {
                let name = format!("auditweir-{}-{}-linux.tar.gz", self.version, processor.name);
                self.archive(&folder, ".", &name)?;
            }
            if installed("rpmbuild") {
                packages::rpm(self, package, processor, &folder)?;
            } else {
                found.skipped("no rpmbuild, no .rpm: apt-get install rpm");
            }
            if installed("dpkg-deb") {
                packages::deb(self, package, processor, &folder)?;
            } else {
                found.skipped("no dpkg-deb, no .deb: apt-get install dpkg");
            }
        }
        let plugins = self.stage.with_file_name("dist-package");
        if plugins.exists() {
            fs::remove_dir_all(&plugins)?;
        }
        for (from, to) in self.plugins(built) {
            stage::put(&from, &plugins.join(to), 0o644)?;
        }
        let name = format!("auditweir-plugins-{}-{}-linux-gnu.tar.gz", self.version, here.name);
        self.archive(&plugins, ".", &name)
    }

    /// What shippers load, and where packages and images put it.
    fn plugins(&self, built: &Built) -> Vec<(PathBuf, &'static str)> {
        vec![
            (built.plugin.clone(), "usr/lib/auditweir/flb-filter_auditweir.so"),
            (built.module.clone(), "usr/lib/auditweir/auditweir.so"),
            (self.stage.join("usr/lib/auditweir/auditweir.lua"), "usr/lib/auditweir/auditweir.lua"),
        ]
    }

    /// WebAssembly, npm, playground.
    fn web(&self, found: &mut Found) -> Result<()> {
        let artifacts = root().join("target/wasm-artifacts");
        let how = "cargo run -p auditweir-wasm-pack";
        for file in
            ["auditweir.wasm", "auditweir-simd.wasm", "auditweir-fluentbit.wasm", "playground.html"]
        {
            let from = artifacts.join(file);
            if from.exists() {
                fs::copy(from, self.out.join(file))?;
            } else {
                found.skipped(&format!("{file} is not built: {how}"));
            }
        }
        if !artifacts.join("npm/package.json").exists() {
            found.skipped(&format!("the npm package is not built: {how}"));
        } else if !installed("npm") {
            found.skipped("no npm; the npm package is not packed");
        } else {
            let mut npm = Command::new("npm");
            npm.args(["pack", "--silent", "--pack-destination"]).arg(&self.out);
            done(npm.arg(artifacts.join("npm")).stdout(Stdio::null()))?;
        }
        Ok(())
    }

    fn images(&self, built: &Built) -> Result<()> {
        let command = "usr/bin/auditweir";
        let images: Vec<_> = built
            .commands
            .iter()
            .map(|(processor, from)| Image {
                processor,
                files: vec![(from.clone(), command, 0o755)],
            })
            .collect();
        image::layout(self, "auditweir", "auditweir.oci.tar", &["/usr/bin/auditweir"], &images)?;
        let here = PROCESSORS.iter().find(|processor| processor.is_here()).ok_or("no processor")?;
        let mut files = vec![(built.command()?.to_path_buf(), command, 0o755)];
        files.extend(self.plugins(built).into_iter().map(|(from, to)| (from, to, 0o644)));
        image::layout(
            self,
            "auditweir-module",
            // One processor's plugin: a release has two of them.
            &format!("auditweir-module-{}.oci.tar", here.name),
            &["/usr/bin/auditweir", "plugins", "--to", "/module"],
            &[Image { processor: here, files }],
        )
    }

    /// A tar.gz of one thing in a folder: sorted, of nobody, of one time.
    fn archive(&self, folder: &Path, thing: &str, name: &str) -> Result<()> {
        let script = "tar --sort=name --mtime=\"@$3\" --owner=0 --group=0 --numeric-owner --format=gnu --mode=u+rw,go=rX -C \"$1\" -cf - \"$2\" | gzip -n -9 > \"$4\"";
        done(
            Command::new("sh")
                .args(["-e", "-c", script, "sh"])
                .arg(folder)
                .args([thing, &self.time])
                .arg(self.out.join(name)),
        )
    }
}

fn installed(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok()
}

fn done(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .map_err(|error| format!("{}: {error}", command.get_program().display()))?;
    if status.success() {
        Ok(())
    } else {
        Err(format!("{}: {status}", command.get_program().display()).into())
    }
}

pub(crate) fn said(command: &mut Command) -> Result<String> {
    let output = command
        .output()
        .map_err(|error| format!("{}: {error}", command.get_program().display()))?;
    if output.status.success() {
        Ok(String::from_utf8(output.stdout)?)
    } else {
        Err(format!(
            "{}: {}{}",
            command.get_program().display(),
            String::from_utf8_lossy(&output.stdout),
            String::from_utf8_lossy(&output.stderr)
        )
        .into())
    }
}
