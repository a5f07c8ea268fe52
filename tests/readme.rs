//! The README's example is what the library does.

use std::fs;
use std::sync::Arc;

use auditweir::{Filter, Format, Policy};

/// The line of the JSON block after a marker.
fn block(readme: &str, marker: &str) -> String {
    let after = readme.split_once(marker).unwrap_or_else(|| panic!("no {marker}")).1;
    let block = after.split_once("```json\n").expect("a block").1;
    block.split_once("\n```").expect("its end").0.to_owned()
}

#[test]
fn the_example_is_true() {
    let readme = fs::read_to_string(auditweir_tests::here("../README.md")).expect("README.md");
    let mut filter = Filter::new(Arc::new(Policy::default().compile().unwrap()), Format::Native);
    let mut out = Vec::new();
    let before = block(&readme, "<!-- before -->");
    filter.apply(before.as_bytes(), &mut out);
    assert_eq!(String::from_utf8(out).unwrap().trim_end(), block(&readme, "<!-- after -->"));
    let corpus = auditweir_tests::here("corpora/k3s-gitops-reverser/extracted.ndjson");
    let corpus = fs::read_to_string(corpus).expect("corpus");
    assert!(corpus.lines().any(|line| line == before), "a real event");
}
