//! Runs the committed corpus of every fuzz target, and every input that once failed, on stable.

use std::fs;
use std::path::Path;

use auditweir_tests::fuzz::TARGETS;
use auditweir_tests::here;

fn replay(folder: &Path, target: fn(&[u8])) -> usize {
    let Ok(entries) = fs::read_dir(folder) else { return 0 };
    let mut count = 0;
    for entry in entries {
        let path = entry.expect("entry").path();
        let bytes = fs::read(&path).expect("corpus file");
        if let Err(panic) = std::panic::catch_unwind(|| target(&bytes)) {
            panic!("{}: {:?}", path.display(), panic.downcast_ref::<String>());
        }
        count += 1;
    }
    count
}

#[test]
fn corpus_and_regressions() {
    for (name, target) in TARGETS {
        let seeds = replay(&here("../fuzz/corpus").join(name), *target);
        assert!(seeds > 0, "no corpus for {name}");
        replay(&here("regressions").join(name), *target);
    }
}
