//! `auditweir init --check`, all the way: a synthetic event goes through the configuration and is found
//! again at its sink.

use std::os::unix::fs::PermissionsExt as _;

use super::index::Index;
use super::*;

const INDEX: &str = "logs-kubernetes.audit_logs-default";

/// Runs `init` with these flags; exit code and what it said.
fn init(target: &str, out: &Path, more: &[&str]) -> (Option<i32>, String) {
    let output = Command::new(env!("CARGO_BIN_EXE_auditweir"))
        .args(["init", "--for", target, "--out"])
        .arg(out)
        .args(more)
        .env_remove("AUDITWEIR_PSEUDONYM_KEY")
        .output()
        .expect("auditweir");
    let said = [output.stdout, output.stderr].concat();
    (output.status.code(), String::from_utf8(said).expect("UTF-8"))
}

/// In a written file, a folder in place of another; files with these names are put there.
fn move_files(file: &Path, from: &str, to: &Path, names: &[&str]) {
    let text = fs::read_to_string(file).expect("written file");
    assert!(text.contains(from), "{text}");
    fs::write(file, text.replace(from, &to.display().to_string())).expect("file");
    for name in names {
        fs::write(to.join(name), "").expect("file");
    }
}

/// A set-up of `serve` whose certificates are there.
fn receiver(name: &str, sink: &str) -> PathBuf {
    let out = folder(name);
    let (code, said) = init("serve", &out, &["--sink", sink]);
    assert_eq!(code, Some(0), "{said}");
    let names = ["server.crt", "server.key", "client-ca.crt", "sink-ca.crt", "sink-auth"];
    let unit = out.join("auditweir-serve.service");
    move_files(&unit, "/etc/auditweir", &out, &names);
    move_files(&unit, "/usr/local/bin/auditweir", env!("CARGO_BIN_EXE_auditweir").as_ref(), &[]);
    out
}

#[test]
fn the_event_is_found_at_the_sink() {
    let index = Index::start();
    let out = receiver("check-serve", &index.url);
    let (code, said) = init("serve", &out, &["--sink", &index.url, "--check"]);
    assert_eq!(code, Some(0), "{said}");
    let found = format!("found again in {}/{INDEX}", index.url);
    assert!(said.contains(&found), "{said}");
    // One document, and what was planted is not in it.
    let documents = index.documents();
    assert_eq!(documents.len(), 1);
    for document in documents.values() {
        let text = document.to_string();
        assert!(
            text.contains("auditweir-check-") && !text.contains("auditweir-planted-"),
            "{text}"
        );
    }
}

#[test]
fn credentials_are_those_of_the_configuration() {
    let index = Index::start();
    let out = receiver("check-login", &index.url);
    let unit = out.join("auditweir-serve.service");
    let text = fs::read_to_string(&unit).expect("unit");
    let auth = format!(" --sink-auth-file {}/sink-auth --drain", out.display());
    fs::write(&unit, text.replace(" --drain", &auth)).expect("unit");
    fs::write(out.join("sink-auth"), "writer:word\n").expect("credentials");
    let (code, said) = init("serve", &out, &["--sink", &index.url, "--check"]);
    assert_eq!(code, Some(0), "{said}");
    let requests = index.requests();
    for asked in ["_bulk", "_search"] {
        let with = requests.iter().filter(|(path, _)| path.contains(asked));
        let logins: Vec<_> = with.map(|(_, login)| login.as_str()).collect();
        assert!(!logins.is_empty(), "{asked}: {requests:?}");
        assert!(logins.iter().all(|login| *login == "Basic d3JpdGVyOndvcmQ="), "{requests:?}");
    }
}

#[test]
fn a_stand_in_takes_the_place_of_a_sink_that_is_not_to_be_touched() {
    // Nobody is there: it would fail otherwise.
    let sink = "http://127.0.0.1:9";
    let out = receiver("check-off", sink);
    let (code, said) = init("serve", &out, &["--sink", sink, "--check", "--sink-check", "off"]);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("found again in a stand-in"), "{said}");
}

#[test]
fn a_file_that_is_missing_is_named_and_nothing_is_started() {
    let index = Index::start();
    let out = receiver("check-missing", &index.url);
    fs::remove_file(out.join("server.key")).expect("file");
    let (code, said) = init("serve", &out, &["--sink", &index.url, "--check"]);
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("server.key: is not there"), "{said}");
    assert!(said.contains("SKIPPED a synthetic event through auditweir serve"), "{said}");
    assert_eq!(index.len(), 0);
}

#[test]
fn a_shipper_that_does_not_start_fails_the_check() {
    let out = folder("check-broken");
    let program = out.join("fluent-bit");
    let script = "#!/bin/sh\ncase $1 in --version) echo 'Fluent Bit v5.1.1';; --dry-run) ;; *) echo no plugin; exit 3;; esac\n";
    fs::write(&program, script).expect("program");
    fs::set_permissions(&program, fs::Permissions::from_mode(0o755)).expect("program");
    let more = ["--sink", "http://127.0.0.1:9", "--program", program.to_str().expect("UTF-8")];
    let (code, said) = init("fluent-bit", &out, &more);
    assert_eq!(code, Some(0), "{said}");
    let plugin = ["flb-filter_auditweir.so"];
    move_files(&out.join("fluent-bit.yaml"), "/usr/lib/auditweir", &out, &plugin);
    let (code, said) = init("fluent-bit", &out, &[&more[..], &["--check"]].concat());
    assert_eq!(code, Some(1), "{said}");
    assert!(said.contains("ended with exit status: 3") && said.contains("no plugin"), "{said}");
}

/// Fluent Bit itself with the plugin that is built beside the command, when `FLUENT_BIT` names it.
#[test]
fn fluent_bit_delivers_the_event() {
    let plugin = Path::new(env!("CARGO_BIN_EXE_auditweir")).with_file_name("libauditweir.so");
    if std::env::var_os("FLUENT_BIT").is_none() || !plugin.exists() {
        eprintln!("SKIPPED: FLUENT_BIT is not set, or {} is not built", plugin.display());
        return;
    }
    let index = Index::start();
    let out = folder("check-fluent-bit");
    let more = ["--sink", &index.url];
    let (code, said) = init("fluent-bit", &out, &more);
    assert_eq!(code, Some(0), "{said}");
    fs::copy(&plugin, out.join("flb-filter_auditweir.so")).expect("plugin");
    move_files(&out.join("fluent-bit.yaml"), "/usr/lib/auditweir", &out, &[]);
    let (code, said) = init("fluent-bit", &out, &[&more[..], &["--check"]].concat());
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains(&format!("found again in {}/{INDEX}", index.url)), "{said}");
    let off = [&more[..], &["--check", "--sink-check", "off"]].concat();
    let (code, said) = init("fluent-bit", &out, &off);
    assert_eq!(code, Some(0), "{said}");
    assert!(said.contains("found again in a stand-in"), "{said}");
    assert_eq!(index.len(), 1);
}
