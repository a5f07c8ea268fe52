//! The generic artifact under wasmtime, with and without SIMD, through the host example of `wasm/`.

use auditweir_tests::host::{Host, Output, Setup};
use auditweir_wasm_pack::Artifact;
use wasmtime::{Engine, Module};

use crate::wasm::{GOOD, POISON, artifact, corpus, same_as_core};

mod example {
    include!("../../wasm/examples/guest.rs");
}
use example::Guest;

/// A fresh instance per case, all lines in one call.
pub(crate) struct Wasmtime {
    name: &'static str,
    engine: Engine,
    module: Module,
}

impl Wasmtime {
    pub(crate) fn new(name: &'static str, which: Artifact) -> Self {
        let engine = Engine::default();
        let module = Module::from_file(&engine, artifact(which)).expect("module");
        Self { name, engine, module }
    }

    pub(crate) fn guest(&self) -> Guest {
        Guest::new(&self.engine, &self.module).expect("instance")
    }
}

fn set_up(guest: &mut Guest, setup: &Setup<'_>) -> Result<(), String> {
    let policy = setup.policy.unwrap_or_default().as_bytes();
    let format = u32::from(setup.number()?);
    guest.policy(policy, setup.key.unwrap_or_default(), format).map_err(|error| error.to_string())
}

impl Host for Wasmtime {
    fn name(&self) -> &'static str {
        self.name
    }

    fn run(&mut self, setup: &Setup<'_>, input: &[u8]) -> Result<Output, String> {
        let mut guest = self.guest();
        set_up(&mut guest, setup)?;
        let mut stdout = guest.process(input).map_err(|error| error.to_string())?;
        stdout.extend(guest.finish().map_err(|error| error.to_string())?);
        same_as_core(setup, input, &stdout)?;
        let said = guest.text("auditweir_stats").map_err(|error| error.to_string())?.into_bytes();
        Ok(Output { stdout, said, counts: None })
    }
}

/// Of a guest that nobody has told anything.
const NATIVE: Setup<'_> = Setup { policy: None, key: None, to: "native" };

#[test]
fn cases() {
    super::run(&mut Wasmtime::new("wasmtime", Artifact::Generic));
}

#[test]
fn cases_with_simd() {
    super::run(&mut Wasmtime::new("wasmtime, SIMD", Artifact::GenericSimd));
}

#[test]
fn corpus_in_one_batch_needs_no_policy_call() {
    let host = Wasmtime::new("wasmtime", Artifact::Generic);
    let lines = corpus();
    let lines: Vec<&[u8]> =
        lines.iter().map(Vec::as_slice).filter(|line| !line.contains(&b'\n')).collect();
    let batch = lines.join(&b'\n');
    let mut guest = host.guest();
    let output = guest.process(&batch).expect("no trap");
    same_as_core(&NATIVE, &batch, &output).expect("same");
    let stats = guest.text("auditweir_stats").expect("stats");
    let stats: serde_json::Value = serde_json::from_str(&stats).expect("JSON");
    assert_eq!(stats["inputs"], lines.len());
    assert_eq!(stats["bytesOut"], output.len());
    assert_eq!(
        (&stats["stubs"], &stats["rejected"], &stats["panics"]),
        (&0.into(), &0.into(), &0.into())
    );
}

#[test]
fn wrong_policies_say_why_and_let_nothing_through() {
    let host = Wasmtime::new("wasmtime", Artifact::Generic);
    let mut guest = host.guest();
    for (policy, key, format, message) in [
        ("version: 1\nredactt: {}", "", 0, "redactt"),
        ("version: 2", "", 0, "only version 1 is known"),
        ("version: 1", "short", 0, "at least 16 bytes"),
        ("version: 1", "", 7, "format"),
    ] {
        let error = guest.policy(policy.as_bytes(), key.as_bytes(), format).expect_err("refused");
        assert!(error.to_string().contains(message), "{error}");
        let input = [POISON, GOOD].join("\n");
        let output = String::from_utf8(guest.process(input.as_bytes()).expect("no trap")).unwrap();
        assert_eq!(output.lines().count(), 2);
        for line in output.lines() {
            assert!(line.contains(r#""stub":"policy-error""#), "{line}");
        }
        assert!(!output.contains("correct-horse"));
    }
    guest.policy(b"", b"", 0).expect("mended");
    let output = guest.process(GOOD.as_bytes()).expect("no trap");
    same_as_core(&NATIVE, GOOD.as_bytes(), &output).expect("same");
}

#[test]
fn after_a_trap_the_next_event_is_served() {
    let host = Wasmtime::new("wasmtime", Artifact::GenericTrap);
    let mut guest = host.guest();
    for _ in 0..2000 {
        let batch = [GOOD, POISON, GOOD].join("\n");
        guest.process(batch.as_bytes()).expect_err("trap");
        let output = guest.process(GOOD.as_bytes()).expect("served");
        same_as_core(&NATIVE, GOOD.as_bytes(), &output).expect("same");
    }
    let stats = guest.text("auditweir_stats").expect("stats");
    assert!(stats.contains(r#""panics":2000"#), "{stats}");
    // Those served after a trap; a call that trapped was never answered.
    assert!(stats.contains(r#""inputs":2000,"#), "{stats}");
}
