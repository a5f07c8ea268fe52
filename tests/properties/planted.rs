//! What a real kube-apiserver logged while secrets were planted: none comes out, nothing else goes.
//!
//! `cargo xtask apiserver-corpus --write` makes the corpus; `tests/apiserver` is its driver.

use std::fs;
use std::path::PathBuf;

use auditweir::Format;
use auditweir_tests::filtering::DEFAULT;
use auditweir_tests::here;
use auditweir_tests::planted::Planted;

/// Folders of the corpus with a list of what was planted.
fn folders() -> Vec<PathBuf> {
    fs::read_dir(here("corpora"))
        .expect("corpora")
        .map(|entry| entry.expect("entry").path())
        .filter(|folder| folder.join("planted.json").is_file())
        .collect()
}

#[test]
fn no_canary_comes_out_and_every_innocent_does() {
    let folders = folders();
    assert!(!folders.is_empty(), "no log of a real API server");
    for folder in folders {
        let text = fs::read_to_string(folder.join("planted.json")).expect("planted.json");
        let planted = Planted::parse(&text).expect("planted.json");
        let log = fs::read(folder.join("audit.log")).expect("audit.log");
        assert!(planted.canaries.len() > 300 && planted.innocents.len() > 50, "{folder:?}");
        for format in [Format::Native, Format::Ecs] {
            let judged = planted.judge(&log, &DEFAULT, format);
            assert_eq!(judged.events_in, judged.events_out, "{folder:?}");
            assert_eq!(judged.stats.stubs + judged.stats.rejected, 0, "{:?}", judged.stats.reasons);
            assert_eq!(judged.logged.len(), planted.canaries.len(), "the log shows every canary");
            assert!(judged.leaks.is_empty(), "{:#?}", judged.leaks);
            assert!(judged.lost.is_empty(), "{:#?}", judged.lost);
            assert!(judged.kept > 100, "innocents in {} events", judged.kept);
        }
    }
}
