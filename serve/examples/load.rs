//! How much a server takes, and what happens to its memory when it gets more.
//!
//! ```text
//! cargo run --release -p auditweir-serve --example load -- [--tls 0|1|2] [--seconds N] [--clients N] [--events N]
//! ```
//!
//! Starts the server as a process of its own (on loopback, default policy, file sink with rotation
//! in a temporary folder; `--tls 1`: HTTPS, `--tls 2`: HTTPS with client certificates, as a cluster
//! should have it; keys are P-256) and sends batches of real events from that many
//! connections, which are kept open as kube-apiserver does, each the next one as soon as it has an answer, so a refusal is followed by the same
//! again. With more connections than `--in-flight` (MiB) has room for, that is overload. Each ten
//! seconds a line says events acknowledged, answers, latency of what was acknowledged and resident
//! memory of the server; the last line says how many connections there were. Clients and server share the processors.

#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a report to the terminal")]
#![allow(clippy::cast_precision_loss, reason = "rates are far below 2^52")]

use std::collections::BTreeMap;
use std::io::{BufRead as _, BufReader};
use std::net::TcpStream;
use std::path::Path;
use std::process::{Command, Stdio};
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, Mutex};
use std::time::{Duration, Instant};
use std::{env, fs, thread};

use auditweir::Format;
use auditweir_serve::{Config, Index, Rotation, Target, Tls};
use auditweir_shell::Setup;
use rcgen::{BasicConstraints, CertificateParams, CertifiedIssuer, ExtendedKeyUsagePurpose, IsCa};
use rcgen::{Issuer, KeyPair};
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

/// Real events, a line each.
const CORPUS: &str = include_str!("../../tests/corpora/openshift-clo/audit_in.log");
/// Says that this process is the server, and where its files are.
const SERVER: &str = "AUDITWEIR_LOAD_SERVER";
const REPORT: Duration = Duration::from_secs(10);

fn main() {
    let mut options = BTreeMap::from([
        ("--seconds", 30_u64),
        ("--clients", 8),
        ("--events", 100),
        ("--in-flight", 64),
        ("--jobs", 2),
        ("--tls", 0),
    ]);
    let mut args = env::args().skip(1);
    while let Some(name) = args.next() {
        let value = args.next().and_then(|value| value.parse().ok());
        match (options.get_mut(name.as_str()), value) {
            (Some(option), Some(value)) => *option = value,
            _ => return eprintln!("usage: load {:?} NUMBER", options.keys()),
        }
    }
    match env::var_os(SERVER) {
        Some(folder) => server(Path::new(&folder), &options),
        None => clients(&options),
    }
}

fn server(folder: &Path, options: &BTreeMap<&str, u64>) {
    let mib = |count: u64| count << 20;
    let config = Config {
        listen: ([127, 0, 0, 1], 0).into(),
        tls: (options["--tls"] > 0).then(|| Tls {
            cert: folder.join("server.pem"),
            key: folder.join("server.key"),
            client_ca: (options["--tls"] > 1).then(|| folder.join("authority.pem")),
        }),
        insecure_http: false,
        metrics_listen: None,
        ready: Setup { format: Some(Format::Ecs), ..Setup::default() }.ready().expect("policy"),
        jobs: options["--jobs"] as usize,
        spool: folder.join("spool"),
        spool_max: mib(1024),
        // 400 events, the most of an API server's batch unless told otherwise, are 3.2 MB here.
        max_body: mib(8),
        max_in_flight: mib(options["--in-flight"]),
        sink: Target::File(folder.join("out")),
        rotation: Rotation { size: Some(mib(100)), age: None, keep: 2 },
        index: Index {
            name: "unused".into(),
            ca: None,
            credentials: None,
            dead_letter: folder.join("unused"),
        },
        alerts: None,
        drain: Duration::from_secs(60),
    };
    if let Err(error) = auditweir_serve::run(&config) {
        eprintln!("{error}");
        std::process::exit(2);
    }
}

/// What was seen since the last report.
#[derive(Default)]
struct Seen {
    statuses: BTreeMap<u16, u64>,
    /// Of acknowledged requests, in microseconds.
    latencies: Vec<u32>,
}

fn clients(options: &BTreeMap<&str, u64>) {
    let folder = env::temp_dir().join(format!("auditweir-load-{}", std::process::id()));
    fs::create_dir_all(&folder).expect("temporary folder");
    let tls = (options["--tls"] > 0).then(|| certificates(&folder));
    let mut server = Command::new(env::current_exe().expect("own path"))
        .args(env::args().skip(1))
        .env(SERVER, &folder)
        .stderr(Stdio::piped())
        .spawn()
        .expect("server");
    let mut line = String::new();
    BufReader::new(server.stderr.take().expect("stderr")).read_line(&mut line).expect("address");
    let address = line.trim().rsplit('/').next().expect("address").to_owned();

    let events: Vec<&str> = CORPUS.lines().filter(|line| !line.is_empty()).collect();
    let count = options["--events"] as usize;
    let batch: Vec<&str> = events.iter().copied().cycle().take(count).collect();
    let body = format!(
        r#"{{"kind":"EventList","apiVersion":"audit.k8s.io/v1","items":[{}]}}"#,
        batch.join(",")
    );
    println!(
        "{}, {} clients, batches of {count} events, {} bytes, in flight {} MiB, {} processors",
        ["HTTP", "HTTPS", "HTTPS with client certificates"][options["--tls"].min(2) as usize],
        options["--clients"],
        body.len(),
        options["--in-flight"],
        thread::available_parallelism().map_or(0, usize::from),
    );
    let request = format!(
        "POST / HTTP/1.1\r\nhost: load\r\ncontent-type: application/json\r\ncontent-length: {}\r\n\r\n{body}",
        body.len()
    );
    let (request, over) = (Arc::new(request), Arc::new(AtomicBool::new(false)));
    let seen = Arc::new(Mutex::new(Seen::default()));
    let connections = Arc::new(AtomicU64::new(0));
    for _ in 0..options["--clients"] {
        let (request, over) = (Arc::clone(&request), Arc::clone(&over));
        let (seen, connections) = (Arc::clone(&seen), Arc::clone(&connections));
        let (address, tls) = (address.clone(), tls.clone());
        thread::spawn(move || {
            while !over.load(Ordering::Relaxed) {
                let Ok(stream) = TcpStream::connect(&address) else { continue };
                let _ = stream.set_nodelay(true);
                connections.fetch_add(1, Ordering::Relaxed);
                let mut stream: Box<dyn Stream> = match &tls {
                    Some(config) => {
                        let name = ServerName::try_from("localhost").expect("name");
                        let session = ClientConnection::new(Arc::clone(config), name);
                        Box::new(StreamOwned::new(session.expect("TLS"), stream))
                    }
                    None => Box::new(stream),
                };
                while !over.load(Ordering::Relaxed) {
                    let start = Instant::now();
                    let Some(status) = ask(&mut *stream, &request) else { break };
                    let mut seen = seen.lock().expect("lock");
                    *seen.statuses.entry(status).or_default() += 1;
                    if status == 200 {
                        seen.latencies.push(start.elapsed().as_micros() as u32);
                    }
                }
            }
        });
    }

    let start = Instant::now();
    let (mut total, mut all, mut peaks) = (0, Vec::new(), Vec::new());
    println!("second  events/s  p50 ms  p99 ms  RSS MiB  answers");
    while start.elapsed() < Duration::from_secs(options["--seconds"]) {
        let since = Instant::now();
        thread::sleep(REPORT);
        let Seen { statuses, mut latencies } = std::mem::take(&mut *seen.lock().expect("lock"));
        latencies.sort_unstable();
        let accepted = latencies.len() * count;
        total += accepted;
        let memory = resident(server.id());
        peaks.push(memory);
        println!(
            "{:>6}  {:>8.0}  {:>6.1}  {:>6.1}  {memory:>7}  {statuses:?}",
            start.elapsed().as_secs(),
            accepted as f64 / since.elapsed().as_secs_f64(),
            quantile(&latencies, 50),
            quantile(&latencies, 99),
        );
        all.extend(latencies);
    }
    let seconds = start.elapsed().as_secs_f64();
    over.store(true, Ordering::Relaxed);
    all.sort_unstable();
    println!(
        "sustained {:.0} events/s, {:.1} MB/s of bodies; p50 {:.1} ms, p99 {:.1} ms; RSS {} to {} MiB",
        total as f64 / seconds,
        (total / count * body.len()) as f64 / seconds / 1e6,
        quantile(&all, 50),
        quantile(&all, 99),
        peaks.iter().min().unwrap_or(&0),
        peaks.iter().max().unwrap_or(&0),
    );
    let _ = Command::new("kill").arg(server.id().to_string()).status();
    println!(
        "server ended: {}, after {} connections",
        server.wait().expect("server"),
        connections.load(Ordering::Relaxed)
    );
    let _ = fs::remove_dir_all(folder);
}

/// A connection, plain or not.
trait Stream: std::io::Read + std::io::Write {}

impl<S: std::io::Read + std::io::Write> Stream for S {}

/// Writes what the server reads; gives what clients need.
fn certificates(folder: &Path) -> Arc<ClientConfig> {
    let mut params = CertificateParams::default();
    params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
    let authority =
        CertifiedIssuer::self_signed(params, KeyPair::generate().expect("key")).expect("authority");
    let issue = |usage| issue(&authority, usage);
    let write = |name: &str, text: &str| fs::write(folder.join(name), text).expect("certificates");
    let (certificate, key) = issue(ExtendedKeyUsagePurpose::ServerAuth);
    write("server.pem", &certificate);
    write("server.key", &key);
    write("authority.pem", &authority.pem());
    let read = |pem: &str| CertificateDer::from_pem_slice(pem.as_bytes()).expect("certificate");
    let mut roots = RootCertStore::empty();
    roots.add(read(&authority.pem())).expect("authority");
    let (certificate, key) = issue(ExtendedKeyUsagePurpose::ClientAuth);
    let config = ClientConfig::builder()
        .with_root_certificates(roots)
        .with_client_auth_cert(
            vec![read(&certificate)],
            PrivateKeyDer::from_pem_slice(key.as_bytes()).expect("key"),
        )
        .expect("client");
    Arc::new(config)
}

/// Certificate and key, PEM.
fn issue(by: &Issuer<'_, KeyPair>, usage: ExtendedKeyUsagePurpose) -> (String, String) {
    let mut params = CertificateParams::new(vec!["localhost".into()]).expect("name");
    params.extended_key_usages = vec![usage];
    let key = KeyPair::generate().expect("key");
    let certificate = params.signed_by(&key, by).expect("certificate");
    (certificate.pem(), key.serialize_pem())
}

/// Sends a request and reads its answer.
fn ask(stream: &mut dyn Stream, request: &str) -> Option<u16> {
    stream.write_all(request.as_bytes()).ok()?;
    let mut answer = Vec::new();
    let mut part = [0; 1024];
    // No answer to a POST has a body.
    while !answer.ends_with(b"\r\n\r\n") {
        let count = stream.read(&mut part).ok().filter(|count| *count > 0)?;
        answer.extend_from_slice(&part[..count]);
    }
    std::str::from_utf8(answer.get(9..12)?).ok()?.parse().ok()
}

/// In milliseconds, of sorted microseconds.
fn quantile(sorted: &[u32], percent: usize) -> f64 {
    let at = (sorted.len() * percent / 100).min(sorted.len().saturating_sub(1));
    f64::from(sorted.get(at).copied().unwrap_or(0)) / 1000.0
}

/// Resident memory of a process in MiB.
fn resident(process: u32) -> u64 {
    let status = fs::read_to_string(format!("/proc/{process}/status")).unwrap_or_default();
    let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:"));
    line.and_then(|line| line.split_whitespace().next()?.parse::<u64>().ok()).unwrap_or(0) >> 10
}
