//! `dist`: all that a release has, in `target/dist`: packages, archive, npm, WebAssembly, playground,
//! chart, image layout, SBOM, checksums.
//!
//! What is compiled is compiled once; what is packed has the time of the last commit and a fixed order,
//! so that packing twice gives the same bytes, which `--check` does; it then installs the Debian package in
//! an empty root and runs it there. Packages are made by the distributions' own tools (`dpkg-deb`,
//! `rpmbuild`); what lacks its tool is left out, loudly.

mod image;
mod sbom;

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use auditweir_tests::helm;

use crate::{Result, root};

struct Options {
    profile: String,
    check: bool,
}

/// Where the pieces are, and what all of them have in common.
struct Dist {
    /// Staged files, as they are on a machine: `usr/bin/auditweir` and so on.
    stage: PathBuf,
    out: PathBuf,
    version: String,
    /// Seconds since 1970 of the last commit.
    time: String,
}

pub(crate) fn run(arguments: &[&str]) -> Result<()> {
    let mut options = Options { profile: "release".into(), check: false };
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match *argument {
            "--check" => options.check = true,
            "--profile" => options.profile = (*rest.next().ok_or("--profile NAME")?).into(),
            other => return Err(format!("unknown option {other}").into()),
        }
    }
    let target = target();
    let built = build(&options.profile)?;
    let time = said(Command::new("git").args(["log", "-1", "--format=%ct"]).current_dir(root()))?;
    let dist = Dist {
        stage: target.join("dist-stage"),
        out: target.join("dist"),
        version: env!("CARGO_PKG_VERSION").into(),
        time: time.trim().to_owned(),
    };
    dist.stage(&built)?;
    dist.pack()?;
    if options.check {
        let first = fs::read_to_string(dist.out.join("SHA256SUMS"))?;
        let again = Dist { out: target.join("dist-again"), ..dist };
        again.pack()?;
        let second = fs::read_to_string(again.out.join("SHA256SUMS"))?;
        if first != second {
            return Err(format!("packed twice, other bytes:\n{first}\n{second}").into());
        }
        println!("packed twice, the same bytes");
        fs::remove_dir_all(&again.out)?;
        install(&target.join("dist"), &target.join("dist-root"))?;
    }
    Ok(())
}

/// Where cargo builds.
fn target() -> PathBuf {
    std::env::var_os("CARGO_TARGET_DIR")
        .map_or_else(|| root().join("target"), |folder| root().join(folder))
}

/// Compiles command, plugin and module; the folder they are in.
fn build(profile: &str) -> Result<PathBuf> {
    let mut cargo = Command::new(env!("CARGO"));
    cargo.args(["build", "--locked", "--profile", profile]);
    cargo.args(["-p", "auditweir-cli", "-p", "auditweir-ffi", "-p", "auditweir-lua"]);
    done(cargo.current_dir(root()))?;
    let folder = if profile == "dev" { "debug" } else { profile };
    Ok(target().join(folder))
}

impl Dist {
    /// Lays out what packages install.
    fn stage(&self, built: &Path) -> Result<()> {
        if self.stage.exists() {
            fs::remove_dir_all(&self.stage)?;
        }
        let put = |from: &Path, to: &str, mode: u32| -> Result<()> {
            let to = self.stage.join(to);
            fs::create_dir_all(to.parent().ok_or("a folder")?)?;
            fs::copy(from, &to).map_err(|error| format!("{}: {error}", from.display()))?;
            fs::set_permissions(&to, fs::Permissions::from_mode(mode))?;
            Ok(())
        };
        let command = built.join("auditweir");
        put(&command, "usr/bin/auditweir", 0o755)?;
        put(&built.join("libauditweir.so"), "usr/lib/auditweir/flb-filter_auditweir.so", 0o644)?;
        put(&built.join("libauditweir_lua.so"), "usr/lib/vector/auditweir.so", 0o644)?;
        let unit = fs::read_to_string(root().join("integrations/webhook/auditweir-serve.service"))?;
        let units = self.stage.join("usr/lib/systemd/system");
        fs::create_dir_all(&units)?;
        // Packages put the command where the distribution has its commands.
        let unit = unit.replace("/usr/local/bin/auditweir", "/usr/bin/auditweir");
        fs::write(units.join("auditweir-serve.service"), unit)?;
        put(
            &root().join("integrations/systemd/policy.yaml"),
            "usr/share/doc/auditweir/examples/policy.yaml",
            0o644,
        )?;
        for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
            put(&root().join(licence), &format!("usr/share/doc/auditweir/{licence}"), 0o644)?;
        }
        for (shell, to) in [
            ("bash", "usr/share/bash-completion/completions/auditweir"),
            ("zsh", "usr/share/zsh/vendor-completions/_auditweir"),
            ("fish", "usr/share/fish/vendor_completions.d/auditweir.fish"),
        ] {
            let to = self.stage.join(to);
            fs::create_dir_all(to.parent().ok_or("a folder")?)?;
            fs::write(to, said(Command::new(&command).args(["completions", shell]))?)?;
        }
        let man = self.stage.join("usr/share/man/man1");
        done(Command::new(&command).args(["man", "--out"]).arg(&man))
    }

    fn pack(&self) -> Result<()> {
        if self.out.exists() {
            fs::remove_dir_all(&self.out)?;
        }
        fs::create_dir_all(&self.out)?;
        let name = format!("auditweir-{}-{}-linux", self.version, std::env::consts::ARCH);
        self.archive(&self.stage, &self.out.join(format!("{name}.tar.gz")))?;
        self.packages()?;
        let artifacts = root().join("target/wasm-artifacts");
        for file in
            ["auditweir.wasm", "auditweir-simd.wasm", "auditweir-fluentbit.wasm", "playground.html"]
        {
            let from = artifacts.join(file);
            if from.exists() {
                fs::copy(from, self.out.join(file))?;
            } else {
                println!("SKIPPED: {file} is not built: cargo run -p auditweir-wasm-pack");
            }
        }
        if artifacts.join("npm/package.json").exists() {
            let mut npm = Command::new("npm");
            npm.args(["pack", "--silent", "--pack-destination"]).arg(&self.out);
            done(npm.arg(artifacts.join("npm")).stdout(Stdio::null()))?;
        }
        match helm::program(&root().join("target")) {
            Ok(program) => {
                // `helm package` writes the time of packing; the archive here does not.
                done(Command::new(program).args(["lint", "--quiet"]).arg(helm::chart()))?;
                self.archive_of(
                    helm::chart().parent().ok_or("a folder")?,
                    "auditweir",
                    &self.out.join(format!("auditweir-chart-{}.tgz", self.version)),
                )?;
            }
            Err(why) => println!("SKIPPED: no Helm: {why}; the chart is not packed"),
        }
        image::layout(
            &self.stage,
            &["usr/bin/auditweir"],
            &self.out.join("auditweir.oci.tar"),
            self,
        )?;
        fs::write(
            self.out.join("auditweir.cdx.json"),
            sbom::cyclonedx(&root(), &self.version, &self.time)?,
        )?;
        let mut files: Vec<_> =
            fs::read_dir(&self.out)?.map(|entry| Ok(entry?.file_name())).collect::<Result<_>>()?;
        files.sort();
        let sums = said(Command::new("sha256sum").args(&files).current_dir(&self.out))?;
        fs::write(self.out.join("SHA256SUMS"), &sums)?;
        for file in &files {
            println!("{:>12} {}", fs::metadata(self.out.join(file))?.len(), file.display());
        }
        Ok(())
    }

    /// A tar.gz of a folder's contents.
    fn archive(&self, folder: &Path, to: &Path) -> Result<()> {
        self.archive_of(folder, ".", to)
    }

    /// A tar.gz of one thing in a folder: sorted, of nobody, of one time.
    fn archive_of(&self, folder: &Path, name: &str, to: &Path) -> Result<()> {
        let script = "tar --sort=name --mtime=\"@$3\" --owner=0 --group=0 --numeric-owner --format=gnu -C \"$1\" -cf - \"$2\" | gzip -n -9 > \"$4\"";
        done(
            Command::new("sh")
                .args(["-e", "-c", script, "sh"])
                .arg(folder)
                .args([name, &self.time])
                .arg(to),
        )
    }

    /// Debian and RPM: the command, the Fluent Bit plugin, the Vector module.
    fn packages(&self) -> Result<()> {
        for package in &PACKAGES {
            let folder = self.stage.with_file_name("dist-package");
            if folder.exists() {
                fs::remove_dir_all(&folder)?;
            }
            fs::create_dir_all(&folder)?;
            for path in package.files {
                let to = folder.join(path);
                fs::create_dir_all(to.parent().ok_or("a folder")?)?;
                done(Command::new("cp").arg("-a").arg(self.stage.join(path)).arg(&to))?;
            }
            if installed("rpmbuild") {
                self.rpm(package, &folder)?;
            } else {
                println!("SKIPPED: no rpmbuild; {} has no .rpm", package.name);
            }
            if installed("dpkg-deb") {
                self.deb(package, &folder)?;
            } else {
                println!("SKIPPED: no dpkg-deb; {} has no .deb", package.name);
            }
        }
        Ok(())
    }

    fn deb(&self, package: &Package, folder: &Path) -> Result<()> {
        let arch = if std::env::consts::ARCH == "aarch64" { "arm64" } else { "amd64" };
        let control = format!(
            "Package: {}\nVersion: {}-1\nArchitecture: {arch}\nMaintainer: auditweir <noreply@auditweir.invalid>\n\
             Depends: libc6, libgcc-s1\nSection: admin\nPriority: optional\n\
             Homepage: https://github.com/auditweir/auditweir\nDescription: {}\n",
            package.name, self.version, package.about
        );
        fs::create_dir_all(folder.join("DEBIAN"))?;
        fs::write(folder.join("DEBIAN/control"), control)?;
        done(
            Command::new("dpkg-deb")
                .args(["-Zgzip", "--root-owner-group", "--build"])
                .arg(folder)
                .arg(self.out.join(format!("{}_{}-1_{arch}.deb", package.name, self.version)))
                .env("SOURCE_DATE_EPOCH", &self.time)
                .stdout(Stdio::null()),
        )
    }

    fn rpm(&self, package: &Package, folder: &Path) -> Result<()> {
        let work = self.stage.with_file_name("dist-rpm");
        if work.exists() {
            fs::remove_dir_all(&work)?;
        }
        fs::create_dir_all(&work)?;
        let files = format!("/{}\n", package.files.join("\n/"));
        let spec = format!(
            "Name: {}\nVersion: {}\nRelease: 1\nSummary: {}\nLicense: Apache-2.0 OR MIT\n\
             URL: https://github.com/auditweir/auditweir\nAutoReqProv: no\n%description\n{}\n\
             %install\nmkdir -p %{{buildroot}}\ncp -a {}/. %{{buildroot}}/\n%files\n{files}",
            package.name,
            self.version,
            package.about,
            package.about,
            folder.display()
        );
        let file = work.join("package.spec");
        fs::write(&file, spec)?;
        let mut rpmbuild = Command::new("rpmbuild");
        rpmbuild.args(["-bb", "--quiet"]);
        for define in [
            format!("_topdir {}", work.display()),
            format!("_rpmdir {}", work.join("out").display()),
            "_buildhost localhost".into(),
            // Nothing is stripped, compressed or looked for: the files are as they are.
            "__os_install_post %{nil}".into(),
            "debug_package %{nil}".into(),
            "_build_id_links none".into(),
            "use_source_date_epoch_as_buildtime 1".into(),
            "clamp_mtime_to_source_date_epoch 1".into(),
            "_binary_payload w9.gzdio".into(),
        ] {
            rpmbuild.args(["--define", &define]);
        }
        done(rpmbuild.arg(&file).env("SOURCE_DATE_EPOCH", &self.time).stderr(Stdio::null()))?;
        let name = format!("{}-{}-1.{}.rpm", package.name, self.version, std::env::consts::ARCH);
        fs::copy(work.join("out").join(std::env::consts::ARCH).join(&name), self.out.join(&name))?;
        Ok(())
    }
}

/// What is installed by its own name.
struct Package {
    name: &'static str,
    about: &'static str,
    files: &'static [&'static str],
}

const PACKAGES: [Package; 3] = [
    Package {
        name: "auditweir",
        about: "Cleans Kubernetes audit logs: command and receiver of the audit webhook",
        files: &[
            "usr/bin/auditweir",
            "usr/lib/systemd/system/auditweir-serve.service",
            "usr/share/bash-completion/completions/auditweir",
            "usr/share/zsh/vendor-completions/_auditweir",
            "usr/share/fish/vendor_completions.d/auditweir.fish",
            "usr/share/man/man1",
            "usr/share/doc/auditweir",
        ],
    },
    Package {
        name: "auditweir-fluent-bit",
        about: "Cleans Kubernetes audit logs inside Fluent Bit: the native filter",
        files: &["usr/lib/auditweir/flb-filter_auditweir.so"],
    },
    Package {
        name: "auditweir-vector",
        about: "Cleans Kubernetes audit logs inside Vector: the Lua module",
        files: &["usr/lib/vector/auditweir.so"],
    },
];

fn installed(program: &str) -> bool {
    Command::new(program).arg("--version").output().is_ok()
}

/// Unpacks the Debian package into an empty root that has the C library and nothing else, and runs the
/// command in it.
fn install(dist: &Path, place: &Path) -> Result<()> {
    let packages: Vec<_> =
        fs::read_dir(dist)?.filter_map(|entry| Some(entry.ok()?.path())).collect();
    let Some(package) = packages.iter().find(|path| {
        let name = path.file_name().unwrap_or_default().to_string_lossy();
        name.starts_with("auditweir_") && name.ends_with(".deb")
    }) else {
        println!("SKIPPED: no .deb was made; nothing was installed");
        return Ok(());
    };
    if place.exists() {
        fs::remove_dir_all(place)?;
    }
    fs::create_dir_all(place)?;
    let script = r#"
        mkdir -p "$2/var/lib/dpkg/info" "$2/var/lib/dpkg/updates" "$2/tmp"
        : > "$2/var/lib/dpkg/status"; : > "$2/var/lib/dpkg/available"
        dpkg --root="$2" --force-not-root --force-depends --force-script-chrootless -i "$1" > /dev/null
        for library in $(ldd "$2/usr/bin/auditweir" | grep -o '/[^ ]*' || true); do
          install -D "$library" "$2$library"
        done
        chroot "$2" /usr/bin/auditweir --version
        cp tests/corpora/openshift-clo/audit_in.log "$2/tmp/audit.log"
        events=$(chroot "$2" /usr/bin/auditweir filter --to ecs --quiet /tmp/audit.log | wc -l)
        echo "installed in an empty root: $events events"
        test "$events" = 100
        chroot "$2" /usr/bin/auditweir init --for kube-apiserver --out /tmp/audit > /dev/null
        chroot "$2" /usr/bin/auditweir init --for kube-apiserver --out /tmp/audit --check
        dpkg --root="$2" --force-not-root --force-script-chrootless -r auditweir > /dev/null
        test ! -e "$2/usr/bin/auditweir"
    "#;
    done(
        Command::new("sh")
            .args(["-e", "-c", script, "sh"])
            .arg(package)
            .arg(place)
            .current_dir(root()),
    )
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

fn said(command: &mut Command) -> Result<String> {
    let output = command
        .output()
        .map_err(|error| format!("{}: {error}", command.get_program().display()))?;
    if output.status.success() {
        Ok(String::from_utf8(output.stdout)?)
    } else {
        Err(format!(
            "{}: {}",
            command.get_program().display(),
            String::from_utf8_lossy(&output.stderr)
        )
        .into())
    }
}
