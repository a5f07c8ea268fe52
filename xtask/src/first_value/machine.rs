//! An empty Debian: made by debootstrap once, unpacked anew each time. Commands see its files, and this
//! machine's network.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use crate::{Result, root};

/// As Debian calls this processor.
pub(super) const DEBIAN: &str = if cfg!(target_arch = "aarch64") { "arm64" } else { "amd64" };
const SUITE: &str = "bookworm";
/// What Debian's own packages bring for the two shippers, whose packages would ask for them.
const LIBRARIES: &str = "libsqlite3-0 libssl3 libyaml-0-2 libstdc++6";

/// Its root; removed with this.
pub(super) struct Machine {
    root: PathBuf,
}

/// A program that goes on; ends with this.
pub(super) struct Running {
    child: Child,
    log: PathBuf,
}

impl Machine {
    pub(super) fn new() -> Result<Self> {
        let id = super::super::dist::said(Command::new("id").arg("-u"))?;
        if id.trim() != "0" {
            return Err("first-value changes its root folder: run it as root".into());
        }
        let folder = root().join("target/first-value");
        fs::create_dir_all(&folder)?;
        let machine = Self { root: folder.join("debian") };
        machine.remove()?;
        let kept = folder.join(format!("{SUITE}.tar"));
        if kept.exists() {
            fs::create_dir_all(&machine.root)?;
            quiet(Command::new("tar").arg("-xpf").arg(&kept).arg("-C").arg(&machine.root))?;
        } else {
            println!("an empty Debian, {SUITE}: a minute, this once");
            quiet(
                Command::new("debootstrap").args(["--variant=minbase", SUITE]).arg(&machine.root),
            )
            .map_err(|error| format!("{error} (apt-get install debootstrap)"))?;
            machine.run(&format!("apt-get install -y -qq {LIBRARIES} && apt-get clean"))?;
            quiet(
                Command::new("tar").arg("-cpf").arg(&kept).arg("-C").arg(&machine.root).arg("."),
            )?;
        }
        // That of this machine today.
        fs::copy("/etc/resolv.conf", machine.root.join("etc/resolv.conf"))?;
        Ok(machine)
    }

    fn remove(&self) -> Result<()> {
        if self.root.exists() {
            fs::remove_dir_all(&self.root)?;
        }
        Ok(())
    }

    /// Copies a file in, with its mode.
    pub(super) fn put(&self, from: &Path, to: &str) -> Result<()> {
        let to = self.root.join(to.trim_start_matches('/'));
        fs::create_dir_all(to.parent().ok_or("a folder")?)?;
        fs::copy(from, &to).map_err(|error| format!("{}: {error}", from.display()))?;
        Ok(())
    }

    /// A shell there, as root logs in. What is mounted is gone with it.
    fn shell(&self, command: &str) -> Command {
        let script = "mount -t proc proc \"$1/proc\" && mount --rbind /dev \"$1/dev\" && cd / && \
             exec chroot \"$1\" /usr/bin/env -i HOME=/root DEBIAN_FRONTEND=noninteractive \
             PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin sh -e -c \"cd /root; $2\"";
        let mut shell = Command::new("unshare");
        shell.args(["--mount", "sh", "-e", "-c", script, "sh"]).arg(&self.root).arg(command);
        shell.stdin(Stdio::null());
        shell
    }

    /// Types a command; what it said, to both outputs.
    pub(super) fn run(&self, command: &str) -> Result<String> {
        let output = self.shell(&format!("{{ {command}\n}} 2>&1")).output()?;
        let said = String::from_utf8_lossy(&output.stdout).into_owned();
        if output.status.success() {
            Ok(said)
        } else {
            let more = String::from_utf8_lossy(&output.stderr);
            Err(format!("{command}: {}\n{said}{more}", output.status).into())
        }
    }

    /// Starts the last line of this.
    pub(super) fn start(&self, command: &str) -> Result<Running> {
        let (before, last) = command.trim_end().rsplit_once('\n').unwrap_or(("", command));
        let command = format!("{before}\nexec {last}");
        let log = self.root.join("tmp/said");
        let file = fs::File::create(&log)?;
        let child = self.shell(&command).stdout(file.try_clone()?).stderr(file).spawn()?;
        Ok(Running { child, log })
    }
}

impl Drop for Machine {
    fn drop(&mut self) {
        _ = self.remove();
    }
}

impl Running {
    /// A reason, with the end of what the program said.
    pub(super) fn said(&self, why: &str) -> String {
        let said = fs::read_to_string(&self.log).unwrap_or_default();
        let lines: Vec<_> = said.lines().collect();
        format!("{why}; it said:\n{}", lines[lines.len().saturating_sub(20)..].join("\n"))
    }

    /// Waits for a line with this in it.
    pub(super) fn says(&self, what: &str) -> Result<String> {
        let began = Instant::now();
        while began.elapsed() < super::PATIENCE {
            let said = fs::read_to_string(&self.log).unwrap_or_default();
            if let Some(line) = said.lines().find(|line| line.contains(what)) {
                return Ok(line.to_owned());
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        Err(self.said(&format!("no line with `{what}`")).into())
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // As a user would, so that positions are written; the process is the program itself.
        _ = Command::new("kill").arg(self.child.id().to_string()).status();
        let began = Instant::now();
        while began.elapsed() < Duration::from_secs(15) {
            if !matches!(self.child.try_wait(), Ok(None)) {
                return;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        _ = self.child.kill();
        _ = self.child.wait();
    }
}

/// Runs it, and is silent but for an error.
fn quiet(command: &mut Command) -> Result<()> {
    super::super::dist::said(command).map(drop)
}
