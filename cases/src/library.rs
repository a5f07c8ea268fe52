//! The library itself as a host.

use std::sync::Arc;

use auditweir::{Filter, Format, Policy};

use crate::host::{Counts, Host, Output, Setup};

/// Calls [`Filter::apply`] line by line.
pub struct Library;

impl Host for Library {
    fn name(&self) -> &'static str {
        "core"
    }

    fn run(&mut self, setup: &Setup<'_>, input: &[u8]) -> Result<Output, String> {
        let policy = match setup.policy {
            Some(text) => Policy::from_yaml(text).map_err(|error| error.to_string())?,
            None => Policy::default(),
        };
        let mut policy = policy.compile().map_err(|error| error.to_string())?;
        if let Some(key) = setup.key {
            policy = policy.with_pseudonym_key(key).map_err(|error| error.to_string())?;
        }
        let format =
            Format::named(setup.to).ok_or_else(|| format!("unknown shape `{}`", setup.to))?;
        let mut filter = Filter::new(Arc::new(policy), format);
        let mut output = Output::default();
        let mut counts = Counts::default();
        for line in input.split(|byte| *byte == b'\n') {
            let before = output.stdout.len();
            let verdict = filter.apply(line, &mut output.stdout);
            let written = output.stdout[before..].split(|byte| *byte == b'\n').count() - 1;
            if written != verdict.lines() as usize {
                return Err(format!("{written} lines written, but {verdict:?}"));
            }
            counts.events += u64::from(verdict.events);
            counts.stubs += u64::from(verdict.stubs);
            counts.rejected += u64::from(verdict.rejected);
            counts.dropped += u64::from(verdict.dropped);
        }
        output.said = format!("{:?}", filter.stats()).into_bytes();
        output.counts = Some(counts);
        Ok(output)
    }
}
