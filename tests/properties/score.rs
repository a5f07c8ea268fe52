//! Redaction finds as much and takes as little as `docs/score.md` says.

use std::fs;

use auditweir_tests::{here, score};

/// The rows of the document: what was counted, of how many, how often wrong.
fn rows(document: &str) -> Vec<(String, usize, usize)> {
    // The first table; what follows explains it.
    let table = document.split("\n## ").next().unwrap_or(document);
    let rows = table.lines().filter(|line| line.starts_with("| ")).skip(1);
    rows.map(|row| {
        let cells: Vec<&str> = row.trim_matches('|').split('|').map(str::trim).collect();
        let (wrong, unit) = cells[2].split_once(' ').expect("a number and what it counts");
        let number = |text: &str| text.parse().expect("a number");
        (format!("{}: {unit}", cells[0]), number(cells[1]), number(wrong))
    })
    .collect()
}

#[test]
fn the_score_is_no_worse_than_the_one_written_down() {
    let now = score::document();
    if std::env::var_os("BLESS").is_some() {
        fs::write(here(score::PATH), &now).expect("docs/score.md");
    }
    let written = rows(&fs::read_to_string(here(score::PATH)).expect("docs/score.md"));
    let now = rows(&now);
    assert!(now.len() > 10 && now.len() == written.len(), "`cargo xtask score` writes it anew");
    for ((what, size, wrong), (written_what, written_size, written_wrong)) in
        now.iter().zip(&written)
    {
        assert_eq!(
            (what, size),
            (written_what, written_size),
            "`cargo xtask score` writes it anew"
        );
        assert!(wrong <= written_wrong, "{what}: {wrong} of {size}, were {written_wrong}");
    }
}

#[test]
fn turning_twice_changes_nothing() {
    let mut text = b"Az09-".to_vec();
    score::turn(&mut text);
    assert_eq!(text, b"Nm54-");
    score::turn(&mut text);
    assert_eq!(text, b"Az09-");
}
