//! The library as others get it: built by cargo next to the test itself.

use std::env;
use std::path::{Path, PathBuf};
use std::process::Command;

/// Where `libauditweir.so` and `libauditweir.a` are. With `trap`, those that panic on purpose, in
/// a folder of their own, because cargo gives both the same name.
pub(crate) fn folder(trap: bool) -> PathBuf {
    // target/PROFILE/deps/NAME-HASH
    let exe = env::current_exe().expect("own path");
    let profile = exe.parent().and_then(Path::parent).expect("target/PROFILE");
    let release = profile.ends_with("release");
    let mut target = profile.parent().expect("target").to_path_buf();
    let mut cargo = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()));
    cargo
        .args(["build", "--quiet", "--package", "auditweir-ffi", "--lib"])
        .args(["--profile", if release { "release" } else { "test" }]);
    if trap {
        target.push("trap");
        cargo.args(["--features", "trap"]);
    }
    let status = cargo.arg("--target-dir").arg(&target).status().expect("cargo");
    assert!(status.success(), "auditweir-ffi does not build");
    target.join(if release { "release" } else { "debug" })
}
