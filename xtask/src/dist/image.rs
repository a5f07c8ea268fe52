//! An OCI image layout as one tar: the command in an otherwise empty image, not as root.

use std::fs;
use std::path::Path;
use std::process::Command;

use serde_json::{Value, json};

use super::{Dist, done, said};
use crate::Result;

/// Writes the layout. The layer has `files` of the stage, and the C library that they are linked with.
pub(super) fn layout(stage: &Path, files: &[&str], to: &Path, dist: &Dist) -> Result<()> {
    let work = stage.with_file_name("dist-image");
    if work.exists() {
        fs::remove_dir_all(&work)?;
    }
    let (layer, blobs) = (work.join("layer"), work.join("layout/blobs/sha256"));
    fs::create_dir_all(&blobs)?;
    for file in files {
        let at = layer.join(file);
        fs::create_dir_all(at.parent().ok_or("a folder")?)?;
        fs::copy(stage.join(file), &at)?;
        // A static command needs nothing; another one its libraries.
        let libraries = Command::new("ldd").arg(&at).output()?;
        for word in String::from_utf8_lossy(&libraries.stdout)
            .split_whitespace()
            .filter(|word| word.starts_with('/'))
        {
            let library = layer.join(word.trim_start_matches('/'));
            fs::create_dir_all(library.parent().ok_or("a folder")?)?;
            fs::copy(word, library)?;
        }
    }
    let tar = work.join("layer.tar");
    pack(&layer, &tar, &dist.time)?;
    let diff = digest(&tar)?;
    let layer_size = put(&tar, &blobs, &diff)?;
    let created = said(Command::new("date").args([
        "-u",
        "-d",
        &format!("@{}", dist.time),
        "+%Y-%m-%dT%H:%M:%SZ",
    ]))?;
    let architecture = if std::env::consts::ARCH == "aarch64" { "arm64" } else { "amd64" };
    let labels = json!({
        "org.opencontainers.image.title": "auditweir",
        "org.opencontainers.image.version": dist.version,
        "org.opencontainers.image.licenses": "Apache-2.0 OR MIT",
    });
    let config = json!({
        "created": created.trim(), "architecture": architecture, "os": "linux",
        // Nobody, as in distroless images; nothing in the image is written to.
        "config": {"User": "65532:65532", "Entrypoint": ["/usr/bin/auditweir"], "WorkingDir": "/", "Labels": labels},
        "rootfs": {"type": "layers", "diff_ids": [format!("sha256:{diff}")]},
    });
    let config = blob(&work, &blobs, "application/vnd.oci.image.config.v1+json", &config)?;
    let manifest = json!({
        "schemaVersion": 2, "mediaType": "application/vnd.oci.image.manifest.v1+json", "config": config,
        "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": format!("sha256:{diff}"), "size": layer_size}],
    });
    let mut manifest =
        blob(&work, &blobs, "application/vnd.oci.image.manifest.v1+json", &manifest)?;
    manifest["annotations"] = json!({"org.opencontainers.image.ref.name": dist.version});
    manifest["platform"] = json!({"architecture": architecture, "os": "linux"});
    let index = json!({"schemaVersion": 2, "mediaType": "application/vnd.oci.image.index.v1+json", "manifests": [manifest]});
    fs::write(work.join("layout/index.json"), index.to_string())?;
    fs::write(work.join("layout/oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#)?;
    pack(&work.join("layout"), to, &dist.time)
}

/// Sorted, of nobody, of one time.
fn pack(folder: &Path, to: &Path, time: &str) -> Result<()> {
    done(
        Command::new("tar")
            .args([
                "--sort=name",
                &format!("--mtime=@{time}"),
                "--owner=0",
                "--group=0",
                "--numeric-owner",
                "--format=gnu",
                "--mode=u+rw,go=rX",
                "-C",
            ])
            .arg(folder)
            .arg("-cf")
            .arg(to)
            .arg("."),
    )
}

fn digest(file: &Path) -> Result<String> {
    let said = said(Command::new("sha256sum").arg(file))?;
    Ok(said.split_whitespace().next().ok_or("sha256sum")?.to_owned())
}

fn put(file: &Path, blobs: &Path, digest: &str) -> Result<u64> {
    Ok(fs::copy(file, blobs.join(digest))?)
}

/// Stores JSON; its descriptor.
fn blob(work: &Path, blobs: &Path, kind: &str, value: &Value) -> Result<Value> {
    let file = work.join("blob.json");
    fs::write(&file, value.to_string())?;
    let digest = digest(&file)?;
    let size = put(&file, blobs, &digest)?;
    Ok(json!({"mediaType": kind, "digest": format!("sha256:{digest}"), "size": size}))
}
