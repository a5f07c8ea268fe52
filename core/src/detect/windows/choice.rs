//! How the places in [`super::table`] are chosen.
//!
//! A window is worth what the bytes of audit logs make of it: [`WEIGHT`] tells how common each is. Windows
//! go, the most common first, to the bucket whose tables they widen least. Moving each once more saves a
//! hundredth of the scan.

use std::fmt::Write as _;
use std::fs;
use std::path::PathBuf;

use super::{BUCKETS, Place, SEPARATORS, WINDOW, place_of, table};
use crate::detect::{Detector, Detectors, ENCODED};

/// The binary logarithm of how often each byte from space to `~` stands in 65,536 bytes of audit
/// logs: the mean of the files of `tests/corpora`, to which a test compares it.
#[rustfmt::skip]
const WEIGHT: [u8; 96] = [
    10, 0, 13, 0, 0, 0, 3, 0, 5, 5, 6, 2, 11, 10, 10, 10,
    10, 10, 10, 9, 9, 9, 9, 8, 9, 9, 11, 0, 0, 4, 0, 1,
    5, 7, 6, 7, 6, 6, 5, 6, 4, 7, 3, 7, 6, 6, 6, 6,
    7, 4, 8, 8, 8, 6, 8, 3, 3, 3, 7, 7, 10, 7, 0, 6,
    0, 12, 9, 11, 10, 12, 9, 9, 8, 11, 7, 9, 10, 10, 11, 11,
    10, 7, 11, 12, 12, 11, 9, 7, 7, 8, 8, 10, 0, 10, 0, 0,
];

fn weight(byte: u8) -> f32 {
    let step = WEIGHT.get(usize::from(byte.wrapping_sub(b' '))).copied().unwrap_or(0);
    f32::from(1u16 << step) / 65536.0
}

/// How often a window stands where it means nothing, if bytes came by chance.
fn chance(window: &[u8]) -> f32 {
    window.iter().take(WINDOW).map(|byte| weight(*byte)).product()
}

/// What a bucket lets through at one place: the halves of bytes that it allows, and how common
/// the bytes are that these make.
#[derive(Clone, Copy, Default)]
struct Halves {
    low: u16,
    high: u16,
    sum: f32,
}

/// The place after one byte more (`None`: any byte).
fn wider(halves: Halves, byte: Option<u8>, common: &[[f32; 16]; 16]) -> Halves {
    let Some(byte) = byte else {
        return Halves { low: !0, high: !0, sum: common.iter().flatten().sum() };
    };
    let (low, high) = (usize::from(byte & 15), usize::from(byte >> 4));
    let Halves { low: lows, high: highs, mut sum } = halves;
    let has = |set: u16, bit: usize| set >> bit & 1 == 1;
    if !has(lows, low) {
        sum += (0..16).filter(|high| has(highs, *high)).map(|high| common[high][low]).sum::<f32>();
    }
    let lows = lows | 1 << low;
    if !has(highs, high) {
        sum += (0..16).filter(|low| has(lows, *low)).map(|low| common[high][low]).sum::<f32>();
    }
    Halves { low: lows, high: highs | 1 << high, sum }
}

/// A place for each literal.
fn spread(literals: &[&[u8]]) -> Vec<Place> {
    let mut common = [[0.0; 16]; 16];
    for byte in 0..=u8::MAX {
        common[usize::from(byte >> 4)][usize::from(byte & 15)] = weight(byte);
    }
    let rarest = |choices: &mut dyn Iterator<Item = (usize, f32)>| {
        choices.min_by(|a, b| a.1.total_cmp(&b.1)).map(|(at, _)| at)
    };
    let mut places: Vec<Place> = literals
        .iter()
        .map(|text| {
            // Not in a line of dashes, which stands in texts of all kinds.
            let tells = |at: &usize| text[at - 2..*at].iter().any(|byte| *byte != text[*at]);
            let separators =
                (2..text.len()).filter(|at| SEPARATORS.contains(&text[*at])).filter(tells);
            let three = rarest(&mut separators.map(|at| (at, chance(&text[at - 2..=at]))));
            let last = text.len().saturating_sub(WINDOW);
            let four = rarest(&mut (0..=last).map(|at| (at, chance(&text[at..]))));
            let place = |at: usize| u8::try_from(at).unwrap();
            match three {
                Some(at) => Place::Separator(place(at)),
                None => Place::Window { offset: place(four.unwrap_or(0)), bucket: 0 },
            }
        })
        .collect();
    let mut order: Vec<(usize, &[u8])> = places
        .iter()
        .zip(literals)
        .enumerate()
        .filter_map(|(number, (place, text))| match place {
            Place::Separator(_) => None,
            Place::Window { offset, .. } => {
                let from = usize::from(*offset);
                Some((number, &text[from..text.len().min(from + WINDOW)]))
            }
        })
        .collect();
    order.sort_by(|a, b| chance(b.1).total_cmp(&chance(a.1)));
    let passes = |bucket: &[Halves; WINDOW]| bucket.iter().map(|place| place.sum).product::<f32>();
    let widened = |mut bucket: [Halves; WINDOW], window: &[u8]| {
        for (at, place) in bucket.iter_mut().enumerate() {
            *place = wider(*place, window.get(at).copied(), &common);
        }
        bucket
    };
    let mut buckets = [[Halves::default(); WINDOW]; BUCKETS];
    for (number, window) in &order {
        let costs = buckets.iter().map(|bucket| passes(&widened(*bucket, window)) - passes(bucket));
        let best = rarest(&mut costs.enumerate()).unwrap_or(0);
        buckets[best] = widened(buckets[best], window);
        if let Place::Window { bucket, .. } = &mut places[*number] {
            *bucket = u8::try_from(best).unwrap();
        }
    }
    places
}

/// The literals of all detectors, sorted.
fn literals() -> Vec<&'static str> {
    let of_rows = Detector::ALL.iter().flat_map(|detector| detector.row().literals);
    let mut all: Vec<&str> = of_rows.map(|literal| literal.text).collect();
    all.extend(ENCODED.iter().map(|text| str::from_utf8(text).unwrap()));
    all.sort_unstable();
    all.dedup();
    all
}

/// `BLESS=1 cargo test -p auditweir --lib windows` rewrites the table.
#[test]
fn the_table_is_what_is_chosen() {
    let literals = literals();
    let bytes: Vec<&[u8]> = literals.iter().map(|text| text.as_bytes()).collect();
    let chosen = spread(&bytes);
    if std::env::var_os("BLESS").is_some_and(|value| value == "1") {
        let mut text = "//! Written by `BLESS=1 cargo test -p auditweir --lib windows`: see [`super::choice`].\n\n\
            use super::Place::{self, Separator, Window};\n\n\
            /// Literals in the order of their bytes, and where each is looked for.\n\
            #[rustfmt::skip]\n\
            pub(super) static PLACES: &[(&str, Place)] = &[\n"
            .to_owned();
        for (literal, place) in literals.iter().zip(&chosen) {
            writeln!(text, "    ({literal:?}, {place:?}),").unwrap();
        }
        text.push_str("];\n");
        let path = concat!(env!("CARGO_MANIFEST_DIR"), "/src/detect/windows/table.rs");
        return fs::write(path, text).unwrap();
    }
    let same = literals.len() == table::PLACES.len()
        && bytes.iter().zip(&chosen).all(|(text, place)| place_of(text) == *place);
    assert!(same, "core/src/detect/windows/table.rs is old; BLESS=1 rewrites it");
}

/// The files of the corpus.
fn corpus() -> Vec<Vec<u8>> {
    let mut files = Vec::new();
    let mut folders = vec![PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../tests/corpora")];
    while let Some(folder) = folders.pop() {
        for entry in fs::read_dir(folder).unwrap() {
            let path = entry.unwrap().path();
            let name = path.to_string_lossy().into_owned();
            if path.ends_with("bugs") {
                continue; // made by hand, each around the same two events
            }
            if path.is_dir() {
                // Inputs that were read wrongly once are short and odd.
                folders.extend(Some(path).filter(|path| !path.ends_with("bugs")));
            } else if [".log", ".ndjson", ".json"].iter().any(|end| name.ends_with(end)) {
                files.push(fs::read(path).unwrap());
            }
        }
    }
    files
}

fn number(count: usize) -> f64 {
    f64::from(u32::try_from(count).unwrap())
}

#[test]
fn weights_are_what_the_corpus_has() {
    let files = corpus();
    for byte in b' '..=b'~' {
        let share =
            |file: &Vec<u8>| number(memchr::memchr_iter(byte, file).count()) / number(file.len());
        let mean = files.iter().map(share).sum::<f64>() / number(files.len());
        let told = f64::from(WEIGHT[usize::from(byte - b' ')]);
        let seen = (mean * 65536.0).max(1.0).log2();
        assert!((told - seen).abs() < 1.5, "{:?}: {told} for {seen:.1}", char::from(byte));
    }
}

#[test]
fn false_candidates_are_rare_in_the_corpus() {
    let everything = Detectors::new(Detector::ALL);
    let (mut places, mut bytes) = (0, 0);
    for file in corpus() {
        places += everything.candidates(&file);
        bytes += file.len();
    }
    let per_kilobyte = number(places) * 1024.0 / number(bytes);
    assert!(per_kilobyte < MOST_PER_KILOBYTE, "{per_kilobyte:.2}");
}

/// What the test above may find. `=`, `@` and `~` are not counted. Most stands in certificates;
/// events without bodies have about twenty.
const MOST_PER_KILOBYTE: f64 = 70.0;
