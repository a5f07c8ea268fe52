//! docs/packages.md: what there is, how large it is, how long it took, what was installed where.

use std::fmt::Write as _;
use std::fs;
use std::path::Path;

use super::install::Step;
use crate::bench_report::machine;
use crate::{Result, root};

/// What a file of the release is, by its name; a new kind of file needs a row.
const KINDS: [(&str, &str, &str); 15] = [
    ("auditweir-plugins-", ".tar.gz", "Fluent Bit plugin, Lua script and Vector module, for glibc"),
    ("auditweir-chart-", ".tgz", "Helm chart"),
    ("auditweir-wasm-", ".tgz", "npm package for Node, bundlers and browsers"),
    ("auditweir-fluent-bit", ".deb", "plugin and script, Debian"),
    ("auditweir-fluent-bit", ".rpm", "plugin and script, RPM"),
    ("auditweir-vector", ".deb", "module, Debian"),
    ("auditweir-vector", ".rpm", "module, RPM"),
    ("auditweir", ".deb", "command, completions, manual pages, unit; Debian"),
    ("auditweir", ".rpm", "the same, RPM"),
    ("auditweir-", "-linux.tar.gz", "the same as an archive; the command is static"),
    (
        "auditweir-module",
        ".oci.tar",
        "image of the init container: puts plugin, script and module into a volume",
    ),
    ("auditweir", ".oci.tar", "image of the command, for all processors"),
    ("auditweir", ".cdx.json", "CycloneDX 1.5: what the programs are made of"),
    (
        "auditweir",
        ".wasm",
        "WebAssembly without glue; `-simd` needs SIMD, `-fluentbit` is for Fluent Bit",
    ),
    ("playground", ".html", "the page to try it on"),
];

pub(super) fn kind(name: &str) -> Option<&'static str> {
    let found = KINDS.iter().find(|(start, end, _)| name.starts_with(start) && name.ends_with(end));
    found.map(|(_, _, about)| *about)
}

pub(super) fn write(
    dist: &Path,
    profile: &str,
    seconds: &[(String, f64)],
    steps: &[Step],
    skipped: &[String],
) -> Result<()> {
    let mut text = String::from(
        "# Packages\n\n\
         `cargo xtask dist` makes all that a release has, in `target/dist`; `--check` packs it twice, compares the\n\
         bytes, installs each package in an empty root and runs it there; `--write` puts what it saw into this page;\n\
         `--rebuild` compiles the command a second time, elsewhere, and compares; `--all` fails where anything is\n\
         left out for want of a tool. What is missing, it says, and how to install it. On Debian:\n\n\
         ```sh\n\
         apt-get install musl-tools gcc-aarch64-linux-gnu libc6-dev-arm64-cross qemu-user-static rpm\n\
         rustup target add x86_64-unknown-linux-musl aarch64-unknown-linux-musl\n\
         cargo run -p auditweir-wasm-pack\n\
         cargo xtask dist --check\n\
         ```\n\n\
         The command is linked statically: it runs on any Linux, also in an empty image. Plugin and module are for\n\
         programs that are linked with glibc, and need that of the machine they were made on, or a later one.\n\
         `SHA256SUMS` has a checksum of each file. Images are layouts in a tar: `skopeo copy\n\
         oci-archive:auditweir.oci.tar docker://REGISTRY/auditweir:0.1.0`, the other as `auditweir-module`; chart and\n\
         manifests then name them. What a new user types then, up to events in an index: [first value](first-value.md).\n\n",
    );
    writeln!(text, "Made on {}, profile `{profile}`.\n", machine::describe()?.replace('\n', ", "))?;
    text.push_str("| file | bytes | |\n| --- | ---: | --- |\n");
    let mut files: Vec<_> = fs::read_dir(dist)?.collect::<std::io::Result<_>>()?;
    files.sort_by_key(fs::DirEntry::file_name);
    for file in &files {
        let name = file.file_name().to_string_lossy().into_owned();
        if name == "SHA256SUMS" {
            continue;
        }
        let about = kind(&name).ok_or_else(|| format!("{name}: not in the table of kinds"))?;
        writeln!(text, "| `{name}` | {} | {about} |", file.metadata()?.len())?;
    }
    text.push_str("\n| compiled | seconds |\n| --- | ---: |\n");
    for (what, seconds) in seconds {
        writeln!(text, "| {what} | {seconds:.0} |")?;
    }
    text.push_str("\nInstalled and run, each block in a root in which nothing else is:\n\n");
    text.push_str("| step | seconds | |\n| --- | ---: | --- |\n");
    for step in steps {
        writeln!(text, "| `{}` | {:.2} | {} |", step.what, step.seconds, step.said)?;
    }
    for why in skipped {
        writeln!(text, "\nLeft out: {why}")?;
    }
    fs::write(root().join("docs/packages.md"), text)?;
    println!("docs/packages.md");
    Ok(())
}
