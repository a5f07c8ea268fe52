//! OCI image layouts, each as one tar: files in an otherwise empty image, not as root.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;

use serde_json::{Value, json};

use super::compile::Processor;
use super::stage::put;
use super::{Dist, done, said};
use crate::Result;

/// An image of one processor: files, and where they are in it.
pub(super) struct Image<'a> {
    pub(super) processor: &'a Processor,
    pub(super) files: Vec<(PathBuf, &'static str, u32)>,
}

/// Writes a layout of images that differ in their processor alone.
pub(super) fn layout(
    dist: &Dist,
    title: &str,
    file: &str,
    run: &[&str],
    images: &[Image<'_>],
) -> Result<()> {
    let work = dist.stage.with_file_name("dist-image");
    if work.exists() {
        fs::remove_dir_all(&work)?;
    }
    let blobs = work.join("layout/blobs/sha256");
    fs::create_dir_all(&blobs)?;
    let created = said(Command::new("date").args([
        "-u",
        "-d",
        &format!("@{}", dist.time),
        "+%Y-%m-%dT%H:%M:%SZ",
    ]))?;
    let mut manifests = Vec::new();
    for image in images {
        let layer = work.join("layer").join(image.processor.name);
        for (from, to, mode) in &image.files {
            put(from, &layer.join(to), *mode)?;
        }
        let tar = work.join("layer.tar");
        pack(&layer, &tar, &dist.time)?;
        let diff = digest(&tar)?;
        let size = fs::copy(&tar, blobs.join(&diff))?;
        let config = json!({
            "created": created.trim(), "architecture": image.processor.debian, "os": "linux",
            // Nobody, as in distroless images; nothing in the image is written to.
            "config": {"User": "65532:65532", "Entrypoint": run, "WorkingDir": "/", "Labels": {
                "org.opencontainers.image.title": title,
                "org.opencontainers.image.version": dist.version,
                "org.opencontainers.image.licenses": "Apache-2.0 OR MIT",
            }},
            "rootfs": {"type": "layers", "diff_ids": [format!("sha256:{diff}")]},
        });
        let config = blob(&work, &blobs, "application/vnd.oci.image.config.v1+json", &config)?;
        let manifest = json!({
            "schemaVersion": 2, "mediaType": MANIFEST, "config": config,
            "layers": [{"mediaType": "application/vnd.oci.image.layer.v1.tar", "digest": format!("sha256:{diff}"), "size": size}],
        });
        let mut manifest = blob(&work, &blobs, MANIFEST, &manifest)?;
        manifest["platform"] = json!({"architecture": image.processor.debian, "os": "linux"});
        manifests.push(manifest);
    }
    // One name for all of them: who pulls it gets the one of its processor.
    let all = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": manifests});
    let mut all = blob(&work, &blobs, INDEX, &all)?;
    all["annotations"] = json!({"org.opencontainers.image.ref.name": dist.version});
    let index = json!({"schemaVersion": 2, "mediaType": INDEX, "manifests": [all]});
    fs::write(work.join("layout/index.json"), index.to_string())?;
    fs::write(work.join("layout/oci-layout"), r#"{"imageLayoutVersion":"1.0.0"}"#)?;
    pack(&work.join("layout"), &dist.out.join(file), &dist.time)
}

const MANIFEST: &str = "application/vnd.oci.image.manifest.v1+json";
const INDEX: &str = "application/vnd.oci.image.index.v1+json";

/// Unpacks the image of this processor as a runtime would; its user, and what it starts.
pub(super) fn unpack(layout: &Path, processor: &Processor, to: &Path) -> Result<Value> {
    let work = to.with_extension("layout");
    for folder in [&work, &to.to_path_buf()] {
        if folder.exists() {
            fs::remove_dir_all(folder)?;
        }
        fs::create_dir_all(folder)?;
    }
    done(Command::new("tar").arg("-xf").arg(layout).arg("-C").arg(&work))?;
    let read = |descriptor: &Value| -> Result<PathBuf> {
        let digest = descriptor["digest"].as_str().ok_or("digest")?;
        let file = work.join("blobs").join(digest.replace(':', "/"));
        let (_, known) = digest.split_once(':').ok_or("digest")?;
        if self::digest(&file)? != known
            || Some(fs::metadata(&file)?.len()) != descriptor["size"].as_u64()
        {
            return Err(format!("{}: digest or size is not the one said", file.display()).into());
        }
        Ok(file)
    };
    let json = |path: &Path| -> Result<Value> { Ok(serde_json::from_slice(&fs::read(path)?)?) };
    let index = json(&work.join("index.json"))?;
    let index = json(&read(&index["manifests"][0])?)?;
    let manifests = index["manifests"].as_array().ok_or("manifests")?;
    let mine = manifests
        .iter()
        .find(|manifest| manifest["platform"]["architecture"] == processor.debian)
        .ok_or("no image of this processor")?;
    let manifest = json(&read(mine)?)?;
    for layer in manifest["layers"].as_array().ok_or("layers")? {
        done(Command::new("tar").arg("-xf").arg(read(layer)?).arg("-C").arg(to))?;
    }
    let config = json(&read(&manifest["config"])?)?;
    fs::remove_dir_all(&work)?;
    Ok(config["config"].clone())
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

/// Stores JSON; its descriptor.
fn blob(work: &Path, blobs: &Path, kind: &str, value: &Value) -> Result<Value> {
    let file = work.join("blob.json");
    fs::write(&file, value.to_string())?;
    let digest = digest(&file)?;
    let size = fs::copy(&file, blobs.join(&digest))?;
    Ok(json!({"mediaType": kind, "digest": format!("sha256:{digest}"), "size": size}))
}
