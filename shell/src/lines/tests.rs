use super::*;

const T: &str = "2024-01-01T00:00:00.123456789Z";

fn join(limit: usize, lines: &[(&str, &str)]) -> Vec<(String, u64, u64)> {
    let mut whole = Vec::new();
    let mut joined = Lines::new(limit);
    let mut sink = |piece: Piece<'_>| {
        whole.push((String::from_utf8_lossy(piece.bytes).into_owned(), piece.size, piece.line));
    };
    for (line, (source, text)) in (1..).zip(lines) {
        let piece = Piece { line, ..Piece::whole(text.as_bytes()) };
        joined.push(source.as_bytes(), piece, &mut sink);
    }
    joined.finish(&mut sink);
    assert_eq!(joined.waiting(), 0);
    whole
}

fn texts(lines: &[&str]) -> Vec<String> {
    let lines: Vec<_> = lines.iter().map(|line| ("", *line)).collect();
    join(1 << 20, &lines).into_iter().map(|whole| whole.0).collect()
}

fn out(tag: &str, content: &str) -> String {
    format!("{T} stdout {tag} {content}")
}

fn docker(log: &str) -> String {
    format!(r#"{{"log":"{log}","stream":"stdout","time":"T"}}"#)
}

#[test]
fn cri_parts() {
    assert_eq!(
        texts(&[
            &out("P", "{\"a\":"),
            &format!("{T} stderr F other"),
            &out("P", " 1"),
            &out("F", "}"),
            &out("F", "{}"),
            &out("P", "{\"cut"),
        ]),
        [format!("{T} stderr F other"), out("F", "{\"a\": 1}"), out("F", "{}"), out("F", "{\"cut"),]
    );
}

#[test]
fn docker_parts() {
    let whole = docker(r#"{\"a\":\"b\"}\n"#);
    // whole without a newline, as another shipper writes it; no JSON at all
    assert_eq!(texts(&[&docker(r#"{\"a\":1}"#)]), [docker(r#"{\"a\":1}"#)]);
    assert_eq!(texts(&[&docker("text"), &whole]), [docker("text"), whole.clone()]);
    assert_eq!(
        texts(&[&docker(r#"{\"a\":"#), &docker(r#"\"b"#), &docker(r#"\"}\n"#), &whole]),
        [whole.clone(), whole.clone()]
    );
    // an escaped backslash before an `n` is no newline
    assert_eq!(
        texts(&[&docker(r#"{\"a\":\"\\\\n"#), &docker(r#"\"}\n"#)]),
        [docker(r#"{\"a\":\"\\\\n\"}\n"#)]
    );
    // the rest never comes
    assert_eq!(texts(&[&docker(r#"{\"a\":"#), "{}"]), [docker(r#"{\"a\":"#), "{}".into()]);
}

#[test]
fn parts_in_records() {
    let record = |tag: &str, content: &str| {
        format!(r#"{{"file":"/var/log/a","n":1,"message":"{T} stdout {tag} {content}","x":{{}}}}"#)
    };
    assert_eq!(
        texts(&[&record("P", r#"{\"a\":"#), &record("P", r#"\"b"#), &record("F", r#"\"}"#)]),
        [record("F", r#"{\"a\":\"b\"}"#)]
    );
    // an event is none, whatever a client puts into it
    for text in [
        format!(r#"{{"kind":"Event","log":"{T} stdout P x"}}"#),
        format!(r#"{{"a":{{"log":"{T} stdout P x"}}}}"#),
        format!(r#"{{"a":1,"log":7,"message":"{T} stdout"}}"#),
        r#"{"log":"\"#.to_owned(),
    ] {
        assert_eq!(texts(&[&text, "{}"]), [text.clone(), "{}".into()]);
    }
}

#[test]
fn a_part_that_looks_like_an_event_stays_a_part() {
    // docker divides a line where it has so many bytes
    let part = format!(r#"{{\"kind\":\"{}\"}}"#, "x".repeat(16 << 10));
    assert_eq!(
        texts(&[&docker(r#"{\"a\":["#), &docker(&part), &docker(r"]}\n")]),
        [docker(&format!(r#"{{\"a\":[{part}]}}\n"#))]
    );
    assert_eq!(
        texts(&[&out("P", "{\"a\":["), &out("P", "{\"kind\":\"Event\"}"), &out("F", "]}")]),
        [out("F", "{\"a\":[{\"kind\":\"Event\"}]}")]
    );
    // a text before the first part may be a client's, so nothing is taken out of it
    assert_eq!(
        texts(&[&out("P", "I0101 user "), &out("F", "{\"kind\":\"Event\"}")]),
        [out("F", "I0101 user {\"kind\":\"Event\"}")]
    );
}

/// Every way of losing the rest of an event, before an event in one part, two or three.
#[test]
fn a_lost_rest_does_not_take_the_next_event() {
    let lost = r#"{"kind":"Event","user":{"name":"a\"{","x":[{"y":1}]},"z":"}"}"#;
    let next = r#"{"kind":"Event","o":{"kind":"Event"},"s":"{\"a\":1}"}"#;
    for cut in 1..lost.len() {
        for a in 1..=next.len() {
            let b = (a + 7).min(next.len());
            let parts: Vec<&str> = [&next[..a], &next[a..b], &next[b..]]
                .into_iter()
                .filter(|part| !part.is_empty())
                .collect();
            let mut lines = vec![out("P", &lost[..cut])];
            for (at, part) in parts.iter().enumerate() {
                lines.push(out(if at + 1 == parts.len() { "F" } else { "P" }, part));
            }
            let lines: Vec<&str> = lines.iter().map(String::as_str).collect();
            assert_eq!(
                texts(&lines),
                [out("F", &lost[..cut]), out("F", next)],
                "cut at {cut}, {parts:?}"
            );
        }
    }
    // docker's, and a whole event that lacked but its newline
    assert_eq!(
        texts(&[&docker(r#"{\"a\":\"b"#), &docker(r#"{\"c\":1}\n"#)]),
        [docker(r#"{\"a\":\"b"#), docker(r#"{\"c\":1}\n"#)]
    );
    assert_eq!(
        texts(&[&out("P", "{\"a\""), &out("P", ":1}"), &out("F", "{\"c\":1}")]),
        [out("F", "{\"a\":1}"), out("F", "{\"c\":1}")]
    );
}

#[test]
fn sources_do_not_mix() {
    let whole = join(
        1 << 20,
        &[
            ("a", &out("P", "{\"a\":")),
            ("b", &out("P", "{\"b\":")),
            ("a", &out("F", "1}")),
            ("b", &out("F", "2}")),
        ],
    );
    let whole: Vec<_> = whole.iter().map(|(text, ..)| text.as_str()).collect();
    assert_eq!(whole, [out("F", "{\"a\":1}"), out("F", "{\"b\":2}")]);
}

#[test]
fn memory_is_bounded() {
    let part = out("P", &format!("{{\"{}", "x".repeat(100)));
    let names: Vec<String> = (0..500).map(|n| n.to_string()).collect();
    let lines: Vec<_> = names.iter().map(|name| (name.as_str(), part.as_str())).collect();
    for (limit, most) in [(1 << 20, WAITING), (1000, 7)] {
        let mut joined = Lines::new(limit);
        let mut handed = 0;
        for (source, text) in &lines {
            joined.push(source.as_bytes(), Piece::whole(text.as_bytes()), &mut |_| handed += 1);
            assert!(joined.waiting() <= most);
        }
        assert_eq!(handed + joined.waiting(), lines.len());
        assert_eq!(join(limit, &lines).len(), lines.len());
    }
}

#[test]
fn what_is_too_long_is_cut() {
    let x = "x".repeat(100);
    let part = out("P", &format!("{{\"{x}"));
    let whole = join(150, &[("", &part), ("", &part), ("", &out("F", &x))]);
    assert_eq!(whole.len(), 1);
    assert_eq!(whole[0].1, T.len() as u64 + 10 + 304);
    assert!(whole[0].0.len() <= 150);
    // what comes behind it is served
    let whole = join(150, &[("", &part), ("", &part), ("", &out("F", "{\"a\":1}"))]);
    assert_eq!(whole[1].0, out("F", "{\"a\":1}"));
}

#[test]
fn what_a_truncated_file_begins_with_is_no_part_of_a_line() {
    let mut carry = Carry::new(150);
    for _ in 0..10 {
        carry.push(&[0; 100]);
    }
    assert!(carry.is_empty());
    carry.push(b"\0\0{\"a\":1}");
    let piece = carry.piece(1, 0);
    assert_eq!((piece.bytes, piece.size), (&b"{\"a\":1}"[..], 7));
}

/// Docker's lines in the records of a program that read its files as they are.
#[test]
fn docker_parts_in_records() {
    let inside = |text: &str| text.replace('\\', "\\\\").replace('"', "\\\"");
    let record = |line: &str| {
        let head = r#"{"@timestamp":"T","log":{"offset":7,"file":{"path":"/x"}},"message":"#;
        format!(r#"{head}"{}","host":"n"}}"#, inside(line))
    };
    let event = r#"{"a":"b\"}{","c":[1,"\\"]}"#;
    let whole = record(&docker(&format!("{}\\n", inside(event))));
    for cut in 1..event.len() {
        let (a, b) = event.split_at(cut);
        let parts = [record(&docker(&inside(a))), record(&docker(&format!("{}\\n", inside(b))))];
        assert_eq!(texts(&[&parts[0], &parts[1], &whole]), [whole.clone(), whole.clone()], "{cut}");
    }
    // a whole event without a newline, and a line of another program
    let bare = record(&docker(&inside(event)));
    assert_eq!(texts(&[&bare, &whole]), [bare, whole.clone()]);
    let text = record(&docker("text\\n"));
    assert_eq!(texts(&[&text, &whole]), [text, whole]);
}

/// Shippers that write docker's shape without the newline: an event that was cut off takes none of
/// those behind it along.
#[test]
fn whole_events_without_a_newline_go_on_alone() {
    let (cut, event) = (docker(r#"{\"a\":\"b"#), docker(r#"{\"a\":[{\"b\":1}]}"#));
    assert_eq!(texts(&[&cut, &event, &event]), [cut.clone(), event.clone(), event.clone()]);
    assert_eq!(texts(&[&event, &cut, &cut, &event]).last(), Some(&event));
}
