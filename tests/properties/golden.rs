//! The corpus under the default policy, compared byte for byte with `golden/`.
//!
//! `BLESS=1 cargo test -p auditweir-tests --test properties golden` writes the files anew.

use std::fs;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use auditweir::{Filter, Format};
use auditweir_tests::{filtering, here};

/// Corpus files that the library reads; YAML is for the command line.
fn corpus(folder: &Path, files: &mut Vec<PathBuf>) {
    let mut entries: Vec<_> =
        fs::read_dir(folder).expect("corpus").map(|entry| entry.expect("entry").path()).collect();
    entries.sort();
    for path in entries {
        if path.is_dir() {
            corpus(&path, files);
        } else if path
            .extension()
            .is_some_and(|end| end == "json" || end == "ndjson" || end == "log")
        {
            files.push(path);
        }
    }
}

/// A `.json` file is one text, the others hold one a line.
fn records(path: &Path) -> Vec<Vec<u8>> {
    let text = fs::read(path).expect("corpus file");
    if path.extension().is_some_and(|end| end == "json") {
        return vec![text];
    }
    text.split(|byte| *byte == b'\n').filter(|line| !line.is_empty()).map(<[u8]>::to_vec).collect()
}

#[test]
fn golden() {
    let root = here("corpora");
    let bless = std::env::var_os("BLESS").is_some_and(|value| value == "1");
    let mut files = Vec::new();
    corpus(&root, &mut files);
    assert!(files.len() > 70, "{} corpus files", files.len());
    let mut wrong = Vec::new();
    for (format, name) in Format::ALL.map(|format| (format, format.name())) {
        for path in &files {
            let mut filter = Filter::new(Arc::clone(&filtering::DEFAULT), format);
            let mut out = Vec::new();
            for record in records(path) {
                filter.apply(&record, &mut out);
            }
            let place = path.strip_prefix(&root).expect("below the corpus");
            let golden = here("golden").join(name).join(place).with_extension("ndjson");
            if bless {
                fs::create_dir_all(golden.parent().expect("folder")).expect("folder");
                fs::write(&golden, &out).expect("golden file");
                continue;
            }
            let expected = fs::read(&golden).unwrap_or_default();
            if expected != out {
                let (got, wanted) = (
                    String::from_utf8_lossy(&out).into_owned(),
                    String::from_utf8_lossy(&expected).into_owned(),
                );
                let line = got.lines().zip(wanted.lines()).position(|(a, b)| a != b);
                let line = line.unwrap_or_else(|| got.lines().count().min(wanted.lines().count()));
                let (a, b) =
                    (got.lines().nth(line).unwrap_or(""), wanted.lines().nth(line).unwrap_or(""));
                let at = a.bytes().zip(b.bytes()).take_while(|(a, b)| a == b).count();
                let show = |text: &str| {
                    String::from_utf8_lossy(
                        &text.as_bytes()
                            [at.saturating_sub(40).min(text.len())..(at + 80).min(text.len())],
                    )
                    .into_owned()
                };
                wrong.push(format!(
                    "{}:{}\n  golden …{}\n  now    …{}",
                    golden.display(),
                    line + 1,
                    show(b),
                    show(a)
                ));
            }
        }
    }
    assert!(
        wrong.is_empty(),
        "{} differ (BLESS=1 rewrites them)\n{}",
        wrong.len(),
        wrong.join("\n")
    );
}
