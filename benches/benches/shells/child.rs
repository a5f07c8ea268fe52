//! Shells in a language of their own: a program reads the lines once, then runs as many rounds as
//! it is told and says how long they took by its own processor clock.

use std::ffi::OsStr;
use std::fs;
use std::io::{BufRead as _, BufReader, Write as _};
use std::path::{Path, PathBuf};
use std::process::{Child as Process, ChildStdin, ChildStdout, Command, Stdio};

use auditweir::Format;
use auditweir_benches::inputs::Input;

use crate::Shell;

/// Answers `N` on standard input with the nanoseconds that N rounds took, 0 with `ready` after
/// writing what one round gives to a file.
pub(crate) struct Child {
    name: &'static str,
    process: Process,
    stdin: ChildStdin,
    stdout: BufReader<ChildStdout>,
    out: PathBuf,
}

/// The text of a format's name.
fn named(format: Format) -> &'static str {
    if matches!(format, Format::Ecs) { "ecs" } else { "native" }
}

impl Child {
    /// `program SCRIPT LINES OUT FORMAT MORE`; none, said loudly, where there is no such program.
    pub(crate) fn start(
        name: &'static str,
        program: &str,
        script: &str,
        input: &Input,
        format: Format,
        more: &[(&str, &OsStr)],
    ) -> Option<Self> {
        let folder = std::env::temp_dir();
        let file = |what: &str| {
            folder.join(format!("auditweir-shells-{}-{script}.{what}", std::process::id()))
        };
        let mut text = input.lines.join(&b'\n');
        text.push(b'\n');
        fs::write(file("lines"), text).expect("lines");
        let script = Path::new(env!("CARGO_MANIFEST_DIR")).join("benches/shells").join(script);
        let process = Command::new(program)
            .arg(script)
            .arg(file("lines"))
            .arg(file("out"))
            .arg(named(format))
            .envs(more.iter().copied())
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn();
        let Ok(mut process) = process else {
            eprintln!("SKIPPED: no `{program}`; the shell {name} is not measured");
            return None;
        };
        let stdin = process.stdin.take().expect("stdin");
        let stdout = BufReader::new(process.stdout.take().expect("stdout"));
        let mut child = Self { name, process, stdin, stdout, out: file("out") };
        child.ask(0);
        fs::remove_file(file("lines")).expect("lines");
        Some(child)
    }

    fn ask(&mut self, rounds: usize) -> f64 {
        writeln!(self.stdin, "{rounds}").expect(self.name);
        self.stdin.flush().expect(self.name);
        let mut line = String::new();
        self.stdout.read_line(&mut line).expect(self.name);
        line.trim().parse().unwrap_or_else(|_| panic!("{} says `{line}`", self.name))
    }
}

impl Drop for Child {
    fn drop(&mut self) {
        _ = self.process.kill();
        _ = self.process.wait();
        _ = fs::remove_file(&self.out);
    }
}

impl Shell for Child {
    fn name(&self) -> &'static str {
        self.name
    }

    fn process(&self) -> u32 {
        self.process.id()
    }

    fn once(&mut self, out: &mut Vec<u8>) {
        out.extend_from_slice(&fs::read(&self.out).expect("output"));
    }

    fn rounds(&mut self, count: usize) -> f64 {
        self.ask(count)
    }
}
