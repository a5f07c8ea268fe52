//! Fluent Bit's configuration in each deployment is the one of `fluent-bit/native`, which the
//! hosts' tests run, but for the lines listed here and in the READMEs.

use std::path::PathBuf;
use std::process::Command;
use std::{env, fs};

use auditweir_tests::built;

use crate::{KEY, Place, event, shipped};

/// A line, or a part of one, there and here.
type Difference = (&'static str, &'static str);

const KEY_LINE: &str = "# pseudonym_key_file: /fluent-bit/etc/auditweir/pseudonym.key";

const KUBERNETES: &[Difference] = &[
    (KEY_LINE, "pseudonym_key_file: /fluent-bit/etc/auditweir/pseudonym.key"),
    ("/fluent-bit/etc/ca.crt", "/fluent-bit/etc/auditweir/ca.crt"),
];

const SYSTEMD: &[Difference] = &[
    (KEY_LINE, "pseudonym_key_file: ${CREDENTIALS_DIRECTORY}/pseudonym.key"),
    ("/fluent-bit/etc/auditweir/policy.yaml", "/etc/auditweir/policy.yaml"),
    ("/fluent-bit/etc/ca.crt", "/etc/auditweir/ca.crt"),
    ("/fluent-bit/plugins/", "/usr/lib/auditweir/"),
    ("/var/lib/fluent-bit/", "/var/lib/auditweir-fluent-bit/"),
    ("http_server: on", "http_server: on\n  http_listen: 127.0.0.1"),
];

const DEPLOYMENTS: [(&str, &[Difference]); 2] = [("kubernetes", KUBERNETES), ("systemd", SYSTEMD)];

#[test]
fn it_is_the_native_one_but_for_documented_lines() {
    for (folder, differences) in DEPLOYMENTS {
        let mut expected = shipped("fluent-bit/native/fluent-bit.yaml");
        for (there, here) in differences {
            assert!(expected.contains(there), "`{there}` is no longer in the native configuration");
            expected = expected.replace(there, here);
        }
        let path = format!("{folder}/fluent-bit.yaml");
        let ours = shipped(&path);
        for (number, (ours, expected)) in ours.lines().zip(expected.lines()).enumerate() {
            assert_eq!(ours, expected, "{path}:{}", number + 1);
        }
        assert_eq!(ours, expected, "{path}");
        let readme = shipped(&format!("{folder}/README.md"));
        for (there, here) in differences {
            let here = here.lines().last().unwrap_or_default().trim();
            assert!(
                readme.contains(here),
                "{folder}/README.md does not say `{here}` for `{there}`"
            );
        }
    }
}

/// Fluent Bit takes each configuration as it is but for paths, with the policy and the key of the
/// deployment, and clean records come out.
#[test]
fn fluent_bit_runs_it() {
    let Some(binary) = env::var_os("FLUENT_BIT").map(PathBuf::from) else {
        eprintln!("SKIPPED: FLUENT_BIT is not set; no deployment was run through Fluent Bit");
        return;
    };
    let library = built::folder().join("libauditweir.so");
    for (folder, _) in DEPLOYMENTS {
        let place = Place::new();
        let at = |name: &str| place.join(name).display().to_string();
        let mut config = shipped(&format!("{folder}/fluent-bit.yaml"));
        let mut put = |old: &str, new: &str| {
            assert!(config.contains(old), "`{old}` is not in {folder}/fluent-bit.yaml");
            config = config.replace(old, new);
        };
        put("/var/log/kubernetes/audit/", &at(""));
        if folder == "kubernetes" {
            put("/fluent-bit/plugins/", &at(""));
            put("/fluent-bit/etc/auditweir/", &at(""));
            put("/var/lib/fluent-bit/", &at(""));
        } else {
            put("/usr/lib/auditweir/", &at(""));
            put("/etc/auditweir/", &at(""));
            put("/var/lib/auditweir-fluent-bit/", &at(""));
        }
        let token = "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0\
                     .dozjgNryP4J3jVmNHl0w5N_XgL0n3I9PlFUP0THsR8U";
        let mut with_token = event("2");
        with_token["objectRef"]["resource"] = "widgets".into();
        with_token["requestURI"] = "/api/v1/namespaces/shop/widgets".into();
        with_token["requestObject"] = serde_json::json!({"kind": "Widget", "note": token});
        fs::write(place.join("audit.log"), format!("{}\n{with_token}\n", event("1"))).unwrap();
        fs::write(place.join("policy.yaml"), shipped(&format!("{folder}/policy.yaml"))).unwrap();
        fs::write(place.join("pseudonym.key"), format!("{KEY}\n")).unwrap();
        std::os::unix::fs::symlink(&library, place.join("flb-filter_auditweir.so")).unwrap();

        let run = |name: &str, config: &str, more: &[&str]| {
            fs::write(place.join(name), config).unwrap();
            let output = Command::new(&binary)
                .arg("--config")
                .arg(place.join(name))
                .args(more)
                .envs([("ES_USER", "u"), ("ES_PASSWORD", "p")])
                .env("CREDENTIALS_DIRECTORY", &*place)
                .output()
                .expect("FLUENT_BIT");
            let log = [output.stdout, output.stderr].concat();
            let log = String::from_utf8_lossy(&log).into_owned();
            assert!(output.status.success(), "{folder}: {log}");
            log
        };
        let log = run("fluent-bit.yaml", &config, &["--dry-run"]);
        assert!(log.contains("configuration test is successful"), "{folder}: {log}");

        // The output is a file, the end of the input the end of the run.
        let outputs = config.find("  outputs:").expect("outputs");
        let mut once = config[..outputs].to_owned();
        once.push_str("  outputs:\n    - name: file\n      match: kube.audit\n      file: out\n");
        once.push_str("      format: plain\n      path: ");
        once.push_str(&at(""));
        once = once
            .replace("read_from_head: true", "read_from_head: true\n      exit_on_eof: true")
            .replace("http_server: on", "http_server: off");
        let log = run("once.yaml", &once, &[]);
        let out =
            fs::read_to_string(place.join("out")).unwrap_or_else(|_| panic!("{folder}: {log}"));
        assert_eq!(out.lines().count(), 2, "{folder}: {log}\n{out}");
        assert!(!out.contains("hunter2") && !out.contains("dozjgNryP4J3"), "{folder}: {out}");
        // The policy and its key arrived: a token is a pseudonym.
        assert!(out.lines().nth(1).unwrap_or_default().contains("k1"), "{folder}: {out}");
    }
}
