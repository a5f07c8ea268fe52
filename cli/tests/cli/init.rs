//! `auditweir init`: what it writes, for which versions, and what `--check` finds.

use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;

use super::*;

fn folder(name: &str) -> PathBuf {
    let folder = Path::new(env!("CARGO_TARGET_TMPDIR")).join(format!("init-{name}"));
    _ = fs::remove_dir_all(&folder);
    folder
}

/// A program that says this of its version, and is content with any configuration.
fn program(folder: &Path, said: &str) -> PathBuf {
    fs::create_dir_all(folder).expect("folder");
    let path = folder.join("program");
    fs::write(&path, format!("#!/bin/sh\ncase $1 in --version) echo '{said}';; esac\n"))
        .expect("program");
    fs::set_permissions(&path, fs::Permissions::from_mode(0o755)).expect("program");
    path
}

fn init(target: &str, out: &Path, more: &[&str]) -> Output {
    run(auditweir(&["init", "--for", target, "--out"]).arg(out).args(more), b"")
}

fn read(path: &Path) -> String {
    fs::read_to_string(path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

#[test]
fn every_target_is_written_whole_and_passes_its_check() {
    for (target, said, files) in [
        ("fluent-bit", "Fluent Bit v5.1.1", &["fluent-bit.yaml", "index/install.sh"][..]),
        ("vector", "vector 0.58.0 (x86_64-unknown-linux-gnu)", &["vector.yaml"]),
        ("serve", "", &["auditweir-serve.service", "webhook.kubeconfig", "certificates.sh"]),
        ("kube-apiserver", "", &["kubeadm.yaml", "audit-policy.yaml"]),
    ] {
        let out = folder(target);
        let program = program(&folder(&format!("{target}-program")), said);
        let program = program.to_str().expect("UTF-8");
        let more = [
            "--program",
            program,
            "--sink",
            "https://search.internal:9243",
            "--log",
            "/srv/audit/kube.log",
        ];
        let output = init(target, &out, &more);
        assert_eq!(output.status.code(), Some(0), "{target}: {}", text(&output.stderr));
        let all: String = files.iter().map(|file| read(&out.join(file))).collect();
        assert!(!all.contains("example.com:9200"), "{target}: {all}");
        assert!(!all.contains("/var/log/kubernetes/audit/audit.log"), "{target}: {all}");
        // Three commands follow.
        let said = text(&output.stdout);
        let then = said.split_once("\nThen:\n").expect("what follows").1;
        assert_eq!(then.trim_end().lines().count(), 3, "{then}");

        let output = init(target, &out, &[&more[..], &["--check"]].concat());
        // All is well but what is not on this machine: modules, certificates, keys.
        let said = text(&output.stdout);
        let failed: Vec<_> = said.lines().filter(|line| line.starts_with("FAILED")).collect();
        assert_eq!(output.status.code(), Some(i32::from(!failed.is_empty())), "{target}: {said}");
        assert_eq!(failed.is_empty(), target == "kube-apiserver", "{target}: {said}");
        for line in failed {
            assert!(line.contains(": is not there; "), "{target}: {said}");
            assert!(!line.contains("is not there; see"), "{target}: {said}");
        }
        // A second time it changes nothing, and says nothing is in the way.
        assert_eq!(init(target, &out, &more).status.code(), Some(0), "{target}");
    }
}

#[test]
fn the_version_decides() {
    let place = folder("versions");
    for (target, said, file) in [
        ("fluent-bit", "Fluent Bit v3.1.9", "fluent-bit.conf"),
        ("fluent-bit", "Fluent Bit v3.2.0", "fluent-bit.yaml"),
        ("vector", "vector 0.58.0 (x86_64-unknown-linux-musl)", "vector.yaml"),
    ] {
        let program = program(&place, said);
        let out = folder("version");
        let output = init(target, &out, &["--program", program.to_str().expect("UTF-8")]);
        assert_eq!(output.status.code(), Some(0), "{said}: {}", text(&output.stderr));
        let written = read(&out.join(file));
        assert_eq!(written.contains("type: exec"), said.contains("musl"), "{said}");
    }
    for (target, said) in
        [("fluent-bit", "Fluent Bit v2.1.10"), ("vector", "vector 0.24.2 (x)"), ("vector", "?")]
    {
        let program = program(&place, said);
        let out = folder("old");
        let output = init(target, &out, &["--program", program.to_str().expect("UTF-8")]);
        assert_eq!(output.status.code(), Some(2), "{said}");
        assert!(!out.exists(), "{said}: nothing is written");
    }
}

/// What a check does not need, and the program does: said by the check, and made by the commands.
#[test]
fn a_new_machine_has_no_folder_for_vector_and_no_certificates() {
    let place = folder("new-machine");
    let program = program(&place, "vector 0.58.0 (x86_64-unknown-linux-gnu)");
    let program = ["--program", program.to_str().expect("UTF-8")];
    let state = "/var/lib/vector";
    let out = folder("new-vector");
    let then = text(&init("vector", &out, &program).stdout);
    let checked = text(&init("vector", &out, &[&program[..], &["--check"]].concat()).stdout);
    let there = Path::new(state).is_dir();
    assert_eq!(then.contains(&format!("install -d -m 700 {state} && ")), !there, "{then}");
    assert_eq!(checked.contains(&format!("FAILED  {state}: is not there; ")), !there, "{checked}");

    let out = folder("new-serve");
    let then = text(&init("serve", &out, &[]).stdout);
    let script = format!("sh {}/certificates.sh", out.display());
    assert!(then.contains(&format!("  {script} && ES=")), "{then}");
    let checked = text(&init("serve", &out, &["--check"]).stdout);
    let missing = checked.lines().find(|line| line.contains("server.crt")).expect("a line");
    assert!(missing.contains(&format!("is not there; {script} makes it")), "{checked}");
    let missing = checked.lines().find(|line| line.contains("bin/auditweir")).expect("a line");
    assert!(missing.contains("cargo install"), "{checked}");
}

/// The certificates of the script are what both ends take: `serve` with them, a client with its own, and
/// not one without.
#[test]
#[expect(clippy::print_stderr, reason = "a test runner reports to the terminal")]
fn the_script_of_certificates_makes_what_the_unit_names() {
    let out = folder("certificates");
    assert_eq!(init("serve", &out, &[]).status.code(), Some(0));
    let script = || {
        Command::new("sh")
            .arg(out.join("certificates.sh"))
            .env("SERVE", out.join("serve"))
            .env("APISERVER", out.join("apiserver"))
            .output()
            .expect("sh")
    };
    let made = script();
    if text(&made.stderr).contains("needs openssl") {
        eprintln!("SKIPPED: no openssl");
        return;
    }
    assert!(made.status.success(), "{}", text(&made.stderr));
    for file in ["server.crt", "server.key", "client-ca.crt"] {
        assert!(out.join("serve").join(file).is_file(), "{file}");
    }
    let config = read(&out.join("apiserver/webhook.kubeconfig"));
    for file in ["ca.crt", "client.crt", "client.key"] {
        assert!(config.contains(&format!("/etc/kubernetes/auditweir/{file}")), "{config}");
        assert!(out.join("apiserver").join(file).is_file(), "{file}");
    }
    for key in ["serve/server.key", "apiserver/client.key", "certificates/ca.key"] {
        let mode = fs::metadata(out.join(key)).expect(key).permissions().mode();
        assert_eq!(mode & 0o77, 0, "{key}");
    }
    // A second time nothing is made anew.
    let before = read(&out.join("serve/server.crt"));
    assert!(text(&script().stdout).contains("it is there already"));
    assert_eq!(before, read(&out.join("serve/server.crt")));
}

#[test]
fn nobody_s_work_is_written_over() {
    let out = folder("mine");
    assert_eq!(init("serve", &out, &[]).status.code(), Some(0));
    fs::write(out.join("policy.yaml"), "version: 1\n# mine\n").expect("policy");
    let output = init("serve", &out, &[]);
    assert_eq!(output.status.code(), Some(2));
    assert!(text(&output.stderr).contains("policy.yaml"), "{}", text(&output.stderr));
    assert!(read(&out.join("policy.yaml")).contains("# mine"));
    assert_eq!(init("serve", &out, &["--force"]).status.code(), Some(0));
    assert!(!read(&out.join("policy.yaml")).contains("# mine"));
}

#[test]
fn plain_http_leaves_no_setting_of_tls() {
    let out = folder("plain");
    let place = folder("plain-program");
    let program = program(&place, "Fluent Bit v5.1.1");
    let more = [
        "--program",
        program.to_str().expect("UTF-8"),
        "--sink",
        "http://127.0.0.1:9201",
        "--cluster",
        "opensearch",
    ];
    assert_eq!(init("fluent-bit", &out, &more).status.code(), Some(0));
    let written = read(&out.join("fluent-bit.yaml"));
    assert!(!written.contains("tls") && !written.contains("ES_PASSWORD"), "{written}");
    assert!(written.contains("-> OpenSearch"), "{written}");
    assert!(
        written.contains("name: opensearch")
            && written.contains("host: 127.0.0.1")
            && written.contains("port: 9201")
            && written.contains("http_listen: 127.0.0.1")
    );
    for wrong in ["127.0.0.1:9200", "ftp://x:1", "https://a b:9200", "https://x:port"] {
        assert_eq!(
            init("fluent-bit", &folder("wrong"), &["--sink", wrong]).status.code(),
            Some(2),
            "{wrong}"
        );
    }
}

#[test]
fn a_check_fails_on_a_policy_that_lets_secrets_through() {
    let out = folder("leaks");
    assert_eq!(init("serve", &out, &[]).status.code(), Some(0));
    for (policy, why) in [
        // What stands under an ordinary name is a secret, too.
        ("version: 1\nredact: {secrets: keep}\n", "a Secret's value comes out"),
        ("version: 1\nredact: {secrets: keep, hintedValues: keep}\n", "a Secret's value comes out"),
        ("version: 1\nredact:\n  secretz: keep\n", "secretz"),
        (
            "version: 1\ndecide:\n  audit: {apiVersion: audit.k8s.io/v1, kind: Policy, rules: [{level: None}]}\n",
            "drops it",
        ),
    ] {
        fs::write(out.join("policy.yaml"), policy).expect("policy");
        let output = init("serve", &out, &["--check"]);
        assert_eq!(output.status.code(), Some(1), "{policy}");
        assert!(text(&output.stdout).contains(why), "{}", text(&output.stdout));
    }
}

#[test]
fn a_check_reads_the_files_of_the_api_server() {
    let out = folder("unread");
    for (name, wrong, why) in [
        ("audit-policy.yaml", "kind: [broken", "audit-policy.yaml: 1:7: "),
        (
            "audit-policy.yaml",
            "apiVersion: v1\nkind: Policy\nrules: []\n",
            "audit-policy.yaml: 1:13: ",
        ),
        ("kubeadm.yaml", ":::", "kubeadm.yaml: is no object of kind ClusterConfiguration"),
        ("kubeadm.yaml", "a: [", "not YAML"),
    ] {
        _ = fs::remove_dir_all(&out);
        assert_eq!(init("kube-apiserver", &out, &[]).status.code(), Some(0));
        let said = text(&init("kube-apiserver", &out, &["--check"]).stdout);
        assert!(said.contains("audit-policy.yaml: an audit policy of "), "{said}");
        fs::write(out.join(name), wrong).expect("a file");
        let output = init("kube-apiserver", &out, &["--check"]);
        let said = text(&output.stdout);
        assert_eq!(output.status.code(), Some(1), "{wrong}: {said}");
        let failed = said.lines().find(|line| line.starts_with("FAILED")).expect("a failure");
        assert!(failed.contains(why), "{wrong}: {said}");
        assert_eq!(said.lines().count(), 2, "one line a file: {said}");
    }
    let out = folder("unread-serve");
    assert_eq!(init("serve", &out, &[]).status.code(), Some(0));
    let said = text(&init("serve", &out, &["--check"]).stdout);
    let unit =
        said.lines().find(|line| line.contains("auditweir-serve.service")).expect("the unit");
    assert!(unit.starts_with("there ") && unit.ends_with("(not read)"), "{said}");
}
