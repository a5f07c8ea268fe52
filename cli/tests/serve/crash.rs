//! kill -9 in mid-stream: no acknowledged event is lost, none is twice in the index.
//!
//! Clients send batches as kube-apiserver does, again and again until they are acknowledged, while
//! the server is killed at random moments and started anew. `ROUNDS` says how often (default 8).
//! With `OPENSEARCH=http://127.0.0.1:PORT` the same runs against that server.

use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::SystemTime;

use super::index::Index;
use super::*;

const CLIENTS: u64 = 4;

/// Sends and kills; returns what was acknowledged.
fn storm(folder: &Path, sink: &str, more: &[&str], rounds: u64, seed: u64) -> Vec<String> {
    let spool = folder.join("spool").display().to_string();
    let args = ["--listen=127.0.0.1:0", "--spool", &spool, "--sink", sink, "--drain=60s"];
    let args = [&args, more].concat();
    let mut server = Server::start(&args);
    let url = Arc::new(Mutex::new(server.url.clone()));
    let over = Arc::new(AtomicBool::new(false));
    let number = Arc::new(AtomicU64::new(0));
    let clients: Vec<_> = (0..CLIENTS)
        .map(|client| {
            let (url, over, number) = (Arc::clone(&url), Arc::clone(&over), Arc::clone(&number));
            thread::spawn(move || {
                let mut random = Random(seed ^ (client + 1).wrapping_mul(0x2545_f491_4f6c_dd1d));
                let mut acknowledged = Vec::new();
                while !over.load(Ordering::Relaxed) {
                    let ids: Vec<String> = (0..=random.below(20))
                        .map(|_| format!("{seed:x}-{}", number.fetch_add(1, Ordering::Relaxed)))
                        .collect();
                    let events: Vec<_> =
                        ids.iter().map(|id| event(id, random.below(3000) as usize)).collect();
                    let body = batch(&events);
                    // Not every batch is sent again: nobody may count on that.
                    let tries = 1 + random.below(50);
                    for _ in 0..tries {
                        let url = url.lock().unwrap().clone();
                        if matches!(post(&agent(), &url, &body), Ok((200, _))) {
                            acknowledged.extend(ids);
                            break;
                        }
                        thread::sleep(Duration::from_millis(30));
                    }
                }
                acknowledged
            })
        })
        .collect();
    let mut random = Random(seed);
    for _ in 0..rounds {
        thread::sleep(Duration::from_millis(20 + random.below(400)));
        server.signal("-KILL");
        let _ = server.child.wait();
        server = Server::start(&args);
        url.lock().unwrap().clone_from(&server.url);
    }
    thread::sleep(Duration::from_millis(200));
    over.store(true, Ordering::Relaxed);
    let acknowledged: Vec<String> =
        clients.into_iter().flat_map(|client| client.join().expect("client")).collect();
    let (status, messages) = server.end();
    assert!(status.success() && !messages.contains("next start"), "{messages}");
    assert_clean(folder);
    acknowledged
}

fn rounds() -> u64 {
    std::env::var("ROUNDS").ok().map_or(8, |rounds| rounds.parse().expect("ROUNDS"))
}

fn seed() -> u64 {
    let time = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).expect("time");
    let seed = std::env::var("SEED").ok().map(|seed| seed.parse().expect("SEED"));
    let seed = seed.unwrap_or(time.as_nanos() as u64 | 1);
    println!("SEED={seed}");
    seed
}

/// The index fails in all the ways it can: broken connections before and after it took the
/// documents, 429 for requests and for documents.
#[test]
fn nothing_acknowledged_is_lost_or_doubled_in_an_index() {
    let folder = folder("crash-index");
    let seed = seed();
    let index = Index::with(200, usize::MAX, move |document, before| {
        let id = document["auditID"].as_str().unwrap_or_default();
        let hash = id
            .bytes()
            .fold(seed, |hash, byte| (hash ^ u64::from(byte)).wrapping_mul(0x100_0000_01b3));
        (before == 0 && hash % 37 == 0).then_some(429)
    });
    let sink = format!("elasticsearch:{}", index.url);
    let acknowledged = storm(&folder, &sink, &[], rounds(), seed);
    let found = index.audit_ids();
    let doubled = found.values().filter(|count| **count != 1).count();
    let lost = acknowledged.iter().filter(|id| !found.contains_key(*id)).count();
    println!(
        "{} kills, {} events acknowledged, {} in the index, {lost} lost, {doubled} doubled, {} sent again",
        rounds(),
        acknowledged.len(),
        found.len(),
        index.again()
    );
    assert!(acknowledged.len() > 100, "{}", acknowledged.len());
    assert_eq!((lost, doubled), (0, 0));
    assert_eq!(fs::read_to_string(folder.join("spool/dead-letter.ndjson")).unwrap(), "");
}

#[test]
fn nothing_acknowledged_is_missing_in_a_file() {
    let folder = folder("crash-file");
    let sink = format!("file:{}", folder.join("out").display());
    let args = ["--rotate-size=1MiB", "--rotate-keep=1000"];
    let acknowledged = storm(&folder, &sink, &args, rounds(), seed());
    let mut found = std::collections::HashMap::new();
    for entry in fs::read_dir(&folder).unwrap() {
        let path = entry.unwrap().path();
        if path.is_file() {
            // Each line is whole, too.
            for id in ids(&fs::read_to_string(path).unwrap()) {
                *found.entry(id).or_insert(0_u64) += 1;
            }
        }
    }
    let lost = acknowledged.iter().filter(|id| !found.contains_key(*id)).count();
    let twice = found.values().filter(|count| **count > 1).count();
    println!("{} acknowledged, {lost} lost, {twice} more than once", acknowledged.len());
    assert!(acknowledged.len() > 100, "{}", acknowledged.len());
    assert_eq!(lost, 0);
}

#[test]
fn nothing_acknowledged_is_lost_or_doubled_in_opensearch() {
    let Ok(url) = std::env::var("OPENSEARCH") else {
        eprintln!("SKIPPED: OPENSEARCH is not set; it names a server, as http://127.0.0.1:9200");
        return;
    };
    let folder = folder("crash-opensearch");
    let seed = seed();
    let name = format!("auditweir-crash-{seed:x}");
    let settings = r#"{"mappings":{"dynamic":false,"properties":{"auditID":{"type":"keyword"}}}}"#;
    let made = agent().put(format!("{url}/{name}")).content_type("application/json").send(settings);
    assert_eq!(made.expect("index").status(), 200);
    let sink = format!("elasticsearch:{url}");
    let acknowledged = storm(&folder, &sink, &["--index", &name], rounds(), seed);
    let (status, _) = get(&format!("{url}/{name}/_refresh"));
    assert_eq!(status, 200);
    // In pages by auditID, each with all its documents.
    let mut found = std::collections::HashMap::new();
    let mut after = String::new();
    loop {
        let query = format!(
            r#"{{"size":1000,"_source":false,"docvalue_fields":["auditID"],"sort":[{{"auditID":"asc"}},{{"_doc":"asc"}}]{after}}}"#
        );
        let mut answer = agent()
            .post(format!("{url}/{name}/_search"))
            .content_type("application/json")
            .send(query)
            .expect("search");
        let text = answer.body_mut().read_to_string().expect("text");
        let answer: serde_json::Value = serde_json::from_str(&text).expect("JSON");
        let hits = answer["hits"]["hits"].as_array().unwrap_or_else(|| panic!("{text}")).clone();
        let Some(last) = hits.last() else { break };
        after = format!(r#","search_after":{}"#, last["sort"]);
        for hit in hits {
            let id = hit["fields"]["auditID"][0].as_str().expect("auditID").to_owned();
            *found.entry(id).or_insert(0_u64) += 1;
        }
    }
    let doubled = found.values().filter(|count| **count != 1).count();
    let lost = acknowledged.iter().filter(|id| !found.contains_key(*id)).count();
    println!(
        "{} kills, {} events acknowledged, {} in the index, {lost} lost, {doubled} doubled",
        rounds(),
        acknowledged.len(),
        found.len()
    );
    assert!(acknowledged.len() > 100, "{}", acknowledged.len());
    assert_eq!((lost, doubled), (0, 0));
    let _ = agent().delete(format!("{url}/{name}")).call();
}
