//! The scanner against serde_json: same accept/reject, same structure.

use super::doc::{Doc, Value};
use super::{Bounds, Kind, ScanErrorKind, Tape};

const BOUNDS: Bounds = Bounds { depth: 100, nodes: 1 << 20 };

fn scan(tape: &mut Tape, src: &[u8]) -> Result<(), ScanErrorKind> {
    tape.load(src);
    let end = tape.parse(src, 0, BOUNDS).map_err(|e| e.kind)?;
    if src[end..].iter().all(|b| b" \t\r\n".contains(b)) {
        Ok(())
    } else {
        Err(ScanErrorKind::ExpectedCommaOrClose)
    }
}

fn same(value: Value<'_>, expected: &serde_json::Value) {
    use serde_json::Value as V;
    match expected {
        V::Null => assert_eq!(value.kind(), Kind::Null),
        V::Bool(b) => assert_eq!(value.kind(), if *b { Kind::True } else { Kind::False }),
        V::Number(n) => {
            // serde_json spells every exponent `e+N` or `e-N`
            let ours = String::from_utf8_lossy(value.raw()).replace('E', "e").replace("e+", "e");
            assert_eq!(ours, n.to_string().replace('E', "e").replace("e+", "e"));
        }
        V::String(s) => assert!(value.says(s.as_bytes()), "{s}"),
        V::Array(items) => {
            assert_eq!(value.items().count(), items.len());
            value.items().zip(items).for_each(|(v, e)| same(v, e));
        }
        V::Object(members) => {
            for (key, e) in members {
                // serde_json keeps the last of duplicates
                let v = value.members().filter(|(k, _)| k.says(key.as_bytes())).last();
                same(v.expect("member").1, e);
            }
        }
    }
}

fn check(tape: &mut Tape, src: &[u8]) {
    let ours = scan(tape, src);
    if std::str::from_utf8(src).is_err() {
        return;
    }
    let theirs = serde_json::from_slice::<serde_json::Value>(src);
    match (&ours, &theirs) {
        (Ok(()), Ok(expected)) => same(Doc { src, nodes: &tape.nodes }.root(), expected),
        (Err(_), Err(_)) => {}
        // serde_json rejects lone surrogates; here they are legal and listed.
        (Ok(()), Err(_)) if !tape.lone_surrogates.is_empty() => {}
        // numbers beyond f64 and the recursion limit are serde_json's own limits
        _ => panic!("{ours:?} but {theirs:?} for {:?}", String::from_utf8_lossy(src)),
    }
}

#[test]
fn agrees_with_serde_json_on_texts() {
    let mut tape = Tape::new(crate::detect::name_hints_secret);
    for text in [
        "",
        " ",
        "{}",
        "[]",
        " [ ] ",
        "{\"a\":1}",
        "{\"a\":[1,2,{\"b\":null}],\"c\":\"d\"}",
        "[1,]",
        "{,}",
        "{\"a\"}",
        "{\"a\":}",
        "{\"a\":1,}",
        "[1 2]",
        "tru",
        "true",
        "nul",
        "01",
        "-",
        "-0",
        "1.",
        "1.5e",
        "1e+5",
        "-1.25E-3",
        "1.0",
        "12345678901234567890123",
        "\"",
        "\"\\",
        "\"\\\"",
        "\"\\u12\"",
        "\"\\u0041\\n\"",
        "\"\\x\"",
        "\"a\nb\"",
        "{\"\\u0061\":1}",
        "\"\\ud800\"",
        "\"\\ud83d\\ude00\"",
        "{\"a\":1}x",
        "{a:1}",
        "['a']",
        "[}",
        "{]",
        "{\"a\":1]",
        "\\\"a\"",
        "{\"a\":1,\"a\":2}",
        "\u{feff}{}",
        "\"é\"",
        "[[[[[]]]]]",
        "{\"\":{}}",
        "[\"\\\\\",\"\\\\\\\"\"]",
    ] {
        check(&mut tape, text.as_bytes());
    }
}

#[test]
fn agrees_with_serde_json_on_mutations() {
    let seeds: [&[u8]; 3] = [
        br#"{"kind":"Event","a":[1,-2.5e3,true,false,null,"x\"y\\",{"b":{}}],"\u0063":"\ud83d\ude00"}"#,
        br#"{"requestObject":{"data":{"k":"dg=="}},"n":12345678901234567890,"s":"a\/b\n"}"#,
        br#" [ {"a" : [ ] , "b":"" } , 0.0 , "	" ] "#,
    ];
    let alphabet = b"{}[]\",:\\ut0-1.e \x01\nn";
    let mut state = 7u64;
    let mut next = |n: usize| {
        state =
            state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        (state >> 33) as usize % n
    };
    let mut tape = Tape::new(crate::detect::name_hints_secret);
    for round in 0..60_000 {
        let mut text = seeds[round % seeds.len()].to_vec();
        for _ in 0..=next(3) {
            let at = next(text.len());
            match next(3) {
                0 => text[at] = alphabet[next(alphabet.len())],
                1 => text.insert(at, alphabet[next(alphabet.len())]),
                _ => {
                    text.remove(at);
                }
            }
        }
        check(&mut tape, &text);
    }
}

#[test]
fn deep_subtrees_become_opaque_and_keep_the_rest() {
    let mut tape = Tape::new(crate::detect::name_hints_secret);
    let deep = format!("{{\"a\":{}\"}}]\"{},\"b\":7}}", "[".repeat(5000), "]".repeat(5000));
    tape.load(deep.as_bytes());
    tape.parse(deep.as_bytes(), 0, BOUNDS).unwrap();
    assert_eq!(tape.opaque.len(), 1);
    let doc = Doc { src: deep.as_bytes(), nodes: &tape.nodes };
    assert_eq!(doc.root().member(b"b").unwrap().integer(), Some(7));
}

#[test]
fn errors_name_the_byte() {
    let mut tape = Tape::new(crate::detect::name_hints_secret);
    let src = br#"{"a":1,"b":tru3}"#;
    tape.load(src);
    let error = tape.parse(src, 0, BOUNDS).unwrap_err();
    assert_eq!((error.kind, error.offset), (ScanErrorKind::BadLiteral, 14));
}

#[test]
fn concatenated_texts_parse_one_after_another() {
    let mut tape = Tape::new(crate::detect::name_hints_secret);
    let src = br#"{"a":"x"}{"b":"y"} [3]"#;
    tape.load(src);
    let first = tape.parse(src, 0, BOUNDS).unwrap();
    assert_eq!(first, 9);
    let second = tape.parse(src, first, BOUNDS).unwrap();
    assert_eq!(second, 18);
    assert_eq!(tape.parse(src, second, BOUNDS).unwrap(), src.len());
}
