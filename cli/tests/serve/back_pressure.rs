//! Full memory, a full spool, and what does not fit at all.

use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};

use super::index::Index;
use super::*;

#[test]
fn full_memory_is_429_and_passes() {
    let folder = folder("memory");
    let spool = folder.join("spool").display().to_string();
    let sink = format!("file:{}", folder.join("out").display());
    let server = Server::start(&[
        "--listen=127.0.0.1:0",
        "--spool",
        &spool,
        "--sink",
        &sink,
        "--max-body=512KiB",
        "--max-in-flight=576KiB",
    ]);
    // Holds all of the memory by what it says it will send.
    let body = batch(&[event("slow", 400 << 10)]);
    let mut slow = TcpStream::connect(("127.0.0.1", server.port())).expect("connection");
    write!(slow, "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n", 512 << 10).unwrap();
    slow.write_all(body.as_bytes()).expect("half a body");
    eventually("memory taken", || server.metric("auditweir_in_flight_bytes") >= 512 << 10);
    let agent = agent();
    let other = batch(&[event("other", 100 << 10)]);
    assert_eq!(post(&agent, &server.url, &other).expect("answer"), (429, Some(1)));
    // The connection is still good: the refused body was read.
    assert_eq!(post(&agent, &server.url, &other).expect("answer"), (429, Some(1)));
    slow.write_all(" ".repeat((512 << 10) - body.len()).as_bytes()).expect("the rest");
    let mut answer = [0; 12];
    slow.read_exact(&mut answer).expect("answer");
    assert_eq!(&answer, b"HTTP/1.1 200");
    assert_eq!(post(&agent, &server.url, &other).expect("answer"), (200, None));
    assert_eq!(server.metric("auditweir_in_flight_bytes"), 0);
    assert_eq!(server.metric("auditweir_requests_total{code=\"429\"}"), 2);
    assert!(server.end().0.success());
    assert_eq!(ids(&fs::read_to_string(folder.join("out")).unwrap()), ["slow", "other"]);
    assert_clean(&folder);
}

#[test]
fn a_client_that_goes_away_frees_its_memory() {
    let folder = folder("gone");
    let spool = folder.join("spool").display().to_string();
    let server = Server::start(&[
        "--listen=127.0.0.1:0",
        "--spool",
        &spool,
        "--max-body=512KiB",
        "--max-in-flight=576KiB",
    ]);
    for _ in 0..3 {
        let mut slow = TcpStream::connect(("127.0.0.1", server.port())).expect("connection");
        write!(slow, "POST / HTTP/1.1\r\nhost: x\r\ncontent-length: {}\r\n\r\n", 512 << 10)
            .unwrap();
        eventually("memory taken", || server.metric("auditweir_in_flight_bytes") >= 512 << 10);
        drop(slow);
        eventually("memory freed", || server.metric("auditweir_in_flight_bytes") == 0);
    }
}

#[test]
fn a_full_spool_is_503_until_the_sink_works() {
    let folder = folder("full");
    let spool = folder.join("spool").display().to_string();
    // Nobody answers there yet.
    let socket = TcpListener::bind("127.0.0.1:0").expect("address");
    let address = socket.local_addr().expect("address");
    drop(socket);
    let sink = format!("elasticsearch:http://{address}");
    let server = Server::start(&[
        "--listen=127.0.0.1:0",
        "--spool",
        &spool,
        "--sink",
        &sink,
        "--max-body=64KiB",
        "--spool-max=512KiB",
    ]);
    let agent = agent();
    let mut taken = Vec::new();
    let refused = loop {
        let id = format!("id-{}", taken.len());
        match post(&agent, &server.url, &batch(&[event(&id, 20 << 10)])).expect("answer") {
            (200, None) => taken.push(id),
            (503, Some(after)) => break after,
            other => panic!("{other:?}"),
        }
        assert!(taken.len() < 100, "the spool has no bound");
    };
    assert!(refused > 0);
    assert!(taken.len() > 10, "{}", taken.len());
    let used: u64 =
        fs::read_dir(&spool).unwrap().map(|entry| entry.unwrap().metadata().unwrap().len()).sum();
    assert!(used <= (512 << 10) + 1024, "{used}");
    assert_eq!(get(&format!("{}/healthz", server.url)), (200, "ok\n".into()));
    // What was read by the sink and not delivered still waits.
    let waiting = server.metric("auditweir_spool_waiting_bytes");
    assert!(waiting > taken.len() as u64 * (20 << 10), "{waiting}");
    assert_eq!(server.metric("auditweir_sink_failing"), 1);

    let index = Index::at(TcpListener::bind(address).expect("address"), 0, usize::MAX, |_, _| None);
    eventually("delivery", || index.len() == taken.len());
    eventually("room", || {
        let body = batch(&[event("late", 20 << 10)]);
        post(&agent, &server.url, &body).expect("answer") == (200, None)
    });
    taken.push("late".into());
    let (status, messages) = server.end();
    assert!(status.success());
    assert!(messages.contains("events wait in the spool"), "{messages}");
    let found = index.audit_ids();
    assert_eq!(found.len(), taken.len());
    assert!(taken.iter().all(|id| found.get(id) == Some(&1)));
    assert_clean(&folder);
}

#[test]
fn what_does_not_fit_is_said_in_order() {
    let folder = folder("unfit");
    let spool = folder.join("spool").display().to_string();
    let server = Server::start(&["--listen=127.0.0.1:0", "--spool", &spool, "--max-body=64KiB"]);
    let agent = agent();
    let large = batch(&[event("large", 64 << 10)]);
    assert_eq!(post(&agent, &server.url, &large).expect("answer"), (413, None));
    // The same without its length being told beforehand.
    let mut stream = TcpStream::connect(("127.0.0.1", server.port())).expect("connection");
    write!(stream, "POST / HTTP/1.1\r\nhost: x\r\ntransfer-encoding: chunked\r\n\r\n").unwrap();
    write!(stream, "{:x}\r\n{large}\r\n0\r\n\r\n", large.len()).unwrap();
    let mut answer = [0; 12];
    stream.read_exact(&mut answer).expect("answer");
    assert_eq!(&answer, b"HTTP/1.1 413");
    let gzip = agent.post(&server.url).header("content-encoding", "gzip").send("x");
    assert_eq!(gzip.expect("answer").status(), 415);
    assert_eq!(agent.put(&server.url).send("x").expect("answer").status(), 405);
    assert_eq!(get(&format!("{}/audit", server.url)).0, 404);
    assert_eq!(post(&agent, &server.url, "").expect("answer"), (200, None));
    assert_clean(&folder);
}

#[test]
fn wrong_bounds_and_open_doors_are_refused_at_the_start() {
    let folder = folder("wrong");
    let spool = folder.join("spool").display().to_string();
    for (args, why) in [
        (&["--listen=0.0.0.0:0"][..], "(--tls-cert, --tls-key), or --insecure-http"),
        (&["--max-in-flight=1MiB"], "in flight"),
        (&["--spool-max=64MiB"], "four of the largest"),
        (&["--sink=elasticsearch:https://u:p@host"], "no credentials in the URL"),
        (&["--sink=elasticsearch:http://127.0.0.1:1", "--index=A"], "name of the index"),
        (&["--max-body=64MB"], "a size such as"),
        (&["--tls-cert=x"], "--tls-key"),
    ] {
        let args = [args, &["--spool", &spool]].concat();
        let messages = Server::try_start(&args).err().unwrap_or_else(|| panic!("{args:?}"));
        assert!(messages.contains(why), "{args:?}: {messages}");
    }
    let _first = Server::start(&["--listen=127.0.0.1:0", "--spool", &spool]);
    let second = Server::try_start(&["--listen=127.0.0.1:0", "--spool", &spool]).err();
    assert!(second.expect("refused").contains("in use by another process"));
}
