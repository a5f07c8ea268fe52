//! `apiserver-corpus`: a real kube-apiserver under the driver of `tests/apiserver`, its log file and
//! its webhook, and `auditweir serve` behind the webhook; then everything is searched for the
//! secrets that were planted.

mod report;
mod trim;

use std::fmt::Write as _;
use std::fs;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};

use auditweir_tests::planted::Planted;

use crate::{Result, root};

/// The Kubernetes that `tests/apiserver/go.mod` asks for.
pub(crate) const VERSION: &str = "v1.37.2";

struct Options {
    seed: String,
    write: bool,
    judge: bool,
    auditweir: Option<PathBuf>,
}

pub(crate) fn run(arguments: &[&str]) -> Result<()> {
    let options = options(arguments)?;
    let folder = root().join("target/apiserver");
    let out = folder.join(if options.write { "public" } else { "all" });
    fs::create_dir_all(&out)?;
    if !options.judge {
        let driver = build(&folder)?;
        drive(&driver, &out, &options)?;
    }
    let planted = Planted::parse(&fs::read_to_string(out.join("planted.json"))?)?;
    let sound = report::all(&out, &planted)?;
    if options.write {
        trim::write(&out, &planted)?;
    }
    if sound { Ok(()) } else { Err("a leak, a loss or a difference: see above".into()) }
}

fn options(arguments: &[&str]) -> Result<Options> {
    let mut options = Options { seed: "7".into(), write: false, judge: false, auditweir: None };
    let mut rest = arguments.iter();
    while let Some(argument) = rest.next() {
        match *argument {
            "--write" => options.write = true,
            "--judge" => options.judge = true,
            "--seed" => options.seed = (*rest.next().ok_or("--seed NUMBER")?).into(),
            "--auditweir" => {
                options.auditweir = Some(rest.next().ok_or("--auditweir FILE")?.into());
            }
            other => return Err(format!("unknown option {other}").into()),
        }
    }
    Ok(options)
}

/// Builds the driver. The first time takes long: it is the whole of kube-apiserver.
pub(crate) fn build(folder: &Path) -> Result<PathBuf> {
    let driver = folder.join("driver");
    println!("building kube-apiserver {VERSION} with its driver");
    let mut flags = "-s -w".to_owned();
    let (major_minor, _) = VERSION.rsplit_once('.').ok_or("version")?;
    let (major, minor) = major_minor.trim_start_matches('v').split_once('.').ok_or("version")?;
    for package in ["k8s.io/component-base/version", "k8s.io/client-go/pkg/version"] {
        for (name, value) in [("gitVersion", VERSION), ("gitMajor", major), ("gitMinor", minor)] {
            write!(flags, " -X {package}.{name}={value}")?;
        }
    }
    let done = Command::new("go")
        .args(["build", "-ldflags", &flags, "-o"])
        .arg(&driver)
        .arg(".")
        .env("GOFLAGS", "-mod=mod -buildvcs=false")
        .current_dir(root().join("tests/apiserver"))
        .status()
        .map_err(|error| format!("go: {error}"))?;
    if done.success() { Ok(driver) } else { Err("the driver cannot be built".into()) }
}

fn drive(driver: &Path, out: &Path, options: &Options) -> Result<()> {
    let serve = Serve::start(out, options.auditweir.as_deref())?;
    let mut command = Command::new(driver);
    command.arg("--out").arg(out).args(["--seed", &options.seed]);
    if options.write {
        command.args(["--shapes", "public"]);
    }
    if let Some(serve) = &serve {
        command.args(["--forward", &serve.url]);
    }
    let log = out.join("driver.log");
    let done = command.stderr(fs::File::create(&log)?).status()?;
    if let Some(serve) = serve {
        serve.stop()?;
    }
    if done.success() {
        Ok(())
    } else {
        Err(format!("the driver failed: {}", log.display()).into())
    }
}

/// `auditweir serve` behind the webhook.
struct Serve {
    child: Child,
    url: String,
}

impl Serve {
    /// Starts it; `None`, loudly, when the binary cannot serve.
    fn start(out: &Path, binary: Option<&Path>) -> Result<Option<Self>> {
        let binary = if let Some(binary) = binary {
            binary.to_owned()
        } else {
            let done = Command::new(env!("CARGO"))
                .args(["build", "--quiet", "--locked", "-p", "auditweir-cli"])
                .current_dir(root())
                .status()?;
            if !done.success() {
                return Err("auditweir cannot be built".into());
            }
            root().join("target/debug/auditweir")
        };
        for name in ["spool", "served.ndjson"] {
            let path = out.join(name);
            if path.is_dir() {
                fs::remove_dir_all(path)?;
            } else if path.exists() {
                fs::remove_file(path)?;
            }
        }
        let mut child = Command::new(&binary)
            .args(["serve", "--listen", "127.0.0.1:0", "--to", "native", "--spool"])
            .arg(out.join("spool"))
            .arg("--sink")
            .arg(format!("file:{}", out.join("served.ndjson").display()))
            .stderr(Stdio::piped())
            .spawn()
            .map_err(|error| format!("{}: {error}", binary.display()))?;
        let mut said = BufReader::new(child.stderr.take().ok_or("stderr")?);
        let mut line = String::new();
        while said.read_line(&mut line)? > 0 {
            if let Some((_, url)) = line.trim_end().split_once("listening on ") {
                let url = url.split_whitespace().next().unwrap_or(url).to_owned();
                // Its messages are searched for canaries, too.
                let mut file = fs::File::create(out.join("serve.log"))?;
                std::thread::spawn(move || std::io::copy(&mut said, &mut file));
                return Ok(Some(Self { child, url }));
            }
            line.clear();
        }
        child.wait()?;
        println!("SKIPPED: {} has no `serve`; the webhook is only recorded", binary.display());
        Ok(None)
    }

    /// Has it deliver all it holds and end.
    fn stop(mut self) -> Result<()> {
        Command::new("kill").args(["-TERM", &self.child.id().to_string()]).status()?;
        let done = self.child.wait()?;
        if done.success() { Ok(()) } else { Err(format!("auditweir serve: {done}").into()) }
    }
}
