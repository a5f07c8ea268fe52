//! Help, completions and man pages come from one table.

use super::*;

const FLAGS: [&str; 9] = [
    "--policy",
    "--pseudonym-key-file",
    "--input-format",
    "--to",
    "--reject",
    "--strict",
    "--stats",
    "--jobs",
    "--quiet",
];

const REVIEW_FLAGS: [&str; 3] = ["--html", "--json", "--top"];

#[test]
fn help_is_the_committed_one() {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("tests/help");
    for (name, args) in [
        // The list of commands is that of a build with all of them.
        #[cfg(all(feature = "serve", feature = "pages"))]
        ("auditweir", &["--help"][..]),
        ("filter", &["filter", "--help"][..]),
        ("explain", &["explain", "--help"]),
        ("policy", &["policy", "--help"]),
        ("assets", &["assets", "--help"]),
        ("init", &["init", "--help"]),
        ("plugins", &["plugins", "--help"]),
        ("review", &["review", "--help"]),
        ("detect", &["detect", "--help"]),
        ("rules", &["rules", "--help"]),
        #[cfg(feature = "serve")]
        ("serve", &["serve", "--help"]),
    ] {
        let output = run(auditweir(args).env("COLUMNS", "100"), b"");
        assert_eq!(output.status.code(), Some(0));
        same_as_committed(&folder.join(format!("{name}.txt")), &text(&output.stdout));
    }
}

#[test]
fn every_command_has_exit_codes_of_its_own() {
    for (args, has, lacks) in [
        (&["rules", "list"][..], "  2    ", "--strict"),
        (&["rules", "check"], "1    a rule is wrong", "--fail-on"),
        (&["rules", "test"], "1    an example", "--fail-on"),
        (&["policy", "check"], "1    a policy is wrong", "a bad policy"),
        (&["policy", "test"], "1    a case failed", "--strict"),
        (&["filter"], "1    --strict", "--fail-on"),
        (&["detect"], "1    --fail-on", "--strict"),
        (&["review"], "  130  ", "  1    "),
        (&["init"], "1    --check and something failed", "  130  "),
    ] {
        let said = text(&run(auditweir(args).arg("--help"), b"").stdout);
        let codes = said.split_once("Exit codes:\n").expect("exit codes").1;
        assert!(codes.contains(has) && !codes.contains(lacks), "{args:?}: {codes}");
    }
}

#[cfg(feature = "pages")]
#[test]
fn completions_know_every_flag() {
    for shell in ["bash", "zsh", "fish", "powershell", "elvish"] {
        let output = run(&mut auditweir(&["completions", shell]), b"");
        assert_eq!(output.status.code(), Some(0));
        let script = text(&output.stdout);
        for flag in FLAGS.iter().chain(&REVIEW_FLAGS) {
            let name = flag.trim_start_matches('-');
            assert!(script.contains(name), "{flag} in {shell}");
        }
    }
    let bash = run(&mut auditweir(&["completions", "bash"]), b"");
    let syntax = run(Command::new("bash").arg("-n"), &bash.stdout);
    assert!(syntax.status.success(), "{}", text(&syntax.stderr));
}

#[cfg(feature = "pages")]
#[test]
fn man_pages_for_every_command() {
    let page = run(&mut auditweir(&["man"]), b"");
    assert!(text(&page.stdout).contains(".TH auditweir 1"));
    assert!(text(&page.stdout).contains("Exit codes"));
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join("man");
    let output = run(auditweir(&["man", "--out"]).arg(&folder), b"");
    assert_eq!(output.status.code(), Some(0));
    for name in [
        "auditweir",
        "auditweir-filter",
        "auditweir-explain",
        "auditweir-policy-check",
        "auditweir-review",
    ] {
        assert!(folder.join(format!("{name}.1")).exists(), "{name}");
    }
    let filter = fs::read_to_string(folder.join("auditweir-filter.1")).expect("page");
    for flag in FLAGS {
        assert!(filter.contains(&flag.replace('-', "\\-")), "{flag}");
    }
    let review = fs::read_to_string(folder.join("auditweir-review.1")).expect("page");
    for flag in REVIEW_FLAGS {
        assert!(review.contains(&flag.replace('-', "\\-")), "{flag}");
    }
}
