//! The end-to-end part of `--check`: the configuration is run with one synthetic event, which has to
//! arrive at its sink, without the value that was planted in it.
//!
//! What runs is a copy: its log and its state are in a folder of its own, and ports that a running
//! shipper has are not asked for. All else, plugin, policy, output and credentials, is as configured.

pub(super) mod event;
mod fluent_bit;
#[cfg(feature = "serve")]
mod serve;
mod sink;
mod stand_in;
mod vector;

use std::fs;
use std::io::Write as _;
use std::net::TcpStream;
use std::os::unix::fs::DirBuilderExt as _;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use self::event::Event;
use self::sink::{Found, Sink};
use self::stand_in::StandIn;
use super::program::Program;
use crate::args::{Init, Part, SinkCheck};

/// A shipper starts, reads, sends, and the cluster makes it findable.
const PATIENCE: Duration = Duration::from_secs(45);
const PAUSE: Duration = Duration::from_millis(250);

/// How it ended.
pub(super) enum Outcome {
    /// And where the event was found.
    Arrived(String),
    Failed(String),
    /// Why it could not be tried.
    Skipped(String),
}

/// What is to be started, and where its events go.
struct Prepared {
    command: Command,
    /// None: it has no sink that can be asked.
    sink: Option<Sink>,
    /// Where the event is posted to, instead of read from the log.
    post: Option<String>,
}

/// A folder that goes when the check ends.
struct Place(PathBuf);

impl Place {
    fn new() -> std::io::Result<Self> {
        let now = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default().as_nanos();
        let path =
            std::env::temp_dir().join(format!("auditweir-check-{}-{now}", std::process::id()));
        // The configuration in it may hold passwords.
        fs::DirBuilder::new().mode(0o700).create(&path)?;
        Ok(Self(path))
    }

    fn at(&self, name: &str) -> String {
        self.0.join(name).display().to_string()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        _ = fs::remove_dir_all(&self.0);
    }
}

/// A shipper that ends with the check.
struct Running(Child);

impl Drop for Running {
    fn drop(&mut self) {
        _ = self.0.kill();
        _ = self.0.wait();
    }
}

/// Runs the configuration.
pub(super) fn run(args: &Init, program: &Program, configuration: &Path) -> Outcome {
    if args.target == Part::KubeApiserver {
        return Outcome::Skipped("kube-apiserver is not started here".into());
    }
    if args.target.program().is_some() && program.version.is_none() {
        return Outcome::Skipped("the program is not installed here".into());
    }
    match trial(args, program, configuration) {
        Ok(outcome) => outcome,
        Err(why) => Outcome::Failed(why),
    }
}

fn trial(args: &Init, program: &Program, configuration: &Path) -> Result<Outcome, String> {
    let place = Place::new().map_err(|error| format!("a temporary folder: {error}"))?;
    let event = Event::new();
    let stand_in = match args.sink_check {
        SinkCheck::On => None,
        SinkCheck::Off => Some(StandIn::start().map_err(|error| error.to_string())?),
    };
    let local = stand_in.as_ref().map(StandIn::port);
    let text = fs::read_to_string(configuration).map_err(|error| error.to_string())?;
    fs::write(place.at("audit.log"), event.line() + "\n").map_err(|error| error.to_string())?;
    let prepared = match args.target {
        Part::FluentBit => fluent_bit::prepare(&text, program, &place, local)?,
        Part::Vector => vector::prepare(&text, args, program, &place, local)?,
        #[cfg(feature = "serve")]
        Part::Serve => serve::prepare(&text, args, &place, local)?,
        #[cfg(not(feature = "serve"))]
        Part::Serve => return Ok(Outcome::Skipped("this build has no serve".into())),
        Part::KubeApiserver => return Ok(Outcome::Skipped("nothing is started".into())),
    };
    let Prepared { mut command, sink, post } = prepared;
    if sink.is_none() && stand_in.is_none() {
        return Ok(Outcome::Skipped(
            "the configuration has no output to Elasticsearch or OpenSearch; --sink-check off tries it with a stand-in".into(),
        ));
    }
    let log = place.at("said");
    let output = fs::File::create(&log).map_err(|error| error.to_string())?;
    let both = output.try_clone().map_err(|error| error.to_string())?;
    let child = command
        .stdin(Stdio::null())
        .stdout(output)
        .stderr(both)
        .spawn()
        .map_err(|error| format!("{}: {error}", command.get_program().display()))?;
    let mut running = Running(child);
    let began = Instant::now();
    let mut posted = post.is_none();
    let mut why = String::new();
    while began.elapsed() < PATIENCE {
        if let Some(address) = &post
            && !posted
        {
            posted = send(address, &event).map_err(|error| format!("{address}: {error}"))?;
        }
        let found = match (&stand_in, &sink) {
            (Some(stand_in), _) => stand_in.look(&event),
            (None, Some(sink)) => sink.look(&event),
            (None, None) => Found::Not(String::new()),
        };
        match found {
            Found::Document(text) => {
                if event.leaks_in(&text) {
                    return Err("the event arrived with the value of its Secret".into());
                }
                let seconds = began.elapsed().as_secs_f64();
                let at = match (&stand_in, &sink) {
                    (None, Some(sink)) => sink.to_string(),
                    _ => "a stand-in for the sink".into(),
                };
                let name = event.name();
                return Ok(Outcome::Arrived(format!(
                    "found again in {at} after {seconds:.1} s as {name}; the value of its Secret is not in it"
                )));
            }
            Found::Unreadable(status) => {
                return Ok(Outcome::Skipped(format!(
                    "{} does not let these credentials search (HTTP {status}); look for event.id {}",
                    sink.as_ref().map(ToString::to_string).unwrap_or_default(),
                    event.name()
                )));
            }
            Found::Not(reason) => why = reason,
        }
        if let Ok(Some(status)) = running.0.try_wait() {
            return Err(format!("ended with {status} before the event arrived{}", tail(&log)));
        }
        std::thread::sleep(PAUSE);
    }
    Err(format!(
        "not at the sink after {} s{}{why}{}",
        PATIENCE.as_secs(),
        if why.is_empty() { "" } else { ": " },
        tail(&log)
    ))
}

/// The last lines of what the program said.
fn tail(log: &str) -> String {
    let said = fs::read(log).unwrap_or_default();
    let said = String::from_utf8_lossy(&said);
    let lines: Vec<_> = said.lines().filter(|line| !line.trim().is_empty()).collect();
    let last = &lines[lines.len().saturating_sub(4)..];
    if last.is_empty() { String::new() } else { format!("; it said: {}", last.join(" | ")) }
}

/// Posts the event; false while nobody listens yet.
fn send(address: &str, event: &Event) -> std::io::Result<bool> {
    use std::io::Read as _;
    let Ok(mut stream) = TcpStream::connect(address) else { return Ok(false) };
    stream.set_read_timeout(Some(PATIENCE))?;
    let body = event.line();
    write!(
        stream,
        "POST / HTTP/1.1\r\nHost: {address}\r\nContent-Type: application/json\r\nContent-Length: {}\r\nConnection: close\r\n\r\n{body}",
        body.len()
    )?;
    let mut answer = String::new();
    stream.read_to_string(&mut answer)?;
    let status = answer.split(' ').nth(1).unwrap_or("no answer");
    if status == "200" { Ok(true) } else { Err(std::io::Error::other(format!("HTTP {status}"))) }
}

/// What `${NAME}` and `${NAME:-default}` in a text are in this process's environment.
fn expand(text: &str) -> String {
    let mut out = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("${") {
        out.push_str(before);
        let Some((name, behind)) = after.split_once('}') else {
            out.push_str("${");
            out.push_str(after);
            return out;
        };
        let (name, default) = name.split_once(":-").unwrap_or((name, ""));
        out.push_str(&std::env::var(name).unwrap_or_else(|_| default.to_owned()));
        rest = behind;
    }
    out + rest
}

#[cfg(test)]
mod tests {
    use super::expand;

    #[test]
    fn variables_are_replaced() {
        for (text, expected) in [
            ("plain", "plain"),
            ("a${AUDITWEIR_TEST_NOT_SET:-b}c", "abc"),
            ("${AUDITWEIR_TEST_NOT_SET}", ""),
            ("${open", "${open"),
            ("$x {}", "$x {}"),
        ] {
            assert_eq!(expand(text), expected);
        }
    }
}
