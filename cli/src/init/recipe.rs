//! Which files a target gets, and what in them is of this machine.

use std::fmt::Write as _;
use std::path::Path;

use super::program::Program;
use crate::args::{Cluster, Init, Part};
use crate::assets;
use crate::exit::Error;

/// A file to write.
pub(super) struct File {
    pub(super) name: String,
    pub(super) text: String,
    pub(super) about: &'static str,
}

macro_rules! shipped {
    ($path:literal) => {
        include_str!(concat!("../../../integrations/", $path))
    };
}

/// The policy to start from: what is not said is as in the default policy.
const POLICY: &str = "\
# What is not said here is as in the built-in policy; `auditweir policy show` prints that, and
# `auditweir policy check` tells what this one does.
version: 1
# redact:
#   # Values of one's own resources, by path.
#   rules:
#     - name: database-spec
#       resources: [databases.example.com]
#       paths: [requestObject.spec.adminPassword]
#   detectors:
#     # The same token gives the same pseudonym. Needs pseudonymKeyId, and a key.
#     jwt: pseudonym
# decide:
#   # Drops, counted, what is safe to drop in every cluster.
#   noise: [default]
# enrich:
#   cluster: { name: example }
";
/// Where the shipped files expect the policy, log and cluster to be.
const LOG: &str = "/var/log/kubernetes/audit/audit.log";

/// All files of a target.
pub(super) fn files(args: &Init, program: &Program) -> Result<Vec<File>, Error> {
    let sink = Sink::parse(&args.sink)?;
    let folder = std::path::absolute(&args.out).map_err(|error| Error::file(&args.out, error))?;
    let at = |name: &str| folder.join(name).display().to_string();
    let log = args.log.display().to_string();
    let mut files = Vec::new();
    match args.target {
        Part::FluentBit => {
            let name = configuration(args.target, program);
            let old = name == "fluent-bit.conf";
            let text = if old {
                shipped!("fluent-bit/native/fluent-bit.conf")
            } else {
                shipped!("fluent-bit/native/fluent-bit.yaml")
            };
            let mut edit = Edit::new(text);
            edit.each("/fluent-bit/etc/auditweir/policy.yaml", &at("policy.yaml"))?;
            edit.each(LOG, &log)?;
            // Before `host`, which takes the settings of TLS out where there is none.
            edit.each("/fluent-bit/etc/ca.crt", &at("ca.crt"))
                .or_else(|error| if old { Ok(()) } else { Err(error) })?;
            edit.cluster(args.cluster)?;
            edit.each("/fluent-bit/plugins/flb-filter_auditweir.so", PLUGIN)
                .or_else(|error| if old { Ok(()) } else { Err(error) })?;
            if old {
                edit.each("/fluent-bit/etc/plugins.conf", &at("plugins.conf"))?;
                edit.host(&sink, "host                      ", "port                      ")?;
                let plugins = shipped!("fluent-bit/native/plugins.conf");
                let plugins =
                    plugins.replace("/fluent-bit/plugins/flb-filter_auditweir.so", PLUGIN);
                files.push(File::new("plugins.conf", plugins, "where the plugin is"));
            } else {
                edit.host(&sink, "host: ", "port: ")?;
                // In a pod others ask for metrics; here it is this machine.
                edit.each("  http_server: on\n", "  http_server: on\n  http_listen: 127.0.0.1\n")?;
            }
            files.push(File::new(name, edit.text, "the configuration"));
        }
        Part::Vector if program.is_static => {
            let mut edit = Edit::new(shipped!("vector/exec.yaml"));
            edit.each(LOG, &log)?;
            edit.each(
                "auditweir filter --quiet",
                &format!("auditweir filter --quiet --policy {}", at("policy.yaml")),
            )?;
            files.push(File::new(
                "vector.yaml",
                edit.text,
                "the configuration; this Vector can load no module",
            ));
        }
        Part::Vector => {
            let mut edit = Edit::new(shipped!("vector/elasticsearch.yaml"));
            edit.each(LOG, &log)?;
            edit.each("https://elasticsearch.example.com:9200", &args.sink)?;
            edit.each(
                "        -- policy_file = \"/etc/vector/auditweir/policy.yaml\"",
                &format!("        policy_file = \"{}\"", at("policy.yaml")),
            )?;
            edit.each("/etc/vector/ca.crt", &at("ca.crt"))?;
            if !sink.tls {
                // Plain HTTP was asked for: no password goes over it, no certificate is looked for.
                edit.without("    auth: ")?;
                edit.without("    tls: ")?;
            }
            if args.cluster == Cluster::Opensearch {
                edit.each("api_version: v8", "api_version: v7")?;
            }
            files.push(File::new("vector.yaml", edit.text, "the configuration"));
        }
        Part::Serve => {
            let mut edit = Edit::new(shipped!("webhook/auditweir-serve.service"));
            edit.each("https://elasticsearch.example.com:9200", &args.sink)?;
            // The policy that is written has no pseudonyms, and asks for no key.
            edit.each(" --pseudonym-key-file ${CREDENTIALS_DIRECTORY}/pseudonym.key", "")?;
            edit.each("LoadCredential=pseudonym.key:/etc/auditweir/pseudonym.key\n", "")?;
            if !sink.tls {
                edit.each(" --sink-ca /etc/auditweir/sink-ca.crt", "")?;
                edit.each(" --sink-auth-file ${CREDENTIALS_DIRECTORY}/sink-auth", "")?;
                edit.each("LoadCredential=sink-auth:/etc/auditweir/sink-auth\n", "")?;
            }
            if let Some(command) = packaged_command() {
                edit.each("/usr/local/bin/auditweir", command)?;
            }
            files.push(File::new("auditweir-serve.service", edit.text, "the unit"));
            files.push(File::new(
                "certificates.sh",
                shipped!("webhook/certificates.sh"),
                "makes and installs them",
            ));
            files.push(File::new(
                "webhook.kubeconfig",
                shipped!("webhook/webhook.kubeconfig"),
                "for kube-apiserver",
            ));
            files.push(File::new(
                "kubeadm.yaml",
                shipped!("webhook/kubeadm.yaml"),
                "flags of kube-apiserver",
            ));
        }
        Part::KubeApiserver => {
            let mut edit = Edit::new(shipped!("kubernetes/kubeadm.yaml"));
            edit.each(LOG, &log)?;
            let parent = |path: &str| {
                Path::new(path).parent().map(|at| at.display().to_string()).unwrap_or_default()
            };
            edit.each(&format!("Path: {}\n", parent(LOG)), &format!("Path: {}\n", parent(&log)))?;
            files.push(File::new("kubeadm.yaml", edit.text, "flags of kube-apiserver"));
        }
    }
    files.push(File::new(
        "audit-policy.yaml",
        shipped!("kubernetes/audit-policy.yaml"),
        "what kube-apiserver writes",
    ));
    if args.target != Part::KubeApiserver {
        files.push(File::new("policy.yaml", POLICY, "what is taken out"));
        for (name, text) in assets::files(args.cluster) {
            files.push(File::new(&format!("index/{name}"), text, "of the index"));
        }
        files.push(File::new(
            "index/install.sh",
            assets::script(args.cluster),
            "installs the index",
        ));
    }
    Ok(files)
}

/// This command, if a package put it elsewhere than the unit expects it.
fn packaged_command() -> Option<&'static str> {
    const PACKAGED: &str = "/usr/bin/auditweir";
    std::env::current_exe().is_ok_and(|path| path == Path::new(PACKAGED)).then_some(PACKAGED)
}

/// Where Vector keeps its positions and buffers; its packages make it, its archives do not.
pub(super) const VECTOR_STATE: &str = "/var/lib/vector";

/// Where packages put the plugin.
const PLUGIN: &str = "/usr/lib/auditweir/flb-filter_auditweir.so";

/// The name of the file that the program is started with.
pub(super) fn configuration(target: Part, program: &Program) -> &'static str {
    match target {
        // YAML since 3.2.
        Part::FluentBit if program.version.is_some_and(|version| version < (3, 2)) => {
            "fluent-bit.conf"
        }
        Part::FluentBit => "fluent-bit.yaml",
        Part::Vector => "vector.yaml",
        Part::Serve => "auditweir-serve.service",
        Part::KubeApiserver => "kubeadm.yaml",
    }
}

/// The three commands that follow.
pub(super) fn next(args: &Init, program: &Program) -> Vec<String> {
    let out = args.out.display();
    let name = configuration(args.target, program);
    let called = program.path.as_deref().map(|path| path.display().to_string()).unwrap_or_default();
    let target = args.target.name();
    let index = format!("{}={} sh {out}/index/install.sh", variable(args.cluster), args.sink);
    let check = format!(
        "auditweir init --for {target} --out {out} --sink {} --cluster {} --log {} --check",
        args.sink,
        match args.cluster {
            Cluster::Elasticsearch => "elasticsearch",
            Cluster::Opensearch => "opensearch",
        },
        args.log.display()
    );
    // The files read them from the environment.
    let secrets = if args.sink.starts_with("https:") { "ES_USER=… ES_PASSWORD=… " } else { "" };
    match args.target {
        Part::Vector if !Path::new(VECTOR_STATE).is_dir() => vec![
            format!("install -d -m 700 {VECTOR_STATE} && {index}"),
            check,
            format!("{secrets}{called} --config {out}/{name}"),
        ],
        Part::FluentBit | Part::Vector => {
            vec![index, check, format!("{secrets}{called} --config {out}/{name}")]
        }
        Part::Serve => vec![
            format!("sh {out}/certificates.sh && {index}"),
            check,
            format!(
                "install -m 644 {out}/{name} /etc/systemd/system/ && install -D -m 644 {out}/policy.yaml /etc/auditweir/policy.yaml && systemctl enable --now auditweir-serve"
            ),
        ],
        Part::KubeApiserver => vec![
            format!("install -m 600 {out}/audit-policy.yaml /etc/kubernetes/audit-policy.yaml"),
            // The file is a part: alone it would give the API server kubeadm's defaults.
            format!(
                "kubectl -n kube-system get configmap kubeadm-config -o jsonpath='{{.data.ClusterConfiguration}}' > cluster.yaml  # then merge {out}/{name} into it"
            ),
            "kubeadm init phase control-plane apiserver --config cluster.yaml".to_owned(),
        ],
    }
}

/// The environment variable that the script reads.
pub(super) const fn variable(cluster: Cluster) -> &'static str {
    match cluster {
        Cluster::Elasticsearch => "ES",
        Cluster::Opensearch => "OS",
    }
}

/// Address of the cluster.
struct Sink {
    host: String,
    port: u16,
    tls: bool,
}

impl Sink {
    fn parse(url: &str) -> Result<Self, Error> {
        let wrong =
            || Error::Other(format!("--sink {url}: must be http://HOST:PORT or https://HOST:PORT"));
        let (scheme, rest) = url.split_once("://").ok_or_else(wrong)?;
        let tls = match scheme {
            "https" => true,
            "http" => false,
            _ => return Err(wrong()),
        };
        let rest = rest.trim_end_matches('/');
        let (host, port) = rest.rsplit_once(':').unwrap_or((rest, "9200"));
        let plain = |letter: char| letter.is_ascii_alphanumeric() || "-._[]:".contains(letter);
        if host.is_empty() || !host.chars().all(plain) {
            return Err(wrong());
        }
        Ok(Self { host: host.to_owned(), port: port.parse().map_err(|_| wrong())?, tls })
    }
}

impl File {
    fn new(name: &str, text: impl Into<String>, about: &'static str) -> Self {
        Self { name: name.to_owned(), text: text.into(), about }
    }
}

/// A shipped file, and what is replaced in it.
struct Edit {
    text: String,
}

impl Edit {
    fn new(text: &str) -> Self {
        Self { text: text.to_owned() }
    }

    /// Everywhere, and somewhere: a shipped file that changed is noticed.
    fn each(&mut self, old: &str, new: &str) -> Result<(), Error> {
        if !self.text.contains(old) {
            return Err(Error::Other(format!("the shipped file has no `{old}` any more")));
        }
        self.text = self.text.replace(old, new);
        Ok(())
    }

    /// Without the line that begins so.
    fn without(&mut self, start: &str) -> Result<(), Error> {
        let before = self.text.len();
        let kept = self.text.split_inclusive('\n').filter(|line| !line.starts_with(start));
        let kept: String = kept.collect();
        self.text = kept;
        if self.text.len() < before {
            Ok(())
        } else {
            Err(Error::Other(format!("the shipped file has no `{start}` any more")))
        }
    }

    /// The output of the cluster's own kind.
    fn cluster(&mut self, cluster: Cluster) -> Result<(), Error> {
        let (own, other) = match cluster {
            Cluster::Elasticsearch => ("es", "opensearch"),
            Cluster::Opensearch => ("opensearch", "es"),
        };
        for name in ["- name: ", "    name                      "] {
            self.text = self.text.replace(&format!("{name}{other}\n"), &format!("{name}{own}\n"));
        }
        let (right, wrong) = match cluster {
            Cluster::Elasticsearch => ("Elasticsearch", "OpenSearch"),
            Cluster::Opensearch => ("OpenSearch", "Elasticsearch"),
        };
        self.text = self.text.replace(&format!("-> {wrong}"), &format!("-> {right}"));
        let mut found = false;
        for name in ["- name: ", "    name                      "] {
            found |= self.text.contains(&format!("{name}{own}\n"));
        }
        if found {
            Ok(())
        } else {
            Err(Error::Other("the shipped file has no output of that kind".into()))
        }
    }

    /// Host, port and TLS of the output. The keys are those of the output alone.
    fn host(&mut self, sink: &Sink, host: &str, port: &str) -> Result<(), Error> {
        let mut text = String::new();
        let mut found = 0;
        for line in self.text.lines() {
            let word = line.trim_start();
            let indent = &line[..line.len() - word.len()];
            if let Some(rest) =
                word.strip_prefix(host).filter(|rest| rest.ends_with(".example.com"))
            {
                found += usize::from(!rest.is_empty());
                _ = writeln!(text, "{indent}{host}{}", sink.host);
            } else if word.strip_prefix(port).is_some_and(|rest| rest == "9200") {
                found += 1;
                _ = writeln!(text, "{indent}{port}{}", sink.port);
            } else if !sink.tls
                && (word.starts_with("tls")
                    || word.starts_with("http_user")
                    || word.starts_with("http_passwd"))
            {
                // Plain HTTP was asked for: no setting of TLS is left to suggest otherwise, and no
                // password that would go over it.
            } else {
                _ = writeln!(text, "{line}");
            }
        }
        self.text = text;
        if found == 2 {
            Ok(())
        } else {
            Err(Error::Other("the shipped file has another output".into()))
        }
    }
}
