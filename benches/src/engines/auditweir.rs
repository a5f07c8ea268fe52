//! auditweir itself.

use std::sync::Arc;

use auditweir::rules::Rules;
use auditweir::{Filter, Format, Policy, Stats};
use bytes::Bytes;

use super::Engine;

/// auditweir with the default policy: parse, redact, enrich, emit.
pub struct Auditweir {
    name: &'static str,
    filter: Filter,
}

impl Auditweir {
    /// For one output format.
    ///
    /// # Panics
    /// When the default policy does not compile.
    pub fn new(format: Format) -> Self {
        let name = match format {
            Format::Native => "auditweir native",
            Format::Ecs => "auditweir ecs",
            Format::Ocsf => "auditweir ocsf",
            Format::Otel => "auditweir otel",
            _ => "auditweir",
        };
        let policy = Policy::default().compile().expect("default policy");
        Self { name, filter: Filter::new(Arc::new(policy), format) }
    }

    /// `ecs` with the pack of detection rules asked about every event, as hosts mark them.
    ///
    /// # Panics
    /// When the pack does not compile.
    pub fn with_rules() -> Self {
        let mut engine = Self::new(Format::Ecs);
        engine.name = "auditweir rules";
        engine.filter.watch(Arc::new(Rules::pack().expect("pack of rules")));
        engine.filter.tell_signals(false);
        engine
    }

    /// What became of the lines so far.
    pub fn stats(&self) -> &Stats {
        self.filter.stats()
    }
}

impl Engine for Auditweir {
    fn name(&self) -> &'static str {
        self.name
    }
    fn line(&mut self, line: &Bytes, out: &mut Vec<u8>) {
        self.filter.apply(line, out);
    }
}
