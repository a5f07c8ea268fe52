//! Random events against the simple implementation in `auditweir_tests::oracle`.

use auditweir::Format;
use auditweir_tests::dice::Dice;
use auditweir_tests::{filtering, oracle};
use proptest::prelude::*;

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    proptest::collection::vec(any::<u8>(), 0..300)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 3000, failure_persistence: None, ..ProptestConfig::default() })]

    /// Nothing outside what receipts name changes, byte for byte.
    #[test]
    fn what_is_not_redacted_stays(bytes in bytes()) {
        let mut dice = Dice::new(&bytes);
        let hinted = dice.one_in(2);
        let (a, b) = (oracle::random_json(&mut dice, 5, hinted), oracle::random_json(&mut dice, 3, hinted));
        let event = format!(
            r#"{{"kind":"Event","auditID":"a1","stage":"ResponseComplete","verb":"create","requestURI":"/x?limit=5","requestObject":{a},"annotations":{{}},"extraMember" : {b}}}"#
        );
        let ran = filtering::run(event.as_bytes(), Format::Native);
        let out = String::from_utf8(ran.out.clone()).expect("UTF-8");
        prop_assert_eq!(ran.verdict.events, 1);
        if let Err(error) = oracle::changes(&event, &out) {
            return Err(TestCaseError::fail(format!("{error}\n  input  {event}\n  output {out}")));
        }
        filtering::invariants(event.as_bytes(), &ran, Format::Native);
    }

    /// The same places are masked as by the rules written down a second time: no leak, and nothing
    /// taken that should stay.
    #[test]
    fn the_right_places_are_masked(bytes in bytes()) {
        let event = oracle::typed_event(&mut Dice::new(&bytes));
        let text = event.to_string();
        let ran = filtering::run(text.as_bytes(), Format::Native);
        let out = String::from_utf8(ran.out).expect("UTF-8");
        let (after, _) = oracle::without_receipts(out.trim_end());
        let expected = oracle::masked_places(&event);
        prop_assert_eq!(oracle::differences(&event, &after), expected, "input {}\noutput {}", text, out);
    }
}
