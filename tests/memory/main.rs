//! What the filter costs in memory: no allocation per event once warm, none kept after a large
//! event, flat over a long run.
//!
//! A counting allocator is the global one here, so these tests have a process to themselves, and
//! they count per thread.
#![allow(unsafe_code, reason = "a global allocator cannot be written without")]
#![allow(clippy::print_stdout, reason = "a test runner reports to the terminal")]
#![allow(clippy::cast_possible_wrap, reason = "no allocation has 2^63 bytes")]

use std::alloc::{GlobalAlloc, Layout, System};
use std::cell::Cell;
use std::fs;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use auditweir::rules::{WindowLimits, Windows};
use auditweir::{CompiledPolicy, Filter, Format, Line, Policy};
use auditweir_tests::floods::{FLOODS, make};
use auditweir_tests::{filtering, here};

struct Counting;

thread_local! {
    static CALLS: Cell<u64> = const { Cell::new(0) };
    static HELD: Cell<i64> = const { Cell::new(0) };
    static MOST: Cell<i64> = const { Cell::new(0) };
}

fn count(bytes: i64) {
    if bytes > 0 {
        CALLS.with(|calls| calls.set(calls.get() + 1));
    }
    let held = HELD.with(|held| {
        held.set(held.get() + bytes);
        held.get()
    });
    MOST.with(|most| most.set(most.get().max(held)));
}

// SAFETY: every call is passed on to the system allocator with the arguments it came with; the
// counters are plain thread-local cells without destructors and do not allocate.
unsafe impl GlobalAlloc for Counting {
    unsafe fn alloc(&self, layout: Layout) -> *mut u8 {
        count(layout.size() as i64);
        // SAFETY: the caller keeps the contract of `GlobalAlloc::alloc`.
        unsafe { System.alloc(layout) }
    }

    unsafe fn dealloc(&self, pointer: *mut u8, layout: Layout) {
        count(-(layout.size() as i64));
        // SAFETY: the caller keeps the contract of `GlobalAlloc::dealloc`.
        unsafe { System.dealloc(pointer, layout) }
    }

    unsafe fn realloc(&self, pointer: *mut u8, layout: Layout, size: usize) -> *mut u8 {
        count(-(layout.size() as i64));
        count(size as i64);
        // SAFETY: the caller keeps the contract of `GlobalAlloc::realloc`.
        unsafe { System.realloc(pointer, layout, size) }
    }
}

#[global_allocator]
static ALLOCATOR: Counting = Counting;

fn calls() -> u64 {
    CALLS.with(Cell::get)
}

fn held() -> i64 {
    HELD.with(Cell::get)
}

/// Records of the corpus by file.
fn corpus(folder: &Path, all: &mut Vec<(PathBuf, Vec<Vec<u8>>)>) {
    let mut entries: Vec<_> =
        fs::read_dir(folder).expect("corpus").map(|entry| entry.expect("entry").path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            corpus(&path, all);
            continue;
        }
        let text = fs::read(&path).expect("corpus file");
        match path.extension().and_then(|end| end.to_str()) {
            Some("json") => all.push((path, vec![text])),
            Some("log" | "ndjson") => {
                let lines = text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty());
                all.push((path, lines.map(<[u8]>::to_vec).collect()));
            }
            _ => {}
        }
    }
}

fn no_allocations(format: Format) {
    no_allocations_with(&filtering::DEFAULT, format);
}

/// The default policy with the pack of rules.
fn with_rules() -> Arc<CompiledPolicy> {
    let policy = Policy::from_yaml("version: 1\nrules: {}").expect("a policy");
    Arc::new(policy.compile().expect("a policy"))
}

fn no_allocations_with(policy: &Arc<CompiledPolicy>, format: Format) {
    let mut files = Vec::new();
    corpus(&here("corpora"), &mut files);
    let mut filter = Filter::new(Arc::clone(policy), format);
    let mut out = Vec::new();
    for _ in 0..2 {
        for (_, records) in &files {
            for record in records {
                out.clear();
                filter.apply(record, &mut out);
            }
        }
    }
    let mut wrong = Vec::new();
    let mut events = 0;
    for (path, records) in &files {
        for (number, record) in records.iter().enumerate() {
            out.clear();
            let before = calls();
            let verdict = filter.apply(record, &mut out);
            let made = calls() - before;
            events += verdict.events;
            if made > 0 {
                wrong.push(format!("{}:{}: {made} allocations", path.display(), number + 1));
            }
        }
    }
    assert!(events > 250, "{events} events");
    assert!(wrong.is_empty(), "{} of {events}\n{}", wrong.len(), wrong.join("\n"));
}

#[test]
fn native_allocates_nothing_once_warm() {
    no_allocations(Format::Native);
}

#[test]
fn ecs_allocates_nothing_once_warm() {
    no_allocations(Format::Ecs);
}

#[test]
fn ocsf_allocates_nothing_once_warm() {
    no_allocations(Format::Ocsf);
}

#[test]
fn otel_allocates_nothing_once_warm() {
    no_allocations(Format::Otel);
}

#[test]
fn rules_allocate_nothing_once_warm() {
    no_allocations_with(&with_rules(), Format::Ecs);
    no_allocations_with(&with_rules(), Format::Ocsf);
}

/// Rules over several events remember a bounded number of users, and count those they forget.
/// `USERS` says how many come (default 200,000).
#[test]
fn users_without_number_take_flat_memory() {
    let users: u64 =
        std::env::var("USERS").ok().map_or(200_000, |users| users.parse().expect("USERS"));
    let policy = with_rules();
    let rules = Arc::clone(policy.rules().expect("rules"));
    let mut filter = Filter::new(policy, Format::Native);
    let mut windows = Windows::new(WindowLimits::default());
    let mut text = Vec::with_capacity(2048);
    let mut warm = (0, 0);
    for user in 0..users {
        text.clear();
        // Each reads a Secret and is refused: all that is counted of users has them.
        write!(
            text,
            r#"{{"kind":"Event","apiVersion":"audit.k8s.io/v1","level":"Metadata","auditID":"{user:032x}","stage":"ResponseComplete","verb":"get","requestURI":"/api/v1/namespaces/n/secrets/s{user:09}","user":{{"username":"u{user:09}"}},"sourceIPs":["10.0.0.1"],"objectRef":{{"resource":"secrets","namespace":"n","name":"s{user:09}","apiVersion":"v1"}},"responseStatus":{{"code":403}},"annotations":{{"authorization.k8s.io/decision":"forbid"}},"stageTimestamp":"2026-01-02T03:04:05.000002Z"}}"#
        )
        .expect("room");
        let mut signals = 0;
        filter.apply_each(&text, &mut |line: Line<'_>| {
            let found = line.findings();
            signals += found.signals().len();
            windows.observe(&rules, found.signals(), &mut |_| {});
        });
        assert!(signals > 0);
        if user == users / 10 {
            warm = (held(), calls());
        }
    }
    let (more, made) = (held() - warm.0, calls() - warm.1);
    let evicted = windows.stats().evicted;
    println!("{users} users: {more} bytes more, {made} allocations, {evicted} forgotten");
    assert_eq!((more, made), (0, 0));
    assert!(evicted > users / 2, "{evicted}");
}

/// What a flood needs at most, its output included, and what is not its length: tables, buffers.
#[test]
fn floods_take_a_bounded_multiple_of_their_length() {
    const SIZE: usize = 1 << 20;
    const CONSTANT: i64 = 4 << 20;
    const TIMES: i64 = 8;
    // `"pwd":1,`: for eight bytes two spans of sixteen, an edit of twenty, and four times the output.
    const SHORTEST: (&str, i64) = ("numbers of a password", 10);
    let mut wrong = Vec::new();
    for resource in ["widgets", "secrets"] {
        for format in [Format::Native, Format::Ecs] {
            for flood in FLOODS {
                let line = make(flood, resource, SIZE);
                let mut filter = Filter::new(Arc::clone(&filtering::DEFAULT), format);
                MOST.with(|most| most.set(held()));
                let before = held();
                let mut out = Vec::new();
                filter.apply(line.as_bytes(), &mut out);
                // Of the output what is in it: the room it has to grow is the caller's.
                let room = (out.capacity() - out.len()) as i64;
                let most = MOST.with(Cell::get) - before - room;
                let times = if flood.0 == SHORTEST.0 { SHORTEST.1 } else { TIMES };
                let allowed = times * line.len() as i64 + CONSTANT;
                if most > allowed {
                    let times = (most - CONSTANT) / line.len() as i64;
                    wrong.push(format!("{} ({resource}, {format:?}): {times} times", flood.0));
                }
            }
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

fn large(bytes: usize) -> Vec<u8> {
    let mut line = br#"{"kind":"Event","auditID":"a1","stage":"ResponseComplete","verb":"create","requestURI":"/api/v1/namespaces/a/configmaps/b","objectRef":{"resource":"configmaps"},"requestObject":{"kind":"ConfigMap","data":{"#.to_vec();
    let mut number = 0;
    while line.len() < bytes {
        line.extend_from_slice(
            format!("\"key{number}\":\"value {number} \\n and more text to fill it\",").as_bytes(),
        );
        number += 1;
    }
    line.pop();
    line.extend_from_slice(b"}}}");
    line
}

#[test]
fn a_large_event_passes_and_its_memory_goes() {
    let small = br#"{"kind":"Event","auditID":"a1","stage":"ResponseComplete","verb":"get","requestURI":"/x"}"#;
    for format in Format::ALL {
        let start = held();
        let mut filter = Filter::new(Arc::clone(&filtering::DEFAULT), format);
        filter.apply(small, &mut Vec::new());
        let line = large(8 << 20);
        let mut out = Vec::new();
        let verdict = filter.apply(&line, &mut out);
        assert_eq!((verdict.events, verdict.stubs, verdict.rejected), (1, 0, 0));
        assert!(!String::from_utf8_lossy(&out).contains("and more text"), "values are masked");
        drop((line, out));
        filter.apply(small, &mut Vec::new());
        let kept = held() - start;
        assert!(kept < 24 << 20, "{format:?} keeps {kept} bytes");
    }
}

#[test]
fn a_line_past_the_limit_costs_nothing_but_a_stub() {
    let mut filter = Filter::new(Arc::clone(&filtering::DEFAULT), Format::Native);
    let line = vec![b'['; 200 << 20];
    let mut out = Vec::with_capacity(1 << 10);
    // Its head is read, for the event's name: the first such line makes room for that.
    let before = held();
    filter.apply(&line, &mut out);
    assert!(held() - before < 1 << 17, "{} bytes held", held() - before);
    out.clear();
    let before = (held(), calls());
    let verdict = filter.apply(&line, &mut out);
    assert_eq!((verdict.stubs, verdict.lines()), (1, 1));
    assert!(out.len() < 512, "{}", out.len());
    assert!(held() - before.0 < 1 << 12, "{} bytes held", held() - before.0);
    assert!(calls() - before.1 < 16, "{} allocations", calls() - before.1);
}

/// The long form is `cargo run --release -p auditweir-tests --bin soak -- 5000000`.
#[test]
fn memory_is_flat() {
    let mut files = Vec::new();
    corpus(&here("corpora"), &mut files);
    let records: Vec<Vec<u8>> = files.into_iter().flat_map(|(_, records)| records).collect();
    for format in Format::ALL {
        let mut filter = Filter::new(Arc::clone(&filtering::DEFAULT), format);
        let mut out = Vec::new();
        let mut after_warmth = 0;
        for round in 0..40 {
            for record in &records {
                out.clear();
                filter.apply(record, &mut out);
            }
            if round == 3 {
                after_warmth = held();
            }
        }
        assert_eq!(held(), after_warmth, "{format:?}");
    }
}
