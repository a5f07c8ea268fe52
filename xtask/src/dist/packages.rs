//! Debian and RPM packages, by the distributions' own tools.

use std::fs;
use std::path::Path;
use std::process::{Command, Stdio};

use super::compile::Processor;
use super::stage::Package;
use super::{Dist, done};
use crate::Result;

/// `.deb` of the files in `folder`.
pub(super) fn deb(
    dist: &Dist,
    package: &Package,
    processor: &Processor,
    folder: &Path,
) -> Result<()> {
    let mut newest = 0;
    for file in package.files.iter().map(Path::new) {
        if file.extension().is_some_and(|end| end == "so") {
            newest = newest.max(glibc(&fs::read(folder.join(file))?).unwrap_or(0));
        }
    }
    let depends = match package.depends {
        "" => String::new(),
        // An older system says so when it installs, not when it loads.
        names if newest > 0 => {
            format!("Depends: {}\n", names.replacen("libc6", &format!("libc6 (>= 2.{newest})"), 1))
        }
        names => format!("Depends: {names}\n"),
    };
    let control = format!(
        "Package: {}\nVersion: {}-1\nArchitecture: {}\nMaintainer: auditweir <noreply@auditweir.invalid>\n\
         {depends}Section: admin\nPriority: optional\n\
         Homepage: https://github.com/auditweir/auditweir\nDescription: {}\n",
        package.name, dist.version, processor.debian, package.about
    );
    fs::create_dir_all(folder.join("DEBIAN"))?;
    fs::write(folder.join("DEBIAN/control"), control)?;
    let name = format!("{}_{}-1_{}.deb", package.name, dist.version, processor.debian);
    done(
        Command::new("dpkg-deb")
            .args(["-Zgzip", "--root-owner-group", "--build"])
            .arg(folder)
            .arg(dist.out.join(name))
            .env("SOURCE_DATE_EPOCH", &dist.time)
            .stdout(Stdio::null()),
    )
}

/// `.rpm` of the same.
pub(super) fn rpm(
    dist: &Dist,
    package: &Package,
    processor: &Processor,
    folder: &Path,
) -> Result<()> {
    let work = dist.stage.with_file_name("dist-rpm");
    if work.exists() {
        fs::remove_dir_all(&work)?;
    }
    fs::create_dir_all(&work)?;
    let spec = format!(
        "Name: {}\nVersion: {}\nRelease: 1\nSummary: {}\nLicense: Apache-2.0 OR MIT\n\
         URL: https://github.com/auditweir/auditweir\nAutoReqProv: no\n%description\n{}\n\
         %install\nmkdir -p %{{buildroot}}\ncp -a {}/. %{{buildroot}}/\n%files\n/{}\n",
        package.name,
        dist.version,
        package.about,
        package.about,
        folder.display(),
        package.files.join("\n/")
    );
    let file = work.join("package.spec");
    fs::write(&file, spec)?;
    let mut rpmbuild = Command::new("rpmbuild");
    rpmbuild.args(["-bb", "--quiet", "--target", processor.name]);
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
    let output = rpmbuild.arg(&file).env("SOURCE_DATE_EPOCH", &dist.time).output()?;
    if !output.status.success() {
        return Err(format!("rpmbuild: {}", String::from_utf8_lossy(&output.stderr)).into());
    }
    let name = format!("{}-{}-1.{}.rpm", package.name, dist.version, processor.name);
    fs::copy(work.join("out").join(processor.name).join(&name), dist.out.join(&name))?;
    Ok(())
}

/// The newest glibc, 2.this, that a program or library asks for.
fn glibc(file: &[u8]) -> Option<u32> {
    let name = b"GLIBC_2.";
    let after = file.windows(name.len()).enumerate().filter(|(_, found)| found == name);
    let minor = |at: usize| {
        let digits: String = file[at..]
            .iter()
            .map(|byte| char::from(*byte))
            .take_while(char::is_ascii_digit)
            .collect();
        digits.parse().ok()
    };
    after.filter_map(|(at, _)| minor(at + name.len())).max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_this_program_asks_for() {
        let own = fs::read(std::env::current_exe().unwrap()).unwrap();
        assert!(glibc(&own).is_some_and(|minor| (17..100).contains(&minor)), "{:?}", glibc(&own));
        assert_eq!(glibc(b"\0GLIBC_2.4\0GLIBC_2.34\0GLIBC_2.9"), Some(34));
        assert_eq!(glibc(b"GLIBC_PRIVATE"), None);
    }
}
