//! Detection rules against the rules and labelled events of others.

mod docs;
mod panther;
mod picture;
mod sigma;

use std::sync::Arc;

use auditweir::rules::{Finding, Rules, WindowLimits, Windows};
use auditweir::{Filter, Format, Policy};

/// A filter that asks these rules.
fn watching(rules: Rules) -> Filter {
    let policy = Policy::default().compile().expect("the default policy");
    let mut filter = Filter::new(Arc::new(policy), Format::Native);
    filter.watch(Arc::new(rules));
    filter
}

/// Intent and answer of everything that is found in one input.
fn found(filter: &mut Filter, input: &str) -> Vec<(String, String)> {
    let mut all = Vec::new();
    let mut windows = Windows::new(WindowLimits::default());
    filter.apply_each(input.as_bytes(), &mut |line| {
        let mut each = |finding: Finding<'_>| {
            all.push((finding.rule.intent.clone(), finding.answer().to_owned()));
        };
        line.findings().iter().for_each(&mut each);
        line.findings().over_time(&mut windows, &mut each);
    });
    all
}
