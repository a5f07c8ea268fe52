//! The Fluent Bit artifact under an interpreter, called as Fluent Bit's WAMR calls it.

mod wasi;

use auditweir_tests::host::{Host, Output, Setup};
use auditweir_wasm_pack::Artifact;
use serde::Deserialize;
use serde_json::value::RawValue;
use wasmi::{Engine, Instance, Module, Store};

use crate::wasm::{GOOD, POISON, artifact, corpus, same_as_core};
use wasi::Wasi;

/// A fresh instance per case.
pub(crate) struct FluentBit {
    module: Module,
}

/// One instance, as between start and stop of Fluent Bit.
pub(crate) struct Guest {
    store: Store<Wasi>,
    instance: Instance,
}

/// What Fluent Bit makes of an answer.
#[derive(Debug, PartialEq)]
pub(crate) enum Answer {
    Record(String),
    Dropped,
}

impl FluentBit {
    pub(crate) fn new(which: Artifact) -> Self {
        let wasm = std::fs::read(artifact(which)).expect("artifact");
        Self { module: Module::new(&Engine::default(), wasm).expect("module") }
    }

    pub(crate) fn start(&self, files: Vec<(String, Vec<u8>)>) -> Guest {
        let mut store = Store::new(self.module.engine(), Wasi::new("/etc/auditweir", files));
        let instance = wasi::linker(self.module.engine())
            .instantiate_and_start(&mut store, &self.module)
            .expect("instance");
        let init = instance.get_typed_func::<(), ()>(&store, "_initialize").expect("reactor");
        init.call(&mut store, ()).expect("initialised");
        Guest { store, instance }
    }

    fn set_up(&self, setup: &Setup<'_>) -> Guest {
        let mut files = Vec::new();
        if let Some(policy) = setup.policy {
            files.push(("auditweir.yaml".to_owned(), policy.as_bytes().to_vec()));
        }
        if let Some(key) = setup.key {
            files.push(("auditweir.key".to_owned(), [key, b"\n"].concat()));
        }
        self.start(files)
    }
}

impl Guest {
    /// As `wasm_runtime_module_dup_data`: a copy with a zero byte behind it, in memory from the
    /// guest's `malloc`.
    fn put(&mut self, bytes: &[u8]) -> u32 {
        let malloc =
            self.instance.get_typed_func::<u32, u32>(&self.store, "malloc").expect("malloc");
        let at = malloc.call(&mut self.store, bytes.len() as u32 + 1).expect("malloc");
        assert_ne!(at, 0, "out of memory");
        let memory = self.instance.get_memory(&self.store, "memory").expect("memory");
        memory.write(&mut self.store, at as usize, &[bytes, b"\0"].concat()).expect("in range");
        at
    }

    fn free(&mut self, at: u32) {
        let free = self.instance.get_typed_func::<u32, ()>(&self.store, "free").expect("free");
        free.call(&mut self.store, at).expect("free");
    }

    fn call(&mut self, function: &str, at: u32, len: u32) -> Result<Answer, String> {
        let tag = self.put(b"kube.audit");
        let answer = self
            .instance
            .get_typed_func::<(u32, u32, u32, u32, u32, u32), u32>(&self.store, function)
            .expect(function)
            .call(&mut self.store, (tag, 10, 1_700_000_000, 999, at, len));
        self.free(tag);
        let answer = answer.map_err(|error| error.to_string())? as usize;
        let memory = self.instance.get_memory(&self.store, "memory").expect("memory");
        let text = memory.data(&self.store).get(answer..).ok_or("pointer out of range")?;
        let end = text.iter().position(|byte| *byte == 0).ok_or("no zero byte")?;
        if answer == 0 {
            return Err("null".into());
        }
        match std::str::from_utf8(&text[..end]).map_err(|error| error.to_string())? {
            "" => Ok(Answer::Dropped),
            text => {
                // Anything but one JSON object crashes Fluent Bit or corrupts the chunk.
                let object: Result<serde_json::Map<String, serde_json::Value>, _> =
                    serde_json::from_str(text);
                object.map_err(|error| format!("not one JSON object: {error}"))?;
                Ok(Answer::Record(text.to_owned()))
            }
        }
    }

    pub(crate) fn filter(&mut self, function: &str, record: &[u8]) -> Result<Answer, String> {
        let at = self.put(record);
        let answer = self.call(function, at, record.len() as u32);
        self.free(at);
        answer
    }

    fn memory(&self) -> usize {
        self.instance.get_memory(&self.store, "memory").expect("memory").data_size(&self.store)
    }

    fn said(&self) -> String {
        String::from_utf8_lossy(&self.store.data().said).into_owned()
    }
}

/// The events of an answer as lines: one, or those of the list; each an object, or its text in
/// `log` where Fluent Bit could not carry the object.
fn lines(answer: &str, out: &mut Vec<u8>) -> Result<(), String> {
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    struct Text {
        log: String,
    }
    #[derive(Deserialize)]
    #[serde(deny_unknown_fields)]
    #[expect(dead_code, reason = "names the members that a list has")]
    struct List<'a> {
        kind: &'a str,
        #[serde(rename = "apiVersion")]
        api_version: &'a str,
        #[serde(borrow)]
        items: Vec<&'a RawValue>,
    }
    let mut line = |object: &str| {
        let text = serde_json::from_str::<Text>(object);
        out.extend_from_slice(text.as_ref().map_or(object, |text| &text.log).as_bytes());
        out.push(b'\n');
    };
    if answer.starts_with(r#"{"kind":"EventList","#) {
        let list: List<'_> = serde_json::from_str(answer).map_err(|error| error.to_string())?;
        list.items.iter().for_each(|item| line(item.get()));
    } else {
        line(answer);
    }
    Ok(())
}

fn function(setup: &Setup<'_>) -> String {
    format!("auditweir_{}", setup.to)
}

impl Host for FluentBit {
    fn name(&self) -> &'static str {
        "fluent-bit artifact, wasmi"
    }

    fn run(&mut self, setup: &Setup<'_>, input: &[u8]) -> Result<Output, String> {
        let mut guest = self.set_up(setup);
        let mut output = Output::default();
        for line in input.split(|byte| *byte == b'\n') {
            // Fluent Bit has no blank records.
            if line.trim_ascii().is_empty() {
                continue;
            }
            if let Answer::Record(text) = guest.filter(&function(setup), line)? {
                lines(&text, &mut output.stdout)?;
            }
        }
        same_as_core(setup, input, &output.stdout)?;
        // The same lines as tail without a parser delivers them, to a fresh guest.
        let mut fresh = self.set_up(setup);
        let (mut records, mut raw) = (String::new(), Vec::new());
        for text in input.split(|b| *b == b'\n').filter_map(|line| std::str::from_utf8(line).ok()) {
            if text.trim().is_empty() {
                continue;
            }
            let record = serde_json::json!({ "log": text }).to_string();
            if let Answer::Record(text) = fresh.filter(&function(setup), record.as_bytes())? {
                lines(&text, &mut raw)?;
            }
            records.push_str(&record);
            records.push('\n');
        }
        same_as_core(setup, records.as_bytes(), &raw)
            .map_err(|error| format!("in `log`: {error}"))?;
        output.said.clone_from(&guest.store.data().said);
        Ok(output)
    }
}

/// Of `auditweir_filter` without files.
const NATIVE: Setup<'_> = Setup { policy: None, key: None, to: "native" };

#[test]
fn cases() {
    super::run(&mut FluentBit::new(Artifact::FluentBit));
}

#[test]
fn corpus_as_records() {
    let host = FluentBit::new(Artifact::FluentBit);
    let mut guest = host.start(Vec::new());
    for record in corpus() {
        let mut output = Vec::new();
        let mut answer = guest.filter("auditweir_filter", &record).expect("no trap");
        if matches!(&answer, Answer::Record(text) if text.contains("no_timestamp")) {
            // It took the time of the event before; the core it is compared with has seen none.
            guest = host.start(Vec::new());
            answer = guest.filter("auditweir_filter", &record).expect("no trap");
        }
        let Answer::Record(text) = answer else {
            panic!("dropped");
        };
        lines(&text, &mut output).expect("list");
        // The core reads a record over several lines as one, but tests feed it by lines.
        let record = String::from_utf8(record).unwrap().replace(['\n', '\r'], " ");
        same_as_core(&NATIVE, record.as_bytes(), &output).expect("same");
    }
}

#[test]
fn says_once_what_was_loaded() {
    let host = FluentBit::new(Artifact::FluentBit);
    for (files, expected) in [
        (vec![], "default policy, no auditweir.yaml under /etc/auditweir; no pseudonym key"),
        (
            vec![("auditweir.yaml", "version: 1\nredact: {rules: [{name: a, paths: [verb]}]}")],
            "policy /etc/auditweir/auditweir.yaml, own rules: 1; no pseudonym key",
        ),
        (
            vec![("auditweir.key", "sixteen bytes or more, secret\n")],
            "default policy, no auditweir.yaml under /etc/auditweir; pseudonym key \
             /etc/auditweir/auditweir.key",
        ),
    ] {
        let files = files.iter().map(|(n, t)| ((*n).to_owned(), t.as_bytes().to_vec())).collect();
        let mut guest = host.start(files);
        for _ in 0..3 {
            guest.filter("auditweir_filter", GOOD.as_bytes()).expect("no trap");
        }
        let version = env!("CARGO_PKG_VERSION");
        assert_eq!(guest.said(), format!("[auditweir {version}] {expected}\n"));
    }
}

#[test]
fn wrong_files_let_nothing_through() {
    let host = FluentBit::new(Artifact::FluentBit);
    for (name, text, expected) in [
        ("auditweir.yaml", &b"version: 1\nredact: {secretz: mask}\n"[..], "secretz"),
        ("auditweir.yaml", b"version: 3", "only version 1 is known"),
        ("auditweir.yaml", b"\xff\xfe", "not UTF-8"),
        ("auditweir.yaml", b"", "1:1: unexpected end of input"),
        ("auditweir.key", b"short", "at least 16 bytes"),
        // There, but not to be read.
        ("auditweir.yaml", wasi::FORBIDDEN, "ermission denied"),
    ] {
        let mut guest = host.start(vec![(name.to_owned(), text.to_vec())]);
        for record in [GOOD, POISON, r#"{"log":"{\"auditID\":\"correct-horse\"}"}"#] {
            let Answer::Record(text) = guest.filter("auditweir_ecs", record.as_bytes()).unwrap()
            else {
                panic!("dropped");
            };
            let end = format!(r#""stub":"policy-error","bytes":{}}}}}"#, record.len());
            assert!(text.ends_with(&end) && !text.contains("correct-horse"), "{text}");
        }
        let said = guest.said();
        assert!(said.contains(expected) && said.contains("every event leaves as a stub"), "{said}");
        assert!(!said.contains("short"), "{said}");
    }
}

#[test]
fn a_record_that_did_not_arrive_becomes_a_stub() {
    let mut guest = FluentBit::new(Artifact::FluentBit).start(Vec::new());
    let Answer::Record(text) = guest.call("auditweir_filter", 0, 100_009).expect("no trap") else {
        panic!("dropped");
    };
    assert!(text.contains(r#""stub":"record-not-delivered""#), "{text}");
}

#[test]
fn large_records_leave_memory_flat() {
    let mut guest = FluentBit::new(Artifact::FluentBit).start(Vec::new());
    let mut large = GOOD[..GOOD.len() - 1].to_owned();
    large.push_str(r#","requestObject":{"kind":"Pod","items":["#);
    while large.len() < 1_572_864 {
        large.push_str(r#"{"name":"till","image":"registry.example/till@sha256:0123456789"},"#);
    }
    large.push_str("0]}}");
    let mut sizes = Vec::new();
    for _ in 0..6 {
        for record in [large.as_str(), GOOD] {
            let mut output = Vec::new();
            let Answer::Record(text) = guest.filter("auditweir_native", record.as_bytes()).unwrap()
            else {
                panic!("dropped");
            };
            lines(&text, &mut output).unwrap();
            let setup = NATIVE;
            same_as_core(&setup, record.as_bytes(), &output).expect("same");
        }
        sizes.push(guest.memory());
    }
    assert_eq!(sizes[1], sizes[5], "memory grows: {sizes:?}");
    assert!(sizes[5] < 64 << 20, "{sizes:?}");
}

#[test]
fn after_a_trap_nothing_raw_is_out_and_the_next_record_is_served() {
    let mut guest = FluentBit::new(Artifact::FluentBitTrap).start(Vec::new());
    let served = |guest: &mut Guest| {
        let mut output = Vec::new();
        let Answer::Record(text) = guest.filter("auditweir_filter", GOOD.as_bytes()).unwrap()
        else {
            panic!("dropped");
        };
        lines(&text, &mut output).unwrap();
        same_as_core(&NATIVE, GOOD.as_bytes(), &output).expect("same");
    };
    served(&mut guest);
    let before = guest.memory();
    // More than the stack would bear if a trap left its part of it taken.
    for _ in 0..10_000 {
        guest.filter("auditweir_filter", POISON.as_bytes()).expect_err("trap");
    }
    served(&mut guest);
    let said = guest.said();
    assert!(!said.contains("correct-horse"), "{said}");
    assert!(said.contains("internal error at"), "{said}");
    assert!(said.contains("8192 record(s) so far ended in an internal error"), "{said}");
    let each = (guest.memory() - before) / 10_000;
    assert!(each < 64 << 10, "each trap costs {each} bytes");
}
