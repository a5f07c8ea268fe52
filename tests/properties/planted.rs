//! What a real kube-apiserver logged while secrets were planted: none comes out, nothing else goes.
//!
//! `cargo xtask apiserver-corpus --write` makes the corpus; `tests/apiserver` is its driver.

use std::fs;
use std::path::PathBuf;

use auditweir::Format;
use auditweir_tests::filtering::DEFAULT;
use auditweir_tests::here;
use auditweir_tests::planted::Planted;

#[test]
fn no_canary_comes_out_and_every_innocent_does() {
    let lists: Vec<PathBuf> = fs::read_dir(here("planted"))
        .expect("tests/planted")
        .map(|entry| entry.expect("entry").path())
        .collect();
    assert!(!lists.is_empty(), "no log of a real API server");
    for list in lists {
        let text = fs::read_to_string(&list).expect("list");
        let planted = Planted::parse(&text).expect("list");
        let name = list.file_stem().expect("name");
        let log = fs::read(here("corpora").join(name).join("audit.log")).expect("audit.log");
        assert!(planted.canaries.len() > 200 && planted.innocents.len() > 40, "{name:?}");
        for format in [Format::Native, Format::Ecs] {
            let judged = planted.judge(&log, &DEFAULT, format);
            assert_eq!(judged.events_in, judged.events_out, "{name:?}");
            assert_eq!(judged.stats.stubs + judged.stats.rejected, 0, "{:?}", judged.stats.reasons);
            assert_eq!(judged.logged.len(), planted.canaries.len(), "the log shows every canary");
            assert!(judged.leaks.is_empty(), "{:#?}", judged.leaks);
            assert!(judged.lost.is_empty(), "{:#?}", judged.lost);
            assert!(judged.kept > 50, "innocents in {} events", judged.kept);
        }
    }
}
