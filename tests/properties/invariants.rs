//! What holds for every input: see `auditweir_tests::filtering`. No planted secret ever comes out.

use auditweir_tests::{canary, dice::Dice, fuzz};
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn no_canary_comes_out(bytes in proptest::collection::vec(any::<u8>(), 0..200)) {
        fuzz::apply_structured(&bytes);
    }

    #[test]
    fn rubbish_gives_stubs(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        fuzz::apply(&bytes);
    }

    #[test]
    fn rubbish_in_envelopes_gives_stubs(bytes in proptest::collection::vec(any::<u8>(), 0..300)) {
        fuzz::envelope(&bytes);
    }

    /// Near misses: pieces of JSON in any order.
    #[test]
    fn pieces_of_json_are_judged_as_serde_json_does(picks in proptest::collection::vec(0usize..PIECES.len(), 0..24)) {
        let text: String = picks.iter().map(|at| PIECES[*at]).collect();
        fuzz::scan(text.as_bytes());
    }
}

const PIECES: &[&str] = &[
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    "\"a\"",
    "\"",
    "\\",
    "\\u",
    "00e9",
    "\\ud83d",
    "\\ude00",
    "1",
    "-",
    "0",
    ".",
    "e",
    "+",
    "true",
    "null",
    " ",
    "\n",
    "\t",
    "\u{1}",
    "é",
    "\\n",
    "\"k\":",
    "[1,2]",
    "{\"a\":1}",
];

#[test]
fn every_place_is_planted() {
    let mut places = std::collections::BTreeMap::new();
    for seed in 0..2000u64 {
        // Odd constant: neighbours get unlike bytes.
        let bytes = (seed + 1).wrapping_mul(0x9e37_79b9_7f4a_7c15).to_be_bytes();
        let planted = canary::plant(&mut Dice::new(&bytes));
        assert!(!planted.secrets.is_empty());
        *places.entry(planted.place).or_insert(0) += 1;
    }
    assert!(places.len() >= 20 && places.values().all(|count| *count > 5), "{places:?}");
}
