//! The `_bulk` sink: what is said about single documents, whole requests, and who asks.

use super::index::Index;
use super::*;

fn start(folder: &Path, index: &Index, more: &[&str]) -> Server {
    let spool = folder.join("spool").display().to_string();
    let sink = format!("elasticsearch:{}", index.url);
    let args = ["--listen=127.0.0.1:0", "--spool", &spool, "--sink", &sink];
    Server::start(&[&args, more].concat())
}

fn id(document: &serde_json::Value) -> &str {
    document["auditID"].as_str().unwrap_or_default()
}

#[test]
fn each_document_gets_what_was_said_about_it() {
    let folder = folder("items");
    let index = Index::with(0, usize::MAX, |document, before| match id(document) {
        "busy" if before < 2 => Some(429),
        "away" if before < 1 => Some(503),
        "wrong" => Some(400),
        "crash" => Some(500),
        _ => None,
    });
    let server = start(&folder, &index, &[]);
    let events = ["good", "busy", "wrong", "away", "crash", "last"].map(|id| event(id, 0));
    let agent = agent();
    assert_eq!(post(&agent, &server.url, &batch(&events)).expect("answer"), (200, None));
    let sink =
        |result| server.metric(&format!("auditweir_sink_events_total{{result=\"{result}\"}}"));
    eventually("delivery", || sink("delivered") == 4 && sink("dead_letter") == 2);
    // The API server sends it once more, because it did not hear of it, say.
    assert_eq!(post(&agent, &server.url, &batch(&events[..1])).expect("answer"), (200, None));
    eventually("delivery", || sink("already_there") == 1);
    assert!(server.end().0.success());
    assert_eq!(index.len(), 4);
    assert_eq!(index.again(), 1);

    let text = fs::read_to_string(folder.join("spool/dead-letter.ndjson")).unwrap();
    let letters: Vec<serde_json::Value> =
        text.lines().map(|line| serde_json::from_str(line).expect("JSON")).collect();
    let told: Vec<_> = letters
        .iter()
        .map(|letter| (id(&letter["document"]), letter["status"].as_u64().unwrap()))
        .collect();
    assert_eq!(told, [("wrong", 400), ("crash", 500)]);
    for letter in &letters {
        assert_eq!(letter["reason"], "mapper_parsing_exception");
        assert_eq!(letter["id"], letter["document"]["auditweir"]["id"]);
    }
    for (id, document) in index.documents() {
        assert_eq!(document["auditweir"]["id"], *id);
    }
    assert_clean(&folder);
}

/// The API server sends a batch again whose answer it did not hear. What has no time gets that of
/// the event before, which is another one by then: the lines differ, the documents must not.
#[test]
fn a_batch_sent_again_has_the_same_ids_in_each_format() {
    let mut first: Option<Vec<String>> = None;
    for format in auditweir::Format::ALL.map(auditweir::Format::name) {
        let folder = folder(&format!("again-{format}"));
        let index = Index::start();
        let server = start(&folder, &index, &["--to", format, "--jobs=1"]);
        let agent = agent();
        let timeless = event("timeless", 0).replace("Timestamp", "Stamp");
        let later = event("later", 0).replace("2026-01-02", "2026-01-03");
        // An event, one without times, and two that are none, of which stubs go on.
        let items = [event("a", 0), timeless, r#"{"kind":"Pod"}"#.into(), "42".into()];
        let again = batch(&items);
        for body in [&again, &batch(&[later]), &again] {
            assert_eq!(post(&agent, &server.url, body).expect("answer"), (200, None), "{format}");
        }
        let sink =
            |result| server.metric(&format!("auditweir_sink_events_total{{result=\"{result}\"}}"));
        eventually("delivery", || sink("delivered") + sink("already_there") == 9);
        assert_eq!((sink("delivered"), sink("already_there")), (5, 4), "{format}");
        assert_eq!((index.len(), index.again()), (5, 4), "{format}");
        assert!(server.end().0.success());
        let mut ids: Vec<_> = index.documents().into_keys().collect();
        ids.sort();
        assert_eq!(first.get_or_insert_with(|| ids.clone()), &ids, "{format}");
        assert_clean(&folder);
    }
}

#[test]
fn a_request_too_large_goes_in_halves() {
    let folder = folder("halves");
    let index = Index::with(0, 20_000, |_, _| None);
    let server = start(&folder, &index, &[]);
    let mut events: Vec<_> = (0..30).map(|n| event(&format!("id-{n}"), 1000)).collect();
    events.push(event("never", 30_000));
    assert_eq!(post(&agent(), &server.url, &batch(&events)).expect("answer"), (200, None));
    let dead = "auditweir_sink_events_total{result=\"dead_letter\"}";
    eventually("delivery", || index.len() == 30 && server.metric(dead) == 1);
    assert!(server.end().0.success());
    let text = fs::read_to_string(folder.join("spool/dead-letter.ndjson")).unwrap();
    let letter: serde_json::Value = serde_json::from_str(text.trim()).expect("one line");
    assert_eq!(letter["status"], 413);
    assert_eq!(letter["document"]["auditweir"]["id"], letter["id"]);
    assert_clean(&folder);
}

#[test]
fn ecs_documents_have_their_hash_as_id() {
    let folder = folder("ecs");
    let index = Index::start();
    let server = start(&folder, &index, &["--to=ecs"]);
    let body = batch(&[event("a", 0), event("b", 0), "7".into()]);
    assert_eq!(post(&agent(), &server.url, &body).expect("answer"), (200, None));
    eventually("delivery", || index.len() == 3);
    for (id, document) in index.documents() {
        assert_eq!(document["event"]["hash"], *id);
    }
}

#[test]
fn credentials_come_from_a_file_and_are_never_said() {
    let folder = folder("login");
    let index = Index::start();
    let file = folder.join("auth");
    fs::write(&file, "ApiKey c2VjcmV0LWtleQ==\n").unwrap();
    let letters = folder.join("letters").display().to_string();
    let args = [
        "--index=audit",
        "--sink-auth-file",
        &file.display().to_string(),
        "--dead-letter",
        &letters,
    ];
    let server = start(&folder, &index, &args);
    assert_eq!(post(&agent(), &server.url, &batch(&[event("a", 0)])).unwrap(), (200, None));
    eventually("delivery", || index.len() == 1);
    let (path, login) = index.requests().remove(0);
    assert!(path.starts_with("/audit/_bulk?"), "{path}");
    assert_eq!(login, "ApiKey c2VjcmV0LWtleQ==");
    let (_, messages) = server.end();
    assert!(!messages.contains("c2VjcmV0LWtleQ"));
    assert!(folder.join("letters").exists());

    fs::write(&file, "hunter2secret\n").unwrap();
    let spool = folder.join("spool").display().to_string();
    let file = file.display().to_string();
    let sink = format!("--sink=elasticsearch:{}", index.url);
    let wrong = Server::try_start(&["--spool", &spool, &sink, "--sink-auth-file", &file]);
    let messages = wrong.err().expect("refused");
    assert!(messages.contains("is none of `ApiKey"), "{messages}");
    assert!(!messages.contains("hunter2"), "{messages}");

    fs::write(&file, "a:b").unwrap();
    let sink = "--sink=elasticsearch:http://192.0.2.1:9200";
    let wrong = Server::try_start(&["--spool", &spool, sink, "--sink-auth-file", &file]);
    assert!(wrong.err().expect("refused").contains("over plain HTTP"));

    // Without credentials nothing is in the way, but it is said.
    let open = Server::start(&["--listen=127.0.0.1:0", "--spool", &spool, sink]);
    let messages = open.messages.lock().unwrap();
    assert!(messages.contains("plain HTTP: events on their way to it can be read"), "{messages}");
}
