//! Redaction finds as much and takes as little as `docs/score.md` says.

use std::fs;

use auditweir_tests::{here, score};

#[test]
fn the_score_is_the_one_written_down() {
    let written = fs::read_to_string(here(score::PATH)).expect("docs/score.md");
    let now = score::document();
    assert_eq!(now, written, "see what changed; `cargo xtask score` writes it anew");
}

#[test]
fn turning_twice_changes_nothing() {
    let mut text = b"Az09-".to_vec();
    score::turn(&mut text);
    assert_eq!(text, b"Nm54-");
    score::turn(&mut text);
    assert_eq!(text, b"Az09-");
}
