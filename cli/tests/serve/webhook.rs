//! `integrations/webhook`: the unit's and the pod's commands start as they are but for paths and
//! ports, the kubeconfig leads to them, flags and bounds fit together.

use rcgen::ExtendedKeyUsagePurpose;
use serde_json::{Value, json};

use super::tls::{authority, client, issue};
use super::*;

fn shipped(name: &str) -> String {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../integrations/webhook").join(name);
    fs::read_to_string(&path).unwrap_or_else(|error| panic!("{}: {error}", path.display()))
}

fn documents(name: &str) -> Vec<Value> {
    let text = shipped(name);
    serde_saphyr::from_multiple(&text).unwrap_or_else(|error| panic!("{name}: {error}"))
}

fn kind<'a>(documents: &'a [Value], kind: &str) -> &'a Value {
    documents.iter().find(|one| one["kind"] == kind).unwrap_or_else(|| panic!("no {kind}"))
}

/// Arguments after `serve` of the unit, paths as they are in the service.
fn unit() -> Vec<String> {
    let text = shipped("auditweir-serve.service");
    let line = text.lines().find_map(|line| line.strip_prefix("ExecStart=")).expect("ExecStart");
    let line = line
        .replace("${CREDENTIALS_DIRECTORY}", "/credentials")
        .replace("${STATE_DIRECTORY}", "/var/lib/auditweir-serve");
    let rest = line.strip_prefix("/usr/local/bin/auditweir serve ").expect("the command");
    // A flag and its value are two words here.
    let words: Vec<&str> = rest.split(' ').collect();
    words.chunks(2).map(|pair| format!("{}={}", pair[0], pair[1])).collect()
}

fn pod() -> Value {
    kind(&documents("deployment.yaml"), "Deployment")["spec"]["template"]["spec"].clone()
}

fn container_args() -> Vec<String> {
    let pod = pod();
    let args = pod["containers"][0]["args"].as_array().expect("args").clone();
    let args: Vec<String> = args.iter().map(|arg| arg.as_str().expect("text").into()).collect();
    assert_eq!(args[0], "serve");
    args[1..].to_vec()
}

fn value<'a>(args: &'a [String], flag: &str) -> &'a str {
    let found = args.iter().find_map(|arg| arg.strip_prefix(flag)?.strip_prefix('='));
    found.unwrap_or_else(|| panic!("no {flag} in {args:?}"))
}

/// Starts what a deployment starts, sends an event as its kubeconfig says, looks for it in the
/// spool (the sink is nowhere).
fn runs(name: &str, args: &[String]) {
    let folder = folder(name);
    let by = authority();
    let server = issue(&by, ExtendedKeyUsagePurpose::ServerAuth);
    for (flag, text) in [
        ("--tls-cert", server.0.clone()),
        ("--tls-key", server.1.clone()),
        ("--client-ca", by.pem()),
        ("--sink-ca", by.pem()),
        ("--sink-auth-file", "elastic:secret\n".into()),
        ("--pseudonym-key-file", "0123456789abcdef0123456789abcdef\n".into()),
        ("--policy", "version: 1\n".into()),
    ] {
        let path = folder.join(value(args, flag).trim_start_matches('/'));
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    let here: Vec<String> = args
        .iter()
        .map(|arg| {
            let (flag, value) = arg.split_once('=').expect("value");
            match value {
                _ if flag.ends_with("listen") => format!("{flag}=127.0.0.1:0"),
                _ if value.starts_with('/') => format!("{flag}={}{value}", folder.display()),
                _ if flag == "--sink" => "--sink=elasticsearch:https://127.0.0.1:1".into(),
                _ if flag == "--drain" => "--drain=100ms".into(),
                _ => arg.clone(),
            }
        })
        .collect();
    let here: Vec<&str> = here.iter().map(String::as_str).collect();
    let running = Server::start(&here);

    let config = &documents("webhook.kubeconfig")[0];
    let url = config["clusters"][0]["cluster"]["server"].as_str().expect("server");
    let (address, path) = url.rsplit_once('/').expect("path");
    assert_eq!(address, "https://127.0.0.1:9443");
    let own = issue(&by, ExtendedKeyUsagePurpose::ClientAuth);
    let body = batch(&[event("from-the-api-server", 0)]);
    let answer = client(&by, Some(&own)).post(format!("{}/{path}", running.url)).send(&body);
    assert_eq!(answer.expect("answer").status(), 200);
    assert_eq!(get(&format!("{}/healthz", running.metrics.as_ref().unwrap())).0, 200);
    let spool = folder.join(value(args, "--spool").trim_start_matches('/'));
    let (status, messages) = running.end();
    assert!(status.success(), "{messages}");
    assert!(messages.contains("next start"), "{messages}");
    let kept: Vec<u8> = fs::read_dir(&spool)
        .unwrap()
        .flat_map(|entry| fs::read(entry.unwrap().path()).unwrap())
        .collect();
    assert!(String::from_utf8_lossy(&kept).contains("from-the-api-server"));
    assert_clean(&spool);
}

#[test]
fn the_unit_runs() {
    let args = unit();
    runs("unit", &args);
    let text = shipped("auditweir-serve.service");
    for arg in args.iter().filter_map(|arg| arg.split_once("=/credentials/")) {
        assert!(text.contains(&format!("LoadCredential={}:/etc/auditweir/{}", arg.1, arg.1)));
    }
    assert!(text.contains("StateDirectory=auditweir-serve\n"));
}

#[test]
fn the_unit_verifies() {
    let Ok(output) = Command::new("systemd-analyze").arg("--version").output() else {
        eprintln!("SKIPPED: no systemd-analyze; the unit was not verified");
        return;
    };
    assert!(output.status.success());
    let folder = folder("verify");
    let path = folder.join("auditweir-serve.service");
    let text = shipped("auditweir-serve.service");
    fs::write(&path, text.replace("/usr/local/bin/auditweir", "/bin/true")).unwrap();
    for args in [
        &["verify", "--man=no", "--recursive-errors=no"][..],
        // 0 is locked in, 10 is an ordinary service.
        &["security", "--offline=true", "--no-pager", "--threshold=25"],
    ] {
        let output = Command::new("systemd-analyze").args(args).arg(&path).output().unwrap();
        let said = String::from_utf8_lossy(&[output.stdout, output.stderr].concat()).into_owned();
        assert!(output.status.success(), "{said}");
        println!("{}", said.lines().last().unwrap_or_default());
    }
}

#[test]
fn the_pod_runs_and_its_parts_fit_together() {
    let args = container_args();
    runs("pod", &args);
    let all = documents("deployment.yaml");
    let spec = &kind(&all, "Deployment")["spec"];
    // Two processes on one spool would not start.
    assert_eq!(spec["replicas"], 1);
    assert_eq!(spec["strategy"], json!({"type": "Recreate"}));
    let pod = pod();
    let container = &pod["containers"][0];
    let mounts = container["volumeMounts"].as_array().expect("mounts");
    for arg in &args {
        let (flag, path) = arg.split_once('=').expect("value");
        if !path.starts_with('/') {
            continue;
        }
        let mount = mounts
            .iter()
            .find(|mount| path.starts_with(&format!("{}/", mount["mountPath"].as_str().unwrap())))
            .unwrap_or_else(|| panic!("{path} is not mounted"));
        assert_eq!(mount["readOnly"] == true, flag != "--spool", "{arg}");
        let volumes = pod["volumes"].as_array().expect("volumes");
        let volume = volumes.iter().find(|volume| volume["name"] == mount["name"]);
        let volume = volume.unwrap_or_else(|| panic!("no volume {}", mount["name"]));
        if let Some(secret) = volume["secret"]["secretName"].as_str() {
            let name = Path::new(path).file_name().unwrap().to_str().unwrap();
            let readme = shipped("README.md");
            let made = readme.split(&format!("create secret generic {secret}")).nth(1);
            let made = made.unwrap_or_else(|| panic!("README.md does not make {secret}"));
            let made = made.split("kubectl").next().unwrap();
            assert!(made.contains(&format!("--from-file={name}")), "{secret} {name}");
        }
    }
    let claim = kind(&all, "PersistentVolumeClaim");
    assert_eq!(claim["metadata"]["name"], pod["volumes"][0]["persistentVolumeClaim"]["claimName"]);
    let ports = container["ports"].as_array().expect("ports");
    for (name, flag) in [("webhook", "--listen"), ("metrics", "--metrics-listen")] {
        let port = ports.iter().find(|port| port["name"] == name).expect("port");
        let listens = value(&args, flag).rsplit(':').next().unwrap();
        assert_eq!(port["containerPort"].to_string(), listens);
    }
    assert_eq!(container["livenessProbe"]["httpGet"]["port"], "metrics");
    let service = kind(&all, "Service");
    assert_eq!(service["spec"]["ports"][0]["targetPort"], "webhook");
    assert_eq!(service["spec"]["selector"], spec["selector"]["matchLabels"]);
    assert_eq!(container["securityContext"]["readOnlyRootFilesystem"], true);
    assert!(shipped("Dockerfile").contains(container["image"].as_str().expect("image")));
    assert!(pod["terminationGracePeriodSeconds"].as_u64().unwrap() > 25);
}

#[test]
fn flags_of_the_api_server_fit_the_receiver() {
    let config = &documents("kubeadm.yaml")[0];
    let flags: Vec<String> = config["apiServer"]["extraArgs"]
        .as_array()
        .expect("flags")
        .iter()
        .map(|arg| {
            format!("--{}={}", arg["name"].as_str().unwrap(), arg["value"].as_str().unwrap())
        })
        .collect();
    let readme = shipped("README.md");
    for flag in &flags {
        assert!(readme.contains(&format!("\n{flag}\n")), "README.md has no {flag}");
    }
    let size = |flag| value(&flags, flag).parse::<u64>().expect("number");
    let batch = size("--audit-webhook-truncate-max-batch-size");
    assert!(size("--audit-webhook-truncate-max-event-size") < batch);
    // Default of --max-body; what the filter takes as one line.
    assert!(batch <= 32 << 20);
    assert!(batch <= u64::from(auditweir::Policy::default().limits.line_bytes));
    // Every path in the kubeconfig is mounted.
    let kubeconfig = &documents("webhook.kubeconfig")[0];
    assert_eq!(kubeconfig["kind"], "Config");
    assert_eq!(kubeconfig["current-context"], kubeconfig["contexts"][0]["name"]);
    assert_eq!(kubeconfig["contexts"][0]["context"]["user"], kubeconfig["users"][0]["name"]);
    assert_eq!(kubeconfig["contexts"][0]["context"]["cluster"], kubeconfig["clusters"][0]["name"]);
    let mounts = config["apiServer"]["extraVolumes"].as_array().expect("volumes");
    for path in [
        &kubeconfig["clusters"][0]["cluster"]["certificate-authority"],
        &kubeconfig["users"][0]["user"]["client-certificate"],
        &kubeconfig["users"][0]["user"]["client-key"],
        &json!(value(&flags, "--audit-webhook-config-file")),
        &json!(value(&flags, "--audit-policy-file")),
    ] {
        let path = path.as_str().expect("path");
        let under = |mount: &Value| path.starts_with(mount["mountPath"].as_str().unwrap());
        assert!(mounts.iter().any(under), "{path} is not mounted");
    }
}
