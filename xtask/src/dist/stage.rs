//! What packages install, laid out as it is on a machine: `usr/bin/auditweir` and so on.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};
use std::process::Command;

use super::compile::Built;
use super::{done, said};
use crate::{Result, root};

/// What is installed by its own name.
pub(super) struct Package {
    pub(super) name: &'static str,
    pub(super) about: &'static str,
    /// Debian's names of what it needs.
    pub(super) depends: &'static str,
    pub(super) files: &'static [&'static str],
}

/// Files of the command that are not the command.
const PAGES: [&str; 6] = [
    "usr/lib/systemd/system/auditweir-serve.service",
    "usr/share/bash-completion/completions/auditweir",
    "usr/share/zsh/vendor-completions/_auditweir",
    "usr/share/fish/vendor_completions.d/auditweir.fish",
    "usr/share/man/man1",
    "usr/share/doc/auditweir",
];

/// The command; its unit brings its user (`DynamicUser=`).
pub(super) const COMMAND: Package = Package {
    name: "auditweir",
    about: "Cleans Kubernetes audit logs: command and receiver of the audit webhook",
    depends: "",
    files: &["usr/bin/auditweir", PAGES[0], PAGES[1], PAGES[2], PAGES[3], PAGES[4], PAGES[5]],
};

/// What a shipper loads.
pub(super) const PLUGINS: [Package; 2] = [
    Package {
        name: "auditweir-fluent-bit",
        about: "Cleans Kubernetes audit logs inside Fluent Bit: the native filter, the Lua script",
        depends: "libc6, libgcc-s1",
        files: &[
            "usr/lib/auditweir/flb-filter_auditweir.so",
            "usr/lib/auditweir/auditweir.lua",
            "usr/share/doc/auditweir-fluent-bit",
        ],
    },
    Package {
        name: "auditweir-vector",
        about: "Cleans Kubernetes audit logs inside Vector: the Lua module",
        depends: "libc6, libgcc-s1",
        files: &["usr/lib/vector/auditweir.so", "usr/share/doc/auditweir-vector"],
    },
];

/// Lays out all that is not of one processor's command.
pub(super) fn stage(folder: &Path, built: &Built) -> Result<()> {
    if folder.exists() {
        fs::remove_dir_all(folder)?;
    }
    let command = built.command()?;
    // In no package: for whoever tells what these packages did.
    text(&folder.join("profile"), &built.profile)?;
    put(&built.plugin, &folder.join("usr/lib/auditweir/flb-filter_auditweir.so"), 0o644)?;
    put(&built.module, &folder.join("usr/lib/vector/auditweir.so"), 0o644)?;
    let script = root().join("integrations/fluent-bit/lua/auditweir.lua");
    put(&script, &folder.join("usr/lib/auditweir/auditweir.lua"), 0o644)?;
    // Packages put the command where the distribution has its commands.
    let unit = fs::read_to_string(root().join("integrations/webhook/auditweir-serve.service"))?;
    let unit = unit.replace("/usr/local/bin/auditweir", "/usr/bin/auditweir");
    text(&folder.join(PAGES[0]), &unit)?;
    put(
        &root().join("integrations/systemd/policy.yaml"),
        &folder.join("usr/share/doc/auditweir/examples/policy.yaml"),
        0o644,
    )?;
    for (package, guide) in [
        (COMMAND.name, "webhook"),
        (PLUGINS[0].name, "fluent-bit/native"),
        (PLUGINS[1].name, "vector"),
    ] {
        let documents = folder.join("usr/share/doc").join(package);
        let guide = root().join("integrations").join(guide).join("README.md");
        put(&guide, &documents.join("README.md"), 0o644)?;
        for licence in ["LICENSE-APACHE", "LICENSE-MIT"] {
            put(&root().join(licence), &documents.join(licence), 0o644)?;
        }
    }
    for (shell, at) in [("bash", PAGES[1]), ("zsh", PAGES[2]), ("fish", PAGES[3])] {
        text(&folder.join(at), &said(Command::new(command).args(["completions", shell]))?)?;
    }
    done(Command::new(command).args(["man", "--out"]).arg(folder.join(PAGES[4])))
}

/// The files of a package in a folder of their own; `command` is the one of its processor.
pub(super) fn gather(
    stage: &Path,
    package: &Package,
    command: &Path,
    folder: PathBuf,
) -> Result<PathBuf> {
    if folder.exists() {
        fs::remove_dir_all(&folder)?;
    }
    for path in package.files {
        let to = folder.join(path);
        if *path == COMMAND.files[0] {
            put(command, &to, 0o755)?;
        } else {
            fs::create_dir_all(to.parent().ok_or("a folder")?)?;
            done(Command::new("cp").arg("-a").arg(stage.join(path)).arg(&to))?;
        }
    }
    Ok(folder)
}

/// Copies one file, and makes the folders that it is in.
pub(super) fn put(from: &Path, to: &Path, mode: u32) -> Result<()> {
    fs::create_dir_all(to.parent().ok_or("a folder")?)?;
    fs::copy(from, to).map_err(|error| format!("{}: {error}", from.display()))?;
    fs::set_permissions(to, fs::Permissions::from_mode(mode))?;
    Ok(())
}

fn text(to: &Path, text: &str) -> Result<()> {
    fs::create_dir_all(to.parent().ok_or("a folder")?)?;
    Ok(fs::write(to, text)?)
}
