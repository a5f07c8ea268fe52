//! The order of the modules of `core/src`: a module imports those below it, never one above.
//!
//! Reads the sources as text: every `crate::NAME` outside of tests and comments is an arrow from
//! the file's module (a file or folder directly under `core/src`) to `NAME`.

use std::collections::{BTreeMap, BTreeSet};
use std::path::Path;

/// From the ground up. Modules in one row may import each other, without a circle.
const ORDER: &[&[&str]] = &[
    &["text", "panels"],
    &["event", "scan", "gzip", "reason", "stats"],
    &["policy"],
    &["detect", "unwrap", "decide"],
    &["redact"],
    &["redacted", "identity"],
    &["enrich"],
    &["rules"],
    &["emit"],
    &["compiled"],
    &["filter"],
    &["lib"],
];

type Arrows = BTreeMap<String, BTreeSet<String>>;

#[test]
fn imports_go_down() {
    let mut files = Vec::new();
    read(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), None, &mut files);
    assert!(files.len() > 50, "the sources are not where they are looked for");
    let wrong = faults(&arrows(&files));
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn faults_are_found() {
    let file = |module: &str, text: &str| (module.to_owned(), text.to_owned());
    let found = |files: &[(String, String)]| faults(&arrows(files));

    let good = [
        file("text", "use std::fmt; // not crate::emit"),
        file(
            "scan",
            "use crate::{event, text::escape};\n#[cfg(test)] mod tests { use crate::emit; }",
        ),
        file("event", "fn f() { crate::text::escape() }"),
        file("lib", "pub use crate::filter::Filter; mod emit;"),
        file("emit", "use crate::scan;"),
        file("filter", "use crate::emit;"),
    ];
    assert_eq!(found(&good), Vec::<String>::new());

    let up = [
        file("text", "use crate::{\n    scan::Kind,\n    emit,\n};"),
        good[1].clone(),
        good[4].clone(),
    ];
    assert_eq!(
        found(&up),
        ["text imports emit above it", "text imports scan above it", "circle: emit scan text"]
    );

    let circle = [file("scan", "use crate::event;"), file("event", "use crate::scan::Kind;")];
    assert_eq!(found(&circle), ["circle: event scan"]);

    let new = [file("helpers", "")];
    assert_eq!(found(&new), ["helpers has no place in the order"]);
}

/// Module and text of every source file that is no test.
fn read(folder: &Path, module: Option<&str>, files: &mut Vec<(String, String)>) {
    for entry in std::fs::read_dir(folder).unwrap() {
        let path = entry.unwrap().path();
        let stem = path.file_stem().unwrap().to_str().unwrap();
        let module = module.unwrap_or(stem);
        if stem == "tests" {
            continue;
        }
        if path.is_dir() {
            read(&path, Some(module), files);
        } else if path.extension().is_some_and(|extension| extension == "rs") {
            files.push((module.to_owned(), std::fs::read_to_string(&path).unwrap()));
        }
    }
}

/// Which module imports which.
fn arrows(files: &[(String, String)]) -> Arrows {
    let mut arrows: Arrows =
        files.iter().map(|(module, _)| (module.clone(), BTreeSet::new())).collect();
    let modules: BTreeSet<String> = arrows.keys().cloned().collect();
    for (module, text) in files {
        let code: String = text
            .lines()
            .map(|line| line.split("//").next().unwrap_or_default())
            .collect::<Vec<_>>()
            .join("\n");
        // Tests stand at the end of a file and may import anything.
        let code = code.split("#[cfg(test)]\nmod tests {").next().unwrap_or_default();
        let code = code.split("#[cfg(test)] mod tests {").next().unwrap_or_default();
        for import in code.split("crate::").skip(1) {
            for name in imported(import) {
                if name != module && modules.contains(name) {
                    arrows.get_mut(module).unwrap().insert(name.to_owned());
                }
            }
        }
    }
    arrows
}

/// The modules named after `crate::`: one, or those of a list in braces.
fn imported(import: &str) -> Vec<&str> {
    let word = |text: &str| text.find(|c: char| c != '_' && !c.is_alphanumeric());
    let Some(list) = import.strip_prefix('{') else {
        return vec![&import[..word(import).unwrap_or(import.len())]];
    };
    let mut names = Vec::new();
    let mut depth = 0;
    let mut at_start = true;
    for (at, c) in list.char_indices() {
        match c {
            '{' => depth += 1,
            '}' if depth == 0 => break,
            '}' => depth -= 1,
            ',' if depth == 0 => at_start = true,
            c if at_start && !c.is_whitespace() => {
                let name = &list[at..];
                names.push(&name[..word(name).unwrap_or(name.len())]);
                at_start = false;
            }
            _ => {}
        }
    }
    names
}

fn faults(arrows: &Arrows) -> Vec<String> {
    let row = |name: &str| ORDER.iter().position(|row| row.contains(&name));
    let mut faults = Vec::new();
    for (module, imports) in arrows {
        let Some(mine) = row(module) else {
            faults.push(format!("{module} has no place in the order"));
            continue;
        };
        for import in imports {
            if row(import).is_some_and(|other| other > mine) {
                faults.push(format!("{module} imports {import} above it"));
            }
        }
    }
    // Modules that reach each other form a circle.
    let reach = |from: &str| {
        let mut reached = BTreeSet::new();
        let mut open = vec![from];
        while let Some(module) = open.pop() {
            for import in arrows.get(module).into_iter().flatten() {
                if reached.insert(import.as_str()) {
                    open.push(import);
                }
            }
        }
        reached
    };
    let mut circles = BTreeSet::new();
    for module in arrows.keys().map(String::as_str) {
        let circle: Vec<&str> =
            reach(module).into_iter().filter(|other| reach(other).contains(module)).collect();
        if circle.contains(&module) && circle.len() > 1 {
            circles.insert(format!("circle: {}", circle.join(" ")));
        }
    }
    faults.extend(circles);
    faults
}
