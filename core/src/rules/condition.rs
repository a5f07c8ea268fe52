//! The condition of a rule: selections put together by `and`, `or`, `not` and counts.

use super::error::RuleError;
use super::yaml::Node;

/// A condition over numbered selections.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Condition {
    Selection(usize),
    All(Vec<Condition>),
    Any(Vec<Condition>),
    Not(Box<Condition>),
}

/// Deepest nesting of a condition.
const DEEPEST: usize = 32;

/// Reads a condition over the selections of these names.
pub(super) fn read(node: &Node, names: &[&str]) -> Result<Condition, RuleError> {
    let text = node.text("a condition")?;
    if text.contains('|') {
        return Err(node.error("`|` in a condition is the old way to count; write a correlation"));
    }
    let spaced = text.replace('(', " ( ").replace(')', " ) ");
    let words: Vec<&str> = spaced.split_whitespace().collect();
    let mut reader = Reader { node, names, words: &words, depth: 0 };
    let condition = reader.any()?;
    match reader.words.first() {
        None => Ok(condition),
        Some(word) => Err(reader.error(format!("`{word}` is not expected here"))),
    }
}

struct Reader<'a> {
    node: &'a Node,
    names: &'a [&'a str],
    words: &'a [&'a str],
    depth: usize,
}

impl<'a> Reader<'a> {
    fn error(&self, message: impl Into<String>) -> RuleError {
        self.node.error(message)
    }

    fn next(&mut self) -> Option<&'a str> {
        let (first, rest) = self.words.split_first()?;
        self.words = rest;
        Some(first)
    }

    fn take(&mut self, word: &str) -> bool {
        let found = self.words.first().is_some_and(|first| first.eq_ignore_ascii_case(word));
        if found {
            self.words = &self.words[1..];
        }
        found
    }

    fn any(&mut self) -> Result<Condition, RuleError> {
        let mut parts = vec![self.all()?];
        while self.take("or") {
            parts.push(self.all()?);
        }
        Ok(one(parts, Condition::Any))
    }

    fn all(&mut self) -> Result<Condition, RuleError> {
        let mut parts = vec![self.single()?];
        while self.take("and") {
            parts.push(self.single()?);
        }
        Ok(one(parts, Condition::All))
    }

    fn single(&mut self) -> Result<Condition, RuleError> {
        self.depth += 1;
        if self.depth > DEEPEST {
            return Err(self.error("the condition is nested too deep"));
        }
        let found = self.term();
        self.depth -= 1;
        found
    }

    fn term(&mut self) -> Result<Condition, RuleError> {
        if self.take("not") {
            return Ok(Condition::Not(Box::new(self.single()?)));
        }
        if self.take("(") {
            let inner = self.any()?;
            return if self.take(")") { Ok(inner) } else { Err(self.error("a `)` is missing")) };
        }
        let Some(word) = self.next() else {
            return Err(self.error("the condition ends where a selection is expected"));
        };
        if self.take("of") {
            let pattern = self.next().unwrap_or_default();
            let matching: Vec<Condition> = self
                .names
                .iter()
                .enumerate()
                .filter(|(_, name)| is_of(name, pattern))
                .map(|(at, _)| Condition::Selection(at))
                .collect();
            if matching.is_empty() {
                return Err(self.error(format!("no selection is one of `{pattern}`")));
            }
            return match word {
                "1" | "any" => Ok(one(matching, Condition::Any)),
                "all" => Ok(one(matching, Condition::All)),
                _ => {
                    Err(self.error(format!("only `1 of` and `all of` are known, not `{word} of`")))
                }
            };
        }
        match self.names.iter().position(|name| *name == word) {
            Some(at) => Ok(Condition::Selection(at)),
            None => Err(self.error(format!("there is no selection `{word}`"))),
        }
    }
}

/// Whether a selection belongs to `them` or to a pattern with `*`.
fn is_of(name: &str, pattern: &str) -> bool {
    if pattern == "them" {
        return !name.starts_with('_');
    }
    match pattern.split_once('*') {
        Some((start, end)) => {
            name.len() >= start.len() + end.len() && name.starts_with(start) && name.ends_with(end)
        }
        None => name == pattern,
    }
}

fn one(mut parts: Vec<Condition>, many: fn(Vec<Condition>) -> Condition) -> Condition {
    if parts.len() == 1 { parts.remove(0) } else { many(parts) }
}

#[cfg(test)]
mod tests {
    use super::super::yaml::documents;
    use super::*;

    fn said(text: &str) -> Result<Condition, String> {
        let node = documents(&format!("'{text}'"), "").unwrap().remove(0);
        read(&node, &["a", "b", "sel_1", "sel_2", "_c"]).map_err(|error| error.message)
    }

    #[test]
    fn conditions_are_read() {
        use Condition::{All, Any, Not, Selection as S};
        assert_eq!(said("a"), Ok(S(0)));
        assert_eq!(
            said("a and b or not b"),
            Ok(Any(vec![All(vec![S(0), S(1)]), Not(Box::new(S(1)))]))
        );
        assert_eq!(said("a AND (b or sel_1)"), Ok(All(vec![S(0), Any(vec![S(1), S(2)])])));
        assert_eq!(said("1 of sel_*"), Ok(Any(vec![S(2), S(3)])));
        assert_eq!(said("all of them"), Ok(All(vec![S(0), S(1), S(2), S(3)])));
        assert_eq!(said("not 1 of sel_1"), Ok(Not(Box::new(S(2)))));
    }

    #[test]
    fn what_is_no_condition_is_refused() {
        for text in ["", "a b", "c", "(a", "a and", "2 of them", "1 of x*", "a | count() > 3", "a)"]
        {
            assert!(said(text).is_err(), "{text}");
        }
        assert!(said(&"not ".repeat(40)).is_err());
    }
}
