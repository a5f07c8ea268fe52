//! What verifiers remember within one haystack, so that floods of literals stay linear.

use super::runs::{BASE64, run};

/// What was measured last.
#[derive(Default)]
pub(super) struct Memory {
    /// Where the base64url run ends that was measured last.
    pub(super) segment: usize,
    /// The same of the base64 run,
    base64: usize,
    /// and of the string.
    pub(super) string: usize,
    /// Where the value ends that an `authorization` was followed by last and that does not look
    /// random: nothing in it does.
    pub(super) plain: usize,
    /// To where vendors' names were looked for, and where the last one starts.
    pub(super) vendors_to: usize,
    pub(super) vendor: Option<usize>,
    /// Whether the haystack names the kind of a JSON web key.
    pub(super) jwk: bool,
    /// The first label of a private key whose lines are strings of their own.
    pub(super) split: Option<usize>,
}

impl Memory {
    /// Where the base64 run around `at` ends, measured once per run.
    pub(super) fn base64_end(&mut self, hay: &[u8], at: usize) -> usize {
        if at >= self.base64 {
            self.base64 = run(hay, at, BASE64, hay.len());
        }
        self.base64
    }

    /// Where the JSON string around `at` ends (the next quote, or the end of the haystack).
    pub(super) fn string_end(&mut self, hay: &[u8], at: usize) -> usize {
        if at >= self.string {
            self.string = at + memchr::memchr(b'"', &hay[at..]).unwrap_or(hay.len() - at);
        }
        self.string
    }
}
