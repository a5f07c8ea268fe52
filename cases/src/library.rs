//! The library itself as a host.

use auditweir_shell::{Source, Stream, Totals, format};

use crate::host::{Counts, Host, Output, Setup};

/// Hands the library line by line, as every host does.
pub struct Library;

impl Host for Library {
    fn name(&self) -> &'static str {
        "core"
    }

    fn run(&mut self, setup: &Setup<'_>, input: &[u8]) -> Result<Output, String> {
        let text = |error: auditweir_shell::SetupError| error.to_string();
        let ready = auditweir_shell::Setup {
            policy: setup.policy.map(|text| Source::bytes("policy", text.as_bytes())),
            key: setup.key.map(|key| Source::bytes("key", key)),
            format: Some(format::named("to", setup.to).map_err(text)?),
        };
        let mut stream = Stream::new(ready.ready().map_err(text)?);
        let mut output = Output::default();
        let mut counts = Counts::default();
        let mut from = 0;
        for line in input.split(|byte| *byte == b'\n').map(Some).chain([None]) {
            let count = match line {
                Some(line) => stream.line(b"", line, &mut output.stdout),
                None => stream.finish(&mut output.stdout),
            };
            let written = output.stdout[from..].split(|byte| *byte == b'\n').count() as u64 - 1;
            if written != count.lines() {
                return Err(format!("{written} lines written, but {count:?}"));
            }
            from = output.stdout.len();
            counts.events += count.events;
            counts.stubs += count.stubs;
            counts.rejected += count.rejected;
            counts.dropped += count.dropped;
        }
        output.said = Totals::of(stream.guard()).to_json().into_bytes();
        output.counts = Some(counts);
        Ok(output)
    }
}
