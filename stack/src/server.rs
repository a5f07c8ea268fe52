//! One OpenSearch node on loopback, from Maven Central.
//!
//! `opensearch/pom.xml` says what is fetched, `opensearch/Node.java` runs it: one Java process,
//! a free port, data under `target/`. Which server it is depends on the newest JDK that is found.

use std::fs::{self, File};
use std::io::{BufRead as _, BufReader, Read as _};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::sync::atomic::{AtomicU32, Ordering};

/// Oldest Java release, and the server that runs on it; newest first.
const SERVERS: [(u32, &str); 2] = [(21, "3.8.0.0"), (11, "2.19.1.0")];

/// A running server. Dropping it ends the process and removes its data.
///
/// The process reads its standard input and ends with it: it does not outlive whoever holds this,
/// however that ends.
#[derive(Debug)]
pub struct Server {
    child: Child,
    url: String,
    folder: PathBuf,
}

/// Why there is no server.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// A tool is not installed, or nothing can be fetched; a test may be skipped, loudly.
    #[error("{0}")]
    Missing(String),
    /// Everything is there, and it did not start.
    #[error("{0}")]
    Failed(String),
}

impl Server {
    /// Starts a server and waits until it answers: 10 to 40 s on two busy cores, more the first time, when
    /// some 70 MB are fetched.
    pub fn start() -> Result<Self, Error> {
        let java = Java::newest()?;
        let class_path = class_path(java.server)?;
        let folder = fresh_folder()?;
        let log = folder.join("server.log");
        let mut command = Command::new(&java.path);
        command.args(["-Xms512m", "-Xmx1g", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1"]);
        if java.release >= 21 {
            command.arg("--enable-native-access=ALL-UNNAMED");
        }
        let mut child = command
            .arg("-cp")
            .arg(class_path)
            .arg(here("Node.java"))
            .arg(folder.join("node"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(File::create(&log).map_err(|error| failed(&log, &error))?)
            .spawn()
            .map_err(|error| failed(&java.path, &error))?;
        let mut line = String::new();
        if let Some(out) = child.stdout.take() {
            // an error reads as no line, and the log says more
            let _ = BufReader::new(out).read_line(&mut line);
        }
        let mut server = Self { child, url: String::new(), folder };
        if let Some(url) = line.trim_end().strip_prefix("ready ") {
            url.clone_into(&mut server.url);
            Ok(server)
        } else {
            let text = fs::read_to_string(&log).unwrap_or_default();
            let from = text.char_indices().nth_back(4000).map_or(0, |(at, _)| at);
            Err(Error::Failed(format!("OpenSearch did not start:\n{}", &text[from..])))
        }
    }

    /// `http://127.0.0.1:PORT`, no `/` at the end.
    pub fn url(&self) -> &str {
        &self.url
    }
}

impl Drop for Server {
    fn drop(&mut self) {
        // it may have ended by itself
        let _ = self.child.kill();
        let _ = self.child.wait();
        let _ = fs::remove_dir_all(&self.folder);
    }
}

/// A Java that can run a source file, and the server for it.
struct Java {
    path: PathBuf,
    release: u32,
    server: &'static str,
}

impl Java {
    /// The newest of `OPENSEARCH_JAVA_HOME` (alone, if set), `JAVA_HOME`, the path, `/usr/lib/jvm`.
    fn newest() -> Result<Self, Error> {
        let mut homes = Vec::new();
        if let Some(home) = std::env::var_os("OPENSEARCH_JAVA_HOME") {
            homes.push(PathBuf::from(home));
        } else {
            homes.extend(std::env::var_os("JAVA_HOME").map(PathBuf::from));
            let path = std::env::var_os("PATH").unwrap_or_default();
            homes.extend(
                std::env::split_paths(&path)
                    .filter_map(|folder| fs::canonicalize(folder.join("javac")).ok())
                    .filter_map(|javac| Some(javac.parent()?.parent()?.to_path_buf())),
            );
            let installed = fs::read_dir("/usr/lib/jvm").into_iter().flatten().flatten();
            homes.extend(installed.map(|entry| entry.path()));
        }
        homes
            .iter()
            .filter_map(|home| fs::canonicalize(home).ok())
            .filter(|home| home.join("bin/javac").exists())
            .filter_map(|home| {
                let release = release(&home)?;
                let (_, server) = SERVERS.iter().find(|(oldest, _)| release >= *oldest)?;
                Some(Self { path: home.join("bin/java"), release, server })
            })
            .max_by_key(|java| java.release)
            .ok_or_else(|| Error::Missing("no JDK of release 11 or later".into()))
    }
}

/// The release of a JDK, from the file `release` that every JDK has.
fn release(home: &Path) -> Option<u32> {
    let text = fs::read_to_string(home.join("release")).ok()?;
    let line = text.lines().find_map(|line| line.strip_prefix("JAVA_VERSION=\""))?;
    line.split(['.', '"', '-']).next()?.parse().ok()
}

/// The class path of a server; fetched the first time.
fn class_path(server: &str) -> Result<String, Error> {
    let folder = target();
    fs::create_dir_all(&folder).map_err(|error| failed(&folder, &error))?;
    let known = folder.join(format!("{server}.classpath"));
    // Maven's local repository is not safe against two of it at a time
    let lock = folder.join("maven.lock");
    let file = File::create(&lock).map_err(|error| failed(&lock, &error))?;
    file.lock().map_err(|error| failed(&lock, &error))?;
    if let Ok(text) = fs::read_to_string(&known)
        && std::env::split_paths(&text).all(|jar| jar.exists())
    {
        return Ok(text);
    }
    let output = Command::new("mvn")
        .args(["-q", "-B", "-f"])
        .arg(here("pom.xml"))
        .arg(format!("-Dopensearch={server}"))
        .arg("dependency:build-classpath")
        .arg(format!("-Dmdep.outputFile={}", known.display()))
        .stdin(Stdio::null())
        .output()
        .map_err(|error| Error::Missing(format!("mvn: {error}")))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stdout);
        return Err(Error::Missing(format!("mvn could not fetch OpenSearch {server}:\n{said}")));
    }
    fs::read_to_string(&known).map_err(|error| failed(&known, &error))
}

/// A folder that no other server uses.
fn fresh_folder() -> Result<PathBuf, Error> {
    static COUNT: AtomicU32 = AtomicU32::new(0);
    let number = COUNT.fetch_add(1, Ordering::Relaxed);
    let folder = target().join(format!("server-{}-{number}", std::process::id()));
    fs::create_dir_all(&folder).map_err(|error| failed(&folder, &error))?;
    Ok(folder)
}

fn here(name: &str) -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("opensearch").join(name)
}

fn target() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).join("../target/stack")
}

fn failed(path: &Path, error: &std::io::Error) -> Error {
    Error::Failed(format!("{}: {error}", path.display()))
}

/// Starts a server, gives its URL to `say`, and ends it with standard input.
pub fn until_input_ends(say: impl FnOnce(&str)) -> Result<(), Error> {
    let server = Server::start()?;
    say(server.url());
    let mut rest = Vec::new();
    // whatever ends the input ends the server
    let _ = std::io::stdin().lock().read_to_end(&mut rest);
    Ok(())
}
