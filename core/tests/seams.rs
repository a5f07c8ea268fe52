//! What a new one of each kind takes: the table in CONTRIBUTING.md, held against the last that came.
//!
//! Reads the sources as text. A thing is named in its own file and in the lists that are told here,
//! and nowhere else outside of comments. A format has a toy for this, `src/emit/toy`, and an envelope
//! one more, `src/unwrap/envelopes/made_up.rs`.

use std::fs;
use std::path::Path;

/// One thing and what it touches.
struct Seam {
    /// What it is.
    kind: &'static str,
    /// The word that stands for it in the sources.
    name: &'static str,
    /// Folder whose sources are searched, from that of this crate.
    within: &'static str,
    /// Its own file.
    own: &'static str,
    /// Other files, and in how many lines they name it.
    lists: &'static [(&'static str, usize)],
}

const SEAMS: &[Seam] = &[
    Seam {
        kind: "envelope",
        name: "journald",
        within: "src",
        own: "src/unwrap/envelopes/journald.rs",
        // `mod`, and its row
        lists: &[("src/unwrap/envelopes/mod.rs", 2)],
    },
    Seam {
        kind: "token shape",
        name: "perplexity-key",
        within: "src",
        own: "src/detect/rules/ai.rs",
        lists: &[],
    },
    Seam {
        kind: "way of writing a secret in text",
        name: "markup",
        within: "src",
        own: "src/detect/readers/markup.rs",
        // `mod`, and its call
        lists: &[("src/detect/readers/mod.rs", 2)],
    },
    Seam {
        kind: "detection rule",
        name: "pod_exec_done",
        within: "src",
        own: "src/rules/pack/pod_exec_done.yaml",
        lists: &[("src/rules/pack.rs", 1)],
    },
    Seam {
        kind: "sink of serve",
        name: "Stdout",
        within: "../serve/src",
        own: "../serve/src/sink/stdout.rs",
        // a variant, how it is read, how it is opened
        lists: &[("../serve/src/sink/mod.rs", 3)],
    },
    Seam {
        kind: "receiver of alerts",
        name: "Slack",
        within: "../serve/src",
        own: "../serve/src/alerts/channel/slack.rs",
        // a variant, how it is read, its word, how it is opened
        lists: &[("../serve/src/alerts/mod.rs", 4)],
    },
];

#[test]
fn a_thing_is_named_in_its_file_and_its_list() {
    for Seam { kind, name, within, own, lists } in SEAMS {
        let root = Path::new(env!("CARGO_MANIFEST_DIR"));
        assert!(root.join(own).exists(), "{kind}: {own}");
        let mut found = Vec::new();
        search(root, Path::new(within), name, &mut found);
        found.retain(|(path, _)| path != own);
        found.sort();
        let expected: Vec<_> = lists.iter().map(|(path, n)| ((*path).to_owned(), *n)).collect();
        assert_eq!(found, expected, "{kind}: {name}");
    }
}

/// Files below `folder` that name it outside of comments, and in how many lines.
fn search(root: &Path, folder: &Path, name: &str, found: &mut Vec<(String, usize)>) {
    for entry in fs::read_dir(root.join(folder)).unwrap() {
        let path = folder.join(entry.unwrap().file_name());
        if root.join(&path).is_dir() {
            search(root, &path, name, found);
        } else if path.extension().is_some_and(|extension| extension == "rs" || extension == "yaml")
        {
            let text = fs::read_to_string(root.join(&path)).unwrap();
            let lines = text.lines().filter(|line| !line.trim_start().starts_with("//"));
            let count = lines.filter(|line| has_word(line, name)).count();
            if count > 0 {
                found.push((path.to_str().unwrap().replace('\\', "/"), count));
            }
        }
    }
}

fn has_word(line: &str, name: &str) -> bool {
    let part = |c: char| c.is_alphanumeric() || c == '_';
    line.match_indices(name)
        .any(|(at, _)| !line[..at].ends_with(part) && !line[at + name.len()..].starts_with(part))
}
