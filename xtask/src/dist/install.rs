//! Installs what was packed as its users would, each in an empty root, and runs it there.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use super::compile::{PROCESSORS, Processor};
use super::{Found, image, installed};
use crate::{Result, root};

/// A hundred real events.
const LOG: &str = "tests/corpora/openshift-clo/audit_in.log";
const EVENTS: usize = 100;

/// What was done, the seconds it took, and what it said.
pub(super) struct Step {
    pub(super) what: String,
    pub(super) seconds: f64,
    pub(super) said: String,
}

struct Install<'a> {
    dist: &'a Path,
    /// Empty roots are made here.
    place: PathBuf,
    steps: Vec<Step>,
    found: &'a mut Found,
}

/// Tries each package of this machine, and the command of the other.
pub(super) fn install(dist: &Path, place: &Path, found: &mut Found) -> Result<Vec<Step>> {
    if place.exists() {
        fs::remove_dir_all(place)?;
    }
    fs::create_dir_all(place)?;
    let mut install = Install { dist, place: place.to_path_buf(), steps: Vec::new(), found };
    let here = PROCESSORS.iter().find(|processor| processor.is_here()).ok_or("no processor")?;
    let command = install.archive(here)?;
    install.debian(here)?;
    install.rpm(here)?;
    install.other(&command)?;
    install.images(here)?;
    install.npm()?;
    install.plugin(here)?;
    install.module(here)?;
    Ok(install.steps)
}

impl Install<'_> {
    /// Runs a script in the repository with arguments `$1` and on; its last line is what it said.
    fn step(&mut self, what: &str, script: &str, arguments: &[&Path]) -> Result<()> {
        let began = Instant::now();
        let mut command = if super::said(Command::new("id").arg("-u"))?.trim() == "0" {
            Command::new("sh")
        } else {
            // Root inside, nobody outside.
            let mut command = Command::new("unshare");
            command.args(["--map-root-user", "sh"]);
            command
        };
        let said = super::said(
            command.args(["-e", "-c", script, "sh"]).args(arguments).current_dir(root()),
        )
        .map_err(|error| format!("{what}: {error}"))?;
        self.note(what, began, said.trim().lines().last().unwrap_or_default());
        Ok(())
    }

    fn note(&mut self, what: &str, began: Instant, said: &str) {
        let step = Step {
            what: what.to_owned(),
            seconds: began.elapsed().as_secs_f64(),
            said: said.to_owned(),
        };
        println!("{:6.2} s  {}: {}", step.seconds, step.what, step.said);
        self.steps.push(step);
    }

    fn file(&self, end: &str, start: &str) -> Option<PathBuf> {
        let files = fs::read_dir(self.dist).ok()?.filter_map(|entry| Some(entry.ok()?.path()));
        files.into_iter().find(|path| {
            let name = path.file_name().unwrap_or_default().to_string_lossy();
            name.starts_with(start) && name.ends_with(end)
        })
    }

    fn root(&self, name: &str) -> Result<PathBuf> {
        let root = self.place.join(name);
        fs::create_dir_all(root.join("tmp"))?;
        Ok(root)
    }

    /// The archive, unpacked into a root in which nothing else is.
    fn archive(&mut self, here: &Processor) -> Result<PathBuf> {
        let archive =
            self.file(&format!("{}-linux.tar.gz", here.name), "auditweir-").ok_or("no archive")?;
        let root = self.root("archive")?;
        self.step(
            "tar -xzf auditweir-….tar.gz",
            "tar -xzf \"$1\" -C \"$2\"; cd \"$2\"; find . -type f | wc -l | sed 's/$/ files/'",
            &[&archive, &root],
        )?;
        self.use_of(&root)?;
        for there in [
            "usr/share/bash-completion/completions/auditweir",
            "usr/share/man/man1/auditweir-serve.1",
            "usr/lib/systemd/system/auditweir-serve.service",
        ] {
            if !root.join(there).is_file() {
                return Err(format!("the archive has no {there}").into());
            }
        }
        Ok(root.join("usr/bin/auditweir"))
    }

    /// Everyday commands, in a root that has the command and nothing else.
    fn use_of(&mut self, root: &Path) -> Result<()> {
        self.step("auditweir --version", "chroot \"$1\" /usr/bin/auditweir --version", &[root])?;
        let log = crate::root().join(LOG);
        self.step(
            "auditweir filter --to ecs",
            "cp \"$2\" \"$1/tmp/audit.log\"; chroot \"$1\" /usr/bin/auditweir filter --to ecs --quiet /tmp/audit.log > \"$1/tmp/out\"; \
             test \"$(wc -l < \"$1/tmp/out\")\" = 100; echo 100 events",
            &[root, &log],
        )?;
        self.step(
            "auditweir init --for kube-apiserver, and --check",
            "chroot \"$1\" /usr/bin/auditweir init --for kube-apiserver --out /tmp/audit > /dev/null; \
             chroot \"$1\" /usr/bin/auditweir init --for kube-apiserver --out /tmp/audit --check",
            &[root],
        )?;
        let began = Instant::now();
        let clean = serve(root)?;
        self.note(
            "auditweir serve, 100 events posted",
            began,
            &format!("{clean} clean events in its sink"),
        );
        Ok(())
    }

    fn debian(&mut self, here: &Processor) -> Result<()> {
        let Some(package) = self.file(&format!("{}.deb", here.debian), "auditweir_") else {
            self.found.skipped("no .deb was made; none was installed");
            return Ok(());
        };
        let root = self.root("debian")?;
        self.step(
            "dpkg --install auditweir_….deb",
            "mkdir -p \"$2/var/lib/dpkg/info\" \"$2/var/lib/dpkg/updates\"; : > \"$2/var/lib/dpkg/status\"; : > \"$2/var/lib/dpkg/available\"
             dpkg --root=\"$2\" --force-not-root --force-script-chrootless --force-architecture -i \"$1\" > /dev/null
             dpkg --root=\"$2\" -L auditweir | wc -l | sed 's/$/ paths/'",
            &[&package, &root],
        )?;
        self.use_of(&root)?;
        self.step(
            "dpkg --remove auditweir",
            "dpkg --root=\"$1\" --force-not-root --force-script-chrootless -r auditweir > /dev/null
             test ! -e \"$1/usr/bin/auditweir\"; echo gone",
            &[&root],
        )
    }

    fn rpm(&mut self, here: &Processor) -> Result<()> {
        let package =
            self.file(&format!("{}.rpm", here.name), "auditweir-0.").filter(|_| installed("rpm"));
        let Some(package) = package else {
            self.found.skipped("no .rpm or no rpm; none was installed");
            return Ok(());
        };
        let root = self.root("rpm")?;
        self.step(
            "rpm --install auditweir-….rpm",
            "rpm --root \"$2\" --initdb; rpm --root \"$2\" -i --nosignature \"$1\" 2> /dev/null
             rpm --root \"$2\" -ql auditweir | wc -l | sed 's/$/ paths/'",
            &[&package, &root],
        )?;
        self.use_of(&root)?;
        self.step(
            "rpm --erase auditweir",
            "rpm --root \"$1\" -e auditweir; test ! -e \"$1/usr/bin/auditweir\"; echo gone",
            &[&root],
        )
    }

    /// The command of the other processor, in an emulator: the same bytes.
    fn other(&mut self, here: &Path) -> Result<()> {
        for processor in PROCESSORS.iter().filter(|processor| !processor.is_here()) {
            let emulator = format!("qemu-{}-static", processor.name);
            let archive = self.file(&format!("{}-linux.tar.gz", processor.name), "auditweir-");
            let Some(archive) = archive.filter(|_| installed(&emulator)) else {
                self.found.skipped(&format!(
                    "no command for {}, or no {emulator}: apt-get install qemu-user-static",
                    processor.name
                ));
                continue;
            };
            let root = self.root(processor.name)?;
            self.step(
                &format!("{emulator} auditweir filter --to ecs"),
                "tar -xzf \"$1\" -C \"$2\"; \"$4\" \"$2/usr/bin/auditweir\" filter --to ecs --quiet tests/corpora/openshift-clo/audit_in.log > \"$2/tmp/out\"
                 \"$3\" filter --to ecs --quiet tests/corpora/openshift-clo/audit_in.log | cmp - \"$2/tmp/out\"; echo 'the same 100 events, byte for byte'",
                &[&archive, &root, here, Path::new(&emulator)],
            )?;
        }
        Ok(())
    }

    /// As a runtime would run them: unpacked, not as root.
    fn images(&mut self, here: &Processor) -> Result<()> {
        for (title, module) in [("auditweir", false), ("auditweir-module", true)] {
            let began = Instant::now();
            let root = self.root(title)?;
            let file = if module {
                format!("{title}-{}.oci.tar", here.name)
            } else {
                format!("{title}.oci.tar")
            };
            let config = image::unpack(&self.dist.join(file), here, &root)?;
            if config["User"] != "65532:65532" {
                return Err(format!("{title}: runs as {}", config["User"]).into());
            }
            self.note(
                &format!("image {title}, unpacked"),
                began,
                &config["Entrypoint"].to_string(),
            );
            let script = "mkdir -p \"$1/module\" && chmod 777 \"$1/module\"
                 if [ \"$(id -u)\" = 0 ] && [ \"$(cat /proc/self/uid_map | wc -l)\" = 1 ] && [ \"$(awk '{print $3}' /proc/self/uid_map)\" -gt 65532 ]; then as=--userspec=65532:65532; fi
                 chroot $as \"$1\" ";
            if module {
                self.step(
                    "auditweir plugins --to /module, as 65532",
                    &format!("{script} /usr/bin/auditweir plugins --to /module; ls \"$1/module\" | tr '\\n' ' '; test -s \"$1/module/flb-filter_auditweir.so\""),
                    &[&root],
                )?;
            } else {
                self.step(
                    "auditweir --version, as 65532",
                    &format!("{script} /usr/bin/auditweir --version"),
                    &[&root],
                )?;
            }
        }
        Ok(())
    }

    fn npm(&mut self) -> Result<()> {
        let Some(package) = self.file(".tgz", "auditweir-wasm-").filter(|_| installed("node"))
        else {
            self.found.skipped("no npm package or no Node; none was installed");
            return Ok(());
        };
        let root = self.root("npm")?;
        let script = "import { Filter } from 'auditweir-wasm'; import { readFileSync } from 'node:fs';
            const filter = new Filter(undefined, { format: 'ecs' }); let events = 0;
            for (const line of readFileSync(process.argv[2], 'utf8').split('\\n')) for (const clean of filter.applyText(line)) events += 1;
            console.log(events + ' events'); process.exit(events === 100 ? 0 : 1);";
        fs::write(root.join("try.mjs"), script)?;
        self.step(
            "npm install auditweir-wasm-….tgz, and 100 events in Node",
            "log=$PWD/tests/corpora/openshift-clo/audit_in.log; cd \"$2\"; npm install --silent --no-audit --no-fund --offline \"$1\" > /dev/null; node try.mjs \"$log\"",
            &[&package, &root],
        )
    }

    /// The plugin's own package, in a real Fluent Bit.
    fn plugin(&mut self, here: &Processor) -> Result<()> {
        let package = self.file(&format!("{}.deb", here.debian), "auditweir-fluent-bit_");
        let (Some(package), Some(program)) = (package, std::env::var_os("FLUENT_BIT")) else {
            self.found.skipped("FLUENT_BIT is not set; the plugin's package was not tried");
            return Ok(());
        };
        let root = self.root("plugin")?;
        let configuration = format!(
            "service: {{ flush: 0.2, log_level: warn }}\nplugins: [{0}/usr/lib/auditweir/flb-filter_auditweir.so]\npipeline:\n  \
             inputs:\n    - {{ name: tail, path: {1}, read_from_head: true, exit_on_eof: true, buffer_chunk_size: 1M, buffer_max_size: 16M }}\n  \
             filters:\n    - {{ name: auditweir, match: '*', format: ecs }}\n  \
             outputs:\n    - {{ name: stdout, match: '*', format: json_lines }}\n",
            root.display(),
            crate::root().join(LOG).display()
        );
        fs::write(root.join("tmp/fluent-bit.yaml"), configuration)?;
        self.step(
            "dpkg --extract auditweir-fluent-bit_….deb, and 100 events in Fluent Bit",
            "dpkg -x \"$1\" \"$2\"; \"$3\" -q -c \"$2/tmp/fluent-bit.yaml\" > \"$2/tmp/out\" 2> \"$2/tmp/said\"
             test \"$(grep -c '\"event\":{' \"$2/tmp/out\")\" = 100; echo 100 events",
            &[&package, &root, Path::new(&program)],
        )
    }

    /// The module's own package, in a real Vector.
    fn module(&mut self, here: &Processor) -> Result<()> {
        let package = self.file(&format!("{}.deb", here.debian), "auditweir-vector_");
        let (Some(package), Some(program)) = (package, std::env::var_os("VECTOR")) else {
            self.found.skipped("VECTOR is not set; the module's package was not tried");
            return Ok(());
        };
        let root = self.root("module")?;
        let configuration = fs::read_to_string(crate::root().join("integrations/vector/try.yaml"))?
            .replace("./target/lua/", &format!("{}/usr/lib/vector/", root.display()));
        fs::write(
            root.join("tmp/vector.yaml"),
            format!("data_dir: {}\n{configuration}", root.join("tmp").display()),
        )?;
        self.step(
            "dpkg --extract auditweir-vector_….deb, and 100 events in Vector",
            "dpkg -x \"$1\" \"$2\"; \"$3\" -q --config \"$2/tmp/vector.yaml\" < tests/corpora/openshift-clo/audit_in.log > \"$2/tmp/out\" 2> \"$2/tmp/said\"
             test \"$(grep -c '\"event\":{' \"$2/tmp/out\")\" = 100; echo 100 events",
            &[&package, &root, Path::new(&program)],
        )
    }
}

/// Starts the receiver in a root, posts the log, waits for its sink; the lines there.
fn serve(root: &Path) -> Result<usize> {
    let port = TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let sink = root.join("tmp/clean.ndjson");
    let mut child = Command::new("chroot")
        .arg(root)
        .args(["/usr/bin/auditweir", "serve", "--listen", &port.to_string()])
        .args(["--spool", "/tmp/spool", "--sink", "file:/tmp/clean.ndjson", "--to", "ecs"])
        .stdin(Stdio::null())
        .stdout(Stdio::null())
        .stderr(fs::File::create(root.join("tmp/serve.said"))?)
        .spawn()?;
    let counted = post(&port.to_string(), &sink);
    stop(&mut child);
    let said = fs::read_to_string(root.join("tmp/serve.said")).unwrap_or_default();
    counted.map_err(|error| format!("auditweir serve: {error}: {said}").into())
}

fn post(address: &str, sink: &Path) -> Result<usize> {
    let body = fs::read(root().join(LOG))?;
    let until = Instant::now() + Duration::from_secs(20);
    let mut stream = loop {
        match TcpStream::connect(address) {
            Ok(stream) => break stream,
            Err(error) if Instant::now() > until => return Err(error.into()),
            Err(_) => std::thread::sleep(Duration::from_millis(20)),
        }
    };
    write!(
        stream,
        "POST / HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        body.len()
    )?;
    stream.write_all(&body)?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    if !answer.starts_with("HTTP/1.1 200") {
        return Err(answer.lines().next().unwrap_or("no answer").to_owned().into());
    }
    loop {
        let lines = fs::read_to_string(sink).unwrap_or_default().lines().count();
        if lines == EVENTS {
            return Ok(lines);
        }
        if Instant::now() > until {
            return Err(format!("{lines} of {EVENTS} events in the sink").into());
        }
        std::thread::sleep(Duration::from_millis(20));
    }
}

fn stop(child: &mut Child) {
    _ = child.kill();
    _ = child.wait();
}
