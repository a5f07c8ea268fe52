//! A format of a few lines, compiled for tests only: what a new one takes is this folder and its
//! two lines in the parent (`mod` and the list).

use super::{Emission, Emitter, Stub};
use crate::enrich::Facts;
use crate::text::decimal;

/// `{"id":…,"code":…}`; a stub has no code.
#[derive(Default)]
pub(crate) struct Toy;

impl Emitter for Toy {
    const NAME: &'static str = "toy";
    const TIMED: bool = false;

    fn event(&mut self, emission: &Emission<'_>, facts: &Facts<'_>, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"id\":\"");
        out.extend_from_slice(emission.id);
        out.extend_from_slice(b"\",\"code\":");
        decimal(u64::from(facts.code), out);
        out.extend_from_slice(b"}\n");
    }

    fn stub(&mut self, stub: &Stub<'_>, out: &mut Vec<u8>) {
        out.extend_from_slice(b"{\"id\":\"");
        out.extend_from_slice(stub.id);
        out.extend_from_slice(b"\"}\n");
    }
}

#[cfg(test)]
mod tests {
    use std::fs;
    use std::path::Path;
    use std::sync::Arc;

    use crate::{Filter, Format, Policy};

    #[test]
    fn hosts_find_it_by_name() {
        let format: Format = "toy".parse().unwrap();
        let policy = Arc::new(Policy::default().compile().unwrap());
        let mut filter = Filter::new(policy, format);
        let mut out = Vec::new();
        filter.apply(br#"{"kind":"Event","auditID":"a","stage":"ResponseComplete","verb":"get","responseStatus":{"code":403}}"#, &mut out);
        filter.apply(b"[1]", &mut out);
        let text = String::from_utf8(out).unwrap();
        let lines: Vec<&str> = text.lines().collect();
        assert_eq!(lines.len(), 2, "{text}");
        assert!(
            lines[0].starts_with("{\"id\":\"") && lines[0].ends_with("\",\"code\":403}"),
            "{text}"
        );
        assert!(lines[1].len() == 41, "{text}");
    }

    /// The seam: of all files of the crate, one outside this folder names it, in two lines.
    #[test]
    fn it_touches_one_folder_and_the_list() {
        fn named(folder: &Path, found: &mut Vec<(String, usize)>) {
            for entry in fs::read_dir(folder).unwrap() {
                let path = entry.unwrap().path();
                if path.is_dir() {
                    named(&path, found);
                } else if path.extension().is_some_and(|extension| extension == "rs") {
                    let text = fs::read_to_string(&path).unwrap().to_lowercase();
                    let word = |line: &&str| {
                        line.split(|c: char| !c.is_alphanumeric()).any(|word| word == "toy")
                    };
                    let lines = text.lines().filter(word).count();
                    if lines > 0 {
                        found.push((path.to_str().unwrap().replace('\\', "/"), lines));
                    }
                }
            }
        }
        let mut found = Vec::new();
        named(&Path::new(env!("CARGO_MANIFEST_DIR")).join("src"), &mut found);
        // Envelopes have a toy of their own.
        found.retain(|(path, _)| !path.contains("/emit/toy/") && !path.contains("/unwrap/"));
        assert_eq!(found.len(), 1, "{found:?}");
        assert!(found[0].0.ends_with("/emit/mod.rs") && found[0].1 == 2, "{found:?}");
    }
}
