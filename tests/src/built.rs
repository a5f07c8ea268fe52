//! What others load or start, built by cargo next to the tests: libraries and the command.

use std::env;
use std::path::PathBuf;
use std::process::Command;
use std::sync::OnceLock;

/// The folder with `auditweir`, `libauditweir.so` and `.a`, `libauditweir_lua.so` and
/// `libauditweir_trap.so`, which panics on purpose.
///
/// # Panics
///
/// If cargo cannot build them.
pub fn folder() -> &'static PathBuf {
    static FOLDER: OnceLock<PathBuf> = OnceLock::new();
    FOLDER.get_or_init(|| {
        // target/PROFILE/deps/NAME-HASH
        let exe = env::current_exe().expect("own path");
        let folder = exe.parent().and_then(|deps| deps.parent()).expect("target/PROFILE");
        let release = folder.ends_with("release");
        let status = Command::new(env::var_os("CARGO").unwrap_or_else(|| "cargo".into()))
            .current_dir(super::here(".."))
            // All packages at once, and one test: then features and development dependencies are
            // those of `cargo test`, and what that has compiled is not compiled again.
            .args([
                "build",
                "--quiet",
                "--locked",
                "--lib",
                "--bin",
                "auditweir",
                "--test",
                "stack",
            ])
            .args(["--profile", if release { "release" } else { "test" }])
            .arg("--target-dir")
            .arg(folder.parent().expect("target folder"))
            .status()
            .expect("cargo");
        assert!(status.success(), "what the hosts load does not build");
        folder.to_path_buf()
    })
}

/// The command `auditweir` in [`folder`].
///
/// # Panics
///
/// As [`folder`].
pub fn command() -> PathBuf {
    folder().join(format!("auditweir{}", env::consts::EXE_SUFFIX))
}
