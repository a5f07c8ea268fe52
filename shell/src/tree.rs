//! Where each key of a YAML text stands, to say place and key path of what is wrong with it.

use std::fmt;

use serde::Deserialize;
use serde::de::{Deserializer, MapAccess, SeqAccess, Visitor};
use serde_saphyr::Spanned;

/// A YAML value with the places of what is in it.
#[derive(Debug)]
pub(crate) enum Tree {
    Mapping(Vec<(String, Spanned<Tree>)>),
    Sequence(Vec<Spanned<Tree>>),
    Scalar,
}

impl Tree {
    /// Reads a text; `None` when it is not YAML at all.
    pub(crate) fn read(text: &str) -> Option<Self> {
        serde_saphyr::from_str(text).ok()
    }

    /// Line and column of the value at a path such as `redact.rules[0].name`, or of the nearest
    /// value around it.
    pub(crate) fn place_of(&self, path: &str) -> Option<(u64, u64)> {
        let mut tree = self;
        let mut place = None;
        let mut rest = path;
        while !rest.is_empty() {
            let found = match tree {
                // Keys may hold dots themselves: the longest that fits.
                Self::Mapping(members) => members
                    .iter()
                    .filter_map(|(key, value)| Some((rest.strip_prefix(key.as_str())?, value)))
                    .filter(|(after, _)| after.is_empty() || after.starts_with(['.', '[']))
                    .min_by_key(|(after, _)| after.len()),
                Self::Sequence(items) => rest.strip_prefix('[').and_then(|rest| {
                    let (number, after) = rest.split_once(']')?;
                    Some((after, items.get(number.parse::<usize>().ok()?)?))
                }),
                Self::Scalar => None,
            };
            let Some((after, value)) = found else { break };
            place = Some((value.referenced.line(), value.referenced.column()));
            tree = &value.value;
            rest = after.trim_start_matches('.');
        }
        place
    }

    /// The path of the last value that begins at or before a place.
    pub(crate) fn path_at(&self, line: u64, column: u64) -> Option<String> {
        let mut best: Option<((u64, u64), String)> = None;
        self.visit(&mut String::new(), &mut |place, path| {
            // A key stands before its value, mostly on the same line.
            let fits = place <= (line, column) || place.0 == line;
            if fits && best.as_ref().is_none_or(|(known, _)| *known <= place) {
                best = Some((place, path.to_owned()));
            }
        });
        best.map(|(_, path)| path)
    }

    /// The path of the outermost value that begins at a place; empty for the whole text.
    pub(crate) fn path_from(&self, line: u64, column: u64) -> Option<String> {
        if (line, column) == (1, 1) {
            return Some(String::new());
        }
        let mut found = None;
        self.visit(&mut String::new(), &mut |place, path| {
            if place == (line, column) && found.is_none() {
                found = Some(path.to_owned());
            }
        });
        found
    }

    fn visit(&self, path: &mut String, found: &mut dyn FnMut((u64, u64), &str)) {
        let before = path.len();
        let mut one = |step: String, value: &Spanned<Self>| {
            path.push_str(&step);
            found((value.referenced.line(), value.referenced.column()), path);
            value.value.visit(path, found);
            path.truncate(before);
        };
        match self {
            Self::Mapping(members) => members.iter().for_each(|(key, value)| {
                one(if before == 0 { key.clone() } else { format!(".{key}") }, value);
            }),
            Self::Sequence(items) => {
                items.iter().enumerate().for_each(|(at, value)| one(format!("[{at}]"), value));
            }
            Self::Scalar => {}
        }
    }
}

impl<'de> Deserialize<'de> for Tree {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        struct Any;
        impl<'de> Visitor<'de> for Any {
            type Value = Tree;

            fn expecting(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
                f.write_str("anything")
            }

            fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Tree, A::Error> {
                let mut members = Vec::new();
                while let Some(member) = map.next_entry()? {
                    members.push(member);
                }
                Ok(Tree::Mapping(members))
            }

            fn visit_seq<A: SeqAccess<'de>>(self, mut seq: A) -> Result<Tree, A::Error> {
                let mut items = Vec::new();
                while let Some(item) = seq.next_element()? {
                    items.push(item);
                }
                Ok(Tree::Sequence(items))
            }

            fn visit_bool<E>(self, _: bool) -> Result<Tree, E> {
                Ok(Tree::Scalar)
            }

            fn visit_i64<E>(self, _: i64) -> Result<Tree, E> {
                Ok(Tree::Scalar)
            }

            fn visit_u64<E>(self, _: u64) -> Result<Tree, E> {
                Ok(Tree::Scalar)
            }

            fn visit_f64<E>(self, _: f64) -> Result<Tree, E> {
                Ok(Tree::Scalar)
            }

            fn visit_str<E>(self, _: &str) -> Result<Tree, E> {
                Ok(Tree::Scalar)
            }

            fn visit_unit<E>(self) -> Result<Tree, E> {
                Ok(Tree::Scalar)
            }

            fn visit_none<E>(self) -> Result<Tree, E> {
                Ok(Tree::Scalar)
            }
        }
        deserializer.deserialize_any(Any)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const TEXT: &str =
        "version: 1\nredact:\n  rules:\n    - name: a\n      paths: [x]\n    - name: B\n";

    #[test]
    fn places_of_paths() {
        let tree = Tree::read(TEXT).unwrap();
        assert_eq!(tree.place_of("redact.rules[1].name"), Some((6, 13)));
        assert_eq!(tree.place_of("redact.rules[1].paths[0]"), Some((6, 7)));
        assert_eq!(tree.place_of("nothing"), None);
    }

    #[test]
    fn paths_at_places() {
        let tree = Tree::read(TEXT).unwrap();
        assert_eq!(tree.path_at(6, 7).as_deref(), Some("redact.rules[1].name"));
        assert_eq!(tree.path_at(1, 1).as_deref(), Some("version"));
        assert_eq!(tree.path_from(4, 7).as_deref(), Some("redact.rules[0]"));
        assert_eq!(tree.path_from(1, 1).as_deref(), Some(""));
    }
}
