//! C and C++ programs against the header and the library: plain, under AddressSanitizer and
//! UndefinedBehaviorSanitizer, under valgrind.

#![cfg(target_os = "linux")]
#![allow(clippy::print_stderr, reason = "a test that leaves something out says so")]

use std::env;
use std::ffi::OsStr;
use std::path::{Path, PathBuf};
use std::process::Command;

use auditweir_tests::built;

const WARNINGS: [&str; 4] = ["-Wall", "-Wextra", "-Wpedantic", "-Werror"];
/// What a static link needs besides; the same list is in auditweir.pc.
const SYSTEM: [&str; 7] = ["-lgcc_s", "-lutil", "-lrt", "-lpthread", "-lm", "-ldl", "-lc"];

const LIBRARY: &str = "auditweir";

fn here(path: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join(path)
}

/// Runs a command and returns what it printed, or panics with it.
fn run(command: &mut Command) -> String {
    // Cargo points the loader at its own folder; programs here find theirs by rpath.
    command.env_remove("LD_LIBRARY_PATH");
    let output = command.output().unwrap_or_else(|error| panic!("{command:?}: {error}"));
    let said = String::from_utf8_lossy(&output.stdout).into_owned()
        + &String::from_utf8_lossy(&output.stderr);
    assert!(output.status.success(), "{command:?}: {}\n{said}", output.status);
    said
}

/// Compiles `tests/c/SOURCE` against `libLIBRARY.a`, if `fixed`, or `.so`.
fn compile(source: &str, library: &str, name: &str, flags: &[&str], fixed: bool) -> PathBuf {
    let folder = built::folder();
    let program = folder.join(format!("auditweir-test-{name}"));
    let (compiler, standard) = if Path::new(source).extension() == Some(OsStr::new("cc")) {
        (env::var_os("CXX").unwrap_or_else(|| "c++".into()), "-std=c++11")
    } else {
        (env::var_os("CC").unwrap_or_else(|| "cc".into()), "-std=c99")
    };
    let mut command = Command::new(compiler);
    command
        .arg(standard)
        .args(WARNINGS)
        .args(["-g", "-O1", "-D_GNU_SOURCE"])
        .arg(format!("-DVERSION=\"{}\"", env!("CARGO_PKG_VERSION")))
        .args(flags)
        .arg("-I")
        .arg(here("include"))
        .arg(here("tests/c").join(source))
        .arg("-o")
        .arg(&program);
    if fixed {
        command.arg(folder.join(format!("lib{library}.a"))).args(SYSTEM);
    } else {
        command.arg("-L").arg(folder).arg(format!("-l{library}")).arg("-lpthread");
        command.arg(format!("-Wl,-rpath,{}", folder.display()));
    }
    run(&mut command);
    program
}

#[test]
fn c99_and_cpp() {
    for (name, fixed) in [("shared", false), ("static", true)] {
        let program = compile("contract.c", LIBRARY, name, &[], fixed);
        assert_eq!(run(&mut Command::new(program)), "the contract holds\n");
    }
    // The same in the next C standard, whose enums have a type.
    compile("contract.c", LIBRARY, "c11", &["-std=c11"], false);
    let program = compile("example.cc", LIBRARY, "cpp", &[], false);
    assert_eq!(run(&mut Command::new(program)), "C++ is served\n");
}

#[test]
fn sanitizers() {
    let flags = ["-fsanitize=address,undefined", "-fno-sanitize-recover=all"];
    for source in ["contract.c", "example.cc"] {
        let program = compile(source, LIBRARY, &format!("asan-{source}"), &flags, true);
        // That they really are there: a program without them has no such symbol.
        let symbols = run(Command::new("nm").arg("-D").arg(&program));
        assert!(symbols.contains("__asan_init"), "no AddressSanitizer in {}", program.display());
        run(Command::new(program).env("ASAN_OPTIONS", "detect_leaks=1"));
    }
}

#[test]
fn valgrind() {
    if Command::new("valgrind").arg("--version").output().is_err() {
        eprintln!("SKIPPED: valgrind is not installed; nothing was checked");
        return;
    }
    for source in ["contract.c", "example.cc"] {
        let program = compile(source, LIBRARY, &format!("valgrind-{source}"), &[], false);
        let said = run(Command::new("valgrind")
            .args(["--error-exitcode=99", "--leak-check=full", "--show-leak-kinds=all"])
            .arg("--errors-for-leak-kinds=definite,indirect,possible")
            .arg(program));
        assert!(said.contains("ERROR SUMMARY: 0 errors"), "{said}");
    }
}

#[test]
fn a_panic_costs_one_event() {
    let program = compile("contract.c", "auditweir_trap", "trap", &[], false);
    let said = run(Command::new(program).arg("auditweir-trap"));
    assert_eq!(said, "the contract holds\n", "nothing of a panic reaches the terminal");
}

/// Lines of real clusters.
fn corpus() -> PathBuf {
    here("../core/tests/samples.ndjson")
}

fn soak(calls: &str) {
    let program = compile("soak.c", LIBRARY, &format!("soak-{calls}"), &[], false);
    let said = run(Command::new(program).args([OsStr::new(calls), corpus().as_os_str()]));
    eprint!("{said}");
}

#[test]
fn memory_is_flat() {
    soak("100000");
}

#[test]
#[ignore = "minutes; run with --release"]
fn memory_is_flat_over_ten_million_calls() {
    soak("10000000");
}
