//! File sink: rotation, torn lines, draining; large and broken bodies.

use super::*;

fn start(folder: &Path, more: &[&str]) -> Server {
    let spool = folder.join("spool").display().to_string();
    let sink = format!("file:{}", folder.join("out").display());
    let args = ["--listen=127.0.0.1:0", "--spool", &spool, "--sink", &sink];
    Server::start(&[&args, more].concat())
}

#[test]
fn files_rotate_by_size_and_the_oldest_goes() {
    let folder = folder("rotate");
    let server = start(&folder, &["--rotate-size=40KiB", "--rotate-keep=2"]);
    let agent = agent();
    for number in 0..12 {
        let body = batch(&[event(&format!("id-{number}"), 10 << 10)]);
        assert_eq!(post(&agent, &server.url, &body).expect("answer"), (200, None));
        let delivered = "auditweir_sink_events_total{result=\"delivered\"}";
        eventually("delivery", || server.metric(delivered) == number + 1);
    }
    assert!(server.end().0.success());
    let read = |name: &str| fs::read_to_string(folder.join(name)).expect(name);
    assert!(!folder.join("out.3").exists());
    let all = ["out.2", "out.1", "out"].map(|name| ids(&read(name)));
    assert_eq!(
        all,
        [["id-3", "id-4", "id-5"], ["id-6", "id-7", "id-8"], ["id-9", "id-10", "id-11"]]
    );
    assert_clean(&folder);
}

#[test]
fn files_rotate_by_age() {
    let folder = folder("age");
    let server = start(&folder, &["--rotate-age=1s"]);
    let agent = agent();
    for number in 0..2 {
        let body = batch(&[event(&format!("id-{number}"), 0)]);
        assert_eq!(post(&agent, &server.url, &body).expect("answer"), (200, None));
        thread::sleep(Duration::from_millis(1500));
    }
    assert!(server.end().0.success());
    assert_eq!(ids(&fs::read_to_string(folder.join("out.1")).expect("old")), ["id-0"]);
    assert_eq!(ids(&fs::read_to_string(folder.join("out")).expect("new")), ["id-1"]);
}

#[test]
fn a_line_that_a_crash_cut_off_is_cut_away() {
    let folder = folder("cut");
    fs::write(folder.join("out"), "{\"auditID\":\"whole\"}\n{\"auditID\":\"cu").unwrap();
    let server = start(&folder, &[]);
    assert_eq!(post(&agent(), &server.url, &batch(&[event("new", 0)])).unwrap(), (200, None));
    assert!(server.end().0.success());
    assert_eq!(ids(&fs::read_to_string(folder.join("out")).unwrap()), ["whole", "new"]);
}

#[test]
fn sigterm_drains_and_the_next_start_has_nothing_left() {
    let folder = folder("drain");
    let server = start(&folder, &[]);
    let (agent, url) = (agent(), server.url.clone());
    let sent = Arc::new(Mutex::new(Vec::new()));
    let kept = Arc::clone(&sent);
    let client = thread::spawn(move || {
        for number in 0.. {
            let id = format!("id-{number}");
            match post(&agent, &url, &batch(&[event(&id, 2000)])) {
                Ok((200, None)) => kept.lock().unwrap().push(id),
                Ok(other) => {
                    assert_eq!(other.0, 503);
                    break;
                }
                Err(_) => break,
            }
        }
    });
    eventually("requests", || sent.lock().unwrap().len() > 50);
    let (status, _) = server.end();
    assert_eq!(status.code(), Some(0));
    client.join().expect("client");
    let sent = sent.lock().unwrap();
    // An answer may have been lost on its way, so one more event is possible.
    let found = ids(&fs::read_to_string(folder.join("out")).unwrap());
    assert!(found.starts_with(&sent), "{} {}", found.len(), sent.len());
    let (status, messages) = start(&folder, &[]).end();
    assert!(status.success() && !messages.contains("wait for the sink"), "{messages}");
}

#[test]
fn one_event_takes_no_others_along() {
    let folder = folder("large");
    let policy = folder.join("policy.yaml");
    fs::write(&policy, "version: 1\nlimits:\n  lineBytes: 65536\n  nodes: 20000\n").unwrap();
    let server = start(&folder, &["--policy", &policy.display().to_string()]);
    let agent = agent();
    // Together too long; one of them alone, too.
    let events = [event("a", 30 << 10), event("b", 100 << 10), event("c", 30 << 10), event("d", 0)];
    assert_eq!(post(&agent, &server.url, &batch(&events)).expect("answer"), (200, None));
    // Too many values in one of them.
    let many = event("f", 0)
        .replace(r#""xs""#, "")
        .replace(r#""stringData""#, &format!(r#""many":[{}0],"stringData""#, "0,".repeat(25_000)));
    let events = [event("e", 0), many, event("g", 0)];
    assert_eq!(post(&agent, &server.url, &batch(&events)).expect("answer"), (200, None));
    // A list without an end, too long to look into: the stub keeps the id that it saw.
    let broken = format!("{{\"items\":[{}", event("broken", 70 << 10));
    assert_eq!(post(&agent, &server.url, &broken).expect("answer"), (200, None));
    assert_eq!(server.metric("auditweir_events_total{verdict=\"event\"}"), 5);
    assert!(server.end().0.success());
    let text = fs::read_to_string(folder.join("out")).unwrap();
    assert_eq!(ids(&text), ["a", "b", "c", "d", "e", "f", "g", "broken"], "{text}");
    let stubs: Vec<&str> = text.lines().filter(|line| line.contains("\"stub\":")).collect();
    assert_eq!(stubs.len(), 3, "{stubs:?}");
    assert!(stubs[0].contains("line-too-long") && stubs[1].contains("too-many-members"));
    assert_clean(&folder);
}

/// What a list gives does not depend on whether it was taken apart.
#[test]
fn large_lists_give_the_same_lines() {
    let events: Vec<String> = (0..20).map(|n| event(&format!("id-{n}"), 1000)).collect();
    let mut all = Vec::new();
    for (name, policy) in
        [("whole", "version: 1\n"), ("apart", "version: 1\nlimits:\n  lineBytes: 8192\n")]
    {
        let folder = folder(name);
        let path = folder.join("policy.yaml");
        fs::write(&path, policy).unwrap();
        let server = start(&folder, &["--to=ecs", "--policy", &path.display().to_string()]);
        let body = batch(&events);
        assert_eq!(post(&agent(), &server.url, &body).expect("answer"), (200, None));
        assert!(server.end().0.success());
        all.push(fs::read_to_string(folder.join("out")).unwrap());
    }
    assert_eq!(all[0].lines().count(), 20);
    assert_eq!(all[0], all[1]);
}
