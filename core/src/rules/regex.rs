//! Regular expressions of users' rules: dense DFAs of bounded size, which look at each byte of a text
//! once and allocate nothing. The shipped pack has none.

use std::fmt;
use std::sync::Arc;

use regex_automata::dfa::{Automaton as _, StartKind, dense};
use regex_automata::nfa::thompson::{self, WhichCaptures};
use regex_automata::util::syntax;
use regex_automata::{Input, MatchKind};

/// Most bytes of one automaton, and of memory to make it.
const AUTOMATON: usize = 1 << 20;
const MAKING: usize = 8 << 20;
/// Longest expression.
const SOURCE: usize = 4096;

/// What `|i`, `|m` and `|s` ask for.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(super) struct Flags {
    pub(super) any_case: bool,
    pub(super) lines: bool,
    pub(super) dot_is_all: bool,
}

/// A compiled expression.
#[derive(Clone)]
pub(super) struct Regex {
    source: String,
    flags: Flags,
    automaton: Arc<dense::DFA<Vec<u32>>>,
}

impl Regex {
    pub(super) fn read(source: &str, flags: Flags) -> Result<Self, String> {
        if source.len() > SOURCE {
            return Err(format!("an expression has at most {SOURCE} bytes"));
        }
        let automaton = dense::Builder::new()
            .configure(
                dense::Config::new()
                    .match_kind(MatchKind::All)
                    .start_kind(StartKind::Unanchored)
                    .dfa_size_limit(Some(AUTOMATON))
                    .determinize_size_limit(Some(MAKING)),
            )
            .syntax(
                syntax::Config::new()
                    .case_insensitive(flags.any_case)
                    .multi_line(flags.lines)
                    .dot_matches_new_line(flags.dot_is_all)
                    .nest_limit(50)
                    .utf8(false),
            )
            .thompson(
                thompson::Config::new()
                    .utf8(false)
                    .nfa_size_limit(Some(AUTOMATON))
                    .which_captures(WhichCaptures::None),
            )
            .build(source)
            .map_err(|error| why(&error))?;
        Ok(Self { source: source.to_owned(), flags, automaton: Arc::new(automaton) })
    }

    /// Whether some part of a text fits.
    pub(super) fn fits(&self, text: &[u8]) -> bool {
        let input = Input::new(text).earliest(true);
        // No byte makes these automata give up.
        matches!(self.automaton.try_search_fwd(&input), Ok(Some(_)))
    }
}

/// The innermost reason, in one line.
fn why(error: &dyn std::error::Error) -> String {
    let mut at = error;
    while let Some(inner) = at.source() {
        at = inner;
    }
    let text = at.to_string();
    let line = text.lines().rev().find_map(|line| line.strip_prefix("error: ")).unwrap_or(&text);
    let line = line.lines().next().unwrap_or_default();
    format!("this expression is not supported, or too large: {line}")
}

impl PartialEq for Regex {
    fn eq(&self, other: &Self) -> bool {
        (&self.source, self.flags) == (&other.source, other.flags)
    }
}

impl fmt::Debug for Regex {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Regex").field(&self.source).field(&self.flags).finish()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_part_fits_with_regard_to_case() {
        let fits = |source: &str, flags: Flags, text: &str| {
            Regex::read(source, flags).unwrap().fits(text.as_bytes())
        };
        let plain = Flags::default();
        for (source, text, expected) in [
            ("^sys.*:", "system:node:a", true),
            ("node", "system:node:a", true),
            ("Node", "system:node:a", false),
            ("^a$", "b\na\nc", false),
            ("a.c", "a\u{e4}c", true),
            ("a.c", "a\nc", false),
            ("(curl|wget) -[a-z]{1,3}", "sh -c 'wget -qO x'", true),
            ("", "", true),
        ] {
            assert_eq!(fits(source, plain, text), expected, "{source} {text}");
        }
        assert!(fits("NODE", Flags { any_case: true, ..plain }, "a node"));
        assert!(fits("^a$", Flags { lines: true, ..plain }, "b\na\nc"));
        assert!(fits("a.c", Flags { dot_is_all: true, ..plain }, "a\nc"));
    }

    #[test]
    fn what_could_cost_too_much_is_refused() {
        for source in ["(a", "(?=a)b", r"(a)\1", "(?:x{500}){500}", &"a".repeat(5000)] {
            let why = Regex::read(source, Flags::default()).expect_err(source);
            assert!(!why.contains('\n') && why.len() < 200, "{why}");
        }
    }
}
